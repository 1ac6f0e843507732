//! Forms by which a commitment is looked after: who holds it at an office, and taking words out of its history.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::commitments::{Frame, of, revision, url};
use super::{asked, choice};
use crate::compacts::commitment::EntryId;
use crate::compacts::handover::{self, Handover};
use crate::compacts::reading::One;
use crate::compacts::redaction;
use crate::compacts::views::form::{Field, FormPage};
use crate::notices::Postroom;
use crate::platform::{Actor, Db, Error, Result};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day_of, own_page, see_other};

fn handover_page(site: &Site, one: &One, actor: &Actor, said: &Handover, corrections: Corrections) -> FormPage {
    let sides = handover::sides(actor, &one.commitment).into_iter();
    let sides = sides.map(|(side, party)| choice(side, party.name, &said.side)).collect();
    let frame = Frame {
        site,
        compact: &one.compact,
        of: Some(&one.commitment),
        heading: "Name who holds it",
        lede: "Take the commitment over for your office, or name somebody who answers there. No page shows who it is.",
        tail: "/handover",
        submit: "Keep it",
    };
    let fields = vec![
        Field::select("side", "Office", sides, ""),
        Field::text(
            "holder",
            "Who holds it there",
            &said.holder,
            "Address of a compact owner, principal or mayor's office there. Empty: you.",
        ),
        Field::text("why", "Why", &said.why, "One line that everybody reads. No names."),
        Field::hidden("seen", &one.commitment.revision.to_string()),
    ];
    frame.page(fields, Vec::new(), corrections)
}

/// GET `/compacts/{slug}/commitments/{number}/handover`
#[handler]
pub async fn handover_view(
    SignedIn(actor): SignedIn,
    Path((slug, n)): Path<(String, String)>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let one = of(&cx, &slug, &n).await?;
    handover::enter(cx.actor(), &one.commitment)?;
    let said = Handover { side: asked(request, "side"), ..Handover::default() };
    own_page(StatusCode::OK, &handover_page(*site, &one, cx.actor(), &said, Corrections::default()))
}

/// POST `/compacts/{slug}/commitments/{number}/handover`
#[handler]
pub async fn handed_view(
    SignedIn(actor): SignedIn,
    Path((slug, n)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    room: Data<&Postroom>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = of(&cx, &slug, &n).await?;
    handover::enter(cx.actor(), &one.commitment)?;
    let get = |name: &str| form.get(name).to_owned();
    let said =
        Handover { side: get("side"), holder: get("holder"), why: get("why"), no_student: form.has("no_student") };
    let keep = async {
        let mut tx = db.write(actor).await?;
        handover::hand_over(&mut tx, *room, one.commitment.id, &said, revision(&form)?).await?;
        tx.commit().await
    };
    match keep.await {
        Ok(()) => Ok(see_other(&format!("{}?done=handed", url(&one.compact, &one.commitment)))),
        Err(error) => {
            let now = of(&cx, &slug, &n).await?;
            let view = handover_page(*site, &now, cx.actor(), &said, Corrections::of(error)?);
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}

/// The row of the history that an address or a form names.
fn entry(one: &One, typed: &str) -> Result<EntryId> {
    let id: EntryId = typed.parse().map_err(|_| Error::NotFound("entry"))?;
    one.entries.iter().find(|entry| entry.id == id).map(|entry| entry.id).ok_or(Error::NotFound("entry"))
}

fn redaction_page(site: &Site, one: &One, of: EntryId, why: &str, corrections: Corrections) -> FormPage {
    let row = one.entries.iter().find(|entry| entry.id == of);
    let what = row.map(|row| format!("{}, {}", row.kind.label(), day_of(row.at))).unwrap_or_default();
    let frame = Frame {
        site,
        compact: &one.compact,
        of: Some(&one.commitment),
        heading: "Take words out of the history",
        lede: "For a person's data alone. The line stays with its day and its office, and says what happened to it; \
               what is taken out cannot be brought back.",
        tail: "/redaction",
        submit: "Take the words out",
    };
    let fields = vec![
        Field::text("why", "Why", why, "One line that everybody reads. Do not repeat what is taken out.").needed(),
        Field::hidden("entry", &of.to_string()),
    ];
    frame.page(fields, vec![format!("The line: {what}.")], corrections)
}

/// GET `/compacts/{slug}/commitments/{number}/redaction`
#[handler]
pub async fn redaction_view(
    SignedIn(actor): SignedIn,
    Path((slug, n)): Path<(String, String)>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let one = of(&cx, &slug, &n).await?;
    redaction::enter(cx.actor())?;
    let row = entry(&one, &asked(request, "entry"))?;
    own_page(StatusCode::OK, &redaction_page(*site, &one, row, "", Corrections::default()))
}

/// POST `/compacts/{slug}/commitments/{number}/redaction`
#[handler]
pub async fn redacted_view(
    SignedIn(actor): SignedIn,
    Path((slug, n)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = of(&cx, &slug, &n).await?;
    redaction::enter(cx.actor())?;
    let row = entry(&one, form.get("entry"))?;
    let take = async {
        let mut tx = db.write(actor).await?;
        redaction::take_out(&mut tx, one.commitment.id, row, form.get("why"), form.has("no_student")).await?;
        tx.commit().await
    };
    match take.await {
        Ok(()) => Ok(see_other(&format!("{}?done=redacted", url(&one.compact, &one.commitment)))),
        Err(error) => {
            let view = redaction_page(*site, &one, row, form.get("why"), Corrections::of(error)?);
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}
