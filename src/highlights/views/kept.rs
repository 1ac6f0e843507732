//! What somebody sees whose form came after their sign-in had ended.

use askama::Template;

use crate::web::views::Chrome;

/// A field as it was sent.
#[derive(Clone, Debug, Default)]
pub struct KeptField {
    /// Its name.
    pub name: String,
    /// What was typed.
    pub value: String,
    /// Its name in words; empty where nobody typed it.
    pub words: String,
}

/// The page with what was typed.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "highlight_kept.html")]
pub struct KeptPage {
    /// The frame.
    pub chrome: Chrome,
    /// What was sent.
    pub fields: Vec<KeptField>,
    /// Where it goes.
    pub action: String,
}

#[cfg(test)]
mod tests {
    use super::super::samples::s;
    use super::*;
    use crate::web::views::Section;

    #[test]
    fn what_was_typed_is_shown_and_can_be_sent_again() {
        let field =
            |name: &str, value: &str, words: &str| KeptField { name: s(name), value: s(value), words: s(words) };
        let page = KeptPage {
            chrome: Chrome::sample("Sign in to keep this", "/highlights/new", Section::None),
            fields: vec![field("headline", "Two <schools>", "headline"), field("revision", "3", "")],
            action: s("/highlights"),
        };
        let html = page.render().unwrap();
        assert!(html.contains("Two &#60;schools&#62;") && html.contains("name=\"revision\" value=\"3\""), "{html}");
        assert!(!html.contains("<dt>revision</dt>"));
    }
}
