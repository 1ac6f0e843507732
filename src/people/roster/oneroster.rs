//! OneRoster 1.2 (and 1.1) in its CSV binding: `manifest.csv`, `orgs.csv`, `roles.csv`, `users.csv`. Nothing else of the
//! bundle is opened: no classes, no enrollments, no demographics.
//!
//! Roles are read before people, so that of somebody who is not staff only the id is ever looked at.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use chrono::NaiveDate;
use csv::StringRecord;

use super::{Entry, Line, Meaning, Roster, meaning, person, tidy};
use crate::platform::{Error, Result, Role};

/// Where the files of a bundle are.
pub trait Files {
    /// A file of the bundle; `None` where it is not in it.
    fn file(&mut self, name: &str) -> Result<Option<Box<dyn Read + '_>>>;
}

/// A role of a member of the staff, as the bundle has it.
struct StaffRole {
    line: Line,
    role: Role,
    org: String,
    ends: bool,
}

/// What the bundle says about people's roles.
#[derive(Default)]
struct Roles {
    staff: HashMap<String, Vec<StaffRole>>,
    /// Ids of students, so that one who also helps out is refused all the same.
    students: HashSet<String>,
}

/// Reads a bundle; roles that ended before `today` are no longer roles.
///
/// # Errors
/// `Conflict` when it is not a bundle we can read.
pub fn read(files: &mut impl Files, today: NaiveDate) -> Result<Roster> {
    let (version, listed) = manifest(files)?;
    if !["1.2", "1.1", "1.2.1"].contains(&version.as_str()) {
        return Err(Error::Conflict("The manifest.csv names a version of OneRoster other than 1.2 or 1.1.".to_owned()));
    }
    let mut roster = Roster::default();
    let orgs = orgs(files, &mut roster)?;
    let mut roles = Roles::default();
    let apart = listed.get("file.roles").is_some_and(|how| how != "absent");
    if apart {
        read_roles(files, today, &mut roles, &mut roster)?;
    }
    read_users(files, apart, &orgs, roles, &mut roster)?;
    Ok(roster)
}

fn manifest(files: &mut impl Files) -> Result<(String, HashMap<String, String>)> {
    let mut listed = HashMap::new();
    let found = rows(files, "manifest.csv", &["propertyName", "value"], |_, row| {
        listed.insert(row.get(0).trim().to_owned(), row.get(1).trim().to_lowercase());
    })?;
    if !found {
        return Err(Error::Conflict("There is no manifest.csv, so this is no OneRoster bundle.".to_owned()));
    }
    Ok((listed.get("oneroster.version").cloned().unwrap_or_default(), listed))
}

/// How schools are named, by their id in the bundle; districts and others have no entry.
fn orgs(files: &mut impl Files, roster: &mut Roster) -> Result<HashMap<String, Vec<String>>> {
    let mut schools = HashMap::new();
    let columns = ["sourcedId", "type", "identifier", "name"];
    let found = rows(files, "orgs.csv", &columns, |_, row| {
        if row.get(1).trim().eq_ignore_ascii_case("school") {
            // The federal number is written as identifier, and by some as the id itself.
            let named: Vec<String> = [row.get(2), row.get(0), row.get(3)].map(tidy).into();
            let named: Vec<String> = named.into_iter().filter(|name| !name.is_empty()).collect();
            schools.insert(row.get(0).trim().to_owned(), named);
        }
    })?;
    if !found {
        return Err(Error::Conflict("There is no orgs.csv, so nobody knows which schools are meant.".to_owned()));
    }
    roster.schools = schools.values().cloned().collect();
    Ok(schools)
}

fn read_roles(files: &mut impl Files, today: NaiveDate, roles: &mut Roles, roster: &mut Roster) -> Result<()> {
    let columns = ["role", "userSourcedId", "orgSourcedId", "status", "endDate"];
    let found = rows(files, "roles.csv", &columns, |line, row| {
        let role = meaning(row.get(0));
        let user = row.get(1).trim();
        let ends = row.get(3).trim().eq_ignore_ascii_case("tobedeleted");
        match role {
            Meaning::Student if !ends => {
                roles.students.insert(user.to_owned());
            }
            Meaning::Student | Meaning::Family => {}
            Meaning::Elsewhere => {
                roster.bad.push((line, "A role at a district is not imported; invite the person.".to_owned()));
            }
            Meaning::Unknown => roster.bad.push((line, "The role is none of OneRoster's.".to_owned())),
            Meaning::Staff(role) => {
                let over = row.get(4).trim().parse::<NaiveDate>().is_ok_and(|end| end < today);
                if over && !ends {
                    return;
                }
                let org = row.get(2).trim().to_owned();
                roles.staff.entry(user.to_owned()).or_default().push(StaffRole { line, role, org, ends });
            }
        }
    })?;
    if found {
        Ok(())
    } else {
        Err(Error::Conflict("The manifest.csv names roles.csv, and it is not there.".to_owned()))
    }
}

