//! The pages and operations of the signed-in person: home, profile, tokens, sign-ins, preferences, and writes that are sent
//! twice.

use chrono::TimeDelta;
use commonground::app::App;
use commonground::platform::{Actor, Place, Role};
use reqwest::Method;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::persons::Browser;
use crate::support::{TestApp, both_engines, problem};

/// A request of a page's script, with the browser's sign-in.
fn call(test: &TestApp, browser: &Browser, method: Method, path: &str) -> reqwest::RequestBuilder {
    test.client.request(method, browser.url(path)).header("sec-fetch-site", "same-origin")
}

async fn token(test: &TestApp, browser: &Browser, scope: &str) -> String {
    let new = json!({ "name": "Test", "scope": scope, "days": 30 });
    let answer = browser.send(call(test, browser, Method::POST, "/api/v1/me/tokens").json(&new)).await;
    assert_eq!(answer.status(), 201);
    let made: Value = answer.json().await.unwrap();
    made["token"].as_str().unwrap().to_owned()
}

both_engines! {
    async fn the_home_says_where_one_belongs_and_what_is_left(test: TestApp) {
        test.seed().await;
        let school = test.school("tamsin-row-elementary").await;
        let ada = test.account("ada@example.org", "Ada <Quill>").await;
        test.appoint(ada, Role::Principal, school).await;
        test.appoint(ada, Role::Editor, Place::Installation).await;
        let page = test.signed_in(ada, false).await.page("/me").await;
        for words in [
            "Hello, Ada &#60;Quill&#62;", "ada@example.org", "Tamsin Row Elementary", "Principal", "Since October 14, 2026",
            "/schools/tamsin-row-elementary/staff", "The whole site", "/welcome", "Set up a second step",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let strong = test.signed_in(ada, true).await;
        strong.post_on("/me/profile", &[("name", "Ada Quill")]).await;
        let page = strong.page("/me").await;
        assert!(!page.contains("Left to finish"), "{page}");
        let ben = test.account("ben@example.org", "Ben Marsh").await;
        let page = test.signed_in(ben, false).await.page("/me").await;
        assert!(page.contains("no school or office yet") && !page.contains("Tamsin"), "{page}");
        for path in ["/me", "/me/profile", "/me/tokens", "/me/data", "/me/data.zip"] {
            let answer = test.get(path).await;
            assert_eq!(answer.status(), 303, "{path}");
            let to = answer.headers()["location"].to_str().unwrap().to_owned();
            assert!(to.starts_with("/sign-in?next=%2Fme"), "{to}");
        }
    }
}

both_engines! {
    async fn a_profile_is_changed_and_put_right(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let browser = test.signed_in(ada, false).await;
        let fields = [
            ("name", "Ada Xylo"), ("title", "Grade 3 teacher"), ("grades", "g3_5"), ("grades", "k_2"),
            ("time_zone", "America/Chicago"),
        ];
        assert_eq!(browser.post_on("/me/profile", &fields).await, "/me/profile?saved");
        let page = browser.page("/me/profile?saved").await;
        for words in [
            "Saved.", "value=\"Ada Xylo\"", "value=\"Grade 3 teacher\"", "value=\"g3_5\" checked",
            "value=\"America/Chicago\" selected",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let wrong = browser.post("/me/profile", &[("name", " "), ("title", "Keeps this"), ("grades", "k_2")]).await;
        assert_eq!(wrong.status(), 422);
        let wrong = wrong.text().await.unwrap();
        assert!(wrong.contains("Give a name of 1 to 120 characters.") && wrong.contains("Keeps this"), "{wrong}");
        assert!(wrong.contains("value=\"k_2\" checked"), "{wrong}");
        assert!(browser.page("/me/profile").await.contains("value=\"Ada Xylo\""), "nothing was changed");
    }
}

both_engines! {
    async fn a_token_is_shown_once_used_and_revoked(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let browser = test.signed_in(ada, false).await;
        let page = browser.page("/me/tokens").await;
        assert!(page.contains("You have no tokens") && !page.contains("value=\"admin\""), "{page}");
        let made = browser.post("/me/tokens", &[("name", "Roster sync"), ("scope", "write"), ("days", "30")]).await;
        assert_eq!(made.status(), 201);
        assert_eq!(made.headers()["cache-control"], "no-store");
        let made = made.text().await.unwrap();
        let at = made.find("<code>cg_").unwrap() + 6;
        let token: String = made[at..].chars().take_while(|c| *c != '<').collect();
        let page = browser.page("/me/tokens").await;
        assert!(page.contains("Roster sync") && page.contains("November 13, 2026") && !page.contains(&token), "{page}");
        let me = || test.client.get(format!("{}/api/v1/me", test.base)).bearer_auth(&token).send();
        let answer: Value = me().await.unwrap().json().await.unwrap();
        assert_eq!((&answer["name"], &answer["id"]), (&json!("Ada Quill"), &json!(ada.to_string())));

        let wrong = browser.post("/me/tokens", &[("name", ""), ("scope", "admin"), ("days", "x")]).await;
        assert_eq!(wrong.status(), 422);
        let wrong = wrong.text().await.unwrap();
        for words in ["Give a name of 1 to 80", "from 1 to 366", "Only editors and administrators"] {
            assert!(wrong.contains(words), "{words}: {wrong}");
        }

        // Somebody else's token is not there.
        let ben = test.account("ben@example.org", "Ben Marsh").await;
        let other = test.signed_in(ben, false).await;
        let list: Value = browser.get("/api/v1/me/tokens").await.json().await.unwrap();
        let id = list["items"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(other.post(&format!("/me/tokens/{id}/revocation"), &[]).await.status(), 404);
        assert_eq!(other.post("/me/tokens/x/revocation", &[]).await.status(), 404);
        assert!(!other.page("/me/tokens").await.contains("Roster sync"));
        assert_eq!(me().await.unwrap().status(), 200);
        assert_eq!(browser.post_on(&format!("/me/tokens/{id}/revocation"), &[]).await, "/me/tokens?revoked");
        assert_eq!(me().await.unwrap().status(), 401);
        assert!(browser.page("/me/tokens?revoked").await.contains("You have no tokens"));
    }
}

both_engines! {
    async fn a_profile_is_changed_by_who_saw_its_present_state(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let browser = test.signed_in(ada, false).await;
        let put = async |path: &str, tag: Option<&str>, body: Value| {
            let request = call(&test, &browser, Method::PUT, path).json(&body);
            browser.send(match tag { Some(tag) => request.header("if-match", tag), None => request }).await
        };
        let seen = browser.get("/api/v1/me").await;
        let tag = seen.headers()["etag"].to_str().unwrap().to_owned();
        let again = browser.send(call(&test, &browser, Method::GET, "/api/v1/me").header("if-none-match", &tag)).await;
        assert_eq!(again.status(), 304);
        let profile = json!({ "name": "Ada Xylo", "title": "Coach", "grades": ["k_2"] });
        problem(put("/api/v1/me/profile", None, profile.clone()).await, 428).await;
        problem(put("/api/v1/me/profile", Some("\"old\""), profile.clone()).await, 412).await;
        problem(put("/api/v1/me/profile", Some(&tag), json!({ "name": "" })).await, 422).await;
        let changed = put("/api/v1/me/profile", Some(&tag), profile.clone()).await;
        assert_eq!(changed.status(), 200);
        let new_tag = changed.headers()["etag"].to_str().unwrap().to_owned();
        let changed: Value = changed.json().await.unwrap();
        assert_eq!((&changed["name"], &changed["title"], &changed["grades"]), (&json!("Ada Xylo"), &json!("Coach"), &json!(["k_2"])));
        problem(put("/api/v1/me/profile", Some(&tag), profile.clone()).await, 412).await;
        assert_eq!(put("/api/v1/me/profile", Some(&new_tag), profile).await.status(), 200);

        let seen = browser.get("/api/v1/me/preferences").await;
        let tag = seen.headers()["etag"].to_str().unwrap().to_owned();
        let zone = json!({ "time_zone": "America/Denver" });
        problem(put("/api/v1/me/preferences", None, zone.clone()).await, 428).await;
        problem(put("/api/v1/me/preferences", Some(&tag), json!({ "time_zone": "a b" })).await, 422).await;
        let now: Value = put("/api/v1/me/preferences", Some(&tag), zone.clone()).await.json().await.unwrap();
        assert_eq!(now["time_zone"], zone["time_zone"]);
        problem(put("/api/v1/me/preferences", Some(&tag), zone).await, 412).await;
        let me: Value = browser.get("/api/v1/me").await.json().await.unwrap();
        assert_eq!((&me["time_zone"], &me["title"]), (&json!("America/Denver"), &json!("Coach")));
    }
}

both_engines! {
    /// A token acts for its owner, but does not make tokens, revoke them or sign anybody out.
    async fn a_token_does_not_open_further_doors(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let browser = test.signed_in(ada, false).await;
        let (write, read) = (token(&test, &browser, "write").await, token(&test, &browser, "read").await);
        let with = async |token: &str, method: Method, path: &str, body: Value| {
            let request = test.client.request(method, format!("{}{path}", test.base)).bearer_auth(token);
            request.header("if-match", "*").json(&body).send().await.unwrap()
        };
        let new = json!({ "name": "More", "scope": "read", "days": 1 });
        let refused = problem(with(&write, Method::POST, "/api/v1/me/tokens", new.clone()).await, 403).await;
        assert_eq!(refused["detail"], "Only you can do this, signed in with your browser.");
        let list: Value = with(&read, Method::GET, "/api/v1/me/tokens", json!(null)).await.json().await.unwrap();
        assert_eq!(list["total"], 2);
        let id = list["items"][0]["id"].as_str().unwrap();
        problem(with(&write, Method::DELETE, &format!("/api/v1/me/tokens/{id}"), json!(null)).await, 403).await;
        let list: Value = with(&read, Method::GET, "/api/v1/me/sign-ins", json!(null)).await.json().await.unwrap();
        assert_eq!((&list["total"], &list["items"][0]["current"]), (&json!(1), &json!(false)));
        let id = list["items"][0]["id"].as_str().unwrap();
        problem(with(&write, Method::DELETE, &format!("/api/v1/me/sign-ins/{id}"), json!(null)).await, 403).await;
        let name = json!({ "name": "Ada by token" });
        problem(with(&read, Method::PUT, "/api/v1/me/profile", name.clone()).await, 403).await;
        assert_eq!(with(&write, Method::PUT, "/api/v1/me/profile", name).await.status(), 200);
        // Erasing is for the person, in the browser.
        let form = [("email", "ada@example.org")];
        let erase = test.client.post(format!("{}/me/data/erasure", test.base)).bearer_auth(&write).form(&form);
        assert_eq!(erase.send().await.unwrap().status(), 403);
        assert!(browser.page("/me").await.contains("Ada by token"));
    }
}

both_engines! {
    async fn a_sign_in_elsewhere_is_ended(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let ben = test.account("ben@example.org", "Ben Marsh").await;
        let (here, there, other) =
            (test.signed_in(ada, false).await, test.signed_in(ada, false).await, test.signed_in(ben, false).await);
        let list: Value = here.get("/api/v1/me/sign-ins").await.json().await.unwrap();
        assert_eq!(list["total"], 2);
        let there_id = list["items"].as_array().unwrap().iter().find(|item| item["current"] == false).unwrap()["id"].as_str().unwrap();
        let path = format!("/api/v1/me/sign-ins/{there_id}");
        problem(other.send(call(&test, &other, Method::DELETE, &path)).await, 404).await;
        assert!(there.page("/about").await.contains("Ada Quill"));
        assert_eq!(here.send(call(&test, &here, Method::DELETE, &path)).await.status(), 204);
        assert!(!there.page("/about").await.contains("Ada Quill"));
        assert!(here.page("/about").await.contains("Ada Quill"));
    }
}

both_engines! {
    async fn a_write_that_is_sent_twice_is_done_once(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let ben = test.account("ben@example.org", "Ben Marsh").await;
        let (hers, his) = (test.signed_in(ada, false).await, test.signed_in(ben, false).await);
        let follow = async |request: reqwest::RequestBuilder, key: &str, target: &str| {
            request.header("idempotency-key", key).json(&json!({ "kind": "topic", "target": target })).send().await.unwrap()
        };
        let by = |browser: &Browser| {
            let request = call(&test, browser, Method::POST, "/api/v1/me/follows");
            request.header("cookie", format!("commonground={}", browser.cookie("commonground").unwrap()))
        };
        let first = follow(by(&hers), "k-1", "tutoring").await;
        assert_eq!(first.status(), 200);
        assert!(!first.headers().contains_key("idempotency-replayed"));
        let first = first.text().await.unwrap();
        let gone = call(&test, &hers, Method::DELETE, "/api/v1/me/follows?kind=topic&target=tutoring");
        assert!(hers.send(gone).await.status().is_success());
        let again = follow(by(&hers), "k-1", "tutoring").await;
        assert_eq!((again.status().as_u16(), again.headers()["idempotency-replayed"].to_str().unwrap()), (200, "true"));
        assert!(again.headers()["content-type"].to_str().unwrap().starts_with("application/json"));
        assert_eq!(again.text().await.unwrap(), first);
        let list: Value = hers.get("/api/v1/me/follows").await.json().await.unwrap();
        assert_eq!(list["total"], 0, "it was done once");
        problem(follow(by(&hers), "k-1", "writing").await, 422).await;
        // Nor does a token of hers, which may only read, get what her browser was answered.
        let bearer = token(&test, &hers, "read").await;
        let other = test.client.post(hers.url("/api/v1/me/follows")).header("authorization", format!("Bearer {bearer}"));
        problem(follow(other, "k-1", "tutoring").await, 422).await;
        // A key is one person's.
        assert_eq!(follow(by(&his), "k-1", "tutoring").await.status(), 200);
        // A refusal changed nothing, and its key may be sent again.
        problem(follow(by(&hers), "k-2", "no-such-topic").await, 422).await;
        assert_eq!(follow(by(&hers), "k-2", "tutoring").await.status(), 200);
        problem(follow(by(&hers), "", "tutoring").await, 400).await;
        problem(follow(by(&hers), &"k".repeat(256), "tutoring").await, 400).await;
        // The secret of a token is shown once, and kept nowhere.
        let make = async || {
            let new = json!({ "name": "Sync", "scope": "read", "days": 30 });
            let request = call(&test, &hers, Method::POST, "/api/v1/me/tokens").header("idempotency-key", "k-3");
            hers.send(request.json(&new)).await
        };
        assert_eq!(make().await.status(), 201);
        problem(make().await, 409).await;

        // What is kept is kept sealed.
        let cx = test.db().cx(Actor::System("test"));
        let rows = async |sql: &str| {
            let backend = cx.conn().get_database_backend();
            cx.conn().query_all_raw(Statement::from_string(backend, sql.to_owned())).await.unwrap()
        };
        let kept = rows("SELECT body FROM answer_once WHERE status IS NOT NULL").await;
        assert_eq!(kept.len(), 3);
        for row in kept {
            let body: String = row.try_get("", "body").unwrap();
            assert!(body.len() > 50 && !body.contains("tutoring"), "{body}");
        }
        // A request that never ended says that nobody knows.
        let tx = test.db().write(Actor::System("test")).await.unwrap();
        tx.conn().execute_unprepared("UPDATE answer_once SET status = NULL WHERE key = 'k-2'").await.unwrap();
        tx.commit().await.unwrap();
        problem(follow(by(&hers), "k-2", "tutoring").await, 409).await;

        test.clock.set(test.clock.now() + TimeDelta::hours(25));
        // The jobs of the server may be quicker.
        for _ in 0..100 {
            App::jobs().run_due(test.db()).await.unwrap();
            if rows("SELECT body FROM answer_once").await.is_empty() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("answers are kept for ever");
    }
}

both_engines! {
    /// Twenty at once with one key: one is done, and nobody gets a second token.
    async fn one_key_at_the_same_time_is_one_write(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let browser = test.signed_in(ada, false).await;
        let cookie = format!("commonground={}", browser.cookie("commonground").unwrap());
        let sent: Vec<_> = (0..20)
            .map(|_| {
                let request = test
                    .client
                    .post(browser.url("/api/v1/me/tokens"))
                    .header("sec-fetch-site", "same-origin")
                    .header("cookie", &cookie)
                    .header("idempotency-key", "once")
                    .json(&json!({ "name": "Sync", "scope": "read", "days": 30 }));
                tokio::spawn(async move { request.send().await.unwrap().status().as_u16() })
            })
            .collect();
        let mut made = 0;
        for answer in sent {
            match answer.await.unwrap() {
                201 => made += 1,
                409 => {}
                other => panic!("{other}"),
            }
        }
        assert!(made >= 1);
        let list: Value = browser.get("/api/v1/me/tokens").await.json().await.unwrap();
        assert_eq!(list["total"], 1);
    }
}
