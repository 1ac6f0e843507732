//! Whom those who look after a statement asked to sign it, and the link that ends such letters.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::read::published;
use super::{asked, link_to, place_link};
use crate::platform::{Actor, Cx, Db, Place};
use crate::sessions::Desk;
use crate::statements::calling::{self, AGAIN, Answer, Asked, Called};
use crate::statements::named;
use crate::statements::views::signing::{CallRow, CallsPage, StopPage};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day_of, own_page, see_other};

/// GET `/statements/{slug}/calls`
#[handler]
pub async fn list_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let count = |name: &str| asked(request, name).parse::<u64>().unwrap_or_default().min(1_000);
    let called = Called {
        asked: count("asked"),
        waiting: count("waiting"),
        stopped: count("stopped"),
        signed: count("signed"),
        nobody: count("nobody"),
    };
    let page = CallsPage { done: said(&called), ..CallsPage::default() };
    show(&db.cx(actor), *site, *desk, &reference, page, StatusCode::OK).await
}

/// What became of a call, in words; empty where nothing was done.
fn said(called: &Called) -> String {
    let one = |n: u64, single: &str, many: &str| match n {
        0 => None,
        1 => Some(single.to_owned()),
        n => Some(format!("{n} {many}")),
    };
    let parts = [
        one(called.asked, "1 letter is on its way.", "letters are on their way."),
        one(
            called.waiting,
            "1 address was asked a short while ago, or as often as one is: it gets none now.",
            "addresses were asked a short while ago, or as often as one is: they get none now.",
        ),
        one(called.stopped, "1 address wants no such letters.", "addresses want no such letters."),
        one(called.signed, "1 of them signed already.", "of them signed already."),
        one(
            called.nobody,
            "For 1 of them nobody speaks here yet; write to an email address instead.",
            "of them have nobody here yet who speaks for them; write to email addresses instead.",
        ),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// POST `/statements/{slug}/calls`
#[handler]
pub async fn call_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = published(&cx, &reference).await?;
    // Who does not look after it is told so before anything is looked up.
    calling::asked(&cx, &desk.secret, &one).await?;
    let called = async {
        let lines = calling::look_up(&cx, form.get("who")).await?;
        let mut tx = db.write(actor).await?;
        let called = calling::call(&mut tx, *desk, one.id, &lines).await?;
        tx.commit().await.map(|()| called)
    };
    match called.await {
        Ok(called) => {
            let Called { asked, waiting, stopped, signed, nobody } = called;
            let to = format!(
                "{}/calls?asked={asked}&waiting={waiting}&stopped={stopped}&signed={signed}&nobody={nobody}",
                one.path()
            );
            Ok(see_other(&to))
        }
        Err(error) => {
            let page = CallsPage {
                corrections: Corrections::of(error)?,
                who: form.get("who").to_owned(),
                ..CallsPage::default()
            };
            show(&cx, *site, *desk, &reference, page, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn show(
    cx: &Cx,
    site: &Site,
    desk: &Desk,
    reference: &str,
    page: CallsPage,
    status: StatusCode,
) -> poem::Result<Response> {
    let one = published(cx, reference).await?;
    let all = calling::asked(cx, &desk.secret, &one).await?;
    let places: Vec<Place> = all.iter().filter_map(|each| each.place).collect();
    let names = named(cx, &places).await?;
    let row = |each: &Asked| CallRow {
        who: match each.place {
            Some(place) => place_link(names.get(&place)),
            None => crate::web::views::Link { text: each.email.clone(), url: String::new() },
        },
        people: match each.people {
            _ if each.place.is_none() => String::new(),
            1 => "1 person who speaks for it was asked.".to_owned(),
            n => format!("{n} people who speak for it were asked."),
        },
        answer: match each.answer {
            Answer::Signed => "Signed".to_owned(),
            Answer::Withdrew => "Signed and withdrew".to_owned(),
            Answer::None => "Has not answered".to_owned(),
            Answer::Stopped => "Wants no such letters".to_owned(),
        },
        when: if each.answer == Answer::None {
            format!("Asked {}; can be asked again from {} on.", day_of(each.last_at), day_of(each.last_at + AGAIN))
        } else {
            format!("Asked {}.", day_of(each.last_at))
        },
    };
    let mut chrome = site.chrome(&format!("Ask others to sign: {}", one.title), "", &format!("{}/calls", one.path()));
    chrome.noindex = true;
    let view = CallsPage {
        chrome,
        statement: link_to(&one),
        may_ask: calling::may_ask(cx, &one),
        rows: all.iter().map(row).collect(),
        ..page
    };
    own_page(status, &view)
}

/// GET `/r/statement/{token}/stop`
#[handler]
pub async fn stop_view(
    Path(token): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let stopped = calling::is_stopped(&db.cx(Actor::Visitor), *desk, &token).await?;
    let mut chrome = site.chrome("Letters that ask to sign statements", "", "");
    chrome.canonical.clear();
    chrome.noindex = true;
    own_page(StatusCode::OK, &StopPage { chrome, stopped, action: format!("/r/statement/{token}/stop") })
}

/// POST `/r/statement/{token}/stop`
#[handler]
pub async fn stopped_view(
    Path(token): Path<String>,
    form: Form,
    db: Data<&Db>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let mut tx = db.write(Actor::Visitor).await?;
    calling::stop(&mut tx, *desk, &token, form.get("do") != "resume").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/r/statement/{token}/stop")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_a_call_is_said_in_words() {
        assert_eq!(said(&Called::default()), "");
        let called = Called { asked: 2, waiting: 1, stopped: 1, signed: 3, nobody: 1 };
        let words = said(&called);
        for part in
            ["2 letters are on their way.", "1 address wants no", "3 of them signed already.", "For 1 of them nobody"]
        {
            assert!(words.contains(part), "{words}");
        }
    }
}
