//! Who is near a practice: the school where it began, and the schools that use it or did.

use chrono::NaiveDate;

use crate::catalog::{self, Practice};
use crate::people::{self, School, SchoolId};
use crate::platform::vocabulary::{AdoptionStage, PracticeStatus};
use crate::platform::{Actor, Cx, Error, Place, Result, Role, Tx};

/// Why somebody knows a practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    /// It began at their school.
    Origin,
    /// Their school uses it.
    Uses,
    /// Their school used it and stopped.
    Stopped,
}

impl Ground {
    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Uses => "uses",
            Self::Stopped => "stopped",
        }
    }

    /// Of a code.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Origin, Self::Uses, Self::Stopped].into_iter().find(|ground| ground.code() == code)
    }
}

/// A school that knows a practice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub school: SchoolId,
    /// Why it knows.
    pub ground: Ground,
    /// Since when it uses it; none for the school where it began.
    pub since: Option<NaiveDate>,
    /// Whether others may ask there.
    pub contact_ok: bool,
}

/// A practice and who is near it.
#[derive(Clone, Debug)]
pub struct Circle {
    /// The practice.
    pub practice: Practice,
    /// The school where it began, by the one that it is part of now.
    pub origin: Option<School>,
    /// Schools that know it, where it began first.
    pub near: Vec<Standing>,
}

/// The practice of an address with who is near it. At most four statements.
pub async fn circle(cx: &Cx, reference: &str) -> Result<Circle> {
    of(cx, catalog::practice(cx, reference).await?).await
}

/// The same of a practice that was read already.
pub async fn of(cx: &Cx, practice: Practice) -> Result<Circle> {
    let adoptions = catalog::adoptions_of(cx, practice.id).await?;
    let mut wanted: Vec<SchoolId> = adoptions.iter().map(|adoption| adoption.school).collect();
    wanted.extend(practice.origin_school);
    let schools = if wanted.is_empty() { Default::default() } else { people::schools(cx, &wanted).await? };
    // A school that became part of another is answered with that one.
    let origin = practice.origin_school.and_then(|id| schools.get(&id)).cloned();
    let mut near: Vec<Standing> = origin
        .iter()
        .map(|school| Standing { school: school.id, ground: Ground::Origin, since: None, contact_ok: true })
        .collect();
    let mut users: Vec<Standing> = adoptions
        .iter()
        .filter_map(|adoption| {
            let ground = match adoption.stage {
                AdoptionStage::STOPPED => Ground::Stopped,
                _ if adoption.is_use() => Ground::Uses,
                _ => return None,
            };
            let school = schools.get(&adoption.school)?.id;
            Some(Standing { school, ground, since: Some(adoption.started_on), contact_ok: adoption.contact_ok })
        })
        .collect();
    users.sort_by_key(|one| one.ground);
    near.extend(users);
    Ok(Circle { practice, origin, near })
}

impl Circle {
    /// The school where it began.
    pub fn origin_id(&self) -> Option<SchoolId> {
        self.origin.as_ref().map(|school| school.id)
    }

    /// The path of the practice's page.
    pub fn path(&self) -> String {
        format!("/practices/{}", self.practice.slug)
    }

    /// Why the actor knows it, the best reason first.
    pub fn standing(&self, actor: &Actor) -> Option<&Standing> {
        let person = actor.person()?;
        self.near.iter().find(|one| person.belongs_to(Place::School(one.school.0)))
    }

    /// Whether it is in the catalog: about what was taken out nobody is asked any more.
    pub fn is_open(&self) -> bool {
        self.practice.status != PracticeStatus::RETIRED
    }

    /// Refuses where it was taken out of the catalog meanwhile.
    pub(super) async fn still_open(&self, tx: &Tx) -> Result<()> {
        match catalog::practice_in(tx, &self.practice.id.to_string()).await? {
            None => Err(Error::NotFound("practice")),
            Some(now) if now.status == PracticeStatus::RETIRED => {
                Err(Error::Conflict("This practice was taken out of the catalog; its page says why.".to_owned()))
            }
            Some(_) => Ok(()),
        }
    }
}

/// Schools to which the actor belongs.
pub fn schools_of(actor: &Actor) -> Vec<SchoolId> {
    let mut schools: Vec<SchoolId> = Vec::new();
    for grant in actor.person().map(|person| person.grants.as_slice()).unwrap_or_default() {
        if let Place::School(id) = grant.place
            && !schools.contains(&SchoolId(id))
        {
            schools.push(SchoolId(id));
        }
    }
    schools
}

/// The school in whose name the actor writes: the one they chose of theirs, or the only one they have.
pub(super) fn school_of(actor: &Actor, chosen: &str) -> Result<Option<SchoolId>> {
    let mine = schools_of(actor);
    let wrong = || Error::invalid("school", "Choose one of your schools.");
    match (chosen.trim(), mine.as_slice()) {
        (_, []) => Ok(None),
        ("", [one]) => Ok(Some(*one)),
        ("", _) => Err(wrong()),
        (text, mine) => {
            let chosen: SchoolId = text.parse().map_err(|_| wrong())?;
            if mine.contains(&chosen) { Ok(Some(chosen)) } else { Err(wrong()) }
        }
    }
}

/// The role that says most about the actor at a school, or at any place where it is none.
pub(super) fn role_at(actor: &Actor, school: Option<SchoolId>) -> Role {
    let grants = actor.person().map(|person| person.grants.as_slice()).unwrap_or_default();
    let here = |place: Place| school.is_none_or(|school| place == Place::School(school.0));
    let held = |role: &Role| grants.iter().any(|grant| grant.role == *role && here(grant.place));
    let order = [
        Role::Principal,
        Role::Delegate,
        Role::Organizer,
        Role::Teacher,
        Role::Mayor,
        Role::CompactOwner,
        Role::Editor,
        Role::CityAdmin,
    ];
    order.into_iter().find(held).unwrap_or(Role::Teacher)
}
