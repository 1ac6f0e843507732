//! Writing a highlight: the form, its picture, asking its schools, publishing and withdrawing it.

use poem::http::StatusCode;
use poem::web::{Data, Multipart, Path};
use poem::{Request, Response, handler};

use super::asked;
use crate::compacts;
use crate::highlights::highlight::{Answer, Consent, Draft, Highlight, SCHOOLS, State};
use crate::highlights::numbers::{self, MOST, Typed};
use crate::highlights::photo::{self, About};
use crate::highlights::views::writing::{AnswerRow, EditPage, Fields, NumberRow, SchoolRow};
use crate::highlights::{HighlightId, publishing, reading, writing};
use crate::materials::Depot;
use crate::materials::file::Sent;
use crate::notices::Postroom;
use crate::people::{self, SchoolId};
use crate::platform::{Actor, Cx, Db, Error, FieldErrors, Result, Zone};
use crate::sessions::schedule;
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Choice, Chrome};

/// Most fields of the form of a picture, more than it has.
const FIELDS: usize = 12;
/// Longest of them, in bytes.
const FIELD: usize = 4_000;

/// Zones to choose from.
const ZONES: [(&str, &str); 7] = [
    ("America/New_York", "Eastern (New York)"),
    ("America/Chicago", "Central (Chicago)"),
    ("America/Denver", "Mountain (Denver)"),
    ("America/Phoenix", "Arizona (Phoenix)"),
    ("America/Los_Angeles", "Pacific (Los Angeles)"),
    ("America/Anchorage", "Alaska (Anchorage)"),
    ("Pacific/Honolulu", "Hawaii (Honolulu)"),
];

fn chrome(site: &Site, title: &str, path: &str) -> Chrome {
    Chrome { noindex: true, ..site.chrome(title, "", path) }
}

fn typed(form: &Form) -> Draft {
    let get = |name: &str| form.get(name).to_owned();
    let number = |at: usize| {
        let get = |name: &str| form.get(&format!("number_{at}_{name}")).to_owned();
        Typed {
            kind: get("kind"),
            from: get("from"),
            to: get("to"),
            neighborhood: get("neighborhood") == "yes",
            schools: get("schools") == "yes",
            value: get("value"),
            label: get("label"),
            source: get("source"),
            link: get("link"),
        }
    };
    let school = |at: usize| (get(&format!("school_{at}")), get(&format!("words_{at}")));
    let schools: Vec<(String, String)> = (1..=SCHOOLS).map(school).collect();
    Draft {
        city: get("city"),
        headline: get("headline"),
        story: get("story"),
        neighborhood: get("neighborhood"),
        session: get("session"),
        practice: get("practice"),
        adoption: get("adoption"),
        commitment: get("commitment"),
        schools,
        numbers: (1..=MOST).map(number).collect(),
        quote: get("quote"),
        quote_role: get("quote_role"),
        quote_school: get("quote_school"),
        photo_alt: get("photo_alt"),
        embargo: get("embargo"),
        zone: get("zone"),
        no_student: get("no_student") == "yes",
    }
}

/// What a highlight says now, as the form shows it.
async fn draft_of(cx: &Cx, now: &Highlight) -> Result<Draft> {
    let ids: Vec<SchoolId> = now.schools.iter().map(|one| one.school).collect();
    let schools = people::schools(cx, &ids).await?;
    let slug = |id: SchoolId| schools.get(&id).map_or_else(|| id.to_string(), |school| school.slug.clone());
    let id = |id: Option<String>| id.unwrap_or_default();
    Ok(Draft {
        city: now.city.clone(),
        headline: now.headline.clone(),
        story: now.story.clone(),
        neighborhood: now.neighborhood.clone().unwrap_or_default(),
        session: id(now.session.map(|id| id.to_string())),
        practice: id(now.practice.map(|id| id.to_string())),
        adoption: id(now.adoption.map(|id| id.to_string())),
        commitment: id(now.commitment.map(|id| id.to_string())),
        schools: now.schools.iter().map(|one| (slug(one.school), one.words.clone())).collect(),
        numbers: now.numbers.iter().map(numbers::Number::typed).collect(),
        quote: now.quote.as_ref().map(|quote| quote.text.clone()).unwrap_or_default(),
        quote_role: now.quote.as_ref().map(|quote| quote.role.clone()).unwrap_or_default(),
        quote_school: now.quote.as_ref().map(|quote| slug(quote.school)).unwrap_or_default(),
        photo_alt: now.photo.as_ref().map(|photo| photo.alt.clone()).unwrap_or_default(),
        embargo: now
            .embargo_until
            .map(|at| now.zone.local(at).format("%Y-%m-%dT%H:%M").to_string())
            .unwrap_or_default(),
        zone: now.zone.name().to_owned(),
        no_student: false,
    })
}

