//! stub
use crate::web::views::{ApiDocs, Chrome};
/// stub
pub fn view(_openapi: &str, chrome: Chrome) -> ApiDocs {
    ApiDocs { chrome, ..ApiDocs::default() }
}
