//! Letters about statements. Invitations and the question to confirm go directly, because somebody waits for an answer; the rest is news
//! of the topic Collaborations.

use std::collections::HashMap;

use super::amendment::{Amendment, Fate};
use super::calling::{self, Call};
use super::circle::{Guest, Part};
use super::signing::Signature;
use super::statement::{State, Statement, StatementId};
use super::{circle, name_in, store};
use crate::mail::{self, Letter};
use crate::notices::{self, Notice, Topic};
use crate::people::account::{Account, AccountState, accounts_in};
use crate::people::errand::{self, Errand};
use crate::people::membership::holders;
use crate::people::{AccountId, errand::Link};
use crate::platform::{Place, Result, Role, Secret, Tx};
use crate::sessions::Desk;

/// What the link of the question to confirm is for: `/r/statement/{token}`.
#[derive(Clone, Copy, Debug)]
pub struct Again;

impl Errand for Again {
    fn purpose(self) -> String {
        "errand:statement-again".to_owned()
    }

    fn base(self) -> String {
        "/r/statement/".to_owned()
    }
}

/// What a token of that link says.
pub fn read_link(secret: &Secret, token: &str) -> Result<Link> {
    errand::read(secret, Again, token)
}

/// Invites somebody to a draft. The sign-in with that address opens it, and opens the account where there is none yet.
pub(super) async fn invite(tx: &mut Tx, desk: &Desk, statement: &Statement, guest: &Guest) -> Result<()> {
    let sponsor = name_in(tx, statement.sponsor).await?;
    let path = format!("{}/draft", statement.path());
    let next = serde_urlencoded::to_string([("next", path)]).unwrap_or_default();
    let (does, subject) = match guest.part {
        Part::CoAuthor => ("write", format!("Write with us: {}", statement.title)),
        _ => ("comment on", format!("Your comments, please: {}", statement.title)),
    };
    let mut letter = Letter::new("statement_invited", format!("statement:guest:{}", guest.id), &guest.email, subject)
        .say(format!(
            "{sponsor} invites you to {does} a draft before it is published: \u{201c}{}\u{201d}.",
            statement.title
        ))
        .say("It is private: only those who are invited know of it. Please do not pass it on.")
        .button("Open the draft", desk.head.link(&format!("/sign-in?{next}")))
        .say("Sign in with this address; who has no account yet gets one by the link of the sign-in.")
        .because("You get this because an author of the draft invited this address.");
    if let Some(account) = guest.account {
        letter = letter.of(account.0);
    }
    mail::enqueue(tx, &desk.head, letter).await.map(drop)
}

/// Those of a statement's authors whose accounts may be used, or else who speaks for its sponsor.
async fn authors(tx: &Tx, statement: &Statement) -> Result<Vec<Account>> {
    let guests = circle::bind(tx, statement.id).await?;
    let mut ids: Vec<AccountId> =
        guests.iter().filter(|guest| guest.part == Part::CoAuthor).filter_map(|guest| guest.account).collect();
    ids.extend(statement.author);
    let mut found: Vec<Account> = accounts_in(tx, &ids).await?.into_values().filter(usable).collect();
    if found.is_empty() {
        found = speakers(tx, statement.sponsor).await?;
    }
    found.sort_by_key(|one| one.id);
    found.dedup_by_key(|one| one.id);
    Ok(found)
}

fn usable(account: &Account) -> bool {
    account.state == AccountState::Active && account.email.is_some()
}

/// Who speaks for a place now.
pub(super) async fn speakers(tx: &Tx, place: Place) -> Result<Vec<Account>> {
    let roles: &[Role] = match place {
        Place::School(_) => &[Role::Principal, Role::Delegate],
        _ => &[Role::CompactOwner, Role::Mayor, Role::Organizer],
    };
    let mut found = holders(tx, roles, place).await?;
    found.retain(usable);
    Ok(found)
}

/// Tells those who were invited to comment or to write that it is published: they are the first who may sign it.
pub(super) async fn published(tx: &mut Tx, desk: &Desk, statement: &Statement, guests: &[Guest]) -> Result<()> {
    let ids: Vec<AccountId> = guests.iter().filter_map(|guest| guest.account).collect();
    let mut readers: Vec<Account> = accounts_in(tx, &ids).await?.into_values().filter(usable).collect();
    readers.retain(|one| tx.actor().account() != Some(one.id.0));
    readers.sort_by_key(|one| one.id);
    let sponsor = name_in(tx, statement.sponsor).await?;
    let until = statement.deadline.map(|day| format!(" until {}", day.format("%B %-d, %Y"))).unwrap_or_default();
    let news = News {
        kind: "statement_published",
        event: format!("statement:{}:published", statement.id),
        subject: format!("Published: {}", statement.title),
        says: vec![
            format!(
                "The draft that you were invited to is published: \u{201c}{}\u{201d}, sponsored by {sponsor}.",
                statement.title
            ),
            format!("Who speaks for a school or an organization can sign it{until}."),
        ],
        button: ("Read it", statement.path()),
        why: "You get this because an author invited you to the draft of this statement.",
    };
    tell(tx, desk, statement.id, &readers, news).await
}

