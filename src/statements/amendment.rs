//! Amendments: what signers and commenters propose to change in a published text, and what its authors made of it. All of it is
//! public: what was proposed, why, for whom, and the answer with its reason.

use serde_json::json;

use super::circle;
use super::statement::{REASON, State, Statement, StatementId};
use super::text::{POINT, POINT_TITLE, Version};
use super::words::Reader;
use super::{letters, policy, store};
use crate::people::AccountId;
use crate::platform::ids::typed_id;
use crate::platform::{Actor, Cx, Error, Event, Place, Result, Timestamp, Tx};
use crate::sessions::Desk;

typed_id!(
    /// An amendment.
    AmendmentId
);

/// So many wait for an answer at once at most.
const WAITING: usize = 100;

/// What an amendment does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmendmentKind {
    /// Words a point differently.
    Change,
    /// Adds a point.
    Add,
    /// Takes a point out.
    Strike,
}

impl AmendmentKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Change, Self::Add, Self::Strike];

    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Add => "add",
            Self::Strike => "strike",
        }
    }

    /// Of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// As forms say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Change => "Change a point",
            Self::Add => "Add a point",
            Self::Strike => "Strike a point",
        }
    }
}

/// What became of an amendment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nobody has answered.
    Waiting,
    /// It is in the text.
    Accepted,
    /// It is not.
    Declined,
}

impl Fate {
    const ALL: [Self; 3] = [Self::Waiting, Self::Accepted, Self::Declined];

    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
        }
    }

    /// Of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// An amendment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// Its id.
    pub id: AmendmentId,
    /// To which statement.
    pub statement: StatementId,
    /// What it does.
    pub kind: AmendmentKind,
    /// Key of the point that is changed or struck, or after which a new one comes.
    pub point: Option<i32>,
    /// The new title; empty keeps the old.
    pub title: String,
    /// The new words; empty for one that strikes.
    pub words: String,
    /// Why.
    pub reason: String,
    /// Who proposed it; `None` once that account is erased.
    pub account: Option<AccountId>,
    /// For which signer; `None` for a commenter or an author.
    pub place: Option<Place>,
    /// What became of it.
    pub fate: Fate,
    /// Why, in the authors' words.
    pub answer: String,
    /// When that was said.
    pub decided_at: Option<Timestamp>,
    /// The version that took it up.
    pub made_version: Option<i32>,
    /// When it was proposed.
    pub created_at: Timestamp,
}

/// What somebody proposes.
#[derive(Clone, Debug, Default)]
pub struct AmendmentForm {
    /// `change`, `add` or `strike`.
    pub kind: String,
    /// Key of a point; empty where a new one comes last.
    pub point: String,
    /// The new title.
    pub title: String,
    /// The new words.
    pub words: String,
    /// Why.
    pub reason: String,
    /// That the words are about no student, after they were asked about.
    pub no_student: bool,
}

/// Amendments to a statement, the oldest first. One statement.
pub async fn amendments(cx: &Cx, statement: &Statement) -> Result<Vec<Amendment>> {
    store::amendments::of_statement(cx.conn(), statement.id).await
}

/// Whether the actor may propose something: for showing the form. At most three statements.
pub async fn may_propose(cx: &Cx, statement: &Statement) -> Result<bool> {
    if statement.state != State::Open || cx.actor().account().is_none() {
        return Ok(false);
    }
    let part = circle::part_of(cx, statement).await?;
    let signs = super::signing::mine(cx, &[statement.id]).await?.into_values().flatten().any(|one| one.stands());
    Ok(policy::propose(cx.actor(), statement, part, signs).is_ok())
}

/// Whether the actor decides about amendments and ends the statement: for showing the forms.
pub async fn manages(cx: &Cx, statement: &Statement) -> Result<bool> {
    if cx.actor().account().is_none() {
        return Ok(false);
    }
    Ok(policy::manages(cx.actor(), statement, circle::part_of(cx, statement).await?))
}

/// The signer for whom the actor proposes: a place that they speak for and whose sign-on stands.
async fn signer(tx: &Tx, actor: &Actor, statement: StatementId) -> Result<Option<Place>> {
    let places = policy::places(actor);
    if places.is_empty() {
        return Ok(None);
    }
    let found = store::signatures::of_places(tx.conn(), &[statement], &places).await?;
    Ok(found.into_iter().find(super::signing::Signature::stands).map(|one| one.place))
}

