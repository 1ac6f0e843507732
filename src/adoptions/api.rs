//! Adoptions over JSON: a school puts on record what it takes over, says how it goes, and keeps a log of what it tries; and which
//! practices crossed sector lines.

mod examples;

use std::sync::Arc;

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use uuid::Uuid;

use super::crossing::{self, Asked, Crossings};
use super::cycle::{self, Cycle, Written};
use super::follow_up::{self, FollowUpId, Said};
use super::ledger::{self, Whole};
use crate::api::day::Day;
use crate::api::{Caller, Group, Refused, next_link};
use crate::catalog::adoption::{self, Told};
use crate::catalog::{self, AdoptionId};
use crate::people::{self, School, SchoolId};
use crate::platform::vocabulary::{AdoptionStage, KeptCore, StopReason};
use crate::platform::{Actor, Db, Error, FieldErrors, Result};
use crate::search::api::SchoolRef;
use crate::web::asker::Asker;

/// Adoptions over JSON.
pub struct AdoptionsApi {
    db: Db,
    base_url: Arc<str>,
}

impl AdoptionsApi {
    /// The operations on this database; `base_url` is the public address without a slash at the end.
    pub fn new(db: Db, base_url: Arc<str>) -> Self {
        Self { db, base_url }
    }
}

/// What a school puts on record.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct AdoptionRequest {
    /// Your school: its id or its name in addresses.
    pub school: String,
    /// How far it is: a code of `adoption_stage`.
    pub stage: String,
    /// Since when it is there.
    pub since: Day,
    /// Who leads it, by role.
    pub lead_role: Option<String>,
    /// What the school changed.
    pub changed_what: Option<String>,
    /// Whether it kept the core parts: a code of `kept_core`.
    pub kept_core: Option<String>,
    /// How it went, in the school's words.
    pub result_note: Option<String>,
    /// Whether the school would recommend it.
    pub would_recommend: Option<bool>,
    /// Whether others may ask; `false` where it is left out.
    pub contact_ok: Option<bool>,
    /// That the words are about no student, after they were refused because they might be.
    pub no_student: Option<bool>,
    /// Why it stopped: a code of `stop_reason`, for the stage `stopped` alone.
    pub stopped_reason: Option<String>,
    /// Id of a session at which you saw the practice.
    pub learned_from_session: Option<String>,
}

/// A change of what is on record. What is left out stays; an empty text takes out.
#[derive(Debug, Default, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct AdoptionChange {
    /// How far it is: a code of `adoption_stage`. Another stage is another step.
    pub stage: Option<String>,
    /// Since when it is there; left out with another stage, since today.
    pub since: Option<Day>,
    /// Who leads it, by role.
    pub lead_role: Option<String>,
    /// What the school changed.
    pub changed_what: Option<String>,
    /// Whether it kept the core parts: a code of `kept_core`.
    pub kept_core: Option<String>,
    /// How it went, in the school's words.
    pub result_note: Option<String>,
    /// Whether the school would recommend it.
    pub would_recommend: Option<bool>,
    /// Whether others may ask.
    pub contact_ok: Option<bool>,
    /// That the words are about no student, after they were refused because they might be.
    pub no_student: Option<bool>,
    /// Why it stopped: a code of `stop_reason`, with the stage `stopped` alone.
    pub stopped_reason: Option<String>,
    /// The newer version that the school took over.
    pub version: Option<i32>,
}

/// A practice by name.
#[derive(Debug, Object)]
pub struct PracticeName {
    /// Its id.
    pub id: String,
    /// Its name in addresses.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Its page.
    pub url: String,
}

/// One step of an adoption.
#[derive(Debug, Object)]
#[oai(rename = "AdoptionStep", skip_serializing_if_is_none)]
pub struct StepDocument {
    /// Where it came to: a code of `adoption_stage`.
    pub stage: String,
    /// Since when.
    pub since: Day,
    /// Why it stopped: a code of `stop_reason`.
    pub stopped_reason: Option<String>,
}

/// A question to the school, and its answer.
#[derive(Debug, Object)]
#[oai(rename = "FollowUp", example, skip_serializing_if_is_none)]
pub struct FollowUpDocument {
    /// Its id, for people of the school while it can be answered.
    pub id: Option<String>,
    /// Days after the pilot began: 30, 90 or 365.
    pub day: i32,
    /// `still_using`, `changed` or `stopped`; absent has not been answered.
    pub answer: Option<String>,
    /// In the school's words.
    pub note: Option<String>,
}

