//! Pages of follows and saved searches.

use poem::http::StatusCode;
use poem::web::Data;
use poem::{Request, Response, handler};

use super::follows;
use super::saved::{self, NewSaved, Of, Saved, SavedId};
use super::views::{FollowPage, FollowRow, FollowsPage, NewSavedPage, SavedPage, SavedRow};
use crate::notices::Pace;
use crate::people::follow::FollowKind;
use crate::platform::vocabulary::Topic;
use crate::platform::{Cx, Db, Error};
use crate::search::web::parameters;
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, day_of, own_page, see_other};
use crate::web::views::{Choice, Section};

/// The pages of this feature.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/follow", resource().get(follow_view).post(begin_view)),
        ("/me/follows", resource().get(follows_view)),
        ("/me/follows/end", resource().post(end_view)),
        ("/me/saved-searches", resource().get(saved_view).post(save_view)),
        ("/me/saved-searches/new", resource().get(new_view)),
        ("/me/saved-searches/:id", resource().post(change_view)),
        ("/me/saved-searches/:id/deletion", resource().post(delete_view)),
    ]
}

fn asked(request: &Request, name: &str) -> String {
    let all = parameters(request.uri().query().unwrap_or_default());
    all.into_iter().find(|(known, _)| known == name).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

fn kind_of(code: &str) -> Result<FollowKind, Error> {
    FollowKind::parse(code).ok_or(Error::NotFound("page"))
}

/// GET `/follow`; `kind` and `id` say what.
#[handler]
pub async fn follow_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let kind = kind_of(&asked(request, "kind"))?;
    show_follow(&db.cx(actor), *site, kind, &asked(request, "id"), Corrections::default(), StatusCode::OK).await
}

