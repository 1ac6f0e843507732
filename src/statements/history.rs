//! Every step of a sign-on: what a place signed, which versions it confirmed, when it withdrew and signed again. Steps are added and
//! never changed, and name no person: they are the place's own, and stay whatever becomes of the account that did them.

use std::collections::HashMap;

use super::signing::{Signature, SignatureId};
use super::statement::Statement;
use super::store;
use crate::platform::{Cx, Result, Timestamp, Tx};

/// One sign-on has so many steps at most; withdrawing is never refused.
pub const MOST: usize = 40;

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Did {
    /// The place signed, first or after it withdrew.
    Signed,
    /// It said that it stands behind a later version too.
    Confirmed,
    /// It withdrew.
    Withdrawn,
}

impl Did {
    const ALL: [Self; 3] = [Self::Signed, Self::Confirmed, Self::Withdrawn];

    /// As the database, the API and the manifest spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Confirmed => "confirmed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Of which sign-on.
    pub signature: SignatureId,
    /// Its place among the steps of that, from 1.
    pub number: i32,
    /// What it did.
    pub did: Did,
    /// Behind which version the place stood from then on; until then, where it withdrew.
    pub version: i32,
    /// When.
    pub at: Timestamp,
}

/// Steps of every sign-on of a statement, each in their order. One statement.
pub async fn steps(cx: &Cx, statement: &Statement) -> Result<HashMap<SignatureId, Vec<Step>>> {
    let mut found: HashMap<SignatureId, Vec<Step>> = HashMap::new();
    for step in store::signings::of_statement(cx.conn(), statement.id).await? {
        found.entry(step.signature).or_default().push(step);
    }
    Ok(found)
}

/// Adds a step of a sign-on as it is now; its statement is held.
pub(super) async fn note(tx: &Tx, one: &Signature, did: Did) -> Result<()> {
    let number = i32::try_from(store::signings::count(tx.conn(), one.id).await? + 1).unwrap_or(i32::MAX);
    let step = Step { signature: one.id, number, did, version: one.version, at: tx.now() };
    store::signings::insert(tx.conn(), &step).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_back() {
        for did in Did::ALL {
            assert_eq!(Did::parse(did.code()), Some(did));
        }
        assert!(Did::parse("").is_none());
    }
}
