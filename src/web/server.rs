//! The accept loop: who gets a connection, how it is served, and how the server stops without hurting anybody.
//!
//! poem's own server keeps half a header for ever and has no bound on connections, so a few hundred sleeping sockets make
//! it unreachable. Here every connection has a clock (see [`connection`](super::connection)), there is room for a fixed
//! number of them, and when the room is full the one that has waited longest without asking for anything makes place.

use std::{
    convert::Infallible,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use hyper::{
    body::{Body, Bytes, Incoming},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use poem::{
    Addr, Endpoint, Request,
    http::{HeaderValue, Version, header, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpSocket, TcpStream},
    sync::Semaphore,
    time::{Instant, sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    connection::{Answer, Client, Socket, paced},
    observe::Metrics,
    proxies::Proxies,
    seats::{Seat, Seats},
};

/// How long after the stop signal a kept-alive connection may still bring a request that was already on its way.
const LAST_ORDERS: Duration = Duration::from_millis(300);
/// How often an accept error (no file handle left) is tried again.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(50);
/// How many refusals are said politely at the same time; the rest are closed without a word.
const POLITE_REFUSALS: usize = 64;
/// Connections that may wait to be accepted.
const BACKLOG: u32 = 4096;
/// Bytes of an answer that the kernel holds for one client: a page and its pictures.
const SEND_BUFFER: u32 = 256 * 1024;
/// Said to a connection for which there is no place.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n\
    content-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\ncache-control: no-store\r\n\
    content-length: 61\r\n\r\nThe server is very busy. Please try again in a few moments.\r\n";

/// What a client may take of the server before it is cut off.
#[derive(Debug, Clone)]
pub struct ServerLimits {
    /// From the connection, or from a later request's first byte, to the end of the header. 5 s.
    pub header: Duration,
    /// How long a client may leave the next move to us undone: an idle keep-alive, or an answer that it does not take.
    /// 10 s.
    pub idle: Duration,
    /// The same for our own proxies, which keep connections open to use them again. Longer than theirs (nginx: 60 s), or
    /// a request crosses our closing on the wire. 75 s.
    pub proxy_idle: Duration,
    /// How long a request's body may stand still. 8 s.
    pub body: Duration,
    /// Connections at the same time. By default what the process' limit of open files leaves after the database and the
    /// index, at most 4096.
    pub connections: usize,
    /// Connections from one address (IPv4) or one /64 (IPv6). Does not apply to our proxies. By default three quarters of
    /// all: a whole school sits behind one address and opens some six connections a person.
    pub connections_per_address: usize,
    /// How long requests in flight may take after the stop signal. 25 s.
    pub drain: Duration,
    /// Our reverse proxies.
    pub proxies: Proxies,
    /// Where connections are counted.
    pub metrics: Option<Metrics>,
}

impl Default for ServerLimits {
    fn default() -> Self {
        let files = open_files_limit().unwrap_or(1024);
        let connections = (files - (files / 4).clamp(64, 1024).min(files / 2)).clamp(16, 4096);
        Self {
            header: Duration::from_secs(5),
            idle: Duration::from_secs(10),
            proxy_idle: Duration::from_secs(75),
            body: Duration::from_secs(8),
            connections,
            connections_per_address: connections * 3 / 4,
            drain: Duration::from_secs(25),
            proxies: Proxies::default(),
            metrics: None,
        }
    }
}

/// A listener made for crowds: room for a burst of new connections in the kernel's queue (tokio's 1024 overflow when a
/// thousand come at once, and each loses a second), and a bound on the kernel's memory for answers that nobody takes.
///
/// # Errors
/// The address is taken or not ours.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    // Accepted connections inherit it.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves `endpoint` on `listener` until `shutdown` is ready, then finishes what is in flight and returns.
///
/// Fails only if the listener cannot be used at all; a failed accept is tried again.
pub async fn serve(
    listener: TcpListener,
    endpoint: impl Endpoint + 'static,
    limits: ServerLimits,
    shutdown: impl Future,
) -> io::Result<()> {
    let mut http = Builder::new(TokioExecutor::new());
    // The clocks of `Client` bound headers: hyper's would also end an idle keep-alive after the header's short time.
    http.http1().timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(64 * 1024);
    http.http2().timer(TokioTimer::new()).max_concurrent_streams(64).max_header_list_size(16 * 1024);
    let server = Arc::new(Server {
        endpoint,
        http,
        seats: Seats::new(limits.connections, limits.connections_per_address),
        limits,
        refusals: Arc::new(Semaphore::new(POLITE_REFUSALS)),
        draining: CancellationToken::new(),
        stopped: CancellationToken::new(),
        tasks: TaskTracker::new(),
    });

    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            _ = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => server.admit(stream, peer),
                Err(error) => {
                    // Most likely no file handle is left. The listener stays readable, so without a pause this would spin.
                    tracing::warn!(%error, "a connection could not be accepted");
                    server.seats.evict();
                    sleep(ACCEPT_BACKOFF).await;
                }
            },
        }
    }
    server.drain(listener).await
}

