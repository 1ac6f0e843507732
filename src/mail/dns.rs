//! What is to be published in DNS so that letters of this installation are believed and what comes back finds its way. Nothing
//! is looked up: what is published elsewhere already is not ours to judge.

use std::sync::Arc;

use super::dkim::Signer;
use super::letter::Letterhead;
use super::policy;
use super::verp::ReturnPath;
use crate::platform::{Config, Cx, Result, Secret};

/// One record, or what to do instead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// What it is for, in a few words.
    pub purpose: &'static str,
    /// Its type; empty where nothing is to be published here.
    pub kind: &'static str,
    /// The name that it is published under.
    pub name: String,
    /// Its value.
    pub value: String,
    /// What it does, and what to look after.
    pub why: String,
}

/// What the records of an installation are made of; cheap to clone.
#[derive(Clone)]
pub struct Published {
    config: Arc<Config>,
    head: Letterhead,
    secret: Secret,
}

impl Published {
    /// Of this installation.
    pub fn new(config: Arc<Config>, head: Letterhead, secret: Secret) -> Self {
        Self { config, head, secret }
    }

    /// The records, for the administrators.
    pub fn records(&self, cx: &Cx) -> Result<Vec<Record>> {
        policy::see(cx.actor())?;
        listed(&self.config, &self.head, &self.secret)
    }
}

fn listed(config: &Config, head: &Letterhead, secret: &Secret) -> Result<Vec<Record>> {
    let domain = head.from.email.domain();
    let back = ReturnPath::new(config.bounce_address.as_deref(), head, secret.clone())?;
    let signer = config.dkim.as_deref().map(|dkim| Signer::load(dkim, domain)).transpose()?;
    let mut records = vec![Record {
        purpose: "Who may send (SPF)",
        kind: "TXT",
        name: back.domain().to_owned(),
        value: "v=spf1 include:RELAY -all".to_owned(),
        why: "It stands at the domain that letters come back to. Ask whoever runs the mail server that takes our letters what to \
              write for RELAY; with a server of your own it is ip4: and its address. A domain has one such record: where there \
              is one, add to it."
            .to_owned(),
    }];
    match signer {
        Some(signer) => records.extend(signer.records().into_iter().map(|(name, value)| Record {
            purpose: "Signature of letters (DKIM)",
            kind: "TXT",
            name,
            value,
            why: "Some providers want values of more than 255 characters in several quoted pieces. Leave the record of an old \
                  key for a week after it was changed."
                .to_owned(),
        })),
        None => records.push(Record {
            purpose: "Signature of letters (DKIM)",
            why: format!(
                "The mail server that takes our letters signs them: have it do so for {domain}. To sign here, make a key with \
                 commonground dkim and name it in the configuration key dkim."
            ),
            ..Record::default()
        }),
    }
    records.push(Record {
        purpose: "What to do with forged letters (DMARC)",
        kind: "TXT",
        name: format!("_dmarc.{domain}"),
        value: "v=DMARC1; p=none; adkim=r; aspf=r".to_owned(),
        why: "Begin with p=none. When letters have arrived well for some weeks, write p=quarantine.".to_owned(),
    });
    records.push(Record {
        purpose: "Where letters come back to (MX)",
        kind: "MX",
        name: back.domain().to_owned(),
        value: "10 MAILSERVER".to_owned(),
        why: format!(
            "The mail server that accepts mail for {} and for every address with a plus and more after that name, and hands it \
             to Common Ground: by the command bounce, the hook or LMTP.",
            back.plain()
        ),
    });
    records.push(Record {
        purpose: "The name of the sending server (PTR)",
        why: "The address that letters leave from needs a name that leads back to it. Whoever runs the mail server that takes \
              our letters sees to it; with a server of your own, ask whoever gave you the address."
            .to_owned(),
        ..Record::default()
    });
    Ok(records)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::platform::config::Overrides;

    #[test]
    fn every_record_is_there_with_and_without_a_key() {
        let none = Path::new("there-is-no-such-file.toml");
        let config = Config::from_sources(none, Vec::new(), &Overrides::default()).unwrap();
        let head = Letterhead::new("https://ground.example".into(), None).unwrap();
        let secret = Secret::of([7; 32]);
        let all = listed(&config, &head, &secret).unwrap();
        assert_eq!(all.iter().map(|record| record.kind).collect::<Vec<_>>(), ["TXT", "", "TXT", "MX", ""]);
        let folder = tempfile::tempdir().unwrap();
        let (file, value) =
            crate::mail::dkim::make(folder.path(), "2026a", crate::mail::dkim::NewKey::Ed25519).unwrap();
        let config = Config { dkim: Some(format!("2026a:{}", file.display())), ..config };
        let all = listed(&config, &head, &secret).unwrap();
        assert_eq!((all[1].name.as_str(), all[1].value.as_str()), ("2026a._domainkey.ground.example", value.as_str()));
    }
}
