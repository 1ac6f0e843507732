//! A commitment: what is promised, by whom, and what became of it. Freshness and standing are computed here and nowhere typed.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::codes::codes;
use super::compact::{CompactId, Party, PartyId};
use crate::people::AccountId;
use crate::platform::Timestamp;
use crate::platform::ids::typed_id;
use crate::platform::vocabulary::{CommitmentArea, CommitmentStatus};

typed_id!(
    /// A commitment.
    CommitmentId
);
typed_id!(
    /// A row of the history of a commitment.
    EntryId
);
typed_id!(
    /// Something that counts for a commitment.
    LinkId
);

/// Days after an update up to which a commitment is fresh (C-4).
pub const FRESH: i64 = 90;
/// Days after an update after which a commitment is silent (C-4).
pub const SILENT: i64 = 180;

codes! {
    /// How long ago a commitment was last spoken of (C-4). Computed, never typed.
    Freshness {
        /// Fewer than 90 days ago.
        Fresh = "fresh", "Fresh";
        /// 90 to 180 days ago.
        Due = "due", "Due for an update";
        /// Longer ago.
        Silent = "silent", "No update";
    }
}

impl Freshness {
    /// Of the days since the last update.
    pub fn of_days(days: i64) -> Self {
        match days {
            ..FRESH => Self::Fresh,
            FRESH..=SILENT => Self::Due,
            _ => Self::Silent,
        }
    }
}

codes! {
    /// What a row of the history tells of.
    EntryKind {
        /// It was written down.
        Made = "made", "Written down";
        /// Its owner said how it goes.
        Update = "update", "Update";
        /// Words, dates or owners were changed.
        Changed = "changed", "Changed";
        /// Another sector said that it is met.
        Confirmed = "confirmed", "Confirmed";
        /// Another sector said how it sees it.
        Rated = "rated", "Seen by another sector";
        /// Something counts for it.
        Linked = "linked", "Evidence linked";
        /// Something counts no more.
        Unlinked = "unlinked", "Evidence taken out";
        /// A holder is gone.
        Vacant = "vacant", "Owner vacant";
    }
}

codes! {
    /// What counts for a commitment (C-7).
    LinkKind {
        /// A joint session.
        Session = "session", "Session";
        /// A practice of the catalog.
        Practice = "practice", "Practice";
        /// An adoption.
        Adoption = "adoption", "Adoption";
        /// Minutes of a meeting.
        Minutes = "minutes", "Minutes";
        /// An agreement, as on a room.
        Agreement = "agreement", "Agreement";
    }
}

impl LinkKind {
    /// Whether it is something of this installation, with a page here.
    pub fn is_here(self) -> bool {
        matches!(self, Self::Session | Self::Practice | Self::Adoption)
    }
}

/// A number that tells how far it is, as its owner reports it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// What is counted.
    pub name: String,
    /// Where it began.
    pub baseline: Option<String>,
    /// Where it should be.
    pub target: Option<String>,
    /// Where it is.
    pub latest: Option<String>,
    /// On which day it was there.
    pub as_of: Option<NaiveDate>,
}

/// How a party sees a commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rating {
    /// The party that said so.
    pub party: PartyId,
    /// Its name.
    pub name: String,
    /// Code of its sector.
    pub sector: String,
    /// Whether it still takes part: the word of a party that left stays on the page, and disputes nothing.
    pub takes_part: bool,
    /// How it sees it.
    pub status: CommitmentStatus,
    /// When it said so.
    pub at: Timestamp,
}

impl Rating {
    /// What a party says.
    pub fn of(party: &Party, status: CommitmentStatus, at: Timestamp) -> Self {
        let (name, sector) = (party.name.clone(), party.sector.clone());
        Self { party: party.id, name, sector, takes_part: party.takes_part(), status, at }
    }
}

/// A holder: the office, and the account of whoever answers there, which no page shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// The office.
    pub party: Option<Party>,
    /// The account.
    pub account: Option<AccountId>,
    /// Since when nobody answers: the account was closed, or the role ended.
    pub gone_on: Option<NaiveDate>,
}

