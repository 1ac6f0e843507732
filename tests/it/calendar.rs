//! Calendars: what feeds tell and to whom, and messages of iTIP.

use std::path::PathBuf;

use commonground::people::AccountId;
use commonground::platform::{Actor, Timestamp, ids};
use commonground::sessions::calendar::{self, Mailbox, Told};
use commonground::sessions::{self, Session, SessionId};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SimpleExpr};

use crate::support::sessions::{Sketch, TwoSchools};
use crate::support::{TestApp, both_engines};

/// Changes a row.
pub async fn change(
    test: &TestApp,
    table: &'static str,
    key: &'static str,
    id: uuid::Uuid,
    cells: Vec<(&'static str, SimpleExpr)>,
) {
    let mut update = Query::update();
    update.table(table).values(cells).and_where(Expr::col(key).eq(id));
    let tx = test.db().write(Actor::System("test")).await.unwrap();
    tx.conn().execute(&update).await.unwrap();
    tx.commit().await.unwrap();
}

fn cell<V: Into<sea_orm::Value>>(column: &'static str, value: V) -> (&'static str, SimpleExpr) {
    (column, Expr::value(value))
}

async fn set(test: &TestApp, id: SessionId, cells: Vec<(&'static str, SimpleExpr)>) {
    change(test, "session", "id", id.0, cells).await;
}

/// A seat, as a row.
async fn seat(
    test: &TestApp,
    at: &TwoSchools,
    session: SessionId,
    account: AccountId,
    seat: &'static str,
) -> uuid::Uuid {
    let (id, now) = (ids::fresh(), test.clock.now());
    let cells = vec![
        cell("id", id),
        cell("session_id", session.0),
        cell("account_id", account.0),
        cell("school_id", at.millbrook.0),
        cell("sector", "district"),
        cell("way", "in_person"),
        cell("seat", seat),
        cell("approval", "not_needed"),
        cell("promoted", false),
        cell("coverage", "not_needed"),
        cell("round", 0),
        cell("turn", 1),
        cell("created_at", now),
        cell("updated_at", now),
    ];
    test.put("registration", cells).await;
    id
}

fn sketch(title: &str) -> Sketch {
    Sketch { title: title.to_owned(), ..Sketch::default() }
}

/// A calendar without its folds.
fn unfolded(text: &str) -> String {
    assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
    text.replace("\r\n ", "")
}

/// The lines of the event with this title.
fn event(feed: &str, title: &str) -> Vec<String> {
    let events = feed.split("BEGIN:VEVENT").skip(1);
    let found = events.filter(|event| event.contains(&format!("SUMMARY:{title}\r\n"))).collect::<Vec<_>>();
    assert_eq!(found.len(), 1, "{title}: {feed}");
    found[0].lines().map(str::to_owned).collect()
}

async fn feed(test: &TestApp, path: &str) -> String {
    let response = test.get(path).await;
    assert_eq!(response.status(), 200, "{path}");
    assert_eq!(response.headers()["content-type"], "text/calendar; charset=utf-8");
    let text = response.text().await.unwrap();
    let name = match path {
        path if path.starts_with("/me/") => "feed-mine.ics",
        path if path.starts_with("/sessions/") => "feed-one.ics",
        path if path.contains('?') => "feed-filtered.ics",
        _ => "feed-all.ics",
    };
    keep(name, &text);
    unfolded(&text)
}

/// Leaves a calendar where the independent parsers find it.
fn keep(name: &str, text: &str) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("calendars");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), text).unwrap();
}

