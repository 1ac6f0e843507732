//! What the list of compacts, the comparison and the page of one's own commitments show.

use askama::Template;

use super::compact::CommitmentRow;
use crate::web::views::{Choice, Chrome, Link};

/// A compact in the list.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Its name and page.
    pub link: Link,
    /// "Compact, Rivermark, NY. Signed on March 12, 2025".
    pub facts: String,
    /// Whether it is a draft.
    pub draft: bool,
    /// "District: Rivermark Public Schools".
    pub parties: Vec<String>,
    /// "4 commitments: 2 in progress, 1 missed".
    pub commitments: String,
    /// "1 without an update in 180 days"; empty prints none.
    pub silent: String,
    /// "2 overdue"; empty prints none.
    pub overdue: String,
}

/// The page `/compacts`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "compacts.html")]
pub struct ListPage {
    /// The frame.
    pub chrome: Chrome,
    /// Cities to choose.
    pub cities: Vec<Choice>,
    /// Kinds to choose.
    pub kinds: Vec<Choice>,
    /// Where a commitment stands.
    pub statuses: Vec<Choice>,
    /// How fresh an open commitment is.
    pub freshness: Vec<Choice>,
    /// Whether anything is filtered.
    pub filtered: bool,
    /// The compacts.
    pub rows: Vec<Row>,
    /// Whether the actor may begin one.
    pub begins: bool,
}

/// A commitment in a comparison.
#[derive(Clone, Debug, Default)]
pub struct Clause {
    /// The sentence and its page.
    pub link: Link,
    /// "In progress. Due June 30, 2027".
    pub facts: String,
}

/// An area of a comparison.
#[derive(Clone, Debug, Default)]
pub struct AreaRow {
    /// "Facilities access and sharing".
    pub area: String,
    /// For each compact its name, and its commitments there.
    pub cells: Vec<(String, Vec<Clause>)>,
}

/// The page `/compacts/compare`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "compact_compare.html")]
pub struct ComparePage {
    /// The frame.
    pub chrome: Chrome,
    /// The compacts.
    pub sides: Vec<Link>,
    /// Areas that one of them speaks of.
    pub rows: Vec<AreaRow>,
    /// For each place of the comparison what may be chosen.
    pub choices: Vec<Vec<Choice>>,
}

/// A commitment of one's own.
#[derive(Clone, Debug, Default)]
pub struct MineRow {
    /// The commitment.
    pub row: CommitmentRow,
    /// Its compact.
    pub compact: Link,
    /// What there is to do: words and address; an empty text prints none.
    pub action: Link,
}

/// The page `/me/commitments`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "my_commitments.html")]
pub struct MinePage {
    /// The frame.
    pub chrome: Chrome,
    /// What waits for the word of one's side.
    pub waiting: Vec<MineRow>,
    /// What one's side answers for.
    pub own: Vec<MineRow>,
    /// What one's side looks at with another.
    pub shared: Vec<MineRow>,
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::views::Section;

    fn s(text: &str) -> String {
        text.to_owned()
    }

    fn link(text: &str) -> Link {
        Link { text: s(text), url: s("/compacts/rivermark") }
    }

    fn check(html: &str, words: &[&str]) {
        assert_eq!(html.matches("<h1").count(), 1, "one h1: {html}");
        assert!(!html.contains(" style=") && !html.contains("<b>"), "{html}");
        for words in words {
            assert!(html.contains(words), "{words}: {html}");
        }
    }

    #[test]
    fn lists_render() {
        let chrome = || Chrome::sample("Compacts", "/compacts", Section::None);
        let choice = || vec![Choice { value: s("met"), label: s("Met"), selected: true }];
        let row = Row {
            link: link("Rivermark <b>"),
            facts: s("Compact, Rivermark"),
            draft: true,
            parties: vec![s("District: Rivermark Public Schools")],
            commitments: s("4 commitments: 1 missed"),
            silent: s("1 without an update in 180 days"),
            overdue: s("2 overdue"),
        };
        let list = ListPage {
            chrome: chrome(),
            cities: choice(),
            kinds: choice(),
            statuses: choice(),
            freshness: choice(),
            filtered: true,
            rows: vec![row],
            begins: true,
        };
        check(
            &list.render().unwrap(),
            &["Rivermark &#60;b&#62;", "1 missed", "1 without an update", "2 overdue", "/compacts/new", "selected"],
        );
        check(
            &ListPage { chrome: chrome(), ..ListPage::default() }.render().unwrap(),
            &["No compact is published yet"],
        );
        let clause = Clause { link: link("Share <b> rooms"), facts: s("In progress") };
        let compare = ComparePage {
            chrome: chrome(),
            sides: vec![link("One"), link("Two")],
            rows: vec![AreaRow {
                area: s("Facilities"),
                cells: vec![(s("One"), vec![clause]), (s("Two"), Vec::new())],
            }],
            choices: vec![choice(), choice()],
        };
        check(&compare.render().unwrap(), &["Share &#60;b&#62; rooms", "Says nothing about it", "Facilities"]);
        let mine = MineRow {
            row: CommitmentRow { number: 1, sentence: s("Hold <b>"), ..CommitmentRow::default() },
            compact: link("Rivermark"),
            action: link("Say how it goes"),
        };
        let page =
            MinePage { chrome: chrome(), waiting: vec![mine.clone()], own: vec![mine.clone()], shared: vec![mine] };
        check(&page.render().unwrap(), &["Waits for the word of your side", "Hold &#60;b&#62;", "Say how it goes"]);
        check(&MinePage { chrome: chrome(), ..MinePage::default() }.render().unwrap(), &["No commitment is yours"]);
    }
}
