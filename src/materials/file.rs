//! A file of a practice: who may send one, who may read it, and how it gets into the draft.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use uuid::Uuid;

use super::check::{self, Checked};
use super::kind::FileKind;
use super::storage::Storage;
use super::{policy, store};
use crate::catalog::draft::MaterialDraft;
use crate::catalog::{self, Practice, PracticeId};
use crate::people::AccountId;
use crate::platform::chance::sha256;
use crate::platform::ids::typed_id;
use crate::platform::throttle::{Allowance, Throttle};
use crate::platform::vocabulary::{MaterialKind, PracticeStatus};
use crate::platform::{Actor, Clock, Cx, Db, Error, Event, FieldErrors, Result, Timestamp, Tx};

typed_id!(
    /// An uploaded file.
    MaterialId
);

/// All files of one contribution: 100 MB.
pub const TOGETHER: i64 = 100 * 1024 * 1024;
/// Most files of one contribution: as many as a record has materials.
const MOST: usize = 40;
/// Longest title, language and licence, in characters.
const LINE: usize = 200;
/// Files of one person: forty at once, then one in each half minute.
const OFTEN: Allowance = Allowance { burst: 40, every: Duration::from_secs(30) };
/// How long somebody waits until their file was looked at.
const PATIENCE: Duration = Duration::from_secs(20);
/// Files that are looked at at one time: a large picture takes much memory while it is made anew.
const LOOKS: usize = 2;

/// An uploaded file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Material {
    /// Its id.
    pub id: MaterialId,
    /// The contribution that it was sent for.
    pub contribution: Uuid,
    /// The practice that the contribution is or becomes.
    pub practice: PracticeId,
    /// Its name in addresses and on the reader's disk.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// SHA-256 of its bytes, in hexadecimal.
    pub hash: String,
    /// Its bytes.
    pub size: i64,
    /// Who sent it; nobody once their account is erased.
    pub account: Option<AccountId>,
    /// When a published version was first seen to name it.
    pub published_at: Option<Timestamp>,
    /// When it was sent.
    pub created_at: Timestamp,
}

impl Material {
    /// Its address on this site.
    pub fn path(&self) -> String {
        format!("/materials/{}/{}", self.id, self.name)
    }
}

/// A draft, as far as its files are concerned.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The contribution.
    pub contribution: Uuid,
    /// The practice that it is or becomes.
    pub practice: PracticeId,
    /// What it is called so far.
    pub title: String,
    /// Addresses that its materials have now.
    pub named: Vec<String>,
    /// Whether the actor may change it now.
    pub writable: bool,
}

/// The feature that knows drafts, as this one asks it: drafts may not be known here.
#[async_trait]
pub trait Shelf: Send + Sync {
    /// A draft, for those who may know of it.
    async fn folder(&self, cx: &Cx, contribution: Uuid) -> Result<Folder>;

    /// The contribution that is under way for a practice, for those who may know of it.
    async fn under_way(&self, cx: &Cx, practice: PracticeId) -> Result<Uuid>;

    /// Puts a material at the end of the draft's list.
    ///
    /// # Errors
    /// `Forbidden` or `Conflict` unless the actor may change the draft now, `Invalid` where its words may point at a student.
    async fn add(&self, tx: &mut Tx, contribution: Uuid, material: MaterialDraft) -> Result<()>;

    /// Takes the material with this address out of the draft's list, where it is there.
    async fn remove(&self, tx: &mut Tx, contribution: Uuid, url: &str) -> Result<()>;

    /// Which of these contributions are there; a draft may have been thrown away.
    async fn there(&self, cx: &Cx, contributions: &[Uuid]) -> Result<Vec<Uuid>>;
}

/// What files need besides the database.
#[derive(Clone)]
pub struct Depot {
    /// Where their bytes are.
    pub storage: Storage,
    /// Who knows drafts.
    pub shelf: Arc<dyn Shelf>,
    often: Throttle,
    looks: Arc<Semaphore>,
}

impl Depot {
    /// On a storage.
    pub fn new(storage: Storage, shelf: Arc<dyn Shelf>, clock: &Clock) -> Self {
        Self { storage, shelf, often: Throttle::new(clock, OFTEN), looks: Arc::new(Semaphore::new(LOOKS)) }
    }
}

/// What is said of a file.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Its title.
    pub title: String,
    /// What it is, a code of `material_kind`; may be empty.
    pub kind: String,
    /// Its language, in words.
    pub language: String,
    /// Its licence, in words.
    pub license: String,
    /// Whether it can be changed: yes, no, or empty.
    pub editable: String,
    /// Whether it was made or checked for people with disabilities: yes, no, or empty.
    pub accessible: String,
    /// Whether the sender says that no student is named or shown in it.
    pub no_student: bool,
}