/// What is told to one reader, at once where they want that.
struct News<'a> {
    kind: &'static str,
    event: String,
    subject: String,
    says: Vec<String>,
    button: (&'a str, String),
    why: &'a str,
}

async fn tell(tx: &mut Tx, desk: &Desk, statement: StatementId, readers: &[Account], news: News<'_>) -> Result<()> {
    for reader in readers {
        let Some(to) = reader.email.as_ref() else { continue };
        let mut letter = Letter::new(news.kind, news.event.clone(), to.as_str(), news.subject.clone());
        for paragraph in &news.says {
            letter = letter.say(paragraph.clone());
        }
        let (words, path) = &news.button;
        let letter = letter.button(*words, desk.head.link(path)).because(news.why).of(reader.id.0);
        let notice = Notice {
            account: reader.id,
            topic: Topic::Collaborations,
            event: news.event.clone(),
            about: ("statement", statement.0),
            line: shortened(&news.subject),
            path: path.clone(),
            letter: Some(letter),
        };
        notices::tell(tx, &desk.postroom(), notice).await?;
    }
    Ok(())
}

/// The longest line of the list of what is new.
const LINE: usize = 240;

fn shortened(line: &str) -> String {
    if line.chars().count() <= LINE {
        return line.to_owned();
    }
    let short: String = line.chars().take(LINE).collect();
    format!("{}\u{2026}", short.trim_end())
}

/// Tells the authors of a proposal.
pub(super) async fn proposed(tx: &mut Tx, desk: &Desk, statement: &Statement, new: &Amendment) -> Result<()> {
    let mut readers = authors(tx, statement).await?;
    readers.retain(|one| Some(one.id) != new.account);
    let by = match new.place {
        Some(place) => name_in(tx, place).await?,
        None => "Somebody who was invited to comment".to_owned(),
    };
    let does = match new.kind {
        super::amendment::AmendmentKind::Change => "change a point",
        super::amendment::AmendmentKind::Add => "add a point",
        super::amendment::AmendmentKind::Strike => "strike a point",
    };
    let news = News {
        kind: "statement_amendment",
        event: format!("statement:amendment:{}", new.id),
        subject: format!("A change is proposed: {}", statement.title),
        says: vec![
            format!("{by} proposes to {does} of \u{201c}{}\u{201d}. The reason:", statement.title),
            new.reason.lines().collect::<Vec<_>>().join(" "),
        ],
        button: ("Answer it", format!("{}/amendments", statement.path())),
        why: "You get this because you look after this statement.",
    };
    tell(tx, desk, statement.id, &readers, news).await
}

/// Tells who proposed a change what became of it.
pub(super) async fn decided(tx: &mut Tx, desk: &Desk, statement: &Statement, after: &Amendment) -> Result<()> {
    let Some(account) = after.account.filter(|one| tx.actor().account() != Some(one.0)) else { return Ok(()) };
    let readers: Vec<Account> = accounts_in(tx, &[account]).await?.into_values().filter(usable).collect();
    let (word, said) = match after.fate {
        Fate::Accepted => ("taken up", "It goes into the next version."),
        _ => ("declined", "The text stays as it is."),
    };
    let mut says = vec![format!("Your proposal to change \u{201c}{}\u{201d} was {word}. {said}", statement.title)];
    if !after.answer.is_empty() {
        says.push(after.answer.lines().collect::<Vec<_>>().join(" "));
    }
    let news = News {
        kind: "statement_amendment_decided",
        event: format!("statement:amendment:{}:{}", after.id, after.fate.code()),
        subject: format!("Your proposal was {word}: {}", statement.title),
        says,
        button: ("See the answer", format!("{}/amendments", statement.path())),
        why: "You get this because you proposed a change to this statement.",
    };
    tell(tx, desk, statement.id, &readers, news).await
}

