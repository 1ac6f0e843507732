//! What a request tells of the browser that sent it.

use poem::Request;

use super::enter;
use super::identify::CurrentVisit;
use crate::platform::throttle;
use crate::platform::{Error, Result};
use crate::sign_in::arrival::Arrival;
use crate::sign_in::visit::Visit;
use crate::web::headers::ClientAddress;

/// Somebody at the entrance.
pub fn arrival(request: &Request) -> Arrival {
    Arrival { network: network(request), device: enter::device(request.headers()), visit: current(request).ok() }
}

/// The network, as throttles count it.
pub fn network(request: &Request) -> String {
    request.data::<ClientAddress>().map(|address| throttle::network(address.0)).unwrap_or_default()
}

/// The sign-in the request came with. A token has none.
pub fn current(request: &Request) -> Result<Visit> {
    let visit = request.data::<CurrentVisit>().map(|current| current.0.clone());
    visit.ok_or_else(|| Error::Forbidden("Open this page in a browser, signed in.".to_owned()))
}

/// A parameter of the address.
pub fn parameter(request: &Request, name: &str) -> String {
    let query = request.uri().query().unwrap_or_default();
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    pairs.into_iter().find(|(n, _)| n == name).map(|(_, value)| value).unwrap_or_default()
}
