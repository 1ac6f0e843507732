//! The mail server that takes our letters, and a connection to it.
//!
//! The connections are our own, with `TCP_NODELAY`: without it a letter costs 44 ms of waiting, because the library writes
//! the text and the final dot apart.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::io::{AsyncRead as _, AsyncWrite as _};
use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
#[expect(deprecated, reason = "the only way to TLS from the first byte over a connection of our own")]
use lettre::transport::smtp::client::AsyncNetworkStream;
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::Stamp;
use crate::mail::intake::Status;
use crate::mail::letter::LetterId;
use crate::mail::outcome::Outcome;
use crate::mail::verp::ReturnPath;
use crate::platform::{Error, Result};

/// Until somebody takes up the line, TLS and the sign-in included.
const CONNECT: Duration = Duration::from_secs(30);
/// For the answer to one command.
const COMMAND: Duration = Duration::from_secs(60);
/// For the text and the answer to its final dot: servers look into letters at this point (RFC 5321 4.5.3.2 asks for more
/// patience than for anything else).
const TEXT: Duration = Duration::from_secs(300);
/// After lying still for so long a connection is asked whether it still holds.
const STILL: Duration = Duration::from_secs(2);
/// For a goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// How the line is kept secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tls {
    /// Asked for with STARTTLS, and nothing is sent without it.
    Starttls,
    /// From the first byte.
    Implicit,
    /// Not at all: a server on this machine or in this house.
    None,
}

/// A mail server.
#[derive(Clone)]
pub struct Relay {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    hello: ClientId,
    sender: ReturnPath,
    stamp: Option<Stamp>,
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Relay({}:{}, {:?})", self.host, self.port, self.tls)
    }
}

impl Relay {
    /// Reads `smtp_url`. We call ourselves `hello`, and `sender` makes the return address of each letter.
    pub fn parse(url: &str, hello: &str, sender: ReturnPath) -> Result<Self> {
        let refuse = |wanted: &str| Error::Conflict(format!("The configuration key smtp_url wants {wanted}."));
        let form =
            || refuse("smtp://USER:PASSWORD@HOST:587, smtps://USER:PASSWORD@HOST:465 or smtp://HOST:25?tls=none");
        let (scheme, rest) = url.split_once("://").ok_or_else(form)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let tls = match (scheme, query) {
            ("smtp", "") => Tls::Starttls,
            ("smtps", "") => Tls::Implicit,
            ("smtp", "tls=none") => Tls::None,
            _ => return Err(form()),
        };
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, rest),
        };
        let place = place.strip_suffix('/').unwrap_or(place);
        let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, port)) => (address, port.strip_prefix(':')),
            None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
        };
        let usual = match tls {
            Tls::Starttls => 587,
            Tls::Implicit => 465,
            Tls::None => 25,
        };
        let port = port.map_or(Ok(usual), str::parse).map_err(|_| form())?;
        let named = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c);
        if host.is_empty() || port == 0 || !host.chars().all(named) {
            return Err(form());
        }
        let credentials = match user {
            None => None,
            Some(_) if tls == Tls::None => {
                return Err(refuse("no password with ?tls=none: it would travel for everybody to read"));
            }
            Some(user) => {
                let (name, password) = user.split_once(':').ok_or_else(form)?;
                let (name, password) = (decoded(name).ok_or_else(form)?, decoded(password).ok_or_else(form)?);
                Some(Credentials::new(name, password))
            }
        };
        let hello = ClientId::Domain(hello.to_owned());
        Ok(Self { host: host.to_owned(), port, tls, credentials, hello, sender, stamp: None })
    }

    /// The same, with what every letter gets on its way out.
    pub(super) fn stamping(self, stamp: Stamp) -> Self {
        Self { stamp: Some(stamp), ..self }
    }

    /// What every letter gets on its way out.
    pub(super) fn stamp(&self) -> Option<&Stamp> {
        self.stamp.as_ref()
    }

    /// The return address of a letter.
    pub(super) fn sender(&self, letter: LetterId) -> Result<Address> {
        self.sender.of(letter)
    }

    /// Takes up a line; the sentence says why not.
    pub(super) async fn connect(&self) -> Result<Line, String> {
        match timeout(CONNECT, self.dial()).await {
            Ok(Ok(connection)) => Ok(Line { connection, carried: 0, sound: true, last: Instant::now() }),
            Ok(Err(trouble)) => Err(trouble),
            Err(_) => Err(format!("It does not answer within {} seconds.", CONNECT.as_secs())),
        }
    }

    async fn dial(&self) -> Result<AsyncSmtpConnection, String> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(|e| format!("{e}."))?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        let tls = || TlsParameters::new(self.host.clone()).map_err(said);
        let mut connection = match self.tls {
            Tls::Implicit => {
                let peer = stream.peer_addr().map_err(|e| e.to_string())?;
                #[expect(deprecated, reason = "see above")]
                let mut secured = AsyncNetworkStream::use_existing_tokio1(Box::new(stream));
                secured.upgrade_tls(tls()?).await.map_err(said)?;
                AsyncSmtpConnection::connect_with_transport(Box::new(Secured { inner: secured, peer }), &self.hello)
                    .await
            }
            Tls::Starttls | Tls::None => {
                AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello).await
            }
        }
        .map_err(said)?;
        if self.tls == Tls::Starttls {
            connection.starttls(tls()?, &self.hello).await.map_err(said)?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await.map_err(said)?;
        }
        Ok(connection)
    }
}

