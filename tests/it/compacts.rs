//! Compacts: what a district, charter schools and a city promise each other, and what became of it. Through the front, on both
//! engines: nothing is met before another sector says so, nothing changes silently, and silence shows.

use chrono::{DateTime, Utc};
use commonground::catalog::{self, NewAdoption, adoption};
use commonground::compacts::clockwork;
use commonground::compacts::editing::{self, Head, NewParty};
use commonground::compacts::promises::{self, Draft, NewLink};
use commonground::people::{self, AccountId, admin};
use commonground::platform::vocabulary::AdoptionStage;
use commonground::platform::{Actor, Place, Role};
use commonground::sessions::SessionId;
use reqwest::Method;
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::queries::Counted;
use crate::support::html::text;
use crate::support::persons::Browser;
use crate::support::sessions::{Sketch, TwoSchools};
use crate::support::{TestApp, both_engines, problem};

const PAGE: &str = "/compacts/two-harbors-compact";
const ONE: &str = "/compacts/two-harbors-compact/commitments/1";
const LINK: &str = "https://minutes.example/1";

/// A published compact between the district of Millbrook and Harbor, and who holds its commitments.
struct Compacts {
    at: TwoSchools,
    /// Compact owner of the district, `olga@millbrook.example`.
    olga: AccountId,
    owner: Browser,
    /// The principal of Harbor: Paula.
    charter: Browser,
    nobody: Browser,
    /// Ids of the two parties: the district, Harbor.
    parties: [String; 2],
}

impl TestApp {
    async fn compacts(&self) -> Compacts {
        let at = self.two_schools().await;
        let olga = self.account("olga@millbrook.example", "Olga Stern").await;
        let cx = self.db().cx(Actor::System("test"));
        let district = people::organization(&cx, "millbrook-schools").await.unwrap();
        self.appoint(olga, Role::CompactOwner, Place::Organization(district.id.0)).await;
        let owner = self.signed_in(olga, false).await;
        let charter = self.signed_in(at.paula, false).await;
        let head = [
            ("name", "Two Harbors Compact"),
            ("kind", "compact"),
            ("city", "Two Harbors, MN"),
            ("signed_on", "2026-01-15"),
            ("place", "millbrook-schools"),
            ("counts_joint", "yes"),
        ];
        assert_eq!(owner.post_on("/compacts", &head).await, format!("{PAGE}?done=begun"));
        let party = [("place", "harbor-charter-school"), ("state", "invited"), ("on", "2026-01-10")];
        owner.post_on(&format!("{PAGE}/parties"), &party).await;
        owner.post_on(&format!("{PAGE}/publication"), &[]).await;
        let found = self.json("/api/v1/compacts/two-harbors-compact").await;
        let id = |at: usize| found["parties"][at]["id"].as_str().unwrap().to_owned();
        let signs = [("state", "signed"), ("on", "2026-01-15"), ("link", LINK)];
        charter.post_on(&format!("{PAGE}/parties/{}", id(1)), &signs).await;
        Compacts { olga, owner, charter, nobody: self.browser(), parties: [id(0), id(1)], at }
    }

    async fn look(&self) {
        let room = self.app.desk(&self.base.as_str().into()).unwrap().postroom();
        clockwork::look_at_all(self.db(), &room).await.unwrap();
    }

    fn at(&self, moment: &str) {
        self.clock.set(moment.parse::<DateTime<Utc>>().unwrap());
    }

    async fn of_kind(&self, email: &str, kind: &str) -> Vec<String> {
        let letters = self.letters(email).await;
        letters.into_iter().filter(|letter| letter.kind == kind).map(|letter| letter.subject).collect()
    }
}

impl Compacts {
    /// Writes a commitment of the district down, which Harbor looks at.
    async fn promise(&self, sentence: &str, due: &str) -> String {
        let fields = [
            ("area", "learn_together"),
            ("sentence", sentence),
            ("due_on", due),
            ("measure", "Joint sessions held"),
            ("target", "24"),
            ("gets/charter", "A third of the seats"),
            ("owner_party", self.parties[0].as_str()),
            ("owner", "olga@millbrook.example"),
            ("deputy_party", self.parties[1].as_str()),
            ("deputy", "paula@harbor.example"),
        ];
        let to = self.owner.post_on(&format!("{PAGE}/commitments"), &fields).await;
        to.trim_end_matches("?done=made").to_owned()
    }
}

async fn refused(browser: &Browser, path: &str, fields: &[(&str, &str)], status: u16) -> String {
    let response = browser.post(path, fields).await;
    let got = response.status();
    let page = response.text().await.unwrap();
    assert_eq!(got, status, "{path}: {page}");
    page
}

both_engines! {
    async fn a_compact_is_its_parties_own_until_it_is_shown(test: TestApp) {
        let at = test.two_schools().await;
        let olga = test.account("olga@millbrook.example", "Olga Stern").await;
        let district = people::organization(&test.db().cx(Actor::System("test")), "millbrook-schools").await.unwrap();
        test.appoint(olga, Role::CompactOwner, Place::Organization(district.id.0)).await;
        let (olga, carl) = (test.signed_in(olga, false).await, test.signed_in(at.carl, false).await);
        let (paula, nobody) = (test.signed_in(at.paula, false).await, test.browser());
        for other in [&carl, &paula] {
            assert_eq!(other.get("/compacts/new").await.status(), 403, "a teacher and a principal begin none");
            assert_eq!(other.post("/compacts", &[("name", "Mine"), ("kind", "compact")]).await.status(), 403);
        }
        assert_eq!(nobody.get("/compacts/new").await.status(), 303, "a visitor signs in first");
        let typed = refused(&olga, "/compacts", &[("name", "Ours <b>"), ("kind", "nonsense"), ("signed_on", "soon")], 422).await;
        assert!(typed.contains("value=\"Ours &#60;b&#62;\"") && typed.contains("Choose what kind"), "what was typed stays");
        assert!(typed.contains("Give a day like") && typed.contains("value=\"soon\""));
        let head = [("name", "Two Harbors Compact"), ("kind", "compact"), ("place", "millbrook-schools")];
        let theirs = [head[0], head[1], ("place", "harbor-charter-school")];
        assert!(refused(&olga, "/compacts", &theirs, 422).await.contains("Give a school or office"), "she would not find it again");
        olga.post_on("/compacts", &head).await;
        // A draft: its parties see it, others do not learn that it is there.
        assert!(olga.page(PAGE).await.contains("This is a draft"));
        assert!(olga.page("/compacts").await.contains("Two Harbors Compact"));
        for other in [&carl, &paula, &nobody] {
            assert_eq!(other.get(PAGE).await.status(), 404);
            assert!(!other.page("/compacts").await.contains("Two Harbors"));
        }
        problem(test.get("/api/v1/compacts/two-harbors-compact").await, 404).await;
        assert_eq!(carl.post(&format!("{PAGE}/publication"), &[]).await.status(), 404);
        assert_eq!(olga.post(&format!("{PAGE}/publication"), &[]).await.status(), 409, "one party is no compact");
        // A signature needs where it can be read; each move keeps its day (C-8).
        let parties = format!("{PAGE}/parties");
        let party = [("place", "harbor-charter-school"), ("state", "signed"), ("on", "2026-09-01"), ("link", "")];
        let page = refused(&olga, &parties, &party, 422).await;
        assert!(page.contains("Give the address where the signature can be read.") && page.contains("2026-09-01"));
        for bad in ["http://x.example/a", "https://me:secret@x.example/a"] {
            let party = [("place", "harbor-charter-school"), ("state", "signed"), ("link", bad)];
            refused(&olga, &parties, &party, 422).await;
        }
        let party = [("place", "harbor-charter-school"), ("state", "invited"), ("on", "2026-09-01")];
        olga.post_on(&parties, &party).await;
        refused(&olga, &parties, &party, 422).await;
        olga.post_on(&format!("{PAGE}/publication"), &[]).await;
        let found = test.json("/api/v1/compacts/two-harbors-compact").await;
        let harbor = found["parties"][1]["id"].as_str().unwrap();
        let go = format!("{parties}/{harbor}");
        paula.post_on(&go, &[("state", "board_vote"), ("on", "2026-09-10")]).await;
        let page = refused(&paula, &go, &[("state", "signed"), ("on", "2026-09-01"), ("link", LINK)], 422).await;
        assert!(page.contains("last move") && page.contains("value=\"2026-09-01\""), "{page}");
        assert!(page.contains(&format!("value=\"{LINK}\"")), "what was typed stays");
        paula.post_on(&go, &[("state", "signed"), ("on", "2026-10-01"), ("link", LINK)]).await;
        let page = text(&nobody.page(PAGE).await);
        assert!(page.contains("Signed since October 1, 2026"), "{page}");
        assert!(page.contains("Before: Board vote pending, September 10, 2026"));
        assert!(page.contains("Before: Invited, September 1, 2026"));
        // Seats are roles; every version of the text stays.
        olga.post_on(&format!("{PAGE}/seats"), &[("seat_party", harbor), ("seat_role", "Head of school")]).await;
        olga.post_on(&format!("{PAGE}/text"), &[("base", "0"), ("body", "We *share*. <script>"), ("note", "First")]).await;
        assert_eq!(refused(&olga, &format!("{PAGE}/text"), &[("base", "0"), ("body", "Late")], 422).await.matches("Late").count(), 1);
        olga.post_on(&format!("{PAGE}/text"), &[("base", "1"), ("body", "We share more.")]).await;
        let page = nobody.page(PAGE).await;
        assert!(page.contains("Head of school, Harbor Charter School") && page.contains("We share more."));
        let first = nobody.page(&format!("{PAGE}/text/1")).await;
        assert!(first.contains("<em>share</em>") && first.contains("There is a newer version") && !first.contains("<script>"));
        assert_eq!(nobody.get(&format!("{PAGE}/text/3")).await.status(), 404);
        // One box finds it, and it can be followed.
        test.settle().await;
        assert!(nobody.page("/search?q=harbors+compact").await.contains(&format!("href=\"{PAGE}\"")));
        let follow = json!({ "kind": "compact", "target": "two-harbors-compact" });
        let request = test.client.post(format!("{}/api/v1/me/follows", test.base)).json(&follow);
        let status = carl.send(request.header("sec-fetch-site", "same-origin")).await.status();
        assert!(status.is_success(), "{status}");
        assert!(carl.page("/me/follows").await.contains("Two Harbors Compact"));
        // A party that left writes no more.
        paula.post_on(&go, &[("state", "withdrawn"), ("on", "2026-10-10")]).await;
        assert_eq!(paula.get(&format!("{PAGE}/edit")).await.status(), 403);
        test.settle().await;
        test.verify().await;
    }
}

