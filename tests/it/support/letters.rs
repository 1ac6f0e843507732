//! A sample of every kind of letter, in `tests/samples/letters/KIND.txt`: whoever changes what people read sees it there.
//!
//! A sample names the test that sends such a letter. When that test has ended, one of its letters must read like the
//! sample. And whatever a test sends, its kind has a sample. After a change that was meant:
//! `UPDATE_LETTERS=1 tests/with-postgres cargo test --test it`, which also makes the sample of a new kind.
//!
//! `COMMONGROUND_TEST_LETTERS=FOLDER` lays every letter there as it leaves, signed, as `KIND.TEST.eml`, with the record of
//! the key in `key.txt`: for checkers that others have written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use commonground::mail::dkim::{NewKey, Signer, make};
use commonground::mail::{LetterId, outbox};
use commonground::platform::Actor;
use mail_parser::{MessageParser, MimeHeaders};
use sea_orm::{ConnectionTrait, Statement};

use super::{NOW, TestApp, html};

/// Where samples are.
pub const SAMPLES: &str = "tests/samples/letters";

/// The public address that samples have.
const HOME: &str = "https://ground.example";

/// What a test is told besides.
struct Wishes {
    /// Write what there is.
    update: bool,
    /// Lay letters there, signed.
    folder: Option<(PathBuf, Signer)>,
}

fn wishes() -> &'static Wishes {
    static WISHES: OnceLock<Wishes> = OnceLock::new();
    WISHES.get_or_init(|| {
        let folder = setting("COMMONGROUND_TEST_LETTERS").map(PathBuf::from).map(|folder| {
            let key = folder.join("key.pem");
            if !key.exists() {
                make(&folder, "key", NewKey::Rsa).unwrap();
            }
            let signer = Signer::load(&format!("key:{}", key.display()), "commonground.localhost").unwrap();
            std::fs::write(folder.join("key.txt"), &signer.records()[0].1).unwrap();
            (folder, signer)
        });
        Wishes { update: setting("UPDATE_LETTERS").is_some(), folder }
    })
}

#[expect(clippy::disallowed_methods, reason = "the settings of these samples")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Every sample: kind, and what is written down.
pub fn samples() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(SAMPLES);
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let sample = |file: PathBuf| {
        let kind = file.file_stem().unwrap().to_str().unwrap().to_owned();
        (kind, std::fs::read_to_string(file).unwrap())
    };
    files.map(sample).collect()
}

/// The samples as they were when the tests began.
fn kept() -> &'static BTreeMap<String, String> {
    static KEPT: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    KEPT.get_or_init(samples)
}

impl TestApp {
    /// Looks at the letters that a test has sent, when it ends.
    pub(super) fn look_at_letters(&self) {
        let Some(test) = test() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if runtime.runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread {
            tokio::task::block_in_place(|| runtime.block_on(self.compare_letters(&test)));
        }
    }

    async fn compare_letters(&self, test: &str) {
        let cx = self.db().cx(Actor::System("test"));
        let backend = cx.conn().get_database_backend();
        // A test may have taken the database away.
        let sql = "SELECT DISTINCT kind FROM outbox WHERE content IS NOT NULL OR mailing_id IS NOT NULL";
        let Ok(rows) = cx.conn().query_all_raw(Statement::from_string(backend, sql)).await else { return };
        let kinds: BTreeSet<String> = rows.iter().map(|row| row.try_get("", "kind").unwrap()).collect();
        // A test may begin again on the same database, before it has sent anything.
        if kinds.is_empty() {
            return;
        }
        let Wishes { update, folder } = wishes();
        let mark = format!("Test: {test}\n");
        let is_mine = |kind: &str| kept().get(kind).is_some_and(|sample| sample.contains(&mark));
        for kind in kept().keys().filter(|kind| is_mine(kind)) {
            assert!(
                kinds.contains(kind),
                "{test} does not send {kind} any more; take {SAMPLES}/{kind}.txt out or let another test send it"
            );
        }
        // Letters that a test writes itself.
        for kind in kinds.iter().filter(|kind| *kind != "test" && !kind.starts_with("test_")) {
            let is_new = !kept().contains_key(kind);
            assert!(!is_new || *update, "{kind} has no sample: make one with UPDATE_LETTERS=1, and read it");
            if !is_new && !is_mine(kind) && folder.is_none() {
                continue;
            }
            let letters = self.rendered(kind, test).await;
            if let (Some((folder, signer)), Some((_, raw))) = (folder, letters.first()) {
                let file = folder.join(format!("{kind}.{}.eml", test.replace("::", ".")));
                std::fs::write(file, signer.sign(raw, NOW.parse().unwrap()).unwrap()).unwrap();
            }
            let Some((first, _)) = letters.first() else { continue };
            if *update && (is_new || is_mine(kind)) {
                let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(SAMPLES).join(format!("{kind}.txt"));
                // The first test that sends a new kind is the one of its sample.
                let mine = std::fs::read_to_string(&file).map_or(true, |sample| sample.contains(&mark));
                if mine {
                    std::fs::write(file, first).unwrap();
                }
            } else if is_mine(kind) && !letters.iter().any(|(text, _)| *text == kept()[kind]) {
                panic!(
                    "{SAMPLES}/{kind}.txt says otherwise; after a change that was meant, set UPDATE_LETTERS=1\n{first}"
                );
            }
        }
    }

