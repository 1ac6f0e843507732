//! Codes of an authenticator app (RFC 6238): six digits, new every 30 seconds. No I/O.
//!
//! SHA-1, because many apps know nothing else, and what breaks SHA-1 elsewhere does not touch it here (RFC 6238, B).

use data_encoding::BASE32_NOPAD;
use qrcode::QrCode;
use qrcode::render::svg;
use totp_rs::{Builder, Totp};

use crate::people::AccountId;
use crate::platform::{Error, Result, Secret, Timestamp, chance};

/// What an app and we share. It never prints.
pub struct Key(Vec<u8>);

const PURPOSE: &str = "totp";

/// A code is good for so many seconds.
const STEP: i64 = 30;

/// Who the app shows the code for.
const ISSUER: &str = "Common Ground";

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Key {
    /// A new one: 160 bits, as RFC 4226 recommends.
    pub fn fresh() -> Result<Self> {
        Ok(Self(chance::bytes::<20>()?.to_vec()))
    }

    /// As the database keeps it: sealed, for this account alone.
    pub fn seal(&self, secret: &Secret, account: AccountId) -> Result<String> {
        secret.seal(PURPOSE, account.0.as_bytes(), &self.0)
    }

    /// What [`Key::seal`] closed.
    pub fn open(secret: &Secret, account: AccountId, sealed: &str) -> Result<Self> {
        secret.open(PURPOSE, account.0.as_bytes(), sealed).map(Self).ok_or_else(|| {
            Error::internal("the codes of an app are sealed with another secret, or for another account")
        })
    }

    /// In base 32, as apps take it by hand.
    pub fn base32(&self) -> String {
        BASE32_NOPAD.encode(&self.0)
    }

    /// The same in groups of four, for reading aloud and typing.
    pub fn grouped(&self) -> String {
        let text: Vec<char> = self.base32().chars().collect();
        text.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    /// As apps read it from a picture; `name` tells this account from others in the app.
    pub fn uri(&self, name: &str) -> String {
        let encoded = |text: &str| -> String {
            // A blank is %20 here; apps print a plus as it stands.
            let text = serde_urlencoded::to_string([("", text)]).unwrap_or_default();
            text.trim_start_matches('=').replace('+', "%20")
        };
        format!(
            "otpauth://totp/{issuer}:{name}?secret={key}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP}",
            issuer = encoded(ISSUER),
            name = encoded(name),
            key = self.base32(),
        )
    }

    /// That picture, as markup to print in a page.
    pub fn picture(&self, name: &str) -> Result<String> {
        let code = QrCode::new(self.uri(name)).map_err(Error::internal)?;
        let svg = code.render::<svg::Color>().min_dimensions(220, 220).build();
        let svg = svg.split_once("?>").map_or(svg.as_str(), |(_, svg)| svg);
        Ok(svg.replacen("<svg ", "<svg role=\"img\" aria-label=\"QR code for your authenticator app\" ", 1))
    }

    /// The time step whose code this is: the current one, the one before or the one after, because clocks differ.
    pub fn step_of(&self, code: &str, at: Timestamp) -> Result<Option<i64>> {
        let step = self.app()?.check(code, seconds(at));
        Ok(step.and_then(|step| i64::try_from(step).ok()))
    }

    /// The code of a time step.
    pub fn code(&self, step: i64) -> Result<String> {
        Ok(self.app()?.generate(u64::try_from(step * STEP).unwrap_or_default()).to_string())
    }

    fn app(&self) -> Result<Totp> {
        Builder::new().with_secret(self.0.clone()).build().map_err(Error::internal)
    }
}

/// The time step of a moment.
pub fn step_at(at: Timestamp) -> i64 {
    at.timestamp().div_euclid(STEP)
}

fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.timestamp()).unwrap_or_default()
}

/// The code that an app shows, from its key in base 32: for tests and the demo.
pub fn code_of(base32: &str, at: Timestamp) -> Result<String> {
    let key = BASE32_NOPAD.decode(base32.as_bytes()).map_err(Error::internal)?;
    Key(key).code(step_at(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B, the last six digits.
        let key = Key(b"12345678901234567890".to_vec());
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            let at = chrono::DateTime::from_timestamp(seconds, 0).unwrap();
            assert_eq!(key.code(step_at(at)).unwrap(), code);
            assert_eq!(key.step_of(code, at).unwrap(), Some(step_at(at)));
            assert_eq!(code_of(&key.base32(), at).unwrap(), code);
        }
    }

    #[test]
    fn clocks_may_differ_by_one_step() {
        let key = Key(b"12345678901234567890".to_vec());
        let at = |seconds| chrono::DateTime::from_timestamp(seconds, 0).unwrap();
        let code = key.code(100).unwrap();
        for (seconds, taken) in [(2969, false), (2970, true), (3000, true), (3059, true), (3060, false)] {
            assert_eq!(key.step_of(&code, at(seconds)).unwrap().is_some(), taken, "{seconds}");
        }
    }

    #[test]
    fn an_app_can_read_it() {
        let key = Key(b"12345678901234567890".to_vec());
        assert_eq!(key.grouped(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert_eq!(
            key.uri("ada@example.org"),
            "otpauth://totp/Common%20Ground:ada%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Common%20Ground&algorithm=SHA1&digits=6&period=30"
        );
        let picture = key.picture("ada@example.org").unwrap();
        assert!(picture.starts_with("<svg role=\"img\" aria-label=") && picture.ends_with("</svg>"), "{picture}");
        assert!(!picture.contains("style"));
    }
}
