//! What administrators do with people and places, over JSON.

mod documents;

use std::collections::HashMap;
use std::sync::Arc;

use poem::http::{HeaderMap, HeaderValue, header};
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::{MaybeUndefined, ToJSON};
use poem_openapi::{ApiResponse, OpenApi};

pub use self::documents::{
    AccountStateParameter, Closure, GradesInput, HeldRole, Merger, NewOrganizationInput, PersonDocument, PersonList,
    PlaceDocument, PlaceInput, PlaceKind, RoleInput, RoleParameter, SchoolChanges, SchoolFacts,
};
use super::{OrganizationDocument, SchoolDocument, document};
use crate::api::tagged::Tagged;
use crate::api::{Caller, Group, Refused, next_link};
use crate::mail::Letterhead;
use crate::people::admin::{self, PlaceLine, Somebody, Wanted};
use crate::people::school_admin::{self, NewSchool};
use crate::people::{self, AccountId, GradeSpan, Membership, NewOrganization, OrganizationId, School, SchoolId};
use crate::platform::{Cx, Db, Error, FieldErrors, Grant, Place, Result};
use crate::search::api::Page;
use crate::search::encode;
use crate::web::etag::{self, Precondition};

/// The administration over JSON.
pub struct AdminApi {
    db: Db,
    base_url: Arc<str>,
    letterhead: Arc<Letterhead>,
}

impl AdminApi {
    /// The operations on this database; `base_url` is the public address without a slash at the end.
    pub fn new(db: Db, base_url: Arc<str>, letterhead: Arc<Letterhead>) -> Self {
        Self { db, base_url, letterhead }
    }
}

/// Something new.
#[derive(Debug, ApiResponse)]
pub enum Made<T: ToJSON> {
    /// It is there now.
    #[oai(status = 201)]
    Made(Json<T>),
}

/// Something that is over.
#[derive(Debug, ApiResponse)]
pub enum Done {
    /// Done; there is nothing to tell.
    #[oai(status = 204)]
    Done,
}

/// People on a page when the address does not say.
const PAGE: usize = 20;

