//! A draft that nobody wants any more.

use serde_json::json;

use crate::platform::vocabulary::SessionStatus;
use crate::platform::{Error, Event, Result, Tx};
use crate::search;
use crate::sessions::session::SessionId;
use crate::sessions::{held, policy, store};

/// Discards a draft, or one that waits for the principal, for good: whoever may change it. What was published and taken back
/// goes with what people left behind in it.
pub async fn discard(tx: &mut Tx, id: SessionId) -> Result<()> {
    let (session, grounds) = held(tx, id).await?;
    let permit = policy::change(tx.actor(), &session, &grounds)?;
    if session.is_public() {
        return Err(Error::Conflict(
            "It is published: take it back to a draft while nobody has registered, or cancel it.".to_owned(),
        ));
    }
    store::discarding::discard(tx.conn(), id).await?;
    search::touch(tx, search::Kind::Session, &[id.0]).await?;
    let was_published = session.published_at.is_some();
    let detail = json!({ "submitted": session.status == SessionStatus::SUBMITTED, "was_published": was_published });
    tx.record(&permit, Event::about("session.discarded", "session", id.0).with(detail)).await
}