/// POST `/follow`
#[handler]
pub async fn begin_view(
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let kind = kind_of(form.get("kind"))?;
    let cx = db.cx(actor.clone());
    let thing = follows::thing(&cx, kind, form.get("target")).await?;
    let made = async {
        let mut tx = db.write(actor).await?;
        follows::follow(&mut tx, kind, &thing.target).await?;
        tx.commit().await
    };
    match made.await {
        Ok(()) => Ok(see_other("/me/follows?done=followed")),
        Err(error) => {
            let corrections = Corrections::of(error)?;
            show_follow(&cx, *site, kind, &thing.target, corrections, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn show_follow(
    cx: &Cx,
    site: &Site,
    kind: FollowKind,
    reference: &str,
    corrections: Corrections,
    status: StatusCode,
) -> poem::Result<Response> {
    let thing = follows::thing(cx, kind, reference).await?;
    let mine = follows::mine(cx).await?;
    let mut chrome = site.chrome(&format!("Follow {}", thing.name), "", "/follow");
    chrome.noindex = true;
    let view = FollowPage {
        chrome,
        corrections,
        kind: kind.code().to_owned(),
        label: kind.label().to_owned(),
        follows: mine.iter().any(|(follow, _)| follow.kind == kind && follow.target == thing.target),
        target: thing.target,
        name: thing.name,
        url: thing.path,
        means: thing.means.to_owned(),
    };
    own_page(status, &view)
}

/// GET `/me/follows`
#[handler]
pub async fn follows_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = match asked(request, "done").as_str() {
        "followed" => "You follow it now.",
        "ended" => "You no longer follow it.",
        _ => "",
    };
    let mine = follows::mine(&db.cx(actor)).await?;
    let mut chrome = site.chrome("What you follow", "", "/me/follows");
    (chrome.section, chrome.noindex) = (Section::Me, true);
    let known: Vec<&str> = mine
        .iter()
        .filter(|(follow, _)| follow.kind == FollowKind::Topic)
        .map(|(follow, _)| follow.target.as_str())
        .collect();
    let topic =
        |topic: Topic| Choice { value: topic.code().to_owned(), label: topic.label().to_owned(), selected: false };
    let topics = Topic::all().filter(|topic| !known.contains(&topic.code())).map(topic).collect();
    let rows = mine.into_iter().map(|(follow, thing)| FollowRow {
        kind: follow.kind.code().to_owned(),
        target: follow.target,
        label: follow.kind.label().to_owned(),
        name: thing.name,
        url: thing.path,
        since: format!("Since {}", day_of(follow.since)),
    });
    own_page(StatusCode::OK, &FollowsPage { chrome, done: done.to_owned(), rows: rows.collect(), topics })
}

/// POST `/me/follows/end`
#[handler]
pub async fn end_view(SignedIn(actor): SignedIn, form: Form, db: Data<&Db>) -> poem::Result<Response> {
    let kind = kind_of(form.get("kind"))?;
    let mut tx = db.write(actor).await?;
    follows::unfollow(&mut tx, kind, form.get("target")).await?;
    tx.commit().await?;
    Ok(see_other("/me/follows?done=ended"))
}

fn pace_words(pace: Pace) -> &'static str {
    match pace {
        Pace::Instant => "At once",
        Pace::Daily => "Once a day",
        Pace::Weekly => "Once a week",
        Pace::Off => "Not at all: keep the search only",
    }
}

fn paces(chosen: &str) -> Vec<Choice> {
    let choice = |pace: Pace| Choice {
        value: pace.code().to_owned(),
        label: pace_words(pace).to_owned(),
        selected: pace.code() == chosen,
    };
    Pace::ALL.into_iter().map(choice).collect()
}

/// GET `/me/saved-searches`
#[handler]
pub async fn saved_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = match asked(request, "done").as_str() {
        "saved" => "Saved. You hear of new matches.",
        "changed" => "Changed.",
        "deleted" => "Deleted. You hear nothing of it any more.",
        _ => "",
    };
    show_saved(&db.cx(actor), *site, done, Corrections::default(), StatusCode::OK).await
}

async fn show_saved(
    cx: &Cx,
    site: &Site,
    done: &str,
    corrections: Corrections,
    status: StatusCode,
) -> poem::Result<Response> {
    let mine = saved::mine(cx).await?;
    let mut chrome = site.chrome("Your saved searches", "", "/me/saved-searches");
    (chrome.section, chrome.noindex) = (Section::Me, true);
    let row = |saved: &Saved| SavedRow {
        id: saved.id.to_string(),
        name: saved.name.clone(),
        url: saved.url(),
        of: if saved.of == Of::Sessions { "Sessions" } else { "Practices" }.to_owned(),
        facts: format!("{}. Saved {}.", pace_words(saved.pace), day_of(saved.created_at)),
        paces: paces(saved.pace.code()),
    };
    let view = SavedPage { chrome, done: done.to_owned(), corrections, rows: mine.iter().map(row).collect() };
    own_page(status, &view)
}

/// GET `/me/saved-searches/new`; the search comes as its page has it, and `kind` says which page.
#[handler]
pub async fn new_view(SignedIn(_): SignedIn, request: &Request, site: Data<&Site>) -> poem::Result<Response> {
    let kind = asked(request, "kind");
    let query = request.uri().query().unwrap_or_default().to_owned();
    let new = NewSaved { of: kind, query, pace: Pace::Daily.code().to_owned(), ..NewSaved::default() };
    show_new(*site, new, Corrections::default(), StatusCode::OK)
}

fn show_new(site: &Site, new: NewSaved, corrections: Corrections, status: StatusCode) -> poem::Result<Response> {
    let of = Of::parse(&new.of).unwrap_or(Of::Practices);
    let mut chrome = site.chrome("Save this search", "", "/me/saved-searches/new");
    (chrome.section, chrome.noindex) = (Section::Me, true);
    let mut view = NewSavedPage {
        chrome,
        corrections,
        kind: of.code().to_owned(),
        url: of.path().to_owned(),
        name: new.name,
        paces: paces(&new.pace),
        ..NewSavedPage::default()
    };
    match saved::read(of, &new.query) {
        Ok((query, words)) => {
            view.url = format!("{}?{query}", of.path());
            if view.name.is_empty() {
                view.name.clone_from(&words);
            }
            (view.query, view.words) = (query, words);
            own_page(status, &view)
        }
        Err(error) => {
            view.corrections = Corrections::of(error)?;
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}

/// POST `/me/saved-searches`
#[handler]
pub async fn save_view(
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let get = |name: &str| form.get(name).to_owned();
    let new = NewSaved { of: get("kind"), query: get("query"), name: get("name"), pace: get("pace") };
    let made = async {
        let mut tx = db.write(actor).await?;
        saved::save(&mut tx, new.clone()).await?;
        tx.commit().await
    };
    match made.await {
        Ok(()) => Ok(see_other("/me/saved-searches?done=saved")),
        Err(error) => show_new(*site, new, Corrections::of(error)?, StatusCode::UNPROCESSABLE_ENTITY),
    }
}

fn id_of(text: &str) -> Result<SavedId, Error> {
    text.parse().map_err(|_| Error::NotFound("saved search"))
}

/// POST `/me/saved-searches/{id}`
#[handler]
pub async fn change_view(
    SignedIn(actor): SignedIn,
    poem::web::Path(id): poem::web::Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let id = id_of(&id)?;
    let cx = db.cx(actor.clone());
    let changed = async {
        let mut tx = db.write(actor).await?;
        saved::change(&mut tx, id, form.get("name"), form.get("pace")).await?;
        tx.commit().await
    };
    match changed.await {
        Ok(()) => Ok(see_other("/me/saved-searches?done=changed")),
        Err(error) => show_saved(&cx, *site, "", Corrections::of(error)?, StatusCode::UNPROCESSABLE_ENTITY).await,
    }
}

/// POST `/me/saved-searches/{id}/deletion`
#[handler]
pub async fn delete_view(
    SignedIn(actor): SignedIn,
    poem::web::Path(id): poem::web::Path<String>,
    db: Data<&Db>,
) -> poem::Result<Response> {
    let mut tx = db.write(actor).await?;
    saved::delete(&mut tx, id_of(&id)?).await?;
    tx.commit().await?;
    Ok(see_other("/me/saved-searches?done=deleted"))
}
