//! Pages of this feature: reporting, the queue of those who look after reports, and the public log.

mod desk;
mod report;

use poem::Request;

use crate::search::web::parameters;
use crate::web::methods::{Resource, resource};

/// Every page.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/report", resource().get(report::report_view).post(report::reported_view)),
        ("/admin/reports", resource().get(desk::reports_view)),
        ("/admin/reports/:id", resource().get(desk::case_view).post(desk::decide_view)),
        ("/moderation", resource().get(report::log_view)),
    ]
}

/// The first value of a parameter of the address.
fn asked(request: &Request, name: &str) -> String {
    let all = parameters(request.uri().query().unwrap_or_default());
    all.into_iter().find(|(known, _)| known == name).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}