#[OpenApi(prefix_path = "/api/v1")]
impl AdminApi {
    /// Find people
    ///
    /// In the order of names. For administrators, with a token of the scope `admin`.
    #[oai(path = "/people", method = "get", tag = "Group::Administration", operation_id = "list_people")]
    async fn people(
        &self,
        caller: Caller,
        /// Part of the name or the address.
        q: Query<Option<String>>,
        /// Only those who hold this role somewhere.
        role: Query<Option<RoleParameter>>,
        /// Only accounts in this state.
        state: Query<Option<AccountStateParameter>>,
        /// People on a page.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<usize>>,
        /// `next` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Page<Json<PersonList>>, Refused> {
        let cx = self.db.cx(caller.0);
        admin::enter(cx.actor())?;
        let limit = limit.0.unwrap_or(PAGE);
        let wanted =
            Wanted { text: q.0.unwrap_or_default(), role: role.0.map(Into::into), state: state.0.map(Into::into) };
        let after = match cursor.0.as_deref().filter(|cursor| !cursor.is_empty()) {
            Some(cursor) => Some(cursor.parse::<AccountId>().map_err(|_| unknown_cursor())?),
            None => None,
        };
        let (total, mut found) = admin::people(&cx, &wanted, after, limit as u64 + 1).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|last| last.account.id.to_string());
        let url = next.as_ref().map(|next| {
            let mut url = format!("/api/v1/people?limit={limit}");
            let role = wanted.role.map(|role| role.code().to_owned());
            let state = wanted.state.map(|state| state.code().to_owned());
            let pairs =
                [("q", Some(wanted.text.clone())), ("role", role), ("state", state), ("cursor", Some(next.clone()))];
            for (name, value) in pairs {
                if let Some(value) = value.filter(|value| !value.is_empty()) {
                    url.push_str(&format!("&{name}={}", encode(&value)));
                }
            }
            url
        });
        let places: Vec<Place> = found.iter().flat_map(|s| &s.memberships).map(|m| m.grant.place).collect();
        let lines = admin::place_lines(&cx, &places).await?;
        let items = found.into_iter().map(|somebody| person(somebody, &lines)).collect();
        Ok(Page::Ok(Json(PersonList { items, total, next }), next_link(url.as_deref())))
    }

    /// One person
    ///
    /// With every role held, asked for or ended. For administrators.
    #[oai(path = "/people/:id", method = "get", tag = "Group::Administration", operation_id = "get_person")]
    async fn person(
        &self,
        caller: Caller,
        /// Id of the account.
        id: Path<String>,
        /// `ETag` of an earlier answer.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Tagged<PersonDocument>, Refused> {
        let cx = self.db.cx(caller.0);
        admin::enter(cx.actor())?;
        Ok(Tagged::new(self.somebody(&cx, account_id(&id)?).await?, if_none_match.0.as_deref()))
    }

    /// Give somebody a role
    ///
    /// Who has it keeps it. For administrators.
    #[oai(path = "/people/:id/roles", method = "post", tag = "Group::Administration", operation_id = "give_role")]
    async fn give_role(
        &self,
        caller: Caller,
        /// Id of the account.
        id: Path<String>,
        body: Json<RoleInput>,
    ) -> Result<Made<HeldRole>, Refused> {
        admin::enter(&caller.0)?;
        let account = account_id(&id)?;
        let grant = Grant { role: body.0.role.into(), place: place_of(&body.0.place)? };
        let mut tx = self.db.write(caller.0.clone()).await?;
        let membership = admin::give_role(&mut tx, account, grant).await?;
        tx.commit().await?;
        let person = self.somebody(&self.db.cx(caller.0), account).await?;
        let held = person.roles.into_iter().find(|held| held.id == membership.to_string());
        Ok(Made::Made(Json(held.ok_or(Error::NotFound("membership"))?)))
    }

    /// End a role of somebody
    ///
    /// The person loses what it gave with the next request. The last administrator stays one. For administrators.
    #[oai(
        path = "/people/:id/roles/:membership",
        method = "delete",
        tag = "Group::Administration",
        operation_id = "end_role"
    )]
    async fn end_role(
        &self,
        caller: Caller,
        /// Id of the account.
        id: Path<String>,
        /// Id of the role, as the person's document tells it.
        membership: Path<String>,
    ) -> Result<Done, Refused> {
        admin::enter(&caller.0)?;
        let membership = membership.parse().map_err(|_| Error::NotFound("membership"))?;
        let mut tx = self.db.write(caller.0).await?;
        admin::end_role(&mut tx, &self.letterhead, account_id(&id)?, membership).await?;
        tx.commit().await?;
        Ok(Done::Done)
    }

    /// Close an account
    ///
    /// Every sign-in and token of it is refused with the next request, and none of them comes back. Hours and history
    /// stay. Nobody closes their own account here, nor that of the last administrator. For administrators.
    #[oai(
        path = "/people/:id/deactivation",
        method = "post",
        tag = "Group::Administration",
        operation_id = "deactivate_person"
    )]
    async fn deactivate(
        &self,
        caller: Caller,
        /// Id of the account.
        id: Path<String>,
    ) -> Result<Json<PersonDocument>, Refused> {
        admin::enter(&caller.0)?;
        let account = account_id(&id)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        admin::deactivate(&mut tx, account).await?;
        tx.commit().await?;
        Ok(Json(self.somebody(&self.db.cx(caller.0), account).await?))
    }

    /// Open a closed account again
    ///
    /// Its roles hold as before; its person signs in anew. For administrators.
    #[oai(
        path = "/people/:id/deactivation",
        method = "delete",
        tag = "Group::Administration",
        operation_id = "reactivate_person"
    )]
    async fn reactivate(
        &self,
        caller: Caller,
        /// Id of the account.
        id: Path<String>,
    ) -> Result<Json<PersonDocument>, Refused> {
        admin::enter(&caller.0)?;
        let account = account_id(&id)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        admin::reactivate(&mut tx, account).await?;
        tx.commit().await?;
        Ok(Json(self.somebody(&self.db.cx(caller.0), account).await?))
    }

    /// Add a school
    ///
    /// One that is in no federal file. For administrators.
    #[oai(path = "/schools", method = "post", tag = "Group::Administration", operation_id = "add_school")]
    async fn add_school(&self, caller: Caller, body: Json<SchoolFacts>) -> Result<Made<SchoolDocument>, Refused> {
        admin::enter(&caller.0)?;
        let new = body.0.parse()?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        let id = people::add_school(&mut tx, new).await?;
        tx.commit().await?;
        Ok(Made::Made(Json(self.school(&self.db.cx(caller.0), id).await?)))
    }

    /// Change the facts of a school
    ///
    /// What is absent stays; `null` takes a fact out. Its address never changes. For administrators.
    #[oai(path = "/schools/:id", method = "patch", tag = "Group::Administration", operation_id = "change_school")]
    async fn change_school(
        &self,
        caller: Caller,
        /// Its id, its name in addresses or its federal id (NCES).
        id: Path<String>,
        /// `ETag` of the school as you read it.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<SchoolChanges>,
    ) -> Result<Tagged<SchoolDocument>, Refused> {
        admin::enter(&caller.0)?;
        let cx = self.db.cx(caller.0.clone());
        let school = people::school(&cx, &id).await?;
        let (school_id, seen) = (school.id, school.updated_at);
        let change = body.0.onto(NewSchool::of(&school))?;
        let tag = etag::of(document(&self.base_url, school).to_json_string().as_bytes());
        let sent = if_match.0.as_deref().and_then(|value| HeaderValue::from_str(value).ok());
        let sent: HeaderMap = sent.into_iter().map(|value| (header::IF_MATCH, value)).collect();
        match etag::precondition(&sent, &tag) {
            Precondition::Holds => {}
            Precondition::Stale => return Err(Error::Stale.into()),
            Precondition::Missing => return Err(Error::Unconditional.into()),
        }
        let mut tx = self.db.write(caller.0.clone()).await?;
        school_admin::change_school(&mut tx, school_id, change, seen).await?;
        tx.commit().await?;
        Ok(Tagged::new(self.school(&self.db.cx(caller.0), school_id).await?, None))
    }

    /// Close a school
    ///
    /// It stays readable and takes nobody in. For administrators.
    #[oai(path = "/schools/:id/closure", method = "post", tag = "Group::Administration", operation_id = "close_school")]
    async fn close_school(
        &self,
        caller: Caller,
        /// Its id, its name in addresses or its federal id (NCES).
        id: Path<String>,
        body: Json<Closure>,
    ) -> Result<Json<SchoolDocument>, Refused> {
        admin::enter(&caller.0)?;
        let school = people::school(&self.db.cx(caller.0.clone()), &id).await?.id;
        let mut tx = self.db.write(caller.0.clone()).await?;
        school_admin::close_school(&mut tx, school, body.0.closed_on.0).await?;
        tx.commit().await?;
        Ok(Json(self.school(&self.db.cx(caller.0), school).await?))
    }

    /// Reopen a school
    ///
    /// For administrators.
    #[oai(
        path = "/schools/:id/closure",
        method = "delete",
        tag = "Group::Administration",
        operation_id = "reopen_school"
    )]
    async fn reopen_school(
        &self,
        caller: Caller,
        /// Its id, its name in addresses or its federal id (NCES).
        id: Path<String>,
    ) -> Result<Json<SchoolDocument>, Refused> {
        admin::enter(&caller.0)?;
        let school = people::school(&self.db.cx(caller.0.clone()), &id).await?.id;
        let mut tx = self.db.write(caller.0.clone()).await?;
        school_admin::reopen_school(&mut tx, school).await?;
        tx.commit().await?;
        Ok(Json(self.school(&self.db.cx(caller.0), school).await?))
    }

    /// Make a school part of another
    ///
    /// The other stands for it everywhere: its address leads there, its practices, people, open invitations and email
    /// domains go over. This is not undone. The answer is the school that stays. For administrators.
    #[oai(path = "/schools/:id/merger", method = "post", tag = "Group::Administration", operation_id = "merge_school")]
    async fn merge_school(
        &self,
        caller: Caller,
        /// Its id, its name in addresses or its federal id (NCES).
        id: Path<String>,
        body: Json<Merger>,
    ) -> Result<Json<SchoolDocument>, Refused> {
        admin::enter(&caller.0)?;
        let cx = self.db.cx(caller.0.clone());
        let from = school_admin::school_named(&cx, &id).await?.id;
        let into = school_admin::school_named(&cx, &body.0.into).await;
        let into = into.map_err(|_| Error::invalid("into", "Give the id of the school that stays."))?.id;
        let mut tx = self.db.write(caller.0.clone()).await?;
        school_admin::merge_schools(&mut tx, from, into).await?;
        tx.commit().await?;
        Ok(Json(self.school(&self.db.cx(caller.0), into).await?))
    }

    /// Add an organization
    ///
    /// A district, a charter network, an office of the city. For administrators.
    #[oai(path = "/organizations", method = "post", tag = "Group::Administration", operation_id = "add_organization")]
    async fn add_organization(
        &self,
        caller: Caller,
        body: Json<NewOrganizationInput>,
    ) -> Result<Made<OrganizationDocument>, Refused> {
        admin::enter(&caller.0)?;
        let NewOrganizationInput { kind, name, city, state } = body.0;
        let new = NewOrganization { kind: kind.code().to_owned(), name, city, state };
        let mut tx = self.db.write(caller.0.clone()).await?;
        let id = people::add_organization(&mut tx, new).await?;
        tx.commit().await?;
        let organization = people::organization(&self.db.cx(caller.0), &id.to_string()).await?;
        Ok(Made::Made(Json(organization.into())))
    }
}

