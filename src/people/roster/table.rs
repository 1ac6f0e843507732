//! The people file: CSV with the columns email, name, role, school.

use std::collections::HashSet;
use std::io::Read;

use super::{Entry, Meaning, Roster, meaning, person, tidy};
use crate::platform::{Error, Result};

const COLUMNS: [&str; 4] = ["email", "name", "role", "school"];

/// Reads the people file. The role of a row is read first: a student's or a family's row ends there.
///
/// # Errors
/// `Conflict` when the header is not the one wanted; a bad row is no error but a line of the report.
pub fn read(file: impl Read) -> Result<Roster> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let header = reader.headers().map_err(|_| Error::Conflict("The file is not CSV in UTF-8.".to_owned()))?.clone();
    let place = |name: &str| header.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
    let places = COLUMNS.map(place);
    let [Some(email), Some(name), Some(role), Some(school)] = places else {
        return Err(Error::Conflict(format!("The file's first line has to name the columns {}.", COLUMNS.join(", "))));
    };
    let mut roster = Roster::default();
    let mut seen = HashSet::new();
    for (row, record) in reader.into_records().enumerate() {
        let Ok(record) = record else {
            roster.bad.push((format!("line {}", row + 2), "The line is not UTF-8 text.".to_owned()));
            continue;
        };
        let line = format!("line {}", record.position().map_or(row as u64 + 2, csv::Position::line));
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let role = match meaning(cell(role)) {
            Meaning::Student | Meaning::Family => {
                roster.refused += 1;
                continue;
            }
            Meaning::Staff(role) => role,
            Meaning::Elsewhere | Meaning::Unknown => {
                roster.bad.push((line, "role: Give teacher, principal, delegate or organizer.".to_owned()));
                continue;
            }
        };
        let school = tidy(cell(school));
        if school.is_empty() {
            roster.bad.push((line, "school: Give its federal number, its short name, its id or its name.".to_owned()));
            continue;
        }
        match person(cell(email), cell(name)) {
            Err(errors) => roster.bad.push((line, errors.to_string())),
            Ok((email, _)) if !seen.insert((email.clone(), role, school.clone())) => {
                roster.bad.push((line, "The same role stands on an earlier line too.".to_owned()));
            }
            Ok((email, name)) => roster.holds.push(Entry { line, email, name, role, school: vec![school] }),
        }
    }
    Ok(roster)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Role;

    #[test]
    fn good_rows_bad_rows_and_refused_ones() {
        let file = "\u{feff}Email,NAME,role,school,more\n\
            Ada@School.org,Ada  Quill,Teacher,010000500001,x\n\
            kid@school.org,Kid Secret,student,010000500001,x\n\
            mom@school.org,Mom Secret,Parent,010000500001\n\
            nobody,Ben,teacher,010000500001\n\
            cleo@school.org,Cleo,wizard,010000500001\n\
            dan@school.org,Dan,principal,\n\
            ada@school.org,Ada,teacher,010000500001\n";
        let roster = read(file.as_bytes()).unwrap();
        assert_eq!(roster.refused, 2);
        let [ada] = roster.holds.as_slice() else { panic!("{roster:?}") };
        assert_eq!((ada.email.as_str(), ada.name.as_str(), ada.role), ("ada@school.org", "Ada Quill", Role::Teacher));
        let lines: Vec<&str> = roster.bad.iter().map(|(line, _)| line.as_str()).collect();
        assert_eq!(lines, ["line 5", "line 6", "line 7", "line 8"]);
        assert!(!format!("{roster:?}").contains("Secret"));
    }

    #[test]
    fn another_file_is_refused() {
        assert!(read("a,b\n1,2\n".as_bytes()).is_err());
    }
}
