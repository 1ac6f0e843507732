//! Running an installation: the command line and what each command does.
//!
//! A command ends with 0 when it is done, with 1 and one sentence on stderr when it is refused, and with 2
//! when it was called wrongly.

mod admin;
mod bounce;
mod check;
pub mod demo;
pub mod demo_compacts;
mod demo_digests;
mod demo_highlights;
pub mod demo_people;
mod demo_report;
mod demo_sessions;
mod demo_statements;
mod export;
mod import;
mod index;
mod outbox;
mod output;
pub mod serve;
mod synonyms;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::app::App;
use crate::platform::config::{KEYS, Key, Overrides, PROVIDER_KEYS};
use crate::platform::{Clock, Config, Error, Result};

/// A searchable catalog of practices that district and charter schools of one city share.
#[derive(Debug, Parser)]
#[command(name = "commonground", version, about, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    /// Folder of this installation: database, search index [default: ./var, and ./var/demo for the demo]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
struct Listen {
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the product: a fresh folder with the invented city of Rivermark, served until Ctrl-C
    Demo {
        #[command(flatten)]
        listen: Listen,
        /// Only make the city, serve nothing
        #[arg(long)]
        seed_only: bool,
    },
    /// Bring the database up to date and serve
    Serve {
        #[command(flatten)]
        listen: Listen,
    },
    /// Bring the database up to date
    Migrate,
    /// Look whether the database, the audit log and the search index are sound
    Check,
    /// Print every configuration key with its value
    Config,
    /// Print every route the server answers
    Routes {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Bring data in from a file; bad rows are listed by line, good rows are kept
    Import {
        #[command(subcommand)]
        what: import::What,
    },
    /// Write everything public into a folder: CSV and JSON Lines with a data dictionary and checksums
    Export {
        /// The folder: new, empty, or with an earlier export
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Let somebody in: the first administrator, or a token for a program
    Admin {
        #[command(subcommand)]
        what: admin::What,
    },
    /// Look after the search index
    Index {
        #[command(subcommand)]
        what: index::What,
    },
    /// Take in a message that came back by mail, from standard input, and say what it was
    Bounce,
    /// Make a key that signs letters (DKIM), and print the record to publish
    Dkim {
        /// Its name: letters, digits and hyphens, like 2026a
        #[arg(value_name = "SELECTOR")]
        selector: String,
        /// Ed25519 instead of RSA: short and quick, and not read everywhere; for use beside an RSA key
        #[arg(long)]
        ed25519: bool,
    },
    /// Look after letters that are to leave
    Outbox {
        #[command(subcommand)]
        what: outbox::What,
    },
    /// Read and edit the list of words that searches are widened by
    Synonyms {
        #[command(subcommand)]
        what: synonyms::What,
    },
}

/// Parses the command line, does it, and says how it went.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refused(&Error::internal(error)),
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(error) => refused(&error),
    }
}

fn refused(error: &Error) -> ExitCode {
    output::refuse(&error.to_string());
    ExitCode::FAILURE
}

