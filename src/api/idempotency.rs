//! `Idempotency-Key`: a write that is sent twice is done once, and answered twice.
//!
//! Who sends a write with a key of their own choosing may send it again when the answer got lost. The first request with a
//! key is done and its answer kept for a day, sealed; but not an answer with a secret that is shown once. The same key
//! with the same request gives that answer again; with another request, or by another right, it is refused. A request that was refused changed
//! nothing: its key is let go, and may be sent again.
//!
//! The request runs to its end also when its caller hangs up, so that its answer is kept. Only when the process dies in
//! between does nobody know whether it was done; the key then says so for a day, and nothing is done twice.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use poem::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::platform::chance::sha256;
use crate::platform::db::answers::{self, Answer, Known};
use crate::platform::{Actor, Db, Error, Job, Outcome, Secret};
use crate::web::origin;
use crate::web::problem::Problem;

/// The header of a request.
const KEY: &str = "idempotency-key";

/// Says of an answer that it is an old one.
const REPLAYED: &str = "idempotency-replayed";

const PURPOSE: &str = "answer once";

/// Headers of an answer that belong to it; others are of the moment.
const KEPT: [HeaderName; 4] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG, header::LINK];

/// The layer around the API, inside the one that finds out who asks.
#[derive(Clone)]
pub struct Idempotency {
    db: Db,
    secret: Secret,
}

impl Idempotency {
    /// Keeps answers in this database, sealed with this secret.
    pub fn new(db: Db, secret: Secret) -> Self {
        Self { db, secret }
    }
}

impl<E: Endpoint + 'static> Middleware<E> for Idempotency {
    type Output = Idempotent<E>;

    fn transform(&self, inner: E) -> Idempotent<E> {
        Idempotent { inner: Arc::new(inner), layer: self.clone() }
    }
}

/// An endpoint whose writes may be sent twice.
pub struct Idempotent<E> {
    inner: Arc<E>,
    layer: Idempotency,
}

impl<E: Endpoint + 'static> Endpoint for Idempotent<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let account = request.data::<Actor>().and_then(Actor::account);
        let (Some(account), Some(value), true) =
            (account, request.headers().get(KEY).cloned(), origin::changes(request.method()))
        else {
            return self.inner.call(request).await.map(IntoResponse::into_response);
        };
        let key = readable(&value)?;
        let hash = fingerprint(&mut request).await?;
        match answers::take(&self.layer.db, account, &key, &hash, self.layer.db.clock().now() - DAY).await? {
            Known::New => {}
            Known::Answered(_) | Known::UnderWay if holds_secret(&request) => {
                return Err(Error::Conflict(
                    "The token of this request was shown once; look in your list of tokens, and make another if you need it."
                        .to_owned(),
                )
                .into());
            }
            Known::Answered(answer) => return Ok(self.layer.again(account, &key, answer)?),
            Known::Other => {
                let sentence = "This Idempotency-Key was used for another request; send this one with a new key.";
                return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY).detail(sentence).into());
            }
            Known::UnderWay => {
                return Err(Error::Conflict(
                    "A request with this Idempotency-Key is under way, or ended without an answer; look whether it was \
                     done, and use a new key if it was not."
                        .to_owned(),
                )
                .into());
            }
        }
        let (inner, layer) = (Arc::clone(&self.inner), self.layer.clone());
        // A task of its own: it comes to its end also when the caller hangs up.
        let work = tokio::spawn(async move {
            let once = holds_secret(&request);
            let answer = inner.call(request).await.map(IntoResponse::into_response);
            layer.settle(account, &key, answer, once).await
        });
        match work.await {
            Ok(answer) => answer,
            Err(error) => Err(Error::internal(format!("a request with a key did not end: {error}")).into()),
        }
    }
}

