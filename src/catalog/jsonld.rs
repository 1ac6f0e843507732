//! A practice as search engines and library catalogs read it: schema.org `LearningResource` (LRMI) in JSON-LD.
//!
//! It says what the page says and nothing more. No e-mail addresses: the texts of a record hold none, and
//! nothing else is added.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::record::PracticeRecord;

/// What the page knows beside the record.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Absolute address of the practice that never changes.
    pub url: &'a str,
    /// Address of the installation.
    pub base_url: &'a str,
    /// Name of the installation.
    pub site_name: &'a str,
    /// Name of the school where it began; its address here.
    pub school: Option<(&'a str, &'a str)>,
    /// Number of the version.
    pub version: u32,
    /// When the practice was first published or imported.
    pub published_on: NaiveDate,
    /// When this version was.
    pub modified_on: NaiveDate,
}

/// The JSON-LD of a practice. What the record does not say is left out; only the grades, which every
/// harvester asks for, then read "Not stated".
pub fn learning_resource(record: &PracticeRecord, context: Context<'_>) -> Value {
    let labels = |labels: Vec<&str>| Value::from(labels);
    let mut grades: Vec<&str> = record.grade_bands.iter().map(|band| band.label()).collect();
    if grades.is_empty() {
        grades.push("Not stated");
    }
    let topics: Vec<&str> = record.topics.iter().map(|topic| topic.label()).collect();
    let subjects = record.subjects.iter().map(|subject| subject.label());
    let groups = record.student_groups.iter().map(|group| group.label());
    let keywords: Vec<&str> = topics.iter().copied().chain(subjects).chain(groups).collect();
    let about: Vec<Value> = topics.iter().map(|topic| json!({"@type": "Thing", "name": topic})).collect();
    let parts: Vec<Value> =
        record.materials.iter().map(|m| work(&m.title, m.url.as_deref(), context.base_url)).collect();
    let cited = |claim: &super::record::EvidenceClaim| {
        Some(work(claim.citation.as_deref()?, claim.citation_url.as_deref(), context.base_url))
    };
    let mut citations: Vec<Value> = Vec::new();
    for citation in record.evidence_claims.iter().filter_map(cited) {
        if !citations.contains(&citation) {
            citations.push(citation);
        }
    }
    let mut node = json!({
        "@context": "https://schema.org",
        "@type": "LearningResource",
        "@id": context.url,
        "url": context.url,
        "name": record.title,
        "description": record.summary.as_deref().unwrap_or(&record.title),
        "learningResourceType": record.practice_type.map_or("Practice", |kind| kind.label()),
        "educationalLevel": labels(grades),
        "keywords": labels(keywords),
        "about": about,
        "audience": {"@type": "EducationalAudience", "educationalRole": "teacher"},
        "inLanguage": "en",
        "isAccessibleForFree": true,
        "license": record.license.url(),
        "version": context.version.to_string(),
        "datePublished": context.published_on.to_string(),
        "dateModified": context.modified_on.to_string(),
        "publisher": {"@type": "Organization", "name": context.site_name, "url": context.base_url},
        "hasPart": parts,
        "citation": citations,
    });
    if let Some((name, url)) = context.school {
        node["author"] = json!({"@type": "School", "name": name, "url": url});
    }
    if let Some(url) = &record.imported_url {
        node["isBasedOn"] = json!(url);
    }
    if let Value::Object(map) = &mut node {
        map.retain(|_, value| !matches!(value, Value::Array(items) if items.is_empty()));
    }
    node
}

/// JSON for a `<script type="application/ld+json">`: no text in it can end the element or begin another,
/// nor break a line for an older JavaScript reader.
pub fn embed(value: &Value) -> String {
    value
        .to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

fn work(name: &str, url: Option<&str>, base_url: &str) -> Value {
    let mut map = Map::new();
    map.insert("@type".to_owned(), json!("CreativeWork"));
    map.insert("name".to_owned(), json!(name));
    if let Some(url) = url {
        let own = if url.starts_with('/') { base_url.trim_end_matches('/') } else { "" };
        map.insert("url".to_owned(), json!(format!("{own}{url}")));
    }
    Value::Object(map)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::parse::tests::full_record;

    fn context() -> Context<'static> {
        let day = |d| NaiveDate::from_ymd_opt(2026, 3, d).unwrap();
        Context {
            url: "https://rivermark.example/practices/sound-wall",
            base_url: "https://rivermark.example",
            site_name: "Common Ground Rivermark",
            school: Some(("Tamsin Row Elementary", "https://rivermark.example/schools/tamsin-row")),
            version: 2,
            published_on: day(1),
            modified_on: day(9),
        }
    }

    #[test]
    fn a_full_record_says_what_catalogs_ask_for() {
        let node = learning_resource(&full_record(), context());
        for key in ["name", "description", "url", "learningResourceType", "educationalLevel", "inLanguage", "license"] {
            assert!(!node[key].is_null(), "{key}");
        }
        assert_eq!(node["license"], "https://creativecommons.org/licenses/by/4.0/");
        assert_eq!(node["dateModified"], "2026-03-09");
        assert_eq!(node["author"]["name"], "Tamsin Row Elementary");
        assert_eq!(node["citation"][0]["url"], "https://ies.ed.gov/ncee/wwc/PracticeGuide/21");
    }

    #[test]
    fn a_bare_record_has_no_empty_values() {
        let bare = PracticeRecord { title: "Sound wall".into(), ..Default::default() };
        let node = learning_resource(&bare, Context { school: None, ..context() });
        let text = node.to_string();
        assert!(!text.contains("null") && !text.contains("[]") && !text.contains("\"\""), "{text}");
        assert_eq!(node["educationalLevel"], json!(["Not stated"]));
        assert_eq!(node["description"], "Sound wall");
    }

    #[test]
    fn no_text_can_leave_the_script_element() {
        let title = "</script><script>alert(1)</script><!-- & \u{2028} \"quoted\"";
        let hostile = PracticeRecord { title: title.into(), ..Default::default() };
        let node = learning_resource(&hostile, context());
        let text = embed(&node);
        assert!(!text.contains(['<', '>', '&', '\u{2028}']), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), node);
    }
}
