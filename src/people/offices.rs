//! Organizations in batches, and the schools that belong to them with their published number of students: for who counts whom a
//! district or a network speaks for.

use std::collections::HashMap;

use super::school::{Organization, OrganizationId, SchoolId};
use super::store::places as store;
use crate::platform::{Cx, Result, Tx};

/// An open school of an organization, as far as it is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolOf {
    /// The school.
    pub school: SchoolId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Code of its sector, where that is known.
    pub sector: Option<String>,
    /// Number of students, where the source states it.
    pub students: Option<i32>,
}

/// Organizations by the ids asked for; ids of none are left out. One statement for every 900.
pub async fn organizations_of(cx: &Cx, ids: &[OrganizationId]) -> Result<HashMap<OrganizationId, Organization>> {
    store::organizations_of(cx.conn(), ids).await
}

/// The same inside a transaction.
pub async fn organizations_of_in(tx: &Tx, ids: &[OrganizationId]) -> Result<HashMap<OrganizationId, Organization>> {
    store::organizations_of(tx.conn(), ids).await
}

/// The open schools of these organizations. One statement for every 900 organizations.
pub async fn schools_of(cx: &Cx, ids: &[OrganizationId]) -> Result<Vec<SchoolOf>> {
    store::schools_of(cx.conn(), ids).await
}
