//! Writing a draft, and the pages of its circle.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::read::facts;
use super::{asked, choice, place_choices};
use crate::catalog::markdown;
use crate::people::{AccountId, personal};
use crate::platform::{Cx, Db, Error, Timestamp};
use crate::sessions::Desk;
use crate::statements::amendment::manages;
use crate::statements::circle::{self, Comment, CommentId, Guest, GuestId, Part};
use crate::statements::draft::{self, DraftForm};
use crate::statements::text::PointForm;
use crate::statements::views::draft::{CommentRow, DraftPage, DraftPoint, FormPage, GuestRow, PointFields, Standing};
use crate::statements::{Kind, State, Statement, may_begin, named, signing, statement, version};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day_of, own_page, see_other};
use crate::web::views::{Link, Section};

/// Rooms for new points in a form; five in an empty one.
const ROOM: usize = 2;
const FIRST: usize = 5;

fn said(form: &Form) -> DraftForm {
    let get = |name: &str| form.get(name).to_owned();
    let mut places: Vec<usize> = form
        .starting("point-")
        .filter_map(|(name, _)| name.trim_start_matches("point-").split('-').next()?.parse().ok())
        .filter(|at| *at < 100)
        .collect();
    places.sort_unstable();
    places.dedup();
    let point = |at: &usize| PointForm {
        key: form.get(&format!("point-{at}-key")).parse().unwrap_or_default(),
        title: get(&format!("point-{at}-title")),
        text: get(&format!("point-{at}-text")),
    };
    DraftForm {
        kind: get("kind"),
        title: get("title"),
        addressee: get("addressee"),
        threshold: get("threshold"),
        deadline: get("deadline"),
        sponsor: get("sponsor"),
        preamble: get("preamble"),
        points: places.iter().map(point).collect(),
        no_student: form.has("no_student"),
    }
}

/// GET `/statements/new`
#[handler]
pub async fn new_view(SignedIn(actor): SignedIn, db: Data<&Db>, site: Data<&Site>) -> poem::Result<Response> {
    let page = FormPage::default();
    show_form(&db.cx(actor), *site, None, page, DraftForm::default(), StatusCode::OK).await
}

