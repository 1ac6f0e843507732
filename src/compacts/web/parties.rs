//! The page on which parties and seats of a compact are looked after.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Response, handler};

use super::choice;
use super::compacts::{known, known_party, party_words};
use crate::compacts::compact::{CITY, Compact, OTHER, Party, PartyState};
use crate::compacts::editing::{self, NewParty};
use crate::compacts::reading::{self, Labels};
use crate::compacts::views::compact::{PartiesPage, PartyForm, SeatForm};
use crate::people;
use crate::platform::{Cx, Db, Error, Result};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Choice, Link};

/// What stands in the fields of the page of parties.
#[derive(Default)]
struct Typed {
    /// The party whose move it is; empty for a new one.
    moved: String,
    name: String,
    place: String,
    sector: String,
    state: String,
    on: String,
    link: String,
    seat_party: String,
    seat_role: String,
}

impl Typed {
    fn of(form: &Form) -> Self {
        let get = |name: &str| form.get(name).to_owned();
        Self {
            moved: String::new(),
            name: get("name"),
            place: get("place"),
            sector: get("sector"),
            state: get("state"),
            on: get("on"),
            link: get("link"),
            seat_party: get("seat_party"),
            seat_role: get("seat_role"),
        }
    }
}

async fn parties_page(
    cx: &Cx,
    site: &Site,
    (compact, parties): &(Compact, Vec<Party>),
    typed: &Typed,
    corrections: Corrections,
) -> Result<PartiesPage> {
    let whole = reading::whole(cx, &compact.slug).await?;
    let labels: &Labels = &whole.sectors;
    let path = format!("{}/parties", compact.path());
    let mut chrome = site.chrome(&format!("Parties of {}", compact.name), "", &path);
    chrome.noindex = true;
    let states = |all: &[PartyState], chosen: &str| -> Vec<Choice> {
        all.iter().map(|one| choice(one.code(), one.label(), chosen)).collect()
    };
    let mut sectors = vec![choice("", "That of the school or organization", &typed.sector)];
    for one in people::sectors(cx).await? {
        sectors.push(choice(&one.code, one.label, &typed.sector));
    }
    sectors.extend([CITY, OTHER].map(|code| choice(code, labels.label(code), &typed.sector)));
    // What is wrong with a move stands in its own form: the fields of a new party have the same names.
    let (mut wrong, mut corrections) = (Vec::new(), corrections);
    if !typed.moved.is_empty() {
        wrong = corrections.list().iter().map(|one| one.message.clone()).collect();
        corrections = Corrections::default();
    }
    let party = |one: &Party| {
        let (name, state) = party_words(one, labels);
        let id = one.id.to_string();
        let own = id == typed.moved;
        let may = editing::moves_of(cx.actor(), compact, parties, one);
        let text = |text: &String| if own { text.clone() } else { String::new() };
        PartyForm {
            action: format!("{path}/{id}"),
            name,
            state,
            states: states(&may, if own { &typed.state } else { one.state.code() }),
            on: text(&typed.on),
            link: text(&typed.link),
            wrong: if own { wrong.clone() } else { Vec::new() },
            id,
        }
    };
    let seat = |one: &crate::compacts::compact::Seat| {
        let party = parties.iter().find(|party| party.id == one.party).map(|party| party.name.as_str());
        SeatForm {
            words: format!("{}, {}", one.role, party.unwrap_or_default()),
            action: if whole.writes { format!("{}/seats/{}/removal", compact.path(), one.id) } else { String::new() },
        }
    };
    let there: Vec<Party> = parties.iter().filter(|party| party.takes_part()).cloned().collect();
    let seat_parties = if whole.writes { there } else { Vec::new() };
    let seat_parties =
        seat_parties.iter().map(|party| choice(&party.id.to_string(), party.name.clone(), &typed.seat_party)).collect();
    Ok(PartiesPage {
        chrome,
        compact: Link { text: compact.name.clone(), url: compact.path() },
        done: String::new(),
        corrections,
        parties: parties.iter().map(party).collect(),
        invites: editing::leads(cx.actor(), compact, parties),
        seats: whole.seats.iter().map(seat).collect(),
        name: typed.name.clone(),
        place: typed.place.clone(),
        sectors,
        states: states(PartyState::ALL, if typed.moved.is_empty() { &typed.state } else { "" }),
        on: if typed.moved.is_empty() { typed.on.clone() } else { String::new() },
        link: if typed.moved.is_empty() { typed.link.clone() } else { String::new() },
        seat_parties,
        seat_role: typed.seat_role.clone(),
    })
}

