//! The second step: setting it up, passing it, and all the ways in which it is not passed.

use chrono::TimeDelta;
use commonground::people::membership::appoint;
use commonground::people::{self, AccountId, VerifiedBy};
use commonground::platform::{Actor, Error, Grant, Place, Role, Scope, Via};
use commonground::sign_in::second_step::{self, Proceeding};
use commonground::sign_in::visit::{self, Method};
use commonground::sign_in::{Entrance, totp};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;

use crate::support::authenticator::Authenticator;
use crate::support::persons::Browser;
use crate::support::{Engine, TestApp, TestDatabase, both_engines, html};

const HERE: &str = "/me/security/second-step";
const PASSKEYS: &str = "/me/security/passkeys";

/// Whoever passes the second step in a test comes from here.
const CITY: Grant = Grant { role: Role::CityAdmin, place: Place::Installation };

impl TestApp {
    fn entrance(&self) -> Entrance {
        let head = self.app.letterhead(&self.base.clone().into()).unwrap();
        Entrance::new(self.app.secret.clone(), head, &self.app.config, self.app.db.clock())
    }

    /// Codes of an app, set up; the key.
    async fn with_app(&self, account: AccountId) -> String {
        let mut tx = self.db().write(Actor::System("test")).await.unwrap();
        let key = second_step::set_up_for_demo(&mut tx, &self.app.secret, account).await.unwrap();
        tx.commit().await.unwrap();
        key
    }

    /// How far a password leads.
    async fn proceed(&self, account: AccountId) -> Proceeding {
        let mut tx = self.db().write(Actor::Visitor).await.unwrap();
        let to = second_step::proceed(&mut tx, &self.entrance(), account, Method::Link, "Test").await.unwrap();
        tx.commit().await.unwrap();
        to
    }

    /// A browser in which the password was right, and the second step waits.
    async fn half_in(&self, account: AccountId) -> Browser {
        let Proceeding::SecondStep(sealed) = self.proceed(account).await else { panic!("no second step is asked for") };
        let browser = self.browser();
        browser.keep("commonground-step", &sealed);
        browser
    }

    fn code(&self, key: &str, steps: i32) -> String {
        totp::code_of(key, self.clock.now() + TimeDelta::seconds(30) * steps).unwrap()
    }

    async fn count(&self, sql: &str) -> i64 {
        let cx = self.db().cx(Actor::System("test"));
        let statement = Statement::from_string(cx.conn().get_database_backend(), sql.to_owned());
        cx.conn().query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    }
}

impl Browser {
    /// POST that is refused with this status; what the page says.
    async fn refused(&self, path: &str, fields: &[(&str, &str)], status: u16) -> String {
        let response = self.post(path, fields).await;
        let got = response.status();
        let page = response.text().await.unwrap();
        assert_eq!(got, status, "{path}: {page}");
        html::text(&page)
    }
}

/// The texts of `<code>` in a page.
fn codes(page: &str) -> Vec<String> {
    html::elements(page).into_iter().filter(|e| e.name == "code").map(|e| e.text).collect()
}

/// A code of six digits that is none of the three that are good.
fn wrong(test: &TestApp, key: &str) -> String {
    let good = [-1, 0, 1].map(|steps| test.code(key, steps));
    (0..10).map(|n| format!("{n:06}")).find(|code| !good.contains(code)).unwrap()
}

both_engines! {
    async fn an_app_is_set_up_with_its_first_code(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let browser = test.signed_in(ada, false).await;
        assert!(browser.page(HERE).await.contains("Set up an app"));
        assert_eq!(browser.get(&format!("{HERE}/app")).await.status(), 303, "nothing was begun");

        let to = browser.post_on(&format!("{HERE}/app"), &[("next", "/schools")]).await;
        assert_eq!(to, format!("{HERE}/app?next=%2Fschools"));
        let page = browser.page(&to).await;
        assert!(page.contains("<svg role=\"img\" aria-label="), "{page}");
        let key = codes(&page)[0].replace(' ', "");
        assert!(matches!(test.proceed(ada).await, Proceeding::In(_)), "it does not count yet");

        let confirm = format!("{HERE}/app/confirmation");
        let said = browser.refused(&confirm, &[("code", &wrong(&test, &key)), ("next", "/schools")], 422).await;
        assert!(said.contains("This is not the code of this key"), "{said}");
        assert_eq!(codes(&browser.page(&to).await)[0].replace(' ', ""), key, "the key is still the same");

        let before = browser.cookie("commonground").unwrap();
        let code = test.code(&key, 0);
        // As apps print it.
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        let response = browser.post(&confirm, &[("code", &spaced), ("next", "/schools")]).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["cache-control"], "no-store");
        let page = response.text().await.unwrap();
        assert_eq!(codes(&page).len(), 10, "{page}");
        assert!(page.contains("href=\"/schools\""));

        // What the sign-in may do has grown, so its ticket is new and the old one is none.
        assert_ne!(browser.cookie("commonground").unwrap(), before);
        let thief = test.browser();
        thief.keep("commonground", &before);
        assert_eq!(thief.get(HERE).await.status(), 303);
        let page = browser.page(HERE).await;
        assert!(page.contains("Set up since October 14, 2026") && page.contains("10 recovery codes are left"), "{page}");
        assert_eq!(browser.get(&format!("{HERE}/app")).await.status(), 303, "a confirmed key is never shown again");
        browser.refused(&format!("{HERE}/app"), &[], 409).await;

        // The code that confirmed it is used up.
        let other = test.half_in(ada).await;
        let said = other.refused("/sign-in/second-step", &[("code", &code)], 422).await;
        assert!(said.contains("This code was used already"), "{said}");
        let letters = test.letters("ada@example.org").await;
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].kind, "second_step_set_up");
        assert!(!letters[0].text.contains(&key));
    }
}

