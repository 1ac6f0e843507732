//! Collections through the front, on both engines: saved practices with notes that nobody else reads, and collections that their
//! owner keeps, shares by a link, or makes public.

use chrono::TimeDelta;
use commonground::people::AccountId;
use commonground::platform::{Actor, Place, Role};
use reqwest::Method;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::html::{elements, text};
use crate::support::persons::Browser;
use crate::support::sessions::TwoSchools;
use crate::support::{TestApp, both_engines, problem, texts};

/// Three practices, of Harbor.
const SLUGS: [&str; 3] = ["marble-jar", "exit-tickets", "reading-corner"];

async fn practices(test: &TestApp, at: &TwoSchools) -> Vec<String> {
    for (n, title) in ["Marble jar", "Exit tickets", "Reading corner"].into_iter().enumerate() {
        let one = json!({ "source": format!("t:{n}"), "title": title, "origin_school": at.harbor.to_string() });
        test.import(&[one]).await;
    }
    let mut ids = Vec::new();
    for slug in SLUGS {
        ids.push(test.json(&format!("/api/v1/practices/{slug}")).await["id"].as_str().unwrap().to_owned());
    }
    ids
}

/// Makes a collection; gives its address among one's own.
async fn make(browser: &Browser, title: &str, visibility: &str) -> String {
    let fields = [("title", title), ("visibility", visibility), ("description", "For new\nteachers"), ("school", "")];
    let to = browser.post_on("/me/collections", &fields).await;
    to.trim_end_matches("?done=made").to_owned()
}

async fn collect(browser: &Browser, own: &str, practice: &str, line: &str) {
    let to = browser.post_on(&format!("{own}/additions"), &[("practice", practice), ("line", line)]).await;
    assert_eq!(to, format!("{own}?done=added"));
}

/// The page for readers of a collection, as a path.
async fn shared(test: &TestApp, browser: &Browser, own: &str) -> String {
    let page = browser.page(own).await;
    let start = format!("{}/collections/", test.base);
    let at = page.find(&start).unwrap_or_else(|| panic!("no page for readers in {page}"));
    let reference: String =
        page[at + start.len()..].chars().take_while(|c| c.is_alphanumeric() || "-_".contains(*c)).collect();
    format!("/collections/{reference}")
}

/// The titles of practices on a page, in its order.
fn order(page: &str) -> Vec<&'static str> {
    let words = text(page);
    let mut found: Vec<(usize, &'static str)> = ["Marble jar", "Exit tickets", "Reading corner"]
        .into_iter()
        .filter_map(|title| words.find(title).map(|at| (at, title)))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, title)| title).collect()
}

async fn api(browser: &Browser, method: Method, path: &str, body: Option<Value>) -> reqwest::Response {
    let client = reqwest::Client::new();
    let mut request = client.request(method, browser.url(path)).header("sec-fetch-site", "same-origin");
    if let Some(body) = body {
        request = request.json(&body);
    }
    browser.send(request).await
}

