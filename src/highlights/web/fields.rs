//! The form of a highlight: what was typed, and what there is to choose from.

use chrono::Days;

use crate::catalog;
use crate::compacts;
use crate::highlights::highlight::{Draft, SCHOOLS};
use crate::highlights::numbers::{self, MOST};
use crate::highlights::views::writing::{Fields, NumberRow, SchoolRow};
use crate::people::city::{self, City};
use crate::people::{self, SchoolId};
use crate::platform::vocabulary::Visibility;
use crate::platform::{Cx, Error, Result, Zone};
use crate::sessions::list::{self, Filters};
use crate::sessions::{Session, outreach, schedule};
use crate::web::views::Choice;

/// Zones to choose from.
const ZONES: [(&str, &str); 7] = [
    ("America/New_York", "Eastern (New York)"),
    ("America/Chicago", "Central (Chicago)"),
    ("America/Denver", "Mountain (Denver)"),
    ("America/Phoenix", "Arizona (Phoenix)"),
    ("America/Los_Angeles", "Pacific (Los Angeles)"),
    ("America/Anchorage", "Alaska (Anchorage)"),
    ("Pacific/Honolulu", "Hawaii (Honolulu)"),
];

/// Sessions to choose from: those of so many days.
const LOOK_BACK: u64 = 365;
/// Pages of them that are read, and sessions on each.
const PAGES: usize = 5;
const EACH: u64 = 100;
/// Schools to choose from.
const KNOWN: u64 = 500;

