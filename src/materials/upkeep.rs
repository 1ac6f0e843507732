//! What happens to files and links by itself: those of what is published are noticed, links are asked once a week, and what nobody has
//! any more is taken out. Runs beside the server of every node; each piece is bounded and harmless when two do it.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use super::file::{Depot, Material, names};
use super::links::{Answer, Checker, Rules, of_record};
use super::{policy, store};
use crate::catalog::{self, Practice, PracticeId};
use crate::platform::chance::sha256;
use crate::platform::db::log;
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Actor, Db, Event, Result, Timestamp};

/// The change log of practices.
const LOG: &str = "practice";
/// Practices looked at in one transaction.
const PRACTICES: u64 = 100;
/// Links asked in one go.
const LINKS: u64 = 20;
/// A link is asked again after this.
const WEEK: TimeDelta = TimeDelta::days(7);
/// And after this where it seems that we are the ones who cannot be reached.
const OUTAGE: TimeDelta = TimeDelta::hours(1);
/// Bytes that no file has are kept so long: a draft may come back from a backup.
const IDLE: TimeDelta = TimeDelta::days(30);
/// Files looked at in one go when what was thrown away is looked for.
const FILES: u64 = 500;

/// Works until the future that runs it is dropped. Without `asks` no link is asked: the demo asks nobody.
pub async fn run(db: &Db, depot: &Depot, asks: bool) {
    let checker = Checker::new(Rules::default());
    let mut minutes = 0_u64;
    loop {
        tokio::time::sleep(Duration::from_secs(60)).await;
        let asks = asks.then_some(&checker);
        if let Err(error) = turn(db, depot, asks, minutes.is_multiple_of(60)).await {
            tracing::error!(%error, "files and links cannot be looked after");
        }
        minutes += 1;
    }
}

async fn turn(db: &Db, depot: &Depot, asks: Option<&Checker>, hourly: bool) -> Result<()> {
    while follow(db).await? {}
    if let Some(checker) = asks {
        while ask_due(db, checker).await? {}
    }
    if hourly { sweep(db, depot).await } else { Ok(()) }
}

/// Looks at practices that changed: files that they name are published, and their links are looked after. Says whether there may be more.
pub async fn follow(db: &Db) -> Result<bool> {
    let cx = db.cx(Actor::System("materials"));
    let seen = store::links::seen(cx.conn()).await?;
    let changed = log::after(&cx, LOG, seen, PRACTICES).await?;
    let Some((last, _)) = changed.last().copied() else { return Ok(false) };
    let ids: Vec<Uuid> = changed.into_iter().map(|(_, id)| id).collect();
    let typed: Vec<PracticeId> = ids.iter().copied().map(PracticeId).collect();
    let practices = catalog::practices(&cx, &typed).await?;
    let mut tx = db.write(Actor::System("materials")).await?;
    let permit = policy::keep_time(tx.actor())?;
    let mut published: Vec<Uuid> = Vec::new();
    for file in store::unpublished_of(tx.conn(), &ids).await? {
        if practices.get(&file.practice).is_some_and(|now| names(now, &file)) {
            published.push(file.id.0);
        }
    }
    store::publish(tx.conn(), &published, tx.now()).await?;
    let there = store::links::pairs(tx.conn(), &ids).await?;
    let (mut links, mut new) = (Vec::new(), Vec::new());
    for id in &typed {
        let wanted: Vec<(String, String)> = practices.get(id).map(links_of).unwrap_or_default();
        let mut stale = Vec::new();
        for (practice, hash) in &there {
            if *practice == id.0 && !wanted.iter().any(|(known, _)| known == hash) {
                stale.push(hash.clone());
            }
        }
        if !stale.is_empty() {
            store::links::part(tx.conn(), id.0, stale).await?;
        }
        for (hash, url) in wanted {
            if !there.contains(&(id.0, hash.clone())) {
                links.push((hash.clone(), url, spread(&hash, tx.now())));
                new.push((id.0, hash));
            }
        }
    }
    // One statement names each once.
    links.sort();
    links.dedup_by(|a, b| a.0 == b.0);
    for piece in links.chunks(500) {
        store::links::insert(tx.conn(), piece.to_vec()).await?;
    }
    for piece in new.chunks(500) {
        store::links::join(tx.conn(), piece.to_vec()).await?;
    }
    store::links::see(tx.conn(), last).await?;
    if !published.is_empty() {
        let detail = json!({ "files": published.len() });
        tx.record(&permit, Event::bulk("material.published", "material").with(detail)).await?;
    }
    tx.commit().await?;
    Ok(true)
}

