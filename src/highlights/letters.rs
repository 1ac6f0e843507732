//! What people hear of highlights. The question to a school decides something, so its letter always goes; the rest are notices of the
//! topic "Collaborations", with a letter for who wants one at once. No letter names a person.

use super::approval::SchoolsWord;
use super::highlight::{Answer, Highlight, Passage};
use super::policy;
use crate::mail::{self, Letter};
use crate::notices::{self, Notice, Postroom, Topic};
use crate::people::account::{self, AccountState};
use crate::people::errand::{self, Errand};
use crate::people::{self, Account, AccountId, SchoolId, membership};
use crate::platform::{Result, Tx};

async fn name(tx: &Tx, school: SchoolId) -> Result<String> {
    let found = people::schools_in(tx, &[school]).await?.remove(&school);
    Ok(found.map_or_else(|| "the school".to_owned(), |school| school.name))
}

/// Those who answer for a school: its principals, or the delegates where there is none.
async fn leads(tx: &Tx, school: SchoolId) -> Result<Vec<Account>> {
    let (principals, delegates) = membership::leads_of(tx, school).await?;
    Ok(if principals.is_empty() { delegates } else { principals })
}

/// To those who lead the school: may this be said about it? Gives whom.
pub(super) async fn asked(
    tx: &mut Tx,
    room: &Postroom,
    now: &Highlight,
    passage: &Passage,
    again: bool,
) -> Result<usize> {
    let _permit = permit(tx, now).await?;
    let school = name(tx, passage.school).await?;
    let readers = leads(tx, passage.school).await?;
    let subject = match again {
        true => format!("The words about {school} changed: {}", now.headline),
        false => format!("May {} say this about {school}? {}", now.city_name, now.headline),
    };
    let mut letters = Vec::new();
    for reader in &readers {
        let Some(to) = &reader.email else { continue };
        let url = room.head.link(&errand::path(&room.secret, SchoolsWord, passage.id.0, reader.id, tx.now()));
        let event = format!("highlight:{}:{}", passage.id, now.revision);
        let letter = Letter::new("highlight_review", event, to.as_str(), subject.clone())
            .say(format!(
                "The mayor's office of {} wants to publish a highlight that names {school}: {}.",
                now.city_name, now.headline
            ))
            .say(format!("It says of {school}: \u{201c}{}\u{201d}", passage.words))
            .button("Read all of it and answer", url)
            .say("Nothing about your school is published before you say yes, and you can take your yes back at any time.")
            .because(format!("You answer for {school} on Common Ground."))
            .of(reader.id.0)
            .secret_until(tx.now() + SchoolsWord::AGE);
        letters.push(Letter { school: Some(passage.school.0), ..letter });
    }
    let number = letters.len();
    mail::enqueue_all(tx, &room.head, letters).await?;
    Ok(number)
}

async fn permit(tx: &Tx, now: &Highlight) -> Result<crate::platform::Permit> {
    super::writing::allowed(tx, &now.city).await.or_else(|_| policy::keep_time(tx.actor()))
}

fn edit(now: &Highlight) -> String {
    format!("/highlights/{}/edit", now.id)
}

/// To these people but who acts: a line, and a letter made of it for each who wants one.
async fn tell(
    tx: &mut Tx,
    room: &Postroom,
    now: &Highlight,
    readers: &[AccountId],
    (event, line, path): (&str, &str, &str),
    letter: impl Fn(&Account) -> Option<Letter>,
) -> Result<()> {
    let accounts = account::accounts_in(tx, readers).await?;
    let mine = tx.actor().account();
    let readers = accounts.values().filter(|one| one.state == AccountState::Active && Some(one.id.0) != mine);
    let notices = readers.map(|reader| Notice {
        account: reader.id,
        topic: Topic::Collaborations,
        event: event.to_owned(),
        about: ("highlight", now.id.0),
        line: line.to_owned(),
        path: path.to_owned(),
        letter: letter(reader),
    });
    let notices = notices.collect();
    notices::tell_many(tx, room, notices).await
}