both_engines! {
    async fn a_code_lets_in_once(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let key = test.with_app(ada).await;
        let browser = test.half_in(ada).await;
        assert!(!browser.page("/about").await.contains("Ada Quill"), "half in is not in");
        let page = browser.page("/sign-in/second-step?next=%2Fschools").await;
        assert!(page.contains("name=\"next\" value=\"/schools\""));
        assert!(!page.contains("In the demo"));

        let said = browser.refused("/sign-in/second-step", &[("code", &wrong(&test, &key))], 422).await;
        assert!(said.contains("This code is not right"), "{said}");
        assert!(browser.cookie("commonground").is_none());

        let code = test.code(&key, 0);
        let to = browser.post_on("/sign-in/second-step", &[("code", &code), ("next", "/schools")]).await;
        assert_eq!(to, "/welcome?next=%2Fschools");
        assert!(browser.page("/about").await.contains("Ada Quill"));
        assert!(browser.cookie("commonground-step").is_none(), "the first proof is used up");

        // Somebody looked over the shoulder.
        let other = test.half_in(ada).await;
        let said = other.refused("/sign-in/second-step", &[("code", &code)], 422).await;
        assert!(said.contains("This code was used already"), "{said}");
        let said = other.refused("/sign-in/second-step", &[("code", &test.code(&key, -1))], 422).await;
        assert!(said.contains("This code was used already"), "an earlier one neither: {said}");
        let to = other.post_on("/sign-in/second-step", &[("code", &test.code(&key, 1)), ("next", "//evil.example")]).await;
        assert_eq!(to, "/welcome?next=%2F");
    }
}

both_engines! {
    /// Of twenty who send the same code at once, one comes in.
    async fn a_code_lets_one_in_also_when_many_come_at_once(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let key = test.with_app(ada).await;
        let code = test.code(&key, 0);
        let mut browsers = Vec::new();
        for _ in 0..5 {
            browsers.push(test.half_in(ada).await);
        }
        let fields = [("code", code.as_str())];
        let posts = browsers.iter().map(|browser| browser.post("/sign-in/second-step", &fields));
        let statuses: Vec<u16> = futures_util::future::join_all(posts).await.iter().map(|r| r.status().as_u16()).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    }
}

both_engines! {
    async fn a_recovery_code_lets_in_once_and_is_told(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let ben = test.account("ben@example.org", "Ben Aster").await;
        let key = test.with_app(ada).await;
        test.with_app(ben).await;
        let browser = test.signed_in(ada, true).await;
        let renew = format!("{HERE}/recovery-codes");
        browser.refused(&renew, &[], 422).await;
        let page = browser.post(&renew, &[("code", &test.code(&key, 0))]).await.text().await.unwrap();
        let recovery = codes(&page);
        assert_eq!(recovery.len(), 10, "{page}");
        let kept = test.count("SELECT count(*) FROM recovery_code WHERE used_at IS NULL").await;
        assert_eq!(kept, 10);

        let other = test.half_in(ben).await;
        let said = other.refused("/sign-in/second-step", &[("recovery", &recovery[0])], 422).await;
        assert!(said.contains("This is none of your recovery codes"), "{said}");

        let browser = test.half_in(ada).await;
        let typed = recovery[0].to_uppercase().replace('-', " ");
        assert_eq!(browser.post_on("/sign-in/second-step", &[("recovery", &typed)]).await, "/welcome?next=%2F");
        assert!(browser.page("/about").await.contains("Ada Quill"));
        assert!(browser.page(HERE).await.contains("9 recovery codes are left"));
        let letters = test.letters("ada@example.org").await;
        let letter = letters.last().unwrap();
        assert_eq!(letter.kind, "recovery_code_used");
        assert!(letter.text.contains("9 codes are left") && !letter.text.contains(&recovery[0]), "{}", letter.text);

        let again = test.half_in(ada).await;
        let response = again.post("/sign-in/second-step", &[("recovery", &recovery[0])]).await;
        assert_eq!(response.status(), 422);
        let page = response.text().await.unwrap();
        assert!(page.contains("This is none of your recovery codes") && page.contains("id=\"recovery-wrong\""), "{page}");
        // New ones take the place of the old.
        test.clock.set(test.clock.now() + TimeDelta::minutes(5));
        let fields = [("code", recovery[1].as_str())];
        let renewed = codes(&browser.post(&renew, &fields).await.text().await.unwrap());
        assert_eq!(renewed.len(), 10);
        let late = test.half_in(ada).await;
        late.refused("/sign-in/second-step", &[("recovery", &recovery[2])], 422).await;
        late.post_on("/sign-in/second-step", &[("recovery", &renewed[0])]).await;
    }
}

