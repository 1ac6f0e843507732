//! The documents and questions, from the form of the generator into ours and into one that the rivals share.
//!
//! Values become codes of our vocabularies in the order in which they first appear; where there are more values than
//! codes, the codes start again. A state becomes a school in that state. Filters that the generator knows nothing of
//! (cost, staffing, ...) get a value by the number of the document, so that all filters of the product have to be counted.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Outcome;

/// Longest title, in characters.
const TITLE: usize = 80;
/// Most steps of a practice, and characters of the paragraph before them.
const STEPS: usize = 10;
const PROBLEM: usize = 350;

#[derive(Deserialize)]
struct Given {
    id: u64,
    title: String,
    summary: String,
    body: String,
    grade_bands: Vec<String>,
    subjects: Vec<String>,
    student_groups: Vec<String>,
    topic: String,
    sector: String,
    state: String,
    evidence_tier: String,
    date: String,
}

#[derive(Deserialize)]
struct GivenQuery {
    q: String,
    typo: bool,
    prefix: bool,
    filters: BTreeMap<String, Vec<String>>,
    sort: Option<String>,
}

/// A document as the rivals take it: the same texts and values, without the rest of a practice.
#[derive(Serialize)]
pub struct Row {
    pub id: u64,
    pub title: String,
    pub keywords: String,
    pub summary: String,
    pub body: String,
    pub topic: String,
    pub grade_band: Vec<String>,
    pub subject: Vec<String>,
    pub evidence: String,
    pub school: String,
    pub day: String,
}

/// A question, in words and codes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Question {
    pub text: String,
    /// The last word is a beginning.
    pub prefix: bool,
    pub newest: bool,
    pub filters: Vec<(&'static str, Vec<String>)>,
    /// No misspelling and no beginning: engines should find the same.
    pub plain: bool,
}

/// Everything a run needs, and the files it imports.
pub struct Corpus {
    pub rows: Vec<Row>,
    pub questions: Vec<Question>,
    /// Words of the documents and how many documents have each: the rivals' dictionary.
    pub lexicon: HashMap<String, u32>,
}

/// Reads at most `most` documents and all questions; writes `practices.jsonl` and `schools.csv` into `folder`.
pub fn convert(documents: &Path, questions: &Path, most: usize, folder: &Path) -> Outcome<Corpus> {
    let mut codes = Codes::new()?;
    let mut corpus = Corpus { rows: Vec::new(), questions: Vec::new(), lexicon: HashMap::new() };
    let mut practices = BufWriter::new(File::create(folder.join("practices.jsonl"))?);
    for line in BufReader::new(File::open(documents)?).lines().take(most) {
        let (practice, row) = practice(serde_json::from_str(&line?)?, &mut codes)?;
        serde_json::to_writer(&mut practices, &practice)?;
        practices.write_all(b"\n")?;
        let all = format!("{} {} {}", row.title, row.summary, row.body);
        for word in words(&all).collect::<HashSet<_>>() {
            *corpus.lexicon.entry(word).or_default() += 1;
        }
        corpus.rows.push(row);
    }
    practices.flush()?;
    if corpus.rows.is_empty() {
        return Err("the corpus is empty".into());
    }
    let given: Vec<GivenQuery> = serde_json::from_reader(BufReader::new(File::open(questions)?))?;
    let mut seen = HashSet::new();
    for query in given {
        let question = question(query, &mut codes)?;
        if seen.insert(question.clone()) {
            corpus.questions.push(question);
        }
    }
    if corpus.questions.is_empty() {
        return Err("there are no queries".into());
    }
    codes.write_schools(&folder.join("schools.csv"))?;
    Ok(corpus)
}

/// Folded words, as all engines cut them.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    let pieces = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    pieces.map(str::to_ascii_lowercase)
}

