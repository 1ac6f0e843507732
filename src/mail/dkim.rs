//! Signatures of letters (DKIM, RFC 6376, 8301 and 8463), over the bytes that leave.
//!
//! The library that writes messages can sign them, but not the Content-Type, which belongs to the body there; and its RSA
//! is three times as slow as the one that we have for TLS. What it takes is little: two normal forms and a hash.

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use ring::digest;
use ring::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};

use crate::platform::{Error, Result, Timestamp, chance};

/// Headers that are signed where a letter has them, in this order.
const HEADERS: [&str; 14] = [
    "from",
    "to",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "auto-submitted",
    "in-reply-to",
    "references",
];

/// Bits of an RSA key: fewer can be computed by strangers, more do not fit into one record of many servers.
const LEAST_BITS: usize = 2048;

/// Signs letters of a domain with one key or, while keys are changed, with two.
pub struct Signer {
    domain: String,
    keys: Vec<Key>,
}

/// A key and the name under which its other half is published.
struct Key {
    selector: String,
    pair: Pair,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({}, {} keys)", self.domain, self.keys.len())
    }
}

impl Signer {
    /// Reads the key `dkim`: `SELECTOR:FILE`, or two of them with a comma between.
    pub fn load(configured: &str, domain: &str) -> Result<Self> {
        let keys = configured.split(',').map(|one| Key::load(one.trim())).collect::<Result<Vec<_>>>()?;
        if keys.len() > 2 || keys.len() == 2 && keys[0].selector == keys[1].selector {
            return Err(Error::Conflict(
                "The configuration key dkim wants one key, or two with different selectors while they are changed."
                    .to_owned(),
            ));
        }
        Ok(Self { domain: domain.to_lowercase(), keys })
    }

    /// The records to publish: name and value.
    pub fn records(&self) -> Vec<(String, String)> {
        let name = |key: &Key| format!("{}._domainkey.{}", key.selector, self.domain);
        self.keys.iter().map(|key| (name(key), key.pair.record())).collect()
    }

    /// Whether a signature costs so much that other work would wait for it.
    pub fn is_slow(&self) -> bool {
        self.keys.iter().any(|key| matches!(key.pair, Pair::Rsa(_)))
    }

    /// The message with a signature of each key above it.
    pub fn sign(&self, message: &[u8], now: Timestamp) -> Result<Vec<u8>> {
        let (headers, body) = parted(message);
        let body_hash = BASE64.encode(digest::digest(&digest::SHA256, &relaxed_body(body)).as_ref());
        let fields = fields(headers);
        let signed: Vec<&(String, String)> =
            HEADERS.iter().filter_map(|name| fields.iter().find(|(field, _)| field == name)).collect();
        let names: Vec<&str> = signed.iter().map(|(name, _)| name.as_str()).collect();
        let mut whole = Vec::with_capacity(message.len() + 1024);
        for key in &self.keys {
            let unsigned = format!(
                "v=1; a={}; c=relaxed/relaxed; d={}; s={}; t={}; h={}; bh={body_hash}; b=",
                key.pair.algorithm(),
                self.domain,
                key.selector,
                now.timestamp(),
                names.join(":"),
            );
            let mut text = String::new();
            for (name, value) in &signed {
                text.push_str(&format!("{name}:{value}\r\n"));
            }
            text.push_str(&format!("dkim-signature:{unsigned}"));
            let signature = BASE64.encode(&key.pair.sign(text.as_bytes())?);
            whole.extend_from_slice(folded(&unsigned, &signature).as_bytes());
        }
        whole.extend_from_slice(message);
        Ok(whole)
    }
}

/// The header on lines of less than 78 characters. It is folded where a blank is, and inside the signature: both are gone in
/// the normal form or do not count.
fn folded(unsigned: &str, signature: &str) -> String {
    let mut header = String::from("DKIM-Signature:");
    let mut length = header.len();
    for word in unsigned.split(' ') {
        if length + 1 + word.len() > 77 {
            header.push_str("\r\n");
            length = 0;
        }
        header.push(' ');
        header.push_str(word);
        length += 1 + word.len();
    }
    for piece in signature.as_bytes().chunks(72) {
        header.push_str("\r\n ");
        header.push_str(&String::from_utf8_lossy(piece));
    }
    header.push_str("\r\n");
    header
}

