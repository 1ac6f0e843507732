//! R3: random sequences of everything that can happen to seats, beside a model that is small enough to be right. After each step
//! seats, the line and the letters must be the model's.
//!
//! `COMMONGROUND_TEST_SEQUENCES` says how many sequences of 50 steps are walked (40 where it is not set; 10,000 before a release).

use std::collections::BTreeMap;

use chrono::TimeDelta;
use commonground::people::AccountId;
use commonground::platform::vocabulary::Seat;
use commonground::platform::{Actor, Error, Timestamp};
use commonground::sessions::registration::{self, Wish};
use commonground::sessions::{Registration, RegistrationId, SessionId};
use serde_json::json;

use crate::support::sessions::Sketch;
use crate::support::{Engine, TestApp};

const STEPS: usize = 50;

/// How many sequences.
#[expect(clippy::disallowed_methods, reason = "the one setting of this test")]
fn sequences() -> u64 {
    std::env::var("COMMONGROUND_TEST_SEQUENCES").ok().and_then(|text| text.parse().ok()).unwrap_or(40)
}

/// Numbers without chance: the same in each run (xorshift).
fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    }
}

/// One person in the model.
#[derive(Clone, Copy, Debug, Default)]
struct Guest {
    /// 0 and 1 are the two schools, each of its own sector.
    school: usize,
    /// `None` while there is no registration.
    seat: Option<&'static str>,
    /// The school has yet to answer.
    waiting: bool,
    declined: bool,
    number: u64,
    promoted: bool,
    /// When the hold or the offer is over.
    until: Option<Timestamp>,
    letters: i64,
}

/// The whole model: rules as product.md says them, by counting people each time.
#[derive(Debug)]
struct Model {
    guests: Vec<Guest>,
    seats: usize,
    cap: usize,
    /// Kept for school 0's sector.
    kept: usize,
    release: Timestamp,
    approval: bool,
    waited: u64,
}

impl Model {
    fn taken(&self, of: impl Fn(&Guest) -> bool) -> usize {
        let takes = |guest: &&Guest| matches!(guest.seat, Some("held" | "offered" | "confirmed"));
        self.guests.iter().filter(takes).filter(|guest| of(guest)).count()
    }

    /// Kept seats that nobody of the sector has.
    fn unfilled(&self, now: Timestamp) -> usize {
        if now >= self.release { 0 } else { self.kept.saturating_sub(self.taken(|guest| guest.school == 0)) }
    }

    fn has_room(&self, school: usize, now: Timestamp) -> bool {
        let others = if school == 0 { 0 } else { self.unfilled(now) };
        self.seats > self.taken(|_| true) + others && self.taken(|guest| guest.school == school) < self.cap
    }

    fn fill(&mut self, now: Timestamp) {
        loop {
            let able = (0..self.guests.len()).filter(|at| {
                let guest = &self.guests[*at];
                guest.seat == Some("waitlisted") && !guest.promoted && self.has_room(guest.school, now)
            });
            let next = able.min_by_key(|at| {
                let guest = &self.guests[*at];
                let kept = guest.school == 0 && self.unfilled(now) > 0;
                (!kept, self.taken(|other| other.school == guest.school) > 0, guest.number)
            });
            let Some(at) = next else { return };
            let guest = &mut self.guests[at];
            (guest.seat, guest.promoted, guest.until) = (Some("offered"), true, Some(now + TimeDelta::hours(24)));
            guest.letters += 1;
        }
    }

    fn sit(&mut self, at: usize, hold: Option<Timestamp>) {
        let guest = &mut self.guests[at];
        (guest.seat, guest.until) = if guest.waiting { (Some("held"), hold) } else { (Some("confirmed"), None) };
        guest.letters += 1;
    }

    fn release(&mut self, at: usize, now: Timestamp) {
        let guest = &mut self.guests[at];
        (guest.seat, guest.until, guest.waiting) = (Some("released"), None, false);
        guest.letters += 1;
        self.fill(now);
    }
}

struct Walk<'a> {
    test: &'a TestApp,
    session: SessionId,
    people: Vec<AccountId>,
    rows: BTreeMap<usize, RegistrationId>,
    model: Model,
}

