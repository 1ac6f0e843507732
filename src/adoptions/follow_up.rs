//! "How is it going?" 30, 90 and 365 days after a pilot began: two clicks from the letter, each asked once, never after a stop.

use chrono::{NaiveDate, TimeDelta};
use serde_json::json;

use super::{policy, store};
use crate::catalog::adoption::{self, Adoption, Looked, Told};
use crate::catalog::{self, AdoptionId, Practice, guard};
use crate::mail::Letter;
use crate::notices::{self, Notice, Topic};
use crate::people::account::{self, Account, AccountState};
use crate::people::errand::{self, Errand};
use crate::people::{self, AccountId, School, membership};
use crate::platform::ids::typed_id;
use crate::platform::vocabulary::{AdoptionStage, PracticeStatus, StopReason};
use crate::platform::{Actor, Cx, Db, Error, Event, FieldErrors, Place, Result, Timestamp, Tx};
use crate::sessions::Desk;

typed_id!(
    /// A follow-up.
    FollowUpId
);

/// What the link of its letter is for: `/r/follow-up/{token}`.
#[derive(Clone, Copy, Debug)]
pub struct Asking;

impl Errand for Asking {
    fn purpose(self) -> String {
        "errand:follow-up".to_owned()
    }

    fn base(self) -> String {
        "/r/follow-up/".to_owned()
    }
}

/// Days after a pilot began on which it is asked.
pub const DAYS: [i32; 3] = [30, 90, 365];

/// A school that puts an old pilot on record is not asked about a day longer ago than this.
const GRACE: i64 = 14;

/// So long after it is asked it can be answered.
pub const OPEN: TimeDelta = TimeDelta::days(60);

/// Characters of an answer.
pub const WORDS: usize = 1_000;

/// What a school says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is used as before.
    StillUsing,
    /// It is used, and something changed.
    Changed,
    /// It is not used any more.
    Stopped,
}

impl Answer {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 3] = [Self::StillUsing, Self::Changed, Self::Stopped];

    /// As the form and the database spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::StillUsing => "still_using",
            Self::Changed => "changed",
            Self::Stopped => "stopped",
        }
    }

    /// The answer of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.code() == code)
    }

    /// As the buttons say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::StillUsing => "Still using it",
            Self::Changed => "Using it, with changes",
            Self::Stopped => "We stopped",
        }
    }
}

/// A question to a school, and what it said.
#[derive(Clone, Debug, PartialEq)]
pub struct FollowUp {
    /// Its id.
    pub id: FollowUpId,
    /// About which adoption.
    pub adoption: AdoptionId,
    /// Days after the pilot began: 30, 90 or 365.
    pub day: i32,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// What the school said; `None` has not answered.
    pub answer: Option<Answer>,
    /// In its own words; empty says nothing.
    pub note: String,
    /// Who answered.
    pub answered_by: Option<AccountId>,
    /// When.
    pub answered_at: Option<Timestamp>,
}

impl FollowUp {
    /// Whether it can be answered at a moment.
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.asked_at + OPEN
    }
}

/// The follow-ups of an adoption, in their order. One statement.
pub async fn of_adoption(cx: &Cx, adoption: AdoptionId) -> Result<Vec<FollowUp>> {
    store::follow_ups(cx.conn(), adoption).await
}

/// A follow-up for somebody of the school; for others there is none. Five statements.
pub async fn own(cx: &Cx, id: FollowUpId) -> Result<(FollowUp, Adoption, School)> {
    let found = store::follow_up(cx.conn(), id).await?.ok_or(Error::NotFound("page"))?;
    let adoption = adoption::adoption(cx, found.adoption).await?;
    let school = people::schools(cx, &[adoption.school]).await?.remove(&adoption.school);
    let school = school.filter(|school| policy::belongs(cx.actor(), school.id)).ok_or(Error::NotFound("page"))?;
    Ok((found, adoption, school))
}

