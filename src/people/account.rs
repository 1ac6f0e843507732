//! An account: who somebody is here. How they prove it is `sign_in`'s.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};

use super::store::accounts as store;
use super::store::memberships::accounts_by_id;
use super::{membership, policy};
use crate::mail::{self, Email, Lang};
use crate::platform::ids::typed_id;
use crate::platform::vocabulary::{self, GradeBand, Subject};
use crate::platform::{Actor, Cx, Error, Event, FieldErrors, Person, Result, Scope, Timestamp, Tx, Via};

typed_id!(
    /// An account.
    AccountId
);

/// An account and what its person says about themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id; never changes.
    pub id: AccountId,
    /// Whether it may be used.
    pub state: AccountState,
    /// How the person is called.
    pub name: String,
    /// The address, proven where `email_confirmed_at` says so; none once it is erased.
    pub email: Option<Email>,
    /// When the person last proved that the address is theirs.
    pub email_confirmed_at: Option<Timestamp>,
    /// What the person does, in their own words.
    pub title: Option<String>,
    /// IANA name; the installation's where it is not set.
    pub time_zone: Option<String>,
    /// In which language letters come.
    pub lang: Lang,
    /// Grade bands the person works with: codes of `grade_band`.
    pub grades: Vec<String>,
    /// Subjects: codes of `subject`.
    pub subjects: Vec<String>,
    /// When the first-visit page was done or passed over.
    pub welcomed_at: Option<Timestamp>,
    /// Sign-ins and tokens from before this moment hold no more.
    pub valid_from: Option<Timestamp>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When something of it last changed.
    pub updated_at: Timestamp,
}

impl Account {
    /// The day it was opened, in UTC.
    pub fn since(&self) -> NaiveDate {
        self.created_at.date_naive()
    }
}

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// It may.
    Active,
    /// An administrator closed it; the person's hours and history stay.
    Deactivated,
    /// The person had it erased; what credit rules need stays, without a name.
    Erased,
}

impl AccountState {
    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deactivated => "deactivated",
            Self::Erased => "erased",
        }
    }

    /// The state of a code.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Active, Self::Deactivated, Self::Erased].into_iter().find(|state| state.code() == code)
    }
}

/// An account to open: the address is proven, or an administrator or a principal vouches for it.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The address.
    pub email: Email,
    /// How the person is called; what stands before the @ until they say.
    pub name: Option<String>,
    /// Whether the person has proven that the address is theirs.
    pub confirmed: bool,
}

/// The longest name of a person or a title.
pub const NAME: usize = 120;

/// A person's name as it may be kept: one line of 1 to 120 characters.
pub fn check_person_name(errors: &mut FieldErrors, field: &str, name: &str) {
    if name.trim().is_empty() || name.chars().count() > NAME || name.contains(char::is_control) {
        errors.add(field, "Give a name of 1 to 120 characters.");
    }
}

/// Opens an account, or gives the one that has this address.
pub async fn open_account(tx: &mut Tx, new: NewAccount) -> Result<AccountId> {
    let permit = policy::open_account(tx.actor())?;
    if let Some(account) = store::by_email(tx.conn(), new.email.as_str()).await? {
        return Ok(account.id);
    }
    let name = new.name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| new.email.local().to_owned());
    let mut errors = FieldErrors::default();
    check_person_name(&mut errors, "name", &name);
    errors.or(())?;
    let id = AccountId::fresh();
    let account = Account {
        id,
        state: AccountState::Active,
        name: name.trim().to_owned(),
        email: Some(new.email),
        email_confirmed_at: new.confirmed.then(|| tx.now()),
        title: None,
        time_zone: None,
        lang: Lang::default(),
        grades: Vec::new(),
        subjects: Vec::new(),
        welcomed_at: None,
        valid_from: None,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    store::insert(tx.conn(), &account).await?;
    tx.record(&permit, Event::about("account.opened", "account", id.0)).await?;
    Ok(id)
}

/// Notes that a person has proven that a mailbox is theirs: the one the account has, or the one it moves to. Who asks has
/// seen the proof.
pub async fn prove_address(tx: &mut Tx, id: AccountId, email: &Email) -> Result<()> {
    let permit = policy::open_account(tx.actor())?;
    let account = store::by_id(tx.conn(), id).await?.ok_or(Error::NotFound("account"))?;
    let same = account.email.as_ref() == Some(email);
    if same && account.email_confirmed_at.is_some() {
        return Ok(());
    }
    if !same && store::by_email(tx.conn(), email.as_str()).await?.is_some() {
        return Err(Error::Conflict("This address has an account of its own by now; sign in there.".to_owned()));
    }
    if let Some(old) = account.email.as_ref().filter(|_| !same) {
        // Written when there was no account; nobody would find them by the new address.
        mail::personal::claim(tx, old.as_str(), id.0).await?;
        mail::personal::redirect(tx, id.0, old, email).await?;
    }
    let now = tx.now();
    let proven = Account { email: Some(email.clone()), email_confirmed_at: Some(now), updated_at: now, ..account };
    store::update(tx.conn(), &proven).await?;
    let action = if same { "account.address_proven" } else { "account.address_changed" };
    tx.record(&permit, Event::about(action, "account", id.0)).await
}

/// One account; nobody's business is checked: for features that know why they ask.
pub async fn account(cx: &Cx, id: AccountId) -> Result<Account> {
    store::by_id(cx.conn(), id).await?.ok_or(Error::NotFound("account"))
}

/// The account of an address.
pub async fn account_of(cx: &Cx, email: &Email) -> Result<Option<Account>> {
    store::by_email(cx.conn(), email.as_str()).await
}

