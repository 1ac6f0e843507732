//! What counts for a commitment, counted from what is here (C-7): nobody types these numbers. Only what is over, public and still
//! there counts; minutes and agreements are listed and never counted.

use std::collections::HashMap;

use super::commitment::{Commitment, LinkKind, LinkRow};
use super::compact::{Compact, Party};
use super::{editing, store};
use crate::adoptions::crossing;
use crate::catalog::adoption::{self, Adoption};
use crate::catalog::{self, AdoptionId, PracticeId};
use crate::people::{self, OrganizationId, SchoolId};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Cx, Place, Result};
use crate::sessions::SessionId;
use crate::sessions::tally::{self, Tally};

/// The area whose commitments count joint sessions of themselves, where the compact says so.
const LEARN_TOGETHER: &str = "learn_together";

/// An adoption that was linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    /// Its id.
    pub id: AdoptionId,
    /// The practice.
    pub practice: String,
    /// The school.
    pub school: String,
    /// Whether it came as far as a pilot.
    pub piloted: bool,
    /// Whether it was in use a year after the pilot began; `None` before that.
    pub kept: Option<bool>,
}

/// A practice that was linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// Its id.
    pub id: PracticeId,
    /// Its name in addresses.
    pub slug: String,
    /// Its title.
    pub title: String,
}

/// What counts for a commitment.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    /// Completed public sessions, linked or between its schools, the oldest first.
    pub sessions: Vec<Tally>,
    /// Practices of the catalog that are not retired.
    pub practices: Vec<Shared>,
    /// Adoptions, also those that only began.
    pub adoptions: Vec<Adopted>,
    /// Minutes and agreements, which are elsewhere.
    pub elsewhere: Vec<LinkRow>,
    /// Everything that was linked, for whoever may take it out.
    pub links: Vec<LinkRow>,
    /// Whether joint sessions between its schools count of themselves.
    pub counts_joint: bool,
}

impl Counted {
    /// How many of its sessions were joint by who came (J-1).
    pub fn joint(&self) -> usize {
        self.sessions.iter().filter(|one| one.joint == Some(true)).count()
    }

    /// Hours of all educators at its sessions, full ones.
    pub fn hours(&self) -> i64 {
        self.sessions.iter().map(|one| one.minutes).sum::<i64>() / 60
    }

    /// Adoptions that came as far as a pilot.
    pub fn piloted(&self) -> usize {
        self.adoptions.iter().filter(|one| one.piloted).count()
    }

    /// Of the pilots that began a year ago or longer: how many were kept, and how many there are.
    pub fn kept(&self) -> (usize, usize) {
        let old = self.adoptions.iter().filter_map(|one| one.kept);
        old.fold((0, 0), |(kept, of), one| (kept + usize::from(one), of + 1))
    }

    /// Whether anything counts.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty() && self.practices.is_empty() && self.adoptions.is_empty() && self.elsewhere.is_empty()
    }
}

/// The schools of the parties: those that are schools, and those of parties that are a district or a network. One statement.
async fn schools_of(cx: &Cx, parties: &[Party]) -> Result<Vec<SchoolId>> {
    let mut schools = editing::schools(parties);
    let organization = |party: &Party| match party.place {
        Some(Place::Organization(id)) if party.takes_part() => Some(OrganizationId(id)),
        _ => None,
    };
    let organizations: Vec<OrganizationId> = parties.iter().filter_map(organization).collect();
    schools.extend(people::schools_at(cx, &organizations).await?);
    schools.sort_unstable();
    schools.dedup();
    Ok(schools)
}

/// What counts for a commitment. At most twenty-two statements, however much it is.
pub async fn counted(cx: &Cx, compact: &Compact, parties: &[Party], of: &Commitment) -> Result<Counted> {
    let links = store::commitments::links(cx.conn(), &[of.id]).await?;
    let ids = |kind: LinkKind| links.iter().filter(move |link| link.kind == kind).filter_map(|link| link.target);
    let counts_joint = compact.counts_joint && of.area.code() == LEARN_TOGETHER;
    let linked: Vec<SessionId> = ids(LinkKind::Session).map(SessionId).collect();
    let mut sessions = tally::of(cx, &linked).await?;
    if counts_joint {
        let schools = schools_of(cx, parties).await?;
        for one in tally::joint_between(cx, &schools, compact.signed_on).await? {
            if !sessions.iter().any(|known| known.id == one.id) {
                sessions.push(one);
            }
        }
        sessions.sort_by_key(|one| (one.on, one.id));
    }
    let practices: Vec<PracticeId> = ids(LinkKind::Practice).map(PracticeId).collect();
    let adoptions: Vec<AdoptionId> = ids(LinkKind::Adoption).map(AdoptionId).collect();
    let adoptions = if adoptions.is_empty() { Vec::new() } else { adoption::adoptions(cx, &adoptions).await? };
    let mut wanted = practices.clone();
    wanted.extend(adoptions.iter().map(|one| one.practice));
    let known = if wanted.is_empty() { HashMap::new() } else { catalog::practices(cx, &wanted).await? };
    let live = |id: &PracticeId| known.get(id).filter(|one| one.status != PracticeStatus::RETIRED);
    let practices = practices.iter().filter_map(live).map(|one| Shared {
        id: one.id,
        slug: one.slug.clone(),
        title: one.record.title.clone(),
    });
    let practices: Vec<Shared> = practices.collect();
    let titles: HashMap<PracticeId, String> = known.iter().map(|(id, one)| (*id, one.record.title.clone())).collect();
    let adoptions = adopted(cx, adoptions, &titles).await?;
    let elsewhere = links.iter().filter(|link| !link.kind.is_here()).cloned().collect();
    Ok(Counted { sessions, practices, adoptions, elsewhere, links, counts_joint })
}

async fn adopted(cx: &Cx, rows: Vec<Adoption>, titles: &HashMap<PracticeId, String>) -> Result<Vec<Adopted>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let today = cx.now().date_naive();
    let ids: Vec<AdoptionId> = rows.iter().map(|one| one.id).collect();
    let steps = adoption::adoption_steps(cx, &ids).await?;
    let schools: Vec<SchoolId> = rows.iter().map(|one| one.school).collect();
    let schools = people::schools(cx, &schools).await?;
    let mut all: Vec<Adopted> = rows
        .into_iter()
        .filter_map(|one| {
            let steps = steps.get(&one.id).map_or(&[][..], Vec::as_slice);
            Some(Adopted {
                id: one.id,
                practice: titles.get(&one.practice)?.clone(),
                school: schools.get(&one.school)?.name.clone(),
                piloted: one.piloted_on.is_some(),
                kept: one.piloted_on.and_then(|on| crossing::kept(on, steps, today)),
            })
        })
        .collect();
    all.sort_by(|a, b| (&a.practice, &a.school, a.id).cmp(&(&b.practice, &b.school, b.id)));
    Ok(all)
}
