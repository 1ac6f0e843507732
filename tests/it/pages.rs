//! Every page and every documented path: what a browser, a screen reader, a crawler and a program can rely on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use commonground::adoptions::cycle::{self, Written};
use commonground::compacts::editing::{self, Head, NewParty};
use commonground::compacts::promises;
use commonground::digests::drafting;
use commonground::platform::{Actor, Place, Role};
use reqwest::Method;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};

use crate::support::html::{self, Element};
use crate::support::persons::Browser;
use crate::support::sessions::Sketch;
use crate::support::{TestApp, both_engines, problem};

/// One of each kind of page, in Rivermark.
const PAGES: [&str; 18] = [
    "/",
    "/adoptions",
    "/search",
    "/search?q=how+do+I+stop+kids+from+talking+over+me+in+class",
    "/search?topic=early_reading&grade_band=k_2&sector=charter",
    "/search?q=attendence",
    "/search?q=xylophone+quasar",
    "/search?result=stopped&sort=newest&match=any&limit=3",
    "/search?like=pebble-lane-charter-school",
    "/about",
    "/help",
    "/schools",
    "/schools?q=emberline&sector=charter",
    "/schools/emberline-collegiate-charter-school",
    "/practices/restorative-circles-before-suspension",
    "/practices/merit-and-demerit-points-why-we-stopped?print",
    "/practices/number-talks-every-morning/v/1",
    "/api/docs",
];

/// Answers that are no page of ours to index, but pages all the same.
const ERRORS: [(&str, u16); 6] = [
    ("/nowhere", 404),
    ("/practices/nothing", 404),
    ("/schools/nobody", 404),
    ("/static/none.js", 404),
    ("/practices/number-talks-every-morning/v/9", 404),
    ("/search?q=a&cursor=x", 400),
];

fn named<'a>(elements: &'a [Element], name: &str) -> Vec<&'a Element> {
    elements.iter().filter(|element| element.name == name).collect()
}

/// What every page keeps, an error page too. Says what is wrong.
fn wrongs(page: &str) -> Vec<String> {
    let all = html::elements(page);
    let mut wrong = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            wrong.push(what.to_owned());
        }
    };
    must(page.starts_with("<!doctype html>"), "a doctype");
    must(named(&all, "html").first().and_then(|e| e.get("lang")) == Some("en"), "a language");
    must(named(&all, "h1").len() == 1, "one h1");
    must(named(&all, "h1").first().is_some_and(|h1| !h1.text.trim().is_empty()), "an h1 with words");
    must(named(&all, "title").first().is_some_and(|t| t.text.trim().len() > 5), "a title");
    must(named(&all, "main").len() == 1, "one main landmark");
    let main = named(&all, "main").first().and_then(|main| main.get("id")).unwrap_or_default().to_owned();
    let first_link = named(&all, "a").first().and_then(|a| a.get("href")).unwrap_or_default().to_owned();
    must(!main.is_empty() && first_link == format!("#{main}"), "a skip link to main, before all other links");
    must(all.iter().any(|e| e.get("name") == Some("viewport")), "a viewport");
    for element in &all {
        let inline = element.name == "script" && element.get("src").is_none();
        must(!inline || element.get("type") == Some("application/ld+json"), "no inline script");
        must(element.name != "style" && element.get("style").is_none(), "no inline style");
        must(!element.attributes.iter().any(|(name, _)| name.starts_with("on")), "no inline handler");
        let loads =
            matches!(element.name.as_str(), "script" | "img" | "iframe" | "source" | "video" | "audio" | "form")
                || element.name == "link" && element.get("rel") != Some("canonical");
        for (name, value) in
            element.attributes.iter().filter(|(n, _)| ["src", "href", "action", "srcset"].contains(&n.as_str()))
        {
            must(
                !loads || value.starts_with('/') && !value.starts_with("//"),
                &format!("{} {name} from here: {value}", element.name),
            );
        }
        if element.name == "img" {
            must(element.get("alt").is_some(), "alt on pictures");
        }
    }
    let mut ids = BTreeSet::new();
    for id in all.iter().filter_map(|element| element.get("id")) {
        must(ids.insert(id), &format!("the id {id} once"));
    }
    // Every control has a name: a label for it or around it, or an aria-label.
    for control in all.iter().filter(|e| ["input", "select", "textarea"].contains(&e.name.as_str())) {
        let id = control.get("id").unwrap_or_default();
        let labelled = named(&all, "label").iter().any(|label| label.get("for") == Some(id))
            || control.get("aria-label").is_some()
            || control.get("type") == Some("hidden")
            || page
                .split(&format!("id=\"{id}\""))
                .next()
                .is_some_and(|before| before.rfind("<label").is_some_and(|at| !before[at..].contains("</label")));
        must(labelled, &format!("a label for {}", control.get("name").unwrap_or("a control")));
    }
    // Headings go down one level at a time.
    let levels: Vec<u32> = all.iter().filter_map(|e| e.name.strip_prefix('h')?.parse().ok()).collect();
    must(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), &format!("no heading level left out: {levels:?}"));
    wrong
}

