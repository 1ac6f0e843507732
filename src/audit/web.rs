//! The pages of the log.

use std::io;

use futures_util::stream;
use poem::http::{StatusCode, header};
use poem::web::Data;
use poem::{Body, Request, Response, handler};

use super::sentences::via;
use super::views::{AuditPage, EventRow};
use super::{Asked, Entry, Page, sentence};
use crate::platform::Db;
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, day, own_page};
use crate::web::views::{Choice, Section};

/// The pages of this feature.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![("/admin/audit", resource().get(audit_view)), ("/admin/audit.csv", resource().get(audit_csv_view))]
}

/// `/admin/audit`
#[handler]
pub async fn audit_view(
    request: &Request,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let form = Form::parse(request.uri().query().unwrap_or_default().as_bytes())?;
    let (asked, cursor) = (asked(&form), Some(form.get("cursor")).filter(|cursor| !cursor.is_empty()));
    let cx = db.cx(actor);
    let actions = super::actions(&cx).await?;
    let head = super::head(&cx).await?;
    let (page, corrections) = match super::page(&cx, &asked, cursor, super::PAGE).await {
        Ok(page) => (Some(page), Corrections::default()),
        Err(error) => (None, Corrections::of(error)?),
    };
    let status = if page.is_some() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut view = AuditPage {
        chrome: site.chrome("Audit log", "", "/admin/audit"),
        admin_at: "audit",
        corrections,
        actions: choices(actions, &asked.action),
        csv_url: url("/admin/audit.csv", &asked, None),
        first_url: cursor.map(|_| url("/admin/audit", &asked, None)),
        sealed: head.number,
        hash: head.hash,
        ..AuditPage::default()
    };
    if let Some(page) = page {
        view.total = page.total;
        view.next_url = page.next.as_deref().map(|cursor| url("/admin/audit", &asked, Some(cursor)));
        view.events = page.entries.iter().map(|entry| row(entry, &page)).collect();
    }
    (view.person, view.subject_kind, view.subject) = (asked.person, asked.subject_kind, asked.subject);
    (view.from, view.to) = (asked.from, asked.to);
    view.chrome.section = Section::Admin;
    view.chrome.noindex = true;
    own_page(status, &view)
}

/// `/admin/audit.csv`
#[handler]
pub async fn audit_csv_view(request: &Request, SignedIn(actor): SignedIn, db: Data<&Db>) -> poem::Result<Response> {
    let form = Form::parse(request.uri().query().unwrap_or_default().as_bytes())?;
    let export = super::export(&db, &actor, &asked(&form)).await?;
    let head = Some(super::csv_head().as_bytes().to_vec());
    let lines = stream::unfold((head, export), |(head, mut export)| async move {
        let piece = match head {
            Some(head) => Ok(Some(head)),
            None => export.next().await,
        };
        match piece {
            Ok(None) => None,
            Ok(Some(bytes)) => Some((Ok(bytes), (None, export))),
            Err(error) => {
                tracing::error!(%error, "an export of the audit log ended early");
                Some((Err(io::Error::other("the export ended early")), (None, export)))
            }
        }
    });
    Ok(Response::builder()
        .content_type("text/csv; charset=utf-8")
        .header(header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\"")
        .header(header::CACHE_CONTROL, "no-store")
        .body(Body::from_bytes_stream(lines)))
}

/// What the address asks for.
fn asked(form: &Form) -> Asked {
    let get = |name| form.get(name).to_owned();
    Asked {
        action: get("action"),
        person: get("person"),
        subject_kind: get("subject_kind"),
        subject: get("subject"),
        from: get("from"),
        to: get("to"),
    }
}

fn url(path: &str, asked: &Asked, cursor: Option<&str>) -> String {
    let all = [
        ("action", asked.action.as_str()),
        ("person", &asked.person),
        ("subject_kind", &asked.subject_kind),
        ("subject", &asked.subject),
        ("from", &asked.from),
        ("to", &asked.to),
        ("cursor", cursor.unwrap_or_default()),
    ];
    let given: Vec<_> = all.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    if given.is_empty() {
        return path.to_owned();
    }
    // Pairs of text: this cannot fail.
    format!("{path}?{}", serde_urlencoded::to_string(given).unwrap_or_default())
}

fn choices(actions: Vec<String>, chosen: &str) -> Vec<Choice> {
    let anything = Choice { value: String::new(), label: "Anything".to_owned(), selected: chosen.is_empty() };
    let known = actions.into_iter().map(|code| {
        let words = sentence(&code);
        let label = if words == code { code.clone() } else { format!("{words} ({code})") };
        Choice { selected: code == chosen, label, value: code }
    });
    std::iter::once(anything).chain(known).collect()
}

fn row(entry: &Entry, page: &Page) -> EventRow {
    let who = match (entry.account(), entry.actor.as_deref()) {
        (Some(account), _) => page.names.get(&account).cloned().unwrap_or_else(|| account.to_string()),
        (None, Some(part)) => format!("Common Ground ({part})"),
        (None, None) => "Visitor".to_owned(),
    };
    let link = |asked: Asked| url("/admin/audit", &asked, None);
    let who_url = entry.actor.clone().map(|person| link(Asked { person, ..Asked::default() })).unwrap_or_default();
    let words = sentence(&entry.action);
    let subject = entry.subject.map(|id| id.to_string()).unwrap_or_default();
    let facts = entry.detail.as_object().into_iter().flatten().map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (name.replace('_', " "), value)
    });
    EventRow {
        when: format!("{}, {} UTC", day(entry.at.date_naive()), entry.at.format("%H:%M:%S")),
        datetime: entry.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        who,
        who_url,
        what: words.to_owned(),
        code: if words == entry.action { String::new() } else { entry.action.clone() },
        about: entry.subject_kind.replace('_', " "),
        about_url: link(Asked { subject: subject.clone(), ..Asked::default() }),
        about_id: subject,
        facts: facts.collect(),
        via: via(entry.via.as_deref(), &entry.actor_kind),
    }
}
