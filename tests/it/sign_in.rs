//! The entrance: who gets in by which way, who is recognized, and until when.

use chrono::TimeDelta;
use commonground::app::App;
use commonground::mail::outbox::{self, Filter};
use commonground::people::AccountId;
use commonground::people::account::{NewAccount, open_account};
use commonground::platform::{Actor, Clock, Job, Outcome};
use commonground::sign_in::jobs::ForgetEnded;
use commonground::sign_in::password::{self, Passwords};
use commonground::sign_in::{second_step, token, visit};
use commonground::web::site::Site;
use poem::{Endpoint, EndpointExt};
use sea_orm::{ConnectionTrait, Statement};

use crate::support::persons::Browser;
use crate::support::{Engine, TestApp, TestDatabase, both_engines};

/// A password that we take.
const TUBA: &str = "gravel tuba moonlight";
/// Another one.
const KAYAK: &str = "seven quiet kayaks";

/// Gives an account a password, as the demo and the command line do.
async fn give_password(test: &TestApp, account: AccountId, text: &str) {
    let hash = Passwords::default().fresh(text, Vec::new()).await.unwrap();
    let mut tx = test.db().write(Actor::System("test")).await.unwrap();
    password::set_for(&mut tx, account, &hash).await.unwrap();
    tx.commit().await.unwrap();
}

async fn close_account(test: &TestApp, account: AccountId) {
    let tx = test.db().write(Actor::System("test")).await.unwrap();
    let id = account.0.simple().to_string();
    let sql = match tx.conn().get_database_backend() {
        sea_orm::DbBackend::Sqlite => format!("UPDATE account SET state = 'deactivated' WHERE id = x'{id}'"),
        _ => format!("UPDATE account SET state = 'deactivated' WHERE id = '{id}'"),
    };
    assert_eq!(tx.conn().execute_unprepared(&sql).await.unwrap().rows_affected(), 1);
    tx.commit().await.unwrap();
}

async fn rows_of(test: &TestApp, table: &str) -> i64 {
    let cx = test.db().cx(Actor::System("test"));
    let sql = format!("SELECT COUNT(*) AS n FROM {table}");
    let row = cx.conn().query_one_raw(Statement::from_string(cx.conn().get_database_backend(), sql)).await;
    row.unwrap().unwrap().try_get("", "n").unwrap()
}

async fn tokens_that_hold(test: &TestApp, account: AccountId) -> usize {
    token::tokens_of(&test.db().cx(Actor::System("test")), account).await.unwrap().len()
}

fn later(test: &TestApp, time: TimeDelta) {
    test.clock.set(test.clock.now() + time);
}

/// The link of the newest letter of a kind to an address, as a path.
async fn link_to(test: &TestApp, email: &str, kind: &str) -> String {
    let letters = test.letters(email).await;
    let newest = letters.iter().rev().find(|letter| letter.kind == kind);
    newest.unwrap_or_else(|| panic!("no {kind} among {letters:?}")).path(&test.base)
}

/// A browser that came in by a link just now.
async fn in_by_link(test: &TestApp, email: &str) -> Browser {
    let browser = test.browser();
    browser.post_on("/sign-in/link", &[("email", email)]).await;
    browser.post_on(&link_to(test, email, "sign_in_link").await, &[]).await;
    browser
}

