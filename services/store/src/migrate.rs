//! Forward-only migrations, one text for both databases.
//!
//! The column types that differ are written as `{bytes}`, `{uuid}`, `{time}` and `{id}`; a line that starts with
//! `--postgres` or `--sqlite` counts only there.

use sqlx::AssertSqlSafe;

use crate::{Connection, Error, Result, Store, sql};

/// One step of a service's schema. Never changed once released: add another.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    pub service: &'static str,
    pub number: i32,
    pub sql: &'static str,
}

const OWN: &[Migration] = &[
    Migration {
        service: "store",
        number: 1,
        sql: include_str!("../migrations/0001_store.sql"),
    },
    Migration {
        service: "store",
        number: 2,
        sql: include_str!("../migrations/0002_document_use.sql"),
    },
    Migration {
        service: "store",
        number: 3,
        sql: include_str!("../migrations/0003_activation.sql"),
    },
];

impl Store {
    /// Brings the schema up to date. Refuses data of a newer program.
    pub async fn migrate(&self, services: &[&[Migration]]) -> Result<()> {
        let mut tx = self.begin().await?;
        if !self.is_sqlite() {
            // several processes start at once
            sql!(tx.conn(), c => sqlx::query("SELECT pg_advisory_xact_lock(7202601)").execute(c).await.map(|_| ()))?;
        }
        sql!(tx.conn(), c => sqlx::raw_sql(
            "CREATE TABLE IF NOT EXISTS schema_migration (service text NOT NULL, number integer NOT NULL, PRIMARY KEY (service, number))"
        ).execute(c).await.map(|_| ()))?;
        for migrations in std::iter::once(&OWN).chain(services) {
            apply(&mut tx.conn(), migrations).await?;
        }
        tx.commit().await
    }
}

async fn apply(connection: &mut Connection<'_>, migrations: &[Migration]) -> Result<()> {
    let Some(newest) = migrations.last() else {
        return Ok(());
    };
    let sqlite = matches!(connection, Connection::Sqlite(_));
    let found: Option<i32> = sql!(connection, c => sqlx::query_scalar(
        "SELECT max(number) FROM schema_migration WHERE service = $1"
    ).bind(newest.service).fetch_one(&mut **c).await)?;
    let found = found.unwrap_or(0);
    if found > newest.number {
        return Err(Error::Newer {
            service: newest.service.to_owned(),
            found,
            known: newest.number,
        });
    }
    for migration in migrations.iter().filter(|migration| migration.number > found) {
        let text = AssertSqlSafe(for_dialect(migration.sql, sqlite));
        sql!(connection, c => sqlx::raw_sql(text).execute(&mut **c).await.map(|_| ()))?;
        sql!(connection, c => sqlx::query("INSERT INTO schema_migration (service, number) VALUES ($1, $2)")
            .bind(migration.service).bind(migration.number).execute(&mut **c).await.map(|_| ()))?;
    }
    Ok(())
}

fn for_dialect(text: &str, sqlite: bool) -> String {
    let (bytes, uuid, time, own, other) = if sqlite {
        ("BLOB", "BLOB", "INTEGER", "--sqlite", "--postgres")
    } else {
        ("bytea", "uuid", "timestamptz", "--postgres", "--sqlite")
    };
    let text = text
        .replace("{bytes}", bytes)
        .replace("{uuid}", uuid)
        .replace("{time}", time);
    text.lines()
        .filter(|line| !line.trim_start().starts_with(other))
        .map(|line| line.replace(own, ""))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialect_gets_its_types_and_its_lines() {
        let text = "CREATE TABLE t (a {bytes}, b {time}\n--postgres , c int\n);\n--sqlite SELECT 1;";
        assert_eq!(
            for_dialect(text, false),
            "CREATE TABLE t (a bytea, b timestamptz\n , c int\n);"
        );
        assert_eq!(
            for_dialect(text, true),
            "CREATE TABLE t (a BLOB, b INTEGER\n);\n SELECT 1;"
        );
    }
}
