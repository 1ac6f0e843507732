//! Certificates and transcripts over JSON.

use std::sync::Arc;

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use crate::api::day::Day;
use crate::api::{Caller, Group, Refused};
use crate::platform::{Actor, Db, Error, Result, Timestamp};
use crate::sessions::certificate::{self, Certificate};
use crate::sessions::desk::Desk;
use crate::sessions::transcript::{self, Period, StaffHours, Total};

/// Certificates over JSON.
pub struct CertificatesApi {
    db: Db,
    desk: Desk,
    base_url: Arc<str>,
}

/// A part of what was earned.
#[derive(Debug, Object)]
#[oai(rename = "CertificateCategory")]
pub struct PartDocument {
    /// What it is called.
    pub label: String,
    /// How many units.
    pub units: f64,
}

/// A certificate, as it was made. Never a Social Security number, a date of birth or a rating.
#[derive(Debug, Object)]
#[oai(rename = "Certificate", example, skip_serializing_if_is_none)]
pub struct CertificateDocument {
    /// What verifies it; the same in every version.
    pub number: String,
    /// 1, 2, 3: a correction makes another.
    pub version: i32,
    /// `valid`, `replaced` or `revoked`.
    pub status: String,
    /// The page that verifies it.
    pub url: String,
    /// How the person was called.
    pub name: String,
    /// The school they were registered from.
    pub school: String,
    /// Id of the session.
    pub session: String,
    /// Title of the session.
    pub title: String,
    /// Its format in words.
    pub format: String,
    /// Code of the program; `attendance` where no program gave anything.
    pub program: String,
    /// Name of the program.
    pub program_name: String,
    /// What units are called.
    pub unit: String,
    /// How many, exact to a hundredth.
    pub units: f64,
    /// What they are split into.
    pub categories: Vec<PartDocument>,
    /// Minutes of being there.
    pub minutes: i64,
    /// First day there.
    pub from: Day,
    /// Last day there.
    pub to: Day,
    /// Each meeting in words, with its zone.
    pub dates: Vec<String>,
    /// "In person" or "Online".
    pub mode: String,
    /// Where it was; absent online.
    pub place: Option<String>,
    /// The school that invited.
    pub host: String,
    /// The school of another sector that invited with it.
    pub cohost: Option<String>,
    /// Who sponsors the credit.
    pub sponsor: String,
    /// Their number with the state.
    pub sponsor_number: Option<String>,
    /// Who signs.
    pub signer: String,
    /// When this version was made.
    pub issued_at: Timestamp,
    /// When another version took its place.
    pub replaced_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// Why it was taken back.
    pub reason: Option<String>,
}

/// What certificates add up to by one program.
#[derive(Debug, Object)]
#[oai(rename = "CreditTotal", example)]
pub struct TotalDocument {
    /// Code of the program.
    pub program: String,
    /// Its name.
    pub program_name: String,
    /// What units are called.
    pub unit: String,
    /// How many, exact to a hundredth.
    pub units: f64,
    /// By category.
    pub categories: Vec<PartDocument>,
    /// Minutes of being there.
    pub minutes: i64,
    /// How many certificates.
    pub certificates: u64,
}

/// What you earned, at all schools together.
#[derive(Debug, Object)]
#[oai(rename = "Transcript", example)]
pub struct TranscriptDocument {
    /// The newest version of each certificate, latest first; those that were taken back too, which count for nothing.
    pub items: Vec<CertificateDocument>,
    /// How many certificates.
    pub total: u64,
    /// What those that hold add up to, by program.
    pub totals: Vec<TotalDocument>,
}

/// What one of the staff earned while registered from the school.
#[derive(Debug, Object)]
#[oai(rename = "StaffHours", example)]
pub struct HoursDocument {
    /// Id of the account.
    pub account: String,
    /// How the person is called.
    pub name: String,
    /// By program; empty for who earned nothing in the period.
    pub totals: Vec<TotalDocument>,
}

/// Hours of a school's staff.
#[derive(Debug, Object)]
#[oai(rename = "StaffHoursList", example)]
pub struct HoursList {
    /// Everybody who belongs to the school now, by name.
    pub items: Vec<HoursDocument>,
    /// How many people.
    pub total: u64,
}

/// Why a certificate is taken back.
#[derive(Debug, Object)]
#[oai(example)]
pub struct RevocationRequest {
    /// One or two sentences; everybody who verifies the certificate reads them.
    #[oai(validator(max_length = 500))]
    pub reason: String,
}

