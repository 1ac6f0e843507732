//! Sessions whose ground moves: schools that become one, ways that are given up, drafts that go, people at the door. Through
//! HTTP where a person acts.

use std::sync::Arc;

use commonground::people::AccountId;
use commonground::platform::{Actor, Db, Place, Role, ids};
use commonground::sessions::{self, SessionId, clockwork, wish};
use reqwest::{Method, Response};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::persons::Browser;
use crate::support::sessions::{Sketch, TwoSchools};
use crate::support::{Engine, TestApp, both_engines, problem};

async fn call(browser: &Browser, method: Method, path: &str, body: Value) -> Response {
    let request = reqwest::Client::new().request(method, browser.url(&format!("/api/v1{path}"))).json(&body);
    browser.send(request.header("sec-fetch-site", "same-origin").header("if-match", "*")).await
}

async fn done(browser: &Browser, method: Method, path: &str, body: Value) -> Value {
    let answer = call(browser, method, path, body).await;
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert!(status.is_success(), "{path}: {status} {text}");
    serde_json::from_str(&text).unwrap_or_default()
}

/// Asks for a seat and gives the id of the registration.
async fn register(test: &TestApp, account: AccountId, session: SessionId, way: &str) -> String {
    let browser = test.signed_in(account, false).await;
    let path = format!("/sessions/{session}/registration");
    done(&browser, Method::POST, &path, json!({ "way": way })).await["id"].as_str().unwrap().to_owned()
}

/// How a registration stands, for the person.
async fn stands(test: &TestApp, account: AccountId, registration: &str) -> (String, String, Option<u64>) {
    let browser = test.signed_in(account, false).await;
    let now = done(&browser, Method::GET, &format!("/registrations/{registration}"), Value::Null).await;
    let text = |name: &str| now[name].as_str().unwrap().to_owned();
    (text("seat"), text("way"), now["waitlist_position"].as_u64())
}

async fn kinds(test: &TestApp, email: &str) -> Vec<String> {
    test.letters(email).await.into_iter().map(|letter| letter.kind).collect()
}

/// An id as each engine writes it.
fn literal(test: &TestApp, id: Uuid) -> String {
    match test.db().cx(Actor::Visitor).conn().get_database_backend() {
        sea_orm::DbBackend::Sqlite => format!("x'{}'", id.simple()),
        _ => format!("'{id}'"),
    }
}

/// Tables and columns of sessions that name a school, as privacy.toml lists them; those of people and practices lead on by
/// themselves, and so do certificates and the past of schools in reports, which say for ever what was true then.
fn columns_of_schools() -> Vec<(String, String)> {
    let others = [
        "adoption",
        "certificate",
        "email_domain",
        "invitation",
        "membership",
        "practice",
        "identity_provider",
        "report_school",
    ];
    let mut table = String::new();
    let mut found = Vec::new();
    for line in include_str!("../../privacy.toml").lines() {
        if let Some(name) = line.strip_prefix('[') {
            table = name.trim_end_matches(']').to_owned();
        } else if let Some((column, _)) = line.split_once(" = ")
            && column.ends_with("school_id")
            && !others.contains(&table.as_str())
        {
            found.push((table.clone(), column.to_owned()));
        }
    }
    found
}

