//! What is news of a practice or a session, whom it may concern, and in which words.

use std::collections::HashMap;

use chrono::TimeDelta;
use uuid::Uuid;

use crate::catalog::{self, Practice, PracticeId};
use crate::compacts::{self, CompactId};
use crate::people::follow::{FollowKind, city_key};
use crate::people::{self, AccountId, School, SchoolId};
use crate::platform::vocabulary::{PracticeStatus, SessionStatus, Topic, Visibility};
use crate::platform::{Cx, Error, Result, Timestamp};
use crate::sessions::list::{COMING, Filters};
use crate::sessions::{self, Session, schedule};

/// Something new or materially changed.
#[derive(Clone, Debug)]
pub struct News {
    /// `practice`, `session` or `compact`.
    pub kind: &'static str,
    /// Which.
    pub subject: Uuid,
    /// Its state, which is told of once: `2`, `cancelled`.
    pub version: String,
    /// Since when it is so.
    pub at: Timestamp,
    /// "New practice", "Session moved".
    pub word: &'static str,
    /// Its title, with the day of a session.
    pub title: String,
    /// Its page.
    pub path: String,
    /// What leads to it, with its name: whoever follows one of these hears of it, by the first that fits.
    pub reasons: Vec<(FollowKind, String, String)>,
    /// Whose doing it is: they hear nothing.
    pub own: Vec<AccountId>,
    /// The session, where it is one.
    pub session: Option<Session>,
    /// Whether searches may find it.
    pub searched: bool,
}

impl News {
    /// Whether everybody who has signed in may know of it.
    pub fn is_for_everybody(&self) -> bool {
        let open = |session: &Session| matches!(session.visibility, Visibility::PUBLIC | Visibility::MEMBERS);
        self.session.as_ref().is_none_or(open)
    }
}

/// News among these practices; those that search does not show are none. Four statements, and one for each with a newer version.
pub async fn of_practices(cx: &Cx, ids: &[Uuid]) -> Result<Vec<News>> {
    let ids: Vec<PracticeId> = ids.iter().copied().map(PracticeId).collect();
    let practices = catalog::practices(cx, &ids).await?;
    let shown = |practice: &&Practice| matches!(practice.status, PracticeStatus::PUBLISHED | PracticeStatus::IMPORTED);
    let shown: Vec<&Practice> = ids.iter().filter_map(|id| practices.get(id)).filter(shown).collect();
    let wanted: Vec<SchoolId> = shown.iter().filter_map(|practice| practice.origin_school).collect();
    let schools = people::schools(cx, &wanted).await?;
    let mut news = Vec::new();
    for practice in shown {
        let at = if practice.version > 1 {
            let versions = catalog::versions(cx, practice.id).await?;
            versions.iter().map(|version| version.created_at).max().unwrap_or(practice.updated_at)
        } else {
            practice.created_at
        };
        let id = practice.id.to_string();
        let mut reasons = vec![(FollowKind::Practice, id, "this practice".to_owned())];
        if let Some(school) = practice.origin_school.and_then(|school| schools.get(&school)) {
            reasons.push((FollowKind::School, school.id.to_string(), school.name.clone()));
            reasons.extend(
                practice
                    .origin_school
                    .filter(|was| *was != school.id)
                    .map(|was| (FollowKind::School, was.to_string(), school.name.clone())),
            );
        }
        reasons.extend(practice.record.topics.iter().map(topic));
        if let Some(school) = practice.origin_school.and_then(|school| schools.get(&school)) {
            reasons.extend(city(school));
        }
        news.push(News {
            kind: "practice",
            subject: practice.id.0,
            version: practice.version.to_string(),
            at,
            word: if practice.version > 1 { "Changed practice" } else { "New practice" },
            title: practice.record.title.clone(),
            path: format!("/practices/{}", practice.slug),
            reasons,
            own: Vec::new(),
            session: None,
            searched: true,
        });
    }
    Ok(news)
}

/// News among these compacts: the last word on a commitment of each. Six statements.
pub async fn of_compacts(cx: &Cx, ids: &[Uuid]) -> Result<Vec<News>> {
    let ids: Vec<CompactId> = ids.iter().copied().map(CompactId).collect();
    let news = compacts::last_words(cx, &ids).await?.into_iter().map(|last| News {
        kind: "compact",
        subject: last.compact.id.0,
        version: last.entry.0.simple().to_string(),
        at: last.at,
        word: last.word,
        title: last.sentence,
        path: last.path,
        reasons: vec![(FollowKind::Compact, last.compact.id.to_string(), last.compact.name)],
        own: last.account.into_iter().collect(),
        session: None,
        searched: false,
    });
    Ok(news.collect())
}

