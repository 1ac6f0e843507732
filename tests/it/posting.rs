//! Posting a session: drafts, the co-host, publication, changes, its end. Over JSON and by the form.

use std::sync::Arc;

use commonground::people::{self, AccountId, SchoolId};
use commonground::platform::{Actor, Place, Role, Timestamp, ids};
use commonground::sessions::clockwork;
use commonground::sessions::room::{self, NewRoom, Room};
use reqwest::{Method, Response, StatusCode};
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::persons::Browser;
use crate::support::sessions::TwoSchools;
use crate::support::{TestApp, both_engines, problem};

/// Somebody at their browser, who also calls the API with it.
struct Caller<'a> {
    test: &'a TestApp,
    account: AccountId,
}

impl Caller<'_> {
    /// Their browser, signed in now: a sign-in of weeks ago is over.
    async fn browser(&self) -> Browser {
        self.test.signed_in(self.account, false).await
    }

    async fn call(&self, method: Method, path: &str, body: Value, if_match: Option<&str>) -> Response {
        let request = self.test.client.request(method, format!("{}/api/v1{path}", self.test.base)).json(&body);
        let request = request.header("sec-fetch-site", "same-origin");
        let request = match if_match {
            Some(tag) => request.header("if-match", tag),
            None => request,
        };
        self.browser().await.send(request).await
    }

    async fn post(&self, path: &str, body: Value) -> Response {
        self.call(Method::POST, path, body, None).await
    }

    /// A call that is done: its tag and the session.
    async fn done(&self, method: Method, path: &str, body: Value, if_match: Option<&str>) -> (String, Value) {
        let answer = self.call(method, path, body, if_match).await;
        let (status, tag) = (answer.status(), answer.headers().get("etag").cloned());
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        (tag.unwrap().to_str().unwrap().to_owned(), serde_json::from_str(&text).unwrap())
    }

    async fn change(&self, session: &Value, tag: &str, body: Value) -> (String, Value) {
        self.done(Method::PATCH, &path(session, ""), body, Some(tag)).await
    }
}

fn path(session: &Value, what: &str) -> String {
    format!("/sessions/{}{what}", session["id"].as_str().unwrap())
}

impl TestApp {
    async fn poster(&self, account: AccountId) -> Caller<'_> {
        Caller { test: self, account }
    }

    /// Paula's workshop with Millbrook, agreed to by Pete and published.
    async fn posted_session(&self, at: &TwoSchools, draft: Value) -> (String, Value) {
        let (paula, pete) = (self.poster(at.paula).await, self.poster(at.pete).await);
        let (_, made) = paula.done(Method::POST, "/sessions", draft, None).await;
        pete.done(Method::POST, &path(&made, "/cohost-consent"), json!({ "agreed": true }), None).await;
        paula.done(Method::POST, &path(&made, "/publication"), json!({}), None).await
    }

    async fn posting_tick(&self, at: &str) {
        self.clock.set(at.parse::<Timestamp>().unwrap());
        let desk = self.app.desk(&Arc::from(self.base.as_str())).unwrap();
        clockwork::tick(self.db(), &desk).await.unwrap();
    }

    /// A number of the database.
    async fn posting_count(&self, sql: &str) -> i64 {
        let cx = self.db().cx(Actor::System("test"));
        let backend = cx.conn().get_database_backend();
        let row = cx.conn().query_one_raw(Statement::from_string(backend, sql.to_owned())).await.unwrap().unwrap();
        row.try_get("", "n").unwrap()
    }

    /// Somebody with a confirmed seat, as a row: seats are another part's.
    async fn posting_seat(&self, session: &Value, account: AccountId, school: SchoolId, sector: &str) {
        let now = self.clock.now();
        let session: SessionUuid = session["id"].as_str().unwrap().parse().unwrap();
        self.put(
            "registration",
            vec![
                ("id", Expr::value(ids::fresh())),
                ("session_id", Expr::value(session)),
                ("account_id", Expr::value(account.0)),
                ("school_id", Expr::value(school.0)),
                ("sector", Expr::value(sector)),
                ("way", Expr::value("in_person")),
                ("seat", Expr::value("confirmed")),
                ("approval", Expr::value("not_needed")),
                ("promoted", Expr::value(false)),
                ("coverage", Expr::value("not_needed")),
                ("round", Expr::value(0)),
                ("turn", Expr::value(1)),
                ("created_at", Expr::value(now)),
                ("updated_at", Expr::value(now)),
            ],
        )
        .await;
    }

    async fn posting_room(&self, school: SchoolId, name: &str) -> Room {
        let mut tx = self.db().write(Actor::System("test")).await.unwrap();
        let new = NewRoom { name: name.to_owned(), seats: "30".to_owned(), access: "Lift from the yard".to_owned() };
        let room = room::add(&mut tx, school, new).await.unwrap();
        tx.commit().await.unwrap();
        room
    }
}

type SessionUuid = uuid::Uuid;

/// Everything that publication asks for: a Saturday morning at Harbor, with Millbrook.
fn workshop(at: &TwoSchools) -> Value {
    json!({
        "title": "Reading Safety Net in Action",
        "format": "workshop",
        "purpose": "a plan for your first six weeks",
        "topics": ["early_reading"],
        "host": at.harbor.to_string(),
        "cohost": "Millbrook Elementary",
        "capacity": 24,
        "meetings": [{ "starts_at": "2026-11-14T09:00", "ends_at": "2026-11-14T12:00", "address": "12 Harbor Street" }],
    })
}

