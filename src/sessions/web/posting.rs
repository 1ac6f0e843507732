//! Posting and changing a session, and its life.

mod fields;

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use self::fields::{Shown, draft_of, typed_of};
use crate::people::{self, School, SchoolId};
use crate::platform::vocabulary::{Consent, SessionStatus};
use crate::platform::{Actor, Cx, Db, Error, Place, Result, Role};
use crate::search::web::parameters;
use crate::sessions::posting::{self, Standing};
use crate::sessions::session::{Party, Session, SessionId};
use crate::sessions::views::posting::{CheckRow, ConsentPage, PostingPage, ToDo};
use crate::sessions::{Desk, conflict, joint, party_schools, schedule};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::Section;

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/sessions/new", resource().get(new_view).post(post_view)),
        ("/sessions/:id/edit", resource().get(edit_view).post(change_view)),
        ("/sessions/:id/posting", resource().get(posting_view)),
        ("/sessions/:id/submission", resource().post(submit_view)),
        ("/sessions/:id/publication", resource().post(publish_view)),
        ("/sessions/:id/draft", resource().post(withdraw_view)),
        ("/sessions/:id/removal", resource().post(discard_view)),
        ("/sessions/:id/cohost", resource().post(cohost_view)),
        ("/sessions/:id/cohost-consent", resource().get(consent_view).post(answer_view)),
        ("/sessions/:id/cancellation", resource().post(cancel_view)),
        ("/sessions/:id/postponement", resource().post(postpone_view)),
        ("/sessions/:id/closing", resource().post(close_view)),
        ("/sessions/:id/go", resource().post(go_view)),
        ("/sessions/:id/clone", resource().post(clone_view)),
    ]
}

/// GET `/sessions/new`; a link may name what the fields begin with.
#[handler]
pub async fn new_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let asked = parameters(request.uri().query().unwrap_or_default());
    let shown = Shown::asked(fields::fresh(&cx).await?, asked);
    own_page(StatusCode::OK, &fields::page(&cx, *site, None, shown).await?)
}

/// POST `/sessions/new`
#[handler]
pub async fn post_view(
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let shown = Shown::of(&form);
    if form.has("more") {
        return own_page(StatusCode::OK, &fields::page(&cx, *site, None, shown.with_another_date()).await?);
    }
    let sectors = people::sectors(&cx).await?;
    let made = async {
        let mut tx = db.write(actor).await?;
        let session = posting::draft(&mut tx, *desk, draft_of(&form, &sectors)).await?;
        tx.commit().await?;
        Ok(session)
    };
    match made.await {
        Ok(session) => Ok(see_other(&format!("/sessions/{}/posting?done=drafted", session.id))),
        Err(error) => {
            let shown = Shown { corrections: Corrections::of(error)?, ..shown };
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &fields::page(&cx, *site, None, shown).await?)
        }
    }
}

/// GET `/sessions/{id}/edit`
#[handler]
pub async fn edit_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let session = run(&cx, &id).await?;
    let typed = typed_of(&cx, &session).await?;
    let shown = Shown { typed, dates: session.meetings.len().max(1), ..Shown::default() };
    own_page(StatusCode::OK, &fields::page(&cx, *site, Some(&session), shown).await?)
}

/// POST `/sessions/{id}/edit`
#[handler]
pub async fn change_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let session = run(&cx, &id).await?;
    let shown = Shown::of(&form);
    if form.has("more") {
        let page = fields::page(&cx, *site, Some(&session), shown.with_another_date()).await?;
        return own_page(StatusCode::OK, &page);
    }
    let sectors = people::sectors(&cx).await?;
    let seen = form.get("revision").parse().ok();
    let changed = async {
        let mut tx = db.write(actor).await?;
        posting::change(&mut tx, *desk, session.id, draft_of(&form, &sectors), seen).await?;
        tx.commit().await
    };
    match changed.await {
        Ok(()) => Ok(back(&session, "changed")),
        Err(error) => {
            let status = status_of(&error);
            let shown = Shown { corrections: Corrections::of(error)?, ..shown };
            own_page(status, &fields::page(&cx, *site, Some(&session), shown).await?)
        }
    }
}

/// GET `/sessions/{id}/posting`
#[handler]
pub async fn posting_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let asked = parameters(request.uri().query().unwrap_or_default());
    let done = match asked.iter().find(|(name, _)| name == "done").map_or("", |(_, value)| value.as_str()) {
        "drafted" => "Saved as a draft.",
        "changed" => "Saved.",
        "submitted" => "Handed to your principal. A letter tells them.",
        "asked" => "The co-host is asked. A letter is on its way.",
        "withdrawn" => "It is a draft again.",
        "closed" => "Registration is closed. A later end of registration opens it again.",
        "postponed" => "Postponed. Seats stay. Give it a new date, then publish it again.",
        "cancelled" => "Cancelled. Everybody who wanted to come is told.",
        "go" => "Go. It takes place.",
        _ => "",
    };
    let view = PostingPage { done: done.to_owned(), ..PostingPage::default() };
    show(&db.cx(actor), *site, &id, view, StatusCode::OK).await
}

