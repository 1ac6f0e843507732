//! The outbox with many letters: threads, limits, several nodes, mailings, and the pages of whoever looks after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use commonground::app::App;
use commonground::mail::mailing::{self, MailingId, MailingState, NewMailing, Progress, Reader};
use commonground::mail::personal::MailData;
use commonground::mail::{
    Content, Delivery, Gate, Gatekeeper, Letter, Limits, MailingList, Post, Priority, Waiting, outbox,
};
use commonground::platform::config::Hidden;
use commonground::platform::personal::PersonalData;
use commonground::platform::{Actor, Db, Place, Result, Role, Scope, Tx, ids};
use commonground::sign_in::token::{self, NewToken};
use sea_orm::{ConnectionTrait, Statement};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::mail::{MailServer, Manner, all, delivery, enqueue, head, later, letter};
use crate::support::persons::Browser;
use crate::support::{Engine, TestApp, both_engines};

fn limited(app: &App, url: &str, limits: Limits) -> Delivery {
    delivery(app, url).limited(limits)
}

fn announcement(event: &str, to: &str) -> Letter {
    Letter { priority: Priority::Announcement, ..letter(event, to) }
}

fn to(server: &MailServer) -> Vec<String> {
    server.taken().into_iter().map(|taken| taken.to).collect()
}

both_engines! {
    async fn a_letter_of_a_thread_waits_for_the_one_before_it(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[Manner::Later]).await);
        let delivery = delivery(&test.app, &server.url());
        let request = letter("request:1", "ada@example.org").in_thread("seat:1", 0);
        let cancel = letter("cancel:1", "ada@example.org").in_thread("seat:1", 1);
        // Another reader of the same thread, and another thread, wait for nobody.
        let other = letter("cancel:1", "ben@example.org").in_thread("seat:1", 1);
        let second = letter("cancel:2", "ada@example.org").in_thread("seat:2", 1);
        enqueue(db, [request, cancel, other, second]).await;
        assert_eq!(delivery.deliver_due().await.unwrap(), 3, "the request was tried, its cancellation was not");
        let told: Vec<String> = server.taken().into_iter().map(|taken| taken.text).collect();
        assert!(!told.iter().any(|text| text.contains("About request:1")));
        assert_eq!(told.iter().filter(|text| text.contains("About cancel:1")).count(), 1, "Ben's");
        let request = all(db).await.into_iter().find(|letter| letter.attempts == 1 && letter.state == "ready").unwrap();
        assert_eq!(request.subject, "About request:1");
        test.clock.set(request.due_at);
        assert_eq!(delivery.deliver_due().await.unwrap(), 2);
        let told: Vec<String> = server.taken().into_iter().map(|taken| taken.text).collect();
        assert!(told[2].contains("About request:1") && told[3].contains("About cancel:1"), "{told:?}");
    }
}

/// Lets every letter go, and has another connection's hand on the rows while the first one is about to.
struct Meddler {
    db: Db,
    meddled: AtomicBool,
}

#[async_trait]
impl Gatekeeper for Meddler {
    async fn admit(&self, _: &Tx, _: Waiting<'_>) -> Result<Gate> {
        if !self.meddled.swap(true, Ordering::SeqCst) {
            let tx = self.db.write(Actor::System("test")).await?;
            let backend = tx.conn().get_database_backend();
            let hand = Statement::from_string(backend, "SELECT id FROM outbox FOR UPDATE");
            tx.conn().query_all_raw(hand).await.unwrap();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(300)).await;
                drop(tx);
            });
        }
        Ok(Gate::Go)
    }
}

/// A claim of another worker locks for a moment what it finds taken. The letter whose row it was is handed back and leaves at
/// once; it does not lie until its lease ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_whose_row_is_locked_for_a_moment_does_not_wait_for_its_lease_postgres() {
    let test = TestApp::start(Engine::Postgres).await;
    let account = test.account("ada@example.org", "Ada").await.0;
    enqueue(test.db(), [letter("invitation:1", "ada@example.org").of(account)]).await;
    let gate = Arc::new(Meddler { db: test.db().clone(), meddled: AtomicBool::new(false) });
    let post = Post::of(&test.app.config, &head(), &test.app.secret, test.db().clock(), false).unwrap();
    let delivery = Delivery::new(test.db().clone(), post, head(), gate);
    delivery.deliver_due().await.unwrap();
    let kept = all(test.db()).await;
    assert_eq!((kept[0].state.as_str(), kept[0].attempts), ("sent", 1));
}

