//! The configuration: a file, then the environment, then the command line; nothing of it is needed to run.
//!
//! [`KEYS`] is the reference: `commonground config` prints it, `docs/OPERATIONS.md` is checked against it.

mod provider;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub use self::provider::{ClaimNames, PROVIDER_KEYS, ProviderConfig, ProviderKind, may_be_asked};
use self::provider::{ProviderValues, split};
use super::error::{Error, Result};

/// One key: its name in the environment is `COMMONGROUND_` and the name in capitals.
pub struct Key {
    /// The name in `commonground.toml`.
    pub name: &'static str,
    /// What holds when it is not set, in words.
    pub default: &'static str,
    /// What it does.
    pub doc: &'static str,
}

/// Every key there is. In the file one that is not listed stops the start; in the environment it is named in the log.
pub const KEYS: &[Key] = &[
    Key {
        name: "data",
        default: "./var",
        doc: "Folder for the database, the search index and what else belongs to this installation.",
    },
    Key { name: "listen", default: "127.0.0.1:8080", doc: "Address and port the server listens on." },
    Key {
        name: "database_url",
        default: "SQLite inside the data folder",
        doc: "postgres://USER:PASSWORD@HOST/DATABASE for PostgreSQL, sqlite://FILE for SQLite elsewhere.",
    },
    Key {
        name: "blob_url",
        default: "the folder blobs of the data folder",
        doc: "Where uploaded files are: s3://BUCKET/PREFIX (keys and region in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION; AWS_ENDPOINT for other makers) or file:///FOLDER.",
    },
    Key {
        name: "link_checks",
        default: "weekly",
        doc: "weekly asks links of published practices whether they still lead somewhere; off asks nobody.",
    },
    Key {
        name: "base_url",
        default: "http:// and the listen address",
        doc: "The address people type; links in feeds and letters are built from it.",
    },
    Key {
        name: "secret",
        default: "made on the first start, in the file secret of the data folder",
        doc: "64 hexadecimal digits that sign and seal; every node of one database needs the same.",
    },
    Key {
        name: "smtp_url",
        default: "letters are files in the folder mail of the data folder",
        doc: "The mail server that takes our letters: smtp://USER:PASSWORD@HOST:587 (STARTTLS), smtps://..:465, or smtp://HOST:25?tls=none.",
    },
    Key {
        name: "mail_from",
        default: "no-reply at the host of base_url",
        doc: "The sender of letters, like Common Ground <no-reply@ground.example>.",
    },
    Key {
        name: "contact_email",
        default: "postmaster at the domain of mail_from",
        doc: "Address for questions about the open data and for reports of weaknesses: on the page /data, in security.txt, in exports.",
    },
    Key {
        name: "mail_rate",
        default: "none",
        doc: "At most so many letters a minute, over all nodes; announcements have nine tenths of it.",
    },
    Key {
        name: "mail_domain_rate",
        default: "none",
        doc: "At most so many letters a minute to addresses of one domain, over all nodes.",
    },
    Key {
        name: "dkim",
        default: "none: the mail server that takes our letters signs them",
        doc: "Signs letters (DKIM): SELECTOR:FILE with an RSA or Ed25519 key as PEM; two with a comma between while keys change.",
    },
    Key {
        name: "bounce_address",
        default: "bounces at the domain of mail_from",
        doc: "Where letters come back to; each letter adds a plus and a signed token before the @.",
    },
    Key {
        name: "mail_hook_token",
        default: "none: the hook does not exist",
        doc: "Lets a mail server hand in what comes back by POST /hooks/mail with Authorization: Bearer and this token, of 24 characters at least.",
    },
    Key {
        name: "lmtp_listen",
        default: "none",
        doc: "Address and port of this machine, like 127.0.0.1:2424, where a mail server hands in what comes back by LMTP.",
    },
    Key { name: "log", default: "info", doc: "What is logged, as tracing directives: info, warn, commonground=debug." },
    Key { name: "log_format", default: "text on a terminal, json elsewhere", doc: "json or text." },
    Key {
        name: "trusted_proxies",
        default: "none",
        doc: "Addresses or networks (10.0.0.0/8) of reverse proxies, separated by commas, whose forwarded headers are believed.",
    },
    Key {
        name: "max_connections",
        default: "1024",
        doc: "Connections served at one time; the open-files limit lowers it.",
    },
    Key { name: "readers", default: "4", doc: "Database connections for reading." },
];

