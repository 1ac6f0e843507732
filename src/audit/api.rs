//! The event log over JSON.

use poem_openapi::OpenApi;

use crate::platform::Db;

/// What happened, over JSON.
pub struct AuditApi;

#[OpenApi(prefix_path = "/api/v1")]
impl AuditApi {}

impl AuditApi {
    /// The operations on this database.
    pub fn new(_db: Db) -> Self {
        Self
    }
}
