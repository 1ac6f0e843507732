//! Announcements of an office, the newsletter for addresses without an account, and messages to people of a session that are
//! looked at, scheduled, held and ended.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use commonground::bulletins::{Press, sending};
use commonground::people::{self, AccountId, NewOrganization, NewSchool, OrganizationId, SchoolId};
use commonground::platform::{Actor, Place, Role, ids};
use commonground::sessions::clockwork;
use mail_parser::MessageParser;
use sea_orm::sea_query::{Expr, Query, SimpleExpr};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::persons::Browser;
use crate::support::sessions::{Sketch, TwoSchools};
use crate::support::{TestApp, both_engines, problem};

const ANNOUNCEMENTS: &str = "/admin/announcements";
const NEWS: &str = "/cities/rivermark-ny/newsletter";

/// A city with an office and a school.
struct City {
    school: SchoolId,
    mayor: AccountId,
}

async fn city(test: &TestApp) -> City {
    let mut tx = test.db().write(Actor::System("test")).await.unwrap();
    let place = |kind: &str, name: &str, city: &str| NewOrganization {
        kind: kind.to_owned(),
        name: name.to_owned(),
        city: Some(city.to_owned()),
        state: Some("NY".to_owned()),
    };
    let office = people::add_organization(&mut tx, place("city_office", "Mayor's Office", "Rivermark")).await.unwrap();
    let elsewhere = people::add_organization(&mut tx, place("city_office", "Other Office", "Farside")).await.unwrap();
    let mut schools = Vec::new();
    for (name, city) in [("River School", "Rivermark"), ("Far School", "Farside")] {
        let new = NewSchool {
            name: name.to_owned(),
            sector: Some("district".to_owned()),
            city: Some(city.to_owned()),
            state: Some("NY".to_owned()),
            ..NewSchool::default()
        };
        schools.push(people::add_school(&mut tx, new).await.unwrap());
    }
    tx.commit().await.unwrap();
    let mayor = office_of(test, "mayor@rivermark.example", office).await;
    office_of(test, "mayor@farside.example", elsewhere).await;
    City { school: schools[0], mayor }
}

async fn office_of(test: &TestApp, email: &str, office: OrganizationId) -> AccountId {
    let id = test.account(email, "Mo Ayer").await;
    test.appoint(id, Role::Mayor, Place::Organization(office.0)).await;
    id
}

fn press(test: &TestApp) -> Press {
    test.app.press(&test.base.as_str().into()).unwrap()
}

/// Does what is due for announcements, twice: what was done is not done again.
async fn due(test: &TestApp) {
    let press = press(test);
    for _ in 0..2 {
        sending::due(test.db(), &press).await.unwrap();
    }
}

async fn change(test: &TestApp, sql: &str) {
    let tx = test.db().write(Actor::System("test")).await.unwrap();
    tx.conn().execute_unprepared(sql).await.unwrap();
    tx.commit().await.unwrap();
}

async fn count(test: &TestApp, from: &str) -> i64 {
    let cx = test.db().cx(Actor::System("test"));
    let sql = format!("SELECT COUNT(*) AS n FROM {from}");
    let statement = Statement::from_string(cx.conn().get_database_backend(), sql);
    cx.conn().query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
}

