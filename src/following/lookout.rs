//! Telling of news: beside the server of every node, after the change logs of practices and sessions.
//!
//! The searches of a node are in its memory, kept up by a change log of their own, the same ones of several people once. What
//! a turn tells, it tells in the transaction that moves the place in the log; whoever moves it first has told, the others drop
//! what they had prepared.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::news::{self, News};
use super::saved::{self, Of, Saved, SavedId};
use super::{policy, store};
use crate::mail::{Letter, Priority};
use crate::notices::{self, Notice, Pace, Postroom, Topic};
use crate::people::account::{self, Account, AccountState};
use crate::people::{AccountId, follow};
use crate::platform::db::log;
use crate::platform::{Actor, Cx, Db, Event, Result, Via};
use crate::search::{Kind, Question, Search, Watches};
use crate::sessions;
use crate::sessions::list::Filters;

/// Changes looked at in one turn.
const PIECE: u64 = 20;
/// Notices written in one transaction.
const LETTERS: usize = 500;
/// Followers read at a time.
const FOLLOWERS: u64 = 2_000;
/// Saved searches read at a time.
const SEARCHES: u64 = 1_000;
/// How often a node looks for what other processes changed.
const LOOK: Duration = Duration::from_secs(1);
/// How often searches are read against the index again, when it has changed.
const RENEW: Duration = Duration::from_secs(600);

/// What one node knows of saved searches, and how it tells of news.
pub struct Lookout {
    search: Arc<Search>,
    room: Postroom,
    known: Mutex<Known>,
}

/// The saved searches of which somebody wants to hear.
struct Known {
    /// How far their change log was read; below zero nothing was.
    seq: i64,
    /// The synonym list they were read with.
    synonyms: i64,
    rows: HashMap<SavedId, Saved>,
    /// Searches for practices: the number of each, and whose they are.
    numbers: HashMap<String, u32>,
    owners: HashMap<u32, HashSet<SavedId>>,
    next: u32,
    practices: Watches,
    sessions: HashMap<SavedId, Filters>,
    renewed: tokio::time::Instant,
    renewed_at: i64,
}

impl Known {
    fn none() -> Self {
        Self {
            seq: -1,
            synonyms: -1,
            rows: HashMap::new(),
            numbers: HashMap::new(),
            owners: HashMap::new(),
            next: 0,
            practices: Watches::of(Kind::Practice),
            sessions: HashMap::new(),
            renewed: tokio::time::Instant::now(),
            renewed_at: 0,
        }
    }

    fn forget(&mut self, id: SavedId) {
        let Some(row) = self.rows.remove(&id) else { return };
        self.sessions.remove(&id);
        let Some(number) = self.numbers.get(&row.query).copied() else { return };
        let Some(owners) = self.owners.get_mut(&number) else { return };
        owners.remove(&id);
        if row.of == Of::Practices && owners.is_empty() {
            self.owners.remove(&number);
            self.numbers.remove(&row.query);
            self.practices.remove(number);
        }
    }

    fn take_in(&mut self, search: &Search, row: Saved) -> Result<()> {
        self.forget(row.id);
        if row.pace == Pace::Off {
            return Ok(());
        }
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&row.query).unwrap_or_default();
        let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        match row.of {
            Of::Sessions => {
                self.sessions.insert(row.id, Filters::read(pairs).0);
            }
            Of::Practices => {
                let number = match self.numbers.get(&row.query) {
                    Some(number) => *number,
                    None => {
                        let number = self.next;
                        self.practices.put(search, number, &Question::read(Kind::Practice, pairs))?;
                        self.next += 1;
                        self.numbers.insert(row.query.clone(), number);
                        number
                    }
                };
                self.owners.entry(number).or_default().insert(row.id);
            }
        }
        self.rows.insert(row.id, row);
        Ok(())
    }
}

