//! The export: a folder with every table as CSV and as JSON Lines, a data dictionary that programs read
//! (`datapackage.json`, Frictionless) and one that people read (`README.md`), and a manifest with the SHA-256 of each file.
//!
//! Tables are written piece by piece, so that a large catalog needs no more memory than a small one, and beside a running
//! server: each piece is one moment, not the whole.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use data_encoding::HEXLOWER;
use serde::Serialize;
use serde_json::{Value, json};

use super::OpenData;
use super::exported::{Exported, Table, cell};
use crate::platform::vocabulary::License;
use crate::platform::{Actor, Cx, Db, Error, Result};

/// The manifest's name: a folder that holds one may be written over.
pub const MANIFEST: &str = "manifest.json";

/// One file that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Its name.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// Rows of a table, without the head.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Steps done.
    pub done: u64,
    /// Steps in all, as counted when it began.
    pub total: u64,
}

/// Writes everything public into `folder`, which is there and empty or holds an earlier export. Says what was written.
pub async fn write(
    db: &Db,
    open: &OpenData,
    folder: &Path,
    mut told: impl FnMut(Progress) + Send,
) -> Result<Vec<Written>> {
    // What anybody may read, and nothing else.
    let cx = db.cx(Actor::Visitor);
    let mut progress = Progress { done: 0, total: 0 };
    for table in open.exported.iter() {
        progress.total += table.count(&cx).await?;
    }
    told(progress);
    let (mut files, mut tables) = (Vec::new(), Vec::new());
    for exported in open.exported.iter() {
        let table = exported.table();
        let written = table_files(&cx, exported.as_ref(), &table, folder, &mut |steps| {
            progress.done += steps;
            told(progress);
        })
        .await?;
        files.extend(written.iter().cloned());
        tables.push((table, written));
    }
    let made_at = cx.now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    files.push(whole(folder, "datapackage.json", pretty(&package(open, &tables, &made_at))?.as_bytes())?);
    files.push(whole(folder, "README.md", readme(open, &tables, &made_at).as_bytes())?);
    let manifest = json!({
        "made_at": made_at,
        "from": &*open.base_url,
        "program": concat!("Common Ground ", env!("CARGO_PKG_VERSION")),
        "files": files,
    });
    whole(folder, MANIFEST, pretty(&manifest)?.as_bytes())?;
    Ok(files)
}

/// Both files of a table.
async fn table_files(
    cx: &Cx,
    exported: &dyn Exported,
    table: &Table,
    folder: &Path,
    told: &mut (dyn FnMut(u64) + Send),
) -> Result<Vec<Written>> {
    let (csv_name, lines_name) = (format!("{}.csv", table.name), format!("{}.jsonl", table.name));
    let (mut cells, mut lines) = (Summed::create(folder, &csv_name)?, Summed::create(folder, &lines_name)?);
    let head = csv_lines(|csv| csv.write_record(table.fields.iter().map(|field| field.name)))?;
    cells.put(&head)?;
    let (mut after, mut rows) = (None, 0);
    loop {
        let piece = exported.piece(cx, after.as_deref()).await?;
        for row in &piece.rows {
            if let Some(unknown) = row.keys().find(|key| !table.fields.iter().any(|field| field.name == key.as_str())) {
                return Err(Error::Internal(format!("the table {} has no field {unknown}", table.name)));
            }
            let mut line = serde_json::to_vec(row).map_err(Error::internal)?;
            line.push(b'\n');
            lines.put(&line)?;
        }
        let records = csv_lines(|csv| {
            piece
                .rows
                .iter()
                .try_for_each(|row| csv.write_record(table.fields.iter().map(|field| cell(row.get(field.name)))))
        })?;
        cells.put(&records)?;
        rows += piece.rows.len() as u64;
        told(piece.steps);
        after = piece.next;
        if after.is_none() {
            break;
        }
    }
    Ok(vec![cells.end(&csv_name, Some(rows))?, lines.end(&lines_name, Some(rows))?])
}

fn csv_lines(write: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>) -> Result<Vec<u8>> {
    let mut csv = crate::platform::cells::writer();
    write(&mut csv).map_err(Error::internal)?;
    csv.into_inner().map_err(Error::internal)
}

fn pretty(value: &Value) -> Result<String> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(Error::internal)
}

/// A small file, at once.
fn whole(folder: &Path, name: &str, bytes: &[u8]) -> Result<Written> {
    let mut file = Summed::create(folder, name)?;
    file.put(bytes)?;
    file.end(name, None)
}

/// A file whose bytes are counted and summed up on their way.
struct Summed {
    file: BufWriter<File>,
    sum: ring::digest::Context,
    bytes: u64,
}

