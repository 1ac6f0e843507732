//! Schools as administrators keep them: adding, changing, closing, merging.
//!
//! A school is never taken out. One that closed stays readable and takes nobody in. One that became part of another points
//! at it (`merged_into`), and that one stands for it wherever it was written down; nothing points at a school that points
//! on, so one look is always enough.

use chrono::NaiveDate;
use serde_json::json;
use uuid::Uuid;

use super::membership::{MembershipId, MembershipState, place_id};
use super::school::{GradeSpan, OrganizationId, School, SchoolId, Share};
use super::store::{memberships, places, school as school_row};
use super::{Membership, import, policy, short, store};
use crate::platform::{Cx, Error, Event, FieldErrors, Grant, Place, Result, Timestamp, Tx};
use crate::search;

/// Where a fact is from that an administrator typed; an import leaves such a sector alone.
pub const ADMINISTRATORS: &str = "the city's administrators";

/// A school as somebody describes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewSchool {
    /// Its name.
    pub name: String,
    /// Code of its sector.
    pub sector: Option<String>,
    /// District or network.
    pub organization: Option<OrganizationId>,
    /// City.
    pub city: Option<String>,
    /// Two-letter state.
    pub state: Option<String>,
    /// Neighborhood.
    pub neighborhood: Option<String>,
    /// Campus shared with other schools.
    pub campus: Option<String>,
    /// Grades.
    pub grades: Option<GradeSpan>,
    /// Number of students.
    pub students: Option<i32>,
    /// Shares of student groups in bands.
    pub shares: Vec<Share>,
    /// Kind of school.
    pub school_type: Option<String>,
    /// A sentence about itself.
    pub profile: Option<String>,
}

impl NewSchool {
    /// What is known of a school, to begin a change with.
    pub fn of(school: &School) -> Self {
        Self {
            name: school.name.clone(),
            sector: school.sector.clone(),
            organization: school.organization.as_ref().map(|organization| organization.id),
            city: school.city.clone(),
            state: school.state.clone(),
            neighborhood: school.neighborhood.clone(),
            campus: school.campus.clone(),
            grades: school.grades,
            students: school.students,
            shares: school.shares.clone(),
            school_type: school.school_type.clone(),
            profile: school.profile.clone(),
        }
    }

    /// The same without blanks around texts and without empty ones.
    fn trimmed(self) -> Self {
        let tidy = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        Self {
            name: self.name.trim().to_owned(),
            sector: tidy(self.sector),
            city: tidy(self.city),
            state: tidy(self.state),
            neighborhood: tidy(self.neighborhood),
            campus: tidy(self.campus),
            school_type: tidy(self.school_type),
            profile: tidy(self.profile),
            ..self
        }
    }

    fn onto(self, row: school_row::Model) -> Result<school_row::Model> {
        Ok(school_row::Model {
            name: self.name,
            sector: self.sector,
            organization_id: self.organization.map(|id| id.0),
            city: self.city,
            state: self.state,
            neighborhood: self.neighborhood,
            campus: self.campus,
            grade_low: self.grades.map(|span| span.low),
            grade_high: self.grades.map(|span| span.high),
            students: self.students,
            shares: serde_json::to_value(&self.shares).map_err(Error::internal)?,
            school_type: self.school_type,
            profile: self.profile,
            ..row
        })
    }
}

/// The longest profile, in characters.
const PROFILE: usize = 2_000;

async fn check(tx: &Tx, new: NewSchool) -> Result<NewSchool> {
    let new = new.trimmed();
    let mut errors = FieldErrors::default();
    super::check_name(&mut errors, &new.name);
    if let Some(code) = &new.sector
        && !store::sectors(tx.conn()).await?.iter().any(|sector| &sector.code == code)
    {
        errors.add("sector", "Choose one of the sectors of this installation.");
    }
    if let Some(organization) = new.organization
        && places::organizations(tx.conn(), &[organization]).await?.is_empty()
    {
        errors.add("organization", "Choose an organization that is here, or leave it out.");
    }
    let texts = [
        ("city", &new.city, 80),
        ("neighborhood", &new.neighborhood, 80),
        ("campus", &new.campus, 120),
        ("school_type", &new.school_type, 80),
        ("profile", &new.profile, PROFILE),
    ];
    for (field, text, most) in texts {
        let control = |c: char| c.is_control() && !(field == "profile" && matches!(c, '\n' | '\r'));
        if text.as_ref().is_some_and(|text| text.chars().count() > most || text.contains(control)) {
            errors.add(field, format!("Use up to {most} characters."));
        }
    }
    if new.state.as_ref().is_some_and(|code| code.len() != 2 || !code.bytes().all(|b| b.is_ascii_uppercase())) {
        errors.add("state", "Give the state in two capital letters, like NY.");
    }
    if new.students.is_some_and(|n| !(0..=100_000).contains(&n)) {
        errors.add("students", "Give a whole number from 0 to 100,000.");
    }
    if new.grades.is_some_and(|span| span.low > span.high || span.low < -1 || span.high > 13) {
        errors.add("grades", "Give the lowest grade first, from PK to 13.");
    }
    Ok(errors.or(new)?)
}

