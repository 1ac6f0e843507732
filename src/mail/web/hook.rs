//! The hook: a mail server, or a service that receives mail, hands in what came back.

use poem::http::{StatusCode, header};
use poem::web::Data;
use poem::{Body, Request, Response, handler};

use crate::mail::intake::{Intake, LARGEST};
use crate::platform::{Config, Error, Secret};

/// What opens the hook; without a token there is none.
#[derive(Clone)]
pub struct HookToken {
    wanted: Option<[u8; 32]>,
    secret: Secret,
}

impl HookToken {
    /// The one of the configuration.
    pub fn of(config: &Config, secret: &Secret) -> Self {
        let wanted = config.mail_hook_token.as_ref().map(|token| secret.sign(PURPOSE, token.reveal().as_bytes()));
        Self { wanted, secret: secret.clone() }
    }

    /// Whether a request has it: signatures are compared, which takes the same time for every answer.
    fn opens(&self, request: &Request) -> Result<bool, Error> {
        let wanted = self.wanted.ok_or(Error::NotFound("page"))?;
        let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given =
            given.and_then(|text| text.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        Ok(given.is_some_and(|(_, token)| self.secret.verify(PURPOSE, token.trim().as_bytes(), &wanted)))
    }
}

/// What the signature is for.
const PURPOSE: &str = "mail-hook";

/// `POST /hooks/mail`: the message as it came (RFC 5322), with `Authorization: Bearer TOKEN`. What is not understood is taken
/// too. The header `X-Envelope-To` may name the address that it was sent to.
#[handler]
pub async fn hook_view(
    request: &Request,
    body: Body,
    intake: Data<&Intake>,
    token: Data<&HookToken>,
) -> poem::Result<Response> {
    if !token.opens(request)? {
        return Err(Error::SignInRequired.into());
    }
    let raw = body.into_bytes_limit(LARGEST).await?;
    if raw.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::invalid("message", "Send the message as it came, as the body.").into());
    }
    let sent_to = request.headers().get("x-envelope-to").and_then(|value| value.to_str().ok());
    intake.take(&raw, sent_to).await?;
    Ok(Response::builder().status(StatusCode::NO_CONTENT).finish())
}