/// What is shown of a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// As its owner says; of what is met, as another sector confirms and no party disputes.
    Is(CommitmentStatus),
    /// Its owner says that it is met, and that does not count: another sector has not said so yet (C-5), or a party sees it differently.
    ReportedMet {
        /// Whose word is missing.
        waits_for: String,
        /// Who sees it differently; none where a word is only missing.
        disputed_by: Vec<String>,
    },
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(status) => f.write_str(status.label()),
            Self::ReportedMet { waits_for, disputed_by } => match disputed_by.as_slice() {
                [] => write!(f, "Reported met, waiting for {waits_for}"),
                [one] => write!(f, "Reported met, disputed by {one}"),
                [one, others @ ..] => write!(f, "Reported met, disputed by {one} and {} more", others.len()),
            },
        }
    }
}

impl Standing {
    /// A word for styles and filters: the code of the status, or `reported_met`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Is(status) => status.code(),
            Self::ReportedMet { .. } => "reported_met",
        }
    }
}

/// A commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// Its id.
    pub id: CommitmentId,
    /// Of which compact.
    pub compact: CompactId,
    /// Its number within the compact; never changes.
    pub number: i32,
    /// What it is about.
    pub area: CommitmentArea,
    /// What is promised.
    pub sentence: String,
    /// Who does it, in words.
    pub who: Option<String>,
    /// What each side gets, by the code of its sector.
    pub gets: BTreeMap<String, String>,
    /// When it is due.
    pub due_on: Option<NaiveDate>,
    /// When it was due first, where that was moved since (C-3).
    pub first_due_on: Option<NaiveDate>,
    /// Where its owner says that it stands; [`Commitment::standing`] is what is shown.
    pub status: CommitmentStatus,
    /// Why it was missed, paused or dropped.
    pub reason: Option<String>,
    /// Since when it stands there.
    pub status_at: Timestamp,
    /// Who said so.
    pub status_by: Option<AccountId>,
    /// How far it is in numbers.
    pub measure: Option<Measure>,
    /// Who answers for it.
    pub owner: Holder,
    /// Who answers for it in another sector.
    pub deputy: Holder,
    /// Whether the remaining holder was told that one is gone.
    pub gone_told: bool,
    /// How each party sees it, since its status last changed; in the order of sectors and parties.
    pub ratings: Vec<Rating>,
    /// Which party of another sector said that it is met, and when.
    pub confirmed: Option<(PartyId, Timestamp)>,
    /// When its owner last said how it goes.
    pub last_update: Option<Timestamp>,
    /// The day up to which reminders were looked at.
    pub looked_on: NaiveDate,
    /// The next day to look.
    pub look_on: Option<NaiveDate>,
    /// Grows with every change.
    pub revision: i32,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When something of it last changed.
    pub updated_at: Timestamp,
}

impl Commitment {
    /// Full days since it was last spoken of.
    pub fn silent_days(&self, now: Timestamp) -> i64 {
        (now.date_naive() - self.spoken_on()).num_days()
    }

    /// The day on which it was last spoken of: its last update, or when it was written down.
    pub fn spoken_on(&self) -> NaiveDate {
        self.last_update.unwrap_or(self.created_at).date_naive()
    }

    /// How fresh it is (C-4).
    pub fn freshness(&self, now: Timestamp) -> Freshness {
        Freshness::of_days(self.silent_days(now))
    }

    /// Whether it still asks for something: it was neither confirmed as met, nor missed, nor dropped.
    pub fn is_open(&self) -> bool {
        !matches!(
            self.standing(),
            Standing::Is(CommitmentStatus::MET | CommitmentStatus::MISSED | CommitmentStatus::DROPPED)
        )
    }

