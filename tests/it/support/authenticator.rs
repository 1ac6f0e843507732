//! A device that makes passkeys, in software: it signs what a browser would hand it, and also what no browser would.

use commonground::platform::chance;
use data_encoding::BASE64URL_NOPAD;
use ring::digest;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

/// One key in one device.
pub struct Authenticator {
    key: EcdsaKeyPair,
    chance: SystemRandom,
    /// Its name for the key.
    pub id: Vec<u8>,
    /// The account as the device keeps it, once it has made the passkey.
    pub user: String,
    /// How often it has signed.
    pub count: u32,
    /// Where its browser is.
    pub origin: String,
    /// The site it believes to be on.
    pub site: String,
    /// Whether it asks for the finger.
    pub verifies: bool,
}

impl Authenticator {
    /// A new device in a browser that shows this address.
    #[expect(clippy::disallowed_methods, reason = "the device has its own chance")]
    pub fn new(origin: &str) -> Self {
        let chance = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &chance).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &chance).unwrap();
        let host = origin.split("://").nth(1).unwrap().split(':').next().unwrap();
        Self {
            key,
            chance,
            id: chance::bytes::<16>().unwrap().to_vec(),
            user: String::new(),
            count: 0,
            origin: origin.to_owned(),
            site: host.to_owned(),
            verifies: true,
        }
    }

    /// What it says to the options of a new passkey.
    pub fn create(&mut self, options: &Value) -> String {
        options["user"]["id"].as_str().unwrap().clone_into(&mut self.user);
        let client = self.client("webauthn.create", options);
        // Present, attested data.
        let mut data = self.data(0x40);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        let point = self.key.public_key().as_ref();
        // COSE: EC2, ES256, P-256, x, y.
        data.extend([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 32]);
        data.extend(&point[33..65]);
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        let response = json!({
            "clientDataJSON": encoded(&client),
            "attestationObject": encoded(&object),
            "transports": ["internal"],
        });
        self.credential(&response)
    }

    /// What it says to the options of a sign-in.
    pub fn get(&mut self, options: &Value) -> String {
        self.count += 1;
        let client = self.client("webauthn.get", options);
        let data = self.data(0);
        let signed = [data.as_slice(), digest::digest(&digest::SHA256, &client).as_ref()].concat();
        let response = json!({
            "clientDataJSON": encoded(&client),
            "authenticatorData": encoded(&data),
            "signature": encoded(self.key.sign(&self.chance, &signed).unwrap().as_ref()),
            "userHandle": self.user,
        });
        self.credential(&response)
    }

    fn client(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = options["challenge"].as_str().unwrap();
        let client = json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false });
        client.to_string().into_bytes()
    }

    fn data(&self, more: u8) -> Vec<u8> {
        let mut data = digest::digest(&digest::SHA256, self.site.as_bytes()).as_ref().to_vec();
        data.push(0x01 | if self.verifies { 0x04 } else { 0 } | more);
        data.extend(self.count.to_be_bytes());
        data
    }

    fn credential(&self, response: &Value) -> String {
        json!({
            "id": encoded(&self.id), "rawId": encoded(&self.id), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": {}, "response": response,
        })
        .to_string()
    }
}

fn encoded(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}
