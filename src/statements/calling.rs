//! Calls to sign: those who look after a statement ask schools, organizations and addresses by letter. Bounded, so that nobody is
//! pressed: an address gets one such letter in a week, whoever asks, and none once it said so. Who was asked is known to those who look
//! after the statement alone, and forgotten when it is over.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::TimeDelta;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde_json::json;

use super::statement::{State, Statement, StatementId};
use super::{circle, letters, policy, signing, store};
use crate::mail::Email;
use crate::people::{self, AccountId, OrganizationId};
use crate::platform::ids::typed_id;
use crate::platform::{Cx, Error, Event, FieldErrors, Place, Result, Secret, Timestamp, Tx};
use crate::sessions::Desk;

typed_id!(
    /// An address that was asked to sign a statement.
    CallId
);

/// One statement asks so many addresses at most.
const MOST: usize = 300;
/// So many schools, organizations and addresses are asked at once at most.
const AT_ONCE: usize = 30;
/// An address is asked so often by one statement at most.
const LETTERS: i32 = 4;
/// And by all of them together once in so long.
pub const AGAIN: TimeDelta = TimeDelta::days(7);

/// What the link that ends such letters is signed for, and the fingerprint of an address.
const STOP: &str = "statement-call-stop";
const MARK: &str = "statement-call-mark";

/// An address that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// To sign which statement.
    pub statement: StatementId,
    /// The address.
    pub email: String,
    /// Its account, where it had one.
    pub account: Option<AccountId>,
    /// For which school or organization; `None` for an address that was typed.
    pub place: Option<Place>,
    /// When it was first asked.
    pub first_at: Timestamp,
    /// When it was asked last.
    pub last_at: Timestamp,
    /// How many letters it got.
    pub letters: i32,
}

/// What became of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Called {
    /// Addresses that get a letter.
    pub asked: u64,
    /// Those that were asked less than a week ago, or as often as an address is asked.
    pub waiting: u64,
    /// Those that want no such letters.
    pub stopped: u64,
    /// Schools and organizations that signed already.
    pub signed: u64,
    /// Those for which nobody speaks here yet.
    pub nobody: u64,
}

/// Who was asked, as those who look after the statement see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The school or organization; `None` for an address that was typed.
    pub place: Option<Place>,
    /// The address, where it was typed; people who speak for a place are not named.
    pub email: String,
    /// How many people were asked for it.
    pub people: u64,
    /// When they were asked last.
    pub last_at: Timestamp,
    /// What they answered.
    pub answer: Answer,
}

/// What came of asking somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// They signed, and the sign-on stands.
    Signed,
    /// They signed and withdrew.
    Withdrew,
    /// They have not answered.
    None,
    /// They want no such letters.
    Stopped,
}

/// What lines of a form mean: organizations by what was typed. Schools are looked up when they are asked.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    lines: Vec<String>,
    organizations: HashMap<String, OrganizationId>,
}

/// Reads what was typed: a school, an organization or an address on each line. At most two statements for each line.
pub async fn look_up(cx: &Cx, typed: &str) -> Result<Lines> {
    let mut lines: Vec<String> = Vec::new();
    for line in typed.lines().map(|line| line.trim().trim_end_matches([',', ';'])) {
        // The address of a school's page means the school.
        let line = line.rsplit_once("/schools/").map_or(line, |(_, slug)| slug.trim_end_matches('/'));
        let line: String = line.chars().filter(|c| !c.is_control()).take(254).collect();
        if !line.is_empty() && !lines.contains(&line) {
            lines.push(line);
        }
    }
    let mut errors = FieldErrors::default();
    if lines.is_empty() {
        errors.add("who", "Write whom you ask: a school, an organization or an email address on each line.");
    }
    if lines.len() > AT_ONCE {
        errors.add("who", format!("Ask {AT_ONCE} at once at most; ask the others when these are on their way."));
    }
    errors.or(())?;
    let mut organizations = HashMap::new();
    for line in lines.iter().filter(|line| !line.contains('@')) {
        let (_, found) = people::organizations(cx, Some(line.as_str()), None, None, 5).await?;
        let mut same = found.into_iter().filter(|one| one.name.to_lowercase() == line.to_lowercase());
        if let (Some(one), None) = (same.next(), same.next()) {
            organizations.insert(line.clone(), one.id);
        }
    }
    Ok(Lines { lines, organizations })
}