/// What somebody answers.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// `still_using`, `changed` or `stopped`.
    pub answer: String,
    /// Why it stopped: a code of `stop_reason`.
    pub reason: String,
    /// In their own words.
    pub note: String,
    /// That the words are about no student, after they were asked about.
    pub no_student: bool,
}

/// Somebody of the school answers; said again, the last word counts. A stop is a step of the adoption; after a year a yes is one
/// too: that is what "sustained" means.
pub async fn answer(tx: &mut Tx, id: FollowUpId, said: &Said) -> Result<()> {
    let found = store::follow_up(tx.conn(), id).await?.ok_or(Error::NotFound("page"))?;
    let adoption = adoption::adoption_held(tx, found.adoption).await?;
    let school = people::schools_in(tx, &[adoption.school]).await?.remove(&adoption.school);
    let school = school.ok_or(Error::NotFound("page"))?;
    if !tx.actor().is_system() && !policy::belongs(tx.actor(), school.id) {
        return Err(Error::NotFound("page"));
    }
    let permit = policy::work(tx.actor(), school.id)?;
    if adoption.stage == AdoptionStage::STOPPED {
        return Err(Error::Conflict(
            "This practice is on record as stopped; nothing more is asked about it.".to_owned(),
        ));
    }
    if !found.is_open(tx.now()) {
        return Err(Error::Conflict("This was asked longer ago; change the adoption itself.".to_owned()));
    }
    let answer =
        Answer::parse(&said.answer).ok_or_else(|| Error::invalid("answer", "Choose one of the three answers."))?;
    let note = said.note.replace("\r\n", "\n").trim().to_owned();
    if note.chars().count() > WORDS || note.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Error::invalid("note", format!("Write up to {WORDS} characters.")));
    }
    let mut errors = FieldErrors::default();
    guard::ask(&mut errors, "note", &note, said.no_student);
    errors.or(())?;
    if answer == Answer::Changed && note.is_empty() {
        return Err(Error::invalid("note", "Say in a few words what you changed."));
    }
    let today = tx.now().date_naive();
    let mut told = Told::of(&adoption);
    match answer {
        Answer::Stopped => {
            let reason =
                StopReason::parse(&said.reason).map_err(|_| Error::invalid("reason", "Say why you stopped."))?;
            (told.stage, told.since, told.stopped_reason) = (AdoptionStage::STOPPED, today, Some(reason));
            adoption::tell(tx, adoption.id, told, None).await?;
        }
        Answer::StillUsing | Answer::Changed
            if found.day == 365 && adoption.is_use() && adoption.stage != AdoptionStage::SUSTAINED =>
        {
            (told.stage, told.since) = (AdoptionStage::SUSTAINED, today);
            adoption::tell(tx, adoption.id, told, None).await?;
        }
        Answer::StillUsing | Answer::Changed => {}
    }
    let answered_by = tx.actor().account().map(AccountId);
    let after = FollowUp { answer: Some(answer), note, answered_by, answered_at: Some(tx.now()), ..found };
    store::update_follow_up(tx.conn(), &after).await?;
    let detail = json!({ "day": after.day, "answer": answer.code() });
    tx.record(&permit, Event::about("adoption.followed_up", "adoption", adoption.id.0).with(detail)).await
}

/// What is to be asked on a day, and when to look again.
fn due(piloted_on: NaiveDate, asked_day: i32, today: NaiveDate) -> (Option<i32>, Option<NaiveDate>) {
    let mut ask = None;
    for day in DAYS.into_iter().filter(|day| *day > asked_day) {
        let on = piloted_on + TimeDelta::days(day.into());
        if on > today {
            return (ask, Some(on));
        }
        if (today - on).num_days() <= GRACE {
            ask = Some(day);
        }
    }
    (ask, None)
}

