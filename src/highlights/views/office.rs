//! What a mayor's office sees.

use askama::Template;

use crate::highlights::office::Section as Part;
use crate::web::views::{Choice, Chrome};

/// A number of the month.
#[derive(Clone, Debug, Default)]
pub struct FigureRow {
    /// "Sessions held".
    pub label: String,
    /// "3", "Not enough data".
    pub value: String,
    /// How it is counted.
    pub definition: String,
}

/// The page `/office`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "office.html")]
pub struct OfficePage {
    /// The frame.
    pub chrome: Chrome,
    /// "Rivermark, NY"; empty where no city is chosen.
    pub city: String,
    /// Other cities to choose.
    pub cities: Vec<Choice>,
    /// Whether a city is typed: for administrators.
    pub types_city: bool,
    /// The parts, in order.
    pub parts: Vec<Part>,
    /// "From October 1, 2026 to today".
    pub dated: String,
    /// The numbers of the month.
    pub figures: Vec<FigureRow>,
    /// The report of the city.
    pub report_url: String,
}

#[cfg(test)]
mod tests {
    use super::super::samples::s;
    use super::*;
    use crate::highlights::office::Line;
    use crate::web::views::Section;

    #[test]
    fn the_page_of_an_office_renders() {
        let page = OfficePage {
            chrome: Chrome::sample("Office", "/office", Section::None),
            city: s("Rivermark, NY"),
            cities: vec![Choice { value: s("rivermark-ny"), label: s("rivermark-ny"), selected: true }],
            types_city: true,
            parts: vec![
                Part {
                    id: "quiet",
                    heading: s("Nobody has spoken of these"),
                    lines: vec![Line {
                        text: s("Hold 24 sessions"),
                        url: s("/compacts/x/commitments/1"),
                        note: s("Since May"),
                    }],
                    empty: String::new(),
                    more: Some((s("All compacts"), s("/compacts"))),
                },
                Part { id: "missed", heading: s("Missed"), empty: s("Nothing."), ..Part::default() },
            ],
            dated: s("From October 1, 2026 to today"),
            figures: vec![FigureRow { label: s("Sessions held"), value: s("3"), definition: s("Completed.") }],
            report_url: s("/city/rivermark-ny"),
        };
        let html = page.render().unwrap();
        assert!(html.contains("Since May") && html.contains("Nothing.") && html.contains("/highlights/new"), "{html}");
        assert!(OfficePage { types_city: true, ..OfficePage::default() }.render().unwrap().contains("name=\"city\""));
    }
}