both_engines! {
    async fn the_first_proof_counts_for_ten_minutes_and_cannot_be_changed(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let key = test.with_app(ada).await;
        let browser = test.half_in(ada).await;
        let sealed = browser.cookie("commonground-step").unwrap();
        for place in [0, 20, sealed.len() / 2, sealed.len() - 2] {
            let mut bytes = sealed.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let other = test.browser();
            other.keep("commonground-step", &String::from_utf8(bytes).unwrap());
            let code = test.code(&key, 0);
            let said = other.refused("/sign-in/second-step", &[("code", &code)], 422).await;
            assert!(said.contains("no longer counts"), "{said}");
            assert!(other.cookie("commonground").is_none());
        }
        test.browser().refused("/sign-in/second-step", &[("code", &test.code(&key, 0))], 422).await;

        let start = test.clock.now();
        test.clock.set(start + TimeDelta::seconds(599));
        assert!(browser.page("/sign-in/second-step").await.contains("Code of your authenticator app"));
        test.clock.set(start + TimeDelta::seconds(600));
        let page = browser.page("/sign-in/second-step?next=%2Fschools").await;
        assert!(page.contains("no longer counts") && page.contains("href=\"/sign-in?next=%2Fschools\""), "{page}");
        browser.refused("/sign-in/second-step", &[("code", &test.code(&key, 0))], 422).await;
        assert!(browser.cookie("commonground").is_none());
    }
}

both_engines! {
    /// A first proof ends with what it proved: the password that was typed, the account that was open.
    async fn a_first_proof_ends_with_the_password(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let key = test.with_app(ada).await;
        let mut tx = test.db().write(Actor::Visitor).await.unwrap();
        let by_password = second_step::proceed(&mut tx, &test.entrance(), ada, Method::Password, "Test").await.unwrap();
        tx.commit().await.unwrap();
        let Proceeding::SecondStep(sealed) = by_password else { panic!("no second step is asked for") };
        let browser = test.browser();
        browser.keep("commonground-step", &sealed);
        // She has no password (any more).
        let code = test.code(&key, 0);
        let said = browser.refused("/sign-in/second-step", &[("code", &code)], 422).await;
        assert!(said.contains("sign in again"), "{said}");
        let by_link = test.half_in(ada).await;
        let tx = test.db().write(Actor::System("test")).await.unwrap();
        let now = tx.now().format("%Y-%m-%d %H:%M:%S%.6f+00:00");
        tx.conn().execute_unprepared(&format!("UPDATE account SET valid_from = '{now}'")).await.unwrap();
        tx.commit().await.unwrap();
        by_link.refused("/sign-in/second-step", &[("code", &code)], 422).await;
        assert!(browser.cookie("commonground").is_none() && by_link.cookie("commonground").is_none());
        test.clock.set(test.clock.now() + TimeDelta::seconds(30));
        let code = test.code(&key, 0);
        test.half_in(ada).await.post_on("/sign-in/second-step", &[("code", &code)]).await;
    }
}

both_engines! {
    async fn guessing_codes_has_to_wait(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let ben = test.account("ben@example.org", "Ben Aster").await;
        let (key, bens) = (test.with_app(ada).await, test.with_app(ben).await);
        let browser = test.half_in(ada).await;
        for _ in 0..5 {
            browser.refused("/sign-in/second-step", &[("code", &wrong(&test, &key))], 422).await;
        }
        let said = browser.refused("/sign-in/second-step", &[("code", &test.code(&key, 0))], 429).await;
        assert!(said.contains("tried too often; wait 1 minute"), "even the right one waits: {said}");
        // The one account, whatever browser; and no other.
        test.half_in(ada).await.refused("/sign-in/second-step", &[("code", &test.code(&key, 0))], 429).await;
        test.half_in(ben).await.post_on("/sign-in/second-step", &[("code", &test.code(&bens, 0))]).await;
        test.clock.set(test.clock.now() + TimeDelta::seconds(61));
        browser.post_on("/sign-in/second-step", &[("code", &test.code(&key, 0))]).await;
    }
}

