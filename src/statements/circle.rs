//! The circle of a draft: its author, co-authors and invited commenters, and what they say about its points. Nobody else knows of it.

use serde_json::json;

use super::statement::{REASON, State, Statement, StatementId};
use super::words::Reader;
use super::{letters, policy, store};
use crate::mail::Email;
use crate::people::{self, AccountId, account};
use crate::platform::ids::typed_id;
use crate::platform::{Cx, Error, Event, Result, Timestamp, Tx};
use crate::sessions::Desk;

typed_id!(
    /// Somebody who was invited.
    GuestId
);
typed_id!(
    /// A comment on a draft.
    CommentId
);

/// So many are invited to one draft at most.
pub const MOST: usize = 60;
/// So many comments one draft holds at most.
const COMMENTS: usize = 500;

/// What somebody is to a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Wrote it.
    Author,
    /// Writes with the author.
    CoAuthor,
    /// Comments on the draft.
    Commenter,
}

impl Part {
    /// Those that one is invited as.
    pub const INVITED: [Self; 2] = [Self::Commenter, Self::CoAuthor];

    /// As the database spells it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::CoAuthor => "co_author",
            Self::Commenter => "commenter",
        }
    }

    /// Of a code that one is invited as.
    pub fn parse(code: &str) -> Option<Self> {
        Self::INVITED.into_iter().find(|one| one.code() == code)
    }

    /// As pages say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Author => "Author",
            Self::CoAuthor => "Co-author",
            Self::Commenter => "Commenter",
        }
    }
}

/// Somebody who was invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// Their invitation.
    pub id: GuestId,
    /// To which statement.
    pub statement: StatementId,
    /// The address that was invited.
    pub email: String,
    /// The account of the address, where it had one then.
    pub account: Option<AccountId>,
    /// As what.
    pub part: Part,
    /// When.
    pub invited_at: Timestamp,
}

/// A comment on a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// On which statement.
    pub statement: StatementId,
    /// Key of its point; `None` speaks of the whole.
    pub point: Option<i32>,
    /// Who said it; `None` once that account is erased.
    pub account: Option<AccountId>,
    /// What it says.
    pub words: String,
    /// Whether an author took it up; `None` while nobody has said.
    pub taken: Option<bool>,
    /// Why, or how.
    pub answer: String,
    /// When it was said.
    pub created_at: Timestamp,
}

fn part(guests: &[Guest], account: AccountId, email: Option<&str>) -> Option<Part> {
    let mine = |guest: &&Guest| guest.account == Some(account) || email.is_some_and(|email| email == guest.email);
    let mut mine: Vec<Part> = guests.iter().filter(mine).map(|guest| guest.part).collect();
    mine.sort_by_key(|part| *part != Part::CoAuthor);
    mine.first().copied()
}

/// What the actor is to a statement; at most two statements. The program itself is as good as its author.
pub async fn part_of(cx: &Cx, statement: &Statement) -> Result<Option<Part>> {
    if cx.actor().is_system() {
        return Ok(Some(Part::Author));
    }
    let Some(me) = cx.actor().account().map(AccountId) else { return Ok(None) };
    if statement.author == Some(me) {
        return Ok(Some(Part::Author));
    }
    let guests = store::circle::guests(cx.conn(), statement.id).await?;
    if guests.is_empty() {
        return Ok(None);
    }
    let me_now = account::account(cx, me).await?;
    // An address that nobody proved opens nothing.
    let email = me_now.email.filter(|_| me_now.email_confirmed_at.is_some());
    Ok(part(&guests, me, email.as_ref().map(Email::as_str)))
}

/// The same inside a transaction.
pub(super) async fn part_in(tx: &Tx, statement: &Statement) -> Result<Option<Part>> {
    if tx.actor().is_system() {
        return Ok(Some(Part::Author));
    }
    let Some(me) = tx.actor().account().map(AccountId) else { return Ok(None) };
    if statement.author == Some(me) {
        return Ok(Some(Part::Author));
    }
    let guests = store::circle::guests(tx.conn(), statement.id).await?;
    let me_now = account::account_in(tx, me).await?;
    let email = me_now.email.filter(|_| me_now.email_confirmed_at.is_some());
    Ok(part(&guests, me, email.as_ref().map(Email::as_str)))
}

