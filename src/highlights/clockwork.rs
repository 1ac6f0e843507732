//! What time makes due here: highlights whose embargo is over, and bytes of pictures that nobody has any more. Runs beside the server of
//! every node; whoever comes first does it, with the row held.

use std::time::Duration;

use super::{photo, publishing};
use crate::materials::Depot;
use crate::notices::Postroom;
use crate::platform::Db;

/// Looks every second, and once a minute for pictures, until the future that runs it is dropped.
pub async fn run(db: &Db, room: &Postroom, depot: &Depot) {
    let mut seconds = 0_u32;
    loop {
        if let Err(error) = publishing::due(db, room).await {
            tracing::error!(%error, "highlights that are due cannot be published");
        }
        if seconds.is_multiple_of(60)
            && let Err(error) = photo::sweep(db, depot).await
        {
            tracing::error!(%error, "pictures of highlights cannot be taken out");
        }
        seconds = seconds.wrapping_add(1);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