fn read_users(
    files: &mut impl Files,
    apart: bool,
    orgs: &HashMap<String, Vec<String>>,
    mut roles: Roles,
    roster: &mut Roster,
) -> Result<()> {
    let columns = [
        "sourcedId",
        "status",
        "enabledUser",
        "email",
        "givenName",
        "familyName",
        "preferredGivenName",
        "preferredFamilyName",
        // OneRoster 1.1 has these here.
        "role",
        "orgSourcedIds",
    ];
    let found = rows(files, "users.csv", &columns, |line, row| {
        let id = row.get(0).trim();
        let held = if apart { roles.staff.remove(id).unwrap_or_default() } else { held_in_1_1(&line, row) };
        if held.is_empty() || roles.students.contains(id) {
            roster.refused += 1;
            return;
        }
        let gone = row.get(1).trim().eq_ignore_ascii_case("tobedeleted");
        if row.get(2).trim().eq_ignore_ascii_case("false") && !gone {
            roster.bad.push((line, "The person is switched off in the bundle.".to_owned()));
            return;
        }
        let or = |first: usize, second: usize| {
            Some(row.get(first)).filter(|text| !text.trim().is_empty()).unwrap_or(row.get(second)).to_owned()
        };
        let (email, name) = match person(row.get(3), &format!("{} {}", or(6, 4), or(7, 5))) {
            Ok(person) => person,
            Err(errors) => {
                roster.bad.push((line, errors.to_string()));
                return;
            }
        };
        if gone {
            roster.gone.push((line, email));
            return;
        }
        for role in held {
            let Some(school) = orgs.get(&role.org) else {
                roster.bad.push((role.line, "The role's org is no school of orgs.csv.".to_owned()));
                continue;
            };
            let list = if role.ends { &mut roster.ends } else { &mut roster.holds };
            let (email, name) = (email.clone(), name.clone());
            list.push(Entry { line: role.line, email, name, role: role.role, school: school.clone() });
        }
    })?;
    if !found {
        return Err(Error::Conflict("There is no users.csv, so there is nobody to import.".to_owned()));
    }
    let left = roles.staff.into_values().flatten();
    roster.bad.extend(left.map(|role| (role.line, "The role's person is not in users.csv.".to_owned())));
    Ok(())
}

/// Roles of a row of 1.1, where they stand with the person.
fn held_in_1_1(line: &Line, row: &Row<'_>) -> Vec<StaffRole> {
    let Meaning::Staff(role) = meaning(row.get(8)) else { return Vec::new() };
    let orgs = row.get(9).split(',').map(str::trim).filter(|org| !org.is_empty());
    orgs.map(|org| StaffRole { line: line.clone(), role, org: org.to_owned(), ends: false }).collect()
}

/// A row, by the columns asked for.
struct Row<'a> {
    record: &'a StringRecord,
    places: &'a [Option<usize>],
}

impl Row<'_> {
    /// The cell of a column by its place among those asked for; empty where the file has none.
    fn get(&self, column: usize) -> &str {
        self.places[column].and_then(|at| self.record.get(at)).unwrap_or_default()
    }
}

