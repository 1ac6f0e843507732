//! The pages of joint sessions, a file for each part.

pub mod after;
pub mod approvals;
pub mod attendance;
pub mod calendars;
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
pub mod rooms;
mod wording;

use crate::web::methods::Resource;

/// Every page of this feature.
pub fn pages() -> Vec<(&'static str, Resource)> {
    [
        posting::pages(),
        rooms::pages(),
        list::pages(),
        calendars::pages(),
        page::pages(),
        mine::pages(),
        approvals::pages(),
        errands::pages(),
        attendance::pages(),
        credit::pages(),
        certificates::pages(),
        console::pages(),
        messages::pages(),
        demand::pages(),
        after::pages(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
