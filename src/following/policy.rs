//! Who may do what with follows and saved searches. Pure. What somebody follows and searches for is their own: nobody else
//! reads it, whatever their role (product.md, section 7).

use crate::people::AccountId;
use crate::platform::{Actor, Permit, Result};

/// One's own list.
pub fn own(actor: &Actor, account: AccountId) -> Result<Permit> {
    Permit::when(actor, actor.account() == Some(account.0), "This belongs to somebody else.")
}

/// Taking out what is kept about somebody who has their account erased.
pub fn erase(actor: &Actor, account: AccountId) -> Result<Permit> {
    Permit::when(actor, actor.is_system() || actor.account() == Some(account.0), "This belongs to somebody else.")
}

/// Telling of news: the program alone.
pub fn tell(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "Only the program itself tells of news.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_is_let_in() {
        let account = AccountId(uuid::Uuid::from_u128(1));
        assert!(own(&Actor::Visitor, account).is_err());
        assert!(own(&Actor::System("test"), account).is_err());
        assert!(tell(&Actor::Visitor).is_err() && tell(&Actor::System("test")).is_ok());
    }
}
