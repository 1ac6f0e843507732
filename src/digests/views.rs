//! What the pages of digests show.

use askama::Template;

use super::content::{Content, FigureLine, Line};
use super::digest::{Digest, Section, State};
use crate::web::form::Corrections;
use crate::web::site::{day, day_of};
use crate::web::views::Chrome;

/// A digest in a list.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Its page.
    pub url: String,
    /// "Rivermark, NY: September 2026".
    pub title: String,
    /// Where it stands.
    pub state: String,
}

/// The pages `/office/digests` and `/digests`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "digests.html")]
pub struct ListPage {
    /// The frame.
    pub chrome: Chrome,
    /// Whether it is the office's list, with drafts.
    pub office: bool,
    /// Newest first.
    pub rows: Vec<Row>,
    /// Where older ones are; empty prints none.
    pub next_url: String,
}

/// A chapter as it is read.
#[derive(Clone, Debug, Default)]
pub struct ChapterView {
    /// Its anchor.
    pub id: &'static str,
    /// Its heading.
    pub heading: &'static str,
    /// The sentence under it; empty prints none.
    pub note: String,
    /// Numbers.
    pub figures: Vec<FigureLine>,
    /// Lines.
    pub lines: Vec<Line>,
    /// What is said where there is neither.
    pub empty: &'static str,
}

/// What is read of a digest.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// What is said first.
    pub intro: Vec<String>,
    /// Chapters that are in, in their order.
    pub chapters: Vec<ChapterView>,
    /// "October 2, 2026": the day of the numbers.
    pub as_of: String,
}

impl Body {
    /// Of a digest with these numbers and lists.
    pub fn of(digest: &Digest, content: &Content) -> Self {
        let chapters = digest.chapters.iter().filter(|chapter| chapter.shown).map(|chapter| ChapterView {
            id: chapter.section.code(),
            heading: chapter.section.heading(),
            note: chapter.note.clone(),
            figures: content.figures_of(chapter.section).cloned().collect(),
            lines: content.lines_of(chapter.section).to_vec(),
            empty: chapter.section.empty(),
        });
        Self { intro: digest.paragraphs(), chapters: chapters.collect(), as_of: day_of(content.as_of) }
    }
}

impl FigureLine {
    /// "September 1, 2026 to September 30, 2026".
    pub fn days(&self) -> String {
        format!("{} to {}", day(self.from), day(self.to))
    }
}

/// The page `/digests/{id}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "digest.html")]
pub struct DigestPage {
    /// The frame.
    pub chrome: Chrome,
    /// The city in words.
    pub city: String,
    /// "September 2026".
    pub period: String,
    /// When it was published.
    pub published: String,
    /// Its own path.
    pub path: String,
    /// What is read.
    pub body: Body,
    /// What was put right since: a day, and a sentence.
    pub corrections: Vec<(String, String)>,
    /// Why it is not shown: sentences; empty while it is.
    pub gone: Vec<String>,
}

/// The page before a digest is published: exactly what goes out.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "digest_publication.html")]
pub struct PublicationPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// "Rivermark, NY: September 2026".
    pub title: String,
    /// Its page for the office.
    pub url: String,
    /// Its page for everybody once it is published, absolute.
    pub address: String,
    /// Which revision is read.
    pub revision: i32,
    /// Names the numbers and lists that are read.
    pub read: String,
    /// "November 8, 2026".
    pub today: String,
    /// What is read.
    pub body: Body,
}

/// The fields of a chapter.
#[derive(Clone, Debug, Default)]
pub struct ChapterFields {
    /// Its code.
    pub code: &'static str,
    /// Its heading.
    pub heading: &'static str,
    /// Its place, from 1.
    pub order: String,
    /// Whether it is in.
    pub shown: bool,
    /// The sentence under it.
    pub note: String,
    /// What to put right about it; empty for nothing.
    pub wrong: String,
    /// What somebody else wrote there meanwhile; empty for nothing.
    pub theirs: String,
    /// As it stands now, to be told apart from what is typed: its place, whether it is in, its sentence.
    pub was: (String, bool, String),
}

impl ChapterFields {
    /// Of a chapter at a place.
    pub fn of(section: Section, order: String, shown: bool, note: String) -> Self {
        Self { code: section.code(), heading: section.heading(), order, shown, note, ..Self::default() }
    }
}

/// The page `/office/digests/{id}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "digest_office.html")]
pub struct OfficeDigestPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// "Rivermark, NY: September 2026".
    pub title: String,
    /// Its own path.
    pub url: String,
    /// Its page for everybody.
    pub path: String,
    /// Whether it is still a draft.
    pub is_draft: bool,
    /// What it was read as.
    pub revision: String,
    /// What is said first.
    pub intro: String,
    /// What somebody else wrote there meanwhile; empty for nothing.
    pub intro_theirs: String,
    /// What stands there now.
    pub intro_was: String,
    /// Its chapters, in their order.
    pub chapters: Vec<ChapterFields>,
    /// What is read of it, with the numbers of now.
    pub body: Body,
    /// Whether the letter was written.
    pub has_letter: bool,
    /// What was put right since it was published: a day, and a sentence.
    pub put_right: Vec<(String, String)>,
    /// What was typed as a correction.
    pub correction: String,
    /// What was typed as the reason of a withdrawal.
    pub reason: String,
    /// Why it is not shown: sentences; empty while it is.
    pub gone: Vec<String>,
}