both_engines! {
    /// What sessions keep of a school goes over to the one that it became part of: its staff's seats to those who lead that one.
    async fn seats_of_a_merged_school_are_the_others(test: TestApp) {
        let at = test.two_schools().await;
        let kiln = test.add_school("Kiln Schools", "district", "Kiln Elementary", "district").await;
        let kim = test.account("kim@kiln.example", "Kim Oven").await;
        let ken = test.account("ken@kiln.example", "Ken Brick").await;
        test.appoint(kim, Role::Teacher, Place::School(kiln.0)).await;
        test.appoint(ken, Role::Principal, Place::School(kiln.0)).await;
        let sketch = Sketch { approval_needed: true, school_cap: Some(2), ..Sketch::default() };
        let session = test.session(&at, sketch).await;
        let hers = register(&test, kim, session, "in_person").await;
        register(&test, at.dina, session, "in_person").await;
        // Everything else that names a school.
        let now = test.clock.now();
        let text = |value: &str| Expr::value(value.to_owned());
        for school in [kiln, at.millbrook] {
            let room = vec![
                ("id", Expr::value(ids::fresh())),
                ("school_id", Expr::value(school.0)),
                ("name", text("Library")),
                ("created_at", Expr::value(now)),
            ];
            test.put("room", room).await;
            let invited = vec![("session_id", Expr::value(session.0)), ("school_id", Expr::value(school.0))];
            test.put("session_invited", invited).await;
        }
        let led = vec![
            ("session_id", Expr::value(session.0)),
            ("position", Expr::value(0)),
            ("name", text("Kim Oven")),
            ("school_id", Expr::value(kiln.0)),
        ];
        test.put("facilitator", led).await;
        let browser = test.signed_in(kim, false).await;
        browser.post_on("/sessions/ask", &[("subject", "topic:early_reading")]).await;
        let poll = vec![
            ("id", Expr::value(ids::fresh())),
            ("account_id", Expr::value(ken.0)),
            ("school_id", Expr::value(kiln.0)),
            ("question", text("When?")),
            ("closes_at", Expr::value(now)),
            ("created_at", Expr::value(now)),
        ];
        test.put("poll", poll).await;
        // A draft of the two, which has one school after that, and one that Kiln hosts.
        let own = TwoSchools { harbor: kiln, paula: ken, ..test_places(&at) };
        let draft = test.session(&own, Sketch { status: "draft", ..Sketch::default() }).await;
        let columns = columns_of_schools();
        let left = async || {
            let mut left = Vec::new();
            for (table, column) in &columns {
                let here = format!("{table} WHERE {column} = {}", literal(&test, kiln.0));
                if test.how_many(&here).await > 0 {
                    left.push(format!("{table}.{column}"));
                }
            }
            left
        };
        assert!(left().await.len() >= 8, "the test names the school everywhere: {:?}", left().await);

        let ada = test.account("ada@rivermark.example", "Ada Quill").await;
        test.appoint(ada, Role::CityAdmin, Place::Installation).await;
        let ada = test.signed_in(ada, true).await;
        let into = format!("school:{}", at.millbrook);
        ada.post_on(&format!("/admin/schools/{kiln}/merger"), &[("into", &into)]).await;

        assert_eq!(left().await, [] as [String; 0]);
        let pete = test.signed_in(at.pete, false).await;
        let page = pete.page("/schools/millbrook-elementary/seats").await;
        assert!(page.contains("Kim Oven") && page.contains("Dina Ford"), "{page}");
        // Two seats of one school now: the cap counts both, and what is counted is what is there.
        let tallies = format!("SELECT taken FROM session_school WHERE session_id = {}", literal(&test, session.0));
        assert_eq!(test.cells::<i32>(&tallies).await, [2]);
        let third = register(&test, at.dora, session, "in_person").await;
        assert_eq!(stands(&test, at.dora, &third).await.0, "waitlisted");
        done(&pete, Method::POST, &format!("/registrations/{hers}/approval"), json!({ "approved": true })).await;
        assert_eq!(stands(&test, kim, &hers).await.0, "confirmed");
        let path = format!("/sessions/{session}/registration");
        assert_eq!(call(&test.signed_in(kim, false).await, Method::DELETE, &path, Value::Null).await.status(), 200);
        assert_eq!(test.cells::<i32>(&tallies).await, [2], "the seat went to the next of the school");
        // Rooms are told apart, and a draft has no co-host that is its host.
        let names: Vec<String> = test.cells("SELECT name FROM room ORDER BY name").await;
        assert_eq!(names, ["Library", "Library (2)"]);
        let of_draft = format!("FROM session WHERE id = {}", literal(&test, draft.0));
        let consent: Vec<String> = test.cells(&format!("SELECT consent {of_draft}")).await;
        assert_eq!(consent, ["none"]);
        let moved: Vec<Value> = test.cells("SELECT detail FROM event WHERE action = 'school.sessions_moved'").await;
        assert_eq!((moved.len(), &moved[0]["registrations"]), (1, &json!(1)), "{moved:?}");
        // A change of the school later finds nothing to carry over.
        test.settle().await;
        test.verify().await;
    }
}

