//! Review through the front, on both engines: from a draft to the catalog, what is refused on the way, and who comes second.

use commonground::catalog::draft::PracticeDraft;
use commonground::catalog::{self, fields::FIELDS};
use commonground::contributions::review::{self, Said, Verdict};
use commonground::contributions::writing::{self, Beginning, Change, Outcome};
use commonground::contributions::{Contribution, ContributionId, clockwork, confirm, contribution};
use commonground::notices::Postroom;
use commonground::people::{AccountId, SchoolId, account};
use commonground::platform::{Actor, Error, Place, Role, Scope, Via};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::persons::Browser;
use crate::support::sessions::TwoSchools;
use crate::support::{TestApp, both_engines, html};

/// Everything that publication needs.
fn full() -> Value {
    json!({
        "title": "Greet every student at the door",
        "summary": "A teacher greets each student by name at the door. Lessons begin two minutes sooner.",
        "problem": "The first minutes of a lesson are lost to noise in the hallway.",
        "practice_type": "instructional_routine",
        "topics": ["early_reading"], "grade_bands": ["k_2"], "subjects": ["ela_literacy"],
        "student_groups": ["all_students"], "settings": ["whole_class"], "in_use_since": 2021, "result": "worked",
        "steps": [
            {"what": "Agree on the words of the greeting", "who": "Grade team", "how_long": "One meeting"},
            {"what": "Stand at the door before the bell", "who": "Teacher", "how_long": "Three minutes"},
            {"what": "Hand the card of the day to each student", "who": "Teacher", "how_long": "Two minutes"}
        ],
        "evidence_claims": [{"outcome": "Time on task", "tier": "practitioner", "finding": "helped"}],
        "time_to_start": "this_month", "weekly_time": "30_to_90", "cost_band": "under_1k", "cost_note": "Cards.",
        "staffing": ["one_teacher"], "conditions": ["none"], "contact_role": "Grade 1 lead teacher",
        "license": "CC BY 4.0"
    })
}

fn draft(value: &Value) -> PracticeDraft {
    PracticeDraft::from_json(value).unwrap()
}

fn room(test: &TestApp) -> Postroom {
    test.app.desk(&test.base.as_str().into()).unwrap().postroom()
}

async fn actor(test: &TestApp, id: AccountId) -> Actor {
    let cx = test.db().cx(Actor::Visitor);
    account::actor(&cx, id, Via::SignIn(id.0), cx.now(), Scope::Admin, true).await.unwrap().unwrap()
}

async fn editor(test: &TestApp, email: &str, name: &str) -> AccountId {
    let id = test.account(email, name).await;
    test.appoint(id, Role::Editor, Place::Installation).await;
    id
}

/// A draft of somebody at a school.
async fn begun(test: &TestApp, by: AccountId, school: SchoolId, says: &Value) -> ContributionId {
    let mut tx = test.db().write(actor(test, by).await).await.unwrap();
    let new = Beginning { school, draft: draft(says), cleared: Vec::new() };
    let Outcome::Kept(id) = writing::begin(&mut tx, new).await.unwrap() else { panic!("held back") };
    tx.commit().await.unwrap();
    id
}

/// What somebody saves in one field.
async fn saved(test: &TestApp, by: AccountId, id: ContributionId, field: &'static str, says: Value) {
    let field = FIELDS.iter().find(|one| one.name == field).unwrap().name;
    let mut tx = test.db().write(actor(test, by).await).await.unwrap();
    let base = now(test, id).await.revision;
    let change = Change { base, fields: vec![field], draft: draft(&json!({ field: says })), cleared: Vec::new() };
    let Outcome::Kept(_) = writing::save(&mut tx, id, change).await.unwrap() else { panic!("held back") };
    tx.commit().await.unwrap();
}

async fn now(test: &TestApp, id: ContributionId) -> Contribution {
    contribution(&test.db().cx(Actor::System("test")), id).await.unwrap()
}

async fn state(test: &TestApp, id: ContributionId) -> String {
    now(test, id).await.state.code().to_owned()
}

