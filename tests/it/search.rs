//! Searching, and that the index says what the database says: at once, on every node, after damage (F-1 to F-7, S1 to
//! S3).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use commonground::platform::Actor;
use commonground::search;
use serde_json::{Value, json};

use crate::support::{Engine, Still, TestApp, TestDatabase, both_engines, html, problem, texts};

const API: &str = "/api/v1/practices";

async fn total(app: &TestApp, query: &str) -> u64 {
    app.json(&format!("{API}?{query}")).await["total"].as_u64().unwrap()
}

/// Slugs of all results of a search, page by page; checks that they are as many as announced and none comes twice.
async fn all_pages(app: &TestApp, query: &str, limit: usize) -> Vec<String> {
    let mut slugs: Vec<String> = Vec::new();
    let mut path = format!("{API}?{query}&limit={limit}");
    let mut announced = None;
    loop {
        let response = app.get(&path).await;
        assert_eq!(response.status(), 200, "{path}");
        let link = response.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        let page: Value = response.json().await.unwrap();
        let on_page = texts(&page["items"], "slug");
        assert!(on_page.len() <= limit, "{path}");
        slugs.extend(on_page.iter().map(|slug| (*slug).to_owned()));
        assert_eq!(*announced.get_or_insert(page["total"].clone()), page["total"], "{path}: the total stays");
        let Some(next) = page["next"].as_str() else {
            assert_eq!(link, None, "{path}: the last page leads nowhere");
            break;
        };
        assert_eq!(on_page.len(), limit, "{path}: only the last page is short");
        let link = link.expect("a page with a next one says so in Link");
        assert!(link.contains("rel=\"next\"") && link.contains(next), "{link}");
        let target = link.trim_start_matches('<').split('>').next().unwrap();
        path = target.strip_prefix(&app.base).unwrap_or(target).to_owned();
        assert!(slugs.len() < 1_000, "{query} never ends");
    }
    assert_eq!(slugs.len() as u64, announced.unwrap().as_u64().unwrap(), "{query}");
    assert_eq!(slugs.iter().collect::<BTreeSet<_>>().len(), slugs.len(), "{query}: one result twice");
    slugs
}

fn counts(answer: &Value, facet: &str) -> Vec<(String, u64)> {
    let values = answer["facets"][facet].as_array().unwrap_or_else(|| panic!("no facet {facet}"));
    let mut counts: Vec<_> =
        values.iter().map(|v| (v["value"].as_str().unwrap().to_owned(), v["count"].as_u64().unwrap())).collect();
    counts.sort();
    counts
}

both_engines! {
    async fn one_filter_is_any_of_its_values_and_two_filters_are_both(app: TestApp) {
        app.seed().await;
        for (query, expected) in [
            ("", 25),
            ("topic=early_reading", 2),
            ("topic=early_reading&topic=coaching", 3),
            ("topic=early_reading&grade_band=prek", 1),
            ("topic=early_reading&topic=coaching&grade_band=prek&grade_band=g6_8", 2),
            ("topic=nonsense", 0),
            ("topic=early_reading&topic=nonsense", 2),
            ("topic=nonsense&grade_band=k_2", 0),
            ("result=stopped", 1),
            ("sector=charter&result=mixed", 1),
            ("school=wren-street-transfer-high-school", 1),
            ("neighborhood=Harbor+Point", 4),
            ("evidence=essa_1", 1),
            ("grade_band=", 25),
            ("no_such_filter=1", 25),
        ] {
            assert_eq!(total(&app, query).await, expected, "{query}");
        }
        let school = app.json("/api/v1/schools/wren-street-transfer-high-school").await;
        assert_eq!(total(&app, &format!("school={}", school["id"].as_str().unwrap())).await, 1);
    }
}

