//! What has changed before a letter's turn comes: mail servers that were wrongly set up, mailboxes that are there by now, people
//! who lead a school no more, addresses that moved, seats that were given back.

use chrono::{DateTime, TimeDelta, Utc};
use commonground::app::App;
use commonground::mail::mailing::{self, MailingState};
use commonground::mail::{self, Letter, outbox};
use commonground::notices::{self, Notice, Topic, digest};
use commonground::people::account::{AccountId, prove_address};
use commonground::platform::{Actor, Place, Role};
use commonground::sessions::registration;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::Expr;

use crate::calendar::change;
use crate::mail::{MailServer, Manner, all, delivery, enqueue, head, later, letter};
use crate::support::sessions::Sketch;
use crate::support::{TestApp, both_engines};

const ADA: &str = "ada@school.example";

async fn sql(test: &TestApp, sql: &str) {
    let tx = test.db().write(Actor::System("test")).await.unwrap();
    tx.conn().execute_unprepared(sql).await.unwrap();
    tx.commit().await.unwrap();
}

/// How the newest letter of an event stands, and its answer.
async fn stands(test: &TestApp, event: &str) -> String {
    let found: Vec<String> = test.cells(&format!("SELECT state FROM outbox WHERE event_key = '{event}'")).await;
    found.last().unwrap_or_else(|| panic!("no letter of {event}")).clone()
}

async fn due(test: &TestApp) {
    test.app.delivery(&"https://ground.example".into(), false).unwrap().deliver_due().await.unwrap();
}

async fn retry_all(test: &TestApp) -> u64 {
    let mut tx = test.db().write(Actor::System("test")).await.unwrap();
    let count = outbox::retry(&mut tx, None).await.unwrap();
    tx.commit().await.unwrap();
    count
}

both_engines! {
    /// A relay that does not know us yet is our trouble: letters wait for whoever puts it right. What was given up keeps its text
    /// as long as it is of use, also a link that acts.
    async fn a_relay_that_denies_us_costs_no_letter(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[Manner::Denied, Manner::Never]).await);
        let delivery = delivery(&test.app, &server.url());
        let until = test.clock.now() + TimeDelta::days(2);
        enqueue(db, [letter("seat:1", ADA).secret_until(until)]).await;
        delivery.deliver_due().await.unwrap();
        let kept = all(db).await.remove(0);
        assert_eq!((kept.state.as_str(), kept.attempts), ("ready", 1), "{:?}", kept.answer);
        later(&test, TimeDelta::minutes(2));
        delivery.deliver_due().await.unwrap();
        assert_eq!(stands(&test, "seat:1").await, "failed");
        assert_eq!(test.how_many("outbox WHERE content IS NOT NULL").await, 1);
        later(&test, TimeDelta::days(1) + TimeDelta::hours(1));
        App::jobs().run_due(db).await.unwrap();
        assert_eq!(retry_all(&test).await, 1, "it is of use for another day");
        delivery.deliver_due().await.unwrap();
        assert_eq!((stands(&test, "seat:1").await.as_str(), server.taken().len()), ("sent", 1));
        assert_eq!(test.how_many("outbox WHERE content IS NOT NULL").await, 0, "it has left");
        // One whose time is over is forgotten.
        server.next(Manner::Never);
        let until = test.clock.now() + TimeDelta::hours(1);
        enqueue(db, [letter("seat:2", ADA).secret_until(until)]).await;
        delivery.deliver_due().await.unwrap();
        later(&test, TimeDelta::days(2));
        App::jobs().run_due(db).await.unwrap();
        assert_eq!(test.how_many("outbox WHERE content IS NOT NULL").await, 0);
        assert_eq!(retry_all(&test).await, 0);
    }
}

