//! What letters about seats say, word for word, in each language: `seat_letters_en.txt` and `seat_letters_es.txt`, which a person
//! can read. Everybody goes the same ways twice, once as they are and once with Spanish on their profile.
//!
//! A changed sentence changes a table, and the test fails until somebody has read it there:
//! `UPDATE_TABLE=1 tests/with-postgres cargo test --test it seat_letters`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use commonground::mail::{LetterId, outbox};
use commonground::people::AccountId;
use commonground::platform::vocabulary::Way;
use commonground::platform::{Actor, Result, Scope, Tx, Via};
use commonground::sessions::draft::{Draft, MeetingDraft};
use commonground::sessions::registration::{self, Wish};
use commonground::sessions::{Desk, Registration, SessionId, clockwork, posting};
use mail_parser::MessageParser;
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, Statement};

use crate::calendar::change;
use crate::support::sessions::{Sketch, TwoSchools};
use crate::support::{TestApp, both_engines};

const EVERYBODY: [&str; 6] = [
    "paula@harbor.example",
    "carl@harbor.example",
    "cora@harbor.example",
    "pete@millbrook.example",
    "dina@millbrook.example",
    "dora@millbrook.example",
];

/// What kinds of these letters begin with; what else is written meanwhile is not of seats.
const OURS: [&str; 6] = ["seat_", "offer_", "meeting_", "session_changed", "session_cancelled", "session_reminder"];

/// Says Spanish on the profile's page.
async fn speaks_spanish(test: &TestApp, who: AccountId, name: &str) {
    let to = test.signed_in(who, false).await.post_on("/me/profile", &[("name", name), ("lang", "es")]).await;
    assert_eq!(to, "/me/profile?saved");
}

/// Somebody does something.
async fn does<T>(test: &TestApp, who: AccountId, act: impl AsyncFnOnce(&mut Tx, &Desk) -> Result<T>) -> T {
    let cx = test.db().cx(Actor::System("test"));
    let via = Via::SignIn(who.0);
    let found = commonground::people::account::actor(&cx, who, via, test.clock.now(), Scope::Write, false).await;
    let mut tx = test.db().write(found.unwrap().unwrap()).await.unwrap();
    let done = act(&mut tx, &test.front_desk()).await.unwrap();
    tx.commit().await.unwrap();
    done
}

async fn asks_for(test: &TestApp, by: AccountId, whose: AccountId, session: SessionId) -> Registration {
    let wish = Wish { account: whose, school: None, way: None };
    does(test, by, async |tx, desk| registration::register(tx, desk, session, wish).await).await
}

async fn asks(test: &TestApp, who: AccountId, session: SessionId) -> Registration {
    asks_for(test, who, who, session).await
}

async fn gives_back(test: &TestApp, by: AccountId, seat: &Registration) {
    does(test, by, async |tx, desk| registration::withdraw(tx, desk, seat.id).await).await;
}

async fn answers(test: &TestApp, who: AccountId, seat: &Registration, yes: bool) {
    does(test, who, async |tx, desk| registration::answer_offer(tx, desk, seat.id, yes).await).await;
}

async fn decides(test: &TestApp, who: AccountId, seat: &Registration, yes: bool) {
    let reason = (!yes).then(|| "Testing week.".to_owned());
    does(test, who, async |tx, desk| registration::decide(tx, desk, seat.id, yes, None, reason).await).await;
}

async fn time_passes(test: &TestApp, to: &str) {
    test.clock.set(to.parse().unwrap());
    for _ in 0..3 {
        clockwork::tick(test.db(), &test.front_desk()).await.unwrap();
    }
}

