//! Coming in by the sign-in of a school or district: Google, Entra, Clever, ClassLink, any provider of OpenID Connect.
//!
//! Somebody leaves for the provider ([`leave`]) with a state, a nonce and a PKCE challenge, and comes back ([`arrive`]) with
//! a code. What belongs to the question waits sealed in the database, is good for ten minutes, once, and in the browser it
//! began in. The code is exchanged, the token verified (`claims`), and the person found by issuer and subject, never by
//! address alone (`identity`). The provider is first asked when somebody needs it (`discovery`), so a server starts without.

mod claims;
mod discovery;
mod fault;
mod identity;

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields,
    EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, StandardErrorResponse, StandardTokenResponse,
    TokenResponse, TokenUrl,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use self::claims::{Claims, Doubt, Extra, Told};
use self::discovery::{Discovered, Http, Memory};
pub use self::fault::{Fault, Outcome, Refusal};
pub use self::identity::{Identity, IdentityId, identities_of, remove};
use super::second_step::Proceeding;
use super::store::identities as store;
use super::visit::{Method, VisitId};
use super::{Entrance, arrival};
use crate::mail::{self, Letter};
use crate::people::{self, AccountId};
use crate::platform::chance::{Ticket, sha256};
use crate::platform::config::{Hidden, ProviderConfig, ProviderKind};
use crate::platform::throttle::{Allowance, Throttle, network};
use crate::platform::{Actor, Clock, Db, Error, Result, Tx, ids};

/// The providers of an installation.
#[derive(Clone)]
pub struct Providers {
    all: Arc<[Provider]>,
    http: Http,
    departures: Throttle,
}

/// A provider, and what is remembered of it.
struct Provider {
    settings: ProviderConfig,
    memory: Memory,
}

/// Somebody may be away so long.
const PATIENCE: TimeDelta = TimeDelta::minutes(10);

/// All that is asked of a provider while somebody waits: less than the ten seconds of a request.
const TALK: Duration = Duration::from_secs(8);

/// Departures from one network: a school signs in at eight o'clock from one address.
const DEPARTURES: Allowance = Allowance { burst: 300, every: Duration::from_millis(500) };

const PURPOSE: &str = "oidc question";
const CONNECT: &str = "oidc connect";

impl Providers {
    /// The providers of a configuration; none is asked anything yet.
    pub fn new(configured: &[ProviderConfig], clock: &Clock) -> Self {
        let provider = |settings: &ProviderConfig| Provider { settings: settings.clone(), memory: Memory::default() };
        Self {
            all: configured.iter().map(provider).collect(),
            http: if configured.is_empty() { Http::default() } else { Http::new() },
            departures: Throttle::new(clock, DEPARTURES),
        }
    }

    /// Name and label of each.
    pub fn list(&self) -> impl Iterator<Item = (&str, &str)> {
        self.all.iter().map(|provider| (provider.settings.name.as_str(), provider.settings.label.as_str()))
    }

    /// What a provider is called; its name where it is not known any more.
    pub fn label<'a>(&'a self, name: &'a str) -> &'a str {
        self.list().find(|(known, _)| *known == name).map_or(name, |(_, label)| label)
    }

    fn named(&self, name: &str) -> Result<&Provider> {
        self.all.iter().find(|provider| provider.settings.name == name).ok_or(Error::NotFound("provider"))
    }
}

/// Somebody who leaves for a provider.
#[derive(Debug)]
pub struct Departure<'a> {
    /// The provider's name.
    pub provider: &'a str,
    /// Where they come back to.
    pub back: &'a str,
    /// What tells their browser from others.
    pub browser: &'a Ticket,
    /// Where they want to be in the end.
    pub next: &'a str,
    /// The account that is to be connected, where it is not about signing in.
    pub connect: Option<AccountId>,
    /// Their network address.
    pub from: Option<IpAddr>,
}

/// What was asked of a provider, until it is answered.
#[derive(Serialize, Deserialize)]
struct Question {
    provider: String,
    browser: String,
    nonce: String,
    verifier: String,
    next: String,
    connect: Option<AccountId>,
}

