//! Who belongs where, over JSON: staff of a school, requests, invitations.

mod examples;

use std::sync::Arc;

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::ToJSON;
use poem_openapi::{ApiResponse, Object, OpenApi};

use crate::api::{Caller, Group, Refused};
use crate::mail::Letterhead;
use crate::people::invitation::{self, Invitation, InvitationId, NewInvitation};
use crate::people::membership::{self, Colleague, Joined, Membership, place_id};
use crate::people::{AccountId, MembershipId};
use crate::platform::{Actor, Db, Error, Grant, Place, Result, Role, Timestamp};

/// Members over JSON.
pub struct MembersApi {
    db: Db,
    head: Arc<Letterhead>,
}

/// A role that somebody holds, held or asked for at a place.
#[derive(Debug, Object)]
#[oai(rename = "Membership", example, skip_serializing_if_is_none)]
pub struct MembershipDocument {
    /// Its id; never changes.
    pub id: String,
    /// Id of the account.
    pub account: String,
    /// `teacher`, `principal`, `delegate`, `organizer`, `editor`, `compact_owner`, `mayor` or `city_admin`.
    pub role: String,
    /// Id of the school or organization; absent for a role in the whole installation.
    pub place: Option<String>,
    /// `asked`, `current`, `ended` or `declined`.
    pub state: String,
    /// Why it is believed: `domain`, `invitation`, `roster`, `admin`, `principal`; `nobody` while it is asked for.
    pub verified_by: String,
    /// When it was asked for or given.
    pub created_at: Timestamp,
    /// Since when it holds.
    pub started_at: Option<Timestamp>,
    /// When it ended or was declined.
    pub ended_at: Option<Timestamp>,
}

/// A membership with its person, for the leads of the school.
#[derive(Debug, Object)]
#[oai(rename = "StaffMember", example, skip_serializing_if_is_none)]
pub struct StaffDocument {
    /// The membership.
    pub membership: MembershipDocument,
    /// How the person is called.
    pub name: String,
    /// Their address.
    pub email: Option<String>,
    /// What they do, in their own words.
    pub title: Option<String>,
}

/// Who belongs to a school and who asks to.
#[derive(Debug, Object)]
#[oai(example)]
pub struct StaffList {
    /// All of them, oldest first.
    pub items: Vec<StaffDocument>,
    /// How many there are.
    pub total: u64,
}

/// An answer to a request.
#[derive(Debug, Object)]
#[oai(example)]
pub struct ApprovalDocument {
    /// `true` approves, `false` declines.
    pub approved: bool,
}

/// Somebody to invite.
#[derive(Debug, Object)]
#[oai(example)]
pub struct InvitationRequest {
    /// Where the letter goes; accepting proves this address.
    pub email: String,
    /// How the person is called.
    #[oai(validator(max_length = 120))]
    pub name: String,
    /// `teacher` or `organizer`; `delegate` by the principal; `principal` by administrators.
    pub role: String,
}

/// An invitation, without its link.
#[derive(Debug, Object)]
#[oai(rename = "Invitation", example, skip_serializing_if_is_none)]
pub struct InvitationDocument {
    /// Its id.
    pub id: String,
    /// Where the letter went.
    pub email: String,
    /// How the person is called.
    pub name: String,
    /// To which role.
    pub role: String,
    /// Id of the school or organization; absent for a role in the whole installation.
    pub place: Option<String>,
    /// `waiting`, `accepted`, `withdrawn` or `expired`.
    pub state: String,
    /// When it was sent.
    pub created_at: Timestamp,
    /// Until when it may be accepted.
    pub expires_at: Timestamp,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// When it was withdrawn, or sent again as another.
    pub withdrawn_at: Option<Timestamp>,
}

/// Invitations neither accepted nor withdrawn.
#[derive(Debug, Object)]
#[oai(example)]
pub struct InvitationList {
    /// At most 500, the newest first.
    pub items: Vec<InvitationDocument>,
    /// How many there are on this page.
    pub total: u64,
}

/// Something new.
#[derive(Debug, ApiResponse)]
pub enum Made<T: ToJSON> {
    /// It is there now.
    #[oai(status = 201)]
    Made(
        Json<T>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
    ),
}

/// Nothing more to say.
#[derive(Debug, ApiResponse)]
pub enum Done {
    /// It is over; asking again is as good as once.
    #[oai(status = 204)]
    Done,
}