/// Waits until the last use of an account's sign-in is noted, which happens beside the request.
async fn noted(test: &TestApp, account: AccountId) {
    for _ in 0..500 {
        let cx = test.db().cx(Actor::System("test"));
        if visit::visits_of(&cx, account).await.unwrap()[0].seen_at == test.clock.now() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the use of a sign-in was not noted");
}

/// Everything an answer tells, with the address that was typed made one.
async fn told(response: reqwest::Response, typed: &str) -> (u16, Vec<(String, String)>, String) {
    let status = response.status().as_u16();
    let own = ["date", "x-request-id"];
    let headers = response.headers().iter().filter(|(name, _)| !own.contains(&name.as_str()));
    let mut headers: Vec<_> =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    headers.sort();
    (status, headers, response.text().await.unwrap().replace(typed, "TYPED"))
}

both_engines! {
    /// A5: with every sign-in the browser gets a new ticket, and the one it had is worth nothing.
    async fn a_password_signs_in_with_a_new_ticket_each_time(test: TestApp) {
        let ada = test.account("ada@rivermark.example", "Ada Quill").await;
        give_password(&test, ada, TUBA).await;
        let browser = test.browser();
        assert!(browser.page("/sign-in?next=/schools").await.contains("value=\"/schools\""));
        let fields = [("email", " ADA@rivermark.example"), ("password", TUBA), ("next", "/schools")];
        assert_eq!(browser.post_on("/sign-in", &fields).await, "/welcome?next=%2Fschools", "the first time");
        assert!(browser.page("/about").await.contains("Ada Quill"));
        let first = browser.cookie("commonground").unwrap();
        browser.post_on("/sign-in", &fields).await;
        assert_ne!(browser.cookie("commonground").unwrap(), first);
        assert!(browser.page("/about").await.contains("Ada Quill"));
        let stolen = test.client.get(browser.url("/about")).header("cookie", format!("commonground={first}"));
        assert!(!stolen.send().await.unwrap().text().await.unwrap().contains("Ada Quill"));
    }
}

both_engines! {
    /// A4: nobody learns from a refusal who has an account.
    async fn a_refusal_is_the_same_for_everybody(test: TestApp) {
        let ada = test.account("ada@rivermark.example", "Ada Quill").await;
        let gone = test.account("gus@rivermark.example", "Gus Lark").await;
        test.account("pip@rivermark.example", "Pip without a password").await;
        give_password(&test, ada, TUBA).await;
        give_password(&test, gone, TUBA).await;
        close_account(&test, gone).await;
        let mut answers = Vec::new();
        let tries = [
            ("ada@rivermark.example", KAYAK),
            ("gus@rivermark.example", TUBA),
            ("pip@rivermark.example", TUBA),
            ("nil@rivermark.example", TUBA),
        ];
        for (email, password) in tries {
            let browser = test.browser();
            answers.push(told(browser.post("/sign-in", &[("email", email), ("password", password)]).await, email).await);
            assert_eq!(browser.cookie("commonground"), None);
        }
        let (status, _, body) = &answers[0];
        assert_eq!(*status, 422);
        assert!(body.contains("do not go together") && body.contains("value=\"TYPED\""), "{body}");
        assert!(!body.contains(KAYAK), "a password is not shown again");
        for other in &answers[1..] {
            assert_eq!(other, &answers[0]);
        }
        let open = test.browser().post("/sign-in", &[("email", "ada@rivermark.example"), ("password", TUBA)]).await;
        assert_eq!(open.status(), 303, "the control");
    }
}

both_engines! {
    /// A4 for links: the letter tells, the answer does not.
    async fn asking_for_a_link_is_answered_the_same_for_everybody(test: TestApp) {
        test.account("ada@rivermark.example", "Ada Quill").await;
        let gone = test.account("gus@rivermark.example", "Gus Lark").await;
        close_account(&test, gone).await;
        let mut answers = Vec::new();
        for email in ["ada@rivermark.example", "gus@rivermark.example", "new@rivermark.example"] {
            let browser = test.browser();
            let answer = told(browser.post("/sign-in/link", &[("email", email), ("next", "/schools")]).await, email).await;
            let page = told(browser.get("/sign-in/letter").await, email).await;
            answers.push((answer, page));
        }
        assert_eq!((answers[0].0.0, answers[0].1.0), (303, 200));
        assert!(answers[0].1.2.contains("If this address can sign in, a letter is on its way."));
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        let kinds = |letters: Vec<crate::support::persons::KeptLetter>| letters[0].kind.clone();
        assert_eq!(kinds(test.letters("ada@rivermark.example").await), "sign_in_link");
        assert_eq!(kinds(test.letters("new@rivermark.example").await), "join_link");
        let closed = test.letters("gus@rivermark.example").await;
        assert_eq!((closed.len(), closed[0].kind.as_str()), (1, "sign_in_closed"));
        assert!(!closed[0].text.contains("/sign-in/link/"), "{}", closed[0].text);
        let wrong = test.browser().post("/sign-in/link", &[("email", "ada at rivermark"), ("next", "/schools")]).await;
        let (status, _, body) = told(wrong, "ada at rivermark").await;
        assert!(status == 422 && body.contains("full email address") && body.contains("value=\"TYPED\""), "{body}");
    }
}

both_engines! {
    /// T10, A8: scanners open every link, some twice; a person presses the button once.
    async fn a_link_shows_on_get_and_works_once_on_post(test: TestApp) {
        test.account("ada@rivermark.example", "Ada Quill").await;
        let browser = test.browser();
        browser.post_on("/sign-in/link", &[("email", "ada@rivermark.example"), ("next", "/schools?q=a")]).await;
        let link = link_to(&test, "ada@rivermark.example", "sign_in_link").await;
        for _ in 0..3 {
            assert!(browser.page(&link).await.contains("Continue as Ada Quill"));
            assert_eq!(test.client.head(browser.url(&link)).send().await.unwrap().status(), 200);
        }
        assert_eq!((browser.cookie("commonground"), rows_of(&test, "sign_in").await), (None, 0));
        assert_eq!(browser.post_on(&link, &[]).await, "/welcome?next=%2Fschools%3Fq%3Da");
        assert!(browser.page("/about").await.contains("Ada Quill"));
        let other = test.browser();
        for response in [other.post(&link, &[]).await, other.get(&link).await, other.get("/sign-in/link/nonsense").await] {
            assert_eq!(response.status(), 410);
            assert!(response.text().await.unwrap().contains("Email me a new link"));
        }
        assert_eq!((other.cookie("commonground"), rows_of(&test, "sign_in").await), (None, 1));
        // Two who bring it at once: one gets in.
        browser.post_on("/sign-in/link", &[("email", "ada@rivermark.example")]).await;
        let link = link_to(&test, "ada@rivermark.example", "sign_in_link").await;
        let (one, two) = (test.browser(), test.browser());
        let (one, two) = tokio::join!(one.post(&link, &[]), two.post(&link, &[]));
        let mut both = [one.status().as_u16(), two.status().as_u16()];
        both.sort_unstable();
        assert_eq!(both, [303, 410]);
    }
}

both_engines! {
    async fn a_link_ends_with_its_time_and_with_its_account(test: TestApp) {
        let ada = test.account("ada@rivermark.example", "Ada Quill").await;
        let browser = test.browser();
        browser.post_on("/sign-in/link", &[("email", "ada@rivermark.example")]).await;
        let late = link_to(&test, "ada@rivermark.example", "sign_in_link").await;
        later(&test, TimeDelta::minutes(31));
        assert_eq!(browser.get(&late).await.status(), 410);
        assert_eq!(browser.post(&late, &[]).await.status(), 410);
        browser.post_on("/sign-in/link", &[("email", "ada@rivermark.example")]).await;
        let closed = link_to(&test, "ada@rivermark.example", "sign_in_link").await;
        assert_eq!(browser.get(&closed).await.status(), 200);
        close_account(&test, ada).await;
        assert_eq!(browser.get(&closed).await.status(), 410);
        assert_eq!(browser.post(&closed, &[]).await.status(), 410);
        assert_eq!(rows_of(&test, "sign_in").await, 0);
    }
}

both_engines! {
    /// How a new teacher joins: address, letter, button. Nothing exists before the button.
    async fn a_link_to_an_unknown_address_opens_an_account(test: TestApp) {
        let browser = test.browser();
        browser.post_on("/sign-in/link", &[("email", "new.teacher@rivermark.example"), ("next", "/practices/x")]).await;
        browser.post_on("/sign-in/link", &[("email", "new.teacher@rivermark.example")]).await;
        let second = link_to(&test, "new.teacher@rivermark.example", "join_link").await;
        let letters = test.letters("new.teacher@rivermark.example").await;
        let first = letters[0].path(&test.base);
        assert_ne!(first, second);
        assert!(browser.page(&first).await.contains("new.teacher@rivermark.example"));
        assert_eq!(rows_of(&test, "account").await, 0);
        assert_eq!(browser.post_on(&first, &[]).await, "/welcome?next=%2Fpractices%2Fx");
        assert_eq!(rows_of(&test, "account").await, 1);
        assert!(browser.page("/about").await.contains("new.teacher"));
        // The link of the second letter leads into the same account.
        let phone = test.browser();
        assert!(phone.page(&second).await.contains("Continue as new.teacher"));
        phone.post_on(&second, &[]).await;
        assert_eq!(rows_of(&test, "account").await, 1);
        let cx = test.db().cx(Actor::System("test"));
        let email = commonground::mail::Email::parse("new.teacher@rivermark.example").unwrap();
        let account = commonground::people::account::account_of(&cx, &email).await.unwrap().unwrap();
        assert!(account.email_confirmed_at.is_some() && account.welcomed_at.is_none());
    }
}

both_engines! {
    /// A8: what comes after a sign-in is a page of ours.
    async fn next_leads_to_no_other_site(test: TestApp) {
        let ada = test.account("ada@rivermark.example", "Ada Quill").await;
        give_password(&test, ada, TUBA).await;
        for evil in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "evil", "/\t/evil.example"] {
            let browser = test.browser();
            let query = serde_urlencoded::to_string([("next", evil)]).unwrap();
            let page = browser.page(&format!("/sign-in?{query}")).await;
            assert!(page.contains("name=\"next\" value=\"/\"") && !page.contains("evil.example"), "{evil}");
            let fields = [("email", "ada@rivermark.example"), ("password", TUBA), ("next", evil)];
            assert_eq!(browser.post_on("/sign-in", &fields).await, "/welcome?next=%2F", "{evil}");
            later(&test, TimeDelta::minutes(15));
            browser.post_on("/sign-in/link", &[("email", "ada@rivermark.example"), ("next", evil)]).await;
            let link = link_to(&test, "ada@rivermark.example", "sign_in_link").await;
            assert_eq!(browser.post_on(&link, &[]).await, "/welcome?next=%2F", "{evil}");
        }
    }
}