/// A school's use of a practice, with every step.
#[derive(Debug, Object)]
#[oai(rename = "AdoptionRecord", example, skip_serializing_if_is_none)]
pub struct AdoptionDocument {
    /// Its id.
    pub id: String,
    /// Its page.
    pub url: String,
    /// The practice.
    pub practice: PracticeName,
    /// The school, as it is today.
    pub school: SchoolRef,
    /// Code of the school's sector when it began.
    pub sector_at_start: Option<String>,
    /// Whether it crossed the line between sectors: a pilot at least, and both sectors known.
    pub across: bool,
    /// The version it uses.
    pub version: i32,
    /// The newest version; greater means: changed since it was adopted.
    pub newest_version: i32,
    /// How far it is: a code of `adoption_stage`.
    pub stage: String,
    /// When it reached the stage.
    pub stage_since: Day,
    /// When it began.
    pub started_on: Day,
    /// The first day on which the school tried it.
    pub piloted_on: Option<Day>,
    /// Whether it counts as using the practice.
    pub counts: bool,
    /// Who leads it, by role.
    pub lead_role: Option<String>,
    /// What the school changed.
    pub changed_what: Option<String>,
    /// Whether it kept the core parts: a code of `kept_core`.
    pub kept_core: Option<String>,
    /// How it went, in the school's words.
    pub result_note: Option<String>,
    /// Whether the school would recommend it.
    pub would_recommend: Option<bool>,
    /// Whether others may ask.
    pub contact_ok: bool,
    /// Why it stopped: a code of `stop_reason`.
    pub stopped_reason: Option<String>,
    /// Id of the session where it was learned, where everybody may see it.
    pub learned_from_session: Option<String>,
    /// Every step, in their order.
    pub steps: Vec<StepDocument>,
    /// What was asked since and answered; for people of the school also what waits for an answer.
    pub follow_ups: Vec<FollowUpDocument>,
}

/// An adoption of one of your schools.
#[derive(Debug, Object)]
pub struct MyAdoption {
    /// Its id.
    pub id: String,
    /// Its page.
    pub url: String,
    /// The practice.
    pub practice: PracticeName,
    /// Your school.
    pub school: SchoolRef,
    /// The version it uses.
    pub version: i32,
    /// The newest version.
    pub newest_version: i32,
    /// How far it is: a code of `adoption_stage`.
    pub stage: String,
    /// When it reached the stage.
    pub stage_since: Day,
}

/// What your schools have on record.
#[derive(Debug, Object)]
#[oai(example)]
pub struct MyAdoptionList {
    /// The newest first, at most 200; practices that were taken out of the catalog are left out.
    pub items: Vec<MyAdoption>,
    /// How many there are here.
    pub total: u64,
}

/// An answer to "how is it going?".
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct FollowUpAnswer {
    /// `still_using`, `changed` or `stopped`.
    pub answer: String,
    /// Why it stopped: a code of `stop_reason`.
    pub reason: Option<String>,
    /// In your own words; needed for `changed`.
    pub note: Option<String>,
    /// That the words are about no student, after they were refused because they might be.
    pub no_student: Option<bool>,
}

/// One try: plan, do, study, act.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct CycleRequest {
    /// What you mean to try.
    pub plan: String,
    /// What you did.
    pub did: Option<String>,
    /// What you saw.
    pub saw: Option<String>,
    /// What you keep, change or drop.
    pub next: Option<String>,
    /// When it began.
    pub began_on: Day,
    /// When it ended; left out while it is under way.
    pub ended_on: Option<Day>,
    /// Whether everybody may read it; `false` where it is left out.
    pub open: Option<bool>,
    /// That the words are about no student, after they were refused because they might be.
    pub no_student: Option<bool>,
}

/// One try.
#[derive(Debug, Object)]
#[oai(rename = "Cycle", example, skip_serializing_if_is_none)]
pub struct CycleDocument {
    /// 1, 2, 3 ...
    pub number: i32,
    /// What they meant to try.
    pub plan: String,
    /// What they did.
    pub did: Option<String>,
    /// What they saw.
    pub saw: Option<String>,
    /// What they keep, change or drop.
    pub next: Option<String>,
    /// When it began.
    pub began_on: Day,
    /// When it ended.
    pub ended_on: Option<Day>,
    /// Whether everybody may read it.
    pub open: bool,
}

