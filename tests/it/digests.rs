//! Monthly digests and school-year reports of a city: drafted by the program, edited and sent by a person (M-3).

use chrono::{DateTime, TimeDelta, Utc};
use commonground::digests::drafting;
use commonground::people::{self, AccountId, NewOrganization, NewSchool};
use commonground::platform::{Actor, Place, Role};
use serde_json::Value;

use crate::support::persons::Browser;
use crate::support::sessions::{Sketch, TwoSchools};
use crate::support::{TestApp, both_engines};

/// Two schools of Rivermark, NY that take part, with an office there and one elsewhere, on the second of November.
struct City {
    at: TwoSchools,
    aide: Browser,
    other_aide: Browser,
    stranger: Browser,
    people: [AccountId; 3],
}

impl City {
    /// Everybody signs in again: weeks went by.
    async fn enter(&mut self, test: &TestApp) {
        let [aide, other, stranger] = self.people;
        self.aide = test.signed_in(aide, false).await;
        self.other_aide = test.signed_in(other, false).await;
        self.stranger = test.signed_in(stranger, false).await;
    }
}

async fn office(test: &TestApp, name: &str, city: &str) -> Place {
    let mut tx = test.db().write(Actor::System("test")).await.unwrap();
    let new = NewOrganization {
        kind: "city_office".to_owned(),
        name: name.to_owned(),
        city: Some(city.to_owned()),
        state: Some("NY".to_owned()),
    };
    let id = people::add_organization(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    Place::Organization(id.0)
}

async fn city(test: &TestApp) -> City {
    let at = test.two_schools().await;
    for slug in ["harbor-charter-school", "millbrook-elementary"] {
        let school = people::school(&test.db().cx(Actor::Visitor), slug).await.unwrap();
        let there =
            NewSchool { city: Some("Rivermark".to_owned()), state: Some("NY".to_owned()), ..NewSchool::of(&school) };
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        people::school_admin::change_school(&mut tx, school.id, there, school.updated_at).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = test.db().write(Actor::System("test")).await.unwrap();
    let elsewhere = NewSchool {
        name: "Elsewhere School".to_owned(),
        sector: Some("district".to_owned()),
        city: Some("Elsewhere".to_owned()),
        state: Some("NY".to_owned()),
        ..NewSchool::default()
    };
    people::add_school(&mut tx, elsewhere).await.unwrap();
    tx.commit().await.unwrap();
    let here = office(test, "Mayor of Rivermark", "Rivermark").await;
    let there = office(test, "Mayor of Elsewhere", "Elsewhere").await;
    let (mut browsers, mut people) = (Vec::new(), Vec::new());
    for (email, name, place) in [
        ("aide@rivermark.example", "Ada Aide", here),
        ("second@rivermark.example", "Sam Second", here),
        ("aide@elsewhere.example", "Eve Else", there),
    ] {
        let id = test.account(email, name).await;
        test.appoint(id, Role::Mayor, place).await;
        browsers.push(test.signed_in(id, false).await);
        people.push(id);
    }
    let people = people.try_into().ok().unwrap();
    let [aide, other_aide, stranger]: [Browser; 3] = browsers.try_into().ok().unwrap();
    City { at, aide, other_aide, stranger, people }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A session of the month that was held, in which somebody sat.
async fn held(test: &TestApp, at: &TwoSchools) {
    let start = "2026-10-20T09:00:00".parse().unwrap();
    let sketch = Sketch {
        title: "Reading Safety Net".to_owned(),
        status: "completed",
        meetings: vec![start],
        ..Sketch::default()
    };
    let session = test.session(at, sketch).await;
    test.seat(session, at.carl, at.harbor, "charter", "confirmed").await;
}

/// The paths of the office's digests of one city.
async fn digests(browser: &Browser) -> Vec<String> {
    let page = browser.page("/office/digests").await;
    page.split("href=\"/office/digests/")
        .skip(1)
        .map(|rest| format!("/office/digests/{}", rest.split('"').next().unwrap()))
        .collect()
}

both_engines! {
    /// On the second of the month there is one draft for each city, however often it is looked.
    async fn a_draft_is_begun_once(test: TestApp) {
        let mut city = city(&test).await;
        held(&test, &city.at).await;
        test.clock.set(at("2026-11-01T20:00:00Z"));
        assert_eq!(drafting::due(test.db()).await.unwrap(), 0, "nothing new on the first");
        test.clock.set(at("2026-11-02T14:00:00Z"));
        drafting::due(test.db()).await.unwrap();
        assert_eq!(drafting::due(test.db()).await.unwrap(), 0, "once");
        test.clock.set(at("2026-11-20T14:00:00Z"));
        assert_eq!(drafting::due(test.db()).await.unwrap(), 0);
        city.enter(&test).await;
        let mine = digests(&city.aide).await;
        assert_eq!(mine.len(), 1);
        let page = city.aide.page(&mine[0]).await;
        assert!(page.contains("October 2026") && page.contains("Reading Safety Net") && page.contains("Sessions held"));
        assert!(!page.contains("Carl Pier"), "nobody is in it");
        test.clock.set(at("2027-07-10T14:00:00Z"));
        // The running program may have been quicker.
        drafting::due(test.db()).await.unwrap();
        assert_eq!(drafting::due(test.db()).await.unwrap(), 0);
        city.enter(&test).await;
        assert!(digests(&city.aide).await.len() >= 3, "June, and the school year");
    }
}

async fn drafted(test: &TestApp, city: &mut City) -> String {
    held(test, &city.at).await;
    test.clock.set(at("2026-11-08T14:00:00Z"));
    drafting::due(test.db()).await.unwrap();
    city.enter(test).await;
    digests(&city.aide).await.remove(0)
}

fn field(page: &str, name: &str) -> String {
    let at = page.find(&format!("name=\"{name}\" value=\"")).unwrap();
    page[at..].split('"').nth(3).unwrap().to_owned()
}

both_engines! {
    /// Two people of the office edit it, neither over the other; the office of another city does not know of it.
    async fn a_draft_is_edited_by_its_office(test: TestApp) {
        let mut city = city(&test).await;
        let draft = drafted(&test, &mut city).await;
        let (one, two) = (city.aide.page(&draft).await, city.other_aide.page(&draft).await);
        let (first, second) = (field(&one, "revision"), field(&two, "revision"));
        let words = [("intro", "A month of first visits.\nThank you."), ("revision", first.as_str()), ("shown/held", "yes"), ("order/held", "1"), ("note/held", "Twice as many as in May."), ("shown/numbers", "yes"), ("order/numbers", "2")];
        assert_eq!(city.aide.post_on(&draft, &words).await, format!("{draft}?done=kept"));
        let late = city.other_aide.post(&draft, &[("intro", "Something else"), ("revision", second.as_str()), ("shown/held", "yes")]).await;
        assert_eq!(late.status(), 409);
        let late = late.text().await.unwrap();
        assert!(late.contains("Something else"), "nothing typed is lost");
        let kept = city.aide.page(&draft).await;
        assert!(kept.contains("Thank you.") && kept.contains("Twice as many as in May."));
        assert!(kept.find("Joint sessions held").unwrap() < kept.rfind("In numbers").unwrap());

        let now = field(&kept, "revision");
        for (wrong, sentence) in [
            (vec![("revision", now.as_str())], "Keep at least one chapter."),
            (vec![("revision", now.as_str()), ("shown/held", "yes"), ("intro", "We saw Jayden, a third grader.")], "If it is about no student"),
        ] {
            let answer = city.aide.post(&draft, &wrong).await;
            assert_eq!(answer.status(), 422);
            assert!(answer.text().await.unwrap().contains(sentence));
        }
        for path in [draft.clone(), format!("{draft}/publication"), format!("{draft}/letter")] {
            assert_eq!(city.stranger.post(&path, &[("revision", now.as_str())]).await.status(), 404, "{path}");
        }
        assert_eq!(city.stranger.get(&draft).await.status(), 404);
        let teacher = test.signed_in(city.at.dina, false).await;
        assert_eq!(teacher.get(&draft).await.status(), 403);
        assert_eq!(teacher.get("/office/digests").await.status(), 403);
        let public = draft.replace("/office", "");
        assert_eq!(test.get(&public).await.status(), 404, "a draft is nobody else's");
        assert_eq!(city.aide.post(&format!("{draft}/letter"), &[]).await.status(), 422, "nothing to lead to yet");
    }
}

both_engines! {
    /// What is published keeps its numbers, whatever is counted later, and can be taken along.
    async fn a_published_digest_does_not_change(test: TestApp) {
        let mut city = city(&test).await;
        let draft = drafted(&test, &mut city).await;
        let page = city.aide.page(&draft).await;
        let stale = city.aide.post(&format!("{draft}/publication"), &[("revision", "99")]).await;
        assert_eq!(stale.status(), 409);
        let revision = field(&page, "revision");
        city.aide.post_on(&format!("{draft}/publication"), &[("revision", revision.as_str())]).await;
        let public = draft.replace("/office", "");
        let before = test.page(&public).await;
        assert!(before.contains("Reading Safety Net") && before.contains("November 8, 2026"));
        test.clock.set(test.clock.now() + TimeDelta::days(3));
        city.enter(&test).await;
        held(&test, &city.at).await;
        assert_eq!(test.page(&public).await, before);
        let again = city.aide.post(&draft, &[("revision", "2"), ("shown/held", "yes"), ("intro", "Later")]).await;
        assert_eq!(again.status(), 422, "what was published does not change");
        let csv = test.get(&format!("{public}/numbers.csv")).await;
        assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8");
        let csv = csv.text().await.unwrap();
        assert!(csv.contains("sessions_held,Sessions held,1,2026-10-01,2026-10-31,2026-11-08T14:00:00Z,1,"), "{csv}");
        let press = test.page(&format!("{public}/press")).await;
        assert!(press.starts_with("Rivermark, NY: October 2026\n") && press.contains(&format!("{}{public}", test.base)));
        assert!(test.page("/digests").await.contains(&public));
        assert!(test.page(&format!("{public}?print")).await.contains("print-view"));
        let list: Value = test.json("/api/v1/digests?city=rivermark-ny").await;
        assert_eq!((list["total"].as_u64(), list["items"][0]["kind"].as_str()), (Some(1), Some("month")));
        assert_eq!(test.json("/api/v1/digests?city=elsewhere-ny").await["total"], 0);
        let id = public.rsplit('/').next().unwrap();
        assert_eq!(test.json(&format!("/api/v1/digests/{id}")).await["chapters"][0]["section"], "numbers");
        for person in ["Carl Pier", "Paula Quay", "carl@harbor.example"] {
            for text in [&before, &csv, &press] {
                assert!(!text.contains(person), "{person}");
            }
        }
    }
}

/// The hidden fields of the form that tell what was read before.
fn read_before(page: &str) -> Vec<(String, String)> {
    let hidden = page.split("<input type=\"hidden\" name=\"was/").skip(1);
    let parts = hidden.map(|rest| rest.split('"').collect::<Vec<_>>());
    parts.map(|parts| (format!("was/{}", parts[0]), parts[2].to_owned())).collect()
}

both_engines! {
    /// Two of the office write at once: what only one changed stays, what both changed is shown twice, and nothing is written over unseen.
    async fn two_who_write_at_once_lose_nothing(test: TestApp) {
        let mut city = city(&test).await;
        let draft = drafted(&test, &mut city).await;
        let read = city.aide.page(&draft).await;
        let revision = field(&read, "revision");
        let was = read_before(&read);
        assert!(was.len() > 16, "{was:?}");
        let everything: Vec<(&str, &str)> = was.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let sections = ["numbers", "held", "practices", "adoptions", "commitments", "highlights", "unmet", "coming"];
        let shown: Vec<(String, String)> = sections.iter().enumerate().flat_map(|(at, code)| {
            [(format!("shown/{code}"), "yes".to_owned()), (format!("order/{code}"), (at + 1).to_string())]
        }).collect();
        let form = |words: &[(&'static str, &'static str)]| -> Vec<(String, String)> {
            let mut all: Vec<(String, String)> = vec![("revision".to_owned(), revision.clone())];
            all.extend(everything.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
            all.extend(shown.clone());
            all.extend(words.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
            all
        };
        fn refs(all: &[(String, String)]) -> Vec<(&str, &str)> {
            all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
        }
        city.aide.post_on(&draft, &refs(&form(&[("intro", "Ada wrote this."), ("note/held", "Ada about sessions.")]))).await;
        let late = city.other_aide.post(&draft, &refs(&form(&[("intro", "Sam wrote this."), ("note/unmet", "Sam about searches.")]))).await;
        assert_eq!(late.status(), 409);
        let late = late.text().await.unwrap();
        for words in ["Sam wrote this.", "Ada wrote this.", ">Ada about sessions.</textarea>", ">Sam about searches.</textarea>"] {
            assert!(late.contains(words), "{words}: {late}");
        }
        assert_ne!(field(&late, "revision"), revision, "the page that was shown is what is kept next");
    }
}

both_engines! {
    /// The page before publication shows exactly what goes out; what moved meanwhile is looked at again.
    async fn what_goes_out_is_seen_before(test: TestApp) {
        let mut city = city(&test).await;
        let draft = drafted(&test, &mut city).await;
        let page = city.aide.page(&format!("{draft}/publication")).await;
        let public = draft.replace("/office", "");
        assert!(page.contains("Reading Safety Net") && page.contains(&format!("{}{public}", test.base)) && page.contains("Nobody gets a letter"));
        assert_eq!(city.stranger.get(&format!("{draft}/publication")).await.status(), 404);
        let (revision, read) = (field(&page, "revision"), field(&page, "read"));
        // One session more was held than the page told of.
        held(&test, &city.at).await;
        let form = [("revision", revision.as_str()), ("read", read.as_str())];
        let moved = city.aide.post(&format!("{draft}/publication"), &form).await;
        assert_eq!(moved.status(), 409);
        let again = moved.text().await.unwrap();
        assert_eq!(test.get(&public).await.status(), 404);
        let read = field(&again, "read");
        let form = [("revision", revision.as_str()), ("read", read.as_str())];
        city.aide.post_on(&format!("{draft}/publication"), &form).await;
        assert_eq!(test.get(&public).await.status(), 200);
    }
}

both_engines! {
    /// What was wrong is put right in sight, and what must go goes with its reason and its letter.
    async fn a_digest_is_corrected_and_withdrawn(test: TestApp) {
        let mut city = city(&test).await;
        let draft = drafted(&test, &mut city).await;
        assert_eq!(city.aide.post(&format!("{draft}/correction"), &[("correction", "x")]).await.status(), 422, "a draft is changed");
        let revision = field(&city.aide.page(&draft).await, "revision");
        city.aide.post_on(&format!("{draft}/publication"), &[("revision", revision.as_str())]).await;
        let public = draft.replace("/office", "");
        let id = public.rsplit('/').next().unwrap().to_owned();
        for (path, field) in [("correction", "correction"), ("withdrawal", "reason")] {
            assert_eq!(city.stranger.post(&format!("{draft}/{path}"), &[(field, "x")]).await.status(), 404);
            assert_eq!(city.aide.post(&format!("{draft}/{path}"), &[(field, " ")]).await.status(), 422);
        }
        for _ in 0..2 {
            city.aide.post_on(&format!("{draft}/correction"), &[("correction", "The visit was at Millbrook.")]).await;
        }
        let page = test.page(&public).await;
        assert_eq!(page.matches("The visit was at Millbrook.").count(), 1);
        assert!(page.contains("Corrected on November 8, 2026") && page.contains("Reading Safety Net"));
        assert!(test.page(&format!("{public}/press")).await.contains("The visit was at Millbrook."));
        assert_eq!(test.json(&format!("/api/v1/digests/{id}")).await["corrections"][0]["text"], "The visit was at Millbrook.");
        let letter = city.aide.post_on(&format!("{draft}/letter"), &[]).await;
        city.aide.post_on(&format!("{letter}/schedule"), &[("when", "2026-11-09T09:00"), ("zone", "America/New_York")]).await;
        city.aide.post_on(&format!("{draft}/withdrawal"), &[("reason", "It counted a session twice.")]).await;
        test.clock.set(at("2026-11-10T14:00:00Z"));
        city.enter(&test).await;
        let press = test.app.press(&test.base.as_str().into()).unwrap();
        commonground::bulletins::sending::due(test.db(), &press).await.unwrap();
        assert_eq!(digest_letters(&test).await.len(), 0, "its letter goes to nobody");
        let page = test.page(&public).await;
        assert!(page.contains("It counted a session twice.") && page.contains("noindex") && !page.contains("Reading Safety Net"), "{page}");
        for part in ["press", "numbers.csv"] {
            let text = test.page(&format!("{public}/{part}")).await;
            assert!(text.contains("It counted a session twice.") && !text.contains("Reading Safety Net"), "{part}: {text}");
        }
        let told = test.json(&format!("/api/v1/digests/{id}")).await;
        assert_eq!((told["state"].as_str(), told["chapters"].as_array().map(Vec::len)), (Some("withdrawn"), Some(0)));
        assert_eq!(test.json("/api/v1/digests").await["total"], 0);
        assert!(!test.page("/digests").await.contains(&public));
        assert!(city.aide.page("/office/digests").await.contains("Withdrawn on"));
        assert_eq!(city.aide.post(&format!("{draft}/letter"), &[]).await.status(), 422);
    }
}

/// What Dina, a teacher of the city, got of digests.
async fn digest_letters(test: &TestApp) -> Vec<crate::support::persons::KeptLetter> {
    let mut letters = test.letters("dina@millbrook.example").await;
    letters.retain(|letter| letter.subject.contains("joint work of its schools"));
    letters
}

both_engines! {
    /// A letter is written once, goes nowhere by itself, and then once to each who belongs to the city.
    async fn a_digest_is_sent_once_by_a_person(test: TestApp) {
        let mut city = city(&test).await;
        let draft = drafted(&test, &mut city).await;
        let revision = field(&city.aide.page(&draft).await, "revision");
        city.aide.post_on(&format!("{draft}/publication"), &[("revision", revision.as_str())]).await;
        let letter = city.aide.post_on(&format!("{draft}/letter"), &[]).await;
        assert!(letter.starts_with("/admin/announcements/"));
        assert_eq!(city.other_aide.post_on(&format!("{draft}/letter"), &[]).await, letter, "one for a digest");
        let press = test.app.press(&test.base.as_str().into()).unwrap();
        commonground::bulletins::sending::due(test.db(), &press).await.unwrap();
        assert_eq!(digest_letters(&test).await.len(), 0, "never by itself");
        let preview = city.aide.page(&letter).await;
        assert!(preview.contains("joint work of its schools in October 2026") && preview.contains("Reading Safety Net"));
        city.aide.post_on(&format!("{letter}/schedule"), &[("when", ""), ("zone", "America/New_York")]).await;
        for _ in 0..2 {
            commonground::bulletins::sending::due(test.db(), &press).await.unwrap();
        }
        let got = digest_letters(&test).await;
        assert_eq!(got.len(), 1);
        assert!(got[0].text.contains(&draft.replace("/office", "")), "{}", got[0].text);
    }
}
