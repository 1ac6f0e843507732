//! Materials through the front, on both engines.

use std::collections::HashMap;
use std::io::{Cursor, Write};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use commonground::catalog::draft::PracticeDraft;
use commonground::catalog::{self, PracticeId, Release};
use commonground::contributions::writing::{self, Beginning, Outcome};
use commonground::contributions::{self, ContributionId};
use commonground::materials::links::{Answer, Checker, Names, Rules, guard};
use commonground::materials::upkeep;
use commonground::people::{AccountId, SchoolId, account};
use commonground::platform::actor::{Scope, Via};
use commonground::platform::{Actor, ids};
use poem::http::StatusCode;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::persons::Browser;
use crate::support::{Engine, TestApp, both_engines, problem};

const BOUNDARY: &str = "----edge-of-a-part";
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << >>\n%%EOF\n";
const FIELDS: [(&str, &str); 3] = [("title", "Script for the door"), ("license", "CC BY 4.0"), ("no_student", "yes")];

/// The body of a form with a file, as browsers send it.
fn form(fields: &[(&str, &str)], name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, value) in fields {
        body.extend(
            format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    let head = format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         content-type: application/octet-stream\r\n\r\n"
    );
    body.extend(head.bytes());
    body.extend(bytes);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    body
}

async fn send(browser: &Browser, path: &str, fields: &[(&str, &str)], name: &str, bytes: &[u8]) -> reqwest::Response {
    let request = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request = request
        .post(browser.url(path))
        .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
        .header("sec-fetch-site", "same-origin")
        .body(form(fields, name, bytes));
    browser.send(request).await
}

async fn actor(test: &TestApp, id: AccountId) -> Actor {
    let cx = test.db().cx(Actor::System("test"));
    let via = Via::SignIn(ids::fresh());
    account::actor(&cx, id, via, test.clock.now(), Scope::Write, false).await.unwrap().unwrap()
}

async fn begin(test: &TestApp, by: AccountId, school: SchoolId) -> ContributionId {
    let draft = PracticeDraft { title: Some("Greet at the door".to_owned()), ..PracticeDraft::default() };
    let mut tx = test.db().write(actor(test, by).await).await.unwrap();
    let new = Beginning { school, draft, cleared: Vec::new() };
    let Outcome::Kept(id) = writing::begin(&mut tx, new).await.unwrap() else { panic!("held") };
    tx.commit().await.unwrap();
    id
}

/// Addresses of the materials that a draft names.
async fn named(test: &TestApp, id: ContributionId) -> Vec<String> {
    let cx = test.db().cx(Actor::System("test"));
    let found = contributions::contribution(&cx, id).await.unwrap();
    found.draft.materials.into_iter().filter_map(|one| one.url).collect()
}

/// Publishes what a draft says, as its review would.
async fn publish(test: &TestApp, id: ContributionId, after: i32) -> (String, PracticeId) {
    let found = contributions::contribution(&test.db().cx(Actor::System("test")), id).await.unwrap();
    let (record, _) = found.so_far(test.clock.now().date_naive());
    let mut tx = test.db().write(Actor::System("test")).await.unwrap();
    let release = Release { id: found.practice, after, record, origin: found.school, note: None };
    let (slug, _) = catalog::release(&mut tx, release).await.unwrap();
    tx.commit().await.unwrap();
    test.settle().await;
    (slug, found.practice)
}

async fn count(test: &TestApp, sql: &str) -> i64 {
    let cx = test.db().cx(Actor::System("test"));
    let statement = Statement::from_string(cx.conn().get_database_backend(), sql.to_owned());
    cx.conn().query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A small picture with a place in its EXIF.
fn photo() -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = image::DynamicImage::from(image::RgbImage::from_pixel(30, 20, image::Rgb([90, 120, 30])));
    picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Jpeg).unwrap();
    let exif = b"Exif\0\0II*\0\x08\0\0\0\0\0 GPS canary 40.7128";
    let mut segment = vec![0xff, 0xe1];
    segment.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    segment.extend(exif);
    [&bytes[..2], &segment, &bytes[2..], b"<script>canary</script>"].concat()
}