both_engines! {
    async fn a_thread_goes_on_when_a_letter_of_it_was_given_up_or_came_too_late(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[Manner::Never]).await);
        let delivery = delivery(&test.app, &server.url());
        enqueue(db, [
            letter("request:1", "ada@example.org").in_thread("seat:1", 0),
            letter("cancel:1", "ada@example.org").in_thread("seat:1", 1),
        ]).await;
        assert_eq!(delivery.deliver_due().await.unwrap(), 2);
        assert_eq!(server.taken().len(), 1);
        assert!(server.taken()[0].text.contains("About cancel:1"));
        server.next(Manner::Later);
        let mut request = letter("request:2", "ada@example.org").in_thread("seat:2", 0);
        request.not_after = Some(test.clock.now() + TimeDelta::seconds(30));
        enqueue(db, [request, letter("cancel:2", "ada@example.org").in_thread("seat:2", 1)]).await;
        assert_eq!(delivery.deliver_due().await.unwrap(), 1);
        later(&test, TimeDelta::minutes(2));
        assert_eq!(delivery.deliver_due().await.unwrap(), 1);
        assert!(server.taken()[1].text.contains("About cancel:2"));
        assert!(all(db).await.iter().any(|letter| letter.state == "expired"));
    }
}

both_engines! {
    async fn a_minute_has_so_many_letters_and_what_people_wait_for_finds_room(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[]).await);
        let delivery = limited(&test.app, &server.url(), Limits { all: Some(10), domain: None });
        enqueue(db, (0..25).map(|n| announcement(&format!("digest:{n}"), "ada@example.org"))).await;
        delivery.deliver_due().await.unwrap();
        assert_eq!(server.taken().len(), 9, "announcements leave a tenth");
        enqueue(db, [letter("invitation:1", "ben@example.org"), letter("invitation:2", "ben@example.org")]).await;
        delivery.deliver_due().await.unwrap();
        assert_eq!(server.taken().len(), 10);
        assert_eq!(to(&server)[9], "ben@example.org");
        delivery.deliver_due().await.unwrap();
        assert_eq!(server.taken().len(), 10, "the minute is full");
        later(&test, TimeDelta::minutes(1));
        delivery.deliver_due().await.unwrap();
        assert_eq!((server.taken().len(), to(&server)[10].as_str()), (19, "ben@example.org"));
        later(&test, TimeDelta::minutes(1));
        delivery.deliver_due().await.unwrap();
        later(&test, TimeDelta::minutes(1));
        delivery.deliver_due().await.unwrap();
        assert_eq!(server.taken().len(), 27);
        assert!(all(db).await.iter().all(|letter| letter.attempts == 1), "who waits loses no attempt");
    }
}

both_engines! {
    async fn a_domain_has_so_many_letters_and_others_go_on(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[]).await);
        let delivery = limited(&test.app, &server.url(), Limits { all: Some(100), domain: Some(3) });
        enqueue(db, (0..8).map(|n| letter(&format!("invitation:{n}"), &format!("p{n}@One.example")))).await;
        enqueue(db, (0..2).map(|n| letter(&format!("invitation:{n}"), &format!("p{n}@two.example")))).await;
        let count = |domain: &str| to(&server).iter().filter(|to| to.to_ascii_lowercase().ends_with(domain)).count();
        delivery.deliver_due().await.unwrap();
        assert_eq!((count("one.example"), count("two.example")), (3, 2));
        later(&test, TimeDelta::minutes(1));
        delivery.deliver_due().await.unwrap();
        assert_eq!(count("one.example"), 6);
        later(&test, TimeDelta::minutes(1));
        delivery.deliver_due().await.unwrap();
        assert_eq!(count("one.example"), 8);
    }
}