both_engines! {
    async fn guessing_codes_all_day_gets_few_tries(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let key = test.with_app(ada).await;
        let mut tried = 0;
        for _ in 0..120 {
            test.clock.set(test.clock.now() + TimeDelta::minutes(1));
            let browser = test.half_in(ada).await;
            let response = browser.post("/sign-in/second-step", &[("code", &wrong(&test, &key))]).await;
            tried += u32::from(response.status() == 422);
        }
        assert!((30..40).contains(&tried), "{tried} tries in two hours");
    }
}

both_engines! {
    async fn it_is_removed_with_a_code_and_then_no_sign_in_has_passed_one(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        test.appoint(ada, Role::CityAdmin, Place::Installation).await;
        let key = test.with_app(ada).await;
        let browser = test.signed_in(ada, true).await;
        let removal = format!("{HERE}/app/removal");
        assert!(browser.page(&removal).await.contains("Your role needs a second step"));
        browser.refused(&removal, &[("code", &wrong(&test, &key))], 422).await;
        assert!(matches!(test.proceed(ada).await, Proceeding::SecondStep(_)));

        let to = browser.post_on(&removal, &[("code", &test.code(&key, 0))]).await;
        let page = browser.page(&to).await;
        assert!(page.contains("The codes of your app are removed"), "{page}");
        assert!(page.contains("Your role asks for a second step"), "the role waits again: {page}");
        assert_eq!(test.count("SELECT count(*) FROM sign_in WHERE strong_at IS NOT NULL").await, 0);
        assert_eq!(test.count("SELECT count(*) FROM totp").await, 0);
        assert_eq!(test.letters("ada@example.org").await.last().unwrap().kind, "second_step_removed");
    }
}

both_engines! {
    /// Somebody holds a sign-in that began before the second step was set up. It gets no further with it.
    async fn a_sign_in_without_it_cannot_change_it(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let weak = test.signed_in(ada, false).await;
        let key = test.with_app(ada).await;
        let page = weak.page(HERE).await;
        assert!(page.contains("This sign-in began without your second step") && !page.contains("<form method"), "{page}");
        let good = test.code(&key, 0);
        let code = [("code", good.as_str())];
        for path in ["app", "app/confirmation", "app/removal", "recovery-codes"] {
            let said = weak.refused(&format!("{HERE}/{path}"), &code, 403).await;
            assert!(said.contains("Sign in again with your second step"), "{path}: {said}");
        }
        weak.refused(&format!("{PASSKEYS}/options"), &[], 403).await;
        let page = weak.page(PASSKEYS).await;
        assert!(!page.contains("action=\"/me/security/passkeys"), "{page}");
        let passkey = format!("{PASSKEYS}/0192c0de-0000-7000-8000-000000000000/removal");
        weak.refused(&passkey, &[], 403).await;
        // Nothing of it spent the code.
        test.half_in(ada).await.post_on("/sign-in/second-step", &code).await;
        // Nobody at all is led to the sign-in.
        assert_eq!(test.browser().get(HERE).await.headers()["location"], "/sign-in?next=%2Fme%2Fsecurity%2Fsecond-step");
        assert_eq!(test.browser().post(&format!("{HERE}/app"), &[]).await.status(), 401);
    }
}

both_engines! {
    async fn an_administrator_without_it_is_led_there_and_refused_elsewhere(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let ben = test.account("ben@example.org", "Ben Aster").await;
        test.appoint(ada, Role::CityAdmin, Place::Installation).await;
        test.appoint(ben, Role::Mayor, Place::Organization(ben.0)).await;
        assert!(matches!(test.proceed(ben).await, Proceeding::In(_)), "a mayor's office is not asked for one");
        let Proceeding::SetUp(ticket) = test.proceed(ada).await else { panic!("she is not led to it") };
        let browser = test.browser();
        browser.keep("commonground", ticket.reveal());
        let page = browser.page(&format!("{HERE}?next=%2Fadmin")).await;
        assert!(page.contains("Your role asks for a second step") && page.contains("href=\"/admin\""), "{page}");

        let acting = async || {
            let ticket = commonground::platform::chance::Ticket::brought(&browser.cookie("commonground").unwrap());
            visit::recognize(&test.db().cx(Actor::Visitor), &ticket).await.unwrap().unwrap().0
        };
        let cleo = test.account("cleo@example.org", "Cleo Marsh").await;
        let actor = acting().await;
        assert!(second_step::must_set_up(&actor));
        let mut tx = test.db().write(actor).await.unwrap();
        let refused = appoint(&mut tx, cleo, CITY, VerifiedBy::Admin).await.unwrap_err();
        assert!(matches!(&refused, Error::Forbidden(said) if said.contains("asks for a second step")), "{refused:?}");
        drop(tx);

        // She sets it up, and this sign-in may at once.
        browser.post_on(&format!("{HERE}/app"), &[]).await;
        let key = codes(&browser.page(&format!("{HERE}/app")).await)[0].replace(' ', "");
        let code = test.code(&key, 0);
        assert_eq!(browser.post(&format!("{HERE}/app/confirmation"), &[("code", &code)]).await.status(), 200);
        let actor = acting().await;
        assert!(!second_step::must_set_up(&actor));
        let mut tx = test.db().write(actor).await.unwrap();
        appoint(&mut tx, cleo, CITY, VerifiedBy::Admin).await.unwrap();
        tx.commit().await.unwrap();
    }
}

