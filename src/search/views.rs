//! What the search page shows: plain values, printed by the templates beside this file.

pub mod front;

use askama::Template;

use crate::web::views::{Chrome, CountedLink, Link, PracticeCard, SchoolLine, grouped};

/// How many values of a facet are shown before "Show all".
const FIRST_VALUES: usize = 7;

/// One value of a facet: a checkbox.
#[derive(Clone, Debug, Default)]
pub struct FacetValue {
    /// Code sent in the URL.
    pub value: String,
    /// Words of the vocabulary.
    pub label: String,
    /// Results with this value; the facet's own selection does not change it.
    pub count: u64,
    /// Selected.
    pub checked: bool,
}

/// One filter with its values.
#[derive(Clone, Debug, Default)]
pub struct Facet {
    /// Name of the parameter, as in `GET /practices`: `topic`, `grade_band`, ...
    pub name: String,
    /// Heading: "Topic", "Grades", ...
    pub label: String,
    /// Values in the order to show them.
    pub values: Vec<FacetValue>,
}

impl Facet {
    /// How many values are selected.
    pub fn checked(&self) -> usize {
        self.values.iter().filter(|v| v.checked).count()
    }

    /// Values shown at once: the first ones and every selected one. A list that is longer by one or two is shown whole.
    pub fn first(&self) -> Vec<&FacetValue> {
        self.values.iter().enumerate().filter(|(i, v)| v.checked || self.fits(*i)).map(|(_, v)| v).collect()
    }

    /// Values behind "Show all".
    pub fn rest(&self) -> Vec<&FacetValue> {
        self.values.iter().enumerate().filter(|(i, v)| !v.checked && !self.fits(*i)).map(|(_, v)| v).collect()
    }

    fn fits(&self, i: usize) -> bool {
        i < FIRST_VALUES || self.values.len() <= FIRST_VALUES + 2
    }
}

/// A selected filter, shown as a link that removes it.
#[derive(Clone, Debug, Default)]
pub struct Chip {
    /// Heading of the filter: "Topic".
    pub filter: String,
    /// The selected value in words.
    pub text: String,
    /// The same search without this value.
    pub remove_url: String,
}

/// One entry of a select.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Value sent in the URL.
    pub value: String,
    /// Words.
    pub label: String,
    /// Selected.
    pub selected: bool,
}