fn with(mut draft: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        draft[name] = value.clone();
    }
    draft
}

/// What a refusal says of each field.
async fn wrong(answer: Response) -> Vec<(String, String)> {
    let problem = problem(answer, 422).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    problem["errors"].as_array().unwrap().iter().map(|e| (text(&e["pointer"]), text(&e["detail"]))).collect()
}

both_engines! {
    async fn a_session_is_published_once_a_school_of_another_sector_agrees(test: TestApp) {
        let at = test.two_schools().await;
        let (paula, pete) = (test.poster(at.paula).await, test.poster(at.pete).await);
        let answer = paula.post("/sessions", workshop(&at)).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        assert!(answer.headers()["location"].to_str().unwrap().contains("/api/v1/sessions/"));
        let made: Value = answer.json().await.unwrap();
        assert_eq!((&made["status"], &made["cohost_consent"]), (&json!("draft"), &json!("asked")));
        let letter = test.letters("pete@millbrook.example").await.pop().unwrap();
        assert_eq!(letter.kind, "session_cohost_asked");
        assert!(letter.subject.contains("Saturday, November 14, 2026"), "{}", letter.subject);
        let consent = letter.path(&test.base);
        assert_eq!(consent, format!("{}/cohost-consent", path(&made, "")));

        let refused = wrong(paula.post(&path(&made, "/publication"), json!({})).await).await;
        assert_eq!(refused, [("#/cohost".to_owned(), "The co-host has not answered yet.".to_owned())]);

        let (_, agreed) = pete.done(Method::POST, &path(&made, "/cohost-consent"), json!({ "agreed": true }), None).await;
        assert_eq!(agreed["cohost_consent"], "given");
        let told = test.letters("paula@harbor.example").await;
        assert_eq!(told.iter().filter(|letter| letter.kind == "session_cohost_answered").count(), 1);
        problem(pete.post(&path(&made, "/publication"), json!({})).await, 403).await;
        let (_, published) = paula.done(Method::POST, &path(&made, "/publication"), json!({}), None).await;
        assert_eq!((&published["status"], &published["joint_published"]), (&json!("published"), &json!(true)));
        assert_eq!(published["kept"], json!({ "charter": 8, "district": 8 }));
        // Midnight ten days before, where it is; clocks have gone back by then.
        assert_eq!(published["release_at"].as_str().unwrap()[..16], *"2026-11-04T05:00");
        // Twice is as good as once.
        let (_, again) = paula.done(Method::POST, &path(&made, "/publication"), json!({}), None).await;
        assert_eq!(again["updated_at"], published["updated_at"]);
    }
}

both_engines! {
    async fn searching_finds_what_is_published_by_its_latest_title(test: TestApp) {
        let at = test.two_schools().await;
        let paula = test.poster(at.paula).await;
        let found = async |words: &str| {
            test.settle().await;
            test.page(&format!("/search?q={words}")).await.contains("Saturday, November 14, 2026")
        };
        paula.done(Method::POST, "/sessions", workshop(&at), None).await;
        assert!(!found("reading+safety").await, "a draft is nobody else's");
        let (tag, session) = test.posted_session(&at, workshop(&at)).await;
        assert!(found("reading+safety").await);
        paula.change(&session, &tag, json!({ "title": "Phonics from scratch" })).await;
        assert!(found("phonics").await);
        paula.done(Method::DELETE, &path(&session, "/publication"), json!({}), None).await;
        assert!(!found("phonics").await);
        test.verify().await;
    }
}

both_engines! {
    async fn two_schools_of_one_sector_are_not_joint(test: TestApp) {
        let at = test.two_schools().await;
        let other = test.add_school("Harbor East", "charter_network", "East Pier Charter School", "charter").await;
        let eve = test.account("eve@east.example", "Eve Lock").await;
        test.appoint(eve, Role::Principal, Place::School(other.0)).await;
        let paula = test.poster(at.paula).await;
        let draft = with(workshop(&at), json!({ "cohost": "East Pier Charter School" }));
        let (_, made) = paula.done(Method::POST, "/sessions", draft, None).await;
        assert_eq!(made["cohost_consent"], "none");
        assert!(test.letters("eve@east.example").await.is_empty());
        let refused = wrong(paula.post(&path(&made, "/publication"), json!({})).await).await;
        assert_eq!(refused.len(), 1);
        assert!(refused[0].1.contains("same sector"), "{refused:?}");
    }
}

