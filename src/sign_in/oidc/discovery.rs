//! What a provider offers, and its keys: asked when somebody first needs them, remembered for an hour.
//!
//! The server starts without its providers, and goes on with what it remembers while one is away.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeySet};
use openidconnect::http::{Request, Response};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::Value;

use super::fault::Refusal;
use crate::platform::Timestamp;
use crate::platform::config::{ProviderConfig, ProviderKind, may_be_asked};

/// No answer of a provider is longer; the keys of the largest take a tenth of it.
const ANSWER: usize = 512 * 1024;
/// How long a provider may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// What it said is asked for again after this.
const FRESH: TimeDelta = TimeDelta::hours(1);
/// What it said is good for so long while it does not answer.
const STALE: TimeDelta = TimeDelta::hours(24);
/// New keys are asked for at most so often: a forged token with a key nobody knows makes no storm.
const KEYS: TimeDelta = TimeDelta::seconds(30);

/// Where Entra puts the tenant when it speaks for all of them.
pub const TENANT: &str = "{tenantid}";

/// Asks providers: no redirects, 5 seconds, a bounded answer.
#[derive(Clone, Debug, Default)]
pub struct Http(Option<reqwest::Client>);

/// A provider did not answer, or not as it should.
#[derive(Debug)]
pub struct Unanswered(String);

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unanswered {}

impl From<reqwest::Error> for Unanswered {
    fn from(error: reqwest::Error) -> Self {
        // Its address may hold a code.
        Self(error.without_url().to_string())
    }
}

impl Http {
    /// Ready to ask ([`Default`] is not); a machine without TLS asks nobody.
    pub fn new() -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE);
        Self(client.build().ok())
    }

    /// One request, as the library makes it.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Unanswered> {
        let Some(client) = &self.0 else { return Err(Unanswered("there is no TLS".to_owned())) };
        let mut answer = client.execute(request.try_into()?).await?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > ANSWER {
                return Err(Unanswered("the answer is too long".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }

    /// GET of JSON.
    pub async fn json(&self, url: &str, bearer: Option<&str>) -> Result<Value, Unanswered> {
        let mut request = Request::get(url).header("accept", "application/json");
        if let Some(token) = bearer {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(Vec::new()).map_err(|_| Unanswered("an address that is none".to_owned()))?;
        let answer = self.send(request).await?;
        if answer.status() != 200 {
            return Err(Unanswered(format!("it answers with {}", answer.status().as_u16())));
        }
        serde_json::from_slice(answer.body()).map_err(|_| Unanswered("the answer is not JSON".to_owned()))
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Unanswered;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Unanswered>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// What a provider says of itself, as far as it is needed.
#[derive(Clone, Debug, Deserialize)]
pub struct Metadata {
    /// Who it is.
    pub issuer: String,
    /// Where people go.
    pub authorization_endpoint: String,
    /// Where codes are exchanged.
    pub token_endpoint: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Where it tells more about a person.
    pub userinfo_endpoint: Option<String>,
    /// Whether the way back always names the issuer (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
    /// How it wants our secret.
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// A provider as it is known now.
#[derive(Clone, Debug)]
pub struct Discovered {
    /// What it offers.
    pub metadata: Metadata,
    /// Its keys.
    pub keys: CoreJsonWebKeySet,
    asked_at: Timestamp,
    keys_renewed_at: Option<Timestamp>,
}

/// What is remembered of a provider.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Option<Arc<Discovered>>>);

impl Memory {
    /// The provider as it is known, asked again where that is old.
    pub async fn discovered(
        &self,
        http: &Http,
        settings: &ProviderConfig,
        now: Timestamp,
    ) -> Result<Arc<Discovered>, Refusal> {
        let known = self.recall();
        if let Some(known) = &known
            && now < known.asked_at + FRESH
        {
            return Ok(Arc::clone(known));
        }
        match ask(http, settings, now).await {
            Ok(fresh) => Ok(self.keep(fresh)),
            Err(refusal) => known.filter(|known| now < known.asked_at + STALE).ok_or(refusal),
        }
    }

    /// The same with new keys, for a token whose key is not known; `None` where they were renewed a moment ago.
    pub async fn renewed(
        &self,
        http: &Http,
        settings: &ProviderConfig,
        known: &Discovered,
        now: Timestamp,
    ) -> Result<Option<Arc<Discovered>>, Refusal> {
        let latest = self.recall();
        let renewed_at = latest.as_ref().and_then(|latest| latest.keys_renewed_at);
        if renewed_at.is_some_and(|at| now < at + KEYS) {
            // Perhaps another request has just brought them.
            return Ok(latest.filter(|latest| latest.keys_renewed_at != known.keys_renewed_at));
        }
        let keys = keys(http, settings, &known.metadata).await?;
        let fresh = Discovered { keys, keys_renewed_at: Some(now), ..known.clone() };
        Ok(Some(self.keep(fresh)))
    }

    fn recall(&self) -> Option<Arc<Discovered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, fresh: Discovered) -> Arc<Discovered> {
        let fresh = Arc::new(fresh);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&fresh));
        fresh
    }
}

async fn ask(http: &Http, settings: &ProviderConfig, now: Timestamp) -> Result<Discovered, Refusal> {
    let url = format!("{}/.well-known/openid-configuration", settings.issuer.trim_end_matches('/'));
    let document = http.json(&url, None).await.map_err(|cause| unanswered(settings, "configuration", &cause))?;
    let metadata: Metadata =
        serde_json::from_value(document).map_err(|error| misconfigured(settings, &error.to_string()))?;
    let of_many =
        settings.kind == ProviderKind::Entra && metadata.issuer.contains(TENANT) && !settings.tenants.is_empty();
    if metadata.issuer != settings.issuer && !of_many {
        return Err(misconfigured(settings, "it names another issuer than the one configured"));
    }
    let urls = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
    if !urls.into_iter().chain(&metadata.userinfo_endpoint).all(|url| may_be_asked(url)) {
        return Err(misconfigured(settings, "it is to be asked without https"));
    }
    let keys = keys(http, settings, &metadata).await?;
    Ok(Discovered { metadata, keys, asked_at: now, keys_renewed_at: None })
}

async fn keys(http: &Http, settings: &ProviderConfig, metadata: &Metadata) -> Result<CoreJsonWebKeySet, Refusal> {
    let document = http.json(&metadata.jwks_uri, None).await.map_err(|cause| unanswered(settings, "keys", &cause))?;
    let list = document["keys"].as_array().ok_or_else(|| misconfigured(settings, "its keys are no list"))?;
    // Keys of Entra say whom they may speak for: one of another tenant proves nothing about ours.
    let ours = |issuer: &str| {
        issuer.contains(TENANT)
            || issuer == metadata.issuer
            || settings.tenants.iter().any(|tenant| metadata.issuer.replace(TENANT, tenant) == issuer)
    };
    let list = list.iter().filter(|key| key["issuer"].as_str().is_none_or(ours));
    // A key of a kind that is not known here is no fault: nothing signed with it is believed.
    let keys = list.filter_map(|key| serde_json::from_value::<CoreJsonWebKey>(key.clone()).ok()).collect();
    Ok(CoreJsonWebKeySet::new(keys))
}

fn unanswered(settings: &ProviderConfig, what: &str, cause: &Unanswered) -> Refusal {
    tracing::warn!(provider = settings.name, what, %cause, "a sign-in provider does not answer");
    Refusal::Unanswered
}

fn misconfigured(settings: &ProviderConfig, cause: &str) -> Refusal {
    tracing::warn!(provider = settings.name, cause, "a sign-in provider is not as it is configured");
    Refusal::Misconfigured
}
