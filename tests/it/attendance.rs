//! Who was there (J-9), what it makes (J-1, J-12), and who may say so: through pages and API.

use commonground::people::{self, NewOrganization};
use commonground::platform::{Actor, Place, Role, Timestamp};
use commonground::sessions::{self, Desk, RegistrationId, SessionId, attendance, clockwork, credit};
use reqwest::StatusCode;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::persons::Browser;
use crate::support::sessions::{Sketch, TwoSchools};
use crate::support::{Engine, TestApp, both_engines, problem};

/// Saturday, November 14, 2026: the session of every sketch is from 9 to 12 in New York.
const START: &str = "2026-11-14T14:00:00Z";

/// A server with what these tests do again and again.
struct Hall(TestApp);

impl std::ops::Deref for Hall {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.0
    }
}

impl Hall {
    fn desk(&self) -> Desk {
        self.app.desk(&self.base.as_str().into()).unwrap()
    }

    fn set_clock(&self, text: &str) {
        self.clock.set(text.parse::<Timestamp>().unwrap());
    }

    async fn tick(&self) {
        clockwork::tick(self.db(), &self.desk()).await.unwrap();
    }

    async fn read(&self, id: SessionId) -> sessions::Session {
        let cx = self.db().cx(Actor::System("test"));
        sessions::session(&cx, &id.to_string()).await.unwrap().0
    }

    /// Opens check-in as a host does, and gives the code.
    async fn code(&self, host: &Browser, id: SessionId, number: i32) -> String {
        let page = format!("/sessions/{id}/check-in/{number}");
        assert_eq!(host.post_on(&page, &[]).await, page);
        self.read(id).await.meetings.iter().find(|m| m.number == number).unwrap().code.clone().unwrap()
    }

    async fn minutes(&self, id: SessionId, whose: RegistrationId) -> i64 {
        let tx = self.db().write(Actor::System("test")).await.unwrap();
        let session = self.read(id).await;
        attendance::minutes_of(&tx, &session).await.unwrap().get(&whose).copied().unwrap_or_default()
    }

    /// Actions of the audit trail about a thing, oldest first.
    async fn trail(&self, subject: uuid::Uuid) -> Vec<String> {
        let cx = self.db().cx(Actor::System("test"));
        let backend = cx.conn().get_database_backend();
        let id = match self.database.url {
            commonground::platform::config::DatabaseUrl::Postgres(_) => format!("'{subject}'"),
            commonground::platform::config::DatabaseUrl::Sqlite(_) => format!("x'{}'", subject.simple()),
        };
        let sql = format!("SELECT action FROM event WHERE subject = {id} ORDER BY id");
        let rows = cx.conn().query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
        rows.into_iter().map(|row| row.try_get("", "action").unwrap()).collect()
    }

    /// A session in which Carl of Harbor and Dina of Millbrook have confirmed seats.
    async fn prepared(&self) -> (TwoSchools, SessionId, RegistrationId, RegistrationId) {
        // That day, before anything opens.
        self.set_clock("2026-11-14T12:00:00Z");
        let at = self.two_schools().await;
        let id = self.session(&at, Sketch::default()).await;
        let carl = self.seat(id, at.carl, at.harbor, "charter", "confirmed").await;
        let dina = self.seat(id, at.dina, at.millbrook, "district", "confirmed").await;
        (at, id, carl, dina)
    }

    /// Writes down somebody as present, as the host's program does.
    async fn present(&self, host: &Browser, id: SessionId, whose: RegistrationId) {
        let body = json!({ "registration": whose, "state": "present" });
        let answer = self.write(host, id, 1, body).await;
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    }

    async fn write(&self, who: &Browser, id: SessionId, number: i32, body: Value) -> reqwest::Response {
        let url = who.url(&format!("/api/v1/sessions/{id}/meetings/{number}/attendance"));
        who.send(self.client.post(url).json(&body).header("sec-fetch-site", "same-origin")).await
    }
}

/// What the form of the book shows: each row's id and state, so that a test sends back what a browser would.
struct Book {
    fields: Vec<(String, String)>,
}

