//! Certificates: what somebody earned, as it was when it was earned (J-13). A correction makes another version of the same
//! number and never an edit; what is taken back stays to be read, with the reason.

mod facts;
mod number;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use serde_json::json;

pub use self::facts::{ATTENDANCE, Facts, Part, hundredths};
pub use self::number::parse as parse_number;
use super::credit::SessionCredit;
use super::desk::Desk;
use super::seat::{Registration, RegistrationId};
use super::session::{Session, SessionId};
use super::store::{certificates as store, registrations};
use super::{attendance, badge, credit, policy, schedule};
use crate::mail::{self, Letter};
use crate::people::{self, Account, AccountId, AccountState, SchoolId};
use crate::platform::ids::typed_id;
use crate::platform::{Actor, Cx, Error, Event, Result, Timestamp, Tx};

typed_id!(
    /// One version of a certificate.
    CertificateId
);

/// Why a certificate is taken back when a correction leaves nothing of it.
const CORRECTED: &str = "Attendance was corrected; it earns nothing by this program.";

/// Why the plain one of hours is taken back when a program gives something after all.
const SUPERSEDED: &str = "A certificate by a credit program took its place.";

/// One version of a certificate.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    /// Its id, of this version alone.
    pub id: CertificateId,
    /// What people type to verify it; the same in every version.
    pub number: String,
    /// 1, 2, 3.
    pub version: i32,
    /// What it is for.
    pub session: SessionId,
    /// By which registration.
    pub registration: RegistrationId,
    /// Whose.
    pub account: AccountId,
    /// Where the person was registered from.
    pub school: SchoolId,
    /// Code of the program, or [`ATTENDANCE`].
    pub program: String,
    /// The last day of the session, there.
    pub held_on: NaiveDate,
    /// Its place in the list of badges that hold no more.
    pub status_index: i64,
    /// What it says.
    pub facts: Facts,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When another version took its place.
    pub replaced_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// Why it was taken back.
    pub reason: Option<String>,
}

/// Whether a certificate holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Valid,
    /// Another version does.
    Replaced,
    /// It was taken back.
    Revoked,
}

impl Status {
    /// As the API spells it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Replaced => "replaced",
            Self::Revoked => "revoked",
        }
    }
}

impl Certificate {
    /// Whether it holds.
    pub fn status(&self) -> Status {
        match (self.revoked_at, self.replaced_at) {
            (Some(_), _) => Status::Revoked,
            (None, Some(_)) => Status::Replaced,
            (None, None) => Status::Valid,
        }
    }
}

/// Makes the certificates of a session whose attendance was just locked, or corrected since: one for each person and program
/// that earned something, a new version where an earlier one says something else. Writes a letter for each. Says how many.
pub async fn issue(tx: &mut Tx, desk: &Desk, session: &Session) -> Result<usize> {
    let credits = credit::of_session_in(tx, session.id).await?;
    let minutes = attendance::minutes_of(tx, session).await?;
    issue_for(tx, desk, session, &credits, &minutes).await
}

/// [`issue`], told what the session gives and how many minutes each registration counts. The session is held, and programs
/// are told apart by their codes. What asks for a product gives nothing before it was handed in.
pub async fn issue_for(
    tx: &mut Tx,
    desk: &Desk,
    session: &Session,
    credits: &[SessionCredit],
    minutes: &HashMap<RegistrationId, i64>,
) -> Result<usize> {
    let grounds = super::grounds(tx, session).await?;
    let permit = policy::take_attendance(tx.actor(), session, &grounds)?;
    let newest = store::newest_of_session(tx.conn(), session.id).await?;
    let mut plan = Plan::default();
    let people = plan.read(tx, session, credits, minutes, &newest).await?;
    if plan.is_empty() {
        return Ok(0);
    }
    let now = tx.now();
    if !plan.new.is_empty() {
        // The row of the key is held until the end, so that two sessions never give the same index.
        badge::hold_key(tx, &desk.secret).await?;
        let mut index = store::next_index(tx.conn()).await?;
        for certificate in &mut plan.new {
            certificate.status_index = index;
            index += 1;
        }
    }
    store::replace(tx.conn(), &plan.replaced, now).await?;
    store::revoke(tx.conn(), &plan.revoked, now, CORRECTED).await?;
    store::revoke(tx.conn(), &plan.superseded, now, SUPERSEDED).await?;
    store::insert(tx.conn(), &plan.new).await?;
    let made = plan.new.len();
    let revoked = plan.revoked.len() + plan.superseded.len();
    let counts = json!({ "made": made, "replaced": plan.replaced.len(), "revoked": revoked });
    tx.record(&permit, Event::about("certificate.issued", "session", session.id.0).with(counts)).await?;
    plan.write_letters(tx, desk, session, &people).await?;
    Ok(made)
}

