//! How a letter to the person begins: its kind, its subject, and the sentence that says what became of their seat.

use uuid::Uuid;

use super::About;
use crate::mail::Lang;
use crate::people::account;
use crate::platform::vocabulary::{Seat, Way};
use crate::platform::{Result, Tx};
use crate::sessions::registration::Why;
use crate::sessions::words::say;

impl About<'_> {
    /// Kind of the person's letter, and what its subject begins with.
    pub(super) fn heading(&self, why: Why) -> (&'static str, String) {
        let own = |kind, key| (kind, say(self.person.lang, key, &[]));
        let english = |kind, subject: &str| (kind, subject.to_owned());
        match (why, self.registration.seat) {
            (Why::Approved, Seat::CONFIRMED) => own("seat_approved", "approved-subject"),
            (Why::Approved, _) => own("seat_approved", "agreed-subject"),
            (_, Seat::CONFIRMED) => own("seat_confirmed", "confirmed-subject"),
            (_, Seat::HELD) => own("seat_held", "held-subject"),
            (_, Seat::WAITLISTED) => own("seat_waitlisted", "waitlisted-subject"),
            (_, Seat::OFFERED) => own("seat_offered", "offered-subject"),
            (Why::Declined, _) => english("offer_declined", "You declined the seat"),
            (Why::OfferOver, _) => english("offer_expired", "The offer is over"),
            (Why::Refused, _) => english("seat_declined", "Your principal said no"),
            (Why::Unanswered, _) => english("seat_expired", "Your seat went back"),
            (Why::Cancelled, _) => own("session_cancelled", "cancelled-subject"),
            (Why::HandedOver(_), _) => english("seat_handed_over", "Your seat went to a colleague"),
            _ => own("seat_released", "released-subject"),
        }
    }

    /// The first sentence, and whom it names besides its reader.
    pub(super) async fn opening(&self, tx: &Tx, lang: Lang, why: Why) -> Result<(String, Option<Uuid>)> {
        let title = &self.session.title;
        let registration = self.registration;
        let say_of = |key, by: &str| say(lang, key, &[("title", title), ("by", by)]);
        let say = |key| say(lang, key, &[("title", title)]);
        let actor = tx.actor().person().filter(|actor| actor.account != self.person.id.0);
        let said = match why {
            Why::Asked if registration.registered_by.is_some() => {
                let waits = registration.seat == Seat::WAITLISTED;
                let key = if waits { "registered-to-wait" } else { "registered-by" };
                return Ok(match actor {
                    Some(actor) => (say_of(key, &actor.name), Some(actor.account)),
                    None => (say_of(key, &say("the-service")), None),
                });
            }
            Why::Received(other) | Why::HandedOver(other) => {
                let colleague = account::accounts_in(tx, &[other]).await?.remove(&other);
                let name = colleague.map_or_else(|| say("a-colleague"), |colleague| colleague.name);
                let said = match why {
                    Why::Received(_) => say_of("received-from", &name),
                    _ => format!("{name} has your seat now in “{title}”."),
                };
                return Ok((said, Some(other.0)));
            }
            Why::Left => match actor {
                Some(actor) => return Ok((say_of("given-back-by", &actor.name), Some(actor.account))),
                None => say("left"),
            },
            Why::Asked if registration.seat == Seat::WAITLISTED => say("asked-waitlisted"),
            Why::Asked if registration.seat == Seat::HELD => say("asked-held"),
            Why::Asked => say("asked-confirmed"),
            Why::Claimed => say("claimed"),
            Why::Offered => say("offered"),
            Why::Accepted if registration.seat == Seat::HELD => say("accepted-held"),
            Why::Accepted => say("accepted"),
            Why::Approved => match registration.seat {
                Seat::CONFIRMED => say("approved-confirmed"),
                Seat::OFFERED => say("approved-offered"),
                _ => say("approved-waiting"),
            },
            Why::Declined => format!("You declined the seat in “{title}”. It went to the next in line."),
            Why::OfferOver => {
                format!("You did not answer in time, and the seat in “{title}” went to the next in line.")
            }
            Why::Refused => {
                let reason = registration.reason.as_deref().map(|reason| format!(" The reason: {reason}"));
                let reason = reason.unwrap_or_default();
                format!(
                    "Your school declined your seat in “{title}”.{reason} Talk to your principal if you have questions."
                )
            }
            Why::Unanswered => format!(
                "Your school did not answer in time, and the seat in “{title}” went back. Talk to your principal, who can \
                 still register you while there are seats."
            ),
            Why::Moved => format!("How you take part in “{title}” has changed."),
            Why::CrowdedOut if registration.way == Way::ONLINE => say("crowded-out-online"),
            Why::CrowdedOut => say("crowded-out-room"),
            Why::Cancelled => self.cancelled(lang),
        };
        Ok((said, None))
    }

    /// That it does not take place, with the reason as it was typed.
    fn cancelled(&self, lang: Lang) -> String {
        let said = say(lang, "cancelled", &[("title", &self.session.title)]);
        match self.session.reason.as_deref() {
            Some(reason) => format!("{said} {}", say(lang, "organizer-says", &[("reason", reason)])),
            None => said,
        }
    }
}