/// What a button of the posting page did: on to a page, or the page again with what to put right.
async fn acted(
    db: &Db,
    actor: Actor,
    site: &Site,
    id: &str,
    outcome: Result<String>,
    form: &Form,
) -> poem::Result<Response> {
    match outcome {
        Ok(to) => Ok(see_other(&to)),
        Err(error) => {
            let status = status_of(&error);
            let view = PostingPage {
                corrections: Corrections::of(error)?,
                cohost_typed: form.get("cohost").to_owned(),
                reason_typed: form.get("reason").to_owned(),
                ..PostingPage::default()
            };
            show(&db.cx(actor), site, id, view, status).await
        }
    }
}

/// A handler of one button.
macro_rules! button {
    ($(#[$doc:meta])* $name:ident, |$tx:ident, $desk:ident, $id:ident, $form:ident| $act:expr, $to:expr) => {
        $(#[$doc])*
        #[handler]
        pub async fn $name(
            SignedIn(actor): SignedIn,
            Path(reference): Path<String>,
            $form: Form,
            db: Data<&Db>,
            site: Data<&Site>,
            desk: Data<&Desk>,
        ) -> poem::Result<Response> {
            let outcome = async {
                let $id: SessionId = reference.parse().map_err(|_| Error::NotFound("session"))?;
                let $desk: &Desk = *desk;
                let mut tx = db.write(actor.clone()).await?;
                let $tx = &mut tx;
                let session: Session = $act.await?;
                tx.commit().await?;
                let to: fn(&Session) -> String = $to;
                Ok(to(&session))
            };
            let outcome = outcome.await;
            acted(&db, actor, *site, &reference, outcome, &$form).await
        }
    };
}

button!(
    /// POST `/sessions/{id}/submission`
    submit_view, |tx, desk, id, form| posting::submit(tx, desk, id), |session| to(session, "submitted")
);
button!(
    /// POST `/sessions/{id}/publication`
    publish_view, |tx, desk, id, form| posting::publish(tx, desk, id), |session| format!("/sessions/{}", session.id)
);
button!(
    /// POST `/sessions/{id}/draft`
    withdraw_view, |tx, _desk, id, form| posting::withdraw(tx, id), |session| to(session, "withdrawn")
);
/// POST `/sessions/{id}/removal`
#[handler]
pub async fn discard_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let outcome = async {
        let id: SessionId = reference.parse().map_err(|_| Error::NotFound("session"))?;
        let mut tx = db.write(actor.clone()).await?;
        posting::discard(&mut tx, id).await?;
        tx.commit().await?;
        Ok("/sessions".to_owned())
    };
    let outcome = outcome.await;
    acted(&db, actor, *site, &reference, outcome, &form).await
}

button!(
    /// POST `/sessions/{id}/cohost`
    cohost_view,
    |tx, desk, id, form| posting::ask_cohost(tx, desk, id, Some(form.get("cohost")).filter(|name| !name.is_empty())),
    |session| to(session, "asked")
);
button!(
    /// POST `/sessions/{id}/cancellation`
    cancel_view, |tx, desk, id, form| posting::cancel(tx, desk, id, form.get("reason")), |session| to(session, "cancelled")
);
button!(
    /// POST `/sessions/{id}/postponement`
    postpone_view,
    |tx, desk, id, form| posting::postpone(tx, desk, id, form.get("reason")),
    |session| to(session, "postponed")
);
button!(
    /// POST `/sessions/{id}/closing`
    close_view, |tx, _desk, id, form| posting::close(tx, id), |session| to(session, "closed")
);
button!(
    /// POST `/sessions/{id}/go`
    go_view, |tx, _desk, id, form| posting::go(tx, id), |session| to(session, "go")
);
button!(
    /// POST `/sessions/{id}/clone`
    clone_view,
    |tx, desk, id, form| posting::duplicate(tx, desk, id),
    |session| format!("/sessions/{}/edit", session.id)
);

/// GET `/sessions/{id}/cohost-consent`
#[handler]
pub async fn consent_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    ask(&db.cx(actor), *site, &id, Corrections::default(), StatusCode::OK).await
}

