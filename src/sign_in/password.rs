//! Passwords: which ones are taken, how they are kept, and signing in with one (A7).
//!
//! A hash costs a processor for 25 milliseconds and 19 MiB for that time. So only [`Passwords`] hashes: a few at once, never
//! in a transaction, and whoever would wait too long is told so at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;
use zxcvbn::{Score, zxcvbn};

use super::arrival::Arrival;
use super::second_step::Proceeding;
use super::store::passwords as store;
use super::visit::Method;
use super::{Entrance, policy};
use crate::mail::Email;
use crate::people::{Account, AccountId};
use crate::platform::{Actor, Db, Error, Event, Result, Tx, chance};

/// The shortest and the longest password, in characters (ASVS 6.2.1, 6.2.9).
pub const LENGTH: std::ops::RangeInclusive<usize> = 8..=128;

/// 19 MiB, twice, one lane: what OWASP asks for.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// A guess at one of our hashes costs 25 ms of a processor. At a score of 3 a password takes 10^8 guesses or more, which is
/// a month of a processor for one account; at 2 it would be an afternoon. Over the network the throttles end it long before.
const STRONG_ENOUGH: Score = Score::Three;

/// The estimate reads so much of a password. Its time grows with the square of the length: a hostile one of 128 characters
/// would hold a processor for a second, and whoever is guessable shows it before.
const ESTIMATED: usize = 32;

/// So many may wait for each hash that can run at once: about three seconds of work.
const WAITING: usize = 128;

/// A hash of nothing, with our parameters: checked where there is no account, so that the answer takes as long (A4).
const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$Y29tbW9uIGdyb3VuZC4uLg$dGhlIGJ5dGVzIG9mIG5vIHBhc3N3b3JkIGF0IGFsbC4";

/// A password as the database keeps it (a PHC string). It does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// One that was kept.
    pub(super) fn kept(text: String) -> Self {
        Self(text)
    }

    /// As the database keeps it.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// What a comparison says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is another password, or there is none.
    Wrong,
    /// It is this one.
    Right,
    /// It is this one, and the hash was made with parameters of another time.
    RightButOld,
}

/// Hashes passwords: a few at once, the others in line. Cheap to clone.
#[derive(Clone)]
pub struct Passwords(Arc<Room>);

struct Room {
    /// Hashes that run.
    at_once: Arc<Semaphore>,
    /// Hashes that run or wait.
    places: Arc<Semaphore>,
    running: AtomicUsize,
    most: AtomicUsize,
}

impl Default for Passwords {
    /// Half of the processors hash, and at least one; the other half answers everybody else.
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let at_once = (processors / 2).max(1);
        Self::new(at_once, at_once * WAITING)
    }
}

impl Passwords {
    /// So many hashes at once, and so many more that wait.
    pub fn new(at_once: usize, waiting: usize) -> Self {
        let room = |places| Arc::new(Semaphore::new(places));
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self(Arc::new(Room { at_once: room(at_once), places: room(at_once + waiting), running, most }))
    }

    /// The hash of a new password, if it is one we take; `about` holds what somebody would guess of its owner.
    pub async fn fresh(&self, password: &str, about: Vec<String>) -> Result<PasswordHash> {
        // Counting characters needs no place in the line.
        check_length(password).map_err(|message| Error::invalid("password", message))?;
        let password = password.to_owned();
        self.work(move || {
            let about: Vec<&str> = about.iter().map(String::as_str).collect();
            check(&password, &about).map_err(|message| Error::invalid("password", message))?;
            hash(&password)
        })
        .await
    }

    /// The hash of a password that is taken already, with the parameters of today.
    async fn again(&self, password: &str) -> Result<PasswordHash> {
        let password = password.to_owned();
        self.work(move || hash(&password)).await
    }

    /// Compares a password with a hash. Without one it takes as long.
    pub async fn verify(&self, kept: Option<PasswordHash>, password: &str) -> Result<Verdict> {
        let password = password.to_owned();
        self.work(move || Ok(verify(kept.as_ref(), &password))).await
    }

    /// The most hashes that ever ran at once.
    pub fn most_at_once(&self) -> usize {
        self.0.most.load(Ordering::SeqCst)
    }

