//! The page of a practice and its versions, and the page of a school with what it created and uses.

pub mod care;
pub mod compare;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use poem::web::{Data, Path, Redirect};
use poem::{IntoResponse, Request, Response, handler};

use super::completeness::completeness;
use super::parts::{Part, PartSection, Parts};
use super::record::{EvidenceClaim, LocalMeasure, Material, PracticeRecord};
use super::views::{
    Adoption as AdoptionView, Completeness, Evidence, Imported, Material as MaterialView, Measure, Missing, OldVersion,
    Origin, PracticePage, Related, Retired, Step as StepView, Stopped, VersionLine as VersionView,
};
use super::{Adoption, Practice, PracticeId, VersionLine, jsonld, markdown};
use crate::people::views::{SchoolPage, UsedPractice};
use crate::people::{self, School, SchoolId, school_card};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Cx, Db, Result};
use crate::search::web::{card_view, school_line};
use crate::search::{PracticeCard, Search, encode};
use crate::web::asker::Asker;
use crate::web::site::{Site, day, day_of, month, page};
use crate::web::views::{JsonLd, Link, PagePiece, ResultMark, SchoolLine, Section, Sector, SectorCount, UsedBy};

/// Related practices on a page.
const RELATED: usize = 5;

/// `/practices/{slug}`
#[handler]
pub async fn practice_view(
    request: &Request,
    Asker(actor): Asker,
    Path(slug): Path<String>,
    db: Data<&Db>,
    search: Data<&Arc<Search>>,
    parts: Data<&Parts>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let practice = super::practice(&cx, &slug).await?;
    if practice.slug != slug {
        // Found by its id: the address that lasts is the one with the name.
        return Ok(Redirect::moved_permanent(format!("/practices/{}", practice.slug)).into_response());
    }
    let mut view = PageOf { cx: &cx, search: &search, parts: &parts, site: &site }.practice(&practice, None).await?;
    view.chrome.print_view = request.uri().query() == Some("print");
    view.chrome.noindex = view.chrome.print_view || practice.status == PracticeStatus::RETIRED;
    page(request.headers(), &view)
}

/// `/practices/{slug}/v/{version}`
#[handler]
pub async fn version_view(
    request: &Request,
    Asker(actor): Asker,
    Path((slug, number)): Path<(String, i32)>,
    db: Data<&Db>,
    search: Data<&Arc<Search>>,
    parts: Data<&Parts>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let practice = super::practice(&cx, &slug).await?;
    let version = super::version(&cx, practice.id, number).await?;
    let old = Practice { record: version.record, ..practice };
    let mut view = PageOf { cx: &cx, search: &search, parts: &parts, site: &site }.practice(&old, Some(number)).await?;
    view.chrome.noindex = old.status == PracticeStatus::RETIRED;
    page(request.headers(), &view)
}

/// `/schools/{slug}`
#[handler]
pub async fn school_view(
    request: &Request,
    Asker(actor): Asker,
    Path(slug): Path<String>,
    db: Data<&Db>,
    parts: Data<&Parts>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let school = people::school(&cx, &slug).await?;
    if school.slug != slug {
        return Ok(Redirect::moved_permanent(format!("/schools/{}", school.slug)).into_response());
    }
    page(request.headers(), &school_page(&cx, &site, &parts, school).await?)
}