struct Server<E> {
    endpoint: E,
    http: Builder<TokioExecutor>,
    seats: Arc<Seats>,
    limits: ServerLimits,
    refusals: Arc<Semaphore>,
    /// From here on every answer is the last of its connection.
    draining: CancellationToken,
    /// From here on nothing is waited for.
    stopped: CancellationToken,
    tasks: TaskTracker,
}

impl<E: Endpoint + 'static> Server<E> {
    fn admit(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let limits = &self.limits;
        let proxy = limits.proxies.contains(peer.ip());
        let client = Client::new(limits.header, if proxy { limits.proxy_idle } else { limits.idle });
        match self.seats.take((!proxy).then(|| peer.ip()), client) {
            Some(seat) => {
                let server = Arc::clone(self);
                self.tasks.spawn(server.connection(stream, peer, seat));
            }
            None => self.refuse(stream, peer.ip()),
        }
    }

    /// Serves one connection to its end.
    async fn connection(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, seat: Seat) {
        let _open = self.limits.metrics.as_ref().map(Metrics::connection);
        // Answers are written whole; waiting for more (Nagle) only adds delay. A failure means the client has gone.
        let (Ok(local), Ok(())) = (stream.local_addr(), stream.set_nodelay(true)) else { return };
        let client = seat.client();
        let service = service_fn(|request| Arc::clone(&self).answer(request, Arc::clone(client), local, peer));
        let io = TokioIo::new(Socket::new(stream, Arc::clone(client)));
        let mut connection = pin!(self.http.serve_connection(io, service));
        let mut last_orders = pin!(async {
            self.draining.cancelled().await;
            sleep(LAST_ORDERS).await;
        });
        let mut closing = false;
        loop {
            // Woken at least once in the shortest time that can be set meanwhile, so that no clock is seen late.
            let tick = Instant::now() + self.limits.header.min(self.limits.idle);
            let next = client.deadline().map_or(tick, |deadline| deadline.min(tick));
            tokio::select! {
                biased;
                result = connection.as_mut() => {
                    if let Err(error) = result {
                        tracing::debug!(%error, "connection ended");
                    }
                    return;
                }
                () = client.evicted.notified() => return,
                () = self.stopped.cancelled() => return,
                () = &mut last_orders, if !closing => {
                    closing = true;
                    connection.as_mut().graceful_shutdown();
                }
                () = tokio::time::sleep_until(next) => {
                    if client.deadline().is_none_or(|deadline| deadline > Instant::now()) {
                        continue;
                    }
                    if closing || !client.is_idle() {
                        client.cut();
                        return;
                    }
                    connection.as_mut().graceful_shutdown();
                    // The goodbye itself; whoever does not answer it is not waited for.
                    let _ = timeout(self.limits.header, connection.as_mut()).await;
                    return;
                }
            }
        }
    }

    async fn answer(
        self: Arc<Self>,
        request: hyper::Request<Incoming>,
        client: Arc<Client>,
        local: SocketAddr,
        peer: SocketAddr,
    ) -> Result<hyper::Response<Answer<impl Body<Data = Bytes, Error = io::Error> + Unpin>>, Infallible> {
        let version = request.version();
        let turn = client.begin(version);
        let (local, peer) = (LocalAddr(Addr::SocketAddr(local)), RemoteAddr(Addr::SocketAddr(peer)));
        let mut request = Request::from((request, local, peer, Scheme::HTTP));
        let body = request.take_body();
        request.set_body(if body.is_empty() { body } else { paced(body, self.limits.body) });
        let mut response: hyper::Response<_> = self.endpoint.get_response(request).await.into();
        // HTTP/2 says it with a frame of its own.
        if self.draining.is_cancelled() && version < Version::HTTP_2 {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response.map(|body| Answer::new(body, turn)))
    }

    /// There is no place and nobody to send away: says so at once, without waiting for the request.
    fn refuse(&self, mut stream: TcpStream, peer: IpAddr) {
        if let Some(metrics) = &self.limits.metrics {
            metrics.connection_refused();
        }
        let Ok(permit) = Arc::clone(&self.refusals).try_acquire_owned() else { return };
        let client = Arc::new(Client::new(self.limits.header, self.limits.idle));
        tracing::debug!(ipv6 = peer.is_ipv6(), "a connection was refused");
        self.tasks.spawn(async move {
            if stream.write_all(FULL).await.is_ok() {
                let _ = Socket::new(stream, client).shutdown().await;
            }
            drop(permit);
        });
    }

    async fn drain(self: Arc<Self>, listener: TcpListener) -> io::Result<()> {
        // Clients in the kernel's queue believe that they are connected; closing the listener would reset them.
        let listener = listener.into_std()?;
        while let Ok((stream, peer)) = listener.accept() {
            stream.set_nonblocking(true)?;
            self.admit(TcpStream::from_std(stream)?, peer);
        }
        // Before anybody is told to connect anew, or they would come in just this moment.
        drop(listener);
        self.draining.cancel();
        self.tasks.close();
        if timeout(self.limits.drain, self.tasks.wait()).await.is_err() {
            tracing::warn!(
                connections = self.tasks.len(),
                "requests in flight were cut off by the end of the drain time"
            );
            self.stopped.cancel();
            self.tasks.wait().await;
        }
        Ok(())
    }
}

/// The soft limit of open files, where the system tells (Linux).
fn open_files_limit() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next()?.parse().ok())
}
