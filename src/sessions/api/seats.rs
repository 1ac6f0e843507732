//! Seats over JSON: asking, giving back, answering for a school, offers, handing over.

mod examples;

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};

use crate::api::{Caller, Group, Refused, next_link};
use crate::mail::Email;
use crate::people::{AccountId, account};
use crate::platform::vocabulary::{SeatCoverage, Way};
use crate::platform::{Actor, Cx, Db, Error, Result, Timestamp};
use crate::search::api::Page;
use crate::sessions::registration::{self, Wish};
use crate::sessions::{Desk, Registration, RegistrationId, SessionId};

/// Seats over JSON.
pub struct SeatsApi {
    db: Db,
    desk: Desk,
}

/// How somebody takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case", rename = "WayOfTakingPart")]
pub enum WayCode {
    /// In the room.
    InPerson,
    /// By a link.
    Online,
}

/// Whether somebody takes the classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case", rename = "SeatCoverage")]
pub enum CoverageCode {
    /// Nobody has to.
    NotNeeded,
    /// Somebody has to, and nobody does yet.
    Needed,
    /// Somebody does.
    Arranged,
}

/// A seat to ask for. Leave everything out to ask for yourself.
#[derive(Debug, Default, Object)]
#[oai(example)]
pub struct SeatRequest {
    /// Id of the school you come from; needed where you belong to more than one.
    pub school: Option<String>,
    /// How to take part; needed where the session is in the room and online.
    pub way: Option<WayCode>,
    /// Id of the account to register, where it is not yours: for the leads of their school, and for who runs the session.
    pub account: Option<String>,
}

/// A registration: the seat, and the school's answer, kept apart.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Registration", example, skip_serializing_if_is_none)]
pub struct RegistrationDocument {
    /// Its id; never changes.
    pub id: String,
    /// Id of the session.
    pub session: String,
    /// Id of the account whose it is.
    pub account: String,
    /// Id of the school they come from.
    pub school: String,
    /// `in_person` or `online`.
    pub way: String,
    /// `held`, `confirmed`, `waitlisted`, `offered` or `released`.
    pub seat: String,
    /// `not_needed`, `waiting`, `approved`, `declined` or `expired`.
    pub approval: String,
    /// Place in line, 1 is next by the order of asking; while `waitlisted`.
    pub waitlist_position: Option<u64>,
    /// Until when the seat is held for the school's answer; while `held`.
    pub hold_expires: Option<Timestamp>,
    /// Until when the offer stands; while `offered`.
    pub offer_expires: Option<Timestamp>,
    /// Whether somebody takes their classes: `not_needed`, `needed` or `arranged`.
    pub coverage: String,
    /// When they registered first.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// Your registrations.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct RegistrationList {
    /// The newest first.
    pub items: Vec<RegistrationDocument>,
    /// How many there are.
    pub total: u64,
    /// `cursor` of the next page.
    pub next: Option<String>,
}

/// The school's answer.
#[derive(Debug, Object)]
#[oai(example)]
pub struct SeatApproval {
    /// `true` approves, `false` declines.
    pub approved: bool,
    /// Whether somebody takes the classes; as it is where absent.
    pub coverage: Option<CoverageCode>,
    /// Why not, for the person to read.
    #[oai(validator(max_length = 500))]
    pub reason: Option<String>,
}

/// An answer to an offer of the waitlist.
#[derive(Debug, Object)]
#[oai(example)]
pub struct OfferResponse {
    /// `true` takes the seat, `false` lets it go to the next in line.
    pub accepted: bool,
}

/// Who gets the seat.
#[derive(Debug, Object)]
#[oai(example)]
pub struct Handover {
    /// Id of the account or email address of a colleague of the same school.
    #[oai(validator(max_length = 254))]
    pub to: String,
}

/// A registration that is there now.
#[derive(Debug, ApiResponse)]
pub enum Registered {
    /// It is there now; asking again is as good as once.
    #[oai(status = 201)]
    Registered(
        Json<RegistrationDocument>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
    ),
}

/// Registrations on a page when the address does not say.
const PAGE: usize = 20;