both_engines! {
    async fn what_one_saves_is_ones_own(test: TestApp) {
        let at = test.two_schools().await;
        practices(&test, &at).await;
        let (carl, cora) = (test.signed_in(at.carl, false).await, test.signed_in(at.cora, false).await);
        assert!(test.page("/practices/marble-jar").await.contains("/practices/marble-jar/saved"));
        let visitor = test.browser().get("/practices/marble-jar/saved").await;
        assert_eq!(visitor.headers()["location"], "/sign-in?next=%2Fpractices%2Fmarble-jar%2Fsaved");

        assert!(carl.page("/me/saved").await.contains("You have saved no practice yet"));
        let page = carl.page("/practices/marble-jar/saved").await;
        assert!(page.contains("Save this practice") && !page.contains("/saved/removal"));
        let note = "For <b>Tuesday</b>\nask Cora";
        let to = carl.post_on("/practices/marble-jar/saved", &[("note", note)]).await;
        assert_eq!(to, "/practices/marble-jar/saved?done=saved");
        assert!(carl.page(&to).await.contains("You saved this practice"));
        // Twice is as good as once, and keeps the newer note.
        let fields = [("note", "For <b>Friday</b>"), ("from", "list")];
        assert_eq!(carl.post_on("/practices/marble-jar/saved", &fields).await, "/me/saved?done=kept");
        carl.post_on("/practices/exit-tickets/saved", &[("note", "")]).await;
        let list = carl.page("/me/saved").await;
        assert!(list.contains("For &#60;b&#62;Friday") && !list.contains("Tuesday") && list.contains("2 practices"));
        assert_eq!(order(&list), ["Exit tickets", "Marble jar"]);

        // Nobody else sees it: not a colleague, not an editor, not the page of the practice, and the log does not say which.
        let editor = test.account("edda@city.example", "Edda Wright").await;
        test.appoint(editor, Role::Editor, Place::Installation).await;
        let editor = test.signed_in(editor, true).await;
        for other in [&cora, &editor] {
            assert!(other.page("/me/saved").await.contains("You have saved no practice yet"));
            assert!(!other.page("/practices/marble-jar/saved").await.contains("Friday"));
        }
        let used = test.json("/api/v1/practices/marble-jar").await["used_by"].clone();
        assert_eq!(used, test.json("/api/v1/practices/reading-corner").await["used_by"], "saving is no use");
        let cx = test.db().cx(Actor::System("test"));
        let sql = "SELECT CAST(detail AS TEXT) AS detail, subject_kind FROM event WHERE action LIKE 'save.%'".to_owned();
        let rows = cx.conn().query_all_raw(Statement::from_string(cx.conn().get_database_backend(), sql)).await.unwrap();
        assert_eq!(rows.len(), 3, "made, changed, made");
        for row in rows {
            assert_eq!(row.try_get::<String>("", "subject_kind").unwrap(), "account");
            let detail: Option<String> = row.try_get("", "detail").unwrap();
            assert!(detail.is_none_or(|detail| detail == "null"), "nothing is told of what was saved");
        }

        // Too long a note is given back as it was typed.
        let long = "a".repeat(2_001);
        let refused = carl.post("/practices/marble-jar/saved", &[("note", &long)]).await;
        assert_eq!(refused.status(), 422);
        let refused = refused.text().await.unwrap();
        assert!(refused.contains(&long) && refused.contains("Use up to 2,000 characters here."));

        // Retired, it stays and says so.
        test.retire("marble-jar", "Replaced by another").await;
        let list = carl.page("/me/saved").await;
        assert!(list.contains("Taken out of the catalog: Replaced by another") && list.contains("Friday"));
        assert_eq!(carl.post_on("/practices/marble-jar/saved/removal", &[]).await, "/me/saved?done=removed");
        assert_eq!(carl.post_on("/practices/marble-jar/saved/removal", &[]).await, "/me/saved?done=removed");
        assert_eq!(order(&carl.page("/me/saved").await), ["Exit tickets"]);
        assert_eq!(carl.post("/practices/no-such-thing/saved", &[("note", "")]).await.status(), 404);
        assert_eq!(carl.get("/practices/no-such-thing/saved").await.status(), 404);
    }
}