/// Why somebody hears of something.
struct Reader {
    account: AccountId,
    topic: Topic,
    /// In brackets behind the line: "you follow Early reading".
    because: String,
    /// The same as a sentence, for the letter.
    why: String,
    /// The pace of its search; none where a follow leads to it.
    pace: Option<Pace>,
}

impl Lookout {
    /// For this node's search; it reads the saved searches on its first turn.
    pub fn new(search: Arc<Search>, room: Postroom) -> Self {
        Self { search, room, known: Mutex::new(Known::none()) }
    }

    /// Tells of news until the future that runs it is dropped.
    pub async fn run(&self, db: &Db) {
        let mut commits = db.commits();
        let mut said: Option<tokio::time::Instant> = None;
        loop {
            let rest = match self.turn(db).await {
                Ok(more) => !more,
                Err(error) => {
                    // Said once a minute, not at every look.
                    if said.is_none_or(|at| at.elapsed() > Duration::from_secs(60)) {
                        tracing::error!(%error, "news cannot be told");
                        said = Some(tokio::time::Instant::now());
                    }
                    tokio::time::sleep(LOOK).await;
                    true
                }
            };
            if rest {
                tokio::select! {
                    _ = commits.changed() => tokio::time::sleep(LOOK / 10).await,
                    () = tokio::time::sleep(LOOK) => {}
                }
            }
        }
    }

    /// Looks once; whether there is more to tell.
    pub async fn turn(&self, db: &Db) -> Result<bool> {
        let mut known = self.known.lock().await;
        let cx = db.cx(Actor::System("following"));
        let heads = log::heads(cx.conn()).await?;
        let newest = |log: &str| heads.get(log).copied().unwrap_or_default();
        let mut more = false;
        for kind in [Kind::Practice, Kind::Session, Kind::Compact] {
            let place = store::place(cx.conn(), kind.name()).await?;
            if place >= newest(kind.name()) {
                continue;
            }
            let changes = log::after(&cx, kind.name(), place, PIECE).await?;
            let Some((last, _)) = changes.last().copied() else { continue };
            if kind == Kind::Practice && !self.search.has_seen(kind, last) {
                // The index comes first: it is asked.
                continue;
            }
            // Read after the changes: a search that was saved before one of them is known.
            self.read_searches(&mut known, db).await?;
            if known.rows.is_empty() && !follow::is_any(&cx).await? {
                self.tell(db, kind, (place, newest(kind.name())), Vec::new()).await?;
                continue;
            }
            let ids: Vec<Uuid> = changes.into_iter().map(|(_, id)| id).collect();
            let mut prepared = Vec::new();
            for news in self.news(&cx, kind, &ids).await? {
                let readers = self.readers(&cx, &mut known, &news).await?;
                prepared.push((news, readers));
            }
            self.tell(db, kind, (place, last), prepared).await?;
            more |= last < newest(kind.name());
        }
        self.renew(&mut known, newest(Kind::Practice.name())).await?;
        Ok(more)
    }

    async fn news(&self, cx: &Cx, kind: Kind, ids: &[Uuid]) -> Result<Vec<News>> {
        let mut news = match kind {
            Kind::Practice => news::of_practices(cx, ids).await?,
            Kind::Compact => news::of_compacts(cx, ids).await?,
            _ => Vec::new(),
        };
        if kind == Kind::Session {
            for id in ids {
                news.extend(news::of_session(cx, *id).await?);
            }
        }
        let told = store::told(cx.conn(), kind.name(), ids).await?;
        news.retain(|news| told.get(&news.subject) != Some(&news.version));
        Ok(news)
    }