impl Walk<'_> {
    async fn act<T>(
        &self,
        operation: impl AsyncFnOnce(&mut commonground::platform::Tx) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut tx = self.test.db().write(Actor::System("test")).await.unwrap();
        let done = operation(&mut tx).await;
        if done.is_ok() {
            tx.commit().await.unwrap();
        }
        if let Err(error @ Error::Internal(_)) = &done {
            panic!("{error}: {:?}", self.model);
        }
        done
    }

    /// One step: the same in the product and in the model; says what was done.
    async fn step(&mut self, next: &mut impl FnMut(usize) -> usize) -> String {
        let desk = self.test.front_desk();
        let now = self.test.clock.now();
        let at = next(self.people.len());
        let guest = self.model.guests[at];
        let account = self.people[at];
        let row = self.rows.get(&at).copied();
        match (next(12), row) {
            (0..=4, _) => {
                let wish = Wish { account, school: None, way: None };
                let done = self.act(async |tx| registration::register(tx, &desk, self.session, wish).await).await;
                self.register(at, now, done)
            }
            (5 | 6, Some(row)) => {
                let done = self.act(async |tx| registration::withdraw(tx, &desk, row).await).await;
                assert!(done.is_ok(), "{done:?}");
                if guest.seat != Some("released") {
                    self.model.release(at, now);
                }
                format!("{at} leaves")
            }
            (7, Some(row)) => {
                let yes = next(2) == 0;
                let done = self.act(async |tx| registration::answer_offer(tx, &desk, row, yes).await).await;
                let open = guest.seat == Some("offered") && guest.until.is_some_and(|until| now < until);
                if open && yes {
                    self.model.sit(at, hold(&done));
                } else if open {
                    self.model.release(at, now);
                }
                let same = matches!((guest.seat, yes), (Some("held" | "confirmed"), true) | (Some("released"), false));
                assert_eq!(done.is_ok(), open || same, "{done:?}");
                format!("{at} answers {yes}")
            }
            (8, Some(row)) => {
                let yes = next(3) > 0;
                let done = self.act(async |tx| registration::decide(tx, &desk, row, yes, None, None).await).await;
                let over = guest.seat == Some("held") && guest.until.is_some_and(|until| until <= now);
                if done.is_ok() && guest.waiting && !over {
                    self.model.guests[at].waiting = false;
                    if !yes {
                        self.model.guests[at].declined = true;
                        self.model.release(at, now);
                    } else if guest.seat == Some("held") {
                        self.model.sit(at, None);
                    } else {
                        self.model.guests[at].letters += 1;
                    }
                }
                assert!(done.is_ok() || !guest.waiting || over, "{done:?}");
                format!("the school of {at} says {yes}")
            }
            (9, Some(row)) => {
                let other = next(self.people.len());
                let to = self.people[other];
                let done = self.act(async |tx| registration::hand_over(tx, &desk, row, to).await).await;
                if let Ok(received) = &done
                    && matches!(guest.seat, Some("held" | "confirmed"))
                {
                    let giver = &mut self.model.guests[at];
                    (giver.seat, giver.until, giver.waiting) = (Some("released"), None, false);
                    giver.letters += 1;
                    self.rows.insert(other, received.id);
                    self.model.guests[other].waiting = self.model.approval;
                    self.model.sit(other, received.hold_until);
                }
                format!("{at} hands over to {other}: {}", done.is_ok())
            }
            (10, _) => {
                self.test.clock.set(now + TimeDelta::hours(i64::try_from(next(60)).unwrap()));
                self.later().await
            }
            _ => "nothing".to_owned(),
        }
    }

    fn register(&mut self, at: usize, now: Timestamp, done: Result<Registration, Error>) -> String {
        let guest = self.model.guests[at];
        if matches!(guest.seat, Some("held" | "confirmed" | "offered" | "waitlisted")) {
            assert!(done.is_ok(), "{done:?}");
            return format!("{at} asks again");
        }
        // Who waits goes first, where the clock alone has pooled kept seats.
        let room = self.model.has_room(guest.school, now);
        let refused = guest.declined || (!room && guest.promoted);
        assert_eq!(done.is_err(), refused, "{done:?}");
        let Ok(made) = done else { return format!("{at} is refused") };
        self.rows.insert(at, made.id);
        self.model.guests[at].waiting = self.model.approval;
        if room {
            self.model.sit(at, made.hold_until);
        } else {
            self.model.waited += 1;
            let number = self.model.waited;
            let guest = &mut self.model.guests[at];
            (guest.seat, guest.number) = (Some("waitlisted"), number);
            guest.letters += 1;
        }
        format!("{at} asks")
    }

    /// What time makes due; one look of the product may end several things, in the order of their moments.
    async fn later(&mut self) -> String {
        let now = self.test.clock.now();
        while self.test.let_time_act().await > 0 {}
        for kind in ["held", "offered"] {
            let mut over: Vec<(Timestamp, RegistrationId, usize)> = Vec::new();
            for (at, guest) in self.model.guests.iter().enumerate() {
                if let Some(until) = guest.until.filter(|until| guest.seat == Some(kind) && *until <= now) {
                    over.push((until, self.rows[&at], at));
                }
            }
            over.sort_unstable();
            for (_, _, at) in over {
                self.model.release(at, now);
            }
        }
        self.model.fill(now);
        format!("it is {now}")
    }

    /// The product is what the model is.
    async fn compare(&self, said: &[String]) {
        let cx = self.test.db().cx(Actor::System("test"));
        for (at, row) in &self.rows {
            let found = registration::registration(&cx, *row).await.unwrap();
            let guest = &self.model.guests[*at];
            assert_eq!(Some(found.seat.code()), guest.seat, "{at} of {:?} after {said:#?}", self.model);
            assert_eq!(found.promoted, guest.promoted, "{at} after {said:#?}");
            if found.seat == Seat::WAITLISTED {
                assert_eq!(found.waitlist_no, Some(i64::try_from(guest.number).unwrap()), "{at} after {said:#?}");
            }
            let turns = i64::from(found.turn);
            assert_eq!(turns, guest.letters, "letters of {at} after {said:#?}");
        }
        let taken = self.model.taken(|_| true);
        assert!(taken <= self.model.seats);
        let (session, _) = commonground::sessions::session(&cx, &self.session.to_string()).await.unwrap();
        assert_eq!(usize::try_from(session.in_person.taken).unwrap(), taken, "after {said:#?}");
        let idle = |guest: &Guest| {
            guest.seat == Some("waitlisted") && self.model.has_room(guest.school, self.test.clock.now())
        };
        assert!(!self.model.guests.iter().any(idle), "a seat stands idle after {said:#?}");
    }
}

