//! Demand before supply: wishes, principals who hear of them, sessions that meet them, and polls for a time (J-15).

use commonground::people::AccountId;
use commonground::platform::{Actor, Place, Role};
use commonground::sessions::{self, clockwork, wish};

use crate::support::sessions::{Sketch, TwoSchools};
use crate::support::{TestApp, both_engines};

async fn tick(test: &TestApp) {
    let desk = test.app.desk(&test.base.as_str().into()).unwrap();
    for _ in 0..2 {
        clockwork::tick(test.db(), &desk).await.unwrap();
    }
}

async fn ask(test: &TestApp, account: AccountId, words: &str) {
    let browser = test.signed_in(account, false).await;
    let fields = [("subject", "topic:early_reading"), ("words", words)];
    assert_eq!(browser.post_on("/sessions/ask", &fields).await, "/sessions/ask?done=asked");
}

async fn teachers(test: &TestApp, at: &TwoSchools, from: usize, to: usize) -> Vec<AccountId> {
    let mut all = Vec::new();
    for n in from..to {
        let id = test.account(&format!("tess{n}@harbor.example"), &format!("Tess Number {n}")).await;
        test.appoint(id, Role::Teacher, Place::School(at.harbor.0)).await;
        all.push(id);
    }
    all
}

async fn told(test: &TestApp, email: &str, kind: &str) -> usize {
    test.letters(email).await.into_iter().filter(|letter| letter.kind == kind).count()
}

both_engines! {
    /// Five people of two sectors are enough; then twice as many. Numbers are shown, never names.
    async fn principals_hear_of_what_enough_people_ask_for(test: TestApp) {
        let at = test.two_schools().await;
        let (paula, pete) = ("paula@harbor.example", "pete@millbrook.example");
        for account in teachers(&test, &at, 0, 5).await {
            ask(&test, account, "with small groups").await;
        }
        tick(&test).await;
        assert_eq!(told(&test, paula, "wish_told").await, 0, "five of one sector are not enough");
        ask(&test, at.dina, "in Spanish").await;
        ask(&test, at.dina, "asked again").await;
        tick(&test).await;
        assert_eq!((told(&test, paula, "wish_told").await, told(&test, pete, "wish_told").await), (1, 1));
        for account in teachers(&test, &at, 5, 10).await {
            ask(&test, account, "").await;
        }
        tick(&test).await;
        assert_eq!(told(&test, paula, "wish_told").await, 1, "eleven are not twice six");
        test.clock.set("2026-10-14T16:05:00Z".parse().unwrap());
        ask(&test, at.dora, "").await;
        tick(&test).await;
        assert_eq!(told(&test, paula, "wish_told").await, 2);
        // A teacher reads numbers; a principal also what was written; nobody reads names.
        let page = test.signed_in(at.carl, false).await.page("/sessions/ask").await;
        assert!(page.contains("12 people (Charter 10, District 2)"), "{page}");
        assert!(!page.contains("in Spanish") && !page.contains("/polls/new"), "{page}");
        let page = test.signed_in(at.paula, false).await.page("/sessions/ask").await;
        assert!(page.contains("in Spanish") && page.contains("/polls/new"), "{page}");
        assert!(!page.contains("Tess Number") && !page.contains("Dina Ford"), "{page}");
        // Taken back, by the person alone.
        let dina = test.signed_in(at.dina, false).await;
        let page = dina.page("/sessions/ask").await;
        let path = withdrawal(&page);
        let dora = test.signed_in(at.dora, false).await;
        assert_eq!(dora.post(&path, &[]).await.status(), 404);
        dina.post_on(&path, &[]).await;
        assert!(dora.page("/sessions/ask").await.contains("11 people (Charter 10, District 1)"));
    }
}

fn withdrawal(page: &str) -> String {
    let at = page.find("/sessions/ask/").unwrap();
    page[at..].chars().take_while(|c| *c != '"').collect()
}

