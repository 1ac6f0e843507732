//! The rules of the house, read out of docs/ARCHITECTURE.md and the files of the source.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Every source file below `folder`, by its path from the root.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    rust_files(&root().join(folder), &mut files);
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// The code of a file: no comment lines, and nothing from its inline tests on.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The table between the two marks in ARCHITECTURE.md: module -> what it may import.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    let table = text.split("<!-- imports -->").nth(1).expect("docs/ARCHITECTURE.md marks its import table");
    let mut rows = BTreeMap::new();
    for line in table.lines().filter(|line| line.contains("->")) {
        let (module, imports) = line.split_once("->").unwrap();
        let imports = imports.split(',').map(|name| name.trim().to_owned()).filter(|n| !n.is_empty() && n != "nothing");
        rows.insert(module.trim().to_owned(), imports.collect());
    }
    rows
}

/// Modules of ours that a text names, as `crate::NAME`.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let name: String = code[at + 7..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        found.insert(name);
    }
    found.remove("");
    found
}

#[test]
fn who_may_import_whom() {
    let table = table();
    let modules: BTreeSet<&String> = table.keys().collect();
    assert!(modules.len() >= 8, "the table was read: {modules:?}");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (file, text) in sources("src") {
        let mut parts = file.trim_start_matches("src/").split('/');
        let module = parts.next().unwrap().trim_end_matches(".rs").to_owned();
        if module == "lib" || module == "main" {
            continue;
        }
        let allowed = table.get(&module).unwrap_or_else(|| panic!("{module} is not in the table of ARCHITECTURE.md"));
        let edge =
            file.ends_with("/web.rs") || file.ends_with("/api.rs") || file.contains("/web/") || file.contains("/api/");
        let views = file.ends_with("/views.rs") || file.contains("/views/");
        for import in imports(&code(&text)) {
            seen += 1;
            let shell = (edge || views) && (import == "web" || import == "api");
            if import != module && !allowed.contains(&import) && !shell {
                wrong.push(format!("{file} imports {import}"));
            }
        }
    }
    assert!(seen > 50, "imports were found");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A library and the places that may name it.
const PLACES: &[(&str, &[&str])] = &[
    ("poem", &["/web.rs", "/api.rs", "/api/", "/web/", "src/api/", "src/app.rs", "src/ops/serve.rs"]),
    ("poem_openapi", &["/api.rs", "/api/", "src/web/problem.rs", "src/api/", "src/app.rs"]),
    ("sea_orm", &["/store.rs", "/store/", "src/platform/db/"]),
    ("search_index", &["src/search/"]),
    ("tantivy", &[]),
    ("lettre", &["src/mail/"]),
    ("openidconnect", &["src/sign_in/"]),
    ("webauthn_rp", &["src/sign_in/"]),
    ("argon2", &["src/sign_in/"]),
];

#[test]
fn libraries_stay_in_their_places() {
    let mut wrong = Vec::new();
    for (file, text) in sources("src") {
        let code = code(&text);
        for (library, places) in PLACES {
            let named = code.contains(&format!("{library}::"));
            if named && !places.iter().any(|place| file.contains(place)) {
                wrong.push(format!("{file} names {library}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn edges_hold_no_rule_and_no_query() {
    for (file, text) in sources("src") {
        if file.ends_with("/web.rs") || file.ends_with("/api.rs") {
            let code = code(&text);
            for word in ["store::", "policy::"] {
                assert!(!code.contains(word), "{file} names {word}");
            }
        }
    }
}

#[test]
fn no_folder_for_what_belongs_nowhere() {
    for (file, _) in sources("src") {
        for name in ["common", "utils", "helpers", "services", "managers"] {
            assert!(!file.split('/').any(|part| part.trim_end_matches(".rs") == name), "{file}");
        }
    }
}

#[test]
fn every_lint_is_expected_with_a_reason_and_never_allowed() {
    for folder in ["src", "migrations/src", "search-index/src"] {
        for (file, text) in sources(folder) {
            assert!(!text.contains("#[allow("), "{file} allows a lint; expect it, with a reason");
            assert!(!text.contains("#![allow("), "{file} allows a lint; expect it, with a reason");
        }
    }
}

#[test]
fn every_feature_opens_with_its_story() {
    for (file, text) in sources("src") {
        if file.ends_with("/mod.rs") {
            let story = text.lines().take_while(|line| line.starts_with("//!")).count();
            assert!(story >= 2, "{file} has no story");
        }
    }
}

#[test]
fn every_dependency_has_its_line_why() {
    let manifest: toml::Table = toml::from_str(&std::fs::read_to_string(root().join("Cargo.toml")).unwrap()).unwrap();
    let docs = std::fs::read_to_string(root().join("docs/DEPENDENCIES.md")).unwrap();
    let mut missing = Vec::new();
    for section in ["dependencies", "dev-dependencies"] {
        for name in manifest[section].as_table().unwrap().keys() {
            if name != "migrations" && name != "search-index" && !docs.contains(&format!("`{name}`")) {
                missing.push(name.clone());
            }
        }
    }
    assert!(missing.is_empty(), "docs/DEPENDENCIES.md does not say why: {missing:?}");
}

#[test]
fn every_key_of_the_configuration_is_documented() {
    let docs = std::fs::read_to_string(root().join("docs/OPERATIONS.md")).unwrap();
    for key in commonground::platform::config::KEYS {
        let name = format!("COMMONGROUND_{}", key.name.to_ascii_uppercase());
        assert!(docs.contains(&name), "docs/OPERATIONS.md does not name {name}");
    }
    for key in commonground::platform::config::PROVIDER_KEYS {
        let name = format!("COMMONGROUND_OIDC_NAME_{}", key.name.to_ascii_uppercase());
        assert!(docs.contains(&name), "docs/OPERATIONS.md does not name {name}");
    }
}

#[test]
fn permits_are_made_by_policies_alone() {
    let mut seen = 0;
    for (file, text) in sources("src") {
        let code = code(&text);
        if code.contains("Permit::when") {
            seen += 1;
            assert!(
                file.ends_with("/policy.rs") || file == "src/platform/permit.rs",
                "{file} makes a permit of its own"
            );
        }
    }
    assert!(seen >= 4, "policies were found");
}

/// Operations that hand on to one that asks, or that only the program's own bookkeeping calls; each with its reason.
const ASKED_ELSEWHERE: &[(&str, &str)] = &[
    ("proceed", "it ends in visit::begin, which asks"),
    ("enter", "it ends in visit::begin, which asks"),
    ("touch", "a mark for the index, beside what an operation changed"),
];

/// An operation that may write asks its feature's policy. That it records with a permit the compiler sees to; this sees to
/// those that write without recording.
#[test]
fn who_writes_asks() {
    let mut seen = 0;
    for (file, text) in sources("src") {
        let feature = ["src/people/", "src/sign_in/", "src/catalog/", "src/audit/", "src/search/"];
        let inside = file.contains("/store") || file.contains("/web") || file.contains("/api");
        if !feature.iter().any(|folder| file.starts_with(folder)) || inside {
            continue;
        }
        let code = code(&text);
        for piece in code.split("\npub async fn ").skip(1) {
            let name: String = piece.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let body = piece.split("\n}\n").next().unwrap();
            let head = body.split('{').next().unwrap();
            if !head.contains("&mut Tx") || ASKED_ELSEWHERE.iter().any(|(known, _)| *known == name) {
                continue;
            }
            seen += 1;
            assert!(body.contains("policy::"), "{file}: {name} may write and asks no policy");
        }
    }
    assert!(seen >= 10, "operations were found: {seen}");
}
