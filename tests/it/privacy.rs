//! Privacy: every column is classified (P1), a person takes everything along, and nothing of them stays (P3).

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};
use std::path::Path;

use commonground::app::App;
use commonground::mail::{self, Letter, LetterId, outbox};
use commonground::people::AccountId;
use commonground::platform::{Actor, Clock, Db, Place, Role, ids};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::engines::columns;
use crate::support::persons::Browser;
use crate::support::sessions::Sketch;
use crate::support::{Engine, TestApp, TestDatabase, both_engines};

/// Who may see a column.
const CLASSES: [&str; 4] = ["public", "members", "private", "secret"];

async fn every_column_is_classified(engine: Engine) {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("privacy.toml")).unwrap();
    let listed: toml::Table = toml::from_str(&text).unwrap();
    let database = TestDatabase::fresh(engine).await;
    let db = Db::open(&database.config("node"), Clock::System).await.unwrap();
    db.migrate().await.unwrap();
    let real = columns(&db).await;
    assert!(real.len() > 20, "tables were read");
    let names = |table: &toml::Table| table.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&listed), real.keys().cloned().collect(), "privacy.toml lists the tables there are");
    let mut wrong = Vec::new();
    for (table, columns) in &real {
        let rows = listed[table].as_table().unwrap();
        for column in columns.keys() {
            let Some(row) = rows.get(column) else {
                wrong.push(format!("{table}.{column} is not in privacy.toml"));
                continue;
            };
            let text = |key: &str| row.get(key).and_then(toml::Value::as_str).unwrap_or_default();
            let class = text("class");
            let exported = row.get("export").and_then(toml::Value::as_bool);
            let known = CLASSES.contains(&class)
                && ["delete", "keep", "anonymise"].contains(&text("erase"))
                && text("retention").len() > 3
                && exported.is_some();
            if !known {
                wrong.push(format!("{table}.{column} does not say class, retention, export and erase"));
            }
            if text("erase") != "delete" && text("reason").len() < 5 {
                wrong.push(format!("{table}.{column} stays and does not say why"));
            }
            if class == "secret" && exported == Some(true) {
                wrong.push(format!("{table}.{column} is a secret and would be exported"));
            }
        }
        for column in rows.keys().filter(|column| !columns.contains_key(*column)) {
            wrong.push(format!("{table}.{column} is in privacy.toml and not in the database"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_column_is_classified_on_sqlite() {
    every_column_is_classified(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_column_is_classified_on_postgres() {
    every_column_is_classified(Engine::Postgres).await;
}

/// In every text that is about the person, and in nothing else.
const CANARY: &str = "kanarie";

/// How many values of each table hold the canary.
async fn canaries(db: &Db) -> BTreeMap<String, usize> {
    let cx = db.cx(Actor::System("test"));
    let backend = cx.conn().get_database_backend();
    let mut found = BTreeMap::new();
    for (table, columns) in columns(db).await {
        for column in columns.keys() {
            let sql = format!("SELECT CAST(\"{column}\" AS TEXT) AS value FROM \"{table}\"");
            for row in cx.conn().query_all_raw(Statement::from_string(backend, sql)).await.unwrap() {
                let value: Option<String> = row.try_get("", "value").unwrap_or_default();
                if value.is_some_and(|value| value.to_lowercase().contains(CANARY)) {
                    *found.entry(format!("{table}.{column}")).or_default() += 1;
                }
            }
        }
    }
    found
}

/// Files below a folder that hold the canary; the database's own are asked with SQL.
fn files_with_canaries(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with_canaries(&path));
        } else if !path.to_string_lossy().contains(".sqlite") {
            let bytes = std::fs::read(&path).unwrap_or_default();
            if String::from_utf8_lossy(&bytes).to_lowercase().contains(CANARY) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

async fn insert(db: &Db, table: &str, row: Vec<(&str, SimpleExpr)>) {
    let tx = db.write(Actor::System("test")).await.unwrap();
    let (names, values): (Vec<_>, Vec<_>) = row.into_iter().map(|(name, value)| (Alias::new(name), value)).unzip();
    let mut query = Query::insert();
    query.into_table(Alias::new(table)).columns(names).values_panic(values);
    tx.conn().execute(&query).await.unwrap();
    tx.commit().await.unwrap();
}

/// A teacher of a school of whom every table that can holds something with the canary in it.
async fn full_account(test: &TestApp) -> (AccountId, Browser, String) {
    let email = "kanarie@example.org";
    let id = test.account(email, "Kanarie Quill").await;
    let now = test.clock.now();
    let db = test.db();
    // What other features write: their tables, by hand.
    let v = |value: &str| Expr::value(value.to_owned());
    let own = || ("account_id", Expr::value(id.0));
    let fresh = || ("id", Expr::value(ids::fresh()));
    let at = |name: &'static str| (name, Expr::value(now));
    let data = || Expr::value(json!({ "next": "/kanarie" }));
    insert(
        db,
        "identity",
        vec![
            fresh(),
            own(),
            ("provider", v("clever")),
            ("issuer", v("https://clever.example")),
            ("subject", v("kanarie-subject")),
            at("created_at"),
            at("used_at"),
        ],
    )
    .await;
    insert(
        db,
        "email_change",
        vec![fresh(), own(), ("new_email", v("new-kanarie@example.org")), at("created_at"), at("expires_at")],
    )
    .await;
    insert(
        db,
        "one_time_link",
        vec![
            fresh(),
            ("purpose", v("sign_in")),
            ("email", v(email)),
            ("secret_hash", v("kanarie-link")),
            ("data", data()),
            at("created_at"),
            at("expires_at"),
        ],
    )
    .await;
    insert(
        db,
        "one_time_link",
        vec![
            fresh(),
            own(),
            ("purpose", v("new_address")),
            ("email", v("new-kanarie@example.org")),
            ("secret_hash", v("kanarie-link-2")),
            ("data", data()),
            at("created_at"),
            at("expires_at"),
        ],
    )
    .await;
    insert(db, "totp", vec![own(), ("sealed", v("kanarie")), at("confirmed_at"), at("created_at")]).await;
    insert(db, "recovery_code", vec![fresh(), own(), ("secret_hash", v("kanarie")), at("created_at")]).await;
    insert(
        db,
        "passkey",
        vec![
            fresh(),
            own(),
            ("name", v("Kanarie's phone")),
            ("credential_id", v("kanarie")),
            ("credential", v("kanarie")),
            at("created_at"),
        ],
    )
    .await;
    insert(db, "challenge", vec![fresh(), own(), ("kind", v("passkey")), ("data", v("kanarie")), at("expires_at")])
        .await;
    insert(db, "follow", vec![own(), ("kind", v("topic")), ("target", v("kanarie")), at("created_at")]).await;
    for accepted in [false, true] {
        let to = if accepted { "old-kanarie@example.org" } else { email };
        let mut row = vec![
            fresh(),
            ("email", v(to)),
            ("name", v("Kanarie Quill")),
            ("role", v("teacher")),
            ("secret_hash", v(&format!("kanarie-{accepted}"))),
            at("created_at"),
            at("expires_at"),
        ];
        if accepted {
            row.push(("accepted_by", Expr::value(id.0)));
        }
        insert(db, "invitation", row).await;
    }
    take_part(test, id).await;
    let browser = test.signed_in(id, false).await;
    let password = [("password_hash", Expr::value("kanarie-hash"))];
    let tx = db.write(Actor::System("test")).await.unwrap();
    let mut update = Query::update();
    update.table(Alias::new("account")).values(password.map(|(name, value)| (Alias::new(name), value)));
    update.and_where(Expr::col(Alias::new("id")).eq(id.0));
    tx.conn().execute(&update).await.unwrap();
    let mut update = Query::update();
    update.table(Alias::new("sign_in")).value(Alias::new("device"), "Kanarie browser");
    update.and_where(Expr::col(Alias::new("account_id")).eq(id.0));
    tx.conn().execute(&update).await.unwrap();
    tx.commit().await.unwrap();
    let profile =
        [("name", "Kanarie Quill"), ("title", "Kanarie teacher"), ("time_zone", "America/Kanarie"), ("grades", "k_2")];
    browser.post_on("/me/profile", &profile).await;
    // What this program writes by itself: a token and its kept answer, and letters.
    let new = json!({ "name": "Kanarie sync", "scope": "write", "days": 30 });
    let made = test.client.post(browser.url("/api/v1/me/tokens")).header("sec-fetch-site", "same-origin");
    let made: Value = browser.send(made.header("idempotency-key", "kanarie").json(&new)).await.json().await.unwrap();
    let token = made["token"].as_str().unwrap().to_owned();
    let head = test.app.letterhead(&test.base.as_str().into()).unwrap();
    let mut tx = db.write(Actor::System("test")).await.unwrap();
    for (event, account) in [("event:k1", Some(id.0)), ("event:k2", None)] {
        let mut letter = Letter::new("test", event, email, "Hello Kanarie")
            .say("Dear Kanarie, welcome.")
            .because("You are Kanarie.");
        if let Some(account) = account {
            letter = letter.of(account);
        }
        mail::enqueue(&mut tx, &head, letter).await.unwrap();
    }
    // To a principal, whom it names the person.
    let letter = Letter::new("test", "event:k3", "head@example.org", "Kanarie Quill asks to join");
    let letter = letter.say("Kanarie Quill says that they teach here.").because("You lead it.").about(id.0);
    mail::enqueue(&mut tx, &head, letter).await.unwrap();
    tx.commit().await.unwrap();
    (id, browser, token)
}

/// What joint sessions keep about somebody: a seat that is still to come, and everything that hangs on it.
async fn take_part(test: &TestApp, id: AccountId) {
    let schools = test.two_schools().await;
    let session = test.session(&schools, Sketch::default()).await;
    let (db, now, seat) = (test.db(), test.clock.now(), ids::fresh());
    let v = |value: &str| Expr::value(value.to_owned());
    let at = |name: &'static str| (name, Expr::value(now));
    let here = || ("session_id", Expr::value(session.0));
    let own = || ("account_id", Expr::value(id.0));
    let of_seat = || ("registration_id", Expr::value(seat));
    let n = |name: &'static str, value: i32| (name, Expr::value(value));
    let row = vec![
        ("id", Expr::value(seat)),
        here(),
        own(),
        ("school_id", Expr::value(schools.harbor.0)),
        ("sector", v("charter")),
        ("way", v("in_person")),
        ("seat", v("waitlisted")),
        ("approval", v("not_needed")),
        ("waitlist_no", Expr::value(1_i64)),
        ("promoted", Expr::value(false)),
        ("coverage", v("not_needed")),
        ("reason", v("Kanarie is needed here that day")),
        n("round", 0),
        n("turn", 1),
        at("created_at"),
        at("updated_at"),
    ];
    insert(db, "registration", row).await;
    let needs = ("needs", Expr::value(json!(["step_free"])));
    insert(db, "access_need", vec![of_seat(), here(), needs, ("note", v("Kanarie comes by taxi")), at("updated_at")])
        .await;
    let used = vec![of_seat(), n("day", 30), ("answer", v("yes")), ("note", v("Kanarie did")), at("answered_at")];
    insert(db, "practice_use", used).await;
    let was = vec![of_seat(), n("meeting", 1), here(), ("state", v("present")), at("updated_at")];
    insert(db, "attendance", was).await;
    let led = vec![here(), n("position", 9), own(), ("name", v("Kanarie Quill"))];
    insert(db, "facilitator", led).await;
    let wish = vec![
        ("id", Expr::value(ids::fresh())),
        own(),
        ("school_id", Expr::value(schools.harbor.0)),
        ("subject", v("topic:co_teaching")),
        ("words", v("Kanarie asks")),
        at("created_at"),
    ];
    insert(db, "wish", wish).await;
    let certificate = vec![
        ("id", Expr::value(ids::fresh())),
        ("number", v("AAAA-BBBB-CCCC")),
        n("version", 1),
        here(),
        of_seat(),
        own(),
        ("program", v("attendance")),
        ("school_id", Expr::value(schools.harbor.0)),
        ("held_on", Expr::value(now.date_naive())),
        ("status_index", Expr::value(1_i64)),
        ("facts", Expr::value(json!({ "name": "Kanarie Quill", "title": "Reading" }))),
        at("issued_at"),
    ];
    insert(db, "certificate", certificate).await;
}

/// Lays the letters of an address into the folder of letters, as an installation does that sends none.
async fn lay_out_letters(test: &TestApp, email: &str) {
    let folder = test.app.config.data.join("mail");
    std::fs::create_dir_all(&folder).unwrap();
    let cx = test.db().cx(Actor::System("test"));
    let backend = cx.conn().get_database_backend();
    let sql = format!("SELECT id, message_id FROM outbox WHERE recipient = '{email}'");
    let head = test.app.letterhead(&"https://ground.example".into()).unwrap();
    for row in cx.conn().query_all_raw(Statement::from_string(backend, sql)).await.unwrap() {
        let (id, name): (Uuid, String) = (row.try_get("", "id").unwrap(), row.try_get("", "message_id").unwrap());
        let text = String::from_utf8(outbox::message(&cx, &head, LetterId(id)).await.unwrap()).unwrap();
        std::fs::write(folder.join(format!("{}.eml", ids::fresh())), format!("{text}\r\n")).unwrap();
        assert!(text.contains(name.trim_matches(['<', '>'])), "the Message-ID is in the letter");
    }
}

both_engines! {
    /// P3: everything goes that says who somebody was, and the records they made stay.
    async fn an_erased_person_leaves_no_trace(test: TestApp) {
        test.seed().await;
        let school = test.school("tamsin-row-elementary").await;
        let (id, browser, token) = full_account(&test).await;
        test.appoint(id, Role::Teacher, school).await;
        // Letters to others that name them: to the lead of a school they ask, to somebody they invite.
        let hedda = test.account("hedda@example.net", "Hedda Lead").await;
        let other = test.school("pebble-lane-charter-school").await;
        test.appoint(hedda, Role::Principal, other).await;
        let Place::School(other) = other else { panic!("no school") };
        browser.post_on("/me/places", &[("school", &other.to_string())]).await;
        test.appoint(id, Role::Principal, school).await;
        let guest = [("email", "guest@example.net"), ("name", "Gil Guest"), ("role", "teacher")];
        browser.post_on("/schools/tamsin-row-elementary/invitations", &guest).await;
        for reader in ["hedda@example.net", "guest@example.net"] {
            let letters = test.letters(reader).await;
            let naming = letters.iter().filter(|letter| letter.subject.starts_with("Kanarie Quill "));
            assert_eq!(naming.count(), 1, "{reader}");
        }
        // A colleague, of whom everything stays.
        let ben = test.account("ben@example.org", "Ben Marsh").await;
        let his = test.signed_in(ben, false).await;
        lay_out_letters(&test, "kanarie@example.org").await;
        let before = canaries(test.db()).await;
        for place in [
            "account.name", "account.email", "account.title", "account.time_zone", "account.password_hash", "api_token.name",
            "challenge.data", "email_change.new_email", "follow.target", "identity.subject", "invitation.email",
            "invitation.name", "one_time_link.data", "one_time_link.email", "outbox.recipient", "outbox.subject",
            "outbox.content", "passkey.name", "passkey.credential", "recovery_code.secret_hash", "sign_in.device",
            "totp.sealed", "answer_once.key", "registration.reason", "access_need.note", "practice_use.note",
            "facilitator.name", "wish.words", "certificate.facts",
        ] {
            assert!(before.contains_key(place), "{place}: {before:?}");
        }
        assert_eq!(files_with_canaries(&test.app.config.data).len(), 2, "the two letters");

        let page = browser.page("/me/data").await;
        assert!(page.contains("kanarie@example.org") && page.contains("Former member"), "{page}");
        let slip = browser.post("/me/data/erasure", &[("email", "ben@example.org")]).await;
        assert_eq!(slip.status(), 422);
        let slip = slip.text().await.unwrap();
        assert!(slip.contains("Type your address exactly") && slip.contains("value=\"ben@example.org\""), "{slip}");
        assert_eq!(canaries(test.db()).await, before, "nothing went by a slip");

        let gone = browser.post("/me/data/erasure", &[("email", " Kanarie@Example.org ")]).await;
        assert_eq!(gone.status(), 200);
        let gone = gone.text().await.unwrap();
        assert!(gone.contains("Your account is erased") && gone.contains("explains what was decided"), "{gone}");
        assert!(!gone.to_lowercase().contains(CANARY), "{gone}");
        assert_eq!(canaries(test.db()).await, BTreeMap::new());
        for round in 0.. {
            App::jobs().run_due(test.db()).await.unwrap();
            let files = files_with_canaries(&test.app.config.data);
            if files.is_empty() {
                break;
            }
            assert!(round < 100, "{files:?}");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }

        // Signed out everywhere, and no way back in.
        assert_eq!(browser.get("/me").await.status(), 303);
        let answer = test.client.get(format!("{}/api/v1/me", test.base)).bearer_auth(&token).send().await.unwrap();
        assert_eq!(answer.status(), 401);
        // The record stays, without a name.
        let cx = test.db().cx(Actor::System("test"));
        let memberships = commonground::people::membership::memberships_of(&cx, id).await.unwrap();
        let states: Vec<_> = memberships.iter().map(|one| one.state.code()).collect();
        assert_eq!(states, ["ended", "declined", "ended"]);
        let account = commonground::people::account::account(&cx, id).await.unwrap();
        assert_eq!((account.name.as_str(), account.state.code(), account.email), ("Former member", "erased", None));
        assert!(his.page("/me").await.contains("Ben Marsh"));
        // The address is free for somebody else.
        assert_ne!(test.account("kanarie@example.org", "Somebody New").await, id);
    }
}

both_engines! {
    /// Letters to an address that the account no longer has are found by the account.
    async fn letters_to_an_old_address_go_too(test: TestApp) {
        let id = test.account("kanarie@old.example", "Ada Quill").await;
        let ben = test.account("ben@example.org", "Ben Marsh").await;
        let head = test.app.letterhead(&test.base.as_str().into()).unwrap();
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        let letter = |event: &str| Letter::new("test", event, "kanarie@old.example", "Hello").because("You are here.");
        mail::enqueue(&mut tx, &head, letter("event:nobodys")).await.unwrap();
        mail::enqueue(&mut tx, &head, letter("event:bens").of(ben.0)).await.unwrap();
        let new = mail::Email::parse("ada@new.example").unwrap();
        commonground::people::account::prove_address(&mut tx, id, &new).await.unwrap();
        tx.commit().await.unwrap();
        let browser = test.signed_in(id, false).await;
        assert_eq!(browser.post("/me/data/erasure", &[("email", "ada@new.example")]).await.status(), 200);
        let left = test.letters("kanarie@old.example").await;
        assert_eq!(left.len(), 1, "somebody else's stays");
    }
}

both_engines! {
    async fn the_last_administrator_stays(test: TestApp) {
        let root = test.account("root@example.org", "Rosa Root").await;
        test.appoint(root, Role::CityAdmin, Place::Installation).await;
        let browser = test.signed_in(root, false).await;
        let refused = browser.post("/me/data/erasure", &[("email", "root@example.org")]).await;
        assert_eq!(refused.status(), 422);
        assert!(refused.text().await.unwrap().contains("the last city administrator"));
        let other = test.account("vera@example.org", "Vera Vice").await;
        test.appoint(other, Role::CityAdmin, Place::Installation).await;
        assert_eq!(browser.post("/me/data/erasure", &[("email", "root@example.org")]).await.status(), 200);
    }
}

/// Name -> text of every file of a zip.
fn unzipped(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.insert(file.name().unwrap().into_owned(), text);
    }
    files
}

both_engines! {
    async fn a_person_takes_everything_along(test: TestApp) {
        test.seed().await;
        let (id, browser, token) = full_account(&test).await;
        test.appoint(id, Role::Teacher, test.school("tamsin-row-elementary").await).await;
        let ben = test.account("ben@example.org", "Ben Marsh").await;
        let answer = browser.get("/me/data.zip").await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "application/zip");
        assert!(answer.headers()["content-disposition"].to_str().unwrap().contains("common-ground-my-data.zip"));
        let files = unzipped(&answer.bytes().await.unwrap());
        for (file, words) in [
            ("README.txt", "memberships: 1 entry\n"),
            ("account.json", "\"title\": \"Kanarie teacher\""),
            ("account.csv", "kanarie@example.org"),
            ("memberships.json", "Tamsin Row Elementary"),
            ("invitations.csv", "kanarie@example.org"),
            ("follows.csv", "kanarie"),
            ("sign_ins.json", "Kanarie browser"),
            ("tokens.csv", "Kanarie sync"),
            ("second_steps.json", "Kanarie's phone"),
            ("school_sign_ins.json", "kanarie-subject"),
            ("address_changes.csv", "new-kanarie@example.org"),
            ("letters.json", "Hello Kanarie"),
        ] {
            let text = files.get(file).unwrap_or_else(|| panic!("{file} of {:?}", files.keys()));
            assert!(text.contains(words), "{file}: {text}");
        }
        // Each list is there twice, and says the same.
        for (name, text) in files.iter().filter(|(name, _)| name.ends_with(".json")) {
            let rows: Vec<Value> = serde_json::from_str(text).unwrap();
            let mut csv = csv::Reader::from_reader(files[&name.replace(".json", ".csv")].as_bytes());
            assert_eq!(csv.records().count(), rows.len(), "{name}");
        }
        let all: String = files.values().cloned().collect();
        for secret in ["kanarie-hash", "kanarie-link", "kanarie-true", "sealed", "credential", token.as_str(), "Ben Marsh", &ben.to_string()] {
            assert!(!all.contains(secret), "{secret}");
        }
        let api = test.client.get(format!("{}/api/v1/me/export", test.base)).bearer_auth(&token).send().await.unwrap();
        assert_eq!((api.status().as_u16(), api.headers()["content-type"].to_str().unwrap()), (200, "application/zip"));
        let api = unzipped(&api.bytes().await.unwrap());
        assert_eq!(api.keys().collect::<Vec<_>>(), files.keys().collect::<Vec<_>>());
    }
}
