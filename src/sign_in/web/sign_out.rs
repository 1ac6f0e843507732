//! Signing out.

use poem::http::header;
use poem::web::Data;
use poem::{Request, Response, handler};

use super::browser::current;
use super::{cookie, enter};
use crate::platform::Db;
use crate::sign_in::visit;
use crate::web::asker::Asker;
use crate::web::site::{Site, see_other};

/// POST `/sign-out`. Who is not signed in is out already.
#[handler]
pub async fn sign_out_view(
    request: &Request,
    site: Data<&Site>,
    db: Data<&Db>,
    asker: Asker,
) -> poem::Result<Response> {
    if let Ok(current) = current(request) {
        let mut tx = db.write(asker.0).await?;
        visit::end(&mut tx, current.account, current.id).await?;
        tx.commit().await?;
    }
    let mut response = see_other("/");
    response.headers_mut().append(header::SET_COOKIE, cookie::forget(enter::https(&site)));
    Ok(response)
}
