//! `/contributions/{id}`: what it says so far, what is missing, who writes it; its preview and history.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::fields::{self, words};
use super::{id_of, parse_id};
use crate::catalog::completeness::completeness;
use crate::catalog::draft::PracticeDraft;
use crate::catalog::fields::{FIELDS, Field};
use crate::catalog::{self, PracticeId};
use crate::contributions::merge::said;
use crate::contributions::views::{ContributionPage, EditorRow, Gap, HistoryPage, SaveChange, SaveRow, SectionRow};
use crate::contributions::{self, Contribution, Save, editors, writing};
use crate::notices::Postroom;
use crate::people::{self, AccountId};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Cx, Db, Error, Result, Timestamp};
use crate::search::web::parameters;
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day_of, own_page, see_other};
use crate::web::views::{Link, Section};

/// GET `/contributions/{id}`
#[handler]
pub async fn page_view(
    SignedIn(actor): SignedIn,
    id: Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let asked = parameters(request.uri().query().unwrap_or_default());
    let done = match asked.iter().find(|(name, _)| name == "done").map_or("", |(_, value)| value.as_str()) {
        "begun" => {
            "Your draft is saved. Go on with the sections, or come back to it later: you find it under your pages."
        }
        "copied" => "Your draft is saved. Read it through: what is left out is for your school to say.",
        "saved" => "Saved.",
        "editor" => "They can write it now, and hear of it.",
        "editor_gone" => "They write it no more.",
        "noted" => "Your note is saved.",
        _ => "",
    };
    let shown = Shown { done, ..Shown::default() };
    show(&cx, *site, contributions::with_editors(&cx, id_of(&id)?).await?, shown, StatusCode::OK).await
}

/// What the page shows beside the contribution.
#[derive(Default)]
struct Shown<'a> {
    done: &'a str,
    corrections: Corrections,
    email: &'a str,
    note: Option<&'a str>,
}

async fn show(
    cx: &Cx,
    site: &Site,
    (found, editors): (Contribution, Vec<AccountId>),
    shown: Shown<'_>,
    status: StatusCode,
) -> poem::Result<Response> {
    let url = format!("/contributions/{}", found.id);
    let (record, errors) = found.so_far(cx.now().date_naive());
    let may_write = contributions::may_write(cx, &found, &editors);
    let complete = completeness(&record);
    let link = |path: String| if may_write { path } else { String::new() };
    let sections = fields::SECTIONS.iter().map(|(section, slug)| {
        let names = fields::of_section(*section);
        let filled = names.iter().filter(|name| !said(&found.draft, name).is_null()).count();
        SectionRow {
            link: Link { text: section.label().to_owned(), url: link(format!("{url}/{slug}")) },
            filled,
            total: names.len(),
            wrong: fields::placed(&errors, &names).iter().count(),
        }
    });
    let gaps = complete.missing.iter().map(|missing| {
        let section = Field::named(missing.field).map(|field| fields::slug(field.section)).unwrap_or_default();
        let path = link(format!("{url}/{section}#{}", missing.field));
        Gap { link: Link { text: missing.label.to_owned(), url: path }, why: missing.why.to_owned() }
    });
    let school = people::schools(cx, &[found.school]).await?.remove(&found.school);
    let practices: Vec<PracticeId> =
        found.copied_from.into_iter().chain(found.is_next_version().then_some(found.practice)).collect();
    let practices = if practices.is_empty() { Default::default() } else { catalog::practices(cx, &practices).await? };
    let practice = |id: PracticeId| {
        let practice = practices.get(&id)?;
        Some(Link { text: practice.record.title.clone(), url: format!("/practices/{}", practice.slug) })
    };
    let writers: Vec<AccountId> = editors.iter().copied().chain([found.author]).collect();
    let accounts = people::account::accounts(cx, &writers).await?;
    let name =
        |id: &AccountId| accounts.get(id).map_or_else(|| "Former member".to_owned(), |account| account.name.clone());
    let mut chrome = site.chrome(found.title(), "", &url);
    (chrome.section, chrome.noindex) = (Section::Me, true);
    let view = ContributionPage {
        chrome,
        corrections: shown.corrections,
        done: shown.done.to_owned(),
        title: found.title().to_owned(),
        school: school
            .map(|school| Link { text: school.name, url: format!("/schools/{}", school.slug) })
            .unwrap_or_default(),
        state: found.state.label().to_owned(),
        state_says: state_says(&found, may_write).to_owned(),
        next_of: practice(found.practice).filter(|_| found.is_next_version()),
        copy_of: found.copied_from.and_then(practice),
        done_count: complete.done,
        total_count: complete.total,
        gaps: gaps.collect(),
        sections: sections.collect(),
        may_write,
        may_name: found.is_open() && contributions::may_name_writers(cx, &found, &editors),
        may_discard: may_write && found.state == PracticeStatus::DRAFT && found.submitted_at.is_none(),
        asks_note: found.is_next_version(),
        note: shown.note.map(str::to_owned).or_else(|| found.note.clone()).unwrap_or_default(),
        author: name(&found.author),
        editors: editors.iter().map(|id| EditorRow { id: id.to_string(), name: name(id) }).collect(),
        email: shown.email.to_owned(),
        changed: day_of(found.updated_at),
        url,
    };
    own_page(status, &view)
}

