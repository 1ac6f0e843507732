//! What somebody earned: certificates and their versions, what anybody verifies, badges, transcripts, hours of staff.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use commonground::people::{AccountId, SchoolId, membership};
use commonground::platform::{Actor, Place, Role, Timestamp, chance, ids};
use commonground::sessions::certificate;
use commonground::sessions::credit::{self, Category, NewCredit, NewProgram, Program, Rules, SessionCredit};
use commonground::sessions::{Desk, RegistrationId, Session, SessionId, attendance};
use data_encoding::BASE64URL_NOPAD;
use flate2::read::GzDecoder;
use reqwest::StatusCode;
use sea_orm::sea_query::{Expr, SimpleExpr};
use serde_json::{Value, json};

use crate::support::sessions::{Sketch, TwoSchools};
use crate::support::{TestApp, both_engines, problem};

/// A workshop of three hours on November 14, 2026, with seats of Carl (Harbor) and Dina (Millbrook).
struct Workshop<'a> {
    test: &'a TestApp,
    at: TwoSchools,
    session: SessionId,
    carl: RegistrationId,
    dina: RegistrationId,
}

/// Two hours after the workshop.
const AFTER: &str = "2026-11-14T19:00:00Z";

impl<'a> Workshop<'a> {
    async fn of(test: &'a TestApp, title: &str) -> Self {
        let at = test.two_schools().await;
        let session = test.session(&at, Sketch { title: title.to_owned(), ..Sketch::default() }).await;
        let carl = seat(test, session, at.carl, at.harbor, "charter").await;
        let dina = seat(test, session, at.dina, at.millbrook, "district").await;
        test.clock.set(AFTER.parse().unwrap());
        Self { test, at, session, carl, dina }
    }

    fn desk(&self) -> Desk {
        self.test.app.desk(&self.test.base.as_str().into()).unwrap()
    }

    async fn whole(&self) -> Session {
        commonground::sessions::session(&self.test.db().cx(Actor::System("test")), &self.session.to_string())
            .await
            .unwrap()
            .0
    }

    /// Makes certificates of so many minutes of Carl and Dina.
    async fn earn(&self, credits: &[SessionCredit], carl: i64, dina: i64) -> usize {
        let minutes = HashMap::from([(self.carl, carl), (self.dina, dina)]);
        let session = self.whole().await;
        let mut tx = self.test.db().write(Actor::System("test")).await.unwrap();
        let made = certificate::issue_for(&mut tx, &self.desk(), &session, credits, &minutes).await.unwrap();
        tx.commit().await.unwrap();
        made
    }

    /// The newest certificates of somebody, as their transcript has them.
    async fn transcript(&self, account: AccountId) -> Value {
        let browser = self.test.signed_in(account, false).await;
        let response = browser.get("/api/v1/me/transcript").await;
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.unwrap()
    }

    async fn number(&self, account: AccountId) -> String {
        self.transcript(account).await["items"][0]["number"].as_str().unwrap().to_owned()
    }

    async fn admin(&self) -> AccountId {
        let id = self.test.account("ada@city.example", "Ada Quill").await;
        self.test.appoint(id, Role::CityAdmin, Place::Installation).await;
        id
    }
}

async fn seat(
    test: &TestApp,
    session: SessionId,
    account: AccountId,
    school: SchoolId,
    sector: &str,
) -> RegistrationId {
    let id = ids::fresh();
    let now = test.clock.now();
    let text = |value: &str| Expr::value(value);
    let cells: Vec<(&'static str, SimpleExpr)> = vec![
        ("id", Expr::value(id)),
        ("session_id", Expr::value(session.0)),
        ("account_id", Expr::value(account.0)),
        ("school_id", Expr::value(school.0)),
        ("sector", text(sector)),
        ("way", text("in_person")),
        ("seat", text("confirmed")),
        ("approval", text("not_needed")),
        ("promoted", Expr::value(false)),
        ("coverage", text("not_needed")),
        ("round", Expr::value(0)),
        ("turn", Expr::value(1)),
        ("created_at", Expr::value(now)),
        ("updated_at", Expr::value(now)),
    ];
    test.put("registration", cells).await;
    RegistrationId(id)
}

