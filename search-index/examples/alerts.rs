//! Measures watched queries: `alerts CORPUS.ndjson QUERIES.json [DOCUMENTS] [SEARCHES]`; `tests/load/alerts` starts it.
//!
//! The corpus but for its last hundred documents is indexed, searches are made of the queries (each in many variants, no two the
//! same) and watched; then the hundred come one after another, as a new practice does. Beside it, 1,000 of the searches are run
//! one by one for each of ten documents, which extrapolates to running all of them.

use std::collections::{BTreeMap, HashSet};
use std::io::BufRead;
use std::time::Instant;

use search_index::{
    Alternative, Clause, Document, Effort, Filter, Index, Matching, Options, Position, Query, Schema, Watches, grammar,
};
use serde_json::Value;

const FACETS: [&str; 5] = ["grade_bands", "subjects", "topic", "state", "evidence_tier"];
/// Documents that come new.
const NEW: usize = 100;
/// Searches run one by one, and for so many documents.
const SAMPLED: usize = 1_000;
const COMPARED: usize = 10;

type Failure = Box<dyn std::error::Error>;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a measurement is printed")]
fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [corpus, queries, rest @ ..] = arguments.as_slice() else {
        return Err("alerts CORPUS.ndjson QUERIES.json [DOCUMENTS] [SEARCHES]".into());
    };
    let number = |at: usize, otherwise: usize| rest.get(at).map_or(Ok(otherwise), |text| text.parse());
    let (documents, wanted) = (number(0, 100_000)?, number(1, 100_000)?);
    let folder = tempfile::tempdir()?;
    let schema = Schema { facets: FACETS.iter().map(|name| (*name).to_owned()).collect() };
    let index = Index::open_with(folder.path(), &schema, Options { cache_bytes: 0, verify: false })?.index;

    eprintln!("indexing");
    let mut lines = std::io::BufReader::new(std::fs::File::open(corpus)?).lines().take(documents);
    let mut writer = index.writer(Effort::bulk())?;
    let mut fresh: Vec<Document> = Vec::new();
    loop {
        let mut batch = std::mem::take(&mut fresh);
        let before = batch.len();
        for line in lines.by_ref().take(1_000) {
            batch.push(document(&serde_json::from_str(&line?)?));
        }
        let done = batch.len() == before;
        fresh = batch.split_off(batch.len().saturating_sub(NEW));
        writer.apply(batch, Vec::new())?;
        if done {
            break;
        }
    }
    writer.commit(&position(1))?;
    writer.compact()?;
    drop(writer);

    eprintln!("reading searches");
    let searches = searches(&serde_json::from_slice::<Vec<Value>>(&std::fs::read(queries)?)?, wanted);
    let (wall, cpu) = (Instant::now(), thread_cpu()?);
    let mut watches = Watches::default();
    for (number, query) in searches.iter().enumerate() {
        watches.put(u32::try_from(number)?, index.watch(query.clone())?);
        if number % 10_000 == 9_999 {
            eprintln!("{} watched, {} MB", number + 1, rss()?);
        }
    }
    let watching = (wall.elapsed().as_secs_f64(), thread_cpu()? - cpu);
    let held = rss()?;

    let mut writer = index.writer(Effort::default())?;
    let (mut walls, mut cpus, mut found) = (Vec::new(), Vec::new(), Vec::new());
    let (mut one_by_one, mut differ, mut compared) = (Vec::new(), 0, 0);
    for (at, document) in fresh.iter().enumerate() {
        writer.apply(vec![document.clone()], Vec::new())?;
        writer.commit(&position(at as i64 + 2))?;
        let (wall, cpu) = (Instant::now(), thread_cpu()?);
        let numbers = watches.matching(&index, document)?;
        walls.push(wall.elapsed().as_secs_f64() * 1e3);
        cpus.push((thread_cpu()? - cpu) * 1e3);
        found.push(numbers.len() as f64);
        if at < COMPARED {
            let numbers: HashSet<u32> = numbers.into_iter().collect();
            let cpu = thread_cpu()?;
            let mut alone = Vec::new();
            for number in (0..searches.len()).step_by((searches.len() / SAMPLED).max(1)) {
                if index.finds(&searches[number], &document.id)? {
                    alone.push(number);
                }
                compared += 1;
                let told = numbers.contains(&u32::try_from(number)?);
                differ += usize::from(told != (alone.last() == Some(&number)));
            }
            one_by_one.push((thread_cpu()? - cpu) * 1e3 / SAMPLED as f64 * searches.len() as f64);
        }
    }
    println!(
        "{} documents, {} searches, no two the same; {} new documents\n",
        index.count(),
        searches.len(),
        fresh.len()
    );
    println!("| What | p50 | p99 | max |\n|---|---|---|---|");
    for (what, mut figures, unit) in [
        ("Matching one new document, on the clock", walls, "ms"),
        ("Matching one new document, CPU", cpus, "ms"),
        ("Searches that find it", found, ""),
        ("Running every search instead, CPU (from 1,000 of them)", one_by_one, "ms"),
    ] {
        figures.sort_by(f64::total_cmp);
        let at = |share: f64| figures[((figures.len() - 1) as f64 * share).round() as usize];
        println!("| {what} | {:.1} {unit} | {:.1} {unit} | {:.1} {unit} |", at(0.5), at(0.99), at(1.0));
    }
    println!(
        "\nReading all searches at the start: {:.1} s on the clock, {:.1} CPU s; the process then holds {held} MB, the index included.",
        watching.0, watching.1
    );
    println!("Compared with running the search: {differ} of {compared} answers differ.");
    Ok(())
}