/// Tells the authors that as many signed as the threshold wants.
pub(super) async fn reached(tx: &mut Tx, desk: &Desk, statement: &Statement, count: u64) -> Result<()> {
    let readers = authors(tx, statement).await?;
    let news = News {
        kind: "statement_reached",
        event: format!("statement:{}:version:{}:reached", statement.id, statement.version),
        subject: format!("{count} signed: {}", statement.title),
        says: vec![
            format!(
                "{count} schools and organizations stand behind the newest version of \u{201c}{}\u{201d}.",
                statement.title
            ),
            format!("That is the number that you set for its delivery to {}.", statement.addressee),
        ],
        button: ("Say that it is delivered", format!("{}/end", statement.path())),
        why: "You get this because you look after this statement.",
    };
    tell(tx, desk, statement.id, &readers, news).await
}

/// Reminds the authors of the last day.
pub(super) async fn remind(tx: &mut Tx, desk: &Desk, statement: &Statement, signed: u64) -> Result<()> {
    let Some(deadline) = statement.deadline else { return Ok(()) };
    let day = deadline.format("%B %-d, %Y").to_string();
    let readers = authors(tx, statement).await?;
    let wanted = statement.threshold.map(|n| format!(", of {n} that you wait for")).unwrap_or_default();
    let stand = if signed == 1 { "1 sign-on stands".to_owned() } else { format!("{signed} sign-ons stand") };
    let news = News {
        kind: "statement_deadline",
        event: format!("statement:{}:deadline", statement.id),
        subject: format!("Sign-ons end on {day}: {}", statement.title),
        says: vec![
            format!("\u{201c}{}\u{201d} takes sign-ons until {day}.", statement.title),
            format!("{stand} behind its newest version{wanted}."),
        ],
        button: ("See who signed", statement.path()),
        why: "You get this because you look after this statement.",
    };
    tell(tx, desk, statement.id, &readers, news).await
}

/// Tells those whose sign-ons stand how a statement ended: they stand behind what is handed over, and behind what is taken back.
pub(super) async fn ended(tx: &mut Tx, desk: &Desk, statement: &Statement) -> Result<()> {
    let mut signed: Vec<Signature> = store::signatures::of_statement(tx.conn(), statement.id).await?;
    signed.retain(Signature::stands);
    let ids: Vec<AccountId> = signed.iter().filter_map(|one| one.account).collect();
    let accounts: HashMap<AccountId, Account> = accounts_in(tx, &ids).await?;
    let mut readers: Vec<&Account> = accounts.values().filter(|account| usable(account)).collect();
    readers.retain(|one| tx.actor().account() != Some(one.id.0));
    readers.sort_by_key(|one| one.id);
    let (word, does) = match statement.state {
        State::Delivered => ("Delivered", format!("was delivered to {}", statement.addressee)),
        State::Withdrawn => ("Withdrawn", "was withdrawn by its authors".to_owned()),
        _ => ("Closed", "was closed".to_owned()),
    };
    let on = statement.ended_on.map(|day| format!(" on {}", day.format("%B %-d, %Y"))).unwrap_or_default();
    let note = statement.ending.clone().unwrap_or_default().lines().collect::<Vec<_>>().join(" ");
    let mut notices = Vec::new();
    for reader in readers {
        let Some(to) = reader.email.as_ref() else { continue };
        let event = format!("statement:{}:{}", statement.id, statement.state.code());
        let subject = format!("{word}: {}", statement.title);
        let letter = Letter::new("statement_ended", event.clone(), to.as_str(), subject.clone())
            .say(format!("\u{201c}{}\u{201d}, which you signed, {does}{on}.", statement.title))
            .say(note.clone())
            .button("See its page", desk.head.link(&statement.path()))
            .say("The sign-on stays as it is; you can still withdraw it.")
            .because("You get this because you signed this statement.")
            .of(reader.id.0);
        notices.push(Notice {
            account: reader.id,
            topic: Topic::Collaborations,
            event,
            about: ("statement", statement.id.0),
            line: shortened(&subject),
            path: statement.path(),
            letter: Some(letter),
        });
    }
    notices::tell_many(tx, &desk.postroom(), notices).await
}

