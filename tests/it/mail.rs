//! Letters: one for each event, through whatever happens between the outbox and the mail server (E1 to E7).

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use commonground::app::App;
use commonground::mail::outbox::{self, Filter, Kept};
use commonground::mail::{self, Delivery, Letter, LetterId, Letterhead, Priority};
use commonground::platform::config::Hidden;
use commonground::platform::{Actor, Clock, Db};
use commonground::web::site::Site;
use mail_parser::MessageParser;
use poem::{Endpoint, EndpointExt};
use sea_orm::{ConnectionTrait, Statement, Value};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::cli::{Served, done, folder, program, refused};
use crate::support::{Engine, TestApp, TestDatabase, both_engines};

/// What the mail server of a test does with one letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Takes it.
    Take,
    /// Not now.
    Later,
    /// Never.
    Never,
    /// Never: there is nobody of that name.
    Nobody,
    /// Not from us: it does not relay for everybody.
    Denied,
    /// Takes it and hangs up before it says so.
    HangUp,
    /// Takes it, and says something when it is let go on: yes, or no for ever.
    Hold(bool),
}

/// A letter as the mail server got it.
#[derive(Clone, Debug)]
pub struct Taken {
    pub from: String,
    pub to: String,
    pub id: String,
    pub text: String,
}

/// A mail server of a test.
pub struct MailServer {
    port: u16,
    plan: Arc<Mutex<VecDeque<Manner>>>,
    taken: Arc<Mutex<Vec<Taken>>>,
    go_on: Arc<Semaphore>,
    serving: tokio::task::JoinHandle<()>,
}

