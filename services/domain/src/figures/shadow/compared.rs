//! What rules and people said about one clue, and when; folded from its events.

use serde::Serialize;

use super::Rule;
use crate::clue::{Event, Field, History, Occurrence, Report, Snapshot, SourceStatus, TimeBasis};
use crate::code::{AgencyId, AreaCode, MatterCode};
use crate::dispute::Interim;
use crate::id::ClueId;
use crate::time::Timestamp;

/// What rules and people said about one clue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    pub(super) clue: ClueId,
    pub(super) reported_at: Timestamp,
    /// When the record was here: the rules could not decide sooner.
    received_at: Timestamp,
    codes: Codes,
    /// What the source called matter and area last, where that led to no code.
    words: (Option<String>, Option<String>),
    /// The newest decision of the rules.
    pub(super) rules: Option<Decided>,
    pub(super) people: Option<Named>,
    /// Who has it by our journal.
    here: Option<AgencyId>,
    /// Ours where the clue was dispatched, else when the source wants it done.
    pub(super) deadline: Option<Timestamp>,
    pub(super) ended: Option<Ended>,
}

/// What routing goes by.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Codes {
    pub matter: Option<MatterCode>,
    pub area: Option<AreaCode>,
    /// What the source calls them, where that leads to no code: then the mapping or the crosswalk is what would have to change.
    pub source_matter: Option<String>,
    pub source_area: Option<String>,
}

/// A decision of the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decided {
    pub(super) rule: Rule,
    pub(super) codes: Codes,
    /// Microseconds after the record was here.
    pub(super) after: i64,
    pub(super) at: Timestamp,
}

/// Whom the source named first, and whom last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) first: AgencyId,
    pub(super) last: AgencyId,
    /// When it named the first; `None`: it had done so before the record was read, and does not say when.
    pub(super) at: Option<Timestamp>,
}

/// How it ended at the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Closed(Timestamp),
    TakenBack,
}

impl Codes {
    fn of(report: &Report) -> Self {
        let mut codes = Self {
            source_matter: report.source_matter.clone(),
            source_area: report.source_area.clone(),
            ..Self::default()
        };
        codes.correct(report.matter.as_ref(), report.area.as_ref());
        codes
    }

    /// A name stands only where there is no code.
    fn correct(&mut self, matter: Option<&MatterCode>, area: Option<&AreaCode>) {
        if let Some(matter) = matter {
            (self.matter, self.source_matter) = (Some(matter.clone()), None);
        }
        if let Some(area) = area {
            (self.area, self.source_area) = (Some(area.clone()), None);
        }
    }

    /// The source has a word now that leads nowhere.
    fn clear(&mut self, fields: &[Field], (matter, area): &(Option<String>, Option<String>)) {
        if fields.contains(&Field::Matter) {
            (self.matter, self.source_matter) = (None, matter.clone());
        }
        if fields.contains(&Field::Area) {
            (self.area, self.source_area) = (None, area.clone());
        }
    }
}

impl Compared {
    /// Folds an event in; `None` until the clue was reported.
    pub fn fold(compared: &mut Option<Self>, occurrence: &Occurrence) {
        if let (None, Event::ClueReported { report, .. }) = (&compared, &occurrence.event) {
            *compared = Some(Self {
                clue: occurrence.clue,
                reported_at: occurrence.at,
                received_at: occurrence.received_at,
                codes: Codes::of(report),
                words: (None, None),
                rules: None,
                people: None,
                here: None,
                deadline: report.source_due_at,
                ended: None,
            });
        }
        if let Some(compared) = compared {
            compared.apply(occurrence);
        }
    }

