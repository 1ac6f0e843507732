//! Credit programs, for administrators; and what a session gives, for its organizers. Programs are in `programs`.

mod programs;

use std::collections::{BTreeMap, HashMap};

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use crate::people;
use crate::platform::{Cx, Db, Error, FieldErrors, Result};
use crate::sessions::credit::{self, NewCredit, Program, Rules, SessionCredit, hundredths};
use crate::sessions::session::Session;
use crate::sessions::views::credit::{OfferField, ProductsPage, SessionCreditPage, ShareField};
use crate::sessions::{Desk, SessionId};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Choice, Section};

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/admin/credit-programs", resource().get(programs::list_view).post(programs::add_view)),
        ("/admin/credit-programs/new", resource().get(programs::new_view)),
        ("/admin/credit-programs/:id", resource().get(programs::program_view).post(programs::change_view)),
        ("/admin/credit-programs/:id/state", resource().post(programs::state_view)),
        ("/sessions/:id/credit", resource().get(credit_view).post(set_view)),
        ("/sessions/:id/credit/:program", resource().get(products_view).post(set_products_view)),
    ]
}

/// The parameters of an address, as a form.
fn asked(request: &Request) -> Form {
    Form::parse(request.uri().query().unwrap_or_default().as_bytes()).unwrap_or_default()
}

/// "One unit is 60 minutes, counted in whole units, at least 1."
fn rules_words(rules: &Rules) -> String {
    let step = step_label(rules.step);
    let least = match rules.minimum {
        0 => String::new(),
        minimum => format!(", at least {}", hundredths(minimum)),
    };
    let product = if rules.product { " A product has to be handed in." } else { "" };
    format!("{}: {} minutes each, counted in {step}{least}.{product}", rules.unit, rules.unit_minutes)
}

fn step_label(step: u32) -> String {
    match step {
        100 => "whole units".to_owned(),
        50 => "halves".to_owned(),
        25 => "quarters".to_owned(),
        10 => "tenths".to_owned(),
        1 => "hundredths".to_owned(),
        other => format!("steps of {}", hundredths(other)),
    }
}

/// GET `/sessions/{id}/credit`
#[handler]
pub async fn credit_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let (session, given, programs) = credit::offer_of(&cx, &id).await?;
    let given: HashMap<_, _> = given.into_iter().map(|credit| (credit.program.id, credit)).collect();
    let mut view = page(&cx, *site, &session, &programs).await?;
    for (field, program) in view.offers.iter_mut().zip(&programs) {
        if let Some(credit) = given.get(&program.id) {
            fill(field, credit, &session);
        }
    }
    view.done = if asked(request).get("done") == "saved" { "Saved." } else { "" };
    own_page(StatusCode::OK, &view)
}