both_engines! {
    /// From the form to everybody's disk, and gone with the practice.
    async fn a_file_goes_with_its_practice(test: TestApp) {
        let at = test.two_schools().await;
        let id = begin(&test, at.carl, at.harbor).await;
        let carl = test.signed_in(at.carl, false).await;
        let page = format!("/contributions/{id}/materials");
        assert!(carl.page(&page).await.contains("None yet. Send the first one below."));
        let sent = send(&carl, &page, &FIELDS, "../../Door script.pdf.exe", PDF).await;
        assert_eq!((sent.status(), sent.headers()["location"].to_str().unwrap()), (StatusCode::SEE_OTHER, &*format!("{page}?done=sent")));
        let urls = named(&test, id).await;
        let [url] = &urls[..] else { panic!("one file") };
        assert!(url.ends_with("/door-script-pdf.pdf"), "{url}");
        let shown = carl.page(&page).await;
        assert!(shown.contains(url.as_str()) && shown.contains("PDF, "), "{shown}");

        // A draft's file is for those who may know of the draft.
        let own = carl.get(url).await;
        assert_eq!((own.status(), own.headers()["cache-control"].to_str().unwrap()), (StatusCode::OK, "no-store"));
        let (paula, cora, dina) =
            (test.signed_in(at.paula, false).await, test.signed_in(at.cora, false).await, test.signed_in(at.dina, false).await);
        assert_eq!(paula.get(url).await.status(), 200);
        for other in [&cora, &dina, &test.browser()] {
            assert_eq!(other.get(url).await.status(), 404);
        }
        for other in [&cora, &dina] {
            assert_eq!(other.get(&page).await.status(), 404);
            assert_eq!(send(other, &page, &FIELDS, "a.pdf", PDF).await.status(), 404);
        }
        // The principal reads it and does not write it.
        assert!(!paula.page(&page).await.contains("multipart/form-data"));
        assert_eq!(send(&paula, &page, &FIELDS, "a.pdf", PDF).await.status(), 403);
        assert_eq!(named(&test, id).await.len(), 1);

        // Once published it is everybody's, as a download that runs nowhere.
        let (slug, practice) = publish(&test, id, 0).await;
        let answer = test.get(url).await;
        assert_eq!(answer.status(), 200);
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-disposition"), "attachment; filename=\"door-script-pdf.pdf\"");
        assert_eq!((header("content-type"), header("x-content-type-options")), ("application/pdf".to_owned(), "nosniff".to_owned()));
        assert!(header("content-security-policy").starts_with("sandbox"));
        let tag = header("etag");
        assert_eq!(answer.bytes().await.unwrap(), PDF);
        let again = test.client.get(format!("{}{url}", test.base)).header("if-none-match", tag).send().await.unwrap();
        assert_eq!(again.status(), 304);
        assert_eq!(test.get(&url.replace("door-script-pdf", "other")).await.status(), 404);
        assert!(test.page(&format!("/practices/{slug}")).await.contains(url.as_str()));

        // A later version may name it no more: old versions keep it.
        while upkeep::follow(test.db()).await.unwrap() {}
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        let record = catalog::PracticeRecord { title: "Greet at the door".to_owned(), ..Default::default() };
        let release = Release { id: practice, after: 1, record, origin: at.harbor, note: None };
        catalog::release(&mut tx, release).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(test.get(url).await.status(), 200);
        // A retired practice takes it along at once.
        test.retire(&slug, "It names somebody.").await;
        assert_eq!(test.get(url).await.status(), 404);
        assert_eq!(carl.get(url).await.status(), 200);
    }
}

