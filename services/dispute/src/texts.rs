//! The SQL of free texts: by dispute and version, apart from the journal, erasable.

use bihuan_domain::clue::Text;
use bihuan_domain::id::DisputeId;
use bihuan_store::{Connection, Reader, Result, bulk, sql};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// A text and the event that has its digest.
pub(crate) struct Stored {
    pub(crate) partition: u32,
    pub(crate) dispute: DisputeId,
    pub(crate) version: u32,
    pub(crate) text: Text,
}

pub(crate) async fn append(mut connection: Connection<'_>, texts: &[Stored]) -> Result<()> {
    let head =
        "INSERT INTO dispute_text (partition, dispute_id, version, title, description, place, remark) VALUES";
    for chunk in bulk::chunks(texts) {
        let text = AssertSqlSafe(bulk::numbered(head, 7, chunk.len(), ""));
        sql!(connection.reborrow(), c => {
            let mut query = sqlx::query(text);
            for Stored { partition, dispute, version, text } in chunk {
                query = query
                    .bind(*partition as i32)
                    .bind(dispute.0)
                    .bind(*version as i32)
                    .bind(text.title.clone())
                    .bind(text.description.clone())
                    .bind(text.place.clone())
                    .bind(text.remark.clone());
            }
            query.execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

type Row = (
    Uuid,
    i32,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

fn read((dispute, version, title, description, place, remark): Row) -> (DisputeId, u32, Text) {
    let text = Text {
        title,
        description,
        place,
        remark,
    };
    (DisputeId(dispute), version as u32, text)
}

/// (version, text) of the dispute, oldest first: what was said in words, by the events that have the digests.
pub async fn of_dispute(reader: &mut Reader, partition: u32, dispute: DisputeId) -> Result<Vec<(u32, Text)>> {
    let rows: Vec<Row> = sql!(reader.conn(), c => sqlx::query_as(
        "SELECT dispute_id, version, title, description, place, remark FROM dispute_text
         WHERE partition = $1 AND dispute_id = $2 ORDER BY version"
    ).bind(partition as i32).bind(dispute.0).fetch_all(c).await)?;
    let texts = rows.into_iter().map(read);
    Ok(texts.map(|(_, version, text)| (version, text)).collect())
}

/// All of the partition.
pub(crate) async fn of_partition(
    connection: Connection<'_>,
    partition: u32,
) -> Result<Vec<(DisputeId, u32, Text)>> {
    let rows: Vec<Row> = sql!(connection, c => sqlx::query_as(
        "SELECT dispute_id, version, title, description, place, remark FROM dispute_text WHERE partition = $1"
    ).bind(partition as i32).fetch_all(c).await)?;
    Ok(rows.into_iter().map(read).collect())
}