fn state_says(found: &Contribution, may_write: bool) -> &'static str {
    match found.state {
        PracticeStatus::DRAFT if may_write => "Only you, your co-editors and the leads of your school see it.",
        PracticeStatus::DRAFT => "It is being written.",
        PracticeStatus::SUBMITTED => "Editors look at it; it cannot be changed meanwhile.",
        PracticeStatus::CHANGES_REQUESTED => "Editors ask for changes before it can be published.",
        PracticeStatus::APPROVED => "Editors approved it; it waits for the principal.",
        PracticeStatus::PUBLISHED => "It is in the catalog.",
        _ => "",
    }
}

/// GET `/contributions/{id}/preview`
#[handler]
pub async fn preview_view(
    SignedIn(actor): SignedIn,
    id: Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let found = contributions::contribution(&cx, id_of(&id)?).await?;
    let (record, _) = found.so_far(cx.now().date_naive());
    let url = format!("/contributions/{}", found.id);
    let view = catalog::web::preview(&cx, *site, &record, found.school, &format!("{url}/preview"), &url).await?;
    own_page(StatusCode::OK, &view)
}

/// Saves on a page of the history.
const SAVES: usize = 50;

/// GET `/contributions/{id}/history`
#[handler]
pub async fn history_view(
    SignedIn(actor): SignedIn,
    id: Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let found = contributions::contribution(&cx, id_of(&id)?).await?;
    let asked = parameters(request.uri().query().unwrap_or_default());
    let before = asked.iter().find(|(name, _)| name == "before").and_then(|(_, value)| value.parse().ok());
    let mut saves = contributions::saves(&cx, found.id, before.unwrap_or(i32::MAX), SAVES as u64 + 1).await?;
    let more = saves.len() > SAVES;
    let oldest = if more { saves.pop() } else { None };
    let writers: Vec<AccountId> = saves.iter().filter_map(|save| save.by).collect();
    let accounts = people::account::accounts(&cx, &writers).await?;
    let name = |id: Option<AccountId>| {
        id.and_then(|id| accounts.get(&id)).map_or_else(|| "Somebody".to_owned(), |account| account.name.clone())
    };
    let nothing = PracticeDraft::default();
    let rows = saves.iter().enumerate().map(|(at, save)| {
        let earlier = saves.get(at + 1).or(oldest.as_ref()).map_or(&nothing, |save| &save.draft);
        SaveRow { number: save.revision, by: name(save.by), at: moment(save.at), changes: changes(earlier, save) }
    });
    let url = format!("/contributions/{}", found.id);
    let earlier = match saves.last() {
        Some(last) if more => format!("{url}/history?before={}", last.revision),
        _ => String::new(),
    };
    let mut chrome = site.chrome(&format!("History of {}", found.title()), "", &format!("{url}/history"));
    (chrome.section, chrome.noindex) = (Section::Me, true);
    let view = HistoryPage { chrome, title: found.title().to_owned(), saves: rows.collect(), earlier, url };
    own_page(StatusCode::OK, &view)
}