/// A statement held until the transaction ends, and what the actor is to it; a draft for its circle alone.
pub(super) async fn held(tx: &Tx, id: StatementId) -> Result<(Statement, Option<Part>)> {
    let found = store::statements::held(tx.conn(), id).await?.ok_or(Error::NotFound("statement"))?;
    let part = part_in(tx, &found).await?;
    if found.state == State::Draft && part.is_none() {
        return Err(Error::NotFound("statement"));
    }
    Ok((found, part))
}

/// Who is invited, the first first; for its authors.
pub async fn guests(cx: &Cx, statement: &Statement) -> Result<Vec<Guest>> {
    if !policy::manages(cx.actor(), statement, part_of(cx, statement).await?) {
        return Err(Error::NotFound("statement"));
    }
    store::circle::guests(cx.conn(), statement.id).await
}

/// Comments on a draft, the oldest first; for the circle.
pub async fn comments(cx: &Cx, statement: &Statement) -> Result<Vec<Comment>> {
    if part_of(cx, statement).await?.is_none() {
        return Err(Error::NotFound("statement"));
    }
    store::circle::comments(cx.conn(), statement.id).await
}

/// Ties invitations to the accounts that have their addresses by now, so that who joined after they were invited hears of things, and
/// keeps their part when addresses are forgotten. Three statements, and one for each account found.
pub(super) async fn bind(tx: &Tx, id: StatementId) -> Result<Vec<Guest>> {
    let mut guests = store::circle::guests(tx.conn(), id).await?;
    let loose: Vec<String> = guests.iter().filter(|one| one.account.is_none()).map(|one| one.email.clone()).collect();
    if loose.is_empty() {
        return Ok(guests);
    }
    let found = people::city::accounts_at(tx, &loose).await?;
    let ids: Vec<AccountId> = found.iter().map(|(_, account)| *account).collect();
    let accounts = account::accounts_in(tx, &ids).await?;
    let proven = |id: &AccountId| accounts.get(id).is_some_and(|one| one.email_confirmed_at.is_some());
    for (email, account) in found.iter().filter(|(_, account)| proven(account)) {
        for guest in guests.iter_mut().filter(|guest| guest.account.is_none() && guest.email == *email) {
            guest.account = Some(*account);
            store::circle::keep_guest(tx.conn(), guest, false).await?;
        }
    }
    Ok(guests)
}

/// How many co-authors a statement has: what its page says of who looks after it. One statement.
pub async fn co_authors(cx: &Cx, statement: &Statement) -> Result<u64> {
    store::circle::co_authors(cx.conn(), statement.id).await
}

/// Invites an address, as a commenter or a co-author; again, the last word counts and no second letter goes on the same day.
pub async fn invite(tx: &mut Tx, desk: &Desk, id: StatementId, typed: &str, part_code: &str) -> Result<()> {
    let (statement, part) = held(tx, id).await?;
    let permit = policy::manage(tx.actor(), &statement, part)?;
    in_draft(&statement)?;
    let mut reader = Reader::new(true);
    let email = Email::parse(typed).map_err(|sentence| reader.errors.add("email", sentence)).ok();
    let part = Part::parse(part_code);
    if part.is_none() {
        reader.errors.add("part", "Choose commenter or co-author.");
    }
    let (Some(email), Some(part)) = reader.errors.or((email, part))? else {
        return Err(Error::internal("an invitation that was not read"));
    };
    let guests = store::circle::guests(tx.conn(), id).await?;
    let account = account::account_at(tx, &email).await?;
    if account.as_ref().is_some_and(|one| Some(one.id) == statement.author) {
        return Err(Error::invalid("email", "This is the address of its author."));
    }
    let known = guests.iter().find(|guest| guest.email == email.as_str());
    if known.is_none() && guests.len() >= MOST {
        return Err(Error::Conflict(format!("{MOST} people are invited already; take somebody out first.")));
    }
    let guest = Guest {
        id: known.map_or_else(GuestId::fresh, |guest| guest.id),
        statement: id,
        email: email.as_str().to_owned(),
        account: account.as_ref().map(|one| one.id),
        part,
        invited_at: known.map_or(tx.now(), |guest| guest.invited_at),
    };
    store::circle::keep_guest(tx.conn(), &guest, known.is_none()).await?;
    if known.is_none() {
        letters::invite(tx, desk, &statement, &guest).await?;
    }
    let detail = json!({ "part": part.code() });
    tx.record(&permit, Event::about("statement.invited", "statement", id.0).with(detail)).await
}

