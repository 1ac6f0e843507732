//! Saved searches: a search as its page has it, under a name, with a pace of its own. Its words are its person's alone.

use serde_json::json;

use super::{policy, store};
use crate::notices::Pace;
use crate::people::AccountId;
use crate::platform::db::log;
use crate::platform::ids::typed_id;
use crate::platform::{Cx, Error, Event, FieldErrors, Result, Timestamp, Tx, vocabulary};
use crate::search::{Kind, Question, encode};
use crate::sessions::list::Filters;

typed_id!(
    /// A saved search.
    SavedId
);

/// One person keeps so many at most.
pub const MOST: usize = 50;
/// Characters of a name.
pub const NAME: usize = 120;
/// Characters of a search.
const QUERY: usize = 2_000;

/// The change log by which every node knows of them.
pub(super) const LOG: &str = "saved_search";

/// What a saved search searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Of {
    /// Practices, as `/search` does.
    Practices,
    /// Joint sessions, as `/sessions` does.
    Sessions,
}

impl Of {
    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Practices => "practices",
            Self::Sessions => "sessions",
        }
    }

    /// Of a code.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Practices, Self::Sessions].into_iter().find(|of| of.code() == code)
    }

    /// The page of its results.
    pub fn path(self) -> &'static str {
        match self {
            Self::Practices => "/search",
            Self::Sessions => "/sessions",
        }
    }
}

/// A saved search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Its id.
    pub id: SavedId,
    /// Whose.
    pub account: AccountId,
    /// What it searches.
    pub of: Of,
    /// What its person calls it.
    pub name: String,
    /// The search as its page has it, without what only orders and pages: `q=exit+tickets&topic=tutoring`.
    pub query: String,
    /// How soon its person hears of a match.
    pub pace: Pace,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Saved {
    /// The page of its results.
    pub fn url(&self) -> String {
        format!("{}?{}", self.of.path(), self.query)
    }
}

/// A search to save.
#[derive(Clone, Debug, Default)]
pub struct NewSaved {
    /// `practices` or `sessions`.
    pub of: String,
    /// The search as its page has it.
    pub query: String,
    /// Empty for the search in words.
    pub name: String,
    /// `instant`, `daily`, `weekly`, `off`; empty for daily.
    pub pace: String,
}

/// Names of an address that only say how its page is shown.
const SHOWN: [&str; 10] = ["sort", "limit", "cursor", "kind", "name", "pace", "view", "month", "print", "done"];

/// A search of an address: in its one form, and in words.
///
/// # Errors
/// `Invalid` for a filter that the search does not know, a value that it has not, and a search for nothing.
pub fn read(of: Of, query: &str) -> Result<(String, String)> {
    let refused = |sentence: String| Err(Error::invalid("query", sentence));
    if query.chars().count() > QUERY {
        return refused("This search is too long to be saved; leave out some filters.".to_owned());
    }
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query.trim_start_matches('?')).unwrap_or_default();
    let pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.trim()))
        .filter(|(name, value)| !value.is_empty() && !SHOWN.contains(name))
        .collect();
    let unknown = |name: &str| format!("The search has no filter called \u{201c}{}\u{201d}.", clipped(name));
    let (canonical, words) = match of {
        Of::Practices => {
            let facets = Kind::Practice.facets();
            let mut words = Vec::new();
            for (name, value) in &pairs {
                let Some(spec) = facets.iter().find(|spec| spec.name == *name) else {
                    if !["q", "match", "like"].contains(name) {
                        return refused(unknown(name));
                    }
                    continue;
                };
                let label = match spec.vocabulary {
                    // Sectors are kept in the database and may come to be.
                    Some("sector") | None => (*value).to_owned(),
                    Some(list) => match vocabulary::terms(list).iter().find(|term| term.code == *value) {
                        Some(term) => term.label.clone(),
                        None => {
                            return refused(format!(
                                "The filter \u{201c}{}\u{201d} has no value \u{201c}{}\u{201d}.",
                                spec.label,
                                clipped(value)
                            ));
                        }
                    },
                };
                if spec.name != "school" {
                    words.push(label);
                }
            }
            let question = Question { like: None, ..Question::read(Kind::Practice, pairs.iter().copied()) };
            if !question.text.is_empty() {
                words.insert(0, question.text.clone());
            }
            if question.text.is_empty() && question.filters.is_empty() {
                return refused("Type words or choose a filter first; then save the search.".to_owned());
            }
            (question.url(""), words)
        }
        Of::Sessions => {
            if let Some((name, _)) = pairs.iter().find(|(name, _)| !Filters::NAMES.contains(name)) {
                return refused(unknown(name));
            }
            let (filters, errors) = Filters::read(pairs.iter().copied());
            if let Some(error) = errors.iter().next() {
                return refused(format!(
                    "The filter \u{201c}{}\u{201d} cannot be read. {}",
                    error.field, error.message
                ));
            }
            if filters.is_empty() {
                return refused("Type words or choose a filter first; then save the search.".to_owned());
            }
            let mut words: Vec<String> =
                Some(filters.text.clone()).filter(|text| !text.is_empty()).into_iter().collect();
            words.extend(filters.topic.map(|topic| topic.label().to_owned()));
            words.extend(filters.format.map(|format| format.label().to_owned()));
            words.extend(filters.mode.map(|mode| mode.label().to_owned()));
            words.extend(filters.sector.clone());
            words.extend(filters.open.then(|| "with free seats".to_owned()));
            let pairs = filters.pairs();
            let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
            (pairs.join("&"), words)
        }
    };
    let words = if words.is_empty() { "Saved search".to_owned() } else { words.join(", ") };
    Ok((canonical.trim_start_matches('?').to_owned(), words.chars().take(NAME).collect()))
}