/// How far a letter came.
#[derive(Debug)]
pub(super) enum Carried {
    /// The server did not even take the sender; nothing is wrong with the letter.
    NotBegun(String),
    /// It came to an end.
    Ended(Outcome),
}

impl From<Carried> for Outcome {
    fn from(carried: Carried) -> Self {
        match carried {
            Carried::NotBegun(answer) => Self::Retry(answer),
            Carried::Ended(outcome) => outcome,
        }
    }
}

/// A connection to the mail server: one letter at a time, many letters one after another.
pub(super) struct Line {
    connection: AsyncSmtpConnection,
    carried: u32,
    sound: bool,
    last: Instant,
}

type Answer<T> = std::result::Result<T, lettre::transport::smtp::Error>;

impl Line {
    /// Whether it has carried a letter before.
    pub(super) fn carried(&self) -> bool {
        self.carried > 0
    }

    /// Whether it can carry another.
    pub(super) fn is_sound(&self) -> bool {
        self.sound
    }

    /// Whether it is still there, asked when it lay still.
    pub(super) async fn holds(&mut self) -> bool {
        if self.last.elapsed() > STILL {
            self.sound &= matches!(timeout(COMMAND, self.connection.test_connected()).await, Ok(true));
            self.last = Instant::now();
        }
        self.sound
    }

    /// Carries one letter, from one address to another.
    pub(super) async fn send(&mut self, way: &(Address, Address), message: &[u8]) -> Carried {
        self.carried += 1;
        let carried = self.carry(way, message).await;
        self.last = Instant::now();
        carried
    }

    async fn carry(&mut self, (from, to): &(Address, Address), message: &[u8]) -> Carried {
        if let Err(answer) = self.command(Mail::new(Some(from.clone()), Vec::new())).await {
            self.start_over().await;
            // Refused for good is the sender, and so every letter: the operator has days to put it right.
            return Carried::NotBegun(answer.text);
        }
        if let Err(answer) = self.command(Rcpt::new(to.clone(), Vec::new())).await {
            self.start_over().await;
            return Carried::Ended(answer.outcome());
        }
        if let Err(answer) = self.command(Data).await {
            self.start_over().await;
            return Carried::Ended(answer.outcome());
        }
        // The library takes the text in parts; when it asks for one more, all of it was written and the final dot is next.
        let whole = AtomicBool::new(false);
        let parts = std::iter::once(message).chain(std::iter::from_fn(|| {
            whole.store(true, Ordering::Relaxed);
            None
        }));
        let answer = timeout(TEXT, self.connection.message_iter(parts)).await;
        let Err(answer) = self.heard(answer) else { return Carried::Ended(Outcome::Sent) };
        if answer.code.is_none() && whole.load(Ordering::Relaxed) {
            return Carried::Ended(Outcome::Uncertain(answer.text));
        }
        self.start_over().await;
        Carried::Ended(answer.outcome())
    }

    async fn command(&mut self, command: impl fmt::Display) -> Result<(), Refusal> {
        let answer = timeout(COMMAND, self.connection.command(command)).await;
        self.heard(answer)
    }

    fn heard<T>(&mut self, answer: std::result::Result<Answer<T>, tokio::time::error::Elapsed>) -> Result<(), Refusal> {
        let refusal = match answer {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => {
                let code = error.status().map(u16::from);
                Refusal { code, permanent: error.is_permanent(), text: said(error) }
            }
            Err(_) => Refusal { code: None, permanent: false, text: "It does not answer.".to_owned() },
        };
        // 421 is a goodbye.
        self.sound &= refusal.code.is_some_and(|code| code != 421);
        Err(refusal)
    }

    /// Makes the connection fit for the next letter after a refusal.
    async fn start_over(&mut self) {
        if self.sound && self.command(Rset).await.is_err() {
            self.sound = false;
        }
    }

    /// Says goodbye.
    pub(super) async fn quit(mut self) {
        // Whether it is heard does not matter any more.
        let _ = timeout(GOODBYE, self.connection.quit()).await;
    }
}

/// What was answered instead of yes; without a code the connection is gone.
struct Refusal {
    code: Option<u16>,
    permanent: bool,
    text: String,
}

impl Refusal {
    fn outcome(self) -> Outcome {
        let about_reader = self.permanent && !is_trouble(self.code.unwrap_or_default(), &self.text);
        if about_reader { Outcome::Failed(self.text) } else { Outcome::Retry(self.text) }
    }
}

