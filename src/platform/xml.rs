//! XML that is made: feeds, harvesting, sitemaps. Everything written goes through one writer that escapes.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// An XML document under way.
pub struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// A document in UTF-8 with nothing in it yet.
    pub fn document() -> Self {
        let mut xml = Self(Writer::new(Vec::new()));
        xml.write(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml
    }

    /// Opens an element; [`Xml::close`] ends it.
    pub fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.write(Event::Start(start(name, attributes)));
    }

    /// Ends the element opened last, which is called `name`.
    pub fn close(&mut self, name: &str) {
        self.write(Event::End(BytesEnd::new(name)));
    }

    /// An element that holds text.
    pub fn text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        self.write(Event::Text(BytesText::new(&sayable(text))));
        self.close(name);
    }

    /// An element that holds nothing.
    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.write(Event::Empty(start(name, attributes)));
    }

    /// The document.
    pub fn bytes(self) -> Vec<u8> {
        self.0.into_inner()
    }

    fn write(&mut self, event: Event<'_>) {
        // Writing into memory does not fail.
        let _ = self.0.write_event(event);
    }
}

fn start<'a>(name: &'a str, attributes: &[(&str, &str)]) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (name, value) in attributes {
        start.push_attribute((*name, sayable(value).as_str()));
    }
    start
}

/// The text without the characters that XML 1.0 cannot say, not even escaped.
fn sayable(text: &str) -> String {
    let says = |c: &char| matches!(c, '\t' | '\n' | '\r') || (*c >= ' ' && !matches!(*c, '\u{fffe}' | '\u{ffff}'));
    text.chars().filter(says).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_text_and_never_markup() {
        let mut xml = Xml::document();
        xml.open("a", &[("href", "x\"><b y='&")]);
        xml.text("t", &[], "</t><script>&amp;\u{0}\u{b}\u{ffff}]]>");
        xml.empty("e", &[]);
        xml.close("a");
        let text = String::from_utf8(xml.bytes()).unwrap();
        assert_eq!(
            text,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a href=\"x&quot;&gt;&lt;b y=&apos;&amp;\">\
             <t>&lt;/t&gt;&lt;script&gt;&amp;amp;]]&gt;</t><e/></a>"
        );
    }
}
