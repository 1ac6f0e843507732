//! `GET /practices`, `GET /schools`, `GET /suggest`.

use std::sync::Arc;

use poem::IntoResponse;
use poem_openapi::param::Query;
use poem_openapi::payload::Payload;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use serde::Serialize;

use super::entry::{PracticeCard, SchoolCard};
use super::{Answer, FacetCount, Hit, Kind, Match, Question, Search, Sort};
use crate::api::{Group, Refused, Written, next_link};
use crate::platform::{Actor, Db};

/// Search over JSON.
pub struct SearchApi {
    db: Db,
    search: Arc<Search>,
    base_url: Arc<str>,
}

impl SearchApi {
    /// The operations on this database and this search.
    pub fn new(db: Db, search: Arc<Search>, base_url: Arc<str>) -> Self {
        Self { db, search, base_url }
    }
}

/// Which documents count as found.
#[derive(Clone, Copy, Debug, Default, Enum)]
#[oai(rename_all = "snake_case", rename = "Match")]
pub enum MatchParameter {
    /// All words while enough practices have them all, then most.
    #[default]
    Auto,
    /// Every word.
    All,
    /// Any word.
    Any,
}

/// The order of results.
#[derive(Clone, Copy, Debug, Default, Enum)]
#[oai(rename_all = "snake_case", rename = "Sort")]
pub enum SortParameter {
    /// Best match first.
    #[default]
    Relevance,
    /// Newest first.
    Newest,
    /// Used by most schools first.
    MostUsed,
}

