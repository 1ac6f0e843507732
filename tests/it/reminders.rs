//! What sessions remind of by themselves (product.md, table of section 4): whom, when, once, and nothing that is not so.

use chrono::TimeDelta;
use commonground::people::AccountId;
use commonground::platform::Timestamp;
use commonground::sessions::{SessionId, clockwork, posting};
use sea_orm::sea_query::Expr;

use crate::calendar::change;
use crate::support::sessions::{Sketch, TwoSchools};
use crate::support::{TestApp, both_engines};

const DINA: &str = "dina@millbrook.example";
const PAULA: &str = "paula@harbor.example";
const PETE: &str = "pete@millbrook.example";

/// Friday, November 13, 2026, 9 o'clock in New York, for half a school day: published by the program itself, so that it is
/// planned.
pub async fn friday(test: &TestApp, at: &TwoSchools) -> SessionId {
    let meetings = vec!["2026-11-13T09:00:00".parse().unwrap()];
    let session = test.session(at, Sketch { status: "draft", meetings, ..Sketch::default() }).await;
    let details = serde_json::json!({
        "purpose": "a plan for six weeks", "entrance": "Door B", "parking": "Behind the gym", "materials": "A laptop",
    });
    let cells = vec![
        ("coverage", Expr::value("half_day")),
        ("details", Expr::value(details)),
        ("published_at", Expr::value(Option::<Timestamp>::None)),
    ];
    change(test, "session", "id", session.0, cells).await;
    test.by_itself(async |tx, desk| posting::publish(tx, desk, session).await).await;
    session
}

impl TestApp {
    /// Time acts at this moment, and once more.
    pub async fn reminders_at(&self, at: &str) {
        self.clock.set(at.parse::<Timestamp>().unwrap());
        for _ in 0..2 {
            clockwork::tick(self.db(), &self.front_desk()).await.unwrap();
        }
    }

    /// The letters of a kind to somebody: subject and text.
    async fn reminded(&self, email: &str, kind: &str) -> Vec<(String, String)> {
        let letters = self.letters(email).await.into_iter().filter(|letter| letter.kind == kind);
        letters.map(|letter| (letter.subject, letter.text.split_whitespace().collect::<Vec<_>>().join(" "))).collect()
    }

    async fn how_often(&self, email: &str, kind: &str) -> usize {
        self.reminded(email, kind).await.len()
    }
}

async fn seats(test: &TestApp, session: SessionId, people: &[AccountId]) {
    for account in people {
        test.takes_a_seat(session, *account).await;
    }
}

