//! The letters of this feature. Questions and answers are notices (people choose how soon); what was passed on, and visits, are
//! letters. None shows an address.

use chrono::NaiveDate;

use super::Exchange;
use super::circle::{Circle, Ground};
use super::contact::{self, KEPT, Note};
use super::link::{self, Errand};
use super::question::{Answer, Question};
use super::signature::{Byline, Bylines};
use super::visit::{State, Visit};
use crate::catalog::Practice;
use crate::mail::{self, Letter};
use crate::notices::{self, Notice, Topic};
use crate::people::account::{self, Account};
use crate::people::{AccountId, School};
use crate::platform::{Result, Tx};

/// "Thursday, November 5, 2026".
pub fn date(day: NaiveDate) -> String {
    day.format("%A, %B %-d, %Y").to_string()
}

/// To those who know the practice: somebody asks. Its words are on the page alone, where they can be hidden.
pub async fn tell_of_question(
    tx: &mut Tx,
    exchange: &Exchange,
    circle: &Circle,
    question: &Question,
    readers: Vec<(Account, Ground)>,
) -> Result<()> {
    let title = &circle.practice.record.title;
    let path = format!("{}/questions/{}", circle.path(), question.id);
    let others = readers.into_iter().filter(|(reader, _)| reader.id != question.by.account);
    let notices = others.map(|(reader, ground)| {
        let why = match ground {
            Ground::Origin => "it began at your school and you answer for it",
            _ => "your school uses it and said that others may ask",
        };
        let letter = reader.email.as_ref().map(|to| {
            Letter::new(
                "practice_question",
                format!("question:{}", question.id),
                to.as_str(),
                format!("A question about \"{title}\""),
            )
            .say(format!("Somebody at another school asks about \"{title}\"."))
            .button("Read and answer", exchange.head.link(&path))
            .say("Anybody of your school can answer; one who does the practice every day knows best.")
            .because(format!("You get this because {why}."))
        });
        Notice {
            account: reader.id,
            topic: Topic::Practices,
            event: format!("question:{}", question.id),
            about: ("question", question.id.0),
            line: format!("A question about \"{title}\""),
            path: path.clone(),
            letter,
        }
    });
    notices::tell_many(tx, &exchange.postroom(), notices.collect()).await
}

/// To who asked and who wants to know it too: there is an answer.
pub async fn tell_of_answer(
    tx: &mut Tx,
    exchange: &Exchange,
    circle: &Circle,
    question: &Question,
    answer: &Answer,
    mut readers: Vec<AccountId>,
) -> Result<()> {
    readers.retain(|reader| *reader != answer.by.account);
    readers.sort_unstable();
    readers.dedup();
    let title = &circle.practice.record.title;
    let path = format!("{}/questions/{}", circle.path(), question.id);
    let accounts = account::accounts_in(tx, &readers).await?;
    let notices = accounts.into_values().filter(|account| account.state == account::AccountState::Active);
    let notices = notices.map(|reader| {
        let why = if reader.id == question.by.account { "you asked" } else { "you want to know it too" };
        let letter = reader.email.as_ref().map(|to| {
            Letter::new(
                "practice_answer",
                format!("answer:{}", answer.id),
                to.as_str(),
                format!("An answer about \"{title}\""),
            )
            .say(format!("A question about \"{title}\" has an answer from {}.", ground_words(answer)))
            .button("Read the answer", exchange.head.link(&path))
            .because(format!("You get this because {why}."))
        });
        Notice {
            account: reader.id,
            topic: Topic::Practices,
            event: format!("answer:{}", answer.id),
            about: ("question", question.id.0),
            line: format!("An answer to a question about \"{title}\""),
            path: path.clone(),
            letter,
        }
    });
    notices::tell_many(tx, &exchange.postroom(), notices.collect()).await
}

fn ground_words(answer: &Answer) -> &'static str {
    match answer.ground {
        Ground::Origin => "the school where it began",
        Ground::Uses => "a school that uses it",
        Ground::Stopped => "a school that used it",
    }
}