both_engines! {
    /// A session that is published ends the wishes it meets, and tells those who asked, once.
    async fn a_session_meets_the_wishes_for_it(test: TestApp) {
        let at = test.two_schools().await;
        ask(&test, at.dina, "").await;
        let other = test.signed_in(at.carl, false).await;
        other.post_on("/sessions/ask", &[("subject", "topic:co_teaching")]).await;
        let id = test.session(&at, Sketch::default()).await;
        let desk = test.app.desk(&test.base.as_str().into()).unwrap();
        let (session, _) = sessions::session(&test.db().cx(Actor::Visitor), &id.to_string()).await.unwrap();
        for wanted in [1, 0] {
            let mut tx = test.db().write(Actor::System("test")).await.unwrap();
            assert_eq!(wish::met_by(&mut tx, &desk, &session).await.unwrap(), wanted);
            tx.commit().await.unwrap();
        }
        let letters = test.letters("dina@millbrook.example").await;
        assert_eq!(letters.iter().filter(|letter| letter.kind == "wish_met").count(), 1);
        assert_eq!(told(&test, "carl@harbor.example", "wish_met").await, 0);
        let page = other.page("/sessions/ask").await;
        assert!(page.contains("Co-teaching") && page.contains("1 person (Charter 1)"), "{page}");
        assert!(!page.contains("District 1"), "{page}");
    }
}

both_engines! {
    /// A principal proposes times, everybody answers, and the best is one at which two sectors can come.
    async fn a_poll_finds_a_time_for_two_sectors(test: TestApp) {
        let at = test.two_schools().await;
        ask(&test, at.dina, "").await;
        let form = [
            ("question", "A morning on reading"),
            ("subject", "topic:early_reading"),
            ("zone", "America/New_York"),
            ("closes_on", "2026-10-30"),
            ("day1", "2026-11-14"), ("start1", "09:00"), ("end1", "12:00"),
            ("day2", "2026-11-21"), ("start2", "09:00"), ("end2", "12:00"),
        ];
        let carl = test.signed_in(at.carl, false).await;
        assert_eq!(carl.get("/polls/new").await.status(), 404);
        assert_eq!(carl.post("/polls", &form).await.status(), 403);
        let paula = test.signed_in(at.paula, false).await;
        let wrong = paula.post("/polls", &form[..7]).await;
        assert_eq!(wrong.status(), 422);
        assert!(wrong.text().await.unwrap().contains("Propose 2 to 8 times."));
        let to = paula.post_on("/polls", &form).await;
        let poll = to.split('?').next().unwrap();
        assert_eq!(told(&test, "dina@millbrook.example", "poll_made").await, 1);
        // Who waits for it is not asked twice.
        let again = paula.post("/polls", &form).await;
        assert_eq!(again.status(), 422);
        assert!(again.text().await.unwrap().contains("Your school asks for times for this already"));
        // A teacher's own draft writes to nobody.
        let host = at.harbor.to_string();
        let draft = [("title", "Reading together"), ("format", "workshop"), ("host", host.as_str())];
        let to = carl.post_on("/sessions/new", &draft).await;
        let own = to.split('/').nth(2).unwrap();
        let named = [form.as_slice(), &[("session", own)]].concat();
        assert_eq!(carl.post("/polls", &named).await.status(), 403);
        let plain: Vec<_> = named.into_iter().filter(|(name, _)| *name != "subject").collect();
        assert!(carl.post_on("/polls", &plain).await.starts_with("/polls/"));
        assert_eq!(told(&test, "dina@millbrook.example", "poll_made").await, 1);
        assert_eq!(test.get(poll).await.status(), 303, "a visitor signs in first");
        carl.post_on(poll, &[("t1", "yes"), ("t2", "if_needed")]).await;
        carl.post_on(poll, &[("t1", "yes"), ("t2", "if_needed")]).await;
        let dina = test.signed_in(at.dina, false).await;
        assert_eq!(dina.post(poll, &[("t1", "perhaps")]).await.status(), 422);
        dina.post_on(poll, &[("t2", "yes")]).await;
        let page = dina.page(poll).await;
        assert!(page.contains("Yes: Charter 1.") && page.contains("Yes: District 1. If needed: Charter 1."), "{page}");
        assert!(page.contains("Best so far: Saturday, November 21") && page.contains("two sectors can come"), "{page}");
        assert!(!page.contains("Carl Pier") && !page.contains("/sessions/new"), "{page}");
        let page = paula.page(poll).await;
        let link = page.split('"').find(|text| text.starts_with("/sessions/new?meetings/1/date=2026-11-21")).unwrap();
        let page = paula.page(&link.replace("&#38;", "&")).await;
        for there in ["value=\"2026-11-21\"", "value=\"09:00\"", "value=\"12:00\"", "value=\"A morning on reading\""] {
            assert!(page.contains(there), "{there} of {page}");
        }
        // It closes by itself.
        test.clock.set("2026-10-31T04:00:00Z".parse().unwrap());
        let dina = test.signed_in(at.dina, false).await;
        assert_eq!(dina.post(poll, &[("t1", "yes")]).await.status(), 422);
        assert!(dina.page(poll).await.contains("Best time: Saturday, November 21"));
    }
}
