//! What a source says that sends the whole record again at every change: which version, in what state the record is there, and
//! what of it changed. A source's status never sets the clue's own stage; where the two differ, that is shown and a person decides.

use serde::{Deserialize, Serialize};

use super::outcome::words;
use super::{Actor, Clue, Conclusion, Origin, Stage};
use crate::code::{AgencyId, AreaCode, MatterCode, Severity, SourceId};
use crate::digest::Digest;
use crate::time::Timestamp;

/// Reason of a clue that its source took back.
pub const WITHDRAWN: &str = "withdrawn_at_source";

/// One version of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Orders the versions of one record: microseconds where it is a time, else the source's own number. `None`: the order in
    /// which they are read counts.
    pub version: Option<i64>,
    /// `None`: a word that stands for none; it stays as it was. In an event it is always there.
    pub status: Option<SourceStatus>,
    /// When its status changed, as the source says.
    pub status_at: Option<Timestamp>,
    /// When the source changed the record, and how that is known.
    pub changed_at: Timestamp,
    pub basis: TimeBasis,
    /// Who has it there: whom its dispatchers chose, which is not whose duty we find it to be.
    pub agency: Option<AgencyId>,
    /// How it ended there, where it did.
    pub conclusion: Conclusion,
    /// Of the mapped fields, before any rulebook, so that a change can be named.
    pub prints: Vec<Print>,
}

/// A source removed a record, of which it says nothing but the id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    pub source: SourceId,
    pub source_id: String,
    pub origin: Origin,
    /// Its status is [`SourceStatus::Deleted`], and it has no prints.
    pub snapshot: Snapshot,
}

/// A short digest of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Print {
    pub field: Field,
    pub print: u32,
}

impl Print {
    pub fn of(field: Field, value: &[u8]) -> Self {
        let [a, b, c, d, ..] = Digest::of([value]).0;
        Self {
            field,
            print: u32::from_be_bytes([a, b, c, d]),
        }
    }
}

words!(
    /// In what state the record is at its source.
    SourceStatus {
        Open = "open",
        /// 撤回
        Withdrawn = "withdrawn",
        /// Removed there.
        Deleted = "deleted",
        /// 源已闭环
        Closed = "closed",
        /// 源已重开
        Reopened = "reopened",
        /// 催办
        Urged = "urged",
    }
);

words!(
    /// Where the time of a change was taken from.
    TimeBasis {
        /// The source says when its status changed.
        StatusTime = "status_time",
        /// The version is a time.
        Version = "version",
        /// Only when it was read is known.
        Receipt = "receipt",
    }
);

words!(
    /// A field of a record that can change.
    Field {
        ReportedAt = "reported_at",
        Matter = "matter",
        Area = "area",
        Title = "title",
        Description = "description",
        Place = "place",
        Class = "class",
        Severity = "severity",
        Location = "location",
        Attributes = "attributes",
        DueAt = "due_at",
        Status = "status",
        Agency = "agency",
        /// They only add.
        Attachments = "attachments",
    }
);

words!(
    /// Source and clue do not agree, and only a person can say what follows.
    Discrepancy {
        /// 源已更正: matter, area or severity, after the dispatch.
        SourceCorrected = "source_corrected",
        /// 源已撤回、此处未结束
        SourceWithdrawn = "source_withdrawn",
        /// 源已闭环、此处未闭环
        SourceClosed = "source_closed",
        /// 源在办、此处已结束: reopened there after our window, or taken back there and then not.
        SourceReopened = "source_reopened",
        /// 源清单中缺失: two complete files in a row did not list it.
        SourceMissing = "source_missing",
    }
);

impl Snapshot {
    /// The status, and since when it is so.
    pub fn told(&self) -> Option<(SourceStatus, Option<Timestamp>)> {
        Some((self.status?, self.status_at))
    }
}

impl SourceStatus {
    /// There is something to do.
    pub const fn is_going(self) -> bool {
        matches!(self, Self::Open | Self::Reopened | Self::Urged)
    }

    /// The source took the record back.
    pub const fn is_withdrawn(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Deleted)
    }
}

