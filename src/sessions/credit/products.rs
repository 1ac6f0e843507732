//! Products: some programs give nothing before the person has handed in what they made of it. Who runs the session writes that
//! down, also long after the lock; certificates follow.

use std::collections::{BTreeSet, HashSet};

use serde_json::json;

use super::{ProgramId, SessionCredit, of_session, of_session_in};
use crate::people::{self, AccountId};
use crate::platform::vocabulary::Seat;
use crate::platform::{Actor, Cx, Error, Event, Permit, Result, Tx};
use crate::sessions::desk::Desk;
use crate::sessions::seat::RegistrationId;
use crate::sessions::session::{Session, SessionId};
use crate::sessions::store::{credit as store, registrations};
use crate::sessions::{Grounds, certificate, policy};

/// Which products of a session were handed in.
#[derive(Clone, Debug, Default)]
pub struct Products(HashSet<(RegistrationId, ProgramId)>);

impl Products {
    /// Whether nothing stands between a person and the credit but the hours.
    pub fn let_pass(&self, credit: &SessionCredit, registration: RegistrationId) -> bool {
        !credit.program.rules.product || self.0.contains(&(registration, credit.program.id))
    }
}

/// One person with a confirmed seat, and whether their product is there.
#[derive(Clone, Debug)]
pub struct ProductLine {
    /// Their registration.
    pub registration: RegistrationId,
    /// How they are called.
    pub name: String,
    /// Whether it was handed in.
    pub handed_in: bool,
}

/// Which products of a session were handed in. One statement.
pub async fn products_in(tx: &Tx, id: SessionId) -> Result<Products> {
    Ok(Products(store::products(tx.conn(), id).await?))
}

/// Everybody with a confirmed seat and whether their product for a program is there, for those who run the session.
pub async fn product_lines(
    cx: &Cx,
    reference: &str,
    program: &str,
) -> Result<(Session, SessionCredit, Vec<ProductLine>)> {
    let (session, grounds) = crate::sessions::session(cx, reference).await?;
    may_record(cx.actor(), &session, &grounds).map(|_| ())?;
    let credit = of_session(cx, session.id).await?.into_iter().find(|credit| asks(credit, program));
    let credit = credit.ok_or(Error::NotFound("credit program"))?;
    let seats = registrations::of_session(cx.conn(), session.id, &[Seat::CONFIRMED]).await?;
    let accounts: Vec<AccountId> = seats.iter().map(|seat| seat.account).collect();
    let accounts = people::account::accounts(cx, &accounts).await?;
    let handed_in = store::products(cx.conn(), session.id).await?;
    let mut lines: Vec<ProductLine> = seats
        .iter()
        .map(|seat| ProductLine {
            registration: seat.id,
            name: accounts.get(&seat.account).map(|account| account.name.clone()).unwrap_or_default(),
            handed_in: handed_in.contains(&(seat.id, credit.program.id)),
        })
        .collect();
    lines.sort_by_cached_key(|line| (line.name.to_lowercase(), line.registration));
    Ok((session, credit, lines))
}

/// Who runs the session and reads its roster too: the list says who came, and mayor's offices never read that (M-4).
fn may_record(actor: &Actor, session: &Session, grounds: &Grounds) -> Result<Permit> {
    let permit = policy::change(actor, session, grounds)?;
    if policy::reads_roster(actor, session, grounds) {
        return Ok(permit);
    }
    Err(Error::Forbidden("Only those who read the roster say whose product is there.".to_owned()))
}

fn asks(credit: &SessionCredit, program: &str) -> bool {
    credit.program.rules.product && credit.program.id.to_string() == program
}

/// Says whose product for a program is there, all of them at once. Says how many changed.
pub async fn set_products(
    tx: &mut Tx,
    desk: &Desk,
    id: SessionId,
    program: &str,
    handed_in: &[RegistrationId],
) -> Result<usize> {
    let (session, grounds) = crate::sessions::held(tx, id).await?;
    let permit = may_record(tx.actor(), &session, &grounds)?;
    let credit = of_session_in(tx, id).await?.into_iter().find(|credit| asks(credit, program));
    let credit = credit.ok_or(Error::NotFound("credit program"))?;
    let seats = registrations::of_session(tx.conn(), id, &[Seat::CONFIRMED]).await?;
    let seats: HashSet<RegistrationId> = seats.into_iter().map(|seat| seat.id).collect();
    if handed_in.iter().any(|registration| !seats.contains(registration)) {
        return Err(Error::invalid("handed_in", "Choose people who have a confirmed seat."));
    }
    let program = credit.program.id;
    let before = store::products(tx.conn(), id).await?;
    let before: BTreeSet<RegistrationId> =
        before.into_iter().filter(|(_, of)| *of == program).map(|(r, _)| r).collect();
    let after: BTreeSet<RegistrationId> = handed_in.iter().copied().collect();
    let (added, removed): (Vec<_>, Vec<_>) =
        (after.difference(&before).copied().collect(), before.difference(&after).copied().collect());
    let changed = added.len() + removed.len();
    if changed == 0 {
        return Ok(0);
    }
    let by = tx.actor().account().map(AccountId);
    store::set_products(tx.conn(), id, program, &added, &removed, by, tx.now()).await?;
    let detail = json!({ "program": program, "added": added, "removed": removed });
    tx.record(&permit, Event::about("credit.products_recorded", "session", id.0).with(detail)).await?;
    if session.locked_at.is_some() {
        certificate::issue(tx, desk, &session).await?;
    }
    Ok(changed)
}
