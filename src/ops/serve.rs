//! `commonground serve`: the server, what runs beside it, and how both stop.

use std::future::Future;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use poem::http::StatusCode;
use poem::web::{Data, Json};
use poem::{Endpoint, EndpointExt, IntoResponse, Response, Route, handler};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::adoptions;
use crate::app::App;
use crate::audit;
use crate::bulletins;
use crate::compacts;
use crate::contributions;
use crate::highlights;
use crate::mail::intake::lmtp;
use crate::mail::web::hook::{HookToken, hook_view};
use crate::mail::{Delivery, Tally, outbox};
use crate::materials::{self, upkeep};
use crate::notices::digest;
use crate::open_data::nightly;
use crate::platform::{Actor, Config, Db, Error, Result, ids};
use crate::search::Search;
use crate::sessions::clockwork;
use crate::statements;
use crate::web::observe::{Metrics, Observe, exposition};
use crate::web::site::Site;
use crate::web::{
    headers::Headers,
    limits::{Limits, RouteLimit},
    problem::Problems,
    proxies::Proxies,
    server,
};

/// Starts the log: JSON lines, or text where somebody looks at a terminal.
pub fn init_log(config: &Config) -> Result<()> {
    let filter = EnvFilter::try_new(&config.log).map_err(|e| {
        Error::Conflict(format!("The configuration key log wants directives like info or commonground=debug: {e}."))
    })?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let json = config.log_json.unwrap_or_else(|| !std::io::stderr().is_terminal());
    // A second start in one process (tests) keeps the first log.
    let _ = if json {
        builder.json().flatten_event(true).with_current_span(false).try_init()
    } else {
        builder.with_target(false).try_init()
    };
    for name in &config.unknown {
        tracing::warn!(name, "an environment variable that this version does not know");
    }
    Ok(())
}

/// A file with what is said of it; a bucket may be slow.
const UPLOAD: RouteLimit = RouteLimit { body: materials::LARGEST + 64 * 1024, time: Duration::from_secs(60) };

/// A server that is ready to answer.
pub struct Server {
    app: App,
    search: Arc<Search>,
    listener: TcpListener,
    metrics: Metrics,
    demo: bool,
    base_url: Arc<str>,
    delivery: Arc<Delivery>,
    delivers: bool,
    lmtp: Option<TcpListener>,
}

/// How long letters on the wire have to reach their end when the server stops: as long as requests have.
const LAST_LETTERS: Duration = Duration::from_secs(25);

impl Server {
    /// Takes the port and opens the search. After this the address is known and connections wait.
    pub async fn prepare(app: App, demo: bool) -> Result<Self> {
        let listen = app.config.listen;
        let listener = TcpListener::bind(listen).await.map_err(|e| {
            Error::Conflict(format!("{listen} is not free to listen on: {e}. Give another with --listen."))
        })?;
        let search = app.search().await?;
        search.claim()?;
        app.schedule().await?;
        let here = || listener.local_addr().map(|address| format!("http://{address}"));
        let base_url: Arc<str> = app.config.base_url.clone().map_or_else(here, Ok)?.into();
        let delivery = Arc::new(app.delivery(&base_url, demo)?);
        let metrics = Metrics::new().map_err(Error::internal)?;
        let lmtp = match app.config.lmtp_listen {
            Some(address) => Some(lmtp::bind(address).await?),
            None => None,
        };
        Ok(Self { app, search, listener, metrics, demo, base_url, delivery, delivers: true, lmtp })
    }

    /// The same server that leaves letters in the outbox: for tests, which read them there.
    #[must_use]
    pub fn keeping_letters(self) -> Self {
        Self { delivers: false, ..self }
    }