/// What is to be written.
#[derive(Default)]
struct Plan {
    new: Vec<Certificate>,
    replaced: Vec<CertificateId>,
    revoked: Vec<CertificateId>,
    /// Plain ones of hours whose place a program took.
    superseded: Vec<CertificateId>,
    /// For each registration that is told: the first of what is new, or of what is taken back.
    told: BTreeMap<RegistrationId, Told>,
}

#[derive(Clone, Debug, Default)]
struct Told {
    /// Names the letter: a version is told of once when it is made and once when it is taken back.
    key: Option<String>,
    made: Vec<(String, Facts)>,
    corrected: bool,
    superseded: bool,
    revoked: Vec<Facts>,
    account: Option<AccountId>,
}

impl Plan {
    fn is_empty(&self) -> bool {
        self.new.is_empty() && self.revoked.is_empty()
    }

    /// Compares what is earned with what is written, for everybody with minutes or with a certificate. Answers the people.
    async fn read(
        &mut self,
        tx: &Tx,
        session: &Session,
        credits: &[SessionCredit],
        minutes: &HashMap<RegistrationId, i64>,
        newest: &[Certificate],
    ) -> Result<HashMap<AccountId, Account>> {
        let concerned: BTreeSet<RegistrationId> =
            minutes.keys().copied().chain(newest.iter().map(|certificate| certificate.registration)).collect();
        let concerned: Vec<RegistrationId> = concerned.into_iter().collect();
        let found = registrations::by_ids(tx.conn(), &concerned).await?;
        let accounts: BTreeSet<AccountId> = found.values().map(|r| r.account).chain([session.organizer]).collect();
        let people = people::account::accounts_in(tx, &accounts.into_iter().collect::<Vec<_>>()).await?;
        let schools: BTreeSet<SchoolId> =
            found.values().map(|r| r.school).chain(session.parties().map(|party| party.school)).collect();
        let schools = people::schools_in(tx, &schools.into_iter().collect::<Vec<_>>()).await?;
        let organizer = people.get(&session.organizer).map_or("", |account| account.name.as_str());
        let products = credit::products_in(tx, session.id).await?;
        let common = facts::Common { session, credits, products: &products, schools: &schools, organizer };
        let mut written: HashMap<RegistrationId, Vec<&Certificate>> = HashMap::new();
        for certificate in newest {
            written.entry(certificate.registration).or_default().push(certificate);
        }
        for id in concerned {
            let Some(registration) = found.get(&id).filter(|registration| registration.session == session.id) else {
                continue;
            };
            // Who had their account erased keeps what is written, without a name; nothing is written anew.
            let here = |account: &&Account| account.state != AccountState::Erased;
            let Some(person) = people.get(&registration.account).filter(here) else { continue };
            let earned = common.earned(registration, person, minutes.get(&id).copied().unwrap_or_default());
            let before = written.remove(&id).unwrap_or_default();
            self.compare(registration, earned, &before, tx.now())?;
        }
        Ok(people)
    }

    fn compare(
        &mut self,
        registration: &Registration,
        earned: Vec<(String, Facts)>,
        before: &[&Certificate],
        now: Timestamp,
    ) -> Result<()> {
        let mut told = Told { account: Some(registration.account), ..Told::default() };
        for gone in
            before.iter().filter(|c| c.revoked_at.is_none() && !earned.iter().any(|(code, _)| *code == c.program))
        {
            if gone.program == ATTENDANCE && !earned.is_empty() {
                self.superseded.push(gone.id);
                told.superseded = true;
                continue;
            }
            self.revoked.push(gone.id);
            told.key.get_or_insert_with(|| format!("certificate:{}:revoked", gone.id));
            told.revoked.push(gone.facts.clone());
        }
        for (program, facts) in earned {
            let earlier = before.iter().find(|certificate| certificate.program == program);
            let same = |c: &&&Certificate| {
                // What an administrator took back, no correction of the hours brings back.
                let ours = c.reason.as_deref().is_some_and(|reason| [CORRECTED, SUPERSEDED].contains(&reason));
                let by_hand = c.revoked_at.is_some() && !ours;
                by_hand || (c.revoked_at.is_none() && c.facts.agree(&facts))
            };
            if earlier.filter(same).is_some() {
                continue;
            }
            let id = CertificateId::fresh();
            let (number, version) = match earlier {
                Some(earlier) => {
                    self.replaced.push(earlier.id);
                    told.corrected = true;
                    (earlier.number.clone(), earlier.version + 1)
                }
                None => (number::fresh()?, 1),
            };
            told.key = Some(format!("certificate:{id}"));
            told.made.push((number.clone(), facts.clone()));
            self.new.push(Certificate {
                id,
                number,
                version,
                session: registration.session,
                registration: registration.id,
                account: registration.account,
                school: registration.school,
                program,
                held_on: facts.to,
                status_index: 0,
                facts,
                issued_at: now,
                replaced_at: None,
                revoked_at: None,
                reason: None,
            });
        }
        if told.key.is_some() {
            self.told.insert(registration.id, told);
        }
        Ok(())
    }