both_engines! {
    async fn a_facet_ignores_its_own_selection_and_keeps_all_others(app: TestApp) {
        app.seed().await;
        let all = app.json(API).await;
        let chosen = app.json(&format!("{API}?topic=early_reading")).await;
        assert_eq!(counts(&chosen, "topic"), counts(&all, "topic"));
        assert_eq!(counts(&chosen, "grade_band"), [("k_2".to_owned(), 2), ("prek".to_owned(), 1)]);
        assert_eq!(counts(&chosen, "sector"), [("charter".to_owned(), 1), ("district".to_owned(), 1)]);

        // Each count is what choosing the value finds.
        let asked = "q=students&sector=charter&grade_band=g6_8";
        let answer = app.json(&format!("{API}?{asked}")).await;
        for (value, count) in counts(&answer, "topic") {
            assert_eq!(total(&app, &format!("{asked}&topic={value}")).await, count, "{value}");
        }
        for (value, count) in counts(&answer, "sector") {
            let only = format!("q=students&grade_band=g6_8&sector={value}");
            assert_eq!(total(&app, &only).await, count, "{value}");
        }
        let labels = texts(&answer["facets"]["sector"], "label");
        assert!(labels.contains(&"Charter"), "{labels:?}");
    }
}

both_engines! {
    async fn all_pages_together_are_the_total(app: TestApp) {
        app.seed().await;
        for query in [
            "q=",
            "q=students",
            "q=ELL+science",
            "q=reading&match=any",
            "topic=family_engagement",
            "sort=newest",
            "q=students&sort=most_used",
            "q=behavior&match=all&sort=newest",
        ] {
            let whole = all_pages(&app, query, 100).await;
            for limit in [1, 4, 7] {
                assert_eq!(all_pages(&app, query, limit).await, whole, "{query} by {limit}");
            }
        }
        assert_eq!(all_pages(&app, "q=", 10).await.len(), 25);
    }
}