both_engines! {
    /// A letter of a mailing that was over goes again, and the mailing with it; one of a stopped mailing does not.
    async fn a_letter_of_a_finished_mailing_goes_again(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[Manner::Never]).await);
        let delivery = delivery(&test.app, &server.url());
        let id = crate::outbox::mailed(&test, crate::outbox::news(&test), 0..2).await;
        delivery.deliver_due().await.unwrap();
        let state = async || mailing::mailing(&db.cx(Actor::System("test")), id).await.unwrap().state;
        assert_eq!((state().await, server.taken().len()), (MailingState::Done, 1));
        assert_eq!(retry_all(&test).await, 1);
        assert_eq!(state().await, MailingState::Sending);
        delivery.deliver_due().await.unwrap();
        assert_eq!((state().await, server.taken().len()), (MailingState::Done, 2));
        // What waits in one that is over all the same is put to the rest of it, and holds nobody up.
        sql(&test, "UPDATE outbox SET state = 'ready', done_at = NULL WHERE recipient = 'p1@example.org'").await;
        delivery.deliver_due().await.unwrap();
        assert_eq!(test.how_many("outbox WHERE state = 'withdrawn' AND lease_until IS NULL").await, 1);
        server.next(Manner::Never);
        let id = crate::outbox::mailed(&test, crate::outbox::news(&test), 2..4).await;
        delivery.deliver_due().await.unwrap();
        sql(&test, "UPDATE mailing SET state = 'stopped' WHERE state = 'done' AND total = 2 AND done_at IS NOT NULL AND id IN (SELECT mailing_id FROM outbox WHERE recipient = 'p2@example.org')").await;
        assert_eq!(retry_all(&test).await, 0, "{id} was stopped");
    }
}

both_engines! {
    /// Where nobody was, a link to get in is tried once a day; the person finds the reason by their own address, and it ends by
    /// itself after two weeks.
    async fn somebody_who_was_not_there_yet_gets_in(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[Manner::Nobody]).await);
        let delivery = delivery(&test.app, &server.url());
        enqueue(db, [letter("invitation:1", ADA)]).await;
        delivery.deliver_due().await.unwrap();
        assert_eq!(test.how_many("mail_suppression WHERE active AND account_id IS NULL").await, 1);
        let ask = async || {
            test.browser().post_on("/sign-in/link", &[("email", ADA)]).await;
            delivery.deliver_due().await.unwrap();
            let states: Vec<String> =
                test.cells("SELECT state FROM outbox WHERE kind IN ('join_link', 'sign_in_link') ORDER BY created_at, id").await;
            states
        };
        // Greylisted, and then taken: it is the same letter.
        server.next(Manner::Later);
        assert_eq!(ask().await, ["ready"]);
        later(&test, TimeDelta::minutes(2));
        delivery.deliver_due().await.unwrap();
        assert_eq!(test.how_many("outbox WHERE kind = 'join_link' AND state = 'sent'").await, 1);
        assert_eq!(ask().await, ["sent", "withdrawn"], "once a day");
        let usual = letter("seat:1", ADA);
        enqueue(db, [usual]).await;
        delivery.deliver_due().await.unwrap();
        assert_eq!(stands(&test, "seat:1").await, "withdrawn");
        later(&test, TimeDelta::days(1));
        assert_eq!(ask().await, ["sent", "withdrawn", "sent"]);
        // Whose account has the address sees it and lifts it; nobody else does.
        let ben = test.signed_in(test.account("ben@school.example", "Ben Ito").await, false).await;
        let ada = test.account(ADA, "Ada Quill").await;
        let browser = test.signed_in(ada, false).await;
        let page = browser.page("/me/mail").await;
        assert!(page.contains("No letters at all to ada@school.example"), "{page}");
        let again = page.split("action=\"").find(|rest| rest.starts_with("/me/mail/")).unwrap().split('"').next().unwrap();
        assert_eq!(ben.post(again, &[]).await.status(), 404);
        assert_eq!(browser.post_on(again, &[]).await, "/me/mail?again");
        // It comes back as hers, and then as nobody's: it stays hers.
        for (event, account) in [("seat:2", Some(ada)), ("news:1", None)] {
            server.next(Manner::Nobody);
            let letter = letter(event, ADA);
            enqueue(db, [account.map_or_else(|| letter.clone(), |ada| letter.clone().of(ada.0))]).await;
            delivery.deliver_due().await.unwrap();
            assert_eq!(stands(&test, event).await, "failed");
            assert_eq!(test.how_many("mail_suppression WHERE active AND account_id IS NOT NULL").await, 1, "{event}");
            if account.is_some() {
                sql(&test, "UPDATE mail_suppression SET active = FALSE").await;
            }
        }
        later(&test, TimeDelta::days(13));
        App::jobs().run_due(db).await.unwrap();
        assert_eq!(test.how_many("mail_suppression WHERE active").await, 1);
        later(&test, TimeDelta::days(2));
        App::jobs().run_due(db).await.unwrap();
        enqueue(db, [letter("seat:3", ADA)]).await;
        delivery.deliver_due().await.unwrap();
        assert_eq!(stands(&test, "seat:3").await, "sent");
    }
}