both_engines! {
    async fn no_party_signs_or_leaves_for_another(test: TestApp) {
        let all = test.compacts().await;
        let (olga, paula) = (&all.owner, &all.charter);
        let admin = test.account("ada@city.example", "Ada Root").await;
        test.appoint(admin, Role::CityAdmin, Place::Installation).await;
        let ada = test.signed_in(admin, true).await;
        let parties = format!("{PAGE}/parties");
        let go = |at: usize| format!("{parties}/{}", all.parties[at]);
        let signed = [("state", "signed"), ("link", LINK)];
        // Harbor has signed. Neither the district, which leads, nor the administration takes that away from it.
        for other in [olga, &ada] {
            for state in ["withdrawn", "board_vote", "signed"] {
                let page = refused(other, &go(1), &[("state", state), ("link", LINK)], 403).await;
                assert!(page.contains("Only who answers for this party"), "{page}");
            }
        }
        for other in [paula, &ada] {
            refused(other, &go(0), &signed, 403).await;
        }
        let page = refused(paula, &go(1), &[("state", "board_vote")], 422).await;
        assert!(page.contains("This party is further already"), "a signature is only left: {page}");
        refused(paula, &go(1), &[("state", "invited")], 403).await;
        assert_eq!(test.json("/api/v1/compacts/two-harbors-compact").await["parties"][1]["state"], "signed");
        // Nobody adds another that has signed; they ask it in. The sector of a place is not chosen.
        let third = [("place", "millbrook-elementary"), ("state", "signed"), ("link", LINK)];
        let page = refused(olga, &parties, &third, 422).await;
        assert!(page.contains("Choose Invited") && page.contains("value=\"millbrook-elementary\""), "{page}");
        let page = refused(olga, &parties, &[("place", "millbrook-elementary"), ("state", "invited"), ("sector", "charter")], 422).await;
        assert!(page.contains("Leave the sector"), "{page}");
        let renamed = [("place", "millbrook-elementary"), ("state", "invited"), ("name", "A school that fails")];
        assert!(refused(olga, &parties, &renamed, 422).await.contains("has the name it has"));
        let name = [("name", "Lake Union Parents"), ("sector", "other"), ("state", "signed"), ("link", LINK)];
        refused(olga, &parties, &name, 422).await;
        // The contact office asks in and hands itself over; before there is one, the party that began it.
        let head = |contact: usize| {
            [("name", "Two Harbors Compact"), ("kind", "compact"), ("city", "Two Harbors, MN"), ("signed_on", "2026-01-15"),
             ("counts_joint", "yes"), ("contact_party", all.parties[contact].as_str()), ("contact_role", "Director")]
        };
        let edit = format!("{PAGE}/edit");
        olga.post_on(&edit, &head(0)).await;
        let page = refused(paula, &edit, &head(1), 422).await;
        assert!(page.contains("only the contact office itself"), "{page}");
        let asks = [("place", "millbrook-elementary"), ("state", "invited")];
        assert_eq!(paula.post(&parties, &asks).await.status(), 403);
        assert!(!paula.page(&parties).await.contains("Ask a party in"));
        // A party that is only a name is looked after by the administration, and by nobody else.
        ada.post_on(&parties, &name).await;
        let found = test.json("/api/v1/compacts/two-harbors-compact").await;
        let lake = format!("{parties}/{}", found["parties"][2]["id"].as_str().unwrap());
        refused(olga, &lake, &[("state", "withdrawn")], 403).await;
        ada.post_on(&lake, &[("state", "withdrawn")]).await;
        // An invitation that nobody took up is taken back by the administration.
        olga.post_on(&parties, &asks).await;
        let found = test.json("/api/v1/compacts/two-harbors-compact").await;
        let fourth = format!("{parties}/{}", found["parties"][3]["id"].as_str().unwrap());
        refused(olga, &fourth, &[("state", "withdrawn")], 403).await;
        ada.post_on(&fourth, &[("state", "withdrawn")]).await;
        // Who left has no rights here and comes back by an invitation alone; the page keeps every step with its day.
        paula.post_on(&go(1), &[("state", "withdrawn")]).await;
        assert_eq!(paula.post(&go(1), &signed).await.status(), 403);
        assert_eq!(paula.get(&edit).await.status(), 403);
        olga.post_on(&go(1), &[("state", "invited")]).await;
        paula.post_on(&go(1), &signed).await;
        let page = text(&all.nobody.page(PAGE).await);
        for line in ["Signed since October 14, 2026", "Before: Invited, October 14, 2026", "Before: Withdrawn, October 14, 2026", "Before: Signed, January 15, 2026"] {
            assert!(page.contains(line), "{line}: {page}");
        }
    }
}

both_engines! {
    /// Whoever is asked in reads and writes the draft with the others; of what everybody reads it changes nothing before it says that
    /// its board votes or that it signs.
    async fn a_party_that_is_only_asked_in_changes_nothing(test: TestApp) {
        let all = test.compacts().await;
        let (olga, dean) = (&all.owner, test.signed_in(all.at.pete, false).await);
        let parties = format!("{PAGE}/parties");
        olga.post_on(&parties, &[("place", "millbrook-elementary"), ("state", "invited")]).await;
        let page = dean.page(PAGE).await;
        assert!(page.contains("Say how far your side is") && !page.contains("Change its facts"), "{page}");
        assert!(!dean.page(&parties).await.contains("seat_role"), "seats are of those who take part");
        for (at, fields) in [
            ("text", [("base", "0"), ("body", "Ours")]),
            ("seats", [("seat_party", all.parties[0].as_str()), ("seat_role", "Head")]),
            ("edit", [("name", "Ours"), ("kind", "compact")]),
            ("commitments", [("area", "facilities"), ("sentence", "Give us a room")]),
        ] {
            assert_eq!(dean.post(&format!("{PAGE}/{at}"), &fields).await.status(), 403, "{at}");
        }
        let found = test.json("/api/v1/compacts/two-harbors-compact").await;
        let third = found["parties"][2]["id"].as_str().unwrap();
        dean.post_on(&format!("{parties}/{third}"), &[("state", "board_vote")]).await;
        dean.post_on(&format!("{PAGE}/text"), &[("base", "0"), ("body", "Ours and theirs")]).await;
        // A draft is shown by the party that began it.
        let head = [("name", "Second Compact"), ("kind", "compact"), ("place", "millbrook-schools")];
        olga.post_on("/compacts", &head).await;
        let second = "/compacts/second-compact";
        olga.post_on(&format!("{second}/parties"), &[("place", "harbor-charter-school"), ("state", "invited")]).await;
        let page = all.charter.page(second).await;
        assert!(page.contains("This is a draft") && !page.contains("Show it to everybody"), "{page}");
        all.charter.post_on(&format!("{second}/text"), &[("base", "0"), ("body", "Written together")]).await;
        assert_eq!(all.charter.post(&format!("{second}/publication"), &[]).await.status(), 403);
        olga.post_on(&format!("{second}/publication"), &[]).await;
    }
}

