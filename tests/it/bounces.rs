//! What comes back: told apart, counted once, acted on where it is certain, seen by whom it concerns (E5).

use std::collections::VecDeque;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::TimeDelta;
use commonground::app::App;
use commonground::mail::intake::{CalendarReply, Intake, Kind, Outcome, Replies, Report, classify, lmtp};
use commonground::mail::outbox::{self, Filter, Kept};
use commonground::mail::{self, Letter, Letterhead, MailingList, suppression};
use commonground::platform::config::Hidden;
use commonground::platform::{Actor, Config, Db, Place, Result, Role};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::cli::{done, folder, program, refused};
use crate::support::{Engine, TestApp, TestDatabase, both_engines};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples/bounces");

/// Name, kind, status and recipient of every sample.
fn expected() -> Vec<[String; 4]> {
    let table = std::fs::read_to_string(format!("{SAMPLES}/expected.tsv")).unwrap();
    let row =
        |line: &str| -> [String; 4] { line.split('\t').map(str::to_owned).collect::<Vec<_>>().try_into().unwrap() };
    table.lines().skip(1).map(row).collect()
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(format!("{SAMPLES}/{name}.eml")).unwrap()
}

#[test]
fn samples_are_told_apart() {
    let all = expected();
    assert!(all.len() >= 60, "{}", all.len());
    for [name, kind, status, recipient] in all {
        let found = classify(&sample(&name));
        let said = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        assert_eq!(
            (found.kind.code(), said(found.status), said(found.recipient)),
            (&*kind, status, recipient),
            "{name}"
        );
        // The same with other ends of lines.
        let unix = String::from_utf8(sample(&name)).unwrap();
        for ends in ["\r\n", "\r"] {
            assert_eq!(classify(unix.replace('\n', ends).as_bytes()).kind.code(), kind, "{name} with {ends:?}");
        }
    }
}

#[test]
fn a_message_is_read_to_its_end_whatever_it_is() {
    // Cut off anywhere, and with what it holds in any order: read without falling over.
    let mut read = 0;
    for [name, ..] in expected() {
        let raw = sample(&name);
        for cut in (0..raw.len()).step_by(97) {
            classify(&raw[..cut]);
            classify(&[&raw[cut..], &raw[..cut]].concat());
            read += 2;
        }
    }
    for odd in [&b""[..], b"\n", b"\0", b"\xff\xfe\xfd", b"From ", b"Content-Type: multipart/report\n\n--\n"] {
        classify(odd);
    }
    assert!(read > 1_000, "{read}");
}

/// More on demand: ten million take half an hour.
#[expect(clippy::disallowed_methods, reason = "a test that can be told to work harder")]
fn rounds() -> u64 {
    std::env::var("COMMONGROUND_FUZZ").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(2_000)
}

/// A generator (xorshift) that gives the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n.max(1) as u64).unwrap()
    }
}

/// What breaks a reader of messages.
const PIECES: [&[u8]; 18] = [
    b"\r\n\r\n",
    b"\n\n",
    b"--",
    b"=?utf-8?B?",
    b"?=",
    b"\xff\xfe",
    b"\xc3",
    b"5.1.1",
    b"550-",
    b"Content-Type: message/rfc822\n\n",
    b"Content-Type: multipart/report; boundary=",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: quoted-printable\n",
    b"METHOD:REPLY\nBEGIN:VEVENT\n",
    b"ATTENDEE;X=\":",
    b"\0",
    b"charset=utf-16",
    b"Action: failed\n",
];

fn nearly(dice: &mut Dice, samples: &[Vec<u8>]) -> Vec<u8> {
    let mut message = samples[dice.below(samples.len())].clone();
    for _ in 0..=dice.below(8) {
        message.push(b'x');
        let at = dice.below(message.len());
        let end = (at + dice.below(200)).min(message.len());
        match dice.below(7) {
            0 => message[at] = u8::try_from(dice.below(256)).unwrap(),
            1 => message.truncate(at),
            2 => drop(message.drain(at..end)),
            3 => {
                let other = &samples[dice.below(samples.len())];
                let from = dice.below(other.len());
                let piece = other[from..(from + dice.below(400)).min(other.len())].to_vec();
                drop(message.splice(at..at, piece));
            }
            4 => {
                let piece = message[at..end].repeat(1 + dice.below(5));
                drop(message.splice(at..at, piece));
            }
            5 => drop(message.splice(at..at, PIECES[dice.below(PIECES.len())].iter().copied())),
            _ => message.iter_mut().filter(|byte| **byte == b'\n').take(end - at).for_each(|byte| *byte = b'\r'),
        }
        message.truncate(64 * 1024);
    }
    message
}

