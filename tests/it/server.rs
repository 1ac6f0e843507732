//! The HTTP shell from outside: slow and greedy clients, a full house, errors of every kind, and stopping.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop")]

use std::{
    future::pending,
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use commonground::web::{
    etag,
    headers::Headers,
    limits::{Limits, RouteLimit},
    methods::{MethodTable, resource},
    observe::{Metrics, Observe},
    problem::{Problem, Problems},
    proxies::Proxies,
    server::{ServerLimits, listen, serve},
    shell,
};
use poem::{
    Body, Endpoint, FromRequest, IntoResponse, Request, Response, Route,
    endpoint::make,
    http::{HeaderMap, StatusCode},
    web::Json,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
    time::{Instant, sleep, timeout},
};

const HEADER: Duration = Duration::from_millis(400);
const IDLE: Duration = Duration::from_millis(700);
const BODY: Duration = Duration::from_millis(500);
/// Room for a slow machine, far below the time of a test that hangs.
const SOON: Duration = Duration::from_secs(5);

fn strict() -> ServerLimits {
    ServerLimits { header: HEADER, idle: IDLE, body: BODY, ..ServerLimits::default() }
}

fn product() -> impl Endpoint + 'static {
    let big = || make(|_| async { Ok::<_, poem::Error>("x".repeat(32 * 1024 * 1024)) });
    let items = resource()
        .get(make(|request: Request| async move {
            Ok::<_, poem::Error>(etag::respond(request.headers(), "application/json", b"[1]".to_vec()))
        }))
        .post(make(|request: Request| async move {
            let (request, mut body) = request.split();
            let Json(words) = Json::<Vec<String>>::from_request(&request, &mut body).await?;
            Ok::<_, poem::Error>(words.concat())
        }));
    let item = resource().get(make(|request: Request| async move {
        let id: u32 = request.path_params()?;
        Ok::<_, poem::Error>(id.to_string())
    }));
    let panics = || make(|_| async { if true { panic!("secret of the house") } else { Ok::<_, poem::Error>(()) } });
    let slow = make(|_| async {
        sleep(Duration::from_millis(600)).await;
        Ok::<_, poem::Error>("slow but whole")
    });
    Route::new()
        .at("/", resource().get(make(|_| async { Ok::<_, poem::Error>(html("home")) })))
        .at(
            "/form",
            resource().post(make(|mut request: Request| async move {
                request.take_body().into_string().await.map_err(poem::Error::from)
            })),
        )
        .at("/big", resource().get(big()))
        .at("/slow", slow)
        .at("/never", make(|_| pending::<poem::Result<()>>()))
        .at("/panic", resource().get(panics()))
        .at(
            "/broken",
            make(|_| async {
                Err::<(), _>(poem::error::InternalServerError(std::io::Error::other(
                    "password=hunter2 in src/secret.rs",
                )))
            }),
        )
        .at("/bare", make(|_| async { Ok::<_, poem::Error>(StatusCode::FORBIDDEN) }))
        .at(
            "/text",
            resource().get(make(|request: Request| async move {
                Ok::<_, poem::Error>(etag::respond(
                    request.headers(),
                    "text/plain; charset=utf-8",
                    b"many words ".repeat(1000),
                ))
            })),
        )
        .at(
            "/stream",
            resource().get(make(|_| async {
                let chunk = || Ok::<_, std::io::Error>(b"row,".to_vec());
                Ok::<_, poem::Error>(
                    Response::builder()
                        .content_type("text/csv")
                        .body(Body::from_bytes_stream(futures_util::stream::iter((0..9999).map(move |_| chunk())))),
                )
            })),
        )
        .nest(
            "/api",
            Route::new().at("/items", items).at("/items/:id", item).at("/panic", panics()).at(
                "/own",
                make(|_| async {
                    Err::<(), poem::Error>(
                        Problem::new(StatusCode::UNPROCESSABLE_ENTITY).field("#/title", "is missing").into(),
                    )
                }),
            ),
        )
}