both_engines! {
    async fn the_history_tells_every_change_of_the_compact_itself(test: TestApp) {
        let all = test.compacts().await;
        let history = format!("{PAGE}/history");
        let head = [
            ("name", "Three Harbors Compact"), ("kind", "campus_agreement"), ("city", "Two Harbors, MN"), ("signed_on", "2026-01-16"),
            ("review_on", "2027-01-15"), ("contact_party", all.parties[0].as_str()), ("contact_role", "Director"),
        ];
        all.owner.post_on(&format!("{PAGE}/edit"), &head).await;
        let seat = [("seat_party", all.parties[1].as_str()), ("seat_role", "Head of school")];
        all.owner.post_on(&format!("{PAGE}/seats"), &seat).await;
        let page = all.owner.page(&format!("{PAGE}/parties")).await;
        let removal = page.split("action=\"").find_map(|part| part.split('"').next().filter(|p| p.contains("/seats/"))).filter(|p| p.ends_with("/removal")).unwrap().to_owned();
        all.owner.post_on(&removal, &[]).await;
        all.owner.post_on(&format!("{PAGE}/text"), &[("base", "0"), ("body", "We share."), ("note", "As signed")]).await;
        all.charter.post_on(&format!("{PAGE}/text"), &[("base", "1"), ("body", "We share nothing."), ("note", "Shorter")]).await;
        all.promise("Hold 24 joint sessions a year", "").await;
        let page = text(&all.nobody.page(&history).await);
        for line in [
            "Compact begun",
            "Shown to everybody",
            "Party added: Harbor Charter School",
            "Party moved: Harbor Charter School",
            "How far: before Invited, now Signed",
            "Name: before Two Harbors Compact, now Three Harbors Compact",
            "Kind: before Compact, now Campus agreement",
            "Signed on: before January 15, 2026, now January 16, 2026",
            "Next review: before none, now January 15, 2027",
            "Contact office: before none, now Millbrook Schools",
            "Role in the contact office: before none, now Director",
            "Joint sessions count: before yes, now no",
            "Seat: before none, now Head of school",
            "Seat: before Head of school, now none",
            "Version of the text: before 1, now 2",
            "Shorter",
            "Written down",
        ] {
            assert!(page.contains(line), "{line}: {page}");
        }
        // The office that did it, never the person.
        assert!(page.contains("Harbor Charter School") && !page.contains("Paula") && !page.contains("Olga"), "{page}");
        let at = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words}: {page}"));
        assert!(at("Version of the text: before 1") < at("Shown to everybody"), "newest first");
        // What a stale form brings is not lost, and can be sent again as it comes back.
        let stale = [("name", "Our Compact"), ("kind", "compact"), ("seen", "1")];
        let page = refused(&all.owner, &format!("{PAGE}/edit"), &stale, 422).await;
        let seen = page.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert!(page.contains("value=\"Our Compact\"") && seen != "1", "{page}");
        let again = [stale[0], stale[1], ("seen", seen.as_str()), ("contact_party", all.parties[0].as_str())];
        all.owner.post_on(&format!("{PAGE}/edit"), &again).await;
    }
}

both_engines! {
    async fn what_is_met_waits_for_the_word_of_another_sector(test: TestApp) {
        let all = test.compacts().await;
        assert_eq!(all.promise("Hold 24 joint sessions a year", "2027-06-30").await, ONE);
        let updates = format!("{ONE}/updates");
        let word = format!("{ONE}/confirmation");
        // Only the office that answers for it says how it goes.
        for other in [&all.charter, &test.signed_in(all.at.dina, false).await] {
            assert_eq!(other.post(&updates, &[("text", "Fine"), ("status", "met")]).await.status(), 403);
        }
        let page = refused(&all.owner, &updates, &[("text", "All held"), ("status", "met"), ("reason", "kept")], 422).await;
        assert!(page.contains("Give the evidence that it is met") && page.contains("All held"), "{page}");
        let met = [("text", "All held"), ("status", "met"), ("latest", "24"), ("evidence_title_1", "Minutes"), ("evidence_url_1", LINK)];
        all.owner.post_on(&updates, &met).await;
        let page = text(&all.nobody.page(ONE).await);
        assert!(page.contains("Reported met, waiting for Harbor Charter School"), "{page}");
        assert!(page.contains("24, as of October 14, 2026, as its owner reports it"));
        assert!(!page.contains("Olga") && !page.contains("Paula") && !page.contains("@"), "offices, not people");
        let asked = test.of_kind("paula@harbor.example", "commitment_reported_met").await;
        assert_eq!(asked, ["Your word is needed: Hold 24 joint sessions a year"]);
        assert!(text(&all.charter.page("/me/commitments").await).contains("Waits for the word of your side"));
        // The owner's side never confirms its own, whoever else it is.
        assert_eq!(all.owner.get(&word).await.status(), 403);
        assert_eq!(all.owner.post(&word, &[("status", "met")]).await.status(), 403);
        test.appoint(all.olga, Role::Principal, Place::School(all.at.harbor.0)).await;
        let page = refused(&all.owner, &word, &[("status", "met")], 403).await;
        assert!(page.contains("does not confirm it"), "who answers for both sides is of the owner's side");
        let admin = test.account("ada@city.example", "Ada Root").await;
        test.appoint(admin, Role::CityAdmin, Place::Installation).await;
        let admin = test.signed_in(admin, true).await;
        assert_eq!(admin.post(&word, &[("status", "met")]).await.status(), 403, "administrators are of no sector");
        assert_eq!(test.signed_in(all.at.carl, false).await.post(&word, &[("status", "met")]).await.status(), 403);
        assert!(text(&all.nobody.page(ONE).await).contains("Reported met"), "nothing of this counted");
        all.charter.post_on(&word, &[("status", "met"), ("note", "We see the same.")]).await;
        let page = text(&all.nobody.page(ONE).await);
        assert!(!page.contains("Reported met,") && page.contains("by Harbor Charter School on October 14, 2026"), "{page}");
        let list = test.json("/api/v1/compacts?status=met").await;
        assert_eq!(list["total"], 1);
        assert_eq!(test.json("/api/v1/compacts?status=reported_met").await["total"], 0);
        assert_eq!(test.of_kind("olga@millbrook.example", "commitment_rated").await.len(), 1);
        // Another status undoes it.
        all.owner.post_on(&updates, &[("text", "Two were cancelled"), ("status", "in_progress")]).await;
        all.owner.post_on(&updates, &[("text", "Held again"), ("status", "met")]).await;
        assert!(text(&all.nobody.page(ONE).await).contains("Reported met, waiting for Harbor Charter School"));
        // Two sides that see it differently are both heard, in words.
        let page = refused(&all.charter, &word, &[("status", "missed")], 422).await;
        assert!(page.contains("Say in a few words what your side sees"));
        all.charter.post_on(&word, &[("status", "missed"), ("note", "We were at none.")]).await;
        let page = text(&all.nobody.page(ONE).await);
        assert!(page.contains("The sides see it differently."), "{page}");
        assert!(page.contains("Charter sees it as missed; District sees it as met."));
        assert!(page.contains("Reported met"), "a disagreement confirms nothing");
        assert!(text(&all.nobody.page(PAGE).await).contains("Charter sees it as missed"));
    }
}

