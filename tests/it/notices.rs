//! What people hear and how soon: paces, the list, digests, quiet hours, the link that leaves a list.

use chrono::{DateTime, TimeDelta, Utc};
use commonground::app::App;
use commonground::mail::{Email, Letter};
use commonground::notices::{self, List, Notice, Postroom, Topic, digest, leave};
use commonground::people::account::NewAccount;
use commonground::people::{self, AccountId};
use commonground::platform::{Actor, Place, Role, ids};
use reqwest::Method;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::persons::Browser;
use crate::support::{Engine, NOW, Still, TestApp, both_engines, problem};

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

fn room(test: &TestApp) -> Postroom {
    test.app.desk(&test.base.as_str().into()).unwrap().postroom()
}

/// Something new about a thing; with a letter to `to`.
fn news(account: AccountId, topic: Topic, event: &str, about: Uuid, to: Option<&str>) -> Notice {
    let letter = to.map(|to| {
        Letter::new("test_news", event, to, format!("News: {event}"))
            .say("Something is new.")
            .button("See it", "https://ground.example/practices/marble-jar")
            .because("You follow this school.")
    });
    Notice {
        account,
        topic,
        event: event.to_owned(),
        about: ("practice", about),
        line: format!("New: {event}"),
        path: "/practices/marble-jar".to_owned(),
        letter,
    }
}

async fn tell(test: &TestApp, notices: Vec<Notice>) {
    let mut tx = test.db().write(Actor::System("test")).await.unwrap();
    notices::tell_many(&mut tx, &room(test), notices).await.unwrap();
    tx.commit().await.unwrap();
}

/// Writes what is due, and says how many digests ada has got so far. The server beside looks too, now and then.
async fn digests(test: &TestApp) -> usize {
    digest::due(test.db(), &room(test)).await.unwrap();
    test.letters("ada@example.org").await.iter().filter(|letter| letter.kind == "digest").count()
}

async fn settle(browser: &Browser, fields: &[(&str, &str)]) {
    let to = browser.post_on("/me/notifications/settings", fields).await;
    assert_eq!(to, "/me/notifications/settings?saved");
}

