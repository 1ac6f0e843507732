//! The catalog: practices that schools share, what is known about their effect, and who uses them.
//!
//! A [`Practice`] keeps its address for ever; what it says is a [`PracticeRecord`], and every change makes a
//! new [`Version`] while the old ones stay readable. Evidence belongs to an outcome and not to a practice,
//! so a record carries a list of claims and no badge. A practice that was stopped is published like others,
//! and one that is retired leaves a page with the reason.
//!
//! Practices come in by [`publish`] (a full record, every rule of publication kept), or from files
//! ([`import_practices`], [`import_wwc`]), where a title is enough and the completeness bar shows the rest.
//! Drafts and review are in `contributions`, which hands what passed to [`release`].

pub mod adoption;
pub mod api;
pub mod care;
pub mod changes;
mod clean;
pub mod compare;
pub mod completeness;
pub mod draft;
pub mod fields;
pub mod guard;
mod import;
pub mod jsonld;
pub mod markdown;
pub mod parse;
pub mod parts;
mod policy;
mod practice;
pub mod record;
mod search;
mod store;
pub mod views;
pub mod web;
mod wwc;

use std::collections::HashMap;

use chrono::{Months, NaiveDate};
use uuid::Uuid;

pub use self::adoption::{Adoption, AdoptionId, NewAdoption, adoptions_by, adoptions_of, record_adoption, used_by};
pub use self::care::retire;
pub use self::import::{practices as import_practices, wwc as import_wwc};
pub use self::parse::{NewPractice, Rules, Trust};
pub use self::practice::{Practice, PracticeId, Version, VersionLine};
pub use self::record::PracticeRecord;
pub use self::search::{PracticeSource, SchoolRelay, cards};
use crate::people::SchoolId;
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Cx, Error, Event, Result, Tx};

/// How long a practice holds before somebody should check it again (product.md section 2).
pub const CHECK_EVERY: Months = Months::new(24);

/// A practice by its name in addresses or its id. Retired ones too: they leave a tombstone (P-8).
pub async fn practice(cx: &Cx, reference: &str) -> Result<Practice> {
    Error::unless_nameable(reference, "practice")?;
    store::practice(cx.conn(), reference).await?.filter(Practice::is_public).ok_or(Error::NotFound("practice"))
}

/// The same as [`practice`], inside a transaction; `None` where there is none.
pub async fn practice_in(tx: &Tx, reference: &str) -> Result<Option<Practice>> {
    if Error::unless_nameable(reference, "practice").is_err() {
        return Ok(None);
    }
    Ok(store::practice(tx.conn(), reference).await?.filter(Practice::is_public))
}

/// A public practice, held until the transaction ends: whoever begins its next version waits here for whoever does so too.
pub async fn practice_held(tx: &Tx, id: PracticeId) -> Result<Option<Practice>> {
    let row = store::practice_for_update(tx.conn(), id).await?;
    Ok(row.map(store::practice_of).transpose()?.filter(Practice::is_public))
}

/// Public practices by id, in one batch; others are left out.
pub async fn practices(cx: &Cx, ids: &[PracticeId]) -> Result<HashMap<PracticeId, Practice>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let found = store::practices(cx.conn(), &ids).await?;
    Ok(found.into_iter().filter(Practice::is_public).map(|practice| (practice.id, practice)).collect())
}

/// Versions of a public practice, newest first.
pub async fn versions(cx: &Cx, practice: PracticeId) -> Result<Vec<VersionLine>> {
    store::versions(cx.conn(), practice).await
}

/// Versions of many public practices, newest first. One statement for 900 practices.
pub async fn versions_of(cx: &Cx, practices: &[PracticeId]) -> Result<HashMap<PracticeId, Vec<VersionLine>>> {
    let ids: Vec<Uuid> = practices.iter().map(|id| id.0).collect();
    Ok(store::versions_of(cx.conn(), &ids).await?.into_iter().map(|(id, lines)| (PracticeId(id), lines)).collect())
}

/// One version of a public practice.
pub async fn version(cx: &Cx, practice: PracticeId, number: i32) -> Result<Version> {
    store::version(cx.conn(), practice, number).await?.ok_or(Error::NotFound("version"))
}

/// The same inside a transaction; `None` where there is none.
pub async fn version_in(tx: &Tx, practice: PracticeId, number: i32) -> Result<Option<Version>> {
    store::version(tx.conn(), practice, number).await
}

