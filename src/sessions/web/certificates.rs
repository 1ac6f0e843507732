//! Certificates, their verification, the transcript, badges.

use poem::http::{StatusCode, header};
use poem::web::{Data, Path};
use poem::{Request, Response, handler};
use serde_json::Value;

use crate::platform::{Actor, Cx, Db, Error, Result};
use crate::sessions::certificate::{self, Certificate, Facts, Status, hundredths};
use crate::sessions::desk::Desk;
use crate::sessions::transcript::{self, Period, Total};
use crate::sessions::views::certificates::{
    CertificatePage, CertificatesPage, FactRow, HoursPage, HoursRow, TotalRow, TranscriptPage, TranscriptRow,
};
use crate::sessions::{badge, pdf, schedule};
use crate::web::asker::{Asker, SignedIn};
use crate::web::form::{Corrections, Form};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, day, day_of, own_page, see_other};
use crate::web::views::{Link, Section};

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/certificates", resource().get(certificates_view)),
        ("/certificates/:number", resource().get(certificate_view)),
        ("/certificates/:number/pdf", resource().get(pdf_view)),
        ("/certificates/:number/badge", resource().get(badge_view)),
        ("/certificates/:number/revocation", resource().post(revoke_view)),
        ("/me/transcript", resource().get(transcript_view)),
        ("/me/transcript.csv", resource().get(transcript_csv_view)),
        ("/schools/:slug/hours", resource().get(hours_view)),
        ("/schools/:slug/hours.csv", resource().get(hours_csv_view)),
        ("/.well-known/jwks.json", resource().get(keys_view)),
        ("/badges/issuer", resource().get(issuer_view)),
        ("/badges/keys/:kid", resource().get(key_view)),
        ("/badges/achievements/:id", resource().get(achievement_view)),
        ("/badges/status/:list", resource().get(status_view)),
    ]
}

fn asked(request: &Request) -> Result<Form> {
    Form::parse(request.uri().query().unwrap_or_default().as_bytes())
}

/// `/certificates`
#[handler]
pub async fn certificates_view(request: &Request, site: Data<&Site>) -> poem::Result<Response> {
    let form = asked(request)?;
    let typed = form.get("number");
    if let Some(number) = certificate::parse_number(typed) {
        return Ok(see_other(&format!("/certificates/{number}")));
    }
    let mut chrome = site.chrome("Verify a certificate", "Look up the number of a certificate.", "/certificates");
    chrome.section = Section::Sessions;
    let mut view = CertificatesPage { chrome, number: typed.to_owned(), ..CertificatesPage::default() };
    let mut status = StatusCode::OK;
    if form.has("number") {
        let message = "This is no number of a certificate; compare it with the paper, letter by letter.";
        view.corrections = Corrections::of(Error::invalid("number", message))?;
        status = StatusCode::UNPROCESSABLE_ENTITY;
    }
    own_page(status, &view)
}

/// `/certificates/{number}`
#[handler]
pub async fn certificate_view(
    Asker(actor): Asker,
    Path(number): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let form = asked(request)?;
    let done = if form.get("done") == "revoked" { "It is taken back. A letter tells the person." } else { "" };
    let view = CertificatePage { done: done.to_owned(), ..CertificatePage::default() };
    show(&db.cx(actor), *site, &number, form.get("version"), view, StatusCode::OK).await
}