both_engines! {
    async fn orders_are_what_they_say(app: TestApp) {
        app.seed().await;
        let mut days = Vec::new();
        for slug in all_pages(&app, "sort=newest", 6).await {
            let practice = app.json(&format!("{API}/{slug}")).await;
            days.push(practice["published_on"].as_str().unwrap().to_owned());
        }
        let mut sorted = days.clone();
        sorted.sort_by(|a, b| b.cmp(a));
        assert_eq!(days, sorted);

        let answer = app.json(&format!("{API}?sort=most_used&limit=100")).await;
        let used: Vec<u64> = answer["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["used_by"].as_object().unwrap().values().filter_map(Value::as_u64).sum())
            .collect();
        assert!(used.is_sorted_by(|a, b| a >= b), "{used:?}");
        assert_eq!(used[0], 3, "the reading safety net is used by three schools");
        let scores: Vec<f64> = app.json(&format!("{API}?q=reading&limit=100")).await["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["score"].as_f64().unwrap())
            .collect();
        assert!(scores.len() > 1 && scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    }
}

both_engines! {
    async fn a_wrong_parameter_is_a_problem_and_not_a_guess(app: TestApp) {
        app.seed().await;
        for query in
            ["limit=0", "limit=101", "limit=-1", "limit=abc", "limit=99999999999999999999", "sort=best", "match=some"]
        {
            let response = app.get(&format!("{API}?{query}")).await;
            let status = response.status().as_u16();
            assert!([400, 422].contains(&status), "{query}: {status}");
            problem(response, status).await;
        }
        for (limit, expected) in [(1, 1), (100, 25)] {
            let answer = app.json(&format!("{API}?limit={limit}")).await;
            assert_eq!(answer["items"].as_array().unwrap().len(), expected);
        }
        assert_eq!(app.get("/api/v1/suggest?q=a&limit=21").await.status(), 400);
        assert_eq!(app.get("/api/v1/schools?limit=0").await.status(), 400);
        // A page of an old or shortened link still answers.
        app.page("/search?limit=0&sort=best&match=some&topic=nonsense").await;
    }
}

both_engines! {
    async fn a_cursor_belongs_to_its_search(app: TestApp) {
        app.seed().await;
        let next = app.json(&format!("{API}?q=students&limit=2")).await["next"].as_str().unwrap().to_owned();
        app.json(&format!("{API}?q=students&limit=2&cursor={next}")).await;
        let cut = &next[..next.len() - 2];
        for query in [
            format!("q=reading&limit=2&cursor={next}"),
            format!("q=students&limit=2&topic=mtss&cursor={next}"),
            format!("q=students&limit=2&sort=newest&cursor={next}"),
            format!("q=students&limit=2&cursor={cut}"),
            "q=students&cursor=xyz".to_owned(),
            "q=students&cursor=%00%FF".to_owned(),
            format!("q=students&cursor={}", "f".repeat(10_000)),
        ] {
            let refused = problem(app.get(&format!("{API}?{query}")).await, 400).await;
            let pointer = refused["errors"][0]["pointer"].as_str().unwrap();
            assert!(pointer.contains("cursor"), "{query}: {refused}");
        }
        let page = app.get(&format!("/search?q=reading&cursor={next}")).await;
        assert_eq!(page.status(), 400);
        assert!(page.text().await.unwrap().contains("start again from the first page"));
        let schools = app.json("/api/v1/schools?limit=2").await["next"].as_str().unwrap().to_owned();
        problem(app.get(&format!("{API}?limit=2&cursor={schools}")).await, 400).await;
    }
}

both_engines! {
    async fn practices_of_schools_like_mine_come_first(app: TestApp) {
        app.seed().await;
        let school = app.json("/api/v1/schools/pebble-lane-charter-school").await;
        assert_eq!(school["grades"]["high"], "5");
        let liked = app.json(&format!("{API}?like=pebble-lane-charter-school&limit=100")).await;
        assert_eq!(liked["total"], 25, "likeness lifts and hides nothing");
        let place =
            |answer: &Value, slug: &str| texts(&answer["items"], "slug").iter().position(|s| *s == slug).unwrap();
        // Of another elementary school of its size, and of a high school.
        assert!(
            place(&liked, "calm-corner-and-co-regulation-script") < place(&liked, "freshman-on-track-team-meetings")
        );
        assert_eq!(place(&liked, "number-talks-every-morning").min(2), place(&liked, "number-talks-every-morning"));
        assert_eq!(total(&app, "like=no-such-school").await, 25);
        let words = "q=attendance&limit=100";
        let plain = app.json(&format!("{API}?{words}")).await;
        let liked = app.json(&format!("{API}?{words}&like=pebble-lane-charter-school")).await;
        assert_eq!(plain["total"], liked["total"], "words decide what is found");
    }
}

both_engines! {
    async fn misspelt_words_are_corrected_and_meant_words_understood(app: TestApp) {
        app.seed().await;
        let misspelt = app.json(&format!("{API}?q=restroative+circles")).await;
        assert_eq!(misspelt["did_you_mean"], "restorative circles");
        assert_eq!(misspelt["items"][0]["slug"], "restorative-circles-before-suspension");
        assert_eq!(app.json(&format!("{API}?q=restorative+circles")).await["did_you_mean"], Value::Null);
        let page = app.page("/search?q=restroative+circles&topic=restorative_practices").await;
        let did = html::elements(&page).into_iter().find(|e| e.text == "restorative circles").unwrap();
        assert_eq!(did.get("href"), Some("/search?q=restorative+circles&topic=restorative_practices"));

        let answer = app.json(&format!("{API}?q=4th+grade+ELL")).await;
        let typed = texts(&answer["understood"], "typed");
        assert!(typed.contains(&"4th") && typed.contains(&"ELL"), "{typed:?}");
        for word in answer["understood"].as_array().unwrap() {
            assert!(!word["meanings"].as_array().unwrap().is_empty(), "{word}");
        }
        // An ambiguous acronym means all of its readings.
        let el = app.json(&format!("{API}?q=EL")).await;
        assert!(el["understood"][0]["meanings"].as_array().unwrap().len() > 1, "{}", el["understood"]);
        let freshman = app.json(&format!("{API}?q=freshman")).await;
        assert!(texts(&freshman["items"], "slug").contains(&"freshman-on-track-team-meetings"));
    }
}

both_engines! {
    async fn a_search_without_a_good_answer_says_so(app: TestApp) {
        app.seed().await;
        let none = app.json(&format!("{API}?q=xylophone+quasar")).await;
        assert_eq!((none["total"].as_u64(), none["items"].as_array().map(Vec::len)), (Some(0), Some(0)));
        let weak = app.json(&format!("{API}?q=xylophone+quasar+zeppelin+attendance")).await;
        assert!(weak["total"] == 0 || weak["weak"] == true, "{weak}");
        let good = app.json(&format!("{API}?q=attendance")).await;
        assert_eq!(good["weak"], false);
        let page = html::text(&app.page("/search?q=xylophone+quasar").await);
        assert!(page.contains("No practice matches \u{201c}xylophone quasar\u{201d}"), "{page}");
    }
}

both_engines! {
    async fn typing_is_continued(app: TestApp) {
        app.seed().await;
        let found = app.json("/api/v1/suggest?q=numb").await;
        assert_eq!(
            found["items"][0],
            json!({
                "kind": "practice", "text": "Number Talks Every Morning", "url": "/practices/number-talks-every-morning"
            })
        );
        let schools = app.json("/api/v1/suggest?q=ember").await;
        assert_eq!(schools["items"][0]["kind"], "school");
        for item in found["items"].as_array().unwrap().iter().chain(schools["items"].as_array().unwrap()) {
            let url = item["url"].as_str().unwrap();
            assert!(app.get(url).await.status().is_success(), "{url}");
        }
        assert_eq!(app.json("/api/v1/suggest").await["items"], json!([]));
        assert_eq!(app.json("/api/v1/suggest?q=a&limit=3").await["items"].as_array().unwrap().len(), 3);
        for odd in ["%22", "%00", "%20", "-", "(((", "%E2%80%AE", "*"] {
            app.json(&format!("/api/v1/suggest?q={odd}")).await;
        }
    }
}

async fn unmet(app: &TestApp) -> Vec<(String, String, i64)> {
    app.search.write_unmet(app.db()).await;
    search::unmet(&app.db().cx(Actor::System("test")), 90).await.unwrap()
}

both_engines! {
    async fn unanswered_searches_are_kept_without_the_person(app: TestApp) {
        app.seed().await;
        for path in [
            "/search?q=Xylophone++Quasar",
            "/api/v1/practices?q=xylophone+quasar",
            "/search?q=quasar&topic=mtss",
            "/search?q=attendance",
            "/search?q=zq",
        ] {
            let request = app.client.get(format!("{}{path}", app.base)).header("user-agent", "Canary/7");
            request.header("x-forwarded-for", "203.0.113.9").header("cookie", "who=canary").send().await.unwrap();
        }
        assert_eq!(unmet(&app).await, [("xylophone quasar".to_owned(), "none".to_owned(), 2)]);
        app.page("/search?q=xylophone+quasar").await;
        assert_eq!(unmet(&app).await[0].2, 3, "counted, not written twice");
        app.clock.set("2027-10-14T16:00:00Z".parse().unwrap());
        assert_eq!(unmet(&app).await, [], "older than asked for");
    }
}

both_engines! {
    /// A wording that one engine cannot keep must not cost the others.
    async fn an_odd_wording_does_not_lose_the_other_unanswered_searches(app: TestApp) {
        app.seed().await;
        app.page("/search?q=xylophone+quasar").await;
        app.page("/search?q=zeppelin%00quasar").await;
        app.page(&format!("/search?q={}", "%F0%9F%A6%84".repeat(300))).await;
        let kept = unmet(&app).await;
        assert!(kept.iter().any(|(wording, ..)| wording == "xylophone quasar"), "{kept:?}");
    }
}

both_engines! {
    async fn a_new_synonym_holds_without_a_restart(app: TestApp) {
        app.seed().await;
        assert_eq!(total(&app, "q=zzwidget&match=all").await, 0);
        let set = async |also: &[String]| {
            let mut tx = app.db().write(Actor::System("test")).await.unwrap();
            search::set_synonym(&mut tx, "ZZwidget", also).await.unwrap();
            tx.commit().await.unwrap();
        };
        set(&["sound wall".to_owned()]).await;
        let start = Instant::now();
        while total(&app, "q=zzwidget&match=all").await == 0 {
            assert!(start.elapsed() < Duration::from_secs(3), "the synonym is not used");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let answer = app.json(&format!("{API}?q=zzwidget")).await;
        assert_eq!(answer["items"][0]["slug"], "sound-wall-and-ten-minute-phonics-warm-up");
        assert_eq!(answer["understood"], json!([{"typed": "zzwidget", "meanings": ["sound wall"]}]));
        assert!(html::text(&app.page("/help").await).contains("ZZWIDGET"));
        set(&[]).await;
        let start = Instant::now();
        while total(&app, "q=zzwidget&match=all").await > 0 {
            assert!(start.elapsed() < Duration::from_secs(3), "the synonym is still used");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

both_engines! {
    /// S2, on one node: visible within a second, here with room for a slow machine.
    async fn what_was_saved_is_found_and_what_changed_is_found_anew(app: TestApp) {
        let record = |title: &str| [json!({"source": "t:1", "title": title})];
        let lines = |record: [Value; 1]| format!("{}\n", record[0]);
        for (title, word, before) in [("Marble jar", "marble", "none"), ("Pebble jar", "pebble", "marble")] {
            let file = lines(record(title));
            let start = Instant::now();
            commonground::catalog::import_practices(app.db(), file.as_bytes(), "t", false, |_| {}).await.unwrap();
            while total(&app, &format!("q={word}")).await == 0 {
                assert!(start.elapsed() < Duration::from_secs(3), "{title} is not found");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            assert_eq!(total(&app, &format!("q={before}")).await, 0);
        }
        app.settle().await;
        app.verify().await;
    }
}

async fn withdrawn_is_gone_at_once(engine: Engine) {
    let still = Still::open(engine).await;
    commonground::ops::demo::seed(&still.app).await.unwrap();
    still.follow().await;
    let slug = "number-talks-every-morning";
    let id = commonground::catalog::practice(&still.app.db.cx(Actor::Visitor), slug).await.unwrap().id;
    // Every way to it is there before; the answers are now in every cache that there is.
    let ways = [
        "/api/v1/practices?q=number+talks".to_owned(),
        "/api/v1/practices?sort=newest&limit=100".to_owned(),
        "/search?q=number+talks".to_owned(),
        "/api/v1/suggest?q=number+ta".to_owned(),
        "/schools/pebble-lane-charter-school".to_owned(),
    ];
    for way in &ways {
        assert!(still.get(way).await.contains(slug), "{way}");
    }
    let mut related = Vec::new();
    for other in texts(&still.json("/api/v1/practices?limit=100").await["items"], "slug") {
        let path = format!("/api/v1/practices/{other}/related");
        if still.get(&path).await.contains(slug) {
            related.push(path);
        }
    }
    let before = still.json("/api/v1/practices?q=number+talks&limit=100").await["total"].as_u64().unwrap();

    let mut tx = still.app.db.write(Actor::System("test")).await.unwrap();
    commonground::catalog::retire(&mut tx, id, "The school asked for it.").await.unwrap();
    tx.commit().await.unwrap();

    let mut shown = Vec::new();
    for way in ways.iter().chain(&related) {
        if still.get(way).await.contains(slug) {
            shown.push(way);
        }
    }
    assert!(shown.is_empty(), "still shown by {shown:?}");
    let after = still.json("/api/v1/practices?q=number+talks&limit=100").await;
    assert_eq!(after["total"].as_u64().unwrap(), before - 1);
    assert!(still.get(&format!("/practices/{slug}")).await.contains("The school asked for it."), "the tombstone stays");
    still.follow().await;
    assert_eq!(still.json("/api/v1/practices?limit=1").await["total"], 24);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn withdrawn_is_gone_at_once_though_nothing_follows_sqlite() {
    withdrawn_is_gone_at_once(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn withdrawn_is_gone_at_once_though_nothing_follows_postgres() {
    withdrawn_is_gone_at_once(Engine::Postgres).await;
}

both_engines! {
    async fn hostile_queries_cost_nothing(app: TestApp) {
        app.seed().await;
        let long = [
            "(".repeat(60_000),
            format!("{}a{}", "(".repeat(20_000), ")".repeat(20_000)),
            "%22".repeat(10_000),
            "%22a%22+".repeat(5_000),
            "-".repeat(50_000),
            "a+OR+".repeat(10_000),
            "*".repeat(50_000),
            "reading+".repeat(7_000),
            "%F0%9F%91%A9%E2%80%8D%F0%9F%8F%AB".repeat(1_500),
        ];
        let short = [
            "%00",
            "a%00b",
            "%FF%FE",
            "%E2%80%AE%D7%A9%D7%9C%D7%95%D7%9D",
            "%D8%A7%D9%84%D8%B3",
            "\u{130}".trim(),
            "title:reading",
            "%5B1+TO+9%5D",
            "a~9",
            "%2Breading+-reading",
            "-reading",
            "%5C",
            "%5C%22",
            "%3Cscript%3E",
            "'%20OR%201=1--",
            "%25%25%25",
            "a%0D%0Ab",
            "%EF%BB%BF",
            "%CC%81%CC%81%CC%81",
            "NOT+AND+OR",
            "%22",
            "%22%22",
            "reading%22",
            "%26q=x",
            "q=q=q",
            "%ED%A0%80",
        ];
        for query in long.iter().map(String::as_str).chain(short) {
            for path in ["/search", API, "/api/v1/suggest", "/schools", "/api/v1/schools"] {
                let shown = &query[..query.len().min(40)];
                let start = Instant::now();
                let request = app.client.get(format!("{}{path}?q={query}", app.base));
                let response = request.send().await.unwrap_or_else(|error| panic!("{path}?q={shown}: {error}"));
                let status = response.status().as_u16();
                let took = start.elapsed();
                assert!([200, 400, 414, 422, 431].contains(&status), "{path}?q={shown}: {status}");
                assert!(query.len() > 60_000 || status == 200 || path.contains("/api/"), "{path}?q={shown}: {status}");
                assert!(took < Duration::from_secs(2), "{path}?q={shown}: {took:?}");
            }
        }
        // Longer than any address may be: refused, and the next request is served.
        let endless = app.client.get(format!("{}/search?q={}", app.base, "(".repeat(100_000))).send().await;
        if let Ok(response) = endless {
            assert!([414, 431].contains(&response.status().as_u16()), "{}", response.status());
        }
        assert_eq!(
            total(&app, "q=attendance+nudges").await,
            app.json(&format!("{API}?q=attendance+nudges")).await["total"]
        );
        assert_eq!(app.get("/healthz").await.status(), 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_follow_one_database() {
    let database = TestDatabase::fresh(Engine::Postgres).await;
    let a = TestApp::on(database.share(), "a").await;
    let b = TestApp::on(database.share(), "b").await;
    a.seed().await;
    b.settle().await;
    assert_eq!((total(&a, "q=").await, total(&b, "q=").await), (25, 25));

    let mut tx = b.db().write(Actor::System("test")).await.unwrap();
    search::set_synonym(&mut tx, "zzwidget", &["phonics".to_owned()]).await.unwrap();
    tx.commit().await.unwrap();
    b.import(&[json!({"source": "t:1", "title": "Marble jar"})]).await;
    a.settle().await;
    for node in [&a, &b] {
        assert_eq!(total(node, "q=marble+jar&match=all").await, 1);
    }
    let start = Instant::now();
    while total(&a, "q=zzwidget").await == 0 {
        assert!(start.elapsed() < Duration::from_secs(3), "the synonym does not reach the other node");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Withdrawn on one node, gone on the other at once: no waiting here.
    a.retire("marble-jar", "Taken back.").await;
    assert_eq!(total(&b, "q=marble+jar&match=all").await, 0);
    b.settle().await;
    a.settle().await;
    a.verify().await;
    b.verify().await;
    // One node away, changes meanwhile, and back.
    drop(a.stop().await);
    b.import(&[json!({"source": "t:2", "title": "Pebble jar"}), json!({"source": "t:1", "title": "Marble jars"})])
        .await;
    let a = TestApp::on(database, "a").await;
    a.settle().await;
    assert_eq!(total(&a, "q=pebble+jar&match=all").await, 1);
    a.verify().await;
}

/// Files of an index, below its folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn damage(file: &Path, how: &str) {
    let mut bytes = std::fs::read(file).unwrap();
    match how {
        "delete" => return std::fs::remove_file(file).unwrap(),
        "truncate" => bytes.truncate(bytes.len() / 2),
        "empty" => bytes.clear(),
        _ => {
            let at = bytes.len() / 2;
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 0x55;
            }
        }
    }
    std::fs::write(file, bytes).unwrap();
}

/// Starts on a damaged index: it answers at once, rightly or by saying that search is being repaired, and heals.
async fn heals(database: TestDatabase, what: &str) -> TestDatabase {
    let app = TestApp::on(database, "node").await;
    let answer = app.get(&format!("{API}?q=attendance")).await;
    assert!([200, 503].contains(&answer.status().as_u16()), "{what}: {}", answer.status());
    assert_eq!(app.get("/practices/number-talks-every-morning").await.status(), 200, "{what}: reading needs no index");
    app.settle().await;
    assert_eq!(total(&app, "limit=1").await, 25, "{what}");
    assert_eq!(app.json("/api/v1/schools?q=emberline").await["total"], 1, "{what}");
    app.verify().await;
    assert_eq!(app.json("/readyz").await["status"], "ready", "{what}");
    app.stop().await
}

async fn every_file_may_be_damaged(engine: Engine, ways: &[&str]) {
    let app = TestApp::rivermark(engine).await;
    let mut database = app.stop().await;
    for kind in ["practice", "school"] {
        let folder = database.config("node").index_dir().join(kind);
        let names: Vec<_> = files(&folder).iter().map(|file| file.file_name().unwrap().to_owned()).collect();
        assert!(names.len() > 3, "{names:?}");
        // After a rebuild the files have new names: damage goes by their kinds.
        let kinds: BTreeSet<String> = names
            .iter()
            .map(|name| Path::new(name).extension().unwrap_or(name).to_string_lossy().into_owned())
            .collect();
        for (number, file_kind) in kinds.iter().enumerate() {
            let how = ways[number % ways.len()];
            let of_kind = |file: &&PathBuf| {
                file.extension().or(file.file_name()).is_some_and(|end| end.to_string_lossy() == **file_kind)
            };
            let Some(file) = files(&folder).iter().find(of_kind).cloned() else { continue };
            damage(&file, how);
            database = heals(database, &format!("{how} {kind}/{file_kind}")).await;
        }
    }
    let index = database.config("node").index_dir();
    std::fs::remove_dir_all(&index).unwrap();
    heals(database, "no index at all").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_in_the_place_of_the_index_gives_way() {
    let app = TestApp::rivermark(Engine::Sqlite).await;
    let database = app.stop().await;
    let folder = database.config("node").index_dir().join("practice");
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "not a folder").unwrap();
    heals(database, "a file in the place of the folder").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_index_heals_sqlite() {
    every_file_may_be_damaged(Engine::Sqlite, &["truncate", "flip", "delete", "empty"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_index_heals_postgres() {
    every_file_may_be_damaged(Engine::Postgres, &["flip", "delete", "truncate"]).await;
}

both_engines! {
    /// Damage under a running server: stored documents overwritten in their place.
    async fn damage_under_way_is_noticed_and_repaired_without_a_restart(app: TestApp) {
        app.seed().await;
        let folder = app.app.config.index_dir().join("practice");
        let mut hit = 0;
        for file in files(&folder).iter().filter(|file| file.extension().is_some_and(|e| e == "store")) {
            let length = std::fs::metadata(file).unwrap().len() as usize;
            use std::io::Write;
            std::fs::OpenOptions::new().write(true).open(file).unwrap().write_all(&vec![0xa5; length]).unwrap();
            hit += 1;
        }
        assert!(hit > 0, "there are stored documents");
        let start = Instant::now();
        let mut said = false;
        for number in 0.. {
            // Another search each time: none of them was answered before.
            let answer = app.get(&format!("{API}?q=attendance&limit={}", number % 50 + 20)).await;
            let status = answer.status().as_u16();
            assert!([200, 503].contains(&status), "{status}");
            said |= status == 503;
            if said && status == 200 {
                break;
            }
            assert!(start.elapsed() < Duration::from_secs(10), "said: {said}, {status}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        app.settle().await;
        assert_eq!(total(&app, "limit=1").await, 25);
        app.verify().await;
    }
}

both_engines! {
    async fn the_index_of_another_database_is_not_believed(app: TestApp) {
        app.import(&[json!({"source": "t:1", "title": "Marble jar"}), json!({"source": "t:2", "title": "Pebble jar"})])
            .await;
        let engine = match app.database.url {
            commonground::platform::config::DatabaseUrl::Sqlite(_) => Engine::Sqlite,
            commonground::platform::config::DatabaseUrl::Postgres(_) => Engine::Postgres,
        };
        let other = TestApp::start(engine).await;
        other
            .import(&[json!({"source": "t:3", "title": "Gravel jar"}), json!({"source": "t:4", "title": "Sand jar"})])
            .await;
        let (mine, theirs) = (app.stop().await, other.stop().await);
        let (here, there) = (mine.config("node").index_dir(), theirs.config("node").index_dir());
        std::fs::remove_dir_all(&here).unwrap();
        std::fs::rename(&there, &here).unwrap();
        let app = TestApp::on(mine, "node").await;
        app.settle().await;
        assert_eq!(total(&app, "q=jar").await, 2);
        assert_eq!(total(&app, "q=gravel").await, 0);
        app.verify().await;
    }
}

both_engines! {
    /// S1 without kills: after everything that changes something, index and database say the same.
    async fn the_index_says_what_the_database_says(app: TestApp) {
        app.seed().await;
        app.verify().await;
        app.import(&[
            json!({"source": "t:1", "title": "Marble jar", "origin_school": "pebble-lane-charter-school"}),
            json!({"source": "t:2", "title": "Pebble jar", "topics": ["sel"]}),
        ])
        .await;
        app.verify().await;
        app.import(&[json!({"source": "t:1", "title": "Marble jars", "origin_school": "tamsin-row-elementary"})]).await;
        app.verify().await;
        app.retire("pebble-jar", "Taken back.").await;
        app.settle().await;
        app.verify().await;
        let health = app.search.health();
        assert_eq!(health[0].1.documents, 26, "{health:?}");
    }
}

both_engines! {
    /// A practice's card and keywords hold its school: when the school changes, both indexes have to follow.
    async fn a_school_that_changes_is_found_by_its_new_name_everywhere(app: TestApp) {
        let row = |name: &str, charter: &str| {
            format!(
                "010000500870,0100005,{name},Albertville City,Albertville,AL,Pre-K,5,{charter},CCD,1-Regular school,\
                 ,300,,"
            )
        };
        app.import_schools(&[&row("Marigold School", "Y")]).await;
        app.import(&[json!({"source": "t:1", "title": "Marble jar", "origin_school": "010000500870"})]).await;
        assert_eq!(total(&app, "q=marigold&match=all").await, 1);
        app.import_schools(&[&row("Larkspur School", "N")]).await;
        app.settle().await;
        let found = app.json(&format!("{API}?q=marble")).await;
        assert_eq!(found["items"][0]["school"]["name"], "Larkspur School");
        assert_eq!(found["items"][0]["school"]["sector"], "district");
        assert_eq!(total(&app, "q=larkspur&match=all").await, 1);
        assert_eq!(total(&app, "sector=charter").await, 0);
        app.verify().await;
    }
}