/// What a school tried.
#[derive(Debug, Object)]
#[oai(example)]
pub struct CycleList {
    /// In their order.
    pub items: Vec<CycleDocument>,
    /// How many of them you may read.
    pub total: u64,
}

/// An adoption that crossed the line between sectors.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct CrossingItem {
    /// Id of the adoption.
    pub id: String,
    /// The practice.
    pub practice: PracticeName,
    /// Where it began.
    pub from: SchoolRef,
    /// Code of that sector.
    pub from_sector: String,
    /// Who took it over.
    pub to: SchoolRef,
    /// Code of that sector, when it began.
    pub to_sector: String,
    /// The first day of the pilot.
    pub piloted_on: Day,
    /// How far it is: a code of `adoption_stage`.
    pub stage: String,
    /// Whether it was in use 365 days after the pilot began; absent where that is not so long ago.
    pub kept_after_a_year: Option<bool>,
}

/// One direction in numbers.
#[derive(Debug, Object)]
#[oai(rename = "Direction", skip_serializing_if_is_none)]
pub struct DirectionDocument {
    /// Code of the sector where the practices began.
    pub from: String,
    /// Code of the sector of the schools that took them over.
    pub to: String,
    /// How many adoptions.
    pub adoptions: u64,
    /// Of how many practices.
    pub practices: u64,
    /// By how many schools.
    pub schools: u64,
    /// How many of those that began a year ago were kept; absent with fewer than three schools.
    pub kept_after_a_year: Option<u64>,
    /// How many began a year ago or longer; absent with fewer than three schools.
    pub began_a_year_ago: Option<u64>,
}

/// What crossed sector lines.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct CrossingList {
    /// The newest pilot first.
    pub items: Vec<CrossingItem>,
    /// How many there are.
    pub total: u64,
    /// Cursor of the next page; absent on the last.
    pub next: Option<String>,
    /// All of it in numbers, by direction.
    pub directions: Vec<DirectionDocument>,
}

/// A page, and where the next one is.
#[derive(Debug, ApiResponse)]
pub enum CrossingPage {
    /// What crossed.
    #[oai(status = 200)]
    Ok(
        Json<CrossingList>,
        /// The next page (RFC 8288, `rel="next"`).
        #[oai(header = "Link")]
        Option<String>,
    ),
}

/// An adoption that was put on record.
#[derive(Debug, ApiResponse)]
pub enum MadeAdoption {
    /// It is there now.
    #[oai(status = 201)]
    Made(
        Json<AdoptionDocument>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
    ),
}

/// A cycle that was begun.
#[derive(Debug, ApiResponse)]
pub enum MadeCycle {
    /// It is there now.
    #[oai(status = 201)]
    Made(
        Json<CycleDocument>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
    ),
}

