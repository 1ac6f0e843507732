//! Adoptions through the front, on both engines: what a school puts on record, what it is asked since, what crossed sector lines,
//! and the record of what a school shared.

use chrono::{DateTime, Utc};
use commonground::adoptions::follow_up;
use commonground::catalog;
use commonground::people::AccountId;
use commonground::platform::{Actor, Place, Role};
use reqwest::Method;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SimpleExpr};
use serde_json::{Value, json};

use crate::support::persons::{Browser, KeptLetter};
use crate::support::sessions::{Sketch, TwoSchools};
use crate::support::{TestApp, both_engines, html, problem, texts};

const WALL: &str = "sound-wall";

impl TestApp {
    /// Two schools with their people, and a practice that began at Harbor, of the sector `charter`.
    async fn with_wall(&self) -> TwoSchools {
        let at = self.two_schools().await;
        self.tell_of_wall("Sound Wall").await;
        at
    }

    /// The practice in its source's words of now: another summary is another version.
    async fn tell_of_wall(&self, summary: &str) {
        let wall = json!({
            "source": "t:wall",
            "title": "Sound Wall",
            "summary": summary,
            "origin_school": "harbor-charter-school",
            "topics": ["early_reading"],
        });
        let report = self.import(&[wall]).await;
        assert!(report.bad.is_empty(), "{:?}", report.bad);
    }

    /// Moves the clock and has everything looked at that is due.
    async fn look_at(&self, at: &str) {
        self.clock.set(at.parse::<DateTime<Utc>>().unwrap());
        let desk = self.app.desk(&self.base.as_str().into()).unwrap();
        for _ in 0..2 {
            follow_up::look_at_all(self.db(), &desk).await.unwrap();
        }
    }

    async fn asked(&self, email: &str, kind: &str) -> Vec<KeptLetter> {
        self.letters(email).await.into_iter().filter(|letter| letter.kind == kind).collect()
    }

    /// Who uses the practice, as a search result says it.
    async fn users(&self, slug: &str) -> Value {
        self.settle().await;
        let one = self.json(&format!("/api/v1/practices/{slug}")).await["used_by"].clone();
        let title = one_title(slug);
        let found = self.json(&format!("/api/v1/practices?q={title}&match=all")).await;
        let item = found["items"].as_array().unwrap().iter().find(|item| item["slug"] == slug).unwrap();
        assert_eq!(item["used_by"], one, "search and practice say the same");
        one
    }

    async fn adopted(&self, browser: &Browser, stage: &str, since: &str) -> String {
        let fields = [("school", ""), ("stage", stage), ("since", since), ("lead_role", "Grade 2 teacher")];
        let to = browser.post_on(&format!("/practices/{WALL}/adoption"), &fields).await;
        to.split('?').next().unwrap().to_owned()
    }
}

fn one_title(slug: &str) -> String {
    slug.replace('-', "+")
}

async fn api(test: &TestApp, browser: &Browser, method: Method, path: &str, body: Value) -> reqwest::Response {
    let url = format!("{}/api/v1{path}", test.base);
    let request = test.client.request(method, url).header("sec-fetch-site", "same-origin");
    browser.send(if body == Value::Null { request } else { request.json(&body) }).await
}

/// The hidden value of a form.
fn hidden(page: &str, name: &str) -> String {
    let at = page.find(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name} in {page}"));
    page[at..].split('"').nth(3).unwrap().to_owned()
}

