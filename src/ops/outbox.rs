//! `commonground outbox`: what is in it, whether it is emptied, and letters that shall go again. Works beside a server.

use std::process::ExitCode;

use clap::Subcommand;

use super::output;
use crate::app::App;
use crate::mail::LetterId;
use crate::mail::outbox::{self, Filter, Kept, STATES};
use crate::platform::{Actor, Error, Result, Timestamp};

/// What to do with the outbox.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Say how many letters there are in each state, and show those that have not left, newest first
    List {
        /// Show letters in this state instead
        #[arg(long, value_parser = STATES)]
        state: Option<String>,
        /// How many to show
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// Print every letter as a line: recipient, tab, Message-ID
    Dump {
        /// Only letters in this state
        #[arg(long, value_parser = STATES)]
        state: Option<String>,
        /// Everything but the text, as one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Stop letters from leaving, on every node
    Pause {
        /// Why, for whoever looks next
        #[arg(long, value_name = "TEXT")]
        because: Option<String>,
    },
    /// Let letters leave again
    Resume,
    /// Try letters again now
    Retry {
        /// Their ids
        #[arg(value_name = "ID", required_unless_present = "failed")]
        ids: Vec<LetterId>,
        /// All that were given up
        #[arg(long, conflicts_with = "ids")]
        failed: bool,
    },
}

/// Letters read from the database at a time.
const PAGE: u64 = 1000;

pub(super) async fn run(app: &App, what: What) -> Result<ExitCode> {
    match what {
        What::List { state, limit } => list(app, state, limit).await?,
        What::Dump { state, json } => dump(app, state, json).await?,
        What::Pause { because } => {
            let mut tx = app.db.write(Actor::System("outbox")).await?;
            outbox::pause(&mut tx, because.as_deref()).await?;
            tx.commit().await?;
            output::say("No letter leaves until `commonground outbox resume`.");
        }
        What::Resume => {
            let mut tx = app.db.write(Actor::System("outbox")).await?;
            outbox::resume(&mut tx).await?;
            tx.commit().await?;
            output::say("Letters leave again.");
        }
        What::Retry { ids, failed } => {
            let mut tx = app.db.write(Actor::System("outbox")).await?;
            let count = outbox::retry(&mut tx, (!failed).then_some(ids.as_slice())).await?;
            if count == 0 && !failed {
                return Err(Error::Conflict(
                    "None of these letters can go again: they are not there, have left, or their text is gone."
                        .to_owned(),
                ));
            }
            tx.commit().await?;
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            output::say(&format!("{} again.", output::count(count, "letter goes", "letters go")));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(app: &App, state: Option<String>, limit: u64) -> Result<()> {
    let cx = app.db.cx(Actor::System("outbox"));
    let counts: Vec<String> =
        outbox::counts(&cx).await?.into_iter().map(|(state, number)| format!("{number} {state}")).collect();
    output::say(&counts.join(", "));
    if let Some(at) = outbox::switch(&cx).await?.paused_at {
        output::say(&format!("Letters are paused since {}.", moment(at)));
    }
    let filter = Filter { waiting: state.is_none(), state };
    for letter in outbox::letters(&cx, &filter, None, limit).await? {
        output::say(&line(&letter));
    }
    Ok(())
}

fn line(letter: &Kept) -> String {
    let when = match letter.done_at {
        Some(at) => moment(at),
        None => format!("due {}", moment(letter.due_at)),
    };
    let answer = letter.answer.as_ref().map_or(String::new(), |answer| format!("  {answer}"));
    let Kept { id, state, to, kind, subject, attempts, .. } = letter;
    format!("{id}  {state:<9}  {when}  {attempts} tried  {to}  {kind}  {subject}{answer}")
}

async fn dump(app: &App, state: Option<String>, json: bool) -> Result<()> {
    let cx = app.db.cx(Actor::System("outbox"));
    let filter = Filter { state, waiting: false };
    let mut before = None;
    loop {
        let letters = outbox::letters(&cx, &filter, before, PAGE).await?;
        for letter in &letters {
            output::say(&if json { object(letter) } else { format!("{}\t{}", letter.to, letter.message_id) });
        }
        match letters.last() {
            Some(last) if letters.len() as u64 == PAGE => before = Some(last.id),
            _ => return Ok(()),
        }
    }
}

fn object(letter: &Kept) -> String {
    serde_json::json!({
        "id": letter.id,
        "to": letter.to,
        "message_id": letter.message_id,
        "kind": letter.kind,
        "subject": letter.subject,
        "state": letter.state,
        "attempts": letter.attempts,
        "answer": letter.answer,
        "created_at": letter.created_at,
        "due_at": letter.due_at,
        "done_at": letter.done_at,
    })
    .to_string()
}

fn moment(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}
