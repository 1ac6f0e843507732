//! Joint sessions in tests: two schools of two sectors with their people, and sessions as rows, for tests that are about
//! something else than posting.

use chrono::{NaiveDateTime, TimeDelta};
use commonground::people::{self, AccountId, NewOrganization, NewSchool, SchoolId};
use commonground::platform::{Actor, Place, Role, Timestamp, Zone, ids};
use commonground::sessions::{RegistrationId, SessionId};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query, SimpleExpr};
use serde_json::json;

use super::TestApp;

/// Two schools of two sectors, and who is there.
pub struct TwoSchools {
    /// Harbor Charter School, of the sector `charter`.
    pub harbor: SchoolId,
    /// Millbrook Elementary, of the sector `district`.
    pub millbrook: SchoolId,
    /// Principal of Harbor, `paula@harbor.example`.
    pub paula: AccountId,
    /// Teacher at Harbor, `carl@harbor.example`.
    pub carl: AccountId,
    /// Another teacher at Harbor, `cora@harbor.example`.
    pub cora: AccountId,
    /// Principal of Millbrook, `pete@millbrook.example`.
    pub pete: AccountId,
    /// Teacher at Millbrook, `dina@millbrook.example`.
    pub dina: AccountId,
    /// Another teacher at Millbrook, `dora@millbrook.example`.
    pub dora: AccountId,
}

/// A session as a test wants it.
#[derive(Clone, Debug)]
pub struct Sketch {
    /// Its status.
    pub status: &'static str,
    /// Its title.
    pub title: String,
    /// Seats in the room.
    pub capacity: i32,
    /// Seats online.
    pub online: i32,
    /// Cap of a school.
    pub school_cap: Option<i32>,
    /// Kept seats: `{"charter": 5}`.
    pub kept: serde_json::Value,
    /// When kept seats are pooled.
    pub release_at: Option<Timestamp>,
    /// Whether principals are asked.
    pub approval_needed: bool,
    /// Last moment for their answer.
    pub approval_by: Option<Timestamp>,
    /// Local start of each meeting, three hours long.
    pub meetings: Vec<NaiveDateTime>,
    /// Zone of them.
    pub zone: &'static str,
}

impl Default for Sketch {
    /// Published, 30 seats in the room, no approval, four weeks ahead: Saturday, November 14, 2026, 9 o'clock in New York.
    fn default() -> Self {
        Self {
            status: "published",
            title: "Reading Safety Net in Action".to_owned(),
            capacity: 30,
            online: 0,
            school_cap: None,
            kept: json!({}),
            release_at: None,
            approval_needed: false,
            approval_by: None,
            meetings: vec!["2026-11-14T09:00:00".parse().unwrap()],
            zone: "America/New_York",
        }
    }
}

impl TestApp {
    /// Two schools of two sectors, each with a principal and two teachers.
    pub async fn two_schools(&self) -> TwoSchools {
        let harbor = self.add_school("Harbor Network", "charter_network", "Harbor Charter School", "charter").await;
        let millbrook = self.add_school("Millbrook Schools", "district", "Millbrook Elementary", "district").await;
        let person = async |email: &str, name: &str, role: Role, school: SchoolId| {
            let id = self.account(email, name).await;
            self.appoint(id, role, Place::School(school.0)).await;
            id
        };
        TwoSchools {
            harbor,
            millbrook,
            paula: person("paula@harbor.example", "Paula Quay", Role::Principal, harbor).await,
            carl: person("carl@harbor.example", "Carl Pier", Role::Teacher, harbor).await,
            cora: person("cora@harbor.example", "Cora Buoy", Role::Teacher, harbor).await,
            pete: person("pete@millbrook.example", "Pete Weir", Role::Principal, millbrook).await,
            dina: person("dina@millbrook.example", "Dina Ford", Role::Teacher, millbrook).await,
            dora: person("dora@millbrook.example", "Dora Mill", Role::Teacher, millbrook).await,
        }
    }