impl Book {
    async fn of(who: &Browser, path: &str) -> Self {
        let page = who.page(path).await;
        let form = page.split("<form class=\"flow\"").nth(1).expect("the book can be written");
        let form = form.split("</form>").next().unwrap();
        let value = |tag: &str| {
            let rest = tag.split("value=\"").nth(1).unwrap_or_default();
            rest.split('"').next().unwrap().to_owned()
        };
        let mut fields = Vec::new();
        for row in form.split("<fieldset").skip(1) {
            let input = |name: &str| {
                let tag = row.split("<input").find(|tag| tag.contains(&format!("name=\"{name}\""))).unwrap();
                value(tag.split('>').next().unwrap())
            };
            let option = row.split("<option").find(|tag| tag.split('>').next().unwrap().contains("selected")).unwrap();
            for name in ["id", "was"] {
                fields.push((name.to_owned(), input(name)));
            }
            fields.push(("state".to_owned(), value(option)));
            for name in ["in_at", "out_at"] {
                fields.push((name.to_owned(), input(name)));
            }
        }
        assert!(!fields.is_empty(), "{form}");
        Self { fields }
    }

    /// Sets a field of a row.
    fn set(&mut self, whose: RegistrationId, name: &str, value: &str) {
        let row = self.fields.iter().position(|(n, v)| n == "id" && *v == whose.to_string()).unwrap();
        let field = self.fields[row..].iter_mut().find(|(n, _)| n == name).unwrap();
        value.clone_into(&mut field.1);
    }

    fn get(&self, whose: RegistrationId, name: &str) -> &str {
        let row = self.fields.iter().position(|(n, v)| n == "id" && *v == whose.to_string()).unwrap();
        &self.fields[row..].iter().find(|(n, _)| n == name).unwrap().1
    }

    async fn send(&self, who: &Browser, path: &str, button: &str) -> reqwest::Response {
        let mut fields: Vec<(&str, &str)> = self.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        fields.push(("do", button));
        who.post(path, &fields).await
    }
}

both_engines! {
    async fn people_check_in_and_out_with_the_code_on_the_screen(engine: TestApp) {
        let test = Hall(engine);
        let (at, id, carl, _) = test.prepared().await;
        let paula = test.signed_in(at.paula, false).await;
        assert!(paula.page(&format!("/sessions/{id}/check-in/1")).await.contains("Open check-in"));
        let code = test.code(&paula, id, 1).await;
        let screen = paula.page(&format!("/sessions/{id}/check-in/1")).await;
        assert!(screen.contains("<svg role=\"img\"") && screen.contains(&format!("{} {}", &code[..3], &code[3..])));
        assert!(screen.contains("0 of 2 are there"), "{screen}");

        // Somebody who is not signed in is led to the sign-in and back.
        let door = format!("/check-in/{code}");
        let led = test.browser().get(&door).await;
        assert_eq!(led.status(), StatusCode::SEE_OTHER);
        assert!(led.headers()["location"].to_str().unwrap().contains("next=%2Fcheck-in%2F"), "{led:?}");
        let typed = test.browser().get(&format!("/check-in?code={}", code.to_lowercase())).await;
        assert_eq!(typed.headers()["location"].to_str().unwrap(), format!("/check-in/{}", code.to_lowercase()));

        let phone = test.signed_in(at.carl, false).await;
        test.set_clock("2026-11-14T13:29:59Z");
        assert!(phone.page(&door).await.contains("Check-in opens Saturday, November 14, 2026, 8:30 AM EST."));
        assert_eq!(phone.post(&door, &[("do", "in")]).await.status(), StatusCode::CONFLICT);
        test.set_clock("2026-11-14T13:30:00Z");
        // Looking changes nothing.
        assert!(phone.page(&format!("/check-in/{}", code.to_lowercase())).await.contains("Carl Pier"));
        assert_eq!(test.trail(carl.0).await, [""; 0]);
        assert_eq!(phone.post_on(&door, &[("do", "in")]).await, format!("{door}?done=in"));
        phone.post_on(&door, &[("do", "in")]).await;
        assert_eq!(test.trail(carl.0).await, ["attendance.checked_in"], "twice is once");
        assert!(phone.page(&door).await.contains("You are in since 8:30 AM EST."));
        assert!(paula.page(&format!("/sessions/{id}/check-in/1")).await.contains("1 of 2 are there"));
        test.set_clock("2026-11-14T16:00:00Z");
        phone.post_on(&door, &[("do", "out")]).await;
        phone.post_on(&door, &[("do", "out")]).await;
        assert!(phone.page(&door).await.contains("from 8:30 AM EST to 11:00 AM EST"));
        // Minutes before the start do not count; leaving an hour early is part of the time.
        assert_eq!(test.minutes(id, carl).await, 120);
        assert_eq!(test.trail(carl.0).await, ["attendance.checked_in", "attendance.checked_out"]);
        let late = test.signed_in(at.dina, false).await;
        test.set_clock("2026-11-14T17:00:00Z");
        assert!(late.page(&door).await.contains("This meeting is over."));
        assert_eq!(late.post(&door, &[("do", "in")]).await.status(), StatusCode::CONFLICT);
    }
}

