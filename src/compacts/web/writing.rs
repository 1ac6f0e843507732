//! Forms of a compact: its facts, text and visits.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Response, handler};

use super::compacts::{known, known_party};
use super::{choice, seen, stamp};
use crate::compacts::compact::{Compact, CompactKind, Party, PartyState};
use crate::compacts::editing::{self, Head, NewParty};
use crate::compacts::reading;
use crate::compacts::views::form::{Field, FormPage};
use crate::platform::{Actor, Db, Error, Result};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Choice, Link};

fn head_of(form: &Form) -> Head {
    let get = |name: &str| form.get(name).to_owned();
    Head {
        name: get("name"),
        kind: get("kind"),
        city: get("city"),
        signed_on: get("signed_on"),
        review_on: get("review_on"),
        ends_on: get("ends_on"),
        contact_party: get("contact_party"),
        contact_role: get("contact_role"),
        counts_joint: form.has("counts_joint"),
    }
}

fn party_choices(parties: &[Party], chosen: &str, none: &str) -> Vec<Choice> {
    let mut choices = vec![choice("", none, chosen)];
    let there = parties.iter().filter(|party| party.takes_part());
    choices.extend(there.map(|party| choice(&party.id.to_string(), party.name.clone(), chosen)));
    choices
}

fn head_fields(head: &Head, parties: &[Party]) -> Vec<Field> {
    let kinds = CompactKind::ALL.iter().map(|one| choice(one.code(), one.label(), &head.kind)).collect();
    let mut fields = vec![
        Field::text("name", "Name", &head.name, "").needed(),
        Field::select("kind", "Kind", kinds, "A school partnership is between two to four schools, for a time."),
        Field::text("city", "City", &head.city, "With its state, like Rivermark, NY."),
        Field::date("signed_on", "Signed on", &head.signed_on, ""),
        Field::date("review_on", "Next review", &head.review_on, ""),
        Field::date("ends_on", "Ends on", &head.ends_on, "A school partnership needs one."),
    ];
    if !parties.is_empty() {
        let choices = party_choices(parties, &head.contact_party, "None yet");
        fields.push(Field::select(
            "contact_party",
            "Contact office",
            choices,
            "It hears of commitments that fall silent.",
        ));
        fields.push(Field::text(
            "contact_role",
            "Role of whoever answers there",
            &head.contact_role,
            "A role, not a name.",
        ));
    }
    fields.push(Field::check(
        "counts_joint",
        "Joint sessions between its party schools count for commitments to learn together",
        head.counts_joint,
    ));
    fields
}

/// GET `/compacts/new`
#[handler]
pub async fn new_view(SignedIn(actor): SignedIn, site: Data<&Site>) -> poem::Result<Response> {
    editing::enter_new(&actor)?;
    let head = Head { kind: CompactKind::Compact.code().to_owned(), ..Head::default() };
    own_page(StatusCode::OK, &new_page(*site, &head, "", Corrections::default()))
}

fn new_page(site: &Site, head: &Head, place: &str, corrections: Corrections) -> FormPage {
    let mut chrome = site.chrome("Begin a compact", "", "/compacts/new");
    chrome.noindex = true;
    let mut fields = head_fields(head, &[]);
    let hint = "The address of the page of your school, or the name in addresses of your office. It becomes the first party, so that you find the draft again.";
    fields.insert(1, Field::text("place", "Your school or office", place, hint));
    FormPage {
        chrome,
        over: Link { text: "Compacts".to_owned(), url: "/compacts".to_owned() },
        heading: "Begin a compact".to_owned(),
        lede: "It is a draft first, which its parties alone see.".to_owned(),
        corrections,
        action: "/compacts".to_owned(),
        fields,
        submit: "Begin it".to_owned(),
        back: Link { text: "All compacts".to_owned(), url: "/compacts".to_owned() },
        ..FormPage::default()
    }
}

async fn begin(db: &Db, actor: Actor, head: &Head, place: &str) -> Result<Compact> {
    let found = editing::place(&db.cx(actor.clone()), place).await?;
    let first = found.map(|place| NewParty {
        place: Some(place),
        state: PartyState::Invited.code().to_owned(),
        ..NewParty::default()
    });
    let mut tx = db.write(actor).await?;
    let compact = editing::begin(&mut tx, head, first).await?;
    tx.commit().await?;
    Ok(compact)
}

/// POST `/compacts`
#[handler]
pub async fn begin_view(
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    editing::enter_new(&actor)?;
    let head = head_of(&form);
    match begin(&db, actor, &head, form.get("place")).await {
        Ok(compact) => Ok(see_other(&format!("{}?done=begun", compact.path()))),
        Err(error) => {
            let view = new_page(*site, &head, form.get("place"), Corrections::of(error)?);
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}

/// POST `/compacts/{slug}/publication`
#[handler]
pub async fn publish_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    db: Data<&Db>,
) -> poem::Result<Response> {
    let (compact, _) = known(&db.cx(actor.clone()), &slug).await?;
    let mut tx = db.write(actor).await?;
    editing::publish(&mut tx, compact.id).await?;
    tx.commit().await?;
    Ok(see_other(&format!("{}?done=published", compact.path())))
}

fn edit_page(
    site: &Site,
    (compact, parties): &(Compact, Vec<Party>),
    head: &Head,
    at: &str,
    corrections: Corrections,
) -> FormPage {
    let path = format!("{}/edit", compact.path());
    let mut chrome = site.chrome(&format!("Change {}", compact.name), "", &path);
    chrome.noindex = true;
    let mut fields = head_fields(head, parties);
    fields.push(Field::hidden("seen", at));
    FormPage {
        chrome,
        over: Link { text: compact.name.clone(), url: compact.path() },
        heading: "Change the facts of the compact".to_owned(),
        corrections,
        action: path,
        fields,
        submit: "Keep it".to_owned(),
        back: Link { text: "Back to the compact".to_owned(), url: compact.path() },
        ..FormPage::default()
    }
}

/// GET `/compacts/{slug}/edit`
#[handler]
pub async fn edit_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let found = known(&db.cx(actor), &slug).await?;
    let view = edit_page(*site, &found, &Head::of(&found.0), &stamp(found.0.updated_at), Corrections::default());
    own_page(StatusCode::OK, &view)
}

