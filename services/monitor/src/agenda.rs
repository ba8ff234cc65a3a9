//! The agenda of a joint meeting, read from disputes, from what clues went through, and from what waits in triage.

use bihuan_dispute::Filter;
use bihuan_domain::dispute::{Agenda, Dispute, Forum, Sources};
use bihuan_domain::routing::CompiledRulebook;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::Library;
use bihuan_store::Store;

use crate::disputes::{DisputeQuery, disputes};
use crate::{Result, triage};

/// As things stand now, by the active rulebook. `forum`: for a meeting before it.
pub async fn agenda(
    store: &Store,
    library: &Library,
    rulebook: &CompiledRulebook,
    forum: Option<&Forum>,
    now: Timestamp,
) -> Result<Agenda> {
    let all = bihuan_dispute::list(store, &Filter::default(), u32::MAX).await?;
    let all: Vec<Dispute> = all.into_iter().map(|it| it.dispute).collect();
    let report = disputes(store, library, &DisputeQuery::default(), now, rulebook.rulebook()).await?;
    let hand_overs = report.pairs.into_iter().map(|it| (it.from, it.to, it.hand_overs));
    let hand_overs: Vec<_> = hand_overs.collect();
    let triage = triage::groups(store, rulebook).await?;
    Ok(Agenda::of(&Sources {
        disputes: &all,
        hand_overs: &hand_overs,
        triage: &triage,
        rulebook: rulebook.rulebook(),
        forum,
        now,
    }))
}