both_engines! {
    async fn a_collection_is_read_by_whom_its_owner_wants(test: TestApp) {
        let at = test.two_schools().await;
        let ids = practices(&test, &at).await;
        let (carl, dina) = (test.signed_in(at.carl, false).await, test.signed_in(at.dina, false).await);
        let nobody = test.browser();
        let harbor = at.harbor.to_string();
        assert!(carl.page("/me/collections").await.contains("You have no collection yet"));
        let own = make(&carl, "Where to <b>begin</b>", "").await;
        for slug in SLUGS {
            carl.post_on(&format!("/practices/{slug}/saved"), &[("note", "not for others")]).await;
        }
        assert!(carl.page(&own).await.contains("Nobody but you sees this collection."));
        collect(&carl, &own, &ids[0], "Needs <i>nothing</i>").await;
        collect(&carl, &own, &ids[1], "").await;
        // From the page of a practice too.
        let id = own.rsplit('/').next().unwrap();
        let fields = [("collection", id), ("line", "A quiet place")];
        let to = carl.post_on("/practices/reading-corner/saved/collection", &fields).await;
        assert!(carl.page(&to).await.contains(&format!("It is in <a href=\"{own}\">")));

        // Private: for nobody else, by whatever address.
        assert!(!carl.page(&own).await.contains("Its page:"));
        for other in [&dina, &nobody] {
            assert_eq!(other.get(&format!("/collections/{id}")).await.status(), 404);
        }
        for path in ["", "/practices", "/additions", "/link", "/deletion"] {
            assert_eq!(dina.post(&format!("{own}{path}"), &[("title", "x")]).await.status(), 404, "{path}");
        }
        assert_eq!(dina.get(&own).await.status(), 404);
        let fields = [("collection", id), ("line", "")];
        assert_eq!(dina.post("/practices/marble-jar/saved/collection", &fields).await.status(), 404);

        // By a link that nobody can guess, without notes and names.
        let said = [("title", "Where to <b>begin</b>"), ("description", "For all"), ("visibility", "link")];
        let said = [said.as_slice(), &[("school", harbor.as_str())]].concat();
        carl.post_on(&own, &said).await;
        let link = shared(&test, &carl, &own).await;
        assert!(link.len() > 50, "{link}");
        let page = nobody.page(&link).await;
        assert!(page.contains("by Teacher or staff, Harbor Charter School") && page.contains("noindex"));
        assert!(page.contains("Where to &#60;b&#62;begin") && page.contains("Needs &#60;i&#62;nothing"));
        assert!(!page.contains("Carl") && !page.contains("not for others"));
        assert!(page.contains(&format!("/report?about=collection:{id}")));
        assert_eq!(order(&page), ["Marble jar", "Exit tickets", "Reading corner"]);
        assert!(nobody.page(&format!("{link}?print")).await.contains("print-view"));
        assert_eq!(nobody.get(&format!("/collections/{id}")).await.status(), 404);
        // Another link: the old one is dead.
        carl.post_on(&format!("{own}/link"), &[]).await;
        assert_eq!(nobody.get(&link).await.status(), 404);
        let link = shared(&test, &carl, &own).await;

        // Public, under a name of its own; the link leads there.
        let said = [("title", "Where to begin"), ("visibility", "public"), ("shows_name", "yes")];
        let said = [said.as_slice(), &[("school", harbor.as_str())]].concat();
        carl.post_on(&own, &said).await;
        let public = shared(&test, &carl, &own).await;
        assert!(public.starts_with("/collections/where-to-begin-"), "{public}");
        let page = nobody.page(&public).await;
        assert!(page.contains("by Carl Pier, Teacher or staff, Harbor Charter School") && !page.contains("noindex"));
        assert_eq!(nobody.get(&link).await.headers()["location"], public.as_str());
        let renamed = [("title", "Begin here"), ("visibility", "public")];
        carl.post_on(&own, &renamed).await;
        let page = nobody.page(&public).await;
        assert!(page.contains("Begin here") && page.contains("by an educator"));

        // A retired practice stays and says so.
        test.retire("exit-tickets", "Nobody did it").await;
        let page = nobody.page(&public).await;
        assert!(page.contains("Nobody did it") && page.contains("/practices/exit-tickets"));
        assert_eq!(order(&page).len(), 3);

        // Private again: gone for everybody else. Deleted: gone.
        carl.post_on(&own, &[("title", "Begin here"), ("visibility", "private")]).await;
        assert_eq!(nobody.get(&public).await.status(), 404);
        assert_eq!(nobody.get(&link).await.status(), 404);
        assert_eq!(carl.post_on(&format!("{own}/deletion"), &[]).await, "/me/collections?done=deleted");
        assert_eq!(carl.get(&own).await.status(), 404);
    }
}

