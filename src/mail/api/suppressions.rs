//! Addresses that get no letters, over JSON.

use std::sync::Arc;

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use uuid::Uuid;

use crate::api::{Caller, Group, Refused, next_link};
use crate::mail::suppression::{self, Scope, Suppressed};
use crate::mail::{Email, outbox};
use crate::platform::{Db, Error, Result, Timestamp};

/// Addresses that get no letters, over JSON.
pub struct SuppressionsApi {
    db: Db,
    base_url: Arc<str>,
}

impl SuppressionsApi {
    /// The operations on this database; addresses begin with `base_url`.
    pub fn new(db: Db, base_url: Arc<str>) -> Self {
        Self { db, base_url }
    }
}

/// An address that gets no letters.
#[derive(Debug, Object)]
#[oai(rename = "Suppression", example)]
pub struct SuppressionDocument {
    /// Its id.
    pub id: String,
    /// The address.
    pub email: String,
    /// `all`: no letter goes there; `lists`: none of those that one can leave.
    pub scope: String,
    /// `unknown`: there is nobody of that name; `refused`: letters were refused for good, twice; `full`: the mailbox was full, or
    /// its server away, for many days; `complaint`: somebody there called a letter unwanted; `entered`: by an administrator.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
}

impl Example for SuppressionDocument {
    fn example() -> Self {
        Self {
            id: "01998c1e-5b70-7a31-8c55-3f1f62b0c1da".to_owned(),
            email: "ada@example.org".to_owned(),
            scope: "all".to_owned(),
            reason: "unknown".to_owned(),
            since: "2026-10-14T16:00:00Z".parse().unwrap_or_default(),
        }
    }
}

impl From<Suppressed> for SuppressionDocument {
    fn from(row: Suppressed) -> Self {
        Self {
            id: row.id.to_string(),
            email: row.address,
            scope: row.scope.code().to_owned(),
            reason: row.reason.code().to_owned(),
            since: row.since,
        }
    }
}

/// Addresses that get no letters, newest first.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct SuppressionList {
    /// This page of them.
    pub items: Vec<SuppressionDocument>,
    /// How many there are.
    pub total: u64,
    /// Cursor of the next page; absent on the last.
    pub next: Option<String>,
}

impl Example for SuppressionList {
    fn example() -> Self {
        Self { items: vec![SuppressionDocument::example()], total: 1, next: None }
    }
}

/// A page with the address of the next.
#[derive(ApiResponse)]
pub enum SuppressionPage {
    /// The page.
    #[oai(status = 200)]
    Ok(
        Json<SuppressionList>,
        /// The next page (RFC 8288, `rel="next"`).
        #[oai(header = "Link")]
        Option<String>,
    ),
}

/// Which letters an address does not get.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "SuppressionScope", rename_all = "snake_case")]
pub enum ScopeInput {
    /// None at all.
    All,
    /// None of those that one can leave.
    Lists,
}

/// An address to enter.
#[derive(Debug, Object)]
#[oai(rename = "NewSuppression", example)]
pub struct SuppressionInput {
    /// The address.
    #[oai(validator(max_length = 254))]
    pub email: String,
    /// Which letters it does not get.
    pub scope: ScopeInput,
}

impl Example for SuppressionInput {
    fn example() -> Self {
        Self { email: "ada@example.org".to_owned(), scope: ScopeInput::Lists }
    }
}

/// An address was entered.
#[derive(ApiResponse)]
pub enum Entered {
    /// No such letters go there now.
    #[oai(status = 201)]
    Entered(
        Json<SuppressionDocument>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
    ),
}

/// Letters go there again.
#[derive(ApiResponse)]
pub enum Lifted {
    /// They do.
    #[oai(status = 204)]
    Lifted,
}

/// Addresses on a page when the address does not say.
const PAGE: u64 = 50;

#[OpenApi(prefix_path = "/api/v1")]
impl SuppressionsApi {
    /// Addresses that get no letters
    ///
    /// Newest first. For administrators, with a token of the scope `admin`.
    #[oai(
        path = "/admin/suppressions",
        method = "get",
        tag = "Group::Administration",
        operation_id = "list_suppressions"
    )]
    async fn list(
        &self,
        caller: Caller,
        /// Addresses on a page.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<u64>>,
        /// `next` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<SuppressionPage, Refused> {
        outbox::enter(&caller.0)?;
        let cx = self.db.cx(caller.0);
        let limit = limit.0.unwrap_or(PAGE);
        let skip: u64 = match cursor.0.as_deref().filter(|cursor| !cursor.is_empty()) {
            Some(cursor) => cursor.parse::<u32>().map(u64::from).map_err(|_| Error::Unreadable {
                parameter: "cursor",
                message: "Take the cursor of the page before.".to_owned(),
            })?,
            None => 0,
        };
        let (rows, total) = suppression::list(&cx, skip, limit).await?;
        let next = (skip + limit < total).then(|| (skip + limit).to_string());
        let url = next.as_ref().map(|next| format!("/api/v1/admin/suppressions?limit={limit}&cursor={next}"));
        let list = SuppressionList { items: rows.into_iter().map(Into::into).collect(), total, next };
        Ok(SuppressionPage::Ok(Json(list), next_link(url.as_deref())))
    }

    /// Stop letters to an address
    ///
    /// From now on, and those that wait. Where the address is there already it stays as it is. For administrators.
    #[oai(
        path = "/admin/suppressions",
        method = "post",
        tag = "Group::Administration",
        operation_id = "add_suppression"
    )]
    async fn enter(&self, caller: Caller, body: Json<SuppressionInput>) -> Result<Entered, Refused> {
        outbox::enter(&caller.0)?;
        let email = Email::parse(&body.0.email).map_err(|message| Error::invalid("email", message))?;
        let scope = match body.0.scope {
            ScopeInput::All => Scope::All,
            ScopeInput::Lists => Scope::Lists,
        };
        let mut tx = self.db.write(caller.0.clone()).await?;
        let id = suppression::enter(&mut tx, &email, scope).await?;
        tx.commit().await?;
        let document = suppression::one(&self.db.cx(caller.0), id).await?.into();
        Ok(Entered::Entered(Json(document), format!("{}/api/v1/admin/suppressions/{id}", self.base_url)))
    }

    /// One address that gets no letters
    ///
    /// For administrators.
    #[oai(
        path = "/admin/suppressions/:id",
        method = "get",
        tag = "Group::Administration",
        operation_id = "get_suppression"
    )]
    async fn one(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Json<SuppressionDocument>, Refused> {
        outbox::enter(&caller.0)?;
        Ok(Json(suppression::one(&self.db.cx(caller.0), parsed(&id)?).await?.into()))
    }

    /// Let letters go to an address again
    ///
    /// What counted against it before counts no more. For administrators.
    #[oai(
        path = "/admin/suppressions/:id",
        method = "delete",
        tag = "Group::Administration",
        operation_id = "lift_suppression"
    )]
    async fn lift(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Lifted, Refused> {
        outbox::enter(&caller.0)?;
        let mut tx = self.db.write(caller.0).await?;
        suppression::lift(&mut tx, parsed(&id)?).await?;
        tx.commit().await?;
        Ok(Lifted::Lifted)
    }
}

fn parsed(id: &str) -> Result<Uuid> {
    id.parse().map_err(|_| Error::NotFound("address"))
}
