//! Proposing times (J-15): a school that would invite asks when people could come, and draws up the session for the time at
//! which most of two sectors can.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use serde_json::json;

use super::desk::Desk;
use super::session::SessionId;
use super::wish::Subject;
use super::{policy, store, wish};
use crate::mail::{Letter, Priority};
use crate::notices::{self, Notice, Topic};
use crate::people::account::{self, AccountState};
use crate::people::{AccountId, School, SchoolId};
use crate::platform::ids::typed_id;
use crate::platform::{Actor, Cx, Error, Event, FieldErrors, Result, Timestamp, Tx, Zone};

typed_id!(
    /// A poll for a time.
    PollId
);

/// How many times a poll may propose.
pub const TIMES: std::ops::RangeInclusive<usize> = 2..=8;

/// A poll is open for so many days at most.
const DAYS: i64 = 60;

const QUESTION: usize = 200;

/// What somebody says to a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// They can come.
    Yes,
    /// They can if nothing else works.
    IfNeeded,
    /// They cannot.
    No,
}

impl Answer {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 3] = [Self::Yes, Self::IfNeeded, Self::No];

    /// As the form and the database spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::IfNeeded => "if_needed",
            Self::No => "no",
        }
    }

    /// The answer of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.code() == code)
    }

    /// As pages say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Yes => "Yes",
            Self::IfNeeded => "If needed",
            Self::No => "No",
        }
    }
}

/// A proposed time, as the clock on the wall there says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Time {
    /// 1, 2, 3 in the order of the form.
    pub number: i32,
    /// Start.
    pub starts_local: NaiveDateTime,
    /// End.
    pub ends_local: NaiveDateTime,
    /// Where that wall is.
    pub zone: Zone,
}

/// A poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poll {
    /// Its id.
    pub id: PollId,
    /// Who asks.
    pub account: AccountId,
    /// For which school.
    pub school: SchoolId,
    /// The draft it is for.
    pub session: Option<SessionId>,
    /// What people asked for.
    pub subject: Option<Subject>,
    /// What is asked.
    pub question: String,
    /// Until when.
    pub closes_at: Timestamp,
    /// Since when.
    pub created_at: Timestamp,
    /// The times.
    pub times: Vec<Time>,
}

/// What somebody says to one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    /// Number of the time.
    pub number: i32,
    /// Who.
    pub account: AccountId,
    /// Code of their school's sector.
    pub sector: Option<String>,
    /// What.
    pub answer: Answer,
}

/// A poll to make, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct NewPoll {
    /// What is asked.
    pub question: String,
    /// Which of the person's schools; needed where there are several.
    pub school: String,
    /// Key of a [`Subject`]; empty is none.
    pub subject: String,
    /// Id of a draft; empty is none.
    pub session: String,
    /// Last day of the poll: `2026-11-02`.
    pub closes_on: String,
    /// Zone of the times.
    pub zone: String,
    /// Day, start and end of each: `2026-11-14`, `09:00`, `12:00`; all empty is none.
    pub times: Vec<(String, String, String)>,
}

/// How a time stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Yes, by code of the sector.
    pub yes: BTreeMap<String, usize>,
    /// If needed, by code of the sector.
    pub if_needed: BTreeMap<String, usize>,
    /// Whether people of two sectors can come.
    pub joint: bool,
    /// Whether it is the best.
    pub best: bool,
}

impl Tally {
    fn weight(&self) -> (bool, usize, usize) {
        let (yes, if_needed): (usize, usize) = (self.yes.values().sum(), self.if_needed.values().sum());
        (self.joint, yes * 2 + if_needed, yes)
    }
}

/// How each time stands, in their order. The best is of two sectors where one is; a yes counts twice an "if needed"; of equal
/// ones the first. Nobody's time is the best.
pub fn tally(times: &[Time], votes: &[Vote]) -> Vec<Tally> {
    let of = |time: &Time| {
        let mut tally = Tally::default();
        let mut sectors = BTreeSet::new();
        for vote in votes.iter().filter(|vote| vote.number == time.number) {
            let counts = match vote.answer {
                Answer::Yes => &mut tally.yes,
                Answer::IfNeeded => &mut tally.if_needed,
                Answer::No => continue,
            };
            *counts.entry(vote.sector.clone().unwrap_or_default()).or_default() += 1;
            sectors.extend(vote.sector.as_deref());
        }
        tally.joint = sectors.len() >= 2;
        tally
    };
    let mut all: Vec<Tally> = times.iter().map(of).collect();
    let best = all.iter().map(Tally::weight).max().filter(|(_, weight, _)| *weight > 0);
    if let Some(first) = all.iter_mut().find(|tally| Some(tally.weight()) == best) {
        first.best = true;
    }
    all
}