impl About {
    /// Every rule it breaks.
    fn wrong(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        let length = |text: &str| text.trim().chars().count();
        if !(1..=LINE).contains(&length(&self.title)) {
            errors.add("title", "Give it a title of at most 200 characters.");
        }
        if !self.kind.is_empty() && MaterialKind::parse(&self.kind).is_err() {
            errors.add("kind", "Choose what it is from the list.");
        }
        if length(&self.language) > LINE {
            errors.add("language", "Name its language in at most 200 characters.");
        }
        if !(1..=LINE).contains(&length(&self.license)) {
            errors.add(
                "license",
                "Say under which license others may use it: CC BY 4.0, or whose it is and what they allow.",
            );
        }
        for (field, said) in [("editable", &self.editable), ("accessible", &self.accessible)] {
            if !["", "yes", "no"].contains(&said.as_str()) {
                errors.add(field, "Answer yes or no.");
            }
        }
        if !self.no_student {
            errors.add("no_student", "Look through the file and say that no student is named or shown in it.");
        }
        errors
    }

    fn entry(&self, url: String) -> MaterialDraft {
        let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        MaterialDraft {
            title: said(&self.title),
            kind: said(&self.kind),
            url: Some(url),
            editable: said(&self.editable),
            language: said(&self.language),
            license: said(&self.license),
            accessible: said(&self.accessible),
        }
    }
}