    async fn work<T: Send + 'static>(&self, job: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let busy = || Error::Unavailable("Very many people are signing in; try again in a moment.".to_owned());
        let place = Arc::clone(&self.0.places).try_acquire_owned().map_err(|_| busy())?;
        let permit = Arc::clone(&self.0.at_once).acquire_owned().await.map_err(Error::internal)?;
        let room = Arc::clone(&self.0);
        let work = tokio::task::spawn_blocking(move || {
            room.most.fetch_max(room.running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let result = job();
            room.running.fetch_sub(1, Ordering::SeqCst);
            // Given back here and not by the request, which may be gone while the processor still works.
            drop((permit, place));
            result
        });
        work.await.map_err(Error::internal)?
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(Error::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str) -> Result<PasswordHash> {
    let salt: [u8; 16] = chance::bytes()?;
    let made: Phc = argon2()?.hash_password_with_salt(password.as_bytes(), &salt).map_err(Error::internal)?;
    Ok(PasswordHash(made.to_string()))
}

fn verify(kept: Option<&PasswordHash>, password: &str) -> Verdict {
    let Ok(phc) = Phc::new(kept.map_or(DUMMY, PasswordHash::as_str)) else { return Verdict::Wrong };
    // The parameters of the hash count, not those of today.
    let right = Argon2::default().verify_password(password.as_bytes(), &phc).is_ok();
    if !right || kept.is_none() {
        return Verdict::Wrong;
    }
    if is_current(&phc) { Verdict::Right } else { Verdict::RightButOld }
}

fn is_current(phc: &Phc) -> bool {
    let today = |params: Params| (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, PASSES, 1);
    phc.algorithm.as_str() == "argon2id" && Params::try_from(phc).is_ok_and(today)
}

fn check_length(password: &str) -> Result<(), &'static str> {
    let characters = password.chars().count();
    if characters < *LENGTH.start() {
        return Err("Use at least 8 characters; three or four words that do not belong together are easy to remember.");
    }
    if characters > *LENGTH.end() {
        return Err("Use at most 128 characters.");
    }
    Ok(())
}

/// Whether a password is one we take: no rules about its signs, but none that is on lists of leaked passwords or that
/// somebody would guess who knows its owner (ASVS 6.2.4, 6.2.5, 6.2.12). The lists are part of the program.
fn check(password: &str, about: &[&str]) -> Result<(), &'static str> {
    check_length(password)?;
    // What is known of the owner counts for nothing; the estimate alone would let a name with a year pass.
    let mut rest = password.to_lowercase();
    for word in about {
        rest = rest.replace(&word.to_lowercase(), "");
    }
    let long = rest.chars().count() >= *LENGTH.start();
    let beginning: String = password.chars().take(ESTIMATED).collect();
    if !long || zxcvbn(&beginning, about).score() < STRONG_ENOUGH {
        return Err(GUESSABLE);
    }
    Ok(())
}

const GUESSABLE: &str =
    "This password is on lists of leaked ones or easy to guess; use three or four words that do not belong together.";

/// What somebody would guess of the owner of an account.
pub(super) fn about(account: &Account) -> Vec<String> {
    let email = account.email.as_ref().map_or("", |email| email.as_str());
    known(&account.name, email, account.title.as_deref().unwrap_or_default())
}

fn known(name: &str, email: &str, title: &str) -> Vec<String> {
    let all = format!("common ground {name} {email} {title}");
    let words = all.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2);
    let mut known: Vec<String> = words.map(str::to_lowercase).collect();
    known.sort_by_key(|word| std::cmp::Reverse(word.len()));
    known.dedup();
    known
}

/// Sets the password of an account, for the demo and the command line, where nobody has one yet. The hash was made before:
/// [`Passwords::fresh`].
pub async fn set_for(tx: &mut Tx, account: AccountId, hash: &PasswordHash) -> Result<()> {
    let permit = policy::own(tx.actor(), account.0)?;
    store::set(tx.conn(), account, Some(hash), tx.now()).await?;
    tx.record(&permit, Event::about("account.password_set", "account", account.0)).await
}

/// What is said whatever does not go together: nobody learns who has an account (A4).
const WRONG: &str = "This address and password do not go together; check both, or get a link by email.";

