//! What people hear of a review. The question to a school decides something, so its letter always goes; the rest are notices of the
//! topic "Your practices", with a letter for who wants one at once.
//!
//! Letters name nobody but the practice and the school: who said what stands on the page of the review.

use super::confirm::SchoolsYes;
use super::contribution::Contribution;
use super::entry::{Kind, Speaker};
use super::policy;
use crate::mail::{self, Letter};
use crate::notices::{self, Notice, Postroom, Topic};
use crate::people::errand::{self, Errand};
use crate::people::{self, Account, AccountId, account, membership};
use crate::platform::{Place, Result, Role, Tx};

/// Words of an entry that a letter quotes.
const QUOTED: usize = 1_000;

fn page(now: &Contribution) -> String {
    format!("/contributions/{}/review", now.id)
}

fn event(now: &Contribution, number: i32) -> String {
    format!("contribution:{}:{number}", now.id)
}

async fn school(tx: &Tx, now: &Contribution) -> Result<String> {
    let found = people::schools_in(tx, &[now.school]).await?.remove(&now.school);
    Ok(found.map_or_else(|| "the school".to_owned(), |school| school.name))
}

/// To these people but who acts: a line, and a letter made of it for each who wants one.
async fn tell(
    tx: &mut Tx,
    room: &Postroom,
    now: &Contribution,
    readers: &[AccountId],
    (number, line, path): (i32, &str, &str),
    letter: impl Fn(&Account) -> Option<Letter>,
) -> Result<()> {
    let mut readers = readers.to_vec();
    readers.sort_unstable();
    readers.dedup();
    readers.retain(|reader| Some(reader.0) != tx.actor().account());
    let accounts = account::accounts_in(tx, &readers).await?;
    let notices = readers.iter().filter_map(|reader| accounts.get(reader)).map(|reader| Notice {
        account: reader.id,
        topic: Topic::Practices,
        event: event(now, number),
        about: ("contribution", now.id.0),
        line: line.to_owned(),
        path: path.to_owned(),
        letter: letter(reader),
    });
    let notices = notices.collect();
    notices::tell_many(tx, room, notices).await
}

fn writers(now: &Contribution, editors: &[AccountId]) -> Vec<AccountId> {
    let mut all = vec![now.author];
    all.extend(editors);
    all
}

async fn reviewers(tx: &Tx) -> Result<Vec<AccountId>> {
    let editors = membership::holders(tx, &[Role::Editor], Place::Installation).await?;
    Ok(editors.into_iter().map(|editor| editor.id).collect())
}

fn say(letter: Letter, heading: &str, text: Option<&str>) -> Letter {
    match text.filter(|text| !text.is_empty()) {
        Some(text) => letter.say(format!("{heading} \u{201c}{}\u{201d}", cut(text))),
        None => letter,
    }
}

fn cut(text: &str) -> String {
    let mut short: String = text.chars().take(QUOTED).collect();
    if text.chars().count() > QUOTED {
        short.push('\u{2026}');
    }
    short
}

/// What the entry of a number says.
async fn words_of(tx: &Tx, now: &Contribution, number: i32) -> Result<Option<String>> {
    let entries = super::store::review::entries(tx.conn(), now.id).await?;
    Ok(entries.into_iter().find(|entry| entry.number == number).and_then(|entry| entry.text))
}

/// To the editors: a practice waits. Who looks at it already hears at once; the others read it in their digest.
pub(super) async fn submitted(
    tx: &mut Tx,
    room: &Postroom,
    now: &Contribution,
    editors: &[AccountId],
    number: i32,
    taken_by: Option<AccountId>,
) -> Result<()> {
    let _permit = policy::write(tx.actor(), now, editors)?;
    let school = school(tx, now).await?;
    let mut readers = reviewers(tx).await?;
    readers.retain(|reader| *reader != now.author && !editors.contains(reader));
    let again = taken_by.filter(|editor| readers.contains(editor));
    let what = if now.is_next_version() { "a change of" } else { "a new practice of" };
    let line = format!("To review, {what} {school}: {}", now.title());
    if let Some(editor) = again {
        readers = vec![editor];
    }
    let letter = |reader: &Account| {
        let to = reader.email.as_ref().filter(|_| again.is_some())?;
        let subject = format!("To review again: {}", now.title());
        Some(
            Letter::new("practice_review", event(now, number), to.as_str(), subject)
                .say(format!("{} of {school} is back with the editors, and you look at it.", now.title()))
                .button("Review it", room.head.link(&page(now)))
                .because("You review practices on Common Ground, and you took this one."),
        )
    };
    tell(tx, room, now, &readers, (number, &line, &page(now)), letter).await
}

