//! The report of a city: numbers that count themselves, each with its definition, denominator and day. Through pages, file and API,
//! on both engines.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use commonground::app::App;
use commonground::catalog::AdoptionId;
use commonground::catalog::adoption::{self, Told};
use commonground::people::school_admin::{self, NewSchool};
use commonground::people::{self, AccountId, NewOrganization, SchoolId};
use commonground::platform::vocabulary::{AdoptionStage, StopReason};
use commonground::platform::{Actor, Place, Role, Timestamp, ids};
use commonground::report::{self, Metric, Reading, Scope};
use sea_orm::sea_query::{Expr, SimpleExpr};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::html::text;
use crate::support::sessions::{Sketch, TwoSchools};
use crate::support::{TestApp, both_engines};

const CITY: &str = "rivermark-ny";

/// A city with schools of two sectors.
struct City<'a> {
    test: &'a TestApp,
    schools: BTreeMap<&'static str, (SchoolId, &'static str)>,
    people: HashMap<String, (AccountId, &'static str)>,
}

/// Name, sector, neighborhood.
const SCHOOLS: [(&str, &str, &str); 7] = [
    ("Harbor", "charter", "Old Mill"),
    ("Cliff", "charter", "Old Mill"),
    ("Millbrook", "district", "Old Mill"),
    ("Weir", "district", "Docks"),
    ("Quarry", "district", "Docks"),
    ("Lone", "charter", "Docks"),
    ("Hill", "district", "Summit"),
];

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl<'a> City<'a> {
    async fn built(test: &'a TestApp) -> City<'a> {
        let mut schools = BTreeMap::new();
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        let new = NewOrganization { kind: "district".into(), name: "Rivermark Schools".into(), ..Default::default() };
        let organization = people::add_organization(&mut tx, new).await.unwrap();
        for (name, sector, neighborhood) in SCHOOLS {
            let new = NewSchool {
                name: format!("{name} School"),
                sector: Some(sector.to_owned()),
                organization: Some(organization),
                city: Some("Rivermark".to_owned()),
                state: Some("NY".to_owned()),
                neighborhood: Some(neighborhood.to_owned()),
                ..NewSchool::default()
            };
            schools.insert(name, (people::add_school(&mut tx, new).await.unwrap(), sector));
        }
        tx.commit().await.unwrap();
        City { test, schools, people: HashMap::new() }
    }

    fn school(&self, name: &str) -> SchoolId {
        self.schools[name].0
    }

    /// Somebody of a school; the same name is the same person.
    async fn person(&mut self, name: &str, school: &'static str) -> AccountId {
        if let Some((id, _)) = self.people.get(name) {
            return *id;
        }
        let id = self.test.account(&format!("{}@people.example", name.to_lowercase()), &format!("{name} Canary")).await;
        self.people.insert(name.to_owned(), (id, school));
        id
    }

    /// A completed session of three hours from nine on, with what became of those who asked for a seat: name, school, and `came`,
    /// `absent`, `excused`, `waited` or `left`.
    async fn held(
        &mut self,
        start: &str,
        hosts: [&'static str; 2],
        seats: i32,
        joint: bool,
        people: &[(&str, &'static str, &str)],
    ) -> Uuid {
        let host = self.person("Organizer", "Harbor").await;
        let invited = TwoSchools {
            harbor: self.school(hosts[0]),
            millbrook: self.school(hosts[1]),
            paula: host,
            carl: host,
            cora: host,
            pete: host,
            dina: host,
            dora: host,
        };
        let start: NaiveDateTime = start.parse().unwrap();
        let sketch = Sketch { status: "completed", capacity: seats, meetings: vec![start], ..Sketch::default() };
        let session = self.test.session(&invited, sketch).await;
        let tx = self.test.db().write(Actor::System("test")).await.unwrap();
        let mut locked = sea_orm::sea_query::Query::update();
        locked.table("session").value("joint_held", joint).value("locked_at", self.test.clock.now());
        locked.and_where(sea_orm::sea_query::ExprTrait::eq(Expr::col("id"), session.0));
        sea_orm::ConnectionTrait::execute(tx.conn(), &locked).await.unwrap();
        tx.commit().await.unwrap();
        for (name, school, what) in people {
            let account = self.person(name, school).await;
            let (school, sector) = self.schools[school];
            let seat = match *what {
                "waited" => "waitlisted",
                "left" => "released",
                _ => "confirmed",
            };
            let registration = self.test.seat(session, account, school, sector, seat).await;
            let state = match *what {
                "came" => "present",
                "absent" => "absent",
                "excused" => "excused",
                _ => continue,
            };
            let cells: Vec<(&'static str, SimpleExpr)> = vec![
                ("registration_id", Expr::value(registration.0)),
                ("meeting", Expr::value(1)),
                ("session_id", Expr::value(session.0)),
                ("state", Expr::value(state)),
                ("updated_at", Expr::value(self.test.clock.now())),
            ];
            self.test.put("attendance", cells).await;
        }
        session.0
    }

    /// A practice that was published on a day.
    async fn practice(&self, title: &str, school: &str, on: &str, result: &str) -> Uuid {
        let id = ids::fresh();
        let now = self.test.clock.now();
        let record = json!({ "title": title, "summary": "What they do. What changes.", "result": result });
        let cells: Vec<(&'static str, SimpleExpr)> = vec![
            ("id", Expr::value(id)),
            ("slug", Expr::value(title.to_lowercase().replace(' ', "-"))),
            ("status", Expr::value("published")),
            ("origin_school_id", Expr::value(self.school(school).0)),
            ("title", Expr::value(title)),
            ("version", Expr::value(1)),
            ("record", Expr::value(record.clone())),
            ("published_on", Expr::value(day(on))),
            ("created_at", Expr::value(now)),
            ("updated_at", Expr::value(now)),
        ];
        self.test.put("practice", cells).await;
        let cells: Vec<(&'static str, SimpleExpr)> = vec![
            ("practice_id", Expr::value(id)),
            ("version", Expr::value(1)),
            ("record", Expr::value(record)),
            ("created_at", Expr::value(now)),
        ];
        self.test.put("practice_version", cells).await;
        id
    }

    /// An adoption with its steps, the first of which is its beginning.
    async fn adopts(&self, school: &str, practice: Uuid, steps: &[(&str, &str)]) -> Uuid {
        let id = ids::fresh();
        let now = self.test.clock.now();
        let uses = |stage: &str| ["piloting", "in_use", "sustained"].contains(&stage);
        let piloted = steps.iter().find(|(stage, _)| uses(stage)).map(|(_, on)| day(on));
        let (last, since) = steps[steps.len() - 1];
        let reason = (last == "stopped").then_some("no_time");
        let (school, sector) = self.schools[school];
        let cells: Vec<(&'static str, SimpleExpr)> = vec![
            ("id", Expr::value(id)),
            ("practice_id", Expr::value(practice)),
            ("school_id", Expr::value(school.0)),
            ("version", Expr::value(1)),
            ("sector_at_start", Expr::value(sector)),
            ("stage", Expr::value(last)),
            ("started_on", Expr::value(day(steps[0].1))),
            ("stage_since", Expr::value(day(since))),
            ("contact_ok", Expr::value(false)),
            ("stopped_reason", Expr::value(reason)),
            ("piloted_on", Expr::value(piloted)),
            ("created_at", Expr::value(now)),
            ("updated_at", Expr::value(now)),
        ];
        self.test.put("adoption", cells).await;
        for (number, (stage, on)) in (1..).zip(steps) {
            let cells: Vec<(&'static str, SimpleExpr)> = vec![
                ("adoption_id", Expr::value(id)),
                ("number", Expr::value(number)),
                ("stage", Expr::value(*stage)),
                ("since", Expr::value(day(on))),
                ("recorded_at", Expr::value(now)),
            ];
            self.test.put("adoption_step", cells).await;
        }
        id
    }

    /// A yes of a school to a seat, asked for and given at these moments.
    async fn approved(&mut self, session: Uuid, name: &str, asked: &str, said: &str) {
        let account = self.people[name].0;
        let tx = self.test.db().write(Actor::System("test")).await.unwrap();
        let mine = sea_orm::sea_query::ExprTrait::and(
            sea_orm::sea_query::ExprTrait::eq(Expr::col("session_id"), session),
            sea_orm::sea_query::ExprTrait::eq(Expr::col("account_id"), account.0),
        );
        let mut yes = sea_orm::sea_query::Query::update();
        yes.table("registration").value("approval", "approved").value("created_at", at(asked)).and_where(mine.clone());
        sea_orm::ConnectionTrait::execute(tx.conn(), &yes).await.unwrap();
        let mut find = sea_orm::sea_query::Query::select();
        find.column("id").from("registration").and_where(mine);
        let row = sea_orm::ConnectionTrait::query_one(tx.conn(), &find).await.unwrap().unwrap();
        let id: Uuid = row.try_get("", "id").unwrap();
        tx.commit().await.unwrap();
        let cells: Vec<(&'static str, SimpleExpr)> = vec![
            ("at", Expr::value(at(said))),
            ("actor_kind", Expr::value("system")),
            ("action", Expr::value("registration.approved")),
            ("subject_kind", Expr::value("registration")),
            ("subject", Expr::value(id)),
            ("detail", Expr::value(json!({}))),
        ];
        self.test.put("event", cells).await;
    }

    async fn unmet(&self, on: &str, wording: &str, times: i32) {
        let cells: Vec<(&'static str, SimpleExpr)> = vec![
            ("day", Expr::value(day(on))),
            ("wording", Expr::value(wording)),
            ("outcome", Expr::value("none")),
            ("times", Expr::value(times)),
        ];
        self.test.put("search_unmet", cells).await;
    }

    /// The school year 2025–26 as the hand-counted examples have it.
    async fn year(&mut self) -> Uuid {
        const R: [(&str, &str); 5] =
            [("R1", "Harbor"), ("R2", "Harbor"), ("R3", "Millbrook"), ("R4", "Weir"), ("R5", "Cliff")];
        const P: [(&str, &str); 8] = [
            ("P1", "Harbor"),
            ("P2", "Harbor"),
            ("P3", "Millbrook"),
            ("P4", "Millbrook"),
            ("P5", "Weir"),
            ("P6", "Weir"),
            ("P7", "Cliff"),
            ("P8", "Cliff"),
        ];
        fn all(
            of: &[(&'static str, &'static str)],
            what: &'static str,
        ) -> Vec<(&'static str, &'static str, &'static str)> {
            of.iter().map(|(name, school)| (*name, *school, what)).collect()
        }
        // The year before: five who come again.
        self.held("2025-03-08T09:00:00", ["Harbor", "Millbrook"], 10, true, &all(&R, "came")).await;
        // October: 13 of 20 seats, 13 people for three hours each, 8 of them new; one waits.
        let mut october = [all(&R, "came"), all(&P, "came")].concat();
        october.push(("W0", "Quarry", "waited"));
        self.held("2025-10-18T09:00:00", ["Harbor", "Millbrook"], 20, true, &october).await;
        // February, not joint by who came: five come again, five do not come at all, six wait, one of them for the second time.
        let mut february = all(&P[..5], "came");
        for (name, school) in [("N1", "Harbor"), ("N2", "Millbrook"), ("N3", "Weir"), ("N4", "Cliff"), ("N5", "Quarry")]
        {
            february.push((name, school, "absent"));
        }
        for (name, school) in
            [("W0", "Quarry"), ("W1", "Harbor"), ("W2", "Millbrook"), ("W3", "Weir"), ("W4", "Cliff"), ("W5", "Quarry")]
        {
            february.push((name, school, "waited"));
        }
        february.push(("L1", "Lone", "left"));
        let session = self.held("2026-02-07T09:00:00", ["Weir", "Cliff"], 20, false, &february).await;
        // Asked on Monday, January 5: answered on the same day, Tuesday, Tuesday, Wednesday, and the Monday after.
        for (name, said) in [
            ("P1", "2026-01-05T20:00:00Z"),
            ("P3", "2026-01-06T15:00:00Z"),
            ("P5", "2026-01-06T16:00:00Z"),
            ("P2", "2026-01-07T15:00:00Z"),
            ("P4", "2026-01-12T15:00:00Z"),
        ] {
            self.approved(session, name, "2026-01-05T15:00:00Z", said).await;
        }
        let old = self.practice("Advisory circles", "Harbor", "2024-09-10", "worked").await;
        let new = self.practice("Sound wall", "Harbor", "2025-09-15", "worked").await;
        let stopped = self.practice("Homework club", "Weir", "2026-01-10", "stopped").await;
        // A year later, in 2025–26: two of three were kept.
        self.adopts("Millbrook", old, &[("piloting", "2024-10-01"), ("in_use", "2025-01-10")]).await;
        self.adopts(
            "Weir",
            old,
            &[("planning", "2024-09-01"), ("piloting", "2024-10-02"), ("sustained", "2025-08-01")],
        )
        .await;
        self.adopts("Quarry", old, &[("piloting", "2024-10-03"), ("stopped", "2025-02-01")]).await;
        // Three from charter to district and one back began in 2025–26; one stayed in its sector, and interest does not count.
        self.adopts("Millbrook", new, &[("piloting", "2025-11-03"), ("in_use", "2026-01-10")]).await;
        self.adopts("Weir", new, &[("interested", "2025-10-01"), ("piloting", "2025-11-10")]).await;
        self.adopts("Quarry", new, &[("piloting", "2025-12-01")]).await;
        self.adopts("Lone", new, &[("piloting", "2025-12-02")]).await;
        self.adopts("Hill", new, &[("interested", "2025-12-02")]).await;
        let back = self.adopts("Cliff", stopped, &[("piloting", "2026-03-02")]).await;
        self.unmet("2025-11-05", "looping with shared aides", 3).await;
        self.unmet("2025-11-20", "bus duty swap", 2).await;
        self.unmet("2026-07-05", "looping", 7).await;
        back
    }
}

async fn document(test: &TestApp, query: &str) -> Value {
    test.json(&format!("/api/v1/reports/city?city={CITY}{query}")).await
}

fn words(document: &Value) -> BTreeMap<String, String> {
    let figures = document["figures"].as_array().unwrap();
    figures
        .iter()
        .map(|one| (one["metric"].as_str().unwrap().to_owned(), one["words"].as_str().unwrap().to_owned()))
        .collect()
}

const YEAR: &str = "&from=2025-07-01&to=2026-06-30";

both_engines! {
    /// Each number against the hand-counted one.
    async fn every_metric_counts_what_its_definition_says(test: TestApp) {
        let mut city = City::built(&test).await;
        city.year().await;
        let found = document(&test, YEAR).await;
        let expected = [
            ("sessions_held", "2"),
            ("cross_sector_sessions", "1 of 2 (50%)"),
            ("seats_offered", "40"),
            ("seats_filled", "23 of 40 (58%)"),
            ("no_shows", "5 of 23 (22%)"),
            // 13 and 5 people for three hours.
            ("educator_hours", "54"),
            ("cross_sector_hours", "39 of 54 (72%)"),
            ("people_reached", "13"),
            ("first_timers", "8 of 13 (62%)"),
            ("practices_shared", "2"),
            ("adoptions_across", "4"),
            ("kept_after_a_year", "2 of 3 (67%)"),
            ("active_schools", "6 of 7 (86%)"),
            ("coverage", "2 of 3 (67%)"),
            // 18 had a seat, 6 never.
            ("never_seated", "6 of 24 (25%)"),
            ("searches_unanswered", "5"),
            ("days_to_approval", "1 school day"),
        ];
        let words = words(&found);
        for (metric, number) in expected {
            assert_eq!(words[metric], number, "{metric}: {words:?}");
        }
        assert_eq!(words.len(), Metric::ALL.len());
        // By direction and sector, and by neighborhood.
        let ways = &found["directions"];
        assert_eq!((&ways[0]["from"], &ways[0]["adoptions"]), (&json!("Charter"), &json!(3)), "{ways}");
        assert_eq!((&ways[1]["from"], &ways[1]["adoptions"]), (&json!("District"), &json!(1)), "{ways}");
        assert_eq!(ways[0]["kept_after_a_year"], json!(2), "{ways}");
        assert_eq!(found["sectors"][1]["stopped"], json!(1), "{found}");
        let names: Vec<&str> = found["neighborhoods"].as_array().unwrap().iter().filter_map(|one| one["neighborhood"].as_str()).collect();
        assert_eq!(names, ["Docks", "Old Mill", "Summit"]);
        // Of the front, as other features ask.
        let cx = test.db().cx(Actor::Visitor);
        let scope = Scope::of_city(CITY, day("2025-07-01"), day("2026-06-30"));
        let one = report::figure(&cx, Metric::SeatsFilled, &scope).await.unwrap();
        assert_eq!((one.reading, one.of, one.version), (Reading::Share { part: 23, whole: 40 }, Some(40), 1));
        let two = Scope { schools: vec![city.school("Weir"), city.school("Cliff")], ..scope };
        let figures = report::numbers(&cx, CITY).await.unwrap();
        assert_eq!(figures.figure(Metric::SessionsHeld, &two).reading, Reading::Count(1));
        assert_eq!(figures.figure(Metric::PeopleReached, &two).reading, Reading::NotEnough);
    }
}

both_engines! {
    /// Whatever happens later, what was counted stays.
    async fn a_past_period_does_not_change(test: TestApp) {
        let mut city = City::built(&test).await;
        let back = city.year().await;
        let before = document(&test, YEAR).await;
        let years = before["years"].clone();
        test.clock.set(at("2026-11-20T16:00:00Z"));
        let db = test.db();
        let mut tx = db.write(Actor::System("test")).await.unwrap();
        // A school changes its sector and moves, another closes, a third comes in.
        for (name, sector, neighborhood) in [("Harbor", "district", "Docks"), ("Weir", "charter", "Summit")] {
            let id = city.school(name);
            let school = people::schools_in(&tx, &[id]).await.unwrap().remove(&id).unwrap();
            let change = NewSchool {
                sector: Some(sector.to_owned()),
                neighborhood: Some(neighborhood.to_owned()),
                ..NewSchool::of(&school)
            };
            school_admin::change_school(&mut tx, id, change, school.updated_at).await.unwrap();
        }
        school_admin::close_school(&mut tx, city.school("Quarry"), day("2026-11-01")).await.unwrap();
        let new = NewSchool {
            name: "Newcomer".to_owned(),
            sector: Some("charter".to_owned()),
            city: Some("Rivermark".to_owned()),
            state: Some("NY".to_owned()),
            neighborhood: Some("Summit".to_owned()),
            ..NewSchool::default()
        };
        people::add_school(&mut tx, new).await.unwrap();
        // An adoption stops, and one that began long ago is put on record today.
        let id = AdoptionId(back);
        let held = adoption::adoption_held(&tx, id).await.unwrap();
        let told = Told {
            stage: AdoptionStage::STOPPED,
            since: day("2026-11-10"),
            stopped_reason: StopReason::all().next(),
            ..Told::of(&held)
        };
        adoption::tell(&mut tx, id, told, None).await.unwrap();
        tx.commit().await.unwrap();
        test.retire("sound-wall", "It was replaced by another.").await;
        let after = document(&test, YEAR).await;
        let told = |found: &Value| words(found).into_iter().filter(|(metric, _)| !metric.starts_with("commitments")).collect::<Vec<_>>();
        assert_eq!(told(&before), told(&after));
        for part in ["directions", "sectors"] {
            assert_eq!(before[part], after[part], "{part}");
        }
        assert_eq!(years, after["years"]);
        // The names of neighborhoods are those of today; what happened in them is not.
        let row = |found: &Value, name: &str| found["neighborhoods"].as_array().unwrap().iter().find(|one| one["neighborhood"] == name).unwrap().clone();
        assert_eq!(row(&before, "Old Mill")["sessions_held"], row(&after, "Old Mill")["sessions_held"]);
        assert_eq!(row(&before, "Old Mill")["practices_shared"], json!(1));
    }
}

both_engines! {
    /// What is put on record after its month was counted counts when it was put on record.
    async fn what_is_put_on_record_late_counts_late(test: TestApp) {
        let city = City::built(&test).await;
        let practice = city.practice("Sound wall", "Harbor", "2025-09-15", "worked").await;
        test.clock.set(at("2027-03-10T16:00:00Z"));
        city.adopts("Millbrook", practice, &[("piloting", "2026-11-03")]).await;
        city.adopts("Weir", practice, &[("piloting", "2027-02-20")]).await;
        let count = async |query: &str| words(&document(&test, query).await)["adoptions_across"].clone();
        assert_eq!(count("&from=2026-11-01&to=2026-11-30").await, "0");
        assert_eq!(count("&from=2027-03-01&to=2027-03-31").await, "2");
        // February was counted from March 7 on: the third late one is one more of March, and one in time is of February.
        test.clock.set(at("2027-03-05T16:00:00Z"));
        city.adopts("Quarry", practice, &[("piloting", "2027-02-21")]).await;
        test.clock.set(at("2027-03-10T16:00:00Z"));
        assert_eq!(count("&from=2027-02-01&to=2027-02-28").await, "1");
    }
}

both_engines! {
    /// Four people, or many of two schools, are not told of; a running year waits until attendance is locked.
    async fn small_groups_are_not_told_of(test: TestApp) {
        let mut city = City::built(&test).await;
        let four = [("A1", "Harbor", "came"), ("A2", "Millbrook", "came"), ("A3", "Weir", "came"), ("A4", "Cliff", "came")];
        city.held("2025-10-18T09:00:00", ["Harbor", "Millbrook"], 20, true, &four).await;
        let found = words(&document(&test, YEAR).await);
        for metric in ["seats_filled", "educator_hours", "cross_sector_hours", "people_reached", "first_timers", "never_seated", "days_to_approval", "no_shows"] {
            assert_eq!(found[metric], "not enough data", "{metric}");
        }
        // What everybody can look up is told all the same.
        assert_eq!((found["sessions_held"].as_str(), found["seats_offered"].as_str()), ("1", "20"));
        assert_eq!(found["kept_after_a_year"], "not enough data");
        // Six of two schools are not enough either; with one of a third they are.
        let six: Vec<(&str, &str, &str)> = ["B1", "B2", "B3"].map(|name| (name, "Harbor", "came")).into_iter()
            .chain(["B4", "B5", "B6"].map(|name| (name, "Millbrook", "came"))).collect();
        let mut other = City { test: &test, schools: city.schools.clone(), people: HashMap::new() };
        other.people = std::mem::take(&mut city.people);
        other.held("2024-10-18T09:00:00", ["Harbor", "Millbrook"], 20, true, &six).await;
        let before = "&from=2024-07-01&to=2025-06-30";
        assert_eq!(words(&document(&test, before).await)["people_reached"], "not enough data");
        other.held("2024-11-15T09:00:00", ["Harbor", "Millbrook"], 20, true, &[("B7", "Weir", "came")]).await;
        assert_eq!(words(&document(&test, before).await)["people_reached"], "7");
        // Last week's session is held, and its people are counted from November 7 on.
        let now: Vec<(&str, &str, &str)> = [("C1", "Harbor"), ("C2", "Millbrook"), ("C3", "Weir"), ("C4", "Cliff"), ("C5", "Quarry")]
            .map(|(name, school)| (name, school, "came")).to_vec();
        other.held("2026-10-08T09:00:00", ["Harbor", "Millbrook"], 9, true, &now).await;
        let this = "&from=2026-07-01&to=2027-06-30";
        let found = words(&document(&test, this).await);
        assert_eq!((found["sessions_held"].as_str(), found["people_reached"].as_str()), ("1", "0"));
        test.clock.set(at("2026-11-07T17:00:00Z"));
        let found = document(&test, this).await;
        assert_eq!(words(&found)["people_reached"], "5");
        let reached = found["figures"].as_array().unwrap().iter().find(|one| one["metric"] == "people_reached").unwrap();
        assert_eq!((&reached["from"], &reached["to"]), (&json!("2026-07-01"), &json!("2026-10-31")));
    }
}

both_engines! {
    /// Everything that page, file and API tell, over every range of months, subtracted from everything else.
    async fn no_difference_of_what_is_told_is_of_few_people(test: TestApp) {
        let mut city = City::built(&test).await;
        const NAMES: [&str; 6] = ["Harbor", "Cliff", "Millbrook", "Weir", "Quarry", "Hill"];
        // Sizes that leave few in some months: person k of month m works at school (k + m) mod 6; some come again.
        let sizes = [0, 7, 2, 3, 9, 0, 1, 1, 6, 4, 0, 2];
        let mut truth: Vec<Vec<(String, &'static str, bool)>> = Vec::new();
        for (month, size) in sizes.into_iter().enumerate() {
            let start = day("2025-07-01").checked_add_months(chrono::Months::new(month as u32)).unwrap() + TimeDelta::days(9);
            let people: Vec<(String, &'static str, bool)> = (0..size)
                .map(|k| {
                    let person = if k % 3 == 0 { k } else { k + month * 10 };
                    (format!("S{person}"), NAMES[(if k % 3 == 0 { k } else { k + month }) % 6], k % 4 == 3)
                })
                .collect();
            if size > 0 {
                let rows: Vec<(&str, &'static str, &str)> =
                    people.iter().map(|(name, school, absent)| (name.as_str(), *school, if *absent { "absent" } else { "came" })).collect();
                city.held(&format!("{start}T09:00:00"), ["Harbor", "Weir"], 30, month % 2 == 0, &rows).await;
            }
            truth.push(people);
        }
        // What each range tells: metric, first and last month told of.
        let mut told: HashSet<(String, usize, usize)> = HashSet::new();
        let mut values: HashMap<(String, usize, usize), Option<f64>> = HashMap::new();
        for from in 0..12_u32 {
            for to in from..12 {
                let first = day("2025-07-01").checked_add_months(chrono::Months::new(from)).unwrap();
                let last = day("2025-08-01").checked_add_months(chrono::Months::new(to)).unwrap() - TimeDelta::days(1);
                let found = document(&test, &format!("&from={first}&to={last}")).await;
                for one in found["figures"].as_array().unwrap().iter().filter(|one| !one["value"].is_null()) {
                    let end: NaiveDate = one["to"].as_str().unwrap().parse().unwrap();
                    let months = (end - day("2025-07-01")).num_days() as usize / 30;
                    let metric = one["metric"].as_str().unwrap().to_owned();
                    let key = (metric, from as usize, months.clamp(from as usize + 1, 12));
                    values.insert(key.clone(), one["value"].as_f64());
                    told.insert(key);
                }
            }
        }
        let few = |people: &HashSet<&String>, schools: &HashSet<&str>| !people.is_empty() && (people.len() < 5 || schools.len() < 3);
        let mut compared = 0;
        for metric in ["seats_filled", "educator_hours", "no_shows", "people_reached", "cross_sector_hours"] {
            let ranges: Vec<(usize, usize)> = told.iter().filter(|one| one.0 == metric).map(|one| (one.1, one.2)).collect();
            if metric == "seats_filled" || metric == "educator_hours" {
                assert!(ranges.len() > 3, "{metric}: {ranges:?}");
            }
            // Each end that is told, whatever told it: every pair of ends is a difference somebody can make.
            let mut ends: Vec<usize> = ranges.iter().flat_map(|(from, to)| [*from, *to]).collect();
            ends.sort_unstable();
            ends.dedup();
            for (number, low) in ends.iter().enumerate() {
                for high in &ends[number + 1..] {
                    let groups: Vec<Vec<&(String, &'static str, bool)>> = match metric {
                        "seats_filled" => vec![truth[*low..*high].iter().flatten().collect()],
                        "educator_hours" => vec![truth[*low..*high].iter().flatten().filter(|one| !one.2).collect()],
                        "no_shows" => [true, false].map(|gone| truth[*low..*high].iter().flatten().filter(|one| one.2 == gone).collect()).to_vec(),
                        "cross_sector_hours" => [0, 1].map(|odd| {
                            truth.iter().enumerate().take(*high).skip(*low).filter(|(month, _)| month % 2 == odd)
                                .flat_map(|(_, people)| people).filter(|one| !one.2).collect()
                        }).to_vec(),
                        _ => {
                            let before: HashSet<&String> = truth[..*low].iter().flatten().filter(|one| !one.2).map(|one| &one.0).collect();
                            vec![truth[*low..*high].iter().flatten().filter(|one| !one.2 && !before.contains(&one.0)).collect()]
                        }
                    };
                    for group in groups {
                        let people = group.iter().map(|one| &one.0).collect();
                        let schools = group.iter().map(|one| one.1).collect();
                        assert!(!few(&people, &schools), "{metric} from {low} to {high}: {people:?} {schools:?}");
                        compared += 1;
                    }
                }
            }
        }
        assert!(compared > 10, "{compared}");
        // By neighborhood: what is not told is not the difference of the year and what is.
        let found = document(&test, YEAR).await;
        let rows = found["neighborhoods"].as_array().unwrap();
        let hidden = rows.iter().filter(|one| one["people_reached"].is_null()).count();
        assert!(hidden != 1 || words(&found)["people_reached"] == "not enough data", "{rows:?}");
        let hidden: Vec<i64> = rows.iter().filter(|one| one["active_schools"].is_null()).map(|one| one["schools"].as_i64().unwrap()).collect();
        assert!(hidden.len() != 1 && hidden.iter().sum::<i64>() >= 3, "{rows:?}");
        // The file tells nothing more than the API.
        let file = test.page(&format!("/city/{CITY}.csv?from=2025-07-01&to=2026-06-30")).await;
        let mut rows = csv::Reader::from_reader(file.as_bytes());
        let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
        assert!(rows.len() > 30);
        for row in rows.iter().filter(|row| &row[0] == "city") {
            assert_eq!(&row[5], words(&found)[&row[2]].as_str());
            assert_eq!(row[3].is_empty(), &row[5] == "not enough data", "{row:?}");
        }
    }
}

both_engines! {
    /// A session of the last evening of June is of the old school year, though it is July by UTC.
    async fn a_school_year_ends_in_the_city_s_zone(test: TestApp) {
        let mut city = City::built(&test).await;
        city.held("2026-06-30T18:30:00", ["Harbor", "Millbrook"], 12, true, &[]).await;
        let found = document(&test, YEAR).await;
        assert_eq!(words(&found)["sessions_held"], "1");
        assert_eq!(words(&document(&test, "&from=2026-07-01&to=2027-06-30").await)["sessions_held"], "0");
        // On the last evening of June there, this school year is still the old one.
        test.clock.set(at("2027-07-01T02:00:00Z"));
        assert_eq!(document(&test, "").await["from"], json!("2026-07-01"));
        test.clock.set(at("2027-07-01T05:00:00Z"));
        assert_eq!(document(&test, "").await["from"], json!("2027-07-01"));
    }
}

both_engines! {
    /// The page, the file and the API: charts with words and tables, the same for a mayor's office, and no name of anybody.
    async fn everybody_sees_the_same_and_no_name(test: TestApp) {
        let mut city = City::built(&test).await;
        city.year().await;
        let page = test.page(&format!("/city/{CITY}?from=2025-07-01&to=2026-06-30")).await;
        assert_eq!(page.matches("<h1").count(), 1);
        // Two charts and the map, each with a title and a description.
        assert_eq!(page.matches("role=\"img\" aria-labelledby=").count(), 3);
        assert_eq!((page.matches("<title id=").count(), page.matches("<desc id=").count()), (3, 3));
        assert!(page.matches("<table>").count() >= 8);
        let read = text(&page);
        for words in ["23 of 40 (58%)", "July 1, 2025 to June 30, 2026", "Charter to district", "not enough data", "Seats offered at the same sessions."] {
            assert!(read.contains(words), "{words}: {read}");
        }
        let office = {
            let mut tx = test.db().write(Actor::System("test")).await.unwrap();
            let new = NewOrganization {
                kind: "city_office".into(),
                name: "Office of the Mayor".into(),
                city: Some("Rivermark".into()),
                state: Some("NY".into()),
            };
            let id = people::add_organization(&mut tx, new).await.unwrap();
            tx.commit().await.unwrap();
            id
        };
        let mayor = test.account("mayor@rivermark.example", "Mira Office").await;
        test.appoint(mayor, Role::Mayor, Place::Organization(office.0)).await;
        let seen = test.signed_in(mayor, false).await.page(&format!("/city/{CITY}?from=2025-07-01&to=2026-06-30")).await;
        let main = |html: &str| html.split("<main").nth(1).unwrap().split("</main>").next().unwrap().to_owned();
        assert_eq!(main(&page), main(&seen));
        let file = test.page(&format!("/city/{CITY}.csv?from=2025-07-01&to=2026-06-30")).await;
        let same = test.page(&format!("/api/v1/reports/city?format=csv&city={CITY}{YEAR}")).await;
        assert_eq!(file, same);
        let whole = [page, file, document(&test, YEAR).await.to_string()].concat();
        assert!(!whole.contains("Canary") && !whole.contains("people.example"));
        // Printed, defined, listed, and refused.
        assert!(test.page(&format!("/city/{CITY}?print=1")).await.contains("class=\"print-view\""));
        let defined = test.page("/city/how-we-count").await;
        for metric in Metric::ALL {
            assert!(defined.contains(&format!("id=\"{}\"", metric.code())), "{metric:?}");
        }
        assert_eq!(test.json("/api/v1/metrics").await["total"], json!(Metric::ALL.len()));
        let only = test.get("/city").await;
        assert_eq!((only.status().as_u16(), only.headers()["location"].to_str().unwrap()), (303, "/city/rivermark-ny"));
        for (path, status) in [
            ("/city/nowhere-ny", 404),
            ("/city/nowhere-ny.csv", 404),
            ("/city/rivermark-ny?from=yesterday", 400),
            ("/city/rivermark-ny?from=2026-07-01&to=2026-06-01", 400),
            ("/city/rivermark-ny?neighborhood=Nowhere", 400),
            ("/api/v1/reports/city?city=nowhere-ny", 404),
            ("/api/v1/reports/city?from=2026-13-01", 400),
        ] {
            assert_eq!(test.get(path).await.status().as_u16(), status, "{path}");
        }
        let old_mill = document(&test, &format!("{YEAR}&neighborhood=Old%20Mill")).await;
        assert_eq!(words(&old_mill)["sessions_held"], "2");
        // Searches of a month that is over stay when their wordings are forgotten.
        let before = words(&document(&test, YEAR).await)["searches_unanswered"].clone();
        report::past::fold(test.db()).await.unwrap();
        let tx = test.db().write(Actor::System("test")).await.unwrap();
        let mut forget = sea_orm::sea_query::Query::delete();
        forget.from_table("search_unmet");
        sea_orm::ConnectionTrait::execute(tx.conn(), &forget).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(words(&document(&test, YEAR).await)["searches_unanswered"], before);
    }
}

both_engines! {
    /// As many statements with three of everything as with one.
    async fn a_report_costs_the_same_with_more_rows(test: TestApp) {
        let mut city = City::built(&test).await;
        // A connection of its own: what the server does beside it each second costs statements too.
        let apart = App::open(test.database.config("apart"), test.clock.clone()).await.unwrap();
        let mut round = Vec::new();
        for more in [1, 2] {
            for n in 0..more {
                let number = round.len() * 10 + n;
                let people: Vec<(String, &'static str)> = (0..6).map(|k| (format!("Q{number}x{k}"), ["Harbor", "Weir", "Cliff"][k % 3])).collect();
                let rows: Vec<(&str, &'static str, &str)> = people.iter().map(|(name, school)| (name.as_str(), *school, "came")).collect();
                city.held(&format!("2025-1{n}-18T09:00:00"), ["Harbor", "Millbrook"], 20, true, &rows).await;
                let practice = city.practice(&format!("Practice {number}"), "Harbor", "2024-09-15", "worked").await;
                city.adopts("Millbrook", practice, &[("piloting", "2024-10-01"), ("in_use", "2025-03-01")]).await;
            }
            let cx = apart.db.cx(Actor::Visitor);
            let before = apart.db.statements();
            report::city::report(&cx, CITY, &report::city::Asked::default()).await.unwrap();
            round.push(apart.db.statements() - before);
        }
        assert_eq!(round[0], round[1], "{round:?}");
        assert!(round[0] <= 22, "{round:?}");
    }
}

fn why(document: &Value) -> BTreeMap<String, String> {
    let told = |one: &Value| Some((one["metric"].as_str()?.to_owned(), one["why_not_told"].as_str()?.to_owned()));
    document["figures"].as_array().unwrap().iter().filter_map(told).collect()
}

both_engines! {
    /// What is not told says why, each in its own words, on the page, in the file and over the API.
    async fn what_is_not_told_says_why(test: TestApp) {
        let mut city = City::built(&test).await;
        city.year().await;
        let four = [("A1", "Harbor", "came"), ("A2", "Millbrook", "came"), ("A3", "Weir", "came"), ("A4", "Cliff", "came")];
        city.held("2026-04-11T09:00:00", ["Harbor", "Millbrook"], 20, true, &four).await;
        city.held("2026-08-15T09:00:00", ["Harbor", "Millbrook"], 20, true, &four).await;
        let few = "fewer than 5 people, or people of fewer than 3 schools";
        for (query, metric, words) in [
            ("&from=2026-05-01&to=2026-05-31", "educator_hours", "waits until enough new people came"),
            ("&from=2026-05-01&to=2026-05-31", "people_reached", "counts each person once, from July 1 on and within one school year"),
            ("&from=2026-10-01&to=2026-10-31", "educator_hours", "counted from November 7, 2026 on"),
            ("&from=2026-10-01&to=2026-10-14", "educator_hours", "counted from November 7, 2026 on"),
            ("&from=2026-02-01&to=2026-02-10", "educator_hours", "counted by whole months"),
            ("&from=2026-02-03&to=2026-02-28", "searches_unanswered", "counted by whole months"),
            ("&from=2026-07-01&to=2027-06-30", "people_reached", few),
            ("&from=2024-07-01&to=2026-06-30", "educator_hours", "over several school years, told for whole ones that are counted in full"),
            ("&from=2023-07-01&to=2024-06-30", "kept_after_a_year", "nothing yet to hold it against"),
            ("&from=2023-07-01&to=2024-06-30", "cross_sector_sessions", "nothing yet to hold it against"),
            ("&from=2026-07-01&to=2027-06-30&neighborhood=Docks", "people_reached", "told by neighborhood for school years that are over"),
            ("&from=2025-07-01&to=2026-06-30&neighborhood=Docks", "never_seated", "counted for all neighborhoods together"),
            ("&from=2025-07-01&to=2026-06-30&neighborhood=Docks", "commitments_met", "counted for all neighborhoods together"),
            ("&from=2025-07-01&to=2026-06-30&neighborhood=Summit", "active_schools", "fewer than 3 schools"),
        ] {
            let found = document(&test, query).await;
            assert_eq!(why(&found).get(metric).map(String::as_str), Some(words), "{query} {metric}: {found}");
            assert!(found["figures"].as_array().unwrap().iter().all(|one| one["value"].is_null() != one["why_not_told"].is_null()));
        }
        let page = text(&test.page(&format!("/city/{CITY}?from=2026-05-01&to=2026-05-31")).await);
        assert!(page.contains("not told: waits until enough new people came"), "{page}");
        let this = text(&test.page(&format!("/city/{CITY}?from=2026-07-01&to=2027-06-30")).await);
        assert!(this.contains(&format!("not enough data: {few}")) && this.contains("not enough data: fewer than 3 schools"), "{this}");
        let file = test.page(&format!("/city/{CITY}.csv?from=2026-05-01&to=2026-05-31")).await;
        let mut rows = csv::Reader::from_reader(file.as_bytes());
        let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
        let told = why(&document(&test, "&from=2026-05-01&to=2026-05-31").await);
        for row in rows.iter().filter(|row| &row[0] == "city") {
            assert_eq!(&row[10], told.get(&row[2]).map_or("", String::as_str), "{row:?}");
        }
        assert!(rows.iter().all(|row| row[3].is_empty() != row[10].is_empty()), "{file}");
    }
}

both_engines! {
    /// Five commitments of the city's compact: one is met and confirmed, one is reported met, one dropped, one spoken of in March, and
    /// of one nothing is ever heard. A compact of another city and one that is a draft count for nothing.
    async fn commitments_met_and_silent_are_counted_by_hand(test: TestApp) {
        let city = City::built(&test).await;
        let organization = people::organization(&test.db().cx(Actor::System("test")), "rivermark-schools").await.unwrap();
        let olga = test.account("olga@rivermark.example", "Olga Canary").await;
        test.appoint(olga, Role::CompactOwner, Place::Organization(organization.id.0)).await;
        let paula = test.account("paula@harbor.example", "Paula Canary").await;
        test.appoint(paula, Role::Principal, Place::School(city.school("Harbor").0)).await;
        let (owner, charter) = (test.signed_in(olga, false).await, test.signed_in(paula, false).await);
        let link = "https://minutes.example/1";
        for (name, place, published) in
            [("River Compact", "Rivermark, NY", true), ("Hill Compact", "Elsewhere, NY", true), ("Dock Compact", "Rivermark, NY", false)]
        {
            let page = format!("/compacts/{}", name.to_lowercase().replace(' ', "-"));
            owner.post_on("/compacts", &[("name", name), ("kind", "compact"), ("city", place), ("place", "rivermark-schools")]).await;
            owner.post_on(&format!("{page}/parties"), &[("place", "harbor-school"), ("state", "invited"), ("on", "2026-01-10")]).await;
            let seen: Value = owner.get(&format!("/api/v1{page}")).await.json().await.unwrap();
            let signs = [("state", "signed"), ("on", "2026-01-15"), ("link", link)];
            charter.post_on(&format!("{page}/parties/{}", seen["parties"][1]["id"].as_str().unwrap()), &signs).await;
            if published {
                owner.post_on(&format!("{page}/publication"), &[]).await;
            }
            let read = owner.page(&format!("{page}/commitments")).await;
            let party = |name: &str| {
                let options = read.split("<option value=\"").skip(1);
                let mut named = options.filter(|one| one.split("</option>").next().unwrap().contains(name));
                named.next().unwrap().split('"').next().unwrap().to_owned()
            };
            let (district, harbor) = (party("Rivermark Schools"), party("Harbor School"));
            for number in 0..if name == "River Compact" { 5 } else { 2 } {
                let sentence = format!("Keep promise {number}");
                let fields = [
                    ("area", "learn_together"),
                    ("sentence", sentence.as_str()),
                    ("due_on", "2027-06-30"),
                    ("gets/charter", "A third of the seats"),
                    ("owner_party", district.as_str()),
                    ("owner", "olga@rivermark.example"),
                    ("deputy_party", harbor.as_str()),
                    ("deputy", "paula@harbor.example"),
                ];
                owner.post_on(&format!("{page}/commitments"), &fields).await;
            }
        }
        let one = |number: usize, what: &str| format!("/compacts/river-compact/commitments/{number}/{what}");
        let met = [("text", "All held"), ("status", "met"), ("evidence_title_1", "Minutes"), ("evidence_url_1", link)];
        owner.post_on(&one(1, "updates"), &met).await;
        charter.post_on(&one(1, "confirmation"), &[("status", "met")]).await;
        owner.post_on(&one(2, "updates"), &met).await;
        let dropped = [("text", "Not possible"), ("status", "dropped"), ("reason", "The room was closed.")];
        owner.post_on(&one(3, "updates"), &dropped).await;
        let count = async || {
            let words = words(&document(&test, YEAR).await);
            (words["commitments_met"].clone(), words["commitments_silent"].clone())
        };
        let s = str::to_owned;
        // Open are the second, which nobody confirmed, the fourth and the fifth.
        assert_eq!(count().await, (s("1 of 5 (20%)"), s("0 of 3 (0%)")));
        test.clock.set(at("2027-03-01T16:00:00Z"));
        test.signed_in(olga, false).await.post_on(&one(4, "updates"), &[("text", "We began"), ("status", "in_progress")]).await;
        // 180 days after October 14 nothing is silent yet; a day later two are, and the first and third are asked for nothing.
        test.clock.set(at("2027-04-12T16:00:00Z"));
        assert_eq!(count().await, (s("1 of 5 (20%)"), s("0 of 3 (0%)")));
        test.clock.set(at("2027-04-13T16:00:00Z"));
        assert_eq!(count().await, (s("1 of 5 (20%)"), s("2 of 3 (67%)")));
        let read = text(&test.page(&format!("/city/{CITY}")).await);
        assert_eq!(read.matches("No update since October 14, 2026").count(), 2, "{read}");
        let office = report::figures(&test.db().cx(Actor::Visitor), &Scope::of_city(CITY, day("2027-04-01"), day("2027-04-13"))).await.unwrap();
        let silent = office.iter().find(|one| one.metric == Metric::CommitmentsSilent).unwrap();
        assert_eq!((silent.reading.clone(), silent.of), (Reading::Share { part: 2, whole: 3 }, Some(3)));
    }
}

both_engines! {
    /// A school counts until the day it closed, or until that was put on record if that was later, and what it did stays; one that
    /// became part of another counts until then. Opened again, it counts from then on.
    async fn a_school_that_closes_counts_as_what_it_was(test: TestApp) {
        let mut city = City::built(&test).await;
        city.year().await;
        let count = async |query: &str| {
            let words = words(&document(&test, query).await);
            [words["active_schools"].clone(), words["adoptions_across"].clone(), words["sessions_held"].clone()]
        };
        assert_eq!(count(YEAR).await, ["6 of 7 (86%)", "4", "2"]);
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        school_admin::close_school(&mut tx, city.school("Quarry"), day("2026-03-31")).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(count(YEAR).await, ["6 of 7 (86%)", "4", "2"], "a year that is over stays as it was told");
        let since = "&from=2026-07-01&to=2026-11-20";
        let without = count(since).await[0].clone();
        test.clock.set(at("2026-11-20T16:00:00Z"));
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        school_admin::reopen_school(&mut tx, city.school("Quarry")).await.unwrap();
        tx.commit().await.unwrap();
        let opened = count(since).await[0].clone();
        assert_eq!((without.as_str(), opened.as_str()), ("5 of 6 (83%)", "4 of 7 (57%)"));
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        school_admin::close_school(&mut tx, city.school("Quarry"), day("2026-11-20")).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        school_admin::merge_schools(&mut tx, city.school("Lone"), city.school("Cliff")).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(count(YEAR).await, ["6 of 7 (86%)", "4", "2"]);
        // Of five that are left, Weir and Cliff held a session in February.
        assert_eq!(count("&from=2026-07-01&to=2026-11-20").await[0], "2 of 5 (40%)");
    }
}

both_engines! {
    /// A yes of half past midnight on July 1 in New York is of the new school year, also when the city later meets in another zone;
    /// a second yes to the same seat counts for nothing.
    async fn a_city_that_changes_its_zone_moves_no_day(test: TestApp) {
        let mut city = City::built(&test).await;
        let five = [("Z1", "Harbor"), ("Z2", "Millbrook"), ("Z3", "Weir"), ("Z4", "Cliff"), ("Z5", "Quarry")];
        let came = five.map(|(name, school)| (name, school, "came"));
        city.held("2025-05-10T09:00:00", ["Harbor", "Millbrook"], 10, true, &[]).await;
        let session = city.held("2025-08-16T09:00:00", ["Harbor", "Millbrook"], 10, true, &came).await;
        for (name, _) in five {
            city.approved(session, name, "2025-06-30T15:00:00Z", "2025-07-01T04:30:00Z").await;
        }
        let count = async |query: &str| words(&document(&test, query).await)["days_to_approval"].clone();
        let before = "&from=2024-07-01&to=2025-06-30";
        assert_eq!((count(YEAR).await, count(before).await), ("1 school day".to_owned(), "not enough data".to_owned()));
        // Asked again, and let go again, a year later.
        for (name, _) in five {
            city.approved(session, name, "2025-06-30T15:00:00Z", "2026-07-20T15:00:00Z").await;
        }
        assert_eq!(count("&from=2026-07-01&to=2027-06-30").await, "not enough data");
        let all = report::numbers(&test.db().cx(Actor::Visitor), CITY).await.unwrap();
        let days = |from, to| all.figure(Metric::DaysToApproval, &Scope::of_city(CITY, day(from), day(to))).reading;
        assert_eq!(days("2025-07-01", "2026-06-30"), Reading::Days(1.0));
        assert_eq!(days("2026-07-01", "2027-06-30"), Reading::NotEnough);
        let host = city.person("Organizer", "Harbor").await;
        let invited = TwoSchools {
            harbor: city.school("Harbor"),
            millbrook: city.school("Millbrook"),
            paula: host,
            carl: host,
            cora: host,
            pete: host,
            dina: host,
            dora: host,
        };
        let meetings = vec!["2026-09-12T09:00:00".parse::<NaiveDateTime>().unwrap()];
        let sketch = Sketch { status: "completed", zone: "America/Los_Angeles", meetings, ..Sketch::default() };
        test.session(&invited, sketch).await;
        assert_eq!((count(YEAR).await, count(before).await), ("1 school day".to_owned(), "not enough data".to_owned()));
        // Today is told in the zone of the last meeting.
        test.clock.set(at("2027-07-01T05:00:00Z"));
        assert_eq!(document(&test, "").await["from"], json!("2026-07-01"));
    }
}

both_engines! {
    /// People and practices of a school elsewhere are counted with what that school is; the file opens nothing.
    async fn a_school_elsewhere_takes_part(test: TestApp) {
        let mut city = City::built(&test).await;
        let mut tx = test.db().write(Actor::System("test")).await.unwrap();
        let far = NewSchool {
            name: "Far School".to_owned(),
            sector: Some("district".to_owned()),
            city: Some("Elsewhere".to_owned()),
            state: Some("NY".to_owned()),
            ..NewSchool::default()
        };
        let far = people::add_school(&mut tx, far).await.unwrap();
        let odd = NewSchool {
            name: "Odd School".to_owned(),
            sector: Some("district".to_owned()),
            city: Some("Rivermark".to_owned()),
            state: Some("NY".to_owned()),
            neighborhood: Some("=1+1".to_owned()),
            ..NewSchool::default()
        };
        people::add_school(&mut tx, odd).await.unwrap();
        tx.commit().await.unwrap();
        city.schools.insert("Far", (far, "district"));
        city.held("2025-10-18T09:00:00", ["Harbor", "Millbrook"], 20, true, &[("F1", "Far", "came"), ("F2", "Far", "absent")]).await;
        let practice = city.practice("Far idea", "Far", "2025-09-10", "worked").await;
        city.adopts("Harbor", practice, &[("piloting", "2025-11-03")]).await;
        city.adopts("Weir", practice, &[("piloting", "2025-11-04")]).await;
        let found = document(&test, YEAR).await;
        assert_eq!(words(&found)["adoptions_across"], "1");
        assert_eq!((&found["directions"][0]["from"], &found["directions"][0]["to"]), (&json!("District"), &json!("Charter")));
        let file = test.page(&format!("/city/{CITY}.csv?from=2025-07-01&to=2026-06-30")).await;
        assert_eq!(file.matches('\n').count(), file.matches("\r\n").count());
        let mut rows = csv::Reader::from_reader(file.as_bytes());
        let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
        assert!(rows.iter().any(|row| row[1].contains("=1+1")), "{file}");
        assert!(rows.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '@'])), "{file}");
    }
}
