//! `/review`: what waits for the editors, and what came of the rest.

use poem::web::Data;
use poem::{Request, Response, handler};

use super::review::{asked, chrome};
use crate::contributions::queue::{self, MOST, STATES, Waiting};
use crate::contributions::views::review::{QueuePage, QueueRow};
use crate::people::AccountId;
use crate::platform::Db;
use crate::platform::vocabulary::PracticeStatus;
use crate::web::asker::SignedIn;
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, day_of, own_page};
use crate::web::views::{Chrome, Link, Section};

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![("/review", resource().get(queue_view))]
}

/// GET `/review`
#[handler]
pub async fn queue_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let wanted = asked(request, "state");
    let state = STATES.into_iter().find(|state| state.code() == wanted).unwrap_or(PracticeStatus::SUBMITTED);
    let found = queue::queue(&cx, state).await?;
    let lists = STATES.iter().map(|one| {
        let count = found.counts.get(one.code()).copied().unwrap_or_default();
        let url = if *one == STATES[0] { "/review".to_owned() } else { format!("/review?state={}", one.code()) };
        (format!("{} ({count})", words(*one)), url, *one == state)
    });
    let view = QueuePage {
        chrome: Chrome { section: Section::Admin, ..chrome(&site, "Reviews", "/review") },
        lists: lists.collect(),
        holds: holds(state).to_owned(),
        rows: found.lines.iter().map(|line| queue_row(line, &found)).collect(),
        more: found.lines.len() as u64 == MOST,
    };
    own_page(poem::http::StatusCode::OK, &view)
}

fn words(state: PracticeStatus) -> &'static str {
    match state {
        PracticeStatus::SUBMITTED => "To review",
        PracticeStatus::APPROVED => "Waiting for the school",
        PracticeStatus::CHANGES_REQUESTED => "With their writers",
        PracticeStatus::DECLINED => "Declined",
        _ => "Published",
    }
}

fn holds(state: PracticeStatus) -> &'static str {
    match state {
        PracticeStatus::SUBMITTED => "What waits for an editor, the longest first.",
        PracticeStatus::APPROVED => "What an editor approved and the principal of the school has not answered yet.",
        PracticeStatus::CHANGES_REQUESTED => "What went back to its writers with a request for changes.",
        PracticeStatus::DECLINED => "What an editor declined, with the reason on the record.",
        _ => "What came through review into the catalog.",
    }
}

fn queue_row(line: &Waiting, found: &queue::Queue) -> QueueRow {
    let now = &line.contribution;
    let name = |id: AccountId| found.people.get(&id).map(|person| person.name.clone()).unwrap_or_default();
    QueueRow {
        review: Link { text: now.title().to_owned(), url: format!("/contributions/{}/review", now.id) },
        what: if now.is_next_version() { "Next version".to_owned() } else { "New practice".to_owned() },
        school: found.schools.get(&now.school).map(|school| school.name.clone()).unwrap_or_default(),
        author: name(now.author),
        age: match line.age {
            0 => "Less than a school day".to_owned(),
            1 => "1 school day".to_owned(),
            days => format!("{days} school days"),
        },
        on: now.submitted_at.map(day_of).unwrap_or_default(),
        taken_by: line.standing.taken.map(|(by, _)| name(by)).unwrap_or_default(),
    }
}
