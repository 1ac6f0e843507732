//! Keeping up: after every commit of this process, and twenty times a second for those of other nodes.

use std::time::Duration;

use super::{Search, store};
use crate::platform::db::log;
use crate::platform::{Actor, Db, Result};

/// The change log of the synonym list.
pub(super) const SYNONYMS: &str = "synonym";

/// How often a node looks for changes that another node, or the command line, has made.
const LOOK: Duration = Duration::from_millis(50);

/// How often the wordings of unmet searches are written down.
const WRITE_UNMET: Duration = Duration::from_secs(10);

impl Search {
    /// Follows the database until the future that runs it is dropped.
    pub async fn follow(&self, db: &Db) {
        let mut commits = db.commits();
        let (mut synonyms, mut written) = (-1, tokio::time::Instant::now());
        let mut said: Option<tokio::time::Instant> = None;
        loop {
            match self.turn(db, &mut synonyms).await {
                // Said once a minute, not at every look.
                Err(error) if said.is_none_or(|at| at.elapsed() > Duration::from_secs(60)) => {
                    tracing::error!(%error, "the search index cannot follow the database");
                    said = Some(tokio::time::Instant::now());
                }
                Err(_) => {}
                Ok(()) => said = None,
            }
            if written.elapsed() > WRITE_UNMET {
                self.write_unmet(db).await;
                written = tokio::time::Instant::now();
            }
            tokio::select! {
                _ = commits.changed() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Brings every index to the newest change.
    pub async fn catch_up(&self, db: &Db) -> Result<u64> {
        let mut taken = 0;
        for engine in self.engines.values() {
            taken += engine.catch_up(db, &mut |_| {}).await?;
        }
        Ok(taken)
    }

    async fn turn(&self, db: &Db, synonyms: &mut i64) -> Result<()> {
        if Self::rebuild_is_asked(&self.folder) {
            self.rebuild(db, |_| {}).await?;
            std::fs::remove_file(self.folder.join(super::REBUILD))?;
        }
        // One statement a look; only what is behind costs more.
        let cx = db.cx(Actor::System("search"));
        let heads = log::heads(cx.conn()).await?;
        let newest = |log: &str| heads.get(log).copied().unwrap_or_default();
        for engine in self.engines.values().filter(|engine| !engine.is_level(newest(engine.kind().name()))) {
            engine.catch_up(db, &mut |_| {}).await?;
        }
        let head = newest(SYNONYMS);
        if head != *synonyms {
            self.reload_words(&cx).await?;
            *synonyms = head;
        }
        Ok(())
    }

    /// Writes down the wordings noted since the last time.
    pub async fn write_unmet(&self, db: &Db) {
        let noted = std::mem::take(&mut *self.unmet.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        if noted.is_empty() {
            return;
        }
        let write = async {
            let noted = noted.clone();
            let tx = db.write(Actor::System("search")).await?;
            let day = tx.now().date_naive();
            for ((wording, outcome), times) in noted {
                store::note_unmet(tx.conn(), day, &wording, outcome, times).await?;
            }
            tx.commit().await
        };
        if let Err(error) = write.await {
            tracing::warn!(%error, "unmet searches could not be written down");
            let mut kept = self.unmet.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            for (wording, times) in noted {
                *kept.entry(wording).or_default() += times;
            }
        }
    }
}
