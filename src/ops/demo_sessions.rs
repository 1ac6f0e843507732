//! Rivermark's joint sessions: posted, agreed to, filled, held and locked through the operations, on a clock that walks from two
//! months ago to today. Dull truth included: one is full with a waitlist, one cancelled, one postponed, one waits for its
//! co-host.

use std::collections::HashMap;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};
use serde::Deserialize;
use uuid::Uuid;

use super::demo::{CITY, CitySessions};
use crate::app::App;
use crate::catalog;
use crate::mail::Email;
use crate::people::account::{self, NewAccount, ProfileChange, change_profile, open_account};
use crate::people::{self, AccountId, School, VerifiedBy, membership};
use crate::platform::vocabulary::Attendance;
use crate::platform::{Actor, Clock, Config, Error, Grant, Place, Result, Role, Scope, Timestamp, Via, Zone};
use crate::sessions::credit::{self, NewCredit, NewProgram};
use crate::sessions::draft::{Draft, MeetingDraft};
use crate::sessions::registration::{self, Wish};
use crate::sessions::session::Session;
use crate::sessions::{Desk, SessionId, attendance, clockwork, posting};

/// A session as the city's file tells it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct SessionRow {
    title: String,
    format: String,
    host: String,
    cohost: String,
    practice: String,
    hours: f64,
    dates: i64,
    capacity: i32,
    per_school_cap: Option<i32>,
    coverage: String,
    mode: String,
    purpose: String,
    /// First meeting, days from today.
    in_days: i64,
    /// Its start on the wall there.
    starts: NaiveTime,
    story: Story,
}

/// What became of it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Story {
    Upcoming,
    /// Every seat is taken and people wait.
    Full,
    Running,
    /// Over; attendance can still be corrected.
    Completed,
    /// Over and locked.
    Certified,
    Cancelled,
    Postponed,
    /// The co-host has not answered.
    Asked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Post,
    Meet(i32),
    Close,
    Change,
}

/// Teachers of each school beside those who can be tried.
const TEACHERS: usize = 3;

struct Staff {
    principal: Actor,
    teachers: Vec<AccountId>,
}

struct Stage {
    app: App,
    clock: Clock,
    desk: Desk,
    staff: HashMap<String, Staff>,
    schools: HashMap<String, School>,
    practices: HashMap<String, (String, Vec<String>)>,
}

/// Makes the sessions of a city whose schools, practices and people are there; letters lead to `base_url`.
pub async fn seed_sessions(config: &Config, base_url: &str) -> Result<()> {
    let city: CitySessions = serde_json::from_str(CITY).map_err(Error::internal)?;
    let now = Clock::System.now();
    let clock = Clock::fixed(now);
    let app = App::open(config.clone(), clock.clone()).await?;
    let desk = app.desk(&base_url.into())?;
    let mut stage =
        Stage { app, clock, desk, staff: HashMap::new(), schools: HashMap::new(), practices: HashMap::new() };
    stage.meet_people(&city).await?;
    stage.add_program().await?;
    stage.play(&city.sessions, now).await?;
    stage.app.db.close().await;
    Ok(())
}

impl Stage {
    async fn meet_people(&mut self, city: &CitySessions) -> Result<()> {
        let cx = self.app.db.cx(Actor::System("demo"));
        for row in &city.schools {
            let school = people::school(&cx, &slug::slugify(&row.name)).await?;
            self.schools.insert(row.id.clone(), school);
        }
        for row in &city.practices {
            let practice = catalog::practice(&cx, &slug::slugify(&row.title)).await?;
            let topics = practice.record.topics.iter().map(|topic| topic.code().to_owned()).collect();
            self.practices.insert(row.id.clone(), (practice.id.to_string(), topics));
        }
        let schools: Vec<(String, School)> =
            self.schools.iter().map(|(id, school)| (id.clone(), school.clone())).collect();
        for (id, school) in schools {
            let place = Place::School(school.id.0);
            let mut tx = self.app.db.write(Actor::System("demo")).await?;
            let (mut principals, _) = membership::leads_of(&tx, school.id).await?;
            let principal = match principals.pop() {
                Some(there) => there.id,
                None => {
                    let (email, name) =
                        (format!("principal.{}@example.org", school.slug), format!("Principal of {}", school.name));
                    let id = self.open(&mut tx, &email, &name).await?;
                    membership::appoint(&mut tx, id, Grant { role: Role::Principal, place }, VerifiedBy::Admin).await?;
                    id
                }
            };
            let mut teachers = Vec::new();
            for number in 1..=TEACHERS {
                let (email, name) = (
                    format!("teacher{number}.{}@example.org", school.slug),
                    format!("Teacher {number} at {}", school.name),
                );
                let teacher = self.open(&mut tx, &email, &name).await?;
                membership::appoint(&mut tx, teacher, Grant { role: Role::Teacher, place }, VerifiedBy::Admin).await?;
                teachers.push(teacher);
            }
            tx.commit().await?;
            let principal = self.actor(principal).await?;
            self.staff.insert(id, Staff { principal, teachers });
        }
        Ok(())
    }