both_engines! {
    /// O5: one account and one mailbox are guarded, whoever they belong to; time heals.
    async fn too_many_tries_wait(test: TestApp) {
        let ada = test.account("ada@rivermark.example", "Ada Quill").await;
        give_password(&test, ada, TUBA).await;
        for email in ["ada@rivermark.example", "nil@rivermark.example"] {
            let browser = test.browser();
            let wrong = [("email", email), ("password", KAYAK)];
            for _ in 0..10 {
                assert_eq!(browser.post("/sign-in", &wrong).await.status(), 422);
            }
            let refused = browser.post("/sign-in", &[("email", email), ("password", TUBA)]).await;
            assert_eq!(refused.status(), 429, "also the right one waits");
            let wait: i64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((60..=121).contains(&wait), "{wait}");
            let page = refused.text().await.unwrap();
            assert!(page.contains("wait 2 minutes") && page.contains(email), "{page}");
        }
        for email in ["ada@rivermark.example", "new@rivermark.example"] {
            let browser = test.browser();
            for _ in 0..4 {
                assert_eq!(browser.post("/sign-in/link", &[("email", email)]).await.status(), 303);
            }
            assert_eq!(browser.post("/sign-in/link", &[("email", email)]).await.status(), 429);
            assert_eq!(test.letters(email).await.len(), 4);
        }
        assert_eq!(test.browser().post("/sign-in/link", &[("email", "else@rivermark.example")]).await.status(), 303);
        later(&test, TimeDelta::minutes(3));
        let right = [("email", "ada@rivermark.example"), ("password", TUBA)];
        assert_eq!(test.browser().post("/sign-in", &right).await.status(), 303);
    }
}

