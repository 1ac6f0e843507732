//! Links of practices: whether they still lead somewhere.
//!
//! A link is asked with HEAD, and with GET where that is not answered; nothing of a page is read. Each address on the way, at most three
//! of them redirects, is held against [`guard`]: what the link says, and every address that its name leads to. The connection is made to
//! an address that was looked at and to no other, so a name that changes in between changes nothing.

pub mod guard;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::{Stream, StreamExt, stream};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Method, Response, Url, redirect};
use tokio::time::timeout;

use crate::catalog::PracticeRecord;
use crate::platform::Timestamp;

/// How long one link may take, with its redirects.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// Redirects that are followed.
const REDIRECTS: usize = 3;
/// How long an author waits.
const WAIT: Duration = Duration::from_secs(6);
/// How long what a link answered is remembered.
const REMEMBERED: TimeDelta = TimeDelta::minutes(10);
/// Answers that are remembered at one time.
const MOST_REMEMBERED: usize = 10_000;
/// Links that are asked at one time.
const AT_ONCE: usize = 6;
/// Most links of one call: as many as a draft can have.
const MOST: usize = 120;

/// What became of asking a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Something is there; perhaps it wants a sign-in.
    There,
    /// The server says that nothing is there, or that it is broken.
    Gone,
    /// No server answers.
    Silent,
    /// It leads where no reader can follow: a private address, another port. It was not asked.
    NotAsked,
}

/// A link and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkFinding {
    /// The link.
    pub url: String,
    /// What became of it.
    pub answer: Answer,
}

impl LinkFinding {
    /// Whether its reader would find nothing.
    pub fn is_dead(&self) -> bool {
        self.answer != Answer::There
    }

    /// What to do about it.
    pub fn sentence(&self) -> &'static str {
        match self.answer {
            Answer::There => "This link leads somewhere.",
            Answer::Gone => "The server of this link says that nothing is there; look for its new address.",
            Answer::Silent => "No server answers at this link; look whether it is spelled right.",
            Answer::NotAsked => "This link does not lead to a public page; give one that everybody can open.",
        }
    }
}

/// How an installation asks links while somebody waits. What it found is remembered for a while, so that an editor does not wait
/// for what the author waited for.
#[derive(Clone, Default)]
pub struct Links {
    checker: Option<Checker>,
    known: Arc<Mutex<HashMap<String, (Timestamp, Answer)>>>,
}

impl Links {
    /// One that asks by these rules; the default asks nothing.
    pub fn asking(rules: Rules) -> Self {
        Self { checker: Some(Checker::new(rules)), ..Self::default() }
    }

