//! What a person hears, and how soon: topics with a pace for each, quiet hours, digests, and the list of what is new.
//!
//! A feature that has something to tell hands a [`Notice`] to [`tell`] in the transaction of the change. The notice appears in
//! the person's list; by the pace they chose for its topic a letter goes at once, or the notice waits for their digest, or
//! stays in the list alone. Letters that decide something (a seat, an approval, a sign-in) are no notices: they go to
//! [`crate::mail`] directly and always leave.

pub mod api;
pub mod digest;
pub mod gate;
mod hearing;
pub mod hours;
pub mod jobs;
pub mod leave;
pub mod list;
pub mod personal;
mod policy;
pub mod settings;
mod store;
mod topic;
pub mod views;
pub mod web;

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

pub use self::hearing::paces;
pub use self::leave::List;
use self::list::NoticeId;
use self::settings::Standing;
pub use self::topic::{Pace, Topic};
use crate::mail::{self, Letter, Letterhead};
use crate::people::{AccountId, SchoolId};
use crate::platform::{Result, Secret, Tx};

/// Notices that are written with the same few statements.
const CHUNK: usize = 100;

/// The longest line and path.
const LINE: usize = 300;
const PATH: usize = 500;

/// What notices need besides the database; cheap to clone.
#[derive(Clone)]
pub struct Postroom {
    /// What letters begin and end with.
    pub head: Arc<Letterhead>,
    /// Signs the links that leave a list.
    pub secret: Secret,
}

/// Something that a person may want to hear of.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Who hears it.
    pub account: AccountId,
    /// What it belongs to, by which its reader chose how soon.
    pub topic: Topic,
    /// What it tells of, unique with the reader: `registration:ID:turn:2`. Told twice, it is kept once.
    pub event: String,
    /// What it is about, for grouping: the newest of one subject is shown in a digest.
    pub about: (&'static str, Uuid),
    /// One line of words: "Maria Lopez asked for a seat in Number talks, March 13". No student, no contact data. Where it
    /// names somebody, [`tell_naming`] says whom.
    pub line: String,
    /// The page where more is said: `/sessions/ID`.
    pub path: String,
    /// The letter that goes at once, where the reader wants to hear of the topic at once.
    pub letter: Option<Letter>,
}

/// Tells somebody. The notice is in their list from now on; a letter goes at once where they want that and there is one,
/// and otherwise the notice waits for their digest, unless they turned the topic off or hear nothing for a while.
pub async fn tell(tx: &mut Tx, room: &Postroom, notice: Notice) -> Result<()> {
    tell_all(tx, room, vec![Told::of(notice)]).await
}

/// The same for a line that names somebody else than its reader: it is taken out when they have themselves erased.
pub async fn tell_naming(tx: &mut Tx, room: &Postroom, notice: Notice, person: AccountId) -> Result<()> {
    tell_all(tx, room, vec![Told { names: Some(person), ..Told::of(notice) }]).await
}

/// Tells many: at most six statements for a hundred notices, however many people there are.
pub async fn tell_many(tx: &mut Tx, room: &Postroom, notices: Vec<Notice>) -> Result<()> {
    tell_all(tx, room, notices.into_iter().map(Told::of).collect()).await
}

/// The same for what those hear who answer for a school: letter and digest hold it only for who still does when it goes (A3).
pub async fn tell_leads(tx: &mut Tx, room: &Postroom, school: SchoolId, notices: Vec<Notice>) -> Result<()> {
    let told = notices.into_iter().map(|notice| Told { school: Some(school), ..Told::of(notice) });
    tell_all(tx, room, told.collect()).await
}

/// The same for things that have a pace of their own, as a saved search has: it stands before that of the topic, unless the topic is off.
pub async fn tell_paced(tx: &mut Tx, room: &Postroom, notices: Vec<(Notice, Option<Pace>)>) -> Result<()> {
    let told = notices.into_iter().map(|(notice, pace)| Told { pace, ..Told::of(notice) });
    tell_all(tx, room, told.collect()).await
}

/// What was told to the leads of a school belongs to those of the one it became part of.
pub async fn hand_over(tx: &mut Tx, from: SchoolId, into: SchoolId) -> Result<()> {
    store::hand_over(tx.conn(), from.0, into.0).await
}

/// Takes back what was told of a thing and nobody has read yet; what has left as a letter has left. Whoever calls has asked its own
/// policy, and records its own event.
pub async fn take_back(tx: &mut Tx, about: (&str, Uuid)) -> Result<u64> {
    store::take_back(tx.conn(), about.0, about.1).await
}

