//! Monthly digests and school-year reports of a city: drafted by the program, edited and sent by a person (M-3).
//!
//! On the 2nd of a month, and on July 10 for the school year, [`drafting`] begins a draft for each city with schools that take part.
//! A draft has no numbers of its own: [`content`] computes them, with their days and definitions, each time somebody looks, and
//! no field exists in which one could be typed over (M-2). Who works in the mayor's office writes an introduction, chooses the
//! chapters and their order, and may put a sentence under each ([`editing`]). Publishing freezes the numbers with their day; what
//! was published does not change any more: it is corrected by a sentence with its day, or withdrawn with the reason at its address.
//! Nothing is sent by itself: the office makes a letter of it, which is an announcement of
//! `bulletins` like any other, looked at and given its time there.
//!
//! Only what everybody may read goes in. Nothing of it names a person or comes from a roster (M-4).

pub mod api;
pub mod content;
pub mod digest;
pub mod drafting;
pub mod editing;
pub mod part;
mod policy;
mod store;
pub mod views;
pub mod web;

pub use self::digest::{Chapter, Digest, DigestId, Kind, Section, State};
use crate::platform::{Cx, Error, Result};

/// Digests of a page.
pub const PAGE: u64 = 20;

/// Published digests, of one city or of all, the last published first, after one of them. One statement.
pub async fn published(cx: &Cx, city: Option<&str>, before: Option<DigestId>, limit: u64) -> Result<Vec<Digest>> {
    let before = match before {
        Some(id) => store::by_id(cx.conn(), id).await?.and_then(|one| Some((one.published_at?, one.id))),
        None => None,
    };
    store::published(cx.conn(), city, before, limit).await
}

/// The same with what they tell, as it may be shown now. At most four statements.
pub async fn told(cx: &Cx, city: Option<&str>, before: Option<DigestId>, limit: u64) -> Result<Vec<Digest>> {
    let mut found = published(cx, city, before, limit).await?;
    content::as_shown(cx, &mut found).await?;
    Ok(found)
}

/// How many there are. One statement.
pub async fn count(cx: &Cx, city: Option<&str>) -> Result<u64> {
    store::count(cx.conn(), city).await
}

/// A published digest, for everybody; one that was withdrawn is there without its words and numbers. At most three statements.
pub async fn digest(cx: &Cx, reference: &str) -> Result<Digest> {
    let id: DigestId = reference.parse().map_err(|_| Error::NotFound("digest"))?;
    let found = store::by_id(cx.conn(), id).await?.ok_or(Error::NotFound("digest"))?;
    match found.state {
        State::Withdrawn => {
            let (intro, content) = (String::new(), None);
            Ok(Digest { intro, chapters: Vec::new(), corrections: Vec::new(), content, ..found })
        }
        State::Published if found.content.is_some() => {
            let mut one = [found];
            content::as_shown(cx, &mut one).await?;
            let [one] = one;
            Ok(one)
        }
        State::Published | State::Draft => Err(Error::NotFound("digest")),
    }
}