both_engines! {
    async fn everything_that_is_wrong_is_said_at_once(test: TestApp) {
        let at = test.two_schools().await;
        let paula = test.poster(at.paula).await;
        let draft = json!({
            "title": "", "format": "party", "host": "Nowhere", "cohost": "No Such School", "topics": ["reeding"],
            "capacity": 0, "minimum": 9000, "zone": "Mars/Base", "closes_at": "soon", "visibility": "secret",
            "practice": "no-such-practice", "facilitators": [{ "email": "nobody@else.example", "name": "N" }],
            "meetings": [
                { "starts_at": "2027-03-14T02:30", "ends_at": "2027-03-14T05:00" },
                { "starts_at": "2027-03-20T09:00", "ends_at": "2027-03-20T08:00" },
                { "starts_at": "2027-03-01T09:00", "online_url": "javascript:alert(1)" },
            ],
        });
        let said = wrong(paula.post("/sessions", draft).await).await;
        let fields: Vec<&str> = said.iter().map(|(field, _)| field.trim_start_matches("#/")).collect();
        for field in [
            "title", "format", "host", "cohost", "topics", "capacity", "minimum", "zone", "closes_at", "visibility", "practice",
            "facilitators/1/email", "meetings/1/starts_at", "meetings/2/ends_at", "meetings/3/online_url", "meetings/3/starts_at",
        ] {
            assert!(fields.contains(&field), "{field} of {said:?}");
        }
        assert_eq!(test.posting_count("SELECT COUNT(*) AS n FROM session").await, 0);
        // A title, a format and a host are enough.
        let (_, made) = paula.done(Method::POST, "/sessions",
            json!({ "title": "Plans", "format": "webinar", "host": at.harbor.to_string() }), None).await;
        assert_eq!((&made["mode"], &made["online"]["capacity"]), (&json!("online"), &json!(100)));
        let missing = wrong(paula.post(&path(&made, "/publication"), json!({})).await).await;
        let fields: Vec<&str> = missing.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["#/purpose", "#/topics", "#/meetings/1/date", "#/cohost"]);
    }
}

both_engines! {
    /// Whoever may not draft for a school learns nothing about it; a co-host is not asked by being named.
    async fn a_draft_tells_nobody_who_works_elsewhere(test: TestApp) {
        let at = test.two_schools().await;
        let (paula, dina, pete) = (test.poster(at.paula).await, test.poster(at.dina).await, test.poster(at.pete).await);
        let led_by = |email: &str| with(workshop(&at), json!({ "facilitators": [{ "email": email, "name": "N" }] }));
        let empty = json!({ "title": "", "format": "party", "facilitators": [{ "email": "carl@harbor.example" }] });
        problem(dina.post("/sessions", with(workshop(&at), empty)).await, 403).await;
        let unknown = wrong(paula.post("/sessions", led_by("nobody@else.example")).await).await;
        assert_eq!(unknown.len(), 1);
        assert_eq!(wrong(paula.post("/sessions", led_by("dina@millbrook.example")).await).await, unknown);
        let (_, made) = paula.done(Method::POST, "/sessions", led_by("carl@harbor.example"), None).await;
        let led = json!({ "facilitators": [{ "email": "dina@millbrook.example", "name": "N" }] });
        let refused = paula.call(Method::PATCH, &path(&made, ""), led.clone(), Some("*")).await;
        assert_eq!(wrong(refused).await, unknown);
        pete.done(Method::POST, &path(&made, "/cohost-consent"), json!({ "agreed": true }), None).await;
        paula.change(&made, "*", led).await;
        // Another host is asked for before anything else is said, too.
        let moved = json!({ "host": "Millbrook Elementary", "title": "" });
        problem(paula.call(Method::PATCH, &path(&made, ""), moved, Some("*")).await, 403).await;
    }
}

both_engines! {
    async fn hours_that_do_not_come_or_come_twice_are_not_guessed(test: TestApp) {
        let at = test.two_schools().await;
        let paula = test.poster(at.paula).await;
        let meeting = |zone: &str, starts: &str, ends: &str| {
            with(workshop(&at), json!({ "zone": zone, "meetings": [{ "starts_at": starts, "ends_at": ends, "address": "A" }] }))
        };
        for (zone, starts, ends, said) in [
            ("America/New_York", "2027-03-14T02:30", "2027-03-14T05:00",
             "On Sunday, March 14, 2027 clocks go forward and 2:30 AM does not come; choose 3:00 AM or later, or an earlier hour."),
            ("America/Chicago", "2027-11-07T01:15", "2027-11-07T05:00",
             "On Sunday, November 7, 2027 clocks go back and 1:15 AM comes twice; choose a time before 1:00 AM, or 2:00 AM or later."),
            ("America/Los_Angeles", "2027-11-07T01:15:00-07:00", "2027-11-07T05:00",
             "On Sunday, November 7, 2027 clocks go back and 1:15 AM comes twice; choose a time before 1:00 AM, or 2:00 AM or later."),
        ] {
            let refused = wrong(paula.post("/sessions", meeting(zone, starts, ends)).await).await;
            assert_eq!(refused, [("#/meetings/1/starts_at".to_owned(), said.to_owned())]);
        }
        // Over the change it lasts as long as it lasts: from half past midnight to half past three are four hours.
        let draft = meeting("America/New_York", "2026-11-01T00:30", "2026-11-01T03:30");
        let (_, made) = paula.done(Method::POST, "/sessions", draft, None).await;
        assert_eq!(made["starts_at"], "2026-11-01T00:30:00-04:00");
        assert_eq!(made["ends_at"], "2026-11-01T03:30:00-05:00");
        // A time with an offset is what the wall shows there.
        let draft = meeting("America/Chicago", "2026-11-14T15:00:00Z", "2026-11-14T16:00:00Z");
        let (_, made) = paula.done(Method::POST, "/sessions", draft, None).await;
        assert_eq!(made["starts_at"], "2026-11-14T09:00:00-06:00");
    }
}