/// Headers and body, without the empty line between them.
fn parted(message: &[u8]) -> (&[u8], &[u8]) {
    match message.windows(4).position(|four| four == b"\r\n\r\n") {
        Some(at) => (&message[..at + 2], &message[at + 4..]),
        None => (message, &[]),
    }
}

/// Headers in their relaxed form (RFC 6376 3.4.2): name in lower case, value on one line with one blank between words.
fn fields(headers: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(headers);
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.split("\r\n") {
        match (line.starts_with([' ', '\t']), fields.last_mut()) {
            (true, Some((_, value))) => {
                value.push(' ');
                value.push_str(line);
            }
            _ => {
                if let Some((name, value)) = line.split_once(':') {
                    fields.push((name.trim_end().to_lowercase(), value.to_owned()));
                }
            }
        }
    }
    for (_, value) in &mut fields {
        *value = value.split([' ', '\t']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    }
    fields
}

/// A body in its relaxed form (RFC 6376 3.4.4): one blank between words, none at the end of a line, no empty lines at the end.
fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let mut relaxed = Vec::with_capacity(body.len() + 2);
    let mut empty = 0;
    let mut rest = body;
    while !rest.is_empty() {
        let end = rest.windows(2).position(|two| two == b"\r\n");
        let (line, after) = end.map_or((rest, &[][..]), |at| (&rest[..at], &rest[at + 2..]));
        rest = after;
        let from = relaxed.len();
        let mut blank = false;
        for byte in line {
            if matches!(byte, b' ' | b'\t') {
                blank = true;
                continue;
            }
            if relaxed.len() == from {
                (0..empty).for_each(|_| relaxed.extend_from_slice(b"\r\n"));
                empty = 0;
            }
            if std::mem::take(&mut blank) {
                relaxed.push(b' ');
            }
            relaxed.push(*byte);
        }
        if relaxed.len() == from { empty += 1 } else { relaxed.extend_from_slice(b"\r\n") }
    }
    relaxed
}

impl Key {
    fn load(configured: &str) -> Result<Self> {
        let (selector, file) = configured.split_once(':').ok_or_else(|| {
            Error::Conflict(
                "The configuration key dkim wants SELECTOR:FILE, like 2026a:/etc/commonground/2026a.pem.".to_owned(),
            )
        })?;
        let selector = checked(selector.trim())?;
        let file = Path::new(file.trim());
        let pem = fs::read_to_string(file)
            .map_err(|e| Error::Conflict(format!("The DKIM key {} cannot be read: {e}.", file.display())))?;
        let pair = Pair::read(&pem).ok_or_else(|| {
            Error::Conflict(format!(
                "{} must hold an RSA key of {LEAST_BITS} to 4096 bits or an Ed25519 key, as PEM; `commonground dkim SELECTOR` \
                 makes one.",
                file.display()
            ))
        })?;
        Ok(Self { selector, pair })
    }
}

/// A selector is a name of DNS: letters, digits and hyphens.
fn checked(selector: &str) -> Result<String> {
    let fits = (1..=63).contains(&selector.len())
        && selector.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !selector.starts_with('-')
        && !selector.ends_with('-');
    fits.then(|| selector.to_ascii_lowercase()).ok_or_else(|| {
        Error::Conflict("A DKIM selector is made of letters, digits and hyphens, like 2026a.".to_owned())
    })
}

impl Pair {
    fn read(pem: &str) -> Option<Self> {
        let (kind, der) = unwrapped(pem)?;
        // The library refuses fewer than 2048 bits, and keys whose parts do not fit together.
        match kind {
            "RSA PRIVATE KEY" => RsaKeyPair::from_der(&der).ok().map(|pair| Self::Rsa(Box::new(pair))),
            "PRIVATE KEY" => RsaKeyPair::from_pkcs8(&der)
                .map(|pair| Self::Rsa(Box::new(pair)))
                .or_else(|_| Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map(|pair| Self::Ed25519(Box::new(pair))))
                .ok(),
            _ => None,
        }
        .filter(|pair| match pair {
            Self::Rsa(pair) => pair.public().modulus_len() * 8 >= LEAST_BITS,
            Self::Ed25519(_) => true,
        })
    }

    fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "rsa-sha256",
            Self::Ed25519(_) => "ed25519-sha256",
        }
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &chance::source(), text, &mut signature)
                    .map_err(|_| Error::internal("a letter could not be signed"))?;
                Ok(signature)
            }
            // RFC 8463: what is signed is the hash.
            Self::Ed25519(pair) => Ok(pair.sign(digest::digest(&digest::SHA256, text).as_ref()).as_ref().to_vec()),
        }
    }

    /// The value of the record (RFC 6376 3.6.1).
    fn record(&self) -> String {
        match self {
            Self::Rsa(pair) => format!("v=DKIM1; k=rsa; p={}", BASE64.encode(&public_key_info(pair.public().as_ref()))),
            Self::Ed25519(pair) => format!("v=DKIM1; k=ed25519; p={}", BASE64.encode(pair.public_key().as_ref())),
        }
    }
}

/// The DER inside a PEM, and what it says it is.
fn unwrapped(pem: &str) -> Option<(&str, Vec<u8>)> {
    let (_, rest) = pem.split_once("-----BEGIN ")?;
    let (kind, rest) = rest.split_once("-----")?;
    let (text, _) = rest.split_once("-----END ")?;
    let text: String = text.split_whitespace().collect();
    Some((kind, BASE64.decode(text.as_bytes()).ok()?))
}

/// An RSA public key as servers read it out of a record: SubjectPublicKeyInfo (RFC 5280) around PKCS #1.
fn public_key_info(key: &[u8]) -> Vec<u8> {
    /// SEQUENCE { OBJECT IDENTIFIER rsaEncryption, NULL }
    const ALGORITHM: [u8; 15] =
        [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
    let bits = tagged(0x03, &[&[0], key].concat());
    tagged(0x30, &[ALGORITHM.as_slice(), &bits].concat())
}

/// A value of DER with its tag and length.
fn tagged(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let length = &length[length.iter().position(|byte| *byte != 0).unwrap_or(length.len() - 1)..];
    let mut whole = vec![tag];
    if value.len() >= 128 {
        whole.push(0x80 | u8::try_from(length.len()).unwrap_or(8));
    }
    whole.extend_from_slice(length);
    whole.extend_from_slice(value);
    whole
}

/// The two kinds of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewKey {
    /// RSA of 2048 bits: what every server reads.
    Rsa,
    /// Ed25519: short and quick, and not read everywhere; beside an RSA key.
    Ed25519,
}

/// Makes a key in the folder, for its owner alone: its file, and the value of its record.
pub fn make(folder: &Path, selector: &str, kind: NewKey) -> Result<(PathBuf, String)> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    let selector = checked(selector)?;
    let file = folder.join(format!("{selector}.pem"));
    let cannot = |e: std::io::Error| Error::Conflict(format!("{} cannot be written: {e}.", file.display()));
    if file.exists() {
        return Err(Error::Conflict(format!("{} is there; choose another selector.", file.display())));
    }
    let pem = match kind {
        NewKey::Rsa => rsa_key()?,
        NewKey::Ed25519 => {
            let der =
                Ed25519KeyPair::generate_pkcs8(&chance::source()).map_err(|_| Error::internal("no key was made"))?;
            wrapped(der.as_ref())
        }
    };
    let pair = Pair::read(&pem).ok_or_else(|| Error::internal("the key that was made cannot be read"))?;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(cannot)?;
    let mut open = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file).map_err(cannot)?;
    open.write_all(pem.as_bytes()).and_then(|()| open.sync_all()).map_err(cannot)?;
    Ok((file, pair.record()))
}

fn rsa_key() -> Result<String> {
    use rsa::pkcs8::{EncodePrivateKey, LineEnding};
    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, LEAST_BITS).map_err(Error::internal)?;
    key.to_pkcs8_pem(LineEnding::LF).map(|pem| pem.to_string()).map_err(Error::internal)
}

