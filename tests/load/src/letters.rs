//! What the measurement of letters needs beside the program: a mail server that answers at once, a bare sender, and whoever
//! fills the outbox. `tests/load/letters` starts it.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use commonground::app::App;
use commonground::mail::mailing::{self, NewMailing, Reader};
use commonground::mail::{self, Content, Letter, Letterhead, MailingList, Priority, outbox};
use commonground::platform::config::Overrides;
use commonground::platform::{Actor, Clock, Config};
use lettre::message::{MultiPart, SinglePart, header::ContentType};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, Message, address::Envelope};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Helps to measure letters.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// A mail server that takes everything at once; `COUNT` tells how many letters, and the milliseconds from the first to the last
    Sink { port: u16 },
    /// Sends letters as the library alone does, over so many connections
    Bare { port: u16, letters: u64, connections: u64 },
    /// Puts letters into the outbox of the installation of the environment: to accounts 1 to N, of whoever measures
    Fill {
        letters: u64,
        /// As announcements
        #[arg(long)]
        announcements: bool,
    },
    /// Letters one by one at a pace, each with a commit of its own
    Trickle { letters: u64, each_second: u64 },
    /// Makes a mailing with so many readers, due tomorrow, in pieces with commits of their own
    Mailing { readers: usize },
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let done = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run(Arguments::parse().what)));
    match done.and_then(|text| Ok(writeln!(std::io::stdout(), "{text}")?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody may be listening.
            let _ = writeln!(std::io::stderr(), "letters: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(what: What) -> Outcome<String> {
    match what {
        What::Sink { port } => sink(port).await,
        What::Bare { port, letters, connections } => bare(port, letters, connections).await,
        What::Fill { letters, announcements } => fill(letters, announcements).await,
        What::Trickle { letters, each_second } => trickle(letters, each_second).await,
        What::Mailing { readers } => many(readers).await,
    }
}

#[derive(Default)]
struct Count {
    letters: AtomicU64,
    first: AtomicU64,
    last: AtomicU64,
}

async fn sink(port: u16) -> Outcome<String> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let (count, began) = (Arc::new(Count::default()), Instant::now());
    loop {
        let (stream, _) = listener.accept().await?;
        let count = Arc::clone(&count);
        tokio::spawn(async move {
            // A client that hangs up is nothing to a mail server.
            let _ = converse(stream, &count, began).await;
        });
    }
}

async fn converse(stream: TcpStream, count: &Count, began: Instant) -> Outcome<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::with_capacity(1 << 16, stream);
    stream.write_all(b"220 sink ESMTP\r\n").await?;
    let mut line = Vec::new();
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let answer = match line.get(..4).unwrap_or_default() {
            b"EHLO" => "250-sink\r\n250 8BITMIME\r\n".to_owned(),
            b"DATA" => {
                stream.write_all(b"354 go\r\n").await?;
                loop {
                    line.clear();
                    if stream.read_until(b'\n', &mut line).await? == 0 {
                        return Ok(());
                    }
                    if line == b".\r\n" {
                        break;
                    }
                }
                let now = u64::try_from(began.elapsed().as_millis())?.max(1);
                count.letters.fetch_add(1, Ordering::Relaxed);
                let _ = count.first.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
                count.last.fetch_max(now, Ordering::Relaxed);
                "250 ok\r\n".to_owned()
            }
            b"COUN" => {
                let [letters, first, last] =
                    [&count.letters, &count.first, &count.last].map(|number| number.load(Ordering::Relaxed));
                format!("250 {letters} {}\r\n", last - first)
            }
            b"QUIT" => return Ok(stream.write_all(b"221 bye\r\n").await?),
            _ => "250 ok\r\n".to_owned(),
        };
        stream.write_all(answer.as_bytes()).await?;
    }
}

/// What a letter of the measurement says.
fn content() -> (String, Vec<String>) {
    let paragraph = "The session on early reading is on Thursday, October 15, at 4:00 pm (Eastern Time). ".repeat(4);
    ("Your seat: Early reading together, October 15".to_owned(), vec![paragraph.clone(), paragraph])
}

async fn bare(port: u16, letters: u64, connections: u64) -> Outcome<String> {
    let began = Instant::now();
    let senders = (0..connections).map(|_| tokio::spawn(sender(port, letters / connections)));
    for sender in senders.collect::<Vec<_>>() {
        sender.await??;
    }
    Ok(format!("{:.0}", letters as f64 / began.elapsed().as_secs_f64()))
}

async fn sender(port: u16, letters: u64) -> Outcome<()> {
    let from: Address = "no-reply@load.example".parse()?;
    let to: Address = "ada@load.example".parse()?;
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    // As the program does: without it, each letter waits for an acknowledgement.
    stream.set_nodelay(true)?;
    let hello = ClientId::Domain("load.example".to_owned());
    let mut connection = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await?;
    let (subject, paragraphs) = content();
    for _ in 0..letters {
        let text = paragraphs.join("\n\n");
        let html = format!("<!doctype html><p>{}</p>", paragraphs.join("</p><p>"));
        let message = Message::builder()
            .from(lettre::message::Mailbox::new(None, from.clone()))
            .to(lettre::message::Mailbox::new(None, to.clone()))
            .subject(subject.clone())
            .message_id(Some(format!("<{}@load.example>", commonground::platform::ids::fresh())))
            .multipart(
                MultiPart::alternative()
                    .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(text))
                    .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(html)),
            )?;
        let envelope = Envelope::new(Some(from.clone()), vec![to.clone()])?;
        connection.send(&envelope, &message.formatted()).await?;
    }
    connection.quit().await?;
    Ok(())
}

