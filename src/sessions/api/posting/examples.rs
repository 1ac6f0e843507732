//! What the description shows.

use poem_openapi::types::Example;

use super::{Cancellation, ConsentDocument, Decision, Postponement};

impl Example for Cancellation {
    fn example() -> Self {
        Self { reason: "The school is closed that day because of snow.".to_owned() }
    }
}

impl Example for Postponement {
    fn example() -> Self {
        Self { reason: "The library is being painted; a new date will follow.".to_owned() }
    }
}

impl Example for Decision {
    fn example() -> Self {
        Self { go: false, reason: Some("Too few people have seats.".to_owned()) }
    }
}

impl Example for ConsentDocument {
    fn example() -> Self {
        Self { agreed: true }
    }
}
