//! Pages of statements.

mod amendments;
mod calls;
mod draft;
mod publication;
mod read;
mod signing;

use poem::Request;

use super::amendment::AmendmentKind;
use super::text::{Changes, PointChange};
use super::views::statement::{ChangesView, PointChangeView, Run};
use super::{Named, Statement};
use crate::catalog::compare::{Mark, Piece};
use crate::platform::{Cx, Place, Result};
use crate::search::web::parameters;
use crate::web::methods::{Resource, resource};
use crate::web::views::{Choice, Link};

/// Every page.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/statements", resource().get(read::statements_view)),
        ("/statements/new", resource().get(draft::new_view).post(draft::begin_view)),
        ("/statements/:slug", resource().get(read::statement_view)),
        ("/statements/:slug/v/:number", resource().get(read::version_view)),
        ("/statements/:slug/changes", resource().get(read::changes_view)),
        ("/statements/:slug/manifest.json", resource().get(read::manifest_view)),
        ("/statements/:slug/signatures.csv", resource().get(read::csv_view)),
        ("/statements/:slug/draft", resource().get(draft::draft_view)),
        ("/statements/:slug/edit", resource().get(draft::edit_view).post(draft::change_view)),
        ("/statements/:slug/comments", resource().post(draft::comment_view)),
        ("/statements/:slug/comments/:id", resource().post(draft::answer_view)),
        ("/statements/:slug/invitations", resource().post(draft::invite_view)),
        ("/statements/:slug/invitations/:id/removal", resource().post(draft::uninvite_view)),
        (
            "/statements/:slug/publication",
            resource().get(publication::publication_view).post(publication::publish_view),
        ),
        ("/statements/:slug/deletion", resource().post(draft::delete_view)),
        ("/statements/:slug/sign", resource().get(signing::form_view).post(signing::sign_view)),
        ("/statements/:slug/confirmation", resource().post(signing::confirm_view)),
        ("/statements/:slug/withdrawal", resource().post(signing::withdraw_view)),
        ("/statements/:slug/calls", resource().get(calls::list_view).post(calls::call_view)),
        ("/r/statement/:token/stop", resource().get(calls::stop_view).post(calls::stopped_view)),
        ("/r/statement/:token", resource().get(signing::again_view).post(signing::again_done_view)),
        ("/statements/:slug/amendments", resource().get(amendments::list_view).post(amendments::propose_view)),
        ("/statements/:slug/amendments/:id", resource().post(amendments::decide_view)),
        ("/statements/:slug/versions", resource().post(amendments::publish_view)),
        ("/statements/:slug/end", resource().get(amendments::end_form_view).post(amendments::end_view)),
        ("/me/statements", resource().get(read::mine_view)),
    ]
}

/// The first value of a parameter of the address.
fn asked(request: &Request, name: &str) -> String {
    let all = parameters(request.uri().query().unwrap_or_default());
    all.into_iter().find(|(known, _)| known == name).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

fn link_to(statement: &Statement) -> Link {
    Link { text: statement.title.clone(), url: statement.path() }
}

fn place_link(named: Option<&Named>) -> Link {
    let named = named.cloned().unwrap_or_default();
    let text = if named.name.is_empty() { "a place that is gone".to_owned() } else { named.name };
    Link { text, url: named.url }
}

fn choice(value: &str, label: &str, chosen: &str) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned(), selected: value == chosen }
}

/// The places that the actor speaks for, to choose from.
async fn place_choices(cx: &Cx, places: &[Place], chosen: &str) -> Result<Vec<Choice>> {
    let names = super::named(cx, places).await?;
    let mut choices: Vec<Choice> = places
        .iter()
        .filter_map(|place| Some(choice(&super::place_code(*place), &names.get(place)?.name, chosen)))
        .collect();
    choices.sort_by(|a, b| a.label.cmp(&b.label));
    Ok(choices)
}

/// "1 sign-on", "12 sign-ons".
fn sign_ons(n: u64) -> String {
    if n == 1 { "1 sign-on".to_owned() } else { format!("{} sign-ons", crate::web::views::grouped(n)) }
}

/// How many stand behind which version, in words.
fn stand(version: i32, newest: u64, earlier: u64) -> String {
    let stands = |n: u64| if n == 1 { "stands" } else { "stand" };
    match (newest, earlier) {
        (0, 0) => "Nobody has signed yet.".to_owned(),
        (n, 0) => format!("{} {} behind version {version}.", sign_ons(n), stands(n)),
        (n, old) => format!(
            "{} {} behind version {version}, {old} behind an earlier one and {} asked again.",
            sign_ons(n),
            stands(n),
            if old == 1 { "is" } else { "are" },
        ),
    }
}

fn runs(pieces: &[Piece]) -> Vec<Run> {
    let run = |piece: &Piece| Run {
        text: piece.text.clone(),
        added: piece.mark == Mark::Added,
        removed: piece.mark == Mark::Removed,
    };
    pieces.iter().map(run).collect()
}

fn changes_view(changes: &Changes) -> ChangesView {
    let point = |change: &PointChange| PointChangeView {
        label: match (change.before, change.after) {
            (Some(before), Some(after)) if before == after => format!("Point {after}"),
            (Some(before), Some(after)) => format!("Point {after}, before point {before}"),
            (None, Some(after)) => format!("New point {after}"),
            (Some(before), None) => format!("Point {before}, struck"),
            (None, None) => String::new(),
        },
        reworded: change.reworded,
        title: runs(&change.title),
        text: runs(&change.text),
    };
    ChangesView {
        preamble: changes.preamble.as_deref().map(runs).unwrap_or_default(),
        points: changes.points.iter().map(point).collect(),
    }
}

/// "Change point 2: Share what works".
fn does(kind: AmendmentKind, number: Option<usize>) -> String {
    match (kind, number) {
        (AmendmentKind::Change, Some(n)) => format!("Change point {n}"),
        (AmendmentKind::Strike, Some(n)) => format!("Strike point {n}"),
        (AmendmentKind::Add, Some(n)) => format!("Add a point after point {n}"),
        (kind, None) => kind.label().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_many_stand_behind_it_is_said_in_words() {
        assert_eq!(stand(1, 0, 0), "Nobody has signed yet.");
        assert_eq!(stand(1, 1, 0), "1 sign-on stands behind version 1.");
        assert_eq!(stand(2, 3, 1), "3 sign-ons stand behind version 2, 1 behind an earlier one and is asked again.");
        assert_eq!(stand(2, 0, 2), "0 sign-ons stand behind version 2, 2 behind an earlier one and are asked again.");
    }
}