#[OpenApi(prefix_path = "/api/v1")]
impl AdoptionsApi {
    /// Put an adoption on record
    ///
    /// By people of the school that takes a practice over, from the first interest on; one for each practice and school. Interest
    /// and plans are shown and not counted.
    #[oai(
        path = "/practices/:id/adoptions",
        method = "post",
        tag = "Group::Practices",
        operation_id = "begin_adoption"
    )]
    async fn begin(
        &self,
        caller: Caller,
        /// Id or name in addresses of the practice.
        id: Path<String>,
        body: Json<AdoptionRequest>,
    ) -> Result<MadeAdoption, Refused> {
        let cx = self.db.cx(caller.0.clone());
        if caller.0.account().is_none() {
            return Err(Error::SignInRequired.into());
        }
        let practice = catalog::practice(&cx, &id).await?;
        let missing = |error| match error {
            Error::NotFound(_) => {
                Error::invalid("school", "There is no such school; give its id or its name in addresses.")
            }
            other => other,
        };
        let school = people::school(&cx, &body.school).await.map_err(missing)?;
        let told = told(body.0)?;
        ledger::learned(&cx, practice.id, &told).await.map_err(renamed)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        let id = adoption::begin(&mut tx, practice.id, school.id, told).await?;
        tx.commit().await?;
        let location = format!("{}/api/v1/adoptions/{id}", self.base_url);
        Ok(MadeAdoption::Made(Json(self.document_of(caller.0, id).await?), location))
    }

    /// One adoption
    #[oai(path = "/adoptions/:id", method = "get", tag = "Group::Practices", operation_id = "get_adoption")]
    async fn adoption(
        &self,
        asker: Asker,
        /// Its id.
        id: Path<String>,
    ) -> Result<Json<AdoptionDocument>, Refused> {
        Ok(Json(self.document_of(asker.0, adoption_id(&id)?).await?))
    }

    /// Say how it goes
    ///
    /// By people of the school. Another stage is another step; with the same stage, another day puts the last step right.
    #[oai(path = "/adoptions/:id", method = "patch", tag = "Group::Practices", operation_id = "change_adoption")]
    async fn change(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
        body: Json<AdoptionChange>,
    ) -> Result<Json<AdoptionDocument>, Refused> {
        let id = adoption_id(&id)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        let before = adoption::adoption_held(&tx, id).await?;
        let today = tx.now().date_naive();
        let version = body.version;
        let told = changed(Told::of(&before), body.0, today)?;
        adoption::tell(&mut tx, id, told, None).await?;
        if let Some(version) = version {
            adoption::take_version(&mut tx, id, version).await?;
        }
        tx.commit().await?;
        Ok(Json(self.document_of(caller.0, id).await?))
    }

    /// What your schools have on record
    #[oai(path = "/me/adoptions", method = "get", tag = "Group::Me", operation_id = "list_my_adoptions")]
    async fn mine(&self, caller: Caller) -> Result<Json<MyAdoptionList>, Refused> {
        if caller.0.account().is_none() {
            return Err(Error::SignInRequired.into());
        }
        let mine = ledger::mine(&self.db.cx(caller.0)).await?;
        let item = |(adoption, school): &(adoption::Adoption, School)| {
            let card = mine.cards.get(&adoption.practice)?;
            Some(MyAdoption {
                id: adoption.id.to_string(),
                url: format!("{}/adoptions/{}", self.base_url, adoption.id),
                practice: self.practice(adoption.practice.to_string(), &card.slug, &card.title),
                school: school_ref(school),
                version: adoption.version,
                newest_version: mine.versions.get(&adoption.practice).copied().unwrap_or(adoption.version),
                stage: adoption.stage.code().to_owned(),
                stage_since: Day(adoption.stage_since),
            })
        };
        let items: Vec<MyAdoption> = mine.adoptions.iter().filter_map(item).collect();
        Ok(Json(MyAdoptionList { total: items.len() as u64, items }))
    }

    /// Answer "how is it going?"
    ///
    /// Asked 30, 90 and 365 days after a pilot began; open for 60 days to people of the school. Answered again, the last word
    /// counts.
    #[oai(
        path = "/follow-ups/:id/answer",
        method = "post",
        tag = "Group::Practices",
        operation_id = "answer_follow_up"
    )]
    async fn answer(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
        body: Json<FollowUpAnswer>,
    ) -> Result<Json<AdoptionDocument>, Refused> {
        let id: FollowUpId = id.parse().map_err(|_| Error::NotFound("follow-up"))?;
        let body = body.0;
        let said = Said {
            answer: body.answer,
            reason: body.reason.unwrap_or_default(),
            note: body.note.unwrap_or_default(),
            no_student: body.no_student.unwrap_or_default(),
        };
        let mut tx = self.db.write(caller.0.clone()).await?;
        follow_up::answer(&mut tx, id, &said).await?;
        tx.commit().await?;
        let (found, ..) = follow_up::own(&self.db.cx(caller.0.clone()), id).await?;
        Ok(Json(self.document_of(caller.0, found.adoption).await?))
    }

    /// What a school tried
    ///
    /// People of the school read all of it, everybody else what the school opens.
    #[oai(path = "/adoptions/:id/cycles", method = "get", tag = "Group::Practices", operation_id = "list_cycles")]
    async fn cycles(
        &self,
        asker: Asker,
        /// Id of the adoption.
        id: Path<String>,
    ) -> Result<Json<CycleList>, Refused> {
        let whole = ledger::whole(&self.db.cx(asker.0), &id).await?;
        let items: Vec<CycleDocument> = whole.cycles.into_iter().map(cycle_document).collect();
        Ok(Json(CycleList { total: items.len() as u64, items }))
    }

    /// Write down what you try
    #[oai(path = "/adoptions/:id/cycles", method = "post", tag = "Group::Practices", operation_id = "begin_cycle")]
    async fn begin_cycle(
        &self,
        caller: Caller,
        /// Id of the adoption.
        id: Path<String>,
        body: Json<CycleRequest>,
    ) -> Result<MadeCycle, Refused> {
        let id = adoption_id(&id)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        let number = cycle::begin(&mut tx, id, &written(body.0)).await?;
        tx.commit().await?;
        let location = format!("{}/api/v1/adoptions/{id}/cycles/{number}", self.base_url);
        Ok(MadeCycle::Made(Json(self.cycle_of(caller.0, id, number).await?), location))
    }

    /// One try
    #[oai(path = "/adoptions/:id/cycles/:number", method = "get", tag = "Group::Practices", operation_id = "get_cycle")]
    async fn cycle(
        &self,
        asker: Asker,
        /// Id of the adoption.
        id: Path<String>,
        /// Its number.
        number: Path<i32>,
    ) -> Result<Json<CycleDocument>, Refused> {
        Ok(Json(self.cycle_of(asker.0, adoption_id(&id)?, number.0).await?))
    }

    /// Write on
    ///
    /// The whole of it, in place of what was there.
    #[oai(
        path = "/adoptions/:id/cycles/:number",
        method = "put",
        tag = "Group::Practices",
        operation_id = "write_cycle"
    )]
    async fn write_cycle(
        &self,
        caller: Caller,
        /// Id of the adoption.
        id: Path<String>,
        /// Its number.
        number: Path<i32>,
        body: Json<CycleRequest>,
    ) -> Result<Json<CycleDocument>, Refused> {
        let id = adoption_id(&id)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        cycle::write(&mut tx, id, number.0, &written(body.0), None).await?;
        tx.commit().await?;
        Ok(Json(self.cycle_of(caller.0, id, number.0).await?))
    }

    /// What crossed sector lines
    ///
    /// Adoptions of practices that began in another sector, once they came as far as a pilot, and whether they were kept a year
    /// later. No sign-in.
    #[oai(path = "/adoptions", method = "get", tag = "Group::Practices", operation_id = "list_crossings")]
    async fn crossings(
        &self,
        /// From which sector to which, by their codes: `charter-district`.
        direction: Query<Option<String>>,
        /// The year in which the pilot began.
        year: Query<Option<String>>,
        /// Adoptions on a page.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<usize>>,
        /// `next` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<CrossingPage, Refused> {
        let asked = Asked::read(direction.as_deref().unwrap_or_default(), year.as_deref().unwrap_or_default())?;
        let limit = limit.0.unwrap_or(20);
        let from: usize = match cursor.0.as_deref() {
            None | Some("") => 0,
            Some(text) => text.parse().map_err(|_| Error::Unreadable {
                parameter: "cursor",
                message: "Give the `next` of the page before.".to_owned(),
            })?,
        };
        let found = crossing::crossings(&self.db.cx(Actor::Visitor), &asked).await?;
        let next = (from.saturating_add(limit) < found.items.len()).then(|| (from + limit).to_string());
        let url = next.as_ref().map(|next| {
            let mut pairs = vec![("direction", asked.direction.clone())];
            pairs.extend(asked.year.map(|year| ("year", year.to_string())));
            pairs.extend([("limit", limit.to_string()), ("cursor", next.clone())]);
            pairs.retain(|(_, value)| !value.is_empty());
            format!("/api/v1/adoptions?{}", serde_urlencoded::to_string(pairs).unwrap_or_default())
        });
        let count = |n: usize| n as u64;
        let list = CrossingList {
            items: found.items.iter().skip(from).take(limit).map(|one| self.crossing(&found, one)).collect(),
            total: count(found.items.len()),
            next,
            directions: found
                .directions
                .iter()
                .map(|one| DirectionDocument {
                    from: one.from.clone(),
                    to: one.to.clone(),
                    adoptions: count(one.adoptions),
                    practices: count(one.practices),
                    schools: count(one.schools),
                    kept_after_a_year: one.kept.map(|(kept, _)| count(kept)),
                    began_a_year_ago: one.kept.map(|(_, of)| count(of)),
                })
                .collect(),
        };
        Ok(CrossingPage::Ok(Json(list), next_link(url.as_deref())))
    }
}

