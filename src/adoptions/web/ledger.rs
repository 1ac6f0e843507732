//! `/practices/{slug}/adoption`, the form of a school; `/adoptions/{id}`, what is on record; `/me/adoptions`.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};
use uuid::Uuid;

use super::{choice, seen, stamp};
use crate::adoptions::follow_up::FollowUp;
use crate::adoptions::ledger::{self, Draft, Whole};
use crate::adoptions::record::reason;
use crate::adoptions::views::ledger::{
    AdoptionFormPage, AdoptionPage, AnswerLine, CycleLine, MinePage, MineRow, Newer, OfferRow, StepLine,
};
use crate::catalog::adoption::{self, Adoption, Told};
use crate::catalog::{AdoptionId, Practice};
use crate::people::{self, School, Sector, city, school_card};
use crate::platform::vocabulary::{AdoptionStage, KeptCore, PracticeStatus, StopReason};
use crate::platform::{Actor, Cx, Db, Error, FieldErrors, Result};
use crate::search::web::{parameters, school_line};
use crate::web::asker::{Asker, SignedIn};
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day, own_page, see_other};
use crate::web::views::{Link, SchoolLine, Section};

fn asked(request: &Request, name: &str) -> String {
    let all = parameters(request.uri().query().unwrap_or_default());
    all.into_iter().find(|(known, _)| known == name).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

/// What stands in the fields of the form.
#[derive(Default)]
struct Typed {
    stage: String,
    since: String,
    stopped_reason: String,
    lead_role: String,
    changed_what: String,
    kept_core: String,
    result_note: String,
    would_recommend: String,
    session: String,
    contact_ok: bool,
    no_student: bool,
    seen: String,
}

impl Typed {
    fn of_form(form: &Form) -> Self {
        let get = |name: &str| form.get(name).to_owned();
        Self {
            stage: get("stage"),
            since: get("since"),
            stopped_reason: get("stopped_reason"),
            lead_role: get("lead_role"),
            changed_what: get("changed_what"),
            kept_core: get("kept_core"),
            result_note: get("result_note"),
            would_recommend: get("would_recommend"),
            session: get("session"),
            contact_ok: form.has("contact_ok"),
            no_student: form.has("no_student"),
            seen: get("seen"),
        }
    }

    fn of_adoption(adoption: &Adoption) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Self {
            stage: adoption.stage.code().to_owned(),
            since: adoption.stage_since.to_string(),
            stopped_reason: text(&adoption.stopped_reason),
            lead_role: text(&adoption.lead_role),
            changed_what: text(&adoption.changed_what),
            kept_core: adoption.kept_core.map(|kept| kept.code().to_owned()).unwrap_or_default(),
            result_note: text(&adoption.result_note),
            would_recommend: adoption.would_recommend.map(yes_no).unwrap_or_default().to_owned(),
            session: adoption.learned_from.map(|session| session.to_string()).unwrap_or_default(),
            contact_ok: adoption.contact_ok,
            no_student: false,
            seen: stamp(adoption.updated_at),
        }
    }

    fn told(&self) -> Result<Told> {
        let mut errors = FieldErrors::default();
        let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let stage = AdoptionStage::parse(&self.stage);
        if stage.is_err() {
            errors.add("stage", "Choose how far you are.");
        }
        let since = self.since.parse();
        if since.is_err() {
            errors.add("since", "Give the day on which you came this far.");
        }
        // A reason stays in the form when somebody changes their mind; it belongs to a stop alone.
        let stops = stage == Ok(AdoptionStage::STOPPED) && !self.stopped_reason.is_empty();
        let stopped_reason = stops.then(|| StopReason::parse(&self.stopped_reason));
        let kept_core = text(&self.kept_core).map(|code| KeptCore::parse(&code));
        let session = text(&self.session).map(|id| id.parse::<Uuid>());
        if matches!(stopped_reason, Some(Err(_))) {
            errors.add("stopped_reason", "Choose one of the reasons.");
        }
        if matches!(kept_core, Some(Err(_))) {
            errors.add("kept_core", "Choose one of the answers.");
        }
        if matches!(session, Some(Err(_))) {
            errors.add("session", "Choose a session at which you saw this practice.");
        }
        let told = stage.ok().zip(since.ok()).map(|(stage, since)| Told {
            stage,
            since,
            lead_role: text(&self.lead_role),
            changed_what: text(&self.changed_what),
            kept_core: kept_core.and_then(|kept| kept.ok()),
            result_note: text(&self.result_note),
            would_recommend: match self.would_recommend.as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            contact_ok: self.contact_ok,
            stopped_reason: stopped_reason.and_then(|reason| reason.ok()),
            learned_from: session.and_then(|session| session.ok()),
            no_student: self.no_student,
        });
        errors.or(())?;
        told.ok_or_else(|| Error::invalid("stage", "Choose how far you are."))
    }
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// GET `/practices/{slug}/adoption`
#[handler]
pub async fn form_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let draft = ledger::form(&cx, &slug, &asked(request, "school")).await?;
    let typed = match &draft.adoption {
        Some(adoption) => Typed::of_adoption(adoption),
        None => {
            let session = asked(request, "session");
            let learned = draft.seen.iter().any(|seen| seen.session.to_string() == session);
            // Who says that they use it has begun; others think about it.
            let stage = if learned { AdoptionStage::PILOTING } else { AdoptionStage::INTERESTED };
            Typed {
                stage: stage.code().to_owned(),
                since: cx.now().date_naive().to_string(),
                session: if learned { session } else { String::new() },
                ..Typed::default()
            }
        }
    };
    own_page(StatusCode::OK, &form_page(*site, draft, typed, Corrections::default()))
}

