//! What every test stands on: a server of its own on a database of its own, with a clock that stands still.

pub mod authenticator;
pub mod hostile;
pub mod html;
pub mod letters;
pub mod persons;
pub mod sessions;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use commonground::app::App;
use commonground::catalog;
use commonground::materials::links::{Links, Rules};
use commonground::ops::serve::Server;
use commonground::people::{self, ImportReport};
use commonground::platform::config::{DatabaseUrl, Overrides};
use commonground::platform::{Actor, Clock, Config, Db};
use commonground::search::Search;
use commonground::web::site::Site;
use poem::{Endpoint, EndpointExt};
use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The moment at which the clock of every test stands: a Wednesday noon in New York.
pub const NOW: &str = "2026-10-14T16:00:00Z";

/// The first line of a schools file.
pub const SCHOOLS_HEADER: &str = "ncessch,leaid,school_name,lea_name,city,state,grade_low,grade_high,charter,\
    charter_source,school_type,locale,students,lat,lon";

/// The two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The embedded one.
    Sqlite,
    /// The server of `COMMONGROUND_TEST_POSTGRES`.
    Postgres,
}

/// Makes two tests of one: `name::sqlite` and `name::postgres`.
macro_rules! both_engines {
    ($(#[$doc:meta])* async fn $name:ident($app:ident: $test_app:ident) $body:block) => {
        $(#[$doc])*
        mod $name {
            use super::*;

            async fn run($app: $test_app) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run($crate::support::TestApp::start($crate::support::Engine::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run($crate::support::TestApp::start($crate::support::Engine::Postgres).await).await;
            }
        }
    };
}
pub(crate) use both_engines;

/// A database that goes with the test.
pub struct TestDatabase {
    /// Where it is.
    pub url: DatabaseUrl,
    folder: Arc<TempDir>,
}

impl TestDatabase {
    /// An empty database.
    pub async fn fresh(engine: Engine) -> Self {
        let folder = Arc::new(TempDir::new().unwrap());
        let url = match engine {
            Engine::Sqlite => DatabaseUrl::Sqlite(folder.path().join("commonground.sqlite")),
            Engine::Postgres => DatabaseUrl::Postgres(fresh_postgres().await),
        };
        Self { url, folder }
    }

    /// The same database once more, for another node; it goes with the last of them.
    pub fn share(&self) -> Self {
        Self { url: self.url.clone(), folder: Arc::clone(&self.folder) }
    }

    /// A configuration on this database, in a data folder of its own per name: one per node.
    pub fn config(&self, node: &str) -> Config {
        let overrides =
            Overrides { data: Some(self.folder.path().join(node)), listen: Some("127.0.0.1:0".parse().unwrap()) };
        let none = std::path::Path::new("there-is-no-such-file.toml");
        // Nodes of one database have one secret.
        // They ask no link of the world outside.
        let settings =
            [("secret".to_owned(), "5ec2e7".repeat(11)[..64].to_owned()), ("link_checks".to_owned(), "off".to_owned())];
        Config { database: self.url.clone(), ..Config::from_sources(none, settings, &overrides).unwrap() }
    }
}

/// Number of databases made by this process.
static MADE: AtomicU32 = AtomicU32::new(0);

async fn fresh_postgres() -> String {
    let server = server_url();
    let name = format!("t{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    let mut options = ConnectOptions::new(format!("{server}/postgres"));
    options.max_connections(1).sqlx_logging(false);
    let admin = Database::connect(options).await.expect("the PostgreSQL server of the tests answers");
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    admin.close().await.unwrap();
    format!("{server}/{name}")
}

/// The server of the tests, without a database and without a slash at the end.
#[expect(clippy::disallowed_methods, reason = "the one setting of the tests")]
fn server_url() -> String {
    std::env::var("COMMONGROUND_TEST_POSTGRES")
        .expect("run tests/run, or set COMMONGROUND_TEST_POSTGRES to postgres://USER@HOST:PORT")
}

/// A running server.
pub struct TestApp {
    /// Its installation.
    pub app: App,
    /// Its clock; move it with `clock.set`.
    pub clock: Clock,
    /// Its search.
    pub search: Arc<Search>,
    /// Its address: `http://127.0.0.1:PORT`.
    pub base: String,
    /// A client that follows no redirect.
    pub client: reqwest::Client,
    /// Its database.
    pub database: TestDatabase,
    stop: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<()>>,
}

impl TestApp {
    /// A server on an empty database.
    pub async fn start(engine: Engine) -> Self {
        Self::on(TestDatabase::fresh(engine).await, "node").await
    }

    /// A server on a database, in the data folder of the node of that name.
    pub async fn on(database: TestDatabase, node: &str) -> Self {
        let config = database.config(node);
        Self::configured(database, config, false).await
    }

    /// A server with this configuration; `demo` as the demo runs it.
    pub async fn configured(database: TestDatabase, config: Config, demo: bool) -> Self {
        let clock = Clock::fixed(NOW.parse::<DateTime<Utc>>().unwrap());
        let app = App::open(config, clock.clone()).await.unwrap();
        Self::serving(database, app, clock, demo).await
    }

    /// A server that asks links by these rules.
    pub async fn asking(engine: Engine, rules: Rules) -> Self {
        let database = TestDatabase::fresh(engine).await;
        let clock = Clock::fixed(NOW.parse::<DateTime<Utc>>().unwrap());
        let app = App::open(database.config("node"), clock.clone()).await.unwrap();
        let app = App { links: Links::asking(rules), ..app };
        Self::serving(database, app, clock, false).await
    }

    async fn serving(database: TestDatabase, app: App, clock: Clock, demo: bool) -> Self {
        let server = Server::prepare(app.clone(), demo).await.unwrap().keeping_letters();
        let base = format!("http://{}", server.address().unwrap());
        let search = Arc::clone(server.search());
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(async move {
            server
                .run(async {
                    let _ = stopped.await;
                })
                .await
                .unwrap();
        });
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { app, clock, search, base, client, database, stop: Some(stop), running: Some(running) }
    }

    /// A server with Rivermark in it, searchable.
    pub async fn rivermark(engine: Engine) -> Self {
        let test = Self::start(engine).await;
        test.seed().await;
        test
    }

    /// Puts Rivermark into it.
    pub async fn seed(&self) {
        commonground::ops::demo::seed(&self.app).await.unwrap();
        self.settle().await;
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.app.db
    }

    /// Waits until the follower has brought the index to the newest change.
    pub async fn settle(&self) {
        for _ in 0..600 {
            let mut level = true;
            for (kind, health) in self.search.health() {
                let cx = self.db().cx(Actor::System("test"));
                let head = commonground::platform::db::log::head(cx.conn(), kind.name()).await.unwrap();
                level &= health.position >= head && !health.degraded;
            }
            if level {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the index does not follow: {:?}", self.search.health());
    }

    /// GET, as a program.
    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(format!("{}{path}", self.base)).send().await.unwrap()
    }

    /// GET of something that answers 200 with JSON.
    pub async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        let status = response.status();
        let text = response.text().await.unwrap();
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// GET of a page that answers 200.
    pub async fn page(&self, path: &str) -> String {
        let response = self.get(path).await;
        let status = response.status();
        let text = response.text().await.unwrap();
        assert_eq!(status, 200, "{path}: {text}");
        text
    }

    /// Imports practices, one JSON object each, as `commonground import practices` does, and waits for the index.
    pub async fn import(&self, practices: &[Value]) -> ImportReport {
        let lines: String = practices.iter().map(|practice| format!("{practice}\n")).collect();
        let report = catalog::import_practices(self.db(), lines.as_bytes(), "test.jsonl", false, |_| {}).await.unwrap();
        self.settle().await;
        report
    }

    /// Imports the rows of a schools file (without its header), and waits for the index.
    pub async fn import_schools(&self, rows: &[&str]) -> ImportReport {
        let file = format!("{SCHOOLS_HEADER}\n{}\n", rows.join("\n"));
        let report = people::import_schools(self.db(), file.as_bytes(), false, |_| {}).await.unwrap();
        self.settle().await;
        report
    }

    /// Compares index and database: panics where they differ.
    pub async fn verify(&self) {
        for (kind, verified) in self.search.verify(self.db()).await.unwrap() {
            assert!(verified.is_clean(), "{}: {verified:?}", kind.name());
        }
    }

    /// Takes a practice out of the catalog.
    pub async fn retire(&self, slug: &str, reason: &str) {
        let id = catalog::practice(&self.db().cx(Actor::Visitor), slug).await.unwrap().id;
        let mut tx = self.db().write(Actor::System("test")).await.unwrap();
        catalog::retire(&mut tx, id, reason).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Stops the server and waits for its end; the database stays.
    pub async fn stop(mut self) -> TestDatabase {
        drop(self.stop.take());
        if let Some(running) = self.running.take() {
            running.await.unwrap();
        }
        self.database.share()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.look_at_letters();
        }
        drop(self.stop.take());
        if let Some(running) = self.running.take() {
            running.abort();
        }
    }
}

/// An installation with its pages and API and nothing that works beside them: no server, no follower, no jobs. What
/// it reads is what a request reads; what it finds is what was indexed last.
pub struct Still {
    /// Its installation.
    pub app: App,
    /// Its search.
    pub search: Arc<Search>,
    routes: poem::endpoint::BoxEndpoint<'static>,
    _database: TestDatabase,
}

impl Still {
    /// On an empty database.
    pub async fn open(engine: Engine) -> Self {
        Self::on(TestDatabase::fresh(engine).await).await
    }

    /// On a database.
    pub async fn on(database: TestDatabase) -> Self {
        let clock = Clock::fixed(NOW.parse::<DateTime<Utc>>().unwrap());
        let app = App::open(database.config("still"), clock).await.unwrap();
        let search = app.search().await.unwrap();
        let site = Site { base_url: "http://still.example".into(), demo: false, viewer: None };
        let routes = app.routes(Arc::clone(&search), site).unwrap().0.map_to_response().boxed();
        let still = Self { app, search, routes, _database: database };
        still.follow().await;
        still
    }

    /// Brings the index to the newest change.
    pub async fn follow(&self) {
        self.search.catch_up(&self.app.db).await.unwrap();
    }

    /// GET of something that answers 200.
    pub async fn get(&self, path: &str) -> String {
        self.get_as(path, "").await
    }

    /// The same with the cookie of a sign-in.
    pub async fn get_as(&self, path: &str, cookie: &str) -> String {
        let request = poem::Request::builder().uri(path.parse().unwrap());
        let request = if cookie.is_empty() { request } else { request.header("cookie", cookie) };
        let request = request.finish();
        let response = self.routes.get_response(request).await;
        let status = response.status();
        let body = response.into_body().into_string().await.unwrap();
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// GET of something that answers 200 with JSON.
    pub async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.get(path).await).unwrap()
    }
}

/// A refusal as programs read it: checks its form and gives it back.
pub async fn problem(response: reqwest::Response, status: u16) -> Value {
    let (url, got) = (response.url().clone(), response.status());
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    let text = response.text().await.unwrap();
    assert_eq!(got, status, "{url}: {text}");
    assert_eq!(content_type, "application/problem+json", "{url}");
    let problem: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(problem["status"], status, "{url}: {text}");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.ends_with('.')), "{url}: {text}");
    problem
}

/// The texts of one key in a list of objects.
pub fn texts<'a>(items: &'a Value, key: &str) -> Vec<&'a str> {
    items.as_array().unwrap().iter().map(|item| item[key].as_str().unwrap()).collect()
}
