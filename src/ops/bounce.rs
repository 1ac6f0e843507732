//! `commonground bounce`: takes in a message that came back by mail. And `commonground dkim`: makes a key that signs letters.

use std::io::Read;
use std::process::ExitCode;

use super::output;
use crate::app::App;
use crate::mail::dkim::{self, NewKey};
use crate::mail::intake::{Kind, LARGEST, Outcome, Report};
use crate::platform::{Config, Error, Result};

/// Reads a message from standard input and says in one line what it was. What nobody understands is no failure: a mail server
/// that ran us would write another bounce.
pub(super) async fn run(app: &App) -> Result<ExitCode> {
    let mut raw = Vec::new();
    let most = LARGEST as u64 + 1;
    std::io::stdin()
        .lock()
        .take(most)
        .read_to_end(&mut raw)
        .map_err(|e| Error::Conflict(format!("The message cannot be read: {e}.")))?;
    if raw.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::Conflict(
            "There is no message; give it on standard input: commonground bounce < FILE.".to_owned(),
        ));
    }
    let report = app.intake(&super::admin::base_url(app))?.take(&raw, None).await?;
    output::say(&line(&report));
    Ok(ExitCode::SUCCESS)
}

/// "hard 5.1.1: letter 0199..; its address gets no more letters".
fn line(report: &Report) -> String {
    let status = report.status.as_ref().map_or(String::new(), |status| format!(" {status}"));
    let about = match (report.kind, report.reply, report.letter) {
        (Kind::Reply, Some(Outcome::Applied), _) => "a calendar's answer; it was applied".to_owned(),
        (Kind::Reply, Some(Outcome::NothingToDo), _) => "a calendar's answer; it changes nothing".to_owned(),
        (Kind::Reply, ..) => "a calendar's answer to no seat of its sender".to_owned(),
        (Kind::AutoReply, ..) => "written by a machine; nothing to do".to_owned(),
        (Kind::Unknown, ..) => "nothing that came back; nothing to do".to_owned(),
        (_, _, Some(letter)) if report.suppressed => {
            format!("letter {letter}; its address gets no more of such letters")
        }
        (_, _, Some(letter)) => format!("letter {letter}"),
        (_, _, None) => "about no letter of ours; nothing to do".to_owned(),
    };
    format!("{}{status}: {about}", report.kind.code())
}

/// Makes a key in the folder `dkim` of the data folder.
pub(super) fn make_key(config: &Config, selector: &str, ed25519: bool) -> Result<ExitCode> {
    let kind = if ed25519 { NewKey::Ed25519 } else { NewKey::Rsa };
    let (file, record) = dkim::make(&config.data.join("dkim"), selector, kind)?;
    let selector = selector.to_ascii_lowercase();
    output::say(&format!(
        "Publish this TXT record at {selector}._domainkey.DOMAIN, where DOMAIN is that of mail_from:"
    ));
    output::say(&record);
    output::say(&format!(
        "When it is published, set dkim = \"{selector}:{}\" and start the server again.",
        file.display()
    ));
    Ok(ExitCode::SUCCESS)
}
