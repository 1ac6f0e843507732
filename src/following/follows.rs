//! Following: what can be followed, by its name, and who follows it.

use std::collections::HashMap;

use crate::catalog::{self, PracticeId};
use crate::compacts::{self, CompactId};
use crate::people::city::City;
use crate::people::follow::{self, Follow, FollowKind, city_key};
use crate::people::{self, AccountId, SchoolId};
use crate::platform::vocabulary::Topic;
use crate::platform::{Cx, Error, Result, Tx};

use super::policy;

/// Something that can be followed, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    /// What kind of thing.
    pub kind: FollowKind,
    /// Which, as it is kept.
    pub target: String,
    /// Its name.
    pub name: String,
    /// Its page.
    pub path: String,
    /// What one hears of.
    pub means: &'static str,
}

/// What one hears of who follows a kind of thing.
pub fn means(kind: FollowKind) -> &'static str {
    match kind {
        FollowKind::Topic => "New and changed practices on it, and joint sessions about it.",
        FollowKind::School => {
            "Practices that began there when they are new or changed, and joint sessions that it hosts."
        }
        FollowKind::Host => "Joint sessions that it hosts: when one is published, moved or cancelled.",
        FollowKind::City => "New and changed practices of its schools, and joint sessions that they host.",
        FollowKind::Practice => "New versions of it, and joint sessions that show it.",
        FollowKind::Compact => "How its commitments go: updates, and what other sectors say of them.",
    }
}

/// The thing that a link means: by its name in addresses or its id.
///
/// # Errors
/// `NotFound` for what is not there.
pub async fn thing(cx: &Cx, kind: FollowKind, reference: &str) -> Result<Thing> {
    // A page links with its own address.
    let reference = reference.trim();
    let last = reference.rsplit('/').next().unwrap_or_default();
    let thing = |target: String, name: String, path: String| Thing { kind, target, name, path, means: means(kind) };
    Ok(match kind {
        FollowKind::Topic => {
            let topic = Topic::parse(reference).map_err(|_| Error::NotFound("topic"))?;
            thing(topic.code().to_owned(), topic.label().to_owned(), format!("/search?topic={}", topic.code()))
        }
        FollowKind::School | FollowKind::Host => {
            let school = people::school(cx, last).await?;
            thing(school.id.to_string(), school.name, format!("/schools/{}", school.slug))
        }
        FollowKind::City => {
            // `NY:Rivermark`, or as a page says it: `Rivermark, NY`.
            let said = reference.rsplit_once(", ").map(|(city, state)| (state, city));
            let (state, city) = reference.split_once(':').or(said).unwrap_or(("", reference));
            if reference.contains(char::is_control) || !follow::is_city(cx, state, city).await? {
                return Err(Error::NotFound("city"));
            }
            let key = city_key(state, city);
            let name = city_name(&key);
            thing(key, name, "/schools".to_owned())
        }
        FollowKind::Practice => {
            let practice = catalog::practice(cx, last).await?;
            thing(practice.id.to_string(), practice.record.title, format!("/practices/{}", practice.slug))
        }
        FollowKind::Compact => {
            let compact = compacts::compact_named(cx, last).await?;
            thing(compact.id.to_string(), compact.name.clone(), compact.path())
        }
    })
}

fn city_name(key: &str) -> String {
    match key.split_once(':') {
        Some(("", city)) => city.to_owned(),
        Some((state, city)) => format!("{city}, {state}"),
        None => key.to_owned(),
    }
}

/// What the actor follows, by kind and name. Four statements.
pub async fn mine(cx: &Cx) -> Result<Vec<(Follow, Thing)>> {
    let Some(account) = cx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    let follows = follow::follows_of(cx, account).await?;
    let ids = |kinds: &[FollowKind]| {
        let of = follows.iter().filter(|follow| kinds.contains(&follow.kind));
        of.filter_map(|follow| follow.target.parse().ok()).collect::<Vec<uuid::Uuid>>()
    };
    let schools: Vec<SchoolId> = ids(&[FollowKind::School, FollowKind::Host]).into_iter().map(SchoolId).collect();
    let practices: Vec<PracticeId> = ids(&[FollowKind::Practice]).into_iter().map(PracticeId).collect();
    let compacts: Vec<CompactId> = ids(&[FollowKind::Compact]).into_iter().map(CompactId).collect();
    let compacts = compacts::compacts_by_id(cx, &compacts).await?;
    let schools = if schools.is_empty() { HashMap::new() } else { people::schools(cx, &schools).await? };
    let practices = if practices.is_empty() { HashMap::new() } else { catalog::practices(cx, &practices).await? };
    let mut things: Vec<(Follow, Thing)> = follows
        .into_iter()
        .map(|follow| {
            let id: Option<uuid::Uuid> = follow.target.parse().ok();
            let school = id.and_then(|id| schools.get(&SchoolId(id)));
            let practice = id.and_then(|id| practices.get(&PracticeId(id)));
            let (name, path) = match follow.kind {
                FollowKind::Topic => Topic::parse(&follow.target).map_or_else(
                    |_| (follow.target.clone(), String::new()),
                    |topic| (topic.label().to_owned(), format!("/search?topic={}", topic.code())),
                ),
                FollowKind::City => (city_name(&follow.target), "/schools".to_owned()),
                FollowKind::School | FollowKind::Host => school.map_or_else(
                    || ("A school that is no longer here".to_owned(), String::new()),
                    |school| (school.name.clone(), format!("/schools/{}", school.slug)),
                ),
                FollowKind::Practice => practice.map_or_else(
                    || ("A practice that is no longer here".to_owned(), String::new()),
                    |practice| (practice.record.title.clone(), format!("/practices/{}", practice.slug)),
                ),
                FollowKind::Compact => id.and_then(|id| compacts.get(&CompactId(id))).map_or_else(
                    || ("A compact that is no longer here".to_owned(), String::new()),
                    |compact| (compact.name.clone(), compact.path()),
                ),
            };
            let thing =
                Thing { kind: follow.kind, target: follow.target.clone(), name, path, means: means(follow.kind) };
            (follow, thing)
        })
        .collect();
    things.sort_by_cached_key(|(_, thing)| (thing.kind, thing.name.to_lowercase()));
    Ok(things)
}

/// The actor follows something, which [`thing`] has found. Twice is as good as once.
pub async fn follow(tx: &mut Tx, kind: FollowKind, target: &str) -> Result<()> {
    let Some(account) = tx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    let _permit = policy::own(tx.actor(), account)?;
    follow::follow(tx, account, kind, target).await
}

/// The actor lets go of something. Twice is as good as once.
pub async fn unfollow(tx: &mut Tx, kind: FollowKind, target: &str) -> Result<()> {
    let Some(account) = tx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    let _permit = policy::own(tx.actor(), account)?;
    follow::unfollow(tx, account, kind, target).await
}

/// Who follows a city, in the order of accounts, after one of them, at most `limit`. For announcements.
pub async fn followers_of_city(cx: &Cx, city: &City, after: Option<AccountId>, limit: u64) -> Result<Vec<AccountId>> {
    let state = city.state.as_deref().unwrap_or_default();
    let keys: Vec<_> = city.spellings().iter().map(|name| (FollowKind::City, city_key(state, name))).collect();
    // Who follows two spellings is there twice and counts once.
    let found = follow::followers(cx, &keys, after, (limit + 1) * keys.len() as u64).await?;
    let mut ids: Vec<AccountId> = found.into_iter().map(|follower| follower.account).collect();
    ids.dedup();
    ids.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(ids)
}