/// The configuration as the program uses it.
#[derive(Clone, Debug)]
pub struct Config {
    /// Folder of this installation.
    pub data: PathBuf,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Which database.
    pub database: DatabaseUrl,
    /// Where uploaded files are; `None`: in the data folder.
    pub blob_url: Option<String>,
    /// Whether links of published practices are asked.
    pub link_checks: bool,
    /// The public address, without a slash at the end; `None`: where the server listens.
    pub base_url: Option<String>,
    /// The installation's secret, in hexadecimal.
    pub secret: Option<Hidden>,
    /// Where letters go.
    pub smtp_url: Option<Hidden>,
    /// The sender of letters.
    pub mail_from: Option<String>,
    /// Address for questions about open data and for reports of weaknesses.
    pub contact_email: Option<String>,
    /// Letters a minute, over all nodes.
    pub mail_rate: Option<u32>,
    /// Letters a minute to one domain, over all nodes.
    pub mail_domain_rate: Option<u32>,
    /// `SELECTOR:FILE` of the keys that sign letters.
    pub dkim: Option<String>,
    /// Where letters come back to.
    pub bounce_address: Option<String>,
    /// What a mail server shows that hands in what comes back.
    pub mail_hook_token: Option<Hidden>,
    /// Where what comes back is handed in by LMTP.
    pub lmtp_listen: Option<SocketAddr>,
    /// Tracing directives.
    pub log: String,
    /// `Some(true)` JSON, `Some(false)` text, `None` by whether a terminal is there.
    pub log_json: Option<bool>,
    /// Proxies whose forwarded headers are believed: addresses and networks, separated by commas.
    pub trusted_proxies: String,
    /// Connections at one time.
    pub max_connections: usize,
    /// Reading database connections.
    pub readers: u32,
    /// Sign-ins of others that people come in by.
    pub oidc: Vec<ProviderConfig>,
    /// Variables of the environment that no key of this version explains; the server says so when it starts.
    pub unknown: Vec<String>,
}