fn html(text: &str) -> Response {
    Response::builder().content_type("text/html; charset=utf-8").body(format!("<!doctype html><p>{text}"))
}

fn dressed(limits: Limits, metrics: Metrics) -> impl Endpoint + 'static {
    let count = AtomicUsize::new(0);
    let ids = move || format!("request-{:05}", count.fetch_add(1, Ordering::Relaxed));
    let problems = Problems::new(
        |view| format!("<!doctype html><h1>{}</h1><p>{} ({})", view.title, view.sentence, view.request_id),
        MethodTable::default(),
    );
    let headers = Headers::new(true, Proxies::parse("127.0.0.2").unwrap(), ids);
    shell(product(), limits, problems, Observe::new(metrics, MethodTable::default()), headers)
}

struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    done: tokio::task::JoinHandle<std::io::Result<()>>,
    metrics: Metrics,
}

async fn start(server: ServerLimits, limits: Limits) -> Running {
    let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let metrics = Metrics::new().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = ServerLimits { metrics: Some(metrics.clone()), ..server };
    let done = tokio::spawn(serve(listener, dressed(limits, metrics.clone()), server, stopped));
    Running { address, stop: Some(stop), done, metrics }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// One request on a connection of its own.
    async fn ask(&self, head: &str, body: &[u8]) -> Answer {
        let mut stream = self.connect().await;
        send(&mut stream, &format!("{head}\r\nhost: x\r\nconnection: close\r\n\r\n"), body).await;
        answer(&mut stream).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path} HTTP/1.1"), b"").await
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

async fn send(stream: &mut TcpStream, head: &str, body: &[u8]) {
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server may refuse and close before all of it is sent.
    let _ = stream.write_all(body).await;
}

/// Everything until the server closes. A reset is an error and fails the test.
async fn answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    timeout(SOON, stream.read_to_end(&mut bytes)).await.expect("closed in time").expect("closed without a reset");
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_else(|| panic!("a head in {bytes:?}"));
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(':').unwrap();
        (name.parse::<poem::http::HeaderName>().unwrap(), value.trim().parse().unwrap())
    });
    Answer { status, headers: headers.collect(), body: String::from_utf8_lossy(&bytes[end + 4..]).into_owned() }
}

/// How long the server keeps this connection, which sends one more `drip` ten times a second.
async fn survives(mut stream: TcpStream, drip: &[u8]) -> Duration {
    let start = Instant::now();
    let mut scratch = [0; 1024];
    loop {
        match timeout(Duration::from_millis(100), stream.read(&mut scratch)).await {
            Ok(Ok(0) | Err(_)) => return start.elapsed(),
            Ok(Ok(_)) => {}
            Err(_) if start.elapsed() > SOON => panic!("still open"),
            Err(_) => {
                if !drip.is_empty() && stream.write_all(drip).await.is_err() {
                    return start.elapsed();
                }
            }
        }
    }
}

#[tokio::test]
async fn a_client_that_keeps_us_waiting_is_closed() {
    // Far from the header's time, so that the two clocks cannot be taken for each other.
    let idle = Duration::from_millis(2200);
    let server = start(ServerLimits { idle, ..strict() }, Limits::default()).await;
    let open = |start: &'static str| async {
        let mut stream = server.connect().await;
        stream.write_all(start.as_bytes()).await.unwrap();
        stream
    };
    let after_one = || async {
        let mut stream = open("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
        stream
    };
    let cases: [(&str, TcpStream, &[u8], Duration); 8] = [
        ("never says a word", open("").await, b"", HEADER),
        ("half a header", open("GET / HTTP/1.1\r\nhost: x\r\nx-a: ").await, b"", HEADER),
        ("a header byte by byte", open("GET / HTTP/1.1\r\nx-a: ").await, b"a", HEADER),
        ("half the HTTP/2 preface", open("PRI * HTTP/2.0\r\n").await, b"", HEADER),
        ("no second request", after_one().await, b"", idle),
        ("a second header byte by byte", after_one().await, b"G", HEADER + Duration::from_millis(100)),
        ("half a body", open("POST /form HTTP/1.1\r\nhost: x\r\ncontent-length: 9999\r\n\r\nabc").await, b"", BODY),
        (
            "a body byte by byte",
            open("POST /form HTTP/1.1\r\nhost: x\r\ncontent-length: 9999\r\n\r\n").await,
            b"a",
            BODY,
        ),
    ];
    let times = cases.map(|(what, stream, drip, limit)| async move { (what, limit, survives(stream, drip).await) });
    for (what, limit, took) in futures_util::future::join_all(times).await {
        assert!(took + Duration::from_millis(50) > limit, "{what}: closed already after {took:?}");
        assert!(took < limit + Duration::from_millis(1300), "{what}: closed only after {took:?}");
    }
}