async fn school_page(cx: &Cx, site: &Site, parts: &Parts, school: School) -> Result<SchoolPage> {
    let family = people::school_family(cx, school.id).await?;
    let created = super::created_at(cx, &family).await?;
    let (actions, parts) = pieces(parts.of_school(cx, &school, &family).await?);
    let mut adoptions = super::adoptions_by(cx, &family).await?;
    // Schools that became one may have used the same practice, or each other's: the newest word of it stands here once.
    let mut named: HashSet<PracticeId> = created.iter().map(|practice| practice.id).collect();
    adoptions.retain(|adoption| named.insert(adoption.practice));
    let adopted = adoptions.iter().map(|adoption| adoption.practice);
    let wanted: Vec<PracticeId> = created.iter().map(|practice| practice.id).chain(adopted).collect();
    let cards = super::cards(cx, &wanted).await?;
    let sectors = people::sectors(cx).await?;
    let line = school_line(&school_card(&school, &sectors));
    let used = adoptions.iter().filter_map(|adoption| {
        let card = cards.get(&adoption.practice)?;
        Some(UsedPractice {
            practice: practice_link(card),
            origin: card.school.as_ref().map(school_line),
            stage_label: adoption.stage.label().to_owned(),
            since: format!("since {}", month(adoption.stage_since)),
        })
    });
    let description = format!("Practices that began at {} and practices it uses.", school.name);
    let mut view = SchoolPage {
        chrome: site.chrome(&school.name, &description, &format!("/schools/{}", school.slug)),
        sector: line.sector,
        grades: school.grades.map(|span| span.to_string()).unwrap_or_default(),
        size_band: school.size().map(|size| size.label().to_owned()).unwrap_or_default(),
        city: [&school.city, &school.state].into_iter().flatten().cloned().collect::<Vec<_>>().join(", "),
        neighborhood: school.neighborhood.clone().unwrap_or_default(),
        district: school.organization.as_ref().map(|o| o.name.clone()).unwrap_or_default(),
        district_kind: school.organization.as_ref().map(|o| o.kind_label().to_owned()).unwrap_or_default(),
        nces_id: school.nces_id.clone().unwrap_or_default(),
        campus: school.campus.clone().unwrap_or_default(),
        shares: shares(&school),
        profile: school.profile.clone().unwrap_or_default(),
        like_url: if school.traits().is_empty() {
            String::new()
        } else {
            format!("/search?like={}", encode(&school.slug))
        },
        created: created.iter().filter_map(|p| cards.get(&p.id)).map(|card| card_view(card, String::new())).collect(),
        used: used.collect(),
        source: Link { text: facts_from(&school), url: String::new() },
        source_date: month(school.updated_at.date_naive()),
        practices_url: format!("/search?school={}", encode(&school.slug)),
        closed: school.closed_on.map(day).unwrap_or_default(),
        actions,
        parts,
        name: school.name,
    };
    view.chrome.section = Section::Schools;
    Ok(view)
}

/// What other features add, as links and as parts to read.
fn pieces(parts: Vec<Part>) -> (Vec<Link>, Vec<PagePiece>) {
    let (mut actions, mut pieces) = (Vec::new(), Vec::new());
    for part in parts {
        actions.extend(part.actions.into_iter().map(|(text, url)| Link { text, url }));
        let piece = |part: PartSection| PagePiece { id: part.id, heading: part.heading, body_html: part.body_html };
        pieces.extend(part.section.map(piece));
    }
    (actions, pieces)
}

fn facts_from(school: &School) -> String {
    match school.facts_from.as_str() {
        "NCES" => "the federal school file (NCES)".to_owned(),
        other => other.to_owned(),
    }
}

fn practice_link(card: &PracticeCard) -> Link {
    Link { text: card.title.clone(), url: format!("/practices/{}", card.slug) }
}

/// What a page is made with.
struct PageOf<'a> {
    cx: &'a Cx,
    search: &'a Search,
    parts: &'a Parts,
    site: &'a Site,
}