both_engines! {
    /// The whole way to the session, each letter once, at its moment on the wall there: clocks went back on November 1.
    async fn everybody_is_reminded_once(test: TestApp) {
        let at = test.two_schools().await;
        let session = friday(&test, &at).await;
        seats(&test, session, &[at.dina, at.dora, at.carl]).await;
        test.reminders_at("2026-11-06T11:59:00Z").await;
        assert_eq!(test.how_many("outbox WHERE kind IN ('session_reminder', 'session_staff', 'session_week_ahead')").await, 0);
        // Seven in the morning: five school days for principals, seven days for the organizer.
        test.reminders_at("2026-11-06T12:00:00Z").await;
        let staff = test.reminded(PETE, "session_staff").await;
        assert_eq!(staff[0].0, "2 people of Millbrook Elementary: Reading Safety Net in Action, Friday, November 13, 2026");
        assert!(staff[0].1.contains("2 still need somebody for their classes."), "{}", staff[0].1);
        assert!(staff[0].1.contains("/schools/millbrook-elementary/seats"), "{}", staff[0].1);
        let alone = test.reminded(PAULA, "session_staff").await;
        assert!(alone[0].1.contains("Carl Pier of Harbor Charter School has a seat"), "{}", alone[0].1);
        let ahead = test.reminded(PAULA, "session_week_ahead").await;
        assert!(ahead[0].1.contains("3 people have a seat (Charter 1, District 2)."), "{}", ahead[0].1);
        assert!(ahead[0].1.contains("Nobody has named access or dietary needs."), "{}", ahead[0].1);
        // Seven days: with the facts.
        assert_eq!(test.how_often(DINA, "session_reminder").await, 0);
        test.reminders_at("2026-11-06T14:00:00Z").await;
        let week = test.reminded(DINA, "session_reminder").await;
        assert_eq!(week[0].0, "You have a seat: Reading Safety Net in Action, Friday, November 13, 2026");
        for fact in
            ["9:00 AM to 12:00 PM EST. 12 Harbor Street", "Entrance: Door B", "Parking: Behind the gym", "What to bring: A laptop"]
        {
            assert!(week[0].1.contains(fact), "{fact}: {}", week[0].1);
        }
        // Monday: who is out.
        test.reminders_at("2026-11-09T12:00:00Z").await;
        let out = test.reminded(PETE, "staff_out").await;
        assert_eq!(out[0].0, "Out in the week of Monday, November 9, 2026: 2 people of Millbrook Elementary");
        assert!(out[0].1.contains("Friday, November 13, 2026, 9:00 AM to 12:00 PM EST: 2 people at"), "{}", out[0].1);
        // The day before. Who registers after that has just read it.
        test.reminders_at("2026-11-12T13:59:00Z").await;
        assert_eq!(test.how_often(DINA, "session_reminder").await, 1);
        test.reminders_at("2026-11-12T14:00:00Z").await;
        assert_eq!(test.how_often(DINA, "session_reminder").await, 2);
        test.clock.set("2026-11-12T14:05:00Z".parse().unwrap());
        seats(&test, session, &[at.cora]).await;
        // A clock that goes back a day and comes again reminds nobody twice (C6), also where somebody saves the session then.
        test.reminders_at("2026-11-11T14:00:00Z").await;
        test.by_itself(async |tx, desk| posting::close(tx, session).await.map(|_| desk.head.clone())).await;
        test.reminders_at("2026-11-12T14:30:00Z").await;
        assert_eq!(test.how_often("cora@harbor.example", "session_reminder").await, 0);
        test.reminders_at("2026-11-13T20:00:00Z").await;
        for (email, kind, times) in [
            (DINA, "session_reminder", 2),
            ("carl@harbor.example", "session_reminder", 2),
            (PETE, "session_staff", 1),
            (PAULA, "session_staff", 1),
            (PAULA, "session_week_ahead", 1),
            (PETE, "session_week_ahead", 0),
            (PETE, "staff_out", 1),
            (PAULA, "staff_out", 1),
        ] {
            assert_eq!(test.how_often(email, kind).await, times, "{kind} to {email}");
        }
        assert_eq!(test.how_many("event WHERE action = 'session.reminded'").await, 6, "five moments, the day once more");
    }
}

both_engines! {
    /// A session that moves reminds of the new date; one that is called off or postponed of none.
    async fn a_session_that_moves_reminds_again(test: TestApp) {
        let at = test.two_schools().await;
        let session = friday(&test, &at).await;
        let off = friday(&test, &at).await;
        seats(&test, session, &[at.dina]).await;
        seats(&test, off, &[at.dora]).await;
        test.by_itself(async |tx, desk| posting::cancel(tx, desk, off, "Snow").await).await;
        test.reminders_at("2026-11-06T14:00:00Z").await;
        assert_eq!(test.how_often(DINA, "session_reminder").await, 1);
        test.moves(session, &["2026-11-20T09:00"]).await;
        test.reminders_at("2026-11-12T14:00:00Z").await;
        assert_eq!(test.how_often(DINA, "session_reminder").await, 1, "not of the old day");
        test.reminders_at("2026-11-13T14:00:00Z").await;
        assert_eq!(test.how_often(DINA, "session_reminder").await, 2, "a week before the new one");
        test.by_itself(async |tx, desk| posting::postpone(tx, desk, session, "Snow").await).await;
        test.reminders_at("2026-11-19T14:00:00Z").await;
        assert_eq!(test.how_often(DINA, "session_reminder").await, 2);
        assert_eq!(test.how_many("session_reminder").await, 0);
        assert_eq!(test.how_often("dora@millbrook.example", "session_reminder").await, 0, "called off");
    }
}

