//! Announcements whose time has come. Runs beside the server of every node; whoever comes first does a piece, with the
//! announcement held.

use std::time::Duration;

use super::{Press, sending};
use crate::platform::Db;

/// Looks every second until the future that runs it is dropped.
pub async fn run(db: &Db, press: &Press) {
    loop {
        if let Err(error) = sending::due(db, press).await {
            tracing::error!(%error, "what is due for announcements cannot be done");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