fn links_of(practice: &Practice) -> Vec<(String, String)> {
    if practice.status == PracticeStatus::RETIRED {
        return Vec::new();
    }
    of_record(&practice.record).into_iter().map(|url| (sha256(url.as_bytes()), url)).collect()
}

/// Somewhere in the next week: ten thousand links that came in one file are not asked in one hour.
fn spread(hash: &str, now: Timestamp) -> Timestamp {
    let part = hash.get(..8).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or_default();
    now + TimeDelta::seconds(i64::from(part) % WEEK.num_seconds())
}

/// Asks links that are due, and notes what became of it. Says whether there may be more.
pub async fn ask_due(db: &Db, checker: &Checker) -> Result<bool> {
    let cx = db.cx(Actor::System("materials"));
    let due = store::links::due(cx.conn(), cx.now(), LINKS).await?;
    if due.is_empty() {
        return Ok(false);
    }
    let urls: Vec<String> = due.iter().map(|kept| kept.url.clone()).collect();
    // Nothing is held while others are waited for.
    let found = checker.check(&urls).await;
    let tx = db.write(Actor::System("materials")).await?;
    let _permit = policy::keep_time(tx.actor())?;
    let now = tx.now();
    if found.len() > 2 && found.iter().all(|one| one.answer == Answer::Silent) {
        let hashes = due.iter().map(|kept| kept.hash.clone()).collect();
        store::links::postpone(tx.conn(), hashes, cx.now(), now + OUTAGE).await?;
        tx.commit().await?;
        return Ok(false);
    }
    for kept in &due {
        let reached = found.iter().find(|one| one.url == kept.url).is_some_and(|one| !one.is_dead());
        store::links::note(tx.conn(), kept, reached, now, now + WEEK).await?;
    }
    tx.commit().await?;
    Ok(due.len() as u64 == LINKS)
}

/// Takes out files of drafts that were thrown away, links that no practice has, and bytes that no file has had for a month.
pub async fn sweep(db: &Db, depot: &Depot) -> Result<()> {
    let cx = db.cx(Actor::System("materials"));
    let mut after = None;
    loop {
        let files = store::unpublished(cx.conn(), after, FILES).await?;
        let Some(last) = files.last() else { break };
        after = Some(last.id);
        let contributions: Vec<Uuid> = files.iter().map(|file| file.contribution).collect();
        let there = depot.shelf.there(&cx, &contributions).await?;
        let left: Vec<&Material> = files.iter().filter(|file| !there.contains(&file.contribution)).collect();
        if !left.is_empty() {
            let mut tx = db.write(Actor::System("materials")).await?;
            let permit = policy::keep_time(tx.actor())?;
            for file in &left {
                store::delete(tx.conn(), file.id).await?;
            }
            let detail = json!({ "files": left.len() });
            tx.record(&permit, Event::bulk("material.swept", "material").with(detail)).await?;
            tx.commit().await?;
        }
    }
    let mut tx = db.write(Actor::System("materials")).await?;
    let permit = policy::keep_time(tx.actor())?;
    store::links::forget(tx.conn()).await?;
    let leaving = store::begin_leaving(tx.conn(), tx.now() - IDLE, tx.now(), FILES).await?;
    if leaving > 0 {
        let detail = json!({ "files": leaving });
        tx.record(&permit, Event::bulk("material.bytes_deleted", "material").with(detail)).await?;
    }
    tx.commit().await?;
    // Marked and committed first: nobody counts on them any more, and a stop in between leaves them marked.
    for hash in store::leaving(db.cx(Actor::System("materials")).conn(), FILES).await? {
        depot.storage.delete(&hash).await?;
        let tx = db.write(Actor::System("materials")).await?;
        let _permit = policy::keep_time(tx.actor())?;
        store::gone(tx.conn(), &hash).await?;
        tx.commit().await?;
    }
    Ok(())
}
