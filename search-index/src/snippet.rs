//! What is shown of a hit: the title and one stretch of text, escaped, with the found words in `<mark>`.

use std::ops::Range;

use crate::document::Stored;
use crate::marks::{Mark, Marker};

/// Bytes of text in a snippet, about two lines on a phone.
const LENGTH: usize = 220;
/// Bytes shown before the first mark, to the last start of a sentence or word.
const LEAD: usize = 60;

/// The title with its marks.
pub(crate) fn title(marker: &mut Marker<'_>, stored: &Stored<'_>, marks: &mut Vec<Mark>) -> String {
    marker.find(stored.title, marks);
    html(stored.title, 0..stored.title.len(), marks)
}

/// The stretch of summary or body that shows most clauses; the summary if both show as many.
pub(crate) fn snippet(marker: &mut Marker<'_>, stored: &Stored<'_>, marks: &mut Vec<Mark>) -> String {
    marker.find(stored.summary, marks);
    let in_summary = best(marks);
    let mut in_body = Vec::new();
    marker.find(stored.body, &mut in_body);
    let body = best(&in_body);
    let has_summary = !stored.summary.is_empty() || stored.body.is_empty();
    if has_summary && in_summary.clauses >= body.clauses {
        fragment(stored.summary, in_summary.first, marks)
    } else {
        fragment(stored.body, body.first, &in_body)
    }
}

#[derive(Default, PartialEq, PartialOrd)]
struct Window {
    clauses: u32,
    marks: usize,
    first: usize,
}

/// The earliest window with most clauses, then most marks; `first` is the byte where its first mark begins.
fn best(marks: &[Mark]) -> Window {
    let mut best = Window::default();
    let mut end = 0;
    for (start, mark) in marks.iter().enumerate() {
        while end < marks.len() && marks[end].range.end <= mark.range.start + LENGTH - LEAD {
            end += 1;
        }
        let within = &marks[start..end.max(start + 1)];
        let clauses = within.iter().fold(0u64, |set, mark| set | 1 << (mark.clause % 64)).count_ones();
        if (clauses, within.len()) > (best.clauses, best.marks) {
            best = Window { clauses, marks: within.len(), first: mark.range.start };
        }
    }
    best
}

fn fragment(text: &str, first: usize, marks: &[Mark]) -> String {
    if text.len() <= LENGTH + LEAD {
        return html(text, 0..text.len(), marks);
    }
    let from = beginning(text, first);
    let to = ending(text, from);
    let mut out = String::with_capacity(LENGTH * 2);
    if from > 0 {
        out.push_str("… ");
    }
    out.push_str(&html(text, from..to, marks));
    if to < text.len() {
        out.push_str(" …");
    }
    out
}

/// A start of a sentence, else of a word, at most [`LEAD`] bytes before `first`.
fn beginning(text: &str, first: usize) -> usize {
    let earliest = floor(text, first.saturating_sub(LEAD));
    if earliest == 0 {
        return 0;
    }
    let lead = &text[earliest..first];
    if let Some(at) = lead.rfind(". ") {
        return earliest + at + 2;
    }
    lead.find(' ').map_or(first, |at| earliest + at + 1)
}

/// The end of a word at most [`LENGTH`] bytes on.
fn ending(text: &str, from: usize) -> usize {
    let last = floor(text, from + LENGTH);
    if last == text.len() {
        return last;
    }
    text[from..last].rfind(' ').filter(|at| *at > LENGTH / 2).map_or(last, |at| from + at)
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn html(text: &str, range: Range<usize>, marks: &[Mark]) -> String {
    let mut out = String::with_capacity(range.len() + 64);
    let mut at = range.start;
    for mark in marks.iter().filter(|mark| mark.range.start >= range.start && mark.range.end <= range.end) {
        escape(&text[at..mark.range.start], &mut out);
        out.push_str("<mark>");
        escape(&text[mark.range.clone()], &mut out);
        out.push_str("</mark>");
        at = mark.range.end;
    }
    escape(&text[at..range.end], &mut out);
    out
}

fn escape(text: &str, out: &mut String) {
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let safe = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            _ => continue,
        };
        out.push_str(&text[plain..at]);
        out.push_str(safe);
        plain = at + 1;
    }
    out.push_str(&text[plain..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marks::Marks;
    use crate::plan::Kind;

    fn show(stems: &[&str], title_text: &str, summary: &str, body: &str) -> (String, String) {
        let mut marks = Marks::default();
        for stem in stems {
            marks.next_clause();
            marks.add(&Kind::Stem((*stem).to_owned()));
        }
        let mut marker = Marker::new(&marks);
        let stored = Stored { title: title_text, keywords: "", summary, body, card: &[] };
        let mut room = Vec::new();
        (title(&mut marker, &stored, &mut room), snippet(&mut marker, &stored, &mut room))
    }

    #[test]
    fn marks_stems_and_escapes_everything() {
        let (title, snippet) = show(&["read", "abl"], "<script>Reading</script> & 'readers'", "Able > \"reads\"", "");
        assert_eq!(title, "&lt;script&gt;<mark>Reading</mark>&lt;/script&gt; &amp; &#39;readers&#39;");
        assert_eq!(snippet, "<mark>Able</mark> &gt; &quot;<mark>reads</mark>&quot;");
    }

    #[test]
    fn takes_the_stretch_with_most_clauses() {
        let filler = "Nothing of note is said in this sentence. ".repeat(20);
        let body = format!("{filler}Attendance letters work. {filler}Letters on attendance and tutoring. {filler}");
        let (_, snippet) = show(&["attend", "letter", "tutor"], "", "Attendance.", &body);
        assert!(snippet.starts_with("… <mark>Letters</mark> on <mark>attendance</mark> and <mark>tutoring</mark>"));
        assert!(snippet.len() < 400 && snippet.ends_with(" …"));
        let (_, plain) = show(&[], "", "", &filler);
        assert!(plain.starts_with("Nothing") && plain.ends_with(" …"));
    }

    #[test]
    fn survives_any_characters() {
        let body = "é学😀".repeat(400);
        let (_, snippet) = show(&["学"], "", "", &body);
        assert!(snippet.contains("<mark>学</mark>"));
    }
}
