//! What the pages of joint sessions show, a file for each part.

pub mod after;
pub mod approvals;
pub mod attendance;
pub mod certificates;
pub mod console;
pub mod credit;
pub mod demand;
pub mod errands;
pub mod list;
pub mod messages;
pub mod mine;
pub mod page;
pub mod posting;
