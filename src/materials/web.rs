//! Pages of this feature, and the files themselves.

use poem::http::{HeaderValue, StatusCode, header};
use poem::web::{Data, Multipart, Path};
use poem::{Body, Request, Response, handler};
use uuid::Uuid;

use super::file::{self, About, Depot, Material, MaterialId, Sent};
use super::views::{FileRow, MaterialsPage};
use crate::platform::vocabulary::MaterialKind;
use crate::platform::{Cx, Db, Error};
use crate::web::asker::{Asker, SignedIn};
use crate::web::etag;
use crate::web::form::{Corrections, Form};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, day_of, own_page, see_other};
use crate::web::views::Choice;

/// Most fields of the form, more than it has.
const FIELDS: usize = 20;
/// Longest field of the form, in bytes.
const FIELD: usize = 4_000;

/// Every page.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/contributions/:id/materials", resource().get(materials_view).post(upload_view)),
        ("/contributions/:id/materials/:material/removal", resource().post(remove_view)),
        ("/materials/:id/:name", resource().get(file_view)),
    ]
}

fn contribution(id: &str) -> Result<Uuid, Error> {
    Uuid::parse_str(id).map_err(|_| Error::NotFound("practice"))
}

/// GET `/contributions/{id}/materials`
#[handler]
pub async fn materials_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
    depot: Data<&Depot>,
) -> poem::Result<Response> {
    let asked = Form::parse(request.uri().query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let done = match asked.get("done") {
        "sent" => "The file is there, and the list of materials names it.",
        "removed" => "The file is taken out.",
        _ => "",
    };
    let view = MaterialsPage { done: done.to_owned(), ..MaterialsPage::default() };
    // What most files of a school are.
    let about = About { license: "CC BY 4.0".to_owned(), ..About::default() };
    show(&db.cx(actor), *site, *depot, contribution(&id)?, view, &about, StatusCode::OK).await
}

/// POST `/contributions/{id}/materials`
#[handler]
pub async fn upload_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Multipart,
    db: Data<&Db>,
    site: Data<&Site>,
    depot: Data<&Depot>,
) -> poem::Result<Response> {
    let id = contribution(&id)?;
    let (about, sent) = read(form).await?;
    match file::upload(&db, *depot, actor.clone(), id, &about, sent).await {
        Ok(_) => Ok(see_other(&format!("/contributions/{id}/materials?done=sent"))),
        Err(error) => {
            let view = MaterialsPage { corrections: Corrections::of(error)?, ..MaterialsPage::default() };
            show(&db.cx(actor), *site, *depot, id, view, &about, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// POST `/contributions/{id}/materials/{material}/removal`
#[handler]
pub async fn remove_view(
    SignedIn(actor): SignedIn,
    Path((id, material)): Path<(String, String)>,
    db: Data<&Db>,
    depot: Data<&Depot>,
) -> poem::Result<Response> {
    let id = contribution(&id)?;
    let material: MaterialId = material.parse().map_err(|_| Error::NotFound("file"))?;
    let (_, files) = file::of(&db.cx(actor.clone()), *depot, id).await?;
    let found = files.into_iter().find(|one| one.id == material).ok_or(Error::NotFound("file"))?;
    let mut tx = db.write(actor).await?;
    file::remove(&mut tx, *depot, &found).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/contributions/{id}/materials?done=removed")))
}

/// GET `/materials/{id}/{name}`: always as a download, and whatever it holds runs nowhere.
#[handler]
pub async fn file_view(
    Asker(actor): Asker,
    Path((id, name)): Path<(String, String)>,
    request: &Request,
    db: Data<&Db>,
    depot: Data<&Depot>,
) -> poem::Result<Response> {
    let id: MaterialId = id.parse().map_err(|_| Error::NotFound("file"))?;
    let (found, open) = file::material(&db.cx(actor), *depot, id).await?;
    if found.name != name {
        return Err(Error::NotFound("file").into());
    }
    let tag = format!("\"{}\"", found.hash);
    let mut response = if etag::matches(request.headers(), &tag) {
        Response::builder().status(StatusCode::NOT_MODIFIED).finish()
    } else {
        let body = Body::from_bytes_stream(depot.storage.get(&found.hash).await?);
        Response::builder().content_type(found.kind.media_type()).header(header::CONTENT_LENGTH, found.size).body(body)
    };
    let headers = response.headers_mut();
    // The name is made of letters, digits, dots and hyphens.
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{}\"", found.name));
    headers.insert(header::CONTENT_DISPOSITION, disposition.map_err(Error::internal)?);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::ETAG, HeaderValue::from_str(&tag).map_err(Error::internal)?);
    // A practice may be taken out of the catalog: whoever keeps the file asks each time. A draft's file is kept nowhere.
    let keep = if open { "no-cache" } else { "no-store" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    Ok(response)
}

/// The form, as typed. The shell has bounded the body before.
async fn read(mut form: Multipart) -> Result<(About, Sent), Error> {
    let broken = |_| Error::invalid("file", "The form did not arrive whole; send it again.");
    let (mut about, mut sent) = (About::default(), Sent { name: String::new(), bytes: Vec::new() });
    for _ in 0..FIELDS {
        let Some(field) = form.next_field().await.map_err(|error| broken(error.to_string()))? else { break };
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            sent.name = field.file_name().unwrap_or_default().to_owned();
            sent.bytes = field.bytes().await.map_err(|error| broken(error.to_string()))?;
            continue;
        }
        let text = field.text().await.map_err(|error| broken(error.to_string()))?;
        if text.len() > FIELD {
            return Err(broken(String::new()));
        }
        let text = text.trim().to_owned();
        match name.as_str() {
            "title" => about.title = text,
            "kind" => about.kind = text,
            "language" => about.language = text,
            "license" => about.license = text,
            "editable" => about.editable = text,
            "accessible" => about.accessible = text,
            "no_student" => about.no_student = text == "yes",
            _ => {}
        }
    }
    Ok((about, sent))
}

async fn show(
    cx: &Cx,
    site: &Site,
    depot: &Depot,
    id: Uuid,
    view: MaterialsPage,
    about: &About,
    status: StatusCode,
) -> poem::Result<Response> {
    let (folder, files) = file::of(cx, depot, id).await?;
    let url = format!("/contributions/{id}/materials");
    let mut chrome = site.chrome(&format!("Files of {}", folder.title), "", &url);
    chrome.noindex = true;
    let row = |one: &Material| FileRow {
        id: one.id.to_string(),
        name: one.name.clone(),
        url: one.path(),
        facts: format!("{}, {}, sent {}", one.kind.label(), size(one.size), day_of(one.created_at)),
        named: folder.named.contains(&one.path()),
    };
    let together: i64 = files.iter().map(|one| one.size).sum();
    let choice = |value: &str, label: &str, chosen: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        selected: value == chosen,
    };
    let yes_no = |chosen: &str| {
        [("", "Not said"), ("yes", "Yes"), ("no", "No")].map(|(value, label)| choice(value, label, chosen)).to_vec()
    };
    let mut kinds = vec![choice("", "Not said", &about.kind)];
    kinds.extend(MaterialKind::all().map(|kind| choice(kind.code(), kind.label(), &about.kind)));
    let view = MaterialsPage {
        chrome,
        practice: folder.title.clone(),
        back: format!("/contributions/{id}"),
        url,
        files: files.iter().map(row).collect(),
        writable: folder.writable,
        room: format!("{} of {} for all files of a practice", size(together), size(file::TOGETHER)),
        title: about.title.clone(),
        kinds,
        language: about.language.clone(),
        license: about.license.clone(),
        editable: yes_no(&about.editable),
        accessible: yes_no(&about.accessible),
        no_student: about.no_student,
        ..view
    };
    own_page(status, &view)
}

/// "1.2 MB", "340 KB".
fn size(bytes: i64) -> String {
    match bytes {
        ..1_024 => format!("{bytes} bytes"),
        1_024..1_048_576 => format!("{} KB", bytes / 1_024),
        _ => {
            let tenths = bytes * 10 / 1_048_576;
            if tenths % 10 == 0 { format!("{} MB", tenths / 10) } else { format!("{}.{} MB", tenths / 10, tenths % 10) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_read_well() {
        let read = [0, 1_023, 1_024, 1_048_575, 1_048_576, 1_300_000, file_limit()].map(size);
        assert_eq!(read, ["0 bytes", "1023 bytes", "1 KB", "1023 KB", "1 MB", "1.2 MB", "25 MB"]);
    }

    fn file_limit() -> i64 {
        i64::try_from(super::super::check::LARGEST).unwrap()
    }
}
