//! What waits in triage: by its newest event, to be offered to another rulebook; and by why it waits, with the row of the rulebook that
//! would have decided it.

use std::collections::HashMap;

use bihuan_domain::code::{AgencyId, AreaCode, MatterCode};
use bihuan_domain::routing::{Case, CompiledRulebook, Group, Subject, Waiting};
use bihuan_store::{Connection, Store, sql};

use crate::Result;
use crate::streaming::{self, Which};

/// (area, agency, clues)
type Went = Vec<(AreaCode, AgencyId, i64)>;

/// All groups, those with most clues first, as the rulebook sees them now.
pub async fn groups(store: &Store, rulebook: &CompiledRulebook) -> Result<Vec<Group>> {
    let mut reader = store.snapshot().await?;
    let mut waiting = Waiting::new(rulebook);
    streaming::each(&mut reader, &Which::InTriage, |facts| {
        if let Some(case) = Case::of(facts) {
            // as it is asked about when somebody looks
            let subject = Subject::of_facts(facts);
            waiting.add(&Case { subject, ..case });
        }
    })
    .await?;
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    let went = went(reader.conn()).await?;
    Ok(waiting.finish(|matter, area| most(went.get(matter)?, area)))
}

/// Who had closed clues, by matter and area.
async fn went(connection: Connection<'_>) -> Result<HashMap<MatterCode, Went>> {
    let rows: Vec<(String, String, String, i64)> = sql!(connection, c => sqlx::query_as(
        "SELECT matter, area, agency, count(*) FROM monitor_clue
         WHERE closed_at IS NOT NULL AND matter IS NOT NULL AND area IS NOT NULL AND agency IS NOT NULL
           AND matter IN (SELECT DISTINCT matter FROM monitor_clue WHERE holder = 'triage')
         GROUP BY matter, area, agency"
    ).fetch_all(c).await)?;
    let mut went: HashMap<_, Went> = HashMap::new();
    for (matter, area, agency, clues) in rows {
        let codes = (
            MatterCode::new(&matter),
            AreaCode::new(&area),
            AgencyId::new(&agency),
        );
        if let (Ok(matter), Ok(area), Ok(agency)) = codes {
            went.entry(matter).or_default().push((area, agency, clues));
        }
    }
    Ok(went)
}

/// Who had most of those in the area; nobody where two had as many.
fn most(went: &Went, area: &AreaCode) -> Option<AgencyId> {
    let mut counts: HashMap<&AgencyId, i64> = HashMap::new();
    for (place, agency, clues) in went {
        if place.is_within(area) {
            *counts.entry(agency).or_default() += clues;
        }
    }
    let most = *counts.values().max()?;
    let mut first = counts.iter().filter(|(_, clues)| **clues == most);
    match (first.next(), first.next()) {
        (Some((agency, _)), None) => Some((*agency).clone()),
        _ => None,
    }
}

/// Sequences of the newest events of the partition's clues in triage, from after `after` on, in order.
///
/// Whoever goes on behind the last one that was found misses none: the rows follow the journal in its order, so what comes to triage
/// later has a newer event.
pub async fn newest(
    connection: Connection<'_>,
    partition: u32,
    after: i64,
    limit: u32,
) -> bihuan_store::Result<Vec<i64>> {
    Ok(sql!(connection, c => sqlx::query_scalar(
        "SELECT newest FROM monitor_clue WHERE partition = $1 AND holder = 'triage' AND newest > $2 ORDER BY newest LIMIT $3"
    ).bind(partition as i32).bind(after).bind(i64::from(limit)).fetch_all(c).await)?)
}
