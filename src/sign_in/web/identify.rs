//! The layer that finds out who asks, and whether the request comes from a page of ours (A6).
//!
//! It leaves the [`Actor`] and the [`Site`] as that person sees it with the request. A request without cookie and token
//! costs nothing here.

use std::future::Future;
use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use poem::http::{Method, StatusCode, header};
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};

use super::cookie;
use super::second_step::again;
use crate::platform::{Actor, Db, Error, Role, chance};
use crate::sign_in::visit::{self, Visit};
use crate::sign_in::{Entrance, token};
use crate::web::form::Form;
use crate::web::origin;
use crate::web::site::{Bell, SignInAgain, Site, Viewer, safe_next, see_other};

/// The layer around the routes.
#[derive(Clone)]
pub struct Identify {
    db: Db,
    site: Site,
    entrance: Entrance,
    bell: Arc<dyn Bell>,
}

impl Identify {
    /// For these pages; `bell` knows what the frame says of news.
    pub fn new(db: Db, site: Site, entrance: Entrance, bell: Arc<dyn Bell>) -> Self {
        Self { db, site, entrance, bell }
    }
}

impl<E: Endpoint> Middleware<E> for Identify {
    type Output = Identified<E>;

    fn transform(&self, inner: E) -> Identified<E> {
        Identified { inner, layer: self.clone() }
    }
}

/// An endpoint that knows who asks.
pub struct Identified<E> {
    inner: E,
    layer: Identify,
}

/// The sign-in that the request came with, for the pages that end it.
#[derive(Clone, Debug)]
pub struct CurrentVisit(pub Visit);

impl<E: Endpoint> Endpoint for Identified<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        self.layer.admit(&mut request).await?;
        let page = *request.method() == Method::GET && !request.uri().path().starts_with("/api/");
        let came_for = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        let back = back(&request);
        let seen = request.data::<Site>().cloned();
        match self.inner.call(request).await {
            // So does one that asks for a recent sign-in; a program reads the sentence.
            Err(error) if error.data::<SignInAgain>().is_some() && back.is_some() => {
                let (site, back) = (seen.unwrap_or(self.layer.site.clone()), back.unwrap_or_default());
                again(StatusCode::FORBIDDEN, &site, "Sign in again", &Error::SignInAgain.to_string(), &back)
            }
            // A page that asks for a sign-in leads to it, and back.
            Err(error) if page && error.status() == StatusCode::UNAUTHORIZED => {
                let next = serde_urlencoded::to_string([("next", came_for)]).unwrap_or_default();
                Ok(see_other(&format!("/sign-in?{next}")))
            }
            answer => answer.map(IntoResponse::into_response),
        }
    }
}

/// Where a person goes on who signs in again: the page they were on, which our own pages name (`Referrer-Policy: same-origin`).
/// `None` for a program, and for a script that reads JSON.
fn back(request: &Request) -> Option<String> {
    let text = |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    if request.uri().path().starts_with("/api/")
        || !text(header::ACCEPT).is_some_and(|accept| accept.contains("text/html"))
    {
        return None;
    }
    let page = text(header::REFERER).and_then(|url| url.splitn(4, '/').nth(3)).map(|path| format!("/{path}"));
    Some(page.as_deref().map(safe_next).unwrap_or("/me/security").to_owned())
}

