//! Who may do what: every route, every role, things of one's own and of others, in one table that a person can read
//! (`permissions.txt`, A1). And nothing that is private to one organization is ever seen by people of another (A2).
//!
//! The routes come from the router. A new one changes the table, and the test fails until somebody has looked at it and
//! written it down: `UPDATE_TABLE=1 tests/with-postgres cargo test --test it permissions`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use commonground::app;
use commonground::catalog::adoption::{self, Told};
use commonground::catalog::draft::PracticeDraft;
use commonground::catalog::{self, PracticeId};
use commonground::collections::collection::{self, CollectionForm};
use commonground::compacts::editing::{self, Head, NewParty};
use commonground::compacts::promises;
use commonground::contributions::writing::{self, Beginning, Outcome};
use commonground::highlights;
use commonground::people::{self, AccountId, NewOrganization, NewSchool, OrganizationId, SchoolId};
use commonground::platform::vocabulary::AdoptionStage;
use commonground::platform::{Actor, FieldErrors, Grant, Place, Role, Scope, Via, ids};
use commonground::statements;
use commonground::statements::draft::DraftForm;
use commonground::statements::text::PointForm;
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::Value;
use uuid::Uuid;

use crate::support::persons::Browser;
use crate::support::sessions::{Sketch, TwoSchools};
use crate::support::{Engine, TestApp};

/// Who asks: the columns of the table.
const WHO: [&str; 9] =
    ["visitor", "teacher", "principal", "delegate", "organizer", "editor", "compact_owner", "mayor", "city_admin"];

/// Whose thing is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    /// Of the asker's school, or their own.
    Own,
    /// Of another school of the same organization, or a colleague's.
    Same,
    /// Of another organization.
    Other,
    /// Of nobody: it does not exist.
    Missing,
}

const WHOSE: [Whose; 4] = [Whose::Own, Whose::Same, Whose::Other, Whose::Missing];

/// What stands in an address where a template has a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    School,
    SchoolId,
    Practice,
    Organization,
    Account,
    Staff,
    Membership,
    Invitation,
    Token,
    SignIn,
    Session,
    Registration,
    /// A practice that is still being written: its writers know of it.
    Contribution,
    /// A private collection of somebody.
    Collection,
    /// What a school took over: everybody may read it.
    Adoption,
    /// A compact that is not published: its parties know of it.
    Compact,
    /// A commitment of it.
    Commitment,
    /// A statement that is not published: its authors know of it.
    Statement,
    /// A highlight that its office drafts.
    Highlight,
    /// The same for everybody: a version, the name of a file, a secret nobody has.
    Fixed(&'static str),
}

/// What is not there, where a thing has an id and no relation to the asker.
const NOTHING: &str = "00000000-0000-0000-0000-000000000000";

