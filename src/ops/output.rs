//! The terminal: results on stdout, refusals and progress on stderr.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A line of a result.
pub fn say(line: &str) {
    // A closed pipe (`| head`) is the reader's choice and no failure of ours.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// One sentence that says why not.
pub fn refuse(sentence: &str) {
    let _ = writeln!(std::io::stderr(), "{sentence}");
}

/// A bar over `total` steps; without a terminal nothing is drawn.
pub fn bar(total: u64, what: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = "{msg} [{bar:32}] {human_pos} of {human_len}, {eta} left";
    let bar = ProgressBar::new(total).with_message(what);
    bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// "1 school", "12 schools".
pub fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}
