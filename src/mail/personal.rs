//! What the outbox keeps about a person: which letters went to them, and for a month what these said.

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;

use super::{Mailbox, store};
use crate::platform::personal::{PersonalData, Sheet};
use crate::platform::{Cx, Error, Result, Tx};

/// The letters of an account, in the outbox and as files.
#[derive(Clone, Debug)]
pub struct Letters(pub Mailbox);

#[async_trait]
impl PersonalData for Letters {
    async fn export(&self, cx: &Cx, account: Uuid) -> Result<Vec<Sheet>> {
        let letters = store::letters_of(cx.conn(), account).await?;
        let row = |letter: &super::outbox::Kept| {
            json!({
                "to": letter.to,
                "subject": letter.subject,
                "kind": letter.kind,
                "state": letter.state,
                "written_at": letter.created_at,
                "done_at": letter.done_at,
            })
        };
        Ok(vec![Sheet { name: "letters", rows: letters.iter().map(row).collect() }])
    }

    /// Also letters without an account that went to the same addresses: invitations, links to sign in.
    async fn erase(&self, tx: &mut Tx, account: Uuid) -> Result<Vec<String>> {
        for letter in store::letters_of(tx.conn(), account).await? {
            self.0.remove(letter.id, letter.created_at).await.map_err(Error::from)?;
        }
        store::erase(tx.conn(), account, tx.now()).await?;
        Ok(Vec::new())
    }
}
