//! Rosters: the staff of schools from a file, as a district keeps it anyway. Students and families are refused: their rows are
//! counted, and nothing of them is kept, printed or even looked at beyond the role.
//!
//! Reading ([`table`] for CSV, [`oneroster`]) makes a [`Roster`]; [`import`] brings it in. Who is new gets an account with an
//! unproven address and the role; who was there stays as they are. What a person ended here (by leaving, or as the school's
//! lead) is not brought back by an old list.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use super::account::{self, Account, AccountState, NewAccount, check_person_name};
use super::membership::{self, Membership, MembershipState, VerifiedBy};
use super::policy;
use super::school::SchoolId;
use super::store::{self, accounts, domains, memberships};
use crate::mail::{self, Email, Letter, Letterhead};
use crate::platform::{Actor, Cx, Db, Error, Event, FieldErrors, Grant, Place, Result, Role, Tx};

pub mod oneroster;
pub mod table;

/// What a file says, after everything that can be checked without the database.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    /// Roles that people hold.
    pub holds: Vec<Entry>,
    /// Roles that ended.
    pub ends: Vec<Entry>,
    /// People who left altogether.
    pub gone: Vec<(Line, Email)>,
    /// Schools of the file, each by the ways it names them: who left altogether leaves these and no others.
    pub schools: Vec<Vec<String>>,
    /// Rows of students and families, which were not read.
    pub refused: usize,
    /// Rows that were left out, with the reason in one sentence that repeats nothing of them.
    pub bad: Vec<(Line, String)>,
}

/// Where a row stands: `line 7`, `users.csv, line 7`.
pub type Line = String;

/// One role of one person at one school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub line: Line,
    /// The person's address.
    pub email: Email,
    /// How they are called.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The school, by the ways the file names it, the surest first.
    pub school: Vec<String>,
}

/// How to import.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Check everything, keep nothing.
    pub dry_run: bool,
    /// End memberships even when they are more than one in ten.
    pub allow_removals: bool,
    /// Send everybody who is new a letter.
    pub invite: bool,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RosterReport {
    /// Roles that began.
    pub added: usize,
    /// People whose name changed, and requests that the roster answered.
    pub changed: usize,
    /// Roles that were there already.
    pub unchanged: usize,
    /// Roles that ended.
    pub ended: usize,
    /// Letters on their way.
    pub letters: usize,
    /// Rows of students and families that were refused.
    pub refused: usize,
    /// Rows that were left out, with the reason.
    pub bad: Vec<(Line, String)>,
}

const BATCH: usize = 500;
/// More than one in so many ended is looked at by a person first.
const ONE_IN: usize = 10;

/// Brings a roster in. `progress` is called with the number of rows done so far.
///
/// # Errors
/// `Conflict` where more memberships would end than an accident should; nothing is changed then.
pub async fn import(
    db: &Db,
    head: &Letterhead,
    roster: Roster,
    options: Options,
    mut progress: impl FnMut(u64),
) -> Result<RosterReport> {
    let cx = db.cx(Actor::System("import"));
    let mut report = RosterReport { refused: roster.refused, bad: roster.bad, ..RosterReport::default() };
    let schools = Schools::of(&cx, &roster.holds, &roster.ends, &roster.schools).await?;
    let ending = plan_removals(&cx, &schools, &roster.ends, &roster.gone, &roster.schools).await?;
    if !options.allow_removals {
        refuse_many(&cx, &ending).await?;
    }
    let mut known = HashSet::new();
    let mut batch = Vec::with_capacity(BATCH);
    let mut done = 0_u64;
    for entry in roster.holds {
        done += 1;
        match schools.find(&entry.school) {
            None => report.bad.push((entry.line, NO_SCHOOL.to_owned())),
            // Two of its roles are one of ours: nothing more to do.
            Some(school) if !known.insert((entry.email.clone(), entry.role, school)) => {}
            Some(school) => batch.push((entry, school)),
        }
        if batch.len() == BATCH {
            keep(db, head, &mut batch, options, &mut report).await?;
            progress(done);
        }
    }
    keep(db, head, &mut batch, options, &mut report).await?;
    for chunk in ending.chunks(BATCH) {
        let mut tx = db.write(Actor::System("import")).await?;
        let permit = policy::import_roster(tx.actor())?;
        for membership in chunk {
            membership::finish(&mut tx, &permit, membership).await?;
        }
        report.ended += chunk.len();
        if !options.dry_run {
            tx.commit().await?;
        }
    }
    progress(done);
    Ok(report)
}

const NO_SCHOOL: &str = "No single open school here has this number, short name or name.";

/// The schools that a file names.
struct Schools(HashMap<String, SchoolId>);

