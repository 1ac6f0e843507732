//! The sitemap (sitemaps.org 0.9): one file while everything fits, an index of files above 50,000 addresses.

use std::sync::Arc;

use async_trait::async_trait;

use crate::platform::xml::Xml;
use crate::platform::{Cx, Result, Timestamp};

/// Addresses of one file at most.
pub const MOST: u64 = 50_000;

const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

/// A page that search engines may find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Its path.
    pub path: String,
    /// When it last changed; `None` where that is not known for sure.
    pub changed: Option<Timestamp>,
}

/// A kind of pages that search engines may find.
#[async_trait]
pub trait Listed: Send + Sync {
    /// The name of its files: lower-case letters.
    fn name(&self) -> &'static str;
    /// How many there are.
    async fn count(&self, cx: &Cx) -> Result<u64>;
    /// Some of them, in an order that does not change.
    async fn addresses(&self, cx: &Cx, skip: u64, limit: u64) -> Result<Vec<Address>>;
}

/// Some of all addresses, for kinds of which all are read at once.
pub fn some(all: impl Iterator<Item = Address>, skip: u64, limit: u64) -> Vec<Address> {
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    all.skip(number(skip)).take(number(limit)).collect()
}

/// `/sitemap.xml`: every address, or where the files with them are.
pub async fn root(cx: &Cx, base_url: &str, listed: &[Arc<dyn Listed>]) -> Result<Vec<u8>> {
    let mut counts = Vec::with_capacity(listed.len());
    for kind in listed {
        counts.push((kind.name(), kind.count(cx).await?));
    }
    if let Some(files) = split(&counts, MOST) {
        let mut xml = Xml::document();
        xml.open("sitemapindex", &[("xmlns", NAMESPACE)]);
        for file in files {
            xml.open("sitemap", &[]);
            xml.text("loc", &[], &format!("{base_url}/sitemap/{file}"));
            xml.close("sitemap");
        }
        xml.close("sitemapindex");
        return Ok(xml.bytes());
    }
    let mut addresses = Vec::new();
    for kind in listed {
        addresses.extend(kind.addresses(cx, 0, MOST).await?);
    }
    Ok(written(base_url, &addresses))
}

/// `/sitemap/{name}`: `practices-1.xml`; `None` for a file that is not there.
pub async fn file(cx: &Cx, base_url: &str, listed: &[Arc<dyn Listed>], name: &str) -> Result<Option<Vec<u8>>> {
    let Some((kind, number)) = name.strip_suffix(".xml").and_then(|name| name.rsplit_once('-')) else {
        return Ok(None);
    };
    let number = number.parse::<u32>().ok().filter(|n| (1..=1_000).contains(n) && n.to_string() == number);
    let (Some(number), Some(kind)) = (number, listed.iter().find(|one| one.name() == kind)) else { return Ok(None) };
    let addresses = kind.addresses(cx, (u64::from(number) - 1) * MOST, MOST).await?;
    Ok((!addresses.is_empty()).then(|| written(base_url, &addresses)))
}

/// The names of the files where one does not hold all.
fn split(counts: &[(&'static str, u64)], most: u64) -> Option<Vec<String>> {
    if counts.iter().map(|(_, count)| count).sum::<u64>() <= most {
        return None;
    }
    let files = |(name, count): &(&'static str, u64)| {
        let name = *name;
        (1..=count.div_ceil(most)).map(move |number| format!("{name}-{number}.xml"))
    };
    Some(counts.iter().flat_map(files).collect())
}

fn written(base_url: &str, addresses: &[Address]) -> Vec<u8> {
    let mut xml = Xml::document();
    xml.open("urlset", &[("xmlns", NAMESPACE)]);
    for address in addresses {
        xml.open("url", &[]);
        xml.text("loc", &[], &format!("{base_url}{}", address.path));
        if let Some(changed) = address.changed {
            xml.text("lastmod", &[], &changed.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
        }
        xml.close("url");
    }
    xml.close("urlset");
    xml.bytes()
}

/// Pages that every installation has.
pub struct Pages;

const PAGES: [&str; 8] = ["/", "/search", "/schools", "/sessions", "/about", "/help", "/data", "/digests"];

#[async_trait]
impl Listed for Pages {
    fn name(&self) -> &'static str {
        "pages"
    }

    async fn count(&self, _: &Cx) -> Result<u64> {
        Ok(PAGES.len() as u64)
    }

    async fn addresses(&self, _: &Cx, skip: u64, _: u64) -> Result<Vec<Address>> {
        let all = if skip == 0 { PAGES.as_slice() } else { &[] };
        Ok(all.iter().map(|path| Address { path: (*path).to_owned(), changed: None }).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_into_one_file_is_split() {
        assert_eq!(split(&[("pages", 7), ("schools", 43)], 50), None);
        let files = split(&[("pages", 7), ("empty", 0), ("schools", 101)], 50).unwrap();
        assert_eq!(files, ["pages-1.xml", "schools-1.xml", "schools-2.xml", "schools-3.xml"]);
    }

    #[test]
    fn an_address_says_when_it_changed_where_that_is_known() {
        let at = "2026-10-14T16:00:00.5Z".parse().unwrap();
        let pages = [
            Address { path: "/a?b=1&c".to_owned(), changed: Some(at) },
            Address { path: "/d".to_owned(), changed: None },
        ];
        let text = String::from_utf8(written("https://ground.example", &pages)).unwrap();
        assert!(text.contains("<loc>https://ground.example/a?b=1&amp;c</loc><lastmod>2026-10-14T16:00:00Z</lastmod>"));
        assert!(text.contains("<url><loc>https://ground.example/d</loc></url>"));
    }
}
