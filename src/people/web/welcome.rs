//! `/welcome`: the first visit, and again whenever somebody likes.

use std::sync::Arc;

use poem::http::StatusCode;
use poem::web::Data;
use poem::{Request, Response, handler};

use super::choose;
use crate::mail::Letterhead;
use crate::people::follow::{self, FollowKind};
use crate::people::membership::{self, Joined, MembershipState};
use crate::people::views::members::WelcomePage;
use crate::people::welcome::{self, Introduction};
use crate::people::{Account, AccountId, account, domain};
use crate::platform::vocabulary::{self, Term};
use crate::platform::{Actor, Cx, Db, Error, Result};
use crate::search::Search;
use crate::search::web::parameters;
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, own_page, safe_next, see_other};
use crate::web::views::{Choice, Section};

/// What stands in the form.
#[derive(Clone, Debug, Default)]
struct Typed {
    next: String,
    name: String,
    title: String,
    grades: Vec<String>,
    subjects: Vec<String>,
    topics: Vec<String>,
    query: String,
    school: String,
    /// "None of these" was chosen.
    none: bool,
}

impl Typed {
    fn of(form: &Form) -> Self {
        let get = |name: &str| form.get(name).to_owned();
        Self {
            next: get("next"),
            name: get("name"),
            title: get("title"),
            grades: form.all("grades"),
            subjects: form.all("subjects"),
            topics: form.all("topics"),
            query: get("school_q"),
            school: get("school"),
            none: form.has("school") && form.get("school").is_empty(),
        }
    }
}

/// GET `/welcome`
#[handler]
pub async fn welcome_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    search: Data<&Arc<Search>>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let person = person(&cx).await?;
    let asked = parameters(request.uri().query().unwrap_or_default());
    let get = |name: &str| {
        asked.iter().find(|(n, _)| n == name).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let follows = follow::follows_of(&cx, person.id).await?;
    let topics = follows.into_iter().filter(|follow| follow.kind == FollowKind::Topic).map(|follow| follow.target);
    let typed = Typed {
        next: get("next"),
        name: person.name.clone(),
        title: person.title.clone().unwrap_or_default(),
        grades: person.grades.clone(),
        subjects: person.subjects.clone(),
        topics: topics.collect(),
        query: get("school_q"),
        school: get("school"),
        none: false,
    };
    show(&cx, *search, *site, &person, typed, Corrections::default(), StatusCode::OK).await
}

/// POST `/welcome`
#[handler]
pub async fn welcomed_view(
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    search: Data<&Arc<Search>>,
    site: Data<&Site>,
    head: Data<&Arc<Letterhead>>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let person = person(&cx).await?;
    let typed = Typed::of(&form);
    if form.has("skip") {
        let mut tx = db.write(actor).await?;
        welcome::pass_over(&mut tx, person.id).await?;
        tx.commit().await?;
        return Ok(on(&typed.next, None));
    }
    if form.has("find") {
        return show(&cx, *search, *site, &person, typed, Corrections::default(), StatusCode::OK).await;
    }
    match introduce(&db, actor, *head, person.id, &typed).await {
        Ok(joined) => Ok(on(&typed.next, joined)),
        Err(error) => {
            let corrections = Corrections::of(error)?;
            show(&cx, *search, *site, &person, typed, corrections, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn introduce(db: &Db, actor: Actor, head: &Letterhead, id: AccountId, typed: &Typed) -> Result<Option<Joined>> {
    let school = match typed.school.as_str() {
        "" if !typed.query.is_empty() && !typed.none => {
            let sentence = "Press Find and choose your school, or take the name of the school out.";
            return Err(Error::invalid("school", sentence));
        }
        "" => None,
        chosen => Some(chosen.parse().map_err(|_| Error::invalid("school", "Choose a school of the list."))?),
    };
    let said = Introduction {
        name: typed.name.clone(),
        title: typed.title.clone(),
        grades: typed.grades.clone(),
        subjects: typed.subjects.clone(),
        topics: typed.topics.clone(),
        school,
    };
    let mut tx = db.write(actor).await?;
    let joined = welcome::introduce(&mut tx, head, id, said).await?;
    tx.commit().await?;
    Ok(joined)
}

/// Where the person wanted to go; else to their own page, which says what came of it.
fn on(next: &str, joined: Option<Joined>) -> Response {
    let next = safe_next(next);
    if next != "/" && !next.starts_with("/welcome") {
        return see_other(next);
    }
    see_other(match joined {
        Some(Joined::Member(_)) => "/me/places?done=joined",
        Some(Joined::Asked(_)) => "/me/places?done=asked",
        None => "/me",
    })
}

async fn show(
    cx: &Cx,
    search: &Search,
    site: &Site,
    person: &Account,
    typed: Typed,
    corrections: Corrections,
    status: StatusCode,
) -> poem::Result<Response> {
    let mut chrome = site.chrome("Welcome", "", "/welcome");
    (chrome.section, chrome.noindex) = (Section::Me, true);
    let mut school = choose::field(cx, search, person, &typed.query, &typed.school).await?;
    school.wrong = corrections.at("school").unwrap_or_default().to_owned();
    let view = WelcomePage {
        chrome,
        corrections,
        next: typed.next,
        first: person.welcomed_at.is_none(),
        name: typed.name,
        title: typed.title,
        places: places(cx, person.id).await?,
        school,
        grades: choices(vocabulary::terms("grade_band"), &typed.grades),
        subjects: choices(vocabulary::terms("subject"), &typed.subjects),
        topics: choices(vocabulary::terms("topic"), &typed.topics),
    };
    own_page(status, &view)
}

/// Where the person belongs already, in sentences.
async fn places(cx: &Cx, id: AccountId) -> Result<Vec<String>> {
    let all = membership::memberships_of(cx, id).await?;
    let open = |state: &MembershipState| matches!(state, MembershipState::Asked | MembershipState::Current);
    let all: Vec<_> = all.into_iter().filter(|m| open(&m.state)).collect();
    let names = domain::names(cx, all.iter().map(|m| m.grant.place)).await?;
    let mut sentences: Vec<String> = Vec::new();
    for membership in &all {
        let Some(place) = names.get(&membership.grant.place) else { continue };
        let sentence = match membership.state {
            MembershipState::Asked => format!("{} has not answered your request yet.", place.name),
            _ => format!("You belong to {}.", place.name),
        };
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    Ok(sentences)
}

fn choices(terms: &[Term], chosen: &[String]) -> Vec<Choice> {
    let choice = |term: &Term| Choice {
        value: term.code.clone(),
        label: term.label.clone(),
        selected: chosen.contains(&term.code),
    };
    terms.iter().map(choice).collect()
}

/// The account of whoever asks.
pub(super) async fn person(cx: &Cx) -> Result<Account> {
    let id = cx.actor().account().ok_or(Error::SignInRequired)?;
    account::account(cx, AccountId(id)).await
}
