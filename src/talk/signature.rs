//! How somebody is named under what they wrote: by role and school, and by name where they want that.

use std::collections::HashMap;

use crate::people::{self, AccountId, School, SchoolId};
use crate::platform::{Cx, Result, Role, Tx};

/// What is kept of who wrote something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Who.
    pub account: AccountId,
    /// In the name of which school; none for people of an office.
    pub school: Option<SchoolId>,
    /// As what.
    pub role: Role,
    /// Whether they want to be named.
    pub named: bool,
}

/// Somebody in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Byline {
    /// Their name, where they want to be named.
    pub name: Option<String>,
    /// "Principal".
    pub role: String,
    /// The school's name; empty for people of an office.
    pub school: String,
    /// Its page; empty where it has none.
    pub school_url: String,
}

impl Byline {
    /// "Dina Ford, Principal": without the school.
    pub fn who(&self) -> String {
        match &self.name {
            Some(name) => format!("{name}, {}", self.role),
            None => self.role.clone(),
        }
    }

    /// "Dina Ford, Principal, Millbrook Elementary".
    pub fn words(&self) -> String {
        if self.school.is_empty() { self.who() } else { format!("{}, {}", self.who(), self.school) }
    }
}

/// Names and schools of many signatures.
#[derive(Clone, Debug, Default)]
pub struct Bylines {
    schools: HashMap<SchoolId, School>,
    names: HashMap<AccountId, String>,
}

impl Bylines {
    /// Of these: at most three statements, however many there are.
    pub async fn of(cx: &Cx, signatures: &[&Signature]) -> Result<Self> {
        let schools: Vec<SchoolId> = signatures.iter().filter_map(|one| one.school).collect();
        let named: Vec<AccountId> = signatures.iter().filter(|one| one.named).map(|one| one.account).collect();
        Ok(Self {
            schools: if schools.is_empty() { HashMap::new() } else { people::schools(cx, &schools).await? },
            names: if named.is_empty() { HashMap::new() } else { people::personal::names(cx, &named).await? },
        })
    }

    /// Of one, inside a transaction.
    pub(super) async fn of_one(tx: &Tx, signature: &Signature) -> Result<Byline> {
        let mut all = Self::default();
        if let Some(school) = signature.school {
            all.schools = people::schools_in(tx, &[school]).await?;
        }
        if signature.named {
            let account = people::account::account_in(tx, signature.account).await?;
            all.names.insert(account.id, account.name);
        }
        Ok(all.words(signature))
    }

    /// One of them in words.
    pub fn words(&self, signature: &Signature) -> Byline {
        let school = signature.school.and_then(|id| self.schools.get(&id));
        Byline {
            name: self.names.get(&signature.account).filter(|_| signature.named).cloned(),
            role: signature.role.label().to_owned(),
            school: school.map(|school| school.name.clone()).unwrap_or_default(),
            school_url: school.map(|school| format!("/schools/{}", school.slug)).unwrap_or_default(),
        }
    }

    /// The school of one of them.
    pub fn school(&self, signature: &Signature) -> Option<&School> {
        signature.school.and_then(|id| self.schools.get(&id))
    }
}
