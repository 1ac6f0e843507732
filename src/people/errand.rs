//! Links of letters that act without a sign-in: each for one errand about one thing, for one account, for a time. A link is
//! signed and not kept; what it may do is looked up when it is used, so that whoever lost a role cannot use it. GET shows a
//! page with a button, the POST acts (T10: scanners open every link).
//!
//! A feature says what its links are for by implementing [`Errand`]; how they are made, read and turned into an actor is here.

use chrono::{DateTime, TimeDelta};
use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use super::{AccountId, account};
use crate::platform::{Actor, Cx, Error, Result, Scope, Secret, Timestamp, Via};

/// What a link is for.
pub trait Errand: Copy {
    /// A link holds so long at most, whatever it is for; what it asks about is mostly over sooner.
    const AGE: TimeDelta = TimeDelta::days(120);

    /// What its signature is for: it holds for no other errand.
    fn purpose(self) -> String;

    /// What stands before the token in its address: `/r/decide/`.
    fn base(self) -> String;
}

/// What a link says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The registration, the letter, or whatever else it is about.
    pub subject: Uuid,
    /// Who acts.
    pub account: AccountId,
    /// When it was made.
    pub issued: Timestamp,
    /// Until when it holds.
    pub until: Timestamp,
}

/// Bytes before the signature: subject, account, seconds.
const BODY: usize = 16 + 16 + 8;

/// The path of a link.
pub fn path(secret: &Secret, errand: impl Errand, subject: Uuid, account: AccountId, issued: Timestamp) -> String {
    let mut bytes = Vec::with_capacity(BODY + 32);
    bytes.extend_from_slice(subject.as_bytes());
    bytes.extend_from_slice(account.0.as_bytes());
    bytes.extend_from_slice(&issued.timestamp().to_be_bytes());
    let signature = secret.sign(&errand.purpose(), &bytes);
    bytes.extend_from_slice(&signature);
    errand.base() + &BASE64URL_NOPAD.encode(&bytes)
}

/// What a token of [`path`] says; anything else is no link.
pub fn read<E: Errand>(secret: &Secret, errand: E, token: &str) -> Result<Link> {
    parse(secret, errand, token).ok_or(Error::NotFound("link"))
}

fn parse<E: Errand>(secret: &Secret, errand: E, token: &str) -> Option<Link> {
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
    let (body, signature) = bytes.split_at_checked(BODY)?;
    if !secret.verify(&errand.purpose(), body, signature) {
        return None;
    }
    let (subject, rest) = body.split_at_checked(16)?;
    let (account, seconds) = rest.split_at_checked(16)?;
    let seconds = i64::from_be_bytes(seconds.try_into().ok()?);
    let issued = DateTime::from_timestamp(seconds, 0)?;
    Some(Link {
        subject: Uuid::from_slice(subject).ok()?,
        account: AccountId(Uuid::from_slice(account).ok()?),
        issued,
        until: issued + E::AGE,
    })
}

/// The person of a link, with every role they hold now.
///
/// # Errors
/// `Conflict` for a link that is too old, of an account that is closed, or from before its person signed out everywhere.
pub async fn actor(cx: &Cx, link: &Link) -> Result<Actor> {
    let over = || Error::Conflict("This link holds no more; sign in to do the same there.".to_owned());
    if cx.now() > link.until {
        return Err(over());
    }
    let via = Via::Letter(link.subject);
    account::actor(cx, link.account, via, link.issued, Scope::Write, false).await?.ok_or_else(over)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy)]
    struct Asked(&'static str);

    impl Errand for Asked {
        fn purpose(self) -> String {
            format!("test:{}", self.0)
        }

        fn base(self) -> String {
            format!("/test/{}/", self.0)
        }
    }

    #[test]
    fn a_link_is_for_one_errand_and_cannot_be_made_by_others() {
        let secret = Secret::of([7; 32]);
        let (subject, account) = (Uuid::from_u128(1), AccountId(Uuid::from_u128(2)));
        let issued = "2026-10-14T16:00:00.5Z".parse::<Timestamp>().unwrap();
        let path = path(&secret, Asked("offer"), subject, account, issued);
        let token = path.strip_prefix("/test/offer/").unwrap();
        let link = read(&secret, Asked("offer"), token).unwrap();
        assert_eq!((link.subject, link.account), (subject, account));
        assert_eq!(link.issued.timestamp(), issued.timestamp());
        assert_eq!(link.until - link.issued, TimeDelta::days(120));
        assert!(read(&secret, Asked("decide"), token).is_err(), "another errand");
        assert!(read(&Secret::of([8; 32]), Asked("offer"), token).is_err(), "another installation");
        for at in 0..token.len() {
            let mut bent = token.as_bytes().to_vec();
            bent[at] = if bent[at] == b'A' { b'B' } else { b'A' };
            assert!(read(&secret, Asked("offer"), std::str::from_utf8(&bent).unwrap()).is_err(), "{at}");
        }
        for short in ["", "AAAA", &token[..token.len() - 4]] {
            assert!(read(&secret, Asked("offer"), short).is_err(), "{short}");
        }
    }
}