both_engines! {
    /// O5: two hundred teachers of one building behind one address.
    async fn a_building_is_not_disturbed(test: TestApp) {
        let browser = test.browser();
        for teacher in 0..200 {
            let email = format!("teacher{teacher}@rivermark.example");
            assert_eq!(browser.post("/sign-in/link", &[("email", &email)]).await.status(), 303, "{teacher}");
        }
    }
}

both_engines! {
    /// A forgotten password: a link, then a new one, without the old one while the sign-in is fresh.
    async fn a_forgotten_password_is_replaced_by_way_of_a_link(test: TestApp) {
        let ada = test.account("ada@rivermark.example", "Ada Quill").await;
        give_password(&test, ada, TUBA).await;
        let thief = test.signed_in(ada, false).await;
        assert!(thief.page("/me/security").await.contains("Ada") );
        let token = [("name", "Sync"), ("scope", "write"), ("days", "90")];
        assert_eq!(thief.post("/me/tokens", &token).await.status(), 201);
        // Another link is on its way.
        test.browser().post_on("/sign-in/link", &[("email", "ada@rivermark.example")]).await;
        let waiting = link_to(&test, "ada@rivermark.example", "sign_in_link").await;
        let browser = in_by_link(&test, "ada@rivermark.example").await;
        assert!(!browser.page("/me/security/password").await.contains("old_password"));
        for (weak, why) in [("kayak", "at least 8"), ("AdaQuill2026", "easy to guess"), ("password123", "easy to guess")] {
            let response = browser.post("/me/security/password", &[("password", weak)]).await;
            assert_eq!(response.status(), 422);
            let page = response.text().await.unwrap();
            assert!(page.contains(why) && !page.contains(weak), "{page}");
        }
        assert_eq!(browser.post_on("/me/security/password", &[("password", KAYAK)]).await, "/me/security?done=password");
        assert!(browser.page("/me/security?done=password").await.contains("Your password is set"));
        let letters = test.letters("ada@rivermark.example").await;
        assert_eq!(letters.last().unwrap().subject, "Your password was changed");
        // Every other sign-in has ended, and so has what was on its way (A3).
        assert_eq!(thief.get("/me/security").await.status(), 303);
        assert_eq!(test.browser().post(&waiting, &[]).await.status(), 410);
        assert_eq!(tokens_that_hold(&test, ada).await, 0);
        assert!(letters.last().unwrap().text.contains("every token was revoked"), "{letters:?}");
        let with = |password| [("email", "ada@rivermark.example"), ("password", password)];
        assert_eq!(test.browser().post("/sign-in", &with(TUBA)).await.status(), 422);
        assert_eq!(test.browser().post("/sign-in", &with(KAYAK)).await.status(), 303);
        // A quarter of an hour later the sign-in is no proof any more.
        later(&test, TimeDelta::minutes(16));
        assert!(browser.page("/me/security/password").await.contains("old_password"));
        let response = browser.post("/me/security/password", &[("password", TUBA)]).await;
        assert_eq!(response.status(), 422);
        assert!(response.text().await.unwrap().contains("not your present password"));
        assert_eq!(test.browser().post("/sign-in", &with(KAYAK)).await.status(), 303, "unchanged");
        browser.post_on("/me/security/password/removal", &[("old_password", KAYAK)]).await;
        assert_eq!(test.browser().post("/sign-in", &with(KAYAK)).await.status(), 422);
        assert!(browser.page("/me/security").await.contains("Set a password"));
    }
}

