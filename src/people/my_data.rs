//! Everything kept about a person, for that person: to take along as a file, and to erase (P3).
//!
//! Features hang behind `people` and are not asked by name: `app.rs` registers what each keeps ([`Personal`]).

use std::io::{Cursor, Write};
use std::sync::Arc;

use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::account::{Account, AccountId};
use super::policy;
use super::store::personal as store;
use crate::mail::Email;
use crate::platform::cells::{self, inert};
use crate::platform::personal::{PersonalData, Sheet};
use crate::platform::{Cx, Error, Event, Result, Tx};

/// What every feature keeps about people. Erasing goes in this order: the entrance still needs the address, `people` takes
/// it out, and `mail` comes after `people`, which tells it the letters to that address.
#[derive(Clone)]
pub struct Personal(Arc<[Arc<dyn PersonalData>]>);

impl Personal {
    /// These, in this order.
    pub fn new(all: Vec<Arc<dyn PersonalData>>) -> Self {
        Self(all.into())
    }
}

/// Everything kept about the actor, as a zip: a JSON and a CSV file of each list, and a text that explains them.
pub async fn export(cx: &Cx, personal: &Personal) -> Result<Vec<u8>> {
    let account = cx.actor().account().ok_or(Error::SignInRequired)?;
    let mut sheets = Vec::new();
    for feature in personal.0.iter() {
        sheets.extend(feature.export(cx, account).await?);
    }
    zip(&sheets, &cx.now().format("%Y-%m-%d %H:%M UTC").to_string()).map_err(Error::internal)
}

/// Erases the actor's account; `typed` is their address once more, so that nobody does it by a slip. Says what stays, in
/// sentences.
pub async fn erase(tx: &mut Tx, personal: &Personal, id: AccountId, typed: &str) -> Result<Vec<String>> {
    let permit = policy::erase_account(tx.actor(), id)?;
    // The roles before the account, as wherever an administrator leaves.
    super::admin::keep_one(tx, id).await?;
    let account = store::lock(tx.conn(), id).await?.ok_or(Error::NotFound("account"))?;
    if !is_address_of(typed, &account) {
        return Err(Error::invalid(
            "email",
            "Type your address exactly as it stands above, so that nothing is erased by a slip.",
        ));
    }
    let mut stays = Vec::new();
    for feature in personal.0.iter() {
        stays.extend(feature.erase(tx, id.0).await?);
    }
    tx.record(&permit, Event::about("account.erased", "account", id.0)).await?;
    Ok(stays)
}

/// What goes, in words: the page says it before and after.
pub const GOES: [&str; 5] = [
    "Your name, your address, what you do, your grades, subjects and time zone",
    "Your password, second steps, passkeys and links to your school's sign-in",
    "Every sign-in and token; you are signed out everywhere",
    "What you follow, and invitations to you",
    "Letters to you that wait or are kept, and the text of letters here that name you to others",
];

/// What stays, in words.
pub const STAYS: [&str; 3] = [
    "An account called \u{201c}Former member\u{201d}, with nothing about you, because records point at its number",
    "Where you belonged, in which role and when, under that number, because it explains what was decided then",
    "The audit log, which holds that number and never held your name or address",
];

fn is_address_of(typed: &str, account: &Account) -> bool {
    Email::parse(typed.trim()).is_ok_and(|email| Some(&email) == account.email.as_ref())
}

fn zip(sheets: &[Sheet], when: &str) -> std::io::Result<Vec<u8>> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("README.txt", options)?;
    zip.write_all(readme(sheets, when).as_bytes())?;
    for sheet in sheets {
        zip.start_file(format!("{}.json", sheet.name), options)?;
        serde_json::to_writer_pretty(&mut zip, &sheet.rows)?;
        zip.start_file(format!("{}.csv", sheet.name), options)?;
        zip.write_all(&csv(&sheet.rows)?)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn readme(sheets: &[Sheet], when: &str) -> String {
    let mut text = format!(
        "Common Ground: what is kept about you, as of {when}.\n\n\
         Each list is here twice: as JSON for programs, and as CSV for a spreadsheet. Times are in UTC. In CSV a cell that\n\
         a spreadsheet could take for a formula begins with an apostrophe. Passwords and other secrets are not here: they\n\
         prove who you are and say nothing about you.\n\n"
    );
    for sheet in sheets {
        let count = sheet.rows.len();
        let plural = if count == 1 { "y" } else { "ies" };
        text.push_str(&format!("{}: {count} entr{plural}\n", sheet.name));
    }
    text
}

fn csv(rows: &[Value]) -> std::io::Result<Vec<u8>> {
    let mut writer = cells::writer();
    if let Some(first) = rows.first().and_then(Value::as_object) {
        writer.write_record(first.keys())?;
    }
    for row in rows.iter().filter_map(Value::as_object) {
        let cell = |value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => inert(text),
            other => inert(&other.to_string()),
        };
        writer.write_record(row.values().map(cell))?;
    }
    writer.into_inner().map_err(std::io::Error::other)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_zip_holds_each_list_twice_and_a_text() {
        let rows =
            vec![json!({ "name": "=cmd()", "at": null, "n": -1 }), json!({ "name": "Ada, \"A\"", "at": "x", "n": 2 })];
        let sheets = [Sheet { name: "follows", rows }, Sheet { name: "letters", rows: Vec::new() }];
        let bytes = zip(&sheets, "2026-10-14").unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut read = |name: &str| {
            let mut text = String::new();
            archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        assert_eq!(read("follows.csv"), "at,n,name\r\n,'-1,'=cmd()\r\nx,2,\"Ada, \"\"A\"\"\"\r\n");
        assert!(read("follows.json").contains("\"=cmd()\""));
        assert_eq!((read("letters.json").as_str(), read("letters.csv").as_str()), ("[]", ""));
        assert!(read("README.txt").contains("follows: 2 entries\nletters: 0 entries\n"));
    }
}
