//! A compact: its parties, who governs it, and its text. Types and rules, no I/O.

use chrono::NaiveDate;
use uuid::Uuid;

use super::codes::codes;
use super::commitment::Change;
use crate::people::AccountId;
use crate::platform::ids::typed_id;
use crate::platform::{Place, Timestamp};

typed_id!(
    /// A compact.
    CompactId
);
typed_id!(
    /// A party of a compact.
    PartyId
);
typed_id!(
    /// A seat among those who govern a compact.
    SeatId
);
typed_id!(
    /// A visit of a school partnership.
    VisitId
);
typed_id!(
    /// A row of the history of a compact itself.
    RecordId
);

codes! {
    /// What kind of agreement it is.
    CompactKind {
        /// Sectors of a city promise each other something.
        Compact = "compact", "Compact";
        /// Schools share a building.
        CampusAgreement = "campus_agreement", "Campus agreement";
        /// Two to four schools visit each other for a time.
        SchoolPartnership = "school_partnership", "School partnership";
    }
}

codes! {
    /// How far a party is (C-8).
    PartyState {
        /// It is asked to join.
        Invited = "invited", "Invited";
        /// Its board has to vote.
        BoardVote = "board_vote", "Board vote pending";
        /// It has signed.
        Signed = "signed", "Signed";
        /// It has left.
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

impl PartyState {
    /// Whether a party that is so far may come there: a signature is only left, and who has left is asked in again first.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Invited => true,
            Self::BoardVote => next != Self::Invited,
            Self::Signed => matches!(next, Self::Signed | Self::Withdrawn),
            Self::Withdrawn => matches!(next, Self::Invited | Self::Withdrawn),
        }
    }
}

codes! {
    /// What a row of the history of a compact itself tells of.
    RecordKind {
        /// It was begun.
        Begun = "begun", "Compact begun";
        /// Its facts were changed.
        Changed = "changed", "Facts changed";
        /// Everybody may read it from here on.
        Published = "published", "Shown to everybody";
        /// A party was added.
        PartyAdded = "party_added", "Party added";
        /// A party came further, or left.
        PartyMoved = "party_moved", "Party moved";
        /// A seat was added.
        SeatAdded = "seat_added", "Seat added";
        /// A seat was taken out.
        SeatRemoved = "seat_removed", "Seat taken out";
        /// A version of its text was written.
        TextWritten = "text_written", "Text written";
        /// A visit was written down.
        VisitLogged = "visit_logged", "Visit written down";
    }
}

/// The sector of a mayor's office or another office of a city.
pub const CITY: &str = "city";
/// The sector of a partner that belongs to none: it never counts as another sector.
pub const OTHER: &str = "other";

/// A school partnership has so many schools at most.
pub const PARTNERS: usize = 4;
/// A compact has so many parties at most.
pub const PARTIES: usize = 60;

/// A compact, without what hangs on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compact {
    /// Its id.
    pub id: CompactId,
    /// Its name in addresses; never changes.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What kind of agreement.
    pub kind: CompactKind,
    /// Name of its city in addresses: `rivermark-ny`.
    pub city: Option<String>,
    /// Its city in words: "Rivermark, NY".
    pub city_name: Option<String>,
    /// The party whose office answers for it.
    pub contact_party: Option<PartyId>,
    /// The role of whoever answers there.
    pub contact_role: Option<String>,
    /// When it was signed.
    pub signed_on: Option<NaiveDate>,
    /// When it is looked at again.
    pub review_on: Option<NaiveDate>,
    /// When it ends, where it does.
    pub ends_on: Option<NaiveDate>,
    /// Whether all joint sessions between its party schools count for its commitments to learn together.
    pub counts_joint: bool,
    /// Since when everybody may read it; `None` is a draft, which its parties alone see.
    pub published_at: Option<Timestamp>,
    /// The newest version of its text; 0 where it has none.
    pub text_version: i32,
    /// The number of its last commitment.
    pub last_number: i32,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When something of it last changed.
    pub updated_at: Timestamp,
}

impl Compact {
    /// Its page.
    pub fn path(&self) -> String {
        format!("/compacts/{}", self.slug)
    }
}

/// Who promises something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Its id.
    pub id: PartyId,
    /// In which compact.
    pub compact: CompactId,
    /// Its place in the list, from 1.
    pub position: i32,
    /// Its name.
    pub name: String,
    /// The school or organization that it is, where that is here.
    pub place: Option<Place>,
    /// Code of its sector; [`CITY`] for a city's office, [`OTHER`] for one of none.
    pub sector: String,
    /// How far it is.
    pub state: PartyState,
    /// Since when.
    pub state_on: NaiveDate,
    /// Where that can be read.
    pub link: Option<String>,
}

