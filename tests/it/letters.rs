//! Every kind of letter that the program can send has a sample that somebody has read (`support/letters.rs`); letters that no
//! other test sends; what an administrator sees of those that came back.

use std::collections::BTreeSet;
use std::path::Path;

use commonground::mail::intake::{CalendarReply, Kind, Outcome, Replies};
use commonground::mail::{LetterId, suppression};
use commonground::people::{self, NewOrganization};
use commonground::platform::vocabulary::Way;
use commonground::platform::{Actor, Place, Role};
use commonground::sessions::draft::{Draft, MeetingDraft};
use commonground::sessions::registration::{self, Wish};
use commonground::sessions::replies::SeatReplies;
use commonground::sessions::{SessionId, posting};
use reqwest::Method;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::letters::{SAMPLES, samples};
use crate::support::persons::Browser;
use crate::support::sessions::{Sketch, TwoSchools};
use crate::support::{TestApp, both_engines};

/// Letters whose kind is said elsewhere than where they are made: the file, what stands there, and the kinds.
const ELSEWHERE: [(&str, &str, &[&str]); 11] = [
    (
        "compacts/letters.rs",
        "news.kind",
        &["commitment_due", "commitment_rated", "commitment_reported_met", "commitment_silent", "commitment_vacant"],
    ),
    ("highlights/letters.rs", "kind", &["highlight_answered", "highlight_unsaid"]),
    (
        "statements/letters.rs",
        "news.kind",
        &[
            "statement_amendment",
            "statement_amendment_decided",
            "statement_asked",
            "statement_deadline",
            "statement_published",
            "statement_reached",
        ],
    ),
    ("following/lookout.rs", "kind", &["follow_news", "saved_search_match"]),
    (
        "sessions/letters.rs",
        "kind",
        &[
            "meeting_cancellation",
            "meeting_declined",
            "meeting_invitation",
            "offer_declined",
            "offer_expired",
            "seat_approved",
            "seat_approved_copy",
            "seat_confirmed",
            "seat_declined",
            "seat_declined_copy",
            "seat_expired",
            "seat_expired_copy",
            "seat_handed_over",
            "seat_held",
            "seat_offered",
            "seat_released",
            "seat_released_copy",
            "seat_request",
            "seat_request_waits",
            "seat_taken_copy",
            "seat_waitlisted",
            "seat_waits",
            "session_cancelled",
            "session_cancelled_school",
            "session_changed",
            "session_changed_school",
            "session_link_changed",
        ],
    ),
    ("sessions/reminders/hosts.rs", "written.kind", &["practice_use_told", "session_week_ahead"]),
    ("sessions/reminders/schools.rs", "written.kind", &["session_staff", "staff_hours", "staff_out"]),
    (
        "sign_in/second_step.rs",
        "kind",
        &["passkey_added", "passkey_removed", "recovery_code_used", "second_step_removed", "second_step_set_up"],
    ),
    (
        "talk/letters.rs",
        "kind",
        &[
            "contact_note",
            "contact_reply",
            "visit_accepted",
            "visit_agreed",
            "visit_asked",
            "visit_declined",
            "visit_declined_copy",
            "visit_proposed",
            "visit_proposed_copy",
        ],
    ),
    // Mailings.
    ("bulletins/sending.rs", "kind", &["announcement", "newsletter"]),
    ("sessions/message/sending.rs", "\"session_message\"", &["session_message"]),
];

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            // What only tests say is no kind of letter.
            let text = text.split("#[cfg(test)]").next().unwrap().to_owned();
            found.push((path.display().to_string(), text));
        }
    }
}

/// What stands first behind each of these.
fn firsts<'a>(text: &'a str, opening: &'a str) -> impl Iterator<Item = &'a str> {
    let first = |rest: &'a str| rest.trim_start().split([',', '\n', '}']).next().unwrap().trim();
    text.split(opening).skip(1).map(first)
}

/// What a mailing says of its kind.
fn kinds_of_mailings(text: &str) -> impl Iterator<Item = &str> {
    let first = |rest: &str| rest.trim_start().starts_with("kind");
    text.split("= NewMailing {").skip(1).filter(move |rest| first(rest)).map(|rest| {
        let line = rest.trim_start().lines().next().unwrap().trim_end_matches(',');
        line.strip_prefix("kind: ").unwrap_or(line)
    })
}

