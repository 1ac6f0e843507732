//! The pages of a session, of a person's sessions and of a school's seats, and the links of letters: through HTTP.

use commonground::people::AccountId;
use serde_json::{Value, json};

use crate::support::persons::Browser;
use crate::support::sessions::{Sketch, TwoSchools};
use crate::support::{TestApp, both_engines, html};

/// The path of the first letter's link to a person that is for this errand.
async fn errand(test: &TestApp, email: &str, errand: &str) -> String {
    let start = format!("{}/r/{errand}/", test.base);
    let letters = test.letters(email).await;
    let text = letters.iter().rev().find(|letter| letter.text.contains(&start));
    let text = &text.unwrap_or_else(|| panic!("no link for {errand} to {email} in {letters:#?}")).text;
    let at = text.find(&start).unwrap() + test.base.len();
    text[at..].chars().take_while(|c| !c.is_whitespace()).collect()
}

/// The address of the registration that a page names: `/registrations/ID`.
fn registration(page: &str) -> String {
    let at = page.find("/registrations/").expect("the page names a registration");
    page[at..].chars().take("/registrations/".len() + 36).collect()
}

/// A session page as a signed-in person sees it, in one browser.
struct Looks {
    browser: Browser,
    path: String,
}

impl Looks {
    async fn at(test: &TestApp, session: impl std::fmt::Display, account: AccountId) -> Self {
        Self { browser: test.signed_in(account, false).await, path: format!("/sessions/{session}") }
    }

    async fn page(&self) -> String {
        self.browser.page(&self.path).await
    }

    async fn asks(&self) -> String {
        self.browser.post_on(&format!("{}/registration", self.path), &[]).await
    }

    async fn leaves(&self) -> String {
        self.browser.post_on(&format!("{}/withdrawal", self.path), &[]).await
    }
}

async fn two(test: &TestApp) -> TwoSchools {
    test.two_schools().await
}

both_engines! {
    /// Everything that decides whether one can come is on the page, for who is not signed in too.
    async fn a_session_says_whether_one_can_come(test: TestApp) {
        let at = two(&test).await;
        let kept = json!({ "charter": 10, "district": 10 });
        let release = Some("2026-11-04T17:00:00Z".parse().unwrap());
        let meetings = vec!["2026-10-31T09:00:00".parse().unwrap(), "2026-11-14T09:00:00".parse().unwrap()];
        let id = test.session(&at, Sketch { kept, release_at: release, meetings, ..Sketch::default() }).await;
        let page = test.page(&format!("/sessions/{id}")).await;
        for words in [
            "<h1>Reading Safety Net in Action</h1>",
            "You will leave with a plan for six weeks",
            // Each meeting by the clock of its day: the first is before the change, the second after it.
            "Saturday, October 31, 2026, 9:00 AM to 12:00 PM EDT",
            "Saturday, November 14, 2026, 9:00 AM to 12:00 PM EST",
            "12 Harbor Street",
            "Harbor Charter School",
            "Millbrook Elementary",
            "sector--charter",
            "sector--district",
            "30 of 30 seats left (kept: 10 for charter teachers, 10 for district teachers until Wednesday, November 4, 2026)",
            "Joint: 1 of 3 checks holds so far",
            &format!("class=\"button\" href=\"/sign-in?next=%2Fsessions%2F{id}\""),
            &format!("{id}.ics"),
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("noindex") && !page.contains("<form class=\"form\""), "{page}");
        let script = html::elements(&page).into_iter().find(|e| e.get("type") == Some("application/ld+json")).unwrap();
        let event: Value = serde_json::from_str(&script.text).unwrap();
        assert_eq!(event["@type"], "EducationEvent");
        assert_eq!(event["startDate"], "2026-10-31T09:00:00-04:00");
        assert_eq!(event["endDate"], "2026-11-14T12:00:00-05:00");
        assert_eq!((&event["eventStatus"], event["subEvent"].as_array().unwrap().len()), (&json!("https://schema.org/EventScheduled"), 2));
    }
}

both_engines! {
    /// Drafts are for who makes them; a members' page is kept out of search engines; what was cancelled says so first.
    async fn not_every_page_is_for_everybody(test: TestApp) {
        let at = two(&test).await;
        let draft = test.session(&at, Sketch { status: "draft", ..Sketch::default() }).await;
        assert_eq!(test.get(&format!("/sessions/{draft}")).await.status(), 404);
        let dina = test.signed_in(at.dina, false).await;
        assert_eq!(dina.get(&format!("/sessions/{draft}")).await.status(), 404, "a teacher of the co-host");
        let paula = test.signed_in(at.paula, false).await.page(&format!("/sessions/{draft}")).await;
        assert!(paula.contains("This is a draft.") && paula.contains("noindex") && paula.contains("/posting"), "{paula}");
        assert!(!paula.contains("application/ld+json"), "search engines are told nothing");
        let cancelled = test.session(&at, Sketch { status: "cancelled", ..Sketch::default() }).await;
        let page = test.page(&format!("/sessions/{cancelled}")).await;
        assert!(page.find("This session is cancelled.").unwrap() < page.find("When and where").unwrap(), "{page}");
        assert!(page.contains("EventCancelled") && !page.contains("seats left"));
        assert!(!page.contains("ask for a seat"), "{page}");
        assert_eq!(test.get("/sessions/no-such-session").await.status(), 404);
    }
}

