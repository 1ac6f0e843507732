//! The care of a practice over JSON: that it still holds, and that it is taken out.

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use crate::api::day::Day;
use crate::api::{Caller, Group, Refused};
use crate::catalog::care::{self, Retirement};
use crate::catalog::{Practice, practice};
use crate::platform::{Actor, Db, Error, Result};

/// The care of practices over JSON.
pub struct CareApi {
    db: Db,
}

/// Why a practice is taken out.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct RetirementRequest {
    /// The reason; everybody reads it on the page.
    #[oai(validator(max_length = 1000))]
    pub reason: String,
    /// Id or name in addresses of the practice to read in its place.
    #[oai(validator(max_length = 128))]
    pub replaced_by: Option<String>,
}

/// Where a practice stands.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct PracticeStanding {
    /// Its id.
    pub id: String,
    /// Code of `practice_status`.
    pub status: String,
    /// Why it was taken out.
    pub retired_reason: Option<String>,
    /// Id of the practice to read in its place.
    pub replaced_by: Option<String>,
    /// When somebody last said that it holds.
    pub last_checked_on: Option<Day>,
    /// When somebody should say so again.
    pub check_by: Option<Day>,
}

#[OpenApi(prefix_path = "/api/v1")]
impl CareApi {
    /// Take a practice out of the catalog
    ///
    /// By editors and those who lead the school where it began. Search loses it at once; its page stays and says why.
    #[oai(
        path = "/practices/:id/retirement",
        method = "post",
        tag = "Group::Practices",
        operation_id = "retire_practice"
    )]
    async fn retire(
        &self,
        caller: Caller,
        /// Its id or its name in addresses.
        id: Path<String>,
        body: Json<RetirementRequest>,
    ) -> Result<Json<PracticeStanding>, Refused> {
        let found = self.practice(&caller.0, &id).await?;
        let retirement = Retirement { reason: body.0.reason, replaced_by: body.0.replaced_by.unwrap_or_default() };
        let mut tx = self.db.write(caller.0.clone()).await?;
        care::retire(&mut tx, found.id, retirement).await?;
        tx.commit().await?;
        Ok(Json(self.practice(&caller.0, &id).await?.into()))
    }

    /// Say that a practice still holds
    ///
    /// By people of the school where it began, and editors. The next check is due in 24 months.
    #[oai(path = "/practices/:id/check", method = "post", tag = "Group::Practices", operation_id = "check_practice")]
    async fn check(
        &self,
        caller: Caller,
        /// Its id or its name in addresses.
        id: Path<String>,
    ) -> Result<Json<PracticeStanding>, Refused> {
        let found = self.practice(&caller.0, &id).await?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        care::check(&mut tx, found.id).await?;
        tx.commit().await?;
        Ok(Json(self.practice(&caller.0, &id).await?.into()))
    }
}

impl CareApi {
    /// The operations on this database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    async fn practice(&self, actor: &Actor, reference: &str) -> Result<Practice> {
        if actor.account().is_none() {
            return Err(Error::SignInRequired);
        }
        practice(&self.db.cx(actor.clone()), reference).await
    }
}

impl From<Practice> for PracticeStanding {
    fn from(practice: Practice) -> Self {
        Self {
            id: practice.id.to_string(),
            status: practice.status.code().to_owned(),
            retired_reason: practice.retired_reason,
            replaced_by: practice.replaced_by.map(|other| other.to_string()),
            last_checked_on: practice.last_checked_on.map(Day),
            check_by: practice.check_by.map(Day),
        }
    }
}

impl Example for RetirementRequest {
    fn example() -> Self {
        Self {
            reason: "The program it was built on is no longer sold.".to_owned(),
            replaced_by: Some("number-talks-every-morning".to_owned()),
        }
    }
}

impl Example for PracticeStanding {
    fn example() -> Self {
        Self {
            id: "0199e0a4-7c1e-7d3b-9f0a-3b1c5d7e9f03".to_owned(),
            status: "retired".to_owned(),
            retired_reason: Some("The program it was built on is no longer sold.".to_owned()),
            replaced_by: Some("0199e0a4-7c1e-7d3b-9f0a-3b1c5d7e9f04".to_owned()),
            last_checked_on: None,
            check_by: None,
        }
    }
}
