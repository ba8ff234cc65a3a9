//! What a source platform reports: the facts of a clue that never change afterwards.

use serde::{Deserialize, Serialize};

use super::outcome::words;
use super::{Conclusion, Snapshot};
use crate::code::{AgencyId, AreaCode, MatterCode, Severity, SourceId};
use crate::digest::Digest;
use crate::id::RecordId;
use crate::time::Timestamp;

/// A clue as its source reported it, normalised. Free text travels beside it ([`super::Text`]), identities of reporters not at all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub source: SourceId,
    pub source_id: String,
    pub origin: Origin,
    pub class: Class,
    pub reported_at: Timestamp,
    /// `None`: the source named no matter, or one that the rulebook does not know (then flagged).
    pub matter: Option<MatterCode>,
    pub area: Option<AreaCode>,
    pub severity: Option<Severity>,
    /// What the source called matter and area, kept when it could not be led to a code.
    pub source_matter: Option<String>,
    pub source_area: Option<String>,
    pub location: Option<Location>,
    pub attributes: Vec<Attribute>,
    /// Addresses of photos and documents, never their bytes. They only add: in an update those that are new.
    pub attachments: Vec<String>,
    /// The due time that the source set.
    pub source_due_at: Option<Timestamp>,
    pub flags: Vec<Flag>,
    /// Of the canonical mapped fields: tells a repeat from a change.
    pub digest: Digest,
    /// What became of it, where that is known already.
    pub history: Option<History>,
    /// Where the source sends the whole record again at every change.
    pub snapshot: Option<Snapshot>,
    /// Where the record is a row of the source's hand-over log.
    pub log: Option<LogRow>,
}

/// A row of a source's hand-over log: one step of one record, as it was noted there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRow {
    pub at: Timestamp,
    /// Who had it then, under its own name if the rulebook does not know it; `None`: the row does not say.
    pub agency: Option<AgencyId>,
    /// `None`: the row says no step, or one that nobody knows.
    pub step: Option<LogStep>,
}

words!(
    /// What a row of a hand-over log says was done.
    LogStep {
        Dispatched = "dispatched",
        Acknowledged = "acknowledged",
        Handling = "handling",
        /// Nothing but who has it.
        Waiting = "waiting",
        Resolved = "resolved",
        Closed = "closed",
    }
);

impl LogStep {
    /// Whether the record is done by it.
    pub const fn is_completion(self) -> bool {
        matches!(self, Self::Resolved | Self::Closed)
    }
}

/// Where the record came from, so that it can be found again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    pub record: RecordId,
    pub topic: String,
    pub partition: u32,
    pub offset: i64,
    /// Line of the file, from 1, when it was a file.
    pub line: Option<u64>,
}

/// On which line of the accounts a clue is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    Ordinary,
    /// Handled by the reporter's own unit (自办自结): outside all figures about dispatch.
    SelfHandled,
    /// Closed already when first seen: outside all figures about dispatch.
    ClosedAtSource,
}

/// WGS-84, CGCS2000, GCJ-02 or BD-09: coordinates without a datum are off by hundreds of metres.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Datum {
    #[serde(rename = "WGS-84")]
    Wgs84,
    #[serde(rename = "CGCS2000")]
    Cgcs2000,
    #[serde(rename = "GCJ-02")]
    Gcj02,
    #[serde(rename = "BD-09")]
    Bd09,
}

/// Degrees east and north.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Location {
    pub longitude: f64,
    pub latitude: f64,
    pub datum: Datum,
}

/// A code of the source that is kept with the clue; rules may read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    pub name: String,
    pub value: String,
}

/// Something wrong with a record that is a clue nevertheless. A flag leads to triage only where routing needs what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    MatterMissing,
    MatterUnknown,
    AreaMissing,
    AreaUnknown,
    AgencyUnknown,
    ConclusionUnknown,
    /// The time of receipt stands in.
    ReportedAtMissing,
    ReportedAtUnreadable,
    ReportedInFuture,
    ClosedAtUnreadable,
    DueAtUnreadable,
    /// Often handled first and entered later.
    ClosedBeforeReported,
    LocationUnreadable,
    ValueUnknown,
    ValueUnreadable,
    /// Neither a time nor a number: the order in which versions are read counts.
    VersionUnreadable,
    /// Counts as open.
    SourceStatusUnknown,
    /// What the source writes of the place names several areas.
    AreaAmbiguous,
    /// The area that the source states counts, but its coordinates lie in another.
    AreaDisagrees,
    /// Whoever wrote the id as a number may have lost its last digits: two records may share it.
    IdImprecise,
    /// What it says of which other record stands for the same clue is not what was known before, or comes too late: nothing was
    /// merged.
    SameAsDisagrees,
}

/// What became of a clue before Bihuan saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// The agency that the source recorded; it stays under its own name if the rulebook does not know it.
    pub agency: Option<AgencyId>,
    pub closed_at: Option<Timestamp>,
    pub conclusion: Conclusion,
    /// Route the clue ourselves; the recorded agency, if another, then appears as a transfer at closing.
    pub route: bool,
}

/// A short digest of the address of an attachment.
pub(super) fn attachment(address: &str) -> u64 {
    Digest::of([address.as_bytes()]).short()
}
