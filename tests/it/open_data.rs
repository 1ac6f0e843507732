//! Open data: everything public, in open formats, at addresses that stay.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;

use chrono::TimeDelta;
use commonground::catalog;
use commonground::open_data::{export, nightly};
use commonground::platform::{Actor, Clock, Place, Role};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Value, json};

use crate::support::sessions::Sketch;
use crate::support::{NOW, TestApp, both_engines};

/// An element with its attributes and the text in it.
#[derive(Clone, Debug, Default)]
struct Part {
    name: String,
    attributes: HashMap<String, String>,
    text: String,
}

/// The elements of a document in their order; panics where it is no XML.
fn parts(xml: &str) -> Vec<Part> {
    let mut reader = Reader::from_str(xml);
    let (mut found, mut open): (Vec<Part>, Vec<usize>) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            event @ (Event::Start(_) | Event::Empty(_)) => {
                let (start, ends) = match &event {
                    Event::Start(start) => (start, false),
                    Event::Empty(start) => (start, true),
                    _ => unreachable!(),
                };
                let attributes = start.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let name = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
                    (name, attribute.unescape_value().unwrap().into_owned())
                });
                let name = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
                found.push(Part { name, attributes: attributes.collect(), text: String::new() });
                if !ends {
                    open.push(found.len() - 1);
                }
            }
            Event::End(_) => drop(open.pop()),
            Event::Text(text) => {
                if let Some(at) = open.last() {
                    found[*at].text.push_str(&text.decode().unwrap());
                }
            }
            Event::GeneralRef(reference) => {
                let name = reference.decode().unwrap();
                let text = match &*name {
                    "lt" => "<".to_owned(),
                    "gt" => ">".to_owned(),
                    "amp" => "&".to_owned(),
                    "quot" => "\"".to_owned(),
                    "apos" => "'".to_owned(),
                    _ => reference.resolve_char_ref().unwrap().unwrap().to_string(),
                };
                found[*open.last().unwrap()].text.push_str(&text);
            }
            _ => {}
        }
    }
    assert!(open.is_empty());
    found
}

fn texts(parts: &[Part], name: &str) -> Vec<String> {
    parts.iter().filter(|part| part.name == name).map(|part| part.text.clone()).collect()
}

fn link(parts: &[Part], rel: &str) -> Option<String> {
    let found = parts.iter().find(|part| part.name == "link" && part.attributes["rel"] == rel)?;
    Some(found.attributes["href"].clone())
}

fn practice(number: usize, topic: &str) -> Value {
    json!({
        "source": format!("test/{number}"),
        "title": format!("Practice number {number}"),
        "summary": "Teachers meet. Reading gets better.",
        "topics": [topic],
        "origin_school": "harbor-charter-school",
    })
}

fn after(clock: &Clock, seconds: i64) {
    clock.set(clock.now() + TimeDelta::seconds(seconds));
}