impl AdminApi {
    async fn somebody(&self, cx: &Cx, id: AccountId) -> Result<PersonDocument> {
        let somebody = admin::somebody(cx, id).await?;
        let places: Vec<Place> = somebody.memberships.iter().map(|m| m.grant.place).collect();
        Ok(person(somebody, &admin::place_lines(cx, &places).await?))
    }

    async fn school(&self, cx: &Cx, id: SchoolId) -> Result<SchoolDocument> {
        let school: Option<School> = people::schools(cx, &[id]).await?.remove(&id);
        Ok(document(&self.base_url, school.ok_or(Error::NotFound("school"))?))
    }
}

fn unknown_cursor() -> Error {
    let message = "Give the `next` of the page before, or leave it out.".to_owned();
    Error::Unreadable { parameter: "cursor", message }
}

fn account_id(text: &str) -> Result<AccountId> {
    text.parse().map_err(|_| Error::NotFound("person"))
}

fn place_of(input: &PlaceInput) -> Result<Place> {
    let id = || {
        let id = input.id.as_deref().and_then(|id| id.parse().ok());
        id.ok_or_else(|| Error::invalid("place/id", "Give the id of the school or the organization."))
    };
    match input.kind {
        PlaceKind::School => Ok(Place::School(id()?)),
        PlaceKind::Organization => Ok(Place::Organization(id()?)),
        PlaceKind::Installation => Ok(Place::Installation),
    }
}