    /// The links of a record that lead nowhere. What has not answered after some seconds is left out, because nobody knows.
    /// Nothing of it belongs inside a transaction.
    pub async fn dead(&self, record: &PracticeRecord, now: Timestamp) -> Vec<LinkFinding> {
        let Some(checker) = &self.checker else { return Vec::new() };
        let urls = of_record(record);
        let unknown = {
            let mut known = self.known();
            known.retain(|_, (at, _)| now - *at < REMEMBERED);
            if known.len() > MOST_REMEMBERED {
                known.clear();
            }
            urls.iter().filter(|url| !known.contains_key(*url)).cloned().collect::<Vec<_>>()
        };
        let asked = checker.asking(&unknown).take_until(tokio::time::sleep(WAIT));
        let found: Vec<(usize, LinkFinding)> = asked.collect().await;
        let mut known = self.known();
        known.extend(found.into_iter().map(|(_, finding)| (finding.url, (now, finding.answer))));
        let answered = urls.into_iter().filter_map(|url| known.get(&url).map(|(_, answer)| (url, *answer)));
        let findings = answered.map(|(url, answer)| LinkFinding { url, answer });
        findings.filter(LinkFinding::is_dead).collect()
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, (Timestamp, Answer)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The links of a record that lead to other sites: of its materials and its citations, each once.
pub fn of_record(record: &PracticeRecord) -> Vec<String> {
    let materials = record.materials.iter().filter_map(|one| one.url.as_deref());
    let citations = record.evidence_claims.iter().filter_map(|one| one.citation_url.as_deref());
    let mut seen = HashSet::new();
    let elsewhere = |url: &&str| url.starts_with("http://") || url.starts_with("https://");
    let links = materials.chain(citations).filter(elsewhere).filter(|url| seen.insert((*url).to_owned()));
    links.map(str::to_owned).collect()
}

/// Where links may lead.
#[derive(Clone)]
pub struct Rules {
    /// Ports that are asked.
    pub ports: Vec<u16>,
    /// Addresses that are asked.
    pub allowed: fn(IpAddr) -> bool,
    /// What a name leads to.
    pub names: Arc<dyn Names>,
}

impl Default for Rules {
    /// Public machines, the ports of the web, names as the system knows them.
    fn default() -> Self {
        Self { ports: vec![80, 443], allowed: guard::public, names: Arc::new(SystemNames) }
    }
}

/// Knows the addresses of names.
#[async_trait::async_trait]
pub trait Names: Send + Sync {
    /// All addresses of a name.
    async fn addresses(&self, name: &str) -> std::io::Result<Vec<IpAddr>>;
}

struct SystemNames;

#[async_trait::async_trait]
impl Names for SystemNames {
    async fn addresses(&self, name: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Asks links.
#[derive(Clone)]
pub struct Checker {
    client: Option<Client>,
    rules: Rules,
}

impl Checker {
    /// One that keeps to these rules.
    pub fn new(rules: Rules) -> Self {
        let client = Client::builder()
            .dns_resolver(Arc::new(Guarded(rules.clone())))
            .redirect(redirect::Policy::none())
            // A proxy would look up names itself.
            .no_proxy()
            .referer(false)
            .pool_max_idle_per_host(0)
            .connect_timeout(CONNECT)
            .timeout(PATIENCE)
            .user_agent("CommonGround-LinkCheck/1.0")
            .build();
        // A machine without TLS asks nobody.
        Self { client: client.ok(), rules }
    }

    /// Asks these, each once, a few at a time.
    pub async fn check(&self, urls: &[String]) -> Vec<LinkFinding> {
        in_order(self.asking(urls).collect().await)
    }

    /// The same as they come, each with its place.
    fn asking(&self, urls: &[String]) -> impl Stream<Item = (usize, LinkFinding)> + Send + use<> {
        let mut seen = HashSet::new();
        // Owned before the first wait: what borrows in a closure cannot wait in another thread.
        let mut each: Vec<(usize, String)> = Vec::new();
        for url in urls {
            if each.len() < MOST && seen.insert(url.as_str()) {
                each.push((each.len(), url.clone()));
            }
        }
        let checker = self.clone();
        let asked = stream::iter(each).map(move |(at, url)| {
            let checker = checker.clone();
            async move {
                let answer = timeout(PATIENCE, checker.ask(&url)).await.unwrap_or(Answer::Silent);
                (at, LinkFinding { url, answer })
            }
        });
        asked.buffer_unordered(AT_ONCE)
    }

    async fn ask(&self, url: &str) -> Answer {
        let Some(client) = &self.client else { return Answer::Silent };
        let mut next = match self.askable(url) {
            Some(url) => url,
            None => return Answer::NotAsked,
        };
        for _ in 0..=REDIRECTS {
            let answer = match one(client, &next).await {
                Ok(answer) => answer,
                Err(error) if refused(&error) => return Answer::NotAsked,
                Err(_) => return Answer::Silent,
            };
            let status = answer.status();
            let to = answer.headers().get("location").and_then(|to| to.to_str().ok());
            match to.filter(|_| status.is_redirection()) {
                Some(to) => match next.join(to).ok().and_then(|to| self.askable(to.as_str())) {
                    Some(to) => next = to,
                    None => return Answer::NotAsked,
                },
                None => {
                    let gone = matches!(status.as_u16(), 404 | 410) || status.is_server_error();
                    return if gone { Answer::Gone } else { Answer::There };
                }
            }
        }
        // It goes round and round.
        Answer::Gone
    }

    fn askable(&self, url: &str) -> Option<Url> {
        guard::askable(url, &self.rules.ports, self.rules.allowed)
    }
}

fn in_order(mut found: Vec<(usize, LinkFinding)>) -> Vec<LinkFinding> {
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, finding)| finding).collect()
}

/// HEAD, and GET where the server has no good answer to that. The body is not read.
async fn one(client: &Client, url: &Url) -> reqwest::Result<Response> {
    let head = client.request(Method::HEAD, url.clone()).send().await;
    match head {
        Ok(answer) if answer.status().is_success() || answer.status().is_redirection() => Ok(answer),
        Err(error) if refused(&error) || error.is_connect() || error.is_timeout() => Err(error),
        _ => client.request(Method::GET, url.clone()).send().await,
    }
}

/// Names lead to addresses that may be asked, or nowhere.
struct Guarded(Rules);

/// Said of a name that leads to an address that may not be asked.
#[derive(Debug)]
struct NotPublic;

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this name does not lead to a public machine")
    }
}

impl std::error::Error for NotPublic {}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let rules = self.0.clone();
        Box::pin(async move {
            let found = rules.names.addresses(name.as_str()).await?;
            // One that is not public spoils the name: whoever mixes them means to get through.
            if found.is_empty() || !found.iter().all(|address| (rules.allowed)(*address)) {
                return Err(NotPublic.into());
            }
            // Port 0: the port of the link.
            let addresses: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

fn refused(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<NotPublic>() {
            return true;
        }
        cause = error.source();
    }
    false
}