impl Schools {
    async fn of(cx: &Cx, holds: &[Entry], ends: &[Entry], all: &[Vec<String>]) -> Result<Self> {
        let named = holds.iter().chain(ends).map(|entry| &entry.school).chain(all);
        let references: HashSet<String> = named.flatten().filter(|text| !text.is_empty()).cloned().collect();
        let mut found = store::resolve(cx.conn(), &references).await?;
        let ids: HashSet<SchoolId> = found.values().copied().collect();
        let ids: Vec<SchoolId> = ids.into_iter().collect();
        let open = domains::open_among(cx.conn(), &ids).await?;
        found.retain(|_, id| open.contains(id));
        Ok(Self(found))
    }

    fn find(&self, named: &[String]) -> Option<SchoolId> {
        named.iter().find_map(|text| self.0.get(text)).copied()
    }
}

/// The memberships that the file ends.
async fn plan_removals(
    cx: &Cx,
    schools: &Schools,
    ends: &[Entry],
    gone: &[(Line, Email)],
    all: &[Vec<String>],
) -> Result<Vec<Membership>> {
    if ends.is_empty() && gone.is_empty() {
        return Ok(Vec::new());
    }
    let emails = ends.iter().map(|entry| &entry.email).chain(gone.iter().map(|(_, email)| email));
    let emails: HashSet<String> = emails.map(|email| email.as_str().to_owned()).collect();
    let people = memberships::accounts_by_email(cx.conn(), &emails.into_iter().collect::<Vec<_>>()).await?;
    let held = memberships::current_of(cx.conn(), &people.values().map(|person| person.id).collect::<Vec<_>>()).await?;
    let here: HashSet<Place> = all.iter().filter_map(|named| schools.find(named)).map(place).collect();
    let left: HashSet<_> = gone.iter().filter_map(|(_, email)| people.get(email.as_str())).map(|p| p.id).collect();
    let over: HashSet<_> = ends
        .iter()
        .filter_map(|entry| {
            let grant = Grant { role: entry.role, place: place(schools.find(&entry.school)?) };
            Some((people.get(entry.email.as_str())?.id, grant))
        })
        .collect();
    let ends = |m: &Membership| {
        over.contains(&(m.account, m.grant)) || (left.contains(&m.account) && here.contains(&m.grant.place))
    };
    Ok(held.into_iter().filter(ends).collect())
}

/// A file that ends a large part of what is here is more often a wrong file than a true one.
async fn refuse_many(cx: &Cx, ending: &[Membership]) -> Result<()> {
    let places: HashSet<_> = ending.iter().filter_map(|m| membership::place_id(m.grant.place)).collect();
    let all = memberships::count_current(cx.conn(), &places.into_iter().collect::<Vec<_>>()).await?;
    if (ending.len() * ONE_IN) as u64 <= all {
        return Ok(());
    }
    Err(Error::Conflict(format!(
        "The file ends {} of the {all} memberships of its schools, more than one in ten, so nothing was changed; if that is \
         right, add --allow-removals.",
        ending.len()
    )))
}

fn place(school: SchoolId) -> Place {
    Place::School(school.0)
}

async fn keep(
    db: &Db,
    head: &Letterhead,
    batch: &mut Vec<(Entry, SchoolId)>,
    options: Options,
    report: &mut RosterReport,
) -> Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let mut tx = db.write(Actor::System("import")).await?;
    let permit = policy::import_roster(tx.actor())?;
    let emails: Vec<String> = batch.iter().map(|(entry, _)| entry.email.as_str().to_owned()).collect();
    let mut people = memberships::accounts_by_email(tx.conn(), &emails).await?;
    let ids: Vec<_> = people.values().map(|person| person.id).collect();
    let ended = memberships::ended_by_people(tx.conn(), &ids).await?;
    let keys: Vec<String> = batch
        .iter()
        .filter_map(|(entry, school)| Some((people.get(entry.email.as_str())?, grant(entry, *school))))
        .map(|(person, grant)| memberships::open_key(person.id, grant))
        .collect();
    let open = memberships::open_of(tx.conn(), &keys).await?;
    let names: HashSet<SchoolId> = batch.iter().map(|(_, school)| *school).collect();
    let names = store::schools(tx.conn(), &names.into_iter().collect::<Vec<_>>()).await?;
    let names: HashMap<SchoolId, String> = names.into_iter().map(|school| (school.id, school.name)).collect();
    let before = report.clone();
    for (entry, school) in batch.drain(..) {
        let person = match people.get(entry.email.as_str()) {
            Some(person) => person.clone(),
            None => {
                let person = open_account(&mut tx, &entry).await?;
                people.insert(entry.email.as_str().to_owned(), person.clone());
                person
            }
        };
        if person.state != AccountState::Active {
            report.bad.push((entry.line, "The account of this address is closed here.".to_owned()));
            continue;
        }
        let renamed = person.email_confirmed_at.is_none() && person.name != entry.name;
        if renamed {
            // Until somebody comes themselves, the roster says how they are called.
            let renamed = Account { name: entry.name.clone(), updated_at: tx.now(), ..person.clone() };
            accounts::update(tx.conn(), &renamed).await?;
            tx.record(&permit, Event::about("account.profile_changed", "account", person.id.0)).await?;
            people.insert(entry.email.as_str().to_owned(), renamed);
        }
        let grant = grant(&entry, school);
        let key = memberships::open_key(person.id, grant);
        match open.get(&key).map(|known| known.state) {
            Some(MembershipState::Current) if renamed => report.changed += 1,
            Some(MembershipState::Current) => report.unchanged += 1,
            None if ended.contains(&key) => {
                let reason = "This role was ended here by a person; invite them again if that was a mistake.";
                report.bad.push((entry.line, reason.to_owned()));
            }
            state => {
                membership::begin(&mut tx, &permit, person.id, grant, VerifiedBy::Roster).await?;
                if state.is_some() {
                    report.changed += 1
                } else {
                    report.added += 1
                }
                if options.invite && person.email_confirmed_at.is_none() {
                    let school = names.get(&school).map_or("your school", String::as_str);
                    mail::enqueue(&mut tx, head, letter(head, &person, &entry.email, school)).await?;
                    report.letters += 1;
                }
            }
        }
    }
    let detail = json!({
        "added": report.added - before.added, "changed": report.changed - before.changed,
        "left_out": report.bad.len() - before.bad.len(),
    });
    if options.dry_run || (report.added, report.changed) == (before.added, before.changed) {
        return Ok(());
    }
    tx.record(&permit, Event::bulk("roster.imported", "membership").with(detail)).await?;
    tx.commit().await
}

