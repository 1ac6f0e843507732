//! The installation's secret: signs what comes back to us and seals what nobody may read in the database.
//!
//! It comes from the key `secret` or from the file `secret` in the data folder, which is made on the first start. All
//! nodes of one database need the same; [`super::Db`] keeps a print of it and refuses another.

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;

use super::chance;
use super::error::{Error, Result};

/// 256 bits that only this installation knows. Cheap to clone; never prints.
#[derive(Clone)]
pub struct Secret(Arc<[u8; 32]>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Secret {
    /// The secret of the configuration, else the one in the folder, made now if it is not there.
    pub fn load(configured: Option<&str>, folder: &Path) -> Result<Self> {
        if let Some(text) = configured {
            return Self::parse(text).ok_or_else(|| {
                Error::Conflict(
                    "The configuration key secret wants 64 hexadecimal digits that nobody can guess; `openssl rand -hex 32` \
                     makes them."
                        .to_owned(),
                )
            });
        }
        let file = folder.join("secret");
        match fs::read_to_string(&file) {
            Ok(text) => Self::parse(&text).ok_or_else(|| {
                Error::Conflict(format!(
                    "{} must hold 64 hexadecimal digits; bring back the file as it was, or set the key secret.",
                    file.display()
                ))
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::make(&file),
            Err(error) => Err(Error::Conflict(format!("{} cannot be read: {error}.", file.display()))),
        }
    }

    fn make(file: &Path) -> Result<Self> {
        use std::os::unix::fs::OpenOptionsExt;
        let secret = Self::of(chance::bytes()?);
        let text = data_encoding::HEXLOWER.encode(secret.0.as_slice());
        let mut options = fs::OpenOptions::new();
        match options.write(true).create_new(true).mode(0o600).open(file) {
            Ok(mut open) => {
                open.write_all(text.as_bytes())?;
                open.sync_all()?;
                Ok(secret)
            }
            // Another process of this folder was quicker.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                let text = fs::read_to_string(file)?;
                Self::parse(&text).ok_or_else(|| Error::internal("the file of the secret is being written"))
            }
            Err(error) => Err(Error::Conflict(format!("{} cannot be written: {error}.", file.display()))),
        }
    }

    /// A secret of these bytes.
    pub fn of(bytes: [u8; 32]) -> Self {
        Self(Arc::new(bytes))
    }

    /// 64 hexadecimal digits; a secret of one repeated byte is none (T3).
    fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 32] = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok()?.try_into().ok()?;
        bytes.iter().any(|byte| *byte != bytes[0]).then(|| Self::of(bytes))
    }

    /// Says of two installations whether their secrets differ, and nothing else.
    pub fn print(&self) -> String {
        BASE64URL_NOPAD.encode(&self.sign("print", b"")[..16])
    }

    /// HMAC-SHA-256 of the message, for one purpose: a signature for one does not hold for another.
    pub fn sign(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        let tag = hmac::sign(&self.key(purpose), message);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        bytes
    }

    /// Whether this is what [`Secret::sign`] gave; takes the same time for every answer.
    pub fn verify(&self, purpose: &str, message: &[u8], signature: &[u8]) -> bool {
        hmac::verify(&self.key(purpose), message, signature).is_ok()
    }

    /// Encrypts (AES-256-GCM) for one purpose. `about` must be the same when it is opened: the id of the row it is in.
    pub fn seal(&self, purpose: &str, about: &[u8], plain: &[u8]) -> Result<String> {
        let nonce: [u8; NONCE_LEN] = chance::bytes()?;
        let mut sealed = plain.to_vec();
        self.cipher(purpose)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(about), &mut sealed)
            .map_err(|_| Error::internal("sealing failed"))?;
        Ok(BASE64URL_NOPAD.encode(&[nonce.as_slice(), &sealed].concat()))
    }

    /// What [`Secret::seal`] closed; `None` for anything else.
    pub fn open(&self, purpose: &str, about: &[u8], sealed: &str) -> Option<Vec<u8>> {
        let bytes = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let plain = self.cipher(purpose).ok()?.open_in_place(nonce, Aad::from(about), &mut sealed).ok()?;
        Some(plain.to_vec())
    }

    fn key(&self, purpose: &str) -> hmac::Key {
        let root = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_slice());
        hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&root, purpose.as_bytes()).as_ref())
    }

    fn cipher(&self, purpose: &str) -> Result<LessSafeKey> {
        let key = self.sign("seal", purpose.as_bytes());
        UnboundKey::new(&AES_256_GCM, &key).map(LessSafeKey::new).map_err(|_| Error::internal("no cipher"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_guarded() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let first = Secret::load(None, folder.path()).unwrap();
        assert_eq!(Secret::load(None, folder.path()).unwrap().print(), first.print());
        let mode = fs::metadata(folder.path().join("secret")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_weak_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for weak in ["", "hunter2", &"0".repeat(64), &"ab".repeat(32), &"z".repeat(64)] {
            let error = Secret::load(Some(weak), folder.path()).unwrap_err().to_string();
            assert!(error.contains("64 hexadecimal digits"), "{weak}: {error}");
        }
        fs::write(folder.path().join("secret"), "0".repeat(64)).unwrap();
        assert!(Secret::load(None, folder.path()).is_err());
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let secret = Secret::of(chance::bytes().unwrap());
        let sealed = secret.seal("totp", b"row 1", b"plain").unwrap();
        assert_eq!(secret.open("totp", b"row 1", &sealed).unwrap(), b"plain");
        assert!(secret.open("totp", b"row 2", &sealed).is_none());
        assert!(secret.open("other", b"row 1", &sealed).is_none());
        assert!(secret.open("totp", b"row 1", "nonsense").is_none());
        let signature = secret.sign("form", b"x");
        assert!(secret.verify("form", b"x", &signature) && !secret.verify("link", b"x", &signature));
    }
}
