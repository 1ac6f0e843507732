//! Two schools that become one (`people::school_admin`): what sessions keep of the first goes over to the second in the same
//! transaction, so that who leads it sees its staff's seats, is written to, and finds its rooms. Told by the change log of
//! schools, because `people` does not know of sessions.

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;

use super::{policy, store};
use crate::mail;
use crate::notices;
use crate::people::{self, SchoolId};
use crate::platform::db::log::Relay;
use crate::platform::{Event, Result, Tx};
use crate::search::Kind;

/// Carries over what a school that became part of another had here. One statement where no school did.
pub struct MergerRelay;

#[async_trait]
impl Relay for MergerRelay {
    async fn changed(&self, tx: &mut Tx, log: &str, subjects: &[Uuid]) -> Result<()> {
        if log != Kind::School.name() {
            return Ok(());
        }
        // Looked at whatever changed: what a registration of the same moment still wrote down for the old one follows later.
        let merged: Vec<SchoolId> = people::merged_schools(tx, subjects).await?.into_iter().map(SchoolId).collect();
        if merged.is_empty() {
            return Ok(());
        }
        let named = store::mergers::named(tx.conn(), &merged).await?;
        let whole = people::schools_in(tx, &merged).await?;
        for from in merged {
            let Some(into) = whole.get(&from).map(|school| school.id).filter(|into| *into != from) else { continue };
            // Whoever leads the whole reads what waits for the leads of the part.
            mail::personal::hand_over(tx, from.0, into.0).await?;
            notices::hand_over(tx, from, into).await?;
            if !named.contains(&from) {
                continue;
            }
            let permit = policy::carry_over(tx.actor())?;
            let moved = store::mergers::carry_over(tx.conn(), from, into).await?;
            let detail = json!({
                "into": into.0, "sessions": moved.sessions, "registrations": moved.registrations, "rooms": moved.rooms,
            });
            tx.record(&permit, Event::about("school.sessions_moved", "school", from.0).with(detail)).await?;
        }
        Ok(())
    }
}