#[OpenApi(prefix_path = "/api/v1")]
impl SeatsApi {
    /// Ask for a seat
    ///
    /// For yourself, for one of your staff (principals and delegates; approved at once), or for somebody of any school (who runs
    /// the session). A session that is full, or that has no seat for your sector or school, puts you on its waitlist. Asked
    /// again, the same registration is answered, and no second letter goes out.
    #[oai(path = "/sessions/:id/registration", method = "post", tag = "Group::Sessions", operation_id = "register")]
    async fn register(
        &self,
        caller: Caller,
        /// The session.
        id: Path<String>,
        body: Json<Option<SeatRequest>>,
    ) -> Result<Registered, Refused> {
        let wanted = body.0.unwrap_or_default();
        let own = caller.0.account().map(AccountId).ok_or(Error::SignInRequired)?;
        let other =
            wanted.account.as_deref().map(|id| id.parse().map_err(|_| Error::NotFound("account"))).transpose()?;
        let choose = |_| Error::invalid("school", "Choose one of your schools.");
        let wish = Wish {
            account: other.unwrap_or(own),
            school: wanted.school.as_deref().map(|id| id.parse().map_err(choose)).transpose()?,
            way: wanted.way.map(Into::into),
        };
        let mut tx = self.db.write(caller.0.clone()).await?;
        let made = registration::register(&mut tx, &self.desk, session_id(&id)?, wish).await?;
        tx.commit().await?;
        let location = self.desk.head.link(&format!("/api/v1/registrations/{}", made.id));
        Ok(Registered::Registered(Json(self.document(caller.0, made).await?), location))
    }

    /// Give a seat back
    ///
    /// A seat, an offer or a place in line: yours, or that of somebody else by the leads of their school or who runs the session.
    /// The seat is offered to the next in line at once.
    #[oai(path = "/sessions/:id/registration", method = "delete", tag = "Group::Sessions", operation_id = "unregister")]
    async fn unregister(
        &self,
        caller: Caller,
        /// The session.
        id: Path<String>,
        /// Id of the account whose seat it is, where it is not yours.
        account: Query<Option<String>>,
    ) -> Result<Json<RegistrationDocument>, Refused> {
        let cx = self.db.cx(caller.0.clone());
        let session = session_id(&id)?;
        let missing = || Error::NotFound("registration");
        let found = match account.0.as_deref() {
            Some(other) => registration::of_person(&cx, session, other.parse().map_err(|_| missing())?).await?,
            None => registration::mine(&cx, session).await?.ok_or_else(missing)?,
        };
        let mut tx = self.db.write(caller.0.clone()).await?;
        let left = registration::withdraw(&mut tx, &self.desk, found.id).await?;
        tx.commit().await?;
        Ok(Json(self.document(caller.0, left).await?))
    }

    /// One registration
    ///
    /// For its person, the leads of their school and who runs the session.
    #[oai(path = "/registrations/:id", method = "get", tag = "Group::Sessions", operation_id = "get_registration")]
    async fn registration(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Json<RegistrationDocument>, Refused> {
        let found = registration::registration(&self.db.cx(caller.0.clone()), registration_id(&id)?).await?;
        Ok(Json(self.document(caller.0, found).await?))
    }

    /// Answer for a school
    ///
    /// By its principal or a delegate. A no gives the seat to the next in line. Answered the same twice is as good as once; what
    /// was answered otherwise, or in time by nobody, is told so.
    #[oai(
        path = "/registrations/:id/approval",
        method = "post",
        tag = "Group::Sessions",
        operation_id = "approve_seat"
    )]
    async fn approval(
        &self,
        caller: Caller,
        /// The registration.
        id: Path<String>,
        body: Json<SeatApproval>,
    ) -> Result<Json<RegistrationDocument>, Refused> {
        let SeatApproval { approved, coverage, reason } = body.0;
        let (id, coverage) = (registration_id(&id)?, coverage.map(Into::into));
        let mut tx = self.db.write(caller.0.clone()).await?;
        let decided = registration::decide(&mut tx, &self.desk, id, approved, coverage, reason).await?;
        tx.commit().await?;
        Ok(Json(self.document(caller.0, decided).await?))
    }

    /// Answer an offer
    ///
    /// Of the waitlist: take the seat, or let it go to the next in line.
    #[oai(
        path = "/registrations/:id/offer-response",
        method = "post",
        tag = "Group::Sessions",
        operation_id = "answer_offer"
    )]
    async fn offer_response(
        &self,
        caller: Caller,
        /// The registration.
        id: Path<String>,
        body: Json<OfferResponse>,
    ) -> Result<Json<RegistrationDocument>, Refused> {
        let mut tx = self.db.write(caller.0.clone()).await?;
        let answered = registration::answer_offer(&mut tx, &self.desk, registration_id(&id)?, body.accepted).await?;
        tx.commit().await?;
        Ok(Json(self.document(caller.0, answered).await?))
    }

    /// Hand a seat over
    ///
    /// To a colleague of the same school, by the person or a lead of the school. The answer is the colleague's registration.
    #[oai(
        path = "/registrations/:id/handover",
        method = "post",
        tag = "Group::Sessions",
        operation_id = "hand_over_seat"
    )]
    async fn handover(
        &self,
        caller: Caller,
        /// The registration that is handed over.
        id: Path<String>,
        body: Json<Handover>,
    ) -> Result<Json<RegistrationDocument>, Refused> {
        let id = registration_id(&id)?;
        let to = colleague(&self.db.cx(caller.0.clone()), &body.to).await?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        let received = registration::hand_over(&mut tx, &self.desk, id, to).await?;
        tx.commit().await?;
        Ok(Json(self.document(caller.0, received).await?))
    }

    /// Your registrations
    ///
    /// Whatever became of them, the newest first.
    #[oai(path = "/me/registrations", method = "get", tag = "Group::Me", operation_id = "list_my_registrations")]
    async fn mine(
        &self,
        caller: Caller,
        /// Registrations on a page.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<usize>>,
        /// `next` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Page<Json<RegistrationList>>, Refused> {
        let cx = self.db.cx(caller.0);
        let limit = limit.0.unwrap_or(PAGE);
        let all = registration::all_mine(&cx).await?;
        let total = all.len() as u64;
        let after = match cursor.0.as_deref().filter(|cursor| !cursor.is_empty()) {
            Some(cursor) => Some(cursor.parse::<RegistrationId>().map_err(|_| unknown_cursor())?),
            None => None,
        };
        let mut found: Vec<Registration> =
            all.into_iter().filter(|one| after.is_none_or(|after| one.id < after)).take(limit + 1).collect();
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|last| last.id.to_string());
        let url = next.as_ref().map(|next| format!("/api/v1/me/registrations?limit={limit}&cursor={next}"));
        let ids: Vec<RegistrationId> = found.iter().map(|one| one.id).collect();
        let positions = registration::positions(&cx, &ids).await?;
        let items = found.into_iter().map(|one| document(&one, positions.get(&one.id).copied())).collect();
        Ok(Page::Ok(Json(RegistrationList { items, total, next }), next_link(url.as_deref())))
    }
}

