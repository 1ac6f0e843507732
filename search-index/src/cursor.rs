//! Where a page ended: the sort key and id of its last hit, bound to the query it belongs to.

use crate::document::StableHash;
use crate::error::{Error, Result};

/// The place of a hit in the order: larger keys first, then smaller ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub key: u64,
    pub id: String,
}

impl Cursor {
    pub(crate) fn write(&self, query: u64) -> String {
        use std::fmt::Write;
        let mut out = format!("{:016x}{:016x}", self.key, query ^ self.check(query));
        for byte in self.id.bytes() {
            let _ = write!(out, "{byte:02x}");
        }
        out
    }

    pub(crate) fn read(text: &str, query: u64) -> Result<Self> {
        Self::parse(text, query).ok_or(Error::BadCursor)
    }

    fn parse(text: &str, query: u64) -> Option<Self> {
        if !text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
            || !text.len().is_multiple_of(2)
        {
            return None;
        }
        let number = |range| u64::from_str_radix(text.get(range)?, 16).ok();
        let (key, check) = (number(0..16)?, number(16..32)?);
        let rest = text.get(32..)?;
        let bytes: Option<Vec<u8>> =
            (0..rest.len()).step_by(2).map(|at| u8::from_str_radix(rest.get(at..at + 2)?, 16).ok()).collect();
        let cursor = Self { key, id: String::from_utf8(bytes?).ok()? };
        (check == query ^ cursor.check(query)).then_some(cursor)
    }

    fn check(&self, query: u64) -> u64 {
        let mut hash = StableHash::new();
        hash.number(query);
        hash.number(self.key);
        hash.bytes(self.id.as_bytes());
        hash.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_only_under_its_query() {
        let cursor = Cursor { key: 42, id: "p-é".into() };
        let text = cursor.write(7);
        assert_eq!(Cursor::read(&text, 7).unwrap(), cursor);
        assert!(matches!(Cursor::read(&text, 8), Err(Error::BadCursor)));
        for at in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'0' { b'1' } else { b'0' };
            assert!(Cursor::read(std::str::from_utf8(&other).unwrap(), 7).is_err());
            assert!(Cursor::read(&text[..at], 7).is_err());
        }
        assert!(Cursor::read("é+", 7).is_err() && Cursor::read("", 7).is_err());
    }
}
