//! Adoptions whose day has come: a follow-up is due, or the practice has a new version. Runs beside the server of every node;
//! whoever comes first does it, with the adoption held.

use std::time::Duration;

use super::follow_up;
use crate::platform::Db;
use crate::sessions::Desk;

/// Looks every second until the future that runs it is dropped.
pub async fn run(db: &Db, desk: &Desk) {
    loop {
        if let Err(error) = follow_up::look_at_all(db, desk).await {
            tracing::error!(%error, "what is due for adoptions cannot be done");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