    /// Who hears of it, each once: by a saved search before a follow, and by the soonest of their searches.
    async fn readers(&self, cx: &Cx, known: &mut Known, news: &News) -> Result<Vec<Reader>> {
        let mut readers: BTreeMap<AccountId, Reader> = BTreeMap::new();
        if news.searched {
            let found: Vec<SavedId> = match &news.session {
                None if known.practices.is_empty() => Vec::new(),
                None => {
                    let numbers = known.practices.matching(&self.search, cx, news.subject).await?;
                    numbers.iter().filter_map(|number| known.owners.get(number)).flatten().copied().collect()
                }
                Some(session) => {
                    let lists = |filters: &Filters| news::lists(filters, session, cx.now());
                    known.sessions.iter().filter(|(_, filters)| lists(filters)).map(|(id, _)| *id).collect()
                }
            };
            let mut found: Vec<&Saved> = found.iter().filter_map(|id| known.rows.get(id)).collect();
            found.retain(|saved| saved.created_at <= news.at);
            let soonest = |pace: Pace| Pace::ALL.iter().position(|known| *known == pace);
            found.sort_by_key(|saved| (soonest(saved.pace), saved.id));
            for saved in found {
                readers.entry(saved.account).or_insert_with(|| Reader {
                    account: saved.account,
                    topic: Topic::SavedSearch,
                    because: format!("matches \u{201c}{}\u{201d}", saved.name),
                    why: format!("You saved the search \u{201c}{}\u{201d}, and this is a new match.", saved.name),
                    pace: Some(saved.pace),
                });
            }
        }
        let wanted: Vec<_> = news.reasons.iter().map(|(kind, target, _)| (*kind, target.clone())).collect();
        let mut after = None;
        loop {
            let page = follow::followers(cx, &wanted, after, FOLLOWERS).await?;
            for (account, (_, _, name)) in news::first_reasons(news, &page) {
                readers.entry(account).or_insert_with(|| Reader {
                    account,
                    topic: Topic::Follow,
                    because: format!("you follow {name}"),
                    why: format!("You follow {name}."),
                    pace: None,
                });
            }
            let Some(last) = page.last().map(|follower| follower.account) else { break };
            after = Some(last);
        }
        for own in &news.own {
            readers.remove(own);
        }
        let mut readers: Vec<Reader> = readers.into_values().collect();
        if !news.is_for_everybody() {
            let ids: Vec<AccountId> = readers.iter().map(|reader| reader.account).collect();
            let people = account::readers(cx, &ids, Via::Letter(news.subject)).await?;
            let seen = sessions::who_see(cx, sessions::SessionId(news.subject), &people).await?;
            readers.retain(|reader| seen.contains(&reader.account));
        }
        Ok(readers)
    }

    /// Writes the notices and moves the place, unless somebody else was quicker.
    async fn tell(
        &self,
        db: &Db,
        kind: Kind,
        (from, to): (i64, i64),
        prepared: Vec<(News, Vec<Reader>)>,
    ) -> Result<()> {
        let mut all = Vec::new();
        let cx = db.cx(Actor::System("following"));
        for (news, readers) in &prepared {
            for readers in readers.chunks(LETTERS) {
                let ids: Vec<AccountId> = readers.iter().map(|reader| reader.account).collect();
                let accounts = account::accounts(&cx, &ids).await?;
                let active = |reader: &&Reader| {
                    accounts.get(&reader.account).is_some_and(|account| account.state == AccountState::Active)
                };
                all.extend(
                    readers
                        .iter()
                        .filter(active)
                        .map(|reader| self.notice(news, reader, accounts.get(&reader.account))),
                );
            }
        }
        let count = all.len();
        // What is told in pieces and then told again, because the process died between them, is kept once: its event is the same.
        while all.len() > LETTERS {
            let piece = all.split_off(all.len() - LETTERS);
            let mut tx = db.write(Actor::System("following")).await?;
            if store::place(tx.conn(), kind.name()).await? != from {
                return Ok(());
            }
            let _permit = policy::tell(tx.actor())?;
            notices::tell_paced(&mut tx, &self.room, piece).await?;
            tx.commit().await?;
        }
        let mut tx = db.write(Actor::System("following")).await?;
        let permit = policy::tell(tx.actor())?;
        if !store::advance(tx.conn(), kind.name(), from, to).await? {
            return Ok(());
        }
        for (news, _) in &prepared {
            store::note_told(tx.conn(), kind.name(), news.subject, &news.version).await?;
        }
        notices::tell_paced(&mut tx, &self.room, all).await?;
        if count > 0 {
            let detail = json!({ "things": prepared.len(), "people": count });
            tx.record(&permit, Event::bulk("news.told", kind.name()).with(detail)).await?;
        }
        tx.commit().await
    }

