//! The audit log: who reads it, what they find, and that nobody changes it unseen (P5).

use commonground::audit::{self, Broken};
use commonground::people::{self, AccountId, NewOrganization};
use commonground::platform::{Actor, Db, Place, Role};
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::json;

use crate::support::persons::Browser;
use crate::support::{Engine, TestApp, TestDatabase, both_engines, problem, texts};

/// Runs statements as somebody with the database's password would.
async fn behind_the_back(db: &Db, sql: &str) {
    let tx = db.write(Actor::System("test")).await.unwrap();
    let drop = match tx.conn().get_database_backend() {
        DbBackend::Postgres => "ALTER TABLE event DISABLE TRIGGER ALL; ALTER TABLE event_seal DISABLE TRIGGER ALL;",
        _ => {
            "DROP TRIGGER IF EXISTS event_unchanged; DROP TRIGGER IF EXISTS event_kept; \
             DROP TRIGGER IF EXISTS event_seal_unchanged; DROP TRIGGER IF EXISTS event_seal_kept;"
        }
    };
    tx.conn().execute_unprepared(drop).await.unwrap();
    tx.conn().execute_unprepared(sql).await.unwrap();
    tx.commit().await.unwrap();
}

async fn broken(db: &Db) -> Option<Broken> {
    audit::verify(&db.cx(Actor::System("test"))).await.unwrap().broken
}