async fn submitted(test: &TestApp, by: AccountId, id: ContributionId) {
    let mut tx = test.db().write(actor(test, by).await).await.unwrap();
    review::submit(&mut tx, &room(test), id, Said::default()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn decided(test: &TestApp, by: AccountId, id: ContributionId, verdict: Verdict) -> Result<(), Error> {
    let revision = now(test, id).await.revision;
    let mut tx = test.db().write(actor(test, by).await).await?;
    let said = Said { text: "Because of the steps.".to_owned(), ..Said::default() };
    review::decide(&mut tx, &room(test), id, revision, verdict, said).await?;
    tx.commit().await
}

async fn confirmed(test: &TestApp, by: AccountId, id: ContributionId) -> Result<(), Error> {
    let revision = now(test, id).await.revision;
    let mut tx = test.db().write(actor(test, by).await).await?;
    confirm::confirm(&mut tx, &room(test), id, revision).await?;
    tx.commit().await
}

/// The newest letter of a kind to an address.
async fn letter(test: &TestApp, to: &str, kind: &str) -> crate::support::persons::KeptLetter {
    let found = test.letters(to).await.into_iter().rfind(|letter| letter.kind == kind);
    found.unwrap_or_else(|| panic!("no letter {kind} to {to}"))
}

async fn count(test: &TestApp, to: &str, kind: &str) -> usize {
    test.letters(to).await.into_iter().filter(|letter| letter.kind == kind).count()
}

async fn status(browser: &Browser, path: &str) -> StatusCode {
    browser.get(path).await.status()
}

/// Published, all the way.
async fn published(test: &TestApp, at: &TwoSchools, ed: AccountId, says: &Value) -> (ContributionId, String) {
    let id = begun(test, at.carl, at.harbor, says).await;
    submitted(test, at.carl, id).await;
    decided(test, ed, id, Verdict::Approve).await.unwrap();
    confirmed(test, at.paula, id).await.unwrap();
    let practice = now(test, id).await.practice;
    let found = catalog::practice(&test.db().cx(Actor::Visitor), &practice.to_string()).await.unwrap();
    (id, found.slug)
}

both_engines! {
    async fn a_draft_becomes_a_practice_that_everybody_finds(test: TestApp) {
        let at = test.two_schools().await;
        let ed = editor(&test, "ed@office.example", "Edna Rule").await;
        let mut says = full();
        says["summary"] = Value::Null;
        let id = begun(&test, at.carl, at.harbor, &says).await;
        let (carl, edna) = (test.signed_in(at.carl, false).await, test.signed_in(ed, true).await);
        let url = format!("/contributions/{id}");

        // Nobody else may know of a draft: an editor neither, before it is submitted.
        assert_eq!(status(&edna, &format!("{url}/review")).await, 404);
        let page = html::text(&carl.page(&format!("{url}/submission")).await);
        assert!(page.contains("Write two sentences"), "{page}");
        let refused = carl.post(&format!("{url}/submission"), &[("text", "Look at it")]).await;
        assert_eq!(refused.status(), 422);
        assert_eq!(state(&test, id).await, "draft");
        saved(&test, at.carl, id, "summary", full()["summary"].clone()).await;
        let to = carl.post_on(&format!("{url}/submission"), &[("text", "In use in all grades.")]).await;
        assert_eq!(to, format!("{url}/review?done=submitted"));

        // The editors see it; a teacher of another school does not know of it, and has no queue.
        let queue = html::text(&edna.page("/review").await);
        assert!(queue.contains("Greet every student") && queue.contains("Harbor Charter School"), "{queue}");
        let dina = test.signed_in(at.dina, false).await;
        assert_eq!(status(&dina, &format!("{url}/review")).await, 404);
        assert_eq!(status(&dina, "/review").await, 403);
        edna.post_on(&format!("{url}/reviewer"), &[("do", "take"), ("seen", "")]).await;
        assert!(html::text(&edna.page("/review").await).contains("Edna Rule"));

        // She asks for a change of words that stand there.
        let ask = |quote: &'static str| {
            [("verdict", "request_changes"), ("revision", "2"), ("text", "Who does it on a day off?"), ("field", "steps"),
             ("quote", quote)]
        };
        let wrong = edna.post(&format!("{url}/review"), &ask("Sing at the door")).await;
        assert_eq!(wrong.status(), 422);
        assert!(wrong.text().await.unwrap().contains("Who does it on a day off?"), "nothing typed is lost");
        edna.post_on(&format!("{url}/review"), &ask("Stand at the door")).await;
        assert_eq!(state(&test, id).await, "changes_requested");
        assert!(letter(&test, "carl@harbor.example", "practice_decided").await.text.contains("day off"));
        let page = carl.page(&format!("{url}/review")).await;
        assert!(html::text(&page).contains("Stand at the door") && page.contains("<blockquote>"), "{page}");
        carl.post_on(&format!("{url}/comments"), &[("text", "The aide does."), ("field", ""), ("quote", "")]).await;
        assert!(letter(&test, "ed@office.example", "practice_said").await.text.contains("The aide does."));
        saved(&test, at.carl, id, "problem", json!("The first minutes are lost to noise.")).await;
        carl.post_on(&format!("{url}/submission"), &[]).await;
        let page = edna.page(&format!("{url}/review")).await;
        assert!(html::text(&page).contains("What changed since the last answer"), "{page}");
        assert!(page.contains("<del>"), "{page}");

        // Evidence is hers; a tier without its source is refused.
        let form = |citation: &'static str| {
            [("revision", "3"), ("claim/0/outcome", "Time on task"), ("claim/0/tier", "essa_3"), ("claim/0/finding", "helped"),
             ("claim/0/applies_to", "idea"), ("claim/0/citation", citation), ("claim/1/outcome", "")]
        };
        assert_eq!(edna.post(&format!("{url}/evidence"), &form("")).await.status(), 422);
        edna.post_on(&format!("{url}/evidence"), &form("Journal of Doors, 2019")).await;
        edna.post_on(&format!("{url}/review"), &[("verdict", "approve"), ("revision", "4"), ("text", "")]).await;
        assert_eq!(state(&test, id).await, "approved");
        assert_eq!(test.get("/practices/greet-every-student-at-the-door").await.status(), 404, "the school has not said yes");

        // The principal's link: whoever opens it changes nothing; the button publishes, once.
        let asked = letter(&test, "paula@harbor.example", "practice_confirm").await;
        let link = asked.path(&test.base);
        assert!(link.starts_with("/confirm-practice/"), "{link}");
        let scanner = test.browser();
        for _ in 0..3 {
            let page = html::text(&scanner.page(&link).await);
            assert!(page.contains("May Harbor Charter School publish this?") && page.contains("Hand the card"), "{page}");
        }
        assert_eq!(state(&test, id).await, "approved");
        assert_eq!(scanner.post(&link, &[("revision", "4")]).await.status(), 422, "no button, no answer");
        assert_eq!(scanner.post(&link, &[("revision", "3"), ("decision", "yes")]).await.status(), 409, "an older text");
        scanner.post_on(&link, &[("revision", "4"), ("decision", "yes")]).await;
        scanner.post_on(&link, &[("revision", "4"), ("decision", "yes")]).await;
        assert!(html::text(&scanner.page(&link).await).contains("It is published"));
        assert_eq!(status(&scanner, &format!("{link}x")).await, 404, "a bent link");

        let page = html::text(&test.page("/practices/greet-every-student-at-the-door").await);
        assert!(page.contains("Journal of Doors, 2019"), "{page}");
        test.settle().await;
        let found = test.json("/api/v1/practices?q=greet+student+door").await;
        assert_eq!(found["items"][0]["slug"], "greet-every-student-at-the-door");
        assert_eq!(count(&test, "carl@harbor.example", "practice_published").await, 1);
        assert_eq!(count(&test, "paula@harbor.example", "practice_confirm").await, 1);
        let said = test.db().cx(Actor::System("test"));
        let kinds: Vec<&str> = commonground::contributions::reading::entries(&said, id).await.unwrap().iter()
            .map(|entry| entry.kind.code()).collect();
        assert_eq!(kinds, ["submitted", "changes_requested", "comment", "submitted", "evidence", "approved", "confirmed", "published"]);
        test.verify().await;
    }
}

