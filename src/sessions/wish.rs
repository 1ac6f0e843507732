//! Demand before supply (J-15): people ask for a session on a topic or a practice. What is asked for is shown in numbers by
//! sector, without names. Principals are told when enough people of two sectors wait, and those who asked when there is one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::json;

use super::desk::Desk;
use super::session::Session;
use super::{policy, schedule, store};
use crate::catalog::{self, PracticeId};
use crate::mail::{Letter, Priority};
use crate::notices::{self, Notice};
use crate::people::account::{self, AccountState};
use crate::people::{self, AccountId, School, SchoolId, membership};
use crate::platform::ids::typed_id;
use crate::platform::vocabulary::{Topic, Visibility};
use crate::platform::{Actor, Cx, Db, Error, Event, FieldErrors, Place, Result, Role, Timestamp, Tx};

typed_id!(
    /// Somebody's wish for a session.
    WishId
);

/// Principals are told from so many people on, of two sectors; again whenever they are twice as many.
pub const ENOUGH: i64 = 5;

/// So many things are looked at in one turn.
const AT_ONCE: u64 = 10;

/// A person waits for so many things at most.
const AT_MOST: usize = 20;

const WORDS: usize = 200;

/// What a session is wished for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A topic of the vocabulary.
    Topic(Topic),
    /// A practice.
    Practice(PracticeId),
}

impl Subject {
    /// As forms and the database spell it: `topic:co_teaching`, `practice:ID`.
    pub fn key(&self) -> String {
        match self {
            Self::Topic(topic) => format!("topic:{}", topic.code()),
            Self::Practice(id) => format!("practice:{id}"),
        }
    }

    /// The subject of a key.
    pub fn parse(key: &str) -> Option<Self> {
        match key.split_once(':')? {
            ("topic", code) => Topic::parse(code).ok().map(Self::Topic),
            ("practice", id) => id.parse().ok().map(Self::Practice),
            _ => None,
        }
    }

    /// What a session is about.
    pub fn of(session: &Session) -> Vec<Self> {
        let topics = session.topics.iter().map(|topic| Self::Topic(*topic));
        topics.chain(session.practice.map(Self::Practice)).collect()
    }
}

/// Somebody's wish for a session, while it waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Its id.
    pub id: WishId,
    /// Whose.
    pub account: AccountId,
    /// Where they work.
    pub school: SchoolId,
    /// Code of the school's sector then.
    pub sector: Option<String>,
    /// For what.
    pub subject: Subject,
    /// What else; empty says nothing.
    pub words: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// A wish to make.
#[derive(Clone, Debug, Default)]
pub struct NewWish {
    /// Key of a [`Subject`].
    pub subject: String,
    /// What else.
    pub words: String,
    /// Which of the person's schools; needed where there are several.
    pub school: String,
}

/// What people ask for, in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// What.
    pub subject: Subject,
    /// Its name.
    pub name: String,
    /// How many people.
    pub people: i64,
    /// How many by name of the sector, most first.
    pub by_sector: Vec<(String, i64)>,
    /// What they wrote, without names: for those who post sessions.
    pub words: Vec<String>,
}

