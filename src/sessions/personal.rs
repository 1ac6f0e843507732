//! What is kept about a person here, for the person.

use async_trait::async_trait;
use uuid::Uuid;

use super::desk::Desk;
use super::store::personal as store;
use super::{policy, registration};
use crate::people::AccountId;
use crate::platform::personal::{PersonalData, Sheet};
use crate::platform::{Cx, Event, Result, Tx};

/// Seats, attendance, needs, wishes, votes, certificates.
pub struct SessionData {
    desk: Desk,
}

impl SessionData {
    /// Giving a seat back writes to whoever gets it next: that takes the desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

#[async_trait]
impl PersonalData for SessionData {
    async fn export(&self, cx: &Cx, account: Uuid) -> Result<Vec<Sheet>> {
        let (conn, account) = (cx.conn(), AccountId(account));
        Ok(vec![
            Sheet { name: "seats", rows: store::seats(conn, account).await? },
            Sheet { name: "attendance", rows: store::attendance(conn, account).await? },
            Sheet { name: "access_needs", rows: store::needs(conn, account).await? },
            Sheet { name: "practice_uses", rows: store::uses(conn, account).await? },
            Sheet { name: "products_handed_in", rows: store::products(conn, account).await? },
            Sheet { name: "certificates", rows: store::certificates(conn, account).await? },
            Sheet { name: "sessions_organized", rows: store::organized(conn, account).await? },
            Sheet { name: "sessions_led", rows: store::led(conn, account).await? },
            Sheet { name: "session_messages", rows: store::messages(conn, account).await? },
            Sheet { name: "session_wishes", rows: store::wishes(conn, account).await? },
            Sheet { name: "polls", rows: store::polls(conn, account).await? },
            Sheet { name: "poll_votes", rows: store::votes(conn, account).await? },
        ])
    }

    async fn erase(&self, tx: &mut Tx, account: Uuid) -> Result<Vec<String>> {
        let account = AccountId(account);
        let permit = policy::own(tx.actor(), account)?;
        // Whoever waits gets the seat: nobody holds one for a person who is gone.
        for id in store::coming(tx.conn(), account, tx.now()).await? {
            registration::withdraw(tx, &self.desk, id).await?;
        }
        let kept = store::erase(tx.conn(), account).await?;
        tx.record(&permit, Event::about("account.sessions_erased", "account", account.0)).await?;
        let mut stays = Vec::new();
        if kept.attended {
            stays.push(
                "Which sessions a former member took part in stays, without your name: hours and attendance were counted with it."
                    .to_owned(),
            );
        }
        if kept.certified {
            stays.push(
                "The records of your certificates stay, without your name, because sponsors of credit have to keep them."
                    .to_owned(),
            );
        }
        Ok(stays)
    }
}
