//! What somebody follows, as it is kept. `following` says what of it is news; what needs another feature to be looked up, it
//! has looked up.

use serde_json::json;

use super::account::AccountId;
use super::policy;
use super::store::{domains, follows as store};
use crate::platform::vocabulary::Topic;
use crate::platform::{Cx, Error, Event, Permit, Result, Timestamp, Tx};

/// One thing that somebody follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follow {
    /// What kind of thing.
    pub kind: FollowKind,
    /// Which: the code of a topic, the id of a school, practice or compact, a city as `NY:Rivermark`.
    pub target: String,
    /// Since when.
    pub since: Timestamp,
}

/// What can be followed. Another kind is a line here and in [`FollowKind::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FollowKind {
    /// A topic of the vocabulary.
    Topic,
    /// A school: its practices and sessions.
    School,
    /// The joint sessions that a school hosts.
    Host,
    /// A city.
    City,
    /// A practice.
    Practice,
    /// A compact.
    Compact,
}

impl FollowKind {
    /// Every kind, with its code and words.
    pub const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::Topic, "topic", "Topic"),
        (Self::School, "school", "School"),
        (Self::Host, "host", "Sessions of a school"),
        (Self::City, "city", "City"),
        (Self::Practice, "practice", "Practice"),
        (Self::Compact, "compact", "Compact"),
    ];

    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, code, _)| code)
    }

    /// As pages say it.
    pub fn label(self) -> &'static str {
        Self::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(.., label)| label)
    }

    /// Of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == code).map(|(kind, ..)| *kind)
    }
}

/// A city as follows name it.
pub fn city_key(state: &str, city: &str) -> String {
    format!("{state}:{city}").chars().take(64).collect()
}

/// One follower of something, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follower {
    /// Who.
    pub account: AccountId,
    /// What they follow.
    pub follow: Follow,
}

/// Most things one person follows: lists of it stay short.
const MOST: usize = 500;

/// What an account follows, by kind and target.
pub async fn follows_of(cx: &Cx, account: AccountId) -> Result<Vec<Follow>> {
    store::of_account(cx.conn(), account).await
}

/// Who follows any of these, in the order of accounts, after one of them; at most some `limit` rows, whole accounts.
pub async fn followers(
    cx: &Cx,
    of: &[(FollowKind, String)],
    after: Option<AccountId>,
    limit: u64,
) -> Result<Vec<Follower>> {
    store::followers(cx.conn(), of, after, limit).await
}

/// Whether anybody follows anything.
pub async fn is_any(cx: &Cx) -> Result<bool> {
    store::is_any(cx.conn()).await
}

/// Whether a school is in this city.
pub async fn is_city(cx: &Cx, state: &str, city: &str) -> Result<bool> {
    store::is_city(cx.conn(), state, city).await
}

/// Follows something for the actor's own account. Twice is as good as once.
pub async fn follow(tx: &mut Tx, account: AccountId, kind: FollowKind, target: &str) -> Result<()> {
    let permit = policy::own_account(tx.actor(), account)?;
    begin(tx, &permit, account, kind, target).await
}

async fn begin(tx: &mut Tx, permit: &Permit, account: AccountId, kind: FollowKind, target: &str) -> Result<()> {
    let target = match kind {
        FollowKind::Topic => {
            let unknown = |_| Error::invalid("target", "Give the code of a topic, as the vocabularies list them.");
            Topic::parse(target).map_err(unknown)?.code().to_owned()
        }
        FollowKind::School | FollowKind::Host => {
            let id = target.parse().map_err(|_| Error::invalid("target", "Give the id of a school."))?;
            if !domains::is_open(tx.conn(), id).await? {
                return Err(Error::invalid("target", "There is no such school; give the id of one."));
            }
            id.to_string()
        }
        FollowKind::City => {
            let (state, city) = target.split_once(':').unwrap_or_default();
            if city.is_empty() || !store::is_city(tx.conn(), state, city).await? {
                return Err(Error::invalid(
                    "target",
                    "Give the state and name of a city with a school, like NY:Rivermark.",
                ));
            }
            city_key(state, city)
        }
        FollowKind::Practice => {
            let id: uuid::Uuid = target.parse().map_err(|_| Error::invalid("target", "Give the id of a practice."))?;
            id.to_string()
        }
        FollowKind::Compact => {
            let id: uuid::Uuid = target.parse().map_err(|_| Error::invalid("target", "Give the id of a compact."))?;
            id.to_string()
        }
    };
    let all = store::of_account(tx.conn(), account).await?;
    if all.iter().any(|follow| follow.kind == kind && follow.target == target) {
        return Ok(());
    }
    if all.len() >= MOST {
        return Err(Error::Conflict(format!("You follow {MOST} things already; let go of one first.")));
    }
    let detail = json!({ "kind": kind.code(), "target": target });
    store::insert(tx.conn(), account, Follow { kind, target, since: tx.now() }).await?;
    tx.record(permit, Event::about("follow.began", "account", account.0).with(detail)).await
}

/// Lets go of something. Twice is as good as once.
pub async fn unfollow(tx: &mut Tx, account: AccountId, kind: FollowKind, target: &str) -> Result<()> {
    let permit = policy::own_account(tx.actor(), account)?;
    Error::unless_nameable(target, "follow")?;
    let_go(tx, &permit, account, kind, target).await
}

async fn let_go(tx: &mut Tx, permit: &Permit, account: AccountId, kind: FollowKind, target: &str) -> Result<()> {
    if store::delete(tx.conn(), account, kind, target).await? {
        let detail = json!({ "kind": kind.code(), "target": target });
        tx.record(permit, Event::about("follow.ended", "account", account.0).with(detail)).await?;
    }
    Ok(())
}

/// Makes these the topics that the actor follows; whatever else they follow stays.
pub async fn set_topics(tx: &mut Tx, account: AccountId, topics: &[String]) -> Result<()> {
    let permit = policy::own_account(tx.actor(), account)?;
    let had = store::of_account(tx.conn(), account).await?;
    for topic in topics {
        begin(tx, &permit, account, FollowKind::Topic, topic).await.map_err(|error| match error {
            Error::Invalid(_) => Error::invalid("topics", "Choose from the topics of the list."),
            other => other,
        })?;
    }
    for gone in had.iter().filter(|follow| follow.kind == FollowKind::Topic && !topics.contains(&follow.target)) {
        let_go(tx, &permit, account, FollowKind::Topic, &gone.target).await?;
    }
    Ok(())
}
