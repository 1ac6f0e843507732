//! Amendments: what signers and commenters propose to change in a published text, and what its authors made of it. All of it is
//! public: what was proposed, why, for whom, and the answer with its reason. What is taken up waits for the next version, so that
//! signers are asked once for all of it.

use serde_json::json;

use super::circle;
use super::statement::{REASON, State, Statement, StatementId};
use super::text::{POINT, POINT_TITLE, Text, Version};
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
    /// It is in the text, or will be in the next version.
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
    /// The version that took it up; `None` while that is not published.
    pub made_version: Option<i32>,
    /// When it was proposed.
    pub created_at: Timestamp,
}

impl Amendment {
    /// Whether it was taken up and no version holds it yet.
    pub fn waits_for_version(&self) -> bool {
        self.fate == Fate::Accepted && self.made_version.is_none()
    }

    fn says_the_same(&self, other: &Self) -> bool {
        (self.kind, self.point, &self.title, &self.words, &self.reason)
            == (other.kind, other.point, &other.title, &other.words, &other.reason)
    }
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
    if !statement.takes_signatures(cx.now()) || cx.actor().account().is_none() {
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
    is_open(&statement, tx.now())?;
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
    let waiting = || all.iter().filter(|one| one.fate == Fate::Waiting);
    let me = tx.actor().account().map(AccountId);
    if waiting().count() >= WAITING {
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
        account: me,
        place,
        fate: Fate::Waiting,
        answer: String::new(),
        decided_at: None,
        made_version: None,
        created_at: tx.now(),
    };
    if let Some(known) = waiting().find(|one| one.account == me && one.says_the_same(&new)) {
        // Pressed twice.
        return Ok(known.id);
    }
    store::amendments::insert(tx.conn(), &new).await?;
    let detail = json!({ "amendment": new.id, "kind": kind.code() });
    tx.record(&permit, Event::about("statement.amendment_proposed", "statement", id.0).with(detail)).await?;
    letters::proposed(tx, desk, &statement, &new).await?;
    Ok(new.id)
}

/// Refuses what nobody could confirm any more.
fn is_open(statement: &Statement, now: Timestamp) -> Result<()> {
    match statement.state {
        State::Open if statement.takes_signatures(now) => Ok(()),
        State::Open => Err(Error::Conflict(
            "The last day of sign-ons is over, so nobody could confirm a new version; its text changes no more."
                .to_owned(),
        )),
        State::Draft => Err(Error::Conflict("This is a draft still; comment on it.".to_owned())),
        _ => Err(Error::Conflict("This statement is over; its text changes no more.".to_owned())),
    }
}

/// Those that were taken up and wait for the next version, in the order in which they were taken up.
pub fn taken_up(all: &[Amendment]) -> Vec<&Amendment> {
    let mut waiting: Vec<&Amendment> = all.iter().filter(|one| one.waits_for_version()).collect();
    waiting.sort_by_key(|one| (one.decided_at, one.id));
    waiting
}

/// The text that these make of the newest one. A key that was struck once does not come back as another point.
pub fn next_text(statement: &Statement, versions: &[Version], taken_up: &[&Amendment]) -> Result<Text> {
    let newest = versions.iter().find(|one| one.number == statement.version).ok_or(Error::NotFound("version"))?;
    let used = versions.iter().flat_map(|one| &one.text.points).map(|point| point.key).max().unwrap_or_default();
    let mut text = newest.text.clone();
    for (one, fresh) in taken_up.iter().zip(used + 1..) {
        text = text.amended(one.kind, one.point, &one.title, &one.words, fresh)?;
    }
    Ok(text)
}

/// An author answers an amendment. Accepted, it waits for the next version; until that is published, an author may still decline it.
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
    let all = store::amendments::of_statement(tx.conn(), statement.id).await?;
    let found = all.iter().find(|one| one.id == id).cloned().ok_or(Error::NotFound("amendment"))?;
    if found.fate != Fate::Waiting && (accept || !found.waits_for_version()) {
        return Err(Error::Conflict("This proposal is answered already.".to_owned()));
    }
    if accept {
        is_open(&statement, tx.now())?;
    } else if statement.state != State::Open {
        return Err(Error::Conflict("This statement is over; its text changes no more.".to_owned()));
    }
    let mut reader = Reader::new(no_student);
    let answer = reader.passage("answer", answer, REASON);
    if answer.is_none() && !accept {
        reader.errors.add("answer", "Say why it is declined: everybody reads it.");
    }
    let answer = reader.errors.or(answer)?.unwrap_or_default();
    let fate = if accept { Fate::Accepted } else { Fate::Declined };
    let after = Amendment { fate, answer, decided_at: Some(tx.now()), ..found };
    if accept {
        fits(tx, &statement, &all, &after).await?;
    }
    store::amendments::update(tx.conn(), &after).await?;
    let detail = json!({ "amendment": id, "fate": fate.code() });
    tx.record(&permit, Event::about("statement.amendment_decided", "statement", statement.id.0).with(detail)).await?;
    letters::decided(tx, desk, &statement, &after).await
}

