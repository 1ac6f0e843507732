//! Practices: from files into the catalog, on their pages and in the API; hostile texts stay texts (B3), versions and
//! tombstones stay readable (P-6, P-8), and only use counts as use.

use std::collections::BTreeMap;

use commonground::catalog::{self, NewAdoption};
use commonground::people::{self, SchoolId};
use commonground::platform::vocabulary::{AdoptionStage, StopReason};
use commonground::platform::{Actor, Place, Role, Scope, Via};
use serde_json::{Value, json};

use crate::support::{Engine, TestApp, both_engines, hostile, html, problem, texts};

async fn import_text(app: &TestApp, text: &[u8], dry_run: bool) -> people::ImportReport {
    let report = catalog::import_practices(app.db(), text, "test.jsonl", dry_run, |_| {}).await.unwrap();
    app.settle().await;
    report
}

fn counts(report: &people::ImportReport) -> (usize, usize, usize, usize) {
    (report.added, report.changed, report.unchanged, report.bad.len())
}

async fn total(app: &TestApp, query: &str) -> u64 {
    app.json(&format!("/api/v1/practices?{query}")).await["total"].as_u64().unwrap()
}

/// The JSON-LD of a page; it has one.
fn json_ld(page: &str) -> Value {
    let scripts: Vec<_> = html::elements(page)
        .into_iter()
        .filter(|e| e.name == "script" && e.get("type") == Some("application/ld+json"))
        .collect();
    assert_eq!(scripts.len(), 1);
    serde_json::from_str(&scripts[0].text).unwrap()
}

both_engines! {
    async fn good_lines_are_kept_and_bad_ones_told_by_line(app: TestApp) {
        app.seed().await;
        let file = [
            r#"{"source": "t:1", "title": "Marble jar", "grades": ["k_2"], "topics": ["sel"]}"#,
            r#"{"source": "t:2"}"#,
            "not json",
            "",
            r#"{"title": "Without a source"}"#,
            r#"{"source": "t:3", "titel": "Misspelt"}"#,
            r#"{"source": "t:1", "title": "Marble jar again"}"#,
            r#"["source", "title"]"#,
            r#"{"source": "t:4", "title": "Gravel box", "origin_school": "Pebble Lane Charter School"}"#,
            r#"{"source": "t:5", "title": "At no school", "origin_school": "Nowhere Elementary"}"#,
            r#"{"source": "t:6", "title": "Topics", "topics": ["underwater_chess"]}"#,
            r#"{"source": "t:7", "title": "Mail", "summary": "Write to ann@example.org today"}"#,
        ]
        .join("\n");
        let report = import_text(&app, file.as_bytes(), false).await;
        assert_eq!(counts(&report), (2, 0, 0, 9));
        for ((line, said), (expected, words)) in report.bad.iter().zip([
            (2, "title"),
            (3, "not JSON"),
            (5, "source"),
            (6, "did you mean title?"),
            (7, "earlier line"),
            (8, "Give one object"),
            (10, "Nowhere Elementary"),
            (11, "topics"),
            (12, "e-mail address"),
        ]) {
            assert_eq!(*line, expected, "{said}");
            assert!(said.contains(words) && said.ends_with(['.', '?']) && !said.contains('\n'), "{line}: {said}");
        }
        assert_eq!(total(&app, "q=").await, 27);
        assert_eq!(total(&app, "school=pebble-lane-charter-school&q=gravel+box&match=all").await, 1);
        app.verify().await;
    }
}

both_engines! {
    async fn the_second_run_changes_nothing(app: TestApp) {
        let file = "{\"source\": \"t:1\", \"title\": \"Marble jar\", \"steps\": [{\"what\": \"Fill it\"}], \
            \"training_hours\": 2.5}\r\n\n{\"title\": \"Pebble jar\", \"source\": \"t:2\"}";
        assert_eq!(counts(&import_text(&app, file.as_bytes(), true).await), (2, 0, 0, 0));
        assert_eq!(total(&app, "q=jar").await, 0, "a rehearsal keeps nothing");
        assert_eq!(counts(&import_text(&app, file.as_bytes(), false).await), (2, 0, 0, 0));
        let before = app.json("/api/v1/practices/marble-jar").await;
        app.clock.set("2026-12-14T16:00:00Z".parse().unwrap());
        assert_eq!(counts(&import_text(&app, file.as_bytes(), false).await), (0, 0, 2, 0));
        assert_eq!(app.json("/api/v1/practices/marble-jar").await, before);
        assert_eq!(counts(&import_text(&app, b"", false).await), (0, 0, 0, 0));
    }
}

