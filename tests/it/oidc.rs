//! The sign-ins of schools and districts: a real provider process (npm `oidc-provider`), and one that does wrong what it is
//! told to. Both run on loopback, need node, and end with their test.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use commonground::people::{self, AccountId};
use commonground::platform::config::Overrides;
use commonground::platform::{Actor, Clock, Config, Place, Role};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::persons::Browser;
use crate::support::{Engine, TestApp, TestDatabase};

/// A provider process.
struct Provider {
    child: Child,
    // Open while it runs: what writes to nobody is ended.
    _said: BufReader<ChildStdout>,
    issuer: String,
    client: reqwest::Client,
}

impl Provider {
    async fn start(script: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc");
        let mut command = Command::new("node");
        command.arg(folder.join(script)).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("node is missing: install nodejs and npm, or run tests/run, which does");
        let mut issuer = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut issuer).unwrap();
        assert!(issuer.starts_with("http"), "tests/oidc/{script} does not start");
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { child, _said: said, issuer: issuer.trim().to_owned(), client }
    }

    /// npm's `oidc-provider`.
    async fn real() -> Self {
        let package: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc/node_modules/oidc-provider");
        assert!(
            package.exists(),
            "oidc-provider is missing: run `npm install` in tests/oidc, or tests/run, which does"
        );
        Self::start("provider.mjs").await
    }

    /// One that does wrong what it is told to.
    async fn faulty() -> Self {
        let provider = Self::start("faulty.mjs").await;
        provider.control(json!({ "now": seconds(crate::support::NOW), "claims": person() })).await;
        provider
    }

    async fn control(&self, wish: Value) -> Value {
        let answer = self.client.post(format!("{}/control", self.issuer)).body(wish.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    /// What the provider's page answers with: the way back.
    async fn agree(&self, url: &str) -> String {
        let answer = self.client.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 302, "{url}");
        answer.headers()["location"].to_str().unwrap().to_owned()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn seconds(at: &str) -> i64 {
    at.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp()
}

/// A teacher whose address the provider has proven.
fn person() -> Value {
    json!({ "sub": "vera-1", "email": "Vera.Stone@rivermark.example", "email_verified": true, "name": "Vera Stone" })
}

/// A server whose provider `rivermark` is this one, with more keys.
async fn served(engine: Engine, issuer: &str, more: &[(&str, &str)]) -> TestApp {
    let database = TestDatabase::fresh(engine).await;
    let keys = [
        ("issuer", issuer),
        ("client_id", "commonground"),
        ("client_secret", "a secret of both"),
        ("label", "Rivermark Schools"),
    ];
    let environment =
        keys.iter().chain(more).map(|(key, value)| (format!("oidc_rivermark_{key}"), (*value).to_owned()));
    let none = Path::new("there-is-no-such-file.toml");
    let oidc = Config::from_sources(none, environment, &Overrides::default()).unwrap().oidc;
    let config = Config { oidc, ..database.config("node") };
    TestApp::configured(database, config, false).await
}

/// With the provider that does wrong, answering for rivermark.example.
async fn with_faulty(more: &[(&str, &str)]) -> (Provider, TestApp) {
    let provider = Provider::faulty().await;
    let more: Vec<_> = [("domains", "rivermark.example")].into_iter().chain(more.iter().copied()).collect();
    let test = served(Engine::Sqlite, &provider.issuer.clone(), &more).await;
    (provider, test)
}

/// Where a browser is sent.
fn location(answer: &reqwest::Response) -> String {
    answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default()
}

/// From our page to the provider.
async fn leave(browser: &Browser, next: &str) -> String {
    let answer = browser.get(&format!("/sign-in/oidc/rivermark?next={next}")).await;
    let (status, to) = (answer.status(), location(&answer));
    assert_eq!(status, 303, "{}", answer.text().await.unwrap());
    to
}

/// There and back with a provider that asks nothing.
async fn round(provider: &Provider, browser: &Browser) -> reqwest::Response {
    let back = provider.agree(&leave(browser, "/help").await).await;
    browser.get(&back).await
}

/// The word of a refusal, from a page that is clear: a status of the request's kind, one sentence, a way on.
async fn refusal(answer: reqwest::Response) -> String {
    refusal_and_way(answer).await.0
}

/// And where "Start again" leads.
async fn refusal_and_way(answer: reqwest::Response) -> (String, String) {
    let status = answer.status().as_u16();
    assert!((400..500).contains(&status), "{status}");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let text = answer.text().await.unwrap();
    assert!(text.contains("href=\"/sign-in\"") && text.contains("Start again"), "{text}");
    assert!(!text.contains("eyJ"), "no token: {text}");
    let between = |from: &str, to: char| {
        text.split(from).nth(1).unwrap_or_else(|| panic!("{text}")).split(to).next().unwrap().to_owned()
    };
    (between("the reason was <code>", '<'), between("<a class=\"button\" href=\"", '"'))
}

async fn count(test: &TestApp, sql: &str) -> i64 {
    let cx = test.db().cx(Actor::System("test"));
    let statement =
        Statement::from_string(cx.conn().get_database_backend(), format!("SELECT COUNT(*) AS n FROM {sql}"));
    cx.conn().query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
}

/// Whose account the only identity is.
async fn owner(test: &TestApp, subject: &str) -> Option<AccountId> {
    let cx = test.db().cx(Actor::System("test"));
    let sql = format!("SELECT account_id FROM identity WHERE subject = '{subject}'");
    let row = cx.conn().query_one_raw(Statement::from_string(cx.conn().get_database_backend(), sql)).await.unwrap();
    row.map(|row| AccountId(row.try_get("", "account_id").unwrap()))
}

// The real provider.

/// Through every page of the real provider, as a browser goes, and back.
async fn through(there: &Browser, url: &str, base: &str) -> String {
    let mut url = url.to_owned();
    for _ in 0..10 {
        let answer = there.get(&url).await;
        let to = location(&answer);
        assert!(answer.status().is_redirection(), "{url}: {}", answer.text().await.unwrap());
        url = if to.starts_with('/') {
            format!("{}{to}", url.split('/').take(3).collect::<Vec<_>>().join("/"))
        } else {
            to
        };
        if url.starts_with(base) {
            return url;
        }
    }
    panic!("the provider sends people in circles");
}

async fn a_real_provider(engine: Engine) {
    let provider = Provider::real().await;
    let test = served(engine, &provider.issuer, &[("domains", "rivermark.example")]).await;
    // The provider's clock is the machine's.
    test.clock.set(Clock::System.now());
    let redirect = format!("{}/sign-in/oidc/rivermark/callback", test.base);
    provider.control(json!({ "redirect_uri": redirect, "person": person() })).await;

    let browser = test.browser();
    let away = leave(&browser, "%2Fhelp").await;
    for needed in ["code_challenge_method=S256", "nonce=", "state=", "response_type=code", "scope=openid+email+profile"]
    {
        assert!(away.contains(needed), "{needed} in {away}");
    }
    let answer = browser.get(&through(&test.browser(), &away, &test.base).await).await;
    assert_eq!((answer.status().as_u16(), location(&answer).as_str()), (303, "/welcome?next=%2Fhelp"));
    assert!(browser.page("/about").await.contains("Vera Stone"), "signed in");
    let first = owner(&test, "vera-1").await.unwrap();
    let account = people::account::account(&test.db().cx(Actor::System("test")), first).await.unwrap();
    assert_eq!(account.email.unwrap().as_str(), "vera.stone@rivermark.example");

    // Married, and so another address there: the same person and the same account. A new browser, a new ticket.
    let ticket = browser.cookie("commonground").unwrap();
    let married =
        json!({ "sub": "vera-1", "email": "vera.hill@rivermark.example", "email_verified": true, "name": "Vera Hill" });
    provider.control(json!({ "person": married })).await;
    let again = leave(&browser, "//evil.example").await;
    let answer = browser.get(&through(&test.browser(), &again, &test.base).await).await;
    assert_eq!((answer.status().as_u16(), location(&answer).as_str()), (303, "/welcome?next=%2F"), "no other site");
    assert_eq!(owner(&test, "vera-1").await, Some(first));
    assert_ne!(browser.cookie("commonground").unwrap(), ticket);
    assert_eq!((count(&test, "account").await, count(&test, "identity").await), (1, 1));
    assert_eq!(count(&test, "challenge").await, 0, "every question was taken");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_teacher_comes_in_by_a_real_provider_on_sqlite() {
    a_real_provider(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_teacher_comes_in_by_a_real_provider_on_postgres() {
    a_real_provider(Engine::Postgres).await;
}

// What is refused.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_does_not_hold_signs_nobody_in() {
    let (provider, test) = with_faulty(&[]).await;
    let faults = [
        ("bad_signature", "signature"),
        ("changed", "signature"),
        ("unknown_kid", "signature"),
        ("none", "algorithm"),
        ("hs256_secret", "algorithm"),
        ("hs256_public", "algorithm"),
        ("audience", "audience"),
        ("audiences", "audience"),
        ("azp", "audience"),
        ("issuer", "issuer"),
        ("nonce", "nonce"),
        ("no_nonce", "nonce"),
        ("expired", "expired"),
        ("future", "expired"),
        ("no_expiry", "code"),
        ("no_token", "code"),
        ("garbage", "code"),
    ];
    let mut found = Vec::new();
    for (fault, _) in faults {
        provider.control(json!({ "fault": fault })).await;
        let browser = test.browser();
        let answer = round(&provider, &browser).await;
        let entered = answer.status() == 303 || browser.cookie("commonground").is_some();
        found.push((fault, if entered { "in".to_owned() } else { refusal(answer).await }));
    }
    assert_eq!(found, faults.map(|(fault, reason)| (fault, reason.to_owned())));
    assert_eq!((count(&test, "account").await, count(&test, "sign_in").await), (0, 0));
    // And the same without a fault is let in, so it was the faults.
    provider.control(json!({ "fault": "" })).await;
    assert_eq!(round(&provider, &test.browser()).await.status(), 303);
    assert_eq!(count(&test, "account").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_way_back_is_good_once_here_and_for_ten_minutes() {
    let (provider, test) = with_faulty(&[]).await;
    let vera = test.browser();
    let back = provider.agree(&leave(&vera, "/").await).await;
    // Somebody who caught the address, in a browser that is away as well.
    let other = test.browser();
    leave(&other, "/").await;
    assert_eq!(refusal(other.get(&back).await).await, "state");
    assert_eq!(refusal(vera.get(&back).await).await, "state", "it was used up");
    // Without any cookie, and with a state that nobody made.
    let back = provider.agree(&leave(&vera, "/").await).await;
    assert_eq!(refusal(test.browser().get(&back).await).await, "state");
    assert_eq!(refusal(vera.get("/sign-in/oidc/rivermark/callback?state=made-up&code=x").await).await, "state");
    assert_eq!(refusal(vera.get("/sign-in/oidc/rivermark/callback").await).await, "state");
    // Twice.
    let back = provider.agree(&leave(&vera, "/").await).await;
    assert_eq!(vera.get(&back).await.status(), 303);
    assert_eq!(refusal(vera.get(&back).await).await, "state");
    // Late.
    let back = provider.agree(&leave(&vera, "/").await).await;
    test.clock.set(test.clock.now() + chrono::TimeDelta::minutes(11));
    assert_eq!(refusal(vera.get(&back).await).await, "state");
    // What nobody came back for goes with the next departure.
    leave(&vera, "/").await;
    test.clock.set(test.clock.now() + chrono::TimeDelta::minutes(11));
    leave(&vera, "/").await;
    assert_eq!(count(&test, "challenge").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_of_somebody_else_is_worth_nothing() {
    let (provider, test) = with_faulty(&[]).await;
    let (vera, mallory) = (test.browser(), test.browser());
    let caught = provider.agree(&leave(&vera, "/").await).await;
    let code = caught.split("code=").nth(1).unwrap().split('&').next().unwrap();
    let away = leave(&mallory, "/").await;
    let state = away.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let forged = format!("/sign-in/oidc/rivermark/callback?state={state}&code={code}");
    assert_eq!(refusal(mallory.get(&forged).await).await, "code", "PKCE");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_provider_adds_to_the_way_back_is_checked() {
    let (provider, test) = with_faulty(&[]).await;
    for (answer, reason) in [
        (json!({ "iss": "https://elsewhere.example" }), "issuer"),
        (json!({ "error": "access_denied", "code": null }), "declined"),
        (json!({ "code": null }), "code"),
    ] {
        provider.control(json!({ "answer": answer })).await;
        let (said, again) = refusal_and_way(round(&provider, &test.browser()).await).await;
        assert_eq!((said.as_str(), again.as_str()), (reason, "/sign-in/oidc/rivermark?next=%2Fhelp"));
    }
    provider.control(json!({ "answer": { "iss": provider.issuer } })).await;
    assert_eq!(round(&provider, &test.browser()).await.status(), 303);
    // One that always says who answers, and now does not.
    let (provider, test) = with_faulty(&[]).await;
    provider.control(json!({ "metadata": { "authorization_response_iss_parameter_supported": true } })).await;
    assert_eq!(refusal(round(&provider, &test.browser()).await).await, "issuer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_keys_are_asked_for_when_they_are_needed() {
    let (provider, test) = with_faulty(&[]).await;
    assert_eq!(round(&provider, &test.browser()).await.status(), 303);
    provider.control(json!({ "rotate": true })).await;
    assert_eq!(round(&provider, &test.browser()).await.status(), 303, "the new key is fetched");
    let asked = provider.control(json!({})).await["asked"].as_i64().unwrap();
    assert_eq!(asked, 1, "what it offers is remembered");
    test.clock.set(test.clock.now() + chrono::TimeDelta::minutes(61));
    provider.control(json!({ "now": test.clock.now().timestamp() })).await;
    assert_eq!(round(&provider, &test.browser()).await.status(), 303);
    assert_eq!(provider.control(json!({})).await["asked"], 2, "for an hour");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_is_away_or_odd_keeps_nobody_from_other_ways() {
    // Nothing listens there; the server started.
    let test = served(Engine::Sqlite, "http://127.0.0.1:9", &[]).await;
    let away = "/sign-in/oidc/rivermark";
    assert_eq!(refusal(test.browser().get(away).await).await, "unanswered");
    assert_eq!(test.browser().get("/sign-in/oidc/nobody").await.status(), 404);
    for (wish, reason) in [
        (json!({ "fault": "huge" }), "unanswered"),
        (json!({ "fault": "redirect" }), "unanswered"),
        (json!({ "fault": "silence" }), "unanswered"),
        (json!({ "metadata": { "issuer": "https://elsewhere.example" } }), "misconfigured"),
        (json!({ "metadata": { "token_endpoint": "http://elsewhere.example/token" } }), "misconfigured"),
        (json!({ "metadata": { "jwks_uri": "http://169.254.169.254/latest" } }), "misconfigured"),
        (json!({ "metadata": { "jwks_uri": null } }), "misconfigured"),
    ] {
        let (provider, test) = with_faulty(&[]).await;
        provider.control(wish.clone()).await;
        assert_eq!(refusal(test.browser().get(away).await).await, reason, "{wish}");
    }
    // Away between going and coming back.
    let (provider, test) = with_faulty(&[]).await;
    let browser = test.browser();
    let back = provider.agree(&leave(&browser, "/").await).await;
    drop(provider);
    assert_eq!(refusal(browser.get(&back).await).await, "unanswered");
}

// Whose account it is.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_joined_only_by_a_proven_address_of_the_providers_domain() {
    let (provider, test) = with_faulty(&[]).await;
    let vera = test.account("vera.stone@rivermark.example", "Vera Stone").await;
    let noor = test.account("noor@charter.example", "Noor Haddad").await;
    let claims =
        |email: &str, proven: Value| json!({ "claims": { "sub": "x-1", "email": email, "email_verified": proven } });
    for proven in [json!(false), json!(null), json!("false")] {
        provider.control(claims("vera.stone@rivermark.example", proven)).await;
        assert_eq!(refusal(round(&provider, &test.browser()).await).await, "unproven");
    }
    // Of another domain, and of one that only looks like it.
    for email in ["noor@charter.example", "vera.stone@evil-rivermark.example", "x@sub.rivermark.example"] {
        provider.control(claims(email, json!(true))).await;
        assert_eq!(refusal(round(&provider, &test.browser()).await).await, "domain", "{email}");
    }
    assert_eq!((count(&test, "identity").await, count(&test, "account").await), (0, 2));
    provider.control(claims("vera.stone@rivermark.example", json!("true"))).await;
    assert_eq!(round(&provider, &test.browser()).await.status(), 303);
    assert_eq!(owner(&test, "x-1").await, Some(vera));
    assert_ne!(vera, noor);
    // From now on the subject counts, and a closed account is closed.
    let sql = format!("UPDATE account SET state = 'deactivated' WHERE name = '{}'", "Vera Stone");
    let tx = test.db().write(Actor::System("test")).await.unwrap();
    tx.conn().execute_unprepared(&sql).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(refusal(round(&provider, &test.browser()).await).await, "closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_answers_for_no_domain_opens_accounts_and_joins_none() {
    let provider = Provider::faulty().await;
    let test = served(Engine::Sqlite, &provider.issuer, &[]).await;
    test.account("vera.stone@rivermark.example", "Vera Stone").await;
    assert_eq!(refusal(round(&provider, &test.browser()).await).await, "known");
    provider
        .control(json!({ "claims": { "sub": "new-1", "email": "omar@charter.example", "email_verified": true } }))
        .await;
    assert_eq!(round(&provider, &test.browser()).await.status(), 303);
    assert_eq!(count(&test, "account").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_a_second_step_is_led_to_it() {
    let (provider, test) = with_faulty(&[]).await;
    let vera = test.account("vera.stone@rivermark.example", "Vera Stone").await;
    let tx = test.db().write(Actor::System("test")).await.unwrap();
    let sql = "INSERT INTO totp (account_id, sealed, confirmed_at, created_at) VALUES ($1, 'x', $2, $2)";
    let values = [vera.0.into(), tx.now().into()];
    let statement = Statement::from_sql_and_values(tx.conn().get_database_backend(), sql, values);
    tx.conn().execute_raw(statement).await.unwrap();
    tx.commit().await.unwrap();
    let browser = test.browser();
    let answer = round(&provider, &browser).await;
    assert_eq!(location(&answer), "/sign-in/second-step?next=%2Fhelp");
    assert!(browser.cookie("commonground").is_none() && !browser.page("/about").await.contains("Vera Stone"));
}

async fn twice_at_once(engine: Engine) {
    let provider = Provider::faulty().await;
    let test = served(engine, &provider.issuer, &[("domains", "rivermark.example")]).await;
    let browsers: Vec<Browser> = (0..6).map(|_| test.browser()).collect();
    let answers = futures_util::future::join_all(browsers.iter().map(|browser| round(&provider, browser))).await;
    for answer in answers {
        assert_eq!(answer.status(), 303);
    }
    assert_eq!((count(&test, "account").await, count(&test, "identity").await), (1, 1));
    assert_eq!(count(&test, "sign_in").await, 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_new_in_six_browsers_at_once_gets_one_account_on_sqlite() {
    twice_at_once(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_new_in_six_browsers_at_once_gets_one_account_on_postgres() {
    twice_at_once(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_told_besides_the_token_is_about_the_same_person() {
    let (provider, test) = with_faulty(&[]).await;
    let metadata = json!({ "userinfo_endpoint": format!("{}/userinfo", provider.issuer) });
    let noor = json!({ "sub": "noor-1", "email": "noor@rivermark.example", "email_verified": true });
    let of = |claims: Value, userinfo: &Value| json!({ "metadata": metadata, "claims": claims, "userinfo": userinfo });
    for (claims, userinfo, reason) in [
        (json!({ "sub": "vera-1" }), &noor, "subject"),
        (json!({ "sub": "vera-1" }), &json!({ "email": "noor@rivermark.example", "email_verified": true }), "subject"),
        (json!({ "sub": "vera-1" }), &json!([]), "subject"),
        // The proof of one address says nothing about another.
        (json!({ "sub": "noor-1", "email": "vera.stone@rivermark.example" }), &noor, "unproven"),
    ] {
        provider.control(of(claims, userinfo)).await;
        assert_eq!(refusal(round(&provider, &test.browser()).await).await, reason, "{userinfo}");
    }
    assert_eq!(count(&test, "account").await, 0);
    provider.control(of(json!({ "sub": "noor-1" }), &noor)).await;
    assert_eq!(round(&provider, &test.browser()).await.status(), 303);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn google_lets_in_its_hosted_domain_alone() {
    let (provider, test) = with_faulty(&[("kind", "google")]).await;
    let mut claims = person();
    for hosted in [json!(null), json!("charter.example"), json!("")] {
        claims["hd"] = hosted;
        provider.control(json!({ "claims": claims })).await;
        assert_eq!(refusal(round(&provider, &test.browser()).await).await, "domain");
    }
    claims["hd"] = json!("rivermark.example");
    provider.control(json!({ "claims": claims })).await;
    let browser = test.browser();
    assert!(leave(&browser, "/").await.contains("hd=rivermark.example"));
    assert_eq!(round(&provider, &browser).await.status(), 303);
}

const OURS: &str = "11111111-2222-3333-4444-555555555555";
const THEIRS: &str = "99999999-2222-3333-4444-555555555555";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entra_knows_people_by_tenant_and_object_and_its_addresses_prove_nothing() {
    let provider = Provider::faulty().await;
    let template = format!("{}/{{tenantid}}/v2.0", provider.issuer);
    let many = format!("{}/organizations/v2.0", provider.issuer);
    let more = [("kind", "entra"), ("tenants", OURS), ("domains", "rivermark.example")];
    let test = served(Engine::Sqlite, &many, &more).await;
    let vera = test.account("vera.stone@rivermark.example", "Vera Stone").await;
    let of = |tenant: &str| format!("{}/{tenant}/v2.0", provider.issuer);
    let claims = |tenant: &str, iss: &str, object: &str| {
        json!({
            "iss": iss, "tid": tenant, "oid": object, "sub": format!("pairwise-{object}"),
            "email": "vera.stone@rivermark.example", "email_verified": true, "name": "Vera Stone",
        })
    };
    let metadata = json!({ "issuer": template, "jwks_uri": format!("{}/keys", provider.issuer) });
    for (tenant, iss, reason) in [
        // nOAuth: whatever the tenant wrote into the address.
        (OURS, of(OURS), "unproven"),
        (THEIRS, of(THEIRS), "domain"),
        // A tenant that says it is another.
        (OURS, of(THEIRS), "issuer"),
        (OURS, template.clone(), "issuer"),
        ("", of(OURS), "issuer"),
    ] {
        provider.control(json!({ "metadata": metadata, "claims": claims(tenant, &iss, "o-1") })).await;
        assert_eq!(refusal(round(&provider, &test.browser()).await).await, reason, "{tenant} {iss}");
    }
    assert_eq!(count(&test, "identity").await, 0);

    // Vera signs in another way once and connects.
    provider.control(json!({ "metadata": metadata, "claims": claims(OURS, &of(OURS), "O-1") })).await;
    let browser = test.signed_in(vera, false).await;
    let page = browser.page("/me/security/providers").await;
    let link = page.split("href=\"").find(|part| part.starts_with("/sign-in/oidc/rivermark?connect=")).unwrap();
    let link = link.split('"').next().unwrap().to_owned();
    let back = provider.agree(&location(&browser.get(&link).await)).await;
    assert_eq!(location(&browser.get(&back).await), "/me/security/providers");
    assert_eq!(owner(&test, &format!("{OURS}:o-1")).await, Some(vera));
    // And comes in by it from now on; somebody else of the tenant with her address does not.
    let fresh = test.browser();
    assert_eq!(round(&provider, &fresh).await.status(), 303);
    assert!(fresh.page("/about").await.contains("Vera Stone"));
    provider.control(json!({ "claims": claims(OURS, &of(OURS), "o-2") })).await;
    assert_eq!(refusal(round(&provider, &test.browser()).await).await, "unproven");

    // What is kept about it is hers to see and to take away.
    let page = browser.page("/me/security/providers").await;
    let action = page.split("action=\"").find(|part| part.starts_with("/me/security/providers/")).unwrap();
    let other = test.account("noor@charter.example", "Noor Haddad").await;
    let action = action.split('"').next().unwrap();
    test.signed_in(other, false).await.post_on(action, &[]).await;
    assert_eq!(count(&test, "identity").await, 1, "Noor takes nothing of Vera's away");
    browser.post_on(action, &[]).await;
    assert_eq!(count(&test, "identity").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_another_tenant_proves_nothing() {
    let provider = Provider::faulty().await;
    let more =
        [("kind", "entra"), ("tenants", OURS), ("claim_email_verified", "xms_edov"), ("domains", "rivermark.example")];
    let test = served(Engine::Sqlite, &format!("{}/common/v2.0", provider.issuer), &more).await;
    let metadata = json!({ "issuer": format!("{}/{{tenantid}}/v2.0", provider.issuer) });
    let mut claims = person();
    claims["iss"] = json!(format!("{}/{OURS}/v2.0", provider.issuer));
    (claims["tid"], claims["oid"], claims["xms_edov"]) = (json!(OURS), json!("o-1"), json!("1"));
    let theirs = format!("{}/{THEIRS}/v2.0", provider.issuer);
    provider.control(json!({ "metadata": metadata, "claims": claims, "keyIssuer": theirs })).await;
    assert_eq!(refusal(round(&provider, &test.browser()).await).await, "signature");
    provider.control(json!({ "keyIssuer": metadata["issuer"] })).await;
    test.clock.set(test.clock.now() + chrono::TimeDelta::seconds(31));
    assert_eq!(round(&provider, &test.browser()).await.status(), 303, "its own, and the domain's owner is known");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_connects_an_account_for_somebody_else() {
    let (provider, test) = with_faulty(&[]).await;
    let (vera, noor) =
        (test.account("vera@charter.example", "Vera").await, test.account("noor@charter.example", "Noor").await);
    let browser = test.signed_in(vera, false).await;
    // A link that another site made up leads to the page, not to the provider.
    for mark in ["", "x", "AAAA"] {
        let to = location(&browser.get(&format!("/sign-in/oidc/rivermark?connect={mark}")).await);
        assert_eq!(to, "/me/security/providers");
    }
    // Nor does the link of Noor's page do in Vera's browser.
    let page = test.signed_in(noor, false).await.page("/me/security/providers").await;
    let link = page.split("href=\"").find(|part| part.starts_with("/sign-in/oidc/rivermark?connect=")).unwrap();
    let link = link.split('"').next().unwrap().to_owned();
    assert_eq!(location(&browser.get(&link).await), "/me/security/providers");
    assert_eq!(location(&test.browser().get(&link).await), "/me/security/providers");
    assert_eq!(count(&test, "challenge").await, 0);
    // Who is another's there is not connected twice.
    provider.control(json!({ "claims": person() })).await;
    assert_eq!(round(&provider, &test.browser()).await.status(), 303);
    let page = browser.page("/me/security/providers").await;
    let link = page.split("href=\"").find(|part| part.starts_with("/sign-in/oidc/rivermark?connect=")).unwrap();
    let back = provider.agree(&location(&browser.get(link.split('"').next().unwrap()).await)).await;
    assert_eq!(refusal(browser.get(&back).await).await, "taken");
    let teacher = owner(&test, "vera-1").await.unwrap();
    assert_ne!(teacher, vera);
    // Vera began to connect, and somebody else signed in before she came back.
    let page = browser.page("/me/security/providers").await;
    let link = page.split("href=\"").find(|part| part.starts_with("/sign-in/oidc/rivermark?connect=")).unwrap();
    let away = location(&browser.get(link.split('"').next().unwrap()).await);
    assert_eq!(round(&provider, &browser).await.status(), 303);
    provider
        .control(json!({ "claims": { "sub": "vera-2", "email": "v@rivermark.example", "email_verified": true } }))
        .await;
    assert_eq!(
        refusal_and_way(browser.get(&provider.agree(&away).await).await).await,
        ("other".to_owned(), "/me/security/providers".to_owned())
    );
    assert_eq!(owner(&test, "vera-2").await, None);
    // Who connects for themselves is told by letter.
    let browser = test.signed_in(noor, false).await;
    let page = browser.page("/me/security/providers").await;
    let link = page.split("href=\"").find(|part| part.starts_with("/sign-in/oidc/rivermark?connect=")).unwrap();
    let back = provider.agree(&location(&browser.get(link.split('"').next().unwrap()).await)).await;
    assert_eq!(location(&browser.get(&back).await), "/me/security/providers");
    assert_eq!(owner(&test, "vera-2").await, Some(noor));
    assert_eq!(test.letters("noor@charter.example").await.last().unwrap().kind, "provider_connected");
}

// Portals and districts.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portal_that_sends_people_without_our_state_is_answered_with_a_start() {
    let (provider, test) = with_faulty(&[]).await;
    let browser = test.browser();
    let answer = browser.get("/sign-in/oidc/rivermark/callback?code=of-the-portal&scope=openid").await;
    assert_eq!((answer.status().as_u16(), location(&answer).as_str()), (303, "/sign-in/oidc/rivermark?next=%2F"));
    assert_eq!(round(&provider, &browser).await.status(), 303);
    // But not in circles.
    let again = browser.get("/sign-in/oidc/rivermark/callback?code=of-the-portal").await;
    assert_eq!(refusal(again).await, "state");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_differ_by_district_and_a_school_among_them_is_believed() {
    let provider = Provider::faulty().await;
    let more = [
        ("domains", "rivermark.example"),
        ("organization", "rivermark-city-schools-ny"),
        ("claim_subject", "UserId"),
        ("claim_email", "LoginId"),
        ("claim_email_verified", "checked"),
        ("claim_name", "DisplayName"),
        ("claim_school", "buildings"),
        ("require", "Role=Teacher|Tenant Administrator, TenantId=7"),
    ];
    let test = served(Engine::Sqlite, &provider.issuer, &more).await;
    let rows = [
        "360000100001,3600001,Alder Elementary,Rivermark City Schools,Rivermark,NY,KG,05,N,federal,regular,city,300,,",
        "360000200001,3600002,Birch Elementary,Other District,Elsewhere,NY,KG,05,N,federal,regular,city,300,,",
    ];
    let report = test.import_schools(&rows).await;
    assert_eq!(report.added, 2, "{report:?}");
    let claims = |role: &str, tenant: i64| {
        json!({
            "claims": {
                "sub": "changes", "UserId": 4711, "LoginId": "ida@rivermark.example", "checked": 1, "DisplayName": "Ida Wells",
                "buildings": ["360000100001", "360000200001", "no-such-school"], "Role": role, "TenantId": tenant,
            }
        })
    };
    for (role, tenant) in [("Student", 7), ("Teacher", 8), ("", 7)] {
        provider.control(claims(role, tenant)).await;
        assert_eq!(refusal(round(&provider, &test.browser()).await).await, "require", "{role} {tenant}");
    }
    provider.control(claims("Tenant Administrator", 7)).await;
    assert_eq!(round(&provider, &test.browser()).await.status(), 303);
    let ida = owner(&test, "4711").await.unwrap();
    let cx = test.db().cx(Actor::System("test"));
    assert_eq!(people::account::account(&cx, ida).await.unwrap().name, "Ida Wells");
    let held = people::membership::memberships_of(&cx, ida).await.unwrap();
    let Place::School(school) = held[0].grant.place else { panic!("{held:?}") };
    assert_eq!((held.len(), held[0].grant.role), (1, Role::Teacher), "of the provider's organization alone");
    assert_eq!(people::school(&cx, "360000100001").await.unwrap().id.0, school);
    // Who was let go is not brought back by the next sign-in.
    let tx = test.db().write(Actor::System("test")).await.unwrap();
    tx.conn().execute_unprepared("UPDATE membership SET state = 'ended', open_key = NULL").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(round(&provider, &test.browser()).await.status(), 303);
    assert_eq!(count(&test, "membership WHERE state = 'current'").await, 0);
    // Nor by one after they disconnected the provider.
    let tx = test.db().write(Actor::System("test")).await.unwrap();
    tx.conn().execute_unprepared("DELETE FROM identity").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(round(&provider, &test.browser()).await.status(), 303);
    assert_eq!(owner(&test, "4711").await, Some(ida), "connected anew");
    assert_eq!(count(&test, "membership WHERE state = 'current'").await, 0);
}