both_engines! {
    /// B4: each refusal is one sentence, nothing is kept, and what was typed stays.
    async fn what_may_not_come_in_is_refused_in_a_sentence(test: TestApp) {
        let at = test.two_schools().await;
        let id = begin(&test, at.carl, at.harbor).await;
        let carl = test.signed_in(at.carl, false).await;
        let page = format!("/contributions/{id}/materials");
        let types = br#"<Types><Override ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;
        let nothing = vec![0; 100_000];
        let mut bomb = zipped(&[("[Content_Types].xml", types), ("a", &nothing)]);
        // It says that it unpacks to nearly four gigabytes.
        let size = 100_000_u32.to_le_bytes();
        let places: Vec<usize> =
            bomb.windows(4).enumerate().filter(|(_, part)| *part == size).map(|(at, _)| at).collect();
        for at in places {
            bomb[at..at + 4].copy_from_slice(&0xf000_0000_u32.to_le_bytes());
        }
        let macros = zipped(&[("[Content_Types].xml", types), ("word/vbaProject.bin", b"x")]);
        let mut pixels = Vec::new();
        let small = image::DynamicImage::from(image::GrayImage::new(2, 2));
        small.write_to(&mut Cursor::new(&mut pixels), image::ImageFormat::Png).unwrap();
        pixels[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        let mut sum = flate2::Crc::new();
        sum.update(&pixels[12..29]);
        pixels[29..33].copy_from_slice(&sum.sum().to_be_bytes());
        let polyglot = [PDF, &zipped(&[("a.txt", b"x")])].concat();
        let refused: [(&str, &[u8], &str); 12] = [
            ("a.docx", &bomb, "far larger than it looks"),
            ("a.docx", &macros, "macros or programs"),
            ("a.png", &pixels, "50 million pixels"),
            ("a.pdf", &polyglot, "behind the end"),
            ("a.pdf", b"%PDF-1.4 << /S /JavaScript /JS (x) >>\n%%EOF", "runs scripts"),
            ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "This kind of file is not taken"),
            ("a.txt", b"<!DOCTYPE html><script>1</script>", "a page or a program"),
            ("a.html", b"<p>Hello", "This kind of file is not taken"),
            ("a.pdf", b"MZ\x90\0", "This kind of file is not taken"),
            ("a.csv", b"name,n\n=cmd|' /C calc'!A0,1\n", "begins like a formula"),
            ("a.txt", b"Begr\xfc\xdfung", "not in UTF-8"),
            ("", b"", "this one is empty"),
        ];
        for (name, bytes, sentence) in refused {
            let answer = send(&carl, &page, &FIELDS, name, bytes).await;
            assert_eq!(answer.status(), 422, "{name} {sentence}");
            let html = answer.text().await.unwrap();
            assert!(html.contains(sentence), "{name} {sentence}: {html}");
            assert!(html.contains("Script for the door") && html.contains("value=\"CC BY 4.0\""), "what was typed is gone");
        }
        // What is said of it is looked at together with the file.
        let html = send(&carl, &page, &[("title", ""), ("editable", "perhaps")], "a.exe", b"MZ").await.text().await.unwrap();
        for sentence in ["Give it a title", "Say under which license", "no student is named or shown in it.", "Answer yes or no.", "not taken"] {
            assert!(html.contains(sentence), "{sentence}");
        }
        // A title that may point at a student.
        let fields = [("title", "Plan for student Jane Doe, born 3/4/2015"), ("license", "CC BY 4.0"), ("no_student", "yes")];
        let answer = send(&carl, &page, &fields, "a.pdf", PDF).await;
        assert_eq!(answer.status(), 422);
        assert!(answer.text().await.unwrap().contains("point at a student"));
        // Too large is refused before it is read.
        let large = test.client.post(carl.url(&page)).header("sec-fetch-site", "same-origin");
        let large = large.body(vec![b'a'; 26_400_000]).send().await;
        assert!(large.is_err() || large.unwrap().status() == 413);
        assert!(named(&test, id).await.is_empty());
        assert_eq!(count(&test, "SELECT COUNT(*) AS n FROM material").await, 0);
        // A control: the same way with a good one.
        assert_eq!(send(&carl, &page, &FIELDS, "a.pdf", PDF).await.status(), 303);
        assert_eq!(count(&test, "SELECT COUNT(*) AS n FROM material").await, 1);
    }
}

