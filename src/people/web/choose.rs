//! Choosing a school in a form: those of one's own address first, others by typing. Without scripts the page comes again with
//! what was found, and nothing typed is lost.

use crate::people::views::members::{SchoolChoice, SchoolField};
use crate::people::{Account, School, domain};
use crate::platform::{Cx, Place, Result};
use crate::search::{Kind, Question, Search};

/// Schools found that are shown: more is a better search.
const FOUND: usize = 10;
/// Schools of a domain that are all shown; of a larger district people search theirs.
const NEARBY: usize = 12;

/// The field for a person who typed `query` and has chosen the school of the id `chosen`.
pub(super) async fn field(
    cx: &Cx,
    search: &Search,
    person: &Account,
    query: &str,
    chosen: &str,
) -> Result<SchoolField> {
    let proven = person.email.as_ref().filter(|_| person.email_confirmed_at.is_some());
    let place = match proven {
        Some(email) => domain::place_of(cx, email).await?,
        None => None,
    };
    let mut schools: Vec<School> = Vec::new();
    let mut address_of = String::new();
    if let Some(place) = place {
        let nearby = domain::schools_of(cx, place, NEARBY as u64 + 1).await?;
        if let Some(first) = nearby.first() {
            address_of = match (place, &first.organization) {
                (Place::Organization(_), Some(organization)) => organization.name.clone(),
                _ => first.name.clone(),
            };
        }
        if nearby.len() <= NEARBY {
            schools = nearby;
        }
    }
    // The only school of the address needs no search.
    let sole = schools.len() == 1 && query.is_empty() && chosen.is_empty();
    let mut more: Vec<crate::people::SchoolId> = chosen.parse().into_iter().collect();
    let mut cards = std::collections::HashMap::new();
    if !query.is_empty() {
        let mut question = Question::read(Kind::School, std::iter::empty());
        question.text = query.chars().take(200).collect();
        question.limit = FOUND;
        for hit in search.schools(cx, &question).await?.hits {
            more.push(crate::people::SchoolId(hit.id));
            cards.insert(hit.id, hit.card);
        }
    }
    more.retain(|id| schools.iter().all(|school| school.id != *id));
    let mut found = crate::people::schools(cx, &more).await?;
    schools.extend(more.iter().filter_map(|id| found.remove(id)));
    let choices = schools.into_iter().map(|school| {
        let place_words = [school.neighborhood.as_deref(), school.city.as_deref(), school.state.as_deref()];
        let card = cards.get(&school.id.0);
        let sector = card.and_then(|card| card.sector.as_ref()).map(|(_, label)| label.as_str());
        let facts = std::iter::once(sector).chain(place_words).flatten().collect::<Vec<_>>().join(", ");
        SchoolChoice {
            value: school.id.to_string(),
            facts,
            at_once: place.is_some_and(|place| domain::covers(place, &school)),
            selected: sole || school.id.to_string() == chosen,
            name: school.name,
        }
    });
    Ok(SchoolField {
        address_of,
        query: query.to_owned(),
        searched: !query.is_empty(),
        choices: choices.collect(),
        wrong: String::new(),
    })
}
