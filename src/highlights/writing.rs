//! Writing a highlight, and asking its schools. What changes after a school was asked is asked again (M-2).

use chrono::TimeDelta;
use serde_json::json;

use super::highlight::{Draft, Highlight, HighlightId, Passage, Quote, SCHOOLS, State};
use super::numbers::{self, Has, Typed};
use super::{letters, policy, store};
use crate::catalog::{self, adoption};
use crate::compacts;
use crate::notices::Postroom;
use crate::people::city::{self, City};
use crate::people::{self, AccountId, School, SchoolId};
use crate::platform::{Cx, Error, Event, FieldErrors, Permit, Place, Result, Scope, Tx, Zone};
use crate::search::{self, Kind};
use crate::sessions::{SessionId, outreach};

/// A school that has not answered can be asked again so long after it was asked.
const AGAIN: TimeDelta = TimeDelta::hours(20);

/// The permit of those who write highlights of a city.
pub(super) async fn allowed(tx: &Tx, city: &str) -> Result<Permit> {
    policy::write(tx.actor(), city, &city::of_actor_in(tx).await?)
}

/// Whether the actor writes highlights; asked before anything is looked up.
pub fn enter(actor: &crate::platform::Actor) -> Result<()> {
    policy::enter(actor)
}

/// The highlight, held against others who would change it. Who may not write for its city gets `NotFound`.
pub(super) async fn held(tx: &Tx, id: HighlightId) -> Result<(Highlight, Permit)> {
    policy::enter(tx.actor())?;
    let found = store::to_change(tx.conn(), id).await?.ok_or(Error::NotFound("highlight"))?;
    let permit = allowed(tx, &found.city).await.map_err(|error| match error {
        Error::Forbidden(_) if tx.actor().person().is_some_and(|person| person.scope > Scope::Read) => {
            Error::NotFound("highlight")
        }
        other => other,
    })?;
    Ok((found, permit))
}

pub(super) async fn noted(tx: &mut Tx, permit: &Permit, action: &'static str, now: &Highlight) -> Result<()> {
    let detail = json!({ "city": now.city, "revision": now.revision });
    tx.record(permit, Event::about(action, "highlight", now.id.0).with(detail)).await
}

/// Keeps what changed: one revision more.
pub(super) async fn keep(tx: &mut Tx, now: &mut Highlight) -> Result<()> {
    now.revision += 1;
    now.updated_at = tx.now();
    store::update(tx.conn(), now).await
}

/// A draft that begins with a joint session: what everybody may read of it, and nothing else (M-4).
pub async fn from_session(cx: &Cx, reference: &str) -> Result<Draft> {
    policy::enter(cx.actor())?;
    let id: SessionId = reference.parse().map_err(|_| Error::NotFound("session"))?;
    let held = outreach::held(cx, &[id]).await?.remove(&id).ok_or(Error::NotFound("session"))?;
    let ids: Vec<SchoolId> = held.parties.iter().map(|(school, _)| *school).collect();
    let mut chosen = vec![counted("session_people"), counted("session_hours")];
    if held.practice.is_some() {
        chosen.push(counted("practice_schools"));
    }
    let draft = Draft {
        headline: held.title,
        session: id.to_string(),
        practice: held.practice.map(|id| id.to_string()).unwrap_or_default(),
        commitment: held.commitment.map(|id| id.to_string()).unwrap_or_default(),
        numbers: chosen,
        ..Draft::default()
    };
    begun(cx, &ids, draft).await
}

fn counted(kind: &str) -> Typed {
    Typed { kind: kind.to_owned(), ..Typed::default() }
}

/// A draft about these schools, in a city of the actor's where one of them is.
async fn begun(cx: &Cx, ids: &[SchoolId], draft: Draft) -> Result<Draft> {
    let schools = people::schools(cx, ids).await?;
    let mut named: Vec<&School> = ids.iter().filter_map(|id| schools.get(id)).collect();
    named.truncate(SCHOOLS);
    let place = |school: &&School| city::slug_of(school.city.as_deref().unwrap_or_default(), school.state.as_deref());
    let own = city::of_actor(cx).await?;
    let there = named.iter().map(place).find(|slug| own.is_empty() || own.contains(slug));
    let neighborhoods: Vec<&String> = named.iter().filter_map(|school| school.neighborhood.as_ref()).collect();
    let same = neighborhoods.first().filter(|first| neighborhoods.iter().all(|one| one == *first));
    Ok(Draft {
        city: there.unwrap_or_default(),
        headline: draft.headline.chars().take(super::highlight::HEADLINE).collect(),
        neighborhood: same.map(|name| (*name).clone()).unwrap_or_default(),
        schools: named.iter().map(|school| (school.slug.clone(), String::new())).collect(),
        ..draft
    })
}

