//! What the pages of schools show: plain values, printed by the templates beside this file.

pub mod admin;
pub mod me;
pub mod members;

use askama::Template;

use crate::web::views::{Chrome, Link, PagePiece, PracticeCard, SchoolLine, Sector, grouped};

/// A practice that a school took over from another.
#[derive(Clone, Debug, Default)]
pub struct UsedPractice {
    /// The practice.
    pub practice: Link,
    /// The school where it began.
    pub origin: Option<SchoolLine>,
    /// "In use", "Piloting", ...
    pub stage_label: String,
    /// "since September 2025"; empty prints none.
    pub since: String,
}

/// The page `/schools/{slug}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "school.html")]
pub struct SchoolPage {
    /// The frame.
    pub chrome: Chrome,
    /// Name of the school.
    pub name: String,
    /// Sector; `None` when the source does not say.
    pub sector: Option<Sector>,
    /// "K-5"; empty prints none.
    pub grades: String,
    /// "300 to 499 students"; empty prints none.
    pub size_band: String,
    /// "Rivermark, NY"; empty prints none.
    pub city: String,
    /// Neighborhood; empty prints none.
    pub neighborhood: String,
    /// District, local education agency or network; empty prints none.
    pub district: String,
    /// Which of them: "District".
    pub district_kind: String,
    /// NCES number, 12 digits; empty prints none.
    pub nces_id: String,
    /// A campus it shares with other schools; empty prints none.
    pub campus: String,
    /// Shares of student groups in bands: "Multilingual learners: 10% to 24%".
    pub shares: Vec<String>,
    /// A sentence about itself; empty prints none.
    pub profile: String,
    /// Practices of schools like this one.
    pub like_url: String,
    /// Practices that began here.
    pub created: Vec<PracticeCard>,
    /// Practices taken over from elsewhere.
    pub used: Vec<UsedPractice>,
    /// Where the facts come from; an empty URL prints the words only; empty words print none.
    pub source: Link,
    /// "October 2025"; empty prints none.
    pub source_date: String,
    /// Search for practices from this school.
    pub practices_url: String,
    /// The day it closed: "June 30, 2026"; empty prints none.
    pub closed: String,
    /// What somebody may do there, beside following it.
    pub actions: Vec<Link>,
    /// Parts that other features add.
    pub parts: Vec<PagePiece>,
}

impl SchoolPage {
    /// The page where anybody asks for news of its city by email.
    pub fn newsletter_url(&self) -> String {
        format!("/cities/{}/newsletter", crate::people::city::slug_of(&self.city, None))
    }
}

/// A school in the list.
#[derive(Clone, Debug, Default)]
pub struct SchoolRow {
    /// The school.
    pub school: SchoolLine,
    /// "K-5"; empty prints none.
    pub grades: String,
    /// "Harbor Point, Rivermark, NY".
    pub place: String,
    /// Practices that began there.
    pub created: u64,
    /// Practices it uses.
    pub used: u64,
}

/// One sector to choose in the form.
#[derive(Clone, Debug, Default)]
pub struct SectorChoice {
    /// The sector; an empty code is "Any sector".
    pub sector: Sector,
    /// Selected.
    pub selected: bool,
}

/// The page `/schools`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "schools.html")]
pub struct SchoolsPage {
    /// The frame.
    pub chrome: Chrome,
    /// Name searched for.
    pub query: String,
    /// City, or city and state, searched for.
    pub city: String,
    /// Sectors to choose from, "Any sector" first.
    pub sectors: Vec<SectorChoice>,
    /// Schools found.
    pub total: u64,
    /// This page of them.
    pub schools: Vec<SchoolRow>,
    /// Next page; `None` on the last.
    pub next_url: Option<String>,
    /// First page, when this is not it.
    pub first_url: Option<String>,
}

impl SchoolsPage {
    /// Whether anything was asked.
    pub fn asked(&self) -> bool {
        !self.query.is_empty()
            || !self.city.is_empty()
            || self.sectors.iter().any(|s| s.selected && !s.sector.code.is_empty())
    }

    /// "12 schools", "1 school", "No schools".
    pub fn count_words(&self) -> String {
        match self.total {
            0 => "No schools".to_owned(),
            1 => "1 school".to_owned(),
            n => format!("{} schools", grouped(n)),
        }
    }
}

#[cfg(test)]
mod samples {
    //! One of each, rich enough to see everything the templates can print.

    use super::*;
    use crate::web::views::Section;

    fn s(text: &str) -> String {
        text.to_owned()
    }

