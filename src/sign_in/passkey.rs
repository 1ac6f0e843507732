//! Passkeys (WebAuthn): a key in the person's device, opened with a finger, a face or a PIN. It proves both that the person
//! has something and that they are who they are, so a sign-in with it needs no second step.
//!
//! We ask with a challenge that serves once; the browser answers with what the device signed; `webauthn_rp` checks it.
//! A browser's answer is brought ([`bring`], committed at once so that it cannot come twice) and then judged.

use chrono::TimeDelta;
use data_encoding::BASE64URL_NOPAD;
use serde_json::json;
use uuid::Uuid;
use webauthn_rp::bin::{Decode, Encode};
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::request::register::{
    CredProtect, Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle16, Username,
};
use webauthn_rp::request::{AsciiDomain, PublicKeyCredentialDescriptor, RpId, TimedCeremony};
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication16, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration, RegistrationServerState,
};

use super::second_step::{self, Proven, SetUp};
use super::store::{challenges, passkeys as store, second_steps};
use super::visit::{self, Method, VisitId};
use super::{Entrance, policy};
use crate::people::{Account, AccountId};
use crate::platform::chance::Ticket;
use crate::platform::ids::typed_id;
use crate::platform::{Cx, Error, Event, Result, Timestamp, Tx};

typed_id!(
    /// A passkey.
    PasskeyId
);

/// A passkey as the database keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Its id.
    pub id: PasskeyId,
    /// Whose.
    pub account: AccountId,
    /// What the person calls it.
    pub name: String,
    /// The device's name for it, in base 64.
    pub credential_id: String,
    /// Public key, counter and ways to reach it, in the library's form.
    pub credential: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When somebody last signed in with it.
    pub used_at: Option<Timestamp>,
}

/// A public key of any kind that passkeys have, as it is kept.
type PublicKey = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;

/// So many an account may have: a phone, a computer, keys on a ring.
const MOST: usize = 20;

/// A person may take so long to find their finger. The library holds the same five minutes against the machine's clock.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);

const NEW: &str = "passkey_new";
const ENTER: &str = "passkey_enter";

/// This site as passkeys know it: bound to the host's name and the origin of the public address.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    id: Option<RpId>,
    origin: String,
}

impl RelyingParty {
    /// Of a public address.
    pub fn of(base_url: &str) -> Self {
        let (scheme, rest) = base_url.split_once("://").unwrap_or(("", base_url));
        let authority = rest.split('/').next().unwrap_or_default().to_ascii_lowercase();
        // A browser's origin leaves out the port that the scheme means anyway.
        let usual = if scheme == "https" { ":443" } else { ":80" };
        let authority = authority.strip_suffix(usual).unwrap_or(&authority);
        let host = authority.split(':').next().unwrap_or_default();
        // Browsers want a name and https; localhost is the one exception.
        let local = host == "localhost" || host.ends_with(".localhost");
        let named = !host.is_empty() && !authority.starts_with('[') && host.parse::<std::net::IpAddr>().is_err();
        let domain = AsciiDomain::try_from(host.to_owned()).ok().filter(|_| named && (scheme == "https" || local));
        Self { id: domain.map(RpId::Domain), origin: format!("{scheme}://{authority}") }
    }

    /// Whether browsers make passkeys for this address.
    pub fn works(&self) -> bool {
        self.id.is_some()
    }

    fn id(&self) -> Result<&RpId> {
        self.id.as_ref().ok_or_else(|| {
            Error::Conflict(
                "Passkeys do not work at this address; browsers want https and a name instead of a number.".to_owned(),
            )
        })
    }
}

/// The passkeys of the actor, the oldest first.
pub async fn passkeys_of(cx: &Cx, account: AccountId) -> Result<Vec<Passkey>> {
    let _permit = policy::own(cx.actor(), account.0)?;
    store::of_account(cx.conn(), account).await
}