    /// One letter to each person, whatever number of programs.
    async fn write_letters(
        self,
        tx: &mut Tx,
        desk: &Desk,
        session: &Session,
        people: &HashMap<AccountId, Account>,
    ) -> Result<()> {
        let day = session.ends_at.map(|at| schedule::day(at, session.zone())).unwrap_or_default();
        for told in self.told.into_values() {
            let (Some(key), Some(person)) = (told.key, told.account.and_then(|account| people.get(&account))) else {
                continue;
            };
            let Some(email) = &person.email else { continue };
            let title = &session.title;
            let (subject, first) = if told.made.is_empty() {
                (
                    format!("Taken back: your certificate for {title}, {day}"),
                    format!("Attendance of {title} ({day}) was corrected. This is no longer certified:"),
                )
            } else if told.corrected {
                (
                    format!("Corrected: your certificate for {title}, {day}"),
                    format!(
                        "Attendance of {title} ({day}) was corrected. A new version takes the place of the old one, with the same number:"
                    ),
                )
            } else {
                (
                    format!("Your certificate for {title}, {day}"),
                    format!("Attendance of {title} ({day}) is final. You earned:"),
                )
            };
            let mut letter = Letter::new("session_certificate", key, email.as_str(), subject).say(first);
            for (number, facts) in &told.made {
                letter = letter.say(format!("{}, by {}. Certificate number {number}.", facts.amount(), facts.program));
            }
            for facts in &told.revoked {
                letter = letter.say(format!("{}, by {}: {CORRECTED}", facts.amount(), facts.program));
            }
            if told.superseded {
                letter = letter.say("The certificate of attendance for the same hours no longer counts.");
            }
            let path = match told.made.as_slice() {
                [(number, _)] => format!("/certificates/{number}"),
                _ => "/me/transcript".to_owned(),
            };
            let words = if told.made.len() == 1 { "See the certificate" } else { "See your transcript" };
            let letter = letter
                .button(words, desk.head.link(&path))
                .say("Everything you earned, at any school, is in your transcript; it stays yours when you move on.")
                .because("You get this because you were there, and certificates are made when attendance is locked.")
                .of(person.id.0);
            mail::enqueue(tx, &desk.head, letter).await?;
        }
        Ok(())
    }
}

/// Every version of a certificate, the newest first, for whoever has its number.
pub async fn by_number(cx: &Cx, typed: &str) -> Result<Vec<Certificate>> {
    let number = parse_number(typed).ok_or(Error::NotFound("certificate"))?;
    let found = store::of_number(cx.conn(), &number).await?;
    if found.is_empty() { Err(Error::NotFound("certificate")) } else { Ok(found) }
}

/// Whether the actor may take a certificate back: for showing the form.
pub fn may_revoke(actor: &Actor) -> bool {
    policy::administers(actor)
}

/// Takes the newest version of a certificate back, with a reason that everybody reads who verifies it. It stays taken back,
/// whatever is corrected later. Doing it twice keeps the first reason.
pub async fn revoke(tx: &mut Tx, desk: &Desk, typed: &str, reason: &str) -> Result<()> {
    let number = parse_number(typed).ok_or(Error::NotFound("certificate"))?;
    let permit = policy::revoke_certificate(tx.actor())?;
    let found = store::of_number(tx.conn(), &number).await?;
    let session = found.first().ok_or(Error::NotFound("certificate"))?.session;
    // As every change of certificates does: the session's row orders it before or after a correction.
    super::held(tx, session).await?;
    let newest =
        store::of_number(tx.conn(), &number).await?.into_iter().next().ok_or(Error::NotFound("certificate"))?;
    if newest.revoked_at.is_some() {
        return Ok(());
    }
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    if reason.is_empty() || reason.chars().count() > 500 {
        let message = "Say in at most 500 characters why; everybody who verifies the certificate reads it.";
        return Err(Error::invalid("reason", message));
    }
    let now = tx.now();
    store::revoke(tx.conn(), &[newest.id], now, &reason).await?;
    let detail = json!({ "version": newest.version, "program": newest.program });
    tx.record(&permit, Event::about("certificate.revoked", "certificate", newest.id.0).with(detail)).await?;
    let people = people::account::accounts_in(tx, &[newest.account]).await?;
    let Some(person) = people.get(&newest.account) else { return Ok(()) };
    let Some(email) = &person.email else { return Ok(()) };
    let facts = &newest.facts;
    let day = schedule::date_of(newest.held_on);
    let letter = Letter::new(
        "session_certificate",
        format!("certificate:{}:revoked", newest.id),
        email.as_str(),
        format!("Taken back: your certificate for {}, {day}", facts.title),
    )
    .say(format!("The city's administrators took back certificate {number}: {}, by {}.", facts.amount(), facts.program))
    .say(format!("They say why: {reason}"))
    .button("See the certificate", desk.head.link(&format!("/certificates/{number}")))
    .say("If this is wrong, write to the office that runs this site.")
    .because("You get this because the certificate is yours.")
    .of(person.id.0);
    mail::enqueue(tx, &desk.head, letter).await
}
