//! The export of each night: a zip in the data folder that anybody can download. The last thirty days are kept.
//!
//! Every node makes its own, so that each can hand it out.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{Days, NaiveDate, NaiveTime};

use super::OpenData;
use super::export;
use crate::platform::{Db, Error, Result};

/// So long an export can be downloaded.
const KEPT: Days = Days::new(30);
/// When the export of a day is made, in UTC: evening or night where it is used.
const NIGHT: NaiveTime = match NaiveTime::from_hms_opt(6, 30, 0) {
    Some(at) => at,
    None => NaiveTime::MIN,
};
/// How often it is looked whether one is due; first after as long.
const LOOK: Duration = Duration::from_secs(60);

/// An export that can be downloaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// Its day.
    pub day: NaiveDate,
    /// The name of its file.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Works until the future that runs it is dropped.
pub async fn run(db: &Db, open: &OpenData) {
    loop {
        tokio::time::sleep(LOOK).await;
        if let Err(error) = due(db, open).await {
            tracing::error!(%error, "the nightly export cannot be made");
        }
    }
}

/// Makes the export of today where it is time for it, or where there is none at all. Says whether it made one.
pub async fn due(db: &Db, open: &OpenData) -> Result<bool> {
    let now = db.clock().now();
    let (today, known) = (now.date_naive(), archives(&open.folder)?);
    let newest = known.first().map(|archive| archive.day);
    if newest.is_some_and(|day| day >= today || now.time() < NIGHT) {
        return Ok(false);
    }
    std::fs::create_dir_all(&open.folder)?;
    let making = open.folder.join("making");
    // What a process left that was stopped in the middle.
    if making.exists() {
        std::fs::remove_dir_all(&making)?;
    }
    let pages = making.join(format!("commonground-{today}"));
    std::fs::create_dir_all(&pages)?;
    export::write(db, open, &pages, |_| {}).await?;
    let (part, whole) = (making.join("part.zip"), open.folder.join(name_of(today)));
    let packed = tokio::task::spawn_blocking({
        let part = part.clone();
        move || pack(&pages, &part)
    });
    packed.await.map_err(Error::internal)??;
    std::fs::rename(&part, &whole)?;
    std::fs::remove_dir_all(&making)?;
    for archive in known.iter().filter(|archive| archive.day + KEPT < today) {
        std::fs::remove_file(open.folder.join(&archive.name))?;
    }
    tracing::info!(file = %whole.display(), "the export of today is made");
    Ok(true)
}

/// The exports that can be downloaded, newest first.
pub fn archives(folder: &Path) -> Result<Vec<Archive>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(day) = day_of(&name) {
            found.push(Archive { day, name, bytes: entry.metadata()?.len() });
        }
    }
    found.sort_unstable_by_key(|archive| std::cmp::Reverse(archive.day));
    Ok(found)
}

/// The file of an export by its name; `None` for what is no export.
pub fn file(folder: &Path, name: &str) -> Option<PathBuf> {
    let path = folder.join(day_of(name).map(name_of)?);
    path.is_file().then_some(path)
}

fn name_of(day: NaiveDate) -> String {
    format!("commonground-{day}.zip")
}

fn day_of(name: &str) -> Option<NaiveDate> {
    let day = name.strip_prefix("commonground-")?.strip_suffix(".zip")?.parse().ok()?;
    (name_of(day) == name).then_some(day)
}

/// Packs the files of a folder, in the order of their names, under the folder's own name.
fn pack(folder: &Path, into: &Path) -> Result<()> {
    let mut names: Vec<String> = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<_>>()?;
    names.sort_unstable();
    let inside = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut zip = zip::ZipWriter::new(File::create(into)?);
    let options = zip::write::SimpleFileOptions::default().large_file(true);
    for name in names {
        zip.start_file(format!("{inside}/{name}"), options).map_err(Error::internal)?;
        std::io::copy(&mut File::open(folder.join(&name))?, &mut zip)?;
    }
    zip.finish().map_err(Error::internal)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_exports_lead_to_a_file() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["commonground-2026-10-13.zip", "commonground-2026-10-14.zip", "secret", "commonground-x.zip"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        let names: Vec<String> = archives(folder.path()).unwrap().into_iter().map(|archive| archive.name).collect();
        assert_eq!(names, ["commonground-2026-10-14.zip", "commonground-2026-10-13.zip"]);
        assert!(file(folder.path(), "commonground-2026-10-14.zip").is_some());
        for other in
            ["secret", "../secret", "commonground-x.zip", "commonground-2026-10-15.zip", "commonground-2026-1-4.zip"]
        {
            assert_eq!(file(folder.path(), other), None, "{other}");
        }
        assert_eq!(archives(&folder.path().join("none")).unwrap(), []);
    }
}
