//! Highlights: a collaboration shown to the city, with live numbers and words that both schools approved (M-1, M-2); and the page of a
//! mayor's office, whose staff never sees a roster or an individual teacher (M-4).

use std::io::Cursor;

use chrono::{DateTime, Utc};
use commonground::highlights::personal::HighlightData;
use commonground::highlights::{photo, publishing};
use commonground::people::{self, AccountId, NewOrganization};
use commonground::platform::personal::PersonalData;
use commonground::platform::{Actor, Place, Role};
use commonground::sessions::SessionId;
use reqwest::{Method, StatusCode};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::html::text;
use crate::support::persons::{Browser, KeptLetter};
use crate::support::sessions::{Sketch, TwoSchools};
use crate::support::{Engine, Still, TestApp, TestDatabase, both_engines, problem};

const HARBOR: &str = "harbor-charter-school";
const MILLBROOK: &str = "millbrook-elementary";
const STORY: &str = "Two schools planned six weeks of reading together. Both teach it now.";
const BOUNDARY: &str = "----edge-of-a-part";

/// Two schools of a city, its office, and a session of both that six people came to and whose attendance is final.
struct City {
    at: TwoSchools,
    mayor: AccountId,
    session: SessionId,
}

async fn set(test: &TestApp, table: &'static str, id: uuid::Uuid, cells: Vec<(&'static str, SimpleExpr)>) {
    let mut update = Query::update();
    update.table(table).values(cells).and_where(Expr::col("id").eq(id));
    let tx = test.db().write(Actor::System("test")).await.unwrap();
    tx.conn().execute(&update).await.unwrap();
    tx.commit().await.unwrap();
}

async fn office(test: &TestApp, email: &str, city: &str) -> AccountId {
    let mut tx = test.db().write(Actor::System("test")).await.unwrap();
    let new = NewOrganization {
        kind: "city_office".to_owned(),
        name: format!("Mayor's Office of {city}"),
        city: Some(city.to_owned()),
        state: Some("NY".to_owned()),
    };
    let office = people::add_organization(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    let id = test.account(email, "Mia Hall").await;
    test.appoint(id, Role::Mayor, Place::Organization(office.0)).await;
    id
}

async fn city(test: &TestApp) -> City {
    let at = test.two_schools().await;
    for school in [at.harbor, at.millbrook] {
        let cells = vec![
            ("city", Expr::value("Rivermark")),
            ("state", Expr::value("NY")),
            ("neighborhood", Expr::value("Old Mill")),
        ];
        set(test, "school", school.0, cells).await;
    }
    let mayor = office(test, "mayor@rivermark.example", "Rivermark").await;
    let sketch =
        Sketch { status: "completed", meetings: vec!["2026-10-03T09:00:00".parse().unwrap()], ..Sketch::default() };
    let session = test.session(&at, sketch).await;
    set(test, "session", session.0, vec![("locked_at", Expr::value(test.clock.now()))]).await;
    let here = [(at.paula, at.harbor, "charter"), (at.carl, at.harbor, "charter"), (at.cora, at.harbor, "charter")];
    let there =
        [(at.pete, at.millbrook, "district"), (at.dina, at.millbrook, "district"), (at.dora, at.millbrook, "district")];
    for (account, school, sector) in here.into_iter().chain(there) {
        let seat = test.seat(session, account, school, sector, "confirmed").await;
        let cells: Vec<(&'static str, SimpleExpr)> = vec![
            ("registration_id", Expr::value(seat.0)),
            ("meeting", Expr::value(1)),
            ("session_id", Expr::value(session.0)),
            ("state", Expr::value("present")),
            ("updated_at", Expr::value(test.clock.now())),
        ];
        test.put("attendance", cells).await;
    }
    City { at, mayor, session }
}

const HARBOR_DID: &str = "Opened its first-grade rooms for a morning.";
const MILLBROOK_DID: &str = "Took the timetable home and used it on Monday.";

/// What a form says, with changes.
fn form<'a>(session: &'a str, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("city", "rivermark-ny"),
        ("headline", "Two schools, one first grade"),
        ("story", STORY),
        ("neighborhood", "Old Mill"),
        ("session", session),
        ("school_1", HARBOR),
        ("words_1", HARBOR_DID),
        ("school_2", MILLBROOK),
        ("words_2", MILLBROOK_DID),
        ("number_1_kind", "session_people"),
        ("number_2_kind", "session_hours"),
        ("quote", "We used the timetable on Monday."),
        ("quote_role", "First-grade teacher"),
        ("quote_school", MILLBROOK),
        ("zone", "America/New_York"),
    ];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((*name, *value));
    }
    fields
}

/// Drafts one; gives its address.
async fn draft(mayor: &Browser, session: SessionId, changes: &[(&str, &str)]) -> String {
    let session = session.to_string();
    let to = mayor.post_on("/highlights", &form(&session, changes)).await;
    to.trim_end_matches("/edit?done=kept").to_owned()
}

async fn reviews(test: &TestApp, email: &str) -> Vec<KeptLetter> {
    test.letters(email).await.into_iter().filter(|letter| letter.kind == "highlight_review").collect()
}

/// The address of the newest question to somebody.
async fn question(test: &TestApp, email: &str) -> String {
    reviews(test, email).await.pop().unwrap_or_else(|| panic!("no question to {email}")).path(&test.base)
}

/// The value of the field that names the words.
fn print(page: &str) -> String {
    let at = page.find("name=\"print\" value=\"").unwrap_or_else(|| panic!("no form in {page}")) + 20;
    page[at..].chars().take_while(|c| *c != '"').collect()
}

/// Says yes by the link of the letter, without a sign-in.
async fn says_yes(test: &TestApp, email: &str) {
    let nobody = test.browser();
    let link = question(test, email).await;
    let print = print(&nobody.page(&link).await);
    assert_eq!(nobody.post_on(&link, &[("answer", "yes"), ("print", print.as_str())]).await, link);
}

async fn published(test: &TestApp, city: &City, changes: &[(&str, &str)]) -> (Browser, String) {
    let mayor = test.signed_in(city.mayor, false).await;
    let url = draft(&mayor, city.session, changes).await;
    mayor.post_on(&format!("{url}/review"), &[]).await;
    says_yes(test, "paula@harbor.example").await;
    says_yes(test, "pete@millbrook.example").await;
    mayor.post_on(&format!("{url}/publication"), &[]).await;
    (mayor, url)
}