/// Passes letters on: each note to its reader. `origin` is the school where the practice began, for a first letter; an answer to one has none.
pub async fn pass_on(
    tx: &mut Tx,
    exchange: &Exchange,
    practice: &Practice,
    byline: &Byline,
    notes: &[Note],
    readers: &[Account],
    origin: Option<&School>,
) -> Result<()> {
    let title = &practice.record.title;
    let mut letters = Vec::new();
    for note in notes {
        let Some(reader) = readers.iter().find(|reader| reader.id == note.to) else { continue };
        let Some(to) = &reader.email else { continue };
        let path = link::path(&exchange.secret, Errand::Reply, note.id.0, note.to, tx.now());
        let (kind, subject, opening, why) = match origin {
            Some(school) => (
                "contact_note",
                format!("A letter about \"{title}\""),
                format!("{} writes to you about \"{title}\":", byline.words()),
                format!("You get this because you answer for this practice, which began at {}.", school.name),
            ),
            None => (
                "contact_reply",
                format!("An answer about \"{title}\""),
                format!("{} answers your letter about \"{title}\":", byline.words()),
                "You get this because you wrote a letter about this practice.".to_owned(),
            ),
        };
        let mut letter = Letter::new(kind, format!("contact:{}", note.id), to.as_str(), subject).say(opening);
        for paragraph in note.text.split('\n').filter(|line| !line.is_empty()) {
            letter = letter.say(paragraph);
        }
        letters.push(
            letter
                .button("Answer", exchange.head.link(&path))
                .say(
                    "Answer with the button and not by mail: your address stays hidden, as theirs does from you. The letter is \
                     kept here for 90 days.",
                )
                .because(why)
                .of(reader.id.0)
                .about(note.by.account.0)
                .secret_until(tx.now() + KEPT),
        );
    }
    mail::enqueue_all(tx, &exchange.head, letters).await
}

/// Tells the leads of the host and whoever asked how a visit stands now, but for `actor`, who just said it.
pub async fn tell_of_visit(
    tx: &mut Tx,
    exchange: &Exchange,
    practice: &Practice,
    visit: &Visit,
    actor: AccountId,
) -> Result<()> {
    let schools = crate::people::schools_in(tx, &[visit.host]).await?;
    let host = schools.get(&visit.host).map(|school| school.name.clone()).unwrap_or_default();
    let byline = Bylines::of_one(tx, &visit.by).await?;
    let asker = account::account_in(tx, visit.by.account).await?;
    let mut letters = Vec::new();
    for reader in contact::leads(tx, visit.host).await? {
        if reader.id != actor && reader.id != asker.id {
            letters.extend(to_host(tx, exchange, practice, visit, &byline, &host, &reader));
        }
    }
    if asker.id != actor && asker.state == account::AccountState::Active {
        letters.extend(to_asker(tx, exchange, practice, visit, &host, &asker));
    }
    mail::enqueue_all(tx, &exchange.head, letters).await
}

fn event(visit: &Visit) -> String {
    format!("visit:{}:{}", visit.id, visit.turn)
}

fn to_host(
    tx: &Tx,
    exchange: &Exchange,
    practice: &Practice,
    visit: &Visit,
    byline: &Byline,
    host: &str,
    reader: &Account,
) -> Option<Letter> {
    let to = reader.email.as_ref()?;
    let title = &practice.record.title;
    let day = visit.day.map(date).unwrap_or_default();
    let words = byline.words();
    let (kind, subject, line, button) = match visit.state {
        State::Asked => (
            "visit_asked",
            format!("A visit to \"{title}\"?"),
            format!("{words} asks to visit {host} and see \"{title}\"."),
            "Look at the request and answer",
        ),
        State::Accepted => (
            "visit_agreed",
            format!("Agreed: a visit to \"{title}\" on {day}"),
            format!("The visit of {words} on {day} is agreed."),
            "Look at the visit",
        ),
        State::Proposed => (
            "visit_proposed_copy",
            format!("Another day for a visit to \"{title}\" is proposed: {day}"),
            format!("{host} proposed {day} to {words}; they are asked to agree."),
            "Look at the visit",
        ),
        State::Declined => (
            "visit_declined_copy",
            format!("Declined: a visit to \"{title}\""),
            format!("{host} declined the visit of {words}."),
            "Look at the visit",
        ),
        State::Withdrawn => (
            "visit_withdrawn",
            match visit.day {
                Some(_) => format!("Given back: the visit to \"{title}\" on {day}"),
                None => format!("Given back: a visit to \"{title}\""),
            },
            format!("{words} does not come to see \"{title}\" after all."),
            "Look at the visit",
        ),
    };
    let mut letter = Letter::new(kind, event(visit), to.as_str(), subject).say(line);
    if visit.state == State::Asked {
        let days: Vec<String> = visit.wishes.iter().map(|day| date(*day)).collect();
        letter = letter.say(format!("Days that would do: {}.", days.join("; ")));
        letter = letter.say(format!("{} would come. What for is on the page.", people(visit.people)));
    }
    Some(
        with_link(tx, exchange, visit, reader, letter, button, &format!("You answer for visits to {host}."))
            .about(visit.by.account.0),
    )
}

