//! Recovery codes: ten to print, each good once, for the day the phone is lost. No I/O.

use data_encoding::HEXLOWER;

use crate::people::AccountId;
use crate::platform::{Result, Secret, chance};

/// So many are made at once.
pub const CODES: usize = 10;

/// With so many left the person is told to make new ones.
pub const FEW: u64 = 3;

/// Letters and digits that nobody confuses (Crockford's).
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Letters of a code: 50 bits.
const LENGTH: usize = 10;

/// New codes, as people read them: `k7m2q-0x9rt`.
pub fn fresh() -> Result<Vec<String>> {
    (0..CODES).map(|_| one()).collect()
}

fn one() -> Result<String> {
    let bytes = chance::bytes::<LENGTH>()?;
    let letters: String = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    let (first, second) = letters.split_at(LENGTH / 2);
    Ok(format!("{first}-{second}"))
}

/// What the database holds of a code. 50 bits could be guessed from a plain hash by who has stolen the database, so the
/// installation's secret goes into it.
pub fn hash(secret: &Secret, account: AccountId, code: &str) -> String {
    let message = [account.0.as_bytes().as_slice(), plain(code).as_bytes()].concat();
    HEXLOWER.encode(&secret.sign("recovery code", &message))
}

/// A code as it was meant: capitals, blanks and hyphens do not matter, nor whether O was read for 0.
fn plain(code: &str) -> String {
    let letters = code.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase());
    letters
        .map(|c| {
            if c == 'o' {
                '0'
            } else if matches!(c, 'i' | 'l') {
                '1'
            } else {
                c
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_differ_and_are_readable() {
        let codes = fresh().unwrap();
        assert_eq!(codes.len(), CODES);
        let different: std::collections::BTreeSet<_> = codes.iter().collect();
        assert_eq!(different.len(), CODES);
        assert!(codes.iter().all(|code| code.len() == 11 && !code.contains(['o', 'i', 'l', 'u'])), "{codes:?}");
    }

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        let secret = Secret::of(chance::bytes().unwrap());
        let (ada, ben) = (AccountId::fresh(), AccountId::fresh());
        let known = hash(&secret, ada, "k7m2q-0x9r1");
        assert_eq!(hash(&secret, ada, " K7M2Q OX9RL "), known);
        assert_ne!(hash(&secret, ben, "k7m2q-0x9r1"), known, "of another account");
        assert_ne!(hash(&Secret::of(chance::bytes().unwrap()), ada, "k7m2q-0x9r1"), known, "of another installation");
        assert_eq!(known.len(), 64);
    }
}