/// What became of a clue here, as far as its source can say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Here {
    Open,
    Closed,
    /// Given up because its source took it back.
    Withdrawn,
    Ended,
}

/// What a source says about its record, and what people decided about that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub status: SourceStatus,
    /// When it became so, as far as the source says.
    pub status_at: Option<Timestamp>,
    /// How often the source urged (催办).
    pub urged: u32,
    /// Of matter, area and severity, what it changed after the first dispatch, and nobody has decided about that.
    pub corrected: Vec<Field>,
    /// It began anew there while the clue was closed here, and stayed closed.
    pub reopened: bool,
    /// What was decided about the status as it is now.
    pub settled: Vec<Discrepancy>,
    /// How many complete files in a row did not list it.
    pub missing: u32,
}

/// So many complete files in a row must leave a clue out before anybody is asked: one may have been cut off.
const MISSING: u32 = 2;

impl Said {
    pub fn new(status: SourceStatus, status_at: Option<Timestamp>) -> Self {
        Self {
            status,
            status_at,
            urged: u32::from(status == SourceStatus::Urged),
            corrected: Vec::new(),
            reopened: false,
            settled: Vec::new(),
            missing: 0,
        }
    }

    /// A complete file did not list it.
    pub const fn miss(&mut self) {
        self.missing = self.missing.saturating_add(1);
    }

    /// The source spoke of it again.
    pub fn hear(&mut self) {
        if self.missing > 0 {
            self.missing = 0;
            self.settled.retain(|it| *it != Discrepancy::SourceMissing);
        }
    }

    /// The source says it anew, about a clue that is `here`. A decision holds for what has not changed since.
    pub fn update(
        &mut self,
        (status, status_at): (SourceStatus, Option<Timestamp>),
        corrected: Vec<Field>,
        here: Here,
    ) {
        self.hear();
        self.corrected = corrected;
        if !self.turns(status, status_at) {
            return;
        }
        if self.status != status {
            let again = self.reopened || self.reopens(status);
            self.reopened = here == Here::Closed && status.is_going() && again;
            self.settled.clear();
        }
        self.status = status;
        self.status_at = status_at;
        let urges = u32::from(status == SourceStatus::Urged);
        self.urged = self.urged.saturating_add(urges);
    }

    /// Whether that is news: another status, or another urging, by its time.
    pub fn turns(&self, status: SourceStatus, status_at: Option<Timestamp>) -> bool {
        let later = status_at
            .zip(self.status_at)
            .is_some_and(|(new, known)| new > known);
        self.status != status || (status == SourceStatus::Urged && later)
    }

    /// Whether `status` means that it begins anew there; not every platform has a word for that.
    pub fn reopens(&self, status: SourceStatus) -> bool {
        status == SourceStatus::Reopened || (self.status == SourceStatus::Closed && status.is_going())
    }

    /// The clue is open again here, too.
    pub const fn follow(&mut self) {
        self.reopened = false;
    }

    pub fn settle(&mut self, discrepancy: Discrepancy) {
        match discrepancy {
            Discrepancy::SourceCorrected => self.corrected.clear(),
            Discrepancy::SourceReopened => self.reopened = false,
            Discrepancy::SourceWithdrawn | Discrepancy::SourceClosed | Discrepancy::SourceMissing => {}
        }
        self.settled.push(discrepancy);
    }

    /// Settles it if it stands.
    pub fn settle_standing(&mut self, discrepancy: Discrepancy, here: Here) {
        if self.discrepancies(here).contains(&discrepancy) {
            self.settle(discrepancy);
        }
    }

