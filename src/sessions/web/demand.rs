//! Demand before supply: asking for a session, and polls for a time.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use crate::catalog;
use crate::people;
use crate::platform::vocabulary::Topic;
use crate::platform::{Cx, Db, Error, Result, Zone};
use crate::search::{encode, web::parameters};
use crate::sessions::poll::{self, NewPoll, Poll, PollId, TIMES, Tally, Time};
use crate::sessions::session::Meeting;
use crate::sessions::views::demand::{AskPage, DemandRow, NewPollPage, PollPage, TimeField, TimeRow, WishRow};
use crate::sessions::wish::{self, Demand, NewWish, Subject, WishId};
use crate::sessions::{Desk, schedule};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Choice, Link, Section};

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/sessions/ask", resource().get(ask_view).post(wish_view)),
        ("/sessions/ask/:id/withdrawal", resource().post(withdraw_view)),
        ("/polls/new", resource().get(new_view)),
        ("/polls", resource().post(make_view)),
        ("/polls/:id", resource().get(poll_view).post(vote_view)),
    ]
}

/// Zones that the form offers; any other that is asked for is offered too.
const ZONES: [(&str, &str); 8] = [
    ("America/New_York", "Eastern (New York)"),
    ("America/Chicago", "Central (Chicago)"),
    ("America/Denver", "Mountain (Denver)"),
    ("America/Phoenix", "Arizona (Phoenix)"),
    ("America/Los_Angeles", "Pacific (Los Angeles)"),
    ("America/Anchorage", "Alaska (Anchorage)"),
    ("Pacific/Honolulu", "Hawaii (Honolulu)"),
    ("America/Puerto_Rico", "Puerto Rico"),
];

fn query(request: &Request) -> impl Fn(&str) -> String {
    let all = parameters(request.uri().query().unwrap_or_default());
    move |name: &str| all.iter().find(|(n, _)| n == name).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

/// GET `/sessions/ask`; `practice` or `topic` is chosen beforehand.
#[handler]
pub async fn ask_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let asked = query(request);
    let done = match asked("done").as_str() {
        "asked" => "Kept. You get a letter when a session on it is published, or when a school proposes times.",
        "withdrawn" => "Taken back.",
        _ => "",
    };
    let chosen = match (asked("practice"), asked("topic")) {
        (practice, _) if !practice.is_empty() => format!("practice:{practice}"),
        (_, topic) if !topic.is_empty() => format!("topic:{topic}"),
        _ => String::new(),
    };
    let new = NewWish { subject: chosen, ..NewWish::default() };
    let view = AskPage { done: done.to_owned(), ..AskPage::default() };
    show_ask(&db.cx(actor), *site, view, &new, StatusCode::OK).await
}

