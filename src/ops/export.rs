//! `commonground export`: everything public, in one folder. Works beside a running server.

use std::path::Path;

use super::output;
use crate::app::App;
use crate::open_data::export::{self, MANIFEST};
use crate::platform::{Error, Result};

pub(super) async fn run(app: &App, folder: &Path) -> Result<()> {
    let refuse = |error: std::io::Error| Error::Conflict(format!("{} cannot be used: {error}.", folder.display()));
    std::fs::create_dir_all(folder).map_err(refuse)?;
    let empty = std::fs::read_dir(folder).map_err(refuse)?.next().is_none();
    if !empty && !folder.join(MANIFEST).is_file() {
        return Err(Error::Conflict(format!(
            "{} holds other files; give a folder that is new, empty, or holds an earlier export.",
            folder.display()
        )));
    }
    let base_url = app.config.base_url.clone().unwrap_or_else(|| format!("http://{}", app.config.listen));
    let open = app.open_data(&base_url.into())?;
    let bar = output::bar(0, "Export");
    let written = export::write(&app.db, &open, folder, |progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.done);
    })
    .await?;
    bar.finish_and_clear();
    let rows: u64 = written.iter().filter(|file| file.path.ends_with(".jsonl")).filter_map(|file| file.rows).sum();
    output::say(&format!(
        "{} with {} in {}; {MANIFEST} has their checksums.",
        output::count(written.len() + 1, "file", "files"),
        output::count(usize::try_from(rows).unwrap_or(usize::MAX), "row", "rows"),
        folder.display()
    ));
    Ok(())
}
