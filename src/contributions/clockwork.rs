//! What time makes due here: schools that have not answered are asked again, and schools are asked whether their practices still hold. Runs
//! beside the server of every node; whoever comes first does it, with the row held.

use std::time::Duration;

use super::{confirm, recheck};
use crate::notices::Postroom;
use crate::platform::{Db, Result};

/// Looks once, and says how much was done. A part that fails is logged, and the other goes on.
pub async fn tick(db: &Db, room: &Postroom) -> Result<usize> {
    let mut sum = 0;
    for (part, done) in [("confirmations", confirm::due(db, room).await), ("checks", recheck::due(db, room).await)] {
        match done {
            Ok(done) => sum += done,
            Err(error) => tracing::error!(%error, part, "what is due for practices cannot be done"),
        }
    }
    Ok(sum)
}

/// Looks every second, and once a minute for checks, which are due by the day, until the future that runs it is dropped.
pub async fn run(db: &Db, room: &Postroom) {
    let mut seconds = 0_u32;
    loop {
        if let Err(error) = confirm::due(db, room).await {
            tracing::error!(%error, "schools cannot be asked again");
        }
        if seconds.is_multiple_of(60)
            && let Err(error) = recheck::due(db, room).await
        {
            tracing::error!(%error, "schools cannot be asked whether practices still hold");
        }
        seconds = seconds.wrapping_add(1);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
