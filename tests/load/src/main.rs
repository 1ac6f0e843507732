//! Measures the search of Common Ground, and two rivals on the same documents: `tests/load/search` starts it.

mod corpus;
mod database;
mod http;
mod play;
mod proc;
mod product;
mod report;
mod rivals;
mod search;
mod visible;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Measures search over a corpus; prints tables in Markdown.
#[derive(Parser)]
#[command(name = "load")]
pub struct Arguments {
    /// The program to measure
    #[arg(long)]
    program: PathBuf,
    /// Documents, one JSON object a line
    #[arg(long)]
    corpus: PathBuf,
    /// Queries, one JSON list
    #[arg(long)]
    queries: PathBuf,
    /// Documents to take, from the first
    #[arg(long, default_value_t = 100_000)]
    documents: usize,
    /// An empty folder for everything that is made
    #[arg(long)]
    folder: PathBuf,
    /// An empty PostgreSQL database to compare with
    #[arg(long)]
    postgres: Option<String>,
    /// Without SQLite FTS5
    #[arg(long)]
    no_sqlite: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // One thread: the processors belong to what is measured.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let done = runtime.map_err(Into::into).and_then(|runtime| {
        runtime.block_on(async {
            tokio::select! {
                done = search::measure(&arguments) => done,
                () = asked_to_stop() => Err("stopped".into()),
            }
        })
    });
    match done.and_then(|text| Ok(std::io::stdout().write_all(text.as_bytes())?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("load: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Ready when somebody wants an end; what was started ends with the values that hold it.
async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// Says how far it is.
fn say(text: &str) {
    // Nobody may be listening.
    let _ = writeln!(std::io::stderr(), "{text}");
}