/// POST `/compacts/{slug}/edit`
#[handler]
pub async fn change_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let found = known(&cx, &slug).await?;
    let head = head_of(&form);
    let change = async {
        let mut tx = db.write(actor).await?;
        editing::change(&mut tx, found.0.id, &head, seen(form.get("seen"))).await?;
        tx.commit().await
    };
    match change.await {
        Ok(()) => Ok(see_other(&format!("{}?done=kept", found.0.path()))),
        Err(error) => {
            // What was typed comes back on top of what stands there now: sent again, it is kept.
            let now = reading::open(&cx, &slug).await?;
            let view = edit_page(*site, &now, &head, &stamp(now.0.updated_at), Corrections::of(error)?);
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}

fn text_page(
    site: &Site,
    compact: &Compact,
    (base, body, note): (&str, &str, &str),
    corrections: Corrections,
) -> FormPage {
    let path = format!("{}/text", compact.path());
    let mut chrome = site.chrome(&format!("Text of {}", compact.name), "", &path);
    chrome.noindex = true;
    FormPage {
        chrome,
        over: Link { text: compact.name.clone(), url: compact.path() },
        heading: "Write the text of the compact".to_owned(),
        lede: "Keeping it makes a new version; the ones before stay readable and never change.".to_owned(),
        corrections,
        action: path,
        fields: vec![
            Field::area("body", "Text", body, "In Markdown. No names of students.").needed(),
            Field::text("note", "What changed", note, "One line that everybody reads."),
            Field::hidden("base", base),
        ],
        submit: "Keep the new version".to_owned(),
        back: Link { text: "Back to the compact".to_owned(), url: compact.path() },
        ..FormPage::default()
    }
}

/// GET `/compacts/{slug}/text`
#[handler]
pub async fn text_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let (compact, _) = known(&cx, &slug).await?;
    let body = match compact.text_version {
        0 => String::new(),
        version => reading::text(&cx, &slug, version).await?.1.body,
    };
    let base = compact.text_version.to_string();
    own_page(StatusCode::OK, &text_page(*site, &compact, (&base, &body, ""), Corrections::default()))
}

/// POST `/compacts/{slug}/text`
#[handler]
pub async fn write_text_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let (compact, _) = known(&cx, &slug).await?;
    let (base, body, note) = (form.get("base"), form.raw("body"), form.get("note"));
    let write = async {
        let mut tx = db.write(actor).await?;
        let base = base.parse().map_err(|_| Error::Stale)?;
        editing::write_text(&mut tx, compact.id, base, body, note, form.has("no_student")).await?;
        tx.commit().await
    };
    match write.await {
        Ok(()) => Ok(see_other(&format!("{}?done=text", compact.path()))),
        Err(error) => {
            let now = reading::open(&cx, &slug).await?.0.text_version.to_string();
            let view = text_page(*site, &compact, (&now, body, note), Corrections::of(error)?);
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}

fn visit_page(
    site: &Site,
    (compact, parties): &(Compact, Vec<Party>),
    (host, on, log): (&str, &str, &str),
    corrections: Corrections,
) -> FormPage {
    let path = format!("{}/visits", compact.path());
    let mut chrome = site.chrome(&format!("A visit of {}", compact.name), "", &path);
    chrome.noindex = true;
    FormPage {
        chrome,
        over: Link { text: compact.name.clone(), url: compact.path() },
        heading: "Write down a visit".to_owned(),
        lede: "All schools of the partnership share this log; everybody can read it once the partnership is public."
            .to_owned(),
        corrections,
        action: path,
        fields: vec![
            Field::select("host", "School that was visited", party_choices(parties, host, "Choose one"), ""),
            Field::date("on", "Day", on, "").needed(),
            Field::area("log", "What was seen and agreed", log, "No names and nothing about a single student.")
                .needed(),
        ],
        submit: "Keep it".to_owned(),
        back: Link { text: "Back to the partnership".to_owned(), url: compact.path() },
        ..FormPage::default()
    }
}

/// GET `/compacts/{slug}/visits`
#[handler]
pub async fn visit_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let found = known_party(&db.cx(actor), &slug).await?;
    if found.0.kind != CompactKind::SchoolPartnership {
        return Err(Error::NotFound("page").into());
    }
    own_page(StatusCode::OK, &visit_page(*site, &found, ("", "", ""), Corrections::default()))
}

/// POST `/compacts/{slug}/visits`
#[handler]
pub async fn log_visit_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let found = known_party(&db.cx(actor.clone()), &slug).await?;
    let (host, on, log) = (form.get("host"), form.get("on"), form.raw("log"));
    let keep = async {
        let mut tx = db.write(actor).await?;
        editing::log_visit(&mut tx, found.0.id, host, on, log, form.has("no_student")).await?;
        tx.commit().await
    };
    match keep.await {
        Ok(()) => Ok(see_other(&format!("{}?done=visit", found.0.path()))),
        Err(error) => {
            let view = visit_page(*site, &found, (host, on, log), Corrections::of(error)?);
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}
