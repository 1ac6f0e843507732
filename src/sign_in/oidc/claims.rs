//! What a provider says about a person, and whether that is enough. Pure.

use chrono::TimeDelta;
use openidconnect::core::{
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm as Algorithm,
};
use openidconnect::{
    AdditionalClaims, ClaimsVerificationError, ClientId, IdToken, IdTokenVerifier, IssuerUrl, Nonce,
    SignatureVerificationError,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::discovery::{Discovered, TENANT};
use super::fault::Refusal;
use crate::mail::Email;
use crate::platform::Timestamp;
use crate::platform::config::{ProviderConfig, ProviderKind};

/// Claims by their names.
pub type Claims = Map<String, Value>;

/// What is in a token besides the standard's claims.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Extra(Claims);

impl AdditionalClaims for Extra {}

/// A token that says who somebody is.
pub type Token = IdToken<Extra, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, Algorithm>;

/// The signatures that are believed: each needs a key that the provider alone has. Not `none`, and no HMAC: its key would be
/// the client secret, or, by mistake, something everybody knows.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPkcs1V15Sha384,
    Algorithm::RsaSsaPkcs1V15Sha512,
    Algorithm::RsaSsaPssSha256,
    Algorithm::RsaSsaPssSha384,
    Algorithm::RsaSsaPssSha512,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
    Algorithm::EdDsa,
];

/// Clocks may differ by this.
const SKEW: TimeDelta = TimeDelta::minutes(2);

/// Why a token is not believed.
#[derive(Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Its key is not among those known: the provider may have a new one.
    UnknownKey,
    /// Anything else.
    Refused(Refusal),
}

/// The claims of a token: signature, algorithm, issuer, audience, times and nonce hold.
pub fn verified(
    token: &Token,
    settings: &ProviderConfig,
    known: &Discovered,
    nonce: &Nonce,
    now: Timestamp,
) -> Result<Claims, Doubt> {
    let refused = Doubt::Refused;
    let issuer = IssuerUrl::new(known.metadata.issuer.clone()).map_err(|_| refused(Refusal::Misconfigured))?;
    let of_many = known.metadata.issuer.contains(TENANT);
    // Without our secret the library has no key for HMAC either.
    let client = ClientId::new(settings.client_id.clone());
    let verifier: IdTokenVerifier<'_, CoreJsonWebKey> =
        IdTokenVerifier::new_public_client(client.clone(), issuer, known.keys.clone())
            .set_allowed_algs(ALGORITHMS)
            .require_issuer_match(!of_many)
            .set_time_fn(move || now - SKEW)
            .set_issue_time_verifier_fn(
                move |at| if at > now + SKEW { Err("of the future".to_owned()) } else { Ok(()) },
            );
    let claims = token.claims(&verifier, nonce).map_err(|error| doubt(&error))?;
    if claims.authorized_party().is_some_and(|party| *party != client) {
        return Err(refused(Refusal::Audience));
    }
    let Ok(Value::Object(all)) = serde_json::to_value(claims) else { return Err(refused(Refusal::Subject)) };
    if of_many {
        let tenant = text(&all, "tid").unwrap_or_default();
        if text(&all, "iss") != Some(known.metadata.issuer.replace(TENANT, tenant).as_str()) {
            return Err(refused(Refusal::Issuer));
        }
    }
    Ok(all)
}

fn doubt(error: &ClaimsVerificationError) -> Doubt {
    use SignatureVerificationError as Signature;
    Doubt::Refused(match error {
        ClaimsVerificationError::SignatureVerification(Signature::NoMatchingKey) => return Doubt::UnknownKey,
        ClaimsVerificationError::SignatureVerification(
            Signature::DisallowedAlg(_) | Signature::UnsupportedAlg(_) | Signature::NoSignature,
        ) => Refusal::Algorithm,
        ClaimsVerificationError::Expired(_) => Refusal::Expired,
        ClaimsVerificationError::InvalidAudience(_) => Refusal::Audience,
        ClaimsVerificationError::InvalidIssuer(_) => Refusal::Issuer,
        ClaimsVerificationError::InvalidNonce(_) => Refusal::Nonce,
        _ => Refusal::Signature,
    })
}