both_engines! {
    async fn pictures_come_out_without_where_they_were_taken(test: TestApp) {
        let at = test.two_schools().await;
        let id = begin(&test, at.carl, at.harbor).await;
        let carl = test.signed_in(at.carl, false).await;
        let photo = photo();
        assert!(String::from_utf8_lossy(&photo).contains("canary"));
        // A picture that calls itself something else is what it is.
        let answer = send(&carl, &format!("/contributions/{id}/materials"), &FIELDS, "photo.txt", &photo).await;
        assert_eq!(answer.status(), 303);
        let url = named(&test, id).await.remove(0);
        assert!(url.ends_with("/photo.jpg"));
        let answer = carl.get(&url).await;
        assert_eq!((answer.status(), answer.headers()["content-type"].to_str().unwrap()), (StatusCode::OK, "image/jpeg"));
        let kept = answer.bytes().await.unwrap();
        let text = String::from_utf8_lossy(&kept);
        assert!(!text.contains("canary") && !text.contains("Exif") && !text.contains("GPS"));
        assert_eq!(image::load_from_memory(&kept).unwrap().width(), 30);
    }
}

both_engines! {
    /// The same bytes are there once, and go a month after the last file that has them.
    async fn bytes_are_there_once_and_go_at_last(test: TestApp) {
        let at = test.two_schools().await;
        let (one, two) = (begin(&test, at.carl, at.harbor).await, begin(&test, at.dina, at.millbrook).await);
        let (carl, dina) = (test.signed_in(at.carl, false).await, test.signed_in(at.dina, false).await);
        for (browser, id) in [(&carl, one), (&dina, two)] {
            assert_eq!(send(browser, &format!("/contributions/{id}/materials"), &FIELDS, "a.pdf", PDF).await.status(), 303);
        }
        let files = || count(&test, "SELECT COUNT(*) AS n FROM material");
        let bytes = || count(&test, "SELECT COUNT(*) AS n FROM material_blob");
        assert_eq!((files().await, bytes().await), (2, 1));
        // One is taken out by its page, the other goes with its draft.
        let url = named(&test, one).await.remove(0);
        let file = url.split('/').nth(2).unwrap().to_owned();
        assert_eq!(dina.post(&format!("/contributions/{one}/materials/{file}/removal"), &[]).await.status(), 404);
        assert_eq!(dina.post(&format!("/contributions/{two}/materials/{file}/removal"), &[]).await.status(), 404);
        let to = carl.post_on(&format!("/contributions/{one}/materials/{file}/removal"), &[]).await;
        assert_eq!(to, format!("/contributions/{one}/materials?done=removed"));
        assert!(named(&test, one).await.is_empty());
        assert_eq!((files().await, carl.get(&url).await.status()), (1, StatusCode::NOT_FOUND));
        let mut tx = test.db().write(actor(&test, at.dina).await).await.unwrap();
        writing::discard(&mut tx, two).await.unwrap();
        tx.commit().await.unwrap();
        let depot = test.app.depot().unwrap();
        upkeep::sweep(test.db(), &depot).await.unwrap();
        assert_eq!((files().await, bytes().await), (0, 1));
        test.clock.set(test.clock.now() + TimeDelta::days(31));
        // Sent again in time, they stay.
        let three = begin(&test, at.carl, at.harbor).await;
        let carl = test.signed_in(at.carl, false).await;
        assert_eq!(send(&carl, &format!("/contributions/{three}/materials"), &FIELDS, "a.pdf", PDF).await.status(), 303);
        upkeep::sweep(test.db(), &depot).await.unwrap();
        assert_eq!(bytes().await, 1);
        let url = named(&test, three).await.remove(0);
        assert_eq!(carl.get(&url).await.bytes().await.unwrap(), PDF);
        let file = url.split('/').nth(2).unwrap().to_owned();
        carl.post_on(&format!("/contributions/{three}/materials/{file}/removal"), &[]).await;
        test.clock.set(test.clock.now() + TimeDelta::days(31));
        upkeep::sweep(test.db(), &depot).await.unwrap();
        assert_eq!(bytes().await, 0);
        let left = std::fs::read_dir(test.app.config.data.join("blobs")).unwrap();
        let left: usize = left.map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count()).sum();
        assert_eq!(left, 0);
    }
}

