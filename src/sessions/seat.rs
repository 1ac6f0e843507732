//! A registration: three facts that are kept apart (J-2), and what they mean. No I/O.

use chrono::TimeDelta;

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

/// What comes next while a seat is held for the principal's answer: who is to be told, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reminder {
    /// The turn of the registration that it belongs to; another turn has no use for it.
    pub turn: i32,
    /// Which of [`Reminder::PRINCIPALS`], [`Reminder::DELEGATES`], [`Reminder::LAST`].
    pub step: i32,
    /// When.
    pub due_at: Timestamp,
}

impl Reminder {
    /// The principals, on the second day.
    pub const PRINCIPALS: i32 = 1;
    /// The delegates, on the third.
    pub const DELEGATES: i32 = 2;
    /// Everybody, 24 hours before the hold ends.
    pub const LAST: i32 = 3;

    /// The first of a hold that begins now; `None` where it ends within a day.
    pub fn first(turn: i32, now: Timestamp, hold_until: Timestamp) -> Option<Self> {
        let soon = Self { turn, step: Self::PRINCIPALS, due_at: now + TimeDelta::days(2) };
        soon.unless_late(now, hold_until)
    }

    /// The one after it.
    pub fn next(self, hold_until: Timestamp) -> Option<Self> {
        let after = Self { step: self.step + 1, due_at: self.due_at + TimeDelta::days(1), ..self };
        if self.step >= Self::LAST { None } else { after.unless_late(self.due_at, hold_until) }
    }

    /// The same, or the last one where that comes first.
    fn unless_late(self, now: Timestamp, hold_until: Timestamp) -> Option<Self> {
        let last = hold_until - TimeDelta::hours(24);
        if self.step < Self::LAST && self.due_at < last {
            return Some(self);
        }
        (last > now).then_some(Self { step: Self::LAST, due_at: last, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_delegates_and_then_everybody_are_reminded() {
        let now: Timestamp = "2026-10-14T16:00:00Z".parse().unwrap();
        let until = now + TimeDelta::days(7);
        let first = Reminder::first(1, now, until).unwrap();
        let second = first.next(until).unwrap();
        let last = second.next(until).unwrap();
        let days = [first, second, last].map(|reminder| (reminder.step, (reminder.due_at - now).num_days()));
        assert_eq!(days, [(Reminder::PRINCIPALS, 2), (Reminder::DELEGATES, 3), (Reminder::LAST, 6)]);
        assert_eq!(last.next(until), None);
        let short = Reminder::first(1, now, now + TimeDelta::days(2)).unwrap();
        assert_eq!((short.step, short.due_at), (Reminder::LAST, now + TimeDelta::days(1)));
        assert_eq!(Reminder::first(1, now, now + TimeDelta::hours(20)), None);
    }
}