/// Teachers of a school with proven addresses `reader0@..`, as rows.
async fn teachers(test: &TestApp, school: SchoolId, number: usize) {
    let now = test.clock.now();
    let text = |value: &str| Expr::value(value);
    let tx = test.db().write(Actor::System("test")).await.unwrap();
    let all: Vec<(usize, uuid::Uuid)> = (0..number).map(|n| (n, ids::fresh())).collect();
    for piece in all.chunks(100) {
        let mut accounts = Query::insert();
        accounts.into_table("account").columns([
            "id",
            "state",
            "name",
            "email",
            "email_confirmed_at",
            "grades",
            "subjects",
            "created_at",
            "updated_at",
        ]);
        let mut places = Query::insert();
        places.into_table("membership").columns([
            "id",
            "account_id",
            "role",
            "school_id",
            "state",
            "verified_by",
            "created_at",
            "started_at",
        ]);
        for (n, id) in piece {
            let row: Vec<SimpleExpr> = vec![
                Expr::value(*id),
                text("active"),
                Expr::value(format!("Reader {n}")),
                Expr::value(format!("reader{n}@river.example")),
                Expr::value(now),
                Expr::value(json!([])),
                Expr::value(json!([])),
                Expr::value(now),
                Expr::value(now),
            ];
            accounts.values(row).unwrap();
            let row: Vec<SimpleExpr> = vec![
                Expr::value(ids::fresh()),
                Expr::value(*id),
                text("teacher"),
                Expr::value(school.0),
                text("current"),
                text("admin"),
                Expr::value(now),
                Expr::value(now),
            ];
            places.values(row).unwrap();
        }
        tx.conn().execute(&accounts).await.unwrap();
        tx.conn().execute(&places).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Letters that were laid into the folder, by address: how many, and the newest.
fn arrived(data: &Path) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let Ok(entries) = std::fs::read_dir(data.join("mail")) else { return found };
    for entry in entries {
        let raw = std::fs::read(entry.unwrap().path()).unwrap();
        let message = MessageParser::default().parse(&raw).unwrap();
        let to = message.to().unwrap().first().unwrap().address().unwrap().to_owned();
        found.entry(to).or_default().push(String::from_utf8(raw).unwrap());
    }
    found
}

async fn deliver(test: &TestApp) -> usize {
    test.app.delivery(&test.base.as_str().into(), false).unwrap().deliver_due().await.unwrap()
}

const TEXT: [(&str, &str); 5] = [
    ("city", "Rivermark, NY"),
    ("subject", "Open house on November 14"),
    ("body", "Eleven schools open their doors.\nCome and see."),
    ("button", "See the sessions"),
    ("link", "/sessions"),
];

/// A draft's page.
async fn draft(browser: &Browser) -> String {
    let to = browser.post_on(ANNOUNCEMENTS, &TEXT).await;
    to.split('?').next().unwrap().to_owned()
}

both_engines! {
    /// 1,200 readers get an announcement once each; held in the middle it waits, and goes on; its numbers add up.
    async fn everybody_of_a_city_gets_one_letter(test: TestApp) {
        let here = city(&test).await;
        teachers(&test, here.school, 1_200).await;
        change(&test, "UPDATE account SET email_confirmed_at = NULL WHERE email = 'reader7@river.example'").await;
        let mayor = test.signed_in(here.mayor, false).await;
        let page = draft(&mayor).await;
        mayor.post_on(&format!("{page}/schedule"), &[("when", ""), ("zone", "America/New_York")]).await;
        due(&test).await;
        assert_eq!(count(&test, "outbox WHERE kind = 'announcement'").await, 1_199, "only proven addresses");
        // Half of them are due now, the others in an hour; held meanwhile.
        change(&test, "UPDATE outbox SET due_at = '2026-10-14T17:00:00+00:00' WHERE recipient LIKE 'reader1%' OR recipient LIKE 'reader2%'").await;
        let later = count(&test, "outbox WHERE recipient LIKE 'reader1%' OR recipient LIKE 'reader2%'").await;
        let first = deliver(&test).await;
        assert!(first > 300 && later > 300, "{first} and {later}");
        mayor.post_on(&format!("{page}/pause"), &[]).await;
        test.clock.set("2026-10-14T17:30:00Z".parse().unwrap());
        let mayor = test.signed_in(here.mayor, false).await;
        assert_eq!(deliver(&test).await, 0, "it is held");
        assert!(mayor.page(&page).await.contains("It is held"));
        mayor.post_on(&format!("{page}/resume"), &[]).await;
        assert_eq!(deliver(&test).await, usize::try_from(later).unwrap());
        let letters = arrived(&test.app.config.data);
        assert_eq!(letters.len(), 1_199);
        assert!(letters.values().all(|of_one| of_one.len() == 1));
        let shown = mayor.page(&page).await;
        assert!(shown.contains("<dt>Sent</dt><dd>1,199</dd>") && shown.contains("<dt>Waiting</dt><dd>0</dd>"), "{shown}");
        assert!(!shown.contains("@river.example"), "a mayor's office sees numbers, not people (M-4)");
        let letter = &letters["reader3@river.example"][0];
        for words in ["List-Id: ", "Open house on November 14", "Eleven schools open their doors.", "Auto-Submitted"] {
            assert!(letter.contains(words), "{words}: {letter}");
        }
        // Everybody can read it now, and it is on the page of the city.
        assert!(test.page(NEWS).await.contains("Open house on November 14"));
        let id = page.rsplit('/').next().unwrap();
        assert!(test.page(&format!("/announcements/{id}")).await.contains("Come and see."));
    }
}

both_engines! {
    /// An office writes to its own city alone, and others to none; a draft is nobody's business.
    async fn an_office_announces_to_its_own_city(test: TestApp) {
        let here = city(&test).await;
        let mayor = test.signed_in(here.mayor, false).await;
        assert_eq!(test.get(ANNOUNCEMENTS).await.status(), 303, "to the sign-in");
        assert!(mayor.page(ANNOUNCEMENTS).await.contains("Nothing is announced yet"));
        assert!(mayor.page("/admin/announcements/new").await.contains("rivermark-ny"));
        let mut far = TEXT;
        far[0].1 = "farside-ny";
        assert_eq!(mayor.post(ANNOUNCEMENTS, &far).await.status(), 403);
        far[0].1 = "Nowhere, NY";
        let refused = mayor.post(ANNOUNCEMENTS, &far).await;
        assert_eq!(refused.status(), 422);
        let refused = refused.text().await.unwrap();
        assert!(refused.contains("like Rivermark, NY") && refused.contains("Eleven schools"), "{refused}");
        let page = draft(&mayor).await;
        let shown = mayor.page(&page).await;
        assert!(shown.contains("See the sessions:") && shown.contains("It is a draft."), "{shown}");
        let html = mayor.page(&format!("{page}/letter")).await;
        assert!(html.contains("Eleven schools open their doors.") && !html.contains("<script"), "{html}");
        assert!(!test.page(NEWS).await.contains("Open house"));
        let id = page.rsplit('/').next().unwrap();
        assert_eq!(test.get(&format!("/announcements/{id}")).await.status(), 404);
        let other = test.db().cx(Actor::System("test"));
        let email = commonground::mail::Email::parse("mayor@farside.example").unwrap();
        let other = people::account::account_of(&other, &email).await.unwrap().unwrap().id;
        let other = test.signed_in(other, false).await;
        for path in [page.clone(), format!("{page}/letter")] {
            assert_eq!(other.get(&path).await.status(), 404);
        }
        assert_eq!(other.post(&format!("{page}/schedule"), &[]).await.status(), 404);
        assert!(!other.page(ANNOUNCEMENTS).await.contains("Open house"));
        let teacher = test.account("tess@river.example", "Tess").await;
        test.appoint(teacher, Role::Teacher, Place::School(here.school.0)).await;
        let teacher = test.signed_in(teacher, false).await;
        for path in [ANNOUNCEMENTS.to_owned(), page.clone()] {
            assert_eq!(teacher.get(&path).await.status(), 403);
        }
        // An administrator sees it, and who got what.
        let admin = test.account("ada@city.example", "Ada").await;
        test.appoint(admin, Role::CityAdmin, Place::Installation).await;
        let admin = test.signed_in(admin, true).await;
        mayor.post_on(&format!("{page}/schedule"), &[]).await;
        due(&test).await;
        assert!(admin.page(&page).await.contains("tess@river.example"));
    }
}

both_engines! {
    /// A test goes to its writer alone; a time can be taken back and given again; who is gone by then gets nothing, and what
    /// its writer may no longer do does not happen.
    async fn an_announcement_waits_for_its_time(test: TestApp) {
        let here = city(&test).await;
        teachers(&test, here.school, 5).await;
        let mayor = test.signed_in(here.mayor, false).await;
        let page = draft(&mayor).await;
        mayor.post_on(&format!("{page}/test"), &[]).await;
        mayor.post_on(&format!("{page}/test"), &[]).await;
        let mine = test.letters("mayor@rivermark.example").await;
        assert_eq!(mine.iter().filter(|letter| letter.kind == "announcement_test").count(), 1, "once a minute");
        assert!(mine.iter().any(|letter| letter.subject == "Test: Open house on November 14"), "{mine:?}");
        let late = [("when", "2027-03-14T02:30"), ("zone", "America/New_York")];
        let refused = mayor.post(&format!("{page}/schedule"), &late).await;
        assert_eq!(refused.status(), 422);
        assert!(refused.text().await.unwrap().contains("so it does not come"));
        let tomorrow = [("when", "2026-10-15T09:00"), ("zone", "America/Chicago")];
        mayor.post_on(&format!("{page}/schedule"), &tomorrow).await;
        assert!(mayor.page(&page).await.contains("Thursday, October 15, 2026, 9:00 AM CDT"));
        assert_eq!(mayor.post(&page, &TEXT).await.status(), 422, "only a draft is changed");
        mayor.post_on(&format!("{page}/stop"), &[]).await;
        let mut other = TEXT;
        other[1].1 = "Open house, changed";
        mayor.post_on(&page, &other).await;
        mayor.post_on(&format!("{page}/schedule"), &tomorrow).await;
        due(&test).await;
        assert_eq!(count(&test, "outbox WHERE kind = 'announcement'").await, 0, "not before its time");
        // Between scheduling and sending one leaves the school, and one's account is closed.
        change(&test, "UPDATE membership SET state = 'ended' WHERE account_id IN (SELECT id FROM account WHERE email = 'reader1@river.example')").await;
        change(&test, "UPDATE account SET state = 'deactivated' WHERE email = 'reader2@river.example'").await;
        let second = draft(&mayor).await;
        mayor.post_on(&format!("{second}/schedule"), &[("when", "2026-10-16T09:00"), ("zone", "America/Chicago")]).await;
        test.clock.set("2026-10-15T14:00:00Z".parse().unwrap());
        due(&test).await;
        assert_eq!(count(&test, "outbox WHERE kind = 'announcement'").await, 3);
        // One whose account is closed after that gets none either; what is stopped leaves no more.
        change(&test, "UPDATE account SET state = 'deactivated' WHERE email = 'reader0@river.example'").await;
        change(&test, "UPDATE outbox SET due_at = '2026-10-15T15:00:00+00:00' WHERE recipient = 'reader3@river.example'").await;
        deliver(&test).await;
        let letters = arrived(&test.app.config.data);
        let got: Vec<&str> = letters.keys().map(String::as_str).filter(|to| to.starts_with("reader")).collect();
        assert_eq!(got, ["reader4@river.example"]);
        let mayor = test.signed_in(here.mayor, false).await;
        mayor.post_on(&format!("{page}/stop"), &[]).await;
        test.clock.set("2026-10-15T16:00:00Z".parse().unwrap());
        deliver(&test).await;
        assert!(!arrived(&test.app.config.data).contains_key("reader3@river.example"));
        assert_eq!(mayor.post(&format!("{page}/resume"), &[]).await.status(), 422, "stopped is stopped");
        // The office took the role away: the second one does not go.
        change(&test, "UPDATE membership SET state = 'ended' WHERE role = 'mayor'").await;
        test.clock.set("2026-10-16T15:00:00Z".parse().unwrap());
        due(&test).await;
        assert_eq!(count(&test, "announcement WHERE state = 'stopped'").await, 2);
        assert_eq!(count(&test, "mailing").await, 2, "of the first one alone");
    }
}

/// The link of the newest letter of a kind to an address.
async fn link(test: &TestApp, email: &str, kind: &str) -> String {
    let letters = test.letters(email).await;
    letters.iter().rfind(|letter| letter.kind == kind).unwrap_or_else(|| panic!("{kind}: {letters:?}")).path(&test.base)
}

/// An address that asked for the newsletter and said yes.
async fn subscribed(test: &TestApp, email: &str) {
    let browser = test.browser();
    browser.post_on(NEWS, &[("email", email)]).await;
    let path = link(test, email, "newsletter_question").await;
    assert_eq!(browser.post(&path, &[]).await.status(), 200);
}

both_engines! {
    /// An address gets the newsletter after its own yes alone, and what a visitor sees tells nothing about it.
    async fn a_newsletter_begins_with_a_yes(test: TestApp) {
        let here = city(&test).await;
        let browser = test.browser();
        let ask = async |email: &str| {
            let to = browser.post_on(NEWS, &[("email", email)]).await;
            let page = browser.page(&to).await;
            assert!(!page.contains(email), "{page}");
            (to, page)
        };
        let first = ask("nora@home.example").await;
        let path = link(&test, "nora@home.example", "newsletter_question").await;
        // Scanners of mailboxes open links; that is no yes.
        for _ in 0..2 {
            assert!(browser.page(&path).await.contains("Yes, send me the news"));
        }
        assert_eq!(count(&test, "newsletter_subscriber WHERE confirmed_at IS NOT NULL").await, 0);
        assert!(browser.post(&path, &[]).await.text().await.unwrap().contains("You get news of Rivermark"));
        assert_eq!(browser.post(&path, &[]).await.status(), 200, "twice is as good as once");
        // Known or not, with an account or without: the same answer, and only the mailbox learns more.
        test.account("tess@river.example", "Tess").await;
        for email in ["nora@home.example", "somebody@home.example", "tess@river.example"] {
            assert_eq!(ask(email).await, first, "{email}");
        }
        assert!(link(&test, "nora@home.example", "newsletter_known").await.starts_with("/n/"));
        assert_eq!(browser.post(NEWS, &[("email", "no address")]).await.status(), 422);
        assert_eq!(test.get("/cities/nowhere-ny/newsletter").await.status(), 404);
        assert!(test.page("/schools/river-school").await.contains(&format!("href=\"{NEWS}\"")));
        // Nobody fills a mailbox by typing its address.
        let mut answers = Vec::new();
        for _ in 0..5 {
            answers.push(browser.post(NEWS, &[("email", "victim@home.example")]).await.status().as_u16());
        }
        assert_eq!(answers, [303, 303, 303, 303, 429]);
        for bent in ["/n/confirm/nothing".to_owned(), path.replace("/confirm/", "/"), format!("{path}x")] {
            assert_eq!(browser.get(&bent).await.status(), 404, "{bent}");
        }
        // Who said yes gets announcements, with a way out in the head of the letter.
        let mayor = test.signed_in(here.mayor, false).await;
        let page = draft(&mayor).await;
        mayor.post_on(&format!("{page}/schedule"), &[]).await;
        due(&test).await;
        assert_eq!(count(&test, "outbox WHERE kind = 'newsletter'").await, 1);
        // A week without a yes: the address is gone, with what was written to it, and its link with it.
        let question = link(&test, "somebody@home.example", "newsletter_question").await;
        test.clock.set("2026-10-21T16:00:01Z".parse().unwrap());
        assert_eq!(browser.get(&question).await.status(), 410);
        assert_eq!(browser.post(&question, &[]).await.status(), 410);
        commonground::app::App::jobs().run_due(test.db()).await.unwrap();
        assert_eq!(count(&test, "newsletter_subscriber").await, 1);
        assert_eq!(count(&test, "outbox WHERE recipient = 'somebody@home.example'").await, 0);
    }
}

both_engines! {
    /// One click of a mail program ends the newsletter: no cookie, no redirect, any body; and what waits does not go.
    async fn one_click_ends_it(test: TestApp) {
        let here = city(&test).await;
        for email in ["nora@home.example", "otto@home.example", "pia@home.example"] {
            subscribed(&test, email).await;
        }
        // Somebody who teaches here and subscribed as well gets one letter.
        teachers(&test, here.school, 1).await;
        subscribed(&test, "reader0@river.example").await;
        let mayor = test.signed_in(here.mayor, false).await;
        let page = draft(&mayor).await;
        mayor.post_on(&format!("{page}/schedule"), &[("when", "2026-10-15T09:00")]).await;
        // Between scheduling and sending.
        let known = test.browser();
        known.post_on(NEWS, &[("email", "otto@home.example")]).await;
        let otto = link(&test, "otto@home.example", "newsletter_known").await;
        assert!(known.page(&otto).await.contains("otto@home.example"));
        assert_eq!(known.post(&otto, &[]).await.status(), 200);
        test.clock.set("2026-10-15T16:00:00Z".parse::<DateTime<Utc>>().unwrap());
        due(&test).await;
        change(&test, "UPDATE outbox SET due_at = '2026-10-15T17:00:00+00:00' WHERE recipient = 'pia@home.example' AND kind = 'newsletter'").await;
        deliver(&test).await;
        let letters = arrived(&test.app.config.data);
        assert!(!letters.contains_key("otto@home.example") || letters["otto@home.example"].iter().all(|raw| !raw.contains("Open house")));
        let news = |raw: &&String| raw.contains("Subject: Open house");
        assert_eq!(letters["reader0@river.example"].iter().filter(news).count(), 1);
        let letter = letters["nora@home.example"].iter().find(news).unwrap().replace("\r\n ", " ");
        assert!(letter.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{letter}");
        let url = letter.split("List-Unsubscribe: <").nth(1).unwrap().split('>').next().unwrap().to_owned();
        assert!(url.starts_with(&format!("{}/n/", test.base)), "{url}");
        // After the letter was added, before it left.
        let pia = {
            let cx = test.db().cx(Actor::System("test"));
            let sql = "SELECT leave_path FROM outbox WHERE recipient = 'pia@home.example' AND kind = 'newsletter'".to_owned();
            let row = cx.conn().query_one_raw(Statement::from_string(cx.conn().get_database_backend(), sql)).await;
            row.unwrap().unwrap().try_get::<String>("", "leave_path").unwrap()
        };
        for (url, kind) in [
            (url.clone(), "application/x-www-form-urlencoded"),
            (url, "application/x-www-form-urlencoded"),
            (format!("{}{pia}", test.base), "multipart/form-data; boundary=x"),
        ] {
            let body = if kind.starts_with("multipart") {
                "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n"
            } else {
                "List-Unsubscribe=One-Click"
            };
            let answer = test.client.post(&url).header("content-type", kind).body(body).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{url}");
            assert!(answer.headers().get("set-cookie").is_none());
        }
        test.clock.set(test.clock.now() + TimeDelta::hours(2));
        deliver(&test).await;
        let left = arrived(&test.app.config.data);
        assert!(!left["pia@home.example"].iter().any(|raw| raw.contains("Subject: Open house")));
        assert_eq!(count(&test, "newsletter_subscriber").await, 1, "the one who teaches here");
        assert_eq!(count(&test, "outbox WHERE recipient IN ('nora@home.example', 'pia@home.example')").await, 0);
        let admin = test.account("ada@city.example", "Ada").await;
        test.appoint(admin, Role::CityAdmin, Place::Installation).await;
        assert!(test.signed_in(admin, true).await.page(&page).await.contains("Erased with their reader"));
    }
}

fn api(browser: &Browser, path: &str) -> String {
    browser.url(&format!("/api/v1{path}"))
}

impl TestApp {
    async fn over_json(&self, browser: &Browser, path: &str, body: Option<Value>) -> reqwest::Response {
        let url = api(browser, path);
        let request = match body {
            Some(body) => self.client.post(url).json(&body),
            None => self.client.get(url),
        };
        browser.send(request.header("sec-fetch-site", "same-origin")).await
    }
}

async fn read(response: reqwest::Response, status: u16) -> Value {
    let got = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(got, status, "{text}");
    serde_json::from_str(&text).unwrap()
}

both_engines! {
    /// The same over JSON.
    async fn programs_announce_too(test: TestApp) {
        let here = city(&test).await;
        teachers(&test, here.school, 3).await;
        let mayor = test.signed_in(here.mayor, false).await;
        let bad = json!({ "city": "rivermark-ny", "subject": "", "body": "" });
        assert_eq!(problem(test.over_json(&mayor, "/announcements", Some(bad)).await, 422).await["errors"].as_array().unwrap().len(), 2);
        let new = json!({ "city": "rivermark-ny", "subject": "Open house", "body": "Come." });
        let made = test.over_json(&mayor, "/announcements", Some(new)).await;
        assert!(made.headers()["location"].to_str().unwrap().contains("/api/v1/announcements/"));
        let made = read(made, 201).await;
        assert_eq!((made["state"].as_str(), made.get("progress")), (Some("draft"), None));
        let path = format!("/announcements/{}", made["id"].as_str().unwrap());
        problem(test.over_json(&mayor, &format!("{path}/pause"), Some(json!({}))).await, 409).await;
        let time = json!({ "at": "2026-10-14T12:00:00-04:00" });
        let scheduled = read(test.over_json(&mayor, &format!("{path}/schedule"), Some(time)).await, 200).await;
        assert_eq!((scheduled["state"].as_str(), scheduled["due_at"].as_str()), (Some("scheduled"), Some("2026-10-14T16:00:00+00:00")));
        due(&test).await;
        let sent = read(test.over_json(&mayor, &path, None).await, 200).await;
        assert_eq!((sent["state"].as_str(), sent["progress"]["readers"].as_i64()), (Some("sent"), Some(3)));
        let paused = read(test.over_json(&mayor, &format!("{path}/pause"), Some(json!({}))).await, 200).await;
        assert_eq!(paused["paused"], true);
        assert_eq!(read(test.over_json(&mayor, &format!("{path}/resume"), Some(json!({}))).await, 200).await["paused"], false);
        let stopped = read(test.over_json(&mayor, &format!("{path}/stop"), Some(json!({}))).await, 200).await;
        assert_eq!((stopped["state"].as_str(), stopped["progress"]["withheld"].as_i64()), (Some("stopped"), Some(3)));
        let list = read(test.over_json(&mayor, "/announcements", None).await, 200).await;
        assert_eq!((list["total"].as_u64(), list["items"][0]["state"].as_str()), (Some(1), Some("stopped")));
    }
}

both_engines! {
    /// Who left the list gets none, not even what was written before; who wants a digest has a line for it instead.
    async fn an_announcement_comes_as_its_reader_wants_it(test: TestApp) {
        let here = city(&test).await;
        teachers(&test, here.school, 3).await;
        let email = commonground::mail::Email::parse("reader1@river.example").unwrap();
        let reader = people::account::account_of(&test.db().cx(Actor::System("test")), &email).await.unwrap().unwrap();
        let weekly = test.signed_in(reader.id, false).await;
        let now = test.over_json(&weekly, "/me/preferences", None).await;
        let tag = now.headers()["etag"].to_str().unwrap().to_owned();
        let wanted = json!({ "topics": [{ "topic": "announcements", "pace": "weekly" }] });
        let change = test.client.put(api(&weekly, "/me/preferences")).json(&wanted).header("if-match", tag);
        assert!(weekly.send(change.header("sec-fetch-site", "same-origin")).await.status().is_success());
        let mayor = test.signed_in(here.mayor, false).await;
        let page = draft(&mayor).await;
        mayor.post_on(&format!("{page}/schedule"), &[]).await;
        due(&test).await;
        assert_eq!(count(&test, "outbox WHERE kind = 'announcement'").await, 2);
        assert!(weekly.page("/me/notifications").await.contains("Open house on November 14"));
        let sql = "SELECT leave_path FROM outbox WHERE recipient = 'reader2@river.example'".to_owned();
        let path = {
            let cx = test.db().cx(Actor::System("test"));
            let row = cx.conn().query_one_raw(Statement::from_string(cx.conn().get_database_backend(), sql)).await;
            row.unwrap().unwrap().try_get::<String>("", "leave_path").unwrap()
        };
        let left = test.client.post(format!("{}{path}", test.base)).body("List-Unsubscribe=One-Click");
        let left = left.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
        assert_eq!(left.status(), 200);
        deliver(&test).await;
        let letters = arrived(&test.app.config.data);
        let got: Vec<&str> = letters.keys().map(String::as_str).collect();
        assert_eq!(got, ["reader0@river.example"]);
        assert!(letters["reader0@river.example"][0].contains("List-Unsubscribe: "));
        let second = draft(&mayor).await;
        mayor.post_on(&format!("{second}/schedule"), &[]).await;
        due(&test).await;
        assert_eq!(count(&test, "outbox WHERE kind = 'announcement'").await, 3);
    }
}

/// Harbor's session with Carl and Dina seated and Dora in line.
async fn session(test: &TestApp) -> (TwoSchools, String) {
    let at = test.two_schools().await;
    let id = test.session(&at, Sketch::default()).await;
    test.seat(id, at.carl, at.harbor, "charter", "confirmed").await;
    test.seat(id, at.dina, at.millbrook, "district", "confirmed").await;
    test.seat(id, at.dora, at.millbrook, "district", "waitlisted").await;
    (at, id.to_string())
}

async fn session_due(test: &TestApp) {
    let desk = test.app.desk(&test.base.as_str().into()).unwrap();
    for _ in 0..2 {
        clockwork::tick(test.db(), &desk).await.unwrap();
    }
}

const MESSAGE: [(&str, &str); 6] = [
    ("do", "look"),
    ("audience", "confirmed"),
    ("sector", ""),
    ("attendance", ""),
    ("subject", "Parking"),
    ("body", "Use the side door."),
];

both_engines! {
    /// A message of a session is looked at, tried on oneself, given a time, and goes to who is there by then.
    async fn a_message_waits_for_its_time(test: TestApp) {
        let (at, id) = session(&test).await;
        let paula = test.signed_in(at.paula, false).await;
        let list = format!("/sessions/{id}/messages");
        let page = paula.post_on(&list, &MESSAGE).await;
        let page = page.split('?').next().unwrap().to_owned();
        let shown = paula.page(&page).await;
        for words in ["Paula Quay writes about", "Use the side door.", "A draft.", "nothing about a student"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert!(paula.page(&format!("{page}/letter")).await.contains("Use the side door."));
        paula.post_on(&format!("{page}/test"), &[]).await;
        assert_eq!(test.letters("paula@harbor.example").await.len(), 1);
        assert_eq!(count(&test, "outbox WHERE kind = 'session_message'").await, 0);
        paula.post_on(&format!("{page}/schedule"), &[("when", "2026-10-15T09:00")]).await;
        assert!(paula.page(&list).await.contains("Thursday, October 15, 2026, 9:00 AM EDT"));
        session_due(&test).await;
        assert_eq!(count(&test, "outbox WHERE kind = 'session_message'").await, 0, "not before its time");
        // Dina gives her seat back meanwhile, and is not written to.
        let dina = test.signed_in(at.dina, false).await;
        dina.post_on(&format!("/sessions/{id}/withdrawal"), &[]).await;
        test.clock.set("2026-10-15T13:00:00Z".parse().unwrap());
        session_due(&test).await;
        assert_eq!(count(&test, "outbox WHERE kind = 'session_message' AND recipient = 'carl@harbor.example'").await, 1);
        assert_eq!(count(&test, "outbox WHERE kind = 'session_message'").await, 1);
        // Held, it does not leave; and who leaves while it is held never gets it.
        let paula = test.signed_in(at.paula, false).await;
        paula.post_on(&format!("{page}/pause"), &[]).await;
        deliver(&test).await;
        let parking = |to: &str| arrived(&test.app.config.data).remove(to).unwrap_or_default().iter().any(|raw| raw.contains("Subject: Parking"));
        assert!(!parking("carl@harbor.example"));
        let carl = test.signed_in(at.carl, false).await;
        carl.post_on(&format!("/sessions/{id}/withdrawal"), &[]).await;
        paula.post_on(&format!("{page}/resume"), &[]).await;
        deliver(&test).await;
        assert!(!parking("carl@harbor.example"), "he gave his seat back");
        let shown = paula.page(&page).await;
        assert!(shown.contains("<dt>Not sent</dt><dd>1</dd>"), "{shown}");
        // Nobody else sees any of it.
        let dina = test.signed_in(at.dina, false).await;
        for path in [page.clone(), format!("{page}/letter"), list.clone()] {
            assert_eq!(dina.get(&path).await.status(), 404);
        }
        assert_eq!(dina.post(&format!("{page}/schedule"), &[]).await.status(), 403);
    }
}

both_engines! {
    /// To one sector, or to who was there; the line of each person says how it went.
    async fn a_message_goes_to_some_of_them(test: TestApp) {
        let (at, id) = session(&test).await;
        let paula = test.signed_in(at.paula, false).await;
        let path = format!("/sessions/{id}/messages");
        let new = json!({ "audience": "everybody", "sector": "district", "subject": "Buses", "body": "They leave at four." });
        let made = read(test.over_json(&paula, &path, Some(new)).await, 201).await;
        assert_eq!((made["state"].as_str(), made["recipients"].as_i64()), (Some("sent"), Some(2)));
        let mut nobody = MESSAGE;
        (nobody[0].1, nobody[3].1) = ("send", "came");
        let refused = paula.post(&path, &nobody).await;
        assert_eq!(refused.status(), 422);
        assert!(refused.text().await.unwrap().contains("Nobody would get this message"));
        let wrong = json!({ "audience": "x", "sector": "moon", "attendance": "y", "subject": "", "body": "" });
        let wrong = problem(test.over_json(&paula, &path, Some(wrong)).await, 422).await;
        assert_eq!(wrong["errors"].as_array().unwrap().len(), 5, "{wrong}");
        deliver(&test).await;
        let console = paula.page(&format!("/sessions/{id}/console")).await;
        assert_eq!(console.matches("Newest message: sent").count(), 2, "{console}");
        change(&test, "UPDATE outbox SET state = 'failed' WHERE recipient = 'dina@millbrook.example'").await;
        assert!(paula.page(&format!("/sessions/{id}/console")).await.contains("Newest message: bounced"));
        let list = read(test.over_json(&paula, &path, None).await, 200).await;
        assert_eq!((list["total"].as_u64(), list["items"][0]["sector"].as_str()), (Some(1), Some("district")));
        let pete = test.signed_in(at.pete, false).await;
        problem(test.over_json(&pete, &path, None).await, 404).await;
        assert!(!pete.page(&format!("/sessions/{id}/console")).await.contains("Newest message"));
    }
}

both_engines! {
    /// Everybody's list has an announcement, whatever letters they get; one that is stopped leaves the lists of those who have not
    /// read it, and the digests. The test goes to its writer, whatever list they left.
    async fn a_list_has_what_was_announced(test: TestApp) {
        let here = city(&test).await;
        teachers(&test, here.school, 4).await;
        test.appoint(here.mayor, Role::Teacher, Place::School(here.school.0)).await;
        let id = async |email: &str| {
            let email = commonground::mail::Email::parse(email).unwrap();
            people::account::account_of(&test.db().cx(Actor::System("test")), &email).await.unwrap().unwrap().id
        };
        let pace = async |account: AccountId, fields: &[(&str, &str)]| {
            let to = test.signed_in(account, false).await.post_on("/me/notifications/settings", fields).await;
            assert_eq!(to, "/me/notifications/settings?saved");
        };
        pace(id("reader0@river.example").await, &[("pace-announcements", "off")]).await;
        pace(id("reader1@river.example").await, &[("paused_until", "2026-11-02")]).await;
        pace(id("reader2@river.example").await, &[("pace-announcements", "daily")]).await;
        pace(here.mayor, &[("pace-announcements", "off")]).await;
        let mayor = test.signed_in(here.mayor, false).await;
        let page = draft(&mayor).await;
        mayor.post_on(&format!("{page}/test"), &[]).await;
        deliver(&test).await;
        assert!(arrived(&test.app.config.data).contains_key("mayor@rivermark.example"), "who asks for a test gets it");
        mayor.post_on(&format!("{page}/schedule"), &[]).await;
        due(&test).await;
        assert_eq!(count(&test, "outbox WHERE kind = 'announcement'").await, 1, "reader3 alone");
        assert_eq!(count(&test, "notice WHERE topic = 'announcements'").await, 5);
        assert_eq!(count(&test, "notice WHERE topic = 'announcements' AND waits = 'daily'").await, 1);
        assert_eq!(count(&test, "notice WHERE waits IS NOT NULL").await, 1);
        let reader = test.signed_in(id("reader3@river.example").await, false).await;
        assert!(reader.page("/me/notifications").await.contains("Open house on November 14"));
        change(&test, "UPDATE notice SET read_at = created_at WHERE account_id IN (SELECT id FROM account WHERE email = 'reader3@river.example')").await;
        mayor.post_on(&format!("{page}/stop"), &[]).await;
        assert_eq!(count(&test, "notice WHERE topic = 'announcements'").await, 1, "what was read was read");
        assert_eq!(count(&test, "notice WHERE waits IS NOT NULL").await, 0);
    }
}

both_engines! {
    /// A mailbox leaves from its own site; saying yes is done on ours alone. Where the city has no school any more its newsletter
    /// goes all the same; and who left is forgotten, with what came back from there.
    async fn a_mailbox_leaves_from_its_own_site(test: TestApp) {
        let here = city(&test).await;
        subscribed(&test, "nora@home.example").await;
        let asks = test.browser();
        asks.post_on(NEWS, &[("email", "otto@home.example")]).await;
        let yes = link(&test, "otto@home.example", "newsletter_question").await;
        asks.post_on(NEWS, &[("email", "nora@home.example")]).await;
        let known = link(&test, "nora@home.example", "newsletter_known").await;
        deliver(&test).await;
        assert_eq!(count(&test, "outbox WHERE kind = 'newsletter_known' AND content IS NOT NULL").await, 0, "its link acts");
        let mayor = test.signed_in(here.mayor, false).await;
        let page = draft(&mayor).await;
        mayor.post_on(&format!("{page}/schedule"), &[]).await;
        change(&test, "UPDATE school SET city = 'Elsewhere' WHERE name = 'River School'").await;
        due(&test).await;
        assert_eq!(count(&test, "outbox WHERE kind = 'newsletter'").await, 1);
        assert_eq!(count(&test, "announcement WHERE state = 'sent'").await, 1);
        change(&test, "UPDATE outbox SET due_at = '2026-10-15T16:00:00+00:00' WHERE kind = 'newsletter'").await;
        // What came back from there, once as nobody's and once as somebody's.
        let rows: Vec<(&str, Option<uuid::Uuid>)> = vec![("nora@home.example", None), ("reader@river.example", Some(here.mayor.0))];
        for (address, account) in rows {
            test.put("bounce", vec![
                ("id", Expr::value(ids::fresh())),
                ("letter_id", Expr::value(ids::fresh())),
                ("account_id", Expr::value(account)),
                ("address", Expr::value(address)),
                ("kind", Expr::value("soft")),
                ("at", Expr::value(test.clock.now())),
            ]).await;
            test.put("mail_suppression", vec![
                ("id", Expr::value(ids::fresh())),
                ("account_id", Expr::value(account)),
                ("address", Expr::value(address)),
                ("scope", Expr::value("lists")),
                ("reason", Expr::value("complaint")),
                ("letter_id", Expr::value(ids::fresh())),
                ("since", Expr::value(test.clock.now())),
                ("active", Expr::value(true)),
            ]).await;
        }
        let from_elsewhere = async |path: &str| {
            let request = test.client.post(format!("{}{path}", test.base)).header("origin", "https://mail.example.com");
            let request = request.header("sec-fetch-site", "cross-site").form(&[("List-Unsubscribe", "One-Click")]);
            request.send().await.unwrap().status().as_u16()
        };
        assert_eq!(from_elsewhere(&yes).await, 403);
        assert_eq!(count(&test, "newsletter_subscriber WHERE confirmed_at IS NULL").await, 1);
        assert_eq!(from_elsewhere(&known).await, 200);
        assert_eq!(count(&test, "newsletter_subscriber").await, 1);
        for table in ["bounce", "mail_suppression"] {
            assert_eq!(count(&test, &format!("{table} WHERE account_id IS NULL")).await, 0, "{table}");
            assert_eq!(count(&test, table).await, 1, "{table}");
        }
    }
}