/// Three nodes that empty one outbox until nothing waits, or for a few seconds.
async fn three_nodes(test: &TestApp, url: &str, limits: Limits, until: impl AsyncFn() -> bool) {
    let stop = CancellationToken::new();
    let mut nodes = Vec::new();
    for _ in 0..3 {
        let mut config = (*test.app.config).clone();
        config.smtp_url = Some(Hidden::from(url));
        let app = App::open(config, test.clock.clone()).await.unwrap();
        let (node, stop) = (limited(&app, url, limits), stop.clone());
        nodes.push(tokio::spawn(async move { node.run(&stop).await }));
    }
    for _ in 0..400 {
        if until().await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.cancel();
    for node in nodes {
        node.await.unwrap();
    }
}

both_engines! {
    async fn several_nodes_empty_one_outbox_and_no_letter_leaves_twice(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[]).await);
        let (personal, many) = (0..150, 0..150);
        enqueue(db, personal.map(|n| letter(&format!("invitation:{n}"), &format!("p{n}@example.org")))).await;
        enqueue(db, many.map(|n| announcement(&format!("digest:{n}"), &format!("p{n}@example.org")))).await;
        let through = async || all(db).await.iter().all(|letter| letter.done_at.is_some());
        three_nodes(&test, &server.url(), Limits::default(), through).await;
        let mut ids: Vec<String> = server.taken().into_iter().map(|taken| taken.id).collect();
        assert_eq!(ids.len(), 300);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 300);
        assert!(all(db).await.iter().all(|letter| letter.state == "sent" && letter.attempts == 1));
    }
}

both_engines! {
    async fn several_nodes_keep_one_limit(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[]).await);
        enqueue(db, (0..120).map(|n| letter(&format!("invitation:{n}"), &format!("p{n}@d{}.example", n % 3)))).await;
        // The clock stands still: it is one minute all the time.
        let full = async || server.taken().len() >= 50;
        three_nodes(&test, &server.url(), Limits { all: Some(50), domain: Some(20) }, full).await;
        assert_eq!(server.taken().len(), 50);
        for domain in ["d0.example", "d1.example", "d2.example"] {
            assert!(to(&server).iter().filter(|to| to.ends_with(domain)).count() <= 20);
        }
    }
}

pub fn news(test: &TestApp) -> NewMailing {
    let list = MailingList {
        id: "announcements".to_owned(),
        name: "Announcements".to_owned(),
        leave: String::new(),
        settings: "/me/notifications/settings".to_owned(),
    };
    NewMailing {
        kind: "announcement",
        content: Content {
            subject: "News\r\nof Rivermark".to_owned(),
            paragraphs: vec!["Hello.".to_owned(), "To leave, open {leave}.".to_owned()],
            list: Some(list),
            ..Content::default()
        },
        priority: Priority::Announcement,
        urgent: false,
        about: Some(("city", Uuid::nil())),
        author: None,
        due_at: test.clock.now(),
        not_after: None,
    }
}

fn readers(numbers: std::ops::Range<usize>) -> Vec<Reader> {
    let reader = |n| Reader { account: None, to: format!("p{n}@example.org"), leave: Some(format!("/u/token-{n}")) };
    numbers.map(reader).collect()
}

pub async fn mailed(test: &TestApp, new: NewMailing, numbers: std::ops::Range<usize>) -> MailingId {
    let mut tx = test.db().write(Actor::System("test")).await.unwrap();
    let id = mailing::create(&mut tx, &head(), new).await.unwrap();
    assert_eq!(mailing::add(&mut tx, id, &readers(numbers.clone())).await.unwrap(), numbers.len() as u64);
    mailing::filled(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn progress(test: &TestApp, id: MailingId) -> Progress {
    let progress = mailing::progress(&test.db().cx(Actor::System("test")), id).await.unwrap();
    let Progress { total, waiting, sent, failed, uncertain, withheld, erased } = progress;
    assert_eq!(waiting + sent + failed + uncertain + withheld + erased, total, "{progress:?}");
    progress
}

async fn state(test: &TestApp, id: MailingId) -> MailingState {
    mailing::mailing(&test.db().cx(Actor::System("test")), id).await.unwrap().state
}

macro_rules! tell {
    ($test:ident, $operation:ident, $id:expr $(, $more:expr)*) => {{
        let mut tx = $test.db().write(Actor::System("test")).await.unwrap();
        let told = mailing::$operation(&mut tx, $id $(, $more)*).await;
        if told.is_ok() {
            tx.commit().await.unwrap();
        }
        told
    }};
}

both_engines! {
    async fn a_mailing_reaches_each_reader_once_with_their_own_way_out(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[]).await);
        let delivery = delivery(&test.app, &server.url());
        let mut tx = db.write(Actor::System("test")).await.unwrap();
        let id = mailing::create(&mut tx, &head(), news(&test)).await.unwrap();
        tx.commit().await.unwrap();
        // Whoever fills it may have to begin again.
        assert_eq!(tell!(test, add, id, &readers(0..700)).unwrap(), 700);
        assert_eq!(tell!(test, add, id, &readers(0..1_200)).unwrap(), 500);
        let nobody = Reader { account: None, to: "no address".to_owned(), leave: None };
        assert_eq!(tell!(test, add, id, &[nobody]).unwrap(), 0);
        assert_eq!(delivery.deliver_due().await.unwrap(), 1_200);
        assert_eq!(state(&test, id).await, MailingState::Sending, "more readers may come");
        tell!(test, filled, id).unwrap();
        delivery.deliver_due().await.unwrap();
        assert_eq!(state(&test, id).await, MailingState::Done);
        let progress = progress(&test, id).await;
        assert_eq!((progress.total, progress.sent), (1_200, 1_200));
        assert!(tell!(test, add, id, &readers(1_200..1_201)).is_err(), "it is over");
        let taken = server.taken();
        let mut ids: Vec<&str> = taken.iter().map(|taken| taken.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 1_200);
        let one = taken.iter().find(|taken| taken.to == "p7@example.org").unwrap();
        assert!(one.text.contains("Subject: News of Rivermark"), "{}", one.text);
        assert!(one.text.contains("List-Unsubscribe: <https://ground.example/u/token-7>"), "{}", one.text);
        assert!(one.text.matches("/u/token-7").count() >= 2, "{}", one.text);
        let cx = db.cx(Actor::System("test"));
        let log = mailing::log(&cx, id, Some("sent"), None, 10).await.unwrap();
        assert_eq!((log.len(), log[0].mailing), (10, Some(id)));
        assert_eq!(mailing::about(&cx, "city", Uuid::nil()).await.unwrap().len(), 1);
    }
}

