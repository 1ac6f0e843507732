//! The address of a personal calendar: calendar programs cannot sign in, so the address itself is the key. It is the id of a
//! row, signed; another row is another address, and the old one leads nowhere.

use data_encoding::BASE64URL_NOPAD;
use serde_json::json;
use uuid::Uuid;

use crate::people::AccountId;
use crate::people::account::{self, AccountState};
use crate::platform::{Cx, Error, Event, Result, Secret, Tx, ids};
use crate::sessions::{policy, store};

/// What the signature is for.
const PURPOSE: &str = "calendar";

/// The secret part of the actor's address; `None` before they made one. One statement.
pub async fn address(cx: &Cx, secret: &Secret) -> Result<Option<String>> {
    let account = cx.actor().account().map(AccountId).ok_or(Error::SignInRequired)?;
    let found = store::calendars::of_account(cx.conn(), account).await?;
    Ok(found.map(|(id, _)| written(secret, id)))
}

/// Makes the actor a new address. The one before leads nowhere from then on.
pub async fn renew(tx: &mut Tx) -> Result<()> {
    let account = tx.actor().account().map(AccountId).ok_or(Error::SignInRequired)?;
    let permit = policy::own(tx.actor(), account)?;
    let before = store::calendars::of_account(tx.conn(), account).await?.is_some();
    store::calendars::put(tx.conn(), account, ids::fresh(), tx.now()).await?;
    let event = Event::about("calendar.address_made", "account", account.0).with(json!({ "again": before }));
    tx.record(&permit, event).await
}

/// Whose calendar a secret opens, as long as the account may be used. Two statements.
pub(super) async fn owner(cx: &Cx, secret: &Secret, text: &str) -> Result<AccountId> {
    let nobody = || Error::NotFound("calendar");
    let id = read(secret, text).ok_or_else(nobody)?;
    let account = store::calendars::owner(cx.conn(), id).await?.ok_or_else(nobody)?;
    let found = account::accounts(cx, &[account]).await?;
    match found.get(&account).map(|account| account.state) {
        Some(AccountState::Active) => Ok(account),
        _ => Err(nobody()),
    }
}

fn written(secret: &Secret, id: Uuid) -> String {
    BASE64URL_NOPAD.encode(&[id.as_bytes().as_slice(), &secret.sign(PURPOSE, id.as_bytes())].concat())
}

fn read(secret: &Secret, text: &str) -> Option<Uuid> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let (id, signature) = bytes.split_at_checked(16)?;
    if !secret.verify(PURPOSE, id, signature) {
        return None;
    }
    Uuid::from_slice(id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_opens() {
        let (secret, other) = (Secret::of([7; 32]), Secret::of([8; 32]));
        let id = Uuid::from_u128(42);
        let text = written(&secret, id);
        assert_eq!(text.len(), 64);
        assert_eq!(read(&secret, &text), Some(id));
        assert_eq!(read(&other, &text), None);
        for bad in ["", "x", &text[1..], &text[..63], &BASE64URL_NOPAD.encode(id.as_bytes())] {
            assert_eq!(read(&secret, bad), None, "{bad}");
        }
    }
}
