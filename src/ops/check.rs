//! `commonground check`: is this installation sound?

use std::process::ExitCode;

use super::{index, output};
use crate::app::App;
use crate::platform::{Actor, Cx, Result};
use crate::{audit, catalog};

pub(super) async fn run(app: &App) -> Result<ExitCode> {
    app.db.ping().await?;
    output::say("The database answers and is up to date.");
    let cx = app.db.cx(Actor::System("check"));
    let unreadable = catalog::unreadable(&cx).await?;
    for id in &unreadable {
        output::refuse(&format!("The record of practice {id} cannot be read."));
    }
    if unreadable.is_empty() {
        output::say("Every practice can be read.");
    }
    let whole = chain(&cx).await?;
    let index = index::verify(app).await?;
    Ok(if unreadable.is_empty() && whole { index } else { ExitCode::FAILURE })
}

/// Whether the log of events is what was written. Number and hash of its end are for writing down elsewhere: who cuts the
/// log and its note together is found by them alone.
async fn chain(cx: &Cx) -> Result<bool> {
    let found = audit::verify(cx).await?;
    if let Some(broken) = found.broken {
        output::refuse(&format!("The audit log does not hold. {broken}"));
        return Ok(false);
    }
    let audit::Head { number, hash } = found.head;
    let waiting = match found.unsealed {
        0 => String::new(),
        1 => " 1 event waits for its seal; the server seals it.".to_owned(),
        n => format!(" {n} events wait for their seals; the server seals them."),
    };
    output::say(&format!("The audit log holds: {number} sealed events, the last with {hash}.{waiting}"));
    Ok(true)
}