fn wrapped(der: &[u8]) -> String {
    let text = BASE64.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relaxed_forms_are_those_of_the_rfc() {
        // RFC 6376 3.4.5 and 3.4.6.
        assert_eq!(relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n"), b" C\r\nD E\r\n");
        let read = fields(b"A: X\r\nB : Y\t\r\n\tZ  \r\n");
        assert_eq!(read, [("a".to_owned(), "X".to_owned()), ("b".to_owned(), "Y Z".to_owned())]);
        for nothing in [&b""[..], b"\r\n", b"\r\n \r\n\t\r\n"] {
            assert_eq!(relaxed_body(nothing), b"");
        }
        assert_eq!(relaxed_body(b"\r\n\r\na"), b"\r\n\r\na\r\n");
    }

    #[test]
    fn a_signature_stands_above_the_letter_and_verifies() {
        let folder = tempfile::tempdir().unwrap();
        let (file, record) = make(folder.path(), "2026A", NewKey::Ed25519).unwrap();
        assert!(file.ends_with("2026a.pem") && record.starts_with("v=DKIM1; k=ed25519; p="), "{record}");
        let signer = Signer::load(&format!("2026a:{}", file.display()), "Ground.Example").unwrap();
        assert_eq!(signer.records(), [("2026a._domainkey.ground.example".to_owned(), record.clone())]);
        let letter =
            b"From: a@ground.example\r\nSubject: A  long\r\n one\r\nList-Id: <x>\r\nX-Other: y\r\n\r\nHello \r\n\r\n";
        let signed = signer.sign(letter, Timestamp::UNIX_EPOCH).unwrap();
        let text = String::from_utf8(signed.clone()).unwrap();
        assert!(signed.ends_with(letter) && text.starts_with("DKIM-Signature: v=1;"), "{text}");
        assert!(text.contains("h=from:subject:list-id;") && !text.contains(" l="), "{text}");
        assert!(text.lines().all(|line| line.len() < 78), "{text}");
        let (_, value) = fields(parted(&signed).0).remove(0);
        let (unsigned, signature) = value.split_once(" b=").unwrap();
        let signature = BASE64.decode(signature.replace(' ', "").as_bytes()).unwrap();
        let covered =
            format!("from:a@ground.example\r\nsubject:A long one\r\nlist-id:<x>\r\ndkim-signature:{unsigned} b=");
        let public = BASE64.decode(record.rsplit_once("p=").unwrap().1.as_bytes()).unwrap();
        let hash = digest::digest(&digest::SHA256, covered.as_bytes());
        let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, public);
        key.verify(hash.as_ref(), &signature).unwrap();
    }

    #[test]
    fn a_key_is_for_its_owner_alone_and_never_written_over() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("dkim");
        let (file, _) = make(&inner, "one", NewKey::Ed25519).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(make(&inner, "one", NewKey::Ed25519).unwrap_err().to_string().contains("choose another selector"));
        assert!(make(&inner, "../one", NewKey::Ed25519).unwrap_err().to_string().contains("selector"));
    }

    #[test]
    fn a_weak_or_wrong_key_is_one_clear_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key.pem");
        let say = |configured: &str| Signer::load(configured, "ground.example").unwrap_err().to_string();
        assert!(say("key.pem").contains("wants SELECTOR:FILE"));
        assert!(say(&format!("a_b:{}", file.display())).contains("selector"));
        assert!(say(&format!("a:{}", file.display())).contains("cannot be read"));
        for weak in ["", "no key", "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----\n", WEAK] {
            fs::write(&file, weak).unwrap();
            let said = say(&format!("a:{}", file.display()));
            assert!(said.contains("2048 to 4096 bits") && said.ends_with('.'), "{said}");
        }
    }

    /// An RSA key of 1024 bits, made for this test.
    const WEAK: &str = include_str!("../../tests/samples/dkim/weak.pem");

    #[test]
    fn an_rsa_key_is_published_whole() {
        let strong = include_str!("../../tests/samples/dkim/test.pem");
        let pair = Pair::read(strong).unwrap();
        assert_eq!(pair.record(), include_str!("../../tests/samples/dkim/test.txt").trim());
        assert_eq!(pair.sign(b"x").unwrap().len(), 256);
    }
}
