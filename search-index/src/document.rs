//! What goes in: one document, and the compact form in which its words and card are kept.

use crate::error::{Error, Result};

/// Separates the parts of a document in the one searched text; taken out of the parts themselves.
pub(crate) const PART: char = '\u{1}';

/// One searchable thing. Applying a document with the same id replaces the former one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// Unique name; also what breaks ties, so that an order is always total.
    pub id: String,
    /// Searched with the highest weight, shown marked.
    pub title: String,
    /// Searched with a high weight and never shown: labels of facets, other names.
    pub keywords: String,
    /// Searched with more weight than the body; a source of snippets.
    pub summary: String,
    /// Searched; a source of snippets.
    pub body: String,
    /// Values per facet, by the position of the facet in [`crate::Schema::facets`]. Repeated values count once.
    pub facets: Vec<(usize, Vec<String>)>,
    /// The key of [`crate::Sort::Newest`], larger first; any unit.
    pub date: i64,
    /// The key of [`crate::Sort::MostUsed`], larger first; also a faint nudge in relevance.
    pub popularity: u64,
    /// Bytes that come back with a hit, untouched.
    pub card: Vec<u8>,
}

impl Document {
    /// A hash over everything in the document, the same in every process and version of this crate that shares the
    /// layout of the index. `index verify` compares it with [`crate::Index::fingerprints`] to find changed documents.
    pub fn fingerprint(&self) -> u64 {
        let mut hash = StableHash::new();
        for text in [&self.id, &self.title, &self.keywords, &self.summary, &self.body] {
            hash.bytes(text.as_bytes());
        }
        for (facet, values) in self.sorted_facets() {
            hash.number(facet as u64);
            values.iter().for_each(|value| hash.bytes(value.as_bytes()));
        }
        hash.number(self.date as u64);
        hash.number(self.popularity);
        hash.bytes(&self.card);
        hash.finish()
    }

    /// Facet values, each once, facets and values in order: the order given carries no meaning.
    pub(crate) fn sorted_facets(&self) -> Vec<(usize, Vec<&str>)> {
        let mut all: Vec<(usize, &str)> =
            self.facets.iter().flat_map(|(facet, values)| values.iter().map(|v| (*facet, v.as_str()))).collect();
        all.sort_unstable();
        all.dedup();
        let mut out: Vec<(usize, Vec<&str>)> = Vec::new();
        for (facet, value) in all {
            match out.last_mut() {
                Some((last, values)) if *last == facet => values.push(value),
                _ => out.push((facet, vec![value])),
            }
        }
        out
    }

    /// The text that is searched, its parts in the order in which they weigh.
    pub(crate) fn searched_text(&self) -> String {
        let parts = [&self.title, &self.keywords, &self.summary, &self.body];
        let mut text = String::with_capacity(parts.iter().map(|part| part.len() + 1).sum());
        for (i, part) in parts.into_iter().enumerate() {
            if i > 0 {
                text.push(PART);
            }
            push_part(&mut text, part);
        }
        text
    }

    /// Title, keywords and summary: what neighbouring words are remembered of.
    pub(crate) fn leading_text(&self) -> String {
        let mut text = String::new();
        for part in [&self.title, &self.keywords, &self.summary] {
            push_part(&mut text, part);
            text.push(PART);
        }
        text
    }

    /// The bytes kept beside the index for showing a hit.
    pub(crate) fn stored(&self) -> Vec<u8> {
        let parts: [&[u8]; 5] = [
            self.title.as_bytes(),
            self.keywords.as_bytes(),
            self.summary.as_bytes(),
            self.body.as_bytes(),
            &self.card,
        ];
        let mut out = Vec::with_capacity(parts.iter().map(|part| part.len() + 4).sum());
        for part in parts {
            out.extend_from_slice(&(part.len() as u32).to_le_bytes());
            out.extend_from_slice(part);
        }
        // The length comes last as well: read from behind, the bytes need no parser of what surrounds them.
        out.extend_from_slice(&(out.len() as u32).to_le_bytes());
        out
    }
}

fn push_part(text: &mut String, part: &str) {
    if part.contains(PART) {
        text.extend(part.chars().map(|c| if c == PART { ' ' } else { c }));
    } else {
        text.push_str(part);
    }
}

/// A view of the bytes made by [`Document::stored`].
pub(crate) struct Stored<'a> {
    pub title: &'a str,
    pub keywords: &'a str,
    pub summary: &'a str,
    pub body: &'a str,
    pub card: &'a [u8],
}

impl<'a> Stored<'a> {
    /// `bytes` may have anything in front.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self> {
        let damaged = || Error::Damaged("a stored document cannot be read".to_owned());
        let (before, len) = bytes.split_last_chunk::<4>().ok_or_else(damaged)?;
        let start = before.len().checked_sub(u32::from_le_bytes(*len) as usize).ok_or_else(damaged)?;
        let mut rest = &before[start..];
        let mut next = || {
            let (len, tail) = rest.split_first_chunk::<4>()?;
            let (part, tail) = tail.split_at_checked(u32::from_le_bytes(*len) as usize)?;
            rest = tail;
            Some(part)
        };
        let mut bytes = || next().ok_or_else(damaged);
        let text = |part: &'a [u8]| std::str::from_utf8(part).map_err(|_| damaged());
        Ok(Self {
            title: text(bytes()?)?,
            keywords: text(bytes()?)?,
            summary: text(bytes()?)?,
            body: text(bytes()?)?,
            card: bytes()?,
        })
    }
}

/// A 64-bit hash that does not change between processes, unlike the standard library's.
pub(crate) struct StableHash(u64);

impl StableHash {
    pub(crate) fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    pub(crate) fn number(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(0xff51_afd7_ed55_8ccd);
        self.0 = (mixed ^ (mixed >> 32)).wrapping_mul(0xc4ce_b9fe_1a85_ec53).rotate_left(29);
    }

    /// Length first, so that no two lists of parts run into each other.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        let (chunks, tail) = bytes.as_chunks::<8>();
        for chunk in chunks {
            self.number(u64::from_le_bytes(*chunk));
        }
        if !tail.is_empty() {
            let mut last = [0u8; 8];
            last[..tail.len()].copy_from_slice(tail);
            self.number(u64::from_le_bytes(last));
        }
    }

    pub(crate) fn finish(&self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        mixed ^ (mixed >> 33)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Document {
        Document {
            id: "p1".into(),
            title: "Reading circles".into(),
            body: "Words\u{1}words".into(),
            facets: vec![(1, vec!["b".into(), "a".into()]), (0, vec!["x".into()])],
            card: vec![1, 2, 3],
            ..Document::default()
        }
    }

    #[test]
    fn stored_bytes_read_back_and_refuse_damage() {
        let bytes = sample().stored();
        let stored = Stored::read(&bytes).unwrap();
        assert_eq!((stored.title, stored.card), ("Reading circles", &[1u8, 2, 3][..]));
        for len in 0..bytes.len() {
            assert!(Stored::read(&bytes[..len]).is_err());
        }
    }

    #[test]
    fn fingerprints_see_content_and_not_order() {
        let one = sample();
        let mut other = sample();
        other.facets = vec![(0, vec!["x".into()]), (1, vec!["a".into(), "b".into(), "b".into()])];
        assert_eq!(one.fingerprint(), other.fingerprint());
        other.summary = "x".into();
        assert_ne!(one.fingerprint(), other.fingerprint());
        assert_eq!(one.searched_text().matches(PART).count(), 3);
    }
}