/// A parameter that is kept but has no control on the page.
#[derive(Clone, Debug, Default)]
pub struct Hidden {
    /// Name of the parameter.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A word of the search and what it was read as.
#[derive(Clone, Debug, Default)]
pub struct Understood {
    /// As typed: "ELL", "4th".
    pub typed: String,
    /// What it was read as: "Multilingual learners", "Grades 3-5". Several when the word is ambiguous.
    pub meanings: Vec<String>,
}

impl Understood {
    /// "Multilingual learners, or Early literacy".
    pub fn words(&self) -> String {
        self.meanings.join(", or ")
    }
}

/// A school whose name matches the search.
#[derive(Clone, Debug, Default)]
pub struct SchoolHit {
    /// The school.
    pub school: SchoolLine,
    /// "Grades K-5".
    pub grades: String,
    /// "Harbor Point" or "Rivermark, NY".
    pub place: String,
}

/// A session to come that matches the search.
#[derive(Clone, Debug, Default)]
pub struct SessionHit {
    /// Title and page.
    pub link: Link,
    /// "Saturday, March 13, 2027, 9:00 AM to 12:00 PM EST".
    pub when: String,
    /// "Harbor Charter School and Millbrook Elementary".
    pub hosts: String,
}

/// A compact that matches the search.
#[derive(Clone, Debug, Default)]
pub struct CompactHit {
    /// Name and page.
    pub link: Link,
    /// "Compact", "Campus agreement".
    pub kind: String,
    /// "Rivermark, NY"; empty prints none.
    pub city: String,
}

/// The page `/search`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "search.html")]
pub struct SearchPage {
    /// The frame; set `own_search`.
    pub chrome: Chrome,
    /// The words searched for, as typed.
    pub query: String,
    /// Practices found.
    pub total: u64,
    /// What words were read as.
    pub understood: Vec<Understood>,
    /// A spelling that finds more.
    pub did_you_mean: Option<Link>,
    /// The best result is a weak match.
    pub weak: bool,
    /// The index is being made again: practices may be missing for a moment.
    pub degraded: bool,
    /// Topic, grade band, student group, subject: in this order.
    pub facets: Vec<Facet>,
    /// The other filters, behind "More filters".
    pub more_facets: Vec<Facet>,
    /// Selected filters.
    pub chips: Vec<Chip>,
    /// The same words without filters.
    pub clear_url: String,
    /// Orders: relevance, newest, most_used.
    pub sorts: Vec<Choice>,
    /// Ways to match words: auto, all, any.
    pub matches: Vec<Choice>,
    /// Parameters kept from the URL without a control (`school`).
    pub hidden: Vec<Hidden>,
    /// This page of results.
    pub cards: Vec<PracticeCard>,
    /// Next page; `None` on the last.
    pub next_url: Option<String>,
    /// First page, when this is not it.
    pub first_url: Option<String>,
    /// Schools whose names match, at most three.
    pub schools: Vec<SchoolHit>,
    /// All schools that match, when there are more.
    pub schools_url: Option<String>,
    /// Sessions to come that match, at most three.
    pub sessions: Vec<SessionHit>,
    /// All sessions that match, when there are more.
    pub sessions_url: Option<String>,
    /// Compacts that match, at most three.
    pub compacts: Vec<CompactHit>,
    /// Topics nearest to the words, for weak and empty results.
    pub nearest_topics: Vec<CountedLink>,
}

impl SearchPage {
    /// Whether anything was asked: words or filters.
    pub fn asked(&self) -> bool {
        !self.query.is_empty() || !self.chips.is_empty()
    }

    /// "24 practices", "1 practice", "No practices".
    pub fn count_words(&self) -> String {
        match self.total {
            0 => "No practices".to_owned(),
            1 => "1 practice".to_owned(),
            n => format!("{} practices", grouped(n)),
        }
    }

    /// How many filters behind "More filters" are selected.
    pub fn more_checked(&self) -> usize {
        self.more_facets.iter().map(Facet::checked).sum()
    }
}

#[cfg(test)]
mod samples {
    //! One of each, rich enough to see everything the template can print.

    use super::*;
    use crate::web::views::Section;

    fn s(text: &str) -> String {
        text.to_owned()
    }

    fn facet(name: &str, label: &str, values: &[(&str, u64, bool)]) -> Facet {
        let value = |(i, (label, count, checked)): (usize, &(&str, u64, bool))| FacetValue {
            value: format!("v{i}"),
            label: s(label),
            count: *count,
            checked: *checked,
        };
        Facet { name: s(name), label: s(label), values: values.iter().enumerate().map(value).collect() }
    }

    fn choices(entries: &[(&str, &str)]) -> Vec<Choice> {
        let one =
            |(i, (value, label)): (usize, &(&str, &str))| Choice { value: s(value), label: s(label), selected: i == 0 };
        entries.iter().enumerate().map(one).collect()
    }