both_engines! {
    /// From the practice's page to a use that counts, and back: each move is a step, none is written over.
    async fn a_school_puts_on_record_what_it_takes_over(test: TestApp) {
        let at = test.with_wall().await;
        let page = test.page(&format!("/practices/{WALL}")).await;
        let form = format!("/practices/{WALL}/adoption");
        assert!(page.contains(&format!("href=\"{form}\"")), "{page}");
        assert_eq!(test.browser().get(&form).await.status(), 303, "a visitor is led to the sign-in");
        // The school where it began has nothing to put on record, and who belongs nowhere neither.
        let carl = test.signed_in(at.carl, false).await;
        assert!(carl.page(&form).await.contains("began at your school"));
        let nobody = test.account("nobody@example.org", "Noa").await;
        let nobody = test.signed_in(nobody, false).await;
        assert!(nobody.page(&form).await.contains("you belong to none here yet"));
        assert_eq!(nobody.post(&form, &[("stage", "in_use"), ("since", "2026-10-01")]).await.status(), 403);
        // Nothing that was typed is lost.
        let dina = test.signed_in(at.dina, false).await;
        let wrong = [("stage", "stopped"), ("since", "2026-10-20"), ("changed_what", "Three <days> a week")];
        let refused = dina.post(&form, &wrong).await;
        assert_eq!(refused.status(), 422);
        let text = refused.text().await.unwrap();
        assert!(text.contains("Three &#60;days&#62; a week") && text.contains("not in the future"), "{text}");
        assert!(text.contains("Say why it stopped"), "{text}");
        // What may point at a student is asked about before it is kept.
        let words = [("stage", "interested"), ("since", "2026-09-01"), ("result_note", "It helped Jayden, a third grader.")];
        let asked = dina.post(&form, &words).await;
        assert_eq!(asked.status(), 422);
        let text = asked.text().await.unwrap();
        assert!(text.contains("This may name a student") && text.contains("name=\"no_student\""), "{text}");
        let adoption = test.adopted(&dina, "interested", "2026-09-01").await;
        assert_eq!(dina.post_on(&form, &[&words[..], &[("no_student", "yes")]].concat()).await, format!("{adoption}?done=kept"));
        assert_eq!(test.users(WALL).await, json!({}), "interest is no use");
        let page = html::text(&test.page(&adoption).await);
        assert!(page.contains("Interested since September 1, 2026") && !page.contains("across sectors"), "{page}");
        // A second time is a change of the same.
        let moved = [("stage", "piloting"), ("since", "2026-10-01"), ("result_note", "<b>Calmer</b> rooms"), ("contact_ok", "yes")];
        assert_eq!(dina.post_on(&form, &moved).await, format!("{adoption}?done=kept"));
        assert_eq!(test.users(WALL).await, json!({"district": 1}));
        let page = test.page(&adoption).await;
        assert!(page.contains("&#60;b&#62;Calmer") && !page.contains("<b>Calmer"), "{page}");
        assert!(html::text(&page).contains("across sectors"), "{page}");
        assert!(!page.contains("<form class=\"actions\""), "a visitor changes nothing");
        let practice = html::text(&test.page(&format!("/practices/{WALL}")).await);
        assert!(practice.contains("Calmer rooms") || practice.contains("Calmer"), "{practice}");
        assert!(practice.contains("across sectors"), "{practice}");
        // Back to plans: it counts no more, and what was stays.
        let back = [("stage", "planning"), ("since", "2026-10-10")];
        assert_eq!(dina.post(&form, &[("stage", "planning"), ("since", "2026-09-15")]).await.status(), 422, "before the last step");
        dina.post_on(&form, &back).await;
        assert_eq!(test.users(WALL).await, json!({}));
        let kept = test.json(&format!("/api/v1{adoption}")).await;
        assert_eq!(texts(&kept["steps"], "stage"), ["interested", "piloting", "planning"]);
        assert_eq!((kept["piloted_on"].as_str(), kept["started_on"].as_str()), (Some("2026-10-01"), Some("2026-09-01")));
        assert_eq!(kept["across"], true, "it was tried");
        // Another day of the same stage puts the last step right.
        dina.post_on(&form, &[("stage", "planning"), ("since", "2026-10-12")]).await;
        let kept = test.json(&format!("/api/v1{adoption}")).await;
        assert_eq!(texts(&kept["steps"], "since"), ["2026-09-01", "2026-10-01", "2026-10-12"]);
        // A stop says why, and a colleague with an older form does not write over it.
        let dora = test.signed_in(at.dora, false).await;
        let seen = hidden(&dora.page(&form).await, "seen");
        let stop = [("stage", "stopped"), ("since", "2026-10-13"), ("stopped_reason", "no_time"), ("seen", seen.as_str())];
        test.clock.set("2026-10-14T16:05:00Z".parse().unwrap());
        dina.post_on(&form, &stop).await;
        let late = dora.post(&form, &[("stage", "in_use"), ("since", "2026-10-13"), ("seen", seen.as_str())]).await;
        assert_eq!(late.status(), 422);
        assert!(test.page(&adoption).await.contains("Not enough time"));
        // The other school keeps its hands off.
        assert_eq!(carl.post(&format!("{adoption}/version"), &[("version", "1")]).await.status(), 403);
        let list = dina.page("/me/adoptions").await;
        assert!(list.contains("Sound Wall") && html::text(&list).contains("Stopped since October 13, 2026"), "{list}");
        assert!(!carl.page("/me/adoptions").await.contains("Sound Wall"));
        test.verify().await;
    }
}

