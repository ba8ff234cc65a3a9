//! What an installation remembers of itself: what is fixed at the first start, and what it promised to others.

use crate::{Connection, Error, Result, Store, sql};

/// Stores `value` under `key` if this is the first start; refuses another value afterwards.
pub async fn fix(store: &Store, key: &'static str, value: &str) -> Result<()> {
    let stored = first(store, key, value).await?;
    if stored == value {
        Ok(())
    } else {
        Err(Error::Fixed {
            what: key,
            stored,
            asked: value.to_owned(),
        })
    }
}

/// What is kept of an installation that runs beside people's own work: it sends nothing to anybody.
const SHADOW: &str = "shadow";

/// Whether the installation runs in shadow, which its first start decides. Asking for it later is refused.
pub async fn shadow(store: &Store, asked: bool) -> Result<bool> {
    let stored = first(store, SHADOW, if asked { "yes" } else { "no" }).await?;
    match (asked, stored.as_str()) {
        (_, "yes") => Ok(true),
        (false, _) => Ok(false),
        (true, _) => Err(Error::Fixed {
            what: SHADOW,
            stored,
            asked: "yes".to_owned(),
        }),
    }
}

/// Whether it does, for whoever only looks; before the first start it does not.
pub async fn is_shadow(connection: Connection<'_>) -> Result<bool> {
    Ok(get(connection, SHADOW).await?.as_deref() == Some("yes"))
}

/// What was stored under `key` first: `value`, unless somebody came before.
pub async fn first(store: &Store, key: &str, value: &str) -> Result<String> {
    let mut tx = store.begin().await?;
    sql!(tx.conn(), c => sqlx::query("INSERT INTO installation (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING")
        .bind(key).bind(value).execute(c).await.map(|_| ()))?;
    let stored = get(tx.conn(), key).await?.unwrap_or_default();
    tx.commit().await?;
    Ok(stored)
}

/// Stores `value` under `key`, whatever was there.
pub async fn put(connection: Connection<'_>, key: &str, value: &str) -> Result<()> {
    sql!(connection, c => sqlx::query(
        "INSERT INTO installation (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    ).bind(key).bind(value).execute(c).await.map(|_| ()))?;
    Ok(())
}

pub async fn get(connection: Connection<'_>, key: &str) -> Result<Option<String>> {
    Ok(
        sql!(connection, c => sqlx::query_scalar("SELECT value FROM installation WHERE key = $1")
        .bind(key).fetch_optional(c).await)?,
    )
}
