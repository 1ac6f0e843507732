//! Who uses a practice: one adoption per practice and school, with every step it took.
//!
//! Interest and plans are kept and never counted: "used by" begins with a pilot. The sector is the one the
//! school had when it began, so that the count of cross-sector adoptions stays true when a school changes.
//! Moving forth and back adds a step and writes none over.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use chrono::NaiveDate;
use serde_json::json;
use uuid::Uuid;

use super::guard;
use super::policy;
use super::practice::{Practice, PracticeId};
use super::store::{self, adoptions};
use crate::people::{self, AccountId, SchoolId};
use crate::platform::db::log::Relay;
use crate::platform::ids::typed_id;
use crate::platform::vocabulary::{AdoptionStage, KeptCore, PracticeStatus, StopReason};
use crate::platform::{Cx, Error, Event, FieldErrors, Result, Timestamp, Tx};
use crate::search::{self, Kind};

typed_id!(
    /// An adoption.
    AdoptionId
);

/// Characters of what the school changed, and of how it went.
pub const WORDS: usize = 2_000;

/// Characters of who leads it.
pub const LEAD: usize = 80;

/// An adoption goes through so many steps at most.
const STEPS: usize = 100;

/// A school's use of a practice.
#[derive(Clone, Debug, PartialEq)]
pub struct Adoption {
    /// Its id.
    pub id: AdoptionId,
    /// Which practice.
    pub practice: PracticeId,
    /// Which school, as it was when it began.
    pub school: SchoolId,
    /// The version it uses: the one it began with, or one that it took over since.
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
    /// Why it stopped: a code of `stop_reason`.
    pub stopped_reason: Option<String>,
    /// The first day on which the school tried it; `None` never came so far.
    pub piloted_on: Option<NaiveDate>,
    /// Who put it on record.
    pub logged_by: Option<AccountId>,
    /// The session where it was learned.
    pub learned_from: Option<Uuid>,
    /// The day on which it is to be looked at again.
    pub look_on: Option<NaiveDate>,
    /// The last follow-up that was due: days after the pilot began; 0 before the first.
    pub asked_day: i32,
    /// The last version that the school was told of, beside the one it uses.
    pub told_version: i32,
    /// When it was put on record.
    pub created_at: Timestamp,
    /// When it was last told.
    pub updated_at: Timestamp,
}

impl Adoption {
    /// Whether it counts as using the practice.
    pub fn is_use(&self) -> bool {
        is_use(self.stage)
    }
}

/// Whether a stage counts as using a practice.
pub fn is_use(stage: AdoptionStage) -> bool {
    (AdoptionStage::PILOTING..=AdoptionStage::SUSTAINED).contains(&stage)
}

/// One step of an adoption.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// 1, 2, 3 ...
    pub number: i32,
    /// Where it came to.
    pub stage: AdoptionStage,
    /// Since when.
    pub since: NaiveDate,
    /// Why it stopped: a code of `stop_reason`.
    pub stopped_reason: Option<String>,
    /// When it was written down.
    pub recorded_at: Timestamp,
}

/// The stage on a day by the steps; `None` before the first.
pub fn stage_on(steps: &[Step], day: NaiveDate) -> Option<AdoptionStage> {
    steps.iter().rev().find(|step| step.since <= day).map(|step| step.stage)
}

/// An adoption that reached a pilot, with where its practice began.
#[derive(Clone, Debug, PartialEq)]
pub struct Piloted {
    /// Its id.
    pub id: AdoptionId,
    /// The practice.
    pub practice: PracticeId,
    /// Its name in addresses.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// The school where the practice began.
    pub origin: SchoolId,
    /// The school that tried it.
    pub school: SchoolId,
    /// That school's sector when it began; `None` is unknown.
    pub sector: Option<String>,
    /// How far it is.
    pub stage: AdoptionStage,
    /// The first day of the pilot.
    pub piloted_on: NaiveDate,
}

/// What a school tells of its use of a practice.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// How far it is.
    pub stage: AdoptionStage,
    /// Since when it is there.
    pub since: NaiveDate,
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
    /// The session where it was learned. That somebody of the school was there, the caller has seen to.
    pub learned_from: Option<Uuid>,
    /// That its words are about no student, after they were asked about.
    pub no_student: bool,
}