impl PageOf<'_> {
    /// The page of a practice; with a number, that of one version, whose record `practice` then holds.
    /// A constant number of statements: versions, adoptions, their schools and organizations, sectors, the count of
    /// uses, and whether related practices may be shown.
    async fn practice(&self, practice: &Practice, number: Option<i32>) -> Result<PracticePage> {
        let cx = self.cx;
        let record = &practice.record;
        let versions = super::versions(cx, practice.id).await?;
        let adoptions = super::adoptions_of(cx, practice.id).await?;
        let mut wanted: Vec<SchoolId> = adoptions.iter().map(|adoption| adoption.school).collect();
        wanted.extend(practice.origin_school);
        let schools = people::schools(cx, &wanted).await?;
        let sectors = people::sectors(cx).await?;
        let lines: HashMap<SchoolId, SchoolLine> =
            schools.iter().map(|(id, school)| (*id, school_line(&school_card(school, &sectors)))).collect();
        let origin = practice.origin_school.and_then(|id| schools.get(&id));
        let used = super::used_by(cx, &[practice.id]).await?.remove(&practice.id).unwrap_or_default();
        let related = self.search.related(cx, practice.id.0, RELATED).await?;
        let shown = number.unwrap_or(practice.version);
        let path = format!("/practices/{}", practice.slug);
        let permalink = format!("{}{path}/v/{shown}", self.site.base_url);
        let published = versions.iter().find(|v| v.number == shown).map(|v| v.created_at.date_naive());
        let own_path = if number.is_some() { format!("{path}/v/{shown}") } else { path.clone() };
        let mut view = record_page(record, &path);
        view.chrome = self.site.chrome(&record.title, record.summary.as_deref().unwrap_or_default(), &own_path);
        view.chrome.og_type = "article".to_owned();
        view.chrome.section = Section::Search;
        view.chrome.json_ld = Some(self.json_ld(practice, origin, shown, published));
        view.permalink = permalink.clone();
        view.imported = practice.is_imported().then(|| imported(practice));
        view.old_version = (shown < practice.version)
            .then(|| OldVersion { latest: practice.version.unsigned_abs(), latest_url: path.clone() });
        if practice.status == PracticeStatus::RETIRED {
            let other = match practice.replaced_by {
                Some(other) => super::practices(cx, &[other]).await?.remove(&other),
                None => None,
            };
            view.retired = Some(Retired {
                reason: practice.retired_reason.clone().unwrap_or_default(),
                on: day_of(practice.updated_at),
                replaced_by: other
                    .map(|other| Link { url: format!("/practices/{}", other.slug), text: other.record.title }),
            });
        }
        view.version = shown.unsigned_abs();
        view.published_on = published_on(practice, number, published);
        view.last_checked_on = practice.last_checked_on.map(day).unwrap_or_default();
        view.check_by = practice.check_by.map(day).unwrap_or_default();
        view.overdue = super::care::is_overdue(practice, cx.now().date_naive());
        view.checks = practice.status == PracticeStatus::PUBLISHED && number.is_none();
        view.origin = origin.map(|school| origin_view(school, lines.get(&school.id)));
        (view.actions, view.parts) = pieces(self.parts.of_practice(cx, practice).await?);
        view.used_by = used_by(used, &sectors);
        view.adoptions = adoptions.iter().filter_map(|a| adoption_view(a, &lines, origin)).collect();
        view.related = related.iter().map(|(_, other)| related_view(other, record, origin)).collect();
        view.versions = versions.iter().map(|v| version_line(v, &path, shown)).collect();
        view.citation = citation(practice, origin, shown, published, &permalink);
        Ok(view)
    }

    fn json_ld(
        &self,
        practice: &Practice,
        origin: Option<&School>,
        shown: i32,
        published: Option<NaiveDate>,
    ) -> JsonLd {
        let base_url = &*self.site.base_url;
        let url = format!("{base_url}/practices/{}", practice.slug);
        let school = origin.map(|school| (school.name.as_str(), format!("{base_url}/schools/{}", school.slug)));
        let added = practice.created_at.date_naive();
        let context = jsonld::Context {
            url: &url,
            base_url,
            site_name: "Common Ground",
            school: school.as_ref().map(|(name, url)| (*name, url.as_str())),
            version: shown.unsigned_abs(),
            published_on: practice.published_on.unwrap_or(added),
            modified_on: published.unwrap_or(added).max(practice.published_on.unwrap_or(added)),
        };
        JsonLd::new(&jsonld::learning_resource(&practice.record, context).to_string())
    }
}

