//! Running a session: the roster and who sees it, access needs, tables, messages, the survey and the question whether the
//! practice is used.

use chrono::{DateTime, Utc};
use commonground::catalog;
use commonground::people::{AccountId, SchoolId};
use commonground::platform::{Actor, Place, Role, ids};
use commonground::sessions::{Desk, SessionId, clockwork};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use crate::support::sessions::{Sketch, TwoSchools};
use crate::support::{TestApp, both_engines};

impl TestApp {
    fn organizer_desk(&self) -> Desk {
        self.app.desk(&self.base.as_str().into()).unwrap()
    }

    /// Moves the clock and does what is due, twice: what was done is not done again.
    async fn due_at(&self, at: &str) {
        self.clock.set(at.parse::<DateTime<Utc>>().unwrap());
        for _ in 0..2 {
            clockwork::tick(self.db(), &self.organizer_desk()).await.unwrap();
        }
    }

    /// A registration as a row.
    async fn seat_row(
        &self,
        session: SessionId,
        account: AccountId,
        at: (SchoolId, &str),
        seat: &str,
        line: Option<i64>,
    ) -> Uuid {
        let id = ids::fresh();
        let text = |value: &str| Expr::value(value);
        let cells: Vec<(&'static str, SimpleExpr)> = vec![
            ("id", Expr::value(id)),
            ("session_id", Expr::value(session.0)),
            ("account_id", Expr::value(account.0)),
            ("school_id", Expr::value(at.0.0)),
            ("sector", text(at.1)),
            ("way", text("in_person")),
            ("seat", text(seat)),
            ("approval", text("not_needed")),
            ("waitlist_no", Expr::value(line)),
            ("promoted", Expr::value(false)),
            ("coverage", text("not_needed")),
            ("round", Expr::value(0)),
            ("turn", Expr::value(1)),
            ("created_at", Expr::value(self.clock.now())),
            ("updated_at", Expr::value(self.clock.now())),
        ];
        self.put("registration", cells).await;
        id
    }

    async fn presence_row(&self, session: SessionId, registration: Uuid, state: &str) {
        let cells: Vec<(&'static str, SimpleExpr)> = vec![
            ("registration_id", Expr::value(registration)),
            ("meeting", Expr::value(1)),
            ("session_id", Expr::value(session.0)),
            ("state", Expr::value(state)),
            ("updated_at", Expr::value(self.clock.now())),
        ];
        self.put("attendance", cells).await;
    }