fn practice(given: Given, codes: &mut Codes) -> Outcome<(Value, Row)> {
    let id = given.id;
    let topic = codes.of("topic", &given.topic)?;
    let grades = codes.all_of("grade_band", &given.grade_bands)?;
    let subjects = codes.all_of("subject", &given.subjects)?;
    let groups = codes.all_of("student_group", &given.student_groups)?;
    let kind = codes.of("practice_type", &given.sector)?;
    let tier = codes.of("evidence_tier", &given.evidence_tier)?;
    let school = codes.school(&given.state);
    let setting = codes.nth("setting", id)?;
    let title = shorten(&given.title);
    let (problem, steps) = split(&given.body);
    let outcome = "Measured";

    let mut keywords = codes.labels(&[("topic", &topic), ("practice_type", &kind), ("setting", &setting)]);
    for (name, values) in [("grade_band", &grades), ("subject", &subjects), ("student_group", &groups)] {
        values.iter().for_each(|value| keywords.extend(codes.labels(&[(name, value)])));
    }
    keywords.push(school_name(&given.state));

    let mut record = json!({
        "source": format!("load:{id}"), "title": title, "summary": given.summary, "problem": problem,
        "steps": steps.iter().map(|what| json!({ "what": what })).collect::<Vec<_>>(),
        "topics": [topic], "grade_bands": grades, "subjects": subjects, "student_groups": groups,
        "practice_type": kind, "origin_school": nces_id(school),
        "evidence_claims": [{ "outcome": outcome, "tier": tier, "citation": "A study" }],
        "settings": [setting], "cost_band": codes.nth("cost_band", id)?,
        "time_to_start": codes.nth("time_to_start", id / 2)?, "weekly_time": codes.nth("weekly_time", id / 3)?,
        "staffing": [codes.nth("staffing", id)?, codes.nth("staffing", id / 5)?],
        "conditions": [codes.nth("condition", id)?], "result": codes.nth("result", id)?,
    });
    if title != given.title {
        // What the short title leaves out stays searchable.
        keywords.push(given.title.clone());
        record["original_name"] = json!(given.title);
    }
    let mut body = vec![problem.as_str()];
    body.extend(steps.iter().map(String::as_str));
    body.push(outcome);
    let row = Row {
        id,
        title,
        keywords: keywords.join(" \u{2022} "),
        summary: given.summary,
        body: body.join("\n"),
        topic,
        grade_band: grades,
        subject: subjects,
        evidence: tier,
        school: school_slug(&given.state),
        day: given.date,
    };
    Ok((record, row))
}

fn question(given: GivenQuery, codes: &mut Codes) -> Outcome<Question> {
    let mut filters = Vec::new();
    for (name, values) in given.filters {
        filters.push(match name.as_str() {
            "topic" => ("topic", codes.all_of("topic", &values)?),
            "grade_bands" => ("grade_band", codes.all_of("grade_band", &values)?),
            "subjects" => ("subject", codes.all_of("subject", &values)?),
            "evidence_tier" => ("evidence", codes.all_of("evidence_tier", &values)?),
            "state" => ("school", values.iter().map(|state| school_slug(state)).collect()),
            other => return Err(format!("nothing here is filtered by {other}").into()),
        });
    }
    Ok(Question {
        text: given.q,
        prefix: given.prefix,
        newest: given.sort.is_some(),
        filters,
        plain: !given.typo && !given.prefix,
    })
}

fn shorten(title: &str) -> String {
    if title.chars().count() <= TITLE {
        return title.to_owned();
    }
    let start: String = title.chars().take(TITLE + 1).collect();
    start.rsplit_once(' ').map_or_else(|| start.chars().take(TITLE).collect(), |(words, _)| words.to_owned())
}