/// Asks addresses to sign. Who has an account is told as they chose for the topic; an address without one gets a letter with a link
/// that ends such letters.
pub(super) async fn call(tx: &mut Tx, desk: &Desk, statement: &Statement, calls: &[Call]) -> Result<()> {
    if calls.is_empty() {
        return Ok(());
    }
    let sponsor = name_in(tx, statement.sponsor).await?;
    let places: Vec<Place> = calls.iter().filter_map(|call| call.place).collect();
    let names = names_in(tx, &places).await?;
    let ids: Vec<AccountId> = calls.iter().filter_map(|call| call.account).collect();
    let accounts: HashMap<AccountId, Account> = accounts_in(tx, &ids).await?;
    let kind = statement.kind.label().to_lowercase();
    let until = statement.deadline.map(|day| day.format("%B %-d, %Y").to_string());
    let until = until.map(|day| format!(" It takes sign-ons until {day}.")).unwrap_or_default();
    let bound =
        "A sign-on is bound to the version that was read, and can be withdrawn at any time. Nobody has to answer.";
    for call in calls {
        let name = call.place.and_then(|place| names.get(&place));
        let subject = match name {
            Some(name) => format!("Will {name} sign? {}", statement.title),
            None => format!("Will you sign? {}", statement.title),
        };
        let asks = match name {
            Some(name) => format!("asks {name}"),
            None => "asks you, if you speak for a school or an organization,".to_owned(),
        };
        let says = format!(
            "{sponsor} {asks} to sign \u{201c}{}\u{201d}: a {kind} to {}.{until}",
            statement.title, statement.addressee
        );
        let event = format!("statement:call:{}:{}", call.id, call.letters);
        let reader = call.account.and_then(|id| accounts.get(&id)).filter(|account| usable(account));
        if let Some(reader) = reader {
            let why = match name {
                Some(name) => format!(
                    "You get this because you speak for {name}, and those who look after a statement ask it to sign."
                ),
                None => "You get this because those who look after a statement typed this address.".to_owned(),
            };
            let news = News {
                kind: "statement_asked",
                event,
                subject,
                says: vec![says, bound.to_owned()],
                button: ("Read it", statement.path()),
                why: &why,
            };
            tell(tx, desk, statement.id, std::slice::from_ref(reader), news).await?;
            continue;
        }
        let stop = desk.head.link(&calling::stop_path(&desk.secret, &call.email));
        let letter = Letter::new("statement_call", event, &call.email, subject)
            .say(says)
            .button("Read it", desk.head.link(&statement.path()))
            .say(bound)
            .say(format!("Do you want no such letters? This address ends them: {stop}"))
            .because("You get this because those who look after a statement typed this address.");
        mail::enqueue(tx, &desk.head, letter).await?;
    }
    Ok(())
}

/// Asks every signer of an earlier version whether they stand behind the newest: who signed, while they may use their account, or
/// else who speaks for the place now.
pub(super) async fn ask_again(tx: &mut Tx, desk: &Desk, statement: &Statement) -> Result<()> {
    let mut asked: Vec<Signature> = store::signatures::of_statement(tx.conn(), statement.id).await?;
    asked.retain(|one| one.stands() && one.version < statement.version);
    let ids: Vec<AccountId> = asked.iter().filter_map(|one| one.account).collect();
    let accounts: HashMap<AccountId, Account> = accounts_in(tx, &ids).await?;
    let places: Vec<Place> = asked.iter().map(|one| one.place).collect();
    let names = names_in(tx, &places).await?;
    let now = tx.now();
    let mut letters = Vec::new();
    for one in &asked {
        let signer = one.account.and_then(|id| accounts.get(&id)).filter(|account| usable(account));
        let readers = match signer {
            Some(signer) => vec![signer.clone()],
            None => speakers(tx, one.place).await?,
        };
        let name = names.get(&one.place).cloned().unwrap_or_default();
        for reader in readers {
            let Some(to) = reader.email.as_ref() else { continue };
            let path = errand::path(&desk.secret, Again, one.id.0, reader.id, now);
            let event = format!("statement:sign-on:{}:version:{}", one.id, statement.version);
            let subject = format!("Still yours? Version {} of {}", statement.version, statement.title);
            letters.push(
                Letter::new("statement_again", event, to.as_str(), subject)
                    .say(format!(
                        "{name} signed version {} of \u{201c}{}\u{201d}. There is a version {} now.",
                        one.version, statement.title, statement.version
                    ))
                    .say("See what changed, and confirm your sign-on or withdraw it. Until then it stands behind the version that was signed, and the page says so.")
                    .button("See what changed", desk.head.link(&path))
                    .because(format!("You get this because you speak for {name}, which signed this statement."))
                    .of(reader.id.0)
                    .secret_until(now + Again::AGE),
            );
        }
    }
    mail::enqueue_all(tx, &desk.head, letters).await
}

async fn names_in(tx: &Tx, places: &[Place]) -> Result<HashMap<Place, String>> {
    let (schools, organizations) = super::parted(places);
    let mut names = HashMap::new();
    for (id, school) in crate::people::schools_in(tx, &schools).await? {
        names.insert(Place::School(id.0), school.name);
    }
    for (id, one) in crate::people::offices::organizations_of_in(tx, &organizations).await? {
        names.insert(Place::Organization(id.0), one.name);
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut() {
        assert_eq!(shortened("A change"), "A change");
        assert_eq!(shortened(&"a".repeat(500)).chars().count(), LINE + 1);
    }
}
