//! A listener that a mail server on this machine hands messages to (LMTP, RFC 2033).
//!
//! It listens on loopback addresses alone, and knows what it needs: LHLO, MAIL, RCPT, DATA, RSET, NOOP, QUIT. After DATA it
//! answers once for each recipient. A message that could not be taken in for a reason of ours is asked for again (4xx);
//! everything else is taken, also what nobody understands: a refusal would make the mail server write another bounce.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::{Intake, LARGEST};
use crate::platform::{Error, Result};

/// Conversations at a time. One mail server speaks with us.
const CONVERSATIONS: usize = 16;

/// Recipients of a message at most.
const RECIPIENTS: usize = 50;

/// A line of a command at most (RFC 5321 4.5.3.1.4 asks for 512 octets).
const LINE: usize = 2048;

/// For the next command, or the next piece of a message.
const PATIENCE: Duration = Duration::from_secs(60);

/// For a whole message.
const MESSAGE: Duration = Duration::from_secs(300);

/// Commands of a conversation at most.
const COMMANDS: usize = 10_000;

/// Takes the address. Others than loopback are refused: whoever reaches it can hand in messages.
pub async fn bind(address: SocketAddr) -> Result<TcpListener> {
    if !address.ip().is_loopback() {
        return Err(Error::Conflict(
            "The configuration key lmtp_listen wants an address of this machine alone, like 127.0.0.1:2424.".to_owned(),
        ));
    }
    TcpListener::bind(address)
        .await
        .map_err(|e| Error::Conflict(format!("{address} is not free to listen on for LMTP: {e}.")))
}

/// Takes messages until it is dropped.
pub async fn listen(listener: TcpListener, intake: Intake) {
    let seats = Arc::new(Semaphore::new(CONVERSATIONS));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // No more files to open, most likely: a moment later there are some again.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (seats, intake) = (Arc::clone(&seats), intake.clone());
        tokio::spawn(async move {
            let Ok(_seat) = seats.try_acquire() else {
                return refuse(stream).await;
            };
            if let Err(error) = converse(stream, &intake).await {
                tracing::debug!(%error, "a conversation by LMTP broke off");
            }
        });
    }
}

async fn refuse(mut stream: TcpStream) {
    // Whether it is heard does not matter.
    let _ = timeout(PATIENCE, stream.write_all(b"421 4.3.2 Too many conversations\r\n")).await;
}

/// What was said of the message that comes.
#[derive(Default)]
struct Envelope {
    begun: bool,
    recipients: Vec<String>,
}

async fn converse(stream: TcpStream, intake: &Intake) -> std::io::Result<()> {
    let _ = stream.set_nodelay(true);
    let mut stream = BufReader::new(stream);
    say(&mut stream, "220 Common Ground LMTP").await?;
    let (mut greeted, mut envelope) = (false, Envelope::default());
    for _ in 0..COMMANDS {
        let Some(line) = timeout(PATIENCE, command(&mut stream)).await?? else { return Ok(()) };
        let verb = line.split([' ', '\t']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "LHLO" => {
                (greeted, envelope) = (true, Envelope::default());
                "250-commonground\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 1048576"
            }
            "QUIT" => return say(&mut stream, "221 2.0.0 Goodbye").await,
            "NOOP" => "250 2.0.0 Here",
            "RSET" => {
                envelope = Envelope::default();
                "250 2.0.0 Forgotten"
            }
            _ if !greeted => "503 5.5.1 LHLO first",
            "MAIL" if envelope.begun => "503 5.5.1 There is a sender",
            "MAIL" => match declared(&line) {
                _ if path(&line, "FROM:").is_none() => "501 5.5.4 MAIL FROM:<address>",
                Some(size) if size > LARGEST => "552 5.3.4 At most 1 MiB",
                _ => {
                    envelope.begun = true;
                    "250 2.1.0 Go on"
                }
            },
            "RCPT" if !envelope.begun => "503 5.5.1 MAIL first",
            "RCPT" if envelope.recipients.len() >= RECIPIENTS => "452 4.5.3 Too many recipients",
            "RCPT" => match path(&line, "TO:").filter(|to| !to.is_empty()) {
                Some(to) => {
                    envelope.recipients.push(to);
                    "250 2.1.5 Go on"
                }
                None => "501 5.5.4 RCPT TO:<address>",
            },
            "DATA" if envelope.recipients.is_empty() => "503 5.5.1 RCPT first",
            "DATA" => {
                say(&mut stream, "354 Go on, end with a dot").await?;
                let message = timeout(MESSAGE, message(&mut stream)).await??;
                let envelope = std::mem::take(&mut envelope);
                for recipient in &envelope.recipients {
                    let answer = hand_in(intake, message.as_deref(), recipient).await;
                    say(&mut stream, answer).await?;
                }
                continue;
            }
            "VRFY" => "252 2.1.5 Perhaps",
            _ => "500 5.5.2 Not understood",
        };
        say(&mut stream, answer).await?;
    }
    say(&mut stream, "421 4.3.2 Enough for now").await
}

