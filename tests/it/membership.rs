//! Who belongs where: joining by a domain, by request, by invitation; what leads may do, and what ends when somebody leaves.

use commonground::mail::Email;
use commonground::people::{self, AccountId, domain, membership};
use commonground::platform::{Actor, Grant, Place, Role};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::persons::Browser;
use crate::support::{Engine, Still, TestApp, both_engines, problem};

/// Two schools, and the leads of the first.
struct City<'a> {
    test: &'a TestApp,
    quillwater: Place,
    tamsin: Place,
    prina: AccountId,
    della: AccountId,
}

const QUILLWATER: &str = "quillwater-charter-school-rivermark-ny";
const TAMSIN: &str = "tamsin-row-elementary-rivermark-ny";

fn row(number: u32, name: &str, charter: &str) -> String {
    format!(
        "3600123{number:05},3600123,{name},Rivermark City,Rivermark,NY,Kindergarten,5,{charter},CCD,1-Regular,,300,,"
    )
}

impl<'a> City<'a> {
    /// Prina leads Quillwater, Della acts for her; Tamsin Row has nobody.
    async fn of(test: &'a TestApp) -> Self {
        let rows = [row(1, "Quillwater Charter School", "Y"), row(2, "Tamsin Row Elementary", "N")];
        test.import_schools(&[&rows[0], &rows[1]]).await;
        let (quillwater, tamsin) = (test.school(QUILLWATER).await, test.school(TAMSIN).await);
        let prina = test.account("prina@quillwater.example", "Prina Hale").await;
        test.appoint(prina, Role::Principal, quillwater).await;
        let della = test.account("della@quillwater.example", "Della Roe").await;
        test.appoint(della, Role::Delegate, quillwater).await;
        Self { test, quillwater, tamsin, prina, della }
    }