fn person(somebody: Somebody, lines: &HashMap<Place, PlaceLine>) -> PersonDocument {
    let Somebody { account, memberships } = somebody;
    PersonDocument {
        id: account.id.to_string(),
        name: account.name,
        email: account.email.map(|email| email.as_str().to_owned()),
        email_confirmed_at: account.email_confirmed_at,
        title: account.title,
        state: account.state.code().to_owned(),
        roles: memberships.iter().map(|membership| held(membership, lines)).collect(),
        created_at: account.created_at,
        updated_at: account.updated_at,
    }
}

fn held(membership: &Membership, lines: &HashMap<Place, PlaceLine>) -> HeldRole {
    let (kind, id) = match membership.grant.place {
        Place::School(id) => (PlaceKind::School, Some(id.to_string())),
        Place::Organization(id) => (PlaceKind::Organization, Some(id.to_string())),
        Place::Installation => (PlaceKind::Installation, None),
    };
    let name = lines.get(&membership.grant.place).filter(|_| id.is_some()).map(|line| line.name.clone());
    HeldRole {
        id: membership.id.to_string(),
        role: membership.grant.role.code().to_owned(),
        place: PlaceDocument { kind, id, name },
        state: membership.state.code().to_owned(),
        verified_by: membership.verified_by.code().to_owned(),
        created_at: membership.created_at,
        started_at: membership.started_at,
        ended_at: membership.ended_at,
    }
}

