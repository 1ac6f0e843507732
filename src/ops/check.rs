//! `commonground check`: is this installation sound?

use std::process::ExitCode;

use super::{index, output};
use crate::app::App;
use crate::catalog;
use crate::platform::{Actor, Result};

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
    let index = index::verify(app).await?;
    Ok(if unreadable.is_empty() { index } else { ExitCode::FAILURE })
}
