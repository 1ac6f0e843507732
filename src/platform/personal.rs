//! What a feature keeps about a person, for the person: everything to take along, and nothing left behind.

use async_trait::async_trait;
use serde_json::Value;
use uuid::Uuid;

use super::db::{Cx, Tx};
use super::error::Result;

/// One list of an export: a file of JSON and a file of CSV.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Name of the files, without ending: `memberships`.
    pub name: &'static str,
    /// Objects with the same keys, oldest first.
    pub rows: Vec<Value>,
}

/// A feature that keeps something about people; `app.rs` registers each. Features hang behind `people`, so they are
/// asked, and do not ask.
#[async_trait]
pub trait PersonalData: Send + Sync {
    /// Everything the feature keeps about this account. No secrets: those prove who somebody is, they tell nothing.
    async fn export(&self, cx: &Cx, account: Uuid) -> Result<Vec<Sheet>>;

    /// Takes out what the feature keeps about this account, but for what a rule of credit or record-keeping demands, and
    /// says in a sentence each what stays and why.
    async fn erase(&self, tx: &mut Tx, account: Uuid) -> Result<Vec<String>>;
}