/// To who wrote it: a school answered, or took its yes back.
pub(super) async fn answered(
    tx: &mut Tx,
    room: &Postroom,
    now: &Highlight,
    passage: &Passage,
    answer: Answer,
    was_yes: bool,
) -> Result<()> {
    let _permit = policy::answer(tx.actor(), passage.school)?;
    let school = name(tx, passage.school).await?;
    let (kind, subject, told) = match (answer, was_yes) {
        (Answer::Yes, _) => (
            "highlight_answered",
            format!("{school} said yes: {}", now.headline),
            format!("{school} said yes to the words about it."),
        ),
        (Answer::Changes, false) => (
            "highlight_answered",
            format!("{school} asks for changes: {}", now.headline),
            format!("{school} asks for changes of the words about it."),
        ),
        (Answer::Changes, true) => (
            "highlight_unsaid",
            format!("{school} took its yes back: {}", now.headline),
            format!("{school} took its yes back. The highlight is not shown until it says yes again."),
        ),
    };
    let missing = now.waiting().count();
    let next = match (answer, missing) {
        (Answer::Yes, 0) if now.embargo_until.is_some() => {
            "Every school said yes. It is published when its embargo ends."
        }
        (Answer::Yes, 0) => "Every school said yes. You can publish it now.",
        (Answer::Yes, _) => "It is published when the other schools have said yes too.",
        (Answer::Changes, _) => "Change the words and the school is asked again.",
    };
    let event = format!("highlight:{}:answer:{}", passage.id, now.revision);
    let line = subject.clone();
    let letter = |reader: &Account| {
        let to = reader.email.as_ref()?;
        let mut letter = Letter::new(kind, event.clone(), to.as_str(), subject.clone()).say(told.clone());
        if let Some(note) = passage.note.as_ref().filter(|note| answer == Answer::Changes && !note.is_empty()) {
            letter = letter.say(format!("They say: \u{201c}{note}\u{201d}"));
        }
        let letter = letter.say(next).button("See the highlight", room.head.link(&edit(now)));
        Some(letter.because("You write this highlight on Common Ground."))
    };
    tell(tx, room, now, &[now.author], (&event, &line, &edit(now)), letter).await
}

/// To the leads of its schools, and to who wrote it: everybody can read it.
pub(super) async fn published(tx: &mut Tx, room: &Postroom, now: &Highlight) -> Result<()> {
    let _permit = permit(tx, now).await?;
    let event = format!("highlight:{}:published:{}", now.id, now.revision);
    let line = format!("Published: {}", now.headline);
    let letter = |why: String| {
        let (event, line, path, city) = (event.clone(), line.clone(), now.path(), now.city_name.clone());
        move |reader: &Account| {
            let to = reader.email.as_ref()?;
            let letter = Letter::new("highlight_published", event.clone(), to.as_str(), line.clone());
            let letter = letter
                .say(format!("The highlight of {city} is on its page now, with the words that its schools approved."));
            Some(letter.button("See its page", room.head.link(&path)).because(why.clone()))
        }
    };
    for passage in &now.schools {
        let school = name(tx, passage.school).await?;
        let letter = letter(format!("You answer for {school} on Common Ground, and the highlight names it."));
        let notices = leads(tx, passage.school).await?.into_iter().map(|reader| Notice {
            account: reader.id,
            topic: Topic::Collaborations,
            event: event.clone(),
            about: ("highlight", now.id.0),
            line: line.clone(),
            path: now.path(),
            letter: letter(&reader),
        });
        let notices = notices.collect();
        notices::tell_leads(tx, room, passage.school, notices).await?;
    }
    let letter = letter("You write this highlight on Common Ground.".to_owned());
    tell(tx, room, now, &[now.author], (&event, &line, &now.path()), letter).await
}
