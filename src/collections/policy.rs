//! Who may do what with saved practices and collections. Pure. What somebody saves is their own: nobody else reads it, whatever
//! their role (product.md, section 7).

use super::collection::{Collection, Visibility};
use crate::people::AccountId;
use crate::platform::{Actor, Permit, Place, Result, Role};

/// One's own saved practices and collections.
pub fn own(actor: &Actor, account: AccountId) -> Result<Permit> {
    Permit::when(actor, actor.account() == Some(account.0), "This belongs to somebody else.")
}

/// Taking out what is kept about somebody who has their account erased.
pub fn erase(actor: &Actor, account: AccountId) -> Result<Permit> {
    Permit::when(actor, actor.is_system() || actor.account() == Some(account.0), "This belongs to somebody else.")
}

fn is_moderator(actor: &Actor) -> bool {
    let holds = |role| actor.has(role, Place::Installation);
    actor.is_system() || holds(Role::Editor) || holds(Role::CityAdmin)
}

/// Looking at what was reported: editors and administrators.
pub fn moderates(actor: &Actor) -> Result<()> {
    let sentence = "Only editors and the city's administrators look after what was reported.";
    if is_moderator(actor) { Ok(()) } else { Permit::when(actor, false, sentence).map(drop) }
}

/// Whether the actor reads a collection that they name so. Its key opens it while it is shared at all; its name, while it is
/// public; its id alone opens it for its owner and for those who moderate.
pub fn reads(actor: &Actor, collection: &Collection, reference: &str) -> bool {
    let owns = actor.account() == Some(collection.owner.0);
    let shared = match collection.visibility {
        Visibility::Private => false,
        Visibility::Link => collection.key.as_deref() == Some(reference),
        Visibility::Public => {
            collection.key.as_deref() == Some(reference)
                || collection.slug.as_deref() == Some(reference)
                || collection.id.to_string() == reference
        }
    };
    let moderated = is_moderator(actor) && collection.visibility != Visibility::Private;
    owns || moderated || (shared && collection.hidden_at.is_none())
}

/// Whether it can be reported: while somebody else than its owner may read it. Its id, which cannot be guessed, is on its page.
pub fn reported(collection: &Collection) -> bool {
    collection.visibility != Visibility::Private && collection.hidden_at.is_none()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::platform::{Grant, Person, Scope, Timestamp, Via};

    fn person(account: u128, grants: Vec<Grant>) -> Actor {
        Actor::Person(Arc::new(Person {
            account: Uuid::from_u128(account),
            name: "Ada".to_owned(),
            via: Via::SignIn(Uuid::from_u128(9)),
            scope: Scope::Admin,
            strong: true,
            recent: true,
            grants,
        }))
    }

    fn shared(visibility: Visibility) -> Collection {
        Collection {
            id: super::super::CollectionId(Uuid::from_u128(7)),
            owner: AccountId(Uuid::from_u128(1)),
            school: None,
            title: "Reading".to_owned(),
            description: None,
            visibility,
            slug: Some("reading".to_owned()),
            key: Some("KEY".to_owned()),
            shows_name: false,
            copied_from: None,
            hidden_at: None,
            created_at: Timestamp::default(),
            updated_at: Timestamp::default(),
        }
    }

    #[test]
    fn a_collection_is_read_by_whom_it_is_shared_with() {
        let (owner, visitor) = (person(1, Vec::new()), Actor::Visitor);
        let editor = person(2, vec![Grant { role: Role::Editor, place: Place::Installation }]);
        for (visibility, by_key, by_slug) in
            [(Visibility::Private, false, false), (Visibility::Link, true, false), (Visibility::Public, true, true)]
        {
            let one = shared(visibility);
            assert_eq!(reads(&visitor, &one, "KEY"), by_key, "{visibility:?}");
            assert_eq!(reads(&visitor, &one, "reading"), by_slug, "{visibility:?}");
            assert_eq!(reads(&editor, &one, "reading"), visibility != Visibility::Private);
            assert!(reads(&owner, &one, "reading"));
            let hidden = Collection { hidden_at: Some(Timestamp::default()), ..one };
            assert!(!reads(&visitor, &hidden, "KEY") && !reads(&visitor, &hidden, "reading"));
            assert!(reads(&owner, &hidden, "reading"));
            assert_eq!(reads(&editor, &hidden, "KEY"), visibility != Visibility::Private);
        }
    }

    #[test]
    fn nobody_else_changes_it_and_only_moderators_look_after_reports() {
        let account = AccountId(Uuid::from_u128(1));
        assert!(own(&person(1, Vec::new()), account).is_ok());
        assert!(own(&person(2, Vec::new()), account).is_err() && own(&Actor::Visitor, account).is_err());
        assert!(own(&Actor::System("test"), account).is_err());
        assert!(moderates(&person(1, Vec::new())).is_err());
        let admin = person(2, vec![Grant { role: Role::CityAdmin, place: Place::Installation }]);
        assert!(moderates(&admin).is_ok() && moderates(&Actor::Visitor).is_err());
    }
}