both_engines! {
    async fn a_code_lets_in_whoever_has_a_confirmed_seat_and_tells_others_nothing(engine: TestApp) {
        let test = Hall(engine);
        let (at, id, ..) = test.prepared().await;
        let held = test.seat(id, at.cora, at.harbor, "charter", "held").await;
        let paula = test.signed_in(at.paula, false).await;
        let code = test.code(&paula, id, 1).await;
        test.set_clock(START);
        let cora = test.signed_in(at.cora, false).await;
        assert!(cora.page(&format!("/check-in/{code}")).await.contains("no confirmed seat"));
        assert_eq!(cora.post(&format!("/check-in/{code}"), &[("do", "in")]).await.status(), StatusCode::CONFLICT);
        assert_eq!(test.trail(held.0).await, [""; 0]);
        let wrong = cora.get("/check-in/CCCCCC").await;
        assert_eq!(wrong.status(), StatusCode::NOT_FOUND);
        assert!(wrong.text().await.unwrap().contains("No meeting has this code now"));
        // A session for invited schools stays unknown to people of others, also to who has its code.
        let tx = test.db().write(Actor::System("test")).await.unwrap();
        tx.conn().execute_unprepared("UPDATE session SET visibility = 'invited'").await.unwrap();
        tx.commit().await.unwrap();
        let stranger = test.account("stan@elsewhere.example", "Stan Elsewhere").await;
        let stan = test.signed_in(stranger, false).await;
        assert_eq!(stan.get(&format!("/check-in/{code}")).await.status(), StatusCode::NOT_FOUND);
        let answer = stan.post(&format!("/check-in/{code}"), &[("do", "in")]).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        problem(test.write(&stan, id, 1, json!({ "code": code })).await, 404).await;
        // Another code ends the first one.
        paula.post_on(&format!("/sessions/{id}/check-in/1"), &[("again", "yes")]).await;
        let carl = test.signed_in(at.carl, false).await;
        assert_eq!(carl.get(&format!("/check-in/{code}")).await.status(), StatusCode::NOT_FOUND);
        // Opening is for those who take attendance.
        let dina = test.signed_in(at.dina, false).await;
        assert_eq!(dina.post(&format!("/sessions/{id}/check-in/1"), &[]).await.status(), StatusCode::FORBIDDEN);
        let pete = test.signed_in(at.pete, false).await;
        assert_eq!(pete.get(&format!("/sessions/{id}/attendance/1")).await.status(), StatusCode::OK);
    }
}