both_engines! {
    async fn every_page_is_whole(app: TestApp) {
        app.seed().await;
        let mut titles: BTreeMap<String, &str> = BTreeMap::new();
        for path in PAGES {
            let page = app.page(path).await;
            assert_eq!(wrongs(&page), Vec::<String>::new(), "{path}");
            let all = html::elements(&page);
            let title = named(&all, "title")[0].text.clone();
            if !path.contains('?')
                && !path.contains("/v/")
                && let Some(other) = titles.insert(title.clone(), path)
            {
                panic!("{path} and {other} have the same title: {title}");
            }
            let canonical: Vec<_> =
                named(&all, "link").into_iter().filter(|l| l.get("rel") == Some("canonical")).collect();
            let address = canonical[0].get("href").unwrap();
            assert_eq!(canonical.len(), 1, "{path}");
            assert!(address.starts_with(&app.base), "{path}: {address}");
            assert!(!address.contains("print"), "{path}: {address}");
            assert!(all.iter().any(|e| e.get("name") == Some("description")), "{path}");
        }
        assert!(!html::text(&app.page("/").await).contains("Rivermark is invented"), "the banner is the demo's");
    }
}

both_engines! {
    async fn an_error_is_a_page_to_people_and_a_problem_to_programs(app: TestApp) {
        app.seed().await;
        for (path, status) in ERRORS {
            let answer = app.get(path).await;
            assert_eq!(answer.status(), status, "{path}");
            assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8", "{path}");
            assert_eq!(answer.headers()["cache-control"], "no-store", "{path}");
            let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
            let page = answer.text().await.unwrap();
            assert_eq!(wrongs(&page), Vec::<String>::new(), "{path}");
            assert!(page.contains(&id), "{path}: the number to tell when asking for help");
            assert!(!page.contains("rel=\"canonical\""), "{path}");
            let asked = app.client.get(format!("{}{path}", app.base)).header("accept", "application/json");
            problem(asked.send().await.unwrap(), status).await;
        }
        for (path, status) in [
            ("/api/v1/nowhere", 404),
            ("/api/nowhere", 404),
            ("/api/v1/practices/nothing", 404),
            ("/api/v1/practices/number-talks-every-morning/versions/9", 404),
            ("/api/v1/schools/nobody", 404),
            ("/api/v1/organizations/nobody", 404),
            ("/api/v1/practices?limit=x", 400),
        ] {
            let answer = app.get(path).await;
            let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
            assert_eq!(problem(answer, status).await["instance"], id.as_str(), "{path}");
        }
        for path in PAGES.iter().chain(&["/healthz", "/readyz", "/static/app.css"]) {
            for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
                let answer = app.client.request(method.clone(), format!("{}{path}", app.base)).send().await.unwrap();
                assert_eq!(answer.status(), 405, "{method} {path}");
                assert_eq!(answer.headers()["allow"], "GET, HEAD", "{method} {path}");
            }
        }
        // Each on a connection of its own: after a refused body the connection ends.
        let post = async |path: &str, bytes: usize| {
            let client = reqwest::Client::new();
            client.post(format!("{}{path}", app.base)).body(vec![b'a'; bytes]).send().await.unwrap()
        };
        let large = post("/search", 70_000).await;
        assert_eq!(large.status(), 413);
        assert_eq!(wrongs(&large.text().await.unwrap()), Vec::<String>::new());
        problem(post("/api/v1/practices", 2_000_000).await, 413).await;
    }
}