/// The form with what was typed. Two statements for the commitments to choose from.
async fn fields(cx: &Cx, draft: &Draft) -> Result<Fields> {
    let own = if cx.actor().administers() { Vec::new() } else { people::city::of_actor(cx).await? };
    let choice = |value: &str, label: &str, chosen: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        selected: value == chosen,
    };
    let mut schools: Vec<SchoolRow> = Vec::new();
    for at in 0..SCHOOLS {
        let (school, words) = draft.schools.get(at).cloned().unwrap_or_default();
        schools.push(SchoolRow { number: at + 1, school, words });
    }
    let kinds = numbers::choices();
    let number = |at: usize| {
        let one = draft.numbers.get(at).cloned().unwrap_or_default();
        NumberRow {
            number: at + 1,
            kinds: kinds.iter().map(|(value, label)| choice(value, label, &one.kind)).collect(),
            from: one.from,
            to: one.to,
            neighborhood: one.neighborhood,
            schools: one.schools,
            value: one.value,
            label: one.label,
            source: one.source,
            link: one.link,
        }
    };
    let city = people::city::slug_of(&draft.city, None);
    let mine = |slug: Option<&str>| match slug {
        Some(slug) => slug == city || own.iter().any(|one| one == slug),
        None => false,
    };
    let compacts: Vec<compacts::Compact> =
        compacts::compacts(cx).await?.into_iter().filter(|one| mine(one.city.as_deref())).collect();
    let ids: Vec<compacts::CompactId> = compacts.iter().map(|one| one.id).collect();
    let mut commitments = vec![choice("", "None", &draft.commitment)];
    for one in compacts::commitments_of(cx, &ids).await? {
        let name =
            compacts.iter().find(|compact| compact.id == one.compact).map_or("", |compact| compact.name.as_str());
        let label = format!("{name}, {}: {}", one.number, one.sentence);
        commitments.push(choice(&one.id.to_string(), &label, &draft.commitment));
    }
    let zone = if draft.zone.is_empty() { Zone::default().name() } else { draft.zone.as_str() };
    let mut zones: Vec<Choice> = ZONES.iter().map(|(name, words)| choice(name, words, zone)).collect();
    if !zones.iter().any(|one| one.selected) {
        zones.push(choice(zone, zone, zone));
    }
    Ok(Fields {
        city: draft.city.clone(),
        cities: own.iter().map(|slug| choice(slug, slug, &draft.city)).collect(),
        headline: draft.headline.clone(),
        story: draft.story.clone(),
        neighborhood: draft.neighborhood.clone(),
        session: draft.session.clone(),
        practice: draft.practice.clone(),
        adoption: draft.adoption.clone(),
        commitments,
        schools,
        numbers: (0..MOST).map(number).collect(),
        quote: draft.quote.clone(),
        quote_role: draft.quote_role.clone(),
        quote_school: draft.quote_school.clone(),
        photo_alt: draft.photo_alt.clone(),
        embargo: draft.embargo.clone(),
        zones,
    })
}

/// GET `/highlights/new`: empty, or begun with a joint session (`?session=`).
#[handler]
pub async fn new_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    writing::enter(&actor)?;
    let cx = db.cx(actor);
    let session = asked(request, "session");
    let draft = if session.is_empty() { Draft::default() } else { writing::from_session(&cx, &session).await? };
    show_new(&cx, &site, &draft, Corrections::default(), StatusCode::OK).await
}

async fn show_new(
    cx: &Cx,
    site: &Site,
    draft: &Draft,
    corrections: Corrections,
    status: StatusCode,
) -> poem::Result<Response> {
    let title = "A new highlight";
    let view = EditPage {
        chrome: chrome(site, title, "/highlights/new"),
        title: title.to_owned(),
        corrections,
        action: "/highlights".to_owned(),
        fields: fields(cx, draft).await?,
        open: true,
        ..EditPage::default()
    };
    own_page(status, &view)
}

/// POST `/highlights`
#[handler]
pub async fn write_view(
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    writing::enter(&actor)?;
    let draft = typed(&form);
    let cx = db.cx(actor.clone());
    let written = async {
        let mut errors = FieldErrors::default();
        let looked = writing::look_up(&cx, &draft, &mut errors).await?;
        let mut tx = db.write(actor.clone()).await?;
        let id = writing::write(&mut tx, &draft, looked, errors).await?;
        tx.commit().await.map(|()| id)
    };
    match written.await {
        Ok(id) => Ok(see_other(&format!("/highlights/{id}/edit?done=kept"))),
        Err(error) => show_new(&cx, &site, &draft, Corrections::of(error)?, StatusCode::UNPROCESSABLE_ENTITY).await,
    }
}

/// The highlight of an address, for who writes it.
async fn own(cx: &Cx, slug: &str) -> Result<Highlight> {
    writing::enter(cx.actor())?;
    match reading::highlight(cx, slug).await? {
        (found, may) if may.write => Ok(found),
        _ => Err(Error::NotFound("highlight")),
    }
}