both_engines! {
    /// A service that stood still over the moment reminds of nothing that is over.
    async fn what_is_over_is_not_reminded_of(test: TestApp) {
        let at = test.two_schools().await;
        let session = friday(&test, &at).await;
        seats(&test, session, &[at.dina]).await;
        test.reminders_at("2026-11-13T17:00:00Z").await;
        assert_eq!(test.how_many("outbox WHERE kind IN ('session_reminder', 'session_staff', 'staff_out')").await, 0);
        // The day reminder alone is still of use on the evening before.
        let second = test.session(&at, Sketch { status: "draft", ..Sketch::default() }).await;
        test.clock.set("2026-10-20T16:00:00Z".parse().unwrap());
        test.by_itself(async |tx, desk| posting::publish(tx, desk, second).await).await;
        seats(&test, second, &[at.dora]).await;
        test.reminders_at("2026-11-13T23:00:00Z").await;
        let told = test.reminded("dora@millbrook.example", "session_reminder").await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].1.contains("is close, and you have a seat"), "{}", told[0].1);
    }
}

both_engines! {
    /// A week after: hours of staff, once attendance is locked; after 30 and 90 days what came of the practice.
    async fn principals_hear_of_hours_and_of_what_came_of_it(test: TestApp) {
        let at = test.two_schools().await;
        let source = [serde_json::json!({ "source": "t:1", "title": "Marble jar", "origin_school": "harbor-charter-school" })];
        let report = test.import(&source).await;
        assert_eq!(report.added, 1, "{report:?}");
        let practice = test.cells::<uuid::Uuid>("SELECT id FROM practice").await[0];
        let session = friday(&test, &at).await;
        change(&test, "session", "id", session.0, vec![("practice_id", Expr::value(practice))]).await;
        let crowd = test.crowd(at.millbrook, "dina", 5).await;
        let mut people: Vec<AccountId> = crowd.iter().map(|(id, _)| *id).collect();
        people.push(at.carl);
        let mut ids = Vec::new();
        for account in &people {
            ids.push(test.takes_a_seat(session, *account).await.id);
        }
        // Saved once more, so that what hangs on the practice is planned too.
        let mut draft = commonground::sessions::draft::Draft::default();
        draft.set("parking", "In the street");
        test.by_itself(async |tx, desk| posting::change(tx, desk, session, draft, None).await).await;
        test.reminders_at("2026-11-13T17:30:00Z").await;
        for id in &ids {
            test.put(
                "attendance",
                vec![
                    ("registration_id", Expr::value(id.0)),
                    ("meeting", Expr::value(1)),
                    ("session_id", Expr::value(session.0)),
                    ("state", Expr::value("present")),
                    ("updated_at", Expr::value(test.clock.now())),
                ],
            )
            .await;
        }
        test.reminders_at("2026-11-20T12:00:00Z").await;
        let hours = test.reminded(PETE, "staff_hours").await;
        assert_eq!(hours.len(), 1);
        assert!(hours[0].0.starts_with("15 hours of joint learning at Millbrook Elementary"), "{}", hours[0].0);
        let hours = test.reminded(PAULA, "staff_hours").await;
        assert!(hours[0].1.contains("Carl Pier of Harbor Charter School was at"), "{}", hours[0].1);
        for (day, answers) in [(30, ["yes", "yes", "not_yet", "no", "yes", "yes"]), (90, ["yes"; 6])] {
            let asked: Timestamp = "2026-11-13T17:00:00Z".parse::<Timestamp>().unwrap() + TimeDelta::days(day);
            test.reminders_at(&(asked + TimeDelta::days(1)).to_rfc3339()).await;
            for (id, answer) in ids.iter().zip(answers) {
                let cells = vec![
                    ("registration_id", Expr::value(id.0)),
                    ("day", Expr::value(i32::try_from(day).unwrap())),
                    ("answer", Expr::value(answer)),
                    ("answered_at", Expr::value(test.clock.now())),
                ];
                test.put("practice_use", cells).await;
            }
            test.reminders_at(&(asked + TimeDelta::days(8)).to_rfc3339()).await;
        }
        let told = test.reminded(PAULA, "practice_use_told").await;
        assert_eq!(told[0].0, "4 of 6 use it: Marble jar, seen on Friday, November 13, 2026");
        assert!(told[0].1.contains("6 answered: 4 use it, 1 not yet, 1 do not."), "{}", told[0].1);
        assert_eq!((told.len(), test.how_often(PETE, "practice_use_told").await), (1, 1), "the other school at 90 alone");
        // Who runs it hears of the 90 days with the other news of their sessions.
        let heard = test.how_many("notice WHERE topic = 'hosting' AND line LIKE '%90 days after%'").await;
        assert_eq!(heard, 1);
    }
}
