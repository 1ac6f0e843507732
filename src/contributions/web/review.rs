//! The pages of a review: submitting, the conversation and its answers.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use crate::catalog::fields::{FIELDS, Field};
use crate::catalog::{PracticeRecord, compare};
use crate::contributions::checks::{self, Checks, Eyes};
use crate::contributions::entry::{Entry, Kind};
use crate::contributions::reading::{self, Reviewed};
use crate::contributions::review::{self, Said, Verdict};
use crate::contributions::views::review::{
    CheckView, EntryView, FieldText, ReviewPage, SaidView, SubmissionPage, TextView,
};
use crate::contributions::{ContributionId, confirm};
use crate::notices::Postroom;
use crate::people::AccountId;
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Actor, Cx, Db, Error, Result};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, day_of, own_page, see_other};
use crate::web::views::{Choice, Chrome, Link, Section};

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/contributions/:id/submission", resource().get(submission_view).post(submit_view)),
        ("/contributions/:id/review", resource().get(review_view).post(answer_view)),
        ("/contributions/:id/comments", resource().post(comment_view)),
        ("/contributions/:id/reviewer", resource().post(reviewer_view)),
        ("/contributions/:id/taking-back", resource().post(take_back_view)),
        ("/contributions/:id/update", resource().post(update_view)),
        ("/contributions/:id/confirmation", resource().post(confirmation_view)),
    ]
}

/// Characters of the summary of a practice that is near.
const LINE: usize = 160;

pub(super) fn id_of(text: &str) -> Result<ContributionId> {
    text.parse().map_err(|_| Error::NotFound("practice"))
}

pub(super) fn chrome(site: &Site, title: &str, path: &str) -> Chrome {
    Chrome { section: Section::Me, noindex: true, ..site.chrome(title, "", path) }
}

pub(super) fn asked(request: &Request, name: &str) -> String {
    let all = Form::parse(request.uri().query().unwrap_or_default().as_bytes()).unwrap_or_default();
    all.get(name).to_owned()
}

/// What somebody typed who speaks.
pub(super) fn said(form: &Form) -> Said {
    Said {
        text: form.raw("text").to_owned(),
        field: form.get("field").to_owned(),
        quote: form.get("quote").to_owned(),
        no_student: form.has("no_student"),
    }
}

/// The same, to be shown again.
pub(super) fn said_view(said: &Said, corrections: &Corrections) -> SaidView {
    let choice = |field: &Field| Choice {
        value: field.name.to_owned(),
        label: field.label.to_owned(),
        selected: field.name == said.field,
    };
    let mut fields = vec![Choice { value: String::new(), label: "All of it".to_owned(), selected: false }];
    fields.extend(FIELDS.iter().map(choice));
    SaidView {
        text: said.text.clone(),
        fields,
        quote: said.quote.clone(),
        asks_student: corrections.at("text").is_some_and(|message| message.contains("It says:")),
    }
}

