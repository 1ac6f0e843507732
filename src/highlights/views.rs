//! What pages of highlights show.

pub mod approval;
pub mod kept;
pub mod office;
pub mod public;
pub mod writing;

use super::numbers::Shown;

/// The words of a highlight about one school.
#[derive(Clone, Debug, Default)]
pub struct SchoolWords {
    /// Its name.
    pub name: String,
    /// Its page.
    pub url: String,
    /// Code and name of its sector; none is unknown.
    pub sector: Option<(String, String)>,
    /// What it did, a paragraph each.
    pub words: Vec<String>,
    /// "Approved by the school on October 14, 2026"; empty before.
    pub approved: String,
}

/// A highlight as it appears, wherever it does: on its page, in the preview, before the school that is asked.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    /// Its headline.
    pub headline: String,
    /// "Old Mill, Rivermark, NY".
    pub place: String,
    /// Its story.
    pub story: String,
    /// Where its picture is; empty without one.
    pub photo_url: String,
    /// What it shows.
    pub photo_alt: String,
    /// Its schools.
    pub schools: Vec<SchoolWords>,
    /// What somebody said; empty without a quote.
    pub quote: String,
    /// "Fifth-grade teacher, Harbor Charter School".
    pub quote_by: String,
    /// "Approved by the school on October 14, 2026"; empty before.
    pub quote_approved: String,
    /// Its numbers.
    pub numbers: Vec<Shown>,
    /// Its city.
    pub city: String,
}

#[cfg(test)]
pub(super) mod samples {
    use super::*;

    pub fn s(text: &str) -> String {
        text.to_owned()
    }

    impl Piece {
        /// One with everything.
        pub fn sample() -> Self {
            let school = |name: &str, code: &str, label: &str| SchoolWords {
                name: s(name),
                url: s("/schools/harbor-charter-school"),
                sector: Some((s(code), s(label))),
                words: vec![s("Opened its first-grade rooms for a morning <and> shared its timetable.")],
                approved: s("Approved by the school on October 14, 2026"),
            };
            Self {
                headline: s("Two schools, one first grade"),
                place: s("Old Mill, Rivermark, NY"),
                story: s("Two schools planned six weeks of reading together. Both teach it now."),
                photo_url: s("/highlights/two-schools-one-first-grade/photo"),
                photo_alt: s("Four teachers around a table with a timetable"),
                schools: vec![
                    school("Harbor Charter School", "charter", "Charter"),
                    school("Millbrook Elementary", "district", "District"),
                ],
                quote: s("We took the timetable home and used it on Monday."),
                quote_by: s("First-grade teacher, Millbrook Elementary"),
                quote_approved: s("Approved by the school on October 14, 2026"),
                numbers: vec![
                    Shown {
                        value: s("14"),
                        label: s("people from 2 sectors came to the session"),
                        definition: s("People whose attendance was recorded, each once."),
                        dated: s("As of October 14, 2026"),
                        source: None,
                        is_live: true,
                    },
                    Shown {
                        value: s("1,250"),
                        label: s("dollars saved"),
                        source: Some((s("Budget office"), s("https://rivermark.example/budget"))),
                        ..Shown::default()
                    },
                ],
                city: s("Rivermark, NY"),
            }
        }
    }
}
