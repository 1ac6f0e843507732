//! A form whose button is pressed twice is done once.
//!
//! Each page that is made for somebody carries a form token of its own, so the same fields with the same token sent to the
//! same address are the same press. The second waits for the first, and goes where the first went; nothing is made twice. That holds
//! for a minute and for all nodes: the first press is a row of the answers that the API keeps, too. Then the same form may mean it again.
//!
//! Kept is only where a form led to. What was refused changed nothing and is let go, so that it can be put right and sent
//! again; an answer that shows something or changes the sign-in is for one pair of eyes and is not kept either.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use poem::http::{StatusCode, header};
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};
use uuid::Uuid;

use super::form::Form;
use super::site::see_other;
use crate::platform::chance::sha256;
use crate::platform::db::answers::{self, Answer, Known};
use crate::platform::{Actor, Db, Error};

/// A press is remembered for so long.
const REMEMBERED: TimeDelta = TimeDelta::minutes(1);

/// How keys of forms begin; callers of the API choose theirs.
const KIND: &str = "form ";

/// The second press looks so often whether the first is done, and so many times.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
const LOOKS: u32 = 100;

/// The layer around the pages, inside the one that finds out who asks.
#[derive(Clone)]
pub struct Once(pub Db);

impl<E: Endpoint + 'static> Middleware<E> for Once {
    type Output = DoneOnce<E>;

    fn transform(&self, inner: E) -> DoneOnce<E> {
        DoneOnce { inner: Arc::new(inner), db: self.0.clone() }
    }
}

/// An endpoint whose forms may be sent twice.
pub struct DoneOnce<E> {
    inner: Arc<E>,
    db: Db,
}

impl<E: Endpoint + 'static> Endpoint for DoneOnce<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let account = request.data::<Actor>().and_then(Actor::account);
        let (Some(account), Some(press)) = (account, press(&mut request).await?) else {
            return self.inner.call(request).await.map(IntoResponse::into_response);
        };
        let since = self.db.clock().now() - REMEMBERED;
        for _ in 0..LOOKS {
            match answers::take(&self.db, account, &press, press.trim_start_matches(KIND), since).await? {
                Known::New => return done(Arc::clone(&self.inner), self.db.clone(), request, account, press).await,
                Known::Answered(answer) => {
                    let to = answer.headers["location"].as_str().unwrap_or("/");
                    return Ok(see_other(to));
                }
                Known::UnderWay | Known::Other => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
        let sentence =
            "This form was sent a moment ago and is still being done; look whether it was, before you send it again.";
        Err(Error::Conflict(sentence.to_owned()).into())
    }
}

/// Does it, and keeps where it led to. In a task of its own: a browser hangs up on the first press when the second is made.
async fn done<E>(inner: Arc<E>, db: Db, request: Request, account: Uuid, press: String) -> Result<Response>
where
    E: Endpoint + 'static,
{
    let work = tokio::spawn(async move {
        let answer = inner.call(request).await.map(IntoResponse::into_response);
        let settled = match answer.as_ref().ok().and_then(lasting) {
            Some(answer) => answers::keep(&db, account, &press, answer).await,
            None => answers::let_go(&db, account, &press).await,
        };
        if let Err(error) = settled {
            tracing::warn!(%error, "where a form led to was not kept");
        }
        answer
    });
    match work.await {
        Ok(answer) => answer,
        Err(error) => Err(Error::internal(format!("a form did not end: {error}")).into()),
    }
}

/// What makes a press the same: address and fields, among them the token of the page. `None` for what is no form of ours.
async fn press(request: &mut Request) -> Result<Option<String>> {
    let form = request.content_type().is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !form || request.method() != poem::http::Method::POST {
        return Ok(None);
    }
    // The shell has bounded the body before.
    let body = request.take_body().into_bytes().await?;
    let known = Form::parse(&body).is_ok_and(|form| !form.get("form_token").is_empty());
    let press = known.then(|| {
        let mut bytes = request.uri().to_string().into_bytes();
        bytes.push(b'\n');
        bytes.extend(&body);
        format!("{KIND}{}", sha256(&bytes))
    });
    request.set_body(body);
    Ok(press)
}

/// Where the answer leads to, if that is all it says.
fn lasting(response: &Response) -> Option<Answer> {
    let leads = response.status() == StatusCode::SEE_OTHER && !response.headers().contains_key(header::SET_COOKIE);
    let to = leads.then(|| response.headers().get(header::LOCATION)?.to_str().ok()).flatten()?;
    let headers = serde_json::json!({ "location": to });
    Some(Answer { status: response.status().as_u16(), headers, sealed: String::new() })
}
