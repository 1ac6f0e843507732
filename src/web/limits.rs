//! What one request may cost: bytes, seconds, and a share of the server. What is over is refused early and said plainly.
//!
//! The body is read to its end before the handler starts. So no handler, database transaction or place in the queue waits
//! for a slow client, and a body over its cap is refused by its announced length or, unannounced, at the byte too many.

use std::{io, sync::Arc, time::Duration};

use futures_util::StreamExt;
use poem::{
    Body, Endpoint, IntoResponse, Middleware, Request, Response, Result,
    http::{HeaderMap, Method, StatusCode, header},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::yield_now,
    time::timeout,
};

use super::problem::Problem;

/// The smallest share of the memory for bodies that is counted.
const PIECE: usize = 1024;

/// What the requests of one path may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteLimit {
    /// Bytes of the body.
    pub body: usize,
    /// Time of the handler, which does not include the arrival of the body or the taking of the answer.
    pub time: Duration,
}

impl RouteLimit {
    /// Pages and forms: 64 KiB, 10 s.
    pub const FORM: Self = Self { body: 64 * 1024, time: Duration::from_secs(10) };
    /// JSON: 1 MiB, 10 s.
    pub const JSON: Self = Self { body: 1024 * 1024, time: Duration::from_secs(10) };
}

/// What all requests may cost. Clones share the same counters.
#[derive(Debug, Clone)]
pub struct Limits {
    routes: Arc<Vec<(String, RouteLimit)>>,
    unlimited: Arc<Vec<String>>,
    /// Handlers of GET at the same time, few enough that a refusal does not wait long for a processor.
    reads: Arc<Semaphore>,
    /// GETs working or waiting for that, in the order of their coming. More are refused: a page can be asked for again.
    readers: Arc<Semaphore>,
    /// Handlers of everything else. A whole school registers in the same minute, and none of them should be sent away.
    writes: Arc<Semaphore>,
    /// All bodies in memory, in pieces.
    memory: Arc<Semaphore>,
}

impl Default for Limits {
    /// 16 reads for each processor at work and 1000 waiting, 1536 writes, 96 MiB of bodies.
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        Self::new(16 * processors, 1000, 1536, 96 * 1024 * 1024)
    }
}

impl Limits {
    /// So many reads working and waiting, so many writes, and so many bytes of request bodies in memory, at the same time.
    pub fn new(reads: usize, waiting: usize, writes: usize, memory: usize) -> Self {
        let room = |places: usize| Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
        Self {
            routes: Arc::default(),
            unlimited: Arc::default(),
            reads: room(reads),
            readers: room(reads + waiting),
            writes: room(writes),
            memory: room(memory / PIECE),
        }
    }

    /// Another limit for the paths of this form: `:name` is any one segment, a last `*` any rest. The first that fits
    /// counts; without one it is [`RouteLimit::JSON`] under `/api/` and [`RouteLimit::FORM`] elsewhere.
    #[must_use]
    pub fn route(mut self, form: impl Into<String>, limit: RouteLimit) -> Self {
        Arc::make_mut(&mut self.routes).push((form.into(), limit));
        self
    }

    /// Paths that are answered however busy the server is: health checks, lest a busy server is taken for a dead one.
    #[must_use]
    pub fn always(mut self, path: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.unlimited).push(path.into());
        self
    }

    fn limit(&self, path: &str) -> RouteLimit {
        let own = self.routes.iter().find(|(form, _)| fits(form, path)).map(|(_, limit)| *limit);
        own.unwrap_or(if path.starts_with("/api/") { RouteLimit::JSON } else { RouteLimit::FORM })
    }

    /// A place in the house, or the refusal. `None` where no place is needed.
    fn enter(&self, method: &Method, path: &str) -> Result<Option<OwnedSemaphorePermit>, StatusCode> {
        if self.unlimited.iter().any(|form| form == path) {
            return Ok(None);
        }
        let room = if *method == Method::GET { &self.readers } else { &self.writes };
        Arc::clone(room).try_acquire_owned().map(Some).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
    }

    /// The whole body, and its share of the memory.
    async fn read(&self, headers: &HeaderMap, body: Body, most: usize) -> Result<(Vec<u8>, Share), StatusCode> {
        let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if announced.is_some_and(|length: u64| length > most as u64) {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        // Packed bodies are not unpacked: a few bytes can become gigabytes.
        if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        let mut share = Share { memory: Arc::clone(&self.memory), permits: None };
        let mut whole = Vec::new();
        let mut chunks = body.into_bytes_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| {
                let slow = error.kind() == io::ErrorKind::TimedOut;
                if slow { StatusCode::REQUEST_TIMEOUT } else { StatusCode::BAD_REQUEST }
            })?;
            if whole.len() + chunk.len() > most {
                return Err(StatusCode::PAYLOAD_TOO_LARGE);
            }
            whole.extend_from_slice(&chunk);
            share.grow(whole.capacity())?;
        }
        Ok((whole, share))
    }
}