#[test]
fn every_kind_of_letter_in_the_sources_has_a_sample() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut kinds = BTreeSet::new();
    let mut elsewhere = BTreeSet::new();
    for (path, text) in &files {
        let path = path.strip_prefix(&format!("{}/", root.display())).unwrap();
        for first in firsts(text, "Letter::new(") {
            match first.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
                Some(kind) => drop(kinds.insert(kind.to_owned())),
                None => drop(elsewhere.insert((path.to_owned(), first.to_owned()))),
            }
        }
        elsewhere.extend(kinds_of_mailings(text).map(|kind| (path.to_owned(), kind.to_owned())));
    }
    assert!(kinds.len() > 30, "{kinds:?}");
    let known: BTreeSet<_> =
        ELSEWHERE.iter().map(|(path, first, _)| ((*path).to_owned(), (*first).to_owned())).collect();
    assert_eq!(elsewhere, known, "letters whose kind is said elsewhere: name the kinds in ELSEWHERE");
    kinds.extend(ELSEWHERE.iter().flat_map(|(_, _, kinds)| kinds.iter().map(|kind| (*kind).to_owned())));
    let all: String = files.iter().map(|(_, text)| text.as_str()).collect();
    let gone: Vec<_> = kinds.iter().filter(|kind| !all.contains(&format!("\"{kind}\""))).collect();
    assert!(gone.is_empty(), "nothing sends {gone:?} any more");
    let sampled: BTreeSet<String> = samples().into_keys().collect();
    assert_eq!(sampled, kinds, "samples in {SAMPLES}, and kinds in the sources");
}

impl TestApp {
    async fn rows(&self, from: &str) -> i64 {
        let cx = self.db().cx(Actor::System("test"));
        let statement =
            Statement::from_string(cx.conn().get_database_backend(), format!("SELECT COUNT(*) AS n FROM {from}"));
        cx.conn().query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
    }

    async fn as_json(&self, browser: &Browser, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let request = self.client.request(method, browser.url(&format!("/api/v1{path}")));
        let request = request.header("sec-fetch-site", "same-origin");
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = browser.send(request).await;
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_default())
    }
}

both_engines! {
    /// Who comes online hears of a new link, and has it in their calendar.
    async fn a_new_link_is_told_to_who_comes_online(test: TestApp) {
        let at = test.two_schools().await;
        let session = test.session(&at, Sketch { online: 20, ..Sketch::default() }).await;
        for (account, way) in [(at.dina, Way::ONLINE), (at.dora, Way::IN_PERSON)] {
            let wish = Wish { account, school: None, way: Some(way) };
            test.by_itself(async |tx, desk| registration::register(tx, desk, session, wish).await).await;
        }
        let meeting = MeetingDraft {
            starts_at: "2026-11-14T09:00".to_owned(),
            ends_at: "2026-11-14T12:00".to_owned(),
            address: "12 Harbor Street".to_owned(),
            online_url: "https://meet.example/reading".to_owned(),
            ..MeetingDraft::default()
        };
        let mut draft = Draft::default();
        draft.meetings = Some(vec![meeting]);
        test.by_itself(async |tx, desk| posting::change(tx, desk, session, draft, None).await).await;
        let told: Vec<_> = test.letters("dina@millbrook.example").await.into_iter().filter(|l| l.kind == "session_link_changed").collect();
        assert!(told.len() == 1 && told[0].text.contains("https://meet.example/reading"), "{told:?}");
        assert!(test.letters("dora@millbrook.example").await.iter().all(|letter| letter.kind != "session_link_changed"));
    }
}

both_engines! {
    /// A calendar that says no to one date of several makes a question, and changes nothing.
    async fn a_no_to_one_date_is_asked_about(test: TestApp) {
        let at = test.two_schools().await;
        let meetings = ["2026-11-14T09:00:00", "2026-11-28T09:00:00"].map(|start| start.parse().unwrap()).to_vec();
        let session = test.session(&at, Sketch { meetings, ..Sketch::default() }).await;
        test.takes_a_seat(session, at.dina).await;
        let reply = CalendarReply {
            uid: format!("{session}-2@test.example"),
            recurrence: None,
            attendee: "dina@millbrook.example".to_owned(),
            partstat: "DECLINED".to_owned(),
            from: "dina@millbrook.example".to_owned(),
            sequence: 1,
            sent_at: Some(test.clock.now()),
        };
        let desk = test.app.desk(&"https://ground.example".into()).unwrap();
        assert_eq!(SeatReplies::new(desk).reply(test.db(), reply).await.unwrap(), Outcome::Applied);
        let letters = test.letters("dina@millbrook.example").await;
        assert_eq!(letters.iter().filter(|letter| letter.kind == "meeting_declined").count(), 1, "{letters:?}");
        assert_eq!(test.rows("registration WHERE seat = 'confirmed'").await, 1);
    }
}

