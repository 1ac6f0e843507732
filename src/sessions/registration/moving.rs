//! The one function that moves a seat, and the one that fills what became free. Everything that changes what somebody has
//! comes through [`shift`]: the counters, the row, what happened and the letter are one thing (J-6).

use serde_json::json;

use crate::mail::{mailing, outbox};
use crate::people::AccountId;
use crate::people::account::{self, Account, AccountState};
use crate::platform::vocabulary::{Approval, Seat, Way};
use crate::platform::{Error, Event, Permit, Result, Tx};
use crate::sessions::desk::Desk;
use crate::sessions::places::{self, Hall};
use crate::sessions::seat::{Registration, Reminder, takes_place};
use crate::sessions::session::{Places, Session};
use crate::sessions::store::{registrations as store, sessions};
use crate::sessions::{letters, reminders};

/// Why a seat moves: says what is written down and which letter tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sessions) enum Why {
    /// Somebody asked for a seat, or was registered.
    Asked,
    /// Somebody who waited took a seat that was free.
    Claimed,
    /// A seat became free for who was next.
    Offered,
    /// They took it.
    Accepted,
    /// They did not want it.
    Declined,
    /// They did not answer.
    OfferOver,
    /// The school said yes.
    Approved,
    /// The school said no.
    Refused,
    /// The school did not answer.
    Unanswered,
    /// It was given back.
    Left,
    /// The session is cancelled.
    Cancelled,
    /// Their way to take part is given up, and they take part the other way.
    Moved,
    /// Their way to take part is given up, and the other is full.
    CrowdedOut,
    /// It went to a colleague.
    HandedOver(AccountId),
    /// It came from a colleague.
    Received(AccountId),
}

impl Why {
    fn action(self) -> &'static str {
        match self {
            Self::Asked => "registration.asked",
            Self::Claimed => "registration.claimed",
            Self::Offered => "registration.offered",
            Self::Accepted => "registration.accepted",
            Self::Declined => "registration.offer_declined",
            Self::OfferOver => "registration.offer_expired",
            Self::Approved => "registration.approved",
            Self::Refused => "registration.declined",
            Self::Unanswered => "registration.approval_expired",
            Self::Left => "registration.released",
            Self::Cancelled => "registration.cancelled",
            Self::Moved => "registration.moved",
            Self::CrowdedOut => "registration.crowded_out",
            Self::HandedOver(_) => "registration.handed_over",
            Self::Received(_) => "registration.received",
        }
    }

    /// The colleague, where a seat passed between two.
    fn colleague(self) -> Option<AccountId> {
        match self {
            Self::HandedOver(other) | Self::Received(other) => Some(other),
            _ => None,
        }
    }
}

/// With what a seat is moved: letters and secret, and the word of the policy.
#[derive(Clone, Copy)]
pub(super) struct By<'a> {
    pub desk: &'a Desk,
    pub permit: &'a Permit,
}

/// Moves a registration of a session that is held from what it was (`None`: it is new) to what it becomes, and tells. `person`
/// is whose it is.
pub(super) async fn shift(
    tx: &mut Tx,
    by: By<'_>,
    session: &mut Session,
    person: &Account,
    before: Option<&Registration>,
    after: Registration,
    why: Why,
) -> Result<Registration> {
    let mut after = settled(after);
    after.turn = before.map_or(1, |before| before.turn + 1);
    after.updated_at = tx.now();
    let mut number = 0;
    if after.seat == Seat::WAITLISTED && after.waitlist_no.is_none() {
        session.waited += 1;
        after.waitlist_no = Some(session.waited);
        number = 1;
    }
    count(tx, session, before, &after, number).await?;
    match before {
        Some(_) => store::update(tx, &after).await?,
        None => store::insert(tx, &after).await?,
    }
    remind(tx, before, &after).await?;
    reminders::note_news(tx, session).await?;
    if after.seat == Seat::RELEASED {
        // What those who run it wrote and has not left yet is no longer for them.
        mailing::leave(tx, "session", session.id.0, after.account.0).await?;
        // Nor is a reminder that waits for the morning.
        let event = format!("registration:{}:", after.id);
        outbox::withdraw(tx, "session_reminder", after.account.0, &event).await?;
    }
    let detail = json!({
        "session": after.session.0, "account": after.account.0, "turn": after.turn, "seat": after.seat.code(),
        "approval": after.approval.code(), "number": after.waitlist_no, "colleague": why.colleague().map(|other| other.0),
    });
    tx.record(by.permit, Event::about(why.action(), "registration", after.id.0).with(detail)).await?;
    letters::tell(tx, by.desk, session, before, &after, person, why).await?;
    // With the letter, and without one where there is none.
    tx.send().await?;
    Ok(after)
}