/// POST `/certificates/{number}/revocation`
#[handler]
pub async fn revoke_view(
    SignedIn(actor): SignedIn,
    Path(number): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    match revoke(&db, actor.clone(), *desk, &number, form.get("reason")).await {
        Ok(()) => Ok(see_other(&format!("/certificates/{number}?done=revoked"))),
        Err(error) => {
            let corrections = Corrections::of(error)?;
            let view =
                CertificatePage { corrections, reason: form.raw("reason").to_owned(), ..CertificatePage::default() };
            show(&db.cx(actor), *site, &number, "", view, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn revoke(db: &Db, actor: Actor, desk: &Desk, number: &str, reason: &str) -> Result<()> {
    let mut tx = db.write(actor).await?;
    certificate::revoke(&mut tx, desk, number, reason).await?;
    tx.commit().await
}

async fn show(
    cx: &Cx,
    site: &Site,
    typed: &str,
    version: &str,
    view: CertificatePage,
    status: StatusCode,
) -> poem::Result<Response> {
    let versions = certificate::by_number(cx, typed).await?;
    let newest = versions.first().ok_or(Error::NotFound("certificate"))?;
    let shown = if version.is_empty() {
        newest
    } else {
        let wanted = version.parse::<i32>().ok();
        versions.iter().find(|c| Some(c.version) == wanted).ok_or(Error::NotFound("certificate"))?
    };
    let url = format!("/certificates/{}", newest.number);
    let own = cx.actor().account() == Some(newest.account.0);
    let holds = shown.status() == Status::Valid;
    let mut chrome = site.chrome(&format!("Certificate {}", shown.number), "", &url);
    (chrome.section, chrome.noindex) = (Section::Sessions, true);
    let link = |c: &Certificate| Link {
        text: format!("Version {}, made on {}", c.version, day_of(c.issued_at)),
        url: if c.id == shown.id { String::new() } else { format!("{url}?version={}", c.version) },
    };
    let facts = &shown.facts;
    let may_revoke = certificate::may_revoke(cx.actor()) && holds;
    let view = CertificatePage {
        chrome,
        number: shown.number.clone(),
        valid: holds,
        revoked: shown.status() == Status::Revoked,
        status: sentence(shown, newest),
        name: facts.name.clone(),
        title: facts.title.clone(),
        amount: facts.amount(),
        facts: rows(shown),
        blanks: facts.blanks.clone(),
        versions: if versions.len() > 1 { versions.iter().map(link).collect() } else { Vec::new() },
        pdf_url: if holds { format!("{url}/pdf") } else { String::new() },
        badge_url: if holds && own { format!("{url}/badge") } else { String::new() },
        own,
        revocation_url: if may_revoke { format!("{url}/revocation") } else { String::new() },
        ..view
    };
    own_page(status, &view)
}

fn sentence(shown: &Certificate, newest: &Certificate) -> String {
    match shown.status() {
        Status::Valid if shown.version > 1 => {
            format!(
                "This is version {}, made on {}; it took the place of what was recorded before.",
                shown.version,
                day_of(shown.issued_at)
            )
        }
        Status::Valid => format!("It says what was recorded on {}.", day_of(shown.issued_at)),
        Status::Replaced => {
            let at = shown.replaced_at.map(day_of).unwrap_or_default();
            format!(
                "This is version {}. A later version took its place on {at}; the newest is version {}.",
                shown.version, newest.version
            )
        }
        Status::Revoked => {
            let at = shown.revoked_at.map(day_of).unwrap_or_default();
            format!("It does not hold since {at}. The reason: {}", shown.reason.as_deref().unwrap_or_default())
        }
    }
}

fn rows(certificate: &Certificate) -> Vec<FactRow> {
    let facts = &certificate.facts;
    let parts = facts.categories.iter().map(|part| format!("{}: {}", part.label, hundredths(part.units))).collect();
    let hosts: Vec<String> = [&facts.host, &facts.cohost].into_iter().cloned().collect();
    let all: Vec<(&str, Vec<String>)> = vec![
        ("Name", vec![facts.name.clone()]),
        ("School", vec![facts.school.clone()]),
        ("Title", vec![facts.title.clone()]),
        ("Kind of session", vec![facts.format.clone()]),
        ("Program", vec![facts.program.clone()]),
        ("Earned", vec![facts.amount()]),
        ("By category", parts),
        ("Time there", vec![pdf::duration(facts.minutes)]),
        ("Dates", facts.dates.clone()),
        ("Where", vec![facts.where_held()]),
        ("Invited by", hosts),
        ("Sponsor", vec![facts.sponsor.clone()]),
        ("Sponsor's number", vec![facts.sponsor_number.clone()]),
        ("Signed by", vec![facts.signer.clone()]),
        ("Version", vec![certificate.version.to_string()]),
        ("Made on", vec![schedule::date_of(certificate.issued_at.date_naive())]),
    ];
    let row = |(label, values): (&str, Vec<String>)| FactRow {
        label: label.to_owned(),
        values: values.into_iter().filter(|value| !value.trim().is_empty()).collect(),
    };
    all.into_iter().map(row).filter(|row| !row.values.is_empty()).collect()
}

/// `/certificates/{number}/pdf`
#[handler]
pub async fn pdf_view(
    Asker(actor): Asker,
    Path(number): Path<String>,
    db: Data<&Db>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let versions = certificate::by_number(&db.cx(actor), &number).await?;
    let newest = versions.into_iter().next().ok_or(Error::NotFound("certificate"))?;
    if newest.status() != Status::Valid {
        return Err(Error::NotFound("certificate").into());
    }
    let number = newest.number.clone();
    let link = desk.head.link(&format!("/certificates/{number}?version={}", newest.version));
    // Letters are shaped and a font is cut down: some milliseconds of a processor.
    let made = tokio::task::spawn_blocking(move || pdf::certificate(&newest, &link)).await.map_err(Error::internal)?;
    let disposition = format!("inline; filename=\"certificate-{number}.pdf\"");
    Ok(file("application/pdf", &disposition, made?))
}

/// `/certificates/{number}/badge`
#[handler]
pub async fn badge_view(
    SignedIn(actor): SignedIn,
    Path(number): Path<String>,
    db: Data<&Db>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let token = badge::badge(&db.cx(actor), *desk, &number).await?;
    let disposition = "attachment; filename=\"open-badge.jwt\"";
    Ok(file("application/vc+jwt", disposition, token.into_bytes()))
}

/// `/me/transcript`
#[handler]
pub async fn transcript_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let form = asked(request)?;
    let (from, to) = (form.get("from").to_owned(), form.get("to").to_owned());
    let mut chrome = site.chrome("Transcript", "", "/me/transcript");
    (chrome.section, chrome.noindex, chrome.print_view) = (Section::Me, true, form.has("print"));
    let name = actor.person().map(|person| person.name.clone()).unwrap_or_default();
    let query = |more: &[(&str, &str)]| query(&from, &to, more);
    let mut view = TranscriptPage {
        chrome,
        name,
        csv_url: format!("/me/transcript.csv{}", query(&[])),
        print_url: format!("/me/transcript{}", query(&[("print", "1")])),
        page_url: format!("/me/transcript{}", query(&[])),
        from: from.clone(),
        to: to.clone(),
        ..TranscriptPage::default()
    };
    let period = match Period::parse(&from, &to) {
        Ok(period) => period,
        Err(error) => {
            view.corrections = Corrections::of(error)?;
            return own_page(StatusCode::UNPROCESSABLE_ENTITY, &view);
        }
    };
    let found = transcript::mine(&db.cx(actor), period).await?;
    view.period = in_words(period);
    view.totals = found.totals.iter().map(total_row).collect();
    view.rows = found.certificates.iter().map(transcript_row).collect();
    own_page(StatusCode::OK, &view)
}

/// `/me/transcript.csv`
#[handler]
pub async fn transcript_csv_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
) -> poem::Result<Response> {
    let form = asked(request)?;
    let period = Period::parse(form.get("from"), form.get("to"))?;
    let found = transcript::mine(&db.cx(actor), period).await?;
    let bytes = transcript::csv(&found.certificates)?;
    Ok(file("text/csv; charset=utf-8", "attachment; filename=\"transcript.csv\"", bytes))
}

/// `/schools/{slug}/hours`
#[handler]
pub async fn hours_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let form = asked(request)?;
    let (from, to) = (form.get("from"), form.get("to"));
    let (period, corrections) = match Period::parse(from, to) {
        Ok(period) => (period, Corrections::default()),
        Err(error) => (Period::default(), Corrections::of(error)?),
    };
    let (school, staff) = transcript::of_staff(&db.cx(actor), &slug, period).await?;
    let url = format!("/schools/{}", school.slug);
    let mut chrome = site.chrome(&format!("Hours of the staff of {}", school.name), "", &format!("{url}/hours"));
    (chrome.section, chrome.noindex) = (Section::Schools, true);
    let status = if corrections.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = if corrections.is_empty() { staff } else { Vec::new() };
    let view = HoursPage {
        chrome,
        corrections,
        any: shown.iter().any(|person| !person.totals.is_empty()),
        staff: shown
            .into_iter()
            .map(|person| HoursRow { name: person.name, totals: person.totals.iter().map(total_row).collect() })
            .collect(),
        csv_url: format!("{url}/hours.csv{}", query(from, to, &[])),
        from: from.to_owned(),
        to: to.to_owned(),
        period: in_words(period),
        school: school.name,
        url,
    };
    own_page(status, &view)
}

/// `/schools/{slug}/hours.csv`
#[handler]
pub async fn hours_csv_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    request: &Request,
    db: Data<&Db>,
) -> poem::Result<Response> {
    let form = asked(request)?;
    let period = Period::parse(form.get("from"), form.get("to"))?;
    let (_, staff) = transcript::of_staff(&db.cx(actor), &slug, period).await?;
    Ok(file("text/csv; charset=utf-8", "attachment; filename=\"hours.csv\"", transcript::staff_csv(&staff)?))
}

