//! The people of Rivermark: one account for each role, with a password and a token, so that everybody can be tried. They
//! appear by role only, at addresses that lead nowhere.

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::app::App;
use crate::mail::Email;
use crate::people::account::{NewAccount, ProfileChange, change_profile, open_account};
use crate::people::{AccountId, VerifiedBy, admin, domain, membership};
use crate::platform::{Actor, Cx, Error, Grant, Place, Result, Role, Scope, Tx, chance};
use crate::sign_in::password::{self, Passwords};
use crate::sign_in::second_step;
use crate::sign_in::token::{self, NewToken};

/// An account to try, as `demo-accounts.json` tells it.
#[derive(Clone, Debug, Serialize)]
pub struct DemoAccount {
    /// What it is for: `teacher`, `principal_charter`.
    pub role: &'static str,
    /// How it is called.
    pub name: &'static str,
    /// Its address.
    pub email: String,
    /// Its password.
    pub password: String,
    /// A token of it, that holds for a year.
    pub token: String,
    /// Name in addresses of its school, where it has one.
    pub school: Option<String>,
    /// Secret of its second step (TOTP, base32), where its role needs one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totp_secret: Option<String>,
}

/// Who somebody is: what it is for, how it is called, the role, where.
type Cast = (&'static str, &'static str, Role, &'static str);

const QUILLWATER: &str = "Quillwater Charter School";
const TAMSIN_ROW: &str = "Tamsin Row Elementary";
const DISTRICT: &str = "Rivermark Public Schools";
const OFFICE: &str = "City of Rivermark, Mayor's Office of Education";
const EVERYWHERE: &str = "";

const CAST: [Cast; 10] = [
    ("teacher", "Teacher at Quillwater", Role::Teacher, QUILLWATER),
    ("teacher_district", "Teacher at Tamsin Row", Role::Teacher, TAMSIN_ROW),
    ("principal_charter", "Principal of Quillwater", Role::Principal, QUILLWATER),
    ("principal_district", "Principal of Tamsin Row", Role::Principal, TAMSIN_ROW),
    ("delegate", "Delegate at Tamsin Row", Role::Delegate, TAMSIN_ROW),
    ("organizer", "Organizer of joint sessions", Role::Organizer, DISTRICT),
    ("editor", "Editor of the catalog", Role::Editor, EVERYWHERE),
    ("compact_owner", "Compact owner of the district", Role::CompactOwner, DISTRICT),
    ("mayor", "Mayor's office", Role::Mayor, OFFICE),
    ("city_admin", "City administrator", Role::CityAdmin, EVERYWHERE),
];

/// Whose addresses end in these belongs there.
const DOMAINS: [(&str, &str); 3] = [
    ("quillwater.example.org", QUILLWATER),
    ("fernmoor.example.org", "Fernmoor Charter School"),
    ("rivermark-schools.example.org", DISTRICT),
];

/// Makes the people of a city that [`super::demo::seed`] has made. All have one password, made anew each time.
pub async fn seed_people(app: &App) -> Result<Vec<DemoAccount>> {
    let cx = app.db.cx(Actor::System("demo"));
    let password = readable()?;
    let hash = Passwords::default().fresh(&password, Vec::new()).await?;
    let mut places = Vec::new();
    for (_, _, _, name) in CAST {
        places.push(place(&cx, name).await?);
    }
    let mut domains = Vec::new();
    for (domain, name) in DOMAINS {
        domains.push((domain, place(&cx, name).await?.0));
    }
    let mut tx = app.db.write(Actor::System("demo")).await?;
    let mut accounts = Vec::new();
    for ((code, name, role, _), (place, slug)) in CAST.into_iter().zip(places) {
        let email = format!("{}@example.org", code.replace('_', "."));
        let id = open(&mut tx, &email, name).await?;
        membership::appoint(&mut tx, id, Grant { role, place }, VerifiedBy::Admin).await?;
        password::set_for(&mut tx, id, &hash).await?;
        let scope = if role.needs_second_step() { Scope::Admin } else { Scope::Write };
        let (_, token) = token::make(&mut tx, id, NewToken { name: "demo".to_owned(), scope, days: 366 }).await?;
        let totp_secret = match role.needs_second_step() {
            true => Some(second_step::set_up_for_demo(&mut tx, &app.secret, id).await?),
            false => None,
        };
        let school = slug.filter(|_| matches!(place, Place::School(_)));
        accounts.push(DemoAccount { role: code, name, email, password: password.clone(), token, school, totp_secret });
    }
    for (name, place) in domains {
        domain::add(&mut tx, name, place).await?;
    }
    tx.commit().await?;
    Ok(accounts)
}

async fn place(cx: &Cx, name: &str) -> Result<(Place, Option<String>)> {
    if name == EVERYWHERE {
        return Ok((Place::Installation, None));
    }
    let line = admin::places_meant(cx, name).await?.into_iter().next();
    let line = line.ok_or_else(|| Error::Internal(format!("the demo has no {name}")))?;
    Ok((line.place, line.slug))
}

async fn open(tx: &mut Tx, email: &str, name: &str) -> Result<AccountId> {
    let address = Email::parse(email).map_err(Error::internal)?;
    let id = open_account(tx, NewAccount { email: address, name: Some(name.to_owned()), confirmed: true }).await?;
    // They have been here before: no first-visit page.
    change_profile(tx, id, ProfileChange { name: name.to_owned(), ..ProfileChange::default() }).await?;
    Ok(id)
}

/// A password that is read out and typed without doubt: 60 bits in groups of four, none of the signs that look alike.
fn readable() -> Result<String> {
    const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let bytes: [u8; 12] = chance::bytes()?;
    let signs: Vec<char> = bytes.iter().map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect();
    Ok(signs.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// The file in the data folder that tells the accounts.
const FILE: &str = "demo-accounts.json";

/// Writes the accounts where only the owner of the folder reads them.
pub(super) fn write(folder: &Path, accounts: &[DemoAccount]) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(folder.join(FILE))?;
    let text = serde_json::to_string_pretty(accounts).map_err(Error::internal)?;
    file.write_all(text.as_bytes())?;
    Ok(file.write_all(b"\n")?)
}

/// What the terminal says about them.
pub(super) fn sign_ins(base: &str, accounts: &[DemoAccount]) -> String {
    let mut lines = vec![format!("Sign in at {base}/sign-in as one of these:")];
    lines.extend(accounts.iter().map(|account| format!("  {:<32} {}", account.email, account.name)));
    if let Some(first) = accounts.first() {
        lines.push(format!("The password of all of them is {}. Tokens are in {FILE}.", first.password));
    }
    for account in accounts {
        if let Some(secret) = &account.totp_secret {
            lines.push(format!("Second step of {}: {secret}", account.email));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_easy_to_read() {
        let password = readable().unwrap();
        assert_eq!(password.len(), 14);
        assert!(password.chars().all(|c| c == '-' || c.is_ascii_lowercase() || c.is_ascii_digit()), "{password}");
        assert_ne!(password, readable().unwrap());
    }
}