both_engines! {
    async fn the_host_writes_the_book_on_a_phone(engine: TestApp) {
        let test = Hall(engine);
        let (at, id, carl, dina) = test.prepared().await;
        let path = format!("/sessions/{id}/attendance/1");
        let paula = test.signed_in(at.paula, false).await;
        // Before the door opens there is nothing to write.
        assert!(paula.page(&path).await.contains("Attendance is written down from"));
        test.set_clock("2026-11-14T15:00:00Z");
        let mut book = Book::of(&paula, &path).await;
        book.set(carl, "state", "partial");
        let refused = book.send(&paula, &path, "save").await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = refused.text().await.unwrap();
        assert!(page.contains(&format!("href=\"#in_at-{carl}\"")) && page.contains("Say when they came"), "{page}");
        assert!(page.contains("<option value=\"partial\" selected>"), "what was chosen stays");
        book.set(carl, "in_at", "10:30");
        book.set(carl, "out_at", "10:15");
        assert_eq!(book.send(&paula, &path, "save").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        book.set(carl, "out_at", "11:15");
        assert_eq!(book.send(&paula, &path, "save").await.status(), StatusCode::SEE_OTHER);
        assert_eq!(test.minutes(id, carl).await, 45);
        assert_eq!(test.trail(carl.0).await, ["attendance.recorded"]);
        // Nothing was said of Dina, and nothing is written.
        assert_eq!(test.trail(dina.0).await, [""; 0]);

        // Two people write: who writes second over something newer is asked to look again.
        let mut first = Book::of(&paula, &path).await;
        assert_eq!((first.get(carl, "in_at"), first.get(dina, "state")), ("10:30", "unknown"));
        let pete = test.signed_in(at.pete, false).await;
        let mut second = Book::of(&pete, &path).await;
        first.set(dina, "state", "absent");
        second.set(dina, "state", "present");
        assert_eq!(first.send(&paula, &path, "save").await.status(), StatusCode::SEE_OTHER);
        let refused = second.send(&pete, &path, "save").await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().await.unwrap().contains("it says &#34;absent&#34; now"));
        // What was left alone is not written over: saving the old form without a change is harmless.
        second.set(dina, "state", "unknown");
        assert_eq!(second.send(&pete, &path, "save").await.status(), StatusCode::SEE_OTHER);
        assert_eq!(Book::of(&pete, &path).await.get(dina, "state"), "absent");

        // The rest in one press.
        let cora = test.seat(id, at.cora, at.harbor, "charter", "confirmed").await;
        let book = Book::of(&paula, &path).await;
        assert_eq!(book.send(&paula, &path, "rest_present").await.status(), StatusCode::SEE_OTHER);
        assert_eq!((test.minutes(id, cora).await, test.minutes(id, dina).await), (180, 0));

        let sheet = paula.page(&format!("/sessions/{id}/sheet/1")).await;
        assert!(sheet.contains("Cora Buoy") && sheet.contains("Millbrook Elementary") && sheet.contains("print-view"));
        // Nobody else sees it: no teacher, no mayor's office.
        let mayor = test.account("mara@city.example", "Mara Mayor").await;
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        let office = NewOrganization { kind: "city_office".to_owned(), name: "City Hall".to_owned(), city: None, state: None };
        let office = people::add_organization(&mut tx, office).await.unwrap();
        tx.commit().await.unwrap();
        test.appoint(mayor, Role::Mayor, Place::Organization(office.0)).await;
        for who in [at.dina, mayor] {
            let other = test.signed_in(who, true).await;
            for page in [path.clone(), format!("/sessions/{id}/sheet/1"), format!("/sessions/{id}/check-in/1")] {
                let answer = other.get(&page).await;
                assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{page}");
                assert!(!answer.text().await.unwrap().contains("Cora Buoy"));
            }
            let body = json!({ "registration": cora, "state": "absent" });
            problem(test.write(&other, id, 1, body).await, 403).await;
        }
    }
}

both_engines! {
    async fn a_line_at_the_door_can_be_forgiven(engine: TestApp) {
        let test = Hall(engine);
        let (at, id, carl, dina) = test.prepared().await;
        let paula = test.signed_in(at.paula, false).await;
        let code = test.code(&paula, id, 1).await;
        for (who, when) in [(at.carl, "2026-11-14T14:07:20Z"), (at.dina, "2026-11-14T14:10:01Z")] {
            let phone = test.signed_in(who, false).await;
            test.set_clock(when);
            phone.post_on(&format!("/check-in/{code}"), &[("do", "in")]).await;
        }
        // Strict first: full minutes from coming.
        assert_eq!((test.minutes(id, carl).await, test.minutes(id, dina).await), (172, 169));
        let path = format!("/sessions/{id}/attendance/1");
        let book = Book::of(&paula, &path).await;
        assert_eq!((book.get(carl, "state"), book.get(dina, "state")), ("present", "partial"));
        assert!(paula.page(&path).await.contains("count from the start for 1 who came"));
        assert_eq!(book.send(&paula, &path, "delays").await.status(), StatusCode::SEE_OTHER);
        assert_eq!((test.minutes(id, carl).await, test.minutes(id, dina).await), (180, 169));
        assert_eq!(test.trail(carl.0).await, ["attendance.checked_in", "attendance.recorded"]);
    }
}