/// Adds a school that is in no federal file.
pub async fn add_school(tx: &mut Tx, new: NewSchool) -> Result<SchoolId> {
    let permit = policy::administer_places(tx.actor())?;
    let new = check(tx, new).await?;
    let slug = slug::slugify(&new.name);
    let taken = !store::taken_school_slugs(tx.conn(), std::slice::from_ref(&slug)).await?.is_empty();
    let blank = import::blank(slug.clone(), None, tx.now());
    let row = school_row::Model {
        slug: if taken || slug.is_empty() { format!("{slug}-{}", short(blank.id)) } else { slug },
        sector_source: new.sector.as_ref().map(|_| "the school".to_owned()),
        facts_from: "the school".to_owned(),
        ..blank
    };
    let id = SchoolId(row.id);
    store::insert_schools(tx.conn(), vec![new.onto(row)?]).await?;
    tx.record(&permit, Event::about("school.added", "school", id.0)).await?;
    search::touch(tx, search::Kind::School, &[id.0]).await?;
    Ok(id)
}

/// Changes what is known of a school, if it is still as it was at `seen`. Its address stays.
pub async fn change_school(tx: &mut Tx, id: SchoolId, change: NewSchool, seen: Timestamp) -> Result<()> {
    let permit = policy::administer_places(tx.actor())?;
    let row = standing(tx, id).await?;
    let change = check(tx, change).await?;
    if row.updated_at != seen {
        return Err(Error::Stale);
    }
    let wanted = change.onto(row.clone())?;
    if wanted == row {
        return Ok(());
    }
    let changed = changed_fields(&row, &wanted);
    let sector_source = match (&wanted.sector, wanted.sector == row.sector) {
        (_, true) => row.sector_source,
        (_, false) => Some(ADMINISTRATORS.to_owned()),
    };
    let wanted = school_row::Model { sector_source, updated_at: tx.now(), ..wanted };
    if !places::change(tx.conn(), wanted, seen).await? {
        return Err(Error::Stale);
    }
    tx.record(&permit, Event::about("school.changed", "school", id.0).with(json!({ "fields": changed }))).await?;
    search::touch(tx, search::Kind::School, &[id.0]).await
}

fn changed_fields(old: &school_row::Model, new: &school_row::Model) -> Vec<&'static str> {
    [
        ("name", old.name != new.name),
        ("sector", old.sector != new.sector),
        ("organization", old.organization_id != new.organization_id),
        ("city", old.city != new.city),
        ("state", old.state != new.state),
        ("neighborhood", old.neighborhood != new.neighborhood),
        ("campus", old.campus != new.campus),
        ("grades", (old.grade_low, old.grade_high) != (new.grade_low, new.grade_high)),
        ("students", old.students != new.students),
        ("shares", old.shares != new.shares),
        ("school_type", old.school_type != new.school_type),
        ("profile", old.profile != new.profile),
    ]
    .into_iter()
    .filter_map(|(field, changed)| changed.then_some(field))
    .collect()
}

/// Closes a school: its page stays and says since when, and it takes nobody in. Closed again, the new day holds.
pub async fn close_school(tx: &mut Tx, id: SchoolId, on: NaiveDate) -> Result<()> {
    let permit = policy::administer_places(tx.actor())?;
    let row = standing(tx, id).await?;
    if on > tx.now().date_naive() {
        return Err(Error::invalid("closed_on", "Give the day it closed, which is not in the future."));
    }
    if row.closed_on == Some(on) {
        return Ok(());
    }
    stand(tx, row, Some(on)).await?;
    tx.record(&permit, Event::about("school.closed", "school", id.0).with(json!({ "on": on }))).await?;
    search::touch(tx, search::Kind::School, &[id.0]).await
}

/// Opens a school that was closed. An open one stays open.
pub async fn reopen_school(tx: &mut Tx, id: SchoolId) -> Result<()> {
    let permit = policy::administer_places(tx.actor())?;
    let row = standing(tx, id).await?;
    if row.closed_on.is_none() {
        return Ok(());
    }
    stand(tx, row, None).await?;
    tx.record(&permit, Event::about("school.reopened", "school", id.0)).await?;
    search::touch(tx, search::Kind::School, &[id.0]).await
}

async fn stand(tx: &Tx, row: school_row::Model, closed_on: Option<NaiveDate>) -> Result<()> {
    let row = school_row::Model { closed_on, updated_at: tx.now(), ..row };
    store::update_school(tx.conn(), row).await
}