/// Where somebody goes to sign in at the provider.
pub async fn leave(db: &Db, entrance: &Entrance, departure: Departure<'_>) -> Outcome<String> {
    let providers = &entrance.providers;
    let provider = providers.named(departure.provider)?;
    providers.departures.attempt(&departure.from.map(network).unwrap_or_default())?;
    let settings = &provider.settings;
    let known = in_time(provider.memory.discovered(&providers.http, settings, db.clock().now())).await?;
    let (state, nonce, verifier) = (Ticket::fresh()?, Ticket::fresh()?, Ticket::fresh()?);
    let question = Question {
        provider: settings.name.clone(),
        browser: departure.browser.hash(),
        nonce: nonce.reveal().to_owned(),
        verifier: verifier.reveal().to_owned(),
        next: departure.next.to_owned(),
        connect: departure.connect,
    };
    let id = row_of(state.reveal());
    let plain = serde_json::to_vec(&question).map_err(Error::internal)?;
    let sealed = entrance.secret.seal(PURPOSE, id.as_bytes(), &plain)?;
    let tx = db.write(Actor::System("sign_in")).await?;
    store::ask(tx.conn(), id, sealed, tx.now(), tx.now() + PATIENCE).await?;
    tx.commit().await?;

    let client = client(settings, &known, departure.back)?;
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(question.verifier));
    let (state, nonce) = (CsrfToken::new(state.reveal().to_owned()), Nonce::new(question.nonce));
    let mut request = client.authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce);
    for scope in &settings.scopes {
        request = request.add_scope(Scope::new(scope.clone()));
    }
    if let (ProviderKind::Google, [domain]) = (settings.kind, settings.domains.as_slice()) {
        // A hint; what counts is the claim.
        request = request.add_extra_param("hd", domain.clone());
    }
    Ok(request.set_pkce_challenge(challenge).url().0.to_string())
}

/// What a provider sends back with a person.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Answer {
    /// The state they left with.
    pub state: Option<String>,
    /// What is exchanged for the token.
    pub code: Option<String>,
    /// Who answers (RFC 9207).
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

/// Somebody who comes back from a provider.
#[derive(Debug)]
pub struct Return<'a> {
    /// The provider's name.
    pub provider: &'a str,
    /// Where they came back to, as they were told.
    pub back: &'a str,
    /// What tells their browser from others.
    pub browser: Option<Ticket>,
    /// What the provider sends.
    pub answer: Answer,
    /// Who is signed in in that browser now.
    pub actor: Actor,
    /// The browser itself.
    pub browser_at: arrival::Arrival,
}

/// How somebody came back.
#[derive(Debug)]
pub enum Arrival {
    /// Signed in, or on to the second step, and then to `next`.
    In {
        /// How far they came.
        proceeding: Proceeding,
        /// Whose account it is.
        account: AccountId,
        /// Where they wanted to be.
        next: String,
    },
    /// Their account is connected with the one at the provider.
    Connected {
        /// Where they wanted to be.
        next: String,
    },
    /// Nobody came in, but it is known where they wanted to be.
    Refused {
        /// Why.
        refusal: Refusal,
        /// Where they wanted to be.
        next: String,
    },
    /// They come from the provider's own portal, with nothing of ours: they are to leave from here.
    Portal,
}

/// Somebody comes back: signed in if everything holds.
pub async fn arrive(db: &Db, entrance: &Entrance, back: Return<'_>) -> Outcome<Arrival> {
    let provider = entrance.providers.named(back.provider)?;
    let settings = &provider.settings;
    let Some(state) = &back.answer.state else {
        return if back.answer.code.is_some() { Ok(Arrival::Portal) } else { Err(Refusal::State.into()) };
    };
    let browser = back.browser.as_ref().ok_or(Refusal::State)?;
    let question = taken(db, entrance, state).await?.ok_or(Refusal::State)?;
    if question.browser != browser.hash() || question.provider != settings.name {
        return Err(Refusal::State.into());
    }
    let next = question.next.clone();
    match settled(db, entrance, provider, back, question).await {
        Err(Fault::Refused(refusal)) => Ok(Arrival::Refused { refusal, next }),
        other => other,
    }
}

async fn settled(
    db: &Db,
    entrance: &Entrance,
    provider: &Provider,
    back: Return<'_>,
    question: Question,
) -> Outcome<Arrival> {
    let settings = &provider.settings;
    let told = in_time(ask(db, entrance, provider, &back.answer, &question, back.back)).await?;
    match question.connect {
        Some(account) if back.actor.account() == Some(account.0) => {
            let mut tx = db.write(back.actor).await?;
            if identity::connect(&mut tx, settings, account, &told).await? {
                tell(&mut tx, entrance, account, &settings.label).await?;
            }
            tx.commit().await?;
            Ok(Arrival::Connected { next: question.next })
        }
        Some(_) => Err(Refusal::Other.into()),
        None => {
            let (proceeding, account) = match enter(db, entrance, settings, &told, &back.browser_at).await {
                // The same person came in twice at once, for the first time: now the account is there.
                Err(Fault::Ours(Error::Conflict(_))) => enter(db, entrance, settings, &told, &back.browser_at).await?,
                other => other?,
            };
            Ok(Arrival::In { proceeding, account, next: question.next })
        }
    }
}

