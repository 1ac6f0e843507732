//! The roster of a session: who has a seat, who waits, and what that means for it. For those who read it (product.md,
//! section 7): names and schools; addresses for those who run it alone; never for a mayor's office (M-4).

use std::collections::BTreeMap;

use super::joint;
use super::policy::{self, Grounds};
use super::seat::{Registration, takes_place};
use super::session::{NO_SECTOR, Session};
use super::store;
use super::tables::Guest;
use crate::people::{self, AccountId, SchoolId, account};
use crate::platform::vocabulary::{Approval, Seat, SeatCoverage, Way};
use crate::platform::{Actor, Cx, Error, Result, cells};

/// Somebody on the roster.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Their registration.
    pub registration: Registration,
    /// Their name.
    pub name: String,
    /// Their address, for those who run the session.
    pub email: Option<String>,
    /// Name of their school.
    pub school: String,
    /// Name of its sector as it was when they registered; empty where nobody stated it.
    pub sector: String,
}

/// Numbers of one sector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SectorFigures {
    /// Its code; [`NO_SECTOR`] where nobody states it.
    pub code: String,
    /// Its name.
    pub label: String,
    /// Seats confirmed.
    pub confirmed: usize,
    /// Seats held for a principal's answer.
    pub held: usize,
    /// Seats offered.
    pub offered: usize,
    /// People in line.
    pub waiting: usize,
}

impl SectorFigures {
    /// Seats that somebody has or is about to have.
    pub fn seats(&self) -> usize {
        self.confirmed + self.held
    }
}

/// Whether the session would be joint with the people who have seats now (J-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forecast {
    /// Nobody has a seat yet.
    Nobody,
    /// One sector alone.
    OneSector,
    /// Two sectors, the smaller below a fifth: go, but not joint by who comes.
    TooFew {
        /// Share of the second largest sector, in percent.
        percent: usize,
    },
    /// Two sectors, the smaller a fifth or more.
    Joint {
        /// Share of the second largest sector, in percent.
        percent: usize,
    },
}

/// What seats by sector would make of the session, by the rule of the third check (J-1).
pub fn forecast(seats: &BTreeMap<String, usize>) -> Forecast {
    let all: usize = seats.values().sum();
    let sectors = seats.iter().filter(|(code, seats)| code.as_str() != NO_SECTOR && **seats > 0).count();
    let percent = joint::smaller(seats) * 100 / all.max(1);
    match sectors {
        0 => Forecast::Nobody,
        1 => Forecast::OneSector,
        _ if joint::was_joint(seats) => Forecast::Joint { percent },
        _ => Forecast::TooFew { percent },
    }
}

/// The roster of a session.
#[derive(Clone, Debug)]
pub struct Roster {
    /// Everybody with a seat, an offer or a place in line: seats by name, then offers, then the line in its order.
    pub entries: Vec<Entry>,
    /// Numbers by sector, most seats first.
    pub sectors: Vec<SectorFigures>,
    /// What they would make of the session.
    pub forecast: Forecast,
    /// How many with a seat have nobody for their classes yet.
    pub coverage_needed: usize,
    /// How many with a seat have somebody.
    pub coverage_arranged: usize,
    /// Whether the reader runs the session.
    pub runs: bool,
}

impl Roster {
    /// People with a seat.
    pub fn seated(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| has_seat(entry.registration.seat))
    }

    /// People with an offer and in line, in the order in which they are asked.
    pub fn waiting(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| !has_seat(entry.registration.seat))
    }

    /// Who takes a chair in the room, for the tables.
    pub fn guests(&self) -> Vec<Guest> {
        let guest = |entry: &Entry| Guest {
            name: entry.name.clone(),
            school: entry.school.clone(),
            sector: entry.sector.clone(),
        };
        self.seated().filter(|entry| entry.registration.way == Way::IN_PERSON).map(guest).collect()
    }
}

fn has_seat(seat: Seat) -> bool {
    takes_place(seat) && seat != Seat::OFFERED
}

/// Whether the actor reads the roster.
pub fn reads(actor: &Actor, session: &Session, grounds: &Grounds) -> bool {
    policy::reads_roster(actor, session, grounds)
}

/// Whether the actor runs the session.
pub fn runs(actor: &Actor, session: &Session, grounds: &Grounds) -> bool {
    policy::runs(actor, session, grounds)
}