fn clipped(text: &str) -> String {
    text.chars().take(40).collect()
}

fn pace(code: &str, errors: &mut FieldErrors) -> Pace {
    let pace = if code.is_empty() { Some(Pace::Daily) } else { Pace::of(code) };
    if pace.is_none() {
        errors.add("pace", "Choose how often you want to hear of new matches.");
    }
    pace.unwrap_or(Pace::Daily)
}

fn name(typed: &str, otherwise: &str, errors: &mut FieldErrors) -> String {
    let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.chars().count() > NAME || name.contains(char::is_control) {
        errors.add("name", format!("Use a name of up to {NAME} characters."));
    }
    if name.is_empty() { otherwise.to_owned() } else { name }
}

/// Saves a search. The same search saved again takes the new name and pace.
pub async fn save(tx: &mut Tx, new: NewSaved) -> Result<SavedId> {
    let Some(account) = tx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    let permit = policy::own(tx.actor(), account)?;
    let of = Of::parse(&new.of).ok_or_else(|| Error::invalid("kind", "Choose practices or sessions."))?;
    let (query, words) = read(of, &new.query)?;
    let mut errors = FieldErrors::default();
    let (pace, name) = (pace(&new.pace, &mut errors), name(&new.name, &words, &mut errors));
    errors.or(())?;
    let mine = store::of_account(tx.conn(), account).await?;
    if let Some(same) = mine.iter().find(|saved| saved.of == of && saved.query == query) {
        let id = same.id;
        change(tx, id, &name, pace.code()).await?;
        return Ok(id);
    }
    if mine.len() >= MOST {
        return Err(Error::Conflict(format!("You keep {MOST} searches already; delete one first.")));
    }
    let now = tx.now();
    let saved = Saved { id: SavedId::fresh(), account, of, name, query, pace, created_at: now, updated_at: now };
    store::keep(tx.conn(), &saved).await?;
    let detail = json!({ "kind": of.code(), "pace": pace.code() });
    tx.record(&permit, Event::about("saved_search.made", "saved_search", saved.id.0).with(detail)).await?;
    log::append(tx, LOG, &[saved.id.0]).await?;
    Ok(saved.id)
}

/// The actor's own, inside a transaction; of others there is none.
async fn own(tx: &Tx, id: SavedId) -> Result<Saved> {
    let found = store::by_id(tx.conn(), id).await?;
    found.filter(|saved| tx.actor().account() == Some(saved.account.0)).ok_or(Error::NotFound("saved search"))
}

/// Changes name and pace.
pub async fn change(tx: &mut Tx, id: SavedId, called: &str, how_soon: &str) -> Result<()> {
    let before = own(tx, id).await?;
    let permit = policy::own(tx.actor(), before.account)?;
    let mut errors = FieldErrors::default();
    let (pace, name) = (pace(how_soon, &mut errors), name(called, &before.name, &mut errors));
    errors.or(())?;
    if before.pace == pace && before.name == name {
        return Ok(());
    }
    let saved = Saved { pace, name, updated_at: tx.now(), ..before };
    store::keep(tx.conn(), &saved).await?;
    let detail = json!({ "pace": pace.code() });
    tx.record(&permit, Event::about("saved_search.changed", "saved_search", id.0).with(detail)).await?;
    log::append(tx, LOG, &[id.0]).await
}

/// Deletes it: nothing is told of it any more.
pub async fn delete(tx: &mut Tx, id: SavedId) -> Result<()> {
    let before = own(tx, id).await?;
    let permit = policy::own(tx.actor(), before.account)?;
    store::delete(tx.conn(), id).await?;
    tx.record(&permit, Event::about("saved_search.deleted", "saved_search", id.0)).await?;
    log::append(tx, LOG, &[id.0]).await
}

/// What the actor saved, newest first. One statement.
pub async fn mine(cx: &Cx) -> Result<Vec<Saved>> {
    let Some(account) = cx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    store::of_account(cx.conn(), account).await
}

/// One that the actor saved.
pub async fn saved(cx: &Cx, id: &str) -> Result<Saved> {
    let id: SavedId = id.parse().map_err(|_| Error::NotFound("saved search"))?;
    let found = store::by_id(cx.conn(), id).await?;
    found.filter(|saved| cx.actor().account() == Some(saved.account.0)).ok_or(Error::NotFound("saved search"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_has_one_form_and_words() {
        let (query, words) = read(Of::Practices, "?sort=newest&topic=tutoring&q=exit+tickets&cursor=p1").unwrap();
        assert_eq!(query, "q=exit+tickets&topic=tutoring");
        assert!(words.starts_with("exit tickets, "), "{words}");
        let (query, _) = read(Of::Sessions, "topic=early_reading&view=list&q=safety").unwrap();
        assert_eq!(query, "q=safety&topic=early_reading");
    }

    #[test]
    fn what_no_search_knows_is_refused() {
        for (of, query) in [
            (Of::Practices, "q=x&shoe_size=9"),
            (Of::Practices, "topic=no_such_topic"),
            (Of::Practices, "sort=newest"),
            (Of::Practices, ""),
            (Of::Sessions, "topic=no_such_topic"),
            (Of::Sessions, "evidence=strong"),
            (Of::Sessions, "view=month"),
        ] {
            assert!(matches!(read(of, query), Err(Error::Invalid(_))), "{query}");
        }
        assert!(read(Of::Practices, &format!("q={}", "a".repeat(3_000))).is_err());
    }
}