/// Whether the actor may propose times somewhere.
pub fn proposes(actor: &Actor) -> bool {
    use crate::platform::Role::{Delegate, Organizer, Principal};
    let posts = |role| matches!(role, Principal | Delegate | Organizer);
    actor.person().is_some_and(|person| person.grants.iter().any(|grant| posts(grant.role)))
}

/// Proposes times: for a draft, by whoever changes it; for a school or a subject, by whoever posts for the school. Who waits for
/// the subject gets a letter.
pub async fn make(tx: &mut Tx, desk: &Desk, new: NewPoll) -> Result<PollId> {
    let Some(account) = tx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    let session: Option<SessionId> = match new.session.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| Error::NotFound("session"))?),
    };
    let (permit, school) = match session {
        Some(id) => {
            let (session, grounds) = super::held(tx, id).await?;
            let permit = policy::change(tx.actor(), &session, &grounds)?;
            // A subject writes to everybody who asked for it, whoever drafted the session.
            let permit = match new.subject.as_str() {
                "" => permit,
                _ => policy::propose_times(tx.actor(), &grounds.host)?,
            };
            (permit, session.host.school)
        }
        None => {
            let school: School = wish::school_of(tx, &new.school).await?;
            (policy::propose_times(tx.actor(), &policy::places_of(&school))?, school.id)
        }
    };
    let mut poll = parse(&new, tx.now())?;
    (poll.account, poll.school, poll.session) = (account, school, session);
    if let Some(subject) = &poll.subject
        && is_asked(tx, school, subject).await?
    {
        let message = "Your school asks for times for this already; wait until that poll closes.";
        return Err(Error::Conflict(message.to_owned()));
    }
    store::wishes::insert_poll(tx.conn(), &poll).await?;
    let told = tell(tx, desk, &poll).await?;
    let detail = json!({ "school": school, "times": poll.times.len(), "told": told });
    tx.record(&permit, Event::about("poll.made", "poll", poll.id.0).with(detail)).await?;
    Ok(poll.id)
}

/// Whether a poll of the school on a subject is open: those who wait for it are not asked twice.
async fn is_asked(tx: &Tx, school: SchoolId, subject: &Subject) -> Result<bool> {
    let mut after = tx.now();
    loop {
        let page = store::wishes::open_polls(tx.conn(), after).await?;
        let Some(last) = page.last().map(|poll| poll.closes_at) else { return Ok(false) };
        if page.iter().any(|poll| poll.school == school && poll.subject.as_ref() == Some(subject)) {
            return Ok(true);
        }
        // A page may end among polls that close together: these are read again with the next, unless they are all of it.
        let before = last - TimeDelta::milliseconds(1);
        after = if before > after { before } else { last };
    }
}

/// Reads what was typed; every mistake at once.
fn parse(new: &NewPoll, now: Timestamp) -> Result<Poll> {
    let mut errors = FieldErrors::default();
    let question = new.question.split_whitespace().collect::<Vec<_>>().join(" ");
    if question.is_empty() || question.chars().count() > QUESTION || question.contains(char::is_control) {
        errors.add("question", format!("Say in 1 to {QUESTION} characters what the session would be."));
    }
    let subject = Subject::parse(&new.subject);
    if subject.is_none() && !new.subject.is_empty() {
        errors.add("subject", "Choose a topic of the list.");
    }
    let zone = Zone::parse(&new.zone);
    if zone.is_err() {
        errors.add("zone", "Choose a time zone like America/New_York.");
    }
    let zone = zone.unwrap_or_default();
    let mut times: Vec<Time> = Vec::new();
    for (at, (day, start, end)) in new.times.iter().enumerate() {
        if [day, start, end].iter().all(|text| text.is_empty()) {
            continue;
        }
        match time(day, start, end, zone) {
            Ok((starts_local, ends_local)) => {
                let number = i32::try_from(times.len() + 1).unwrap_or(i32::MAX);
                times.push(Time { number, starts_local, ends_local, zone });
            }
            Err(message) => errors.add(format!("day{}", at + 1), message),
        }
    }
    if errors.is_empty() && !TIMES.contains(&times.len()) {
        errors.add("day1", format!("Propose {} to {} times.", TIMES.start(), TIMES.end()));
    }
    let closes = new.closes_on.parse::<NaiveDate>().ok().and_then(|day| day.checked_add_days(Days::new(1)));
    let closes_at = closes.map(|day| zone.moment_near(day.and_time(NaiveTime::MIN)));
    let first = times.iter().map(|time| zone.moment_near(time.starts_local)).min();
    match closes_at {
        Some(at) if at > now && at <= now + TimeDelta::days(DAYS + 1) && first.is_none_or(|first| at <= first) => {}
        _ => errors.add(
            "closes_on",
            format!("Give the last day for answers: today or in the next {DAYS} days, and before the first time."),
        ),
    }
    errors.or(())?;
    Ok(Poll {
        id: PollId::fresh(),
        account: AccountId(uuid::Uuid::nil()),
        school: SchoolId(uuid::Uuid::nil()),
        session: None,
        subject,
        question,
        closes_at: closes_at.unwrap_or(now),
        created_at: now,
        times,
    })
}

