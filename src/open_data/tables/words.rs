//! The vocabularies that codes come from, and the sectors of this installation.

use async_trait::async_trait;

use crate::open_data::exported::{Exported, Kind, Piece, Row, Table, field, put};
use crate::people;
use crate::platform::vocabulary;
use crate::platform::{Cx, Result};

/// Every word of every vocabulary.
pub struct Vocabularies;

#[async_trait]
impl Exported for Vocabularies {
    fn table(&self) -> Table {
        Table {
            name: "vocabularies",
            title: "Vocabularies",
            says: "One row for each code that other tables use; codes are never taken out.",
            key: &["vocabulary", "code"],
            fields: vec![
                field("vocabulary", Kind::Text, "The vocabulary."),
                field("number", Kind::Integer, "Its place in the order of the vocabulary, from 1."),
                field("code", Kind::Text, "The code."),
                field("label", Kind::Text, "What people read."),
                field(
                    "more",
                    Kind::Text,
                    "A third fact, where a vocabulary has one: grades of a band, the address of a licence.",
                ),
            ],
        }
    }

    async fn count(&self, _: &Cx) -> Result<u64> {
        Ok(vocabulary::names().count() as u64)
    }

    async fn piece(&self, _: &Cx, _: Option<&str>) -> Result<Piece> {
        let mut rows = Vec::new();
        for name in vocabulary::names() {
            for (number, term) in vocabulary::terms(name).iter().enumerate() {
                let mut row = Row::new();
                put(&mut row, "vocabulary", name);
                put(&mut row, "number", number + 1);
                put(&mut row, "code", &term.code);
                put(&mut row, "label", &term.label);
                put(&mut row, "more", Some(&term.more).filter(|more| !more.is_empty()));
                rows.push(row);
            }
        }
        Ok(Piece { rows, steps: vocabulary::names().count() as u64, next: None })
    }
}

/// Sectors.
pub struct Sectors;

#[async_trait]
impl Exported for Sectors {
    fn table(&self) -> Table {
        Table {
            name: "sectors",
            title: "Sectors",
            says: "One row for each sector of public schooling in this installation.",
            key: &["code"],
            fields: vec![field("code", Kind::Text, "The code."), field("label", Kind::Text, "What people read.")],
        }
    }

    async fn count(&self, _: &Cx) -> Result<u64> {
        Ok(1)
    }

    async fn piece(&self, cx: &Cx, _: Option<&str>) -> Result<Piece> {
        let mut rows = Vec::new();
        for sector in people::sectors(cx).await? {
            let mut row = Row::new();
            put(&mut row, "code", &sector.code);
            put(&mut row, "label", &sector.label);
            rows.push(row);
        }
        Ok(Piece { rows, steps: 1, next: None })
    }
}
