//! What the pages of the report show.

use askama::Template;

use crate::web::views::{Choice, Chrome, Link};

/// A figure in words.
#[derive(Clone, Debug, Default)]
pub struct FigureRow {
    /// "Seats filled".
    pub label: String,
    /// Where its definition stands.
    pub url: String,
    /// "38 of 60 (63%)", or "not enough data".
    pub value: String,
    /// What it is held against: "Seats offered at the same sessions."; empty prints none.
    pub of: String,
    /// "July 1, 2025 to April 30, 2026".
    pub period: String,
}

/// Figures that belong together.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Its id on the page.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// Its figures.
    pub rows: Vec<FigureRow>,
}

/// A row of a table: its head and its cells.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// What it is about.
    pub head: String,
    /// Its cells, each with the head of its column.
    pub cells: Vec<(String, String)>,
}

/// A table: its name, the heads of its columns, and its rows.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// What it shows, for those who do not see it.
    pub name: String,
    /// Heads of the columns, the first that of the rows.
    pub heads: Vec<String>,
    /// Its rows.
    pub rows: Vec<Row>,
}

impl Table {
    /// A table of these rows, each a head and its cells.
    pub fn new(name: &str, heads: &[&str], rows: Vec<Vec<String>>) -> Self {
        let row = |cells: Vec<String>| {
            let mut cells = cells.into_iter();
            let head = cells.next().unwrap_or_default();
            let cells = heads.iter().skip(1).map(|head| (*head).to_owned()).zip(cells).collect();
            Row { head, cells }
        };
        Self {
            name: name.to_owned(),
            heads: heads.iter().map(|head| (*head).to_owned()).collect(),
            rows: rows.into_iter().map(row).collect(),
        }
    }
}

/// A commitment that asks for a look.
#[derive(Clone, Debug, Default)]
pub struct Attention {
    /// What is promised, leading to its page.
    pub commitment: Link,
    /// Of which compact.
    pub compact: String,
    /// "Missed", "Two sides see it in two ways", "No update since March 4, 2026".
    pub why: Vec<String>,
}

/// The page `/city/{slug}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "city_report.html")]
pub struct ReportPage {
    /// The frame.
    pub chrome: Chrome,
    /// "Rivermark, NY".
    pub place: String,
    /// Its address without a question.
    pub url: String,
    /// School years to choose.
    pub years: Vec<(Link, bool)>,
    /// First day as the form has it.
    pub from: String,
    /// Last day as the form has it.
    pub to: String,
    /// Neighborhoods to choose, the first the whole city.
    pub neighborhoods: Vec<Choice>,
    /// "July 1, 2025 to June 30, 2026", with the neighborhood.
    pub period: String,
    /// "Wednesday, October 14, 2026, 12:00 PM EDT".
    pub as_of: String,
    /// Figures.
    pub groups: Vec<Group>,
    /// Sessions over school years.
    pub sessions_svg_html: String,
    /// The same as a table.
    pub sessions: Table,
    /// Adoptions across sector lines over school years; empty where there is no direction.
    pub ways_svg_html: String,
    /// The same as a table.
    pub ways: Table,
    /// Directions in the period.
    pub directions: Table,
    /// Practices by sector.
    pub sectors: Table,
    /// The map.
    pub map_svg_html: String,
    /// Neighborhoods.
    pub places: Table,
    /// Commitments by status and freshness.
    pub commitments: Table,
    /// Commitments that ask for a look.
    pub attention: Vec<Attention>,
    /// The same as a file.
    pub csv_url: String,
    /// The page to print.
    pub print_url: String,
    /// The page itself with what was asked for.
    pub page_url: String,
}

/// The page `/city`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "city_list.html")]
pub struct CitiesPage {
    /// The frame.
    pub chrome: Chrome,
    /// Cities, by name.
    pub cities: Vec<Link>,
}

/// A version of a definition in words.
#[derive(Clone, Debug, Default)]
pub struct VersionRow {
    /// Its number.
    pub version: u16,
    /// "July 1, 2026".
    pub since: String,
    /// What is counted.
    pub counts: &'static str,
    /// What it is held against; empty prints none.
    pub of: &'static str,
    /// Which records.
    pub sources: &'static str,
}

/// A metric on the page of definitions.
#[derive(Clone, Debug, Default)]
pub struct MetricRow {
    /// Its id on the page.
    pub code: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// Whether small groups of people are withheld.
    pub people: bool,
    /// The newest first.
    pub versions: Vec<VersionRow>,
}

/// The page `/city/how-we-count`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "city_definitions.html")]
pub struct DefinitionsPage {
    /// The frame.
    pub chrome: Chrome,
    /// Every metric.
    pub metrics: Vec<MetricRow>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_shows_everything_it_can_and_nothing() {
        let s = str::to_owned;
        let link = |text: &str| Link { text: s(text), url: s("/x") };
        let table = Table::new("Sessions", &["School year", "Held"], vec![vec![s("2025\u{2013}26"), s("12 <b>")]]);
        let page = ReportPage {
            place: s("Rivermark, NY"),
            url: s("/city/rivermark-ny"),
            years: vec![(link("2025\u{2013}26"), true), (link("2024\u{2013}25"), false)],
            neighborhoods: vec![Choice { value: s("Old Mill"), label: s("Old Mill"), selected: true }],
            groups: vec![Group {
                id: "people",
                title: "People",
                rows: vec![FigureRow { label: s("No-show rate"), value: s("not enough data"), ..FigureRow::default() }],
            }],
            sessions_svg_html: s("<svg></svg>"),
            sessions: table.clone(),
            ways_svg_html: s("<svg></svg>"),
            ways: table.clone(),
            directions: table.clone(),
            sectors: table.clone(),
            map_svg_html: s("<svg></svg>"),
            places: table.clone(),
            commitments: table,
            attention: vec![Attention {
                commitment: link("Two <rooms>"),
                compact: s("Compact"),
                why: vec![s("Missed")],
            }],
            ..ReportPage::default()
        };
        let html = page.render().unwrap();
        for words in
            ["Rivermark, NY", "No-show rate", "not enough data", "12 &#60;b&#62;", "Two &#60;rooms&#62;", "Missed"]
        {
            assert!(html.contains(words), "{words}: {html}");
        }
        assert_eq!(html.matches("<h1>").count(), 1);
        assert!(ReportPage::default().render().unwrap().contains("No practice has crossed"));
        let cities = CitiesPage { cities: vec![link("Rivermark")], ..CitiesPage::default() }.render().unwrap();
        assert!(cities.contains("Rivermark"));
        assert!(CitiesPage::default().render().unwrap().contains("No city"));
        let row = VersionRow { version: 1, of: "Seats", ..VersionRow::default() };
        let metric = MetricRow { code: "no_shows", label: "No-show rate", people: true, versions: vec![row] };
        let html = DefinitionsPage { metrics: vec![metric], ..DefinitionsPage::default() }.render().unwrap();
        assert!(html.contains("id=\"no_shows\"") && html.contains("Version 1"), "{html}");
    }
}