impl AdoptionsApi {
    fn practice(&self, id: String, slug: &str, title: &str) -> PracticeName {
        let url = format!("{}/practices/{slug}", self.base_url);
        PracticeName { id, slug: slug.to_owned(), title: title.to_owned(), url }
    }

    async fn document_of(&self, actor: Actor, id: AdoptionId) -> Result<AdoptionDocument> {
        let cx = self.db.cx(actor);
        let whole = ledger::whole(&cx, &id.to_string()).await?;
        let now = cx.now();
        let Whole { adoption, practice, school, origin, steps, follow_ups, session, own, .. } = whole;
        let stopped = adoption.stage == AdoptionStage::STOPPED;
        let from = origin.as_ref().and_then(|school| school.sector.as_ref());
        let to = adoption.sector_at_start.as_ref();
        let follow_up = |one: follow_up::FollowUp| {
            let open = own && !stopped && one.is_open(now);
            (open || one.answer.is_some()).then(|| FollowUpDocument {
                id: open.then(|| one.id.to_string()),
                day: one.day,
                answer: one.answer.map(|answer| answer.code().to_owned()),
                note: Some(one.note).filter(|note| !note.is_empty()),
            })
        };
        Ok(AdoptionDocument {
            id: adoption.id.to_string(),
            url: format!("{}/adoptions/{}", self.base_url, adoption.id),
            practice: self.practice(practice.id.to_string(), &practice.slug, &practice.record.title),
            school: school_ref(&school),
            across: adoption.piloted_on.is_some() && from.is_some() && to.is_some() && from != to,
            counts: adoption.is_use(),
            sector_at_start: adoption.sector_at_start,
            version: adoption.version,
            newest_version: practice.version,
            stage: adoption.stage.code().to_owned(),
            stage_since: Day(adoption.stage_since),
            started_on: Day(adoption.started_on),
            piloted_on: adoption.piloted_on.map(Day),
            lead_role: adoption.lead_role,
            changed_what: adoption.changed_what,
            kept_core: adoption.kept_core.map(|kept| kept.code().to_owned()),
            result_note: adoption.result_note,
            would_recommend: adoption.would_recommend,
            contact_ok: adoption.contact_ok,
            stopped_reason: adoption.stopped_reason,
            learned_from_session: session.map(|(id, _)| id.to_string()),
            steps: steps
                .into_iter()
                .map(|step| StepDocument {
                    stage: step.stage.code().to_owned(),
                    since: Day(step.since),
                    stopped_reason: step.stopped_reason,
                })
                .collect(),
            follow_ups: follow_ups.into_iter().filter_map(follow_up).collect(),
        })
    }