both_engines! {
    async fn attendance_is_asked_for_corrected_and_locked(engine: TestApp) {
        let test = Hall(engine);
        let (at, id, carl, dina) = test.prepared().await;
        let paula = test.signed_in(at.paula, false).await;
        test.set_clock("2026-11-14T16:59:59Z");
        test.present(&paula, id, carl).await;
        let lock = format!("/sessions/{id}/attendance-lock");
        assert_eq!(paula.post(&lock, &[]).await.status(), StatusCode::CONFLICT, "it is not over");
        // Two days after the end, one letter.
        test.set_clock("2026-11-16T16:59:59Z");
        test.tick().await;
        assert!(test.letters("paula@harbor.example").await.iter().all(|letter| letter.kind != "attendance_asked"));
        test.set_clock("2026-11-16T17:00:00Z");
        test.tick().await;
        test.tick().await;
        let letters = test.letters("paula@harbor.example").await;
        let asked: Vec<_> = letters.iter().filter(|letter| letter.kind == "attendance_asked").collect();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].subject, "Attendance by Thursday, November 19, 2026: Reading Safety Net in Action");
        assert!(asked[0].text.contains("Of 1 of them something is not written down yet"), "{}", asked[0].text);
        assert_eq!(asked[0].path(&test.base), format!("/sessions/{id}/attendance/1"));
        // Hosts correct until then.
        test.set_clock("2026-11-19T16:59:00Z");
        let paula = test.signed_in(at.paula, false).await;
        test.present(&paula, id, dina).await;
        test.tick().await;
        assert!(test.read(id).await.locked_at.is_none());
        test.set_clock("2026-11-19T17:00:00Z");
        // Also before the clockwork comes by.
        problem(test.write(&paula, id, 1, json!({ "registration": dina, "state": "absent" })).await, 403).await;
        test.tick().await;
        let locked = test.read(id).await;
        assert_eq!((locked.locked_at, locked.status.code()), (Some("2026-11-19T17:00:00Z".parse().unwrap()), "completed"));
        assert_eq!(locked.joint_held, Some(true));
        test.tick().await;
        let trail = test.trail(id.0).await;
        let ours: Vec<&String> = trail.iter().filter(|action| action.starts_with("attendance.")).collect();
        assert_eq!(ours, ["attendance.asked_for", "attendance.locked"]);
        // After the lock the host reads, and administrators put right; the joint rule follows.
        let page = paula.page(&format!("/sessions/{id}/attendance/1")).await;
        assert!(page.contains("Only an administrator corrects it.") && !page.contains("name=\"state\""), "{page}");
        let admin = test.account("ada@office.example", "Ada Office").await;
        test.appoint(admin, Role::CityAdmin, Place::Installation).await;
        let ada = test.signed_in(admin, true).await;
        let corrected = test.write(&ada, id, 1, json!({ "account": at.dina, "state": "excused" })).await;
        assert_eq!(corrected.status(), 200);
        assert_eq!(test.trail(dina.0).await, ["attendance.recorded", "attendance.corrected"]);
        let after = test.read(id).await;
        assert_eq!((after.joint_held, after.revision), (Some(false), locked.revision + 1));
    }
}

both_engines! {
    async fn the_host_locks_at_once_and_only_then_is_it_joint_or_not(engine: TestApp) {
        let test = Hall(engine);
        let schools = test.two_schools().await;
        // 19 of 100, 20 of 100: the smaller sector has to be a fifth.
        for (charter, joint) in [(19_u32, false), (20, true)] {
            let sketch = Sketch { capacity: 100, ..Sketch::default() };
            let id = test.session(&schools, sketch).await;
            for n in 0..100 {
                let who = test.account(&format!("p{n}@crowd.example"), &format!("Person {n}")).await;
                let (school, sector) =
                    if n < charter { (schools.harbor, "charter") } else { (schools.millbrook, "district") };
                test.seat(id, who, school, sector, "confirmed").await;
            }
            test.set_clock("2026-11-14T17:00:00Z");
            let paula = test.signed_in(schools.paula, false).await;
            let path = format!("/sessions/{id}/attendance/1");
            let book = Book::of(&paula, &path).await;
            assert_eq!(book.send(&paula, &path, "rest_present").await.status(), StatusCode::SEE_OTHER);
            assert!(test.read(id).await.joint_held.is_none());
            // The co-host takes attendance and does not lock.
            let pete = test.signed_in(schools.pete, false).await;
            assert!(!pete.page(&path).await.contains("attendance-lock"));
            assert_eq!(pete.post(&format!("/sessions/{id}/attendance-lock"), &[]).await.status(), 403);
            assert!(paula.page(&path).await.contains("attendance-lock"));
            paula.post_on(&format!("/sessions/{id}/attendance-lock"), &[]).await;
            let locked = test.read(id).await;
            assert_eq!((locked.joint_held, locked.status.code()), (Some(joint), "completed"));
            let again = paula.post_on(&format!("/sessions/{id}/attendance-lock"), &[]).await;
            assert!(again.ends_with("done=locked"));
            assert_eq!(test.read(id).await.revision, locked.revision, "twice is once");
        }
    }
}