/// 409 for what the state of things forbids, 422 for what can be put right.
pub(super) fn status_of(error: &Error) -> StatusCode {
    match error {
        Error::Conflict(_) | Error::Stale => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// What a text says, field by field; what is empty is left out.
pub(super) fn text_of(record: &PracticeRecord) -> TextView {
    let fields = FIELDS.iter().map(|field| (field.label, field.text(record))).filter(|(_, text)| !text.is_empty());
    TextView { compares: false, fields: fields.map(|(label, text)| FieldText::plain(label, &text)).collect() }
}

/// What changed in one.
pub(super) fn changes_of(changes: &[compare::Change]) -> TextView {
    TextView { compares: true, fields: changes.iter().map(FieldText::changed).collect() }
}

/// What was seen, as a page shows it; `form` is the address of the draft for who can put it right, and empty for others.
fn checks_of(checks: &Checks, form: &str) -> CheckView {
    let label = |place: &str| {
        let mut parts = place.split('/');
        let name = parts.next().unwrap_or_default();
        let number: Option<usize> = parts.next().and_then(|part| part.parse().ok());
        let Some(field) = Field::named(name) else { return Link { text: "The whole".to_owned(), ..Link::default() } };
        let url = if form.is_empty() {
            String::new()
        } else {
            format!("{form}/{}#{}", super::fields::slug(field.section), field.name)
        };
        let text = number.map_or(field.label.to_owned(), |number| format!("{}, {}", field.label, number + 1));
        Link { text, url }
    };
    let mut broken: Vec<(Link, String)> =
        checks.broken.iter().map(|error| (label(&error.field), error.message.clone())).collect();
    broken.extend(checks.held_back.iter().map(|held| {
        (label(&held.field), format!("{} It says: \u{201c}{}\u{201d}.", held.kind.sentence(), held.quote))
    }));
    if checks.retired {
        broken.push((label(""), "The practice was taken out of the catalog.".to_owned()));
    }
    let near = checks.near.iter().map(|card| {
        let mut line: String = card.summary.chars().take(LINE).collect();
        if card.summary.chars().count() > LINE {
            line.push('\u{2026}');
        }
        (Link { text: card.title.clone(), url: format!("/practices/{}", card.slug) }, line)
    });
    CheckView {
        broken,
        newer: checks.newer.map(|version| version.to_string()).unwrap_or_default(),
        dead: checks.dead.iter().map(|link| (link.url.clone(), link.sentence().to_owned())).collect(),
        near: near.collect(),
    }
}

/// GET `/contributions/{id}/submission`
#[handler]
pub async fn submission_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    eyes: Data<&Eyes>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    show_submission(&cx, &site, &eyes, &id, (Said::default(), Corrections::default()), StatusCode::OK).await
}

async fn show_submission(
    cx: &Cx,
    site: &Site,
    eyes: &Eyes,
    id: &str,
    (said, corrections): (Said, Corrections),
    status: StatusCode,
) -> poem::Result<Response> {
    let found = reading::reviewed(cx, id_of(id)?).await?;
    let now = &found.contribution;
    if !found.may.write {
        return Ok(see_other(&format!("/contributions/{}/review", now.id)));
    }
    let seen = checks::checks(cx, eyes, &found).await?;
    let view = SubmissionPage {
        chrome: chrome(site, "Give it to the editors", &format!("/contributions/{}/submission", now.id)),
        title: now.title().to_owned(),
        url: format!("/contributions/{}", now.id),
        school: found.school.as_ref().map_or("your school", |school| school.name.as_str()).to_owned(),
        passes: seen.pass(),
        leads: found.leads,
        checks: checks_of(&seen, &format!("/contributions/{}", now.id)),
        said: said_view(&said, &corrections),
        corrections,
    };
    own_page(status, &view)
}

/// POST `/contributions/{id}/submission`
#[handler]
pub async fn submit_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    eyes: Data<&Eyes>,
    room: Data<&Postroom>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let said = said(&form);
    let done = async {
        let id = id_of(&id)?;
        let mut tx = db.write(actor.clone()).await?;
        review::submit(&mut tx, &room, id, said.clone()).await?;
        tx.commit().await
    };
    match done.await {
        Ok(()) => Ok(see_other(&format!("/contributions/{id}/review?done=submitted"))),
        Err(error) => {
            let status = status_of(&error);
            let corrections = Corrections::of(error)?;
            show_submission(&db.cx(actor), &site, &eyes, &id, (said, corrections), status).await
        }
    }
}

/// GET `/contributions/{id}/review`
#[handler]
pub async fn review_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    request: &Request,
    db: Data<&Db>,
    eyes: Data<&Eyes>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = match asked(request, "done").as_str() {
        "submitted" => "It is with the editors. You hear as soon as one answers.",
        "approved" => "Approved.",
        "request_changes" => "It went back to its writers with your words.",
        "decline" => "Declined, with your words on the record.",
        "said" => "It is on the record; the others hear of it.",
        "taken" => "You look at it; other editors see that.",
        "left" => "You left it to another editor.",
        "back" => "You have it back and can write on.",
        "updated" => "It is up to date with the latest version; look through it before you submit it.",
        "updated_conflicts" => {
            "It is up to date with the latest version. Where both changed a field your words stand; look through it before you submit it."
        }
        "yes" => "Thank you: it is published.",
        "no" => "It went back to its writers with your words.",
        "evidence" => "The evidence is set.",
        _ => "",
    };
    let shown = Shown { done: done.to_owned(), ..Shown::default() };
    show(&db.cx(actor), &site, &eyes, &id, shown, StatusCode::OK).await
}

/// What a page of a review shows beside what is kept.
#[derive(Default)]
struct Shown {
    done: String,
    said: Said,
    corrections: Corrections,
}

