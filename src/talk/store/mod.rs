//! Tables and queries of talk: questions with their answers, letters that were passed on, visits with their terms, and how often
//! somebody did a thing on a day.

pub mod contacts;
pub mod limits;
pub mod questions;
pub mod visits;

use super::signature::Signature;
use crate::people::{AccountId, SchoolId};
use crate::platform::{Error, Result, Role};

fn signature(account: uuid::Uuid, school: Option<uuid::Uuid>, role: &str, named: bool) -> Result<Signature> {
    let role = Role::parse(role).ok_or_else(|| Error::internal("an unknown role"))?;
    Ok(Signature { account: AccountId(account), school: school.map(SchoolId), role, named })
}
