//! Moderation through the front, on both engines: who reports what, what hides at once, who decides, who is told, and what the
//! public log says.

use chrono::TimeDelta;
use commonground::people::AccountId;
use commonground::platform::{Actor, Place, Role};
use reqwest::Method;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::collections::{erase, sheets};
use crate::support::persons::Browser;
use crate::support::sessions::TwoSchools;
use crate::support::{TestApp, both_engines, problem, texts};

const DESK: &str = "/admin/reports";

/// What the tests are about: a practice of Harbor, a public collection of Carl's, and an editor.
struct Scene {
    at: TwoSchools,
    practice: String,
    collection: String,
    page: String,
    carl: Browser,
    dina: Browser,
    editor: Browser,
}

async fn moderator(test: &TestApp, email: &str, name: &str, role: Role) -> (AccountId, Browser) {
    let id = test.account(email, name).await;
    test.appoint(id, role, Place::Installation).await;
    (id, test.signed_in(id, true).await)
}

async fn scene(test: &TestApp) -> Scene {
    let at = test.two_schools().await;
    let one = json!({ "source": "t:0", "title": "Marble jar", "origin_school": at.harbor.to_string() });
    test.import(&[one]).await;
    let practice = test.json("/api/v1/practices/marble-jar").await["id"].as_str().unwrap().to_owned();
    let (carl, dina) = (test.signed_in(at.carl, false).await, test.signed_in(at.dina, false).await);
    let body = json!({ "title": "Begin here", "description": "All of it", "visibility": "public" });
    let made = carl
        .send(test.client.post(carl.url("/api/v1/me/collections")).header("sec-fetch-site", "same-origin").json(&body));
    let made: Value = made.await.json().await.unwrap();
    let page = made["url"].as_str().unwrap().replace(&test.base, "");
    let (_, editor) = moderator(test, "edda@city.example", "Edda Wright", Role::Editor).await;
    let collection = made["id"].as_str().unwrap().to_owned();
    Scene { at, practice, collection, page, carl, dina, editor }
}

async fn report(browser: &Browser, about: &str, reason: &str, words: &str) -> u16 {
    let fields = [("about", about), ("reason", reason), ("words", words)];
    browser.post("/report", &fields).await.status().as_u16()
}

