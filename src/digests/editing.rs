//! What an office does with a draft: writes beside the numbers, chooses chapters, publishes, makes a letter of it.

use serde_json::json;
use uuid::Uuid;

use super::content::Content;
use super::digest::{Chapter, Digest, DigestId, INTRO, NOTE, Section, State};
use super::{policy, store};
use crate::bulletins::announcement::{self, Draft};
use crate::catalog::guard;
use crate::people::city;
use crate::platform::{Cx, Error, Event, FieldErrors, Permit, Result, Scope, Tx};

/// Digests that an office sees in its list.
const MANY: u64 = 100;

/// What somebody typed.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// What is said first.
    pub intro: String,
    /// The chapters in their order; those that are missing are left out.
    pub chapters: Vec<Chapter>,
    /// That the words are about no student, after they were asked about.
    pub no_student: bool,
}

/// Digests of the actor's cities, drafts too, newest period first. At most two statements.
pub async fn mine(cx: &Cx) -> Result<Vec<Digest>> {
    policy::enter(cx.actor())?;
    if cx.actor().administers() {
        return store::of_cities(cx.conn(), None, MANY).await;
    }
    let cities = city::of_actor(cx).await?;
    store::of_cities(cx.conn(), Some(&cities), MANY).await
}

/// Digests of one city, newest period first. One statement.
pub(super) async fn of_city(cx: &Cx, city: &str, limit: u64) -> Result<Vec<Digest>> {
    store::of_cities(cx.conn(), Some(&[city.to_owned()]), limit).await
}

/// One of them. Who may not edit it gets `NotFound`. At most two statements.
pub async fn own(cx: &Cx, reference: &str) -> Result<Digest> {
    policy::enter(cx.actor())?;
    let id: DigestId = reference.parse().map_err(|_| Error::NotFound("digest"))?;
    let found = store::by_id(cx.conn(), id).await?.ok_or(Error::NotFound("digest"))?;
    let cities = city::of_actor(cx).await?;
    if cx.actor().administers() || cities.contains(&found.city) {
        return Ok(found);
    }
    Err(Error::NotFound("digest"))
}

/// A digest held for a change, which must have been read as it is.
async fn held(tx: &Tx, id: DigestId, seen: Option<i32>) -> Result<(Digest, Permit)> {
    policy::enter(tx.actor())?;
    let found = store::to_change(tx.conn(), id).await?.ok_or(Error::NotFound("digest"))?;
    let cities = city::of_actor_in(tx).await?;
    let permit = policy::edit(tx.actor(), &found.city, &cities).map_err(|error| match error {
        Error::Forbidden(_) if tx.actor().person().is_some_and(|person| person.scope > Scope::Read) => {
            Error::NotFound("digest")
        }
        other => other,
    })?;
    if seen.is_some_and(|seen| seen != found.revision) {
        return Err(Error::Stale);
    }
    Ok((found, permit))
}

fn still_a_draft(digest: &Digest) -> Result<()> {
    match digest.state {
        State::Draft => Ok(()),
        State::Published => Err(Error::Conflict("It is published, and what was published does not change.".to_owned())),
    }
}

/// Changes the words and chapters of a draft. Numbers are not among what can be changed (M-2).
pub async fn change(tx: &mut Tx, id: DigestId, seen: i32, edit: Edit) -> Result<()> {
    let (mut digest, permit) = held(tx, id, Some(seen)).await?;
    still_a_draft(&digest)?;
    let mut errors = FieldErrors::default();
    digest.intro = words(&edit.intro, "intro", INTRO, edit.no_student, &mut errors);
    let mut chapters: Vec<Chapter> = Vec::new();
    for chapter in edit.chapters {
        if chapters.iter().any(|known| known.section == chapter.section) {
            continue;
        }
        let field = format!("note/{}", chapter.section.code());
        let note = words(&chapter.note, &field, NOTE, edit.no_student, &mut errors);
        chapters.push(Chapter { note, ..chapter });
    }
    if !chapters.iter().any(|chapter| chapter.shown) {
        errors.add("chapters", "Keep at least one chapter.");
    }
    let missing = Section::ALL.into_iter().filter(|section| !chapters.iter().any(|one| one.section == *section));
    let missing: Vec<Chapter> = missing.map(|section| Chapter { section, shown: false, note: String::new() }).collect();
    chapters.extend(missing);
    errors.or(())?;
    digest.chapters = chapters;
    changed(tx, &permit, digest, "digest.edited").await
}

