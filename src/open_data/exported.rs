//! What a table of the export is: its fields, what each of them says, and its rows in pieces.

use async_trait::async_trait;
use serde_json::Value;

use crate::platform::cells::inert;
use crate::platform::{Cx, Result};

/// One row: values by the names of the fields. What is left out is not known.
pub type Row = serde_json::Map<String, Value>;

/// Rows that one piece holds at most, of tables whose rows are small.
pub const PIECE: u64 = 200;

/// A table, for the data dictionary.
#[derive(Clone, Debug)]
pub struct Table {
    /// The name of its files: `practices`.
    pub name: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What one row is.
    pub says: &'static str,
    /// Fields by which a row is told from others.
    pub key: &'static [&'static str],
    /// Its fields, in the order of the columns.
    pub fields: Vec<Field>,
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What it says.
    pub says: &'static str,
}

/// What a field holds, by the names of Table Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// A day: 2026-10-14.
    Date,
    /// A moment with its offset.
    Moment,
    /// Several values; JSON in a cell.
    List,
    /// Named values; JSON in a cell.
    Object,
}

impl Kind {
    /// As Table Schema spells it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Moment => "datetime",
            Self::List => "array",
            Self::Object => "object",
        }
    }
}

/// A field, in one line.
pub const fn field(name: &'static str, kind: Kind, says: &'static str) -> Field {
    Field { name, kind, says }
}

/// A piece of a table.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    /// Its rows.
    pub rows: Vec<Row>,
    /// How many of [`Exported::count`] it took.
    pub steps: u64,
    /// What to ask for the next piece with; `None` after the last.
    pub next: Option<String>,
}

/// A table of the export. Reads as a visitor does: `cx` is nobody's.
#[async_trait]
pub trait Exported: Send + Sync {
    /// Its dictionary.
    fn table(&self) -> Table;
    /// How many steps it is, for a bar: about as many as rows.
    async fn count(&self, cx: &Cx) -> Result<u64>;
    /// The piece after `after`, in an order that does not change.
    async fn piece(&self, cx: &Cx, after: Option<&str>) -> Result<Piece>;
}

/// A value as a cell that no spreadsheet takes for a formula. Lists and objects are JSON.
pub fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => inert(text),
        Some(other) => other.to_string(),
    }
}

/// The row with a value, where there is one.
pub fn put(row: &mut Row, name: &str, value: impl serde::Serialize) {
    if let Ok(value) = serde_json::to_value(value)
        && !value.is_null()
    {
        row.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_are_inert_and_numbers_stay_numbers() {
        assert_eq!(cell(Some(&json!("=1+1"))), "'=1+1");
        assert_eq!(cell(Some(&json!(-3))), "-3");
        assert_eq!(cell(Some(&json!(["=1", "b"]))), r#"["=1","b"]"#);
        assert_eq!(cell(Some(&json!(true))), "true");
        assert_eq!(cell(None), "");
    }
}
