//! A highlight as search engines read it: schema.org `Article` in JSON-LD. It says what the page says and nothing more.

use serde_json::{Value, json};

use super::reading::Whole;

/// The JSON-LD of a published highlight.
pub fn article(whole: &Whole, base_url: &str) -> Value {
    let now = &whole.highlight;
    let url = format!("{base_url}{}", now.path());
    let school = |id| json!({ "@type": "School", "name": whole.school(id) });
    let mut node = json!({
        "@context": "https://schema.org",
        "@type": "Article",
        "@id": url,
        "url": url,
        "mainEntityOfPage": url,
        "headline": now.headline,
        "description": now.story,
        "inLanguage": "en-US",
        "isAccessibleForFree": true,
        "publisher": { "@type": "Organization", "name": "Common Ground", "url": base_url },
        "author": { "@type": "Organization", "name": format!("Mayor's office of {}", now.city_name) },
        "contentLocation": { "@type": "Place", "name": place(whole) },
        "about": now.schools.iter().map(|one| school(one.school)).collect::<Vec<_>>(),
        "dateModified": now.updated_at.to_rfc3339(),
    });
    if let Some(at) = now.published_at {
        node["datePublished"] = json!(at.to_rfc3339());
    }
    if let Some(photo) = &now.photo {
        let url = format!("{url}/photo");
        node["image"] = json!({ "@type": "ImageObject", "url": url, "contentUrl": url, "caption": photo.alt });
    }
    let links: Vec<String> = whole.about.iter().map(|one| format!("{base_url}{}", one.path)).collect();
    if !links.is_empty() {
        node["mentions"] = links.iter().map(|url| json!({ "@type": "CreativeWork", "url": url })).collect();
    }
    node
}

/// "Old Mill, Rivermark, NY".
pub fn place(whole: &Whole) -> String {
    let now = &whole.highlight;
    now.neighborhood.as_ref().map_or_else(|| now.city_name.clone(), |name| format!("{name}, {}", now.city_name))
}
