//! Rosters: staff comes in from CSV and OneRoster; of students and families nothing is kept anywhere.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use commonground::mail::Email;
use commonground::people::membership::{self, MembershipState};
use commonground::people::roster::{self, Options, Roster, RosterReport};
use commonground::people::{self, AccountState};
use commonground::platform::{Actor, Error, Grant, Role};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tempfile::TempDir;

use crate::support::{SCHOOLS_HEADER, TestApp, both_engines};

fn school(number: u32, name: &str) -> String {
    format!("3600123{number:05},3600123,{name},Rivermark City,Rivermark,NY,Kindergarten,5,Y,CCD,1-Regular,,300,,")
}

async fn schools(test: &TestApp) {
    let rows = [
        school(1, "Quillwater Charter School"),
        school(2, "Tamsin Row Elementary"),
        school(3, "Twin"),
        school(4, "Twin"),
    ];
    test.import_schools(&rows.each_ref().map(String::as_str)).await;
}

fn csv(rows: &str) -> Roster {
    roster::table::read(format!("email,name,role,school\n{rows}").as_bytes()).unwrap()
}

async fn import(test: &TestApp, roster: Roster, options: Options) -> Result<RosterReport, Error> {
    let head = test.app.letterhead(&test.base.as_str().into()).unwrap();
    roster::import(test.db(), &head, roster, options, |_| {}).await
}

async fn counts(test: &TestApp, roster: Roster) -> (usize, usize, usize, usize, usize) {
    let report = import(test, roster, Options::default()).await.unwrap();
    (report.added, report.changed, report.unchanged, report.ended, report.bad.len())
}

async fn account(test: &TestApp, email: &str) -> Option<people::Account> {
    let cx = test.db().cx(Actor::System("test"));
    people::account::account_of(&cx, &Email::parse(email).unwrap()).await.unwrap()
}

/// Roles of an address as `role/state/verified_by`.
async fn roles(test: &TestApp, email: &str) -> Vec<String> {
    let Some(account) = account(test, email).await else { return Vec::new() };
    let cx = test.db().cx(Actor::System("test"));
    let all = membership::memberships_of(&cx, account.id).await.unwrap();
    all.iter().map(|m| format!("{}/{}/{}", m.grant.role.code(), m.state.code(), m.verified_by.code())).collect()
}

/// Everything that stands in the database, as one text.
async fn everything(test: &TestApp) -> String {
    tables(test, &[]).await
}

/// The same without what the running program writes beside the import, at a moment of its own: seals of events, jobs, and
/// drafts of digests that begin with the month.
async fn everything_imported(test: &TestApp) -> String {
    tables(test, &["event_seal", "event_seal_head", "job", "digest"]).await
}