both_engines! {
    /// A client that keeps its connections would send its next request into one that is about to end.
    async fn a_refused_body_says_that_its_connection_ends(app: TestApp) {
        for (path, bytes) in [("/search", 70_000), ("/api/v1/practices", 2_000_000)] {
            let answer = app.client.post(format!("{}{path}", app.base)).body(vec![b'a'; bytes]).send().await.unwrap();
            assert_eq!(answer.status(), 413, "{path}");
            assert_eq!(answer.headers().get("connection").map(|v| v.to_str().unwrap()), Some("close"), "{path}");
        }
    }
}

both_engines! {
    async fn a_method_that_is_not_answered_says_which_ones_are(app: TestApp) {
        app.seed().await;
        let mut wrong = Vec::new();
        for (path, wanted) in [
            ("/metrics", "GET, HEAD"),
            ("/api/v1/practices", "GET, HEAD, POST"),
            ("/api/v1/practices/number-talks-every-morning", "GET, HEAD"),
            ("/api/v1/practices/number-talks-every-morning/versions/1", "GET, HEAD"),
            ("/api/v1/schools", "GET, HEAD, POST"),
            ("/api/v1/schools/pebble-lane-charter-school", "GET, HEAD, PATCH"),
            ("/api/v1/organizations/nobody", "GET, HEAD"),
            ("/api/v1/suggest", "GET, HEAD"),
            ("/api/openapi.json", "GET, HEAD"),
        ] {
            let answer = app.client.delete(format!("{}{path}", app.base)).send().await.unwrap();
            let allow = answer.headers().get("allow").map(|allow| allow.to_str().unwrap().to_owned());
            if answer.status() != 405 || allow.as_deref() != Some(wanted) {
                wrong.push((path, answer.status().as_u16(), allow));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        let metrics = app.page("/metrics").await;
        assert!(
            metrics.contains("route=\"/api/v1/practices/:id\""),
            "routes are named as they are documented: {metrics}"
        );
    }
}

both_engines! {
    async fn every_answer_carries_the_headers(app: TestApp) {
        app.seed().await;
        let others = [
            "/static/app.css",
            "/static/app.js",
            "/static/icon.svg",
            "/api/openapi.json",
            "/api/v1/practices",
            "/api/v1/suggest?q=a",
            "/healthz",
            "/readyz",
            "/metrics",
            "/nowhere",
            "/api/v1/nowhere",
        ];
        for path in PAGES.iter().chain(&others) {
            let answer = app.get(path).await;
            let header = |name: &str| answer.headers().get(name).map(|v| v.to_str().unwrap()).unwrap_or_default();
            let policy = header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"), "{path}: {policy}");
            assert!(!policy.contains("unsafe") && !policy.contains('*'), "{path}: {policy}");
            for part in ["frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "object-src 'none'"] {
                assert!(policy.contains(part), "{path}: {policy}");
            }
            assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(header("x-frame-options"), "DENY", "{path}");
            assert_eq!(header("referrer-policy"), "same-origin", "{path}");
            assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
            assert!(!header("permissions-policy").is_empty() && !header("cache-control").is_empty(), "{path}");
            assert!(header("x-request-id").len() >= 16, "{path}");
            assert_eq!(header("set-cookie"), "", "{path}: reading sets no cookie");
            assert_eq!(header("server"), "", "{path}");
        }
    }
}

both_engines! {
    async fn a_page_seen_before_is_not_sent_again(app: TestApp) {
        app.seed().await;
        let css = asset(&app.page("/").await, "app.css");
        let practice = "/api/v1/practices/number-talks-every-morning";
        let school = "/api/v1/schools/pebble-lane-charter-school";
        let paths = PAGES.iter().copied().chain([css.as_str(), practice, school, "/api/openapi.json"]);
        for path in paths {
            let first = app.get(path).await;
            let tag = first.headers().get("etag").unwrap_or_else(|| panic!("{path} has no tag")).clone();
            let length = first.text().await.unwrap().len();
            let again = app.client.get(format!("{}{path}", app.base)).header("if-none-match", &tag);
            let again = again.send().await.unwrap();
            assert_eq!(again.status(), 304, "{path}");
            assert_eq!(again.headers()["etag"], tag, "{path}");
            assert_eq!(again.bytes().await.unwrap().len(), 0, "{path}");
            let other = app.client.get(format!("{}{path}", app.base)).header("if-none-match", "\"other\"");
            assert_eq!(other.send().await.unwrap().text().await.unwrap().len(), length, "{path}");

            let head = app.client.head(format!("{}{path}", app.base)).send().await.unwrap();
            assert_eq!((head.status().as_u16(), &head.headers()["etag"]), (200, &tag), "HEAD {path}");
            assert_eq!(head.headers()["content-length"], length.to_string(), "HEAD {path}");
            assert_eq!(head.bytes().await.unwrap().len(), 0, "HEAD {path}");
        }
        let home = app.get("/").await.headers()["etag"].clone();
        app.import(&[json!({"source": "t:1", "title": "Marble jar"})]).await;
        assert_ne!(app.get("/").await.headers()["etag"], home, "a page that changed has another tag");
    }
}

/// The address of a static file as pages name it.
fn asset(page: &str, name: &str) -> String {
    let all = html::elements(page);
    let addresses = all.iter().flat_map(|e| [e.get("href"), e.get("src")]).flatten();
    addresses.map(str::to_owned).find(|address| address.contains(name)).unwrap()
}

both_engines! {
    async fn static_files_may_be_kept_for_a_year_under_the_address_of_this_version(app: TestApp) {
        let home = app.page("/").await;
        for (name, content_type) in [
            ("app.css", "text/css; charset=utf-8"),
            ("app.js", "text/javascript; charset=utf-8"),
            ("icon.svg", "image/svg+xml"),
        ] {
            let address = asset(&home, name);
            assert!(address.contains("?v="), "{address}");
            let answer = app.get(&address).await;
            assert_eq!(
                (answer.status().as_u16(), &answer.headers()["content-type"]),
                (200, &content_type.parse().unwrap())
            );
            assert_eq!(answer.headers()["cache-control"], "public, max-age=31536000, immutable");
            let text = answer.text().await.unwrap();
            assert!(!text.contains("http://") || name == "icon.svg", "{name} names another host");
            assert!(!text.contains("https://"), "{name} names another host");
            assert_eq!(app.get(&format!("/static/{name}?v=old")).await.headers()["cache-control"], "no-cache");
        }
        for none in ["/static/", "/static/..%2f..%2fCargo.toml", "/static/%00", "/static/app.css/x"] {
            assert_eq!(app.get(none).await.status(), 404, "{none}");
        }
    }
}

both_engines! {
    /// From the front page, every link inside the house, 300 pages at most.
    async fn every_link_leads_somewhere(app: TestApp) {
        app.seed().await;
        let mut seen: BTreeSet<String> = ["/".to_owned()].into();
        let mut queue: VecDeque<(String, String)> = [("/".to_owned(), "the start".to_owned())].into();
        let (mut asked, mut fragments) = (0, Vec::new());
        let base = app.base.clone();
        let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        while let Some((path, from)) = queue.pop_front() {
            if asked == 300 {
                break;
            }
            asked += 1;
            let answer = app.get(&path).await;
            let status = answer.status().as_u16();
            assert!(status < 400, "{path}, linked from {from}: {status}");
            if let Some(to) = answer.headers().get("location") {
                let to = to.to_str().unwrap().to_owned();
                if seen.insert(to.clone()) {
                    queue.push_back((to, path));
                }
                continue;
            }
            if !answer.headers()["content-type"].to_str().unwrap().starts_with("text/html") {
                continue;
            }
            let page = answer.text().await.unwrap();
            assert_eq!(wrongs(&page), Vec::<String>::new(), "{path}");
            let all = html::elements(&page);
            ids.insert(path.clone(), all.iter().filter_map(|e| e.get("id")).map(str::to_owned).collect());
            for href in all.iter().filter(|e| ["a", "link"].contains(&e.name.as_str())).filter_map(|e| e.get("href")) {
                let inside = href.strip_prefix(&base).unwrap_or(href);
                if !inside.starts_with('/') || inside.starts_with("//") {
                    // A calendar of ours, for programs that subscribe.
                    let calendar = format!("webcal{}/", base.trim_start_matches("http"));
                    let known = inside.starts_with('#')
                        || inside.starts_with("https://")
                        || inside.starts_with("http://")
                        || inside.starts_with("mailto:")
                        || inside.starts_with(&calendar);
                    assert!(known, "{path} links to {href}");
                    continue;
                }
                let (target, fragment) = inside.split_once('#').unwrap_or((inside, ""));
                if !fragment.is_empty() {
                    fragments.push((target.to_owned(), fragment.to_owned(), path.clone()));
                }
                if seen.insert(target.to_owned()) {
                    queue.push_back((target.to_owned(), path.clone()));
                }
            }
        }
        assert!(asked > 80, "{asked} pages");
        for (target, fragment, from) in fragments {
            if let Some(ids) = ids.get(&target) {
                assert!(ids.contains(&fragment), "{from} links to {target}#{fragment}, which is not there");
            }
        }
    }
}

both_engines! {
    async fn an_empty_installation_has_pages_too(app: TestApp) {
        for path in ["/", "/search", "/search?q=reading", "/schools", "/schools?q=x", "/about", "/help", "/api/docs"] {
            assert_eq!(wrongs(&app.page(path).await), Vec::<String>::new(), "{path}");
        }
        assert!(html::text(&app.page("/search").await).contains("The catalog is still empty."));
        assert!(html::text(&app.page("/schools").await).contains("No schools have been loaded yet."));
        assert_eq!(app.json("/api/v1/practices").await["total"], 0);
    }
}

both_engines! {
    async fn health_is_told_to_machines(app: TestApp) {
        app.seed().await;
        assert_eq!(app.json("/healthz").await, json!({"status": "alive"}));
        let ready = app.json("/readyz").await;
        assert_eq!((&ready["status"], &ready["database"]), (&json!("ready"), &json!(true)));
        assert_eq!(ready["search"]["practice"]["documents"], 25);
        assert_eq!(ready["search"]["practice"]["position"], ready["search"]["practice"]["head"]);
        let metrics = app.page("/metrics").await;
        assert!(metrics.contains("http_requests_total"), "{metrics}");
    }
}

/// Follows a `$ref`.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference}")),
        None => schema,
    }
}