/// Refuses what cannot stand in one version with what is taken up already: the words of two proposals for one point would not both be
/// there.
async fn fits(tx: &Tx, statement: &Statement, all: &[Amendment], new: &Amendment) -> Result<()> {
    let mut taken_up = taken_up(all);
    let rewords = |one: &Amendment| matches!(one.kind, AmendmentKind::Change | AmendmentKind::Strike);
    if rewords(new) && taken_up.iter().any(|one| rewords(one) && one.point == new.point) {
        return Err(Error::Conflict(
            "Another proposal for this point is taken up already; publish that version first, or decline one of the two.".to_owned(),
        ));
    }
    taken_up.push(new);
    let versions = store::versions::all(tx.conn(), statement.id).await?;
    next_text(statement, &versions, &taken_up).map(drop)
}

/// Publishes the next version with everything that was taken up, and asks every signer once. `newest` is the version that its author
/// has read, and `seen` what stood there as taken up: where either is not so any more, they are refused.
pub async fn publish_version(
    tx: &mut Tx,
    desk: &Desk,
    id: StatementId,
    newest: i32,
    seen: &[AmendmentId],
) -> Result<()> {
    let (before, part) = circle::held(tx, id).await?;
    let permit = policy::manage(tx.actor(), &before, part)?;
    let all = store::amendments::of_statement(tx.conn(), id).await?;
    let published = |one: &AmendmentId| all.iter().any(|each| each.id == *one && each.made_version == Some(newest + 1));
    if newest + 1 == before.version && !seen.is_empty() && seen.iter().all(published) {
        // Pressed twice.
        return Ok(());
    }
    is_open(&before, tx.now())?;
    let taken_up = taken_up(&all);
    if taken_up.is_empty() {
        return Err(Error::Conflict("Take up a proposal first; the next version is made of those.".to_owned()));
    }
    let same = taken_up.len() == seen.len() && taken_up.iter().all(|one| seen.contains(&one.id));
    if newest != before.version || !same {
        return Err(Error::Conflict(
            "What goes into the next version changed in the meantime; read it again below, then publish it.".to_owned(),
        ));
    }
    let versions = store::versions::all(tx.conn(), id).await?;
    let text = next_text(&before, &versions, &taken_up)?;
    let note =
        taken_up.iter().map(|one| one.reason.lines().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join("\n");
    let number = before.version + 1;
    let version = Version { statement: id, number, text, note, published_at: Some(tx.now()) };
    store::versions::insert(tx.conn(), &version).await?;
    for one in &taken_up {
        let after = Amendment { made_version: Some(number), ..(*one).clone() };
        store::amendments::update(tx.conn(), &after).await?;
    }
    // Nobody stands behind the new version yet: its authors hear anew when enough do.
    let after = Statement { version: number, reached_at: None, updated_at: tx.now(), ..before };
    store::statements::update(tx.conn(), &after).await?;
    let detail = json!({ "version": number, "amendments": taken_up.len() });
    tx.record(&permit, Event::about("statement.version_published", "statement", id.0).with(detail)).await?;
    letters::ask_again(tx, desk, &after).await
}