both_engines! {
async fn a_feed_tells_everybody_what_is_public(test: TestApp) {
    let at = test.two_schools().await;
    assert!(feed(&test, "/sessions.ics").await.contains("BEGIN:VTIMEZONE"), "an empty calendar is one too");
    let open = test.session(&at, Sketch { online: 20, ..sketch("Fractions, all year; ¿por qué no?") }).await;
    let link = "https://meet.example/fractions";
    change(&test, "meeting", "session_id", open.0, vec![cell("online_url", link), cell("code", "ROSE-41")]).await;
    let cancelled = test.session(&at, sketch("Called off")).await;
    set(&test, cancelled, vec![cell("status", "cancelled"), cell("sequence", 2)]).await;
    let postponed = test.session(&at, sketch("Later")).await;
    set(&test, postponed, vec![cell("status", "postponed")]).await;
    let past = vec!["2026-10-03T09:00:00".parse().unwrap()];
    let _ = test.session(&at, Sketch { status: "completed", meetings: past, ..sketch("Last week") }).await;
    let draft = test.session(&at, Sketch { status: "draft", ..sketch("Hidden draft") }).await;
    let members = test.session(&at, sketch("Members alone")).await;
    set(&test, members, vec![cell("visibility", "members")]).await;

    let feed = feed(&test, "/sessions.ics").await;
    let told = event(&feed, "Fractions\\, all year\\; ¿por qué no?");
    for line in [
        &format!("UID:{open}@test.example"),
        "DTSTART;TZID=America/New_York:20261114T090000",
        "DTEND;TZID=America/New_York:20261114T120000",
        "STATUS:CONFIRMED",
        "SEQUENCE:0",
        "TRANSP:TRANSPARENT",
        "LOCATION:12 Harbor Street\\, or online",
    ] {
        assert!(told.iter().any(|found| found == line), "{line}: {told:?}");
    }
    let gone = event(&feed, "Cancelled: Called off");
    assert!(gone.contains(&"STATUS:CANCELLED".to_owned()) && gone.contains(&"SEQUENCE:2".to_owned()));
    assert!(event(&feed, "Postponed: Later").contains(&"STATUS:TENTATIVE".to_owned()));
    event(&feed, "Last week");
    for secret in [link, "ROSE-41", "ATTENDEE", "Hidden draft", "Members alone", &draft.to_string()] {
        assert!(!feed.contains(secret), "{secret}");
    }
    for line in ["METHOD:PUBLISH", "NAME:Joint sessions", "X-WR-CALNAME:Joint sessions", "X-PUBLISHED-TTL:PT1H"] {
        assert!(feed.lines().any(|found| found == line), "{line}");
    }

    // Asked again by who has it, and only about its size.
    let first = test.get("/sessions.ics").await;
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    test.clock.set(test.clock.now() + chrono::TimeDelta::minutes(5));
    let again = test.client.get(format!("{}/sessions.ics", test.base)).header("if-none-match", &tag);
    assert_eq!(again.send().await.unwrap().status(), 304);
    let head = test.client.head(format!("{}/sessions.ics", test.base)).send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.text().await.unwrap().as_str()), (200, ""));
}
}

both_engines! {
async fn a_session_is_a_file_of_its_own(test: TestApp) {
    let at = test.two_schools().await;
    let id = test.session(&at, Sketch { online: 20, ..sketch("Fractions") }).await;
    let link = "https://meet.example/fractions";
    change(&test, "meeting", "session_id", id.0, vec![cell("online_url", link)]).await;
    let path = format!("/sessions/{id}.ics");
    assert!(!feed(&test, &path).await.contains(link));

    let read = async |account: AccountId| {
        let response = test.signed_in(account, false).await.get(&path).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["cache-control"]),
            (200, &"private, no-cache".parse().unwrap())
        );
        unfolded(&response.text().await.unwrap())
    };
    seat(&test, &at, id, at.dina, "confirmed").await;
    seat(&test, &at, id, at.dora, "held").await;
    let confirmed = read(at.dina).await;
    assert!(confirmed.contains(&format!("CONFERENCE;VALUE=URI;LABEL=\"Join online\":{link}")));
    assert!(confirmed.contains("TRANSP:OPAQUE") && confirmed.contains("SEQUENCE:1\r\n"));
    let held = read(at.dora).await;
    assert!(held.contains("STATUS:TENTATIVE") && !held.contains(link));
    assert!(read(at.paula).await.contains(link), "who runs it sees it");

    set(&test, id, vec![cell("visibility", "members")]).await;
    assert_eq!(test.get(&path).await.status(), 404);
    set(&test, id, vec![cell("visibility", "public"), cell("status", "draft")]).await;
    assert_eq!(test.signed_in(at.paula, false).await.get(&path).await.status(), 404);
    for nothing in [format!("/sessions/{}.ics", SessionId(ids::fresh())), "/sessions/x.ics".to_owned()] {
        assert_eq!(test.get(&nothing).await.status(), 404, "{nothing}");
    }
}
}