impl Identify {
    async fn admit(&self, request: &mut Request) -> Result<()> {
        if let Some(value) = request.headers().get(header::AUTHORIZATION) {
            let text = value.to_str().ok().and_then(|text| text.split_once(' '));
            let text = text.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
            let found = token::recognize(&self.db.cx(Actor::Visitor), text.unwrap_or_default()).await?;
            let Some((actor, token)) = found else { return Err(Error::SignInRequired.into()) };
            if token::use_is_news(&token, self.db.clock().now()) {
                let db = self.db.clone();
                self.beside(async move { token::note_use(&db, &token).await });
            }
            request.set_data(self.site.clone());
            request.set_data(actor);
            return Ok(());
        }
        let https = self.site.base_url.starts_with("https://");
        let ticket = cookie::ticket(request.headers(), https);
        let found = match &ticket {
            Some(ticket) => visit::recognize(&self.db.cx(Actor::Visitor), ticket).await?,
            None => None,
        };
        if origin::changes(request.method()) && !is_one_click(request.uri().path()) {
            match origin::of(request.headers(), &self.site.base_url) {
                origin::From::Here => {}
                origin::From::Elsewhere => return Err(foreign().into()),
                // No browser of today: without a sign-in there is nothing that it could act with.
                origin::From::Unsaid => {
                    if let Some((_, visit)) = &found
                        && !self.brings_token(request, visit).await?
                    {
                        return Err(foreign().into());
                    }
                }
            }
        }
        let Some((actor, visit)) = found else {
            request.set_data(self.site.clone());
            request.set_data(Actor::Visitor);
            return Ok(());
        };
        if visit::use_is_news(&visit, self.db.clock().now()) {
            let (db, visit) = (self.db.clone(), visit.clone());
            self.beside(async move { visit::note_use(&db, &visit).await });
        }
        let unread = match (is_page(request.uri().path()), actor.account()) {
            (true, Some(account)) => self.bell.unread(&self.db.cx(Actor::Visitor), account).await?,
            _ => 0,
        };
        request.set_data(self.site_of(&actor, &visit, unread)?);
        request.set_data(CurrentVisit(visit));
        request.set_data(actor);
        Ok(())
    }

    /// Bookkeeping that no answer waits for.
    fn beside(&self, work: impl Future<Output = Result<(), Error>> + Send + 'static) {
        tokio::spawn(async move {
            if let Err(error) = work.await {
                tracing::warn!(%error, "the use of a sign-in was not noted");
            }
        });
    }

    fn site_of(&self, actor: &Actor, visit: &Visit, unread: u64) -> Result<Site, Error> {
        let person = actor.person();
        let grants = person.map(|person| person.grants.as_slice()).unwrap_or_default();
        let viewer = Viewer {
            name: person.map(|person| person.name.clone()).unwrap_or_default(),
            administers: grants.iter().any(|grant| grant.role == Role::CityAdmin),
            reviews: grants.iter().any(|grant| grant.role == Role::Editor),
            office: grants.iter().any(|grant| matches!(grant.role, Role::Mayor | Role::CityAdmin)),
            unread,
            form_token: self.form_token(visit)?,
        };
        Ok(Site { viewer: Some(Arc::new(viewer)), ..self.site.clone() })
    }

    /// The form's token under a mask that is new in every answer: what is packed together with it tells nothing.
    fn form_token(&self, visit: &Visit) -> Result<String, Error> {
        let mask: [u8; 32] = chance::bytes()?;
        let token = self.entrance.secret.sign("form", visit.id.0.as_bytes());
        let masked: Vec<u8> = token.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
        Ok(BASE64URL_NOPAD.encode(&[mask.as_slice(), &masked].concat()))
    }

    async fn brings_token(&self, request: &mut Request, visit: &Visit) -> Result<bool> {
        let brought = match request.headers().get("x-form-token").and_then(|value| value.to_str().ok()) {
            Some(text) => text.to_owned(),
            None => {
                // The shell has read and bounded the body before.
                let body = request.take_body().into_bytes().await?;
                let token = Form::parse(&body).map(|form| form.get("form_token").to_owned()).unwrap_or_default();
                request.set_body(body);
                token
            }
        };
        let Ok(bytes) = BASE64URL_NOPAD.decode(brought.as_bytes()) else { return Ok(false) };
        let Some((mask, masked)) = bytes.split_at_checked(32) else { return Ok(false) };
        let token: Vec<u8> = masked.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
        Ok(self.entrance.secret.verify("form", visit.id.0.as_bytes(), &token))
    }
}

/// Mailboxes leave a list from their own sites (RFC 8058): the signed address is all that counts there. Saying yes to a
/// newsletter is a person's, on our page.
fn is_one_click(path: &str) -> bool {
    let rest = path.strip_prefix("/u/").or_else(|| path.strip_prefix("/n/"));
    rest.is_some_and(|token| !token.contains('/'))
}

/// Whether the answer may have the frame of a page around it.
fn is_page(path: &str) -> bool {
    !path.starts_with("/api/") && !path.starts_with("/static/")
}

fn foreign() -> Error {
    Error::Forbidden(
        "This came from another site, so nothing was changed; open the page here and do it again.".to_owned(),
    )
}
