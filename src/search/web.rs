//! The search page, the front page, and what explains them.

use std::collections::BTreeMap;
use std::sync::Arc;

use poem::web::Data;
use poem::{Request, Response, handler};

use super::entry::{CompactCard, FacetSpec, Place, PracticeCard, SchoolCard, SessionCard};
use super::question::encode;
use super::views::front::{About, Help, Home, TOPIC_GROUPS, TopicGroup, WordMeaning};
use super::views::{
    Chip, Choice, CompactHit, Facet, FacetValue, Hidden, SchoolHit, SearchPage, SessionHit, Understood,
};
use super::{Answer, FacetCount, Kind, Match, Question, Search, Sort, words};
use crate::platform::vocabulary::{self, License};
use crate::platform::{Actor, Db};
use crate::web::site::{Site, page};
use crate::web::views::{
    CountedLink, Link, PracticeCard as CardView, ResultMark, SchoolLine, Section, Sector, SectorCount, UsedBy,
};

/// `/search`
#[handler]
pub async fn search_view(
    request: &Request,
    db: Data<&Db>,
    search: Data<&Arc<Search>>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let query = request.uri().query().unwrap_or_default();
    let parameters = parameters(query);
    let pairs = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let question = Question::read(Kind::Practice, pairs);
    let cx = db.cx(Actor::Visitor);
    let answer = search.practices(&cx, &question).await?;
    let (schools, sessions, compacts) = if question.text.is_empty() || question.cursor.is_some() {
        (None, None, None)
    } else {
        let asked = Question { text: question.text.clone(), limit: 3, matching: Match::All, ..Question::default() };
        let (schools, sessions) = (search.schools(&cx, &asked).await?, search.sessions(&cx, &asked).await?);
        (Some(schools), Some(sessions), Some(search.compacts(&cx, &asked).await?))
    };
    let nearest =
        if answer.weak || answer.total == 0 { nearest_topics(&search, &cx, &question).await? } else { Vec::new() };
    let like = question.like.as_deref().and_then(|slug| search.school_named(slug));
    let mut view = SearchPage {
        chrome: site.chrome(&title(&question), "Practices of district and charter schools.", &question.url("/search")),
        query: question.text.clone(),
        total: answer.total,
        understood: answer.understood.iter().map(understood).collect(),
        did_you_mean: answer.did_you_mean.as_ref().map(|text| Link {
            text: text.clone(),
            url: Question { text: text.clone(), cursor: None, ..question.clone() }.url("/search"),
        }),
        weak: answer.weak,
        degraded: answer.degraded,
        facets: facets(&search, &question, &answer.facets, Place::First),
        more_facets: facets(&search, &question, &answer.facets, Place::More),
        chips: chips(&search, &question),
        clear_url: Question { text: question.text.clone(), limit: super::PAGE, ..Question::default() }.url("/search"),
        sorts: Sort::ALL.iter().map(|(sort, code, label)| choice(code, label, *sort == question.sort)).collect(),
        matches: Match::ALL.iter().map(|(m, code, label)| choice(code, label, *m == question.matching)).collect(),
        hidden: hidden(&question),
        cards: answer
            .hits
            .iter()
            .map(|hit| CardView {
                like: like.as_ref().map(|like| in_common(like, &hit.card)).unwrap_or_default(),
                ..card_view(&hit.card, hit.snippet_html.clone())
            })
            .collect(),
        next_url: answer.next.as_ref().map(|cursor| question.url_at("/search", cursor)),
        first_url: question.cursor.as_ref().map(|_| question.url("/search")),
        nearest_topics: nearest,
        ..SearchPage::default()
    };
    if let Some(schools) = schools {
        view.schools_url = (schools.total > 3).then(|| format!("/schools?q={}", encode(&question.text)));
        view.schools = schools.hits.into_iter().map(|hit| school_hit(&hit.card)).collect();
    }
    if let Some(sessions) = sessions {
        view.sessions_url = (sessions.total > 3).then(|| format!("/sessions?q={}", encode(&question.text)));
        view.sessions = sessions.hits.into_iter().map(|hit| session_hit(hit.card)).collect();
    }
    if let Some(compacts) = compacts {
        view.compacts = compacts.hits.into_iter().map(|hit| compact_hit(hit.card)).collect();
    }
    view.chrome.section = Section::Search;
    view.chrome.own_search = true;
    // A page of filters is no page to find by: only the words are.
    view.chrome.noindex = !question.filters.is_empty() || question.cursor.is_some();
    page(request.headers(), &view)
}

