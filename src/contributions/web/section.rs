//! `/contributions/{id}/{section}`: writing a section. It saves by its button, and by the script beside it while somebody writes.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};
use serde_json::{Value, json};

use super::fields::{self, Beside, held_views, of_section, placed, read, rows_changed, views};
use super::parse_id;
use crate::catalog::draft::PracticeDraft;
use crate::catalog::fields::Section as Part;
use crate::catalog::guard::Finding;
use crate::contributions::merge::{Conflict, said, with_field};
use crate::contributions::views::SectionPage;
use crate::contributions::writing::{self, Change, Outcome, Saved};
use crate::contributions::{self, Contribution, ContributionId};
use crate::platform::{Actor, Cx, Db, Error, Result};
use crate::search::web::parameters;
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Link, Section};

/// GET `/contributions/{id}/{section}`
#[handler]
pub async fn section_view(
    SignedIn(actor): SignedIn,
    Path((id, section)): Path<(String, String)>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let (id, part) = place(&id, &section)?;
    let cx = db.cx(actor);
    let (found, editors) = contributions::with_editors(&cx, id).await?;
    if !contributions::may_write(&cx, &found, &editors) {
        return Ok(see_other(&format!("/contributions/{id}")));
    }
    let asked = parameters(request.uri().query().unwrap_or_default());
    let saved = asked.iter().any(|(name, _)| name == "saved");
    let shown = Shown { done: if saved { "Saved." } else { "" }, ..Shown::of(&found) };
    show(&cx, *site, &found, part, shown, StatusCode::OK)
}

fn place(id: &str, section: &str) -> Result<(ContributionId, Part)> {
    Ok((parse_id(id)?, fields::section(section).ok_or(Error::NotFound("page"))?))
}

/// What a section shows.
struct Shown<'a> {
    draft: PracticeDraft,
    revision: i32,
    done: &'a str,
    held: Vec<Finding>,
    conflicts: Vec<Conflict>,
    corrections: Option<Corrections>,
}

impl Shown<'_> {
    fn of(found: &Contribution) -> Self {
        Self {
            draft: found.draft.clone(),
            revision: found.revision,
            done: "",
            held: Vec::new(),
            conflicts: Vec::new(),
            corrections: None,
        }
    }
}