/// The cases of a list, as a program sees them.
async fn cases(browser: &Browser, state: &str) -> Value {
    let response = browser.get(&format!("/api/v1/reports?state={state}")).await;
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

/// The address of the one case that is open.
async fn open_case(browser: &Browser) -> String {
    let open = cases(browser, "open").await;
    assert_eq!(open["total"], 1, "{open}");
    format!("{DESK}/{}", open["items"][0]["id"].as_str().unwrap())
}

async fn decide(browser: &Browser, case: &str, done: &str, reason: &str, words: &str) {
    let fields = [("done", done), ("reason", reason), ("words", words)];
    assert_eq!(browser.post_on(case, &fields).await, "/admin/reports?done=decided");
}

/// Kinds and subjects of the letters about reports to an address.
async fn told(test: &TestApp, email: &str) -> Vec<(String, String)> {
    let kinds = ["report_urgent", "moderation_told", "report_decided"];
    let letters = test.letters(email).await.into_iter().filter(|letter| kinds.contains(&letter.kind.as_str()));
    letters.map(|letter| (letter.kind, letter.subject)).collect()
}

async fn lines_of(test: &TestApp, account: AccountId) -> Vec<String> {
    let cx = test.db().cx(Actor::System("test"));
    let backend = cx.conn().get_database_backend();
    let sql = "SELECT line, account_id FROM notice ORDER BY id".to_owned();
    let rows = cx.conn().query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    let own = rows.iter().filter(|row| row.try_get::<uuid::Uuid>("", "account_id").unwrap() == account.0);
    own.map(|row| row.try_get("", "line").unwrap()).collect()
}

both_engines! {
    async fn a_report_is_looked_at_and_everybody_concerned_is_told(test: TestApp) {
        let Scene { at, collection, page, carl, dina, editor, .. } = scene(&test).await;
        let about = format!("collection:{collection}");
        let address = format!("/report?about=collection:{collection}");
        assert!(test.page(&page).await.contains(&address));
        let form = dina.page(&address).await;
        assert!(form.contains("Begin here") && form.contains("is hidden at once"));
        // What is missing is said, and what was typed stays.
        let refused = dina.post("/report", &[("about", &about), ("reason", ""), ("words", "typed <b>so</b>")]).await;
        assert_eq!(refused.status(), 422);
        let refused = refused.text().await.unwrap();
        assert!(refused.contains("Choose what is wrong.") && refused.contains("typed &#60;b&#62;so"));
        assert_eq!(report(&dina, &about, "other", " ").await, 422, "something else needs words");
        assert_eq!(report(&dina, &about, "rude", "x").await, 422);

        assert_eq!(report(&dina, &about, "spam", "It sells <i>pens</i>").await, 303);
        // Twice is one report with the newer words.
        assert_eq!(report(&dina, &about, "spam", "It sells <i>pencils</i>").await, 303);
        assert!(test.page(&page).await.contains("Begin here"), "spam hides nothing by itself");
        assert!(dina.page("/report?done=sent").await.contains("A letter tells you what comes of it."));
        let edda = AccountId(editor_id(&test, "edda@city.example").await);
        let line = "Reported: a collection, \u{201c}Begin here\u{201d} (Spam)";
        assert_eq!(lines_of(&test, edda).await, [line], "the first report calls, and once");

        // The queue: age, what, who; for editors and administrators alone.
        test.clock.set(test.clock.now() + TimeDelta::hours(9));
        for other in [&carl, &dina] {
            assert_eq!(other.get(DESK).await.status(), 403);
            problem(other.get("/api/v1/reports").await, 403).await;
        }
        assert_eq!(test.browser().get(DESK).await.headers()["location"], "/sign-in?next=%2Fadmin%2Freports");
        let queue = editor.page(DESK).await;
        assert!(queue.contains("1 report, 9 hours ago") && queue.contains("Begin here"));
        assert!(queue.contains("It sells &#60;i&#62;pencils") && !queue.contains("pens<"));
        let case = open_case(&editor).await;
        assert_eq!(dina.get(&case).await.status(), 403);
        assert_eq!(dina.post(&case, &[("done", "dismissed"), ("reason", "spam")]).await.status(), 403);
        let whole = editor.page(&case).await;
        assert!(whole.contains("Dina Ford") && whole.contains(&page) && whole.contains("Hide it from everybody"));
        assert!(!whole.contains("/admin/people"), "an editor is not led to what only administrators see");

        // A decision says what and why; what is missing is said, and what was typed stays.
        let refused = editor.post(&case, &[("done", "change_asked"), ("reason", "spam"), ("words", "")]).await;
        assert_eq!(refused.status(), 422);
        assert!(refused.text().await.unwrap().contains("Say in a sentence why, or what is to be changed."));
        assert_eq!(editor.post(&case, &[("done", "shown"), ("reason", "spam")]).await.status(), 422);
        assert_eq!(editor.post(&case, &[("done", "hidden_at_once"), ("reason", "spam"), ("words", "x")]).await.status(), 422);
        assert_eq!(editor.post(&case, &[("done", "retired"), ("reason", "spam"), ("words", "x")]).await.status(), 422);
        decide(&editor, &case, "hidden", "spam", "Take out the second line.").await;
        assert!(editor.page("/admin/reports?done=decided").await.contains("Nothing waits to be looked at."));

        // Hidden: from everybody but its owner and those who moderate.
        assert_eq!(test.get(&page).await.status(), 404);
        assert_eq!(dina.get(&page).await.status(), 404);
        assert_eq!(dina.get(&address).await.status(), 404, "what is hidden cannot be reported");
        assert!(carl.page(&page).await.contains("hid it from its readers"));
        assert!(carl.page(&format!("/me/collections/{collection}")).await.contains("The letter that you got says why."));
        assert!(editor.page(&page).await.contains("Begin here"));
        // Its owner changes it, and does not show it by that.
        carl.post_on(&format!("/me/collections/{collection}"), &[("title", "Begin here"), ("visibility", "public")]).await;
        assert_eq!(test.get(&page).await.status(), 404);
        assert_eq!(cases(&editor, "hidden").await["total"], 1);
        decide(&editor, &case, "shown", "spam", "").await;
        assert!(test.page(&page).await.contains("Begin here"));
        assert_eq!(editor.post(&case, &[("done", "shown"), ("reason", "spam")]).await.status(), 422, "shown already");

        let to = |kind: &str, subject: &str| (kind.to_owned(), subject.to_owned());
        assert_eq!(
            told(&test, "carl@harbor.example").await,
            [to("moderation_told", "Hidden: your collection"), to("moderation_told", "Shown again: your collection")]
        );
        let letters = test.letters("carl@harbor.example").await;
        assert!(letters[0].text.contains("Take out the second line.") && letters[0].text.contains("The reason: spam."));
        assert!(!letters.iter().any(|letter| letter.text.contains("Dina") || letter.text.contains("Edda")));
        assert_eq!(
            told(&test, "dina@millbrook.example").await,
            [to("report_decided", "What came of your report of a collection")],
            "once, by the decision that answered it"
        );

        // The log says what was done, and names nobody and nothing.
        let log = test.page("/moderation").await;
        for words in ["October 15, 2026", "Collection", "Hidden", "Shown again", "Spam"] {
            assert!(log.contains(words), "{words}");
        }
        for words in ["Begin here", "Carl", "Dina", "Edda", "pencils", "second line", collection.as_str()] {
            assert!(!log.contains(words), "{words}");
        }
        let log = test.json("/api/v1/moderation").await;
        assert_eq!(texts(&log["items"], "done"), ["shown", "hidden"]);

        // What is kept of the reporter goes along, and goes away.
        let kept = sheets(&test, at.dina).await;
        assert!(kept.iter().any(|(name, rows)| name == "reports" && rows.contains("pencils")));
        erase(&test, at.dina).await;
        let whole = editor.page(&case).await;
        assert!(whole.contains("A visitor or former member") && !whole.contains("pencils") && !whole.contains("Dina"));
    }
}

async fn editor_id(test: &TestApp, email: &str) -> uuid::Uuid {
    let cx = test.db().cx(Actor::System("test"));
    let backend = cx.conn().get_database_backend();
    let sql = format!("SELECT id FROM account WHERE email = '{email}'");
    cx.conn().query_one_raw(Statement::from_string(backend, sql)).await.unwrap().unwrap().try_get("", "id").unwrap()
}

both_engines! {
    async fn student_data_hides_at_once_and_once(test: TestApp) {
        let Scene { collection, page, practice, editor, .. } = scene(&test).await;
        let about = format!("collection:{collection}");
        let visitor = test.browser();
        assert_eq!(report(&visitor, &about, "student_data", "In the second line").await, 303);
        assert_eq!(test.get(&page).await.status(), 404, "hidden at once");
        assert!(visitor.page("/report?done=sent").await.contains("Thank you"));
        let urgent = told(&test, "edda@city.example").await;
        assert_eq!(urgent, [("report_urgent".to_owned(), "Reported as student data: a collection".to_owned())]);
        let letter = &test.letters("edda@city.example").await[0];
        assert!(letter.text.contains("It is hidden from everybody but its author") && !letter.text.contains("Begin here"));
        assert_eq!(letter.path(&test.base), open_case(&editor).await);
        let author = told(&test, "carl@harbor.example").await;
        assert_eq!(author, [("moderation_told".to_owned(), "Hidden until somebody has looked: your collection".to_owned())]);
        let case = open_case(&editor).await;
        assert!(editor.page(DESK).await.contains("Student data?"));
        assert!(editor.page(&case).await.contains("By a report"));

        // Somebody looks and finds nothing: it is shown, and the next report of it waits instead of hiding it again.
        decide(&editor, &case, "shown", "student_data", "A first name of a book.").await;
        assert!(test.page(&page).await.contains("Begin here"));
        test.clock.set(test.clock.now() + TimeDelta::minutes(1));
        assert_eq!(report(&visitor, &about, "student_data", "But it is").await, 303);
        assert!(test.page(&page).await.contains("Begin here"), "nobody hides it again and again");
        assert_eq!(cases(&editor, "open").await["items"][0]["urgent"], true);
        let urgent = test.letters("edda@city.example").await;
        assert_eq!(urgent.len(), 2);
        assert!(urgent[1].text.contains("because somebody looked before"));
        decide(&editor, &case, "hidden", "student_data", "It is a student after all.").await;
        assert_eq!(test.get(&page).await.status(), 404);

        // A practice cannot be hidden: the letter says so, and it can be taken out of the catalog.
        let about = format!("practice:{practice}");
        let address = format!("/report?about=practice:{practice}");
        assert!(test.page("/practices/marble-jar").await.contains(&address));
        assert!(!visitor.page(&address).await.contains("is hidden at once"));
        assert_eq!(report(&visitor, &about, "student_data", "").await, 303);
        assert!(test.page("/practices/marble-jar").await.contains("Marble jar"));
        assert!(test.letters("edda@city.example").await[2].text.contains("It is still there for everybody"));
        let case = open_case(&editor).await;
        assert!(!editor.page(&case).await.contains("Hide it"));
        decide(&editor, &case, "retired", "student_data", "It named a student.").await;
        assert!(test.page("/practices/marble-jar").await.contains("It named a student."));
        let lead = told(&test, "paula@harbor.example").await;
        assert_eq!(lead, [("moderation_told".to_owned(), "Taken out of the catalog: your practice".to_owned())]);
        assert_eq!(texts(&test.json("/api/v1/moderation").await["items"], "done"), [
            "retired", "hidden", "shown", "hidden_at_once"
        ]);
    }
}

both_engines! {
    async fn nobody_decides_about_their_own(test: TestApp) {
        let Scene { at, collection, practice, editor, dina, .. } = scene(&test).await;
        test.appoint(at.carl, Role::Editor, Place::Installation).await;
        let carl = test.signed_in(at.carl, true).await;
        assert_eq!(report(&dina, &format!("collection:{collection}"), "spam", "").await, 303);
        let case = open_case(&editor).await;
        let refused = carl.post(&case, &[("done", "dismissed"), ("reason", "spam")]).await;
        assert_eq!(refused.status(), 422);
        assert!(refused.text().await.unwrap().contains("another editor or an administrator decides"));
        let (_, admin) = moderator(&test, "ada@city.example", "Ada Min", Role::CityAdmin).await;
        assert!(admin.page(&case).await.contains("/admin/people"));
        decide(&admin, &case, "dismissed", "spam", "It sells nothing.").await;
        assert!(told(&test, "carl@harbor.example").await.is_empty(), "what changes nothing is told to whoever reported it alone");
        let letters = test.letters("dina@millbrook.example").await;
        assert!(letters[0].text.contains("nothing has to be done") && letters[0].text.contains("It sells nothing."));
        let twice = admin.post(&case, &[("done", "dismissed"), ("reason", "spam")]).await;
        assert_eq!(twice.status(), 422, "somebody has decided");
        // A new report opens the same case again; the leads of a school are the authors of its practices.
        assert_eq!(report(&dina, &format!("collection:{collection}"), "harmful", "").await, 303);
        assert_eq!(open_case(&editor).await, case);
        decide(&editor, &case, "change_asked", "harmful", "Please say it kindly.").await;
        assert_eq!(report(&dina, &format!("practice:{practice}"), "not_true", "").await, 303);
        test.appoint(at.paula, Role::Editor, Place::Installation).await;
        let paula = test.signed_in(at.paula, true).await;
        let case = open_case(&editor).await;
        assert_eq!(paula.post(&case, &[("done", "dismissed"), ("reason", "not_true")]).await.status(), 422);
        // Without the second step an editor is nobody here.
        let weak = test.signed_in(at.paula, false).await;
        assert_eq!(weak.get(DESK).await.status(), 403);
    }
}

both_engines! {
    async fn what_nobody_may_know_of_cannot_be_reported(test: TestApp) {
        let Scene { collection, practice, carl, dina, .. } = scene(&test).await;
        let own = format!("/me/collections/{collection}");
        carl.post_on(&own, &[("title", "Begin here"), ("visibility", "private")]).await;
        let missing = "00000000-0000-0000-0000-000000000000";
        let abouts = [
            format!("collection:{collection}"),
            format!("collection:{missing}"),
            format!("practice:{missing}"),
            format!("account:{practice}"),
            "practice:marble-jar".to_owned(),
            "nonsense".to_owned(),
            String::new(),
        ];
        for about in abouts {
            assert_eq!(dina.get(&format!("/report?about={about}")).await.status(), 404, "{about}");
            assert_eq!(report(&dina, &about, "spam", "").await, 404, "{about}");
        }
        // A visitor reports five things, then waits; so does a person.
        let visitor = test.browser();
        for who in [&visitor, &dina] {
            let mut sent = 0;
            while report(who, &format!("practice:{practice}"), "not_true", &format!("no {sent}")).await == 303 {
                sent += 1;
                assert!(sent < 20, "nobody is stopped");
            }
            assert_eq!(sent, 5);
        }
        let refused = visitor
            .post("/report", &[("about", &format!("practice:{practice}")), ("reason", "spam"), ("words", "kept")])
            .await;
        assert_eq!(refused.status(), 429);
        assert!(refused.text().await.unwrap().contains("kept"));
        test.clock.set(test.clock.now() + TimeDelta::minutes(11));
        assert_eq!(report(&visitor, &format!("practice:{practice}"), "not_true", "again").await, 303);
    }
}

both_engines! {
    async fn programs_report_and_decide_too(test: TestApp) {
        let Scene { collection, page, dina, editor, .. } = scene(&test).await;
        let send = async |browser: &Browser, method: Method, path: &str, body: Value| {
            let request = test.client.request(method, browser.url(path)).header("sec-fetch-site", "same-origin");
            browser.send(request.json(&body)).await
        };
        let about = format!("collection:{collection}");
        let new = json!({ "about": about, "reason": "student_data", "words": "Second line" });
        problem(send(&test.browser(), Method::POST, "/api/v1/reports", new.clone()).await, 401).await;
        assert_eq!(send(&dina, Method::POST, "/api/v1/reports", new).await.status(), 202);
        let wrong = json!({ "about": "collection:nothing", "reason": "spam" });
        problem(send(&dina, Method::POST, "/api/v1/reports", wrong).await, 422).await;
        assert_eq!(test.get(&page).await.status(), 404);
        let open = cases(&editor, "open").await;
        let case = &open["items"][0];
        assert_eq!((&case["about"], &case["hidden"], &case["waiting"]), (&json!(about), &json!(true), &json!(1)));
        assert_eq!(case["reports"][0]["words"], "Second line");
        let path = format!("/api/v1/reports/{}", case["id"].as_str().unwrap());
        problem(dina.get(&path).await, 403).await;
        let decision = json!({ "done": "shown", "reason": "student_data" });
        problem(send(&dina, Method::POST, &format!("{path}/decision"), decision.clone()).await, 403).await;
        let bad = json!({ "done": "burned", "reason": "rude" });
        problem(send(&editor, Method::POST, &format!("{path}/decision"), bad).await, 422).await;
        let decided = send(&editor, Method::POST, &format!("{path}/decision"), decision.clone()).await;
        assert_eq!(decided.status(), 200);
        let decided: Value = decided.json().await.unwrap();
        assert_eq!((&decided["open"], &decided["hidden"], &decided["waiting"]), (&json!(false), &json!(false), &json!(0)));
        assert_eq!(texts(&decided["decisions"], "done"), ["shown", "hidden_at_once"]);
        problem(send(&editor, Method::POST, &format!("{path}/decision"), decision).await, 409).await;
        assert_eq!(test.get(&page).await.status(), 200);
        assert_eq!(cases(&editor, "closed").await["total"], 1);
        problem(editor.get("/api/v1/reports/nothing").await, 404).await;
    }
}