/// A person as a provider knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Who says so.
    pub issuer: String,
    /// Who it is there, for ever.
    pub subject: String,
    /// The address, where the provider has proven it.
    pub email: Option<Email>,
    /// What the person is called.
    pub name: Option<String>,
    /// Schools of the person, as the provider names them.
    pub schools: Vec<String>,
}

/// More schools than this are not looked up.
const SCHOOLS: usize = 20;

/// The person of these claims: those of the token, and what the provider told besides.
pub fn told(settings: &ProviderConfig, token: &Claims, besides: &Claims) -> Result<Told, Refusal> {
    let names = &settings.claims;
    let either = |name: &str| token.get(name).or_else(|| besides.get(name));
    let subject = match settings.kind {
        ProviderKind::Entra => entra_subject(settings, token)?,
        _ => text(token, &names.subject).map(str::to_owned).or_else(|| number(token, &names.subject)),
    };
    let subject = subject.filter(|subject| !subject.is_empty() && subject.len() <= 255).ok_or(Refusal::Subject)?;
    if settings.kind == ProviderKind::Google && !settings.domains.is_empty() {
        let hosted = text(token, "hd").unwrap_or_default().to_lowercase();
        if !settings.domains.contains(&hosted) {
            return Err(Refusal::Domain);
        }
    }
    for (claim, wanted) in &settings.require {
        if !either(claim).is_some_and(|value| texts(value).iter().any(|value| wanted.contains(value))) {
            return Err(Refusal::Require);
        }
    }
    // Address and proof come from one place: the proof of one address says nothing about another.
    let place = if token.contains_key(&names.email) { token } else { besides };
    let proven = names.email_verified.as_ref().and_then(|name| place.get(name)).is_some_and(is_true);
    let email = text(place, &names.email).filter(|_| proven).and_then(|email| Email::parse(email).ok());
    let name = either(&names.name).and_then(Value::as_str).map(str::to_owned).or_else(|| {
        let parts = ["given_name", "family_name"].into_iter().filter_map(|part| either(part)?.as_str());
        Some(parts.collect::<Vec<_>>().join(" "))
    });
    let name =
        name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty() && !name.contains(char::is_control));
    let schools = names.school.as_ref().and_then(|name| either(name)).map(texts).unwrap_or_default();
    Ok(Told {
        issuer: text(token, "iss").unwrap_or_default().to_owned(),
        subject,
        email,
        name: name.map(|name| name.chars().take(crate::people::account::NAME).collect()),
        schools: schools.into_iter().take(SCHOOLS).collect(),
    })
}

/// Entra's `sub` differs between programs and its address can be anything; tenant and object stay.
fn entra_subject(settings: &ProviderConfig, token: &Claims) -> Result<Option<String>, Refusal> {
    let (Some(tenant), Some(object)) = (text(token, "tid"), text(token, "oid")) else { return Err(Refusal::Subject) };
    let tenant = tenant.to_lowercase();
    if !settings.tenants.is_empty() && !settings.tenants.contains(&tenant) {
        return Err(Refusal::Domain);
    }
    Ok(Some(format!("{tenant}:{}", object.to_lowercase())).filter(|_| !tenant.is_empty() && !object.is_empty()))
}

fn text<'a>(claims: &'a Claims, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

fn number(claims: &Claims, name: &str) -> Option<String> {
    claims.get(name)?.as_number().map(ToString::to_string)
}

/// A claim as a list of texts.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Providers write it in several ways.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(is) => *is,
        Value::Number(number) => number.as_i64() == Some(1),
        Value::String(text) => text == "true" || text == "1",
        _ => false,
    }
}