/// The same schools and people.
fn test_places(at: &TwoSchools) -> TwoSchools {
    TwoSchools {
        harbor: at.harbor,
        millbrook: at.millbrook,
        paula: at.paula,
        carl: at.carl,
        cora: at.cora,
        pete: at.pete,
        dina: at.dina,
        dora: at.dora,
    }
}

both_engines! {
    /// A room that is given up: who has a seat in it gets one online while there are any, who waits stands in the line online.
    async fn who_loses_the_room_comes_online(test: TestApp) {
        let at = test.two_schools().await;
        let session = test.session(&at, Sketch { capacity: 3, online: 2, ..Sketch::default() }).await;
        let online = register(&test, at.pete, session, "online").await;
        let mut seats = Vec::new();
        for account in [at.dina, at.dora, at.carl, at.cora] {
            seats.push((account, register(&test, account, session, "in_person").await));
        }
        assert_eq!(stands(&test, at.cora, &seats[3].1).await, ("waitlisted".into(), "in_person".into(), Some(1)));
        let paula = test.signed_in(at.paula, false).await;
        let path = format!("/sessions/{session}");
        done(&paula, Method::PATCH, &path, json!({ "mode": "online" })).await;
        let mut now = Vec::new();
        for (account, seat) in &seats {
            now.push(stands(&test, *account, seat).await);
        }
        assert_eq!(now[0], ("confirmed".into(), "online".into(), None), "who registered first");
        assert_eq!((now[1].0.as_str(), now[2].0.as_str()), ("released", "released"));
        assert_eq!(now[3], ("waitlisted".into(), "online".into(), Some(1)));
        let counted = format!("FROM session WHERE id = {}", literal(&test, session.0));
        let count = async |column: &str| test.cells::<i32>(&format!("SELECT {column} {counted}")).await[0];
        let all = [count("capacity").await, count("taken").await, count("online_capacity").await, count("online_taken").await];
        assert_eq!(all, [0, 0, 2, 2]);
        // Who moved agrees again by the letter of every change; who lost the seat is told why.
        assert_eq!(kinds(&test, "dina@millbrook.example").await, ["seat_confirmed", "session_changed"]);
        assert_eq!(kinds(&test, "dora@millbrook.example").await, ["seat_confirmed", "seat_released"]);
        assert_eq!(kinds(&test, "cora@harbor.example").await, ["seat_waitlisted", "session_changed"]);
        let told = test.letters("dora@millbrook.example").await.pop().unwrap().text;
        assert!(told.contains("no longer held in the room") && told.contains("full"), "{told}");
        // The line moves: a seat online that is given back is offered.
        let path = format!("/sessions/{session}/registration");
        assert_eq!(call(&test.signed_in(at.pete, false).await, Method::DELETE, &path, Value::Null).await.status(), 200);
        assert_eq!(stands(&test, at.pete, &online).await.0, "released");
        assert_eq!(stands(&test, at.cora, &seats[3].1).await.0, "offered");
        // And back: the seats are in the room again.
        let room = json!({ "mode": "in_person", "capacity": 1 });
        done(&paula, Method::PATCH, &format!("/sessions/{session}"), room).await;
        assert_eq!(stands(&test, at.dina, &seats[0].1).await, ("confirmed".into(), "in_person".into(), None));
        assert_eq!(stands(&test, at.cora, &seats[3].1).await.0, "released", "one seat, and hers was not taken yet");
    }
}

/// A draft of Paula's with Millbrook, agreed to, on a Saturday.
async fn drafted(test: &TestApp, at: &TwoSchools, day: &str) -> String {
    let (paula, pete) = (test.signed_in(at.paula, false).await, test.signed_in(at.pete, false).await);
    let draft = json!({
        "title": format!("Reading on {day}"),
        "format": "workshop",
        "purpose": "a plan for your first six weeks",
        "topics": ["early_reading"],
        "host": at.harbor.to_string(),
        "cohost": "Millbrook Elementary",
        "capacity": 24,
        "meetings": [{
            "starts_at": format!("{day}T09:00"), "ends_at": format!("{day}T12:00"), "address": "12 Harbor Street",
        }],
    });
    let id = done(&paula, Method::POST, "/sessions", draft).await["id"].as_str().unwrap().to_owned();
    done(&pete, Method::POST, &format!("/sessions/{id}/cohost-consent"), json!({ "agreed": true })).await;
    id
}