both_engines! {
    async fn nothing_changes_silently(test: TestApp) {
        let all = test.compacts().await;
        all.promise("Hold 24 joint sessions a year", "2027-03-01").await;
        let parties = [("owner_party", all.parties[0].as_str()), ("deputy_party", all.parties[1].as_str())];
        let edit = format!("{ONE}/edit");
        let change = |due: &'static str, seen: &'static str| {
            let mut fields = vec![
                ("area", "learn_together"),
                ("sentence", "Hold 12 joint sessions a year"),
                ("due_on", due),
                ("gets/charter", "Half of the seats"),
                ("why", "The buses were late"),
                ("seen", seen),
            ];
            fields.extend(parties);
            fields
        };
        assert_eq!(test.signed_in(all.at.dina, false).await.get(&edit).await.status(), 403);
        all.owner.post_on(&edit, &change("2027-06-01", "1")).await;
        let page = text(&all.nobody.page(ONE).await);
        for line in [
            "Due: before March 1, 2027, now June 1, 2027",
            "Sentence: before Hold 24 joint sessions a year, now Hold 12 joint sessions a year",
            "What Charter gets: before A third of the seats, now Half of the seats",
            "Target: before 24, now none",
            "The buses were late",
            "Millbrook Schools",
        ] {
            assert!(page.contains(line), "{line}: {page}");
        }
        assert!(text(&all.nobody.page(&format!("{PAGE}/history")).await).contains("Due: before March 1, 2027"));
        // What somebody else changed meanwhile is not written over.
        let page = refused(&all.owner, &edit, &change("2028-06-01", "1"), 422).await;
        assert!(page.contains("2028-06-01"), "what was typed stays");
        // The owners are of two sectors.
        let mut same = change("2027-06-01", "2");
        same.retain(|(name, _)| *name != "deputy_party");
        same.push(("deputy_party", all.parties[0].as_str()));
        assert!(refused(&all.owner, &edit, &same, 422).await.contains("Choose a party of another sector"));
        // The three that end or interrupt it need a reason that everybody reads (C-3).
        let updates = format!("{ONE}/updates");
        for status in ["missed", "paused", "dropped"] {
            let page = refused(&all.owner, &updates, &[("text", "No"), ("status", status)], 422).await;
            assert!(page.contains("Give the reason; everybody can read it."), "{status}");
        }
        let about = [("text", "It helped Jayden, a third grader."), ("status", "in_progress")];
        let page = refused(&all.owner, &updates, &about, 422).await;
        assert!(page.contains("name=\"no_student\""), "{page}");
        let missed = [("text", "Not one was held"), ("status", "missed"), ("reason", "The room was closed.")];
        all.owner.post_on(&updates, &missed).await;
        let page = text(&all.nobody.page(ONE).await);
        assert!(page.contains("Reason: The room was closed.") && page.contains("Status: before Not started, now Missed"));
        // The API says the same, and wants to know what it changes.
        let found = test.json("/api/v1/compacts/two-harbors-compact").await;
        let id = found["commitments"][0]["id"].as_str().unwrap().to_owned();
        let address = format!("{}/api/v1/commitments/{id}", test.base);
        let patch = |tag: Option<&str>, body: Value| {
            let request = test.client.request(Method::PATCH, &address).json(&body).header("sec-fetch-site", "same-origin");
            match tag {
                Some(tag) => request.header("if-match", tag),
                None => request,
            }
        };
        let tag = test.get(&format!("/api/v1/commitments/{id}")).await.headers()["etag"].to_str().unwrap().to_owned();
        problem(all.owner.send(patch(None, json!({ "due_on": "2027-07-01" }))).await, 428).await;
        problem(all.owner.send(patch(Some("\"r1\""), json!({ "due_on": "2027-07-01" }))).await, 412).await;
        problem(all.nobody.send(patch(Some(&tag), json!({ "due_on": "2027-07-01" }))).await, 401).await;
        let changed = all.owner.send(patch(Some(&tag), json!({ "due_on": "2027-07-01" }))).await;
        assert_eq!(changed.status(), 200);
        let changed: Value = changed.json().await.unwrap();
        assert_eq!((&changed["due_on"], &changed["status"]), (&json!("2027-07-01"), &json!("missed")));
        let body = json!({ "text": "We try again", "status": "in_progress" });
        let update = test.client.post(format!("{address}/updates")).json(&body).header("sec-fetch-site", "same-origin");
        assert_eq!(all.owner.send(update).await.status(), 200);
        let body = json!({ "status": "in_progress" });
        let own = test.client.post(format!("{address}/confirmation")).json(&body).header("sec-fetch-site", "same-origin");
        problem(all.owner.send(own).await, 403).await;
        let theirs = test.client.post(format!("{address}/confirmation")).json(&body).header("sec-fetch-site", "same-origin");
        assert_eq!(all.charter.send(theirs).await.status(), 200);
        let more = json!({ "area": "facilities", "sentence": "Share a gym" });
        let more = test.client.post(format!("{}/api/v1/compacts/two-harbors-compact/commitments", test.base)).json(&more);
        let made = all.charter.send(more.header("sec-fetch-site", "same-origin")).await;
        assert_eq!(made.status(), 201);
        assert!(made.headers()["location"].to_str().unwrap().contains("/api/v1/commitments/"));
        assert_eq!(made.json::<Value>().await.unwrap()["number"], 2);
    }
}

both_engines! {
    async fn each_party_has_a_word_of_its_own(test: TestApp) {
        let all = test.compacts().await;
        let third = test.add_school("Third Network", "charter_network", "Third Charter School", "charter").await;
        let tess = test.account("tess@third.example", "Tess Pond").await;
        test.appoint(tess, Role::Principal, Place::School(third.0)).await;
        all.owner.post_on(&format!("{PAGE}/parties"), &[("place", "third-charter-school"), ("state", "invited")]).await;
        let found = test.json("/api/v1/compacts/two-harbors-compact").await;
        let go = format!("{PAGE}/parties/{}", found["parties"][2]["id"].as_str().unwrap());
        let other = test.signed_in(tess, false).await;
        other.post_on(&go, &[("state", "signed"), ("link", LINK)]).await;
        all.promise("Hold 24 joint sessions a year", "2027-06-30").await;
        let met = [("text", "All held"), ("status", "met"), ("evidence_title_1", "Minutes"), ("evidence_url_1", LINK)];
        all.owner.post_on(&format!("{ONE}/updates"), &met).await;
        let word = format!("{ONE}/confirmation");
        all.charter.post_on(&word, &[("status", "met")]).await;
        assert_eq!(test.json("/api/v1/compacts?status=met").await["total"], 1);
        // A second school of the same sector sees it differently: it takes nothing back for the first, and what is disputed is not met.
        other.post_on(&word, &[("status", "missed"), ("note", "We were at none.")]).await;
        let told = test.of_kind("olga@millbrook.example", "commitment_rated").await;
        assert!(told.iter().any(|subject| subject.starts_with("Third Charter School says how it sees it")), "{told:?}");
        let page = text(&all.nobody.page(ONE).await);
        assert!(page.contains("Reported met, disputed by Third Charter School"), "{page}");
        assert!(page.contains("Charter is of two minds: Harbor Charter School as met, Third Charter School as missed"), "{page}");
        for (status, total) in [("met", 0), ("reported_met", 1)] {
            assert_eq!(test.json(&format!("/api/v1/compacts?status={status}")).await["total"], total, "{status}");
        }
        problem(test.get("/api/v1/compacts?status=done").await, 400).await;
        let found = test.json("/api/v1/compacts/two-harbors-compact").await;
        let one = &found["commitments"][0];
        assert_eq!((one["ratings"].as_array().unwrap().len(), &one["disputed"], &one["status"]), (3, &json!(true), &json!("reported_met")));
        assert!(text(&all.nobody.page("/compacts").await).contains("1 reported met, not confirmed"));
        let compared = text(&all.nobody.page("/compacts/compare?c=two-harbors-compact&c=two-harbors-compact").await);
        assert!(compared.contains("Choose at least two"));
        let file = all.nobody.get(&format!("{PAGE}.csv")).await.text().await.unwrap();
        assert!(file.contains(",reported_met,met,"), "{file}");
        // Who changes their mind speaks for themselves alone.
        all.charter.post_on(&word, &[("status", "partly_met"), ("note", "Half of them.")]).await;
        other.post_on(&word, &[("status", "met")]).await;
        let page = text(&all.nobody.page(ONE).await);
        assert!(page.contains("Reported met, disputed by Harbor Charter School") && page.contains("by Third Charter School on"), "{page}");
        all.charter.post_on(&word, &[("status", "met")]).await;
        assert_eq!(test.json("/api/v1/compacts?status=met").await["total"], 1);
        // A role at the owner's place makes somebody of that side, also one that waits for a second step.
        let district = people::organization(&test.db().cx(Actor::System("test")), "millbrook-schools").await.unwrap();
        test.appoint(tess, Role::Mayor, Place::Organization(district.id.0)).await;
        let page = refused(&other, &word, &[("status", "met")], 403).await;
        assert!(page.contains("does not confirm it"), "{page}");
        // The evidence of what is met is not taken away from under it; the word of who left stays and disputes nothing.
        all.charter.post_on(&word, &[("status", "missed"), ("note", "We look again.")]).await;
        all.charter.post_on(&format!("{PAGE}/parties/{}", all.parties[1]), &[("state", "withdrawn")]).await;
        let page = text(&all.nobody.page(ONE).await);
        assert!(page.contains("Harbor Charter School, has left") && !page.contains("disputed"), "{page}");
    }
}