both_engines! {
    /// Phone lost, recovery codes lost: an administrator who knows the person takes the second step away.
    async fn an_administrator_takes_a_lost_second_step_away(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let ben = test.account("ben@example.org", "Ben Aster").await;
        test.appoint(ada, Role::CityAdmin, Place::Installation).await;
        test.with_app(ben).await;
        let bens = test.signed_in(ben, true).await;
        let lifted = async |by: AccountId, strong: bool| {
            let cx = test.db().cx(Actor::Visitor);
            let actor = people::account::actor(&cx, by, Via::SignIn(by.0), cx.now(), Scope::Admin, strong).await.unwrap().unwrap();
            let mut tx = test.db().write(actor).await.unwrap();
            second_step::lift(&mut tx, &test.entrance(), ben).await?;
            tx.commit().await
        };
        for (by, strong) in [(ada, false), (ben, true)] {
            assert!(matches!(lifted(by, strong).await, Err(Error::Forbidden(_))));
        }
        assert!(matches!(test.proceed(ben).await, Proceeding::SecondStep(_)));
        lifted(ada, true).await.unwrap();
        assert!(matches!(test.proceed(ben).await, Proceeding::In(_)));
        assert!(bens.get(HERE).await.status() == 303, "whoever has his phone is out");
        let letters = test.letters("ben@example.org").await;
        assert!(letters.last().unwrap().text.contains("An administrator took the second step"), "{letters:?}");
        lifted(ada, true).await.unwrap();
        assert_eq!(test.letters("ben@example.org").await.len(), 1, "doing it twice tells it once");
    }
}

both_engines! {
    /// The same from the page of the person.
    async fn the_page_of_a_person_takes_a_lost_second_step_away(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let ben = test.account("ben@example.org", "Ben Aster").await;
        test.appoint(ada, Role::CityAdmin, Place::Installation).await;
        test.with_app(ben).await;
        let removal = format!("/admin/people/{ben}/second-step/removal");
        let (weak, admin) = (test.signed_in(ada, false).await, test.signed_in(ada, true).await);
        let bens = test.signed_in(ben, true).await;
        for browser in [&weak, &bens] {
            assert!(browser.post(&removal, &[]).await.status().is_client_error());
        }
        assert!(matches!(test.proceed(ben).await, Proceeding::SecondStep(_)));
        assert!(admin.page(&format!("/admin/people/{ben}")).await.contains(&removal));
        assert!(!admin.page(&format!("/admin/people/{ada}")).await.contains("second-step/removal"));
        assert!(admin.post_on(&removal, &[]).await.starts_with(&format!("/admin/people/{ben}")));
        assert!(matches!(test.proceed(ben).await, Proceeding::In(_)));
        assert_eq!(bens.get(HERE).await.status(), 303);
    }
}