async fn tables(test: &TestApp, without: &[&str]) -> String {
    let cx = test.db().cx(Actor::System("test"));
    let backend = cx.conn().get_database_backend();
    let names = match backend {
        DbBackend::Sqlite => "SELECT name AS name FROM sqlite_master WHERE type = 'table'",
        _ => "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
    };
    let mut text = String::new();
    for table in cx.conn().query_all_raw(Statement::from_string(backend, names)).await.unwrap() {
        let table: String = table.try_get("", "name").unwrap();
        if without.contains(&table.as_str()) {
            continue;
        }
        let columns = match backend {
            DbBackend::Sqlite => format!("SELECT name AS name FROM pragma_table_info('{table}')"),
            _ => format!("SELECT column_name AS name FROM information_schema.columns WHERE table_name = '{table}'"),
        };
        let columns = cx.conn().query_all_raw(Statement::from_string(backend, columns)).await.unwrap();
        for column in columns {
            let column: String = column.try_get("", "name").unwrap();
            let sql = format!(r#"SELECT CAST("{column}" AS TEXT) AS cell FROM "{table}""#);
            for row in cx.conn().query_all_raw(Statement::from_string(backend, sql)).await.unwrap() {
                let cell: Option<String> = row.try_get("", "cell").unwrap_or_default();
                text.push_str(&cell.unwrap_or_default());
                text.push('\n');
            }
        }
    }
    text
}

const STAFF: &str = "ada@rps.example,Ada Quill,Teacher,360012300001\n\
    prina@rps.example,Prina Hale,principal,Quillwater Charter School\n\
    ben@rps.example,Ben Ode,staff,tamsin-row-elementary-rivermark-ny\n\
    ada@rps.example,Ada Quill,organizer,360012300002\n";

both_engines! {
    async fn staff_comes_in_and_the_second_time_changes_nothing(test: TestApp) {
        schools(&test).await;
        let dry = Options { dry_run: true, invite: true, ..Options::default() };
        let report = import(&test, csv(STAFF), dry).await.unwrap();
        assert_eq!((report.added, report.letters), (4, 4));
        assert!(account(&test, "ada@rps.example").await.is_none(), "a dry run keeps nothing");
        assert!(!everything(&test).await.contains("rps.example"));

        assert_eq!(counts(&test, csv(STAFF)).await, (4, 0, 0, 0, 0));
        let ada = account(&test, "ada@rps.example").await.unwrap();
        assert_eq!((ada.name.as_str(), ada.state, ada.email_confirmed_at), ("Ada Quill", AccountState::Active, None));
        assert_eq!(roles(&test, "ada@rps.example").await, ["teacher/current/roster", "organizer/current/roster"]);
        assert_eq!(roles(&test, "prina@rps.example").await, ["principal/current/roster"]);
        assert!(test.letters("ada@rps.example").await.is_empty(), "no letter without being asked for");

        let before = everything_imported(&test).await;
        test.clock.set("2026-11-14T16:00:00Z".parse().unwrap());
        assert_eq!(counts(&test, csv(STAFF)).await, (0, 0, 4, 0, 0));
        assert_eq!(everything_imported(&test).await, before, "not a byte");
        // A new name, until the person has come themselves.
        let renamed = csv("ada@rps.example,Ada Quill-Ode,teacher,360012300001\n");
        assert_eq!(counts(&test, renamed.clone()).await, (0, 1, 0, 0, 0));
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        let head = test.app.letterhead(&test.base.as_str().into()).unwrap();
        let grant = Grant { role: Role::Organizer, place: test.school("quillwater-charter-school-rivermark-ny").await };
        let new = people::invitation::NewInvitation { email: "ada@rps.example".to_owned(), name: "A".to_owned(), grant };
        people::invitation::invite(&mut tx, &head, new).await.unwrap();
        tx.commit().await.unwrap();
        let link = test.letters("ada@rps.example").await[0].path(&test.base);
        test.browser().post_on(&link, &[]).await;
        assert!(account(&test, "ada@rps.example").await.unwrap().email_confirmed_at.is_some());
        assert_eq!(counts(&test, csv(STAFF)).await, (0, 0, 4, 0, 0));
        assert_eq!(account(&test, "ada@rps.example").await.unwrap().name, "Ada Quill-Ode");
    }
}

both_engines! {
    async fn bad_rows_are_told_by_line_and_good_ones_kept(test: TestApp) {
        schools(&test).await;
        let rows = "ada@rps.example,Ada Quill,teacher,360012300001\nnobody,Nobody,teacher,360012300001\n\
            ben@rps.example,Ben Ode,city_admin,360012300001\ncleo@rps.example,Cleo Ash,teacher,Twin\n\
            dan@rps.example,Dan Elm,teacher,360012300004\neve@rps.example,,teacher,360012300001\n";
        let report = import(&test, csv(rows), Options::default()).await.unwrap();
        assert_eq!((report.added, report.bad.len()), (2, 4), "{report:?}");
        let mut lines: Vec<&str> = report.bad.iter().map(|(line, _)| line.as_str()).collect();
        lines.sort_unstable();
        assert_eq!(lines, ["line 3", "line 4", "line 5", "line 7"]);
        assert!(!format!("{:?}", report.bad).contains("cleo"), "nothing of a row is repeated");
        assert!(roles(&test, "ben@rps.example").await.is_empty(), "no file makes an administrator");
    }
}

both_engines! {
    /// What a person ended here is not brought back by an old list; a request is answered by it.
    async fn a_roster_does_not_undo_what_people_did(test: TestApp) {
        schools(&test).await;
        import(&test, csv(STAFF), Options::default()).await.unwrap();
        let ben = account(&test, "ben@rps.example").await.unwrap();
        let browser = test.signed_in(ben.id, false).await;
        let cx = test.db().cx(Actor::System("test"));
        let his = membership::memberships_of(&cx, ben.id).await.unwrap().remove(0);
        browser.post_on(&format!("/me/places/{}/end", his.id), &[]).await;
        assert_eq!(counts(&test, csv(STAFF)).await, (0, 0, 3, 0, 1));
        assert_eq!(roles(&test, "ben@rps.example").await, ["teacher/ended/roster"]);

        let dan = test.account("dan@rps.example", "Dan Elm").await;
        let quillwater = people::school(&cx, "360012300001").await.unwrap();
        test.signed_in(dan, false).await.post_on("/me/places", &[("school", &quillwater.id.to_string())]).await;
        let rows = csv("dan@rps.example,Dan Elm,teacher,360012300001\n");
        assert_eq!(counts(&test, rows).await, (0, 1, 0, 0, 0));
        assert_eq!(roles(&test, "dan@rps.example").await, ["teacher/current/roster"]);
    }
}

both_engines! {
    async fn letters_go_only_when_asked_for(test: TestApp) {
        schools(&test).await;
        let options = Options { invite: true, ..Options::default() };
        let report = import(&test, csv(STAFF), options).await.unwrap();
        assert_eq!(report.letters, 4);
        let letters = test.letters("ada@rps.example").await;
        assert_eq!(letters.len(), 1, "one for a person");
        assert!(letters[0].path(&test.base).starts_with("/sign-in"), "{}", letters[0].text);
        assert_eq!(import(&test, csv(STAFF), options).await.unwrap().letters, 0);
    }
}

/// A OneRoster bundle in a folder.
fn bundle(folder: &Path, how: &str, users: &str, roles: &str) -> PathBuf {
    let folder = folder.join(how);
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write(
        "manifest.csv",
        &format!(
            "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.orgs,bulk\nfile.users,{how}\nfile.roles,{how}\n"
        ),
    );
    write(
        "orgs.csv",
        "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n\
        d1,,,Rivermark City,district,3600123,\no1,,,Quillwater,school,360012300001,d1\no2,,,Tamsin Row Elementary,school,,d1\n",
    );
    write(
        "users.csv",
        &format!(
            "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone\n{users}"
        ),
    );
    write(
        "roles.csv",
        &format!(
            "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId\n{roles}"
        ),
    );
    write(
        "demographics.csv",
        "sourcedId,status,dateLastModified,birthDate,sex\nkid-id-zeta,,,2015-05-05-zeta,female\n",
    );
    folder
}

const USERS: &str = "u1,,,true,ada,,Ada,Quill,,,ada@rps.example,,\n\
    u2,,,true,prina,,Prina,Hale,,,prina@rps.example,,\n\
    kid-id-zeta,,,true,kid-user-zeta,,Kidgiven-zeta,Kidfamily-zeta,Mid-zeta,kid-number-zeta,kid-zeta@rps.example,555-zeta,\n\
    mom-id-zeta,,,true,mom-zeta,,Momgiven-zeta,Momfamily-zeta,,,mom-zeta@mail.example,,\n\
    both-id-zeta,,,true,both-zeta,,Both-zeta,Both-zeta,,,both-zeta@rps.example,,\n";
const ROLES: &str = "r1,,,u1,primary,teacher,,,o1,\nr2,,,u1,secondary,parent,,,o2,\nr3,,,u2,primary,principal,,,o2,\n\
    r4-zeta,,,kid-id-zeta,primary,student,,,o1,\nr5-zeta,,,mom-id-zeta,primary,guardian,,,o1,\n\
    r6-zeta,,,both-id-zeta,primary,student,,,o1,\nr7-zeta,,,both-id-zeta,secondary,aide,,,o1,\n\
    r8,,,u2,secondary,districtAdministrator,,,d1,\n";

/// Reads as the command line does.
struct Folder(PathBuf);

impl roster::oneroster::Files for Folder {
    fn file(&mut self, name: &str) -> Result<Option<Box<dyn std::io::Read + '_>>, Error> {
        Ok(std::fs::File::open(self.0.join(name)).ok().map(|file| Box::new(file) as Box<dyn std::io::Read>))
    }
}

