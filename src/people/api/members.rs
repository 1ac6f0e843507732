//! Who belongs where, over JSON: staff of a school, invitations, people and their roles.

use std::sync::Arc;

use poem_openapi::OpenApi;

use crate::mail::Letterhead;
use crate::platform::Db;

/// Members over JSON.
pub struct MembersApi;

#[OpenApi(prefix_path = "/api/v1")]
impl MembersApi {}

impl MembersApi {
    /// The operations on this database.
    pub fn new(_db: Db, _letterhead: Arc<Letterhead>) -> Self {
        Self
    }
}
