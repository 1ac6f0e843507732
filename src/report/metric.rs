//! Every number of the report: its code, what people call it, and how it is counted. A definition that changes gets a new version
//! and keeps the old one below it.

use chrono::NaiveDate;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Sessions held.
    SessionsHeld,
    /// Cross-sector sessions.
    CrossSectorSessions,
    /// Seats offered.
    SeatsOffered,
    /// Seats filled.
    SeatsFilled,
    /// No-show rate.
    NoShows,
    /// Educator hours.
    EducatorHours,
    /// Cross-sector hours.
    CrossSectorHours,
    /// People reached.
    PeopleReached,
    /// First-timers.
    FirstTimers,
    /// Practices shared.
    PracticesShared,
    /// Adoptions across sector lines.
    AdoptionsAcross,
    /// Kept after a year.
    KeptAfterAYear,
    /// Active schools in 12 months.
    ActiveSchools,
    /// Coverage by neighborhood.
    Coverage,
    /// Never seated.
    NeverSeated,
    /// Searches without an answer.
    SearchesUnanswered,
    /// School days to approval.
    DaysToApproval,
    /// Commitments met.
    CommitmentsMet,
    /// Commitments without news.
    CommitmentsSilent,
}

/// How a number is counted, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// 1, 2, 3 ...
    pub version: u16,
    /// The day from which reports use it.
    pub since: NaiveDate,
    /// What is counted, in a sentence or two.
    pub counts: &'static str,
    /// What it is held against: the denominator; empty where it is a plain number.
    pub of: &'static str,
    /// Which records it is made of, and what of them may still move.
    pub sources: &'static str,
}

/// What a number is about; decides what is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// What everybody can look up here: sessions, practices, adoptions, schools, commitments.
    Records,
    /// People who took part or wanted to. Small groups are withheld.
    People,
}

const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(day) => day,
        None => NaiveDate::MIN,
    }
}

/// The first day on which these definitions were used.
const FIRST: NaiveDate = day(2026, 7, 1);

const fn first(counts: &'static str, of: &'static str, sources: &'static str) -> Definition {
    Definition { version: 1, since: FIRST, counts, of, sources }
}

const LOCKED: &str = "Attendance is corrected for five days after a session and then locked; a month is counted from the 7th of the next.";

impl Metric {
    /// Every metric, in the order of the page.
    pub const ALL: [Self; 19] = [
        Self::SessionsHeld,
        Self::CrossSectorSessions,
        Self::SeatsOffered,
        Self::SeatsFilled,
        Self::NoShows,
        Self::EducatorHours,
        Self::CrossSectorHours,
        Self::PeopleReached,
        Self::FirstTimers,
        Self::PracticesShared,
        Self::AdoptionsAcross,
        Self::KeptAfterAYear,
        Self::ActiveSchools,
        Self::Coverage,
        Self::NeverSeated,
        Self::SearchesUnanswered,
        Self::DaysToApproval,
        Self::CommitmentsMet,
        Self::CommitmentsSilent,
    ];

