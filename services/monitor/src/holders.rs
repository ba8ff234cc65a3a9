//! Open clues that nobody answers for, or whose stage is none: there must be none of them.

use bihuan_domain::figures::{HolderKind, Standing};
use bihuan_domain::id::ClueId;
use bihuan_store::{Reader, sql};
use uuid::Uuid;

use crate::Result;
use crate::verify::Difference;

type Row = (i32, Uuid, String, Option<String>, Option<String>);

/// Looks at every clue: who holds it must be whom its stage names, and an agency that holds it must have a name. The clues that
/// were looked at, and the differences.
pub async fn verify(reader: &mut Reader) -> Result<(u64, Vec<Difference>)> {
    let groups: Vec<(String, Option<String>, bool, i64)> = sql!(reader.conn(), c => sqlx::query_as(
        "SELECT stage, holder, agency IS NULL, count(*) FROM monitor_clue GROUP BY stage, holder, agency IS NULL"
    ).fetch_all(c).await)?;
    let (mut clues, mut differences) = (0, Vec::new());
    for (stage, holder, nobody, count) in groups {
        clues += count as u64;
        let standing = Standing::parse(&stage);
        let expected = standing.and_then(Standing::holder).map(HolderKind::as_str);
        let unnamed = holder.as_deref() == Some(HolderKind::Agency.as_str()) && nobody;
        if standing.is_some() && expected == holder.as_deref() && !unnamed {
            continue;
        }
        let expected = if standing.is_some() {
            expected.unwrap_or("nobody")
        } else {
            "a known stage"
        };
        for (partition, clue, stage, holder, agency) in rows(reader, &stage, holder.as_deref()).await? {
            if agency.is_none() == nobody {
                let (holder, agency) = (holder.unwrap_or_default(), agency.unwrap_or_default());
                differences.push(Difference {
                    check: "open_has_holder",
                    partition: partition as u32,
                    clue: Some(ClueId(clue)),
                    expected: expected.to_owned(),
                    found: format!("{stage}: {holder} {agency}"),
                });
            }
        }
    }
    Ok((clues, differences))
}

async fn rows(reader: &mut Reader, stage: &str, holder: Option<&str>) -> Result<Vec<Row>> {
    Ok(sql!(reader.conn(), c => sqlx::query_as(
        "SELECT partition, clue_id, stage, holder, agency FROM monitor_clue
         WHERE stage = $1 AND coalesce(holder, '') = $2 ORDER BY clue_id LIMIT 1000"
    ).bind(stage.to_owned()).bind(holder.unwrap_or("").to_owned()).fetch_all(c).await)?)
}
