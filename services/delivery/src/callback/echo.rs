//! The echo of a callback: the source's own record says what the source was told. That is a receipt, whatever the receiver answered, or
//! whether it did.

use bihuan_contracts::delivery::Link;
use bihuan_domain::clue::{Event, Report, SourceStatus};
use bihuan_domain::id::ClueId;

use super::Callbacks;
use crate::facts::Facts;

/// How a callback stands that was settled so.
pub(crate) const ECHOED: &str = "echoed";

/// A record that its source has closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Echo {
    pub(crate) clue: ClueId,
    /// The clue's, when the record said so.
    pub(crate) version: u32,
    /// `None`: it is the record that was read first.
    pub(crate) link: Option<Link>,
}

impl Echo {
    /// `facts` are the clue's before the event. A record that is new has not been told anything yet.
    pub(crate) fn of(
        callbacks: &Callbacks,
        (clue, version): (ClueId, u32),
        event: &Event,
        facts: &Facts,
    ) -> Option<Self> {
        let report = match event {
            Event::SourceUpdated { report, .. } => report,
            Event::ClueLinked { report } if !facts.is_new_link(report) => report,
            _ => return None,
        };
        if !is_closed(report) || callbacks.of(report.source.as_str()).is_none() {
            return None;
        }
        let is_first = facts.source.as_ref() == Some(&report.source) && facts.source_id == report.source_id;
        let link = (!is_first).then(|| Link {
            source: report.source.clone(),
            id: report.source_id.clone(),
        });
        Some(Self { clue, version, link })
    }
}

fn is_closed(report: &Report) -> bool {
    let snapshot = report.snapshot.as_ref();
    snapshot.is_some_and(|snapshot| snapshot.status == Some(SourceStatus::Closed))
}
