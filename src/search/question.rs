//! A search as an address says it: the same parameters for the page and the API, and back again (F-7).

use std::collections::BTreeMap;

use super::entry::Kind;

/// Results on one page when the address does not say.
pub const PAGE: usize = 20;

/// Which documents count as found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Match {
    /// The product's rule: all words while enough documents have them, then most.
    #[default]
    Auto,
    /// Every word.
    All,
    /// Any word.
    Any,
}

impl Match {
    /// Every way, with its code and words.
    pub const ALL: [(Self, &'static str, &'static str); 3] =
        [(Self::Auto, "auto", "Best match"), (Self::All, "all", "All words"), (Self::Any, "any", "Any word")];
}

/// The order of results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Best first.
    #[default]
    Relevance,
    /// Newest first.
    Newest,
    /// Used by most schools first.
    MostUsed,
}

impl Sort {
    /// Every order, with its code and words.
    pub const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Relevance, "relevance", "Best match first"),
        (Self::Newest, "newest", "Newest first"),
        (Self::MostUsed, "most_used", "Used by most schools first"),
    ];
}

/// What somebody asks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// The words, as typed.
    pub text: String,
    /// Values by the name of their filter: one filter any of its values, all filters together.
    pub filters: BTreeMap<&'static str, Vec<String>>,
    /// Which documents count as found.
    pub matching: Match,
    /// The order.
    pub sort: Sort,
    /// Results on a page, 1 to 100.
    pub limit: usize,
    /// Where the page begins: `next` of the page before.
    pub cursor: Option<String>,
    /// A school, by its name in addresses: practices of schools like it come first (F-6).
    pub like: Option<String>,
}

/// Values of one filter and characters of one value; more is nobody's search.
const VALUES: usize = 50;
const VALUE_CHARACTERS: usize = 200;

impl Question {
    /// Reads the parameters of an address. What cannot be meant is left out, so that an old or shortened link
    /// still answers: unknown names, empty values, an unknown order.
    pub fn read<'a>(kind: Kind, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut question = Self { limit: PAGE, ..Self::default() };
        for (name, value) in parameters {
            let value = clean(value);
            let value = value.as_str();
            if value.is_empty() {
                continue;
            }
            match name {
                "q" => question.text = value.to_owned(),
                "match" => question.matching = code(&Match::ALL, value).unwrap_or_default(),
                "sort" => question.sort = code(&Sort::ALL, value).unwrap_or_default(),
                "limit" => question.limit = value.parse().map_or(PAGE, |n: usize| n.clamp(1, 100)),
                "cursor" => question.cursor = Some(value.to_owned()),
                "like" => question.like = Some(value.chars().take(VALUE_CHARACTERS).collect()),
                _ => question.filter(kind, name, value),
            }
        }
        question
    }

    /// Adds a value of a filter; names the kind does not have are left out.
    pub fn filter(&mut self, kind: Kind, name: &str, value: &str) {
        let Some(spec) = kind.facets().iter().find(|spec| spec.name == name) else { return };
        let value: String = clean(value).chars().take(VALUE_CHARACTERS).collect();
        if value.is_empty() {
            return;
        }
        let values = self.filters.entry(spec.name).or_default();
        if values.len() < VALUES && !values.contains(&value) {
            values.push(value);
        }
    }

    /// The address of this search under `path`, without the place in it: always the same for the same search.
    pub fn url(&self, path: &str) -> String {
        let mut query = Vec::new();
        if !self.text.is_empty() {
            query.push(("q", self.text.as_str()));
        }
        for (name, values) in &self.filters {
            query.extend(values.iter().map(|value| (*name, value.as_str())));
        }
        query.extend(self.like.as_deref().map(|like| ("like", like)));
        query.extend(
            Match::ALL.iter().filter(|(m, ..)| *m != Match::Auto && *m == self.matching).map(|m| ("match", m.1)),
        );
        query
            .extend(Sort::ALL.iter().filter(|(s, ..)| *s != Sort::Relevance && *s == self.sort).map(|s| ("sort", s.1)));
        let limit = self.limit.to_string();
        if self.limit != PAGE && self.limit != 0 {
            query.push(("limit", &limit));
        }
        if query.is_empty() {
            return path.to_owned();
        }
        let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        format!("{path}?{}", query.join("&"))
    }

    /// The address of the page that begins at `cursor`.
    pub fn url_at(&self, path: &str, cursor: &str) -> String {
        let url = self.url(path);
        let gap = if url.contains('?') { '&' } else { '?' };
        format!("{url}{gap}cursor={}", encode(cursor))
    }

    /// The same search without one value of one filter.
    pub fn without(&self, name: &str, value: &str) -> Self {
        let mut other = Self { cursor: None, ..self.clone() };
        if let Some(values) = other.filters.get_mut(name) {
            values.retain(|v| v != value);
        }
        other.filters.retain(|_, values| !values.is_empty());
        other
    }
}

/// Text without the white space around it and without control characters, which nobody types and PostgreSQL
/// refuses.
pub(super) fn clean(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn code<T: Copy>(all: &[(T, &str, &str)], code: &str) -> Option<T> {
    all.iter().find(|(_, c, _)| *c == code).map(|(value, ..)| *value)
}

/// Percent-encoding for a value in a query (RFC 3986: everything but unreserved characters).
pub fn encode(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte as char),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_the_same_there_and_back() {
        let parameters = [
            ("q", "ELL science"),
            ("topic", "mtss"),
            ("topic", "tutoring"),
            ("topic", "mtss"),
            ("nonsense", "1"),
            ("sort", "newest"),
            ("match", "maybe"),
            ("grade_band", ""),
        ];
        let question = Question::read(Kind::Practice, parameters);
        let url = question.url("/search");
        assert_eq!(url, "/search?q=ELL+science&topic=mtss&topic=tutoring&sort=newest");
        assert_eq!(
            question.without("topic", "mtss").url("/search"),
            "/search?q=ELL+science&topic=tutoring&sort=newest"
        );
        assert_eq!(question.url_at("/search", "a/b"), format!("{url}&cursor=a%2Fb"));
    }
}