/// `/`
#[handler]
pub async fn home_view(
    request: &Request,
    db: Data<&Db>,
    search: Data<&Arc<Search>>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(Actor::Visitor);
    let recent = Question { sort: Sort::Newest, limit: 4, ..Question::default() };
    let recent = search.practices(&cx, &recent).await?;
    let mut stopped = Question { sort: Sort::Newest, limit: 2, ..Question::default() };
    stopped.filter(Kind::Practice, "result", "stopped");
    let stopped = search.practices(&cx, &stopped).await?;
    let topics: BTreeMap<&str, &FacetCount> =
        counts(&recent, "topic").iter().map(|count| (count.value.as_str(), count)).collect();
    let link = |name: &str, count: &FacetCount| CountedLink {
        text: count.label.clone(),
        url: format!("/search?{name}={}", encode(&count.value)),
        count: count.count,
    };
    let groups = TOPIC_GROUPS.iter().map(|(heading, codes)| TopicGroup {
        heading: (*heading).to_owned(),
        topics: codes.iter().filter_map(|code| topics.get(code)).map(|count| link("topic", count)).collect(),
    });
    let mut view = Home {
        chrome: site.chrome(
            "practices that district and charter schools share",
            "Search practices that district and charter schools share: what they do, what changed, and what it took.",
            "/",
        ),
        practices: recent.total,
        schools: sector_counts(&recent),
        examples: EXAMPLES
            .iter()
            .map(|text| Link { text: (*text).to_owned(), url: format!("/search?q={}", encode(text)) })
            .collect(),
        topic_groups: groups.filter(|group| !group.topics.is_empty()).collect(),
        grade_bands: in_order("grade_band", counts(&recent, "grade_band"))
            .iter()
            .map(|c| link("grade_band", c))
            .collect(),
        recent: recent.hits.iter().map(|hit| card_view(&hit.card, String::new())).collect(),
        stopped: stopped.hits.iter().map(|hit| card_view(&hit.card, String::new())).collect(),
    };
    view.chrome.section = Section::Home;
    view.chrome.own_search = true;
    page(request.headers(), &view)
}

/// Searches to try; each finds something in the demo city.
const EXAMPLES: [&str; 4] = [
    "how do I stop kids from talking over me in class",
    "ELL science vocabulary",
    "alternatives to suspension",
    "new student in the middle of the year",
];

/// `/about`
#[handler]
pub async fn about_view(
    request: &Request,
    db: Data<&Db>,
    search: Data<&Arc<Search>>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let answer = search.overview(&db.cx(Actor::Visitor), Kind::Practice).await?;
    let license = License::default();
    let mut view = About {
        chrome: site.chrome("About", "What Common Ground is, for whom, and what it is not.", "/about"),
        practices: answer.total,
        schools: sector_counts(&answer),
        license: Link { text: license.label().to_owned(), url: license.url().to_owned() },
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    view.chrome.section = Section::About;
    page(request.headers(), &view)
}

/// `/help`
#[handler]
pub async fn help_view(request: &Request, search: Data<&Arc<Search>>, site: Data<&Site>) -> poem::Result<Response> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (word, meanings) in words::acronyms() {
        all.entry(word).or_default().extend(meanings);
    }
    for (word, meanings) in search.synonyms().iter() {
        let known = all.entry(word.to_uppercase()).or_default();
        known.extend(meanings.iter().filter(|meaning| !known.contains(meaning)).cloned().collect::<Vec<_>>());
    }
    let mut grades: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (word, label) in words::grade_words() {
        grades.entry(label).or_default().push(word);
    }
    let mut view = Help {
        chrome: site.chrome(
            "Help",
            "How the search works, which words it understands, and how practices get in.",
            "/help",
        ),
        words: all.into_iter().map(|(typed, meanings)| WordMeaning { typed, meanings }).collect(),
        grade_words: vocabulary::terms("grade_band")
            .iter()
            .filter_map(|term| grades.remove(&term.label).map(|typed| (typed, term.label.clone())))
            .map(|(typed, label)| WordMeaning { typed: typed.join(", "), meanings: vec![label] })
            .collect(),
    };
    view.chrome.section = Section::Help;
    page(request.headers(), &view)
}

/// The parameters of an address, decoded; at most 500, more is nobody's search.
pub fn parameters(query: &str) -> Vec<(String, String)> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    pairs.into_iter().take(500).collect()
}