both_engines! {
    /// What is about the staff of a school goes to whoever leads it when it goes.
    async fn who_leads_a_school_no_more_reads_nothing_of_its_staff(test: TestApp) {
        let at = test.two_schools().await;
        let session = test.session(&at, Sketch { approval_needed: true, ..Sketch::default() }).await;
        let second = test.account("quinn@millbrook.example", "Quinn Dell").await;
        test.appoint(second, Role::Principal, Place::School(at.millbrook.0)).await;
        test.takes_a_seat(session, at.dina).await;
        let tell = async |event: &str, account: AccountId| {
            let notice = |account| Notice {
                account,
                topic: Topic::StaffSeats,
                event: event.to_owned(),
                about: ("session", session.0),
                line: format!("Dina asked: {event}"),
                path: "/sessions".to_owned(),
                letter: None,
            };
            let room = test.front_desk().postroom();
            let mut tx = test.db().write(Actor::System("test")).await.unwrap();
            notices::tell_leads(&mut tx, &room, at.millbrook, vec![notice(account)]).await.unwrap();
            tx.commit().await.unwrap();
        };
        tell("one", at.pete).await;
        tell("one", second).await;
        sql(&test, "UPDATE membership SET state = 'ended' WHERE role = 'principal' AND account_id IN (SELECT id FROM account WHERE email = 'pete@millbrook.example')").await;
        due(&test).await;
        let asked: Vec<String> =
            test.cells("SELECT state FROM outbox WHERE kind = 'seat_request' ORDER BY recipient").await;
        assert_eq!(asked, ["withdrawn", "sent"], "Pete's, Quinn's");
        test.clock.set("2026-10-15T12:00:00Z".parse().unwrap());
        digest::due(test.db(), &test.front_desk().postroom()).await.unwrap();
        let digests = test.how_many("outbox WHERE kind = 'digest'").await;
        assert_eq!(digests, 1, "Quinn's alone");
        assert_eq!(test.how_many("outbox WHERE kind = 'digest' AND recipient = 'quinn@millbrook.example'").await, 1);
        assert_eq!(test.how_many("notice_setting WHERE digest_due_at IS NOT NULL").await, 0, "nothing waits for ever");
    }
}

both_engines! {
    /// Who organized a session and belongs to its host no more is told nothing of it; the host's leads are.
    async fn who_left_the_host_organizes_nothing(test: TestApp) {
        let at = test.two_schools().await;
        let session = crate::reminders::friday(&test, &at).await;
        change(&test, "session", "id", session.0, vec![("organizer_id", Expr::value(at.carl.0))]).await;
        test.takes_a_seat(session, at.dina).await;
        sql(&test, "UPDATE membership SET state = 'ended' WHERE account_id IN (SELECT id FROM account WHERE email = 'carl@harbor.example')").await;
        test.reminders_at("2026-11-06T12:00:00Z").await;
        let readers: Vec<String> = test.cells("SELECT recipient FROM outbox WHERE kind = 'session_week_ahead'").await;
        assert_eq!(readers, ["paula@harbor.example"]);
        test.by_itself(async |tx, desk| commonground::sessions::posting::cancel(tx, desk, session, "Snow").await).await;
        let readers: Vec<String> =
            test.cells("SELECT recipient FROM outbox WHERE kind = 'session_cancelled_hosts' ORDER BY recipient").await;
        assert_eq!(readers, ["paula@harbor.example", "pete@millbrook.example"]);
    }
}

