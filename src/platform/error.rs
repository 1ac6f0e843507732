//! What can go wrong, in the words every feature shares.
//!
//! An [`Error`] is an answer for a caller, not a diagnosis: `Invalid` lists everything that is wrong with
//! an input at once, `NotFound` also covers what the actor may not know of, and `Internal` carries the
//! cause for the log while the person reads one plain sentence.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

/// The result of every operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation did not happen.
#[derive(Debug)]
pub enum Error {
    /// The input breaks rules; every broken one is listed.
    Invalid(FieldErrors),
    /// A parameter of the address cannot be read.
    Unreadable {
        /// Its name.
        parameter: &'static str,
        /// One sentence that says what to do.
        message: String,
    },
    /// Only a signed-in person may do this.
    SignInRequired,
    /// The person may do this once they have signed in again: it changes how they get in.
    SignInAgain,
    /// The actor is known and may not do this; the sentence says who may.
    Forbidden(String),
    /// Nothing of this name exists, or the actor may not know that it does. Holds what was looked for: "practice".
    NotFound(&'static str),
    /// Tried too often; the same may be tried again later.
    TooMany {
        /// How much later.
        wait: Duration,
    },
    /// The thing changed since the caller read it (`If-Match`).
    Stale,
    /// A change has to say what it was read as (`If-Match`), and does not.
    Unconditional,
    /// The state of things does not allow it now; the sentence says what to do.
    Conflict(String),
    /// A part of the service is not there at the moment (the index is being rebuilt, the disk is full).
    Unavailable(String),
    /// A defect or a failed machine; the text is for the log only.
    Internal(String),
}

impl Error {
    /// An `Internal` from any cause.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }

    /// `NotFound` for a reference that can name nothing: a control character is in no name, and PostgreSQL
    /// refuses a text that holds NUL.
    pub fn unless_nameable(reference: &str, what: &'static str) -> Result<(), Self> {
        if reference.contains(char::is_control) { Err(Self::NotFound(what)) } else { Ok(()) }
    }

    /// An `Invalid` with one entry.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        let mut errors = FieldErrors::default();
        errors.add(field, message);
        Self::Invalid(errors)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(errors) => write!(f, "{errors}"),
            Self::Unreadable { parameter, message } => write!(f, "{parameter}: {message}"),
            Self::SignInRequired => f.write_str("Sign in first."),
            Self::SignInAgain => f.write_str("Sign in again first: this changes how you get in."),
            Self::Forbidden(sentence) | Self::Conflict(sentence) | Self::Unavailable(sentence) => f.write_str(sentence),
            Self::TooMany { wait } => {
                let minutes = wait.as_secs().div_ceil(60).max(1);
                let plural = if minutes == 1 { "" } else { "s" };
                write!(f, "That was tried too often; wait {minutes} minute{plural} and try again.")
            }
            Self::Unconditional => f.write_str("Say which version you are changing: send its ETag as If-Match."),
            Self::Stale => f.write_str("Somebody changed it in the meantime; look at it again and repeat your change."),
            Self::NotFound(what) => write!(f, "There is no such {what}."),
            Self::Internal(cause) => write!(f, "internal error: {cause}"),
        }
    }
}

impl std::error::Error for Error {}

/// One broken rule: where and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field's name as the form and the JSON spell it; inside a list `steps/2/what`.
    pub field: String,
    /// One sentence that says what to do.
    pub message: String,
}

/// Every broken rule of one input, in the order of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Notes one broken rule.
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldError { field: field.into(), message: message.into() });
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entries, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, FieldError> {
        self.0.iter()
    }

    /// `value` when nothing is wrong, the list otherwise.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.0.iter().enumerate() {
            let gap = if i == 0 { "" } else { " " };
            write!(f, "{gap}{}: {}", error.field, error.message)?;
        }
        Ok(())
    }
}

impl From<FieldErrors> for Error {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::internal(error)
    }
}