both_engines! {
    /// A browser left open is not enough to take over an account that has no password.
    async fn without_a_password_a_link_proves_who_it_is(test: TestApp) {
        let ada = test.account("ada@rivermark.example", "Ada Quill").await;
        let browser = test.signed_in(ada, false).await;
        let page = browser.page("/me/security/password").await;
        assert!(page.contains("Email me a link") && !page.contains("name=\"password\""), "{page}");
        for path in ["/me/security/password", "/me/security/address"] {
            let fields = [("password", KAYAK), ("email", "ada@home.example")];
            assert_eq!(browser.post(path, &fields).await.status(), 422, "{path}");
        }
        assert_eq!(test.letters("ada@rivermark.example").await.len() + test.letters("ada@home.example").await.len(), 0);
        let fields = [("email", "ada@rivermark.example"), ("next", "/me/security/password")];
        browser.post_on("/sign-in/link", &fields).await;
        let link = link_to(&test, "ada@rivermark.example", "sign_in_link").await;
        let next = browser.post_on(&link, &[]).await;
        assert!(next.ends_with("next=%2Fme%2Fsecurity%2Fpassword"), "{next}");
        browser.post_on("/me/security/password", &[("password", KAYAK)]).await;
    }
}

both_engines! {
    /// A3: what ended a moment ago is refused on the next request.
    async fn who_is_out_is_out_at_once(test: TestApp) {
        let ada = test.account("ada@rivermark.example", "Ada Quill").await;
        let ben = test.account("ben@rivermark.example", "Ben Osei").await;
        let (phone, desk, lost) =
            (test.signed_in(ada, false).await, test.signed_in(ada, false).await, test.signed_in(ada, false).await);
        let bens = test.signed_in(ben, false).await;
        let page = desk.page("/me/security").await;
        let actions: Vec<&str> = page.split("action=\"").filter_map(|part| part.split('"').next()).collect();
        let ends: Vec<&&str> = actions.iter().filter(|action| action.ends_with("/ending") && action.contains("sign-ins/0")).collect();
        assert_eq!(ends.len(), 2, "{actions:?}");
        // Another person ends nothing of hers.
        bens.post_on(ends[0], &[]).await;
        bens.post_on(ends[1], &[]).await;
        assert_eq!((phone.get("/me/security").await.status(), lost.get("/me/security").await.status()), (200.try_into().unwrap(), 200.try_into().unwrap()));
        desk.post_on(ends[0], &[]).await;
        let left = [phone.get("/me/security").await.status().as_u16(), lost.get("/me/security").await.status().as_u16()];
        assert_eq!(left.iter().filter(|status| **status == 200).count(), 1);
        desk.post_on("/me/security/other-sign-ins/ending", &[]).await;
        for browser in [&phone, &lost] {
            let response = browser.get("/me/security").await;
            assert_eq!(response.status(), 303);
            assert_eq!(response.headers()["location"], "/sign-in?next=%2Fme%2Fsecurity");
        }
        let ticket = desk.cookie("commonground").unwrap();
        assert_eq!(desk.post_on("/sign-out", &[]).await, "/");
        assert_eq!(desk.cookie("commonground"), None);
        let kept = test.client.get(desk.url("/me/security")).header("cookie", format!("commonground={ticket}"));
        assert_eq!(kept.send().await.unwrap().status(), 303, "the ticket itself is worth nothing");
        assert_eq!(desk.post_on("/sign-out", &[]).await, "/", "out already");
        assert_eq!(bens.get("/me/security").await.status(), 200);
        close_account(&test, ben).await;
        assert_eq!(bens.get("/me/security").await.status(), 303);
        assert!(!bens.page("/about").await.contains("Ben Osei"));
    }
}