/// The path of a person's feed, from their page.
async fn own_path(test: &TestApp, page: &str) -> String {
    let start = page.find(&format!("{}/me/calendar/", test.base)).expect("an address on the page");
    page[start + test.base.len()..].chars().take_while(|c| !matches!(c, '<' | '"' | '&')).collect()
}

both_engines! {
async fn my_calendar_opens_by_its_address_alone(test: TestApp) {
    let at = test.two_schools().await;
    assert_eq!(test.get("/me/calendar").await.status(), 303, "a visitor is led to the sign-in");
    let dina = test.signed_in(at.dina, false).await;
    let before = dina.page("/me/calendar").await;
    assert!(before.contains("Make my address") && !before.contains(".ics"), "looking makes nothing");
    dina.post_on("/me/calendar", &[]).await;
    let page = dina.page("/me/calendar").await;
    let path = own_path(&test, &page).await;
    assert!(page.contains(&format!("webcal://{}{path}", test.base.trim_start_matches("http://"))), "{page}");
    assert!(page.contains("calendar.google.com/calendar/r?cid=webcal%3A%2F%2F"));

    let fractions = test.session(&at, sketch("Fractions")).await;
    let decimals = test.session(&at, sketch("Decimals")).await;
    let percent = test.session(&at, sketch("Percent")).await;
    let own = seat(&test, &at, fractions, at.dina, "confirmed").await;
    seat(&test, &at, decimals, at.dina, "waitlisted").await;
    seat(&test, &at, percent, at.dina, "held").await;
    seat(&test, &at, decimals, at.dora, "confirmed").await;
    let response = test.get(&path).await;
    assert_eq!(response.headers()["x-robots-tag"], "noindex");
    assert_eq!(response.headers()["cache-control"], "private, no-cache");
    let mine = unfolded(&response.text().await.unwrap());
    assert!(event(&mine, "Fractions").contains(&"STATUS:CONFIRMED".to_owned()));
    assert!(event(&mine, "Percent").contains(&"STATUS:TENTATIVE".to_owned()));
    assert!(!mine.contains("Decimals") && !mine.contains("dina@"), "{mine}");

    // Who leaves sees nothing of it any more; who was there when it was cancelled is told.
    let later = test.clock.now() + chrono::TimeDelta::hours(1);
    change(&test, "registration", "id", own, vec![cell("seat", "released"), cell("updated_at", later)]).await;
    assert!(!feed(&test, &path).await.contains("Fractions"));
    set(&test, fractions, vec![cell("status", "cancelled"), cell("sequence", 1), cell("ended_at", later)]).await;
    assert!(event(&feed(&test, &path).await, "Cancelled: Fractions").contains(&"STATUS:CANCELLED".to_owned()));
    set(&test, fractions, vec![cell("ended_at", later + chrono::TimeDelta::hours(1))]).await;
    assert!(!feed(&test, &path).await.contains("Fractions"), "they had left before");

    for wrong in [
        path.replace(".ics", "x.ics"),
        "/me/calendar/x.ics".to_owned(),
        path.to_uppercase().replace("/ME/CALENDAR", "/me/calendar").replace(".ICS", ".ics"),
    ] {
        assert_eq!(test.get(&wrong).await.status(), 404, "{wrong}");
    }
    dina.post_on("/me/calendar", &[]).await;
    let new = own_path(&test, &dina.page("/me/calendar").await).await;
    assert_ne!(new, path);
    assert_eq!((test.get(&path).await.status().as_u16(), test.get(&new).await.status().as_u16()), (404, 200));
}
}

both_engines! {
async fn a_closed_account_has_no_calendar(test: TestApp) {
    let at = test.two_schools().await;
    let dina = test.signed_in(at.dina, false).await;
    dina.post_on("/me/calendar", &[]).await;
    let path = own_path(&test, &dina.page("/me/calendar").await).await;
    assert_eq!(test.get(&path).await.status(), 200);
    let mut tx = test.db().write(Actor::System("test")).await.unwrap();
    commonground::people::admin::deactivate(&mut tx, at.dina).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(test.get(&path).await.status(), 404);
}
}

