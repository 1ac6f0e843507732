//! `commonground demo`: the invented city of Rivermark, made by calling the operations, and served.
//!
//! The data are `rivermark.json` beside this file. Days in it count back from today, so that the city never
//! grows old.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use chrono::{Days, Months, NaiveDate};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::demo_compacts;
use super::demo_digests;
use super::demo_highlights;
use super::demo_people::{self, DemoAccount};
use super::demo_report;
use super::demo_sessions::{self, SessionRow};
use super::demo_statements;
use super::output;
use super::serve::{self, Server};
use crate::app::App;
use crate::catalog::draft::PracticeDraft;
use crate::catalog::{self, Dates, NewAdoption, NewPractice, PracticeId, Rules, Trust};
use crate::people::{self, GradeSpan, NewOrganization, NewSchool, OrganizationId, SchoolId, Share};
use crate::platform::config::Overrides;
use crate::platform::vocabulary::{AdoptionStage, KeptCore, StopReason};
use crate::platform::{Actor, Clock, Config, Error, Result, Tx};
use crate::search;

/// The city.
#[derive(Deserialize)]
struct City {
    organizations: Vec<OrganizationRow>,
    campuses: Vec<CampusRow>,
    schools: Vec<SchoolRow>,
    practices: Vec<Map<String, Value>>,
    adoptions: Vec<AdoptionRow>,
    synonyms: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct OrganizationRow {
    id: String,
    name: String,
    kind: String,
    city: Option<String>,
}

#[derive(Deserialize)]
struct CampusRow {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct SchoolRow {
    id: String,
    name: String,
    sector: String,
    grades: String,
    neighborhood: String,
    organization_id: Option<String>,
    students: i32,
    campus: Option<String>,
    student_group_shares: BTreeMap<String, String>,
    school_type: Option<String>,
    profile: Option<String>,
}

#[derive(Deserialize)]
struct AdoptionRow {
    practice: String,
    school: String,
    stage: AdoptionStage,
    started: String,
    lead_role: Option<String>,
    changed_what: Option<String>,
    kept_core: Option<KeptCore>,
    result_note: Option<String>,
    would_recommend: Option<bool>,
    contact_ok: bool,
    stopped_code: Option<StopReason>,
}

pub(super) const CITY: &str = include_str!("rivermark.json");

/// What of the city its sessions need.
#[derive(Deserialize)]
pub(super) struct CitySessions {
    pub(super) sessions: Vec<SessionRow>,
    pub(super) schools: Vec<Named>,
    pub(super) practices: Vec<Titled>,
}

/// A school by the file's own id.
#[derive(Deserialize)]
pub(super) struct Named {
    pub(super) id: String,
    pub(super) name: String,
}

/// A practice by the file's own id.
#[derive(Deserialize)]
pub(super) struct Titled {
    pub(super) id: String,
    pub(super) title: String,
}

/// The keys of a practice that are the demo's own bookkeeping and no part of the record.
const BOOKKEEPING: [&str; 5] = ["id", "evidence_tier", "checked_days_ago", "published_days_ago", "contributors_note"];

/// The file that marks a folder as made by the demo, so that the demo may throw it away.
const MARK: &str = "rivermark-demo";

pub(super) async fn run(mut overrides: Overrides, seed_only: bool) -> Result<()> {
    let folder = overrides.data.clone().unwrap_or_else(|| PathBuf::from("./var/demo"));
    clear(&folder)?;
    overrides.data = Some(folder.clone());
    let mut config = Config::load(&overrides)?;
    // The demo brings its own database, whatever this machine is configured for.
    config.database = crate::platform::config::DatabaseUrl::Sqlite(folder.join("commonground.sqlite"));
    if config.log == "info" {
        "warn".clone_into(&mut config.log);
    }
    serve::init_log(&config)?;
    let app = App::open(config, Clock::System).await?;
    std::fs::write(folder.join(MARK), "The demo made this folder and empties it when it starts again.\n")?;
    seed(&app).await?;
    let accounts = demo_people::seed_people(&app).await?;
    demo_people::write(&folder, &accounts)?;
    let base_url = app.config.base_url.clone().unwrap_or_else(|| format!("http://{}", app.config.listen));
    demo_sessions::seed_sessions(&app.config, &base_url).await?;
    demo_compacts::seed_compacts(&app.config, &base_url).await?;
    demo_report::seed_searches(&app).await?;
    demo_highlights::seed_highlights(&app.config, &base_url).await?;
    demo_statements::seed_statements(&app.config, &base_url).await?;
    demo_digests::seed_digests(&app.config).await?;
    if seed_only {
        app.search().await?.catch_up(&app.db).await?;
        app.db.close().await;
        output::say(&format!("Rivermark is in {}; demo-accounts.json there tells who may sign in.", folder.display()));
        return Ok(());
    }
    let server = Server::prepare(app, true).await?;
    server.catch_up().await?;
    welcome(&server, &accounts)?;
    server.run(serve::stop_signal()).await
}

/// Empties a folder that an earlier demo made; never another one.
fn clear(folder: &Path) -> Result<()> {
    let filled = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if !filled {
        return Ok(std::fs::create_dir_all(folder)?);
    }
    if !folder.join(MARK).exists() {
        return Err(Error::Conflict(format!(
            "{} holds something that is not the demo's; give an empty folder with --data.",
            folder.display()
        )));
    }
    std::fs::remove_dir_all(folder)?;
    Ok(std::fs::create_dir_all(folder)?)
}

/// Makes the city in one transaction.
pub async fn seed(app: &App) -> Result<()> {
    let city: City = serde_json::from_str(CITY).map_err(Error::internal)?;
    let mut tx = app.db.write(Actor::System("demo")).await?;
    let schools = add_schools(&mut tx, &city).await?;
    let practices = publish(&mut tx, city.practices, &schools).await?;
    adopt(&mut tx, city.adoptions, &schools, &practices).await?;
    for (term, also) in &city.synonyms {
        search::set_synonym(&mut tx, term, also).await?;
    }
    tx.commit().await
}

async fn add_schools(tx: &mut Tx, city: &City) -> Result<HashMap<String, SchoolId>> {
    let mut organizations: HashMap<&str, OrganizationId> = HashMap::new();
    for row in &city.organizations {
        let new =
            NewOrganization { kind: row.kind.clone(), name: row.name.clone(), city: row.city.clone(), state: None };
        organizations.insert(&row.id, people::add_organization(tx, new).await?);
    }
    let campuses: HashMap<&str, &str> = city.campuses.iter().map(|row| (row.id.as_str(), row.name.as_str())).collect();
    let mut schools = HashMap::new();
    for row in &city.schools {
        let share = |(group, band): (&String, &String)| {
            Ok(Share { group: group.parse().map_err(Error::internal)?, band: band.parse().map_err(Error::internal)? })
        };
        let new = NewSchool {
            name: row.name.clone(),
            sector: Some(row.sector.clone()),
            organization: row.organization_id.as_deref().and_then(|id| organizations.get(id)).copied(),
            city: Some("Rivermark".to_owned()),
            state: None,
            neighborhood: Some(row.neighborhood.clone()),
            campus: row.campus.as_deref().and_then(|id| campuses.get(id)).map(|name| (*name).to_owned()),
            grades: GradeSpan::parse_range(&row.grades),
            students: Some(row.students),
            shares: row.student_group_shares.iter().map(share).collect::<Result<_>>()?,
            school_type: row.school_type.clone(),
            profile: row.profile.clone(),
        };
        schools.insert(row.id.clone(), people::add_school(tx, new).await?);
    }
    Ok(schools)
}

async fn publish(
    tx: &mut Tx,
    rows: Vec<Map<String, Value>>,
    schools: &HashMap<String, SchoolId>,
) -> Result<HashMap<String, PracticeId>> {
    let today = tx.now().date_naive();
    let ago = |row: &Map<String, Value>, key: &str| {
        let days = row.get(key).and_then(Value::as_u64).unwrap_or_default();
        today.checked_sub_days(Days::new(days)).unwrap_or(today)
    };
    let mut practices = HashMap::new();
    for mut row in rows {
        let text =
            |row: &Map<String, Value>, key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (id, origin) = (text(&row, "id"), text(&row, "origin_school"));
        let published_on = ago(&row, "published_days_ago");
        let dates = Dates { published_on, last_checked_on: ago(&row, "checked_days_ago") };
        let contributors = row.remove("contributors_note");
        BOOKKEEPING.iter().for_each(|key| {
            row.remove(*key);
        });
        row.extend(contributors.map(|note| ("contributors".to_owned(), note)));
        let draft = PracticeDraft::from_json(&Value::Object(row))?;
        let new = NewPractice::parse(draft, Rules::Full, Trust::Editor, today)?;
        let origin = schools.get(&origin).copied().ok_or(Error::NotFound("school"))?;
        practices.insert(id, catalog::publish(tx, new, origin, dates).await?);
    }
    Ok(practices)
}

async fn adopt(
    tx: &mut Tx,
    rows: Vec<AdoptionRow>,
    schools: &HashMap<String, SchoolId>,
    practices: &HashMap<String, PracticeId>,
) -> Result<()> {
    let today = tx.now().date_naive();
    for row in rows {
        let practice = practices.get(&row.practice).copied().ok_or(Error::NotFound("practice"))?;
        let school = schools.get(&row.school).copied().ok_or(Error::NotFound("school"))?;
        let started_on =
            NaiveDate::parse_from_str(&format!("{}-01", row.started), "%Y-%m-%d").map_err(Error::internal)?;
        // The file's months are those of one autumn; none of them lies in the future.
        let started_on = if started_on > today { today - Months::new(1) } else { started_on };
        for (stage, started_on) in steps(row.stage, started_on, today) {
            let new = NewAdoption {
                school,
                stage,
                started_on,
                lead_role: row.lead_role.clone(),
                changed_what: row.changed_what.clone(),
                kept_core: row.kept_core,
                result_note: row.result_note.clone(),
                would_recommend: row.would_recommend,
                contact_ok: row.contact_ok,
                stopped_reason: row.stopped_code.filter(|_| stage == AdoptionStage::STOPPED),
            };
            catalog::record_adoption(tx, practice, new).await?;
        }
    }
    Ok(())
}

/// How a school came to the stage that the file names: it tried the practice first, used it after three months, and a year later
/// still; or it stopped after half a year.
fn steps(stage: AdoptionStage, started_on: NaiveDate, today: NaiveDate) -> Vec<(AdoptionStage, NaiveDate)> {
    let later = |months| (started_on + Months::new(months)).min(today);
    let pilot = (AdoptionStage::PILOTING, started_on);
    let used = (AdoptionStage::IN_USE, later(3));
    match stage {
        AdoptionStage::IN_USE => vec![pilot, used],
        AdoptionStage::SUSTAINED => vec![pilot, used, (stage, later(12))],
        AdoptionStage::STOPPED => vec![pilot, (stage, later(6))],
        other => vec![(other, started_on)],
    }
}

fn welcome(server: &Server, accounts: &[DemoAccount]) -> Result<()> {
    let base = format!("http://{}", server.address()?);
    output::say(&format!(
        "Rivermark is ready: 12 schools, 25 practices, all invented.\n\n  \
         {base}/\n  \
         {base}/search?q=how+do+I+stop+kids+from+talking+over+me+in+class\n  \
         {base}/practices/ten-day-landing-plan-for-mid-year-entrants\n  \
         {base}/search?result=stopped\n  \
         {base}/api/docs\n\n\
         Searching and reading need no sign-in.\n"
    ));
    output::say(&demo_people::sign_ins(&base, accounts));
    output::say("\nCtrl-C ends it.");
    Ok(())
}
