//! How many statements a page costs: as many with twenty rows as with one (architecture.md 14).
//!
//! Counted on the wire: a small proxy between program and PostgreSQL counts the statements that pass it. What is
//! counted does not depend on any hook in the program, and the statements are the same on both engines.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use commonground::catalog::{self, NewAdoption};
use commonground::people::{self, NewOrganization, NewSchool, SchoolId};
use commonground::platform::Actor;
use commonground::platform::config::DatabaseUrl;
use commonground::platform::vocabulary::AdoptionStage;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Engine, Still, TestDatabase};

/// Passes everything on to `server` and counts executed statements.
async fn counting_proxy(server: String) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&server).await.unwrap();
            client.set_nodelay(true).unwrap();
            server.set_nodelay(true).unwrap();
            let (from_client, mut to_client) = client.into_split();
            let (mut from_server, to_server) = server.into_split();
            tokio::spawn(count_statements(from_client, to_server, Arc::clone(&counted)));
            tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
        }
    });
    (address, count)
}

/// The client's half of the protocol: untyped messages until the connection is open, then a letter and a length. `E`
/// executes a prepared statement, `Q` a simple one.
async fn count_statements(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, count: Arc<AtomicUsize>) -> Option<()> {
    const SSL_REQUEST: u32 = 80_877_103;
    loop {
        let length = from.read_u32().await.ok()?;
        let mut rest = vec![0; length as usize - 4];
        from.read_exact(&mut rest).await.ok()?;
        to.write_u32(length).await.ok()?;
        to.write_all(&rest).await.ok()?;
        if rest.get(..4) != Some(&SSL_REQUEST.to_be_bytes()[..]) {
            break;
        }
    }
    loop {
        let letter = from.read_u8().await.ok()?;
        let length = from.read_u32().await.ok()?;
        let mut rest = vec![0; length as usize - 4];
        from.read_exact(&mut rest).await.ok()?;
        if letter == b'E' || letter == b'Q' {
            count.fetch_add(1, Ordering::SeqCst);
        }
        to.write_u8(letter).await.ok()?;
        to.write_u32(length).await.ok()?;
        to.write_all(&rest).await.ok()?;
    }
}

struct Counted {
    still: Still,
    count: Arc<AtomicUsize>,
}

impl Counted {
    async fn open() -> Self {
        let mut database = TestDatabase::fresh(Engine::Postgres).await;
        let DatabaseUrl::Postgres(url) = &database.url else { panic!("a PostgreSQL database") };
        let (before, rest) = url.split_once('@').unwrap();
        let (server, name) = rest.split_once('/').unwrap();
        let (proxy, count) = counting_proxy(server.to_owned()).await;
        database.url = DatabaseUrl::Postgres(format!("{before}@{proxy}/{name}"));
        Self { still: Still::on(database).await, count }
    }

    /// Statements of one request. The first of its kind on a connection may ask for types as well: not counted.
    async fn cost(&self, path: &str) -> usize {
        for _ in 0..8 {
            self.still.get(path).await;
        }
        let before = self.count.load(Ordering::SeqCst);
        self.still.get(path).await;
        self.count.load(Ordering::SeqCst) - before
    }