/// The kind of thing that the segment `name` after `before` names. A template with a segment that is not here fails the test.
fn kind(before: &str, name: &str, path: &str) -> Kind {
    match before {
        "contributions" if name == ":section" => Kind::Fixed("what"),
        "contributions" => Kind::Contribution,
        "editors" => Kind::Account,
        "collections" if path.contains("/me/") => Kind::Collection,
        "collections" => Kind::Fixed("nothing"),
        "saves" => Kind::Practice,
        "adoptions" => Kind::Adoption,
        "compacts" => Kind::Compact,
        "commitments" if path.starts_with("/compacts/") => Kind::Fixed("1"),
        "commitments" => Kind::Commitment,
        "text" => Kind::Fixed("1"),
        "seats" if path.starts_with("/compacts/") => Kind::Fixed(NOTHING),
        "invitations" if path.starts_with("/statements/") => Kind::Fixed(NOTHING),
        "parties" | "links" | "signatures" | "amendments" | "approval" | "digests" => Kind::Fixed(NOTHING),
        "statements" => Kind::Statement,
        "highlights" => Kind::Highlight,
        "statement" | "approve-highlight" => Kind::Fixed("nothing"),
        "city" => Kind::Fixed("nowhere-ny"),
        "data" => Kind::Fixed("nothing.zip"),
        "sitemap" => Kind::Fixed("nothing.xml"),
        "cycles" => Kind::Fixed("1"),
        "follow-ups" | "questions" | "visits" | "comments" | "materials" | "reports" => Kind::Fixed(NOTHING),
        "confirm-practice" | "follow-up" | "reply" | "visit" => Kind::Fixed("nothing"),
        "schools" if path.starts_with("/admin/") => Kind::SchoolId,
        "schools" => Kind::School,
        "practices" => Kind::Practice,
        "organizations" => Kind::Organization,
        "people" => Kind::Account,
        "memberships" | "roles" | "places" | "requests" | "staff" => Kind::Membership,
        "tokens" => Kind::Token,
        "sign-ins" => Kind::SignIn,
        "sessions" | "calendar" if path.contains(".ics") || path.contains("\\.ics") => Kind::Fixed("nothing.ics"),
        "sessions" => Kind::Session,
        "registrations" | "seats" => Kind::Registration,
        "announcements" | "messages" | "suppressions" | "outbox" | "saved-searches" => Kind::Fixed(NOTHING),
        "cities" => Kind::Fixed("nowhere-ny"),
        "n" | "confirm" => Kind::Fixed("nothing"),
        "rooms" | "ask" | "polls" | "credit" | "credit-programs" => Kind::Fixed(NOTHING),
        "check-in" if path.starts_with("/check-in/") => Kind::Fixed("BCDFGH"),
        "check-in" | "attendance" | "sheet" | "meetings" => Kind::Fixed("1"),
        "use" => Kind::Fixed("30"),
        "r" => Kind::Fixed("decide"),
        "u" => Kind::Fixed("nothing"),
        "certificates" | "keys" | "achievements" | "survey" | "use-30" | "use-90" => Kind::Fixed("nothing"),
        "status" => Kind::Fixed("1"),
        "invitations" if path.starts_with("/invitations/") => Kind::Fixed("no-such-secret"),
        "invitations" => Kind::Invitation,
        "v" | "versions" => Kind::Fixed("1"),
        "static" => Kind::Fixed("app.css"),
        "domains" => Kind::Fixed("nowhere.example"),
        "vocabularies" => Kind::Fixed("topic"),
        "oidc" => Kind::Fixed("none"),
        "link" | "address-change" | "providers" | "mail" | "recovery" | "follows" | "passkeys" => {
            Kind::Fixed("nothing")
        }
        _ => panic!("{path} has a parameter after `{before}` that this table does not know: say what it names"),
    }
}

/// One asker with their browser, and a thing of each kind for each relation. Made anew after anything was changed.
struct Cast {
    browser: Browser,
    things: BTreeMap<(Kind, Whose), String>,
}

/// What nobody outside the other organization may ever see.
const CANARY: &str = "canary";

struct Theatre {
    test: TestApp,
    casts: u32,
    /// What schools take over, from a school that nobody here belongs to.
    elsewhere: PracticeId,
}