/// Practices that began at a school or at those that became part of it, newest first, at most 100.
pub async fn created_at(cx: &Cx, family: &[SchoolId]) -> Result<Vec<Practice>> {
    store::created_at(cx.conn(), family, 100).await
}

/// How many practices search shows, and how many began at each school.
pub async fn counts(cx: &Cx) -> Result<(u64, HashMap<SchoolId, u64>)> {
    let (total, schools) = store::counts(cx.conn()).await?;
    Ok((total, schools.into_iter().map(|(id, n)| (SchoolId(id), n.unsigned_abs())).collect()))
}

/// Ids of practices whose record cannot be read: there should be none.
pub async fn unreadable(cx: &Cx) -> Result<Vec<Uuid>> {
    let (mut bad, mut after) = (Vec::new(), None);
    loop {
        let ids = store::ids(cx.conn(), after, 500).await?;
        let Some(last) = ids.last().copied() else { return Ok(bad) };
        after = Some(last);
        if store::practices(cx.conn(), &ids).await.is_err() {
            for id in ids {
                if store::practices(cx.conn(), &[id]).await.is_err() {
                    bad.push(id);
                }
            }
        }
    }
}

/// When a practice was published and last checked.
#[derive(Clone, Copy, Debug)]
pub struct Dates {
    /// First publication.
    pub published_on: NaiveDate,
    /// Last check that it still holds.
    pub last_checked_on: NaiveDate,
}

/// Publishes a practice whose record keeps every rule of publication; `origin` is where it began.
///
/// # Errors
/// `Forbidden` for everybody but the program itself until review exists: an editor and the principal of the
/// school have to say yes (P-2, P-4).
pub async fn publish(tx: &mut Tx, new: NewPractice, origin: SchoolId, dates: Dates) -> Result<PracticeId> {
    let permit = policy::publish(tx.actor())?;
    let standing = import::Standing {
        status: PracticeStatus::PUBLISHED,
        imported_by: None,
        published_on: Some(dates.published_on),
        last_checked_on: Some(dates.last_checked_on),
    };
    let kept = import::keep(tx, vec![(new, Some(origin))], standing).await?;
    let id = kept.touched.first().copied().ok_or_else(|| Error::Conflict("This practice is there already.".into()))?;
    tx.record(&permit, Event::about("practice.published", "practice", id.0)).await?;
    crate::search::touch(tx, crate::search::Kind::Practice, &[id.0]).await?;
    Ok(id)
}

/// A record that passed its review, on its way into the catalog.
#[derive(Clone, Debug)]
pub struct Release {
    /// The practice; one that is not in the catalog yet comes in with this id.
    pub id: PracticeId,
    /// The version that the record was written against; 0 for a practice that is not in the catalog.
    pub after: i32,
    /// What it says now.
    pub record: PracticeRecord,
    /// Where it began. Of a practice that is in the catalog it stays what it was.
    pub origin: SchoolId,
    /// What changed, in the author's words.
    pub note: Option<String>,
}

/// Publishes what passed its review: a new practice with version 1, or the next version of one (P-6). Marks it for the index. Gives
/// the practice's name in addresses and the number of the version.
///
/// # Errors
/// `Stale` where the practice has a newer version than the record was written against, `NotFound` for a practice that is not there
/// or was retired, `Forbidden` unless the actor leads the school, edits, or is the program.
pub async fn release(tx: &mut Tx, release: Release) -> Result<(String, i32)> {
    let permit = policy::release(tx.actor(), release.origin)?;
    let (id, today) = (release.id, tx.now().date_naive());
    let found = store::practice_for_update(tx.conn(), id).await?;
    let (slug, number) = match found {
        None if release.after == 0 => {
            let new = NewPractice { source: None, origin_school: None, record: release.record };
            import::put_new(tx, id, new, release.origin, today).await?
        }
        Some(row) if row.version == release.after && row.status != PracticeStatus::RETIRED.code() => {
            import::put_next(tx, row, &release.record, release.note.as_deref(), today).await?
        }
        Some(row) if row.version != release.after => return Err(Error::Stale),
        _ => return Err(Error::NotFound("practice")),
    };
    let event = Event::about("practice.published", "practice", id.0).with(serde_json::json!({ "version": number }));
    tx.record(&permit, event).await?;
    crate::search::touch(tx, crate::search::Kind::Practice, &[id.0]).await?;
    Ok((slug, number))
}