/// Two sessions meet a wish at one moment, both before either has ended it: the row holds up the second. (A publication also
/// waits for the change log; this must not hang on that.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wish_is_met_once() {
    let test = TestApp::start(Engine::Postgres).await;
    let at = test.two_schools().await;
    test.signed_in(at.dina, false).await.post_on("/sessions/ask", &[("subject", "topic:early_reading")]).await;
    let holder = test.db().write(Actor::System("test")).await.unwrap();
    holder.conn().execute_unprepared("SELECT id FROM wish FOR UPDATE").await.unwrap();
    let mut meetings = tokio::task::JoinSet::new();
    for title in ["One", "Another"] {
        let id = test.session(&at, Sketch { title: title.to_owned(), ..Sketch::default() }).await;
        let cx = test.db().cx(Actor::Visitor);
        let (session, _) = sessions::session(&cx, &id.to_string()).await.unwrap();
        let (db, desk) = (test.db().clone(), test.front_desk());
        meetings.spawn(async move {
            let mut tx = db.write(Actor::System("test")).await.unwrap();
            let told = wish::met_by(&mut tx, &desk, &session).await.unwrap();
            tx.commit().await.unwrap();
            told
        });
    }
    let waiting =
        "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    for _ in 0..80 {
        if test.cells::<i64>(waiting).await[0] == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    assert_eq!(test.cells::<i64>(waiting).await[0], 2, "both are at it");
    holder.commit().await.unwrap();
    assert_eq!(meetings.join_all().await.into_iter().sum::<usize>(), 1);
    let letters = kinds(&test, "dina@millbrook.example").await;
    assert_eq!(letters.iter().filter(|kind| *kind == "wish_met").count(), 1, "{letters:?}");
}

both_engines! {
    /// What principals were told of costs nothing more: the look of each second is one statement, however many wait.
    async fn wishes_that_wait_cost_nothing(test: TestApp) {
        let at = test.two_schools().await;
        // A connection of its own: the server's are busy.
        let alone = Db::open(&test.app.config, test.clock.clone()).await.unwrap();
        let desk = test.app.desk(&Arc::from(test.base.as_str())).unwrap();
        let cost = async || {
            for _ in 0..3 {
                clockwork::tick(&alone, &desk).await.unwrap();
            }
            let before = alone.statements();
            clockwork::tick(&alone, &desk).await.unwrap();
            alone.statements() - before
        };
        let idle = cost().await;
        for (account, _) in test.crowd(at.harbor, "tess", 5).await {
            let browser = test.signed_in(account, false).await;
            browser.post_on("/sessions/ask", &[("subject", "topic:early_reading")]).await;
        }
        test.signed_in(at.dina, false).await.post_on("/sessions/ask", &[("subject", "topic:early_reading")]).await;
        let after = cost().await;
        let told = kinds(&test, "pete@millbrook.example").await;
        assert_eq!(told.iter().filter(|kind| *kind == "wish_told").count(), 1, "{told:?}");
        assert_eq!(after, idle);
    }
}

both_engines! {
    /// Who is added by address, and who cannot be: nothing says whether there is an account.
    async fn adding_people_tells_nobody_who_has_an_account(test: TestApp) {
        let at = test.two_schools().await;
        test.appoint(at.dora, Role::Teacher, Place::School(at.harbor.0)).await;
        let late = Sketch { approval_needed: true, approval_by: Some(test.clock.now()), ..Sketch::default() };
        let session = test.session(&at, late).await;
        let paula = test.signed_in(at.paula, false).await;
        let lines = "dora@millbrook.example\nunknown@millbrook.example\ndina@millbrook.example";
        let answer = paula.post(&format!("/sessions/{session}/people"), &[("emails", lines)]).await;
        assert_eq!(answer.status(), 422);
        let page = answer.text().await.unwrap();
        assert_eq!(page.matches("Nobody with this address can be added").count(), 3, "{page}");
        assert!(!page.contains("choose a school") && !page.contains("principals"), "{page}");
        let many = vec!["a@b.example"; 51].join("\n");
        let answer = paula.post(&format!("/sessions/{session}/people"), &[("emails", &many)]).await;
        assert!(answer.text().await.unwrap().contains("1 to 50"));
    }
}

