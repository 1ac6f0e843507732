//! What the pages of saved practices and collections show.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, Link, PracticeCard};

/// A practice in a list of somebody's.
#[derive(Clone, Debug, Default)]
pub struct PracticeLine {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// `/practices/{slug}`.
    pub url: String,
    /// "Harbor Charter School"; empty where the record names none.
    pub school: String,
    /// Why it was taken out of the catalog; empty for one that is in it.
    pub retired: String,
}

/// The page `/practices/{slug}/saved`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "practice_saved.html")]
pub struct SavePage {
    /// The frame.
    pub chrome: Chrome,
    /// What was just done, in a sentence; empty prints none.
    pub done: String,
    /// What to put right.
    pub corrections: Corrections,
    /// Which practice.
    pub practice: PracticeLine,
    /// Whether the reader saved it.
    pub saved: bool,
    /// Their note.
    pub note: String,
    /// Collections of theirs that it is in.
    pub is_in: Vec<Link>,
    /// Their other collections.
    pub collections: Vec<Choice>,
    /// What they typed as its line.
    pub line: String,
}

/// One saved practice.
#[derive(Clone, Debug, Default)]
pub struct SavedRow {
    /// Which practice.
    pub practice: PracticeLine,
    /// What its person noted.
    pub note: String,
    /// "Saved March 4, 2026".
    pub since: String,
}

/// The page `/me/saved`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "saved_practices.html")]
pub struct SavedPage {
    /// The frame.
    pub chrome: Chrome,
    /// What was just done, in a sentence; empty prints none.
    pub done: String,
    /// Newest first.
    pub rows: Vec<SavedRow>,
    /// "3 practices".
    pub count: String,
    /// The next page; empty on the last.
    pub next_url: String,
    /// Whether this is not the first page.
    pub later: bool,
}

/// What a form says of a collection.
#[derive(Clone, Debug, Default)]
pub struct CollectionFields {
    /// Its title.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Who reads it.
    pub visibilities: Vec<Choice>,
    /// Schools of which the owner may speak; with one for none.
    pub schools: Vec<Choice>,
    /// Whether the owner's name is shown.
    pub shows_name: bool,
}

/// A collection in the list of its owner.
#[derive(Clone, Debug, Default)]
pub struct CollectionRow {
    /// Its title.
    pub title: String,
    /// `/me/collections/{id}`.
    pub url: String,
    /// "5 practices, changed March 4, 2026".
    pub facts: String,
    /// Who reads it: "Only you".
    pub readers: String,
    /// Whether those who moderate hid it.
    pub hidden: bool,
}

/// The page `/me/collections`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "my_collections.html")]
pub struct CollectionsPage {
    /// The frame.
    pub chrome: Chrome,
    /// What was just done, in a sentence; empty prints none.
    pub done: String,
    /// What to put right.
    pub corrections: Corrections,
    /// The last changed first.
    pub rows: Vec<CollectionRow>,
    /// What was typed for a new one.
    pub typed: CollectionFields,
}

/// A practice in a collection, as its owner changes it.
#[derive(Clone, Debug, Default)]
pub struct EntryRow {
    /// Which practice.
    pub practice: PracticeLine,
    /// Its line.
    pub line: String,
}

/// The page `/me/collections/{id}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "my_collection.html")]
pub struct CollectionPage {
    /// The frame.
    pub chrome: Chrome,
    /// What was just done, in a sentence; empty prints none.
    pub done: String,
    /// What to put right.
    pub corrections: Corrections,
    /// `/me/collections/{id}`.
    pub url: String,
    /// Its title, as it is kept.
    pub title: String,
    /// Who reads it, in a sentence.
    pub readers: String,
    /// The page for its readers, absolute; empty where nobody else reads it.
    pub shared_url: String,
    /// Whether it has a link that can be made anew.
    pub by_link: bool,
    /// Whether those who moderate hid it.
    pub hidden: bool,
    /// The one that it began as a copy of; an empty address where that is not shared any more.
    pub copied_from: Option<Link>,
    /// What is in it, in order.
    pub entries: Vec<EntryRow>,
    /// Saved practices that are not in it.
    pub saved: Vec<Choice>,
    /// The one of them that was chosen.
    pub new_practice: String,
    /// What was typed as its line.
    pub new_line: String,
    /// What is said of it.
    pub typed: CollectionFields,
}

/// A practice in a collection, as its readers see it.
#[derive(Clone, Debug, Default)]
pub struct SharedEntry {
    /// The practice; none for one that was taken out of the catalog.
    pub card: Option<PracticeCard>,
    /// The one that was taken out.
    pub practice: PracticeLine,
    /// The owner's line; empty prints none.
    pub line: String,
}

/// The page `/collections/{slug}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "collection.html")]
pub struct SharedPage {
    /// The frame.
    pub chrome: Chrome,
    /// Its title.
    pub title: String,
    /// What it is for, a paragraph each.
    pub description: Vec<String>,
    /// Who made it: "Teacher or staff, Harbor Charter School".
    pub by: String,
    /// "5 practices, changed March 4, 2026".
    pub facts: String,
    /// In its order.
    pub entries: Vec<SharedEntry>,
    /// Its page.
    pub url: String,
    /// Where a problem with it is reported.
    pub report_url: String,
    /// Where its owner changes it; empty for everybody else.
    pub own_url: String,
    /// Whether the reader is signed in and may take a copy.
    pub may_copy: bool,
    /// Whether those who moderate hid it.
    pub hidden: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section;

