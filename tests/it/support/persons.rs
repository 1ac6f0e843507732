//! People in tests: accounts, browsers that are signed in, and the letters they get.

use std::collections::BTreeMap;
use std::sync::Mutex;

use commonground::mail::{Email, LetterId, outbox};
use commonground::people::account::NewAccount;
use commonground::people::membership::appoint;
use commonground::people::{self, AccountId, VerifiedBy};
use commonground::platform::{Actor, Grant, Place, Role};
use commonground::sign_in::visit::{self, Method};
use mail_parser::MessageParser;
use reqwest::header::{COOKIE, SET_COOKIE};
use sea_orm::{ConnectionTrait, Statement};

use super::TestApp;

/// A letter as it went into the outbox.
#[derive(Debug)]
pub struct KeptLetter {
    /// Its kind.
    pub kind: String,
    /// Its subject.
    pub subject: String,
    /// Its plain text.
    pub text: String,
}

impl KeptLetter {
    /// The first link to a page of ours in it, as a path.
    pub fn path(&self, base: &str) -> String {
        let at = self.text.find(&format!("{base}/")).unwrap_or_else(|| panic!("no link in {}", self.text));
        let link: String = self.text[at + base.len()..].chars().take_while(|c| !c.is_whitespace()).collect();
        link
    }
}

/// A browser with its cookies. It says where its requests come from, as browsers do, and follows no redirect.
pub struct Browser {
    base: String,
    client: reqwest::Client,
    jar: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    /// GET.
    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.send(self.client.get(self.url(path)).header("accept", "text/html")).await
    }

    /// GET of a page that answers 200.
    pub async fn page(&self, path: &str) -> String {
        let response = self.get(path).await;
        let status = response.status();
        let text = response.text().await.unwrap();
        assert_eq!(status, 200, "{path}: {text}");
        text
    }

    /// POST of a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> reqwest::Response {
        let request = self.client.post(self.url(path)).form(fields).header("sec-fetch-site", "same-origin");
        self.send(request.header("accept", "text/html")).await
    }

    /// POST of a form that leads on: where to.
    pub async fn post_on(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let response = self.post(path, fields).await;
        let status = response.status();
        let to = response.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        let text = response.text().await.unwrap();
        assert_eq!(status, 303, "{path}: {text}");
        to.unwrap()
    }

    /// Any request with the browser's cookies; keeps those of the answer.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> reqwest::Response {
        let cookies = self.jar.lock().unwrap().iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ");
        let request = if cookies.is_empty() { request } else { request.header(COOKIE, cookies) };
        let response = request.send().await.unwrap();
        for line in response.headers().get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() || line.contains("Max-Age=0") {
                self.jar.lock().unwrap().remove(name);
            } else {
                self.jar.lock().unwrap().insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar.lock().unwrap().get(name).cloned()
    }

    /// Gives the browser a cookie, as somebody with its developer's tools could.
    pub fn keep(&self, name: &str, value: &str) {
        self.jar.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// The address of a path, or the address itself.
    pub fn url(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) }
    }
}

impl TestApp {
    /// An account with a proven address.
    pub async fn account(&self, email: &str, name: &str) -> AccountId {
        let mut tx = self.db().write(Actor::System("test")).await.unwrap();
        let new = NewAccount { email: Email::parse(email).unwrap(), name: Some(name.to_owned()), confirmed: true };
        let id = people::account::open_account(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Gives an account a role.
    pub async fn appoint(&self, account: AccountId, role: Role, place: Place) {
        let mut tx = self.db().write(Actor::System("test")).await.unwrap();
        appoint(&mut tx, account, Grant { role, place }, VerifiedBy::Admin).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The place of a school by its name in addresses.
    pub async fn school(&self, slug: &str) -> Place {
        Place::School(people::school(&self.db().cx(Actor::Visitor), slug).await.unwrap().id.0)
    }

    /// A browser in which nobody is signed in.
    pub fn browser(&self) -> Browser {
        Browser { base: self.base.clone(), client: self.client.clone(), jar: Mutex::default() }
    }

    /// A browser in which this account is signed in; `strong` with a second step.
    pub async fn signed_in(&self, account: AccountId, strong: bool) -> Browser {
        let mut tx = self.db().write(Actor::System("test")).await.unwrap();
        let ticket = visit::begin(&mut tx, account, Method::Password, strong, "Test").await.unwrap();
        tx.commit().await.unwrap();
        let browser = self.browser();
        browser.jar.lock().unwrap().insert("commonground".to_owned(), ticket.reveal().to_owned());
        browser
    }

    /// The letters to an address that still hold their text, oldest first.
    pub async fn letters(&self, email: &str) -> Vec<KeptLetter> {
        let cx = self.db().cx(Actor::System("test"));
        let sql = format!(
            "SELECT id, kind FROM outbox WHERE recipient = '{email}' AND (content IS NOT NULL OR mailing_id IS NOT NULL) ORDER BY created_at, id"
        );
        let backend = cx.conn().get_database_backend();
        let rows = cx.conn().query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
        let head = self.app.letterhead(&self.base.as_str().into()).unwrap();
        let mut letters = Vec::new();
        for row in rows {
            let id = LetterId(row.try_get("", "id").unwrap());
            let raw = outbox::message(&cx, &head, id).await.unwrap();
            let message = MessageParser::default().parse(&raw).unwrap();
            letters.push(KeptLetter {
                kind: row.try_get("", "kind").unwrap(),
                subject: message.subject().unwrap().to_owned(),
                text: message.body_text(0).unwrap().into_owned(),
            });
        }
        letters
    }
}