impl MailServer {
    pub async fn start(plan: &[Manner]) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), plan)
    }

    fn on(listener: TcpListener, plan: &[Manner]) -> Self {
        let port = listener.local_addr().unwrap().port();
        let plan = Arc::new(Mutex::new(plan.iter().copied().collect::<VecDeque<_>>()));
        let (taken, go_on) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Semaphore::new(0)));
        let serving = tokio::spawn({
            let (plan, taken, go_on) = (Arc::clone(&plan), Arc::clone(&taken), Arc::clone(&go_on));
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let (plan, taken, go_on) = (Arc::clone(&plan), Arc::clone(&taken), Arc::clone(&go_on));
                    tokio::spawn(async move {
                        // A client that is gone is nothing to a mail server.
                        let _ = converse(stream, &plan, &taken, &go_on).await;
                    });
                }
            }
        });
        Self { port, plan, taken, go_on, serving }
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?tls=none", self.port)
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }

    pub fn next(&self, manner: Manner) {
        self.plan.lock().unwrap().push_back(manner);
    }

    /// Waits until so many letters are there.
    pub async fn waits_for(&self, count: usize) {
        for _ in 0..500 {
            if self.taken.lock().unwrap().len() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{count} letters did not come: {:?}", self.taken());
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn converse(
    stream: TcpStream,
    plan: &Mutex<VecDeque<Manner>>,
    taken: &Mutex<Vec<Taken>>,
    go_on: &Semaphore,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 test ESMTP\r\n").await?;
    let (mut from, mut to, mut manner) = (String::new(), String::new(), Manner::Take);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let inside = |line: &str| line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let answer = match line.get(..4).unwrap_or_default() {
            "EHLO" => "250-test\r\n250 8BITMIME",
            "MAIL" => {
                from = inside(&line);
                "250 ok"
            }
            "RCPT" => {
                to = inside(&line);
                manner = plan.lock().unwrap().pop_front().unwrap_or(Manner::Take);
                match manner {
                    Manner::Later => "451 4.7.1 come back",
                    Manner::Never => "550 5.2.1 not this one",
                    Manner::Nobody => "550 5.1.1 nobody of that name",
                    Manner::Denied => "554 5.7.1 Relay access denied",
                    _ => "250 ok",
                }
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                loop {
                    let mut line = String::new();
                    if stream.read_line(&mut line).await? == 0 {
                        return Ok(());
                    }
                    if line == ".\r\n" {
                        break;
                    }
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                let message = MessageParser::default().parse(text.as_bytes()).unwrap();
                let id = message.message_id().unwrap().to_owned();
                taken.lock().unwrap().push(Taken { from: from.clone(), to: to.clone(), id, text });
                match manner {
                    Manner::HangUp => return Ok(()),
                    Manner::Hold(yes) => {
                        go_on.acquire().await.unwrap().forget();
                        if yes { "250 ok" } else { "554 5.6.0 no" }
                    }
                    _ => "250 ok",
                }
            }
            "QUIT" => return stream.write_all(b"221 bye\r\n").await,
            "RSET" | "NOOP" => "250 ok",
            _ => "502 what",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

pub fn head() -> Letterhead {
    Letterhead::new("https://ground.example".into(), None).unwrap()
}

/// A letter about one event.
pub fn letter(event: &str, to: &str) -> Letter {
    Letter::new("test", event, to, format!("About {event}")).say("Hello.").because("You are in a test.")
}

pub async fn enqueue(db: &Db, letters: impl IntoIterator<Item = Letter>) {
    let mut tx = db.write(Actor::System("test")).await.unwrap();
    for letter in letters {
        mail::enqueue(&mut tx, &head(), letter).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// What delivers to that mail server, as `serve` would.
pub fn delivery(app: &App, url: &str) -> Delivery {
    let mut config = (*app.config).clone();
    config.smtp_url = Some(Hidden::from(url));
    let app = App { config: Arc::new(config), ..app.clone() };
    app.delivery(&"https://ground.example".into(), false).unwrap()
}

/// What lays letters into the folder.
fn files(app: &App) -> Delivery {
    app.delivery(&"https://ground.example".into(), false).unwrap()
}

pub async fn all(db: &Db) -> Vec<Kept> {
    outbox::letters(&db.cx(Actor::System("test")), &Filter::default(), None, 10_000).await.unwrap()
}

/// The one letter there is.
async fn only(db: &Db) -> Kept {
    let mut letters = all(db).await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    letters.pop().unwrap()
}

async fn sql(db: &Db, sql: &str, values: Vec<Value>) -> Vec<sea_orm::QueryResult> {
    let tx = db.write(Actor::System("test")).await.unwrap();
    let backend = tx.conn().get_database_backend();
    let rows = tx.conn().query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await.unwrap();
    tx.commit().await.unwrap();
    rows
}

async fn texts(db: &Db) -> usize {
    sql(db, "SELECT id FROM outbox WHERE content IS NOT NULL", vec![]).await.len()
}

pub fn later(test: &TestApp, delta: TimeDelta) {
    test.clock.set(test.clock.now() + delta);
}

fn eml(data: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(data.join("mail")) else { return Vec::new() };
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

both_engines! {
    async fn one_event_writes_one_letter_to_a_person(test: TestApp) {
        let db = test.db();
        enqueue(db, [letter("invitation:1", "ada@example.org"), letter("invitation:1", "ada@example.org")]).await;
        enqueue(db, [letter("invitation:1", "ada@example.org")]).await;
        assert_eq!(all(db).await.len(), 1);
        enqueue(db, [letter("invitation:1", "ben@example.org"), letter("invitation:2", "ada@example.org")]).await;
        assert_eq!(all(db).await.len(), 3);
        // What did not happen is told to nobody.
        let mut tx = db.write(Actor::System("test")).await.unwrap();
        mail::enqueue(&mut tx, &head(), letter("invitation:3", "ada@example.org")).await.unwrap();
        drop(tx);
        assert_eq!(all(db).await.len(), 3);
    }
}

both_engines! {
    async fn without_a_mail_server_letters_are_files(test: TestApp) {
        let (db, delivery) = (test.db(), files(&test.app));
        let secret = letter("sign-in:1", "ben@example.org").secret_until(test.clock.now() + TimeDelta::minutes(15));
        enqueue(db, [letter("invitation:1", "ada@example.org"), secret]).await;
        assert_eq!(delivery.deliver_due().await.unwrap(), 2);
        let names = eml(&test.app.config.data);
        assert_eq!(names.len(), 2, "{names:?}");
        assert!(names.iter().all(|name| name.starts_with("20261014T160000Z-") && name.ends_with(".eml")), "{names:?}");
        assert!(all(db).await.iter().all(|letter| letter.state == "sent" && letter.done_at.is_some()));
        assert_eq!(texts(db).await, 1, "the text with the secret is gone from the outbox");
        // A second delivery of a letter is the same file.
        sql(db, "UPDATE outbox SET state = 'ready', done_at = NULL WHERE content IS NOT NULL", vec![]).await;
        assert_eq!(delivery.deliver_due().await.unwrap(), 1);
        assert_eq!(eml(&test.app.config.data), names);
        let file = test.app.config.data.join("mail").join(&names[0]);
        let raw = std::fs::read(file).unwrap();
        let message = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(message.subject(), Some("About invitation:1"));
    }
}

both_engines! {
    async fn a_mail_server_gets_the_letter_as_it_was_written(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[]).await);
        // A line that begins with a dot is the one thing SMTP changes on its way.
        let dotted = letter("invitation:1", "ada@example.org").say(".hidden").say(". and a dot");
        enqueue(db, [dotted, letter("invitation:2", "ben@example.org")]).await;
        let written = all(db).await.into_iter().find(|letter| letter.to == "ada@example.org").unwrap();
        let cx = db.cx(Actor::System("test"));
        let head = test.app.letterhead(&"https://ground.example".into()).unwrap();
        let written = String::from_utf8(outbox::message(&cx, &head, written.id).await.unwrap()).unwrap();
        assert_eq!(delivery(&test.app, &server.url()).deliver_due().await.unwrap(), 2);
        let taken = server.taken();
        assert_eq!(taken.len(), 2);
        // A return address of its own, which says which letter it was.
        let from = taken[0].from.strip_prefix("bounces+").and_then(|from| from.strip_suffix("@ground.example")).unwrap();
        assert_eq!((from.len(), taken[0].to.as_str()), (42, "ada@example.org"));
        assert_eq!(taken[0].text.trim_end(), written.trim_end());
        assert_eq!(format!("<{}>", taken[1].id), all(db).await[0].message_id);
    }
}

both_engines! {
    /// E4.
    async fn a_letter_that_is_not_taken_comes_back_by_the_table(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[Manner::Later; 5]).await);
        let delivery = delivery(&test.app, &server.url());
        enqueue(db, [letter("invitation:1", "ada@example.org")]).await;
        for (attempt, minutes) in [(1, 1), (2, 5), (3, 15), (4, 30), (5, 30)] {
            assert_eq!(delivery.deliver_due().await.unwrap(), 1);
            let kept = only(db).await;
            assert_eq!((kept.state.as_str(), kept.attempts), ("ready", attempt));
            assert!(kept.answer.unwrap().contains("come back"));
            let wait = kept.due_at - test.clock.now();
            let whole = TimeDelta::minutes(minutes);
            assert!(wait <= whole && wait >= whole * 9 / 10, "attempt {attempt}: {wait}");
            test.clock.set(kept.due_at - TimeDelta::milliseconds(1));
            assert_eq!(delivery.deliver_due().await.unwrap(), 0, "not before its time");
            test.clock.set(kept.due_at);
        }
        assert_eq!(delivery.deliver_due().await.unwrap(), 1);
        assert_eq!((only(db).await.state.as_str(), server.taken().len()), ("sent", 1));
    }
}

both_engines! {
    /// E4: the mail server is away for a day; nothing that is still of use is lost, and nothing else leaves.
    async fn after_a_day_without_a_mail_server_every_letter_leaves(test: TestApp) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let (db, delivery) = (test.db(), delivery(&test.app, &format!("smtp://127.0.0.1:{port}?tls=none")));
        let began = test.clock.now();
        for hour in 0..24 {
            let mut short = letter(&format!("offer:{hour}"), "ben@example.org");
            short.not_after = Some(test.clock.now() + TimeDelta::hours(6));
            enqueue(db, [letter(&format!("invitation:{hour}"), "ada@example.org"), short]).await;
            assert!(delivery.deliver_due().await.is_err(), "nobody answers");
            later(&test, TimeDelta::hours(1));
        }
        assert_eq!(test.clock.now() - began, TimeDelta::days(1));
        let (waiting, over): (Vec<Kept>, Vec<Kept>) =
            all(db).await.into_iter().partition(|letter| letter.state == "ready");
        assert!(waiting.iter().all(|letter| letter.attempts == 0), "who rings in vain loses no attempt");
        assert_eq!((waiting.len(), over.len()), (24 + 7, 17), "{waiting:?}");
        let server = MailServer::on(TcpListener::bind(("127.0.0.1", port)).await.unwrap(), &[]);
        assert_eq!(delivery.deliver_due().await.unwrap(), 30, "all of them at once");
        assert_eq!(server.taken().len(), 30);
        let sent = all(db).await.into_iter().filter(|letter| letter.state == "sent").count();
        assert_eq!(sent, 30);
    }
}

both_engines! {
    /// E4: a mail server that says "later" for a day has every letter half an hour after it stops saying so.
    async fn after_a_day_of_not_now_every_letter_leaves_within_half_an_hour(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[Manner::Later; 400]).await);
        let delivery = delivery(&test.app, &server.url());
        enqueue(db, (0..5).map(|n| letter(&format!("invitation:{n}"), "ada@example.org"))).await;
        let mut minutes = 0;
        while minutes < 24 * 60 {
            delivery.deliver_due().await.unwrap();
            later(&test, TimeDelta::minutes(5));
            minutes += 5;
        }
        assert!(server.taken().is_empty());
        assert!(all(db).await.iter().all(|letter| letter.attempts > 45 && letter.state == "ready"), "{:?}", all(db).await);
        server.plan.lock().unwrap().clear();
        for _ in 0..6 {
            delivery.deliver_due().await.unwrap();
            later(&test, TimeDelta::minutes(5));
        }
        delivery.deliver_due().await.unwrap();
        assert_eq!(server.taken().len(), 5);
    }
}

both_engines! {
    async fn what_is_refused_for_good_waits_for_a_person(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[Manner::Never]).await);
        let delivery = delivery(&test.app, &server.url());
        enqueue(db, [letter("invitation:1", "ada@example.org"), letter("invitation:2", "ben@example.org")]).await;
        assert_eq!(delivery.deliver_due().await.unwrap(), 2, "one refusal does not stop the others");
        assert_eq!(server.taken().len(), 1);
        let figures = outbox::figures(&db.cx(Actor::System("test"))).await.unwrap();
        assert_eq!((figures.waiting, figures.failed), (0, 1));
        later(&test, TimeDelta::days(4));
        assert_eq!(delivery.deliver_due().await.unwrap(), 0);
        let mut tx = db.write(Actor::System("test")).await.unwrap();
        assert_eq!(outbox::retry(&mut tx, None).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(delivery.deliver_due().await.unwrap(), 1);
        assert!(all(db).await.iter().all(|letter| letter.state == "sent"));
        let mut tx = db.write(Actor::System("test")).await.unwrap();
        let sent: Vec<LetterId> = all(db).await.iter().map(|letter| letter.id).collect();
        assert_eq!(outbox::retry(&mut tx, Some(&sent)).await.unwrap(), 0, "what was sent stays sent");
    }
}

