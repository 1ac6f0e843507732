//! Talk about practices through the front: questions, letters that are passed on, visits.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use commonground::app::App;
use commonground::catalog::{self, NewAdoption};
use commonground::people::{AccountId, SchoolId};
use commonground::platform::vocabulary::AdoptionStage;
use commonground::platform::{Actor, Permit, Place, Role};
use commonground::talk::visit::{self, VisitId, Word};
use commonground::talk::{self, Exchange, Kind};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::persons::Browser;
use crate::support::sessions::TwoSchools;
use crate::support::{Engine, Still, TestApp, both_engines, problem};

const TITLE: &str = "Number talks at the door";
const PRACTICE: &str = "/practices/number-talks-at-the-door";

/// A practice of Harbor, and Elm School, which uses it and may be asked.
struct Scene {
    at: TwoSchools,
    /// Principal of Elm, `erin@elm.example`.
    erin: AccountId,
    /// Teacher at Elm, `ella@elm.example`.
    ella: AccountId,
}

impl TestApp {
    fn exchange(&self) -> Exchange {
        self.app.exchange(&self.base.as_str().into()).unwrap()
    }

    async fn person(&self, email: &str, name: &str, role: Role, school: SchoolId) -> AccountId {
        let id = self.account(email, name).await;
        self.appoint(id, role, Place::School(school.0)).await;
        id
    }
}

async fn scene(test: &TestApp) -> Scene {
    scene_with(test, json!({ "open_to_visits": true, "max_visits_per_term": 2 })).await
}

async fn scene_with(test: &TestApp, more: Value) -> Scene {
    let at = test.two_schools().await;
    let elm = test.add_school("Elm Schools", "district", "Elm School", "district").await;
    let erin = test.person("erin@elm.example", "Erin Bark", Role::Principal, elm).await;
    let ella = test.person("ella@elm.example", "Ella Leaf", Role::Teacher, elm).await;
    let mut practice = json!({ "source": "t:1", "title": TITLE, "origin_school": at.harbor });
    practice.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let report = test.import(&[practice]).await;
    assert_eq!(report.added, 1, "{:?}", report.bad);
    let id = catalog::practice(&test.db().cx(Actor::Visitor), &PRACTICE[11..]).await.unwrap().id;
    let mut tx = test.db().write(Actor::System("test")).await.unwrap();
    let new = NewAdoption {
        school: elm,
        stage: AdoptionStage::IN_USE,
        started_on: "2026-03-02".parse().unwrap(),
        lead_role: None,
        changed_what: None,
        kept_core: None,
        result_note: None,
        would_recommend: None,
        contact_ok: true,
        stopped_reason: None,
    };
    catalog::record_adoption(&mut tx, id, new).await.unwrap();
    tx.commit().await.unwrap();
    test.settle().await;
    Scene { at, erin, ella }
}

/// How many letters of each kind went to an address.
async fn kinds(test: &TestApp, email: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for letter in test.letters(email).await {
        *found.entry(letter.kind).or_default() += 1;
    }
    found
}

fn tally<const N: usize>(kinds: [(&str, usize); N]) -> BTreeMap<String, usize> {
    kinds.into_iter().map(|(kind, count)| (kind.to_owned(), count)).collect()
}

/// A call of the API from a browser's page.
async fn call(browser: &Browser, method: Method, path: &str, body: Value) -> reqwest::Response {
    let client = reqwest::Client::new();
    let request = client.request(method, browser.url(&format!("/api/v1{path}"))).json(&body);
    browser.send(request.header("sec-fetch-site", "same-origin")).await
}

/// Asks, and gives the path of the question's page.
async fn ask(browser: &Browser, text: &str, more: &[(&str, &str)]) -> String {
    let mut fields = vec![("text", text)];
    fields.extend(more);
    let to = browser.post_on(&format!("{PRACTICE}/questions"), &fields).await;
    to.strip_suffix("?done=asked").unwrap().to_owned()
}

/// The id after a mark in a page.
fn id_after(page: &str, mark: &str) -> String {
    let at = page.find(mark).unwrap_or_else(|| panic!("no {mark} in {page}"));
    page[at + mark.len()..][..36].to_owned()
}