both_engines! {
    async fn a_teachers_draft_goes_to_the_principal(test: TestApp) {
        let at = test.two_schools().await;
        let (carl, dina, paula) = (test.poster(at.carl).await, test.poster(at.dina).await, test.poster(at.paula).await);
        let pete = test.poster(at.pete).await;
        problem(dina.post("/sessions", workshop(&at)).await, 403).await;
        let (tag, made) = carl.done(Method::POST, "/sessions", workshop(&at), None).await;
        // A teacher's draft asks no other school.
        assert_eq!(made["cohost_consent"], "none");
        problem(dina.call(Method::PATCH, &path(&made, ""), json!({ "title": "Mine" }), Some(&tag)).await, 404).await;
        problem(pete.call(Method::PATCH, &path(&made, ""), json!({ "title": "Mine" }), Some(&tag)).await, 403).await;
        problem(carl.post(&path(&made, "/publication"), json!({})).await, 403).await;
        assert_eq!(carl.browser().await.get(&path(&made, "/posting")).await.status(), 200);
        assert_eq!(dina.browser().await.get(&path(&made, "/posting")).await.status(), 404);
        let to = carl.browser().await.post_on(&path(&made, "/submission"), &[]).await;
        assert!(to.starts_with(&path(&made, "/posting")), "{to}");
        carl.browser().await.post_on(&path(&made, "/submission"), &[]).await;
        let letters = test.letters("paula@harbor.example").await;
        let asked: Vec<_> = letters.iter().filter(|letter| letter.kind == "session_submitted").collect();
        assert_eq!(asked.len(), 1);
        assert!(asked[0].text.contains("Carl Pier") && asked[0].path(&test.base) == path(&made, "/posting"));
        // The principal asks Millbrook, and publishes what Carl made.
        paula.browser().await.post_on(&path(&made, "/cohost"), &[]).await;
        pete.done(Method::POST, &path(&made, "/cohost-consent"), json!({ "agreed": true }), None).await;
        let to = paula.browser().await.post_on(&path(&made, "/publication"), &[]).await;
        assert_eq!(to, path(&made, ""));
    }
}

both_engines! {
    async fn a_change_says_what_it_was_read_as_and_calendars_learn_what_they_must(test: TestApp) {
        let at = test.two_schools().await;
        let paula = test.poster(at.paula).await;
        let (tag, session) = test.posted_session(&at, workshop(&at)).await;
        problem(paula.call(Method::PATCH, &path(&session, ""), json!({ "title": "X" }), None).await, 428).await;
        problem(paula.call(Method::PATCH, &path(&session, ""), json!({ "title": "X" }), Some("\"r1-x\"")).await, 412).await;
        let (tag2, typo) = paula.change(&session, &tag, json!({ "title": "Reading safety net in action", "parking": "Behind it" })).await;
        assert_eq!((&typo["sequence"], &typo["purpose"]), (&json!(0), &session["purpose"]));
        assert_ne!(tag, tag2);
        problem(paula.call(Method::PATCH, &path(&session, ""), json!({ "title": "X" }), Some(&tag)).await, 412).await;
        // Another date takes along what hangs on it.
        let meetings = json!([{ "starts_at": "2026-11-21T09:00", "ends_at": "2026-11-21T12:00", "address": "12 Harbor Street" }]);
        let (tag, moved) = paula.change(&session, &tag2, json!({ "meetings": meetings })).await;
        assert_eq!((&moved["sequence"], &moved["release_at"].as_str().unwrap()[..10]), (&json!(1), "2026-11-11"));
        // What is published stays what may be published, and stays with its hosts.
        let refused = paula.call(Method::PATCH, &path(&session, ""), json!({ "purpose": null }), Some(&tag)).await;
        assert_eq!(wrong(refused).await[0].0, "#/purpose");
        let refused = paula.call(Method::PATCH, &path(&session, ""), json!({ "cohost": null }), Some(&tag)).await;
        assert_eq!(wrong(refused).await[0].0, "#/cohost");
        // Nothing changed is no change.
        let (same, _) = paula.change(&session, &tag, json!({ "parking": "Behind it" })).await;
        assert_eq!(same, tag);
        assert_eq!(test.posting_count("SELECT COUNT(*) AS n FROM meeting").await, 1);
    }
}

