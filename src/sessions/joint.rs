//! Whether a session is joint. It is asked three times (J-1): who invites, who has a seat at go or no-go, who came.

use std::collections::{BTreeMap, BTreeSet};

use super::session::{NO_SECTOR, Session};
use crate::platform::vocabulary::SessionStatus;

/// After the session, the smaller sector must be at least one in so many of those who came.
const SMALLER: usize = 5;

/// Whether these are of two sectors. A sector that nobody states counts for none: it is never guessed.
pub fn is_joint<'a>(sectors: impl IntoIterator<Item = Option<&'a str>>) -> bool {
    let known: BTreeSet<&str> = sectors.into_iter().flatten().filter(|code| *code != NO_SECTOR).collect();
    known.len() >= 2
}

/// Whether those who came, counted by sector, were of two sectors and the smaller at least a fifth of all of them.
pub fn was_joint(came: &BTreeMap<String, usize>) -> bool {
    let all: usize = came.values().sum();
    smaller(came) > 0 && smaller(came) * SMALLER >= all
}

/// How many are of the second largest sector that is known; 0 where there is none.
pub fn smaller(people: &BTreeMap<String, usize>) -> usize {
    let mut known: Vec<usize> =
        people.iter().filter(|(code, n)| *code != NO_SECTOR && **n > 0).map(|(_, n)| *n).collect();
    known.sort_unstable_by(|a, b| b.cmp(a));
    known.get(1).copied().unwrap_or(0)
}

/// One of the three questions, as a page says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// "At publication".
    pub name: &'static str,
    /// Whether it holds; `None` while that is not known.
    pub holds: Option<bool>,
    /// What that means, a sentence.
    pub says: &'static str,
}

/// The three questions, with what is known of each.
pub fn checks(session: &Session) -> [Check; 3] {
    let invited = session.joint_published.or_else(|| {
        // A draft is asked what it would be.
        let known = session.cohost.is_some();
        known.then(|| is_joint(session.parties().map(|party| party.sector.as_deref())))
    });
    let over = session.status == SessionStatus::COMPLETED;
    [
        Check {
            name: "Who invites",
            holds: invited,
            says: match invited {
                Some(true) => "Schools of two sectors invite together.",
                Some(false) => "The two schools that invite are not known to be of two sectors.",
                None => "No co-host of another sector yet.",
            },
        },
        Check {
            name: "Who has a seat",
            holds: session.joint_decided,
            says: match session.joint_decided {
                Some(true) => "When go or no-go was decided, people of two sectors had seats.",
                Some(false) => "When go or no-go was due, people of two sectors did not have seats.",
                None => "Asked on the day of go or no-go.",
            },
        },
        Check {
            name: "Who came",
            holds: session.joint_held,
            says: match session.joint_held {
                Some(true) => "People of two sectors came, the smaller sector at least one in five.",
                Some(false) => "Those who came were not of two sectors with at least one in five of the smaller.",
                None if over => "Known once attendance is complete.",
                None => "Known after the session.",
            },
        },
    ]
}

/// Seats kept for each sector where nobody says otherwise (J-4): one third each, less where there are more than three.
pub fn usual_shares(seats: i32, sectors: &BTreeSet<String>) -> BTreeMap<String, i32> {
    let shares = i32::try_from(sectors.len()).unwrap_or(i32::MAX).max(3);
    sectors.iter().map(|code| (code.clone(), seats / shares)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_known_sectors_make_it_joint() {
        assert!(is_joint([Some("charter"), Some("district")]));
        for not in [[Some("charter"), Some("charter")], [Some("charter"), None], [Some("charter"), Some(NO_SECTOR)]] {
            assert!(!is_joint(not), "{not:?}");
        }
    }

    #[test]
    fn the_smaller_sector_is_a_fifth_of_who_came() {
        let came = |charter, district, unknown| {
            let counts = [("charter", charter), ("district", district), (NO_SECTOR, unknown)];
            was_joint(&counts.into_iter().map(|(code, n)| (code.to_owned(), n)).collect())
        };
        assert!(came(8, 2, 0));
        assert!(!came(9, 2, 0), "2 of 11 are less than a fifth");
        assert!(!came(8, 2, 1), "those of no known sector came too");
        assert!(!came(10, 0, 0) && !came(10, 0, 10) && !came(0, 0, 0));
    }

    #[test]
    fn a_third_is_kept_for_each_of_two_and_never_more_than_there_is() {
        let of = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<BTreeSet<_>>();
        let kept = usual_shares(31, &of(&["charter", "district"]));
        assert_eq!(kept, [("charter".to_owned(), 10), ("district".to_owned(), 10)].into());
        let four = usual_shares(30, &of(&["a", "b", "c", "d"]));
        assert_eq!(four.values().sum::<i32>(), 28);
    }
}
