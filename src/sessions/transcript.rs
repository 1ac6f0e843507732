//! What somebody earned, at all schools together: the transcript follows the person (J-13). And the hours of a school's staff,
//! for its leads.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::certificate::{Certificate, Status, hundredths};
use super::policy;
use super::store::certificates as store;
use crate::people::{self, AccountId, School};
use crate::platform::cells::{inert, writer};
use crate::platform::{Cx, Error, Result};

/// From one day to another, both included; open where nothing is said. A registration period is one of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub to: Option<NaiveDate>,
}

impl Period {
    /// What somebody typed: `2026-07-01`; empty is open.
    pub fn parse(from: &str, to: &str) -> Result<Self> {
        let day = |field: &str, text: &str| match text.trim() {
            "" => Ok(None),
            text => match text.parse::<NaiveDate>() {
                // Beyond these no database keeps days.
                Ok(day) if (1900..=9999).contains(&day.year()) => Ok(Some(day)),
                _ => Err(Error::invalid(field, "Give a day like 2026-07-01.")),
            },
        };
        let period = Self { from: day("from", from)?, to: day("to", to)? };
        if period.from.zip(period.to).is_some_and(|(from, to)| from > to) {
            return Err(Error::invalid("to", "Give a last day that is not before the first."));
        }
        Ok(period)
    }
}

/// What certificates add up to by one program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// Code of the program.
    pub code: String,
    /// Its name, of the newest certificate.
    pub program: String,
    /// What units are called.
    pub unit: String,
    /// Hundredths of a unit.
    pub units: u32,
    /// Minutes of being there.
    pub minutes: i64,
    /// Hundredths by category, in the order in which they first stand on a certificate.
    pub categories: Vec<(String, u32)>,
    /// How many certificates.
    pub certificates: u64,
}

impl Total {
    /// "12.5 CTLE hours".
    pub fn amount(&self) -> String {
        format!("{} {}", hundredths(self.units), self.unit)
    }
}

/// What somebody earned in a period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transcript {
    /// The newest version of each certificate, latest first; those that were taken back too, which count for nothing.
    pub certificates: Vec<Certificate>,
    /// What those that hold add up to, by program.
    pub totals: Vec<Total>,
}

impl Transcript {
    fn of(certificates: Vec<Certificate>) -> Self {
        let totals = totals(certificates.iter());
        Self { certificates, totals }
    }
}

fn totals<'a>(certificates: impl Iterator<Item = &'a Certificate>) -> Vec<Total> {
    // Units of two names are never added, even where a program renamed its own.
    let mut found: BTreeMap<(&str, &str), Total> = BTreeMap::new();
    for certificate in certificates.filter(|certificate| certificate.status() == Status::Valid) {
        let facts = &certificate.facts;
        let total = found.entry((&certificate.program, &facts.unit)).or_insert_with(|| Total {
            code: certificate.program.clone(),
            program: facts.program.clone(),
            unit: facts.unit.clone(),
            ..Total::default()
        });
        total.units += facts.units;
        total.minutes += facts.minutes;
        total.certificates += 1;
        for part in &facts.categories {
            match total.categories.iter_mut().find(|(label, _)| *label == part.label) {
                Some((_, units)) => *units += part.units,
                None => total.categories.push((part.label.clone(), part.units)),
            }
        }
    }
    found.into_values().collect()
}

/// The actor's own transcript. One statement.
pub async fn mine(cx: &Cx, period: Period) -> Result<Transcript> {
    let account = cx.actor().account().map(AccountId).ok_or(Error::SignInRequired)?;
    let found = store::newest_of_account(cx.conn(), account, (period.from, period.to)).await?;
    Ok(Transcript::of(found))
}

/// What one of a school's staff earned while registered from it.
#[derive(Clone, Debug, PartialEq)]
pub struct StaffHours {
    /// Whose.
    pub account: AccountId,
    /// How they are called.
    pub name: String,
    /// What it adds up to; empty for who earned nothing in the period.
    pub totals: Vec<Total>,
}

