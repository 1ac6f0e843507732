//! Adoptions over JSON: a school puts on record what it takes over, says how it goes, and keeps a log of what it tries; and which
//! practices crossed sector lines.

mod documents;
mod examples;

use std::sync::Arc;

use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use uuid::Uuid;

use self::documents::{
    AdoptionChange, AdoptionDocument, AdoptionRequest, CrossingItem, CrossingList, CrossingPage, CycleDocument,
    CycleList, CycleRequest, DirectionDocument, FollowUpAnswer, FollowUpDocument, MadeAdoption, MadeCycle, MyAdoption,
    MyAdoptionList, PracticeName, StepDocument,
};
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
