//! Digests: one letter a person with everything that waits for them. Grouped by topic, of one thing the newest alone, never
//! empty. Looked for each minute beside the server of every node; whoever comes first takes a person's digest with a
//! conditional update and holds that row, so that nothing is told twice and nothing that is told meanwhile is lost.

use std::collections::HashSet;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;

use super::leave::List;
use super::list::Kept;
use super::settings::{Standing, zones};
use super::topic::{Pace, Topic};
use super::{Postroom, gate, policy, store};
use crate::mail::{self, Group, Item, Letter};
use crate::people::account::{self, AccountState};
use crate::people::{Account, AccountId};
use crate::platform::{Actor, Db, Event, Result, Timestamp, Tx, Zone};

/// How often is looked.
const LOOK: Duration = Duration::from_secs(60);

/// Digests of one look; the rest comes with the next.
const BATCH: u64 = 500;

/// Lines of a digest.
const LINES: usize = 30;

/// Notices that are looked at for one digest; what is beyond is counted as that many.
const READ: u64 = 1_000;

/// A digest that did not leave by then is left to the next one.
const USE: TimeDelta = TimeDelta::days(2);

/// After a failure it is tried again so much later: one person's trouble does not stand in the way of the others.
const AGAIN: TimeDelta = TimeDelta::hours(1);