impl Theatre {
    async fn school(&self, organization: OrganizationId, name: &str, sector: &str, city: &str) -> SchoolId {
        let mut tx = self.test.db().write(Actor::System("test")).await.unwrap();
        let new = NewSchool {
            name: name.to_owned(),
            sector: Some(sector.to_owned()),
            organization: Some(organization),
            city: Some(city.to_owned()),
            ..NewSchool::default()
        };
        let id = people::add_school(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn organization(&self, kind: &str, name: &str, city: &str) -> OrganizationId {
        let mut tx = self.test.db().write(Actor::System("test")).await.unwrap();
        let city = Some(city.to_owned());
        let new = NewOrganization { kind: kind.to_owned(), name: name.to_owned(), city, state: None };
        let id = people::add_organization(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// A practice of a school, as an import brings it.
    async fn practice(&self, school: SchoolId, name: &str) -> String {
        let slug = self.slug(school).await;
        let line = serde_json::json!({ "source": name, "title": name, "origin_school": slug }).to_string();
        let report =
            catalog::import_practices(self.test.db(), line.as_bytes(), "test.jsonl", false, |_| {}).await.unwrap();
        assert_eq!(report.added, 1, "{report:?}");
        slug::slugify(name)
    }

    async fn slug(&self, school: SchoolId) -> String {
        let cx = self.test.db().cx(Actor::Visitor);
        people::schools(&cx, &[school]).await.unwrap()[&school].slug.clone()
    }

    /// Somebody with a role; what is private about them carries the mark of their side.
    async fn person(&self, mark: &str, role: Role, place: Place) -> AccountId {
        let unique = ids::fresh().simple().to_string();
        let id =
            self.test.account(&format!("{mark}-{}@{mark}.example", &unique[20..]), &format!("{mark} person")).await;
        self.test.appoint(id, role, place).await;
        id
    }

    async fn cast(&mut self, who: &str) -> Cast {
        self.casts += 1;
        let n = self.casts;
        let (here, there) = (format!("Hometown {n}"), format!("Awaytown {n}"));
        let home = self.organization("district", &format!("Home District {n}"), &here).await;
        let away = self.organization("charter_network", &format!("Away Network {n}"), &there).await;
        let own = self.school(home, &format!("Own School {n}"), "district", &here).await;
        let same = self.school(home, &format!("Same District School {n}"), "district", &here).await;
        let other = self.school(away, &format!("Other School {n}"), "district", &there).await;
        // Highlights are of two sectors.
        let partners = [
            self.school(home, &format!("Partner School {n}"), "charter", &here).await,
            self.school(away, &format!("Other Partner School {n}"), "charter", &there).await,
        ];
        let place = match who {
            "teacher" | "principal" | "delegate" | "organizer" => Place::School(own.0),
            "compact_owner" | "mayor" => Place::Organization(home.0),
            _ => Place::Installation,
        };
        let asker = match Role::parse(who) {
            Some(role) => Some(self.person("asker", role, place).await),
            None => None,
        };
        let browser = match asker {
            Some(asker) => self.test.signed_in(asker, true).await,
            None => self.test.browser(),
        };
        let mut things = BTreeMap::new();
        for (whose, school, organization, mark) in
            [(Whose::Own, own, home, "own"), (Whose::Same, same, home, "same"), (Whose::Other, other, away, CANARY)]
        {
            let staff = self.person(mark, Role::Teacher, Place::School(school.0)).await;
            let account = if whose == Whose::Own { asker.unwrap_or(staff) } else { staff };
            let cx = self.test.db().cx(Actor::System("test"));
            let membership = people::membership::memberships_of(&cx, staff).await.unwrap().pop().unwrap();
            let mut put = |kind, value: String| things.insert((kind, whose), value);
            put(Kind::School, self.slug(school).await);
            put(Kind::SchoolId, school.to_string());
            put(Kind::Organization, organization.to_string());
            put(Kind::Account, account.to_string());
            put(Kind::Staff, staff.to_string());
            put(Kind::Membership, membership.id.to_string());
            put(Kind::Practice, self.practice(school, &format!("{whose:?} practice {n}")).await);
            put(Kind::Token, self.token(account, mark).await);
            put(Kind::SignIn, self.sign_in(account, mark).await);
            put(Kind::Invitation, self.invitation(school, mark).await);
            let (session, seat) = self.session(school, staff, mark).await;
            put(Kind::Session, session);
            put(Kind::Registration, seat);
            let writer = if place == Place::School(school.0) { account } else { staff };
            put(Kind::Contribution, self.contribution(school, writer, mark).await);
            put(Kind::Collection, self.collection(account, mark).await);
            put(Kind::Adoption, self.adoption(school, staff).await);
            let (compact, commitment) = self.compact(school, organization, mark).await;
            put(Kind::Compact, compact);
            put(Kind::Commitment, commitment);
            let (leads, sponsor) = match (whose, who) {
                (Whose::Own, "principal" | "delegate") => (Some(account), format!("school:{school}")),
                (Whose::Own, "compact_owner" | "mayor") => (Some(account), format!("organization:{organization}")),
                _ => (None, format!("school:{school}")),
            };
            put(Kind::Statement, self.statement(leads, school, sponsor, mark).await);
            let (city, partner) = if whose == Whose::Other { (&there, partners[1]) } else { (&here, partners[0]) };
            put(Kind::Highlight, self.highlight(organization, city, [school, partner], mark).await);
        }
        for kind in [
            Kind::School,
            Kind::SchoolId,
            Kind::Practice,
            Kind::Organization,
            Kind::Account,
            Kind::Membership,
            Kind::Invitation,
            Kind::Token,
            Kind::SignIn,
            Kind::Session,
            Kind::Registration,
            Kind::Contribution,
            Kind::Collection,
            Kind::Adoption,
            Kind::Compact,
            Kind::Commitment,
            Kind::Statement,
            Kind::Highlight,
        ] {
            things.insert((kind, Whose::Missing), Uuid::nil().to_string());
        }
        Cast { browser, things }
    }

    /// A draft of a compact between a school and its organization, with a commitment.
    async fn compact(&self, school: SchoolId, organization: OrganizationId, mark: &str) -> (String, String) {
        let owner = self.person(mark, Role::CompactOwner, Place::Organization(organization.0)).await;
        let cx = self.test.db().cx(Actor::System("test"));
        let party = async |id: Uuid| {
            let place = editing::place(&cx, &id.to_string()).await.unwrap();
            NewParty { place, state: "invited".to_owned(), ..NewParty::default() }
        };
        let (first, second) = (party(organization.0).await, party(school.0).await);
        let mut tx = self.test.db().write(self.actor(owner).await).await.unwrap();
        let head = Head { name: format!("{mark} compact"), kind: "compact".to_owned(), ..Head::default() };
        let compact = editing::begin(&mut tx, &head, Some(first)).await.unwrap();
        editing::add_party(&mut tx, compact.id, second).await.unwrap();
        let draft = promises::Draft {
            area: "facilities".to_owned(),
            sentence: format!("{mark} promise"),
            ..Default::default()
        };
        let commitment = promises::make(&mut tx, compact.id, &draft).await.unwrap();
        tx.commit().await.unwrap();
        (compact.slug, commitment.id.to_string())
    }

    /// A draft of a statement; its author is the asker where they may be one, and else a principal of the school.
    async fn statement(&self, leads: Option<AccountId>, school: SchoolId, sponsor: String, mark: &str) -> String {
        let author = match leads {
            Some(leads) => leads,
            None => self.person(mark, Role::Principal, Place::School(school.0)).await,
        };
        let mut tx = self.test.db().write(self.actor(author).await).await.unwrap();
        let point = PointForm { key: 0, title: "Aim".to_owned(), text: "One aim.".to_owned() };
        let form = DraftForm {
            kind: "framework".to_owned(),
            title: format!("{mark} statement"),
            addressee: "the city".to_owned(),
            sponsor,
            preamble: "Together.".to_owned(),
            points: vec![point],
            ..DraftForm::default()
        };
        let id = statements::draft::begin(&mut tx, &form).await.unwrap();
        tx.commit().await.unwrap();
        id.to_string()
    }

    /// A draft of a highlight by an office of the city.
    async fn highlight(&self, office: OrganizationId, city: &str, schools: [SchoolId; 2], mark: &str) -> String {
        let mayor = self.person(mark, Role::Mayor, Place::Organization(office.0)).await;
        let actor = self.actor(mayor).await;
        let did = |school: SchoolId| (school.to_string(), "Opened its rooms.".to_owned());
        let draft = highlights::highlight::Draft {
            city: people::city::slug_of(city, None),
            headline: format!("{mark} highlight"),
            story: "Two schools met. Both stayed.".to_owned(),
            schools: schools.map(did).to_vec(),
            ..highlights::highlight::Draft::default()
        };
        let mut errors = FieldErrors::default();
        let looked =
            highlights::writing::look_up(&self.test.db().cx(actor.clone()), &draft, &mut errors).await.unwrap();
        let mut tx = self.test.db().write(actor).await.unwrap();
        let id = highlights::writing::write(&mut tx, &draft, looked, errors).await.unwrap();
        tx.commit().await.unwrap();
        id.to_string()
    }

    async fn actor(&self, account: AccountId) -> Actor {
        let cx = self.test.db().cx(Actor::Visitor);
        people::account::actor(&cx, account, Via::SignIn(account.0), cx.now(), Scope::Admin, true)
            .await
            .unwrap()
            .unwrap()
    }

    /// A practice that somebody writes.
    async fn contribution(&self, school: SchoolId, writer: AccountId, mark: &str) -> String {
        let draft = PracticeDraft { title: Some(format!("{mark} draft")), ..PracticeDraft::default() };
        let mut tx = self.test.db().write(self.actor(writer).await).await.unwrap();
        let new = Beginning { school, draft, cleared: Vec::new() };
        let Outcome::Kept(id) = writing::begin(&mut tx, new).await.unwrap() else { panic!("held") };
        tx.commit().await.unwrap();
        id.to_string()
    }

    /// A collection that nobody else may see.
    async fn collection(&self, owner: AccountId, mark: &str) -> String {
        let mut tx = self.test.db().write(self.actor(owner).await).await.unwrap();
        let form = CollectionForm { title: format!("{mark} collection"), ..CollectionForm::default() };
        let id = collection::make(&mut tx, &form).await.unwrap();
        tx.commit().await.unwrap();
        id.to_string()
    }

    /// A practice from elsewhere that the school took over.
    async fn adoption(&self, school: SchoolId, staff: AccountId) -> String {
        let mut tx = self.test.db().write(self.actor(staff).await).await.unwrap();
        let told = Told {
            stage: AdoptionStage::INTERESTED,
            since: tx.now().date_naive(),
            lead_role: None,
            changed_what: None,
            kept_core: None,
            result_note: None,
            would_recommend: None,
            contact_ok: false,
            stopped_reason: None,
            learned_from: None,
            no_student: true,
        };
        let id = adoption::begin(&mut tx, self.elsewhere, school, told).await.unwrap();
        tx.commit().await.unwrap();
        id.to_string()
    }

    async fn token(&self, account: AccountId, mark: &str) -> String {
        use commonground::platform::Scope;
        use commonground::sign_in::token::{NewToken, make};
        let mut tx = self.test.db().write(Actor::System("test")).await.unwrap();
        let new = NewToken { name: format!("{mark} token"), scope: Scope::Read, days: 30 };
        let (id, _) = make(&mut tx, account, new).await.unwrap();
        tx.commit().await.unwrap();
        id.to_string()
    }

    /// A session of a school that only its own people may know of, organized by somebody of the school who has a seat in it.
    async fn session(&self, school: SchoolId, staff: AccountId, mark: &str) -> (String, String) {
        let parties = TwoSchools {
            harbor: school,
            millbrook: school,
            paula: staff,
            carl: staff,
            cora: staff,
            pete: staff,
            dina: staff,
            dora: staff,
        };
        let sketch = Sketch { title: format!("{mark} session"), ..Sketch::default() };
        let session = self.test.session(&parties, sketch).await;
        let tx = self.test.db().write(Actor::System("test")).await.unwrap();
        tx.conn()
            .execute_unprepared(&format!("UPDATE session SET visibility = 'invited' WHERE title = '{mark} session'"))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let seat = self.test.seat(session, staff, school, "district", "confirmed").await;
        (session.to_string(), seat.to_string())
    }

    async fn invitation(&self, school: SchoolId, mark: &str) -> String {
        use commonground::mail::Letterhead;
        use commonground::people::invitation::{NewInvitation, invite};
        let head = Letterhead::new(self.test.base.as_str().into(), None).unwrap();
        let unique = ids::fresh().simple().to_string();
        let new = NewInvitation {
            email: format!("{mark}-invited-{}@{mark}.example", &unique[20..]),
            name: format!("{mark} invited"),
            grant: Grant { role: Role::Teacher, place: Place::School(school.0) },
        };
        let mut tx = self.test.db().write(Actor::System("test")).await.unwrap();
        let id = invite(&mut tx, &head, new).await.unwrap();
        tx.commit().await.unwrap();
        id.to_string()
    }

    async fn sign_in(&self, account: AccountId, mark: &str) -> String {
        use commonground::sign_in::visit::{Method, begin, visits_of};
        let mut tx = self.test.db().write(Actor::System("test")).await.unwrap();
        begin(&mut tx, account, Method::Password, false, &format!("{mark} device")).await.unwrap();
        tx.commit().await.unwrap();
        let visits = visits_of(&self.test.db().cx(Actor::System("test")), account).await.unwrap();
        visits.iter().find(|visit| visit.device.starts_with(mark)).unwrap().id.to_string()
    }
}

/// The code of an answer, or `in` where it leads to the sign-in.
fn code(response: &reqwest::Response) -> String {
    let to = response.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or_default();
    if to.starts_with("/sign-in?") { "in".to_owned() } else { response.status().as_u16().to_string() }
}

/// The address of a template for one relation, and whether the relation matters.
fn address(path: &str, things: &BTreeMap<(Kind, Whose), String>, whose: Whose) -> (String, bool) {
    let mut before = "";
    let mut matters = false;
    let mut filled = Vec::new();
    for segment in path.split('/') {
        if segment.starts_with(':') {
            match kind(before, segment, path) {
                Kind::Fixed(value) => filled.push(value.to_owned()),
                kind => {
                    matters = true;
                    filled.push(things[&(kind, whose)].clone());
                }
            }
        } else {
            filled.push(segment.to_owned());
            before = segment;
        }
    }
    (filled.join("/"), matters)
}

/// Routes whose answer says nothing about power: the way in and out.
fn left_out(path: &str) -> bool {
    path.starts_with("/static/") || path == "/metrics"
}

/// What an operation of the API is sent: the example of its description, in which everything it asks for is there.
fn example(document: &Value, method: &str, path: &str) -> Value {
    let path = path.trim_start_matches("/api/v1");
    let described = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .find(|(known, _)| known.trim_start_matches("/api/v1").replace('{', ":").replace('}', "") == path);
    let operation = &described.unwrap_or_else(|| panic!("{path} is not described")).1[method.to_lowercase()];
    let content = operation["requestBody"]["content"].as_object();
    let Some(schema) = content.and_then(|content| content.values().next()).map(|media| &media["schema"]) else {
        return serde_json::json!({});
    };
    let named = schema["$ref"].as_str().or(schema["allOf"][0]["$ref"].as_str()).unwrap_or_default();
    let named = named.rsplit('/').next().unwrap_or_default();
    document["components"]["schemas"][named]["example"].clone()
}

async fn ask(browser: &Browser, test: &TestApp, method: &str, path: &str, body: &Value) -> reqwest::Response {
    let method: Method = method.parse().unwrap();
    let request = test.client.request(method.clone(), browser.url(path)).header("sec-fetch-site", "same-origin");
    let request = if path.starts_with("/api/") {
        request.header("accept", "application/json")
    } else {
        request.header("accept", "text/html")
    };
    let request = match method {
        Method::GET => request,
        _ if path.starts_with("/api/") => request.json(body),
        // The one form that names a person; the others have no such field.
        _ => request.form(&[("account", body.as_str().unwrap_or_default())]),
    };
    browser.send(request).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_has_its_row_and_no_canary_is_seen() {
    let test = TestApp::start(Engine::Sqlite).await;
    let mut theatre = Theatre { test, casts: 0, elsewhere: PracticeId::fresh() };
    let organization = theatre.organization("charter_network", "Elsewhere Network", "Elsewhere").await;
    let origin = theatre.school(organization, "Elsewhere School", "district", "Elsewhere").await;
    let practice = theatre.practice(origin, "Practice from elsewhere").await;
    theatre.elsewhere = catalog::practice(&theatre.test.db().cx(Actor::Visitor), &practice).await.unwrap().id;
    let document = app::openapi();
    let routes = app::route_table(&document);
    let document: Value = serde_json::from_str(&document).unwrap();
    let mut rows: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut seen_by_admin = 0;
    let mut leaks = Vec::new();
    for who in WHO {
        let mut cast = theatre.cast(who).await;
        for route in routes.iter().filter(|route| !left_out(&route.path)) {
            let body = match route.kind {
                "api" if route.method != "GET" => example(&document, &route.method, &route.path),
                _ => Value::from(cast.things[&(Kind::Staff, Whose::Own)].clone()),
            };
            let mut codes = Vec::new();
            for whose in WHOSE {
                let (path, matters) = address(&route.path, &cast.things, whose);
                let answer = ask(&cast.browser, &theatre.test, &route.method, &path, &body).await;
                let got = code(&answer);
                let changed = route.method != "GET" && (answer.status().is_success() || got == "303");
                let body = answer.text().await.unwrap().to_lowercase();
                // What the asker sent comes back in no answer: the address of a thing of the other side is theirs to type.
                if body.contains(CANARY) {
                    if who == "city_admin" {
                        seen_by_admin += 1;
                    } else {
                        leaks.push(format!("{who} {} {path}", route.method));
                    }
                }
                codes.push(got);
                if changed {
                    cast = theatre.cast(who).await;
                }
                if !matters {
                    break;
                }
            }
            let same = codes.iter().all(|code| *code == codes[0]);
            let cell = if same { codes[0].clone() } else { codes.join("/") };
            rows.entry((route.path.clone(), route.method.clone())).or_default().push(cell);
        }
    }
    assert!(leaks.is_empty(), "people of one organization saw what is private to another: {leaks:#?}");
    assert!(seen_by_admin > 0, "the crawl can find a canary");
    compare(&rows);
}

/// `=` for what is the same as on the left.
fn shortened(cells: &[String]) -> Vec<String> {
    let same = |n: usize| n > 0 && cells[n] == cells[n - 1];
    (0..cells.len()).map(|n| if same(n) { "=".to_owned() } else { cells[n].clone() }).collect()
}

const TABLE: &str = "tests/it/permissions.txt";

const HEAD: &str = "\
# Who may do what. One row for each route, one column for each role; made by tests/it/permissions.rs from the router.
#
# A cell is the status of the answer. Four of them with strokes between are: a thing of one's own / of the same
# organization / of another organization / that does not exist. `=` is the same as on the left. `in` leads to the sign-in.
# What changes something is sent with the example of its description, and a form with nothing in it: 422 then says that
# the asker may, and that something is missing or names nothing here; 428 that `If-Match` is missing.
# 401 sign in, 403 not this role, 404 no such thing or none that the asker may know of.
";

/// Compares with the table that somebody has read; writes it where `UPDATE_TABLE` is set.
#[expect(clippy::disallowed_methods, reason = "the one setting of this test")]
fn compare(rows: &BTreeMap<(String, String), Vec<String>>) {
    let mut widths: Vec<usize> = WHO.iter().map(|who| who.len()).collect();
    let rows: BTreeMap<&(String, String), Vec<String>> =
        rows.iter().map(|(route, cells)| (route, shortened(cells))).collect();
    for cells in rows.values() {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = (*width).max(cell.len());
        }
    }
    let longest = rows.keys().map(|(path, _)| path.len()).max().unwrap_or_default() + 8;
    let mut table = HEAD.to_owned();
    let mut line = |first: &str, cells: &[String]| {
        let _ = write!(table, "{first:longest$}");
        for (cell, width) in cells.iter().zip(&widths) {
            let _ = write!(table, " {cell:width$}");
        }
        table.truncate(table.trim_end().len());
        table.push('\n');
    };
    line("", &WHO.map(str::to_owned));
    for ((path, method), cells) in &rows {
        line(&format!("{method:7}{path}"), cells);
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE);
    if std::env::var("UPDATE_TABLE").is_ok() {
        std::fs::write(&file, &table).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let differ: Vec<&str> = table.lines().filter(|line| !kept.lines().any(|kept| kept == *line)).collect();
    assert!(
        kept == table,
        "{TABLE} says otherwise; look at these rows, and write them down with UPDATE_TABLE=1:\n{}",
        differ.join("\n")
    );
}