both_engines! {
    /// What changed last stands first, every practice once, on pages that lead on; names of entries never change.
    async fn a_feed_tells_of_changes(test: TestApp) {
        test.two_schools().await;
        for number in 0..60 {
            let topic = if number % 2 == 0 { "attendance" } else { "tutoring" };
            after(&test.clock, 1);
            test.import(&[practice(number, topic)]).await;
        }
        let first = test.get("/practices.atom").await;
        assert_eq!(first.headers()["content-type"], "application/atom+xml; charset=utf-8");
        let tag = first.headers()["etag"].to_str().unwrap().to_owned();
        let again = test.client.get(format!("{}/practices.atom", test.base)).header("if-none-match", &tag).send().await.unwrap();
        assert_eq!(again.status(), 304);
        let one = parts(&first.text().await.unwrap());
        assert_eq!(texts(&one, "title")[1], "Practice number 59");
        let next = link(&one, "next").unwrap();
        let two = parts(&test.page(next.strip_prefix(&test.base).unwrap()).await);
        assert_eq!(link(&two, "next"), None);
        assert_eq!(link(&two, "first").unwrap(), format!("{}/practices.atom", test.base));
        let ids = [texts(&one, "id"), texts(&two, "id")];
        assert_eq!(ids[0][0], ids[1][0], "one feed");
        let entries: BTreeSet<&String> = ids[0][1..].iter().chain(&ids[1][1..]).collect();
        assert_eq!((ids[0].len(), ids[1].len(), entries.len()), (51, 11, 60));

        // One that changes comes first, under its name of before.
        after(&test.clock, 1);
        test.import(&[json!({ "source": "test/3", "title": "Practice number 3, better", "topics": ["tutoring"] })]).await;
        let changed = parts(&test.page("/practices.atom").await);
        assert_eq!(texts(&changed, "title")[1], "Practice number 3, better");
        assert!(ids.concat().contains(&texts(&changed, "id")[1]));

        // Of a topic, and of words.
        let topic = parts(&test.page("/practices.atom?topic=tutoring").await);
        assert_eq!(texts(&topic, "entry").len(), 30);
        assert_eq!(texts(&topic, "title")[..2], ["Practices: Tutoring", "Practice number 3, better"]);
        assert_ne!(texts(&topic, "id")[0], ids[0][0], "another feed");
        let words = parts(&test.page("/practices.atom?q=better&match=all&topic=tutoring&limit=3&sort=most_used").await);
        assert_eq!(texts(&words, "title")[1], "Practice number 3, better");
        assert!(test.page("/search?topic=tutoring").await.contains(r#"href="/practices.atom?topic=tutoring""#));
        assert_eq!(test.get("/practices.atom?before=x").await.status(), 400);
        assert_eq!(texts(&parts(&test.page("/practices.atom?q=zzzz&match=all").await), "entry").len(), 0);
    }
}

both_engines! {
    /// What is taken out leaves the feed, and a hostile title is text in it.
    async fn a_feed_holds_what_is_shown(test: TestApp) {
        let title = "</title><script>alert(1)</script>]]> & <b>x</b>";
        test.import(&[json!({ "source": "a", "title": title, "summary": title }), json!({ "source": "b", "title": "Gone soon" })]).await;
        let feed = parts(&test.page("/practices.atom").await);
        assert!(texts(&feed, "title").contains(&title.to_owned()));
        let content = texts(&feed, "content").into_iter().find(|text| text.contains("script")).unwrap();
        assert!(content.contains("&lt;script&gt;") && !content.contains("<script"), "{content}");
        test.retire("gone-soon", "It was there twice.").await;
        test.settle().await;
        assert_eq!(texts(&parts(&test.page("/practices.atom").await), "entry").len(), 1);
    }
}

async fn oai(test: &TestApp, query: &str) -> Vec<Part> {
    let response = test.get(&format!("/oai?{query}")).await;
    assert_eq!(response.status(), 200, "{query}");
    assert_eq!(response.headers()["content-type"], "text/xml; charset=utf-8");
    parts(&response.text().await.unwrap())
}

fn fault(answer: &[Part]) -> Option<String> {
    answer.iter().find(|part| part.name == "error").map(|part| part.attributes["code"].clone())
}

/// Everything that a list holds, page after page: identifier and whether it is there.
async fn harvest(test: &TestApp, query: &str, mut between: impl AsyncFnMut(usize)) -> BTreeMap<String, bool> {
    let (mut found, mut query, mut page) = (BTreeMap::new(), query.to_owned(), 0);
    loop {
        let answer = oai(test, &query).await;
        assert_eq!(fault(&answer), None, "{query}");
        for pair in answer.windows(2).filter(|pair| pair[0].name == "header") {
            found.insert(pair[1].text.clone(), !pair[0].attributes.contains_key("status"));
        }
        page += 1;
        let token = texts(&answer, "resumptionToken").into_iter().next();
        let Some(token) = token.filter(|token| !token.is_empty()) else { return found };
        between(page).await;
        query = format!("verb=ListRecords&resumptionToken={token}");
    }
}

both_engines! {
    /// Every verb answers, by GET and by POST, and what cannot be answered is told in the codes of the protocol.
    async fn the_catalog_is_harvested(test: TestApp) {
        test.two_schools().await;
        test.import(&[practice(1, "attendance"), practice(2, "tutoring")]).await;
        after(&test.clock, 3600);
        test.retire("practice-number-2", "It was there twice.").await;
        let who = oai(&test, "verb=Identify").await;
        assert_eq!(texts(&who, "earliestDatestamp"), [NOW]);
        assert_eq!(texts(&who, "deletedRecord"), ["persistent"]);
        assert_eq!(texts(&who, "baseURL"), [format!("{}/oai", test.base)]);
        assert_eq!(texts(&oai(&test, "verb=ListMetadataFormats").await, "metadataPrefix"), ["oai_dc"]);
        let sets = texts(&oai(&test, "verb=ListSets").await, "setSpec");
        assert!(sets.contains(&"topic:attendance".to_owned()) && sets.contains(&"sector:charter".to_owned()));

        let all = oai(&test, "verb=ListRecords&metadataPrefix=oai_dc").await;
        let names = texts(&all, "identifier");
        assert_eq!(names.len(), 2);
        assert!(names[0].starts_with("oai:127.0.0.1:practice/"));
        assert_eq!(texts(&all, "dc:title"), ["Practice number 1"], "of what is gone nothing is told");
        assert_eq!(texts(&all, "dc:identifier"), [format!("{}/practices/practice-number-1", test.base)]);
        assert_eq!(texts(&all, "dc:creator"), ["Harbor Charter School"]);
        assert!(texts(&all, "dc:rights").contains(&"https://creativecommons.org/licenses/by/4.0/".to_owned()));
        assert_eq!(texts(&all, "datestamp"), [NOW, "2026-10-14T17:00:00Z"], "a retirement moves the stamp");
        assert_eq!(all.iter().filter(|part| part.attributes.get("status").is_some_and(|s| s == "deleted")).count(), 1);
        assert_eq!(texts(&all, "resumptionToken").len(), 0, "one page");
        let one = oai(&test, &format!("verb=GetRecord&metadataPrefix=oai_dc&identifier={}", names[0])).await;
        assert_eq!(texts(&one, "dc:subject"), ["Attendance"]);

        // Windows are closed on both sides.
        for (window, count) in [
            ("&from=2026-10-14&until=2026-10-14", 2),
            ("&until=2026-10-14T16:00:00Z", 1),
            ("&from=2026-10-14T16:00:01Z", 1),
            ("&from=2026-10-14T17:00:00Z&until=2026-10-14T17:00:00Z", 1),
            ("&set=topic:attendance", 1),
            ("&set=topic", 2),
            ("&set=sector:charter", 2),
        ] {
            let list = oai(&test, &format!("verb=ListIdentifiers&metadataPrefix=oai_dc{window}")).await;
            assert_eq!(texts(&list, "identifier").len(), count, "{window}");
        }
        for (query, code) in [
            ("", "badVerb"),
            ("verb=x", "badVerb"),
            ("verb=Identify&x=1", "badArgument"),
            ("verb=ListRecords", "badArgument"),
            ("verb=ListRecords&metadataPrefix=marc", "cannotDisseminateFormat"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=2030-01-01", "noRecordsMatch"),
            ("verb=ListRecords&metadataPrefix=oai_dc&set=nothing", "noRecordsMatch"),
            ("verb=ListRecords&resumptionToken=x", "badResumptionToken"),
            ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:127.0.0.1:practice/1", "idDoesNotExist"),
            ("verb=ListMetadataFormats&identifier=x", "idDoesNotExist"),
        ] {
            assert_eq!(fault(&oai(&test, query).await).as_deref(), Some(code), "{query}");
        }
        let request = |answer: &[Part]| answer.iter().find(|part| part.name == "request").unwrap().attributes.len();
        assert_eq!(request(&oai(&test, "verb=Identify&x=1").await), 0, "what is wrong is not said again");
        assert_eq!(request(&all), 2);
        let posted = test.client.post(format!("{}/oai", test.base)).form(&[("verb", "GetRecord"), ("metadataPrefix", "oai_dc"), ("identifier", names[0].as_str())]);
        let posted = posted.send().await.unwrap();
        assert_eq!(posted.status(), 200);
        assert_eq!(texts(&parts(&posted.text().await.unwrap()), "dc:title"), ["Practice number 1"]);
    }
}

both_engines! {
    /// While it is harvested practices come, change and go: at the end the harvester has each of them as it is.
    async fn a_harvest_during_changes_loses_none(test: TestApp) {
        test.two_schools().await;
        let many: Vec<Value> = (0..230).map(|number| practice(number, "attendance")).collect();
        test.import(&many).await;
        let query = "verb=ListRecords&metadataPrefix=oai_dc&set=topic:attendance";
        let found = harvest(&test, query, async |page| {
            after(&test.clock, 10);
            if page > 2 {
                return;
            }
            // One that was told already, one that was not, one that is new; and the same token twice.
            test.retire(&format!("practice-number-{page}"), "It was there twice.").await;
            test.retire(&format!("practice-number-{}", 220 + page), "It was there twice.").await;
            let better = json!({ "source": format!("test/{}", 210 + page), "title": "Better now", "topics": ["attendance"] });
            test.import(&[better, practice(1_000 + page, "attendance")]).await;
        })
        .await;
        assert_eq!(found.len(), 232);
        assert_eq!(found.values().filter(|there| !**there).count(), 4, "and knows which are gone");
        let token = texts(&oai(&test, query).await, "resumptionToken").remove(0);
        let page = format!("verb=ListRecords&resumptionToken={token}");
        assert_eq!(texts(&oai(&test, &page).await, "identifier"), texts(&oai(&test, &page).await, "identifier"));
    }
}

both_engines! {
    /// A school's new name is a change of its practices, for feeds and harvesters.
    async fn a_school_s_change_is_a_change_of_its_practices(test: TestApp) {
        test.import_schools(&["999999900001,9999999,Harbor Charter School,Harbor Network,Rivermark,NY,K,5,Y,x,Regular,City,300,,"]).await;
        test.import(&[json!({ "source": "a", "title": "A practice", "origin_school": "999999900001" })]).await;
        after(&test.clock, 60);
        test.import_schools(&["999999900001,9999999,Harbor School,Harbor Network,Rivermark,NY,K,5,Y,x,Regular,City,300,,"]).await;
        let list = oai(&test, "verb=ListRecords&metadataPrefix=oai_dc").await;
        assert_eq!(texts(&list, "dc:creator"), ["Harbor School"]);
        assert_eq!(texts(&list, "datestamp"), ["2026-10-14T16:01:00Z"]);
    }
}

both_engines! {
    /// Search engines and researchers find what they look for.
    async fn small_files_say_what_they_should(test: TestApp) {
        let at = test.two_schools().await;
        let session = test.session(&at, Sketch::default()).await;
        test.import(&[practice(1, "attendance"), practice(2, "attendance")]).await;
        test.retire("practice-number-2", "It was there twice.").await;
        let map = parts(&test.page("/sitemap.xml").await);
        let places = texts(&map, "loc");
        for path in ["/", "/data", "/practices/practice-number-1", "/schools/harbor-charter-school"] {
            assert!(places.contains(&format!("{}{path}", test.base)), "{path}: {places:?}");
        }
        assert!(places.contains(&format!("{}/sessions/{session}", test.base)));
        assert!(!places.iter().any(|place| place.contains("number-2")));
        assert_eq!(texts(&map, "lastmod").len(), 2, "told only where it is known");
        assert_eq!(texts(&parts(&test.page("/sitemap/schools-1.xml").await), "loc").len(), 2);
        for none in ["schools-2.xml", "schools-01.xml", "people-1.xml", "schools-1", "x"] {
            assert_eq!(test.get(&format!("/sitemap/{none}")).await.status(), 404, "{none}");
        }
        assert!(test.page("/robots.txt").await.ends_with(&format!("Sitemap: {}/sitemap.xml\n", test.base)));
        let security = test.page("/.well-known/security.txt").await;
        assert!(security.contains("Contact: mailto:postmaster@commonground.localhost\n"), "{security}");
        assert!(security.contains("Expires: 2027-04-12T00:00:00Z\n"), "{security}");
        assert!(security.contains(&format!("Canonical: {}/.well-known/security.txt\n", test.base)));
        let page = test.page("/data").await;
        assert!(page.contains("The first one is made tonight.") && page.contains("practice_versions.csv"));
        assert_eq!(test.get("/data/latest.zip").await.status(), 404);
    }
}

/// The files of a downloaded export, by their names without the folder.
async fn download(test: &TestApp) -> BTreeMap<String, Vec<u8>> {
    let latest = test.get("/data/latest.zip").await;
    assert_eq!(latest.status(), 302);
    let response = test.get(latest.headers()["location"].to_str().unwrap()).await;
    assert_eq!(response.headers()["content-type"], "application/zip");
    let bytes = response.bytes().await.unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        let name = file.name().unwrap().into_owned();
        files.insert(name.strip_prefix("commonground-2026-10-14/").unwrap().to_owned(), bytes);
    }
    files
}

both_engines! {
    /// Everything public can be downloaded, agrees with itself, and holds nobody.
    async fn the_nightly_export_holds_everything_public_and_nobody(test: TestApp) {
        test.seed().await;
        let at = test.two_schools().await;
        let session = test.session(&at, Sketch { title: "=SUM(A1) together".to_owned(), ..Sketch::default() }).await;
        test.seat(session, at.carl, at.harbor, "charter", "confirmed").await;
        let canary = test.account("canary@quillfeather.example", "Canary Quillfeather").await;
        test.appoint(canary, Role::Teacher, Place::School(at.harbor.0)).await;
        test.put("facilitator", vec![
            ("session_id", sea_orm::sea_query::Expr::value(session.0)),
            ("position", sea_orm::sea_query::Expr::value(1)),
            ("account_id", sea_orm::sea_query::Expr::value(canary.0)),
            ("name", sea_orm::sea_query::Expr::value("Canary Quillfeather")),
        ]).await;
        test.import(&[practice(7, "attendance")]).await;
        test.retire("practice-number-7", "It was there twice.").await;
        let open = test.app.open_data(&test.base.as_str().into()).unwrap();
        assert!(nightly::due(test.db(), &open).await.unwrap());
        assert!(!nightly::due(test.db(), &open).await.unwrap(), "once a day");
        assert!(test.page("/data").await.contains("/data/commonground-2026-10-14.zip"));

        let files = download(&test).await;
        let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
        let listed: BTreeSet<&str> = manifest["files"].as_array().unwrap().iter().map(|f| f["path"].as_str().unwrap()).collect();
        assert_eq!(listed.len() + 1, files.len());
        for file in manifest["files"].as_array().unwrap() {
            let bytes = &files[file["path"].as_str().unwrap()];
            let sum = ring::digest::digest(&ring::digest::SHA256, bytes);
            assert_eq!(file["sha256"], data_encoding::HEXLOWER.encode(sum.as_ref()));
            assert_eq!(file["bytes"], bytes.len());
        }
        let package: Value = serde_json::from_slice(&files["datapackage.json"]).unwrap();
        let mut rows: HashMap<String, Vec<Value>> = HashMap::new();
        for resource in package["resources"].as_array().unwrap().iter().filter(|r| r["format"] == "csv") {
            let name = resource["path"].as_str().unwrap().strip_suffix(".csv").unwrap();
            let fields = crate::support::texts(&resource["schema"]["fields"], "name");
            let text = &files[&format!("{name}.csv")];
            assert!(text.windows(2).filter(|pair| pair[1] == b'\n').all(|pair| pair[0] == b'\r' || text.contains(&b'"')));
            let mut csv = csv::Reader::from_reader(text.as_slice());
            assert_eq!(csv.headers().unwrap(), fields, "{name}");
            let cells = csv.records().map(|record| record.unwrap()).collect::<Vec<_>>();
            assert!(cells.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '@', '\t', '\r'])), "{name}");
            let lines: Vec<Value> = std::str::from_utf8(&files[&format!("{name}.jsonl")]).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(lines.len(), cells.len(), "{name}");
            let later = ["compacts", "commitments", "highlights"].contains(&name) || name.starts_with("statement");
            assert!(!lines.is_empty() || later, "{name} is empty");
            rows.insert(name.to_owned(), lines);
        }
        let cx = test.db().cx(Actor::Visitor);
        let shown = catalog::counts(&cx).await.unwrap().0;
        assert_eq!(rows["practices"].len() as u64, shown + 1);
        let gone = rows["practices"].iter().find(|row| row["status"] == "retired").unwrap();
        assert_eq!(gone["retired_reason"], "It was there twice.");
        assert_eq!(gone.get("summary"), None, "of what is gone the reason stays");
        assert!(!rows["practice_versions"].iter().any(|row| row["practice_id"] == gone["id"]));
        assert_eq!(rows["adoptions"].len(), 25);
        assert_eq!(rows["schools"].len(), 14);
        assert!(rows["sessions"].iter().any(|row| row["title"] == "=SUM(A1) together"));

        let accounts = ["Canary", "Quillfeather", "Paula Quay", "Carl Pier", &canary.to_string(), &at.paula.to_string(), &at.carl.to_string()];
        for (name, bytes) in &files {
            let text = String::from_utf8(bytes.clone()).unwrap();
            for person in accounts {
                assert!(!text.contains(person), "{person} is in {name}");
            }
            let address = text.replace("postmaster@commonground.localhost", "").contains("@quillfeather.example");
            assert!(!address, "{name}");
        }

        // Old ones go after thirty days; the night decides when the next is made.
        test.clock.set("2026-10-15T05:00:00Z".parse().unwrap());
        assert!(!nightly::due(test.db(), &open).await.unwrap(), "before the night");
        test.clock.set("2026-10-15T07:00:00Z".parse().unwrap());
        assert!(nightly::due(test.db(), &open).await.unwrap());
        assert_eq!(nightly::archives(&open.folder).unwrap().len(), 2);
        test.clock.set("2026-11-14T07:00:00Z".parse().unwrap());
        assert!(nightly::due(test.db(), &open).await.unwrap());
        let left: Vec<String> = nightly::archives(&open.folder).unwrap().into_iter().map(|archive| archive.name).collect();
        assert_eq!(left, ["commonground-2026-11-14.zip", "commonground-2026-10-15.zip"]);
        assert_eq!(test.get("/data/commonground-2026-10-14.zip").await.status(), 404);
    }
}

