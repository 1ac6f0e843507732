//! What everybody will see of a draft, before it is published; and publishing it.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Response, handler};

use super::draft::{own_draft, seen_at};
use super::place_link;
use super::read::points;
use crate::catalog::markdown;
use crate::platform::{Cx, Db, Error};
use crate::sessions::Desk;
use crate::statements::views::draft::PublicationPage;
use crate::statements::{Statement, circle, draft, named, statement, version};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day, own_page, see_other};
use crate::web::views::Section;

/// GET `/statements/{slug}/publication`
#[handler]
pub async fn publication_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let one = own_draft(&cx, &reference).await?;
    show_publication(&cx, *site, &one, Corrections::default(), StatusCode::OK).await
}

/// What everybody will see, what is missing, and who hears of it.
async fn show_publication(
    cx: &Cx,
    site: &Site,
    one: &Statement,
    corrections: Corrections,
    status: StatusCode,
) -> poem::Result<Response> {
    let text = version(cx, one, 1).await?.text;
    let sponsor = named(cx, &[one.sponsor]).await?;
    let comments = circle::comments(cx, one).await?;
    let guests = circle::guests(cx, one).await?;
    let open = comments.iter().filter(|comment| comment.taken.is_none()).count();
    let mut advice = Vec::new();
    if open > 0 {
        let have = if open == 1 { "comment has" } else { "comments have" };
        advice.push(format!("{open} {have} no answer yet; who commented reads the answer on the draft."));
    }
    if one.deadline.is_none() {
        advice.push("There is no last day of sign-ons; it stays open until you deliver or close it.".to_owned());
    }
    let told = match guests.len() {
        0 => "Nobody gets a letter: nobody was invited to the draft.".to_owned(),
        1 => "The one person who was invited to the draft is told, where they have an account here.".to_owned(),
        n => format!("The {n} people who were invited to the draft are told, where they have an account here."),
    };
    let sponsor = place_link(sponsor.get(&one.sponsor));
    let then = vec![
        "Everybody reads it, without an account, and it stands on the list of statements.".to_owned(),
        "Comments on the draft, and who was invited, stay with its circle.".to_owned(),
        told,
        "Whoever speaks for a school or an organization can sign it; nobody signs by publishing it, its sponsor neither.".to_owned(),
        format!("Its authors look after it, and whoever speaks for {}.", sponsor.text),
    ];
    let instead = if draft::may_publish(cx, one).await? {
        String::new()
    } else {
        format!("Whoever writes it and speaks for {} publishes it, because it is published in that name.", sponsor.text)
    };
    let path = format!("{}/publication", one.path());
    let mut chrome = site.chrome(&format!("Before it is published: {}", one.title), "", &path);
    (chrome.section, chrome.noindex) = (Section::Me, true);
    let missing = draft::missing(one, &text, cx.now().date_naive());
    let view = PublicationPage {
        chrome,
        corrections,
        title: one.title.clone(),
        url: one.path(),
        kind: one.kind.label().to_owned(),
        addressee: one.addressee.clone(),
        sponsor,
        threshold: one.threshold.map_or_else(
            || "When you say so; no number of sign-ons is set.".to_owned(),
            |n| format!("When {n} schools and organizations signed."),
        ),
        deadline: one.deadline.map_or_else(
            || "None is set.".to_owned(),
            |last| format!("Sign-ons until {}, wherever that day ends last.", day(last)),
        ),
        preamble_html: markdown::html_under(&text.preamble, 2),
        points: points(&text),
        then,
        missing: missing.into_iter().map(str::to_owned).collect(),
        advice,
        instead,
        seen: seen_at(one.updated_at),
    };
    own_page(status, &view)
}

/// POST `/statements/{slug}/publication`
#[handler]
pub async fn publish_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = statement(&cx, &reference).await?;
    let published = async {
        let mut tx = db.write(actor).await?;
        draft::publish(&mut tx, *desk, one.id, form.get("seen").parse().ok()).await?;
        tx.commit().await
    };
    match published.await {
        Ok(()) => Ok(see_other(&format!("{}?done=published", one.path()))),
        Err(error) => {
            let stale = matches!(error, Error::Stale);
            let status = if stale { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
            let corrections = if stale {
                Corrections::whole("Somebody changed the draft since you looked at it; read it again, then publish it.")
            } else {
                Corrections::of(error)?
            };
            show_publication(&cx, *site, &own_draft(&cx, &reference).await?, corrections, status).await
        }
    }
}