async fn run(cli: Cli) -> Result<ExitCode> {
    let mut overrides = Overrides { data: cli.data, listen: None };
    match cli.command {
        Command::Demo { listen, seed_only } => {
            overrides.listen = listen.listen;
            demo::run(overrides, seed_only).await.map(|()| ExitCode::SUCCESS)
        }
        Command::Serve { listen } => {
            overrides.listen = listen.listen;
            let config = Config::load(&overrides)?;
            serve::init_log(&config)?;
            serve::run(App::open(config, Clock::System).await?).await.map(|()| ExitCode::SUCCESS)
        }
        Command::Migrate => {
            let config = Config::load(&overrides)?;
            App::open(config, Clock::System).await?;
            output::say("The database is up to date.");
            Ok(ExitCode::SUCCESS)
        }
        Command::Check => check::run(&open(&overrides).await?).await,
        Command::Config => {
            print_config(&Config::load(&overrides)?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Routes { json } => {
            print_routes(json)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Import { what } => import::run(&open(&overrides).await?, what).await,
        Command::Export { folder } => export::run(&open(&overrides).await?, &folder).await.map(|()| ExitCode::SUCCESS),
        Command::Admin { what } => admin::run(&open(&overrides).await?, what).await,
        Command::Index { what } => index::run(Config::load(&overrides)?, what).await,
        Command::Bounce => bounce::run(&open(&overrides).await?).await,
        Command::Dkim { selector, ed25519 } => bounce::make_key(&Config::load(&overrides)?, &selector, ed25519),
        Command::Outbox { what } => outbox::run(&open(&overrides).await?, what).await,
        Command::Synonyms { what } => synonyms::run(&open(&overrides).await?, what).await,
    }
}

fn print_routes(json: bool) -> Result<()> {
    let rows = crate::app::route_table(&crate::app::openapi());
    if json {
        output::say(&serde_json::to_string_pretty(&rows).map_err(Error::internal)?);
    } else {
        rows.iter().for_each(|row| output::say(&format!("{:<7} {:<45} {}", row.method, row.path, row.kind)));
    }
    Ok(())
}

async fn open(overrides: &Overrides) -> Result<App> {
    App::open(Config::load(overrides)?, Clock::System).await
}

fn print_config(config: &Config) {
    let value = |name: &str| match name {
        "data" => config.data.display().to_string(),
        "listen" => config.listen.to_string(),
        "database_url" => config.database.to_string(),
        "base_url" => config.base_url.clone().unwrap_or_else(|| format!("http://{}", config.listen)),
        "secret" => config.secret.as_ref().map_or(String::new(), |_| "***".to_owned()),
        "smtp_url" => config.smtp_url.as_ref().map_or(String::new(), |_| "***".to_owned()),
        "mail_from" => config.mail_from.clone().unwrap_or_default(),
        "contact_email" => config.contact_email.clone().unwrap_or_default(),
        "mail_rate" => config.mail_rate.map_or(String::new(), |rate| rate.to_string()),
        "mail_domain_rate" => config.mail_domain_rate.map_or(String::new(), |rate| rate.to_string()),
        "dkim" => config.dkim.clone().unwrap_or_default(),
        "bounce_address" => config.bounce_address.clone().unwrap_or_default(),
        "mail_hook_token" => config.mail_hook_token.as_ref().map_or(String::new(), |_| "***".to_owned()),
        "lmtp_listen" => config.lmtp_listen.map(|address| address.to_string()).unwrap_or_default(),
        "log" => config.log.clone(),
        "log_format" => match config.log_json {
            Some(true) => "json".to_owned(),
            Some(false) => "text".to_owned(),
            None => "by where the log goes".to_owned(),
        },
        "trusted_proxies" => config.trusted_proxies.clone(),
        "max_connections" => config.max_connections.to_string(),
        "readers" => config.readers.to_string(),
        _ => String::new(),
    };
    output::say("# commonground.toml, or the environment with the names in capitals after COMMONGROUND_");
    for key in KEYS {
        output::say(&format!(
            "\n# {}\n# Default: {}. Environment: COMMONGROUND_{}\n{} = {:?}",
            key.doc,
            key.default,
            key.name.to_ascii_uppercase(),
            key.name,
            value(key.name)
        ));
    }
    print_providers(config);
}

fn print_providers(config: &Config) {
    output::say(
        "\n# Sign-ins of others (OpenID Connect), a table for each: [oidc.NAME], or COMMONGROUND_OIDC_NAME_.. in the environment",
    );
    let print = |key: &Key, line: String| {
        let name = key.name.to_ascii_uppercase();
        output::say(&format!(
            "\n# {}\n# Default: {}. Environment: COMMONGROUND_OIDC_NAME_{name}\n{line}",
            key.doc, key.default
        ));
    };
    if config.oidc.is_empty() {
        PROVIDER_KEYS.iter().for_each(|key| print(key, format!("# {} = \"\"", key.name)));
    }
    for provider in &config.oidc {
        output::say(&format!("\n[oidc.{}]", provider.name));
        PROVIDER_KEYS.iter().for_each(|key| print(key, format!("{} = {:?}", key.name, provider.shown(key.name))));
    }
}