both_engines! {
    async fn nobody_reviews_what_they_wrote(test: TestApp) {
        let at = test.two_schools().await;
        let ed = editor(&test, "ed@office.example", "Edna Rule").await;
        // Carl edits, too, and an editor wrote with him once.
        test.appoint(at.carl, Role::Editor, Place::Installation).await;
        let id = begun(&test, at.carl, at.harbor, &full()).await;
        submitted(&test, at.carl, id).await;
        for verdict in [Verdict::Approve, Verdict::RequestChanges, Verdict::Decline] {
            let refused = decided(&test, at.carl, id, verdict).await.unwrap_err();
            assert!(matches!(&refused, Error::Forbidden(why) if why.contains("yourself")), "{refused:?}");
            let refused = decided(&test, at.dina, id, verdict).await.unwrap_err();
            assert!(matches!(refused, Error::NotFound(_)), "{refused:?}");
            let refused = decided(&test, at.paula, id, verdict).await.unwrap_err();
            assert!(matches!(refused, Error::Forbidden(_)), "{refused:?}");
        }
        let page = test.signed_in(at.carl, true).await.page(&format!("/contributions/{id}/review")).await;
        assert!(page.contains("another editor reviews it") && !page.contains("value=\"approve\""), "{page}");
        assert!(matches!(confirmed(&test, at.paula, id).await, Err(Error::Conflict(_))), "no editor has approved it");
        decided(&test, ed, id, Verdict::Approve).await.unwrap();
        for other in [at.carl, ed, at.pete] {
            assert!(confirmed(&test, other, id).await.is_err(), "only who leads the school");
        }
        assert_eq!(state(&test, id).await, "approved");
    }
}