/// A practice in a list, as the templates take it.
pub fn card_view(card: &PracticeCard, snippet_html: String) -> CardView {
    let label = |name: &str, code: &str| {
        vocabulary::terms(name)
            .iter()
            .find(|term| term.code == code)
            .map_or_else(|| code.to_owned(), |t| t.label.clone())
    };
    CardView {
        title: card.title.clone(),
        url: format!("/practices/{}", card.slug),
        summary: card.summary.clone(),
        snippet_html,
        school: card.school.as_ref().map(school_line),
        grades: grades_in_words(&card.grade_bands),
        time_to_start: card.time_to_start.as_ref().map(|code| label("time_to_start", code)).unwrap_or_default(),
        evidence: card.evidence.iter().map(|code| label("evidence_tier", code)).collect(),
        used_by: used_by(card),
        result: card
            .result
            .as_ref()
            .map(|code| ResultMark { label: label("result", code), code: code.clone() })
            .unwrap_or_default(),
        imported: card.imported,
        like: String::new(),
    }
}

/// What the school of a practice has in common with another, in words: "Quillwater: grades K-2, under 250 students".
fn in_common(school: &SchoolCard, card: &PracticeCard) -> String {
    let Some(origin) = card.school.as_ref().filter(|origin| origin.id != school.id) else { return String::new() };
    let label = |vocabulary: &str, code: &str| {
        let term = vocabulary::terms(vocabulary).iter().find(|term| term.code == code)?;
        let (first, rest) = term.label.split_at_checked(1)?;
        Some(format!("{}{rest}", first.to_lowercase()))
    };
    let reason = |name: &&String| {
        let mut parts = name.split(':');
        match (parts.next()?, parts.next()?, parts.next()) {
            ("size", code, None) => label("size_band", code),
            ("share", group, Some(band)) => {
                Some(format!("{} {}", label("share_band", band)?, label("student_group", group)?))
            }
            _ => None,
        }
    };
    let shared: Vec<&String> = school.traits.iter().filter(|name| origin.traits.contains(name)).collect();
    let grades: Vec<String> = shared.iter().filter_map(|name| name.strip_prefix("grade:")).map(str::to_owned).collect();
    let mut reasons: Vec<String> = shared.iter().filter_map(reason).collect();
    if !grades.is_empty() {
        reasons.insert(0, grades_in_words(&grades).replacen("Grades", "grades", 1));
    }
    if reasons.is_empty() { String::new() } else { format!("{}: {}", school.name, reasons.join(", ")) }
}

fn used_by(card: &PracticeCard) -> UsedBy {
    let count = |(code, used): (&String, &super::UsedBy)| SectorCount {
        sector: Sector { code: code.clone(), label: used.label.clone() },
        count: used.schools,
    };
    UsedBy { by_sector: card.used_by.iter().map(count).collect() }
}

/// A school in one line, as the templates take it.
pub fn school_line(school: &SchoolCard) -> SchoolLine {
    SchoolLine {
        name: school.name.clone(),
        url: format!("/schools/{}", school.slug),
        sector: school.sector.clone().map(|(code, label)| Sector { code, label }),
    }
}

/// "K-2", "Grades 3-5 and 6-8", "All grades".
pub fn grades_in_words(bands: &[String]) -> String {
    let terms = vocabulary::terms("grade_band");
    let labels: Vec<&str> = terms
        .iter()
        .filter(|term| bands.contains(&term.code))
        .map(|term| term.label.trim_start_matches("Grades "))
        .collect();
    match labels.as_slice() {
        [] => String::new(),
        all if all.len() == terms.len() => "All grades".to_owned(),
        ["Pre-K"] => "Pre-K".to_owned(),
        [one] => format!("Grades {one}"),
        [rest @ .., last] => format!("Grades {} and {last}", rest.join(", ")),
    }
}

fn school_hit(school: &SchoolCard) -> SchoolHit {
    let grades = if school.grades.is_empty() { String::new() } else { format!("Grades {}", school.grades) };
    SchoolHit { school: school_line(school), grades, place: school.place.clone() }
}

fn session_hit(session: SessionCard) -> SessionHit {
    let link = Link { text: session.title, url: format!("/sessions/{}", session.id) };
    SessionHit { link, when: session.when, hosts: session.hosts }
}

fn compact_hit(compact: CompactCard) -> CompactHit {
    let link = Link { text: compact.name, url: format!("/compacts/{}", compact.slug) };
    CompactHit { link, kind: compact.kind, city: compact.city }
}