impl SchoolFacts {
    fn parse(self) -> Result<NewSchool> {
        let mut errors = FieldErrors::default();
        let new = NewSchool {
            name: self.name,
            sector: self.sector,
            organization: self.organization.and_then(|id| organization_id(&id, &mut errors)),
            city: self.city,
            state: self.state,
            neighborhood: self.neighborhood,
            campus: self.campus,
            grades: self.grades.and_then(|grades| span(&grades, &mut errors)),
            students: self.students,
            shares: documents::shares(self.shares.unwrap_or_default(), &mut errors),
            school_type: self.school_type,
            profile: self.profile,
        };
        Ok(errors.or(new)?)
    }
}

impl SchoolChanges {
    fn onto(self, now: NewSchool) -> Result<NewSchool> {
        let mut errors = FieldErrors::default();
        let new = NewSchool {
            name: self.name.unwrap_or(now.name),
            sector: changed(self.sector, now.sector),
            organization: changed(
                self.organization.map_value(|id| organization_id(&id, &mut errors)),
                Some(now.organization),
            )
            .flatten(),
            city: changed(self.city, now.city),
            state: changed(self.state, now.state),
            neighborhood: changed(self.neighborhood, now.neighborhood),
            campus: changed(self.campus, now.campus),
            grades: changed(self.grades.map_value(|grades| span(&grades, &mut errors)), Some(now.grades)).flatten(),
            students: changed(self.students, now.students),
            shares: match self.shares {
                Some(shares) => documents::shares(shares, &mut errors),
                None => now.shares,
            },
            school_type: changed(self.school_type, now.school_type),
            profile: changed(self.profile, now.profile),
        };
        Ok(errors.or(new)?)
    }
}

/// What a field is afterwards: as before where it is absent, nothing where it is `null`.
fn changed<T>(sent: MaybeUndefined<T>, now: Option<T>) -> Option<T> {
    match sent {
        MaybeUndefined::Undefined => now,
        MaybeUndefined::Null => None,
        MaybeUndefined::Value(value) => Some(value),
    }
}

fn organization_id(text: &str, errors: &mut FieldErrors) -> Option<OrganizationId> {
    let id = text.parse().ok();
    if id.is_none() {
        errors.add("organization", "Give the id of an organization.");
    }
    id
}

fn span(grades: &GradesInput, errors: &mut FieldErrors) -> Option<GradeSpan> {
    let span = GradeSpan::parse(&grades.low, &grades.high);
    if span.is_none() {
        errors.add("grades", "Give the lowest and the highest grade: PK, K, 1 to 13.");
    }
    span
}
