//! Sign-ons: one for each school and organization, bound to the version that was signed, withdrawable at any time.

use std::collections::HashMap;

use serde_json::json;

use super::circle;
use super::history::{self, Did};
use super::statement::{State, Statement, StatementId};
use super::words::Reader;
use super::{letters, policy, spelled, store};
use crate::people::{self, AccountId};
use crate::platform::ids::typed_id;
use crate::platform::{Cx, Error, Event, Place, Result, Timestamp, Tx};
use crate::sessions::Desk;

typed_id!(
    /// A sign-on.
    SignatureId
);

/// Characters of a leader's role.
const ROLE: usize = 120;
/// Characters of a comment.
const COMMENT: usize = 600;
/// A statement carries so many sign-ons at most.
pub const MOST: u64 = 5_000;

/// A sign-on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Its id.
    pub id: SignatureId,
    /// Of which statement.
    pub statement: StatementId,
    /// The school or organization that signed.
    pub place: Place,
    /// Who signed for it; `None` once that account is erased.
    pub account: Option<AccountId>,
    /// The leader's role: "Principal"; empty on one that is withdrawn.
    pub role_title: String,
    /// Whether readers see the leader's name.
    pub shows_name: bool,
    /// What they said with it.
    pub comment: Option<String>,
    /// Whether everybody reads that, or the authors alone.
    pub comment_public: bool,
    /// The version that it stands behind.
    pub version: i32,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// When a later version was confirmed last.
    pub confirmed_at: Option<Timestamp>,
    /// Since when it stands no more.
    pub withdrawn_at: Option<Timestamp>,
}

impl Signature {
    /// Whether it stands.
    pub fn stands(&self) -> bool {
        self.withdrawn_at.is_none()
    }
}

/// What somebody signs.
#[derive(Clone, Debug, Default)]
pub struct SignForm {
    /// For whom: `school:ID` or `organization:ID`.
    pub place: String,
    /// The leader's role.
    pub role_title: String,
    /// Whether readers see the name.
    pub shows_name: bool,
    /// What they say with it; empty for nothing.
    pub comment: String,
    /// Whether everybody reads that.
    pub comment_public: bool,
    /// The version that they have read.
    pub version: i32,
    /// That the words are about no student, after they were asked about.
    pub no_student: bool,
}

/// The places that the actor may sign for.
pub fn places(cx: &Cx) -> Vec<Place> {
    policy::places(cx.actor())
}

/// Every sign-on of a statement, those that stand and those that do not, in the order of the first signing. One statement.
pub async fn signatures(cx: &Cx, statement: &Statement) -> Result<Vec<Signature>> {
    store::signatures::of_statement(cx.conn(), statement.id).await
}

/// Sign-ons of places for which the actor speaks, by statement. One statement.
pub async fn mine(cx: &Cx, statements: &[StatementId]) -> Result<HashMap<StatementId, Vec<Signature>>> {
    let places = policy::places(cx.actor());
    if places.is_empty() || statements.is_empty() {
        return Ok(HashMap::new());
    }
    let mut found: HashMap<StatementId, Vec<Signature>> = HashMap::new();
    for one in store::signatures::of_places(cx.conn(), statements, &places).await? {
        found.entry(one.statement).or_default().push(one);
    }
    Ok(found)
}

/// What those who look after a statement read of a sign-on besides: comments for them alone.
pub async fn reads_private(cx: &Cx, statement: &Statement) -> Result<bool> {
    Ok(policy::manages(cx.actor(), statement, circle::part_of(cx, statement).await?))
}

/// Names of the leaders who show theirs, by account; none of those whose account is erased.
pub async fn shown_names(cx: &Cx, signatures: &[Signature]) -> Result<HashMap<AccountId, String>> {
    let shown = signatures.iter().filter(|one| one.shows_name && one.stands());
    let ids: Vec<AccountId> = shown.filter_map(|one| one.account).collect();
    if ids.is_empty() { Ok(HashMap::new()) } else { people::personal::names(cx, &ids).await }
}