fn time(day: &str, start: &str, end: &str, zone: Zone) -> Result<(NaiveDateTime, NaiveDateTime), String> {
    let clock = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").or_else(|_| text.parse());
    let (Ok(day), Ok(start), Ok(end)) = (day.parse::<NaiveDate>(), clock(start), clock(end)) else {
        return Err("Give a day, a start and an end.".to_owned());
    };
    let (start, end) = (day.and_time(start), day.and_time(end));
    if end <= start {
        return Err("The end comes after the start.".to_owned());
    }
    if zone.moment(start).is_err() || zone.moment(end).is_err() {
        return Err("Clocks change on that day at that time; choose another hour.".to_owned());
    }
    Ok((start, end))
}

async fn tell(tx: &mut Tx, desk: &Desk, poll: &Poll) -> Result<usize> {
    let Some(subject) = poll.subject.clone() else { return Ok(0) };
    let waiting = store::wishes::wishes_for(tx.conn(), &[subject]).await?;
    let ids: Vec<AccountId> = waiting.iter().map(|wish| wish.account).filter(|id| *id != poll.account).collect();
    let accounts = account::accounts_in(tx, &ids).await?;
    let mut notices = Vec::new();
    for reader in ids.iter().filter_map(|id| accounts.get(id)) {
        let Some(to) = reader.email.as_ref().filter(|_| reader.state == AccountState::Active) else { continue };
        let subject = format!("When could you come? {}", poll.question);
        let mut letter = Letter::new("poll_made", format!("poll:{}", poll.id), to.as_str(), subject)
            .say(format!(
                "A school thinks of a session that you asked for: \"{}\". It proposes {} times.",
                poll.question,
                poll.times.len()
            ))
            .button("Say when you could come", desk.head.link(&format!("/polls/{}", poll.id)))
            .because("You asked for a session on this. It goes once, when a school proposes times.")
            .of(reader.id.0);
        letter.priority = Priority::Announcement;
        letter.not_after = Some(poll.closes_at);
        notices.push(Notice {
            account: reader.id,
            topic: Topic::Questions,
            event: letter.event.clone(),
            about: ("poll", poll.id.0),
            line: letter.content.subject.clone(),
            path: format!("/polls/{}", poll.id),
            letter: Some(letter),
        });
    }
    let told = notices.len();
    notices::tell_many(tx, &desk.postroom(), notices).await?;
    Ok(told)
}

/// A poll, for everybody who signed in. Two statements.
pub async fn poll(cx: &Cx, reference: &str) -> Result<Poll> {
    let id: PollId = reference.parse().map_err(|_| Error::NotFound("poll"))?;
    if cx.actor().account().is_none() {
        return Err(Error::SignInRequired);
    }
    store::wishes::poll(cx.conn(), id).await?.ok_or(Error::NotFound("poll"))
}

/// How the times of a poll stand, and what the actor said. One statement.
pub async fn standing(cx: &Cx, poll: &Poll) -> Result<(Vec<Tally>, BTreeMap<i32, Answer>)> {
    let votes = store::wishes::votes(cx.conn(), poll.id).await?;
    let own = votes.iter().filter(|vote| cx.actor().account() == Some(vote.account.0));
    let own = own.map(|vote| (vote.number, vote.answer)).collect();
    Ok((tally(&poll.times, &votes), own))
}

/// Polls that are open. Two statements.
pub async fn open(cx: &Cx) -> Result<Vec<Poll>> {
    store::wishes::open_polls(cx.conn(), cx.now()).await
}

