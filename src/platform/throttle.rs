//! How often somebody may try: by account, by mailbox, by address (O5).
//!
//! In the memory of the process, so each node counts for itself. The algorithm is `governor`'s (GCRA); the time is ours,
//! so that a test can move it.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use governor::clock::{Clock as GovernorClock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::{DashMapStateStore, ShrinkableKeyedStateStore};
use governor::{Quota, RateLimiter};

use super::clock::Clock;
use super::error::{Error, Result};

/// The platform's clock as the library reads it.
#[derive(Clone, Debug)]
struct Ours(Clock);

/// Since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Moment(Nanos);

impl std::ops::Add<Nanos> for Moment {
    type Output = Self;
    fn add(self, more: Nanos) -> Self {
        Self(self.0 + more)
    }
}

impl Reference for Moment {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_sub(earlier.0)
    }
    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.saturating_sub(duration))
    }
}

impl GovernorClock for Ours {
    type Instant = Moment;
    fn now(&self) -> Moment {
        let micros = u64::try_from(self.0.now().timestamp_micros()).unwrap_or_default();
        Moment(Duration::from_micros(micros).into())
    }
}

/// The library's store, where we can ask whether a key is known.
#[derive(Clone, Default)]
struct Known(Arc<DashMapStateStore<String>>);

impl StateStore for Known {
    type Key = String;

    fn measure_and_replace<T, F, E>(&self, key: &String, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        self.0.measure_and_replace(key, f)
    }
}

impl ShrinkableKeyedStateStore<String> for Known {
    fn retain_recent(&self, drop_below: Nanos) {
        ShrinkableKeyedStateStore::retain_recent(&*self.0, drop_below);
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

type Limiter = RateLimiter<String, Known, Ours, NoOpMiddleware<Moment>>;

/// So many at once, then one more in each `every`.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// At once.
    pub burst: u32,
    /// Until one more.
    pub every: Duration,
}

/// Counts one kind of attempt for each key.
#[derive(Clone)]
pub struct Throttle {
    limiter: Arc<Limiter>,
    known: Known,
    /// The second in which what may be forgotten was forgotten last.
    swept: Arc<AtomicI64>,
    clock: Ours,
    most: usize,
}

impl std::fmt::Debug for Throttle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Throttle")
    }
}

/// Keys that are kept before those that would allow everything again are forgotten.
const KEYS: usize = 50_000;
/// Keys that are kept at most, some 100 MB: whoever is new waits then.
const MOST: usize = 1_000_000;

impl Throttle {
    /// A throttle on this clock.
    pub fn new(clock: &Clock, allowance: Allowance) -> Self {
        let clock = Ours(clock.clone());
        let burst = NonZeroU32::new(allowance.burst).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(allowance.every).unwrap_or(Quota::per_hour(NonZeroU32::MIN)).allow_burst(burst);
        let known = Known::default();
        let limiter = Arc::new(RateLimiter::new(quota, known.clone(), clock.clone()));
        Self { limiter, known, swept: Arc::default(), clock, most: MOST }
    }

    /// Counts one attempt; too many are refused with how long to wait.
    pub fn attempt(&self, key: &str) -> Result<()> {
        let count = self.known.len();
        if count >= KEYS.min(self.most) && self.is_new_second() {
            self.limiter.retain_recent();
        }
        if count >= self.most && self.known.len() >= self.most && !self.known.0.contains_key(key) {
            return Err(Error::TooMany { wait: Duration::from_secs(60) });
        }
        self.limiter.check_key(&key.to_owned()).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now());
            Error::TooMany { wait }
        })
    }

    /// Going through all keys takes a while, so it is done once a second at most.
    fn is_new_second(&self) -> bool {
        let now = self.clock.0.now().timestamp();
        self.swept.swap(now, Ordering::Relaxed) != now
    }
}

/// The key of a network address: IPv6 by its /64, which one household or school has for itself.
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_waits_and_another_does_not() {
        let start = "2026-10-14T16:00:00Z".parse().unwrap();
        let clock = Clock::fixed(start);
        let throttle = Throttle::new(&clock, Allowance { burst: 3, every: Duration::from_secs(60) });
        for _ in 0..3 {
            throttle.attempt("a").unwrap();
        }
        let Err(Error::TooMany { wait }) = throttle.attempt("a") else { panic!("a fourth was let through") };
        assert!(wait <= Duration::from_secs(60) && wait > Duration::from_secs(55), "{wait:?}");
        throttle.attempt("b").unwrap();
        clock.set(start + chrono::TimeDelta::seconds(61));
        throttle.attempt("a").unwrap();
        throttle.attempt("a").unwrap_err();
    }

    #[test]
    fn a_full_throttle_takes_no_new_key_until_one_is_forgotten() {
        let start = "2026-10-14T16:00:00Z".parse().unwrap();
        let clock = Clock::fixed(start);
        let throttle = Throttle::new(&clock, Allowance { burst: 3, every: Duration::from_secs(60) });
        let throttle = Throttle { most: 2, ..throttle };
        throttle.attempt("a").unwrap();
        throttle.attempt("b").unwrap();
        let Err(Error::TooMany { wait }) = throttle.attempt("c") else { panic!("a third key was taken") };
        assert_eq!(wait, Duration::from_secs(60));
        throttle.attempt("a").unwrap();
        clock.set(start + chrono::TimeDelta::minutes(10));
        throttle.attempt("c").unwrap();
    }

    #[test]
    fn a_network_is_one_address_or_one_slash_64() {
        assert_eq!(network("::ffff:192.0.2.7".parse().unwrap()), "192.0.2.7");
        assert_eq!(network("2001:db8:1:2:3::9".parse().unwrap()), "2001:db8:1:2::/64");
    }
}