both_engines! {
    async fn programs_are_kept_by_administrators_and_chosen_by_organizers(engine: TestApp) {
        let test = Hall(engine);
        let (at, id, carl, _) = test.prepared().await;
        let admin = test.account("ada@office.example", "Ada Office").await;
        test.appoint(admin, Role::CityAdmin, Place::Installation).await;
        let ada = test.signed_in(admin, true).await;
        assert!(ada.page("/admin/credit-programs").await.contains("Start from New York CTLE"));
        let new = ada.page("/admin/credit-programs/new?from=ny_ctle").await;
        assert!(new.contains("not the word of a state") && new.contains("ell: Language acquisition"));
        let wrong = ada.post("/admin/credit-programs", &[("name", "CTLE"), ("code", "NY"), ("unit", "hours")]).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = wrong.text().await.unwrap();
        assert!(page.contains("things to put right") && page.contains("value=\"CTLE\""), "{page}");
        let program = |code: &'static str, step: &'static str, minimum: &'static str, categories: &'static str| {
            [
                ("name", code),
                ("code", code),
                ("unit", "hours"),
                ("unit_minutes", "60"),
                ("step", step),
                ("minimum", minimum),
                ("categories", categories),
                ("retention_years", "8"),
                ("not_needed_by", "charter"),
            ]
        };
        let split = "content: Content\nell: Language acquisition";
        for form in [program("ny_ctle", "100", "1", split), program("il_pd", "25", "", ""), program("ma_pdp", "100", "10", "")] {
            assert_eq!(ada.post_on("/admin/credit-programs", &form).await, "/admin/credit-programs?done=added");
        }
        assert_eq!(ada.post("/admin/credit-programs", &program("il_pd", "25", "", "")).await.status(), 422);
        let teacher = test.signed_in(at.carl, false).await;
        for path in ["/admin/credit-programs", "/admin/credit-programs/new", &format!("/sessions/{id}/credit")] {
            assert_eq!(teacher.get(path).await.status(), StatusCode::FORBIDDEN, "{path}");
        }
        assert_eq!(teacher.post("/admin/credit-programs", &program("x_y", "1", "", "")).await.status(), 403);

        // The organizer chooses all three.
        let programs = credit::programs(&test.db().cx(Actor::Visitor)).await.unwrap();
        let id_of = |code: &str| programs.iter().find(|program| program.code == code).unwrap().id.to_string();
        let (ny, il, ma) = (id_of("ny_ctle"), id_of("il_pd"), id_of("ma_pdp"));
        let paula = test.signed_in(at.paula, false).await;
        let path = format!("/sessions/{id}/credit");
        let shown = paula.page(&path).await;
        assert!(shown.contains("Charter staff need not have it."), "{shown}");
        let mut form = vec![("program", ny.as_str()), ("program", &il), ("program", &ma)];
        for code in ["ny_ctle", "il_pd", "ma_pdp"] {
            let name = |field: &str| Box::leak(format!("{field}-{code}").into_boxed_str()) as &str;
            form.extend([(name("sponsor_name"), "Rivermark Teacher Center"), (name("signer"), "Ada Quill, Director")]);
        }
        form.extend([("share-ny_ctle-content", "66"), ("share-ny_ctle-ell", "33"), ("sponsor_number-ny_ctle", "NY-1234")]);
        let wrong = paula.post(&path, &form).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = wrong.text().await.unwrap();
        assert!(page.contains("make 100 percent") && page.contains("value=\"NY-1234\""), "{page}");
        *form.iter_mut().find(|(name, _)| *name == "share-ny_ctle-ell").unwrap() = ("share-ny_ctle-ell", "34");
        assert_eq!(paula.post_on(&path, &form).await, format!("{path}?done=saved"));
        assert!(paula.page(&path).await.contains("3 hours (1.98 Content, 1.02 Language acquisition) for being there"));

        // The same hours count for each program in its own way.
        test.set_clock("2026-11-14T17:00:00Z");
        let minutes = json!({ "registration": carl, "state": "partial", "out_at": "2026-11-14T16:50:00Z" });
        assert_eq!(test.write(&paula, id, 1, minutes).await.status(), 200);
        let earned = test.minutes(id, carl).await;
        assert_eq!(earned, 170);
        let credits = credit::of_session(&test.db().cx(Actor::Visitor), id).await.unwrap();
        let award = |code: &str| {
            let credit = credits.iter().find(|credit| credit.program.code == code).unwrap();
            credit::award(credit, earned).map(|award| credit.words(&award))
        };
        assert_eq!(award("ny_ctle").unwrap(), "2 hours (1.32 Content, 0.68 Language acquisition)");
        assert_eq!(award("il_pd").unwrap(), "2.75 hours");
        assert_eq!(award("ma_pdp"), None, "below ten hours there are none");

        // A retired program stays where it is given, and cannot be chosen anew.
        let state = format!("/admin/credit-programs/{il}/state");
        ada.post_on(&state, &[("current", "no")]).await;
        assert!(paula.page(&path).await.contains("il_pd"));
        paula.post_on(&path, &[]).await;
        assert!(!paula.page(&path).await.contains("il_pd"));
        assert!(credit::of_session(&test.db().cx(Actor::Visitor), id).await.unwrap().is_empty());
        // After the lock it is the administrators'.
        paula.post_on(&format!("/sessions/{id}/attendance-lock"), &[]).await;
        let kept: Vec<_> = form.iter().copied().filter(|(_, value)| *value != il).collect();
        assert_eq!(paula.post(&path, &kept).await.status(), StatusCode::FORBIDDEN);
        ada.post_on(&path, &kept).await;
        let many = credit::of_sessions(&test.db().cx(Actor::Visitor), &[id]).await.unwrap();
        assert_eq!(many[&id].iter().map(|credit| credit.program.code.as_str()).collect::<Vec<_>>(), ["ma_pdp", "ny_ctle"]);
    }
}