    /// Where any of a clue's records does not agree with what became of it.
    pub fn all_discrepancies<'a>(said: impl Iterator<Item = &'a Self>, here: Here) -> Vec<Discrepancy> {
        let mut all: Vec<_> = said.flat_map(|said| said.discrepancies(here)).collect();
        all.sort_unstable_by_key(|it| Discrepancy::ALL.iter().position(|known| known == it));
        all.dedup();
        all
    }

    /// Where it does not agree with what became of the clue, and nobody has decided about that yet.
    pub fn discrepancies(&self, here: Here) -> Vec<Discrepancy> {
        let decided = |it: &Discrepancy| *it != Discrepancy::SourceCorrected && self.settled.contains(it);
        let stands = |it: &Discrepancy| !decided(it) && self.disagrees(here, *it);
        Discrepancy::ALL.iter().copied().filter(stands).collect()
    }

    fn disagrees(&self, here: Here, about: Discrepancy) -> bool {
        match about {
            Discrepancy::SourceCorrected => !self.corrected.is_empty() && here == Here::Open,
            Discrepancy::SourceWithdrawn => self.status.is_withdrawn() && here == Here::Open,
            Discrepancy::SourceClosed => self.status == SourceStatus::Closed && here == Here::Open,
            Discrepancy::SourceReopened => match here {
                Here::Closed => self.reopened,
                Here::Withdrawn => self.status.is_going(),
                Here::Open | Here::Ended => false,
            },
            Discrepancy::SourceMissing => {
                // what it took back need not be listed
                self.missing >= MISSING && here == Here::Open && !self.status.is_withdrawn()
            }
        }
    }
}

/// The record of a clue as its source has it now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceRecord {
    /// The highest that was seen.
    pub version: Option<i64>,
    /// Of the version that was applied last.
    pub digest: Digest,
    pub said: Said,
    pub matter: Option<MatterCode>,
    pub area: Option<AreaCode>,
    pub severity: Option<Severity>,
    pub prints: Vec<Print>,
    /// Who has confirmed that the clue is to be given up; a second person must.
    pub confirmed_by: Option<Actor>,
}

impl SourceRecord {
    /// Of a clue that came in another mode: only its codes are known.
    pub(super) fn unversioned(clue: &Clue) -> Self {
        Self {
            version: None,
            digest: clue.digest,
            said: Said::new(SourceStatus::Open, None),
            matter: clue.matter.clone(),
            area: clue.area.clone(),
            severity: clue.severity.clone(),
            prints: Vec::new(),
            confirmed_by: None,
        }
    }

    /// The source removed it. Whatever it says of it later is a change, the same as before included.
    pub(super) fn delete(&mut self, version: Option<i64>, here: Here) {
        self.version = self.version.max(version);
        self.digest = Digest::ZERO;
        self.prints.retain(|print| print.field != Field::Status);
        self.confirmed_by = None;
        let corrected = std::mem::take(&mut self.said.corrected);
        self.said.update((SourceStatus::Deleted, None), corrected, here);
    }

    /// The fields in which `newer` differs.
    pub fn changed(&self, newer: &Snapshot) -> Vec<Field> {
        let of = |prints: &[Print], field| prints.iter().find(|it| it.field == field).map(|it| it.print);
        let differs = |field: &Field| of(&self.prints, *field) != of(&newer.prints, *field);
        Field::ALL.iter().copied().filter(differs).collect()
    }
}

impl Clue {
    /// Where one of its sources and the clue do not agree, and nobody has decided about it yet.
    pub fn discrepancies(&self) -> Vec<Discrepancy> {
        let first = self.source_record.as_ref().map(|record| &record.said);
        let links = self.links.iter().filter_map(|link| link.said.as_ref());
        Said::all_discrepancies(first.into_iter().chain(links), self.here())
    }

    /// Whether it is the record that speaks for the clue that does not agree: what is accepted about another one is only noted.
    pub(super) fn first_disagrees(&self, discrepancy: Discrepancy) -> bool {
        let first = self.source_record.as_ref().map(|record| &record.said);
        first.is_some_and(|said| said.discrepancies(self.here()).contains(&discrepancy))
    }

    pub(super) fn here(&self) -> Here {
        match &self.stage {
            Stage::Closed { .. } => Here::Closed,
            Stage::Voided { reason } if reason == WITHDRAWN => Here::Withdrawn,
            Stage::Voided { .. } | Stage::Rejected { .. } => Here::Ended,
            _ => Here::Open,
        }
    }
}