    /// Where it listens.
    pub fn address(&self) -> Result<std::net::SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// Where it takes in what comes back by LMTP, where it does.
    pub fn lmtp_address(&self) -> Option<std::net::SocketAddr> {
        self.lmtp.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Brings the search index to the newest change before anybody asks.
    pub async fn catch_up(&self) -> Result<()> {
        self.search.catch_up(&self.app.db).await.map(|_| ())
    }

    /// The search of this node.
    pub fn search(&self) -> &Arc<Search> {
        &self.search
    }

    /// Serves until `shutdown`, then lets what is under way end.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<()> {
        let Self { app, search, listener, metrics, demo, base_url, delivery, delivers, lmtp } = self;
        let address = listener.local_addr()?;
        let desk = app.desk(&base_url)?;
        let press = app.press(&base_url)?;
        let depot = app.depot()?;
        let open = app.open_data(&base_url)?;
        let lookout = app.lookout(&base_url, Arc::clone(&search))?;
        let intake = app.intake(&base_url)?;
        // The demo asks nobody for anything.
        let asks = !demo && app.config.link_checks;
        let site = Site { base_url, demo, viewer: None };
        let endpoint = endpoint(&app, &search, &metrics, site)?.data(Arc::clone(&delivery));
        let gauges = Gauges::new(&metrics).map_err(Error::internal)?;
        let connections = app.config.max_connections.min(server::ServerLimits::default().connections);
        let limits = server::ServerLimits {
            connections,
            // A whole school sits behind one address, but one address never has the house to itself.
            connections_per_address: connections * 3 / 4,
            proxies: proxies(&app.config)?,
            metrics: Some(metrics),
            ..server::ServerLimits::default()
        };
        let beside = tokio::spawn({
            let (search, db, delivery) = (Arc::clone(&search), app.db.clone(), Arc::clone(&delivery));
            async move {
                let (jobs, room) = (App::jobs(), desk.postroom());
                tokio::join!(
                    search.follow(&db),
                    jobs.work(&db),
                    gauges.watch(&search, &db, &delivery),
                    audit::keep_sealing(&db),
                    clockwork::run(&db, &desk),
                    adoptions::clockwork::run(&db, &desk),
                    compacts::clockwork::run(&db, &room),
                    statements::clockwork::run(&db, &desk),
                    async {
                        if let Some(listener) = lmtp {
                            lmtp::listen(listener, intake).await;
                        }
                    },
                    bulletins::clockwork::run(&db, &press),
                    digest::run(&db, &room),
                    contributions::clockwork::run(&db, &room),
                    highlights::clockwork::run(&db, &room, &depot),
                    lookout.run(&db),
                    nightly::run(&db, &open),
                    upkeep::run(&db, &depot, asks)
                );
            }
        });
        let last_call = CancellationToken::new();
        let letters = tokio::spawn({
            let (delivery, last_call) = (Arc::clone(&delivery), last_call.clone());
            async move {
                if !delivers {
                    return;
                }
                tokio::select! {
                    () = delivery.run(&last_call) => {}
                    () = async { last_call.cancelled().await; tokio::time::sleep(LAST_LETTERS).await } => {
                        tracing::warn!("a letter was still on the wire");
                    }
                }
            }
        });
        tracing::info!(%address, "listening");
        // Letters come to their end while the last requests do.
        let stopping = async {
            shutdown.await;
            last_call.cancel();
        };
        server::serve(listener, endpoint, limits, stopping).await?;
        beside.abort();
        // Until it is really gone it holds the index, which the next process wants.
        let _ = beside.await;
        let _ = letters.await;
        search.write_unmet(&app.db).await;
        app.db.close().await;
        tracing::info!("stopped");
        Ok(())
    }
}

/// Numbers of the database and the index, beside those of the HTTP server.
struct Gauges {
    statements: prometheus::IntCounter,
    behind: prometheus::IntGaugeVec,
    documents: prometheus::IntGaugeVec,
    degraded: prometheus::IntGaugeVec,
    letters: prometheus::IntGaugeVec,
    oldest: prometheus::IntGaugeVec,
    attempts: prometheus::IntCounterVec,
    sent: prometheus::IntCounter,
}

impl Gauges {
    fn new(metrics: &Metrics) -> prometheus::Result<Self> {
        let kind = &["kind"];
        Ok(Self {
            statements: metrics
                .add(prometheus::IntCounter::new("db_statements_total", "Statements sent to the database")?)?,
            behind: metrics.gauge("search_index_behind", "Changes that are not in the index yet", kind)?,
            documents: metrics.gauge("search_index_documents", "Documents in the index", kind)?,
            degraded: metrics.gauge("search_index_degraded", "1 while the index is being made again", kind)?,
            letters: metrics.gauge("outbox_letters", "Letters in the outbox that are not sent", &["state"])?,
            oldest: metrics.gauge("outbox_oldest_seconds", "How long the letter that is due longest waits", &[])?,
            attempts: metrics.add(prometheus::IntCounterVec::new(
                prometheus::Opts::new(
                    "letter_attempts_total",
                    "Attempts of this process to send a letter, by how they ended",
                ),
                &["end"],
            )?)?,
            sent: metrics.add(prometheus::IntCounter::new("letters_sent_total", "Letters this process has sent")?)?,
        })
    }