both_engines! {
    /// A draft goes for good, with everything of it; what is published stays.
    async fn a_draft_is_discarded(test: TestApp) {
        let at = test.two_schools().await;
        let (carl, dina) = (test.signed_in(at.carl, false).await, test.signed_in(at.dina, false).await);
        let draft = json!({
            "title": "Phonics lab", "format": "workshop", "host": at.harbor.to_string(), "topics": ["early_reading"],
            "capacity": 10, "facilitators": [{ "name": "Carl Pier" }],
            "meetings": [{ "starts_at": "2026-11-14T09:00", "ends_at": "2026-11-14T12:00" }],
        });
        let made = async || done(&carl, Method::POST, "/sessions", draft.clone()).await["id"].as_str().unwrap().to_owned();
        let (id, other) = (made().await, made().await);
        problem(call(&dina, Method::DELETE, &format!("/sessions/{id}"), Value::Null).await, 404).await;
        let answer = call(&carl, Method::DELETE, &format!("/sessions/{id}"), Value::Null).await;
        assert_eq!(answer.status(), 204);
        problem(call(&carl, Method::GET, &format!("/sessions/{id}"), Value::Null).await, 404).await;
        problem(call(&carl, Method::DELETE, &format!("/sessions/{id}"), Value::Null).await, 404).await;
        // By the button, which asks once more.
        let page = carl.page(&format!("/sessions/{other}/posting")).await;
        assert!(page.contains(&format!("action=\"/sessions/{other}/removal\"")) && page.contains("<details><summary>Discard"));
        assert_eq!(carl.post_on(&format!("/sessions/{other}/removal"), &[]).await, "/sessions");
        for table in ["session", "meeting", "session_topic", "facilitator"] {
            assert_eq!(test.how_many(table).await, 0, "{table}");
        }
        assert_eq!(test.how_many("event WHERE action = 'session.discarded'").await, 2);
        // Somebody had a seat, then it was taken back: their row goes too.
        let paula = test.signed_in(at.paula, false).await;
        let id = drafted(&test, &at, "2026-11-14").await;
        done(&paula, Method::POST, &format!("/sessions/{id}/publication"), json!({})).await;
        let session: SessionId = id.parse().unwrap();
        register(&test, at.dina, session, "in_person").await;
        problem(call(&paula, Method::DELETE, &format!("/sessions/{id}"), Value::Null).await, 409).await;
        let page = paula.page(&format!("/sessions/{id}/posting")).await;
        assert!(!page.contains("/removal"));
        assert_eq!(call(&dina, Method::DELETE, &format!("/sessions/{id}/registration"), Value::Null).await.status(), 200);
        done(&paula, Method::DELETE, &format!("/sessions/{id}/publication"), Value::Null).await;
        assert_eq!(call(&paula, Method::DELETE, &format!("/sessions/{id}"), Value::Null).await.status(), 204);
        assert_eq!((test.how_many("session").await, test.how_many("registration").await), (0, 0));
        test.settle().await;
        test.verify().await;
    }
}