both_engines! {
    async fn a_mailing_is_held_goes_on_and_is_stopped(test: TestApp) {
        let server = MailServer::start(&[]).await;
        let delivery = limited(&test.app, &server.url(), Limits { all: Some(100), domain: None });
        let id = mailed(&test, NewMailing { due_at: test.clock.now() + TimeDelta::hours(2), ..news(&test) }, 0..300).await;
        delivery.deliver_due().await.unwrap();
        assert_eq!((state(&test, id).await, server.taken().len()), (MailingState::Scheduled, 0));
        tell!(test, reschedule, id, test.clock.now() + TimeDelta::hours(1)).unwrap();
        later(&test, TimeDelta::hours(1));
        delivery.deliver_due().await.unwrap();
        assert_eq!((state(&test, id).await, server.taken().len()), (MailingState::Sending, 90));
        assert!(tell!(test, reschedule, id, test.clock.now() + TimeDelta::hours(1)).is_err(), "it is under way");
        tell!(test, pause, id).unwrap();
        later(&test, TimeDelta::minutes(1));
        assert_eq!(delivery.deliver_due().await.unwrap(), 0);
        let held = progress(&test, id).await;
        assert_eq!((state(&test, id).await, held.waiting, held.sent), (MailingState::Paused, 210, 90));
        tell!(test, resume, id).unwrap();
        delivery.deliver_due().await.unwrap();
        assert_eq!(server.taken().len(), 180);
        tell!(test, stop, id).unwrap();
        later(&test, TimeDelta::minutes(1));
        assert_eq!(delivery.deliver_due().await.unwrap(), 0);
        let stopped = progress(&test, id).await;
        assert_eq!((state(&test, id).await, stopped.sent, stopped.withheld), (MailingState::Stopped, 180, 120));
        tell!(test, resume, id).unwrap();
        assert_eq!(state(&test, id).await, MailingState::Stopped, "what is over stays over");
    }
}

both_engines! {
    /// A letter that comes back from the wire while its mailing is held waits with the others.
    async fn what_comes_back_to_a_held_mailing_waits_too(test: TestApp) {
        let server = MailServer::start(&[Manner::Later; 3]).await;
        let delivery = delivery(&test.app, &server.url());
        let id = mailed(&test, news(&test), 0..3).await;
        delivery.deliver_due().await.unwrap();
        tell!(test, pause, id).unwrap();
        // As if one had been on the wire when the mailing was held.
        let tx = test.db().write(Actor::System("test")).await.unwrap();
        let one = "UPDATE outbox SET state = 'ready' WHERE recipient = 'p1@example.org'";
        ConnectionTrait::execute_unprepared(tx.conn(), one).await.unwrap();
        tx.commit().await.unwrap();
        later(&test, TimeDelta::minutes(5));
        delivery.deliver_due().await.unwrap();
        assert!(server.taken().is_empty());
        assert!(all(test.db()).await.iter().all(|letter| letter.state == "paused" && letter.attempts == 1));
        tell!(test, resume, id).unwrap();
        assert_eq!(delivery.deliver_due().await.unwrap(), 3);
        assert_eq!((server.taken().len(), state(&test, id).await), (3, MailingState::Done));
    }
}