/// Asks schools, organizations and addresses to sign.
pub async fn call(tx: &mut Tx, desk: &Desk, id: StatementId, lines: &Lines) -> Result<Called> {
    let (statement, part) = circle::held(tx, id).await?;
    let permit = policy::manage(tx.actor(), &statement, part)?;
    if !statement.takes_signatures(tx.now()) {
        return Err(Error::Conflict("It takes no sign-ons now, so nobody is asked for one.".to_owned()));
    }
    let (places, typed) = read(tx, lines).await?;
    let mut called = Called::default();
    let signed = store::signatures::of_places(tx.conn(), &[id], &places).await?;
    let signed: HashSet<Place> = signed.iter().filter(|one| one.stands()).map(|one| one.place).collect();
    // Each address once, for the first place that it speaks for.
    let mut wanted: BTreeMap<String, (Option<AccountId>, Option<Place>)> = BTreeMap::new();
    for place in places {
        if signed.contains(&place) {
            called.signed += 1;
            continue;
        }
        let speakers = letters::speakers(tx, place).await?;
        if speakers.is_empty() {
            called.nobody += 1;
        }
        for one in speakers {
            let Some(email) = one.email.as_ref() else { continue };
            wanted.entry(email.as_str().to_owned()).or_insert((Some(one.id), Some(place)));
        }
    }
    let accounts: HashMap<String, AccountId> = people::city::accounts_at(tx, &typed).await?.into_iter().collect();
    for email in typed {
        let account = accounts.get(&email).copied();
        wanted.entry(email).or_insert((account, None));
    }
    let asked = ask(tx, desk, &statement, wanted, &mut called).await?;
    let detail = json!({ "asked": asked, "waiting": called.waiting, "stopped": called.stopped });
    tx.record(&permit, Event::about("statement.called", "statement", id.0).with(detail)).await?;
    Ok(called)
}

/// The places and addresses that lines mean.
async fn read(tx: &Tx, lines: &Lines) -> Result<(Vec<Place>, Vec<String>)> {
    let named: HashSet<String> = lines.lines.iter().filter(|line| !line.contains('@')).cloned().collect();
    let schools = people::resolve_schools(tx, &named).await?;
    let (mut places, mut typed, mut errors) = (Vec::new(), Vec::new(), FieldErrors::default());
    for line in &lines.lines {
        if line.contains('@') {
            match Email::parse(line) {
                Ok(email) => typed.push(email.as_str().to_owned()),
                Err(_) => {
                    errors.add("who", format!("\u{201c}{line}\u{201d} is no email address; correct it or take it out."))
                }
            }
        } else if let Some(school) = schools.get(line) {
            places.push(Place::School(school.0));
        } else if let Some(organization) = lines.organizations.get(line) {
            places.push(Place::Organization(organization.0));
        } else {
            errors.add(
                "who",
                format!("\u{201c}{line}\u{201d} is no school or organization here by that name; write it as its page does, or give an email address."),
            );
        }
    }
    places.sort_unstable();
    places.dedup();
    Ok(errors.or((places, typed))?)
}

/// Writes to those who may be written to, and says how many they are.
async fn ask(
    tx: &mut Tx,
    desk: &Desk,
    statement: &Statement,
    wanted: BTreeMap<String, (Option<AccountId>, Option<Place>)>,
    called: &mut Called,
) -> Result<u64> {
    let emails: Vec<String> = wanted.keys().cloned().collect();
    let marks: HashMap<String, String> =
        emails.iter().map(|email| (mark(&desk.secret, email), email.clone())).collect();
    let stopped: HashSet<String> = store::calls::stopped(tx.conn(), marks.keys().cloned().collect()).await?;
    let stopped: HashSet<&String> = stopped.iter().filter_map(|mark| marks.get(mark)).collect();
    let recent = store::calls::recent(tx.conn(), &emails, tx.now() - AGAIN).await?;
    let known = store::calls::of_statement(tx.conn(), statement.id).await?;
    let mut room = MOST.saturating_sub(known.len());
    let known: HashMap<String, Call> = known.into_iter().map(|call| (call.email.clone(), call)).collect();
    let (mut new, mut again) = (Vec::new(), Vec::new());
    for (email, (account, place)) in wanted {
        if account.is_some() && account.map(|id| id.0) == tx.actor().account() {
            continue;
        }
        if stopped.contains(&email) {
            called.stopped += 1;
            continue;
        }
        let before = known.get(&email);
        if recent.contains(&email) || before.is_some_and(|call| call.letters >= LETTERS) {
            called.waiting += 1;
            continue;
        }
        let now = tx.now();
        match before {
            Some(call) => again.push(Call { last_at: now, letters: call.letters + 1, ..call.clone() }),
            None if room == 0 => {
                return Err(Error::Conflict(format!(
                    "A statement asks {MOST} addresses at most; these would be more."
                )));
            }
            None => {
                room -= 1;
                let (id, statement) = (CallId::fresh(), statement.id);
                new.push(Call { id, statement, email, account, place, first_at: now, last_at: now, letters: 1 });
            }
        }
    }
    store::calls::insert(tx.conn(), &new).await?;
    for call in &again {
        store::calls::update(tx.conn(), call).await?;
    }
    new.extend(again);
    called.asked = new.len() as u64;
    letters::call(tx, desk, statement, &new).await?;
    Ok(called.asked)
}

