//! Letters to whoever knows a practice best, passed on without an address on either side. Answers go by a signed link, or by the
//! same page for somebody who is signed in. Letters are kept 90 days.

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use super::circle::{self, Circle, Ground};
use super::limit::{self, Doing};
use super::signature::{Byline, Bylines, Signature};
use super::words::Words;
use super::{Exchange, letters, policy, store};
use crate::catalog::{self, Practice, PracticeId};
use crate::people::account::{self, Account};
use crate::people::membership::{self, Colleague, MembershipState};
use crate::people::{AccountId, AccountState, SchoolId};
use crate::platform::ids::typed_id;
use crate::platform::{Actor, Cx, Error, Event, FieldErrors, Place, Result, Role, Timestamp, Tx};

typed_id!(
    /// A letter that was passed on to one reader.
    NoteId
);

/// So long letters are kept, and can be answered.
pub const KEPT: TimeDelta = super::link::AGE;

/// The longest letter.
pub const LETTER: usize = 4_000;

/// Schools that use a practice and are told of a question, at most.
const TOLD: usize = 20;

/// A letter that was passed on to one reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// The first letter and every answer to it have one.
    pub thread: Uuid,
    /// About which practice.
    pub practice: PracticeId,
    /// Who wrote it.
    pub by: Signature,
    /// Who reads it.
    pub to: AccountId,
    /// Its words.
    pub text: String,
    /// When it was written.
    pub created_at: Timestamp,
}

/// What somebody writes.
#[derive(Clone, Debug, Default)]
pub struct NewNote {
    /// The words.
    pub words: Words,
    /// In the name of which school, where they have several: its id.
    pub school: String,
    /// Whether they want to be named.
    pub named: bool,
}

fn can_read(account: &Account) -> bool {
    account.state == AccountState::Active && account.email.is_some()
}

/// Who answers for a practice: whoever its school named, else its principals, else their delegates.
pub(super) async fn contacts(tx: &Tx, practice: PracticeId, origin: SchoolId) -> Result<Vec<Account>> {
    if let Some(named) = store::contacts::named(tx.conn(), practice).await? {
        let there = membership::held(tx, named).await?.iter().any(|grant| grant.place == Place::School(origin.0));
        let account = account::account_in(tx, named).await?;
        if there && can_read(&account) {
            return Ok(vec![account]);
        }
    }
    leads(tx, origin).await
}

/// Principals of a school, or their delegates where it has none.
pub(super) async fn leads(tx: &Tx, school: SchoolId) -> Result<Vec<Account>> {
    let (mut principals, mut delegates) = membership::leads_of(tx, school).await?;
    principals.retain(can_read);
    delegates.retain(can_read);
    Ok(if principals.is_empty() { delegates } else { principals })
}

/// Who hears of a question: those who answer for the practice, and the leads of schools that use it and may be asked.
pub(super) async fn who_knows(tx: &Tx, circle: &Circle) -> Result<Vec<(Account, Ground)>> {
    let mut readers = Vec::new();
    if let Some(origin) = circle.origin_id() {
        let contacts = contacts(tx, circle.practice.id, origin).await?;
        readers.extend(contacts.into_iter().map(|account| (account, Ground::Origin)));
    }
    let users = circle.near.iter().filter(|one| one.ground == Ground::Uses && one.contact_ok).take(TOLD);
    for user in users {
        let leads = membership::holders(tx, &[Role::Principal, Role::Delegate], Place::School(user.school.0)).await?;
        readers.extend(leads.into_iter().filter(can_read).map(|account| (account, Ground::Uses)));
    }
    let mut seen = std::collections::HashSet::new();
    readers.retain(|(account, _)| seen.insert(account.id));
    Ok(readers)
}

/// Writes to whoever answers for a practice. The same words twice on a day are one letter. Gives the number of readers.
pub async fn write(tx: &mut Tx, exchange: &Exchange, circle: &Circle, new: NewNote) -> Result<usize> {
    let account = tx.actor().account().map(AccountId).ok_or(Error::SignInRequired)?;
    let permit = policy::write(tx.actor())?;
    let mut errors = FieldErrors::default();
    let text = new.words.check(&mut errors, "text", LETTER);
    errors.or(())?;
    let school = circle::school_of(tx.actor(), &new.school)?;
    circle.still_open(tx).await?;
    let Some(origin) = &circle.origin else {
        return Err(Error::Conflict("This practice came from outside; nobody here answers for it.".to_owned()));
    };
    limit::count(tx, account, Doing::Write).await?;
    let mut readers = contacts(tx, circle.practice.id, origin.id).await?;
    readers.retain(|reader| reader.id != account);
    if readers.is_empty() {
        let sentence = format!("Nobody at {} can be written to yet; ask a question in public instead.", origin.name);
        return Err(Error::Conflict(sentence));
    }
    let role = circle::role_at(tx.actor(), school);
    let by = Signature { account, school, role, named: new.named };
    let thread = NoteId::fresh().0;
    let note = |reader: &Account| Note {
        id: NoteId::fresh(),
        thread,
        practice: circle.practice.id,
        by: by.clone(),
        to: reader.id,
        text: text.clone(),
        created_at: tx.now(),
    };
    let notes: Vec<Note> = readers.iter().map(note).collect();
    if store::contacts::is_known(tx.conn(), &notes[0], tx.now() - TimeDelta::days(1)).await? {
        limit::uncount(tx, account, Doing::Write).await?;
        return Ok(readers.len());
    }
    store::contacts::insert(tx.conn(), &notes).await?;
    let detail = json!({ "thread": thread, "readers": notes.len() });
    tx.record(&permit, Event::about("contact.written", "practice", circle.practice.id.0).with(detail)).await?;
    let byline = Bylines::of_one(tx, &by).await?;
    letters::pass_on(tx, exchange, &circle.practice, &byline, &notes, &readers, Some(origin)).await?;
    Ok(readers.len())
}

