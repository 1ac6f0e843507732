//! Links of letters that act without a sign-in: each for one errand about one thing, for one account, for a time. A link is
//! signed and not kept; what it may do is looked up when it is used, so that whoever lost a role cannot use it. GET shows a
//! page with a button, the POST acts (T10: scanners open every link).

use chrono::{DateTime, TimeDelta};
use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use crate::people::{AccountId, account};
use crate::platform::{Actor, Cx, Error, Result, Scope, Secret, Timestamp, Via};

/// A link holds so long at most, whatever it is for; what it asks about is mostly over sooner.
const AGE: TimeDelta = TimeDelta::days(120);

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Answering for a school whether somebody may come.
    Decide,
    /// Taking or declining a seat of the waitlist.
    Offer,
    /// Agreeing to a material change.
    Keep,
    /// Giving a seat or a place in line back.
    Leave,
    /// Answering the survey.
    Survey,
    /// "Did you use it?" after 30 days.
    Use30,
    /// The same after 90.
    Use90,
    /// Saying how it goes with a practice that a school took over.
    FollowUp,
}

impl Errand {
    /// As addresses spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Decide => "decide",
            Self::Offer => "offer",
            Self::Keep => "keep",
            Self::Leave => "leave",
            Self::Survey => "survey",
            Self::Use30 => "use-30",
            Self::Use90 => "use-90",
            Self::FollowUp => "follow-up",
        }
    }

    /// A signature for one errand holds for no other.
    fn purpose(self) -> String {
        format!("errand:{}", self.code())
    }
}

/// What a link says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The registration, or whatever else it is about.
    pub subject: Uuid,
    /// Who acts.
    pub account: AccountId,
    /// When it was made.
    pub issued: Timestamp,
}

/// Bytes before the signature: subject, account, seconds.
const BODY: usize = 16 + 16 + 8;

/// The path of a link: `/r/{errand}/{token}`.
pub fn path(secret: &Secret, errand: Errand, subject: Uuid, account: AccountId, issued: Timestamp) -> String {
    let mut bytes = Vec::with_capacity(BODY + 32);
    bytes.extend_from_slice(subject.as_bytes());
    bytes.extend_from_slice(account.0.as_bytes());
    bytes.extend_from_slice(&issued.timestamp().to_be_bytes());
    let signature = secret.sign(&errand.purpose(), &bytes);
    bytes.extend_from_slice(&signature);
    format!("/r/{}/{}", errand.code(), BASE64URL_NOPAD.encode(&bytes))
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
    let over = || Error::Conflict("This link holds no more; sign in to do the same there.".to_owned());
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
        let path = path(&secret, Errand::Offer, subject, account, issued);
        let token = path.strip_prefix("/r/offer/").unwrap();
        let link = read(&secret, Errand::Offer, token).unwrap();
        assert_eq!((link.subject, link.account), (subject, account));
        assert_eq!(link.issued.timestamp(), issued.timestamp());
        assert!(read(&secret, Errand::Decide, token).is_err(), "another errand");
        assert!(read(&Secret::of([8; 32]), Errand::Offer, token).is_err(), "another installation");
        for at in 0..token.len() {
            let mut bent = token.as_bytes().to_vec();
            bent[at] = if bent[at] == b'A' { b'B' } else { b'A' };
            assert!(read(&secret, Errand::Offer, std::str::from_utf8(&bent).unwrap()).is_err(), "{at}");
        }
        for short in ["", "AAAA", &token[..token.len() - 4]] {
            assert!(read(&secret, Errand::Offer, short).is_err(), "{short}");
        }
    }
}
