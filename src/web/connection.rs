//! One client's connection: whose turn it is, how long the client may still take, and the closing that loses no answer.
//!
//! A connection is either *ours* (a handler works, or a body is being produced) or *theirs* (a header, the taking of an
//! answer, or the next request is awaited). While it is ours nothing here ends it: requests have their own time limit.
//! While it is theirs one clock runs down, and only progress winds it up: so one rule covers the silent client, the client
//! that sends a header byte by byte, the slow reader, the HTTP/2 client that grants no window, and the idle keep-alive.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use hyper::body::{Body, Bytes, Frame, SizeHint};
use poem::http::Version;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::Notify,
    time::{Instant, Sleep, sleep, timeout_at},
};

/// Bytes a second that keep a clock from running down: a bad telephone line manages it, a drip does not.
const SLOWEST: u32 = 2048;
/// How long a closed connection is still listened to, so that the last answer is not lost to a reset.
const LINGER: Duration = Duration::from_secs(1);

/// A clock that runs down unless bytes move.
#[derive(Debug, Clone, Copy)]
struct Patience {
    deadline: Instant,
    most: Duration,
}

impl Patience {
    fn new(most: Duration) -> Self {
        Self { deadline: Instant::now() + most, most }
    }

    /// Bytes moved. Never more than the whole patience is saved up: what a kernel buffer swallows at once buys no hours.
    fn progress(&mut self, bytes: usize) {
        let earned = Duration::from_secs(1) * u32::try_from(bytes).unwrap_or(u32::MAX) / SLOWEST;
        self.deadline = (self.deadline + earned).min(Instant::now() + self.most);
    }
}

/// The client end of one connection, seen by the socket, the service, the watch and the registry.
#[derive(Debug)]
pub(super) struct Client {
    state: Mutex<State>,
    /// Rung when the place is needed for somebody else.
    pub(super) evicted: Notify,
    header: Duration,
}

#[derive(Debug)]
struct State {
    patience: Patience,
    /// How many handlers or bodies we are working on. Above zero the connection is ours.
    ours: usize,
    /// Answers whose body is not yet handed over.
    sending: usize,
    /// When the header now arriving has to be complete.
    header: Option<Instant>,
    /// Has there been a request yet, and how long is the wait for the next?
    requested: bool,
    idle: Duration,
    http2: bool,
    cut: bool,
}

impl Client {
    /// A connection just accepted: it owes a whole header within `header`, later the next move within `idle`.
    pub(super) fn new(header: Duration, idle: Duration) -> Self {
        let patience = Patience::new(header);
        let state =
            State { patience, ours: 0, sending: 0, header: None, requested: false, idle, http2: false, cut: false };
        Self { state: Mutex::new(state), evicted: Notify::new(), header }
    }

    /// When this connection is over unless something happens; `None` while it is ours.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let state = self.state();
        let deadline = state.header.map_or(state.patience.deadline, |header| header.min(state.patience.deadline));
        (state.ours == 0).then_some(deadline)
    }

    /// Is it at rest between two requests, so that closing it takes nothing from anybody?
    pub(super) fn is_idle(&self) -> bool {
        let state = self.state();
        state.requested && state.ours == 0 && state.sending == 0 && state.header.is_none()
    }

    /// Gives the client up: what it has not taken is thrown away, instead of waiting for it in the kernel's memory.
    pub(super) fn cut(&self) {
        self.state().cut = true;
    }

    /// May it be closed to make room? `Some(true)`: it has never asked for anything; `Some(false)`: it has.
    pub(super) fn evictable(&self) -> Option<bool> {
        let state = self.state();
        (state.ours == 0 && state.sending == 0).then_some(!state.requested)
    }

    /// A request has arrived. The connection is ours until the turn is over.
    pub(super) fn begin(self: &Arc<Self>, version: Version) -> Turn {
        let mut state = self.state();
        state.requested = true;
        state.http2 = version == Version::HTTP_2;
        state.header = None;
        state.ours += 1;
        state.sending += 1;
        Turn { client: Arc::clone(self), ours: true }
    }

    fn received(&self, bytes: usize) {
        let mut state = self.state();
        // HTTP/2 control frames also arrive between requests and are no header.
        if bytes > 0 && state.requested && !state.http2 && state.ours == 0 && state.sending == 0 {
            let deadline = Instant::now() + self.header;
            state.header.get_or_insert(deadline);
        }
    }

    fn took(&self, bytes: usize) {
        let mut state = self.state();
        if state.requested {
            state.patience.progress(bytes);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held from a request's arrival until its answer is handed over.
#[derive(Debug)]
pub(super) struct Turn {
    client: Arc<Client>,
    ours: bool,
}

impl Turn {
    /// The answer, or a piece of it, is there: now the client has to take it.
    fn pass(&mut self) {
        if std::mem::take(&mut self.ours) {
            let mut state = self.client.state();
            state.ours -= 1;
            if state.ours == 0 {
                state.patience = Patience::new(state.idle);
            }
        }
    }

    /// The client has taken all there is; we have to produce more.
    fn take_back(&mut self) {
        if !std::mem::replace(&mut self.ours, true) {
            self.client.state().ours += 1;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.pass();
        self.client.state().sending -= 1;
    }
}

/// An answer's body that tells whether the client or we are the one waited for.
#[derive(Debug)]
pub(super) struct Answer<B> {
    body: B,
    turn: Turn,
}

impl<B> Answer<B> {
    pub(super) fn new(body: B, mut turn: Turn) -> Self {
        turn.pass();
        Self { body, turn }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Answer<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = &mut *self;
        let frame = Pin::new(&mut this.body).poll_frame(cx);
        if frame.is_pending() {
            this.turn.take_back()
        } else {
            this.turn.pass()
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A request's body that fails with `TimedOut` when the client sends it too slowly.
pub(super) fn paced(body: poem::Body, patience: Duration) -> poem::Body {
    // The clock starts with the first read: time spent before it is ours, not the client's.
    let start = (body.into_bytes_stream(), None);
    poem::Body::from_bytes_stream(stream::try_unfold(start, move |(mut chunks, clock)| async move {
        let mut clock = clock.unwrap_or_else(|| Patience::new(patience));
        match timeout_at(clock.deadline, chunks.next()).await {
            Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut)),
            Ok(None) => Ok(None),
            Ok(Some(Err(error))) => Err(error),
            Ok(Some(Ok(chunk))) => {
                clock.progress(chunk.len());
                Ok(Some((chunk, (chunks, Some(clock)))))
            }
        }
    }))
}

/// The socket: reports what moves, and closes in two steps.
#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    client: Arc<Client>,
    lingering: Option<Pin<Box<Sleep>>>,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, client: Arc<Client>) -> Self {
        Self { stream, client, lingering: None }
    }

    fn wrote(&self, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = result {
            self.client.took(bytes);
        }
        result
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.client.state().cut {
            // It is closed in any case; this only decides how.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        self.client.received(buf.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.wrote(result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.wrote(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Says goodbye, then reads and forgets what is still on its way. Closing at once with unread bytes would make the
    /// kernel send a reset, and the reset can overtake the answer (a 413 to somebody who is still uploading).
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.lingering.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
        }
        let lingering = this.lingering.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        let mut scratch = [0; 8192];
        while lingering.as_mut().poll(cx).is_pending() {
            let mut buf = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut this.stream).poll_read(cx, &mut buf)) {
                Ok(()) if !buf.filled().is_empty() => {}
                _ => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}