both_engines! {
    /// After 30, 90 and 365 days, each once, two clicks, and never after a stop.
    async fn a_school_is_asked_how_it_goes(test: TestApp) {
        let at = test.with_wall().await;
        let dina = "dina@millbrook.example";
        let adoption = test.adopted(&test.signed_in(at.dina, false).await, "piloting", "2026-10-14").await;
        test.look_at("2026-11-12T12:00:00Z").await;
        assert_eq!(test.asked(dina, "adoption_follow_up").await.len(), 0, "29 days");
        test.look_at("2026-11-13T12:00:00Z").await;
        test.look_at("2026-11-14T12:00:00Z").await;
        let letters = test.asked(dina, "adoption_follow_up").await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        assert_eq!(letters[0].subject, "30 days on: Sound Wall");
        // The link shows; a scanner that opens it answers nothing.
        let (link, browser) = (letters[0].path(&test.base), test.browser());
        assert!(browser.page(&link).await.contains("How is it going?"));
        assert_eq!(test.json(&format!("/api/v1{adoption}")).await["follow_ups"], json!([]));
        let refused = browser.post(&link, &[("answer", "changed"), ("note", " ")]).await;
        assert_eq!(refused.status(), 422, "what changed is said");
        assert_eq!(browser.post(&link, &[("answer", "perhaps")]).await.status(), 422);
        let to = browser.post_on(&link, &[("answer", "changed"), ("note", "Only <mornings>")]).await;
        assert!(browser.page(&to).await.contains("(your answer)"));
        let page = test.page(&adoption).await;
        assert!(page.contains("Only &#60;mornings&#62;") && html::text(&page).contains("after 30 days"), "{page}");
        // A link for one errand is none for another.
        let token = link.rsplit('/').next().unwrap();
        assert_eq!(browser.get(&format!("/r/use-90/{token}")).await.status(), 404);
        // The same from the list of what is new, signed in; not for another school.
        test.look_at("2027-01-12T12:00:00Z").await;
        assert_eq!(test.asked(dina, "adoption_follow_up").await.len(), 2);
        let signed_in = test.signed_in(at.dora, false).await;
        let page = signed_in.page(&adoption).await;
        let at_of = page.find("/follow-ups/").unwrap_or_else(|| panic!("{page}"));
        let path: String = page[at_of..].chars().take_while(|c| *c != '"').collect();
        assert!(signed_in.page(&path).await.contains("90 days on"));
        assert_eq!(test.signed_in(at.carl, false).await.get(&path).await.status(), 404);
        signed_in.post_on(&path, &[("answer", "still_using")]).await;
        // A year later a yes is what "sustained" means.
        test.look_at("2027-10-14T12:00:00Z").await;
        let letters = test.asked(dina, "adoption_follow_up").await;
        assert_eq!(letters.len(), 3);
        browser.post_on(&letters[2].path(&test.base), &[("answer", "still_using")]).await;
        let kept = test.json(&format!("/api/v1{adoption}")).await;
        assert_eq!(kept["stage"], "sustained");
        assert_eq!(texts(&kept["follow_ups"], "answer"), ["changed", "still_using", "still_using"]);
        // Who left the school is asked no more: the next question goes to its principal. And after a stop there is none.
        test.look_at("2029-01-01T12:00:00Z").await;
        assert_eq!(test.asked(dina, "adoption_follow_up").await.len(), 3);
        let harbor = test.add_school("Third Network", "charter_network", "Third Charter School", "charter").await;
        let tess = test.account("tess@third.example", "Tess Weir").await;
        test.appoint(tess, Role::Teacher, Place::School(harbor.0)).await;
        let pia = test.account("pia@third.example", "Pia Lock").await;
        test.appoint(pia, Role::Principal, Place::School(harbor.0)).await;
        let tried = test.signed_in(tess, false).await;
        let adoption = test.adopted(&tried, "piloting", "2029-01-01").await;
        let mine = commonground::people::membership::memberships_of(&test.db().cx(Actor::System("test")), tess).await.unwrap();
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        let head = test.app.letterhead(&test.base.as_str().into()).unwrap();
        commonground::people::membership::end(&mut tx, &head, mine[0].id).await.unwrap();
        tx.commit().await.unwrap();
        test.look_at("2029-01-31T12:00:00Z").await;
        assert_eq!(test.asked("tess@third.example", "adoption_follow_up").await.len(), 0);
        let letters = test.asked("pia@third.example", "adoption_follow_up").await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        let link = letters[0].path(&test.base);
        assert_eq!(browser.post(&link, &[("answer", "stopped"), ("reason", "")]).await.status(), 422, "says why");
        browser.post_on(&link, &[("answer", "stopped"), ("reason", "cost"), ("note", "No money")]).await;
        assert_eq!(test.json(&format!("/api/v1{adoption}")).await["stopped_reason"], "cost");
        assert!(browser.page(&link).await.contains("on record as stopped"));
        test.look_at("2029-04-01T12:00:00Z").await;
        assert_eq!(test.asked("pia@third.example", "adoption_follow_up").await.len(), 1, "never after a stop");
    }
}

