//! The sign-ins of others that people come in by (OpenID Connect), as they are configured.
//!
//! Each has a name of its own: a table `[oidc.NAME]` in `commonground.toml`, or `COMMONGROUND_OIDC_NAME_..` in the
//! environment. [`PROVIDER_KEYS`] is the reference, as `KEYS` is for everything else.

use std::collections::BTreeMap;

use super::{Hidden, Key, refuse};
use crate::platform::error::Result;

/// Every key of a provider: `issuer` in the table `[oidc.NAME]`, `COMMONGROUND_OIDC_NAME_ISSUER` in the environment. No name
/// of a key ends with another one, so that names of providers may hold underscores.
pub const PROVIDER_KEYS: &[Key] = &[
    Key {
        name: "kind",
        default: "generic",
        doc: "google, entra or generic: Google checks hd, Entra knows people by tenant and oid and its addresses prove nothing.",
    },
    Key {
        name: "issuer",
        default: "https://accounts.google.com for google, needed otherwise",
        doc: "The issuer's URL; what it offers is read below it, at /.well-known/openid-configuration.",
    },
    Key { name: "client_id", default: "needed", doc: "The id that the provider gave this installation." },
    Key {
        name: "client_secret",
        default: "none: a public client with PKCE alone",
        doc: "The secret that the provider gave this installation.",
    },
    Key { name: "label", default: "the name", doc: "What the link says after \"Sign in with\"." },
    Key {
        name: "domains",
        default: "none: opens accounts for proven addresses, joins none that is there",
        doc: "Domains of addresses this provider answers for, separated by commas; others are refused, and of Google hd must be one.",
    },
    Key {
        name: "organization",
        default: "none",
        doc: "Name in addresses of the organization whose schools claim_school may name.",
    },
    Key {
        name: "tenants",
        default: "the tenant of the issuer",
        doc: "Tenant ids of Entra that are let in, separated by commas; needed where the issuer is organizations or common.",
    },
    Key { name: "scopes", default: "openid, email, profile", doc: "What is asked for, separated by commas." },
    Key {
        name: "require",
        default: "nothing",
        doc: "Claims a person must carry, like user_type=teacher|staff, district=5f0c; all of them, one value each.",
    },
    Key { name: "claim_subject", default: "sub", doc: "The claim that names the person at the provider, for ever." },
    Key { name: "claim_email", default: "email", doc: "The claim with the address." },
    Key {
        name: "claim_email_verified",
        default: "email_verified; of Entra none",
        doc: "The claim that says whether the provider has proven the address.",
    },
    Key {
        name: "claim_name",
        default: "name, else given_name and family_name",
        doc: "The claim with the person's name.",
    },
    Key {
        name: "claim_school",
        default: "none",
        doc: "The claim with the person's schools: names in addresses or federal ids of schools of the organization.",
    },
];

/// What kind of provider it is: where its facts differ from the standard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProviderKind {
    /// As the standard says.
    #[default]
    Generic,
    /// Google Workspace: `hd` names the hosted domain.
    Google,
    /// Microsoft Entra: people are known by tenant and object id.
    Entra,
}

impl ProviderKind {
    /// As the configuration spells it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::Google => "google",
            Self::Entra => "entra",
        }
    }
}

/// A provider.
#[derive(Clone, Debug)]
pub struct ProviderConfig {
    /// Its name in addresses, in the file and in the environment: lower-case letters, digits, `-`, `_`.
    pub name: String,
    /// Where it differs from the standard.
    pub kind: ProviderKind,
    /// The issuer's URL, https but on the machine itself.
    pub issuer: String,
    /// Our id there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: Option<Hidden>,
    /// After "Sign in with".
    pub label: String,
    /// Domains of addresses it answers for, in lower case.
    pub domains: Vec<String>,
    /// The organization whose schools its claims may name.
    pub organization: Option<String>,
    /// Tenants of Entra.
    pub tenants: Vec<String>,
    /// What is asked for besides `openid`.
    pub scopes: Vec<String>,
    /// Claims a person must carry, each with the values that will do.
    pub require: Vec<(String, Vec<String>)>,
    /// Names of claims.
    pub claims: ClaimNames,
}

/// In which claims a provider says what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimNames {
    /// Who.
    pub subject: String,
    /// The address.
    pub email: String,
    /// Whether the address is proven; `None`: it never is.
    pub email_verified: Option<String>,
    /// What the person is called.
    pub name: String,
    /// The person's schools.
    pub school: Option<String>,
}

/// The values of each provider, by its name.
pub(super) type ProviderValues = BTreeMap<String, BTreeMap<String, String>>;

/// Provider and key of a name in the environment, without its beginning: `oidc_clever_client_id`.
pub(super) fn split(name: &str) -> Option<(String, &'static str)> {
    let rest = name.strip_prefix("oidc_")?;
    let fits = |key: &&Key| rest.strip_suffix(key.name).is_some_and(|head| head.len() > 1 && head.ends_with('_'));
    // The longest: `client_secret` also of a provider whose name ends in `client`.
    let key = PROVIDER_KEYS.iter().filter(fits).max_by_key(|key| key.name.len())?;
    Some((rest[..rest.len() - key.name.len() - 1].to_owned(), key.name))
}