/// GET `/highlights/{id}/edit`
#[handler]
pub async fn edit_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = match asked(request, "done").as_str() {
        "kept" => "It is kept. Nobody else sees it before its schools are asked.",
        "changed" => "The changes are kept. Schools whose words changed are asked again.",
        "asked" => "Its schools are asked.",
        "published" => "It is published.",
        "withdrawn" => "It is withdrawn.",
        "photo" => "The picture is there.",
        "photo-gone" => "The picture is taken out.",
        _ => "",
    };
    let view = EditPage { done: done.to_owned(), ..EditPage::default() };
    show(&db.cx(actor), &site, &slug, view, None, StatusCode::OK).await
}

async fn show(
    cx: &Cx,
    site: &Site,
    slug: &str,
    view: EditPage,
    draft: Option<Draft>,
    status: StatusCode,
) -> poem::Result<Response> {
    let now = own(cx, slug).await?;
    let ids: Vec<SchoolId> = now.schools.iter().map(|one| one.school).collect();
    let schools = people::schools(cx, &ids).await?;
    let draft = match draft {
        Some(draft) => Draft { city: now.city.clone(), ..draft },
        None => draft_of(cx, &now).await?,
    };
    let day = |at| schedule::day(at, now.zone);
    let mut answers = Vec::new();
    for one in now.schools.iter().filter(|one| one.asked_at.is_some()) {
        let current = one.answer_print.as_deref() == Some(now.print(one).as_str());
        let on = one.answered_at.map(day).unwrap_or_default();
        let since = one.asked_at.map(day).unwrap_or_default();
        let (words, tone) = match one.answer {
            Some(Answer::Yes) if current => (format!("Said yes on {on}"), "good"),
            Some(Answer::Changes) if current => (format!("Asks for changes since {on}"), "bad"),
            _ => (format!("Asked on {since}, no answer yet"), ""),
        };
        let note = one.note.clone().filter(|_| one.answer == Some(Answer::Changes)).unwrap_or_default();
        let school = schools.get(&one.school).map(|school| school.name.clone()).unwrap_or_default();
        answers.push(AnswerRow { school, words, note, tone });
    }
    let url = format!("/highlights/{}", now.id);
    let open = now.state != State::Withdrawn;
    let view = EditPage {
        chrome: chrome(site, &now.headline, &format!("{url}/edit")),
        title: now.headline.clone(),
        action: format!("{url}/edit"),
        revision: now.revision,
        state: stands(&now),
        answers,
        fields: fields(cx, &draft).await?,
        open,
        ask: match now.state {
            State::Draft => "Ask its schools",
            State::Reviewing => "Ask again",
            _ => "",
        },
        publishes: now.state == State::Approved && !now.is_embargoed(cx.now()),
        photo_url: now.photo.as_ref().map(|_| format!("{url}/photo")).unwrap_or_default(),
        consents: Consent::ALL
            .iter()
            .map(|one| Choice { value: one.code().to_owned(), label: one.label().to_owned(), selected: false })
            .collect(),
        url,
        ..view
    };
    own_page(status, &view)
}

fn stands(now: &Highlight) -> String {
    let embargo = now.embargo_until.map(|at| schedule::moment(at, now.zone));
    match (now.state, embargo) {
        (State::Draft, _) => "It is a draft. Its schools are not asked yet.".to_owned(),
        (State::Reviewing, _) => {
            let waits = now.waiting().count();
            format!("Its schools are asked; {waits} of {} have not said yes.", now.schools.len())
        }
        (State::Approved, Some(at)) => format!("Every school said yes. It is published on {at}."),
        (State::Approved, None) => "Every school said yes. It can be published.".to_owned(),
        (State::Published, _) => "Everybody reads it.".to_owned(),
        (State::Withdrawn, _) => "It was withdrawn; its page says why.".to_owned(),
    }
}

async fn after(
    cx: &Cx,
    site: &Site,
    slug: &str,
    done: Result<()>,
    then: &str,
    view: EditPage,
    draft: Option<Draft>,
) -> poem::Result<Response> {
    match done {
        Ok(()) => Ok(see_other(&format!("/highlights/{slug}/edit?done={then}"))),
        Err(error) => {
            let status = match error {
                Error::Conflict(_) | Error::Stale => StatusCode::CONFLICT,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            let view = EditPage { corrections: Corrections::of(error)?, ..view };
            show(cx, site, slug, view, draft, status).await
        }
    }
}

/// POST `/highlights/{id}/edit`
#[handler]
pub async fn change_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    room: Data<&Postroom>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let id = own(&cx, &slug).await?.id;
    let draft = typed(&form);
    let seen: Option<i32> = form.get("revision").parse().ok();
    let changed = async {
        let mut errors = FieldErrors::default();
        let looked = writing::look_up(&cx, &draft, &mut errors).await?;
        let mut tx = db.write(actor.clone()).await?;
        writing::change(&mut tx, &room, id, &draft, looked, errors, seen).await?;
        tx.commit().await
    };
    let changed = changed.await;
    after(&cx, &site, &slug, changed, "changed", EditPage::default(), Some(draft)).await
}

