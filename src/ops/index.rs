//! `commonground index`: verify and rebuild, also while the server runs.

use std::process::ExitCode;
use std::time::Duration;

use clap::Subcommand;

use super::output;
use crate::app::App;
use crate::platform::{Clock, Config, Error, Result};
use crate::search::{Kind, Search};

/// What to do with the search index.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Compare every document of the index with the database
    Verify,
    /// Throw the index away and make it again from the database
    Rebuild,
}

pub(super) async fn run(config: Config, what: What) -> Result<ExitCode> {
    let app = App::open(config, Clock::System).await?;
    match what {
        What::Verify => verify(&app).await,
        What::Rebuild => rebuild(&app).await,
    }
}

/// Compares and tells; a difference is a failure.
pub(super) async fn verify(app: &App) -> Result<ExitCode> {
    let mut clean = true;
    for (kind, verified) in Search::verify_folder(&app.config.index_dir(), &app.db, &crate::app::sources()).await? {
        clean &= verified.is_clean();
        output::say(&format!(
            "{}: {} compared, {} missing, {} changed, {} ghosts",
            kind.name(),
            output::count(verified.documents, "document", "documents"),
            verified.missing,
            verified.changed,
            verified.ghosts
        ));
    }
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn rebuild(app: &App) -> Result<ExitCode> {
    let search = app.search().await?;
    match search.claim() {
        Ok(()) => {
            let bar = output::bar(total(app).await?, "Index");
            let mut done = 0;
            search
                .rebuild(&app.db, |taken| {
                    done = done.max(taken);
                    bar.set_position(taken);
                })
                .await?;
            bar.finish_and_clear();
        }
        // The server holds the index: it does the work, this command waits for it.
        Err(Error::Conflict(_)) => {
            drop(search);
            Search::ask_for_rebuild(&app.config.index_dir())?;
            output::say("The running server makes its index again.");
            while Search::rebuild_is_asked(&app.config.index_dir()) {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
        Err(other) => return Err(other),
    }
    verify(app).await
}

async fn total(app: &App) -> Result<u64> {
    let cx = app.db.cx(crate::platform::Actor::System("index"));
    let mut total = 0;
    for kind in Kind::ALL {
        total += crate::platform::db::log::head(cx.conn(), kind.name()).await?.unsigned_abs();
    }
    Ok(total)
}
