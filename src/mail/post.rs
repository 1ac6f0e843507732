//! Where letters go: to the mail server of the installation, or, where none is named, as files into a folder.

mod folder;
mod relay;

use std::path::Path;
use std::sync::Arc;

use lettre::Address;

pub use self::folder::Mailbox;
use self::relay::{Line, Relay};
use super::dkim::Signer;
use super::letter::{LetterId, Letterhead};
use super::outcome::Outcome;
use super::verp::ReturnPath;
use crate::platform::{Clock, Config, Error, Result, Secret, Timestamp};

/// The way letters leave this installation.
#[derive(Clone, Debug)]
pub enum Post {
    /// Each becomes a file.
    Folder(Mailbox),
    /// A mail server takes them.
    Relay(Relay),
}

/// What every letter gets on its way out.
#[derive(Clone, Debug)]
struct Stamp {
    signer: Option<Arc<Signer>>,
    clock: Clock,
}

impl Stamp {
    /// The message as it leaves. Signatures that take long are made where nobody waits for a processor.
    async fn on(&self, message: &[u8]) -> Result<Vec<u8>> {
        let Some(signer) = &self.signer else { return Ok(message.to_vec()) };
        let now = self.clock.now();
        if !signer.is_slow() {
            return signer.sign(message, now);
        }
        let (signer, message) = (Arc::clone(signer), message.to_vec());
        tokio::task::spawn_blocking(move || signer.sign(&message, now)).await.map_err(Error::internal)?
    }
}

impl Post {
    /// What the configuration says. The demo writes to nobody: its letters are files, whatever is configured.
    pub fn of(config: &Config, head: &Letterhead, secret: &Secret, clock: &Clock, demo: bool) -> Result<Self> {
        let domain = head.from.email.domain();
        let signer = config.dkim.as_deref().map(|dkim| Signer::load(dkim, domain)).transpose()?;
        let stamp = Stamp { signer: signer.map(Arc::new), clock: clock.clone() };
        let sender = ReturnPath::new(config.bounce_address.as_deref(), head, secret.clone())?;
        match &config.smtp_url {
            Some(url) if !demo => Ok(Self::Relay(Relay::parse(url.reveal(), domain, sender)?.stamping(stamp))),
            _ => Ok(Self::Folder(Mailbox::of(config).stamping(stamp))),
        }
    }

    /// A letter as it leaves; `Err`: it is tried again later.
    async fn stamped(&self, message: &[u8]) -> Result<Vec<u8>, Outcome> {
        let stamp = match self {
            Self::Folder(mailbox) => mailbox.stamp(),
            Self::Relay(relay) => relay.stamp(),
        };
        match stamp {
            Some(stamp) => stamp.on(message).await.map_err(|error| Outcome::Retry(error.to_string())),
            None => Ok(message.to_vec()),
        }
    }
}

/// A letter as the post takes it: the envelope and what is in it.
pub struct Parcel<'a> {
    pub id: LetterId,
    pub to: &'a str,
    pub message: &'a [u8],
    pub created_at: Timestamp,
}

/// One worker's own way out: a connection that is kept from letter to letter.
#[derive(Default)]
pub struct Way(Option<Line>);

impl Way {
    /// Makes sure that letters can be handed over; the sentence says why not.
    pub async fn open(&mut self, post: &Post) -> Result<(), String> {
        match post {
            Post::Folder(mailbox) => mailbox.make(),
            Post::Relay(relay) => {
                if let Some(line) = &mut self.0
                    && line.holds().await
                {
                    return Ok(());
                }
                self.0 = None;
                self.0 = Some(relay.connect().await?);
                Ok(())
            }
        }
    }

    /// Whether the next letter can be handed over without a new connection.
    pub fn is_open(&self, post: &Post) -> bool {
        match post {
            Post::Folder(_) => true,
            Post::Relay(_) => self.0.as_ref().is_some_and(Line::is_sound),
        }
    }

    /// Hands one letter over.
    pub async fn send(&mut self, post: &Post, parcel: &Parcel<'_>) -> Outcome {
        let message = match post.stamped(parcel.message).await {
            Ok(message) => message,
            Err(outcome) => return outcome,
        };
        let parcel = &Parcel { message: &message, ..*parcel };
        match post {
            Post::Folder(mailbox) => mailbox.lay_in(parcel).await,
            Post::Relay(relay) => {
                let Ok(to) = parcel.to.parse::<Address>() else {
                    return Outcome::Failed("The address cannot be read.".to_owned());
                };
                let Ok(sender) = relay.sender(parcel.id) else {
                    return Outcome::Retry("It has no return address.".to_owned());
                };
                let way = (sender, to);
                let Some(line) = &mut self.0 else { return Outcome::Retry("There is no connection.".to_owned()) };
                let used = line.carried();
                let mut carried = line.send(&way, parcel.message).await;
                // The server had closed a connection that lay still; nothing of the letter was out.
                if used && !line.is_sound() && matches!(&carried, relay::Carried::NotBegun(_)) {
                    self.0 = None;
                    match relay.connect().await {
                        Ok(fresh) => {
                            let line = self.0.insert(fresh);
                            carried = line.send(&way, parcel.message).await;
                        }
                        Err(trouble) => return Outcome::Retry(trouble),
                    }
                }
                if self.0.as_ref().is_some_and(|line| !line.is_sound()) {
                    self.0 = None;
                }
                carried.into()
            }
        }
    }

    /// Says goodbye.
    pub async fn close(&mut self) {
        if let Some(line) = self.0.take() {
            line.quit().await;
        }
    }
}

/// The folder of letters of an installation.
fn folder(data: &Path) -> std::path::PathBuf {
    data.join("mail")
}