impl Party {
    /// Whether it still takes part.
    pub fn takes_part(&self) -> bool {
        self.state != PartyState::Withdrawn
    }

    /// Whether two parties are of two sectors; one of none is of no other.
    pub fn is_across(&self, other: &Self) -> bool {
        self.sector != other.sector && self.sector != OTHER && other.sector != OTHER
    }
}

/// A move of a party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Whose.
    pub party: PartyId,
    /// To what.
    pub state: PartyState,
    /// On which day.
    pub on: NaiveDate,
    /// Where that can be read.
    pub link: Option<String>,
    /// When it was written down.
    pub at: Timestamp,
}

/// A row of the history of a compact itself: rows are added and never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// Of which compact.
    pub compact: CompactId,
    /// What it tells of.
    pub kind: RecordKind,
    /// The party that it is about.
    pub about: Option<PartyId>,
    /// What was changed.
    pub changes: Vec<Change>,
    /// What was said of it.
    pub note: Option<String>,
    /// The office that did it; `None` is the city's administration or the service.
    pub party: Option<PartyId>,
    /// When.
    pub at: Timestamp,
}

/// What differs between two, as the history tells it: no fact of a compact changes without a row (C-3).
pub fn differences(before: &Compact, after: &Compact, parties: &[Party]) -> Vec<Change> {
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let party = |id: Option<PartyId>| {
        parties.iter().find(|party| Some(party.id) == id).map(|party| party.name.clone()).unwrap_or_default()
    };
    let of = |one: &Compact| {
        [
            ("name", one.name.clone()),
            ("kind", one.kind.code().to_owned()),
            ("city", one.city_name.clone().unwrap_or_default()),
            ("signed_on", day(one.signed_on)),
            ("review_on", day(one.review_on)),
            ("ends_on", day(one.ends_on)),
            ("contact_party", party(one.contact_party)),
            ("contact_role", one.contact_role.clone().unwrap_or_default()),
            ("counts_joint", if one.counts_joint { "yes" } else { "no" }.to_owned()),
        ]
    };
    let pairs = of(before).into_iter().zip(of(after));
    pairs
        .filter(|((_, before), (_, after))| before != after)
        .map(|((field, before), (_, after))| Change { field: field.to_owned(), before, after })
        .collect()
}

/// A seat among those who govern it: a role, never a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Its id.
    pub id: SeatId,
    /// Whose seat.
    pub party: PartyId,
    /// The role of who sits there.
    pub role: String,
}

/// One version of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextVersion {
    /// 1, 2, 3.
    pub version: i32,
    /// Markdown.
    pub body: String,
    /// What changed, in a line.
    pub note: Option<String>,
    /// When it was written down.
    pub created_at: Timestamp,
}

/// A visit of a school partnership, as all of its schools read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Its id.
    pub id: VisitId,
    /// The day.
    pub on: NaiveDate,
    /// The school that was visited.
    pub host: PartyId,
    /// What was seen.
    pub log: String,
    /// Who wrote it down.
    pub account: Option<AccountId>,
    /// When.
    pub created_at: Timestamp,
}

/// The id of a place, and what kind it is.
pub fn place_parts(place: Option<Place>) -> (Option<&'static str>, Option<Uuid>) {
    match place {
        Some(Place::School(id)) => (Some("school"), Some(id)),
        Some(Place::Organization(id)) => (Some("organization"), Some(id)),
        Some(Place::Installation) | None => (None, None),
    }
}

/// The place of its parts.
pub fn place_of(kind: Option<&str>, id: Option<Uuid>) -> Option<Place> {
    match (kind, id) {
        (Some("school"), Some(id)) => Some(Place::School(id)),
        (Some("organization"), Some(id)) => Some(Place::Organization(id)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_only_left_and_who_left_is_asked_in_again() {
        use PartyState::{BoardVote, Invited, Signed, Withdrawn};
        for (from, to) in
            [(Invited, Signed), (Invited, BoardVote), (BoardVote, Signed), (Signed, Withdrawn), (Withdrawn, Invited)]
        {
            assert!(from.may_become(to), "{from:?} {to:?}");
        }
        for (from, to) in
            [(Signed, Invited), (Signed, BoardVote), (BoardVote, Invited), (Withdrawn, Signed), (Withdrawn, BoardVote)]
        {
            assert!(!from.may_become(to), "{from:?} {to:?}");
        }
    }
}
