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
use sea_orm::ConnectionTrait;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use crate::support::sessions::Sketch;
use crate::support::{Engine, Still, TestApp, TestDatabase};

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

pub struct Counted {
    pub still: Still,
    count: Arc<AtomicUsize>,
}

impl Counted {
    pub async fn open() -> Self {
        Self::on(TestDatabase::fresh(Engine::Postgres).await).await
    }

    async fn on(mut database: TestDatabase) -> Self {
        let DatabaseUrl::Postgres(url) = &database.url else { panic!("a PostgreSQL database") };
        let (before, rest) = url.split_once('@').unwrap();
        let (server, name) = rest.split_once('/').unwrap();
        let (proxy, count) = counting_proxy(server.to_owned()).await;
        database.url = DatabaseUrl::Postgres(format!("{before}@{proxy}/{name}"));
        Self { still: Still::on(database).await, count }
    }

    /// Statements of one request. The first of its kind on a connection may ask for types as well: not counted.
    pub async fn cost(&self, path: &str) -> usize {
        self.cost_as(path, "").await
    }

    /// The same for somebody who is signed in.
    async fn cost_as(&self, path: &str, cookie: &str) -> usize {
        for _ in 0..8 {
            self.still.get_as(path, cookie).await;
        }
        let before = self.count.load(Ordering::SeqCst);
        self.still.get_as(path, cookie).await;
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
            "/adoptions",
            "/api/v1/adoptions",
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

/// Made beside the proxy, looked at through it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_sessions_costs_the_same_with_one_row_and_with_twenty() {
    let database = TestDatabase::fresh(Engine::Postgres).await;
    let test = TestApp::on(database.share(), "node").await;
    let all = Counted::on(database).await;
    let at = test.two_schools().await;
    let cookie = async |account| {
        let browser = test.signed_in(account, false).await;
        format!("commonground={}", browser.cookie("commonground").unwrap())
    };
    let (carl, paula) = (cookie(at.carl).await, cookie(at.paula).await);
    let mut costs: Vec<Vec<(String, usize)>> = Vec::new();
    let (mut sessions, mut made) = (Vec::new(), 0);
    for rows in [1, 3, 20] {
        while made < rows {
            let day = 15 + made % 15;
            let start = format!("2026-10-{day}T{:02}:00:00", 9 + 4 * (made / 15)).parse().unwrap();
            let title = format!("Marble jar {made}");
            let asks = Sketch {
                title,
                meetings: vec![start],
                approval_needed: true,
                school_cap: Some(9),
                ..Sketch::default()
            };
            let session = test.session(&at, asks).await;
            sessions.push(session);
            test.seat(session, at.carl, at.harbor, "charter", "confirmed").await;
            test.seat(session, at.cora, at.harbor, "charter", "held").await;
            test.seat(session, at.paula, at.harbor, "charter", "waitlisted").await;
            // Everybody who comes to the first is of another school.
            let name = format!("Marigold School {made}");
            let school = test.add_school(&format!("Network {made}"), "charter_network", &name, "charter").await;
            for (person, seat) in
                test.crowd(school, &format!("mary{made}x"), 2).await.iter().zip(["confirmed", "waitlisted"])
            {
                test.seat(sessions[0], person.0, school, "charter", seat).await;
            }
            made += 1;
        }
        let tx = test.db().write(Actor::System("test")).await.unwrap();
        let asked =
            "UPDATE registration SET approval = 'waiting', hold_until = '2026-10-20T00:00:00Z' WHERE seat = 'held'";
        tx.conn().execute_unprepared(asked).await.unwrap();
        let lined = "UPDATE registration SET waitlist_no = 1 WHERE seat = 'waitlisted'";
        tx.conn().execute_unprepared(lined).await.unwrap();
        tx.commit().await.unwrap();
        all.still.follow().await;
        let first = sessions[0];
        let mut now = Vec::new();
        for (who, cookie, path) in [
            ("visitor", "", "/sessions".to_owned()),
            ("visitor", "", "/sessions?q=marble&topic=early_reading".to_owned()),
            ("visitor", "", "/sessions?view=month&from=2026-10-01".to_owned()),
            ("visitor", "", format!("/sessions/{first}")),
            ("visitor", "", "/api/v1/sessions".to_owned()),
            ("visitor", "", "/sessions.ics".to_owned()),
            ("teacher", &carl, "/sessions".to_owned()),
            ("teacher", &carl, "/sessions?view=month&from=2026-10-01".to_owned()),
            ("teacher", &carl, format!("/sessions/{first}")),
            ("teacher", &carl, "/me/sessions".to_owned()),
            ("teacher", &carl, "/api/v1/me/registrations".to_owned()),
            ("principal", &paula, "/sessions".to_owned()),
            ("principal", &paula, format!("/sessions/{first}")),
            ("principal", &paula, "/me/sessions".to_owned()),
            ("principal", &paula, format!("/sessions/{first}/console")),
            ("principal", &paula, format!("/sessions/{first}/roster.csv")),
            ("principal", &paula, format!("/sessions/{first}/tables")),
            ("principal", &paula, format!("/api/v1/sessions/{first}/roster")),
            ("principal", &paula, "/schools/harbor-charter-school/seats".to_owned()),
        ] {
            now.push((format!("{who}: {path}"), all.cost_as(&path, cookie).await));
        }
        costs.push(now);
    }
    // The control: what is looked at has twenty rows.
    let shown = async |path: &str, what: &str| all.still.get_as(path, &paula).await.matches(what).count();
    assert!(shown("/sessions", "Marble jar").await >= 20);
    assert!(shown(&format!("/sessions/{}/console", sessions[0]), "Marigold School").await >= 20);
    assert!(shown("/schools/harbor-charter-school/seats", "Cora Buoy").await >= 20);
    assert!(all.still.get_as("/me/sessions", &carl).await.matches("Marble jar").count() >= 20);
    let grown: Vec<_> = (0..costs[0].len())
        .map(|at| (&costs[0][at].0, [costs[0][at].1, costs[1][at].1, costs[2][at].1]))
        .filter(|(_, cost)| cost[2] > cost[0] || cost[1] > cost[0])
        .collect();
    assert!(grown.is_empty(), "statements at 1, 3 and 20 rows: {grown:#?}");
    for (path, cost) in &costs[2] {
        assert!((1..=35).contains(cost), "{path} costs {cost} statements");
    }
}