    /// A school of a sector, in an organization of its own.
    pub async fn add_school(&self, organization: &str, kind: &str, name: &str, sector: &str) -> SchoolId {
        let mut tx = self.db().write(Actor::System("test")).await.unwrap();
        let new = NewOrganization { kind: kind.to_owned(), name: organization.to_owned(), city: None, state: None };
        let organization = people::add_organization(&mut tx, new).await.unwrap();
        let new = NewSchool {
            name: name.to_owned(),
            sector: Some(sector.to_owned()),
            organization: Some(organization),
            ..NewSchool::default()
        };
        let id = people::add_school(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// A session of Harbor with Millbrook as consenting co-host, organized by Paula: as a row.
    pub async fn session(&self, at: &TwoSchools, sketch: Sketch) -> SessionId {
        let id = ids::fresh();
        let now = self.clock.now();
        let zone = Zone::parse(sketch.zone).unwrap();
        let starts = sketch.meetings.first().map(|start| zone.moment(*start).unwrap());
        let ends = sketch.meetings.last().map(|start| zone.moment(*start + TimeDelta::hours(3)).unwrap());
        let mode = match (sketch.capacity, sketch.online) {
            (_, 0) => "in_person",
            (0, _) => "online",
            _ => "hybrid",
        };
        let none: Option<Timestamp> = None;
        let text = |value: &str| Expr::value(value);
        let cells: Vec<(&'static str, SimpleExpr)> = vec![
            ("id", Expr::value(id)),
            ("uid", Expr::value(format!("{id}@test.example"))),
            ("status", text(sketch.status)),
            ("format", text("workshop")),
            ("title", Expr::value(sketch.title.clone())),
            ("details", Expr::value(json!({ "purpose": "a plan for six weeks" }))),
            ("mode", text(mode)),
            ("starts_at", Expr::value(starts)),
            ("ends_at", Expr::value(ends)),
            ("host_school_id", Expr::value(at.harbor.0)),
            ("host_sector", text("charter")),
            ("cohost_school_id", Expr::value(at.millbrook.0)),
            ("cohost_sector", text("district")),
            ("consent", text("given")),
            ("consent_by", Expr::value(at.pete.0)),
            ("organizer_id", Expr::value(at.paula.0)),
            ("capacity", Expr::value(sketch.capacity)),
            ("taken", Expr::value(0)),
            ("online_capacity", Expr::value(sketch.online)),
            ("online_taken", Expr::value(0)),
            ("school_cap", Expr::value(sketch.school_cap)),
            ("kept", Expr::value(sketch.kept.clone())),
            ("release_at", Expr::value(sketch.release_at)),
            ("closes_at", Expr::value(none)),
            ("approval_needed", Expr::value(sketch.approval_needed)),
            ("approval_by", Expr::value(sketch.approval_by)),
            ("coverage", text("none")),
            ("visibility", text("public")),
            ("waited", Expr::value(0_i64)),
            ("revision", Expr::value(1)),
            ("sequence", Expr::value(0)),
            ("round", Expr::value(0)),
            ("joint_published", Expr::value(true)),
            ("published_at", Expr::value(now)),
            ("created_at", Expr::value(now)),
            ("updated_at", Expr::value(now)),
        ];
        self.put("session", cells).await;
        for (number, start) in (1..).zip(&sketch.meetings) {
            let end = *start + TimeDelta::hours(3);
            let cells: Vec<(&'static str, SimpleExpr)> = vec![
                ("session_id", Expr::value(id)),
                ("number", Expr::value(number)),
                ("starts_local", Expr::value(*start)),
                ("ends_local", Expr::value(end)),
                ("zone", text(sketch.zone)),
                ("starts_at", Expr::value(zone.moment(*start).unwrap())),
                ("ends_at", Expr::value(zone.moment(end).unwrap())),
                ("address", text("12 Harbor Street")),
            ];
            self.put("meeting", cells).await;
        }
        let topic: Vec<(&'static str, SimpleExpr)> =
            vec![("session_id", Expr::value(id)), ("topic", text("early_reading"))];
        self.put("session_topic", topic).await;
        SessionId(id)
    }

    /// A registration as a row, counted like one that was made: a seat of the way in person.
    pub async fn seat(
        &self,
        session: SessionId,
        account: AccountId,
        school: SchoolId,
        sector: &str,
        seat: &str,
    ) -> RegistrationId {
        let id = ids::fresh();
        let now = self.clock.now();
        let text = |value: &str| Expr::value(value);
        let none: Option<i64> = None;
        let cells: Vec<(&'static str, SimpleExpr)> = vec![
            ("id", Expr::value(id)),
            ("session_id", Expr::value(session.0)),
            ("account_id", Expr::value(account.0)),
            ("school_id", Expr::value(school.0)),
            ("sector", text(sector)),
            ("way", text("in_person")),
            ("seat", text(seat)),
            ("approval", text("not_needed")),
            ("waitlist_no", Expr::value(none)),
            ("promoted", Expr::value(false)),
            ("coverage", text("not_needed")),
            ("round", Expr::value(0)),
            ("turn", Expr::value(1)),
            ("created_at", Expr::value(now)),
            ("updated_at", Expr::value(now)),
        ];
        self.put("registration", cells).await;
        if ["held", "offered", "confirmed"].contains(&seat) {
            let tx = self.db().write(Actor::System("test")).await.unwrap();
            let mut taken = Query::update();
            taken.table("session").value("taken", Expr::col("taken").add(1)).and_where(Expr::col("id").eq(session.0));
            tx.conn().execute(&taken).await.unwrap();
            let mut tally = Query::insert();
            tally
                .into_table("session_school")
                .columns(["session_id", "way", "school_id", "sector", "taken"])
                .values([
                    Expr::value(session.0),
                    text("in_person"),
                    Expr::value(school.0),
                    text(sector),
                    Expr::value(1),
                ])
                .unwrap()
                .on_conflict(
                    OnConflict::columns(["session_id", "way", "school_id", "sector"])
                        .value("taken", Expr::col(("session_school", "taken")).add(1))
                        .to_owned(),
                );
            tx.conn().execute(&tally).await.unwrap();
            tx.commit().await.unwrap();
        }
        RegistrationId(id)
    }

    /// A row of a table.
    pub async fn put(&self, table: &'static str, cells: Vec<(&'static str, SimpleExpr)>) {
        let (columns, values): (Vec<_>, Vec<_>) = cells.into_iter().unzip();
        let mut insert = Query::insert();
        insert.into_table(table).columns(columns).values(values).unwrap();
        let tx = self.db().write(Actor::System("test")).await.unwrap();
        tx.conn().execute(&insert).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// A session that anybody may register for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sketch_can_be_read() {
    for engine in [super::Engine::Sqlite, super::Engine::Postgres] {
        let test = TestApp::start(engine).await;
        let schools = test.two_schools().await;
        let id = test.session(&schools, Sketch::default()).await;
        let (session, _) =
            commonground::sessions::session(&test.db().cx(Actor::Visitor), &id.to_string()).await.unwrap();
        assert_eq!((session.meetings.len(), session.topics.len(), session.in_person.capacity), (1, 1, 30));
    }
}
