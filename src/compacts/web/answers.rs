//! Forms by which sides answer for a commitment: how it goes, and how another sector sees it.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Response, handler};

use super::choice;
use super::commitments::{Frame, of, revision, url};
use crate::compacts::compact::Party;
use crate::compacts::progress::{self, EVIDENCE, Update, Word};
use crate::compacts::reading::One;
use crate::compacts::views::form::{Field, FormPage};
use crate::notices::Postroom;
use crate::platform::Db;
use crate::platform::vocabulary::CommitmentStatus;
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, own_page, see_other};

fn update_page(site: &Site, one: &One, said: &Update, at: &str, corrections: Corrections) -> FormPage {
    let current = one.commitment.status.code();
    let chosen = if said.status.is_empty() { current } else { said.status.as_str() };
    let statuses = CommitmentStatus::all().map(|one| choice(one.code(), one.label(), chosen)).collect();
    let mut fields = vec![
        Field::area("text", "How it goes", &said.text, "No names and nothing about a single student.").needed(),
        Field::select("status", "Where it stands", statuses, "Met counts once a party of another sector says so."),
        Field::area("reason", "Reason", &said.reason, "Missed, paused and dropped need one; everybody can read it."),
    ];
    if let Some(measure) = &one.commitment.measure {
        fields.push(Field::text(
            "latest",
            &format!("Latest: {}", measure.name),
            &said.latest,
            "Empty leaves it as it is.",
        ));
        fields.push(Field::date("latest_on", "As of", &said.latest_on, "Empty: today."));
    }
    for at in 1..=EVIDENCE {
        let (title, address) = said.evidence.get(at - 1).cloned().unwrap_or_default();
        fields.push(Field::text(&format!("evidence_title_{at}"), &format!("Evidence {at}: what it is"), &title, ""));
        let label = format!("Evidence {at}: where it is");
        fields.push(Field::url(&format!("evidence_url_{at}"), &label, &address, "Begins with https://"));
    }
    fields.push(Field::hidden("seen", at));
    let frame = Frame {
        site,
        compact: &one.compact,
        of: Some(&one.commitment),
        heading: "Say how it goes",
        lede: "Everybody can read it, with the name of your office and the day.",
        tail: "/updates",
        submit: "Keep the update",
    };
    frame.page(fields, Vec::new(), corrections)
}

/// GET `/compacts/{slug}/commitments/{number}/updates`
#[handler]
pub async fn update_view(
    SignedIn(actor): SignedIn,
    Path((slug, n)): Path<(String, String)>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let one = of(&cx, &slug, &n).await?;
    progress::enter(cx.actor(), &one.commitment)?;
    let at = one.commitment.revision.to_string();
    own_page(StatusCode::OK, &update_page(*site, &one, &Update::default(), &at, Corrections::default()))
}

fn update_of(form: &Form) -> Update {
    let get = |name: &str| form.get(name).to_owned();
    Update {
        text: form.raw("text").to_owned(),
        status: get("status"),
        reason: form.raw("reason").to_owned(),
        latest: get("latest"),
        latest_on: get("latest_on"),
        evidence: (1..=EVIDENCE)
            .map(|at| (get(&format!("evidence_title_{at}")), get(&format!("evidence_url_{at}"))))
            .collect(),
        no_student: form.has("no_student"),
    }
}

/// POST `/compacts/{slug}/commitments/{number}/updates`
#[handler]
pub async fn updated_view(
    SignedIn(actor): SignedIn,
    Path((slug, n)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    room: Data<&Postroom>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = of(&cx, &slug, &n).await?;
    let said = update_of(&form);
    let keep = async {
        let mut tx = db.write(actor).await?;
        progress::update(&mut tx, *room, one.commitment.id, &said, revision(&form)?).await?;
        tx.commit().await
    };
    match keep.await {
        Ok(()) => Ok(see_other(&format!("{}?done=updated", url(&one.compact, &one.commitment)))),
        Err(error) => {
            let now = of(&cx, &slug, &n).await?;
            let at = now.commitment.revision.to_string();
            let view = update_page(*site, &now, &said, &at, Corrections::of(error)?);
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}

fn confirm_page(site: &Site, one: &One, party: &Party, word: &Word, at: &str, corrections: Corrections) -> FormPage {
    let current = one.commitment.status;
    let chosen = if word.status.is_empty() { current.code() } else { word.status.as_str() };
    let statuses = CommitmentStatus::all().map(|one| choice(one.code(), one.label(), chosen)).collect();
    let owner = one.commitment.owner.party.as_ref().map_or("Its owner", |party| party.name.as_str());
    let heading = format!("How {} sees it", party.name);
    let frame = Frame {
        site,
        compact: &one.compact,
        of: Some(&one.commitment),
        heading: &heading,
        lede: "Everybody can read it. Where two sides see it differently, both words are shown.",
        tail: "/confirmation",
        submit: "Keep our word",
    };
    let fields = vec![
        Field::select("status", "As your side sees it", statuses, "Met, where it is reported as met, confirms it."),
        Field::area("note", "What your side sees", &word.note, "Needed where it differs from what the owner says."),
        Field::hidden("seen", at),
    ];
    let notes = vec![format!("{owner} says: {}.", current.label().to_lowercase())];
    frame.page(fields, notes, corrections)
}

/// GET `/compacts/{slug}/commitments/{number}/confirmation`
#[handler]
pub async fn confirm_view(
    SignedIn(actor): SignedIn,
    Path((slug, n)): Path<(String, String)>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let one = of(&cx, &slug, &n).await?;
    let party = progress::speaker(cx.actor(), &one.commitment, &one.parties)?;
    let at = one.commitment.revision.to_string();
    own_page(StatusCode::OK, &confirm_page(*site, &one, &party, &Word::default(), &at, Corrections::default()))
}

/// POST `/compacts/{slug}/commitments/{number}/confirmation`
#[handler]
pub async fn confirmed_view(
    SignedIn(actor): SignedIn,
    Path((slug, n)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    room: Data<&Postroom>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = of(&cx, &slug, &n).await?;
    let party = progress::speaker(cx.actor(), &one.commitment, &one.parties)?;
    let word = Word {
        status: form.get("status").to_owned(),
        note: form.raw("note").to_owned(),
        no_student: form.has("no_student"),
    };
    let keep = async {
        let mut tx = db.write(actor).await?;
        progress::rate(&mut tx, *room, one.commitment.id, &word, revision(&form)?).await?;
        tx.commit().await
    };
    match keep.await {
        Ok(()) => Ok(see_other(&format!("{}?done=word", url(&one.compact, &one.commitment)))),
        Err(error) => {
            let now = of(&cx, &slug, &n).await?;
            let at = now.commitment.revision.to_string();
            let view = confirm_page(*site, &now, &party, &word, &at, Corrections::of(error)?);
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}