both_engines! {
    async fn a_room_and_a_person_are_in_one_place_at_a_time(test: TestApp) {
        let at = test.two_schools().await;
        let paula = test.poster(at.paula).await;
        let library = test.posting_room(at.harbor, "Library").await;
        let elsewhere = test.posting_room(at.dina_school(), "Gym").await;
        let meeting = |starts: &str, ends: &str| json!([{ "starts_at": starts, "ends_at": ends, "room": library.id.to_string() }]);
        let first = json!({
            "meetings": meeting("2026-11-14T09:00", "2026-11-14T12:00"),
            "facilitators": [{ "account": at.carl.to_string() }],
        });
        test.posted_session(&at, with(workshop(&at), first)).await;
        let pete = test.poster(at.pete).await;
        let second = |more: Value| with(with(workshop(&at), json!({ "title": "Math Talks" })), more);
        let draft = second(json!({
            "meetings": meeting("2026-11-14T11:59", "2026-11-14T14:00"),
            "facilitators": [{ "email": "carl@harbor.example", "name": "Carl" }],
        }));
        let (_, made) = paula.done(Method::POST, "/sessions", draft, None).await;
        pete.done(Method::POST, &path(&made, "/cohost-consent"), json!({ "agreed": true }), None).await;
        let refused = problem(paula.post(&path(&made, "/publication"), json!({})).await, 409).await;
        let said = refused["detail"].as_str().unwrap();
        let when = "Saturday, November 14, 2026, 9:00 AM to 12:00 PM EST";
        assert!(said.contains(&format!("Library is taken by \"Reading Safety Net in Action\": {when}.")), "{said}");
        assert!(said.contains("Carl leads \"Reading Safety Net in Action\" then"), "{said}");
        let page = paula.browser().await.page(&path(&made, "/posting")).await;
        assert!(page.contains("Library is taken by"), "{page}");
        // One after the other is fine; so is a room of the co-host, and none of anybody else.
        paula.change(&made, "*", json!({ "meetings": meeting("2026-11-14T12:00", "2026-11-14T14:00") })).await;
        let gym = json!([{ "starts_at": "2026-11-14T12:00", "room": elsewhere.id.to_string() }]);
        let (_, published) = paula.done(Method::POST, &path(&made, "/publication"), json!({}), None).await;
        assert_eq!(published["status"], "published");
        let (tag, _) = paula.change(&made, "*", json!({ "meetings": gym })).await;
        let strange = test.add_school("Other Schools", "district", "Other Elementary", "district").await;
        let strange = test.posting_room(strange, "Hall").await;
        let body = json!({ "meetings": [{ "starts_at": "2026-11-14T12:00", "room": strange.id.to_string() }] });
        let refused = paula.call(Method::PATCH, &path(&made, ""), body, Some(&tag)).await;
        assert_eq!(wrong(refused).await[0].0, "#/meetings/1/room");
        // A published session does not move into a room that is taken either.
        let body = json!({ "meetings": meeting("2026-11-14T10:00", "2026-11-14T11:00") });
        problem(paula.call(Method::PATCH, &path(&made, ""), body, Some(&tag)).await, 409).await;
    }
}

impl TwoSchools {
    fn dina_school(&self) -> SchoolId {
        self.millbrook
    }
}

both_engines! {
    async fn time_closes_begins_and_ends_a_session(test: TestApp) {
        let at = test.two_schools().await;
        let draft = with(workshop(&at), json!({ "closes_at": "2026-11-10" }));
        let (_, session) = test.posted_session(&at, draft).await;
        let paula = test.poster(at.paula).await;
        let status = async || paula.done(Method::PATCH, &path(&session, ""), json!({}), Some("*")).await.1;
        test.posting_tick("2026-11-11T04:58:00Z").await;
        assert_eq!(status().await["status"], "published");
        test.posting_tick("2026-11-11T04:59:00Z").await;
        let closed = status().await;
        assert_eq!((&closed["status"], &closed["sequence"]), (&json!("registration_closed"), &json!(0)));
        // A later end opens it again.
        let (_, open) = paula.done(Method::PATCH, &path(&session, ""), json!({ "closes_at": "2026-11-13" }), Some("*")).await;
        assert_eq!(open["status"], "published");
        paula.browser().await.post_on(&path(&session, "/closing"), &[]).await;
        assert_eq!(status().await["status"], "registration_closed");
        test.posting_tick("2026-11-14T13:59:59Z").await;
        assert_eq!(status().await["status"], "registration_closed");
        test.posting_tick("2026-11-14T14:00:00Z").await;
        assert_eq!(status().await["status"], "running");
        let moved = json!({ "meetings": [{ "starts_at": "2026-11-14T09:30", "address": "A" }] });
        let refused = paula.call(Method::PATCH, &path(&session, ""), moved, Some("*")).await;
        assert_eq!(wrong(refused).await[0].1, "A meeting that has begun stays as it was.");
        test.posting_tick("2026-11-14T17:00:00Z").await;
        test.posting_tick("2026-11-14T17:00:01Z").await;
        let refused = paula.call(Method::PATCH, &path(&session, ""), json!({ "title": "Late" }), Some("*")).await;
        problem(refused, 409).await;
        let ended = "SELECT COUNT(*) AS n FROM event WHERE action = 'session.completed'";
        assert_eq!(test.posting_count(ended).await, 1);
    }
}

