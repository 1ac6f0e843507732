//! A refusal of the API, described once for every operation (RFC 9457).

use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object};

use crate::platform::Error;

/// A problem document (RFC 9457), sent as `application/problem+json` with every status of 400 and above.
#[derive(Debug, Object)]
#[oai(example, rename = "Problem")]
pub struct ProblemDocument {
    /// Which kind of problem; `about:blank` when the status says it all.
    #[oai(rename = "type")]
    pub type_uri: String,
    /// The kind in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// One sentence that says what happened and what to do.
    pub detail: String,
    /// Id of the request: tell it when you ask for help.
    #[oai(skip_serializing_if_is_none)]
    pub instance: Option<String>,
    /// What is wrong with which field, all of them at once.
    #[oai(skip_serializing_if_is_none)]
    pub errors: Option<Vec<Field>>,
}

/// One field that was refused.
#[derive(Debug, Object)]
#[oai(rename = "ProblemField")]
pub struct Field {
    /// JSON pointer into the body (`#/title`), or the name of a parameter.
    pub pointer: String,
    /// What to do about it.
    pub detail: String,
}

impl poem_openapi::types::Example for ProblemDocument {
    fn example() -> Self {
        Self {
            type_uri: "about:blank".to_owned(),
            title: "Not Found".to_owned(),
            status: 404,
            detail: "There is nothing at this address. Check it, or look for it with the search.".to_owned(),
            instance: Some("01998c1e5b7a7c4e".to_owned()),
            errors: None,
        }
    }
}

/// What an operation answers when it does not do what was asked. The server's shell writes the document.
#[derive(Debug)]
pub struct Refused(Error);

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<Refused> for poem::Error {
    fn from(refused: Refused) -> Self {
        refused.0.into()
    }
}

impl ApiResponse for Refused {
    fn meta() -> MetaResponses {
        let answer = |status: u16, description: &'static str| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content: vec![MetaMediaType {
                content_type: "application/problem+json",
                schema: ProblemDocument::schema_ref(),
            }],
            headers: Vec::new(),
        };
        MetaResponses {
            responses: vec![
                answer(400, "A parameter cannot be read; `errors` names it."),
                answer(401, "Nobody is signed in, or the token does not hold."),
                answer(403, "You may not do this; `detail` says who may."),
                answer(404, "There is no such thing, or you may not know of it."),
                answer(409, "The state of things does not allow it; `detail` says what to do."),
                answer(412, "It changed since you read it (`If-Match`)."),
                answer(415, "The body is not of the documented type."),
                answer(422, "What was sent breaks a rule; `errors` names every field."),
                answer(428, "The change does not say what it changes; send the `ETag` of it as `If-Match`."),
                answer(429, "Tried too often; wait `Retry-After` seconds."),
                answer(500, "Something failed on our side; nothing was changed."),
                answer(503, "The service is busy or being repaired; try again after `Retry-After` seconds."),
            ],
        }
    }

    fn register(registry: &mut Registry) {
        ProblemDocument::register(registry);
    }
}