async fn show(cx: &Cx, site: &Site, eyes: &Eyes, id: &str, shown: Shown, status: StatusCode) -> poem::Result<Response> {
    let found = reading::reviewed(cx, id_of(id)?).await?;
    let (now, may) = (&found.contribution, found.may);
    let text = match &found.changes {
        Some(changes) => changes_of(changes),
        None => text_of(&found.record),
    };
    let taken = found.standing.taken.map(|(by, _)| by);
    let mine = taken.is_some() && taken.map(|by| by.0) == cx.actor().account();
    let mut writers = vec![found.name(now.author).to_owned()];
    writers.extend(found.editors.iter().map(|editor| found.name(*editor).to_owned()));
    let checks = if may.edit && now.state == PracticeStatus::SUBMITTED {
        Some(checks_of(&checks::checks(cx, eyes, &found).await?, ""))
    } else {
        None
    };
    let view = ReviewPage {
        chrome: chrome(site, &format!("Review: {}", now.title()), &format!("/contributions/{}/review", now.id)),
        done: shown.done,
        title: now.title().to_owned(),
        url: format!("/contributions/{}", now.id),
        school: found.school.as_ref().map_or_else(Link::default, |school| Link {
            text: school.name.clone(),
            url: format!("/schools/{}", school.slug),
        }),
        state: now.state.label().to_owned(),
        next: next(&found),
        writers: writers.join(", "),
        page: found.practice.as_ref().map(|practice| Link {
            text: "Its page in the catalog".to_owned(),
            url: format!("/practices/{}", practice.slug),
        }),
        text,
        note: now.note.clone().unwrap_or_default(),
        since: found.since.as_ref().map(|(_, changes)| changes_of(changes)),
        checks,
        entries: found.entries.iter().map(|entry| entry_view(&found, entry)).collect(),
        revision: now.revision,
        taken_by: taken.map(|by| found.name(by).to_owned()).unwrap_or_default(),
        taken_id: taken.map(|by| by.to_string()).unwrap_or_default(),
        mine,
        takes: may.answer,
        answers: may.answer,
        confirms: may.confirm,
        takes_back: may.take_back,
        submits: may.write,
        updates: may.write && found.newer().is_some(),
        speaks: may.speak,
        own: may.own && now.state == PracticeStatus::SUBMITTED,
        edits: may.edit,
        said: said_view(&shown.said, &shown.corrections),
        corrections: shown.corrections,
    };
    own_page(status, &view)
}

/// What happens next, in one sentence.
fn next(found: &Reviewed) -> String {
    let school = found.school.as_ref().map_or("The school", |school| school.name.as_str());
    match found.contribution.state {
        PracticeStatus::DRAFT => "Its writers are writing it; they submit it when it is ready.".to_owned(),
        PracticeStatus::SUBMITTED => "An editor reads it and answers here.".to_owned(),
        PracticeStatus::CHANGES_REQUESTED => "Its writers change it and submit it again, or answer here.".to_owned(),
        PracticeStatus::APPROVED if found.standing.asked == 0 => format!(
            "An editor approved it. Nobody leads {school} here yet who could say yes: ask the office that runs this site to invite its \
             principal. They are asked by letter as soon as they have joined."
        ),
        PracticeStatus::APPROVED => format!("An editor approved it. {school} was asked by letter for its yes."),
        PracticeStatus::DECLINED => "An editor declined it and says why below; its writers can answer.".to_owned(),
        _ => match found.contribution.published_version {
            Some(version) => format!("It is published as version {version}."),
            None => String::new(),
        },
    }
}

fn entry_view(found: &Reviewed, entry: &Entry) -> EntryView {
    let text = entry.text.as_deref().unwrap_or_default();
    EntryView {
        number: entry.number,
        who: entry.by.filter(|_| entry.kind != Kind::Published).map(|by| found.name(by).to_owned()).unwrap_or_default(),
        role: entry.speaker.label().to_owned(),
        did: entry.kind.words().to_owned(),
        at: day_of(entry.at),
        text: text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect(),
        field: entry.field.as_deref().and_then(Field::named).map(|field| field.label.to_owned()).unwrap_or_default(),
        quote: entry.quote.clone().unwrap_or_default(),
    }
}

/// What an operation needs, and where its page leads on.
struct Doing<'a> {
    db: &'a Db,
    eyes: &'a Eyes,
    site: &'a Site,
    actor: Actor,
    id: &'a str,
}

impl Doing<'_> {
    /// Leads on where it was done; shows the page again with everything typed where it was not.
    async fn answer(self, done: Result<&str>, said: Said) -> poem::Result<Response> {
        match done {
            Ok(done) => Ok(see_other(&format!("/contributions/{}/review?done={done}", self.id))),
            Err(error) => {
                let status = status_of(&error);
                let shown = Shown { said, corrections: Corrections::of(error)?, ..Shown::default() };
                show(&self.db.cx(self.actor), self.site, self.eyes, self.id, shown, status).await
            }
        }
    }
}

pub(super) fn revision(form: &Form) -> Result<i32> {
    form.get("revision").parse().map_err(|_| Error::invalid("revision", "Open the page again and answer there."))
}