both_engines! {
    async fn what_may_have_left_leaves_once_more_under_the_same_name(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[Manner::HangUp, Manner::HangUp]).await);
        let delivery = delivery(&test.app, &server.url());
        enqueue(db, [letter("invitation:1", "ada@example.org")]).await;
        delivery.deliver_due().await.unwrap();
        let kept = only(db).await;
        assert_eq!((kept.state.as_str(), kept.due_at - test.clock.now()), ("uncertain", TimeDelta::minutes(15)));
        test.clock.set(kept.due_at);
        delivery.deliver_due().await.unwrap();
        later(&test, TimeDelta::days(3));
        assert_eq!(delivery.deliver_due().await.unwrap(), 0, "and not a third time");
        assert_eq!((only(db).await.state.as_str(), only(db).await.done_at.is_some()), ("uncertain", true));
        let taken = server.taken();
        assert_eq!((taken.len(), &taken[0].id), (2, &taken[1].id));
        assert_eq!(taken[0].text, taken[1].text);
        // An announcement is not worth a second copy.
        server.next(Manner::HangUp);
        let announcement = Letter { priority: Priority::Announcement, ..letter("digest:1", "ben@example.org") };
        enqueue(db, [announcement]).await;
        delivery.deliver_due().await.unwrap();
        later(&test, TimeDelta::days(3));
        assert_eq!(delivery.deliver_due().await.unwrap(), 0);
        assert_eq!(server.taken().len(), 3);
    }
}