    fn notice(&self, news: &News, reader: &Reader, account: Option<&Account>) -> (Notice, Option<Pace>) {
        let event = format!("news:{}:{}:{}", news.kind, news.subject, news.version);
        let line = format!("{}: {} ({})", news.word, news.title, reader.because);
        let email = account
            .and_then(|account| account.email.as_ref())
            .filter(|_| reader.pace.is_none_or(|pace| pace == Pace::Instant));
        let letter = email.map(|to| {
            let (kind, what) = match reader.topic {
                Topic::SavedSearch => ("saved_search_match", "Your saved searches are under your name."),
                _ => ("follow_news", "What you follow is listed under your name."),
            };
            let mut letter = Letter::new(kind, event.clone(), to.as_str(), format!("{}: {}", news.word, news.title))
                .say(format!("{}: \u{201c}{}\u{201d}.", news.word, news.title))
                .button(
                    match news.kind {
                        "session" => "Look at the session",
                        "compact" => "Look at the commitment",
                        _ => "Read the practice",
                    },
                    self.room.head.link(&news.path),
                )
                .because(format!("{} {what}", reader.why))
                .of(reader.account.0);
            letter.priority = Priority::Announcement;
            letter
        });
        let notice = Notice {
            account: reader.account,
            topic: reader.topic,
            event,
            about: (news.kind, news.subject),
            line,
            path: news.path.clone(),
            letter,
        };
        (notice, reader.pace)
    }

    /// Brings what is known of saved searches to the newest change.
    async fn read_searches(&self, known: &mut Known, db: &Db) -> Result<()> {
        let cx = db.cx(Actor::System("following"));
        let heads = log::heads(cx.conn()).await?;
        let newest = |log: &str| heads.get(log).copied().unwrap_or_default();
        if known.synonyms != newest("synonym") {
            // Words mean something else now: every search is read again.
            *known = Known::none();
            known.synonyms = newest("synonym");
        }
        while known.seq < newest(saved::LOG) {
            let changes = log::after(&cx, saved::LOG, known.seq, SEARCHES).await?;
            let Some((last, _)) = changes.last().copied() else { break };
            let ids: Vec<Uuid> = changes.into_iter().map(|(_, id)| id).collect();
            let rows = store::by_ids(cx.conn(), &ids).await?;
            for id in ids.into_iter().map(SavedId) {
                known.forget(id);
            }
            let search = Arc::clone(&self.search);
            let mut taken = std::mem::replace(known, Known::none());
            // Reading a search costs what running it costs; a thousand would hold up the others.
            *known = tokio::task::spawn_blocking(move || {
                for row in rows {
                    taken.take_in(&search, row)?;
                }
                taken.seq = last;
                Ok::<_, crate::platform::Error>(taken)
            })
            .await
            .map_err(crate::platform::Error::internal)??;
        }
        Ok(())
    }

    async fn renew(&self, known: &mut Known, head: i64) -> Result<()> {
        if known.practices.is_empty() || known.renewed_at == head || known.renewed.elapsed() < RENEW {
            return Ok(());
        }
        let search = Arc::clone(&self.search);
        let mut practices = std::mem::replace(&mut known.practices, Watches::of(Kind::Practice));
        let renewed = tokio::task::spawn_blocking(move || practices.renew(&search).map(|()| practices)).await;
        match renewed.map_err(crate::platform::Error::internal)? {
            Ok(practices) => {
                known.practices = practices;
                (known.renewed, known.renewed_at) = (tokio::time::Instant::now(), head);
            }
            Err(error) => {
                // Read from the beginning on the next turn.
                *known = Known::none();
                return Err(error);
            }
        }
        Ok(())
    }
}