/// Takes an invitation back, also once the statement is published: who has it no longer knows of the draft, nor looks after the
/// statement. What they said stays.
pub async fn uninvite(tx: &mut Tx, id: StatementId, guest: GuestId) -> Result<()> {
    let (statement, part) = held(tx, id).await?;
    let permit = policy::manage(tx.actor(), &statement, part)?;
    if store::circle::delete_guest(tx.conn(), id, guest).await? == 0 {
        return Ok(());
    }
    tx.record(&permit, Event::about("statement.uninvited", "statement", id.0)).await
}

/// Says something about a point of a draft, or about the whole.
pub async fn say(tx: &mut Tx, id: StatementId, point: Option<i32>, words: &str, no_student: bool) -> Result<CommentId> {
    let (statement, part) = held(tx, id).await?;
    if part.is_none() {
        return Err(Error::NotFound("statement"));
    }
    let permit = policy::comment(tx.actor(), part)?;
    in_draft(&statement)?;
    let mut reader = Reader::new(no_student);
    let words = reader.passage("words", words, REASON);
    if words.is_none() {
        reader.errors.add("words", "Write your comment.");
    }
    let text = store::versions::version(tx.conn(), id, 1).await?.ok_or(Error::NotFound("version"))?.text;
    if point.is_some_and(|key| text.number_of(key).is_none()) {
        reader.errors.add("point", "Choose a point of the draft.");
    }
    let words = reader.errors.or(words)?.unwrap_or_default();
    let said = store::circle::comments(tx.conn(), id).await?;
    let me = tx.actor().account().map(AccountId);
    if let Some(known) = said.iter().find(|one| (one.account, one.point, &one.words) == (me, point, &words)) {
        // Pressed twice.
        return Ok(known.id);
    }
    if said.len() >= COMMENTS {
        return Err(Error::Conflict("This draft holds as many comments as one holds.".to_owned()));
    }
    let new = Comment {
        id: CommentId::fresh(),
        statement: id,
        point,
        account: me,
        words,
        taken: None,
        answer: String::new(),
        created_at: tx.now(),
    };
    store::circle::insert_comment(tx.conn(), &new).await?;
    tx.record(&permit, Event::about("statement.commented", "statement", id.0)).await?;
    Ok(new.id)
}

/// An author says whether a comment is taken up, with a word why.
pub async fn answer(
    tx: &mut Tx,
    id: StatementId,
    comment: CommentId,
    taken: bool,
    why: &str,
    no_student: bool,
) -> Result<()> {
    let (statement, part) = held(tx, id).await?;
    let permit = policy::manage(tx.actor(), &statement, part)?;
    in_draft(&statement)?;
    let mut reader = Reader::new(no_student);
    let why = reader.line("answer", why, REASON);
    if why.is_none() && !taken {
        reader.errors.add("answer", "Say in a word why it is not taken up.");
    }
    let why = reader.errors.or(why)?.unwrap_or_default();
    let all = store::circle::comments(tx.conn(), id).await?;
    let found = all.into_iter().find(|one| one.id == comment).ok_or(Error::NotFound("comment"))?;
    let now = Comment { taken: Some(taken), answer: why, ..found };
    store::circle::update_comment(tx.conn(), &now).await?;
    let detail = json!({ "taken": taken });
    tx.record(&permit, Event::about("statement.comment_decided", "statement", id.0).with(detail)).await
}

/// Refuses what is done with a draft alone.
pub(super) fn in_draft(statement: &Statement) -> Result<()> {
    if statement.state == State::Draft {
        return Ok(());
    }
    Err(Error::Conflict("This statement is published; changes to it are proposed as amendments.".to_owned()))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn one_is_known_by_account_or_by_a_proven_address() {
        let guest = |email: &str, account: Option<u128>, part| Guest {
            id: GuestId(Uuid::from_u128(1)),
            statement: StatementId(Uuid::from_u128(2)),
            email: email.to_owned(),
            account: account.map(|n| AccountId(Uuid::from_u128(n))),
            part,
            invited_at: Timestamp::default(),
        };
        let guests = [guest("a@b.example", None, Part::Commenter), guest("c@b.example", Some(5), Part::CoAuthor)];
        let me = |n| AccountId(Uuid::from_u128(n));
        assert_eq!(part(&guests, me(5), None), Some(Part::CoAuthor));
        assert_eq!(part(&guests, me(6), Some("a@b.example")), Some(Part::Commenter));
        assert_eq!(part(&guests, me(5), Some("a@b.example")), Some(Part::CoAuthor), "the stronger part");
        assert_eq!(part(&guests, me(6), Some("x@b.example")), None);
        assert_eq!(part(&guests, me(6), None), None);
    }
}