both_engines! {
    /// One asks, hands over, gives back, and is told each time what is so now.
    async fn a_seat_is_asked_for_handed_over_and_given_back(test: TestApp) {
        let at = two(&test).await;
        let id = test.session(&at, Sketch::default()).await;
        let (carl, cora) = (Looks::at(&test, id, at.carl).await, Looks::at(&test, id, at.cora).await);
        assert!(carl.page().await.contains(">Ask for a seat</button>"));
        assert_eq!(carl.asks().await, format!("/sessions/{id}?done=asked"));
        let page = carl.page().await;
        assert!(page.contains("You have a seat") && page.contains("29 of 30 seats left"), "{page}");
        assert!(!page.contains(">Ask for a seat</button>"), "{page}");
        let seat = registration(&page);
        // Nobody learns here who has an account: of another school, or none at all, is the same answer.
        let mut refusals = Vec::new();
        for address in ["dina@millbrook.example", "nobody@harbor.example", "no address"] {
            let answer = carl.browser.post(&format!("{seat}/handover"), &[("to", address)]).await;
            assert_eq!(answer.status(), 422);
            let page = answer.text().await.unwrap();
            assert!(page.contains(&format!("value=\"{address}\"")), "what was typed stays: {page}");
            refusals.push(page.replace(address, "ADDRESS").lines().filter(|line| line.contains("field__wrong")).collect::<String>());
        }
        assert!(refusals[0].contains("a colleague of your school"), "{refusals:?}");
        assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{refusals:?}");
        let on = carl.browser.post_on(&format!("{seat}/handover"), &[("to", "cora@harbor.example")]).await;
        assert_eq!(on, format!("/sessions/{id}?done=handed"));
        assert!(carl.page().await.contains(">Ask for a seat</button>"));
        assert!(cora.page().await.contains("You have a seat"));
        // Nobody else answers for the seat.
        let dina = test.signed_in(at.dina, false).await;
        let hers = registration(&cora.page().await);
        assert_eq!(dina.post(&format!("{hers}/keep"), &[]).await.status(), 404);
        assert_eq!(cora.leaves().await, format!("/sessions/{id}?done=left"));
        assert!(cora.page().await.contains("30 of 30 seats left"));
        // A visitor is asked to sign in, and nothing is done.
        let visitor = test.browser().post(&format!("/sessions/{id}/registration"), &[]).await;
        assert_eq!(visitor.status(), 401);
    }
}

both_engines! {
    /// The waitlist offers by letter; the link shows with GET, acts with POST, and afterwards says how it is.
    async fn an_offer_is_taken_by_letter(test: TestApp) {
        let at = two(&test).await;
        let id = test.session(&at, Sketch { capacity: 1, ..Sketch::default() }).await;
        let (carl, dina) = (Looks::at(&test, id, at.carl).await, Looks::at(&test, id, at.dina).await);
        carl.asks().await;
        let page = dina.page().await;
        assert!(page.contains("The one seat is taken") && page.contains(">Join the waitlist</button>"), "{page}");
        dina.asks().await;
        let page = dina.page().await;
        assert!(page.contains("you are number 1") && page.contains("1 person waits"), "{page}");
        assert!(!page.contains(">Join the waitlist</button>"), "{page}");
        let mine = dina.browser.page("/me/sessions").await;
        assert!(mine.contains("On the waitlist") && mine.contains("you are number 1"), "{mine}");
        carl.leaves().await;
        assert!(dina.page().await.contains("Take the seat</button>"));
        let mine = dina.browser.page("/me/sessions").await;
        assert!(mine.find("Waiting for your answer").unwrap() < mine.find("To come").unwrap(), "{mine}");
        // A scanner of her mailbox opens the link as often as it likes.
        let link = errand(&test, "dina@millbrook.example", "offer").await;
        let scanner = test.browser();
        for _ in 0..2 {
            let answer = scanner.get(&link).await;
            assert_eq!(answer.headers()["cache-control"], "no-store");
            let page = answer.text().await.unwrap();
            assert!(page.contains("Take the seat?") && page.contains("noindex") && !page.contains("canonical"), "{page}");
            assert!(page.contains("This link acts for Dina Ford"), "{page}");
        }
        assert!(dina.page().await.contains("A seat is offered to you"));
        let wrong = scanner.post(&link, &[("decision", "maybe")]).await;
        assert_eq!(wrong.status(), 422);
        assert_eq!(scanner.post_on(&link, &[("decision", "accept")]).await, format!("{link}?done"));
        assert!(dina.page().await.contains("You have a seat"));
        let page = scanner.page(&link).await;
        assert!(page.contains("You have a seat.") && !page.contains("<button type=\"submit\" name"), "{page}");
        // Pressed again it is the same; too late it says so.
        assert_eq!(scanner.post(&link, &[("decision", "accept")]).await.status(), 303);
        let late = scanner.post(&link, &[("decision", "decline")]).await;
        assert_eq!(late.status(), 409);
        assert!(dina.page().await.contains("You have a seat"), "she keeps it");
        // A link bent by a mailbox leads to a page, not to a fault.
        let bent = scanner.get(&link[..link.len() - 3]).await;
        assert_eq!(bent.status(), 404);
        assert!(bent.text().await.unwrap().contains("This link does not work any more"));
        assert_eq!(scanner.get(&link.replace("/r/offer/", "/r/decide/")).await.status(), 404, "for another errand");
    }
}