async fn reshaped(test: &TestApp, session: SessionId, texts: &[(&'static str, &str)], starts: &[&str], room: &str) {
    let meeting = |start: &&str| MeetingDraft {
        starts_at: (*start).to_owned(),
        ends_at: start.replace("T09", "T12"),
        address: room.to_owned(),
        ..MeetingDraft::default()
    };
    let mut draft = Draft::default();
    texts.iter().for_each(|(name, text)| draft.set(name, *text));
    draft.meetings = Some(starts.iter().map(meeting).collect()).filter(|_| !starts.is_empty());
    test.by_itself(async |tx, desk| posting::change(tx, desk, session, draft, None).await).await;
}

/// Seats that the school decides on.
async fn with_approval(test: &TestApp, at: &TwoSchools) {
    let sketch = Sketch { approval_needed: true, capacity: 3, ..Sketch::default() };
    let session = test.session(at, sketch).await;
    let details = serde_json::json!({ "purpose": "a plan for six weeks", "entrance": "Door B" });
    change(test, "session", "id", session.0, vec![("details", Expr::value(details))]).await;
    let seat = asks(test, at.dina, session).await;
    time_passes(test, "2026-10-16T16:00:01Z").await;
    decides(test, at.pete, &seat, true).await;
    let seat = asks(test, at.dora, session).await;
    gives_back(test, at.dora, &seat).await;
    let seat = asks_for(test, at.pete, at.dora, session).await;
    gives_back(test, at.pete, &seat).await;
    let seat = asks(test, at.carl, session).await;
    decides(test, at.paula, &seat, false).await;
    asks(test, at.cora, session).await;
    // One after another, as a clock goes.
    for day in 19..=25 {
        time_passes(test, &format!("2026-10-{day}T16:00:02Z")).await;
    }
    let reason = "Not enough people.";
    test.by_itself(async |tx, desk| posting::cancel(tx, desk, session, reason).await).await;
}

/// The waitlist, and changes. Its title is a number that begins with zeros.
async fn with_one_seat(test: &TestApp, at: &TwoSchools) {
    let session = test.session(at, Sketch { capacity: 1, title: "007".to_owned(), ..Sketch::default() }).await;
    let seat = asks(test, at.carl, session).await;
    asks(test, at.cora, session).await;
    let waits = asks_for(test, at.pete, at.dora, session).await;
    let seat = does(test, at.carl, async |tx, desk| registration::hand_over(tx, desk, seat.id, at.cora).await).await;
    gives_back(test, at.cora, &seat).await;
    reshaped(test, session, &[], &["2026-11-21T09:00"], "12 Harbor Street").await;
    answers(test, at.dora, &waits, true).await;
    let next = asks(test, at.dina, session).await;
    let last = asks(test, at.carl, session).await;
    reshaped(test, session, &[], &["2026-11-21T09:00", "2026-11-28T09:00"], "1 Pier Street").await;
    gives_back(test, at.dora, &waits).await;
    answers(test, at.dina, &next, false).await;
    time_passes(test, "2026-10-27T16:00:02Z").await;
    assert_eq!(test.how_many("outbox WHERE kind = 'offer_expired'").await, 1, "{last:?}");
    asks(test, at.dora, session).await;
    let reason = "The gym is flooded.";
    test.by_itself(async |tx, desk| posting::postpone(tx, desk, session, reason).await).await;
    reshaped(test, session, &[], &["2026-12-05T09:00"], "1 Pier Street").await;
    test.by_itself(async |tx, desk| posting::publish(tx, desk, session).await).await;
    test.by_itself(async |tx, desk| posting::cancel(tx, desk, session, "No other\n room.").await).await;
}

/// Another way to take part, with fewer seats.
async fn with_two_ways(test: &TestApp, at: &TwoSchools) {
    let session = test.session(at, Sketch { capacity: 2, online: 1, ..Sketch::default() }).await;
    let link = vec![("online_url", Expr::value("https://meet.example/reading"))];
    change(test, "meeting", "session_id", session.0, link).await;
    for (who, way) in [(at.dina, Way::IN_PERSON), (at.carl, Way::ONLINE)] {
        let wish = Wish { account: who, school: None, way: Some(way) };
        does(test, who, async |tx, desk| registration::register(tx, desk, session, wish).await).await;
    }
    reshaped(test, session, &[("mode", "online"), ("capacity", "")], &[], "").await;
    test.by_itself(async |tx, desk| posting::cancel(tx, desk, session, "Snow").await).await;
}

/// A series that is reminded of.
async fn with_two_meetings(test: &TestApp, at: &TwoSchools) {
    let meetings = vec!["2026-11-13T09:00:00".parse().unwrap(), "2026-11-20T09:00:00".parse().unwrap()];
    let session = test.session(at, Sketch { status: "draft", meetings, ..Sketch::default() }).await;
    let details = serde_json::json!({
        "purpose": "a plan for six weeks", "entrance": "Door B", "parking": "Behind the gym", "materials": "A laptop",
        "transit": "Bus 7", "meals": "Coffee", "accessibility": "A ramp at door B",
    });
    change(test, "session", "id", session.0, vec![("details", Expr::value(details))]).await;
    test.by_itself(async |tx, desk| posting::publish(tx, desk, session).await).await;
    asks(test, at.dina, session).await;
    for at in ["2026-11-06T15:00:00Z", "2026-11-12T15:00:00Z", "2026-11-19T15:00:00Z"] {
        time_passes(test, at).await;
    }
}

async fn everything(test: &TestApp, at: &TwoSchools) {
    with_approval(test, at).await;
    with_one_seat(test, at).await;
    with_two_ways(test, at).await;
    with_two_meetings(test, at).await;
}

/// Every letter of seats as its reader sees it, in an order of their own. HTML of reminders: they are on a list, and
/// have everything that is around a letter.
async fn book(test: &TestApp) -> String {
    let cx = test.db().cx(Actor::System("test"));
    let head = test.app.letterhead(&test.base.as_str().into()).unwrap();
    let mut letters = Vec::new();
    for email in EVERYBODY {
        let sql = format!("SELECT id, kind FROM outbox WHERE recipient = '{email}'");
        let statement = Statement::from_string(cx.conn().get_database_backend(), sql);
        for row in cx.conn().query_all_raw(statement).await.unwrap() {
            let kind: String = row.try_get("", "kind").unwrap();
            if !OURS.iter().any(|ours| kind.starts_with(ours)) {
                continue;
            }
            let raw = outbox::message(&cx, &head, LetterId(row.try_get("", "id").unwrap())).await.unwrap();
            let message = MessageParser::default().parse(&raw).unwrap();
            let lang = message.header_raw("Content-Language").map_or("no language", str::trim).to_owned();
            let mut said =
                format!("{email}, {kind}, {lang}\n{}\n\n{}", message.subject().unwrap(), message.body_text(0).unwrap());
            if kind == "session_reminder" {
                said.push_str(&message.body_html(0).unwrap());
            }
            letters.push(plain(&said.replace(&test.base, "https://ground.example").replace("\r\n", "\n")));
        }
    }
    letters.sort();
    letters.iter().map(|letter| format!("======== {}\n", letter.trim_end())).collect()
}

/// Without what chance made: names of rows, signed links.
fn plain(text: &str) -> String {
    let is_chance =
        |part: &str| part.len() > 30 && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    let mut plain = String::new();
    for part in text.split_inclusive(['/', ' ', '\n', '"', '<', '>']) {
        let end = part.trim_end_matches(['/', ' ', '\n', '"', '<', '>']);
        plain.push_str(if is_chance(end) { "~" } else { end });
        plain.push_str(&part[end.len()..]);
    }
    plain
}

fn table(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it").join(name)
}

#[expect(clippy::disallowed_methods, reason = "the one setting of this test")]
fn compare(book: &str, name: &str) {
    let file = table(name);
    if std::env::var("UPDATE_TABLE").is_ok() {
        std::fs::write(&file, book).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let differ: Vec<&str> = book.lines().filter(|line| !kept.lines().any(|kept| kept == *line)).collect();
    assert!(
        kept == book,
        "{name} says otherwise; read these lines, and keep them with UPDATE_TABLE=1:\n{}",
        differ.join("\n")
    );
}

both_engines! {
    async fn seat_letters_say_in_english_what_they_always_said(test: TestApp) {
        let at = test.two_schools().await;
        everything(&test, &at).await;
        compare(&book(&test).await, "seat_letters_en.txt");
    }
}

both_engines! {
    async fn the_letters_that_go_most_often_speak_spanish(test: TestApp) {
        let at = test.two_schools().await;
        for (who, name) in [
            (at.paula, "Paula Quay"),
            (at.carl, "Carl Pier"),
            (at.cora, "Cora Buoy"),
            (at.pete, "Pete Weir"),
            (at.dina, "Dina Ford"),
            (at.dora, "Dora Mill"),
        ] {
            speaks_spanish(&test, who, name).await;
        }
        everything(&test, &at).await;
        let book = book(&test).await;
        let (spanish, english): (Vec<&str>, Vec<&str>) =
            letters_of(&book).into_iter().partition(|letter| language_of(letter) == "es");
        compare(&spanish.concat(), "seat_letters_es.txt");
        // What does not speak Spanish is English from beginning to end: every other letter is there, as it always was.
        let kinds: BTreeSet<&str> = spanish.iter().map(|letter| kind_of(letter)).collect();
        let kept = std::fs::read_to_string(table("seat_letters_en.txt")).unwrap();
        let others: Vec<&str> = letters_of(&kept).into_iter().filter(|one| !kinds.contains(kind_of(one))).collect();
        assert_eq!(english, others);
        assert_eq!((kinds.len(), spanish.len() + others.len()), (11, letters_of(&kept).len()), "{kinds:?}");
        // Dates, and the names of what is ours, would be the last to be forgotten.
        for word in ["Monday", "Friday", "Saturday", "November", "seat", "session:", " AM ", " PM ", "You ", " the "] {
            let found: Vec<_> = spanish.iter().filter(|letter| words_of(letter).contains(word)).collect();
            assert!(found.is_empty(), "{word}: {found:?}");
        }
    }
}

/// The letters of a book.
fn letters_of(book: &str) -> Vec<&str> {
    let starts: Vec<usize> = book.match_indices("======== ").map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).copied().chain([book.len()]);
    starts.iter().zip(ends).map(|(start, end)| &book[*start..end]).collect()
}

fn kind_of(letter: &str) -> &str {
    letter.split(", ").nth(1).unwrap()
}

fn language_of(letter: &str) -> &str {
    letter.lines().next().unwrap().rsplit(", ").next().unwrap()
}

/// A letter without its first line, addresses of pages, HTML, and what people typed.
fn words_of(letter: &str) -> String {
    let text = letter.split("<!doctype").next().unwrap();
    let lines = text.lines().skip(1).filter(|line| !line.starts_with("http"));
    let words = lines.flat_map(|line| line.split(' ').chain(["\n"])).filter(|word| !word.contains("http"));
    let words = words.collect::<Vec<_>>().join(" ");
    ["Reading Safety Net in Action", "The gym is flooded.", "Behind the gym"]
        .iter()
        .fold(words, |words, typed| words.replace(typed, ""))
}

both_engines! {
    /// As they leave, and each in the language of its reader: hers in Spanish, her principal's in English.
    async fn a_letter_leaves_in_the_language_of_its_reader(test: TestApp) {
        let at = test.two_schools().await;
        let session = test.session(&at, Sketch { approval_needed: true, ..Sketch::default() }).await;
        speaks_spanish(&test, at.dina, "Dina Ford").await;
        speaks_spanish(&test, at.paula, "Paula Quay").await;
        for who in [at.dina, at.carl] {
            test.signed_in(who, false).await.post_on(&format!("/sessions/{session}/registration"), &[]).await;
        }
        let sent = sent(&test).await;
        let facts = |email: &str, kind: &str| {
            let message = MessageParser::default().parse(&sent[email]).unwrap();
            let html = message.body_html(0).unwrap().into_owned();
            let lang = message.header_raw("Content-Language").map(|raw| raw.trim().to_owned());
            let (subject, text) = (message.subject().unwrap().to_owned(), message.body_text(0).unwrap().replace("\r\n", "\n"));
            assert!(html.contains(kind), "{email}: {html}");
            (subject, lang, html.contains("<html lang=\"es\">"), text)
        };
        let spanish = Some("es".to_owned());
        let (subject, lang, html, text) = facts("dina@millbrook.example", "Ver su plaza");
        let title = "Reading Safety Net in Action";
        assert_eq!(subject, format!("Le reservamos una plaza: {title}, sábado, 14 de noviembre de 2026"));
        assert_eq!((lang, html), (spanish.clone(), true));
        assert!(text.contains("Le reservamos la plaza hasta el miércoles, 21 de octubre de 2026, 11:59 p. m. EDT"), "{text}");
        let (subject, lang, html, _) = facts("pete@millbrook.example", "Approve or decline");
        assert_eq!(subject, format!("Dina Ford asks to go to {title}, Saturday, November 14, 2026"));
        assert_eq!((lang, html), (None, false));
        // At the other school it is the other way around.
        let (subject, lang, html, text) = facts("paula@harbor.example", "Aprobar o rechazar");
        assert_eq!(subject, format!("Carl Pier solicita asistir a {title}, sábado, 14 de noviembre de 2026"));
        assert_eq!((lang, html), (spanish, true));
        assert!(text.contains("\nSábado, 14 de noviembre de 2026, 9:00 a. m. a 12:00 p. m. EST\n"), "{text}");
        let (_, lang, html, _) = facts("carl@harbor.example", "See your seat");
        assert_eq!((lang, html), (None, false));
    }
}

/// Lets letters leave: the files, by who reads them.
async fn sent(test: &TestApp) -> BTreeMap<String, Vec<u8>> {
    let delivery = test.app.delivery(&test.base.as_str().into(), false).unwrap();
    while delivery.deliver_due().await.unwrap() > 0 {}
    let mut sent = BTreeMap::new();
    for file in std::fs::read_dir(test.app.config.data.join("mail")).unwrap() {
        let raw = std::fs::read(file.unwrap().path()).unwrap();
        let message = MessageParser::default().parse(&raw).unwrap();
        sent.insert(message.to().unwrap().first().unwrap().address().unwrap().to_owned(), raw);
    }
    sent
}