/// The page of a practice as it would be with this record: what nobody but its writers and reviewers sees. `path` is the page's own
/// address, `back` leads to where it is written. A constant number of statements.
pub async fn preview(
    cx: &Cx,
    site: &Site,
    record: &PracticeRecord,
    school: SchoolId,
    path: &str,
    back: &str,
) -> Result<PracticePage> {
    let schools = people::schools(cx, &[school]).await?;
    let sectors = people::sectors(cx).await?;
    let mut view = record_page(record, path);
    view.chrome = site.chrome(&record.title, "", path);
    (view.chrome.section, view.chrome.noindex) = (Section::Me, true);
    let origin = schools.values().next();
    view.origin = origin.map(|school| origin_view(school, Some(&school_line(&school_card(school, &sectors)))));
    view.preview = Some(Link { text: "Back to writing".to_owned(), url: back.to_owned() });
    Ok(view)
}

/// The part of the page that the record alone decides.
fn record_page(record: &PracticeRecord, path: &str) -> PracticePage {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let links = |name: &str, values: &mut dyn Iterator<Item = (&'static str, &'static str)>| {
        values
            .map(|(code, label)| Link { text: label.to_owned(), url: format!("/search?{name}={code}") })
            .collect::<Vec<_>>()
    };
    let complete = completeness(record);
    PracticePage {
        title: record.title.clone(),
        url: path.to_owned(),
        result: record
            .result
            .map(|r| ResultMark { code: r.code().to_owned(), label: r.label().to_owned() })
            .unwrap_or_default(),
        summary: text(&record.summary),
        problem_html: formatted(&record.problem),
        practice_type: record.practice_type.map(|t| t.label().to_owned()).unwrap_or_default(),
        topics: links("topic", &mut record.topics.iter().map(|v| (v.code(), v.label()))),
        grades: links("grade_band", &mut record.grade_bands.iter().map(|v| (v.code(), v.label()))),
        subjects: links("subject", &mut record.subjects.iter().map(|v| (v.code(), v.label()))),
        student_groups: links("student_group", &mut record.student_groups.iter().map(|v| (v.code(), v.label()))),
        settings: links("setting", &mut record.settings.iter().map(|v| (v.code(), v.label()))),
        in_use_since: record.in_use_since.map(|year| year.to_string()).unwrap_or_default(),
        steps: record
            .steps
            .iter()
            .map(|s| StepView { what: s.what.clone(), who: text(&s.who), how_long: text(&s.how_long) })
            .collect(),
        core_parts: record.core_parts.clone(),
        can_change: record.can_change.clone(),
        a_day_or_week_html: formatted(&record.a_day_or_week),
        materials: record.materials.iter().map(material_view).collect(),
        evidence: record.evidence_claims.iter().map(evidence_view).collect(),
        measures: record.local_measures.iter().map(measure_view).collect(),
        what_we_do_not_know: text(&record.what_we_do_not_know),
        time_to_start: record.time_to_start.map(|v| v.label().to_owned()).unwrap_or_default(),
        weekly_time: record.weekly_time.map(|v| v.label().to_owned()).unwrap_or_default(),
        cost: record.cost_band.map(|v| v.label().to_owned()).unwrap_or_default(),
        cost_note: text(&record.cost_note),
        staffing: record.staffing.iter().map(|v| v.label().to_owned()).collect(),
        conditions: record.conditions.iter().map(|c| c.label().to_owned()).collect(),
        conditions_note_html: formatted(&record.conditions_note),
        training: record.training_hours.map(hours).unwrap_or_default(),
        space_and_technology_html: formatted(&record.space_and_technology),
        timeline: record.timeline.clone(),
        who_decided_html: formatted(&record.who_decided),
        first_week: record.first_week.clone(),
        prerequisites: record.prerequisites.clone(),
        pitfalls: record.pitfalls.clone(),
        how_to_keep_it_going_html: formatted(&record.how_to_keep_it_going),
        not_a_fit_when: record.not_a_fit_when.clone(),
        stopped: record.is_stopped().then(|| Stopped {
            because_html: formatted(&record.stopped_because),
            replaced_by_html: formatted(&record.what_replaced_it),
        }),
        contact_role: text(&record.contact_role),
        visits: visits(record),
        visit_rules_html: if record.open_to_visits == Some(true) {
            formatted(&record.visit_rules)
        } else {
            String::new()
        },
        license: Link { text: record.license.label().to_owned(), url: record.license.url().to_owned() },
        contributors: record.contributors.clone(),
        completeness: Some(Completeness {
            done: complete.done,
            total: complete.total,
            missing: complete
                .missing
                .iter()
                .map(|m| Missing { what: m.label.to_owned(), why: m.why.to_owned() })
                .collect(),
        }),
        ..PracticePage::default()
    }
}