both_engines! {
    async fn cancelling_says_why_and_tells_the_hosts_once(test: TestApp) {
        let at = test.two_schools().await;
        let (_, session) = test.posted_session(&at, workshop(&at)).await;
        let (paula, pete, carl) = (test.poster(at.paula).await, test.poster(at.pete).await, test.poster(at.carl).await);
        let cancel = path(&session, "/cancellation");
        assert_eq!(wrong(paula.post(&cancel, json!({ "reason": " " })).await).await[0].0, "#/reason");
        problem(carl.post(&cancel, json!({ "reason": "Snow" })).await, 403).await;
        problem(pete.post(&cancel, json!({ "reason": "Snow" })).await, 403).await;
        for _ in 0..2 {
            let (_, over) = paula.done(Method::POST, &cancel, json!({ "reason": "The roof leaks." }), None).await;
            assert_eq!((&over["status"], &over["reason"], &over["sequence"]), (&json!("cancelled"), &json!("The roof leaks."), &json!(1)));
        }
        for address in ["pete@millbrook.example", "paula@harbor.example"] {
            let letters = test.letters(address).await;
            let told: Vec<_> = letters.iter().filter(|letter| letter.kind == "session_cancelled_hosts").collect();
            assert_eq!(told.len(), 1, "{address}");
            assert!(told[0].text.contains("The roof leaks.") && told[0].subject.starts_with("Cancelled: "));
        }
        // A draft is nobody's business, and is not cancelled into the open.
        let (_, draft) = paula.done(Method::POST, "/sessions", workshop(&at), None).await;
        problem(paula.post(&path(&draft, "/cancellation"), json!({ "reason": "Snow" })).await, 409).await;
    }
}

both_engines! {
    async fn a_postponed_session_comes_back_with_a_new_date(test: TestApp) {
        let at = test.two_schools().await;
        let (_, session) = test.posted_session(&at, workshop(&at)).await;
        let paula = test.poster(at.paula).await;
        paula.browser().await.post_on(&path(&session, "/postponement"), &[("reason", "Snow is on its way.")]).await;
        let (tag, postponed) = paula.done(Method::PATCH, &path(&session, ""), json!({}), Some("*")).await;
        assert_eq!((&postponed["status"], &postponed["sequence"]), (&json!("postponed"), &json!(1)));
        // The old date passes over it.
        test.posting_tick("2026-11-15T12:00:00Z").await;
        let refused = wrong(paula.post(&path(&session, "/publication"), json!({})).await).await;
        assert_eq!(refused, [("#/meetings/1/date".to_owned(), "Give a start that is still to come.".to_owned())]);
        let meetings = json!([{ "starts_at": "2027-01-16T09:00", "ends_at": "2027-01-16T12:00", "address": "12 Harbor Street" }]);
        paula.change(&session, &tag, json!({ "meetings": meetings })).await;
        let (_, again) = paula.done(Method::POST, &path(&session, "/publication"), json!({}), None).await;
        assert_eq!((&again["status"], &again["sequence"], &again["reason"]), (&json!("published"), &json!(3), &Value::Null));
        assert_eq!(again["release_at"].as_str().unwrap()[..10], *"2027-01-06");
    }
}

both_engines! {
    async fn a_publication_is_taken_back_while_nobody_has_registered(test: TestApp) {
        let at = test.two_schools().await;
        let (_, session) = test.posted_session(&at, workshop(&at)).await;
        let (paula, dina) = (test.poster(at.paula).await, test.poster(at.dina).await);
        test.posting_seat(&session, at.dina, at.millbrook, "district").await;
        problem(paula.call(Method::DELETE, &path(&session, "/publication"), json!({}), None).await, 409).await;
        let (_, other) = test.posted_session(&at, workshop(&at)).await;
        let (_, draft) = paula.done(Method::DELETE, &path(&other, "/publication"), json!({}), None).await;
        assert_eq!((&draft["status"], &draft["sequence"]), (&json!("draft"), &json!(1)));
        problem(dina.call(Method::PATCH, &path(&other, ""), json!({}), Some("*")).await, 404).await;
        // A draft again, it may get another co-host, who is asked.
        let bay = test.add_school("Bay Schools", "district", "Bay Elementary", "district").await;
        let bea = test.account("bea@bay.example", "Bea Cove").await;
        test.appoint(bea, Role::Principal, Place::School(bay.0)).await;
        let (_, changed) = paula.change(&other, "*", json!({ "cohost": "Bay Elementary" })).await;
        assert_eq!(changed["cohost_consent"], "asked");
        assert_eq!(test.letters("bea@bay.example").await.len(), 1);
    }
}

both_engines! {
    async fn go_wants_two_sectors_and_the_hosts_hear_of_too_few(test: TestApp) {
        let at = test.two_schools().await;
        let draft = with(workshop(&at), json!({ "minimum": 3 }));
        let (_, session) = test.posted_session(&at, draft).await;
        let paula = test.poster(at.paula).await;
        test.posting_seat(&session, at.carl, at.harbor, "charter").await;
        test.posting_seat(&session, at.cora, at.harbor, "charter").await;
        // A week before the start is the day of go or no-go: November 7. Three days before, in New York.
        test.posting_tick("2026-11-04T04:59:00Z").await;
        assert!(test.letters("pete@millbrook.example").await.iter().all(|letter| letter.kind != "session_below_minimum"));
        test.posting_tick("2026-11-04T05:00:00Z").await;
        test.posting_tick("2026-11-05T05:00:00Z").await;
        for address in ["pete@millbrook.example", "paula@harbor.example"] {
            let letters = test.letters(address).await;
            let told: Vec<_> = letters.iter().filter(|letter| letter.kind == "session_below_minimum").collect();
            assert_eq!(told.len(), 1, "{address}");
            assert!(told[0].subject.starts_with("2 of 3 seats"), "{}", told[0].subject);
        }
        let go = path(&session, "/go");
        let page = paula.browser().await.post(&go, &[]).await;
        assert_eq!(page.status(), 409);
        assert!(page.text().await.unwrap().contains("People of two sectors must have seats"));
        test.posting_tick("2026-11-07T05:00:00Z").await;
        let now = async || paula.done(Method::PATCH, &path(&session, ""), json!({}), Some("*")).await.1;
        assert_eq!(now().await["joint_decided"], json!(false));
        test.posting_seat(&session, at.dina, at.millbrook, "district").await;
        paula.browser().await.post_on(&go, &[]).await;
        assert_eq!(now().await["joint_decided"], json!(true));
    }
}

