//! Certificates: what somebody earned, as it was when it was earned (J-13).

use super::desk::Desk;
use super::session::Session;
use crate::platform::{Result, Tx};

/// Makes the certificates of a session whose attendance was just locked, or corrected since: one for each person and program
/// that earned something, a new version where an earlier one says something else. Writes a letter for each. Says how many.
pub async fn issue(_tx: &mut Tx, _desk: &Desk, _session: &Session) -> Result<usize> {
    Ok(0)
}
