//! Links of letters that act without a sign-in: each for one errand about one thing, for one account, for a time. A link is
//! signed and not kept; what it may do is looked up when it is used. GET shows a page with a button, the POST acts (T10).

use chrono::{DateTime, TimeDelta};
use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use crate::people::{AccountId, account};
use crate::platform::{Actor, Cx, Error, Result, Scope, Secret, Timestamp, Via};

/// A link holds so long: as long as letters are kept.
pub const AGE: TimeDelta = TimeDelta::days(90);

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Answering a letter that was passed on.
    Reply,
    /// Answering about a visit.
    Visit,
}

impl Errand {
    fn code(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Visit => "visit",
        }
    }

    /// A signature for one errand holds for no other.
    fn purpose(self) -> String {
        format!("talk:{}", self.code())
    }
}

/// What a link says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The letter or the visit.
    pub subject: Uuid,
    /// Who acts.
    pub account: AccountId,
    /// When it was made.
    pub issued: Timestamp,
}

/// Bytes before the signature: subject, account, seconds.
const BODY: usize = 16 + 16 + 8;

/// The path of a link: `/talk/{errand}/{token}`.
pub fn path(secret: &Secret, errand: Errand, subject: Uuid, account: AccountId, issued: Timestamp) -> String {
    let mut bytes = Vec::with_capacity(BODY + 32);
    bytes.extend_from_slice(subject.as_bytes());
    bytes.extend_from_slice(account.0.as_bytes());
    bytes.extend_from_slice(&issued.timestamp().to_be_bytes());
    let signature = secret.sign(&errand.purpose(), &bytes);
    bytes.extend_from_slice(&signature);
    format!("/talk/{}/{}", errand.code(), BASE64URL_NOPAD.encode(&bytes))
}

/// What a token of [`path`] says; anything else is no link.
pub fn read(secret: &Secret, errand: Errand, token: &str) -> Result<Link> {
    parse(secret, errand, token).ok_or(Error::NotFound("link"))
}

fn parse(secret: &Secret, errand: Errand, token: &str) -> Option<Link> {
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
    let (body, signature) = bytes.split_at_checked(BODY)?;
    if !secret.verify(&errand.purpose(), body, signature) {
        return None;
    }
    let (subject, rest) = body.split_at_checked(16)?;
    let (account, seconds) = rest.split_at_checked(16)?;
    let seconds = i64::from_be_bytes(seconds.try_into().ok()?);
    Some(Link {
        subject: Uuid::from_slice(subject).ok()?,
        account: AccountId(Uuid::from_slice(account).ok()?),
        issued: DateTime::from_timestamp(seconds, 0)?,
    })
}

/// The person of a link, with every role they hold now. A link that is too old, of an account that is closed, or from before
/// its person signed out everywhere holds no more.
pub async fn actor(cx: &Cx, link: &Link) -> Result<Actor> {
    let over = || Error::Conflict("This link holds no more.".to_owned());
    if cx.now() - link.issued > AGE {
        return Err(over());
    }
    let via = Via::Letter(link.subject);
    account::actor(cx, link.account, via, link.issued, Scope::Write, false).await?.ok_or_else(over)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_for_one_errand_and_cannot_be_made_by_others() {
        let secret = Secret::of([7; 32]);
        let (subject, account) = (Uuid::from_u128(1), AccountId(Uuid::from_u128(2)));
        let issued = "2026-10-14T16:00:00.5Z".parse::<Timestamp>().unwrap();
        let path = path(&secret, Errand::Reply, subject, account, issued);
        let token = path.strip_prefix("/talk/reply/").unwrap();
        let link = read(&secret, Errand::Reply, token).unwrap();
        assert_eq!((link.subject, link.account, link.issued.timestamp()), (subject, account, issued.timestamp()));
        assert!(read(&secret, Errand::Visit, token).is_err(), "another errand");
        assert!(read(&Secret::of([8; 32]), Errand::Reply, token).is_err(), "another installation");
        for at in 0..token.len() {
            let mut bent = token.as_bytes().to_vec();
            bent[at] = if bent[at] == b'A' { b'B' } else { b'A' };
            assert!(read(&secret, Errand::Reply, std::str::from_utf8(&bent).unwrap()).is_err(), "{at}");
        }
        assert!(read(&secret, Errand::Reply, "").is_err());
    }
}