impl Told {
    /// What is on record, to be told again with a change.
    pub fn of(adoption: &Adoption) -> Self {
        Self {
            stage: adoption.stage,
            since: adoption.stage_since,
            lead_role: adoption.lead_role.clone(),
            changed_what: adoption.changed_what.clone(),
            kept_core: adoption.kept_core,
            result_note: adoption.result_note.clone(),
            would_recommend: adoption.would_recommend,
            contact_ok: adoption.contact_ok,
            stopped_reason: adoption.stopped_reason.as_deref().and_then(|code| StopReason::parse(code).ok()),
            learned_from: adoption.learned_from,
            // They were asked about when they came in.
            no_student: true,
        }
    }

    /// The same with texts tidied up, and every rule that needs no other thing kept.
    fn checked(mut self, today: NaiveDate) -> (Self, FieldErrors) {
        let mut errors = FieldErrors::default();
        if (self.stage == AdoptionStage::STOPPED) != self.stopped_reason.is_some() {
            errors.add("stopped_reason", "Say why it stopped, for an adoption that stopped and only for one.");
        }
        if self.since > today {
            errors.add("since", "Give a day that is not in the future.");
        }
        if self.since < NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default() {
            errors.add("since", "Give the day as it is in the calendar, with the whole year.");
        }
        self.lead_role = tidy(self.lead_role, "lead_role", LEAD, &mut errors);
        self.changed_what = tidy(self.changed_what, "changed_what", WORDS, &mut errors);
        self.result_note = tidy(self.result_note, "result_note", WORDS, &mut errors);
        let words =
            [("lead_role", &self.lead_role), ("changed_what", &self.changed_what), ("result_note", &self.result_note)];
        for (field, text) in words {
            guard::ask(&mut errors, field, text.as_deref().unwrap_or_default(), self.no_student);
        }
        (self, errors)
    }
}