async fn was_there(workshop: &Workshop<'_>, registration: RegistrationId, from: &str, to: &str) {
    let moment = |text: &str| text.parse::<Timestamp>().unwrap();
    let cells: Vec<(&'static str, SimpleExpr)> = vec![
        ("registration_id", Expr::value(registration.0)),
        ("meeting", Expr::value(1)),
        ("session_id", Expr::value(workshop.session.0)),
        ("state", Expr::value("present")),
        ("in_at", Expr::value(moment(from))),
        ("out_at", Expr::value(moment(to))),
        ("updated_at", Expr::value(workshop.test.clock.now())),
    ];
    workshop.test.put("attendance", cells).await;
}

fn ctle() -> Rules {
    let category = |code: &str, label: &str| Category { code: code.to_owned(), label: label.to_owned() };
    Rules {
        unit: "CTLE hours".to_owned(),
        unit_minutes: 60,
        step: 50,
        minimum: 100,
        categories: vec![category("content", "Content"), category("ell", "Language acquisition")],
        blanks: vec!["TEACH ID".to_owned()],
        retention_years: 8,
        ..Rules::default()
    }
}

fn offered(code: &str, rules: Rules) -> SessionCredit {
    let categories = if rules.categories.is_empty() {
        BTreeMap::new()
    } else {
        BTreeMap::from([("content".to_owned(), 60), ("ell".to_owned(), 40)])
    };
    let program = Program {
        id: credit::ProgramId::fresh(),
        code: code.to_owned(),
        name: format!("Program {code}"),
        rules,
        current: true,
    };
    SessionCredit {
        program,
        categories,
        sponsor_name: "Rivermark Teacher Center".to_owned(),
        sponsor_number: Some("21345".to_owned()),
        signer: "Paula Quay".to_owned(),
    }
}

both_engines! {
    /// From the lock to the paper: hours by the rules, one letter, a page for anybody who has the number.
    async fn locked_hours_become_a_certificate_that_anybody_verifies(test: TestApp) {
        let workshop = Workshop::of(&test, "Reading Safety Net in Action").await;
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        let new = NewProgram { code: "ny_ctle".to_owned(), name: "New York CTLE".to_owned(), rules: ctle() };
        let program = credit::add_program(&mut tx, new).await.unwrap();
        let given = NewCredit {
            program: program.id.to_string(),
            categories: BTreeMap::from([("content".to_owned(), 60), ("ell".to_owned(), 40)]),
            sponsor_name: "Rivermark Teacher Center".to_owned(),
            sponsor_number: "21345".to_owned(),
            signer: "Paula Quay".to_owned(),
        };
        credit::set_for_session(&mut tx, &workshop.desk(), workshop.session, vec![given]).await.unwrap();
        tx.commit().await.unwrap();
        was_there(&workshop, workshop.dina, "2026-11-14T14:00:00Z", "2026-11-14T17:00:00Z").await;
        was_there(&workshop, workshop.carl, "2026-11-14T14:00:00Z", "2026-11-14T14:50:00Z").await;
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        attendance::lock(&mut tx, &workshop.desk(), workshop.session).await.unwrap();
        tx.commit().await.unwrap();

        let letters: Vec<_> = test.letters("dina@millbrook.example").await.into_iter().filter(|l| l.kind == "session_certificate").collect();
        assert_eq!(letters.len(), 1);
        assert!(letters[0].subject.contains("November 14, 2026"), "{}", letters[0].subject);
        let path = letters[0].path(&test.base);
        let page = test.page(&path).await;
        for told in [
            "Valid.", "Dina Ford", "Millbrook Elementary", "Reading Safety Net in Action", "New York CTLE", "3 CTLE hours",
            "Content: 1.8", "Language acquisition: 1.2", "3 hours", "9:00 AM to 12:00 PM EST", "In person, 12 Harbor Street",
            "Harbor Charter School", "Rivermark Teacher Center", "21345", "Paula Quay", "TEACH ID", "noindex",
        ] {
            assert!(page.contains(told), "{told}: {page}");
        }
        assert!(!page.contains("dina@") && !page.contains("Take it back") && !page.contains("/badge"), "{page}");
        // Carl was there less than the program's hour: he has the quarters he was there, and no credit.
        let carl = workshop.transcript(workshop.at.carl).await;
        assert_eq!((&carl["items"][0]["program"], &carl["items"][0]["units"]), (&json!("attendance"), &json!(0.75)));
        assert_eq!(carl["items"][0]["signer"], "Paula Quay");

        let number = workshop.number(workshop.at.dina).await;
        let answer = test.json(&format!("/api/v1/certificates/{}", number.to_lowercase().replace('-', ""))).await;
        assert_eq!((&answer["status"], &answer["minutes"], &answer["units"]), (&json!("valid"), &json!(180), &json!(3.0)));
        assert_eq!(answer["categories"], json!([{"label": "Content", "units": 1.8}, {"label": "Language acquisition", "units": 1.2}]));
        let pdf = test.get(&format!("/certificates/{number}/pdf")).await;
        assert_eq!(pdf.headers()["content-type"], "application/pdf");
        assert_eq!(pdf.headers()["cache-control"], "no-store");
        assert!(pdf.bytes().await.unwrap().starts_with(b"%PDF-1.7"));

        let to = test.get(&format!("/certificates?number={}", number.replace('-', "+"))).await;
        assert_eq!(to.headers()["location"].to_str().unwrap(), format!("/certificates/{number}"));
        let wrong = test.get("/certificates?number=7K2M").await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text().await.unwrap().contains("value=\"7K2M\""));
        assert_eq!(test.get("/certificates/0000-0000-0000").await.status(), StatusCode::NOT_FOUND);
        problem(test.get("/api/v1/certificates/nonsense").await, 404).await;
    }
}