impl ProviderConfig {
    pub(super) fn all(values: &ProviderValues) -> Result<Vec<Self>> {
        values.iter().map(|(name, values)| Self::build(name, values)).collect()
    }

    fn build(name: &str, values: &BTreeMap<String, String>) -> Result<Self> {
        let get = |key: &str| values.get(key).map(|value| value.trim()).filter(|value| !value.is_empty());
        let list = |key: &str| -> Vec<String> {
            let parts = get(key).unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect()
        };
        let refuse = |key: &str, wanted: &str| refuse(&format!("oidc.{name}.{key}"), wanted);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 40 || !name.chars().all(plain) {
            return Err(refuse(
                "issuer",
                "a provider named with up to 40 lower-case letters, digits, hyphens and underscores",
            ));
        }
        let kind = match get("kind") {
            None | Some("generic") => ProviderKind::Generic,
            Some("google") => ProviderKind::Google,
            Some("entra") => ProviderKind::Entra,
            Some(_) => return Err(refuse("kind", "google, entra or generic")),
        };
        let issuer = match get("issuer") {
            None if kind == ProviderKind::Google => "https://accounts.google.com",
            Some(issuer) if may_be_asked(issuer) && !issuer.contains(['?', '#']) => issuer,
            _ => return Err(refuse("issuer", "the issuer's URL, which starts with https://")),
        };
        let Some(client_id) = get("client_id") else {
            return Err(refuse("client_id", "the id that the provider gave this installation"));
        };
        let tenants: Vec<String> = list("tenants").iter().map(|tenant| tenant.to_lowercase()).collect();
        let of_many = ["/organizations", "/common", "/consumers"].iter().any(|part| issuer.contains(part));
        if kind == ProviderKind::Entra && of_many && tenants.is_empty() {
            return Err(refuse(
                "tenants",
                "the ids of the tenants that are let in, because this issuer speaks for all of them",
            ));
        }
        let mut require = Vec::new();
        for part in list("require") {
            let Some((claim, wanted)) =
                part.split_once('=').filter(|(claim, wanted)| !claim.is_empty() && !wanted.is_empty())
            else {
                return Err(refuse("require", "claims with their values, like user_type=teacher|staff"));
            };
            require.push((claim.to_owned(), wanted.split('|').map(str::to_owned).collect()));
        }
        let mut scopes: Vec<String> = list("scopes").iter().flat_map(|s| s.split(' ')).map(str::to_owned).collect();
        if scopes.is_empty() {
            scopes = vec!["email".to_owned(), "profile".to_owned()];
        }
        scopes.retain(|scope| scope != "openid");
        let named = |key: &str, default: &str| get(key).unwrap_or(default).to_owned();
        let verified = get("claim_email_verified").or((kind != ProviderKind::Entra).then_some("email_verified"));
        Ok(Self {
            name: name.to_owned(),
            kind,
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: get("client_secret").map(Hidden::from),
            label: named("label", name),
            domains: list("domains").iter().map(|domain| domain.trim_start_matches('@').to_lowercase()).collect(),
            organization: get("organization").map(str::to_owned),
            tenants,
            scopes,
            require,
            claims: ClaimNames {
                subject: named("claim_subject", "sub"),
                email: named("claim_email", "email"),
                email_verified: verified.map(str::to_owned),
                name: named("claim_name", "name"),
                school: get("claim_school").map(str::to_owned),
            },
        })
    }

    /// The value of a key as `commonground config` shows it.
    pub fn shown(&self, key: &str) -> String {
        let require = || {
            let all = self.require.iter().map(|(claim, wanted)| format!("{claim}={}", wanted.join("|")));
            all.collect::<Vec<_>>().join(",")
        };
        match key {
            "kind" => self.kind.code().to_owned(),
            "issuer" => self.issuer.clone(),
            "client_id" => self.client_id.clone(),
            "client_secret" => self.client_secret.as_ref().map_or(String::new(), |_| "***".to_owned()),
            "label" => self.label.clone(),
            "domains" => self.domains.join(","),
            "organization" => self.organization.clone().unwrap_or_default(),
            "tenants" => self.tenants.join(","),
            "scopes" => self.scopes.join(","),
            "require" => require(),
            "claim_subject" => self.claims.subject.clone(),
            "claim_email" => self.claims.email.clone(),
            "claim_email_verified" => self.claims.email_verified.clone().unwrap_or_default(),
            "claim_name" => self.claims.name.clone(),
            "claim_school" => self.claims.school.clone().unwrap_or_default(),
            _ => String::new(),
        }
    }
}