fn hold(done: &Result<Registration, Error>) -> Option<Timestamp> {
    done.as_ref().ok().and_then(|registration| registration.hold_until)
}

async fn walk(engine: Engine, sequences: u64) {
    let test = TestApp::start(engine).await;
    let schools = test.two_schools().await;
    let mut people = Vec::new();
    for (school, name) in [(schools.harbor, "carl"), (schools.millbrook, "dina")] {
        people.extend(test.crowd(school, name, 5).await.into_iter().map(|(id, _)| (id, school == schools.millbrook)));
    }
    let begun = test.clock.now();
    let mut moved = 0;
    for seed in 1..=sequences {
        test.clock.set(begun);
        let mut next = numbers(seed);
        let release = begun + TimeDelta::hours(i64::try_from(next(200)).unwrap());
        let (seats, cap, kept) = (1 + next(5), 1 + next(4), next(3));
        let approval = next(2) == 0;
        let sketch = Sketch {
            capacity: i32::try_from(seats).unwrap(),
            school_cap: Some(i32::try_from(cap).unwrap()),
            kept: json!({ "charter": kept }),
            release_at: Some(release),
            approval_needed: approval,
            // Far enough that neither the start nor the last day comes.
            meetings: vec!["2027-11-13T09:00:00".parse().unwrap()],
            ..Sketch::default()
        };
        let session = test.session(&schools, sketch).await;
        let guests =
            people.iter().map(|(_, other)| Guest { school: usize::from(*other), ..Guest::default() }).collect();
        let model = Model { guests, seats, cap, kept, release, approval, waited: 0 };
        let people = people.iter().map(|(id, _)| *id).collect();
        let mut walk = Walk { test: &test, session, people, rows: BTreeMap::new(), model };
        let mut said = Vec::new();
        for _ in 0..STEPS {
            said.push(walk.step(&mut next).await);
            walk.compare(&said).await;
        }
        moved += walk.model.guests.iter().map(|guest| guest.letters).sum::<i64>();
    }
    // One letter for each transition, and one transition for each letter: turns were compared with the model above.
    let told = test.how_many("outbox WHERE event_key LIKE 'registration:%' AND recipient LIKE '%@crowd.example' AND kind <> 'seat_waits'").await;
    assert_eq!(told, moved);
    assert!(moved > i64::try_from(sequences * 10).unwrap(), "{moved} transitions in {sequences} sequences");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_sequences_are_as_the_model_sqlite() {
    walk(Engine::Sqlite, sequences()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_sequences_are_as_the_model_postgres() {
    walk(Engine::Postgres, sequences().div_ceil(4)).await;
}
