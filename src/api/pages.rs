//! The description of the API: the OpenAPI document, and the same as a page to read.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

use poem::endpoint::BoxEndpoint;
use poem::http::Method;
use poem::web::Data;
use poem::{Request, Response, handler};
use poem_openapi::OpenApi;
use poem_openapi::registry::{MetaApi, Registry};

use super::docs;
use crate::web::etag;
use crate::web::site::{Site, page};
use crate::web::views::Section;

/// The OpenAPI document as it is served.
#[derive(Clone)]
pub struct Document(pub Arc<str>);

/// Operations without what they work on: enough to describe them.
pub struct Described<T>(pub PhantomData<fn() -> T>);

impl<T: OpenApi> OpenApi for Described<T> {
    fn meta() -> Vec<MetaApi> {
        T::meta()
    }
    fn register(registry: &mut Registry) {
        T::register(registry);
    }
    fn add_routes(self, _routes: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {}
}

/// `/api/openapi.json`
#[handler]
pub fn document_view(request: &Request, document: Data<&Document>) -> Response {
    etag::respond(request.headers(), "application/json", document.0.0.as_bytes().to_vec())
}

/// `/api/docs`
#[handler]
pub fn docs_view(request: &Request, document: Data<&Document>, site: Data<&Site>) -> poem::Result<Response> {
    let mut chrome = site.chrome("API", "Every operation of the JSON API with examples.", "/api/docs");
    chrome.section = Section::Api;
    page(request.headers(), &docs::view(&document.0.0, chrome))
}