/// A draft that begins with a practice: where it began, and schools of other sectors that use it.
pub async fn from_practice(cx: &Cx, reference: &str) -> Result<Draft> {
    policy::enter(cx.actor())?;
    let practice = catalog::practice(cx, reference).await?;
    let mut ids: Vec<SchoolId> = practice.origin_school.into_iter().collect();
    let origin = people::schools(cx, &ids).await?.into_values().next().and_then(|school| school.sector);
    let used = adoption::adoptions_of(cx, practice.id).await?;
    let across =
        used.iter().filter(|one| one.is_use() && one.sector_at_start.is_some() && one.sector_at_start != origin);
    ids.extend(across.map(|one| one.school));
    ids.dedup();
    let draft = Draft {
        headline: practice.record.title.clone(),
        practice: practice.slug.clone(),
        numbers: vec![counted("practice_schools")],
        ..Draft::default()
    };
    begun(cx, &ids, draft).await
}

/// A draft that begins with an adoption: the school that took a practice over, and the one where it began.
pub async fn from_adoption(cx: &Cx, reference: &str) -> Result<Draft> {
    policy::enter(cx.actor())?;
    let id: catalog::AdoptionId = reference.parse().map_err(|_| Error::NotFound("adoption"))?;
    let found = adoption::adoption(cx, id).await?;
    let practice = catalog::practices(cx, &[found.practice]).await?.remove(&found.practice);
    let practice = practice.ok_or(Error::NotFound("adoption"))?;
    let ids: Vec<SchoolId> = practice.origin_school.into_iter().chain([found.school]).collect();
    let draft = Draft {
        headline: practice.record.title.clone(),
        practice: practice.slug.clone(),
        adoption: id.to_string(),
        numbers: vec![counted("practice_schools")],
        ..Draft::default()
    };
    begun(cx, &ids, draft).await
}

/// A draft that begins with a commitment of a compact: its sentence, and the schools that are parties.
pub async fn from_commitment(cx: &Cx, reference: &str) -> Result<Draft> {
    policy::enter(cx.actor())?;
    let id = compacts::CommitmentId(reference.parse().map_err(|_| Error::NotFound("commitment"))?);
    let found = compacts::commitment(cx, id).await?;
    let parties = compacts::parties_of(cx, &[found.compact]).await?.remove(&found.compact).unwrap_or_default();
    let school = |party: &compacts::Party| match party.place {
        Some(Place::School(id)) if party.takes_part() => Some(SchoolId(id)),
        _ => None,
    };
    let ids: Vec<SchoolId> = parties.iter().filter_map(school).collect();
    let draft = Draft { headline: found.sentence.clone(), commitment: id.to_string(), ..Draft::default() };
    begun(cx, &ids, draft).await
}