both_engines! {
    async fn odd_files_spoil_their_lines_only(app: TestApp) {
        let mut file = b"{\"source\": \"t:1\", \"title\": \"Marble jar\"}\n".to_vec();
        file.extend(b"{\"source\": \"t:2\", \"title\": \"Caf\xe9\"}\n\0\0\0\n");
        file.extend(format!("{{\"source\": \"t:3\", \"title\": \"{}\"}}\n", "x".repeat(2 << 20)).bytes());
        file.extend(format!("{}\n", "[".repeat(100_000)).bytes());
        file.extend(b"{\"source\": \"t:4\\u0000\", \"title\": \"Pebble\\u0000 jar\"}\n");
        file.extend(b"{\"source\": \"t:5\", \"title\": \"Sand jar\"}");
        let report = import_text(&app, &file, false).await;
        let lines: Vec<u64> = report.bad.iter().map(|(line, _)| *line).collect();
        assert!(lines.starts_with(&[2, 3, 4, 5]), "{:?}", report.bad);
        assert!(report.bad.iter().all(|(_, said)| said.len() < 400), "{:?}", report.bad);
        assert_eq!(total(&app, "q=sand+jar&match=all").await, 1);
        assert_eq!(total(&app, "q=marble+jar&match=all").await, 1);
        app.verify().await;
    }
}

both_engines! {
    async fn a_byte_order_mark_is_no_part_of_the_first_line(app: TestApp) {
        let file = "\u{feff}{\"source\": \"t:1\", \"title\": \"Marble jar\"}\r\n";
        assert_eq!(counts(&import_text(&app, file.as_bytes(), false).await), (1, 0, 0, 0));
    }
}

both_engines! {
    async fn a_changed_record_is_a_new_version_and_the_old_one_stays(app: TestApp) {
        app.import(&[json!({"source": "t:1", "title": "Marble jar", "summary": "Marbles for kindness."})]).await;
        app.clock.set("2026-12-14T16:00:00Z".parse().unwrap());
        let report = app
            .import(&[json!({"source": "t:1", "title": "Jar of marbles", "summary": "Marbles for kindness."})])
            .await;
        assert_eq!(counts(&report), (0, 1, 0, 0));

        let now = app.json("/api/v1/practices/marble-jar").await;
        assert_eq!((&now["version"], &now["slug"]), (&json!(2), &json!("marble-jar")));
        let page = app.page("/practices/marble-jar").await;
        assert!(html::text(&page).contains("Jar of marbles"));
        assert!(!html::text(&page).contains("You are reading version"));
        let old = app.page("/practices/marble-jar/v/1").await;
        let text = html::text(&old);
        assert!(text.contains("Marble jar") && text.contains("You are reading version 1"), "{text}");
        let newer = html::elements(&old).into_iter().find(|e| e.text == "Read version 2").unwrap();
        assert_eq!(newer.get("href"), Some("/practices/marble-jar"));
        assert_eq!(json_ld(&old)["name"], "Marble jar");
        assert_eq!(json_ld(&old)["version"], "1");
        assert!(html::text(&app.page("/practices/marble-jar/v/2").await).contains("Jar of marbles"));
        for none in ["0", "3", "-1", "x", "99999999999999999999", "1.0", "%00"] {
            assert_eq!(app.get(&format!("/practices/marble-jar/v/{none}")).await.status(), 404, "{none}");
        }
        let versions = app.json("/api/v1/practices/marble-jar/versions").await;
        let numbers: Vec<_> =
            versions["items"].as_array().unwrap().iter().map(|v| v["version"].as_i64().unwrap()).collect();
        assert_eq!(numbers, [2, 1]);
        let first = app.json("/api/v1/practices/marble-jar/versions/1").await;
        assert_eq!(first["record"]["title"], "Marble jar");
        assert_eq!(total(&app, "q=marbles").await, 1);
        app.verify().await;
    }
}

