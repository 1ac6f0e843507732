//! Cases, reports and decisions in the database.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::case::{Case, CaseId, Decision, DecisionId, Done, Reason, Report, ReportId};
use crate::people::AccountId;
use crate::platform::{Error, Result};

mod case_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "moderation_case")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub about_kind: String,
        pub about_id: Uuid,
        pub state: String,
        pub urgent: bool,
        pub hidden: bool,
        pub opened_at: DateTimeUtc,
        pub closed_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod report_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "problem_report")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub case_id: Uuid,
        pub reporter_id: Option<Uuid>,
        pub reason: String,
        pub words: Option<String>,
        pub decision_id: Option<Uuid>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod decision_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "moderation_decision")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub case_id: Uuid,
        pub kind: String,
        pub reason: String,
        pub words: Option<String>,
        pub decided_by: Option<Uuid>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn case(row: case_row::Model) -> Case {
    Case {
        id: CaseId(row.id),
        kind: row.about_kind,
        thing: row.about_id,
        open: row.state == "open",
        urgent: row.urgent,
        hidden: row.hidden,
        opened_at: row.opened_at,
        closed_at: row.closed_at,
    }
}

fn case_model(it: &Case) -> case_row::Model {
    case_row::Model {
        id: it.id.0,
        about_kind: it.kind.clone(),
        about_id: it.thing,
        state: if it.open { "open" } else { "closed" }.to_owned(),
        urgent: it.urgent,
        hidden: it.hidden,
        opened_at: it.opened_at,
        closed_at: it.closed_at,
    }
}

fn reason(code: &str) -> Result<Reason> {
    Reason::parse(code).ok_or_else(|| Error::internal("an unknown reason of a report"))
}

fn report(row: report_row::Model) -> Result<Report> {
    Ok(Report {
        id: ReportId(row.id),
        case: CaseId(row.case_id),
        reporter: row.reporter_id.map(AccountId),
        reason: reason(&row.reason)?,
        words: row.words,
        decision: row.decision_id.map(DecisionId),
        created_at: row.created_at,
    })
}

fn report_model(it: &Report) -> report_row::Model {
    report_row::Model {
        id: it.id.0,
        case_id: it.case.0,
        reporter_id: it.reporter.map(|id| id.0),
        reason: it.reason.code().to_owned(),
        words: it.words.clone(),
        decision_id: it.decision.map(|id| id.0),
        created_at: it.created_at,
    }
}

fn decision(row: decision_row::Model) -> Result<Decision> {
    Ok(Decision {
        id: DecisionId(row.id),
        case: CaseId(row.case_id),
        done: Done::parse(&row.kind).ok_or_else(|| Error::internal("an unknown decision"))?,
        reason: reason(&row.reason)?,
        words: row.words,
        by: row.decided_by.map(AccountId),
        at: row.created_at,
    })
}

/// The case of a thing, held until the transaction ends; `new` is kept where there is none, closed and without reports.
pub async fn case_of(conn: &impl ConnectionTrait, new: &Case) -> Result<Case> {
    let there = OnConflict::columns([case_row::Column::AboutKind, case_row::Column::AboutId]).do_nothing().to_owned();
    let insert = case_row::Entity::insert(case_model(new).into_active_model()).on_conflict(there);
    insert.exec_without_returning(conn).await?;
    let query = case_row::Entity::find()
        .filter(case_row::Column::AboutKind.eq(new.kind.as_str()))
        .filter(case_row::Column::AboutId.eq(new.thing));
    let found = query.lock_exclusive().one(conn).await?;
    found.map(case).ok_or_else(|| Error::internal("a case went while it was opened"))
}

/// One case.
pub async fn by_id(conn: &impl ConnectionTrait, id: CaseId) -> Result<Option<Case>> {
    Ok(case_row::Entity::find_by_id(id.0).one(conn).await?.map(case))
}

/// One case, held until the transaction ends.
pub async fn held(conn: &impl ConnectionTrait, id: CaseId) -> Result<Option<Case>> {
    Ok(case_row::Entity::find_by_id(id.0).lock_exclusive().one(conn).await?.map(case))
}

