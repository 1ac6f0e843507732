//! Pages of digests: for everybody, and for the office that edits them.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::content::{self, Content};
use super::digest::{Chapter, Digest, DigestId, Section, State};
use super::editing::{self, Edit, Merged};
use super::views::{
    Body, ChapterFields, DigestPage, ListPage, OfficeDigestPage, PublicationPage, Row, gone, put_right, stands,
};
use super::{PAGE, published};
use crate::highlights::web::kept::signed_out;
use crate::platform::{Actor, Db, Error, FieldErrors, Result, cells};
use crate::web::asker::{Asker, SignedIn};
use crate::web::etag;
use crate::web::form::{Corrections, Form};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, day_of, own_page, page, see_other};
use crate::web::views::Chrome;

/// Every page.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/digests", resource().get(list_view)),
        ("/digests/:id", resource().get(digest_view)),
        ("/digests/:id/numbers.csv", resource().get(numbers_view)),
        ("/digests/:id/press", resource().get(press_view)),
        ("/office/digests", resource().get(office_view)),
        ("/office/digests/:id", resource().get(edit_view).post(change_view)),
        ("/office/digests/:id/publication", resource().get(publication_view).post(publish_view)),
        ("/office/digests/:id/correction", resource().post(correct_view)),
        ("/office/digests/:id/withdrawal", resource().post(withdraw_view)),
        ("/office/digests/:id/letter", resource().post(letter_view)),
    ]
}

fn asked(request: &Request, name: &str) -> String {
    let all = Form::parse(request.uri().query().unwrap_or_default().as_bytes()).unwrap_or_default();
    all.get(name).to_owned()
}

fn row(one: &Digest, url: String) -> Row {
    Row { url, title: one.title(), state: stands(one) }
}

/// GET `/digests`
#[handler]
pub async fn list_view(request: &Request, db: Data<&Db>, site: Data<&Site>) -> poem::Result<Response> {
    let cx = db.cx(Actor::Visitor);
    let before = asked(request, "before");
    let before: Option<DigestId> =
        (!before.is_empty()).then(|| before.parse().map_err(|_| Error::NotFound("digest"))).transpose()?;
    let found = published(&cx, None, before, PAGE).await?;
    let next = found.last().filter(|_| found.len() as u64 == PAGE);
    let view = ListPage {
        chrome: site.chrome("Digests", "What schools of both sectors did together, month by month.", "/digests"),
        office: false,
        next_url: next.map(|last| format!("/digests?before={}", last.id)).unwrap_or_default(),
        rows: found.iter().map(|one| row(one, one.path())).collect(),
    };
    page(request.headers(), &view)
}

/// A published digest with what was frozen; nothing was frozen that can be read of one that was withdrawn.
async fn frozen(db: &Db, id: &str) -> Result<(Digest, Option<Content>)> {
    let mut found = super::digest(&db.cx(Actor::Visitor), id).await?;
    let content = found.content.take();
    Ok((found, content))
}

/// What the files of a withdrawn digest say.
fn gone_text(request: &Request, digest: &Digest) -> Response {
    let text = format!("{}\n", gone(digest).join("\n\n"));
    etag::respond(request.headers(), "text/plain; charset=utf-8", text.into_bytes())
}

/// GET `/digests/{id}`
#[handler]
pub async fn digest_view(
    Path(id): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let (found, content) = frozen(&db, &id).await?;
    let Some(content) = content else {
        let mut view = DigestPage { path: found.path(), gone: gone(&found), ..DigestPage::default() };
        view.chrome = site.chrome("A digest that is not shown", "", &found.path());
        view.chrome.noindex = true;
        return page(request.headers(), &view);
    };
    let description = format!("What schools of {} did together in {}.", found.city_name, found.period());
    let mut view = DigestPage {
        chrome: site.chrome(&found.title(), &description, &found.path()),
        city: found.city_name.clone(),
        period: found.period(),
        published: found.published_at.map(day_of).unwrap_or_default(),
        path: found.path(),
        body: Body::of(&found, &content),
        corrections: put_right(&found),
        gone: Vec::new(),
    };
    view.chrome.og_type = "article".to_owned();
    view.chrome.print_view = request.uri().query() == Some("print");
    view.chrome.noindex = view.chrome.print_view;
    page(request.headers(), &view)
}

/// GET `/digests/{id}/numbers.csv`
#[handler]
pub async fn numbers_view(Path(id): Path<String>, request: &Request, db: Data<&Db>) -> poem::Result<Response> {
    let (found, content) = frozen(&db, &id).await?;
    let Some(content) = content else { return Ok(gone_text(request, &found)) };
    let bytes = numbers(&found, &content)?;
    let response = etag::respond(request.headers(), "text/csv; charset=utf-8", bytes);
    let name = format!("attachment; filename=\"{}-{}.csv\"", found.city, found.first);
    Ok(with(response, &name))
}