/// Whether a no for ever is about us or the way there, and not about the letter or its reader: policy and sign-in (5.7.x), a
/// system that is not well (5.3.x), a route that is not found (5.4.x). An operator puts that right, and then all letters leave.
/// Too long (5.3.4) is a matter of the letter.
fn is_trouble(code: u16, text: &str) -> bool {
    match Status::in_text(text).map(|status| status.to_string()) {
        Some(status) => ["5.3.", "5.4.", "5.7."].iter().any(|class| status.starts_with(class)) && status != "5.3.4",
        // Servers that give no enhanced status: not signed in, and what they say when they relay nothing for us.
        None => {
            let text = text.to_lowercase();
            let policy = ["relay", "access denied", "authenticat", "policy", "not permitted", "not allowed"];
            matches!(code, 530 | 534 | 535 | 538) || policy.iter().any(|word| text.contains(word))
        }
    }
}

/// What the server said, short enough to keep.
fn said(error: impl fmt::Display) -> String {
    let text: String = error.to_string().chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
    text.trim().to_owned()
}

/// `%40` as `@`.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let pair = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
}

/// A connection that is secret from its first byte, as the library wants to be handed one.
#[derive(Debug)]
#[expect(deprecated, reason = "see above")]
struct Secured {
    inner: AsyncNetworkStream,
    peer: std::net::SocketAddr,
}

impl AsyncTokioStream for Secured {
    fn peer_addr(&self) -> std::io::Result<std::net::SocketAddr> {
        Ok(self.peer)
    }
}

impl AsyncRead for Secured {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let read = std::task::ready!(Pin::new(&mut self.inner).poll_read(cx, into.initialize_unfilled()))?;
        into.advance(read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Secured {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_close(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::letter::Letterhead;
    use crate::platform::Secret;

    fn relay(url: &str) -> Result<Relay> {
        let head = Letterhead::new("https://ground.example".into(), None).unwrap();
        Relay::parse(url, "ground.example", ReturnPath::new(None, &head, Secret::of([7; 32])).unwrap())
    }

    #[test]
    fn the_address_of_a_mail_server_is_read() {
        let read = |url: &str| relay(url).unwrap();
        let plain = read("smtp://mail.example");
        assert_eq!((plain.host.as_str(), plain.port, plain.tls), ("mail.example", 587, Tls::Starttls));
        assert_eq!((read("smtps://mail.example/").port, read("smtp://[::1]:2525?tls=none").port), (465, 2525));
        assert_eq!(read("smtp://[::1]:2525?tls=none").host, "::1");
        let signed_in = read("smtps://ada%40mail.example:a%3Ab@c@mail.example:4650");
        assert_eq!((signed_in.host.as_str(), signed_in.port), ("mail.example", 4650));
        let wanted = Credentials::new("ada@mail.example".to_owned(), "a:b@c".to_owned());
        assert_eq!(signed_in.credentials, Some(wanted));
        assert_eq!(format!("{signed_in:?}"), "Relay(mail.example:4650, Implicit)");
    }

    #[test]
    fn what_is_our_trouble_is_no_refusal_of_the_reader() {
        for (code, text) in [
            (554, "permanent error (554): 5.7.1 <ada@school.example>: Relay access denied"),
            (550, "permanent error (550): 5.7.26 Unauthenticated email is not accepted"),
            (554, "permanent error (554): 5.3.0 Local error"),
            (550, "permanent error (550): 5.4.1 Recipient address rejected: Access denied"),
            (554, "permanent error (554): Relay access denied"),
            (550, "permanent error (550): relaying denied"),
            (530, "permanent error (530): Must issue a STARTTLS command first"),
        ] {
            assert!(is_trouble(code, text), "{text}");
        }
        for (code, text) in [
            (550, "permanent error (550): 5.1.1 User unknown"),
            (552, "permanent error (552): 5.2.2 Mailbox full"),
            (552, "permanent error (552): 5.3.4 Message too big"),
            (554, "permanent error (554): 5.6.0 Bad content"),
            (550, "permanent error (550): No such user here"),
            (554, "permanent error (554): delivery error: dd This user doesn't have an account"),
        ] {
            assert!(!is_trouble(code, text), "{text}");
        }
    }

    #[test]
    fn a_wrong_one_is_one_clear_sentence() {
        for url in [
            "mail.example",
            "http://mail.example",
            "smtp://",
            "smtp://mail.example:port",
            "smtp://mail.example:0",
            "smtp://mail.example?tls=maybe",
            "smtps://mail.example?tls=none",
            "smtp://ada@mail.example",
            "smtp://ada:%zz@mail.example",
            "smtp://ma il.example",
            "smtp://ada:secret@mail.example?tls=none",
        ] {
            let said = relay(url).unwrap_err().to_string();
            assert!(said.starts_with("The configuration key smtp_url wants "), "{url}: {said}");
            assert!(said.ends_with('.') && !said.contains("secret"), "{url}: {said}");
        }
    }
}
