//! What was learned, held against clues that it was not learned from.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use bihuan_domain::routing::learn::{Learned, matter_of};
use bihuan_domain::routing::{Backtesting, Case, CompiledRulebook, Rulebook, Triage};
use bihuan_domain::time::Timestamp;
use bihuan_monitor::cases;
use serde::Serialize;

use crate::failure::Failure;
use crate::session::Reading;

#[derive(Default, Serialize)]
pub(super) struct HeldBack {
    /// Clues of which it is known who had them.
    pub(super) clues: u64,
    /// Of which the matter was learned.
    pub(super) known: u64,
    /// Of which what was learned says who had them.
    pub(super) right: u64,
    /// Of which the agency of most clues of the matter did, whatever else is known.
    pub(super) right_by_matter: u64,
    /// Why nobody is named, and of how many whose matter was learned.
    pub(super) triage: BTreeMap<&'static str, u64>,
}

pub(super) async fn judge(
    reading: &Reading,
    range: &Range<Timestamp>,
    rulebook: Rulebook,
    learned: &Learned,
) -> Result<HeldBack, Failure> {
    let candidate = CompiledRulebook::new(Arc::new(rulebook));
    let mut routing = Backtesting::new(&candidate);
    let mut unknown = 0;
    let mut right_by_matter = 0;
    cases::each(&reading.store, range, |case| {
        let Some(owner) = case.owner() else { return };
        let matter = matter_of(case, candidate.rulebook());
        let Some(majority) = matter.and_then(|matter| learned.majority.get(&matter)) else {
            unknown += 1;
            return;
        };
        let case = Case {
            right: Some(owner.clone()),
            ..case.clone()
        };
        // a clue without a place is a person's, whatever is learned
        let answer = routing.add(&case);
        let is_placed = answer.is_some_and(|it| it.reason != Triage::AreaMissing.as_str());
        right_by_matter += u64::from(is_placed && majority == owner);
    })
    .await?;
    let routed = routing.finish();
    Ok(HeldBack {
        clues: routed.clues + unknown,
        known: routed.clues,
        right: routed.right_after,
        right_by_matter,
        triage: routed.triage_reasons,
    })
}