/// What of a value its schema does not describe: types, unknown keys, missing required ones. Says where.
fn undescribed(document: &Value, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    let schema = resolved(document, schema);
    if let Some(parts) = schema["allOf"].as_array() {
        // A reference, and beside it a description of this use of it.
        let referred = parts.iter().filter(|part| part["$ref"].is_string());
        return referred.for_each(|part| undescribed(document, part, value, at, wrong));
    }
    // A schema that says nothing of the type allows everything: fields of a draft come as they were typed.
    let anything = schema.is_object() && ["type", "properties", "items"].iter().all(|key| schema[key].is_null());
    if value.is_null() || anything {
        return;
    }
    let fits = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    };
    if !fits {
        return wrong.push(format!("{at} is no {}: {value}", schema["type"]));
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        wrong.push(format!("{at} is none of {allowed:?}: {value}"));
    }
    if let (Some(items), described) = (value.as_array(), &schema["items"]) {
        for (number, item) in items.iter().enumerate() {
            undescribed(document, described, item, &format!("{at}/{number}"), wrong);
        }
    }
    let Some(map) = value.as_object() else { return };
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !map.contains_key(required) {
            wrong.push(format!("{at}/{required} is missing"));
        }
    }
    for (key, item) in map {
        let described = match &schema["properties"][key] {
            Value::Null => &schema["additionalProperties"],
            described => described,
        };
        if described.is_null() || *described == json!(false) {
            wrong.push(format!("{at}/{key} is not described"));
        } else {
            undescribed(document, described, item, &format!("{at}/{key}"), wrong);
        }
    }
}