/// A long text as HTML; empty for none.
fn formatted(text: &Option<String>) -> String {
    text.as_deref().map(markdown::html).unwrap_or_default()
}

fn imported(practice: &Practice) -> Imported {
    let record = &practice.record;
    let name = record.imported_from.clone().or_else(|| practice.imported_by.clone());
    Imported {
        source: Link {
            text: name.unwrap_or_else(|| "a file".to_owned()),
            url: record.imported_url.clone().unwrap_or_default(),
        },
        on: day_of(practice.created_at),
    }
}

fn published_on(practice: &Practice, number: Option<i32>, version: Option<NaiveDate>) -> String {
    let first = if practice.is_imported() { None } else { practice.published_on };
    let date = if number.is_some() { version.or(first) } else { first };
    date.map(day).unwrap_or_default()
}

fn origin_view(school: &School, line: Option<&SchoolLine>) -> Origin {
    Origin {
        school: line.cloned().unwrap_or_default(),
        grades: school.grades.map(|span| span.to_string()).unwrap_or_default(),
        size_band: school.size().map(|size| size.label().to_lowercase()).unwrap_or_default(),
        neighborhood: school.neighborhood.clone().unwrap_or_default(),
        shares: shares(school),
    }
}

fn shares(school: &School) -> Vec<String> {
    school.shares.iter().map(|share| format!("{}: {}", share.group.label(), share.band.label())).collect()
}

fn adoption_view(
    adoption: &Adoption,
    lines: &HashMap<SchoolId, SchoolLine>,
    origin: Option<&School>,
) -> Option<AdoptionView> {
    let origin_sector = origin.and_then(|school| school.sector.as_ref());
    let own = adoption.sector_at_start.as_ref();
    Some(AdoptionView {
        school: lines.get(&adoption.school)?.clone(),
        stage: adoption.stage.code().to_owned(),
        stage_label: adoption.stage.label().to_owned(),
        since: format!("since {}", month(adoption.stage_since)),
        // Interest and plans cross nothing yet.
        across: adoption.piloted_on.is_some() && own.is_some() && origin_sector.is_some() && own != origin_sector,
        url: format!("/adoptions/{}", adoption.id),
        changed: adoption.changed_what.clone().unwrap_or_default(),
        note: adoption.result_note.clone().unwrap_or_default(),
    })
}

fn related_view(other: &PracticeCard, record: &PracticeRecord, origin: Option<&School>) -> Related {
    let topic = record.topics.iter().any(|topic| other.topics.iter().any(|code| code == topic.code()));
    let theirs = other.school.as_ref().and_then(|school| school.sector.as_ref()).map(|(code, _)| code);
    let ours = origin.and_then(|school| school.sector.as_ref());
    let across = ours.is_some() && theirs.is_some() && ours != theirs;
    let why = match (topic, across) {
        (true, true) => "Same topic, other sector",
        (true, false) => "Same topic",
        (false, true) => "Similar words, other sector",
        (false, false) => "Similar words",
    };
    Related { practice: practice_link(other), school: other.school.as_ref().map(school_line), why: why.to_owned() }
}

fn used_by(used: BTreeMap<String, u64>, sectors: &[people::Sector]) -> UsedBy {
    let label =
        |code: &String| sectors.iter().find(|s| &s.code == code).map_or_else(|| code.clone(), |s| s.label.clone());
    let count = |(code, count)| SectorCount { sector: Sector { label: label(&code), code }, count };
    UsedBy { by_sector: used.into_iter().map(count).collect() }
}