both_engines! {
    async fn of_two_at_once_the_second_is_told(test: TestApp) {
        let at = test.two_schools().await;
        let (one, two) = (editor(&test, "a@office.example", "Ada").await, editor(&test, "b@office.example", "Bob").await);
        let pia = test.account("pia@harbor.example", "Pia Dock").await;
        test.appoint(pia, Role::Principal, Place::School(at.harbor.0)).await;
        for _ in 0..4 {
            let id = begun(&test, at.carl, at.harbor, &full()).await;
            submitted(&test, at.carl, id).await;
            // Two editors: one approves, one asks for changes. One of them was first, and the other hears so.
            let (a, b) = tokio::join!(decided(&test, one, id, Verdict::Approve), decided(&test, two, id, Verdict::RequestChanges));
            assert_eq!([&a, &b].iter().filter(|done| done.is_ok()).count(), 1, "{a:?} {b:?}");
            let refused = a.err().or(b.err()).unwrap();
            assert!(matches!(&refused, Error::Conflict(_)), "{refused:?}");
            if state(&test, id).await == "changes_requested" {
                submitted(&test, at.carl, id).await;
                decided(&test, one, id, Verdict::Approve).await.unwrap();
            }
            // Two principals: both say yes, it is published once.
            let (a, b) = tokio::join!(confirmed(&test, at.paula, id), confirmed(&test, pia, id));
            assert!(a.is_ok() && b.is_ok(), "{a:?} {b:?}");
            let found = now(&test, id).await;
            assert_eq!(found.published_version, Some(1));
            let versions = catalog::versions(&test.db().cx(Actor::Visitor), found.practice).await.unwrap();
            assert_eq!(versions.len(), 1);
        }
    }
}

