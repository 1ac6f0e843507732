//! `commonground admin`: letting somebody in from the command line, also while the server runs. Whoever may run the program on
//! these data may do everything with them; what is made here is recorded like everything else.

use std::process::ExitCode;
use std::sync::Arc;

use chrono::TimeDelta;
use clap::Subcommand;

use super::output;
use crate::app::App;
use crate::mail::Email;
use crate::people::account::{NewAccount, account_of, open_account};
use crate::people::membership::fits;
use crate::people::{self, Account, AccountState, admin};
use crate::platform::{Actor, Cx, Error, Grant, Place, Result, Role};
use crate::sign_in::token::{self, NewToken};
use crate::sign_in::{Entrance, link, second_step, token::parse_scope};

/// What to do.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Open an account where there is none, give it a role, and print a link to sign in once
    Create {
        /// The person's address
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        /// teacher, principal, delegate, organizer, editor, compact_owner, mayor or city_admin
        #[arg(long, default_value = "city_admin")]
        role: String,
        /// How the person is called [default: what stands before the @]
        #[arg(long)]
        name: Option<String>,
        /// For a role at a school or an organization: its name, its name in addresses, or its NCES number
        #[arg(long, alias = "organization", value_name = "PLACE")]
        school: Option<String>,
    },
    /// Take the second step away from somebody who lost it, and end their sign-ins
    Lift {
        /// The account's address
        #[arg(long, value_name = "ADDRESS")]
        email: String,
    },
    /// Print a new token of an account, once
    Token {
        /// The account's address
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        /// read, write or admin
        #[arg(long, default_value = "write")]
        scope: String,
        /// Days until it ends
        #[arg(long, default_value_t = 90)]
        days: i64,
        /// What it is called in the list of tokens
        #[arg(long, default_value = "command line")]
        name: String,
    },
}

/// A link printed on a terminal is passed on by hand: time for that, and not for more.
const LINK: TimeDelta = TimeDelta::hours(1);

const ACTOR: Actor = Actor::System("command line");

pub(super) async fn run(app: &App, what: What) -> Result<ExitCode> {
    match what {
        What::Create { email, role, name, school } => create(app, &email, &role, name, school.as_deref()).await?,
        What::Lift { email } => lift(app, &email).await?,
        What::Token { email, scope, days, name } => token(app, &email, &scope, days, name).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn create(app: &App, email: &str, role: &str, name: Option<String>, place: Option<&str>) -> Result<()> {
    let email = read_email(email)?;
    let role = Role::parse(role).ok_or_else(|| {
        let codes: Vec<&str> = Role::ALL.iter().map(|role| role.code()).collect();
        Error::Conflict(format!("There is no role {role}; choose one of {}.", codes.join(", ")))
    })?;
    let cx = app.db.cx(ACTOR);
    let grant = Grant { role, place: place_of(&cx, role, place).await? };
    let mut tx = app.db.write(ACTOR).await?;
    // An administrator at the machine vouches for the address; the link proves nothing but that it was passed on.
    let new = NewAccount { email: email.clone(), name, confirmed: false };
    let id = open_account(&mut tx, new).await?;
    admin::give_role(&mut tx, id, grant).await?;
    tx.commit().await?;
    let account = people::account::account(&app.db.cx(ACTOR), id).await?;
    let mut tx = app.db.write(ACTOR).await?;
    let ticket = link::make(&mut tx, &account, LINK).await?;
    tx.commit().await?;
    let base = base_url(app);
    output::say(&format!("{} is {} now.", account.name, role.label().to_lowercase()));
    output::say("Sign in with this link; it works once, for one hour:");
    output::say(&format!("{}/sign-in/link/{}", base.trim_end_matches('/'), ticket.reveal()));
    if role.needs_second_step() {
        output::say("This role asks for a second step: set it up under Security after signing in.");
    }
    Ok(())
}

/// The public address, as the configuration has it.
pub(super) fn base_url(app: &App) -> Arc<str> {
    match &app.config.base_url {
        Some(url) => url.as_str().into(),
        None => format!("http://{}", app.config.listen).into(),
    }
}

async fn lift(app: &App, email: &str) -> Result<()> {
    let account = existing(app, email).await?;
    let head = app.letterhead(&base_url(app))?;
    let entrance = Entrance::new(app.secret.clone(), head, &app.config, app.db.clock());
    let mut tx = app.db.write(ACTOR).await?;
    second_step::lift(&mut tx, &entrance, account.id).await?;
    tx.commit().await?;
    output::say(&format!("{} has no second step now, and signs in without.", account.name));
    Ok(())
}

async fn place_of(cx: &Cx, role: Role, text: Option<&str>) -> Result<Place> {
    if fits(role, Place::Installation) {
        return match text {
            None => Ok(Place::Installation),
            Some(_) => Err(Error::Conflict(format!("The role {} holds everywhere; leave out --school.", role.code()))),
        };
    }
    let Some(text) = text else {
        return Err(Error::Conflict(format!("Say where the role {} holds, with --school.", role.code())));
    };
    let lines = admin::places_meant(cx, text).await?;
    let fitting: Vec<_> = lines.iter().filter(|line| fits(role, line.place)).collect();
    match fitting.as_slice() {
        [one] => Ok(one.place),
        [] => Err(Error::Conflict(format!("Nothing where one can be {} is called {text}.", role.code()))),
        several => {
            let names: Vec<&str> = several.iter().take(5).filter_map(|line| line.slug.as_deref()).collect();
            Err(Error::Conflict(format!("{text} may mean several; give one of {}.", names.join(", "))))
        }
    }
}

async fn token(app: &App, email: &str, scope: &str, days: i64, name: String) -> Result<()> {
    let account = existing(app, email).await?;
    let scope = parse_scope(scope)
        .ok_or_else(|| Error::Conflict(format!("There is no scope {scope}; choose read, write or admin.")))?;
    let mut tx = app.db.write(ACTOR).await?;
    let (_, text) = token::make(&mut tx, account.id, NewToken { name, scope, days }).await?;
    tx.commit().await?;
    output::say(&text);
    Ok(())
}

async fn existing(app: &App, email: &str) -> Result<Account> {
    let email = read_email(email)?;
    let account = account_of(&app.db.cx(ACTOR), &email).await?.ok_or_else(|| {
        Error::Conflict("No account has this address; open one with commonground admin create.".to_owned())
    })?;
    if account.state != AccountState::Active {
        return Err(Error::Conflict("This account is closed; open it again in the administration first.".to_owned()));
    }
    Ok(account)
}

fn read_email(text: &str) -> Result<Email> {
    Email::parse(text).map_err(|sentence| Error::Conflict(sentence.to_owned()))
}