both_engines! {
    /// Programs count each by its own rules; without any, quarters of an hour are certified, rounded down.
    async fn hours_count_by_each_program_and_without_one(test: TestApp) {
        let workshop = Workshop::of(&test, "Reading Safety Net in Action").await;
        assert_eq!(workshop.earn(&[], 104, 14).await, 1, "14 minutes are no quarter");
        let carl = workshop.transcript(workshop.at.carl).await;
        assert_eq!((&carl["items"][0]["units"], &carl["items"][0]["unit"]), (&json!(1.5), &json!("hours")));
        assert_eq!(workshop.transcript(workshop.at.dina).await["total"], 0);

        let points = Rules { unit: "PDPs".to_owned(), unit_minutes: 60, step: 100, minimum: 200, product: true, ..Rules::default() };
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        let new = NewProgram { code: "ma_pdp".to_owned(), name: "Massachusetts PDPs".to_owned(), rules: points.clone() };
        let program = credit::add_program(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        let credits = [offered("ny_ctle", ctle()), SessionCredit { program, ..offered("ma_pdp", points) }];
        assert_eq!(workshop.earn(&credits, 104, 175).await, 2, "1.5 and 2.5 CTLE hours; no PDPs without the product");
        let handed_in: Vec<(&'static str, SimpleExpr)> = vec![
            ("registration_id", Expr::value(workshop.dina.0)),
            ("program_id", Expr::value(credits[1].program.id.0)),
            ("session_id", Expr::value(workshop.session.0)),
            ("recorded_at", Expr::value(test.clock.now())),
        ];
        test.put("credit_product", handed_in).await;
        assert_eq!(workshop.earn(&credits, 104, 175).await, 1, "Dina's 2 PDPs");
        let dina = workshop.transcript(workshop.at.dina).await;
        let units: Vec<_> = dina["totals"].as_array().unwrap().iter().map(|t| (t["program"].as_str().unwrap(), t["units"].as_f64().unwrap())).collect();
        assert_eq!(units, [("ma_pdp", 2.0), ("ny_ctle", 2.5)]);
        // The plain one is taken back where a program gives something after all.
        let carl = workshop.transcript(workshop.at.carl).await;
        let items: Vec<_> = carl["items"].as_array().unwrap().iter().map(|c| (c["program"].as_str().unwrap(), c["status"].as_str().unwrap())).collect();
        assert!(items.contains(&("attendance", "revoked")) && items.contains(&("ny_ctle", "valid")) && items.len() == 2, "{items:?}");
        assert_eq!(carl["totals"].as_array().unwrap().len(), 1, "what was taken back counts for nothing");
        let letters = test.letters("carl@harbor.example").await;
        let letters: Vec<_> = letters.iter().filter(|l| l.kind == "session_certificate").collect();
        assert_eq!(letters.len(), 2);
        let text = letters[1].text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("certificate of attendance for the same hours no longer counts"), "{text}");
    }
}

