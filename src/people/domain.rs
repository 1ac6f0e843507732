//! Email domains: whose address ends in one belongs to its school, or to one of its organization's schools, and joins at
//! once. An address proves that only after the person has proven the address.

use std::collections::{HashMap, HashSet};

use super::policy;
use super::school::{School, SchoolId};
use super::store::{self, domains};
use crate::mail::Email;
use crate::platform::{Cx, Error, Event, Place, Result, Timestamp, Tx};

/// A domain and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailDomain {
    /// What stands after the @, in lower case.
    pub domain: String,
    /// A school, or an organization with all its schools.
    pub place: Place,
    /// When it was added.
    pub created_at: Timestamp,
}

/// Where everybody gets an address: it tells nothing of a school. The largest providers, not all there are: the
/// administrator who adds a domain is asked to know that it is the school's own.
#[rustfmt::skip]
const PUBLIC: &[&str] = &[
    "aol.com", "att.net", "bellsouth.net", "comcast.net", "cox.net", "duck.com", "earthlink.net", "fastmail.com",
    "fastmail.fm", "frontier.com", "gmail.com", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hey.com", "hotmail.com",
    "hotmail.co.uk", "hushmail.com", "icloud.com", "inbox.com", "juno.com", "live.com", "mac.com", "mail.com", "mail.ru",
    "mailinator.com", "me.com", "msn.com", "netzero.net", "optonline.net", "optimum.net", "outlook.com", "pm.me",
    "posteo.de", "proton.me", "protonmail.com", "qq.com", "rocketmail.com", "sbcglobal.net", "tuta.com", "tutanota.com",
    "verizon.net", "web.de", "yahoo.co.uk", "yahoo.com", "yahoo.es", "yandex.com", "yandex.ru", "ymail.com", "zoho.com",
    "163.com",
];

/// Reads a domain as somebody typed it: `@School.org` is `school.org`.
pub fn parse(text: &str) -> Result<String, &'static str> {
    const WANTED: &str = "Give the part after the @ of the school's addresses, like school.org.";
    let text = text.trim();
    let domain = text.strip_prefix('@').unwrap_or(text);
    let email = Email::parse(&format!("somebody@{domain}")).map_err(|_| WANTED)?;
    let domain = email.domain();
    if domain.len() > 253 || !domain.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c)) {
        return Err(WANTED);
    }
    let public = PUBLIC.iter().any(|name| domain == *name || domain.ends_with(&format!(".{name}")));
    if public {
        Err("Anybody can have an address there; give a domain that is the school's own.")
    } else {
        Ok(domain.to_owned())
    }
}

/// Adds a domain of a school or an organization. By administrators. A domain has one place; adding it there twice is as
/// good as once.
pub async fn add(tx: &mut Tx, domain: &str, place: Place) -> Result<()> {
    let permit = policy::administer_places(tx.actor())?;
    let domain = parse(domain).map_err(|sentence| Error::invalid("domain", sentence))?;
    place_name(tx.conn(), place).await?;
    match domains::by_name(tx.conn(), &domain).await? {
        Some(known) if known.place == place => return Ok(()),
        Some(_) => {
            let sentence = "This domain belongs to another school or organization here; take it out there first.";
            return Err(Error::invalid("domain", sentence));
        }
        None => {}
    }
    let now = tx.now();
    domains::insert(tx.conn(), EmailDomain { domain: domain.clone(), place, created_at: now }).await?;
    let (kind, id) = subject(place)?;
    tx.record(&permit, Event::about("domain.added", kind, id).with(serde_json::json!({ "domain": domain }))).await
}

/// Takes a domain out. By administrators. Who joined by it stays a member.
pub async fn remove(tx: &mut Tx, domain: &str) -> Result<()> {
    let permit = policy::administer_places(tx.actor())?;
    Error::unless_nameable(domain, "domain")?;
    let domain = domain.trim().to_lowercase();
    let Some(known) = domains::by_name(tx.conn(), &domain).await? else { return Err(Error::NotFound("domain")) };
    domains::delete(tx.conn(), &domain).await?;
    let (kind, id) = subject(known.place)?;
    tx.record(&permit, Event::about("domain.removed", kind, id).with(serde_json::json!({ "domain": domain }))).await
}