#[OpenApi(prefix_path = "/api/v1")]
impl MembersApi {
    /// Staff of a school
    ///
    /// Who belongs to it now and who asks to. For its principal, delegates and administrators; for everybody else there is no
    /// such list.
    #[oai(path = "/schools/:id/staff", method = "get", tag = "Group::People", operation_id = "list_staff")]
    async fn staff(
        &self,
        caller: Caller,
        /// The school: its id, its name in addresses or its federal id (NCES).
        id: Path<String>,
    ) -> Result<Json<StaffList>, Refused> {
        let cx = self.db.cx(caller.0);
        let school = crate::people::school(&cx, &id).await?;
        let found = membership::of_school(&cx, school.id).await?;
        let items: Vec<StaffDocument> = found.into_iter().map(Into::into).collect();
        Ok(Json(StaffList { total: items.len() as u64, items }))
    }

    /// Ask to join a school
    ///
    /// As a teacher or member of its staff. Whoever has proven an address of the school's domain joins at once (`current`); for
    /// others the school is asked by letter (`asked`). Asking twice gives the same membership.
    #[oai(
        path = "/schools/:id/membership-requests",
        method = "post",
        tag = "Group::People",
        operation_id = "ask_for_membership"
    )]
    async fn ask(
        &self,
        caller: Caller,
        /// The school: its id, its name in addresses or its federal id (NCES).
        id: Path<String>,
    ) -> Result<Made<MembershipDocument>, Refused> {
        let account = account_of(&caller.0)?;
        let school = crate::people::school(&self.db.cx(caller.0.clone()), &id).await?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        let joined = membership::join(&mut tx, &self.head, account, school.id).await?;
        tx.commit().await?;
        let (Joined::Member(id) | Joined::Asked(id)) = joined;
        let made = membership::membership(&self.db.cx(caller.0), id).await?;
        let location = self.head.link(&format!("/api/v1/memberships/{id}"));
        Ok(Made::Made(Json(made.into()), location))
    }

    /// One membership
    ///
    /// For its person, the leads of the school and administrators.
    #[oai(path = "/memberships/:id", method = "get", tag = "Group::People", operation_id = "get_membership")]
    async fn membership(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Json<MembershipDocument>, Refused> {
        let found = membership::membership(&self.db.cx(caller.0), membership_id(&id)?).await?;
        Ok(Json(found.into()))
    }

    /// Answer a request to join
    ///
    /// By the principal, a delegate or an administrator. A letter tells the person.
    #[oai(
        path = "/memberships/:id/approval",
        method = "post",
        tag = "Group::People",
        operation_id = "answer_membership_request"
    )]
    async fn approval(
        &self,
        caller: Caller,
        /// The membership that is asked for.
        id: Path<String>,
        body: Json<ApprovalDocument>,
    ) -> Result<Json<MembershipDocument>, Refused> {
        let mut tx = self.db.write(caller.0).await?;
        let answered = membership::answer(&mut tx, &self.head, membership_id(&id)?, body.approved).await?;
        tx.commit().await?;
        Ok(Json(answered.into()))
    }

    /// End a membership
    ///
    /// By its person, or by whoever gives this role: principals end delegates, teachers and organizers of their school,
    /// delegates the last two, administrators all. Where a teacher's membership ends, every other role of the person at that
    /// school ends with it. Hours and history stay. A request is taken back the same way.
    #[oai(path = "/memberships/:id", method = "delete", tag = "Group::People", operation_id = "end_membership")]
    async fn end(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Done, Refused> {
        let mut tx = self.db.write(caller.0).await?;
        membership::end(&mut tx, &self.head, membership_id(&id)?).await?;
        tx.commit().await?;
        Ok(Done::Done)
    }

    /// Invitations of a school
    ///
    /// Those neither accepted nor withdrawn, for its principal, delegates and administrators.
    #[oai(path = "/schools/:id/invitations", method = "get", tag = "Group::People", operation_id = "list_invitations")]
    async fn invitations(
        &self,
        caller: Caller,
        /// The school: its id, its name in addresses or its federal id (NCES).
        id: Path<String>,
    ) -> Result<Json<InvitationList>, Refused> {
        let cx = self.db.cx(caller.0);
        let school = crate::people::school(&cx, &id).await?;
        let found = invitation::list(&cx, Some(Place::School(school.id.0))).await?;
        let items: Vec<InvitationDocument> = found.into_iter().map(|i| InvitationDocument::of(i, cx.now())).collect();
        Ok(Json(InvitationList { total: items.len() as u64, items }))
    }

    /// Invite somebody to a school
    ///
    /// A letter with a link goes to the address; it holds for 14 days, once. Who was invited to the same role before gets a new
    /// letter, and the old link ends.
    #[oai(path = "/schools/:id/invitations", method = "post", tag = "Group::People", operation_id = "invite")]
    async fn invite(
        &self,
        caller: Caller,
        /// The school: its id, its name in addresses or its federal id (NCES).
        id: Path<String>,
        body: Json<InvitationRequest>,
    ) -> Result<Made<InvitationDocument>, Refused> {
        let school = crate::people::school(&self.db.cx(caller.0.clone()), &id).await?;
        let place = Place::School(school.id.0);
        if !membership::oversees(&caller.0, place) {
            return Err(Error::NotFound("school").into());
        }
        let role = Role::parse(&body.role).ok_or_else(|| Error::invalid("role", "Give the code of a role."))?;
        let InvitationRequest { email, name, .. } = body.0;
        let mut tx = self.db.write(caller.0.clone()).await?;
        let new = NewInvitation { email, name, grant: Grant { role, place } };
        let id = invitation::invite(&mut tx, &self.head, new).await?;
        tx.commit().await?;
        let cx = self.db.cx(caller.0);
        let made = InvitationDocument::of(invitation::invitation(&cx, id).await?, cx.now());
        Ok(Made::Made(Json(made), self.head.link(&format!("/api/v1/invitations/{id}"))))
    }

    /// One invitation
    ///
    /// For the leads of its school and administrators.
    #[oai(path = "/invitations/:id", method = "get", tag = "Group::People", operation_id = "get_invitation")]
    async fn invitation(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Json<InvitationDocument>, Refused> {
        let cx = self.db.cx(caller.0);
        let found = invitation::invitation(&cx, invitation_id(&id)?).await?;
        Ok(Json(InvitationDocument::of(found, cx.now())))
    }

    /// Withdraw an invitation
    ///
    /// Its link ends. By whoever may invite to this role.
    #[oai(path = "/invitations/:id", method = "delete", tag = "Group::People", operation_id = "withdraw_invitation")]
    async fn withdraw(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Done, Refused> {
        let mut tx = self.db.write(caller.0).await?;
        invitation::withdraw(&mut tx, invitation_id(&id)?).await?;
        tx.commit().await?;
        Ok(Done::Done)
    }
}

impl MembersApi {
    /// The operations on this database.
    pub fn new(db: Db, head: Arc<Letterhead>) -> Self {
        Self { db, head }
    }
}

fn account_of(actor: &Actor) -> Result<AccountId> {
    actor.account().map(AccountId).ok_or(Error::SignInRequired)
}

fn membership_id(text: &str) -> Result<MembershipId> {
    text.parse().map_err(|_| Error::NotFound("membership"))
}

fn invitation_id(text: &str) -> Result<InvitationId> {
    text.parse().map_err(|_| Error::NotFound("invitation"))
}

impl From<Membership> for MembershipDocument {
    fn from(m: Membership) -> Self {
        Self {
            id: m.id.to_string(),
            account: m.account.to_string(),
            role: m.grant.role.code().to_owned(),
            place: place_id(m.grant.place).map(|id| id.to_string()),
            state: m.state.code().to_owned(),
            verified_by: m.verified_by.code().to_owned(),
            created_at: m.created_at,
            started_at: m.started_at,
            ended_at: m.ended_at,
        }
    }
}

impl From<Colleague> for StaffDocument {
    fn from(colleague: Colleague) -> Self {
        Self {
            membership: colleague.membership.into(),
            name: colleague.account.name,
            email: colleague.account.email.map(|email| email.as_str().to_owned()),
            title: colleague.account.title,
        }
    }
}

impl InvitationDocument {
    fn of(found: Invitation, now: Timestamp) -> Self {
        Self {
            id: found.id.to_string(),
            state: found.state(now).code().to_owned(),
            email: found.email.as_str().to_owned(),
            name: found.name,
            role: found.grant.role.code().to_owned(),
            place: place_id(found.grant.place).map(|id| id.to_string()),
            created_at: found.created_at,
            expires_at: found.expires_at,
            accepted_at: found.accepted_at,
            withdrawn_at: found.withdrawn_at,
        }
    }
}