/// "March 4, 2026, 14:05 UTC".
fn moment(at: Timestamp) -> String {
    format!("{}, {} UTC", day_of(at), at.format("%H:%M"))
}

fn changes(earlier: &PracticeDraft, save: &Save) -> Vec<SaveChange> {
    FIELDS
        .iter()
        .filter_map(|field| {
            let (before, after) = (said(earlier, field.name), said(&save.draft, field.name));
            (before != after).then(|| SaveChange { label: field.label.to_owned(), words: words(&after) })
        })
        .collect()
}

/// POST `/contributions/{id}/note`
#[handler]
pub async fn note_view(
    SignedIn(actor): SignedIn,
    id: Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let id = id_of(&id)?;
    let cx = db.cx(actor.clone());
    let kept = async {
        let mut tx = db.write(actor).await?;
        writing::note(&mut tx, id, form.get("note")).await?;
        tx.commit().await
    };
    match kept.await {
        Ok(()) => Ok(see_other(&format!("/contributions/{id}?done=noted"))),
        Err(error) => {
            let corrections = Corrections::of(error)?;
            let shown = Shown { corrections, note: Some(form.get("note")), ..Shown::default() };
            again(&cx, *site, id, shown).await
        }
    }
}

async fn again(cx: &Cx, site: &Site, id: contributions::ContributionId, shown: Shown<'_>) -> poem::Result<Response> {
    let found = contributions::with_editors(cx, id).await?;
    show(cx, site, found, shown, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// POST `/contributions/{id}/editors`
#[handler]
pub async fn add_editor_view(
    SignedIn(actor): SignedIn,
    id: Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    room: Data<&Postroom>,
) -> poem::Result<Response> {
    let id = id_of(&id)?;
    let cx = db.cx(actor.clone());
    let added = async {
        let mut tx = db.write(actor).await?;
        editors::add(&mut tx, *room, id, form.get("email")).await?;
        tx.commit().await
    };
    match added.await {
        Ok(()) => Ok(see_other(&format!("/contributions/{id}?done=editor"))),
        Err(error) => {
            let shown = Shown { corrections: Corrections::of(error)?, email: form.get("email"), ..Shown::default() };
            again(&cx, *site, id, shown).await
        }
    }
}

/// POST `/contributions/{id}/editors/{account}/removal`
#[handler]
pub async fn remove_editor_view(
    SignedIn(actor): SignedIn,
    Path((id, account)): Path<(String, String)>,
    db: Data<&Db>,
) -> poem::Result<Response> {
    let id = parse_id(&id)?;
    let own = actor.account();
    let account: AccountId = account.parse().map_err(|_| Error::NotFound("person"))?;
    let cx = db.cx(actor.clone());
    let mut tx = db.write(actor).await?;
    editors::remove(&mut tx, id, account).await?;
    tx.commit().await?;
    // Whoever takes themselves out may not see the page any more.
    let sees = own != Some(account.0) || contributions::contribution(&cx, id).await.is_ok();
    Ok(see_other(&if sees { format!("/contributions/{id}?done=editor_gone") } else { "/me/contributions".to_owned() }))
}

/// POST `/contributions/{id}/deletion`
#[handler]
pub async fn discard_view(
    SignedIn(actor): SignedIn,
    id: Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let id = id_of(&id)?;
    let cx = db.cx(actor.clone());
    let gone: Result<()> = async {
        let mut tx = db.write(actor).await?;
        writing::discard(&mut tx, id).await?;
        tx.commit().await
    }
    .await;
    match gone {
        Ok(()) => Ok(see_other("/me/contributions?done=discarded")),
        Err(error) => again(&cx, *site, id, Shown { corrections: Corrections::of(error)?, ..Shown::default() }).await,
    }
}
