//! Where a contribution begins: the short form, a copy of a practice, the next version of one; and the list of one's own.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::fields::{Beside, held_views, placed, read, rows_changed, views};
use super::{own_schools, school_choices};
use crate::catalog::draft::{PracticeDraft, SHORT_FORM};
use crate::catalog::guard::Finding;
use crate::catalog::{self, Practice};
use crate::contributions::views::{BeginPage, MinePage, MineRow, NewPage};
use crate::contributions::writing::{self, Beginning, Outcome};
use crate::contributions::{self, ContributionId};
use crate::people::{self, SchoolId};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Actor, Cx, Db, Error, FieldErrors, Result};
use crate::search::web::parameters;
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day_of, own_page, see_other};
use crate::web::views::{Link, Section};

/// GET `/practices/new`; a link from a school's page names the school.
#[handler]
pub async fn new_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let asked = parameters(request.uri().query().unwrap_or_default());
    let school = asked.into_iter().find(|(name, _)| name == "school").map(|(_, value)| value).unwrap_or_default();
    let draft = PracticeDraft::default();
    let shown = Shown { draft: &draft, school: &school, ..Shown::default() };
    show_new(&db.cx(actor), *site, shown, StatusCode::OK).await
}

/// POST `/practices/new`
#[handler]
pub async fn create_view(
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let draft = read(&form, &SHORT_FORM);
    let school = form.get("school");
    if let Some(draft) = rows_changed(&form, &draft) {
        let shown = Shown { draft: &draft, school, ..Shown::default() };
        return show_new(&cx, *site, shown, StatusCode::OK).await;
    }
    match create(&db, actor, &form, draft.clone()).await {
        Ok(Outcome::Kept(id)) => Ok(see_other(&format!("/contributions/{id}?done=begun"))),
        Ok(Outcome::Held(held)) => {
            let shown = Shown { draft: &draft, school, held: &held, ..Shown::default() };
            show_new(&cx, *site, shown, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => {
            let corrections = match error {
                Error::Invalid(errors) => Corrections::from_errors(&placed_with_school(&errors)),
                other => Corrections::of(other)?,
            };
            let shown = Shown { draft: &draft, school, corrections, ..Shown::default() };
            show_new(&cx, *site, shown, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

fn placed_with_school(errors: &FieldErrors) -> FieldErrors {
    let mut placed = placed(errors, &SHORT_FORM);
    for error in errors.iter().filter(|error| error.field == "school") {
        placed.add("school", error.message.clone());
    }
    placed
}

async fn create(db: &Db, actor: Actor, form: &Form, draft: PracticeDraft) -> Result<Outcome<ContributionId>> {
    let school: SchoolId = form.get("school").parse().map_err(|_| Error::invalid("school", "Choose your school."))?;
    let mut tx = db.write(actor).await?;
    let made = writing::begin(&mut tx, Beginning { school, draft, cleared: form.all("clear") }).await?;
    tx.commit().await?;
    Ok(made)
}

/// What the short form shows.
struct Shown<'a> {
    draft: &'a PracticeDraft,
    school: &'a str,
    held: &'a [Finding],
    corrections: Corrections,
}

static NOTHING: std::sync::LazyLock<PracticeDraft> = std::sync::LazyLock::new(PracticeDraft::default);

impl Default for Shown<'_> {
    fn default() -> Self {
        Self { draft: &NOTHING, school: "", held: &[], corrections: Corrections::default() }
    }
}

async fn show_new(cx: &Cx, site: &Site, shown: Shown<'_>, status: StatusCode) -> poem::Result<Response> {
    let mut chrome = site.chrome("Contribute a practice", "", "/practices/new");
    (chrome.section, chrome.noindex) = (Section::Me, true);
    let beside = Beside { corrections: shown.corrections.clone(), held: shown.held, ..Beside::default() };
    let view = NewPage {
        chrome,
        schools: school_choices(&own_schools(cx).await?, shown.school),
        fields: views(shown.draft, &SHORT_FORM, &beside),
        held: held_views(beside.held),
        corrections: shown.corrections,
    };
    own_page(status, &view)
}

/// GET `/me/contributions`
#[handler]
pub async fn mine_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let mine = contributions::mine(&cx).await?;
    let ids: Vec<SchoolId> = mine.iter().map(|one| one.school).collect();
    let schools = if ids.is_empty() { Default::default() } else { people::schools(&cx, &ids).await? };
    let rows = mine.iter().map(|one| {
        let school = schools.get(&one.school).map_or("a school that is no longer here", |school| school.name.as_str());
        let what = if one.is_next_version() { "Next version of a practice of" } else { "New practice of" };
        MineRow {
            link: Link { text: one.title().to_owned(), url: format!("/contributions/{}", one.id) },
            state: one.state.label().to_owned(),
            facts: format!("{what} {school}. Changed {}.", day_of(one.updated_at)),
        }
    });
    let mut chrome = site.chrome("Practices you write", "", "/me/contributions");
    (chrome.section, chrome.noindex) = (Section::Me, true);
    let gone = request.uri().query() == Some("done=discarded");
    let done = if gone { "The draft is gone." } else { "" };
    let reviews = contributions::queue::enter(&cx).is_ok();
    own_page(StatusCode::OK, &MinePage { chrome, done: done.to_owned(), rows: rows.collect(), reviews })
}

/// GET `/practices/{slug}/copy`
#[handler]
pub async fn copy_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let practice = catalog::practice(&cx, &slug).await?;
    show_copy(&cx, *site, &practice, "", Corrections::default(), StatusCode::OK).await
}

/// POST `/practices/{slug}/copy`
#[handler]
pub async fn begin_copy_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let practice = catalog::practice(&cx, &slug).await?;
    let begun = async {
        let school: SchoolId =
            form.get("school").parse().map_err(|_| Error::invalid("school", "Choose your school."))?;
        let mut tx = db.write(actor).await?;
        let id = writing::begin_copy(&mut tx, &practice, school).await?;
        tx.commit().await?;
        Ok::<_, Error>(id)
    };
    match begun.await {
        Ok(id) => Ok(see_other(&format!("/contributions/{id}?done=copied"))),
        Err(error) => {
            let corrections = Corrections::of(error)?;
            show_copy(&cx, *site, &practice, form.get("school"), corrections, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn show_copy(
    cx: &Cx,
    site: &Site,
    practice: &Practice,
    chosen: &str,
    corrections: Corrections,
    status: StatusCode,
) -> poem::Result<Response> {
    let mut schools = own_schools(cx).await?;
    schools.retain(|school| Some(school.id) != practice.origin_school);
    let path = format!("/practices/{}", practice.slug);
    let mut view = begin_page(site, practice, "Start your own from this practice", &format!("{path}/copy"));
    view.corrections = corrections;
    if practice.status == PracticeStatus::RETIRED {
        view.says = vec!["This practice was taken out of the catalog; nothing starts from it any more.".to_owned()];
    } else if schools.is_empty() {
        view.says = vec![
            "Whoever belongs to another school here can begin a practice of their own with what this one says."
                .to_owned(),
        ];
        view.other = Link { text: "Find your school and ask to join".to_owned(), url: "/welcome".to_owned() };
    } else {
        view.says = vec![
            "You get a draft with its steps, materials and what is known of the idea. What is true of their school alone (numbers, dates, people, visits) is yours to fill in.".to_owned(),
            "Your practice will say what it began as a copy of, with a link.".to_owned(),
        ];
        view.schools = school_choices(&schools, chosen);
        (view.action, view.button) = (format!("{path}/copy"), "Begin my draft".to_owned());
    }
    own_page(status, &view)
}

fn begin_page(site: &Site, practice: &Practice, heading: &str, path: &str) -> BeginPage {
    let mut chrome = site.chrome(heading, "", path);
    (chrome.section, chrome.noindex) = (Section::Search, true);
    BeginPage {
        chrome,
        heading: heading.to_owned(),
        practice: Link { text: practice.record.title.clone(), url: format!("/practices/{}", practice.slug) },
        ..BeginPage::default()
    }
}

/// GET `/practices/{slug}/change`
#[handler]
pub async fn change_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let practice = catalog::practice(&cx, &slug).await?;
    show_change(&cx, *site, &practice, Corrections::default(), StatusCode::OK).await
}

/// POST `/practices/{slug}/change`
#[handler]
pub async fn begin_change_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let practice = catalog::practice(&cx, &slug).await?;
    let begun = async {
        let mut tx = db.write(actor).await?;
        let id = writing::begin_next(&mut tx, practice.id).await?;
        tx.commit().await?;
        Ok::<_, Error>(id)
    };
    match begun.await {
        Ok(id) => Ok(see_other(&format!("/contributions/{id}"))),
        Err(error) => {
            show_change(&cx, *site, &practice, Corrections::of(error)?, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn show_change(
    cx: &Cx,
    site: &Site,
    practice: &Practice,
    corrections: Corrections,
    status: StatusCode,
) -> poem::Result<Response> {
    let path = format!("/practices/{}", practice.slug);
    let mut view = begin_page(site, practice, "Propose a change", &format!("{path}/change"));
    view.corrections = corrections;
    let own = own_schools(cx).await?.iter().any(|school| Some(school.id) == practice.origin_school);
    if practice.status == PracticeStatus::RETIRED {
        view.says = vec!["This practice was taken out of the catalog; nobody changes it any more.".to_owned()];
    } else if own {
        view.says = vec![
            "You get a draft that says what the practice says now. Change it, submit it, and editors look at the difference.".to_owned(),
            "Readers see the version of today until the new one is published; it stays readable for good.".to_owned(),
        ];
        (view.action, view.button) = (format!("{path}/change"), "Begin the next version".to_owned());
    } else {
        view.says = vec![
            "People of the school where a practice began change what it says. You can begin a practice of your own from it.".to_owned(),
        ];
        view.other = Link { text: "Start your own from this practice".to_owned(), url: format!("{path}/copy") };
    }
    own_page(status, &view)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_form_shows_each_of_its_fields() {
        let shown = views(&PracticeDraft::default(), &SHORT_FORM, &Beside::default());
        assert_eq!(shown.len(), SHORT_FORM.len());
    }
}