fn version_line(version: &VersionLine, path: &str, shown: i32) -> VersionView {
    VersionView {
        number: version.number.unsigned_abs(),
        url: format!("{path}/v/{}", version.number),
        on: day_of(version.created_at),
        note: version.note.clone().unwrap_or_default(),
        shown: version.number == shown,
    }
}

fn citation(
    practice: &Practice,
    origin: Option<&School>,
    shown: i32,
    published: Option<NaiveDate>,
    url: &str,
) -> String {
    let by = origin.map(|school| school.name.clone()).or_else(|| practice.record.imported_from.clone());
    let year = published.unwrap_or_else(|| practice.created_at.date_naive()).year();
    let by = by.map(|by| format!("{by}. ")).unwrap_or_default();
    format!("{by}{} (version {shown}, {year}). Common Ground. {url}", practice.record.title)
}

fn material_view(material: &Material) -> MaterialView {
    let mut facts = Vec::new();
    facts.extend(material.language.clone().map(|l| if l == "en" { "English".to_owned() } else { l }));
    facts.extend((material.editable == Some(true)).then(|| "can be changed".to_owned()));
    facts.extend((material.accessible == Some(true)).then(|| "made accessible".to_owned()));
    facts.extend(material.license.clone());
    MaterialView {
        title: material.title.clone(),
        url: material.url.clone().unwrap_or_default(),
        kind: material.kind.map(|kind| kind.label().to_owned()).unwrap_or_default(),
        facts,
    }
}

fn evidence_view(claim: &EvidenceClaim) -> Evidence {
    let number = |n: Option<u32>, one: &str, many: &str| match n {
        None => String::new(),
        Some(1) => format!("1 {one}"),
        Some(n) => format!("{} {many}", crate::web::views::grouped(u64::from(n))),
    };
    Evidence {
        outcome: claim.outcome.clone(),
        tier: claim.tier.map(|tier| tier.code().to_owned()).unwrap_or_default(),
        tier_label: claim.tier.map(|tier| tier.label().to_owned()).unwrap_or_default(),
        finding: claim.finding.map(|finding| finding.code().to_owned()).unwrap_or_default(),
        finding_label: claim.finding.map(|finding| finding.label().to_owned()).unwrap_or_default(),
        detail: claim.rating.as_ref().map(|rating| format!("The source rates it: {rating}.")).unwrap_or_default(),
        applies_to: claim.applies_to.map(|applies| applies.label().to_owned()).unwrap_or_default(),
        studies: number(claim.studies, "study", "studies"),
        students: number(claim.students, "student", "students"),
        grades: claim.grades.clone().unwrap_or_default(),
        populations: claim.populations.clone().unwrap_or_default(),
        citation: Link {
            text: claim.citation.clone().unwrap_or_default(),
            url: claim.citation_url.clone().unwrap_or_default(),
        },
        checked_by: claim.checked_by.clone().unwrap_or_default(),
        checked_on: claim.checked_on.map(day).unwrap_or_default(),
    }
}

fn measure_view(measure: &LocalMeasure) -> Measure {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Measure {
        measure: measure.measure.clone(),
        before: text(&measure.before),
        after: text(&measure.after),
        students: measure.students_band.map(|band| band.label().to_owned()).unwrap_or_default(),
        dates: text(&measure.dates),
        compared_with: text(&measure.compared_with),
        source: text(&measure.source),
    }
}

fn hours(hours: f32) -> String {
    if (hours - 1.0).abs() < f32::EPSILON { "1 hour".to_owned() } else { format!("{hours} hours") }
}

fn visits(record: &PracticeRecord) -> String {
    match record.open_to_visits {
        Some(true) => {
            let limit = record.max_visits_per_term.map(|n| format!(" At most {n} a term.")).unwrap_or_default();
            format!("Open to visits.{limit}")
        }
        Some(false) => "Not open to visits at the moment.".to_owned(),
        None => String::new(),
    }
}
