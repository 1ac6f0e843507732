//! The second step: who set one up passes it with every sign-in; editors and administrators must set one up.
//!
//! It is a code of an authenticator app ([`super::totp`]), a recovery code ([`super::recovery`]) where the phone is lost,
//! or a passkey ([`super::passkey`]). Who has lost all of them asks an administrator ([`lift`]). Between the first proof and the second nobody is signed in. What was proven travels
//! in the browser, sealed.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::store::{challenges, passkeys, passwords, second_steps as store, tokens, visits};
use super::totp::{self, Key};
use super::visit::{self, Method, VisitId};
use super::{Entrance, policy, recovery};
use crate::mail::{self, Letter};
use crate::people::{self, Account, AccountId, AccountState, membership};
use crate::platform::chance::Ticket;
use crate::platform::throttle::{Allowance, Throttle};
use crate::platform::{Actor, Clock, Cx, Error, Event, Result, Secret, Timestamp, Tx, ids};

/// How far a first proof leads.
#[derive(Debug)]
pub enum Proceeding {
    /// In: the ticket of the new sign-in.
    In(Ticket),
    /// In, and first to the page where a second step is set up: the person's role asks for one.
    SetUp(Ticket),
    /// To the second step, with what was proven so far, sealed.
    SecondStep(String),
}

/// What was proven first.
#[derive(Debug, Serialize, Deserialize)]
pub struct Proven {
    /// Whose account.
    pub account: AccountId,
    /// How, as [`Method::code`].
    pub method: String,
    /// When.
    pub at: Timestamp,
    /// Until when the second step may follow.
    pub until: Timestamp,
}

/// The second step may follow so long after the first.
const PATIENCE: TimeDelta = TimeDelta::minutes(10);

const PURPOSE: &str = "second step";

/// Goes on after a first proof (password, link, OpenID Connect): signs the person in, or asks for the second step where
/// one is set up.
pub async fn proceed(
    tx: &mut Tx,
    entrance: &Entrance,
    account: AccountId,
    method: Method,
    device: &str,
) -> Result<Proceeding> {
    if store::is_set_up(tx.conn(), account).await? {
        let proven = Proven { account, method: method.code().to_owned(), at: tx.now(), until: tx.now() + PATIENCE };
        let plain = serde_json::to_vec(&proven).map_err(Error::internal)?;
        return Ok(Proceeding::SecondStep(entrance.secret.seal(PURPOSE, b"", &plain)?));
    }
    let ticket = visit::begin(tx, account, method, false, device).await?;
    let grants = membership::held(tx, account).await?;
    let asked = grants.iter().any(|grant| grant.role.needs_second_step());
    Ok(if asked { Proceeding::SetUp(ticket) } else { Proceeding::In(ticket) })
}

/// What was proven first, if it still counts.
pub fn proven(entrance: &Entrance, sealed: &str, now: Timestamp) -> Option<Proven> {
    let plain = entrance.secret.open(PURPOSE, b"", sealed)?;
    serde_json::from_slice(&plain).ok().filter(|proven: &Proven| now < proven.until)
}

/// How the first proof was given, if it still counts: not where the account was closed since, or the password that was
/// typed is no longer the password.
pub(super) async fn method_of(tx: &Tx, proven: &Proven) -> Result<Method> {
    let method = Method::parse(&proven.method).ok_or_else(|| Error::internal("an unknown way to sign in"))?;
    let kept = passwords::of_account(tx.conn(), proven.account).await?;
    let counts = kept.is_some_and(|kept| {
        let open = kept.valid_from.is_none_or(|from| from < proven.at);
        open && (method != Method::Password || kept.set_at.is_some_and(|set| set <= proven.at))
    });
    if counts {
        Ok(method)
    } else {
        Err(Error::Conflict("Your account has changed since you began; sign in again.".to_owned()))
    }
}

/// How often codes may be tried for an account. Three codes of a million are good at any moment: five tries at once and one
/// a minute, but no more than some fifty a day, leave who has the password a chance of one in five thousand a day.
#[derive(Clone, Debug)]
pub struct Tries {
    minute: Throttle,
    day: Throttle,
    asks: Throttle,
}

impl Tries {
    /// On this clock.
    pub fn new(clock: &Clock) -> Self {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        Self {
            minute: Throttle::new(clock, Allowance { burst: 5, every: minutes(1) }),
            day: Throttle::new(clock, Allowance { burst: 30, every: minutes(30) }),
            // A whole school behind one address, in the same minute.
            asks: Throttle::new(clock, Allowance { burst: 300, every: Duration::from_secs(1) }),
        }
    }

    fn attempt(&self, account: AccountId) -> Result<()> {
        let key = account.to_string();
        self.minute.attempt(&key)?;
        self.day.attempt(&key)
    }

