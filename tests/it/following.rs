//! Following, saved searches, and who hears of what is new.

use std::time::Duration;

use commonground::people::AccountId;
use commonground::platform::db::log;
use commonground::platform::{Actor, Place, Role};
use commonground::search::{self, Kind};
use commonground::sessions::SessionId;
use poem::http::Method;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::calendar::change;
use crate::support::persons::Browser;
use crate::support::sessions::Sketch;
use crate::support::{TestApp, both_engines, problem, texts};

/// A school of Albany, as the federal file has it.
const ALBANY: &str =
    "360000100001,3600001,Quarry School,Quarry District,Albany,NY,Kindergarten,5,N,CCD,1-Regular school,,300,,";

/// Waits until everything that changed was told of.
async fn told_all(test: &TestApp) {
    test.settle().await;
    for _ in 0..400 {
        let cx = test.db().cx(Actor::System("test"));
        let mut level = true;
        for kind in ["practice", "session"] {
            let head = log::head(cx.conn(), kind).await.unwrap();
            let sql = format!("SELECT seq FROM following_place WHERE log = '{kind}'");
            let backend = cx.conn().get_database_backend();
            let row = cx.conn().query_one_raw(Statement::from_string(backend, sql)).await.unwrap().unwrap();
            level &= row.try_get::<i64>("", "seq").unwrap() >= head;
        }
        if level {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("news are not told");
}

/// The subjects of letters of news to an address, oldest first.
async fn heard(test: &TestApp, email: &str) -> Vec<String> {
    told_all(test).await;
    let letters = test.letters(email).await;
    let news = letters.iter().filter(|letter| ["follow_news", "saved_search_match"].contains(&letter.kind.as_str()));
    news.map(|letter| letter.subject.clone()).collect()
}

async fn practice(test: &TestApp, source: &str, title: &str, more: Value) {
    let mut one = json!({ "source": source, "title": title });
    one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    test.import(&[one]).await;
}

async fn person(test: &TestApp, email: &str) -> (AccountId, Browser) {
    let id = test.account(email, "Ada Reader").await;
    let browser = test.signed_in(id, false).await;
    at_once(&browser).await;
    (id, browser)
}

/// Everything at once, so that letters show what was told.
async fn at_once(browser: &Browser) {
    let paces = [("pace-follow", "instant"), ("pace-saved-searches", "instant")];
    assert_eq!(browser.post_on("/me/notifications/settings", &paces).await, "/me/notifications/settings?saved");
}

async fn save(browser: &Browser, kind: &str, query: &str) {
    let fields = [("kind", kind), ("query", query), ("name", ""), ("pace", "instant")];
    assert_eq!(browser.post_on("/me/saved-searches", &fields).await, "/me/saved-searches?done=saved");
}

async fn follow(browser: &Browser, kind: &str, target: &str) {
    let to = browser.post_on("/follow", &[("kind", kind), ("target", target)]).await;
    assert_eq!(to, "/me/follows?done=followed");
}

async fn touch(test: &TestApp, kind: Kind, id: uuid::Uuid) {
    let mut tx = test.db().write(Actor::System("test")).await.unwrap();
    search::touch(&mut tx, kind, &[id]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn session(test: &TestApp, id: SessionId, cells: Vec<(&'static str, SimpleExpr)>) {
    if !cells.is_empty() {
        change(test, "session", "id", id.0, cells).await;
    }
    touch(test, Kind::Session, id.0).await;
}

fn cell<V: Into<sea_orm::Value>>(column: &'static str, value: V) -> (&'static str, SimpleExpr) {
    (column, Expr::value(value))
}

both_engines! {
    async fn what_is_followed_is_listed_and_let_go(test: TestApp) {
        test.seed().await;
        test.import_schools(&[ALBANY]).await;
        let (_, ada) = person(&test, "ada@reader.example").await;
        let visitor = test.browser().get("/follow?kind=topic&id=tutoring").await;
        assert_eq!(visitor.headers()["location"], "/sign-in?next=%2Ffollow%3Fkind%3Dtopic%26id%3Dtutoring");

        assert!(ada.page("/me/follows").await.contains("You follow nothing yet"));
        let schools = test.json("/api/v1/schools").await;
        let school = schools["items"][0]["slug"].as_str().unwrap();
        let page = ada.page(&format!("/schools/{school}")).await;
        assert!(page.contains("/follow?kind=school&#38;id=") || page.contains("/follow?kind=school&amp;id="), "{page}");
        let shown = ada.page(&format!("/follow?kind=school&id={}/schools/{school}", test.base)).await;
        assert!(shown.contains("action=\"/follow\""));
        follow(&ada, "school", school).await;
        follow(&ada, "topic", "tutoring").await;
        follow(&ada, "topic", "tutoring").await;
        follow(&ada, "city", "Albany, NY").await;
        assert!(ada.page("/follow?kind=topic&id=tutoring").await.contains("You follow"));
        let list: Value = ada.get("/api/v1/me/follows").await.json().await.unwrap();
        assert_eq!(texts(&list["items"], "kind"), ["city", "school", "topic"]);
        assert_eq!(list["items"][0]["target"], "NY:Albany");

        let to = ada.post_on("/me/follows/end", &[("kind", "topic"), ("target", "tutoring")]).await;
        assert!(ada.page(&to).await.contains("You no longer follow it"));
        let gone = test.client.request(Method::DELETE, ada.url("/api/v1/me/follows?kind=city&target=NY:Albany"));
        assert_eq!(ada.send(gone.header("sec-fetch-site", "same-origin")).await.status(), 204);
        let list: Value = ada.get("/api/v1/me/follows").await.json().await.unwrap();
        assert_eq!(list["total"], 1);

        for (kind, target) in [("topic", "nothing"), ("school", "nowhere"), ("city", "NY:Atlantis"), ("practice", "none")] {
            assert_eq!(ada.post("/follow", &[("kind", kind), ("target", target)]).await.status(), 404, "{kind}");
        }
        assert_eq!(ada.get("/follow?kind=weather&id=1").await.status(), 404);
        problem(test.get("/api/v1/me/follows").await, 401).await;
    }
}

both_engines! {
    async fn a_new_practice_is_told_of_once_and_a_new_version_again(test: TestApp) {
        let at = test.two_schools().await;
        let (_, ada) = person(&test, "ada@reader.example").await;
        let (_, ben) = person(&test, "ben@reader.example").await;
        practice(&test, "t:0", "Older jar", json!({ "topics": ["sel"] })).await;
        told_all(&test).await;
        // Two of her follows fit: she hears of it once.
        follow(&ada, "topic", "sel").await;
        follow(&ada, "school", &at.harbor.to_string()).await;
        follow(&ben, "topic", "tutoring").await;
        assert!(heard(&test, "ada@reader.example").await.is_empty(), "what was there before is no news");
        practice(&test, "t:1", "Marble jar", json!({ "topics": ["sel"], "origin_school": at.harbor.to_string() })).await;
        assert_eq!(heard(&test, "ada@reader.example").await, ["New practice: Marble jar"]);
        assert!(heard(&test, "ben@reader.example").await.is_empty());

        let found = test.json("/api/v1/practices?q=marble").await;
        let id = found["items"][0]["id"].as_str().unwrap().parse().unwrap();
        touch(&test, Kind::Practice, id).await;
        assert_eq!(heard(&test, "ada@reader.example").await.len(), 1, "the same version is told of once");
        practice(&test, "t:1", "Marble jars", json!({ "topics": ["sel"], "origin_school": at.harbor.to_string() })).await;
        assert_eq!(
            heard(&test, "ada@reader.example").await,
            ["New practice: Marble jar", "Changed practice: Marble jars"]
        );
        let letters = test.letters("ada@reader.example").await;
        assert!(letters[0].text.contains("You follow Harbor Charter School."), "{}", letters[0].text);
        assert!(letters[0].text.contains("/practices/marble-jar"));
    }
}

both_engines! {
    async fn a_saved_search_hears_of_what_it_finds(test: TestApp) {
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        search::set_synonym(&mut tx, "zzwidget", &["gizmo".to_owned()]).await.unwrap();
        tx.commit().await.unwrap();
        for n in 0..6 {
            practice(&test, &format!("b:{n}"), &format!("Restorative meeting {n}"), json!({ "topics": ["writing"] })).await;
        }
        let searches = [
            ("synonym", "q=zzwidget"),
            ("typo", "q=restoritive"),
            ("filter", "topic=sel&grade_band=k_2"),
            ("phrase", "q=%22quiet+corner%22"),
            ("beginning", "q=mindfuln*"),
            ("words", "q=restorative+circles+gizmo"),
            ("apart", "q=%22corner+quiet%22"),
            ("other", "q=algebra"),
            ("without", "q=restorative+-circles"),
            ("filtered", "q=restorative&topic=tutoring"),
        ];
        told_all(&test).await;
        let mut people = Vec::new();
        for (name, query) in searches {
            let email = format!("{name}@reader.example");
            let (_, browser) = person(&test, &email).await;
            save(&browser, "practices", query).await;
            people.push((email, browser));
        }
        told_all(&test).await;
        practice(
            &test,
            "t:1",
            "Restorative circles with a gizmo",
            json!({ "topics": ["sel"], "grades": ["k_2"], "summary": "Mindfulness in the quiet corner." }),
        )
        .await;
        for (email, _) in &people[..6] {
            assert_eq!(heard(&test, email).await, ["New practice: Restorative circles with a gizmo"], "{email}");
        }
        for (email, _) in &people[6..] {
            assert!(heard(&test, email).await.is_empty(), "{email}");
        }
        // A deleted search is silent, one that is off as well.
        let list: Value = people[0].1.get("/api/v1/me/saved-searches").await.json().await.unwrap();
        let id = list["items"][0]["id"].as_str().unwrap();
        people[0].1.post_on(&format!("/me/saved-searches/{id}/deletion"), &[]).await;
        let list: Value = people[1].1.get("/api/v1/me/saved-searches").await.json().await.unwrap();
        let id = list["items"][0]["id"].as_str().unwrap();
        people[1].1.post_on(&format!("/me/saved-searches/{id}"), &[("name", "Circles"), ("pace", "off")]).await;
        practice(&test, "t:2", "Another gizmo, restorative", json!({ "topics": ["sel"], "grades": ["k_2"] })).await;
        assert_eq!(heard(&test, &people[0].0).await.len(), 1);
        assert_eq!(heard(&test, &people[1].0).await.len(), 1);
        assert_eq!(heard(&test, &people[2].0).await.len(), 2, "a control: the others hear of it");
    }
}

both_engines! {
    async fn several_searches_of_one_person_tell_of_a_thing_once(test: TestApp) {
        let (_, ada) = person(&test, "ada@reader.example").await;
        save(&ada, "practices", "q=marble").await;
        save(&ada, "practices", "q=jar").await;
        save(&ada, "practices", "topic=sel").await;
        follow(&ada, "topic", "sel").await;
        practice(&test, "t:1", "Marble jar", json!({ "topics": ["sel"] })).await;
        assert_eq!(heard(&test, "ada@reader.example").await, ["New practice: Marble jar"]);
    }
}

both_engines! {
    async fn nothing_is_lost_or_told_twice_over_a_restart(test: TestApp) {
        let (_, ada) = person(&test, "ada@reader.example").await;
        save(&ada, "practices", "q=marble").await;
        practice(&test, "t:1", "Marble jar", json!({})).await;
        assert_eq!(heard(&test, "ada@reader.example").await.len(), 1);
        let app = test.app.clone();
        let database = test.stop().await;
        // Nobody is there to tell of it; the pool of the stopped server is closed, so another process writes.
        let other = commonground::app::App::open((*app.config).clone(), app.db.clock().clone()).await.unwrap();
        let line = format!("{}\n", json!({ "source": "t:2", "title": "Marble run" }));
        commonground::catalog::import_practices(&other.db, line.as_bytes(), "test.jsonl", false, |_| {}).await.unwrap();
        other.db.close().await;
        let test = TestApp::on(database, "node").await;
        let two = TestApp::on(test.database.share(), "other-node").await;
        let subjects = ["New practice: Marble jar", "New practice: Marble run"];
        assert_eq!(heard(&test, "ada@reader.example").await, subjects);
        // Of two nodes one tells.
        practice(&test, "t:3", "Marble track", json!({})).await;
        two.settle().await;
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert_eq!(heard(&test, "ada@reader.example").await.len(), 3);
    }
}

both_engines! {
    async fn sessions_are_told_of_to_who_may_know_of_them(test: TestApp) {
        let at = test.two_schools().await;
        let (_, ada) = person(&test, "ada@reader.example").await;
        let (_, sam) = person(&test, "sam@reader.example").await;
        let paula = test.signed_in(at.paula, false).await;
        let dina = test.signed_in(at.dina, false).await;
        for browser in [&ada, &paula, &dina] {
            at_once(browser).await;
            follow(browser, "topic", "early_reading").await;
        }
        save(&sam, "sessions", "q=safety&topic=early_reading&sector=charter").await;
        save(&sam, "sessions", "q=safety&mode=online").await;
        let open = test.session(&at, Sketch::default()).await;
        session(&test, open, Vec::new()).await;
        let first = ["New session: Reading Safety Net in Action, November 14, 2026"];
        assert_eq!(heard(&test, "ada@reader.example").await.len(), 1, "{:?}", test.letters("ada@reader.example").await);
        assert_eq!(heard(&test, "sam@reader.example").await.len(), 1, "{first:?}");
        assert_eq!(heard(&test, "dina@millbrook.example").await.len(), 1);
        assert!(heard(&test, "paula@harbor.example").await.is_empty(), "nobody is told of their own doing");

        // Looked at again, changed in what does not matter, moved, cancelled.
        session(&test, open, vec![cell("revision", 2)]).await;
        assert_eq!(heard(&test, "ada@reader.example").await.len(), 1);
        session(&test, open, vec![cell("round", 1)]).await;
        session(&test, open, vec![cell("status", "cancelled")]).await;
        let subjects = heard(&test, "ada@reader.example").await;
        assert!(subjects[1].starts_with("Session c") && subjects.last().unwrap().starts_with("Session cancelled"), "{subjects:?}");

        // For invited schools: Dina's is one, Ada has none.
        let private = test.session(&at, Sketch { title: "Safety for us".to_owned(), ..Sketch::default() }).await;
        session(&test, private, vec![cell("visibility", "invited")]).await;
        let about = |subjects: Vec<String>| subjects.iter().filter(|subject| subject.contains("Safety for us")).count();
        assert_eq!(about(heard(&test, "dina@millbrook.example").await), 1);
        assert_eq!(about(heard(&test, "ada@reader.example").await), 0);
        assert_eq!(about(heard(&test, "sam@reader.example").await), 0);
        // A draft is nobody's news.
        let draft = test.session(&at, Sketch { title: "Not yet".to_owned(), status: "draft", ..Sketch::default() }).await;
        session(&test, draft, Vec::new()).await;
        assert!(heard(&test, "ada@reader.example").await.iter().all(|subject| !subject.contains("Not yet")));
    }
}

both_engines! {
    async fn saved_searches_are_their_persons_alone(test: TestApp) {
        let at = test.two_schools().await;
        let (account, ada) = person(&test, "ada@reader.example").await;
        let admin = test.account("admin@city.example", "Mel Marsh").await;
        test.appoint(admin, Role::CityAdmin, Place::Installation).await;
        let others = [test.signed_in(admin, true).await, test.signed_in(at.paula, false).await];
        let visitor = test.browser().get("/me/saved-searches/new?kind=practices&q=exit+tickets").await;
        assert!(visitor.headers()["location"].to_str().unwrap().starts_with("/sign-in?next=%2Fme%2Fsaved-searches%2Fnew%3F"));
        assert!(test.page("/search?q=exit+tickets").await.contains("/me/saved-searches/new?kind=practices"));
        assert!(test.page("/sessions?topic=early_reading").await.contains("/me/saved-searches/new?kind=sessions"));
        let form = ada.page("/me/saved-searches/new?kind=practices&q=exit+tickets&sort=newest").await;
        assert!(form.contains("value=\"q=exit+tickets\"") && form.contains("value=\"exit tickets\""), "{form}");
        save(&ada, "practices", "q=exit+tickets").await;
        // The same again is the same.
        save(&ada, "practices", "sort=newest&q=exit+tickets").await;
        let list: Value = ada.get("/api/v1/me/saved-searches").await.json().await.unwrap();
        assert_eq!((&list["total"], &list["items"][0]["query"]), (&json!(1), &json!("q=exit+tickets")));
        let id = list["items"][0]["id"].as_str().unwrap();
        for other in &others {
            problem(other.get(&format!("/api/v1/me/saved-searches/{id}")).await, 404).await;
            assert_eq!(other.post(&format!("/me/saved-searches/{id}/deletion"), &[]).await.status(), 404);
            assert!(!other.page("/me/saved-searches").await.contains("exit tickets"));
        }
        let page = ada.page("/me/saved-searches").await;
        assert!(page.contains("/search?q=exit+tickets"));

        for query in ["", "sort=newest", "shoe_size=9", "topic=no_such_topic"] {
            let fields = [("kind", "practices"), ("query", query), ("pace", "daily")];
            assert_eq!(ada.post("/me/saved-searches", &fields).await.status(), 422, "{query}");
            let body = json!({ "kind": "practices", "query": query });
            let request = test.client.post(ada.url("/api/v1/me/saved-searches")).json(&body);
            problem(ada.send(request.header("sec-fetch-site", "same-origin")).await, 422).await;
        }
        let request = test.client.post(ada.url("/api/v1/me/saved-searches"));
        let request = request.json(&json!({ "kind": "sessions", "query": "topic=early_reading", "pace": "weekly" }));
        let made = ada.send(request.header("sec-fetch-site", "same-origin")).await;
        assert_eq!(made.status(), 201);
        let there = made.headers()["location"].to_str().unwrap().to_owned();
        let one: Value = ada.get(&there).await.json().await.unwrap();
        assert_eq!((&one["pace"], &one["kind"]), (&json!("weekly"), &json!("sessions")));

        // Events say that it was done, never what was searched for.
        let tx = test.db().write(Actor::System("test")).await.unwrap();
        let mut query = Query::select();
        query.column("detail").from("event").and_where(Expr::col("action").like("saved_search%"));
        let rows = tx.conn().query_all(&query).await.unwrap();
        assert!(rows.len() >= 2);
        for row in rows {
            let detail: Value = row.try_get("", "detail").unwrap();
            assert!(!detail.to_string().contains("exit"));
        }
        drop(tx);
        let mine = commonground::following::personal::FollowingData;
        let cx = test.db().cx(Actor::System("test"));
        use commonground::platform::personal::PersonalData;
        let sheets = mine.export(&cx, account.0).await.unwrap();
        assert_eq!((sheets[0].name, sheets[0].rows.len()), ("saved_searches", 2));
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        mine.erase(&mut tx, account.0).await.unwrap();
        tx.commit().await.unwrap();
        assert!(ada.page("/me/saved-searches").await.contains("You have saved no search yet"));
        practice(&test, "t:1", "Exit tickets", json!({})).await;
        assert!(heard(&test, "ada@reader.example").await.is_empty());
    }
}