both_engines! {
    async fn an_office_takes_over_what_nobody_holds(test: TestApp) {
        let all = test.compacts().await;
        all.promise("Hold 24 joint sessions a year", "").await;
        let district = people::organization(&test.db().cx(Actor::System("test")), "millbrook-schools").await.unwrap();
        let otto = test.account("otto@millbrook.example", "Otto Kern").await;
        test.appoint(otto, Role::CompactOwner, Place::Organization(district.id.0)).await;
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        admin::deactivate(&mut tx, all.olga).await.unwrap();
        tx.commit().await.unwrap();
        test.at("2026-10-15T16:00:00Z");
        test.look().await;
        // The other side hears of it, and so does the office that can take it over.
        assert_eq!(test.of_kind("otto@millbrook.example", "commitment_vacant").await.len(), 1);
        assert_eq!(test.of_kind("paula@harbor.example", "commitment_vacant").await.len(), 1);
        let hand = format!("{ONE}/handover");
        let (paula, otto) = (test.signed_in(all.at.paula, false).await, test.signed_in(otto, false).await);
        let page = refused(&paula, &hand, &[("side", "owner"), ("holder", "paula@harbor.example")], 403).await;
        assert!(page.contains("Only who answers for an office"), "{page}");
        assert_eq!(test.signed_in(all.at.dina, false).await.get(&hand).await.status(), 403);
        assert!(text(&otto.page(ONE).await).contains("Take it over or name who holds it at Millbrook Schools"));
        assert!(!otto.page(&hand).await.contains("value=\"deputy\""), "his own office alone");
        for nobody in ["paula@harbor.example", "nobody@millbrook.example", "no address", "olga@millbrook.example"] {
            let page = refused(&otto, &hand, &[("side", "owner"), ("holder", nobody)], 422).await;
            assert!(page.contains("Give the address of a compact owner") && page.contains(nobody), "{page}");
        }
        refused(&otto, &hand, &[("side", "owner"), ("seen", "0")], 422).await;
        otto.post_on(&hand, &[("side", "owner"), ("why", "A new year")]).await;
        let page = text(&all.nobody.page(ONE).await);
        assert!(!page.contains("Owner vacant at") && page.contains("Held at the owner's office by: before vacant, now somebody"), "{page}");
        assert!(page.contains("A new year") && !page.contains("Otto"), "{page}");
        // The same over JSON; naming somebody else is a line of the history as well.
        let pia = test.account("pia@harbor.example", "Pia Dock").await;
        test.appoint(pia, Role::Principal, Place::School(all.at.harbor.0)).await;
        let found = test.json("/api/v1/compacts/two-harbors-compact").await;
        let address = format!("{}/api/v1/commitments/{}/handover", test.base, found["commitments"][0]["id"].as_str().unwrap());
        let send = |body: Value| test.client.post(&address).json(&body).header("sec-fetch-site", "same-origin");
        problem(otto.send(send(json!({ "side": "deputy" }))).await, 403).await;
        problem(paula.send(send(json!({ "side": "both" }))).await, 422).await;
        let named = paula.send(send(json!({ "side": "deputy", "holder": "pia@harbor.example" }))).await;
        assert_eq!(named.status(), 200);
        assert_eq!(named.json::<Value>().await.unwrap()["vacant"], false);
        assert!(text(&all.nobody.page(ONE).await).contains("Held in another sector by: before somebody, now somebody else"));
        test.at("2026-12-28T16:00:00Z");
        test.look().await;
        assert_eq!(test.of_kind("pia@harbor.example", "commitment_silent").await.len(), 1, "who holds it now is reminded");
        assert!(test.of_kind("paula@harbor.example", "commitment_silent").await.is_empty());
    }
}

both_engines! {
    async fn what_is_overdue_and_what_was_due_before_show(test: TestApp) {
        let all = test.compacts().await;
        all.promise("Hold 24 joint sessions a year", "2026-10-20").await;
        let edit = format!("{ONE}/edit");
        let fields = |due: &'static str| {
            [("area", "learn_together"), ("sentence", "Hold 24 joint sessions a year"), ("due_on", due), ("why", "The buses were late"),
             ("owner_party", all.parties[0].as_str()), ("deputy_party", all.parties[1].as_str())]
        };
        let page = refused(&all.owner, &edit, &fields("2026-10-01"), 422).await;
        assert!(page.contains("Give a day that is not in the past.") && page.contains("value=\"2026-10-01\""), "{page}");
        all.owner.post_on(&edit, &fields("2026-10-24")).await;
        all.owner.post_on(&edit, &fields("2026-10-25")).await;
        test.at("2026-10-26T11:59:00Z");
        let page = text(&all.nobody.page(PAGE).await);
        assert!(page.contains("Due October 25, 2026, first due October 20, 2026"), "{page}");
        assert_eq!(test.json("/api/v1/compacts").await["items"][0]["overdue"], 0, "not over everywhere");
        test.at("2026-10-26T12:00:00Z");
        assert!(text(&all.nobody.page(PAGE).await).contains("Overdue since October 25, 2026, first due October 20, 2026"));
        assert!(text(&all.nobody.page(ONE).await).contains("Overdue since October 25, 2026"));
        assert!(text(&all.nobody.page("/compacts").await).contains("1 overdue"));
        let found = test.json("/api/v1/compacts/two-harbors-compact").await;
        let one = &found["commitments"][0];
        assert_eq!((&one["overdue"], &one["first_due_on"]), (&json!(true), &json!("2026-10-20")));
        let owner = test.signed_in(all.olga, false).await;
        let missed = [("text", "Not all"), ("status", "missed"), ("reason", "The buses were late.")];
        owner.post_on(&format!("{ONE}/updates"), &missed).await;
        assert!(!text(&all.nobody.page("/compacts").await).contains("overdue"), "what was answered for is not");
    }
}