/// What somebody put into a field: a name or an id, or the address of a page of ours that they copied.
fn meant_by<'a>(text: &'a str, kind: &str) -> &'a str {
    let text = text.trim();
    let rest = text.split_once(&format!("/{kind}/")).map_or(text, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// The school that a text means, of what everybody may know.
async fn school_meant(cx: &Cx, text: &str) -> Result<std::result::Result<School, String>> {
    let reference = meant_by(text, "schools");
    if let Some(school) = there(people::school(cx, reference).await)? {
        return Ok(Ok(school));
    }
    let mut found = people::schools_called(cx, text.trim(), 5).await?;
    Ok(match (found.pop(), found.is_empty()) {
        (Some(school), true) => Ok(school),
        (None, _) => Err("There is no such school; give its name, or the address of its page.".to_owned()),
        (Some(last), false) => {
            let names: Vec<String> = found.into_iter().chain([last]).map(|school| school.name).collect();
            Err(format!("Several schools are called so ({}); paste the address of its page.", names.join(", ")))
        }
    })
}

/// What of a draft was looked up before it is kept: ids that are there, for everybody.
#[derive(Debug, Default)]
pub struct Looked {
    highlight: Option<Parts>,
}

#[derive(Debug)]
struct Parts {
    /// Each with what was typed for it, and the words about it.
    schools: Vec<(School, String, String)>,
    session: Option<SessionId>,
    practice: Option<catalog::PracticeId>,
    adoption: Option<catalog::AdoptionId>,
    commitment: Option<uuid::Uuid>,
}

/// Looks up what a draft names: schools, and what it links to, of what everybody may read. At most twenty statements.
pub async fn look_up(cx: &Cx, draft: &Draft, errors: &mut FieldErrors) -> Result<Looked> {
    policy::enter(cx.actor())?;
    let mut schools: Vec<(School, String, String)> = Vec::new();
    // More than that is refused, and not looked up.
    for (at, (reference, words)) in draft.schools.iter().take(SCHOOLS).enumerate() {
        let field = format!("school_{}", at + 1);
        if reference.trim().is_empty() {
            if !words.trim().is_empty() {
                errors.add(field, "Name the school.");
            }
            continue;
        }
        match school_meant(cx, reference).await? {
            Ok(school) if schools.iter().any(|(other, ..)| other.id == school.id) => {
                errors.add(field, "This school is there already.");
            }
            Ok(school) => schools.push((school, reference.trim().to_owned(), words.trim().to_owned())),
            Err(sentence) => errors.add(field, sentence),
        }
    }
    let none = "Paste the address of its page, or leave it out.";
    let session = match meant_by(&draft.session, "sessions") {
        "" => None,
        text => {
            let id = text.parse::<SessionId>().ok();
            let found = match id {
                Some(id) => outreach::held(cx, &[id]).await?.contains_key(&id).then_some(id),
                None => None,
            };
            if found.is_none() {
                errors.add("session", none);
            }
            found
        }
    };
    let practice = match meant_by(&draft.practice, "practices") {
        "" => None,
        text => {
            let mut found = there(catalog::practice(cx, text).await)?;
            if found.is_none() {
                // A title leads to its name in addresses.
                found = there(catalog::practice(cx, &slug::slugify(draft.practice.trim())).await)?;
            }
            if found.is_none() {
                errors.add("practice", "There is no such practice; give its title, or paste the address of its page.");
            }
            found.map(|practice| practice.id)
        }
    };
    let adoption = match meant_by(&draft.adoption, "adoptions") {
        "" => None,
        text => {
            let found = match text.parse() {
                Ok(id) => there(adoption::adoption(cx, id).await)?,
                Err(_) => None,
            };
            if found.is_none() {
                errors.add("adoption", none);
            }
            found.map(|adoption| adoption.id)
        }
    };
    let commitment = match draft.commitment.trim() {
        "" => None,
        text => {
            let found = match text.parse() {
                Ok(id) => there(compacts::commitment(cx, compacts::CommitmentId(id)).await)?.map(|_| id),
                Err(_) => None,
            };
            if found.is_none() {
                errors.add("commitment", none);
            }
            found
        }
    };
    Ok(Looked { highlight: Some(Parts { schools, session, practice, adoption, commitment }) })
}

fn there<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound(_) | Error::Forbidden(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts what was typed into a highlight; every error at once.
fn fill(tx: &Tx, now: &mut Highlight, draft: &Draft, looked: Looked, mut errors: FieldErrors) -> Result<()> {
    draft.check(&mut errors);
    let (embargo, zone) = draft.embargo(tx.now(), &mut errors);
    let parts = looked.highlight.ok_or_else(|| Error::internal("a draft of a highlight was not looked up"))?;
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let has = Has {
        session: parts.session.is_some(),
        practice: parts.practice.is_some(),
        neighborhood: text(&draft.neighborhood).is_some(),
    };
    let numbers = numbers::parse(&draft.numbers, has, &mut errors);
    let here = |school: &School| city::slug_of(school.city.as_deref().unwrap_or_default(), school.state.as_deref());
    if !parts.schools.is_empty() && !parts.schools.iter().any(|(school, ..)| here(school) == now.city) {
        errors.add("schools", format!("Name at least one school of {}.", now.city_name));
    }
    let quote = text(&draft.quote).map(|text| {
        // The form says which row; programs say which school.
        let row =
            draft.quote_school.trim().parse::<usize>().ok().and_then(|row| draft.schools.get(row.checked_sub(1)?));
        let wanted = row.map_or(draft.quote_school.as_str(), |(reference, _)| reference.as_str()).trim();
        let named = |(school, typed, _): &&(School, String, String)| {
            !wanted.is_empty() && (school.slug == wanted || school.id.to_string() == wanted || typed == wanted)
        };
        (text, parts.schools.iter().find(named).map(|(school, ..)| school.id))
    });
    if matches!(quote, Some((_, None))) {
        errors.add("quote_school", "Choose at which of the schools this was said: it approves the quote.");
    }
    if now.photo.is_some() && draft.photo_alt.trim().is_empty() {
        errors.add("photo_alt", "Say what the picture shows, for people who cannot see it.");
    }
    if now.state == State::Published && embargo.is_some_and(|until| until > tx.now()) {
        errors
            .add("embargo", "It is published already: leave the embargo out, or withdraw it to take it off its page.");
    }
    errors.or(())?;
    let before = std::mem::take(&mut now.schools);
    now.schools = parts
        .schools
        .into_iter()
        .map(|(school, _, words)| {
            let kept = before.iter().find(|one| one.school == school.id).cloned();
            let passage = kept.unwrap_or_else(|| Passage::fresh(school.id, String::new()));
            Passage { words, sector: school.sector, ..passage }
        })
        .collect();
    let was = now.quote.take();
    now.quote = quote.and_then(|(text, school)| {
        let role = draft.quote_role.trim().to_owned();
        let school = school?;
        // Whoever spoke agreed to stand beside these words and no others.
        let same = was.filter(|was| was.text == text && was.role == role && was.school == school);
        Some(Quote { text, role, school, speaker: same.and_then(|was| was.speaker) })
    });
    if let Some(photo) = &mut now.photo {
        draft.photo_alt.trim().clone_into(&mut photo.alt);
    }
    draft.headline.trim().clone_into(&mut now.headline);
    draft.story.trim().clone_into(&mut now.story);
    now.neighborhood = text(&draft.neighborhood);
    (now.session, now.practice) = (parts.session, parts.practice);
    (now.adoption, now.commitment) = (parts.adoption, parts.commitment);
    (now.embargo_until, now.zone) = (embargo, zone);
    now.numbers = numbers;
    Ok(())
}

/// Begins a highlight.
pub async fn write(tx: &mut Tx, draft: &Draft, looked: Looked, mut errors: FieldErrors) -> Result<HighlightId> {
    policy::enter(tx.actor())?;
    let Some(author) = tx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    let found = meant(tx, &draft.city).await?;
    let Some(city) = found else {
        errors.add("city", "Give a city where schools are, like Rivermark, NY.");
        draft.check(&mut errors);
        return Ok(errors.or(HighlightId::fresh())?);
    };
    let permit = allowed(tx, &city.slug).await?;
    let id = HighlightId::fresh();
    let mut now = Highlight {
        id,
        slug: id.to_string(),
        city_name: city.place(),
        city: city.slug,
        author,
        headline: String::new(),
        story: String::new(),
        neighborhood: None,
        session: None,
        practice: None,
        adoption: None,
        commitment: None,
        numbers: Vec::new(),
        quote: None,
        photo: None,
        embargo_until: None,
        zone: Zone::default(),
        state: State::Draft,
        reason: None,
        revision: 1,
        published_at: None,
        withdrawn_at: None,
        created_at: tx.now(),
        updated_at: tx.now(),
        schools: Vec::new(),
    };
    fill(tx, &mut now, draft, looked, errors)?;
    store::insert(tx.conn(), &now).await?;
    noted(tx, &permit, "highlight.drafted", &now).await?;
    Ok(id)
}

/// The city that somebody typed: by its name in addresses, or in words.
async fn meant(tx: &Tx, typed: &str) -> Result<Option<City>> {
    let slug = city::slug_of(typed, None);
    if slug.is_empty() || slug.len() > 120 {
        return Ok(None);
    }
    there(city::city_in(tx, &slug).await)
}

/// Changes what it says. Schools whose words changed after they were asked are asked again, and what they have not approved is not shown.
///
/// # Errors
/// `Stale` where `seen` is not its revision.
pub async fn change(
    tx: &mut Tx,
    room: &Postroom,
    id: HighlightId,
    draft: &Draft,
    looked: Looked,
    errors: FieldErrors,
    seen: Option<i32>,
) -> Result<()> {
    let (mut now, permit) = held(tx, id).await?;
    if seen.is_some_and(|seen| seen != now.revision) {
        return Err(Error::Stale);
    }
    if now.state == State::Withdrawn {
        return Err(Error::Conflict("It was withdrawn; write a new one.".to_owned()));
    }
    fill(tx, &mut now, draft, looked, errors)?;
    if now.state != State::Draft {
        now.missing().or(())?;
    }
    keep(tx, &mut now).await?;
    noted(tx, &permit, "highlight.changed", &now).await?;
    settle(tx, room, now, &permit).await
}

/// Deletes a draft: nobody was asked about it, and nobody else knew of it. What schools were asked about is withdrawn instead.
pub async fn delete(tx: &mut Tx, id: HighlightId) -> Result<()> {
    let (now, permit) = held(tx, id).await?;
    if now.state != State::Draft {
        let sentence = "Its schools were asked about it: withdraw it instead, and its page says why.";
        return Err(Error::Conflict(sentence.to_owned()));
    }
    if let Some(photo) = &now.photo {
        store::leave(tx.conn(), &photo.key, tx.now()).await?;
    }
    store::delete(tx.conn(), id).await?;
    noted(tx, &permit, "highlight.deleted", &now).await
}

/// After a change: what is not approved as it stands goes back to its schools, off the page at once; those whose words changed hear of it.
pub(super) async fn settle(tx: &mut Tx, room: &Postroom, mut now: Highlight, permit: &Permit) -> Result<()> {
    if matches!(now.state, State::Draft | State::Withdrawn) {
        return Ok(());
    }
    if now.state == State::Published {
        search::touch(tx, Kind::Highlight, &[now.id.0]).await?;
    }
    if now.is_approved() {
        if now.state == State::Reviewing {
            now.state = State::Approved;
            store::update(tx.conn(), &now).await?;
        }
        return Ok(());
    }
    if now.state != State::Reviewing {
        now.state = State::Reviewing;
        noted(tx, permit, "highlight.taken_down", &now).await?;
    }
    let changed = |now: &Highlight, one: &Passage| one.asked_print.as_deref() != Some(now.print(one).as_str());
    // Where nobody answers any more it waits, and asking again says so.
    ask_those(tx, room, &mut now, changed).await.map(drop)
}

/// Asks those of its schools without a yes that `whom` chooses, and keeps that they were asked. Gives those where nobody gets a letter.
async fn ask_those(
    tx: &mut Tx,
    room: &Postroom,
    now: &mut Highlight,
    whom: impl Fn(&Highlight, &Passage) -> bool,
) -> Result<Vec<SchoolId>> {
    let _permit = allowed(tx, &now.city).await?;
    let mut nobody = Vec::new();
    let chosen: Vec<usize> = (0..now.schools.len())
        .filter(|at| !now.is_approved_by(&now.schools[*at]) && whom(now, &now.schools[*at]))
        .collect();
    for at in chosen {
        let print = now.print(&now.schools[at]);
        let again = now.schools[at].asked_print.as_ref().is_some_and(|before| *before != print);
        now.schools[at].asked_at = Some(tx.now());
        now.schools[at].asked_print = Some(print);
        let passage = now.schools[at].clone();
        if letters::asked(tx, room, now, &passage, again).await? == 0 {
            nobody.push(passage.school);
        }
    }
    store::update(tx.conn(), now).await?;
    Ok(nobody)
}

/// Asks its schools; those that said yes to these words are not asked again, and who has not answered once a day at most.
///
/// # Errors
/// `Conflict` where nobody answers for one of them: the question would wait for ever.
pub async fn ask(tx: &mut Tx, room: &Postroom, id: HighlightId) -> Result<()> {
    let (mut now, permit) = held(tx, id).await?;
    match now.state {
        State::Draft | State::Reviewing => {}
        State::Approved | State::Published => return Ok(()),
        State::Withdrawn => return Err(Error::Conflict("It was withdrawn; write a new one.".to_owned())),
    }
    now.missing().or(())?;
    if now.photo.is_some() && now.photo.as_ref().is_some_and(|photo| photo.alt.is_empty()) {
        return Err(Error::invalid("photo_alt", "Say what the picture shows, for people who cannot see it."));
    }
    let at = tx.now();
    let again = now.state == State::Reviewing;
    if again && now.waiting().all(|one| one.asked_at.is_some_and(|asked| at - asked < AGAIN)) {
        return Err(Error::Conflict("They were asked less than a day ago; give them time.".to_owned()));
    }
    now.state = if now.is_approved() { State::Approved } else { State::Reviewing };
    keep(tx, &mut now).await?;
    let nobody = ask_those(tx, room, &mut now, |_, one| one.asked_at.is_none_or(|asked| at - asked >= AGAIN)).await?;
    if !nobody.is_empty() {
        let schools = people::schools_in(tx, &nobody).await?;
        let mut names: Vec<&str> = schools.values().map(|school| school.name.as_str()).collect();
        names.sort_unstable();
        return Err(Error::Conflict(format!(
            "Nobody answers for {} on Common Ground, so no school was asked. Ask its principal to join, or leave it out.",
            names.join(" and ")
        )));
    }
    noted(tx, &permit, if again { "highlight.asked_again" } else { "highlight.asked" }, &now).await
}