fn to_asker(
    tx: &Tx,
    exchange: &Exchange,
    practice: &Practice,
    visit: &Visit,
    host: &str,
    reader: &Account,
) -> Option<Letter> {
    let to = reader.email.as_ref()?;
    let title = &practice.record.title;
    let day = visit.day.map(date).unwrap_or_default();
    let (kind, subject, line, button) = match visit.state {
        State::Accepted => (
            "visit_accepted",
            format!("You can visit {host} on {day}"),
            format!("{host} says yes: you can come to see \"{title}\" on {day}."),
            "Look at the visit",
        ),
        State::Proposed => (
            "visit_proposed",
            format!("{host} proposes another day: {day}"),
            format!("{host} cannot take the days you wished for to see \"{title}\" and proposes {day}."),
            "Agree or give it back",
        ),
        _ => (
            "visit_declined",
            match visit.day {
                Some(_) => format!("Your visit to {host} on {day} does not take place"),
                None => format!("{host} cannot take your visit"),
            },
            format!("{host} cannot take your visit to see \"{title}\"."),
            "Look at the visit",
        ),
    };
    let mut letter = Letter::new(kind, event(visit), to.as_str(), subject).say(line);
    for paragraph in visit.note.split('\n').filter(|line| !line.is_empty()) {
        letter = letter.say(paragraph);
    }
    Some(with_link(tx, exchange, visit, reader, letter, button, "You asked for this visit."))
}

fn with_link(
    tx: &Tx,
    exchange: &Exchange,
    visit: &Visit,
    reader: &Account,
    letter: Letter,
    button: &str,
    why: &str,
) -> Letter {
    let path = link::path(&exchange.secret, Errand::Visit, visit.id.0, reader.id, tx.now());
    letter
        .button(button, exchange.head.link(&path))
        .because(why)
        .of(reader.id.0)
        .in_thread(format!("visit:{}", visit.id), i64::from(visit.turn))
        .secret_until(tx.now() + KEPT)
}

fn people(count: i32) -> String {
    if count == 1 { "One person".to_owned() } else { format!("{count} people") }
}

/// Tells the host that a visit does not take place, and nothing of who asked for it: they had their account erased.
pub async fn tell_of_erased_visit(tx: &mut Tx, exchange: &Exchange, practice: &Practice, visit: &Visit) -> Result<()> {
    let title = &practice.record.title;
    let subject = match visit.day {
        Some(day) => format!("Given back: the visit to \"{title}\" on {}", date(day)),
        None => format!("Given back: a visit to \"{title}\""),
    };
    let letters = contact::leads(tx, visit.host).await?.into_iter().filter(|reader| reader.id != visit.by.account);
    let letters = letters.filter_map(|reader| {
        let to = reader.email.as_ref()?;
        let letter = Letter::new("visit_withdrawn", event(visit), to.as_str(), subject.clone())
            .say("Whoever asked for this visit has no account here any more; it does not take place.")
            .button("See the visits", exchange.head.link(&format!("/practices/{}/visits", practice.slug)))
            .because("You answer for visits to your school.")
            .of(reader.id.0);
        Some(letter)
    });
    mail::enqueue_all(tx, &exchange.head, letters.collect()).await
}