/// `/.well-known/jwks.json`
#[handler]
pub async fn keys_view(db: Data<&Db>, desk: Data<&Desk>) -> poem::Result<Response> {
    document("application/json", &badge::key_set(&db.cx(Actor::Visitor), &desk.head).await?)
}

/// `/badges/issuer`
#[handler]
pub async fn issuer_view(desk: Data<&Desk>) -> poem::Result<Response> {
    document("application/ld+json", &badge::issuer(&desk.head))
}

/// `/badges/keys/{kid}`
#[handler]
pub async fn key_view(Path(kid): Path<String>, db: Data<&Db>, desk: Data<&Desk>) -> poem::Result<Response> {
    document("application/json", &badge::key(&db.cx(Actor::Visitor), &desk.head, &kid).await?)
}

/// `/badges/achievements/{session}.{program}`
#[handler]
pub async fn achievement_view(
    Asker(actor): Asker,
    Path(id): Path<String>,
    db: Data<&Db>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    document("application/ld+json", &badge::achievement(&db.cx(actor), &desk.head, &id).await?)
}

/// `/badges/status/{number}`
#[handler]
pub async fn status_view(Path(list): Path<String>, db: Data<&Db>, desk: Data<&Desk>) -> poem::Result<Response> {
    let token = badge::status_list(&db.cx(Actor::Visitor), *desk, &list).await?;
    Ok(Response::builder()
        .content_type("application/vc+jwt")
        .header(header::CACHE_CONTROL, "public, max-age=300")
        .body(token))
}