fn words(text: &str, field: &str, most: usize, cleared: bool, errors: &mut FieldErrors) -> String {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.chars().count() > most || text.chars().any(|c| c.is_control() && c != '\n') {
        errors.add(field, format!("Write up to {most} characters."));
    }
    guard::ask(errors, field, text, cleared);
    text.to_owned()
}

async fn changed(tx: &mut Tx, permit: &Permit, mut digest: Digest, action: &'static str) -> Result<()> {
    digest.revision += 1;
    digest.updated_at = tx.now();
    store::update(tx.conn(), &digest).await?;
    let detail = json!({ "city": digest.city, "kind": digest.kind.code(), "first_day": digest.first });
    tx.record(permit, Event::about(action, "digest", digest.id.0).with(detail)).await
}

/// Publishes a draft with what was computed a moment ago: from now on its numbers are those, with their day.
pub async fn publish(tx: &mut Tx, id: DigestId, seen: i32, content: Content) -> Result<()> {
    let (mut digest, permit) = held(tx, id, Some(seen)).await?;
    still_a_draft(&digest)?;
    digest.state = State::Published;
    digest.content = Some(content);
    digest.published_at = Some(tx.now());
    changed(tx, &permit, digest, "digest.published").await
}

/// Makes the letter of a published digest: an announcement that is a draft, and that the office looks at and sends as any other. There is
/// one for a digest.
pub async fn letter(tx: &mut Tx, id: DigestId) -> Result<Uuid> {
    let (mut digest, permit) = held(tx, id, None).await?;
    if let Some(known) = digest.announcement {
        return Ok(known);
    }
    let Some(content) = digest.content.as_ref().filter(|_| digest.state == State::Published) else {
        return Err(Error::Conflict("Publish it first: the letter leads to its page.".to_owned()));
    };
    let draft = Draft {
        city: digest.city.clone(),
        subject: format!("{}: joint work of its schools in {}", digest.city_name, digest.period()),
        body: body(&digest, content),
        button: "Read the whole digest".to_owned(),
        link: digest.path(),
    };
    let announcement = announcement::write(tx, draft).await?.0;
    digest.announcement = Some(announcement);
    changed(tx, &permit, digest, "digest.letter_written").await?;
    Ok(announcement)
}

/// What the letter says: the introduction, a few numbers, and how much there is of the rest.
fn body(digest: &Digest, content: &Content) -> String {
    let mut lines = digest.paragraphs();
    for chapter in digest.chapters.iter().filter(|chapter| chapter.shown) {
        let figures: Vec<String> = content
            .figures_of(chapter.section)
            .filter(|figure| figure.value != "not enough data" && figure.value != "0")
            .take(4)
            .map(|figure| format!("{}: {}", figure.label, figure.value))
            .collect();
        let told = content.lines_of(chapter.section);
        let mut line = format!("{}. ", chapter.section.heading());
        if !chapter.note.is_empty() {
            line.push_str(&format!("{} ", chapter.note.replace('\n', " ")));
        }
        if !figures.is_empty() {
            line.push_str(&format!("{}.", figures.join("; ")));
        }
        let names: Vec<&str> = told.iter().take(3).map(|line| line.text.as_str()).collect();
        if !names.is_empty() {
            let more = told.len() - names.len();
            let more = if more > 0 { format!(", and {more} more") } else { String::new() };
            line.push_str(&format!("{}{more}.", names.join("; ")));
        }
        if !figures.is_empty() || !names.is_empty() || !chapter.note.is_empty() {
            lines.push(line.trim().to_owned());
        }
    }
    let mut text = lines.join("\n");
    // A letter is short; the page has the rest.
    if text.chars().count() > 5_500 {
        text = text.chars().take(5_500).collect::<String>() + " ...";
    }
    if text.is_empty() {
        format!("What schools of {} did together in {}.", digest.city_name, digest.period())
    } else {
        text
    }
}