/// Signs for a school or an organization. Who has signed already confirms the newest version with it, and says anew what they say.
pub async fn sign(tx: &mut Tx, desk: &Desk, id: StatementId, form: &SignForm) -> Result<SignatureId> {
    let statement = store::statements::held(tx.conn(), id).await?.ok_or(Error::NotFound("statement"))?;
    if statement.state == State::Draft {
        return Err(Error::NotFound("statement"));
    }
    let place = super::read_place(&form.place);
    let Some(place) = place.filter(|_| tx.actor().account().is_some()) else {
        if tx.actor().account().is_none() {
            return Err(Error::SignInRequired);
        }
        if !policy::may_begin(tx.actor()) {
            return Err(policy::speak(tx.actor(), Place::Installation).err().unwrap_or(Error::NotFound("page")));
        }
        return Err(Error::invalid("place", "Choose the school or organization that signs."));
    };
    let permit = policy::speak(tx.actor(), place)?;
    takes(&statement, tx.now())?;
    // An organization that is gone signs nothing.
    super::name_in(tx, place).await?;
    let mut reader = Reader::new(form.no_student);
    let role_title = reader.line("role_title", &form.role_title, ROLE);
    if role_title.is_none() {
        reader.errors.add("role_title", "Say in which role you sign, like Principal or Superintendent.");
    }
    let comment = reader.passage("comment", &form.comment, COMMENT);
    let (role_title, comment) = reader.errors.or((role_title.unwrap_or_default(), comment))?;
    read_newest(&statement, form.version)?;
    let known = store::signatures::of_place(tx.conn(), id, place).await?;
    if known.is_none() && store::signatures::count(tx.conn(), id).await? >= MOST {
        return Err(Error::Conflict(format!("This statement carries {MOST} sign-ons, as many as one carries.")));
    }
    if let Some(gone) = known.as_ref().filter(|one| !one.stands())
        && store::signings::count(tx.conn(), gone.id).await? >= history::MOST as u64
    {
        let sentence =
            "This place signed and withdrew as often as one may; write to those who look after the statement.";
        return Err(Error::Conflict(sentence.to_owned()));
    }
    let now = tx.now();
    let again = known.as_ref().is_some_and(Signature::stands);
    let before = known.as_ref().filter(|_| again);
    let new = Signature {
        id: known.as_ref().map_or_else(SignatureId::fresh, |one| one.id),
        statement: id,
        place,
        account: tx.actor().account().map(AccountId),
        role_title,
        shows_name: form.shows_name,
        comment_public: form.comment_public && comment.is_some(),
        comment,
        version: statement.version,
        signed_at: before.map_or(now, |one| one.signed_at),
        confirmed_at: before
            .and_then(|one| if one.version == statement.version { one.confirmed_at } else { Some(now) }),
        withdrawn_at: None,
    };
    let did = match before.map(|one| one.version) {
        None => Some(Did::Signed),
        Some(version) if version < new.version => Some(Did::Confirmed),
        Some(_) => None,
    };
    match known {
        Some(_) => store::signatures::update(tx.conn(), &new).await?,
        None => store::signatures::insert(tx.conn(), &new).await?,
    }
    if let Some(did) = did {
        history::note(tx, &new, did).await?;
    }
    let (kind, place_id) = spelled(place)?;
    let detail = json!({ "signature": new.id, kind: place_id, "version": new.version, "again": again });
    tx.record(&permit, Event::about("statement.signed", "statement", id.0).with(detail)).await?;
    reached(tx, desk, statement).await?;
    Ok(new.id)
}

fn takes(statement: &Statement, now: Timestamp) -> Result<()> {
    if statement.takes_signatures(now) {
        return Ok(());
    }
    Err(Error::Conflict(match statement.state {
        State::Open => "The last day of sign-ons is over.".to_owned(),
        State::Delivered => "This statement is delivered and takes no more sign-ons.".to_owned(),
        _ => "This statement takes no more sign-ons.".to_owned(),
    }))
}