fn read(folder: PathBuf) -> Roster {
    roster::oneroster::read(&mut Folder(folder), "2026-10-14".parse().unwrap()).unwrap()
}

both_engines! {
    async fn of_students_and_families_nothing_is_kept(test: TestApp) {
        schools(&test).await;
        let folder = TempDir::new().unwrap();
        let bulk = || read(bundle(folder.path(), "bulk", USERS, ROLES));
        let report = import(&test, bulk(), Options { invite: true, ..Options::default() }).await.unwrap();
        assert_eq!((report.added, report.refused, report.bad.len()), (2, 3, 1), "{report:?}");
        assert_eq!(roles(&test, "ada@rps.example").await, ["teacher/current/roster"]);
        assert_eq!(roles(&test, "prina@rps.example").await, ["principal/current/roster"]);
        let with_students = csv("kid2-zeta@rps.example,Kid2-zeta,student,360012300001\n\
            mom2-zeta@rps.example,Mom2-zeta,Guardian,360012300001\n");
        assert_eq!(import(&test, with_students, Options::default()).await.unwrap().refused, 2);
        let all = everything(&test).await;
        assert!(all.contains("Ada Quill"), "the control: what was kept is found");
        assert!(!all.to_lowercase().contains("zeta"), "of students and families nothing");
        assert!(!format!("{report:?}").contains("zeta"), "nor is it printed");
        assert_eq!(counts(&test, bulk()).await, (0, 0, 2, 0, 1));
    }
}