/// A value that no log and no list shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// The value.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Hidden {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Where the database is. Its password never reaches a log: `Display` leaves it out.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file of our own.
    Sqlite(PathBuf),
    /// A PostgreSQL server, by its URL.
    Postgres(String),
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "sqlite://{}", file.display()),
            Self::Postgres(url) => {
                let rest = url.split_once('@').map_or("", |(_, rest)| rest);
                write!(f, "postgres://***@{rest}")
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What was said on the command line; it wins over file and environment.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--data`
    pub data: Option<PathBuf>,
    /// `--listen`
    pub listen: Option<SocketAddr>,
}

impl Config {
    /// Reads `commonground.toml` of the working folder, the environment and `overrides`, in that order.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn load(overrides: &Overrides) -> Result<Self> {
        let environment = std::env::vars().filter_map(|(name, value)| {
            let name = name.strip_prefix("COMMONGROUND_")?.to_ascii_lowercase();
            Some((name, value))
        });
        Self::from_sources(Path::new("commonground.toml"), environment, overrides)
    }

    /// The same from named sources.
    pub fn from_sources(
        file: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
        overrides: &Overrides,
    ) -> Result<Self> {
        let (mut values, mut providers) = read_file(file)?;
        let mut unknown = Vec::new();
        for (name, value) in environment {
            if KEYS.iter().any(|key| key.name == name) {
                values.insert(name, value);
            } else if let Some((provider, key)) = split(&name) {
                providers.entry(provider).or_default().insert(key.to_owned(), value);
            } else {
                // An environment is shared: a variable may be meant for another version or another program.
                unknown.push(format!("COMMONGROUND_{}", name.to_ascii_uppercase()));
            }
        }
        Ok(Self { unknown, oidc: ProviderConfig::all(&providers)?, ..Self::build(&values, overrides)? })
    }

    fn build(values: &BTreeMap<String, String>, overrides: &Overrides) -> Result<Self> {
        let get = |name: &str| values.get(name).map(|v| v.trim()).filter(|v| !v.is_empty());
        let data = overrides.data.clone().unwrap_or_else(|| PathBuf::from(get("data").unwrap_or("./var")));
        let listen = match overrides.listen {
            Some(listen) => listen,
            None => parse("listen", get("listen").unwrap_or("127.0.0.1:8080"), "an address like 127.0.0.1:8080")?,
        };
        let database = match get("database_url") {
            None => DatabaseUrl::Sqlite(data.join("commonground.sqlite")),
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                DatabaseUrl::Postgres(url.to_owned())
            }
            Some(url) => match url.strip_prefix("sqlite://") {
                Some(file) => DatabaseUrl::Sqlite(PathBuf::from(file)),
                None => return Err(refuse("database_url", "postgres://USER:PASSWORD@HOST/DATABASE or sqlite://FILE")),
            },
        };
        let base_url = match get("base_url") {
            None => None,
            Some(url) if url.starts_with("http://") || url.starts_with("https://") => {
                Some(url.trim_end_matches('/').to_owned())
            }
            Some(_) => return Err(refuse("base_url", "a URL that starts with https:// or http://")),
        };
        let log_json = match get("log_format") {
            None => None,
            Some("json") => Some(true),
            Some("text") => Some(false),
            Some(_) => return Err(refuse("log_format", "json or text")),
        };
        Ok(Self {
            data,
            listen,
            database,
            blob_url: get("blob_url").map(str::to_owned),
            link_checks: match get("link_checks") {
                None | Some("weekly") => true,
                Some("off") => false,
                Some(_) => return Err(refuse("link_checks", "weekly or off")),
            },
            base_url,
            secret: get("secret").map(Hidden::from),
            smtp_url: get("smtp_url").map(Hidden::from),
            mail_from: get("mail_from").map(str::to_owned),
            contact_email: match get("contact_email") {
                Some(address) if !is_address(address) => {
                    return Err(refuse("contact_email", "an address like office@ground.example"));
                }
                address => address.map(str::to_owned),
            },
            mail_rate: rate("mail_rate", get("mail_rate"))?,
            mail_domain_rate: rate("mail_domain_rate", get("mail_domain_rate"))?,
            dkim: get("dkim").map(str::to_owned),
            bounce_address: get("bounce_address").map(str::to_owned),
            mail_hook_token: match get("mail_hook_token") {
                Some(token) if token.len() < 24 => {
                    return Err(refuse("mail_hook_token", "24 characters or more that nobody can guess"));
                }
                token => token.map(Hidden::from),
            },
            lmtp_listen: get("lmtp_listen")
                .map(|text| parse("lmtp_listen", text, "an address of this machine, like 127.0.0.1:2424"))
                .transpose()?,
            log: get("log").unwrap_or("info").to_owned(),
            log_json,
            trusted_proxies: get("trusted_proxies").unwrap_or_default().to_owned(),
            max_connections: parse("max_connections", get("max_connections").unwrap_or("1024"), "a whole number")?,
            unknown: Vec::new(),
            readers: parse("readers", get("readers").unwrap_or("4"), "a whole number")?,
            oidc: Vec::new(),
        })
    }

    /// The folder of the search index.
    pub fn index_dir(&self) -> PathBuf {
        self.data.join("index")
    }
}

/// Whether it can stand behind `mailto:` as it is.
fn is_address(text: &str) -> bool {
    let plain =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._+".contains(&b));
    text.split_once('@').is_some_and(|(name, domain)| plain(name) && plain(domain))
}

/// A limit of letters a minute; none of it would be a pause that nobody sees.
fn rate(name: &str, value: Option<&str>) -> Result<Option<u32>> {
    let number = |text: &str| text.parse().ok().filter(|rate| *rate > 0);
    value
        .map(|text| number(text).ok_or_else(|| refuse(name, "a whole number of letters a minute, 1 or more")))
        .transpose()
}

fn read_file(file: &Path) -> Result<(BTreeMap<String, String>, ProviderValues)> {
    let mut providers = ProviderValues::new();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((BTreeMap::new(), providers)),
        Err(error) => return Err(Error::Conflict(format!("{} cannot be read: {error}.", file.display()))),
    };
    let table: toml::Table = toml::from_str(&text)
        .map_err(|error| Error::Conflict(format!("{} is not valid TOML: {}", file.display(), error.message())))?;
    let mut values = BTreeMap::new();
    for (name, value) in table {
        if name == "oidc" {
            for (provider, keys) in tables(value)? {
                for (key, value) in keys {
                    known(PROVIDER_KEYS, &key)?;
                    let value = text_of(&format!("oidc.{provider}.{key}"), value)?;
                    providers.entry(provider.clone()).or_default().insert(key, value);
                }
            }
            continue;
        }
        known(KEYS, &name)?;
        let value = text_of(&name, value)?;
        values.insert(name, value);
    }
    Ok((values, providers))
}

/// The tables `[oidc.NAME]`.
fn tables(value: toml::Value) -> Result<Vec<(String, toml::Table)>> {
    let wanted = || refuse("oidc", "a table for each provider, like [oidc.google]");
    let toml::Value::Table(providers) = value else { return Err(wanted()) };
    let table = |(name, value)| match value {
        toml::Value::Table(keys) => Ok((name, keys)),
        _ => Err(wanted()),
    };
    providers.into_iter().map(table).collect()
}

fn text_of(name: &str, value: toml::Value) -> Result<String> {
    match value {
        toml::Value::String(text) => Ok(text),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Array(list) => Ok(list.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join(",")),
        _ => Err(refuse(name, "a text, a whole number or a list of texts")),
    }
}

fn known(keys: &[Key], name: &str) -> Result<()> {
    if keys.iter().any(|key| key.name == name) {
        return Ok(());
    }
    Err(Error::Conflict(format!("The key {name} is not known; `commonground config` lists the keys.")))
}

fn parse<T: std::str::FromStr>(name: &str, text: &str, wanted: &str) -> Result<T> {
    text.parse().map_err(|_| refuse(name, wanted))
}

fn refuse(name: &str, wanted: &str) -> Error {
    Error::Conflict(format!("The configuration key {name} wants {wanted}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(environment: &[(&str, &str)]) -> Result<Config> {
        let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Config::from_sources(Path::new("there-is-no-such-file.toml"), environment, &Overrides::default())
    }

    #[test]
    fn nothing_is_needed() {
        let config = load(&[]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.base_url, None);
        assert_eq!(config.database, DatabaseUrl::Sqlite(PathBuf::from("./var/commonground.sqlite")));
    }

    #[test]
    fn a_wrong_value_is_one_clear_sentence() {
        let error = load(&[("listen", "everywhere")]).unwrap_err();
        assert_eq!(error.to_string(), "The configuration key listen wants an address like 127.0.0.1:8080.");
        assert_eq!(load(&[("lsiten", "127.0.0.1:1")]).unwrap().unknown, ["COMMONGROUND_LSITEN"]);
    }

    #[test]
    fn a_password_is_not_shown() {
        let config = load(&[("database_url", "postgres://me:hunter2@db/cg")]).unwrap();
        assert_eq!(format!("{:?}", config.database), "postgres://***@db/cg");
    }
}