both_engines! {
    async fn a_collection_keeps_its_order_and_what_was_typed(test: TestApp) {
        let at = test.two_schools().await;
        let ids = practices(&test, &at).await;
        let carl = test.signed_in(at.carl, false).await;
        let own = make(&carl, "Three", "public").await;
        for id in &ids {
            collect(&carl, &own, id, "").await;
        }
        let names: Vec<String> = ids.iter().map(|id| format!("line-{id}")).collect();
        let lines = |texts: [&str; 3]| -> Vec<(String, String)> {
            names.iter().cloned().zip(texts.map(str::to_owned)).collect()
        };
        let post = async |fields: &[(String, String)], button: Option<(&str, &str)>| {
            let mut fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            fields.extend(button);
            carl.post(&format!("{own}/practices"), &fields).await
        };
        let typed = lines(["one", "two", "three"]);
        assert_eq!(post(&typed, Some(("up", &ids[1]))).await.status(), 303);
        let page = carl.page(&own).await;
        let section = page.split("id=\"add\"").next().unwrap().to_owned();
        assert_eq!(order(&section), ["Exit tickets", "Marble jar", "Reading corner"]);
        assert!(["one", "two", "three"].iter().all(|line| page.contains(&format!("value=\"{line}\""))));
        // The last goes no further, and a stranger's id moves nothing.
        let moved = [typed[1].clone(), typed[0].clone(), typed[2].clone()];
        assert_eq!(post(&moved, Some(("down", &ids[2]))).await.status(), 303);
        assert_eq!(post(&moved, Some(("up", "nothing"))).await.status(), 404);
        // A practice that somebody put in meanwhile is not lost by an older form.
        assert_eq!(post(&moved[..2], None).await.status(), 303);
        let list = carl.page(&own).await;
        assert_eq!(order(list.split("id=\"add\"").next().unwrap()), ["Exit tickets", "Marble jar", "Reading corner"]);
        // Too long a line: nothing changes, and everything typed stands there.
        let long = "x".repeat(301);
        let refused = post(&lines(["changed", &long, "three"]), Some(("remove", &ids[2]))).await;
        assert_eq!(refused.status(), 422);
        let refused = refused.text().await.unwrap();
        assert!(refused.contains("value=\"changed\"") && refused.contains(&long));
        assert!(!carl.page(&own).await.contains("changed\""));
        // One goes, with the lines of the others kept.
        assert_eq!(post(&lines(["first", "two", "three"]), Some(("remove", &ids[1]))).await.status(), 303);
        let page = carl.page(&own).await;
        assert!(page.contains("value=\"first\"") && !page.contains("value=\"two\""));
        // Put in twice it is there once.
        collect(&carl, &own, &ids[0], "again").await;
        let page = test.page(&shared(&test, &carl, &own).await).await;
        assert!(page.contains("again") && page.matches("/practices/marble-jar\"").count() == 1);
        // What breaks a rule is given back as typed.
        let fields = [("title", ""), ("visibility", "friends"), ("school", "nowhere"), ("description", "kept so")];
        let refused = carl.post("/me/collections", &fields).await;
        assert_eq!(refused.status(), 422);
        let refused = refused.text().await.unwrap();
        for words in ["Give the collection a title.", "Choose who reads it.", "Choose a school that you belong to.", "kept so"] {
            assert!(refused.contains(words), "{words}");
        }
        let millbrook = at.millbrook.to_string();
        let other = [("title", "x"), ("visibility", "private"), ("school", millbrook.as_str())];
        assert_eq!(carl.post("/me/collections", &other).await.status(), 422, "a school of somebody else");
    }
}

