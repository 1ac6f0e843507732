//! Who uses a practice: one adoption per practice and school.
//!
//! Interest and plans are kept and never counted: "used by" begins with a pilot. The sector is the one the
//! school had when it began, so that the count of cross-sector adoptions stays true when a school changes.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::policy;
use super::practice::PracticeId;
use super::store::{self, adoption};
use crate::people::{self, SchoolId};
use crate::platform::ids::typed_id;
use crate::platform::vocabulary::{AdoptionStage, KeptCore, StopReason};
use crate::platform::{Cx, Error, Event, FieldErrors, Result, Tx};
use crate::search;

typed_id!(
    /// An adoption.
    AdoptionId
);

/// A school's use of a practice.
#[derive(Clone, Debug, PartialEq)]
pub struct Adoption {
    /// Its id.
    pub id: AdoptionId,
    /// Which practice.
    pub practice: PracticeId,
    /// Which school.
    pub school: SchoolId,
    /// The version it began with.
    pub version: i32,
    /// The school's sector when it began; `None` is unknown.
    pub sector_at_start: Option<String>,
    /// How far it is.
    pub stage: AdoptionStage,
    /// When it began.
    pub started_on: NaiveDate,
    /// When it reached the stage.
    pub stage_since: NaiveDate,
    /// Who leads it, by role.
    pub lead_role: Option<String>,
    /// What the school changed.
    pub changed_what: Option<String>,
    /// Whether it kept the core parts.
    pub kept_core: Option<KeptCore>,
    /// How it went, in the school's words.
    pub result_note: Option<String>,
    /// Whether the school would recommend it.
    pub would_recommend: Option<bool>,
    /// Whether others may ask.
    pub contact_ok: bool,
    /// Why it stopped.
    pub stopped_reason: Option<String>,
}

impl Adoption {
    /// Whether it counts as using the practice.
    pub fn is_use(&self) -> bool {
        (AdoptionStage::PILOTING..=AdoptionStage::SUSTAINED).contains(&self.stage)
    }
}

/// An adoption as a school tells it.
#[derive(Clone, Debug)]
pub struct NewAdoption {
    /// Which school.
    pub school: SchoolId,
    /// How far it is.
    pub stage: AdoptionStage,
    /// When it began.
    pub started_on: NaiveDate,
    /// Who leads it, by role.
    pub lead_role: Option<String>,
    /// What the school changed.
    pub changed_what: Option<String>,
    /// Whether it kept the core parts.
    pub kept_core: Option<KeptCore>,
    /// How it went, in the school's words.
    pub result_note: Option<String>,
    /// Whether the school would recommend it.
    pub would_recommend: Option<bool>,
    /// Whether others may ask.
    pub contact_ok: bool,
    /// Why it stopped; needed for, and only for, the stage `stopped`.
    pub stopped_reason: Option<StopReason>,
}

/// Keeps what a school tells of its use of a practice; told again, the newer word holds.
///
/// # Errors
/// `NotFound` for a practice nobody can read, `Invalid` for a stop without a reason or a start in the
/// future, `Forbidden` for people of other schools.
pub async fn record_adoption(tx: &mut Tx, practice: PracticeId, new: NewAdoption) -> Result<()> {
    let permit = policy::adopt(tx.actor(), new.school)?;
    let found = store::practices(tx.conn(), &[practice.0]).await?.pop().filter(super::practice::Practice::is_public);
    let Some(found) = found else { return Err(Error::NotFound("practice")) };
    let mut errors = FieldErrors::default();
    if (new.stage == AdoptionStage::STOPPED) != new.stopped_reason.is_some() {
        errors.add("stopped_reason", "Say why it stopped, for an adoption that stopped and only for one.");
    }
    if new.started_on > tx.now().date_naive() {
        errors.add("started_on", "Give a day that is not in the future.");
    }
    if found.origin_school == Some(new.school) {
        errors.add("school", "The school where a practice began does not adopt it.");
    }
    errors.or(())?;
    let sectors = people::sectors_of(tx, &[new.school]).await?;
    let Some(sector) = sectors.get(&new.school).cloned() else { return Err(Error::NotFound("school")) };
    let row = adoption::Model {
        id: AdoptionId::fresh().0,
        practice_id: practice.0,
        school_id: new.school.0,
        version: found.version,
        sector_at_start: sector,
        stage: new.stage.code().to_owned(),
        started_on: new.started_on,
        stage_since: new.started_on,
        lead_role: new.lead_role,
        changed_what: new.changed_what,
        kept_core: new.kept_core.map(|kept| kept.code().to_owned()),
        result_note: new.result_note,
        would_recommend: new.would_recommend,
        contact_ok: new.contact_ok,
        stopped_reason: new.stopped_reason.map(|reason| reason.code().to_owned()),
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    store::put_adoption(tx.conn(), row).await?;
    let detail = serde_json::json!({ "school": new.school, "stage": new.stage });
    tx.record(&permit, Event::about("practice.adopted", "practice", practice.0).with(detail)).await?;
    // "Used by" stands on the card of a search result.
    search::touch(tx, search::Kind::Practice, &[practice.0]).await
}

/// Adoptions of a practice, the longest first.
pub async fn adoptions_of(cx: &Cx, practice: PracticeId) -> Result<Vec<Adoption>> {
    store::adoptions_of(cx.conn(), practice).await
}

/// Adoptions by a school, with those of the schools that became part of it, the newest first, at most 200.
pub async fn adoptions_by(cx: &Cx, family: &[SchoolId]) -> Result<Vec<Adoption>> {
    store::adoptions_by(cx.conn(), family, 200).await
}

/// Number of schools that use each practice, by sector code ("unknown" where the source does not say).
pub async fn used_by(
    cx: &Cx,
    practices: &[PracticeId],
) -> Result<HashMap<PracticeId, std::collections::BTreeMap<String, u64>>> {
    let ids: Vec<_> = practices.iter().map(|id| id.0).collect();
    Ok(store::used_by(cx.conn(), &ids).await?.into_iter().map(|(id, used)| (PracticeId(id), used)).collect())
}