both_engines! {
    async fn words_about_a_person_are_taken_out_and_the_line_stays(test: TestApp) {
        let all = test.compacts().await;
        all.promise("Hold 24 joint sessions a year", "").await;
        let admin = test.account("ada@city.example", "Ada Root").await;
        test.appoint(admin, Role::CityAdmin, Place::Installation).await;
        let ada = test.signed_in(admin, true).await;
        let secret = "Coordinator Jorun Vale is in hospital";
        let said = [
            ("text", secret), ("status", "paused"), ("reason", secret), ("evidence_title_1", secret), ("evidence_url_1", "https://private.example/vale"),
            ("no_student", "yes"),
        ];
        all.owner.post_on(&format!("{ONE}/updates"), &said).await;
        assert!(all.nobody.page(ONE).await.contains(secret) && !all.owner.page(ONE).await.contains("/redaction"));
        let page = ada.page(ONE).await;
        let links: Vec<String> = page.split("href=\"").filter_map(|part| part.split('"').next()).filter(|link| link.contains("/redaction?")).map(str::to_owned).collect();
        assert_eq!(links.len(), 1, "the line that has words: {links:?}");
        assert!(ada.page(&links[0]).await.contains("Take words out of the history"));
        let (path, entry) = links[0].split_once("?entry=").unwrap();
        let why = [("entry", entry), ("why", "It told of somebody's health.")];
        for other in [&all.owner, &all.charter] {
            assert_eq!(other.get(&links[0]).await.status(), 403);
            assert_eq!(other.post(path, &why).await.status(), 403);
        }
        let page = refused(&ada, path, &[("entry", entry)], 422).await;
        assert!(page.contains("Say why in a few words"), "{page}");
        assert_eq!(ada.post(path, &[("entry", "nothing"), ("why", "x")]).await.status(), 404);
        ada.post_on(path, &why).await;
        let found = test.get("/api/v1/compacts/two-harbors-compact").await.text().await.unwrap();
        for place in [all.nobody.page(ONE).await, all.nobody.page(PAGE).await, all.nobody.page(&format!("{PAGE}/history")).await, found] {
            assert!(!place.contains("Jorun") && !place.contains("private.example"), "{place}");
        }
        let page = text(&all.nobody.page(ONE).await);
        for line in [
            "Reason: Taken out on October 14, 2026, because: It told of somebody's health.",
            "Status: before Not started, now Paused",
            "Words taken out of the line: Update, October 14, 2026",
            "City administration",
        ] {
            assert!(page.contains(line), "{line}: {page}");
        }
        ada.post_on(path, &why).await;
        assert_eq!(text(&all.nobody.page(ONE).await).matches("Words taken out of the line").count(), 1, "twice is once");
    }
}

