//! `/me`: the home of the signed-in person.

use std::collections::HashMap;

use poem::http::StatusCode;
use poem::web::Data;
use poem::{Response, handler};
use uuid::Uuid;

use crate::mail::Email;
use crate::people::membership::{self, Membership, MembershipState};
use crate::people::views::me::{MePage, PlaceRow};
use crate::people::{SchoolId, account, personal, schools};
use crate::platform::{Actor, Cx, Db, Error, Place, Result, Role};
use crate::web::asker::SignedIn;
use crate::web::site::{Site, day_of, own_page};
use crate::web::views::{Link, Section};

/// `/me`
#[handler]
pub async fn me_view(SignedIn(actor): SignedIn, db: Data<&Db>, site: Data<&Site>) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let account = account::account(&cx, own(&actor)?).await?;
    let memberships = membership::memberships_of(&cx, account.id).await?;
    let places = Places::of(&cx, &memberships).await?;
    let (open, past): (Vec<_>, Vec<_>) =
        memberships.iter().partition(|one| matches!(one.state, MembershipState::Current | MembershipState::Asked));
    let mut todo = Vec::new();
    if account.welcomed_at.is_none() {
        todo.push(Link { text: "Say who you are and where you work".to_owned(), url: "/welcome".to_owned() });
    }
    if actor.person().is_some_and(|person| person.lacks_second_step()) {
        let text = "Set up a second step: your role asks for one when you sign in".to_owned();
        todo.push(Link { text, url: "/me/security".to_owned() });
    }
    let mut view = MePage {
        chrome: site.chrome("Your page", "", "/me"),
        name: account.name.clone(),
        email: account.email.as_ref().map(Email::as_str).unwrap_or_default().to_owned(),
        todo,
        places: open.into_iter().map(|one| places.row(one)).collect(),
        past: past.into_iter().map(|one| places.row(one)).collect(),
    };
    view.chrome.section = Section::Me;
    view.chrome.noindex = true;
    own_page(StatusCode::OK, &view)
}

/// The account of whoever is signed in.
pub(super) fn own(actor: &Actor) -> Result<account::AccountId> {
    actor.account().map(account::AccountId).ok_or(Error::SignInRequired)
}

/// Names and addresses of places.
struct Places {
    names: HashMap<Uuid, String>,
    slugs: HashMap<SchoolId, String>,
}

impl Places {
    async fn of(cx: &Cx, memberships: &[Membership]) -> Result<Self> {
        let ids: Vec<SchoolId> = memberships
            .iter()
            .filter_map(|one| match one.grant.place {
                Place::School(id) => Some(SchoolId(id)),
                Place::Organization(_) | Place::Installation => None,
            })
            .collect();
        let slugs = schools(cx, &ids).await?.into_iter().map(|(id, school)| (id, school.slug)).collect();
        Ok(Self { names: personal::place_names(cx, memberships).await?, slugs })
    }

    fn row(&self, one: &Membership) -> PlaceRow {
        let name = |id: Uuid| self.names.get(&id).cloned().unwrap_or_else(|| "A place that is gone".to_owned());
        let (text, url) = match one.grant.place {
            Place::School(id) => {
                let slug = self.slugs.get(&SchoolId(id));
                (name(id), slug.map(|slug| format!("/schools/{slug}")).unwrap_or_default())
            }
            Place::Organization(id) => (name(id), String::new()),
            Place::Installation => ("The whole site".to_owned(), String::new()),
        };
        let current = one.state == MembershipState::Current;
        let ended = one.ended_at.map(day_of).unwrap_or_default();
        let leads = current && matches!(one.grant.role, Role::Principal | Role::Delegate) && !url.is_empty();
        PlaceRow {
            staff_url: if leads { format!("{url}/staff") } else { String::new() },
            // A mayor's office is an organization (M-4).
            announces: current && one.grant.role == Role::Mayor,
            place: Link { text, url },
            role: one.grant.role.label(),
            state: match one.state {
                MembershipState::Current => format!("Since {}", day_of(one.started_at.unwrap_or(one.created_at))),
                MembershipState::Asked => "Waiting for an answer".to_owned(),
                MembershipState::Ended => format!("Until {ended}"),
                MembershipState::Declined => format!("Declined {ended}"),
            },
            current,
        }
    }
}
