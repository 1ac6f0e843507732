//! Highlights as they are read: the list, one with everything its page shows, and what of it an approving school sees.

use std::collections::HashMap;

use uuid::Uuid;

use super::highlight::{Highlight, HighlightId, State};
use super::numbers::{self, Shown};
use super::{policy, store};
use crate::catalog;
use crate::compacts;
use crate::people::account::{self, AccountState};
use crate::people::city;
use crate::people::{self, School, SchoolId, Sector};
use crate::platform::{Cx, Error, Result, Timestamp, Tx};
use crate::sessions::outreach;

/// Highlights on a page.
pub const PAGE: u64 = 20;

/// Which highlights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only of this city, by its name in addresses.
    pub city: Option<String>,
    /// Only of this neighborhood.
    pub neighborhood: Option<String>,
    /// After the one of this cursor.
    pub cursor: Option<String>,
    /// At most so many, up to 100; none says [`PAGE`].
    pub limit: Option<u64>,
}

impl Filter {
    fn wanted(&self) -> Result<store::Wanted<'_>> {
        let unreadable = || Error::Unreadable {
            parameter: "cursor",
            message: "Give the `next` of the page before, or leave it out.".to_owned(),
        };
        let before = match self.cursor.as_deref() {
            None | Some("") => None,
            Some(text) => {
                let (at, id) = text.split_once('_').ok_or_else(unreadable)?;
                let at = at.parse().ok().and_then(Timestamp::from_timestamp_micros).ok_or_else(unreadable)?;
                Some((at, id.parse::<Uuid>().map_err(|_| unreadable())?))
            }
        };
        Ok(store::Wanted {
            city: self.city.as_deref(),
            neighborhood: self.neighborhood.as_deref(),
            before,
            limit: self.limit.unwrap_or(PAGE).clamp(1, 100),
        })
    }
}

/// Published highlights, newest first. Two statements.
pub async fn highlights(cx: &Cx, filter: &Filter) -> Result<Vec<Highlight>> {
    store::list(cx.conn(), &filter.wanted()?).await
}

/// Those of these names in addresses that everybody reads now. Two statements.
pub async fn shown(cx: &Cx, slugs: &[String]) -> Result<HashMap<String, Highlight>> {
    Ok(named(store::shown(cx.conn(), slugs).await?))
}

/// The same inside a transaction.
pub async fn shown_in(tx: &Tx, slugs: &[String]) -> Result<HashMap<String, Highlight>> {
    Ok(named(store::shown(tx.conn(), slugs).await?))
}

fn named(found: Vec<Highlight>) -> HashMap<String, Highlight> {
    found.into_iter().map(|one| (one.slug.clone(), one)).collect()
}

/// A page of highlights.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// How many there are.
    pub total: u64,
    /// This page of them.
    pub items: Vec<Highlight>,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// Their schools.
    pub schools: HashMap<SchoolId, School>,
}

/// A page of published highlights with their schools. At most six statements.
pub async fn page(cx: &Cx, filter: &Filter) -> Result<Listed> {
    let wanted = filter.wanted()?;
    let total = store::count(cx.conn(), &wanted).await?;
    let mut items = store::list(cx.conn(), &store::Wanted { limit: wanted.limit + 1, ..wanted.clone() }).await?;
    let more = items.len() as u64 > wanted.limit;
    items.truncate(usize::try_from(wanted.limit).unwrap_or(usize::MAX));
    let cursor = |last: &Highlight| Some(format!("{}_{}", last.published_at?.timestamp_micros(), last.id));
    let next = items.last().filter(|_| more).and_then(cursor);
    let ids: Vec<SchoolId> = items.iter().flat_map(|one| &one.schools).map(|one| one.school).collect();
    let schools = people::schools(cx, &ids).await?;
    Ok(Listed { total, items, next, schools })
}

/// Cities of published highlights, and their neighborhoods: name in addresses, name, neighborhood. One statement.
pub async fn places(cx: &Cx) -> Result<Vec<(String, String, Option<String>)>> {
    store::places(cx.conn()).await
}

/// What somebody may do with a highlight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct May {
    /// Write it, ask its schools, publish it, withdraw it.
    pub write: bool,
    /// Read it before it is published, or while a school looks at it again.
    pub preview: bool,
}