/// Schools at which the actor holds a role.
pub fn schools_of(actor: &Actor) -> Vec<SchoolId> {
    let places = actor.person().into_iter().flat_map(|person| &person.grants).filter_map(|grant| match grant.place {
        Place::School(id) => Some(SchoolId(id)),
        Place::Organization(_) | Place::Installation => None,
    });
    places.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Whether the actor posts sessions somewhere, so that what people wrote is for them.
fn posts(actor: &Actor) -> bool {
    let posts = |role| matches!(role, Role::Principal | Role::Delegate | Role::Organizer);
    actor.person().is_some_and(|person| person.grants.iter().any(|grant| posts(grant.role)))
}

/// The school the actor speaks from: the one named, or the only one.
pub(super) async fn school_of(tx: &Tx, named: &str) -> Result<School> {
    let theirs = schools_of(tx.actor());
    let id = match (named.is_empty(), theirs.as_slice()) {
        (_, []) => return Err(Error::Conflict("Join a school first: under your name, Places.".to_owned())),
        (true, [only]) => *only,
        (true, _) => return Err(Error::invalid("school", "Choose one of your schools.")),
        (false, _) => {
            let named = named.parse().ok().filter(|id| theirs.contains(id));
            named.ok_or_else(|| Error::invalid("school", "Choose one of your schools."))?
        }
    };
    people::schools_in(tx, &[id]).await?.remove(&id).ok_or(Error::NotFound("school"))
}

/// Asks for a session. One wish of a person for a subject waits at a time; asked again, the first stays.
pub async fn ask(tx: &mut Tx, new: NewWish) -> Result<()> {
    let permit = policy::take_part(tx.actor())?;
    let Some(account) = tx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    let mut errors = FieldErrors::default();
    let subject = Subject::parse(&new.subject);
    if subject.is_none() {
        errors.add("subject", "Choose a topic of the list.");
    }
    let words = new.words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() > WORDS || words.contains(char::is_control) {
        errors.add("words", format!("Say it in up to {WORDS} characters."));
    }
    errors.or(())?;
    let Some(subject) = subject else { return Ok(()) };
    let school = school_of(tx, &new.school).await?;
    let mine = store::wishes::wishes_of(tx.conn(), account).await?;
    if mine.iter().any(|wish| wish.subject == subject) {
        return Ok(());
    }
    if mine.len() >= AT_MOST {
        let said = format!("You wait for {AT_MOST} things already; take one back first.");
        return Err(Error::Conflict(said));
    }
    let key = subject.key();
    let wish = Wish {
        id: WishId::fresh(),
        account,
        school: school.id,
        sector: school.sector,
        subject,
        words,
        created_at: tx.now(),
    };
    if store::wishes::insert_wish(tx.conn(), &wish).await? {
        store::wishes::look_again(tx.conn(), &wish.subject, tx.now()).await?;
        let detail = json!({ "subject": key });
        tx.record(&permit, Event::about("wish.made", "wish", wish.id.0).with(detail)).await?;
    }
    Ok(())
}

/// Takes a wish back.
pub async fn withdraw(tx: &mut Tx, id: WishId) -> Result<()> {
    let found = store::wishes::open_wish(tx.conn(), id).await?;
    let Some(wish) = found.filter(|wish| tx.actor().account() == Some(wish.account.0)) else {
        return Err(Error::NotFound("wish"));
    };
    let permit = policy::own(tx.actor(), wish.account)?;
    let now = tx.now();
    store::wishes::end_wishes(tx.conn(), &[id], now).await?;
    tx.record(&permit, Event::about("wish.withdrawn", "wish", id.0)).await
}

/// What the actor waits for. One statement.
pub async fn mine(cx: &Cx) -> Result<Vec<Wish>> {
    let Some(account) = cx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    store::wishes::wishes_of(cx.conn(), account).await
}

/// What people ask for, most first, at most 50. Four statements.
pub async fn demand(cx: &Cx) -> Result<Vec<Demand>> {
    let labels: HashMap<String, String> =
        people::sectors(cx).await?.into_iter().map(|sector| (sector.code, sector.label)).collect();
    let mut found: BTreeMap<Subject, Vec<(String, i64)>> = BTreeMap::new();
    for row in store::wishes::waiting(cx.conn()).await? {
        let Some(subject) = Subject::parse(&row.subject) else { continue };
        let sector = match row.sector {
            Some(code) => labels.get(&code).cloned().unwrap_or(code),
            None => "Sector not stated".to_owned(),
        };
        found.entry(subject).or_default().push((sector, row.people));
    }
    let mut found: Vec<_> = found.into_iter().collect();
    let total = |by_sector: &[(String, i64)]| by_sector.iter().map(|(_, people)| people).sum::<i64>();
    found.sort_by_key(|(_, by_sector)| std::cmp::Reverse(total(by_sector)));
    found.truncate(50);
    let subjects: Vec<Subject> = found.iter().map(|(subject, _)| subject.clone()).collect();
    let names = names(cx, &subjects).await?;
    let mut words: HashMap<Subject, Vec<String>> = HashMap::new();
    if posts(cx.actor()) {
        for wish in store::wishes::wishes_for(cx.conn(), &subjects).await? {
            if !wish.words.is_empty() {
                words.entry(wish.subject).or_default().push(wish.words);
            }
        }
    }
    let demand = |(subject, mut by_sector): (Subject, Vec<(String, i64)>)| {
        by_sector.sort_by_key(|(_, people)| std::cmp::Reverse(*people));
        let name = names.get(&subject)?.clone();
        let mut words = words.remove(&subject).unwrap_or_default();
        // In an order that says nothing of when.
        words.sort_unstable();
        words.truncate(20);
        Some(Demand { name, people: total(&by_sector), by_sector, words, subject })
    };
    Ok(found.into_iter().filter_map(demand).collect())
}

/// Names of subjects; a practice that is not public has none. One statement at most.
pub async fn names(cx: &Cx, subjects: &[Subject]) -> Result<HashMap<Subject, String>> {
    let ids: Vec<PracticeId> = subjects
        .iter()
        .filter_map(|subject| match subject {
            Subject::Practice(id) => Some(*id),
            Subject::Topic(_) => None,
        })
        .collect();
    let practices = if ids.is_empty() { HashMap::new() } else { catalog::practices(cx, &ids).await? };
    let name = |subject: &Subject| match subject {
        Subject::Topic(topic) => Some(topic.label().to_owned()),
        Subject::Practice(id) => practices.get(id).map(|practice| practice.record.title.clone()),
    };
    Ok(subjects.iter().filter_map(|subject| Some((subject.clone(), name(subject)?))).collect())
}

/// Ends the wishes that a session meets, and tells those who asked; called where it is published. Who cannot see it keeps
/// waiting. Says how many were told.
pub async fn met_by(tx: &mut Tx, desk: &Desk, session: &Session) -> Result<usize> {
    let grounds = super::grounds(tx, session).await?;
    let permit = policy::publish(tx.actor(), &grounds)?;
    let subjects = Subject::of(session);
    let waiting = store::wishes::wishes_to_meet(tx.conn(), &subjects).await?;
    let parties: Vec<SchoolId> = session.parties().map(|party| party.school).collect();
    let invited = |wish: &&Wish| {
        session.visibility != Visibility::INVITED
            || session.invited.contains(&wish.school)
            || parties.contains(&wish.school)
    };
    let met: Vec<&Wish> = waiting.iter().filter(invited).collect();
    if met.is_empty() {
        return Ok(0);
    }
    let ids: Vec<WishId> = met.iter().map(|wish| wish.id).collect();
    let now = tx.now();
    store::wishes::end_wishes(tx.conn(), &ids, now).await?;
    store::wishes::forget_told(tx.conn(), &subjects).await?;
    let people: BTreeSet<AccountId> = met.iter().map(|wish| wish.account).collect();
    let people: Vec<AccountId> = people.into_iter().collect();
    let accounts = account::accounts_in(tx, &people).await?;
    let when = session.starts_at.map(|at| schedule::moment(at, session.zone())).unwrap_or_default();
    let day = session.starts_at.map(|at| schedule::day(at, session.zone())).unwrap_or_default();
    let mut notices = Vec::new();
    for reader in people.iter().filter_map(|id| accounts.get(id)) {
        let Some(to) = reader.email.as_ref().filter(|_| reader.state == AccountState::Active) else { continue };
        let event = format!("session:{}:wished", session.id);
        let subject = format!("The session you asked for: {}, {day}", session.title);
        let mut letter = Letter::new("wish_met", event, to.as_str(), subject)
            .say(format!("You asked for a session like this one, and there is one now: \"{}\", {when}.", session.title))
            .button("Look at the session", desk.head.link(&format!("/sessions/{}", session.id)))
            .say("A place in it is not kept for you; ask for a seat on its page.")
            .because("You asked for a session on what this one is about. Your wish is ended by it; you can ask again.")
            .of(reader.id.0);
        letter.priority = Priority::Announcement;
        notices.push(Notice {
            account: reader.id,
            topic: notices::Topic::Questions,
            event: letter.event.clone(),
            about: ("session", session.id.0),
            line: letter.content.subject.clone(),
            path: format!("/sessions/{}", session.id),
            letter: Some(letter),
        });
    }
    let told = notices.len();
    notices::tell_many(tx, &desk.postroom(), notices).await?;
    let event = Event::about("wish.met", "session", session.id.0).with(json!({ "wishes": ids.len(), "people": told }));
    tx.record(&permit, event).await?;
    Ok(told)
}

/// Whether principals are to be told of so many people and sectors, when they were told of `before` last.
fn is_enough(people: i64, sectors: usize, before: Option<i32>) -> bool {
    people >= ENOUGH && sectors >= 2 && before.is_none_or(|before| people >= i64::from(before) * 2)
}

/// Looks at what had a wish more since the last look, and tells principals where enough people of two sectors wait; says of how
/// many things. One statement while nobody has wished.
pub async fn due(db: &Db, desk: &Desk) -> Result<usize> {
    let cx = db.cx(Actor::System("sessions"));
    let keys = store::wishes::to_look_at(cx.conn(), AT_ONCE).await?;
    if keys.is_empty() {
        return Ok(0);
    }
    let subjects: Vec<Subject> = keys.iter().filter_map(|key| Subject::parse(key)).collect();
    let (names, labels) = (names(&cx, &subjects).await?, people::sectors(&cx).await?);
    let labels: HashMap<String, String> = labels.into_iter().map(|sector| (sector.code, sector.label)).collect();
    let mut done = 0;
    for key in keys {
        let name = Subject::parse(&key).and_then(|subject| names.get(&subject));
        let looked = async {
            let mut tx = db.write(Actor::System("sessions")).await?;
            let told = look(&mut tx, desk, &key, name, &labels).await?;
            tx.commit().await.map(|()| told)
        };
        let looked: Result<bool> = looked.await;
        match looked {
            Ok(told) => done += usize::from(told),
            Err(error) => tracing::error!(%error, subject = key, "principals cannot be told what people ask for"),
        }
    }
    Ok(done)
}

/// Whether principals were told of a subject now. One that has no name any more, like a practice that was retired, is passed by.
async fn look(
    tx: &mut Tx,
    desk: &Desk,
    key: &str,
    name: Option<&String>,
    labels: &HashMap<String, String>,
) -> Result<bool> {
    let permit = policy::keep_time(tx.actor())?;
    let Some(before) = store::wishes::hold_look(tx.conn(), key).await? else { return Ok(false) };
    let waiting = store::wishes::waiting_for(tx.conn(), key).await?;
    let people: i64 = waiting.iter().map(|row| row.people).sum();
    let by_sector: BTreeMap<String, i64> =
        waiting.into_iter().filter_map(|row| Some((row.sector?, row.people))).collect();
    let enough = is_enough(people, by_sector.len(), Some(before).filter(|before| *before > 0));
    let Some((name, subject)) = name.zip(Subject::parse(key)).filter(|_| enough) else {
        store::wishes::looked(tx.conn(), key, None).await?;
        return Ok(false);
    };
    let now = tx.now();
    store::wishes::looked(tx.conn(), key, Some((i32::try_from(people).unwrap_or(i32::MAX), now))).await?;
    let counts: Vec<String> =
        by_sector.iter().map(|(code, n)| format!("{} {n}", labels.get(code).unwrap_or(code))).collect();
    let wishes = store::wishes::wishes_for(tx.conn(), &[subject]).await?;
    let schools: BTreeSet<SchoolId> = wishes.iter().map(|wish| wish.school).collect();
    let mut notices = Vec::new();
    for school in &schools {
        let (principals, _) = membership::leads_of(tx, *school).await?;
        for principal in principals {
            let Some(to) = principal.email.as_ref() else { continue };
            let event = format!("wish:{key}:{}", now.timestamp());
            let line = format!("{people} educators of {} sectors ask for a session: {name}", by_sector.len());
            let mut letter = Letter::new("wish_told", event.clone(), to.as_str(), line.clone())
                .say(format!(
                    "{people} educators wait for a joint session on \"{name}\" ({}), some at your school.",
                    counts.join(", ")
                ))
                .say("A school that knows how could invite, with one of another sector.")
                .button("See what people ask for", desk.head.link("/sessions/ask"))
                .because(
                    "You lead a school where somebody waits for this. It goes once when enough wait, and again when they are \
                     twice as many.",
                )
                .of(principal.id.0);
            letter.priority = Priority::Announcement;
            notices.push(Notice {
                account: principal.id,
                topic: notices::Topic::Questions,
                event,
                about: ("school", school.0),
                line,
                path: "/sessions/ask".to_owned(),
                letter: Some(letter),
            });
        }
    }
    let letters = notices.len();
    notices::tell_many(tx, &desk.postroom(), notices).await?;
    let detail = json!({ "subject": key, "wishes": people, "schools": schools.len(), "letters": letters });
    tx.record(&permit, Event::bulk("wish.told", "wish").with(detail)).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enough_is_five_of_two_sectors_then_twice_as_many() {
        assert!(is_enough(5, 2, None) && !is_enough(4, 2, None) && !is_enough(50, 1, None));
        assert!(is_enough(10, 2, Some(5)) && !is_enough(9, 2, Some(5)));
    }

    #[test]
    fn a_subject_is_its_key() {
        for subject in [Subject::Topic(Topic::parse("mtss").unwrap()), Subject::Practice(PracticeId::fresh())] {
            assert_eq!(Subject::parse(&subject.key()), Some(subject));
        }
        for none in ["", "topic", "topic:", "topic:nothing", "practice:1", "school:mtss"] {
            assert_eq!(Subject::parse(none), None, "{none}");
        }
    }
}
