//! Links of the newsletter: they act for one subscription, for one purpose, for whoever holds the mailbox.

use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use crate::platform::Secret;

/// What a link does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Says yes to the newsletter.
    Confirm,
    /// Leaves it.
    Leave,
}

/// Bytes of the signature that a link carries: as much as nobody can guess.
const SIGNED: usize = 16;

impl Purpose {
    fn code(self) -> &'static str {
        match self {
            Self::Confirm => "newsletter-confirm",
            Self::Leave => "newsletter-leave",
        }
    }

    /// The last part of the link.
    pub fn token(self, secret: &Secret, subscriber: Uuid) -> String {
        let signature = secret.sign(self.code(), subscriber.as_bytes());
        BASE64URL_NOPAD.encode(&[subscriber.as_bytes().as_slice(), &signature[..SIGNED]].concat())
    }

    /// The path of the link.
    pub fn path(self, secret: &Secret, subscriber: Uuid) -> String {
        let token = self.token(secret, subscriber);
        match self {
            Self::Confirm => format!("/n/confirm/{token}"),
            Self::Leave => format!("/n/{token}"),
        }
    }

    /// Whose link it is; `None` for anything we did not sign for this purpose.
    pub fn read(self, secret: &Secret, token: &str) -> Option<Uuid> {
        let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
        let (id, signature) = bytes.split_at_checked(16)?;
        let subscriber = Uuid::from_slice(id).ok()?;
        let wanted = secret.sign(self.code(), subscriber.as_bytes());
        // Of equal length, compared without saying where they differ.
        let same = signature.len() == SIGNED
            && signature.iter().zip(&wanted).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0;
        same.then_some(subscriber)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_holds_for_its_purpose_alone() {
        let secret = Secret::of([7; 32]);
        let id = Uuid::from_u128(42);
        let token = Purpose::Leave.token(&secret, id);
        assert_eq!(Purpose::Leave.read(&secret, &token), Some(id));
        assert_eq!(Purpose::Confirm.read(&secret, &token), None);
        assert_eq!(Purpose::Leave.read(&Secret::of([8; 32]), &token), None);
        for bent in ["", "x", &token[1..], &format!("{token}AA"), &token[..22]] {
            assert_eq!(Purpose::Leave.read(&secret, bent), None, "{bent}");
        }
    }
}