    /// The metric of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.code() == code)
    }

    /// Its code: `sessions_held`. Never changes.
    pub fn code(self) -> &'static str {
        match self {
            Self::SessionsHeld => "sessions_held",
            Self::CrossSectorSessions => "cross_sector_sessions",
            Self::SeatsOffered => "seats_offered",
            Self::SeatsFilled => "seats_filled",
            Self::NoShows => "no_shows",
            Self::EducatorHours => "educator_hours",
            Self::CrossSectorHours => "cross_sector_hours",
            Self::PeopleReached => "people_reached",
            Self::FirstTimers => "first_timers",
            Self::PracticesShared => "practices_shared",
            Self::AdoptionsAcross => "adoptions_across",
            Self::KeptAfterAYear => "kept_after_a_year",
            Self::ActiveSchools => "active_schools",
            Self::Coverage => "coverage",
            Self::NeverSeated => "never_seated",
            Self::SearchesUnanswered => "searches_unanswered",
            Self::DaysToApproval => "days_to_approval",
            Self::CommitmentsMet => "commitments_met",
            Self::CommitmentsSilent => "commitments_silent",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::SessionsHeld => "Sessions held",
            Self::CrossSectorSessions => "Cross-sector sessions",
            Self::SeatsOffered => "Seats offered",
            Self::SeatsFilled => "Seats filled",
            Self::NoShows => "No-show rate",
            Self::EducatorHours => "Educator hours",
            Self::CrossSectorHours => "Cross-sector hours",
            Self::PeopleReached => "People reached",
            Self::FirstTimers => "First-timers",
            Self::PracticesShared => "Practices shared",
            Self::AdoptionsAcross => "Adoptions across sector lines",
            Self::KeptAfterAYear => "Kept after a year",
            Self::ActiveSchools => "Active schools in 12 months",
            Self::Coverage => "Coverage by neighborhood",
            Self::NeverSeated => "Never seated",
            Self::SearchesUnanswered => "Searches without an answer",
            Self::DaysToApproval => "School days to approval",
            Self::CommitmentsMet => "Commitments met",
            Self::CommitmentsSilent => "Commitments without news",
        }
    }

    /// What it is about.
    pub fn subject(self) -> Subject {
        match self {
            Self::SeatsFilled
            | Self::NoShows
            | Self::EducatorHours
            | Self::CrossSectorHours
            | Self::PeopleReached
            | Self::FirstTimers
            | Self::NeverSeated
            | Self::DaysToApproval => Subject::People,
            _ => Subject::Records,
        }
    }

    /// How it is counted now.
    pub fn definition(self) -> Definition {
        let all = self.definitions();
        all[all.len() - 1]
    }

    /// Every definition that it had, the oldest first; never empty.
    pub fn definitions(self) -> &'static [Definition] {
        match self {
            Self::SessionsHeld => {
                const {
                    &[first(
                        "Sessions with a host or co-host in the city that took place. Drafts, cancelled and postponed ones do not count.",
                        "",
                        "Completed sessions, on the local day of their last meeting. A session that is over does not move.",
                    )]
                }
            }
            Self::CrossSectorSessions => {
                const {
                    &[first(
                        "Sessions held to which people of two sectors came, the smaller sector at least one in five of them.",
                        "Sessions held.",
                        "Who came, by the sector of their school when they registered, written down when attendance is locked five days after the session; until then the session counts as held alone.",
                    )]
                }
            }
            Self::SeatsOffered => {
                const {
                    &[first(
                        "Seats, in the room and online, of the sessions held.",
                        "",
                        "The capacity of completed sessions.",
                    )]
                }
            }
            Self::SeatsFilled => {
                const {
                    &[first(
                        "Seats that somebody had when the session was over, whether they came or not.",
                        "Seats offered at the same sessions.",
                        "Confirmed registrations of completed sessions. A month is counted from the 7th of the next.",
                    )]
                }
            }
            Self::NoShows => {
                const {
                    &[first(
                        "Seats whose holder was absent at every meeting. Who was excused is no no-show.",
                        "Seats filled.",
                        LOCKED,
                    )]
                }
            }
            Self::EducatorHours => {
                const {
                    &[first(
                        "Hours that people were there, meeting by meeting, in full hours over all of them.",
                        "",
                        LOCKED,
                    )]
                }
            }
            Self::CrossSectorHours => {
                const { &[first("Educator hours at cross-sector sessions.", "Educator hours.", LOCKED)] }
            }
            Self::PeopleReached => {
                const {
                    &[first(
                        "People who came to at least one session of the school year so far, each counted once.",
                        "",
                        LOCKED,
                    )]
                }
            }
            Self::FirstTimers => {
                const {
                    &[first(
                        "People reached who had not come to a session of this city in any school year before.",
                        "People reached.",
                        LOCKED,
                    )]
                }
            }
            Self::PracticesShared => {
                const {
                    &[first(
                        "Practices of the city's schools that were published, those that a school tried and stopped included. What was published stays counted when it is taken out of the catalog later.",
                        "",
                        "The day a practice was first published and the sector its school had that day. Imported records are not counted.",
                    )]
                }
            }
            Self::AdoptionsAcross => {
                const {
                    &[first(
                        "Practices that a school of the city began to try and that began in a school of another sector. Interest, plans and saves never count.",
                        "",
                        "The first day of the pilot, the sector the adopting school had when it began and the sector that the other school had on that day. What is put on record after its month was counted is counted on the day it was put on record. An adoption that stops later stays counted.",
                    )]
                }
            }
            Self::KeptAfterAYear => {
                const {
                    &[first(
                        "Adoptions across sector lines that were in use or sustained 365 days after their pilot began.",
                        "Adoptions across sector lines whose 365th day lies in the period; with fewer than three schools it is not told.",
                        "The steps of adoptions that were on record when the month of the 365th day was counted.",
                    )]
                }
            }
            Self::ActiveSchools => {
                const {
                    &[first(
                        "Schools of the city that hosted a session, published a practice or began to try one in the 12 months before the last day of the period.",
                        "Schools of the city on that day; with fewer than three it is not told.",
                        "Completed sessions, published practices, first days of pilots; schools that were closed or merged, each from the day on which that was put on record.",
                    )]
                }
            }
            Self::Coverage => {
                const {
                    &[first(
                        "Neighborhoods with at least one active school.",
                        "Neighborhoods with a school.",
                        "As active schools, by the neighborhood that the school stated on the last day of the period.",
                    )]
                }
            }
            Self::NeverSeated => {
                const {
                    &[first(
                        "People who asked for seats in the school year so far and had none at any session: no seat came free, or the school did not release them.",
                        "People who asked for a seat and did not take that back.",
                        "Registrations of completed sessions as they stood at the end. A month is counted from the 7th of the next.",
                    )]
                }
            }
            Self::SearchesUnanswered => {
                const {
                    &[first(
                        "Searches of the catalog that found nothing, or nothing good. Nobody knows whose they were; they are counted for the whole service and not by city or neighborhood.",
                        "",
                        "The log of unmet searches, which has no people, by the day of UTC.",
                    )]
                }
            }
            Self::DaysToApproval => {
                const {
                    &[first(
                        "The median number of school days, Monday to Friday, from asking for a seat to the school's yes, over the school year so far.",
                        "Seats that a school approved.",
                        "The moments of the request and of the first yes. A month is counted from the 7th of the next.",
                    )]
                }
            }
            Self::CommitmentsMet => {
                const {
                    &[first(
                        "Commitments of the city's compacts that are met, confirmed by a party of another sector.",
                        "All commitments of the city's compacts, as they stand today and not in the period.",
                        "Status, confirmations and updates of commitments; each has its history on its own page.",
                    )]
                }
            }
            Self::CommitmentsSilent => {
                const {
                    &[first(
                        "Commitments that are still open and had no update for more than 180 days.",
                        "Open commitments of the city's compacts, as they stand today and not in the period.",
                        "The day of the last update of each commitment.",
                    )]
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_metric_has_a_code_of_its_own_and_versions_in_order() {
        let codes: HashSet<&str> = Metric::ALL.iter().map(|metric| metric.code()).collect();
        assert_eq!(codes.len(), Metric::ALL.len());
        for metric in Metric::ALL {
            assert_eq!(Metric::parse(metric.code()), Some(metric));
            let versions: Vec<u16> = metric.definitions().iter().map(|one| one.version).collect();
            assert_eq!(versions, (1..=u16::try_from(versions.len()).unwrap()).collect::<Vec<_>>(), "{metric:?}");
            assert!(metric.definition().counts.ends_with('.') && !metric.definition().sources.is_empty(), "{metric:?}");
        }
    }
}
