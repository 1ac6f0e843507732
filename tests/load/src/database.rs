//! The product's database, where no command of the product does what a measurement needs.

use sea_orm::{ConnectOptions, ConnectionTrait, Database as Driver, DatabaseConnection, DbBackend, Statement};
use serde_json::json;

use crate::Outcome;
use crate::corpus::Row;
use crate::product::Product;

/// The database of an installation.
pub struct Database(DatabaseConnection);

impl Database {
    pub async fn open(product: &Product) -> Outcome<Self> {
        let mut options = ConnectOptions::new(format!("sqlite://{}", product.database().display()));
        options.max_connections(1).sqlx_logging(false);
        Ok(Self(Driver::connect(options).await?))
    }

    /// Gives imported practices the days of the corpus: an import sets none, and then all would be of one day and "newest
    /// first" no work.
    pub async fn set_days(&self, rows: &[Row]) -> Outcome<()> {
        for rows in rows.chunks(10_000) {
            let days: Vec<_> =
                rows.iter().map(|row| json!({ "source": format!("load:{}", row.id), "day": row.day })).collect();
            let sql =
                "UPDATE practice SET published_on = value->>'day' FROM json_each(?) WHERE source = value->>'source'";
            let statement =
                Statement::from_sql_and_values(DbBackend::Sqlite, sql, [serde_json::to_string(&days)?.into()]);
            let changed = self.0.execute_raw(statement).await?.rows_affected();
            if changed != rows.len() as u64 {
                return Err(format!("{changed} of {} practices got their day", rows.len()).into());
            }
        }
        Ok(())
    }

    /// The number of the newest change of a practice.
    pub async fn newest_change(&self) -> Outcome<i64> {
        let sql = "SELECT seq FROM change_head WHERE log = 'practice'";
        let row = self.0.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
        Ok(row.ok_or("there is no change yet")?.try_get_by_index(0)?)
    }
}