fn position(seq: i64) -> Position {
    Position { database: "bench".into(), seq, schema: 1 }
}

fn document(line: &Value) -> Document {
    let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let values = |name: &str| match &line[name] {
        Value::Array(all) => all.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
        Value::String(one) => vec![one.clone()],
        _ => Vec::new(),
    };
    Document {
        id: line["id"].to_string(),
        title: text("title"),
        summary: text("summary"),
        body: text("body"),
        facets: FACETS.iter().enumerate().map(|(i, name)| (i, values(name))).collect(),
        ..Document::default()
    }
}

/// So many searches, no two the same: each query as it is, with a word of another, with the filters of another; a tenth of the
/// words has another way to be said.
fn searches(queries: &[Value], wanted: usize) -> Vec<Query> {
    let mut chance = 42_u64;
    let mut roll = move |sides: usize| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) as usize % sides
    };
    let words = |value: &Value| -> Vec<String> {
        value["q"].as_str().unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    };
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    while all.len() < wanted {
        let (one, other) = (&queries[roll(queries.len())], &queries[roll(queries.len())]);
        let (mut text, mut filters, mut prefix) = (words(one), &one["filters"], one["prefix"] == true);
        match roll(4) {
            0 => {}
            1 => {
                let more = words(other);
                text.insert(0, more[roll(more.len())].clone());
            }
            2 => filters = &other["filters"],
            _ => {
                let last = words(other).pop().unwrap_or_default();
                text.pop();
                text.push(last);
                prefix = other["prefix"] == true;
            }
        }
        let filters: BTreeMap<String, Vec<String>> = serde_json::from_value(filters.clone()).unwrap_or_default();
        if !seen.insert((text.clone(), format!("{filters:?}"), prefix)) {
            continue;
        }
        let parsed = grammar::parse(&text.join(" "));
        let mut clauses: Vec<Clause> = parsed.terms.iter().map(|term| Clause::word(&term.typed)).collect();
        if let (Some(last), true) = (clauses.last_mut(), prefix) {
            last.prefix = true;
        }
        for clause in &mut clauses {
            if roll(10) == 0 {
                let said: Vec<String> = words(&queries[roll(queries.len())]);
                let said: Vec<&str> = said.iter().take(2).map(String::as_str).collect();
                clause.alternatives.push(Alternative::new(&said, 0.7));
            }
        }
        let place = |name: &str| FACETS.iter().position(|facet| *facet == name).unwrap_or_default();
        all.push(Query {
            clauses,
            matching: Matching::Auto { enough: 3 },
            filters: filters.into_iter().map(|(name, any_of)| Filter { facet: place(&name), any_of }).collect(),
            limit: 0,
            ..Query::default()
        });
    }
    all
}

/// CPU seconds of this thread, to a nanosecond.
fn thread_cpu() -> Result<f64, Failure> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = text.split_whitespace().next().unwrap_or_default().parse()?;
    Ok(nanoseconds / 1e9)
}

fn rss() -> Result<u64, Failure> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    Ok(line.split_whitespace().nth(1).unwrap_or_default().parse::<u64>()? / 1024)
}