    /// Counts a question for a passkey by the network it comes from.
    pub(super) fn ask(&self, from: &str) -> Result<()> {
        self.asks.attempt(from)
    }
}

/// What of a second step an account has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Since when codes of an app count.
    pub app_since: Option<Timestamp>,
    /// Codes of an app were begun and wait for their first code.
    pub app_begun: bool,
    /// Recovery codes that are left.
    pub recovery_left: u64,
    /// How many passkeys there are.
    pub passkeys: usize,
}

impl State {
    /// Whether sign-ins ask for a second step.
    pub fn is_set_up(&self) -> bool {
        self.app_since.is_some() || self.passkeys > 0
    }
}

/// What of a second step an account has. Three statements.
pub async fn state(cx: &Cx, account: AccountId) -> Result<State> {
    let app = store::app(cx.conn(), account).await?;
    let app_since = app.as_ref().and_then(|app| app.confirmed_at);
    Ok(State {
        app_since,
        app_begun: app.is_some() && app_since.is_none(),
        recovery_left: store::recovery_left(cx.conn(), account).await?,
        passkeys: passkeys::of_account(cx.conn(), account).await?.len(),
    })
}

/// Whether a role of the person asks for a second step.
pub fn is_asked_of(actor: &Actor) -> bool {
    actor.person().is_some_and(|person| person.grants.iter().any(|grant| grant.role.needs_second_step()))
}

/// Whether the person cannot do what their role is for until a second step is set up, or passed.
pub fn must_set_up(actor: &Actor) -> bool {
    actor.person().is_some_and(crate::platform::Person::lacks_second_step)
}

/// Begins codes of an app: a new key, which counts once its first code is confirmed.
pub async fn begin_app(tx: &mut Tx, secret: &Secret, account: AccountId) -> Result<()> {
    let is_set_up = store::is_set_up(tx.conn(), account).await?;
    let permit = policy::change_second_step(tx.actor(), account.0, is_set_up)?;
    if store::app(tx.conn(), account).await?.is_some_and(|app| app.confirmed_at.is_some()) {
        return Err(Error::Conflict("Codes of an app are set up already; remove them first.".to_owned()));
    }
    store::begin_app(tx.conn(), account, Key::fresh()?.seal(secret, account)?, tx.now()).await?;
    tx.record(&permit, Event::about("account.app_codes_begun", "account", account.0)).await
}

/// The key that waits for its first code. A confirmed one is never shown again.
pub async fn begun_key(cx: &Cx, secret: &Secret, account: AccountId) -> Result<Option<Key>> {
    let is_set_up = store::is_set_up(cx.conn(), account).await?;
    let _permit = policy::change_second_step(cx.actor(), account.0, is_set_up)?;
    match store::app(cx.conn(), account).await? {
        Some(app) if app.confirmed_at.is_none() => Key::open(secret, account, &app.sealed).map(Some),
        _ => Ok(None),
    }
}

/// A second step was set up, in a sign-in that is a strong one from now on.
#[derive(Debug)]
pub struct SetUp {
    /// The new ticket of the sign-in.
    pub ticket: Ticket,
    /// New recovery codes, to be shown this once; none where the person has some.
    pub recovery: Vec<String>,
}

/// Confirms the codes of an app with the first one.
pub async fn confirm_app(
    tx: &mut Tx,
    entrance: &Entrance,
    account: &Account,
    current: VisitId,
    code: &str,
) -> Result<SetUp> {
    let id = account.id;
    let is_set_up = store::is_set_up(tx.conn(), id).await?;
    let permit = policy::change_second_step(tx.actor(), id.0, is_set_up)?;
    entrance.tries.attempt(id)?;
    let Some(app) = store::app(tx.conn(), id).await?.filter(|app| app.confirmed_at.is_none()) else {
        return Err(Error::Conflict("Begin again: there is no key that waits for a code.".to_owned()));
    };
    let key = Key::open(&entrance.secret, id, &app.sealed)?;
    let step = key.step_of(&digits(code), tx.now())?.ok_or_else(|| {
        Error::invalid("code", "This is not the code of this key; type the six digits that the app shows now.")
    })?;
    if !store::confirm_app(tx.conn(), id, step, tx.now()).await? {
        return Err(Error::Conflict("These codes are confirmed already.".to_owned()));
    }
    tx.record(&permit, Event::about("account.app_codes_set_up", "account", id.0)).await?;
    let what = "Codes of an authenticator app are now your second step: each sign-in asks for one.";
    tell(tx, entrance, account, "second_step_set_up", ids::fresh(), what).await?;
    set_up(tx, entrance, id, current).await
}

