//! Measures an index over a corpus: `bench INDEX_DIR CORPUS.ndjson QUERIES.json [--rebuild] [--segments] [--verbose]`
//! (`--segments` leaves the segments of the load unmerged).
//!
//! Means are CPU time from `/proc`, so that a busy machine disturbs them little; single searches are wall time, for
//! the kernel accounts CPU time by the tick.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;
use std::time::Instant;

use search_index::{
    Clause, Document, Effort, FacetRequest, Filter, Health, Index, Matching, Options, Position, Query, Schema, Sort,
    grammar,
};
use serde_json::Value;

const FACETS: [&str; 5] = ["grade_bands", "subjects", "topic", "state", "evidence_tier"];

type Failure = Box<dyn std::error::Error>;

#[expect(clippy::print_stdout, reason = "a measurement is printed")]
fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [directory, corpus, queries, flags @ ..] = arguments.as_slice() else {
        return Err("bench INDEX_DIR CORPUS.ndjson QUERIES.json [--rebuild]".into());
    };
    let schema = Schema { facets: FACETS.iter().map(|name| (*name).to_owned()).collect() };
    let directory = Path::new(directory);
    if flags.iter().any(|flag| flag == "--rebuild") && directory.exists() {
        std::fs::remove_dir_all(directory)?;
    }
    for verify in [true, false] {
        let (wall, cpu) = (Instant::now(), process_cpu()?);
        let opened = Index::open_with(directory, &schema, Options { cache_bytes: 0, verify })?;
        println!(
            "open verify={verify}: {:?} wall, {:.0} ms CPU, {:?}",
            wall.elapsed(),
            (process_cpu()? - cpu) * 1e3,
            opened.health
        );
        if opened.health != Health::Sound {
            load(&opened.index, corpus, !flags.iter().any(|flag| flag == "--segments"))?;
        }
    }
    let index = Index::open_with(directory, &schema, Options { cache_bytes: 0, verify: false })?.index;
    println!("documents {}, RSS {} MB", index.count(), rss()?);
    let queries: Vec<(Query, bool, bool)> = read_queries(&std::fs::read(queries)?)?;
    for matching in [Matching::All, Matching::Auto { enough: 20 }] {
        run(&index, &queries, matching, flags.iter().any(|flag| flag == "--verbose"))?;
    }
    let cached = Index::open_with(directory, &schema, Options { cache_bytes: 64 << 20, verify: false })?.index;
    for (query, ..) in &queries {
        cached.search(query)?;
    }
    let cpu = thread_cpu()?;
    for _ in 0..50 {
        for (query, ..) in &queries {
            cached.search(query)?;
        }
    }
    println!("cached: {:.1} us per search", (thread_cpu()? - cpu) * 1e6 / (50 * queries.len()) as f64);
    drop(cached);
    println!("RSS after searching {} MB", rss()?);
    suggest_and_relate(&index, &queries)?;
    visible(&index)?;
    println!("RSS {} MB", rss()?);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a measurement is printed")]
fn load(index: &Index, corpus: &str, compact: bool) -> Result<(), Failure> {
    let (wall, cpu) = (Instant::now(), process_cpu()?);
    let mut reading = 0.0;
    let mut writer = index.writer(Effort::bulk())?;
    let mut lines = std::io::BufReader::new(std::fs::File::open(corpus)?).lines();
    loop {
        let before = thread_cpu()?;
        let mut batch = Vec::new();
        for line in lines.by_ref().take(1000) {
            batch.push(document(&serde_json::from_str(&line?)?));
        }
        reading += thread_cpu()? - before;
        if batch.is_empty() {
            break;
        }
        writer.apply(batch, Vec::new())?;
    }
    writer.commit(&Position { database: "bench".into(), seq: 1, schema: 1 })?;
    println!(
        "loaded {} in {:?}, {:.1} s CPU, of which {reading:.1} s reading JSON, RSS {} MB",
        index.count(),
        wall.elapsed(),
        process_cpu()? - cpu,
        rss()?
    );
    let cpu = process_cpu()?;
    if !compact {
        return Ok(());
    }
    writer.compact()?;
    println!("compacted, {:.1} s CPU", process_cpu()? - cpu);
    Ok(())
}