/// The first sentences as the problem, the others as steps: all of the text within the caps of the record.
fn split(body: &str) -> (String, Vec<String>) {
    let mut parts = vec![String::new()];
    let steps = body.len().saturating_sub(PROBLEM) / (STEPS - 1);
    for sentence in body.split_inclusive(". ") {
        let enough = if parts.len() == 1 { PROBLEM } else { steps.max(200) };
        if let Some(part) = parts.last_mut()
            && part.len() < enough
        {
            part.push_str(sentence);
        } else {
            parts.push(sentence.to_owned());
        }
    }
    let mut parts = parts.into_iter().map(|part| part.trim().to_owned());
    (parts.next().unwrap_or_default(), parts.collect())
}

/// The vocabularies of the product, and what stands for what.
struct Codes {
    vocabularies: HashMap<String, Vec<(String, String)>>,
    given: HashMap<(&'static str, String), usize>,
    count: HashMap<&'static str, usize>,
    states: Vec<String>,
}

impl Codes {
    fn new() -> Outcome<Self> {
        let read: HashMap<String, Vec<Vec<String>>> =
            serde_json::from_str(include_str!("../../../src/platform/vocabularies.json"))?;
        let pair = |term: Vec<String>| {
            let mut parts = term.into_iter();
            Some((parts.next()?, parts.next()?))
        };
        let vocabularies =
            read.into_iter().map(|(name, terms)| (name, terms.into_iter().filter_map(pair).collect())).collect();
        Ok(Self { vocabularies, given: HashMap::new(), count: HashMap::new(), states: Vec::new() })
    }

    /// The code that stands for a value of the generator.
    fn of(&mut self, vocabulary: &'static str, value: &str) -> Outcome<String> {
        let count = self.count.entry(vocabulary).or_default();
        let at = *self.given.entry((vocabulary, value.to_owned())).or_insert_with(|| {
            *count += 1;
            *count - 1
        });
        self.nth(vocabulary, at as u64)
    }

    fn all_of(&mut self, vocabulary: &'static str, values: &[String]) -> Outcome<Vec<String>> {
        let mut codes = Vec::new();
        for value in values {
            let code = self.of(vocabulary, value)?;
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        Ok(codes)
    }

    /// The n-th code of a vocabulary, going round.
    fn nth(&self, vocabulary: &str, n: u64) -> Outcome<String> {
        let terms = self.vocabularies.get(vocabulary).filter(|terms| !terms.is_empty());
        let terms = terms.ok_or_else(|| format!("there is no vocabulary {vocabulary}"))?;
        Ok(terms[usize::try_from(n)? % terms.len()].0.clone())
    }

    fn labels(&self, values: &[(&str, &String)]) -> Vec<String> {
        let label = |(vocabulary, code): &(&str, &String)| {
            let terms = self.vocabularies.get(*vocabulary)?;
            terms.iter().find(|(c, _)| c == *code).map(|(_, label)| label.clone())
        };
        values.iter().filter_map(label).collect()
    }

    fn school(&mut self, state: &str) -> usize {
        if let Some(at) = self.states.iter().position(|known| known == state) {
            return at;
        }
        self.states.push(state.to_owned());
        self.states.len() - 1
    }

    fn write_schools(&self, file: &Path) -> Outcome<()> {
        let mut out = BufWriter::new(File::create(file)?);
        out.write_all(
            b"ncessch,leaid,school_name,lea_name,city,state,grade_low,grade_high,charter,charter_source,school_type,locale,students,lat,lon\n",
        )?;
        for (at, state) in self.states.iter().enumerate() {
            let charter = if at % 5 == 0 { "Y" } else { "N" };
            let name = school_name(state);
            writeln!(out, "{},{:07},{name},{name},,{state},PK,12,{charter},CCD,,,{},,", nces_id(at), at + 1, 100 + at)?;
        }
        Ok(out.flush()?)
    }
}

/// One word, so that the names of schools do not decide what is found.
fn school_name(state: &str) -> String {
    format!("State{}", state.to_lowercase())
}

/// As the import makes it: name, no city, state.
fn school_slug(state: &str) -> String {
    format!("{}-{state}", school_name(state)).to_lowercase()
}

fn nces_id(school: usize) -> String {
    format!("{:012}", school + 1)
}