/// POST `/practices/{slug}/adoption`
#[handler]
pub async fn keep_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let draft = ledger::form(&cx, &slug, form.get("school")).await?;
    let typed = Typed::of_form(&form);
    match keep(&db, &cx, actor, &draft, &typed).await {
        Ok(id) => Ok(see_other(&format!("/adoptions/{id}?done=kept"))),
        Err(error) => {
            let corrections = Corrections::of(error)?;
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &form_page(*site, draft, typed, corrections))
        }
    }
}

async fn keep(db: &Db, cx: &Cx, actor: Actor, draft: &Draft, typed: &Typed) -> Result<AdoptionId> {
    let school = draft
        .school
        .as_ref()
        .ok_or_else(|| Error::Forbidden("Only people of the school tell of its use of a practice.".to_owned()))?;
    let told = typed.told()?;
    let known = draft.adoption.as_ref();
    if told.learned_from.is_some() && told.learned_from != known.and_then(|known| known.learned_from) {
        ledger::learned(cx, draft.practice.id, &told).await?;
    }
    let mut tx = db.write(actor).await?;
    let id = match known {
        Some(known) => {
            adoption::tell(&mut tx, known.id, told, seen(&typed.seen)).await?;
            known.id
        }
        None => adoption::begin(&mut tx, draft.practice.id, school.id, told).await?,
    };
    tx.commit().await?;
    Ok(id)
}

fn form_page(site: &Site, draft: Draft, typed: Typed, corrections: Corrections) -> AdoptionFormPage {
    let Draft { practice, schools, school, adoption, seen } = draft;
    let path = format!("/practices/{}/adoption", practice.slug);
    let mut chrome = site.chrome("Use it at your school", "", &path);
    (chrome.section, chrome.noindex) = (Section::Search, true);
    let began_here = school.as_ref().is_some_and(|school| practice.origin_school == Some(school.id));
    let instead = match (&school, &adoption) {
        (None, _) => "Only people of a school put on record what it takes over; you belong to none here yet.",
        (_, Some(_)) => "",
        (Some(_), None) if began_here => "This practice began at your school; others take it over.",
        (Some(_), None) if practice.status == PracticeStatus::RETIRED => {
            "This practice was taken out of the catalog; no school begins with it now."
        }
        _ => "",
    };
    let current = school.as_ref().map(|school| school.id);
    let others = schools.iter().filter(|one| Some(one.id) != current);
    let others =
        others.map(|one| Link { text: one.name.clone(), url: format!("{path}?school={}", one.slug) }).collect();
    let answer = |value: &str, label: &str, chosen: &str| choice(value, label, chosen);
    let mut reasons = vec![answer("", "We have not stopped", &typed.stopped_reason)];
    reasons.extend(StopReason::all().map(|one| choice(one.code(), one.label(), &typed.stopped_reason)));
    let mut kept_core = vec![answer("", "Not said", &typed.kept_core)];
    kept_core.extend(KeptCore::all().map(|one| choice(one.code(), one.label(), &typed.kept_core)));
    let mut sessions = vec![answer("", "Somewhere else", &typed.session)];
    sessions.extend(
        seen.iter().map(|one| choice(&one.session.to_string(), format!("{}, {}", one.title, one.day), &typed.session)),
    );
    if sessions.len() == 1 {
        sessions.clear();
    }
    AdoptionFormPage {
        chrome,
        corrections,
        practice: Link { text: practice.record.title.clone(), url: format!("/practices/{}", practice.slug) },
        instead: instead.to_owned(),
        school: school.as_ref().map(|school| school.name.clone()).unwrap_or_default(),
        school_id: school.as_ref().map(|school| school.id.to_string()).unwrap_or_default(),
        others,
        action: path,
        known: adoption.is_some(),
        seen: typed.seen,
        stages: AdoptionStage::all().map(|one| choice(one.code(), one.label(), &typed.stage)).collect(),
        since: typed.since,
        reasons,
        lead_role: typed.lead_role,
        changed_what: typed.changed_what,
        kept_core,
        result_note: typed.result_note,
        would_recommend: vec![
            answer("", "Not said", &typed.would_recommend),
            answer("yes", "Yes", &typed.would_recommend),
            answer("no", "No", &typed.would_recommend),
        ],
        contact_ok: typed.contact_ok,
        sessions,
    }
}