both_engines! {
    async fn a_next_version_is_reviewed_as_a_difference_and_never_over_a_newer_one(test: TestApp) {
        let at = test.two_schools().await;
        let ed = editor(&test, "ed@office.example", "Edna Rule").await;
        let (first, slug) = published(&test, &at, ed, &full()).await;
        let practice = now(&test, first).await.practice;
        let mut tx = test.db().write(actor(&test, at.carl).await).await.unwrap();
        let id = writing::begin_next(&mut tx, practice).await.unwrap();
        tx.commit().await.unwrap();
        saved(&test, at.carl, id, "title", json!("Greet every student by name at the door")).await;
        submitted(&test, at.carl, id).await;
        let page = test.signed_in(ed, true).await.page(&format!("/contributions/{id}/review")).await;
        assert!(page.contains("What it changes") && page.contains("<ins>"), "{page}");
        assert!(!html::text(&page).contains("Hand the card"), "what did not change is left out");
        decided(&test, ed, id, Verdict::Approve).await.unwrap();

        // Meanwhile the practice gets another version (here the program makes it).
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        let found = catalog::practice_held(&tx, practice).await.unwrap().unwrap();
        let record = catalog::PracticeRecord { cost_note: Some("Cards and tape.".into()), ..found.record };
        let release = catalog::Release { id: practice, after: 1, record, origin: at.harbor, note: None };
        catalog::release(&mut tx, release).await.unwrap();
        tx.commit().await.unwrap();
        let refused = confirmed(&test, at.paula, id).await.unwrap_err();
        assert!(matches!(&refused, Error::Conflict(why) if why.contains("version 2")), "{refused:?}");
        assert_eq!(state(&test, id).await, "approved", "nothing happened");
        assert!(!test.page(&format!("/practices/{slug}")).await.contains("Greet every student by name"));

        // Its writer takes it back, brings it up to date, and both changes are in version 3.
        let carl = test.signed_in(at.carl, false).await;
        let url = format!("/contributions/{id}");
        carl.post_on(&format!("{url}/taking-back"), &[]).await;
        assert_eq!(carl.post(&format!("{url}/submission"), &[]).await.status(), 409, "it is out of date");
        carl.post_on(&format!("{url}/update"), &[]).await;
        carl.post_on(&format!("{url}/submission"), &[]).await;
        decided(&test, ed, id, Verdict::Approve).await.unwrap();
        confirmed(&test, at.paula, id).await.unwrap();
        assert_eq!(now(&test, id).await.published_version, Some(3));
        let page = html::text(&test.page(&format!("/practices/{slug}")).await);
        assert!(page.contains("Greet every student by name") && page.contains("Cards and tape."), "{page}");
        let old = html::text(&test.page(&format!("/practices/{slug}/v/1")).await);
        assert!(!old.contains("Greet every student by name"), "versions stay");
    }
}

both_engines! {
    async fn a_school_is_asked_again_and_can_say_no(test: TestApp) {
        let at = test.two_schools().await;
        let ed = editor(&test, "ed@office.example", "Edna Rule").await;
        let dell = test.account("dell@harbor.example", "Dell Gate").await;
        test.appoint(dell, Role::Delegate, Place::School(at.harbor.0)).await;
        let id = begun(&test, at.carl, at.harbor, &full()).await;
        submitted(&test, at.carl, id).await;
        decided(&test, ed, id, Verdict::Approve).await.unwrap();
        let asked = async |to: &str| count(&test, to, "practice_confirm").await;
        assert_eq!((asked("paula@harbor.example").await, asked("dell@harbor.example").await), (1, 0));
        // Wednesday noon; three school days later it is Monday, seven Friday.
        for (day, letters) in [("2026-10-19T15:59:00Z", 1), ("2026-10-19T16:01:00Z", 2), ("2026-10-23T16:02:00Z", 3), ("2026-11-30T16:00:00Z", 3)] {
            test.clock.set(day.parse().unwrap());
            clockwork::tick(test.db(), &room(&test)).await.unwrap();
            clockwork::tick(test.db(), &room(&test)).await.unwrap();
            assert_eq!(asked("paula@harbor.example").await, letters, "{day}");
        }
        assert_eq!(asked("dell@harbor.example").await, 2, "who acts for her hears when she has not answered");
        // The delegate's letter works; a no needs its reason.
        let link = letter(&test, "dell@harbor.example", "practice_confirm").await.path(&test.base);
        let dell = test.browser();
        assert_eq!(dell.post(&link, &[("revision", "1"), ("decision", "no")]).await.status(), 422);
        dell.post_on(&link, &[("revision", "1"), ("decision", "no"), ("text", "We changed it in May.")]).await;
        assert_eq!(state(&test, id).await, "changes_requested");
        assert!(letter(&test, "carl@harbor.example", "practice_decided").await.text.contains("We changed it in May."));
        assert!(html::text(&dell.page(&link).await).contains("It went back to its writers"));
        assert!(matches!(confirmed(&test, at.paula, id).await, Err(Error::Conflict(_))));
    }
}