both_engines! {
    async fn a_title_and_a_source_are_enough(app: TestApp) {
        app.import(&[json!({"source": "x:1", "title": "Marble jar"})]).await;
        let found = app.json("/api/v1/practices?q=marble").await;
        let item = &found["items"][0];
        assert_eq!((&item["imported"], &item["school"], &item["summary"]), (&json!(true), &Value::Null, &json!("")));
        let page = html::text(&app.page("/practices/marble-jar").await);
        for words in [
            "Imported, not reviewed here",
            "This record came from test.jsonl on October 14, 2026",
            "The record does not name a school",
            "are filled in",
            "What is missing, and why it helps",
            "The steps are not written down yet.",
            "No evidence is on record yet",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(html::text(&app.page("/search?q=marble").await).contains("Imported"));
        let practice = app.json("/api/v1/practices/marble-jar").await;
        assert_eq!(practice["status"], "imported");
        assert_eq!(practice["source"], "x:1");
        let complete = &practice["completeness"];
        assert!(complete["percent"].as_u64().unwrap() < 20, "{complete}");
        assert!(texts(&complete["missing"], "field").contains(&"summary"), "{complete}");
    }
}

/// Texts that mean something to a browser, a spreadsheet, a template or an eye.
const HOSTILE: [&str; 9] = [
    "<script>alert('canary')</script>",
    "\"><img src=x onerror=alert(`canary`)>",
    "' onmouseover='canary()' x='",
    "=cmd|' /C calc'!A0 canary",
    "{{ canary }} {% canary %} ${canary}",
    "</script><svg/onload=canary()>",
    "<!-- canary --><a href=\"javascript:canary()\">x</a>",
    "&lt;b&gt; canary &amp;quot;",
    "]]></title></textarea><h1>canary",
];

fn hostile_record(number: usize, text: &str) -> Value {
    let step = json!({"what": text, "who": text, "how_long": text});
    json!({
        "source": format!("h:{number}{text}"), "title": text, "summary": text, "problem": text,
        "steps": [step, step], "core_parts": [text, "other"], "can_change": [text], "a_day_or_week": text,
        "materials": [{"title": text, "language": text, "license": text, "url": "https://example.org/\u{27}onerror=1"}],
        "evidence_claims": [{"outcome": text, "finding": "helped", "citation": text, "grades": text,
            "populations": text, "rating": text, "checked_by": text, "checked_on": "2026-01-01"}],
        "local_measures": [{"measure": text, "before": text, "after": text, "dates": text, "compared_with": text,
            "source": text}],
        "what_we_do_not_know": text, "cost_note": text, "conditions_note": text, "space_and_technology": text,
        "timeline": [text], "who_decided": text, "first_week": [text], "prerequisites": [text], "pitfalls": [text],
        "how_to_keep_it_going": text, "not_a_fit_when": [text], "result": "stopped", "stopped_because": text,
        "what_replaced_it": text, "contact_role": text, "visit_rules": text, "open_to_visits": "yes",
        "contributors": [text], "imported_from": text, "original_name": text,
        "origin_school": "Pebble Lane Charter School",
    })
}

/// Element and attribute names that our templates use nowhere: they can only come out of a text.
fn foreign(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for element in html::elements(page) {
        let script = element.name == "script"
            && !element.get("src").is_some_and(|src| src.starts_with("/static/"))
            && element.get("type") != Some("application/ld+json");
        if script || ["img", "iframe", "object", "embed", "style"].contains(&element.name.as_str()) {
            found.push(format!("{element:?}"));
        }
        for (name, value) in &element.attributes {
            let runs = value.trim().to_ascii_lowercase().starts_with("javascript:") && name != "content";
            if name.starts_with("on")
                || name == "style"
                || runs
                || !name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
            {
                found.push(format!("{name}={value} of {}", element.name));
            }
        }
    }
    found
}

both_engines! {
    async fn hostile_texts_are_inert(app: TestApp) {
        app.seed().await;
        let records: Vec<Value> = HOSTILE.iter().enumerate().map(|(n, text)| hostile_record(n, text)).collect();
        let report = app.import(&records).await;
        assert_eq!(counts(&report), (HOSTILE.len(), 0, 0, 0), "{:?}", report.bad);
        let practices = app.json("/api/v1/practices?q=canary&limit=100").await;
        assert_eq!(practices["total"], HOSTILE.len());
        for text in HOSTILE {
            let item = practices["items"].as_array().unwrap().iter().find(|item| item["title"] == text);
            let item = item.unwrap_or_else(|| panic!("{text} came back changed"));
            let slug = item["slug"].as_str().unwrap();
            assert!(slug.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{slug}");
            // The snippet is HTML: nothing but marks and escaped text.
            let snippet = item["snippet"].as_str().unwrap();
            assert!(html::elements(snippet).iter().all(|e| e.name == "mark" && e.attributes.is_empty()), "{snippet}");

            let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            for path in [
                format!("/practices/{slug}"),
                format!("/practices/{slug}/v/1"),
                format!("/practices/{slug}?print"),
                format!("/search?q={encoded}&topic={encoded}&like={encoded}&school={encoded}"),
                format!("/schools?q={encoded}&city={encoded}&sector={encoded}"),
                "/schools/pebble-lane-charter-school".to_owned(),
                "/search?q=canary".to_owned(),
                "/".to_owned(),
            ] {
                let page = app.page(&path).await;
                assert_eq!(foreign(&page), Vec::<String>::new(), "{path}");
                if text.contains('<') {
                    assert!(!page.contains(text), "{path} holds {text} as it is");
                }
                let h1: Vec<_> = html::elements(&page).into_iter().filter(|e| e.name == "h1").collect();
                assert_eq!(h1.len(), 1, "{path}");
            }
            let page = app.page(&format!("/practices/{slug}")).await;
            let h1 = html::elements(&page).into_iter().find(|e| e.name == "h1").unwrap();
            assert_eq!(h1.text, text, "the reader sees what was written");
            assert_eq!(json_ld(&page)["name"], text);
            let answer = app.get(&format!("/api/v1/practices/{slug}")).await;
            assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("application/json"));
            assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
            assert_eq!(answer.json::<Value>().await.unwrap()["record"]["title"], text);
        }
        // In an address that does not exist, too.
        let missing = app.get("/practices/%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
        assert_eq!(missing.status(), 404);
        assert_eq!(foreign(&missing.text().await.unwrap()), Vec::<String>::new());
        app.verify().await;
    }
}

/// B3: a thousand texts that try to act stand in JSON as they were written, do nothing on a page, and begin no formula in a file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_hostile_texts_are_inert_in_json_and_files() {
    let app = TestApp::start(Engine::Sqlite).await;
    app.seed().await;
    // As a title is kept: one line, without what steers a terminal or turns the direction of a line.
    let one_line = |text: String| {
        let shown: String =
            text.replace('\u{202e}', "").chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        shown.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let mut titles: Vec<String> = hostile::texts().map(one_line).collect();
    titles.retain(|title| title.chars().count() <= 80);
    titles.sort();
    titles.dedup();
    assert!(titles.len() > 1_000);
    let record = |(n, title): (usize, &String)| json!({ "source": format!("h:{n}"), "title": title, "summary": title, "origin_school": "Pebble Lane Charter School" });
    let records: Vec<Value> = titles.iter().enumerate().map(record).collect();
    let report = app.import(&records).await;
    assert_eq!(counts(&report), (titles.len(), 0, 0, 0), "{:?}", report.bad);

    // In JSON, all of them, word for word.
    let mut ids = BTreeMap::new();
    let mut path = "/api/v1/practices?limit=100&sort=newest".to_owned();
    loop {
        let answer = app.get(&path).await;
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        let page: Value = answer.json().await.unwrap();
        for item in page["items"].as_array().unwrap() {
            let snippet = item["snippet"].as_str().unwrap_or_default();
            assert!(html::elements(snippet).iter().all(|e| e.name == "mark" && e.attributes.is_empty()), "{snippet}");
            ids.insert(item["title"].as_str().unwrap().to_owned(), item["slug"].as_str().unwrap().to_owned());
        }
        match page["next"].as_str() {
            Some(cursor) => path = format!("/api/v1/practices?limit=100&sort=newest&cursor={cursor}"),
            None => break,
        }
    }
    let lost: Vec<_> = titles.iter().filter(|title| !ids.contains_key(*title)).collect();
    assert_eq!(lost, Vec::<&String>::new(), "they came back changed");

    // Taken over by another school, with the text as its own words.
    let school = app.school("tamsin-row-elementary").await;
    let Place::School(school) = school else { panic!("a school") };
    let cx = app.db().cx(Actor::Visitor);
    for (title, slug) in ids.iter().filter(|(title, _)| titles.contains(title)) {
        let practice = catalog::practice(&cx, slug).await.unwrap().id;
        let mut tx = app.db().write(Actor::System("test")).await.unwrap();
        let new = NewAdoption {
            school: SchoolId(school),
            stage: AdoptionStage::PILOTING,
            started_on: "2026-09-01".parse().unwrap(),
            lead_role: None,
            changed_what: None,
            kept_core: None,
            result_note: Some(title.clone()),
            would_recommend: None,
            contact_ok: false,
            stopped_reason: None,
        };
        catalog::record_adoption(&mut tx, practice, new).await.unwrap();
        tx.commit().await.unwrap();
    }
    let lead = app.account("lead@example.org", "Lena Lead").await;
    app.appoint(lead, Role::Principal, app.school("pebble-lane-charter-school").await).await;
    let lead = app.signed_in(lead, true).await;
    let files =
        [app.get("/adoptions.csv").await, lead.get("/schools/pebble-lane-charter-school/dissemination.csv").await];
    for file in files {
        assert!(file.headers()["content-type"].to_str().unwrap().starts_with("text/csv"));
        let disposition = file.headers()["content-disposition"].to_str().unwrap().to_owned();
        assert!(disposition.starts_with("attachment"), "{disposition}");
        let bytes = file.bytes().await.unwrap();
        let mut seen = 0;
        for row in csv::Reader::from_reader(bytes.as_ref()).records() {
            for cell in &row.unwrap() {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
                seen += usize::from(
                    titles.iter().any(|title| cell.trim_start_matches('\'') == title.trim_start_matches('\'')),
                );
            }
        }
        assert!(seen >= 100, "{seen} cells hold such a text");
    }
    for path in
        ["/adoptions", "/schools/pebble-lane-charter-school", "/schools/pebble-lane-charter-school/dissemination"]
    {
        assert_eq!(foreign(&lead.page(path).await), Vec::<String>::new(), "{path}");
    }
}

both_engines! {
    async fn texts_that_deceive_the_eye_are_cleaned_and_long_ones_refused(app: TestApp) {
        let report = app
            .import(&[
                json!({"source": "t:1", "title": "Marble \u{202e}raj\u{202c}\u{200b} jar\u{7}"}),
                json!({"source": "t:2", "title": "x".repeat(81)}),
                json!({"source": "t:3", "title": "y".repeat(80), "problem": "z".repeat(4_001)}),
                json!({"source": "t:4", "title": "w".repeat(80), "problem": "v ".repeat(2_000).trim()}),
                json!({"source": "t:5", "title": "Link", "imported_url": "javascript:alert(1)"}),
                json!({"source": "t:6", "title": "Wide \u{fdfd}\u{fdfd} 👩‍🏫 e\u{301}\u{301}\u{301}"}),
            ])
            .await;
        let lines: Vec<u64> = report.bad.iter().map(|(line, _)| *line).collect();
        assert_eq!((report.added, lines), (3, vec![2, 3, 5]), "{:?}", report.bad);
        assert_eq!(app.json("/api/v1/practices/marble-raj-jar").await["record"]["title"], "Marble raj jar");
        let page = app.page("/practices/marble-raj-jar").await;
        assert!(!page.contains(['\u{202e}', '\u{202c}', '\u{200b}', '\u{7}']));
        app.page(&format!("/practices/{}", "w".repeat(80))).await;
    }
}

both_engines! {
    async fn interventions_of_the_clearinghouse_become_practices(app: TestApp) {
        let interventions = "id,name\n1,Story Steps®\n2,\"Count, Then Talk\"\n3,Never Reviewed\n";
        let reports = "InterventionID,Intervention_Name,Protocol,Protocol_Version,Outcome_Domain,\
            NumStudiesMeetingStandards,Intervention_Page_URL,Sample_Size_Intervention,Effectiveness_Rating\n\
            1,Story Steps®,Beginning Reading,1.0,Alphabetics,4,/intervention/1,800,Positive Effects\n\
            1,Story Steps®,Beginning Reading,1.0,Comprehension,1,/intervention/1,120,No Discernible Effects\n\
            2,\"Count, Then Talk\",Middle School Math,1.0,,,,,\n\
            x,Nobody,Middle School Math,1.0,,,,,\n";
        let findings = "InterventionID,Protocol,Outcome_Domain,Is_Subgroup,Is_Statistically_Significant,\
            Effect_Size_WWC,Improvement_Index,ESSA_Rating\n\
            1,Beginning Reading,Alphabetics,False,True,,12,ESSA Tier 1\n";
        let import = async || {
            let files = (interventions.as_bytes(), reports.as_bytes(), findings.as_bytes());
            let done = catalog::import_wwc(app.db(), files.0, files.1, files.2, false).await.unwrap();
            app.settle().await;
            done
        };
        let (report, notes) = import().await;
        assert_eq!(counts(&report), (2, 0, 0, 0), "{:?}", report.bad);
        assert!(notes.iter().any(|note| note.contains("line 5")), "{notes:?}");
        assert_eq!(counts(&import().await.0), (0, 0, 2, 0));

        let page = app.page("/practices/story-steps").await;
        let text = html::text(&page);
        for words in [
            "Alphabetics",
            "Comprehension",
            "The source rates it: Positive Effects.",
            "No Discernible Effects",
            "What Works Clearinghouse",
            "Imported, not reviewed here",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        let practice = app.json("/api/v1/practices/story-steps").await;
        let claims = &practice["record"]["evidence_claims"];
        assert_eq!(texts(claims, "outcome"), ["Alphabetics", "Comprehension"]);
        assert_eq!(claims[0]["tier"], "essa_1");
        assert!(claims[1]["tier"].is_null(), "one outcome's tier is not the other's: {claims}");
        assert_eq!(total(&app, "evidence=essa_1").await, 1);
        app.verify().await;
    }
}

both_engines! {
    async fn a_practice_page_tells_its_sections_and_each_outcome(app: TestApp) {
        app.seed().await;
        let page = app.page("/practices/restorative-circles-before-suspension").await;
        let headings: Vec<String> =
            html::elements(&page).into_iter().filter(|e| e.name == "h2").map(|e| e.text).collect();
        for heading in ["Snapshot", "What they do", "Did it work?", "How they did it", "Before you adopt it", "More"] {
            assert!(headings.iter().any(|h| h == heading), "{heading}: {headings:?}");
        }
        let practice = app.json("/api/v1/practices/restorative-circles-before-suspension").await;
        let claims = practice["record"]["evidence_claims"].as_array().unwrap();
        assert_eq!(claims.len(), 5);
        let outcomes: Vec<String> = html::elements(&page)
            .into_iter()
            .filter(|e| e.get("class") == Some("evidence__outcome"))
            .map(|e| e.text)
            .collect();
        assert_eq!(outcomes, claims.iter().map(|c| c["outcome"].as_str().unwrap()).collect::<Vec<_>>());
        let text = html::text(&page);
        for words in ["Emberline Collegiate Charter School", "are filled in", "Used by", "CC BY 4.0", "next check by"] {
            assert!(text.contains(words), "{words}: {text}");
        }
        // Every link of the navigation leads to a section that is there.
        let elements = html::elements(&page);
        let ids: Vec<&str> = elements.iter().filter_map(|e| e.get("id")).collect();
        for element in &elements {
            if let Some(target) = element.get("href").and_then(|href| href.strip_prefix('#')) {
                assert!(ids.contains(&target), "#{target} is nowhere");
            }
        }
        let node = json_ld(&page);
        assert_eq!(node["name"], "Restorative Circles Before Suspension");
        assert_eq!(node["@type"], "LearningResource");
        assert_eq!(node["author"]["name"], "Emberline Collegiate Charter School");
        assert_eq!(node["url"], practice["url"]);
        assert!(!page.contains("@example.org"), "no address on a page");

        let stopped = html::text(&app.page("/practices/merit-and-demerit-points-why-we-stopped").await);
        assert!(stopped.contains("Why they stopped") && stopped.contains("What they do now:"), "{stopped}");
    }
}

both_engines! {
    async fn an_id_leads_to_the_name(app: TestApp) {
        app.seed().await;
        let practice = app.json("/api/v1/practices/number-talks-every-morning").await;
        let moved = app.get(&format!("/practices/{}", practice["id"].as_str().unwrap())).await;
        assert_eq!(
            (moved.status().as_u16(), &moved.headers()["location"]),
            (301, &"/practices/number-talks-every-morning".parse().unwrap())
        );
        let again = app.json(&format!("/api/v1/practices/{}", practice["id"].as_str().unwrap())).await;
        assert_eq!(again, practice);
        for none in ["nothing", "01998c1e-5b70-7a31-8c55-3f1f62b0c1de", "%00", "a%00b", "%FF", "..%2F", "%F0%9F%A6%84"]
        {
            assert_eq!(app.get(&format!("/practices/{none}")).await.status(), 404, "{none}");
            problem(app.get(&format!("/api/v1/practices/{none}")).await, 404).await;
            problem(app.get(&format!("/api/v1/practices/{none}/versions")).await, 404).await;
            problem(app.get(&format!("/api/v1/practices/{none}/related")).await, 404).await;
        }
    }
}

both_engines! {
    async fn a_retired_practice_leaves_a_page_with_the_reason(app: TestApp) {
        app.seed().await;
        app.retire("calm-corner-and-co-regulation-script", "Replaced by <b>the new</b> script.").await;
        app.settle().await;
        let page = app.page("/practices/calm-corner-and-co-regulation-script").await;
        let text = html::text(&page);
        assert!(text.contains("Taken out of the catalog on October 14, 2026."), "{text}");
        assert!(text.contains("Replaced by <b>the new</b> script."), "{text}");
        assert!(noindex(&page) && !html::elements(&page).iter().any(|e| e.name == "b"));
        assert_eq!(total(&app, "q=calm+corner&match=all").await, 0);
        assert_eq!(total(&app, "school=saltmarsh-elementary&q=calm").await, 0);
        let practice = app.json("/api/v1/practices/calm-corner-and-co-regulation-script").await;
        assert_eq!(
            (&practice["status"], &practice["retired_reason"]),
            (&json!("retired"), &json!("Replaced by <b>the new</b> script."))
        );
        assert!(!app.page("/schools/saltmarsh-elementary").await.contains("calm-corner-and"));
        assert!(!app.page("/").await.contains("calm-corner-and"));
        let version = app.page("/practices/calm-corner-and-co-regulation-script/v/1").await;
        assert!(html::text(&version).contains("Taken out of the catalog"), "its versions stay too");
        // A second time changes nothing, and what comes from its source again does not bring it back.
        app.retire("calm-corner-and-co-regulation-script", "Another reason.").await;
        assert!(app.page("/practices/calm-corner-and-co-regulation-script").await.contains("the new"));
        app.import(&[json!({"source": "t:1", "title": "Marble jar"})]).await;
        app.retire("marble-jar", "Taken back.").await;
        app.import(&[json!({"source": "t:1", "title": "Marble jar, changed"})]).await;
        assert_eq!(total(&app, "q=marble").await, 0);
        app.verify().await;
    }
}

fn noindex(page: &str) -> bool {
    html::elements(page).iter().any(|e| e.get("name") == Some("robots") && e.get("content") == Some("noindex"))
}

both_engines! {
    async fn search_engines_are_kept_off_every_version_of_a_retired_practice(app: TestApp) {
        app.seed().await;
        app.retire("calm-corner-and-co-regulation-script", "Taken back.").await;
        for path in ["", "/v/1", "?print"] {
            let page = app.page(&format!("/practices/calm-corner-and-co-regulation-script{path}")).await;
            assert!(noindex(&page), "{path}");
        }
    }
}

async fn adopt(app: &TestApp, practice: &str, school: &str, stage: AdoptionStage) {
    let cx = app.db().cx(Actor::Visitor);
    let practice = catalog::practice(&cx, practice).await.unwrap().id;
    let school = people::school(&cx, school).await.unwrap().id;
    let stopped = stage == AdoptionStage::STOPPED;
    let new = NewAdoption {
        school,
        stage,
        started_on: "2026-01-10".parse().unwrap(),
        lead_role: None,
        changed_what: None,
        kept_core: None,
        result_note: None,
        would_recommend: None,
        contact_ok: false,
        stopped_reason: stopped.then(|| StopReason::all().next().unwrap()),
    };
    let mut tx = app.db().write(Actor::System("test")).await.unwrap();
    catalog::record_adoption(&mut tx, practice, new).await.unwrap();
    tx.commit().await.unwrap();
    app.settle().await;
}

both_engines! {
    async fn only_use_counts_as_use(app: TestApp) {
        app.seed().await;
        // Began at a charter school.
        let slug = "number-talks-every-morning";
        let used = async || {
            let found = app.json("/api/v1/practices?q=number+talks+every+morning&match=all").await;
            let one = app.json(&format!("/api/v1/practices/{slug}")).await["used_by"].clone();
            let item = found["items"].as_array().unwrap().iter().find(|item| item["slug"] == slug).unwrap();
            assert_eq!(item["used_by"], one, "search and practice say the same");
            one
        };
        assert_eq!(used().await, json!({"charter": 1}));
        let (interested, planning) = (AdoptionStage::INTERESTED, AdoptionStage::PLANNING);
        adopt(&app, slug, "tamsin-row-elementary", interested).await;
        adopt(&app, slug, "saltmarsh-elementary", planning).await;
        assert_eq!(used().await, json!({"charter": 1}), "interest and plans are no use");
        adopt(&app, slug, "tamsin-row-elementary", AdoptionStage::PILOTING).await;
        assert_eq!(used().await, json!({"charter": 1, "district": 1}));
        adopt(&app, slug, "tamsin-row-elementary", AdoptionStage::SUSTAINED).await;
        assert_eq!(used().await, json!({"charter": 1, "district": 1}), "one school is one, however often it tells");
        let page = html::text(&app.page(&format!("/practices/{slug}")).await);
        assert!(page.contains("across sectors"), "{page}");
        let listed = app.json(&format!("/api/v1/practices/{slug}/adoptions")).await;
        assert_eq!(listed["total"], 3);
        let counting: Vec<bool> =
            listed["items"].as_array().unwrap().iter().map(|a| a["counts"].as_bool().unwrap()).collect();
        assert_eq!(counting.iter().filter(|c| **c).count(), 2);
        adopt(&app, slug, "tamsin-row-elementary", AdoptionStage::STOPPED).await;
        assert_eq!(used().await, json!({"charter": 1}));
        app.verify().await;
    }
}

both_engines! {
    async fn nobody_but_editors_and_its_school_retires(app: TestApp) {
        app.seed().await;
        let cx = app.db().cx(Actor::Visitor);
        let id = catalog::practice(&cx, "number-talks-every-morning").await.unwrap().id;
        let mut tx = app.db().write(Actor::Visitor).await.unwrap();
        let refused = catalog::retire(&mut tx, id, "Because.").await.unwrap_err();
        assert!(matches!(refused, commonground::platform::Error::SignInRequired), "{refused:?}");
        drop(tx);
        let principal = app.account("principal@example.org", "Principal Quill").await;
        app.appoint(principal, Role::Principal, app.school("tamsin-row-elementary").await).await;
        let cx = app.db().cx(Actor::Visitor);
        let via = Via::SignIn(principal.0);
        let actor = people::account::actor(&cx, principal, via, cx.now(), Scope::Admin, true).await.unwrap().unwrap();
        let mut tx = app.db().write(actor).await.unwrap();
        let refused = catalog::retire(&mut tx, id, "Because.").await.unwrap_err();
        assert!(matches!(refused, commonground::platform::Error::Forbidden(_)), "{refused:?}");
        drop(tx);
        let mut tx = app.db().write(Actor::System("test")).await.unwrap();
        assert!(catalog::retire(&mut tx, id, " ").await.is_err(), "a reason is needed");
        drop(tx);
        for path in ["/practices", "/practices/number-talks-every-morning", "/schools/pebble-lane-charter-school"] {
            for method in [reqwest::Method::POST, reqwest::Method::PUT, reqwest::Method::DELETE] {
                if path == "/practices" && method == reqwest::Method::POST {
                    continue;
                }
                let answer = app.client.request(method, format!("{}/api/v1{path}", app.base)).send().await.unwrap();
                problem(answer, 405).await;
            }
        }
    }
}