/// POST `/sessions/ask`
#[handler]
pub async fn wish_view(
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let get = |name| form.get(name).to_owned();
    let new = NewWish { subject: get("subject"), words: get("words"), school: get("school") };
    let made = async {
        // A practice that nobody may read is none.
        if let Some(subject @ Subject::Practice(_)) = Subject::parse(&new.subject) {
            let known = wish::names(&db.cx(actor.clone()), std::slice::from_ref(&subject)).await?;
            if known.is_empty() {
                return Err(Error::invalid("subject", "Choose a topic of the list."));
            }
        }
        let mut tx = db.write(actor.clone()).await?;
        wish::ask(&mut tx, new.clone()).await?;
        tx.commit().await
    };
    match made.await {
        Ok(()) => Ok(see_other("/sessions/ask?done=asked")),
        Err(error) => {
            let view = AskPage { corrections: Corrections::of(error)?, words: new.words.clone(), ..AskPage::default() };
            show_ask(&db.cx(actor), *site, view, &new, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// POST `/sessions/ask/{id}/withdrawal`
#[handler]
pub async fn withdraw_view(SignedIn(actor): SignedIn, Path(id): Path<String>, db: Data<&Db>) -> poem::Result<Response> {
    let id: WishId = id.parse().map_err(|_| Error::NotFound("wish"))?;
    let mut tx = db.write(actor).await?;
    wish::withdraw(&mut tx, id).await?;
    tx.commit().await?;
    Ok(see_other("/sessions/ask?done=withdrawn"))
}

async fn show_ask(cx: &Cx, site: &Site, view: AskPage, new: &NewWish, status: StatusCode) -> poem::Result<Response> {
    let mine = wish::mine(cx).await?;
    let demand = wish::demand(cx).await?;
    let mut named: Vec<Subject> = mine.iter().map(|wish| wish.subject.clone()).collect();
    let chosen = Subject::parse(&new.subject);
    named.extend(chosen.clone());
    let names = wish::names(cx, &named).await?;
    let posts = poll::proposes(cx.actor());
    let practices: Vec<_> = demand
        .iter()
        .filter_map(|row| match row.subject {
            Subject::Practice(id) => Some(id),
            Subject::Topic(_) => None,
        })
        .collect();
    let practices = catalog::practices(cx, &practices).await?;
    let row = |row: &Demand| {
        let practice = match &row.subject {
            Subject::Practice(id) => practices.get(id),
            Subject::Topic(_) => None,
        };
        let by: Vec<String> = row.by_sector.iter().map(|(sector, people)| format!("{sector} {people}")).collect();
        let noun = if row.people == 1 { "person" } else { "people" };
        let key = row.subject.key();
        DemandRow {
            name: row.name.clone(),
            url: practice.map_or_else(String::new, |practice| format!("/practices/{}", practice.slug)),
            people: format!("{} {noun} ({})", row.people, by.join(", ")),
            words: row.words.clone(),
            poll_url: if posts { format!("/polls/new?subject={}", encode(&key)) } else { String::new() },
            draft_url: if posts { format!("/sessions/new?{}", parameter(&row.subject)) } else { String::new() },
        }
    };
    // The practice somebody came from stands before the topics.
    let first = chosen.iter().filter(|subject| matches!(subject, Subject::Practice(_)));
    let first = first.filter_map(|subject| names.get(subject).map(|name| (subject.key(), name.clone())));
    let topics = Topic::all().map(|topic| (Subject::Topic(topic).key(), topic.label().to_owned()));
    let choice = |(value, label): (String, String)| Choice { selected: value == new.subject, value, label };
    let none = Choice { value: String::new(), label: "Choose a topic".to_owned(), selected: chosen.is_none() };
    let mut chrome = site.chrome("Ask for a session", "", "/sessions/ask");
    (chrome.section, chrome.noindex) = (Section::Sessions, true);
    let (schools, belongs) = own_schools(cx, &new.school).await?;
    let polls = poll::open(cx).await?;
    let view = AskPage {
        chrome,
        subjects: std::iter::once(none).chain(first.chain(topics).map(choice)).collect(),
        schools,
        belongs,
        mine: mine
            .iter()
            .filter_map(|wish| {
                let name = names.get(&wish.subject)?.clone();
                let since = format!("Since {}", schedule::day(wish.created_at, Zone::default()));
                Some(WishRow { id: wish.id.to_string(), name, since })
            })
            .collect(),
        demand: demand.iter().map(row).collect(),
        polls: polls
            .iter()
            .map(|poll| Link { text: poll.question.clone(), url: format!("/polls/{}", poll.id) })
            .collect(),
        ..view
    };
    own_page(status, &view)
}

/// What a new session begins with, for its form.
fn parameter(subject: &Subject) -> String {
    match subject {
        Subject::Topic(topic) => format!("topics={}", topic.code()),
        Subject::Practice(id) => format!("practice={id}"),
    }
}

/// The reader's schools to choose from, where there are several; and whether there is one.
async fn own_schools(cx: &Cx, chosen: &str) -> Result<(Vec<Choice>, bool)> {
    let ids = wish::schools_of(cx.actor());
    if ids.len() < 2 {
        return Ok((Vec::new(), !ids.is_empty()));
    }
    let found = people::schools(cx, &ids).await?;
    let choice = |id| {
        let school = found.get(id)?;
        let value = school.id.to_string();
        Some(Choice { selected: value == chosen, value, label: school.name.clone() })
    };
    Ok((ids.iter().filter_map(choice).collect(), true))
}

/// GET `/polls/new`; `subject` or `session` says what for.
#[handler]
pub async fn new_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let asked = query(request);
    let cx = db.cx(actor);
    let mut new = NewPoll {
        subject: asked("subject"),
        session: asked("session"),
        zone: Zone::default().name().to_owned(),
        times: vec![(String::new(), String::new(), String::new()); 4],
        ..NewPoll::default()
    };
    if let Some(name) = subject_name(&cx, &new.subject).await? {
        new.question = format!("A session on {name}");
    }
    show_new(&cx, *site, &new, Corrections::default(), StatusCode::OK).await
}

/// POST `/polls`
#[handler]
pub async fn make_view(
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let get = |name: &str| form.get(name).to_owned();
    let time = |n: usize| (get(&format!("day{n}")), get(&format!("start{n}")), get(&format!("end{n}")));
    let new = NewPoll {
        question: get("question"),
        school: get("school"),
        subject: get("subject"),
        session: get("session"),
        closes_on: get("closes_on"),
        zone: get("zone"),
        times: (1..=*TIMES.end()).map(time).collect(),
    };
    let made = async {
        let mut tx = db.write(actor.clone()).await?;
        let id = poll::make(&mut tx, *desk, new.clone()).await?;
        tx.commit().await?;
        Ok(id)
    };
    match made.await {
        Ok(id) => Ok(see_other(&format!("/polls/{id}?done=made"))),
        Err(error) => {
            let corrections = Corrections::of(error)?;
            show_new(&db.cx(actor), *site, &new, corrections, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn subject_name(cx: &Cx, key: &str) -> Result<Option<String>> {
    let Some(subject) = Subject::parse(key) else { return Ok(None) };
    Ok(wish::names(cx, std::slice::from_ref(&subject)).await?.remove(&subject))
}

async fn show_new(
    cx: &Cx,
    site: &Site,
    new: &NewPoll,
    corrections: Corrections,
    status: StatusCode,
) -> poem::Result<Response> {
    if !poll::proposes(cx.actor()) {
        return Err(Error::NotFound("page").into());
    }
    let session_title = match new.session.as_str() {
        "" => String::new(),
        id => crate::sessions::session(cx, id).await?.0.title,
    };
    let subject_name = subject_name(cx, &new.subject).await?;
    let mut zones: Vec<Choice> = ZONES
        .iter()
        .map(|(value, label)| Choice {
            value: (*value).to_owned(),
            label: (*label).to_owned(),
            selected: *value == new.zone,
        })
        .collect();
    if !new.zone.is_empty() && !zones.iter().any(|zone| zone.selected) {
        zones.push(Choice { value: new.zone.clone(), label: new.zone.clone(), selected: true });
    }
    let times = (1..=*TIMES.end()).map(|number| {
        let (day, start, end) = new.times.get(number - 1).cloned().unwrap_or_default();
        let wrong = corrections.at(&format!("day{number}")).unwrap_or_default().to_owned();
        TimeField { number, day, start, end, wrong }
    });
    let mut chrome = site.chrome("Propose times", "", "/polls/new");
    (chrome.section, chrome.noindex) = (Section::Sessions, true);
    let view = NewPollPage {
        chrome,
        question: new.question.clone(),
        subject: subject_name.as_ref().map_or_else(String::new, |_| new.subject.clone()),
        subject_name: subject_name.unwrap_or_default(),
        session: new.session.clone(),
        session_title,
        schools: own_schools(cx, &new.school).await?.0,
        closes_on: new.closes_on.clone(),
        zones,
        times: times.collect(),
        corrections,
    };
    own_page(status, &view)
}

/// GET `/polls/{id}`
#[handler]
pub async fn poll_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = match query(request)("done").as_str() {
        "made" => "Your times are proposed. Send the address of this page to whom you want to ask.",
        "voted" => "Kept. You can change it until the poll closes.",
        _ => "",
    };
    let view = PollPage { done: done.to_owned(), ..PollPage::default() };
    show_poll(&db.cx(actor), *site, &id, view, StatusCode::OK).await
}

/// POST `/polls/{id}`
#[handler]
pub async fn vote_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let poll: PollId = id.parse().map_err(|_| Error::NotFound("poll"))?;
    let last = i32::try_from(*TIMES.end()).unwrap_or_default();
    let answers: BTreeMap<i32, String> =
        (1..=last).map(|number| (number, form.get(&format!("t{number}")).to_owned())).collect();
    let voted = async {
        let mut tx = db.write(actor.clone()).await?;
        poll::vote(&mut tx, poll, &answers).await?;
        tx.commit().await
    };
    match voted.await {
        Ok(()) => Ok(see_other(&format!("/polls/{id}?done=voted"))),
        Err(error) => {
            let view = PollPage { corrections: Corrections::of(error)?, ..PollPage::default() };
            show_poll(&db.cx(actor), *site, &id, view, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn show_poll(cx: &Cx, site: &Site, id: &str, view: PollPage, status: StatusCode) -> poem::Result<Response> {
    let poll = poll::poll(cx, id).await?;
    let (tallies, own) = poll::standing(cx, &poll).await?;
    let school = people::schools(cx, &[poll.school]).await?.remove(&poll.school);
    let labels: BTreeMap<String, String> =
        people::sectors(cx).await?.into_iter().map(|sector| (sector.code, sector.label)).collect();
    // A draft is nobody else's.
    let own_draft = poll.session.is_none() || cx.actor().account() == Some(poll.account.0);
    let posts = own_draft && poll::proposes(cx.actor());
    let row = |(time, tally): (&Time, &Tally)| {
        let said = own.get(&time.number);
        TimeRow {
            number: time.number,
            when: when(time),
            counts: counts(tally, &labels),
            best: tally.best,
            answers: poll::Answer::ALL
                .iter()
                .map(|answer| Choice {
                    value: answer.code().to_owned(),
                    label: answer.label().to_owned(),
                    selected: said == Some(answer),
                })
                .collect(),
            draft_url: if posts && tally.best { draft_url(&poll, time) } else { String::new() },
        }
    };
    let open = poll.closes_at > cx.now();
    let best = poll.times.iter().zip(&tallies).find(|(_, tally)| tally.best);
    let result = match best {
        None => "Nobody has said when they could come.".to_owned(),
        Some((time, tally)) => {
            let how = if tally.joint { "people of two sectors can come" } else { "but people of one sector alone" };
            format!("{}: {}; {how}.", if open { "Best so far" } else { "Best time" }, when(time))
        }
    };
    let mut chrome = site.chrome(&poll.question, "", &format!("/polls/{}", poll.id));
    (chrome.section, chrome.noindex) = (Section::Sessions, true);
    let zone = poll.times.first().map(|time| time.zone).unwrap_or_default();
    let view = PollPage {
        chrome,
        url: format!("/polls/{}", poll.id),
        question: poll.question.clone(),
        school: school.map_or_else(String::new, |school| school.name),
        closes: schedule::moment(poll.closes_at, zone),
        open,
        result,
        times: poll.times.iter().zip(&tallies).map(row).collect(),
        ..view
    };
    own_page(status, &view)
}

/// A proposed time in the words in which sessions speak of theirs.
fn when(time: &Time) -> String {
    schedule::when(&Meeting {
        number: time.number,
        starts_local: time.starts_local,
        ends_local: time.ends_local,
        zone: time.zone,
        starts_at: time.zone.moment_near(time.starts_local),
        ends_at: time.zone.moment_near(time.ends_local),
        room: None,
        address: None,
        online_url: None,
        code: None,
    })
}

fn counts(tally: &Tally, labels: &BTreeMap<String, String>) -> String {
    let list = |counts: &BTreeMap<String, usize>| {
        let label = |code: &String| match labels.get(code) {
            Some(label) => label.clone(),
            None if code.is_empty() => "sector not stated".to_owned(),
            None => code.clone(),
        };
        counts.iter().map(|(code, count)| format!("{} {count}", label(code))).collect::<Vec<_>>().join(", ")
    };
    let parts = [("Yes", &tally.yes), ("If needed", &tally.if_needed)];
    let said: Vec<String> = parts
        .iter()
        .filter(|(_, counts)| !counts.is_empty())
        .map(|(word, counts)| format!("{word}: {}.", list(counts)))
        .collect();
    if said.is_empty() { "Nobody yet.".to_owned() } else { said.join(" ") }
}

/// The form of a new session, with the time and what it is about, by the names of its fields.
fn draft_url(poll: &Poll, time: &Time) -> String {
    if let Some(session) = poll.session {
        return format!("/sessions/{session}/edit");
    }
    let clock = |at: NaiveDateTime| at.format("%H:%M").to_string();
    let mut url = format!(
        "/sessions/new?meetings/1/date={}&meetings/1/starts_at={}&meetings/1/ends_at={}&zone={}&title={}",
        time.starts_local.date(),
        encode(&clock(time.starts_local)),
        encode(&clock(time.ends_local)),
        encode(time.zone.name()),
        encode(&poll.question)
    );
    if let Some(subject) = &poll.subject {
        url.push_str(&format!("&{}", parameter(subject)));
    }
    url
}