both_engines! {
    /// E3: a worker that wakes after its lease changes nothing any more.
    async fn who_wakes_too_late_changes_nothing(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[Manner::Hold(false)]).await);
        enqueue(db, [letter("invitation:1", "ada@example.org")]).await;
        let sleeper = tokio::spawn({
            let delivery = delivery(&test.app, &server.url());
            async move { delivery.deliver_due().await }
        });
        server.waits_for(1).await;
        assert_eq!(only(db).await.state, "sending");
        let other = delivery(&test.app, &server.url());
        assert_eq!(other.deliver_due().await.unwrap(), 0, "it is in good hands");
        later(&test, TimeDelta::seconds(61));
        assert_eq!(other.deliver_due().await.unwrap(), 0, "nobody knows whether it left");
        assert_eq!(only(db).await.state, "uncertain");
        later(&test, TimeDelta::minutes(15));
        assert_eq!(other.deliver_due().await.unwrap(), 1);
        assert_eq!(only(db).await.state, "sent");
        // The first mail server says no at last.
        server.go_on.add_permits(1);
        sleeper.await.unwrap().unwrap();
        let kept = only(db).await;
        assert_eq!((kept.state.as_str(), kept.attempts, kept.answer), ("sent", 2, None));
        assert_eq!(server.taken()[0].id, server.taken()[1].id);
    }
}

