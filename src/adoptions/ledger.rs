//! What a school puts on record, as its people do it: for which school, with what they learned at which session.

use std::collections::HashMap;

use uuid::Uuid;

use super::{cycle, follow_up, policy};
use crate::catalog::adoption::{self, Adoption, Step, Told};
use crate::catalog::{self, AdoptionId, Practice, PracticeId};
use crate::people::{self, School, SchoolId};
use crate::platform::{Cx, Error, Result};
use crate::search::PracticeCard;
use crate::sessions::outlook;
use crate::sessions::outreach::{self, Seen};

/// Schools of the actor, by name. Two statements.
pub async fn schools_of(cx: &Cx) -> Result<Vec<School>> {
    let ids = outlook::schools_of(cx.actor());
    let mut schools: Vec<School> = people::schools(cx, &ids).await?.into_values().collect();
    schools.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    schools.dedup_by_key(|school| school.id);
    Ok(schools)
}

/// What the form of a school needs.
pub struct Draft {
    /// The practice.
    pub practice: Practice,
    /// The schools of the actor, by name.
    pub schools: Vec<School>,
    /// The one it is about; `None` where the actor belongs to none.
    pub school: Option<School>,
    /// What is on record.
    pub adoption: Option<Adoption>,
    /// Sessions at which the actor saw the practice.
    pub seen: Vec<Seen>,
}

/// The form of a practice for one of the actor's schools: the one asked for, or the first. At most fourteen statements.
pub async fn form(cx: &Cx, practice: &str, school: &str) -> Result<Draft> {
    let practice = catalog::practice(cx, practice).await?;
    let schools = schools_of(cx).await?;
    let asked = |one: &&School| one.slug == school || one.id.to_string() == school;
    let school = if school.is_empty() { schools.first() } else { schools.iter().find(asked) };
    let school = school.cloned();
    let adoption = match &school {
        Some(school) => {
            let family = people::school_family(cx, school.id).await?;
            adoption::adoption_at(cx, practice.id, &family).await?
        }
        None => None,
    };
    let mut seen = outreach::seen(cx).await?;
    seen.retain(|seen| seen.practice == practice.id);
    Ok(Draft { practice, schools, school, adoption, seen })
}

/// Refuses a session at which the actor did not see the practice.
pub async fn learned(cx: &Cx, practice: PracticeId, told: &Told) -> Result<()> {
    let Some(session) = told.learned_from else { return Ok(()) };
    let seen = outreach::seen(cx).await?;
    if seen.iter().any(|seen| seen.session.0 == session && seen.practice == practice) {
        return Ok(());
    }
    Err(Error::invalid("session", "Choose a session at which you saw this practice."))
}

/// What the page of an adoption shows.
pub struct Whole {
    /// The adoption.
    pub adoption: Adoption,
    /// The practice.
    pub practice: Practice,
    /// The school, as it stands today.
    pub school: School,
    /// The school where the practice began.
    pub origin: Option<School>,
    /// Its steps.
    pub steps: Vec<Step>,
    /// Its follow-ups.
    pub follow_ups: Vec<follow_up::FollowUp>,
    /// Its cycles that the actor may read.
    pub cycles: Vec<cycle::Cycle>,
    /// The session where it was learned, where everybody may see it: id and title.
    pub session: Option<(Uuid, String)>,
    /// Whether the actor belongs to the school.
    pub own: bool,
}

/// One adoption with everything around it. At most fourteen statements.
pub async fn whole(cx: &Cx, id: &str) -> Result<Whole> {
    let id: AdoptionId = id.parse().map_err(|_| Error::NotFound("adoption"))?;
    let adoption = adoption::adoption(cx, id).await?;
    let practice = catalog::practice(cx, &adoption.practice.to_string()).await?;
    let mut wanted = vec![adoption.school];
    wanted.extend(practice.origin_school);
    let schools = people::schools(cx, &wanted).await?;
    let school = schools.get(&adoption.school).cloned().ok_or(Error::NotFound("adoption"))?;
    let origin = practice.origin_school.and_then(|id| schools.get(&id)).cloned();
    let steps = adoption::adoption_steps(cx, &[id]).await?.remove(&id).unwrap_or_default();
    let follow_ups = follow_up::of_adoption(cx, id).await?;
    let cycles = cycle::of_adoption(cx, &adoption, &school).await?;
    let session = match adoption.learned_from {
        Some(session) => outreach::titles(cx, &[session]).await?.remove(&session).map(|title| (session, title)),
        None => None,
    };
    let own = policy::belongs(cx.actor(), school.id);
    Ok(Whole { adoption, practice, school, origin, steps, follow_ups, cycles, session, own })
}

/// What the schools of the actor have on record, and what they could put there.
pub struct Mine {
    /// The schools of the actor, by name.
    pub schools: Vec<School>,
    /// Their adoptions, the newest first, each with the school it stands for today.
    pub adoptions: Vec<(Adoption, School)>,
    /// Cards of the practices.
    pub cards: HashMap<PracticeId, PracticeCard>,
    /// Versions of the practices now.
    pub versions: HashMap<PracticeId, i32>,
    /// Practices that the actor uses and their school has not on record.
    pub offers: Vec<Seen>,
}

/// The actor's own list. A constant number of statements for each of their schools.
pub async fn mine(cx: &Cx) -> Result<Mine> {
    let schools = schools_of(cx).await?;
    let mut family: HashMap<SchoolId, usize> = HashMap::new();
    for (at, school) in schools.iter().enumerate() {
        family.extend(people::school_family(cx, school.id).await?.into_iter().map(|id| (id, at)));
    }
    let ids: Vec<SchoolId> = family.keys().copied().collect();
    let found = if ids.is_empty() { Vec::new() } else { catalog::adoptions_by(cx, &ids).await? };
    let adoptions: Vec<(Adoption, School)> = found
        .into_iter()
        .filter_map(|adoption| {
            let school = schools.get(*family.get(&adoption.school)?)?.clone();
            Some((adoption, school))
        })
        .collect();
    let mut offers = outreach::seen(cx).await?;
    let known = |seen: &Seen| adoptions.iter().any(|(one, _)| one.practice == seen.practice);
    offers.retain(|seen| seen.uses && !known(seen) && family.contains_key(&seen.school));
    offers.sort_by_key(|seen| seen.practice);
    offers.dedup_by_key(|seen| seen.practice);
    let mut wanted: Vec<PracticeId> = adoptions.iter().map(|(adoption, _)| adoption.practice).collect();
    wanted.extend(offers.iter().map(|seen| seen.practice));
    let versions = catalog::practices(cx, &wanted).await?;
    let versions: HashMap<PracticeId, i32> =
        versions.into_iter().map(|(id, practice)| (id, practice.version)).collect();
    let cards = catalog::cards(cx, &wanted).await?;
    // What began at one of these schools is not taken over by it.
    offers.retain(|seen| {
        let origin = cards.get(&seen.practice).map(|card| card.school.as_ref().map(|school| school.id));
        origin.is_some_and(|origin| origin.is_none_or(|id| !family.contains_key(&SchoolId(id))))
    });
    Ok(Mine { schools, adoptions, cards, versions, offers })
}