impl Idempotency {
    /// Keeps a good answer, or lets go of the key. What is shown `once` is not kept: its key stays without an answer.
    async fn settle(&self, account: Uuid, key: &str, answer: Result<Response>, once: bool) -> Result<Response> {
        let response = match answer {
            Ok(response) if response.status().is_success() => response,
            refused => {
                if let Err(error) = answers::let_go(&self.db, account, key).await {
                    tracing::warn!(%error, "an idempotency key was not let go");
                }
                return refused;
            }
        };
        if once {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let bytes = body.into_bytes().await?;
        let kept = async {
            let sealed = self.secret.seal(PURPOSE, &about(account, key), &bytes)?;
            let answer = Answer { status: parts.status.as_u16(), headers: written(&parts.headers), sealed };
            answers::keep(&self.db, account, key, answer).await
        };
        if let Err(error) = kept.await {
            // It is done, and says so; sent again, it says that nobody knows.
            tracing::warn!(%error, "the answer to a request with a key was not kept");
        }
        Ok(Response::from_parts(parts, bytes.into()))
    }

    fn again(&self, account: Uuid, key: &str, answer: Answer) -> Result<Response, Error> {
        let body = self.secret.open(PURPOSE, &about(account, key), &answer.sealed);
        let body = body.ok_or_else(|| Error::internal("a kept answer cannot be opened"))?;
        let mut response =
            Response::builder().status(StatusCode::from_u16(answer.status).unwrap_or_default()).body(body);
        for (name, value) in answer.headers.as_object().into_iter().flatten() {
            let value = value.as_str().and_then(|value| HeaderValue::from_str(value).ok());
            if let (Ok(name), Some(value)) = (HeaderName::try_from(name.as_str()), value) {
                response.headers_mut().insert(name, value);
            }
        }
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        Ok(response)
    }
}

fn readable(value: &HeaderValue) -> Result<String, Error> {
    let text = value.to_str().unwrap_or_default().trim();
    if text.is_empty() || text.len() > 255 {
        return Err(Error::Unreadable {
            parameter: "Idempotency-Key",
            message: "Give a key of 1 to 255 letters, digits and signs, a new one for each thing to be done."
                .to_owned(),
        });
    }
    Ok(text.to_owned())
}

/// Whether the answer holds a secret that is shown once and kept nowhere, not even sealed.
fn holds_secret(request: &Request) -> bool {
    request.uri().path().ends_with("/me/tokens")
}

/// What makes a request the same: method, address, what it must match, its body, which the shell has read and bounded, and by
/// what right it is asked: a token that may only read gets no answer of one that may write.
async fn fingerprint(request: &mut Request) -> Result<String> {
    let body = request.take_body().into_bytes().await?;
    let matched = request.headers().get(header::IF_MATCH).map(HeaderValue::as_bytes).unwrap_or_default().to_vec();
    let person = request.data::<Actor>().and_then(Actor::person);
    let right =
        person.map(|person| format!("{:?} {:?} {}", person.via, person.scope, person.strong)).unwrap_or_default();
    let mut bytes = Vec::with_capacity(body.len() + 256);
    let (method, address) = (request.method().as_str(), request.uri().to_string());
    for part in [method.as_bytes(), address.as_bytes(), &matched, &body, right.as_bytes()] {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part);
    }
    request.set_body(body);
    Ok(sha256(&bytes))
}

fn written(headers: &HeaderMap) -> serde_json::Value {
    let kept = KEPT.iter().filter_map(|name| Some((name.to_string(), headers.get(name)?.to_str().ok()?.into())));
    serde_json::Value::Object(kept.collect())
}

fn about(account: Uuid, key: &str) -> Vec<u8> {
    format!("{account}/{key}").into_bytes()
}

/// Answers are kept so long.
const DAY: TimeDelta = TimeDelta::hours(24);

/// Once an hour: forgets answers that are a day old.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetAnswers {}

#[async_trait]
impl Job for ForgetAnswers {
    const NAME: &'static str = "api.forget_answers";

    async fn run(&self, db: &Db) -> Outcome {
        let now = db.clock().now();
        match answers::forget_before(db, now - DAY).await {
            Ok(_) => Outcome::Again(now + TimeDelta::hours(1)),
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }
}
