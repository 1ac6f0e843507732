//! Many rows as one text. A row costs the program more on its way from the database than what stands in it: with SQLite it wakes a
//! thread. Who counts tens of thousands of them asks for all of them as one text, and reads the fields of it in place.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use sea_orm::sea_query::{BinOper, Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr};
use sea_orm::{ConnectionTrait, DbBackend};
use uuid::Uuid;

use crate::platform::clock::Timestamp;
use crate::platform::error::{Error, Result};

/// Between two fields, and between two rows: characters of control that no value has.
const FIELD: char = '\u{1f}';
const ROW: char = '\u{1e}';
/// The same of rows that are a field of another row.
const INNER_FIELD: char = '\u{1d}';
const INNER_ROW: char = '\u{1c}';
/// Between the id of a group and its rows, and between two groups.
const GROUP_ID: char = '\u{1a}';
const GROUP: char = '\u{19}';

/// The names that the columns of a query of groups have: the id of a group, and its [`rows`].
pub const ID: &str = "id";
/// See [`ID`].
pub const ROWS: &str = "rows";

/// An id as a field.
pub fn id(conn: &impl ConnectionTrait, column: SimpleExpr) -> SimpleExpr {
    match conn.get_database_backend() {
        DbBackend::Sqlite => Func::cust("hex").arg(column).into(),
        _ => column.cast_as("text"),
    }
}

/// Anything else as a field; what is not set is empty.
pub fn text(column: SimpleExpr) -> SimpleExpr {
    Func::coalesce([column.cast_as("text"), Expr::cust("''")]).into()
}

/// A row of these fields.
pub fn row(fields: impl IntoIterator<Item = SimpleExpr>) -> SimpleExpr {
    fields_of(fields, FIELD)
}

/// The rows of a group as one text, in no order.
pub fn rows(row: SimpleExpr) -> SimpleExpr {
    rows_of(row, ROW)
}

/// The groups of a query with the columns [`ID`] and [`ROWS`] as one text.
pub fn groups(conn: &impl ConnectionTrait, query: SelectStatement) -> SelectStatement {
    let group = fields_of([id(conn, Expr::col(("of", ID))), Expr::col(("of", ROWS))], GROUP_ID);
    Query::select().expr(rows_of(group, GROUP)).from_subquery(query, "of").to_owned()
}

/// The text that a query of one text gives; empty where there are no rows.
pub async fn fetch(conn: &impl ConnectionTrait, query: &SelectStatement) -> Result<String> {
    let row = conn.query_one(query).await?;
    let text = row.map(|row| row.try_get_by_index::<Option<String>>(0)).transpose()?;
    Ok(text.flatten().unwrap_or_default())
}

/// A row that will be in a field of another.
pub fn inner_row(fields: impl IntoIterator<Item = SimpleExpr>) -> SimpleExpr {
    fields_of(fields, INNER_FIELD)
}

/// Such rows as one field.
pub fn inner_rows(row: SimpleExpr) -> SimpleExpr {
    rows_of(row, INNER_ROW)
}

fn fields_of(fields: impl IntoIterator<Item = SimpleExpr>, between: char) -> SimpleExpr {
    let together = |one: SimpleExpr, next: SimpleExpr| one.binary(BinOper::Custom("||"), next);
    let between = || Expr::cust(format!("'{between}'"));
    fields
        .into_iter()
        .reduce(|all, field| together(together(all, between()), field))
        .unwrap_or_else(|| Expr::cust("''"))
}

fn rows_of(row: SimpleExpr, between: char) -> SimpleExpr {
    Func::cust("string_agg").arg(row).arg(Expr::cust(format!("'{between}'"))).into()
}

/// The rows of a text.
pub fn read(text: &str) -> impl Iterator<Item = Fields<'_>> {
    read_of(text, ROW, FIELD)
}