/// What follows when a second step was set up: the sign-in is strong, and there are recovery codes.
pub(super) async fn set_up(tx: &mut Tx, entrance: &Entrance, account: AccountId, current: VisitId) -> Result<SetUp> {
    let recovery = match store::recovery_left(tx.conn(), account).await? {
        0 => keep_recovery(tx, &entrance.secret, account).await?,
        _ => Vec::new(),
    };
    let ticket = visit::strengthen(tx, account, current).await?;
    Ok(SetUp { ticket, recovery })
}

/// New recovery codes in the place of the old ones. Who has codes of an app gives one; a passkey was asked for its finger
/// when this sign-in began.
pub async fn renew_recovery(tx: &mut Tx, entrance: &Entrance, account: AccountId, code: &str) -> Result<Vec<String>> {
    let permit = policy::change_second_step(tx.actor(), account.0, true)?;
    if store::app(tx.conn(), account).await?.is_some_and(|app| app.confirmed_at.is_some()) {
        spend(tx, entrance, account, code).await?;
    }
    let codes = keep_recovery(tx, &entrance.secret, account).await?;
    tx.record(&permit, Event::about("account.recovery_codes_made", "account", account.0)).await?;
    Ok(codes)
}

/// Removes the codes of an app; a last code, or a recovery code, says that it is the owner who does.
pub async fn remove_app(tx: &mut Tx, entrance: &Entrance, account: &Account, code: &str) -> Result<()> {
    let permit = policy::change_second_step(tx.actor(), account.id.0, true)?;
    spend(tx, entrance, account.id, code).await?;
    if store::remove_app(tx.conn(), account.id).await? {
        tx.record(&permit, Event::about("account.app_codes_removed", "account", account.id.0)).await?;
        let what = "Codes of an authenticator app are no longer a second step of your account.";
        tell(tx, entrance, account, "second_step_removed", ids::fresh(), what).await?;
    }
    removed(tx, account.id).await
}

/// Takes everything of a second step away from somebody who has lost it, and ends their sign-ins: whoever found the phone
/// may be in one. Doing it twice is as good as once.
pub async fn lift(tx: &mut Tx, entrance: &Entrance, account: AccountId) -> Result<()> {
    let permit = policy::lift_second_step(tx.actor())?;
    let account = &people::account::account_in(tx, account).await?;
    if !store::is_set_up(tx.conn(), account.id).await? {
        return Ok(());
    }
    erase_second_steps(tx, account.id).await?;
    visits::end(tx.conn(), account.id, None, None, tx.now()).await?;
    tokens::revoke_strong(tx.conn(), account.id, tx.now()).await?;
    tx.record(&permit, Event::about("account.second_step_lifted", "account", account.id.0)).await?;
    let what = "An administrator took the second step at sign-in away from your account, because it was lost.";
    tell(tx, entrance, account, "second_step_removed", ids::fresh(), what).await
}

/// Takes away what was set up or made since a moment: a stranger may have done it. What was there before stays.
pub(super) async fn remove_since(tx: &mut Tx, account: AccountId, since: Timestamp) -> Result<()> {
    store::remove_since(tx.conn(), account, since).await?;
    passkeys::delete_since(tx.conn(), account, since).await?;
    removed(tx, account).await
}

/// Where the last second step is gone, recovery codes have nothing to recover, and no sign-in and no token has passed one.
pub(super) async fn removed(tx: &mut Tx, account: AccountId) -> Result<()> {
    if !store::is_set_up(tx.conn(), account).await? {
        store::replace_recovery(tx.conn(), account, Vec::new(), tx.now()).await?;
        visits::weaken(tx.conn(), account).await?;
        tokens::revoke_strong(tx.conn(), account, tx.now()).await?;
    }
    Ok(())
}

/// Passes the second step with a code of the app or a recovery code.
pub async fn pass(
    tx: &mut Tx,
    entrance: &Entrance,
    account: &Account,
    proven: &Proven,
    code: &str,
    device: &str,
) -> Result<Ticket> {
    if account.id != proven.account {
        return Err(Error::internal("a second step was passed with the wrong account"));
    }
    is_active(account)?;
    let method = method_of(tx, proven).await?;
    if let Spent::Recovery(id) = spend(tx, entrance, account.id, code).await? {
        let left = store::recovery_left(tx.conn(), account.id).await?;
        let permit = policy::enter(tx.actor())?;
        let detail = json!({ "left": left });
        tx.record(&permit, Event::about("account.recovery_code_used", "account", account.id.0).with(detail)).await?;
        let left = match left {
            0 => "no codes are left; make new ones under Security".to_owned(),
            1 => "one code is left; make new ones under Security".to_owned(),
            left => format!("{left} codes are left"),
        };
        let what = format!("Somebody signed in to your account with one of your recovery codes; {left}.");
        tell(tx, entrance, account, "recovery_code_used", id, &what).await?;
    }
    visit::begin(tx, account.id, method, true, device).await
}