/// One account, inside a transaction.
pub async fn account_in(tx: &Tx, id: AccountId) -> Result<Account> {
    store::by_id(tx.conn(), id).await?.ok_or(Error::NotFound("account"))
}

/// The account of an address, inside a transaction.
pub async fn account_at(tx: &Tx, email: &Email) -> Result<Option<Account>> {
    store::by_email(tx.conn(), email.as_str()).await
}

/// Accounts by id, in one batch, whatever state they are in: for features that show who takes part to those who may know it.
/// Ids of none are left out.
pub async fn accounts(cx: &Cx, ids: &[AccountId]) -> Result<HashMap<AccountId, Account>> {
    accounts_by_id(cx.conn(), ids).await
}

/// The same inside a transaction.
pub async fn accounts_in(tx: &Tx, ids: &[AccountId]) -> Result<HashMap<AccountId, Account>> {
    accounts_by_id(tx.conn(), ids).await
}

/// A sign-in is recent so long after it began.
pub const RECENT: TimeDelta = TimeDelta::minutes(15);

/// The signed-in person of an account, with every role held now, by a sign-in or a token made at `since`; `None` where the
/// account may not be used, or what was made then holds no more. Two statements, with every request, so that what ended a
/// moment ago counts no more (A3).
pub async fn person(
    cx: &Cx,
    account: AccountId,
    via: Via,
    since: Timestamp,
    scope: Scope,
    strong: bool,
) -> Result<Option<Person>> {
    let Some(account) = store::by_id(cx.conn(), account).await? else { return Ok(None) };
    if account.state != AccountState::Active || account.valid_from.is_some_and(|from| since <= from) {
        return Ok(None);
    }
    let grants = membership::grants(cx.conn(), account.id).await?;
    let recent = strong || cx.now() - since < RECENT;
    Ok(Some(Person { account: account.id.0, name: account.name, via, scope, strong, recent, grants }))
}

/// Many at once as who they are now, to ask policies about them: without a second step, to read. Who may not use their account is
/// left out. Two statements for every 900.
pub async fn readers(cx: &Cx, ids: &[AccountId], via: Via) -> Result<Vec<Actor>> {
    let accounts = accounts_by_id(cx.conn(), ids).await?;
    let mut grants = membership::grants_of(cx.conn(), ids).await?;
    let active = accounts.into_values().filter(|account| account.state == AccountState::Active);
    let person = |account: Account| Person {
        account: account.id.0,
        grants: grants.remove(&account.id).unwrap_or_default(),
        name: account.name,
        via,
        scope: Scope::Read,
        strong: false,
        recent: false,
    };
    Ok(active.map(person).map(|person| Actor::Person(Arc::new(person))).collect())
}

/// The same as an actor.
pub async fn actor(
    cx: &Cx,
    account: AccountId,
    via: Via,
    since: Timestamp,
    scope: Scope,
    strong: bool,
) -> Result<Option<Actor>> {
    Ok(person(cx, account, via, since, scope, strong).await?.map(|person| Actor::Person(Arc::new(person))))
}

/// What a person says about themselves.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    /// How they are called.
    pub name: String,
    /// What they do, in their own words; empty for nothing.
    pub title: String,
    /// Codes of `grade_band`.
    pub grades: Vec<String>,
    /// Codes of `subject`.
    pub subjects: Vec<String>,
    /// IANA name of their time zone; empty for the installation's.
    pub time_zone: String,
    /// In which language letters shall come; `None`: as they come now.
    pub lang: Option<Lang>,
}

/// Changes what the actor says about themselves. The first time also ends the welcome.
pub async fn change_profile(tx: &mut Tx, id: AccountId, change: ProfileChange) -> Result<()> {
    let permit = policy::own_account(tx.actor(), id)?;
    let account = store::by_id(tx.conn(), id).await?.ok_or(Error::NotFound("account"))?;
    let mut errors = FieldErrors::default();
    check_person_name(&mut errors, "name", &change.name);
    if change.title.chars().count() > NAME || change.title.contains(char::is_control) {
        errors.add("title", "Say what you do in up to 120 characters.");
    }
    if change.grades.iter().any(|code| GradeBand::parse(code).is_err()) {
        errors.add("grades", "Choose from the grades of the list.");
    }
    if change.subjects.iter().any(|code| Subject::parse(code).is_err()) {
        errors.add("subjects", "Choose from the subjects of the list.");
    }
    let zone = change.time_zone.trim();
    if zone.len() > 64 || !zone.chars().all(|c| c.is_ascii_alphanumeric() || "/_+-".contains(c)) {
        errors.add("time_zone", "Choose a time zone of the list.");
    }
    errors.or(())?;
    let trimmed = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let changed = Account {
        name: change.name.trim().to_owned(),
        title: trimmed(&change.title),
        time_zone: trimmed(zone),
        lang: change.lang.unwrap_or(account.lang),
        grades: in_order("grade_band", &change.grades),
        subjects: in_order("subject", &change.subjects),
        welcomed_at: account.welcomed_at.or(Some(tx.now())),
        updated_at: tx.now(),
        ..account
    };
    store::update(tx.conn(), &changed).await?;
    tx.record(&permit, Event::about("account.profile_changed", "account", id.0)).await
}

/// Codes in the order of their vocabulary, each once.
fn in_order(vocabulary: &str, codes: &[String]) -> Vec<String> {
    let known = vocabulary::terms(vocabulary).iter().map(|term| term.code.clone());
    known.filter(|code| codes.contains(code)).collect()
}