/// "Piloting since March 4, 2026".
pub(super) fn stage_words(stage: AdoptionStage, since: chrono::NaiveDate) -> String {
    format!("{} since {}", stage.label(), day(since))
}

fn newer(adoption: &Adoption, practice: &Practice) -> Option<Newer> {
    let (from, to) = (adoption.version, practice.version);
    (from < to && practice.status != PracticeStatus::RETIRED && adoption.stage != AdoptionStage::STOPPED).then(|| {
        Newer { version: to, compare_url: format!("/practices/{}/compare?from={from}&to={to}", practice.slug) }
    })
}

fn line(school: &School, sector: Option<&String>, sectors: &[Sector]) -> SchoolLine {
    let mut line = school_line(&school_card(school, sectors));
    if let Some(code) = sector {
        let label = sectors.iter().find(|one| &one.code == code).map_or_else(|| code.clone(), |one| one.label.clone());
        line.sector = Some(crate::web::views::Sector { code: code.clone(), label });
    }
    line
}

fn answer_line(one: &FollowUp) -> Option<AnswerLine> {
    let answer = one.answer?;
    Some(AnswerLine {
        when: format!("after {} days", one.day),
        answer: answer.label().to_owned(),
        note: one.note.clone(),
    })
}

/// GET `/adoptions/{id}`
#[handler]
pub async fn adoption_view(
    Asker(actor): Asker,
    Path(id): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let whole = ledger::whole(&cx, &id).await?;
    let sectors = people::sectors(&cx).await?;
    let done = match asked(request, "done").as_str() {
        "kept" => "Kept. It stands on the pages of the practice and of your school.",
        "version" => "Your school uses the new version now.",
        "tried" => "Kept.",
        _ => "",
    };
    let mut view = page_of(*site, &cx, &whole, &sectors);
    done.clone_into(&mut view.done);
    own_page(StatusCode::OK, &view)
}