both_engines! {
    async fn a_link_of_who_leads_no_more_does_nothing_and_a_school_without_lead_waits(test: TestApp) {
        let at = test.two_schools().await;
        let ed = editor(&test, "ed@office.example", "Edna Rule").await;
        let id = begun(&test, at.carl, at.harbor, &full()).await;
        submitted(&test, at.carl, id).await;
        decided(&test, ed, id, Verdict::Approve).await.unwrap();
        let link = letter(&test, "paula@harbor.example", "practice_confirm").await.path(&test.base);
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        commonground::people::admin::deactivate(&mut tx, at.paula).await.unwrap();
        tx.commit().await.unwrap();
        let scanner = test.browser();
        assert_eq!(status(&scanner, &link).await, 410);
        assert_eq!(scanner.post(&link, &[("revision", "1"), ("decision", "yes")]).await.status(), 410);
        assert_eq!(state(&test, id).await, "approved");

        // A school that nobody leads: the page says what to do, and whoever comes is asked.
        let lone = test.add_school("Lone Net", "charter_network", "Lone Charter School", "charter").await;
        let lu = test.account("lu@lone.example", "Lu Pine").await;
        test.appoint(lu, Role::Teacher, Place::School(lone.0)).await;
        let id = begun(&test, lu, lone, &full()).await;
        submitted(&test, lu, id).await;
        decided(&test, ed, id, Verdict::Approve).await.unwrap();
        let page = html::text(&test.signed_in(lu, false).await.page(&format!("/contributions/{id}/review")).await);
        assert!(page.contains("invite its principal"), "{page}");
        let pam = test.account("pam@lone.example", "Pam Lark").await;
        test.appoint(pam, Role::Principal, Place::School(lone.0)).await;
        test.clock.set("2026-10-15T16:01:00Z".parse().unwrap());
        clockwork::tick(test.db(), &room(&test)).await.unwrap();
        assert_eq!(count(&test, "pam@lone.example", "practice_confirm").await, 1);
    }
}

both_engines! {
    async fn a_principals_own_submission_is_the_schools_yes_and_still_needs_an_editor(test: TestApp) {
        let at = test.two_schools().await;
        let ed = editor(&test, "ed@office.example", "Edna Rule").await;
        let id = begun(&test, at.paula, at.harbor, &full()).await;
        submitted(&test, at.paula, id).await;
        assert!(matches!(confirmed(&test, at.paula, id).await, Err(Error::Conflict(_))));
        decided(&test, ed, id, Verdict::Approve).await.unwrap();
        assert_eq!(state(&test, id).await, "published");
        assert_eq!(count(&test, "paula@harbor.example", "practice_confirm").await, 0);
        assert_eq!(count(&test, "paula@harbor.example", "practice_published").await, 1);
    }
}

both_engines! {
    async fn a_near_copy_is_shown_before_it_is_submitted(test: TestApp) {
        let at = test.two_schools().await;
        let ed = editor(&test, "ed@office.example", "Edna Rule").await;
        let (_, slug) = published(&test, &at, ed, &full()).await;
        test.settle().await;
        let id = begun(&test, at.dina, at.millbrook, &full()).await;
        let dina = test.signed_in(at.dina, false).await;
        let page = dina.page(&format!("/contributions/{id}/submission")).await;
        assert!(page.contains(&format!("/practices/{slug}\"")), "{page}");
        // It is for people to judge: it can be submitted all the same.
        dina.post_on(&format!("/contributions/{id}/submission"), &[]).await;
        assert_eq!(state(&test, id).await, "submitted");
    }
}

