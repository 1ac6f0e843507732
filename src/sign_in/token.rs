//! Personal tokens: for programs that act for a person.

use chrono::TimeDelta;

use super::policy;
use super::store::tokens as store;
use crate::people::{self, AccountId};
use crate::platform::chance::Ticket;
use crate::platform::ids::typed_id;
use crate::platform::{Actor, Cx, Db, Error, Event, FieldErrors, Result, Scope, Timestamp, Tx, Via};

typed_id!(
    /// A personal token.
    TokenId
);

/// A personal token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whose.
    pub account: AccountId,
    /// What its owner calls it.
    pub name: String,
    /// What it may be used for.
    pub scope: Scope,
    /// Its last four characters, to tell tokens apart.
    pub hint: String,
    /// Whether it was made where a second step had been passed.
    pub strong: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used, to the day.
    pub used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Token {
    /// Whether it holds at this moment.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// As the database, forms and the API spell a scope.
pub fn scope_code(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "read",
        Scope::Write => "write",
        Scope::Admin => "admin",
    }
}

/// The scope of a code.
pub fn parse_scope(code: &str) -> Option<Scope> {
    [Scope::Read, Scope::Write, Scope::Admin].into_iter().find(|scope| scope_code(*scope) == code)
}

/// The widest scope a token of this person may have.
pub fn widest(actor: &Actor) -> Scope {
    policy::widest(actor)
}

/// A token to make.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What its owner calls it: 1 to 80 characters.
    pub name: String,
    /// What it may be used for.
    pub scope: Scope,
    /// Days until it ends: 1 to 366.
    pub days: i64,
}

/// Every token begins with this, so that one that got away is recognized.
const PREFIX: &str = "cg_";

/// Makes a token for an account; the text is shown once and kept nowhere.
pub async fn make(tx: &mut Tx, account: AccountId, new: NewToken) -> Result<(TokenId, String)> {
    let permit = policy::way_in(tx.actor(), account.0)?;
    let mut errors = FieldErrors::default();
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 80 || name.contains(char::is_control) {
        errors.add("name", "Give a name of 1 to 80 characters that says what the token is for.");
    }
    if !(1..=366).contains(&new.days) {
        errors.add("days", "Give a number of days from 1 to 366.");
    }
    if new.scope > policy::widest(tx.actor()) {
        errors.add("scope", "Only editors and administrators who passed a second step make tokens with this scope.");
    }
    errors.or(())?;
    let ticket = Ticket::fresh()?;
    let text = format!("{PREFIX}{}", ticket.reveal());
    let token = Token {
        id: TokenId::fresh(),
        account,
        name: name.to_owned(),
        scope: new.scope,
        hint: text[text.len() - 4..].to_owned(),
        strong: new.scope == Scope::Admin,
        created_at: tx.now(),
        expires_at: tx.now() + TimeDelta::days(new.days),
        used_at: None,
        revoked_at: None,
    };
    store::insert(tx.conn(), &token, &ticket.hash()).await?;
    let detail = serde_json::json!({ "token": token.id, "scope": scope_code(token.scope) });
    tx.record(&permit, Event::about("token.made", "account", account.0).with(detail)).await?;
    Ok((token.id, text))
}

/// Who carries this token now. `None` where it does not hold.
pub async fn recognize(cx: &Cx, text: &str) -> Result<Option<(Actor, Token)>> {
    let Some(secret) = text.strip_prefix(PREFIX) else { return Ok(None) };
    let found = store::by_hash(cx.conn(), &Ticket::brought(secret).hash()).await?;
    let Some(token) = found.filter(|token| token.holds(cx.now())) else { return Ok(None) };
    let actor =
        people::account::actor(cx, token.account, Via::Token(token.id.0), token.created_at, token.scope, token.strong)
            .await?;
    Ok(actor.map(|actor| (actor, token)))
}

/// Whether [`note_use`] has something to write: the last use is kept to the day.
pub fn use_is_news(token: &Token, now: Timestamp) -> bool {
    token.used_at.is_none_or(|used| now - used >= TimeDelta::days(1))
}

/// Notes that a token is used. Bookkeeping, beside the request and not in it.
pub async fn note_use(db: &Db, token: &Token) -> Result<()> {
    let tx = db.write(Actor::System("sign_in")).await?;
    store::see(tx.conn(), token.id, tx.now()).await?;
    tx.commit().await
}

/// The tokens of an account that hold, the newest first.
pub async fn tokens_of(cx: &Cx, account: AccountId) -> Result<Vec<Token>> {
    let mut tokens = store::of_account(cx.conn(), account).await?;
    tokens.retain(|token| token.holds(cx.now()));
    Ok(tokens)
}

/// Revokes a token of the actor; it is refused with the next request. Revoking it twice is as good as once.
pub async fn revoke(tx: &mut Tx, account: AccountId, id: TokenId) -> Result<()> {
    let permit = policy::own(tx.actor(), account.0)?;
    let mine = store::of_account(tx.conn(), account).await?.into_iter().any(|token| token.id == id);
    if !mine {
        return Err(Error::NotFound("token"));
    }
    if store::revoke(tx.conn(), account, Some(id), tx.now()).await? > 0 {
        let detail = serde_json::json!({ "token": id });
        tx.record(&permit, Event::about("token.revoked", "account", account.0).with(detail)).await?;
    }
    Ok(())
}
