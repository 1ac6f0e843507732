//! The survey (J-16): five statements and a line, for those who were there, within seven days. The answer is kept without the
//! person: its id is made of chance, it says the day alone, and that somebody answered is noted elsewhere. Those who run the
//! session read it from five answers on.

use chrono::{NaiveDate, TimeDelta};

use super::afterwards::{self, Kind};
use super::desk::Desk;
use super::link::{self, Errand};
use super::policy::Grounds;
use super::seat::{Registration, RegistrationId};
use super::session::{Session, SessionId};
use super::{policy, schedule, store};
use crate::mail::Letter;
use crate::people::AccountId;
use crate::platform::{Cx, Db, Error, Event, FieldErrors, Result, Timestamp, Tx, chance};

/// What people say how far it holds: 1 not at all, 5 fully.
pub const STATEMENTS: [&str; 5] = [
    "I left with something I can use.",
    "The time was used well.",
    "I worked with people of another sector.",
    "The day, the time and the place worked for me.",
    "I would come to another joint session.",
];

/// So long after the end it can be answered.
pub const OPEN: TimeDelta = TimeDelta::days(7);

/// Results are read from so many answers on.
pub const ENOUGH: usize = 5;

const COMMENT: usize = 1_000;

/// An answer; nobody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// 1 to 5 for each statement.
    pub marks: Vec<u8>,
    /// What else; empty says nothing.
    pub comment: String,
    /// On which day.
    pub on: NaiveDate,
}

/// Where somebody is with the survey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The session is not over.
    Early,
    /// They may answer.
    Open,
    /// They did.
    Done,
    /// Its seven days are over.
    Over,
    /// Nobody wrote down that they were there.
    Absent,
}

/// Somebody's registration with its session: their own, whatever they may see else. Six statements at most.
pub async fn own(cx: &Cx, id: RegistrationId) -> Result<(Session, Registration)> {
    let found = store::registrations::by_id(cx.conn(), id).await?;
    let registration = found.filter(|found| cx.actor().account() == Some(found.account.0));
    let registration = registration.ok_or(Error::NotFound("session"))?;
    let session = store::sessions::by_id(cx.conn(), registration.session).await?.ok_or(Error::NotFound("session"))?;
    Ok((session, registration))
}

/// The actor's registration for a session.
pub async fn own_of(cx: &Cx, session: SessionId) -> Result<RegistrationId> {
    let Some(account) = cx.actor().account() else { return Err(Error::SignInRequired) };
    let found = store::registrations::of_person(cx.conn(), session, AccountId(account)).await?;
    Ok(found.ok_or(Error::NotFound("session"))?.id)
}

/// Where somebody is with the survey. One statement.
pub async fn standing(cx: &Cx, session: &Session, registration: &Registration) -> Result<Standing> {
    let there = store::afterwards::was_there(cx.conn(), registration.id).await?;
    Ok(standing_of(session, registration, there, cx.now()))
}

fn standing_of(session: &Session, registration: &Registration, there: bool, now: Timestamp) -> Standing {
    let end = session.ends_at.filter(|_| session.is_public());
    match end {
        _ if registration.surveyed_at.is_some() => Standing::Done,
        Some(end) if end <= now && !there => Standing::Absent,
        Some(end) if end <= now && now < end + OPEN => Standing::Open,
        Some(end) if end <= now => Standing::Over,
        _ => Standing::Early,
    }
}

/// The actor answers. `marks` are texts as a form sends them, one for each statement.
pub async fn answer(tx: &mut Tx, id: RegistrationId, marks: &[String], comment: &str) -> Result<()> {
    let Some(account) = tx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    let found = store::registrations::by_id(tx.conn(), id).await?.filter(|found| found.account == account);
    let registration = found.ok_or(Error::NotFound("session"))?;
    let permit = policy::own(tx.actor(), registration.account)?;
    let found = store::sessions::by_id(tx.conn(), registration.session).await?;
    let session = found.ok_or(Error::NotFound("session"))?;
    let there = store::afterwards::was_there(tx.conn(), id).await?;
    match standing_of(&session, &registration, there, tx.now()) {
        Standing::Open => {}
        Standing::Done => return Err(Error::Conflict("You have answered already; thank you.".to_owned())),
        Standing::Early => return Err(Error::Conflict("Answer when the session is over.".to_owned())),
        Standing::Over => return Err(Error::Conflict("Answers were taken for seven days; they are over.".to_owned())),
        Standing::Absent => return Err(Error::Conflict(ABSENT.to_owned())),
    }
    let mut errors = FieldErrors::default();
    let mut said = Vec::new();
    for (at, statement) in STATEMENTS.iter().enumerate() {
        match marks.get(at).and_then(|mark| mark.trim().parse::<u8>().ok()).filter(|mark| (1..=5).contains(mark)) {
            Some(mark) => said.push(mark),
            None => errors.add(format!("q{}", at + 1), format!("Choose 1 to 5 for \"{statement}\"")),
        }
    }
    let comment = comment.trim();
    if comment.chars().count() > COMMENT {
        errors.add("comment", format!("Write up to {COMMENT} characters."));
    }
    errors.or(())?;
    // Two requests at once make one answer.
    if !store::afterwards::mark_surveyed(tx.conn(), id, tx.now()).await? {
        return Err(Error::Conflict("You have answered already; thank you.".to_owned()));
    }
    let on = session.zone().local(tx.now()).date();
    let answered = Answered { marks: said, comment: comment.to_owned(), on };
    let by_chance = uuid::Builder::from_random_bytes(chance::bytes()?).into_uuid();
    store::afterwards::insert_answer(tx.conn(), by_chance, session.id, &answered).await?;
    tx.record(&permit, Event::about("survey.answered", "registration", id.0)).await
}

