//! Who asks: found out by the entrance (`sign_in`), kept with the request, taken by handlers.

use poem::{FromRequest, Request, RequestBody, Result};

use crate::platform::{Actor, Error};

/// The actor of a request; a visitor where nobody signed in.
#[derive(Clone, Debug)]
pub struct Asker(pub Actor);

impl<'a> FromRequest<'a> for Asker {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> Result<Self> {
        Ok(Self(request.data::<Actor>().cloned().unwrap_or(Actor::Visitor)))
    }
}

/// The actor of a request that only a signed-in person makes. A visitor is led to the sign-in and back.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Actor);

impl<'a> FromRequest<'a> for SignedIn {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> Result<Self> {
        let Asker(actor) = Asker::from_request(request, body).await?;
        if actor.person().is_some() { Ok(Self(actor)) } else { Err(Error::SignInRequired.into()) }
    }
}