/// One page of an answer.
#[derive(Debug, Object, Serialize)]
#[oai(example)]
pub struct PracticeList {
    /// How many practices match, exactly.
    pub total: u64,
    /// This page of them.
    pub items: Vec<PracticeItem>,
    /// Counts by filter. Each ignores the filter's own selection and respects all others.
    pub facets: std::collections::BTreeMap<String, Vec<FacetItem>>,
    /// The words in another spelling, when some of them are unknown.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub did_you_mean: Option<String>,
    /// Words that were read as something: synonyms, grade words, acronyms.
    pub understood: Vec<UnderstoodItem>,
    /// Nothing found says all of what was asked.
    pub weak: bool,
    /// The index is being made again: practices may be missing for a moment.
    pub degraded: bool,
    /// How long the search took, in milliseconds.
    pub took_ms: f64,
    /// Cursor of the next page; absent on the last.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A practice in a list.
#[derive(Debug, Object, Serialize)]
pub struct PracticeItem {
    /// Its id.
    pub id: String,
    /// Its name in addresses.
    pub slug: String,
    /// Its page.
    pub url: String,
    /// Its title.
    pub title: String,
    /// What they do; what changes.
    pub summary: String,
    /// Where it began.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub school: Option<SchoolRef>,
    /// Codes of its grade bands.
    pub grade_bands: Vec<String>,
    /// Codes of its topics.
    pub topics: Vec<String>,
    /// Code of the time it takes to start.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_to_start: Option<String>,
    /// Codes of the tiers of its evidence claims, strongest first; each belongs to an outcome, see the practice.
    pub evidence: Vec<String>,
    /// `worked`, `mixed` or `stopped`.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// Schools that use it, by sector.
    pub used_by: std::collections::BTreeMap<String, u64>,
    /// It came from a file and nobody here has reviewed it.
    pub imported: bool,
    /// The passage that matches: escaped HTML with `<mark>`.
    pub snippet: String,
    /// Comparable within one answer only.
    pub score: f64,
}

/// The school of a practice.
#[derive(Debug, Object, Serialize)]
pub struct SchoolRef {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Code of its sector; absent when the source does not say.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
}

/// One value of a filter.
#[derive(Debug, Object, Serialize)]
#[oai(rename = "FacetValue")]
pub struct FacetItem {
    /// Its code, as the filter takes it.
    pub value: String,
    /// Its name.
    pub label: String,
    /// Results with it.
    pub count: u64,
}

/// A word and what it was read as.
#[derive(Debug, Object, Serialize)]
#[oai(rename = "Understood")]
pub struct UnderstoodItem {
    /// As typed.
    pub typed: String,
    /// What the search also looked for.
    pub meanings: Vec<String>,
}

/// One page of schools.
#[derive(Debug, Object, Serialize)]
pub struct SchoolList {
    /// How many schools match, exactly.
    pub total: u64,
    /// This page of them.
    pub items: Vec<SchoolItem>,
    /// Counts by filter.
    pub facets: std::collections::BTreeMap<String, Vec<FacetItem>>,
    /// The words in another spelling, when some of them are unknown.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub did_you_mean: Option<String>,
    /// How long the search took, in milliseconds.
    pub took_ms: f64,
    /// Cursor of the next page; absent on the last.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A school in a list.
#[derive(Debug, Object, Serialize)]
pub struct SchoolItem {
    /// Its id.
    pub id: String,
    /// Its name in addresses.
    pub slug: String,
    /// Its page.
    pub url: String,
    /// Its name.
    pub name: String,
    /// Code of its sector; absent when the source does not say.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// Its grades: "K–5"; empty when unknown.
    pub grades: String,
    /// Neighborhood, city, state.
    pub place: String,
}

/// What continues the text typed so far.
#[derive(Debug, Object, Serialize)]
#[oai(example)]
pub struct SuggestionList {
    /// Practices and schools by title, then words.
    pub items: Vec<SuggestionItem>,
}

/// One continuation.
#[derive(Debug, Object, Serialize)]
#[oai(rename = "Suggestion")]
pub struct SuggestionItem {
    /// `practice`, `school`, `session` or `search`.
    pub kind: String,
    /// What to show.
    pub text: String,
    /// Where it leads.
    pub url: String,
}

/// A list with the address of its next page.
#[derive(ApiResponse)]
pub enum Page<P: Payload + IntoResponse> {
    /// The page.
    #[oai(status = 200)]
    Ok(
        P,
        /// The next page (RFC 8288, `rel="next"`).
        #[oai(header = "Link")]
        Option<String>,
    ),
}

#[OpenApi(prefix_path = "/api/v1")]
impl SearchApi {
    /// Search practices
    ///
    /// A filter may repeat: any of its values. Different filters: all of them. A value that no practice has finds
    /// nothing. Words in quotation marks must follow each other, a word after `-` must be absent, `OR` joins its
    /// two neighbours, and the last word may be unfinished with `*`. Nothing typed is an error; at most 256
    /// characters and 32 words are read.
    #[oai(path = "/practices", method = "get", tag = "Group::Practices", operation_id = "search_practices")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the address")]
    async fn practices(
        &self,
        /// The words, as a person types them.
        q: Query<Option<String>>,
        /// Code of a topic.
        #[oai(default)]
        topic: Query<Vec<String>>,
        /// Code of a grade band.
        #[oai(default)]
        grade_band: Query<Vec<String>>,
        /// Code of a student group.
        #[oai(default)]
        student_group: Query<Vec<String>>,
        /// Code of a subject.
        #[oai(default)]
        subject: Query<Vec<String>>,
        /// Code of a kind of practice.
        #[oai(default)]
        practice_type: Query<Vec<String>>,
        /// Code of a setting.
        #[oai(default)]
        setting: Query<Vec<String>>,
        /// Code of a cost band.
        #[oai(default)]
        cost_band: Query<Vec<String>>,
        /// Code of a time to start.
        #[oai(default)]
        time_to_start: Query<Vec<String>>,
        /// Code of a weekly time.
        #[oai(default)]
        weekly_time: Query<Vec<String>>,
        /// Code of who it takes.
        #[oai(default)]
        staffing: Query<Vec<String>>,
        /// Code of what has to be true.
        #[oai(default)]
        condition: Query<Vec<String>>,
        /// Code of an evidence tier that some outcome has.
        #[oai(default)]
        evidence: Query<Vec<String>>,
        /// Code of the sector of the school where it began.
        #[oai(default)]
        sector: Query<Vec<String>>,
        /// Id or name in addresses of the school where it began.
        #[oai(default)]
        school: Query<Vec<String>>,
        /// Neighborhood of the school where it began.
        #[oai(default)]
        neighborhood: Query<Vec<String>>,
        /// `worked`, `mixed` or `stopped`.
        #[oai(default)]
        result: Query<Vec<String>>,
        /// A school, by its name in addresses: practices of schools like it come first.
        like: Query<Option<String>>,
        /// Which practices count as found.
        r#match: Query<Option<MatchParameter>>,
        /// The order.
        sort: Query<Option<SortParameter>>,
        /// Results on a page.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<usize>>,
        /// `next` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Page<Written<PracticeList>>, Refused> {
        let mut question = Question {
            text: typed(q.0),
            matching: matching(r#match.0),
            sort: order(sort.0),
            limit: limit.0.unwrap_or(super::PAGE),
            cursor: cursor.0.filter(|cursor| !cursor.is_empty()),
            like: like.0.map(|like| super::question::clean(&like)).filter(|like| !like.is_empty()),
            ..Question::default()
        };
        let filters = [
            ("topic", topic.0),
            ("grade_band", grade_band.0),
            ("student_group", student_group.0),
            ("subject", subject.0),
            ("practice_type", practice_type.0),
            ("setting", setting.0),
            ("cost_band", cost_band.0),
            ("time_to_start", time_to_start.0),
            ("weekly_time", weekly_time.0),
            ("staffing", staffing.0),
            ("condition", condition.0),
            ("evidence", evidence.0),
            ("sector", sector.0),
            ("school", school.0),
            ("neighborhood", neighborhood.0),
            ("result", result.0),
        ];
        for (name, values) in filters {
            values.iter().for_each(|value| question.filter(Kind::Practice, name, value));
        }
        let answer = self.search.practices(&self.db.cx(Actor::Visitor), &question).await?;
        let next = answer.next.as_ref().map(|cursor| question.url_at("/api/v1/practices", cursor));
        let list = self.practice_list(answer);
        Ok(Page::Ok(Written(list), next_link(next.as_deref())))
    }

    /// Find schools
    ///
    /// By words of the name, the district, the place; by federal school id. Filters as for practices.
    #[oai(path = "/schools", method = "get", tag = "Group::Schools", operation_id = "search_schools")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the address")]
    async fn schools(
        &self,
        /// Words of the name, the district, the place, or a federal school id.
        q: Query<Option<String>>,
        /// Code of the sector.
        #[oai(default)]
        sector: Query<Vec<String>>,
        /// Name of the city, as the school writes it.
        #[oai(default)]
        city: Query<Vec<String>>,
        /// Two-letter state.
        #[oai(default)]
        state: Query<Vec<String>>,
        /// Code of a grade band.
        #[oai(default)]
        grade_band: Query<Vec<String>>,
        /// Results on a page.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<usize>>,
        /// `next` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Page<Written<SchoolList>>, Refused> {
        let mut question = Question {
            text: typed(q.0),
            limit: limit.0.unwrap_or(super::PAGE),
            cursor: cursor.0.filter(|cursor| !cursor.is_empty()),
            ..Question::default()
        };
        for (name, values) in [("sector", sector.0), ("city", city.0), ("state", state.0), ("grade_band", grade_band.0)]
        {
            values.iter().for_each(|value| question.filter(Kind::School, name, value));
        }
        let answer = self.search.schools(&self.db.cx(Actor::Visitor), &question).await?;
        let next = answer.next.as_ref().map(|cursor| question.url_at("/api/v1/schools", cursor));
        let list = SchoolList {
            total: answer.total,
            facets: facets(answer.facets),
            did_you_mean: answer.did_you_mean,
            took_ms: milliseconds(answer.took),
            next: answer.next,
            items: answer.hits.into_iter().map(|hit| self.school_item(hit.card)).collect(),
        };
        Ok(Page::Ok(Written(list), next_link(next.as_deref())))
    }

    /// Suggest as somebody types
    ///
    /// Titles of practices and names of schools that hold the words, the last perhaps unfinished; then words to
    /// finish it with.
    #[oai(path = "/suggest", method = "get", tag = "Group::Search", operation_id = "suggest")]
    async fn suggest(
        &self,
        /// The text typed so far.
        q: Query<Option<String>>,
        /// Suggestions wanted.
        #[oai(validator(minimum(value = "1"), maximum(value = "20")))]
        limit: Query<Option<usize>>,
    ) -> Result<Written<SuggestionList>, Refused> {
        let cx = self.db.cx(Actor::Visitor);
        let found = self.search.suggest(&cx, &typed(q.0), limit.0.unwrap_or(8)).await?;
        let item = |s: super::Suggestion| SuggestionItem { kind: s.kind.to_owned(), text: s.text, url: s.url };
        Ok(Written(SuggestionList { items: found.into_iter().map(item).collect() }))
    }
}

impl SearchApi {
    fn practice_list(&self, answer: Answer<PracticeCard>) -> PracticeList {
        PracticeList {
            total: answer.total,
            facets: facets(answer.facets),
            did_you_mean: answer.did_you_mean,
            understood: answer
                .understood
                .into_iter()
                .map(|word| UnderstoodItem { typed: word.typed, meanings: word.meanings })
                .collect(),
            weak: answer.weak,
            degraded: answer.degraded,
            took_ms: milliseconds(answer.took),
            next: answer.next,
            items: answer.hits.into_iter().map(|hit| self.practice_item(hit)).collect(),
        }
    }