/// POST `/contributions/{id}/{section}`
#[handler]
pub async fn save_view(
    SignedIn(actor): SignedIn,
    Path((id, section)): Path<(String, String)>,
    request: &Request,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let (id, part) = place(&id, &section)?;
    let by_script = request.header("accept").is_some_and(|accept| accept.starts_with("application/json"));
    let (names, base) = (of_section(part), form.get("revision").parse().unwrap_or(0));
    let mut draft = read(&form, &names);
    let mut pending = pending(&form, &names);
    // A choice between two versions of a field: "use mine" puts it into the form, and either way it is settled.
    let settled = [form.get("use"), form.get("keep")].into_iter().find(|name| !name.is_empty());
    if let Some(conflict) = pending.iter().find(|conflict| conflict.field == form.get("use")) {
        draft = with_field(&draft, conflict.field, conflict.mine.clone());
    }
    pending.retain(|conflict| Some(conflict.field) != settled);
    let cx = db.cx(actor.clone());
    if let Some(draft) = rows_changed(&form, &draft) {
        let found = contributions::contribution(&cx, id).await?;
        let shown = Shown { draft, revision: base, conflicts: pending, ..Shown::of(&found) };
        return show(&cx, *site, &found, part, shown, StatusCode::OK);
    }
    let change = Change { base, fields: names, draft: draft.clone(), cleared: form.all("clear") };
    let kept = save(&db, actor, id, change, by_script).await;
    if by_script {
        return answer(kept?);
    }
    let found = contributions::contribution(&cx, id).await?;
    let typed = Shown { draft, revision: base, conflicts: pending.clone(), ..Shown::of(&found) };
    match kept {
        Ok(Outcome::Kept(saved)) => {
            pending.extend(saved.conflicts);
            if !pending.is_empty() || settled.is_some() {
                let status = if pending.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
                let done = if pending.is_empty() { "Saved." } else { "What your colleague did not change is saved." };
                let shown = Shown { conflicts: pending, done, ..Shown::of(&found) };
                return show(&cx, *site, &found, part, shown, status);
            }
            Ok(see_other(&on(&found, part, form.get("then"), cx.now().date_naive())))
        }
        Ok(Outcome::Held(held)) => {
            show(&cx, *site, &found, part, Shown { held, ..typed }, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(error) => {
            let corrections = match error {
                Error::Invalid(errors) => Corrections::from_errors(&placed(&errors, &of_section(part))),
                other => Corrections::of(other)?,
            };
            let shown = Shown { corrections: Some(corrections), ..typed };
            show(&cx, *site, &found, part, shown, StatusCode::UNPROCESSABLE_ENTITY)
        }
    }
}

/// Saves. What a script sends is kept only where it hurts nobody's words: the person chooses, not the script.
async fn save(db: &Db, actor: Actor, id: ContributionId, change: Change, by_script: bool) -> Result<Outcome<Saved>> {
    let mut tx = db.write(actor).await?;
    let kept = writing::save(&mut tx, id, change).await?;
    if let Outcome::Kept(saved) = &kept
        && by_script
        && !saved.conflicts.is_empty()
    {
        let sentence = "A colleague changed the same part. Press Save to see both.";
        return Err(Error::Conflict(sentence.to_owned()));
    }
    tx.commit().await?;
    Ok(kept)
}

/// The answer to the script.
fn answer(kept: Outcome<Saved>) -> poem::Result<Response> {
    let (status, body) = match kept {
        Outcome::Kept(saved) => (StatusCode::OK, json!({ "revision": saved.revision, "others": saved.others })),
        Outcome::Held(held) => {
            let detail = match held.first() {
                Some(finding) => format!("\u{201c}{}\u{201d}: {}", finding.quote, finding.kind.sentence()),
                None => String::new(),
            };
            (StatusCode::UNPROCESSABLE_ENTITY, json!({ "detail": detail }))
        }
    };
    let response =
        Response::builder().status(status).content_type("application/json").header("cache-control", "no-store");
    Ok(response.body(body.to_string()))
}

/// What the reader wrote in fields that a colleague changed too, as the form carries it.
fn pending(form: &Form, names: &[&'static str]) -> Vec<Conflict> {
    let one = |name: &&'static str| {
        let mine: Value = serde_json::from_str(form.get(&format!("mine/{name}"))).ok()?;
        Some(Conflict { field: name, theirs: Value::Null, mine })
    };
    names.iter().filter_map(one).collect()
}

/// Where a save leads: on, back, or to the same form while something in it is to be put right.
fn on(found: &Contribution, part: Part, then: &str, today: chrono::NaiveDate) -> String {
    let url = format!("/contributions/{}", found.id);
    let wrong = !placed(&found.so_far(today).1, &of_section(part)).is_empty();
    match (wrong, then, next(part)) {
        (false, "next", Some(next)) => format!("{url}/{next}"),
        (false, "back" | "next", _) => format!("{url}?done=saved"),
        _ => format!("{url}/{}?saved", fields::slug(part)),
    }
}

fn next(part: Part) -> Option<&'static str> {
    let at = fields::SECTIONS.iter().position(|(section, _)| *section == part)?;
    fields::SECTIONS.get(at + 1).map(|(_, slug)| *slug)
}

fn show(
    cx: &Cx,
    site: &Site,
    found: &Contribution,
    part: Part,
    shown: Shown<'_>,
    status: StatusCode,
) -> poem::Result<Response> {
    let (names, slug) = (of_section(part), fields::slug(part));
    let url = format!("/contributions/{}", found.id);
    let mut chrome = site.chrome(&format!("{}: {}", part.label(), found.title()), "", &format!("{url}/{slug}"));
    (chrome.section, chrome.noindex) = (Section::Me, true);
    // What breaks a rule is told from the first look on; what is missing is not wrong.
    let today = cx.now().date_naive();
    let corrections = shown.corrections.unwrap_or_else(|| {
        let errors = crate::catalog::parse::so_far(&shown.draft, today).1;
        Corrections::from_errors(&placed(&errors, &names))
    });
    let conflicts: Vec<Conflict> = shown
        .conflicts
        .into_iter()
        .map(|conflict| Conflict { theirs: said(&shown.draft, conflict.field), ..conflict })
        .collect();
    let beside = Beside { corrections: corrections.clone(), held: &shown.held, conflicts: &conflicts };
    let view = SectionPage {
        chrome,
        title: found.title().to_owned(),
        heading: part.label().to_owned(),
        action: format!("{url}/{slug}"),
        done: shown.done.to_owned(),
        revision: shown.revision,
        fields: views(&shown.draft, &names, &beside),
        held: held_views(&shown.held),
        conflict: !conflicts.is_empty(),
        sections: fields::SECTIONS
            .iter()
            .map(|(section, name)| Link {
                text: section.label().to_owned(),
                url: if *section == part { String::new() } else { format!("{url}/{name}") },
            })
            .collect(),
        next: next(part).map(|next| format!("{url}/{next}")).unwrap_or_default(),
        corrections,
        url,
    };
    own_page(status, &view)
}