    fn line(retired: &str) -> PracticeLine {
        PracticeLine {
            id: "1".to_owned(),
            title: "<Exit> tickets".to_owned(),
            url: "/practices/exit-tickets".to_owned(),
            school: "Harbor Charter School".to_owned(),
            retired: retired.to_owned(),
        }
    }

    fn fields() -> CollectionFields {
        let choice =
            |value: &str, label: &str, selected| Choice { value: value.to_owned(), label: label.to_owned(), selected };
        CollectionFields {
            title: "Reading \"first\"".to_owned(),
            description: "</textarea><b>".to_owned(),
            visibilities: vec![choice("private", "Only you", true), choice("public", "Everybody", false)],
            schools: vec![choice("", "No school", true), choice("2", "Harbor", false)],
            shows_name: true,
        }
    }

    fn chrome() -> Chrome {
        Chrome::sample("Saved", "/me/saved", Section::Me)
    }

    #[test]
    fn saved_practices_show_everything_they_can_and_nothing() {
        let row = SavedRow { practice: line("Replaced"), note: "<i>".to_owned(), since: "Saved".to_owned() };
        let page =
            SavedPage { rows: vec![row.clone(), SavedRow { practice: line(""), ..row }], ..SavedPage::default() };
        let page = SavedPage { chrome: chrome(), next_url: "/me/saved?before=1".to_owned(), later: true, ..page };
        let html = page.render().unwrap();
        assert!(html.contains("&#60;Exit") && !html.contains("<Exit") && !html.contains("<i>"));
        assert!(html.contains("Taken out of the catalog"));
        assert!(SavedPage::default().render().unwrap().contains("You have saved no practice yet"));
        for saved in [false, true] {
            let page = SavePage {
                saved,
                practice: line(""),
                note: "</textarea>".to_owned(),
                collections: fields().schools,
                is_in: vec![Link { text: "Reading".to_owned(), url: "/me/collections/1".to_owned() }],
                ..SavePage::default()
            };
            let html = page.render().unwrap();
            assert_eq!(html.contains("/saved/removal"), saved);
            assert_eq!(html.matches("</textarea>").count(), 1);
        }
        let page = SavePage { saved: true, practice: line("Replaced"), ..SavePage::default() }.render().unwrap();
        assert!(page.contains("/me/collections\">Make a collection"));
    }

    #[test]
    fn collections_show_everything_they_can_and_nothing() {
        let row = CollectionRow {
            title: "<b>".to_owned(),
            url: "/me/collections/1".to_owned(),
            facts: "5 practices".to_owned(),
            readers: "Only you".to_owned(),
            hidden: true,
        };
        let page = CollectionsPage { rows: vec![row], typed: fields(), ..CollectionsPage::default() };
        let html = page.render().unwrap();
        assert!(html.contains("&#60;b&#62;") && html.contains("Hidden by those who look after reports"));
        assert!(!html.contains("</textarea><b>"));
        assert!(CollectionsPage::default().render().unwrap().contains("You have no collection yet"));
        let entry = |retired| EntryRow { practice: line(retired), line: "\"first\"".to_owned() };
        let page = CollectionPage {
            url: "/me/collections/1".to_owned(),
            entries: vec![entry(""), entry("Replaced")],
            saved: fields().schools,
            shared_url: "https://ground.example/collections/x".to_owned(),
            by_link: true,
            hidden: true,
            copied_from: Some(Link::sample("Theirs", "/collections/y")),
            typed: fields(),
            ..CollectionPage::default()
        };
        let html = page.render().unwrap();
        assert!(html.contains("name=\"up\"") && html.contains("/me/collections/1/link"));
        let empty = CollectionPage { copied_from: Some(Link::default()), ..CollectionPage::default() };
        assert!(!empty.render().unwrap().contains("name=\"up\""));
        let there = SharedEntry { card: Some(PracticeCard::sample()), practice: line(""), line: "<u>".to_owned() };
        let gone = SharedEntry { card: None, practice: line("Replaced by another"), line: String::new() };
        for may_copy in [true, false] {
            let page = SharedPage {
                chrome: chrome(),
                title: "<h1>".to_owned(),
                description: vec!["<p>".to_owned()],
                by: "Teacher".to_owned(),
                entries: vec![there.clone(), gone.clone()],
                url: "/collections/x".to_owned(),
                may_copy,
                own_url: "/me/collections/1".to_owned(),
                hidden: true,
                ..SharedPage::default()
            };
            let html = page.render().unwrap();
            assert!(html.contains("Replaced by another") && html.contains("&#60;h1&#62;") && !html.contains("<u>"));
            assert_eq!(html.contains("action=\"/collections/x/copy\""), may_copy);
        }
        assert!(SharedPage::default().render().unwrap().contains("Nothing is in it yet"));
    }
}