/// Looks each minute until the future that runs it is dropped.
pub async fn run(db: &Db, room: &Postroom) {
    loop {
        if let Err(error) = due(db, room).await {
            tracing::error!(%error, "digests that are due cannot be written");
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Writes digests that are due, and says how many letters there are.
pub async fn due(db: &Db, room: &Postroom) -> Result<usize> {
    let cx = db.cx(Actor::System("notices"));
    let mut letters = 0;
    for (account, due) in store::settings::due(cx.conn(), cx.now(), BATCH).await? {
        match write(db, room, account, due).await {
            Ok(written) => letters += usize::from(written),
            Err(error) => {
                tracing::error!(%error, %account, "a digest cannot be written");
                let tx = db.write(Actor::System("notices")).await?;
                store::settings::take(tx.conn(), account, due, Some(tx.now() + AGAIN)).await?;
                tx.commit().await?;
            }
        }
    }
    Ok(letters)
}

/// Writes the digest of one person, if there is something in it.
async fn write(db: &Db, room: &Postroom, id: AccountId, due: Timestamp) -> Result<bool> {
    let mut tx = db.write(Actor::System("notices")).await?;
    let permit = policy::keep(tx.actor())?;
    if !store::settings::take(tx.conn(), id, due, None).await? {
        return Ok(false);
    }
    let now = tx.now();
    let standing = store::settings::standings(tx.conn(), &[id], &[]).await?.remove(&id).unwrap_or_default();
    let account = account::accounts_in(&tx, &[id]).await?.remove(&id);
    let account = account.filter(|account| account.state == AccountState::Active && !standing.digest_left);
    let Some(account) = account else {
        store::done(tx.conn(), id, &[Pace::Daily, Pace::Weekly]).await?;
        tx.commit().await?;
        return Ok(false);
    };
    let zone = zones(&tx, &[id]).await?.remove(&id).unwrap_or_default();
    let next = |pace| standing.choices.next(zone, pace, now);
    if standing.choices.is_paused(now) {
        let after = store::waits(tx.conn(), id).await?.into_iter().map(next).min();
        store::settings::set_due(tx.conn(), id, after).await?;
        tx.commit().await?;
        return Ok(false);
    }
    let paces = paces(&standing, zone, due, now);
    let leads = gate::led(&tx, id).await?;
    let waiting = store::waiting(tx.conn(), id, &paces, &leads, READ).await?;
    let letter = letter(room, &account, &waiting, zone, due, now);
    let written = letter.is_some();
    if let Some(letter) = letter {
        mail::enqueue(&mut tx, &room.head, letter).await?;
        let detail = json!({ "notices": waiting.len() });
        tx.record(&permit, Event::about("digest.written", "account", id.0).with(detail)).await?;
    }
    store::done(tx.conn(), id, &paces).await?;
    let after = store::waits(tx.conn(), id).await?.into_iter().map(next).min();
    if after.is_some() {
        store::settings::set_due(tx.conn(), id, after).await?;
    }
    tx.commit().await?;
    Ok(written)
}

/// What goes now: what waits for a day, and what waits for a week where its day has come, also if the program was away then.
fn paces(standing: &Standing, zone: Zone, due: Timestamp, now: Timestamp) -> Vec<Pace> {
    let weekly = standing.choices.next(zone, Pace::Weekly, due - TimeDelta::seconds(1));
    if weekly <= now { vec![Pace::Daily, Pace::Weekly] } else { vec![Pace::Daily] }
}

/// The letter; `None` where nothing waits, or there is nowhere to write to.
fn letter(
    room: &Postroom,
    account: &Account,
    waiting: &[Kept],
    zone: Zone,
    due: Timestamp,
    now: Timestamp,
) -> Option<Letter> {
    let to = account.email.as_ref()?;
    let lines = newest(waiting);
    if lines.is_empty() {
        return None;
    }
    let day = zone.local(now).format("%A, %B %-d");
    let more = lines.len().saturating_sub(LINES);
    let list = room.head.link("/me/notifications");
    let mut groups = grouped(room, &lines[..lines.len().min(LINES)], zone);
    if more > 0 {
        let item = Item { line: format!("and {more} more"), url: list.clone(), when: String::new() };
        groups.push(Group { heading: String::new(), items: vec![item] });
    }
    let things = if lines.len() == 1 { "One thing is".to_owned() } else { format!("{} things are", lines.len()) };
    let letter = Letter::new(
        "digest",
        format!("digest:{}:{}", account.id, due.timestamp()),
        to.as_str(),
        format!("What is new for you, {day}"),
    )
    .say(format!("{things} new since your last letter."))
    .listing(groups)
    .button("See what is new", list)
    .because("These come together once a day or once a week, by what you chose, and only when there is something new.")
    .of(account.id.0)
    .on_list(List::Digest.mailing_list(&room.secret, account.id))
    // Its lines may name people, so its text does not stay in the outbox.
    .secret_until(now + USE);
    Some(letter)
}

/// The newest of each thing of each topic, the newest first.
fn newest(waiting: &[Kept]) -> Vec<&Kept> {
    let mut seen: HashSet<(Topic, &str, uuid::Uuid)> = HashSet::new();
    waiting.iter().filter(|kept| seen.insert((kept.topic, kept.about.0.as_str(), kept.about.1))).collect()
}

/// Under the names of their topics, the topic with the newest first.
fn grouped(room: &Postroom, lines: &[&Kept], zone: Zone) -> Vec<Group> {
    let mut topics: Vec<Topic> = Vec::new();
    for kept in lines {
        if !topics.contains(&kept.topic) {
            topics.push(kept.topic);
        }
    }
    let item = |kept: &&Kept| Item {
        line: kept.line.clone(),
        url: room.head.link(&kept.path),
        when: zone.local(kept.created_at).format("%A, %B %-d").to_string(),
    };
    let group = |topic: Topic| Group {
        heading: topic.label().to_owned(),
        items: lines.iter().filter(|kept| kept.topic == topic).map(item).collect(),
    };
    topics.into_iter().map(group).collect()
}

/// Writes down that something waits for a digest of these people, each by the pace that they chose.
pub(super) async fn wait(tx: &mut Tx, waits: &[(AccountId, Pace, Standing)]) -> Result<()> {
    let mut ids: Vec<AccountId> = waits.iter().map(|(id, ..)| *id).collect();
    // Always in the same order: two who tell the same people at once wait for each other, and do not lock each other out.
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(());
    }
    let (zones, now) = (zones(tx, &ids).await?, tx.now());
    let due_of = |id: AccountId| {
        let zone = zones.get(&id).copied().unwrap_or_default();
        let mine = waits.iter().filter(|(account, ..)| *account == id);
        mine.map(|(_, pace, standing)| standing.choices.next(zone, *pace, now)).min()
    };
    let due: Vec<(AccountId, Timestamp)> = ids.iter().filter_map(|id| Some((*id, due_of(*id)?))).collect();
    store::settings::wait_until(tx.conn(), &due, now).await
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::mail::{Email, Lang, Letterhead};
    use crate::notices::list::NoticeId;
    use crate::platform::Secret;

    fn now() -> Timestamp {
        "2026-10-14T16:00:00Z".parse().unwrap()
    }

    fn kept(number: u32, topic: Topic, about: u128) -> Kept {
        Kept {
            id: NoticeId(Uuid::from_u128(u128::from(number))),
            topic,
            about: ("practice".to_owned(), Uuid::from_u128(about)),
            line: format!("Line {number}"),
            path: format!("/practices/{about}"),
            created_at: now(),
            read_at: None,
        }
    }

    fn room() -> Postroom {
        let head = Letterhead::new("https://ground.example".into(), None).unwrap();
        Postroom { head: Arc::new(head), secret: Secret::of([7; 32]) }
    }

    fn ada() -> Account {
        Account {
            id: AccountId(Uuid::from_u128(1)),
            state: AccountState::Active,
            name: "Ada".to_owned(),
            email: Some(Email::parse("ada@example.org").unwrap()),
            email_confirmed_at: None,
            title: None,
            time_zone: None,
            lang: Lang::default(),
            grades: Vec::new(),
            subjects: Vec::new(),
            welcomed_at: None,
            valid_from: None,
            created_at: now(),
            updated_at: now(),
        }
    }

    #[test]
    fn the_newest_of_each_thing_is_shown_and_topics_stand_together() {
        let waiting = [
            kept(5, Topic::Follow, 1),
            kept(4, Topic::SavedSearch, 1),
            kept(3, Topic::Follow, 2),
            kept(2, Topic::Follow, 1),
        ];
        let letter = letter(&room(), &ada(), &waiting, Zone::default(), now(), now()).unwrap();
        let said: Vec<(&str, Vec<&str>)> = letter
            .content
            .groups
            .iter()
            .map(|group| (group.heading.as_str(), group.items.iter().map(|item| item.line.as_str()).collect()))
            .collect();
        assert_eq!(said, [("What you follow", vec!["Line 5", "Line 3"]), ("Saved searches", vec!["Line 4"])]);
        assert_eq!(letter.content.subject, "What is new for you, Wednesday, October 14");
        assert!(letter.content.paragraphs[0].starts_with("3 things are new"), "{:?}", letter.content);
        assert_eq!(letter.content.groups[0].items[0].url, "https://ground.example/practices/1");
        assert_eq!(letter.content.list.as_ref().map(|list| list.id.as_str()), Some("digest"));
    }

    #[test]
    fn a_digest_is_bounded_and_never_empty() {
        let room = room();
        let of = |waiting: &[Kept]| letter(&room, &ada(), waiting, Zone::default(), now(), now());
        assert!(of(&[]).is_none());
        let many: Vec<Kept> = (0..42).map(|number| kept(number, Topic::Follow, u128::from(number))).collect();
        let groups = of(&many).unwrap().content.groups;
        assert_eq!(groups[0].items.len(), LINES);
        assert_eq!(groups[1].items[0].line, "and 12 more");
        let thirty = of(&many[..30]).unwrap().content.groups;
        assert_eq!((thirty.len(), thirty[0].items.len()), (1, 30));
        let nowhere = Account { email: None, ..ada() };
        assert!(letter(&room, &nowhere, &many, Zone::default(), now(), now()).is_none());
    }

    #[test]
    fn the_weekly_one_goes_on_its_day_also_when_the_program_was_away() {
        let standing = Standing::default();
        let of = |due: &str, now: &str| paces(&standing, Zone::default(), due.parse().unwrap(), now.parse().unwrap());
        // October 19 is a Monday.
        assert_eq!(of("2026-10-18T11:00:00Z", "2026-10-18T11:00:30Z"), [Pace::Daily]);
        assert_eq!(of("2026-10-19T11:00:00Z", "2026-10-19T11:00:30Z"), [Pace::Daily, Pace::Weekly]);
        assert_eq!(of("2026-10-18T11:00:00Z", "2026-10-21T09:00:00Z"), [Pace::Daily, Pace::Weekly]);
        assert_eq!(of("2026-10-20T11:00:00Z", "2026-10-20T11:00:00Z"), [Pace::Daily]);
    }
}
