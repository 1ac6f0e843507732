//! Calendar mail: invitations, changes and cancellations in the letters of a seat, as they leave; and what calendars answer.

use std::path::PathBuf;

use commonground::mail::intake::{CalendarReply, Outcome, Replies};
use commonground::people::AccountId;
use commonground::platform::config::DatabaseUrl;
use commonground::platform::{Actor, Tx};
use commonground::sessions::draft::{Draft, MeetingDraft};
use commonground::sessions::registration::{self, Wish};
use commonground::sessions::replies::SeatReplies;
use commonground::sessions::{Desk, Registration, SessionId, posting};
use mail_parser::{MessageParser, MimeHeaders};

use crate::support::sessions::Sketch;
use crate::support::{TestApp, both_engines};

/// A letter that left with something for a calendar.
#[derive(Clone, Debug)]
struct Sent {
    to: String,
    subject: String,
    /// The MIME parameter `method`.
    method: String,
    /// The calendar without its folds.
    body: String,
    raw: Vec<u8>,
}

impl Sent {
    fn line(&self, name: &str) -> &str {
        let event = self.body.split_once("BEGIN:VEVENT").unwrap().1;
        let found = event.lines().find(|line| line.starts_with(name) && line[name.len()..].starts_with([':', ';']));
        found.unwrap_or_else(|| panic!("{name}: {}", self.body))
    }

    fn sequence(&self) -> i64 {
        self.line("SEQUENCE").trim_start_matches("SEQUENCE:").parse().unwrap()
    }

    fn uid(&self) -> &str {
        self.line("UID").trim_start_matches("UID:")
    }
}

impl TestApp {
    fn calendar_desk(&self) -> Desk {
        self.app.desk(&"https://ground.example".into()).unwrap()
    }

    /// Does something as the program itself.
    pub async fn by_itself<T>(&self, act: impl AsyncFnOnce(&mut Tx, &Desk) -> commonground::platform::Result<T>) -> T {
        let mut tx = self.db().write(Actor::System("test")).await.unwrap();
        let done = act(&mut tx, &self.calendar_desk()).await.unwrap();
        tx.commit().await.unwrap();
        done
    }

    /// Somebody asks for a seat.
    pub async fn takes_a_seat(&self, session: SessionId, account: AccountId) -> Registration {
        let wish = Wish { account, school: None, way: None };
        self.by_itself(async |tx, desk| registration::register(tx, desk, session, wish).await).await
    }

    /// Another date for the session, each meeting three hours long.
    pub async fn moves(&self, session: SessionId, starts: &[&str]) {
        let meeting = |start: &&str| MeetingDraft {
            starts_at: (*start).to_owned(),
            ends_at: start.replace("T09", "T12"),
            address: "12 Harbor Street".to_owned(),
            ..MeetingDraft::default()
        };
        let mut draft = Draft::default();
        draft.meetings = Some(starts.iter().map(meeting).collect());
        self.by_itself(async |tx, desk| posting::change(tx, desk, session, draft, None).await).await;
    }