/// News of a session; `None` for a draft, and for what is over.
pub async fn of_session(cx: &Cx, id: Uuid) -> Result<Option<News>> {
    let session = match sessions::session(cx, &id.to_string()).await {
        Ok((session, _)) => session,
        Err(Error::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let over = session.ends_at.is_none_or(|end| end <= cx.now());
    let cancelled = session.status == SessionStatus::CANCELLED;
    if !session.is_public() || over || !(cancelled || COMING.contains(&session.status)) {
        return Ok(None);
    }
    let (word, version) = match session.status {
        SessionStatus::CANCELLED => ("Session cancelled", "cancelled".to_owned()),
        SessionStatus::POSTPONED => ("Session postponed", format!("postponed-{}", session.round)),
        _ if session.round > 0 => ("Session changed", format!("{}", session.round + 1)),
        _ => ("New session", "1".to_owned()),
    };
    let wanted: Vec<SchoolId> = session.parties().map(|party| party.school).collect();
    let schools = people::schools(cx, &wanted).await?;
    let parties: Vec<&School> = wanted.iter().filter_map(|id| schools.get(id)).collect();
    let mut reasons: Vec<(FollowKind, String, String)> = Vec::new();
    for school in &parties {
        reasons.push((FollowKind::Host, school.id.to_string(), school.name.clone()));
        reasons.push((FollowKind::School, school.id.to_string(), school.name.clone()));
    }
    if let Some(practice) = session.practice {
        reasons.push((FollowKind::Practice, practice.to_string(), "the practice it shows".to_owned()));
    }
    reasons.extend(session.topics.iter().map(topic));
    reasons.extend(parties.iter().filter_map(|school| city(school)));
    let day = session.starts_at.map(|at| schedule::day(at, session.zone()));
    let title = day.map_or_else(|| session.title.clone(), |day| format!("{}, {day}", session.title));
    let led = session.facilitators.iter().filter_map(|facilitator| facilitator.account);
    Ok(Some(News {
        kind: "session",
        subject: id,
        version,
        // What is published again after a withdrawal is news as of its change.
        at: if session.round == 0 && !cancelled {
            session.published_at.unwrap_or(session.updated_at)
        } else {
            session.updated_at
        },
        word,
        title,
        path: format!("/sessions/{id}"),
        reasons,
        own: std::iter::once(session.organizer).chain(session.consent_by).chain(led).collect(),
        searched: !cancelled && session.status != SessionStatus::POSTPONED,
        session: Some(session),
    }))
}

fn topic(topic: &Topic) -> (FollowKind, String, String) {
    (FollowKind::Topic, topic.code().to_owned(), topic.label().to_owned())
}

fn city(school: &School) -> Option<(FollowKind, String, String)> {
    let city = school.city.as_deref()?;
    let state = school.state.as_deref().unwrap_or_default();
    Some((FollowKind::City, city_key(state, city), city.to_owned()))
}

/// Whether the list of sessions with these filters has the session at a moment: what `/sessions` asks of the database.
pub fn lists(filters: &Filters, session: &Session, now: Timestamp) -> bool {
    let day =
        |day: chrono::NaiveDate| crate::platform::Zone::default().moment_near(day.and_time(chrono::NaiveTime::MIN));
    let starts = session.starts_at;
    let of = |school: SchoolId| session.parties().any(|party| party.school == school);
    let title = session.title.to_lowercase();
    let open = || {
        session.status == SessionStatus::PUBLISHED
            && starts.is_some_and(|at| at > now)
            && session.opens_at.is_none_or(|at| at <= now)
            && session.closes_at.is_none_or(|at| at > now)
            && (session.in_person.free() > 0 || session.online.free() > 0)
    };
    COMING.contains(&session.status)
        && filters.from.is_none_or(|from| session.ends_at.is_some_and(|end| end >= day(from)))
        && filters.to.is_none_or(|to| starts.is_some_and(|at| at < day(to) + TimeDelta::days(1)))
        && filters.topic.is_none_or(|topic| session.topics.contains(&topic))
        && filters.format.is_none_or(|format| session.format == format)
        && filters.mode.is_none_or(|mode| session.mode == mode)
        && filters.school.is_none_or(of)
        && filters
            .sector
            .as_deref()
            .is_none_or(|sector| session.parties().any(|party| party.sector.as_deref() == Some(sector)))
        && filters.words().iter().all(|word| title.contains(word))
        && (!filters.open || open())
}

/// The reason of each follower, the first that fits.
pub fn first_reasons<'a>(
    news: &'a News,
    followers: &[people::follow::Follower],
) -> HashMap<AccountId, &'a (FollowKind, String, String)> {
    let mut found: HashMap<AccountId, usize> = HashMap::new();
    for follower in followers.iter().filter(|follower| follower.follow.since <= news.at) {
        let at = news
            .reasons
            .iter()
            .position(|(kind, target, _)| *kind == follower.follow.kind && *target == follower.follow.target);
        if let Some(at) = at {
            let known = found.entry(follower.account).or_insert(at);
            *known = at.min(*known);
        }
    }
    found.into_iter().map(|(account, at)| (account, &news.reasons[at])).collect()
}
