//! Forms: what a browser sends, and what a page shows again when something is to be put right. Nothing typed is lost.

use std::collections::HashMap;

use poem::{FromRequest, Request, RequestBody, Result};

use crate::platform::{Error, FieldErrors};

/// The fields of a form (`application/x-www-form-urlencoded`), in order; a name may come more than once.
#[derive(Clone, Debug, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// The fields of a body.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(body)
            .map_err(|_| Error::invalid("form", "The form did not arrive whole; send it again."))?;
        Ok(Self(fields))
    }

    /// The first value of a name, without blanks around it; empty where it is missing.
    pub fn get(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The first value as it was typed: for passwords.
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str())
    }

    /// Every value of a name.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(n, _)| n == name).map(|(_, value)| value.trim().to_owned()).collect()
    }

    /// Every field whose name begins so, with its first value: `kept/charter`.
    pub fn starting(&self, with: &str) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter(move |(name, _)| name.starts_with(with)).map(|(name, value)| (name.as_str(), value.trim()))
    }

    /// Whether the name came at all: a checkbox that is ticked.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }
}

impl<'a> FromRequest<'a> for Form {
    async fn from_request(_: &'a Request, body: &mut RequestBody) -> Result<Self> {
        // The shell has bounded the body before.
        let bytes = body.take()?.into_bytes().await?;
        Ok(Self::parse(&bytes)?)
    }
}

/// What to put right in a form: a sentence for each field.
#[derive(Clone, Debug, Default)]
pub struct Corrections {
    list: Vec<Correction>,
    by_field: HashMap<String, usize>,
}

/// One thing to put right.
#[derive(Clone, Debug)]
pub struct Correction {
    /// The field's name, also the id of its input; empty where it is about the whole form.
    pub field: String,
    /// One sentence that says what to do.
    pub message: String,
}

impl Corrections {
    /// From what an operation said.
    pub fn from_errors(errors: &FieldErrors) -> Self {
        let mut all = Self::default();
        for error in errors.iter() {
            all.by_field.entry(error.field.clone()).or_insert(all.list.len());
            all.list.push(Correction { field: error.field.clone(), message: error.message.clone() });
        }
        all
    }

    /// One sentence about the whole form.
    pub fn whole(message: impl Into<String>) -> Self {
        Self { list: vec![Correction { field: String::new(), message: message.into() }], by_field: HashMap::new() }
    }

    /// What an operation said, if the person can do something about it in the form: broken rules, and sentences about the
    /// state of things. Everything else is a page of its own.
    pub fn of(error: Error) -> Result<Self, Error> {
        match error {
            Error::Invalid(errors) => Ok(Self::from_errors(&errors)),
            Error::Conflict(_) | Error::TooMany { .. } | Error::Stale => Ok(Self::whole(error.to_string())),
            other => Err(other),
        }
    }

    /// Whether nothing is to be put right.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All of them, for the summary above the form.
    pub fn list(&self) -> &[Correction] {
        &self.list
    }

    /// The sentence for a field.
    pub fn at(&self, field: &str) -> Option<&str> {
        self.by_field.get(field).map(|at| self.list[*at].message.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_keeps_order_and_repeats() {
        let form = Form::parse(b"topic=a&topic=b&name=+Ada+&secret=+x+").unwrap();
        assert_eq!(form.all("topic"), ["a", "b"]);
        assert_eq!((form.get("name"), form.raw("secret"), form.get("none")), ("Ada", " x ", ""));
        assert!(form.has("topic") && !form.has("grade"));
    }

    #[test]
    fn corrections_name_their_field_once() {
        let mut errors = FieldErrors::default();
        errors.add("email", "Give an address.");
        errors.add("email", "Not this one.");
        let all = Corrections::of(Error::Invalid(errors)).unwrap();
        assert_eq!(all.at("email"), Some("Give an address."));
        assert_eq!((all.list().len(), all.at("name")), (2, None));
        assert!(Corrections::of(Error::SignInRequired).is_err());
    }
}