/// Proposes to change, add or strike a point.
pub async fn propose(tx: &mut Tx, desk: &Desk, id: StatementId, form: &AmendmentForm) -> Result<AmendmentId> {
    let (statement, part) = circle::held(tx, id).await?;
    let place = signer(tx, tx.actor(), id).await?;
    let permit = policy::propose(tx.actor(), &statement, part, place.is_some())?;
    is_open(&statement)?;
    let newest = store::versions::version(tx.conn(), id, statement.version).await?;
    let text = newest.ok_or(Error::NotFound("version"))?.text;
    let mut reader = Reader::new(form.no_student);
    let kind = AmendmentKind::parse(&form.kind);
    let typed = form.point.trim();
    let point: Option<i32> = typed.parse().ok().filter(|key| text.number_of(*key).is_some());
    let needs = !matches!(kind, Some(AmendmentKind::Add));
    if (needs && point.is_none()) || (!typed.is_empty() && point.is_none()) {
        reader.errors.add("point", "Choose a point of the newest version.");
    }
    let strikes = kind == Some(AmendmentKind::Strike);
    let (title, words) = if strikes {
        (None, None)
    } else {
        (reader.line("title", &form.title, POINT_TITLE), reader.passage("words", &form.words, POINT))
    };
    match kind {
        None => reader.errors.add("kind", "Choose what to do: change, add or strike a point."),
        Some(AmendmentKind::Add) if title.is_none() => reader.errors.add("title", "Give the new point a title."),
        _ => {}
    }
    if !strikes && words.is_none() {
        reader.errors.add("words", "Write the words of the point as they should be.");
    }
    let reason = reader.passage("reason", &form.reason, REASON);
    if reason.is_none() {
        reader.errors.add("reason", "Say why: everybody reads it.");
    }
    let (kind, reason) = reader.errors.or((kind, reason.unwrap_or_default()))?;
    let kind = kind.ok_or_else(|| Error::internal("an amendment that was not read"))?;
    let (title, words) = (title.unwrap_or_default(), words.unwrap_or_default());
    // One that cannot be made is told so now, and not when its answer is due.
    text.amended(kind, point, &title, &words, i32::MAX)?;
    let all = store::amendments::of_statement(tx.conn(), id).await?;
    if all.iter().filter(|one| one.fate == Fate::Waiting).count() >= WAITING {
        return Err(Error::Conflict("Many proposals wait for an answer; come back when some are answered.".to_owned()));
    }
    let new = Amendment {
        id: AmendmentId::fresh(),
        statement: id,
        kind,
        point,
        title,
        words,
        reason,
        account: tx.actor().account().map(AccountId),
        place,
        fate: Fate::Waiting,
        answer: String::new(),
        decided_at: None,
        made_version: None,
        created_at: tx.now(),
    };
    store::amendments::insert(tx.conn(), &new).await?;
    let detail = json!({ "amendment": new.id, "kind": kind.code() });
    tx.record(&permit, Event::about("statement.amendment_proposed", "statement", id.0).with(detail)).await?;
    letters::proposed(tx, desk, &statement, &new).await?;
    Ok(new.id)
}

fn is_open(statement: &Statement) -> Result<()> {
    match statement.state {
        State::Open => Ok(()),
        State::Draft => Err(Error::Conflict("This is a draft still; comment on it.".to_owned())),
        _ => Err(Error::Conflict("This statement is over; its text changes no more.".to_owned())),
    }
}

/// An author answers an amendment. Accepted, it makes the next version, and every signer is asked again.
pub async fn decide(
    tx: &mut Tx,
    desk: &Desk,
    id: AmendmentId,
    accept: bool,
    answer: &str,
    no_student: bool,
) -> Result<()> {
    let found = store::amendments::amendment(tx.conn(), id).await?.ok_or(Error::NotFound("amendment"))?;
    let (statement, part) = circle::held(tx, found.statement).await?;
    let permit = policy::manage(tx.actor(), &statement, part)?;
    // Read again now that the statement is held: another author may have answered.
    let found = store::amendments::amendment(tx.conn(), id).await?.ok_or(Error::NotFound("amendment"))?;
    if found.fate != Fate::Waiting {
        return Err(Error::Conflict("This proposal is answered already.".to_owned()));
    }
    is_open(&statement)?;
    let mut reader = Reader::new(no_student);
    let answer = reader.passage("answer", answer, REASON);
    if answer.is_none() && !accept {
        reader.errors.add("answer", "Say why it is declined: everybody reads it.");
    }
    let answer = reader.errors.or(answer)?.unwrap_or_default();
    let fate = if accept { Fate::Accepted } else { Fate::Declined };
    let made = if accept { Some(next_version(tx, &statement, &found).await?) } else { None };
    let after = Amendment { fate, answer, decided_at: Some(tx.now()), made_version: made, ..found };
    store::amendments::update(tx.conn(), &after).await?;
    let detail = json!({ "amendment": id, "fate": fate.code(), "version": made });
    tx.record(&permit, Event::about("statement.amendment_decided", "statement", statement.id.0).with(detail)).await?;
    letters::decided(tx, desk, &statement, &after).await?;
    if let Some(version) = made {
        let statement = Statement { version, updated_at: tx.now(), ..statement };
        store::statements::update(tx.conn(), &statement).await?;
        letters::ask_again(tx, desk, &statement).await?;
    }
    Ok(())
}

/// Writes the next version down; nothing of those before changes.
async fn next_version(tx: &mut Tx, statement: &Statement, amendment: &Amendment) -> Result<i32> {
    let versions = store::versions::all(tx.conn(), statement.id).await?;
    let newest = versions.iter().find(|one| one.number == statement.version).ok_or(Error::NotFound("version"))?;
    // A key that was struck once does not come back as another point.
    let used = versions.iter().flat_map(|one| &one.text.points).map(|point| point.key).max().unwrap_or_default();
    let Amendment { kind, point, title, words, .. } = amendment;
    let text = newest.text.amended(*kind, *point, title, words, used + 1)?;
    let version = Version {
        statement: statement.id,
        number: statement.version + 1,
        text,
        note: amendment.reason.clone(),
        published_at: Some(tx.now()),
    };
    store::versions::insert(tx.conn(), &version).await?;
    Ok(version.number)
}
