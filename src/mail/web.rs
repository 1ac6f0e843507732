//! The outbox for whoever looks after the service (`queue`), and the mailbox of the demo: what would have been sent, to read.
//! Elsewhere that one does not exist.

mod queue;

mod dns;
pub mod hook;
mod suppressions;

use mail_parser::{Message, MessageParser};
use poem::web::{Data, Path};
use poem::{Response, handler, http::StatusCode};

use super::outbox::{self, Filter, Kept};
use super::views::{LetterLine, LetterPage, MailboxPage, pieces};
use super::{LetterId, Mailbox};
use crate::platform::{Actor, Db, Error, Result, Timestamp};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, day_of, own_page};

/// The pages of this feature.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/admin/mail", resource().get(queue::queue_view)),
        ("/admin/mail/pause", resource().post(queue::pause_view)),
        ("/admin/mail/resume", resource().post(queue::resume_view)),
        ("/admin/mail/retry", resource().post(queue::retry_all_view)),
        ("/admin/mail/:id", resource().get(queue::letter_view)),
        ("/admin/mail/:id/text", resource().post(queue::text_view)),
        ("/admin/mail/:id/retry", resource().post(queue::retry_view)),
        ("/dev/mail", resource().get(mailbox_view)),
        ("/dev/mail/:id", resource().get(letter_view)),
        ("/dev/mail/:id/html", resource().get(html_view)),
        ("/admin/mail/dns", resource().get(dns::dns_view)),
        ("/admin/mail/suppressions", resource().get(suppressions::suppressions_view).post(suppressions::enter_view)),
        ("/admin/mail/suppressions/:id/lift", resource().post(suppressions::lift_view)),
        ("/me/mail", resource().get(suppressions::mine_view)),
        ("/me/mail/:id/again", resource().post(suppressions::again_view)),
    ]
}

/// Letters in the list.
const MOST: u64 = 100;

/// Only styles of its own, nothing from elsewhere, nothing that acts: a letter is read as a mail program shows it.
const LETTER_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox";

/// `/dev/mail`
#[handler]
async fn mailbox_view(db: Data<&Db>, site: Data<&Site>) -> poem::Result<Response> {
    only_in_the_demo(&site)?;
    let cx = db.cx(Actor::Visitor);
    let letters = outbox::letters(&cx, &Filter::default(), None, MOST).await?;
    let mut chrome = site.chrome("Letters of the demo", "What the demo would have sent.", "/dev/mail");
    chrome.noindex = true;
    own_page(StatusCode::OK, &MailboxPage { chrome, letters: letters.into_iter().map(line).collect(), most: MOST })
}

fn line(letter: Kept) -> LetterLine {
    let state = match letter.state.as_str() {
        "ready" => "waits",
        "sending" => "is being sent",
        "uncertain" => "perhaps sent",
        "failed" => "refused by the mail server",
        "expired" => "not sent: its time had passed",
        "withdrawn" => "not sent: the account is closed",
        other => other,
    };
    LetterLine {
        url: if letter.state == "sent" { format!("/dev/mail/{}", letter.id) } else { String::new() },
        to: letter.to,
        subject: letter.subject,
        when: moment(letter.created_at),
        state: state.to_owned(),
    }
}

/// `/dev/mail/:id`
#[handler]
async fn letter_view(
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
    mailbox: Data<&Mailbox>,
) -> poem::Result<Response> {
    let (letter, raw) = laid_in(&id, &db, &site, &mailbox).await?;
    let message = parsed(&raw)?;
    let mut chrome = site.chrome(&letter.subject, "A letter of the demo.", &format!("/dev/mail/{}", letter.id));
    chrome.noindex = true;
    let from = message.from().and_then(|from| from.first()).and_then(|from| from.address()).unwrap_or_default();
    let page = LetterPage {
        chrome,
        from: from.to_owned(),
        text: pieces(&message.body_text(0).unwrap_or_default()),
        html_url: format!("/dev/mail/{}/html", letter.id),
        when: moment(letter.created_at),
        subject: letter.subject,
        to: letter.to,
    };
    own_page(StatusCode::OK, &page)
}

/// `/dev/mail/:id/html`: the letter itself, under a policy of its own.
#[handler]
async fn html_view(
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
    mailbox: Data<&Mailbox>,
) -> poem::Result<Response> {
    let (_, raw) = laid_in(&id, &db, &site, &mailbox).await?;
    let html = parsed(&raw)?.body_html(0).unwrap_or_default().into_owned();
    Ok(Response::builder()
        .content_type("text/html; charset=utf-8")
        .header("content-security-policy", LETTER_POLICY)
        .header("referrer-policy", "no-referrer")
        .header("cache-control", "no-store")
        .body(html))
}

fn only_in_the_demo(site: &Site) -> Result<()> {
    if site.demo { Ok(()) } else { Err(Error::NotFound("page")) }
}

/// A letter that has left, as its file has it.
async fn laid_in(id: &str, db: &Db, site: &Site, mailbox: &Mailbox) -> Result<(Kept, Vec<u8>)> {
    only_in_the_demo(site)?;
    let id: LetterId = id.parse().map_err(|_| Error::NotFound("letter"))?;
    let letter = outbox::letter(&db.cx(Actor::Visitor), id).await?;
    let raw = mailbox.read(letter.id, letter.created_at).await.ok_or(Error::NotFound("letter"))?;
    Ok((letter, raw))
}

fn parsed(raw: &[u8]) -> Result<Message<'_>> {
    MessageParser::default().parse(raw).ok_or_else(|| Error::internal("a letter of the demo cannot be read"))
}

/// "October 14, 2026, 16:00 UTC".
fn moment(at: Timestamp) -> String {
    format!("{}, {} UTC", day_of(at), at.format("%H:%M"))
}