/// POST `/highlights/{id}/review`
#[handler]
pub async fn ask_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    db: Data<&Db>,
    room: Data<&Postroom>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let id = own(&cx, &slug).await?.id;
    let asked = async {
        let mut tx = db.write(actor.clone()).await?;
        writing::ask(&mut tx, &room, id).await?;
        tx.commit().await
    };
    let asked = asked.await;
    after(&cx, &site, &slug, asked, "asked", EditPage::default(), None).await
}

/// POST `/highlights/{id}/publication`
#[handler]
pub async fn publish_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    db: Data<&Db>,
    room: Data<&Postroom>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let id = own(&cx, &slug).await?.id;
    let published = async {
        let mut tx = db.write(actor.clone()).await?;
        publishing::publish(&mut tx, &room, id).await?;
        tx.commit().await
    };
    let published = published.await;
    after(&cx, &site, &slug, published, "published", EditPage::default(), None).await
}

/// POST `/highlights/{id}/withdrawal`
#[handler]
pub async fn withdraw_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let id = own(&cx, &slug).await?.id;
    let reason = form.get("reason").to_owned();
    let withdrawn = async {
        let mut tx = db.write(actor.clone()).await?;
        publishing::withdraw(&mut tx, id, &reason, form.get("no_student") == "yes").await?;
        tx.commit().await
    };
    let withdrawn = withdrawn.await.map_err(|error| under("reason_no_student", error));
    let view = EditPage { reason: reason.clone(), ..EditPage::default() };
    after(&cx, &site, &slug, withdrawn, "withdrawn", view, None).await
}

/// The page has three forms: what asks about students stands in the one that was sent.
fn under(field: &str, error: Error) -> Error {
    let Error::Invalid(errors) = error else { return error };
    let mut renamed = FieldErrors::default();
    for one in errors.iter() {
        renamed.add(if one.field == "no_student" { field } else { one.field.as_str() }, one.message.clone());
    }
    Error::Invalid(renamed)
}

/// POST `/highlights/{id}/photo`
#[handler]
pub async fn photo_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Multipart,
    db: Data<&Db>,
    depot: Data<&Depot>,
    room: Data<&Postroom>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let id = own(&cx, &slug).await?.id;
    let (about, sent) = read(form).await?;
    let kept = keep_photo(&db, *depot, *room, actor, id, &about, sent).await;
    let view = EditPage { alt: about.alt, ..EditPage::default() };
    after(&cx, &site, &slug, kept, "photo", view, None).await
}

async fn keep_photo(
    db: &Db,
    depot: &Depot,
    room: &Postroom,
    actor: Actor,
    id: HighlightId,
    about: &About,
    sent: Sent,
) -> Result<()> {
    photo::set(db, depot, room, actor, id, about, sent).await.map_err(|error| under("photo_no_student", error))
}

/// POST `/highlights/{id}/photo/removal`
#[handler]
pub async fn remove_photo_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    db: Data<&Db>,
    room: Data<&Postroom>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let id = own(&cx, &slug).await?.id;
    let removed = async {
        let mut tx = db.write(actor.clone()).await?;
        photo::remove(&mut tx, &room, id).await?;
        tx.commit().await
    };
    let removed = removed.await;
    after(&cx, &site, &slug, removed, "photo-gone", EditPage::default(), None).await
}

/// The form of a picture, as sent. The shell has bounded the body before.
async fn read(mut form: Multipart) -> Result<(About, Sent)> {
    let broken = || Error::invalid("photo", "The form did not arrive whole; send it again.");
    let (mut about, mut sent) = (About::default(), Sent { name: String::new(), bytes: Vec::new() });
    for _ in 0..FIELDS {
        let Some(field) = form.next_field().await.map_err(|_| broken())? else { break };
        let name = field.name().unwrap_or_default().to_owned();
        if name == "photo" {
            sent.name = field.file_name().unwrap_or_default().to_owned();
            sent.bytes = field.bytes().await.map_err(|_| broken())?;
            continue;
        }
        let text = field.text().await.map_err(|_| broken())?;
        if text.len() > FIELD {
            return Err(broken());
        }
        match name.as_str() {
            "alt" => about.alt = text.trim().to_owned(),
            "consent" => about.consent = text.trim().to_owned(),
            "no_student" => about.no_student = text == "yes",
            _ => {}
        }
    }
    Ok((about, sent))
}