/// Tells the mailbox that there is another way into the account.
async fn tell(tx: &mut Tx, entrance: &Entrance, account: AccountId, label: &str) -> Result<()> {
    let Some(email) = people::account::account_in(tx, account).await?.email else { return Ok(()) };
    let head = &entrance.letterhead;
    let key = format!("connected:{}", ids::fresh());
    let letter = Letter::new("provider_connected", key, email.as_str(), "Your account was connected")
        .say(format!("Your account at Common Ground was connected with a sign-in of {label}, which signs in to it from now on."))
        .say("If this was not you, sign in, remove the connection under Security, end the other sign-ins and set a new password.")
        .button("See your connections", head.link("/me/security/providers"))
        .because("You get this because something about how you sign in changed.")
        .urgent()
        .of(account.0);
    mail::enqueue(tx, head, letter).await
}

/// What takes several answers of a provider, within the time of one request of ours.
async fn in_time<T>(talk: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    tokio::time::timeout(TALK, talk).await.unwrap_or(Err(Refusal::Unanswered))
}

async fn taken(db: &Db, entrance: &Entrance, state: &str) -> Result<Option<Question>> {
    let id = row_of(state);
    // What nobody asked takes no turn of the writer.
    if !store::waits(db.cx(Actor::System("sign_in")).conn(), id).await? {
        return Ok(None);
    }
    let tx = db.write(Actor::System("sign_in")).await?;
    let sealed = store::take(tx.conn(), id, tx.now()).await?;
    // Gone whatever comes of it.
    tx.commit().await?;
    let plain = sealed.and_then(|sealed| entrance.secret.open(PURPOSE, id.as_bytes(), &sealed));
    Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()))
}

async fn enter(
    db: &Db,
    entrance: &Entrance,
    settings: &ProviderConfig,
    told: &Told,
    arrival: &arrival::Arrival,
) -> Outcome<(Proceeding, AccountId)> {
    let system = || Actor::System("sign_in");
    let schools = identity::schools(&db.cx(system()), settings, told).await?;
    let mut tx = db.write(system()).await?;
    let account = identity::recognize(&mut tx, settings, told).await?;
    identity::place(&mut tx, account, &schools).await?;
    let proceeding = arrival.enter(&mut tx, entrance, account, Method::Oidc).await?;
    tx.commit().await?;
    Ok((proceeding, account))
}

/// Who the provider says it is.
async fn ask(
    db: &Db,
    entrance: &Entrance,
    provider: &Provider,
    answer: &Answer,
    question: &Question,
    back: &str,
) -> Result<Told, Refusal> {
    let Provider { settings, memory } = provider;
    let http = &entrance.providers.http;
    if answer.error.is_some() {
        return Err(Refusal::Declined);
    }
    let known = memory.discovered(http, settings, db.clock().now()).await?;
    if !issued_here(settings, &known, answer.iss.as_deref()) {
        return Err(Refusal::Issuer);
    }
    let code = answer.code.clone().ok_or(Refusal::Code)?;
    let client = client(settings, &known, back)?;
    let exchange = client
        .exchange_code(AuthorizationCode::new(code))
        .set_pkce_verifier(PkceCodeVerifier::new(question.verifier.clone()));
    let tokens = exchange.request_async(http).await.map_err(|error| match error {
        RequestTokenError::Request(cause) => {
            tracing::warn!(provider = settings.name, %cause, "a sign-in provider does not answer");
            Refusal::Unanswered
        }
        _ => Refusal::Code,
    })?;
    let token = tokens.id_token().ok_or(Refusal::Code)?;
    let nonce = Nonce::new(question.nonce.clone());
    let now = db.clock().now();
    let claims = match claims::verified(token, settings, &known, &nonce, now) {
        Err(Doubt::UnknownKey) => match memory.renewed(http, settings, &known, now).await? {
            Some(renewed) => claims::verified(token, settings, &renewed, &nonce, now),
            None => Err(Doubt::UnknownKey),
        },
        other => other,
    };
    let claims = claims.map_err(|doubt| match doubt {
        Doubt::UnknownKey => Refusal::Signature,
        Doubt::Refused(refusal) => refusal,
    })?;
    let besides = besides(http, settings, &known, &claims, tokens.access_token().secret()).await?;
    claims::told(settings, &claims, &besides)
}