both_engines! {
    async fn who_is_erased_or_leaves_gets_no_letter_of_a_mailing(test: TestApp) {
        let server = MailServer::start(&[]).await;
        let delivery = delivery(&test.app, &server.url());
        let (ada, ben) = (test.account("ada@example.org", "Ada").await.0, test.account("ben@example.org", "Ben").await.0);
        let id = mailed(&test, NewMailing { due_at: test.clock.now() + TimeDelta::hours(1), ..news(&test) }, 0..2).await;
        let own = |account, to: &str| Reader { account: Some(account), to: to.to_owned(), leave: None };
        tell!(test, add, id, &[own(ada, "ada@example.org"), own(ben, "ben@example.org")]).unwrap();
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        MailData::new(test.app.config.data.join("mail")).erase(&mut tx, ada).await.unwrap();
        mailing::leave(&mut tx, "city", Uuid::nil(), ben).await.unwrap();
        tx.commit().await.unwrap();
        later(&test, TimeDelta::hours(1));
        delivery.deliver_due().await.unwrap();
        assert_eq!(to(&server), ["p0@example.org", "p1@example.org"]);
        let through = progress(&test, id).await;
        assert_eq!((through.total, through.sent, through.withheld, through.erased), (4, 2, 1, 1));
        assert_eq!(state(&test, id).await, MailingState::Done);
        let cx = test.db().cx(Actor::System("test"));
        let went = mailing::to_accounts(&cx, &[id], &[ada, ben, ids::fresh()]).await.unwrap();
        assert_eq!(went, [(id, ben, "withdrawn".to_owned())]);
    }
}

async fn administrator(test: &TestApp) -> Browser {
    let root = test.account("root@example.org", "Rosa Root").await;
    test.appoint(root, Role::CityAdmin, Place::Installation).await;
    test.signed_in(root, true).await
}

both_engines! {
    async fn administrators_look_after_letters_and_nobody_else(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[Manner::Never, Manner::Later]).await);
        let delivery = delivery(&test.app, &server.url());
        let secret = letter("sign-in:1", "ben@example.org").button("Sign in", "https://ground.example/s3cret");
        let secret = secret.secret_until(test.clock.now() + TimeDelta::minutes(15));
        enqueue(db, [letter("invitation:1", "ada@example.org"), secret]).await;
        delivery.deliver_due().await.unwrap();
        let id = |to: &'static str| async move { all(db).await.into_iter().find(|letter| letter.to == to).unwrap().id };
        let (refused, secret) = (id("ada@example.org").await, id("ben@example.org").await);
        let root = administrator(&test).await;
        let page = root.page("/admin/mail").await;
        assert!(page.contains("ben@example.org") && !page.contains("ada@example.org"), "what has not ended: {page}");
        let page = root.page("/admin/mail?state=failed").await;
        assert!(page.contains("ada@example.org") && page.contains("not this one"), "{page}");
        assert!(root.page("/admin").await.contains("href=\"/admin/mail\""));
        // What it says is shown on demand, and that it was is written down.
        let page = root.page(&format!("/admin/mail/{refused}")).await;
        assert!(page.contains("not this one") && !page.contains("Hello."), "{page}");
        let shown = root.post(&format!("/admin/mail/{refused}/text"), &[]).await.text().await.unwrap();
        assert!(shown.contains("Hello."), "{shown}");
        assert!(root.page("/admin/audit?action=mail.read").await.contains(&refused.to_string()));
        let shown = root.post(&format!("/admin/mail/{secret}/text"), &[]).await.text().await.unwrap();
        assert!(!shown.contains("s3cret") && shown.contains("nobody else"), "{shown}");
        // It goes again.
        let again = root.post(&format!("/admin/mail/{refused}/retry"), &[]).await;
        assert_eq!(again.status(), 303);
        delivery.deliver_due().await.unwrap();
        assert_eq!(to(&server), ["ada@example.org"]);
        assert_eq!(root.post(&format!("/admin/mail/{refused}/retry"), &[]).await.status(), 409, "it has left");
        // The switch.
        root.post("/admin/mail/pause", &[("because", "the mail server is moved")]).await;
        let page = root.page("/admin/mail").await;
        assert!(page.contains("the mail server is moved") && page.contains("/admin/mail/resume"), "{page}");
        later(&test, TimeDelta::minutes(5));
        assert_eq!(delivery.deliver_due().await.unwrap(), 0);
        root.post("/admin/mail/resume", &[]).await;
        assert_eq!(delivery.deliver_due().await.unwrap(), 1);
        let cx = db.cx(Actor::System("test"));
        assert_eq!(outbox::sent_since(&cx, test.clock.now() - TimeDelta::minutes(1)).await.unwrap(), 1);
        assert_eq!(outbox::sent_since(&cx, test.clock.now() - TimeDelta::hours(1)).await.unwrap(), 2);
        // Nobody else.
        let teacher = test.account("tea@example.org", "Tea").await;
        let teacher = test.signed_in(teacher, true).await;
        for path in ["/admin/mail", &format!("/admin/mail/{refused}"), "/api/v1/admin/outbox"] {
            assert_eq!(teacher.get(path).await.status(), 403, "{path}");
        }
        assert_eq!(test.get("/admin/mail").await.status(), 303);
    }
}