/// A notice, and what few of them have.
struct Told {
    notice: Notice,
    /// Whom its line names.
    names: Option<AccountId>,
    /// Its own pace.
    pace: Option<Pace>,
    /// The school that its reader answers for.
    school: Option<SchoolId>,
}

impl Told {
    fn of(notice: Notice) -> Self {
        Self { notice, names: None, pace: None, school: None }
    }
}

async fn tell_all(tx: &mut Tx, room: &Postroom, mut notices: Vec<Told>) -> Result<()> {
    notices.sort_by_key(|told| told.notice.account);
    let mut rest = notices.into_iter().peekable();
    while rest.peek().is_some() {
        let chunk: Vec<_> = rest.by_ref().take(CHUNK).collect();
        tell_some(tx, room, chunk).await?;
    }
    Ok(())
}

/// How a notice is told besides the list.
enum Way {
    Letter,
    Digest(Pace),
    ListAlone,
}

fn way(standing: &Standing, Told { notice, pace, .. }: &Told, now: crate::platform::Timestamp) -> Way {
    if standing.choices.is_paused(now) {
        return Way::ListAlone;
    }
    let usual = standing.pace(notice.topic);
    match pace.filter(|_| usual != Pace::Off).unwrap_or(usual) {
        Pace::Off => Way::ListAlone,
        Pace::Instant if notice.letter.is_some() => Way::Letter,
        _ if standing.digest_left => Way::ListAlone,
        Pace::Instant | Pace::Daily => Way::Digest(Pace::Daily),
        Pace::Weekly => Way::Digest(Pace::Weekly),
    }
}

async fn tell_some(tx: &mut Tx, room: &Postroom, notices: Vec<Told>) -> Result<()> {
    let now = tx.now();
    let mut accounts: Vec<AccountId> = notices.iter().map(|told| told.notice.account).collect();
    accounts.dedup();
    let mut topics: Vec<Topic> = notices.iter().map(|told| told.notice.topic).collect();
    topics.sort_unstable();
    topics.dedup();
    let standings: HashMap<AccountId, Standing> = store::settings::standings(tx.conn(), &accounts, &topics).await?;
    let usual = Standing::default();
    let mut rows = Vec::new();
    let mut told: Vec<(Uuid, Notice, Way)> = Vec::new();
    for about in notices {
        let way = way(standings.get(&about.notice.account).unwrap_or(&usual), &about, now);
        let Told { mut notice, names, school, .. } = about;
        let id = NoticeId::fresh();
        // A letter that names somebody says so itself.
        let named = names.map(|person| person.0).or(notice.letter.as_ref().and_then(|letter| letter.about));
        rows.push(store::row::Model {
            id: id.0,
            account_id: notice.account.0,
            topic: notice.topic.code().to_owned(),
            event: notice.event.clone(),
            about_kind: notice.about.0.to_owned(),
            about_id: notice.about.1,
            names: named,
            school_id: school.map(|school| school.0),
            line: cut(&notice.line, LINE),
            path: if notice.path.chars().count() > PATH { "/me/notifications".to_owned() } else { notice.path.clone() },
            waits: match way {
                Way::Digest(pace) => Some(pace.code().to_owned()),
                Way::Letter | Way::ListAlone => None,
            },
            created_at: now,
            read_at: None,
        });
        if let (Some(letter), Some(school)) = (&mut notice.letter, school) {
            letter.school = Some(school.0);
        }
        told.push((id.0, notice, way));
    }
    let fresh = store::insert(tx.conn(), rows).await?;
    let (mut letters, mut waits) = (Vec::new(), Vec::new());
    for (_, notice, way) in told.into_iter().filter(|(id, ..)| fresh.contains(id)) {
        match (way, notice.letter) {
            (Way::Letter, Some(letter)) => {
                let list = List::Topic(notice.topic).mailing_list(&room.secret, notice.account);
                letters.push(letter.of(notice.account.0).on_list(list));
            }
            (Way::Digest(pace), _) => {
                let standing = standings.get(&notice.account).cloned().unwrap_or_default();
                waits.push((notice.account, pace, standing));
            }
            (Way::Letter | Way::ListAlone, _) => {}
        }
    }
    mail::enqueue_all(tx, &room.head, letters).await?;
    digest::wait(tx, &waits).await
}

/// One line of at most so many characters.
fn cut(line: &str, most: usize) -> String {
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let mut short: String = line.chars().take(most - 1).collect();
    short.push('\u{2026}');
    short
}