/// The memory that one body holds.
struct Share {
    memory: Arc<Semaphore>,
    permits: Option<OwnedSemaphorePermit>,
}

impl Share {
    fn grow(&mut self, bytes: usize) -> Result<(), StatusCode> {
        let held = self.permits.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = u32::try_from(bytes.div_ceil(PIECE).saturating_sub(held)).unwrap_or(u32::MAX);
        if more == 0 {
            return Ok(());
        }
        let permit = Arc::clone(&self.memory).try_acquire_many_owned(more);
        let permit = permit.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
        match &mut self.permits {
            Some(held) => held.merge(permit),
            none => *none = Some(permit),
        }
        Ok(())
    }
}

impl<E: Endpoint> Middleware<E> for Limits {
    type Output = Limited<E>;

    fn transform(&self, inner: E) -> Limited<E> {
        Limited { inner, limits: self.clone() }
    }
}

/// An endpoint whose requests are bounded.
#[derive(Debug)]
pub struct Limited<E> {
    inner: E,
    limits: Limits,
}

impl<E: Endpoint> Endpoint for Limited<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let limit = self.limits.limit(request.uri().path());
        let body = request.take_body();
        let mut share = None;
        if !body.is_empty() {
            let (whole, held) = self.limits.read(request.headers(), body, limit.body).await.map_err(Problem::new)?;
            share = Some(held);
            request.set_body(whole);
        }
        let place = self.limits.enter(request.method(), request.uri().path()).map_err(Problem::new)?;
        let read = *request.method() == Method::GET;
        let answer = timeout(limit.time, async {
            // Writes do not queue here: one that waits for its turn elsewhere (a password hash, the writer of the database)
            // would keep the others from theirs.
            let _turn = if read && place.is_some() { self.limits.reads.acquire().await.ok() } else { None };
            // A handler that computes without a pause would be done before the next request is even seen, and a crowd
            // would queue unseen in the sockets. So all that have arrived are let in or refused before one of them works.
            yield_now().await;
            self.inner.call(request).await
        });
        let answer = answer.await;
        drop((place, share));
        match answer {
            Ok(answer) => Ok(answer?.into_response()),
            // A page can simply be asked for again; of a change nobody knows how far it came.
            Err(_) if read => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE).into()),
            Err(_) => Err(Problem::new(StatusCode::GATEWAY_TIMEOUT).into()),
        }
    }
}

fn fits(form: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    for part in form.split('/') {
        match (part, segments.next()) {
            ("*", Some(_)) => return true,
            (part, Some(segment)) if part == segment || (part.starts_with(':') && !segment.is_empty()) => {}
            _ => return false,
        }
    }
    segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_the_first_limit_that_fits() {
        let upload = RouteLimit { body: 5, time: Duration::from_secs(60) };
        let limits = Limits::default().route("/practices/:id/files", upload).route("/import/*", upload);
        assert_eq!(limits.limit("/practices/7/files"), upload);
        assert_eq!(limits.limit("/import/a/b"), upload);
        for other in ["/practices/7", "/practices/7/files/1", "/practices//files", "/import"] {
            assert_eq!(limits.limit(other), RouteLimit::FORM, "{other}");
        }
        assert_eq!(limits.limit("/api/practices"), RouteLimit::JSON);
    }
}