/// GET `/compacts/{slug}/parties`
#[handler]
pub async fn parties_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    request: &poem::Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let found = known_party(&cx, &slug).await?;
    let mut view = parties_page(&cx, *site, &found, &Typed::default(), Corrections::default()).await?;
    if super::asked(request, "done") == "kept" {
        "Kept.".clone_into(&mut view.done);
    }
    own_page(StatusCode::OK, &view)
}

async fn after(
    done: Result<()>,
    cx: &Cx,
    site: &Site,
    found: &(Compact, Vec<Party>),
    typed: &Typed,
) -> poem::Result<Response> {
    match done {
        Ok(()) => Ok(see_other(&format!("{}/parties?done=kept", found.0.path()))),
        Err(error) => {
            let view = parties_page(cx, site, found, typed, Corrections::of(error)?).await?;
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}

/// POST `/compacts/{slug}/parties`
#[handler]
pub async fn add_party_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let found = known(&cx, &slug).await?;
    let typed = Typed::of(&form);
    let add = async {
        let new = NewParty {
            name: typed.name.clone(),
            place: editing::place(&cx, &typed.place).await?,
            sector: typed.sector.clone(),
            state: typed.state.clone(),
            on: typed.on.clone(),
            link: typed.link.clone(),
        };
        let mut tx = db.write(actor).await?;
        editing::add_party(&mut tx, found.0.id, new).await?;
        tx.commit().await
    };
    let done = add.await;
    after(done, &cx, *site, &found, &typed).await
}

/// POST `/compacts/{slug}/parties/{id}`
#[handler]
pub async fn move_party_view(
    SignedIn(actor): SignedIn,
    Path((slug, id)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let found = known_party(&cx, &slug).await?;
    let party = id.parse().map_err(|_| Error::NotFound("party"))?;
    let go = async {
        let mut tx = db.write(actor).await?;
        editing::move_party(&mut tx, found.0.id, party, form.get("state"), form.get("on"), form.get("link")).await?;
        tx.commit().await
    };
    let done = go.await;
    after(done, &cx, *site, &found, &Typed { moved: id, ..Typed::of(&form) }).await
}

/// POST `/compacts/{slug}/seats`
#[handler]
pub async fn add_seat_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let found = known(&cx, &slug).await?;
    let typed = Typed::of(&form);
    let add = async {
        let mut tx = db.write(actor).await?;
        editing::add_seat(&mut tx, found.0.id, &typed.seat_party, &typed.seat_role).await?;
        tx.commit().await
    };
    let done = add.await;
    after(done, &cx, *site, &found, &typed).await
}

/// POST `/compacts/{slug}/seats/{id}/removal`
#[handler]
pub async fn remove_seat_view(
    SignedIn(actor): SignedIn,
    Path((slug, id)): Path<(String, String)>,
    db: Data<&Db>,
) -> poem::Result<Response> {
    let (compact, _) = known(&db.cx(actor.clone()), &slug).await?;
    let id = id.parse().map_err(|_| Error::NotFound("seat"))?;
    let mut tx = db.write(actor).await?;
    editing::remove_seat(&mut tx, compact.id, id).await?;
    tx.commit().await?;
    Ok(see_other(&format!("{}/parties?done=kept", compact.path())))
}