    async fn cycle_of(&self, actor: Actor, id: AdoptionId, number: i32) -> Result<CycleDocument> {
        let whole = ledger::whole(&self.db.cx(actor), &id.to_string()).await?;
        let found = whole.cycles.into_iter().find(|cycle| cycle.number == number);
        found.map(cycle_document).ok_or(Error::NotFound("cycle"))
    }

    fn crossing(&self, found: &Crossings, one: &crossing::Crossing) -> CrossingItem {
        let school = |id: SchoolId| match found.schools.get(&id) {
            Some(school) => school_ref(school),
            None => SchoolRef { id: id.to_string(), name: String::new(), sector: None },
        };
        CrossingItem {
            id: one.adoption.id.to_string(),
            practice: self.practice(one.adoption.practice.to_string(), &one.adoption.slug, &one.adoption.title),
            from: school(one.adoption.origin),
            from_sector: one.from.clone(),
            to: school(one.adoption.school),
            to_sector: one.to.clone(),
            piloted_on: Day(one.adoption.piloted_on),
            stage: one.adoption.stage.code().to_owned(),
            kept_after_a_year: one.kept,
        }
    }
}

fn adoption_id(text: &str) -> Result<AdoptionId> {
    text.parse().map_err(|_| Error::NotFound("adoption"))
}

fn school_ref(school: &School) -> SchoolRef {
    SchoolRef { id: school.id.to_string(), name: school.name.clone(), sector: school.sector.clone() }
}

