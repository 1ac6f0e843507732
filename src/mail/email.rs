//! An address of a mailbox.

use std::fmt;

use lettre::Address;

/// An email address in lower case, as a person typed it otherwise. It does not print in logs: `Debug` shows only the domain
/// (P4).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Email(String);

impl Email {
    /// Reads what somebody typed; the sentence says what to do.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const WANTED: &str = "Give a full email address, like name@school.org.";
        let text = text.trim().to_lowercase();
        let address: Address = text.parse().map_err(|_| WANTED)?;
        let domain = address.domain();
        let named = domain.contains('.') && !domain.starts_with('[') && text.is_ascii();
        if named && text.len() <= 254 { Ok(Self(text)) } else { Err(WANTED) }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the @.
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// What stands after the @.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Email(..@{})", self.domain())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_in_one_form() {
        let email = Email::parse(" Ada.Lovelace@School.ORG ").unwrap();
        assert_eq!(
            (email.as_str(), email.local(), email.domain()),
            ("ada.lovelace@school.org", "ada.lovelace", "school.org")
        );
        assert_eq!(format!("{email:?}"), "Email(..@school.org)");
        for bad in [
            "",
            "ada",
            "ada@",
            "@school.org",
            "a b@school.org",
            "ada@school",
            "ada@[127.0.0.1]",
            "a@x.org\r\nBcc: b@x.org",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }
}
