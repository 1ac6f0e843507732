//! Posting: drafting, changing, publishing, cancelling, postponing, cloning a session; the co-host's consent.

use super::desk::Desk;
use crate::platform::{Db, Result};

/// Does what time has made due, and says how much that was.
pub async fn due(_db: &Db, _desk: &Desk) -> Result<usize> {
    Ok(0)
}