both_engines! {
    async fn what_cannot_be_read_is_refused_and_stays_in_the_form(test: TestApp) {
        let all = test.compacts().await;
        all.promise("Hold 24 joint sessions a year", "").await;
        let updates = format!("{ONE}/updates");
        let said = [("text", "Ten are held"), ("latest", "ten or so"), ("evidence_title_1", "Minutes"), ("evidence_url_1", "https://127.0.0.1/m")];
        let page = refused(&all.owner, &updates, &said, 422).await;
        for words in ["Begin with a number", "ten or so", "begins with https://", "value=\"https://127.0.0.1/m\"", "Ten are held"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let blank = [("text", "\u{200b}\u{2800}\u{202e}")];
        assert!(refused(&all.owner, &updates, &blank, 422).await.contains("Say how it goes."), "nothing to read in it");
        let draft = [("area", "facilities"), ("sentence", "Share a gym"), ("measure", "Hours"), ("baseline", "1,2"), ("target", "lots"), ("due_on", "2199-01-01")];
        let page = refused(&all.owner, &format!("{PAGE}/commitments"), &draft, 422).await;
        assert!(page.matches("Begin with a number").count() >= 2 && page.contains("within the next thirty years"), "{page}");
        let draft = [("area", "facilities"), ("sentence", "Share a gym"), ("due_on", "2026-10-13")];
        assert!(refused(&all.owner, &format!("{PAGE}/commitments"), &draft, 422).await.contains("not in the past"));
        let head = [("name", "Two Harbors Compact"), ("kind", "compact"), ("signed_on", "2026-10-15")];
        assert!(refused(&all.owner, &format!("{PAGE}/edit"), &head, 422).await.contains("not in the future"));
        let minutes = [("kind", "minutes"), ("target", LINK), ("title", "Council"), ("on", "2026-11-01")];
        assert!(refused(&all.owner, &format!("{ONE}/links"), &minutes, 422).await.contains("not in the future"));
        // A form that is behind comes back with the words and the current revision: sent again, it is kept.
        all.owner.post_on(&updates, &[("text", "Ten are held"), ("seen", "1")]).await;
        let page = refused(&all.owner, &updates, &[("text", "Eleven are held"), ("seen", "1")], 422).await;
        assert!(page.contains("Eleven are held") && page.contains("name=\"seen\" value=\"2\""), "{page}");
        all.owner.post_on(&updates, &[("text", "Eleven are held"), ("seen", "2")]).await;
    }
}

both_engines! {
    async fn silence_shows_and_each_reminder_is_one(test: TestApp) {
        let all = test.compacts().await;
        all.promise("Hold 24 joint sessions a year", "2027-06-30").await;
        let of = async |kind: &str| {
            test.look().await;
            test.look().await;
            (test.of_kind("olga@millbrook.example", kind).await.len(), test.of_kind("paula@harbor.example", kind).await.len())
        };
        // October 14 and 74, 75 and 76 days.
        test.at("2026-12-27T16:00:00Z");
        assert_eq!(of("commitment_silent").await, (0, 0));
        test.at("2026-12-28T16:00:00Z");
        assert_eq!(of("commitment_silent").await, (1, 1), "75 days");
        test.at("2026-12-29T16:00:00Z");
        assert_eq!(of("commitment_silent").await, (1, 1), "once");
        assert!(text(&all.nobody.page(ONE).await).contains("Written down on October 14, 2026, no update yet"));
        test.at("2027-01-12T16:00:00Z");
        assert!(text(&all.nobody.page(ONE).await).contains("Due for an update"), "90 days");
        // At 120 days the lead of the compact hears of it: here the district, whose office is the contact.
        test.look().await;
        let head = [("name", "Two Harbors Compact"), ("kind", "compact"), ("contact_party", all.parties[0].as_str()), ("contact_role", "Director")];
        test.signed_in(all.olga, false).await.post_on(&format!("{PAGE}/edit"), &head).await;
        test.at("2027-02-11T16:00:00Z");
        assert_eq!(of("commitment_silent").await, (2, 1), "120 days: the lead alone");
        test.at("2027-04-12T16:00:00Z");
        assert_eq!(test.json("/api/v1/compacts?freshness=silent").await["total"], 0, "180 days");
        test.at("2027-04-13T16:00:00Z");
        assert!(text(&all.nobody.page(ONE).await).contains("No update since October 14, 2026"), "181 days");
        assert_eq!(test.json("/api/v1/compacts?freshness=silent").await["total"], 1);
        assert!(text(&all.nobody.page("/compacts").await).contains("1 without an update in 180 days"));
        test.signed_in(all.olga, false).await.post_on(&format!("{ONE}/updates"), &[("text", "Twelve are held")]).await;
        assert!(text(&all.nobody.page(ONE).await).contains("Updated on April 13, 2027"));
        // 30 and 7 days before it is due, to both; another due date is another reminder.
        test.at("2027-05-30T16:00:00Z");
        assert_eq!(of("commitment_due").await, (0, 0));
        test.at("2027-05-31T16:00:00Z");
        assert_eq!(of("commitment_due").await, (1, 1));
        test.at("2027-06-23T16:00:00Z");
        assert_eq!(of("commitment_due").await, (2, 2));
        let subjects = test.of_kind("olga@millbrook.example", "commitment_due").await;
        assert_eq!(subjects[0], "Due June 30, 2027: Hold 24 joint sessions a year");
        test.at("2027-06-24T16:00:00Z");
        assert_eq!(of("commitment_due").await, (2, 2));
        // What is dropped reminds of nothing.
        let dropped = [("text", "It ends"), ("status", "dropped"), ("reason", "The parties stopped.")];
        test.signed_in(all.olga, false).await.post_on(&format!("{ONE}/updates"), &dropped).await;
        test.at("2028-06-24T16:00:00Z");
        assert_eq!(of("commitment_silent").await, (2, 1));
    }
}

both_engines! {
    async fn a_vacant_owner_shows_and_the_other_is_told_once(test: TestApp) {
        let all = test.compacts().await;
        all.promise("Hold 24 joint sessions a year", "").await;
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        admin::deactivate(&mut tx, all.olga).await.unwrap();
        tx.commit().await.unwrap();
        test.at("2026-10-15T16:00:00Z");
        test.look().await;
        test.look().await;
        let page = text(&all.nobody.page(ONE).await);
        assert!(page.contains("Owner vacant at Millbrook Schools since October 15, 2026"), "{page}");
        assert!(text(&all.nobody.page(PAGE).await).contains("Owner vacant at Millbrook Schools"));
        test.at("2026-10-16T16:00:00Z");
        test.look().await;
        let told = test.of_kind("paula@harbor.example", "commitment_vacant").await;
        assert_eq!(told, ["Owner vacant at Millbrook Schools: Hold 24 joint sessions a year"]);
        assert!(test.of_kind("olga@millbrook.example", "commitment_vacant").await.is_empty());
        // Somebody else is named.
        let charter = test.signed_in(all.at.paula, false).await;
        let otto = test.account("otto@millbrook.example", "Otto Kern").await;
        let district = people::organization(&test.db().cx(Actor::System("test")), "millbrook-schools").await.unwrap();
        let edit = format!("{ONE}/edit");
        let fields = [
            ("area", "learn_together"),
            ("sentence", "Hold 24 joint sessions a year"),
            ("owner_party", all.parties[0].as_str()),
            ("owner", "otto@millbrook.example"),
            ("deputy_party", all.parties[1].as_str()),
        ];
        let page = refused(&charter, &edit, &fields, 422).await;
        assert!(page.contains("Give the address of a compact owner"), "he is none");
        test.appoint(otto, Role::CompactOwner, Place::Organization(district.id.0)).await;
        charter.post_on(&edit, &fields).await;
        assert!(!text(&all.nobody.page(ONE).await).contains("Owner vacant at Millbrook Schools since"));
    }
}

/// A completed session with who was there, as rows: (account, sector).
async fn held(test: &TestApp, at: &TwoSchools, title: &str, joint: bool, there: &[(AccountId, &str)]) -> SessionId {
    let sketch = Sketch {
        status: "completed",
        title: title.to_owned(),
        meetings: vec!["2026-05-14T09:00:00".parse().unwrap()],
        ..Sketch::default()
    };
    let id = test.session(at, sketch).await;
    for (account, sector) in there {
        let school = if *sector == "charter" { at.harbor } else { at.millbrook };
        let seat = test.seat(id, *account, school, sector, "confirmed").await;
        let cells = vec![
            ("registration_id", Expr::value(seat.0)),
            ("meeting", Expr::value(1)),
            ("session_id", Expr::value(id.0)),
            ("state", Expr::value("present")),
            ("updated_at", Expr::value(test.clock.now())),
        ];
        test.put("attendance", cells).await;
    }
    let tx = test.db().write(Actor::System("test")).await.unwrap();
    let mut update = sea_orm::sea_query::Query::update();
    update
        .table("session")
        .value("joint_held", joint)
        .and_where(sea_orm::sea_query::ExprTrait::eq(Expr::col("id"), id.0));
    tx.conn().execute(&update).await.unwrap();
    tx.commit().await.unwrap();
    id
}

both_engines! {
    async fn evidence_counts_itself(test: TestApp) {
        let all = test.compacts().await;
        let at = &all.at;
        all.promise("Hold 24 joint sessions a year", "").await;
        // By hand: two sessions are held, each three hours. Four educators at the joint one, one at the other: 15 hours.
        let joint = held(&test, at, "Both sides", true, &[(at.carl, "charter"), (at.cora, "charter"), (at.dina, "district"), (at.dora, "district")]).await;
        let single = held(&test, at, "One side", false, &[(at.carl, "charter")]).await;
        let coming = test.session(at, Sketch { title: "Still to come".to_owned(), ..Sketch::default() }).await;
        let cancelled = test.session(at, Sketch { status: "cancelled", title: "Cancelled".to_owned(), ..Sketch::default() }).await;
        let page = text(&all.nobody.page(ONE).await);
        assert!(page.contains("Both sides") && !page.contains("One side"), "joint sessions between its schools count of themselves: {page}");
        let links = format!("{ONE}/links");
        let link = async |id| all.owner.post_on(&links, &[("kind", "session"), ("target", &format!("/sessions/{id}"))]).await;
        // A session to come, or one that was cancelled, shows nobody that it is met.
        let (updates, met) = (format!("{ONE}/updates"), [("text", "All held"), ("status", "met")]);
        link(coming).await;
        link(cancelled).await;
        let page = refused(&all.owner, &updates, &met, 422).await;
        assert!(page.contains("Give the evidence that it is met"), "{page}");
        link(single).await;
        link(joint).await;
        all.owner.post_on(&updates, &met).await;
        let history = all.nobody.page(&format!("{PAGE}/history")).await;
        assert!(history.contains(&format!("<a href=\"/sessions/{single}\">Session</a>")), "{history}");
        // Practices: one lives, one is retired later. Adoptions: kept a year, begun this year, only interested.
        let third = test.add_school("Third Network", "charter_network", "Third Charter School", "charter").await;
        let rows: Vec<Value> = ["Marble jar", "Exit tickets"]
            .iter()
            .map(|title| json!({"source": format!("t:{title}"), "title": title, "origin_school": "harbor-charter-school", "topics": ["sel"]}))
            .collect();
        test.import(&rows).await;
        let cx = test.db().cx(Actor::System("test"));
        let practice = catalog::practice(&cx, "marble-jar").await.unwrap().id;
        let adopt = async |school, stage, on: &str| {
            let new = NewAdoption {
                school,
                stage,
                started_on: on.parse().unwrap(),
                lead_role: None,
                changed_what: None,
                kept_core: None,
                result_note: None,
                would_recommend: None,
                contact_ok: false,
                stopped_reason: None,
            };
            let mut tx = test.db().write(Actor::System("test")).await.unwrap();
            catalog::record_adoption(&mut tx, practice, new).await.unwrap();
            tx.commit().await.unwrap();
        };
        adopt(at.millbrook, AdoptionStage::PILOTING, "2025-01-10").await;
        adopt(at.millbrook, AdoptionStage::IN_USE, "2025-04-10").await;
        adopt(third, AdoptionStage::INTERESTED, "2026-09-10").await;
        let mut ids = Vec::new();
        for one in adoption::adoptions_of(&cx, practice).await.unwrap() {
            ids.push(one.id.to_string());
        }
        assert_eq!(ids.len(), 2);
        for id in &ids {
            all.owner.post_on(&links, &[("kind", "adoption"), ("target", &format!("{}/adoptions/{id}", test.base))]).await;
        }
        for slug in ["marble-jar", "exit-tickets"] {
            all.owner.post_on(&links, &[("kind", "practice"), ("target", slug)]).await;
        }
        test.retire("exit-tickets", "Replaced").await;
        let minutes = [("kind", "minutes"), ("target", "https://minutes.example/2"), ("title", "Council <b>"), ("on", "2026-09-14")];
        all.owner.post_on(&links, &minutes).await;
        refused(&all.owner, &links, &[("kind", "minutes"), ("target", "http://minutes.example/2"), ("title", "A"), ("on", "2026-09-14")], 422).await;
        refused(&all.owner, &links, &[("kind", "session"), ("target", "/sessions/none")], 422).await;
        assert_eq!(all.charter.post(&links, &[("kind", "practice"), ("target", "marble-jar")]).await.status(), 303, "twice is once");
        let found = test.json("/api/v1/compacts/two-harbors-compact").await;
        let id = found["commitments"][0]["id"].as_str().unwrap();
        let counted = test.json(&format!("/api/v1/commitments/{id}")).await["counted"].clone();
        let by_hand = json!({
            "sessions": 2, "joint_sessions": 1, "educator_hours": 15, "practices": 1, "adoptions": 1, "kept": 1, "kept_of": 1,
        });
        assert_eq!(counted, by_hand);
        let page = all.owner.page(ONE).await;
        assert!(page.contains("https://minutes.example/2") && page.contains("Council &#60;b&#62;"));
        let words = text(&page);
        assert!(words.contains("Educators' hours") || words.contains("hours"), "{words}");
        assert!(!words.contains("Still to come") && !words.contains("Exit tickets"), "only what is over and there");
        // Taking evidence out is a line of the history.
        let removal = page.split("action=\"").find_map(|part| part.split('"').next().filter(|p| p.contains("/links/") && p.ends_with("/removal"))).unwrap().to_owned();
        assert_eq!(test.signed_in(at.dina, false).await.post(&removal, &[]).await.status(), 403);
        all.owner.post_on(&removal, &[]).await;
        assert!(text(&all.nobody.page(ONE).await).contains("Evidence taken out"));
    }
}

both_engines! {
    async fn commitments_go_out_as_a_file_and_stand_side_by_side(test: TestApp) {
        let all = test.compacts().await;
        all.promise("=Hold 24, \"joint\" sessions", "2027-06-30").await;
        let response = all.nobody.get(&format!("{PAGE}.csv")).await;
        assert_eq!(response.headers()["content-type"], "text/csv; charset=utf-8");
        let file = response.text().await.unwrap();
        let mut rows = csv::Reader::from_reader(file.as_bytes());
        let heads = rows.headers().unwrap().clone();
        let row = rows.records().next().unwrap().unwrap();
        let cell = |name: &str| row.get(heads.iter().position(|head| head == name).unwrap()).unwrap().to_owned();
        assert_eq!(cell("commitment"), "'=Hold 24, \"joint\" sessions", "no formula");
        assert_eq!((cell("status").as_str(), cell("freshness").as_str()), ("not_started", "fresh"));
        assert_eq!(cell("url"), format!("{}{ONE}", test.base));
        assert_eq!((cell("owner").as_str(), cell("with").as_str()), ("Millbrook Schools", "Harbor Charter School"));
        assert!(all.nobody.page(&format!("{PAGE}?print=1")).await.contains("class=\"print-view\""));
        // A second one, of names alone, kept by the administration.
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        let head = Head { name: "Tallow Bay Agreement".to_owned(), kind: "campus_agreement".to_owned(), ..Head::default() };
        let other = editing::begin(&mut tx, &head, None).await.unwrap();
        for (name, sector) in [("Tallow Bay District", "district"), ("Marlpit", "charter")] {
            let party = NewParty { name: name.to_owned(), sector: sector.to_owned(), state: "invited".to_owned(), ..NewParty::default() };
            editing::add_party(&mut tx, other.id, party).await.unwrap();
        }
        let draft = Draft { area: "facilities".to_owned(), sentence: "Post the calendar".to_owned(), ..Draft::default() };
        promises::make(&mut tx, other.id, &draft).await.unwrap();
        editing::publish(&mut tx, other.id).await.unwrap();
        tx.commit().await.unwrap();
        let page = text(&all.nobody.page("/compacts/compare?c=two-harbors-compact&c=tallow-bay-agreement").await);
        let at = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words}: {page}"));
        assert!(page.contains("Says nothing about it") && page.contains("Post the calendar"));
        assert!(at("Joint professional development") < page.rfind("Facilities access").unwrap(), "in the order of areas");
        let kinds = test.json("/api/v1/compacts?kind=campus_agreement").await;
        assert_eq!((kinds["total"].as_u64(), kinds["items"][0]["name"].as_str()), (Some(1), Some("Tallow Bay Agreement")));
        let first = test.get("/api/v1/compacts?limit=1").await;
        assert!(first.headers()["link"].to_str().unwrap().contains("rel=\"next\""));
        problem(test.get("/api/v1/compacts?freshness=old").await, 400).await;
        problem(test.get("/api/v1/compacts?cursor=x").await, 400).await;
        assert!(!text(&all.nobody.page("/compacts?kind=compact").await).contains("Marlpit"));
    }
}

