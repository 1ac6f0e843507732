//! One whole run: import, index, questions, visibility, rivals.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::corpus::{self, Corpus, Question};
use crate::database::Database;
use crate::http::{Client, Visitor};
use crate::play::{Bounds, Played, percentile, play};
use crate::product::{Product, Server, megabytes};
use crate::report::{Report, ms};
use crate::rivals::{postgres, sqlite};
use crate::{Arguments, Outcome, proc, say, visible};

/// Every question is new: bounded by their number too.
const NEW: Bounds = Bounds { warm: Duration::from_secs(1), measured: Duration::from_secs(12), requests: 5_000 };
/// Bounded by time alone.
const STEADY: Bounds = Bounds { warm: Duration::from_secs(3), measured: Duration::from_secs(8), requests: u64::MAX };
/// Rivals are slow: few questions are enough, and 15 seconds.
const RIVAL: Bounds = Bounds { warm: Duration::from_secs(1), measured: Duration::from_secs(15), requests: 1_500 };
/// Questions asked over and over: more than the server keeps answers of, and so few that it keeps all.
const SAME: u64 = 1_000;
const KEPT: u64 = 50;
/// Questions compared with the rival's answers.
const COMPARED: usize = 100;
/// How long an index may take.
const PATIENCE: Duration = Duration::from_secs(400);

/// Everything; hands back the tables.
pub async fn measure(arguments: &Arguments) -> Outcome<String> {
    let began = Instant::now();
    say("Converting the corpus");
    let Corpus { rows, questions, lexicon } =
        corpus::convert(&arguments.corpus, &arguments.queries, arguments.documents, &arguments.folder)?;
    let questions = Arc::new(questions);
    let mut report = Report::default();
    let product = Product::new(&arguments.program, &arguments.folder)?;

    import(&product, arguments, &rows, &mut report).await?;
    let server = index(&product, &mut report).await?;
    let totals = ours(&server, &questions, &mut report).await?;

    say("Visibility");
    let seen = visible::times(&product, &server, &arguments.folder, 30).await?;
    let detail = format!(" p99, {} ms p50, of 30; committed by another process", ms(percentile(&seen, 0.5)));
    report.once_with_bar("Commit to found", percentile(&seen, 0.99).as_secs_f64() * 1e3, "ms", &detail, 100.0);

    say("Start with an index in place");
    server.stop()?;
    let (server, cost) = product.serve(PATIENCE).await?;
    let detail = format!(" to ready, {:.2} CPU s; {}", cost.cpu.as_secs_f64(), proc::memory(server.pid())?);
    report.once_with_bar("Start with an index in place", cost.wall.as_secs_f64(), "s", &detail, 1.0);
    server.stop()?;

    let corpus = Corpus { rows, questions: Vec::new(), lexicon };
    if let Some(url) = &arguments.postgres {
        against_postgres(url, &corpus, &questions, &totals, &mut report).await?;
    } else {
        report.note("PostgreSQL was not installed and is not compared.");
    }
    if !arguments.no_sqlite {
        against_sqlite(arguments, &corpus, &questions, &mut report).await?;
    }
    report.note(&format!(
        "Cache, new: no question was asked before; same: {SAME} questions over and over; kept: {KEPT}, all answers kept."
    ));
    report.note(&format!("The run took {} s.", began.elapsed().as_secs()));
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let title = format!(
        "{} documents, {} questions, {processors} processors shared by server and players",
        corpus.rows.len(),
        questions.len()
    );
    Ok(report.markdown(&title))
}

async fn import(product: &Product, arguments: &Arguments, rows: &[corpus::Row], report: &mut Report) -> Outcome<()> {
    say("Importing");
    let file = |name: &str| arguments.folder.join(name).to_string_lossy().into_owned();
    product.run(&["import", "schools", &file("schools.csv")])?;
    let (cost, said) = product.run(&["import", "practices", &file("practices.jsonl")])?;
    let expected = format!("{} practices were added", rows.len());
    if !said.starts_with(&expected) {
        return Err(format!("not every practice was imported: {said}").into());
    }
    let (wall, cpu) = (cost.wall.as_secs_f64(), cost.cpu.as_secs_f64());
    let database = megabytes(&product.database());
    report.once("Import from JSON Lines", &format!("{wall:.0} s, {cpu:.1} CPU s; database {database:.0} MB"));
    Database::open(product).await?.set_days(rows).await
}