both_engines! {
    /// Where nobody in particular decided, every lead of the school hears of it, and the reason is between the two of them.
    async fn a_refusal_is_told_to_the_leads(test: TestApp) {
        let at = test.two_schools().await;
        let session = test.session(&at, Sketch { approval_needed: true, ..Sketch::default() }).await;
        let seat = test.takes_a_seat(session, at.dina).await;
        let why = Some("The bus is full.".to_owned());
        test.by_itself(async |tx, desk| registration::decide(tx, desk, seat.id, false, None, why).await).await;
        let letters = test.letters("pete@millbrook.example").await;
        let copy: Vec<_> = letters.iter().filter(|letter| letter.kind == "seat_declined_copy").collect();
        assert!(copy.len() == 1 && !copy[0].text.contains("bus"), "{letters:?}");
    }
}

/// A message of Paula to the people of a session, as it went into the outbox.
async fn message(test: &TestApp) -> (TwoSchools, SessionId) {
    let at = test.two_schools().await;
    let session = test.session(&at, Sketch::default()).await;
    for account in [at.dina, at.carl] {
        test.takes_a_seat(session, account).await;
    }
    let paula = test.signed_in(at.paula, false).await;
    let new = json!({ "audience": "everybody", "subject": "Buses", "body": "They leave at four." });
    let (status, made) = test.as_json(&paula, Method::POST, &format!("/sessions/{session}/messages"), Some(new)).await;
    assert_eq!((status, made["recipients"].as_i64()), (201, Some(2)), "{made}");
    (at, session)
}

both_engines! {
    /// A message of a session names its writer in each letter of it: erased, they are named nowhere, and what had not left stays.
    async fn who_wrote_to_a_session_can_have_themselves_erased(test: TestApp) {
        let (at, _) = message(&test).await;
        let named = |letters: Vec<crate::support::persons::KeptLetter>| {
            letters.iter().filter(|letter| letter.text.contains("Paula Quay")).count()
        };
        assert_eq!(named(test.letters("carl@harbor.example").await), 1);
        assert_eq!(test.rows("mailing WHERE content LIKE '%Paula Quay%'").await, 1);
        let paula = test.signed_in(at.paula, false).await;
        let gone = paula.post("/me/data/erasure", &[("email", "paula@harbor.example")]).await;
        assert_eq!(gone.status(), 200);
        assert_eq!(test.rows("mailing WHERE content LIKE '%Paula%'").await, 0);
        assert_eq!(test.rows("mailing WHERE content IS NULL").await, 1);
        assert_eq!(test.rows("outbox WHERE content LIKE '%Paula%' OR subject LIKE '%Buses%'").await, 0);
        assert_eq!(test.rows("outbox WHERE kind = 'session_message' AND state = 'withdrawn'").await, 2);
        assert_eq!(test.rows("outbox WHERE kind = 'session_message' AND state <> 'withdrawn'").await, 0);
    }
}

/// A letter that came back, as the program notes it.
async fn comes_back(test: &TestApp, address: &str) -> LetterId {
    let cx = test.db().cx(Actor::System("test"));
    let sql = format!("SELECT id FROM outbox WHERE recipient = '{address}' AND kind = 'session_message'");
    let row = cx.conn().query_one_raw(Statement::from_string(cx.conn().get_database_backend(), sql)).await.unwrap();
    let letter = LetterId(row.unwrap().try_get("", "id").unwrap());
    let mut tx = test.db().write(Actor::System("test")).await.unwrap();
    let bounced = suppression::Bounced { letter, address: address.to_owned(), account: None };
    assert!(suppression::note(&mut tx, &bounced, Kind::Hard, Some("5.1.1")).await.unwrap());
    tx.commit().await.unwrap();
    letter
}

both_engines! {
    /// What came back says so in the list, on its page and over JSON.
    async fn administrators_see_what_came_back(test: TestApp) {
        message(&test).await;
        let letter = comes_back(&test, "carl@harbor.example").await;
        let root = test.account("root@city.example", "Rosa Root").await;
        test.appoint(root, Role::CityAdmin, Place::Installation).await;
        let root = test.signed_in(root, true).await;
        let list = root.page("/admin/mail?state=ready").await;
        assert_eq!(list.matches("bounced for good").count(), 1, "{list}");
        let page = root.page(&format!("/admin/mail/{letter}")).await;
        assert!(page.contains("Came back") && page.contains("bounced for good"), "{page}");
        let (_, one) = test.as_json(&root, Method::GET, &format!("/admin/outbox/{letter}"), None).await;
        assert_eq!(one["came_back"], "hard", "{one}");
        let (_, list) = test.as_json(&root, Method::GET, "/admin/outbox?state=ready", None).await;
        let back: Vec<_> = list["items"].as_array().unwrap().iter().filter(|one| one["came_back"] == "hard").collect();
        assert_eq!(back.len(), 1, "{list}");
    }
}