both_engines! {
    /// "Changed since you adopted": told once, compared, taken over by a button.
    async fn a_new_version_is_told_to_who_uses_an_older_one(test: TestApp) {
        let at = test.with_wall().await;
        let dina = test.signed_in(at.dina, false).await;
        let adoption = test.adopted(&dina, "piloting", "2026-10-10").await;
        assert!(!dina.page(&adoption).await.contains("It changed since you adopted it"));
        test.tell_of_wall("Ten minutes, now with a mirror").await;
        test.look_at("2026-10-14T16:01:00Z").await;
        test.look_at("2026-10-14T16:02:00Z").await;
        let letters = test.asked("dina@millbrook.example", "adoption_version").await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        assert_eq!(letters[0].path(&test.base), adoption);
        let page = dina.page(&adoption).await;
        assert!(page.contains(&format!("/practices/{WALL}/compare?from=1&#38;to=2")), "{page}");
        assert!(dina.page("/me/adoptions").await.contains("It changed since you adopted it"));
        assert_eq!(dina.post(&format!("{adoption}/version"), &[("version", "3")]).await.status(), 409, "there is none");
        dina.post_on(&format!("{adoption}/version"), &[("version", "2")]).await;
        assert!(!dina.page(&adoption).await.contains("It changed since you adopted it"));
        assert_eq!(test.json(&format!("/api/v1{adoption}")).await["version"], 2);
        // Who stopped is left alone.
        let stop = json!({ "stage": "stopped", "stopped_reason": "replaced" });
        let said = api(&test, &dina, Method::PATCH, &adoption, stop).await;
        assert_eq!(said.status(), 200, "{}", said.text().await.unwrap());
        test.tell_of_wall("Ten minutes, now with two mirrors").await;
        test.look_at("2026-10-14T16:03:00Z").await;
        assert_eq!(test.asked("dina@millbrook.example", "adoption_version").await.len(), 1);
    }
}

/// A session of Harbor's that showed the practice, where this person was and said yes.
async fn used_from_session(test: &TestApp, at: &TwoSchools, account: AccountId) -> String {
    let session = test.session(at, Sketch::default()).await;
    let practice = catalog::practice(&test.db().cx(Actor::Visitor), WALL).await.unwrap().id;
    let mut shows = Query::update();
    shows.table("session").value("practice_id", practice.0).value("status", "completed");
    shows.and_where(Expr::col("id").eq(session.0));
    let tx = test.db().write(Actor::System("test")).await.unwrap();
    tx.conn().execute(&shows).await.unwrap();
    tx.commit().await.unwrap();
    let seat = test.seat(session, account, at.millbrook, "district", "confirmed").await;
    let cells: Vec<(&'static str, SimpleExpr)> = vec![
        ("registration_id", Expr::value(seat.0)),
        ("meeting", Expr::value(1)),
        ("session_id", Expr::value(session.0)),
        ("state", Expr::value("present")),
        ("updated_at", Expr::value(test.clock.now())),
    ];
    test.put("attendance", cells).await;
    test.clock.set("2026-12-15T16:00:00Z".parse().unwrap());
    let browser = test.signed_in(account, false).await;
    let to = browser.post_on(&format!("/sessions/{session}/use/30"), &[("answer", "yes")]).await;
    let page = browser.page(&to).await;
    assert!(page.contains(&format!("/practices/{WALL}/adoption?session={session}")), "{page}");
    session.to_string()
}