/// Begins a new passkey: what `navigator.credentials.create` is asked with, in JSON.
pub async fn offer_new(tx: &mut Tx, party: &RelyingParty, account: &Account) -> Result<String> {
    let is_set_up = second_steps::is_set_up(tx.conn(), account.id).await?;
    let _permit = policy::change_second_step(tx.actor(), account.id.0, is_set_up)?;
    let there = store::of_account(tx.conn(), account.id).await?;
    if there.len() >= MOST {
        return Err(Error::Conflict(format!("There are {MOST} passkeys already; remove one that you no longer use.")));
    }
    let handle = handle_of(account.id);
    let id = account.id.to_string();
    let email = account.email.as_ref().map_or(id.as_str(), |email| email.as_str());
    let name = Username::try_from(email).or_else(|_| Username::try_from(id.as_str())).map_err(Error::internal)?;
    let user = PublicKeyCredentialUserEntity {
        name,
        id: &handle,
        display_name: Nickname::try_from(account.name.as_str()).ok(),
    };
    let exclude = there.iter().filter_map(descriptor).collect();
    let mut options = PublicKeyCredentialCreationOptions::passkey(party.id()?, user, exclude);
    // Enforced, it would shut out what is in phones and computers; the finger is asked for with every sign-in anyway.
    options.extensions.cred_protect = CredProtect::None;
    let (state, ask) = options.start_ceremony().map_err(Error::internal)?;
    let data = BASE64URL_NOPAD.encode(&state.encode().map_err(Error::internal)?);
    let challenge = challenges::Challenge {
        id: Uuid::from_u128(state.sent_challenge().0),
        kind: NEW,
        account: Some(account.id),
        data,
    };
    challenges::keep(tx.conn(), challenge, tx.now(), PATIENCE).await?;
    serde_json::to_string(&ask).map_err(Error::internal)
}

/// Begins a sign-in: what `navigator.credentials.get` is asked with, in JSON. Any passkey of this site may answer.
/// `from` is the network it comes from: each question is a row.
pub async fn offer_entry(tx: &mut Tx, entrance: &Entrance, from: &str) -> Result<String> {
    let _permit = policy::enter(tx.actor())?;
    let options = DiscoverableCredentialRequestOptions::passkey(entrance.passkeys.id()?);
    entrance.tries.ask(from)?;
    let (state, ask) = options.start_ceremony().map_err(Error::internal)?;
    let data = BASE64URL_NOPAD.encode(&state.encode().map_err(Error::internal)?);
    let challenge =
        challenges::Challenge { id: Uuid::from_u128(state.sent_challenge().0), kind: ENTER, account: None, data };
    challenges::keep(tx.conn(), challenge, tx.now(), PATIENCE).await?;
    serde_json::to_string(&ask).map_err(Error::internal)
}

/// A new passkey that a browser brought, not yet judged.
#[derive(Debug)]
pub struct BroughtNew {
    account: AccountId,
    state: RegistrationServerState<16>,
    answer: Registration,
}

/// Takes what the browser says to [`offer_new`]. Commit it whatever comes after: the challenge is used up.
pub async fn bring_new(tx: &mut Tx, answer: &str) -> Result<BroughtNew> {
    let owner = tx.actor().account().ok_or(Error::SignInRequired)?;
    let _permit = policy::way_in(tx.actor(), owner)?;
    let answer = Registration::from_json_relaxed(answer.as_bytes()).map_err(|_| not_new())?;
    let challenge = answer.challenge_relaxed().map_err(|_| not_new())?;
    let taken = challenges::take(tx.conn(), NEW, Uuid::from_u128(challenge.0), tx.now()).await?;
    let Some((Some(account), data)) = taken else { return Err(too_late()) };
    let data = BASE64URL_NOPAD.decode(data.as_bytes()).map_err(Error::internal)?;
    let state = RegistrationServerState::decode(&data).map_err(Error::internal)?;
    Ok(BroughtNew { account, state, answer })
}