/// What somebody reads whom nobody wrote down as present.
pub const ABSENT: &str = "The survey is for people who were there, and nobody wrote down that you were. \
    Ask the organizer to correct the attendance within five days of the session.";

/// What came of the survey.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// How many answered.
    pub answers: usize,
    /// Mean of each statement in tenths; empty below [`ENOUGH`].
    pub means: Vec<u32>,
    /// What people wrote; empty below [`ENOUGH`].
    pub comments: Vec<String>,
}

/// The results, for those who run the session. One statement.
pub async fn results(cx: &Cx, session: &Session, grounds: &Grounds) -> Result<Results> {
    if !policy::runs(cx.actor(), session, grounds) {
        return Err(Error::NotFound("page"));
    }
    Ok(results_of(store::afterwards::answers(cx.conn(), session.id).await?))
}

fn results_of(answers: Vec<Answered>) -> Results {
    let number = answers.len();
    if number < ENOUGH {
        return Results { answers: number, means: Vec::new(), comments: Vec::new() };
    }
    let mean = |at: usize| {
        let marks = || answers.iter().filter_map(|answer| answer.marks.get(at)).map(|mark| u32::from(*mark));
        let count = u32::try_from(marks().count()).unwrap_or(u32::MAX).max(1);
        // To the nearest tenth.
        (marks().sum::<u32>() * 20 + count) / (count * 2)
    };
    let means = (0..STATEMENTS.len()).map(mean).collect();
    let comments = answers.into_iter().map(|answer| answer.comment).filter(|comment| !comment.is_empty()).collect();
    Results { answers: number, means, comments }
}

/// Writes to those who were there, on the day of the session.
pub async fn due(db: &Db, desk: &Desk) -> Result<usize> {
    let kind = Kind {
        code: "survey",
        action: "survey.asked",
        after: TimeDelta::zero(),
        lasts: OPEN,
        practice: false,
        page: "survey",
    };
    let now = db.clock().now();
    afterwards::write(db, desk, &kind, |session, _, registration, reader| {
        let (end, to) = (session.ends_at?, reader.email.as_ref()?);
        if registration.surveyed_at.is_some() {
            return None;
        }
        let zone = session.zone();
        let path = link::path(&desk.secret, Errand::Survey, registration.id.0, registration.account, now);
        let subject = format!("How was it? {}, {}", session.title, schedule::day(end, zone));
        let letter =
            Letter::new("session_survey", format!("registration:{}:survey", registration.id), to.as_str(), subject);
        let letter = letter
            .say(format!("Thank you for coming to \"{}\". Five statements, one minute.", session.title))
            .button("Answer the survey", desk.head.link(&path))
            .say(format!(
                "Your answer is kept without your name, and shown with the others from five on. It is taken until {}.",
                schedule::moment(end + OPEN, zone)
            ))
            .because("You were at this session. The survey of each joint session goes once to everybody who was there.")
            .of(reader.id.0)
            .secret_until(end + OPEN);
        Some(letter)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(marks: &[u8]) -> Vec<Answered> {
        let on = NaiveDate::default();
        marks.iter().map(|mark| Answered { marks: vec![*mark; 5], comment: format!("{mark}"), on }).collect()
    }

    #[test]
    fn four_answers_say_nothing_and_five_do() {
        let few = results_of(answers(&[5, 5, 4, 1]));
        assert_eq!(few, Results { answers: 4, means: Vec::new(), comments: Vec::new() });
        let enough = results_of(answers(&[5, 5, 4, 1, 2]));
        assert_eq!((enough.answers, enough.means, enough.comments.len()), (5, vec![34; 5], 5));
        assert_eq!(results_of(answers(&[1, 1, 1, 1, 1, 2])).means, [12; 5]);
    }
}
