//! `/practices/{slug}/compare?from=1&to=3`: two versions of a practice, field by field (P-6).

use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use crate::catalog::compare::{self, Mark};
use crate::catalog::views::compare::{ComparePage, FieldChange, Run};
use crate::catalog::{VersionLine, practice, version, versions};
use crate::platform::{Actor, Db, Error, Result};
use crate::web::form::Form;
use crate::web::site::{Site, day_of, page};
use crate::web::views::{Choice, Link, Section};

/// GET `/practices/{slug}/compare`
#[handler]
pub async fn compare_view(
    request: &Request,
    Path(slug): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(Actor::Visitor);
    let found = practice(&cx, &slug).await?;
    let lines = versions(&cx, found.id).await?;
    let asked = Form::parse(request.uri().query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let to = number(asked.get("to"), found.version)?;
    let from = number(asked.get("from"), (to - 1).max(1))?;
    let before = version(&cx, found.id, from).await?;
    let after = version(&cx, found.id, to).await?;
    let path = format!("/practices/{}", found.slug);
    let title = format!("{}: version {from} and version {to}", found.record.title);
    let mut view = ComparePage {
        chrome: site.chrome(&title, "", &format!("{path}/compare?from={from}&to={to}")),
        practice: Link { text: found.record.title.clone(), url: path.clone() },
        url: path,
        from: from.unsigned_abs(),
        to: to.unsigned_abs(),
        note: after.note.clone().filter(|_| from < to).unwrap_or_default(),
        older: choices(&lines, from),
        newer: choices(&lines, to),
        changes: compare::diff(&before.record, &after.record).iter().map(change).collect(),
    };
    view.chrome.section = Section::Search;
    view.chrome.noindex = true;
    page(request.headers(), &view)
}

fn number(text: &str, otherwise: i32) -> Result<i32> {
    if text.is_empty() { Ok(otherwise) } else { text.parse().map_err(|_| Error::NotFound("version")) }
}

fn choices(lines: &[VersionLine], chosen: i32) -> Vec<Choice> {
    let choice = |line: &VersionLine| Choice {
        value: line.number.to_string(),
        label: format!("Version {}, {}", line.number, day_of(line.created_at)),
        selected: line.number == chosen,
    };
    lines.iter().map(choice).collect()
}

fn change(change: &compare::Change) -> FieldChange {
    let mut lines = vec![Vec::new()];
    for piece in compare::words(&change.before, &change.after) {
        for (at, text) in piece.text.split('\n').enumerate() {
            if at > 0 {
                lines.push(Vec::new());
            }
            if let Some(line) = lines.last_mut().filter(|_| !text.is_empty()) {
                let (added, removed) = (piece.mark == Mark::Added, piece.mark == Mark::Removed);
                line.push(Run { text: text.to_owned(), added, removed });
            }
        }
    }
    lines.retain(|line| !line.is_empty());
    FieldChange { label: change.label.to_owned(), lines }
}