#[tokio::test]
async fn a_slow_body_is_told_so() {
    let server = start(strict(), Limits::default()).await;
    let answer = server.ask("POST /api/items HTTP/1.1\r\ncontent-length: 100", b"[").await;
    assert_eq!((answer.status, answer.header("content-type")), (408, "application/problem+json"));
}

#[tokio::test]
async fn a_client_that_does_not_take_its_answer_is_closed() {
    let server = start(strict(), Limits::default()).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET /big HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let closed = async {
        while !server.metrics.text().unwrap().contains("http_connections_open 0") {
            // One byte a moment is not taking it either.
            let _ = timeout(Duration::from_millis(1), stream.read(&mut [0; 1])).await;
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(SOON, closed).await.expect("closed");
    drop(stream);

    // Whoever takes it steadily gets all of it, however long it takes.
    let mut stream = server.connect().await;
    stream.write_all(b"GET /big HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let (mut got, start) = (0, Instant::now());
    let mut buffer = vec![0; 1 << 20];
    loop {
        match stream.read(&mut buffer).await.unwrap() {
            0 => break,
            more => got += more,
        }
        sleep(Duration::from_millis(20)).await;
    }
    assert!(got > 32 * 1024 * 1024, "{got} bytes in {:?}", start.elapsed());
}

#[tokio::test]
async fn an_honest_client_finds_a_place_among_sleepers() {
    let full = ServerLimits { connections: 200, header: Duration::from_secs(60), ..strict() };
    for per_address in [200, 50] {
        let server =
            start(ServerLimits { connections_per_address: per_address, ..full.clone() }, Limits::default()).await;
        let mut sleepers = Vec::new();
        for number in 0..300 {
            let mut sleeper = server.connect().await;
            if number % 2 == 0 {
                sleeper.write_all(b"GET / HTTP/1.1\r\nx-a: ").await.unwrap();
            }
            sleepers.push(sleeper);
        }
        for _ in 0..20 {
            let answer = timeout(Duration::from_millis(500), server.get("/")).await.expect("served at once");
            assert_eq!(answer.status, 200);
        }
    }
}

#[tokio::test]
async fn a_full_house_says_so_at_once() {
    let server = start(ServerLimits { connections: 4, ..strict() }, Limits::default()).await;
    let mut busy = Vec::new();
    for _ in 0..4 {
        let mut stream = server.connect().await;
        stream.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        busy.push(stream);
    }
    sleep(Duration::from_millis(100)).await;
    let refused = timeout(Duration::from_millis(200), server.get("/")).await.expect("not left hanging");
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
    assert_eq!(refused.header("content-length"), refused.body.len().to_string());
    for mut stream in busy {
        assert_eq!(answer(&mut stream).await.status, 200, "nobody who is being served makes place");
    }
}

#[tokio::test]
async fn too_many_requests_in_flight_are_refused_at_once() {
    let server = start(strict(), Limits::new(1, 1, 2, 1 << 20).always("/")).await;
    let timed = || async {
        let start = Instant::now();
        (server.get("/slow").await, start.elapsed())
    };
    let third = async {
        sleep(Duration::from_millis(100)).await;
        let start = Instant::now();
        let refused = server.get("/text").await;
        let took = start.elapsed();
        (refused, took, server.get("/").await, server.ask("POST /form HTTP/1.1\r\ncontent-length: 2", b"hi").await)
    };
    let ((first, first_took), (second, second_took), (refused, took, health, write)) =
        tokio::join!(timed(), timed(), third);
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
    assert!(took < Duration::from_millis(50), "{took:?}");
    let slower = first_took.max(second_took);
    assert!(slower > Duration::from_millis(1100), "one waits for the other: {slower:?}");
    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!((health.status, write.status), (200, 200), "health and writes have their own room");
}

#[tokio::test]
async fn a_body_over_its_cap_is_refused_and_the_refusal_arrives() {
    let limits = Limits::default().route("/form", RouteLimit { body: 1000, ..RouteLimit::FORM });
    let server = start(strict(), limits).await;
    let large = vec![b'a'; 12_000_000];
    let announced = server.ask("POST /form HTTP/1.1\r\ncontent-length: 12000000", &large).await;
    assert_eq!((announced.status, announced.header("cache-control")), (413, "no-store"));
    let chunk = [b"1000\r\n".as_slice(), &large[..4096], b"\r\n"].concat();
    let chunked = server.ask("POST /form HTTP/1.1\r\ntransfer-encoding: chunked", &chunk.repeat(500)).await;
    assert_eq!(chunked.status, 413);
    let fits = server.ask("POST /form HTTP/1.1\r\ncontent-length: 1000", &large[..1000]).await;
    assert_eq!((fits.status, fits.body.len()), (200, 1000));
    let packed = server.ask("POST /form HTTP/1.1\r\ncontent-encoding: gzip\r\ncontent-length: 3", b"abc").await;
    assert_eq!(packed.status, 415, "a packed body could be a bomb");
    let json = server.ask("POST /api/items HTTP/1.1\r\ncontent-length: 12000000", &large).await;
    assert_eq!((json.status, json.header("content-type")), (413, "application/problem+json"));
}

#[tokio::test]
async fn a_request_has_a_time_limit() {
    let short = RouteLimit { time: Duration::from_millis(100), ..RouteLimit::FORM };
    let server = start(strict(), Limits::default().route("/never", short)).await;
    let read = server.get("/never").await;
    assert_eq!((read.status, read.header("retry-after")), (503, "1"));
    assert_eq!(server.ask("POST /never HTTP/1.1\r\ncontent-length: 1", b"a").await.status, 504);
}

#[tokio::test]
async fn every_failure_is_told_to_programs_and_to_people() {
    let server = start(strict(), Limits::default()).await;
    let json = "content-type: application/json";
    let cases = [
        ("GET /api/none HTTP/1.1".into(), "", 404),
        ("GET /api/items/many HTTP/1.1".into(), "", 404),
        ("DELETE /api/items HTTP/1.1".into(), "", 405),
        (format!("POST /api/items HTTP/1.1\r\n{json}\r\ncontent-length: 5"), "{not ", 400),
        ("POST /api/items HTTP/1.1\r\ncontent-type: text/plain\r\ncontent-length: 2".into(), "[]", 415),
        ("GET /api/panic HTTP/1.1".into(), "", 500),
        ("GET /api/own HTTP/1.1".into(), "", 422),
        ("GET /none HTTP/1.1".into(), "", 404),
        ("POST / HTTP/1.1\r\ncontent-length: 0".into(), "", 405),
        ("GET /panic HTTP/1.1".into(), "", 500),
        ("GET /broken HTTP/1.1".into(), "", 500),
        ("GET /bare HTTP/1.1".into(), "", 403),
        ("GET /none HTTP/1.1\r\naccept: application/json".into(), "", 404),
        ("TRACE /slow HTTP/1.1".into(), "", 405),
        ("PROPFIND /slow HTTP/1.1".into(), "", 501),
        ("GET /%00 HTTP/1.1".into(), "", 404),
    ];
    for (head, body, status) in &cases {
        let answer = server.ask(head, body.as_bytes()).await;
        assert_eq!(answer.status, *status, "{head}");
        if head.contains("/api") || head.contains("accept: application/json") {
            assert_eq!(answer.header("content-type"), "application/problem+json", "{head}");
            let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
            assert_eq!((&problem["status"], &problem["type"]), (&(*status).into(), &"about:blank".into()), "{head}");
            assert_eq!(problem["instance"], answer.header("x-request-id"), "{head}");
            assert!(problem["title"].is_string() && problem["detail"].as_str().unwrap().ends_with('.'), "{head}");
        } else {
            assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{head}");
            assert!(answer.body.contains(answer.header("x-request-id")), "{head}: {}", answer.body);
        }
        for inside in ["secret", "hunter2", "src/"] {
            assert!(!answer.body.contains(inside), "{head}: {}", answer.body);
        }
        assert_eq!(answer.header("cache-control"), "no-store", "{head}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{head}");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{head}");
        assert!(answer.header("strict-transport-security").starts_with("max-age=63072000"), "{head}");
    }
    let allow = |answer: Answer| answer.header("allow").to_owned();
    assert_eq!(allow(server.ask("DELETE /api/items HTTP/1.1", b"").await), "GET, HEAD, POST");
    assert_eq!(allow(server.ask("PUT / HTTP/1.1\r\ncontent-length: 0", b"").await), "GET, HEAD");
    let own: serde_json::Value = serde_json::from_str(&server.get("/api/own").await.body).unwrap();
    assert_eq!(own["errors"], serde_json::json!([{"pointer": "#/title", "detail": "is missing"}]));
}

#[tokio::test]
async fn head_and_not_modified_save_the_body() {
    let server = start(strict(), Limits::default()).await;
    let (get, head) = (server.get("/text").await, server.ask("HEAD /text HTTP/1.1", b"").await);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), get.body.len().to_string());
    assert_eq!((head.header("etag"), head.header("vary")), (get.header("etag"), "accept-encoding"));
    assert!(get.header("etag").starts_with('"'), "a strong tag");

    let again = |tag: &str, more: &str| format!("GET /text HTTP/1.1\r\nif-none-match: {tag}{more}");
    let same = server.ask(&again(get.header("etag"), ""), b"").await;
    assert_eq!((same.status, same.body.as_str(), same.header("etag")), (304, "", get.header("etag")));
    assert_eq!(server.ask(&again("\"other\"", ""), b"").await.status, 200);

    let gzip = "\r\naccept-encoding: gzip";
    let packed = server.ask(&format!("GET /text HTTP/1.1{gzip}"), b"").await;
    assert_eq!((packed.header("content-encoding"), packed.header("vary")), ("gzip", "accept-encoding"));
    assert!(packed.header("content-length").parse::<usize>().unwrap() < get.body.len() / 10);
    assert_ne!(packed.header("etag"), get.header("etag"), "other bytes, another tag");
    let same = server.ask(&again(packed.header("etag"), gzip), b"").await;
    assert_eq!((same.status, same.header("etag")), (304, packed.header("etag")));
    let tiny = server.ask(&format!("GET / HTTP/1.1{gzip}"), b"").await;
    assert_eq!(tiny.header("content-encoding"), "", "a few bytes would only grow");
    let stream = server.ask(&format!("GET /stream HTTP/1.1{gzip}"), b"").await;
    // Of a stream nobody knows the length: it goes as it is.
    assert_eq!((stream.status, stream.header("content-encoding")), (200, ""));
}

#[tokio::test]
async fn a_request_id_counts_only_from_a_proxy_of_ours() {
    let server = start(strict(), Limits::default()).await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let head = format!(
        "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntraceparent: 00-{trace}-b7ad6b7169203331-01\r\n\r\n"
    );
    for (from, believed) in [("127.0.0.1:0", false), ("127.0.0.2:0", true)] {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(from.parse().unwrap()).unwrap();
        let mut stream = socket.connect(server.address).await.unwrap();
        send(&mut stream, &head, b"").await;
        assert_eq!(answer(&mut stream).await.header("x-request-id") == trace, believed, "{from}");
    }
}

#[tokio::test]
async fn stopping_finishes_what_is_in_flight_and_resets_nobody() {
    let mut server = start(ServerLimits { idle: SOON, ..strict() }, Limits::default()).await;
    let mut working = server.connect().await;
    working.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut kept = server.connect().await;
    kept.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(kept.read(&mut [0; 4096]).await.unwrap() > 0);
    let mut idle = server.connect().await;
    idle.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(idle.read(&mut [0; 4096]).await.unwrap() > 0);
    sleep(Duration::from_millis(100)).await;

    server.stop.take().unwrap().send(()).unwrap();
    // A request that was already on its way when the server was told to stop.
    sleep(Duration::from_millis(100)).await;
    kept.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let last = answer(&mut kept).await;
    assert_eq!((last.status, last.header("connection")), (200, "close"));
    let whole = answer(&mut working).await;
    assert_eq!((whole.status, whole.body.as_str(), whole.header("connection")), (200, "slow but whole", "close"));
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.expect("no reset");
    assert!(rest.is_empty());
    drop((kept, working, idle));
    timeout(SOON, server.done).await.expect("stops by itself").unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_restart_under_load_resets_nobody() {
    for _ in 0..5 {
        let mut server = start(strict(), Limits::default()).await;
        let address = server.address;
        let clients = (0..20).map(|_| {
            tokio::spawn(async move {
                let mut answered = 0;
                while let Ok(mut stream) = TcpStream::connect(address).await {
                    for _ in 0..10 {
                        // Writing to a connection just closed is no reset of a request: nothing was answered or lost.
                        if stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.is_err() {
                            break;
                        }
                        let mut bytes = [0; 4096];
                        match stream.read(&mut bytes).await {
                            Ok(0) => break,
                            Ok(n) => {
                                answered += 1;
                                if parse(&bytes[..n]).header("connection") == "close" {
                                    break;
                                }
                            }
                            Err(error) => panic!("{error} after {answered}"),
                        }
                    }
                }
                answered
            })
        });
        let clients: Vec<_> = clients.collect();
        sleep(Duration::from_millis(150)).await;
        server.stop.take().unwrap().send(()).unwrap();
        for client in clients {
            assert!(client.await.unwrap() > 0);
        }
        timeout(SOON, server.done).await.expect("stops by itself").unwrap().unwrap();
    }
}

#[tokio::test]
async fn requests_are_counted_by_route() {
    let server = start(strict(), Limits::default()).await;
    for path in ["/api/items/1", "/api/items/2?secret=1", "/none/a", "/none/b", "/api/items/x", "/panic"] {
        server.get(path).await;
    }
    let text = server.metrics.text().unwrap();
    for line in [
        r#"http_requests_total{method="GET",route="/api/items/:id",status="2xx"} 2"#,
        r#"http_requests_total{method="GET",route="/api/items/:id",status="4xx"} 1"#,
        r#"http_requests_total{method="GET",route="/panic",status="5xx"} 1"#,
        r#"http_requests_total{method="GET",route="none",status="4xx"} 2"#,
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    assert!(!text.contains("secret"));
    server.metrics.gauge("outbox_letters", "Letters waiting", &["state"]).unwrap().with_label_values(&["due"]).set(3);
    assert!(server.metrics.text().unwrap().contains(r#"outbox_letters{state="due"} 3"#));
    let page = commonground::web::observe::exposition(server.metrics.clone()).call(Request::default()).await;
    assert_eq!(page.unwrap().into_response().content_type(), Some("text/plain; version=0.0.4; charset=utf-8"));
}
