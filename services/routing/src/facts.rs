//! What a decision needs of a clue, folded from its events.

use std::collections::HashMap;

use bihuan_domain::clue::{Event, Report};
use bihuan_domain::dispute::Interim;
use bihuan_domain::id::ClueId;
use bihuan_domain::routing::Subject;

#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) subject: Subject,
    /// Somebody has it, its own history says who had it, or its source's log will: nothing to decide.
    pub(crate) settled: bool,
    /// An agency has it; a reopened clue goes back there.
    assigned: bool,
}

impl Facts {
    pub(crate) fn of(report: &Report) -> Self {
        Self {
            subject: Subject::of(report),
            settled: report.log.is_some()
                || report
                    .history
                    .as_ref()
                    .is_some_and(|past| !past.route && (past.agency.is_some() || past.closed_at.is_some())),
            assigned: false,
        }
    }

    /// What an event after the report changes.
    pub(crate) fn follow(&mut self, event: &Event) {
        self.subject.follow(event);
        match event {
            Event::ClueCorrected(_) => self.settled = false,
            Event::ClueAssigned { .. }
            | Event::ClueTransferred { .. }
            | Event::ClueDesignated { .. }
            | Event::ClueDisputed {
                interim: Interim::Agency(_),
                ..
            }
            | Event::ClueHeldForDispute {
                interim: Interim::Agency(_),
                ..
            } => self.assigned = true,
            Event::ClueHeldForTriage { .. }
            | Event::ClueHeldForCoordination { .. }
            | Event::ClueDisputed { .. }
            | Event::ClueHeldForDispute { .. }
            | Event::ClueVoided { .. } => self.assigned = false,
            Event::ClueReopened { recorded } => self.settled = *recorded || self.assigned,
            _ => {}
        }
    }
}

/// The reports of a batch. Most clues are admitted by the command that reports them: then the two events are neighbours, and nothing
/// has to be looked up.
#[derive(Default)]
pub(crate) struct Reported(HashMap<ClueId, (u32, Facts)>);

impl Reported {
    pub(crate) fn add(&mut self, clue: ClueId, version: u32, report: &Report) {
        self.0.insert(clue, (version, Facts::of(report)));
    }

    /// Of a clue that is admitted at `version`; `None`: something happened to it since its report that was not seen here.
    pub(crate) fn admitted(&mut self, clue: ClueId, version: u32) -> Option<Facts> {
        let (reported, facts) = self.0.remove(&clue)?;
        (version == reported + 1).then_some(facts)
    }
}

#[cfg(test)]
mod tests {
    use bihuan_domain::clue::{Class, History, LogRow, Origin, RoutingDecision};
    use bihuan_domain::clue::{Codes, Conclusion};
    use bihuan_domain::code::{RulebookVersion, SourceId};
    use bihuan_domain::digest::Digest;
    use bihuan_domain::id::RecordId;
    use bihuan_domain::time::Timestamp;

    use super::*;

    fn report(history: Option<History>) -> Report {
        let source = SourceId::new("grid").expect("valid");
        Report {
            source,
            source_id: "1".to_owned(),
            origin: Origin {
                record: RecordId::of_file("f", 0),
                topic: String::new(),
                partition: 0,
                offset: 0,
                line: None,
            },
            class: Class::Ordinary,
            reported_at: Timestamp::EPOCH,
            matter: None,
            area: None,
            severity: None,
            source_matter: None,
            source_area: None,
            location: None,
            attributes: Vec::new(),
            attachments: Vec::new(),
            source_due_at: None,
            flags: Vec::new(),
            digest: Digest::ZERO,
            history,
            snapshot: None,
            log: None,
        }
    }

    #[test]
    fn a_report_counts_only_for_the_admission_that_follows_it_at_once() {
        let clue = ClueId::derive(&SourceId::new("grid").expect("valid"), "1");
        for (version, found) in [(4, true), (5, false)] {
            let mut reported = Reported::default();
            reported.add(clue, 3, &report(None));
            assert_eq!(reported.admitted(clue, version).is_some(), found, "{version}");
            assert!(reported.admitted(clue, version).is_none(), "once");
        }
    }

    #[test]
    fn a_clue_that_its_sources_log_tells_of_is_never_routed() {
        let mut report = report(None);
        report.log = Some(LogRow {
            at: Timestamp::EPOCH,
            agency: None,
            step: None,
        });
        let mut facts = Facts::of(&report);
        assert!(facts.settled, "the log will say who has it");
        facts.follow(&Event::ClueReopened { recorded: true });
        assert!(facts.settled);
        facts.follow(&Event::ClueReopened { recorded: false });
        assert!(!facts.settled, "a person has begun it anew, and nobody has it");
    }

    #[test]
    fn what_is_settled_is_not_decided_again_until_it_is_open_to_it() {
        let past = History {
            agency: "county".parse().ok(),
            closed_at: None,
            conclusion: Conclusion::Unstated,
            route: false,
        };
        let mut facts = Facts::of(&report(Some(past)));
        assert!(facts.settled);
        facts.follow(&Event::ClueCorrected(Codes::default()));
        assert!(!facts.settled);
        let held = Event::ClueHeldForTriage {
            decision: RoutingDecision {
                rulebook: RulebookVersion::none(),
                row: None,
                reason: "tie".to_owned(),
            },
        };
        let moved = Event::ClueTransferred {
            from: None,
            to: "county".parse().expect("valid"),
            basis: None,
            recorded: false,
        };
        for (events, settled) in [
            (vec![&held], false),
            (vec![&held, &moved], true),
            (vec![&moved, &held], false),
        ] {
            let mut facts = Facts::of(&report(None));
            events
                .into_iter()
                .chain([&Event::ClueReopened { recorded: false }])
                .for_each(|event| facts.follow(event));
            assert_eq!(
                facts.settled, settled,
                "a reopened clue goes back to whoever had it"
            );
        }
    }
}
