//! Open Badges 3.0: a certificate as a verifiable credential, signed as a JSON Web Token (VC-JWT), which the person takes to
//! whatever keeps badges. Nobody has to ask us to verify one: issuer, keys, achievement and the list of what holds no more
//! are public. The recipient is named by a salted hash of the address and by nothing else.

use std::io::Write;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use flate2::Compression;
use flate2::write::GzEncoder;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

use super::certificate::{ATTENDANCE, Certificate, Facts, Status};
use super::desk::Desk;
use super::session::{Session, SessionId};
use super::store::certificates::{self as store, key};
use crate::mail::Letterhead;
use crate::people::{self, AccountId};
use crate::platform::{Cx, Error, Result, Secret, Timestamp, Tx, chance};

/// Certificates in one status list: the least that the standard allows, so that nobody is found by a short list.
const LIST: i64 = 131_072;
/// Name of the first key. A fixed one, so that two who make it at once make one.
const FIRST: &str = "badges-1";
/// What the secret of the installation seals the key for.
const PURPOSE: &str = "badge-key";

const CREDENTIALS: &str = "https://www.w3.org/ns/credentials/v2";
const BADGES: &str = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json";

/// Holds the signing key until the transaction ends; makes it the first time.
pub(super) async fn hold_key(tx: &Tx, secret: &Secret) -> Result<()> {
    if store::key_to_hold(tx.conn()).await?.is_some() {
        return Ok(());
    }
    let seed: [u8; 32] = chance::bytes()?;
    let pair = pair_of(&seed)?;
    let public = json!({
        "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
        "x": BASE64URL_NOPAD.encode(pair.public_key().as_ref()),
    });
    let sealed = secret.seal(PURPOSE, FIRST.as_bytes(), &seed)?;
    let new = key::Model { kid: FIRST.to_owned(), sealed, public, created_at: tx.now(), retired_at: None };
    store::insert_key(tx.conn(), new).await?;
    store::key_to_hold(tx.conn()).await?;
    Ok(())
}

fn pair_of(seed: &[u8]) -> Result<Ed25519KeyPair> {
    Ed25519KeyPair::from_seed_unchecked(seed).map_err(Error::internal)
}

/// What signs.
struct Signer {
    kid: String,
    pair: Ed25519KeyPair,
    since: Timestamp,
}

impl Signer {
    async fn of(cx: &Cx, secret: &Secret) -> Result<Option<Self>> {
        let keys = store::keys(cx.conn()).await?;
        let Some(key) = keys.into_iter().find(|key| key.retired_at.is_none()) else { return Ok(None) };
        let seed = secret
            .open(PURPOSE, key.kid.as_bytes(), &key.sealed)
            .ok_or_else(|| Error::internal("the key of badges was sealed with another secret"))?;
        Ok(Some(Self { pair: pair_of(&seed)?, kid: key.kid, since: key.created_at }))
    }

    /// A token whose payload is the credential (OB 3.0, 8.2).
    fn sign(&self, head: &Letterhead, credential: &Value) -> String {
        self.token(head, "vc+jwt", credential.to_string().as_bytes())
    }

