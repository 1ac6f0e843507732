//! `/me/commitments`: what one's side promised, and what waits for its word.

use poem::http::StatusCode;
use poem::web::Data;
use poem::{Response, handler};

use super::wording;
use crate::compacts::reading::{self, Mine};
use crate::compacts::views::lists::{MinePage, MineRow};
use crate::platform::Db;
use crate::web::asker::SignedIn;
use crate::web::site::{Site, own_page};
use crate::web::views::{Link, Section};

/// GET `/me/commitments`
#[handler]
pub async fn mine_view(SignedIn(actor): SignedIn, db: Data<&Db>, site: Data<&Site>) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let found = reading::mine(&cx).await?;
    let labels = reading::labels(&cx).await?;
    let mut chrome = site.chrome("Commitments of your places", "", "/me/commitments");
    (chrome.section, chrome.noindex) = (Section::Me, true);
    let mut view = MinePage { chrome, ..MinePage::default() };
    for Mine { compact, commitment, own, waits } in found {
        let row = wording::row(&compact, &commitment, &labels, cx.now());
        let action = match (waits, own) {
            (true, _) => ("Say how your side sees it", "confirmation"),
            (false, true) => ("Say how it goes", "updates"),
            _ => ("", ""),
        };
        let action = Link { text: action.0.to_owned(), url: format!("{}/{}", row.url, action.1) };
        let one = MineRow { row, compact: Link { text: compact.name.clone(), url: compact.path() }, action };
        match (waits, own) {
            (true, _) => view.waiting.push(one),
            (false, true) => view.own.push(one),
            _ => view.shared.push(one),
        }
    }
    own_page(StatusCode::OK, &view)
}