    fn apply(&mut self, occurrence: &Occurrence) {
        let received_at = occurrence.received_at;
        if let Some(codes) = occurrence.event.codes() {
            self.codes.correct(codes.matter.as_ref(), codes.area.as_ref());
            self.codes.clear(&codes.cleared, &self.words);
        }
        match &occurrence.event {
            Event::ClueReported { report, .. } => self.read(report, None),
            Event::SourceUpdated { report, .. } => self.read(report, Some(received_at)),
            Event::ReportRepeated {
                history: Some(history),
                ..
            } => self.became(history, Some(received_at)),
            Event::SourceDeleted(_) => self.ended = Some(Ended::TakenBack),
            Event::ClueHeldForTriage { decision } => {
                let rule = Rule::of(decision, None);
                self.decided(rule, received_at);
            }
            Event::ClueAssigned {
                assignment,
                decision,
                deadline,
                recorded,
            } => {
                self.here = Some(assignment.agency.clone());
                self.deadline = deadline.or(self.deadline);
                if !recorded && decision.row.is_some() {
                    let rule = Rule::of(decision, Some(&assignment.agency));
                    self.decided(rule, received_at);
                }
            }
            Event::ClueTransferred { to, recorded, .. } => {
                self.here = Some(to.clone());
                if *recorded {
                    self.named(Some(to), None);
                }
            }
            Event::ClueDisputed { interim, .. } | Event::ClueHeldForDispute { interim, .. } => {
                self.here = match interim {
                    Interim::Agency(agency) => Some(agency.clone()),
                    Interim::Coordinator => None,
                };
            }
            Event::ClueDesignated { assignment, .. } => self.here = Some(assignment.agency.clone()),
            Event::ClueClosed { recorded: true, .. } => self.closed_there(occurrence.at),
            _ => {}
        }
    }

    /// A version of the record. `learned`: when it was read, unless it is the first.
    fn read(&mut self, report: &Report, learned: Option<Timestamp>) {
        self.deadline = report.source_due_at.or(self.deadline);
        self.words = (report.source_matter.clone(), report.source_area.clone());
        if let Some(snapshot) = &report.snapshot {
            let is_dated = snapshot.basis != TimeBasis::Receipt;
            let at = is_dated.then_some(snapshot.changed_at).or(learned);
            self.named(snapshot.agency.as_ref(), at);
            self.stands(snapshot);
        }
        if let Some(history) = &report.history {
            self.became(history, learned);
        }
    }

    fn stands(&mut self, snapshot: &Snapshot) {
        match snapshot.status {
            Some(SourceStatus::Closed) => {
                let known = match self.ended {
                    Some(Ended::Closed(at)) => Some(at),
                    _ => None,
                };
                // that the record changed again afterwards does not close it later
                let at = snapshot.status_at.or(known).unwrap_or(snapshot.changed_at);
                self.ended = Some(Ended::Closed(at));
            }
            Some(SourceStatus::Withdrawn | SourceStatus::Deleted) => self.ended = Some(Ended::TakenBack),
            Some(SourceStatus::Open | SourceStatus::Reopened | SourceStatus::Urged) => self.ended = None,
            None => {}
        }
    }

    fn became(&mut self, history: &History, learned: Option<Timestamp>) {
        self.named(history.agency.as_ref(), learned);
        if let Some(at) = history.closed_at {
            self.ended = Some(Ended::Closed(at));
        }
    }

    /// A record that tells of the closing names the agency that has it here, or a transfer would stand before.
    fn closed_there(&mut self, at: Timestamp) {
        self.ended = Some(Ended::Closed(at));
        if self.people.is_some() {
            let here = self.here.clone();
            self.named(here.as_ref(), None);
        }
    }

    fn decided(&mut self, rule: Rule, at: Timestamp) {
        self.rules = Some(Decided {
            rule,
            codes: self.codes.clone(),
            after: at.since(self.received_at).max(0),
            at,
        });
    }

    pub(super) fn named(&mut self, agency: Option<&AgencyId>, at: Option<Timestamp>) {
        let Some(agency) = agency else { return };
        match &mut self.people {
            Some(named) => named.last = agency.clone(),
            None => {
                self.people = Some(Named {
                    first: agency.clone(),
                    last: agency.clone(),
                    at,
                });
            }
        }
    }

    pub const fn reported_at(&self) -> Timestamp {
        self.reported_at
    }
}