fn tidy(text: Option<String>, field: &str, most: usize, errors: &mut FieldErrors) -> Option<String> {
    let text = text?.replace("\r\n", "\n");
    let text = text.trim();
    if text.chars().count() > most || text.chars().any(|c| c.is_control() && c != '\n') {
        errors.add(field, format!("Write up to {most} characters."));
    }
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// An adoption as a file tells it: what is told later comes after what is there.
#[derive(Clone, Debug)]
pub struct NewAdoption {
    /// Which school.
    pub school: SchoolId,
    /// How far it is.
    pub stage: AdoptionStage,
    /// When it came there.
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

/// Keeps what a school tells of its use of a practice, whether it is on record already or not.
///
/// # Errors
/// As [`begin`] and [`tell`].
pub async fn record_adoption(tx: &mut Tx, practice: PracticeId, new: NewAdoption) -> Result<()> {
    let _permit = policy::adopt(tx.actor(), new.school)?;
    let told = Told {
        stage: new.stage,
        since: new.started_on,
        lead_role: new.lead_role,
        changed_what: new.changed_what,
        kept_core: new.kept_core,
        result_note: new.result_note,
        would_recommend: new.would_recommend,
        contact_ok: new.contact_ok,
        stopped_reason: new.stopped_reason,
        learned_from: None,
        // Whoever brings a file in has looked through it.
        no_student: true,
    };
    let (_, family) = family_in(tx, new.school).await?;
    match adoptions::at(tx.conn(), practice, &family).await? {
        Some(known) => tell(tx, known.id, told, None).await,
        None => begin(tx, practice, new.school, told).await.map(drop),
    }
}

/// A school takes a practice over, or thinks of it: its first step, and the version that there is now.
///
/// # Errors
/// `NotFound` for a practice nobody can read, `Invalid` for a stop without a reason or a day in the future, `Conflict` where the
/// school has it on record, where the practice began there, and for a practice that was taken out of the catalog; `Forbidden` for
/// people of other schools.
pub async fn begin(tx: &mut Tx, practice: PracticeId, school: SchoolId, told: Told) -> Result<AdoptionId> {
    let (school, family) = family_in(tx, school).await?;
    let permit = policy::adopt(tx.actor(), school)?;
    let found = store::practices(tx.conn(), &[practice.0]).await?.pop().filter(Practice::is_public);
    let Some(found) = found else { return Err(Error::NotFound("practice")) };
    if found.status == PracticeStatus::RETIRED {
        return Err(Error::Conflict(
            "This practice was taken out of the catalog; no school begins with it now.".into(),
        ));
    }
    let (told, mut errors) = told.checked(tx.now().date_naive());
    if found.origin_school.is_some_and(|origin| family.contains(&origin)) {
        errors.add("school", "The school where a practice began does not adopt it.");
    }
    errors.or(())?;
    let known = || Error::Conflict("Your school has this practice on record already; change it there.".to_owned());
    if adoptions::at(tx.conn(), practice, &family).await?.is_some() {
        return Err(known());
    }
    let sectors = people::sectors_of(tx, &[school]).await?;
    let now = tx.now();
    let adoption = Adoption {
        id: AdoptionId::fresh(),
        practice,
        school,
        version: found.version,
        sector_at_start: sectors.get(&school).cloned().flatten(),
        stage: told.stage,
        started_on: told.since,
        stage_since: told.since,
        lead_role: told.lead_role,
        changed_what: told.changed_what,
        kept_core: told.kept_core,
        result_note: told.result_note,
        would_recommend: told.would_recommend,
        contact_ok: told.contact_ok,
        stopped_reason: told.stopped_reason.map(|reason| reason.code().to_owned()),
        piloted_on: is_use(told.stage).then_some(told.since),
        logged_by: tx.actor().account().map(AccountId),
        learned_from: told.learned_from,
        look_on: is_use(told.stage).then_some(now.date_naive()),
        asked_day: 0,
        told_version: found.version,
        created_at: now,
        updated_at: now,
    };
    if !adoptions::insert(tx.conn(), &adoption).await? {
        return Err(known());
    }
    adoptions::put_step(tx.conn(), adoption.id, &step(&adoption, 1, now)).await?;
    let detail = json!({ "school": school, "stage": told.stage });
    tx.record(&permit, Event::about("practice.adopted", "practice", practice.0).with(detail)).await?;
    // "Used by" stands on the card of a search result.
    search::touch(tx, Kind::Practice, &[practice.0]).await?;
    Ok(adoption.id)
}

/// A school tells how it goes: another stage is another step, another day of the same stage puts the last step right. `seen` is
/// when it was last told, as the form had it.
///
/// # Errors
/// `Stale` where somebody told something meanwhile; `Invalid` for a stop without a reason, a day in the future or before the step
/// it follows; `Forbidden` for people of other schools.
pub async fn tell(tx: &mut Tx, id: AdoptionId, told: Told, seen: Option<Timestamp>) -> Result<()> {
    let before = adoption_held(tx, id).await?;
    let (school, _) = family_in(tx, before.school).await?;
    let permit = policy::adopt(tx.actor(), school)?;
    if seen.is_some_and(|seen| seen.timestamp_micros() != before.updated_at.timestamp_micros()) {
        return Err(Error::Stale);
    }
    let (told, mut errors) = told.checked(tx.now().date_naive());
    let mut steps = adoptions::steps(tx.conn(), &[id]).await?.remove(&id).unwrap_or_default();
    let moves = told.stage != before.stage;
    if !moves {
        // The step it stands on is told again.
        steps.pop();
    }
    if steps.last().is_some_and(|last| told.since < last.since) {
        errors.add("since", "Give a day that is not before the step it follows.");
    }
    if steps.len() >= STEPS {
        errors.add("stage", "So many steps are on record that no other can be added.");
    }
    errors.or(())?;
    let now = tx.now();
    let mut after = Adoption {
        stage: told.stage,
        stage_since: told.since,
        lead_role: told.lead_role,
        changed_what: told.changed_what,
        kept_core: told.kept_core,
        result_note: told.result_note,
        would_recommend: told.would_recommend,
        contact_ok: told.contact_ok,
        stopped_reason: told.stopped_reason.map(|reason| reason.code().to_owned()),
        learned_from: told.learned_from.or(before.learned_from),
        updated_at: now,
        ..before.clone()
    };
    let number = i32::try_from(steps.len()).map_err(Error::internal)? + 1;
    steps.push(step(&after, number, now));
    after.started_on = steps.first().map_or(told.since, |first| first.since);
    after.piloted_on = steps.iter().filter(|step| is_use(step.stage)).map(|step| step.since).min();
    after.look_on = after.is_use().then_some(now.date_naive());
    if (Adoption { updated_at: before.updated_at, look_on: before.look_on, ..after.clone() }) == before {
        return Ok(());
    }
    adoptions::update(tx.conn(), &after).await?;
    adoptions::put_step(tx.conn(), id, &step(&after, number, now)).await?;
    let event = if moves {
        let detail = json!({ "school": school, "stage": told.stage });
        Event::about("practice.adopted", "practice", before.practice.0).with(detail)
    } else {
        Event::about("adoption.changed", "adoption", id.0)
    };
    tx.record(&permit, event).await?;
    search::touch(tx, Kind::Practice, &[before.practice.0]).await
}

fn step(adoption: &Adoption, number: i32, now: Timestamp) -> Step {
    Step {
        number,
        stage: adoption.stage,
        since: adoption.stage_since,
        stopped_reason: adoption.stopped_reason.clone(),
        recorded_at: now,
    }
}

/// The school took a newer version over.
///
/// # Errors
/// `Conflict` for a version that is not newer than the one it uses or that there is not; `Forbidden` for people of other schools.
pub async fn take_version(tx: &mut Tx, id: AdoptionId, version: i32) -> Result<()> {
    let before = adoption_held(tx, id).await?;
    let (school, _) = family_in(tx, before.school).await?;
    let permit = policy::adopt(tx.actor(), school)?;
    if version == before.version {
        return Ok(());
    }
    let newest = store::practices(tx.conn(), &[before.practice.0]).await?.pop().map_or(0, |practice| practice.version);
    if version < before.version || version > newest {
        return Err(Error::Conflict("There is no such newer version of this practice.".to_owned()));
    }
    let told_version = before.told_version.max(version);
    let after = Adoption { version, told_version, updated_at: tx.now(), ..before };
    adoptions::update(tx.conn(), &after).await?;
    let detail = json!({ "version": version });
    tx.record(&permit, Event::about("adoption.version_taken", "adoption", id.0).with(detail)).await
}

/// What a look of the clock found out: when to look again, what was asked and told.
#[derive(Clone, Copy, Debug)]
pub struct Looked {
    /// The next day on which there is something to do.
    pub again_on: Option<NaiveDate>,
    /// The last follow-up that was due.
    pub asked_day: i32,
    /// The last version that the school was told of.
    pub told_version: i32,
}

/// Keeps what a look found out; of an adoption that is held.
pub async fn looked(tx: &mut Tx, adoption: &Adoption, looked: Looked) -> Result<()> {
    let _permit = policy::keep_time(tx.actor())?;
    let after = Adoption {
        look_on: looked.again_on,
        asked_day: looked.asked_day,
        told_version: looked.told_version,
        ..adoption.clone()
    };
    adoptions::update(tx.conn(), &after).await
}

/// One adoption, held until the transaction ends.
pub async fn adoption_held(tx: &Tx, id: AdoptionId) -> Result<Adoption> {
    adoptions::to_change(tx.conn(), id).await?.ok_or(Error::NotFound("adoption"))
}

/// A school as it stands today, and every school that became part of it.
async fn family_in(tx: &Tx, school: SchoolId) -> Result<(SchoolId, Vec<SchoolId>)> {
    let standing = people::schools_in(tx, &[school]).await?.remove(&school).ok_or(Error::NotFound("school"))?;
    let merged = people::merged_schools(tx, &[standing.id.0]).await?;
    Ok((standing.id, std::iter::once(standing.id).chain(merged.into_iter().map(SchoolId)).collect()))
}

/// One adoption; everybody may read it.
pub async fn adoption(cx: &Cx, id: AdoptionId) -> Result<Adoption> {
    adoptions::by_id(cx.conn(), id).await?.ok_or(Error::NotFound("adoption"))
}

/// Adoptions by their ids; ids of none are left out. One statement for 900.
pub async fn adoptions(cx: &Cx, ids: &[AdoptionId]) -> Result<Vec<Adoption>> {
    adoptions::by_ids(cx.conn(), ids).await
}

/// The adoption of a practice by a school or one that became part of it.
pub async fn adoption_at(cx: &Cx, practice: PracticeId, family: &[SchoolId]) -> Result<Option<Adoption>> {
    adoptions::at(cx.conn(), practice, family).await
}

/// The steps of adoptions, in their order. One statement for 900.
pub async fn adoption_steps(cx: &Cx, ids: &[AdoptionId]) -> Result<HashMap<AdoptionId, Vec<Step>>> {
    adoptions::steps(cx.conn(), ids).await
}

/// Adoptions of a practice, the longest first.
pub async fn adoptions_of(cx: &Cx, practice: PracticeId) -> Result<Vec<Adoption>> {
    adoptions::of(cx.conn(), &[practice]).await
}

/// Adoptions of many practices, the longest first. One statement for 900 practices.
pub async fn adoptions_of_many(cx: &Cx, practices: &[PracticeId]) -> Result<Vec<Adoption>> {
    adoptions::of(cx.conn(), practices).await
}

/// Adoptions by a school, with those of the schools that became part of it, the newest first, at most 200.
pub async fn adoptions_by(cx: &Cx, family: &[SchoolId]) -> Result<Vec<Adoption>> {
    adoptions::by_schools(cx.conn(), family, 200).await
}

/// Adoptions that reached a pilot, of practices whose origin is known, the newest pilot first.
pub async fn piloted(cx: &Cx, limit: u64) -> Result<Vec<Piloted>> {
    adoptions::piloted(cx.conn(), limit).await
}

/// Adoptions that time asks to look at, the longest due first.
pub async fn to_look_at(cx: &Cx, today: NaiveDate, limit: u64) -> Result<Vec<AdoptionId>> {
    adoptions::to_look_at(cx.conn(), today, limit).await
}

/// What somebody put on record, oldest first.
pub async fn logged_by(cx: &Cx, account: AccountId) -> Result<Vec<Adoption>> {
    adoptions::logged_by(cx.conn(), account).await
}

/// Takes somebody out of what they put on record, which stays with the school; whether there was any.
pub async fn forget_adopter(tx: &mut Tx, account: AccountId) -> Result<bool> {
    let permit = policy::erase(tx.actor(), account)?;
    let gone = adoptions::forget(tx.conn(), account).await?;
    if gone > 0 {
        let detail = json!({ "adoptions": gone });
        tx.record(&permit, Event::about("account.adoptions_released", "account", account.0).with(detail)).await?;
    }
    Ok(gone > 0)
}

/// Number of schools that use each practice, by sector code ("unknown" where the source does not say).
pub async fn used_by(cx: &Cx, practices: &[PracticeId]) -> Result<HashMap<PracticeId, BTreeMap<String, u64>>> {
    let ids: Vec<_> = practices.iter().map(|id| id.0).collect();
    Ok(adoptions::used_by(cx.conn(), &ids).await?.into_iter().map(|(id, used)| (PracticeId(id), used)).collect())
}

/// When a practice changes, the schools that use an older version are looked at: they are told of the new one.
pub struct AdoptionRelay;

#[async_trait]
impl Relay for AdoptionRelay {
    async fn changed(&self, tx: &mut Tx, log: &str, subjects: &[Uuid]) -> Result<()> {
        if log != Kind::Practice.name() {
            return Ok(());
        }
        adoptions::look_at_older(tx.conn(), subjects, tx.now().date_naive()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_stage_of_a_day_is_that_of_the_last_step_by_then() {
        let step = |number, stage, since: &str| Step {
            number,
            stage,
            since: day(since),
            stopped_reason: None,
            recorded_at: Timestamp::default(),
        };
        let steps = [
            step(1, AdoptionStage::PILOTING, "2025-09-01"),
            step(2, AdoptionStage::IN_USE, "2026-01-10"),
            step(3, AdoptionStage::STOPPED, "2026-06-01"),
        ];
        assert_eq!(stage_on(&steps, day("2025-08-31")), None);
        assert_eq!(stage_on(&steps, day("2026-01-10")), Some(AdoptionStage::IN_USE));
        assert_eq!(stage_on(&steps, day("2027-01-01")), Some(AdoptionStage::STOPPED));
    }

    #[test]
    fn what_is_told_keeps_the_rules() {
        let told = Told {
            stage: AdoptionStage::STOPPED,
            since: day("2026-10-15"),
            lead_role: Some("x".repeat(LEAD + 1)),
            changed_what: Some("  \r\n ".to_owned()),
            kept_core: None,
            result_note: Some(" Two\r\nlines ".to_owned()),
            would_recommend: None,
            contact_ok: false,
            stopped_reason: None,
            learned_from: None,
            no_student: false,
        };
        let (told, errors) = told.checked(day("2026-10-14"));
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["stopped_reason", "since", "lead_role"]);
        assert_eq!((told.changed_what, told.result_note.as_deref()), (None, Some("Two\nlines")));
    }
}