impl SeatsApi {
    /// The operations on this database.
    pub fn new(db: Db, desk: Desk) -> Self {
        Self { db, desk }
    }

    async fn document(&self, actor: Actor, registration: Registration) -> Result<RegistrationDocument> {
        let position = registration::position(&self.db.cx(actor), &registration).await?;
        Ok(document(&registration, position))
    }
}

fn document(registration: &Registration, position: Option<u64>) -> RegistrationDocument {
    RegistrationDocument {
        id: registration.id.to_string(),
        session: registration.session.to_string(),
        account: registration.account.to_string(),
        school: registration.school.to_string(),
        way: registration.way.code().to_owned(),
        seat: registration.seat.code().to_owned(),
        approval: registration.approval.code().to_owned(),
        waitlist_position: position,
        hold_expires: registration.hold_until,
        offer_expires: registration.offer_until,
        coverage: registration.coverage.code().to_owned(),
        created_at: registration.created_at,
        updated_at: registration.updated_at,
    }
}

/// The account of an id or an address. Who is unknown is answered as somebody of another school is: this is no way to find out
/// who has an account.
async fn colleague(cx: &Cx, to: &str) -> Result<AccountId> {
    let other = || Error::invalid("to", "Choose a colleague of the same school.");
    if let Ok(id) = to.trim().parse::<AccountId>() {
        return Ok(id);
    }
    let email = Email::parse(to).map_err(|_| other())?;
    Ok(account::account_of(cx, &email).await?.ok_or_else(other)?.id)
}

fn session_id(text: &str) -> Result<SessionId> {
    text.parse().map_err(|_| Error::NotFound("session"))
}

fn registration_id(text: &str) -> Result<RegistrationId> {
    text.parse().map_err(|_| Error::NotFound("registration"))
}

fn unknown_cursor() -> Error {
    let message = "Give the `next` of the page before, or leave it out.".to_owned();
    Error::Unreadable { parameter: "cursor", message }
}

impl From<WayCode> for Way {
    fn from(code: WayCode) -> Self {
        match code {
            WayCode::InPerson => Self::IN_PERSON,
            WayCode::Online => Self::ONLINE,
        }
    }
}

impl From<CoverageCode> for SeatCoverage {
    fn from(code: CoverageCode) -> Self {
        match code {
            CoverageCode::NotNeeded => Self::NOT_NEEDED,
            CoverageCode::Needed => Self::NEEDED,
            CoverageCode::Arranged => Self::ARRANGED,
        }
    }
}
