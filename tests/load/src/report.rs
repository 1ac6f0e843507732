//! The figures as Markdown.

use std::fmt::Write;
use std::time::Duration;

use crate::play::Played;

/// What was measured, in the order in which it was measured.
#[derive(Default)]
pub struct Report {
    requests: String,
    once: String,
    notes: String,
}

impl Report {
    /// One kind of request. `bar` is the most CPU milliseconds it may take.
    pub fn requests(&mut self, what: &str, cache: &str, played: &Played, bar: Option<f64>) {
        let cpu = played.cpu_ms();
        // Writing to a text cannot fail.
        let _ = writeln!(
            self.requests,
            "| {what} | {cache} | {} | {:.0} | {} | {} | **{cpu:.2}** | {} | {} | {} |",
            played.players,
            played.per_second(),
            ms(played.percentile(0.5)),
            ms(played.percentile(0.99)),
            bar.map_or_else(String::new, |bar| judged(cpu, bar)),
            played.requests,
            played.errors,
        );
    }

    /// Something that is measured once.
    pub fn once(&mut self, what: &str, figure: &str) {
        let _ = writeln!(self.once, "| {what} | {figure} | |");
    }

    /// The same with the most it may be.
    pub fn once_with_bar(&mut self, what: &str, value: f64, unit: &str, detail: &str, bar: f64) {
        let value_text = if value < 10.0 { format!("{value:.2}") } else { format!("{value:.0}") };
        let _ = writeln!(self.once, "| {what} | {value_text} {unit}{detail} | {} |", judged(value, bar));
    }

    /// A sentence below the tables.
    pub fn note(&mut self, sentence: &str) {
        let _ = writeln!(self.notes, "- {sentence}");
    }

    /// Everything.
    pub fn markdown(&self, title: &str) -> String {
        format!(
            "### {title}\n\n\
             | Requests | Cache | Clients | per second | p50 ms | p99 ms | CPU ms each | Bar | measured | errors |\n\
             |---|---|---|---|---|---|---|---|---|---|\n{}\n\
             | Once | | Bar |\n|---|---|---|\n{}\n{}",
            self.requests, self.once, self.notes
        )
    }
}

fn judged(value: f64, bar: f64) -> String {
    format!("<= {bar}: {}", if value <= bar { "met" } else { "**not met**" })
}

/// Milliseconds with two figures that mean something.
pub fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    if ms < 10.0 { format!("{ms:.2}") } else { format!("{ms:.0}") }
}