both_engines! {
    /// The buttons of the posting page, over JSON.
    async fn a_program_does_what_the_buttons_do(test: TestApp) {
        let at = test.two_schools().await;
        let (carl, paula) = (test.signed_in(at.carl, false).await, test.signed_in(at.paula, false).await);
        let draft = json!({ "title": "Phonics lab", "format": "workshop", "host": at.harbor.to_string() });
        let own = done(&carl, Method::POST, "/sessions", draft).await["id"].as_str().unwrap().to_owned();
        let submitted = done(&carl, Method::POST, &format!("/sessions/{own}/submission"), json!({})).await;
        assert_eq!(submitted["status"], "submitted");
        assert!(kinds(&test, "paula@harbor.example").await.contains(&"session_submitted".to_owned()));

        let id = drafted(&test, &at, "2026-11-14").await;
        let path = |what: &str| format!("/sessions/{id}/{what}");
        done(&paula, Method::POST, &path("publication"), json!({})).await;
        let answer = call(&paula, Method::POST, &path("copy"), json!({})).await;
        assert_eq!(answer.status(), 201);
        let to = answer.headers()["location"].to_str().unwrap().to_owned();
        let copy: Value = answer.json().await.unwrap();
        assert!(to.ends_with(copy["id"].as_str().unwrap()) && copy["status"] == "draft", "{copy}");
        problem(call(&paula, Method::POST, &path("decision"), json!({ "go": true })).await, 409).await;
        register(&test, at.dina, id.parse().unwrap(), "in_person").await;
        register(&test, at.carl, id.parse().unwrap(), "in_person").await;
        done(&paula, Method::POST, &path("decision"), json!({ "go": true })).await;
        assert_eq!(test.how_many("event WHERE action = 'session.go'").await, 1);
        let closed = done(&paula, Method::POST, &path("registration-close"), json!({})).await;
        assert_eq!(closed["status"], "registration_closed");
        problem(call(&paula, Method::POST, &path("postponement"), json!({ "reason": " " })).await, 422).await;
        let postponed = done(&paula, Method::POST, &path("postponement"), json!({ "reason": "Snow" })).await;
        assert_eq!(postponed["status"], "postponed");
        problem(call(&paula, Method::POST, &path("decision"), json!({ "go": false })).await, 422).await;
        let no = json!({ "go": false, "reason": "Too few" });
        assert_eq!(done(&paula, Method::POST, &path("decision"), no).await["status"], "cancelled");
        for what in ["submission", "copy", "decision", "registration-close", "postponement"] {
            let body = json!({ "go": true, "reason": "Snow" });
            let answer = call(&test.signed_in(at.dina, false).await, Method::POST, &path(what), body.clone()).await;
            assert_eq!(answer.status(), 403, "{what}");
            assert_eq!(call(&test.browser(), Method::POST, &path(what), body).await.status(), 401, "{what}");
        }
    }
}

both_engines! {
    /// Somebody who comes without having registered is written down at the door, while there is a place and it lasts.
    async fn a_walk_in_is_added_at_the_door(test: TestApp) {
        let at = test.two_schools().await;
        let session = test.session(&at, Sketch { capacity: 2, approval_needed: true, ..Sketch::default() }).await;
        register(&test, at.pete, session, "in_person").await;
        test.clock.set("2026-11-14T14:30:00Z".parse().unwrap());
        test.let_time_act().await;
        let add = async |email: &str| {
            let paula = test.signed_in(at.paula, false).await;
            assert!(paula.page(&format!("/sessions/{session}/console")).await.contains("/people\""));
            let answer = paula.post(&format!("/sessions/{session}/people"), &[("emails", email)]).await;
            answer.text().await.unwrap()
        };
        let page = add("dina@millbrook.example").await;
        assert!(page.contains("One person is on the roster"), "{page}");
        let seats: Vec<String> = test.cells("SELECT seat FROM registration ORDER BY created_at").await;
        assert_eq!(seats, ["confirmed", "confirmed"], "nobody is asked for what has begun");
        let page = add("dora@millbrook.example").await;
        assert!(page.contains("No seat is free"), "{page}");
        assert!(add("unknown@millbrook.example").await.contains("No seat is free"), "whoever it is");
        let paula = test.signed_in(at.paula, false).await;
        assert!(paula.page(&format!("/sessions/{session}/attendance/1")).await.contains("Dina Ford"));
        // By themselves people no longer register.
        let carl = test.signed_in(at.carl, false).await;
        problem(call(&carl, Method::POST, &format!("/sessions/{session}/registration"), json!({})).await, 409).await;
        test.clock.set("2026-11-14T17:00:00Z".parse().unwrap());
        let paula = test.signed_in(at.paula, false).await;
        let answer = paula.post(&format!("/sessions/{session}/people"), &[("emails", "dora@millbrook.example")]).await;
        assert!(answer.text().await.unwrap().contains("is over"));
    }
}
