//! `commonground synonyms`: the words that searches are widened by, and the searches nobody could answer.

use std::process::ExitCode;

use clap::Subcommand;

use super::output;
use crate::app::App;
use crate::platform::{Actor, Result};
use crate::search;

/// What to do with the synonym list.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Print the list
    List,
    /// Set what a word also means; the running servers use it within a second
    Set {
        /// The word, or a few
        term: String,
        /// Words and phrases it also means
        #[arg(required = true)]
        also: Vec<String>,
    },
    /// Take a word out of the list
    Remove {
        /// The word
        term: String,
    },
    /// Print searches that found nothing, or nothing good, without who asked
    Unmet {
        /// Days to look back
        #[arg(long, default_value_t = 90)]
        days: i64,
    },
}

pub(super) async fn run(app: &App, what: What) -> Result<ExitCode> {
    let actor = Actor::System("synonyms");
    match what {
        What::List => {
            for (term, also) in search::synonyms(&app.db.cx(actor)).await? {
                output::say(&format!("{term}: {}", also.join(", ")));
            }
        }
        What::Set { term, also } => {
            let mut tx = app.db.write(actor).await?;
            search::set_synonym(&mut tx, &term, &also).await?;
            tx.commit().await?;
            output::say(&format!("\"{term}\" also finds {}.", also.join(", ")));
        }
        What::Remove { term } => {
            let mut tx = app.db.write(actor).await?;
            search::set_synonym(&mut tx, &term, &[]).await?;
            tx.commit().await?;
            output::say(&format!("\"{term}\" is out of the list."));
        }
        What::Unmet { days } => {
            for (wording, outcome, times) in search::unmet(&app.db.cx(actor), days).await? {
                output::say(&format!("{times:>6}  {outcome:<4}  {wording}"));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