#[test]
fn messages_that_are_nearly_ones_are_read_too() {
    let samples: Vec<_> = expected().iter().map(|[name, ..]| sample(name)).collect();
    let (mut dice, mut seen) = (Dice(0x9e37_79b9_7f4a_7c15), std::collections::BTreeMap::new());
    for _ in 0..rounds() {
        *seen.entry(classify(&nearly(&mut dice, &samples)).kind).or_insert(0_u64) += 1;
    }
    assert_eq!(seen.len(), 6, "every kind came: {seen:?}");
}

/// Answers of a mail server to RCPT, in order, then 250; and the senders that it was told.
struct MailServer {
    port: u16,
    senders: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    async fn start(answers: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let senders = Arc::new(Mutex::new(Vec::new()));
        let answers = Arc::new(Mutex::new(answers.iter().copied().collect::<VecDeque<_>>()));
        let kept = Arc::clone(&senders);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (senders, answers) = (Arc::clone(&kept), Arc::clone(&answers));
                tokio::spawn(async move {
                    let _ = Self::converse(stream, &senders, &answers).await;
                });
            }
        });
        Self { port, senders }
    }

    async fn converse(
        stream: TcpStream,
        senders: &Mutex<Vec<String>>,
        answers: &Mutex<VecDeque<&'static str>>,
    ) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 test\r\n").await?;
        let mut text = false;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let answer = match line.get(..4).unwrap_or_default() {
                _ if text && line != ".\r\n" => continue,
                _ if text => {
                    text = false;
                    "250 ok"
                }
                "MAIL" => {
                    senders.lock().unwrap().push(line.split(['<', '>']).nth(1).unwrap().to_owned());
                    "250 ok"
                }
                "RCPT" => answers.lock().unwrap().pop_front().unwrap_or("250 ok"),
                "DATA" => {
                    text = true;
                    "354 go on"
                }
                _ => "250 ok",
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
    }

    /// Sends what is due; the return addresses of what was sent so far.
    async fn deliver(&self, app: &App) -> Vec<String> {
        let mut config = (*app.config).clone();
        config.smtp_url = Some(Hidden::from(format!("smtp://127.0.0.1:{}?tls=none", self.port).as_str()));
        let app = App { config: Arc::new(config), ..app.clone() };
        app.delivery(&"https://ground.example".into(), false).unwrap().deliver_due().await.unwrap();
        self.senders.lock().unwrap().clone()
    }
}

fn letter(event: &str, to: &str) -> Letter {
    Letter::new("test", event, to, format!("About {event}")).say("Hello.").because("You are in a test.")
}

fn on_a_list(letter: Letter) -> Letter {
    let list = MailingList {
        id: "news".to_owned(),
        name: "News".to_owned(),
        leave: "/leave/1".to_owned(),
        settings: "/me".to_owned(),
    };
    letter.on_list(list)
}