fn document(line: &Value) -> Document {
    let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let values = |name: &str| match &line[name] {
        Value::Array(all) => all.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
        Value::String(one) => vec![one.clone()],
        _ => Vec::new(),
    };
    let card = serde_json::json!({ "city": text("city"), "sector": text("sector"), "date": text("date"), "topic": text("topic") });
    Document {
        id: line["id"].to_string(),
        title: text("title"),
        keywords: String::new(),
        summary: text("summary"),
        body: text("body"),
        facets: FACETS.iter().enumerate().map(|(i, name)| (i, values(name))).collect(),
        date: line["date_num"].as_i64().unwrap_or_default(),
        popularity: line["popularity"].as_u64().unwrap_or_default(),
        card: card.to_string().into_bytes(),
    }
}

fn read_queries(bytes: &[u8]) -> Result<Vec<(Query, bool, bool)>, Failure> {
    let all: Vec<Value> = serde_json::from_slice(bytes)?;
    Ok(all.iter().map(|value| (query(value), value["typo"] == true, value["prefix"] == true)).collect())
}

fn query(value: &Value) -> Query {
    let parsed = grammar::parse(value["q"].as_str().unwrap_or_default());
    let mut clauses: Vec<Clause> = parsed.terms.iter().map(|term| Clause::word(&term.typed)).collect();
    if let (Some(last), true) = (clauses.last_mut(), value["prefix"] == true) {
        last.prefix = true;
    }
    let filters: BTreeMap<String, Vec<String>> = serde_json::from_value(value["filters"].clone()).unwrap_or_default();
    let place = |name: &str| FACETS.iter().position(|facet| *facet == name).unwrap_or_default();
    Query {
        clauses,
        filters: filters.into_iter().map(|(name, any_of)| Filter { facet: place(&name), any_of }).collect(),
        facets: (0..FACETS.len()).map(|facet| FacetRequest { facet, limit: 100 }).collect(),
        sort: if value["sort"].is_null() { Sort::Relevance } else { Sort::Newest },
        limit: 20,
        ..Query::default()
    }
}