    async fn watch(&self, search: &Search, db: &Db, delivery: &Delivery) {
        loop {
            let Tally { sent, failed, retried, uncertain } = delivery.tally();
            self.sent.inc_by(sent.saturating_sub(self.sent.get()));
            for (end, count) in [("sent", sent), ("failed", failed), ("retried", retried), ("uncertain", uncertain)] {
                let counter = self.attempts.with_label_values(&[end]);
                counter.inc_by(count.saturating_sub(counter.get()));
            }
            let cx = db.cx(Actor::System("metrics"));
            if let Ok(figures) = outbox::figures(&cx).await {
                let waits = figures.oldest.map_or(0, |at| (cx.now() - at).num_seconds().max(0));
                self.oldest.with_label_values(&[] as &[&str]).set(waits);
                for (state, count) in figures.by_state {
                    self.letters.with_label_values(&[state]).set(count);
                }
            }
            let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
            self.statements.inc_by(db.statements().saturating_sub(self.statements.get()));
            for (kind, health) in search.health() {
                let kind = &[kind.name()];
                self.behind.with_label_values(kind).set(health.head - health.position);
                self.documents.with_label_values(kind).set(number(health.documents as u64));
                self.degraded.with_label_values(kind).set(i64::from(health.degraded));
            }
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    }
}

/// Serves until the process is asked to stop.
pub async fn run(app: App) -> Result<()> {
    Server::prepare(app, false).await?.run(stop_signal()).await
}

fn endpoint(
    app: &App,
    search: &Arc<Search>,
    metrics: &Metrics,
    site: Site,
) -> Result<impl Endpoint<Output = Response> + 'static> {
    let https = site.base_url.starts_with("https://");
    let (routes, methods) = app.routes(Arc::clone(search), site.clone())?;
    let operations = Route::new()
        .at("/healthz", crate::web::methods::resource().get(alive))
        .at("/readyz", crate::web::methods::resource().get(ready))
        .at("/metrics", crate::web::methods::resource().get(exposition(metrics.clone())))
        // Beside the entrance: its token is nobody's sign-in.
        .at("/hooks/mail", crate::web::methods::resource().post(hook_view))
        .nest_no_strip("/", routes)
        .data(app.intake(&site.base_url)?)
        .data(HookToken::of(&app.config, &app.secret))
        .data(app.db.clone())
        .data(Arc::clone(search));
    Ok(crate::web::shell(
        operations,
        Limits::default()
            .route("/hooks/mail", RouteLimit::JSON)
            .route("/contributions/:id/materials", UPLOAD)
            .route("/highlights/:slug/photo", UPLOAD)
            .route("/api/v1/practices/:id/materials", UPLOAD)
            .always("/healthz")
            .always("/readyz")
            .always("/metrics"),
        Problems::new(move |view| site.error_page(view), methods.clone()),
        Observe::new(metrics.clone(), methods),
        Headers::new(https, proxies(&app.config)?, || ids::fresh().simple().to_string()),
    ))
}

fn proxies(config: &Config) -> Result<Proxies> {
    Proxies::parse(&config.trusted_proxies).map_err(Error::Conflict)
}

/// Whether the process lives.
#[handler]
fn alive() -> Json<serde_json::Value> {
    Json(serde_json::json!({ "status": "alive" }))
}

/// Whether it can do its work: the database answers, the search index is near its newest change; and how letters fare.
#[handler]
async fn ready(db: Data<&Db>, search: Data<&Arc<Search>>, delivery: Data<&Arc<Delivery>>) -> Response {
    let database = tokio::time::timeout(Duration::from_secs(2), db.ping()).await.is_ok_and(|ping| ping.is_ok());
    let indexes: serde_json::Map<_, _> = search
        .health()
        .into_iter()
        .map(|(kind, health)| {
            let state = serde_json::json!({
                "position": health.position,
                "head": health.head,
                "documents": health.documents,
                "degraded": health.degraded,
            });
            (kind.name().to_owned(), state)
        })
        .collect();
    // A degraded index still answers: the node stays in service, and says so.
    let degraded = search.health().iter().any(|(_, health)| health.degraded);
    let status = if database { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = match (database, degraded) {
        (false, _) => "not ready",
        (true, true) => "degraded",
        (true, false) => "ready",
    };
    let cx = db.cx(Actor::System("readyz"));
    let figures = tokio::time::timeout(Duration::from_secs(2), outbox::figures(&cx)).await;
    // A mail server that is away keeps no page from being read: the node stays in service, and says so.
    let mail = figures.ok().and_then(Result::ok).map(|figures| {
        serde_json::json!({
            "waiting": figures.waiting,
            "failed": figures.failed,
            "paused": figures.switch.paused_at.is_some(),
            "reachable": delivery.is_reachable(),
        })
    });
    let body = serde_json::json!({ "status": word, "database": database, "search": indexes, "mail": mail });
    Json(body).with_status(status).into_response()
}

/// Ready when the process is asked to stop: SIGTERM, or Ctrl-C. Both are heard from this call on, so that none is lost while the
/// server begins.
pub fn stop_signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{Signal, SignalKind, signal};
    async fn came(signal: &mut Option<Signal>) {
        match signal {
            Some(signal) => drop(signal.recv().await),
            None => std::future::pending().await,
        }
    }
    let hear = |kind| signal(kind).inspect_err(|error| tracing::warn!(%error, "a signal to stop cannot be heard")).ok();
    let (mut terminate, mut interrupt) = (hear(SignalKind::terminate()), hear(SignalKind::interrupt()));
    async move {
        tokio::select! {
            () = came(&mut terminate) => {}
            () = came(&mut interrupt) => {}
        }
    }
}
