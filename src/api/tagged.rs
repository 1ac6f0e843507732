//! One thing with its entity tag (RFC 9110 8.8.3): who has it already is spared the same bytes.

use poem::http::{HeaderMap, HeaderValue, header};
use poem_openapi::ApiResponse;
use poem_openapi::payload::Json;
use poem_openapi::types::ToJSON;

use crate::web::etag;

/// One thing, or the word that the client has it already.
#[derive(Debug, ApiResponse)]
pub enum Tagged<T: ToJSON> {
    /// As it is now.
    #[oai(status = 200)]
    Whole(
        Json<T>,
        /// Strong tag of these bytes; send it back as `If-None-Match`.
        #[oai(header = "ETag")]
        String,
    ),
    /// It is still what `If-None-Match` names; there is no body.
    #[oai(status = 304)]
    Known(
        /// The tag of what the client has.
        #[oai(header = "ETag")]
        String,
    ),
}

impl<T: ToJSON> Tagged<T> {
    /// The answer to a client that sent `if_none_match`.
    pub fn new(thing: T, if_none_match: Option<&str>) -> Self {
        let tag = etag::of(thing.to_json_string().as_bytes());
        let sent = if_none_match.and_then(|value| HeaderValue::from_str(value).ok());
        let sent: HeaderMap = sent.into_iter().map(|value| (header::IF_NONE_MATCH, value)).collect();
        if etag::matches(&sent, &tag) { Self::Known(tag) } else { Self::Whole(Json(thing), tag) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_it_is_told_so() {
        let Tagged::Whole(_, tag) = Tagged::new("page".to_owned(), None) else { panic!("nothing was sent") };
        let answer = |thing: &str, sent: &str| Tagged::new(thing.to_owned(), Some(sent));
        assert!(matches!(answer("page", &tag), Tagged::Known(known) if known == tag));
        assert!(matches!(answer("page", &format!("\"x\", W/{tag}")), Tagged::Known(_)));
        assert!(matches!(answer("pagf", &tag), Tagged::Whole(..)));
        assert!(matches!(answer("page", "\u{0}"), Tagged::Whole(..)));
    }
}