both_engines! {
    async fn programs_send_files_too(test: TestApp) {
        let at = test.two_schools().await;
        let id = begin(&test, at.carl, at.harbor).await;
        let practice = contributions::contribution(&test.db().cx(Actor::System("test")), id).await.unwrap().practice;
        let (carl, dina) = (test.signed_in(at.carl, false).await, test.signed_in(at.dina, false).await);
        let path = format!("/api/v1/practices/{practice}/materials");
        let fields = [("title", "Door script"), ("license", "CC BY 4.0"), ("no_student", "true"), ("editable", "false")];
        problem(send(&dina, &path, &fields, "a.pdf", PDF).await, 404).await;
        let refused = problem(send(&carl, &path, &fields, "a.pdf", b"MZ").await, 422).await;
        assert_eq!(refused["errors"][0]["pointer"], "#/file");
        let made = send(&carl, &path, &fields, "a.pdf", PDF).await;
        assert_eq!(made.status(), 201);
        let location = made.headers()["location"].to_str().unwrap().to_owned();
        let made: Value = made.json().await.unwrap();
        assert_eq!((made["kind"].as_str(), made["url"].as_str()), (Some("pdf"), Some(location.as_str())));
        assert_eq!(made["practice"], json!(practice.to_string()));
        let draft = contributions::contribution(&test.db().cx(Actor::System("test")), id).await.unwrap().draft;
        let entry = &draft.materials[0];
        assert_eq!((entry.title.as_deref(), entry.editable.as_deref(), entry.accessible.as_deref()), (Some("Door script"), Some("no"), None));
        let file = format!("/api/v1/materials/{}", made["id"].as_str().unwrap());
        let delete = |browser: &Browser| {
            test.client.delete(browser.url(&file)).header("sec-fetch-site", "same-origin")
        };
        problem(dina.send(delete(&dina)).await, 404).await;
        assert_eq!(carl.send(delete(&carl)).await.status(), 204);
        assert!(named(&test, id).await.is_empty());
    }
}

/// A server that counts who connects and answers by path.
async fn server(at: &str) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(at).await.unwrap();
    let (address, seen) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut head = vec![0; 4_000];
                let read = stream.read(&mut head).await.unwrap_or_default();
                let head = String::from_utf8_lossy(&head[..read]).into_owned();
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                let answer = match path.as_str() {
                    "/there" => "200 OK\r\n".to_owned(),
                    "/sign-in" => "403 Forbidden\r\n".to_owned(),
                    "/get-only" if head.starts_with("HEAD") => "405 No\r\n".to_owned(),
                    "/get-only" => "200 OK\r\n".to_owned(),
                    "/round" => "302 Found\r\nlocation: /round\r\n".to_owned(),
                    "/on" => "301 Moved\r\nlocation: /there\r\n".to_owned(),
                    out if out.starts_with("/to/") => format!("302 Found\r\nlocation: http://{}/there\r\n", &out[4..]),
                    _ => "404 Not Found\r\n".to_owned(),
                };
                let _ = stream
                    .write_all(format!("HTTP/1.1 {answer}content-length: 0\r\nconnection: close\r\n\r\n").as_bytes())
                    .await;
            });
        }
    });
    (address, seen)
}