/// A file that somebody sends.
#[derive(Debug)]
pub struct Sent {
    /// What it calls itself.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Takes a file into a draft: looks at it, keeps its bytes, and names it in the draft's list of materials. The bytes are kept outside of
/// a transaction, because a storage may be far away; what then is in no draft is taken out again after a month.
///
/// # Errors
/// `NotFound` for a draft that the actor may not know of, `Forbidden` or `Conflict` for one they may not change now, `Invalid` with
/// everything that is wrong with the file and what is said of it.
pub async fn upload(
    db: &Db,
    depot: &Depot,
    actor: Actor,
    contribution: Uuid,
    about: &About,
    sent: Sent,
) -> Result<MaterialId> {
    let cx = db.cx(actor.clone());
    let folder = depot.shelf.folder(&cx, contribution).await?;
    let _permit = policy::write(&actor, folder.writable)?;
    let Some(account) = actor.account().map(AccountId) else { return Err(Error::SignInRequired) };
    depot.often.attempt(&account.to_string())?;
    let mut errors = about.wrong();
    let checked = match look(depot, sent).await? {
        Ok(checked) => Some(checked),
        Err(sentence) => {
            errors.add("file", sentence);
            None
        }
    };
    errors.or(())?;
    let Some(checked) = checked else {
        return Err(Error::Internal("a file was looked at and is not there".to_owned()));
    };
    let (hash, size) = (sha256(&checked.bytes), i64::try_from(checked.bytes.len()).map_err(Error::internal)?);
    fits(&store::of_contribution(cx.conn(), contribution).await?, size)?;
    let tx = db.write(actor.clone()).await?;
    if !store::want(tx.conn(), &hash, size, tx.now()).await? {
        let sentence = "The same file is just being taken out of the storage; send it again in a few minutes.";
        return Err(Error::Unavailable(sentence.to_owned()));
    }
    tx.commit().await?;
    depot.storage.put(&hash, checked.bytes).await?;
    let material = Material {
        id: MaterialId::fresh(),
        contribution,
        practice: folder.practice,
        name: checked.name,
        kind: checked.kind,
        hash,
        size,
        account: Some(account),
        published_at: None,
        created_at: cx.now(),
    };
    let mut tx = db.write(actor).await?;
    add(&mut tx, depot, about, material.clone()).await?;
    tx.commit().await?;
    Ok(material.id)
}

async fn add(tx: &mut Tx, depot: &Depot, about: &About, material: Material) -> Result<()> {
    // The shelf asks who may, and holds the draft: two who send at once are counted one after the other.
    depot.shelf.add(tx, material.contribution, about.entry(material.path())).await?;
    let permit = policy::write(tx.actor(), true)?;
    fits(&store::of_contribution(tx.conn(), material.contribution).await?, material.size)?;
    store::insert(tx.conn(), &material).await?;
    let detail = json!({
        "contribution": material.contribution, "practice": material.practice, "kind": material.kind.code(), "size": material.size,
    });
    tx.record(&permit, Event::about("material.added", "material", material.id.0).with(detail)).await
}

/// Looks at a file, a few at a time and beside those who answer requests.
async fn look(depot: &Depot, sent: Sent) -> Result<Result<Checked, String>> {
    let looks = Arc::clone(&depot.looks);
    let looked = async {
        let turn = looks.acquire_owned().await.map_err(Error::internal)?;
        let looked = tokio::task::spawn_blocking(move || {
            let checked = check::check(sent.bytes, &sent.name);
            drop(turn);
            checked
        });
        // A decoder that stumbles over a picture ends this task and nothing else.
        let broken = || "This file cannot be read; save it again and send that.".to_owned();
        Ok(looked.await.unwrap_or_else(|_| Err(broken())))
    };
    let slow = || Error::Unavailable("Many files are being looked at; send it again in a few minutes.".to_owned());
    timeout(PATIENCE, looked).await.map_err(|_| slow())?
}

/// A picture that another feature keeps: looked at like every file, and made anew without what its camera noted. As often as files.
///
/// # Errors
/// `Invalid` in the field `photo` with one sentence, for what is no picture too.
pub async fn picture(depot: &Depot, actor: &Actor, sent: Sent) -> Result<(FileKind, Vec<u8>)> {
    let Some(account) = actor.account() else { return Err(Error::SignInRequired) };
    depot.often.attempt(&account.to_string())?;
    let checked = look(depot, sent).await?.map_err(|sentence| Error::invalid("photo", sentence))?;
    match checked.kind {
        FileKind::Png | FileKind::Jpeg | FileKind::Webp => Ok((checked.kind, checked.bytes)),
        _ => Err(Error::invalid("photo", "Send a picture: PNG, JPEG or WebP.")),
    }
}

fn fits(there: &[Material], more: i64) -> Result<()> {
    if there.len() >= MOST {
        return Err(Error::invalid("file", format!("A practice has at most {MOST} files; take one out first.")));
    }
    if there.iter().map(|material| material.size).sum::<i64>() + more > TOGETHER {
        let sentence = "The files of one practice have at most 100 MB together; take one out first, or give a link.";
        return Err(Error::invalid("file", sentence));
    }
    Ok(())
}

/// Takes a file out of a draft. Its address leads nowhere from then on, unless a published version names it.
pub async fn remove(tx: &mut Tx, depot: &Depot, material: &Material) -> Result<()> {
    depot.shelf.remove(tx, material.contribution, &material.path()).await?;
    let permit = policy::write(tx.actor(), true)?;
    let published = catalog::practice_held(tx, material.practice).await?.is_some_and(|now| names(&now, material));
    if material.published_at.is_some() || published {
        return Ok(());
    }
    if store::delete(tx.conn(), material.id).await? {
        let detail = json!({ "contribution": material.contribution, "practice": material.practice });
        tx.record(&permit, Event::about("material.removed", "material", material.id.0).with(detail)).await?;
    }
    Ok(())
}

/// The files of a draft, the first one first, with the draft: for those who may know of it.
pub async fn of(cx: &Cx, depot: &Depot, contribution: Uuid) -> Result<(Folder, Vec<Material>)> {
    let folder = depot.shelf.folder(cx, contribution).await?;
    let files = store::of_contribution(cx.conn(), contribution).await?;
    Ok((folder, files))
}

/// A file, for everybody once a published version of its practice names it and while that is in the catalog; before for those who may
/// know of the contribution. Tells whether everybody may.
pub async fn material(cx: &Cx, depot: &Depot, id: MaterialId) -> Result<(Material, bool)> {
    let none = || Error::NotFound("file");
    let found = store::by_id(cx.conn(), id).await?.ok_or_else(none)?;
    let practice = catalog::practices(cx, &[found.practice]).await?.remove(&found.practice);
    let open = practice.is_some_and(|now| {
        now.status != PracticeStatus::RETIRED && (found.published_at.is_some() || names(&now, &found))
    });
    if open {
        return Ok((found, true));
    }
    match depot.shelf.folder(cx, found.contribution).await {
        Ok(_) => Ok((found, false)),
        Err(Error::NotFound(_) | Error::Forbidden(_) | Error::SignInRequired) => Err(none()),
        Err(other) => Err(other),
    }
}

/// Whether what a practice says now names the file.
pub fn names(practice: &Practice, material: &Material) -> bool {
    let path = material.path();
    practice.record.materials.iter().any(|one| one.url.as_deref() == Some(path.as_str()))
}
