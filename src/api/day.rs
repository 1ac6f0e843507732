//! A day without a time, as OpenAPI writes it: `string`, format `date`.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type};
use serde_json::Value;

/// A day: `2026-03-04`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(pub NaiveDate);

impl From<NaiveDate> for Day {
    fn from(day: NaiveDate) -> Self {
        Self(day)
    }
}

impl Type for Day {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string_date".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "date")))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for Day {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            Some(Value::String(text)) => text.parse().map(Self).map_err(ParseError::custom),
            value => Err(ParseError::expected_type(value.unwrap_or_default())),
        }
    }
}

impl ParseFromParameter for Day {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        let day: NaiveDate = value.parse().map_err(ParseError::custom)?;
        // Beyond these no database keeps days.
        let known = (1900..=9999).contains(&day.year());
        known.then_some(Self(day)).ok_or_else(|| ParseError::custom("give a day like 2026-07-01"))
    }
}

impl ToJSON for Day {
    fn to_json(&self) -> Option<Value> {
        Some(Value::String(self.0.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_same_there_and_back() {
        let day = Day(NaiveDate::from_ymd_opt(2026, 3, 4).unwrap());
        assert_eq!(day.to_json(), Some("2026-03-04".into()));
        assert_eq!(Day::parse_from_json(day.to_json()).unwrap(), day);
        assert!(Day::parse_from_json(Some("March".into())).is_err());
    }
}
