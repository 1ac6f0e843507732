//! Finding sessions: the list, the month, the API.

use chrono::{NaiveDateTime, TimeDelta};
use commonground::platform::{Place, Role};
use commonground::sessions::SessionId;
use sea_orm::sea_query::{Expr, SimpleExpr};
use serde_json::json;

use crate::calendar::change;
use crate::support::sessions::Sketch;
use crate::support::{TestApp, both_engines, problem, texts};

fn cell<V: Into<sea_orm::Value>>(column: &'static str, value: V) -> (&'static str, SimpleExpr) {
    (column, Expr::value(value))
}

async fn set(test: &TestApp, id: SessionId, cells: Vec<(&'static str, SimpleExpr)>) {
    change(test, "session", "id", id.0, cells).await;
}

fn on(title: &str, day: &str) -> Sketch {
    Sketch { title: title.to_owned(), meetings: vec![format!("{day}T09:00:00").parse().unwrap()], ..Sketch::default() }
}

both_engines! {
async fn pages_follow_one_another_and_miss_nothing(test: TestApp) {
    let at = test.two_schools().await;
    let first: NaiveDateTime = "2026-11-02T09:00:00".parse().unwrap();
    for number in 0..25 {
        // Several begin at the same moment: the place in the list needs more than the time.
        let meetings = vec![first + TimeDelta::days(number / 5)];
        test.session(&at, Sketch { title: format!("Session {number:02}"), meetings, ..Sketch::default() }).await;
    }
    let mut seen = Vec::new();
    let mut path = "/api/v1/sessions?limit=10".to_owned();
    let mut pages = 0;
    loop {
        let response = test.get(&path).await;
        let link = response.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        let list: serde_json::Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!(list["total"], 25);
        seen.extend(texts(&list["items"], "title").into_iter().map(str::to_owned));
        pages += 1;
        let Some(link) = link else { break };
        assert!(list["next"].is_string());
        path = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
        // What is added before the place changes nothing behind it.
        if pages == 1 {
            test.session(&at, on("Before", "2026-10-20")).await;
            let title = test.json("/api/v1/sessions?limit=1").await["items"][0]["title"].clone();
            assert_eq!(title, "Before");
            set(
                &test,
                test.json("/api/v1/sessions?limit=1").await["items"][0]["id"].as_str().unwrap().parse().unwrap(),
                vec![cell("status", "cancelled")],
            )
            .await;
        }
    }
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!((pages, sorted.len(), seen.len()), (3, 25, 25));

    let page = test.page("/sessions").await;
    assert!(page.contains("25 sessions") && page.contains("Next page"));
    assert_eq!(page.matches("card-list").count(), 1);
    let next = page.split("href=\"").find(|rest| rest.starts_with("/sessions?cursor=")).unwrap();
    let rest = test.page(&next[..next.find('"').unwrap()].replace("&amp;", "&")).await;
    assert_eq!(rest.matches("/sessions/0").count(), 5);
    assert!(rest.contains("Back to the first page") && !rest.contains("Next page"));

    problem(test.get("/api/v1/sessions?cursor=nowhere").await, 400).await;
    problem(test.get("/api/v1/sessions?limit=0").await, 400).await;
    problem(test.get("/api/v1/sessions?from=soon").await, 400).await;
}
}

both_engines! {
async fn each_filter_holds(test: TestApp) {
    let at = test.two_schools().await;
    let private = test.add_school("Quiet Hill", "other", "Quiet Hill Academy", "other_public").await;
    let plain = test.session(&at, on("Reading 100% safely", "2026-11-10")).await;
    let webinar = test.session(&at, Sketch { capacity: 0, online: 50, ..on("Écriture webinar", "2026-12-01") }).await;
    set(
        &test,
        webinar,
        vec![cell("format", "webinar"), cell("cohost_school_id", private.0), cell("cohost_sector", "other_public")],
    )
    .await;
    change(&test, "session_topic", "session_id", webinar.0, vec![cell("topic", "writing")]).await;
    let full = test.session(&at, Sketch { capacity: 2, ..on("Full house", "2026-11-20") }).await;
    set(&test, full, vec![cell("taken", 2)]).await;
    let closed = test.session(&at, on("Closed early", "2026-11-21")).await;
    set(&test, closed, vec![cell("closes_at", test.clock.now() - TimeDelta::hours(1))]).await;
    let late = test.session(&at, on("Opens later", "2026-11-22")).await;
    set(&test, late, vec![cell("opens_at", test.clock.now() + TimeDelta::hours(1))]).await;
    let past = test.session(&at, Sketch { status: "completed", ..on("Over", "2026-09-10") }).await;
    let series = vec!["2026-10-01T09:00:00".parse().unwrap(), "2026-11-05T09:00:00".parse().unwrap()];
    let running =
        test.session(&at, Sketch { status: "running", meetings: series, ..on("Under way", "2026-10-01") }).await;
    let _ = (plain, past, running);

    for (query, wanted) in [
        (
            "",
            &["Under way", "Reading 100% safely", "Full house", "Closed early", "Opens later", "Écriture webinar"][..],
        ),
        ("format=webinar", &["Écriture webinar"]),
        ("topic=writing", &["Écriture webinar"]),
        ("mode=online", &["Écriture webinar"]),
        ("sector=other_public", &["Écriture webinar"]),
        ("sector=district&mode=in_person&from=2026-11-21", &["Closed early", "Opens later"]),
        ("open=true", &["Reading 100% safely", "Écriture webinar"]),
        ("q=HOUSE", &["Full house"]),
        ("q=100%25", &["Reading 100% safely"]),
        ("q=100_", &[]),
        ("q=safely+reading", &["Reading 100% safely"]),
        ("from=2026-09-01&to=2026-09-30", &["Over"]),
        ("from=2026-11-20&to=2026-11-20", &["Full house"]),
        ("to=2026-11-10", &["Under way", "Reading 100% safely"]),
    ] {
        let list = test.json(&format!("/api/v1/sessions?{query}")).await;
        assert_eq!(texts(&list["items"], "title"), wanted, "{query}");
        assert_eq!(list["total"], wanted.len(), "{query}");
    }
    let of = |school: &str| format!("/api/v1/sessions?school={school}");
    assert_eq!(test.json(&of(&private.to_string())).await["total"], 1);
    assert_eq!(test.json(&of(&at.harbor.to_string())).await["total"], 6);

    let page = test.page("/sessions?format=webinar&q=webinar").await;
    assert!(page.contains("Écriture webinar") && !page.contains("Full house"));
    assert!(page.contains("<option value=\"webinar\" selected>"), "the form keeps what was chosen");
    assert!(
        page.contains("/sessions.ics?q=webinar&#38;format=webinar")
            || page.contains("/sessions.ics?q=webinar&amp;format=webinar"),
        "{page}"
    );
    let wrong = test.get("/sessions?from=soon").await;
    assert_eq!(wrong.status(), 422);
    assert!(wrong.text().await.unwrap().contains("Give a day like"));
}
}

both_engines! {
async fn who_may_not_know_of_a_session_is_not_shown_it(test: TestApp) {
    let at = test.two_schools().await;
    let other = test.add_school("Stone Schools", "district", "Stone Elementary", "district").await;
    let teacher = async |email: &str, school: commonground::people::SchoolId| {
        let id = test.account(email, "Somebody Else").await;
        test.appoint(id, Role::Teacher, Place::School(school.0)).await;
        id
    };
    let (sam, ida) = (teacher("sam@stone.example", other).await, test.account("ida@nowhere.example", "Ida Free").await);
    test.session(&at, on("For all", "2026-11-10")).await;
    test.session(&at, Sketch { status: "draft", ..on("Draft", "2026-11-11") }).await;
    test.session(&at, Sketch { status: "submitted", ..on("Submitted", "2026-11-11") }).await;
    let members = test.session(&at, on("For members", "2026-11-12")).await;
    set(&test, members, vec![cell("visibility", "members")]).await;
    let invited = test.session(&at, on("For guests", "2026-11-13")).await;
    set(&test, invited, vec![cell("visibility", "invited")]).await;
    let parties = test.session(&at, on("For the two", "2026-11-14")).await;
    set(&test, parties, vec![cell("visibility", "invited")]).await;
    test.put("session_invited", vec![cell("session_id", invited.0), cell("school_id", other.0)]).await;

    let list = test.json("/api/v1/sessions").await;
    assert_eq!((texts(&list["items"], "title"), &list["total"]), (vec!["For all"], &json!(1)));
    for (who, wanted) in [
        (ida, &["For all", "For members"][..]),
        (sam, &["For all", "For members", "For guests"]),
        (at.dina, &["For all", "For members", "For guests", "For the two"]),
        (at.carl, &["For all", "For members", "For guests", "For the two"]),
    ] {
        let browser = test.signed_in(who, false).await;
        let list: serde_json::Value = serde_json::from_str(&browser.page("/api/v1/sessions").await).unwrap();
        assert_eq!(texts(&list["items"], "title"), wanted);
        assert_eq!(list["total"], wanted.len());
        // Whatever is listed can be read, and nothing else.
        for (id, title) in [(members, "For members"), (invited, "For guests"), (parties, "For the two")] {
            let status = browser.get(&format!("/api/v1/sessions/{id}")).await.status();
            assert_eq!(status.as_u16(), if wanted.contains(&title) { 200 } else { 404 }, "{title}");
        }
        let response = browser.get("/sessions").await;
        assert_eq!(response.headers()["cache-control"], "no-store");
        let page = response.text().await.unwrap();
        assert!(
            ["For members", "For guests", "For the two", "Draft", "Submitted"]
                .iter()
                .all(|title| page.contains(title) == wanted.contains(title)),
            "{page}"
        );
    }
}
}

both_engines! {
async fn the_list_reads_as_people_speak(test: TestApp) {
    let at = test.two_schools().await;
    let meetings = vec!["2027-03-13T09:00:00".parse().unwrap(), "2027-03-20T09:00:00".parse().unwrap()];
    let id = test.session(&at, Sketch { meetings, online: 10, ..on("Reading Safety Net", "2027-03-13") }).await;
    set(&test, id, vec![cell("taken", 18)]).await;
    let chicago = Sketch { zone: "America/Chicago", status: "postponed", capacity: 3, ..on("Writing", "2026-11-10") };
    let other = test.session(&at, chicago).await;
    set(&test, other, vec![cell("taken", 3), cell("joint_published", false), cell("cohost_sector", "charter")]).await;
    let page = test.page("/sessions").await;
    for words in [
        "Saturday, March 13, 2027, 9:00 AM to 12:00 PM EST, and 1 more meeting until Saturday, March 20, 2027",
        "12 of 30 seats free in the room, 10 of 10 seats free online",
        "Joint: host and co-host are of two sectors",
        "Not joint",
        "Harbor Charter School",
        "Millbrook Elementary",
        "Tuesday, November 10, 2026, 9:00 AM to 12:00 PM CST",
        "Postponed",
        "<h3>November 2026</h3>",
        "<h3>March 2027</h3>",
        "In person and online",
        "Workshop",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(page.find("Writing").unwrap() < page.find("Reading Safety Net").unwrap());
    assert!(!page.contains("Post a session"));
    assert!(test.signed_in(at.dina, false).await.page("/sessions").await.contains("/sessions/new"));
}
}

both_engines! {
async fn a_month_has_its_days(test: TestApp) {
    let at = test.two_schools().await;
    let meetings = vec!["2026-10-30T09:00:00".parse().unwrap(), "2026-11-07T13:00:00".parse().unwrap()];
    test.session(&at, Sketch { meetings, ..on("Coaching", "2026-10-30") }).await;
    // Late in the evening of the last day, far in the west.
    let meetings = vec!["2026-11-30T21:30:00".parse().unwrap()];
    test.session(&at, Sketch { meetings, zone: "America/Los_Angeles", ..on("Stars", "2026-11-30") }).await;
    test.session(&at, on("December", "2026-12-01")).await;
    let page = test.page("/sessions?view=month&month=2026-11").await;
    assert!(page.contains("<h1>Sessions in November 2026</h1>"));
    assert_eq!(page.matches("1:00 PM EST").count(), 2, "once in the table, once in the list");
    assert!(page.contains("Saturday, November 7") && page.contains("Monday, November 30"), "{page}");
    assert!(page.contains("9:30 PM PST") && !page.contains("Friday, October 30"));
    assert!(!page.contains("December</a>"));
    assert!(page.contains("month=2026-10") && page.contains("month=2026-12"));
    assert_eq!(page.matches("<tr>").count(), 6, "five weeks and their head");
    // Now, where nothing is said or what is said is no month.
    for path in ["/sessions?view=month", "/sessions?view=month&month=never", "/sessions?view=month&month=2026-13"] {
        assert!(test.page(path).await.contains("Sessions in October 2026"), "{path}");
    }
    assert!(test.page("/sessions?view=month&month=2030-01").await.contains("Nothing meets in this month"));
}
}

both_engines! {
async fn an_empty_list_leads_on(test: TestApp) {
    let page = test.page("/sessions").await;
    assert!(page.contains("No session is planned yet") && page.contains("/sessions/ask"));
    let page = test.page("/sessions?format=webinar").await;
    assert!(page.contains("No session fits all of that") && page.contains("See all sessions without filters"));
}
}

both_engines! {
async fn one_session_over_json(test: TestApp) {
    let at = test.two_schools().await;
    let id = test.session(&at, Sketch { online: 5, ..on("Fractions", "2026-11-14") }).await;
    change(&test, "meeting", "session_id", id.0, vec![cell("online_url", "https://meet.example/f")]).await;
    let path = format!("/api/v1/sessions/{id}");
    let response = test.get(&path).await;
    let tag = response.headers()["etag"].to_str().unwrap().to_owned();
    let found: serde_json::Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!(found["meetings"][0]["starts_at"], "2026-11-14T09:00:00-05:00");
    assert_eq!(
        (found["host"]["sector"].as_str(), found["cohost"]["sector"].as_str()),
        (Some("charter"), Some("district"))
    );
    assert!(found["meetings"][0].get("online_url").is_none());
    let again = test.client.get(format!("{}{path}", test.base)).header("if-none-match", tag).send().await.unwrap();
    assert_eq!(again.status(), 304);
    let paula = test.signed_in(at.paula, false).await;
    assert!(paula.page(&path).await.contains("https://meet.example/f"));
    assert!(paula.page("/api/v1/sessions").await.contains("https://meet.example/f"));
    assert!(!test.page("/api/v1/sessions").await.contains("https://meet.example/f"));
    set(&test, id, vec![cell("status", "draft")]).await;
    problem(test.get(&path).await, 404).await;
    assert!(paula.page(&path).await.contains("\"draft\""));
    problem(test.get("/api/v1/sessions/x").await, 404).await;
}
}

both_engines! {
async fn a_session_is_found_by_searching_until_it_is_over(test: TestApp) {
    let at = test.two_schools().await;
    let id = test.session(&at, on("Phonics from scratch", "2026-11-14")).await;
    let hidden = test.session(&at, on("Phonics for members", "2026-11-14")).await;
    let other = test.session(&at, on("Fractions by hand", "2026-11-21")).await;
    set(&test, hidden, vec![cell("visibility", "members")]).await;
    // These rows are made past the operations, which tell the index by themselves.
    let touch = async |ids: &[uuid::Uuid]| {
        let mut tx = test.db().write(commonground::platform::Actor::System("test")).await.unwrap();
        commonground::search::touch(&mut tx, commonground::search::Kind::Session, ids).await.unwrap();
        tx.commit().await.unwrap();
        test.settle().await;
    };
    touch(&[id.0, hidden.0, other.0]).await;
    for query in ["phonics", "early+reading", "millbrook", "plan+weeks"] {
        let page = test.page(&format!("/search?q={query}")).await;
        assert!(page.contains("Phonics from scratch") && page.contains(&format!("/sessions/{id}")), "{query}");
        assert!(page.contains("Saturday, November 14, 2026") && !page.contains("for members"), "{query}");
    }
    let suggested = test.json("/api/v1/suggest?q=phon").await;
    assert_eq!((&suggested["items"][0]["kind"], &suggested["items"][0]["url"]), (&json!("session"), &json!(format!("/sessions/{id}"))));
    assert!(!test.page("/search?q=algebra").await.contains("Sessions to come"));
    test.verify().await;

    // Another name of the school reaches the index too.
    let mut tx = test.db().write(commonground::platform::Actor::System("test")).await.unwrap();
    commonground::search::touch(&mut tx, commonground::search::Kind::School, &[at.harbor.0]).await.unwrap();
    tx.commit().await.unwrap();
    test.settle().await;
    test.verify().await;

    // Nothing changes but the hour.
    test.clock.set("2026-11-14T16:59:00Z".parse().unwrap());
    assert!(test.page("/search?q=phonics").await.contains("Phonics from scratch"), "not before its end");
    test.clock.set("2026-11-14T17:01:00Z".parse().unwrap());
    assert!(!test.page("/search?q=phonics").await.contains("Phonics from scratch"));
    assert_eq!(test.json("/api/v1/suggest?q=phon").await["items"], json!([]));

    // One that is cancelled. Not the first one: the clockwork may have ended that by now.
    assert!(test.page("/search?q=fractions").await.contains("Fractions by hand"));
    let paula = test.signed_in(at.paula, false).await;
    paula.post_on(&format!("/sessions/{other}/cancellation"), &[("reason", "Snow")]).await;
    test.settle().await;
    assert!(!test.page("/search?q=fractions").await.contains("Fractions by hand"));
    test.verify().await;
}
}