    /// Lets letters leave, and gives those with a calendar, oldest first.
    async fn calendars(&self, name: &str) -> Vec<Sent> {
        let folder = self.app.config.data.join("mail");
        let delivery = self.app.delivery(&"https://ground.example".into(), false).unwrap();
        while delivery.deliver_due().await.unwrap() > 0 {}
        let mut sent = Vec::new();
        for file in std::fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            let raw = std::fs::read(&path).unwrap();
            std::fs::remove_file(&path).unwrap();
            let message = MessageParser::default().parse(&raw).unwrap();
            let Some(part) = message.parts.iter().find(|part| part.is_content_type("text", "calendar")) else {
                continue;
            };
            let method = part.content_type().unwrap().attribute("method").unwrap().to_owned();
            let body = part.text_contents().unwrap().replace("\r\n ", "").replace("\n ", "");
            let to = message.to().unwrap().first().unwrap().address().unwrap().to_owned();
            sent.push(Sent { to, subject: message.subject().unwrap().to_owned(), method, body, raw });
        }
        sent.sort_by_key(|sent| (sent.to.clone(), sent.sequence(), sent.uid().to_owned()));
        // Where the independent checks find them.
        let kept = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("invitations");
        let engine = match self.database.url {
            DatabaseUrl::Sqlite(_) => "sqlite",
            DatabaseUrl::Postgres(_) => "postgres",
        };
        std::fs::create_dir_all(&kept).unwrap();
        for (number, sent) in sent.iter().enumerate() {
            std::fs::write(kept.join(format!("{engine}-{name}-{number}.eml")), &sent.raw).unwrap();
        }
        sent
    }

    async fn calendar_says(&self, sent: &Sent, partstat: &str) -> Outcome {
        self.calendar_says_as(&sent.to, sent.uid(), sent.sequence(), partstat).await
    }

    async fn calendar_says_as(&self, from: &str, uid: &str, sequence: i64, partstat: &str) -> Outcome {
        let reply = CalendarReply {
            uid: uid.to_owned(),
            recurrence: None,
            attendee: from.to_owned(),
            partstat: partstat.to_owned(),
            from: from.to_owned(),
            sequence,
            sent_at: Some(self.clock.now()),
        };
        SeatReplies::new(self.calendar_desk()).reply(self.db(), reply).await.unwrap()
    }

    async fn seat_now(&self, id: commonground::sessions::RegistrationId) -> (String, i32) {
        let cx = self.db().cx(Actor::System("test"));
        let seat = registration::registration(&cx, id).await.unwrap();
        (seat.seat.code().to_owned(), seat.round)
    }
}

/// What every calendar letter is: one event for its reader alone, from the address that it comes from (RFC 6047, T10).
fn check(sent: &Sent) {
    assert!(sent.body.contains(&format!("METHOD:{}", sent.method)), "{sent:?}");
    assert_eq!(sent.body.matches("BEGIN:VEVENT").count(), 1);
    assert_eq!(sent.body.matches("ATTENDEE").count(), 1);
    assert!(sent.line("ATTENDEE").ends_with(&format!("mailto:{}", sent.to)), "{}", sent.line("ATTENDEE"));
    assert!(sent.line("ORGANIZER").ends_with("mailto:no-reply@ground.example"));
    let text = String::from_utf8_lossy(&sent.raw);
    assert!(text.contains("From: \"Common Ground\" <no-reply@ground.example>"), "{text}");
    assert!(text.contains("application/ics"), "as a file too");
}