both_engines! {
    /// Addresses that get no letters, over JSON as on the page; nobody else sees them.
    async fn administrators_look_after_addresses_without_letters(test: TestApp) {
        let (at, _) = message(&test).await;
        comes_back(&test, "carl@harbor.example").await;
        let root = test.account("root@city.example", "Rosa Root").await;
        test.appoint(root, Role::CityAdmin, Place::Installation).await;
        let root = test.signed_in(root, true).await;
        const HERE: &str = "/admin/suppressions";
        let new = json!({ "email": "Dina@Millbrook.example", "scope": "lists" });
        let (status, made) = test.as_json(&root, Method::POST, HERE, Some(new.clone())).await;
        assert_eq!((status, made["email"].as_str(), made["reason"].as_str()), (201, Some("dina@millbrook.example"), Some("entered")));
        let (_, again) = test.as_json(&root, Method::POST, HERE, Some(new)).await;
        assert_eq!(again["id"], made["id"], "entered twice, it is there once");
        let wrong = json!({ "email": "dina", "scope": "all" });
        assert_eq!(test.as_json(&root, Method::POST, HERE, Some(wrong)).await.0, 422);
        let (_, first) = test.as_json(&root, Method::GET, &format!("{HERE}?limit=1"), None).await;
        assert_eq!((first["total"].as_u64(), first["items"].as_array().unwrap().len()), (Some(2), 1), "{first}");
        let next = format!("{HERE}?limit=1&cursor={}", first["next"].as_str().unwrap());
        let (_, second) = test.as_json(&root, Method::GET, &next, None).await;
        assert_ne!(first["items"][0]["id"], second["items"][0]["id"]);
        assert!(second.get("next").is_none(), "{second}");
        assert_eq!(test.as_json(&root, Method::GET, &format!("{HERE}?cursor=x"), None).await.0, 400);
        // Whose address it is sees it, and can lift it.
        let at = test.signed_in(at.dina, false).await;
        assert!(at.page("/me/mail").await.contains("administrators entered it"));
        let one = format!("{HERE}/{}", made["id"].as_str().unwrap());
        assert_eq!(test.as_json(&root, Method::GET, &one, None).await.0, 200);
        for (method, path, body) in [
            (Method::GET, HERE, None),
            (Method::POST, HERE, Some(json!({ "email": "ada@example.org", "scope": "all" }))),
            (Method::GET, one.as_str(), None),
            (Method::DELETE, one.as_str(), None),
        ] {
            assert_eq!(test.as_json(&at, method.clone(), path, body).await.0, 403, "{method} {path}");
        }
        assert_eq!(test.as_json(&root, Method::DELETE, &one, None).await.0, 204);
        assert_eq!(test.as_json(&root, Method::DELETE, &one, None).await.0, 404, "it is lifted");
        assert_eq!(test.as_json(&root, Method::GET, HERE, None).await.1["total"], 1);
        // The same on the page.
        let page = "/admin/mail/suppressions";
        let wrong = root.post(page, &[("email", "dina@"), ("scope", "all")]).await;
        assert_eq!(wrong.status(), 422);
        let wrong = wrong.text().await.unwrap();
        assert!(wrong.contains("value=\"dina@\"") && wrong.contains("value=\"all\" selected"), "{wrong}");
        let fields = [("email", "dina@millbrook.example"), ("scope", "all")];
        assert_eq!(at.post(page, &fields).await.status(), 403);
        let to = root.post_on(page, &fields).await;
        let shown = root.page(&to).await;
        assert!(shown.contains("No letters go there from now on.") && shown.contains("2 addresses"), "{shown}");
    }
}

both_engines! {
    /// Who speaks for a city is led from their page to what they say to it; nobody else is.
    async fn a_mayor_is_led_to_announcements(test: TestApp) {
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        let new = NewOrganization {
            kind: "city_office".to_owned(),
            name: "Mayor's Office".to_owned(),
            city: Some("Rivermark".to_owned()),
            state: Some("NY".to_owned()),
        };
        let office = people::add_organization(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        let id = test.account("mayor@rivermark.example", "Mo Ayer").await;
        test.appoint(id, Role::Mayor, Place::Organization(office.0)).await;
        let mayor = test.signed_in(id, false).await;
        assert!(mayor.page("/me").await.contains("href=\"/admin/announcements\""));
        assert_eq!(mayor.get("/admin/announcements").await.status(), 200);
        let at = test.two_schools().await;
        assert!(!test.signed_in(at.paula, false).await.page("/me").await.contains("/admin/announcements"));
    }
}