async fn add(db: &Db, name: &str) {
    let mut tx = db.write(Actor::System("test")).await.unwrap();
    let new = NewOrganization { kind: "district".to_owned(), name: name.to_owned(), ..NewOrganization::default() };
    people::add_organization(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
}

/// A database with twelve sealed events, numbers 1 to 12, and nobody who seals.
async fn sealed(engine: Engine) -> (TestDatabase, Db) {
    let database = TestDatabase::fresh(engine).await;
    let db = Db::open(&database.config("node"), commonground::platform::Clock::System).await.unwrap();
    db.migrate().await.unwrap();
    for number in 1..=12 {
        add(&db, &format!("District {number}")).await;
    }
    assert_eq!(audit::seal(&db).await.unwrap(), 12);
    assert_eq!(audit::seal(&db).await.unwrap(), 0, "and once");
    (database, db)
}

async fn tampering_is_found(engine: Engine) {
    let (_database, db) = sealed(engine).await;
    let cx = db.cx(Actor::System("test"));
    let found = audit::verify(&cx).await.unwrap();
    assert_eq!((found.sealed, found.unsealed, found.broken, found.head.number), (12, 0, None, 12));
    for (sql, expected) in [
        ("UPDATE event SET action = 'school.added' WHERE id = 5", Broken::Changed { seal: 5, event: 5 }),
        ("UPDATE event SET actor = 'import' WHERE id = 5", Broken::Changed { seal: 5, event: 5 }),
        ("UPDATE event SET detail = '{\"a\": 1}' WHERE id = 1", Broken::Changed { seal: 1, event: 1 }),
        ("UPDATE event_seal SET hash = '0' WHERE seq = 12", Broken::Changed { seal: 12, event: 12 }),
        ("DELETE FROM event WHERE id = 7", Broken::EventMissing { seal: 7, event: 7 }),
        ("DELETE FROM event_seal WHERE seq = 7", Broken::SealMissing { seal: 7 }),
        ("DELETE FROM event_seal WHERE seq = 12", Broken::SealMissing { seal: 12 }),
        (
            "INSERT INTO event_seal (seq, event_id, hash) VALUES (13, 99, 'x')",
            Broken::OtherEnd { noted: 12, newest: 13 },
        ),
        ("UPDATE event_seal_head SET seq = 11", Broken::OtherEnd { noted: 11, newest: 12 }),
        ("UPDATE event_seal_head SET hash = '0'", Broken::OtherEnd { noted: 12, newest: 12 }),
    ] {
        let (_database, db) = sealed(engine).await;
        behind_the_back(&db, sql).await;
        assert_eq!(broken(&db).await, Some(expected), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tampering_is_found_on_sqlite() {
    tampering_is_found(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tampering_is_found_on_postgres() {
    tampering_is_found(Engine::Postgres).await;
}

async fn rows_stay_as_they_are(engine: Engine) {
    let (_database, db) = sealed(engine).await;
    for sql in [
        "UPDATE event SET action = 'x'",
        "DELETE FROM event",
        "UPDATE event_seal SET hash = 'x'",
        "DELETE FROM event_seal",
    ] {
        let tx = db.write(Actor::System("test")).await.unwrap();
        let error = tx.conn().execute_unprepared(sql).await.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{sql}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_stay_as_they_are_on_sqlite() {
    rows_stay_as_they_are(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_stay_as_they_are_on_postgres() {
    rows_stay_as_they_are(Engine::Postgres).await;
}

/// T9: the event with the lower number commits after the one with the higher has been sealed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_number_is_sealed_too_on_postgres() {
    let (_database, db) = sealed(Engine::Postgres).await;
    let new = |name: &str| NewOrganization {
        kind: "district".to_owned(),
        name: name.to_owned(),
        ..NewOrganization::default()
    };
    let mut slow = db.write(Actor::System("test")).await.unwrap();
    people::add_organization(&mut slow, new("Slow")).await.unwrap();
    add(&db, "Quick").await;
    assert_eq!(audit::seal(&db).await.unwrap(), 1, "the higher number");
    slow.commit().await.unwrap();
    assert_eq!(audit::seal(&db).await.unwrap(), 1, "and then the lower");
    let found = audit::verify(&db.cx(Actor::System("test"))).await.unwrap();
    assert_eq!((found.sealed, found.unsealed, found.broken), (14, 0, None));
    // Two who seal at once make one chain.
    for number in 0..20 {
        add(&db, &format!("More {number}")).await;
    }
    let (one, two) = tokio::join!(audit::seal(&db), audit::seal(&db));
    assert_eq!(one.unwrap() + two.unwrap(), 20);
    assert_eq!(broken(&db).await, None);
}

both_engines! {
    async fn the_server_seals_what_happens(test: TestApp) {
        test.account("ada@example.org", "Ada Quill").await;
        for _ in 0..100 {
            let found = audit::verify(&test.db().cx(Actor::System("test"))).await.unwrap();
            if found.unsealed == 0 && found.sealed > 0 {
                assert_eq!(found.broken, None);
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("nothing was sealed");
    }
}

async fn administrator(test: &TestApp) -> (AccountId, Browser) {
    let root = test.account("root@example.org", "Rosa Root").await;
    test.appoint(root, Role::CityAdmin, Place::Installation).await;
    let browser = test.signed_in(root, true).await;
    (root, browser)
}

both_engines! {
    async fn administrators_read_it_and_nobody_else(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let (root, browser) = administrator(&test).await;
        let html = browser.page("/admin/audit").await;
        assert!(html.contains("Opened an account") && html.contains("Common Ground (test)"), "{html}");
        let weak = test.signed_in(root, false).await;
        let teacher = test.signed_in(ada, true).await;
        for path in ["/admin/audit", "/admin/audit.csv", "/api/v1/audit-events"] {
            for browser in [&weak, &teacher] {
                let answer = browser.get(path).await;
                assert_eq!(answer.status(), 403, "{path}");
                assert!(!answer.text().await.unwrap().contains(&root.to_string()), "{path}");
            }
        }
        assert_eq!(test.get("/admin/audit").await.status(), 303, "a visitor is led to the sign-in");
        assert_eq!(test.get("/admin/audit.csv").await.status(), 303);
        problem(test.get("/api/v1/audit-events").await, 401).await;
    }
}

both_engines! {
    async fn it_is_filtered_and_paged(test: TestApp) {
        let (root, browser) = administrator(&test).await;
        let ada = test.account("ada@example.org", "=Ada Quill").await;
        let hers = test.signed_in(ada, false).await;
        for number in 0..105 {
            hers.post_on("/me/profile", &[("name", "=Ada Quill"), ("title", &format!("Teacher {number}"))]).await;
        }
        let api = async |query: &str| -> serde_json::Value {
            browser.get(&format!("/api/v1/audit-events?{query}")).await.json().await.unwrap()
        };
        let first = api("person=ada@example.org").await;
        assert_eq!(first["items"].as_array().unwrap().len(), 100);
        assert_eq!(first["total"], 107, "opened, signed in, 105 changes");
        let ids = texts(&first["items"], "id").into_iter().map(|id| id.parse::<i64>().unwrap()).collect::<Vec<_>>();
        assert!(ids.is_sorted_by(|a, b| a > b), "the newest first");
        let next = api(&format!("person={ada}&cursor={}", first["next"].as_str().unwrap())).await;
        assert_eq!(texts(&next["items"], "action").last(), Some(&"account.opened"));
        assert_eq!((next["items"].as_array().unwrap().len(), next.get("next")), (7, None));
        assert_eq!(first["items"][0]["actor_name"], "=Ada Quill");
        let via = first["items"][0]["via"].as_str().unwrap();
        assert!(via.starts_with("sign_in:"), "{via}");
        let link = browser.get("/api/v1/audit-events?limit=1&action=account.signed_in").await;
        let link = link.headers()["link"].to_str().unwrap().to_owned();
        assert!(link.contains("action=account.signed_in&limit=1&cursor="), "{link}");

        assert_eq!(api(&format!("subject_kind=account&subject={root}&action=account.opened")).await["total"], 1);
        assert_eq!(api("person=nobody@example.org").await["total"], 0);
        assert_eq!(api("from=2026-10-15").await["total"], 0);
        assert_eq!(api("to=2026-10-13").await["total"], 0);
        assert!(api("from=2026-10-14&to=2026-10-14").await["total"].as_u64().unwrap() > 100);
        problem(browser.get("/api/v1/audit-events?from=yesterday").await, 422).await;
        problem(browser.get("/api/v1/audit-events?cursor=x").await, 400).await;

        let page = browser.page("/admin/audit?person=ada@example.org").await;
        assert!(page.contains("107 events") && page.contains("October 14, 2026, 16:00:00 UTC"), "{page}");
        let wrong = browser.get("/admin/audit?subject=x&person=ada").await;
        assert_eq!(wrong.status(), 422);
        let wrong = wrong.text().await.unwrap();
        assert!(wrong.contains("Give an id as the log shows it.") && wrong.contains("value=\"ada\""), "{wrong}");

        let csv = browser.get("/admin/audit.csv?action=account.profile_changed").await;
        assert!(csv.headers()["content-type"].to_str().unwrap().starts_with("text/csv"));
        let csv = csv.text().await.unwrap();
        assert_eq!(csv.lines().count(), 106, "{csv}");
        assert!(csv.contains(",'=Ada Quill,account.profile_changed,Changed their profile,account,"), "{csv}");
    }
}

both_engines! {
    /// P4: the log is append-only, so what must be erasable is not in it.
    async fn it_holds_no_names(test: TestApp) {
        let (_, browser) = administrator(&test).await;
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let hers = test.signed_in(ada, false).await;
        hers.post_on("/me/profile", &[("name", "Ada Xylograph"), ("title", "Head of Zithers")]).await;
        let body = json!({ "name": "Quokka sync", "scope": "read", "days": 9 });
        let made = test.client.post(hers.url("/api/v1/me/tokens")).header("sec-fetch-site", "same-origin").json(&body);
        assert_eq!(hers.send(made).await.status(), 201);
        assert!(browser.page("/admin/audit").await.contains("token.made"), "there is something to look at");
        let cx = test.db().cx(Actor::System("test"));
        let sql = "SELECT action || ' ' || CAST(detail AS text) || coalesce(actor, '') AS text FROM event";
        let backend = cx.conn().get_database_backend();
        let rows = cx.conn().query_all_raw(sea_orm::Statement::from_string(backend, sql)).await.unwrap();
        assert!(rows.len() >= 6);
        for row in rows {
            let text: String = row.try_get("", "text").unwrap();
            for word in ["Quill", "Xylograph", "Zithers", "Quokka", "example.org", "cg_"] {
                assert!(!text.contains(word), "{text}");
            }
        }
    }
}

/// `commonground check` says number and hash of the end, and ends with 1 where the chain does not hold.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_checks_it() {
    let folder = tempfile::TempDir::new().unwrap();
    let check = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_commonground"));
        command.args(["check", "--data"]).arg(folder.path()).current_dir(folder.path()).env_clear().output().unwrap()
    };
    let fresh = String::from_utf8(check().stdout).unwrap();
    assert!(fresh.contains(&format!("0 sealed events, the last with {}.", "0".repeat(64))), "{fresh}");
    let none = std::path::Path::new("there-is-no-such-file.toml");
    let overrides =
        commonground::platform::config::Overrides { data: Some(folder.path().to_owned()), ..Default::default() };
    let config = commonground::platform::Config::from_sources(none, [], &overrides).unwrap();
    let db = Db::open(&config, commonground::platform::Clock::System).await.unwrap();
    for name in ["One", "Two"] {
        add(&db, name).await;
    }
    audit::seal(&db).await.unwrap();
    add(&db, "Three").await;
    let head = audit::head(&db.cx(Actor::System("test"))).await.unwrap();
    let said = String::from_utf8(check().stdout).unwrap();
    assert!(said.contains(&format!("2 sealed events, the last with {}. 1 event waits", head.hash)), "{said}");
    behind_the_back(&db, "DELETE FROM event WHERE id = 1").await;
    let output = check();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("The audit log does not hold. Event 1, sealed as number 1, is gone"), "{said}");
}