fn with(mut response: Response, disposition: &str) -> Response {
    if let Ok(value) = disposition.parse() {
        response.headers_mut().insert("content-disposition", value);
    }
    response
}

fn numbers(digest: &Digest, content: &Content) -> Result<Vec<u8>> {
    let mut csv = cells::writer();
    let as_of = content.as_of.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    csv.write_record(["city", "metric", "label", "value", "from", "to", "as_of", "version", "definition"])
        .map_err(Error::internal)?;
    let shown = digest.chapters.iter().filter(|chapter| chapter.shown);
    for figure in shown.flat_map(|chapter| content.figures_of(chapter.section)) {
        let (from, to, version) = (figure.from.to_string(), figure.to.to_string(), figure.version.to_string());
        let record = [
            &*cells::inert(&digest.city_name),
            &figure.metric,
            &figure.label,
            &*cells::inert(&figure.value),
            &from,
            &to,
            &as_of,
            &version,
            &figure.definition,
        ];
        csv.write_record(record).map_err(Error::internal)?;
    }
    csv.into_inner().map_err(Error::internal)
}

/// GET `/digests/{id}/press`: plain text to copy.
#[handler]
pub async fn press_view(
    Path(id): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let (found, content) = frozen(&db, &id).await?;
    let Some(content) = content else { return Ok(gone_text(request, &found)) };
    let mut text = format!("{}\n", found.title());
    for (day, correction) in put_right(&found) {
        text.push_str(&format!("\nCorrected on {day}: {correction}\n"));
    }
    for paragraph in found.paragraphs() {
        text.push_str(&format!("\n{paragraph}\n"));
    }
    for chapter in found.chapters.iter().filter(|chapter| chapter.shown) {
        text.push_str(&format!("\n{}\n", chapter.section.heading().to_uppercase()));
        if !chapter.note.is_empty() {
            text.push_str(&format!("{}\n", chapter.note));
        }
        for figure in content.figures_of(chapter.section) {
            text.push_str(&format!("- {}: {} ({})\n", figure.label, figure.value, figure.days()));
        }
        for line in content.lines_of(chapter.section) {
            let told: Vec<&str> = [&*line.text, &*line.detail].into_iter().filter(|part| !part.is_empty()).collect();
            text.push_str(&format!("- {}. {}{}\n", told.join(". "), site.base_url, line.path));
        }
    }
    text.push_str(&format!(
        "\nNumbers and lists as of {}. How each is counted: {}/city/how-we-count\n{}{}\n",
        day_of(content.as_of),
        site.base_url,
        site.base_url,
        found.path()
    ));
    Ok(etag::respond(request.headers(), "text/plain; charset=utf-8", text.into_bytes()))
}

fn chrome(site: &Site, title: &str, path: &str) -> Chrome {
    Chrome { noindex: true, ..site.chrome(title, "", path) }
}

/// GET `/office/digests`
#[handler]
pub async fn office_view(SignedIn(actor): SignedIn, db: Data<&Db>, site: Data<&Site>) -> poem::Result<Response> {
    let found = editing::mine(&db.cx(actor)).await?;
    let view = ListPage {
        chrome: chrome(&site, "Digests of your city", "/office/digests"),
        office: true,
        rows: found.iter().map(|one| row(one, one.office_path())).collect(),
        next_url: String::new(),
    };
    own_page(StatusCode::OK, &view)
}

/// GET `/office/digests/{id}`
#[handler]
pub async fn edit_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = match asked(request, "done").as_str() {
        "kept" => "It is kept. Below it reads as it would be published.",
        "published" => {
            "It is published, with the numbers of this moment. Next: write its letter, if you want one to go out."
        }
        "corrected" => "The correction stands above it, with its day.",
        "withdrawn" => "It is withdrawn; its address says why.",
        _ => "",
    };
    let view = OfficeDigestPage { done: done.to_owned(), ..OfficeDigestPage::default() };
    let found = editing::own(&db.cx(actor), &id).await?;
    show(&db, &site, found, view, None, StatusCode::OK).await
}

