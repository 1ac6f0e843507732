//! What the pages of adoptions show.

pub mod crossing;
pub mod follow_up;
pub mod ledger;
pub mod part;
pub mod record;