both_engines! {
    /// A yes to "did you use it?" becomes an adoption with one press, and says where it was learned (J-16).
    async fn a_yes_after_a_session_becomes_an_adoption(test: TestApp) {
        let at = test.with_wall().await;
        let session = used_from_session(&test, &at, at.dina).await;
        let dina = test.signed_in(at.dina, false).await;
        let list = dina.page("/me/adoptions").await;
        assert!(list.contains("said that you use it"), "{list}");
        let form = format!("/practices/{WALL}/adoption");
        assert!(dina.page(&format!("{form}?session={session}")).await.contains("Reading Safety Net in Action"));
        // Somebody who was not there did not learn it there.
        let dora = test.signed_in(at.dora, false).await;
        let lie = [("stage", "piloting"), ("since", "2026-12-01"), ("session", session.as_str())];
        assert_eq!(dora.post(&form, &lie).await.status(), 422);
        let school = hidden(&list, "school");
        let press =
            [("school", school.as_str()), ("session", session.as_str()), ("stage", "piloting"), ("since", "2026-12-15")];
        let to = dina.post_on(&form, &press).await;
        let page = dina.page(&to).await;
        assert!(page.contains(&format!("/sessions/{session}")), "{page}");
        let adoption = to.split('?').next().unwrap();
        assert_eq!(test.json(&format!("/api/v1{adoption}")).await["learned_from_session"], session.as_str());
        assert!(!dina.page("/me/adoptions").await.contains("said that you use it"), "it is on record");
    }
}

both_engines! {
    /// The log is the school's, but for what it opens.
    async fn what_a_school_tries_it_opens_itself(test: TestApp) {
        let at = test.with_wall().await;
        let dina = test.signed_in(at.dina, false).await;
        let adoption = test.adopted(&dina, "piloting", "2026-10-01").await;
        let cycles = format!("{adoption}/cycles");
        let carl = test.signed_in(at.carl, false).await;
        assert_eq!(carl.get(&cycles).await.status(), 404);
        assert_eq!(dina.post(&cycles, &[("did", "Kept <text>")]).await.status(), 422);
        dina.post_on(&cycles, &[("plan", "Try the mirror"), ("began_on", "2026-10-05")]).await;
        assert!(dina.page(&adoption).await.contains("Try the mirror"));
        assert!(!test.page(&adoption).await.contains("Try the mirror"), "the school's alone");
        assert_eq!(test.json(&format!("/api/v1{cycles}")).await["total"], 0);
        let one = format!("{cycles}/1");
        let page = test.signed_in(at.dora, false).await.page(&one).await;
        let seen = hidden(&page, "seen");
        test.clock.set("2026-10-14T16:05:00Z".parse().unwrap());
        let open = [
            ("plan", "Try the mirror"),
            ("saw", "They <smiled>"),
            ("began_on", "2026-10-05"),
            ("ended_on", "2026-10-12"),
            ("open", "yes"),
            ("seen", seen.as_str()),
        ];
        dina.post_on(&one, &open).await;
        assert_eq!(dina.post(&one, &open).await.status(), 422, "an older form does not write over it");
        let page = test.page(&adoption).await;
        assert!(page.contains("They &#60;smiled&#62;") && page.contains("October 5, 2026 to October 12, 2026"), "{page}");
        let put = json!({ "plan": "Try it again", "began_on": "2026-10-05", "open": false });
        assert_eq!(api(&test, &carl, Method::PUT, &one, put.clone()).await.status(), 403);
        assert_eq!(api(&test, &dina, Method::PUT, &one, put).await.status(), 200);
        let more = json!({ "plan": "And another", "began_on": "2026-10-13" });
        let made = api(&test, &dina, Method::POST, &cycles, more).await;
        assert_eq!(made.status(), 201);
        assert!(made.headers()["location"].to_str().unwrap().ends_with(&format!("{cycles}/2")));
        let mine: Value = dina.get(&format!("/api/v1{cycles}")).await.json().await.unwrap();
        assert_eq!(texts(&mine["items"], "plan"), ["Try it again", "And another"]);
    }
}