/// The field of a refusal as the API calls it.
fn renamed(error: Error) -> Error {
    match error {
        Error::Invalid(errors) => match errors.iter().next() {
            Some(first) if first.field == "session" => Error::invalid("learned_from_session", first.message.clone()),
            _ => Error::Invalid(errors),
        },
        other => other,
    }
}

/// Codes of a request, each with its place where it is none.
#[derive(Default)]
struct Codes {
    errors: FieldErrors,
}

impl Codes {
    fn stage(&mut self, code: &str) -> AdoptionStage {
        AdoptionStage::parse(code).unwrap_or_else(|error| {
            self.errors.add("stage", error.to_string());
            AdoptionStage::INTERESTED
        })
    }

    fn kept_core(&mut self, code: &str) -> Option<KeptCore> {
        if code.is_empty() {
            return None;
        }
        KeptCore::parse(code).map_err(|error| self.errors.add("kept_core", error.to_string())).ok()
    }

    fn reason(&mut self, code: &str) -> Option<StopReason> {
        if code.is_empty() {
            return None;
        }
        StopReason::parse(code).map_err(|error| self.errors.add("stopped_reason", error.to_string())).ok()
    }
}

fn told(body: AdoptionRequest) -> Result<Told> {
    let mut codes = Codes::default();
    let learned_from = match body.learned_from_session.as_deref().filter(|id| !id.is_empty()) {
        Some(id) => {
            let read = id.parse::<Uuid>();
            if read.is_err() {
                codes.errors.add("learned_from_session", "Give the id of a session.");
            }
            read.ok()
        }
        None => None,
    };
    let told = Told {
        stage: codes.stage(&body.stage),
        since: body.since.0,
        lead_role: body.lead_role,
        changed_what: body.changed_what,
        kept_core: codes.kept_core(body.kept_core.as_deref().unwrap_or_default()),
        result_note: body.result_note,
        would_recommend: body.would_recommend,
        contact_ok: body.contact_ok.unwrap_or_default(),
        stopped_reason: codes.reason(body.stopped_reason.as_deref().unwrap_or_default()),
        learned_from,
        no_student: body.no_student.unwrap_or_default(),
    };
    Ok(codes.errors.or(told)?)
}

fn changed(mut told: Told, body: AdoptionChange, today: chrono::NaiveDate) -> Result<Told> {
    let mut codes = Codes::default();
    if let Some(code) = body.stage {
        let stage = codes.stage(&code);
        if stage != told.stage {
            (told.stage, told.since, told.stopped_reason) = (stage, today, None);
        }
    }
    if let Some(day) = body.since {
        told.since = day.0;
    }
    if let Some(code) = body.stopped_reason {
        told.stopped_reason = codes.reason(&code);
    }
    if let Some(code) = body.kept_core {
        told.kept_core = codes.kept_core(&code);
    }
    told.lead_role = body.lead_role.or(told.lead_role);
    told.changed_what = body.changed_what.or(told.changed_what);
    told.result_note = body.result_note.or(told.result_note);
    told.would_recommend = body.would_recommend.or(told.would_recommend);
    told.contact_ok = body.contact_ok.unwrap_or(told.contact_ok);
    told.no_student = body.no_student.unwrap_or_default();
    Ok(codes.errors.or(told)?)
}

fn written(body: CycleRequest) -> Written {
    Written {
        plan: body.plan,
        did: body.did.unwrap_or_default(),
        saw: body.saw.unwrap_or_default(),
        next: body.next.unwrap_or_default(),
        began_on: body.began_on.0.to_string(),
        ended_on: body.ended_on.map(|day| day.0.to_string()).unwrap_or_default(),
        open: body.open.unwrap_or_default(),
        no_student: body.no_student.unwrap_or_default(),
    }
}

fn cycle_document(cycle: Cycle) -> CycleDocument {
    let text = |text: String| Some(text).filter(|text| !text.is_empty());
    CycleDocument {
        number: cycle.number,
        plan: cycle.plan,
        did: text(cycle.did),
        saw: text(cycle.saw),
        next: text(cycle.next),
        began_on: Day(cycle.began_on),
        ended_on: cycle.ended_on.map(Day),
        open: cycle.open,
    }
}
