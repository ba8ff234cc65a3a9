//! A clue as routing sees it: what a decision goes by, folded from the clue's events.

use jiff::tz::TimeZone;

use super::Question;
use crate::clue::{Attribute, Codes, Event, Flag, Report};
use crate::code::{AreaCode, MatterCode, Severity, SourceId};
use crate::figures::{Facts, Step};
use crate::time::Timestamp;

/// Whether the source itself said when: the time of report was neither missing nor impossible.
fn is_dated(flags: &[Flag]) -> bool {
    let stands_in = |flag: &Flag| {
        matches!(
            flag,
            Flag::ReportedAtMissing | Flag::ReportedAtUnreadable | Flag::ReportedInFuture
        )
    };
    !flags.iter().any(stands_in)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub source: SourceId,
    pub reported_at: Timestamp,
    /// Its source said so; else the time of receipt stands in.
    pub is_dated: bool,
    pub matter: Option<MatterCode>,
    pub area: Option<AreaCode>,
    pub severity: Option<Severity>,
    pub attributes: Vec<Attribute>,
}

impl Subject {
    pub fn of(report: &Report) -> Self {
        Self {
            source: report.source.clone(),
            reported_at: report.reported_at,
            is_dated: is_dated(&report.flags),
            matter: report.matter.clone(),
            area: report.area.clone(),
            severity: report.severity.clone(),
            attributes: report.attributes.clone(),
        }
    }

    /// As it is now; of what was assigned, as it was then.
    pub fn of_facts(facts: &Facts) -> Self {
        Self::until(facts, |step| matches!(step, Step::Assigned { .. }))
    }

    /// As it was when routing, or a person in its place, first answered: by an agency or by triage.
    pub fn when_answered(facts: &Facts) -> Self {
        let is_answer = |step: &Step| matches!(step, Step::Assigned { .. } | Step::HeldForTriage);
        let mut subject = Self::until(facts, is_answer);
        if let Some(held) = &facts.held_attributes {
            subject.attributes.clone_from(held);
        }
        subject
    }

    fn until(facts: &Facts, is_end: impl Fn(&Step) -> bool) -> Self {
        let mut subject = Self {
            source: facts.source.clone(),
            reported_at: facts.reported_at,
            is_dated: is_dated(&facts.flags),
            matter: facts.matter.clone(),
            area: facts.area.clone(),
            severity: facts.severity.clone(),
            attributes: facts.attributes.clone(),
        };
        for mark in &facts.history {
            match &mark.step {
                Step::Corrected(codes) | Step::Recoded(codes) => subject.correct(codes),
                step if is_end(step) => break,
                _ => {}
            }
        }
        subject
    }

    fn correct(&mut self, codes: &Codes) {
        self.matter = codes.matter_after(self.matter.as_ref()).cloned();
        self.area = codes.area_after(self.area.as_ref()).cloned();
        self.severity = codes.severity_after(self.severity.as_ref()).cloned();
    }

    /// What an event after the report changes.
    pub fn follow(&mut self, event: &Event) {
        if let Some(codes) = event.codes() {
            self.correct(codes);
        }
        if let Event::SourceUpdated { report, .. } = event {
            self.attributes.clone_from(&report.attributes);
        }
    }

    /// As it was when routing was asked last before the end of `events`, the first of which is the report. What changed since then
    /// was not seen by whoever answered. `None`: it was never asked.
    pub fn when_asked<'e>(events: impl IntoIterator<Item = &'e Event>) -> Option<Self> {
        let (mut subject, mut asked) = (None::<Self>, None);
        for event in events {
            match (event, &mut subject) {
                (Event::ClueReported { report, .. }, _) => subject = Some(Self::of(report)),
                (event, Some(subject)) => subject.follow(event),
                (_, None) => {}
            }
            if matches!(
                event,
                Event::ClueAdmitted
                    | Event::ClueCorrected(_)
                    | Event::ClueReopened { .. }
                    | Event::ClueOffered { .. }
            ) {
                asked.clone_from(&subject);
            }
        }
        // history that was recorded is assigned without anybody being asked
        asked.or(subject)
    }

    /// What is asked of a rulebook of this zone.
    pub fn question(&self, zone: &TimeZone) -> Question<'_> {
        Question {
            matter: self.matter.as_ref(),
            area: self.area.as_ref(),
            reported_at: zone.to_datetime(self.reported_at.to_jiff()),
            is_dated: self.is_dated,
            severity: self.severity.as_ref(),
            source: Some(&self.source),
            attributes: &self.attributes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clue::{Snapshot, testing};

    #[test]
    fn what_changed_after_routing_was_asked_was_not_seen() {
        let report = testing::report();
        let attribute = |value: &str| {
            vec![Attribute {
                name: "place_kind".to_owned(),
                value: value.to_owned(),
            }]
        };
        let updated = |value: &str| Event::SourceUpdated {
            report: Report {
                attributes: attribute(value),
                snapshot: None::<Snapshot>,
                ..report.clone()
            },
            changed: Vec::new(),
            same_version: false,
            corrected: Vec::new(),
        };
        let area = Some(testing::area("330602"));
        let events = [
            Event::ClueReported {
                number: String::new(),
                report: report.clone(),
            },
            updated("street"),
            Event::ClueCorrected(Codes {
                area: area.clone(),
                ..Codes::default()
            }),
            updated("residential"),
        ];
        let asked = Subject::when_asked(&events).expect("a subject");
        assert_eq!((asked.area, asked.attributes), (area, attribute("street")));
        let recorded = Subject::when_asked(&events[..2]).expect("a subject");
        assert_eq!(recorded.attributes, attribute("street"));
        assert_eq!(Subject::when_asked(&events[1..]), None);
    }
}
