//! `/schools/{slug}/dissemination` and its file: what a school shared, for those who lead it and for administrators.

use poem::http::{StatusCode, header};
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::ledger::stage_words;
use crate::adoptions::record::{self, Record, Shared, Taken, reason};
use crate::adoptions::views::record::{RecordPage, SessionRow, SharedPart, TakenRow};
use crate::platform::Db;
use crate::sessions::outreach::Hosted;
use crate::web::asker::SignedIn;
use crate::web::site::{Site, day, day_of, month, own_page};
use crate::web::views::{Link, Section};

/// `/schools/{slug}/dissemination`
#[handler]
pub async fn record_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let record = record::record(&db.cx(actor), &slug).await?;
    let url = format!("/schools/{}/dissemination", record.school.slug);
    let mut chrome = site.chrome(&format!("Dissemination record of {}", record.school.name), "", &url);
    (chrome.section, chrome.noindex) = (Section::Schools, true);
    chrome.print_view = request.uri().query() == Some("print");
    let view = RecordPage {
        chrome,
        school: Link { text: record.school.name.clone(), url: format!("/schools/{}", record.school.slug) },
        made_on: day_of(record.made_at),
        practices: record.practices.iter().map(|shared| part(&record, shared)).collect(),
        sessions: record.sessions.iter().map(|session| row(&record, session)).collect(),
        url,
    };
    own_page(StatusCode::OK, &view)
}

fn part(record: &Record, shared: &Shared) -> SharedPart {
    let practice = &shared.practice;
    let versions = shared.versions.iter().map(|version| {
        let first = practice.published_on.filter(|_| version.number == 1).map(day);
        let on = first.unwrap_or_else(|| day_of(version.created_at));
        let note = version.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
        format!("Version {}, published {on}{note}", version.number)
    });
    SharedPart {
        practice: Link { text: practice.record.title.clone(), url: format!("/practices/{}", practice.slug) },
        versions: versions.collect(),
        schools: record.counts(&shared.by_sector()),
        taken: shared.adoptions.iter().map(|taken| taken_row(record, taken)).collect(),
    }
}

fn taken_row(record: &Record, taken: &Taken) -> TakenRow {
    let adoption = &taken.adoption;
    let mut result = Vec::new();
    result.extend(adoption.stopped_reason.as_deref().map(|code| format!("Stopped: {}.", reason(code))));
    result.extend(adoption.result_note.clone());
    let answers = taken.answers.iter().filter(|one| !one.note.is_empty());
    result.extend(answers.map(|one| format!("After {} days: {}", one.day, one.note)));
    result.extend(
        adoption
            .would_recommend
            .map(|yes| if yes { "Would recommend it." } else { "Would not recommend it." }.to_owned()),
    );
    TakenRow {
        school: Link { text: record.school(adoption.school), url: format!("/adoptions/{}", adoption.id) },
        sector: adoption.sector_at_start.as_deref().map(|code| record.sector(code)).unwrap_or_default(),
        since: month(adoption.started_on),
        stage: stage_words(adoption.stage, adoption.stage_since),
        result,
    }
}

fn row(record: &Record, session: &Hosted) -> SessionRow {
    SessionRow {
        session: Link { text: session.title.clone(), url: format!("/sessions/{}", session.id) },
        day: session.day.clone(),
        with: record.other(session),
        came: record.counts(&session.came),
    }
}

/// `/schools/{slug}/dissemination.csv`
#[handler]
pub async fn record_csv_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    db: Data<&Db>,
) -> poem::Result<Response> {
    let record = record::record(&db.cx(actor), &slug).await?;
    Ok(Response::builder()
        .content_type("text/csv; charset=utf-8")
        .header(header::CONTENT_DISPOSITION, "attachment; filename=\"dissemination.csv\"")
        .header(header::CACHE_CONTROL, "no-store")
        .body(record::csv(&record)?))
}