/// Refuses who may not come in at all.
pub(super) fn is_active(account: &Account) -> Result<()> {
    if account.state == AccountState::Active {
        return Ok(());
    }
    Err(Error::Forbidden("This account is closed; ask the administrator of this site.".to_owned()))
}

/// What a code was.
enum Spent {
    App,
    /// With the id of the recovery code.
    Recovery(Uuid),
}

/// Takes a code of the app or a recovery code. Each is good once.
async fn spend(tx: &mut Tx, entrance: &Entrance, account: AccountId, code: &str) -> Result<Spent> {
    entrance.tries.attempt(account)?;
    let wrong = || Error::invalid("code", "This code is not right; type the six digits that the app shows now.");
    let typed = digits(code);
    if typed.len() == 6 && typed.bytes().all(|byte| byte.is_ascii_digit()) {
        let app = store::app(tx.conn(), account).await?.filter(|app| app.confirmed_at.is_some()).ok_or_else(wrong)?;
        let key = Key::open(&entrance.secret, account, &app.sealed)?;
        let step = key.step_of(&typed, tx.now())?.ok_or_else(wrong)?;
        if !store::take_step(tx.conn(), account, step).await? {
            return Err(Error::invalid("code", "This code was used already; wait for the next one, up to 30 seconds."));
        }
        return Ok(Spent::App);
    }
    let hash = recovery::hash(&entrance.secret, account, code);
    match store::take_recovery(tx.conn(), account, &hash, tx.now()).await? {
        Some(id) => Ok(Spent::Recovery(id)),
        None if typed.len() < 8 => Err(wrong()),
        None => Err(Error::invalid("code", "This is none of your recovery codes, or it was used already.")),
    }
}

/// Apps print a blank between the digits, and people a hyphen.
fn digits(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

async fn keep_recovery(tx: &mut Tx, secret: &Secret, account: AccountId) -> Result<Vec<String>> {
    let codes = recovery::fresh()?;
    let hashes = codes.iter().map(|code| recovery::hash(secret, account, code)).collect();
    store::replace_recovery(tx.conn(), account, hashes, tx.now()).await?;
    Ok(codes)
}

/// Tells the person that something about their second step changed: if it was not them, they must know.
pub(super) async fn tell(
    tx: &mut Tx,
    entrance: &Entrance,
    account: &Account,
    kind: &'static str,
    event: Uuid,
    what: &str,
) -> Result<()> {
    let Some(email) = &account.email else { return Ok(()) };
    let head = &entrance.letterhead;
    let subject = match kind {
        "passkey_added" => "A passkey was added to your account",
        "passkey_removed" => "A passkey was removed from your account",
        "recovery_code_used" => "A recovery code was used to sign in",
        "second_step_removed" => "Your second step at sign-in was removed",
        "second_step_set_up" => "Your second step at sign-in is set up",
        _ => "Your second step at sign-in",
    };
    let letter = Letter::new(kind, format!("{kind}:{event}"), email.as_str(), subject)
        .say(what)
        .say("If this was not you, sign in, end the other sign-ins and set a new password.")
        .button("See your sign-ins", head.link("/me/security"))
        .because("You get this because something about how you sign in changed.")
        .urgent()
        .of(account.id.0);
    mail::enqueue(tx, head, letter).await
}

/// The code that an invented person's app would show now, for the page of the demo: one that was not used yet.
pub async fn code_for_demo(cx: &Cx, secret: &Secret, account: AccountId) -> Result<Option<String>> {
    let Some(app) = store::app(cx.conn(), account).await?.filter(|app| app.confirmed_at.is_some()) else {
        return Ok(None);
    };
    let now = totp::step_at(cx.now());
    let step = app.last_step.map_or(now, |last| now.max(last + 1).min(now + 1));
    Key::open(secret, account, &app.sealed)?.code(step).map(Some)
}

/// Codes of an app for an invented person, confirmed. Gives the key in base 32.
pub async fn set_up_for_demo(tx: &mut Tx, secret: &Secret, account: AccountId) -> Result<String> {
    let permit = policy::arrange(tx.actor())?;
    let key = Key::fresh()?;
    store::begin_app(tx.conn(), account, key.seal(secret, account)?, tx.now()).await?;
    // No code was seen yet, so every one from now on may be taken.
    store::confirm_app(tx.conn(), account, totp::step_at(tx.now()) - 2, tx.now()).await?;
    tx.record(&permit, Event::about("account.app_codes_set_up", "account", account.0)).await?;
    Ok(key.base32())
}

/// Takes out everything that is kept about a person's second step. Nothing of it must stay.
async fn erase_second_steps(tx: &mut Tx, account: AccountId) -> Result<()> {
    store::remove_app(tx.conn(), account).await?;
    store::replace_recovery(tx.conn(), account, Vec::new(), tx.now()).await?;
    passkeys::delete(tx.conn(), account, None).await?;
    challenges::forget(tx.conn(), account).await
}