/// The page of a digest for its office; `typed` is what is to be put right.
async fn show(
    db: &Db,
    site: &Site,
    found: Digest,
    view: OfficeDigestPage,
    typed: Option<Merged>,
    status: StatusCode,
) -> poem::Result<Response> {
    let content = match &found.content {
        Some(content) => content.clone(),
        None => content::compute(&db.cx(content::eyes()), &found).await?,
    };
    let now = || Edit { intro: found.intro.clone(), chapters: found.chapters.clone(), no_student: false };
    let Merged { edit, theirs } = typed.unwrap_or_else(|| Merged { edit: now(), theirs: Vec::new() });
    let Edit { intro, chapters, .. } = edit;
    let stands = |field: &str| theirs.iter().find(|(known, _)| known == field).map(|(_, text)| text.clone());
    let was = |section: Section| {
        let there = (1..).zip(&found.chapters).find(|(_, one): &(usize, _)| one.section == section);
        there.map(|(at, one)| (at.to_string(), one.shown, one.note.clone())).unwrap_or_default()
    };
    let fields = (1..).zip(&chapters).map(|(order, chapter): (usize, &Chapter)| {
        let field = format!("note/{}", chapter.section.code());
        let wrong = view.corrections.at(&field).unwrap_or_default().to_owned();
        let fields = ChapterFields::of(chapter.section, order.to_string(), chapter.shown, chapter.note.clone());
        ChapterFields { wrong, theirs: stands(&field).unwrap_or_default(), was: was(chapter.section), ..fields }
    });
    let fields: Vec<ChapterFields> = fields.collect();
    let intro_theirs = stands("intro").unwrap_or_default();
    let view = OfficeDigestPage {
        chrome: chrome(site, &found.title(), &found.office_path()),
        title: found.title(),
        url: found.office_path(),
        path: found.path(),
        is_draft: found.state == State::Draft,
        revision: if view.revision.is_empty() { found.revision.to_string() } else { view.revision.clone() },
        intro,
        intro_theirs,
        intro_was: found.intro.clone(),
        chapters: fields,
        body: Body::of(&found, &content),
        has_letter: found.announcement.is_some(),
        put_right: put_right(&found),
        gone: gone(&found),
        ..view
    };
    own_page(status, &view)
}

/// What was typed: chapters by their places; of equal places the earlier one of the list comes first.
fn typed(form: &Form) -> Edit {
    words(form, "")
}

/// What stood in the form before; none where it did not say.
fn read_before(form: &Form) -> Option<Edit> {
    form.has("was/order/numbers").then(|| words(form, "was/"))
}

fn words(form: &Form, before: &str) -> Edit {
    let mut chapters: Vec<(u32, Chapter)> = Section::ALL
        .into_iter()
        .map(|section| {
            let get = |name: &str| form.get(&format!("{before}{name}/{}", section.code())).to_owned();
            let shown = form.has(&format!("{before}shown/{}", section.code()));
            let chapter = Chapter { section, shown, note: get("note") };
            (get("order").parse().unwrap_or(u32::MAX), chapter)
        })
        .collect();
    chapters.sort_by_key(|(order, _)| *order);
    Edit {
        intro: form.get(&format!("{before}intro")).to_owned(),
        chapters: chapters.into_iter().map(|(_, chapter)| chapter).collect(),
        no_student: form.has("no_student"),
    }
}

fn revision(form: &Form) -> i32 {
    form.get("revision").parse().unwrap_or_default()
}

/// POST `/office/digests/{id}`
#[handler]
pub async fn change_view(
    Asker(actor): Asker,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    if actor.person().is_none() {
        let page = format!("/office/digests/{}", crate::search::encode(&id));
        return signed_out(&site, &form, &page, &page);
    }
    let cx = db.cx(actor.clone());
    let found = editing::own(&cx, &id).await?;
    let edit = typed(&form);
    let done = async {
        let mut tx = db.write(actor).await?;
        editing::change(&mut tx, found.id, revision(&form), edit.clone()).await?;
        tx.commit().await
    };
    match done.await {
        Ok(()) => Ok(see_other(&format!("{}?done=kept", found.office_path()))),
        Err(Error::Stale) => {
            // What the other wrote stays where only the other wrote; where both did, both are shown.
            let found = editing::own(&cx, &id).await?;
            let merged = editing::merge(&found, &edit, read_before(&form).as_ref());
            let corrections = Corrections::whole(TOGETHER);
            let view = OfficeDigestPage { corrections, ..OfficeDigestPage::default() };
            show(&db, &site, found, view, Some(merged), StatusCode::CONFLICT).await
        }
        Err(error) => {
            let typed = Merged { edit, theirs: Vec::new() };
            refused(&db, &site, found, error, OfficeDigestPage::default(), Some(typed)).await
        }
    }
}

/// What is said to whoever comes second.
const TOGETHER: &str = "Somebody else changed this digest while you wrote. Their changes and yours are brought together below; look at \
                        them, then keep it.";