both_engines! {
    /// A browser that was left open opens no other way into the account: it signs in again first.
    async fn a_browser_left_open_adds_no_way_in(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let browser = test.signed_in(ada, false).await;
        browser.post_on(&format!("{HERE}/app"), &[]).await;
        test.clock.set(test.clock.now() + TimeDelta::minutes(15));
        let token = [("name", "Sync"), ("scope", "read"), ("days", "90")];
        let erasure = [("email", "ada@example.org")];
        let (app, confirmation) = (format!("{HERE}/app"), format!("{HERE}/app/confirmation"));
        for (path, fields) in [
            ("/me/tokens", &token[..]),
            (app.as_str(), &[]),
            (confirmation.as_str(), &[]),
            (PASSKEYS, &[]),
            ("/me/data/erasure", &erasure),
        ] {
            let response = browser.post(path, fields).await;
            assert_eq!(response.status(), 403, "{path}");
            let page = response.text().await.unwrap();
            assert!(page.contains("Sign in again first") && page.contains("/sign-in?next="), "{path}: {page}");
        }
        browser.refused(&format!("{PASSKEYS}/options"), &[], 403).await;
        assert_eq!(browser.get("/sign-in/oidc/district?connect=x").await.status(), 403);
        let json = serde_json::json!({ "name": "Sync", "scope": "read", "days": 90 });
        let request = test.client.post(browser.url("/api/v1/me/tokens")).header("sec-fetch-site", "same-origin");
        assert_eq!(browser.send(request.json(&json)).await.status(), 403);
        assert_eq!(test.count("SELECT COUNT(*) FROM api_token").await, 0);
        assert_eq!(test.signed_in(ada, false).await.post("/me/tokens", &token).await.status(), 201);
        assert_eq!(test.count("SELECT COUNT(*) FROM api_token").await, 1);
    }
}

both_engines! {
    /// A closed account does not get in with the rest of its proofs.
    async fn a_closed_account_does_not_pass(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let key = test.with_app(ada).await;
        let browser = test.half_in(ada).await;
        let tx = test.db().write(Actor::System("test")).await.unwrap();
        tx.conn().execute_unprepared("UPDATE account SET state = 'deactivated'").await.unwrap();
        tx.commit().await.unwrap();
        let said = browser.refused("/sign-in/second-step", &[("code", &test.code(&key, 0))], 403).await;
        assert!(said.contains("This account is closed"), "{said}");
        assert!(browser.cookie("commonground").is_none());
    }
}

/// The demo fills in the code, so that invented administrators can be tried; nothing else does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_says_the_code() {
    let database = TestDatabase::fresh(Engine::Sqlite).await;
    let config = database.config("demo");
    let test = TestApp::configured(database, config, true).await;
    let ada = test.account("ada@example.org", "Ada Quill").await;
    let key = test.with_app(ada).await;
    for (round, steps) in [("first", 0), ("again at once", 1)] {
        let browser = test.half_in(ada).await;
        let page = browser.page("/sign-in/second-step").await;
        let code = test.code(&key, steps);
        assert!(page.contains(&format!("In the demo the code is {code}")), "{round}: {page}");
        assert!(page.contains(&format!("value=\"{code}\"")), "{round}: {page}");
        browser.post_on("/sign-in/second-step", &[("code", &code)]).await;
    }
}

/// A public address for which browsers make passkeys.
const LOCAL: &str = "http://localhost:4711";

/// The same installation at another public address.
async fn at(test: TestApp, base_url: &str) -> TestApp {
    let database = test.database.share();
    let mut config = database.config("at");
    config.base_url = Some(base_url.to_owned());
    TestApp::configured(database, config, false).await
}

async fn options(browser: &Browser, path: &str) -> Value {
    let response = browser.post(path, &[]).await;
    let status = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(status, 200, "{path}: {text}");
    serde_json::from_str(&text).unwrap()
}

async fn add(browser: &Browser, device: &mut Authenticator, name: &str) -> reqwest::Response {
    let answer = device.create(&options(browser, &format!("{PASSKEYS}/options")).await);
    browser.post(PASSKEYS, &[("name", name), ("credential", &answer)]).await
}

async fn asked(browser: &Browser) -> Value {
    options(browser, "/sign-in/passkey/options").await
}

