//! Seats: who gets one, who waits, who decides, what becomes of it in time. Through HTTP where a person acts; the clock's part
//! through `clockwork::tick`.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use commonground::people::account::{NewAccount, open_account};
use commonground::people::membership::appoint;
use commonground::people::{AccountId, SchoolId, VerifiedBy};
use commonground::platform::{Actor, Error, Grant, Place, Role, Timestamp};
use commonground::sessions::registration::{self, Wish};
use commonground::sessions::{Desk, SessionId, clockwork, posting};
use commonground::sign_in::visit::{self, Method};
use sea_orm::{ConnectionTrait, Statement, TryGetable};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::persons::Browser;
use crate::support::sessions::Sketch;
use crate::support::{Engine, TestApp, both_engines, problem};

/// Somebody of a crowd: the account, and the cookie of their browser.
type Somebody = (AccountId, String);

impl TestApp {
    /// The desk of this installation.
    pub fn front_desk(&self) -> Desk {
        self.app.desk(&self.base.as_str().into()).unwrap()
    }

    /// Does what time has made due.
    pub async fn let_time_act(&self) -> usize {
        clockwork::tick(self.db(), &self.front_desk()).await.unwrap()
    }

    /// So many teachers of a school, signed in.
    pub async fn crowd(&self, school: SchoolId, name: &str, count: usize) -> Vec<Somebody> {
        let mut tx = self.db().write(Actor::System("test")).await.unwrap();
        let mut crowd = Vec::new();
        for number in 0..count {
            let email = commonground::mail::Email::parse(&format!("{name}{number}@crowd.example")).unwrap();
            let new = NewAccount { email, name: Some(format!("{name} {number}")), confirmed: true };
            let id = open_account(&mut tx, new).await.unwrap();
            let grant = Grant { role: Role::Teacher, place: Place::School(school.0) };
            appoint(&mut tx, id, grant, VerifiedBy::Admin).await.unwrap();
            let ticket = visit::begin(&mut tx, id, Method::Password, false, "Test").await.unwrap();
            crowd.push((id, ticket.reveal().to_owned()));
        }
        tx.commit().await.unwrap();
        crowd
    }

