//! "Did you use it?" at 30 and 90 days (J-16): two clicks from the letter. A yes is what an adoption grows from.

use chrono::TimeDelta;
use serde_json::json;

use super::afterwards::{self, Kind};
use super::desk::Desk;
use super::link::{self, Errand};
use super::policy::Grounds;
use super::seat::{Registration, RegistrationId};
use super::session::Session;
use super::{policy, schedule, store};
use crate::mail::Letter;
use crate::people::AccountId;
use crate::platform::{Cx, Db, Error, Event, Result, Timestamp, Tx};

/// Days after the end on which it is asked.
pub const DAYS: [i32; 2] = [30, 90];

/// So long after it is asked it can be answered.
const OPEN: TimeDelta = TimeDelta::days(60);

/// So long the letter can still be written, for those who were marked as present late or a service that stood still.
const GRACE: TimeDelta = TimeDelta::days(14);

const NOTE: usize = 500;

/// What somebody says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// They use it.
    Yes,
    /// They mean to.
    NotYet,
    /// They do not.
    No,
}

impl Answer {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 3] = [Self::Yes, Self::NotYet, Self::No];

    /// As the form and the database spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::NotYet => "not_yet",
            Self::No => "no",
        }
    }

    /// The answer of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.code() == code)
    }

    /// As the buttons say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Yes => "Yes, I use it",
            Self::NotYet => "Not yet",
            Self::No => "No",
        }
    }
}

/// What somebody said about using a practice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Whether they do.
    pub answer: Answer,
    /// What else; empty says nothing.
    pub note: String,
}

/// Whether somebody can be asked about the practice now, with what they said so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// They may say it, and may have.
    Open(Option<Use>),
    /// It is not asked of them: they were not there, there is no practice, it is too early or too late.
    Closed,
}

/// Where somebody is with the question of a day. At most two statements.
pub async fn standing(cx: &Cx, session: &Session, registration: &Registration, day: i32) -> Result<Standing> {
    if !is_open(session, day, cx.now()) || !store::afterwards::was_there(cx.conn(), registration.id).await? {
        return Ok(Standing::Closed);
    }
    Ok(Standing::Open(store::afterwards::use_of(cx.conn(), registration.id, day).await?))
}

fn is_open(session: &Session, day: i32, now: Timestamp) -> bool {
    let asked = session.ends_at.map(|end| end + TimeDelta::days(i64::from(day)));
    let timely = asked.is_some_and(|asked| asked <= now && now < asked + OPEN);
    timely && session.practice.is_some() && DAYS.contains(&day)
}

/// The actor says whether they use the practice of a session they were at; said again, the last word counts.
pub async fn say(tx: &mut Tx, id: RegistrationId, day: i32, answer: &str, note: &str) -> Result<()> {
    let Some(account) = tx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    let found = store::registrations::by_id(tx.conn(), id).await?.filter(|found| found.account == account);
    let registration = found.ok_or(Error::NotFound("session"))?;
    let permit = policy::own(tx.actor(), registration.account)?;
    let found = store::sessions::by_id(tx.conn(), registration.session).await?;
    let session = found.ok_or(Error::NotFound("session"))?;
    if !is_open(&session, day, tx.now()) || !store::afterwards::was_there(tx.conn(), id).await? {
        return Err(Error::Conflict("This is not asked at the moment; nothing was kept.".to_owned()));
    }
    let answer = Answer::parse(answer).ok_or_else(|| Error::invalid("answer", "Choose one of the three answers."))?;
    let note = note.trim();
    if note.chars().count() > NOTE {
        return Err(Error::invalid("note", format!("Write up to {NOTE} characters.")));
    }
    let said = Use { answer, note: note.to_owned() };
    store::afterwards::keep_use(tx.conn(), id, day, &said, tx.now()).await?;
    tx.record(&permit, Event::about("practice_use.said", "registration", id.0).with(json!({ "day": day }))).await
}

/// How many said what at a day, for those who run the session. One statement.
pub async fn counts(cx: &Cx, session: &Session, grounds: &Grounds, day: i32) -> Result<Vec<(Answer, u64)>> {
    if !policy::runs(cx.actor(), session, grounds) {
        return Err(Error::NotFound("page"));
    }
    store::afterwards::use_counts(cx.conn(), session.id, day).await
}

/// Asks those who were there, at 30 and at 90 days.
pub async fn due(db: &Db, desk: &Desk) -> Result<usize> {
    let mut done = 0;
    let days = [(30, "use_30", "use/30", Errand::Use30), (90, "use_90", "use/90", Errand::Use90)];
    for (day, code, page, errand) in days {
        let after = TimeDelta::days(day);
        let kind = Kind { code, action: "practice_use.asked", after, lasts: GRACE, practice: true, page };
        let now = db.clock().now();
        done += afterwards::write(db, desk, &kind, |session, practice, registration, reader| {
            let (end, to, practice) = (session.ends_at?, reader.email.as_ref()?, practice?);
            let (title, on) = (&practice.record.title, schedule::day(end, session.zone()));
            let path = link::path(&desk.secret, errand, registration.id.0, registration.account, now);
            let event = format!("registration:{}:{code}", registration.id);
            let letter = Letter::new(
                "practice_use",
                event,
                to.as_str(),
                format!("Did you use it? {title}, seen on {on}"),
            )
            .say(format!("On {on} you were at \"{}\", which showed \"{title}\".", session.title))
            .say("Do you use it? Yes, not yet and no help others alike: they read what schools really take up.")
            .button("Say whether you use it", desk.head.link(&path))
            .because(
                "You were at this session. It is asked twice, 30 and 90 days after it, and never used for evaluation.",
            )
            .of(reader.id.0)
            .secret_until(end + after + OPEN);
            Some(letter)
        })
        .await?;
    }
    Ok(done)
}
