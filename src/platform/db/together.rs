//! Writes that go to the database in one message: while a transaction holds a row or the only writer, each way there and back
//! is time that everybody else waits.
//!
//! SQLite takes several statements at once. PostgreSQL takes one with parameters, so all but the last become parts of a
//! `WITH`; their order is then its own, which nobody sees where each writes another table.

use sea_orm::{DbBackend, Statement, Values};

/// A write, and the table that it changes.
pub(super) struct Write {
    pub table: &'static str,
    pub statement: Statement,
}

/// As few messages as can be, in order.
pub(super) fn messages(writes: Vec<Write>) -> Vec<Statement> {
    let mut groups: Vec<Vec<Write>> = Vec::new();
    for write in writes {
        let alone = |group: &Vec<Write>| {
            write.statement.db_backend == DbBackend::Postgres && group.iter().any(|other| other.table == write.table)
        };
        match groups.last_mut() {
            Some(group) if !alone(group) => group.push(write),
            _ => groups.push(vec![write]),
        }
    }
    groups.into_iter().filter_map(message).collect()
}

fn message(mut group: Vec<Write>) -> Option<Statement> {
    let last = group.pop()?;
    if group.is_empty() {
        return Some(last.statement);
    }
    let backend = last.statement.db_backend;
    let mut values = Vec::new();
    let mut texts = Vec::new();
    for write in group.into_iter().chain([last]) {
        let text = write.statement.sql;
        texts.push(if backend == DbBackend::Postgres { renumbered(&text, values.len()) } else { text });
        values.extend(write.statement.values.map(|values| values.0).unwrap_or_default());
    }
    let sql = match texts.split_last() {
        Some((last, parts)) if backend == DbBackend::Postgres => {
            let parts = parts.iter().enumerate().map(|(n, text)| format!("w{n} AS ({text})"));
            format!("WITH {} {last}", parts.collect::<Vec<_>>().join(", "))
        }
        _ => texts.join("; "),
    };
    Some(Statement { sql, values: Some(Values(values)), db_backend: backend })
}

/// The statement with its parameters `$1`, `$2` counted on from what stands before it. Values are parameters, never text, so
/// a `$` is nothing else.
fn renumbered(text: &str, before: usize) -> String {
    let mut parts = text.split('$');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        match number.parse::<usize>() {
            Ok(number) => whole.push_str(&format!("${}{rest}", number + before)),
            Err(_) => whole.push_str(&format!("${part}")),
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(backend: DbBackend, table: &'static str, sql: &str, values: &[i32]) -> Write {
        let values = values.iter().map(|value| (*value).into()).collect::<Vec<_>>();
        Write { table, statement: Statement::from_sql_and_values(backend, sql, values) }
    }

    #[test]
    fn postgres_gets_one_statement_for_tables_that_differ() {
        let pg = |table, sql: &str, values: &[i32]| write(DbBackend::Postgres, table, sql, values);
        let writes = vec![
            pg("a", "UPDATE a SET x = $1 WHERE id = $2", &[1, 2]),
            pg("b", "INSERT INTO b VALUES ($1, $2), ($10, $1)", &[3, 4]),
            pg("a", "UPDATE a SET x = $1", &[5]),
        ];
        let sent = messages(writes);
        let text: Vec<&str> = sent.iter().map(|statement| statement.sql.as_str()).collect();
        let first = "WITH w0 AS (UPDATE a SET x = $1 WHERE id = $2) INSERT INTO b VALUES ($3, $4), ($12, $3)";
        assert_eq!(text, [first, "UPDATE a SET x = $1"]);
        assert_eq!(sent[0].values, Some(Values([1, 2, 3, 4].map(Into::into).to_vec())));
    }

    #[test]
    fn sqlite_gets_them_one_after_another() {
        let lite = |table, sql: &str, values: &[i32]| write(DbBackend::Sqlite, table, sql, values);
        let sent =
            messages(vec![lite("a", "DELETE FROM a WHERE x = ?", &[1]), lite("a", "INSERT INTO a VALUES (?)", &[2])]);
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].sql, "DELETE FROM a WHERE x = ?; INSERT INTO a VALUES (?)");
        assert_eq!(sent[0].values, Some(Values([1, 2].map(Into::into).to_vec())));
        assert!(messages(Vec::new()).is_empty());
    }
}
