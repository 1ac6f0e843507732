//! The page of records for DNS.

use poem::http::StatusCode;
use poem::web::Data;
use poem::{Response, handler};

use crate::mail::dns::Published;
use crate::mail::views::bounces::DnsPage;
use crate::platform::Db;
use crate::web::asker::SignedIn;
use crate::web::site::{Site, own_page};
use crate::web::views::Section;

/// `/admin/mail/dns`
#[handler]
pub async fn dns_view(
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
    published: Data<&Published>,
) -> poem::Result<Response> {
    let records = published.records(&db.cx(actor))?;
    let mut chrome = site.chrome("What to publish in DNS", "", "/admin/mail/dns");
    chrome.section = Section::Admin;
    chrome.noindex = true;
    own_page(StatusCode::OK, &DnsPage { chrome, admin_at: "mail", records })
}