/// To the editor who looks at it: its writers took it back.
pub(super) async fn taken_back(
    tx: &mut Tx,
    room: &Postroom,
    now: &Contribution,
    editors: &[AccountId],
    number: i32,
) -> Result<()> {
    let _permit = policy::write(tx.actor(), now, editors)?;
    let taken = super::store::review::standing(tx.conn(), now.id).await?.taken;
    let readers: Vec<AccountId> = taken.map(|(by, _)| by).into_iter().collect();
    let line = format!("Taken back by its writers: {}", now.title());
    tell(tx, room, now, &readers, (number, &line, &page(now)), |_| None).await
}

/// To the others of a review: somebody wrote.
pub(super) async fn said(
    tx: &mut Tx,
    room: &Postroom,
    now: &Contribution,
    editors: &[AccountId],
    number: i32,
    speaker: Speaker,
) -> Result<()> {
    let _permit = policy::speak(tx.actor(), now, editors)?;
    let taken = super::store::review::standing(tx.conn(), now.id).await?.taken.map(|(by, _)| by);
    let mut readers = Vec::new();
    if speaker != Speaker::Writer || !editors.is_empty() {
        readers.extend(writers(now, editors));
    }
    if speaker != Speaker::Editor {
        match taken {
            Some(editor) => readers.push(editor),
            None => readers.extend(reviewers(tx).await?),
        }
    }
    let text = words_of(tx, now, number).await?;
    let who = match speaker {
        Speaker::Editor => "An editor",
        Speaker::School => "The lead of the school",
        Speaker::Writer | Speaker::System => "A writer of it",
    };
    let line = format!("{who} wrote about: {}", now.title());
    let letter = |reader: &Account| {
        let to = reader.email.as_ref()?;
        let letter = Letter::new("practice_said", event(now, number), to.as_str(), format!("About {}", now.title()))
            .say(format!("{who} wrote in the review of {}.", now.title()));
        Some(
            say(letter, "They say:", text.as_deref())
                .button("Read and answer", room.head.link(&page(now)))
                .because("You write or review this practice on Common Ground."),
        )
    };
    tell(tx, room, now, &readers, (number, &line, &page(now)), letter).await
}

/// To its writers: what the editor answered.
pub(super) async fn decided(
    tx: &mut Tx,
    room: &Postroom,
    now: &Contribution,
    editors: &[AccountId],
    number: i32,
    kind: Kind,
) -> Result<()> {
    let _permit = policy::review(tx.actor(), false)?;
    let school = school(tx, now).await?;
    let (subject, told, next) = match kind {
        Kind::Approved => (
            "Approved",
            "An editor approved it.",
            format!("It is published as soon as {school} says yes: its principal is asked by letter."),
        ),
        Kind::Declined => (
            "Declined",
            "An editor declined it, and says why.",
            "You can answer on the page of the review; everything stays on record there.".to_owned(),
        ),
        _ => (
            "Changes asked for",
            "An editor asks for changes before it can be published.",
            "Change it and submit it again, or answer on the page of the review.".to_owned(),
        ),
    };
    let text = words_of(tx, now, number).await?;
    let line = format!("{subject}: {}", now.title());
    let letter = |reader: &Account| {
        let to = reader.email.as_ref()?;
        let letter =
            Letter::new("practice_decided", event(now, number), to.as_str(), format!("{subject}: {}", now.title()))
                .say(format!("This is about {}. {told}", now.title()));
        Some(
            say(letter, "They say:", text.as_deref())
                .say(next.clone())
                .button("See the review", room.head.link(&page(now)))
                .because("You write this practice on Common Ground."),
        )
    };
    tell(tx, room, now, &writers(now, editors), (number, &line, &page(now)), letter).await
}