both_engines! {
    /// REQUEST with the seat, a higher SEQUENCE with a material change, CANCEL when it was given back; and nobody else's
    /// answer, nor one to an older invitation, changes anything.
    async fn a_seat_comes_into_a_calendar_and_goes_out_of_it(test: TestApp) {
        let at = test.two_schools().await;
        let session = test.session(&at, Sketch::default()).await;
        let seat = test.takes_a_seat(session, at.dina).await;
        let invited = test.calendars("request").await;
        let [request] = invited.as_slice() else { panic!("{invited:?}") };
        check(request);
        assert_eq!((request.method.as_str(), request.to.as_str()), ("REQUEST", "dina@millbrook.example"));
        assert_eq!((request.sequence(), request.line("STATUS")), (1, "STATUS:CONFIRMED"));
        assert_eq!(request.uid(), format!("{session}@test.example"));
        assert!(request.line("ATTENDEE").contains("PARTSTAT=ACCEPTED;RSVP=FALSE"));
        test.moves(session, &["2026-11-21T09:00"]).await;
        let changed = test.calendars("update").await;
        let [update] = changed.as_slice() else { panic!("{changed:?}") };
        check(update);
        assert_eq!((update.method.as_str(), update.sequence(), update.uid()), ("REQUEST", 2, request.uid()));
        assert!(update.line("DTSTART").ends_with("20261121T090000"), "{}", update.line("DTSTART"));
        assert!(update.line("ATTENDEE").contains("PARTSTAT=NEEDS-ACTION;RSVP=TRUE"));
        // A stranger, an older invitation, a perhaps.
        let uid = update.uid();
        assert_eq!(test.calendar_says_as("eve@evil.example", uid, 2, "DECLINED").await, Outcome::NotTheirs);
        assert_eq!(test.calendar_says_as("dora@millbrook.example", uid, 2, "DECLINED").await, Outcome::NotTheirs);
        assert_eq!(test.calendar_says_as("dina@millbrook.example", "x@test.example", 2, "DECLINED").await, Outcome::NotTheirs);
        assert_eq!(test.calendar_says(request, "DECLINED").await, Outcome::NothingToDo);
        assert_eq!(test.calendar_says(update, "TENTATIVE").await, Outcome::NothingToDo);
        assert_eq!(test.seat_now(seat.id).await, ("confirmed".to_owned(), 0));
        assert_eq!(test.calendar_says(update, "ACCEPTED").await, Outcome::Applied);
        assert_eq!(test.seat_now(seat.id).await, ("confirmed".to_owned(), 1));
        assert_eq!(test.calendar_says(update, "ACCEPTED").await, Outcome::NothingToDo);
        // A no is a question: From is all that is known of who said it. An invitation that was not sent yet and a meeting that
        // there is not are nothing.
        assert_eq!(test.calendar_says_as("dina@millbrook.example", uid, 3, "DECLINED").await, Outcome::NothingToDo);
        let third = uid.replace('@', "-3@");
        assert_eq!(test.calendar_says_as("dina@millbrook.example", &third, 2, "DECLINED").await, Outcome::NothingToDo);
        assert_eq!(test.how_many("outbox WHERE kind = 'meeting_declined'").await, 0);
        assert_eq!(test.calendar_says(update, "DECLINED").await, Outcome::Applied);
        assert_eq!(test.calendar_says(update, "DECLINED").await, Outcome::NothingToDo);
        assert_eq!(test.seat_now(seat.id).await.0, "confirmed");
        let asked = test.letters("dina@millbrook.example").await;
        let asked: Vec<_> = asked.iter().filter(|letter| letter.kind == "meeting_declined").collect();
        assert_eq!(asked.len(), 1);
        assert!(asked[0].text.contains("You still have your seat"), "{}", asked[0].text);
        let link = asked[0].path("https://ground.example");
        assert_eq!(test.calendars("question").await.len(), 0, "nothing for a calendar");
        assert!(test.page(&link).await.contains("Reading Safety Net in Action"));
        test.by_itself(async |tx, desk| registration::withdraw(tx, desk, seat.id).await).await;
        assert_eq!(test.seat_now(seat.id).await.0, "released");
        assert_eq!(test.calendar_says(update, "DECLINED").await, Outcome::NothingToDo);
        let gone = test.calendars("cancel").await;
        let [cancel] = gone.as_slice() else { panic!("{gone:?}") };
        check(cancel);
        assert_eq!((cancel.method.as_str(), cancel.sequence(), cancel.uid()), ("CANCEL", 3, request.uid()));
        assert_eq!(cancel.line("STATUS"), "STATUS:CANCELLED");
        assert!(cancel.subject.starts_with("Your seat is given back: "), "{}", cancel.subject);
        // Who comes back is above the cancellation, and what was said to it before is over.
        test.takes_a_seat(session, at.dina).await;
        let again = test.calendars("again").await;
        assert_eq!((again.len(), again[0].method.as_str(), again[0].sequence()), (1, "REQUEST", 4));
        assert_eq!(test.calendar_says(cancel, "DECLINED").await, Outcome::NothingToDo);
        assert_eq!(test.calendar_says(update, "DECLINED").await, Outcome::NothingToDo);
        assert_eq!(test.seat_now(seat.id).await.0, "confirmed");
        // All of it is one thread to one reader, in the order of the numbers.
        let threads: Vec<i64> =
            test.cells(&format!("SELECT thread_no FROM outbox WHERE thread = 'registration:{}' ORDER BY created_at, id", seat.id)).await;
        assert_eq!(threads, [1, 2, 3, 4]);
    }
}

