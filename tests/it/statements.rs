//! Statements and frameworks: a text with numbered points, and who stands behind which version of it (C-9).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use commonground::people::{self, AccountId, NewOrganization, NewSchool, OrganizationId, SchoolId};
use commonground::platform::{Actor, Place, Role};
use commonground::statements::clockwork;
use data_encoding::BASE64URL_NOPAD;
use reqwest::Method;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::persons::{Browser, KeptLetter};
use crate::support::sessions::TwoSchools;
use crate::support::{Engine, Still, TestApp, both_engines, html, problem, texts};

/// In what only the authors may read.
const CANARY: &str = "Kanarienvogel";

fn school(id: SchoolId) -> String {
    format!("school:{id}")
}

fn organization(id: OrganizationId) -> String {
    format!("organization:{id}")
}

/// A draft with two points, sponsored by a school.
fn text(sponsor: &str) -> Vec<(&'static str, String)> {
    [
        ("kind", "framework"),
        ("title", "Common aims"),
        ("addressee", "the city"),
        ("sponsor", sponsor),
        ("preamble", "We lead schools of **both sectors**."),
        ("point-0-title", "Serve all students"),
        ("point-0-text", "Every school serves students with the highest needs."),
        ("point-1-title", "Fill free seats"),
        ("point-1-text", "Seats that become free are filled."),
        ("point-2-title", ""),
        ("point-2-text", ""),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

fn with<'a>(fields: &'a [(&'static str, String)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let known = fields.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    known.map(|(name, value)| (*name, value.as_str())).chain(more.iter().copied()).collect()
}

async fn begin(browser: &Browser, sponsor: &str, more: &[(&str, &str)]) -> String {
    let fields = text(sponsor);
    let to = browser.post_on("/statements/new", &with(&fields, more)).await;
    to.split("/draft").next().unwrap().to_owned()
}

/// A published statement of a place, `school:ID`; gives its address.
pub async fn published(browser: &Browser, sponsor: &str, more: &[(&str, &str)]) -> String {
    let url = begin(browser, sponsor, more).await;
    assert_eq!(browser.post_on(&format!("{url}/publication"), &[]).await, format!("{url}?done=published"));
    url
}

async fn sign(browser: &Browser, url: &str, place: &str, version: &str, more: &[(&str, &str)]) -> reqwest::Response {
    let fields = [("place", place), ("role_title", "Principal"), ("version", version)];
    browser.post(&format!("{url}/sign"), &[&fields[..], more].concat()).await
}

async fn signed(browser: &Browser, url: &str, place: &str, more: &[(&str, &str)]) {
    let answer = sign(browser, url, place, "1", more).await;
    let status = answer.status();
    assert_eq!(status, 303, "{}", answer.text().await.unwrap());
}

/// Takes up every proposal that waits, and publishes the next version.
async fn accept_all(browser: &Browser, url: &str) {
    let page = browser.page(&format!("{url}/amendments")).await;
    for id in page.split("/amendments/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        browser.post_on(&format!("{url}/amendments/{id}"), &[("do", "accept")]).await;
    }
    publish_version(browser, url).await;
}

/// What the form that publishes the next version holds.
async fn next_version(browser: &Browser, url: &str) -> Vec<(&'static str, String)> {
    let page = browser.page(&format!("{url}/amendments")).await;
    let form = page.split(&format!("action=\"{url}/versions\"")).nth(1).expect("the next version can be published");
    let form = form.split("</form>").next().unwrap();
    let values = |name: &'static str| {
        let field = format!("name=\"{name}\" value=\"");
        form.split(&field).skip(1).map(|rest| (name, rest.split('"').next().unwrap().to_owned())).collect::<Vec<_>>()
    };
    [values("newest"), values("amendment")].concat()
}

async fn publish_version(browser: &Browser, url: &str) {
    let fields = next_version(browser, url).await;
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(browser.post_on(&format!("{url}/versions"), &fields).await, format!("{url}/amendments?done=published"));
}

async fn api(test: &TestApp, browser: &Browser, method: Method, path: &str, body: Value) -> reqwest::Response {
    let url = format!("{}/api/v1{path}", test.base);
    let request = test.client.request(method, url).header("sec-fetch-site", "same-origin");
    browser.send(if body == Value::Null { request } else { request.json(&body) }).await
}

/// What a manifest says, proved with the published keys and nothing else of ours; `None` where it does not hold.
fn verified(keys: &Value, jws: &str) -> Option<Value> {
    let [head, body, signature] = jws.split('.').collect::<Vec<_>>().try_into().ok()?;
    let decoded = BASE64URL_NOPAD.decode(head.as_bytes()).ok()?;
    let header: Value = serde_json::from_slice(&decoded).ok()?;
    assert_eq!((header["alg"].as_str(), header["typ"].as_str()), (Some("EdDSA"), Some("statement-manifest+jws")));
    let key = keys["keys"].as_array()?.iter().find(|key| key["kid"] == header["kid"])?;
    let public = BASE64URL_NOPAD.decode(key["x"].as_str()?.as_bytes()).ok()?;
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
    let signed = format!("{head}.{body}");
    let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, public);
    key.verify(signed.as_bytes(), &signature).ok()?;
    serde_json::from_slice(&BASE64URL_NOPAD.decode(body.as_bytes()).ok()?).ok()
}

/// Steps of a sign-on as the manifest and the API tell them: "signed 1".
fn steps(one: &Value) -> Vec<String> {
    let step = |step: &Value| format!("{} {}", step["did"].as_str().unwrap(), step["version"]);
    one["history"].as_array().unwrap().iter().map(step).collect()
}

/// The id of the reader's first sign-on, from the page where it is withdrawn.
async fn own_sign_on(browser: &Browser, url: &str) -> String {
    let form = browser.page(&format!("{url}/sign")).await;
    form.split("name=\"signature\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

impl TestApp {
    async fn told(&self, email: &str, kind: &str) -> Vec<KeptLetter> {
        self.letters(email).await.into_iter().filter(|letter| letter.kind == kind).collect()
    }

    async fn number(&self, sql: &str) -> i64 {
        let cx = self.db().cx(Actor::System("test"));
        let backend = cx.conn().get_database_backend();
        let row = cx.conn().query_one_raw(Statement::from_string(backend, sql)).await.unwrap().unwrap();
        row.try_get("", "n").unwrap()
    }

    /// A school of an organization, with a number of students.
    async fn school_of(
        &self,
        organization: Option<OrganizationId>,
        name: &str,
        sector: &str,
        students: Option<i32>,
    ) -> SchoolId {
        let mut tx = self.db().write(Actor::System("test")).await.unwrap();
        let new = NewSchool {
            name: name.to_owned(),
            sector: Some(sector.to_owned()),
            organization,
            students,
            ..NewSchool::default()
        };
        let id = people::add_school(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn organization(&self, name: &str, kind: &str) -> OrganizationId {
        let mut tx = self.db().write(Actor::System("test")).await.unwrap();
        let new = NewOrganization { kind: kind.to_owned(), name: name.to_owned(), city: None, state: None };
        let id = people::add_organization(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn leader(&self, email: &str, role: Role, place: Place) -> (AccountId, Browser) {
        let id = self.account(email, email.split('@').next().unwrap()).await;
        self.appoint(id, role, place).await;
        let browser = self.signed_in(id, true).await;
        (id, browser)
    }
}

async fn leads(test: &TestApp) -> (TwoSchools, Browser, Browser) {
    let at = test.two_schools().await;
    let (paula, pete) = (test.signed_in(at.paula, false).await, test.signed_in(at.pete, false).await);
    (at, paula, pete)
}

both_engines! {
    /// The author, who is invited, and nobody else: not another leader of the sponsor's sector, not an administrator.
    async fn a_draft_is_known_to_its_circle_alone(test: TestApp) {
        let (at, paula, pete) = leads(&test).await;
        let (_, admin) = test.leader("root@example.org", Role::CityAdmin, Place::Installation).await;
        let (_, delegate) = test.leader("del@harbor.example", Role::Delegate, Place::School(at.harbor.0)).await;
        // Who speaks for no place begins none, and nothing that was typed is lost.
        let carl = test.signed_in(at.carl, false).await;
        assert!(carl.page("/statements/new").await.contains("you do neither here yet"));
        let fields = text(&school(at.harbor));
        assert_eq!(carl.post("/statements/new", &with(&fields, &[])).await.status(), 403);
        assert_eq!(test.browser().get("/statements/new").await.status(), 303);
        let wrong = with(&fields, &[("title", ""), ("threshold", "one"), ("deadline", "soon"), ("point-1-text", ""), ("preamble", "We <three>")]);
        let refused = paula.post("/statements/new", &wrong).await;
        assert_eq!(refused.status(), 422);
        let page = refused.text().await.unwrap();
        for said in ["Give the statement a title", "Give a number of organizations", "Give the day as", "Say what the point says", "We &#60;three&#62;"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let other = with(&fields, &[("sponsor", "school:00000000-0000-7000-8000-000000000000")]);
        assert_eq!(paula.post("/statements/new", &other).await.status(), 422, "a place that she does not speak for");
        let url = begin(&paula, &school(at.harbor), &[]).await;
        let slug = url.trim_start_matches("/statements/");
        let draft = format!("{url}/draft");
        assert!(paula.page(&draft).await.contains("Serve all students"));
        let hidden = async |who: &Browser, name: &str| {
            for path in [&url, &draft, &format!("{url}/edit"), &format!("{url}/publication"), &format!("{url}/v/1"), &format!("{url}/manifest.json"), &format!("{url}/signatures.csv"), &format!("{url}/amendments"), &format!("{url}/sign"), &format!("{url}/changes?from=1&to=1")] {
                let status = who.get(path).await.status();
                assert!(status == 404 || (name == "visitor" && status == 303), "{name} {path}: {status}");
            }
            for path in ["comments", "invitations", "publication", "deletion", "sign", "amendments"] {
                let posted = [("words", "x"), ("email", "x@y.example"), ("part", "co_author"), ("place", "x"), ("version", "1")];
                let status = who.post(&format!("{url}/{path}"), &posted).await.status();
                assert!(status == 404 || (name == "visitor" && (status == 303 || status == 401)), "{name} {path}: {status}");
            }
        };
        for (who, name) in [(&pete, "pete"), (&admin, "admin"), (&delegate, "delegate"), (&carl, "carl"), (&test.browser(), "visitor")] {
            hidden(who, name).await;
            assert!(!who.page("/statements").await.contains("Common aims"));
        }
        problem(test.get(&format!("/api/v1/statements/{slug}")).await, 404).await;
        assert_eq!(test.browser().get(&url).await.status(), 404);
        // Invited: one with an account, one without; the letter leads to the sign-in.
        let invite = format!("{url}/invitations");
        assert_eq!(paula.post(&invite, &[("email", "nonsense"), ("part", "commenter")]).await.status(), 422);
        for email in ["Pete@millbrook.example", "new@elsewhere.example"] {
            assert_eq!(paula.post_on(&invite, &[("email", email), ("part", "commenter")]).await, format!("{draft}?done=invited"));
        }
        paula.post_on(&invite, &[("email", "pete@millbrook.example"), ("part", "commenter")]).await;
        let letters = test.told("pete@millbrook.example", "statement_invited").await;
        assert_eq!(letters.len(), 1, "asked twice, told once");
        assert!(letters[0].text.contains("/sign-in?next="), "{}", letters[0].text);
        assert_eq!(test.told("new@elsewhere.example", "statement_invited").await.len(), 1);
        let page = pete.page(&draft).await;
        assert!(page.contains("Fill free seats") && !page.contains("new@elsewhere.example") && !page.contains("/publication"), "{page}");
        assert_eq!(pete.get(&format!("{url}/edit")).await.status(), 404, "a commenter does not write");
        assert_eq!(pete.post(&format!("{url}/publication"), &[]).await.status(), 403);
        let new = test.account("new@elsewhere.example", "Nell New").await;
        let new = test.signed_in(new, false).await;
        assert!(new.page(&draft).await.contains("Fill free seats"), "the proven address opens it");
        // Comments, and what became of them.
        let asked = pete.post(&format!("{url}/comments"), &[("point", "2"), ("words", "It helped Jayden, a third grader.")]).await;
        assert_eq!(asked.status(), 422);
        assert!(asked.text().await.unwrap().contains("name=\"no_student\""));
        pete.post_on(&format!("{url}/comments"), &[("point", "2"), ("words", "Say <when> they are filled.")]).await;
        let page = paula.page(&draft).await;
        assert!(page.contains("Say &#60;when&#62; they are filled.") && page.contains("Pete Weir"), "{page}");
        let id = page.split("/comments/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(pete.post(&format!("{url}/comments/{id}"), &[("taken", "yes")]).await.status(), 403);
        assert_eq!(paula.post(&format!("{url}/comments/{id}"), &[("taken", "no")]).await.status(), 422, "with a word why");
        paula.post_on(&format!("{url}/comments/{id}"), &[("taken", "no"), ("answer", "Later in the year.")]).await;
        assert!(pete.page(&draft).await.contains("Not taken up"));
        // Two who write at once: the second is told.
        let edit = paula.page(&format!("{url}/edit")).await;
        let seen = edit.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let changed = with(&fields, &[("title", "Common aims of our schools"), ("seen", &seen), ("point-0-key", "1"), ("point-1-key", "2")]);
        test.clock.set("2026-10-14T16:05:00Z".parse::<DateTime<Utc>>().unwrap());
        paula.post_on(&format!("{url}/edit"), &changed).await;
        let stale = paula.post(&format!("{url}/edit"), &with(&fields, &[("title", "My own words"), ("seen", &seen), ("point-0-key", "1"), ("point-1-key", "2")])).await;
        assert_eq!(stale.status(), 409);
        let page = stale.text().await.unwrap();
        assert!(page.contains("value=\"My own words\"") && html::text(&page).contains("What the draft says now") && page.contains("<p>Common aims of our schools</p>"), "{page}");
        let newer = page.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_ne!(newer, seen, "what is kept next goes by what stands there now");
        assert_eq!(paula.post(&format!("{url}/edit"), &with(&fields, &[("seen", "")])).await.status(), 409, "a form that does not say what it saw");
        // Taken back, it is unknown again.
        let page = paula.page(&draft).await;
        let rows: Vec<&str> = page.split("/invitations/").skip(1).collect();
        let guest = rows[0].split('/').next().unwrap();
        paula.post_on(&format!("{url}/invitations/{guest}/removal"), &[]).await;
        hidden(&pete, "pete").await;
        assert!(new.page("/me/statements").await.contains("Common aims of our schools"));
        // Published, everybody reads the text, and nobody else the comments.
        paula.post_on(&format!("{url}/publication"), &[]).await;
        let page = test.page(&url).await;
        assert!(page.contains("Common aims of our schools") && page.contains("<strong>both sectors</strong>"), "{page}");
        assert!(!page.contains("Say &#60;when") && !page.contains("elsewhere.example"));
        assert_eq!(pete.get(&draft).await.status(), 404);
        assert!(new.page(&draft).await.contains("Say &#60;when&#62;"));
        assert_eq!(paula.post(&format!("{url}/comments"), &[("words", "Late")]).await.status(), 422);
        assert_eq!(paula.post(&format!("{url}/deletion"), &[]).await.status(), 409, "what is published stays");
        // A draft can be deleted.
        let other = begin(&paula, &school(at.harbor), &[]).await;
        assert_eq!(paula.post_on(&format!("{other}/deletion"), &[]).await, "/me/statements?done=deleted");
        assert_eq!(paula.get(&format!("{other}/draft")).await.status(), 404);
    }
}

both_engines! {
    /// From a signature through an amendment to the question whether it still holds; by letter and by page.
    async fn a_new_version_asks_every_signer_again(test: TestApp) {
        let (at, paula, pete) = leads(&test).await;
        let (harbor, millbrook) = (school(at.harbor), school(at.millbrook));
        let url = published(&paula, &harbor, &[]).await;
        let slug = url.trim_start_matches("/statements/").to_owned();
        let network = people::school(&test.db().cx(Actor::Visitor), &at.harbor.to_string()).await.unwrap().organization.unwrap();
        let (_, owner) = test.leader("olga@harbor.example", Role::CompactOwner, Place::Organization(network.id.0)).await;
        // Only who speaks for a place signs for it.
        let carl = test.signed_in(at.carl, false).await;
        assert_eq!(sign(&carl, &url, &harbor, "1", &[]).await.status(), 403);
        assert_eq!(sign(&paula, &url, &millbrook, "1", &[]).await.status(), 403);
        assert_eq!(sign(&paula, &url, &harbor, "2", &[]).await.status(), 422, "a version that is not there");
        let refused = sign(&paula, &url, &harbor, "1", &[("role_title", ""), ("comment", "We <do>")]).await;
        assert_eq!(refused.status(), 303, "the first value counts");
        signed(&paula, &url, &harbor, &[("shows_name", "yes")]).await;
        signed(&pete, &url, &millbrook, &[("comment", "We do <all> of it."), ("comment_public", "yes")]).await;
        signed(&owner, &url, &organization(network.id), &[]).await;
        let page = test.page(&url).await;
        assert!(page.contains("Paula Quay, Principal") && !page.contains("Pete Weir"), "a name by opt-in alone: {page}");
        assert!(page.contains("We do &#60;all&#62; of it."));
        assert!(html::text(&page).contains("3 sign-ons stand behind version 1."), "{page}");
        assert!(html::text(&pete.page("/me/statements").await).contains("Millbrook Elementary: Signed version 1"));
        // Who did not sign proposes nothing; a signer does.
        let amend = format!("{url}/amendments");
        let words = [("kind", "change"), ("point", "2"), ("words", "Seats that become free are filled in every grade."), ("reason", "In every grade, or it says nothing.")];
        assert_eq!(carl.post(&amend, &words).await.status(), 403);
        assert_eq!(pete.post(&amend, &[("kind", "change"), ("point", "9")]).await.status(), 422);
        pete.post_on(&amend, &words).await;
        let told = test.told("paula@harbor.example", "statement_amendment").await;
        assert_eq!(told.len(), 1);
        assert!(told[0].text.contains("Millbrook Elementary proposes"), "{}", told[0].text);
        let add = [("kind", "add"), ("point", ""), ("title", "Share what works"), ("words", "We share it."), ("reason", "It is missing.")];
        pete.post_on(&amend, &add).await;
        let public = test.page(&amend).await;
        assert!(public.contains("In every grade, or it says nothing.") && public.contains("Proposed by Millbrook Elementary") && !public.contains("<form class=\"form\" method=\"post\""), "{public}");
        let ids: Vec<String> = public.split("id=\"amendment-").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
        let (added, changed) = (&ids[0], &ids[1]);
        assert_eq!(pete.post(&format!("{amend}/{changed}"), &[("do", "accept")]).await.status(), 403);
        assert_eq!(paula.post(&format!("{amend}/{added}"), &[("do", "decline")]).await.status(), 422, "with a reason");
        paula.post_on(&format!("{amend}/{added}"), &[("do", "decline"), ("answer", "Another paper says that.")]).await;
        assert_eq!(test.told("paula@harbor.example", "statement_again").await.len(), 0);
        paula.post_on(&format!("{amend}/{changed}"), &[("do", "accept"), ("answer", "Yes.")]).await;
        assert_eq!(paula.post(&format!("{amend}/{changed}"), &[("do", "accept")]).await.status(), 422, "answered already");
        assert_eq!(test.told("pete@millbrook.example", "statement_again").await.len(), 0, "the version asks, not the answer");
        publish_version(&paula, &url).await;
        assert_eq!(paula.post(&format!("{amend}/{changed}"), &[("do", "decline"), ("answer", "No.")]).await.status(), 422, "it is in the text");
        let decided = test.told("pete@millbrook.example", "statement_amendment_decided").await;
        assert_eq!(decided.iter().map(|l| l.subject.as_str()).collect::<Vec<_>>(), ["Your proposal was declined: Common aims", "Your proposal was taken up: Common aims"]);
        // Every version stays; the sign-ons stand behind the one that was signed.
        assert!(test.page(&format!("{url}/v/1")).await.contains("Seats that become free are filled.<"));
        assert!(test.page(&format!("{url}/v/2")).await.contains("filled in every grade."));
        assert_eq!(test.browser().get(&format!("{url}/v/3")).await.status(), 404);
        let changes = test.page(&format!("{url}/changes?from=1&to=2")).await;
        assert!(changes.contains("<ins>filled in every grade.</ins>") && changes.contains("Point 2") && !changes.contains("Point 1<"), "{changes}");
        let page = html::text(&test.page(&url).await);
        assert!(page.contains("0 sign-ons stand behind version 2, 3 behind an earlier one and are asked again."), "{page}");
        assert!(page.contains("Signed version 1; asked again"));
        // By letter: GET shows, POST acts, and what was read is what is confirmed.
        let letter = test.told("pete@millbrook.example", "statement_again").await.pop().unwrap();
        let link = letter.path(&test.base);
        let visitor = test.browser();
        let shown = visitor.page(&link).await;
        assert!(shown.contains("Does Millbrook Elementary stand behind version 2?") && shown.contains("<ins>"), "{shown}");
        assert_eq!(test.number("SELECT COUNT(*) AS n FROM statement_signature WHERE version = 2").await, 0, "GET changes nothing");
        assert_eq!(visitor.post(&link, &[("do", "confirm"), ("version", "1")]).await.status(), 422);
        assert_eq!(visitor.post(&link, &[]).await.status(), 422);
        visitor.post_on(&link, &[("do", "confirm"), ("version", "2")]).await;
        assert!(visitor.page(&link).await.contains("Confirmed version 2"));
        assert_eq!(test.browser().get(&format!("{link}A")).await.status(), 404);
        // By page; and withdrawn by page. What was said goes with it.
        let form = paula.page(&format!("{url}/sign")).await;
        let mine = form.split("name=\"signature\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(pete.post(&format!("{url}/confirmation"), &[("signature", &mine), ("version", "2")]).await.status(), 404, "not his");
        assert_eq!(pete.post(&format!("{url}/withdrawal"), &[("signature", &mine)]).await.status(), 404);
        paula.post_on(&format!("{url}/confirmation"), &[("signature", &mine), ("version", "2")]).await;
        let page = html::text(&test.page(&url).await);
        assert!(page.contains("2 sign-ons stand behind version 2, 1 behind an earlier one and is asked again."), "{page}");
        let list = test.json("/api/v1/statements").await;
        assert_eq!((list["items"][0]["behind_newest"].as_i64(), list["items"][0]["behind_earlier"].as_i64()), (Some(2), Some(1)));
        visitor.post_on(&link, &[("do", "withdraw")]).await;
        let page = test.page(&url).await;
        assert!(html::text(&page).contains("Millbrook Elementary: withdrawn on October 14, 2026") && !page.contains("We do &#60;all"), "{page}");
        // Who has no role there any more does nothing by an old link.
        let again = test.told("olga@harbor.example", "statement_again").await.pop().unwrap();
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        let held = people::membership::memberships_of(&test.db().cx(Actor::System("test")), test.account_id("olga@harbor.example").await).await.unwrap();
        let head = test.app.letterhead(&test.base.as_str().into()).unwrap();
        people::membership::end(&mut tx, &head, held[0].id).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(visitor.get(&again.path(&test.base)).await.status(), 404);
        assert_eq!(visitor.post(&again.path(&test.base), &[("do", "withdraw")]).await.status(), 404);
        // Over JSON: sign again after the withdrawal, propose, withdraw.
        let said = json!({"place": millbrook, "role": "Principal", "version": 2, "comment": "Again.", "comment_public": true});
        problem(api(&test, &carl, Method::POST, &format!("/statements/{slug}/signatures"), said.clone()).await, 403).await;
        let made = api(&test, &pete, Method::POST, &format!("/statements/{slug}/signatures"), said).await;
        assert_eq!(made.status(), 201);
        let at_url = made.headers()["location"].to_str().unwrap().to_owned();
        let proposal = json!({"kind": "strike", "point": 1, "reason": "It is said elsewhere."});
        let made = api(&test, &pete, Method::POST, &format!("/statements/{slug}/amendments"), proposal).await;
        assert_eq!(made.status(), 201);
        let one = test.json(&format!("/api/v1/statements/{slug}")).await;
        assert_eq!(texts(&one["amendments"], "state"), ["accepted", "declined", "waiting"]);
        assert_eq!((one["version"].as_i64(), one["counts"]["behind_newest"].as_i64()), (Some(2), Some(2)));
        let path = at_url.split("/api/v1").nth(1).unwrap();
        problem(api(&test, &paula, Method::DELETE, path, Value::Null).await, 404).await;
        assert_eq!(api(&test, &pete, Method::DELETE, path, Value::Null).await.status(), 204);
        assert_eq!(api(&test, &pete, Method::DELETE, path, Value::Null).await.status(), 204, "twice is as good as once");
        // It ends with a day and a note that everybody reads; sign-ons can still be withdrawn, and none is added.
        assert_eq!(pete.get(&format!("{url}/end")).await.status(), 403);
        assert_eq!(pete.post(&format!("{url}/end"), &[("state", "closed"), ("note", "x")]).await.status(), 403);
        assert_eq!(paula.post(&format!("{url}/end"), &[("state", "delivered")]).await.status(), 422, "with a note");
        paula.post_on(&format!("{url}/end"), &[("state", "delivered"), ("on", "2026-10-14"), ("note", "Handed to the <council>.")]).await;
        assert!(test.page(&url).await.contains("Handed to the &#60;council&#62;."));
        assert!(test.told("paula@harbor.example", "statement_ended").await.is_empty(), "who says it knows it");
        assert_eq!(sign(&pete, &url, &millbrook, "2", &[]).await.status(), 422);
        assert_eq!(pete.post(&amend, &words).await.status(), 403, "and he signs it no more");
        paula.post_on(&format!("{url}/withdrawal"), &[("signature", &mine)]).await;
    }
}

both_engines! {
    /// One sign-on for a school, whoever of its leaders comes first.
    async fn a_school_signs_once_however_many_try(test: TestApp) {
        let (at, paula, pete) = leads(&test).await;
        let (_, delegate) = test.leader("del@millbrook.example", Role::Delegate, Place::School(at.millbrook.0)).await;
        let url = published(&paula, &school(at.harbor), &[]).await;
        let (pete, delegate) = (Arc::new(pete), Arc::new(delegate));
        let place = school(at.millbrook);
        let mut tries = Vec::new();
        for turn in 0..8 {
            let (who, url, place) = (Arc::clone(if turn % 2 == 0 { &pete } else { &delegate }), url.clone(), place.clone());
            tries.push(tokio::spawn(async move { sign(&who, &url, &place, "1", &[]).await.status().as_u16() }));
        }
        for one in tries {
            assert_eq!(one.await.unwrap(), 303);
        }
        assert_eq!(test.number("SELECT COUNT(*) AS n FROM statement_signature").await, 1);
        assert!(html::text(&test.page(&url).await).contains("1 sign-on stands behind version 1."));
    }
}

both_engines! {
    /// Counted by hand: a network of two open charter schools and a closed one, one of which signs itself too; a district school; an
    /// office without schools; a district school without a published number; one that withdrew.
    async fn leaders_schools_and_students_are_counted_by_sector(test: TestApp) {
        let (at, paula, _) = leads(&test).await;
        let url = published(&paula, &school(at.harbor), &[]).await;
        let network = test.organization("Quay Network", "charter_network").await;
        let quay = test.school_of(Some(network), "Quay One", "charter", Some(410)).await;
        test.school_of(Some(network), "Quay Two", "charter", Some(300)).await;
        let closed = test.school_of(Some(network), "Quay Closed", "charter", Some(5_000)).await;
        let field = test.school_of(None, "Field Elementary", "district", Some(525)).await;
        let silent = test.school_of(None, "Silent Elementary", "district", None).await;
        let gone = test.school_of(None, "Gone Elementary", "district", Some(900)).await;
        let office = test.organization("Office of the Mayor", "city_office").await;
        let sql = "UPDATE school SET closed_on = '2026-06-30' WHERE name = 'Quay Closed'";
        let tx = test.db().write(Actor::System("test")).await.unwrap();
        tx.conn().execute_unprepared(sql).await.unwrap();
        tx.commit().await.unwrap();
        assert!(closed != quay);
        let mut last = None;
        for (number, (role, place)) in [
            (Role::Organizer, Place::Organization(network.0)),
            (Role::Principal, Place::School(quay.0)),
            (Role::Principal, Place::School(field.0)),
            (Role::Delegate, Place::School(silent.0)),
            (Role::Mayor, Place::Organization(office.0)),
            (Role::Principal, Place::School(gone.0)),
        ].into_iter().enumerate() {
            let (_, browser) = test.leader(&format!("lead{number}@example.org"), role, place).await;
            let code = match place { Place::School(id) => format!("school:{id}"), Place::Organization(id) => format!("organization:{id}"), Place::Installation => String::new() };
            signed(&browser, &url, &code, &[]).await;
            last = Some(browser);
        }
        let last = last.unwrap();
        let form = last.page(&format!("{url}/sign")).await;
        let mine = form.split("name=\"signature\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        last.post_on(&format!("{url}/withdrawal"), &[("signature", &mine)]).await;
        let counts = test.json(&format!("/api/v1{url}")).await["counts"].clone();
        let line = |value: &Value| ["leaders", "schools", "students", "schools_without_number"].map(|key| value[key].as_i64().unwrap());
        assert_eq!(line(&counts), [5, 4, 1_235, 1], "{counts}");
        let sectors: Vec<(Value, [i64; 4])> = counts["by_sector"].as_array().unwrap().iter().map(|one| (one["sector"].clone(), line(one))).collect();
        assert!(sectors.contains(&(json!("charter"), [2, 2, 710, 0])), "{counts}");
        assert!(sectors.contains(&(json!("district"), [2, 2, 525, 1])), "{counts}");
        assert!(sectors.contains(&(Value::Null, [1, 0, 0, 0])), "{counts}");
        assert_eq!(sectors.len(), 3);
        assert_eq!((counts["withdrawn"].as_i64(), counts["behind_newest"].as_i64()), (Some(1), Some(5)));
        let page = html::text(&test.page(&url).await);
        assert!(page.contains("1,235") && page.contains("1 school has published none"), "{page}");
    }
}

both_engines! {
    /// With the published keys and nothing else of ours; one changed byte shows.
    async fn the_manifest_is_proved_from_outside(test: TestApp) {
        let (at, paula, pete) = leads(&test).await;
        let url = published(&paula, &school(at.harbor), &[("threshold", "20"), ("deadline", "2026-12-01")]).await;
        signed(&paula, &url, &school(at.harbor), &[("shows_name", "yes"), ("comment", CANARY)]).await;
        signed(&pete, &url, &school(at.millbrook), &[("comment", "=1+1"), ("comment_public", "yes")]).await;
        let file = test.get(&format!("{url}/manifest.json")).await.text().await.unwrap();
        let whole: Value = serde_json::from_str(&file).unwrap();
        let jws = whole["jws"].as_str().unwrap();
        let keys = test.json("/.well-known/jwks.json").await;
        let verify = |jws: &str| verified(&keys, jws);
        let proved = verify(jws).expect("it verifies");
        assert_eq!(proved, whole["manifest"], "what is readable is what is signed");
        // One byte of the payload, at several places.
        let from = jws.find('.').unwrap() + 1;
        let to = jws.rfind('.').unwrap();
        for at in [from, from + 7, (from + to) / 2, to - 1, jws.len() - 3] {
            let mut bent = jws.as_bytes().to_vec();
            bent[at] = if bent[at] == b'A' { b'B' } else { b'A' };
            assert!(verify(std::str::from_utf8(&bent).unwrap()).is_none(), "{at}");
        }
        // The hash is that of the text as anybody computes it.
        let text = &proved["version"]["text"];
        let points: Vec<String> = text["points"].as_array().unwrap().iter().map(|p| format!("{{\"number\":{},\"text\":{},\"title\":{}}}", p["number"], p["text"], p["title"])).collect();
        let canonical = format!("{{\"points\":[{}],\"preamble\":{},\"title\":{}}}", points.join(","), text["preamble"], text["title"]);
        let hash = ring::digest::digest(&ring::digest::SHA256, canonical.as_bytes());
        assert_eq!(proved["version"]["sha256"], json!(data_encoding::HEXLOWER.encode(hash.as_ref())));
        assert!(test.page(&url).await.contains(proved["version"]["sha256"].as_str().unwrap()));
        assert_eq!(texts(&proved["signatures"], "name"), ["Harbor Charter School", "Millbrook Elementary"]);
        assert_eq!(proved["counts"]["all"]["leaders"], json!(2));
        assert_eq!(proved["statement"]["threshold"], json!(20));
        let csv = test.get(&format!("{url}/signatures.csv")).await.text().await.unwrap();
        assert!(csv.contains("'=1+1") && csv.contains("Paula Quay") && !csv.contains("Pete Weir"), "{csv}");
        assert!(test.page(&format!("{url}?print")).await.contains("print-view"));
        assert!(html::text(&test.page(&url).await).contains("How to check the manifest Split jws"), "the page says how");
    }
}

both_engines! {
    /// Before it is published its authors see what everybody will see, and what is missing. A co-author from elsewhere writes, and does
    /// not publish in the name of a school that they do not speak for.
    async fn who_speaks_for_its_sponsor_publishes_what_everybody_will_see(test: TestApp) {
        let (at, paula, pete) = leads(&test).await;
        let empty = [("point-0-title", ""), ("point-0-text", ""), ("point-1-title", ""), ("point-1-text", ""), ("preamble", "")];
        let url = begin(&paula, &school(at.harbor), &[&empty[..], &[("deadline", "2026-10-14"), ("threshold", "20")]].concat()).await;
        assert_eq!(begin(&paula, &school(at.harbor), &[&empty[..], &[("deadline", "2026-10-14"), ("threshold", "20")]].concat()).await, url, "pressed twice, begun once");
        let look = format!("{url}/publication");
        let page = paula.page(&look).await;
        let lacks = html::text(&page);
        for said in ["Say before the points who speaks", "Write one point at least", "The last day of sign-ons has come already", "When 20 schools and organizations signed."] {
            assert!(lacks.contains(said), "{said}: {lacks}");
        }
        assert!(!page.contains("name=\"seen\""), "no button while something is missing");
        assert_eq!(paula.post(&look, &[]).await.status(), 422);
        let seen = async |who: &Browser, path: &str| {
            let page = who.page(path).await;
            page.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
        };
        // Pete joins after he was invited: his address makes him a co-author.
        for (email, part) in [("pete@millbrook.example", "co_author"), ("late@elsewhere.example", "co_author")] {
            paula.post_on(&format!("{url}/invitations"), &[("email", email), ("part", part)]).await;
        }
        let fields = text(&school(at.harbor));
        let write = async |who: &Browser, more: &[(&str, &str)]| {
            let state = seen(who, &format!("{url}/edit")).await;
            let all = [&[("seen", state.as_str())][..], more].concat();
            assert_eq!(who.post_on(&format!("{url}/edit"), &with(&fields, &all)).await, format!("{url}/draft?done=changed"));
        };
        write(&pete, &[("deadline", "2026-11-30"), ("threshold", "20")]).await;
        let page = pete.page(&look).await;
        assert!(html::text(&page).contains("publishes it, because it is published in that name") && !page.contains("name=\"seen\""), "{page}");
        assert_eq!(pete.post(&look, &[]).await.status(), 403, "not in the name of Harbor");
        assert_eq!(pete.post(&format!("{url}/deletion"), &[]).await.status(), 403, "not his to delete");
        assert!(!pete.page(&format!("{url}/draft")).await.contains("/deletion") && paula.page(&format!("{url}/draft")).await.contains("/deletion"));
        pete.post_on(&format!("{url}/comments"), &[("words", "Shall we say when?")]).await;
        pete.post_on(&format!("{url}/comments"), &[("words", "Shall we say when?")]).await;
        assert_eq!(test.number("SELECT COUNT(*) AS n FROM statement_comment").await, 1, "pressed twice, said once");
        let page = paula.page(&look).await;
        let shown = html::text(&page);
        for said in ["1 comment has no answer yet", "Sign-ons until November 30, 2026", "The 2 people who were invited", "1. Serve all students", "To whom it speaks the city"] {
            assert!(shown.contains(said), "{said}: {shown}");
        }
        // What she looked at is what she publishes.
        let looked = seen(&paula, &look).await;
        test.clock.set("2026-10-14T16:10:00Z".parse::<DateTime<Utc>>().unwrap());
        write(&pete, &[("point-1-text", "Never agreed."), ("deadline", "2026-11-30")]).await;
        let stale = paula.post(&look, &[("seen", &looked)]).await;
        assert_eq!(stale.status(), 409);
        let page = stale.text().await.unwrap();
        assert!(page.contains("Never agreed.") && html::text(&page).contains("Somebody changed the draft since you looked at it"), "{page}");
        let late = test.account("late@elsewhere.example", "Lena Late").await;
        assert_eq!(paula.post_on(&look, &[("seen", &seen(&paula, &look).await)]).await, format!("{url}?done=published"));
        assert_eq!(paula.get(&look).await.status(), 404, "it is published");
        for (email, letters) in [("pete@millbrook.example", 1), ("late@elsewhere.example", 1), ("paula@harbor.example", 0)] {
            assert_eq!(test.told(email, "statement_published").await.len(), letters, "{email}");
        }
        // Its page says who looks after it, by place and number, and co-authors go on doing so.
        let page = test.page(&url).await;
        assert!(html::text(&page).contains("Its author, 2 co-authors and whoever speaks for Harbor Charter School answer proposals") && !page.contains("Pete"), "{page}");
        signed(&paula, &url, &school(at.harbor), &[]).await;
        paula.post_on(&format!("{url}/amendments"), &[("kind", "strike"), ("point", "1"), ("reason", "It is said twice.")]).await;
        for email in ["pete@millbrook.example", "late@elsewhere.example"] {
            assert_eq!(test.told(email, "statement_amendment").await.len(), 1, "{email}");
        }
        accept_all(&pete, &url).await;
        // Who left is taken out, and looks after it no more.
        let page = paula.page(&format!("{url}/draft")).await;
        let row = page.split("pete@millbrook.example").nth(1).unwrap();
        let guest = row.split("/invitations/").nth(1).unwrap().split('/').next().unwrap();
        paula.post_on(&format!("{url}/invitations/{guest}/removal"), &[]).await;
        assert_eq!(pete.get(&format!("{url}/end")).await.status(), 403);
        assert_eq!(pete.get(&format!("{url}/draft")).await.status(), 404);
        assert!(html::text(&test.page(&url).await).contains("Its author, a co-author and whoever speaks for"));
        let late = test.signed_in(late, false).await;
        late.post_on(&format!("{url}/end"), &[("state", "closed"), ("note", "It is done.")]).await;
        late.post_on(&format!("{url}/end"), &[("state", "delivered"), ("note", "Handed over after all.")]).await;
    }
}

both_engines! {
    /// By name and by address, once a week, never after a no; and who was asked is the authors' alone.
    async fn leaders_are_asked_to_sign_and_not_pressed(test: TestApp) {
        let (at, paula, pete) = leads(&test).await;
        let url = published(&paula, &school(at.harbor), &[("deadline", "2026-11-30")]).await;
        signed(&paula, &url, &school(at.harbor), &[]).await;
        let (_, delegate) = test.leader("del@millbrook.example", Role::Delegate, Place::School(at.millbrook.0)).await;
        let network = test.organization("Quay Network", "charter_network").await;
        let (_, owner) = test.leader("olga@quay.example", Role::CompactOwner, Place::Organization(network.0)).await;
        test.school_of(None, "Silent Elementary", "district", None).await;
        let calls = format!("{url}/calls");
        // Nobody else asks, and nobody else sees who was asked.
        for who in [&pete, &delegate, &owner] {
            assert_eq!(who.get(&calls).await.status(), 403);
            assert_eq!(who.post(&calls, &[("who", "pete@millbrook.example")]).await.status(), 403);
        }
        assert_eq!(test.browser().get(&calls).await.status(), 303);
        // What is wrong is said line by line, nothing typed is lost, and nobody is written to.
        let wrong = "Millbrook Elementary\nNowhere School\nnot@an@address";
        let refused = paula.post(&calls, &[("who", wrong)]).await;
        assert_eq!(refused.status(), 422);
        let page = refused.text().await.unwrap();
        assert!(page.contains(wrong) && html::text(&page).contains("\u{201c}Nowhere School\u{201d} is no school or organization here"), "{page}");
        assert!(html::text(&page).contains("\u{201c}not@an@address\u{201d} is no email address"), "{page}");
        assert_eq!(test.number("SELECT COUNT(*) AS n FROM statement_call").await, 0);
        let many = (0..31).map(|n| format!("p{n}@city.example")).collect::<Vec<_>>().join("\n");
        assert_eq!(paula.post(&calls, &[("who", &many)]).await.status(), 422);
        assert_eq!(paula.post(&calls, &[("who", " \n")]).await.status(), 422);
        // Places by name, an address twice; who leads a place is asked, who signed is not.
        let who = "Millbrook Elementary\nquay network\nHarbor Charter School\nSilent Elementary\nlead@elsewhere.example\nLead@elsewhere.example";
        let to = paula.post_on(&calls, &[("who", who)]).await;
        assert_eq!(to, format!("{calls}?asked=4&waiting=0&stopped=0&signed=1&nobody=1"));
        let done = html::text(&paula.page(&to).await);
        assert!(done.contains("4 letters are on their way. 1 of them signed already. For 1 of them nobody speaks here yet"), "{done}");
        for email in ["pete@millbrook.example", "del@millbrook.example", "olga@quay.example"] {
            let letters = test.told(email, "statement_asked").await;
            assert_eq!(letters.len(), 1, "{email}");
            assert!(letters[0].text.contains("Harbor Charter School asks") && letters[0].text.contains("until November 30, 2026"), "{}", letters[0].text);
        }
        let letter = test.told("lead@elsewhere.example", "statement_call").await.pop().unwrap();
        assert!(letter.subject.starts_with("Will you sign?") && letter.text.contains("typed this address"), "{}", letter.text);
        // Asked again within the week, nobody gets a letter, by another statement neither.
        assert!(paula.post_on(&calls, &[("who", who)]).await.contains("?asked=0&waiting=4"));
        let second = published(&pete, &school(at.millbrook), &[("title", "Another paper")]).await;
        assert!(pete.post_on(&format!("{second}/calls"), &[("who", "lead@elsewhere.example")]).await.contains("?asked=0&waiting=1"));
        // Who has not answered, without an address of anybody who was asked for a place.
        signed(&pete, &url, &school(at.millbrook), &[]).await;
        let page = paula.page(&calls).await;
        let text = html::text(&page);
        for said in ["Millbrook Elementary Signed", "2 people who speak for it were asked.", "Quay Network Has not answered Asked October 14, 2026; can be asked again from October 21, 2026 on.", "lead@elsewhere.example Has not answered"] {
            assert!(text.contains(said), "{said}: {text}");
        }
        assert!(!page.contains("olga@") && !page.contains("del@millbrook"), "{page}");
        assert!(!test.page(&url).await.contains("/calls") && paula.page(&url).await.contains(&calls));
        // The link of the letter shows on GET, and ends such letters on POST; also those of others, for good.
        let link = letter.text.split_whitespace().find(|word| word.ends_with("/stop")).unwrap().replace(&test.base, "");
        let visitor = test.browser();
        assert!(visitor.page(&link).await.contains("End these letters"));
        assert_eq!(test.number("SELECT COUNT(*) AS n FROM statement_call_stop").await, 0, "GET changes nothing");
        for _ in 0..2 {
            visitor.post_on(&link, &[("do", "stop")]).await;
        }
        assert!(visitor.page(&link).await.contains("is not asked to sign statements any more"));
        let mut bent = link.clone();
        bent.replace_range(18..19, if &link[18..19] == "A" { "B" } else { "A" });
        assert_eq!(visitor.get(&bent).await.status(), 404);
        assert_eq!(visitor.post(&bent, &[("do", "stop")]).await.status(), 404);
        assert!(html::text(&paula.page(&calls).await).contains("lead@elsewhere.example Wants no such letters"));
        test.clock.set("2026-10-21T16:00:01Z".parse::<DateTime<Utc>>().unwrap());
        let (paula, pete) = (test.signed_in(at.paula, false).await, test.signed_in(at.pete, false).await);
        assert_eq!(paula.post_on(&calls, &[("who", who)]).await, format!("{calls}?asked=1&waiting=0&stopped=1&signed=2&nobody=1"));
        assert_eq!(test.told("olga@quay.example", "statement_asked").await.len(), 2);
        assert!(pete.post_on(&format!("{second}/calls"), &[("who", "lead@elsewhere.example")]).await.contains("stopped=1"));
        visitor.post_on(&link, &[("do", "resume")]).await;
        assert!(pete.post_on(&format!("{second}/calls"), &[("who", "lead@elsewhere.example\nother@elsewhere.example")]).await.contains("?asked=2"));
        // When it is over, who signed is told, nobody is asked, and who was asked is forgotten.
        paula.post_on(&format!("{url}/end"), &[("state", "closed"), ("note", "It is done.")]).await;
        assert_eq!(paula.post(&calls, &[("who", "new@elsewhere.example")]).await.status(), 422);
        assert_eq!(test.number("SELECT COUNT(*) AS n FROM statement_call").await, 2);
        let told = test.told("pete@millbrook.example", "statement_ended").await;
        assert_eq!(told.iter().map(|letter| letter.subject.as_str()).collect::<Vec<_>>(), ["Closed: Common aims"]);
        assert!(told[0].text.contains("It is done."), "{}", told[0].text);
        assert!(test.told("olga@quay.example", "statement_ended").await.is_empty(), "who did not sign");
        // Erased, nothing of those who were asked stays.
        let lena = test.account("lead@elsewhere.example", "Lena Lead").await;
        let lena = test.signed_in(lena, false).await;
        assert_eq!(lena.post("/me/data/erasure", &[("email", "lead@elsewhere.example")]).await.status(), 200);
        assert_eq!(test.number("SELECT COUNT(*) AS n FROM statement_call").await, 1, "the other address is somebody else");
    }
}

both_engines! {
    /// Hidden characters, days that are over, and forms that come back whole.
    async fn what_is_typed_is_looked_at_and_never_lost(test: TestApp) {
        let (at, paula, pete) = leads(&test).await;
        let fields = text(&school(at.harbor));
        for (field, value, said) in [
            ("title", "\u{200b}\u{2060}\u{2800}", "Give the statement a title."),
            ("point-0-title", "\u{3164}", "Give the point a title."),
            ("deadline", "2026-10-13", "This day is over"),
            ("deadline", "9999-12-31", "within the next five years"),
            ("threshold", "1", "2 to 10,000"),
            ("threshold", "99999999999", "2 to 10,000"),
        ] {
            let answer = paula.post("/statements/new", &with(&fields, &[(field, value)])).await;
            assert_eq!(answer.status(), 422, "{field} {value:?}");
            let page = answer.text().await.unwrap();
            assert!(page.contains(said) && page.contains("Seats that become free are filled."), "{field} {value:?}: {page}");
        }
        assert_eq!(test.number("SELECT COUNT(*) AS n FROM statement").await, 0);
        let spoofed = [("title", "Com\u{202e}mon\u{200b} aims\u{e0041}"), ("point-1-text", "One\u{2028}two <script>alert(1)</script> [x](javascript:alert(1))")];
        let url = published(&paula, &school(at.harbor), &spoofed).await;
        let page = test.page(&url).await;
        assert!(page.contains("<h1>Common aims</h1>") && !page.contains("<script>alert") && !page.contains("href=\"javascript"), "{page}");
        // A refused sign-on comes back with everything that was said.
        let place = school(at.millbrook);
        let long = "We agree. ".repeat(80);
        let refused = sign(&pete, &url, &place, "1", &[("shows_name", "yes"), ("comment", &long), ("comment_public", "yes")]).await;
        assert_eq!(refused.status(), 422);
        let page = refused.text().await.unwrap();
        let kept = [long.trim().to_owned(), "value=\"Principal\"".to_owned(), format!("value=\"{place}\" selected"), "name=\"shows_name\" value=\"yes\" checked".to_owned(), "name=\"comment_public\" value=\"yes\" checked".to_owned()];
        for said in kept {
            assert!(page.contains(&said), "{said}: {page}");
        }
        assert!(page.contains("Use up to 600 characters here."));
        for hidden in ["\u{200b}", "\u{feff} \u{ad}"] {
            let answer = pete.post(&format!("{url}/sign"), &[("place", place.as_str()), ("role_title", hidden), ("version", "1")]).await;
            assert_eq!(answer.status(), 422, "a role that nobody sees");
        }
        // What he said stands in the form when he comes back to change it.
        signed(&pete, &url, &place, &[("comment", "We do it already."), ("comment_public", "yes")]).await;
        let page = pete.page(&format!("{url}/sign")).await;
        assert!(page.contains("We do it already.</textarea>") && page.contains("value=\"Principal\""), "{page}");
    }
}

both_engines! {
    /// Three proposals, one version, one question to each signer; and what two authors do at once.
    async fn what_is_taken_up_goes_into_one_version(test: TestApp) {
        let (at, paula, pete) = leads(&test).await;
        let url = published(&paula, &school(at.harbor), &[("threshold", "2"), ("deadline", "2026-11-30")]).await;
        signed(&paula, &url, &school(at.harbor), &[]).await;
        signed(&pete, &url, &school(at.millbrook), &[]).await;
        assert_eq!(test.told("paula@harbor.example", "statement_reached").await.len(), 1);
        let amend = format!("{url}/amendments");
        let propose = async |kind: &str, point: &str, words: &str, reason: &str| {
            let title = if kind == "add" { "Share what works" } else { "" };
            let fields = [("kind", kind), ("point", point), ("title", title), ("words", words), ("reason", reason)];
            pete.post_on(&amend, &fields).await;
            let page = test.page(&amend).await;
            page.split("id=\"amendment-").nth(1).unwrap().split('"').next().unwrap().to_owned()
        };
        let change = propose("change", "2", "Seats that become free are filled in every grade.", "In every grade.").await;
        let twice = propose("change", "2", "Seats that become free are filled in every grade.", "In every grade.").await;
        assert_eq!(change, twice, "pressed twice, proposed once");
        assert_eq!(test.told("paula@harbor.example", "statement_amendment").await.len(), 1);
        let strike = propose("strike", "2", "", "It is a law already.").await;
        let add = propose("add", "1", "We share it.", "It is missing.").await;
        let other = propose("add", "", "We count it.", "Count it.").await;
        let answer = async |id: &str, what: &str, why: &str| paula.post(&format!("{amend}/{id}"), &[("do", what), ("answer", why)]).await;
        assert_eq!(paula.post(&format!("{url}/versions"), &[]).await.status(), 409, "nothing is taken up");
        assert_eq!(answer(&change, "accept", "Yes.").await.status(), 303);
        let refused = answer(&strike, "accept", "Yes, \u{201c}too\u{201d}.").await;
        assert_eq!(refused.status(), 422, "the words of both cannot be there");
        let page = refused.text().await.unwrap();
        assert!(page.contains("Another proposal for this point is taken up already") && page.contains("Yes, \u{201c}too\u{201d}."), "{page}");
        assert_eq!(answer(&add, "accept", "").await.status(), 303);
        // Everybody sees what comes; its authors alone publish it.
        let page = pete.page(&amend).await;
        let text = html::text(&page);
        assert!(text.contains("What goes into version 2") && text.contains("2 sign-ons are asked once") && page.contains("<ins>filled in every grade.</ins>"), "{page}");
        assert!(text.contains("Taken up, goes into the next version") && !page.contains(&format!("{url}/versions")));
        let seen = next_version(&paula, &url).await;
        let seen: Vec<(&str, &str)> = seen.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(pete.post(&format!("{url}/versions"), &seen).await.status(), 403);
        // A co-author took one more up, or declined one after all: whoever read the earlier state reads again.
        assert_eq!(answer(&other, "accept", "").await.status(), 303);
        let stale = paula.post(&format!("{url}/versions"), &seen).await;
        assert_eq!(stale.status(), 409);
        assert!(html::text(&stale.text().await.unwrap()).contains("changed in the meantime"));
        assert_eq!(answer(&other, "decline", "").await.status(), 422, "with a reason");
        assert_eq!(answer(&other, "decline", "Another paper counts it.").await.status(), 303);
        assert!(test.told("pete@millbrook.example", "statement_again").await.is_empty());
        assert_eq!(test.json(&format!("/api/v1{url}")).await["version"], json!(1));
        // Published twice, it is one version and one letter for each signer.
        test.clock.set("2026-10-14T16:30:00Z".parse::<DateTime<Utc>>().unwrap());
        for _ in 0..2 {
            assert_eq!(paula.post_on(&format!("{url}/versions"), &seen).await, format!("{amend}?done=published"));
        }
        let one = test.json(&format!("/api/v1{url}")).await;
        assert_eq!((&one["version"], one["versions"].as_array().unwrap().len()), (&json!(2), 2));
        assert_eq!(texts(&one["points"], "title"), ["Serve all students", "Share what works", "Fill free seats"]);
        assert_eq!(one["points"][2]["text"], json!("Seats that become free are filled in every grade."));
        assert_eq!(one["versions"][1]["note"], json!("In every grade.\nIt is missing."));
        for email in ["paula@harbor.example", "pete@millbrook.example"] {
            assert_eq!(test.told(email, "statement_again").await.len(), 1, "{email}");
        }
        assert_eq!(one["amendments"].as_array().unwrap().iter().map(|a| a["made_version"].as_i64()).collect::<Vec<_>>(), [Some(2), None, Some(2), None]);
        // The one that waits is about words that are not there any more, and its author is told so.
        assert!(html::text(&paula.page(&amend).await).contains("The point was reworded since this was proposed"));
        // The number is to be reached anew, and that is told anew.
        for who in [&paula, &pete] {
            let mine = own_sign_on(who, &url).await;
            who.post_on(&format!("{url}/confirmation"), &[("signature", &mine), ("version", "2")]).await;
        }
        assert_eq!(test.told("paula@harbor.example", "statement_reached").await.len(), 2);
        // After the last day nobody could confirm a version: none is made, and nothing is proposed.
        test.clock.set("2026-12-01T12:00:00Z".parse::<DateTime<Utc>>().unwrap());
        let paula = test.signed_in(at.paula, false).await;
        let late = paula.post(&format!("{amend}/{strike}"), &[("do", "accept")]).await;
        assert_eq!(late.status(), 422);
        assert!(html::text(&late.text().await.unwrap()).contains("nobody could confirm a new version"));
        let late = paula.post(&amend, &[("kind", "strike"), ("point", "1"), ("reason", "Late.")]).await;
        assert_eq!(late.status(), 422);
    }
}

both_engines! {
    /// Withdrawing and signing again takes nothing away of what was before: page, table, API and manifest tell each step.
    async fn every_step_of_a_sign_on_stays_provable(test: TestApp) {
        let (at, paula, pete) = leads(&test).await;
        let (harbor, millbrook) = (school(at.harbor), school(at.millbrook));
        let url = published(&paula, &harbor, &[]).await;
        // Who signed in on one day signs in again on the next.
        let day = async |day: &str| {
            test.clock.set(format!("{day}T16:00:00Z").parse::<DateTime<Utc>>().unwrap());
            (test.signed_in(at.paula, false).await, test.signed_in(at.pete, false).await)
        };
        signed(&paula, &url, &harbor, &[]).await;
        signed(&pete, &url, &millbrook, &[("shows_name", "yes"), ("comment", CANARY)]).await;
        // What is said with a sign-on is no step of it.
        signed(&pete, &url, &millbrook, &[("comment", "Anew.")]).await;
        assert_eq!(steps(&test.json(&format!("/api/v1{url}")).await["signatures"][1]), ["signed 1"]);
        let (paula, pete) = day("2026-10-15").await;
        let amend = format!("{url}/amendments");
        pete.post_on(&amend, &[("kind", "strike"), ("point", "1"), ("reason", "It is said twice.")]).await;
        accept_all(&paula, &url).await;
        let (of_paula, of_pete) = (own_sign_on(&paula, &url).await, own_sign_on(&pete, &url).await);
        paula.post_on(&format!("{url}/confirmation"), &[("signature", &of_paula), ("version", "2")]).await;
        pete.post_on(&format!("{url}/confirmation"), &[("signature", &of_pete), ("version", "2")]).await;
        let (_, pete) = day("2026-10-16").await;
        pete.post_on(&format!("{url}/withdrawal"), &[("signature", &of_pete)]).await;
        let text = html::text(&test.page(&url).await);
        let before = "Signed version 1 on October 14, 2026, confirmed version 2 on October 15, 2026, withdrew from version 2 on October 16, 2026.";
        assert!(text.contains("Millbrook Elementary: withdrawn on October 16, 2026") && text.contains(before), "{text}");
        let (paula, pete) = day("2026-10-17").await;
        assert_eq!(sign(&pete, &url, &millbrook, "2", &[]).await.status(), 303);
        let after = format!("{}, signed again, version 2 on October 17, 2026.", before.trim_end_matches('.'));
        for page in [test.page(&url).await, pete.page(&format!("{url}/sign")).await] {
            assert!(html::text(&page).contains(&after), "{page}");
        }
        assert_eq!(own_sign_on(&pete, &url).await, of_pete, "one sign-on for the place");
        // The same over JSON, as a table, and proved.
        let whole = ["signed 1", "confirmed 2", "withdrawn 2", "signed 2"];
        let one = test.json(&format!("/api/v1{url}")).await;
        assert_eq!((steps(&one["signatures"][0]), steps(&one["signatures"][1])), (vec!["signed 1".to_owned(), "confirmed 2".to_owned()], whole.map(str::to_owned).to_vec()));
        let csv = test.get(&format!("{url}/signatures.csv")).await.text().await.unwrap();
        assert!(csv.contains("withdrawn version 2 2026-10-16T16:00:00Z; signed version 2 2026-10-17T16:00:00Z"), "{csv}");
        paula.post_on(&format!("{url}/withdrawal"), &[("signature", &of_paula)]).await;
        let file = test.json(&format!("{url}/manifest.json")).await;
        let keys = test.json("/.well-known/jwks.json").await;
        let proved = verified(&keys, file["jws"].as_str().unwrap()).expect("it verifies after amendments and withdrawals too");
        assert_eq!(proved, file["manifest"]);
        assert_eq!(steps(&proved["signatures"][0]), whole);
        assert_eq!(steps(&proved["withdrawn"][0]), ["signed 1", "confirmed 2", "withdrawn 2"]);
        assert_eq!(proved["withdrawn"][0]["id"], json!(at.harbor.to_string()));
        assert_eq!(proved["versions"].as_array().unwrap().len(), 2);
        assert_eq!((&proved["counts"]["behind_newest"], &proved["counts"]["withdrawn"]), (&json!(1), &json!(1)));
        // Erased, the person is gone and the steps stay.
        let gone = pete.post("/me/data/erasure", &[("email", "pete@millbrook.example")]).await;
        assert_eq!(gone.status(), 200);
        let one = test.json(&format!("/api/v1{url}")).await;
        assert_eq!(steps(&one["signatures"][1]), whole);
        // An installation that had sign-ons before their steps were kept gets them from its audit log.
        let sql = "SELECT COUNT(*) AS n FROM statement_signing";
        assert_eq!(test.number(sql).await, 7);
        let tx = test.db().write(Actor::System("test")).await.unwrap();
        tx.conn().execute_unprepared("DELETE FROM statement_signing").await.unwrap();
        migrations::remember(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(test.number(sql).await, 7);
        assert_eq!(test.json(&format!("/api/v1{url}")).await["signatures"], one["signatures"]);
        let tx = test.db().write(Actor::System("test")).await.unwrap();
        tx.conn().execute_unprepared("DELETE FROM statement_signing").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(steps(&test.json(&format!("/api/v1{url}")).await["signatures"][1]), Vec::<String>::new(), "the control");
    }
}

both_engines! {
    /// What is said to the authors alone is read by them alone, wherever one looks.
    async fn a_private_comment_is_the_authors_alone(test: TestApp) {
        let (at, paula, pete) = leads(&test).await;
        let url = published(&paula, &school(at.harbor), &[]).await;
        signed(&pete, &url, &school(at.millbrook), &[("comment", CANARY)]).await;
        let slug = url.trim_start_matches("/statements/").to_owned();
        let (_, admin) = test.leader("root@example.org", Role::CityAdmin, Place::Installation).await;
        let dina = test.signed_in(at.dina, false).await;
        let visitor = test.browser();
        assert!(paula.page(&url).await.contains(CANARY), "the control");
        for who in [&visitor, &admin, &dina, &pete] {
            for path in [&url, &format!("{url}?print"), &format!("{url}/v/1"), &format!("{url}/amendments"), &format!("{url}/manifest.json"), &format!("{url}/signatures.csv"), &"/statements".to_owned(), &format!("/api/v1/statements/{slug}"), &"/api/v1/statements".to_owned()] {
                let answer = who.get(path).await;
                assert_eq!(answer.status(), 200, "{path}");
                assert!(!answer.text().await.unwrap().contains(CANARY), "{path}");
            }
        }
        assert_eq!(test.number(&format!("SELECT COUNT(*) AS n FROM event WHERE CAST(detail AS TEXT) LIKE '%{CANARY}%'")).await, 0);
        assert_eq!(test.number(&format!("SELECT COUNT(*) AS n FROM outbox WHERE content LIKE '%{CANARY}%'")).await, 0);
    }
}

both_engines! {
    /// The sign-on is the school's; the person goes.
    async fn an_erased_account_leaves_the_sign_on_without_the_person(test: TestApp) {
        let (at, paula, pete) = leads(&test).await;
        let url = published(&pete, &school(at.millbrook), &[]).await;
        signed(&paula, &url, &school(at.harbor), &[("shows_name", "yes"), ("comment", CANARY), ("comment_public", "yes")]).await;
        paula.post_on(&format!("{url}/amendments"), &[("kind", "strike"), ("point", "1"), ("reason", "It is said twice.")]).await;
        pete.post_on(&format!("{}/invitations", begin(&pete, &school(at.millbrook), &[]).await), &[("email", "paula@harbor.example"), ("part", "commenter")]).await;
        let draft = begin(&paula, &school(at.harbor), &[("title", "Never seen")]).await;
        let data = paula.page("/me/data").await;
        assert!(!data.is_empty());
        assert!(test.page(&url).await.contains("Paula Quay"));
        let (_, follower) = test.leader("next@harbor.example", Role::Principal, Place::School(at.harbor.0)).await;
        let gone = paula.post("/me/data/erasure", &[("email", "paula@harbor.example")]).await;
        assert_eq!(gone.status(), 200, "{}", gone.text().await.unwrap());
        let page = test.page(&url).await;
        assert!(page.contains("Harbor Charter School") && html::text(&page).contains("1 sign-on stands"), "{page}");
        assert!(!page.contains("Paula") && !page.contains(CANARY), "{page}");
        assert!(html::text(&test.page(&format!("{url}/amendments")).await).contains("It is said twice."));
        assert_eq!(test.number("SELECT COUNT(*) AS n FROM statement_guest").await, 0);
        assert_eq!(test.number("SELECT COUNT(*) AS n FROM statement WHERE title = 'Never seen'").await, 0, "her draft is gone");
        assert_eq!(follower.get(&format!("{draft}/draft")).await.status(), 404);
        // Who leads the school now is asked again in her place, and withdraws.
        let amend = test.page(&format!("{url}/amendments")).await;
        let id = amend.split("id=\"amendment-").nth(1).unwrap().split('"').next().unwrap().to_owned();
        pete.post_on(&format!("{url}/amendments/{id}"), &[("do", "accept")]).await;
        publish_version(&pete, &url).await;
        let letter = test.told("next@harbor.example", "statement_again").await.pop().unwrap();
        assert!(letter.text.split_whitespace().collect::<Vec<_>>().join(" ").contains("you speak for Harbor Charter School"), "{}", letter.text);
        follower.post_on(&letter.path(&test.base), &[("do", "withdraw")]).await;
        // Its author erased, who speaks for its sponsor looks after it.
        let (_, lead) = test.leader("after@millbrook.example", Role::Delegate, Place::School(at.millbrook.0)).await;
        let gone = pete.post("/me/data/erasure", &[("email", "pete@millbrook.example")]).await;
        assert_eq!(gone.status(), 200);
        lead.post_on(&format!("{url}/end"), &[("state", "closed"), ("note", "Another paper took its place.")]).await;
    }
}

both_engines! {
    /// A number to reach, a day to come: each is told of once.
    async fn its_authors_hear_of_the_threshold_and_the_last_day(test: TestApp) {
        let (at, paula, pete) = leads(&test).await;
        let url = published(&paula, &school(at.harbor), &[("threshold", "2"), ("deadline", "2026-10-30")]).await;
        let near = begin(&paula, &school(at.harbor), &[("deadline", "2026-10-14")]).await;
        assert_eq!(paula.post(&format!("{near}/publication"), &[]).await.status(), 422, "a day that has come");
        signed(&paula, &url, &school(at.harbor), &[]).await;
        assert!(test.told("paula@harbor.example", "statement_reached").await.is_empty());
        assert!(html::text(&test.page(&url).await).contains("1 of 2 schools and organizations stand behind version 1."));
        signed(&pete, &url, &school(at.millbrook), &[]).await;
        signed(&pete, &url, &school(at.millbrook), &[("comment", "Again.")]).await;
        let told = test.told("paula@harbor.example", "statement_reached").await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].subject, "2 signed: Common aims");
        assert!(html::text(&test.page(&url).await).contains("That number is reached."));
        let desk = test.app.desk(&test.base.as_str().into()).unwrap();
        let look = async |at: &str| {
            test.clock.set(at.parse::<DateTime<Utc>>().unwrap());
            let first = clockwork::look_at_all(test.db(), &desk).await.unwrap();
            assert_eq!(clockwork::look_at_all(test.db(), &desk).await.unwrap(), 0, "once");
            first
        };
        assert_eq!(look("2026-10-22T23:59:00Z").await, 0, "eight days before");
        assert_eq!(look("2026-10-23T00:00:01Z").await, 1);
        let told = test.told("paula@harbor.example", "statement_deadline").await;
        assert_eq!(told.iter().map(|l| l.subject.as_str()).collect::<Vec<_>>(), ["Sign-ons end on October 30, 2026: Common aims"]);
        // On the last day it can be signed, wherever that ends last; then no more.
        let (_, del) = test.leader("del@harbor.example", Role::Delegate, Place::School(at.harbor.0)).await;
        test.clock.set("2026-10-31T11:59:00Z".parse::<DateTime<Utc>>().unwrap());
        let del_again = test.signed_in(test.account_id("del@harbor.example").await, false).await;
        assert_eq!(sign(&del_again, &url, &school(at.harbor), "1", &[]).await.status(), 303);
        test.clock.set("2026-10-31T12:00:00Z".parse::<DateTime<Utc>>().unwrap());
        let late = sign(&del_again, &url, &school(at.harbor), "1", &[]).await;
        assert_eq!(late.status(), 422);
        assert!(late.text().await.unwrap().contains("The last day of sign-ons is over."));
        drop(del);
    }
}

impl TestApp {
    async fn account_id(&self, email: &str) -> AccountId {
        let email = commonground::mail::Email::parse(email).unwrap();
        people::account::account_of(&self.db().cx(Actor::System("test")), &email).await.unwrap().unwrap().id
    }
}

/// Pages cost as many statements with five sign-ons, versions and amendments as with two.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_statements_cost_the_same_with_many() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let test = TestApp::start(engine).await;
        let (at, paula, pete) = leads(&test).await;
        let url = published(&paula, &school(at.harbor), &[]).await;
        let slug = url.trim_start_matches("/statements/").to_owned();
        let network = test.organization("Quay Network", "charter_network").await;
        test.school_of(Some(network), "Quay One", "charter", Some(410)).await;
        let (_, owner) = test.leader("olga@quay.example", Role::CompactOwner, Place::Organization(network.0)).await;
        let mut costs: Vec<Vec<u64>> = Vec::new();
        for round in 1..=2 {
            let version = if round == 1 { "1" } else { "2" };
            assert_eq!(sign(&paula, &url, &school(at.harbor), version, &[("shows_name", "yes")]).await.status(), 303);
            assert_eq!(sign(&owner, &url, &organization(network), version, &[]).await.status(), 303);
            if round == 2 {
                assert_eq!(
                    sign(&pete, &url, &school(at.millbrook), version, &[("shows_name", "yes")]).await.status(),
                    303
                );
                for number in 0..3 {
                    let id = test.school_of(Some(network), &format!("Field {number}"), "district", Some(100)).await;
                    let (_, lead) =
                        test.leader(&format!("lead{number}@field.example"), Role::Principal, Place::School(id.0)).await;
                    assert_eq!(sign(&lead, &url, &school(id), version, &[("shows_name", "yes")]).await.status(), 303);
                    published(&lead, &school(id), &[]).await;
                }
            }
            let who = (0..round * 4).map(|number| format!("p{round}{number}@city.example")).collect::<Vec<_>>();
            let who = [&who[..], &["Millbrook Elementary".to_owned(), "Quay Network".to_owned()]].concat().join("\n");
            paula.post_on(&format!("{url}/calls"), &[("who", &who)]).await;
            let amend = format!("{url}/amendments");
            for number in 0..round * 2 {
                let words = format!("We share {number}.");
                paula
                    .post_on(
                        &amend,
                        &[("kind", "add"), ("title", "Share"), ("words", &words), ("reason", "It is missing.")],
                    )
                    .await;
            }
            let page = paula.page(&amend).await;
            let id = page.split("id=\"amendment-").nth(1).unwrap().split('"').next().unwrap().to_owned();
            let still = Still::on(test.database.share()).await;
            let mut costs_now = Vec::new();
            let cookie = format!("commonground={}", paula.cookie("commonground").unwrap());
            for (path, cookie) in [
                ("/statements".to_owned(), ""),
                (url.clone(), ""),
                (url.clone(), cookie.as_str()),
                (format!("{url}/v/{version}"), ""),
                (amend.clone(), ""),
                (amend.clone(), cookie.as_str()),
                (format!("{url}/manifest.json"), ""),
                (format!("{url}/signatures.csv"), ""),
                (format!("{url}/sign"), cookie.as_str()),
                (format!("{url}/calls"), cookie.as_str()),
                ("/me/statements".to_owned(), cookie.as_str()),
                ("/api/v1/statements".to_owned(), ""),
                (format!("/api/v1/statements/{slug}"), ""),
            ] {
                still.get_as(&path, cookie).await;
                let before = still.app.db.statements();
                still.get_as(&path, cookie).await;
                costs_now.push(still.app.db.statements() - before);
            }
            costs.push(costs_now);
            if round == 1 {
                paula.post_on(&format!("{amend}/{id}"), &[("do", "accept")]).await;
                publish_version(&paula, &url).await;
            }
        }
        assert!(costs[0].iter().all(|count| *count > 0), "{costs:?}");
        assert_eq!(costs[0], costs[1], "{costs:?}");
    }
}