both_engines! {
    /// A principal answers by the letter, or on the school's page; nobody else does.
    async fn a_principal_answers(test: TestApp) {
        let at = two(&test).await;
        let id = test.session(&at, Sketch { approval_needed: true, ..Sketch::default() }).await;
        let (carl, cora) = (Looks::at(&test, id, at.carl).await, Looks::at(&test, id, at.cora).await);
        assert!(carl.page().await.contains("Your principal is asked"));
        carl.asks().await;
        assert!(carl.page().await.contains("A seat is held for you"));
        let link = errand(&test, "paula@harbor.example", "decide").await;
        let letter = test.browser();
        assert!(letter.page(&link).await.contains("May Carl Pier come?"));
        assert!(carl.page().await.contains("A seat is held for you"), "looking changes nothing");
        letter.post_on(&link, &[("decision", "approve")]).await;
        assert!(carl.page().await.contains("Your school said yes."));
        assert!(letter.page(&link).await.contains("This request is approved"));

        cora.asks().await;
        let seats = "/schools/harbor-charter-school/seats";
        let paula = test.signed_in(at.paula, false).await;
        let page = paula.page(seats).await;
        assert!(page.contains("Decline Cora Buoy") && page.contains("Week of Monday, November 9, 2026"), "{page}");
        assert!(page.find("Decline Cora Buoy").unwrap() < page.find("<strong>Carl Pier</strong>").unwrap(), "{page}");
        let at_form = page.find("/approval").unwrap();
        let form: String = page[..at_form].chars().rev().take_while(|c| *c != '"').collect::<Vec<_>>().into_iter().rev().collect();
        let action = format!("{form}/approval");
        // Others see no such page and answer nothing.
        for stranger in [at.carl, at.dina, at.pete] {
            let stranger = test.signed_in(stranger, false).await;
            assert_eq!(stranger.get(seats).await.status(), 404);
            assert_eq!(stranger.post(&action, &[("decision", "approve")]).await.status(), 404);
        }
        let led = test.browser().get(seats).await;
        assert!(led.headers()["location"].to_str().unwrap().starts_with("/sign-in?next="), "a visitor is led to the sign-in");
        let long = "x".repeat(301);
        let refused = paula.post(&action, &[("decision", "decline"), ("reason", &long)]).await;
        assert_eq!(refused.status(), 422);
        assert!(refused.text().await.unwrap().contains(&long), "what was typed stays");
        let on = paula.post_on(&action, &[("decision", "decline"), ("reason", "Testing <week>")]).await;
        assert_eq!(on, format!("{seats}?done=declined"));
        let page = cora.page().await;
        assert!(page.contains("Your school said no") && page.contains("Testing &#60;week&#62;"), "{page}");
        assert!(!page.contains(">Ask for a seat</button>"), "her principal can register her: {page}");
        // On the session's page the principal registers her.
        let session = Looks::at(&test, id, at.paula).await;
        let page = session.page().await;
        let colleague = format!("{}@{}", at.cora, at.harbor);
        assert!(page.contains("Register a colleague") && page.contains(&colleague), "{page}");
        let path = format!("/sessions/{id}/registration");
        assert_eq!(session.browser.post_on(&path, &[("account", &colleague)]).await, format!("/sessions/{id}?done=colleague"));
        assert!(cora.page().await.contains("You have a seat"));
        let foreign = format!("{}@{}", at.dina, at.millbrook);
        let refused = cora.browser.post(&path, &[("account", &foreign)]).await;
        assert!(refused.status().is_client_error(), "{}", refused.status());
        assert!(!Looks::at(&test, id, at.dina).await.page().await.contains("You have a seat"));
    }
}