/// A sign-on is bound to what its signer has read.
fn read_newest(statement: &Statement, read: i32) -> Result<()> {
    if read == statement.version {
        return Ok(());
    }
    let newest = statement.version;
    Err(Error::Conflict(format!("Version {newest} is the newest now; read it first, then sign it.")))
}

/// A sign-on for whoever speaks for its place; for others there is none.
pub async fn own(cx: &Cx, id: SignatureId) -> Result<(Signature, Statement)> {
    let found = store::signatures::signature(cx.conn(), id).await?.ok_or(Error::NotFound("page"))?;
    if !policy::speaks_for(cx.actor(), found.place) {
        return Err(Error::NotFound("page"));
    }
    let statement = super::statement(cx, &found.statement.to_string()).await?;
    Ok((found, statement))
}

/// The statement of a sign-on is held before the sign-on, in the same order as signing holds them.
async fn held(tx: &Tx, id: SignatureId) -> Result<(Signature, Statement)> {
    let found = store::signatures::signature(tx.conn(), id).await?.ok_or(Error::NotFound("sign-on"))?;
    let statement = store::statements::held(tx.conn(), found.statement).await?.ok_or(Error::NotFound("statement"))?;
    let found = store::signatures::signature(tx.conn(), id).await?.ok_or(Error::NotFound("sign-on"))?;
    if !policy::speaks_for(tx.actor(), found.place) {
        return Err(Error::NotFound("sign-on"));
    }
    Ok((found, statement))
}

/// Confirms the newest version, which its signer has read: the sign-on stands behind it from now on. Twice is as good as once.
pub async fn confirm(tx: &mut Tx, desk: &Desk, id: SignatureId, read: i32) -> Result<()> {
    let (before, statement) = held(tx, id).await?;
    let permit = policy::speak(tx.actor(), before.place)?;
    if !before.stands() {
        return Err(Error::Conflict("This sign-on was withdrawn; sign again if you want to.".to_owned()));
    }
    if before.version == statement.version {
        return Ok(());
    }
    takes(&statement, tx.now())?;
    read_newest(&statement, read)?;
    let account = tx.actor().account().map(AccountId);
    // Whoever confirms for a colleague did not opt in to show their own name.
    let shows_name = before.shows_name && account == before.account;
    let now = Signature { version: statement.version, confirmed_at: Some(tx.now()), account, shows_name, ..before };
    store::signatures::update(tx.conn(), &now).await?;
    history::note(tx, &now, Did::Confirmed).await?;
    let detail = json!({ "signature": id, "version": now.version });
    tx.record(&permit, Event::about("statement.confirmed", "statement", statement.id.0).with(detail)).await?;
    reached(tx, desk, statement).await
}

/// Withdraws a sign-on, whatever became of the statement since. That it was there stays as a line; what was said with it goes.
pub async fn withdraw(tx: &mut Tx, id: SignatureId) -> Result<()> {
    let (before, statement) = held(tx, id).await?;
    let permit = policy::speak(tx.actor(), before.place)?;
    if !before.stands() {
        return Ok(());
    }
    let now = Signature {
        withdrawn_at: Some(tx.now()),
        comment: None,
        comment_public: false,
        shows_name: false,
        role_title: String::new(),
        ..before
    };
    store::signatures::update(tx.conn(), &now).await?;
    history::note(tx, &now, Did::Withdrawn).await?;
    let detail = json!({ "signature": id, "version": now.version });
    tx.record(&permit, Event::about("statement.sign_on_withdrawn", "statement", statement.id.0).with(detail)).await
}

/// Tells the authors, once, when as many stand behind the newest version as the threshold wants.
async fn reached(tx: &mut Tx, desk: &Desk, statement: Statement) -> Result<()> {
    let Some(threshold) = statement.threshold.filter(|_| statement.reached_at.is_none()) else { return Ok(()) };
    let count = store::signatures::behind(tx.conn(), statement.id, statement.version).await?;
    if count < u64::try_from(threshold).unwrap_or_default() {
        return Ok(());
    }
    let after = Statement { reached_at: Some(tx.now()), ..statement };
    store::statements::update(tx.conn(), &after).await?;
    letters::reached(tx, desk, &after, count).await
}
