//! What a session gives: programs, who sponsors them, how the time is split. The host and the sponsor may differ.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::json;

use super::{Program, ProgramId, SessionCredit};
use crate::platform::{Cx, Error, Event, FieldErrors, Result, Tx};
use crate::sessions::desk::Desk;
use crate::sessions::session::{Session, SessionId};
use crate::sessions::store::{credit as store, sessions};
use crate::sessions::{certificate, policy};

/// The longest name of a sponsor.
const SPONSOR: usize = 200;
/// The longest number of a sponsor.
const NUMBER: usize = 64;
/// The longest name of a signer.
const SIGNER: usize = 120;

/// Credit as an organizer offers it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewCredit {
    /// Id of the program.
    pub program: String,
    /// Percent of the time by code of the category; together 100.
    pub categories: BTreeMap<String, u32>,
    /// Who sponsors it.
    pub sponsor_name: String,
    /// The sponsor's number with the state; empty is none.
    pub sponsor_number: String,
    /// Who signs.
    pub signer: String,
}

/// What a session gives, by name of the program, for whoever has the session. Two statements.
pub async fn of_session(cx: &Cx, id: SessionId) -> Result<Vec<SessionCredit>> {
    Ok(store::of_sessions(cx.conn(), &[id]).await?.remove(&id).unwrap_or_default())
}

/// The same inside a transaction.
pub async fn of_session_in(tx: &Tx, id: SessionId) -> Result<Vec<SessionCredit>> {
    Ok(store::of_sessions(tx.conn(), &[id]).await?.remove(&id).unwrap_or_default())
}

/// What many sessions give; those that give nothing are left out. Two statements for every 900.
pub async fn of_sessions(cx: &Cx, ids: &[SessionId]) -> Result<HashMap<SessionId, Vec<SessionCredit>>> {
    store::of_sessions(cx.conn(), ids).await
}

/// A session with what it gives and the programs that its organizers can choose from, for those who change it.
pub async fn offer_of(cx: &Cx, reference: &str) -> Result<(Session, Vec<SessionCredit>, Vec<Program>)> {
    let (session, grounds) = crate::sessions::session(cx, reference).await?;
    policy::change(cx.actor(), &session, &grounds).map(|_| ())?;
    let given = of_session(cx, session.id).await?;
    let mut programs = store::programs(cx.conn()).await?;
    programs.retain(|program| program.current || given.iter().any(|credit| credit.program.id == program.id));
    Ok((session, given, programs))
}

/// Says what a session gives, all of it: who runs the session, until attendance is locked. Administrators may put it right
/// afterwards; certificates get a new version then.
pub async fn set_for_session(tx: &mut Tx, desk: &Desk, id: SessionId, wanted: Vec<NewCredit>) -> Result<Session> {
    let (mut session, grounds) = crate::sessions::held(tx, id).await?;
    let mut permit = policy::change(tx.actor(), &session, &grounds)?;
    if session.locked_at.is_some() {
        permit = policy::correct_locked(tx.actor())?;
    }
    let before = store::of_sessions(tx.conn(), &[id]).await?.remove(&id).unwrap_or_default();
    let programs = store::programs(tx.conn()).await?;
    let credits = checked(wanted, &programs, &before)?;
    if credits == before {
        return Ok(session);
    }
    store::set(tx.conn(), id, &credits).await?;
    (session.revision, session.updated_at) = (session.revision + 1, tx.now());
    sessions::update_row(tx.conn(), &session).await?;
    let codes: Vec<&str> = credits.iter().map(|credit| credit.program.code.as_str()).collect();
    tx.record(&permit, Event::about("session.credit_set", "session", id.0).with(json!({ "programs": codes }))).await?;
    if session.locked_at.is_some() {
        certificate::issue(tx, desk, &session).await?;
    }
    Ok(session)
}

/// What is wanted, by name of the program, or everything that is wrong with it; fields are named `sponsor_name-CODE`.
fn checked(wanted: Vec<NewCredit>, programs: &[Program], before: &[SessionCredit]) -> Result<Vec<SessionCredit>> {
    let (mut errors, mut credits, mut seen) = (FieldErrors::default(), Vec::new(), HashSet::new());
    let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for new in wanted {
        let id: Option<ProgramId> = new.program.parse().ok();
        let Some(program) = id.and_then(|id| programs.iter().find(|program| program.id == id)) else {
            return Err(Error::invalid("program", "Choose programs of the list."));
        };
        let known = before.iter().any(|credit| credit.program.id == program.id);
        if !program.current && !known {
            errors.add("program", format!("{} is no longer offered; choose another.", program.name));
        }
        if !seen.insert(program.id) {
            errors.add("program", format!("Choose {} once.", program.name));
        }
        let code = &program.code;
        let (sponsor, number, signer) = (line(&new.sponsor_name), line(&new.sponsor_number), line(&new.signer));
        if sponsor.is_empty() || sponsor.chars().count() > SPONSOR {
            errors.add(format!("sponsor_name-{code}"), format!("Say who sponsors {}.", program.name));
        }
        if number.chars().count() > NUMBER {
            errors.add(format!("sponsor_number-{code}"), "Give a number of at most 64 characters.");
        }
        if signer.is_empty() || signer.chars().count() > SIGNER {
            errors.add(format!("signer-{code}"), format!("Say who signs for {}.", program.name));
        }
        let mut shares = new.categories;
        shares.retain(|_, share| *share > 0);
        let categories = &program.rules.categories;
        let strange = shares.keys().any(|share| !categories.iter().any(|category| category.code == *share));
        let sum: u64 = shares.values().map(|share| u64::from(*share)).sum();
        if strange || (!categories.is_empty() && sum != 100) || (categories.is_empty() && sum != 0) {
            let field = categories.first().map_or("program".to_owned(), |first| format!("share-{code}-{}", first.code));
            errors.add(field, format!("Split the time of {} so that the parts make 100 percent.", program.name));
        }
        credits.push(SessionCredit {
            program: program.clone(),
            categories: shares,
            sponsor_name: sponsor,
            sponsor_number: Some(number).filter(|number| !number.is_empty()),
            signer,
        });
    }
    credits.sort_by(|a, b| (&a.program.name, a.program.id).cmp(&(&b.program.name, b.program.id)));
    Ok(errors.or(credits)?)
}
