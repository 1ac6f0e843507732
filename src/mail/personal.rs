//! Letters as something that is kept about a person.

use std::io::Read;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::Email;
use super::store::bounces;
use super::store::personal as store;
use crate::platform::personal::{PersonalData, Sheet};
use crate::platform::{Cx, Db, Job, Outcome, Result, Tx, job};

/// Mailings that belong to this speak for an office and name nobody: they stay when their writer has themselves erased. Every
/// other mailing begins with the name of who writes.
const OF_AN_OFFICE: &str = "announcement";

/// Letters to a person.
pub struct MailData {
    folder: PathBuf,
}

impl MailData {
    /// `folder` is where letters lie as files on installations that send none.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

/// What waits for the leads of a school waits for those of the one that it became part of.
pub async fn hand_over(tx: &mut Tx, from: Uuid, into: Uuid) -> Result<()> {
    store::hand_over(tx.conn(), from, into).await
}

/// Makes letters to this address that are nobody's letters of this account: before they are erased and before the account
/// gets another address, because some were written when there was no account.
pub async fn claim(tx: &mut Tx, recipient: &str, account: Uuid) -> Result<()> {
    bounces::claim(tx.conn(), recipient, account).await?;
    store::claim(tx.conn(), recipient, account).await
}

/// What waits for an account at an address goes to the one that it has moved to. What somebody asked for to get in stays: it
/// proves that one holds the mailbox it was asked for. Whoever calls has asked its own policy.
pub async fn redirect(tx: &mut Tx, account: Uuid, from: &Email, to: &Email) -> Result<()> {
    store::redirect(tx.conn(), account, from.as_str(), to.as_str()).await
}

#[async_trait]
impl PersonalData for MailData {
    async fn export(&self, cx: &Cx, account: Uuid) -> Result<Vec<Sheet>> {
        let letters = store::of_account(cx.conn(), account).await?;
        let row = |letter: store::Kept| {
            json!({
                "kind": letter.kind,
                "subject": letter.subject,
                "to": letter.recipient,
                "state": letter.state,
                "written_at": letter.created_at,
                "done_at": letter.done_at,
            })
        };
        let (bounces, stopped) = bounces::kept(cx.conn(), account).await?;
        let bounce = |row: bounces::bounce::Model| json!({ "letter": row.letter_id, "address": row.address, "kind": row.kind, "status": row.status, "at": row.at });
        let stop = |row: bounces::suppression::Model| {
            json!({
                "address": row.address,
                "scope": row.scope,
                "reason": row.reason,
                "since": row.since,
                "holds": row.active,
                "lifted_at": row.lifted_at,
            })
        };
        Ok(vec![
            Sheet { name: "letters", rows: letters.into_iter().map(row).collect() },
            Sheet { name: "letters_that_came_back", rows: bounces.into_iter().map(bounce).collect() },
            Sheet { name: "addresses_without_letters", rows: stopped.into_iter().map(stop).collect() },
        ])
    }

    async fn erase(&self, tx: &mut Tx, account: Uuid) -> Result<Vec<String>> {
        let mut letters = store::erase(tx.conn(), account).await?;
        letters.extend(store::blot(tx.conn(), account, tx.now()).await?);
        letters.extend(store::blot_written(tx.conn(), account, OF_AN_OFFICE, tx.now()).await?);
        bounces::erase(tx.conn(), account).await?;
        if !letters.is_empty() {
            let now = tx.now();
            job::enqueue(tx, &ForgetFiles { folder: self.folder.clone(), letters }, now, None).await?;
        }
        Ok(Vec::new())
    }
}

/// Takes letters that were erased out of the folder where they lie as files.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetFiles {
    folder: PathBuf,
    letters: Vec<Uuid>,
}

#[async_trait]
impl Job for ForgetFiles {
    const NAME: &'static str = "mail.forget_files";

    async fn run(&self, _: &Db) -> Outcome {
        match self.forget() {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }
}

impl ForgetFiles {
    fn forget(&self) -> std::io::Result<()> {
        let files = match std::fs::read_dir(&self.folder) {
            Ok(files) => files,
            // Letters leave by SMTP here.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for file in files {
            let path = file?.path();
            if path.is_file() && self.is_ours(&path)? {
                std::fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// The id of a letter is in its Message-ID, which is in the head of the file.
    fn is_ours(&self, path: &Path) -> std::io::Result<bool> {
        let mut head = Vec::new();
        std::fs::File::open(path)?.take(8 * 1024).read_to_end(&mut head)?;
        let text = format!("{}\n{}", path.display(), String::from_utf8_lossy(&head));
        Ok(self.letters.iter().any(|id| text.contains(&id.to_string()) || text.contains(&id.simple().to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_erased_letters_go_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (mine, other) = (crate::platform::ids::fresh(), crate::platform::ids::fresh());
        for id in [mine, other] {
            let text = format!("Message-ID: <{}@ground.example>\r\n\r\nHello", id.simple());
            std::fs::write(folder.path().join(format!("{id}.eml")), text).unwrap();
        }
        let job = ForgetFiles { folder: folder.path().to_owned(), letters: vec![mine] };
        job.forget().unwrap();
        assert!(!folder.path().join(format!("{mine}.eml")).exists());
        assert!(folder.path().join(format!("{other}.eml")).exists());
        let nowhere = ForgetFiles { folder: folder.path().join("none"), letters: vec![mine] };
        nowhere.forget().unwrap();
    }
}