/// Adds the passkey that was brought. The sign-in is a strong one from now on: the device has just asked for the finger.
pub async fn add(
    tx: &mut Tx,
    entrance: &Entrance,
    account: &Account,
    current: VisitId,
    name: &str,
    brought: BroughtNew,
) -> Result<SetUp> {
    let is_set_up = second_steps::is_set_up(tx.conn(), account.id).await?;
    let permit = policy::change_second_step(tx.actor(), account.id.0, is_set_up)?;
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 80 || name.contains(char::is_control) {
        return Err(Error::invalid("name", "Give the passkey a name of 1 to 80 characters."));
    }
    if brought.account != account.id {
        return Err(not_new());
    }
    let party = &entrance.passkeys;
    let options = RegistrationVerificationOptions::<String, String> {
        allowed_origins: std::slice::from_ref(&party.origin),
        // Security keys protect what they keep without being asked, and say so.
        error_on_unsolicited_extensions: false,
        ..RegistrationVerificationOptions::default()
    };
    let credential = brought.state.verify(party.id()?, &brought.answer, &options).map_err(|error| {
        tracing::info!(%error, "a new passkey was refused");
        not_new()
    })?;
    let credential_id = BASE64URL_NOPAD.encode(credential.id().as_ref());
    if store::by_credential(tx.conn(), &credential_id).await?.is_some() {
        return Err(Error::Conflict("This passkey is here already.".to_owned()));
    }
    let fixed = credential.static_state().encode().map_err(Error::internal)?;
    let Ok(transports) = credential.transports().encode();
    let passkey = Passkey {
        id: PasskeyId::fresh(),
        account: account.id,
        name: name.to_owned(),
        credential_id,
        credential: written(&fixed, credential.dynamic_state(), transports),
        created_at: tx.now(),
        used_at: None,
    };
    store::insert(tx.conn(), &passkey).await?;
    let detail = json!({ "passkey": passkey.id });
    tx.record(&permit, Event::about("account.passkey_added", "account", account.id.0).with(detail)).await?;
    let what = "A passkey was added to your account: who has the device and opens it can sign in as you.";
    second_step::tell(tx, entrance, account, "passkey_added", passkey.id.0, what).await?;
    second_step::set_up(tx, entrance, account.id, current).await
}

/// Removes one. Removing it twice is as good as once.
pub async fn remove(tx: &mut Tx, entrance: &Entrance, account: &Account, id: PasskeyId) -> Result<()> {
    let permit = policy::change_second_step(tx.actor(), account.id.0, true)?;
    if store::delete(tx.conn(), account.id, Some(id)).await? > 0 {
        let detail = json!({ "passkey": id });
        tx.record(&permit, Event::about("account.passkey_removed", "account", account.id.0).with(detail)).await?;
        let what = "A passkey was removed from your account.";
        second_step::tell(tx, entrance, account, "passkey_removed", id.0, what).await?;
        second_step::removed(tx, account.id).await?;
    }
    Ok(())
}

/// A sign-in with a passkey that a browser brought, not yet judged.
#[derive(Debug)]
pub struct BroughtEntry {
    state: DiscoverableAuthenticationServerState,
    answer: DiscoverableAuthentication16,
}

/// Takes what the browser says to [`offer_entry`]. Commit it whatever comes after: the challenge is used up.
pub async fn bring_entry(tx: &mut Tx, answer: &str) -> Result<BroughtEntry> {
    let _permit = policy::enter(tx.actor())?;
    let answer = DiscoverableAuthentication16::from_json_relaxed(answer.as_bytes()).map_err(|_| unknown())?;
    let challenge = answer.challenge_relaxed().map_err(|_| unknown())?;
    let taken = challenges::take(tx.conn(), ENTER, Uuid::from_u128(challenge.0), tx.now()).await?;
    let Some((None, data)) = taken else { return Err(too_late()) };
    let data = BASE64URL_NOPAD.decode(data.as_bytes()).map_err(Error::internal)?;
    let state = DiscoverableAuthenticationServerState::decode(&data).map_err(Error::internal)?;
    Ok(BroughtEntry { state, answer })
}

/// Whose passkey it says to be.
pub async fn claimed(cx: &Cx, brought: &BroughtEntry) -> Result<AccountId> {
    let credential_id = BASE64URL_NOPAD.encode(brought.answer.raw_id().as_ref());
    Ok(store::by_credential(cx.conn(), &credential_id).await?.ok_or_else(unknown)?.account)
}