both_engines! {
async fn a_feed_is_filtered_as_the_list_is(test: TestApp) {
    let at = test.two_schools().await;
    test.session(&at, sketch("Fractions")).await;
    let webinar = test.session(&at, sketch("Decimals")).await;
    set(&test, webinar, vec![cell("format", "webinar")]).await;
    let found = feed(&test, "/sessions.ics?format=webinar").await;
    assert!(found.contains("SUMMARY:Decimals") && !found.contains("SUMMARY:Fractions"));
    assert!(found.contains("X-WR-CALNAME:Joint sessions: Webinar"));
    assert!(feed(&test, &format!("/sessions.ics?school={}", at.millbrook)).await.contains("of Millbrook Elementary"));
    assert_eq!(test.get("/sessions.ics?format=seance").await.status(), 422);
}
}

both_engines! {
async fn messages_keep_their_names_and_count_up(test: TestApp) {
    let at = test.two_schools().await;
    let organizer = Mailbox { name: "Common Ground".to_owned(), email: "no-reply@ground.example".to_owned() };
    let dina = Mailbox { name: "Dina \"D\" Ford, M.Ed.".to_owned(), email: "dina@millbrook.example".to_owned() };
    let now: Timestamp = test.clock.now();
    // Over both changes of the clocks, and a meeting during which they change.
    let days = [
        "2027-03-12T15:30:00",
        "2027-03-14T00:30:00",
        "2027-03-15T15:30:00",
        "2027-11-07T00:30:00",
        "2027-11-08T15:30:00",
    ];
    for zone in ["America/New_York", "America/Chicago", "America/Los_Angeles"] {
        let meetings = days.iter().map(|day| day.parse().unwrap()).collect();
        let id = test.session(&at, Sketch { zone, meetings, ..sketch("Lesson study") }).await;
        let cx = test.db().cx(Actor::System("test"));
        let (session, _) = sessions::session(&cx, &id.to_string()).await.unwrap();
        let told = |session: &Session, turn: i32| {
            let told = Told {
                session,
                url: format!("https://ground.example/sessions/{id}"),
                hosts: "Harbor Charter School and Millbrook Elementary".to_owned(),
                place: "Harbor Charter School".to_owned(),
                inside: true,
                busy: true,
                tentative: false,
                asks: false,
                sequence: session.sequence + turn,
                changed: session.updated_at,
            };
            let mut made = Vec::new();
            for meeting in &session.meetings {
                made.push((
                    calendar::invitation(&told, meeting, &organizer, &dina, now),
                    calendar::cancellation(&told, meeting, &organizer, &dina, now + chrono::TimeDelta::hours(2)),
                ));
            }
            made
        };
        let first = told(&session, 1);
        // An hour later, and the seat given back after that.
        let mut moved = session.clone();
        moved.sequence += 1;
        for meeting in &mut moved.meetings {
            meeting.starts_local += chrono::TimeDelta::hours(1);
            meeting.ends_local += chrono::TimeDelta::hours(1);
            meeting.starts_at += chrono::TimeDelta::hours(1);
            meeting.ends_at += chrono::TimeDelta::hours(1);
        }
        let (second, third) = (told(&moved, 1), told(&moved, 2));
        let short = zone.replace('/', "-");
        let value = |text: &str, name: &str| {
            let text = unfolded(text);
            text.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned)).unwrap()
        };
        let mut names = std::collections::HashSet::new();
        for number in 0..days.len() {
            let (request, update, cancel) = (&first[number].0, &second[number].0, &third[number].1);
            keep(&format!("request-{short}-{number}.ics"), request);
            keep(&format!("update-{short}-{number}.ics"), update);
            keep(&format!("cancel-{short}-{number}.ics"), cancel);
            assert_eq!(value(request, "UID:"), value(cancel, "UID:"));
            assert!(names.insert(value(request, "UID:")));
            let counted = [request, update, cancel].map(|text| value(text, "SEQUENCE:").parse::<i32>().unwrap());
            assert_eq!(counted, [1, 2, 3]);
            assert_eq!([request, cancel].map(|text| value(text, "METHOD:")), ["REQUEST", "CANCEL"]);
            assert_eq!(unfolded(request).matches("ATTENDEE;").count(), 1);
        }
        // Half past one comes twice that night, and readers disagree about which is meant: a moment is not misread.
        let twice = unfolded(&second[3].0);
        let start = twice.lines().find(|line| line.starts_with("DTSTART") && line.contains("20271107"));
        assert!(start.is_some_and(|line| line.starts_with("DTSTART:20271107T") && line.ends_with('Z')), "{twice}");
        assert!(names.contains(&session.uid), "the first meeting has the session's own name");
    }
}
}