/// To its writers and the editor who approved it: the school said no.
pub(super) async fn refused(
    tx: &mut Tx,
    room: &Postroom,
    now: &Contribution,
    editors: &[AccountId],
    number: i32,
    approved_by: Option<AccountId>,
) -> Result<()> {
    let _permit = policy::confirm(tx.actor(), now)?;
    let school = school(tx, now).await?;
    let mut readers = writers(now, editors);
    readers.extend(approved_by);
    let text = words_of(tx, now, number).await?;
    let line = format!("{school} does not publish it yet: {}", now.title());
    let letter = |reader: &Account| {
        let to = reader.email.as_ref()?;
        let subject = format!("Not published yet: {}", now.title());
        let letter = Letter::new("practice_decided", event(now, number), to.as_str(), subject)
            .say(format!("{school} was asked whether {} may be published, and said no.", now.title()));
        Some(
            say(letter, "They say:", text.as_deref())
                .say("Its writers can change it and submit it again.")
                .button("See the review", room.head.link(&page(now)))
                .because("You write or review this practice on Common Ground."),
        )
    };
    tell(tx, room, now, &readers, (number, &line, &page(now)), letter).await
}

/// To its writers and the editor who approved it: it is in the catalog.
pub(super) async fn published(
    tx: &mut Tx,
    room: &Postroom,
    now: &Contribution,
    editors: &[AccountId],
    number: i32,
    slug: &str,
    version: i32,
) -> Result<()> {
    let _permit = policy::confirm(tx.actor(), now).or_else(|_| policy::review(tx.actor(), false))?;
    let path = format!("/practices/{slug}");
    let authors = writers(now, editors);
    let mut readers = authors.clone();
    readers.extend(now.approved.map(|(by, _)| by));
    let (line, told) = match version {
        1 => (
            format!("Published: {}", now.title()),
            "Everybody finds it in the search from now on; schools that take it over show on its page.",
        ),
        _ => (
            format!("Published as version {version}: {}", now.title()),
            "Its page shows the new version; the ones before stay readable.",
        ),
    };
    let letter = |reader: &Account| {
        let to = reader.email.as_ref().filter(|_| authors.contains(&reader.id))?;
        Some(
            Letter::new("practice_published", event(now, number), to.as_str(), line.clone())
                .say(format!("{} is in the catalog. {told}", now.title()))
                .button("See its page", room.head.link(&path))
                .because("You write this practice on Common Ground."),
        )
    };
    tell(tx, room, now, &readers, (number, &line, &path), letter).await
}

/// To those who lead the school: may it be published? `asked` times before.
pub(super) async fn confirm(
    tx: &mut Tx,
    room: &Postroom,
    now: &Contribution,
    readers: &[Account],
    asked: i32,
) -> Result<()> {
    let _permit = policy::remind(tx.actor()).or_else(|_| policy::review(tx.actor(), false))?;
    let school = school(tx, now).await?;
    let approved = now.approved.map(|(_, at)| at.timestamp()).unwrap_or_default();
    let what = if now.is_next_version() { "a new version of a practice" } else { "a practice" };
    let mut letters = Vec::new();
    for reader in readers {
        let Some(to) = &reader.email else { continue };
        let event = format!("contribution:{}:confirm:{approved}:{asked}", now.id);
        let again = if asked == 0 { "" } else { "Still waiting for you: " };
        let subject = format!("{again}May {school} publish this? {}", now.title());
        let url = room.head.link(&errand::path(&room.secret, SchoolsYes, now.id.0, reader.id, tx.now()));
        letters.push(
            Letter::new("practice_confirm", event, to.as_str(), subject)
                .say(format!("Your staff wrote down {what}: {}. An editor has read and approved it.", now.title()))
                .say(format!("It is published under the name of {school} only when you say yes."))
                .button("Read it and answer", url)
                .say("The page shows the whole text. Nothing happens before you press a button there.")
                .because(format!("You answer for {school} on Common Ground."))
                .of(reader.id.0)
                .secret_until(tx.now() + SchoolsYes::AGE),
        );
    }
    mail::enqueue_all(tx, &room.head, letters).await
}