/// A letter and what is about it, for its reader.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The letter.
    pub note: Note,
    /// Who wrote it.
    pub byline: Byline,
    /// About which practice.
    pub practice: Practice,
}

/// A letter that was passed on to the actor.
pub async fn open(cx: &Cx, id: NoteId) -> Result<Opened> {
    let note = store::contacts::note(cx.conn(), id).await?.ok_or(Error::NotFound("letter"))?;
    if cx.actor().account() != Some(note.to.0) || cx.now() - note.created_at > KEPT {
        return Err(Error::NotFound("letter"));
    }
    let byline = Bylines::of(cx, &[&note.by]).await?.words(&note.by);
    let practice = catalog::practice(cx, &note.practice.to_string()).await?;
    Ok(Opened { note, byline, practice })
}

/// Answers a letter. The same words twice on a day are one letter.
pub async fn reply(tx: &mut Tx, exchange: &Exchange, id: NoteId, words: &Words, named: bool) -> Result<()> {
    let account = tx.actor().account().map(AccountId).ok_or(Error::SignInRequired)?;
    let found = store::contacts::note(tx.conn(), id).await?;
    let note = found.filter(|note| note.to == account).ok_or(Error::NotFound("letter"))?;
    let permit = policy::reply(tx.actor(), note.to)?;
    let mut errors = FieldErrors::default();
    let text = words.check(&mut errors, "text", LETTER);
    errors.or(())?;
    limit::count(tx, account, Doing::Reply).await?;
    let reader = account::account_in(tx, note.by.account).await?;
    if !can_read(&reader) {
        return Err(Error::Conflict("Whoever wrote this has no account here any more.".to_owned()));
    }
    let practice = catalog::practice_in(tx, &note.practice.to_string()).await?.ok_or(Error::NotFound("practice"))?;
    let school = reply_school(tx, &practice).await?;
    let by = Signature { account, school, role: circle::role_at(tx.actor(), school), named };
    let answer =
        Note { id: NoteId::fresh(), to: reader.id, by: by.clone(), text, created_at: tx.now(), ..note.clone() };
    if store::contacts::is_known(tx.conn(), &answer, tx.now() - TimeDelta::days(1)).await? {
        limit::uncount(tx, account, Doing::Reply).await?;
        return Ok(());
    }
    store::contacts::insert(tx.conn(), std::slice::from_ref(&answer)).await?;
    let detail = json!({ "thread": note.thread });
    tx.record(&permit, Event::about("contact.replied", "practice", practice.id.0).with(detail)).await?;
    let byline = Bylines::of_one(tx, &by).await?;
    letters::pass_on(tx, exchange, &practice, &byline, &[answer], &[reader], None).await
}

/// In the name of which school somebody answers: the one where the practice began where it is theirs, else their first.
async fn reply_school(tx: &Tx, practice: &Practice) -> Result<Option<SchoolId>> {
    let mine = circle::schools_of(tx.actor());
    let origin: Vec<SchoolId> = practice.origin_school.into_iter().collect();
    let origin = crate::people::schools_in(tx, &origin).await?.into_values().next().map(|school| school.id);
    Ok(origin.filter(|school| mine.contains(school)).or_else(|| mine.first().copied()))
}

/// Whether the actor names the contact of this practice.
pub fn may_name(actor: &Actor, circle: &Circle) -> bool {
    circle.origin_id().is_some_and(|school| policy::leads(actor, school))
}

/// Who can be named for a practice, and who is. For the leads of its school; for others there is no such list.
pub async fn choices(cx: &Cx, circle: &Circle) -> Result<(Vec<Colleague>, Option<AccountId>)> {
    let Some(origin) = circle.origin_id().filter(|_| may_name(cx.actor(), circle)) else {
        return Err(Error::NotFound("page"));
    };
    let mut staff = membership::of_school(cx, origin).await?;
    staff.retain(|one| one.membership.state == MembershipState::Current && can_read(&one.account));
    let mut seen = std::collections::HashSet::new();
    staff.retain(|one| seen.insert(one.account.id));
    staff.sort_by_key(|one| one.account.name.to_lowercase());
    Ok((staff, store::contacts::named(cx.conn(), circle.practice.id).await?))
}

/// Names who gets the letters about a practice: somebody of its school, or nobody, and then its leads get them.
pub async fn name(tx: &mut Tx, circle: &Circle, chosen: Option<AccountId>) -> Result<()> {
    let permit = policy::name_contact(tx.actor(), circle.origin_id())?;
    if let (Some(account), Some(origin)) = (chosen, circle.origin_id()) {
        let held = membership::held(tx, account).await?;
        if !held.iter().any(|grant| grant.place == Place::School(origin.0)) {
            return Err(Error::invalid("account", "Choose somebody of the school."));
        }
    }
    if store::contacts::named(tx.conn(), circle.practice.id).await? == chosen {
        return Ok(());
    }
    store::contacts::name(tx.conn(), circle.practice.id, chosen, tx.now()).await?;
    let detail = json!({ "account": chosen });
    tx.record(&permit, Event::about("contact.named", "practice", circle.practice.id.0).with(detail)).await
}
