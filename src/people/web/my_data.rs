//! `/me/data`: everything kept about a person, to take along and to erase.

use poem::http::{StatusCode, header};
use poem::web::Data;
use poem::{Response, handler};

use super::me::own;
use crate::mail::Email;
use crate::people::account;
use crate::people::my_data::{self, GOES, Personal, STAYS};
use crate::people::views::me::{ErasedPage, MyDataPage};
use crate::platform::{Actor, Db};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, own_page};
use crate::web::views::Section;

/// `/me/data`
#[handler]
pub async fn my_data_view(SignedIn(actor): SignedIn, db: Data<&Db>, site: Data<&Site>) -> poem::Result<Response> {
    let view = page(&db, &site, actor, String::new(), Corrections::default()).await?;
    own_page(StatusCode::OK, &view)
}

/// `/me/data.zip`
#[handler]
pub async fn zip_view(SignedIn(actor): SignedIn, db: Data<&Db>, personal: Data<&Personal>) -> poem::Result<Response> {
    let bytes = my_data::export(&db.cx(actor), &personal).await?;
    Ok(Response::builder()
        .content_type("application/zip")
        .header(header::CONTENT_DISPOSITION, "attachment; filename=\"common-ground-my-data.zip\"")
        .header(header::CACHE_CONTROL, "no-store")
        .body(bytes))
}

/// `POST /me/data/erasure`
#[handler]
pub async fn erase_view(
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
    personal: Data<&Personal>,
    form: Form,
) -> poem::Result<Response> {
    let id = own(&actor)?;
    let mut tx = db.write(actor.clone()).await?;
    match my_data::erase(&mut tx, &personal, id, form.get("email")).await {
        Ok(stays) => {
            tx.commit().await?;
            let nobody = Site { viewer: None, ..(*site).clone() };
            let mut view =
                ErasedPage { chrome: nobody.chrome("Your account is erased", "", "/me/data/erasure"), stays };
            view.chrome.canonical.clear();
            view.chrome.noindex = true;
            own_page(StatusCode::OK, &view)
        }
        Err(error) => {
            drop(tx);
            let corrections = Corrections::of(error)?;
            let view = page(&db, &site, actor, form.get("email").to_owned(), corrections).await?;
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}

async fn page(db: &Db, site: &Site, actor: Actor, typed: String, corrections: Corrections) -> poem::Result<MyDataPage> {
    let id = own(&actor)?;
    let account = account::account(&db.cx(actor), id).await?;
    let mut view = MyDataPage {
        chrome: site.chrome("My data", "", "/me/data"),
        corrections,
        email: account.email.as_ref().map(Email::as_str).unwrap_or_default().to_owned(),
        typed,
        goes: GOES.to_vec(),
        stays: STAYS.to_vec(),
    };
    view.chrome.section = Section::Me;
    view.chrome.noindex = true;
    Ok(view)
}