/// Looks at an adoption whose day has come: asks what is due, and tells of a newer version. Whether there was something to say.
async fn look(tx: &mut Tx, desk: &Desk, id: AdoptionId) -> Result<bool> {
    let permit = policy::keep_time(tx.actor())?;
    let today = tx.now().date_naive();
    let adoption = adoption::adoption_held(tx, id).await?;
    if adoption.look_on.is_none_or(|on| on > today) {
        return Ok(false);
    }
    let practice = catalog::practice_in(tx, &adoption.practice.to_string()).await?;
    let school = people::schools_in(tx, &[adoption.school]).await?.remove(&adoption.school);
    let (ask, again_on) = match adoption.piloted_on.filter(|_| adoption.is_use()) {
        Some(piloted_on) => due(piloted_on, adoption.asked_day, today),
        None => (None, None),
    };
    let mut looked = Looked { again_on, asked_day: adoption.asked_day, told_version: adoption.told_version };
    let mut said = false;
    if let (Some(practice), Some(school)) = (practice, school) {
        let readers = readers(tx, &adoption, &school).await?;
        if ask.is_some() && readers.is_empty() {
            // Nobody of the school is here today; perhaps tomorrow.
            looked.again_on = Some(today + TimeDelta::days(1));
        } else if let Some(day) = ask {
            looked.asked_day = day;
            if ask_about(tx, desk, &About { adoption: &adoption, practice: &practice, school: &school }, day, &readers)
                .await?
            {
                let detail = json!({ "day": day, "people": readers.len() });
                tx.record(&permit, Event::about("adoption.asked", "adoption", id.0).with(detail)).await?;
                said = true;
            }
        }
        let known = adoption.version.max(adoption.told_version);
        let lives = adoption.stage != AdoptionStage::STOPPED && practice.status != PracticeStatus::RETIRED;
        if lives && practice.version > known {
            looked.told_version = practice.version;
            tell_of_version(tx, desk, &About { adoption: &adoption, practice: &practice, school: &school }, &readers)
                .await?;
            let detail = json!({ "version": practice.version, "people": readers.len() });
            tx.record(&permit, Event::about("adoption.version_told", "adoption", id.0).with(detail)).await?;
            said = true;
        }
    }
    adoption::looked(tx, &adoption, looked).await?;
    Ok(said)
}

struct About<'a> {
    adoption: &'a Adoption,
    practice: &'a Practice,
    school: &'a School,
}

/// Who hears of it: who put it on record, while they belong to the school; otherwise who leads the school.
async fn readers(tx: &Tx, adoption: &Adoption, school: &School) -> Result<Vec<Account>> {
    if let Some(account) = adoption.logged_by {
        let found = account::accounts_in(tx, &[account]).await?.remove(&account);
        let place = Place::School(school.id.0);
        if let Some(found) = found.filter(|found| found.state == AccountState::Active)
            && membership::held(tx, account).await?.iter().any(|grant| grant.place == place)
        {
            return Ok(vec![found]);
        }
    }
    let (principals, delegates) = membership::leads_of(tx, school.id).await?;
    Ok(if principals.is_empty() { delegates } else { principals })
}

async fn ask_about(tx: &mut Tx, desk: &Desk, about: &About<'_>, day: i32, readers: &[Account]) -> Result<bool> {
    let now = tx.now();
    let asked = FollowUp {
        id: FollowUpId::fresh(),
        adoption: about.adoption.id,
        day,
        asked_at: now,
        answer: None,
        note: String::new(),
        answered_by: None,
        answered_at: None,
    };
    if !store::ask(tx.conn(), &asked).await? {
        return Ok(false);
    }
    let (title, school) = (&about.practice.record.title, &about.school.name);
    let since = about.adoption.piloted_on.map(|on| on.format("%B %-d, %Y").to_string()).unwrap_or_default();
    for reader in readers {
        let Some(to) = reader.email.as_ref() else { continue };
        let path = errand::path(&desk.secret, Asking, asked.id.0, reader.id, now);
        let event = format!("adoption:{}:day:{day}", about.adoption.id);
        let why = if about.adoption.logged_by == Some(reader.id) {
            "You put it on record for your school."
        } else {
            "You lead this school, which has it on record."
        };
        let letter = Letter::new("adoption_follow_up", event.clone(), to.as_str(), format!("{day} days on: {title}"))
            .say(format!("On {since} {school} began to try \"{title}\"."))
            .say("How is it going? Still using it, changed and stopped help others alike: it takes two clicks.")
            .button("Say how it is going", desk.head.link(&path))
            .because(format!("{why} It is asked 30, 90 and 365 days after a pilot begins, and never after a stop."))
            .of(reader.id.0)
            .secret_until(now + OPEN);
        let notice = Notice {
            account: reader.id,
            topic: Topic::Adoptions,
            event,
            about: ("adoption", about.adoption.id.0),
            line: format!("How is it going with \"{title}\"?"),
            path: format!("/follow-ups/{}", asked.id),
            letter: Some(letter),
        };
        notices::tell(tx, &desk.postroom(), notice).await?;
    }
    Ok(true)
}