/// Walks through a file of the bundle; `false` where it is not in it.
fn rows(files: &mut impl Files, name: &str, columns: &[&str], mut each: impl FnMut(Line, &Row<'_>)) -> Result<bool> {
    let Some(file) = files.file(name)? else { return Ok(false) };
    let unreadable = || Error::Conflict(format!("{name} is not CSV in UTF-8."));
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let header = reader.headers().map_err(|_| unreadable())?.clone();
    let place = |name: &&str| header.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
    let places: Vec<Option<usize>> = columns.iter().map(place).collect();
    if places[0].is_none() {
        return Err(Error::Conflict(format!("{name} has no column {}.", columns[0])));
    }
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|_| unreadable())? {
        let line = format!("{name}, line {}", record.position().map_or(0, csv::Position::line));
        each(line, &Row { record: &record, places: &places });
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bundle(Vec<(&'static str, String)>);

    impl Files for Bundle {
        fn file(&mut self, name: &str) -> Result<Option<Box<dyn Read + '_>>> {
            let found = self.0.iter().find(|(known, _)| *known == name);
            Ok(found.map(|(_, text)| Box::new(text.as_bytes()) as Box<dyn Read>))
        }
    }

    fn bundle(users: &str, roles: Option<&str>) -> Bundle {
        let how = if roles.is_some() { "bulk" } else { "absent" };
        let manifest = format!("propertyName,value\noneroster.version,1.2\nfile.roles,{how}\nfile.users,bulk\n");
        let orgs = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n\
            o1,,,Quillwater Charter School,school,360012300456,d1\nd1,,,District,district,,\n";
        let mut files =
            vec![("manifest.csv", manifest), ("orgs.csv", orgs.to_owned()), ("users.csv", users.to_owned())];
        files.extend(roles.map(|roles| ("roles.csv", roles.to_owned())));
        Bundle(files)
    }

    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 10, 14).unwrap();

    const USERS: &str = "sourcedId,status,dateLastModified,enabledUser,username,givenName,familyName,email,preferredGivenName\n\
        u1,,,true,x,Augusta,Quill,ada@school.org,Ada\n\
        u2,,,true,x,Kid,Secret,kid@school.org,\n\
        u3,,,true,x,Helper,Secret,helper@school.org,\n\
        u4,,,true,x,Mom,Secret,mom@school.org,\n\
        u5,,,false,x,Dan,Off,dan@school.org,\n\
        u6,tobedeleted,,true,x,Eve,Gone,eve@school.org,\n";

    #[test]
    fn staff_is_read_and_nobody_else() {
        let roles = "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\n\
            r1,,,u1,primary,teacher,,,o1\nr2,,,u1,secondary,parent,,,o1\nr3,,,u2,primary,student,,,o1\n\
            r4,,,u3,primary,student,,,o1\nr5,,,u3,secondary,aide,,,o1\nr6,,,u4,primary,guardian,,,o1\n\
            r7,,,u5,primary,teacher,,,o1\nr8,,,u6,primary,teacher,,,o1\nr9,,,u9,primary,teacher,,,o1\n\
            r10,,,u1,secondary,principal,,2025-06-30,o1\nr11,tobedeleted,,u1,secondary,principal,,,o1\n\
            r12,,,u1,secondary,aide,,,d1\n";
        let roster = read(&mut bundle(USERS, Some(roles)), TODAY).unwrap();
        assert_eq!(roster.refused, 3);
        let [ada] = roster.holds.as_slice() else { panic!("{roster:?}") };
        assert_eq!((ada.name.as_str(), ada.role, ada.school[0].as_str()), ("Ada Quill", Role::Teacher, "360012300456"));
        assert_eq!((roster.ends.len(), roster.ends[0].role), (1, Role::Principal));
        assert_eq!(roster.gone.len(), 1);
        let lines: Vec<&str> = roster.bad.iter().map(|(line, _)| line.as_str()).collect();
        assert_eq!(lines, ["roles.csv, line 13", "users.csv, line 6", "roles.csv, line 10"]);
        assert!(!format!("{roster:?}").contains("Secret"));
    }

    #[test]
    fn version_1_1_has_roles_with_people() {
        let users = "sourcedId,status,enabledUser,orgSourcedIds,role,givenName,familyName,email\n\
            u1,,true,\"o1,d1\",teacher,Ada,Quill,ada@school.org\nu2,,true,o1,student,Kid,Secret,kid@school.org\n";
        let roster = read(&mut bundle(users, None), TODAY).unwrap();
        assert_eq!((roster.holds.len(), roster.refused, roster.bad.len()), (1, 1, 1));
    }

    #[test]
    fn no_bundle_is_told_so() {
        assert!(read(&mut Bundle(Vec::new()), TODAY).unwrap_err().to_string().contains("manifest.csv"));
    }
}
