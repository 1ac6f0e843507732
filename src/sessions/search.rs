//! What of a session is searchable: public ones that are still to come. One leaves the index when it is completed, cancelled
//! or no longer public, and is not shown from the moment it is over.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use uuid::Uuid;

use super::list::COMING;
use super::session::{Session, SessionId};
use super::{schedule, store};
use crate::people::{self, School, SchoolId};
use crate::platform::db::log::Relay;
use crate::platform::vocabulary::Visibility;
use crate::platform::{Cx, Result, Tx};
use crate::search::{Card, Entry, Kind, SessionCard, Source};

/// Sessions, for the index.
pub struct SessionSource;

#[async_trait]
impl Source for SessionSource {
    fn kind(&self) -> Kind {
        Kind::Session
    }

    fn ages(&self) -> bool {
        true
    }

    async fn entries(&self, cx: &Cx, ids: &[Uuid]) -> Result<Vec<Entry>> {
        let ids: Vec<SessionId> = ids.iter().copied().map(SessionId).collect();
        let found = store::sessions::by_ids(cx.conn(), &ids).await?;
        // Not whether it is over: what is in the index must not hang on the hour at which it was made.
        let shown = |session: &&Session| session.visibility == Visibility::PUBLIC && COMING.contains(&session.status);
        let shown: Vec<&Session> = found.values().filter(shown).collect();
        let schools: Vec<SchoolId> =
            shown.iter().flat_map(|session| session.parties()).map(|party| party.school).collect();
        let schools = people::schools(cx, &schools).await?;
        Ok(shown.into_iter().map(|session| entry(session, &schools)).collect())
    }

    async fn ids(&self, cx: &Cx, after: Option<Uuid>, limit: u64) -> Result<Vec<Uuid>> {
        store::list::all_ids(cx.conn(), after, limit).await
    }

    async fn visible(&self, cx: &Cx, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
        Ok(store::list::findable(cx.conn(), ids, cx.now()).await?.into_iter().collect())
    }

    async fn labels(&self, _: &Cx) -> Result<Vec<(&'static str, String, String)>> {
        Ok(Vec::new())
    }
}

/// Sessions show the names of their hosts: what changes a school changes them.
pub struct HostRelay;

#[async_trait]
impl Relay for HostRelay {
    async fn changed(&self, tx: &mut Tx, log: &str, subjects: &[Uuid]) -> Result<()> {
        if log != Kind::School.name() {
            return Ok(());
        }
        let sessions = store::list::coming_of(tx.conn(), subjects, tx.now()).await?;
        crate::search::touch(tx, Kind::Session, &sessions).await
    }
}

fn entry(session: &Session, schools: &HashMap<SchoolId, School>) -> Entry {
    let hosts: Vec<String> =
        session.parties().filter_map(|party| schools.get(&party.school)).map(|school| school.name.clone()).collect();
    let mut keywords: Vec<String> = session.topics.iter().map(|topic| topic.label().to_owned()).collect();
    keywords.extend(hosts.iter().cloned());
    keywords.push(session.format.label().to_owned());
    keywords.extend(session.details.subjects.iter().map(|subject| subject.label().to_owned()));
    let sectors = session.parties().filter_map(|party| party.sector.clone());
    Entry {
        id: session.id.0,
        title: session.title.clone(),
        keywords,
        summary: session.details.purpose.clone(),
        body: session.details.audience.clone(),
        facets: vec![
            ("topic", session.topics.iter().map(|topic| topic.code().to_owned()).collect()),
            ("sector", sectors.collect()),
        ],
        date: session.starts_at.map_or(0, |at| at.timestamp() / 86_400),
        card: Card::Session(SessionCard {
            id: session.id.0,
            title: session.title.clone(),
            when: session.meetings.first().map(schedule::when).unwrap_or_default(),
            hosts: hosts.join(" and "),
        }),
        ..Entry::default()
    }
}