#[OpenApi(prefix_path = "/api/v1")]
impl CertificatesApi {
    /// Your transcript
    ///
    /// What you earned in joint sessions, at all your schools. It stays yours when you move on.
    #[oai(path = "/me/transcript", method = "get", tag = "Group::Me", operation_id = "get_transcript")]
    async fn transcript(
        &self,
        caller: Caller,
        /// First day of the last meetings that count: the start of a registration period.
        from: Query<Option<Day>>,
        /// Last day of them.
        to: Query<Option<Day>>,
    ) -> Result<Json<TranscriptDocument>, Refused> {
        let found = transcript::mine(&self.db.cx(caller.0), period(from.0, to.0)?).await?;
        let items: Vec<CertificateDocument> = found.certificates.into_iter().map(|c| self.document(c)).collect();
        let totals = found.totals.into_iter().map(Into::into).collect();
        Ok(Json(TranscriptDocument { total: items.len() as u64, items, totals }))
    }

    /// Verify a certificate
    ///
    /// By its number, which is as good as the paper: no sign-in. The newest version, whether it holds or not.
    #[oai(path = "/certificates/:number", method = "get", tag = "Group::Sessions", operation_id = "get_certificate")]
    async fn certificate(
        &self,
        /// The number as it is printed; dashes and capitals do not matter.
        number: Path<String>,
    ) -> Result<Json<CertificateDocument>, Refused> {
        Ok(Json(self.newest(&number).await?))
    }

    /// Take a certificate back
    ///
    /// By an administrator, with a reason. Wrong hours are put right in the attendance of the session instead, which makes
    /// another version. A letter tells the person. Taking it back twice keeps the first reason.
    #[oai(
        path = "/certificates/:number/revocation",
        method = "post",
        tag = "Group::Administration",
        operation_id = "revoke_certificate"
    )]
    async fn revocation(
        &self,
        caller: Caller,
        /// The number as it is printed.
        number: Path<String>,
        body: Json<RevocationRequest>,
    ) -> Result<Json<CertificateDocument>, Refused> {
        let mut tx = self.db.write(caller.0).await?;
        certificate::revoke(&mut tx, &self.desk, &number, &body.reason).await?;
        tx.commit().await?;
        Ok(Json(self.newest(&number).await?))
    }

    /// Hours of a school's staff
    ///
    /// What those who belong to it now earned while registered from it. For its principal and delegates; for everybody else
    /// there is no such list. It is never used to rate anybody.
    #[oai(path = "/schools/:id/hours", method = "get", tag = "Group::People", operation_id = "list_staff_hours")]
    async fn hours(
        &self,
        caller: Caller,
        /// The school: its id, its name in addresses or its federal id (NCES).
        id: Path<String>,
        /// First day of the last meetings that count.
        from: Query<Option<Day>>,
        /// Last day of them.
        to: Query<Option<Day>>,
    ) -> Result<Json<HoursList>, Refused> {
        let (_, staff) = transcript::of_staff(&self.db.cx(caller.0), &id, period(from.0, to.0)?).await?;
        let items: Vec<HoursDocument> = staff.into_iter().map(Into::into).collect();
        Ok(Json(HoursList { total: items.len() as u64, items }))
    }
}

impl CertificatesApi {
    /// The operations on this database; `base_url` is the public address without a slash at the end.
    pub fn new(db: Db, desk: Desk, base_url: Arc<str>) -> Self {
        Self { db, desk, base_url }
    }

    async fn newest(&self, number: &str) -> Result<CertificateDocument> {
        let versions = certificate::by_number(&self.db.cx(Actor::Visitor), number).await?;
        let newest = versions.into_iter().next().ok_or(Error::NotFound("certificate"))?;
        Ok(self.document(newest))
    }

    fn document(&self, c: Certificate) -> CertificateDocument {
        let url = format!("{}/certificates/{}", self.base_url, c.number);
        document(c, url)
    }
}

fn period(from: Option<Day>, to: Option<Day>) -> Result<Period> {
    let text = |day: Option<Day>| day.map(|day| day.0.to_string()).unwrap_or_default();
    Period::parse(&text(from), &text(to))
}

fn units(hundredths: u32) -> f64 {
    f64::from(hundredths) / 100.0
}