/// State and moment of the letter of an event.
async fn letter_row(test: &TestApp, event: &str) -> Vec<(String, DateTime<Utc>)> {
    let cx = test.db().cx(Actor::System("test"));
    let sql = format!("SELECT state, due_at FROM outbox WHERE event_key = '{event}'");
    let rows = cx.conn().query_all_raw(Statement::from_string(cx.conn().get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| (row.try_get("", "state").unwrap(), row.try_get("", "due_at").unwrap())).collect()
}

async fn deliver(test: &TestApp) {
    test.app.delivery(&test.base.as_str().into(), false).unwrap().deliver_due().await.unwrap();
}

async fn api(test: &TestApp, browser: &Browser, method: Method, path: &str, body: Value) -> reqwest::Response {
    let url = format!("{}/api/v1{path}", test.base);
    let request = test.client.request(method, url).json(&body).header("sec-fetch-site", "same-origin");
    browser.send(request).await
}

both_engines! {
    /// By the pace of its topic a notice becomes a letter at once, waits for the digest, or stays in the list; told twice it is
    /// there once, and everything is in the list.
    async fn each_hears_as_soon_as_they_chose(test: TestApp) {
        let (ada, bo) = (test.account("ada@example.org", "Ada").await, test.account("bo@example.org", "Bo").await);
        let browser = test.signed_in(ada, false).await;
        assert!(browser.page("/me/notifications").await.contains("Nothing yet"));
        let thing = ids::fresh();
        let of = |account, topic, event: &str, to: Option<&str>| news(account, topic, event, thing, to);
        for _ in 0..2 {
            tell(&test, vec![
                of(ada, Topic::Questions, "q:1", Some("ada@example.org")),
                of(ada, Topic::Follow, "f:1", Some("ada@example.org")),
                of(ada, Topic::StaffSeats, "s:1", None),
                of(bo, Topic::Questions, "q:1", Some("bo@example.org")),
            ]).await;
        }
        let letters = test.letters("ada@example.org").await;
        assert_eq!(letters.iter().map(|l| l.subject.as_str()).collect::<Vec<_>>(), ["News: q:1"]);
        assert!(letters[0].text.contains("/u/") && letters[0].text.contains("/me/notifications/settings"));
        assert_eq!(test.letters("bo@example.org").await.len(), 1);
        let page = browser.page("/me/notifications").await;
        for said in ["New: q:1", "New: f:1", "New: s:1", "Mark all as read"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        // The daily ones, and the one that had no letter: tomorrow at seven in New York.
        assert_eq!(digests(&test).await, 0, "not before its hour");
        test.clock.set("2026-10-15T11:00:00Z".parse().unwrap());
        assert_eq!(digests(&test).await, 1);
        assert_eq!(digests(&test).await, 1, "once");
        let letters = test.letters("ada@example.org").await;
        assert_eq!(letters[1].subject, "What is new for you, Thursday, October 15");
        assert!(letters[1].text.contains("New: f:1") && letters[1].text.contains("New: s:1"), "{}", letters[1].text);
        assert!(!letters[1].text.contains("New: q:1"), "{}", letters[1].text);
        test.clock.set(now() + TimeDelta::days(9));
        assert_eq!(digests(&test).await, 1, "never an empty one");
    }
}

both_engines! {
    /// Weekly, off, and a pause: what waits goes on its day, after the pause, or never; what was read does not come again.
    async fn what_waits_goes_on_its_day(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada").await;
        let browser = test.signed_in(ada, false).await;
        let (first, second) = (ids::fresh(), ids::fresh());
        settle(&browser, &[("pace-follow", "weekly"), ("pace-saved-searches", "off"), ("digest_weekday", "5")]).await;
        tell(&test, vec![
            news(ada, Topic::Follow, "f:1", first, None),
            news(ada, Topic::Follow, "f:2", first, None),
            news(ada, Topic::Follow, "f:3", second, None),
            news(ada, Topic::SavedSearch, "s:1", first, Some("ada@example.org")),
        ]).await;
        test.clock.set("2026-10-15T16:00:00Z".parse().unwrap());
        assert_eq!(digests(&test).await, 0);
        // A pause until the Monday after: the Friday passes, and the next one comes.
        let browser = test.signed_in(ada, false).await;
        settle(&browser, &[("paused_until", "2026-10-19"), ("digest_weekday", "5")]).await;
        tell(&test, vec![news(ada, Topic::Questions, "q:1", first, Some("ada@example.org"))]).await;
        test.clock.set("2026-10-16T12:00:00Z".parse().unwrap());
        assert_eq!(digests(&test).await, 0);
        test.clock.set("2026-10-23T11:00:30Z".parse().unwrap());
        assert_eq!(digests(&test).await, 1);
        let letters = test.letters("ada@example.org").await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        let text = &letters[0].text;
        assert!(text.contains("New: f:2") && text.contains("New: f:3"), "{text}");
        for not in ["New: f:1", "s:1", "q:1"] {
            assert!(!text.contains(not), "{not}: {text}");
        }
        // Read before its digest goes, it is no news.
        tell(&test, vec![news(ada, Topic::Follow, "f:4", first, None)]).await;
        let browser = test.signed_in(ada, false).await;
        let up_to = browser.page("/me/notifications").await;
        let id = up_to.split("name=\"up_to\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(browser.post_on("/me/notifications/read", &[("up_to", id.as_str())]).await, "/me/notifications?done=read");
        test.clock.set("2026-10-30T12:00:00Z".parse().unwrap());
        assert_eq!(digests(&test).await, 1);
        let browser = test.signed_in(ada, false).await;
        assert!(!browser.page("/me").await.contains("unread</span>"));
    }
}

both_engines! {
    /// Two who write digests at the same time write each once, and what is told meanwhile is not lost.
    async fn a_digest_is_written_once_by_two(test: TestApp) {
        let mut people = Vec::new();
        for number in 0..6 {
            people.push(test.account(&format!("p{number}@example.org"), "P").await);
        }
        let all = |event: &str| -> Vec<Notice> {
            people.iter().map(|id| news(*id, Topic::Follow, event, ids::fresh(), None)).collect()
        };
        tell(&test, all("f:1")).await;
        test.clock.set("2026-10-15T11:00:00Z".parse().unwrap());
        tokio::join!(digests(&test), digests(&test), tell(&test, all("f:2")));
        // Each has it now; the server beside may be writing some of them.
        for number in 0..6 {
            let email = format!("p{number}@example.org");
            for round in 0.. {
                if test.letters(&email).await.iter().any(|letter| letter.text.contains("New: f:1")) {
                    break;
                }
                assert!(round < 200, "{email} has no digest");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
        test.clock.set("2026-10-16T11:00:00Z".parse().unwrap());
        digests(&test).await;
        for number in 0..6 {
            let letters = test.letters(&format!("p{number}@example.org")).await;
            let texts: String = letters.iter().map(|letter| letter.text.as_str()).collect();
            for line in ["New: f:1", "New: f:2"] {
                assert_eq!(texts.matches(line).count(), 1, "{line}: {texts}");
            }
        }
    }
}

both_engines! {
    /// At night letters wait until the morning, but for those that somebody waits for and those that would be too late.
    async fn the_night_is_quiet(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada").await;
        let browser = test.signed_in(ada, false).await;
        settle(&browser, &[("quiet_from", "22:00"), ("quiet_until", "07:00"), ("time_zone", "America/Chicago")]).await;
        // Half past eleven at night there.
        let night: DateTime<Utc> = "2026-10-15T04:30:00Z".parse().unwrap();
        let morning: DateTime<Utc> = "2026-10-15T12:00:00Z".parse().unwrap();
        test.clock.set(night);
        let letter = |event: &str| Letter::new("test", event, "ada@example.org", event).say("Hello.").because("Test.").of(ada.0);
        let mut soon = letter("soon");
        soon.not_after = Some(morning + TimeDelta::hours(1));
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        for letter in [letter("usual"), letter("urgent").urgent(), soon] {
            commonground::mail::enqueue(&mut tx, &room(&test).head, letter).await.unwrap();
        }
        tx.commit().await.unwrap();
        deliver(&test).await;
        assert_eq!(letter_row(&test, "usual").await, [("ready".to_owned(), morning)]);
        assert_eq!(letter_row(&test, "urgent").await[0].0, "sent");
        assert_eq!(letter_row(&test, "soon").await[0].0, "sent");
        test.clock.set(morning);
        deliver(&test).await;
        assert_eq!(letter_row(&test, "usual").await[0].0, "sent");
    }
}

both_engines! {
    /// A letter of a list leads to a page that asks, and one click of a mailbox leaves: without cookie, from another site, in
    /// either form, as often as it comes; what lies in the outbox does not leave any more.
    async fn one_click_leaves_a_list(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada").await;
        let thing = ids::fresh();
        tell(&test, vec![news(ada, Topic::Questions, "q:1", thing, Some("ada@example.org"))]).await;
        let path = leave::path(&room(&test).secret, List::Topic(Topic::Questions), ada);
        let text = test.letters("ada@example.org").await[0].text.clone();
        assert!(text.contains(&format!("{}{path}", test.base)), "{text}");
        for _ in 0..2 {
            let page = test.page(&path).await;
            assert!(page.contains("Stop letters of") && page.contains("<form method=\"post\""), "{page}");
        }
        let url = format!("{}{path}", test.base);
        let one_click = [("List-Unsubscribe", "One-Click")];
        let post = || test.client.post(&url).header("origin", "https://mail.example.com").header("sec-fetch-site", "cross-site");
        let first = post().form(&one_click).send().await.unwrap();
        assert_eq!(first.status(), 200);
        let part = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
        let many = post().header("content-type", "multipart/form-data; boundary=b").body(part).send().await.unwrap();
        assert_eq!(many.status(), 200);
        assert!(test.page(&path).await.contains("You get no more such letters"));
        deliver(&test).await;
        assert_eq!(letter_row(&test, "q:1").await[0].0, "withdrawn");
        tell(&test, vec![news(ada, Topic::Questions, "q:2", thing, Some("ada@example.org"))]).await;
        assert!(letter_row(&test, "q:2").await.is_empty());
        let browser = test.signed_in(ada, false).await;
        assert!(browser.page("/me/notifications").await.contains("New: q:2"));
        let settings: Value = browser.get("/api/v1/me/preferences").await.json().await.unwrap();
        assert!(settings["topics"].as_array().unwrap().contains(&json!({ "topic": "questions", "pace": "off" })), "{settings}");
        assert_eq!(test.get(&format!("{path}x")).await.status(), 404);
        // The digest can be left too, and chosen again.
        let digest = leave::path(&room(&test).secret, List::Digest, ada);
        tell(&test, vec![news(ada, Topic::Follow, "f:1", thing, None)]).await;
        assert_eq!(test.client.post(format!("{}{digest}", test.base)).form(&one_click).send().await.unwrap().status(), 200);
        tell(&test, vec![news(ada, Topic::Follow, "f:2", thing, None), news(ada, Topic::Reminders, "r:1", thing, None)]).await;
        test.clock.set(now() + TimeDelta::days(2));
        assert_eq!(digests(&test).await, 0);
        let browser = test.signed_in(ada, false).await;
        settle(&browser, &[("pace-follow", "daily")]).await;
        tell(&test, vec![news(ada, Topic::Follow, "f:3", thing, None)]).await;
        test.clock.set(now() + TimeDelta::days(4));
        assert_eq!(digests(&test).await, 1);
    }
}

both_engines! {
    /// The list over pages and JSON: newest first, in pages, read when somebody says so; nobody marks what is another's.
    async fn the_list_is_paged_and_marked(test: TestApp) {
        let (ada, bo) = (test.account("ada@example.org", "Ada").await, test.account("bo@example.org", "Bo").await);
        let all = (0..120).map(|number| news(ada, Topic::Follow, &format!("f:{number:03}"), ids::fresh(), None)).collect();
        tell(&test, all).await;
        let browser = test.signed_in(ada, false).await;
        assert!(browser.page("/me").await.contains("99+"));
        let page = browser.page("/me/notifications").await;
        assert!(page.contains("New: f:119") && page.contains("New: f:070") && !page.contains("New: f:069"));
        let older = page.split("href=\"/me/notifications?before=").nth(1).unwrap().split('"').next().unwrap();
        let older = browser.page(&format!("/me/notifications?before={older}")).await;
        assert!(older.contains("New: f:069") && !older.contains("New: f:070"));
        assert!(browser.page("/me/notifications").await.contains("99+"), "to look marks nothing");

        let first: Value = browser.get("/api/v1/me/notifications?limit=2").await.json().await.unwrap();
        assert_eq!((&first["total"], &first["unread"]), (&json!(120), &json!(100)));
        let ids: Vec<&str> = first["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
        let others = test.signed_in(bo, false).await;
        let none: Value = api(&test, &others, Method::POST, "/me/notifications/read", json!({ "ids": ids })).await.json().await.unwrap();
        assert_eq!(none["marked"], 0);
        let two: Value = api(&test, &browser, Method::POST, "/me/notifications/read", json!({ "ids": ids })).await.json().await.unwrap();
        assert_eq!(two["marked"], 2);
        let next = first["next"].as_str().unwrap();
        let second: Value = browser.get(&format!("/api/v1/me/notifications?limit=2&cursor={next}")).await.json().await.unwrap();
        assert_eq!(second["items"][0]["line"], "New: f:117");
        let rest: Value = api(&test, &browser, Method::POST, "/me/notifications/read", json!({ "up_to": ids[0] })).await.json().await.unwrap();
        assert_eq!(rest["marked"], 118);
        assert!(!browser.page("/me").await.contains("unread</span>"));
        problem(test.get("/api/v1/me/notifications").await, 401).await;
    }
}

both_engines! {
    /// Preferences hold together over JSON: topics of one's roles, a tag, every mistake at once.
    async fn preferences_are_changed_by_who_saw_them(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada").await;
        let browser = test.signed_in(ada, false).await;
        let seen = browser.get("/api/v1/me/preferences").await;
        let tag = seen.headers()["etag"].to_str().unwrap().to_owned();
        let seen: Value = seen.json().await.unwrap();
        let topics = |of: &Value| of["topics"].as_array().unwrap().iter().map(|t| t["topic"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(topics(&seen), ["reminders", "questions", "practices", "adoptions", "collaborations", "follow", "saved-searches", "announcements"]);
        assert!(!browser.page("/me/notifications/settings").await.contains("Seats of your staff"));
        let put = async |tag: &str, body: Value| {
            let url = format!("{}/api/v1/me/preferences", test.base);
            let request = test.client.put(url).json(&body).header("sec-fetch-site", "same-origin").header("if-match", tag);
            browser.send(request).await
        };
        let bad = json!({ "topics": [{ "topic": "follow", "pace": "often" }], "quiet_from": "25:00", "digest_hour": 24 });
        let refused = problem(put(&tag, bad).await, 422).await;
        assert_eq!(refused["errors"].as_array().unwrap().len(), 4, "{refused}");
        let good = json!({
            "topics": [{ "topic": "follow", "pace": "weekly" }], "quiet_from": "22:00", "quiet_until": "06:30",
            "time_zone": "America/Denver", "digest_hour": 6, "digest_weekday": 5, "paused_until": "2026-11-02",
        });
        let changed: Value = put(&tag, good.clone()).await.json().await.unwrap();
        for key in ["quiet_from", "quiet_until", "time_zone", "digest_hour", "digest_weekday", "paused_until"] {
            assert_eq!(changed[key], good[key], "{key}");
        }
        problem(put(&tag, good).await, 412).await;
        let page = browser.page("/me/notifications/settings").await;
        for said in ["value=\"weekly\" selected", "value=\"22:00\"", "value=\"2026-11-02\"", "value=\"America/Denver\" selected"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let wrong = browser.post("/me/notifications/settings", &[("quiet_from", "21:00"), ("pace-follow", "off")]).await;
        assert_eq!(wrong.status(), 422);
        let wrong = wrong.text().await.unwrap();
        assert!(wrong.contains("value=\"21:00\"") && wrong.contains("Give both times"), "{wrong}");

        // Who leads a school hears of its seats too.
        let at = test.two_schools().await;
        test.appoint(ada, Role::Principal, Place::School(at.harbor.0)).await;
        assert!(browser.page("/me/notifications/settings").await.contains("Seats of your staff"));
    }
}

both_engines! {
    /// What somebody is told goes with them, and so does their name in what others were told; the old is forgotten.
    async fn notices_go_with_their_time_and_their_people(test: TestApp) {
        let (ada, bo) = (test.account("ada@example.org", "Ada").await, test.account("bo@example.org", "Bo").await);
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        let named = news(bo, Topic::Hosting, "h:1", ids::fresh(), None);
        let named = Notice { line: "Ada Quill asked for a seat".to_owned(), ..named };
        notices::tell_naming(&mut tx, &room(&test), named, ada).await.unwrap();
        tx.commit().await.unwrap();
        tell(&test, vec![news(ada, Topic::Follow, "f:1", ids::fresh(), None)]).await;
        let browser = test.signed_in(bo, false).await;
        assert!(browser.page("/me/notifications").await.contains("Ada Quill asked"));
        let erasing = test.signed_in(ada, true).await;
        let erased = erasing.post("/me/data/erasure", &[("email", "ada@example.org")]).await;
        assert_eq!(erased.status(), 200);
        let page = browser.page("/me/notifications").await;
        assert!(!page.contains("Ada Quill") && page.contains("a former member"), "{page}");
        let rows = async |account: AccountId| {
            let cx = test.db().cx(Actor::System("test"));
            let sql = "SELECT account_id FROM notice".to_owned();
            let rows = cx.conn().query_all_raw(Statement::from_string(cx.conn().get_database_backend(), sql)).await.unwrap();
            rows.iter().filter(|row| row.try_get::<Uuid>("", "account_id").unwrap() == account.0).count()
        };
        assert_eq!((rows(ada).await, rows(bo).await), (0, 1));
        test.clock.set(now() + TimeDelta::days(364));
        App::jobs().run_due(test.db()).await.unwrap();
        assert_eq!(rows(bo).await, 1, "an unread one stays for a year");
        test.clock.set(now() + TimeDelta::days(367));
        for _ in 0..200 {
            App::jobs().run_due(test.db()).await.unwrap();
            if rows(bo).await == 0 {
                return;
            }
            // The server beside may have taken the job.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the old one stays");
    }
}

/// As many statements for a hundred people as for two.
async fn many_are_told_with_few_statements(engine: Engine) {
    let still = Still::open(engine).await;
    let db = &still.app.db;
    let room = still.app.desk(&"https://ground.example".into()).unwrap().postroom();
    let mut people = Vec::new();
    let mut tx = db.write(Actor::System("test")).await.unwrap();
    for number in 0..100 {
        let email = Email::parse(&format!("p{number}@example.org")).unwrap();
        let new = NewAccount { email, name: Some("P".to_owned()), confirmed: true };
        people.push(people::account::open_account(&mut tx, new).await.unwrap());
    }
    tx.commit().await.unwrap();
    let cost = async |count: usize, event: &str| {
        let all = people.iter().take(count).enumerate().map(|(number, id)| {
            let topic = if number % 2 == 0 { Topic::Questions } else { Topic::Follow };
            news(*id, topic, event, ids::fresh(), Some(&format!("p{number}@example.org")))
        });
        let all = all.collect();
        let mut tx = db.write(Actor::System("test")).await.unwrap();
        let before = db.statements();
        notices::tell_many(&mut tx, &room, all).await.unwrap();
        let cost = db.statements() - before;
        tx.commit().await.unwrap();
        cost
    };
    let few = cost(2, "few").await;
    let many = cost(100, "many").await;
    assert!((4..=6).contains(&few), "{few} statements");
    assert_eq!(many, few);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_are_told_with_few_statements_on_sqlite() {
    many_are_told_with_few_statements(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_are_told_with_few_statements_on_postgres() {
    many_are_told_with_few_statements(Engine::Postgres).await;
}
