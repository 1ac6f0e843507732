//! The administration: who may see it, what it does to people, schools and organizations, and the command line beside it.

use std::process::{Command, Output};

use commonground::ops::{demo, demo_people};
use commonground::people::account::{account, person};
use commonground::people::{AccountId, MembershipState, VerifiedBy, domain, invitation, membership};
use commonground::platform::config::DatabaseUrl;
use commonground::platform::{Actor, Grant, Place, Role, Scope, Via};
use commonground::sign_in::token::{self, NewToken};
use serde_json::{Value, json};

use crate::support::persons::Browser;
use crate::support::{TestApp, both_engines, html, problem};

const SCHOOLS: [&str; 3] = [
    "360000000001,3600001,Harbor Elementary,Harbor District,Rivermark,NY,KG,5,N,CCD,1-Regular school,11-City: Large,300,,",
    "360000000002,3600002,Harbor Charter,Harbor Network,Rivermark,NY,KG,8,Y,CCD,1-Regular school,11-City: Large,200,,",
    "360000000003,3600001,Mill School,Harbor District,Rivermark,NY,6,8,N,CCD,1-Regular school,11-City: Large,400,,",
];

const ELEMENTARY: &str = "harbor-elementary-rivermark-ny";
const CHARTER: &str = "harbor-charter-rivermark-ny";
const MILL: &str = "mill-school-rivermark-ny";

impl TestApp {
    /// An administrator, signed in with a second step.
    async fn administrator(&self, email: &str) -> (AccountId, Browser) {
        let id = self.account(email, "Ada Quill").await;
        self.appoint(id, Role::CityAdmin, Place::Installation).await;
        let browser = self.signed_in(id, true).await;
        (id, browser)
    }

    async fn token(&self, account: AccountId, scope: Scope) -> String {
        let mut tx = self.db().write(Actor::System("test")).await.unwrap();
        let new = NewToken { name: "test".to_owned(), scope, days: 30 };
        let (_, text) = token::make(&mut tx, account, new).await.unwrap();
        tx.commit().await.unwrap();
        text
    }

    async fn grants(&self, account: AccountId) -> Vec<Grant> {
        let cx = self.db().cx(Actor::System("test"));
        let found = membership::memberships_of(&cx, account).await.unwrap();
        found.into_iter().filter(|m| m.state == MembershipState::Current).map(|m| m.grant).collect()
    }