both_engines! {
    async fn the_api_looks_after_letters(test: TestApp) {
        let (db, server) = (test.db(), MailServer::start(&[Manner::Never]).await);
        let delivery = delivery(&test.app, &server.url());
        enqueue(db, (0..3).map(|n| letter(&format!("invitation:{n}"), "ada@example.org"))).await;
        delivery.deliver_due().await.unwrap();
        let root = test.account("root@example.org", "Rosa Root").await;
        test.appoint(root, Role::CityAdmin, Place::Installation).await;
        let mut tx = db.write(Actor::System("test")).await.unwrap();
        let new = NewToken { name: "test".to_owned(), scope: Scope::Admin, days: 30 };
        let (_, token) = token::make(&mut tx, root, new).await.unwrap();
        tx.commit().await.unwrap();
        let call = |method: &'static str, path: String, body: Option<serde_json::Value>| {
            let request = test.client.request(method.parse().unwrap(), format!("{}/api/v1{path}", test.base));
            let request = request.bearer_auth(&token);
            let request = match body {
                Some(body) => request.json(&body),
                None => request,
            };
            async move {
                let answer = request.send().await.unwrap();
                let status = answer.status().as_u16();
                (status, answer.json::<serde_json::Value>().await.unwrap_or_default())
            }
        };
        let (status, page) = call("GET", "/admin/outbox?state=sent&limit=1".to_owned(), None).await;
        assert_eq!((status, page["items"].as_array().unwrap().len()), (200, 1), "{page}");
        let next = page["next"].as_str().unwrap().to_owned();
        let (_, second) = call("GET", format!("/admin/outbox?state=sent&limit=1&cursor={next}"), None).await;
        assert!(second["next"].is_null() && second["items"][0]["id"] != page["items"][0]["id"], "{second}");
        let (_, failed) = call("GET", "/admin/outbox?state=failed".to_owned(), None).await;
        let id = failed["items"][0]["id"].as_str().unwrap().to_owned();
        let (status, one) = call("GET", format!("/admin/outbox/{id}"), None).await;
        assert_eq!((status, one["state"].as_str().unwrap()), (200, "failed"));
        assert_eq!(call("GET", "/admin/outbox/nonsense".to_owned(), None).await.0, 404);
        let (status, one) = call("POST", format!("/admin/outbox/{id}/retry"), None).await;
        assert_eq!((status, one["state"].as_str().unwrap()), (200, "ready"), "{one}");
        let because = serde_json::json!({ "because": "a test" });
        let (status, switch) = call("POST", "/admin/outbox/pause".to_owned(), Some(because)).await;
        assert_eq!((status, switch["paused_because"].as_str().unwrap()), (200, "a test"));
        let (status, switch) = call("POST", "/admin/outbox/resume".to_owned(), None).await;
        assert_eq!((status, switch["paused_at"].is_null()), (200, true), "{switch}");
        delivery.deliver_due().await.unwrap();
        assert_eq!(call("POST", format!("/admin/outbox/{id}/retry"), None).await.0, 409);
    }
}