both_engines! {
    async fn a_session_is_cloned_without_its_dates(test: TestApp) {
        let at = test.two_schools().await;
        let (_, session) = test.posted_session(&at, workshop(&at)).await;
        let carl = test.poster(at.carl).await;
        let to = carl.browser().await.post_on(&path(&session, "/clone"), &[]).await;
        assert!(to.ends_with("/edit"), "{to}");
        let copy = json!({ "id": to.split('/').nth(2).unwrap() });
        let (_, copy) = carl.done(Method::PATCH, &path(&copy, ""), json!({}), Some("*")).await;
        assert_eq!((&copy["status"], &copy["title"], &copy["cohost_consent"]), (&json!("draft"), &session["title"], &json!("none")));
        assert_eq!((&copy["meetings"], &copy["in_person"]["capacity"]), (&json!([]), &json!(24)));
        let uids = "SELECT COUNT(DISTINCT uid) AS n FROM session WHERE uid LIKE '%@127.0.0.1'";
        assert_eq!(test.posting_count(uids).await, 2);
    }
}

both_engines! {
    async fn the_form_keeps_what_is_typed_and_adds_dates_without_scripts(test: TestApp) {
        let at = test.two_schools().await;
        let paula = test.signed_in(at.paula, false).await;
        let page = paula.page("/sessions/new").await;
        assert!(page.contains("Harbor Charter School") && page.contains("id=\"meetings/1/date\""), "{page}");
        let host = at.harbor.to_string();
        let typed = [
            ("title", "Reading \"Safety\" Net"), ("format", "workshop_series"), ("host", host.as_str()),
            ("cohost", "Millbrook Elementary"), ("capacity", "24"), ("purpose", "a plan"), ("topics", "early_reading"),
            ("zone", "America/Chicago"), ("address", "12 Harbor Street"), ("parking", "Behind it"),
            ("meetings/1/date", "2026-11-14"), ("meetings/1/starts_at", "09:00"), ("meetings/1/ends_at", "12:00"),
            ("kept/charter", "5"), ("kept/district", ""), ("mode", ""), ("coverage", ""), ("visibility", "public"),
        ];
        let more = [typed.as_slice(), &[("more", "date")]].concat();
        let answer = paula.post("/sessions/new", &more).await;
        assert_eq!(answer.status(), 200);
        let page = answer.text().await.unwrap();
        assert!(page.contains("id=\"meetings/2/date\"") && page.contains("Reading &#34;Safety&#34; Net"), "{page}");
        assert_eq!(test.posting_count("SELECT COUNT(*) AS n FROM session").await, 0);
        let second = [("meetings/2/date", "2026-11-14"), ("meetings/2/starts_at", "11:00"), ("meetings/2/ends_at", "")];
        let wrong = [typed.as_slice(), &second].concat();
        let answer = paula.post("/sessions/new", &wrong).await;
        assert_eq!(answer.status(), 422);
        let page = answer.text().await.unwrap();
        assert!(page.contains("Give the dates in order") && page.contains(">Behind it</textarea>"), "{page}");
        let second = [("meetings/2/date", "2026-11-21"), ("meetings/2/starts_at", "09:00"), ("meetings/2/ends_at", "")];
        let right = [typed.as_slice(), &second].concat();
        let to = paula.post_on("/sessions/new", &right).await;
        let posting = to.split('?').next().unwrap().to_owned();
        let page = paula.page(&to).await;
        assert!(page.contains("Saturday, November 21, 2026, 9:00 AM to 11:00 AM CST"), "{page}");
        assert!(page.contains("The co-host has not answered yet."), "{page}");
        // The same form, filled with what is there.
        let edit = posting.replace("/posting", "/edit");
        let page = paula.page(&edit).await;
        for there in ["value=\"2026-11-21\"", "value=\"09:00\"", "value=\"12 Harbor Street\"", "name=\"revision\" value=\"2\""] {
            assert!(page.contains(there), "{there} of {page}");
        }
        let stale = [right.as_slice(), &[("revision", "1")]].concat();
        assert_eq!(paula.post(&edit, &stale).await.status(), 409);
        let now = [right.as_slice(), &[("revision", "2")]].concat();
        assert!(paula.post_on(&edit, &now).await.starts_with(&posting));
        // The co-host answers on a page of its own; nobody else sees it.
        let consent = posting.replace("/posting", "/cohost-consent");
        let (pete, dina) = (test.signed_in(at.pete, false).await, test.signed_in(at.dina, false).await);
        assert!(pete.page(&consent).await.contains("Agree to co-host"));
        assert_eq!(dina.get(&consent).await.status(), 404);
        assert_eq!(pete.post_on(&consent, &[("agreed", "no")]).await, consent);
        assert!(pete.page(&consent).await.contains("declined"));
        assert!(paula.page(&posting).await.contains("The co-host declined; ask another school."));
        assert_eq!(dina.get(&edit).await.status(), 404);
        assert_eq!(test.browser().get("/sessions/new").await.status(), 303);
    }
}