    fn practice_item(&self, hit: Hit<PracticeCard>) -> PracticeItem {
        let card = hit.card;
        PracticeItem {
            id: hit.id.to_string(),
            url: format!("{}/practices/{}", self.base_url, card.slug),
            slug: card.slug,
            title: card.title,
            summary: card.summary,
            school: card.school.map(|school| SchoolRef {
                id: school.id.to_string(),
                name: school.name,
                sector: school.sector.map(|(code, _)| code),
            }),
            grade_bands: card.grade_bands,
            topics: card.topics,
            time_to_start: card.time_to_start,
            evidence: card.evidence,
            result: card.result,
            used_by: card.used_by.into_iter().map(|(sector, used)| (sector, used.schools)).collect(),
            imported: card.imported,
            snippet: hit.snippet_html,
            score: f64::from(hit.score),
        }
    }

    fn school_item(&self, card: SchoolCard) -> SchoolItem {
        SchoolItem {
            id: card.id.to_string(),
            url: format!("{}/schools/{}", self.base_url, card.slug),
            slug: card.slug,
            name: card.name,
            sector: card.sector.map(|(code, _)| code),
            grades: card.grades,
            place: card.place,
        }
    }
}

fn facets(
    counted: Vec<(&'static super::FacetSpec, Vec<FacetCount>)>,
) -> std::collections::BTreeMap<String, Vec<FacetItem>> {
    let item = |count: FacetCount| FacetItem { value: count.value, label: count.label, count: count.count };
    counted.into_iter().map(|(spec, values)| (spec.name.to_owned(), values.into_iter().map(item).collect())).collect()
}

/// The words as typed, without what nobody types.
fn typed(parameter: Option<String>) -> String {
    super::question::clean(&parameter.unwrap_or_default())
}

fn milliseconds(took: std::time::Duration) -> f64 {
    (took.as_secs_f64() * 1e5).round() / 100.0
}

fn matching(parameter: Option<MatchParameter>) -> Match {
    match parameter.unwrap_or_default() {
        MatchParameter::Auto => Match::Auto,
        MatchParameter::All => Match::All,
        MatchParameter::Any => Match::Any,
    }
}

fn order(parameter: Option<SortParameter>) -> Sort {
    match parameter.unwrap_or_default() {
        SortParameter::Relevance => Sort::Relevance,
        SortParameter::Newest => Sort::Newest,
        SortParameter::MostUsed => Sort::MostUsed,
    }
}

impl Example for PracticeList {
    fn example() -> Self {
        Self {
            total: 1,
            items: vec![PracticeItem {
                id: "01998c1e-5b7a-7c4e-9a39-0f2d9f5e7a11".to_owned(),
                slug: "evidence-sentence-frames-for-science-talk".to_owned(),
                url: "http://127.0.0.1:8080/practices/evidence-sentence-frames-for-science-talk".to_owned(),
                title: "Evidence Sentence Frames for Science Talk".to_owned(),
                summary: "Students use three tiers of sentence frames to state a claim, cite data and question a partner during lab discussions.".to_owned(),
                school: Some(SchoolRef {
                    id: "01998c1e-5b70-7a31-8c55-3f1f62b0c1de".to_owned(),
                    name: "Fernmoor Charter School".to_owned(),
                    sector: Some("charter".to_owned()),
                }),
                grade_bands: vec!["g6_8".to_owned()],
                topics: vec!["academic_language".to_owned(), "mll_support".to_owned()],
                time_to_start: Some("this_week".to_owned()),
                evidence: vec!["essa_4".to_owned()],
                result: Some("worked".to_owned()),
                used_by: [("district".to_owned(), 1)].into(),
                imported: false,
                snippet: "Students use three tiers of sentence frames to state a claim &hellip; <mark>science</mark>".to_owned(),
                score: 12.4,
            }],
            facets: [(
                "topic".to_owned(),
                vec![FacetItem {
                    value: "mll_support".to_owned(),
                    label: "Multilingual learner support".to_owned(),
                    count: 1,
                }],
            )]
            .into(),
            did_you_mean: None,
            understood: vec![UnderstoodItem { typed: "ELL".to_owned(), meanings: vec!["Multilingual learners".to_owned()] }],
            weak: false,
            degraded: false,
            took_ms: 0.84,
            next: None,
        }
    }
}

impl Example for SuggestionList {
    fn example() -> Self {
        Self {
            items: vec![SuggestionItem {
                kind: "practice".to_owned(),
                text: "Number Talks Every Morning".to_owned(),
                url: "/practices/number-talks-every-morning".to_owned(),
            }],
        }
    }
}

#[cfg(test)]
mod tests {
    use poem_openapi::types::ToJSON;

    use super::*;

    /// What is written is what the description promises.
    #[test]
    fn serde_writes_what_is_described() {
        let list = PracticeList::example();
        assert_eq!(serde_json::to_value(&list).ok(), list.to_json());
        let empty = PracticeList { items: Vec::new(), next: Some("p1".into()), did_you_mean: Some("x".into()), ..list };
        assert_eq!(serde_json::to_value(&empty).ok(), empty.to_json());
        let suggestions = SuggestionList::example();
        assert_eq!(serde_json::to_value(&suggestions).ok(), suggestions.to_json());
        let schools = SchoolList {
            total: 1,
            items: vec![SchoolItem {
                id: "1".into(),
                slug: "a".into(),
                url: "u".into(),
                name: "A".into(),
                sector: None,
                grades: String::new(),
                place: "P".into(),
            }],
            facets: std::collections::BTreeMap::new(),
            did_you_mean: None,
            took_ms: 1.5,
            next: None,
        };
        assert_eq!(serde_json::to_value(&schools).ok(), schools.to_json());
    }
}