    /// The cells of one column, as the database has them.
    pub async fn cells<T: TryGetable>(&self, sql: &str) -> Vec<T> {
        let cx = self.db().cx(Actor::System("test"));
        let statement = Statement::from_string(cx.conn().get_database_backend(), sql.to_owned());
        let rows = cx.conn().query_all_raw(statement).await.unwrap();
        rows.into_iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    /// How many rows a question finds.
    pub async fn how_many(&self, what: &str) -> i64 {
        self.cells::<i64>(&format!("SELECT COUNT(*) FROM {what}")).await[0]
    }
}

/// A call of the API from a browser's page.
async fn call(browser: &Browser, method: reqwest::Method, path: &str, body: &Value) -> reqwest::Response {
    let client = reqwest::Client::new();
    let request = client.request(method, browser.url(&format!("/api/v1{path}"))).json(body);
    browser.send(request.header("sec-fetch-site", "same-origin")).await
}

async fn post(browser: &Browser, path: &str, body: Value) -> Value {
    let response = call(browser, reqwest::Method::POST, path, &body).await;
    let status = response.status();
    let text = response.text().await.unwrap();
    assert!(status.is_success(), "{path}: {status} {text}");
    serde_json::from_str(&text).unwrap()
}

async fn refused(browser: &Browser, path: &str, body: Value, status: u16) -> String {
    let response = call(browser, reqwest::Method::POST, path, &body).await;
    problem(response, status).await.to_string()
}

async fn register(browser: &Browser, session: SessionId) -> Value {
    post(browser, &format!("/sessions/{session}/registration"), json!({})).await
}

async fn leave(browser: &Browser, session: SessionId) -> Value {
    let path = format!("/sessions/{session}/registration");
    let response = call(browser, reqwest::Method::DELETE, &path, &Value::Null).await;
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

fn facts(registration: &Value) -> (&str, &str) {
    (registration["seat"].as_str().unwrap(), registration["approval"].as_str().unwrap())
}

fn id(registration: &Value) -> &str {
    registration["id"].as_str().unwrap()
}

async fn kinds(test: &TestApp, email: &str) -> Vec<String> {
    test.letters(email).await.into_iter().map(|letter| letter.kind).collect()
}

/// Everybody of a crowd does the same at once; the answers, in no order.
async fn all_at_once(
    test: &TestApp,
    crowd: &[Somebody],
    method: reqwest::Method,
    session: SessionId,
) -> Vec<(u16, Value)> {
    // As many as an unoptimised build serves within its limits of time while other tests run.
    let seats = Arc::new(Semaphore::new(40));
    let mut set = JoinSet::new();
    for (_, cookie) in crowd {
        let (seats, client, method) = (Arc::clone(&seats), test.client.clone(), method.clone());
        let url = format!("{}/api/v1/sessions/{session}/registration", test.base);
        let cookie = cookie.clone();
        set.spawn(async move {
            let _seat = seats.acquire().await.unwrap();
            let request = client.request(method, url).header("cookie", format!("commonground={cookie}"));
            let response = request.header("sec-fetch-site", "same-origin").json(&json!({})).send().await.unwrap();
            (response.status().as_u16(), response.json::<Value>().await.unwrap())
        });
    }
    set.join_all().await
}

/// Answers that are not what was wanted, each kind once.
fn others(answers: &[(u16, Value)], wanted: u16) -> Vec<String> {
    let other = answers.iter().filter(|(status, _)| *status != wanted);
    let mut said: Vec<String> = other.map(|(status, answer)| format!("{status}: {}", answer["detail"])).collect();
    said.sort_unstable();
    said.dedup();
    said
}

fn with_seat(answers: &[(u16, Value)], seat: &str) -> usize {
    answers.iter().filter(|(_, answer)| answer["seat"] == seat).count()
}

/// What is counted, what is there, and what is allowed are the same.
async fn adds_up(test: &TestApp, session: SessionId) -> (i64, i64) {
    let of =
        |seats: &str| format!("registration WHERE session_id = {} AND seat IN ({seats})", literal(test, session.0));
    let taken = test.how_many(&of("'held','offered','confirmed'")).await;
    let sql = format!("SELECT taken FROM session WHERE id = {}", literal(test, session.0));
    assert_eq!(i64::from(test.cells::<i32>(&sql).await[0]), taken);
    let sql = format!("SELECT taken FROM session_school WHERE session_id = {}", literal(test, session.0));
    assert_eq!(test.cells::<i32>(&sql).await.into_iter().map(i64::from).sum::<i64>(), taken);
    (taken, test.how_many(&of("'waitlisted'")).await)
}

/// An id as each engine writes it.
fn literal(test: &TestApp, id: Uuid) -> String {
    match test.db().cx(Actor::Visitor).conn().get_database_backend() {
        sea_orm::DbBackend::Sqlite => format!("x'{}'", id.simple()),
        _ => format!("'{id}'"),
    }
}

both_engines! {
    /// R1: exactly the seats there are, and everybody else in line without a gap, in the order of commits.
    async fn a_thousand_people_ask_for_thirty_seats(test: TestApp) {
        let schools = test.two_schools().await;
        let session = test.session(&schools, Sketch::default()).await;
        let crowd = test.crowd(schools.millbrook, "dina", 1000).await;
        let answers = all_at_once(&test, &crowd, reqwest::Method::POST, session).await;
        assert_eq!(others(&answers, 201), [] as [String; 0]);
        assert_eq!((with_seat(&answers, "confirmed"), with_seat(&answers, "waitlisted")), (30, 970));
        assert_eq!(adds_up(&test, session).await, (30, 970));
        let mut numbers: Vec<i64> =
            test.cells("SELECT waitlist_no FROM registration WHERE seat = 'waitlisted'").await;
        numbers.sort_unstable();
        assert!(numbers.iter().copied().eq(1..=970), "{numbers:?}");
        // The events were written while the row was held, so they are in the order of commits.
        let details: Vec<Value> =
            test.cells("SELECT detail FROM event WHERE action = 'registration.asked' ORDER BY id").await;
        let given: Vec<i64> = details.iter().filter_map(|detail| detail["number"].as_i64()).collect();
        assert!(given.iter().copied().eq(1..=970), "{given:?}");
        assert_eq!(test.how_many("outbox WHERE kind = 'seat_confirmed'").await, 30);
        assert_eq!(test.how_many("outbox WHERE kind = 'seat_waitlisted'").await, 970);
    }
}

/// The control of the test above (T5): without the row lock, and without the CHECK, PostgreSQL gives more than there are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_lock_more_seats_are_given_than_there_are() {
    let test = TestApp::start(Engine::Postgres).await;
    let schools = test.two_schools().await;
    let session = test.session(&schools, Sketch::default()).await;
    let crowd = test.crowd(schools.millbrook, "dina", 300).await;
    let checks: Vec<String> = test
        .cells("SELECT conname::text FROM pg_constraint WHERE conrelid = 'session'::regclass AND contype = 'c'")
        .await;
    let tx = test.db().write(Actor::System("test")).await.unwrap();
    for check in checks {
        tx.conn().execute_unprepared(&format!("ALTER TABLE session DROP CONSTRAINT \"{check}\"")).await.unwrap();
    }
    tx.commit().await.unwrap();
    let desk = test.front_desk().without_holding();
    let mut set = JoinSet::new();
    for (account, _) in crowd {
        let (db, desk) = (test.db().clone(), desk.clone());
        set.spawn(async move {
            let mut tx = db.write(Actor::System("test")).await.unwrap();
            let wish = Wish { account, school: None, way: None };
            // Two may give the same number in line; what counts is who is told that they have a seat.
            registration::register(&mut tx, &desk, session, wish).await.unwrap();
            tx.commit().await.unwrap();
        });
    }
    set.join_all().await;
    let confirmed = test.how_many("registration WHERE seat = 'confirmed'").await;
    assert!(confirmed > 30, "{confirmed} seats: the test of the lock sees nothing");
}

both_engines! {
    /// What decides about a seat is read once the session is held: who asks may wait for it, and change meanwhile.
    async fn who_changes_while_others_have_the_session_is_seen_as_they_are_then(test: TestApp) {
        let schools = test.two_schools().await;
        let session = test.session(&schools, Sketch::default()).await;
        let crowd = test.crowd(schools.millbrook, "dina", 3).await;
        let other = test.db().write(Actor::System("test")).await.unwrap();
        other.conn().execute_unprepared("UPDATE session SET title = title").await.unwrap();
        let mut asked = Vec::new();
        for (account, _) in crowd.iter().cloned() {
            let (db, desk, actor) = (test.db().clone(), test.front_desk(), person(&test, account).await);
            asked.push(tokio::spawn(async move {
                let mut tx = db.write(actor).await?;
                let wish = Wish { account, school: None, way: None };
                let registration = registration::register(&mut tx, &desk, session, wish).await?;
                tx.commit().await.map(|()| registration)
            }));
        }
        let postgres = other.conn().get_database_backend() == sea_orm::DbBackend::Postgres;
        let waiting = "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let mut looks = 0;
        while postgres && test.how_many(waiting).await < 3 {
            looks += 1;
            assert!(looks < 400, "nobody waits for the session");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        for change in [
            format!("UPDATE account SET state = 'deactivated' WHERE id = {}", literal(&test, crowd[0].0.0)),
            format!(
                "UPDATE membership SET school_id = {} WHERE account_id = {}",
                literal(&test, schools.harbor.0),
                literal(&test, crowd[1].0.0)
            ),
            format!("UPDATE school SET sector = 'charter' WHERE id = {}", literal(&test, schools.millbrook.0)),
        ] {
            assert_eq!(other.conn().execute_unprepared(&change).await.unwrap().rows_affected(), 1, "{change}");
        }
        other.commit().await.unwrap();
        let mut answers = Vec::new();
        for answer in asked {
            answers.push(answer.await.unwrap().map(|seat| (seat.school, seat.sector)));
        }
        let charter = Some("charter".to_owned());
        assert!(matches!(answers[0], Err(Error::NotFound("account"))), "{answers:?}");
        assert_eq!(answers[1].as_ref().unwrap(), &(schools.harbor, charter.clone()));
        assert_eq!(answers[2].as_ref().unwrap(), &(schools.millbrook, charter));
        assert_eq!(adds_up(&test, session).await, (2, 0));
        assert_eq!((test.how_many("registration").await, test.how_many("outbox").await), (2, 2));
    }
}

both_engines! {
    /// R2.
    async fn the_same_request_fifty_times_is_one_seat_and_one_letter(test: TestApp) {
        let schools = test.two_schools().await;
        let session = test.session(&schools, Sketch::default()).await;
        let dina = test.crowd(schools.millbrook, "dina", 1).await;
        let fifty: Vec<Somebody> = std::iter::repeat_n(dina[0].clone(), 50).collect();
        let answers = all_at_once(&test, &fifty, reqwest::Method::POST, session).await;
        assert_eq!(answers.len(), 50);
        assert!(answers.iter().all(|answer| *answer == answers[0] && answer.0 == 201), "{answers:?}");
        assert_eq!((test.how_many("registration").await, test.how_many("outbox").await), (1, 1));
        assert_eq!(test.how_many("event WHERE action = 'registration.asked'").await, 1);
    }
}

both_engines! {
    /// R4.
    async fn kept_seats_wait_for_their_sector_until_the_day(test: TestApp) {
        let schools = test.two_schools().await;
        let release: Timestamp = "2026-11-04T05:00:00Z".parse().unwrap();
        let sketch =
            Sketch { capacity: 10, kept: json!({ "charter": 4 }), release_at: Some(release), ..Sketch::default() };
        let session = test.session(&schools, sketch).await;
        let district = test.crowd(schools.millbrook, "dina", 20).await;
        let answers = all_at_once(&test, &district, reqwest::Method::POST, session).await;
        assert_eq!((with_seat(&answers, "confirmed"), with_seat(&answers, "waitlisted")), (6, 14));
        let carl = test.signed_in(schools.carl, false).await;
        assert_eq!(facts(&register(&carl, session).await).0, "confirmed");
        assert_eq!(adds_up(&test, session).await, (7, 14));
        test.let_time_act().await;
        assert_eq!(adds_up(&test, session).await, (7, 14), "nothing is pooled before its day");
        // A newcomer of the minute after does not pass those who wait.
        test.clock.set(release);
        let dora = test.signed_in(schools.dora, false).await;
        assert_eq!(facts(&register(&dora, session).await).0, "waitlisted");
        test.let_time_act().await;
        assert_eq!(adds_up(&test, session).await, (10, 12));
        assert_eq!(test.how_many("registration WHERE seat = 'offered'").await, 3);
        let first: Vec<i64> =
            test.cells("SELECT MIN(waitlist_no) FROM registration WHERE seat = 'waitlisted'").await;
        assert_eq!(first, [4], "the first three in line");
        assert_eq!(test.let_time_act().await, 0, "pooled once");
    }
}

both_engines! {
    /// R5.
    async fn two_hundred_leave_while_two_hundred_ask(test: TestApp) {
        let schools = test.two_schools().await;
        let session = test.session(&schools, Sketch { capacity: 200, ..Sketch::default() }).await;
        let early = test.crowd(schools.millbrook, "early", 200).await;
        let late = test.crowd(schools.harbor, "late", 200).await;
        let first = all_at_once(&test, &early, reqwest::Method::POST, session).await;
        assert_eq!(with_seat(&first, "confirmed"), 200);
        let (left, asked) = tokio::join!(
            all_at_once(&test, &early, reqwest::Method::DELETE, session),
            all_at_once(&test, &late, reqwest::Method::POST, session),
        );
        assert_eq!(others(&left, 200), [] as [String; 0]);
        assert_eq!(others(&asked, 201), [] as [String; 0]);
        // At rest no seat is free while somebody waits: each of the late has a seat or an offer.
        assert_eq!(adds_up(&test, session).await, (200, 0));
        assert_eq!(test.how_many("registration WHERE seat = 'released'").await, 200);
    }
}

both_engines! {
    async fn a_principal_decides_and_everybody_is_told_once(test: TestApp) {
        let schools = test.two_schools().await;
        let session = test.session(&schools, Sketch { approval_needed: true, capacity: 2, ..Sketch::default() }).await;
        let dina = test.signed_in(schools.dina, false).await;
        let held = register(&dina, session).await;
        assert_eq!(facts(&held), ("held", "waiting"));
        let until: Timestamp = held["hold_expires"].as_str().unwrap().parse().unwrap();
        assert_eq!(until, "2026-10-22T03:59:00Z".parse::<Timestamp>().unwrap(), "five school days");
        assert_eq!(kinds(&test, "dina@millbrook.example").await, ["seat_held"]);
        let request = test.letters("pete@millbrook.example").await.pop().unwrap();
        assert_eq!(request.kind, "seat_request");
        assert!(request.subject.contains("Saturday, November 14, 2026"), "{}", request.subject);
        assert!(request.path(&test.base).starts_with("/r/decide/"), "{}", request.text);
        // Not by her, not by another school's principal, who does not even know of it.
        let approval = format!("/registrations/{}/approval", id(&held));
        refused(&dina, &approval, json!({ "approved": true }), 403).await;
        let carl = test.signed_in(schools.carl, false).await;
        refused(&carl, &approval, json!({ "approved": true }), 404).await;
        let pete = test.signed_in(schools.pete, false).await;
        let approved = post(&pete, &approval, json!({ "approved": true, "coverage": "arranged" })).await;
        assert_eq!((facts(&approved), approved["coverage"].as_str()), (("confirmed", "approved"), Some("arranged")));
        assert_eq!(post(&pete, &approval, json!({ "approved": true })).await["seat"], "confirmed");
        let no = refused(&pete, &approval, json!({ "approved": false }), 409).await;
        assert!(no.contains("approved already"), "{no}");
        assert_eq!(kinds(&test, "dina@millbrook.example").await, ["seat_held", "seat_approved"]);
        let confirmed = test.letters("dina@millbrook.example").await.pop().unwrap().text;
        for fact in ["9:00 AM to 12:00 PM EST", "12 Harbor Street", "/r/leave/"] {
            assert!(confirmed.contains(fact), "{fact}: {confirmed}");
        }
        // A no, with its reason; she may not just ask again, but her principal may change their mind.
        let dora = test.signed_in(schools.dora, false).await;
        let held = register(&dora, session).await;
        let approval = format!("/registrations/{}/approval", id(&held));
        let declined = post(&pete, &approval, json!({ "approved": false, "reason": "Testing week." })).await;
        assert_eq!(facts(&declined), ("released", "declined"));
        assert!(test.letters("dora@millbrook.example").await.pop().unwrap().text.contains("Testing week."));
        let path = format!("/sessions/{session}/registration");
        refused(&dora, &path, json!({}), 409).await;
        let again = post(&pete, &path, json!({ "account": schools.dora.to_string() })).await;
        assert_eq!(facts(&again), ("confirmed", "approved"));
        // Given back, her principal hears of it; a principal's own seat asks nobody.
        assert_eq!(facts(&leave(&dora, session).await), ("released", "approved"));
        assert_eq!(kinds(&test, "pete@millbrook.example").await.last().unwrap(), "seat_released_copy");
        assert_eq!(facts(&register(&pete, session).await), ("confirmed", "not_needed"));
        assert_eq!(adds_up(&test, session).await, (2, 0));
    }
}

both_engines! {
    async fn a_seat_that_nobody_approves_goes_to_the_next(test: TestApp) {
        let schools = test.two_schools().await;
        let delegate = test.account("dell@millbrook.example", "Dell Lock").await;
        test.appoint(delegate, Role::Delegate, Place::School(schools.millbrook.0)).await;
        let session = test.session(&schools, Sketch { approval_needed: true, capacity: 1, ..Sketch::default() }).await;
        let dina = test.signed_in(schools.dina, false).await;
        let held = register(&dina, session).await;
        let paula = test.signed_in(schools.paula, false).await;
        assert_eq!(facts(&register(&paula, session).await), ("waitlisted", "not_needed"));
        let begun = test.clock.now();
        let mut told = Vec::new();
        for day in 0..8 {
            test.clock.set(begun + TimeDelta::days(day) + TimeDelta::hours(1));
            test.let_time_act().await;
            test.let_time_act().await;
            let pete = kinds(&test, "pete@millbrook.example").await.len();
            let dell = kinds(&test, "dell@millbrook.example").await.len();
            told.push((pete, dell, kinds(&test, "dina@millbrook.example").await.len()));
        }
        // At once, on the second day, the delegate on the third, everybody a day before the end.
        assert_eq!(told, [(1, 0, 1), (1, 0, 1), (2, 0, 1), (2, 1, 1), (2, 1, 1), (2, 1, 1), (2, 1, 1), (3, 2, 2)]);
        let late = begun + TimeDelta::days(8);
        test.clock.set(late);
        // The clock's own look may come a moment later than a person: the answer is that it is over.
        let pete = test.signed_in(schools.pete, false).await;
        let approval = format!("/registrations/{}/approval", id(&held));
        let over = refused(&pete, &approval, json!({ "approved": true }), 409).await;
        assert!(over.contains("time for an answer is over"), "{over}");
        test.let_time_act().await;
        assert_eq!(kinds(&test, "dina@millbrook.example").await.last().unwrap(), "seat_expired");
        assert_eq!(kinds(&test, "pete@millbrook.example").await.last().unwrap(), "seat_expired_copy");
        assert_eq!(kinds(&test, "paula@harbor.example").await, ["seat_waitlisted", "seat_offered"]);
        assert_eq!(adds_up(&test, session).await, (1, 0));
        assert_eq!(test.let_time_act().await, 0);
    }
}

both_engines! {
    async fn an_offer_is_taken_declined_or_over(test: TestApp) {
        let schools = test.two_schools().await;
        let session = test.session(&schools, Sketch { capacity: 1, ..Sketch::default() }).await;
        let [dina, dora, carl, cora] = [schools.dina, schools.dora, schools.carl, schools.cora];
        let (dina, dora) = (test.signed_in(dina, false).await, test.signed_in(dora, false).await);
        let (carl, cora) = (test.signed_in(carl, false).await, test.signed_in(cora, false).await);
        register(&dina, session).await;
        let second = register(&dora, session).await;
        let third = register(&carl, session).await;
        register(&cora, session).await;
        assert_eq!((&second["waitlist_position"], &third["waitlist_position"]), (&json!(1), &json!(2)));
        leave(&dina, session).await;
        // Carl's and Cora's school has no seat, nor has Dora's: who came first.
        let offered = test.letters("dora@millbrook.example").await.pop().unwrap();
        assert_eq!(offered.kind, "seat_offered");
        assert!(offered.path(&test.base).starts_with("/r/offer/"));
        assert!(offered.text.contains("Thursday, October 15, 2026, 12:00 PM EDT"), "{}", offered.text);
        let answer = |registration: &Value| format!("/registrations/{}/offer-response", id(registration));
        refused(&carl, &answer(&second), json!({ "accepted": true }), 404).await;
        let declined = post(&dora, &answer(&second), json!({ "accepted": false })).await;
        assert_eq!(declined["seat"], "released");
        // Carl does not answer.
        test.clock.set(test.clock.now() + TimeDelta::hours(24));
        let (dora, carl) = (test.signed_in(schools.dora, false).await, test.signed_in(schools.carl, false).await);
        let cora = test.signed_in(schools.cora, false).await;
        let over = refused(&carl, &answer(&third), json!({ "accepted": true }), 409).await;
        assert!(over.contains("over"), "{over}");
        test.let_time_act().await;
        assert_eq!(kinds(&test, "carl@harbor.example").await, ["seat_waitlisted", "seat_offered", "offer_expired"]);
        // Cora takes it, by asking again or by the answer.
        let again = register(&cora, session).await;
        assert_eq!(again["seat"], "offered");
        let taken = post(&cora, &answer(&again), json!({ "accepted": true })).await;
        assert_eq!(taken["seat"], "confirmed");
        assert_eq!(kinds(&test, "paula@harbor.example").await, ["seat_taken_copy"], "their principal, when accepted");
        // Dora had her chance: not in line again, but a free seat she may take.
        let full = refused(&dora, &format!("/sessions/{session}/registration"), json!({}), 409).await;
        assert!(full.contains("twice"), "{full}");
        leave(&cora, session).await;
        assert_eq!(register(&dora, session).await["seat"], "confirmed");
        assert_eq!(adds_up(&test, session).await, (1, 0));
    }
}

both_engines! {
    async fn seats_stop_moving_at_noon_the_day_before(test: TestApp) {
        let schools = test.two_schools().await;
        let session = test.session(&schools, Sketch { capacity: 1, ..Sketch::default() }).await;
        let (dina, dora) = (test.signed_in(schools.dina, false).await, test.signed_in(schools.dora, false).await);
        register(&dina, session).await;
        assert_eq!(register(&dora, session).await["seat"], "waitlisted");
        test.clock.set("2026-11-13T17:00:00Z".parse().unwrap());
        let (dina, dora) = (test.signed_in(schools.dina, false).await, test.signed_in(schools.dora, false).await);
        leave(&dina, session).await;
        test.let_time_act().await;
        assert_eq!(adds_up(&test, session).await, (0, 1));
        assert_eq!(register(&dora, session).await["seat"], "confirmed", "who waits may take what is free");
    }
}

both_engines! {
    async fn a_school_at_its_cap_waits(test: TestApp) {
        let schools = test.two_schools().await;
        let session = test.session(&schools, Sketch { school_cap: Some(1), ..Sketch::default() }).await;
        let (dina, dora) = (test.signed_in(schools.dina, false).await, test.signed_in(schools.dora, false).await);
        let carl = test.signed_in(schools.carl, false).await;
        assert_eq!(register(&dina, session).await["seat"], "confirmed");
        assert_eq!(register(&dora, session).await["seat"], "waitlisted");
        assert_eq!(register(&carl, session).await["seat"], "confirmed");
        leave(&dina, session).await;
        let mine = register(&dora, session).await;
        assert_eq!(mine["seat"], "offered");
        assert_eq!(adds_up(&test, session).await, (2, 0));
    }
}

both_engines! {
    async fn a_seat_goes_to_a_colleague_of_the_same_school(test: TestApp) {
        let schools = test.two_schools().await;
        let session = test.session(&schools, Sketch { capacity: 1, ..Sketch::default() }).await;
        let (dina, dora) = (test.signed_in(schools.dina, false).await, test.signed_in(schools.dora, false).await);
        let seat = register(&dina, session).await;
        register(&dora, session).await;
        let path = format!("/registrations/{}/handover", id(&seat));
        for stranger in ["carl@harbor.example", "nobody@millbrook.example", &schools.carl.to_string(), "?"] {
            refused(&dina, &path, json!({ "to": stranger }), 422).await;
        }
        refused(&dora, &path, json!({ "to": "dora@millbrook.example" }), 404).await;
        let hers = post(&dina, &path, json!({ "to": "dora@millbrook.example" })).await;
        assert_eq!((hers["account"].as_str().unwrap(), facts(&hers).0), (schools.dora.to_string().as_str(), "confirmed"));
        let twice = post(&dina, &path, json!({ "to": schools.dora.to_string() })).await;
        assert_eq!(twice["id"], hers["id"]);
        assert_eq!(kinds(&test, "dina@millbrook.example").await, ["seat_confirmed", "seat_handed_over"]);
        assert_eq!(kinds(&test, "dora@millbrook.example").await, ["seat_waitlisted", "seat_confirmed"]);
        assert_eq!(adds_up(&test, session).await, (1, 0));
    }
}

both_engines! {
    async fn who_may_come_and_when_is_asked(test: TestApp) {
        let schools = test.two_schools().await;
        let session = test.session(&schools, Sketch { online: 5, ..Sketch::default() }).await;
        let path = format!("/sessions/{session}/registration");
        let nobody = test.account("nils@elsewhere.example", "Nils Nowhere").await;
        let nils = test.signed_in(nobody, false).await;
        let school = refused(&nils, &path, json!({ "way": "online" }), 409).await;
        assert!(school.contains("join your school"), "{school}");
        let dina = test.signed_in(schools.dina, false).await;
        let way = refused(&dina, &path, json!({}), 422).await;
        assert!(way.contains("#/way"), "{way}");
        refused(&dina, &path, json!({ "way": "online", "school": schools.harbor.to_string() }), 422).await;
        // Not for somebody else: not as a colleague, not as another school's principal.
        let other = json!({ "way": "online", "account": schools.dora.to_string() });
        refused(&dina, &path, other.clone(), 403).await;
        let pete = test.signed_in(schools.pete, false).await;
        assert_eq!(facts(&post(&pete, &path, other).await).0, "confirmed");
        // Paula runs the session, and adds somebody of another school.
        let paula = test.signed_in(schools.paula, false).await;
        let added = post(&paula, &path, json!({ "account": schools.dina.to_string() })).await;
        assert_eq!((facts(&added).0, added["way"].as_str()), ("confirmed", Some("in_person")));
        let told = test.letters("dina@millbrook.example").await.pop().unwrap();
        assert!(told.text.contains("Paula Quay registered you"), "{}", told.text);
        // Both schools: she says which.
        test.appoint(schools.cora, Role::Teacher, Place::School(schools.millbrook.0)).await;
        let cora = test.signed_in(schools.cora, false).await;
        let which = refused(&cora, &path, json!({ "way": "in_person" }), 422).await;
        assert!(which.contains("school"), "{which}");
        let body = json!({ "way": "in_person", "school": schools.millbrook.to_string() });
        assert_eq!(post(&cora, &path, body).await["school"], schools.millbrook.to_string());
        for (status, says) in [
            ("draft", "nothing at this address"),
            ("cancelled", "cancelled"),
            ("postponed", "postponed"),
            ("registration_closed", "closed"),
            ("running", "begun"),
        ] {
            let other = test.session(&schools, Sketch { status, ..Sketch::default() }).await;
            let code = if status == "draft" { 404 } else { 409 };
            let no = refused(&dina, &format!("/sessions/{other}/registration"), json!({}), code).await;
            assert!(no.contains(says), "{status}: {no}");
        }
        // Nobody signed in.
        let visitor = test.browser();
        refused(&visitor, &path, json!({}), 401).await;
    }
}

both_engines! {
    async fn the_organizer_adds_people_by_their_addresses(test: TestApp) {
        let schools = test.two_schools().await;
        let session = test.session(&schools, Sketch { capacity: 2, ..Sketch::default() }).await;
        let desk = test.front_desk();
        let paula = person(&test, schools.paula).await;
        test.account("loner@rivermark.example", "Lone Ranger").await;
        let mut tx = test.db().write(paula.clone()).await.unwrap();
        let lines = ["dina@millbrook.example", "no address", "", "unknown@millbrook.example", "carl@harbor.example",
            "dora@millbrook.example", "loner@rivermark.example"].map(str::to_owned);
        let report = registration::add_by_host(&mut tx, &desk, session, &lines).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((report.added.len(), report.refused.len()), (3, 3), "{report:?}");
        assert_eq!(report.refused[1].1, report.refused[2].1, "who has an account is not told");
        assert_eq!(adds_up(&test, session).await, (2, 1));
        let tx = test.db().write(person(&test, schools.pete).await).await;
        let refused = registration::add_by_host(&mut tx.unwrap(), &desk, session, &lines).await;
        assert!(refused.is_err(), "the co-host's principal does not run it");
        assert_eq!(kinds(&test, "dora@millbrook.example").await, ["seat_waitlisted"]);
        let carl = test.signed_in(schools.carl, false).await;
        let mine = register(&carl, session).await;
        let list: Value = {
            let response = call(&carl, reqwest::Method::GET, "/me/registrations?limit=1", &Value::Null).await;
            response.json().await.unwrap()
        };
        assert_eq!((&list["total"], &list["items"][0]["id"]), (&json!(1), &mine["id"]));
    }
}

both_engines! {
    async fn everybody_hears_of_a_change_and_of_the_end(test: TestApp) {
        let schools = test.two_schools().await;
        let session = test.session(&schools, Sketch { capacity: 1, ..Sketch::default() }).await;
        let (dina, dora) = (test.signed_in(schools.dina, false).await, test.signed_in(schools.dora, false).await);
        let hers = register(&dina, session).await;
        register(&dora, session).await;
        let (desk, paula) = (test.front_desk(), person(&test, schools.paula).await);
        let mut tx = test.db().write(paula.clone()).await.unwrap();
        posting::postpone(&mut tx, &desk, session, "The gym is flooded.").await.unwrap();
        tx.commit().await.unwrap();
        let told = test.letters("dina@millbrook.example").await.pop().unwrap();
        assert_eq!(told.kind, "session_changed");
        assert!(told.text.contains("The gym is flooded.") && told.path(&test.base).starts_with("/r/keep/"));
        let mut tx = test.db().write(person(&test, schools.dina).await).await.unwrap();
        let kept = registration::keep(&mut tx, &desk, id(&hers).parse().unwrap()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(kept.round, 1);
        // A seat that becomes free while there is no date is offered to nobody.
        leave(&dina, session).await;
        assert_eq!(adds_up(&test, session).await, (0, 1));
        let mut tx = test.db().write(paula).await.unwrap();
        posting::cancel(&mut tx, &desk, session, "No other room.").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(adds_up(&test, session).await, (0, 0));
        let last = test.letters("dora@millbrook.example").await.pop().unwrap();
        assert_eq!(last.kind, "session_cancelled");
        assert!(last.text.contains("No other room."), "{}", last.text);
        let kinds = kinds(&test, "dina@millbrook.example").await;
        assert_eq!(kinds, ["seat_confirmed", "session_changed", "seat_released"], "who left is not told");
    }
}

/// An account as an actor.
async fn person(test: &TestApp, account: AccountId) -> Actor {
    let cx = test.db().cx(Actor::System("test"));
    let via = commonground::platform::Via::SignIn(account.0);
    let scope = commonground::platform::Scope::Write;
    let since = test.clock.now();
    commonground::people::account::actor(&cx, account, via, since, scope, false).await.unwrap().unwrap()
}

/// R6: rows and counters of seats are written in the stores, by the one function that moves a seat.
#[test]
fn one_function_moves_every_seat() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let (mut seen, mut movers) = (0, Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let file = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            seen += 1;
            let store = file.starts_with("sessions/store/");
            for column in ["Column::Taken", "Column::OnlineTaken", "Column::Waited", "Column::WaitlistNo"] {
                let own = ["sessions/store/sessions.rs", "sessions/store/registrations.rs"].contains(&file.as_str());
                assert!(!code.contains(&format!("col_expr(row::{column}")) || own, "{file} counts seats");
            }
            let seats = code.contains("store::registrations as store") || code.contains("registrations as store");
            let writes = seats && (code.contains("store::update(") || code.contains("store::insert("));
            let named = code.contains("registrations::update(") || code.contains("registrations::insert(");
            if !store && (writes || named || code.contains("count_seats(") || code.contains("count_for_school(")) {
                movers.push(file);
            }
        }
    }
    assert!(seen > 100, "{seen} files were read");
    assert_eq!(movers, ["sessions/registration/moving.rs"]);
}
