//! JSON that is written as it is walked.
//!
//! poem-openapi's `Json` first builds a tree of values and then prints it: for a page of results that cost more
//! than the search. Here the type describes itself to the document in the same way, and serde writes it.

use poem::http::header;
use poem::{IntoResponse, Response};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, payload::Json};
use serde::Serialize;

/// A JSON answer. The fields serde writes are those the description names; a test compares them.
#[derive(Debug)]
pub struct Written<T>(pub T);

impl<T: Type> Payload for Written<T> {
    const CONTENT_TYPE: &'static str = Json::<T>::CONTENT_TYPE;

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Serialize + Send> IntoResponse for Written<T> {
    fn into_response(self) -> Response {
        // Texts, numbers, lists and maps with text keys: this cannot fail.
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        Response::builder().header(header::CONTENT_TYPE, Json::<bool>::CONTENT_TYPE).body(body)
    }
}

impl<T: Serialize + Type> ApiResponse for Written<T> {
    fn meta() -> MetaResponses {
        let content = vec![MetaMediaType { content_type: Self::CONTENT_TYPE, schema: Self::schema_ref() }];
        let answer =
            MetaResponse { description: "", status: Some(200), status_range: None, content, headers: Vec::new() };
        MetaResponses { responses: vec![answer] }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}