both_engines! {
    async fn a_passkey_signs_in_alone_and_is_strong(test: TestApp) {
        let test = at(test, LOCAL).await;
        let ada = test.account("ada@example.org", "Ada Quill").await;
        test.appoint(ada, Role::CityAdmin, Place::Installation).await;
        let browser = test.signed_in(ada, false).await;
        let mut device = Authenticator::new(LOCAL);
        let before = browser.cookie("commonground").unwrap();
        let response = add(&browser, &mut device, "My phone").await;
        assert_eq!(response.status(), 200);
        assert_eq!(codes(&response.text().await.unwrap()).len(), 10, "the first second step comes with recovery codes");
        assert_ne!(browser.cookie("commonground").unwrap(), before);
        let page = browser.page(PASSKEYS).await;
        assert!(page.contains("My phone") && page.contains("Not used yet"), "{page}");
        // The next one does not make new recovery codes.
        let mut ring = Authenticator::new(LOCAL);
        let options = options(&browser, &format!("{PASSKEYS}/options")).await;
        assert_eq!(options["excludeCredentials"].as_array().unwrap().len(), 1, "{options}");
        assert_eq!(options["authenticatorSelection"]["userVerification"], "required", "{options}");
        let answer = ring.create(&options);
        let to = browser.post_on(PASSKEYS, &[("name", "Key on my ring"), ("credential", &answer)]).await;
        assert!(browser.page(&to).await.contains("The passkey is added"));
        assert_eq!(test.letters("ada@example.org").await.iter().filter(|l| l.kind == "passkey_added").count(), 2);

        let other = test.browser();
        let ask = asked(&other).await;
        assert_eq!(ask["rpId"], "localhost", "{ask}");
        let answer = device.get(&ask);
        assert_eq!(other.post_on("/sign-in/passkey", &[("credential", &answer), ("next", "/schools")]).await, "/welcome?next=%2Fschools");
        let page = other.page(HERE).await;
        assert!(!page.contains("Your role asks for a second step") && page.contains("2 passkeys"), "{page}");
        assert!(other.page(PASSKEYS).await.contains("Last used October 14, 2026"));

        // As the second step after a password, and only of the same account.
        let ben = test.account("ben@example.org", "Ben Aster").await;
        test.with_app(ben).await;
        let half = test.half_in(ben).await;
        let answer = device.get(&asked(&half).await);
        let said = half.refused("/sign-in/second-step/passkey", &[("credential", &answer)], 422).await;
        assert!(said.contains("of another account"), "{said}");
        let half = test.half_in(ada).await;
        assert!(half.page("/sign-in/second-step").await.contains("Use a passkey"));
        let answer = device.get(&asked(&half).await);
        half.post_on("/sign-in/second-step/passkey", &[("credential", &answer)]).await;
        assert!(half.page("/about").await.contains("Ada Quill"));

        // Whoever has passkeys alone has no code to give for new recovery codes.
        let renew = format!("{HERE}/recovery-codes");
        assert!(!browser.page(&renew).await.contains("name=\"code\""));
        assert_eq!(codes(&browser.post(&renew, &[]).await.text().await.unwrap()).len(), 10);

        // Removed, it lets nobody in.
        let id = html::elements(&browser.page(PASSKEYS).await)
            .into_iter()
            .find_map(|e| e.get("action").filter(|a| a.ends_with("/removal")).map(str::to_owned))
            .unwrap();
        // Whoever else guesses the id removes nothing.
        test.signed_in(ben, true).await.post_on(&id, &[]).await;
        assert!(browser.page(PASSKEYS).await.contains("My phone"));
        browser.post_on(&id, &[]).await;
        assert!(!browser.page(PASSKEYS).await.contains("My phone"));
        let answer = device.get(&asked(&other).await);
        test.browser().refused("/sign-in/passkey", &[("credential", &answer)], 422).await;
    }
}

both_engines! {
    async fn a_passkey_that_is_not_quite_right_does_not_sign_in(test: TestApp) {
        let test = at(test, LOCAL).await;
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let ben = test.account("ben@example.org", "Ben Aster").await;
        let browser = test.signed_in(ada, false).await;
        let mut device = Authenticator::new(LOCAL);
        add(&browser, &mut device, "My phone").await;
        let visitor = test.browser();
        let refused = async |answer: &str| visitor.refused("/sign-in/passkey", &[("credential", answer)], 422).await;

        for nonsense in ["", "{}", "null", "{\"id\":\"AA\",\"response\":{}}"] {
            assert!(refused(nonsense).await.contains("The passkey did not sign you in"));
        }
        // A challenge that we did not give, or gave for something else.
        let foreign = serde_json::json!({ "challenge": "AAAAAAAAAAAAAAAAAAAAAA" });
        assert!(refused(&device.get(&foreign)).await.contains("took too long, or was sent twice"));
        let for_new = options(&browser, &format!("{PASSKEYS}/options")).await;
        assert!(refused(&device.get(&for_new)).await.contains("took too long, or was sent twice"));

        // Each of these with a challenge of ours; the control is at the end.
        let mut elsewhere = Authenticator::new("https://evil.example");
        let ask = asked(&visitor).await;
        elsewhere.user = device.user.clone();
        elsewhere.id = device.id.clone();
        assert!(refused(&elsewhere.get(&ask)).await.contains("not known here"), "another key under the same name");
        device.origin = "https://localhost.evil.example".to_owned();
        assert!(refused(&device.get(&asked(&visitor).await)).await.contains("not known here"), "another origin");
        device.origin = "http://localhost:4712".to_owned();
        assert!(refused(&device.get(&asked(&visitor).await)).await.contains("not known here"), "another port");
        device.origin = LOCAL.to_owned();
        device.site = "evil.example".to_owned();
        assert!(refused(&device.get(&asked(&visitor).await)).await.contains("not known here"), "another site");
        device.site = "localhost".to_owned();
        device.verifies = false;
        assert!(refused(&device.get(&asked(&visitor).await)).await.contains("not known here"), "without a finger");
        device.verifies = true;
        let user = std::mem::replace(&mut device.user, data_encoding::BASE64URL_NOPAD.encode(ben.0.as_bytes()));
        assert!(refused(&device.get(&asked(&visitor).await)).await.contains("not known here"), "another account");
        device.user = user;

        // Too late by our clock.
        let late = device.get(&asked(&visitor).await);
        test.clock.set(test.clock.now() + TimeDelta::minutes(5));
        assert!(refused(&late).await.contains("took too long"));

        // A failed answer has used its challenge up.
        let ask = asked(&visitor).await;
        device.verifies = false;
        refused(&device.get(&ask)).await;
        device.verifies = true;
        assert!(refused(&device.get(&ask)).await.contains("sent twice"));

        // The control, and the same answer once more.
        let good = device.get(&asked(&visitor).await);
        visitor.post_on("/sign-in/passkey", &[("credential", &good)]).await;
        assert!(visitor.page("/about").await.contains("Ada Quill"));
        assert!(test.browser().refused("/sign-in/passkey", &[("credential", &good)], 422).await.contains("sent twice"));

        // A copy of the device counts from where it was copied.
        device.count -= 1;
        let copy = device.get(&asked(&visitor).await);
        let said = test.browser().refused("/sign-in/passkey", &[("credential", &copy)], 422).await;
        assert!(said.contains("not known here"), "{said}");
        assert_eq!(test.count("SELECT count(*) FROM sign_in WHERE method = 'passkey'").await, 1);
    }
}