/// Signs in with a passkey: alone, or as the second step after `first`.
pub async fn enter(
    tx: &mut Tx,
    entrance: &Entrance,
    account: &Account,
    brought: BroughtEntry,
    first: Option<&Proven>,
    device: &str,
) -> Result<Ticket> {
    let method = match first {
        None => Method::Passkey,
        Some(first) if first.account != account.id => {
            return Err(Error::invalid(
                "",
                "This passkey is of another account; use one of the account you began with.",
            ));
        }
        Some(first) => second_step::method_of(tx, first).await?,
    };
    let credential_id = BASE64URL_NOPAD.encode(brought.answer.raw_id().as_ref());
    let there = store::by_credential(tx.conn(), &credential_id).await?;
    let passkey = there.filter(|passkey| passkey.account == account.id).ok_or_else(unknown)?;
    let (fixed, state, transports) = read(&passkey.credential)?;
    let handle = handle_of(account.id);
    let public = StaticState::<PublicKey>::decode(&fixed).map_err(Error::internal)?;
    let mut credential =
        AuthenticatedCredential::new(brought.answer.raw_id(), &handle, public, state).map_err(Error::internal)?;
    let party = &entrance.passkeys;
    let options = AuthenticationVerificationOptions::<String, String> {
        allowed_origins: std::slice::from_ref(&party.origin),
        error_on_unsolicited_extensions: false,
        ..AuthenticationVerificationOptions::default()
    };
    brought.state.verify(party.id()?, &brought.answer, &mut credential, &options).map_err(|error| {
        tracing::info!(%error, passkey = %passkey.id, "a sign-in with a passkey was refused");
        unknown()
    })?;
    second_step::is_active(account)?;
    let after = written(&fixed, credential.dynamic_state(), transports);
    if !store::used(tx.conn(), &passkey, &after, tx.now()).await? {
        return Err(Error::Conflict("This passkey is being used at this moment; try again.".to_owned()));
    }
    visit::begin(tx, account.id, method, true, device).await
}

fn not_new() -> Error {
    Error::Conflict("The device's answer could not be used, so no passkey was added; try again.".to_owned())
}

fn unknown() -> Error {
    Error::Conflict("This passkey is not known here; use another way to sign in.".to_owned())
}

fn too_late() -> Error {
    Error::Conflict("That took too long, or was sent twice; try again.".to_owned())
}

/// Devices keep it beside the key. It is the account's id, which says nothing about the person.
fn handle_of(account: AccountId) -> UserHandle16 {
    let Ok(handle) = UserHandle16::decode(*account.0.as_bytes());
    handle
}

/// A passkey that is here already, so that a device does not make a second one.
fn descriptor(passkey: &Passkey) -> Option<PublicKeyCredentialDescriptor<Vec<u8>>> {
    let id = BASE64URL_NOPAD.decode(passkey.credential_id.as_bytes()).ok()?;
    let (_, _, transports) = read(&passkey.credential).ok()?;
    let transports = AuthTransports::decode(transports).ok()?;
    Some(PublicKeyCredentialDescriptor { id: CredentialId::decode(id).ok()?, transports })
}

/// What never changes, what changes with each use, and how to reach it: in base 64, with points between.
fn written(fixed: &[u8], state: DynamicState, transports: u8) -> String {
    let Ok(state) = state.encode();
    [fixed, &state, &[transports]].map(|bytes| BASE64URL_NOPAD.encode(bytes)).join(".")
}

fn read(credential: &str) -> Result<(Vec<u8>, DynamicState, u8)> {
    let broken = || Error::internal("a passkey in the database cannot be read");
    let parts: Vec<Vec<u8>> = credential
        .split('.')
        .map(|part| BASE64URL_NOPAD.decode(part.as_bytes()))
        .collect::<Result<_, _>>()
        .map_err(Error::internal)?;
    let [fixed, state, transports] = <[Vec<u8>; 3]>::try_from(parts).map_err(|_| broken())?;
    let state = DynamicState::decode(state.try_into().map_err(|_| broken())?).map_err(Error::internal)?;
    let transports = transports.first().copied().ok_or_else(broken)?;
    Ok((fixed, state, transports))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_want_a_name_and_https() {
        let works = |base: &str| RelyingParty::of(base).works();
        for base in ["https://ground.example", "https://ground.example:8443", "http://localhost:8080"] {
            assert!(works(base), "{base}");
        }
        for base in ["http://ground.example", "http://127.0.0.1:8080", "https://192.0.2.7", "https://[2001:db8::1]", ""]
        {
            assert!(!works(base), "{base}");
        }
        assert_eq!(RelyingParty::of("https://Ground.example:443/").origin, "https://ground.example");
        assert_eq!(RelyingParty::of("http://localhost:8080").origin, "http://localhost:8080");
    }

    #[test]
    fn a_passkey_is_read_as_it_was_written() {
        let state = DynamicState::decode([1, 2, 7, 0, 0, 0, 1]).unwrap();
        let (fixed, again, transports) = read(&written(b"key", state, 9)).unwrap();
        assert_eq!((fixed.as_slice(), again.sign_count, transports), (b"key".as_slice(), 7, 9));
        assert!(read("").is_err() && read("AA.AA.AA").is_err());
    }
}