both_engines! {
    async fn versions_are_compared_and_the_next_check_is_asked_for(test: TestApp) {
        let at = test.two_schools().await;
        let ed = editor(&test, "ed@office.example", "Edna Rule").await;
        let (first, slug) = published(&test, &at, ed, &full()).await;
        let practice = now(&test, first).await.practice;
        let mut tx = test.db().write(actor(&test, at.carl).await).await.unwrap();
        let id = writing::begin_next(&mut tx, practice).await.unwrap();
        writing::note(&mut tx, id, "The title says by name.").await.unwrap();
        tx.commit().await.unwrap();
        saved(&test, at.carl, id, "title", json!("Greet every student by name at the door")).await;
        submitted(&test, at.carl, id).await;
        decided(&test, ed, id, Verdict::Approve).await.unwrap();
        confirmed(&test, at.paula, id).await.unwrap();
        let path = format!("/practices/{slug}");
        let page = test.page(&path).await;
        assert!(page.contains(&format!("{path}/compare?from=1&#38;to=2")) || page.contains(&format!("{path}/compare?from=1&amp;to=2")), "{page}");
        let page = test.page(&format!("{path}/compare?from=1&to=2")).await;
        assert!(page.contains("<ins>by name </ins>") && page.contains("The title says by name."), "{page}");
        assert!(test.page(&format!("{path}/compare?from=2&to=1")).await.contains("<del>by name </del>"));
        assert!(test.page(&format!("{path}/compare?from=2&to=2")).await.contains("Nothing differs"));
        for wrong in ["from=1&to=9", "from=0&to=1", "from=x&to=1"] {
            assert_eq!(test.get(&format!("{path}/compare?{wrong}")).await.status(), 404, "{wrong}");
        }

        // Two years later: a month before and on the day its school is asked, once each.
        let asked = async |day: &str| {
            test.clock.set(format!("{day}T16:00:00Z").parse().unwrap());
            clockwork::tick(test.db(), &room(&test)).await.unwrap();
            clockwork::tick(test.db(), &room(&test)).await.unwrap();
            (count(&test, "paula@harbor.example", "practice_check").await, count(&test, "carl@harbor.example", "practice_check").await)
        };
        assert_eq!(asked("2028-09-13").await, (0, 0));
        assert_eq!(asked("2028-09-14").await, (1, 1));
        assert_eq!(asked("2028-10-02").await, (1, 1));
        assert_eq!(asked("2028-10-14").await, (2, 2));
        assert!(!html::text(&test.page(&path).await).contains("nobody has said since"));
        assert_eq!(asked("2028-10-20").await, (2, 2));
        assert!(html::text(&test.page(&path).await).contains("nobody has said since"), "overdue");
        let check = letter(&test, "carl@harbor.example", "practice_check").await.path(&test.base);
        assert_eq!(check, format!("{path}/check"));
        let (carl, dina) = (test.signed_in(at.carl, false).await, test.signed_in(at.dina, false).await);
        assert_eq!(status(&dina, &check).await, 403);
        assert_eq!(dina.post(&check, &[]).await.status(), 403);
        assert!(carl.page(&check).await.contains("It still holds"));
        carl.post_on(&check, &[]).await;
        let found = test.json(&format!("/api/v1{path}")).await;
        assert_eq!((&found["last_checked_on"], &found["check_by"]), (&json!("2028-10-20"), &json!("2030-10-20")));
        assert!(!html::text(&test.page(&path).await).contains("nobody has said since"));
    }
}

both_engines! {
    async fn a_school_takes_its_practice_out_and_says_what_to_read(test: TestApp) {
        let at = test.two_schools().await;
        let ed = editor(&test, "ed@office.example", "Edna Rule").await;
        let (id, slug) = published(&test, &at, ed, &full()).await;
        let mut other = full();
        other["title"] = json!("Sing the count of the day");
        let (_, instead) = published(&test, &at, ed, &other).await;
        test.settle().await;
        let path = format!("/practices/{slug}/retirement");
        let (carl, pete, paula) =
            (test.signed_in(at.carl, false).await, test.signed_in(at.pete, false).await, test.signed_in(at.paula, false).await);
        for browser in [&carl, &pete] {
            assert_eq!(status(browser, &path).await, 403);
            assert_eq!(browser.post(&path, &[("reason", "Mine.")]).await.status(), 403);
        }
        let refused = paula.post(&path, &[("reason", "Sold no more."), ("replaced_by", "no-such")]).await;
        assert_eq!(refused.status(), 422);
        assert!(refused.text().await.unwrap().contains("Sold no more."), "nothing typed is lost");
        assert_eq!(paula.post(&path, &[("reason", " ")]).await.status(), 422);
        // A change under way comes too late.
        let practice = now(&test, id).await.practice;
        let mut tx = test.db().write(actor(&test, at.carl).await).await.unwrap();
        let next = writing::begin_next(&mut tx, practice).await.unwrap();
        tx.commit().await.unwrap();
        paula.post_on(&path, &[("reason", "The cards are sold no more."), ("replaced_by", instead.as_str())]).await;
        let found = test.json("/api/v1/practices?q=greet+student+door").await;
        assert!(found["items"].as_array().unwrap().iter().all(|item| item["slug"] != slug.as_str()), "{found}");
        let page = test.page(&format!("/practices/{slug}")).await;
        assert!(page.contains("The cards are sold no more.") && page.contains(&format!("/practices/{instead}")), "{page}");
        let late = test.db().write(actor(&test, at.carl).await).await;
        let refused = review::submit(&mut late.unwrap(), &room(&test), next, Said::default()).await.unwrap_err();
        assert!(matches!(&refused, Error::Conflict(why) if why.contains("taken out")), "{refused:?}");
        paula.post_on(&path, &[("reason", "Another reason.")]).await;
        assert!(!test.page(&format!("/practices/{slug}")).await.contains("Another reason."), "the first reason stays");
    }
}

