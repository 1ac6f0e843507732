//! What time makes due here: schools that have not answered are asked again. Runs beside the server of every node; whoever comes first
//! does it, with the contribution held.

use std::time::Duration;

use super::confirm;
use crate::notices::Postroom;
use crate::platform::{Db, Result};

/// Looks once, and says how much was done.
pub async fn tick(db: &Db, room: &Postroom) -> Result<usize> {
    confirm::due(db, room).await
}

/// Looks every second until the future that runs it is dropped.
pub async fn run(db: &Db, room: &Postroom) {
    loop {
        if let Err(error) = tick(db, room).await {
            tracing::error!(%error, "what is due for reviews cannot be done");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
