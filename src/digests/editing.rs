//! What an office does with a draft: writes beside the numbers, chooses chapters, publishes, makes a letter of it.

use serde_json::json;
use uuid::Uuid;

use super::content::{self, Content};
use super::digest::{CORRECTION, CORRECTIONS, Chapter, Correction, Digest, DigestId, INTRO, NOTE, Section, State};
use super::{policy, store};
use crate::bulletins::announcement::{self, AnnouncementId, Draft};
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

/// What two people wrote at the same time, brought together.
#[derive(Clone, Debug, Default)]
pub struct Merged {
    /// What only one of them changed is as that one has it; where both did, it is as who comes second typed it.
    pub edit: Edit,
    /// What stands there now in the places that both changed, by field: `intro`, `note/held`.
    pub theirs: Vec<(String, String)>,
}

/// Brings what somebody typed together with what stands now; `was` is what they had read, where that is known. Pure.
pub fn merge(now: &Digest, typed: &Edit, was: Option<&Edit>) -> Merged {
    merge_words((&now.intro, &now.chapters), typed, was)
}

fn merge_words((intro_now, now): (&str, &[Chapter]), typed: &Edit, was: Option<&Edit>) -> Merged {
    let mut merged = Merged { edit: Edit { no_student: typed.no_student, ..Edit::default() }, theirs: Vec::new() };
    let same = |one: &str, other: &str| one.replace("\r\n", "\n").trim() == other.replace("\r\n", "\n").trim();
    let mut text = |field: String, typed: &str, was: Option<&str>, now: &str| {
        if was.is_some_and(|was| same(typed, was)) || same(typed, now) {
            return now.to_owned();
        }
        if was.is_none_or(|was| !same(now, was)) {
            let stands = if now.is_empty() { "nothing".to_owned() } else { now.to_owned() };
            merged.theirs.push((field, stands));
        }
        typed.to_owned()
    };
    let intro = text("intro".to_owned(), &typed.intro, was.map(|was| was.intro.as_str()), intro_now);
    let place = |chapters: &[Chapter], section: Section| chapters.iter().position(|one| one.section == section);
    let mut placed: Vec<(usize, Chapter)> = Vec::new();
    for (at, stands) in now.iter().enumerate() {
        let section = stands.section;
        let there = |edit: &Edit| place(&edit.chapters, section).map(|at| (at, edit.chapters[at].clone()));
        let (typed_at, mine) = there(typed).unwrap_or_else(|| (at, stands.clone()));
        let read = was.and_then(there);
        let read_note = read.as_ref().map(|(_, read)| read.note.as_str());
        let note = text(format!("note/{}", section.code()), &mine.note, read_note, &stands.note);
        let untouched = |(read_at, read): &(usize, Chapter)| (read.shown == mine.shown, *read_at == typed_at);
        let (same_shown, same_place) = read.as_ref().map_or((false, false), untouched);
        let shown = if same_shown { stands.shown } else { mine.shown };
        let order = if same_place { at } else { typed_at };
        placed.push((order, Chapter { section, shown, note }));
    }
    placed.sort_by_key(|(order, _)| *order);
    merged.edit.intro = intro;
    merged.edit.chapters = placed.into_iter().map(|(_, chapter)| chapter).collect();
    merged
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
        State::Published | State::Withdrawn => {
            let sentence = "It is published, and what was published does not change; correct it on this page.";
            Err(Error::Conflict(sentence.to_owned()))
        }
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

/// Publishes a draft with what was computed a moment ago: from now on its numbers are those, with their day. `read` names what its reader
/// had before them; empty where they looked at no page.
pub async fn publish(tx: &mut Tx, id: DigestId, seen: i32, content: Content, read: &str) -> Result<()> {
    let (mut digest, permit) = held(tx, id, Some(seen)).await?;
    still_a_draft(&digest)?;
    if !read.is_empty() && read != content.print() {
        let sentence = "What is counted changed since you read it; look at it again, then publish it.";
        return Err(Error::Conflict(sentence.to_owned()));
    }
    digest.state = State::Published;
    digest.content = Some(content);
    digest.published_at = Some(tx.now());
    changed(tx, &permit, digest, "digest.published").await
}

fn said(text: &str, field: &str, wanted: &str, cleared: bool) -> Result<String> {
    let mut errors = FieldErrors::default();
    let text = words(text, field, CORRECTION, cleared, &mut errors);
    if text.is_empty() {
        errors.add(field, wanted);
    }
    errors.or(())?;
    Ok(text)
}

/// Corrects a published digest: the sentence stands on its page with its day. What was published stays as it was.
pub async fn correct(tx: &mut Tx, id: DigestId, text: &str, no_student: bool) -> Result<()> {
    let (mut digest, permit) = held(tx, id, None).await?;
    match digest.state {
        State::Published => {}
        State::Draft => return Err(Error::Conflict("It is a draft: change it instead.".to_owned())),
        State::Withdrawn => return Err(Error::Conflict("It was withdrawn; nothing of it is shown.".to_owned())),
    }
    let text = said(text, "correction", "Say what is right: its page shows it.", no_student)?;
    // Sent twice, it stands there once.
    if digest.corrections.last().is_some_and(|last| last.text == text) {
        return Ok(());
    }
    if digest.corrections.len() >= CORRECTIONS {
        let sentence = format!("It has {CORRECTIONS} corrections; withdraw it instead.");
        return Err(Error::Conflict(sentence));
    }
    digest.corrections.push(Correction { at: tx.now(), text });
    changed(tx, &permit, digest, "digest.corrected").await
}

/// Takes a published digest back for good; its address says why. Its letter goes to nobody more. Said twice, it is done once.
pub async fn withdraw(tx: &mut Tx, id: DigestId, reason: &str, no_student: bool) -> Result<()> {
    let (mut digest, permit) = held(tx, id, None).await?;
    match digest.state {
        State::Published => {}
        State::Draft => return Err(Error::Conflict("It is a draft: nobody else has seen it.".to_owned())),
        State::Withdrawn => return Ok(()),
    }
    digest.reason = Some(said(reason, "reason", "Say why: its address shows it.", no_student)?);
    digest.state = State::Withdrawn;
    digest.withdrawn_at = Some(tx.now());
    if let Some(letter) = digest.announcement {
        announcement::stop(tx, AnnouncementId(letter)).await?;
    }
    changed(tx, &permit, digest, "digest.withdrawn").await
}

/// Makes the letter of a published digest: an announcement that is a draft, and that the office looks at and sends as any other. There is
/// one for a digest.
pub async fn letter(tx: &mut Tx, id: DigestId) -> Result<Uuid> {
    let (mut digest, permit) = held(tx, id, None).await?;
    if digest.state == State::Withdrawn {
        return Err(Error::Conflict("It was withdrawn; nothing of it is sent.".to_owned()));
    }
    if let Some(known) = digest.announcement {
        return Ok(known);
    }
    let Some(mut content) = digest.content.clone().filter(|_| digest.state == State::Published) else {
        return Err(Error::Conflict("Publish it first: the letter leads to its page.".to_owned()));
    };
    content::as_shown_in(tx, &mut content).await?;
    let draft = Draft {
        city: digest.city.clone(),
        subject: format!("{}: joint work of its schools in {}", digest.city_name, digest.period()),
        body: body(&digest, &content),
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
    lines.extend(digest.corrections.iter().map(|one| format!("Corrected: {}", one.text)));
    for chapter in digest.chapters.iter().filter(|chapter| chapter.shown) {
        let figures: Vec<String> = content
            .figures_of(chapter.section)
            .filter(|figure| figure.is_told() && figure.value != "0")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_who_write_at_once_are_brought_together() {
        let chapter = |section: Section, note: &str, shown: bool| Chapter { section, shown, note: note.to_owned() };
        let edit = |intro: &str, held: &str, practices: &str, shown: bool| Edit {
            intro: intro.to_owned(),
            chapters: vec![
                chapter(Section::Held, held, true),
                chapter(Section::Practices, practices, true),
                chapter(Section::Unmet, "", shown),
            ],
            no_student: false,
        };
        let was = edit("First.", "", "Old.", true);
        let theirs = edit("Theirs.", "Theirs too.", "Old.", true);
        let mine = edit("Mine.", "", "Mine too.", false);
        let merged = merge_words((&theirs.intro, &theirs.chapters), &mine, Some(&was));
        assert_eq!(merged.edit.intro, "Mine.");
        assert_eq!(merged.theirs, [("intro".to_owned(), "Theirs.".to_owned())]);
        let notes: Vec<&str> = merged.edit.chapters.iter().map(|one| one.note.as_str()).collect();
        assert_eq!(notes, ["Theirs too.", "Mine too.", ""]);
        assert!(!merged.edit.chapters[2].shown, "what only I changed is as I have it");
        let moved = Edit { chapters: mine.chapters.iter().rev().cloned().collect(), ..mine };
        let merged = merge_words((&was.intro, &was.chapters), &moved, Some(&was));
        assert_eq!(merged.edit.chapters[0].section, Section::Unmet);
        assert!(merged.theirs.is_empty());
        let blind = merge_words((&theirs.intro, &theirs.chapters), &moved, None);
        let fields: Vec<&str> = blind.theirs.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["intro", "note/held", "note/practices"], "what was read before is not known");
    }
}