    async fn domain(&self, domain: &str, place: Place) {
        let mut tx = self.test.db().write(Actor::System("test")).await.unwrap();
        domain::add(&mut tx, domain, place).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn teacher(&self, email: &str, name: &str, place: Place) -> AccountId {
        let id = self.test.account(email, name).await;
        self.test.appoint(id, Role::Teacher, place).await;
        id
    }

    /// An organizer of nothing else: somebody of another school.
    async fn stranger(&self) -> Browser {
        let id = self.test.account("sid@tamsin.example", "Sid Vane").await;
        self.test.appoint(id, Role::Principal, self.tamsin).await;
        self.test.signed_in(id, false).await
    }

    /// Roles of an account as `role/state`, oldest first.
    async fn roles(&self, id: AccountId) -> Vec<String> {
        let cx = self.test.db().cx(Actor::System("test"));
        let all = membership::memberships_of(&cx, id).await.unwrap();
        all.iter().map(|m| format!("{}/{}", m.grant.role.code(), m.state.code())).collect()
    }

    /// The id of somebody's newest membership.
    async fn newest(&self, id: AccountId) -> String {
        let cx = self.test.db().cx(Actor::System("test"));
        membership::memberships_of(&cx, id).await.unwrap().last().unwrap().id.to_string()
    }
}

fn id_of(place: Place) -> String {
    let Place::School(id) = place else { panic!("no school") };
    id.to_string()
}

async fn api(browser: &Browser, test: &TestApp, method: &str, path: &str, body: Value) -> reqwest::Response {
    let request = test.client.request(method.parse().unwrap(), browser.url(&format!("/api/v1{path}")));
    let request = request.header("sec-fetch-site", "same-origin");
    browser.send(if body.is_null() { request } else { request.json(&body) }).await
}

async fn account_of(test: &TestApp, email: &str) -> Option<people::Account> {
    let cx = test.db().cx(Actor::System("test"));
    people::account::account_of(&cx, &Email::parse(email).unwrap()).await.unwrap()
}

both_engines! {
    async fn an_address_of_the_school_joins_at_once(test: TestApp) {
        let city = City::of(&test).await;
        city.domain("quillwater.example", city.quillwater).await;
        let ada = test.account("ada@quillwater.example", "ada").await;
        let browser = test.signed_in(ada, false).await;
        let page = browser.page("/welcome?next=/schools").await;
        assert!(page.contains("one of Quillwater Charter School: you join it at once"), "{page}");
        let chosen = format!(r#"value="{}" checked"#, id_of(city.quillwater));
        assert!(page.contains(&chosen), "the only school of the address is chosen");
        assert!(!page.contains("Tamsin"), "and no other is offered");

        let school = id_of(city.quillwater);
        let fields = [("name", "Ada Quill"), ("title", "Grade 3 teacher"), ("school", school.as_str()),
            ("grades", "g3_5"), ("topics", "early_reading"), ("topics", "tutoring")];
        assert_eq!(browser.post_on("/welcome", &fields).await, "/me/places?done=joined");
        assert_eq!(city.roles(ada).await, ["teacher/current"]);
        let places = browser.page("/me/places?done=joined").await;
        assert!(places.contains("Quillwater Charter School") && places.contains("by an address of the school"));
        assert!(test.letters("prina@quillwater.example").await.is_empty(), "nobody is asked");
        let again = browser.page("/welcome").await;
        assert!(again.contains("Grade 3 teacher") && again.contains("You belong to Quillwater Charter School."));
        assert!(again.contains(r#"value="tutoring" checked"#) && !again.contains("Skip for now"));
    }
}

both_engines! {
    /// Not somebody who only says so: the address has to be proven, and to be of this school.
    async fn an_unproven_or_foreign_address_only_asks(test: TestApp) {
        let city = City::of(&test).await;
        city.domain("quillwater.example", city.quillwater).await;
        let ben = test.account("ben@tamsin.example", "Ben Ode").await;
        let browser = test.signed_in(ben, false).await;
        let school = id_of(city.quillwater);
        let to = browser.post_on("/me/places", &[("school", school.as_str())]).await;
        assert_eq!(to, "/me/places?done=asked");
        assert_eq!(city.roles(ben).await, ["teacher/asked"]);

        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        let new = people::account::NewAccount {
            email: Email::parse("eve@quillwater.example").unwrap(), name: None, confirmed: false,
        };
        let eve = people::account::open_account(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        let browser = test.signed_in(eve, false).await;
        assert!(!browser.page("/welcome").await.contains("you join"));
        browser.post_on("/me/places", &[("school", school.as_str())]).await;
        assert_eq!(city.roles(eve).await, ["teacher/asked"]);
    }
}

both_engines! {
    async fn a_districts_address_joins_any_of_its_schools(test: TestApp) {
        let city = City::of(&test).await;
        let cx = test.db().cx(Actor::Visitor);
        let district = people::school(&cx, TAMSIN).await.unwrap().organization.unwrap().id;
        city.domain("rps.example", Place::Organization(district.0)).await;
        let ada = test.account("ada@rps.example", "Ada Quill").await;
        let browser = test.signed_in(ada, false).await;
        let page = browser.page("/welcome").await;
        assert!(page.contains("one of Rivermark City: you join its schools at once"), "{page}");
        assert!(page.contains("Tamsin Row") && page.contains("Quillwater"));
        browser.post_on("/me/places", &[("school", &id_of(city.tamsin))]).await;
        assert_eq!(city.roles(ada).await, ["teacher/current"]);
    }
}

both_engines! {
    /// Find sends the whole form: nothing typed is lost and nothing is kept.
    async fn a_school_is_found_without_scripts(test: TestApp) {
        let city = City::of(&test).await;
        let ada = test.account("ada@example.org", "Ada").await;
        let browser = test.signed_in(ada, false).await;
        let fields = [("find", "yes"), ("school_q", "tamsin row"), ("name", "Ada Typed"), ("title", "Counselor"),
            ("grades", "k_2"), ("next", "/schools")];
        let response = browser.post("/welcome", &fields).await;
        assert_eq!(response.status(), StatusCode::OK);
        let page = response.text().await.unwrap();
        for kept in ["Ada Typed", "Counselor", r#"value="k_2" checked"#, r#"name="next" value="/schools""#] {
            assert!(page.contains(kept), "{kept}: {page}");
        }
        assert!(page.contains(&id_of(city.tamsin)) && page.contains("its principal answers"));
        assert_eq!(account_of(&test, "ada@example.org").await.unwrap().name, "Ada", "nothing was kept");
        assert!(browser.page("/welcome?school_q=tamsin").await.contains(&id_of(city.tamsin)));

        // A name typed and not chosen is told; a form with a mistake keeps what was typed.
        let response = browser.post("/welcome", &[("name", ""), ("title", "Counselor"), ("school_q", "tamsin")]).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(response.text().await.unwrap().contains("Press Find and choose your school"));
        let response = browser.post("/welcome", &[("name", ""), ("title", "Counselor")]).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = response.text().await.unwrap();
        assert!(page.contains("Give a name") && page.contains("Counselor"));

        assert_eq!(browser.post_on("/welcome", &[("skip", "yes"), ("next", "/schools")]).await, "/schools");
        assert!(account_of(&test, "ada@example.org").await.unwrap().welcomed_at.is_some());
        let visitor = test.browser();
        assert_eq!(visitor.get("/welcome").await.headers()["location"], "/sign-in?next=%2Fwelcome");
    }
}

both_engines! {
    async fn the_leads_of_a_school_answer_requests(test: TestApp) {
        let city = City::of(&test).await;
        let stranger = city.stranger().await;
        let ben = test.account("ben@mail.example", "Ben Ode").await;
        let cleo = test.account("cleo@mail.example", "Cleo Ash").await;
        let school = id_of(city.quillwater);
        for id in [ben, cleo] {
            let browser = test.signed_in(id, false).await;
            browser.post_on("/me/places", &[("school", &school)]).await;
            // Asking again is as good as once.
            browser.post_on("/me/places", &[("school", &school)]).await;
            assert!(browser.page("/me/places").await.contains("Take back the request to Quillwater"));
        }
        for lead in ["prina@quillwater.example", "della@quillwater.example"] {
            let letters = test.letters(lead).await;
            assert_eq!(letters.len(), 2, "one for each request");
            assert_eq!(letters[0].subject, "Ben Ode asks to join Quillwater Charter School");
            assert!(letters[0].text.contains("ben@mail.example"));
            assert_eq!(letters[0].path(&test.base), format!("/schools/{QUILLWATER}/staff"));
        }
        assert!(test.letters("sid@tamsin.example").await.is_empty(), "another school hears nothing");

        let (bens, cleos) = (city.newest(ben).await, city.newest(cleo).await);
        let approval = format!("/schools/{QUILLWATER}/requests/{bens}/approval");
        assert_eq!(stranger.post(&approval, &[]).await.status(), StatusCode::NOT_FOUND);
        let through_own = format!("/schools/{TAMSIN}/requests/{bens}/approval");
        assert_eq!(stranger.post(&through_own, &[]).await.status(), StatusCode::NOT_FOUND);
        let bens_own = test.signed_in(ben, false).await;
        assert_eq!(bens_own.post(&approval, &[]).await.status(), StatusCode::NOT_FOUND, "nobody approves themselves");
        let path = format!("/memberships/{bens}/approval");
        problem(api(&bens_own, &test, "POST", &path, json!({ "approved": true })).await, 403).await;
        assert_eq!(city.roles(ben).await, ["teacher/asked"]);

        let della = test.signed_in(city.della, false).await;
        let page = della.page(&format!("/schools/{QUILLWATER}/staff")).await;
        assert!(page.contains("Approve Ben Ode") && page.contains("Decline Cleo Ash"));
        for _ in 0..2 {
            della.post_on(&approval, &[]).await;
        }
        della.post_on(&format!("/schools/{QUILLWATER}/requests/{cleos}/decline"), &[]).await;
        assert_eq!(city.roles(ben).await, ["teacher/current"]);
        assert_eq!(city.roles(cleo).await, ["teacher/declined"]);
        let letters = test.letters("ben@mail.example").await;
        assert_eq!(letters.iter().map(|l| l.subject.as_str()).collect::<Vec<_>>(), ["You belong to Quillwater Charter School now"]);
        assert_eq!(test.letters("cleo@mail.example").await[0].subject, "Quillwater Charter School did not add you");
        // A no holds for a few days.
        let browser = test.signed_in(cleo, false).await;
        assert_eq!(browser.post("/me/places", &[("school", &school)]).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        test.clock.set(test.db().clock().now() + chrono::TimeDelta::days(8));
        let browser = test.signed_in(cleo, false).await;
        browser.post_on("/me/places", &[("school", &school)]).await;
        assert_eq!(city.roles(cleo).await, ["teacher/declined", "teacher/asked"]);
    }
}

both_engines! {
    /// Having the school's mailbox still does not undo what its lead decided.
    async fn whom_a_lead_let_go_asks_to_come_back(test: TestApp) {
        let city = City::of(&test).await;
        city.domain("quillwater.example", city.quillwater).await;
        let ada = test.account("ada@quillwater.example", "Ada Quill").await;
        let browser = test.signed_in(ada, false).await;
        let school = id_of(city.quillwater);
        let join = async || browser.post_on("/me/places", &[("school", school.as_str())]).await;
        assert_eq!(join().await, "/me/places?done=joined");
        // Who left comes back as they came.
        browser.post_on(&format!("/me/places/{}/end", city.newest(ada).await), &[]).await;
        assert_eq!(join().await, "/me/places?done=joined");
        let prina = test.signed_in(city.prina, false).await;
        let path = format!("/memberships/{}", city.newest(ada).await);
        assert!(api(&prina, &test, "DELETE", &path, Value::Null).await.status().is_success());
        assert_eq!(city.roles(ada).await, ["teacher/ended", "teacher/ended"]);
        for _ in 0..2 {
            assert_eq!(join().await, "/me/places?done=asked");
        }
        browser.post_on(&format!("/me/places/{}/end", city.newest(ada).await), &[]).await;
        assert_eq!(join().await, "/me/places?done=asked", "nor by taking the request back");
        assert_eq!(city.roles(ada).await, ["teacher/ended", "teacher/ended", "teacher/ended", "teacher/asked"]);
        assert_eq!(test.letters("prina@quillwater.example").await.len(), 2, "the lead is asked");
    }
}

both_engines! {
    /// Every request is a letter to each lead.
    async fn somebody_asks_ten_times_a_day(test: TestApp) {
        let city = City::of(&test).await;
        let ben = test.account("ben@mail.example", "Ben Ode").await;
        let browser = test.signed_in(ben, false).await;
        let school = id_of(city.quillwater);
        for _ in 0..10 {
            browser.post_on("/me/places", &[("school", &school)]).await;
            browser.post_on(&format!("/me/places/{}/end", city.newest(ben).await), &[]).await;
        }
        let refused = browser.post("/me/places", &[("school", &school)]).await;
        assert!(refused.status().is_client_error(), "{}", refused.status());
        assert_eq!(test.letters("prina@quillwater.example").await.len(), 10);
        test.clock.set(test.clock.now() + chrono::TimeDelta::hours(25));
        let browser = test.signed_in(ben, false).await;
        assert_eq!(browser.post_on("/me/places", &[("school", &school)]).await, "/me/places?done=asked");
    }
}

both_engines! {
    async fn administrators_answer_where_no_principal_is(test: TestApp) {
        let city = City::of(&test).await;
        let ida = test.account("ida@city.example", "Ida Moss").await;
        test.appoint(ida, Role::CityAdmin, Place::Installation).await;
        let ben = test.account("ben@mail.example", "Ben Ode").await;
        test.signed_in(ben, false).await.post_on("/me/places", &[("school", &id_of(city.tamsin))]).await;
        let letters = test.letters("ida@city.example").await;
        assert!(letters[0].text.contains("no principal here yet"), "{}", letters[0].text);
        let path = letters[0].path(&test.base);
        let weak = test.signed_in(ida, false).await;
        assert_eq!(weak.get(&path).await.status(), StatusCode::NOT_FOUND, "without the second step");
        let strong = test.signed_in(ida, true).await;
        assert!(strong.page(&path).await.contains("Approve Ben Ode"));
        let asked = city.newest(ben).await;
        strong.post_on(&format!("/schools/{TAMSIN}/requests/{asked}/approval"), &[]).await;
        assert_eq!(city.roles(ben).await, ["teacher/current"]);
    }
}

both_engines! {
    async fn only_leads_see_the_staff(test: TestApp) {
        let city = City::of(&test).await;
        let ada = city.teacher("ada@quillwater.example", "Ada Quill", city.quillwater).await;
        let path = format!("/schools/{QUILLWATER}/staff");
        let list = format!("/schools/{QUILLWATER}/staff");
        for reader in [test.signed_in(ada, false).await, city.stranger().await] {
            let response = reader.get(&path).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND);
            assert!(!response.text().await.unwrap().contains("Ada Quill</strong>"));
            problem(api(&reader, &test, "GET", &list, Value::Null).await, 404).await;
            problem(api(&reader, &test, "GET", &format!("/schools/{QUILLWATER}/invitations"), Value::Null).await, 404).await;
        }
        assert_eq!(test.browser().get(&path).await.status(), StatusCode::SEE_OTHER);
        for lead in [city.prina, city.della] {
            let page = test.signed_in(lead, false).await.page(&path).await;
            assert!(page.contains("Ada Quill") && page.contains("ada@quillwater.example"));
        }
        let prina = test.signed_in(city.prina, false).await;
        let staff: Value = api(&prina, &test, "GET", &list, Value::Null).await.json().await.unwrap();
        assert_eq!(staff["total"], 3, "{staff}");
        assert_eq!(staff["items"][2]["email"], "ada@quillwater.example");
        assert!(prina.page("/me/places").await.contains(&path), "the way to it");
    }
}

both_engines! {
    async fn a_delegate_has_limits(test: TestApp) {
        let city = City::of(&test).await;
        let ada = city.teacher("ada@quillwater.example", "Ada Quill", city.quillwater).await;
        let della = test.signed_in(city.della, false).await;
        let page = della.page(&format!("/schools/{QUILLWATER}/staff")).await;
        assert!(!page.contains("Make Ada Quill a delegate") && !page.contains(r#"<option value="delegate""#));
        assert!(page.contains(r#"<option value="teacher" selected"#), "{page}");
        let end = |id: String| format!("/schools/{QUILLWATER}/staff/{id}/end");
        let status = della.post(&end(city.newest(city.prina).await), &[]).await.status();
        assert_eq!(status, StatusCode::FORBIDDEN, "a delegate ends no principal");
        let delegates = format!("/schools/{QUILLWATER}/delegates");
        let account = ada.to_string();
        assert_eq!(della.post(&delegates, &[("account", &account)]).await.status(), StatusCode::FORBIDDEN);
        let invite = [("email", "x@mail.example"), ("name", "Xenia"), ("role", "delegate")];
        let invitations = format!("/schools/{QUILLWATER}/invitations");
        assert_eq!(della.post(&invitations, &invite).await.status(), StatusCode::FORBIDDEN);
        let invite = [("email", "x@mail.example"), ("name", "Xenia"), ("role", "principal")];
        assert_eq!(della.post(&invitations, &invite).await.status(), StatusCode::FORBIDDEN);
        assert!(test.letters("x@mail.example").await.is_empty());

        let prina = test.signed_in(city.prina, false).await;
        assert_eq!(prina.post(&invitations, &invite).await.status(), StatusCode::FORBIDDEN, "nor a principal a principal");
        prina.post_on(&delegates, &[("account", &account)]).await;
        assert_eq!(city.roles(ada).await, ["teacher/current", "delegate/current"]);
        assert!(test.letters("ada@quillwater.example").await[0].subject.starts_with("You act for the principal"));
        // Ada is a delegate now, so Della cannot end her; the principal can.
        let cx = test.db().cx(Actor::System("test"));
        let adas = membership::memberships_of(&cx, ada).await.unwrap();
        assert_eq!(della.post(&end(adas[0].id.to_string()), &[]).await.status(), StatusCode::FORBIDDEN);
        assert_eq!(city.roles(ada).await, ["teacher/current", "delegate/current"], "nothing half done");
        prina.post_on(&end(adas[1].id.to_string()), &[]).await;
        assert_eq!(city.roles(ada).await, ["teacher/current", "delegate/ended"]);
        prina.post_on(&end(city.newest(city.della).await), &[]).await;
        assert_eq!(della.get(&format!("/schools/{QUILLWATER}/staff")).await.status(), StatusCode::NOT_FOUND);
        // Somebody who does not belong here is made no delegate.
        let sid = test.account("sid@tamsin.example", "Sid Vane").await;
        let status = prina.post(&delegates, &[("account", &sid.to_string())]).await.status();
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
}

both_engines! {
    async fn leaving_ends_rights_with_the_next_request(test: TestApp) {
        let city = City::of(&test).await;
        let ida = test.account("ida@city.example", "Ida Moss").await;
        test.appoint(ida, Role::CityAdmin, Place::Installation).await;
        test.appoint(city.prina, Role::Teacher, city.quillwater).await;
        let prina = test.signed_in(city.prina, false).await;
        let staff = format!("/schools/{QUILLWATER}/staff");
        prina.page(&staff).await;
        let stranger = city.stranger().await;
        let teaching = city.newest(city.prina).await;
        assert_eq!(stranger.post(&format!("/me/places/{teaching}/end"), &[]).await.status(), StatusCode::NOT_FOUND);
        problem(api(&stranger, &test, "DELETE", &format!("/memberships/{teaching}"), Value::Null).await, 404).await;

        // Leaving as a teacher leaves the school, with every role.
        assert_eq!(prina.post_on(&format!("/me/places/{teaching}/end"), &[]).await, "/me/places?done=left");
        assert_eq!(city.roles(city.prina).await, ["principal/ended", "teacher/ended"]);
        assert_eq!(prina.get(&staff).await.status(), StatusCode::NOT_FOUND, "the same sign-in");
        assert!(prina.page("/me/places").await.contains("From October 14, 2026 to October 14, 2026"));
        assert_eq!(test.letters("ida@city.example").await[0].subject, "Quillwater Charter School has no principal");
        assert!(test.letters("prina@quillwater.example").await.is_empty(), "who leaves knows it");
        prina.post_on(&format!("/me/places/{teaching}/end"), &[]).await;
        assert_eq!(city.roles(city.prina).await.len(), 2, "twice is as good as once");
    }
}

both_engines! {
    async fn an_invitation_opens_an_account_once(test: TestApp) {
        let city = City::of(&test).await;
        let prina = test.signed_in(city.prina, false).await;
        let invitations = format!("/schools/{QUILLWATER}/invitations");
        let fields = [("email", " Ada@Mail.example"), ("name", "Ada Quill"), ("role", "teacher")];
        prina.post_on(&invitations, &fields).await;
        let letters = test.letters("ada@mail.example").await;
        assert_eq!(letters[0].subject, "Prina Hale invites you to Quillwater Charter School");
        let first = letters[0].path(&test.base);
        assert!(prina.page(&format!("/schools/{QUILLWATER}/staff")).await.contains("Send again to Ada Quill"));

        // Inviting again sends a new letter, and the old link ends.
        prina.post_on(&invitations, &fields).await;
        let letters = test.letters("ada@mail.example").await;
        assert_eq!(letters.len(), 2);
        let link = letters[1].path(&test.base);
        let visitor = test.browser();
        let page = visitor.page(&first).await;
        assert!(page.contains("no longer holds") && !page.contains("Accept"), "{page}");
        assert_eq!(visitor.post(&first, &[]).await.status(), StatusCode::CONFLICT);

        // Looking changes nothing, however often: scanners of mail do it.
        for _ in 0..2 {
            let page = visitor.page(&link).await;
            assert!(page.contains("Prina Hale invites you to Quillwater Charter School") && page.contains("Accept and sign in"));
            let secret = link.rsplit('/').next().unwrap();
            assert_eq!(page.matches(secret).count(), 1, "the secret stands in the form alone");
        }
        assert!(account_of(&test, "ada@mail.example").await.is_none());

        let to = visitor.post_on(&link, &[]).await;
        assert!(to.starts_with("/welcome?next="), "{to}");
        let ada = account_of(&test, "ada@mail.example").await.unwrap();
        assert!(ada.email_confirmed_at.is_some(), "the link proves the mailbox");
        assert_eq!(city.roles(ada.id).await, ["teacher/current"]);
        assert!(visitor.page("/me/places").await.contains("Quillwater Charter School"), "signed in");
        assert_eq!(visitor.post(&link, &[]).await.status(), StatusCode::CONFLICT, "once");
        assert!(test.browser().page(&link).await.contains("accepted already"));
        // Somebody who is there is not invited again.
        let response = prina.post(&invitations, &fields).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(response.text().await.unwrap().contains("has that role there already"));
    }
}

both_engines! {
    /// A4: whose account is closed is for administrators to know.
    async fn inviting_does_not_tell_leads_of_closed_accounts(test: TestApp) {
        let city = City::of(&test).await;
        let ida = test.account("ida@city.example", "Ida Moss").await;
        test.appoint(ida, Role::CityAdmin, Place::Installation).await;
        let ida = test.signed_in(ida, true).await;
        let kit = test.account("kit@mail.example", "Kit Ash").await;
        ida.post_on(&format!("/admin/people/{kit}/deactivation"), &[]).await;
        let invitations = format!("/schools/{QUILLWATER}/invitations");
        let fields = [("email", "kit@mail.example"), ("name", "Kit Ash"), ("role", "teacher")];
        let told = ida.post(&invitations, &fields).await;
        assert_eq!(told.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(told.text().await.unwrap().contains("The account of this address is closed"));
        test.signed_in(city.prina, false).await.post_on(&invitations, &fields).await;
        let link = test.letters("kit@mail.example").await[0].path(&test.base);
        assert_eq!(test.browser().post(&link, &[]).await.status(), StatusCode::CONFLICT);
        assert!(city.roles(kit).await.is_empty());
    }
}

both_engines! {
    async fn an_invitation_is_for_its_mailbox(test: TestApp) {
        let city = City::of(&test).await;
        let ada = test.account("ada@mail.example", "Ada Quill").await;
        let ben = test.account("ben@mail.example", "Ben Ode").await;
        let prina = test.signed_in(city.prina, false).await;
        let invitations = format!("/schools/{QUILLWATER}/invitations");
        let fields = [("email", "ada@mail.example"), ("name", "Ada"), ("role", "delegate")];
        prina.post_on(&invitations, &fields).await;
        let link = test.letters("ada@mail.example").await[0].path(&test.base);

        let bens = test.signed_in(ben, false).await;
        let page = bens.page(&link).await;
        assert!(page.contains("You are signed in as Ben Ode") && page.contains("/sign-out") && !page.contains("Accept"));
        assert_eq!(bens.post(&link, &[]).await.status(), StatusCode::CONFLICT);
        assert!(city.roles(ben).await.is_empty() && city.roles(ada).await.is_empty());
        let from_elsewhere = test.client.post(bens.url(&link)).header("sec-fetch-site", "cross-site");
        assert_eq!(test.browser().send(from_elsewhere).await.status(), StatusCode::FORBIDDEN);

        let adas = test.signed_in(ada, false).await;
        assert!(adas.page(&link).await.contains("That is your account"));
        adas.post_on(&link, &[]).await;
        assert_eq!(city.roles(ada).await, ["delegate/current"]);
        adas.page(&format!("/schools/{QUILLWATER}/staff")).await;
        assert_eq!(test.browser().get("/invitations/nonsense").await.status(), StatusCode::NOT_FOUND);
    }
}

both_engines! {
    async fn an_invitation_ends(test: TestApp) {
        let city = City::of(&test).await;
        let prina = test.signed_in(city.prina, false).await;
        let della = test.signed_in(city.della, false).await;
        let stranger = city.stranger().await;
        let staff = format!("/schools/{QUILLWATER}/staff");
        let invite = async |browser: &Browser, email: &str| {
            let fields = [("email", email), ("name", "Somebody"), ("role", "teacher")];
            browser.post_on(&format!("/schools/{QUILLWATER}/invitations"), &fields).await;
            test.letters(email).await.last().unwrap().path(&test.base)
        };
        // Withdrawn.
        let link = invite(&prina, "withdrawn@mail.example").await;
        let list: Value =
            api(&prina, &test, "GET", &format!("/schools/{QUILLWATER}/invitations"), Value::Null).await.json().await.unwrap();
        let id = list["items"][0]["id"].as_str().unwrap().to_owned();
        for path in [format!("/schools/{QUILLWATER}"), format!("/schools/{TAMSIN}")] {
            for what in ["withdrawal", "letter"] {
                let status = stranger.post(&format!("{path}/invitations/{id}/{what}"), &[]).await.status();
                assert_eq!(status, StatusCode::NOT_FOUND);
            }
        }
        problem(api(&stranger, &test, "GET", &format!("/invitations/{id}"), Value::Null).await, 404).await;
        problem(api(&stranger, &test, "DELETE", &format!("/invitations/{id}"), Value::Null).await, 404).await;
        prina.post_on(&format!("/schools/{QUILLWATER}/invitations/{id}/withdrawal"), &[]).await;
        let visitor = test.browser();
        assert_eq!(visitor.post(&link, &[]).await.status(), StatusCode::CONFLICT);
        assert!(!prina.page(&staff).await.contains("withdrawn@mail.example"));
        let path = format!("/schools/{QUILLWATER}/invitations/{id}/letter");
        assert_eq!(prina.post(&path, &[]).await.status(), StatusCode::CONFLICT, "a withdrawn one is not sent again");
        // Of somebody who no longer speaks for the school.
        let link = invite(&della, "orphan@mail.example").await;
        visitor.page(&link).await;
        prina.post_on(&format!("/schools/{QUILLWATER}/staff/{}/end", city.newest(city.della).await), &[]).await;
        assert!(visitor.page(&link).await.contains("no longer speaks for the school"));
        assert_eq!(visitor.post(&link, &[]).await.status(), StatusCode::CONFLICT);
        assert!(account_of(&test, "orphan@mail.example").await.is_none());
        // Too old; sent again it holds.
        let link = invite(&prina, "late@mail.example").await;
        test.clock.set(test.db().clock().now() + chrono::TimeDelta::days(14));
        assert!(visitor.page(&link).await.contains("older than 14 days"));
        assert_eq!(visitor.post(&link, &[]).await.status(), StatusCode::CONFLICT);
        let prina = test.signed_in(city.prina, false).await;
        let list: Value =
            api(&prina, &test, "GET", &format!("/schools/{QUILLWATER}/invitations"), Value::Null).await.json().await.unwrap();
        assert_eq!((list["items"][0]["state"].as_str(), list["total"].as_u64()), (Some("expired"), Some(2)), "{list}");
        let id = list["items"][0]["id"].as_str().unwrap();
        prina.post_on(&format!("/schools/{QUILLWATER}/invitations/{id}/letter"), &[]).await;
        let again = test.letters("late@mail.example").await.last().unwrap().path(&test.base);
        assert_ne!(again, link);
        visitor.post_on(&again, &[]).await;
        let late = account_of(&test, "late@mail.example").await.unwrap();
        assert_eq!(city.roles(late.id).await, ["teacher/current"]);
    }
}

both_engines! {
    async fn the_same_over_json(test: TestApp) {
        let city = City::of(&test).await;
        city.domain("quillwater.example", city.quillwater).await;
        let ada = test.account("ada@quillwater.example", "Ada Quill").await;
        let ben = test.account("ben@mail.example", "Ben Ode").await;
        let (adas, bens) = (test.signed_in(ada, false).await, test.signed_in(ben, false).await);
        let prina = test.signed_in(city.prina, false).await;
        let ask = format!("/schools/{QUILLWATER}/membership-requests");
        let response = api(&adas, &test, "POST", &ask, Value::Null).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        let location = response.headers()["location"].to_str().unwrap().to_owned();
        let joined: Value = response.json().await.unwrap();
        assert_eq!((&joined["state"], &joined["verified_by"]), (&json!("current"), &json!("domain")));
        assert!(location.ends_with(joined["id"].as_str().unwrap()));
        let asked: Value = api(&bens, &test, "POST", &ask, Value::Null).await.json().await.unwrap();
        assert_eq!(asked["state"], "asked");
        let bens_path = format!("/memberships/{}", asked["id"].as_str().unwrap());
        problem(api(&adas, &test, "GET", &bens_path, Value::Null).await, 404).await;
        let answer = json!({ "approved": true });
        let path = format!("{bens_path}/approval");
        problem(api(&adas, &test, "POST", &path, answer.clone()).await, 404).await;
        let answered: Value = api(&prina, &test, "POST", &path, answer).await.json().await.unwrap();
        assert_eq!((&answered["state"], &answered["verified_by"]), (&json!("current"), &json!("principal")));
        problem(api(&prina, &test, "POST", &path, json!({ "approved": false })).await, 409).await;
        assert_eq!(api(&prina, &test, "DELETE", &bens_path, Value::Null).await.status(), StatusCode::NO_CONTENT);
        assert_eq!(test.letters("ben@mail.example").await.last().unwrap().subject, "You no longer belong to Quillwater Charter School");

        let invitations = format!("/schools/{QUILLWATER}/invitations");
        let new = json!({ "email": "dan@mail.example", "name": "Dan", "role": "organizer" });
        problem(api(&adas, &test, "POST", &invitations, new.clone()).await, 404).await;
        let response = api(&prina, &test, "POST", &invitations, new).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        let made: Value = response.json().await.unwrap();
        assert_eq!(made["state"], "waiting");
        assert!(made.get("secret").is_none() && !made.to_string().contains("http"), "{made}");
        let path = format!("/invitations/{}", made["id"].as_str().unwrap());
        assert_eq!(api(&prina, &test, "DELETE", &path, Value::Null).await.status(), StatusCode::NO_CONTENT);
        let now: Value = api(&prina, &test, "GET", &path, Value::Null).await.json().await.unwrap();
        assert_eq!(now["state"], "withdrawn");
        for (bad, field) in [
            (json!({ "email": "dan", "name": "Dan", "role": "teacher" }), "#/email"),
            (json!({ "email": "dan@mail.example", "name": "", "role": "teacher" }), "#/name"),
            (json!({ "email": "dan@mail.example", "name": "Dan", "role": "wizard" }), "#/role"),
            (json!({ "email": "dan@mail.example", "name": "Dan", "role": "editor" }), "#/role"),
        ] {
            let refused = problem(api(&prina, &test, "POST", &invitations, bad).await, 422).await;
            assert_eq!(refused["errors"][0]["pointer"], field, "{refused}");
        }
        let anonymous = test.client.post(format!("{}/api/v1{ask}", test.base)).send().await.unwrap();
        problem(anonymous, 401).await;
    }
}

both_engines! {
    async fn people_follow_topics_and_schools(test: TestApp) {
        let city = City::of(&test).await;
        let ada = test.account("ada@mail.example", "Ada Quill").await;
        let browser = test.signed_in(ada, false).await;
        let school = id_of(city.quillwater);
        for body in [json!({ "kind": "topic", "target": "tutoring" }), json!({ "kind": "school", "target": school })] {
            for _ in 0..2 {
                assert_eq!(api(&browser, &test, "POST", "/me/follows", body.clone()).await.status(), 200);
            }
        }
        let all: Value = api(&browser, &test, "GET", "/me/follows", Value::Null).await.json().await.unwrap();
        assert_eq!(all["total"], 2, "{all}");
        for bad in [json!({ "kind": "topic", "target": "tutorin" }), json!({ "kind": "school", "target": "no-such-school" })] {
            let refused = problem(api(&browser, &test, "POST", "/me/follows", bad).await, 422).await;
            assert_eq!(refused["errors"][0]["pointer"], "#/target");
        }
        // The welcome sets topics and lets schools be.
        browser.post_on("/welcome", &[("name", "Ada Quill"), ("topics", "writing")]).await;
        let all: Value = api(&browser, &test, "GET", "/me/follows", Value::Null).await.json().await.unwrap();
        let targets: Vec<&str> = all["items"].as_array().unwrap().iter().map(|f| f["target"].as_str().unwrap()).collect();
        assert_eq!(targets, [school.as_str(), "writing"]);
        let path = format!("/me/follows?kind=school&target={school}");
        for _ in 0..2 {
            assert_eq!(api(&browser, &test, "DELETE", &path, Value::Null).await.status(), 204);
        }
        let all: Value = api(&browser, &test, "GET", "/me/follows", Value::Null).await.json().await.unwrap();
        assert_eq!(all["total"], 1);
    }
}

/// A list of thirty costs what a list of three costs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_is_read_in_two_statements() {
    let still = Still::open(Engine::Sqlite).await;
    let db = &still.app.db;
    let mut tx = db.write(Actor::System("test")).await.unwrap();
    let new = people::NewSchool { name: "Quillwater".to_owned(), ..people::NewSchool::default() };
    let school = people::add_school(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    for (from, to) in [(0, 3), (3, 30)] {
        let mut tx = db.write(Actor::System("test")).await.unwrap();
        for n in from..to {
            let email = Email::parse(&format!("c{n}@quillwater.example")).unwrap();
            let new = people::account::NewAccount { email, name: None, confirmed: true };
            let id = people::account::open_account(&mut tx, new).await.unwrap();
            let grant = Grant { role: Role::Teacher, place: Place::School(school.0) };
            membership::appoint(&mut tx, id, grant, people::VerifiedBy::Admin).await.unwrap();
        }
        tx.commit().await.unwrap();
        let cx = db.cx(Actor::System("test"));
        let before = db.statements();
        assert_eq!(membership::of_school(&cx, school).await.unwrap().len(), to);
        assert_eq!(db.statements() - before, 2);
    }
}
