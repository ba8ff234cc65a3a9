//! Our side: how the clues of a source stand, and which of its records lie in quarantine.

use std::collections::{HashMap, HashSet};

use bihuan_domain::clue::{Discrepancy, Here, SourceStatus};
use bihuan_domain::code::AgencyId;
use bihuan_domain::figures::{Facts, HolderKind, Linked, Standing, Step};
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_store::Store;
use bihuan_store::quarantine::Fate;

use super::{Cause, Comparison, Coverage, Manifest, Reconciliation, officer};
use crate::Result;
use crate::streaming::{self, Which};

/// A clue as far as it can differ from what its source lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ours {
    pub clue: ClueId,
    pub number: String,
    pub source_id: String,
    pub stage: Standing,
    pub here: Here,
    pub holder: Option<HolderKind>,
    pub agency: Option<AgencyId>,
    /// What the source said last, where it sends the whole record again at every change.
    pub said: Option<SourceStatus>,
    /// It began anew there while it was closed here.
    pub reopened: bool,
    /// What people decided about what the source says now.
    pub settled: Vec<Discrepancy>,
    pub reported_at: Timestamp,
    /// When it last began or ended here, or its source told something new: an older list cannot know.
    pub changed_at: Timestamp,
}

impl Ours {
    pub fn of(facts: &Facts) -> Self {
        let condition = facts.latest();
        let said = condition.said.as_ref();
        Self {
            clue: facts.clue,
            number: facts.number.clone(),
            source_id: facts.source_id.clone(),
            stage: condition.standing,
            here: condition.here(),
            holder: condition.standing.holder(),
            agency: condition.agency.cloned(),
            said: said.map(|said| said.status),
            reopened: said.is_some_and(|said| said.reopened),
            settled: said.map(|said| said.settled.clone()).unwrap_or_default(),
            reported_at: facts.reported_at,
            changed_at: changed_at(facts),
        }
    }
}

impl Ours {
    /// The clue as another of its records stands for it.
    pub fn linked(facts: &Facts, linked: &Linked) -> Self {
        Self {
            source_id: linked.source_id.clone(),
            said: linked.status,
            reopened: false,
            settled: Vec::new(),
            ..Self::of(facts)
        }
    }
}

/// Who has it in between changes nothing that a list could say.
fn changed_at(facts: &Facts) -> Timestamp {
    let tells = |step: &Step| match step {
        Step::Rejected
        | Step::Closed { .. }
        | Step::Reopened
        | Step::Voided
        | Step::Withdrawn
        | Step::SourceUpdated { .. }
        | Step::Linked { .. }
        | Step::SourceDeleted => true,
        Step::Admitted
        | Step::Corrected(_)
        | Step::HeldForTriage
        | Step::HeldForCoordination
        | Step::Assigned { .. }
        | Step::Delegated { .. }
        | Step::Acknowledged
        | Step::ReturnRequested
        | Step::ReturnRefused
        | Step::Transferred { .. }
        | Step::Disputed { .. }
        | Step::HeldForDispute { .. }
        | Step::Designated { .. }
        | Step::ReleasedFromDispute
        | Step::Assisting(_)
        | Step::Campaign(_)
        | Step::HandlingStarted
        | Step::Suspended
        | Step::Resumed
        | Step::Resolved
        | Step::SentBack
        | Step::Recoded(_)
        | Step::Settled(_)
        | Step::Clocks(_)
        | Step::Extended
        | Step::Drafted { .. }
        | Step::Issued { .. }
        | Step::Shown { .. }
        | Step::Discarded { .. }
        | Step::SourceMissing
        | Step::SourceHeard => false,
    };
    let newest = facts.history.iter().rev().find(|mark| tells(&mark.step));
    newest.map_or(facts.reported_at, |mark| mark.at)
}

/// What of a source was put away: records that lie in quarantine or were discarded from it, callbacks that were given up.
#[derive(Clone, Debug, Default)]
pub struct PutAway {
    /// Clues of which the source was to be told something, and was not.
    untold: HashSet<ClueId>,
    by_id: HashMap<String, Cause>,
    /// There are some whose id cannot be read.
    nameless: bool,
}

impl PutAway {
    /// A callback about this clue was given up.
    pub fn add_untold(&mut self, clue: ClueId) {
        self.untold.insert(clue);
    }

    /// Adds a record; `id` where it can be told.
    pub fn add(&mut self, id: Option<String>, fate: &Fate) {
        match (id, fate) {
            (_, Fate::Replayed { .. }) | (None, Fate::Discarded { .. }) => {}
            (None, Fate::Waiting) => self.nameless = true,
            (Some(id), Fate::Waiting) => {
                self.by_id.insert(id, Cause::Quarantined);
            }
            (Some(id), Fate::Discarded { .. }) => {
                self.by_id.entry(id).or_insert(Cause::Discarded);
            }
        }
    }

    /// Why a record with this id is not here.
    pub(super) fn cause(&self, id: &str) -> Cause {
        match self.by_id.get(id) {
            Some(cause) => *cause,
            None if self.nameless => Cause::PerhapsQuarantined,
            None => Cause::NeverReceived,
        }
    }
}

/// Holds every clue of the list's source against the list, as of one moment.
pub async fn reconcile(
    store: &Store,
    manifest: Manifest,
    coverage: Coverage,
    put_away: &PutAway,
    now: Timestamp,
) -> Result<Reconciliation> {
    let source = manifest.source().clone();
    let mut reader = store.snapshot().await?;
    let mut comparison = Comparison::new(manifest, coverage, put_away.untold.clone());
    let see = |facts: &Facts| {
        if facts.source == source {
            comparison.see(&Ours::of(facts));
        }
        for linked in facts.links.iter().filter(|it| it.source == source) {
            comparison.see(&Ours::linked(facts, linked));
        }
    };
    streaming::each(&mut reader, &Which::All, see).await?;
    let mut done = comparison.finish(put_away, now);
    let officers = officer::of(&mut reader, &done.rows).await?;
    done.name(officers);
    Ok(done)
}
