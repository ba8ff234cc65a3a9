//! The source no longer has the record: it says so, with nothing but the id, or a file that lists everything leaves it out. Neither
//! changes anything else of the clue; what is not listed is not even gone.

use super::super::{Clue, Deletion, Event, Repeat, SourceStatus};
use super::asked::{Asked, wrong_stage};
use super::{Answer, Step, one, source};
use crate::digest::Digest;

/// A record that is known was removed. What follows is what follows from any record that its source took back.
pub(super) fn deleted(clue: &Clue, asked: &Asked<'_>, deletion: &Deletion) -> Vec<Step> {
    let version = deletion.snapshot.version;
    if let Some(last) = &clue.source_record {
        let repeated = |repeat| {
            one(Event::ReportRepeated {
                repeat,
                digest: last.digest,
                history: None,
                log: None,
                version,
            })
        };
        if last.said.status == SourceStatus::Deleted {
            return repeated(Repeat::Unchanged);
        }
        if version.zip(last.version).is_some_and(|(new, known)| new < known) {
            return repeated(Repeat::Stale);
        }
    }
    let mut at = deletion.snapshot.changed_at.min(asked.envelope.received_at);
    if clue.pending_history.is_some() {
        // it still lives in the history that waits
        at = asked.at;
    }
    let mut steps = vec![Step::recorded(at, Event::SourceDeleted(deletion.clone()))];
    steps.extend(source::news(clue, asked, SourceStatus::Deleted, at));
    steps
}

