//! Collections: a list of practices under a title, which its owner keeps or shares.

use serde_json::json;

use super::{policy, store, words};
use crate::people::membership::held;
use crate::people::{AccountId, SchoolId};
use crate::platform::chance::Ticket;
use crate::platform::ids::typed_id;
use crate::platform::{Actor, Cx, Error, Event, FieldErrors, Place, Result, Timestamp, Tx};

typed_id!(
    /// A collection.
    CollectionId
);

/// One person makes so many at most.
pub const MOST: usize = 100;
/// Characters of a title.
pub const TITLE: usize = 120;
/// Characters of a description.
pub const DESCRIPTION: usize = 2_000;

/// Who reads a collection besides its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Visibility {
    /// Nobody.
    #[default]
    Private,
    /// Whoever has its link, which nobody can guess.
    Link,
    /// Everybody.
    Public,
}

impl Visibility {
    /// All of them, the closest first.
    pub const ALL: [Self; 3] = [Self::Private, Self::Link, Self::Public];

    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Link => "link",
            Self::Public => "public",
        }
    }

    /// Of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// As pages say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Private => "Only you",
            Self::Link => "Everybody who has its link",
            Self::Public => "Everybody",
        }
    }
}

/// A collection, without what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    /// Its id.
    pub id: CollectionId,
    /// Whose.
    pub owner: AccountId,
    /// The school of which its owner speaks.
    pub school: Option<SchoolId>,
    /// Its title.
    pub title: String,
    /// What it is for.
    pub description: Option<String>,
    /// Who reads it.
    pub visibility: Visibility,
    /// Its name in addresses, from its first day in public on; never changes.
    pub slug: Option<String>,
    /// What stands in the address of its link.
    pub key: Option<String>,
    /// Whether its readers learn its owner's name.
    pub shows_name: bool,
    /// The one that it began as a copy of.
    pub copied_from: Option<CollectionId>,
    /// Since when it is hidden by those who moderate.
    pub hidden_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it or its list last changed.
    pub updated_at: Timestamp,
}

impl Collection {
    /// What stands in the address where its readers find it; none for one that is private.
    pub fn reference(&self) -> Option<&str> {
        match self.visibility {
            Visibility::Private => None,
            Visibility::Link => self.key.as_deref(),
            Visibility::Public => self.slug.as_deref(),
        }
    }

    /// The page where its readers find it.
    pub fn path(&self) -> Option<String> {
        self.reference().map(|reference| format!("/collections/{reference}"))
    }
}

/// What its owner says of a collection.
#[derive(Clone, Debug, Default)]
pub struct CollectionForm {
    /// Its title.
    pub title: String,
    /// What it is for; empty for nothing.
    pub description: String,
    /// `private`, `link` or `public`; empty for private.
    pub visibility: String,
    /// Id of a school that the owner belongs to; empty for none.
    pub school: String,
    /// Whether its readers learn the owner's name.
    pub shows_name: bool,
}

impl CollectionForm {
    /// What is said of a collection now.
    pub fn of(collection: &Collection) -> Self {
        Self {
            title: collection.title.clone(),
            description: collection.description.clone().unwrap_or_default(),
            visibility: collection.visibility.code().to_owned(),
            school: collection.school.map(|id| id.to_string()).unwrap_or_default(),
            shows_name: collection.shows_name,
        }
    }
}

/// What a form says, read.
struct Said {
    title: String,
    description: Option<String>,
    visibility: Visibility,
    school: Option<SchoolId>,
}

/// Reads a form; `before` is the school that was said before, which stays good when its owner has left it.
async fn read(tx: &Tx, owner: AccountId, form: &CollectionForm, before: Option<SchoolId>) -> Result<Said> {
    let mut errors = FieldErrors::default();
    let title = words::line(&mut errors, "title", &form.title, TITLE);
    if title.is_none() {
        errors.add("title", "Give the collection a title.");
    }
    let description = words::passage(&mut errors, "description", &form.description, DESCRIPTION);
    let visibility =
        if form.visibility.is_empty() { Some(Visibility::Private) } else { Visibility::parse(&form.visibility) };
    if visibility.is_none() {
        errors.add("visibility", "Choose who reads it.");
    }
    let typed = form.school.trim();
    let school: Option<SchoolId> = typed.parse().ok();
    if !typed.is_empty() && (school.is_none() || school != before) {
        let grants = held(tx, owner).await?;
        let belongs = |id: SchoolId| grants.iter().any(|grant| grant.place == Place::School(id.0));
        if !school.is_some_and(belongs) {
            errors.add("school", "Choose a school that you belong to.");
        }
    }
    let (title, visibility) = (title.unwrap_or_default(), visibility.unwrap_or_default());
    Ok(errors.or(Said { title, description, visibility, school })?)
}

fn account(actor: &Actor) -> Result<AccountId> {
    actor.account().map(AccountId).ok_or(Error::SignInRequired)
}