both_engines! {
    async fn schools_of_a_partnership_share_a_log(test: TestApp) {
        let at = test.two_schools().await;
        let admin = test.account("ada@city.example", "Ada Root").await;
        test.appoint(admin, Role::CityAdmin, Place::Installation).await;
        let (admin, paula) = (test.signed_in(admin, true).await, test.signed_in(at.paula, false).await);
        let head = [("name", "Twin schools"), ("kind", "school_partnership"), ("place", "millbrook-elementary")];
        assert!(refused(&admin, "/compacts", &head, 422).await.contains("Give the day on which the partnership ends."));
        let head = [head[0], head[1], head[2], ("ends_on", "2027-06-30")];
        admin.post_on("/compacts", &head).await;
        admin.post_on("/compacts/twin-schools/parties", &[("place", "harbor-charter-school"), ("state", "invited")]).await;
        admin.post_on("/compacts/twin-schools/publication", &[]).await;
        let found = test.json("/api/v1/compacts/twin-schools").await;
        let harbor = found["parties"][1]["id"].as_str().unwrap();
        let visits = "/compacts/twin-schools/visits";
        let late = [("host", harbor), ("on", "2027-07-01"), ("log", "Saw a lesson")];
        assert!(refused(&paula, visits, &late, 422).await.contains("before the partnership ends"));
        paula.post_on(visits, &[("host", harbor), ("on", "2026-10-01"), ("log", "Saw a lesson <b>")]).await;
        let page = test.browser().page("/compacts/twin-schools").await;
        assert!(page.contains("Saw a lesson &#60;b&#62;") && page.contains("October 1, 2026"));
        assert_eq!(test.signed_in(at.carl, false).await.post(visits, &late).await.status(), 403);
    }
}

both_engines! {
    async fn who_leaves_takes_their_name_along(test: TestApp) {
        let all = test.compacts().await;
        all.promise("Hold 24 joint sessions a year", "").await;
        all.owner.post_on(&format!("{ONE}/updates"), &[("text", "Ten are held"), ("status", "in_progress")]).await;
        let cx = test.db().cx(Actor::System("test"));
        let sql = "SELECT COUNT(*) AS n FROM commitment_entry WHERE account_id IS NOT NULL".to_owned();
        let backend = cx.conn().get_database_backend();
        let count = async || {
            let row = cx.conn().query_one_raw(Statement::from_string(backend, sql.clone())).await.unwrap().unwrap();
            row.try_get::<i64>("", "n").unwrap()
        };
        assert_eq!(count().await, 2);
        let gone = all.owner.post("/me/data/erasure", &[("email", "olga@millbrook.example")]).await;
        assert_eq!(gone.status(), 200);
        assert_eq!(count().await, 0);
        let page = text(&all.nobody.page(ONE).await);
        assert!(page.contains("Ten are held") && page.contains("Owner vacant at Millbrook Schools"), "{page}");
        test.at("2026-10-15T16:00:00Z");
        test.look().await;
        assert_eq!(test.of_kind("paula@harbor.example", "commitment_vacant").await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_compacts_cost_the_same_with_one_row_and_with_three() {
    let all = Counted::open().await;
    let db = &all.still.app.db;
    let mut costs: Vec<Vec<(String, usize)>> = Vec::new();
    let mut first = None;
    for round in [1, 3] {
        let made: usize = if round == 1 { 1 } else { 2 };
        for n in 0..made {
            let mut tx = db.write(Actor::System("test")).await.unwrap();
            let head = Head { name: format!("Compact {round} {n}"), kind: "compact".to_owned(), ..Head::default() };
            let compact = editing::begin(&mut tx, &head, None).await.unwrap();
            for (name, sector) in [("District", "district"), ("Charter", "charter")] {
                let party = NewParty {
                    name: name.to_owned(),
                    sector: sector.to_owned(),
                    state: "invited".to_owned(),
                    ..NewParty::default()
                };
                editing::add_party(&mut tx, compact.id, party).await.unwrap();
            }
            editing::publish(&mut tx, compact.id).await.unwrap();
            tx.commit().await.unwrap();
            first.get_or_insert(compact);
        }
        let compact = first.clone().unwrap();
        for n in 0..made {
            let mut tx = db.write(Actor::System("test")).await.unwrap();
            let draft =
                Draft { area: "facilities".to_owned(), sentence: format!("Share {round} {n}"), ..Draft::default() };
            promises::make(&mut tx, compact.id, &draft).await.unwrap();
            tx.commit().await.unwrap();
        }
        let one = db.cx(Actor::System("test"));
        let commitment = commonground::compacts::commitments_of(&one, &[compact.id]).await.unwrap()[0].clone();
        for n in 0..made {
            let new = NewLink {
                kind: "minutes".to_owned(),
                target: format!("https://x.example/{round}/{n}"),
                title: "Minutes".to_owned(),
                on: "2026-09-14".to_owned(),
                no_student: false,
            };
            let found = promises::find(&one, &new).await.unwrap();
            let mut tx = db.write(Actor::System("test")).await.unwrap();
            promises::link(&mut tx, commitment.id, found).await.unwrap();
            tx.commit().await.unwrap();
        }
        all.still.follow().await;
        let page = compact.path();
        let mut now = Vec::new();
        for path in [
            "/compacts".to_owned(),
            page.clone(),
            format!("{page}/history"),
            format!("{page}/commitments/1"),
            format!("{page}.csv"),
            format!("/compacts/compare?c={}", compact.slug),
            "/api/v1/compacts".to_owned(),
            format!("/api/v1/compacts/{}", compact.slug),
            format!("/api/v1/commitments/{}", commitment.id),
        ] {
            let cost = all.cost(&path).await;
            now.push((path, cost));
        }
        costs.push(now);
    }
    assert_eq!(costs[0], costs[1]);
}