    impl SchoolPage {
        /// A school with practices of its own and of others.
        pub fn sample() -> Self {
            Self {
                chrome: Chrome::sample(
                    "Quillwater Charter School",
                    "/schools/quillwater-charter-school",
                    Section::Schools,
                ),
                name: s("Quillwater Charter School"),
                sector: Some(Sector::sample("charter")),
                grades: s("K-5"),
                size_band: s("300 to 499 students"),
                city: s("Rivermark, NY"),
                neighborhood: s("Harbor Point"),
                district_kind: s("District"),
                district: s("Quillwater Charter School (its own agency)"),
                nces_id: s("360012300456"),
                campus: s("Harbor Campus"),
                shares: vec![s("Multilingual learners: 10% to 24%")],
                profile: s("A school at the harbor."),
                like_url: s("/search?like=quillwater-charter-school"),
                created: vec![PracticeCard::sample(), PracticeCard::sample_stopped()],
                used: vec![
                    UsedPractice {
                        practice: Link::sample(
                            "Attendance Text Nudges in Home Languages",
                            "/practices/attendance-text-nudges",
                        ),
                        origin: Some(SchoolLine::sample("Saltmarsh Elementary", "district")),
                        stage_label: s("In use"),
                        since: s("since October 2025"),
                    },
                    UsedPractice {
                        practice: Link::sample("Number Talks Every Morning", "/practices/number-talks"),
                        origin: Some(SchoolLine::sample("Pebble Lane Charter School", "charter")),
                        stage_label: s("Piloting"),
                        since: String::new(),
                    },
                ],
                source: Link::sample("NCES Common Core of Data", "https://nces.ed.gov/ccd/"),
                source_date: s("school year 2024-25"),
                practices_url: s("/search?school=s07"),
                actions: Vec::new(),
                parts: Vec::new(),
                closed: s("June 30, 2026"),
            }
        }

        /// A school of which only the name is known.
        pub fn sample_bare() -> Self {
            Self {
                chrome: Chrome::sample("Classical Academy", "/schools/classical-academy", Section::Schools),
                name: s("Classical Academy"),
                city: s("Rivermark, NY"),
                ..Self::default()
            }
        }
    }

    fn sectors(selected: &str) -> Vec<SectorChoice> {
        [("", "Any sector"), ("district", "District"), ("charter", "Charter")]
            .into_iter()
            .map(|(code, label)| SectorChoice {
                sector: Sector { code: s(code), label: s(label) },
                selected: code == selected,
            })
            .collect()
    }

    impl SchoolsPage {
        /// Schools found.
        pub fn sample() -> Self {
            let row = |name: &str, sector: &str, grades: &str, place: &str, created, used| SchoolRow {
                school: SchoolLine::sample(name, sector),
                grades: s(grades),
                place: s(place),
                created,
                used,
            };
            Self {
                chrome: Chrome::sample("Schools", "/schools", Section::Schools),
                query: s("street"),
                city: s("Rivermark"),
                sectors: sectors("district"),
                total: 1204,
                schools: vec![
                    row("Halloway Street School", "district", "K-8", "South Terrace, Rivermark, NY", 2, 3),
                    row("Wren Street Transfer High School", "district", "9-12", "Northgate, Rivermark, NY", 1, 0),
                    row("Emberline Collegiate Charter School", "charter", "6-12", "Old Mill, Rivermark, NY", 1, 1),
                    row("Street Arts Lab", "other", "", "Rivermark, NY", 0, 0),
                    SchoolRow {
                        school: SchoolLine {
                            name: s("Classical Academy"),
                            url: s("/schools/classical-academy"),
                            sector: None,
                        },
                        ..SchoolRow::default()
                    },
                ],
                next_url: Some(s("/schools?q=street&cursor=abc")),
                first_url: None,
            }
        }

        /// None found.
        pub fn sample_empty() -> Self {
            Self {
                chrome: Chrome::sample("Schools", "/schools", Section::Schools),
                query: s("Hogwarts"),
                city: s("Rivermark"),
                sectors: sectors(""),
                ..Self::default()
            }
        }
    }

    #[test]
    fn pages_of_schools_render() -> askama::Result<()> {
        for html in [
            SchoolPage::sample().render()?,
            SchoolPage::sample_bare().render()?,
            SchoolsPage::sample().render()?,
            SchoolsPage::sample_empty().render()?,
        ] {
            assert_eq!(html.matches("<h1").count(), 1);
            assert!(!html.contains(" style="));
        }
        assert!(SchoolPage::sample_bare().render()?.contains("Our source does not say"));
        Ok(())
    }
}