async fn index(product: &Product, report: &mut Report) -> Outcome<Server> {
    say("Indexing");
    let (server, cost) = product.serve(PATIENCE).await?;
    let detail = format!(" in {:.0} s, reading from the database included", cost.wall.as_secs_f64());
    report.once_with_bar("Index made", cost.cpu.as_secs_f64(), "CPU s", &detail, 25.0);
    report.once("Index on disk", &format!("{:.0} MB", megabytes(&product.data().join("index"))));
    report.once("Server after indexing", &proc::memory(server.pid())?.to_string());
    let before = server.cpu()?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let idle = (server.cpu()?.saturating_sub(before)).as_secs_f64() * 1e3 / 3.0;
    report.once("Server at rest", &format!("{idle:.1} ms CPU a second"));
    Ok(server)
}

/// Plays our server; hands back the totals of the first questions.
async fn ours(server: &Server, questions: &Arc<Vec<Question>>, report: &mut Report) -> Outcome<Vec<(usize, u64)>> {
    let totals = totals(server, questions).await?;
    let list = questions.len() as u64;
    let mut fresh = 0;
    for clients in [1, 8, 32] {
        let played = ask(server, clients, fresh, NEW, questions, "/api/v1/practices", "all").await?;
        fresh = played.next;
        report.requests("API, match=all", "new", &played, Some(1.2));
    }
    let played = ask(server, 8, fresh, NEW, questions, "/search", "all").await?;
    fresh = played.next;
    report.requests("Page /search, match=all", "new", &played, Some(1.5));
    // The other rule is another question: the numbers begin again.
    let played = ask(server, 8, 0, NEW, questions, "/api/v1/practices", "auto").await?;
    report.requests("API, match=auto", "new", &played, None);
    if fresh > list * PASSES.len() as u64 {
        report.note("The list of questions was too short: some of the new ones were asked twice. Give a longer one.");
    }

    for clients in [1, 8, 32] {
        let played = steady(server, clients, "", questions, "/api/v1/practices", SAME).await?;
        report.requests("API, match=all", "same", &played, None);
    }
    let played = steady(server, 8, "", questions, "/api/v1/practices", KEPT).await?;
    report.requests("API, match=all", "kept", &played, None);
    let played = steady(server, 8, "", questions, "/search", KEPT).await?;
    report.requests("Page /search, match=all", "kept", &played, None);
    let played = steady(server, 8, "accept-encoding: gzip\r\n", questions, "/search", KEPT).await?;
    report.requests("Page /search, gzip", "kept", &played, None);

    let typed = Arc::clone(questions);
    let path = move |nth: u64| {
        let text = &typed[place(nth, list)].text;
        let letters = 2 + place(nth * 7, 12);
        format!("/api/v1/suggest?q={}", encode(&text.chars().take(letters).collect::<String>()))
    };
    let visitors = Visitor::several(8, || server.client(), path);
    let played = play(visitors, 0, STEADY, || server.cpu()).await?;
    report.requests("API /suggest, 2 to 13 letters", "new", &played, Some(0.15));
    let played =
        play(Visitor::several(8, || server.client(), |_| "/healthz".to_owned()), 0, STEADY, || server.cpu()).await?;
    report.requests("/healthz: the house alone", "", &played, None);

    let memory = proc::memory(server.pid())?;
    report.once_with_bar("Server after all questions", memory.resident, "MB", &format!(": {memory}"), 250.0);
    Ok(totals)
}

/// Questions that were not asked before.
async fn ask(
    server: &Server,
    clients: usize,
    first: u64,
    bounds: Bounds,
    questions: &Arc<Vec<Question>>,
    base: &'static str,
    matching: &'static str,
) -> Outcome<Played> {
    say(&format!("{base}, {clients} clients, new questions, match={matching}"));
    let all = Arc::clone(questions);
    let path = move |nth: u64| {
        let list = all.len() as u64;
        // A second pass asks for pages of another length: another answer, on average as long.
        let limit = PASSES[place(nth / list, PASSES.len() as u64)];
        address(base, &all[place(nth, list)], matching, limit)
    };
    play(Visitor::several(clients, || server.client(), path), first, bounds, || server.cpu()).await
}

/// Lengths of the page in each pass over the list of new questions.
const PASSES: [u32; 21] = [20, 19, 21, 18, 22, 17, 23, 16, 24, 15, 25, 14, 26, 13, 27, 12, 28, 11, 29, 10, 30];

/// The same questions over and over.
async fn steady(
    server: &Server,
    clients: usize,
    headers: &str,
    questions: &Arc<Vec<Question>>,
    base: &'static str,
    few: u64,
) -> Outcome<Played> {
    say(&format!("{base}, {clients} clients, the same questions"));
    let all = Arc::clone(questions);
    let path = move |nth: u64| address(base, &all[place(nth % few, all.len() as u64)], "all", 20);
    let client = || Client::new(server.address, headers);
    play(Visitor::several(clients, client, path), 0, STEADY, || server.cpu()).await
}

