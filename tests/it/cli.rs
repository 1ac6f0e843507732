//! The program itself: its commands, what they say and how they end, alone and beside a running server, and what is
//! left when it is killed (S1, C1, C4).

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::people::gzipped;
use crate::support::SCHOOLS_HEADER;

/// The program, on a data folder, in an environment without settings.
pub fn program(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_commonground"));
    command.args(arguments).arg("--data").arg(data).current_dir(data.parent().unwrap()).env_clear();
    command.stdin(Stdio::null());
    command
}

fn run(data: &Path, arguments: &[&str]) -> Output {
    program(data, arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Runs something that is done, and gives what it said.
pub fn done(data: &Path, arguments: &[&str]) -> String {
    let output = run(data, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {} {}", out(&output), err(&output));
    out(&output)
}

/// Runs something that is refused: 1, nothing on stdout, one sentence on stderr.
pub fn refused(data: &Path, arguments: &[&str]) -> String {
    let output = run(data, arguments);
    let said = err(&output);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {} {said}", out(&output));
    assert_eq!(said.trim_end().lines().count(), 1, "{arguments:?}: {said}");
    assert!(said.trim_end().ends_with('.'), "{arguments:?}: {said}");
    said.trim_end().to_owned()
}

/// The city, made and not served. The address is for what takes one all the same.
const DEMO: [&str; 4] = ["demo", "--seed-only", "--listen", "127.0.0.1:0"];

pub fn folder() -> (TempDir, std::path::PathBuf) {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    (folder, data)
}

/// A server in a process of its own.
pub struct Served {
    child: Child,
    base: String,
}

impl Served {
    /// On a data folder.
    pub fn start(data: &Path, command: &str) -> Self {
        Self::with(program(data, &[command, "--listen", "127.0.0.1:0"]))
    }

    /// Waits for the line of the log that tells the address.
    pub fn with(mut command: Command) -> Self {
        command.env("COMMONGROUND_LOG", "info").stdout(Stdio::null()).stderr(Stdio::piped());
        let mut served = Self { child: command.spawn().unwrap(), base: String::new() };
        let mut log = BufReader::new(served.child.stderr.take().unwrap());
        let mut said = String::new();
        loop {
            let mut line = String::new();
            assert!(log.read_line(&mut line).unwrap() > 0, "it ended: {said}");
            said.push_str(&line);
            let Ok(entry) = serde_json::from_str::<Value>(&line) else { continue };
            if let Some(address) = entry["address"].as_str() {
                served.base = format!("http://{address}");
                // The log is read to its end, or the server would wait for its reader.
                std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
                return served;
            }
        }
    }

    /// Where it answers.
    pub fn base(&self) -> &str {
        &self.base
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(status.success());
    }

    /// Ends it as a power cut does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it as a service manager does.
    pub fn stop(mut self) {
        self.signal("TERM");
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert_eq!(status.code(), Some(0));
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "it does not stop");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    async fn total(&self, query: &str) -> u64 {
        let answer = reqwest::get(format!("{}/api/v1/practices?{query}", self.base)).await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json::<Value>().await.unwrap()["total"].as_u64().unwrap()
    }

    async fn finds(&self, query: &str, total: u64) {
        let start = Instant::now();
        loop {
            let found = self.total(query).await;
            if found == total {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(10), "{query} finds {found} and not {total}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn ready(&self) {
        let start = Instant::now();
        loop {
            let ready: Value = reqwest::get(format!("{}/readyz", self.base)).await.unwrap().json().await.unwrap();
            let kinds = ready["search"].as_object().unwrap();
            if ready["status"] == "ready" && kinds.values().all(|kind| kind["position"] == kind["head"]) {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "{ready}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Every command and what its help says it does.
const COMMANDS: [(&str, &str); 14] = [
    ("demo", "Show the product: a fresh folder with the invented city of Rivermark, served until Ctrl-C"),
    ("serve", "Bring the database up to date and serve"),
    ("migrate", "Bring the database up to date"),
    ("check", "Look whether the database, the audit log and the search index are sound"),
    ("config", "Print every configuration key with its value"),
    ("routes", "Print every route the server answers"),
    ("import", "Bring data in from a file; bad rows are listed by line, good rows are kept"),
    ("export", "Write everything public into a folder: CSV and JSON Lines with a data dictionary and checksums"),
    ("admin", "Let somebody in: the first administrator, or a token for a program"),
    ("index", "Look after the search index"),
    ("bounce", "Take in a message that came back by mail, from standard input, and say what it was"),
    ("dkim", "Make a key that signs letters (DKIM), and print the record to publish"),
    ("outbox", "Look after letters that are to leave"),
    ("synonyms", "Read and edit the list of words that searches are widened by"),
];

#[test]
fn help_names_every_command() {
    let (_folder, data) = folder();
    let help = done(&data, &["--help"]);
    let listed: Vec<(String, String)> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.trim().is_empty())
        .filter_map(|line| line.trim().split_once("  ").map(|(name, what)| (name.to_owned(), what.trim().to_owned())))
        .filter(|(name, _)| name != "help")
        .collect();
    let expected: Vec<_> = COMMANDS.iter().map(|(name, what)| ((*name).to_owned(), (*what).to_owned())).collect();
    assert_eq!(listed, expected);
    for (name, _) in COMMANDS {
        let help = done(&data, &[name, "--help"]);
        assert!(help.contains("Usage: commonground") && help.contains("--data <DIR>"), "{name}: {help}");
        for line in help.lines().filter(|line| line.trim_start().starts_with("--")) {
            assert!(line.trim().contains("  "), "{name}: an option without a word: {line}");
        }
    }
    assert!(done(&data, &["--version"]).starts_with("commonground "));
    assert!(!data.exists(), "help makes no folder");
}

#[test]
fn a_wrong_call_ends_with_2() {
    let (_folder, data) = folder();
    for arguments in [
        &["fly"][..],
        &["import"],
        &["import", "schools"],
        &["import", "weather", "x.csv"],
        &["index"],
        &["index", "polish"],
        &["serve", "--listen", "everywhere"],
        &["serve", "--prot", "1"],
        &["routes", "--json", "more"],
        &["synonyms", "set", "word"],
    ] {
        let output = run(&data, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(err(&output).contains("Usage:") || err(&output).contains("--help"), "{arguments:?}: {}", err(&output));
        assert_eq!(out(&output), "", "{arguments:?}");
    }
    let bare = Command::new(env!("CARGO_BIN_EXE_commonground")).env_clear().output().unwrap();
    assert_eq!(bare.status.code(), Some(2));
    assert!(!data.exists(), "a wrong call makes no folder");
}

#[test]
fn a_refusal_is_1_and_one_sentence() {
    let (folder, data) = folder();
    let file = folder.path().join("file");
    std::fs::write(&file, "a,b\n1,2\n").unwrap();
    let path = file.to_str().unwrap();
    assert!(refused(&data, &["import", "schools", path]).contains("has to name the columns ncessch, leaid,"));
    assert!(refused(&data, &["import", "schools", "/nowhere/at/all"]).contains("/nowhere/at/all cannot be read"));
    assert!(refused(&data, &["import", "practices", folder.path().to_str().unwrap()]).contains("cannot be read"));
    assert!(refused(&data, &["import", "wwc", folder.path().to_str().unwrap()]).contains("interventions.csv"));
    assert!(refused(&data, &["synonyms", "remove", "nothing"]).len() > 10);
    // The folder cannot be made: something else is in its place.
    assert!(refused(&file, &["migrate"]).contains("cannot be made"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = program(&data, &["serve", "--listen", &address]).env("COMMONGROUND_LOG", "off").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains(&address) && err(&output).contains("--listen"), "{}", err(&output));
    for (name, value) in [
        ("COMMONGROUND_LISTEN", "everywhere"),
        ("COMMONGROUND_DATABASE_URL", "mysql://x"),
        ("COMMONGROUND_DATABASE_URL", "postgres://nobody:hunter2@127.0.0.1:1/none"),
    ] {
        let output = program(&data, &["check"]).env(name, value).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}={value}");
        assert!(!err(&output).contains("hunter2") && err(&output).lines().count() == 1, "{}", err(&output));
    }
    std::fs::write(folder.path().join("commonground.toml"), "lsiten = \"127.0.0.1:1\"\n").unwrap();
    assert!(refused(&data, &["check"]).contains("lsiten is not known"));
    std::fs::remove_file(folder.path().join("commonground.toml")).unwrap();
    // A database that is none.
    std::fs::create_dir_all(folder.path().join("odd")).unwrap();
    std::fs::write(folder.path().join("odd/commonground.sqlite"), vec![b'x'; 10_000]).unwrap();
    refused(&folder.path().join("odd"), &["check"]);
}

#[test]
fn config_prints_every_key_and_where_it_comes_from() {
    let (folder, data) = folder();
    std::fs::write(folder.path().join("commonground.toml"), "readers = 7\nlog = \"warn\"\n").unwrap();
    let output = program(&data, &["config"])
        .env("COMMONGROUND_LOG", "debug")
        .env("COMMONGROUND_DATABASE_URL", "postgres://me:hunter2@db/cg")
        .output()
        .unwrap();
    let said = out(&output);
    for key in commonground::platform::config::KEYS {
        let documented = said.contains(&format!("\n{} = ", key.name)) && said.contains(key.doc);
        assert!(documented, "{}: {said}", key.name);
        assert!(said.contains(&format!("COMMONGROUND_{}", key.name.to_ascii_uppercase())), "{}", key.name);
    }
    assert!(
        said.contains("readers = \"7\"") && said.contains("log = \"debug\"") && !said.contains("hunter2"),
        "{said}"
    );
    assert!(!data.exists(), "looking makes no folder");
    // What it prints can be put into a file: the values but for those that are left to their default.
    let toml: toml::Table = toml::from_str(&done(&data, &["config"])).unwrap();
    assert_eq!(toml.len(), commonground::platform::config::KEYS.len());
}

#[test]
fn routes_are_listed_for_programs() {
    let (_folder, data) = folder();
    let rows: Vec<Value> = serde_json::from_str(&done(&data, &["routes", "--json"])).unwrap();
    let has = |method: &str, path: &str, kind: &str| {
        rows.iter().any(|row| row["method"] == method && row["path"] == path && row["kind"] == kind)
    };
    for path in [
        "/",
        "/search",
        "/about",
        "/help",
        "/practices/:slug",
        "/practices/:slug/v/:version",
        "/schools",
        "/schools/:slug",
        "/api/docs",
        "/api/openapi.json",
        "/static/:name",
    ] {
        assert!(has("GET", path, "page"), "{path}");
    }
    for path in [
        "/practices",
        "/practices/:id",
        "/practices/:id/versions",
        "/practices/:id/related",
        "/suggest",
        "/schools",
        "/schools/:id",
        "/organizations",
    ] {
        assert!(has("GET", &format!("/api/v1{path}"), "api"), "{path}");
    }
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert!(has("GET", path, "operations"), "{path}");
    }
    assert!(has("POST", "/sign-in", "page") && has("POST", "/api/v1/me/tokens", "api"));
    assert_eq!(done(&data, &["routes"]).lines().count(), rows.len());
    assert!(!data.exists(), "looking makes no folder");
}

#[test]
fn imports_say_what_they_did() {
    let (folder, data) = folder();
    let write = |name: &str, content: &[u8]| {
        std::fs::write(folder.path().join(name), content).unwrap();
        folder.path().join(name).to_str().unwrap().to_owned()
    };
    let row = "010000500870,0100005,Marigold School,Albertville City,Albertville,AL,PK,5,Y,CCD,1-Regular school,,300,,";
    let plain = format!("{SCHOOLS_HEADER}\n{row}\n{}\n", row.replace("010000500870", "12"));
    let schools = write("schools.csv", plain.as_bytes());
    let output = run(&data, &["import", "schools", &schools, "--dry-run"]);
    assert_eq!(
        (output.status.code(), out(&output).as_str()),
        (Some(0), "1 school would be added, 0 changed, 0 unchanged, 1 line left out.\n")
    );
    assert_eq!(err(&output), "line 3: ncessch: wants 12 digits.\n");
    let packed = write("schools.csv.gz", &gzipped(&plain));
    assert!(
        done(&data, &["import", "schools", &packed]).starts_with("1 school were added")
            || done(&data, &["import", "schools", &packed]).contains("1 unchanged")
    );
    assert_eq!(
        done(&data, &["import", "schools", &schools]),
        "0 schools were added, 0 changed, 1 unchanged, 1 line left out.\n"
    );

    let practices =
        write("practices.jsonl", b"{\"source\": \"t:1\", \"title\": \"Marble jar\"}\n{\"source\": \"t:2\"}\n");
    let output = run(&data, &["import", "practices", "--dry-run", &practices]);
    assert!(out(&output).starts_with("1 practice would be added"), "{}", out(&output));
    assert!(err(&output).starts_with("line 2: title: "), "{}", err(&output));
    assert!(done(&data, &["import", "practices", &practices]).contains("0 changed, 0 unchanged, 1 line left out"));
    // A file without one good row is refused, and says which rows.
    let bad = write("bad.jsonl", b"{}\n[]\n");
    let output = run(&data, &["import", "practices", &bad]);
    assert_eq!((output.status.code(), err(&output).lines().count()), (Some(1), 2), "{}", err(&output));
    // A gzipped file that is cut off.
    let long = gzipped(&format!("{plain}{}", "x".repeat(100_000)));
    let cut = write("cut.csv.gz", &long[..long.len() / 2]);
    assert_eq!(run(&data, &["import", "schools", &cut]).status.code(), Some(1));
    assert!(
        done(&data, &["index", "rebuild"]).contains("practice: 1 document compared, 0 missing, 0 changed, 0 ghosts")
    );
    done(&data, &["check"]);
}

#[test]
fn the_demo_makes_its_city_and_never_empties_another_folder() {
    let (folder, data) = folder();
    for _ in 0..2 {
        assert!(done(&data, &DEMO).contains("Rivermark is in"));
        let said = done(&data, &["index", "verify"]);
        assert!(said.contains("practice: 25 documents compared, 0 missing, 0 changed, 0 ghosts"), "{said}");
        assert!(said.contains("school: 12 documents compared, 0 missing, 0 changed, 0 ghosts"), "{said}");
        let said = done(&data, &["check"]);
        assert!(said.contains("The database answers") && said.contains("Every practice can be read."), "{said}");
    }
    done(&data, &["migrate"]);
    let mine = folder.path().join("mine");
    std::fs::create_dir(&mine).unwrap();
    std::fs::write(mine.join("thesis.txt"), "years of work").unwrap();
    assert!(refused(&mine, &DEMO).contains("not the demo's"));
    assert_eq!(std::fs::read_to_string(mine.join("thesis.txt")).unwrap(), "years of work");
    // A demo's folder with an index that is gone: told, repaired by a rebuild.
    std::fs::remove_dir_all(data.join("index")).unwrap();
    let output = run(&data, &["index", "verify"]);
    assert_eq!(output.status.code(), Some(1), "{}", out(&output));
    assert!(out(&output).contains("25 missing"), "{}", out(&output));
    done(&data, &["index", "rebuild"]);
    done(&data, &["index", "verify"]);
}

#[test]
fn making_the_city_takes_no_port() {
    let (_folder, data) = folder();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    done(&data, &["demo", "--seed-only", "--listen", &address]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_stops_when_asked() {
    let (_folder, data) = folder();
    done(&data, &DEMO);
    let served = Served::start(&data, "serve");
    served.ready().await;
    assert_eq!(served.total("q=").await, 25);
    served.stop();
    let mut served = Served::start(&data, "serve");
    served.signal("INT");
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
    assert!(done(&data, &["index", "verify"]).contains("0 missing, 0 changed, 0 ghosts"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_serves_what_it_says() {
    let (_folder, data) = folder();
    let mut command = program(&data, &["demo", "--listen", "127.0.0.1:0"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut said = String::new();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    while !said.contains("Ctrl-C") {
        assert!(reader.read_line(&mut said).unwrap() > 0, "{said}");
    }
    let links: Vec<&str> = said.split_whitespace().filter(|word| word.starts_with("http://")).collect();
    assert!(links.len() > 3, "{said}");
    for link in &links {
        let page = reqwest::get(*link).await.unwrap();
        assert_eq!(page.status(), 200, "{link}");
        assert!(page.text().await.unwrap().contains("Rivermark is invented"), "{link}");
    }
    let home = reqwest::get(links[0]).await.unwrap().text().await.unwrap();
    let base = links[0].trim_end_matches('/');
    assert!(
        home.contains(&format!("<link rel=\"canonical\" href=\"{base}/\">")),
        "the address is the one that is served"
    );
    let status = Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().unwrap();
    assert!(status.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_work_beside_a_running_server() {
    let (folder, data) = folder();
    done(&data, &DEMO);
    let served = Served::start(&data, "serve");
    served.ready().await;
    let file = folder.path().join("practices.jsonl");
    let import = |number: u32, title: &str| {
        std::fs::write(&file, format!("{{\"source\": \"t:{number}\", \"title\": \"{title}\"}}\n")).unwrap();
        done(&data, &["import", "practices", file.to_str().unwrap()]);
    };
    import(1, "Marble jar");
    served.finds("q=marble+jar&match=all", 1).await;
    served.ready().await;
    let clean = |documents: u32| {
        let said = done(&data, &["index", "verify"]);
        assert!(
            said.contains(&format!("practice: {documents} documents compared, 0 missing, 0 changed, 0 ghosts")),
            "{said}"
        );
    };
    clean(26);
    done(&data, &["check"]);
    done(&data, &["synonyms", "set", "zzwidget", "phonics"]);
    served.finds("q=zzwidget&match=all", served.total("q=phonics&match=all").await).await;
    assert!(done(&data, &["synonyms", "list"]).contains("zzwidget: phonics"));

    // The server makes its index again and goes on answering from it; so does what it writes afterwards.
    for round in 2..4 {
        let said = done(&data, &["index", "rebuild"]);
        assert!(said.contains("0 missing, 0 changed, 0 ghosts"), "{said}");
        served.ready().await;
        assert_eq!(served.total("q=").await, 24 + u64::from(round));
        import(round, &format!("Pebble jar {round}"));
        served.finds(&format!("q=pebble+jar+{round}&match=all"), 1).await;
        served.ready().await;
        clean(25 + round);
    }
    served.finds("q=", 28).await;
    served.stop();
    clean(28);
    let again = Served::start(&data, "serve");
    again.ready().await;
    assert_eq!(again.total("q=").await, 28);
    again.stop();
    clean(28);
}

/// Some milliseconds that differ from run to run.
fn a_moment(most: u64) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    Duration::from_micros(RandomState::new().hash_one(most) % (most * 1_000))
}

/// Three rounds of: a server and an import, each killed at some moment; then a start, and index and database agree.
async fn killed(data: &Path, database: Option<&str>) {
    let with = |arguments: &[&str]| {
        let mut command = program(data, arguments);
        if let Some(url) = database {
            command.env("COMMONGROUND_DATABASE_URL", url);
        }
        command
    };
    let done = |arguments: &[&str]| {
        let output = with(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {} {}", out(&output), err(&output));
        out(&output)
    };
    let serve = || Served::with(with(&["serve", "--listen", "127.0.0.1:0"]));
    done(&["migrate"]);
    let file = data.with_extension("jsonl");
    for round in 0..3 {
        let mut lines = std::fs::File::create(&file).unwrap();
        for number in 0..1_500 {
            let source = number + round * 700;
            writeln!(lines, "{{\"source\": \"t:{source}\", \"title\": \"Marble jar {source} of round {round}\"}}")
                .unwrap();
        }
        drop(lines);
        let served = serve();
        let mut import = with(&["import", "practices", file.to_str().unwrap()]).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(100) + a_moment(900));
        if round % 2 == 0 {
            served.kill();
            std::thread::sleep(a_moment(100));
            import.kill().unwrap();
        } else {
            import.kill().unwrap();
            std::thread::sleep(a_moment(100));
            served.kill();
        }
        import.wait().unwrap();

        let served = serve();
        served.ready().await;
        let kept = served.total("q=").await;
        let said = done(&["index", "verify"]);
        assert!(said.contains(&format!("practice: {kept} document")), "{kept}: {said}");
        // The second time brings the rest, and nothing twice.
        done(&["import", "practices", file.to_str().unwrap()]);
        served.finds("q=", 1_500 + round * 700).await;
        assert!(done(&["import", "practices", file.to_str().unwrap()]).contains("0 changed, 1500 unchanged"));
        served.ready().await;
        let said = done(&["index", "verify"]);
        assert!(said.contains("0 missing, 0 changed, 0 ghosts"), "{said}");
        done(&["check"]);
        served.stop();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_killed_comes_back_whole_sqlite() {
    let (_folder, data) = folder();
    killed(&data, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_killed_comes_back_whole_postgres() {
    let (_folder, data) = folder();
    let database = crate::support::TestDatabase::fresh(crate::support::Engine::Postgres).await;
    let commonground::platform::config::DatabaseUrl::Postgres(url) = &database.url else { panic!("PostgreSQL") };
    killed(&data, Some(url)).await;
}

#[test]
fn output_that_nobody_reads_is_no_failure() {
    let (_folder, data) = folder();
    let mut child = program(&data, &["config"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success() && said.is_empty(), "{said}");
}