both_engines! {
    async fn a_question_finds_who_knows_and_its_answer_who_asked(test: TestApp) {
        let Scene { at, erin, ella } = scene(&test).await;
        let visitor = test.browser();
        assert!(!test.page(PRACTICE).await.contains("id=\"questions\""), "no part without a question");
        assert!(visitor.page(&format!("{PRACTICE}/questions")).await.contains("Nobody has asked yet"));
        let list = format!("{PRACTICE}/questions");
        assert_eq!(visitor.post(&list, &[("text", "How?")]).await.status(), 401);
        let guest = test.signed_in(test.account("gus@guest.example", "Gus Guest").await, false).await;
        assert!(guest.page(&list).await.contains("Join your school"));
        assert_eq!(guest.post(&list, &[("text", "How?")]).await.status(), 403);

        let dina = test.signed_in(at.dina, false).await;
        let question = ask(&dina, "How often a week?", &[]).await;
        assert_eq!(ask(&dina, "How often a week?", &[]).await, question, "the same words are one question");
        let told = tally([("practice_question", 1)]);
        assert_eq!(kinds(&test, "paula@harbor.example").await, told, "who leads where it began");
        assert_eq!(kinds(&test, "erin@elm.example").await, told, "who leads where it is used");
        for other in ["carl@harbor.example", "dina@millbrook.example", "pete@millbrook.example", "ella@elm.example"] {
            assert_eq!(kinds(&test, other).await, tally([]), "{other}");
        }
        let letter = test.letters("paula@harbor.example").await.remove(0);
        assert_eq!(letter.subject, format!("A question about \"{TITLE}\""));
        assert_eq!(letter.path(&test.base), question);
        assert!(!letter.text.contains("How often"), "the words are on the page, where they can be hidden: {}", letter.text);

        // Others want to know it too, once each; who asked is counted already.
        let dora = test.signed_in(at.dora, false).await;
        for _ in 0..2 {
            dora.post_on(&format!("{question}/wants"), &[("wanted", "yes")]).await;
            dina.post_on(&format!("{question}/wants"), &[("wanted", "yes")]).await;
        }
        assert!(visitor.page(&question).await.contains("Asked for by 2 people"));
        assert_eq!(guest.post(&format!("{question}/wants"), &[("wanted", "yes")]).await.status(), 403);

        // Who may answer.
        let answers = format!("{question}/answers");
        assert_eq!(dora.post(&answers, &[("text", "Every day.")]).await.status(), 403);
        assert_eq!(guest.post(&answers, &[("text", "Every day.")]).await.status(), 403);
        let carl = test.signed_in(at.carl, false).await;
        for _ in 0..2 {
            carl.post_on(&answers, &[("text", "Every day at first.")]).await;
        }
        let told = tally([("practice_answer", 1)]);
        assert_eq!(kinds(&test, "dina@millbrook.example").await, told);
        assert_eq!(kinds(&test, "dora@millbrook.example").await, told);
        assert_eq!(kinds(&test, "carl@harbor.example").await, tally([]));
        let ella = test.signed_in(ella, false).await;
        ella.post_on(&answers, &[("text", "Twice a week is enough."), ("named", "yes")]).await;
        assert_eq!(kinds(&test, "dina@millbrook.example").await, tally([("practice_answer", 2)]));
        let page = visitor.page(&question).await;
        for words in ["From the school where it began", "Uses it since March 2026", "Ella Leaf", "/report?about=question:"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        for secret in ["Carl Pier", "Dina Ford", "@"] {
            assert!(!page.contains(secret), "{secret}: {page}");
        }

        // Who asked accepts, or the leads of the school; nobody else.
        let second = id_after(page.split("Every day at first").nth(1).unwrap(), "id=\"answer-");
        let accepted = format!("{question}/accepted");
        for browser in [&dora, &ella, &carl] {
            assert_eq!(browser.post(&accepted, &[("answer", &second)]).await.status(), 403);
        }
        dina.post_on(&accepted, &[("answer", &second)]).await;
        let page = visitor.page(&question).await;
        assert!(page.find("Twice a week").unwrap() < page.find("Every day at first").unwrap(), "the accepted one is first");
        assert!(page.contains("Accepted answer"));
        let paula = test.signed_in(at.paula, false).await;
        paula.post_on(&accepted, &[("answer", "")]).await;
        assert!(!visitor.page(&question).await.contains("Accepted answer"));
        let erin = test.signed_in(erin, false).await;
        assert_eq!(erin.post(&accepted, &[("answer", &second)]).await.status(), 403);
        assert_eq!(dina.post(&accepted, &[("answer", &Uuid::nil().to_string())]).await.status(), 404);

        // The page of the practice shows it with its best answer, and leads on.
        dina.post_on(&accepted, &[("answer", &second)]).await;
        let page = test.page(PRACTICE).await;
        for words in ["id=\"questions\"", "How often a week?", "Twice a week is enough.", "1 more answer", "/contact", "/visits"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("Every day at first"));

        // One's own answer can be taken back, a question with answers cannot.
        assert_eq!(dina.post(&format!("{question}/withdrawal"), &[]).await.status(), 409);
        assert_eq!(dina.post(&format!("{question}/withdrawal"), &[("answer", &second)]).await.status(), 403);
        ella.post_on(&format!("{question}/withdrawal"), &[("answer", &second)]).await;
        let page = visitor.page(&question).await;
        assert!(!page.contains("Twice a week") && !page.contains("Accepted answer"));
        let mine = ask(&dora, "May I take this back?", &[]).await;
        let to = dora.post_on(&format!("{mine}/withdrawal"), &[]).await;
        assert!(dora.page(&to).await.contains("You took your question back"));
        assert_eq!(visitor.get(&mine).await.status(), 404);

        // The address of another practice leads to no question of this one; nothing is asked about what was retired.
        test.import(&[json!({ "source": "t:2", "title": "Another one", "origin_school": at.harbor })]).await;
        assert_eq!(visitor.get(&question.replace("number-talks-at-the-door", "another-one")).await.status(), 404);
        test.retire(&PRACTICE[11..], "No longer done.").await;
        assert_eq!(dina.post(&list, &[("text", "And now?")]).await.status(), 409);
        assert_eq!(carl.post(&answers, &[("text", "And now.")]).await.status(), 409);
        let page = test.page(PRACTICE).await;
        assert!(page.contains("How often a week?") && !page.contains("#ask"), "{page}");
    }
}

both_engines! {
    async fn programs_ask_and_answer_as_people_do(test: TestApp) {
        let Scene { at, ella, .. } = scene(&test).await;
        let dina = test.signed_in(at.dina, false).await;
        let api = "/practices/number-talks-at-the-door/comments";
        let made = call(&dina, Method::POST, api, json!({ "text": "How long?\u{0}\u{202e}", "named": true })).await;
        assert_eq!(made.status(), 201);
        let location = made.headers()["location"].to_str().unwrap().to_owned();
        let made: Value = made.json().await.unwrap();
        assert_eq!((made["text"].as_str(), made["by"]["name"].as_str()), (Some("How long?"), Some("Dina Ford")));
        assert_eq!(made["by"]["school_name"], "Millbrook Elementary");
        let id = made["id"].as_str().unwrap();
        assert!(location.ends_with(&format!("/comments/{id}")), "{location}");
        let one = test.get(&format!("/api/v1/comments/{id}")).await;
        let tag = one.headers()["etag"].to_str().unwrap().to_owned();
        let again = test.client.get(&location).header("if-none-match", &tag).send().await.unwrap();
        assert_eq!(again.status(), 304);

        let ella = test.signed_in(ella, false).await;
        let answered = call(&ella, Method::POST, &format!("/comments/{id}/answers"), json!({ "text": "Ten minutes." })).await;
        assert_eq!(answered.status(), 201);
        let answered: Value = answered.json().await.unwrap();
        let answer = &answered["answers"][0];
        assert_eq!((answer["ground"].as_str(), answer["since"].as_str()), (Some("uses"), Some("2026-03-02")));
        assert!(answer["by"].get("name").is_none() && answer["accepted"] == false);
        let accepted = json!({ "answer": answer["id"] });
        let settled = call(&dina, Method::PUT, &format!("/comments/{id}/accepted"), accepted.clone()).await;
        let settled: Value = settled.json().await.unwrap();
        assert_eq!(settled["answers"][0]["accepted"], true);
        problem(call(&ella, Method::PUT, &format!("/comments/{id}/accepted"), accepted).await, 403).await;
        let wanted: Value = call(&ella, Method::POST, &format!("/comments/{id}/wants"), json!({})).await.json().await.unwrap();
        assert_eq!(wanted["asked_for_by"], 2);
        let wanted: Value = call(&ella, Method::DELETE, &format!("/comments/{id}/wants"), json!({})).await.json().await.unwrap();
        assert_eq!(wanted["asked_for_by"], 1);

        problem(test.client.post(format!("{}/api/v1{api}", test.base)).json(&json!({"text": "x"})).send().await.unwrap(), 401).await;
        for text in ["", " \u{200b} ", &"x".repeat(1001), "Call 212-555-0147 about it"] {
            let refused = problem(call(&dina, Method::POST, api, json!({ "text": text })).await, 422).await;
            assert_eq!(refused["errors"][0]["pointer"], "#/text", "{refused}");
        }
        let made = call(&dina, Method::POST, api, json!({ "text": "Call 212-555-0147 about it", "no_student": true })).await;
        assert_eq!(made.status(), 201, "whoever was warned may say that it is about no student");
        problem(test.get("/api/v1/comments/none").await, 404).await;
        problem(test.get(&format!("/api/v1/comments/{}", Uuid::nil())).await, 404).await;
        problem(test.get(&format!("/api/v1{api}?cursor=x")).await, 400).await;

        // Ten a day for a person, also at once; the day after others.
        let mut set = JoinSet::new();
        let dora = std::sync::Arc::new(test.signed_in(at.dora, false).await);
        for number in 0..16 {
            let dora = std::sync::Arc::clone(&dora);
            set.spawn(async move {
                let body = json!({ "text": format!("Question {number}?") });
                call(&dora, Method::POST, "/practices/number-talks-at-the-door/comments", body).await.status().as_u16()
            });
        }
        let mut answers = set.join_all().await;
        answers.sort_unstable();
        assert_eq!(answers, [[201; 10].as_slice(), &[429; 6]].concat());
        test.clock.set(test.clock.now() + TimeDelta::days(1));
        let dora = test.signed_in(at.dora, false).await;
        let made = call(&dora, Method::POST, api, json!({ "text": "A new day?" })).await;
        assert_eq!(made.status(), 201);
        let (mut seen, mut path) = (Vec::new(), format!("/api/v1{api}"));
        while seen.len() < 100 {
            let page = test.json(&path).await;
            assert_eq!(page["total"], 13);
            seen.extend(page["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/api/v1{api}?cursor={next}");
        }
        assert_eq!(seen.len(), 13);
    }
}

/// Texts that would be something else than text where somebody forgot to escape.
fn hostile() -> Vec<String> {
    let seeds = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</textarea><script>alert(1)</script>",
        "{{ 7*7 }}{% if true %}x{% endif %}",
        "javascript:alert(1)",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "=cmd|' /C calc'!A0",
        "<!--<svg onload=alert(1)>-->",
        "]]><script>alert(1)</script>",
        "\u{2028}<script>alert(1)</script>\u{202e}",
        "%3Cscript%3Ealert(1)%3C/script%3E",
    ];
    let wrapped = |seed: &str| [seed.to_owned(), format!("A question {seed} with more"), seed.to_uppercase()];
    seeds.into_iter().flat_map(wrapped).collect()
}

fn is_inert(html: &str) -> bool {
    let lower = html.to_lowercase();
    !["<script>alert", "<img src=x", "onerror=alert(1)>", "<svg onload", "' onmouseover='", "</textarea><script"]
        .iter()
        .any(|bad| lower.contains(bad))
}

both_engines! {
    async fn what_people_write_is_text_everywhere(test: TestApp) {
        let Scene { at, ella, .. } = scene(&test).await;
        assert!(!is_inert("x<SCRIPT>alert(1)</SCRIPT>"), "the test sees what it looks for");
        let mut seen = 0;
        for (number, text) in hostile().iter().enumerate() {
            if number % 10 == 0 {
                test.clock.set(test.clock.now() + TimeDelta::days(1));
            }
            let fresh = (test.signed_in(at.dina, false).await, test.signed_in(at.carl, false).await);
            let question = ask(&fresh.0, text, &[("no_student", "yes")]).await;
            fresh.1.post_on(&format!("{question}/answers"), &[("text", text), ("no_student", "yes")]).await;
            let page = fresh.0.page(&question).await;
            assert!(is_inert(&page), "{text}: {page}");
            seen += usize::from(page.matches("class=\"muted\"").count() >= 2);
            let api = test.get(&format!("/api/v1/comments/{}", question.rsplit('/').next().unwrap())).await;
            assert_eq!(api.headers()["content-type"], "application/json; charset=utf-8");
            let kept: Value = api.json().await.unwrap();
            assert_eq!(kept["text"], kept["answers"][0]["text"]);
        }
        assert_eq!(seen, hostile().len());
        for path in [PRACTICE.to_owned(), format!("{PRACTICE}/questions")] {
            let page = test.page(&path).await;
            assert!(is_inert(&page) && page.matches("Report").count() > 2, "{page}");
        }
        // Forms give back what was typed, as text.
        let (dina, ella) = (test.signed_in(at.dina, false).await, test.signed_in(ella, false).await);
        let long = format!("{}{}", hostile()[0], "x".repeat(5_000));
        for (browser, path) in [(&dina, "questions"), (&dina, "contact"), (&ella, "visits")] {
            let fields = [("text", long.as_str()), ("who", &long), ("purpose", &long), ("day_1", &long), ("people", &long)];
            let refused = browser.post(&format!("{PRACTICE}/{path}"), &fields).await;
            assert_eq!(refused.status(), 422, "{path}");
            let page = refused.text().await.unwrap();
            assert!(is_inert(&page) && page.contains("xxxx"), "{page}");
        }
        let text = "<script>alert(1)</script> & more";
        dina.post_on(&format!("{PRACTICE}/contact"), &[("text", text)]).await;
        let letter = test.letters("paula@harbor.example").await.into_iter().find(|one| one.kind == "contact_note").unwrap();
        assert!(is_inert(&test.page(&letter.path(&test.base)).await));
    }
}

both_engines! {
    async fn what_is_hidden_is_gone_from_every_page(test: TestApp) {
        let Scene { at, .. } = scene(&test).await;
        let (dina, carl) = (test.signed_in(at.dina, false).await, test.signed_in(at.carl, false).await);
        let question = ask(&dina, "Where is the question?", &[]).await;
        carl.post_on(&format!("{question}/answers"), &[("text", "Here is the answer.")]).await;
        let page = dina.page(&question).await;
        let answer: Uuid = id_after(&page, "id=\"answer-").parse().unwrap();
        let id: Uuid = question.rsplit('/').next().unwrap().parse().unwrap();
        let system = Actor::System("test");
        let set = async |kind: Kind, id: Uuid, hidden: bool| {
            let mut tx = test.db().write(system.clone()).await.unwrap();
            let permit = Permit::when(&system, true, "").unwrap();
            if hidden {
                talk::hide(&mut tx, &permit, kind, id).await.unwrap();
            } else {
                talk::unhide(&mut tx, &permit, kind, id).await.unwrap();
            }
            tx.commit().await.unwrap();
        };
        let api = "/api/v1/practices/number-talks-at-the-door/comments";
        let shown = async |words: &str| {
            let pages = [test.page(PRACTICE).await, test.page(&format!("{PRACTICE}/questions")).await];
            let api = test.json(api).await.to_string();
            [pages[0].contains(words), pages[1].contains(words), api.contains(words)]
        };
        set(Kind::Answer, answer, true).await;
        set(Kind::Answer, answer, true).await;
        assert_eq!(shown("Here is the answer").await, [false; 3]);
        assert_eq!(shown("Where is the question").await, [true; 3]);
        set(Kind::Question, id, true).await;
        assert_eq!(shown("Where is the question").await, [false; 3]);
        assert_eq!(dina.get(&question).await.status(), 404);
        assert_eq!(carl.post(&format!("{question}/answers"), &[("text", "More.")]).await.status(), 404);
        problem(test.get(&format!("/api/v1/comments/{id}")).await, 404).await;
        let excerpt = talk::excerpt(&test.db().cx(system.clone()), Kind::Answer, answer).await.unwrap();
        assert_eq!((excerpt.text.as_str(), excerpt.author, excerpt.hidden), ("Here is the answer.", at.carl, true));
        assert_eq!(excerpt.path, format!("{question}#answer-{answer}"));
        set(Kind::Question, id, false).await;
        set(Kind::Answer, answer, false).await;
        assert_eq!(shown("Here is the answer").await, [true; 3]);
        assert_eq!(test.how_many("event WHERE action IN ('talk.hidden', 'talk.shown')").await, 4);
        let mut tx = test.db().write(system.clone()).await.unwrap();
        let permit = Permit::when(&system, true, "").unwrap();
        assert!(talk::hide(&mut tx, &permit, Kind::Question, answer).await.is_err());
    }
}

both_engines! {
    async fn a_letter_is_passed_on_and_answered_without_an_address(test: TestApp) {
        let Scene { at, .. } = scene(&test).await;
        let path = format!("{PRACTICE}/contact");
        let led = test.browser().get(&path).await;
        assert_eq!(led.status(), 303);
        let guest = test.signed_in(test.account("gus@guest.example", "Gus Guest").await, false).await;
        assert_eq!(guest.post(&path, &[("text", "Hello")]).await.status(), 403);
        let dina = test.signed_in(at.dina, false).await;
        assert!(dina.page(&path).await.contains("Harbor Charter School"));
        let text = "May we call you on Friday?\n\nWe are three.";
        for _ in 0..2 {
            assert_eq!(dina.post_on(&path, &[("text", text)]).await, format!("{path}?done"));
        }
        let letters = test.letters("paula@harbor.example").await;
        assert_eq!(letters.len(), 1, "the same words are one letter: {letters:?}");
        let letter = &letters[0];
        assert!(letter.text.contains("We are three.") && letter.text.contains("Teacher or staff, Millbrook Elementary"));
        for secret in ["Dina", "dina", "millbrook.example"] {
            assert!(!letter.text.contains(secret), "{secret}: {}", letter.text);
        }
        assert_eq!(raw_of(&test, "paula@harbor.example").await.matches("millbrook.example").count(), 0);
        assert_eq!(raw_of(&test, "paula@harbor.example").await.to_lowercase().matches("reply-to").count(), 0);

        // The link shows, the button acts, for whom it was made.
        let link = letter.path(&test.base);
        assert!(link.starts_with("/talk/reply/"), "{link}");
        for _ in 0..3 {
            let page = test.page(&link).await;
            assert!(page.contains("We are three.") && page.contains("acts for Paula Quay"), "{page}");
        }
        assert_eq!(test.how_many("contact_note").await, 1, "looking changes nothing");
        assert_eq!(test.get(&link[..link.len() - 3]).await.status(), 404);
        let browser = test.browser();
        for _ in 0..2 {
            let to = browser.post_on(&link, &[("text", "Yes, at noon."), ("named", "yes")]).await;
            assert_eq!(to, format!("{link}?done"));
        }
        let letters = test.letters("dina@millbrook.example").await;
        assert_eq!(letters.len(), 1);
        assert!(letters[0].text.contains("Yes, at noon.") && letters[0].text.contains("Paula Quay, Principal, Harbor"));
        assert!(!raw_of(&test, "dina@millbrook.example").await.contains("harbor.example"));
        // And back again.
        let back = letters[0].path(&test.base);
        browser.post_on(&back, &[("text", "Then on Friday.")]).await;
        assert_eq!(kinds(&test, "paula@harbor.example").await, tally([("contact_note", 1), ("contact_reply", 1)]));

        // The school names somebody: letters and questions go to them.
        let settings = format!("{path}/settings");
        for other in [at.carl, at.pete, at.dina] {
            let other = test.signed_in(other, false).await;
            assert_eq!(other.get(&settings).await.status(), 404);
            assert_eq!(other.post(&settings, &[("account", &at.carl.to_string())]).await.status(), 404);
        }
        let paula = test.signed_in(at.paula, false).await;
        assert!(paula.page(&path).await.contains("/contact/settings"));
        assert!(paula.page(&settings).await.contains("Carl Pier"));
        assert_eq!(paula.post(&settings, &[("account", &at.pete.to_string())]).await.status(), 422);
        paula.post_on(&settings, &[("account", &at.carl.to_string())]).await;
        dina.post_on(&path, &[("text", "A second letter.")]).await;
        ask(&dina, "A question in public?", &[]).await;
        assert_eq!(kinds(&test, "carl@harbor.example").await, tally([("contact_note", 1), ("practice_question", 1)]));
        assert_eq!(kinds(&test, "paula@harbor.example").await, tally([("contact_note", 1), ("contact_reply", 1)]));
        // Who left is asked no more.
        let membership: Vec<Uuid> = test.cells(&format!("SELECT id FROM membership WHERE account_id = {}", literal(&test, at.carl.0))).await;
        let ended = paula.post(&format!("/schools/harbor-charter-school/staff/{}/end", membership[0]), &[]).await;
        assert_eq!(ended.status(), 303);
        dina.post_on(&path, &[("text", "A third letter.")]).await;
        assert_eq!(kinds(&test, "paula@harbor.example").await.get("contact_note"), Some(&2));

        // Five a day, the person's own count.
        for number in 4..=5 {
            dina.post_on(&path, &[("text", &format!("Letter {number}"))]).await;
        }
        let refused = dina.post(&path, &[("text", "Letter 6")]).await;
        assert_eq!(refused.status(), 429);
        assert!(refused.text().await.unwrap().contains("Letter 6"), "nothing typed is lost");
        let dora = test.signed_in(at.dora, false).await;
        dora.post_on(&path, &[("text", "From somebody else.")]).await;

        // After 90 days they are gone, and their links.
        assert!(test.how_many("contact_note").await >= 8);
        test.clock.set(test.clock.now() + TimeDelta::days(89));
        App::jobs().run_due(test.db()).await.unwrap();
        assert!(test.how_many("contact_note").await >= 8);
        assert_eq!(test.get(&back).await.status(), 200);
        test.clock.set(test.clock.now() + TimeDelta::days(2));
        for round in 0.. {
            // The server may have taken the job a moment before.
            App::jobs().run_due(test.db()).await.unwrap();
            if test.how_many("contact_note").await + test.how_many("talk_limit").await == 0 {
                break;
            }
            assert!(round < 100, "letters stay");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert_eq!(test.get(&back).await.status(), 410);
    }
}

/// An id as a query has it.
fn literal(test: &TestApp, id: Uuid) -> String {
    match test.database.url {
        commonground::platform::config::DatabaseUrl::Sqlite(_) => format!("x'{}'", id.simple()),
        commonground::platform::config::DatabaseUrl::Postgres(_) => format!("'{id}'"),
    }
}

/// Every letter to an address as it goes over the wire, but for the line that says to whom.
async fn raw_of(test: &TestApp, email: &str) -> String {
    use commonground::mail::{LetterId, outbox};
    let head = test.app.letterhead(&test.base.as_str().into()).unwrap();
    let ids: Vec<Uuid> = test.cells(&format!("SELECT id FROM outbox WHERE recipient = '{email}'")).await;
    let mut all = String::new();
    for id in ids {
        let raw = outbox::message(&test.db().cx(Actor::System("test")), &head, LetterId(id)).await.unwrap();
        let raw = String::from_utf8_lossy(&raw).into_owned();
        all.extend(raw.lines().filter(|line| !line.starts_with("To:")).map(|line| format!("{line}\n")));
    }
    all
}

const VISIT: [(&str, &str); 4] = [
    ("day_1", "2026-11-05"),
    ("people", "3"),
    ("who", "Two teachers and a coach"),
    ("purpose", "To see <how> it begins."),
];

/// Asks for a visit, and gives the path of its page.
async fn ask_visit(browser: &Browser, fields: &[(&str, &str)]) -> String {
    let to = browser.post_on(&format!("{PRACTICE}/visits"), fields).await;
    to.strip_suffix("?done").unwrap().to_owned()
}

both_engines! {
    async fn a_visit_is_asked_for_and_decided_by_letters(test: TestApp) {
        let Scene { at, erin, .. } = scene(&test).await;
        let list = format!("{PRACTICE}/visits");
        let page = test.page(&list).await;
        assert!(page.contains("Visits from August to December 2026: 2 of 2 left") && page.contains("Sign in"), "{page}");
        let carl = test.signed_in(at.carl, false).await;
        assert_eq!(carl.post(&list, &VISIT).await.status(), 403, "nobody visits their own school");
        let dina = test.signed_in(at.dina, false).await;
        for (field, value) in [("day_1", "2026-10-14"), ("day_1", "2028-01-01"), ("day_1", "soon"), ("people", "0"), ("people", "31"), ("who", ""), ("purpose", " ")] {
            let fields: Vec<_> = VISIT.iter().map(|(name, typed)| (*name, if *name == field { value } else { *typed })).collect();
            let refused = dina.post(&list, &fields).await;
            assert_eq!(refused.status(), 422, "{field}={value}");
            assert!(refused.text().await.unwrap().contains(&format!("href=\"#{field}\"")), "{field}={value}");
        }
        let mut fields = VISIT.to_vec();
        fields.push(("day_2", "2026-11-12"));
        let first = ask_visit(&dina, &fields).await;
        assert_eq!(dina.post(&list, &VISIT).await.status(), 409, "one at a time waits");
        let letters = test.letters("paula@harbor.example").await;
        assert_eq!((letters.len(), letters[0].kind.as_str()), (1, "visit_asked"));
        let text = &letters[0].text;
        assert!(text.contains("Dina Ford") && text.contains("Thursday, November 12, 2026") && !text.contains("dina@"), "{text}");
        assert_eq!(kinds(&test, "dina@millbrook.example").await, tally([]));

        // Nobody else knows of it.
        for other in [at.dora, at.carl, at.pete] {
            let other = test.signed_in(other, false).await;
            assert_eq!(other.get(&first).await.status(), 404);
            assert_eq!(other.post(&first, &[("decision", "decline")]).await.status(), 404);
            assert!(!other.page(&list).await.contains("Dina Ford"));
        }

        // The principal decides by the link, without a sign-in.
        let (link, browser) = (letters[0].path(&test.base), test.browser());
        let page = test.page(&link).await;
        assert!(page.contains("acts for Paula Quay") && page.contains("&#60;how&#62;"), "{page}");
        assert_eq!(browser.post(&link, &[("decision", "agree")]).await.status(), 403);
        assert_eq!(browser.post(&link, &[("decision", "accept")]).await.status(), 422);
        let stranger = [("decision", "accept"), ("day", "2026-11-06")];
        assert_eq!(browser.post(&link, &stranger).await.status(), 422, "a day that was not wished for");
        let accept = [("decision", "accept"), ("day", "2026-11-12"), ("note", "Use the north door.")];
        for _ in 0..2 {
            browser.post_on(&link, &accept).await;
        }
        let letters = test.letters("dina@millbrook.example").await;
        assert_eq!((letters.len(), letters[0].kind.as_str()), (1, "visit_accepted"), "said twice is told once");
        assert_eq!(letters[0].subject, "You can visit Harbor Charter School on Thursday, November 12, 2026");
        assert!(letters[0].text.contains("Use the north door.") && !letters[0].text.contains("harbor.example"));
        assert!(test.page(&list).await.contains("1 of 2 left"));
        assert!(dina.page(&first).await.contains("Agreed: Thursday, November 12, 2026"));

        // Another day is proposed and agreed to; then the term is full. Who leads the school too hears what was answered.
        let pia = test.account("pia@harbor.example", "Pia Quint").await;
        test.appoint(pia, Role::Principal, Place::School(at.harbor.0)).await;
        let erin = test.signed_in(erin, false).await;
        let second = ask_visit(&erin, &VISIT).await;
        let paula = test.signed_in(at.paula, false).await;
        assert!(paula.page(&list).await.contains("Erin Bark"));
        paula.post_on(&second, &[("decision", "propose"), ("other", "2026-12-03")]).await;
        assert_eq!(kinds(&test, "erin@elm.example").await, tally([("visit_proposed", 1)]));
        let proposal = test.letters("erin@elm.example").await[0].path(&test.base);
        assert!(test.page(&proposal).await.contains("Does Thursday, December 3, 2026 do?"));
        browser.post_on(&proposal, &[("decision", "agree")]).await;
        assert_eq!(kinds(&test, "paula@harbor.example").await, tally([("visit_asked", 2), ("visit_agreed", 1)]));
        let dora = test.signed_in(at.dora, false).await;
        let full = dora.post(&list, &VISIT).await;
        assert_eq!(full.status(), 422);
        assert!(full.text().await.unwrap().contains("2 visits from August to December 2026, and that is reached"));
        let third = ask_visit(&dora, &[&VISIT[1..], &[("day_1", "2027-02-03")]].concat()).await;
        let over = [("decision", "propose"), ("other", "2026-11-20")];
        assert_eq!(paula.post(&third, &over).await.status(), 422, "no more in this term");
        paula.post_on(&third, &[("decision", "decline"), ("note", "Not this year.")]).await;
        assert_eq!(kinds(&test, "dora@millbrook.example").await, tally([("visit_declined", 1)]));
        assert_eq!(paula.post(&third, &[("decision", "accept"), ("day", "2027-02-03")]).await.status(), 409);
        let told = [("visit_asked", 2), ("visit_proposed_copy", 1), ("visit_agreed", 1), ("visit_declined_copy", 1)];
        assert_eq!(kinds(&test, "pia@harbor.example").await, tally(told));

        // Giving one back makes room and tells the school, once.
        for _ in 0..2 {
            dina.post_on(&first, &[("decision", "withdraw")]).await;
        }
        assert_eq!(kinds(&test, "paula@harbor.example").await["visit_withdrawn"], 1);
        assert!(test.page(&list).await.contains("1 of 2 left"));
        // The school cancels what was agreed.
        paula.post_on(&second, &[("decision", "decline")]).await;
        assert_eq!(kinds(&test, "erin@elm.example").await, tally([("visit_proposed", 1), ("visit_declined", 1)]));
        assert_eq!(test.get(&proposal).await.status(), 200);
        // Who leads no more decides no more.
        ask_visit(&dora, &VISIT).await;
        let link = test.letters("paula@harbor.example").await.pop().unwrap().path(&test.base);
        let of_paula = format!("SELECT id FROM membership WHERE account_id = {}", literal(&test, at.paula.0));
        let membership: Vec<Uuid> = test.cells(&of_paula).await;
        let ended = paula.post(&format!("/schools/harbor-charter-school/staff/{}/end", membership[0]), &[]).await;
        assert_eq!(ended.status(), 303);
        assert_eq!(test.get(&link).await.status(), 404);
        assert_eq!(browser.post(&link, &accept).await.status(), 404);
    }
}

both_engines! {
    async fn no_visit_where_the_school_takes_none(test: TestApp) {
        let Scene { at, .. } = scene_with(&test, json!({ "open_to_visits": false })).await;
        assert!(!test.page(PRACTICE).await.contains(&format!("{PRACTICE}/visits")));
        assert!(test.page(&format!("{PRACTICE}/visits")).await.contains("takes no visits"));
        let dina = test.signed_in(at.dina, false).await;
        assert_eq!(dina.post(&format!("{PRACTICE}/visits"), &VISIT).await.status(), 409);
    }
}

/// Twelve people ask for a day of one term, and the principal accepts all of them at one moment.
async fn all_are_accepted_at_once(test: &TestApp, exchange: Exchange) -> i64 {
    let Scene { at, .. } = scene(test).await;
    let mut visits: Vec<VisitId> = Vec::new();
    for number in 0..12 {
        let email = format!("guest{number}@millbrook.example");
        let id = test.person(&email, "Gil Guest", Role::Teacher, at.millbrook).await;
        let path = ask_visit(&test.signed_in(id, false).await, &VISIT).await;
        visits.push(path.rsplit('/').next().unwrap().parse().unwrap());
    }
    let paula = {
        let cx = test.db().cx(Actor::System("test"));
        let via = commonground::platform::Via::SignIn(Uuid::nil());
        let scope = commonground::platform::Scope::Write;
        commonground::people::account::actor(&cx, at.paula, via, test.clock.now(), scope, false).await.unwrap().unwrap()
    };
    let mut set = JoinSet::new();
    for id in visits {
        let (db, exchange, paula) = (test.db().clone(), exchange.clone(), paula.clone());
        set.spawn(async move {
            let mut tx = db.write(paula).await.unwrap();
            let word = Word::Accept("2026-11-05".parse().unwrap());
            if visit::say(&mut tx, &exchange, id, word, "").await.is_ok() {
                tx.commit().await.unwrap();
            }
        });
    }
    set.join_all().await;
    let letters = test.how_many("outbox WHERE kind = 'visit_accepted'").await;
    let accepted = test.how_many("visit WHERE state = 'accepted'").await;
    assert_eq!(letters, accepted, "one letter for each");
    accepted
}

both_engines! {
    async fn a_school_never_gets_more_visits_than_it_takes(test: TestApp) {
        let exchange = test.exchange();
        assert_eq!(all_are_accepted_at_once(&test, exchange).await, 2);
    }
}

/// The control of the test above: without the lock PostgreSQL accepts more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_lock_more_visits_are_accepted() {
    let test = TestApp::start(Engine::Postgres).await;
    let exchange = test.exchange().without_holding();
    let accepted = all_are_accepted_at_once(&test, exchange).await;
    assert!(accepted > 2, "{accepted} visits: the test of the lock sees nothing");
}

both_engines! {
    async fn a_person_takes_everything_along_and_leaves_nothing(test: TestApp) {
        let Scene { at, ella, .. } = scene(&test).await;
        let dina = test.signed_in(at.dina, false).await;
        let question = ask(&dina, "Kanarie asks with an answer?", &[("named", "yes")]).await;
        let bare = ask(&dina, "Kanarie asks without?", &[]).await;
        let carl = test.signed_in(at.carl, false).await;
        carl.post_on(&format!("{question}/answers"), &[("text", "An answer that stays.")]).await;
        let other = ask(&test.signed_in(ella, false).await, "Somebody else asks?", &[]).await;
        dina.post_on(&format!("{other}/wants"), &[("wanted", "yes")]).await;
        dina.post_on(&format!("{PRACTICE}/contact"), &[("text", "Kanarie writes a letter.")]).await;
        let link = test.letters("paula@harbor.example").await.pop().unwrap().path(&test.base);
        test.browser().post_on(&link, &[("text", "To Kanarie, an answer.")]).await;
        let fields = [&VISIT[..2], &[("who", "Kanarie and two"), ("purpose", "Kanarie wants to see it")]].concat();
        ask_visit(&dina, &fields).await;

        let zip = dina.get("/me/data.zip").await.bytes().await.unwrap();
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
        let mut files = BTreeMap::new();
        for at in 0..archive.len() {
            let mut file = archive.by_index(at).unwrap();
            let mut text = String::new();
            std::io::Read::read_to_string(&mut file, &mut text).unwrap();
            files.insert(file.name().unwrap().into_owned(), text);
        }
        for (name, words) in [
            ("questions", "Kanarie asks with an answer?"),
            ("questions_wanted", "question"),
            ("contact_letters", "To Kanarie, an answer."),
            ("visits", "Kanarie wants to see it"),
        ] {
            let text = files.get(&format!("{name}.json")).unwrap_or_else(|| panic!("{name}: {:?}", files.keys()));
            assert!(text.contains(words), "{name}: {text}");
        }
        let gone = dina.post("/me/data/erasure", &[("email", "dina@millbrook.example")]).await;
        assert_eq!(gone.status(), 200);
        for table in ["question", "answer", "contact_note", "visit"] {
            let columns = if table == "visit" { "who || purpose || note" } else { "text" };
            let left: Vec<String> = test.cells(&format!("SELECT {columns} FROM {table}")).await;
            assert!(left.iter().all(|text| !text.contains("Kanarie")), "{table}: {left:?}");
        }
        assert_eq!(test.how_many("outbox WHERE content LIKE '%Kanarie%' OR content LIKE '%Dina Ford%'").await, 0);
        assert_eq!(test.browser().get(&bare).await.status(), 404);
        let page = test.page(&question).await;
        assert!(page.contains("An answer that stays.") && page.contains("took the words of this question out"), "{page}");
        assert!(!page.contains("Dina Ford"));
        assert!(!test.page(&other).await.contains("Asked for by"), "one less wants to know");
        let told = test.letters("paula@harbor.example").await.pop().unwrap();
        assert_eq!(told.kind, "visit_withdrawn", "the school hears that nobody comes");
        assert!(!told.text.contains("Dina"));
    }
}

/// Pages cost as many statements with twenty questions as with two.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_talk_cost_the_same_with_many() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let test = TestApp::start(engine).await;
        let Scene { at, ella, .. } = scene(&test).await;
        let slug = &PRACTICE[11..];
        let mut costs: Vec<Vec<u64>> = Vec::new();
        for (many, day) in [(2, 0), (9, 1), (9, 1)] {
            test.clock.set(test.clock.now() + TimeDelta::days(day));
            let (dina, carl) = (test.signed_in(at.dina, false).await, test.signed_in(at.carl, false).await);
            let ella = test.signed_in(ella, false).await;
            for number in 0..many {
                let question = ask(&dina, &format!("Question {number} of {}?", costs.len()), &[("named", "yes")]).await;
                for answerer in [&carl, &ella] {
                    answerer.post_on(&format!("{question}/answers"), &[("text", "So."), ("named", "yes")]).await;
                }
            }
            test.settle().await;
            let still = Still::on(test.database.share()).await;
            let mut round = Vec::new();
            for path in [
                PRACTICE.to_owned(),
                format!("{PRACTICE}/questions"),
                format!("{PRACTICE}/visits"),
                format!("/api/v1/practices/{slug}/comments"),
            ] {
                still.get(&path).await;
                let before = still.app.db.statements();
                still.get(&path).await;
                round.push(still.app.db.statements() - before);
            }
            costs.push(round);
        }
        assert!(costs[0].iter().all(|count| *count > 0), "{costs:?}");
        assert_eq!(costs[0], costs[2], "{costs:?}");
    }
}
