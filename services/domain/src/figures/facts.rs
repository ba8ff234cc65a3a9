//! What figures need of one clue: its identity, and every step of its life with its time and without its texts.

use serde::{Deserialize, Serialize};

use super::{Mark, Step};
use crate::clue::{Attribute, Class, Event, Flag, Occurrence, Repeat, Report, Snapshot, SourceStatus};
use crate::code::{AreaCode, MatterCode, RulebookVersion, Severity, SourceId};
use crate::id::ClueId;
use crate::time::Timestamp;

/// One clue as figures see it. Complete: where the clue stood at any moment follows from it ([`Facts::at`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub clue: ClueId,
    /// Version of the clue up to which its events are folded in.
    pub version: u32,
    /// The number shown to people.
    pub number: String,
    /// With `source_id` the record that was read first.
    pub source: SourceId,
    pub source_id: String,
    /// Other records that stand for the clue.
    pub links: Vec<Linked>,
    pub class: Class,
    /// Effective time of the report: from then on the clue counts.
    pub reported_at: Timestamp,
    /// As reported; a correction is a step of the history.
    pub matter: Option<MatterCode>,
    pub area: Option<AreaCode>,
    pub severity: Option<Severity>,
    /// What predicates of duties read; as it was when the clue was first assigned, if it was.
    pub attributes: Vec<Attribute>,
    /// As they were when it was first held for triage, where they changed before somebody assigned it.
    pub held_attributes: Option<Vec<Attribute>>,
    /// What the source called them, where that led to no code: the clue is counted under this name.
    pub source_matter: Option<String>,
    pub source_area: Option<String>,
    pub source_due_at: Option<Timestamp>,
    pub flags: Vec<Flag>,
    /// What its source said first, where it sends the whole record again at every change.
    pub source_status: Option<(SourceStatus, Option<Timestamp>)>,
    /// What happened after the report, in order; times never decrease.
    pub history: Vec<Mark>,
}

/// A record that stands for a clue beside the first, as its platform has it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    pub source: SourceId,
    pub source_id: String,
    /// Where its platform sends the whole record again at every change.
    pub status: Option<SourceStatus>,
}

impl Facts {
    /// Folds one event into what is known of its clue. Total, and a repeat of an event changes nothing.
    pub fn fold(facts: &mut Option<Self>, occurrence: &Occurrence) {
        match (facts.as_mut(), &occurrence.event) {
            (None, Event::ClueReported { number, report }) => {
                *facts = Some(Self::reported(occurrence, number, report));
            }
            (None, _) => {}
            (Some(facts), _) => facts.apply(occurrence),
        }
    }

    fn reported(occurrence: &Occurrence, number: &str, report: &Report) -> Self {
        Self {
            clue: occurrence.clue,
            version: occurrence.version,
            number: number.to_owned(),
            source: report.source.clone(),
            source_id: report.source_id.clone(),
            links: Vec::new(),
            class: report.class,
            reported_at: occurrence.at,
            matter: report.matter.clone(),
            area: report.area.clone(),
            severity: report.severity.clone(),
            attributes: report.attributes.clone(),
            held_attributes: None,
            source_matter: report.source_matter.clone(),
            source_area: report.source_area.clone(),
            source_due_at: report.source_due_at,
            flags: report.flags.clone(),
            source_status: report.snapshot.as_ref().and_then(Snapshot::told),
            history: Mark::of_clocks(occurrence).into_iter().collect(),
        }
    }

    /// The rows of rulebooks (version, line) that dispatched it, in order, each with when.
    pub fn rules(&self) -> impl Iterator<Item = (Timestamp, &(RulebookVersion, u32))> {
        self.history.iter().filter_map(|mark| match &mark.step {
            Step::Assigned { rule: Some(rule), .. } => Some((mark.at, rule)),
            _ => None,
        })
    }

    /// Adds an event of this clue. One that is in already is left out.
    pub fn apply(&mut self, occurrence: &Occurrence) {
        if occurrence.version <= self.version {
            return;
        }
        self.version = occurrence.version;
        self.link(&occurrence.event);
        if let Event::SourceUpdated { report, .. } = &occurrence.event
            && !self.was(|step| matches!(step, Step::Assigned { .. }))
            && self.attributes != report.attributes
        {
            let before = std::mem::replace(&mut self.attributes, report.attributes.clone());
            if self.was(|step| *step == Step::HeldForTriage) {
                self.held_attributes.get_or_insert(before);
            }
        }
        let repeats = matches!(
            occurrence.event,
            Event::ReportRepeated { .. } | Event::LinkRepeated { .. }
        );
        let heard = repeats && self.is_missing();
        if let Some(step) = Step::of(&occurrence.event).or(heard.then_some(Step::SourceHeard)) {
            self.history.push(Mark {
                at: occurrence.at,
                step,
            });
        }
        self.history.extend(Mark::of_clocks(occurrence));
    }

    /// What other records say changes nothing that is counted.
    fn link(&mut self, event: &Event) {
        match event {
            Event::ClueLinked { report } => {
                let linked = Linked {
                    source: report.source.clone(),
                    source_id: report.source_id.clone(),
                    status: report.snapshot.as_ref().and_then(|snapshot| snapshot.status),
                };
                match self.linked(&report.source, &report.source_id) {
                    Some(known) => *known = linked,
                    None => self.links.push(linked),
                }
            }
            Event::LinkRepeated {
                source,
                source_id,
                repeat: Repeat::Updated,
                ..
            } => {
                if let Some(known) = self.linked(source, source_id) {
                    known.status = Some(SourceStatus::Deleted);
                }
            }
            _ => {}
        }
    }

    fn linked(&mut self, source: &SourceId, id: &str) -> Option<&mut Linked> {
        let mut links = self.links.iter_mut();
        links.find(|it| it.source == *source && it.source_id == id)
    }

    /// Its records that are not found by the clue's id and first source: (source, id there).
    pub fn other_names(&self) -> impl Iterator<Item = (&SourceId, &str)> {
        let first = std::iter::once((&self.source, &*self.source_id));
        let first = first.filter(|(source, id)| ClueId::derive(source, id) != self.clue);
        let links = self.links.iter().map(|it| (&it.source, &*it.source_id));
        first.chain(links)
    }

    /// Nothing was heard of it since a complete file did not list it.
    fn is_missing(&self) -> bool {
        let speaks = |step: &Step| match step {
            Step::SourceMissing => Some(true),
            Step::SourceUpdated { .. } | Step::SourceDeleted | Step::SourceHeard | Step::Linked { .. } => {
                Some(false)
            }
            _ => None,
        };
        let newest = self.history.iter().rev().find_map(|mark| speaks(&mark.step));
        newest.unwrap_or(false)
    }

    /// Whether an agency was ever asked to assist.
    pub fn has_tasks(&self) -> bool {
        self.was(|step| matches!(step, Step::Assisting(_)))
    }

    fn was(&self, is: impl Fn(&Step) -> bool) -> bool {
        self.history.iter().any(|mark| is(&mark.step))
    }

    /// When the newest step happened.
    pub fn last_at(&self) -> Timestamp {
        self.history.last().map_or(self.reported_at, |mark| mark.at)
    }
}
