//! Who calls an operation that needs a sign-in, described as a security scheme.

use poem::{Request, RequestBody, Result};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::platform::{Actor, Error};

/// The signed-in person: by `Authorization: Bearer TOKEN`, or by the sign-in of a browser.
#[derive(Clone, Debug)]
pub struct Caller(pub Actor);

const TOKEN: &str = "token";

impl<'a> ApiExtractor<'a> for Caller {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scheme = MetaSecurityScheme {
            ty: "http",
            description: Some(
                "A personal token, made under Me, Tokens. A page of this site may also call with its sign-in; what changes \
                 something then needs the header `Sec-Fetch-Site: same-origin`, which browsers send, or the form's token in \
                 `X-Form-Token`.",
            ),
            name: None,
            key_in: None,
            scheme: Some("bearer"),
            bearer_format: None,
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme(TOKEN, scheme);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![TOKEN]
    }

    async fn from_request(request: &'a Request, _: &mut RequestBody, _: ExtractParamOptions<()>) -> Result<Self> {
        match request.data::<Actor>() {
            Some(actor @ Actor::Person(_)) => Ok(Self(actor.clone())),
            _ => Err(Error::SignInRequired.into()),
        }
    }
}