    async fn school(&self, number: usize) -> SchoolId {
        let mut tx = self.still.app.db.write(Actor::System("test")).await.unwrap();
        let organization = NewOrganization {
            kind: "district".to_owned(),
            name: format!("District {number}"),
            ..NewOrganization::default()
        };
        let organization = people::add_organization(&mut tx, organization).await.unwrap();
        let new = NewSchool {
            name: format!("Marigold School {number}"),
            sector: Some(if number.is_multiple_of(2) { "charter" } else { "district" }.to_owned()),
            organization: Some(organization),
            ..NewSchool::default()
        };
        let id = people::add_school(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn practice(&self, number: usize, school: &str) {
        let (source, title) = (format!("t:{number}"), format!("Marble jar {number}"));
        let line = json!({"source": source, "title": title, "origin_school": school, "topics": ["sel"]}).to_string();
        let report = catalog::import_practices(&self.still.app.db, line.as_bytes(), "t", false, |_| {}).await.unwrap();
        assert_eq!(report.added, 1, "{:?}", report.bad);
    }

    async fn adopt(&self, practice: &str, school: SchoolId) {
        let practice = catalog::practice(&self.still.app.db.cx(Actor::Visitor), practice).await.unwrap().id;
        let new = NewAdoption {
            school,
            stage: AdoptionStage::IN_USE,
            started_on: "2026-01-10".parse().unwrap(),
            lead_role: None,
            changed_what: None,
            kept_core: None,
            result_note: None,
            would_recommend: None,
            contact_ok: false,
            stopped_reason: None,
        };
        let mut tx = self.still.app.db.write(Actor::System("test")).await.unwrap();
        catalog::record_adoption(&mut tx, practice, new).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_costs_the_same_with_one_row_and_with_twenty() {
    let all = Counted::open().await;
    // Its own practices, and one it adopted: a school page with both lists.
    let home = all.school(0).await;
    let mut costs: Vec<Vec<(String, usize)>> = Vec::new();
    let (mut schools, mut made) = (Vec::new(), 0);
    for rows in [1, 3, 20] {
        while made < rows {
            made += 1;
            let school = all.school(made).await;
            all.practice(made, "marigold-school-0").await;
            all.practice(100 + made, &format!("marigold-school-{made}")).await;
            all.adopt("marble-jar-1", school).await;
            all.adopt(&format!("marble-jar-{}", 100 + made), home).await;
            schools.push(school);
        }
        all.still.follow().await;
        let mut now = Vec::new();
        for path in [
            "/",
            "/search",
            "/search?q=marble",
            "/search?q=marble&topic=sel&like=marigold-school-0",
            "/search?q=xylophone+quasar",
            "/practices/marble-jar-1",
            "/practices/marble-jar-1/v/1",
            "/schools",
            "/schools?q=marigold",
            "/schools/marigold-school-0",
            "/api/v1/practices?q=marble",
            "/api/v1/practices/marble-jar-1",
            "/api/v1/practices/marble-jar-1/adoptions",
            "/api/v1/practices/marble-jar-1/related",
            "/api/v1/practices/marble-jar-1/versions",
            "/api/v1/schools",
            "/api/v1/schools/marigold-school-0",
            "/api/v1/organizations",
            "/api/v1/organizations?q=district",
            "/api/v1/suggest?q=mar",
        ] {
            now.push((path.to_owned(), all.cost(path).await));
        }
        costs.push(now);
    }
    let grown: Vec<_> = (0..costs[0].len())
        .map(|at| (&costs[0][at].0, [costs[0][at].1, costs[1][at].1, costs[2][at].1]))
        // A page that comes into being with a second row may look up what it needs once more; from three on, never.
        .filter(|(_, cost)| cost[2] > cost[1] || cost[1] > cost[0])
        .collect();
    assert!(grown.is_empty(), "statements at 1, 3 and 20 rows: {grown:#?}");
    for (path, cost) in &costs[2] {
        assert!(*cost <= 20, "{path} costs {cost} statements");
    }
    // The control: what asks for each row by itself is seen.
    let before = all.count.load(Ordering::SeqCst);
    for number in 1..=20 {
        all.still.get(&format!("/api/v1/practices/marble-jar-{number}")).await;
    }
    let each = costs[2].iter().find(|(path, _)| path == "/api/v1/practices/marble-jar-1").unwrap().1;
    assert_eq!(all.count.load(Ordering::SeqCst) - before, 20 * each, "the counter counts");
    let all: usize = costs[2].iter().map(|(_, cost)| cost).sum();
    assert!(all > 30, "statements were counted");
}