both_engines! {
    /// The same over JSON, with the refusals of a program.
    async fn a_program_puts_adoptions_on_record_too(test: TestApp) {
        let at = test.with_wall().await;
        let path = format!("/practices/{WALL}/adoptions");
        // Not yet thirty days ago: the clockwork asks nothing while this runs.
        let new = json!({ "school": "millbrook-elementary", "stage": "in_use", "since": "2026-09-28", "contact_ok": true });
        problem(api(&test, &test.browser(), Method::POST, &path, new.clone()).await, 401).await;
        let carl = test.signed_in(at.carl, false).await;
        problem(api(&test, &carl, Method::POST, &path, new.clone()).await, 403).await;
        let dina = test.signed_in(at.dina, false).await;
        let wrong = json!({ "school": "millbrook-elementary", "stage": "using", "since": "2026-09-28" });
        let refused = problem(api(&test, &dina, Method::POST, &path, wrong).await, 422).await;
        assert!(refused.to_string().contains("stage"), "{refused}");
        let nowhere = json!({ "school": "no-such-school", "stage": "in_use", "since": "2026-09-28" });
        problem(api(&test, &dina, Method::POST, &path, nowhere).await, 422).await;
        let made = api(&test, &dina, Method::POST, &path, new.clone()).await;
        assert_eq!(made.status(), 201);
        let location = made.headers()["location"].to_str().unwrap().to_owned();
        let kept: Value = made.json().await.unwrap();
        assert_eq!((kept["counts"].as_bool(), kept["across"].as_bool()), (Some(true), Some(true)));
        problem(api(&test, &dina, Method::POST, &path, new).await, 409).await;
        let read: Value = dina.get(&location).await.json().await.unwrap();
        assert_eq!(read, kept);
        let one = location.split("/api/v1").nth(1).unwrap();
        problem(api(&test, &carl, Method::PATCH, one, json!({ "lead_role": "Nobody" })).await, 403).await;
        let words = json!({ "stage": "sustained", "would_recommend": true, "result_note": "Well" });
        let kept: Value = api(&test, &dina, Method::PATCH, one, words).await.json().await.unwrap();
        assert_eq!((kept["stage"].as_str(), kept["stage_since"].as_str()), (Some("sustained"), Some("2026-10-14")));
        assert_eq!((kept["contact_ok"].as_bool(), kept["steps"].as_array().unwrap().len()), (Some(true), 2));
        let mine: Value = dina.get("/api/v1/me/adoptions").await.json().await.unwrap();
        assert_eq!((mine["total"].as_u64(), mine["items"][0]["practice"]["slug"].as_str()), (Some(1), Some(WALL)));
        let listed = test.json(&format!("/api/v1/practices/{WALL}/adoptions")).await;
        assert_eq!(listed["items"][0]["stage"], "sustained");
        let crossed = test.json("/api/v1/adoptions").await;
        assert_eq!((crossed["total"].as_u64(), crossed["items"][0]["from_sector"].as_str()), (Some(1), Some("charter")));
    }
}

both_engines! {
    /// From the demo: which practices crossed sector lines, in which direction, kept after a year; a page and a file.
    async fn the_demo_shows_what_crossed(test: TestApp) {
        test.seed().await;
        let all = test.json("/api/v1/adoptions?limit=100").await;
        let total = all["total"].as_u64().unwrap();
        assert!(total >= 10, "{all}");
        for item in all["items"].as_array().unwrap() {
            assert_ne!(item["from_sector"], item["to_sector"]);
            assert!(item["stage"] != "interested" && item["stage"] != "planning");
        }
        let directions = all["directions"].as_array().unwrap();
        assert_eq!(directions.len(), 2, "{directions:?}");
        assert!(directions.iter().any(|one| one["kept_after_a_year"].is_u64()), "{directions:?}");
        let page = html::text(&test.page("/adoptions").await);
        assert!(page.contains("Charter to District") && page.contains("District to Charter"), "{page}");
        let one = test.json("/api/v1/adoptions?direction=charter-district&limit=2").await;
        assert!(one["items"].as_array().unwrap().iter().all(|item| item["to_sector"] == "district"));
        let mut seen = one["items"].as_array().unwrap().len() as u64;
        let mut next = one["next"].clone();
        while let Some(cursor) = next.as_str() {
            let more = test.json(&format!("/api/v1/adoptions?direction=charter-district&limit=2&cursor={cursor}")).await;
            seen += more["items"].as_array().unwrap().len() as u64;
            next = more["next"].clone();
        }
        assert_eq!(seen, one["total"].as_u64().unwrap(), "paged to the end");
        // One school alone says nothing about a share.
        let few = test.page("/adoptions?direction=charter-district&year=2024").await;
        assert!(few.contains("not enough data") || few.contains("Nothing crossed"), "{few}");
        assert_eq!(test.get("/adoptions?year=soon").await.status(), 400);
        let file = test.get("/adoptions.csv").await;
        assert!(file.headers()["content-type"].to_str().unwrap().starts_with("text/csv"));
        let file = file.text().await.unwrap();
        assert_eq!(file.lines().count() as u64, total + 1);
        assert!(file.starts_with("practice,title,from_school,from_sector"), "{file}");
    }
}