both_engines! {
    /// Both mailboxes agree before an account moves; looking changes nothing.
    async fn an_account_moves_when_both_mailboxes_agree(test: TestApp) {
        let ada = test.account("ada@rivermark.example", "Ada Quill").await;
        give_password(&test, ada, TUBA).await;
        let browser = test.signed_in(ada, false).await;
        let fields = [("email", "ada@home.example"), ("old_password", KAYAK)];
        let response = browser.post("/me/security/address", &fields).await;
        assert_eq!(response.status(), 422);
        assert!(response.text().await.unwrap().contains("value=\"ada@home.example\""));
        assert!(test.letters("ada@home.example").await.is_empty());
        let fields = [("email", "Ada@home.example"), ("old_password", TUBA)];
        assert_eq!(browser.post_on("/me/security/address", &fields).await, "/me/security?done=address");
        assert!(browser.page("/me/security").await.contains("About to move to ada@home.example"));
        let (old, new) = (link_to(&test, "ada@rivermark.example", "address_old").await, link_to(&test, "ada@home.example", "address_new").await);
        let mailbox = test.browser();
        for link in [&old, &new, &old, &new] {
            assert!(mailbox.page(link).await.contains("ada@home.example"));
        }
        assert_eq!(mailbox.post_on(&new, &[]).await, "/address-change?outcome=waiting");
        assert_eq!(mailbox.post(&new, &[]).await.status(), 410, "it works once");
        let with = |email| [("email", email), ("password", TUBA)];
        assert_eq!(test.browser().post("/sign-in", &with("ada@home.example")).await.status(), 422);
        assert_eq!(mailbox.post_on(&old, &[]).await, "/address-change?outcome=moved");
        assert!(mailbox.page("/address-change?outcome=moved").await.contains("has moved"));
        assert_eq!(test.browser().post("/sign-in", &with("ada@home.example")).await.status(), 303);
        assert_eq!(test.browser().post("/sign-in", &with("ada@rivermark.example")).await.status(), 422);
        for email in ["ada@rivermark.example", "ada@home.example"] {
            assert_eq!(test.letters(email).await.last().unwrap().kind, "address_changed", "{email}");
        }
        assert!(!browser.page("/me/security").await.contains("About to move"));
    }
}

both_engines! {
    /// The mailbox that an account has keeps it, against a stranger who knows the password.
    async fn the_old_mailbox_locks_a_stranger_out(test: TestApp) {
        let ada = test.account("ada@rivermark.example", "Ada Quill").await;
        give_password(&test, ada, TUBA).await;
        let thief = test.signed_in(ada, false).await;
        // Everything that the stranger adds to come back later.
        let token = [("name", "Sync"), ("scope", "write"), ("days", "90")];
        assert_eq!(thief.post("/me/tokens", &token).await.status(), 201);
        let entrance_secret = &test.app.secret;
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        second_step::set_up_for_demo(&mut tx, entrance_secret, ada).await.unwrap();
        let id = ada.0.simple().to_string();
        let id = if tx.conn().get_database_backend() == sea_orm::DbBackend::Sqlite { format!("x'{id}'") } else { format!("'{id}'") };
        let now = "2026-10-01 00:00:00+00:00";
        let sql = format!("INSERT INTO identity (id, account_id, provider, issuer, subject, created_at, used_at) VALUES ({id}, {id}, 'district', 'https://id.example', 'thief', '{now}', '{now}')");
        tx.conn().execute_unprepared(&sql).await.unwrap();
        tx.commit().await.unwrap();
        let fields = [("email", "thief@evil.example"), ("old_password", TUBA)];
        thief.post_on("/me/security/address", &fields).await;
        let new = link_to(&test, "thief@evil.example", "address_new").await;
        let old = link_to(&test, "ada@rivermark.example", "address_old").await;
        test.browser().post_on(&new, &[]).await;
        let mailbox = test.browser();
        assert_eq!(mailbox.get(&format!("{old}/refusal")).await.status(), 405, "looking refuses nothing");
        assert_eq!(mailbox.post_on(&format!("{old}/refusal"), &[]).await, "/address-change?outcome=refused");
        assert_eq!(thief.get("/me/security").await.status(), 303);
        let with = [("email", "ada@rivermark.example"), ("password", TUBA)];
        assert_eq!(test.browser().post("/sign-in", &with).await.status(), 422, "the password is gone");
        assert_eq!(mailbox.post(&old, &[]).await.status(), 410);
        assert_eq!(test.letters("ada@rivermark.example").await.last().unwrap().kind, "address_refused");
        assert_eq!(tokens_that_hold(&test, ada).await, 0);
        assert_eq!((rows_of(&test, "identity").await, rows_of(&test, "totp").await), (0, 0));
        // Refused by the new mailbox, nothing is locked.
        let browser = in_by_link(&test, "ada@rivermark.example").await;
        browser.post_on("/me/security/address", &[("email", "someone@else.example")]).await;
        let new = link_to(&test, "someone@else.example", "address_new").await;
        let old = link_to(&test, "ada@rivermark.example", "address_old").await;
        mailbox.post_on(&format!("{new}/refusal"), &[]).await;
        assert_eq!(mailbox.get(&old).await.status(), 410);
        assert_eq!(browser.get("/me/security").await.status(), 200);
        // A day later a question is over.
        browser.post_on("/me/security/address", &[("email", "ada@home.example")]).await;
        let old = link_to(&test, "ada@rivermark.example", "address_old").await;
        later(&test, TimeDelta::hours(25));
        assert_eq!(mailbox.post(&old, &[]).await.status(), 410);
    }
}

