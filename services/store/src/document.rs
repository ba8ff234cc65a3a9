//! Rulebooks and mappings: immutable, addressed by content, readable by every service.

use crate::{Connection, Result, sql};

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Rulebook,
    Mapping,
    /// The header row of a file that records were cut from.
    Columns,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Rulebook => "rulebook",
            Self::Mapping => "mapping",
            Self::Columns => "columns",
        }
    }
}

/// Stores the document unless it is there already, and notes that it is the one of its label that is used now.
pub async fn put(
    connection: Connection<'_>,
    kind: Kind,
    digest: &str,
    label: &str,
    content: &[u8],
) -> Result<()> {
    sql!(connection, c => sqlx::query(
        "INSERT INTO document (digest, kind, label, content, used)
         VALUES ($1, $2, $3, $4, (SELECT coalesce(max(used), 0) + 1 FROM document WHERE kind = $2 AND label = $3))
         ON CONFLICT (digest) DO UPDATE SET used = excluded.used"
    ).bind(digest).bind(kind.as_str()).bind(label).bind(content).execute(c).await.map(|_| ()))?;
    Ok(())
}

pub async fn get(connection: Connection<'_>, kind: Kind, digest: &str) -> Result<Option<Vec<u8>>> {
    Ok(
        sql!(connection, c => sqlx::query_scalar("SELECT content FROM document WHERE digest = $1 AND kind = $2")
        .bind(digest).bind(kind.as_str()).fetch_optional(c).await)?,
    )
}

/// The document of the kind and label that was [`put`] last.
pub async fn latest(connection: Connection<'_>, kind: Kind, label: &str) -> Result<Option<Vec<u8>>> {
    Ok(sql!(connection, c => sqlx::query_scalar(
        "SELECT content FROM document WHERE kind = $1 AND label = $2 ORDER BY used DESC, digest LIMIT 1"
    ).bind(kind.as_str()).bind(label).fetch_optional(c).await)?)
}

/// (digest, label) of every document of the kind.
pub async fn list(connection: Connection<'_>, kind: Kind) -> Result<Vec<(String, String)>> {
    Ok(
        sql!(connection, c => sqlx::query_as("SELECT digest, label FROM document WHERE kind = $1 ORDER BY label, digest")
        .bind(kind.as_str()).fetch_all(c).await)?,
    )
}