#[expect(clippy::print_stdout, reason = "a measurement is printed")]
fn run(index: &Index, queries: &[(Query, bool, bool)], matching: Matching, verbose: bool) -> Result<(), Failure> {
    let queries: Vec<(Query, bool, bool)> =
        queries.iter().cloned().map(|(query, typo, prefix)| (Query { matching, ..query }, typo, prefix)).collect();
    for (query, ..) in &queries {
        index.search(query)?;
    }
    let (mut totals, mut most, mut empty) = (0, 0, 0);
    let mut kinds: BTreeMap<&str, (f64, usize)> = BTreeMap::new();
    let mut times = Vec::new();
    let cpu = thread_cpu()?;
    for round in 0..3 {
        for (query, typo, prefix) in &queries {
            let before = Instant::now();
            let found = index.search(query)?;
            let took = before.elapsed().as_secs_f64();
            times.push(took * 1e3);
            let kind = if *typo {
                "typo"
            } else if *prefix {
                "prefix"
            } else {
                "plain"
            };
            let entry = kinds.entry(kind).or_default();
            *entry = (entry.0 + took * 1e3, entry.1 + 1);
            if round == 0 {
                totals += found.total;
                most += usize::from(found.most);
                empty += usize::from(found.total == 0);
                if verbose {
                    let text: Vec<&str> = query.clauses.iter().map(|c| c.alternatives[0].words[0].as_str()).collect();
                    println!("{:>9.3} ms {:>7} {:?} {:?}", took * 1e3, found.total, text.join(" "), found.did_you_mean);
                }
            }
        }
    }
    let mean = (thread_cpu()? - cpu) * 1e3 / times.len() as f64;
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "{matching:?}: mean {mean:.3} ms CPU; wall p50 {:.3}, p95 {:.3}, p99 {:.3}, max {:.3}; mean total {}, empty {empty}, most {most}",
        at(0.5),
        at(0.95),
        at(0.99),
        at(1.0),
        totals / queries.len() as u64
    );
    let kinds: Vec<String> = kinds.iter().map(|(kind, (sum, n))| format!("{kind} {:.3}", sum / *n as f64)).collect();
    println!("  by kind: {}", kinds.join(", "));
    for (name, change) in [("no hits", 0), ("no facets", 1)] {
        let cpu = thread_cpu()?;
        for (query, ..) in &queries {
            let mut query = query.clone();
            if change == 0 {
                query.limit = 0
            } else {
                query.facets.clear()
            }
            index.search(&query)?;
        }
        println!("  {name}: {:.3} ms", (thread_cpu()? - cpu) * 1e3 / queries.len() as f64);
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a measurement is printed")]
fn suggest_and_relate(index: &Index, queries: &[(Query, bool, bool)]) -> Result<(), Failure> {
    let texts: Vec<String> = queries
        .iter()
        .map(|(query, ..)| {
            let words: Vec<&str> = query.clauses.iter().map(|c| c.alternatives[0].words[0].as_str()).collect();
            let text: String = words.join(" ").chars().take(12).collect();
            text
        })
        .collect();
    let cpu = thread_cpu()?;
    let mut titles = 0;
    for text in &texts {
        for length in [1, 3, 6, 12] {
            titles += index.suggest(&text.chars().take(length).collect::<String>(), 8)?.titles.len();
        }
    }
    let took = (thread_cpu()? - cpu) * 1e3 / (texts.len() * 4) as f64;
    println!("suggest: {took:.4} ms CPU, {:.1} titles", titles as f64 / (texts.len() * 4) as f64);
    let cpu = thread_cpu()?;
    for id in (1..=500).map(|n| (n * 7).to_string()) {
        index.related(&id, 5)?;
    }
    println!("related: {:.3} ms CPU", (thread_cpu()? - cpu) * 1e3 / 500.0);
    let browse = Query { limit: 20, facets: queries[0].0.facets.clone(), ..Query::default() };
    let cpu = thread_cpu()?;
    for _ in 0..50 {
        index.search(&browse)?;
    }
    println!("browse all: {:.3} ms CPU", (thread_cpu()? - cpu) * 1e3 / 50.0);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a measurement is printed")]
fn visible(index: &Index) -> Result<(), Failure> {
    let mut writer = index.writer(Effort::default())?;
    let (mut walls, cpu) = (Vec::new(), process_cpu()?);
    for n in 0..40 {
        let wall = Instant::now();
        let document = Document { id: format!("new-{n}"), title: format!("zzyzx{n} tutoring"), ..Document::default() };
        writer.apply(vec![document], Vec::new())?;
        writer.commit(&Position { database: "bench".into(), seq: 2 + n, schema: 1 })?;
        let query = Query { clauses: vec![Clause::word(&format!("zzyzx{n}"))], limit: 1, ..Query::default() };
        if index.search(&query)?.total != 1 {
            return Err("a new document is not visible".into());
        }
        walls.push(wall.elapsed().as_secs_f64() * 1e3);
    }
    walls.sort_by(f64::total_cmp);
    let cpu = (process_cpu()? - cpu) * 1e3 / walls.len() as f64;
    println!("visible: p50 {:.1} ms wall, max {:.1}, {cpu:.1} ms CPU", walls[walls.len() / 2], walls[walls.len() - 1]);
    writer.apply(Vec::new(), (0..40).map(|n| format!("new-{n}")).collect())?;
    writer.commit(&Position { database: "bench".into(), seq: 99, schema: 1 })?;
    writer.compact()?;
    Ok(())
}

/// CPU seconds of this thread, to a nanosecond.
fn thread_cpu() -> Result<f64, Failure> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = text.split_whitespace().next().unwrap_or_default().parse()?;
    Ok(nanoseconds / 1e9)
}

/// CPU seconds of all threads, ended ones included, to a hundredth.
fn process_cpu() -> Result<f64, Failure> {
    let text = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
    Ok(ticks / 100.0)
}

fn rss() -> Result<u64, Failure> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    Ok(line.split_whitespace().nth(1).unwrap_or_default().parse::<u64>()? / 1024)
}