/// POST `/sessions/{id}/cohost-consent`
#[handler]
pub async fn answer_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let answered = async {
        let id: SessionId = reference.parse().map_err(|_| Error::NotFound("session"))?;
        let agreed = match form.get("agreed") {
            "yes" => true,
            "no" => false,
            _ => return Err(Error::invalid("agreed", "Agree or decline.")),
        };
        let mut tx = db.write(actor.clone()).await?;
        posting::consent(&mut tx, *desk, id, agreed).await?;
        tx.commit().await
    };
    match answered.await {
        Ok(()) => Ok(see_other(&format!("/sessions/{reference}/cohost-consent"))),
        Err(error) => {
            let status = status_of(&error);
            ask(&db.cx(actor), *site, &reference, Corrections::of(error)?, status).await
        }
    }
}

async fn ask(cx: &Cx, site: &Site, id: &str, corrections: Corrections, status: StatusCode) -> poem::Result<Response> {
    let (session, grounds) = crate::sessions::session(cx, id).await?;
    if !posting::may_answer(cx.actor(), &grounds) {
        return Err(Error::NotFound("session").into());
    }
    let names = Names::of(cx, &session).await?;
    let school = session.cohost.as_ref().map_or(String::new(), |party| names.party(party));
    let stands = match session.consent {
        Consent::GIVEN => "Your school agreed to co-host this session.",
        Consent::DECLINED => "Your school declined to co-host this session.",
        Consent::ASKED => "Your school is asked to co-host this session.",
        _ => "Nobody is asked to be co-host of this session now.",
    };
    let url = format!("/sessions/{}", session.id);
    let view = ConsentPage {
        chrome: chrome(site, &format!("Co-host: {}", session.title), &format!("{url}/cohost-consent")),
        corrections,
        kind: kind(&session),
        purpose: session.details.purpose.clone(),
        when: session.meetings.iter().map(schedule::when).collect(),
        host: names.party(&session.host),
        school,
        stands: stands.to_owned(),
        open: session.consent != Consent::NONE && !session.is_public(),
        public: session.is_public(),
        title: session.title,
        url,
    };
    own_page(status, &view)
}

/// The session, for those who change it.
async fn run(cx: &Cx, id: &str) -> Result<Session> {
    let (session, grounds) = crate::sessions::session(cx, id).await?;
    if posting::may_run(cx.actor(), &session, &grounds) { Ok(session) } else { Err(Error::NotFound("session")) }
}

fn to(session: &Session, done: &str) -> String {
    format!("/sessions/{}/posting?done={done}", session.id)
}

fn back(session: &Session, done: &str) -> Response {
    see_other(&to(session, done))
}

