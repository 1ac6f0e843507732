//! What the page of a mayor's office says of digests.

use async_trait::async_trait;

use super::digest::{Digest, State};
use super::editing;
use crate::highlights::office::{Line, OfficePart, Section};
use crate::people::city::City;
use crate::platform::{Cx, Result};

/// Digests on the page of the office.
const SHOWN: u64 = 4;

/// The newest digests of the city.
pub struct DigestPart;

#[async_trait]
impl OfficePart for DigestPart {
    async fn section(&self, cx: &Cx, city: &City) -> Result<Section> {
        let line = |one: &Digest| Line {
            text: one.period(),
            url: one.office_path(),
            note: match one.state {
                State::Draft => "Drafted; nobody else sees it before you publish it.".to_owned(),
                State::Published if one.announcement.is_none() => "Published; no letter of it is written.".to_owned(),
                State::Published => "Published.".to_owned(),
                State::Withdrawn => "Withdrawn; its address says why.".to_owned(),
            },
        };
        let found = editing::of_city(cx, &city.slug, SHOWN).await?;
        Ok(Section {
            id: "digests",
            heading: "Digests".to_owned(),
            lines: found.iter().map(line).collect(),
            empty: "The first draft begins on the 2nd of the month.".to_owned(),
            more: Some(("All digests".to_owned(), "/office/digests".to_owned())),
        })
    }
}
