//! Which practices crossed sector lines.

use askama::Template;

use crate::web::views::{Choice, Chrome, Link};

/// One direction in words.
#[derive(Clone, Debug, Default)]
pub struct DirectionRow {
    /// "Charter to District".
    pub direction: String,
    /// How many adoptions.
    pub adoptions: usize,
    /// Of how many practices.
    pub practices: usize,
    /// By how many schools.
    pub schools: usize,
    /// "5 of 7", or "not enough data".
    pub kept: String,
}

/// One adoption that crossed.
#[derive(Clone, Debug, Default)]
pub struct CrossingRow {
    /// The practice.
    pub practice: Link,
    /// Where it began.
    pub from: Link,
    /// That sector.
    pub from_sector: String,
    /// Who took it over.
    pub to: Link,
    /// That sector.
    pub to_sector: String,
    /// "March 2026".
    pub since: String,
    /// "In use".
    pub stage: String,
    /// "Yes", "No" or "Not a year ago".
    pub kept: String,
    /// The page of the adoption.
    pub url: String,
}

/// The page `/adoptions`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "adoptions.html")]
pub struct CrossingsPage {
    /// The frame.
    pub chrome: Chrome,
    /// Directions to choose, the first of them all.
    pub directions: Vec<Choice>,
    /// Years to choose, the first of them all.
    pub years: Vec<Choice>,
    /// In numbers.
    pub numbers: Vec<DirectionRow>,
    /// The newest pilot first, at most 200.
    pub rows: Vec<CrossingRow>,
    /// How many there are.
    pub total: usize,
    /// The same as a file.
    pub csv_url: String,
    /// The day of these numbers: "October 14, 2026".
    pub on: String,
    /// Whether something is chosen.
    pub filtered: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_everything_it_can_and_nothing() {
        let s = str::to_owned;
        let link = |text: &str| Link { text: s(text), url: s("/x") };
        let row = CrossingRow {
            practice: link("Sound <Wall>"),
            from: link("Harbor"),
            from_sector: s("Charter"),
            to: link("Millbrook"),
            to_sector: s("District"),
            since: s("March 2026"),
            stage: s("In use"),
            kept: s("Yes"),
            url: s("/adoptions/1"),
        };
        let numbers =
            DirectionRow { direction: s("Charter to District"), kept: s("not enough data"), ..DirectionRow::default() };
        let page = CrossingsPage {
            numbers: vec![numbers],
            rows: vec![row],
            total: 1,
            csv_url: s("/adoptions.csv"),
            ..CrossingsPage::default()
        };
        let html = page.render().unwrap();
        for words in ["Sound &#60;Wall", "Charter to District", "not enough data", "/adoptions.csv", "March 2026"] {
            assert!(html.contains(words), "{words}: {html}");
        }
        assert!(CrossingsPage::default().render().unwrap().contains("No practice has crossed"));
    }
}