impl Summed {
    fn create(folder: &Path, name: &str) -> Result<Self> {
        let path = folder.join(name);
        let file = File::create(&path)
            .map_err(|error| Error::Conflict(format!("{} cannot be written: {error}.", path.display())))?;
        Ok(Self { file: BufWriter::new(file), sum: ring::digest::Context::new(&ring::digest::SHA256), bytes: 0 })
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.sum.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|error| Error::Conflict(format!("The export cannot be written: {error}.")))
    }

    fn end(self, name: &str, rows: Option<u64>) -> Result<Written> {
        let failed = |error: std::io::Error| Error::Conflict(format!("The export cannot be written: {error}."));
        let file = self.file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        let sha256 = HEXLOWER.encode(self.sum.finish().as_ref());
        Ok(Written { path: name.to_owned(), bytes: self.bytes, sha256, rows })
    }
}

/// The dictionary for programs: a Data Package whose resources are the tables.
fn package(open: &OpenData, tables: &[(Table, Vec<Written>)], made_at: &str) -> Value {
    let license = License::default();
    let resource = |table: &Table, file: &Written| {
        let tabular = file.path.ends_with(".csv");
        let fields: Vec<Value> = table
            .fields
            .iter()
            .map(|field| {
                // Moments are RFC 3339 with a fraction where there is one.
                let format = if field.kind == super::exported::Kind::Moment { "any" } else { "default" };
                json!({ "name": field.name, "type": field.kind.code(), "format": format, "description": field.says })
            })
            .collect();
        let name = if tabular { table.name.to_owned() } else { format!("{}-lines", table.name) };
        json!({
            "name": name.replace('_', "-"),
            "title": table.title,
            "description": table.says,
            "path": file.path,
            "profile": if tabular { "tabular-data-resource" } else { "data-resource" },
            "format": if tabular { "csv" } else { "jsonl" },
            "mediatype": if tabular { "text/csv" } else { "application/jsonl" },
            "encoding": "utf-8",
            "bytes": file.bytes,
            "hash": format!("sha256:{}", file.sha256),
            "schema": { "fields": fields, "primaryKey": table.key, "missingValues": [""] },
        })
    };
    let resources: Vec<Value> =
        tables.iter().flat_map(|(table, files)| files.iter().map(move |file| resource(table, file))).collect();
    json!({
        "profile": "data-package",
        "name": "common-ground",
        "title": "Common Ground: everything public",
        "homepage": &*open.base_url,
        "created": made_at,
        "licenses": [{ "name": license.label().replace(' ', "-"), "path": license.url(), "title": license.label() }],
        "contributors": [{ "title": open.host(), "role": "publisher" }],
        "resources": resources,
    })
}

/// The dictionary for people.
fn readme(open: &OpenData, tables: &[(Table, Vec<Written>)], made_at: &str) -> String {
    let license = License::default();
    let mut text = format!(
        "# Common Ground: everything public\n\nWritten on {made_at} from {base}.\n\n\
         Each table is there twice: as CSV (RFC 4180, UTF-8, a head line, lines end with CR LF) and as JSON Lines (one JSON \
         object a line). The rows are the same. In CSV an empty cell is not known, lists and objects are JSON, and a text that \
         a spreadsheet would take for a formula begins with an apostrophe that does not belong to it; programs better read the \
         JSON Lines.\n\n\
         `datapackage.json` tells programs the same (Frictionless Data Package). `{MANIFEST}` has the size and the SHA-256 of \
         each file.\n\n\
         ## Licence\n\nA practice carries its own licence in `license`; where nothing else is said it is {label} ({url}): name \
         the school and link to the page. Facts of schools come from public files, named in `facts_from`.\n\n\
         ## What is not here\n\nNobody's name, address, sign-in, seat, search or saved practice, no drafts, no letters, and nothing \
         about a student. Of a practice that was taken out of the catalog only the reason stays.\n\n\
         Questions: {contact}\n",
        base = open.base_url,
        label = license.label(),
        url = license.url(),
        contact = open.contact,
    );
    for (table, files) in tables {
        let rows = files.first().and_then(|file| file.rows).unwrap_or_default();
        text.push_str(&format!(
            "\n## {}\n\n{} {rows} row{}, in `{name}.csv` and `{name}.jsonl`; one is told from others by {}.\n\n\
             | Field | Holds | Says |\n|---|---|---|\n",
            table.title,
            table.says,
            if rows == 1 { "" } else { "s" },
            table.key.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", "),
            name = table.name,
        ));
        for field in &table.fields {
            text.push_str(&format!("| `{}` | {} | {} |\n", field.name, field.kind.code(), field.says));
        }
    }
    text
}