    /// What is shown (C-5): met only where another sector confirmed it and no party disputes it.
    pub fn standing(&self) -> Standing {
        if self.status != CommitmentStatus::MET {
            return Standing::Is(self.status);
        }
        let theirs = self.ratings.iter().filter(|one| one.takes_part && one.status != CommitmentStatus::MET);
        let disputed_by: Vec<String> = theirs.map(|one| one.name.clone()).collect();
        if self.confirmed.is_some() && disputed_by.is_empty() {
            return Standing::Is(self.status);
        }
        let waits_for = self.deputy.party.as_ref().map(|party| party.name.clone());
        let waits_for = waits_for.unwrap_or_else(|| "a party of another sector".to_owned());
        Standing::ReportedMet { waits_for, disputed_by }
    }

    /// Whether two parties see it in two ways.
    pub fn is_disputed(&self) -> bool {
        let mut there = self.ratings.iter().filter(|one| one.takes_part).map(|one| one.status);
        let first = there.next();
        there.any(|one| Some(one) != first)
    }

    /// Keeps the word of a party in place of what it said before.
    pub fn say(&mut self, word: Rating) {
        self.ratings.retain(|known| known.party != word.party);
        self.ratings.push(word);
        self.ratings.sort_by(|a, b| (&a.sector, a.party).cmp(&(&b.sector, b.party)));
    }

    /// Since when it is overdue: it is still open, and its day is over everywhere.
    pub fn overdue_since(&self, now: Timestamp) -> Option<NaiveDate> {
        // A day is over everywhere at noon UTC of the next.
        self.due_on.filter(|due| self.is_open() && *due < (now - TimeDelta::hours(12)).date_naive())
    }

    /// Whether one of its holders is gone.
    pub fn is_vacant(&self) -> bool {
        self.owner.gone_on.is_some() || self.deputy.gone_on.is_some()
    }
}

/// Whether a status needs a public reason (C-3).
pub fn needs_reason(status: CommitmentStatus) -> bool {
    matches!(status, CommitmentStatus::MISSED | CommitmentStatus::PAUSED | CommitmentStatus::DROPPED)
}

/// What a row of the history changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which field: `due_on`.
    pub field: String,
    /// What stood there; empty for nothing.
    pub before: String,
    /// What stands there now; empty for nothing.
    pub after: String,
}

/// Evidence that an update brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What it is.
    pub title: String,
    /// Where it is.
    pub url: String,
}

/// A row of the history of a commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// Of which commitment.
    pub commitment: CommitmentId,
    /// What it tells of.
    pub kind: EntryKind,
    /// What was said.
    pub text: Option<String>,
    /// The status that was set, or how a side sees it.
    pub status: Option<CommitmentStatus>,
    /// What was changed.
    pub changes: Vec<Change>,
    /// The evidence that came with it.
    pub evidence: Vec<Evidence>,
    /// The office that spoke; `None` is the city's administration or the service.
    pub party: Option<PartyId>,
    /// Who spoke; no page shows it.
    pub account: Option<AccountId>,
    /// When.
    pub at: Timestamp,
}

impl Entry {
    /// Whether it holds anything that somebody wrote.
    pub fn has_words(&self) -> bool {
        self.text.is_some() || !self.changes.is_empty() || !self.evidence.is_empty()
    }
}

/// Something that counts for a commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
    /// Its id.
    pub id: LinkId,
    /// For which commitment.
    pub commitment: CommitmentId,
    /// What kind of thing.
    pub kind: LinkKind,
    /// Which, where it is something here.
    pub target: Option<Uuid>,
    /// What it is called, where it is elsewhere.
    pub title: Option<String>,
    /// Where it is, where it is elsewhere.
    pub url: Option<String>,
    /// Of which day, where it is elsewhere.
    pub dated_on: Option<NaiveDate>,
    /// Who linked it.
    pub account: Option<AccountId>,
    /// When.
    pub created_at: Timestamp,
}

/// A reminder that time makes due (C-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is due in so many days.
    DueIn(i64),
    /// Nobody spoke of it for so many days.
    SilentFor(i64),
}