both_engines! {
    async fn the_form_sends_back_what_is_there(test: TestApp) {
        let at = test.two_schools().await;
        let caller = test.poster(at.paula).await;
        let attic = test.posting_room(at.harbor, "Attic").await;
        let meetings = json!([
            { "starts_at": "2026-11-14T22:00", "ends_at": "2026-11-15T01:00", "room": attic.id.to_string() },
            { "starts_at": "2026-11-21T09:00", "ends_at": "2026-11-21T12:00", "zone": "America/Boise", "address": "A" },
        ]);
        let (_, made) = caller.done(Method::POST, "/sessions", with(workshop(&at), json!({ "meetings": meetings })), None).await;
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        room::retire(&mut tx, at.harbor, attic.id, true).await.unwrap();
        tx.commit().await.unwrap();
        let paula = test.signed_in(at.paula, false).await;
        let edit = path(&made, "/edit");
        let page = paula.page(&edit).await;
        // What the browser would send: the fields as they are filled, and the chosen of each list.
        let mut sent: Vec<(String, String)> = Vec::new();
        let attribute = |tag: &str, name: &str| {
            let rest = tag.split_once(&format!(" {name}=\""))?.1;
            rest.split_once('"').map(|(value, _)| value.to_owned())
        };
        for tag in page.split('<').filter(|tag| tag.starts_with("input ") || tag.starts_with("select ")) {
            let Some(name) = attribute(tag, "name").filter(|name| name.starts_with("meetings/") || name == "revision" || name == "zone") else {
                continue;
            };
            let chosen = || {
                let list = page.split_once(&format!("name=\"{name}\""))?.1.split_once("</select>")?.0;
                attribute(list.split("<option").find(|option| option.contains(" selected"))?, "value")
            };
            let value = if tag.starts_with("select ") { chosen() } else { attribute(tag, "value") };
            sent.push((name, value.unwrap_or_default()));
        }
        for (name, value) in [("meetings/1/ends_on", "2026-11-15"), ("meetings/1/room", &attic.id.to_string()), ("meetings/2/zone", "America/Boise")] {
            assert!(sent.contains(&(name.to_owned(), value.to_owned())), "{name} of {sent:?}");
        }
        let more = [("title", "Late"), ("format", "workshop"), ("purpose", "a plan for your first six weeks"), ("topics", "early_reading")];
        let mut fields: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.extend(more);
        paula.post_on(&edit, &fields).await;
        let (_, now) = caller.done(Method::PATCH, &path(&made, ""), json!({}), Some("*")).await;
        assert_eq!((&now["title"], &now["meetings"]), (&json!("Late"), &made["meetings"]));
    }
}

both_engines! {
    async fn rooms_are_kept_by_the_school_and_offered_while_in_use(test: TestApp) {
        let at = test.two_schools().await;
        let paula = test.signed_in(at.paula, false).await;
        let carl = test.poster(at.carl).await;
        let slug = people::school(&test.db().cx(Actor::Visitor), &at.harbor.to_string()).await.unwrap().slug;
        let rooms = format!("/schools/{slug}/rooms");
        assert_eq!(carl.browser().await.get(&rooms).await.status(), 404);
        assert_eq!(carl.browser().await.post(&rooms, &[("name", "Attic")]).await.status(), 404);
        let library = [("name", "Library"), ("seats", "30"), ("access", "Lift from the yard")];
        paula.post_on(&rooms, &library).await;
        let twice = paula.post(&rooms, &library).await;
        assert_eq!(twice.status(), 422);
        assert!(twice.text().await.unwrap().contains("has a room of this name"));
        let list = async || {
            let answer = carl.call(Method::GET, &rooms, json!({}), None).await;
            answer.json::<Value>().await.unwrap()
        };
        let there = list().await;
        assert_eq!((&there["total"], &there["items"][0]["access"]), (&json!(1), &json!("Lift from the yard")));
        let id = there["items"][0]["id"].as_str().unwrap().to_owned();
        paula.post_on(&format!("{rooms}/{id}"), &[("name", "Big library"), ("seats", ""), ("access", "")]).await;
        assert!(paula.page("/sessions/new").await.contains("Big library, Harbor Charter School"));
        let pete = test.signed_in(at.pete, false).await;
        assert_eq!(pete.post(&format!("{rooms}/{id}/retirement"), &[]).await.status(), 404);
        paula.post_on(&format!("{rooms}/{id}/retirement"), &[]).await;
        assert_eq!(list().await["total"], 0);
        assert!(!paula.page("/sessions/new").await.contains("Big library"));
        paula.post_on(&format!("{rooms}/{id}/return"), &[]).await;
        assert_eq!(list().await["total"], 1);
    }
}