both_engines! {
    async fn a_letter_on_its_way_when_the_process_died_goes_once_more(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[Manner::Hold(true)]).await);
        let announcement = Letter { priority: Priority::Announcement, ..letter("digest:1", "ben@example.org") };
        enqueue(db, [letter("invitation:1", "ada@example.org"), letter("invitation:2", "ada@example.org"), announcement]).await;
        let dying = tokio::spawn({
            let delivery = delivery(&test.app, &server.url());
            async move { delivery.deliver_due().await }
        });
        server.waits_for(1).await;
        dying.abort();
        assert!(dying.await.unwrap_err().is_cancelled());
        let next = delivery(&test.app, &server.url());
        assert_eq!(next.deliver_due().await.unwrap(), 0, "the lease holds");
        later(&test, TimeDelta::seconds(61));
        assert_eq!(next.deliver_due().await.unwrap(), 2, "what was only taken out had not left");
        later(&test, TimeDelta::minutes(15));
        assert_eq!(next.deliver_due().await.unwrap(), 1);
        assert!(all(db).await.iter().all(|letter| letter.state == "sent"));
        let mut ids: Vec<String> = server.taken().into_iter().map(|taken| taken.id).collect();
        assert_eq!(ids.len(), 4);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 3);
    }
}

both_engines! {
    async fn a_letter_past_its_time_never_leaves(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[Manner::Later]).await);
        let delivery = delivery(&test.app, &server.url());
        let until = test.clock.now() + TimeDelta::minutes(15);
        enqueue(db, [letter("sign-in:1", "ada@example.org").secret_until(until)]).await;
        delivery.deliver_due().await.unwrap();
        test.clock.set(until + TimeDelta::seconds(1));
        assert_eq!(delivery.deliver_due().await.unwrap(), 0);
        assert_eq!(only(db).await.state, "expired");
        assert_eq!((texts(db).await, server.taken().len()), (0, 0));
    }
}

both_engines! {
    /// A3: what was written to an account that is closed by the time the letter would leave stays here.
    async fn a_letter_to_a_closed_account_does_not_leave(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[]).await);
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let ben = test.account("ben@example.org", "Ben Okafor").await;
        enqueue(db, [
            letter("change:1", "ada@example.org").of(ada.0),
            letter("change:1", "ben@example.org").of(ben.0),
            letter("invitation:1", "cora@example.org"),
        ]).await;
        sql(db, "UPDATE account SET state = 'deactivated' WHERE email = 'ada@example.org'", vec![]).await;
        delivery(&test.app, &server.url()).deliver_due().await.unwrap();
        let mut to: Vec<String> = server.taken().into_iter().map(|taken| taken.to).collect();
        to.sort();
        assert_eq!(to, ["ben@example.org", "cora@example.org"]);
        let kept = all(db).await.into_iter().find(|letter| letter.to == "ada@example.org").unwrap();
        assert_eq!((kept.state.as_str(), kept.attempts), ("withdrawn", 0));
    }
}