    async fn open(&self, tx: &mut crate::platform::Tx, email: &str, name: &str) -> Result<AccountId> {
        let address = Email::parse(email).map_err(Error::internal)?;
        let id = open_account(tx, NewAccount { email: address, name: Some(name.to_owned()), confirmed: true }).await?;
        change_profile(tx, id, ProfileChange { name: name.to_owned(), ..ProfileChange::default() }).await?;
        Ok(id)
    }

    async fn actor(&self, account: AccountId) -> Result<Actor> {
        let cx = self.app.db.cx(Actor::System("demo"));
        let actor = account::actor(&cx, account, Via::SignIn(Uuid::nil()), cx.now(), Scope::Write, false).await?;
        actor.ok_or(Error::NotFound("account"))
    }

    /// One program of credit, from the examples.
    async fn add_program(&self) -> Result<()> {
        let example = credit::examples()?.into_iter().find(|example| example.code == "ny_ctle");
        let Some(example) = example else { return Ok(()) };
        let mut tx = self.app.db.write(Actor::System("demo")).await?;
        let name = format!("{} (demo)", example.name);
        credit::add_program(&mut tx, NewProgram { code: example.code, name, rules: example.rules }).await?;
        tx.commit().await
    }

    /// Does every step of every session in the order of time.
    async fn play(&self, rows: &[SessionRow], now: Timestamp) -> Result<()> {
        let zone = Zone::default();
        let mut steps: Vec<(Timestamp, usize, Step)> = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let meetings = meetings(row, zone.local(now).date());
            let moments: Vec<(Timestamp, Timestamp)> =
                meetings.iter().map(|(start, end)| (zone.moment_near(*start), zone.moment_near(*end))).collect();
            let Some((first, last)) = moments.first().zip(moments.last()) else { continue };
            steps.push(((first.0 - TimeDelta::days(25)).min(now - TimeDelta::days(9)), at, Step::Post));
            for ((_, end), number) in moments.iter().zip(1..) {
                steps.push((*end, at, Step::Meet(number)));
            }
            if row.story == Story::Certified {
                steps.push((last.1 + TimeDelta::days(6), at, Step::Close));
            }
            steps.push((now - TimeDelta::days(2), at, Step::Change));
        }
        steps.retain(|(at, ..)| *at < now);
        steps.sort();
        let mut posted: HashMap<usize, SessionId> = HashMap::new();
        for (at, row, step) in steps {
            self.clock.set(at);
            let session = rows.get(row).ok_or_else(|| Error::internal("no such session"))?;
            match (step, posted.get(&row)) {
                (Step::Post, _) => {
                    let id = self.post(session, zone.local(now).date()).await?;
                    posted.insert(row, id);
                }
                (Step::Meet(number), Some(id)) => self.meet(session, *id, number).await?,
                (Step::Change, Some(id)) => self.change(session, *id).await?,
                (Step::Close, _) | (_, None) => {}
            }
            while clockwork::tick(&self.app.db, &self.desk).await? > 0 {}
        }
        self.clock.set(now);
        while clockwork::tick(&self.app.db, &self.desk).await? > 0 {}
        Ok(())
    }

    fn staff(&self, school: &str) -> Result<&Staff> {
        self.staff.get(school).ok_or(Error::NotFound("school"))
    }

    fn school(&self, school: &str) -> Result<&School> {
        self.schools.get(school).ok_or(Error::NotFound("school"))
    }

    async fn post(&self, row: &SessionRow, today: NaiveDate) -> Result<SessionId> {
        let draft = self.draft(row, today)?;
        let (host, cohost) = (self.staff(&row.host)?, self.staff(&row.cohost)?);
        let mut tx = self.app.db.write(host.principal.clone()).await?;
        let session = posting::draft(&mut tx, &self.desk, draft).await?;
        tx.commit().await?;
        if row.story == Story::Asked {
            return Ok(session.id);
        }
        let mut tx = self.app.db.write(cohost.principal.clone()).await?;
        posting::consent(&mut tx, &self.desk, session.id, true).await?;
        tx.commit().await?;
        let mut tx = self.app.db.write(host.principal.clone()).await?;
        posting::publish(&mut tx, &self.desk, session.id).await?;
        if matches!(row.story, Story::Certified | Story::Completed) {
            self.offer_credit(&mut tx, row, session.id).await?;
        }
        tx.commit().await?;
        self.fill(row, &session).await?;
        Ok(session.id)
    }

    fn draft(&self, row: &SessionRow, today: NaiveDate) -> Result<Draft> {
        let mut draft = Draft::default();
        let (practice, topics) = self.practices.get(&row.practice).cloned().unwrap_or_default();
        draft.set_list("topics", topics);
        let host = self.school(&row.host)?;
        let place = |name: &str| format!("{name}, {}", host.neighborhood.as_deref().unwrap_or("Rivermark"));
        for (name, text) in [
            ("title", row.title.clone()),
            ("format", row.format.clone()),
            ("purpose", row.purpose.clone()),
            ("mode", row.mode.clone()),
            ("host", host.slug.clone()),
            ("cohost", self.school(&row.cohost)?.slug.clone()),
            ("practice", practice),
            ("zone", Zone::default().name().to_owned()),
            ("coverage", row.coverage.clone()),
            ("approval_needed", if row.coverage == "none" { "no" } else { "yes" }.to_owned()),
            ("transit", "Buses stop at the main gate.".to_owned()),
            (
                "accessibility",
                "Step-free from the street; the nearest accessible toilet is beside the office.".to_owned(),
            ),
        ] {
            draft.set(name, text);
        }
        let (room, online) = match row.mode.as_str() {
            "online" => (0, row.capacity),
            "hybrid" => (row.capacity, 12),
            _ => (row.capacity, 0),
        };
        for (name, seats) in [("capacity", room), ("online_capacity", online)] {
            if seats > 0 {
                draft.set(name, seats.to_string());
            }
        }
        draft.set("school_cap", row.per_school_cap.map(|cap| cap.to_string()).unwrap_or_default());
        let meeting = |(start, end): (NaiveDateTime, NaiveDateTime)| MeetingDraft {
            starts_at: start.format("%Y-%m-%dT%H:%M").to_string(),
            ends_at: end.format("%Y-%m-%dT%H:%M").to_string(),
            address: if row.mode == "online" { String::new() } else { place(&host.name) },
            online_url: if row.mode == "in_person" {
                String::new()
            } else {
                "https://meet.example.org/rivermark".to_owned()
            },
            ..MeetingDraft::default()
        };
        draft.meetings = Some(meetings(row, today).into_iter().map(meeting).collect());
        Ok(draft)
    }

    async fn offer_credit(&self, tx: &mut crate::platform::Tx, row: &SessionRow, session: SessionId) -> Result<()> {
        let cx = self.app.db.cx(Actor::System("demo"));
        let host = self.school(&row.host)?;
        let Some(program) = credit::programs(&cx).await?.into_iter().next() else { return Ok(()) };
        let new = NewCredit {
            program: program.id.to_string(),
            categories: [("content", 30), ("pedagogy", 50), ("ell", 20)]
                .map(|(code, share)| (code.to_owned(), share))
                .into(),
            sponsor_name: "Rivermark Public Schools".to_owned(),
            sponsor_number: "00000 (invented)".to_owned(),
            signer: format!("Principal of {}", host.name),
        };
        credit::set_for_session(tx, &self.desk, session, vec![new]).await.map(|_| ())
    }

    /// Teachers of many schools ask for seats, one school after another; principals answer most.
    async fn fill(&self, row: &SessionRow, session: &Session) -> Result<()> {
        let mut ids: Vec<&String> = self.staff.keys().collect();
        ids.sort();
        let rounds = if row.story == Story::Full { TEACHERS } else { 1 };
        let mut waiting_left = 1;
        for round in 0..rounds {
            for id in &ids {
                let staff = self.staff(id)?;
                let Some(teacher) = staff.teachers.get(round) else { continue };
                // A third of the schools does not come, but for the session that everybody wants.
                if rounds == 1 && (row.title.len() + id.len() + usize::from(id.as_bytes()[2])).is_multiple_of(3) {
                    continue;
                }
                let mut tx = self.app.db.write(self.actor(*teacher).await?).await?;
                let wish = Wish { account: *teacher, school: None, way: None };
                let wish = match session.ways().first() {
                    Some(way) if session.ways().len() > 1 => Wish { way: Some(*way), ..wish },
                    _ => wish,
                };
                let seat = registration::register(&mut tx, &self.desk, session.id, wish).await?;
                tx.commit().await?;
                if seat.approval != crate::platform::vocabulary::Approval::WAITING {
                    continue;
                }
                if waiting_left > 0 && row.story == Story::Upcoming {
                    waiting_left -= 1;
                    continue;
                }
                let mut tx = self.app.db.write(staff.principal.clone()).await?;
                registration::decide(&mut tx, &self.desk, seat.id, true, None, None).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    /// Somebody was absent; all others were there.
    async fn meet(&self, row: &SessionRow, id: SessionId, number: i32) -> Result<()> {
        if matches!(row.story, Story::Cancelled | Story::Postponed | Story::Asked) {
            return Ok(());
        }
        let host = self.staff(&row.host)?.principal.clone();
        let cx = self.app.db.cx(host.clone());
        let roster = attendance::roster(&cx, &id.to_string(), number).await?;
        let mut tx = self.app.db.write(host).await?;
        if let Some(line) = roster.lines.last().filter(|_| roster.lines.len() > 4) {
            let absent = attendance::Entry {
                registration: line.registration.id,
                state: Attendance::ABSENT,
                in_at: None,
                out_at: None,
                was: None,
                suffix: String::new(),
            };
            attendance::record(&mut tx, &self.desk, id, number, vec![absent]).await?;
        }
        attendance::record_rest(&mut tx, &self.desk, id, number, Attendance::PRESENT).await?;
        tx.commit().await
    }

    async fn change(&self, row: &SessionRow, id: SessionId) -> Result<()> {
        let mut tx = self.app.db.write(self.staff(&row.host)?.principal.clone()).await?;
        match row.story {
            Story::Cancelled => {
                let reason = "Both facilitators are needed for state visits that week. A new date follows in spring.";
                posting::cancel(&mut tx, &self.desk, id, reason).await?;
            }
            Story::Postponed => {
                let reason = "The ninth-grade teams are in testing; we look for a day in January.";
                posting::postpone(&mut tx, &self.desk, id, reason).await?;
            }
            _ => return Ok(()),
        }
        tx.commit().await
    }
}

/// Starts and ends on the wall there: a school day (or the Saturday the title speaks of), then every week.
fn meetings(row: &SessionRow, today: NaiveDate) -> Vec<(NaiveDateTime, NaiveDateTime)> {
    let away = Days::new(row.in_days.unsigned_abs());
    let mut day = if row.in_days < 0 { today - away } else { today + away };
    let saturdays = row.title.contains("Saturday");
    let good = |day: NaiveDate| match day.weekday() {
        Weekday::Sat => saturdays,
        Weekday::Sun => false,
        _ => !saturdays,
    };
    while !good(day) {
        day = if row.in_days < 0 { day - Days::new(1) } else { day + Days::new(1) };
    }
    #[expect(clippy::cast_possible_truncation, reason = "some hours in minutes")]
    let minutes = (row.hours * 60.0) as i64 / row.dates.max(1);
    (0..row.dates)
        .map(|week| {
            let start = (day + Days::new(7 * week.unsigned_abs())).and_time(row.starts);
            (start, start + TimeDelta::minutes(minutes))
        })
        .collect()
}
