//! `/admin/credit-programs`: what administrators keep. Everybody else is refused before anything is looked up.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::{asked, rules_words, step_label};
use crate::people;
use crate::platform::{Cx, Db, Error, Result};
use crate::sessions::credit::{self, Category, NewProgram, Program, ProgramId, Rules, hundredths};
use crate::sessions::views::credit::{ProgramForm, ProgramPage, ProgramRow, ProgramsPage};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Choice, Chrome, Link, Section};

const LIST: &str = "/admin/credit-programs";
/// The current entry of the menu.
const HERE: &str = "credit";
/// Steps that can be chosen, in hundredths of a unit.
const STEPS: [u32; 5] = [100, 50, 25, 10, 1];

fn chrome(site: &Site, title: &str, path: &str) -> Chrome {
    Chrome { section: Section::Admin, noindex: true, ..site.chrome(title, "", path) }
}

/// GET `/admin/credit-programs`
#[handler]
pub async fn list_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    credit::enter(&actor)?;
    let row = |program: Program| ProgramRow {
        url: format!("{LIST}/{}", program.id),
        rules: rules_words(&program.rules),
        name: program.name,
        code: program.code,
        current: program.current,
    };
    let example =
        |example: credit::Example| Link { url: format!("{LIST}/new?from={}", example.code), text: example.name };
    let view = ProgramsPage {
        chrome: chrome(*site, "Credit programs", LIST),
        admin_at: HERE,
        done: match asked(request).get("done") {
            "added" => "The program is there; sessions can choose it.",
            "saved" => "Saved.",
            "retired" => "It is retired.",
            "restored" => "Sessions can choose it again.",
            _ => "",
        },
        programs: credit::programs(&db.cx(actor)).await?.into_iter().map(row).collect(),
        examples: credit::examples()?.into_iter().map(example).collect(),
    };
    own_page(StatusCode::OK, &view)
}

/// GET `/admin/credit-programs/new`
#[handler]
pub async fn new_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    credit::enter(&actor)?;
    let from = asked(request).get("from").to_owned();
    let example = credit::examples()?.into_iter().find(|example| example.code == from);
    let from_example = example.is_some();
    let start = example.map_or_else(
        || NewProgram {
            rules: Rules { unit_minutes: 60, step: 100, retention_years: 8, ..Rules::default() },
            ..NewProgram::default()
        },
        |example| NewProgram { code: example.code, name: example.name, rules: example.rules },
    );
    let form = form_of(&db.cx(actor), &start).await?;
    let view = ProgramPage { example: from_example, form, ..new_page(*site) };
    own_page(StatusCode::OK, &view)
}

fn new_page(site: &Site) -> ProgramPage {
    ProgramPage {
        chrome: chrome(site, "Add a credit program", &format!("{LIST}/new")),
        admin_at: HERE,
        heading: "Add a credit program".to_owned(),
        action: LIST.to_owned(),
        new: true,
        ..ProgramPage::default()
    }
}

