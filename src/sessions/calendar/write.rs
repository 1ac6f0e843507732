//! Content lines of iCalendar (RFC 5545 3.1): escaped, folded, ended with CRLF. The libraries that write them put a random
//! UID and the time of now into every part that has none, time zones among them; a feed could then never be told unchanged.

use std::fmt::Write;

/// Octets of a line, without its end.
const LINE: usize = 75;

/// A calendar being written.
#[derive(Default)]
pub struct Lines(String);

impl Lines {
    /// Opens a component.
    pub fn begin(&mut self, name: &str) {
        self.raw("BEGIN", name);
    }

    /// Closes it.
    pub fn end(&mut self, name: &str) {
        self.raw("END", name);
    }

    /// A property whose value is written as it is: times, numbers, words of the standard. `name` may carry parameters.
    pub fn raw(&mut self, name: &str, value: &str) {
        let mut line = String::with_capacity(name.len() + value.len() + 1);
        // What a line cannot hold is not a part of any value (3.1).
        line.extend(name.chars().chain([':']).chain(value.chars()).filter(|letter| !letter.is_control()));
        let mut rest = line.as_str();
        let mut room = LINE;
        while rest.len() > room {
            let cut = (0..=room).rev().find(|cut| rest.is_char_boundary(*cut)).unwrap_or(room);
            let (head, tail) = rest.split_at(cut);
            let _ = write!(self.0, "{head}\r\n ");
            rest = tail;
            // The space in front is one of them.
            room = LINE - 1;
        }
        let _ = write!(self.0, "{rest}\r\n");
    }

    /// A property of text (3.3.11).
    pub fn text(&mut self, name: &str, value: &str) {
        self.raw(name, &escaped(value));
    }

    /// A property of a list of texts.
    pub fn texts<'a>(&mut self, name: &str, values: impl Iterator<Item = &'a str>) {
        self.raw(name, &values.map(escaped).collect::<Vec<_>>().join(","));
    }

    /// What was written.
    pub fn done(self) -> String {
        self.0
    }
}

fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for letter in text.replace("\r\n", "\n").chars() {
        match letter {
            '\\' | ';' | ',' => written.extend(['\\', letter]),
            '\n' => written.push_str("\\n"),
            '\t' => written.push(' '),
            letter => written.push(letter),
        }
    }
    written
}

/// The value of a parameter, always in quotes; a quote inside has no way to be written (3.2).
pub fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('"', "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_between_letters() {
        let mut lines = Lines::default();
        lines.text("SUMMARY", &"Lectura – año ".repeat(20));
        let written = lines.done();
        assert!(written.ends_with("\r\n"));
        assert!(written.split("\r\n").all(|line| line.len() <= 75), "{written}");
        assert!(written.split("\r\n").count() > 4);
        assert_eq!(
            written.replace("\r\n ", "").trim_end(),
            format!("SUMMARY:{}", "Lectura – año ".repeat(20)).trim_end()
        );
    }

    #[test]
    fn no_text_breaks_out_of_its_line() {
        let mut lines = Lines::default();
        lines.text("SUMMARY", "a,b;c\\d\r\nEND:VEVENT\u{0}\u{7f}\rX");
        lines.raw(
            &format!("ORGANIZER;CN={}", quoted("Sam \"the\r\n boss\": \u{e9}")),
            "mailto:sam@harbor.example\r\nX:y",
        );
        assert_eq!(
            lines.done(),
            "SUMMARY:a\\,b\\;c\\\\d\\nEND:VEVENTX\r\nORGANIZER;CN=\"Sam 'the boss': \u{e9}\":mailto:sam@harbor.exampleX:y\r\n"
        );
    }
}