/// POST `/statements/new`
#[handler]
pub async fn begin_view(
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let (cx, said) = (db.cx(actor.clone()), said(&form));
    let begun = async {
        let mut tx = db.write(actor).await?;
        let id = draft::begin(&mut tx, &said).await?;
        tx.commit().await.map(|()| id)
    };
    match begun.await {
        Ok(id) => {
            let one = statement(&cx, &id.to_string()).await?;
            Ok(see_other(&format!("{}/draft?done=begun", one.path())))
        }
        Err(error) => {
            let page = FormPage { corrections: Corrections::of(error)?, ..FormPage::default() };
            show_form(&cx, *site, None, page, said, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// A draft for those who write it.
pub(super) async fn own_draft(cx: &Cx, reference: &str) -> Result<Statement, Error> {
    let one = statement(cx, reference).await?;
    if one.state != State::Draft || !manages(cx, &one).await? {
        return Err(Error::NotFound("draft"));
    }
    Ok(one)
}

/// GET `/statements/{slug}/edit`
#[handler]
pub async fn edit_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let one = own_draft(&cx, &reference).await?;
    let text = version(&cx, &one, 1).await?.text;
    let page = FormPage { seen: seen_at(one.updated_at), ..FormPage::default() };
    let typed = DraftForm::of(&one, &text);
    show_form(&cx, *site, Some(&one), page, typed, StatusCode::OK).await
}

pub(super) fn seen_at(at: Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// What a draft says now, for whoever wrote at the same time.
async fn stands_now(cx: &Cx, one: &Statement) -> Result<Vec<Standing>, Error> {
    let text = version(cx, one, 1).await?.text;
    let sponsor = named(cx, &[one.sponsor]).await?.remove(&one.sponsor).unwrap_or_default();
    let lines = |text: &str| text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let field = |label: &str, says: &str| Standing { label: label.to_owned(), lines: lines(says) };
    let mut all = vec![
        field("What it is", one.kind.label()),
        field("Title", &one.title),
        field("To whom it speaks", &one.addressee),
        field("Who sponsors it", &sponsor.name),
        field("Deliver it when so many signed", &one.threshold.map(|n| n.to_string()).unwrap_or_default()),
        field("Last day of sign-ons", &one.deadline.map(|day| day.to_string()).unwrap_or_default()),
        field("Before the points", &text.preamble),
    ];
    let points = text.points.iter().enumerate();
    all.extend(points.map(|(at, point)| Standing {
        label: format!("Point {}: {}", at + 1, point.title),
        lines: lines(&point.text),
    }));
    all.retain(|one| !one.label.is_empty() && !one.lines.is_empty());
    Ok(all)
}

/// POST `/statements/{slug}/edit`
#[handler]
pub async fn change_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let (cx, said) = (db.cx(actor.clone()), said(&form));
    let one = own_draft(&cx, &reference).await?;
    let seen: Option<Timestamp> = form.get("seen").parse().ok();
    let changed = async {
        let mut tx = db.write(actor).await?;
        draft::change(&mut tx, one.id, &said, seen).await?;
        tx.commit().await
    };
    match changed.await {
        Ok(()) => Ok(see_other(&format!("{}/draft?done=changed", one.path()))),
        Err(Error::Stale) => {
            // Both texts, and the state that the next keeping goes by.
            let one = own_draft(&cx, &reference).await?;
            let now = stands_now(&cx, &one).await?;
            let corrections = Corrections::whole(
                "Somebody else changed the draft while you wrote; nothing is lost. Look at both below.",
            );
            let page = FormPage { corrections, now, seen: seen_at(one.updated_at), ..FormPage::default() };
            show_form(&cx, *site, Some(&one), page, said, StatusCode::CONFLICT).await
        }
        Err(error) => {
            let corrections = Corrections::of(error)?;
            let page = FormPage { corrections, seen: form.get("seen").to_owned(), ..FormPage::default() };
            show_form(&cx, *site, Some(&one), page, said, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn show_form(
    cx: &Cx,
    site: &Site,
    one: Option<&Statement>,
    page: FormPage,
    typed: DraftForm,
    status: StatusCode,
) -> poem::Result<Response> {
    let (path, back) = match one {
        Some(one) => {
            (format!("{}/edit", one.path()), Link { text: one.title.clone(), url: format!("{}/draft", one.path()) })
        }
        None => ("/statements/new".to_owned(), Link { text: "Statements".to_owned(), url: "/statements".to_owned() }),
    };
    let mut places = signing::places(cx);
    // A co-author keeps the sponsor that the author chose.
    places.extend(one.map(|one| one.sponsor).filter(|sponsor| !places.contains(sponsor)));
    let instead = if one.is_none() && !may_begin(cx.actor()) {
        "You begin a statement for a school that you lead, or for an organization that you speak for; you do neither here yet."
    } else {
        ""
    };
    let title = if one.is_some() { "Change the draft" } else { "Begin a statement" };
    let mut chrome = site.chrome(title, "", &path);
    chrome.noindex = true;
    let mut points = typed.points;
    let filled = points.iter().filter(|point| point.key > 0 || !point.title.is_empty() || !point.text.is_empty());
    let rooms = (filled.count() + ROOM).max(FIRST);
    if points.len() < rooms {
        points.resize(rooms, PointForm::default());
    }
    let wrong = |field: String| page.corrections.at(&field).unwrap_or_default().to_owned();
    let fields = |(at, point): (usize, PointForm)| PointFields {
        at,
        key: point.key,
        title: point.title,
        text: point.text,
        title_wrong: wrong(format!("point-{at}-title")),
        text_wrong: wrong(format!("point-{at}-text")),
    };
    let points = points.into_iter().enumerate().map(fields).collect();
    let view = FormPage {
        chrome,
        known: one.is_some(),
        back,
        action: path,
        instead: instead.to_owned(),
        kinds: Kind::ALL.into_iter().map(|kind| choice(kind.code(), kind.label(), &typed.kind)).collect(),
        title: typed.title,
        addressee: typed.addressee,
        sponsors: place_choices(cx, &places, &typed.sponsor).await?,
        threshold: typed.threshold,
        deadline: typed.deadline,
        preamble: typed.preamble,
        points,
        ..page
    };
    own_page(status, &view)
}

/// GET `/statements/{slug}/draft`
#[handler]
pub async fn draft_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = match asked(request, "done").as_str() {
        "begun" => "The draft is kept. Nobody knows of it yet but you.",
        "changed" => "The draft is changed.",
        "invited" => "Invited: a letter is on its way.",
        "taken-back" => "The invitation is taken back.",
        "commented" => "Your comment is there.",
        "answered" => "Kept: whoever commented reads it here.",
        _ => "",
    };
    let page = DraftPage { done: done.to_owned(), ..DraftPage::default() };
    show(&db.cx(actor), *site, &reference, page, "", StatusCode::OK).await
}

/// The draft for its circle. `chosen` is the point of a comment that was refused.
async fn show(
    cx: &Cx,
    site: &Site,
    reference: &str,
    page: DraftPage,
    chosen: &str,
    status: StatusCode,
) -> poem::Result<Response> {
    let one = statement(cx, reference).await?;
    let comments = circle::comments(cx, &one).await?;
    let manages = manages(cx, &one).await?;
    let guests = if manages { circle::guests(cx, &one).await? } else { Vec::new() };
    let text = version(cx, &one, 1).await?.text;
    let ids: Vec<AccountId> = comments.iter().filter_map(|comment| comment.account).collect();
    let names = personal::names(cx, &ids).await?;
    let sponsor = named(cx, &[one.sponsor]).await?.remove(&one.sponsor).unwrap_or_default();
    let row = |comment: &Comment| {
        let by = comment.account.and_then(|id| names.get(&id)).map_or("A former member", String::as_str);
        CommentRow {
            id: comment.id.to_string(),
            point: match comment.point.map(|key| text.number_of(key)) {
                None => "On the whole.".to_owned(),
                Some(Some(number)) => format!("On point {number}."),
                Some(None) => "On a point that was taken out.".to_owned(),
            },
            by: format!("{by}, {}", day_of(comment.created_at)),
            words: comment.words.clone(),
            fate: match comment.taken {
                Some(true) => "Taken up".to_owned(),
                Some(false) => "Not taken up".to_owned(),
                None => String::new(),
            },
            answer: comment.answer.clone(),
        }
    };
    let point = |point: &crate::statements::Point| DraftPoint {
        title: point.title.clone(),
        text_html: markdown::html(&point.text),
        comments: comments.iter().filter(|comment| comment.point == Some(point.key)).map(row).collect(),
    };
    let mut choices = vec![choice("", "The whole", chosen)];
    let labels = text.points.iter().enumerate();
    choices.extend(labels.map(|(at, p)| choice(&p.key.to_string(), &format!("{}. {}", at + 1, p.title), chosen)));
    let guest = |guest: &Guest| GuestRow {
        id: guest.id.to_string(),
        email: guest.email.clone(),
        part: guest.part.label().to_owned(),
        since: format!("Invited {}", day_of(guest.invited_at)),
    };
    let url = one.path();
    let mut chrome = site.chrome(&one.title, "", &format!("{url}/draft"));
    (chrome.section, chrome.noindex) = (Section::Me, true);
    let parts = if page.parts.is_empty() {
        Part::INVITED.into_iter().map(|part| choice(part.code(), part.label(), "")).collect()
    } else {
        page.parts
    };
    let view = DraftPage {
        chrome,
        corrections: page.corrections,
        done: page.done,
        kind: one.kind.label().to_owned(),
        addressee: one.addressee.clone(),
        facts: format!("{} Sponsored by {}.", facts(&one), sponsor.name),
        url,
        is_draft: one.state == State::Draft,
        manages,
        may_delete: one.author.is_some() && one.author == cx.actor().account().map(AccountId),
        preamble_html: markdown::html_under(&text.preamble, 2),
        points: text.points.iter().map(point).collect(),
        all: comments.iter().map(row).collect(),
        choices,
        comment: page.comment,
        answering: page.answering,
        words: page.words,
        guests: guests.iter().map(guest).collect(),
        email: page.email,
        parts,
        title: one.title.clone(),
    };
    own_page(status, &view)
}

fn back(one: &Statement, done: &str) -> Response {
    see_other(&format!("{}/draft?done={done}", one.path()))
}

/// POST `/statements/{slug}/comments`
#[handler]
pub async fn comment_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = statement(&cx, &reference).await?;
    let said = async {
        let typed = form.get("point");
        let unknown = |_| Error::invalid("point", "Choose a point of the draft.");
        let point = if typed.is_empty() { None } else { Some(typed.parse::<i32>().map_err(unknown)?) };
        let mut tx = db.write(actor).await?;
        circle::say(&mut tx, one.id, point, form.get("words"), form.has("no_student")).await?;
        tx.commit().await
    };
    match said.await {
        Ok(()) => Ok(back(&one, "commented")),
        Err(error) => {
            let corrections = Corrections::of(error)?;
            let page = DraftPage { corrections, comment: form.get("words").to_owned(), ..DraftPage::default() };
            show(&cx, *site, &reference, page, form.get("point"), StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// POST `/statements/{slug}/comments/{id}`
#[handler]
pub async fn answer_view(
    SignedIn(actor): SignedIn,
    Path((reference, id)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = statement(&cx, &reference).await?;
    let comment: CommentId = id.parse().map_err(|_| Error::NotFound("comment"))?;
    let answered = async {
        let mut tx = db.write(actor).await?;
        let taken = form.get("taken") == "yes";
        circle::answer(&mut tx, one.id, comment, taken, form.get("answer"), form.has("no_student")).await?;
        tx.commit().await
    };
    match answered.await {
        Ok(()) => Ok(back(&one, "answered")),
        Err(error) => {
            let corrections = Corrections::of(error)?;
            let words = form.get("answer").to_owned();
            let page = DraftPage { corrections, words, answering: id, ..DraftPage::default() };
            show(&cx, *site, &reference, page, "", StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// POST `/statements/{slug}/invitations`
#[handler]
pub async fn invite_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = statement(&cx, &reference).await?;
    let invited = async {
        let mut tx = db.write(actor).await?;
        circle::invite(&mut tx, *desk, one.id, form.get("email"), form.get("part")).await?;
        tx.commit().await
    };
    match invited.await {
        Ok(()) => Ok(back(&one, "invited")),
        Err(error) => {
            let part = |part: Part| choice(part.code(), part.label(), form.get("part"));
            let page = DraftPage {
                corrections: Corrections::of(error)?,
                email: form.get("email").to_owned(),
                parts: Part::INVITED.into_iter().map(part).collect(),
                ..DraftPage::default()
            };
            show(&cx, *site, &reference, page, "", StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// POST `/statements/{slug}/invitations/{id}/removal`
#[handler]
pub async fn uninvite_view(
    SignedIn(actor): SignedIn,
    Path((reference, id)): Path<(String, String)>,
    db: Data<&Db>,
) -> poem::Result<Response> {
    let one = statement(&db.cx(actor.clone()), &reference).await?;
    let guest: GuestId = id.parse().map_err(|_| Error::NotFound("invitation"))?;
    let mut tx = db.write(actor).await?;
    circle::uninvite(&mut tx, one.id, guest).await?;
    tx.commit().await?;
    Ok(back(&one, "taken-back"))
}

/// POST `/statements/{slug}/deletion`
#[handler]
pub async fn delete_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    db: Data<&Db>,
) -> poem::Result<Response> {
    let one = statement(&db.cx(actor.clone()), &reference).await?;
    let mut tx = db.write(actor).await?;
    draft::delete(&mut tx, one.id).await?;
    tx.commit().await?;
    Ok(see_other("/me/statements?done=deleted"))
}