    async fn change_rows(&self, sql: &str) {
        let tx = self.db().write(Actor::System("test")).await.unwrap();
        tx.conn().execute_unprepared(sql).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn rows_in(&self, sql: &str) -> i64 {
        let cx = self.db().cx(Actor::System("test"));
        let backend = cx.conn().get_database_backend();
        let row =
            cx.conn().query_one_raw(Statement::from_string(backend, format!("SELECT COUNT(*) AS n FROM {sql}"))).await;
        row.unwrap().unwrap().try_get("", "n").unwrap()
    }

    async fn letters_of_kind(&self, email: &str, kind: &str) -> Vec<crate::support::persons::KeptLetter> {
        self.letters(email).await.into_iter().filter(|letter| letter.kind == kind).collect()
    }
}

/// Harbor's session with Carl and Dina seated, Cora and Dora in line.
async fn with_people(test: &TestApp) -> (TwoSchools, SessionId) {
    let at = test.two_schools().await;
    let id = test.session(&at, Sketch::default()).await;
    test.seat_row(id, at.carl, (at.harbor, "charter"), "confirmed", None).await;
    test.seat_row(id, at.dina, (at.millbrook, "district"), "confirmed", None).await;
    test.seat_row(id, at.dora, (at.millbrook, "district"), "waitlisted", Some(1)).await;
    test.seat_row(id, at.cora, (at.harbor, "charter"), "waitlisted", Some(2)).await;
    (at, id)
}

both_engines! {
    /// The roster is for those who run the session; the co-host reads it without addresses; a mayor's office never does (M-4).
    async fn only_those_who_run_it_see_who_comes(test: TestApp) {
        let (at, id) = with_people(&test).await;
        let paths = ["console", "tables", "roster.csv"].map(|page| format!("/sessions/{id}/{page}"));
        let paula = test.signed_in(at.paula, false).await;
        let page = paula.page(&paths[0]).await;
        for words in ["Carl Pier", "Dina Ford", "carl@harbor.example", "would be joint", "50%"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let (dora, cora) = (page.find("Dora Mill").unwrap(), page.find("Cora Buoy").unwrap());
        assert!(dora < cora, "the line is in its order");
        let csv = paula.page(&paths[2]).await;
        assert!(csv.contains("Dora Mill,Millbrook Elementary,District,in_person,waitlisted,1,"), "{csv}");
        // The co-host reads names, not addresses, and does not write.
        let pete = test.signed_in(at.pete, false).await;
        let page = pete.page(&paths[0]).await;
        assert!(page.contains("Carl Pier") && !page.contains("carl@harbor.example"), "{page}");
        assert!(!pete.page(&paths[2]).await.contains('@'));
        assert_eq!(pete.get(&format!("/sessions/{id}/messages")).await.status(), 404);
        // Teachers with a seat do not.
        let carl = test.signed_in(at.carl, false).await;
        let mayor = test.account("mia@city.example", "Mia Hall").await;
        test.appoint(mayor, Role::Mayor, Place::Organization(organization_of(&test, at.harbor).await)).await;
        // Not even one who leads it in the room.
        test.change_rows(&format!(
            "INSERT INTO facilitator (session_id, position, account_id, name) VALUES ({}, 0, {}, 'Mia Hall')",
            literal(&test, id.0), literal(&test, mayor.0)
        )).await;
        let mayor = test.signed_in(mayor, false).await;
        for path in paths.iter().chain([&format!("/api/v1/sessions/{id}/roster")]) {
            for (who, browser) in [("carl", &carl), ("mayor", &mayor)] {
                assert_eq!(browser.get(path).await.status(), 404, "{who} {path}");
            }
        }
        let roster: serde_json::Value = paula.get(&format!("/api/v1/sessions/{id}/roster")).await.json().await.unwrap();
        assert_eq!((&roster["total"], &roster["would_be_joint"]), (&4.into(), &true.into()), "{roster}");
        assert_eq!(roster["items"][0]["email"], "carl@harbor.example");
    }
}

async fn organization_of(test: &TestApp, school: SchoolId) -> Uuid {
    let cx = test.db().cx(Actor::Visitor);
    commonground::people::school(&cx, &school.to_string()).await.unwrap().organization.unwrap().id.0
}

/// A UUID in SQL of either engine.
fn literal(test: &TestApp, id: Uuid) -> String {
    if test.db().cx(Actor::Visitor).conn().get_database_backend() == sea_orm::DbBackend::Postgres {
        format!("'{id}'")
    } else {
        format!("X'{}'", id.simple())
    }
}

both_engines! {
    /// What somebody needs is read by them and the contact; it goes with the seat, and 30 days after the end (J-11).
    async fn needs_are_read_by_one_person_and_forgotten(test: TestApp) {
        let (at, id) = with_people(&test).await;
        let needs = format!("/sessions/{id}/needs");
        let contact = format!("/sessions/{id}/access");
        for (account, need, note) in [(at.dina, "captions", "a seat in front"), (at.dora, "vegan", "")] {
            let browser = test.signed_in(account, false).await;
            let to = browser.post_on(&needs, &[("need", need), ("need", "not_a_need"), ("note", note)]).await;
            let page = browser.page(&to).await;
            assert!(page.contains(&format!("value=\"{need}\" checked")) && page.contains("Paula Quay"), "{page}");
        }
        let paula = test.signed_in(at.paula, false).await;
        let page = paula.page(&contact).await;
        assert!(page.contains("Dina Ford") && page.contains("a seat in front") && page.contains("Vegan"), "{page}");
        // Everybody else reads numbers.
        let pete = test.signed_in(at.pete, false).await;
        let page = pete.page(&format!("/sessions/{id}/console")).await;
        assert!(page.contains("Captions: 1") && !page.contains("a seat in front"), "{page}");
        let admin = test.account("adam@city.example", "Adam Hall").await;
        test.appoint(admin, Role::CityAdmin, Place::Installation).await;
        for browser in [pete, test.signed_in(admin, true).await, test.signed_in(at.dina, false).await] {
            assert_eq!(browser.get(&contact).await.status(), 404);
        }
        // Whoever has no seat says nothing; the log holds nothing of it.
        let stranger = test.signed_in(at.pete, false).await;
        assert_eq!(stranger.post(&needs, &[("need", "vegan")]).await.status(), 422);
        assert_eq!(test.rows_in("event WHERE action = 'access_needs.said'").await, 2);
        // Another contact, and the organizer reads nothing more.
        test.change_rows(&format!("UPDATE session SET access_contact_id = {}", literal(&test, at.cora.0))).await;
        assert_eq!(paula.get(&contact).await.status(), 404);
        let cora = test.signed_in(at.cora, false).await;
        assert!(cora.page(&contact).await.contains("Dina Ford"));
        // Who has left reads nothing more; the organizer stands in for them.
        let left = format!("UPDATE membership SET state = 'ended', open_key = NULL WHERE account_id = {}", literal(&test, at.cora.0));
        test.change_rows(&left).await;
        assert_eq!(cora.get(&contact).await.status(), 404);
        assert!(paula.page(&contact).await.contains("Dina Ford"));
        // The seat is given back, and what was needed goes.
        test.change_rows(&format!("UPDATE registration SET seat = 'released' WHERE account_id = {}", literal(&test, at.dora.0))).await;
        test.due_at("2026-10-14T16:00:01Z").await;
        assert_eq!(test.rows_in("access_need").await, 1);
        // Thirty days after the end.
        test.due_at("2026-12-14T16:59:00Z").await;
        assert_eq!(test.rows_in("access_need").await, 1);
        test.due_at("2026-12-14T17:00:00Z").await;
        assert_eq!(test.rows_in("access_need").await, 0);
    }
}

both_engines! {
    /// Who has a seat sees the session, also when others are invited; given back, it is shown no more.
    async fn who_comes_sees_an_invited_session(test: TestApp) {
        let at = test.two_schools().await;
        let id = test.session(&at, Sketch::default()).await;
        let hill = test.add_school("Hill Schools", "district", "Hill School", "district").await;
        let hanna = test.account("hanna@hill.example", "Hanna Hill").await;
        test.appoint(hanna, Role::Teacher, Place::School(hill.0)).await;
        let browser = test.signed_in(hanna, false).await;
        let page = format!("/sessions/{id}");
        browser.post_on(&format!("{page}/registration"), &[]).await;
        test.change_rows("UPDATE session SET visibility = 'invited'").await;
        assert_eq!(test.get(&page).await.status(), 404);
        assert!(browser.page(&page).await.contains("You have a seat"));
        assert_eq!(browser.post_on(&format!("{page}/withdrawal"), &[]).await, "/me/sessions");
        assert_eq!(browser.get(&page).await.status(), 404);
    }
}

both_engines! {
    /// A message is one letter for each of those it is for, three times a day.
    async fn a_message_reaches_those_it_is_for(test: TestApp) {
        let (at, id) = with_people(&test).await;
        let path = format!("/sessions/{id}/messages");
        let paula = test.signed_in(at.paula, false).await;
        let send = |audience: &'static str| [("audience", audience), ("subject", "Parking"), ("body", "Use the side door.\n\nIt is open.")];
        let to = paula.post_on(&path, &send("confirmed")).await;
        assert!(paula.page(&to).await.contains("People with a seat: 2."));
        assert_eq!(test.letters_of_kind("dora@millbrook.example", "session_message").await.len(), 0);
        paula.post_on(&path, &send("waitlisted")).await;
        paula.post_on(&path, &send("everybody")).await;
        for email in ["carl@harbor.example", "dora@millbrook.example"] {
            let letters = test.letters_of_kind(email, "session_message").await;
            assert_eq!(letters.len(), 2, "{email}");
            assert!(letters[0].subject.starts_with("Parking (") && letters[0].subject.contains("November 14"), "{letters:?}");
            assert!(letters[0].text.contains("Paula Quay writes") && letters[0].text.contains("side door"), "{letters:?}");
        }
        let fourth = paula.post(&path, &send("everybody")).await;
        assert_eq!(fourth.status(), 422);
        let page = fourth.text().await.unwrap();
        assert!(page.contains("write again tomorrow") && page.contains("Use the side door."), "{page}");
        assert_eq!(test.rows_in("session_message").await, 3);
        // A day later it goes again; what is missing is said, and the rest is kept.
        test.clock.set("2026-10-15T16:00:01Z".parse().unwrap());
        let paula = test.signed_in(at.paula, false).await;
        assert_eq!(paula.post(&path, &[("audience", "x"), ("subject", ""), ("body", "Kept.")]).await.status(), 422);
        paula.post_on(&path, &send("everybody")).await;
        let dina = test.signed_in(at.dina, false).await;
        assert_eq!(dina.post(&path, &send("everybody")).await.status(), 403);
    }
}

both_engines! {
    /// Tables are proposed from the seats, and the page prints.
    async fn tables_mix_sectors(test: TestApp) {
        let (at, id) = with_people(&test).await;
        let paula = test.signed_in(at.paula, false).await;
        let page = paula.page(&format!("/sessions/{id}/tables?size=2")).await;
        assert!(page.contains("Table 1") && !page.contains("Table 2"), "{page}");
        assert!(page.contains("Carl Pier, Harbor") && page.contains("Dina Ford, Millbrook") && !page.contains("Dora"), "{page}");
        let print = paula.page(&format!("/sessions/{id}/tables?size=2&print")).await;
        assert!(print.contains("print-view") && !print.contains("<select"), "{print}");
    }
}

both_engines! {
    /// Who was there gets one letter, answers by its link without a sign-in, once; the answer is nobody's, and is shown with
    /// four others (J-16).
    async fn a_survey_is_answered_once_and_read_from_five_on(test: TestApp) {
        let (at, id) = with_people(&test).await;
        let fifth = test.account("fay@harbor.example", "Fay Reed").await;
        test.appoint(fifth, Role::Teacher, Place::School(at.harbor.0)).await;
        test.change_rows("DELETE FROM registration").await;
        let people = [at.carl, at.cora, at.dina, at.dora, fifth];
        let emails = ["carl@harbor.example", "cora@harbor.example", "dina@millbrook.example", "dora@millbrook.example", "fay@harbor.example"];
        for account in people {
            let seat = test.seat_row(id, account, (at.harbor, "charter"), "confirmed", None).await;
            test.presence_row(id, seat, if account == at.cora { "partial" } else { "present" }).await;
        }
        let absent = test.seat_row(id, at.pete, (at.millbrook, "district"), "confirmed", None).await;
        test.presence_row(id, absent, "absent").await;
        test.due_at("2026-11-14T16:59:00Z").await;
        assert_eq!(test.letters_of_kind(emails[0], "session_survey").await.len(), 0, "it is not over");
        test.due_at("2026-11-14T17:00:00Z").await;
        assert_eq!(test.letters_of_kind("pete@millbrook.example", "session_survey").await.len(), 0, "he was not there");
        let console = format!("/sessions/{id}/console");
        for (n, email) in emails.iter().enumerate() {
            let letters = test.letters_of_kind(email, "session_survey").await;
            assert_eq!(letters.len(), 1, "{email}");
            assert!(letters[0].subject.contains("November 14"), "{letters:?}");
            let link = letters[0].path(&test.base);
            let browser = test.browser();
            assert!(browser.page(&link).await.contains("The time was used well."));
            let half = browser.post(&link, &[("q1", "5"), ("q2", "9"), ("comment", "kept text")]).await;
            assert_eq!(half.status(), 422);
            assert!(half.text().await.unwrap().contains("kept text"));
            let said = format!("comment number {n}");
            let all = [("q1", "4"), ("q2", "4"), ("q3", "5"), ("q4", "2"), ("q5", "4"), ("comment", said.as_str())];
            let to = browser.post_on(&link, &all).await;
            assert!(browser.page(&to).await.contains("Thank you."));
            assert_eq!(browser.post(&link, &all).await.status(), 422, "once");
            let page = test.signed_in(at.paula, false).await.page(&console).await;
            assert!(page.contains(&format!("{} of 6 people", n + 1)), "{page}");
            assert_eq!(page.contains("comment number 0"), n == 4, "from five on: {page}");
        }
        assert_eq!(test.rows_in("survey_answer").await, 5);
        // The id is made of chance, not of the time.
        let cx = test.db().cx(Actor::System("test"));
        let sql = "SELECT id FROM survey_answer LIMIT 1".to_owned();
        let row = cx.conn().query_one_raw(Statement::from_string(cx.conn().get_database_backend(), sql)).await.unwrap().unwrap();
        let answer: Uuid = row.try_get("", "id").unwrap();
        assert_eq!(answer.get_version_num(), 4);
        // Pete was not there; and a week later it is over.
        let pete = test.signed_in(at.pete, false).await;
        assert!(pete.page(&format!("/sessions/{id}/survey")).await.contains("nobody wrote down that you were"));
        test.change_rows("UPDATE registration SET surveyed_at = NULL").await;
        test.clock.set("2026-11-21T17:00:00Z".parse().unwrap());
        let carl = test.signed_in(at.carl, false).await;
        assert!(carl.page(&format!("/sessions/{id}/survey")).await.contains("they are over"));
    }
}

both_engines! {
    /// Who was there is asked at 30 and at 90 days whether they use the practice; two clicks (J-16).
    async fn people_are_asked_whether_they_use_it(test: TestApp) {
        test.seed().await;
        let (at, id) = with_people(&test).await;
        let practice = catalog::practice(&test.db().cx(Actor::Visitor), "six-week-reading-safety-net").await;
        let practice = match practice {
            Ok(practice) => practice,
            Err(_) => {
                let cx = test.db().cx(Actor::Visitor);
                let id: Uuid = cx.conn().query_one_raw(Statement::from_string(
                    cx.conn().get_database_backend(),
                    "SELECT id FROM practice WHERE status = 'published' LIMIT 1".to_owned(),
                )).await.unwrap().unwrap().try_get("", "id").unwrap();
                catalog::practice(&cx, &id.to_string()).await.unwrap()
            }
        };
        test.change_rows(&format!("UPDATE session SET practice_id = {}", literal(&test, practice.id.0))).await;
        test.change_rows("DELETE FROM registration").await;
        let seat = test.seat_row(id, at.dina, (at.millbrook, "district"), "confirmed", None).await;
        test.presence_row(id, seat, "present").await;
        let dina = "dina@millbrook.example";
        test.due_at("2026-12-14T16:00:00Z").await;
        assert_eq!(test.letters_of_kind(dina, "practice_use").await.len(), 0);
        test.due_at("2026-12-14T17:00:00Z").await;
        let letters = test.letters_of_kind(dina, "practice_use").await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        let (link, browser) = (letters[0].path(&test.base), test.browser());
        assert!(browser.page(&link).await.contains("Did you use it?"));
        assert_eq!(test.rows_in("practice_use").await, 0, "opening it says nothing");
        assert_eq!(browser.post(&link, &[("answer", "maybe")]).await.status(), 422);
        let to = browser.post_on(&link, &[("answer", "not_yet"), ("note", "after the break")]).await;
        assert!(browser.page(&to).await.contains("Not yet (your answer)"));
        browser.post_on(&link, &[("answer", "yes"), ("note", "")]).await;
        assert_eq!(test.rows_in("practice_use WHERE answer = 'yes' AND day = 30").await, 1);
        // A link for one day says nothing for the other.
        let token = link.rsplit('/').next().unwrap();
        assert_eq!(browser.get(&format!("/r/use-90/{token}")).await.status(), 404);
        test.due_at("2027-02-12T17:00:00Z").await;
        assert_eq!(test.letters_of_kind(dina, "practice_use").await.len(), 2);
        let page = test.signed_in(at.paula, false).await.page(&format!("/sessions/{id}/console")).await;
        assert!(page.contains("After 30 days: 1 use the practice"), "{page}");
        let signed_in = test.signed_in(at.dina, false).await;
        assert!(signed_in.page(&format!("/sessions/{id}/use/90")).await.contains("Yes, I use it"));
        assert_eq!(signed_in.get(&format!("/sessions/{id}/use/31")).await.status(), 404);
    }
}