fn document(c: Certificate, url: String) -> CertificateDocument {
    let status = c.status().code().to_owned();
    let facts = c.facts;
    let said = |text: String| Some(text).filter(|text| !text.is_empty());
    let part = |part: certificate::Part| PartDocument { label: part.label, units: units(part.units) };
    CertificateDocument {
        number: c.number,
        version: c.version,
        status,
        url,
        name: facts.name,
        school: facts.school,
        session: c.session.to_string(),
        title: facts.title,
        format: facts.format,
        program: c.program,
        program_name: facts.program,
        unit: facts.unit,
        units: units(facts.units),
        categories: facts.categories.into_iter().map(part).collect(),
        minutes: facts.minutes,
        from: Day(facts.from),
        to: Day(facts.to),
        dates: facts.dates,
        mode: facts.mode,
        place: said(facts.place),
        host: facts.host,
        cohost: said(facts.cohost),
        sponsor: facts.sponsor,
        sponsor_number: said(facts.sponsor_number),
        signer: facts.signer,
        issued_at: c.issued_at,
        replaced_at: c.replaced_at,
        revoked_at: c.revoked_at,
        reason: c.reason,
    }
}

impl From<Total> for TotalDocument {
    fn from(total: Total) -> Self {
        let part = |(label, n): (String, u32)| PartDocument { label, units: units(n) };
        Self {
            program: total.code,
            program_name: total.program,
            unit: total.unit,
            units: units(total.units),
            categories: total.categories.into_iter().map(part).collect(),
            minutes: total.minutes,
            certificates: total.certificates,
        }
    }
}

impl From<StaffHours> for HoursDocument {
    fn from(hours: StaffHours) -> Self {
        Self {
            account: hours.account.to_string(),
            name: hours.name,
            totals: hours.totals.into_iter().map(Into::into).collect(),
        }
    }
}

impl Example for CertificateDocument {
    fn example() -> Self {
        let day = |text: &str| Day(text.parse().unwrap_or_default());
        Self {
            number: "7K2M-94QX-HC0D".to_owned(),
            version: 1,
            status: "valid".to_owned(),
            url: "https://ground.example/certificates/7K2M-94QX-HC0D".to_owned(),
            name: "Ada Quill".to_owned(),
            school: "Quillwater Charter School".to_owned(),
            session: "019a1b7c-2f10-7c44-9a51-6d0e8f3b2a17".to_owned(),
            title: "Reading Safety Net in Action".to_owned(),
            format: "Workshop".to_owned(),
            program: "ny_ctle".to_owned(),
            program_name: "New York CTLE".to_owned(),
            unit: "CTLE hours".to_owned(),
            units: 3.0,
            categories: vec![
                PartDocument { label: "Content".to_owned(), units: 2.0 },
                PartDocument { label: "Language acquisition".to_owned(), units: 1.0 },
            ],
            minutes: 180,
            from: day("2026-11-14"),
            to: day("2026-11-14"),
            dates: vec!["Saturday, November 14, 2026, 9:00 AM to 12:00 PM EST".to_owned()],
            mode: "In person".to_owned(),
            place: Some("12 Harbor Street".to_owned()),
            host: "Harbor Charter School".to_owned(),
            cohost: Some("Millbrook Elementary".to_owned()),
            sponsor: "Rivermark Teacher Center".to_owned(),
            sponsor_number: Some("21345".to_owned()),
            signer: "Paula Quay".to_owned(),
            issued_at: "2026-11-19T17:00:00Z".parse().unwrap_or_default(),
            replaced_at: None,
            revoked_at: None,
            reason: None,
        }
    }
}

impl Example for TotalDocument {
    fn example() -> Self {
        Self {
            program: "ny_ctle".to_owned(),
            program_name: "New York CTLE".to_owned(),
            unit: "CTLE hours".to_owned(),
            units: 3.0,
            categories: vec![PartDocument { label: "Content".to_owned(), units: 2.0 }],
            minutes: 180,
            certificates: 1,
        }
    }
}

impl Example for TranscriptDocument {
    fn example() -> Self {
        Self { items: vec![CertificateDocument::example()], total: 1, totals: vec![TotalDocument::example()] }
    }
}

impl Example for HoursDocument {
    fn example() -> Self {
        Self {
            account: "019a1b7b-90aa-7d02-b1c3-04f5a6978e21".to_owned(),
            name: "Ada Quill".to_owned(),
            totals: vec![TotalDocument::example()],
        }
    }
}

impl Example for HoursList {
    fn example() -> Self {
        Self { items: vec![HoursDocument::example()], total: 1 }
    }
}

impl Example for RevocationRequest {
    fn example() -> Self {
        Self { reason: "It was made for a session that did not take place.".to_owned() }
    }
}