/// A case as it is now.
pub async fn update(conn: &impl ConnectionTrait, now: &Case) -> Result<()> {
    case_model(now).into_active_model().reset_all().update(conn).await?;
    Ok(())
}

/// Which cases a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that somebody has to look at, the urgent and then the oldest first.
    Open,
    /// Those of things that are hidden, the last decided first.
    Hidden,
    /// Those that were decided, the last one first.
    Closed,
}

fn of(which: Which) -> Select<case_row::Entity> {
    let query = case_row::Entity::find();
    match which {
        Which::Open => query.filter(case_row::Column::State.eq("open")),
        Which::Hidden => query.filter(case_row::Column::Hidden.eq(true)),
        Which::Closed => {
            query.filter(case_row::Column::State.eq("closed")).filter(case_row::Column::ClosedAt.is_not_null())
        }
    }
}

/// Cases of a list, at most `limit`.
pub async fn cases(conn: &impl ConnectionTrait, which: Which, limit: u64) -> Result<Vec<Case>> {
    let query = match which {
        Which::Open => of(which)
            .order_by_desc(case_row::Column::Urgent)
            .order_by_asc(case_row::Column::OpenedAt)
            .order_by_asc(case_row::Column::Id),
        Which::Hidden | Which::Closed => {
            of(which).order_by_desc(case_row::Column::ClosedAt).order_by_desc(case_row::Column::Id)
        }
    };
    Ok(query.limit(limit).all(conn).await?.into_iter().map(case).collect())
}

/// How many there are.
pub async fn count(conn: &impl ConnectionTrait, which: Which) -> Result<u64> {
    Ok(of(which).count(conn).await?)
}

/// A new report.
pub async fn insert_report(conn: &impl ConnectionTrait, new: &Report) -> Result<()> {
    report_row::Entity::insert(report_model(new).into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// A report as it is now.
pub async fn update_report(conn: &impl ConnectionTrait, now: &Report) -> Result<()> {
    report_model(now).into_active_model().reset_all().update(conn).await?;
    Ok(())
}

/// Reports of a case, the newest first, at most `limit`.
pub async fn reports(conn: &impl ConnectionTrait, case: CaseId, limit: u64) -> Result<Vec<Report>> {
    let query = report_row::Entity::find().filter(report_row::Column::CaseId.eq(case.0));
    query.order_by_desc(report_row::Column::Id).limit(limit).all(conn).await?.into_iter().map(report).collect()
}

/// The newest report of each of these cases. Ids made later sort later, on SQLite as bytes; PostgreSQL has no greatest of ids, so
/// the newest is the one that no other of its case comes after.
pub async fn newest(conn: &impl ConnectionTrait, cases: &[CaseId]) -> Result<Vec<Report>> {
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    let later = Alias::new("later");
    let id = |table: &Alias| Expr::col((table.clone(), report_row::Column::Id));
    let of_case = |table: &Alias| Expr::col((table.clone(), report_row::Column::CaseId));
    let own = Alias::new("problem_report");
    let after = Query::select()
        .expr(Expr::value(1))
        .from_as(report_row::Entity, later.clone())
        .and_where(of_case(&later).equals((own.clone(), report_row::Column::CaseId)))
        .and_where(id(&later).gt(Expr::col((own, report_row::Column::Id))))
        .to_owned();
    let query = report_row::Entity::find()
        .filter(report_row::Column::CaseId.is_in(cases.iter().map(|id| id.0)))
        .filter(Expr::exists(after).not());
    query.all(conn).await?.into_iter().map(report).collect()
}

/// Reports of a case that nobody has decided about, the oldest first.
pub async fn undecided(conn: &impl ConnectionTrait, case: CaseId) -> Result<Vec<Report>> {
    let query = report_row::Entity::find()
        .filter(report_row::Column::CaseId.eq(case.0))
        .filter(report_row::Column::DecisionId.is_null());
    query.order_by_asc(report_row::Column::Id).all(conn).await?.into_iter().map(report).collect()
}

/// How many reports of each of these cases nobody has decided about.
pub async fn undecided_counts(conn: &impl ConnectionTrait, cases: &[CaseId]) -> Result<HashMap<CaseId, u64>> {
    if cases.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, i64)> = report_row::Entity::find()
        .select_only()
        .column(report_row::Column::CaseId)
        .column_as(report_row::Column::Id.count(), "reports")
        .filter(report_row::Column::CaseId.is_in(cases.iter().map(|id| id.0)))
        .filter(report_row::Column::DecisionId.is_null())
        .group_by(report_row::Column::CaseId)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|(id, n)| (CaseId(id), n.unsigned_abs())).collect())
}

