//! What can go wrong, seen from the caller.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a call on the index could not be answered.
#[derive(Debug)]
pub enum Error {
    /// The files do not say what they said when they were written. [`crate::Index::reset`] empties the folder.
    Damaged(String),
    /// The cursor is malformed, or belongs to another query.
    BadCursor,
    /// There is a writer already; one folder has one.
    Busy,
    /// The folder could not be written (disk full, permissions).
    Io(String),
}

/// The result of most calls here.
pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(what) => write!(f, "the index is damaged: {what}"),
            Self::BadCursor => f.write_str("the cursor does not belong to this query"),
            Self::Busy => f.write_str("the index has a writer already"),
            Self::Io(what) => write!(f, "the index cannot be written: {what}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<tantivy::TantivyError> for Error {
    fn from(error: tantivy::TantivyError) -> Self {
        use tantivy::TantivyError as T;
        use tantivy::directory::error::{OpenDirectoryError, OpenReadError};
        // Too many open files or a full disk say nothing about the files: an index must not be thrown away for them.
        let kind = match &error {
            T::LockFailure(..) => return Self::Busy,
            T::IoError(e) => Some(e.kind()),
            T::OpenReadError(OpenReadError::IoError { io_error, .. }) => Some(io_error.kind()),
            T::OpenDirectoryError(OpenDirectoryError::IoError { io_error, .. }) => Some(io_error.kind()),
            T::OpenDirectoryError(_) | T::OpenWriteError(_) => return Self::Io(error.to_string()),
            _ => None,
        };
        if kind.is_none_or(is_damage) { Self::Damaged(error.to_string()) } else { Self::Io(error.to_string()) }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        if is_damage(error.kind()) { Self::Damaged(error.to_string()) } else { Self::Io(error.to_string()) }
    }
}

fn is_damage(kind: std::io::ErrorKind) -> bool {
    use std::io::ErrorKind as K;
    matches!(kind, K::InvalidData | K::InvalidInput | K::UnexpectedEof | K::NotFound | K::Other)
}

/// Runs `work`, turning a panic into [`Error::Damaged`]: the library below asserts what a checksum promised, and a
/// disk that changes its mind later must not end a request thread.
pub(crate) fn guard<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(Error::Damaged(message(&*panic))))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "a reader stopped".to_owned())
}
