//! The return address of a letter: each has its own, signed, so that what comes back says by itself which letter it was and
//! nobody can make one up (VERP).

use data_encoding::BASE32_NOPAD;
use lettre::Address;
use uuid::Uuid;

use super::intake::TOKEN;
use super::letter::{LetterId, Letterhead};
use crate::platform::{Error, Result, Secret};

/// What the signature is for.
const PURPOSE: &str = "return-path";

/// Bytes of the signature that a token holds: 80 bits. Who guesses one can stop letters to one address, and has one try a
/// message.
const SIGNATURE: usize = 10;

/// A local part is 64 octets at most (RFC 5321 4.5.3.1.1), and a plus and the token are to fit into it.
const LOCAL: usize = 64 - 1 - TOKEN;

/// Makes return addresses.
#[derive(Clone, Debug)]
pub struct ReturnPath {
    local: String,
    domain: String,
    secret: Secret,
}

impl ReturnPath {
    /// `configured` is the key `bounce_address`; without it bounces go to `bounces` at the sender's domain.
    pub fn new(configured: Option<&str>, head: &Letterhead, secret: Secret) -> Result<Self> {
        let address = match configured {
            None => Address::new("bounces", head.from.email.domain()).map_err(Error::internal)?,
            Some(text) => text
                .parse()
                .ok()
                .filter(|address: &Address| text.is_ascii() && address.user().len() <= LOCAL)
                .filter(|address| !address.user().contains('+'))
                .ok_or_else(|| {
                    Error::Conflict(format!(
                        "The configuration key bounce_address wants an address like bounces@ground.example, with at most {LOCAL} \
                         characters and no plus before the @."
                    ))
                })?,
        };
        Ok(Self { local: address.user().to_owned(), domain: address.domain().to_owned(), secret })
    }

    /// The domain that bounces go to.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The address that all return addresses are made of.
    pub fn plain(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }

    /// The return address of a letter.
    pub fn of(&self, letter: LetterId) -> Result<Address> {
        let token = token(&self.secret, letter);
        Address::new(format!("{}+{token}", self.local), &self.domain).map_err(Error::internal)
    }
}

/// The token of a letter: its id and the signature, in base32 without padding, in lower case.
fn token(secret: &Secret, letter: LetterId) -> String {
    let signature = secret.sign(PURPOSE, letter.0.as_bytes());
    let mut token = BASE32_NOPAD.encode(letter.0.as_bytes());
    token.push_str(&BASE32_NOPAD.encode(&signature[..SIGNATURE]));
    token.to_ascii_lowercase()
}

/// The letter of a token that we made; `None` for any other.
pub fn letter(secret: &Secret, token: &str) -> Option<LetterId> {
    let (id, signature) = token.split_at_checked(26)?;
    let id = BASE32_NOPAD.decode(id.to_ascii_uppercase().as_bytes()).ok()?;
    let signature = BASE32_NOPAD.decode(signature.to_ascii_uppercase().as_bytes()).ok()?;
    let id = Uuid::from_slice(&id).ok()?;
    // Both are signed again with a key of this process: the comparison takes the same time for every answer.
    let ours = secret.sign(PURPOSE, id.as_bytes());
    let again = secret.sign("return-path-comparison", &ours[..SIGNATURE]);
    secret.verify("return-path-comparison", &signature, &again).then_some(LetterId(id))
}

/// What may be the token in an address that something was sent to.
pub fn token_in(address: &str) -> Option<&str> {
    let (local, _) = address.trim().trim_matches(['<', '>']).rsplit_once('@')?;
    local.rsplit_once('+').map(|(_, token)| token).filter(|token| token.len() == TOKEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Letterhead {
        Letterhead::new("https://ground.example".into(), None).unwrap()
    }

    #[test]
    fn a_return_address_names_its_letter_and_fits() {
        let secret = Secret::of([7; 32]);
        let paths = ReturnPath::new(None, &head(), secret.clone()).unwrap();
        for _ in 0..50 {
            let id = LetterId::fresh();
            let address = paths.of(id).unwrap();
            assert!(address.user().len() <= 64, "{address}");
            let text = address.to_string().to_uppercase();
            let token = token_in(&text).unwrap();
            assert_eq!(token.len(), TOKEN);
            assert_eq!(letter(&secret, token), Some(id));
        }
    }

    #[test]
    fn a_token_that_we_did_not_make_names_nothing() {
        let secret = Secret::of([7; 32]);
        let good = token(&secret, LetterId::fresh());
        assert!(letter(&Secret::of([8; 32]), &good).is_none());
        for at in 0..good.len() {
            let mut changed: Vec<char> = good.chars().collect();
            changed[at] = if changed[at] == 'b' { 'c' } else { 'b' };
            let changed: String = changed.into_iter().collect();
            assert!(letter(&secret, &changed).is_none(), "{changed}");
        }
        for bad in ["", "a", &"é".repeat(21), &"a".repeat(200), &good[..41]] {
            assert!(letter(&secret, bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_wrong_address_is_one_clear_sentence() {
        for bad in
            ["bounces", "a+b@ground.example", "a-local-part-that-is-too-long@ground.example", "bü@ground.example"]
        {
            let said = ReturnPath::new(Some(bad), &head(), Secret::of([7; 32])).unwrap_err().to_string();
            assert!(said.starts_with("The configuration key bounce_address wants "), "{bad}: {said}");
        }
        let path = ReturnPath::new(Some("returns@mail.ground.example"), &head(), Secret::of([7; 32])).unwrap();
        assert!(path.of(LetterId::fresh()).unwrap().to_string().starts_with("returns+"));
    }
}
