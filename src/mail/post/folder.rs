//! Letters as files: how an installation without a mail server keeps them, and where the demo reads them.

use std::io::Write;
use std::path::PathBuf;

use crate::mail::letter::LetterId;
use crate::mail::outcome::Outcome;
use crate::mail::post::Parcel;
use crate::platform::{Config, Timestamp};

/// The folder `mail` of the data folder: one `.eml` for each letter.
#[derive(Clone, Debug)]
pub struct Mailbox(PathBuf, Option<super::Stamp>);

impl Mailbox {
    /// The one of an installation.
    pub fn of(config: &Config) -> Self {
        Self(super::folder(&config.data), None)
    }

    /// The same, with what every letter gets on its way out.
    pub(super) fn stamping(self, stamp: super::Stamp) -> Self {
        Self(self.0, Some(stamp))
    }

    /// What every letter gets on its way out.
    pub(super) fn stamp(&self) -> Option<&super::Stamp> {
        self.1.as_ref()
    }

    /// The letter's file: by time and id, so that a second delivery of a letter lands on the first.
    pub(in crate::mail) fn file(&self, id: LetterId, created_at: Timestamp) -> PathBuf {
        self.0.join(format!("{}-{id}.eml", name_of(created_at)))
    }

    /// The letter as it was laid in; `None` where it was not.
    pub(in crate::mail) async fn read(&self, id: LetterId, created_at: Timestamp) -> Option<Vec<u8>> {
        tokio::fs::read(self.file(id, created_at)).await.ok()
    }

    /// Removes letters that were written before a moment.
    pub(in crate::mail) async fn forget(&self, before: Timestamp) -> std::io::Result<()> {
        let before = name_of(before);
        let mut entries = match tokio::fs::read_dir(&self.0).await {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        while let Some(entry) = entries.next_entry().await? {
            let name = entry.file_name();
            let ours = name.to_str().is_some_and(|name| name.ends_with(".eml") && *name < *before);
            if ours {
                tokio::fs::remove_file(entry.path()).await?;
            }
        }
        Ok(())
    }

    /// Makes the folder. Letters hold links that act for whoever has them: it is for the owner alone.
    pub(super) fn make(&self) -> Result<(), String> {
        use std::os::unix::fs::DirBuilderExt;
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0);
        made.map_err(|e| format!("The folder {} cannot be made: {e}.", self.0.display()))
    }

    /// Lays a letter in: under another name first, so that a half-written one is never read.
    pub(super) async fn lay_in(&self, parcel: &Parcel<'_>) -> Outcome {
        let file = self.file(parcel.id, parcel.created_at);
        let message = parcel.message.to_vec();
        let written = tokio::task::spawn_blocking(move || {
            let part = file.with_extension("part");
            let mut half = std::fs::File::create(&part)?;
            half.write_all(&message)?;
            half.sync_all()?;
            std::fs::rename(&part, &file)
        });
        match written.await {
            Ok(Ok(())) => Outcome::Sent,
            Ok(Err(error)) => Outcome::Retry(format!("The file cannot be written: {error}.")),
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }
}

/// How a name begins: by its letters, names are in the order of time.
fn name_of(at: Timestamp) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}
