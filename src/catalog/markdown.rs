//! Long texts are written in Markdown. This is the one place that turns it into HTML, and into plain words for whoever reads no HTML:
//! search, feeds, JSON-LD.
//!
//! What comes out is inert: HTML in a text is shown as the characters it is, pictures become their description, links lead to `http` and
//! `https` alone and lend no weight to what they name, and headings stand below those of the page.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// Fields of a record whose text is Markdown.
pub const FIELDS: [&str; 9] = [
    "problem",
    "a_day_or_week",
    "conditions_note",
    "space_and_technology",
    "who_decided",
    "how_to_keep_it_going",
    "visit_rules",
    "stopped_because",
    "what_replaced_it",
];

/// The text as HTML of blocks, for pages that have their own headings down to the third level.
pub fn html(text: &str) -> String {
    html_under(text, 3)
}

/// The same for a place under a heading of this level: the highest headings of the text come right below it, and none is left out
/// on the way down, whatever levels its writer chose.
pub fn html_under(text: &str, above: usize) -> String {
    let mut levels: Vec<HeadingLevel> = Parser::new_ext(text, Options::empty())
        .filter_map(|event| if let Event::Start(Tag::Heading { level, .. }) = event { Some(level) } else { None })
        .collect();
    levels.sort_unstable();
    levels.dedup();
    let below = |level: HeadingLevel| {
        let rank = levels.iter().position(|used| *used == level).unwrap_or_default();
        HeadingLevel::try_from((above + 1 + rank).min(6)).unwrap_or(HeadingLevel::H6)
    };
    let mut kept = Vec::new();
    // What the end of a link closes: pulldown-cmark does not nest them, but pictures may stand in one.
    let mut links = Vec::new();
    for event in Parser::new_ext(text, Options::empty()) {
        match event {
            Event::Html(raw) | Event::InlineHtml(raw) => kept.push(Event::Text(raw)),
            Event::Start(Tag::HtmlBlock) => kept.push(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => kept.push(Event::End(TagEnd::Paragraph)),
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => {}
            Event::Start(Tag::Link { dest_url, .. }) => {
                let leads = is_web_address(&dest_url);
                links.push(leads);
                if leads {
                    let tag = format!("<a href=\"{}\" rel=\"nofollow noopener ugc\">", escaped(&dest_url));
                    kept.push(Event::InlineHtml(CowStr::from(tag)));
                }
            }
            Event::End(TagEnd::Link) => {
                if links.pop() == Some(true) {
                    kept.push(Event::InlineHtml(CowStr::Borrowed("</a>")));
                }
            }
            Event::Start(Tag::Heading { level, .. }) => {
                let tag = Tag::Heading { level: below(level), id: None, classes: Vec::new(), attrs: Vec::new() };
                kept.push(Event::Start(tag));
            }
            Event::End(TagEnd::Heading(level)) => kept.push(Event::End(TagEnd::Heading(below(level)))),
            // People press Enter where they want a new line.
            Event::SoftBreak => kept.push(Event::HardBreak),
            other => kept.push(other),
        }
    }
    let mut page = String::with_capacity(text.len() + text.len() / 4);
    html::push_html(&mut page, kept.into_iter());
    page
}

/// The words of a text without its marks.
pub fn plain(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for event in Parser::new_ext(text, Options::empty()) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                words.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak | Event::Rule => words.push(' '),
            Event::End(
                TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::CodeBlock | TagEnd::HtmlBlock,
            ) => words.push(' '),
            _ => {}
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_web_address(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    (lower.starts_with("https://") || lower.starts_with("http://"))
        && !url.chars().any(|c| c.is_control() || c.is_whitespace())
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_teachers_write_looks_as_they_meant() {
        assert_eq!(html("Plain words & a < b"), "<p>Plain words &amp; a &lt; b</p>\n");
        assert_eq!(html("**Keep** this\nand this"), "<p><strong>Keep</strong> this<br />\nand this</p>\n");
        assert_eq!(html("- one\n- two"), "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n");
        assert_eq!(html("# Monday"), "<h4>Monday</h4>\n");
        assert_eq!(html("## One\n\n#### Under it\n\n## Two"), "<h4>One</h4>\n<h5>Under it</h5>\n<h4>Two</h4>\n");
        assert_eq!(html_under("## One", 1), "<h2>One</h2>\n");
        assert_eq!(
            html("See [the form](https://example.org/f?a=1&b=2)."),
            "<p>See <a href=\"https://example.org/f?a=1&amp;b=2\" rel=\"nofollow noopener ugc\">the form</a>.</p>\n"
        );
    }

    #[test]
    fn plain_words_have_no_marks() {
        assert_eq!(
            plain("# Monday\n\n**Keep** [this](https://example.org)\n- one\n- `two`"),
            "Monday Keep this one two"
        );
        assert_eq!(plain("a < b & <b>c</b>"), "a < b & <b>c</b>");
    }

    #[test]
    fn nothing_in_a_text_can_act() {
        let hostile = [
            "<script>alert(1)</script>",
            "x <img src=x onerror=alert(1)> y",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt&#58;alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "[x](vbscript:x)",
            "<javascript:alert(1)>",
            "![x](https://example.org/x.png)",
            "[![x](https://example.org/x.png)](javascript:alert(1))",
            "[a](https://example.org/\"onmouseover=\"alert(1))",
            "<https://example.org/\"onmouseover=alert(1)>",
            "[x]: javascript:alert(1)\n\n[x]",
            "<style>*{display:none}</style>",
            "<!-- x --><iframe src=//example.org>",
            "```\n</code><script>alert(1)</script>\n```",
            "`</code><script>alert(1)</script>`",
            "# <svg onload=alert(1)>",
            "> <a href='javascript:alert(1)'>x</a>",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "\\<script>alert(1)\\</script>",
        ];
        for text in hostile {
            let page = html(text);
            let tags: Vec<&str> = page.split('<').skip(1).collect();
            for tag in tags {
                let name: String =
                    tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
                let known = ["p", "a", "h4", "h5", "h6", "code", "pre", "blockquote", "em", "strong", "ul", "li", "br"];
                assert!(known.contains(&name.as_str()), "{text} became {page}");
                let inside = tag.split('>').next().unwrap_or_default();
                assert!(!inside.contains("javascript:") && !inside.contains(" on"), "{text} became {page}");
                assert_eq!(
                    name == "a" && !tag.starts_with('/'),
                    inside.contains(" href=\"http"),
                    "{text} became {page}"
                );
            }
        }
    }
}