/// Who was asked, those who have not answered first; for those who look after the statement. At most five statements.
pub async fn asked(cx: &Cx, secret: &Secret, statement: &Statement) -> Result<Vec<Asked>> {
    let part = circle::part_of(cx, statement).await?;
    policy::read_calls(cx.actor(), statement, part)?;
    let calls = store::calls::of_statement(cx.conn(), statement.id).await?;
    let marks: Vec<String> = calls.iter().map(|call| mark(secret, &call.email)).collect();
    let stopped = store::calls::stopped(cx.conn(), marks).await?;
    let signatures = signing::signatures(cx, statement).await?;
    let mut found: Vec<Asked> = Vec::new();
    for call in &calls {
        // Who was asked by address signs by account.
        let theirs = signatures.iter().filter(|one| match call.place {
            Some(place) => one.place == place,
            None => one.account.is_some() && one.account == call.account,
        });
        let mut answer = Answer::None;
        for one in theirs {
            answer = if one.stands() { Answer::Signed } else { Answer::Withdrew };
            if one.stands() {
                break;
            }
        }
        if answer == Answer::None && stopped.contains(&mark(secret, &call.email)) {
            answer = Answer::Stopped;
        }
        let known = found.iter_mut().find(|one| call.place.is_some() && one.place == call.place);
        if let Some(known) = known {
            known.people += 1;
            known.last_at = known.last_at.max(call.last_at);
            if known.answer == Answer::Stopped {
                known.answer = answer;
            }
            continue;
        }
        let email = if call.place.is_some() { String::new() } else { call.email.clone() };
        found.push(Asked { place: call.place, email, people: 1, last_at: call.last_at, answer });
    }
    found.sort_by_key(|one| (one.answer != Answer::None, one.last_at));
    Ok(found)
}

/// A fingerprint of an address that only this installation can make: it says whether a known address wants no letters.
fn mark(secret: &Secret, email: &str) -> String {
    HEXLOWER.encode(&secret.sign(MARK, email.as_bytes()))
}

/// The path of the link that ends such letters to an address.
pub(super) fn stop_path(secret: &Secret, email: &str) -> String {
    let mark = secret.sign(MARK, email.as_bytes());
    let signature = secret.sign(STOP, &mark);
    format!("/r/statement/{}/stop", BASE64URL_NOPAD.encode(&[mark, signature].concat()))
}

fn read_stop(secret: &Secret, token: &str) -> Result<String> {
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok();
    let mark = bytes.as_deref().and_then(|bytes| bytes.split_at_checked(32));
    let mark = mark.filter(|(mark, signature)| secret.verify(STOP, mark, signature)).map(|(mark, _)| mark);
    mark.map(|mark| HEXLOWER.encode(mark)).ok_or(Error::NotFound("link"))
}

/// Whether the address of a link gets no such letters. Changes nothing: scanners of letters open every link (T10).
pub async fn is_stopped(cx: &Cx, desk: &Desk, token: &str) -> Result<bool> {
    let mark = read_stop(&desk.secret, token)?;
    Ok(!store::calls::stopped(cx.conn(), vec![mark]).await?.is_empty())
}

/// Ends such letters to the address of a link, or lets them come again. Twice is as good as once.
pub async fn stop(tx: &mut Tx, desk: &Desk, token: &str, stops: bool) -> Result<()> {
    let mark = read_stop(&desk.secret, token)?;
    let permit = policy::stop_calls(tx.actor())?;
    let stopped = !store::calls::stopped(tx.conn(), vec![mark.clone()]).await?.is_empty();
    if stopped == stops {
        return Ok(());
    }
    if stops {
        store::calls::stop(tx.conn(), &mark, tx.now()).await?;
    } else {
        store::calls::resume(tx.conn(), &mark).await?;
    }
    let detail = json!({ "stops": stops });
    tx.record(&permit, Event::bulk("statement.calls_stopped", "statement").with(detail)).await
}

/// Whether a statement can ask for sign-ons: for showing the form.
pub fn may_ask(cx: &Cx, statement: &Statement) -> bool {
    statement.state == State::Open && statement.takes_signatures(cx.now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_ends_letters_to_its_address_alone() {
        let secret = Secret::of([7; 32]);
        let path = stop_path(&secret, "a@b.example");
        let token = path.trim_start_matches("/r/statement/").trim_end_matches("/stop");
        assert_eq!(read_stop(&secret, token).unwrap(), mark(&secret, "a@b.example"));
        assert_ne!(mark(&secret, "a@b.example"), mark(&secret, "b@b.example"));
        assert!(read_stop(&Secret::of([8; 32]), token).is_err(), "another installation");
        for bent in ["", "AAAA", &token[..token.len() - 4], &format!("B{}", &token[1..])] {
            assert!(bent == token || read_stop(&secret, bent).is_err(), "{bent}");
        }
    }
}
