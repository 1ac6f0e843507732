//! The entrance over JSON: sign-ins, tokens, and the account of whoever asks.

use poem_openapi::OpenApi;

use super::Entrance;
use crate::platform::Db;

/// Who somebody is, over JSON.
pub struct SignInApi;

#[OpenApi(prefix_path = "/api/v1")]
impl SignInApi {}

impl SignInApi {
    /// The operations on this database.
    pub fn new(_db: Db, _entrance: Entrance) -> Self {
        Self
    }
}