/// Notes what came of the reports of a case that nobody had decided about.
pub async fn settle(conn: &impl ConnectionTrait, case: CaseId, decision: DecisionId) -> Result<()> {
    report_row::Entity::update_many()
        .col_expr(report_row::Column::DecisionId, Expr::value(decision.0))
        .filter(report_row::Column::CaseId.eq(case.0))
        .filter(report_row::Column::DecisionId.is_null())
        .exec(conn)
        .await?;
    Ok(())
}

/// Everything that somebody reported, with what it was about, the oldest first.
pub async fn of_reporter(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<(Report, Option<Case>)>> {
    let query = report_row::Entity::find().filter(report_row::Column::ReporterId.eq(account.0));
    let rows = query.order_by_asc(report_row::Column::Id).all(conn).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.case_id).collect();
    let mut cases: HashMap<Uuid, Case> = HashMap::new();
    for chunk in ids.chunks(500) {
        let found =
            case_row::Entity::find().filter(case_row::Column::Id.is_in(chunk.iter().copied())).all(conn).await?;
        cases.extend(found.into_iter().map(|row| (row.id, case(row))));
    }
    let pair = |row: report_row::Model| {
        let about = cases.get(&row.case_id).cloned();
        report(row).map(|report| (report, about))
    };
    rows.into_iter().map(pair).collect()
}

/// Takes somebody and what they wrote out of their reports; how many there were.
pub async fn forget_reporter(conn: &impl ConnectionTrait, account: AccountId) -> Result<u64> {
    let update = report_row::Entity::update_many()
        .col_expr(report_row::Column::ReporterId, Expr::value(None::<Uuid>))
        .col_expr(report_row::Column::Words, Expr::value(None::<String>))
        .filter(report_row::Column::ReporterId.eq(account.0));
    Ok(update.exec(conn).await?.rows_affected)
}

/// A new decision.
pub async fn insert_decision(conn: &impl ConnectionTrait, new: &Decision) -> Result<()> {
    let model = decision_row::Model {
        id: new.id.0,
        case_id: new.case.0,
        kind: new.done.code().to_owned(),
        reason: new.reason.code().to_owned(),
        words: new.words.clone(),
        decided_by: new.by.map(|id| id.0),
        created_at: new.at,
    };
    decision_row::Entity::insert(model.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// Decisions about a thing, the newest first.
pub async fn decisions(conn: &impl ConnectionTrait, case: CaseId) -> Result<Vec<Decision>> {
    let query = decision_row::Entity::find().filter(decision_row::Column::CaseId.eq(case.0));
    query.order_by_desc(decision_row::Column::Id).limit(200).all(conn).await?.into_iter().map(decision).collect()
}

/// All decisions, the newest first, before one of them, with the kind of thing of each.
pub async fn log(
    conn: &impl ConnectionTrait,
    before: Option<DecisionId>,
    limit: u64,
) -> Result<Vec<(Decision, String)>> {
    let mut query = decision_row::Entity::find();
    if let Some(before) = before {
        query = query.filter(decision_row::Column::Id.lt(before.0));
    }
    let rows = query.order_by_desc(decision_row::Column::Id).limit(limit).all(conn).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.case_id).collect();
    let kinds: HashMap<Uuid, String> = if ids.is_empty() {
        HashMap::new()
    } else {
        let query = case_row::Entity::find().filter(case_row::Column::Id.is_in(ids));
        query.all(conn).await?.into_iter().map(|row| (row.id, row.about_kind)).collect()
    };
    let pair = |row: decision_row::Model| {
        let kind = kinds.get(&row.case_id).cloned().unwrap_or_default();
        decision(row).map(|decision| (decision, kind))
    };
    rows.into_iter().map(pair).collect()
}