async fn enqueue(db: &Db, letters: impl IntoIterator<Item = Letter>) {
    let head = Letterhead::new("https://ground.example".into(), None).unwrap();
    let mut tx = db.write(Actor::System("test")).await.unwrap();
    for letter in letters {
        mail::enqueue(&mut tx, &head, letter).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// The newest letter.
async fn newest(db: &Db) -> Kept {
    outbox::letters(&db.cx(Actor::System("test")), &Filter::default(), None, 1).await.unwrap().remove(0)
}

/// A letter that was sent to Ada, and the address that it comes back to.
async fn sent(test: &TestApp, server: &MailServer, event: &str) -> (Kept, String) {
    enqueue(test.db(), [letter(event, "ada@school.example")]).await;
    let sender = server.deliver(&test.app).await.pop().unwrap();
    let kept = newest(test.db()).await;
    assert_eq!(kept.state, "sent");
    (kept, sender)
}

/// A delivery report.
fn report(status: &str, said: &str, message_id: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example\r\nTo: somebody\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\nContent-Type: \
         multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; ada@school.example\r\nAction: failed\r\nStatus: \
         {status}\r\nDiagnostic-Code: smtp; {said}\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: \
         {message_id}\r\nTo: ada@school.example\r\n\r\n--b--\r\n"
    )
}

const ELSEWHERE: &str = "<1@elsewhere.example>";

async fn take(test: &TestApp, raw: &str, to: &str) -> Report {
    test.app.intake(&test.base.as_str().into()).unwrap().take(raw.as_bytes(), Some(to)).await.unwrap()
}

/// How a letter to Ada ends that is written now.
async fn next(test: &TestApp, server: &MailServer, letter: Letter) -> (String, Option<String>) {
    enqueue(test.db(), [letter]).await;
    server.deliver(&test.app).await;
    let kept = newest(test.db()).await;
    (kept.state, kept.answer)
}

fn later(test: &TestApp, delta: TimeDelta) {
    test.clock.set(test.clock.now() + delta);
}

both_engines! {
    /// E5.
    async fn an_address_without_a_person_gets_one_letter(test: TestApp) {
        let server = MailServer::start(&[]).await;
        let (first, back) = sent(&test, &server, "invitation:1").await;
        let gone = report("5.1.1", "550 5.1.1 User unknown", ELSEWHERE);
        // Nobody can make up a return address: neither another's nor a changed one.
        let forged = back.replace("bounces+a", "bounces+b");
        for stranger in ["bounces@ground.example", "somebody@ground.example", &forged] {
            let answer = take(&test, &gone, stranger).await;
            assert_eq!((answer.kind, answer.letter, answer.suppressed), (Kind::Hard, None, false), "{stranger}");
        }
        let answer = take(&test, &gone, &back.to_uppercase()).await;
        assert_eq!((answer.letter, answer.suppressed), (Some(first.id), true));
        assert!(!take(&test, &gone, &back).await.suppressed, "taken in twice, it counts once");
        let (state, answer) = next(&test, &server, letter("invitation:2", "Ada@school.example")).await;
        assert_eq!((state.as_str(), answer.as_deref()), ("withdrawn", Some("suppressed")));
        assert_eq!(next(&test, &server, letter("invitation:2", "ben@school.example")).await.0, "sent");
        // The letter was sent; that it came back is beside it.
        let cx = test.db().cx(Actor::System("test"));
        assert_eq!(outbox::letter(&cx, first.id).await.unwrap().state, "sent");
        assert_eq!(suppression::came_back(&cx, &[first.id]).await.unwrap()[&first.id], "hard");
    }
}

both_engines! {
    async fn without_a_token_the_letter_and_its_reader_must_fit(test: TestApp) {
        let server = MailServer::start(&[]).await;
        let (first, _) = sent(&test, &server, "invitation:1").await;
        let gone = report("5.1.1", "550 5.1.1 User unknown", &first.message_id);
        let of_another = gone.replace("rfc822; ada@", "rfc822; eve@");
        assert_eq!(take(&test, &of_another, "bounces@ground.example").await.letter, None);
        let unknown = report("5.1.1", "550 5.1.1 User unknown", ELSEWHERE);
        assert_eq!(take(&test, &unknown, "bounces@ground.example").await.letter, None);
        let answer = take(&test, &gone, "bounces@ground.example").await;
        assert_eq!((answer.letter, answer.suppressed), (Some(first.id), true));
    }
}

both_engines! {
    async fn a_refusal_of_another_sort_is_believed_the_second_time(test: TestApp) {
        let server = MailServer::start(&[]).await;
        let blocked = report("5.7.1", "554 5.7.1 Blocked", ELSEWHERE);
        let (_, first) = sent(&test, &server, "invitation:1").await;
        assert!(!take(&test, &blocked, &first).await.suppressed);
        later(&test, TimeDelta::days(31));
        let (_, second) = sent(&test, &server, "invitation:2").await;
        assert!(!take(&test, &blocked, &second).await.suppressed, "the first was a month ago");
        later(&test, TimeDelta::days(29));
        let (_, third) = sent(&test, &server, "invitation:3").await;
        assert!(take(&test, &blocked, &third).await.suppressed);
    }
}

both_engines! {
    async fn a_full_mailbox_is_waited_for(test: TestApp) {
        let server = MailServer::start(&[]).await;
        let full = report("5.2.2", "552 5.2.2 Mailbox full", ELSEWHERE);
        for number in 0..6 {
            let (_, back) = sent(&test, &server, &format!("invitation:{number}")).await;
            let answer = take(&test, &full, &back).await;
            assert_eq!((answer.kind, answer.suppressed), (Kind::Soft, number == 5), "letter {number}");
            // Five letters within eight days are too soon; the sixth comes ten days after the first.
            later(&test, TimeDelta::days(2));
        }
        assert_eq!(next(&test, &server, letter("invitation:9", "ada@school.example")).await.0, "withdrawn");
    }
}

both_engines! {
    async fn who_complains_gets_what_decides_something_and_nothing_else(test: TestApp) {
        let server = MailServer::start(&[]).await;
        let (first, _) = sent(&test, &server, "news:1").await;
        let complaint = format!(
            "From: fbl@isp.example\nSubject: FW\nMIME-Version: 1.0\nContent-Type: multipart/report; \
             report-type=feedback-report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n\
             Version: 1\nOriginal-Rcpt-To: ada@school.example\n\n--b\nContent-Type: message/rfc822\n\nFrom: us\n\
             Message-ID: {}\n\nHello\n--b--\n",
            first.message_id
        );
        let answer = take(&test, &complaint, "bounces@ground.example").await;
        assert_eq!((answer.kind, answer.letter, answer.suppressed), (Kind::Complaint, Some(first.id), true));
        let news = on_a_list(letter("news:2", "ada@school.example"));
        assert_eq!(next(&test, &server, news).await, ("withdrawn".to_owned(), Some("suppressed".to_owned())));
        assert_eq!(next(&test, &server, letter("seat:1", "ada@school.example")).await.0, "sent");
    }
}

both_engines! {
    async fn what_our_mail_server_refuses_counts_as_well(test: TestApp) {
        let server = MailServer::start(&["550 5.2.1 not today", "550 5.1.1 nobody of that name"]).await;
        assert_eq!(next(&test, &server, letter("invitation:1", "ada@school.example")).await.0, "failed");
        assert_eq!(next(&test, &server, letter("invitation:2", "ada@school.example")).await.0, "failed");
        let after = next(&test, &server, letter("invitation:3", "ada@school.example")).await;
        assert_eq!(after, ("withdrawn".to_owned(), Some("suppressed".to_owned())));
    }
}

both_engines! {
    async fn who_it_concerns_sees_it_and_tries_again_once_a_day(test: TestApp) {
        let server = MailServer::start(&[]).await;
        let ada = test.account("ada@school.example", "Ada Quill").await;
        let gone = report("5.1.1", "550 5.1.1 User unknown", ELSEWHERE);
        let bounce = async |event: &str| {
            enqueue(test.db(), [letter(event, "ada@school.example").of(ada.0)]).await;
            let back = server.deliver(&test.app).await.pop().unwrap();
            assert!(take(&test, &gone, &back).await.suppressed);
        };
        let browser = test.signed_in(ada, false).await;
        assert!(browser.page("/me/mail").await.contains("None has come back"));
        bounce("seat:1").await;
        let page = browser.page("/me/mail").await;
        assert!(page.contains("No letters at all to ada@school.example"), "{page}");
        let again = page.split("action=\"").find(|rest| rest.starts_with("/me/mail/")).unwrap().split('"').next().unwrap();
        // Nobody else's.
        let ben = test.signed_in(test.account("ben@school.example", "Ben Ito").await, false).await;
        assert_eq!(ben.post(again, &[]).await.status(), 404);
        assert_eq!(browser.get(again).await.status(), 405, "a link changes nothing");
        assert_eq!(browser.post_on(again, &[]).await, "/me/mail?again");
        bounce("seat:2").await;
        let refusal = browser.post(again, &[]).await;
        assert_eq!(refusal.status(), 422);
        assert!(refusal.text().await.unwrap().contains("try again tomorrow"));
        assert!(browser.page("/me/mail").await.contains("from October 15, 2026, 16:00 UTC on"));
        later(&test, TimeDelta::days(1));
        let browser = test.signed_in(ada, false).await;
        assert_eq!(browser.post_on(again, &[]).await, "/me/mail?again");
        assert_eq!(next(&test, &server, letter("seat:3", "ada@school.example")).await.0, "sent");
    }
}

both_engines! {
    async fn administrators_see_and_lift(test: TestApp) {
        let server = MailServer::start(&[]).await;
        let (_, back) = sent(&test, &server, "invitation:1").await;
        take(&test, &report("5.1.1", "550 5.1.1 User unknown", ELSEWHERE), &back).await;
        let admin = test.account("admin@city.example", "Rosa Klein").await;
        test.appoint(admin, Role::CityAdmin, Place::Installation).await;
        let admin = test.signed_in(admin, true).await;
        let other = test.signed_in(test.account("ben@school.example", "Ben Ito").await, false).await;
        for path in ["/admin/mail/suppressions", "/admin/mail/dns"] {
            assert_eq!(other.get(path).await.status(), 403, "{path}");
        }
        let page = admin.page("/admin/mail/suppressions").await;
        assert!(page.contains("1 address") && page.contains("ada@school.example"), "{page}");
        let lift = page.split("action=\"").find(|rest| rest.starts_with("/admin/mail/")).unwrap().split('"').next().unwrap();
        assert_eq!(other.post(lift, &[]).await.status(), 403);
        assert_eq!(admin.post_on(lift, &[]).await, "/admin/mail/suppressions?lifted");
        assert!(admin.page("/admin/mail/suppressions?lifted").await.contains("Letters go there again."));
        assert_eq!(admin.post(lift, &[]).await.status(), 404, "it is lifted");
        assert_eq!(next(&test, &server, letter("invitation:2", "ada@school.example")).await.0, "sent");
        let page = admin.page("/admin/mail/dns").await;
        for words in ["v=spf1", "v=DMARC1", "10 MAILSERVER", "The mail server that takes our letters signs them"] {
            assert!(page.contains(words), "{words}: {page}");
        }
    }
}

const TOKEN: &str = "a-token-of-more-than-24-letters";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hook_takes_what_a_mail_server_brings() {
    let database = TestDatabase::fresh(Engine::Sqlite).await;
    let config = database.config("node");
    let test = TestApp::configured(database.share(), config.clone(), false).await;
    let post = |test: &TestApp, token: &str, body: Vec<u8>| {
        let request = test.client.post(format!("{}/hooks/mail", test.base)).bearer_auth(token).body(body);
        async move { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(post(&test, TOKEN, sample("person-answers")).await, 404, "without a token there is no hook");
    test.stop().await;
    let config = Config { mail_hook_token: Some(Hidden::from(TOKEN)), ..config };
    let test = TestApp::configured(database, config, false).await;
    let server = MailServer::start(&[]).await;
    let (first, back) = sent(&test, &server, "invitation:1").await;
    let gone = report("5.1.1", "550 5.1.1 User unknown", ELSEWHERE).replace("To: somebody", &format!("To: {back}"));
    assert_eq!(post(&test, "another-token-of-24-letters", gone.clone().into_bytes()).await, 401);
    let cx = test.db().cx(Actor::System("test"));
    assert!(suppression::came_back(&cx, &[first.id]).await.unwrap().is_empty());
    assert_eq!(post(&test, TOKEN, gone.into_bytes()).await, 204);
    assert_eq!(suppression::came_back(&cx, &[first.id]).await.unwrap().len(), 1);
    assert_eq!(post(&test, TOKEN, b"\0\xff no message".to_vec()).await, 204, "what nobody understands is taken");
    assert_eq!(post(&test, TOKEN, Vec::new()).await, 422);
    assert_eq!(post(&test, TOKEN, vec![b'a'; 1024 * 1024 + 1]).await, 413);
    assert_eq!(test.get("/hooks/mail").await.status(), 405);
}

/// A conversation by LMTP: lines go in, the first words of answers come out.
async fn speak(address: std::net::SocketAddr, said: &[&[u8]], answers: usize) -> Vec<String> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    for line in said {
        stream.write_all(line).await.unwrap();
    }
    let mut lines = Vec::new();
    let mut reader = BufReader::new(&mut stream);
    while lines.len() < answers {
        let mut line = String::new();
        let read = tokio::time::timeout(std::time::Duration::from_secs(10), reader.read_line(&mut line)).await;
        if read.expect("it answers").unwrap() == 0 {
            break;
        }
        // Only the last line of an answer counts.
        if line.as_bytes().get(3) == Some(&b' ') {
            lines.push(line[..3].to_owned());
        }
    }
    lines
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_hands_in_by_lmtp() {
    let test = TestApp::start(Engine::Sqlite).await;
    let server = MailServer::start(&[]).await;
    let (first, back) = sent(&test, &server, "invitation:1").await;
    let (second, other) = sent(&test, &server, "invitation:2").await;
    let listener = lmtp::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let listening = tokio::spawn(lmtp::listen(listener, test.app.intake(&test.base.as_str().into()).unwrap()));
    // A line that begins with a dot comes with two, and none of them ends the message.
    let gone =
        report("5.1.1", "550 5.1.1 User unknown", ELSEWHERE).replace("Reporting-MTA", "..X: dot\r\nReporting-MTA");
    let (to, too) = (format!("RCPT TO:<{back}>\r\n"), format!("rcpt to:<{other}> NOTIFY=NEVER\r\n"));
    let talk: Vec<&[u8]> = vec![
        b"MAIL FROM:<>\r\n",
        b"LHLO mx.example\r\n",
        b"RCPT TO:<a@b.example>\r\n",
        b"MAIL FROM:<> SIZE=1000\r\n",
        b"DATA\r\n",
        to.as_bytes(),
        too.as_bytes(),
        b"DATA\r\n",
        gone.as_bytes(),
        b".\r\n",
        b"NOOP\r\n",
        b"RSET\r\n",
        b"QUIT\r\n",
    ];
    let answers = speak(address, &talk, 20).await;
    // The greeting; one answer for each command, and after the text one for each recipient.
    let wanted = ["220", "503", "250", "503", "250", "503", "250", "250", "354", "250", "250", "250", "250", "221"];
    assert_eq!(answers, wanted);
    let cx = test.db().cx(Actor::System("test"));
    assert_eq!(suppression::came_back(&cx, &[first.id, second.id]).await.unwrap().len(), 2, "each by its own address");
    // Too long, said before or found out; then the next one is welcome.
    let long = vec![b'a'; 1024 * 1024 + 2];
    let talk: Vec<&[u8]> = vec![
        b"LHLO mx\r\nMAIL FROM:<> SIZE=2000000\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n",
        &long,
        b"\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nSubject: hello\r\n\r\n.hidden\r\n.\r\nQUIT\r\n",
    ];
    let answers = speak(address, &talk, 20).await;
    assert_eq!(answers, ["220", "250", "552", "250", "250", "354", "552", "250", "250", "354", "250", "221"]);
    // Garbage is not understood, and ends nothing.
    let rubbish = [vec![0xff; 5000], b"\r\n\0\0\r\nLHLO\r\nRCPT\r\nMAIL FROM:nobody\r\nQUIT\r\n".to_vec()].concat();
    let answers = speak(address, &[&rubbish], 20).await;
    assert_eq!(answers, ["220", "503", "503", "250", "503", "501", "221"], "{answers:?}");
    // Places are few; who comes too many is told. The conversations before have to be over for that.
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let mut open = Vec::new();
    for _ in 0..16 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut greeting = [0; 3];
        stream.read_exact(&mut greeting).await.unwrap();
        assert_eq!(&greeting, b"220");
        open.push(stream);
    }
    assert_eq!(speak(address, &[], 1).await, ["421"]);
    listening.abort();
}

/// Writes down the answers of calendars that it is given.
#[derive(Default)]
struct Heard(Mutex<Vec<CalendarReply>>);

#[async_trait]
impl Replies for Heard {
    async fn reply(&self, _: &Db, reply: CalendarReply) -> Result<Outcome> {
        self.0.lock().unwrap().push(reply);
        Ok(Outcome::Applied)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_calendar_answers_for_its_own_attendee_alone() {
    let test = TestApp::start(Engine::Sqlite).await;
    let heard = Arc::new(Heard::default());
    let intake = Intake::new(test.app.db.clone(), test.app.secret.clone(), heard.clone());
    let answer = intake.take(&sample("reply-declined-outlook"), None).await.unwrap();
    assert_eq!((answer.kind, answer.reply), (Kind::Reply, Some(Outcome::Applied)));
    let theirs =
        String::from_utf8(sample("reply-accepted")).unwrap().replace("<ada@school.example>", "<eve@evil.example>");
    let answer = intake.take(theirs.as_bytes(), None).await.unwrap();
    assert_eq!((answer.kind, answer.reply), (Kind::Reply, Some(Outcome::NotTheirs)));
    let heard = heard.0.lock().unwrap();
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!((heard[0].uid.as_str(), heard[0].partstat.as_str()), ("session-1@ground.example", "DECLINED"));
    assert_eq!((heard[0].from.as_str(), heard[0].sequence), ("ada@school.example", 1));
}

#[test]
fn the_command_says_in_one_line_what_it_was() {
    let (_folder, data) = folder();
    let bounce = |raw: &[u8]| {
        let mut child = program(&data, &["bounce"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(raw).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    for (name, line) in [
        ("gmail-address-not-found", "hard 5.1.1: about no letter of ours; nothing to do"),
        ("m365-mailbox-full", "soft 5.2.2: about no letter of ours; nothing to do"),
        ("arf-minimal", "complaint: about no letter of ours; nothing to do"),
        ("auto-exchange-ooo", "auto-reply: written by a machine; nothing to do"),
        ("person-answers", "unknown: nothing that came back; nothing to do"),
    ] {
        let (code, out, err) = bounce(&sample(name));
        assert_eq!((code, out.trim_end()), (Some(0), line), "{name}: {err}");
    }
    for (raw, word) in [(&b" \n"[..], "no message"), (&vec![b'a'; 1024 * 1024 + 1][..], "longer than 1 MiB")] {
        let (code, out, err) = bounce(raw);
        assert_eq!((code, out.as_str(), err.trim_end().lines().count()), (Some(1), "", 1), "{err}");
        assert!(err.contains(word), "{err}");
    }
}

#[test]
fn a_key_is_made_and_its_record_printed() {
    let (_folder, data) = folder();
    let said = done(&data, &["dkim", "2026a", "--ed25519"]);
    assert!(said.contains("2026a._domainkey.DOMAIN") && said.contains("v=DKIM1; k=ed25519; p="), "{said}");
    assert!(data.join("dkim/2026a.pem").exists());
    assert!(refused(&data, &["dkim", "2026a", "--ed25519"]).contains("choose another selector"));
    assert!(refused(&data, &["dkim", "../x"]).contains("selector"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letters_leave_signed_with_every_key() {
    let test = TestApp::start(Engine::Sqlite).await;
    let (folder, data) = folder();
    done(&data, &["dkim", "second", "--ed25519"]);
    let rsa = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/dkim/test.pem");
    let mut config = (*test.app.config).clone();
    config.dkim = Some(format!("first:{},second:{}", rsa.display(), data.join("dkim/second.pem").display()));
    let app = App { config: Arc::new(config), ..test.app.clone() };
    enqueue(test.db(), [on_a_list(letter("news:1", "ada@school.example"))]).await;
    let delivery = app.delivery(&"https://ground.example".into(), false).unwrap();
    assert_eq!(delivery.deliver_due().await.unwrap(), 1);
    let file = std::fs::read_dir(app.config.data.join("mail")).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(file).unwrap();
    assert_eq!(text.matches("d=ground.example;").count(), 2, "{text}");
    for words in ["s=first;", "a=rsa-sha256;", "s=second;", "a=ed25519-sha256;"] {
        assert_eq!(text.matches(words).count(), 1, "{words}: {text}");
    }
    let unfolded = text.replace("\r\n ", " ");
    let covered = "h=from:to:subject:date:message-id:mime-version:content-type:list-id:list-unsubscribe:list-unsubscribe-post:auto-submitted;";
    assert_eq!(unfolded.matches(covered).count(), 2, "{text}");
    let mut broken = (*app.config).clone();
    broken.dkim = Some(format!("first:{}", folder.path().join("none.pem").display()));
    let app = App { config: Arc::new(broken), ..app };
    let said = app.delivery(&"https://ground.example".into(), false).err().unwrap().to_string();
    assert!(said.contains("cannot be read") && said.ends_with('.'), "{said}");
}
