//! A registration: three facts that are kept apart (J-2), and what they mean. No I/O.

use crate::people::{AccountId, SchoolId};
use crate::platform::Timestamp;
use crate::platform::ids::typed_id;
use crate::platform::vocabulary::{Approval, Seat, SeatCoverage, Way};

use super::session::SessionId;

typed_id!(
    /// Somebody's registration for a session.
    RegistrationId
);

/// Somebody's registration for a session: one row for each person and session, whatever happens to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Its id.
    pub id: RegistrationId,
    /// For what.
    pub session: SessionId,
    /// Whose.
    pub account: AccountId,
    /// Where the person works that day.
    pub school: SchoolId,
    /// Code of the school's sector when they registered.
    pub sector: Option<String>,
    /// How they take part.
    pub way: Way,
    /// What they have.
    pub seat: Seat,
    /// What the principal said.
    pub approval: Approval,
    /// Number in line, in the order of commits; grows, is not the position.
    pub waitlist_no: Option<i64>,
    /// Has had an offer of the waitlist (J-5).
    pub promoted: bool,
    /// Until when the seat is held for the principal's answer (J-3).
    pub hold_until: Option<Timestamp>,
    /// Until when the offer stands (J-5).
    pub offer_until: Option<Timestamp>,
    /// Whether somebody takes their classes.
    pub coverage: SeatCoverage,
    /// Who registered them, where it was not they.
    pub registered_by: Option<AccountId>,
    /// Who answered for the school.
    pub decided_by: Option<AccountId>,
    /// What was said with a no.
    pub reason: Option<String>,
    /// The round of material changes they have agreed to (J-8).
    pub round: i32,
    /// Rises with every change of seat or approval: names the letter that tells of it.
    pub turn: i32,
    /// When they answered the survey; the answer does not say whose it is.
    pub surveyed_at: Option<Timestamp>,
    /// When they registered first.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// Whether a seat counts against the capacity.
pub fn takes_place(seat: Seat) -> bool {
    matches!(seat, Seat::HELD | Seat::CONFIRMED | Seat::OFFERED)
}

/// Whether the person still wants to come: has a seat or waits for one.
pub fn is_open(seat: Seat) -> bool {
    seat != Seat::RELEASED
}
