//! Writing a highlight: the form, its picture, asking its schools, publishing and withdrawing it.

use poem::http::StatusCode;
use poem::web::{Data, Multipart, Path};
use poem::{Request, Response, handler};

use super::asked;
use super::fields::fields;
use super::kept::signed_out;
use crate::highlights::highlight::{Answer, Consent, Draft, Highlight, SCHOOLS, State};
use crate::highlights::numbers::{self, MOST, Typed};
use crate::highlights::photo::{self, About};
use crate::highlights::views::writing::{AnswerRow, EditPage};
use crate::highlights::{HighlightId, publishing, reading, writing};
use crate::materials::Depot;
use crate::materials::file::Sent;
use crate::notices::Postroom;
use crate::people::{self, SchoolId};
use crate::platform::{Actor, Cx, Db, Error, FieldErrors, Result};
use crate::sessions::schedule;
use crate::web::asker::{Asker, SignedIn};
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Choice, Chrome};

/// Most fields of the form of a picture, more than it has.
const FIELDS: usize = 12;
/// Longest of them, in bytes.
const FIELD: usize = 4_000;

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

/// GET `/highlights/new`: empty, or begun with a joint session (`?session=`), a practice, an adoption or a commitment.
#[handler]
pub async fn new_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    writing::enter(&actor)?;
    let cx = db.cx(actor);
    let [session, practice, adoption, commitment] =
        ["session", "practice", "adoption", "commitment"].map(|name| asked(request, name));
    let draft = if !session.is_empty() {
        writing::from_session(&cx, &session).await?
    } else if !practice.is_empty() {
        writing::from_practice(&cx, &practice).await?
    } else if !adoption.is_empty() {
        writing::from_adoption(&cx, &adoption).await?
    } else if !commitment.is_empty() {
        writing::from_commitment(&cx, &commitment).await?
    } else {
        Draft::default()
    };
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
pub async fn write_view(Asker(actor): Asker, form: Form, db: Data<&Db>, site: Data<&Site>) -> poem::Result<Response> {
    if actor.person().is_none() {
        return signed_out(&site, &form, "/highlights", "/highlights/new");
    }
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
    let stood = draft_of(cx, &now).await?;
    let draft = draft.map(|draft| Draft { city: now.city.clone(), ..draft });
    let stands_now = match &draft {
        Some(draft) if status == StatusCode::CONFLICT => differences(draft, &stood),
        _ => Vec::new(),
    };
    let draft = draft.unwrap_or(stood);
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
        stands_now,
        deletes: now.state == State::Draft,
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

/// Where what stands there is not what was typed: a label, and what stands there.
fn differences(typed: &Draft, now: &Draft) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut hold = |label: String, typed: &str, now: &str| {
        let tidy = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
        if tidy(typed) != tidy(now) {
            all.push((label, now.to_owned()));
        }
    };
    hold("Headline".to_owned(), &typed.headline, &now.headline);
    hold("Story".to_owned(), &typed.story, &now.story);
    hold("Neighborhood".to_owned(), &typed.neighborhood, &now.neighborhood);
    for at in 0..SCHOOLS {
        let row = |draft: &Draft| draft.schools.get(at).cloned().unwrap_or_default();
        let ((school, words), (stood, said)) = (row(typed), row(now));
        hold(format!("School {}", at + 1), &school, &stood);
        hold(format!("What school {} did", at + 1), &words, &said);
    }
    for at in 0..MOST {
        let row = |draft: &Draft| draft.numbers.get(at).cloned().unwrap_or_default();
        let words = |one: Typed| [one.kind, one.from, one.to, one.value, one.label, one.source, one.link].join(" ");
        hold(format!("Number {}", at + 1), &words(row(typed)), &words(row(now)));
    }
    hold("Quote".to_owned(), &typed.quote, &now.quote);
    hold("Role of who said it".to_owned(), &typed.quote_role, &now.quote_role);
    hold("What the picture shows".to_owned(), &typed.photo_alt, &now.photo_alt);
    hold("Practice".to_owned(), &typed.practice, &now.practice);
    hold("Embargo".to_owned(), &typed.embargo, &now.embargo);
    all
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
    Asker(actor): Asker,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    room: Data<&Postroom>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    if actor.person().is_none() {
        let page = format!("/highlights/{}/edit", crate::search::encode(&slug));
        return signed_out(&site, &form, &page, &page);
    }
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

/// POST `/highlights/{id}/deletion`: of a draft that no school was asked about.
#[handler]
pub async fn delete_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let id = own(&cx, &slug).await?.id;
    let deleted = async {
        let mut tx = db.write(actor.clone()).await?;
        writing::delete(&mut tx, id).await?;
        tx.commit().await
    };
    match deleted.await {
        Ok(()) => Ok(see_other("/office#highlights")),
        refused => after(&cx, &site, &slug, refused, "", EditPage::default(), None).await,
    }
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
