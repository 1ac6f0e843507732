//! `/admin/people/:id/second-step/removal`: an administrator takes away a second step that was lost.

use poem::web::{Data, Path};
use poem::{Response, handler};

use crate::people::AccountId;
use crate::people::admin;
use crate::platform::{Db, Error};
use crate::sign_in::{Entrance, second_step};
use crate::web::asker::SignedIn;
use crate::web::site::see_other;

/// `POST /admin/people/:id/second-step/removal`
#[handler]
pub async fn lift_view(
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    entrance: Data<&Entrance>,
    Path(person): Path<String>,
) -> poem::Result<Response> {
    admin::enter(&actor)?;
    let person: AccountId = person.parse().map_err(|_| Error::NotFound("person"))?;
    let mut tx = db.write(actor).await?;
    second_step::lift(&mut tx, &entrance, person).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/people/{person}?done=second-step")))
}