both_engines! {
    /// A4: that an address is taken is told to its mailbox and to nobody else.
    async fn a_taken_address_is_answered_like_a_free_one(test: TestApp) {
        test.account("ada@rivermark.example", "Ada Quill").await;
        test.account("ben@rivermark.example", "Ben Osei").await;
        let mut answers = Vec::new();
        for email in ["ben@rivermark.example", "free@rivermark.example"] {
            let browser = in_by_link(&test, "ada@rivermark.example").await;
            let answer = told(browser.post("/me/security/address", &[("email", email)]).await, email).await;
            let page = browser.page("/me/security").await;
            assert!(page.contains(&format!("About to move to {email}")), "{page}");
            answers.push(answer);
        }
        assert_eq!(answers[0].0, 303);
        assert_eq!(answers[0], answers[1]);
        let letters = test.letters("ben@rivermark.example").await;
        assert_eq!((letters.len(), letters[0].kind.as_str()), (1, "address_taken"));
        assert!(!letters[0].text.contains("/address-change/"), "{}", letters[0].text);
    }
}

both_engines! {
    async fn what_has_ended_is_forgotten(test: TestApp) {
        let ada = test.account("ada@rivermark.example", "Ada Quill").await;
        let browser = in_by_link(&test, "ada@rivermark.example").await;
        browser.post_on("/me/security/address", &[("email", "ada@home.example")]).await;
        browser.post_on("/sign-out", &[]).await;
        let forget = || async {
            let outcome = ForgetEnded {}.run(test.db()).await;
            assert!(matches!(outcome, Outcome::Again(_)), "{outcome:?}");
            [rows_of(&test, "one_time_link").await, rows_of(&test, "sign_in").await, rows_of(&test, "email_change").await]
        };
        assert_eq!(forget().await, [3, 1, 1]);
        later(&test, TimeDelta::minutes(40));
        assert_eq!(forget().await, [2, 1, 1], "the questions to the mailboxes wait");
        later(&test, TimeDelta::days(29));
        test.signed_in(ada, false).await;
        assert_eq!(forget().await, [0, 2, 1]);
        later(&test, TimeDelta::days(3));
        assert_eq!(forget().await, [0, 1, 0], "the one that holds stays");
    }
}

/// The routes without a server, so that nothing but the request sends statements.
async fn routes_at(app: &App, base: &'static str) -> poem::endpoint::BoxEndpoint<'static> {
    let search = app.search().await.unwrap();
    let site = Site { base_url: base.into(), demo: false, viewer: None };
    app.routes(search, site).unwrap().0.map_to_response().boxed()
}

async fn post(routes: &poem::endpoint::BoxEndpoint<'static>, path: &str, body: String) -> poem::Response {
    let request = poem::Request::builder().method(poem::http::Method::POST).uri(path.parse().unwrap());
    let request = request.header("sec-fetch-site", "same-origin").content_type("application/x-www-form-urlencoded");
    routes.get_response(request.body(body)).await
}

async fn costs_the_same(engine: Engine) {
    let database = TestDatabase::fresh(engine).await;
    let app = App::open(database.config("quiet"), Clock::default()).await.unwrap();
    let routes = routes_at(&app, "http://quiet.example").await;
    let mut tx = app.db.write(Actor::System("test")).await.unwrap();
    let email = commonground::mail::Email::parse("ada@rivermark.example").unwrap();
    let new = NewAccount { email, name: None, confirmed: true };
    let ada = open_account(&mut tx, new).await.unwrap();
    let hash = Passwords::default().fresh(TUBA, Vec::new()).await.unwrap();
    password::set_for(&mut tx, ada, &hash).await.unwrap();
    tx.commit().await.unwrap();
    for (path, more) in [("/sign-in", format!("&password={KAYAK}")), ("/sign-in/link", String::new())] {
        let mut costs = Vec::new();
        for email in ["ada@rivermark.example", "nil@rivermark.example", "ada@rivermark.example"] {
            let before = app.db.statements();
            post(&routes, path, format!("email={email}{more}")).await;
            costs.push(app.db.statements() - before);
        }
        assert!(costs[0] > 0 && costs.iter().all(|cost| *cost == costs[0]), "{path}: {costs:?}");
    }
}

/// A4: an answer takes the same statements whether there is an account or not. (Hashes are the same by
/// `password::tests`; time itself is not measured.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_costs_the_same_statements_on_sqlite() {
    costs_the_same(Engine::Sqlite).await;
}