both_engines! {
    /// A seat that waits is in no calendar; a cancelled session goes out of those that it was put into, and out of no other.
    async fn only_who_was_invited_is_told_of_the_end(test: TestApp) {
        let at = test.two_schools().await;
        let sketch = Sketch { approval_needed: true, capacity: 2, ..Sketch::default() };
        let session = test.session(&at, sketch).await;
        let held = test.takes_a_seat(session, at.dina).await;
        let other = test.takes_a_seat(session, at.carl).await;
        let waits = test.takes_a_seat(session, at.dora).await;
        assert_eq!((held.seat.code(), other.seat.code(), waits.seat.code()), ("held", "held", "waitlisted"));
        assert_eq!(test.calendars("held").await.len(), 0);
        test.by_itself(async |tx, desk| registration::decide(tx, desk, held.id, true, None, None).await).await;
        let approved = test.calendars("approved").await;
        assert_eq!((approved.len(), approved[0].to.as_str(), approved[0].sequence()), (1, "dina@millbrook.example", 2));
        let to = at.dora;
        test.by_itself(async |tx, desk| registration::withdraw(tx, desk, waits.id).await).await;
        test.by_itself(async |tx, desk| registration::hand_over(tx, desk, held.id, to).await).await;
        let passed = test.calendars("passed").await;
        let told: Vec<_> = passed.iter().map(|sent| (sent.to.as_str(), sent.method.as_str())).collect();
        assert_eq!(told, [("dina@millbrook.example", "CANCEL")], "who has it now waits for the school");
        let dora = test.cells::<String>("SELECT seat FROM registration WHERE seat = 'held'").await;
        assert_eq!(dora.len(), 2);
        test.by_itself(async |tx, desk| registration::decide(tx, desk, waits.id, true, None, None).await).await;
        assert_eq!(test.calendars("handed").await.len(), 1);
        test.by_itself(async |tx, desk| posting::postpone(tx, desk, session, "Snow").await).await;
        let postponed = test.calendars("postponed").await;
        assert_eq!((postponed.len(), postponed[0].line("STATUS")), (1, "STATUS:TENTATIVE"));
        test.by_itself(async |tx, desk| posting::cancel(tx, desk, session, "More snow").await).await;
        let ended = test.calendars("cancelled").await;
        let [cancel] = ended.as_slice() else { panic!("{ended:?}") };
        check(cancel);
        assert_eq!((cancel.to.as_str(), cancel.method.as_str()), ("dora@millbrook.example", "CANCEL"));
        assert!(cancel.sequence() > postponed[0].sequence());
    }
}

both_engines! {
    /// A message speaks of one meeting (RFC 5546 3.2.2): each of a series comes by itself, and goes by itself.
    async fn a_series_comes_meeting_by_meeting(test: TestApp) {
        let at = test.two_schools().await;
        let starts = ["2026-11-14T09:00:00", "2026-11-28T09:00:00", "2026-12-12T09:00:00"];
        let meetings = starts.map(|start| start.parse().unwrap()).to_vec();
        let session = test.session(&at, Sketch { meetings, ..Sketch::default() }).await;
        let seat = test.takes_a_seat(session, at.dina).await;
        let invited = test.calendars("series").await;
        invited.iter().for_each(check);
        let mut uids: Vec<&str> = invited.iter().map(Sent::uid).collect();
        uids.sort_unstable();
        let uid = |number: &str| format!("{session}{number}@test.example");
        assert_eq!(uids, [uid("-2"), uid("-3"), uid("")]);
        // A no to one date of several is asked about, once.
        let second = invited.iter().find(|sent| sent.uid() == uid("-2")).unwrap();
        assert_eq!(test.calendar_says(second, "DECLINED").await, Outcome::Applied);
        assert_eq!(test.calendar_says(second, "DECLINED").await, Outcome::NothingToDo);
        assert_eq!(test.seat_now(seat.id).await.0, "confirmed");
        assert_eq!(test.how_many("outbox WHERE kind = 'meeting_declined'").await, 1);
        // Two dates are left, and the third goes out.
        test.moves(session, &["2026-11-14T09:00", "2026-12-05T09:00"]).await;
        let moved = test.calendars("shorter").await;
        let told: Vec<_> = moved.iter().map(|sent| (sent.method.as_str(), sent.sequence(), sent.uid().to_owned())).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        for (method, number) in [("REQUEST", ""), ("REQUEST", "-2"), ("CANCEL", "-3")] {
            assert!(told.contains(&(method, 2, uid(number))), "{method} {number}: {told:?}");
        }
        test.by_itself(async |tx, desk| registration::withdraw(tx, desk, seat.id).await).await;
        let left = test.calendars("left").await;
        left.iter().for_each(check);
        assert!(left.iter().all(|sent| (sent.method.as_str(), sent.sequence()) == ("CANCEL", 3)), "{left:?}");
        assert_eq!(left.len(), 2);
    }
}
