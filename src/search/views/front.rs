//! What the front page, the page about the site and the help show: plain values, printed by the templates beside this file.

use askama::Template;

use crate::web::views::{Chrome, CountedLink, Link, PracticeCard, SectorCount};

/// Topics under one heading.
#[derive(Clone, Debug, Default)]
pub struct TopicGroup {
    /// The heading.
    pub heading: String,
    /// Topics with the number of practices; leave out those without one.
    pub topics: Vec<CountedLink>,
}

/// How the front page gathers the topics of the vocabulary under headings.
pub const TOPIC_GROUPS: &[(&str, &[&str])] = &[
    ("Reading and writing", &["early_reading", "reading_comprehension", "writing", "academic_language"]),
    ("Math", &["math_fluency", "math_discourse", "algebra_readiness"]),
    (
        "Behavior and belonging",
        &[
            "classroom_management",
            "restorative_practices",
            "discipline_policy",
            "sel",
            "trauma_informed",
            "climate_belonging",
        ],
    ),
    (
        "Attendance, families, engagement",
        &["attendance", "reengagement", "student_engagement", "family_engagement", "language_access"],
    ),
    ("Support for every learner", &["co_teaching", "iep_504", "mtss", "tutoring", "mll_support"]),
    (
        "Moving between schools",
        &["midyear_entry", "grade_transitions", "records_transfer", "reentry", "college_career", "enrollment"],
    ),
    ("Checking for learning", &["formative_assessment", "data_teams", "grading_feedback"]),
    ("Adults learning together", &["coaching", "plc", "new_teachers", "lesson_study"]),
    ("Time, space and money", &["scheduling", "shared_space", "finance"]),
];

/// The front page, `/`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "home.html")]
pub struct Home {
    /// The frame.
    pub chrome: Chrome,
    /// Published practices.
    pub practices: u64,
    /// Schools with at least one practice, by sector.
    pub schools: Vec<SectorCount>,
    /// Searches to try.
    pub examples: Vec<Link>,
    /// Topics with practices.
    pub topic_groups: Vec<TopicGroup>,
    /// Grade bands with practices.
    pub grade_bands: Vec<CountedLink>,
    /// A few recent practices.
    pub recent: Vec<PracticeCard>,
    /// One or two practices that schools stopped.
    pub stopped: Vec<PracticeCard>,
}

/// The page `/about`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "about.html")]
pub struct About {
    /// The frame.
    pub chrome: Chrome,
    /// Published practices.
    pub practices: u64,
    /// Schools with at least one practice, by sector.
    pub schools: Vec<SectorCount>,
    /// The licence most records carry, with its URL.
    pub license: Link,
    /// Version of the program.
    pub version: String,
}

/// A word or acronym the search understands.
#[derive(Clone, Debug, Default)]
pub struct WordMeaning {
    /// As people type it.
    pub typed: String,
    /// What the search also looks for.
    pub meanings: Vec<String>,
}

/// The page `/help`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "help.html")]
pub struct Help {
    /// The frame.
    pub chrome: Chrome,
    /// The synonym list, in alphabetical order.
    pub words: Vec<WordMeaning>,
    /// Grade words with the grade band each is read as.
    pub grade_words: Vec<WordMeaning>,
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::views::{JsonLd, Section, UsedBy};

    fn s(text: &str) -> String {
        text.to_owned()
    }

    fn sectors() -> Vec<SectorCount> {
        UsedBy::sample(6, 6).by_sector
    }

