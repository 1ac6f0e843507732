//! stub
use poem_openapi::OpenApi;
use poem_openapi::payload::Json;
use std::sync::Arc;
/// stub
pub struct PeopleApi;
impl PeopleApi {
    /// stub
    pub fn new(_: crate::platform::Db, _: Arc<str>) -> Self {
        Self
    }
}
#[OpenApi]
impl PeopleApi {
    #[oai(path = "/y", method = "get")]
    async fn all(&self) -> Json<u8> {
        Json(1)
    }
}