both_engines! {
    /// What waits for somebody goes to the address that they have when it goes, once; a link that proves a mailbox stays with it.
    async fn letters_move_with_their_person(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[]).await);
        let ada = test.account(ADA, "Ada Quill").await;
        let new = "ada@new.example";
        enqueue(db, [
            letter("seat:1", ADA).of(ada.0),
            letter("seat:2", ADA).of(ada.0),
            letter("seat:2", new).of(ada.0),
            letter("link:1", ADA).of(ada.0).asked_for(),
            letter("seat:1", "ben@school.example"),
        ]).await;
        let mut tx = db.write(Actor::System("test")).await.unwrap();
        prove_address(&mut tx, ada, &mail::Email::parse(new).unwrap()).await.unwrap();
        tx.commit().await.unwrap();
        delivery(&test.app, &server.url()).deliver_due().await.unwrap();
        let mut told: Vec<(String, String)> = all(db).await.into_iter().map(|kept| (kept.subject, kept.to)).collect();
        told.sort();
        let wanted = [
            ("About link:1", ADA),
            ("About seat:1", new),
            ("About seat:1", "ben@school.example"),
            ("About seat:2", new),
            ("About seat:2", ADA),
        ];
        assert_eq!(told, wanted.map(|(subject, to)| (subject.to_owned(), to.to_owned())));
    }
}

both_engines! {
    /// What has to go before an urgent letter goes at night too; and a reminder of a seat that was given back does not go.
    async fn nothing_stands_before_an_urgent_letter(test: TestApp) {
        let at = test.two_schools().await;
        let browser = test.signed_in(at.dina, false).await;
        // No zone of her own: the clock on the wall is that of her school's state.
        sql(&test, "UPDATE school SET state = 'CA' WHERE name = 'Millbrook Elementary'").await;
        let quiet = [("quiet_from", "22:00"), ("quiet_until", "07:00")];
        assert_eq!(browser.post_on("/me/notifications/settings", &quiet).await, "/me/notifications/settings?saved");
        let dina = |event: &str| letter(event, "dina@millbrook.example").of(at.dina.0);
        // Half past ten in New York is half past seven in California.
        test.clock.set("2026-10-15T02:30:00Z".parse().unwrap());
        enqueue(test.db(), [dina("evening")]).await;
        due(&test).await;
        assert_eq!(stands(&test, "evening").await, "sent");
        // Eleven at night there.
        test.clock.set("2026-10-15T06:00:00Z".parse().unwrap());
        enqueue(test.db(), [dina("request").in_thread("seat:1", 1), dina("other").in_thread("seat:2", 1)]).await;
        due(&test).await;
        let morning: Vec<DateTime<Utc>> = test.cells("SELECT due_at FROM outbox WHERE event_key = 'request'").await;
        assert_eq!(morning, ["2026-10-15T14:00:00Z".parse::<DateTime<Utc>>().unwrap()]);
        enqueue(test.db(), [dina("cancel").in_thread("seat:1", 2).urgent()]).await;
        due(&test).await;
        assert_eq!((stands(&test, "request").await.as_str(), stands(&test, "cancel").await.as_str()), ("sent", "sent"));
        assert_eq!(stands(&test, "other").await, "ready", "another thread waits for the morning");
        let session = crate::reminders::friday(&test, &at).await;
        let mine = test.takes_a_seat(session, at.dina).await;
        test.takes_a_seat(session, at.dora).await;
        test.reminders_at("2026-11-06T14:00:00Z").await;
        assert_eq!(test.how_many("outbox WHERE kind = 'session_reminder' AND state = 'ready'").await, 2);
        test.by_itself(async |tx, desk| registration::withdraw(tx, desk, mine.id).await).await;
        let states: Vec<String> =
            test.cells("SELECT state FROM outbox WHERE kind = 'session_reminder' ORDER BY recipient").await;
        assert_eq!(states, ["withdrawn", "ready"], "Dina's, Dora's");
    }
}

#[test]
fn a_letter_that_was_asked_for_goes_at_night() {
    let asked = Letter::new("test", "event", ADA, "Your link").asked_for();
    assert!(asked.asked && asked.urgent && head().base_url.starts_with("https"));
}
