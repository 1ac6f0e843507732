//! How an attempt to send a letter ends, and what follows from it. Pure.

use chrono::Duration;

use super::letter::Priority;
use crate::platform::Timestamp;

/// What the mail server, or the folder, made of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken.
    Sent,
    /// It was not taken and may be later (4xx, or the connection broke before all of it was out).
    Retry(String),
    /// It will never be taken (5xx).
    Failed(String),
    /// All of it was out when the connection broke: nobody knows.
    Uncertain(String),
}

/// Minutes until the next attempt, after the first, second and third.
const SOON: [i64; 3] = [1, 5, 15];

/// Minutes between all later attempts: short enough that a server that was away for a day has every letter half an hour
/// after it is back (E4).
const LATER: i64 = 30;

/// After so many attempts, three days of them, a letter is given up.
pub const MOST_ATTEMPTS: i32 = 146;

/// How long a letter waits of which nobody knows whether it left.
pub const DOUBT: Duration = Duration::minutes(15);

/// A letter whose sender died with it so often is not tried again: it may be what kills.
pub const MOST_DOUBTS: i16 = 5;

/// How long after attempt number `attempts` the next one comes. `chance` (any byte) takes up to a tenth off, so that
/// letters that failed together do not come back together.
pub fn retry_delay(attempts: i32, chance: u8) -> Duration {
    let step = usize::try_from(attempts.max(1) - 1).unwrap_or_default();
    let whole = SOON.get(step).copied().unwrap_or(LATER) * 60_000;
    Duration::milliseconds(whole - whole * i64::from(chance) / 2550)
}

/// What becomes of the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Its new state.
    pub state: &'static str,
    /// When it is due again; `None`: it is done.
    pub due_at: Option<Timestamp>,
    /// How often it may have left unknown, now.
    pub doubts: i16,
    /// What was answered.
    pub answer: Option<String>,
}

/// What follows from the outcome of attempt number `attempts` of a letter.
pub fn verdict(
    outcome: Outcome,
    priority: Priority,
    attempts: i32,
    doubts: i16,
    now: Timestamp,
    chance: u8,
) -> Verdict {
    let done = |state, answer| Verdict { state, due_at: None, doubts, answer };
    match outcome {
        Outcome::Sent => done("sent", None),
        Outcome::Failed(answer) => done("failed", Some(answer)),
        Outcome::Retry(answer) if attempts >= MOST_ATTEMPTS => done("failed", Some(answer)),
        Outcome::Retry(answer) => {
            // A letter that may have left before stays one.
            let state = if doubts > 0 { "uncertain" } else { "ready" };
            Verdict { state, due_at: Some(now + retry_delay(attempts, chance)), doubts, answer: Some(answer) }
        }
        // Once more with the same Message-ID, by which the receiver knows it again. An announcement is not worth it.
        Outcome::Uncertain(answer) if doubts == 0 && priority == Priority::Personal => {
            Verdict { state: "uncertain", due_at: Some(now + DOUBT), doubts: 1, answer: Some(answer) }
        }
        Outcome::Uncertain(answer) => Verdict { doubts: doubts + 1, ..done("uncertain", Some(answer)) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn of(outcome: Outcome, attempts: i32, doubts: i16) -> Verdict {
        verdict(outcome, Priority::Personal, attempts, doubts, NOW, 0)
    }

    #[test]
    fn the_retry_table_is_the_published_one() {
        let minutes: Vec<i64> = (1..8).map(|attempt| retry_delay(attempt, 0).num_minutes()).collect();
        assert_eq!(minutes, [1, 5, 15, 30, 30, 30, 30]);
        let whole: Duration = (1..MOST_ATTEMPTS).map(|attempt| retry_delay(attempt, 0)).sum();
        assert!((71..=72).contains(&whole.num_hours()), "{whole}");
        for attempt in 1..10 {
            let (least, most) = (retry_delay(attempt, 255), retry_delay(attempt, 0));
            assert_eq!(least, most * 9 / 10);
        }
        let retry = of(Outcome::Retry("451 later".to_owned()), 2, 0);
        assert_eq!((retry.state, retry.due_at), ("ready", Some(NOW + Duration::minutes(5))));
        let last = of(Outcome::Retry("451 later".to_owned()), MOST_ATTEMPTS, 0);
        assert_eq!((last.state, last.due_at), ("failed", None));
    }

    #[test]
    fn what_may_have_left_goes_once_more_and_an_announcement_never() {
        let first = of(Outcome::Uncertain(String::new()), 1, 0);
        assert_eq!((first.state, first.due_at, first.doubts), ("uncertain", Some(NOW + DOUBT), 1));
        let greylisted = of(Outcome::Retry(String::new()), 2, 1);
        assert_eq!((greylisted.state, greylisted.doubts), ("uncertain", 1));
        let second = of(Outcome::Uncertain(String::new()), 3, 1);
        assert_eq!((second.state, second.due_at), ("uncertain", None));
        let announcement = verdict(Outcome::Uncertain(String::new()), Priority::Announcement, 1, 0, NOW, 0);
        assert_eq!((announcement.state, announcement.due_at), ("uncertain", None));
    }
}
