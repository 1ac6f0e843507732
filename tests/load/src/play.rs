//! Playing requests in a closed loop: every player asks again as soon as it is answered.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::Outcome;

/// One connection's end of the work.
pub trait Player: Send + 'static {
    /// Asks the n-th question and takes the whole answer.
    fn ask(&mut self, nth: u64) -> impl Future<Output = Outcome<()>> + Send;
}

/// How long a run may be: whichever ends first.
#[derive(Clone, Copy)]
pub struct Bounds {
    /// Not measured.
    pub warm: Duration,
    /// Measured.
    pub measured: Duration,
    /// Requests, those of the warm-up included.
    pub requests: u64,
}

/// What happened while it was measured.
pub struct Played {
    pub players: usize,
    pub requests: usize,
    pub errors: usize,
    pub wall: Duration,
    pub cpu: Duration,
    /// Times to the end of the answer, sorted.
    times: Vec<Duration>,
    /// The first question nobody has asked.
    pub next: u64,
}

impl Played {
    pub fn per_second(&self) -> f64 {
        self.requests as f64 / self.wall.as_secs_f64().max(1e-9)
    }

    pub fn cpu_ms(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e3 / self.requests.max(1) as f64
    }

    pub fn percentile(&self, share: f64) -> Duration {
        percentile(&self.times, share)
    }
}

/// Of sorted times, the one that `share` of them do not exceed.
pub fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

struct Asked {
    at: Instant,
    took: Duration,
    well: bool,
}

/// Plays the questions from `first` on. `cpu` reads the clock of whoever answers.
pub async fn play<P: Player>(
    players: Vec<P>,
    first: u64,
    bounds: Bounds,
    cpu: impl Fn() -> Outcome<Duration>,
) -> Outcome<Played> {
    let count = players.len();
    let next = Arc::new(AtomicU64::new(first));
    let stop = Arc::new(AtomicBool::new(false));
    let mut running = JoinSet::new();
    for mut player in players {
        let (next, stop, end) = (Arc::clone(&next), Arc::clone(&stop), first.saturating_add(bounds.requests));
        running.spawn(async move {
            let mut asked = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let nth = next.fetch_add(1, Ordering::Relaxed);
                if nth >= end {
                    break;
                }
                let began = Instant::now();
                let answer = player.ask(nth).await;
                let at = Instant::now();
                if let Err(error) = &answer
                    && asked.len() < 3
                {
                    crate::say(&format!("  {error}"));
                }
                asked.push(Asked { at, took: at - began, well: answer.is_ok() });
            }
            asked
        });
    }
    tokio::time::sleep(bounds.warm).await;
    let (from, before) = (Instant::now(), cpu()?);
    let mut all = std::pin::pin!(running.join_all());
    let early = tokio::time::timeout(bounds.measured, &mut all).await;
    let (until, after) = (Instant::now(), cpu()?);
    stop.store(true, Ordering::Relaxed);
    let asked = match early {
        Ok(asked) => asked,
        Err(_) => all.await,
    };
    let measured: Vec<Asked> = asked.into_iter().flatten().filter(|a| a.at >= from && a.at <= until).collect();
    let mut times: Vec<Duration> = measured.iter().filter(|a| a.well).map(|a| a.took).collect();
    times.sort_unstable();
    Ok(Played {
        players: count,
        requests: times.len(),
        errors: measured.len() - times.len(),
        wall: until - from,
        cpu: after.saturating_sub(before),
        times,
        next: next.load(Ordering::Relaxed).min(first.saturating_add(bounds.requests)),
    })
}