fn document(content_type: &str, value: &Value) -> poem::Result<Response> {
    let response = Response::builder().content_type(content_type).header(header::CACHE_CONTROL, "no-cache");
    Ok(response.body(value.to_string()))
}

/// A file with somebody's name in it: kept nowhere on the way.
fn file(content_type: &str, disposition: &str, bytes: Vec<u8>) -> Response {
    Response::builder()
        .content_type(content_type)
        .header(header::CONTENT_DISPOSITION, disposition)
        .header(header::CACHE_CONTROL, "no-store")
        .body(bytes)
}

fn query(from: &str, to: &str, more: &[(&str, &str)]) -> String {
    let all = [("from", from), ("to", to)].into_iter().filter(|(_, value)| !value.is_empty());
    let pairs: Vec<(&str, &str)> = all.chain(more.iter().copied()).collect();
    match serde_urlencoded::to_string(&pairs) {
        Ok(text) if !text.is_empty() => format!("?{text}"),
        _ => String::new(),
    }
}

fn in_words(period: Period) -> String {
    match (period.from, period.to) {
        (None, None) => "All certificates".to_owned(),
        (Some(from), None) => format!("From {} on", day(from)),
        (None, Some(to)) => format!("Up to {}", day(to)),
        (Some(from), Some(to)) => format!("From {} to {}", day(from), day(to)),
    }
}

fn parts<'a>(parts: impl Iterator<Item = (&'a str, u32)>) -> String {
    parts.map(|(label, units)| format!("{label} {}", hundredths(units))).collect::<Vec<_>>().join(", ")
}

fn total_row(total: &Total) -> TotalRow {
    TotalRow {
        program: total.program.clone(),
        amount: total.amount(),
        categories: parts(total.categories.iter().map(|(label, units)| (label.as_str(), *units))),
        time: pdf::duration(total.minutes),
        certificates: match total.certificates {
            1 => "1 certificate".to_owned(),
            n => format!("{n} certificates"),
        },
    }
}

fn transcript_row(certificate: &Certificate) -> TranscriptRow {
    let facts: &Facts = &certificate.facts;
    TranscriptRow {
        url: format!("/certificates/{}", certificate.number),
        number: certificate.number.clone(),
        title: facts.title.clone(),
        dates: if facts.from == facts.to { day(facts.to) } else { format!("{} to {}", day(facts.from), day(facts.to)) },
        program: facts.program.clone(),
        amount: facts.amount(),
        categories: parts(facts.categories.iter().map(|part| (part.label.as_str(), part.units))),
        sponsor: [facts.sponsor.as_str(), facts.sponsor_number.as_str()]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(", "),
        school: facts.school.clone(),
        revoked: certificate.status() == Status::Revoked,
    }
}