/// The groups of a text: the id of each, and the text of its rows.
pub fn read_groups(text: &str) -> impl Iterator<Item = Result<(Uuid, &str)>> {
    text.split(GROUP).filter(|group| !group.is_empty()).map(|group| {
        let (id, rows) = group.split_once(GROUP_ID).ok_or_else(|| Error::internal("a packed group has no id"))?;
        Ok((Uuid::try_parse(id).map_err(Error::internal)?, rows))
    })
}

/// The rows of a field.
pub fn read_inner(text: &str) -> impl Iterator<Item = Fields<'_>> {
    read_of(text, INNER_ROW, INNER_FIELD)
}

fn read_of(text: &str, row: char, between: char) -> impl Iterator<Item = Fields<'_>> {
    text.split(row).filter(|row| !row.is_empty()).map(move |row| Fields { rest: Some(row), between })
}

/// The fields of a row, one after the other.
#[derive(Debug)]
pub struct Fields<'a> {
    rest: Option<&'a str>,
    between: char,
}

impl<'a> Fields<'a> {
    /// The next field as it stands there.
    pub fn text(&mut self) -> Result<&'a str> {
        let rest = self.rest.ok_or_else(|| Error::internal("a packed row has fewer fields than asked for"))?;
        let (field, rest) = match rest.split_once(self.between) {
            Some((field, rest)) => (field, Some(rest)),
            None => (rest, None),
        };
        self.rest = rest;
        Ok(field)
    }

    /// The next field, an id.
    pub fn id(&mut self) -> Result<Uuid> {
        let field = self.text()?;
        Uuid::try_parse(field).map_err(Error::internal)
    }

    /// The next field, an id that may be missing.
    pub fn id_if_set(&mut self) -> Result<Option<Uuid>> {
        let field = self.text()?;
        if field.is_empty() { Ok(None) } else { Uuid::try_parse(field).map(Some).map_err(Error::internal) }
    }

    /// The next field, a day.
    pub fn day(&mut self) -> Result<NaiveDate> {
        let field = self.text()?;
        day(field.as_bytes()).ok_or_else(|| Error::internal(format!("no day: {field}")))
    }

    /// The next field, a moment of which the day as it is written is wanted.
    pub fn day_of_moment(&mut self) -> Result<NaiveDate> {
        let field = self.text()?;
        let found = field.as_bytes().get(..10).and_then(day);
        found.ok_or_else(|| Error::internal(format!("no moment: {field}")))
    }

    /// The next field, yes or no, which may be missing.
    pub fn flag_if_set(&mut self) -> Result<Option<bool>> {
        match self.text()? {
            "" => Ok(None),
            "1" | "true" => Ok(Some(true)),
            "0" | "false" => Ok(Some(false)),
            other => Err(Error::internal(format!("no yes or no: {other}"))),
        }
    }

    /// The next field, a moment that may be missing.
    pub fn moment_if_set(&mut self) -> Result<Option<Timestamp>> {
        let field = self.text()?;
        if field.is_empty() {
            return Ok(None);
        }
        moment(field).map(Some).ok_or_else(|| Error::internal(format!("no moment: {field}")))
    }

    /// The next field, a moment.
    pub fn moment(&mut self) -> Result<Timestamp> {
        self.moment_if_set()?.ok_or_else(|| Error::internal("a packed row lacks a moment"))
    }

    /// The next field, a number.
    pub fn number(&mut self) -> Result<i32> {
        self.text()?.parse().map_err(Error::internal)
    }
}

fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
}

fn day(text: &[u8]) -> Option<NaiveDate> {
    if text.len() != 10 || text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    let year = i32::try_from(digits(&text[..4])?).ok()?;
    NaiveDate::from_ymd_opt(year, digits(&text[5..7])?, digits(&text[8..])?)
}

/// A moment of UTC as both engines write it: "2026-10-14T16:00:00.5+00:00", "2026-10-14 16:00:00.5+00".
fn moment(text: &str) -> Option<Timestamp> {
    utc(text.as_bytes()).or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()))
}