async fn tell_of_version(tx: &mut Tx, desk: &Desk, about: &About<'_>, readers: &[Account]) -> Result<()> {
    let (title, version) = (&about.practice.record.title, about.practice.version);
    let path = format!("/adoptions/{}", about.adoption.id);
    for reader in readers {
        let Some(to) = reader.email.as_ref() else { continue };
        let event = format!("adoption:{}:version:{version}", about.adoption.id);
        let letter = Letter::new(
            "adoption_version",
            event.clone(),
            to.as_str(),
            format!("Changed since you adopted it: {title}"),
        )
        .say(format!(
            "\"{title}\" has a version {version}. {} uses version {}.",
            about.school.name, about.adoption.version
        ))
        .say("See what changed, and whether you want to take it over.")
        .button("See what changed", desk.head.link(&path))
        .because("Your school has this practice on record.")
        .of(reader.id.0);
        let notice = Notice {
            account: reader.id,
            topic: Topic::Adoptions,
            event,
            about: ("adoption", about.adoption.id.0),
            line: format!("\"{title}\" changed since you adopted it: version {version}"),
            path: path.clone(),
            letter: Some(letter),
        };
        notices::tell(tx, &desk.postroom(), notice).await?;
    }
    Ok(())
}

/// Adoptions of one look; the next second takes the rest.
const BATCH: u64 = 50;

/// Looks at every adoption whose day has come, each in a transaction of its own, and says of how many there was something to say.
/// One that cannot be looked at is logged, and the others go on.
pub async fn look_at_all(db: &Db, desk: &Desk) -> Result<usize> {
    let cx = db.cx(Actor::System("adoptions"));
    let mut done = 0;
    for id in adoption::to_look_at(&cx, cx.now().date_naive(), BATCH).await? {
        match look_at(db, desk, id).await {
            Ok(said) => done += usize::from(said),
            Err(error) => tracing::error!(%error, adoption = %id, "an adoption cannot be looked at"),
        }
    }
    Ok(done)
}

async fn look_at(db: &Db, desk: &Desk, id: AdoptionId) -> Result<bool> {
    let mut tx = db.write(Actor::System("adoptions")).await?;
    let said = look(&mut tx, desk, id).await?;
    tx.commit().await?;
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn each_day_is_asked_about_in_its_time() {
        let began = day("2026-01-01");
        let at = |asked, today: &str| due(began, asked, day(today));
        assert_eq!(at(0, "2026-01-30"), (None, Some(day("2026-01-31"))));
        assert_eq!(at(0, "2026-01-31"), (Some(30), Some(day("2026-04-01"))));
        assert_eq!(at(30, "2026-01-31"), (None, Some(day("2026-04-01"))), "each once");
        assert_eq!(at(0, "2026-02-14"), (Some(30), Some(day("2026-04-01"))));
        assert_eq!(at(0, "2026-02-15"), (None, Some(day("2026-04-01"))), "too long ago");
        assert_eq!(at(30, "2027-01-01"), (Some(365), None));
        assert_eq!(at(365, "2027-01-01"), (None, None));
        assert_eq!(at(0, "2030-01-01"), (None, None));
    }
}