/// Whether the way back is from this provider, as far as it says so (RFC 9207).
fn issued_here(settings: &ProviderConfig, known: &Discovered, iss: Option<&str>) -> bool {
    let issuer = &known.metadata.issuer;
    match iss {
        None => !known.metadata.authorization_response_iss_parameter_supported,
        Some(iss) => {
            iss == issuer || settings.tenants.iter().any(|tenant| issuer.replace(discovery::TENANT, tenant) == iss)
        }
    }
}

/// What the provider tells about the person where the token does not say it: many leave the address out of it.
async fn besides(
    http: &Http,
    settings: &ProviderConfig,
    known: &Discovered,
    claims: &Claims,
    access: &str,
) -> Result<Claims, Refusal> {
    let Some(url) = &known.metadata.userinfo_endpoint else { return Ok(Claims::new()) };
    if claims.contains_key(&settings.claims.email) || settings.kind == ProviderKind::Entra {
        return Ok(Claims::new());
    }
    match http.json(url, Some(access)).await {
        // It is about the same person, or about nobody.
        Ok(Value::Object(told)) if told.get("sub").is_some() && told.get("sub") == claims.get("sub") => Ok(told),
        Ok(_) => Err(Refusal::Subject),
        Err(cause) => {
            tracing::warn!(provider = settings.name, what = "userinfo", %cause, "a sign-in provider does not answer");
            Err(Refusal::Unanswered)
        }
    }
}

/// Where a question is kept: its row tells nothing of the state that finds it.
fn row_of(state: &str) -> Uuid {
    let hash = sha256(format!("{PURPOSE}:{state}").as_bytes());
    Uuid::try_parse(hash.get(..32).unwrap_or_default()).unwrap_or_default()
}

/// What the link carries by which somebody connects their account: only a page that this sign-in was shown has it. Another
/// site could otherwise connect its own account at the provider with the account of whoever follows its link.
pub fn connect_mark(entrance: &Entrance, visit: VisitId, provider: &str) -> String {
    let message = format!("{visit}:{provider}");
    data_encoding::BASE64URL_NOPAD.encode(&entrance.secret.sign(CONNECT, message.as_bytes()))
}

/// Asks before somebody is sent off whether they may connect a provider at all; [`arrive`] asks again.
pub fn may_connect(actor: &Actor) -> Result<()> {
    let account = actor.account().ok_or(Error::SignInRequired)?;
    super::policy::way_in(actor, account).map(|_| ())
}

/// Whether it is the mark of this sign-in.
pub fn is_connect_mark(entrance: &Entrance, visit: VisitId, provider: &str, mark: &str) -> bool {
    let message = format!("{visit}:{provider}");
    let brought = data_encoding::BASE64URL_NOPAD.decode(mark.as_bytes()).unwrap_or_default();
    entrance.secret.verify(CONNECT, message.as_bytes(), &brought)
}

type Tokens = StandardTokenResponse<
    IdTokenFields<
        Extra,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type OurClient = Client<
    Extra,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointNotSet,
>;

/// The library's client; tokens are verified without it (`claims`), so it gets no keys.
fn client(settings: &ProviderConfig, known: &Discovered, back: &str) -> Result<OurClient, Refusal> {
    let none = |_| Refusal::Misconfigured;
    let metadata = &known.metadata;
    let issuer = IssuerUrl::new(metadata.issuer.clone()).map_err(none)?;
    let client = Client::new(ClientId::new(settings.client_id.clone()), issuer, CoreJsonWebKeySet::new(Vec::new()))
        .set_auth_uri(AuthUrl::new(metadata.authorization_endpoint.clone()).map_err(none)?)
        .set_token_uri(TokenUrl::new(metadata.token_endpoint.clone()).map_err(none)?)
        .set_redirect_uri(RedirectUrl::new(back.to_owned()).map_err(none)?);
    let Some(secret) = settings.client_secret.as_ref().map(Hidden::reveal) else { return Ok(client) };
    let methods = metadata.token_endpoint_auth_methods_supported.as_deref().unwrap_or_default();
    let has = |method: &str| methods.iter().any(|known| known == method);
    let post = has("client_secret_post") && !has("client_secret_basic");
    let how = if post { AuthType::RequestBody } else { AuthType::BasicAuth };
    Ok(client.set_client_secret(ClientSecret::new(secret.to_owned())).set_auth_type(how))
}
