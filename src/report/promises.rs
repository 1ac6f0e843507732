//! The commitments of a city's compacts, as they stand now.

use std::collections::HashMap;

use super::facts::Promise;
use crate::compacts::{self, Commitment, Compact, CompactId, Freshness, Standing};
use crate::people::city::City;
use crate::platform::vocabulary::CommitmentStatus;
use crate::platform::{Cx, Result, Timestamp};

/// Commitments of the city's compacts that everybody may read, by compact and number. Five statements.
pub async fn promises(cx: &Cx, city: &City) -> Result<Vec<Promise>> {
    let mut mine = compacts::compacts(cx).await?;
    mine.retain(|compact| compact.city.as_deref() == Some(city.slug.as_str()));
    let ids: Vec<CompactId> = mine.iter().map(|compact| compact.id).collect();
    let by: HashMap<CompactId, &Compact> = mine.iter().map(|compact| (compact.id, compact)).collect();
    let mut found = compacts::commitments_of(cx, &ids).await?;
    found.sort_by(|a, b| {
        let name = |one: &Commitment| by.get(&one.compact).map_or("", |compact| compact.name.as_str());
        (name(a), a.number).cmp(&(name(b), b.number))
    });
    let now = cx.now();
    Ok(found.iter().filter_map(|one| Some(promise(one, by.get(&one.compact)?, now))).collect())
}

fn promise(one: &Commitment, compact: &Compact, now: Timestamp) -> Promise {
    let standing = one.standing();
    let freshness = one.freshness(now);
    let open = one.is_open();
    Promise {
        sentence: one.sentence.clone(),
        compact: compact.name.clone(),
        url: format!("/compacts/{}/commitments/{}", compact.slug, one.number),
        standing: standing.to_string(),
        status: match standing {
            Standing::ReportedMet { .. } => "Reported met, not confirmed".to_owned(),
            Standing::Is(status) => status.label().to_owned(),
        },
        freshness: freshness.label().to_owned(),
        spoken_on: one.spoken_on(),
        missed: one.status == CommitmentStatus::MISSED,
        disputed: one.is_disputed(),
        met: one.standing() == Standing::Is(CommitmentStatus::MET),
        open,
        silent: open && freshness == Freshness::Silent,
    }
}
