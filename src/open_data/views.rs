//! What the page of open data shows.

use askama::Template;

use crate::web::views::{Chrome, Link};

/// The page `/data`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "data.html")]
pub struct DataPage {
    /// The frame.
    pub chrome: Chrome,
    /// The public address, for addresses to copy.
    pub base_url: String,
    /// The licence of what says nothing else.
    pub license: Link,
    /// Exports to download, newest first; none before the first night.
    pub exports: Vec<ExportLine>,
    /// The tables of the export.
    pub tables: Vec<TableLine>,
    /// What an identifier of a record begins with.
    pub host: String,
    /// Address for questions.
    pub contact: String,
}

/// An export that can be downloaded.
#[derive(Clone, Debug, Default)]
pub struct ExportLine {
    /// Its address.
    pub url: String,
    /// Its day in words.
    pub day: String,
    /// Its size in words.
    pub size: String,
}

/// A table of the export.
#[derive(Clone, Debug, Default)]
pub struct TableLine {
    /// The name of its files.
    pub name: String,
    /// Its heading.
    pub title: String,
    /// What a row is.
    pub says: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section;

    #[test]
    fn the_page_of_open_data_renders() -> askama::Result<()> {
        let page = DataPage {
            chrome: Chrome::sample("Open data", "/data", Section::About),
            base_url: "https://ground.example".to_owned(),
            license: Link::sample("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
            exports: vec![ExportLine {
                url: "/data/commonground-2026-10-14.zip".to_owned(),
                day: "October 14, 2026".to_owned(),
                size: "1.2 MB".to_owned(),
            }],
            tables: vec![TableLine {
                name: "practices".to_owned(),
                title: "Practices".to_owned(),
                says: "One row for each.".to_owned(),
            }],
            host: "ground.example".to_owned(),
            contact: "postmaster@ground.example".to_owned(),
        };
        let html = page.render()?;
        assert_eq!(html.matches("<h1").count(), 1);
        assert!(html.contains("commonground-2026-10-14.zip"));
        let early = DataPage { exports: Vec::new(), ..page }.render()?;
        assert!(early.contains("The first one is made tonight."));
        Ok(())
    }
}