    impl SearchPage {
        /// Words, filters, results of every kind, and schools.
        pub fn sample() -> Self {
            let mut chrome = Chrome::sample("24 practices for “tlking in class”", "/search", Section::Search);
            chrome.own_search = true;
            chrome.noindex = true;
            let topics = [
                ("Classroom management", 9, true),
                ("Social and emotional learning (SEL)", 6, false),
                ("Restorative practices", 4, false),
                ("Discipline policy and alternatives to suspension", 4, false),
                ("School climate and belonging", 3, false),
                ("MTSS, RTI and intervention", 3, false),
                ("Attendance", 2, false),
                ("Trauma-informed practice", 2, false),
                ("Family engagement", 1, false),
                ("Tutoring", 1, false),
                ("Writing", 1, true),
            ];
            Self {
                chrome,
                query: s("tlking in class ELL 4th grade"),
                total: 24,
                understood: vec![
                    Understood { typed: s("ELL"), meanings: vec![s("Multilingual learners")] },
                    Understood { typed: s("4th grade"), meanings: vec![s("Grades 3-5")] },
                    Understood {
                        typed: s("EL"),
                        meanings: vec![s("Multilingual learners"), s("Expeditionary learning")],
                    },
                ],
                did_you_mean: Some(Link::sample("talking in class ELL 4th grade", "/search?q=talking+in+class")),
                degraded: false,
                weak: false,
                facets: vec![
                    facet("topic", "Topic", &topics),
                    facet(
                        "grade_band",
                        "Grades",
                        &[
                            ("Pre-K", 2, false),
                            ("K-2", 8, false),
                            ("Grades 3-5", 9, true),
                            ("Grades 6-8", 14, false),
                            ("Grades 9-12", 11, false),
                        ],
                    ),
                    facet(
                        "student_group",
                        "Students",
                        &[
                            ("All students", 15, false),
                            ("Multilingual learners (ELL, EL)", 6, false),
                            ("Newcomers and SLIFE/SIFE", 3, false),
                            ("Students with disabilities", 2, false),
                        ],
                    ),
                    facet(
                        "subject",
                        "Subject",
                        &[
                            ("Not tied to a subject", 14, false),
                            ("ELA and literacy", 5, false),
                            ("English language development (ENL, ESL, bilingual)", 3, false),
                            ("Math", 3, false),
                        ],
                    ),
                ],
                more_facets: vec![
                    facet(
                        "practice_type",
                        "Kind of practice",
                        &[("Classroom routine", 7, false), ("Intervention or program", 5, false)],
                    ),
                    facet("setting", "Setting", &[("Whole class", 9, false), ("Small group", 5, false)]),
                    facet("cost_band", "Cost", &[("No new spending", 14, false), ("Under $1,000", 6, false)]),
                    facet("time_to_start", "Time to start", &[("This week", 6, false), ("Within a month", 9, false)]),
                    facet(
                        "weekly_time",
                        "Time each week",
                        &[("No extra time", 6, false), ("Under 30 minutes a week", 4, false)],
                    ),
                    facet("staffing", "Who it takes", &[("One teacher", 9, false)]),
                    facet(
                        "condition",
                        "What has to be true",
                        &[("None", 18, false), ("Control of the daily schedule", 3, false)],
                    ),
                    facet("evidence", "Evidence", &[("Strong (ESSA tier 1)", 1, false), ("Local data only", 9, false)]),
                    facet("sector", "Sector", &[("District", 12, false), ("Charter", 12, false)]),
                    facet("neighborhood", "Neighborhood", &[("Harbor Point", 4, false), ("Old Mill", 5, false)]),
                    facet(
                        "result",
                        "How it went",
                        &[("Worked", 22, false), ("Mixed results", 1, false), ("Tried and stopped", 1, false)],
                    ),
                ],
                chips: vec![
                    Chip {
                        filter: s("Topic"),
                        text: s("Classroom management"),
                        remove_url: s("/search?q=x&topic=writing"),
                    },
                    Chip {
                        filter: s("Topic"),
                        text: s("Writing"),
                        remove_url: s("/search?q=x&topic=classroom_management"),
                    },
                    Chip { filter: s("Grades"), text: s("Grades 3-5"), remove_url: s("/search?q=x") },
                ],
                clear_url: s("/search?q=x"),
                sorts: choices(&[("relevance", "Best match"), ("newest", "Newest"), ("most_used", "Most used")]),
                matches: choices(&[("auto", "Automatic"), ("all", "All words"), ("any", "Any word")]),
                hidden: vec![Hidden { name: s("school"), value: s("s04") }],
                cards: vec![
                    PracticeCard::sample_snippet(),
                    PracticeCard::sample(),
                    PracticeCard::sample_mixed(),
                    PracticeCard::sample_stopped(),
                    PracticeCard::sample_imported(),
                ],
                next_url: Some(s("/search?q=x&cursor=abc")),
                first_url: Some(s("/search?q=x")),
                schools: vec![
                    SchoolHit {
                        school: SchoolLine::sample("Coppergate High School", "district"),
                        grades: s("Grades 9-12"),
                        place: s("Canal Street"),
                    },
                    SchoolHit {
                        school: SchoolLine { sector: None, ..SchoolLine::sample("Classical Academy", "") },
                        grades: String::new(),
                        place: s("Rivermark, NY"),
                    },
                ],
                schools_url: Some(s("/schools?q=class")),
                sessions: vec![SessionHit {
                    link: Link { text: s("Reading Safety Net in Action"), url: s("/sessions/0199") },
                    when: s("Saturday, November 14, 2026, 9:00 AM to 12:00 PM EST"),
                    hosts: s("Harbor Charter School and Millbrook Elementary"),
                }],
                sessions_url: Some(s("/sessions?q=class")),
                compacts: vec![CompactHit {
                    link: Link { text: s("Rivermark Schools Together Compact"), url: s("/compacts/rivermark") },
                    kind: s("Compact"),
                    city: s("Rivermark, NY"),
                }],
                nearest_topics: Vec::new(),
            }
        }