    /// A token of bytes; `kind` keeps one of a credential and one of something else apart.
    fn token(&self, head: &Letterhead, kind: &str, payload: &[u8]) -> String {
        let header = json!({ "alg": "EdDSA", "typ": kind, "kid": key_url(head, &self.kid) });
        let text =
            format!("{}.{}", BASE64URL_NOPAD.encode(header.to_string().as_bytes()), BASE64URL_NOPAD.encode(payload));
        let signature = self.pair.sign(text.as_bytes());
        format!("{text}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }
}

/// Makes sure that there is a key which signs: before something is published that [`seal`] signs later, because reading changes
/// nothing.
pub async fn keep_key(tx: &Tx, desk: &Desk) -> Result<()> {
    hold_key(tx, &desk.secret).await
}

/// The bytes of a document of another feature, signed with the key of this installation: a compact JSON Web Signature whose
/// payload they are. Who has `/.well-known/jwks.json` verifies it without asking us.
pub async fn seal(cx: &Cx, desk: &Desk, kind: &str, document: &[u8]) -> Result<String> {
    let signer = Signer::of(cx, &desk.secret).await?.ok_or_else(|| Error::internal("no key of this installation"))?;
    Ok(signer.token(&desk.head, kind, document))
}

fn key_url(head: &Letterhead, kid: &str) -> String {
    head.link(&format!("/badges/keys/{kid}"))
}

fn public_key(head: &Letterhead, key: &key::Model) -> Value {
    let mut public = key.public.clone();
    public["kid"] = json!(key_url(head, &key.kid));
    public
}

/// Every key that signs or signed: `/.well-known/jwks.json`.
pub async fn key_set(cx: &Cx, head: &Letterhead) -> Result<Value> {
    let keys = store::keys(cx.conn()).await?;
    Ok(json!({ "keys": keys.iter().map(|key| public_key(head, key)).collect::<Vec<_>>() }))
}

/// One of them, where the header of a token points.
pub async fn key(cx: &Cx, head: &Letterhead, kid: &str) -> Result<Value> {
    let keys = store::keys(cx.conn()).await?;
    let found = keys.iter().find(|key| key.kid == kid).ok_or(Error::NotFound("key"))?;
    Ok(public_key(head, found))
}

fn issuer_url(head: &Letterhead) -> String {
    head.link("/badges/issuer")
}

/// Who signs: `/badges/issuer`.
pub fn issuer(head: &Letterhead) -> Value {
    let mut profile = profile(head);
    profile["@context"] = json!([CREDENTIALS, BADGES]);
    profile["description"] =
        json!("District and charter schools of one city that learn together, and certify who was there.");
    profile
}

fn profile(head: &Letterhead) -> Value {
    json!({ "id": issuer_url(head), "type": ["Profile"], "name": "Common Ground", "url": head.link("/") })
}

/// What somebody achieved, for whoever may know of the session: `/badges/achievements/{session}.{program}`.
pub async fn achievement(cx: &Cx, head: &Letterhead, reference: &str) -> Result<Value> {
    let missing = || Error::NotFound("achievement");
    let (session, program) = reference.split_once('.').ok_or_else(missing)?;
    let found: Result<(Session, _)> = super::session(cx, session).await;
    let (session, _) = found.map_err(|error| if matches!(error, Error::NotFound(_)) { missing() } else { error })?;
    let certificate = store::of_achievement(cx.conn(), session.id, program).await?.ok_or_else(missing)?;
    let mut achievement = achievement_of(head, session.id, program, &certificate.facts);
    achievement["@context"] = json!([CREDENTIALS, BADGES]);
    Ok(achievement)
}

fn achievement_of(head: &Letterhead, session: SessionId, program: &str, facts: &Facts) -> Value {
    let by = if program == ATTENDANCE { String::new() } else { format!(" Counts by {}.", facts.program) };
    let hosts =
        if facts.cohost.is_empty() { facts.host.clone() } else { format!("{} and {}", facts.host, facts.cohost) };
    json!({
        "id": head.link(&format!("/badges/achievements/{session}.{program}")),
        "type": ["Achievement"],
        "name": facts.title,
        "description": format!("{} of {hosts}, for educators of more than one sector.{by}", facts.format),
        "criteria": { "narrative": format!("Was there: {}. Attendance was written down by the host.", facts.dates.join("; ")) },
    })
}

/// The badge of the newest version of a certificate, for its person alone.
pub async fn badge(cx: &Cx, desk: &Desk, number: &str) -> Result<String> {
    let versions = super::certificate::by_number(cx, number).await?;
    let newest = versions.into_iter().next().ok_or(Error::NotFound("certificate"))?;
    if cx.actor().account() != Some(newest.account.0) {
        return Err(Error::NotFound("badge"));
    }
    if newest.status() != Status::Valid {
        return Err(Error::Conflict("This certificate was taken back; there is no badge of it.".to_owned()));
    }
    let address = people::account::account(cx, newest.account).await?.email;
    let address = address.ok_or_else(|| {
        Error::Conflict("A badge names its owner by an email address; give your account one first.".to_owned())
    })?;
    let signer = Signer::of(cx, &desk.secret).await?.ok_or_else(|| Error::internal("a certificate without a key"))?;
    let salt = HEXLOWER.encode(&desk.secret.sign("badge-salt", newest.id.0.as_bytes())[..16]);
    let credential = credential(&desk.head, &newest, address.as_str(), &salt);
    Ok(signer.sign(&desk.head, &credential))
}

fn credential(head: &Letterhead, certificate: &Certificate, address: &str, salt: &str) -> Value {
    let facts = &certificate.facts;
    let id = format!("urn:uuid:{}", certificate.id);
    let (list, place) = (certificate.status_index / LIST + 1, certificate.status_index % LIST);
    let status = status_url(head, list);
    let subject = subject_of(certificate.account);
    json!({
        "@context": [CREDENTIALS, BADGES],
        "id": id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": facts.title,
        "issuer": profile(head),
        "validFrom": rfc3339(certificate.issued_at),
        "credentialSubject": {
            "id": subject,
            "type": ["AchievementSubject"],
            "identifier": [{
                "type": "IdentityObject",
                "identityType": "emailAddress",
                "hashed": true,
                "identityHash": hashed(address, salt),
                "salt": salt,
            }],
            "activityStartDate": format!("{}T00:00:00Z", facts.from),
            "activityEndDate": format!("{}T00:00:00Z", facts.to),
            "creditsEarned": f64::from(facts.units) / 100.0,
            "achievement": achievement_of(head, certificate.session, &certificate.program, facts),
        },
        "credentialStatus": {
            "id": format!("{status}#{place}"),
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": place.to_string(),
            "statusListCredential": status,
        },
        "iss": issuer_url(head),
        "nbf": certificate.issued_at.timestamp(),
        "jti": id,
        "sub": subject,
    })
}

/// The person in all their badges; says nothing about them.
fn subject_of(account: AccountId) -> String {
    format!("urn:uuid:{account}")
}

fn hashed(address: &str, salt: &str) -> String {
    format!("sha256${}", chance::sha256(format!("{address}{salt}").as_bytes()))
}

fn rfc3339(at: Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

fn status_url(head: &Letterhead, list: i64) -> String {
    head.link(&format!("/badges/status/{list}"))
}

/// One list of badges that hold no more (Bitstring Status List 1.0), signed: `/badges/status/{number}`.
pub async fn status_list(cx: &Cx, desk: &Desk, list: &str) -> Result<String> {
    let missing = || Error::NotFound("list");
    let number: i64 = list.parse().ok().filter(|number| (1..=1_000_000).contains(number)).ok_or_else(missing)?;
    let signer = Signer::of(cx, &desk.secret).await?.ok_or_else(missing)?;
    let first = (number - 1) * LIST;
    if number > 1 && store::next_index(cx.conn()).await? <= first {
        return Err(missing());
    }
    let ended = store::ended_indexes(cx.conn(), first, first + LIST).await?;
    let places = ended.into_iter().map(|index| index - first);
    let url = status_url(&desk.head, number);
    let credential = json!({
        "@context": [CREDENTIALS],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer_url(&desk.head),
        "validFrom": rfc3339(signer.since),
        "credentialSubject": {
            "id": format!("{url}#list"),
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded(places)?,
        },
        "iss": issuer_url(&desk.head),
        "nbf": signer.since.timestamp(),
        "jti": url,
        "sub": format!("{url}#list"),
    });
    Ok(signer.sign(&desk.head, &credential))
}

/// The bits, the first one leftmost, packed, in base64url with its mark (multibase).
fn encoded(places: impl Iterator<Item = i64>) -> Result<String> {
    let mut bits = vec![0_u8; usize::try_from(LIST / 8).map_err(Error::internal)?];
    for place in places {
        let place = usize::try_from(place).map_err(Error::internal)?;
        if let Some(byte) = bits.get_mut(place / 8) {
            *byte |= 0x80 >> (place % 8);
        }
    }
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(&bits)?;
    Ok(format!("u{}", BASE64URL_NOPAD.encode(&packed.finish()?)))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn the_list_has_a_bit_for_each_place() {
        let text = encoded([0, 9, LIST - 1].into_iter()).unwrap();
        let packed = BASE64URL_NOPAD.decode(text.strip_prefix('u').unwrap().as_bytes()).unwrap();
        let mut bits = Vec::new();
        GzDecoder::new(packed.as_slice()).read_to_end(&mut bits).unwrap();
        assert_eq!(bits.len(), 16_384);
        assert_eq!((bits[0], bits[1], bits[16_383]), (0x80, 0x40, 0x01));
        assert_eq!(bits.iter().map(|byte| byte.count_ones()).sum::<u32>(), 3);
    }

    #[test]
    fn the_address_is_hashed_as_the_standard_says() {
        // The example of Open Badges 3.0, IdentityHash: SHA-256 over address and salt, in hexadecimal.
        let expected = chance::sha256(b"a@example.orgdeadsea");
        assert_eq!(hashed("a@example.org", "deadsea"), format!("sha256${expected}"));
    }
}