async fn api(browser: &Browser, method: Method, path: &str, tag: &str, body: Option<Value>) -> reqwest::Response {
    let mut request = reqwest::Client::new().request(method, browser.url(path)).header("sec-fetch-site", "same-origin");
    if !tag.is_empty() {
        request = request.header("if-match", tag);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    browser.send(request).await
}

async fn events(test: &TestApp, action: &str) -> i64 {
    let cx = test.db().cx(Actor::System("test"));
    let sql = format!("SELECT COUNT(*) AS n FROM event WHERE action = '{action}'");
    let statement = Statement::from_string(cx.conn().get_database_backend(), sql);
    cx.conn().query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
}

async fn due(test: &TestApp, now: &str) {
    test.clock.set(now.parse::<DateTime<Utc>>().unwrap());
    let room = test.app.desk(&test.base.as_str().into()).unwrap().postroom();
    for _ in 0..2 {
        publishing::due(test.db(), &room).await.unwrap();
    }
}

both_engines! {
    /// From the page of a session to a page of a paper: both schools say yes by letter, and it is withdrawn with its reason.
    async fn a_highlight_lives_from_a_session_to_its_tombstone(test: TestApp) {
        let city = city(&test).await;
        let mayor = test.signed_in(city.mayor, false).await;
        let page = mayor.page(&format!("/sessions/{}", city.session)).await;
        let new = format!("/highlights/new?session={}", city.session);
        assert!(page.contains(&new), "{page}");
        assert!(!test.page(&format!("/sessions/{}", city.session)).await.contains("/highlights/new"));
        let begun = mayor.page(&new).await;
        for words in ["Reading Safety Net in Action", HARBOR, MILLBROOK, "Old Mill", "value=\"rivermark-ny\""] {
            assert!(begun.contains(words), "{words}: {begun}");
        }
        let url = draft(&mayor, city.session, &[]).await;
        // Nobody else knows of a draft.
        let paula = test.signed_in(city.at.paula, false).await;
        for (who, browser) in [("visitor", test.browser()), ("principal", paula)] {
            assert_eq!(browser.get(&url).await.status(), StatusCode::NOT_FOUND, "{who}");
            assert_ne!(browser.get(&format!("{url}/edit")).await.status(), StatusCode::OK, "{who}");
        }
        assert_eq!(mayor.post(&format!("{url}/publication"), &[]).await.status(), StatusCode::CONFLICT);
        mayor.post_on(&format!("{url}/review"), &[]).await;

        // Each school reads it as it will appear; reading changes nothing.
        let asked = reviews(&test, "paula@harbor.example").await;
        assert_eq!(asked.len(), 1);
        assert!(asked[0].subject.contains("Harbor Charter School") && asked[0].text.contains(HARBOR_DID));
        let link = asked[0].path(&test.base);
        let nobody = test.browser();
        let shown = nobody.page(&link).await;
        for words in [HARBOR_DID, MILLBROOK_DID, "Two schools planned", "We used the timetable on Monday.", "people from 2 sectors"] {
            assert!(text(&shown).contains(words), "{words}: {shown}");
        }
        for _ in 0..2 {
            nobody.page(&link).await;
        }
        assert!(nobody.page(&link).await.contains("Yes, it may say this"));
        says_yes(&test, "paula@harbor.example").await;
        assert!(nobody.page(&link).await.contains("Take our yes back"));
        let told: Vec<_> = test.letters("mayor@rivermark.example").await;
        assert!(told.iter().any(|letter| letter.kind == "highlight_answered" && letter.subject.contains("said yes")));
        assert!(mayor.page("/office").await.contains("Waiting for Millbrook Elementary"));
        assert_eq!(mayor.post(&format!("{url}/publication"), &[]).await.status(), StatusCode::CONFLICT);
        says_yes(&test, "pete@millbrook.example").await;
        assert!(mayor.page("/office").await.contains("Approved by every school"));
        mayor.post_on(&format!("{url}/publication"), &[]).await;

        // Everybody reads it, with numbers that were counted now.
        let slug = "/highlights/two-schools-one-first-grade";
        let page = test.page(slug).await;
        let words = text(&page);
        for expected in ["6 people from 2 sectors came", "18 educator hours", "As of October 14, 2026", "Approved by the school", "First-grade teacher, Millbrook Elementary"] {
            assert!(words.contains(expected), "{expected}: {words}");
        }
        assert!(page.contains("property=\"og:type\" content=\"article\"") && page.contains("\"@type\":\"Article\""), "{page}");
        assert!(text(&test.page("/highlights").await).contains("Two schools, one first grade"));
        assert!(text(&test.page("/highlights?city=rivermark-ny&neighborhood=Old+Mill").await).contains("1 highlight"));
        assert!(test.page("/highlights?city=elsewhere-ny").await.contains("Nothing is shown here yet"));
        let press = test.get(&format!("{slug}/press.txt")).await;
        assert_eq!(press.headers()["content-type"], "text/plain; charset=utf-8");
        let press = press.text().await.unwrap();
        assert!(press.contains(HARBOR_DID) && !press.contains('<'), "{press}");
        assert!(test.page(&format!("{slug}/press")).await.contains(MILLBROOK_DID));
        let feed = test.get("/highlights.atom").await;
        assert_eq!(feed.headers()["content-type"], "application/atom+xml; charset=utf-8");
        let tag = feed.headers()["etag"].to_str().unwrap().to_owned();
        assert!(feed.text().await.unwrap().contains("<title>Two schools, one first grade</title>"));
        let again = test.client.get(format!("{}/highlights.atom", test.base)).header("if-none-match", tag).send().await.unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        for email in ["paula@harbor.example", "pete@millbrook.example"] {
            assert!(test.letters(email).await.iter().any(|letter| letter.kind == "highlight_published"), "{email}");
        }
        test.settle().await;
        assert!(text(&test.page("/search?q=timetable+grade").await).contains("Two schools, one first grade"));

        // Withdrawn for good, and its address says why.
        let refused = mayor.post(&format!("{url}/withdrawal"), &[("reason", "")]).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        mayor.post_on(&format!("{url}/withdrawal"), &[("reason", "It told of the wrong school.")]).await;
        let page = test.page(slug).await;
        assert!(page.contains("It told of the wrong school.") && page.contains("noindex") && !page.contains(HARBOR_DID));
        for part in ["card", "press", "press.txt"] {
            assert!(test.page(&format!("{slug}/{part}")).await.contains("It told of the wrong school."), "{part}");
        }
        assert!(!test.page("/highlights").await.contains("Two schools, one first grade"));
        assert_eq!(test.json(&format!("/api/v1{slug}")).await["state"], "withdrawn");
        test.settle().await;
        assert!(!text(&test.page("/search?q=timetable+grade").await).contains("Two schools, one first grade"));
        for action in ["drafted", "asked", "published", "withdrawn"] {
            assert_eq!(events(&test, &format!("highlight.{action}")).await, 1, "{action}");
        }
        assert_eq!(events(&test, "highlight.approved_by_school").await, 2);
    }
}

both_engines! {
    /// A yes holds for the words that were read: whoever changes them asks that school again, and nothing unapproved is shown (M-2).
    async fn words_that_change_are_asked_again(test: TestApp) {
        let city = city(&test).await;
        let (mayor, url) = published(&test, &city, &[]).await;
        let session = city.session.to_string();
        let slug = "/highlights/two-schools-one-first-grade";
        // What only one school is asked about asks only that school.
        mayor.post_on(&format!("{url}/edit"), &form(&session, &[("words_1", "Opened its rooms for a whole day.")])).await;
        assert_eq!(reviews(&test, "paula@harbor.example").await.len(), 2);
        assert_eq!(reviews(&test, "pete@millbrook.example").await.len(), 1);
        let page = test.page(slug).await;
        assert!(page.contains("It is not shown at the moment") && !page.contains("Opened its rooms"), "{page}");
        assert!(!test.page("/highlights").await.contains("Two schools, one first grade"));
        assert!(mayor.page("/office").await.contains("Waiting for Harbor Charter School"));
        // The newest letter shows the new words; a yes to the old ones is refused.
        let link = question(&test, "paula@harbor.example").await;
        let nobody = test.browser();
        let print = print(&nobody.page(&link).await);
        mayor.post_on(&format!("{url}/edit"), &form(&session, &[("words_1", "Opened its rooms for two days.")])).await;
        let stale = nobody.post(&link, &[("answer", "yes"), ("print", print.as_str())]).await;
        assert_eq!(stale.status(), StatusCode::CONFLICT);
        assert!(stale.text().await.unwrap().contains("Opened its rooms for two days."));
        // Changes need a word, which the office reads.
        let silent = nobody.post(&link, &[("answer", "changes"), ("note", " ")]).await;
        assert_eq!(silent.status(), StatusCode::UNPROCESSABLE_ENTITY);
        nobody.post_on(&link, &[("answer", "changes"), ("note", "It was one morning.")]).await;
        assert!(mayor.page(&format!("{url}/edit")).await.contains("It was one morning."));
        mayor.post_on(&format!("{url}/edit"), &form(&session, &[])).await;
        says_yes(&test, "paula@harbor.example").await;
        // Its first words again: the other school's yes still holds for them.
        assert!(test.page(slug).await.contains("It is not shown at the moment"));
        mayor.post_on(&format!("{url}/publication"), &[]).await;
        assert!(test.page(slug).await.contains(HARBOR_DID));
        // A quote is everybody's.
        mayor.post_on(&format!("{url}/edit"), &form(&session, &[("quote", "We still use it.")])).await;
        assert_eq!(reviews(&test, "pete@millbrook.example").await.len(), 2);
        // Two who write at once do not overwrite each other.
        let stale = mayor.post(&format!("{url}/edit"), &form(&session, &[("revision", "1")])).await;
        assert_eq!(stale.status(), StatusCode::CONFLICT);
    }
}

both_engines! {
    /// A school where nobody answers is not asked into the air: no school is, and the office reads what to do.
    async fn a_school_where_nobody_answers_is_not_asked(test: TestApp) {
        let city = city(&test).await;
        let third = test.add_school("Quillwater Network", "charter_network", "Quillwater Charter School", "charter").await;
        set(&test, "school", third.0, vec![("city", Expr::value("Rivermark")), ("state", Expr::value("NY"))]).await;
        let mayor = test.signed_in(city.mayor, false).await;
        let url = draft(&mayor, city.session, &[("school_1", "Quillwater Charter School")]).await;
        let refused = mayor.post(&format!("{url}/review"), &[]).await;
        assert_eq!(refused.status(), StatusCode::CONFLICT);
        let page = refused.text().await.unwrap();
        assert!(page.contains("Nobody answers for Quillwater Charter School on Common Ground"), "{page}");
        assert!(reviews(&test, "pete@millbrook.example").await.is_empty(), "the other school is not asked either");
        mayor.post_on(&format!("{url}/edit"), &form(&city.session.to_string(), &[])).await;
        mayor.post_on(&format!("{url}/review"), &[]).await;
        assert_eq!(reviews(&test, "pete@millbrook.example").await.len(), 1);
    }
}

both_engines! {
    /// A yes is also to what it links to, to who else is named, and to the consent behind the picture (M-2).
    async fn links_and_company_are_asked_again(test: TestApp) {
        let city = city(&test).await;
        let (mayor, url) = published(&test, &city, &[]).await;
        let slug = "/highlights/two-schools-one-first-grade";
        let session = city.session.to_string();
        let other = Sketch { status: "completed", meetings: vec!["2026-09-19T09:00:00".parse().unwrap()], ..Sketch::default() };
        let other = test.session(&city.at, other).await.to_string();
        // Another session beside the same words: other people came to it.
        mayor.post_on(&format!("{url}/edit"), &form(&other, &[])).await;
        assert!(test.page(slug).await.contains("It is not shown at the moment"));
        assert_eq!(reviews(&test, "paula@harbor.example").await.len(), 2);
        assert_eq!(reviews(&test, "pete@millbrook.example").await.len(), 2);
        // The link of before: both had said yes to it.
        mayor.post_on(&format!("{url}/edit"), &form(&session, &[])).await;
        mayor.post_on(&format!("{url}/publication"), &[]).await;
        assert!(test.page(slug).await.contains(HARBOR_DID));
        mayor.post_on(&format!("{url}/edit"), &form(&session, &[("neighborhood", "")])).await;
        assert!(test.page(slug).await.contains("It is not shown at the moment"), "the place is part of it");
        mayor.post_on(&format!("{url}/edit"), &form(&session, &[])).await;
        mayor.post_on(&format!("{url}/publication"), &[]).await;
        // What is shown is not put under an embargo afterwards.
        let late = mayor.post(&format!("{url}/edit"), &form(&session, &[("embargo", "2027-01-15T09:00")])).await;
        assert_eq!(late.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(late.text().await.unwrap().contains("It is published already"));
        // The same picture with another word of who agreed.
        for (consent, asked) in [("adults", 1), ("recorded", 2)] {
            let before = reviews(&test, "paula@harbor.example").await.len();
            let fields = [("alt", "Four teachers around a table"), ("consent", consent)];
            assert_eq!(send(&mayor, &format!("{url}/photo"), &fields, &picture()).await.status(), StatusCode::SEE_OTHER);
            assert_eq!(reviews(&test, "paula@harbor.example").await.len(), before + 1, "{consent}, {asked}");
        }
        let link = question(&test, "paula@harbor.example").await;
        assert!(text(&test.browser().page(&link).await).contains("The office says of the picture"));
    }
}

both_engines! {
    /// What was withdrawn is not read in a digest either that told of it before.
    async fn a_digest_keeps_no_words_that_were_taken_back(test: TestApp) {
        let city = city(&test).await;
        let (_, url) = published(&test, &city, &[]).await;
        test.clock.set("2026-11-08T14:00:00Z".parse::<DateTime<Utc>>().unwrap());
        commonground::digests::drafting::due(test.db()).await.unwrap();
        let mayor = test.signed_in(city.mayor, false).await;
        let list = mayor.page("/office/digests").await;
        let at = list.find("href=\"/office/digests/").unwrap() + 6;
        let draft: String = list[at..].chars().take_while(|c| *c != '"').collect();
        let page = mayor.page(&draft).await;
        let at = page.find("name=\"revision\" value=\"").unwrap() + 23;
        let revision: String = page[at..].chars().take_while(|c| *c != '"').collect();
        mayor.post_on(&format!("{draft}/publication"), &[("revision", revision.as_str())]).await;
        let public = draft.replace("/office", "");
        let api = format!("/api/v1{public}");
        assert!(test.page(&public).await.contains(STORY) && test.json(&api).await.to_string().contains(STORY));
        mayor.post_on(&format!("{url}/withdrawal"), &[("reason", "It told of the wrong school.")]).await;
        for path in [public.clone(), format!("{public}/press"), api, "/api/v1/digests".to_owned()] {
            let page = test.page(&path).await;
            assert!(!page.contains(STORY) && !page.contains("one first grade"), "{path}: {page}");
        }
        let letter = mayor.post_on(&format!("{draft}/letter"), &[]).await;
        assert!(!mayor.page(&letter).await.contains("one first grade"));
    }
}

both_engines! {
    /// A highlight begins with what is already public: a practice, or how a school took it over.
    async fn a_highlight_begins_with_a_practice_or_an_adoption(test: TestApp) {
        let city = city(&test).await;
        let wall = json!({ "source": "t:wall", "title": "Sound Wall", "summary": "Sounds first.", "origin_school": HARBOR, "topics": ["early_reading"] });
        assert!(test.import(&[wall]).await.bad.is_empty());
        let practice = "sound-wall";
        let mayor = test.signed_in(city.mayor, false).await;
        let page = mayor.page(&format!("/practices/{practice}")).await;
        let new = format!("/highlights/new?practice={practice}");
        assert!(page.contains(&new), "{page}");
        assert!(!test.page(&format!("/practices/{practice}")).await.contains("/highlights/new"));
        let begun = mayor.page(&new).await;
        assert!(begun.contains("value=\"Sound Wall\"") && begun.contains(HARBOR), "{begun}");
        assert_eq!(mayor.get("/highlights/new?adoption=nothing").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(mayor.get("/highlights/new?commitment=nothing").await.status(), StatusCode::NOT_FOUND);
        let carl = test.signed_in(city.at.carl, false).await;
        assert_eq!(carl.get(&new).await.status(), StatusCode::FORBIDDEN);
        // A school of the other sector took it over: both schools and the practice are there.
        let pete = test.signed_in(city.at.pete, false).await;
        let fields = [("school", ""), ("stage", "piloting"), ("since", "2026-10-05"), ("lead_role", "Grade 2 teacher")];
        let to = pete.post_on(&format!("/practices/{practice}/adoption"), &fields).await;
        let adoption = to.split('?').next().unwrap();
        let new = format!("/highlights/new?adoption={}", adoption.rsplit('/').next().unwrap());
        assert!(mayor.page(adoption).await.contains(&new));
        assert!(!pete.page(adoption).await.contains("/highlights/new"));
        let begun = mayor.page(&new).await;
        for words in [HARBOR, MILLBROOK, "value=\"sound-wall\"", "value=\"rivermark-ny\""] {
            assert!(begun.contains(words), "{words}: {begun}");
        }
    }
}

both_engines! {
    /// Words that come after the sign-in ended are shown again, and nothing is done with them.
    async fn a_form_without_a_sign_in_keeps_its_words(test: TestApp) {
        let city = city(&test).await;
        let session = city.session.to_string();
        let nobody = test.browser();
        for path in ["/highlights".to_owned(), format!("/highlights/{}/edit", city.session), format!("/office/digests/{}", city.session)] {
            let answer = nobody.post(&path, &form(&session, &[])).await;
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
            let page = answer.text().await.unwrap();
            assert!(page.contains(HARBOR_DID) && page.contains("/sign-in?next=") && page.contains(&format!("action=\"{path}\"")), "{page}");
        }
        assert_eq!(events(&test, "highlight.drafted").await, 0);
    }
}

both_engines! {
    /// A name stands beside the words and the role that its person agreed to, and beside no others.
    async fn a_name_goes_when_the_role_changes(test: TestApp) {
        let city = city(&test).await;
        let mayor = test.signed_in(city.mayor, false).await;
        let url = draft(&mayor, city.session, &[("quote_role", "Principal")]).await;
        mayor.post_on(&format!("{url}/review"), &[]).await;
        let link = question(&test, "pete@millbrook.example").await;
        let named = print(&test.browser().page(&link).await);
        test.browser().post_on(&link, &[("answer", "yes"), ("print", named.as_str()), ("named", "yes")]).await;
        assert!(mayor.page(&url).await.contains("Pete Weir"));
        let session = city.session.to_string();
        mayor.post_on(&format!("{url}/edit"), &form(&session, &[("quote_role", "Our worst critic")])).await;
        assert!(!mayor.page(&url).await.contains("Pete Weir"));
    }
}

both_engines! {
    /// The form knows schools by their names, copied addresses, and rows; a draft that nobody was asked about can be deleted.
    async fn an_aide_writes_without_an_id(test: TestApp) {
        let city = city(&test).await;
        let mayor = test.signed_in(city.mayor, false).await;
        let new = mayor.page("/highlights/new").await;
        assert!(new.contains("<option value=\"harbor-charter-school\">Harbor Charter School</option>"), "{new}");
        assert!(new.contains(&format!("<option value=\"{}\"", city.session)), "sessions are chosen by their titles: {new}");
        let pasted = format!("{}/schools/{MILLBROOK}?x=1", test.base);
        let session = format!("{}/sessions/{}", test.base, city.session);
        let fields = form(&session, &[("school_1", "Harbor Charter"), ("school_2", pasted.as_str()), ("quote_school", "2")]);
        let url = mayor.post_on("/highlights", &fields).await.trim_end_matches("/edit?done=kept").to_owned();
        let page = text(&mayor.page(&url).await);
        for words in ["Harbor Charter School", "First-grade teacher, Millbrook Elementary", "6 people from 2 sectors came"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let nobody = mayor.post("/highlights", &form(&session, &[("school_1", "No such place")])).await;
        assert!(nobody.text().await.unwrap().contains("There is no such school"));
        // Two who write at once: the second sees what the first wrote, and their own words.
        let own = city.session.to_string();
        mayor.post_on(&format!("{url}/edit"), &form(&own, &[("headline", "The first to save"), ("revision", "1")])).await;
        let late = mayor.post(&format!("{url}/edit"), &form(&own, &[("headline", "The second"), ("revision", "1")])).await;
        assert_eq!(late.status(), StatusCode::CONFLICT);
        let late = late.text().await.unwrap();
        assert!(late.contains("value=\"The second\"") && late.contains("<dd>The first to save</dd>"), "{late}");
        let far = office(&test, "mayor@farside.example", "Farside").await;
        let far = test.signed_in(far, false).await;
        assert_eq!(far.post(&format!("{url}/deletion"), &[]).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(mayor.post_on(&format!("{url}/deletion"), &[]).await, "/office#highlights");
        assert_eq!(mayor.get(&url).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(events(&test, "highlight.deleted").await, 1);
        // What a school was asked about leaves its word.
        let asked = draft(&mayor, city.session, &[]).await;
        mayor.post_on(&format!("{asked}/review"), &[]).await;
        assert_eq!(mayor.post(&format!("{asked}/deletion"), &[]).await.status(), StatusCode::CONFLICT);
        assert_eq!(mayor.get(&asked).await.status(), StatusCode::OK);
    }
}

both_engines! {
    /// A school takes its yes back, signed in, and the page goes down at once.
    async fn a_school_takes_its_yes_back(test: TestApp) {
        let city = city(&test).await;
        let (mayor, url) = published(&test, &city, &[]).await;
        let paula = test.signed_in(city.at.paula, false).await;
        let own = format!("{url}/approval/{HARBOR}");
        assert!(paula.page(&own).await.contains("Take our yes back"));
        let carl = test.signed_in(city.at.carl, false).await;
        for (who, browser) in [("teacher", &carl), ("mayor", &mayor)] {
            assert_eq!(browser.get(&own).await.status(), StatusCode::NOT_FOUND, "{who}");
            assert_eq!(browser.post(&own, &[("answer", "changes"), ("note", "No.")]).await.status(), StatusCode::NOT_FOUND, "{who}");
        }
        paula.post_on(&own, &[("answer", "changes"), ("note", "Our board asks us to wait.")]).await;
        assert!(test.page("/highlights/two-schools-one-first-grade").await.contains("It is not shown at the moment"));
        let told = test.letters("mayor@rivermark.example").await;
        assert!(told.iter().any(|letter| letter.kind == "highlight_unsaid" && letter.text.contains("Our board asks us to wait.")));
        assert_eq!(events(&test, "highlight.approval_withdrawn").await, 1);
        assert_eq!(events(&test, "highlight.taken_down").await, 1);
        let page = paula.page(&own).await;
        let print = print(&page);
        paula.post_on(&own, &[("answer", "yes"), ("print", print.as_str())]).await;
        mayor.post_on(&format!("{url}/publication"), &[]).await;
        assert!(test.page("/highlights/two-schools-one-first-grade").await.contains(HARBOR_DID));
    }
}

both_engines! {
    /// With an embargo it is published by itself, and not before.
    async fn an_embargo_holds_and_then_publishes(test: TestApp) {
        let city = city(&test).await;
        let mayor = test.signed_in(city.mayor, false).await;
        let url = draft(&mayor, city.session, &[("embargo", "2026-10-15T09:00")]).await;
        mayor.post_on(&format!("{url}/review"), &[]).await;
        // Asked again too soon.
        assert_eq!(mayor.post(&format!("{url}/review"), &[]).await.status(), StatusCode::CONFLICT);
        says_yes(&test, "paula@harbor.example").await;
        due(&test, "2026-10-14T20:00:00Z").await;
        says_yes(&test, "pete@millbrook.example").await;
        assert_eq!(mayor.post(&format!("{url}/publication"), &[]).await.status(), StatusCode::CONFLICT);
        assert!(mayor.page(&format!("{url}/edit")).await.contains("Thursday, October 15, 2026, 9:00 AM EDT"));
        due(&test, "2026-10-15T12:59:59Z").await;
        assert_eq!(test.get("/highlights/two-schools-one-first-grade").await.status(), StatusCode::NOT_FOUND);
        due(&test, "2026-10-15T13:00:00Z").await;
        assert!(test.page("/highlights/two-schools-one-first-grade").await.contains(HARBOR_DID));
        assert_eq!(events(&test, "highlight.published").await, 1);
        let told = test.letters("mayor@rivermark.example").await;
        assert_eq!(told.iter().filter(|letter| letter.kind == "highlight_published").count(), 1);
    }
}

both_engines! {
    /// What can be counted is not typed (M-2), two sectors are named, and everything typed is still there.
    async fn what_is_wrong_is_said_at_once(test: TestApp) {
        let city = city(&test).await;
        let mayor = test.signed_in(city.mayor, false).await;
        let session = city.session.to_string();
        let typed = [
            ("number_1_kind", "typed"),
            ("number_1_value", "240"),
            ("number_1_label", "teachers who attended"),
            ("number_1_source", "Our count"),
            ("number_1_link", "https://rivermark.example/count"),
        ];
        let refused = mayor.post("/highlights", &form(&session, &typed)).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = refused.text().await.unwrap();
        assert!(text(&page).contains("The program counts this itself") && page.contains("value=\"240\"") && page.contains(HARBOR_DID));
        let other = [("number_1_label", "books given to families"), typed[0], typed[1], typed[3], typed[4]];
        let url = draft(&mayor, city.session, &other).await;
        assert!(text(&mayor.page(&url).await).contains("240 books given to families Source: Our count"));
        // One sector alone, or a story that goes on.
        let alone = draft(&mayor, city.session, &[("school_2", ""), ("words_2", ""), ("quote_school", HARBOR)]).await;
        let refused = mayor.post(&format!("{alone}/review"), &[]).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().await.unwrap().contains("schools of two sectors"));
        let long = mayor.post("/highlights", &form(&session, &[("story", "One. Two. Three.")])).await;
        assert!(long.text().await.unwrap().contains("two sentences"));
        let student = mayor.post("/highlights", &form(&session, &[("words_1", "Jayden, a third grader, reads now.")])).await;
        assert!(student.text().await.unwrap().contains("This may name a student"));
        // Another city's office writes nothing here.
        let far = office(&test, "mayor@farside.example", "Farside").await;
        let far = test.signed_in(far, false).await;
        assert_eq!(far.post("/highlights", &form(&session, &[])).await.status(), StatusCode::FORBIDDEN);
        for (path, fields) in [("edit", form(&session, &[])), ("review", Vec::new()), ("withdrawal", vec![("reason", "x")])] {
            assert_eq!(far.post(&format!("{url}/{path}"), &fields).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
        let carl = test.signed_in(city.at.carl, false).await;
        for path in ["/highlights/new", "/office"] {
            assert_eq!(carl.get(path).await.status(), StatusCode::FORBIDDEN, "{path}");
        }
    }
}

both_engines! {
    /// The office counts people and never sees one (M-4): every page about who comes, with names as canaries.
    async fn an_office_sees_numbers_and_nobody(test: TestApp) {
        let city = city(&test).await;
        let (mayor, url) = published(&test, &city, &[]).await;
        let s = city.session;
        // Teachers. Who organizes a session is named as the contact for access needs, to everybody who is signed in.
        let names = ["Carl Pier", "Cora Buoy", "Dina Ford", "Dora Mill"];
        let mut seen = 0;
        for path in [
            format!("/sessions/{s}"),
            format!("/highlights/new?session={s}"),
            format!("{url}/edit"),
            url.clone(),
            "/highlights".to_owned(),
            "/office".to_owned(),
            format!("/api/v1{url}"),
            format!("/sessions/{s}/console"),
            format!("/sessions/{s}/tables"),
            format!("/sessions/{s}/roster.csv"),
            format!("/sessions/{s}/needs"),
            format!("/sessions/{s}/messages"),
            format!("/sessions/{s}/meetings/1/attendance"),
            format!("/sessions/{s}/credit"),
            format!("/sessions/{s}/posting"),
            format!("/sessions/{s}/edit"),
            format!("/api/v1/sessions/{s}"),
            format!("/api/v1/sessions/{s}/roster"),
            format!("/api/v1/sessions/{s}/registrations"),
            format!("/api/v1/sessions/{s}/attendance"),
            format!("/schools/{HARBOR}/staff"),
            format!("/schools/{HARBOR}/seats"),
            format!("/schools/{HARBOR}/hours"),
            format!("/schools/{HARBOR}/record"),
        ] {
            let answer = mayor.get(&path).await;
            seen += usize::from(answer.status() == StatusCode::OK);
            let page = answer.text().await.unwrap();
            for name in names {
                assert!(!page.contains(name), "{name} on {path}");
            }
        }
        assert!(seen >= 7, "pages were read: {seen}");
        // The control: who may read it finds them.
        let paula = test.signed_in(city.at.paula, false).await;
        assert!(paula.page(&format!("/sessions/{s}/console")).await.contains("Carl Pier"));
        // No letter and no event names a teacher.
        for letter in test.letters("mayor@rivermark.example").await {
            assert!(!names.iter().any(|name| letter.text.contains(name)), "{}", letter.text);
        }
    }
}

both_engines! {
    /// Pages of others may show the card in a frame, and nothing else of ours.
    async fn only_the_card_may_be_framed(test: TestApp) {
        let city = city(&test).await;
        published(&test, &city, &[]).await;
        let slug = "/highlights/two-schools-one-first-grade";
        let card = test.get(&format!("{slug}/card")).await;
        let policy = card.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("frame-ancestors *") && policy.contains("default-src 'none'") && !policy.contains("script-src"), "{policy}");
        assert!(card.headers().get("x-frame-options").is_none());
        let html = card.text().await.unwrap();
        assert!(!html.contains("<script") && !html.contains("<form") && html.contains("target=\"_blank\""), "{html}");
        assert!(text(&html).contains("6 people from 2 sectors came"), "{html}");
        let mut looked = 0;
        for row in commonground::app::route_table(&commonground::app::openapi()) {
            if row.method != "GET" || row.path == "/highlights/:slug/card" {
                continue;
            }
            let path = row.path.replace(":slug", "two-schools-one-first-grade").replace(":id", "x").replace(":name", "app.css");
            let answer = test.get(&path).await;
            let policy = answer.headers()["content-security-policy"].to_str().unwrap_or_default();
            assert!(!policy.contains("frame-ancestors *") && answer.headers().get("x-frame-options").is_some(), "{path}: {policy}");
            looked += 1;
        }
        assert!(looked > 100, "{looked}");
        // Of a card that is not there, the refusal is framed by nobody.
        let none = test.get("/highlights/nothing/card").await;
        assert_eq!((none.status(), none.headers()["x-frame-options"].to_str().unwrap()), (StatusCode::NOT_FOUND, "DENY"));
    }
}

/// A small picture with a place in its EXIF.
fn picture() -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = image::DynamicImage::from(image::RgbImage::from_pixel(30, 20, image::Rgb([90, 120, 30])));
    picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Jpeg).unwrap();
    let exif = b"Exif\0\0II*\0\x08\0\0\0\0\0 GPS canary 40.7128";
    let mut segment = vec![0xff, 0xe1];
    segment.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    segment.extend(exif);
    [&bytes[..2], &segment, &bytes[2..]].concat()
}

async fn send(browser: &Browser, path: &str, fields: &[(&str, &str)], bytes: &[u8]) -> reqwest::Response {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.bytes());
    }
    let head = format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"photo\"; filename=\"photo.jpg\"\r\n\
         content-type: application/octet-stream\r\n\r\n"
    );
    body.extend(head.bytes());
    body.extend(bytes);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request = client
        .post(browser.url(path))
        .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
        .header("sec-fetch-site", "same-origin")
        .body(body);
    browser.send(request).await
}

both_engines! {
    /// A picture loses what its camera noted, needs a description and consent, is approved like the words, and goes with the highlight.
    async fn a_picture_says_where_it_was_taken_to_nobody(test: TestApp) {
        let city = city(&test).await;
        let (mayor, url) = published(&test, &city, &[]).await;
        let photo_url = format!("{url}/photo");
        let bare = send(&mayor, &photo_url, &[("alt", ""), ("consent", "")], &picture()).await;
        assert_eq!(bare.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = bare.text().await.unwrap();
        assert!(page.contains("for people who cannot see it") && page.contains("who agreed to be shown"), "{page}");
        let fields = [("alt", "Four teachers around a table"), ("consent", "adults")];
        let wrong = send(&mayor, &photo_url, &fields, b"%PDF-1.7\ntrailer << >>\n%%EOF\n").await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let sent = send(&mayor, &photo_url, &fields, &picture()).await;
        assert_eq!(sent.status(), StatusCode::SEE_OTHER);
        // Both schools see it before anybody else does.
        let slug = "/highlights/two-schools-one-first-grade";
        assert!(test.page(slug).await.contains("It is not shown at the moment"));
        assert_eq!(test.get(&format!("{slug}/photo")).await.status(), StatusCode::NOT_FOUND);
        let link = question(&test, "paula@harbor.example").await;
        assert_eq!(test.browser().get(&format!("{link}/photo")).await.status(), StatusCode::OK);
        says_yes(&test, "paula@harbor.example").await;
        says_yes(&test, "pete@millbrook.example").await;
        mayor.post_on(&format!("{url}/publication"), &[]).await;
        assert!(test.page(slug).await.contains("alt=\"Four teachers around a table\""));
        let shown = test.get(&format!("{slug}/photo")).await;
        assert_eq!(shown.headers()["content-type"], "image/jpeg");
        let bytes = shown.bytes().await.unwrap();
        let hay = String::from_utf8_lossy(&bytes);
        assert!(!hay.contains("canary") && !hay.contains("Exif") && bytes.starts_with(b"\xff\xd8\xff"));
        assert!(String::from_utf8_lossy(&picture()).contains("canary"), "the control");
        // Withdrawn, its bytes go.
        mayor.post_on(&format!("{url}/withdrawal"), &[("reason", "Somebody in it no longer agrees.")]).await;
        assert_eq!(test.get(&format!("{slug}/photo")).await.status(), StatusCode::NOT_FOUND);
        let depot = test.app.depot().unwrap();
        // The server looks too, once a minute.
        photo::sweep(test.db(), &depot).await.unwrap();
        assert_eq!(photo::sweep(test.db(), &depot).await.unwrap(), 0);
        assert_eq!(events(&test, "highlight.photo_deleted").await, 1);
    }
}

both_engines! {
    /// Who spoke is named when they say so themselves, and nowhere once they are gone.
    async fn a_name_stands_only_where_its_person_wants_it(test: TestApp) {
        let city = city(&test).await;
        let mayor = test.signed_in(city.mayor, false).await;
        let url = draft(&mayor, city.session, &[("quote_role", "Principal")]).await;
        mayor.post_on(&format!("{url}/review"), &[]).await;
        let link = question(&test, "paula@harbor.example").await;
        assert!(!test.browser().page(&link).await.contains("I said the quote myself"), "the quote is of the other school");
        says_yes(&test, "paula@harbor.example").await;
        let link = question(&test, "pete@millbrook.example").await;
        let page = test.browser().page(&link).await;
        assert!(page.contains("I said the quote myself"));
        let print = print(&page);
        test.browser().post_on(&link, &[("answer", "yes"), ("print", print.as_str()), ("named", "yes")]).await;
        mayor.post_on(&format!("{url}/publication"), &[]).await;
        let slug = "/highlights/two-schools-one-first-grade";
        assert!(text(&test.page(slug).await).contains("Pete Weir, Principal, Millbrook Elementary"));
        let cx = test.db().cx(Actor::System("test"));
        let sheets = HighlightData.export(&cx, city.at.pete.0).await.unwrap();
        let rows: Vec<(&str, usize)> = sheets.iter().map(|sheet| (sheet.name, sheet.rows.len())).collect();
        assert_eq!(rows, [("highlights", 0), ("highlight_answers", 1), ("highlight_quotes", 1)]);
        assert_eq!(HighlightData.export(&cx, city.mayor.0).await.unwrap()[0].rows[0]["story"], STORY);
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        let stays = HighlightData.erase(&mut tx, city.at.pete.0).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(stays.len(), 1);
        let page = test.page(slug).await;
        assert!(page.contains("Principal, Millbrook Elementary") && !page.contains("Pete Weir"), "{page}");
        for sheet in HighlightData.export(&cx, city.at.pete.0).await.unwrap() {
            assert!(sheet.rows.is_empty(), "{}", sheet.name);
        }
    }
}

both_engines! {
    /// The same over JSON, with entity tags.
    async fn programs_do_the_same(test: TestApp) {
        let city = city(&test).await;
        let mayor = test.signed_in(city.mayor, false).await;
        let body = |words: &str| json!({
            "city": "rivermark-ny",
            "headline": "Two schools, one first grade",
            "story": STORY,
            "schools": [
                { "school": HARBOR, "words": words },
                { "school": MILLBROOK, "words": MILLBROOK_DID },
            ],
            "numbers": [
                { "kind": "session_people" },
                { "kind": "metric:sessions_held", "from": "2026-09-01", "to": "2026-10-14" },
            ],
            "session": city.session.to_string(),
        });
        let made = api(&mayor, Method::POST, "/api/v1/highlights", "", Some(body("Opened."))).await;
        assert_eq!(made.status(), StatusCode::CREATED, "{}", made.text().await.unwrap());
        let path = made.headers()["location"].to_str().unwrap().strip_prefix(&test.base).unwrap().to_owned();
        let now = api(&mayor, Method::GET, &path, "", None).await;
        let tag = now.headers()["etag"].to_str().unwrap().to_owned();
        let blind = api(&mayor, Method::PUT, &path, "", Some(body(HARBOR_DID))).await;
        problem(blind, 428).await;
        let changed = api(&mayor, Method::PUT, &path, &tag, Some(body(HARBOR_DID))).await;
        assert_eq!(changed.status(), StatusCode::OK, "{}", changed.text().await.unwrap());
        problem(api(&mayor, Method::PUT, &path, &tag, Some(body("Stale."))).await, 412).await;
        let nobody = test.browser();
        problem(api(&nobody, Method::GET, &path, "", None).await, 404).await;
        problem(api(&nobody, Method::POST, "/api/v1/highlights", "", Some(body("x"))).await, 401).await;
        let approval = format!("{path}/approval");
        let asked = api(&mayor, Method::POST, &approval, "", Some(json!({}))).await;
        assert_eq!(asked.json::<Value>().await.unwrap()["state"], "reviewing");
        problem(api(&mayor, Method::POST, &format!("{path}/publication"), "", None).await, 409).await;
        for (account, school) in [(city.at.paula, HARBOR), (city.at.pete, MILLBROOK)] {
            let lead = test.signed_in(account, false).await;
            let seen: Value = api(&lead, Method::GET, &path, "", None).await.json().await.unwrap();
            let mine = seen["schools"].as_array().unwrap().iter().find(|one| one["name"] != "" && one["print"].is_string());
            assert!(mine.is_some(), "{seen}");
            let at = usize::from(school == MILLBROOK);
            let body = json!({ "school": school, "answer": "yes", "print": seen["schools"][at]["print"] });
            // Nobody answers for a school that is not theirs.
            problem(api(&mayor, Method::POST, &approval, "", Some(body.clone())).await, 403).await;
            let said = api(&lead, Method::POST, &approval, "", Some(body)).await;
            assert_eq!(said.status(), StatusCode::OK, "{}", said.text().await.unwrap());
        }
        let shown: Value = api(&mayor, Method::POST, &format!("{path}/publication"), "", None).await.json().await.unwrap();
        assert_eq!((shown["state"].as_str(), shown["slug"].as_str()), (Some("published"), Some("two-schools-one-first-grade")));
        assert_eq!(shown["numbers"][0]["value"], "6");
        let list = test.json("/api/v1/highlights?city=rivermark-ny").await;
        assert_eq!((list["total"].as_u64(), list["items"][0]["slug"].as_str()), (Some(1), Some("two-schools-one-first-grade")));
        assert!(list["items"][0].get("print").is_none() && list["items"][0]["schools"][0].get("print").is_none());
        problem(test.get("/api/v1/highlights?cursor=x").await, 400).await;
        let gone = api(&mayor, Method::POST, &format!("{path}/withdrawal"), "", Some(json!({ "reason": "It was wrong." }))).await;
        assert_eq!(gone.json::<Value>().await.unwrap()["reason"], "It was wrong.");
    }
}

/// What pages ask of the database does not grow with what they show.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_cost_the_same_with_one_row_and_with_three() {
    let test = TestApp::on(TestDatabase::fresh(Engine::Postgres).await, "node").await;
    let city = city(&test).await;
    let still = Still::on(test.database.share()).await;
    let mut costs: Vec<Vec<(String, u64)>> = Vec::new();
    let mut mayor = None;
    for rows in [1, 3] {
        let had: usize = costs.len();
        for n in had..rows {
            let headline = format!("Two schools, number {n}");
            mayor = Some(published(&test, &city, &[("headline", &headline)]).await.0);
        }
        test.settle().await;
        still.follow().await;
        let cookie = format!("commonground={}", mayor.as_ref().unwrap().cookie("commonground").unwrap());
        let mut now = Vec::new();
        for (path, cookie) in [
            ("/highlights", ""),
            ("/highlights.atom", ""),
            ("/highlights/two-schools-number-0", ""),
            ("/highlights/two-schools-number-0/card", ""),
            ("/api/v1/highlights", ""),
            ("/office", cookie.as_str()),
        ] {
            for _ in 0..2 {
                still.get_as(path, cookie).await;
            }
            let before = still.app.db.statements();
            still.get_as(path, cookie).await;
            now.push((path.to_owned(), still.app.db.statements() - before));
        }
        costs.push(now);
    }
    println!("{costs:?}");
    assert_eq!(costs[0], costs[1]);
    for (path, cost) in &costs[1] {
        assert!(*cost > 0 && *cost <= 70, "{path}: {cost}");
    }
}
