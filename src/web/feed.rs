//! Atom feeds (RFC 4287): what features publish as they change, for readers of feeds and other programs.

use poem::Response;
use poem::http::{HeaderMap, HeaderValue};

use super::etag;
use crate::platform::Timestamp;
use crate::platform::xml::Xml;

/// The media type of a feed.
pub const ATOM: &str = "application/atom+xml; charset=utf-8";

/// A page of a feed.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    /// Its name for ever: a URN or a tag, which another public address does not change.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it tells of.
    pub subtitle: String,
    /// Who publishes it.
    pub author: String,
    /// When it last changed, where it has no entries.
    pub since: Timestamp,
    /// Its own address, with https.
    pub own_url: String,
    /// The page that shows the same.
    pub page_url: String,
    /// The next, older page of it (RFC 5005); `None` on the last.
    pub next_url: Option<String>,
    /// The first page, where this is another.
    pub first_url: Option<String>,
    /// Newest change first.
    pub entries: Vec<Entry>,
}

/// One thing of a feed.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Its name for ever: `urn:uuid:` and its id.
    pub id: String,
    /// Its title, as plain text.
    pub title: String,
    /// Its page.
    pub url: String,
    /// When it was first published.
    pub published: Option<Timestamp>,
    /// When it last changed.
    pub updated: Timestamp,
    /// Who it is from: a school, an office; never a person's address.
    pub author: Option<String>,
    /// What it is about: code and label.
    pub categories: Vec<(String, String)>,
    /// Its licence in words, with its address.
    pub rights: Option<String>,
    /// The address of the licence.
    pub license_url: Option<String>,
    /// What it says, as HTML that was escaped where it was made.
    pub content_html: String,
}

impl Feed {
    /// The feed as a document.
    pub fn bytes(&self) -> Vec<u8> {
        let mut xml = Xml::document();
        xml.open("feed", &[("xmlns", "http://www.w3.org/2005/Atom"), ("xml:lang", "en-US")]);
        xml.text("id", &[], &self.id);
        xml.text("title", &[], &self.title);
        if !self.subtitle.is_empty() {
            xml.text("subtitle", &[], &self.subtitle);
        }
        let updated = self.entries.iter().map(|entry| entry.updated).max().unwrap_or(self.since);
        xml.text("updated", &[], &moment(updated));
        author(&mut xml, &self.author);
        xml.empty("link", &[("rel", "self"), ("type", "application/atom+xml"), ("href", &self.own_url)]);
        xml.empty("link", &[("rel", "alternate"), ("type", "text/html"), ("href", &self.page_url)]);
        for (rel, url) in [("first", &self.first_url), ("next", &self.next_url)] {
            if let Some(url) = url {
                xml.empty("link", &[("rel", rel), ("type", "application/atom+xml"), ("href", url)]);
            }
        }
        xml.text("generator", &[], "Common Ground");
        for entry in &self.entries {
            entry.write(&mut xml);
        }
        xml.close("feed");
        xml.bytes()
    }

    /// The answer to a request for it: a reader that has it already is told so.
    pub fn respond(&self, request: &HeaderMap) -> Response {
        let mut response = etag::respond(request, ATOM, self.bytes());
        response.headers_mut().insert("cache-control", HeaderValue::from_static("no-cache"));
        response
    }
}

impl Entry {
    fn write(&self, xml: &mut Xml) {
        xml.open("entry", &[]);
        xml.text("id", &[], &self.id);
        xml.text("title", &[], if self.title.trim().is_empty() { "Untitled" } else { &self.title });
        xml.empty("link", &[("rel", "alternate"), ("type", "text/html"), ("href", &self.url)]);
        if let Some(published) = self.published {
            xml.text("published", &[], &moment(published));
        }
        xml.text("updated", &[], &moment(self.updated));
        if let Some(name) = &self.author {
            author(xml, name);
        }
        for (code, label) in &self.categories {
            xml.empty("category", &[("term", code), ("label", label)]);
        }
        if let Some(rights) = &self.rights {
            xml.text("rights", &[], rights);
        }
        if let Some(url) = &self.license_url {
            xml.empty("link", &[("rel", "license"), ("href", url)]);
        }
        xml.text("content", &[("type", "html")], &self.content_html);
        xml.close("entry");
    }
}

/// Text as HTML: for what a feed says of a plain text.
pub fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}

fn author(xml: &mut Xml, name: &str) {
    xml.open("author", &[]);
    xml.text("name", &[], name);
    xml.close("author");
}

fn moment(at: Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_is_as_new_as_its_newest_entry_and_a_hostile_title_is_text() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let entry = |title: &str, day: &str| Entry {
            id: "urn:uuid:0199".to_owned(),
            title: title.to_owned(),
            url: "https://ground.example/practices/x".to_owned(),
            updated: at(day),
            content_html: format!("<p>{}</p>", escaped("<script>alert('x')</script>")),
            ..Entry::default()
        };
        let feed = Feed {
            id: "urn:uuid:0198".to_owned(),
            title: "Practices".to_owned(),
            author: "Common Ground".to_owned(),
            entries: vec![entry("]]><entry/>&", "2026-10-14T16:00:00Z"), entry("  ", "2026-10-13T16:00:00.5Z")],
            ..Feed::default()
        };
        let text = String::from_utf8(feed.bytes()).unwrap();
        assert!(text.contains("<updated>2026-10-14T16:00:00Z</updated><author>"), "{text}");
        assert!(text.contains("<title>]]&gt;&lt;entry/&gt;&amp;</title>"));
        assert!(text.contains("<title>Untitled</title>"));
        assert!(text.contains("&lt;p&gt;&amp;lt;script&amp;gt;"), "escaped as HTML, then as XML");
        assert_eq!(text.matches("<entry>").count(), 2);
    }
}