/// Id of a session, and number of a certificate of it.
async fn a_session_with_a_certificate(app: &TestApp) -> (String, String) {
    let schools = app.two_schools().await;
    let session = app.session(&schools, Sketch::default()).await;
    let seat = app.seat(session, schools.dina, schools.millbrook, "district", "confirmed").await;
    let (number, now) = ("0000-0000-0000", app.clock.now());
    let facts = json!({ "name": "Dina Ford", "title": "Reading Safety Net in Action" });
    let row = vec![
        ("id", Expr::value(seat.0)),
        ("number", Expr::value(number)),
        ("version", Expr::value(1)),
        ("session_id", Expr::value(session.0)),
        ("registration_id", Expr::value(seat.0)),
        ("account_id", Expr::value(schools.dina.0)),
        ("school_id", Expr::value(schools.millbrook.0)),
        ("program", Expr::value("attendance")),
        ("held_on", Expr::value(now.date_naive())),
        ("status_index", Expr::value(1_i64)),
        ("facts", Expr::value(facts)),
        ("issued_at", Expr::value(now)),
    ];
    app.put("certificate", row).await;
    (session.to_string(), number.to_owned())
}

/// Id of an adoption whose school opened the log of its first try.
async fn an_adoption_with_a_cycle(app: &TestApp) -> String {
    let id = app.json("/api/v1/adoptions").await["items"][0]["id"].as_str().unwrap().to_owned();
    let mut tx = app.db().write(Actor::System("test")).await.unwrap();
    let written =
        Written { plan: "Try it".to_owned(), began_on: "2026-10-01".to_owned(), open: true, ..Written::default() };
    cycle::begin(&mut tx, id.parse().unwrap(), &written).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// Id of a question that a teacher asks.
async fn a_question(app: &TestApp) -> String {
    let asker = app.account("asker@example.org", "Asa Orr").await;
    app.appoint(asker, Role::Teacher, app.school("pebble-lane-charter-school").await).await;
    let browser = app.signed_in(asker, true).await;
    let path = "/api/v1/practices/number-talks-every-morning/comments";
    let body = serde_json::json!({ "text": "How many minutes does it take?" });
    let request = app.client.post(browser.url(path)).json(&body).header("sec-fetch-site", "same-origin");
    let asked: Value = browser.send(request).await.json().await.unwrap();
    asked["id"].as_str().unwrap_or_else(|| panic!("{asked}")).to_owned()
}

/// Id of a collection that everybody reads.
async fn a_public_collection(app: &TestApp) -> String {
    let (id, now) = (commonground::platform::ids::fresh(), app.clock.now());
    let owner = app.account("owner@example.org", "Ona Orr").await;
    let row = vec![
        ("id", Expr::value(id)),
        ("account_id", Expr::value(owner.0)),
        ("title", Expr::value("Where to begin")),
        ("visibility", Expr::value("public")),
        ("slug", Expr::value("where-to-begin")),
        ("shows_name", Expr::value(false)),
        ("created_at", Expr::value(now)),
        ("updated_at", Expr::value(now)),
    ];
    app.put("collection", row).await;
    id.to_string()
}

/// Ids of a compact that everybody reads and of its commitment.
async fn a_compact(app: &TestApp) -> (String, String) {
    let mut tx = app.db().write(Actor::System("test")).await.unwrap();
    let head =
        Head { name: "Hill Street Agreement".to_owned(), kind: "campus_agreement".to_owned(), ..Head::default() };
    let compact = editing::begin(&mut tx, &head, None).await.unwrap();
    for (name, sector) in [("Hill Street District", "district"), ("Hill Street Charter", "charter")] {
        let (name, sector, state) = (name.to_owned(), sector.to_owned(), "invited".to_owned());
        editing::add_party(&mut tx, compact.id, NewParty { name, sector, state, ..NewParty::default() }).await.unwrap();
    }
    let draft = promises::Draft {
        area: "facilities".to_owned(),
        sentence: "Post the calendar".to_owned(),
        ..promises::Draft::default()
    };
    let commitment = promises::make(&mut tx, compact.id, &draft).await.unwrap();
    editing::publish(&mut tx, compact.id).await.unwrap();
    tx.commit().await.unwrap();
    (compact.id.to_string(), commitment.id.to_string())
}

/// Name in addresses of a statement that everybody reads.
async fn a_statement(app: &TestApp) -> String {
    let lead = app.account("lead@example.org", "Lea Orr").await;
    let place = app.school("pebble-lane-charter-school").await;
    app.appoint(lead, Role::Principal, place).await;
    let Place::School(school) = place else { panic!("no school") };
    let browser = app.signed_in(lead, true).await;
    crate::statements::published(&browser, &format!("school:{school}"), &[]).await.replace("/statements/", "")
}

/// Name in addresses of a published highlight.
async fn a_highlight(app: &TestApp) -> String {
    let (id, now) = (commonground::platform::ids::fresh(), app.clock.now());
    let author = app.account("aide@example.org", "Ada Orr").await;
    let row = vec![
        ("id", Expr::value(id)),
        ("slug", Expr::value("two-schools-one-morning")),
        ("city", Expr::value("rivermark")),
        ("city_name", Expr::value("Rivermark")),
        ("author_id", Expr::value(author.0)),
        ("headline", Expr::value("Two schools, one morning")),
        ("story", Expr::value("They met. They stayed.")),
        ("numbers", Expr::value(json!([]))),
        ("zone", Expr::value("America/New_York")),
        ("state", Expr::value("published")),
        ("revision", Expr::value(1)),
        ("published_at", Expr::value(now)),
        ("created_at", Expr::value(now)),
        ("updated_at", Expr::value(now)),
    ];
    app.put("highlight", row).await;
    "two-schools-one-morning".to_owned()
}

/// Id of the published digest of last month.
async fn a_digest(app: &TestApp, admin: &Browser) -> String {
    drafting::due(app.db()).await.unwrap();
    let page = admin.page("/office/digests").await;
    let id = page.split("href=\"/office/digests/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    admin.post_on(&format!("/office/digests/{id}/publication"), &[("revision", "1")]).await;
    id
}

both_engines! {
    async fn every_documented_path_answers_as_described(app: TestApp) {
        app.seed().await;
        let document = app.json("/api/openapi.json").await;
        assert!(document["openapi"].as_str().unwrap().starts_with("3."));
        let organization = app.json("/api/v1/organizations").await["items"][0]["id"].as_str().unwrap().to_owned();
        let root = app.account("root@example.org", "Rosa Root").await;
        app.appoint(root, Role::CityAdmin, Place::Installation).await;
        let admin = app.signed_in(root, true).await;
        let (session, number) = a_session_with_a_certificate(&app).await;
        let adoption = an_adoption_with_a_cycle(&app).await;
        let collection = a_public_collection(&app).await;
        let question = a_question(&app).await;
        let (compact, commitment) = a_compact(&app).await;
        let (statement, highlight) = (a_statement(&app).await, a_highlight(&app).await);
        let digest = a_digest(&app, &admin).await;
        let (mut operations, mut names) = (0, BTreeSet::new());
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                operations += 1;
                let name = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no name"));
                assert!(names.insert(name.to_owned()), "{name} twice");
                assert!(operation["tags"].as_array().is_some_and(|tags| !tags.is_empty()), "{name} has no tag");
                assert!(
                    operation["summary"].as_str().is_some_and(|summary| summary.len() > 5),
                    "{name} has no summary"
                );
                for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    assert!(parameter["description"].is_string(), "{name}: {}", parameter["name"]);
                }
                let responses = operation["responses"].as_object().unwrap();
                let done = ["200", "201", "202", "204"].into_iter().find(|status| responses.contains_key(*status));
                let done = done.unwrap_or_else(|| panic!("{name} never works"));
                let ok = &responses[done];
                let content = &ok["content"]["application/json; charset=utf-8"];
                let content = if content.is_null() { &ok["content"]["application/json"] } else { content };
                let file = ok["content"]["application/zip"].is_object();
                assert!(content["schema"].is_object() || done == "204" || file, "{name}: {ok}");
                if method != "get" {
                    continue;
                }
                let secured = operation["security"].as_array().is_some_and(|schemes| !schemes.is_empty());
                if secured && path.contains('{') {
                    problem(app.get(&path.replace(['{', '}'], "")).await, 401).await;
                    continue;
                }
                let id = match path.split('/').nth(3) {
                    Some("practices") => "restorative-circles-before-suspension",
                    Some("schools") => "emberline-collegiate-charter-school",
                    Some("organizations") => &organization,
                    Some("sessions") => &session,
                    Some("adoptions") => &adoption,
                    Some("collections") => &collection,
                    Some("comments") => &question,
                    Some("compacts") => &compact,
                    Some("commitments") => &commitment,
                    Some("statements") => &statement,
                    Some("highlights") => &highlight,
                    Some("digests") => &digest,
                    Some(_) | None => "topic",
                };
                let number = if path.contains("/certificates/") { number.as_str() } else { "1" };
                let mut address = path.replace("{id}", id).replace("{version}", "1").replace("{number}", number);
                address = address.replace("{n}", "1").replace("{name}", "topic");
                assert!(!address.contains('{'), "{name}: {address}");
                if secured {
                    problem(app.get(&address).await, 401).await;
                }
                let answer = if secured { admin.get(&address).await } else { app.get(&address).await };
                let status = answer.status().as_u16().to_string();
                assert_eq!(status, "200", "{name} {address}");
                if file {
                    assert_eq!(answer.headers()["content-type"], "application/zip", "{name}");
                    continue;
                }
                let described = answer.headers()["content-type"].to_str().unwrap();
                assert!(described.starts_with("application/json"), "{name}: {described}");
                let body: Value = answer.json().await.unwrap();
                let mut wrong = Vec::new();
                undescribed(&document, &content["schema"], &body, "", &mut wrong);
                assert_eq!(wrong, Vec::<String>::new(), "{name}");
                // Where a thing is named, one that is not there is a described 404.
                if path.contains("{id}") {
                    let missing = path.replace("{id}", "nothing-of-the-kind");
                    let missing = missing.replace("{version}", "1").replace("{number}", "1").replace("{n}", "1");
                    let refusal = problem(app.get(&missing).await, 404).await;
                    let schema = &responses["404"]["content"]["application/problem+json"]["schema"];
                    let mut wrong = Vec::new();
                    undescribed(&document, schema, &refusal, "", &mut wrong);
                    assert_eq!(wrong, Vec::<String>::new(), "{name}");
                }
            }
        }
        assert!(operations >= 12, "{operations}");
        let tags: BTreeSet<&str> =
            document["tags"].as_array().unwrap().iter().filter_map(|tag| tag["name"].as_str()).collect();
        for operation in
            document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values())
        {
            let tag = operation["tags"][0].as_str().unwrap();
            assert!(tags.contains(tag), "{tag} is not explained");
        }
        let examples = document.to_string().matches("\"example\"").count();
        assert!(examples >= 8, "{examples} examples");
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            if schema["example"].is_object() {
                let mut wrong = Vec::new();
                undescribed(&document, schema, &schema["example"], name, &mut wrong);
                assert_eq!(wrong, Vec::<String>::new(), "the example of {name}");
            }
        }
        assert!(app.page("/api/docs").await.contains("/api/openapi.json"));
    }
}