fn grant(entry: &Entry, school: SchoolId) -> Grant {
    Grant { role: entry.role, place: place(school) }
}

async fn open_account(tx: &mut Tx, entry: &Entry) -> Result<Account> {
    let new = NewAccount { email: entry.email.clone(), name: Some(entry.name.clone()), confirmed: false };
    let id = account::open_account(tx, new).await?;
    accounts::by_id(tx.conn(), id).await?.ok_or(Error::NotFound("account"))
}

/// It holds no secret: who signs in with a link to this address finds the account.
fn letter(head: &Letterhead, person: &Account, to: &Email, school: &str) -> Letter {
    Letter::new("roster_welcome", format!("roster:{}", person.id), to.as_str(), format!("{school} is on Common Ground"))
        .say(format!("{}, your school or district put you on the staff list of {school} here.", person.name))
        .say("Common Ground is where district and charter schools share what works. Taking part is voluntary.")
        .button("Sign in", head.link("/sign-in?next=/welcome"))
        .say("Type this address there, and a link to sign in comes by email. You need no password.")
        .because(format!("You are on the staff list of {school}."))
        .of(person.id.0)
}

/// One line, without control characters and doubled blanks.
fn tidy(cell: &str) -> String {
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    cell.chars().map(visible).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A person's name and address as a file has them. What is wrong is said without repeating it.
fn person(email: &str, name: &str) -> Result<(Email, String), FieldErrors> {
    let mut errors = FieldErrors::default();
    let name = tidy(name);
    check_person_name(&mut errors, "name", &name);
    match Email::parse(email) {
        Ok(email) => errors.or((email, name)),
        Err(sentence) => {
            errors.add("email", sentence);
            Err(errors)
        }
    }
}

/// What a role in a file means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// A role of ours.
    Staff(Role),
    /// A student.
    Student,
    /// A family.
    Family,
    /// No role at a school: of a district, or of the program.
    Elsewhere,
    /// None that we know.
    Unknown,
}

/// Words of the people file, of OneRoster 1.2, and of 1.1.
fn meaning(word: &str) -> Meaning {
    let word: String = word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match word.as_str() {
        "teacher" | "staff" | "teacherorstaff" | "aide" | "counselor" | "proctor" | "siteadministrator"
        | "administrator" => Meaning::Staff(Role::Teacher),
        "principal" => Meaning::Staff(Role::Principal),
        "delegate" => Meaning::Staff(Role::Delegate),
        "organizer" => Meaning::Staff(Role::Organizer),
        "student" | "students" | "pupil" | "learner" => Meaning::Student,
        "parent" | "parents" | "guardian" | "guardians" | "relative" | "family" | "mother" | "father" => {
            Meaning::Family
        }
        "districtadministrator" | "systemadministrator" => Meaning::Elsewhere,
        _ => Meaning::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_roles_are_understood() {
        assert_eq!(meaning("Site Administrator"), Meaning::Staff(Role::Teacher));
        assert_eq!(meaning("siteAdministrator"), Meaning::Staff(Role::Teacher));
        assert_eq!(meaning(" PRINCIPAL "), Meaning::Staff(Role::Principal));
        assert_eq!(meaning("Student"), Meaning::Student);
        assert_eq!(meaning("guardian"), Meaning::Family);
        assert_eq!(meaning("districtAdministrator"), Meaning::Elsewhere);
        for not_by_file in ["city_admin", "editor", "mayor", ""] {
            assert_eq!(meaning(not_by_file), Meaning::Unknown);
        }
    }
}