/// The row of a school that stands for itself, held until the transaction ends.
async fn standing(tx: &Tx, id: SchoolId) -> Result<school_row::Model> {
    let row = places::lock(tx.conn(), &[id]).await?.pop().ok_or(Error::NotFound("school"))?;
    if row.merged_into.is_some() { Err(gone()) } else { Ok(row) }
}

fn gone() -> Error {
    Error::Conflict("This school became part of another one; change that one.".to_owned())
}

/// Makes a school part of another: its address leads there, what began or was used there shows on the other's page, its
/// people, open invitations and email domains go over. This is not undone.
///
/// # Errors
/// `Conflict` where one of them became part of a third school before; `Invalid` for a school and itself.
pub async fn merge_schools(tx: &mut Tx, from: SchoolId, into: SchoolId) -> Result<()> {
    let permit = policy::administer_places(tx.actor())?;
    if from == into {
        return Err(Error::invalid("into", "Choose another school: one cannot become part of itself."));
    }
    // Both at once and in one order, so that two mergers cannot make a circle.
    let rows = places::lock(tx.conn(), &[from, into]).await?;
    let row = |id: SchoolId| rows.iter().find(|row| row.id == id.0).ok_or(Error::NotFound("school"));
    let (old, whole) = (row(from)?, row(into)?);
    if old.merged_into == Some(into.0) {
        return Ok(());
    }
    if old.merged_into.is_some() {
        return Err(gone());
    }
    if whole.merged_into.is_some() {
        return Err(Error::Conflict(
            "The other school became part of a third one itself; choose that one instead.".to_owned(),
        ));
    }
    if old.closed_on.is_none() && whole.closed_on.is_some() {
        return Err(Error::Conflict("The other school is closed; reopen it first, or choose an open one.".to_owned()));
    }
    places::merge(tx.conn(), from, into, tx.now()).await?;
    places::move_openings(tx.conn(), from, into).await?;
    let people = move_people(tx, from, into).await?;
    let detail = json!({ "into": into.0, "memberships": people.len() });
    tx.record(&permit, Event::about("school.merged", "school", from.0).with(detail)).await?;
    for (ended, began) in people {
        let detail = json!({
            "account": ended.account.0, "role": ended.grant.role.code(), "place": place_id(ended.grant.place),
            "merged_into": began.map(|id| id.0),
        });
        tx.record(&permit, Event::about("membership.moved", "membership", ended.id.0).with(detail)).await?;
    }
    search::touch(tx, search::Kind::School, &[from.0, into.0]).await
}

/// Ends every membership there and begins it here; who has the role here already keeps that one.
async fn move_people(tx: &Tx, from: SchoolId, into: SchoolId) -> Result<Vec<(Membership, Option<MembershipId>)>> {
    let by = tx.actor().account();
    let mut moved = Vec::new();
    for there in places::open_memberships(tx.conn(), from).await? {
        let grant = Grant { place: Place::School(into.0), ..there.grant };
        let ended = Membership { state: MembershipState::Ended, ended_at: Some(tx.now()), ..there.clone() };
        memberships::save(tx.conn(), &ended, by).await?;
        let began = match memberships::open(tx.conn(), there.account, grant).await? {
            // A role that holds is worth more than the same one asked for.
            Some(here) if here.state == MembershipState::Asked && there.state == MembershipState::Current => {
                let here = Membership {
                    state: MembershipState::Current,
                    verified_by: there.verified_by,
                    started_at: Some(tx.now()),
                    ..here
                };
                memberships::save(tx.conn(), &here, by).await?;
                Some(here.id)
            }
            Some(_) => None,
            None => {
                let here = Membership {
                    id: MembershipId::fresh(),
                    grant,
                    created_at: tx.now(),
                    started_at: there.started_at.map(|_| tx.now()),
                    ..there.clone()
                };
                memberships::save(tx.conn(), &here, by).await?;
                Some(here.id)
            }
        };
        moved.push((there, began));
    }
    Ok(moved)
}

/// One page of schools in the order of names, closed and merged ones too, and how many there are.
pub async fn find_schools(
    cx: &Cx,
    wanted: &str,
    after: Option<(String, Uuid)>,
    limit: u64,
) -> Result<(u64, Vec<School>)> {
    policy::look_after(cx.actor())?;
    places::schools(cx.conn(), &wanted.replace(char::is_control, " "), after, limit).await
}

/// A school as its administrators see it: one that was merged is itself here, and says so.
pub async fn school_itself(cx: &Cx, id: SchoolId) -> Result<School> {
    policy::look_after(cx.actor())?;
    store::schools(cx.conn(), &[id]).await?.pop().ok_or(Error::NotFound("school"))
}

/// The same by id, name in addresses or federal id.
pub async fn school_named(cx: &Cx, reference: &str) -> Result<School> {
    policy::look_after(cx.actor())?;
    Error::unless_nameable(reference, "school")?;
    store::school(cx.conn(), reference).await?.ok_or(Error::NotFound("school"))
}
