//! What is fixed at the first start and never changes afterwards.

use crate::{Connection, Error, Result, Store, sql};

/// The value stored under `key`, or `value` if this is the first start. Another value is refused.
pub async fn fix(store: &Store, key: &'static str, value: &str) -> Result<()> {
    let mut tx = store.begin().await?;
    sql!(tx.conn(), c => sqlx::query("INSERT INTO installation (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING")
        .bind(key).bind(value).execute(c).await.map(|_| ()))?;
    let stored = get(tx.conn(), key).await?.unwrap_or_default();
    tx.commit().await?;
    if stored == value { Ok(()) } else { Err(Error::Fixed { what: key, stored, asked: value.to_owned() }) }
}

pub async fn get(connection: Connection<'_>, key: &str) -> Result<Option<String>> {
    Ok(sql!(connection, c => sqlx::query_scalar("SELECT value FROM installation WHERE key = $1")
        .bind(key).fetch_optional(c).await)?)
}