/// The hours of those who belong to a school now, by name, for its leads; for everybody else there is no such page. What they
/// searched for or answered in surveys is nobody's business. At most seven statements.
pub async fn of_staff(cx: &Cx, reference: &str, period: Period) -> Result<(School, Vec<StaffHours>)> {
    let school = people::school(cx, reference).await?;
    if !policy::oversees_staff(cx.actor(), school.id) {
        return Err(Error::NotFound("school"));
    }
    let colleagues = people::membership::of_school(cx, school.id).await?;
    let family = people::school_family(cx, school.id).await?;
    let earned = store::newest_of_schools(cx.conn(), &family, (period.from, period.to)).await?;
    let mut of: BTreeMap<AccountId, Vec<&Certificate>> = BTreeMap::new();
    for certificate in &earned {
        of.entry(certificate.account).or_default().push(certificate);
    }
    let current = colleagues.iter().filter(|c| c.membership.state == people::MembershipState::Current);
    // One row for each person, whatever number of roles.
    let names: BTreeMap<AccountId, &str> = current.map(|c| (c.account.id, c.account.name.as_str())).collect();
    let mut staff: Vec<StaffHours> = names
        .into_iter()
        .map(|(account, name)| StaffHours {
            account,
            name: name.to_owned(),
            totals: totals(of.remove(&account).unwrap_or_default().into_iter()),
        })
        .collect();
    staff.sort_by_key(|row| row.name.to_lowercase());
    Ok((school, staff))
}

/// Certificates as CSV (RFC 4180), safe to open in a spreadsheet.
pub fn csv(certificates: &[Certificate]) -> Result<Vec<u8>> {
    let mut writer = writer();
    let head = [
        "number",
        "version",
        "status",
        "name",
        "title",
        "format",
        "program",
        "unit",
        "units",
        "categories",
        "minutes",
        "from",
        "to",
        "mode",
        "place",
        "school",
        "host",
        "cohost",
        "sponsor",
        "sponsor_number",
        "signer",
        "issued_at",
    ];
    writer.write_record(head).map_err(Error::internal)?;
    for certificate in certificates {
        let facts = &certificate.facts;
        let parts: Vec<String> =
            facts.categories.iter().map(|part| format!("{}: {}", part.label, hundredths(part.units))).collect();
        let cells = [
            certificate.number.clone(),
            certificate.version.to_string(),
            certificate.status().code().to_owned(),
            facts.name.clone(),
            facts.title.clone(),
            facts.format.clone(),
            facts.program.clone(),
            facts.unit.clone(),
            hundredths(facts.units),
            parts.join("; "),
            facts.minutes.to_string(),
            facts.from.to_string(),
            facts.to.to_string(),
            facts.mode.clone(),
            facts.place.clone(),
            facts.school.clone(),
            facts.host.clone(),
            facts.cohost.clone(),
            facts.sponsor.clone(),
            facts.sponsor_number.clone(),
            facts.signer.clone(),
            certificate.issued_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        ];
        writer.write_record(cells.iter().map(|cell| inert(cell))).map_err(Error::internal)?;
    }
    writer.into_inner().map_err(Error::internal)
}

/// Hours of staff as CSV: a line for each person and program.
pub fn staff_csv(staff: &[StaffHours]) -> Result<Vec<u8>> {
    let mut writer = writer();
    writer.write_record(["name", "program", "unit", "units", "minutes", "certificates"]).map_err(Error::internal)?;
    for person in staff {
        let nothing = Total::default();
        let totals = if person.totals.is_empty() { std::slice::from_ref(&nothing) } else { person.totals.as_slice() };
        for total in totals {
            let cells = [
                person.name.clone(),
                total.program.clone(),
                total.unit.clone(),
                hundredths(total.units),
                total.minutes.to_string(),
                total.certificates.to_string(),
            ];
            writer.write_record(cells.iter().map(|cell| inert(cell))).map_err(Error::internal)?;
        }
    }
    writer.into_inner().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_read_with_its_slips() {
        assert_eq!(Period::parse("", " ").unwrap(), Period::default());
        let year = Period::parse("2026-07-01", "2027-06-30").unwrap();
        assert!(year.from < year.to);
        assert!(Period::parse("July", "").is_err());
        assert!(Period::parse("2026-07-01", "2026-06-30").is_err());
    }
}