both_engines! {
    async fn a_delta_ends_roles_and_stops_when_it_would_end_many(test: TestApp) {
        schools(&test).await;
        let folder = TempDir::new().unwrap();
        import(&test, read(bundle(folder.path(), "bulk", USERS, ROLES)), Options::default()).await.unwrap();
        // Twenty more colleagues, so that one is not more than one in ten.
        let more: String = (0..20).map(|n| format!("c{n}@rps.example,Colleague {n},teacher,360012300001\n")).collect();
        import(&test, csv(&more), Options::default()).await.unwrap();
        // A role elsewhere, which this file does not speak of.
        import(&test, csv("ada@rps.example,Ada Quill,organizer,360012300003\n"), Options::default()).await.unwrap();

        let gone = "u1,tobedeleted,2026-10-01T00:00:00Z,true,ada,,Ada,Quill,,,ada@rps.example,,\n";
        let role = "r1,tobedeleted,2026-10-01T00:00:00Z,u1,primary,teacher,,,o1,\n";
        let dry = Options { dry_run: true, ..Options::default() };
        let delta = || read(bundle(folder.path(), "delta", gone, role));
        assert_eq!(import(&test, delta(), dry).await.unwrap().ended, 1);
        assert_eq!(roles(&test, "ada@rps.example").await[0], "teacher/current/roster", "a dry run ends nothing");
        assert_eq!(counts(&test, delta()).await, (0, 0, 0, 1, 0));
        assert_eq!(roles(&test, "ada@rps.example").await, ["teacher/ended/roster", "organizer/current/roster"]);
        assert_eq!(counts(&test, delta()).await, (0, 0, 0, 0, 0), "twice is as good as once");

        // The only role of Tamsin Row: more than one in ten.
        let users = "u2,,,true,prina,,Prina,Hale,,,prina@rps.example,,\n";
        let role = "r3,tobedeleted,,u2,primary,principal,,,o2,\n";
        let delta = || read(bundle(folder.path(), "delta", users, role));
        let refused = import(&test, delta(), Options::default()).await.unwrap_err();
        assert!(refused.to_string().contains("1 of the 1 memberships"), "{refused}");
        assert_eq!(roles(&test, "prina@rps.example").await, ["principal/current/roster"]);
        let allowed = Options { allow_removals: true, ..Options::default() };
        assert_eq!(import(&test, delta(), allowed).await.unwrap().ended, 1);
        assert_eq!(roles(&test, "prina@rps.example").await, ["principal/ended/roster"]);
        // What the roster itself ended, it may bring back.
        let report = import(&test, read(bundle(folder.path(), "bulk", USERS, ROLES)), Options::default()).await.unwrap();
        assert_eq!(report.added, 2);
        let cx = test.db().cx(Actor::System("test"));
        let prina = account(&test, "prina@rps.example").await.unwrap();
        let states: Vec<_> = membership::memberships_of(&cx, prina.id).await.unwrap().iter().map(|m| m.state).collect();
        assert_eq!(states, [MembershipState::Ended, MembershipState::Current]);
    }
}

