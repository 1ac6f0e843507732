//! How long a committed change takes to be found: another process changes the database, and search is asked until it knows.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::Outcome;
use crate::database::Database;
use crate::product::{Product, Server};

/// How closely both sides are watched.
const GLANCE: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_secs(20);

/// From the commit of one more practice to the first answer with it, so many times; sorted.
pub async fn times(product: &Product, server: &Server, folder: &Path, times: usize) -> Outcome<Vec<Duration>> {
    let db = Database::open(product).await?;
    let mut taken = Vec::new();
    for n in 0..times {
        taken.push(once(product, server, &db, folder, n).await?);
        // Not in step with the server's own looking around.
        tokio::time::sleep(Duration::from_millis(50 + 37 * n as u64 % 200)).await;
    }
    taken.sort_unstable();
    Ok(taken)
}

async fn once(product: &Product, server: &Server, db: &Database, folder: &Path, n: usize) -> Outcome<Duration> {
    let word = invented(n);
    let title = format!("Seen at once {word}");
    let file = folder.join("one.jsonl");
    let practice = json!({ "source": format!("load:visible-{n}"), "title": title, "summary": "One more practice." });
    std::fs::write(&file, format!("{practice}\n"))?;
    let before = db.newest_change().await?;

    let commit = async {
        while db.newest_change().await? == before {
            tokio::time::sleep(GLANCE).await;
        }
        Outcome::Ok(Instant::now())
    };
    let found = async {
        let mut client = server.client();
        let path = format!("/api/v1/practices?q=%22{word}%22&match=all&limit=1");
        loop {
            if String::from_utf8_lossy(client.get(&path).await?).contains(&title) {
                return Outcome::Ok(Instant::now());
            }
            tokio::time::sleep(GLANCE).await;
        }
    };
    let path = file.to_string_lossy().into_owned();
    let import = async {
        let mut child = product.start(&["import", "practices", &path])?;
        loop {
            match child.try_wait()? {
                Some(status) if status.success() => return Outcome::Ok(()),
                Some(status) => return Err(format!("the import ended: {status}").into()),
                None => tokio::time::sleep(GLANCE).await,
            }
        }
    };
    let all = async { tokio::try_join!(commit, found, import) };
    let (committed, found, ()) =
        tokio::time::timeout(PATIENCE, all).await.map_err(|_| "a new practice was never found")??;
    Ok(found.saturating_duration_since(committed))
}

/// A word like no other, and far from its neighbours.
fn invented(n: usize) -> String {
    let letter = |shift: usize| char::from(b'a' + u8::try_from((n * 7 + shift) % 26).unwrap_or(0));
    let word: String = (0..6).map(|at| letter(at * at * (n + 3))).collect();
    format!("qx{word}{n}zj")
}
