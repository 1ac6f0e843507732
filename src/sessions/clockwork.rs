//! What time makes due: holds and offers that end, kept seats that are released, sessions that begin and end, attendance that
//! is locked. Runs beside the server of every node; whoever comes first does it, with the session's row held, and doing it
//! again does nothing.

use std::time::Duration;

use super::desk::Desk;
use super::{access, attendance, message, posting, practice_use, registration, reminders, survey, wish};
use crate::platform::{Db, Result};

/// Looks once, and says how much was done. A part that fails is logged, and the others go on.
pub async fn tick(db: &Db, desk: &Desk) -> Result<usize> {
    let parts = [
        ("seats", registration::due(db, desk).await),
        ("postings", posting::due(db, desk).await),
        ("attendance", attendance::due(db, desk).await),
        ("reminders", reminders::due(db, desk).await),
        ("access needs", access::due(db, desk).await),
        ("wishes", wish::due(db, desk).await),
        ("surveys", survey::due(db, desk).await),
        ("messages", message::due(db, desk).await),
        ("use of practices", practice_use::due(db, desk).await),
    ];
    let mut sum = 0;
    for (part, done) in parts {
        match done {
            Ok(done) => sum += done,
            Err(error) => tracing::error!(%error, part, "what is due for sessions cannot be done"),
        }
    }
    Ok(sum)
}

/// Looks every second until the future that runs it is dropped.
pub async fn run(db: &Db, desk: &Desk) {
    loop {
        if let Err(error) = tick(db, desk).await {
            tracing::error!(%error, "what is due for sessions cannot be done");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
