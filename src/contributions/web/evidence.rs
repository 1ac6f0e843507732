//! `/contributions/{id}/evidence`: an editor sets the evidence of the claims of a text under review.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Response, handler};

use super::review::{chrome, id_of, revision, status_of};
use crate::catalog::draft::ClaimDraft;
use crate::contributions::views::review::{ClaimView, EvidencePage};
use crate::contributions::{self, reading, review};
use crate::platform::vocabulary::{AppliesTo, EvidenceTier, Finding};
use crate::platform::{Cx, Db, Error};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::Choice;

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![("/contributions/:id/evidence", resource().get(evidence_view).post(set_evidence_view))]
}

/// GET `/contributions/{id}/evidence`
#[handler]
pub async fn evidence_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    show_evidence(&db.cx(actor), &site, &id, (None, Corrections::default()), StatusCode::OK).await
}

async fn show_evidence(
    cx: &Cx,
    site: &Site,
    id: &str,
    (typed, corrections): (Option<Vec<ClaimDraft>>, Corrections),
    status: StatusCode,
) -> poem::Result<Response> {
    let found = reading::reviewed(cx, id_of(id)?).await?;
    let now = &found.contribution;
    if !found.may.answer {
        return Ok(see_other(&format!("/contributions/{}/review", now.id)));
    }
    let kept = now.draft.evidence_claims.len();
    let mut claims = typed.unwrap_or_else(|| now.draft.evidence_claims.clone());
    claims.resize(claims.len().max(kept + 1), ClaimDraft::default());
    let view = EvidencePage {
        chrome: chrome(site, "Evidence of its claims", &format!("/contributions/{}/evidence", now.id)),
        title: now.title().to_owned(),
        url: format!("/contributions/{}", now.id),
        revision: now.revision,
        claims: claims.iter().enumerate().map(|(at, claim)| claim_view(at, claim, kept, &corrections)).collect(),
        corrections,
    };
    own_page(status, &view)
}

fn claim_view(at: usize, claim: &ClaimDraft, kept: usize, corrections: &Corrections) -> ClaimView {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let choices = |all: Vec<(&'static str, &'static str)>, chosen: &Option<String>, none: &str| {
        let chosen = chosen.as_deref().unwrap_or_default();
        let mut choices = vec![Choice { value: String::new(), label: none.to_owned(), selected: chosen.is_empty() }];
        choices.extend(all.into_iter().map(|(code, label)| Choice {
            value: code.to_owned(),
            label: label.to_owned(),
            selected: code == chosen,
        }));
        choices
    };
    let here = format!("claim/{at}");
    let wrong = corrections.list().iter().filter(|one| one.field == here || one.field.starts_with(&format!("{here}/")));
    ClaimView {
        at,
        heading: if at < kept { format!("Claim {}", at + 1) } else { "One more claim (optional)".to_owned() },
        outcome: text(&claim.outcome),
        citation: text(&claim.citation),
        citation_url: text(&claim.citation_url),
        studies: text(&claim.studies),
        students: text(&claim.students),
        rating: text(&claim.rating),
        tiers: choices(EvidenceTier::all().map(|v| (v.code(), v.label())).collect(), &claim.tier, "Not rated"),
        findings: choices(Finding::all().map(|v| (v.code(), v.label())).collect(), &claim.finding, "Not said"),
        applies: choices(AppliesTo::all().map(|v| (v.code(), v.label())).collect(), &claim.applies_to, "Not said"),
        checked: match (&claim.checked_by, &claim.checked_on) {
            (Some(by), Some(on)) => format!("Checked by {by} on {on}."),
            _ => String::new(),
        },
        wrong: wrong.map(|one| one.message.clone()).collect(),
    }
}

/// The claims of a form: what it has no input for stays as it was.
fn claims(form: &Form, before: &[ClaimDraft]) -> Vec<ClaimDraft> {
    let mut claims = Vec::new();
    while form.has(&format!("claim/{}/outcome", claims.len())) {
        let at = claims.len();
        let get = |name: &str| Some(form.get(&format!("claim/{at}/{name}")).to_owned()).filter(|v| !v.is_empty());
        let outcome = get("outcome");
        let claim = match outcome {
            None => ClaimDraft::default(),
            outcome => ClaimDraft {
                outcome,
                tier: get("tier"),
                finding: get("finding"),
                applies_to: get("applies_to"),
                citation: get("citation"),
                citation_url: get("citation_url"),
                studies: get("studies"),
                students: get("students"),
                rating: get("rating"),
                ..before.get(at).cloned().unwrap_or_default()
            },
        };
        claims.push(claim);
        if claims.len() > 60 {
            break;
        }
    }
    claims
}

/// POST `/contributions/{id}/evidence`
#[handler]
pub async fn set_evidence_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let before = contributions::contribution(&cx, id_of(&id)?).await?.draft.evidence_claims;
    let typed = claims(&form, &before);
    let done = async {
        let mut tx = db.write(actor).await?;
        let wanted = typed.iter().filter(|claim| claim.outcome.is_some()).cloned().collect();
        review::set_evidence(&mut tx, id_of(&id)?, revision(&form)?, wanted).await?;
        tx.commit().await
    };
    match done.await {
        Ok(()) => Ok(see_other(&format!("/contributions/{id}/review?done=evidence"))),
        Err(error) => {
            let status = status_of(&error);
            let error = match error {
                Error::Invalid(errors) => Error::Invalid(review::claim_errors(&errors)),
                other => other,
            };
            show_evidence(&cx, &site, &id, (Some(typed), Corrections::of(error)?), status).await
        }
    }
}