both_engines! {
    async fn programs_review_too(test: TestApp) {
        let at = test.two_schools().await;
        let ed = editor(&test, "ed@office.example", "Edna Rule").await;
        let id = begun(&test, at.carl, at.harbor, &full()).await;
        let practice = now(&test, id).await.practice;
        let api = format!("/api/v1/practices/{practice}");
        let (carl, edna, paula, dina) = (
            test.signed_in(at.carl, false).await,
            test.signed_in(ed, true).await,
            test.signed_in(at.paula, false).await,
            test.signed_in(at.dina, false).await,
        );
        let send = async |browser: &Browser, path: &str, body: Value| {
            let request = test.client.post(format!("{}{api}/{path}", test.base)).header("sec-fetch-site", "same-origin");
            let answer = browser.send(request.json(&body)).await;
            let status = answer.status().as_u16();
            (status, serde_json::from_str::<Value>(&answer.text().await.unwrap()).unwrap())
        };
        assert_eq!(test.get(&format!("{api}/reviews")).await.status(), 401);
        assert_eq!(dina.get(&format!("{api}/reviews")).await.status(), 404);
        assert_eq!(send(&dina, "submission", json!({})).await.0, 404);
        let (status, review) = send(&carl, "submission", json!({"text": "Ready."})).await;
        assert_eq!((status, &review["state"], &review["items"][0]["text"]), (200, &json!("submitted"), &json!("Ready.")), "{review}");
        assert_eq!(send(&carl, "submission", json!({})).await.0, 409);
        assert_eq!(send(&paula, "publication", json!({"publish": true, "revision": 1})).await.0, 409);
        assert_eq!(send(&edna, "reviews", json!({"verdict": "approve"})).await.0, 422, "which revision?");
        let claims = json!([{"outcome": "Time on task", "tier": "essa_2", "finding": "helped", "citation": "Doors, 2019", "students": 12}]);
        let (status, refused) = send(&edna, "evidence", json!({"revision": 1, "claims": claims})).await;
        assert_eq!(status, 422, "{refused}");
        let claims = json!([{"outcome": "Time on task", "tier": "essa_4", "finding": "helped", "applies_to": "idea"}]);
        let (status, set) = send(&edna, "evidence", json!({"revision": 1, "claims": claims})).await;
        assert_eq!((status, &set["revision"]), (200, &json!(2)), "{set}");
        assert_eq!(send(&edna, "reviews", json!({"verdict": "approve", "revision": 1})).await.0, 409, "an older text");
        assert_eq!(send(&edna, "reviews", json!({"verdict": "approve", "revision": 2})).await.0, 200);
        let (status, out) = send(&paula, "publication", json!({"publish": true, "revision": 2})).await;
        assert_eq!((status, &out["published_version"]), (200, &json!(1)), "{out}");
        assert_eq!(send(&carl, "retirement", json!({"reason": "x"})).await.0, 403);
        let (status, gone) = send(&edna, "retirement", json!({"reason": "It was a test."})).await;
        assert_eq!((status, &gone["status"]), (200, &json!("retired")), "{gone}");
        assert_eq!(send(&carl, "check", json!({})).await.0, 409);
    }
}
