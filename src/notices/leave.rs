//! The link by which a letter of a list leaves it, signed for one person and one list (RFC 8058). It acts without a sign-in and
//! does nothing else, so it holds for as long as letters lie in mailboxes.

use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use super::settings;
use super::topic::Topic;
use crate::mail::MailingList;
use crate::people::AccountId;
use crate::people::account::{self, AccountState};
use crate::platform::{Cx, Error, Result, Secret, Tx};

/// Where one chooses what one hears.
pub const SETTINGS: &str = "/me/notifications/settings";

const PURPOSE: &str = "leave-list";

/// Bytes of an account before the code of the list, and of the signature after it.
const ACCOUNT: usize = 16;
const SIGNATURE: usize = 32;

/// A list that a letter belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// The letters of a topic.
    Topic(Topic),
    /// The letter a day or a week with everything that waits.
    Digest,
}

impl List {
    /// As a List-Id spells it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Topic(topic) => topic.code(),
            Self::Digest => "digest",
        }
    }

    /// The list of a code.
    pub fn of(code: &str) -> Option<Self> {
        if code == Self::Digest.code() { Some(Self::Digest) } else { Topic::of(code).map(Self::Topic) }
    }

    /// As pages and the head of a letter say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Topic(topic) => topic.label(),
            Self::Digest => "What is new for you",
        }
    }

    /// What a letter to this account says of it.
    pub fn mailing_list(self, secret: &Secret, account: AccountId) -> MailingList {
        MailingList {
            id: self.code().to_owned(),
            name: self.label().to_owned(),
            leave: path(secret, self, account),
            settings: SETTINGS.to_owned(),
        }
    }
}

/// The path that leaves a list: `/u/{token}`.
pub fn path(secret: &Secret, list: List, account: AccountId) -> String {
    let mut bytes = account.0.as_bytes().to_vec();
    bytes.extend_from_slice(list.code().as_bytes());
    let signature = secret.sign(PURPOSE, &bytes);
    bytes.extend_from_slice(&signature);
    format!("/u/{}", BASE64URL_NOPAD.encode(&bytes))
}

/// Who leaves which list by a token of [`path`]; anything else is no link.
pub fn read(secret: &Secret, token: &str) -> Result<(AccountId, List)> {
    parse(secret, token).ok_or(Error::NotFound("link"))
}

fn parse(secret: &Secret, token: &str) -> Option<(AccountId, List)> {
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
    let (body, signature) = bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE)?)?;
    if !secret.verify(PURPOSE, body, signature) {
        return None;
    }
    let (account, code) = body.split_at_checked(ACCOUNT)?;
    let list = List::of(std::str::from_utf8(code).ok()?)?;
    Some((AccountId(Uuid::from_slice(account).ok()?), list))
}

/// Whether the letters of a list still reach an account.
pub async fn is_on(cx: &Cx, account: AccountId, list: List) -> Result<bool> {
    let topics = match list {
        List::Topic(topic) => vec![topic],
        List::Digest => Vec::new(),
    };
    let standing =
        super::store::settings::standings(cx.conn(), &[account], &topics).await?.remove(&account).unwrap_or_default();
    Ok(match list {
        List::Topic(topic) => standing.pace(topic) != super::Pace::Off,
        List::Digest => !standing.digest_left,
    })
}

/// Leaves a list. Whose account is closed or gone gets no letters anyway.
pub async fn leave(tx: &mut Tx, account: AccountId, list: List) -> Result<()> {
    let there = account::accounts_in(tx, &[account]).await?.remove(&account);
    if there.is_some_and(|account| account.state != AccountState::Erased) {
        settings::leave(tx, account, list).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leaves_one_list_of_one_person_and_cannot_be_made_by_others() {
        let secret = Secret::of([7; 32]);
        let account = AccountId(Uuid::from_u128(5));
        let lists = Topic::ALL.into_iter().map(List::Topic).chain([List::Digest]);
        for list in lists {
            let path = path(&secret, list, account);
            let token = path.strip_prefix("/u/").unwrap();
            assert_eq!(read(&secret, token).unwrap(), (account, list));
            assert!(read(&Secret::of([8; 32]), token).is_err(), "another installation");
            for at in 0..token.len() {
                let mut bent = token.as_bytes().to_vec();
                bent[at] = if bent[at] == b'A' { b'B' } else { b'A' };
                assert!(read(&secret, std::str::from_utf8(&bent).unwrap()).is_err(), "{list:?} {at}");
            }
        }
        for none in ["", "AAAA", "=", "\u{e9}"] {
            assert!(read(&secret, none).is_err(), "{none}");
        }
    }
}