/// The command: a zip, a people file, what it says, and how it ends.
#[tokio::test]
async fn the_command_says_what_it_did() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_commonground"));
        command.args(arguments).arg("--data").arg(&data).current_dir(folder.path()).env_clear();
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    };
    let rows = format!(
        "{SCHOOLS_HEADER}\n{}\n{}\n",
        school(1, "Quillwater Charter School"),
        school(2, "Tamsin Row Elementary")
    );
    std::fs::write(folder.path().join("schools.csv"), rows).unwrap();
    assert_eq!(run(&["import", "schools", "schools.csv"]).0, 0);

    let unpacked = bundle(folder.path(), "bulk", USERS, ROLES);
    let mut zip = zip::ZipWriter::new(std::fs::File::create(folder.path().join("roster.zip")).unwrap());
    for entry in std::fs::read_dir(&unpacked).unwrap() {
        let entry = entry.unwrap();
        zip.start_file(entry.file_name().to_string_lossy(), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&std::fs::read(entry.path()).unwrap()).unwrap();
    }
    zip.finish().unwrap();
    let (code, said, told) = run(&["import", "people", "roster.zip", "--dry-run"]);
    assert_eq!(code, 0, "{told}");
    assert!(
        said.starts_with("2 memberships would be added, 0 changed, 0 unchanged, 0 ended, 1 line left out."),
        "{said}"
    );
    let (code, said, told) = run(&["import", "people", "roster.zip"]);
    assert_eq!(code, 0, "{told}");
    assert!(said.contains("2 memberships were added") && said.contains("3 rows of students, families"), "{said}");
    assert_eq!(told.trim(), "roles.csv, line 9: A role at a district is not imported; invite the person.");
    assert!(!format!("{said}{told}").contains("zeta"));
    let (code, said, _) = run(&["import", "people", "bulk"]);
    assert_eq!(code, 0);
    assert!(said.contains("0 memberships were added, 0 changed, 2 unchanged"), "{said}");
    std::fs::write(folder.path().join("people.csv"), "email,name,role,school\nx,X,teacher,360012300001\n").unwrap();
    let (code, _, told) = run(&["import", "people", "people.csv"]);
    assert_eq!((code, told.trim()), (1, "line 2: email: Give a full email address, like name@school.org."));
    std::fs::write(folder.path().join("people.csv"), "a,b\n").unwrap();
    assert_eq!(run(&["import", "people", "people.csv"]).0, 1);
}