/// Names that lead where the test says.
struct Told(HashMap<&'static str, Vec<IpAddr>>);

#[async_trait::async_trait]
impl Names for Told {
    async fn addresses(&self, name: &str) -> std::io::Result<Vec<IpAddr>> {
        self.0.get(name).cloned().ok_or_else(|| std::io::Error::other("no such name"))
    }
}

fn told() -> Arc<dyn Names> {
    let here: IpAddr = "127.0.0.1".parse().unwrap();
    let inside: IpAddr = "127.0.0.2".parse().unwrap();
    Arc::new(Told(HashMap::from([
        ("public.example", vec![here]),
        ("inside.example", vec![inside]),
        ("both.example", vec![here, inside]),
    ])))
}

async fn answers(checker: &Checker, urls: &[String]) -> Vec<Answer> {
    checker.check(urls).await.into_iter().map(|found| found.answer).collect()
}

/// A server on this machine is never reached, whatever the link looks like.
#[tokio::test]
async fn no_link_reaches_a_private_address() {
    let (address, seen) = server("127.0.0.1:0").await;
    let port = address.port();
    // The port is allowed here, so that the address alone decides.
    let rules = Rules { ports: vec![80, 443, port], allowed: guard::public, names: told() };
    let checker = Checker::new(rules);
    let links = [
        format!("http://127.0.0.1:{port}/there"),
        format!("http://localhost:{port}/there"),
        format!("http://public.example:{port}/there"),
        format!("http://both.example:{port}/there"),
        format!("http://127.1:{port}/there"),
        format!("http://0x7f000001:{port}/there"),
        format!("http://2130706433:{port}/there"),
        format!("http://[::1]:{port}/there"),
        format!("http://[::ffff:127.0.0.1]:{port}/there"),
        format!("http://0.0.0.0:{port}/there"),
        format!("http://user:word@127.0.0.1:{port}/there"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://[fd00:ec2::254]/latest/meta-data/".to_owned(),
    ];
    let found = answers(&checker, &links).await;
    assert_eq!(found, vec![Answer::NotAsked; links.len()]);
    // The names of the system, as the program asks them.
    let checker = Checker::new(Rules { ports: vec![80, 443, port], ..Rules::default() });
    assert_eq!(answers(&checker, &links[..2]).await, [Answer::NotAsked, Answer::NotAsked]);
    assert_eq!(seen.load(Ordering::SeqCst), 0);
    // A control: the same server is reached where the rules let it.
    let here = |address: IpAddr| address == IpAddr::from([127, 0, 0, 1]);
    let checker = Checker::new(Rules { ports: vec![port], allowed: here, names: told() });
    let links = [format!("http://public.example:{port}/there")];
    assert_eq!(answers(&checker, &links).await, [Answer::There]);
    assert!(seen.load(Ordering::SeqCst) > 0);
}

/// Its writer sees which links lead nowhere before an editor reads it, and is kept from nothing by it.
#[tokio::test]
async fn dead_links_are_shown_before_a_draft_is_submitted() {
    let (address, seen) = server("127.0.0.1:0").await;
    let port = address.port();
    let here = |address: IpAddr| address == IpAddr::from([127, 0, 0, 1]);
    let rules = Rules { ports: vec![port], allowed: here, names: told() };
    let test = TestApp::asking(Engine::Sqlite, rules).await;
    let at = test.two_schools().await;
    let draft = json!({
        "title": "Greet at the door",
        "materials": [
            {"title": "Gone", "url": format!("http://127.0.0.1:{port}/gone")},
            {"title": "There", "url": format!("http://127.0.0.1:{port}/there")},
        ],
    });
    let mut tx = test.db().write(actor(&test, at.carl).await).await.unwrap();
    let draft = PracticeDraft::from_json(&draft).unwrap();
    let new = Beginning { school: at.harbor, draft, cleared: Vec::new() };
    let Outcome::Kept(id) = writing::begin(&mut tx, new).await.unwrap() else { panic!("held") };
    tx.commit().await.unwrap();
    let carl = test.signed_in(at.carl, false).await;
    let page = carl.page(&format!("/contributions/{id}/submission")).await;
    assert!(
        page.contains(&format!("127.0.0.1:{port}/gone: The server of this link says that nothing is there")),
        "{page}"
    );
    assert!(!page.contains("/there:"), "{page}");
    // What was asked just now is not asked again.
    let asked = seen.load(Ordering::SeqCst);
    assert!(asked >= 2);
    carl.page(&format!("/contributions/{id}/submission")).await;
    assert_eq!(seen.load(Ordering::SeqCst), asked);
}

#[tokio::test]
async fn redirects_are_held_against_the_same_rules() {
    let (address, seen) = server("127.0.0.1:0").await;
    let port = address.port();
    let (inside, reached) = server(&format!("127.0.0.2:{port}")).await;
    let here = |address: IpAddr| address == IpAddr::from([127, 0, 0, 1]);
    let checker = Checker::new(Rules { ports: vec![port], allowed: here, names: told() });
    let at = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let cases = [
        (at("/there"), Answer::There),
        (at("/sign-in"), Answer::There),
        (at("/get-only"), Answer::There),
        (at("/on"), Answer::There),
        (at("/gone"), Answer::Gone),
        (at("/round"), Answer::Gone),
        (at(&format!("/to/{inside}")), Answer::NotAsked),
        (at(&format!("/to/inside.example:{port}")), Answer::NotAsked),
        (at(&format!("/to/both.example:{port}")), Answer::NotAsked),
        (at("/to/127.0.0.1:1"), Answer::NotAsked),
        (at(&format!("/to/public.example:{port}")), Answer::There),
        (format!("http://nobody.example:{port}/"), Answer::Silent),
    ];
    let (links, wanted): (Vec<String>, Vec<Answer>) = cases.into_iter().unzip();
    assert_eq!(answers(&checker, &links).await, wanted);
    assert_eq!(reached.load(Ordering::SeqCst), 0);
    assert!(seen.load(Ordering::SeqCst) >= 10);
}

both_engines! {
    /// Three weekly checks in a row tell everybody, the first one tells the school.
    async fn a_dead_link_is_told_of(test: TestApp) {
        let at = test.two_schools().await;
        let (address, _) = server("127.0.0.1:0").await;
        let port = address.port();
        let draft = json!({
            "title": "Greet at the door",
            "materials": [
                {"title": "Gone", "url": format!("http://127.0.0.1:{port}/gone")},
                {"title": "There", "url": format!("http://127.0.0.1:{port}/there")},
            ],
        });
        let mut tx = test.db().write(actor(&test, at.carl).await).await.unwrap();
        let draft = PracticeDraft::from_json(&draft).unwrap();
        let new = Beginning { school: at.harbor, draft, cleared: Vec::new() };
        let Outcome::Kept(id) = writing::begin(&mut tx, new).await.unwrap() else { panic!("held") };
        tx.commit().await.unwrap();
        let (slug, _) = publish(&test, id, 0).await;
        while upkeep::follow(test.db()).await.unwrap() {}
        assert_eq!(count(&test, "SELECT COUNT(*) AS n FROM link").await, 2);
        let here = |address: IpAddr| address == IpAddr::from([127, 0, 0, 1]);
        let checker = Checker::new(Rules { ports: vec![port], allowed: here, names: told() });
        let page = format!("/practices/{slug}");
        let start = test.clock.now();
        let week = async |number: i32| {
            test.clock.set(start + TimeDelta::days(7) * number);
            while upkeep::ask_due(test.db(), &checker).await.unwrap() {}
            let carl = test.signed_in(at.carl, false).await;
            (test.page(&page).await, carl.page(&page).await)
        };
        let said = "Links that do not answer";
        for number in 1..=2 {
            let (everybody, school) = week(number).await;
            assert!(!everybody.contains(said), "week {number}");
            assert!(school.contains(said) && school.contains("Only people of your school"), "week {number}");
            assert!(!school.contains("/there</"), "week {number}");
            // Asking again in the same week changes nothing.
            while upkeep::ask_due(test.db(), &checker).await.unwrap() {}
        }
        let (everybody, _) = week(3).await;
        assert!(everybody.contains(said) && everybody.contains("not reachable since October 21, 2026"), "{everybody}");
        // A practice that is retired has no links that are looked after.
        test.retire(&slug, "Stopped.").await;
        while upkeep::follow(test.db()).await.unwrap() {}
        upkeep::sweep(test.db(), &test.app.depot().unwrap()).await.unwrap();
        assert_eq!(count(&test, "SELECT COUNT(*) AS n FROM link").await, 0);
    }
}