/// Makes a collection of the actor's.
pub async fn make(tx: &mut Tx, form: &CollectionForm) -> Result<CollectionId> {
    let owner = account(tx.actor())?;
    let permit = policy::own(tx.actor(), owner)?;
    let said = read(tx, owner, form, None).await?;
    has_room(tx, owner).await?;
    let now = tx.now();
    let new = Collection {
        id: CollectionId::fresh(),
        owner,
        school: said.school,
        title: said.title,
        description: said.description,
        visibility: said.visibility,
        slug: None,
        key: None,
        shows_name: form.shows_name,
        copied_from: None,
        hidden_at: None,
        created_at: now,
        updated_at: now,
    };
    let new = addressed(new)?;
    store::collections::insert(tx.conn(), &new).await?;
    let detail = json!({ "visibility": new.visibility.code() });
    tx.record(&permit, Event::about("collection.made", "collection", new.id.0).with(detail)).await?;
    Ok(new.id)
}

/// Refuses one more collection than a person keeps.
pub(super) async fn has_room(tx: &Tx, owner: AccountId) -> Result<()> {
    if store::collections::of_account(tx.conn(), owner).await?.len() >= MOST {
        return Err(Error::Conflict(format!("You keep {MOST} collections already; delete one first.")));
    }
    Ok(())
}

/// The same collection with the address that its readers need.
fn addressed(mut one: Collection) -> Result<Collection> {
    if one.visibility == Visibility::Link && one.key.is_none() {
        one.key = Some(Ticket::fresh()?.reveal().to_owned());
    }
    if one.visibility == Visibility::Public && one.slug.is_none() {
        // The end of an id tells two of one title apart, and says nothing about which were there first.
        let id = one.id.0.simple().to_string();
        one.slug = Some(format!("{}-{}", slug_of(&one.title), &id[id.len() - 6..]));
    }
    Ok(one)
}

/// The title as a name in addresses, at most 90 characters.
fn slug_of(title: &str) -> String {
    let mut slug = slug::slugify(title);
    slug.truncate(90);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "collection".to_owned() } else { slug.to_owned() }
}

/// The actor's own, held until the transaction ends; of others there is none.
pub(super) async fn own(tx: &Tx, id: CollectionId) -> Result<Collection> {
    let found = store::collections::held(tx.conn(), id).await?;
    found.filter(|one| tx.actor().account() == Some(one.owner.0)).ok_or(Error::NotFound("collection"))
}

/// Changes what is said of a collection, and who reads it.
///
/// # Errors
/// `Stale` where it changed since `seen`.
pub async fn change(tx: &mut Tx, id: CollectionId, form: &CollectionForm, seen: Option<Timestamp>) -> Result<()> {
    let before = own(tx, id).await?;
    let permit = policy::own(tx.actor(), before.owner)?;
    if seen.is_some_and(|seen| seen != before.updated_at) {
        return Err(Error::Stale);
    }
    let said = read(tx, before.owner, form, before.school).await?;
    let now = Collection {
        school: said.school,
        title: said.title,
        description: said.description,
        visibility: said.visibility,
        shows_name: form.shows_name,
        ..before.clone()
    };
    let now = addressed(now)?;
    if now == before {
        return Ok(());
    }
    let now = Collection { updated_at: tx.now(), ..now };
    store::collections::update(tx.conn(), &now).await?;
    let detail = json!({ "visibility": now.visibility.code() });
    tx.record(&permit, Event::about("collection.changed", "collection", id.0).with(detail)).await
}

/// Gives a collection another link: who has the old one no longer gets in by it.
pub async fn renew_link(tx: &mut Tx, id: CollectionId) -> Result<()> {
    let before = own(tx, id).await?;
    let permit = policy::own(tx.actor(), before.owner)?;
    let now = Collection { key: Some(Ticket::fresh()?.reveal().to_owned()), updated_at: tx.now(), ..before };
    store::collections::update(tx.conn(), &now).await?;
    tx.record(&permit, Event::about("collection.link_renewed", "collection", id.0)).await
}

/// Deletes a collection, for its readers too. What somebody copied stays theirs.
pub async fn delete(tx: &mut Tx, id: CollectionId) -> Result<()> {
    let before = own(tx, id).await?;
    let permit = policy::own(tx.actor(), before.owner)?;
    store::collections::delete(tx.conn(), &[id.0]).await?;
    tx.record(&permit, Event::about("collection.deleted", "collection", id.0)).await
}

/// The actor's collections, the last changed first. One statement.
pub async fn mine(cx: &Cx) -> Result<Vec<Collection>> {
    store::collections::of_account(cx.conn(), account(cx.actor())?).await
}

/// One of the actor's.
pub async fn collection(cx: &Cx, id: &str) -> Result<Collection> {
    account(cx.actor())?;
    let id: CollectionId = id.parse().map_err(|_| Error::NotFound("collection"))?;
    let found = store::collections::by_ids(cx.conn(), &[id.0]).await?.pop();
    found.filter(|one| cx.actor().account() == Some(one.owner.0)).ok_or(Error::NotFound("collection"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_a_name_in_addresses() {
        assert_eq!(slug_of("Reading, K-2: where to begin"), "reading-k-2-where-to-begin");
        assert_eq!(slug_of("!!!"), "collection");
        assert!(slug_of(&"long ".repeat(60)).len() <= 90);
    }
}