/// Joint sessions of the city that are over and that everybody may see, the newest first; the chosen one too.
async fn sessions(cx: &Cx, city: Option<&City>, chosen: &str) -> Result<Vec<Choice>> {
    let mut all = vec![Choice { value: String::new(), label: "None".to_owned(), selected: chosen.is_empty() }];
    let today = Zone::default().local(cx.now()).date();
    let filters = Filters { from: Some(today - Days::new(LOOK_BACK)), to: Some(today), ..Filters::default() };
    let (mut found, mut cursor): (Vec<Session>, Option<String>) = (Vec::new(), None);
    for _ in 0..PAGES {
        let page = list::page(cx, &filters, cursor.as_deref(), EACH).await?;
        found.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    found.retain(|one| one.is_public() && one.visibility == Visibility::PUBLIC);
    let ids: Vec<SchoolId> = found.iter().flat_map(|one| one.parties()).map(|party| party.school).collect();
    let schools = people::schools(cx, &ids).await?;
    let there = |id: SchoolId| match (city, schools.get(&id)) {
        (Some(city), Some(school)) => {
            city::slug_of(school.city.as_deref().unwrap_or_default(), school.state.as_deref()) == city.slug
        }
        (None, _) => true,
        (Some(_), None) => false,
    };
    for one in found.iter().rev().filter(|one| one.parties().any(|party| there(party.school))) {
        let day = one.meetings.first().map(|meeting| schedule::day(meeting.starts_at, one.zone())).unwrap_or_default();
        let value = one.id.to_string();
        all.push(Choice { selected: value == chosen, label: format!("{}, {day}", one.title), value });
    }
    if let Ok(id) = chosen.parse::<uuid::Uuid>()
        && !all.iter().any(|one| one.selected)
    {
        let title = outreach::titles(cx, &[id]).await?.remove(&id);
        let label = title.unwrap_or_else(|| "A session that not everybody may see".to_owned());
        all.push(Choice { value: chosen.to_owned(), label, selected: true });
    }
    Ok(all)
}

/// The form with what was typed. At most thirty statements for what there is to choose from, however much that is.
pub(super) async fn fields(cx: &Cx, draft: &Draft) -> Result<Fields> {
    let own = if cx.actor().administers() { Vec::new() } else { city::of_actor(cx).await? };
    let choice = |value: &str, label: &str, chosen: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        selected: value == chosen,
    };
    let slug =
        if draft.city.is_empty() { own.first().cloned().unwrap_or_default() } else { city::slug_of(&draft.city, None) };
    let here = match city::city(cx, &slug).await {
        Ok(city) => Some(city),
        Err(Error::NotFound(_)) => None,
        Err(error) => return Err(error),
    };
    let known_schools = match &here {
        Some(city) => city::schools(cx, city, KNOWN).await?,
        None => Vec::new(),
    };
    let mut schools: Vec<SchoolRow> = Vec::new();
    let mut quote_schools = vec![choice("", "Choose", &draft.quote_school)];
    for at in 0..SCHOOLS {
        let (school, words) = draft.schools.get(at).cloned().unwrap_or_default();
        let name = known_schools.iter().find(|(slug, _)| *slug == school).map(|(_, name)| name.clone());
        let name = name.unwrap_or_default();
        let number = (at + 1).to_string();
        let label = if name.is_empty() { format!("School {number}") } else { format!("School {number}: {name}") };
        let said = draft.quote_school == number || (!school.is_empty() && draft.quote_school == school);
        quote_schools.push(Choice { value: number, label, selected: said });
        schools.push(SchoolRow { number: at + 1, school, name, words });
    }
    let practice_title = match draft.practice.parse() {
        Ok(id) => catalog::practices(cx, &[id]).await?.remove(&id).map(|practice| practice.record.title),
        Err(_) => None,
    };
    let kinds = numbers::choices();
    let number = |at: usize| {
        let one = draft.numbers.get(at).cloned().unwrap_or_default();
        NumberRow {
            number: at + 1,
            kinds: kinds.iter().map(|(value, label)| choice(value, label, &one.kind)).collect(),
            from: one.from,
            to: one.to,
            neighborhood: one.neighborhood,
            schools: one.schools,
            value: one.value,
            label: one.label,
            source: one.source,
            link: one.link,
        }
    };
    let city = city::slug_of(&draft.city, None);
    let mine = |slug: Option<&str>| match slug {
        Some(slug) => slug == city || own.iter().any(|one| one == slug),
        None => false,
    };
    let compacts: Vec<compacts::Compact> =
        compacts::compacts(cx).await?.into_iter().filter(|one| mine(one.city.as_deref())).collect();
    let ids: Vec<compacts::CompactId> = compacts.iter().map(|one| one.id).collect();
    let mut commitments = vec![choice("", "None", &draft.commitment)];
    for one in compacts::commitments_of(cx, &ids).await? {
        let name =
            compacts.iter().find(|compact| compact.id == one.compact).map_or("", |compact| compact.name.as_str());
        let label = format!("{name}, {}: {}", one.number, one.sentence);
        commitments.push(choice(&one.id.to_string(), &label, &draft.commitment));
    }
    let zone = if draft.zone.is_empty() { Zone::default().name() } else { draft.zone.as_str() };
    let mut zones: Vec<Choice> = ZONES.iter().map(|(name, words)| choice(name, words, zone)).collect();
    if !zones.iter().any(|one| one.selected) {
        zones.push(choice(zone, zone, zone));
    }
    Ok(Fields {
        city: draft.city.clone(),
        cities: own.iter().map(|slug| choice(slug, slug, &draft.city)).collect(),
        headline: draft.headline.clone(),
        story: draft.story.clone(),
        neighborhood: draft.neighborhood.clone(),
        known_schools,
        sessions: sessions(cx, here.as_ref(), draft.session.trim()).await?,
        practice: draft.practice.clone(),
        practice_title: practice_title.unwrap_or_default(),
        adoption: draft.adoption.clone(),
        commitments,
        schools,
        numbers: (0..MOST).map(number).collect(),
        quote: draft.quote.clone(),
        quote_role: draft.quote_role.clone(),
        quote_schools,
        photo_alt: draft.photo_alt.clone(),
        embargo: draft.embargo.clone(),
        zones,
    })
}