both_engines! {
    async fn a_new_passkey_that_is_not_quite_right_is_not_added(test: TestApp) {
        let test = at(test, LOCAL).await;
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let ben = test.account("ben@example.org", "Ben Aster").await;
        let (browser, bens) = (test.signed_in(ada, false).await, test.signed_in(ben, false).await);
        let path = format!("{PASSKEYS}/options");
        let mut device = Authenticator::new("https://evil.example");
        assert_eq!(add(&browser, &mut device, "Elsewhere").await.status(), 422);
        device = Authenticator::new(LOCAL);
        device.verifies = false;
        assert_eq!(add(&browser, &mut device, "No finger").await.status(), 422);
        device.verifies = true;
        assert_eq!(add(&browser, &mut device, "").await.status(), 422, "no name");
        // What was begun for Ben is Ben's.
        let answer = device.create(&options(&bens, &path).await);
        browser.refused(PASSKEYS, &[("name", "Ben's"), ("credential", &answer)], 422).await;
        assert_eq!(test.count("SELECT count(*) FROM passkey").await, 0);

        let answer = device.create(&options(&browser, &path).await);
        let fields = [("name", "My <phone>"), ("credential", answer.as_str())];
        assert_eq!(browser.post(PASSKEYS, &fields).await.status(), 200);
        assert!(browser.page(PASSKEYS).await.contains("My &#60;phone&#62;"));
        let said = browser.refused(PASSKEYS, &fields, 422).await;
        assert!(said.contains("sent twice"), "{said}");
        let again = device.create(&options(&browser, &path).await);
        let said = browser.refused(PASSKEYS, &[("name", "Once more"), ("credential", &again)], 422).await;
        assert!(said.contains("here already"), "{said}");
        let again = device.create(&options(&bens, &path).await);
        bens.refused(PASSKEYS, &[("name", "Ada's"), ("credential", &again)], 422).await;
        assert_eq!(test.count("SELECT count(*) FROM passkey").await, 1);
    }
}

both_engines! {
    async fn an_address_that_is_a_number_has_no_passkeys_and_says_so(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let browser = test.signed_in(ada, false).await;
        let page = browser.page(PASSKEYS).await;
        assert!(page.contains("Passkeys do not work at this address") && !page.contains("data-passkey="), "{page}");
        browser.refused(&format!("{PASSKEYS}/options"), &[], 409).await;
        browser.refused("/sign-in/passkey/options", &[], 409).await;
        // A token is not the person at the browser.
        let cx = test.db().cx(Actor::Visitor);
        let token = people::account::actor(&cx, ada, Via::Token(ada.0), cx.now(), Scope::Admin, true).await.unwrap().unwrap();
        let mut tx = test.db().write(token).await.unwrap();
        let refused = second_step::begin_app(&mut tx, &test.app.secret, ada).await.unwrap_err();
        assert!(matches!(refused, Error::Forbidden(_)), "{refused:?}");
        drop(tx);
        // And only the program sets one up for somebody.
        let mut tx = test.db().write(Actor::Visitor).await.unwrap();
        let refused = second_step::set_up_for_demo(&mut tx, &test.app.secret, ada).await.unwrap_err();
        assert!(matches!(refused, Error::SignInRequired), "{refused:?}");
    }
}
