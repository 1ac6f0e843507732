//! Statements and frameworks: a text with numbered points, and who stands behind which version of it (C-9).
//!
//! A text begins as a draft that its author, co-authors and invited commenters alone know of ([`draft`]); they comment on its
//! points, and the author says what became of each comment. Published, a [`Version`] never changes any more. Whoever may speak
//! for a school or an organization signs ([`signing`]): one sign-on for each, bound to the version that was signed, and
//! withdrawable at any time.
//!
//! Signers and commenters propose to change, add or strike a point ([`amendment`]). What the authors accept goes into the
//! next version, and a new version asks every signer once: until they confirm it, they stand behind the version they signed, and
//! the counts say so ([`counts`]). Who looks after a statement asks others by letter to sign it ([`calling`]). Who wants to prove all this takes the manifest along ([`manifest`]): canonical JSON, signed
//! with the key of the installation.

pub mod amendment;
pub mod api;
pub mod calling;
pub mod circle;
pub mod clockwork;
pub mod counts;
pub mod draft;
pub mod ending;
pub mod history;
mod letters;
pub mod manifest;
pub mod personal;
mod policy;
pub mod signing;
pub mod statement;
mod store;
pub mod text;
pub mod views;
pub mod web;
mod words;

use std::collections::HashMap;

use uuid::Uuid;

pub use self::policy::{may_begin, speaks_for};
pub use self::signing::{Signature, SignatureId};
pub use self::statement::{Kind, State, Statement, StatementId};
pub use self::text::{Point, Text, Version};
use crate::people::{self, OrganizationId, SchoolId, offices};
use crate::platform::{Cx, Error, Place, Result, Tx};

/// Statements that everybody may read, the last published first, at most so many; 1 statement.
pub async fn statements(cx: &Cx, limit: u64) -> Result<Vec<Statement>> {
    store::statements::public(cx.conn(), limit).await
}

/// The statement that everybody may read after one of them, in the order of their ids; 1 statement.
pub async fn next_public(cx: &Cx, after: Option<StatementId>) -> Result<Option<Statement>> {
    store::statements::next_public(cx.conn(), after).await
}

/// A statement by its name in addresses or its id, for whoever may read it.
///
/// # Errors
/// `NotFound` for a draft, unless the actor belongs to its circle.
pub async fn statement(cx: &Cx, reference: &str) -> Result<Statement> {
    Error::unless_nameable(reference, "statement")?;
    let found = store::statements::by_reference(cx.conn(), reference).await?.ok_or(Error::NotFound("statement"))?;
    if found.state != State::Draft {
        return Ok(found);
    }
    let part = circle::part_of(cx, &found).await?;
    if part.is_some() { Ok(found) } else { Err(Error::NotFound("statement")) }
}

/// A version of a statement; of a draft the text that is worked on.
pub async fn version(cx: &Cx, statement: &Statement, number: i32) -> Result<Version> {
    let found = store::versions::version(cx.conn(), statement.id, number).await?;
    found.ok_or(Error::NotFound("version"))
}

/// Every version of a statement, the oldest first.
pub async fn versions(cx: &Cx, statement: &Statement) -> Result<Vec<Version>> {
    store::versions::all(cx.conn(), statement.id).await
}

/// A place that signs or sponsors, as pages name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Its page; empty for an organization, which has none.
    pub url: String,
}

/// Code of the kind of a place, and its id: as the database and the API spell it.
pub(crate) fn spelled(place: Place) -> Result<(&'static str, Uuid)> {
    match place {
        Place::School(id) => Ok(("school", id)),
        Place::Organization(id) => Ok(("organization", id)),
        Place::Installation => Err(Error::internal("no place that signs")),
    }
}

/// The place of [`spelled`].
pub(crate) fn place_of(kind: &str, id: Uuid) -> Result<Place> {
    match kind {
        "school" => Ok(Place::School(id)),
        "organization" => Ok(Place::Organization(id)),
        _ => Err(Error::internal("a kind of place that nobody knows")),
    }
}

/// The place that a form names: `school:ID` or `organization:ID`.
pub fn read_place(typed: &str) -> Option<Place> {
    let (kind, id) = typed.trim().split_once(':')?;
    place_of(kind, id.parse().ok()?).ok()
}

/// As [`read_place`] reads it.
pub fn place_code(place: Place) -> String {
    spelled(place).map(|(kind, id)| format!("{kind}:{id}")).unwrap_or_default()
}

fn parted(places: &[Place]) -> (Vec<SchoolId>, Vec<OrganizationId>) {
    let (mut schools, mut organizations) = (Vec::new(), Vec::new());
    for place in places {
        match place {
            Place::School(id) => schools.push(SchoolId(*id)),
            Place::Organization(id) => organizations.push(OrganizationId(*id)),
            Place::Installation => {}
        }
    }
    (schools, organizations)
}

/// How places are called; at most four statements for every 900, fewer where only one kind is asked for.
pub async fn named(cx: &Cx, places: &[Place]) -> Result<HashMap<Place, Named>> {
    let (schools, organizations) = parted(places);
    let mut found = HashMap::new();
    if !schools.is_empty() {
        for (id, school) in people::schools(cx, &schools).await? {
            let url = format!("/schools/{}", school.slug);
            found.insert(Place::School(id.0), Named { name: school.name, url });
        }
    }
    if !organizations.is_empty() {
        for (id, one) in offices::organizations_of(cx, &organizations).await? {
            found.insert(Place::Organization(id.0), Named { name: one.name, url: String::new() });
        }
    }
    Ok(found)
}

/// How one place is called, inside a transaction.
async fn name_in(tx: &Tx, place: Place) -> Result<String> {
    let (schools, organizations) = parted(&[place]);
    let name = match (schools.first(), organizations.first()) {
        (Some(school), _) => people::schools_in(tx, &[*school]).await?.remove(school).map(|one| one.name),
        (_, Some(office)) => offices::organizations_of_in(tx, &[*office]).await?.remove(office).map(|one| one.name),
        _ => None,
    };
    name.ok_or(Error::NotFound("place"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_spelled() {
        for place in [Place::School(Uuid::from_u128(1)), Place::Organization(Uuid::from_u128(2))] {
            assert_eq!(read_place(&place_code(place)), Some(place));
        }
        for wrong in ["", "school", "school:1", "city:00000000-0000-0000-0000-000000000001"] {
            assert_eq!(read_place(wrong), None, "{wrong}");
        }
        assert_eq!(place_code(Place::Installation), "");
    }
}
