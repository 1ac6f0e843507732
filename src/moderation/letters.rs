//! Letters about reports: to those who look after them, to whose thing it is, and to whoever reported it. They name nobody.

use std::collections::HashSet;

use super::case::{Case, Decision, Done, Reason};
use super::things::{Moderated, Thing};
use crate::mail::{self, Letter};
use crate::notices::{self, Notice, Postroom, Topic};
use crate::people::AccountId;
use crate::people::account::{Account, AccountState, accounts_in};
use crate::people::membership::holders;
use crate::platform::{Place, Result, Role, Tx};

/// "a collection, “Where to begin”": without its title where student data is what is wrong.
fn named(kind: &dyn Moderated, thing: &Thing, reason: Reason) -> String {
    match thing.title.as_str() {
        "" => kind.noun().to_owned(),
        _ if reason == Reason::StudentData => kind.noun().to_owned(),
        title => format!("{}, \u{201c}{title}\u{201d}", kind.noun()),
    }
}

/// "your collection".
fn yours(kind: &dyn Moderated) -> String {
    format!("your {}", kind.label().to_lowercase())
}

/// Whose words its title is, where it is one person's.
fn writer(kind: &dyn Moderated, authors: &[AccountId]) -> Option<AccountId> {
    authors.first().copied().filter(|_| kind.is_personal())
}

async fn reachable(tx: &Tx, ids: &[AccountId]) -> Result<Vec<Account>> {
    let found = accounts_in(tx, ids).await?;
    let mut found: Vec<Account> = found.into_values().filter(|one| one.state == AccountState::Active).collect();
    found.sort_by_key(|one| one.id);
    Ok(found)
}

/// Tells those who look after reports that one came: at once where it may be about a student, and in their list of what is new
/// otherwise. Of several reports that wait, the first calls.
pub async fn call_moderators(
    tx: &mut Tx,
    room: &Postroom,
    kind: &dyn Moderated,
    authors: &[AccountId],
    thing: &Thing,
    case: &Case,
    reason: Reason,
) -> Result<()> {
    let mut moderators = holders(tx, &[Role::Editor, Role::CityAdmin], Place::Installation).await?;
    moderators.retain(|one| tx.actor().account() != Some(one.id.0));
    moderators.sort_by_key(|one| one.id);
    moderators.dedup_by_key(|one| one.id);
    let path = format!("/admin/reports/{}", case.id);
    let round = case.opened_at.timestamp_micros();
    if reason != Reason::StudentData {
        let line = format!("Reported: {} ({})", named(kind, thing, reason), reason.label());
        let notice = |one: &Account| Notice {
            account: one.id,
            topic: Topic::Practices,
            event: format!("report:{}:{round}", case.id),
            about: ("moderation_case", case.id.0),
            line: line.clone(),
            path: path.clone(),
            letter: None,
        };
        let all: Vec<Notice> = moderators.iter().map(notice).collect();
        let Some(writer) = writer(kind, authors) else { return notices::tell_many(tx, room, all).await };
        for one in all {
            notices::tell_naming(tx, room, one, writer).await?;
        }
        return Ok(());
    }
    let noun = kind.noun();
    let state = if case.hidden {
        "It is hidden from everybody but its author until somebody decides."
    } else if kind.hides() {
        "It is not hidden, because somebody looked before and found no student data."
    } else {
        "It is still there for everybody: this kind of thing cannot be hidden, but taken out of the catalog."
    };
    let letter = |one: &Account| {
        let to = one.email.as_ref()?;
        let event = format!("report:{}:{round}:urgent", case.id);
        let subject = format!("Reported as student data: {noun}");
        Some(
            Letter::new("report_urgent", event, to.as_str(), subject)
                .say(format!("Somebody reported that a student can be recognized in {noun}. {state}"))
                .button("Look at the report", room.head.link(&path))
                .because("You get this because you are an editor or administrator here.")
                .of(one.id.0)
                .urgent(),
        )
    };
    mail::enqueue_all(tx, &room.head, moderators.iter().filter_map(letter).collect()).await
}

