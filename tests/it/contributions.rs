//! Contributions through the front, on both engines.

use commonground::people::{AccountId, SchoolId};
use commonground::platform::{Place, Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::hostile;
use crate::support::html::{decode, elements};
use crate::support::persons::Browser;
use crate::support::{TestApp, both_engines, problem};

/// The value of a form's field on a page.
fn value(page: &str, name: &str) -> String {
    let all = elements(page);
    let input = all.iter().find(|e| e.get("name") == Some(name)).unwrap_or_else(|| panic!("no {name} in {page}"));
    if input.name == "textarea" {
        input.text.trim().to_owned()
    } else {
        input.get("value").unwrap_or_default().to_owned()
    }
}

/// Begins a practice by the short form: its page.
async fn begin(browser: &Browser, school: SchoolId, title: &str) -> String {
    let school = school.to_string();
    let fields = [
        ("school", school.as_str()),
        ("title", title),
        ("summary", "We greet each student. Lessons begin in two minutes."),
        ("problem", "Lessons began late."),
        ("steps/0/what", "Stand at the door."),
        ("grade_bands", "k_2"),
        ("topics", "classroom_management"),
    ];
    let to = browser.post_on("/practices/new", &fields).await;
    to.strip_suffix("?done=begun").unwrap_or_else(|| panic!("{to}")).to_owned()
}

/// What the draft of a contribution says, over the API.
async fn document(browser: &Browser, url: &str) -> Value {
    let mine: Value = browser.get("/api/v1/me/contributions").await.json().await.unwrap();
    let item = mine["items"].as_array().unwrap().iter().find(|item| item["url"].as_str().unwrap().ends_with(url));
    let practice = item.unwrap_or_else(|| panic!("{url} is not in {mine}"))["practice_id"].as_str().unwrap();
    browser.get(&format!("/api/v1/practices/{practice}/draft")).await.json().await.unwrap()
}

both_engines! {
    async fn a_newcomer_contributes_by_the_short_form(test: TestApp) {
        let at = test.two_schools().await;
        let visitor = test.browser().get("/practices/new").await;
        assert_eq!(visitor.headers()["location"], "/sign-in?next=%2Fpractices%2Fnew");
        let nobody = test.account("nora@nowhere.example", "Nora Nowhere").await;
        let nora = test.signed_in(nobody, false).await;
        assert!(nora.page("/practices/new").await.contains("href=\"/welcome\""));
        let harbor = at.harbor.to_string();
        let fields = [("school", harbor.as_str()), ("title", "Door")];
        assert_eq!(nora.post("/practices/new", &fields).await.status(), 403);

        let carl = test.signed_in(at.carl, false).await;
        let form = carl.page("/practices/new").await;
        assert!(form.contains("Harbor Charter School") && form.contains("name=\"steps/2/what\""));
        // A row more: everything typed is still there, and nothing is saved.
        let more = carl.post("/practices/new", &[("title", "Door"), ("steps/0/what", "Greet"), ("add", "steps")]).await;
        let more = more.text().await.unwrap();
        assert_eq!((value(&more, "title"), value(&more, "steps/0/what"), value(&more, "steps/1/what")), ("Door".into(), "Greet".into(), String::new()));
        let less = carl.post("/practices/new", &[("steps/0/what", "A"), ("steps/1/what", "B"), ("remove", "steps/0")]).await;
        assert_eq!(value(&less.text().await.unwrap(), "steps/0/what"), "B");
        let untitled = carl.post("/practices/new", &[("school", harbor.as_str()), ("problem", "Noise")]).await;
        assert_eq!(untitled.status(), 422);
        let untitled = untitled.text().await.unwrap();
        assert!(untitled.contains("Give it a title") && value(&untitled, "problem") == "Noise");
        assert!(carl.page("/me/contributions").await.contains("You write none yet"));

        let url = begin(&carl, at.harbor, "Greeting at the door").await;
        let page = carl.page(&url).await;
        assert!(page.contains("<h1>Greeting at the door</h1>") && page.contains("of 39 parts") || page.contains("parts are filled in"));
        assert!(page.contains("What is missing, and why it helps") && page.contains(&format!("{url}/how#weekly_time")));
        assert!(carl.page("/me/contributions").await.contains("Greeting at the door"));
        for section in ["snapshot", "what", "worked", "how", "before", "more"] {
            let page = carl.page(&format!("{url}/{section}")).await;
            assert_eq!(page.matches("<h1").count(), 1, "{section}");
        }
        let preview = carl.page(&format!("{url}/preview")).await;
        assert!(preview.contains("This is a preview") && preview.contains("<h1>Greeting at the door</h1>") && preview.contains("noindex"));
        assert!(!test.page("/search?q=greeting").await.contains("Greeting at the door"), "a draft is not found");

        // Nobody else may know of it but the leads of the school.
        for (account, status) in [(at.cora, 404), (at.pete, 404), (nobody, 404), (at.paula, 200)] {
            let browser = test.signed_in(account, true).await;
            for path in [url.clone(), format!("{url}/preview"), format!("{url}/history")] {
                assert_eq!(browser.get(&path).await.status(), status, "{path}");
            }
        }
        assert_eq!(carl.get("/contributions/nonsense").await.status(), 404);
        assert_eq!(carl.get(&format!("{url}/nonsense")).await.status(), 404);

        assert_eq!(carl.post_on(&format!("{url}/deletion"), &[]).await, "/me/contributions?done=discarded");
        assert_eq!(carl.get(&url).await.status(), 404);
        let events: Value = {
            let admin = test.account("ada@city.example", "Ada Admin").await;
            test.appoint(admin, Role::CityAdmin, Place::Installation).await;
            test.signed_in(admin, true).await.get("/api/v1/audit-events?action=contribution.begun").await.json().await.unwrap()
        };
        assert_eq!(events["items"].as_array().unwrap().len(), 1, "{events}");
        assert!(!events.to_string().contains("Greeting"), "the trail holds no words: {events}");
    }
}

both_engines! {
    async fn two_people_who_write_at_once_lose_nothing(test: TestApp) {
        let at = test.two_schools().await;
        let (carl, cora) = (test.signed_in(at.carl, false).await, test.signed_in(at.cora, false).await);
        let url = begin(&carl, at.harbor, "Greeting at the door").await;
        let wrong = carl.post(&format!("{url}/editors"), &[("email", "dina@millbrook.example")]).await;
        assert_eq!(wrong.status(), 422, "somebody of another school");
        assert_eq!(carl.post_on(&format!("{url}/editors"), &[("email", "cora@harbor.example")]).await, format!("{url}?done=editor"));
        assert!(cora.page("/me/notifications").await.contains("You can write with colleagues now"));

        // Both open the same section.
        let section = format!("{url}/before");
        let (his, hers) = (carl.page(&section).await, cora.page(&section).await);
        let (r1, r2) = (value(&his, "revision"), value(&hers, "revision"));
        assert_eq!(r1, r2);
        let to = carl.post_on(&section, &[("revision", &r1), ("pitfalls", "Rushing"), ("how_to_keep_it_going", "Two people know it."), ("then", "back")]).await;
        assert_eq!(to, format!("{url}?done=saved"));
        // Another field: both stand.
        let hers = cora.post(&section, &[("revision", &r2), ("prerequisites", "A clear door"), ("how_to_keep_it_going", "A poster."), ("then", "back")]).await;
        assert_eq!(hers.status(), 409);
        let hers = hers.text().await.unwrap();
        assert_eq!(value(&hers, "pitfalls"), "Rushing", "his other field is there");
        assert_eq!(value(&hers, "prerequisites"), "A clear door", "and so is hers");
        assert_eq!(value(&hers, "how_to_keep_it_going"), "Two people know it.", "the first one stands");
        assert!(decode(&hers).contains("A poster."), "her words are beside it");
        let said = document(&carl, &url).await;
        assert_eq!(said["fields"]["prerequisites"], json!(["A clear door"]));
        assert_eq!(said["fields"]["how_to_keep_it_going"], "Two people know it.");
        // She wants hers, and keeps what she typed meanwhile.
        let revision = value(&hers, "revision");
        let mine = value(&hers, "mine/how_to_keep_it_going");
        let fields = [
            ("revision", revision.as_str()),
            ("pitfalls", "Rushing\nSkipping the bell"),
            ("prerequisites", "A clear door"),
            ("how_to_keep_it_going", "Two people know it."),
            ("mine/how_to_keep_it_going", mine.as_str()),
            ("use", "how_to_keep_it_going"),
        ];
        let settled = cora.post(&section, &fields).await;
        assert_eq!(settled.status(), 200);
        let said = document(&carl, &url).await;
        assert_eq!(said["fields"]["how_to_keep_it_going"], "A poster.");
        assert_eq!(said["fields"]["pitfalls"], json!(["Rushing", "Skipping the bell"]));
        let history = carl.page(&format!("{url}/history")).await;
        for words in ["Two people know it.", "A poster.", "Carl Pier", "Cora Buoy"] {
            assert!(decode(&history).contains(words), "{words}");
        }

        // By script: others' words are told of, conflicts are left to the person, and nothing is kept then.
        let by_script = async |browser: &Browser, fields: &[(&str, &str)]| {
            let request = test.client.post(browser.url(&section)).form(fields).header("sec-fetch-site", "same-origin");
            let answer = browser.send(request.header("accept", "application/json")).await;
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
        };
        let revision = value(&carl.page(&section).await, "revision");
        let base = [("revision", revision.as_str()), ("prerequisites", "A clear door"), ("how_to_keep_it_going", "A poster.")];
        let with = |field, words| [base.as_slice(), &[("pitfalls", "Rushing\nSkipping the bell"), (field, words)]].concat();
        let (status, saved) = by_script(&carl, &with("first_week", "Practice it.")).await;
        assert_eq!((status, &saved["others"]), (200, &json!(false)));
        let (status, again) = by_script(&carl, &with("first_week", "Practice it.")).await;
        assert_eq!((status, &again["revision"]), (200, &saved["revision"]), "saying the same is no save");
        let (status, saved) = by_script(&cora, &with("not_a_fit_when", "There is no door.")).await;
        assert_eq!((status, &saved["others"]), (200, &json!(true)), "her form does not show his line");
        let (status, refused) = by_script(&cora, &with("first_week", "Watch it.")).await;
        assert_eq!(status, 409);
        assert!(refused["detail"].as_str().unwrap().contains("Press Save"), "{refused}");
        let said = document(&carl, &url).await;
        assert_eq!((&said["fields"]["first_week"], &said["revision"]), (&json!(["Practice it."]), &saved["revision"]));

        // Out again.
        let gone = carl.post_on(&format!("{url}/editors/{}/removal", at.cora), &[]).await;
        assert_eq!(gone, format!("{url}?done=editor_gone"));
        assert_eq!(cora.get(&url).await.status(), 404);
        assert_eq!(cora.post(&section, &base).await.status(), 404);
    }
}

both_engines! {
    async fn a_text_that_may_point_at_a_student_is_asked_about(test: TestApp) {
        let at = test.two_schools().await;
        let carl = test.signed_in(at.carl, false).await;
        let url = begin(&carl, at.harbor, "Greeting at the door").await;
        let section = format!("{url}/how");
        let revision = value(&carl.page(&section).await, "revision");
        let note = "It began with Jayden, a third grader.";
        let fields = [("revision", revision.as_str()), ("conditions_note", note), ("cost_note", "Paper"), ("then", "back")];
        let asked = carl.post(&section, &fields).await;
        assert_eq!(asked.status(), 422);
        let asked = asked.text().await.unwrap();
        assert!(asked.contains("Could this point at a student?") && asked.contains("<q>Jayden</q>"), "{asked}");
        assert_eq!((value(&asked, "conditions_note"), value(&asked, "cost_note")), (note.to_owned(), "Paper".to_owned()));
        assert!(document(&carl, &url).await["fields"].get("cost_note").is_none(), "nothing is saved");
        let mark = value(&asked, "clear");
        let saved = carl.post_on(&section, &[fields.as_slice(), &[("clear", &mark)]].concat()).await;
        assert_eq!(saved, format!("{url}?done=saved"));
        assert_eq!(document(&carl, &url).await["fields"]["conditions_note"], note);
        // Said once, it is not asked again; another piece is.
        let revision = value(&carl.page(&section).await, "revision");
        let again = [("revision", revision.as_str()), ("conditions_note", note), ("cost_note", "Paper and chalk"), ("then", "back")];
        assert_eq!(carl.post_on(&section, &again).await, format!("{url}?done=saved"));
        let other = [("revision", "1"), ("who_decided", "Call 518-555-0142."), ("conditions_note", note), ("cost_note", "Paper and chalk")];
        assert_eq!(carl.post(&section, &other).await.status(), 422);
        // The short form asks as well, and so does the API, by a mark.
        let harbor = at.harbor.to_string();
        let short = [("school", harbor.as_str()), ("title", "Helping Jayden, a third grader"), ("problem", "Noise")];
        let asked = carl.post("/practices/new", &short).await;
        assert_eq!(asked.status(), 422);
        let mark = value(&asked.text().await.unwrap(), "clear");
        let to = carl.post_on("/practices/new", &[short.as_slice(), &[("clear", &mark)]].concat()).await;
        assert!(to.ends_with("?done=begun"));
        let body = json!({ "school": harbor, "fields": { "title": "Calls", "problem": "Only 3 students were suspended." } });
        let request = test.client.post(carl.url("/api/v1/practices")).json(&body).header("sec-fetch-site", "same-origin");
        let refused = problem(carl.send(request).await, 422).await;
        assert!(refused.to_string().contains("3 students"), "{refused}");
    }
}

async fn put(test: &TestApp, browser: &Browser, practice: &str, tag: Option<&str>, body: Value) -> reqwest::Response {
    let url = browser.url(&format!("/api/v1/practices/{practice}/draft"));
    let mut request = test.client.request(Method::PUT, url).json(&body).header("sec-fetch-site", "same-origin");
    if let Some(tag) = tag {
        request = request.header("if-match", tag);
    }
    browser.send(request).await
}

both_engines! {
    async fn a_program_writes_a_draft_by_its_tag(test: TestApp) {
        let at = test.two_schools().await;
        let carl = test.signed_in(at.carl, false).await;
        let body = json!({ "school": "harbor-charter-school", "fields": { "title": "  Door ", "steps": [{ "what": "Greet" }, {}], "in_use_since": 2021 } });
        let request = test.client.post(carl.url("/api/v1/practices")).json(&body).header("sec-fetch-site", "same-origin");
        let made = carl.send(request).await;
        assert_eq!(made.status(), 201);
        let (location, tag) = (made.headers()["location"].to_str().unwrap().to_owned(), made.headers()["etag"].to_str().unwrap().to_owned());
        let made: Value = made.json().await.unwrap();
        assert_eq!(made["fields"], json!({ "title": "Door", "steps": [{ "what": "Greet" }], "in_use_since": "2021" }));
        assert_eq!((&made["state"], &made["after"], &made["revision"]), (&json!("draft"), &json!(0), &json!(1)));
        let practice = made["practice_id"].as_str().unwrap();
        assert!(location.ends_with(&format!("/api/v1/practices/{practice}/draft")));
        problem(put(&test, &carl, practice, None, json!({ "fields": {} })).await, 428).await;
        let now = put(&test, &carl, practice, Some(&tag), json!({ "fields": { "summary": "S", "in_use_since": null, "topics": ["none such"] } })).await;
        assert_eq!(now.status(), 200);
        let next = now.headers()["etag"].to_str().unwrap().to_owned();
        let now: Value = now.json().await.unwrap();
        assert_eq!(now["fields"], json!({ "title": "Door", "summary": "S", "steps": [{ "what": "Greet" }], "topics": ["none such"] }));
        assert_eq!(now["corrections"][0]["field"], "topics/0", "kept, and told");
        problem(put(&test, &carl, practice, Some(&tag), json!({ "fields": { "summary": "T" } })).await, 412).await;
        for (wrong, place) in [(json!({ "shoe_size": "44" }), "#/fields/shoe_size"), (json!({ "evidence_claims": [{ "outcome": "Reading", "tier": "essa_1", "citation": "A" }] }), "#/evidence_claims/0/tier")] {
            let refused = problem(put(&test, &carl, practice, Some(&next), json!({ "fields": wrong })).await, 422).await;
            assert!(refused.to_string().contains(place), "{refused}");
        }
        let dina = test.signed_in(at.dina, false).await;
        problem(put(&test, &dina, practice, Some(&next), json!({ "fields": {} })).await, 404).await;
        problem(dina.get(&format!("/api/v1/practices/{practice}/draft")).await, 404).await;
        problem(test.get(&format!("/api/v1/practices/{practice}/draft")).await, 401).await;
        problem(test.get("/api/v1/me/contributions").await, 401).await;
        let request = test.client.post(dina.url("/api/v1/practices")).json(&body).header("sec-fetch-site", "same-origin");
        problem(dina.send(request).await, 403).await;
    }
}

both_engines! {
    async fn a_copy_keeps_its_reference_and_a_next_version_is_one_at_a_time(test: TestApp) {
        let at = test.two_schools().await;
        test.import(&[json!({
            "source": "t:1", "title": "Marble jar", "summary": "A jar fills. Calm grows.", "origin_school": at.harbor.to_string(),
            "problem": "**Noise** <b>everywhere</b>", "steps": [{"what": "Fill it", "who": "All", "how_long": "1 minute"}],
            "contact_role": "Dean", "in_use_since": "2020",
            "evidence_claims": [{"outcome": "Calm", "tier": "essa_2", "citation": "A study", "students": "400", "applies_to": "idea"}]
        })]).await;
        let page = test.page("/practices/marble-jar").await;
        assert!(page.contains("<strong>Noise</strong>") && !page.contains("<b>everywhere"), "{page}");
        assert!(page.contains("/practices/marble-jar/copy") && page.contains("/practices/marble-jar/change"));
        let dina = test.signed_in(at.dina, false).await;
        assert!(dina.page("/practices/marble-jar/copy").await.contains("Begin my draft"));
        let millbrook = at.millbrook.to_string();
        let to = dina.post_on("/practices/marble-jar/copy", &[("school", &millbrook)]).await;
        let url = to.strip_suffix("?done=copied").unwrap();
        assert!(dina.page(url).await.contains("It began as a copy of <a href=\"/practices/marble-jar\">Marble jar</a>"));
        let said = document(&dina, url).await;
        assert!(said["copied_from"].is_string());
        assert_eq!(said["fields"]["steps"][0]["what"], "Fill it");
        assert_eq!(said["fields"]["evidence_claims"][0]["tier"], "essa_2", "what is known of the idea comes along");
        assert!(said["fields"].get("contact_role").is_none() && said["fields"].get("in_use_since").is_none());
        // What an editor checked is carried on word for word through the form.
        let section = format!("{url}/worked");
        let form = dina.page(&section).await;
        let all = elements(&form);
        let mut fields: Vec<(String, String)> = vec![("then".into(), "back".into()), ("what_we_do_not_know".into(), "Whether it lasts.".into())];
        for e in &all {
            let Some(name) = e.get("name").filter(|name| name.starts_with("evidence_claims/0/") || *name == "revision") else { continue };
            let kept = said["fields"]["evidence_claims"][0].get(name.rsplit('/').next().unwrap()).and_then(Value::as_str);
            let value = if e.name == "select" { kept.unwrap_or_default().to_owned() } else { value(&form, name) };
            fields.push((name.to_owned(), value));
        }
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(dina.post_on(&section, &fields).await, format!("{url}?done=saved"));

        // A change is for the school's own people; two of them come to the same draft or are told.
        let refused = dina.post("/practices/marble-jar/change", &[]).await;
        assert_eq!(refused.status(), 403);
        assert!(dina.page("/practices/marble-jar/change").await.contains("/practices/marble-jar/copy"));
        let (carl, cora) = (test.signed_in(at.carl, false).await, test.signed_in(at.cora, false).await);
        let own = carl.post("/practices/marble-jar/copy", &[("school", &at.harbor.to_string())]).await;
        assert_eq!(own.status(), 422);
        let next = carl.post_on("/practices/marble-jar/change", &[]).await;
        assert_eq!(carl.post_on("/practices/marble-jar/change", &[]).await, next);
        let second = cora.post("/practices/marble-jar/change", &[]).await;
        assert_eq!(second.status(), 422);
        assert!(second.text().await.unwrap().contains("A colleague of yours is changing this practice already"));
        let page = carl.page(&next).await;
        assert!(page.contains("next version of <a href=\"/practices/marble-jar\">"));
        assert_eq!(carl.post_on(&format!("{next}/note"), &[("note", "Shorter")]).await, format!("{next}?done=noted"));
        assert!(carl.page(&next).await.contains("Shorter"));
        let said = document(&carl, &next).await;
        assert_eq!((&said["after"], &said["note"], &said["fields"]["contact_role"]), (&json!(1), &json!("Shorter"), &json!("Dean")));
        // Thrown away, the next one may begin.
        carl.post_on(&format!("{next}/deletion"), &[]).await;
        let third = cora.post_on("/practices/marble-jar/change", &[]).await;
        assert_ne!(third, next);
        // What Dina wrote is in her file.
        let _: AccountId = at.dina;
        assert_eq!(dina.get("/practices/none/copy").await.status(), 404);
    }
}

/// B3: what people write cannot act, however it is wrapped. Every tag of the answer is one of ours, and none carries more than an
/// address of the web.
#[test]
fn a_thousand_hostile_texts_are_inert() {
    let ours = ["p", "a", "h4", "h5", "h6", "code", "pre", "blockquote", "em", "strong", "ul", "ol", "li", "br", "hr"];
    let mut seen = 0;
    for text in hostile::texts() {
        let page = commonground::catalog::markdown::html(&text);
        for element in elements(&page) {
            assert!(ours.contains(&element.name.as_str()), "{text:?} became {page}");
            for (name, value) in &element.attributes {
                let link = name == "href" && (value.starts_with("https://") || value.starts_with("http://"));
                let known = link
                    || name == "rel"
                    || name == "start" && value.parse::<u32>().is_ok()
                    || name == "class" && element.name == "code";
                assert!(known, "{text:?} became {page}");
            }
        }
        assert!(!commonground::catalog::markdown::plain(&text).is_empty() || page.trim().len() < 20, "{text:?}");
        seen += 1;
    }
    assert!(seen >= 1_000, "{seen} texts");
}