both_engines! {
    /// The same number in every version; the old one says who took its place; nothing said twice is written twice.
    async fn a_correction_makes_another_version(test: TestApp) {
        let workshop = Workshop::of(&test, "Reading Safety Net in Action").await;
        let credits = [offered("ny_ctle", ctle())];
        assert_eq!(workshop.earn(&credits, 0, 180).await, 1);
        let number = workshop.number(workshop.at.dina).await;
        assert_eq!(workshop.earn(&credits, 0, 180).await, 0, "the same again is nothing new");
        assert_eq!(workshop.earn(&credits, 0, 150).await, 1);
        let newest = test.json(&format!("/api/v1/certificates/{number}")).await;
        assert_eq!((&newest["version"], &newest["units"], &newest["status"]), (&json!(2), &json!(2.5), &json!("valid")));
        let old = test.page(&format!("/certificates/{number}?version=1")).await;
        assert!(old.contains("Replaced.") && old.contains("the newest is version 2") && old.contains("3 CTLE hours"), "{old}");
        assert!(!old.contains("/pdf"), "an old version is not printed again");
        let new = test.page(&format!("/certificates/{number}")).await;
        assert!(new.contains("2.5 CTLE hours") && new.contains("Version 1, made on"), "{new}");
        assert_eq!(test.get(&format!("/certificates/{number}?version=9")).await.status(), StatusCode::NOT_FOUND);

        // A correction that leaves nothing takes it back, another brings the number back.
        assert_eq!(workshop.earn(&credits, 0, 0).await, 0);
        let gone = test.json(&format!("/api/v1/certificates/{number}")).await;
        assert_eq!((&gone["version"], &gone["status"]), (&json!(2), &json!("revoked")));
        assert_eq!(test.get(&format!("/certificates/{number}/pdf")).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(workshop.earn(&credits, 0, 0).await, 0, "taken back once");
        assert_eq!(workshop.earn(&credits, 0, 150).await, 1);
        let back = test.json(&format!("/api/v1/certificates/{number}")).await;
        assert_eq!((&back["version"], &back["status"]), (&json!(3), &json!("valid")));
        assert_eq!(workshop.transcript(workshop.at.dina).await["total"], 1);
        let subjects: Vec<String> = test.letters("dina@millbrook.example").await.into_iter().filter(|l| l.kind == "session_certificate").map(|l| l.subject).collect();
        assert_eq!(subjects.len(), 4, "{subjects:?}");
        assert!(subjects[0].starts_with("Your certificate") && subjects[1].starts_with("Corrected"), "{subjects:?}");
        assert!(subjects[2].starts_with("Taken back") && subjects[3].starts_with("Corrected"), "{subjects:?}");
    }
}

both_engines! {
    /// By administrators alone, with a reason that everybody reads; no correction of the hours brings it back.
    async fn an_administrator_takes_a_certificate_back_for_good(test: TestApp) {
        let workshop = Workshop::of(&test, "Reading Safety Net in Action").await;
        let credits = [offered("ny_ctle", ctle())];
        workshop.earn(&credits, 180, 180).await;
        let number = workshop.number(workshop.at.dina).await;
        let path = format!("/certificates/{number}/revocation");
        let reason = [("reason", "The session did not take place as it was posted.")];
        let paula = test.signed_in(workshop.at.paula, false).await;
        assert_eq!(paula.post(&path, &reason).await.status(), StatusCode::FORBIDDEN);
        assert!(!paula.page(&format!("/certificates/{number}")).await.contains("Take it back"));
        let admin = test.signed_in(workshop.admin().await, true).await;
        assert!(admin.page(&format!("/certificates/{number}")).await.contains("Take it back"));
        let empty = admin.post(&path, &[("reason", " ")]).await;
        assert_eq!(empty.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(admin.post_on(&path, &reason).await, format!("/certificates/{number}?done=revoked"));
        admin.post_on(&path, &[("reason", "Another reason, later.")]).await;
        let page = test.page(&format!("/certificates/{number}")).await;
        assert!(page.contains("Taken back.") && page.contains("did not take place") && !page.contains("Another reason"), "{page}");
        let dina = test.signed_in(workshop.at.dina, false).await;
        assert_eq!(dina.get(&format!("/certificates/{number}/badge")).await.status(), StatusCode::CONFLICT);
        assert!(dina.page("/me/transcript").await.contains("Taken back, does not count"));
        let letters = test.letters("dina@millbrook.example").await;
        let told = letters.iter().filter(|l| l.subject.starts_with("Taken back")).count();
        assert_eq!(told, 1);
        assert_eq!(workshop.earn(&credits, 180, 120).await, 0, "it stays taken back");
        assert_eq!(workshop.transcript(workshop.at.carl).await["items"][0]["status"], "valid");
    }
}

fn read_token(token: &str) -> (Value, Value) {
    let part = |text: &str| serde_json::from_slice(&BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    (part(parts[0]), part(parts[1]))
}

/// Whether a published key (RFC 8037) signed this token.
fn holds(token: &str, jwk: &Value) -> bool {
    let (text, signature) = token.rsplit_once('.').unwrap();
    let public = BASE64URL_NOPAD.decode(jwk["x"].as_str().unwrap().as_bytes()).unwrap();
    let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, public);
    key.verify(text.as_bytes(), &BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap()).is_ok()
}

async fn ended(test: &TestApp, key: &Value, index: usize) -> bool {
    let token = test.page("/badges/status/1").await;
    assert!(holds(&token, key));
    let (_, list) = read_token(&token);
    assert_eq!(list["type"], json!(["VerifiableCredential", "BitstringStatusListCredential"]));
    let packed = list["credentialSubject"]["encodedList"].as_str().unwrap().strip_prefix('u').unwrap().to_owned();
    let mut bits = Vec::new();
    GzDecoder::new(BASE64URL_NOPAD.decode(packed.as_bytes()).unwrap().as_slice()).read_to_end(&mut bits).unwrap();
    assert_eq!(bits.len() * 8, 131_072);
    bits[index / 8] & (0x80 >> (index % 8)) != 0
}

both_engines! {
    /// Nobody has to ask us: keys, issuer, achievement and the list of what ended are public, the recipient is a hash.
    async fn a_badge_is_verified_by_what_is_published(test: TestApp) {
        let workshop = Workshop::of(&test, "Reading Safety Net in Action").await;
        assert_eq!(test.json("/.well-known/jwks.json").await, json!({ "keys": [] }));
        assert_eq!(test.get("/badges/status/1").await.status(), StatusCode::NOT_FOUND);
        let credits = [offered("ny_ctle", ctle())];
        workshop.earn(&credits, 180, 150).await;
        let number = workshop.number(workshop.at.dina).await;
        let path = format!("/certificates/{number}/badge");
        let carl = test.signed_in(workshop.at.carl, false).await;
        assert_eq!(carl.get(&path).await.status(), StatusCode::NOT_FOUND, "another's badge");
        let visitor = test.browser().get(&path).await;
        assert_eq!(visitor.status(), StatusCode::SEE_OTHER);
        let dina = test.signed_in(workshop.at.dina, false).await;
        let response = dina.get(&path).await;
        assert_eq!(response.headers()["content-type"], "application/vc+jwt");
        let token = response.text().await.unwrap();
        assert_eq!(dina.page(&path).await, token, "the same badge each time");

        let (header, badge) = read_token(&token);
        let keys = test.json("/.well-known/jwks.json").await;
        let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]).unwrap().clone();
        let kid = header["kid"].as_str().unwrap();
        assert_eq!(test.json(kid.strip_prefix(&test.base).unwrap()).await, key);
        assert!(key.get("d").is_none() && holds(&token, &key));
        let forged = token.replacen('.', ".A", 1);
        assert!(!holds(&forged, &key), "a control");

        assert_eq!(badge["@context"], json!(["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]));
        assert_eq!(badge["type"], json!(["VerifiableCredential", "OpenBadgeCredential"]));
        assert_eq!((&badge["iss"], &badge["jti"], &badge["sub"]), (&badge["issuer"]["id"], &badge["id"], &badge["credentialSubject"]["id"]));
        assert_eq!(badge["validFrom"], AFTER);
        let subject = &badge["credentialSubject"];
        assert_eq!(subject["creditsEarned"], 2.5);
        let who = &subject["identifier"][0];
        let hash = chance::sha256(format!("dina@millbrook.example{}", who["salt"].as_str().unwrap()).as_bytes());
        assert_eq!(who["identityHash"], format!("sha256${hash}"));
        assert!(!badge.to_string().contains("dina@") && !badge.to_string().contains("Dina Ford"), "{badge}");
        for url in [&badge["issuer"]["id"], &subject["achievement"]["id"]] {
            let found = test.json(url.as_str().unwrap().strip_prefix(&test.base).unwrap()).await;
            assert_eq!(found["id"], *url);
        }

        let index: usize = badge["credentialStatus"]["statusListIndex"].as_str().unwrap().parse().unwrap();
        assert!(!ended(&test, &key, index).await);
        workshop.earn(&credits, 180, 120).await;
        assert!(ended(&test, &key, index).await, "the corrected one holds no more");
        let (_, second) = read_token(&dina.page(&path).await);
        let other: usize = second["credentialStatus"]["statusListIndex"].as_str().unwrap().parse().unwrap();
        assert_ne!(index, other);
        assert!(!ended(&test, &key, other).await);
        assert_eq!(test.get("/badges/status/2").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(test.get("/badges/achievements/nonsense").await.status(), StatusCode::NOT_FOUND);
    }
}

both_engines! {
    /// All schools together, by period; as page, paper, CSV and JSON. Leads see the hours of those who belong to their school.
    async fn the_transcript_follows_the_person(test: TestApp) {
        let workshop = Workshop::of(&test, "=HYPERLINK(\"http://x\")").await;
        let credits = [offered("ny_ctle", ctle())];
        workshop.earn(&credits, 180, 150).await;
        let dina = test.signed_in(workshop.at.dina, false).await;
        let number = workshop.number(workshop.at.dina).await;
        let page = dina.page("/me/transcript?from=2026-07-01&to=2027-06-30").await;
        assert!(page.contains("From July 1, 2026 to June 30, 2027") && page.contains("2.5 CTLE hours") && page.contains(&number), "{page}");
        assert!(dina.page("/me/transcript?from=2027-01-01").await.contains("Nothing in this period."));
        assert_eq!(dina.get("/me/transcript?from=July").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let paper = dina.page("/me/transcript?print=1").await;
        assert!(paper.contains("Transcript of Dina Ford") && paper.contains("print-view"), "{paper}");
        let csv = dina.page("/me/transcript.csv").await;
        let mut lines = csv.split("\r\n");
        assert!(lines.next().unwrap().starts_with("number,version,status,name,title"));
        assert!(lines.next().unwrap().contains("Dina Ford,\"'=HYPERLINK(\"\"http://x\"\")\""), "{csv}");
        let api = dina.get("/api/v1/me/transcript?from=2026-11-15").await.json::<Value>().await.unwrap();
        assert_eq!(api["total"], 0);
        problem(test.get("/api/v1/me/transcript").await, 401).await;

        let hours = format!("/schools/{}/hours", workshop.at.millbrook);
        let pete = test.signed_in(workshop.at.pete, false).await;
        let page = pete.page(&hours).await;
        assert!(page.contains("Dina Ford") && page.contains("2.5 CTLE hours") && page.contains("Dora Mill"), "{page}");
        assert!(!page.contains("Carl Pier"));
        assert!(pete.page(&format!("{hours}.csv")).await.contains("Dina Ford,Program ny_ctle,CTLE hours,2.5,150,1"));
        let api = pete.get(&format!("/api/v1{hours}")).await.json::<Value>().await.unwrap();
        assert_eq!(api["total"], 3, "{api}");
        let paula = test.signed_in(workshop.at.paula, false).await;
        for other in [&paula, &dina] {
            assert_eq!(other.get(&hours).await.status(), StatusCode::NOT_FOUND, "other leads, and teachers");
            assert_eq!(other.get(&format!("{hours}.csv")).await.status(), StatusCode::NOT_FOUND);
            assert_eq!(other.get(&format!("/api/v1{hours}")).await.status(), StatusCode::NOT_FOUND);
        }

        // Who leaves takes the hours along.
        let cx = test.db().cx(Actor::System("test"));
        let held = membership::memberships_of(&cx, workshop.at.dina).await.unwrap();
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        membership::end(&mut tx, &workshop.desk().head, held[0].id).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!pete.page(&hours).await.contains("Dina Ford"));
        assert!(dina.page("/me/transcript").await.contains(&number));
    }
}