/// Says when the actor could come, in place of what they said before. A time that is not named is a no.
pub async fn vote(tx: &mut Tx, id: PollId, answers: &BTreeMap<i32, String>) -> Result<()> {
    let permit = policy::take_part(tx.actor())?;
    let Some(account) = tx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    let poll = store::wishes::poll(tx.conn(), id).await?.ok_or(Error::NotFound("poll"))?;
    if poll.closes_at <= tx.now() {
        return Err(Error::Conflict("This poll is closed; its result stands below.".to_owned()));
    }
    // Who belongs to several schools counts for the first whose sector is stated.
    let schools = wish::schools_of(tx.actor());
    let found = crate::people::schools_in(tx, &schools).await?;
    let sector = schools.iter().find_map(|id| found.get(id).and_then(|school| school.sector.clone()));
    let mut votes = Vec::new();
    let mut errors = FieldErrors::default();
    for time in &poll.times {
        let said = answers.get(&time.number).map_or("", String::as_str);
        let answer = if said.is_empty() { Some(Answer::No) } else { Answer::parse(said) };
        match answer {
            Some(answer) => votes.push(Vote { number: time.number, account, sector: sector.clone(), answer }),
            None => errors.add(format!("t{}", time.number), "Choose one of the three answers."),
        }
    }
    errors.or(())?;
    store::wishes::keep_votes(tx.conn(), id, &votes).await?;
    tx.record(&permit, Event::about("poll.voted", "poll", id.0)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(number: i32) -> Vec<Time> {
        let local: NaiveDateTime = "2026-11-14T09:00:00".parse().unwrap();
        let time = |number| Time { number, starts_local: local, ends_local: local, zone: Zone::default() };
        (1..=number).map(time).collect()
    }

    fn votes(said: &[(i32, &str, Answer)]) -> Vec<Vote> {
        let vote = |(number, sector, answer): &(i32, &str, Answer)| Vote {
            number: *number,
            account: AccountId::fresh(),
            sector: Some((*sector).to_owned()).filter(|sector| !sector.is_empty()),
            answer: *answer,
        };
        said.iter().map(vote).collect()
    }

    #[test]
    fn the_best_time_is_one_at_which_two_sectors_can() {
        let said = votes(&[
            (1, "charter", Answer::Yes),
            (1, "charter", Answer::Yes),
            (1, "charter", Answer::Yes),
            (1, "district", Answer::No),
            (2, "charter", Answer::Yes),
            (2, "district", Answer::IfNeeded),
            (3, "charter", Answer::IfNeeded),
            (3, "", Answer::Yes),
        ]);
        let all = tally(&times(3), &said);
        assert_eq!(
            all.iter().map(|tally| (tally.joint, tally.best)).collect::<Vec<_>>(),
            [(false, false), (true, true), (false, false)]
        );
        assert_eq!(all[1].if_needed.get("district"), Some(&1));
        let none = tally(&times(2), &votes(&[(1, "charter", Answer::No)]));
        assert!(none.iter().all(|tally| !tally.best), "{none:?}");
        let equal = tally(&times(2), &votes(&[(1, "charter", Answer::Yes), (2, "charter", Answer::Yes)]));
        assert!(equal[0].best && !equal[1].best);
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let now: Timestamp = "2026-10-14T16:00:00Z".parse().unwrap();
        let of = |day: &str, start: &str, end: &str| (day.to_owned(), start.to_owned(), end.to_owned());
        let good = NewPoll {
            question: "Co-teaching".to_owned(),
            closes_on: "2026-10-30".to_owned(),
            zone: "America/New_York".to_owned(),
            times: vec![of("2026-11-14", "09:00", "12:00"), of("", "", ""), of("2026-11-21", "09:00", "12:00")],
            ..NewPoll::default()
        };
        let poll = parse(&good, now).unwrap();
        assert_eq!(poll.times.iter().map(|time| time.number).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(poll.closes_at, "2026-10-31T04:00:00Z".parse::<Timestamp>().unwrap());
        let said = |new: NewPoll| match parse(&new, now) {
            Err(Error::Invalid(errors)) => errors.iter().map(|error| error.field.clone()).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        assert_eq!(said(NewPoll::default()), ["question", "zone", "closes_on"]);
        let bad = vec![of("2026-11-14", "12:00", "09:00"), of("2027-03-14", "02:30", "04:00"), of("soon", "", "")];
        assert_eq!(said(NewPoll { times: bad, ..good.clone() }), ["day1", "day2", "day3"]);
        assert_eq!(said(NewPoll { times: good.times[..1].to_vec(), ..good.clone() }), ["day1"]);
        assert_eq!(said(NewPoll { closes_on: "2026-11-14".to_owned(), ..good.clone() }), ["closes_on"]);
        assert_eq!(said(NewPoll { closes_on: "2026-10-13".to_owned(), ..good }), ["closes_on"]);
    }
}