fn page_of(site: &Site, cx: &Cx, whole: &Whole, sectors: &[Sector]) -> AdoptionPage {
    let Whole { adoption, practice, school, origin, steps, follow_ups, cycles, session, own } = whole;
    let title = format!("{} at {}", practice.record.title, school.name);
    let description =
        format!("How {} uses \"{}\": step by step and in its own words.", school.name, practice.record.title);
    let mut chrome = site.chrome(&title, &description, &format!("/adoptions/{}", adoption.id));
    chrome.section = Section::Search;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let origin_sector = origin.as_ref().and_then(|school| school.sector.as_ref());
    let sector = adoption.sector_at_start.as_ref();
    let across =
        adoption.piloted_on.is_some() && sector.is_some() && origin_sector.is_some() && sector != origin_sector;
    let step = |step: &adoption::Step| StepLine {
        stage: step.stage.label().to_owned(),
        since: day(step.since),
        reason: step.stopped_reason.as_deref().map(reason).unwrap_or_default(),
    };
    let cycle = |one: &crate::adoptions::cycle::Cycle| CycleLine {
        number: one.number,
        days: match one.ended_on {
            Some(end) => format!("{} to {}", day(one.began_on), day(end)),
            None => format!("since {}", day(one.began_on)),
        },
        plan: one.plan.clone(),
        did: one.did.clone(),
        saw: one.saw.clone(),
        next: one.next.clone(),
        open: one.open,
        url: if *own { format!("/adoptions/{}/cycles/{}", adoption.id, one.number) } else { String::new() },
    };
    let waits = follow_ups.iter().rev().find(|one| one.answer.is_none() && one.is_open(cx.now()));
    let waits = waits.filter(|_| *own && adoption.stage != AdoptionStage::STOPPED);
    AdoptionPage {
        chrome,
        done: String::new(),
        id: adoption.id.to_string(),
        practice: Link { text: practice.record.title.clone(), url: format!("/practices/{}", practice.slug) },
        school: line(school, sector, sectors),
        origin: origin.as_ref().map(|school| line(school, None, sectors)).unwrap_or_default(),
        stage: stage_words(adoption.stage, adoption.stage_since),
        reason: adoption.stopped_reason.as_deref().map(reason).unwrap_or_default(),
        highlight_url: if across && city::writes(cx.actor()) {
            format!("/highlights/new?adoption={}", adoption.id)
        } else {
            String::new()
        },
        across,
        version: adoption.version,
        newer: newer(adoption, practice),
        lead_role: text(&adoption.lead_role),
        changed_what: text(&adoption.changed_what),
        kept_core: adoption.kept_core.map(|kept| kept.label().to_owned()).unwrap_or_default(),
        result_note: text(&adoption.result_note),
        would_recommend: match adoption.would_recommend {
            Some(true) => "Yes".to_owned(),
            Some(false) => "No".to_owned(),
            None => String::new(),
        },
        contact_ok: adoption.contact_ok,
        session: session
            .as_ref()
            .map(|(id, title)| Link { text: title.clone(), url: format!("/sessions/{id}") })
            .unwrap_or_default(),
        steps: steps.iter().map(step).collect(),
        answers: follow_ups.iter().filter_map(answer_line).collect(),
        cycles: cycles.iter().map(cycle).collect(),
        form_url: if *own {
            format!("/practices/{}/adoption?school={}", practice.slug, school.slug)
        } else {
            String::new()
        },
        follow_up_url: waits.map(|one| format!("/follow-ups/{}", one.id)).unwrap_or_default(),
    }
}

/// POST `/adoptions/{id}/version`
#[handler]
pub async fn version_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
) -> poem::Result<Response> {
    let id: AdoptionId = id.parse().map_err(|_| Error::NotFound("adoption"))?;
    let version =
        form.get("version").parse().map_err(|_| Error::invalid("version", "Give the number of a version."))?;
    let mut tx = db.write(actor).await?;
    adoption::take_version(&mut tx, id, version).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/adoptions/{id}?done=version")))
}

/// GET `/me/adoptions`
#[handler]
pub async fn mine_view(SignedIn(actor): SignedIn, db: Data<&Db>, site: Data<&Site>) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let mine = ledger::mine(&cx).await?;
    let mut chrome = site.chrome("Practices your school takes over", "", "/me/adoptions");
    (chrome.section, chrome.noindex) = (Section::Me, true);
    let rows = mine.adoptions.iter().map(|(adoption, school)| {
        let title = mine.cards.get(&adoption.practice).map(|card| card.title.clone());
        let newest = mine.versions.get(&adoption.practice).copied().unwrap_or_default();
        let newer = newest > adoption.version && adoption.stage != AdoptionStage::STOPPED;
        MineRow {
            adoption: Link {
                text: title.unwrap_or_else(|| "A practice that was taken out of the catalog".to_owned()),
                url: format!("/adoptions/{}", adoption.id),
            },
            school: school.name.clone(),
            stage: stage_words(adoption.stage, adoption.stage_since),
            newer: if newer {
                format!("It changed since you adopted it: there is a version {newest}, you use {}.", adoption.version)
            } else {
                String::new()
            },
        }
    });
    let offers = mine.offers.iter().filter_map(|seen| {
        let card = mine.cards.get(&seen.practice)?;
        let school = mine.schools.iter().find(|school| school.id == seen.school).or(mine.schools.first())?;
        Some(OfferRow {
            practice: Link { text: card.title.clone(), url: format!("/practices/{}", card.slug) },
            facts: format!("You saw it at {}, {}, and said that you use it.", seen.title, seen.day),
            action: format!("/practices/{}/adoption", card.slug),
            school_id: school.id.to_string(),
            school: school.name.clone(),
            session_id: seen.session.to_string(),
        })
    });
    let view = MinePage {
        chrome,
        at_school: !mine.schools.is_empty(),
        today: cx.now().date_naive().to_string(),
        rows: rows.collect(),
        offers: offers.collect(),
    };
    own_page(StatusCode::OK, &view)
}