fn utc(text: &[u8]) -> Option<Timestamp> {
    if text.len() < 20 || text[13] != b':' || text[16] != b':' {
        return None;
    }
    let fraction = text[19..].iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
    let (micros, zone) = match (text[19], fraction) {
        (b'.', 1..=6) => {
            let scale = 10_u32.pow(6 - u32::try_from(fraction).ok()?);
            (digits(&text[20..20 + fraction])? * scale, &text[20 + fraction..])
        }
        (b'.', _) => return None,
        _ => (0, &text[19..]),
    };
    if !matches!(zone, b"+00:00" | b"+00" | b"Z") {
        return None;
    }
    let time =
        NaiveTime::from_hms_micro_opt(digits(&text[11..13])?, digits(&text[14..16])?, digits(&text[17..19])?, micros)?;
    Some(NaiveDateTime::new(day(&text[..10])?, time).and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_rows_is_read_field_by_field() {
        let id = "0198b0c0-0000-7000-8000-000000000001";
        let text = format!("{id}{FIELD}2026-10-14{FIELD}2026-10-14 16:00:00+00{FIELD}{FIELD}7{ROW}{id}{FIELD}x");
        let all: Vec<Fields<'_>> = read(&text).collect();
        assert_eq!(all.len(), 2);
        let mut one = read(&text).next().unwrap();
        assert_eq!(one.id().unwrap().to_string(), id);
        assert_eq!(one.day().unwrap(), NaiveDate::from_ymd_opt(2026, 10, 14).unwrap());
        assert_eq!(one.moment().unwrap(), "2026-10-14T16:00:00Z".parse::<Timestamp>().unwrap());
        assert_eq!((one.moment_if_set().unwrap(), one.number().unwrap()), (None, 7));
        assert!(one.text().is_err());
        assert_eq!(read("").count(), 0);
    }

    #[test]
    fn groups_are_read_one_by_one() {
        let id = "0198b0c0-0000-7000-8000-000000000001";
        let text = format!("{id}{GROUP_ID}1{FIELD}2026-10-14T09:00:00{ROW}{FIELD}x{GROUP}{id}{GROUP_ID}true");
        let all: Vec<(Uuid, &str)> = read_groups(&text).collect::<Result<_>>().unwrap();
        assert_eq!((all.len(), all[0].0.to_string().as_str()), (2, id));
        let mut rows = read(all[0].1);
        let mut one = rows.next().unwrap();
        assert_eq!(one.flag_if_set().unwrap(), Some(true));
        assert_eq!(one.day_of_moment().unwrap(), NaiveDate::from_ymd_opt(2026, 10, 14).unwrap());
        let mut other = rows.next().unwrap();
        assert!(other.flag_if_set().unwrap().is_none() && other.flag_if_set().is_err());
        assert_eq!(read(all[1].1).next().unwrap().flag_if_set().unwrap(), Some(true));
        assert_eq!(read_groups("").count(), 0);
        assert!(read_groups("x").next().unwrap().is_err());
    }

    #[test]
    fn moments_of_both_engines_are_the_same() {
        let exact: Timestamp = "2026-10-14T16:00:00.120003Z".parse().unwrap();
        for text in
            ["2026-10-14T16:00:00.120003+00:00", "2026-10-14 16:00:00.120003+00", "2026-10-14T18:00:00.120003+02:00"]
        {
            assert_eq!(moment(text), Some(exact), "{text}");
        }
        assert_eq!(moment("2026-10-14 16:00:00.5+00"), Some("2026-10-14T16:00:00.5Z".parse().unwrap()));
        for text in ["", "2026-10-14", "2026-10-14 16:00:00", "2026-13-14 16:00:00+00", "2026-10-14 16-00:00+00"] {
            assert_eq!(moment(text), None, "{text}");
        }
        assert_eq!(day(b"2026-02-30"), None);
    }
}