both_engines! {
    async fn paused_letters_wait(test: TestApp) {
        let (db, delivery) = (test.db(), files(&test.app));
        let mut tx = db.write(Actor::System("test")).await.unwrap();
        outbox::pause(&mut tx, Some("after a restore")).await.unwrap();
        tx.commit().await.unwrap();
        enqueue(db, [letter("invitation:1", "ada@example.org")]).await;
        assert_eq!(delivery.deliver_due().await.unwrap(), 0);
        let ready = test.json("/readyz").await;
        assert_eq!((&ready["mail"]["waiting"], &ready["mail"]["paused"]), (&1.into(), &true.into()), "{ready}");
        let mut tx = db.write(Actor::System("test")).await.unwrap();
        outbox::resume(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(delivery.deliver_due().await.unwrap(), 1);
        assert_eq!(test.json("/readyz").await["mail"]["paused"], false);
        // Nobody but whoever runs the program turns the switch.
        let mut tx = db.write(Actor::Visitor).await.unwrap();
        assert!(outbox::pause(&mut tx, None).await.is_err());
    }
}

both_engines! {
    /// E4: an outage costs no letter an attempt; when the mail server is back, everything leaves.
    async fn a_mail_server_that_is_away_costs_no_attempt(test: TestApp) {
        let db = test.db();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let delivery = delivery(&test.app, &format!("smtp://127.0.0.1:{port}?tls=none"));
        enqueue(db, (0..25).map(|n| letter(&format!("invitation:{n}"), "ada@example.org"))).await;
        for _ in 0..3 {
            assert!(delivery.deliver_due().await.is_err());
            later(&test, TimeDelta::hours(8));
        }
        assert!(all(db).await.iter().all(|letter| letter.state == "ready" && letter.attempts == 0));
        let server = MailServer::on(TcpListener::bind(("127.0.0.1", port)).await.unwrap(), &[]);
        assert_eq!(delivery.deliver_due().await.unwrap(), 25);
        assert_eq!(server.taken().len(), 25);
    }
}

both_engines! {
    async fn what_a_person_waits_for_goes_before_announcements(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[]).await);
        let announcement = |n| Letter { priority: Priority::Announcement, ..letter(&format!("digest:{n}"), "ben@example.org") };
        enqueue(db, (0..30).map(announcement)).await;
        later(&test, TimeDelta::minutes(1));
        enqueue(db, [letter("sign-in:1", "ada@example.org")]).await;
        assert_eq!(delivery(&test.app, &server.url()).deliver_due().await.unwrap(), 31);
        assert_eq!(server.taken()[0].to, "ada@example.org");
    }
}

both_engines! {
    /// Nothing travels in the open where TLS was asked for.
    async fn without_the_tls_that_was_asked_for_nothing_is_sent(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[]).await);
        enqueue(db, [letter("invitation:1", "ada@example.org")]).await;
        for url in [format!("smtp://127.0.0.1:{}", server.port), format!("smtp://ada:secret@127.0.0.1:{}", server.port)] {
            let refused = delivery(&test.app, &url).deliver_due().await.unwrap_err().to_string();
            assert!(refused.contains("STARTTLS") && !refused.contains("secret"), "{refused}");
        }
        assert_eq!((server.taken().len(), only(db).await.attempts), (0, 0));
    }
}

both_engines! {
    async fn texts_are_forgotten_after_a_month_and_rows_stay(test: TestApp) {
        let db = test.db();
        enqueue(db, [letter("invitation:1", "ada@example.org")]).await;
        files(&test.app).deliver_due().await.unwrap();
        enqueue(db, [letter("invitation:2", "ada@example.org")]).await;
        let jobs = App::jobs();
        later(&test, TimeDelta::days(29));
        jobs.run_due(db).await.unwrap();
        assert_eq!(texts(db).await, 2);
        later(&test, TimeDelta::days(2));
        jobs.run_due(db).await.unwrap();
        assert_eq!(texts(db).await, 1, "what has not left keeps its text");
        assert_eq!(eml(&test.app.config.data).len(), 1);
        files(&test.app).deliver_due().await.unwrap();
        assert_eq!(eml(&test.app.config.data).len(), 1, "the old file went, a new one came");
        enqueue(db, [letter("invitation:1", "ada@example.org")]).await;
        assert_eq!(all(db).await.len(), 2, "and the event writes no second letter");
    }
}

