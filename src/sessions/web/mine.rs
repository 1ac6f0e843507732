//! `/me/sessions`: a person's seats.

use std::collections::HashMap;

use poem::http::StatusCode;
use poem::web::Data;
use poem::{Response, handler};

use crate::people::{School, SchoolId};
use crate::platform::Db;
use crate::platform::vocabulary::{Approval, Seat, SessionStatus};
use crate::sessions::agenda::{self, Booking};
use crate::sessions::schedule;
use crate::sessions::seat::takes_place;
use crate::sessions::views::mine::{MySessionsPage, SeatRow};
use crate::web::asker::SignedIn;
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, own_page};
use crate::web::views::{Link, Section};

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![("/me/sessions", resource().get(mine_view))]
}

/// GET `/me/sessions`
#[handler]
pub async fn mine_view(SignedIn(actor): SignedIn, db: Data<&Db>, site: Data<&Site>) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let mine = agenda::mine(&cx).await?;
    let all: Vec<&Booking> = mine.coming.iter().chain(&mine.past).collect();
    let schools = agenda::schools_of(&cx, &all).await?;
    let mut view = MySessionsPage {
        chrome: site.chrome("Your sessions", "", "/me/sessions"),
        past: mine.past.iter().map(|booking| past(booking, &schools)).collect(),
        ..MySessionsPage::default()
    };
    for booking in &mine.coming {
        let mut row = coming(booking, &schools);
        if let Some(position) = mine.positions.get(&booking.registration.id) {
            row.next = format!("By the order of asking you are number {position}.");
        }
        match booking.registration.seat {
            _ if !row.act.is_empty() => view.asked.push(row),
            Seat::WAITLISTED => view.waiting.push(row),
            _ => view.coming.push(row),
        }
    }
    (view.chrome.section, view.chrome.noindex) = (Section::Me, true);
    own_page(StatusCode::OK, &view)
}

fn row(booking: &Booking, schools: &HashMap<SchoolId, School>) -> SeatRow {
    let (seat, session) = (&booking.registration, &booking.session);
    let host = schools.get(&session.host.school).map(|school| format!("Hosted by {}. ", school.name));
    SeatRow {
        session: Link { text: session.title.clone(), url: format!("/sessions/{}", session.id) },
        state: seat.seat.label().to_owned(),
        when: session.meetings.iter().map(schedule::when).collect(),
        facts: format!("{}{}.", host.unwrap_or_default(), seat.way.label()),
        ..SeatRow::default()
    }
}

fn coming(booking: &Booking, schools: &HashMap<SchoolId, School>) -> SeatRow {
    let (seat, session) = (&booking.registration, &booking.session);
    let (row, zone) = (row(booking, schools), session.zone());
    let by = |until| schedule::moment(until, zone);
    if session.status == SessionStatus::CANCELLED {
        return SeatRow { state: session.status.label().to_owned(), tone: "bad", ..row };
    }
    let changed = takes_place(seat.seat) && seat.seat != Seat::OFFERED && seat.round < session.round;
    let row = match seat.seat {
        Seat::OFFERED => {
            let next = seat.offer_until.map(|until| format!("Answer by {}.", by(until))).unwrap_or_default();
            SeatRow { tone: "good", next, act: "Take the seat or decline it", ..row }
        }
        _ if changed => SeatRow {
            next: "Its date or place changed. Keep your seat, or give it back freely.".to_owned(),
            act: "Look and answer",
            ..row
        },
        Seat::HELD if seat.approval == Approval::WAITING => {
            let next = seat.hold_until.map(|until| format!("Your principal decides by {}.", by(until)));
            SeatRow { next: next.unwrap_or_default(), ..row }
        }
        Seat::CONFIRMED => SeatRow { tone: "good", ..row },
        _ => row,
    };
    if session.status == SessionStatus::POSTPONED {
        let next = "Postponed: a letter brings the new date.".to_owned();
        return SeatRow { state: format!("{}, {}", row.state, session.status.label().to_lowercase()), next, ..row };
    }
    row
}

fn past(booking: &Booking, schools: &HashMap<SchoolId, School>) -> SeatRow {
    SeatRow { state: "Over".to_owned(), ..row(booking, schools) }
}
