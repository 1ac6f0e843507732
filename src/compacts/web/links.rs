//! Forms by which what counts for a commitment is linked and taken out.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Response, handler};

use super::choice;
use super::commitments::{Frame, of, url};
use crate::compacts::commitment::LinkKind;
use crate::compacts::editing;
use crate::compacts::promises::{self, NewLink};
use crate::compacts::reading::One;
use crate::compacts::views::form::{Field, FormPage};
use crate::platform::{Actor, Cx, Db, Error, Result};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, own_page, see_other};

fn link_page(site: &Site, one: &One, new: &NewLink, corrections: Corrections) -> FormPage {
    let mut kinds = vec![choice("", "Choose one", &new.kind)];
    kinds.extend(LinkKind::ALL.iter().map(|kind| choice(kind.code(), kind.label(), &new.kind)));
    let frame = Frame {
        site,
        compact: &one.compact,
        of: Some(&one.commitment),
        heading: "Link what counts for it",
        lede: "Sessions, practices and adoptions are counted here; minutes and agreements are listed.",
        tail: "/links",
        submit: "Link it",
    };
    let fields = vec![
        Field::select("kind", "What it is", kinds, ""),
        Field::text(
            "target",
            "Its address",
            &new.target,
            "Of something here, the address of its page. Of minutes and agreements, https://",
        )
        .needed(),
        Field::text("title", "What it is called", &new.title, "For minutes and agreements alone."),
        Field::date("on", "Of which day", &new.on, "For minutes and agreements alone."),
    ];
    frame.page(fields, Vec::new(), corrections)
}

/// GET `/compacts/{slug}/commitments/{number}/links`
#[handler]
pub async fn link_view(
    SignedIn(actor): SignedIn,
    Path((slug, n)): Path<(String, String)>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let one = of(&cx, &slug, &n).await?;
    editing::enter(cx.actor(), &one.compact, &one.parties)?;
    own_page(StatusCode::OK, &link_page(*site, &one, &NewLink::default(), Corrections::default()))
}

async fn link(db: &Db, cx: &Cx, actor: Actor, one: &One, new: &NewLink) -> Result<()> {
    let found = promises::find(cx, new).await?;
    let mut tx = db.write(actor).await?;
    promises::link(&mut tx, one.commitment.id, found).await?;
    tx.commit().await
}

/// POST `/compacts/{slug}/commitments/{number}/links`
#[handler]
pub async fn linked_view(
    SignedIn(actor): SignedIn,
    Path((slug, n)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = of(&cx, &slug, &n).await?;
    editing::enter(cx.actor(), &one.compact, &one.parties)?;
    let get = |name: &str| form.get(name).to_owned();
    let new = NewLink {
        kind: get("kind"),
        target: get("target"),
        title: get("title"),
        on: get("on"),
        no_student: form.has("no_student"),
    };
    match link(&db, &cx, actor, &one, &new).await {
        Ok(()) => Ok(see_other(&format!("{}?done=linked", url(&one.compact, &one.commitment)))),
        Err(error) => {
            let view = link_page(*site, &one, &new, Corrections::of(error)?);
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}

/// POST `/compacts/{slug}/commitments/{number}/links/{id}/removal`
#[handler]
pub async fn unlink_view(
    SignedIn(actor): SignedIn,
    Path((slug, n, id)): Path<(String, String, String)>,
    db: Data<&Db>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = of(&cx, &slug, &n).await?;
    let id = id.parse().map_err(|_| Error::NotFound("link"))?;
    let mut tx = db.write(actor).await?;
    promises::unlink(&mut tx, one.commitment.id, id).await?;
    tx.commit().await?;
    Ok(see_other(&format!("{}?done=unlinked", url(&one.compact, &one.commitment))))
}