/// Corrections with their days.
pub fn put_right(digest: &Digest) -> Vec<(String, String)> {
    digest.corrections.iter().map(|one| (day_of(one.at), one.text.clone())).collect()
}

/// What is said where a withdrawn digest stood; nothing of one that is shown.
pub fn gone(digest: &Digest) -> Vec<String> {
    let Some(at) = digest.withdrawn_at else { return Vec::new() };
    let mut lines = vec![format!("The mayor's office of {} withdrew it on {}.", digest.city_name, day_of(at))];
    lines.extend(digest.reason.clone());
    lines
}

/// Where a digest stands, in words.
pub fn stands(digest: &Digest) -> String {
    match (digest.state, digest.published_at) {
        (State::Published, Some(at)) => match digest.corrections.last() {
            Some(last) => format!("Published on {}, corrected on {}.", day_of(at), day_of(last.at)),
            None => format!("Published on {}.", day_of(at)),
        },
        (State::Withdrawn, _) => format!("Withdrawn on {}.", digest.withdrawn_at.map(day_of).unwrap_or_default()),
        _ => format!("Drafted on {}. Nobody else sees it before it is published.", day_of(digest.drafted_at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section as Place;

    fn body() -> Body {
        let figure = FigureLine {
            metric: "sessions_held".to_owned(),
            label: "Sessions held".to_owned(),
            value: "4".to_owned(),
            definition: "Sessions that took place.".to_owned(),
            version: 1,
            ..FigureLine::default()
        };
        let line = Line {
            text: "<b>Reading</b> safety net".to_owned(),
            path: "/sessions/x".to_owned(),
            detail: "October 3, 2026".to_owned(),
        };
        Body {
            intro: vec!["A good month.".to_owned()],
            chapters: vec![
                ChapterView { id: "numbers", heading: "In numbers", figures: vec![figure], ..ChapterView::default() },
                ChapterView {
                    id: "held",
                    heading: "Held",
                    note: "Two more than in May.".to_owned(),
                    lines: vec![line],
                    ..ChapterView::default()
                },
                ChapterView { id: "unmet", heading: "Unmet", empty: "Nothing was counted.", ..ChapterView::default() },
            ],
            as_of: "October 2, 2026".to_owned(),
        }
    }

    #[test]
    fn digests_render() -> askama::Result<()> {
        let chrome = Chrome::sample("September 2026", "/digests/x", Place::About);
        let page = DigestPage {
            chrome: chrome.clone(),
            city: "Rivermark, NY".to_owned(),
            period: "September 2026".to_owned(),
            published: "October 5, 2026".to_owned(),
            path: "/digests/x".to_owned(),
            body: body(),
            corrections: vec![("November 9, 2026".to_owned(), "It was two visits.".to_owned())],
            gone: Vec::new(),
        };
        let html = page.render()?;
        assert!(html.contains("It was two visits.") && html.contains("November 9, 2026"));
        let gone = DigestPage { gone: vec!["Withdrawn.".to_owned()], ..page }.render()?;
        assert!(gone.contains("Withdrawn.") && !gone.contains("A good month."));
        let publication = PublicationPage { body: body(), read: "abc".to_owned(), ..PublicationPage::default() };
        assert!(publication.render()?.contains("value=\"abc\""));
        assert!(html.contains("A good month.") && html.contains("Nothing was counted."));
        assert!(!html.contains("<b>Reading"), "what people wrote is text");
        let office = OfficeDigestPage {
            chrome: chrome.clone(),
            title: "Rivermark, NY: September 2026".to_owned(),
            url: "/office/digests/x".to_owned(),
            path: "/digests/x".to_owned(),
            is_draft: true,
            revision: "3".to_owned(),
            chapters: vec![ChapterFields::of(Section::Numbers, "1".to_owned(), true, "Note".to_owned())],
            body: body(),
            ..OfficeDigestPage::default()
        };
        let html = [html, office.render()?, OfficeDigestPage { is_draft: false, ..office }.render()?];
        let row = Row { url: "/digests/x".to_owned(), title: "September".to_owned(), state: "Published.".to_owned() };
        let list = ListPage { chrome, office: true, rows: vec![row], next_url: String::new() };
        let lists = [list.render()?, ListPage { rows: Vec::new(), office: false, ..list }.render()?];
        for html in html.iter().chain(&lists) {
            assert_eq!(html.matches("<h1").count(), 1);
        }
        Ok(())
    }
}