both_engines! {
    /// Without the layer of web/once.rs each press makes a collection.
    async fn a_form_whose_button_is_pressed_twice_is_done_once(test: TestApp) {
        let at = test.two_schools().await;
        let carl = test.signed_in(at.carl, false).await;
        let token = |page: &str| {
            let field = elements(page).into_iter().find(|element| element.get("name") == Some("form_token"));
            field.unwrap().get("value").unwrap().to_owned()
        };
        let press = async |token: &str, title: &str| {
            let fields = [("form_token", token), ("title", title), ("visibility", "private"), ("description", ""), ("school", "")];
            carl.post("/me/collections", &fields).await
        };
        let made = async || carl.get("/api/v1/me/collections").await.json::<Value>().await.unwrap()["items"].as_array().unwrap().len();
        let first = token(&carl.page("/me/collections").await);
        // What is refused was not done: the same form may come again.
        for _ in 0..2 {
            assert_eq!(press(&first, "").await.status(), 422);
        }
        let (one, two) = tokio::join!(press(&first, "Begin here"), press(&first, "Begin here"));
        let three = press(&first, "Begin here").await;
        for answer in [&two, &three] {
            assert_eq!((answer.status(), &answer.headers()["location"]), (one.status(), &one.headers()["location"]));
        }
        assert_eq!((one.status().as_u16(), made().await), (303, 1));
        // Other words are another form, and so is the same form of another page or of somebody else.
        assert_eq!(press(&first, "Another").await.status(), 303);
        let second = token(&carl.page("/me/collections").await);
        assert_ne!(first, second);
        assert_eq!((press(&second, "Begin here").await.status().as_u16(), made().await), (303, 3));
        let dina = test.signed_in(at.dina, false).await;
        let fields = [("form_token", first.as_str()), ("title", "Begin here"), ("visibility", "private"), ("description", ""), ("school", "")];
        let hers = dina.post_on("/me/collections", &fields).await;
        assert_ne!(hers, one.headers()["location"].to_str().unwrap());
        // The token is what tells: without one each press is done.
        for number in 4..=5 {
            assert_eq!((press("", "Again").await.status().as_u16(), made().await), (303, number));
        }
        // A while later the same form means it again.
        test.clock.set(test.clock.now() + TimeDelta::seconds(61));
        assert_eq!((press(&first, "Begin here").await.status().as_u16(), made().await), (303, 6));
    }
}

both_engines! {
    async fn who_may_read_a_collection_may_copy_it(test: TestApp) {
        let at = test.two_schools().await;
        let ids = practices(&test, &at).await;
        let (carl, dina) = (test.signed_in(at.carl, false).await, test.signed_in(at.dina, false).await);
        let own = make(&carl, "Begin here", "link").await;
        collect(&carl, &own, &ids[2], "Quiet").await;
        collect(&carl, &own, &ids[0], "Loud").await;
        let link = shared(&test, &carl, &own).await;
        assert!(test.browser().page(&link).await.contains("Sign in to copy it"));
        assert_eq!(test.browser().post(&format!("{link}/copy"), &[]).await.status(), 401);
        let to = dina.post_on(&format!("{link}/copy"), &[]).await;
        let page = dina.page(&to).await;
        assert!(page.contains("Nobody but you sees this collection.") && page.contains("value=\"Quiet\""));
        assert!(page.contains("It began as a copy of a collection that is not public"));
        // What the copy becomes is nothing to the first, and the other way round.
        let copy = to.split('?').next().unwrap();
        dina.post_on(&format!("{copy}/practices"), &[("remove", ids[2].as_str())]).await;
        assert_eq!(order(&test.page(&link).await), ["Reading corner", "Marble jar"]);
        carl.post_on(&own, &[("title", "Begin here"), ("visibility", "public")]).await;
        assert!(dina.page(copy).await.contains("Begin here</a>."));
        carl.post_on(&format!("{own}/deletion"), &[]).await;
        assert!(dina.page(copy).await.contains("a collection that is not public"));
        assert_eq!(dina.post(&format!("{link}/copy"), &[]).await.status(), 404);
    }
}

