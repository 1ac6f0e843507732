//! Files over JSON: the same operations as the pages.

use std::sync::Arc;

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::types::multipart::Upload;
use poem_openapi::{ApiResponse, Multipart, Object, OpenApi};

use super::file::{self, About, Depot, Material, MaterialId, Sent};
use crate::api::{Caller, Group, Refused};
use crate::catalog::PracticeId;
use crate::platform::{Db, Error, Timestamp};

/// Files over JSON.
pub struct MaterialsApi {
    db: Db,
    depot: Depot,
    base_url: Arc<str>,
}

/// A file to send, with what is said of it.
#[derive(Debug, Multipart)]
pub struct MaterialUpload {
    /// PDF, PNG, JPEG, WebP, DOCX, XLSX, PPTX, ODT, ODS, ODP, TXT, CSV or MD by its content; at most 25 MB.
    file: Upload,
    /// Its title.
    title: String,
    /// Under which licence others may use it, in words: `CC BY 4.0`.
    license: String,
    /// `true` says that somebody looked through it and no student is named or shown in it.
    no_student: bool,
    /// What it is: a code of the vocabulary `material_kind`.
    kind: Option<String>,
    /// Its language, in words.
    language: Option<String>,
    /// Whether others can change it.
    editable: Option<bool>,
    /// Whether it was made or checked for people with disabilities.
    accessible: Option<bool>,
}

/// An uploaded file.
#[derive(Debug, Object)]
#[oai(rename = "UploadedMaterial", example)]
pub struct MaterialDocument {
    /// Its id.
    pub id: String,
    /// Id of the practice that it belongs to.
    pub practice: String,
    /// Its address; the draft's `materials` name it.
    pub url: String,
    /// Its name, made safe.
    pub name: String,
    /// What it is by its content: `pdf`, `png`, `jpeg`, `webp`, `docx`, `xlsx`, `pptx`, `odt`, `ods`, `odp`, `txt`, `csv`, `md`.
    pub kind: String,
    /// Bytes that are kept; pictures are made anew, without EXIF.
    pub size: i64,
    /// When it was sent.
    pub created_at: Timestamp,
}

impl Example for MaterialDocument {
    fn example() -> Self {
        Self {
            id: "019a2b7c-2f10-7c44-9a51-6d0e8f3b2a17".to_owned(),
            practice: "019a1b7b-90aa-7d02-b1c3-04f5a6978e21".to_owned(),
            url: "https://commonground.example.org/materials/019a2b7c-2f10-7c44-9a51-6d0e8f3b2a17/door-script.pdf"
                .to_owned(),
            name: "door-script.pdf".to_owned(),
            kind: "pdf".to_owned(),
            size: 184_320,
            created_at: "2026-10-14T16:00:00Z".parse().unwrap_or_default(),
        }
    }
}

/// A file that came in.
#[derive(Debug, ApiResponse)]
pub enum Sending {
    /// It is there, and the draft's `materials` name it.
    #[oai(status = 201)]
    Made(
        Json<MaterialDocument>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
    ),
}

/// Nothing more to say.
#[derive(Debug, ApiResponse)]
pub enum TakenOut {
    /// It is taken out.
    #[oai(status = 204)]
    Done,
}

impl MaterialsApi {
    /// On a database and a storage.
    pub fn new(db: Db, depot: Depot, base_url: Arc<str>) -> Self {
        Self { db, depot, base_url }
    }

    fn document(&self, one: Material) -> MaterialDocument {
        MaterialDocument {
            url: format!("{}{}", self.base_url, one.path()),
            id: one.id.to_string(),
            practice: one.practice.to_string(),
            name: one.name,
            kind: one.kind.code().to_owned(),
            size: one.size,
            created_at: one.created_at,
        }
    }
}

#[OpenApi(prefix_path = "/api/v1")]
impl MaterialsApi {
    /// Send a file for a practice
    ///
    /// For those who write the draft of the practice, while it is a draft or changes are asked for. What a file is, its content says
    /// and not its name. Everybody can download it once a published version names it. At most 40 files and 100 MB for one practice.
    #[oai(path = "/practices/:id/materials", method = "post", tag = "Group::Practices", operation_id = "send_material")]
    async fn send(
        &self,
        caller: Caller,
        /// Id of the practice whose draft is under way.
        id: Path<String>,
        upload: MaterialUpload,
    ) -> Result<Sending, Refused> {
        let practice: PracticeId = id.0.parse().map_err(|_| Error::NotFound("practice"))?;
        let contribution = self.depot.shelf.under_way(&self.db.cx(caller.0.clone()), practice).await?;
        let said = |answer: Option<bool>| answer.map_or("", |yes| if yes { "yes" } else { "no" }).to_owned();
        let about = About {
            title: upload.title,
            kind: upload.kind.unwrap_or_default(),
            language: upload.language.unwrap_or_default(),
            license: upload.license,
            editable: said(upload.editable),
            accessible: said(upload.accessible),
            no_student: upload.no_student,
        };
        let name = upload.file.file_name().unwrap_or_default().to_owned();
        let bytes = upload.file.into_vec().await;
        let bytes = bytes.map_err(|_| Error::invalid("file", "The file did not arrive whole; send it again."))?;
        let made =
            file::upload(&self.db, &self.depot, caller.0.clone(), contribution, &about, Sent { name, bytes }).await?;
        let (made, _) = file::material(&self.db.cx(caller.0), &self.depot, made).await?;
        let document = self.document(made);
        let location = document.url.clone();
        Ok(Sending::Made(Json(document), location))
    }

    /// Take a file out of a draft
    ///
    /// For those who write the draft. A file that a published version has stays for its readers.
    #[oai(path = "/materials/:id", method = "delete", tag = "Group::Practices", operation_id = "remove_material")]
    async fn remove(
        &self,
        caller: Caller,
        /// The file.
        id: Path<String>,
    ) -> Result<TakenOut, Refused> {
        let id: MaterialId = id.0.parse().map_err(|_| Error::NotFound("file"))?;
        let (found, _) = file::material(&self.db.cx(caller.0.clone()), &self.depot, id).await?;
        let mut tx = self.db.write(caller.0).await?;
        file::remove(&mut tx, &self.depot, &found).await?;
        tx.commit().await?;
        Ok(TakenOut::Done)
    }
}