fn status_of(error: &Error) -> StatusCode {
    match error {
        Error::Conflict(_) | Error::Stale => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

fn chrome(site: &Site, title: &str, path: &str) -> crate::web::views::Chrome {
    let mut chrome = site.chrome(title, "", path);
    (chrome.section, chrome.noindex) = (Section::Sessions, true);
    chrome
}

fn kind(session: &Session) -> String {
    format!("{}, {}", session.format.label(), session.mode.label().to_lowercase())
}

/// Names of schools and sectors, for words.
struct Names {
    schools: std::collections::HashMap<SchoolId, School>,
    sectors: Vec<people::Sector>,
}

impl Names {
    async fn of(cx: &Cx, session: &Session) -> Result<Self> {
        Ok(Self { schools: people::schools(cx, &party_schools(session)).await?, sectors: people::sectors(cx).await? })
    }

    fn sector(&self, code: &str) -> String {
        self.sectors.iter().find(|sector| sector.code == code).map_or(code.to_owned(), |sector| sector.label.clone())
    }

    fn party(&self, party: &Party) -> String {
        let name = self.schools.get(&party.school).map_or("A school", |school| school.name.as_str());
        match &party.sector {
            Some(code) => format!("{name} ({})", self.sector(code)),
            None => format!("{name} (sector not known)"),
        }
    }
}

async fn show(cx: &Cx, site: &Site, id: &str, view: PostingPage, status: StatusCode) -> poem::Result<Response> {
    let standing = posting::standing(cx, id).await?;
    let names = Names::of(cx, &standing.session).await?;
    own_page(status, &page_of(cx, site, &standing, &names, view))
}

fn page_of(cx: &Cx, site: &Site, standing: &Standing, names: &Names, view: PostingPage) -> PostingPage {
    let Standing { session, grounds, .. } = standing;
    let url = format!("/sessions/{}", session.id);
    let status = session.status;
    let draft = matches!(status, SessionStatus::DRAFT | SessionStatus::SUBMITTED);
    let open = matches!(status, SessionStatus::PUBLISHED | SessionStatus::REGISTRATION_CLOSED);
    let publishes = posting::may_publish(cx.actor(), grounds);
    let check = |check: joint::Check| CheckRow {
        name: check.name.to_owned(),
        answer: check.holds.map_or("not yet", |holds| if holds { "yes" } else { "no" }).to_owned(),
        says: check.says.to_owned(),
    };
    let to_do = |error: &crate::platform::error::FieldError| ToDo {
        url: match error.field.as_str() {
            "cohost" => format!("{url}/posting#next"),
            field => format!("{url}/edit#{field}"),
        },
        says: error.message.clone(),
    };
    let mut elsewhere: Vec<String> = standing.conflicts.iter().map(conflict::Conflict::sentence).collect();
    if cx.actor().account() == Some(session.organizer.0) {
        elsewhere.extend(standing.booked.iter().map(conflict::Conflict::sentence));
    }
    PostingPage {
        chrome: chrome(site, &format!("Posting: {}", session.title), &format!("{url}/posting")),
        title: session.title.clone(),
        status: status.label().to_owned(),
        reason: session.reason.clone().unwrap_or_default(),
        public: session.is_public(),
        kind: kind(session),
        when: session.meetings.iter().map(schedule::when).collect(),
        host: names.party(&session.host),
        cohost: session.cohost.as_ref().map_or(String::new(), |party| names.party(party)),
        consent: session.consent.label().to_owned(),
        seats: seats(session),
        kept: kept(session, names),
        minimum: minimum(session),
        checks: joint::checks(session).into_iter().map(check).collect(),
        missing: standing.missing.iter().map(to_do).collect(),
        conflicts: elsewhere,
        may_edit: draft || session.is_live(),
        may_submit: status == SessionStatus::DRAFT && !publishes,
        may_publish: publishes && (draft || status == SessionStatus::POSTPONED) && standing.missing.is_empty(),
        may_ask: publishes && !session.is_public() && matches!(session.consent, Consent::NONE | Consent::DECLINED),
        may_consent: session.consent == Consent::ASKED && posting::may_answer(cx.actor(), grounds),
        may_go: publishes && open && session.decided_at.is_none(),
        may_close: status == SessionStatus::PUBLISHED,
        may_postpone: publishes && open,
        may_cancel: publishes && session.is_live(),
        may_discard: draft,
        may_withdraw: publishes && open && session.in_person.taken + session.online.taken == 0 && session.waited == 0,
        cohost_typed: match view.cohost_typed.is_empty() {
            true => session.cohost.as_ref().and_then(|party| names.schools.get(&party.school)),
            false => None,
        }
        .map_or(view.cohost_typed, |school| school.name.clone()),
        url,
        done: view.done,
        corrections: view.corrections,
        reason_typed: view.reason_typed,
    }
}

fn seats(session: &Session) -> String {
    let places = [(session.in_person, "in the room"), (session.online, "online")];
    let words = places
        .iter()
        .filter(|(places, _)| places.capacity > 0)
        .map(|(places, way)| format!("{} {way}, {} taken", places.capacity, places.taken));
    words.collect::<Vec<_>>().join("; ")
}

fn kept(session: &Session, names: &Names) -> String {
    let kept = session.kept.iter().filter(|(_, seats)| **seats > 0);
    let words: Vec<String> =
        kept.map(|(code, seats)| format!("{seats} {}", names.sector(code).to_lowercase())).collect();
    if words.is_empty() {
        return String::new();
    }
    let until =
        session.release_at.map_or(String::new(), |at| format!(" until {}", schedule::moment(at, session.zone())));
    format!("{}{until}", words.join(" and "))
}

fn minimum(session: &Session) -> String {
    let day = session.decide_on.map_or(String::new(), |day| format!(" Decided on {}.", day.format("%A, %B %-d, %Y")));
    match session.minimum {
        Some(minimum) => format!("At least {minimum} people.{day}"),
        None => day.trim().to_owned(),
    }
}

/// Whether the actor posts for more than schools that can be listed: an organization, or all.
fn types_host(actor: &Actor) -> bool {
    actor.person().is_some_and(|person| {
        let wide = |place: &Place| matches!(place, Place::Organization(_) | Place::Installation);
        person.grants.iter().any(|grant| wide(&grant.place) && matches!(grant.role, Role::Organizer | Role::CityAdmin))
    })
}

/// Schools of the actor.
fn own_schools(actor: &Actor) -> Vec<SchoolId> {
    let grants = actor.person().map(|person| person.grants.as_slice()).unwrap_or_default();
    let mut schools: Vec<SchoolId> = Vec::new();
    for grant in grants {
        if let Place::School(id) = grant.place
            && !schools.contains(&SchoolId(id))
        {
            schools.push(SchoolId(id));
        }
    }
    schools
}

/// Whether the actor keeps rooms of one of these schools: the first of them.
fn keeps_rooms(actor: &Actor, schools: &[SchoolId]) -> Option<SchoolId> {
    schools.iter().copied().find(|school| crate::sessions::room::keeps(actor, *school))
}