        /// Results that hardly fit.
        pub fn sample_weak() -> Self {
            let mut page = Self::sample();
            page.chrome.title = s("Search");
            page.query = s("cell phone pouches");
            page.total = 2;
            page.weak = true;
            page.understood = Vec::new();
            page.did_you_mean = None;
            page.chips = Vec::new();
            page.cards = vec![PracticeCard::sample_mixed(), PracticeCard::sample()];
            page.next_url = None;
            page.first_url = None;
            page.schools = Vec::new();
            page.sessions = Vec::new();
            page.nearest_topics = nearest();
            page
        }

        /// Nothing found.
        pub fn sample_empty() -> Self {
            let mut page = Self::sample_weak();
            page.query = s("swimming pool timetable");
            page.total = 0;
            page.cards = Vec::new();
            page.chips = Self::sample().chips.into_iter().take(1).collect();
            page
        }
    }

    fn nearest() -> Vec<CountedLink> {
        vec![
            CountedLink::sample("Classroom management", "/search?topic=classroom_management", 9),
            CountedLink::sample(
                "Discipline policy and alternatives to suspension",
                "/search?topic=discipline_policy",
                4,
            ),
            CountedLink::sample("Student engagement", "/search?topic=student_engagement", 1),
        ]
    }

    #[test]
    fn the_search_page_renders() -> askama::Result<()> {
        for page in [SearchPage::sample(), SearchPage::sample_weak(), SearchPage::sample_empty(), SearchPage::default()]
        {
            let html = page.render()?;
            assert_eq!(html.matches("<h1").count(), 1);
            assert!(!html.contains(" style="));
        }
        assert!(SearchPage::sample().render()?.contains("<mark>reset</mark>"));
        assert!(
            SearchPage::sample_empty()
                .render()?
                .contains("No practice matches “swimming pool timetable” with these filters.")
        );
        Ok(())
    }

    #[test]
    fn a_long_facet_keeps_what_is_selected_in_sight() {
        let topics = SearchPage::sample().facets.remove(0);
        assert_eq!(topics.first().len(), FIRST_VALUES + 1);
        assert!(topics.first().iter().any(|v| v.label == "Writing"));
        assert_eq!(topics.first().len() + topics.rest().len(), topics.values.len());
    }
}