/// Whether a provider may be asked at this address: over https, or on the machine itself, where nobody listens in.
pub fn may_be_asked(url: &str) -> bool {
    let host = |rest: &str| rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned();
    match url.split_once("://") {
        Some((_, rest)) if host(rest).is_empty() || host(rest).contains('@') => false,
        Some(("https", _)) => true,
        Some(("http", rest)) => {
            let host = host(rest);
            let name = if host.starts_with('[') { host.split_inclusive(']').next() } else { host.split(':').next() };
            matches!(name, Some("127.0.0.1" | "[::1]" | "localhost"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{Config, Overrides};
    use super::*;

    fn load(environment: &[(&str, &str)]) -> Result<Config> {
        let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Config::from_sources(Path::new("there-is-no-such-file.toml"), environment, &Overrides::default())
    }

    #[test]
    fn names_of_providers_may_hold_underscores() {
        let split = |name| split(name).map(|(provider, key)| format!("{provider}.{key}"));
        assert_eq!(split("oidc_clever_client_id").as_deref(), Some("clever.client_id"));
        assert_eq!(split("oidc_river_mark_claim_email_verified").as_deref(), Some("river_mark.claim_email_verified"));
        assert_eq!(split("oidc_google_issuer").as_deref(), Some("google.issuer"));
        for nothing in ["oidc_issuer", "oidc__issuer_", "oidc_google_isuer", "log"] {
            assert_eq!(split(nothing), None, "{nothing}");
        }
        for key in PROVIDER_KEYS {
            for other in PROVIDER_KEYS {
                assert!(key.name == other.name || !key.name.ends_with(&format!("_{}", other.name)), "{}", key.name);
            }
        }
    }

    #[test]
    fn a_provider_is_read_and_its_secret_hidden() {
        let config = load(&[
            ("oidc_clever_issuer", "https://clever.com"),
            ("oidc_clever_client_id", "abc"),
            ("oidc_clever_client_secret", "hunter2"),
            ("oidc_clever_require", "user_type=teacher|staff, district=5f0c"),
            ("oidc_google_kind", "google"),
            ("oidc_google_client_id", "g"),
            ("oidc_google_domains", "Rivermark.example, @second.example"),
        ])
        .unwrap();
        let [clever, google] = config.oidc.as_slice() else { panic!("two providers") };
        assert_eq!(
            (clever.label.as_str(), clever.claims.email_verified.as_deref()),
            ("clever", Some("email_verified"))
        );
        assert_eq!(clever.require[0], ("user_type".to_owned(), vec!["teacher".to_owned(), "staff".to_owned()]));
        assert_eq!(google.issuer, "https://accounts.google.com");
        assert_eq!(google.domains, ["rivermark.example", "second.example"]);
        assert!(!format!("{config:?}").contains("hunter2") && clever.shown("client_secret") == "***");
    }

    #[test]
    fn a_table_of_the_file_says_the_same_and_the_environment_wins() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("commonground.toml");
        let text = "readers = 5\n[oidc.clever]\nissuer = \"https://clever.com\"\nclient_id = \"abc\"\ndomains = [\"a.example\", \"b.example\"]\n";
        std::fs::write(&file, text).unwrap();
        let environment = [("oidc_clever_client_id".to_owned(), "def".to_owned())];
        let config = Config::from_sources(&file, environment, &Overrides::default()).unwrap();
        assert_eq!((config.readers, config.oidc[0].client_id.as_str()), (5, "def"));
        assert_eq!(config.oidc[0].domains, ["a.example", "b.example"]);
        for wrong in [
            "[oidc.clever]\nisuer = \"x\"",
            "[oidc]\nissuer = \"x\"",
            "oidc = 1",
            "[oidc.Clever]\nissuer = \"https://x\"",
        ] {
            std::fs::write(&file, wrong).unwrap();
            assert!(Config::from_sources(&file, [], &Overrides::default()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_missing_is_said_before_the_server_starts() {
        let said = |values: &[(&str, &str)]| load(values).unwrap_err().to_string();
        let error = said(&[("oidc_clever_issuer", "http://clever.com"), ("oidc_clever_client_id", "x")]);
        assert_eq!(
            error,
            "The configuration key oidc.clever.issuer wants the issuer's URL, which starts with https://."
        );
        assert!(said(&[("oidc_clever_issuer", "https://clever.com")]).contains("oidc.clever.client_id"));
        let entra = "https://login.microsoftonline.com/organizations/v2.0";
        let values = [("oidc_m_kind", "entra"), ("oidc_m_issuer", entra), ("oidc_m_client_id", "x")];
        assert!(said(&values).contains("oidc.m.tenants"));
    }

    #[test]
    fn plain_http_stays_on_the_machine() {
        for good in ["https://a.example/x", "http://127.0.0.1:8/x", "http://[::1]:9", "http://localhost/"] {
            assert!(may_be_asked(good), "{good}");
        }
        for bad in [
            "http://a.example",
            "http://127.0.0.1.a.example",
            "http://localhost:1@evil.example/",
            "ftp://x",
            "https://",
        ] {
            assert!(!may_be_asked(bad), "{bad}");
        }
    }
}