/// When reminders are due, each with its day.
pub fn steps(commitment: &Commitment) -> Vec<(NaiveDate, Step)> {
    if !commitment.is_open() {
        return Vec::new();
    }
    let before = |days: i64| commitment.due_on.map(|due| (due - TimeDelta::days(days), Step::DueIn(days)));
    let after = |days: i64| (commitment.spoken_on() + TimeDelta::days(days), Step::SilentFor(days));
    [before(30), before(7)].into_iter().flatten().chain([after(75), after(120)]).collect()
}

/// What is due on a day, of what was not looked at yet: of each kind the last, so that a long break brings one letter and not two.
pub fn due(commitment: &Commitment, today: NaiveDate) -> Vec<Step> {
    let mut due: Vec<Step> = Vec::new();
    for (_, step) in steps(commitment).into_iter().filter(|(day, _)| *day > commitment.looked_on && *day <= today) {
        due.retain(|known| std::mem::discriminant(known) != std::mem::discriminant(&step));
        due.push(step);
    }
    due
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::compacts::compact::PartyState;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    pub(in crate::compacts) fn party(n: u128, name: &str, sector: &str) -> Party {
        Party {
            id: PartyId(Uuid::from_u128(n)),
            compact: CompactId(Uuid::from_u128(100)),
            position: 1,
            name: name.to_owned(),
            place: Some(crate::platform::Place::School(Uuid::from_u128(n))),
            sector: sector.to_owned(),
            state: PartyState::Signed,
            state_on: "2025-03-12".parse().unwrap(),
            link: None,
        }
    }

    pub(in crate::compacts) fn commitment() -> Commitment {
        let now = at("2026-01-01T12:00:00Z");
        Commitment {
            id: CommitmentId(Uuid::from_u128(200)),
            compact: CompactId(Uuid::from_u128(100)),
            number: 1,
            area: CommitmentArea::parse("learn_together").unwrap(),
            sentence: "Hold 24 joint sessions a year".to_owned(),
            who: None,
            gets: BTreeMap::new(),
            due_on: None,
            first_due_on: None,
            status: CommitmentStatus::IN_PROGRESS,
            reason: None,
            status_at: now,
            status_by: None,
            measure: None,
            owner: Holder { party: Some(party(1, "District", "district")), ..Holder::default() },
            deputy: Holder { party: Some(party(2, "Quillwater", "charter")), ..Holder::default() },
            gone_told: false,
            ratings: Vec::new(),
            confirmed: None,
            last_update: None,
            looked_on: now.date_naive(),
            look_on: None,
            revision: 1,
            created_at: now,
            updated_at: now,
        }
    }

    #[test]
    fn freshness_is_counted_in_days() {
        let one = commitment();
        let of = |day: &str| one.freshness(at(&format!("{day}T00:00:00Z")));
        assert_eq!(of("2026-03-31"), Freshness::Fresh, "89 days");
        assert_eq!(of("2026-04-01"), Freshness::Due, "90 days");
        assert_eq!(of("2026-06-30"), Freshness::Due, "180 days");
        assert_eq!(of("2026-07-01"), Freshness::Silent, "181 days");
        let told = Commitment { last_update: Some(at("2026-06-30T23:00:00Z")), ..commitment() };
        assert_eq!(told.freshness(at("2026-07-01T00:00:00Z")), Freshness::Fresh);
    }

    #[test]
    fn what_is_met_waits_for_another_sector() {
        let met = Commitment { status: CommitmentStatus::MET, ..commitment() };
        assert_eq!(met.standing().to_string(), "Reported met, waiting for Quillwater");
        assert!(met.is_open());
        let alone = Commitment { deputy: Holder::default(), ..met.clone() };
        assert_eq!(alone.standing().to_string(), "Reported met, waiting for a party of another sector");
        let confirmed =
            Commitment { confirmed: Some((PartyId(Uuid::from_u128(2)), at("2026-02-01T00:00:00Z"))), ..met };
        assert_eq!(confirmed.standing(), Standing::Is(CommitmentStatus::MET));
        assert!(!confirmed.is_open());
    }

    #[test]
    fn two_words_about_one_thing_are_a_disagreement() {
        let now = at("2026-02-01T00:00:00Z");
        let by = |n: u128, sector: &str, status| Rating::of(&party(n, &format!("Party {n}"), sector), status, now);
        let of = |ratings| Commitment { ratings, ..commitment() }.is_disputed();
        let (met, missed) = (CommitmentStatus::MET, CommitmentStatus::MISSED);
        assert!(!of(vec![]) && !of(vec![by(1, "charter", met)]));
        assert!(!of(vec![by(1, "charter", met), by(2, "district", met)]));
        assert!(of(vec![by(1, "charter", missed), by(2, "district", met)]));
        assert!(of(vec![by(1, "charter", met), by(2, "charter", missed)]), "two of one sector, too");
        let left = Rating { takes_part: false, ..by(1, "charter", missed) };
        assert!(!of(vec![left, by(2, "district", met)]), "who left disputes nothing");
    }

    #[test]
    fn what_is_confirmed_and_then_disputed_does_not_count_as_met() {
        let now = at("2026-02-01T00:00:00Z");
        let (met, missed) = (CommitmentStatus::MET, CommitmentStatus::MISSED);
        let mut one = Commitment { status: met, confirmed: Some((PartyId(Uuid::from_u128(2)), now)), ..commitment() };
        one.say(Rating::of(&party(2, "Quillwater", "charter"), met, now));
        assert_eq!(one.standing(), Standing::Is(met));
        one.say(Rating::of(&party(3, "Harbor", "charter"), missed, now));
        assert_eq!(one.standing().to_string(), "Reported met, disputed by Harbor");
        assert!(one.is_open() && one.is_disputed());
        one.say(Rating::of(&party(4, "City", "city"), missed, now));
        assert_eq!(one.standing().to_string(), "Reported met, disputed by Harbor and 1 more");
        one.say(Rating::of(&party(3, "Harbor", "charter"), met, now));
        one.say(Rating::of(&party(4, "City", "city"), met, now));
        assert_eq!((one.standing(), one.ratings.len()), (Standing::Is(met), 3), "a word is in place of the one before");
    }

    #[test]
    fn a_day_is_over_when_it_is_over_everywhere() {
        let one = Commitment { due_on: "2026-06-30".parse().ok(), ..commitment() };
        assert_eq!(one.overdue_since(at("2026-07-01T11:59:00Z")), None);
        assert_eq!(one.overdue_since(at("2026-07-01T12:00:00Z")), one.due_on);
        let missed = Commitment { status: CommitmentStatus::MISSED, ..one };
        assert_eq!(missed.overdue_since(at("2026-08-01T12:00:00Z")), None, "nothing is asked any more");
    }

    #[test]
    fn reminders_are_due_once_and_a_break_brings_the_last_of_each() {
        let one = Commitment { due_on: "2026-06-30".parse().ok(), ..commitment() };
        let of = |looked: &str, today: &str| {
            due(&Commitment { looked_on: looked.parse().unwrap(), ..one.clone() }, today.parse().unwrap())
        };
        assert_eq!(of("2026-01-01", "2026-03-16"), []);
        assert_eq!(of("2026-03-16", "2026-03-17"), [Step::SilentFor(75)]);
        assert_eq!(of("2026-03-17", "2026-03-18"), [], "once");
        assert_eq!(of("2026-04-30", "2026-05-01"), [Step::SilentFor(120)]);
        assert_eq!(of("2026-05-30", "2026-05-31"), [Step::DueIn(30)]);
        assert_eq!(of("2026-06-22", "2026-06-23"), [Step::DueIn(7)]);
        assert_eq!(of("2026-01-01", "2026-06-25"), [Step::DueIn(7), Step::SilentFor(120)]);
        let missed = Commitment { status: CommitmentStatus::MISSED, ..one.clone() };
        assert_eq!(due(&missed, "2026-06-23".parse().unwrap()), []);
    }
}