/// The domains of a place, or all of them (at most 1,000), in the order of names. For administrators.
pub async fn list(cx: &Cx, place: Option<Place>) -> Result<Vec<EmailDomain>> {
    if !policy::administers(cx.actor()) {
        return Err(Error::NotFound("domain"));
    }
    domains::list(cx.conn(), place).await
}

/// Where addresses like this one belong; `None` where no school or organization has its domain.
pub async fn place_of(cx: &Cx, email: &Email) -> Result<Option<Place>> {
    Ok(domains::by_name(cx.conn(), email.domain()).await?.map(|known| known.place))
}

/// The open schools that a domain's place covers, in the order of names: `limit` at most. Three statements.
pub async fn schools_of(cx: &Cx, place: Place, limit: u64) -> Result<Vec<School>> {
    let ids = domains::schools_at(cx.conn(), place, limit).await?;
    let mut found = super::schools(cx, &ids).await?;
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// Whether a domain's place covers the school.
pub fn covers(place: Place, school: &School) -> bool {
    match place {
        Place::School(id) => school.id.0 == id,
        Place::Organization(id) => school.organization.as_ref().is_some_and(|organization| organization.id.0 == id),
        Place::Installation => false,
    }
}

/// A place as pages name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlaceName {
    /// Its name.
    pub name: String,
    /// Its page; empty where it has none.
    pub url: String,
}

/// What places are called, in one batch. At most three statements, and one for each organization beyond.
pub async fn names(cx: &Cx, places: impl Iterator<Item = Place>) -> Result<HashMap<Place, PlaceName>> {
    let places: HashSet<Place> = places.collect();
    let ids = |place: &Place| if let Place::School(id) = place { Some(SchoolId(*id)) } else { None };
    let wanted: Vec<SchoolId> = places.iter().filter_map(ids).collect();
    let mut found: HashMap<Place, PlaceName> = HashMap::new();
    for (id, school) in super::schools(cx, &wanted).await? {
        let name = PlaceName { name: school.name, url: format!("/schools/{}", school.slug) };
        found.insert(Place::School(id.0), name);
    }
    for place in places.iter().filter(|place| !matches!(place, Place::School(_))) {
        let name = place_name(cx.conn(), *place).await.unwrap_or_default();
        found.insert(*place, PlaceName { name, url: String::new() });
    }
    Ok(found)
}

/// What a place is called; `NotFound` where there is none of this id.
pub(super) async fn place_name(conn: &impl store::Connection, place: Place) -> Result<String> {
    match place {
        Place::School(id) => {
            let school = store::schools(conn, &[SchoolId(id)]).await?.pop();
            Ok(school.ok_or(Error::NotFound("school"))?.name)
        }
        Place::Organization(id) => {
            let organization = store::organization(conn, &id.to_string()).await?;
            Ok(organization.ok_or(Error::NotFound("organization"))?.name)
        }
        Place::Installation => Ok("Common Ground".to_owned()),
    }
}

fn subject(place: Place) -> Result<(&'static str, uuid::Uuid)> {
    match place {
        Place::School(id) => Ok(("school", id)),
        Place::Organization(id) => Ok(("organization", id)),
        Place::Installation => Err(Error::invalid("place", "A domain belongs to a school or an organization.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_the_schools_own() {
        assert_eq!(parse(" @Harbor-Point.ORG "), Ok("harbor-point.org".to_owned()));
        assert_eq!(parse("k12.ny.us"), Ok("k12.ny.us".to_owned()));
        for public in ["gmail.com", "Outlook.com", "yahoo.com", "eu.yahoo.com"] {
            assert!(parse(public).unwrap_err().starts_with("Anybody"), "{public}");
        }
        for bad in ["", "@", "school", "a@school.org", "school.org/x", "sch ool.org", "[127.0.0.1]"] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