/// How many practices the server finds for the first questions that every engine reads alike.
async fn totals(server: &Server, questions: &[Question]) -> Outcome<Vec<(usize, u64)>> {
    let mut client = server.client();
    let mut totals = Vec::new();
    for (at, question) in questions.iter().enumerate().filter(|(_, q)| q.plain).take(COMPARED) {
        let body = client.get(&address("/api/v1/practices", question, "all", 1)).await?;
        totals.push((at, total(body)?));
    }
    Ok(totals)
}

fn total(body: &[u8]) -> Outcome<u64> {
    let answer: serde_json::Value = serde_json::from_slice(body)?;
    Ok(answer["total"].as_u64().ok_or("an answer without a total")?)
}

async fn against_postgres(
    url: &str,
    corpus: &Corpus,
    questions: &Arc<Vec<Question>>,
    ours: &[(usize, u64)],
    report: &mut Report,
) -> Outcome<()> {
    say("Filling PostgreSQL");
    let began = Instant::now();
    let rival = postgres::Postgres::fill(url, corpus).await?;
    let cpu = || proc::family_cpu(rival.pid);
    report.once(
        "PostgreSQL filled and indexed",
        &format!(
            "{:.0} s, {:.0} CPU s; {:.0} MB",
            began.elapsed().as_secs_f64(),
            cpu()?.as_secs_f64(),
            rival.megabytes().await?
        ),
    );
    for clients in [1, 8] {
        say(&format!("PostgreSQL, {clients} clients"));
        let players = rival.players(clients, questions).await?;
        let played = play(players, 0, RIVAL, cpu).await?;
        report.requests("PostgreSQL: tsvector, pg_trgm", "no cache", &played, None);
    }
    let searcher = rival.players(1, questions).await?;
    let mut ratios = Vec::new();
    for (at, ours) in ours {
        let theirs = total(searcher[0].answer(&questions[*at]).await?.as_bytes())?;
        ratios.push((*ours + 1) as f64 / (theirs + 1) as f64);
    }
    ratios.sort_by(f64::total_cmp);
    let at = |share: f64| ratios.get((ratios.len() as f64 * share) as usize).copied().unwrap_or_default();
    report.note(&format!(
        "Practices found, ours to PostgreSQL's, over {} plain questions: median {:.2}, tenth {:.2}, ninetieth {:.2} of a hundred.",
        ratios.len(),
        at(0.5),
        at(0.1),
        at(0.9)
    ));
    Ok(())
}

async fn against_sqlite(
    arguments: &Arguments,
    corpus: &Corpus,
    questions: &Arc<Vec<Question>>,
    report: &mut Report,
) -> Outcome<()> {
    say("Filling SQLite FTS5");
    let cpu = || proc::cpu(std::process::id());
    let (began, before) = (Instant::now(), cpu()?);
    let file = arguments.folder.join("rival.sqlite");
    let rival = sqlite::Sqlite::fill(&file, corpus).await?;
    let used = cpu()?.saturating_sub(before).as_secs_f64();
    report.once(
        "SQLite FTS5 filled and indexed",
        &format!("{:.0} s, {used:.0} CPU s; {:.0} MB", began.elapsed().as_secs_f64(), megabytes(&file)),
    );
    for clients in [1, 8] {
        say(&format!("SQLite FTS5, {clients} clients"));
        let players = rival.players(clients, questions).await?;
        let played = play(players, 0, RIVAL, cpu).await?;
        report.requests("SQLite FTS5, in process, no typos", "no cache", &played, None);
    }
    Ok(())
}

fn address(base: &str, question: &Question, matching: &str, limit: u32) -> String {
    let star = if question.prefix { "*" } else { "" };
    let mut address = format!("{base}?q={}&match={matching}", encode(&format!("{}{star}", question.text)));
    for (name, values) in &question.filters {
        values.iter().for_each(|value| address += &format!("&{name}={}", encode(value)));
    }
    if question.newest {
        address += "&sort=newest";
    }
    if limit != 20 {
        address += &format!("&limit={limit}");
    }
    address
}

fn encode(text: &str) -> String {
    let byte = |b: u8| match b {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
        b' ' => "+".to_owned(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// `n` as a place in a list of `length`, going round.
fn place(n: u64, length: u64) -> usize {
    usize::try_from(n % length).unwrap_or(0)
}
