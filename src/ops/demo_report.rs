//! What Rivermark's teachers searched for and did not find: needs that nobody has met yet.

use chrono::TimeDelta;

use crate::app::App;
use crate::platform::{Actor, Result};
use crate::search;

/// Wording, how many days ago, how often.
const SEARCHES: [(&str, i64, i32); 9] = [
    ("release time for coaching when no substitutes come", 12, 4),
    ("shared bus route two schools", 19, 2),
    ("american sign language club", 26, 3),
    ("release time for coaching when no substitutes come", 47, 3),
    ("report cards in arabic", 54, 2),
    ("shared bus route two schools", 71, 1),
    ("night school parents algebra", 83, 2),
    ("american sign language club", 96, 1),
    ("report cards in arabic", 118, 2),
];

/// Writes them down as the search does.
pub(super) async fn seed_searches(app: &App) -> Result<()> {
    let tx = app.db.write(Actor::System("demo")).await?;
    let today = tx.now().date_naive();
    for (wording, ago, times) in SEARCHES {
        search::note_unmet(&tx, today - TimeDelta::days(ago), wording, times).await?;
    }
    tx.commit().await
}