async fn opened() -> Outcome<(App, Letterhead)> {
    let app = App::open(Config::load(&Overrides::default())?, Clock::System).await?;
    let head = app.letterhead(&"https://load.example".into())?;
    Ok((app, head))
}

fn letter(number: u64, run: u64) -> Letter {
    let (subject, paragraphs) = content();
    let letter = Letter::new("seat", format!("load:{run}:{number}"), format!("p{number}@load.example"), subject)
        .of(uuid::Uuid::from_u128(u128::from(number) + 1))
        .because("You have a seat.");
    paragraphs.into_iter().fold(letter, Letter::say)
}

async fn fill(letters: u64, announcements: bool) -> Outcome<String> {
    let (app, head) = opened().await?;
    let run = u64::try_from(app.db.clock().now().timestamp_micros())?;
    let numbers: Vec<u64> = (0..letters).collect();
    for piece in numbers.chunks(500) {
        let mut tx = app.db.write(Actor::System("load")).await?;
        for number in piece {
            let mut letter = letter(*number, run);
            if announcements {
                letter.priority = Priority::Announcement;
            }
            mail::enqueue(&mut tx, &head, letter).await?;
        }
        tx.commit().await?;
    }
    Ok(letters.to_string())
}

async fn trickle(letters: u64, each_second: u64) -> Outcome<String> {
    let (app, head) = opened().await?;
    let run = u64::try_from(app.db.clock().now().timestamp_micros())?;
    let began = Instant::now();
    for number in 0..letters {
        let due = Duration::from_secs_f64(number as f64 / each_second as f64);
        tokio::time::sleep(due.saturating_sub(began.elapsed())).await;
        let mut tx = app.db.write(Actor::System("load")).await?;
        mail::enqueue(&mut tx, &head, letter(number, run)).await?;
        tx.commit().await?;
    }
    let paced = began.elapsed();
    // What was there before is announcements: personal ones end on top of them.
    let mine = |kept: &outbox::Kept| kept.priority == Priority::Personal;
    let mut waits = Vec::new();
    for _ in 0..600 {
        let kept =
            outbox::letters(&app.db.cx(Actor::System("load")), &outbox::Filter::default(), None, letters).await?;
        waits =
            kept.iter().filter(|kept| mine(kept)).filter_map(|kept| Some(kept.done_at? - kept.created_at)).collect();
        if waits.len() as u64 == letters {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    waits.sort();
    let at =
        |share: f64| waits.get((waits.len() as f64 * share) as usize).map_or(-1, chrono::TimeDelta::num_milliseconds);
    let speed = letters as f64 / paced.as_secs_f64();
    Ok(format!("{} {speed:.0} {} {} {}", waits.len(), at(0.5), at(0.99), at(0.999)))
}

async fn many(readers: usize) -> Outcome<String> {
    let (app, head) = opened().await?;
    let (subject, paragraphs) = content();
    let list = MailingList {
        id: "announcements".to_owned(),
        name: "Announcements".to_owned(),
        leave: String::new(),
        settings: "/me/notifications/settings".to_owned(),
    };
    let content = Content { subject, paragraphs, list: Some(list), ..Content::default() };
    let new = NewMailing {
        kind: "announcement",
        content,
        priority: Priority::Announcement,
        urgent: false,
        about: None,
        author: None,
        due_at: app.db.clock().now() + chrono::TimeDelta::days(1),
        not_after: None,
    };
    let readers: Vec<Reader> = (0..readers)
        .map(|n| Reader {
            account: Some(uuid::Uuid::from_u128(n as u128 + 1)),
            to: format!("p{n}@load.example"),
            leave: Some(format!("/u/0123456789abcdef0123456789abcdef-{n}")),
        })
        .collect();
    let began = Instant::now();
    let mut tx = app.db.write(Actor::System("load")).await?;
    let id = mailing::create(&mut tx, &head, new).await?;
    tx.commit().await?;
    let mut longest = Duration::ZERO;
    for piece in readers.chunks(mailing::A_PIECE) {
        let piece_began = Instant::now();
        let mut tx = app.db.write(Actor::System("load")).await?;
        mailing::add(&mut tx, id, piece).await?;
        tx.commit().await?;
        longest = longest.max(piece_began.elapsed());
    }
    let mut tx = app.db.write(Actor::System("load")).await?;
    mailing::filled(&mut tx, id).await?;
    tx.commit().await?;
    Ok(format!("{} {}", began.elapsed().as_millis(), longest.as_millis()))
}