both_engines! {
    async fn the_demo_shows_its_letters_and_nobody_else_does(test: TestApp) {
        let db = test.db();
        let site = |demo| Site { base_url: "https://ground.example".into(), demo, viewer: None };
        let routes = test.app.routes(Arc::clone(&test.search), site(true)).unwrap().0.map_to_response().boxed();
        let get = async |path: &str| {
            let response = routes.get_response(poem::Request::builder().uri(path.parse().unwrap()).finish()).await;
            let policy = response.header("content-security-policy").unwrap_or_default().to_owned();
            (response.status().as_u16(), policy, response.into_body().into_string().await.unwrap())
        };
        assert!(get("/dev/mail").await.2.contains("No letters yet"));
        let secret = letter("sign-in:1", "ada@example.org").button("Sign in", "https://ground.example/sign-in/s3cret");
        enqueue(db, [secret.secret_until(test.clock.now() + TimeDelta::minutes(15))]).await;
        files(&test.app).deliver_due().await.unwrap();
        let id = only(db).await.id;
        let (_, _, list) = get("/dev/mail").await;
        assert!(list.contains(&format!("/dev/mail/{id}")) && list.contains("ada@example.org"), "{list}");
        let (status, _, page) = get(&format!("/dev/mail/{id}")).await;
        assert_eq!(status, 200);
        assert!(page.contains("<a href=\"https://ground.example/sign-in/s3cret\">"), "{page}");
        let (status, policy, html) = get(&format!("/dev/mail/{id}/html")).await;
        assert_eq!(status, 200);
        assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");
        assert!(html.contains("s3cret") && html.contains("<title>About sign-in:1"), "{html}");
        for path in ["/dev/mail/nonsense", "/dev/mail/..%2f..%2fsecret", &format!("/dev/mail/{}", LetterId::fresh())] {
            assert_eq!(get(path).await.0, 404, "{path}");
        }
        // The server of the test is no demo.
        for path in ["/dev/mail", &format!("/dev/mail/{id}"), &format!("/dev/mail/{id}/html")] {
            let answer = test.get(path).await;
            assert_eq!(answer.status(), 404, "{path}");
            assert!(!answer.text().await.unwrap().contains("s3cret"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_looks_after_the_outbox() {
    let (_folder, data) = folder();
    done(&data, &["migrate"]);
    let said = {
        let mut command = program(&data, &["serve", "--listen", "127.0.0.1:0"]);
        command.env("COMMONGROUND_SMTP_URL", "mail.example").output().unwrap()
    };
    assert_eq!(said.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&said.stderr).contains("smtp_url wants"), "{said:?}");
    let app = opened(&data).await;
    done(&data, &["outbox", "pause", "--because", "a test"]);
    enqueue(&app.db, [letter("invitation:1", "ada@example.org"), letter("invitation:2", "ben@example.org")]).await;
    let served = Served::start(&data, "serve");
    let list = done(&data, &["outbox", "list"]);
    assert!(list.starts_with("2 ready, 0 paused, 0 sending, ") && list.contains("paused since"), "{list}");
    assert!(list.contains("ada@example.org") && list.contains("About invitation:2"), "{list}");
    let dump = done(&data, &["outbox", "dump"]);
    assert_eq!(dump.lines().count(), 2);
    assert!(dump.lines().all(|line| line.contains("@example.org\t<") && line.ends_with('>')), "{dump}");
    assert_eq!(done(&data, &["outbox", "dump", "--state", "sent"]), "");
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(eml(&data).is_empty(), "paused is paused");
    done(&data, &["outbox", "resume"]);
    for _ in 0..200 {
        if all(&app.db).await.iter().all(|letter| letter.state == "sent") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(eml(&data).len(), 2);
    let json = done(&data, &["outbox", "dump", "--json", "--state", "sent"]);
    assert!(
        json.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["attempts"] == 1),
        "{json}"
    );
    assert_eq!(json.lines().count(), 2, "{json}");
    assert_eq!(done(&data, &["outbox", "retry", "--failed"]), "0 letters go again.\n");
    let id = all(&app.db).await[0].id.to_string();
    assert!(refused(&data, &["outbox", "retry", &id]).starts_with("None of these letters"));
    let metrics = reqwest::get(format!("{}/metrics", served.base())).await.unwrap().text().await.unwrap();
    assert!(metrics.contains("outbox_letters{state=\"ready\"}") && metrics.contains("letters_sent_total"), "{metrics}");
    served.stop();
}

/// The installation a program of its own works on.
async fn opened(data: &Path) -> App {
    let overrides = commonground::platform::config::Overrides { data: Some(data.to_owned()), listen: None };
    let none = Path::new("there-is-no-such-file.toml");
    let config = commonground::platform::Config::from_sources(none, [], &overrides).unwrap();
    App::open(config, Clock::System).await.unwrap()
}

/// E1, E2 in small: killed, stopped and killed again while letters leave through a mail server that hangs up now and then.
async fn killed(engine: Engine) {
    const LETTERS: usize = 120;
    let (_folder, data) = folder();
    let database = TestDatabase::fresh(engine).await;
    let mut config = database.config("other");
    config.data = data.clone();
    let app = App::open(config.clone(), Clock::System).await.unwrap();
    let manners: Vec<Manner> = (0..LETTERS)
        .map(|n| match n % 20 {
            7 => Manner::Later,
            13 => Manner::HangUp,
            _ => Manner::Take,
        })
        .collect();
    let server = MailServer::start(&manners).await;
    let serve = || {
        let mut command = program(&data, &["serve", "--listen", "127.0.0.1:0"]);
        command.env("COMMONGROUND_SMTP_URL", server.url());
        let url = match &config.database {
            commonground::platform::config::DatabaseUrl::Sqlite(file) => format!("sqlite://{}", file.display()),
            commonground::platform::config::DatabaseUrl::Postgres(url) => url.clone(),
        };
        command.env("COMMONGROUND_DATABASE_URL", url);
        command.env("COMMONGROUND_SECRET", config.secret.as_ref().unwrap().reveal());
        Served::with(command)
    };
    let mut kills = 0;
    for round in 0..3 {
        let served = serve();
        let events = (0..LETTERS / 3).map(|n| letter(&format!("invitation:{round}-{n}"), "ada@example.org"));
        enqueue(&app.db, events).await;
        server.waits_for(server.taken().len() + 5 + round).await;
        if round == 1 {
            served.stop();
        } else {
            served.kill();
            kills += 1;
        }
    }
    // Nobody waits for a lease and a quarter of an hour here.
    let now = app.db.clock().now();
    let one = if engine == Engine::Postgres { "$1" } else { "?" };
    let ended = format!("UPDATE outbox SET lease_until = {one} WHERE lease_until IS NOT NULL");
    sql(&app.db, &ended, vec![Value::from(now - TimeDelta::seconds(1))]).await;
    let served = serve();
    for _ in 0..200 {
        let due = format!("UPDATE outbox SET due_at = {one} WHERE done_at IS NULL AND lease_token IS NULL");
        sql(&app.db, &due, vec![Value::from(now)]).await;
        if all(&app.db).await.iter().all(|letter| letter.done_at.is_some()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    served.stop();
    let kept = all(&app.db).await;
    assert_eq!(kept.len(), LETTERS);
    let open: Vec<&Kept> = kept.iter().filter(|letter| letter.done_at.is_none()).collect();
    assert!(open.is_empty(), "{open:?}");
    let taken = server.taken();
    let lost = kept.iter().filter(|letter| !taken.iter().any(|taken| format!("<{}>", taken.id) == letter.message_id));
    assert_eq!(lost.count(), 0, "a letter was lost");
    let strange =
        taken.iter().filter(|taken| !kept.iter().any(|letter| format!("<{}>", taken.id) == letter.message_id));
    assert_eq!(strange.count(), 0, "a letter changed its name");
    let hung_up = LETTERS / 20;
    assert!(taken.len() - LETTERS <= hung_up + kills * 8, "{} copies too many", taken.len() - LETTERS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_letter_is_lost_when_the_server_is_killed_sqlite() {
    killed(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_letter_is_lost_when_the_server_is_killed_postgres() {
    killed(Engine::Postgres).await;
}