both_engines! {
    async fn a_product_is_seen_before_anything_is_earned(engine: TestApp) {
        let test = Hall(engine);
        let (at, id, carl, dina) = test.prepared().await;
        let admin = test.account("ada@office.example", "Ada Office").await;
        test.appoint(admin, Role::CityAdmin, Place::Installation).await;
        let ada = test.signed_in(admin, true).await;
        let form = [
            ("name", "PDPs"),
            ("code", "ma_pdp"),
            ("unit", "PDPs"),
            ("unit_minutes", "60"),
            ("step", "100"),
            ("retention_years", "8"),
            ("product", "yes"),
        ];
        ada.post_on("/admin/credit-programs", &form).await;
        let program = credit::programs(&test.db().cx(Actor::Visitor)).await.unwrap().remove(0).id.to_string();
        let paula = test.signed_in(at.paula, false).await;
        let products = format!("/sessions/{id}/credit/{program}");
        assert_eq!(paula.get(&products).await.status(), StatusCode::NOT_FOUND, "the session does not give it yet");
        let chosen = [("program", program.as_str()), ("sponsor_name-ma_pdp", "Harbor"), ("signer-ma_pdp", "Ada Quill")];
        paula.post_on(&format!("/sessions/{id}/credit"), &chosen).await;
        assert!(paula.page(&format!("/sessions/{id}/credit")).await.contains(&products));
        assert!(paula.page(&products).await.contains("Dina Ford"));
        let passes = async |whose: RegistrationId| {
            let tx = test.db().write(Actor::System("test")).await.unwrap();
            let credits = credit::of_session_in(&tx, id).await.unwrap();
            credit::products_in(&tx, id).await.unwrap().let_pass(&credits[0], whose)
        };
        assert!(!passes(carl).await);
        paula.post_on(&products, &[("handed_in", &carl.to_string())]).await;
        assert!(passes(carl).await && !passes(dina).await);
        paula.post_on(&products, &[("handed_in", &dina.to_string())]).await;
        assert!(!passes(carl).await && passes(dina).await);
        let strange = paula.post(&products, &[("handed_in", &id.to_string())]).await;
        assert_eq!(strange.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let teacher = test.signed_in(at.dina, false).await;
        assert_eq!(teacher.post(&products, &[("handed_in", &dina.to_string())]).await.status(), StatusCode::FORBIDDEN);
        assert_eq!(
            test.trail(id.0).await,
            ["session.credit_set", "credit.products_recorded", "credit.products_recorded"]
        );
    }
}

both_engines! {
    async fn programs_write_attendance_too(engine: TestApp) {
        let test = Hall(engine);
        let (schools, id, carl, dina) = test.prepared().await;
        let waits = test.seat(id, schools.dora, schools.millbrook, "district", "waitlisted").await;
        let paula = test.signed_in(schools.paula, false).await;
        let code = test.code(&paula, id, 1).await;
        test.set_clock("2026-11-14T13:55:00Z");
        let phone = test.signed_in(schools.carl, false).await;
        let answer: Value = test.write(&phone, id, 1, json!({ "code": code })).await.json().await.unwrap();
        assert_eq!((answer["state"].as_str(), answer["minutes"].as_i64()), (Some("present"), Some(180)), "{answer}");
        test.set_clock("2026-11-14T15:00:00Z");
        let answer: Value =
            test.write(&phone, id, 1, json!({ "code": code, "leaving": true })).await.json().await.unwrap();
        assert_eq!((answer["state"].as_str(), answer["minutes"].as_i64()), (Some("partial"), Some(60)), "{answer}");
        // The host has the last word.
        let body = json!({ "registration": carl, "state": "present", "in_at": "2026-11-14T09:00:00-05:00" });
        let answer: Value = test.write(&paula, id, 1, body).await.json().await.unwrap();
        assert_eq!(answer["minutes"], 180, "{answer}");
        let by_account = json!({ "account": schools.dina, "state": "excused" });
        let answer: Value = test.write(&paula, id, 1, by_account).await.json().await.unwrap();
        assert_eq!(answer["registration"], dina.to_string());
        let refused = [
            (json!({}), 422),
            (json!({ "registration": carl, "state": "asleep" }), 422),
            (json!({ "registration": carl, "state": "partial" }), 422),
            (json!({ "registration": carl, "state": "present", "out_at": "2026-11-14T13:00:00Z" }), 422),
            (json!({ "registration": waits, "state": "present" }), 422),
            (json!({ "registration": carl, "account": schools.carl, "state": "present" }), 422),
            (json!({ "account": schools.paula, "state": "present" }), 404),
        ];
        for (body, status) in refused {
            problem(test.write(&paula, id, 1, body).await, status).await;
        }
        problem(test.write(&paula, id, 2, json!({ "registration": carl, "state": "absent" })).await, 404).await;
        let other = test.session(&schools, Sketch::default()).await;
        problem(test.write(&phone, other, 1, json!({ "code": code })).await, 422).await;
        // A cancelled session has nobody to write down.
        let tx = test.db().write(Actor::System("test")).await.unwrap();
        tx.conn().execute_unprepared("UPDATE session SET status = 'cancelled'").await.unwrap();
        tx.commit().await.unwrap();
        problem(test.write(&paula, id, 1, json!({ "registration": carl, "state": "absent" })).await, 409).await;
        problem(test.write(&phone, id, 1, json!({ "code": code })).await, 409).await;
    }
}

/// Minutes over the change of clocks, in a series: what was spent there, not what the wall says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_series_adds_up_over_the_change_of_clocks() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let test = Hall(TestApp::start(engine).await);
        let schools = test.two_schools().await;
        let local = |text: &str| text.parse().unwrap();
        // The first goes on over the hour that comes twice: three hours on the wall are four.
        let meetings = vec![local("2026-10-31T23:30:00"), local("2026-11-07T09:00:00")];
        let id = test.session(&schools, Sketch { meetings, ..Sketch::default() }).await;
        let carl = test.seat(id, schools.carl, schools.harbor, "charter", "confirmed").await;
        test.set_clock("2026-11-07T17:00:00Z");
        let paula = test.signed_in(schools.paula, false).await;
        test.present(&paula, id, carl).await;
        assert_eq!(test.minutes(id, carl).await, 240);
        let page = paula.page(&format!("/sessions/{id}/attendance/2")).await;
        assert!(page.contains("aria-current=\"page\">Saturday, November 7, 2026"), "{page}");
        let second = json!({ "registration": carl, "state": "partial", "in_at": "2026-11-07T16:00:00Z" });
        assert_eq!(test.write(&paula, id, 2, second).await.status(), 200);
        assert_eq!(test.minutes(id, carl).await, 300);
    }
}