fn title(question: &Question) -> String {
    if question.text.is_empty() {
        "Practices".to_owned()
    } else {
        format!("Practices for \u{201c}{}\u{201d}", question.text)
    }
}

fn understood(word: &super::Understood) -> Understood {
    Understood { typed: word.typed.clone(), meanings: word.meanings.clone() }
}

fn choice(value: &str, label: &str, selected: bool) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned(), selected }
}

fn hidden(question: &Question) -> Vec<Hidden> {
    let mut hidden: Vec<Hidden> = Vec::new();
    for spec in Kind::Practice.facets().iter().filter(|spec| spec.place == Place::Hidden) {
        for value in question.filters.get(spec.name).into_iter().flatten() {
            hidden.push(Hidden { name: spec.name.to_owned(), value: value.clone() });
        }
    }
    hidden.extend(question.like.iter().map(|like| Hidden { name: "like".to_owned(), value: like.clone() }));
    hidden
}

fn chips(search: &Search, question: &Question) -> Vec<Chip> {
    let mut chips = Vec::new();
    for spec in Kind::Practice.facets() {
        for value in question.filters.get(spec.name).into_iter().flatten() {
            chips.push(Chip {
                filter: spec.label.to_owned(),
                text: search.label(spec, value),
                remove_url: question.without(spec.name, value).url("/search"),
            });
        }
    }
    if let Some(like) = &question.like {
        let name = search.school_named(like).map_or_else(|| like.clone(), |school| school.name);
        let without = Question { like: None, cursor: None, ..question.clone() };
        chips.push(Chip { filter: "Schools like".to_owned(), text: name, remove_url: without.url("/search") });
    }
    chips
}

fn facets(
    search: &Search,
    question: &Question,
    counted: &[(&'static FacetSpec, Vec<FacetCount>)],
    place: Place,
) -> Vec<Facet> {
    let mut facets = Vec::new();
    for (spec, values) in counted.iter().filter(|(spec, _)| spec.place == place) {
        let chosen = question.filters.get(spec.name).map(Vec::as_slice).unwrap_or_default();
        let mut values: Vec<FacetCount> = values.clone();
        for value in chosen.iter().filter(|value| !values.iter().any(|v| &&v.value == value)).collect::<Vec<_>>() {
            values.push(FacetCount { value: value.clone(), label: search.label(spec, value), count: 0 });
        }
        if let Some(vocabulary) = spec.vocabulary.filter(|_| ORDERED.contains(&spec.name)) {
            values = in_order(vocabulary, &values);
        }
        let values = values
            .into_iter()
            .map(|v| FacetValue { checked: chosen.contains(&v.value), value: v.value, label: v.label, count: v.count })
            .collect();
        facets.push(Facet { name: spec.name.to_owned(), label: spec.label.to_owned(), values });
    }
    facets.retain(|facet| !facet.values.is_empty());
    facets
}

/// Filters whose values have an order of their own; the others stand by count.
const ORDERED: [&str; 5] = ["grade_band", "cost_band", "time_to_start", "weekly_time", "evidence"];

fn in_order(vocabulary: &str, values: &[FacetCount]) -> Vec<FacetCount> {
    let terms = vocabulary::terms(vocabulary);
    let mut values = values.to_vec();
    values.sort_by_key(|value| terms.iter().position(|term| term.code == value.value));
    values
}

fn counts<'a, C>(answer: &'a Answer<C>, name: &str) -> &'a [FacetCount] {
    answer.facets.iter().find(|(spec, _)| spec.name == name).map(|(_, values)| values.as_slice()).unwrap_or_default()
}

fn sector_counts<C>(answer: &Answer<C>) -> Vec<SectorCount> {
    counts(answer, "sector")
        .iter()
        .map(|count| SectorCount {
            sector: Sector { code: count.value.clone(), label: count.label.clone() },
            count: count.count,
        })
        .collect()
}

/// Topics of what comes closest to the words, for a search that found nothing good (F-5).
async fn nearest_topics(
    search: &Search,
    cx: &crate::platform::Cx,
    question: &Question,
) -> crate::platform::Result<Vec<CountedLink>> {
    let any = Question { text: question.text.clone(), matching: Match::Any, limit: 1, ..Question::default() };
    let answer = search.practices_unnoted(cx, &any).await?;
    let topics = counts(&answer, "topic").iter().take(5).map(|count| CountedLink {
        text: count.label.clone(),
        url: format!("/search?topic={}", encode(&count.value)),
        count: count.count,
    });
    Ok(topics.collect())
}
