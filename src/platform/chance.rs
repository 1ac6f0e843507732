//! Chance, and the secrets made of it.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};

use super::error::{Error, Result};

/// Bytes nobody can guess.
#[expect(clippy::disallowed_methods, reason = "the one source of chance")]
pub fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::internal("the machine gives no random bytes"))?;
    Ok(bytes)
}

/// The same source, for a library that draws by itself.
#[expect(clippy::disallowed_methods, reason = "the one source of chance")]
pub fn source() -> SystemRandom {
    SystemRandom::new()
}

/// A secret that is shown once: of a sign-in, a link, a token. The database holds its [`Ticket::hash`].
/// 256 bits, so a plain hash of it needs neither salt nor stretching (A5).
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket(String);

impl Ticket {
    /// A new one.
    pub fn fresh() -> Result<Self> {
        Ok(Self(BASE64URL_NOPAD.encode(&bytes::<32>()?)))
    }

    /// One as somebody brings it back; anything may stand in it.
    pub fn brought(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The secret itself: letters, digits, `-` and `_`, fit for an address.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the database holds: SHA-256, in hexadecimal.
    pub fn hash(&self) -> String {
        sha256(self.0.as_bytes())
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(..)")
    }
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256(data: &[u8]) -> String {
    HEXLOWER.encode(digest::digest(&digest::SHA256, data).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_known_by_its_hash_and_does_not_print() {
        let ticket = Ticket::fresh().unwrap();
        assert_eq!(ticket.reveal().len(), 43);
        assert_eq!(Ticket::brought(&format!(" {}\n", ticket.reveal())).hash(), ticket.hash());
        assert_ne!(Ticket::fresh().unwrap(), ticket);
        assert_eq!(format!("{ticket:?}"), "Ticket(..)");
    }
}