/// One, for whoever may know of it; what was published once and is not shown now is there without its words. At most three statements.
pub async fn highlight(cx: &Cx, reference: &str) -> Result<(Highlight, May)> {
    Error::unless_nameable(reference, "highlight")?;
    let found = store::by_reference(cx.conn(), reference).await?.ok_or(Error::NotFound("highlight"))?;
    let cities = city::of_actor(cx).await?;
    let may = May {
        write: cx.actor().administers() || cities.contains(&found.city),
        preview: policy::knows(cx.actor(), &found, &cities),
    };
    if may.preview {
        return Ok((found, may));
    }
    if found.published_at.is_some() {
        return Ok((bare(found), may));
    }
    Err(Error::NotFound("highlight"))
}

/// What is left of a highlight that is not shown: that it was there, and why it is not.
fn bare(found: Highlight) -> Highlight {
    Highlight {
        story: String::new(),
        headline: "This highlight is not shown".to_owned(),
        numbers: Vec::new(),
        quote: None,
        photo: None,
        schools: Vec::new(),
        session: None,
        practice: None,
        adoption: None,
        commitment: None,
        neighborhood: None,
        ..found
    }
}

/// A link to something that a highlight is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// "The joint session".
    pub kind: &'static str,
    /// Its title.
    pub title: String,
    /// Its page here.
    pub path: String,
}

/// Everything that the page of a highlight shows.
#[derive(Clone, Debug)]
pub struct Whole {
    /// It.
    pub highlight: Highlight,
    /// Its numbers, counted now.
    pub numbers: Vec<Shown>,
    /// Its schools.
    pub schools: HashMap<SchoolId, School>,
    /// Sectors, for their names.
    pub sectors: Vec<Sector>,
    /// Who said the quote, where they are named.
    pub speaker: Option<String>,
    /// What it is about.
    pub about: Vec<About>,
}

impl Whole {
    /// Name of a school.
    pub fn school(&self, id: SchoolId) -> String {
        self.schools.get(&id).map_or_else(|| "A school".to_owned(), |school| school.name.clone())
    }

    /// Name of a sector.
    pub fn sector(&self, code: &str) -> String {
        self.sectors.iter().find(|one| one.code == code).map_or_else(|| code.to_owned(), |one| one.label.clone())
    }
}

/// Looks up what the page of a highlight shows. At most thirty statements, however long its texts are.
pub async fn whole(cx: &Cx, highlight: Highlight) -> Result<Whole> {
    let ids: Vec<SchoolId> = highlight.schools.iter().map(|one| one.school).collect();
    let schools = people::schools(cx, &ids).await?;
    let sectors = people::sectors(cx).await?;
    let numbers = numbers::read(cx, &highlight).await?;
    let speaker = match highlight.quote.as_ref().and_then(|quote| quote.speaker) {
        Some(id) => account::accounts(cx, &[id]).await?.remove(&id),
        None => None,
    };
    let speaker = speaker.filter(|one| one.state == AccountState::Active).map(|one| one.name);
    let about = about(cx, &highlight).await?;
    Ok(Whole { highlight, numbers, schools, sectors, speaker, about })
}

async fn about(cx: &Cx, highlight: &Highlight) -> Result<Vec<About>> {
    let mut about = Vec::new();
    if let Some(id) = highlight.session
        && let Some(title) = outreach::titles(cx, &[id.0]).await?.remove(&id.0)
    {
        about.push(About { kind: "The joint session", title, path: format!("/sessions/{id}") });
    }
    if let Some(id) = highlight.practice
        && let Some(practice) = catalog::practices(cx, &[id]).await?.remove(&id)
    {
        let path = format!("/practices/{}", practice.slug);
        about.push(About { kind: "The practice", title: practice.record.title, path });
    }
    if let Some(id) = highlight.adoption {
        about.push(About {
            kind: "How it was taken over",
            title: "What the school wrote down".to_owned(),
            path: format!("/adoptions/{id}"),
        });
    }
    if let Some(id) = highlight.commitment {
        match compacts::commitment(cx, compacts::CommitmentId(id)).await {
            Ok(found) => {
                let compact = compacts::compacts(cx).await?.into_iter().find(|one| one.id == found.compact);
                about.extend(compact.map(|compact| About {
                    kind: "The commitment",
                    path: format!("/compacts/{}/commitments/{}", compact.slug, found.number),
                    title: format!("{}: {}", compact.name, found.sentence),
                }));
            }
            Err(Error::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(about)
}

/// Whether everybody reads it now.
pub fn is_open(highlight: &Highlight) -> bool {
    highlight.state == State::Published
}

/// The name in addresses or the id, as an id of one that is there. One look more than the id itself.
pub async fn id_of(cx: &Cx, reference: &str) -> Result<HighlightId> {
    highlight(cx, reference).await.map(|(found, _)| found.id)
}
