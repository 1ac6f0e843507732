//! Things that can be reported: what moderation has to know of a kind of thing, and practices and collections as such kinds.

mod collection;
mod practice;
mod talk;

use std::collections::HashMap;

use async_trait::async_trait;
use uuid::Uuid;

pub use self::collection::Collections;
pub use self::practice::Practices;
pub use self::talk::{Answers, Questions};
use crate::people::AccountId;
use crate::platform::{Cx, Error, Permit, Result, Tx};

/// A thing, as those who report or moderate see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thing {
    /// What it is called: its title, or the beginning of its text.
    pub title: String,
    /// The beginning of what it says.
    pub excerpt: String,
    /// Its page; empty where it has none for whoever asks.
    pub path: String,
}

/// A kind of thing that can be reported.
#[async_trait]
pub trait Moderated: Send + Sync {
    /// Its code: `collection`.
    fn code(&self) -> &'static str;

    /// As the log says it: "Collection".
    fn label(&self) -> &'static str;

    /// As a sentence says it: "a collection".
    fn noun(&self) -> &'static str;

    /// Whether things of the kind can be hidden.
    fn hides(&self) -> bool {
        false
    }

    /// Whether they can be taken out of the catalog, with a reason that everybody reads.
    fn retires(&self) -> bool {
        false
    }

    /// The thing as the actor sees it, who wants to report it.
    ///
    /// # Errors
    /// `NotFound` for one that the actor may not know of.
    async fn seen(&self, cx: &Cx, id: Uuid) -> Result<Thing>;

    /// Things for those who moderate, hidden ones too; those that are gone are left out. A constant number of statements.
    async fn things(&self, cx: &Cx, ids: &[Uuid]) -> Result<HashMap<Uuid, Thing>>;

    /// The same inside a transaction, for letters; an empty one where it is gone.
    async fn told(&self, tx: &Tx, id: Uuid) -> Result<Thing>;

    /// Whose it is: who is told, and may not decide about it.
    async fn authors(&self, tx: &Tx, id: Uuid) -> Result<Vec<AccountId>>;

    /// Whether it is what one person wrote: words of it in letters to others go when that person has themselves erased.
    fn is_personal(&self) -> bool {
        false
    }

    /// Why its authors are its authors, as the end of a letter says it: "It is yours."
    fn authors_because(&self) -> &'static str;

    /// Hides it from everybody but its author, or shows it again. By a report of student data, also for a visitor: the permit is
    /// moderation's.
    async fn set_hidden(&self, tx: &mut Tx, permit: &Permit, id: Uuid, hidden: bool) -> Result<()> {
        let _ = (tx, permit, id, hidden);
        Err(Error::internal("a thing that cannot be hidden was to be hidden"))
    }

    /// Takes it out of the catalog; `reason` is shown on its page.
    async fn retire(&self, tx: &mut Tx, id: Uuid, reason: &str) -> Result<()> {
        let _ = (tx, id, reason);
        Err(Error::internal("a thing that is in no catalog was to be taken out of it"))
    }
}

/// The beginning of a text, at most so many characters, in one line.
pub fn beginning(text: &str, most: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= most {
        return text;
    }
    let mut short: String = text.chars().take(most - 1).collect();
    short.push('\u{2026}');
    short
}

#[cfg(test)]
mod tests {
    use super::beginning;

    #[test]
    fn a_beginning_is_one_line() {
        assert_eq!(beginning(" a\n b ", 9), "a b");
        assert_eq!(beginning("abcdef", 4), "abc\u{2026}");
    }
}