    /// The letters of a kind as samples and as messages, in an order that is the same in each run.
    async fn rendered(&self, kind: &str, test: &str) -> Vec<(String, Vec<u8>)> {
        let cx = self.db().cx(Actor::System("test"));
        let sql = format!(
            "SELECT id FROM outbox WHERE kind = '{kind}' AND (content IS NOT NULL OR mailing_id IS NOT NULL) LIMIT 200"
        );
        let backend = cx.conn().get_database_backend();
        let rows = cx.conn().query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
        let head = self.app.letterhead(&self.base.as_str().into()).unwrap();
        let mut letters = Vec::new();
        for row in rows {
            let id = LetterId(row.try_get("", "id").unwrap());
            // The text of a mailing may be gone.
            let Ok(raw) = outbox::message(&cx, &head, id).await else { continue };
            letters.push((sample(kind, test, &self.base, &raw), raw));
        }
        letters.sort();
        letters
    }
}

/// The running test without its engine: `seats::a_full_house_says_so`; none where the name of the thread does not tell.
fn test() -> Option<String> {
    let thread = std::thread::current();
    let name = thread.name().filter(|name| name.contains("::"))?;
    Some(name.trim_end_matches("::sqlite").trim_end_matches("::postgres").to_owned())
}

/// A letter as a sample has it.
fn sample(kind: &str, test: &str, base: &str, raw: &[u8]) -> String {
    let message = MessageParser::default().parse(raw).unwrap();
    let header = |name: &str| message.header_raw(name).map(|value| value.trim().to_owned());
    let (page, text) = (message.body_html(0).unwrap(), message.body_text(0).unwrap());
    let button = html::elements(&page)
        .into_iter()
        .find(|element| element.get("style").is_some_and(|style| style.contains("inline-block")))
        .map(|button| html::decode(button.get("href").unwrap()));
    let calendar = message.parts.iter().find_map(|part| {
        let kind = part.content_type().filter(|kind| kind.subtype() == Some("calendar"))?;
        kind.attribute("method").map(str::to_owned)
    });
    let mut out = format!("Kind: {kind}\nTest: {test}\n");
    let mut line = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            out.push_str(&format!("{name}: {value}\n"));
        }
    };
    line("To", message.to().and_then(|to| to.first()).and_then(|to| to.address()).map(str::to_owned));
    line("Subject", message.subject().map(str::to_owned));
    line("List", header("List-Id"));
    line("Leave", header("List-Unsubscribe"));
    line("Calendar", calendar);
    line("Button", button);
    let html = html::text(&page);
    let out = format!("{out}\n== text\n{}\n\n== HTML, as it is read\n{html}\n", text.replace("\r\n", "\n").trim_end());
    settled(&out.replace(base, HOME))
}

/// What is another in each run, by its name: ids, the secrets in addresses of ours, and numbers of certificates.
fn settled(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        // The name of a collection or a statement in its address ends with six digits of chance.
        let of_chance = out.ends_with("/collections/") || out.ends_with("/statements/");
        let word = word.rsplit_once('-').filter(|_| of_chance).map_or(word, |(name, _)| name);
        let long = word.len() >= 20 && word.contains(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase());
        out.push_str(match word {
            id if id.len() == 36 && id.parse::<uuid::Uuid>().is_ok() => "ID",
            _ if long => "SECRET",
            number if is_number(number) => "NUMBER",
            word => word,
        });
        let next = after.chars().next().map_or(0, char::len_utf8);
        out.push_str(&after[..next]);
        rest = &after[next..];
    }
    out
}

/// The number of a certificate: `MJD4-622Z-7DX0`.
fn is_number(word: &str) -> bool {
    let is_part = |part: &str| part.len() == 4 && part.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
    word.len() == 14 && word.split('-').all(is_part)
}
