//! What the pages of contributions show.

mod page;
pub mod review;
mod start;

use askama::Template;

pub use self::page::{ContributionPage, EditorRow, Gap, HistoryPage, SaveChange, SaveRow, SectionRow};
pub use self::start::{BeginPage, MinePage, MineRow, NewPage, OriginPart};
use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, Link};

/// One value of a form.
#[derive(Clone, Debug, Default)]
pub struct FieldView {
    /// Its name, also the id of its input.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What to write; empty prints none.
    pub hint: String,
    /// What a reader gains from it; empty prints none.
    pub why: String,
    /// Whether a practice is complete without it.
    pub optional: bool,
    /// `line`, `short`, `long`, `lines`, `one`, `many` or `rows`.
    pub shape: &'static str,
    /// What is typed.
    pub value: String,
    /// What to choose from.
    pub choices: Vec<Choice>,
    /// Rows of several values.
    pub rows: Vec<RowView>,
    /// What one row is called: "Step".
    pub noun: String,
    /// What to put right; empty prints none.
    pub wrong: String,
    /// Set where somebody else changed it too: what the reader wrote.
    pub mine: Option<MineView>,
}

impl FieldView {
    /// Ids of what describes the input.
    pub fn described(&self) -> String {
        let mut ids = Vec::new();
        if !self.hint.is_empty() || !self.why.is_empty() {
            ids.push(format!("{}-hint", self.name));
        }
        if !self.wrong.is_empty() {
            ids.push(format!("{}-wrong", self.name));
        }
        ids.join(" ")
    }
}

/// What the reader wrote in a field that somebody else changed too.
#[derive(Clone, Debug, Default)]
pub struct MineView {
    /// In words.
    pub words: String,
    /// What the other wrote, in words.
    pub theirs: String,
    /// As the form carries it.
    pub json: String,
}

/// A row of several values.
#[derive(Clone, Debug, Default)]
pub struct RowView {
    /// "Step 2".
    pub heading: String,
    /// `steps/1`.
    pub place: String,
    /// Its values.
    pub cells: Vec<FieldView>,
    /// What the form carries along: name and value.
    pub hidden: Vec<(String, String)>,
    /// A sentence about the row; empty prints none.
    pub note: String,
}

/// A piece of text that may point at a student.
#[derive(Clone, Debug, Default)]
pub struct HeldView {
    /// Names it.
    pub mark: String,
    /// As written.
    pub quote: String,
    /// What it looks like, and what to write in its place.
    pub sentence: String,
    /// The field.
    pub label: String,
    /// The id of its input.
    pub anchor: String,
}

/// The page `/contributions/{id}/{section}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "contribution_section.html")]
pub struct SectionPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// Title of the practice so far.
    pub title: String,
    /// The section.
    pub heading: String,
    /// The page of the contribution.
    pub url: String,
    /// Where the form goes.
    pub action: String,
    /// What was just done; empty prints none.
    pub done: String,
    /// The revision that the form was made of.
    pub revision: i32,
    /// Its fields.
    pub fields: Vec<FieldView>,
    /// Pieces that may point at a student.
    pub held: Vec<HeldView>,
    /// Whether somebody else changed a field too.
    pub conflict: bool,
    /// All sections; the current one has no URL.
    pub sections: Vec<Link>,
    /// The next section; empty on the last.
    pub next: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> String {
        text.to_owned()
    }

    /// A form with one of each.
    pub(super) fn fields() -> Vec<FieldView> {
        let choices = vec![
            Choice { value: text("a"), label: text("<A>"), selected: true },
            Choice { value: text("b"), label: text("B"), selected: false },
        ];
        let one = |name: &str, shape| FieldView {
            name: text(name),
            label: text(name),
            hint: text("Hint."),
            why: text("Why."),
            shape,
            value: text("<typed>"),
            choices: choices.clone(),
            ..FieldView::default()
        };
        let row = RowView {
            heading: text("Step 1"),
            place: text("steps/0"),
            cells: vec![one("steps/0/what", "short"), one("steps/0/kind", "one")],
            hidden: vec![(text("steps/0/rating"), text("<x>"))],
            note: text("Checked by an editor."),
        };
        let rows = FieldView { rows: vec![row], noun: text("Step"), value: String::new(), ..one("steps", "rows") };
        let mine = MineView { words: text("<mine>"), theirs: text("<theirs>"), json: text("\"<mine>\"") };
        let wrong = FieldView { wrong: text("Shorten it."), mine: Some(mine), ..one("title", "line") };
        vec![
            wrong,
            one("summary", "short"),
            one("problem", "long"),
            one("pitfalls", "lines"),
            one("result", "one"),
            one("topics", "many"),
            rows,
        ]
    }

    #[test]
    fn a_section_shows_everything_it_can() {
        let held = HeldView {
            mark: text("0123"),
            quote: text("<Jayden>"),
            sentence: text("This may name a student."),
            label: text("Problem it answers"),
            anchor: text("problem"),
        };
        let page = SectionPage {
            title: text("<Door>"),
            heading: text("Snapshot"),
            url: text("/contributions/1"),
            action: text("/contributions/1/snapshot"),
            done: text("Saved."),
            revision: 3,
            fields: fields(),
            held: vec![held],
            conflict: true,
            sections: vec![Link::sample("Snapshot", ""), Link::sample("More", "/contributions/1/more")],
            next: text("/contributions/1/what"),
            ..SectionPage::default()
        };
        let html = page.render().unwrap();
        assert_eq!(html.matches("<h1").count(), 1);
        for raw in ["<typed>", "<A>", "<mine>", "<theirs>", "<Jayden>", "<Door>", "<x>"] {
            assert!(!html.contains(raw), "{raw}");
        }
        for part in [
            "name=\"revision\" value=\"3\"",
            "name=\"add\" value=\"steps\"",
            "name=\"remove\" value=\"steps/0\"",
            "name=\"use\" value=\"title\"",
            "name=\"clear\" value=\"0123\"",
            "name=\"mine/title\"",
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
        assert!(SectionPage::default().render().unwrap().contains("<form"));
    }
}