/// And on the other engine.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_costs_the_same_statements_on_postgres() {
    costs_the_same(Engine::Postgres).await;
}

/// A5: behind https the cookie is bound to this host and this scheme, and no script reads it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_https_the_cookie_is_bound_to_the_host() {
    let database = TestDatabase::fresh(Engine::Sqlite).await;
    let app = App::open(database.config("https"), Clock::default()).await.unwrap();
    let mut set_by = Vec::new();
    for base in ["https://ground.example", "http://127.0.0.1:8080"] {
        let routes = routes_at(&app, base).await;
        let name = format!("ada{}@rivermark.example", set_by.len());
        assert_eq!(post(&routes, "/sign-in/link", format!("email={name}")).await.status(), 303);
        let cx = app.db.cx(Actor::System("test"));
        let newest = outbox::letters(&cx, &Filter::default(), None, 1).await.unwrap().remove(0);
        let raw = outbox::message(&cx, &app.letterhead(&base.into()).unwrap(), newest.id).await.unwrap();
        let letter = mail_parser::MessageParser::default().parse(&raw).unwrap();
        let text = letter.body_text(0).unwrap().into_owned();
        let at = text.find(&format!("{base}/sign-in/link/")).expect("the link is built from the configured address");
        let link: String = text[at + base.len()..].chars().take_while(|c| !c.is_whitespace()).collect();
        let response = post(&routes, &link, String::new()).await;
        assert_eq!(response.status(), 303);
        let cookies = response.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap().to_owned());
        set_by.push(cookies.collect::<Vec<_>>());
    }
    let (https, http) = (&set_by[0][0], &set_by[1][0]);
    assert!(https.starts_with("__Host-commonground="), "{https}");
    for flag in ["; Path=/;", "; HttpOnly", "; SameSite=Lax", "; Secure", "; Max-Age=1209600"] {
        assert!(https.contains(flag), "{https}");
    }
    assert!(!https.contains("Domain") && http.starts_with("commonground=") && !http.contains("Secure"), "{http}");
}

both_engines! {
    /// A5: idle for 12 hours, or 14 days after it began, a sign-in has ended.
    async fn a_sign_in_ends_by_itself(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let browser = test.signed_in(ada, false).await;
        assert!(browser.page("/about").await.contains("Ada Quill"));
        let start = test.app.db.clock().now();
        test.clock.set(start + TimeDelta::hours(11));
        assert!(browser.page("/about").await.contains("Ada Quill"));
        noted(&test, ada).await;
        test.clock.set(start + TimeDelta::hours(22));
        assert!(browser.page("/about").await.contains("Ada Quill"), "it was used eleven hours ago");
        noted(&test, ada).await;
        test.clock.set(start + TimeDelta::hours(36));
        assert!(!browser.page("/about").await.contains("Ada Quill"));
    }
}

both_engines! {
    /// A6: what changes something comes from a page of ours, or brings the form's token.
    async fn another_site_changes_nothing(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let browser = test.signed_in(ada, false).await;
        let post = |site: Option<&str>| {
            let request = test.client.post(browser.url("/search")).body("");
            match site {
                Some(site) => request.header("sec-fetch-site", site),
                None => request,
            }
        };
        assert_eq!(browser.send(post(Some("cross-site"))).await.status(), 403);
        assert_eq!(browser.send(post(Some("same-site"))).await.status(), 403);
        assert_eq!(browser.send(post(None)).await.status(), 403);
        assert_eq!(browser.send(post(Some("same-origin"))).await.status(), 405, "and here only the method is wrong");
        let evil = test.client.post(browser.url("/search")).header("origin", "https://evil.example").body("");
        assert_eq!(browser.send(evil).await.status(), 403);
        // Nothing to act with: a program without a sign-in.
        assert_eq!(test.client.post(browser.url("/search")).send().await.unwrap().status(), 405);
    }
}

both_engines! {
    async fn a_token_that_does_not_hold_is_refused_everywhere(test: TestApp) {
        for token in ["cg_nonsense", "", "x"] {
            let request = test.client.get(format!("{}/api/v1/schools", test.base)).bearer_auth(token);
            assert_eq!(request.send().await.unwrap().status(), 401);
        }
    }
}