/// Signs in whoever knows the password of the address that was typed.
pub async fn sign_in(
    db: &Db,
    entrance: &Entrance,
    typed: &str,
    password: &str,
    arrival: &Arrival,
) -> Result<(Proceeding, AccountId)> {
    entrance.throttles.password(&arrival.network, typed)?;
    let cx = db.cx(Actor::Visitor);
    // What is no address has no account, and is found out as slowly.
    let email = Email::parse(typed).map_or_else(|_| String::new(), |email| email.as_str().to_owned());
    let found = store::of_email(cx.conn(), &email).await?.filter(|kept| kept.active);
    let hash = found.as_ref().and_then(|kept| kept.hash.clone());
    let verdict = entrance.passwords.verify(hash.clone(), password).await?;
    if verdict == Verdict::Wrong {
        tracing::info!(account = found.as_ref().map(|kept| kept.account.to_string()), "a password was refused");
    }
    let (Some(found), true) = (found, verdict != Verdict::Wrong) else {
        return Err(Error::invalid("password", WRONG));
    };
    let renewed = match verdict {
        Verdict::RightButOld => Some(entrance.passwords.again(password).await?),
        Verdict::Right | Verdict::Wrong => None,
    };
    let mut tx = db.write(Actor::Visitor).await?;
    // While the hash was compared the password may have been changed, or the account closed.
    let still = store::hold(tx.conn(), found.account).await?.filter(|kept| kept.active && kept.hash == hash);
    if still.is_none() {
        return Err(Error::invalid("password", WRONG));
    }
    if let Some(renewed) = renewed {
        store::renew(tx.conn(), found.account, &renewed).await?;
    }
    let proceeding = arrival.enter(&mut tx, entrance, found.account, Method::Password).await?;
    tx.commit().await?;
    Ok((proceeding, found.account))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_enough_and_not_guessable() {
        let known = known("Ada Quill", "ada.quill@rivermark.example", "Grade 3 teacher");
        let about: Vec<&str> = known.iter().map(String::as_str).collect();
        for good in ["gravel tuba moonlight", "correcthorsebatterystaple", "xK3!vv0q-Wz", "öffentlich Wiese Kamel"] {
            assert_eq!(check(good, &about), Ok(()), "{good}");
        }
        for short in ["", "Xk3!v0q", "ööööööö"] {
            assert!(check(short, &about).unwrap_err().starts_with("Use at least 8"), "{short}");
        }
        let leaked =
            ["password1", "P@ssw0rd!", "letmein123", "qwertyuiop", "iloveyou2", "trustno1trustno1", "12345678910"];
        let hers = ["AdaQuill1", "quill.ada2026", "CommonGround1", "rivermark2026", "Teacher-Ada-1999"];
        for bad in leaked.iter().chain(&hers) {
            assert!(check(bad, &about).unwrap_err().starts_with("This password is on lists"), "{bad}");
        }
        assert_eq!(check(&"gravel tuba ".repeat(11), &about), Err("Use at most 128 characters."));
        assert!(check(&"gravel tuba moonlight ".repeat(5), &about).is_ok());
    }

    #[test]
    fn a_hash_knows_its_password_and_its_time() {
        let kept = hash("gravel tuba moonlight").unwrap();
        assert!(kept.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", kept.as_str());
        assert_eq!(format!("{kept:?}"), "PasswordHash(..)");
        assert_eq!(verify(Some(&kept), "gravel tuba moonlight"), Verdict::Right);
        assert_eq!(verify(Some(&kept), "gravel tuba moonlight "), Verdict::Wrong);
        let old = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(1024, 1, 1, None).unwrap());
        let old: Phc = old.hash_password_with_salt(b"gravel tuba moonlight", b"0123456789abcdef").unwrap();
        assert_eq!(verify(Some(&PasswordHash(old.to_string())), "gravel tuba moonlight"), Verdict::RightButOld);
    }

    #[test]
    fn nobody_costs_as_much_as_somebody() {
        assert!(is_current(&Phc::new(DUMMY).unwrap()), "the dummy has the parameters of today");
        assert_eq!(Phc::new(DUMMY).unwrap().hash.unwrap().as_bytes().len(), 32);
        assert_eq!(verify(None, ""), Verdict::Wrong);
    }

    async fn crowd(passwords: &Passwords, people: usize) -> (usize, usize) {
        let tries = (0..people).map(|_| {
            let passwords = passwords.clone();
            tokio::spawn(async move { passwords.verify(None, "gravel tuba moonlight").await })
        });
        let (mut answered, mut refused) = (0, 0);
        for one in tries.collect::<Vec<_>>() {
            match one.await.unwrap() {
                Ok(_) => answered += 1,
                Err(Error::Unavailable(_)) => refused += 1,
                Err(other) => panic!("{other}"),
            }
        }
        (answered, refused)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_few_at_once_the_others_in_line_the_rest_told() {
        let passwords = Passwords::new(2, 30);
        let (answered, refused) = crowd(&passwords, 60).await;
        assert_eq!(passwords.most_at_once(), 2);
        assert!(answered >= 32 && refused > 0 && answered + refused == 60, "{answered} {refused}");
        // The places are given back.
        assert_eq!(crowd(&passwords, 20).await, (20, 0));
        // The control: without the limit more run at once.
        let open = Passwords::new(60, 0);
        crowd(&open, 60).await;
        assert!(open.most_at_once() > 2);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_hangs_up_does_not_make_room_for_more() {
        let passwords = Passwords::new(2, 60);
        for _ in 0..20 {
            let impatient = passwords.verify(None, "gravel tuba moonlight");
            let _ = tokio::time::timeout(std::time::Duration::from_millis(1), impatient).await;
        }
        crowd(&passwords, 10).await;
        assert!(passwords.most_at_once() <= 2);
    }
}