/// Tells whose thing it is what was done with it, and why.
pub async fn tell_authors(
    tx: &mut Tx,
    room: &Postroom,
    kind: &dyn Moderated,
    authors: &[AccountId],
    thing: &Thing,
    decision: &Decision,
) -> Result<()> {
    let yours = yours(kind);
    let why = decision.reason.label().to_lowercase();
    let (subject, said) = match decision.done {
        Done::HiddenAtOnce => (
            format!("Hidden until somebody has looked: {yours}"),
            format!(
                "Somebody reported that a student can be recognized in {yours}. It is hidden from everybody but you until \
                 somebody has looked at it. If it is so, take that out now."
            ),
        ),
        Done::Hidden => (
            format!("Hidden: {yours}"),
            format!("{} is hidden from everybody but you. The reason: {why}.", cap(&yours)),
        ),
        Done::Shown => (format!("Shown again: {yours}"), format!("{} is shown again to its readers.", cap(&yours))),
        Done::ChangeAsked => (
            format!("Please change {yours}"),
            format!("Somebody who looks after reports asks you to change {yours}. The reason: {why}."),
        ),
        Done::Retired => (
            format!("Taken out of the catalog: {yours}"),
            format!("{} was taken out of the catalog. Its page stays and says why. The reason: {why}.", cap(&yours)),
        ),
        Done::Dismissed => return Ok(()),
    };
    let authors = reachable(tx, authors).await?;
    let letter = |one: &Account| {
        let to = one.email.as_ref()?;
        let event = format!("decision:{}:author", decision.id);
        let mut letter = Letter::new("moderation_told", event, to.as_str(), subject.clone()).say(said.clone());
        if !thing.title.is_empty() && decision.reason != Reason::StudentData {
            letter = letter.say(format!("It is called \u{201c}{}\u{201d}.", thing.title));
        }
        for line in decision.words.iter().flat_map(|words| words.lines()).filter(|line| !line.is_empty()) {
            letter = letter.say(line);
        }
        if !thing.path.is_empty() {
            letter = letter.button("Open it", room.head.link(&thing.path));
        }
        let letter = letter.say(format!(
            "What is done about reports is in the public log, without names and texts: {}",
            room.head.link("/moderation")
        ));
        Some(letter.because(kind.authors_because()).of(one.id.0))
    };
    mail::enqueue_all(tx, &room.head, authors.iter().filter_map(letter).collect()).await
}

/// "Your collection".
fn cap(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Tells whoever reported it what came of it.
pub async fn tell_reporters(
    tx: &mut Tx,
    room: &Postroom,
    kind: &dyn Moderated,
    authors: &[AccountId],
    reporters: &HashSet<AccountId>,
    thing: &Thing,
    decision: &Decision,
) -> Result<()> {
    let ids: Vec<AccountId> = reporters.iter().copied().collect();
    let named = named(kind, thing, decision.reason);
    let done = match decision.done {
        Done::Hidden | Done::HiddenAtOnce => "It is hidden now.",
        Done::Shown => "Nothing has to be done any more, and it is shown again.",
        Done::ChangeAsked => "Its author is asked to change it.",
        Done::Retired => "It was taken out of the catalog.",
        Done::Dismissed => "They found that nothing has to be done.",
    };
    let words = decision.words.as_deref().filter(|_| matches!(decision.done, Done::Dismissed | Done::Shown));
    let reporters = reachable(tx, &ids).await?;
    let writer = writer(kind, authors);
    let letter = |one: &Account| {
        let to = one.email.as_ref()?;
        let event = format!("decision:{}:reporter", decision.id);
        let subject = format!("What came of your report of {}", kind.noun());
        let mut letter = Letter::new("report_decided", event, to.as_str(), subject)
            .say(format!("You reported {named}. Somebody who looks after reports has looked at it. {done}"));
        for line in words.iter().flat_map(|words| words.lines()).filter(|line| !line.is_empty()) {
            letter = letter.say(line);
        }
        let mut letter = letter.say("Thank you for telling us.");
        if let Some(writer) = writer {
            letter = letter.about(writer.0);
        }
        Some(letter.because("You get this because you reported a problem.").of(one.id.0))
    };
    mail::enqueue_all(tx, &room.head, reporters.iter().filter_map(letter).collect()).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moderation::things::Collections;

    #[test]
    fn what_may_be_about_a_student_is_not_named() {
        let thing = Thing { title: "Where to begin".to_owned(), ..Thing::default() };
        assert_eq!(named(&Collections, &thing, Reason::Spam), "a collection, \u{201c}Where to begin\u{201d}");
        assert_eq!(named(&Collections, &thing, Reason::StudentData), "a collection");
        assert_eq!(named(&Collections, &Thing::default(), Reason::Spam), "a collection");
        assert_eq!(cap(&yours(&Collections)), "Your collection");
    }
}