    /// An operation of the API as a program with this token calls it.
    async fn call(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> reqwest::Response {
        let request = self.client.request(method.parse().unwrap(), format!("{}/api/v1{path}", self.base));
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        request.bearer_auth(token).send().await.unwrap()
    }

    /// The command line on this installation, beside its server.
    fn command(&self, arguments: &[&str]) -> Output {
        let url = match &self.database.url {
            DatabaseUrl::Postgres(url) => url.clone(),
            file => file.to_string(),
        };
        let data = &self.app.config.data;
        let mut command = Command::new(env!("CARGO_BIN_EXE_commonground"));
        command.args(arguments).arg("--data").arg(data).current_dir(data).env_clear();
        command.env("COMMONGROUND_DATABASE_URL", url).env("COMMONGROUND_SECRET", &"5ec2e7".repeat(11)[..64]);
        command.output().unwrap()
    }
}

async fn body(response: reqwest::Response, status: u16) -> Value {
    let got = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(got, status, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// The page that a refused form is shown on again.
async fn again(response: reqwest::Response) -> String {
    let status = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(status, 422, "{text}");
    text
}

both_engines! {
    /// Everybody else is refused before anything is looked up: the same for what is there and what is not.
    async fn only_administrators_see_the_administration(test: TestApp) {
        test.import_schools(&SCHOOLS).await;
        let (ada, admin) = test.administrator("ada@example.org").await;
        let school = test.school(ELEMENTARY).await;
        let Place::School(school_id) = school else { panic!("a school") };
        let teacher = test.account("tomas@example.org", "Tomas Teacher").await;
        test.appoint(teacher, Role::Principal, school).await;
        let browsers = [test.signed_in(teacher, true).await, test.signed_in(ada, false).await];
        let nothing = AccountId::fresh();
        let pages = [
            "/admin".to_owned(),
            "/admin/people".to_owned(),
            format!("/admin/people/{ada}"),
            "/admin/invitations".to_owned(),
            "/admin/domains".to_owned(),
            "/admin/schools".to_owned(),
            "/admin/schools/new".to_owned(),
            format!("/admin/schools/{school_id}"),
            format!("/admin/schools/{school_id}/merger"),
            "/admin/organizations".to_owned(),
        ];
        for page in &pages {
            assert!(admin.page(page).await.contains("aria-label=\"Administration\""), "{page}");
            let visitor = test.browser().get(page).await;
            assert_eq!(visitor.status(), 303, "{page}");
            assert!(visitor.headers()["location"].to_str().unwrap().starts_with("/sign-in"), "{page}");
            for browser in &browsers {
                let refusal = browser.get(page).await;
                assert_eq!(refusal.status(), 403, "{page}");
                let text = refusal.text().await.unwrap();
                assert!(!text.contains("example.org") && !text.contains("Harbor"), "{page}: {text}");
            }
        }
        let posts = [
            format!("/admin/people/{ada}/roles"),
            format!("/admin/people/{ada}/roles/{nothing}/ending"),
            format!("/admin/people/{ada}/deactivation"),
            format!("/admin/people/{ada}/reactivation"),
            format!("/admin/people/{nothing}/deactivation"),
            "/admin/invitations".to_owned(),
            format!("/admin/invitations/{nothing}/withdrawal"),
            "/admin/domains".to_owned(),
            "/admin/domains/harbor.example/removal".to_owned(),
            "/admin/schools".to_owned(),
            format!("/admin/schools/{school_id}"),
            format!("/admin/schools/{school_id}/closure"),
            format!("/admin/schools/{school_id}/reopening"),
            format!("/admin/schools/{nothing}/merger"),
            "/admin/organizations".to_owned(),
        ];
        for post in &posts {
            let fields = [("role", "teacher"), ("place", ELEMENTARY), ("closed_on", "2026-01-01"), ("name", "X")];
            assert_eq!(test.browser().post(post, &fields).await.status(), 401, "{post}");
            for browser in &browsers {
                assert_eq!(browser.post(post, &fields).await.status(), 403, "{post}");
            }
        }
        assert!(test.json(&format!("/api/v1/schools/{ELEMENTARY}")).await.get("closed_on").is_none());
        // The API, with tokens whose scope or owner does not reach it.
        let tokens = [test.token(teacher, Scope::Write).await, test.token(ada, Scope::Write).await];
        for token in &tokens {
            for path in ["/people".to_owned(), format!("/people/{ada}"), format!("/people/{nothing}")] {
                problem(test.call(token, "GET", &path, None).await, 403).await;
            }
            problem(test.call(token, "POST", "/schools", Some(json!({"name": "New School"}))).await, 403).await;
            problem(test.call(token, "POST", &format!("/people/{ada}/deactivation"), None).await, 403).await;
        }
        problem(test.get("/api/v1/people").await, 401).await;
        assert!(admin.page("/admin").await.contains("Administration"), "the control: nothing was closed");
    }
}

both_engines! {
    async fn people_are_found_by_name_address_role_and_state(test: TestApp) {
        test.import_schools(&SCHOOLS).await;
        let (ada, admin) = test.administrator("ada@example.org").await;
        let school = test.school(ELEMENTARY).await;
        for number in 0..55 {
            let id = test.account(&format!("p{number:02}@harbor.example"), &format!("Person {number:02}")).await;
            if number < 3 {
                test.appoint(id, Role::Teacher, school).await;
            }
        }
        let odd = test.account("percent@example.org", "100%_Sure").await;
        let names = |page: &str| -> Vec<String> {
            let rows = page.split("<th scope=\"row\">").skip(1);
            rows.map(|row| html::text(row.split("</th>").next().unwrap())).collect()
        };
        let first = admin.page("/admin/people").await;
        assert!(html::text(&first).contains("57 people"));
        assert_eq!(names(&first).len(), 50);
        let next = first.split("rel=\"next\"").next().unwrap().rsplit("href=\"").next().unwrap();
        let next = html::decode(next.split('"').next().unwrap());
        let second = admin.page(&next).await;
        assert_eq!(names(&second), ["Person 48", "Person 49", "Person 50", "Person 51", "Person 52", "Person 53", "Person 54"]);
        assert_eq!(names(&admin.page("/admin/people?q=PERSON+07").await), ["Person 07"]);
        assert_eq!(names(&admin.page("/admin/people?q=P11@Harbor").await), ["Person 11"]);
        assert_eq!(names(&admin.page("/admin/people?q=%25_").await), ["100%_Sure"], "signs of LIKE are signs");
        assert_eq!(names(&admin.page("/admin/people?role=teacher").await), ["Person 00", "Person 01", "Person 02"]);
        assert_eq!(names(&admin.page("/admin/people?role=city_admin").await), ["Ada Quill"]);
        let closed = admin.post_on(&format!("/admin/people/{odd}/deactivation"), &[]).await;
        assert!(admin.page(&closed).await.contains("The account is closed"));
        assert_eq!(names(&admin.page("/admin/people?state=deactivated").await), ["100%_Sure"]);
        assert!(admin.page("/admin/people?q=nobody+here").await.contains("Nobody has that"));
        // As many statements for fifty as for three.
        // The least of several: what works in the background is counted too, now and then.
        let cost = async |path: &str| {
            let mut least = u64::MAX;
            for _ in 0..6 {
                let before = test.db().statements();
                admin.page(path).await;
                least = least.min(test.db().statements() - before);
            }
            least
        };
        let few = cost("/admin/people?role=teacher").await;
        let many = cost("/admin/people").await;
        assert!(few > 3 && many <= few + 1, "{few} and {many}");
        assert!(cost(&format!("/admin/people/{ada}")).await <= few + 2);
    }
}

both_engines! {
    /// A role is given by the name of a place; where a name means several, the page asks which.
    async fn roles_are_given_and_ended(test: TestApp) {
        test.import_schools(&SCHOOLS).await;
        let (_, admin) = test.administrator("ada@example.org").await;
        let kit = test.account("kit@example.org", "Kit Quill").await;
        let page = format!("/admin/people/{kit}");
        let give = format!("{page}/roles");
        let asked = again(admin.post(&give, &[("role", "principal"), ("place", "harbor")]).await).await;
        assert!(asked.contains("choose which") && asked.contains("Harbor Charter (Rivermark, NY)"), "{asked}");
        let none = again(admin.post(&give, &[("role", "principal"), ("place", "Atlantis")]).await).await;
        assert!(none.contains("is called like that") && none.contains("value=\"Atlantis\""));
        let wrong = again(admin.post(&give, &[("role", "mayor"), ("place", ELEMENTARY)]).await).await;
        assert!(wrong.contains("cannot be held there"));
        again(admin.post(&give, &[("role", "king"), ("place", ELEMENTARY)]).await).await;
        assert_eq!(test.grants(kit).await, []);
        let school = test.school(ELEMENTARY).await;
        for place in ["Harbor Elementary", "harbor elementary", "360000000001"] {
            let to = admin.post_on(&give, &[("role", "principal"), ("place", place)]).await;
            assert!(admin.page(&to).await.contains("Harbor Elementary"));
        }
        assert_eq!(test.grants(kit).await, [Grant { role: Role::Principal, place: school }], "once");
        let browser = test.signed_in(kit, false).await;
        assert_eq!(browser.get(&format!("/schools/{ELEMENTARY}/staff")).await.status(), 200, "with the next request");
        let shown = admin.page(&page).await;
        let end = shown.split("/ending\"").next().unwrap().rsplit("action=\"").next().unwrap();
        admin.post_on(&format!("{end}/ending"), &[]).await;
        assert_eq!(test.grants(kit).await, []);
        assert_ne!(browser.get(&format!("/schools/{ELEMENTARY}/staff")).await.status(), 200, "and gone with the next");
        // An editor needs no place.
        admin.post_on(&give, &[("role", "editor"), ("place", "")]).await;
        assert_eq!(test.grants(kit).await, [Grant { role: Role::Editor, place: Place::Installation }]);
        // A role of somebody else is not found under this name.
        let (other, _) = test.administrator("other@example.org").await;
        let cx = test.db().cx(Actor::System("test"));
        let theirs = membership::memberships_of(&cx, other).await.unwrap()[0].id;
        assert_eq!(admin.post(&format!("{page}/roles/{theirs}/ending"), &[]).await.status(), 404);
    }
}

both_engines! {
    /// A3: the cookie and the token of a closed account are refused with the next request, and stay refused.
    async fn a_closed_account_is_out_at_once(test: TestApp) {
        let (_, admin) = test.administrator("ada@example.org").await;
        let kit = test.account("kit@example.org", "Kit Quill").await;
        let browser = test.signed_in(kit, false).await;
        let token = test.token(kit, Scope::Read).await;
        assert!(browser.page("/about").await.contains("Kit Quill"));
        assert_eq!(test.call(&token, "GET", "/schools", None).await.status(), 200);
        let to = admin.post_on(&format!("/admin/people/{kit}/deactivation"), &[]).await;
        assert!(admin.page(&to).await.contains("Open the account again"));
        assert!(!browser.page("/about").await.contains("Kit Quill"));
        assert_eq!(test.call(&token, "GET", "/schools", None).await.status(), 401);
        let refused = again(admin.post(&format!("/admin/people/{kit}/roles"), &[("role", "editor")]).await).await;
        assert!(refused.contains("This account is closed"));
        // Opened again, what was made before stays dead, and new sign-ins hold.
        test.clock.set(test.clock.now() + chrono::TimeDelta::minutes(1));
        admin.post_on(&format!("/admin/people/{kit}/reactivation"), &[]).await;
        assert!(!browser.page("/about").await.contains("Kit Quill"));
        assert_eq!(test.call(&token, "GET", "/schools", None).await.status(), 401);
        assert!(test.signed_in(kit, false).await.page("/about").await.contains("Kit Quill"));
        let anew = test.token(kit, Scope::Read).await;
        assert_eq!(test.call(&anew, "GET", "/schools", None).await.status(), 200);
        let shown = admin.page(&format!("/admin/people/{kit}")).await;
        assert!(!shown.contains(&token) && !shown.contains(&anew) && !shown.contains("cg_"));
        let cx = test.db().cx(Actor::System("test"));
        let via = Via::Token(kit.0);
        assert!(person(&cx, kit, via, cx.now(), Scope::Read, false).await.unwrap().is_some(), "the control");
    }
}

both_engines! {
    async fn the_last_administrator_stays(test: TestApp) {
        let (ada, admin) = test.administrator("ada@example.org").await;
        let own = again(admin.post(&format!("/admin/people/{ada}/deactivation"), &[]).await).await;
        assert!(own.contains("your own account"), "{own}");
        let role = async |id: AccountId| {
            let cx = test.db().cx(Actor::System("test"));
            membership::memberships_of(&cx, id).await.unwrap().remove(0).id
        };
        let ending = format!("/admin/people/{ada}/roles/{}/ending", role(ada).await);
        let last = again(admin.post(&ending, &[]).await).await;
        assert!(last.contains("the last city administrator"), "{last}");
        // Two who close each other's accounts at the same moment: one of them stays.
        let (bea, other) = test.administrator("bea@example.org").await;
        let (one, two) = (format!("/admin/people/{bea}/deactivation"), format!("/admin/people/{ada}/deactivation"));
        let (one, two) = tokio::join!(admin.post(&one, &[]), other.post(&two, &[]));
        let mut said = [one.status().as_u16(), two.status().as_u16()];
        said.sort_unstable();
        assert!(said[0] == 303 && said[1] >= 400, "{said:?}");
        let cx = test.db().cx(Actor::System("test"));
        let mut active = 0;
        for id in [ada, bea] {
            active += usize::from(account(&cx, id).await.unwrap().state.code() == "active");
        }
        assert_eq!(active, 1);
    }
}

both_engines! {
    async fn invitations_and_domains_are_looked_after(test: TestApp) {
        test.import_schools(&SCHOOLS).await;
        let (_, admin) = test.administrator("ada@example.org").await;
        let fields = [("email", "kit@example.org"), ("name", "Kit Quill"), ("role", "principal"), ("place", "Mill School")];
        let wrong = again(admin.post("/admin/invitations", &[("email", "kit"), ("name", "Kit"), fields[2], fields[3]]).await);
        let wrong = wrong.await;
        assert!(wrong.contains("value=\"kit\"") && wrong.contains("value=\"Mill School\""), "what was typed stays");
        let to = admin.post_on("/admin/invitations", &fields).await;
        let page = admin.page(&to).await;
        assert!(html::text(&page).contains("Kit Quill, kit@example.org Principal Mill School"), "{}", html::text(&page));
        assert_eq!(test.letters("kit@example.org").await.len(), 1);
        let withdraw = page.split("/withdrawal\"").next().unwrap().rsplit("action=\"").next().unwrap();
        admin.post_on(&format!("{withdraw}/withdrawal"), &[]).await;
        assert!(admin.page("/admin/invitations").await.contains("None is open"));
        let public = again(admin.post("/admin/domains", &[("domain", "gmail.com"), ("place", "Mill School")]).await).await;
        assert!(public.contains("value=\"gmail.com\""));
        let to = admin.post_on("/admin/domains", &[("domain", "@Mill.Example"), ("place", "Mill School")]).await;
        assert!(html::text(&admin.page(&to).await).contains("mill.example Mill School"));
        assert!(html::text(&admin.page("/admin").await).contains("Email domains 1"));
        admin.post_on("/admin/domains/mill.example/removal", &[]).await;
        assert!(admin.page("/admin/domains").await.contains("None yet"));
    }
}

both_engines! {
    async fn schools_are_added_and_changed(test: TestApp) {
        test.import_schools(&SCHOOLS).await;
        let (_, admin) = test.administrator("ada@example.org").await;
        admin.page("/admin/schools/new").await;
        let wrong = [("name", "Lantern Hill Academy"), ("grades", "9-2"), ("students", "many"), ("organization", "Atlantis")];
        let page = again(admin.post("/admin/schools", &wrong).await).await;
        for said in ["like PK-5", "whole number", "No organization is called", "value=\"many\"", "value=\"9-2\""] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let long = "x".repeat(81);
        let page = again(admin.post("/admin/schools", &[("name", ""), ("city", &long), ("state", "ny")]).await).await;
        for said in ["Give a name", "up to 80 characters", "two capital letters"] {
            assert!(page.contains(said), "{said}");
        }
        let fields = [
            ("name", "Lantern Hill Academy"), ("sector", "charter"), ("organization", "harbor network"),
            ("city", "Rivermark"), ("grades", "K-8"), ("students", "1,340"), ("share_mll", "10_24"),
        ];
        let to = admin.post_on("/admin/schools", &fields).await;
        let page = admin.page(&to).await;
        assert!(page.contains("The school is added.") && page.contains("value=\"1340\"") && page.contains("value=\"K-8\""));
        let school = test.json("/api/v1/schools/lantern-hill-academy").await;
        assert_eq!(school["organization"]["name"], "Harbor Network");
        assert_eq!(school["shares"], json!([{"group": "mll", "band": "10_24"}]));
        // Changed: the address stays, the search follows.
        let at = to.split('?').next().unwrap().to_owned();
        let seen = |page: &str| page.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let old = seen(&page);
        let mut change: Vec<(&str, &str)> = fields.to_vec();
        change[0] = ("name", "Beacon Academy");
        change.push(("seen", &old));
        test.clock.set(test.clock.now() + chrono::TimeDelta::minutes(1));
        let to = admin.post_on(&at, &change).await;
        assert!(admin.page(&to).await.contains("The change is saved."));
        test.settle().await;
        assert!(test.page("/schools?q=beacon").await.contains("/schools/lantern-hill-academy"));
        // Somebody else had it open.
        change[0] = ("name", "Lighthouse Academy");
        let stale = again(admin.post(&at, &change).await).await;
        assert!(stale.contains("Somebody changed it in the meantime") && stale.contains("value=\"Lighthouse Academy\""));
        assert_eq!(test.json("/api/v1/schools/lantern-hill-academy").await["name"], "Beacon Academy");
        // A sector from the file gives way to the administrator's, also when the file comes again.
        let id = test.json(&format!("/api/v1/schools/{MILL}")).await["id"].as_str().unwrap().to_owned();
        let at = format!("/admin/schools/{id}");
        let seen = seen(&admin.page(&at).await);
        let mill = [("name", "Mill School"), ("sector", "other_public"), ("city", "Rivermark"), ("state", "NY"),
            ("organization", "Harbor District"), ("grades", "6-8"), ("students", "400"), ("seen", &seen)];
        admin.post_on(&at, &mill).await;
        assert_eq!(test.import_schools(&SCHOOLS).await.changed, 1, "its kind comes back, which the form left empty");
        assert_eq!(test.json(&format!("/api/v1/schools/{MILL}")).await["sector"], "other_public");
        let found = admin.page("/admin/schools?q=HARBOR").await;
        assert!(html::text(&found).contains("2 schools"));
        assert!(html::text(&admin.page("/admin/schools?q=360000000003").await).contains("1 school"));
        // Organizations.
        let bad = again(admin.post("/admin/organizations", &[("name", ""), ("kind", "other")]).await).await;
        assert!(bad.contains("Give a name"));
        let to = admin.post_on("/admin/organizations", &[("name", "Mayor's Office"), ("kind", "city_office")]).await;
        assert!(html::text(&admin.page(&to).await).contains("Mayor's Office City office"));
    }
}

both_engines! {
    async fn a_closed_school_stays_readable_and_takes_nobody_in(test: TestApp) {
        test.import_schools(&SCHOOLS).await;
        let (_, admin) = test.administrator("ada@example.org").await;
        let Place::School(id) = test.school(MILL).await else { panic!("a school") };
        let at = format!("/admin/schools/{id}");
        for day in ["2026-10-15", "soon", ""] {
            let page = again(admin.post(&format!("{at}/closure"), &[("closed_on", day)]).await).await;
            assert!(page.contains("field--wrong"), "{day}");
        }
        let to = admin.post_on(&format!("{at}/closure"), &[("closed_on", "2026-06-30")]).await;
        assert!(admin.page(&to).await.contains("June 30, 2026"));
        let page = test.page(&format!("/schools/{MILL}")).await;
        assert!(page.contains("Closed on June 30, 2026"), "{page}");
        assert_eq!(test.json(&format!("/api/v1/schools/{MILL}")).await["closed_on"], "2026-06-30");
        test.settle().await;
        assert!(test.page("/schools?q=mill").await.contains("(closed)"), "it stays in the search and says so");
        let kit = test.account("kit@example.org", "Kit Quill").await;
        let refused = again(
            admin.post(&format!("/admin/people/{kit}/roles"), &[("role", "teacher"), ("place", MILL)]).await,
        )
        .await;
        assert!(refused.contains("closed or became part of another"));
        admin.post_on(&format!("{at}/reopening"), &[]).await;
        assert!(!test.page(&format!("/schools/{MILL}")).await.contains("Closed on"));
        test.settle().await;
        assert!(!test.page("/schools?q=mill").await.contains("(closed)"));
        test.verify().await;
    }
}

both_engines! {
    /// The school that stays stands for the other everywhere, without a row rewritten.
    async fn a_merged_school_is_the_other_one_everywhere(test: TestApp) {
        test.import_schools(&SCHOOLS).await;
        let practice = |source: &str, title: &str, school: &str| {
            json!({"source": source, "title": title, "origin_school": school, "topics": ["sel"]})
        };
        test.import(&[
            practice("t:1", "Marble jar", ELEMENTARY),
            practice("t:2", "Number talks", CHARTER),
            practice("t:3", "Quiet corner", MILL),
        ])
        .await;
        let (_, admin) = test.administrator("ada@example.org").await;
        let places = [test.school(ELEMENTARY).await, test.school(CHARTER).await, test.school(MILL).await];
        let id = |at: usize| match places[at] {
            Place::School(id) => id,
            _ => panic!("a school"),
        };
        let kit = test.account("kit@example.org", "Kit Quill").await;
        test.appoint(kit, Role::Teacher, places[0]).await;
        let both = test.account("both@example.org", "Bo Both").await;
        test.appoint(both, Role::Teacher, places[0]).await;
        test.appoint(both, Role::Teacher, places[1]).await;
        test.appoint(both, Role::Principal, places[0]).await;
        admin.post_on("/admin/domains", &[("domain", "harbor.example"), ("place", ELEMENTARY)]).await;
        let invite = [("email", "new@example.org"), ("name", "Nell New"), ("role", "teacher"), ("place", ELEMENTARY)];
        admin.post_on("/admin/invitations", &invite).await;
        // First the page that says what will happen; it changes nothing.
        let merger = format!("/admin/schools/{}/merger", id(0));
        let page = admin.page(&format!("{merger}?into=Harbor+Charter")).await;
        assert!(page.contains("This cannot be undone") && page.contains(&format!("value=\"school:{}\" checked", id(1))));
        assert!(admin.page(&format!("{merger}?into=Harbor+Elementary")).await.contains("No other school"));
        assert_eq!(test.get(&format!("/schools/{ELEMENTARY}")).await.status(), 200);
        let into = |school: uuid::Uuid| format!("school:{school}");
        assert!(again(admin.post(&merger, &[("into", &into(id(0)))]).await).await.contains("part of itself"));
        let to = admin.post_on(&merger, &[("into", &into(id(1)))]).await;
        assert!(admin.page(&to).await.contains("The schools are one now."));
        // The address leads on; facts and lists are those of the school that stays.
        for reference in [ELEMENTARY.to_owned(), id(0).to_string(), "360000000001".to_owned()] {
            let moved = test.get(&format!("/schools/{reference}")).await;
            assert_eq!(moved.status(), 301, "{reference}");
            assert_eq!(moved.headers()["location"], format!("/schools/{CHARTER}"));
            assert_eq!(test.json(&format!("/api/v1/schools/{reference}")).await["id"], id(1).to_string());
        }
        let page = test.page(&format!("/schools/{CHARTER}")).await;
        assert!(page.contains("Marble jar") && page.contains("Number talks") && !page.contains("Quiet corner"));
        assert_eq!(test.json("/api/v1/practices/marble-jar").await["school"]["name"], "Harbor Charter");
        test.settle().await;
        let found = test.json(&format!("/api/v1/practices?school={CHARTER}")).await;
        assert_eq!(found["total"], 2, "{found}");
        let found = test.json("/api/v1/schools?q=harbor").await;
        // The third one is found by its district.
        let mut slugs = crate::support::texts(&found["items"], "slug");
        slugs.sort_unstable();
        assert_eq!(slugs, [CHARTER, MILL]);
        test.verify().await;
        // People: one role each, ended there and begun here.
        let teacher = Grant { role: Role::Teacher, place: places[1] };
        assert_eq!(test.grants(kit).await, [teacher]);
        let mut grants = test.grants(both).await;
        grants.sort();
        assert_eq!(grants, [teacher, Grant { role: Role::Principal, place: places[1] }]);
        let cx = test.db().cx(Actor::System("test"));
        let history = membership::memberships_of(&cx, kit).await.unwrap();
        assert_eq!(history.len(), 2);
        assert_eq!((history[0].state, history[0].grant.place), (MembershipState::Ended, places[0]));
        assert_eq!(history[1].verified_by, VerifiedBy::Admin);
        assert!(html::text(&admin.page("/admin/domains").await).contains("harbor.example Harbor Charter"));
        assert!(html::text(&admin.page("/admin/invitations").await).contains("Teacher or staff Harbor Charter"));
        let domains = domain::list(&cx, Some(places[1])).await.unwrap();
        assert_eq!(domains.iter().map(|found| found.domain.as_str()).collect::<Vec<_>>(), ["harbor.example"]);
        assert_eq!(invitation::list(&cx, Some(places[1])).await.unwrap().len(), 1);
        // Twice is as good as once; chains are refused where they would begin, and resolved where they end.
        admin.post_on(&merger, &[("into", &into(id(1)))]).await;
        assert!(again(admin.post(&merger, &[("into", &into(id(2)))]).await).await.contains("became part of another one"));
        let back = format!("/admin/schools/{}/merger", id(1));
        assert!(again(admin.post(&back, &[("into", &into(id(0)))]).await).await.contains("third one"), "no circle");
        admin.post_on(&back, &[("into", &into(id(2)))]).await;
        let moved = test.get(&format!("/schools/{ELEMENTARY}")).await;
        assert_eq!(moved.headers()["location"], format!("/schools/{MILL}"), "one step, however long the chain");
        let page = test.page(&format!("/schools/{MILL}")).await;
        assert!(page.contains("Marble jar") && page.contains("Number talks") && page.contains("Quiet corner"));
        assert_eq!(test.grants(kit).await, [Grant { role: Role::Teacher, place: places[2] }]);
        // A file that still names the first one means the last.
        test.import(&[practice("t:4", "Marigold hour", ELEMENTARY)]).await;
        assert_eq!(test.json("/api/v1/practices/marigold-hour").await["school"]["name"], "Mill School");
        // What the last one is called from now on, all its practices say.
        let seen = admin.page(&format!("/admin/schools/{}", id(2))).await;
        let seen = seen.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        admin.post_on(&format!("/admin/schools/{}", id(2)), &[("name", "Union School"), ("seen", &seen)]).await;
        test.settle().await;
        let found = test.json("/api/v1/practices?q=marble").await;
        assert_eq!(found["items"][0]["school"]["name"], "Union School");
        test.verify().await;
        let list = html::text(&admin.page("/admin/schools?q=harbor").await);
        assert!(list.contains("Part of another school"), "{list}");
        assert!(admin.page(&format!("/admin/schools/{}", id(0))).await.contains("Union School"));
    }
}

both_engines! {
    /// Two mergers in opposite directions at the same moment make no circle.
    async fn mergers_at_once_make_no_circle(test: TestApp) {
        test.import_schools(&SCHOOLS).await;
        let (ada, _) = test.administrator("ada@example.org").await;
        let token = test.token(ada, Scope::Admin).await;
        let merge = async |from: &str, into: &str| {
            let path = format!("/schools/{from}/merger");
            test.call(&token, "POST", &path, Some(json!({ "into": into }))).await.status().as_u16()
        };
        let (one, two) = tokio::join!(merge(ELEMENTARY, CHARTER), merge(CHARTER, ELEMENTARY));
        let mut said = [one, two];
        said.sort_unstable();
        assert!(said[0] == 200 && said[1] >= 400, "{said:?}");
        let left = [ELEMENTARY, CHARTER].map(|slug| test.get_slug(slug));
        let [one, two] = left;
        assert_eq!(one.await, two.await, "both names lead to the same school");
    }
}

impl TestApp {
    async fn get_slug(&self, slug: &str) -> String {
        self.json(&format!("/api/v1/schools/{slug}")).await["slug"].as_str().unwrap().to_owned()
    }
}

both_engines! {
    async fn the_api_does_what_the_pages_do(test: TestApp) {
        test.import_schools(&SCHOOLS).await;
        let (ada, _) = test.administrator("ada@example.org").await;
        let token = test.token(ada, Scope::Admin).await;
        let kit = test.account("kit@example.org", "Kit Quill").await;
        // People.
        let list = body(test.call(&token, "GET", "/people?limit=1", None).await, 200).await;
        assert_eq!((list["total"].as_u64(), list["items"][0]["name"].as_str()), (Some(2), Some("Ada Quill")));
        let next = list["next"].as_str().unwrap();
        let list = body(test.call(&token, "GET", &format!("/people?limit=1&cursor={next}"), None).await, 200).await;
        assert_eq!(list["items"][0]["email"], "kit@example.org");
        assert!(list.get("next").is_none());
        problem(test.call(&token, "GET", "/people?cursor=x", None).await, 400).await;
        problem(test.call(&token, "GET", &format!("/people/{}", AccountId::fresh()), None).await, 404).await;
        let school = test.json(&format!("/api/v1/schools/{ELEMENTARY}")).await["id"].as_str().unwrap().to_owned();
        let place = json!({ "kind": "school", "id": school });
        let role = json!({ "role": "principal", "place": place });
        let held = body(test.call(&token, "POST", &format!("/people/{kit}/roles"), Some(role)).await, 201).await;
        assert_eq!((held["role"].as_str(), held["place"]["name"].as_str()), (Some("principal"), Some("Harbor Elementary")));
        let bad = json!({ "role": "editor", "place": { "kind": "school", "id": school } });
        problem(test.call(&token, "POST", &format!("/people/{kit}/roles"), Some(bad)).await, 422).await;
        let person = body(test.call(&token, "GET", &format!("/people/{kit}"), None).await, 200).await;
        assert_eq!(person["roles"].as_array().unwrap().len(), 1);
        let end = format!("/people/{kit}/roles/{}", held["id"].as_str().unwrap());
        assert_eq!(test.call(&token, "DELETE", &end, None).await.status(), 204);
        assert_eq!(test.call(&token, "DELETE", &end, None).await.status(), 204, "ended twice is as good as once");
        assert_eq!(test.grants(kit).await, []);
        let closed = body(test.call(&token, "POST", &format!("/people/{kit}/deactivation"), None).await, 200).await;
        assert_eq!(closed["state"], "deactivated");
        let open = body(test.call(&token, "DELETE", &format!("/people/{kit}/deactivation"), None).await, 200).await;
        assert_eq!(open["state"], "active");
        problem(test.call(&token, "POST", &format!("/people/{ada}/deactivation"), None).await, 409).await;
        // Organizations and schools.
        let new = json!({ "kind": "charter_network", "name": "Harbor Lights" });
        let network = body(test.call(&token, "POST", "/organizations", Some(new)).await, 201).await;
        let new = json!({ "name": "Lantern Hill Academy", "sector": "charter", "organization": network["id"],
            "grades": { "low": "K", "high": "8" }, "shares": [{ "group": "mll", "band": "10_24" }] });
        let made = body(test.call(&token, "POST", "/schools", Some(new)).await, 201).await;
        assert_eq!((made["slug"].as_str(), made["organization"]["name"].as_str()), (Some("lantern-hill-academy"), Some("Harbor Lights")));
        let bad = json!({ "name": "", "sector": "none", "grades": { "low": "8", "high": "K" }, "shares": [{ "group": "x", "band": "y" }] });
        let refused = problem(test.call(&token, "POST", "/schools", Some(bad)).await, 422).await;
        assert_eq!(refused["errors"].as_array().unwrap().len(), 2, "what cannot be read comes first: {refused}");
        let path = "/schools/lantern-hill-academy";
        let patch = async |tag: Option<&str>, change: Value| {
            let request = test.client.patch(format!("{}/api/v1{path}", test.base)).bearer_auth(&token).json(&change);
            match tag {
                Some(tag) => request.header("if-match", tag),
                None => request,
            }
            .send()
            .await
            .unwrap()
        };
        let tag = test.get(&format!("/api/v1{path}")).await.headers()["etag"].to_str().unwrap().to_owned();
        problem(patch(None, json!({ "students": 340 })).await, 428).await;
        let changed = patch(Some(&tag), json!({ "students": 340, "sector": null })).await;
        let fresh = changed.headers()["etag"].to_str().unwrap().to_owned();
        let changed = body(changed, 200).await;
        assert_eq!((changed["students"].as_u64(), changed.get("sector")), (Some(340), None));
        assert_eq!((changed["grades"]["low"].as_str(), changed["organization"]["name"].as_str()), (Some("K"), Some("Harbor Lights")));
        problem(patch(Some(&tag), json!({ "students": 1 })).await, 412).await;
        body(patch(Some(&fresh), json!({ "name": "Beacon Academy" })).await, 200).await;
        let day = json!({ "closed_on": "2026-06-30" });
        let closed = body(test.call(&token, "POST", &format!("{path}/closure"), Some(day)).await, 200).await;
        assert_eq!(closed["closed_on"], "2026-06-30");
        let open = body(test.call(&token, "DELETE", &format!("{path}/closure"), None).await, 200).await;
        assert!(open.get("closed_on").is_none());
        problem(test.call(&token, "POST", &format!("{path}/merger"), Some(json!({ "into": "nowhere" }))).await, 422).await;
        let whole = body(test.call(&token, "POST", &format!("{path}/merger"), Some(json!({ "into": CHARTER }))).await, 200);
        assert_eq!(whole.await["name"], "Harbor Charter");
    }
}

both_engines! {
    /// The first administrator comes in from the command line, beside the running server.
    async fn the_command_line_lets_people_in(test: TestApp) {
        test.import_schools(&SCHOOLS).await;
        let said = |output: &Output| String::from_utf8(output.stdout.clone()).unwrap();
        let refused = |arguments: &[&str]| {
            let output = test.command(arguments);
            assert_eq!((output.status.code(), said(&output)), (Some(1), String::new()), "{arguments:?}");
            String::from_utf8(output.stderr).unwrap()
        };
        assert!(refused(&["admin", "create", "--email", "ada"]).contains("full email address"));
        assert!(refused(&["admin", "create", "--email", "ada@example.org", "--role", "king"]).contains("city_admin"));
        let nowhere = refused(&["admin", "create", "--email", "ada@example.org", "--role", "principal"]);
        assert!(nowhere.contains("--school"));
        let several = refused(&["admin", "create", "--email", "a@example.org", "--role", "principal", "--school", "harbor"]);
        assert!(several.contains(CHARTER), "{several}");
        assert!(refused(&["admin", "token", "--email", "ada@example.org"]).contains("No account"));
        let output = test.command(&["admin", "create", "--email", "Ada@Example.org", "--name", "Ada Quill"]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let link = said(&output).lines().find(|line| line.contains("/sign-in/link/")).unwrap().to_owned();
        let path = link.split_once("/sign-in").map(|(_, rest)| format!("/sign-in{rest}")).unwrap();
        let browser = test.browser();
        assert!(browser.page(&path).await.contains("Ada Quill"), "a link is looked at first");
        let entered = browser.post(&path, &[]).await;
        assert_eq!(entered.status(), 303);
        assert!(browser.page("/about").await.contains("Ada Quill"));
        assert_ne!(test.browser().post(&path, &[]).await.status(), 303, "once");
        let made = test.command(&["admin", "token", "--email", "ada@example.org", "--scope", "admin", "--days", "7"]);
        let token = said(&made).trim_end().to_owned();
        assert_eq!((made.status.code(), token.lines().count()), (Some(0), 1));
        let list = body(test.call(&token, "GET", "/people", None).await, 200).await;
        assert_eq!(list["items"][0]["email"], "ada@example.org");
        let output = test.command(&["admin", "create", "--email", "pia@example.org", "--role", "principal", "--school", MILL]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let list = body(test.call(&token, "GET", "/people?role=principal", None).await, 200).await;
        assert_eq!(list["items"][0]["roles"][0]["place"]["name"], "Mill School");
        assert!(refused(&["admin", "token", "--email", "ada@example.org", "--scope", "all"]).contains("read, write or admin"));
        assert!(refused(&["admin", "token", "--email", "ada@example.org", "--days", "0"]).contains("1 to 366"));
    }
}

both_engines! {
    async fn the_demo_has_people_for_every_role(test: TestApp) {
        demo::seed(&test.app).await.unwrap();
        let people = demo_people::seed_people(&test.app).await.unwrap();
        let roles: Vec<&str> = people.iter().map(|person| person.role).collect();
        for role in ["teacher", "teacher_district", "principal_charter", "principal_district", "editor",
            "compact_owner", "mayor", "city_admin"]
        {
            assert!(roles.contains(&role), "{role}");
        }
        let status = async |token: &str| test.call(token, "GET", "/people", None).await.status().as_u16();
        for person in &people {
            assert!(person.email.ends_with("@example.org"));
            let wanted = if person.role == "city_admin" { 200 } else { 403 };
            assert_eq!(status(&person.token).await, wanted, "{}", person.role);
            assert_eq!(person.totp_secret.is_some(), ["editor", "city_admin"].contains(&person.role), "{}", person.role);
        }
        let teacher = people.iter().find(|person| person.role == "teacher").unwrap();
        assert_eq!(teacher.school.as_deref(), Some("quillwater-charter-school"));
        let browser = test.browser();
        let fields = [("email", teacher.email.as_str()), ("password", teacher.password.as_str())];
        assert_eq!(browser.post_on("/sign-in", &fields).await, "/", "and to no first-visit page");
        assert!(browser.page("/about").await.contains(teacher.name));
        let editor = people.iter().find(|person| person.role == "editor").unwrap();
        let fields = [("email", editor.email.as_str()), ("password", editor.password.as_str())];
        let to = test.browser().post_on("/sign-in", &fields).await;
        assert!(to.starts_with("/sign-in/second-step"), "{to}");
    }
}

#[test]
fn the_demo_tells_its_accounts_in_a_file() {
    let folder = tempfile::TempDir::new().unwrap();
    let data = folder.path().join("data");
    let mut command = Command::new(env!("CARGO_BIN_EXE_commonground"));
    let output = command.args(["demo", "--seed-only", "--data"]).arg(&data).env_clear().output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let file = data.join("demo-accounts.json");
    let accounts: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(accounts.len(), 10);
    for account in &accounts {
        for key in ["role", "name", "email", "password", "token"] {
            assert!(account[key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {account}");
        }
        assert!(account.get("school").is_some(), "{account}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