/// POST `/sessions/{id}/credit`
#[handler]
pub async fn set_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let (session, _, programs) = credit::offer_of(&cx, &id).await?;
    let set = async {
        let wanted = wanted(&form, &programs)?;
        let mut tx = db.write(actor).await?;
        credit::set_for_session(&mut tx, *desk, SessionId(session.id.0), wanted).await?;
        tx.commit().await
    };
    match set.await {
        Ok(()) => Ok(see_other(&format!("/sessions/{}/credit?done=saved", session.id))),
        Err(error) => {
            let mut view = page(&cx, *site, &session, &programs).await?;
            view.corrections = Corrections::of(error)?;
            for field in &mut view.offers {
                field.chosen = form.all("program").contains(&field.id);
                field.sponsor_name = form.get(&field.field("sponsor_name")).to_owned();
                field.sponsor_number = form.get(&field.field("sponsor_number")).to_owned();
                field.signer = form.get(&field.field("signer")).to_owned();
                for share in &mut field.shares {
                    share.value = form.get(&format!("share-{}-{}", field.code, share.code)).to_owned();
                }
            }
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}

/// GET `/sessions/{id}/credit/{program}`: whose product was handed in.
#[handler]
pub async fn products_view(
    SignedIn(actor): SignedIn,
    Path((id, program)): Path<(String, String)>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = if asked(request).get("done") == "saved" { "Saved." } else { "" };
    let view = ProductsPage { done, ..products_page(&db.cx(actor), *site, &id, &program).await? };
    own_page(StatusCode::OK, &view)
}

/// POST `/sessions/{id}/credit/{program}`
#[handler]
pub async fn set_products_view(
    SignedIn(actor): SignedIn,
    Path((id, program)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let session: SessionId = id.parse().map_err(|_| Error::NotFound("session"))?;
    let handed_in: Vec<_> = form.all("handed_in").iter().filter_map(|id| id.parse().ok()).collect();
    let mut tx = db.write(actor).await?;
    credit::set_products(&mut tx, *desk, session, &program, &handed_in).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/sessions/{session}/credit/{program}?done=saved")))
}

async fn products_page(cx: &Cx, site: &Site, id: &str, program: &str) -> Result<ProductsPage> {
    let (session, credit, lines) = credit::product_lines(cx, id, program).await?;
    let credit_url = format!("/sessions/{}/credit", session.id);
    let action = format!("{credit_url}/{}", credit.program.id);
    let mut chrome = site.chrome(&format!("Products: {}", session.title), "", &action);
    (chrome.section, chrome.noindex) = (Section::Sessions, true);
    let person = |line: credit::ProductLine| Choice {
        value: line.registration.to_string(),
        label: line.name,
        selected: line.handed_in,
    };
    Ok(ProductsPage {
        chrome,
        title: session.title,
        program: credit.program.name,
        credit_url,
        action,
        people: lines.into_iter().map(person).collect(),
        ..ProductsPage::default()
    })
}

/// What is chosen in the form.
fn wanted(form: &Form, programs: &[Program]) -> Result<Vec<NewCredit>> {
    let (mut errors, mut wanted) = (FieldErrors::default(), Vec::new());
    for id in form.all("program") {
        let Some(program) = programs.iter().find(|program| program.id.to_string() == id) else {
            return Err(Error::invalid("program", "Choose programs of the list."));
        };
        let code = &program.code;
        let mut categories = BTreeMap::new();
        for category in &program.rules.categories {
            let name = format!("share-{code}-{}", category.code);
            let typed = form.get(&name).trim_end_matches('%').trim();
            match typed.parse::<u32>() {
                Ok(share) if share <= 100 => {
                    categories.insert(category.code.clone(), share);
                }
                _ if typed.is_empty() => {}
                _ => errors.add(name, "Give a whole number from 0 to 100."),
            }
        }
        let of = |name: &str| form.get(&format!("{name}-{code}")).to_owned();
        wanted.push(NewCredit {
            program: id,
            categories,
            sponsor_name: of("sponsor_name"),
            sponsor_number: of("sponsor_number"),
            signer: of("signer"),
        });
    }
    Ok(errors.or(wanted)?)
}

async fn page(cx: &Cx, site: &Site, session: &Session, programs: &[Program]) -> Result<SessionCreditPage> {
    let sectors: HashMap<String, String> =
        people::sectors(cx).await?.into_iter().map(|sector| (sector.code, sector.label)).collect();
    let host = people::schools(cx, &[session.host.school]).await?.remove(&session.host.school);
    let path = format!("/sessions/{}/credit", session.id);
    let mut chrome = site.chrome(&format!("Credit: {}", session.title), "", &path);
    (chrome.section, chrome.noindex) = (Section::Sessions, true);
    let offer = |program: &Program| OfferField {
        id: program.id.to_string(),
        code: program.code.clone(),
        name: program.name.clone(),
        rules: rules_words(&program.rules),
        needed_by: program.rules.needed_by.clone(),
        sponsors: program.rules.sponsors.clone(),
        not_needed_by: not_needed(&program.rules, &sectors),
        // The host is the most likely sponsor, and another one is typed over it.
        sponsor_name: host.as_ref().map(|school| school.name.clone()).unwrap_or_default(),
        shares: program
            .rules
            .categories
            .iter()
            .map(|category| ShareField {
                code: category.code.clone(),
                label: category.label.clone(),
                value: String::new(),
            })
            .collect(),
        ..OfferField::default()
    };
    Ok(SessionCreditPage {
        chrome,
        title: session.title.clone(),
        session_url: format!("/sessions/{}", session.id),
        action: path,
        offers: programs.iter().map(offer).collect(),
        locked: session.locked_at.is_some(),
        may_change: session.locked_at.is_none() || credit::enter(cx.actor()).is_ok(),
        ..SessionCreditPage::default()
    })
}

/// "Charter staff need not have it."
fn not_needed(rules: &Rules, sectors: &HashMap<String, String>) -> String {
    let label = |code: &String| sectors.get(code).map_or_else(|| code.clone(), |label| label.to_lowercase());
    let names: Vec<String> = rules.not_needed_by.iter().map(label).collect();
    match names.join(" and ") {
        names if names.is_empty() => names,
        names => {
            let first = names.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
            let rest: String = names.chars().skip(1).collect();
            format!(
                "{first}{rest} staff need not have it. They get it like everybody else, and nothing asks them for it."
            )
        }
    }
}

fn fill(field: &mut OfferField, credit: &SessionCredit, session: &Session) {
    field.chosen = true;
    field.sponsor_name.clone_from(&credit.sponsor_name);
    field.sponsor_number = credit.sponsor_number.clone().unwrap_or_default();
    field.signer.clone_from(&credit.signer);
    for share in &mut field.shares {
        share.value = credit.categories.get(&share.code).map(ToString::to_string).unwrap_or_default();
    }
    if credit.program.rules.product {
        field.products_url = format!("/sessions/{}/credit/{}", session.id, credit.program.id);
    }
    let award = credit::award(credit, credit::minutes_of_all(session));
    field.earns = award.map_or_else(|| "nothing".to_owned(), |award| credit.words(&award));
}
