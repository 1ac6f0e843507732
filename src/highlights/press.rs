//! The press text of a highlight: plain words to copy into a letter or a paper.

use super::jsonld::place;
use super::numbers::day;
use super::reading::Whole;

/// Paragraphs of the text, the headline first.
pub fn paragraphs(whole: &Whole, base_url: &str) -> Vec<String> {
    let now = &whole.highlight;
    let mut text = vec![now.headline.clone()];
    let on = now.published_at.map(|at| day(now.zone.local(at).date())).unwrap_or_default();
    text.push(format!("{}, {on}. {}", place(whole), now.story));
    for one in &now.schools {
        let sector = one.sector.as_deref().map(|code| format!(" ({})", whole.sector(code))).unwrap_or_default();
        text.push(format!("{}{sector}: {}", whole.school(one.school), one.words));
    }
    if let Some(quote) = &now.quote {
        let who = whole.speaker.as_ref().map(|name| format!("{name}, ")).unwrap_or_default();
        text.push(format!("\u{201c}{}\u{201d} {who}{}, {}", quote.text, quote.role, whole.school(quote.school)));
    }
    for number in &whole.numbers {
        let from = match &number.source {
            Some((source, link)) => format!("Source: {source}, {link}"),
            None => format!("{}. {}", number.dated, number.definition),
        };
        text.push(format!("{} {}. {from}", number.value, number.label));
    }
    text.push(format!("The schools named here approved these words. {base_url}{}", now.path()));
    text
}

/// The same as one text.
pub fn text(whole: &Whole, base_url: &str) -> String {
    let mut text = paragraphs(whole, base_url).join("\n\n");
    text.push('\n');
    text
}