    impl Home {
        /// The front page of the demo city.
        pub fn sample() -> Self {
            let mut chrome = Chrome::sample("district and charter schools share what works", "/", Section::Home);
            chrome.own_search = true;
            chrome.json_ld = Some(JsonLd::new(
                r#"{"@context":"https://schema.org","@type":"WebSite","name":"Common Ground </script>","url":"https://commonground.example.org/"}"#,
            ));
            let counts = [4, 2, 1, 3, 2, 2, 1, 4, 2, 3, 3, 1, 2, 3, 1, 1, 2];
            let topic_groups = TOPIC_GROUPS
                .iter()
                .enumerate()
                .map(|(i, (heading, topics))| TopicGroup {
                    heading: s(heading),
                    topics: topics
                        .iter()
                        .enumerate()
                        .map(|(j, t)| {
                            let mut text = t.replace('_', " ");
                            if let Some(first) = text.get_mut(..1) {
                                first.make_ascii_uppercase();
                            }
                            CountedLink {
                                text,
                                url: format!("/search?topic={t}"),
                                count: counts[(i * 3 + j) % counts.len()],
                            }
                        })
                        .collect(),
                })
                .collect();
            Self {
                chrome,
                practices: 25,
                schools: sectors(),
                examples: vec![
                    Link::sample(
                        "how do I stop kids from talking over me",
                        "/search?q=how+do+I+stop+kids+from+talking+over+me",
                    ),
                    Link::sample("ELL newcomers 7th grade", "/search?q=ELL+newcomers+7th+grade"),
                    Link::sample("chronic absence", "/search?q=chronic+absence"),
                    Link::sample("phonics", "/search?q=phonics"),
                ],
                topic_groups,
                grade_bands: vec![
                    CountedLink::sample("Pre-K", "/search?grade_band=prek", 3),
                    CountedLink::sample("K-2", "/search?grade_band=k_2", 8),
                    CountedLink::sample("Grades 3-5", "/search?grade_band=g3_5", 9),
                    CountedLink::sample("Grades 6-8", "/search?grade_band=g6_8", 14),
                    CountedLink::sample("Grades 9-12", "/search?grade_band=g9_12", 11),
                ],
                recent: vec![
                    PracticeCard::sample(),
                    PracticeCard { snippet_html: String::new(), ..PracticeCard::sample_snippet() },
                    PracticeCard::sample_mixed(),
                    PracticeCard::sample_imported(),
                ],
                stopped: vec![PracticeCard::sample_stopped()],
            }
        }

        /// The front page before anything was loaded.
        pub fn sample_empty() -> Self {
            let mut chrome = Chrome::sample("district and charter schools share what works", "/", Section::Home);
            chrome.own_search = true;
            chrome.demo = false;
            chrome.city = String::new();
            Self { chrome, ..Self::default() }
        }
    }

    impl About {
        /// About, with counts.
        pub fn sample() -> Self {
            Self {
                chrome: Chrome::sample("About", "/about", Section::About),
                practices: 25,
                schools: sectors(),
                license: Link::sample("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
                version: s("0.1.0"),
            }
        }
    }

    impl Help {
        /// Help, with a few words.
        pub fn sample() -> Self {
            let word = |typed: &str, meanings: &[&str]| WordMeaning {
                typed: s(typed),
                meanings: meanings.iter().map(|m| s(m)).collect(),
            };
            Self {
                chrome: Chrome::sample("Help", "/help", Section::Help),
                words: vec![
                    word("absenteeism", &["absent", "attendance"]),
                    word("CICO", &["check-in", "check-out"]),
                    word("EL", &["multilingual", "english", "expeditionary learning"]),
                    word("ELL", &["multilingual", "english", "language"]),
                    word("MTSS", &["intervention"]),
                    word("PBIS", &["behavior", "referrals", "mentor"]),
                    word("SIFE", &["newcomer", "SLIFE"]),
                ],
                grade_words: vec![
                    word("kinder, kindergarten, 1st, 2nd", &["K-2"]),
                    word("4th, upper elementary", &["Grades 3-5"]),
                    word("freshman, 9th, high school", &["Grades 9-12"]),
                ],
            }
        }
    }

    #[test]
    fn the_pages_render() -> askama::Result<()> {
        let pages = [
            Home::sample().render()?,
            Home::sample_empty().render()?,
            About::sample().render()?,
            Help::sample().render()?,
        ];
        for html in pages {
            assert_eq!(html.matches("<h1").count(), 1, "{html}");
        }
        Ok(())
    }
}