both_engines! {
    /// What was shared, with whom, when, with what result: for those who lead the school, to print and as a file.
    async fn a_school_takes_its_dissemination_record_along(test: TestApp) {
        let at = test.with_wall().await;
        let formula = json!({
            "source": "t:formula",
            "title": "=HYPERLINK(\"http://example.org\")",
            "origin_school": "harbor-charter-school",
            "topics": ["early_reading"],
        });
        test.import(&[formula]).await;
        let dina = test.signed_in(at.dina, false).await;
        let adoption = test.adopted(&dina, "in_use", "2026-09-14").await;
        let words = json!({ "result_note": "+ calmer <rooms>", "would_recommend": true });
        assert_eq!(api(&test, &dina, Method::PATCH, &adoption, words).await.status(), 200);
        used_from_session(&test, &at, at.dina).await;
        let path = "/schools/harbor-charter-school/dissemination";
        let school = test.page("/schools/harbor-charter-school").await;
        assert!(school.contains(path) && html::text(&school).contains("1 joint session"), "{school}");
        assert_eq!(test.browser().get(path).await.status(), 303);
        for other in [at.carl, at.pete, at.dina] {
            let browser = test.signed_in(other, false).await;
            assert_eq!(browser.get(path).await.status(), 404);
            assert_eq!(browser.get(&format!("{path}.csv")).await.status(), 404);
        }
        let paula = test.signed_in(at.paula, false).await;
        let page = paula.page(path).await;
        let text = html::text(&page);
        for words in ["Sound Wall", "Millbrook Elementary", "In use since September 14, 2026", "1 district", "Reading Safety Net in Action"] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(page.contains("+ calmer &#60;rooms&#62;") && text.contains("Would recommend it."), "{page}");
        let print = paula.page(&format!("{path}?print")).await;
        assert!(print.contains("Back to the page") && !print.contains("dissemination.csv"), "{print}");
        let response = paula.get(&format!("{path}.csv")).await;
        assert_eq!(response.headers()["cache-control"], "no-store");
        let file = response.text().await.unwrap();
        assert!(file.contains("'+ calmer <rooms>") && file.contains("'=HYPERLINK"), "{file}");
        assert!(file.contains("session,Reading Safety Net in Action,,2026-11-14,Millbrook Elementary,district 1"), "{file}");
        assert!(!text.contains("Dina Ford") && !file.contains("Dina") && !file.contains("Paula"), "it names nobody");
    }
}

both_engines! {
    /// What somebody put on record goes with them in their file; erased, it stays with the school and names them no more.
    async fn what_somebody_put_on_record_is_theirs_to_take_and_the_schools_to_keep(test: TestApp) {
        use commonground::adoptions::personal::AdoptionData;
        use commonground::platform::personal::PersonalData;
        let at = test.with_wall().await;
        let dina = test.signed_in(at.dina, false).await;
        let adoption = test.adopted(&dina, "piloting", "2026-10-14").await;
        dina.post_on(&format!("{adoption}/cycles"), &[("plan", "Try the mirror"), ("began_on", "2026-10-14")]).await;
        test.look_at("2026-11-13T12:00:00Z").await;
        let letters = test.asked("dina@millbrook.example", "adoption_follow_up").await;
        test.browser().post_on(&letters[0].path(&test.base), &[("answer", "still_using"), ("note", "Well")]).await;
        let rows = async || {
            let sheets = AdoptionData.export(&test.db().cx(Actor::System("test")), at.dina.0).await.unwrap();
            sheets.iter().map(|sheet| (sheet.name, sheet.rows.len())).collect::<Vec<_>>()
        };
        assert_eq!(rows().await, [("adoptions", 1), ("adoption_answers", 1), ("adoption_cycles", 1)]);
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        let stays = AdoptionData.erase(&mut tx, at.dina.0).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(stays.len(), 1);
        assert_eq!(rows().await, [("adoptions", 0), ("adoption_answers", 0), ("adoption_cycles", 0)]);
        assert!(test.page(&adoption).await.contains("Still using it"));
    }
}