both_engines! {
    /// Nobody's eyes but a visitor's: sessions for members and drafts stay where they are.
    async fn what_is_not_public_is_not_exported(test: TestApp) {
        let at = test.two_schools().await;
        let open = test.session(&at, Sketch::default()).await;
        let members = test.session(&at, Sketch { title: "For members".to_owned(), ..Sketch::default() }).await;
        let draft = test.session(&at, Sketch { status: "draft", title: "Only a draft".to_owned(), ..Sketch::default() }).await;
        let tx = test.db().write(Actor::System("test")).await.unwrap();
        let hide = "UPDATE session SET visibility = 'members' WHERE title = 'For members'";
        sea_orm::ConnectionTrait::execute_unprepared(tx.conn(), hide).await.unwrap();
        tx.commit().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let data = test.app.open_data(&test.base.as_str().into()).unwrap();
        export::write(test.db(), &data, folder.path(), |_| {}).await.unwrap();
        let sessions = std::fs::read_to_string(folder.path().join("sessions.jsonl")).unwrap();
        assert!(sessions.contains(&open.to_string()));
        let map = test.page("/sitemap.xml").await;
        for hidden in [members.to_string(), draft.to_string()] {
            assert!(!sessions.contains(&hidden) && !map.contains(&hidden));
        }
        assert!(sessions.lines().count() == 1);
    }
}

/// The command writes beside a running server, again over its own work, and never over somebody else's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_exports_beside_a_running_server() {
    let test = TestApp::rivermark(crate::support::Engine::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let data = test.app.config.data.clone();
    let commonground::platform::config::DatabaseUrl::Sqlite(file) = &test.app.config.database else { panic!() };
    let export = |into: &std::path::Path| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_commonground"));
        command.arg("export").arg(into).arg("--data").arg(&data).current_dir(folder.path()).env_clear();
        command.env("COMMONGROUND_DATABASE_URL", format!("sqlite://{}", file.display()));
        command.env("COMMONGROUND_SECRET", &"5ec2e7".repeat(11)[..64]);
        command.output().unwrap()
    };
    let into = folder.path().join("all");
    for _ in 0..2 {
        let output = export(&into);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("files with") && said.ends_with("manifest.json has their checksums.\n"), "{said}");
    }
    assert!(into.join("README.md").is_file());
    std::fs::write(folder.path().join("mine.txt"), "x").unwrap();
    let refused = export(folder.path());
    assert_eq!(refused.status.code(), Some(1));
    assert!(!folder.path().join("README.md").exists());
}