/// POST `/contributions/{id}/review`
#[handler]
pub async fn answer_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    eyes: Data<&Eyes>,
    room: Data<&Postroom>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let typed = said(&form);
    let code = form.get("verdict").to_owned();
    let done = async {
        let id = id_of(&id)?;
        let mut tx = db.write(actor.clone()).await?;
        if code == "comment" {
            review::say(&mut tx, &room, id, typed.clone()).await?;
        } else {
            let verdict =
                Verdict::parse(&code).ok_or_else(|| Error::invalid("verdict", "Press one of the buttons."))?;
            review::decide(&mut tx, &room, id, revision(&form)?, verdict, typed.clone()).await?;
        }
        tx.commit().await?;
        Ok::<_, Error>(match code.as_str() {
            "approve" => "approved",
            "request_changes" => "request_changes",
            "decline" => "decline",
            _ => "said",
        })
    };
    let done = done.await;
    Doing { db: &db, eyes: &eyes, site: &site, actor, id: &id }.answer(done, typed).await
}

/// POST `/contributions/{id}/comments`
#[handler]
pub async fn comment_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    eyes: Data<&Eyes>,
    room: Data<&Postroom>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let typed = said(&form);
    let done = async {
        let mut tx = db.write(actor.clone()).await?;
        review::say(&mut tx, &room, id_of(&id)?, typed.clone()).await?;
        tx.commit().await.map(|()| "said")
    };
    let done = done.await;
    Doing { db: &db, eyes: &eyes, site: &site, actor, id: &id }.answer(done, typed).await
}

/// POST `/contributions/{id}/reviewer`
#[handler]
pub async fn reviewer_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    eyes: Data<&Eyes>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = async {
        let mut tx = db.write(actor.clone()).await?;
        let leaves = form.get("do") == "leave";
        if leaves {
            review::leave(&mut tx, id_of(&id)?).await?;
        } else {
            let seen: Option<AccountId> = form.get("seen").parse().ok();
            review::take(&mut tx, id_of(&id)?, seen).await?;
        }
        tx.commit().await?;
        Ok::<_, Error>(if leaves { "left" } else { "taken" })
    };
    let done = done.await;
    Doing { db: &db, eyes: &eyes, site: &site, actor, id: &id }.answer(done, Said::default()).await
}

/// POST `/contributions/{id}/taking-back`
#[handler]
pub async fn take_back_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    eyes: Data<&Eyes>,
    room: Data<&Postroom>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = async {
        let mut tx = db.write(actor.clone()).await?;
        review::take_back(&mut tx, &room, id_of(&id)?).await?;
        tx.commit().await.map(|()| "back")
    };
    let done = done.await;
    Doing { db: &db, eyes: &eyes, site: &site, actor, id: &id }.answer(done, Said::default()).await
}

/// POST `/contributions/{id}/update`
#[handler]
pub async fn update_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    eyes: Data<&Eyes>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = async {
        let mut tx = db.write(actor.clone()).await?;
        let conflicts = review::bring_up_to_date(&mut tx, id_of(&id)?).await?;
        tx.commit().await?;
        Ok::<_, Error>(if conflicts.is_empty() { "updated" } else { "updated_conflicts" })
    };
    let done = done.await;
    Doing { db: &db, eyes: &eyes, site: &site, actor, id: &id }.answer(done, Said::default()).await
}

/// POST `/contributions/{id}/confirmation`
#[handler]
pub async fn confirmation_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    eyes: Data<&Eyes>,
    room: Data<&Postroom>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let typed = said(&form);
    let done = match id_of(&id) {
        Ok(id) => answer_for_school(&db, &room, actor.clone(), id, &form).await,
        Err(error) => Err(error),
    };
    Doing { db: &db, eyes: &eyes, site: &site, actor, id: &id }.answer(done, typed).await
}

/// The school's answer, by a page or by the link of a letter.
pub(super) async fn answer_for_school(
    db: &Db,
    room: &Postroom,
    actor: Actor,
    id: ContributionId,
    form: &Form,
) -> Result<&'static str> {
    let mut tx = db.write(actor).await?;
    let done = match form.get("decision") {
        "yes" => {
            confirm::confirm(&mut tx, room, id, revision(form)?).await?;
            "yes"
        }
        "no" => {
            confirm::refuse(&mut tx, room, id, revision(form)?, said(form)).await?;
            "no"
        }
        _ => return Err(Error::invalid("decision", "Press one of the buttons.")),
    };
    tx.commit().await?;
    Ok(done)
}