/// The page once more with what is to be put right. Nothing typed is lost.
async fn refused(
    db: &Db,
    site: &Site,
    found: Digest,
    error: Error,
    view: OfficeDigestPage,
    typed: Option<Merged>,
) -> poem::Result<Response> {
    let status = if matches!(error, Error::Stale) { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = OfficeDigestPage { corrections: Corrections::of(error)?, ..view };
    show(db, site, found, view, typed, status).await
}

/// GET `/office/digests/{id}/publication`: exactly what goes out, where, when and to whom.
#[handler]
pub async fn publication_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let found = editing::own(&cx, &id).await?;
    if found.state != State::Draft {
        return Ok(see_other(&found.office_path()));
    }
    let content = content::compute(&db.cx(content::eyes()), &found).await?;
    show_publication(&site, &found, &content, Corrections::default(), StatusCode::OK)
}

fn show_publication(
    site: &Site,
    found: &Digest,
    content: &Content,
    corrections: Corrections,
    status: StatusCode,
) -> poem::Result<Response> {
    let url = found.office_path();
    let view = PublicationPage {
        chrome: chrome(site, &format!("Publish: {}", found.title()), &format!("{url}/publication")),
        corrections,
        title: found.title(),
        address: format!("{}{}", site.base_url, found.path()),
        revision: found.revision,
        read: content.print(),
        today: day_of(content.as_of),
        body: Body::of(found, content),
        url,
    };
    own_page(status, &view)
}

/// POST `/office/digests/{id}/publication`
#[handler]
pub async fn publish_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let found = editing::own(&db.cx(actor.clone()), &id).await?;
    let content = content::compute(&db.cx(content::eyes()), &found).await?;
    let done = async {
        let mut tx = db.write(actor).await?;
        editing::publish(&mut tx, found.id, revision(&form), content.clone(), form.get("read")).await?;
        tx.commit().await
    };
    match done.await {
        Ok(()) => Ok(see_other(&format!("{}?done=published", found.office_path()))),
        Err(error @ (Error::Stale | Error::Conflict(_))) if found.state == State::Draft => {
            show_publication(&site, &found, &content, Corrections::of(error)?, StatusCode::CONFLICT)
        }
        Err(error) => refused(&db, &site, found, error, OfficeDigestPage::default(), None).await,
    }
}

/// POST `/office/digests/{id}/letter`: on to the announcement, where it is looked at and sent.
#[handler]
pub async fn letter_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let found = editing::own(&db.cx(actor.clone()), &id).await?;
    let done = async {
        let mut tx = db.write(actor).await?;
        let announcement = editing::letter(&mut tx, found.id).await?;
        tx.commit().await.map(|()| announcement)
    };
    match done.await {
        Ok(announcement) => Ok(see_other(&format!("/admin/announcements/{announcement}"))),
        Err(error) => refused(&db, &site, found, error, OfficeDigestPage::default(), None).await,
    }
}

/// POST `/office/digests/{id}/correction`
#[handler]
pub async fn correct_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let found = editing::own(&db.cx(actor.clone()), &id).await?;
    let text = form.get("correction").to_owned();
    let done = async {
        let mut tx = db.write(actor).await?;
        editing::correct(&mut tx, found.id, &text, form.has("no_student")).await?;
        tx.commit().await
    };
    match done.await.map_err(|error| under("correction_no_student", error)) {
        Ok(()) => Ok(see_other(&format!("{}?done=corrected", found.office_path()))),
        Err(error) => {
            let view = OfficeDigestPage { correction: text, ..OfficeDigestPage::default() };
            refused(&db, &site, found, error, view, None).await
        }
    }
}

/// POST `/office/digests/{id}/withdrawal`
#[handler]
pub async fn withdraw_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let found = editing::own(&db.cx(actor.clone()), &id).await?;
    let reason = form.get("reason").to_owned();
    let done = async {
        let mut tx = db.write(actor).await?;
        editing::withdraw(&mut tx, found.id, &reason, form.has("no_student")).await?;
        tx.commit().await
    };
    match done.await.map_err(|error| under("reason_no_student", error)) {
        Ok(()) => Ok(see_other(&format!("{}?done=withdrawn", found.office_path()))),
        Err(error) => {
            let view = OfficeDigestPage { reason, ..OfficeDigestPage::default() };
            refused(&db, &site, found, error, view, None).await
        }
    }
}

/// The page has two forms: what asks about students stands in the one that was sent.
fn under(field: &str, error: Error) -> Error {
    let Error::Invalid(errors) = error else { return error };
    let mut renamed = FieldErrors::default();
    for one in errors.iter() {
        renamed.add(if one.field == "no_student" { field } else { one.field.as_str() }, one.message.clone());
    }
    Error::Invalid(renamed)
}