both_engines! {
    async fn programs_save_and_collect_too(test: TestApp) {
        let at = test.two_schools().await;
        let ids = practices(&test, &at).await;
        let carl = test.signed_in(at.carl, false).await;
        let saves = "/api/v1/me/saves";
        problem(test.get(saves).await, 401).await;
        for slug in SLUGS {
            let made = api(&carl, Method::PUT, &format!("{saves}/{slug}"), Some(json!({ "note": slug }))).await;
            assert_eq!(made.status(), 200);
        }
        let made = api(&carl, Method::PUT, &format!("{saves}/marble-jar"), Some(json!({}))).await;
        assert_eq!(made.json::<Value>().await.unwrap()["note"], "marble-jar", "left out, it stays");
        let list: Value = carl.get(&format!("{saves}?limit=2")).await.json().await.unwrap();
        assert_eq!((texts(&list["items"], "slug"), &list["total"]), (vec!["reading-corner", "exit-tickets"], &json!(3)));
        let next = list["next"].as_str().unwrap();
        let rest: Value = carl.get(&format!("{saves}?limit=2&cursor={next}")).await.json().await.unwrap();
        assert_eq!((texts(&rest["items"], "slug"), rest["next"].is_null()), (vec!["marble-jar"], true));
        problem(carl.get(&format!("{saves}?cursor=x")).await, 400).await;
        assert_eq!(api(&carl, Method::DELETE, &format!("{saves}/marble-jar"), None).await.status(), 204);
        problem(api(&carl, Method::PUT, &format!("{saves}/none"), Some(json!({}))).await, 404).await;

        let mine = "/api/v1/me/collections";
        problem(api(&carl, Method::POST, mine, Some(json!({ "title": " " }))).await, 422).await;
        let made = api(&carl, Method::POST, mine, Some(json!({ "title": "Begin", "visibility": "public" }))).await;
        assert_eq!(made.status(), 201);
        let location = made.headers()["location"].to_str().unwrap().to_owned();
        let made: Value = made.json().await.unwrap();
        let own = format!("{mine}/{}", made["id"].as_str().unwrap());
        assert!(location.ends_with(&own));
        for (n, id) in ids.iter().enumerate() {
            let body = json!({ "line": format!("line {n}"), "place": 1 });
            let put = api(&carl, Method::PUT, &format!("{own}/practices/{id}"), Some(body)).await;
            assert_eq!(put.status(), 200);
        }
        let put = api(&carl, Method::PUT, &format!("{own}/practices/{}", ids[0]), Some(json!({ "place": 2 }))).await;
        let put: Value = put.json().await.unwrap();
        assert_eq!(texts(&put["practices"], "slug"), ["reading-corner", "marble-jar", "exit-tickets"]);
        assert_eq!(texts(&put["practices"], "line"), ["line 2", "line 0", "line 1"]);
        problem(api(&carl, Method::PUT, &format!("{own}/practices/none"), Some(json!({}))).await, 404).await;
        for _ in 0..2 {
            let gone = api(&carl, Method::DELETE, &format!("{own}/practices/exit-tickets"), None).await;
            assert_eq!(gone.status(), 204);
        }

        // A change says what it saw.
        let seen = carl.get(&own).await;
        let tag = seen.headers()["etag"].to_str().unwrap().to_owned();
        let change = async |tag: Option<&str>, title: &str| {
            let body = json!({ "title": title, "visibility": "public", "shows_name": true });
            let client = reqwest::Client::new();
            let mut request = client.put(carl.url(&own)).header("sec-fetch-site", "same-origin").json(&body);
            if let Some(tag) = tag {
                request = request.header("if-match", tag);
            }
            carl.send(request).await
        };
        problem(change(None, "Blind").await, 428).await;
        assert_eq!(change(Some(&tag), "Seen").await.status(), 200);
        problem(change(Some(&tag), "Old").await, 412).await;

        // What readers see, without a sign-in.
        let url = made["url"].as_str().unwrap();
        let reference = url.rsplit('/').next().unwrap();
        let open = test.json(&format!("/api/v1/collections/{reference}")).await;
        assert_eq!((&open["title"], &open["by"]), (&json!("Seen"), &json!("Carl Pier")));
        assert_eq!(texts(&open["practices"], "slug"), ["reading-corner", "marble-jar"]);
        let dina = test.signed_in(at.dina, false).await;
        problem(dina.get(&own).await, 404).await;
        problem(api(&dina, Method::DELETE, &own, None).await, 404).await;
        problem(api(&dina, Method::PUT, &format!("{own}/practices/marble-jar"), Some(json!({}))).await, 404).await;
        let copied = api(&dina, Method::POST, &format!("/api/v1/collections/{reference}/copies"), None).await;
        assert_eq!(copied.status(), 201);
        let copied: Value = copied.json().await.unwrap();
        assert_eq!((&copied["visibility"], &copied["copied_from"]), (&json!("private"), &made["id"]));
        let list: Value = dina.get(mine).await.json().await.unwrap();
        assert_eq!((&list["total"], &list["items"][0]["practices"]), (&json!(1), &json!(2)));
        assert_eq!(api(&carl, Method::DELETE, &own, None).await.status(), 204);
        problem(test.get(&format!("/api/v1/collections/{reference}")).await, 404).await;
    }
}