/// The answer for one recipient. `None`: the message was too long.
async fn hand_in(intake: &Intake, message: Option<&[u8]>, recipient: &str) -> &'static str {
    let Some(message) = message else { return "552 5.3.4 At most 1 MiB" };
    match intake.take(message, Some(recipient)).await {
        Ok(_) => "250 2.0.0 Taken in",
        Err(error) => {
            tracing::error!(%error, "a message that came in could not be taken in");
            "451 4.3.0 Again later"
        }
    }
}

async fn say(stream: &mut BufReader<TcpStream>, answer: &str) -> std::io::Result<()> {
    let line = format!("{answer}\r\n");
    timeout(PATIENCE, stream.get_mut().write_all(line.as_bytes())).await?
}

/// The next line, without its end; `None` when the other side has gone. What does not fit is read to its end and is no command.
async fn command(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    let read = (&mut *stream).take(LINE as u64).read_until(b'\n', &mut line).await?;
    if read == 0 {
        return Ok(None);
    }
    if !line.ends_with(b"\n") {
        if read < LINE {
            return Ok(None);
        }
        skip_line(stream).await?;
        return Ok(Some(String::new()));
    }
    Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()))
}

async fn skip_line(stream: &mut BufReader<TcpStream>) -> std::io::Result<()> {
    loop {
        let buffer = stream.fill_buf().await?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(buffer.len(), |at| at + 1);
        stream.consume(used);
        if end.is_some() {
            return Ok(());
        }
    }
}

/// The message to its final dot, without the dots that lines begin with; `None` where it is too long.
async fn message(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<Vec<u8>>> {
    let (mut whole, mut fits, mut starts) = (Vec::new(), true, true);
    loop {
        let mut line = Vec::new();
        let read = timeout(PATIENCE, (&mut *stream).take(LINE as u64).read_until(b'\n', &mut line)).await??;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        // Only what begins a line can be a dot that ends or was added.
        let begins = std::mem::replace(&mut starts, line.ends_with(b"\n"));
        if begins && matches!(line.as_slice(), b".\r\n" | b".\n") {
            return Ok(fits.then_some(whole));
        }
        let text = if begins { line.strip_prefix(b".").unwrap_or(&line) } else { &line };
        fits &= whole.len() + text.len() <= LARGEST;
        if fits {
            whole.extend_from_slice(text);
        }
    }
}

/// The address of `MAIL FROM:<ada@example.org> SIZE=..`; empty for the null sender.
fn path(line: &str, word: &str) -> Option<String> {
    let rest = line.split_once([' ', '\t'])?.1.trim_start();
    let head = rest.get(..word.len())?;
    if !head.eq_ignore_ascii_case(word) {
        return None;
    }
    let (address, _) = rest[word.len()..].trim_start().strip_prefix('<')?.split_once('>')?;
    (address.len() <= 320 && address.is_ascii()).then(|| address.to_owned())
}

/// The length that somebody says the message has.
fn declared(line: &str) -> Option<usize> {
    let sizes = line.split_whitespace().filter_map(|word| word.split_once('='));
    sizes.filter(|(name, _)| name.eq_ignore_ascii_case("SIZE")).find_map(|(_, size)| size.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read() {
        assert_eq!(path("MAIL FROM:<> SIZE=12", "FROM:").as_deref(), Some(""));
        assert_eq!(path("rcpt to:<a@b.example>", "TO:").as_deref(), Some("a@b.example"));
        for bad in ["RCPT", "RCPT TO:", "RCPT TO:a@b", "RCPT TO:<a@b", "RCPT FROM:<a@b>", "RCPT TÖ:<a@b>"] {
            assert_eq!(path(bad, "TO:"), None, "{bad}");
        }
        assert_eq!((declared("MAIL FROM:<> size=12"), declared("MAIL FROM:<> SIZE=x")), (Some(12), None));
    }

    #[tokio::test]
    async fn it_listens_on_this_machine_alone() {
        for away in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
            let said = bind(away.parse().unwrap()).await.unwrap_err().to_string();
            assert!(said.starts_with("The configuration key lmtp_listen wants "), "{said}");
        }
        assert!(bind("127.0.0.1:0".parse().unwrap()).await.is_ok());
    }
}
