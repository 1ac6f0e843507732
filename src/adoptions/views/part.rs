//! What adoptions add to the page of a school.

use askama::Template;

/// Sessions hosted and attended, and where the record of a school is.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "_adoption_school.html")]
pub struct SchoolPart {
    /// Completed sessions that it hosted or hosted with another school.
    pub hosted: u64,
    /// Sessions at which somebody of it was.
    pub attended: u64,
    /// `/schools/{slug}/dissemination`.
    pub record_url: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_words() {
        let part = |hosted, attended| SchoolPart { hosted, attended, record_url: "/r".to_owned() }.render().unwrap();
        assert!(part(1, 3).contains("1 joint session") && part(1, 3).contains("3 joint sessions"));
        assert!(part(0, 0).contains("None yet"));
    }
}