/// Offers free seats of a session that is held to whoever is next (J-5), until there is none or nobody can have it. In the
/// transaction that made them free, so that no seat stands empty while somebody waits. Says how many.
pub(super) async fn fill(tx: &mut Tx, by: By<'_>, session: &mut Session) -> Result<usize> {
    let mut offered = 0;
    if session.waited == 0 || !places::moves(session, tx.now()) {
        return Ok(offered);
    }
    for way in session.ways() {
        while session.places(way).free() > 0 {
            let heads = store::heads(tx.conn(), session.id, way).await?;
            if heads.is_empty() {
                break;
            }
            let tallies = store::tallies(tx.conn(), session.id).await?;
            let hall = Hall { session, way, now: tx.now(), tallies: &tallies };
            let Some(number) = hall.next(&heads).map(|head| head.number) else { break };
            let waiting = store::by_number(tx.conn(), session.id, number).await?;
            let waiting = waiting.ok_or_else(|| Error::internal("who is next in line is not there"))?;
            let person = account::account_in(tx, waiting.account).await?;
            if person.state != AccountState::Active {
                // Nobody would answer.
                let gone = Registration { seat: Seat::RELEASED, ..waiting.clone() };
                shift(tx, by, session, &person, Some(&waiting), gone, Why::Left).await?;
                continue;
            }
            let next = Registration {
                seat: Seat::OFFERED,
                promoted: true,
                offer_until: Some(places::offer_until(session, tx.now())),
                round: session.round,
                ..waiting.clone()
            };
            shift(tx, by, session, &person, Some(&waiting), next, Why::Offered).await?;
            offered += 1;
        }
    }
    Ok(offered)
}

/// Writes down a change that moves no seat: coverage, the round agreed to.
pub(super) async fn note(
    tx: &mut Tx,
    permit: &Permit,
    mut changed: Registration,
    action: &'static str,
) -> Result<Registration> {
    changed.updated_at = tx.now();
    store::update(tx, &changed).await?;
    let detail = json!({ "session": changed.session.0, "coverage": changed.coverage.code(), "round": changed.round });
    tx.record(permit, Event::about(action, "registration", changed.id.0).with(detail)).await?;
    Ok(changed)
}

/// A registration without what its seat has no use for.
fn settled(mut registration: Registration) -> Registration {
    if registration.seat != Seat::HELD {
        registration.hold_until = None;
    }
    if registration.seat != Seat::OFFERED {
        registration.offer_until = None;
    }
    if registration.seat != Seat::WAITLISTED {
        registration.waitlist_no = None;
    }
    if registration.seat == Seat::RELEASED && registration.approval == Approval::WAITING {
        registration.approval = Approval::NOT_NEEDED;
    }
    registration
}

/// Counts what a registration took before and takes now, in the session and for the school.
async fn count(
    tx: &mut Tx,
    session: &mut Session,
    before: Option<&Registration>,
    after: &Registration,
    waited: i64,
) -> Result<()> {
    let key = |registration: &Registration| (registration.way, registration.school, registration.sector.clone());
    let before = before.filter(|before| takes_place(before.seat));
    let now = Some(after).filter(|after| takes_place(after.seat));
    if let (Some(before), Some(now)) = (before, now)
        && key(before) == key(now)
    {
        return Ok(());
    }
    if let Some(before) = before {
        places_of(session, before.way).taken -= 1;
        sessions::count_seats(tx, session.id, before.way, -1, waited).await?;
        store::count_for_school(tx, before, -1).await?;
    }
    if let Some(now) = now {
        let places = places_of(session, now.way);
        if places.free() == 0 {
            return Err(Error::internal("a seat was given that is not free"));
        }
        places.taken += 1;
        sessions::count_seats(tx, session.id, now.way, 1, 0).await?;
        store::count_for_school(tx, now, 1).await?;
    } else if before.is_none() && waited != 0 {
        sessions::count_seats(tx, session.id, after.way, 0, waited).await?;
    }
    Ok(())
}

fn places_of(session: &mut Session, way: Way) -> &mut Places {
    if way == Way::ONLINE { &mut session.online } else { &mut session.in_person }
}

/// Begins and ends the reminders of a hold.
async fn remind(tx: &mut Tx, before: Option<&Registration>, after: &Registration) -> Result<()> {
    let waits =
        |registration: &Registration| registration.seat == Seat::HELD && registration.approval == Approval::WAITING;
    match after.hold_until.filter(|_| waits(after)) {
        Some(until) => match Reminder::first(after.turn, tx.now(), until) {
            Some(first) => store::remind(tx, after.id, &first).await,
            None => Ok(()),
        },
        None if before.is_some_and(waits) => store::forget_reminder(tx, after.id).await,
        None => Ok(()),
    }
}