both_engines! {
    async fn what_one_saved_goes_along_and_goes_away(test: TestApp) {
        let at = test.two_schools().await;
        let ids = practices(&test, &at).await;
        let carl = test.signed_in(at.carl, false).await;
        carl.post_on("/practices/marble-jar/saved", &[("note", "canary note")]).await;
        let own = make(&carl, "Canary title", "public").await;
        collect(&carl, &own, &ids[0], "canary line").await;
        let public = shared(&test, &carl, &own).await;
        let dina = test.signed_in(at.dina, false).await;
        let copy = dina.post_on(&format!("{public}/copy"), &[]).await;
        let file = carl.get("/api/v1/me/export").await;
        assert_eq!(file.status(), 200);
        let kept = sheets(&test, at.carl).await;
        for (name, words) in [
            ("saved_practices", "canary note"),
            ("collections", "Canary title"),
            ("collection_practices", "canary line"),
        ] {
            assert!(kept.iter().any(|(known, rows)| known == name && rows.contains(words)), "{name}");
        }
        erase(&test, at.carl).await;
        assert_eq!(test.get(&public).await.status(), 404);
        assert!(sheets(&test, at.carl).await.iter().all(|(_, rows)| !rows.to_lowercase().contains("canary")));
        // What somebody copied stays theirs.
        assert!(dina.page(copy.split('?').next().unwrap()).await.contains("canary line"));
    }
}

/// What is kept about somebody, as they take it along: names of lists, and their rows.
pub async fn sheets(test: &TestApp, account: AccountId) -> Vec<(String, String)> {
    use commonground::collections::personal::CollectionData;
    use commonground::moderation::personal::ReportData;
    use commonground::platform::personal::PersonalData;
    let cx = test.db().cx(Actor::System("test"));
    let mut all = CollectionData.export(&cx, account.0).await.unwrap();
    all.extend(ReportData.export(&cx, account.0).await.unwrap());
    all.into_iter().map(|sheet| (sheet.name.to_owned(), Value::Array(sheet.rows).to_string())).collect()
}

/// Takes out what is kept about somebody here.
pub async fn erase(test: &TestApp, account: AccountId) {
    use commonground::collections::personal::CollectionData;
    use commonground::moderation::personal::ReportData;
    use commonground::platform::personal::PersonalData;
    let mut tx = test.db().write(Actor::System("test")).await.unwrap();
    CollectionData.erase(&mut tx, account.0).await.unwrap();
    ReportData.erase(&mut tx, account.0).await.unwrap();
    tx.commit().await.unwrap();
}