/// That a clue is over is reason enough for its source to list it no longer.
pub(super) fn missing(clue: &Clue, file: Digest) -> Answer {
    if clue.is_open() {
        Ok(one(Event::SourceMissing { file }))
    } else {
        Err(wrong_stage(clue))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        COUNTY, Case, Outcome, assign, coordinator, deletion, of, report, resolve, role, snapshot,
    };
    use super::super::super::{Command, Discrepancy, Field, Role, SourceStatus as S};
    use super::*;

    fn missing(file: &str) -> Command {
        let file = Digest::of([file.as_bytes()]);
        Command::NoteMissing { file }
    }

    fn says(case: &mut Case, command: Command) -> Outcome {
        case.when(role(Role::Source), command)
    }

    fn reported() -> Case {
        Case::new().given(role(Role::Source), snapshot(3, S::Open, |_| {}))
    }

    fn dispatched() -> Case {
        reported().given(role(Role::Routing), assign(COUNTY))
    }

    #[test]
    fn what_was_never_reported_makes_no_clue() {
        let mut case = Case::new();
        assert_eq!(says(&mut case, deletion(None)).events(), ["UnknownDeleted"]);
        assert_eq!(case.state.clue, None);
        let first = says(&mut case, snapshot(1, S::Open, |_| {}));
        assert_eq!(first.events(), ["ClueReported", "ClueAdmitted"]);
        assert_eq!(
            first.0[0].at,
            report().reported_at,
            "the deletion does not date the report"
        );
        assert_eq!(
            Case::new().refusal(role(Role::Source), missing("a")),
            "clue_unknown"
        );
    }

    #[test]
    fn an_older_version_of_what_was_removed_comes_late() {
        let late = |version, status| {
            let mut case = Case::new();
            says(&mut case, deletion(Some(5)));
            let outcome = says(&mut case, snapshot(version, status, |_| {}));
            (outcome, case)
        };
        for (version, status, events, stage) in [
            (
                4,
                S::Open,
                &["ClueReported", "SourceDeleted", "ClueVoided"][..],
                "voided",
            ),
            (
                4,
                S::Closed,
                &["ClueReported", "SourceDeleted", "ClueClosed"],
                "closed",
            ),
            (6, S::Open, &["ClueReported", "ClueAdmitted"], "admitted"),
        ] {
            let (outcome, mut case) = late(version, status);
            assert_eq!(outcome.events(), events);
            assert_eq!((case.stage(), &case.state.removed), (stage, &None));
            assert_eq!(case.clue().discrepancies(), []);
            let again = says(&mut case, snapshot(7, S::Reopened, |_| {}));
            assert_eq!(again.events()[0], "SourceUpdated", "it is there again");
        }
    }

    #[test]
    fn of_what_was_removed_before_it_was_reported_the_newest_counts() {
        for late in [Some(3), None] {
            let mut case = Case::new();
            says(&mut case, deletion(Some(5)));
            assert_eq!(says(&mut case, deletion(late)).events(), ["UnknownDeleted"]);
            says(&mut case, snapshot(4, S::Open, |_| {}));
            assert_eq!(case.stage(), "voided", "{late:?}");
        }
    }

    #[test]
    fn a_deletion_changes_nothing_but_what_the_source_says() {
        let mut case = dispatched();
        let before = case.clue().clone();
        assert_eq!(says(&mut case, deletion(None)).events(), ["SourceDeleted"]);
        let (mut after, stage) = (case.clue().clone(), case.stage());
        assert_eq!(stage, "dispatched");
        assert_eq!(after.discrepancies(), [Discrepancy::SourceWithdrawn]);
        after.source_record.clone_from(&before.source_record);
        assert_eq!(after, before);
        assert_eq!(says(&mut case, deletion(None)).events(), ["ReportRepeated"]);
    }

    #[test]
    fn nobody_has_it_so_it_is_voided_and_sent_again_it_lives() {
        let mut case = reported();
        let gone = says(&mut case, deletion(Some(4)));
        assert_eq!(gone.events(), ["SourceDeleted", "ClueVoided"]);
        // the same content as before it was removed is news
        let back = says(&mut case, snapshot(5, S::Open, |_| {}));
        assert_eq!(back.events(), ["SourceUpdated", "ClueReopened"]);
        let Event::SourceUpdated { changed, .. } = &back.0[0].event else {
            panic!("{back:?}");
        };
        assert_eq!(changed, &[Field::Status]);
    }

    #[test]
    fn an_older_deletion_is_stale() {
        let mut case = dispatched();
        let outcome = says(&mut case, deletion(Some(2)));
        assert!(matches!(
            outcome.0[0].event,
            Event::ReportRepeated {
                repeat: Repeat::Stale,
                version: Some(2),
                ..
            }
        ));
        assert_eq!(case.clue().discrepancies(), []);
    }

    #[test]
    fn a_clue_of_another_mode_can_be_deleted_too() {
        let mut case = Case::admitted();
        assert_eq!(
            says(&mut case, deletion(None)).events(),
            ["SourceDeleted", "ClueVoided"]
        );
    }

    #[test]
    fn only_the_second_complete_file_in_a_row_raises_a_question() {
        let mut case = dispatched();
        assert_eq!(says(&mut case, missing("1")).events(), ["SourceMissing"]);
        assert_eq!(case.clue().discrepancies(), [], "once proves nothing");
        // a repeat of what is known shows that the source has it
        assert_eq!(
            says(&mut case, snapshot(3, S::Open, |_| {})).events(),
            ["ReportRepeated"]
        );
        assert_eq!(says(&mut case, missing("2")).events(), ["SourceMissing"]);
        assert_eq!(case.clue().discrepancies(), []);
        assert_eq!(says(&mut case, missing("3")).events(), ["SourceMissing"]);
        assert_eq!(case.clue().discrepancies(), [Discrepancy::SourceMissing]);
        assert_eq!(
            (case.stage(), case.holder()),
            ("dispatched", Some(COUNTY)),
            "never void"
        );
        says(&mut case, snapshot(4, S::Open, |it| it.area = None));
        assert_eq!(case.clue().discrepancies(), [], "it is back");
    }

    #[test]
    fn what_was_taken_back_need_not_be_listed() {
        let mut case = dispatched();
        says(&mut case, deletion(None));
        for file in ["1", "2", "3"] {
            says(&mut case, missing(file));
        }
        assert_eq!(case.clue().discrepancies(), [Discrepancy::SourceWithdrawn]);
    }

    #[test]
    fn what_was_settled_stays_so_until_the_source_speaks_again() {
        let settle = Command::SettleDiscrepancy {
            discrepancy: Discrepancy::SourceMissing,
            accept: false,
        };
        let mut case = dispatched();
        for file in ["1", "2"] {
            says(&mut case, missing(file));
        }
        assert_eq!(case.refusal(coordinator(), settle), "");
        says(&mut case, missing("3"));
        assert_eq!(case.clue().discrepancies(), []);
        says(&mut case, snapshot(3, S::Open, |_| {}));
        for file in ["4", "5"] {
            says(&mut case, missing(file));
        }
        assert_eq!(case.clue().discrepancies(), [Discrepancy::SourceMissing]);
    }

    #[test]
    fn what_is_over_need_not_be_listed() {
        let mut case = dispatched()
            .with(|policy| {
                let needs = policy.verification.entry("grid".to_owned()).or_default();
                (needs.check, needs.call_back, needs.auto_close) = (false, false, true);
            })
            .given(of(COUNTY), resolve());
        assert_eq!(case.stage(), "closed");
        assert_eq!(case.refusal(role(Role::Source), missing("1")), "wrong_stage");
    }
}