/// The roster of a session, for whoever reads it; for others there is none. Five statements, however many come.
pub async fn roster(cx: &Cx, session: &Session, grounds: &Grounds) -> Result<Roster> {
    if !reads(cx.actor(), session, grounds) {
        return Err(Error::NotFound("session"));
    }
    let runs = runs(cx.actor(), session, grounds);
    let open = [Seat::HELD, Seat::CONFIRMED, Seat::OFFERED, Seat::WAITLISTED];
    let registrations = store::registrations::of_session(cx.conn(), session.id, &open).await?;
    let ids: Vec<AccountId> = registrations.iter().map(|registration| registration.account).collect();
    let mut accounts = account::accounts(cx, &ids).await?;
    let mut schools: Vec<SchoolId> = registrations.iter().map(|registration| registration.school).collect();
    schools.sort_unstable();
    schools.dedup();
    let schools = people::schools(cx, &schools).await?;
    let labels: BTreeMap<String, String> =
        people::sectors(cx).await?.into_iter().map(|sector| (sector.code, sector.label)).collect();
    let label = |code: &str| labels.get(code).cloned().unwrap_or_else(|| code.to_owned());
    let mut figures: BTreeMap<String, SectorFigures> = BTreeMap::new();
    let (mut coverage_needed, mut coverage_arranged) = (0, 0);
    for registration in &registrations {
        let code = registration.sector.clone().unwrap_or_else(|| NO_SECTOR.to_owned());
        let figure = figures.entry(code.clone()).or_insert_with(|| SectorFigures {
            label: if code == NO_SECTOR { "Sector not stated".to_owned() } else { label(&code) },
            code,
            ..SectorFigures::default()
        });
        match registration.seat {
            Seat::CONFIRMED => figure.confirmed += 1,
            Seat::HELD => figure.held += 1,
            Seat::OFFERED => figure.offered += 1,
            _ => figure.waiting += 1,
        }
        match registration.coverage {
            SeatCoverage::NEEDED if has_seat(registration.seat) => coverage_needed += 1,
            SeatCoverage::ARRANGED if has_seat(registration.seat) => coverage_arranged += 1,
            _ => {}
        }
    }
    let seats = figures.values().map(|figure| (figure.code.clone(), figure.seats())).collect();
    let mut sectors: Vec<SectorFigures> = figures.into_values().collect();
    sectors.sort_by_key(|figure| (figure.code == NO_SECTOR, std::cmp::Reverse(figure.seats())));
    let mut entries: Vec<Entry> = registrations
        .into_iter()
        .map(|registration| {
            let account = accounts.remove(&registration.account);
            let email = account.as_ref().and_then(|account| account.email.as_ref());
            Entry {
                email: email.filter(|_| runs).map(|email| email.as_str().to_owned()),
                name: account.as_ref().map_or_else(String::new, |account| account.name.clone()),
                school: schools.get(&registration.school).map_or_else(String::new, |school| school.name.clone()),
                sector: registration.sector.as_deref().map(label).unwrap_or_default(),
                registration,
            }
        })
        .collect();
    entries.sort_by_key(|entry| match entry.registration.seat {
        Seat::OFFERED => (1, entry.registration.waitlist_no, String::new()),
        Seat::WAITLISTED => (2, entry.registration.waitlist_no, String::new()),
        _ => (0, None, entry.name.to_lowercase()),
    });
    Ok(Roster { entries, forecast: forecast(&seats), sectors, coverage_needed, coverage_arranged, runs })
}

/// How an answer of the principal reads; empty where nobody is asked.
pub fn approval_words(approval: Approval) -> &'static str {
    if approval == Approval::NOT_NEEDED { "" } else { approval.label() }
}

/// The roster as a file that a spreadsheet opens; no cell of it is taken for a formula.
pub fn csv(roster: &Roster) -> Result<Vec<u8>> {
    let mut file = cells::writer();
    let mut head = vec!["name", "school", "sector", "way", "seat", "place_in_line", "approval", "coverage"];
    if roster.runs {
        head.push("email");
    }
    file.write_record(&head).map_err(Error::internal)?;
    let mut line = 0_u32;
    for entry in &roster.entries {
        let registration = &entry.registration;
        let place = if registration.seat == Seat::WAITLISTED {
            line += 1;
            line.to_string()
        } else {
            String::new()
        };
        let mut row = vec![
            cells::inert(&entry.name),
            cells::inert(&entry.school),
            cells::inert(&entry.sector),
            registration.way.code().to_owned(),
            registration.seat.code().to_owned(),
            place,
            registration.approval.code().to_owned(),
            registration.coverage.code().to_owned(),
        ];
        if roster.runs {
            row.push(cells::inert(entry.email.as_deref().unwrap_or_default()));
        }
        file.write_record(&row).map_err(Error::internal)?;
    }
    file.into_inner().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seats(counts: &[(&str, usize)]) -> BTreeMap<String, usize> {
        counts.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect()
    }

    #[test]
    fn joint_takes_two_sectors_and_a_fifth() {
        assert_eq!(forecast(&seats(&[])), Forecast::Nobody);
        assert_eq!(forecast(&seats(&[("charter", 0), ("unknown", 3)])), Forecast::Nobody);
        assert_eq!(forecast(&seats(&[("charter", 9), ("unknown", 3)])), Forecast::OneSector);
        assert_eq!(forecast(&seats(&[("charter", 8), ("district", 2)])), Forecast::Joint { percent: 20 });
        assert_eq!(forecast(&seats(&[("charter", 81), ("district", 19)])), Forecast::TooFew { percent: 19 });
        let three = seats(&[("charter", 8), ("district", 1), ("other", 1)]);
        assert_eq!(forecast(&three), Forecast::TooFew { percent: 10 }, "each sector for itself");
    }
}
