//! What was learned, held against clues that it was not learned from.

use std::collections::BTreeMap;
use std::ops::Range;

use bihuan_domain::routing::learn::Trial;
use bihuan_domain::time::Timestamp;
use bihuan_monitor::cases;
use bihuan_rulebook::learned::Finished;
use serde::Serialize;

use crate::failure::Failure;
use crate::session::Reading;

#[derive(Serialize)]
pub(super) struct HeldBack {
    /// Clues of which it is known who had them.
    pub(super) clues: u64,
    /// Of which the matter was learned.
    pub(super) known: u64,
    /// Of which routing names who had them.
    pub(super) right: u64,
    /// Of which routing would by rows that ask for the matter alone.
    pub(super) right_by_matter: u64,
    /// Why nobody is named, and of how many whose matter was learned.
    pub(super) triage: BTreeMap<&'static str, u64>,
}

pub(super) async fn judge(
    reading: &Reading,
    range: &Range<Timestamp>,
    settled: &Finished,
) -> Result<HeldBack, Failure> {
    let mut by_all = Trial::default();
    let mut by_matter = Trial::default();
    cases::each(&reading.store, range, |case| {
        by_all.add(&settled.rulebook, &settled.learned, case);
        by_matter.add(&settled.by_matter, &settled.learned, case);
    })
    .await?;
    Ok(HeldBack {
        clues: by_all.clues,
        known: by_all.known,
        right: by_all.right,
        right_by_matter: by_matter.right,
        triage: by_all.triage,
    })
}