/// POST `/admin/credit-programs`
#[handler]
pub async fn add_view(
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    credit::enter(&actor)?;
    let add = async {
        let new = read(&form)?;
        let mut tx = db.write(actor.clone()).await?;
        credit::add_program(&mut tx, new).await?;
        tx.commit().await
    };
    match add.await {
        Ok(()) => Ok(see_other(&format!("{LIST}?done=added"))),
        Err(error) => {
            let corrections = Corrections::of(error)?;
            let view = ProgramPage { corrections, form: typed(&db.cx(actor), &form).await?, ..new_page(*site) };
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}

/// GET `/admin/credit-programs/{id}`
#[handler]
pub async fn program_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    credit::enter(&actor)?;
    let cx = db.cx(actor);
    let program = credit::program(&cx, &id).await?;
    let as_new = NewProgram { code: program.code.clone(), name: program.name.clone(), rules: program.rules.clone() };
    let view = ProgramPage { form: form_of(&cx, &as_new).await?, ..page_of(*site, &program) };
    own_page(StatusCode::OK, &view)
}

fn page_of(site: &Site, program: &Program) -> ProgramPage {
    let path = format!("{LIST}/{}", program.id);
    ProgramPage {
        chrome: chrome(site, &program.name, &path),
        admin_at: HERE,
        heading: program.name.clone(),
        state_url: format!("{path}/state"),
        action: path,
        current: program.current,
        ..ProgramPage::default()
    }
}

/// POST `/admin/credit-programs/{id}`
#[handler]
pub async fn change_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    credit::enter(&actor)?;
    let cx = db.cx(actor.clone());
    let program = credit::program(&cx, &id).await?;
    let change = async {
        let change = read(&form)?;
        let mut tx = db.write(actor).await?;
        credit::change_program(&mut tx, program.id, change).await?;
        tx.commit().await
    };
    match change.await {
        Ok(()) => Ok(see_other(&format!("{LIST}?done=saved"))),
        Err(error) => {
            let corrections = Corrections::of(error)?;
            let mut shown = typed(&cx, &form).await?;
            shown.code.clone_from(&program.code);
            let view = ProgramPage { corrections, form: shown, ..page_of(*site, &program) };
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}

/// POST `/admin/credit-programs/{id}/state`: retires a program or takes it back.
#[handler]
pub async fn state_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
) -> poem::Result<Response> {
    credit::enter(&actor)?;
    let id: ProgramId = id.parse().map_err(|_| Error::NotFound("credit program"))?;
    let current = match form.get("current") {
        "yes" => true,
        "no" => false,
        _ => return Err(Error::invalid("current", "Choose whether sessions can choose it.").into()),
    };
    let mut tx = db.write(actor).await?;
    credit::set_current(&mut tx, id, current).await?;
    tx.commit().await?;
    Ok(see_other(&format!("{LIST}?done={}", if current { "restored" } else { "retired" })))
}

/// A program as the form sends it. What is no number becomes one that the rules refuse, so that everything wrong is told at
/// once.
fn read(form: &Form) -> Result<NewProgram> {
    let lines = |name: &str| -> Vec<String> {
        form.get(name).lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
    };
    let category = |line: String| match line.split_once(':') {
        Some((code, label)) => Category { code: code.trim().to_owned(), label: label.trim().to_owned() },
        None => Category { code: slug::slugify(&line).replace('-', "_"), label: line },
    };
    let number = |name: &str| form.get(name).parse::<u32>().ok();
    let minimum = match form.get("minimum") {
        "" => Some(0),
        text => units(text),
    };
    Ok(NewProgram {
        code: form.get("code").to_owned(),
        name: form.get("name").to_owned(),
        rules: Rules {
            unit: form.get("unit").to_owned(),
            unit_minutes: number("unit_minutes").unwrap_or(0),
            step: number("step").unwrap_or(0),
            minimum: minimum.unwrap_or(u32::MAX),
            categories: lines("categories").into_iter().map(category).collect(),
            blanks: lines("blanks"),
            retention_years: number("retention_years").unwrap_or(u32::MAX),
            sponsors: form.get("sponsors").to_owned(),
            needed_by: form.get("needed_by").to_owned(),
            not_needed_by: form.all("not_needed_by"),
            product: form.has("product"),
        },
    })
}

/// "2.5" in hundredths.
fn units(text: &str) -> Option<u32> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = rest.chars().all(|c| c.is_ascii_digit()) && rest.len() <= 2;
    let hundredths: u32 = if rest.is_empty() { 0 } else { format!("{rest:0<2}").parse().ok()? };
    digits.then_some(())?;
    whole.parse::<u32>().ok()?.checked_mul(100)?.checked_add(hundredths)
}

/// What was typed, to be shown again.
async fn typed(cx: &Cx, form: &Form) -> Result<ProgramForm> {
    let mut shown = form_of(cx, &read(form)?).await?;
    let as_typed = |name: &str| form.get(name).to_owned();
    shown.unit_minutes = as_typed("unit_minutes");
    shown.minimum = as_typed("minimum");
    shown.retention_years = as_typed("retention_years");
    shown.categories = as_typed("categories");
    shown.blanks = as_typed("blanks");
    Ok(shown)
}

async fn form_of(cx: &Cx, program: &NewProgram) -> Result<ProgramForm> {
    let rules = &program.rules;
    let known = STEPS.contains(&rules.step) || rules.step == 0;
    let steps = STEPS.into_iter().chain((!known).then_some(rules.step));
    let lines: Vec<String> = rules.categories.iter().map(|part| format!("{}: {}", part.code, part.label)).collect();
    let sectors = people::sectors(cx).await?.into_iter();
    Ok(ProgramForm {
        code: program.code.clone(),
        name: program.name.clone(),
        unit: rules.unit.clone(),
        unit_minutes: rules.unit_minutes.to_string(),
        steps: steps
            .map(|step| Choice { value: step.to_string(), label: step_label(step), selected: step == rules.step })
            .collect(),
        minimum: if rules.minimum == 0 { String::new() } else { hundredths(rules.minimum) },
        categories: lines.join("\n"),
        blanks: rules.blanks.join("\n"),
        retention_years: rules.retention_years.to_string(),
        sponsors: rules.sponsors.clone(),
        needed_by: rules.needed_by.clone(),
        not_needed_by: sectors
            .map(|sector| Choice {
                selected: rules.not_needed_by.contains(&sector.code),
                value: sector.code,
                label: sector.label,
            })
            .collect(),
        product: vec![Choice {
            value: "yes".to_owned(),
            label: "The person hands in a product before anything is earned".to_owned(),
            selected: rules.product,
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_as_people_write_them() {
        assert_eq!(["10", "2.5", "0.25", ".5"].map(units), [Some(1000), Some(250), Some(25), None]);
        assert_eq!(["", "x", "1.234", "-1", "1.x", "99999999999"].map(units), [None; 6]);
    }
}
