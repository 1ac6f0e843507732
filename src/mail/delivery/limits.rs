//! How many letters a minute a mail server is given. Pure but for the count.

use chrono::{DateTime, Duration};

use crate::mail::letter::Priority;
use crate::mail::store::rate;
use crate::platform::{Result, Timestamp, Tx};

/// Letters a minute, over all nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// In all.
    pub all: Option<u32>,
    /// To addresses of one domain.
    pub domain: Option<u32>,
}

/// What the limits say of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// It goes, and is counted.
    Yes,
    /// The minute is full for letters like it.
    NotNow,
    /// The minute is full for letters like it to its domain.
    NotThere,
}

impl Limits {
    /// Counts a letter, if there is room for it.
    pub(super) async fn take(self, tx: &Tx, priority: Priority, domain: &str, now: Timestamp) -> Result<Room> {
        let minute = minute(now);
        if let Some(all) = self.all
            && !rate::take(tx.conn(), "", minute, share(all, priority)).await?
        {
            return Ok(Room::NotNow);
        }
        if let Some(most) = self.domain
            && !rate::take(tx.conn(), domain, minute, share(most, priority)).await?
        {
            if self.all.is_some() {
                rate::give_back(tx.conn(), "", minute).await?;
            }
            return Ok(Room::NotThere);
        }
        Ok(Room::Yes)
    }

    /// Whether anything is counted.
    pub(super) fn count(self) -> bool {
        self.all.is_some() || self.domain.is_some()
    }
}

/// Announcements have nine tenths of a minute: a letter that a person waits for finds room behind ten thousand of them.
fn share(most: u32, priority: Priority) -> i64 {
    match priority {
        Priority::Personal => i64::from(most),
        Priority::Announcement => i64::from(most) * 9 / 10,
    }
}

/// The minute of a moment, counted from 1970.
pub(super) fn minute(at: Timestamp) -> i64 {
    at.timestamp().div_euclid(60)
}

/// When the next minute begins.
pub(super) fn next_minute(now: Timestamp) -> Timestamp {
    DateTime::from_timestamp((minute(now) + 1) * 60, 0).unwrap_or(now + Duration::minutes(1))
}

/// What stands behind the @ of an address.
pub(super) fn domain(address: &str) -> String {
    address.rsplit('@').next().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announcements_leave_room_for_what_people_wait_for() {
        assert_eq!((share(100, Priority::Personal), share(100, Priority::Announcement)), (100, 90));
        assert_eq!(share(1, Priority::Announcement), 0, "with so little room there is none for them");
        let at = DateTime::from_timestamp(119, 999_999_000).unwrap();
        assert_eq!((minute(at), next_minute(at).timestamp()), (1, 120));
        assert_eq!(domain("Ada@Example.ORG"), "example.org");
    }
}
