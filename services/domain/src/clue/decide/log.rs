//! A source hands over its log, row by row (mode `log`). What a row says that is not so here becomes events that say `recorded`, at
//! the time of the row; nothing is added to what the log says.

use super::super::{Clue, Conclusion, Event, LogRow, LogStep, Progress, Repeat, Report, Stage};
use super::asked::Asked;
use super::{Answer, Code, Rejection, Step, history};
use crate::code::AgencyId;

/// Where a clue stands while its rows are told.
#[derive(Clone, Copy, Default)]
struct Standing<'a> {
    by: Option<&'a AgencyId>,
    /// How far whoever has it is; `None`: nobody has it in hand.
    progress: Option<Progress>,
    /// How it ended, if it is over.
    closed: Option<Conclusion>,
}

/// What the first row says besides that there is such a clue.
pub(super) fn first(asked: &Asked<'_>, row: &LogRow) -> Vec<Step> {
    told(asked, Standing::default(), row)
}

/// A further row. One that was read before is a repeat, and so is one that says nothing new. Time must not run backwards, or
/// hand-overs would be counted that nobody made.
pub(super) fn again(clue: &Clue, asked: &Asked<'_>, report: &Report, row: &LogRow) -> Answer {
    let repeated = |repeat| Event::ReportRepeated {
        repeat,
        digest: report.digest,
        history: None,
        version: None,
        log: Some(row.clone()),
    };
    if clue.knows_row(report.digest) {
        return Ok(vec![repeated(Repeat::Unchanged).into()]);
    }
    let is_over = matches!(clue.stage, Stage::Rejected { .. } | Stage::Voided { .. });
    if !clue.is_logged() || is_over {
        return Ok(vec![repeated(Repeat::Stale).into()]);
    }
    if row.at < asked.at {
        return Err(Rejection::of_field(Code::LogBackwards, "at"));
    }
    let changes = told(asked, Standing::of(clue), row);
    let repeat = if changes.is_empty() {
        Repeat::Unchanged
    } else {
        Repeat::Updated
    };
    let mut steps = vec![Step::recorded(row.at, repeated(repeat))];
    steps.extend(changes);
    Ok(steps)
}

/// What a row changes: it begins anew, somebody else has it, a step was taken, it is done.
fn told(asked: &Asked<'_>, mut clue: Standing<'_>, row: &LogRow) -> Vec<Step> {
    let mut events = Vec::new();
    let completed = row.step.is_some_and(LogStep::is_completion);
    if clue.closed.is_some() && row.step.is_some() && !completed {
        events.push(Event::ClueReopened { recorded: true });
        clue.closed = None;
        clue.progress = clue.by.map(|_| Progress::Handling);
    }
    if let Some(agency) = row.agency.as_ref().filter(|agency| clue.by != Some(*agency)) {
        events.push(match clue.by {
            Some(by) => history::transferred(by, agency),
            None => history::assigned(asked, agency),
        });
        // what is over stays so, whoever is noted for it
        events.extend(clue.closed.map(history::ended));
        clue.progress = Some(Progress::Dispatched);
    }
    events.extend(step(&clue, row.step));
    let recorded = |event| Step::recorded(row.at, event);
    events.into_iter().map(recorded).collect()
}

/// The step, where the clue has not got so far yet.
fn step(clue: &Standing<'_>, step: Option<LogStep>) -> Option<Event> {
    use Progress as P;
    match (step?, clue.progress) {
        (LogStep::Acknowledged, Some(P::Dispatched)) => Some(Event::ClueAcknowledged),
        (LogStep::Handling, Some(P::Dispatched | P::Acknowledged)) => Some(Event::HandlingStarted),
        (LogStep::Resolved | LogStep::Closed, _) => clue
            .closed
            .is_none()
            .then(|| history::ended(Conclusion::Unstated)),
        (LogStep::Acknowledged | LogStep::Handling | LogStep::Dispatched | LogStep::Waiting, _) => None,
    }
}

impl<'a> Standing<'a> {
    fn of(clue: &'a Clue) -> Self {
        let (progress, closed) = match &clue.stage {
            Stage::Held { progress, .. } => (Some(*progress), None),
            Stage::Closed { resolution, .. } => (None, Some(resolution.conclusion)),
            _ => (None, None),
        };
        Self {
            by: clue.assignment().map(|by| &by.agency),
            progress,
            closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        COUNTY, COUNTY_WATER, Case, LIMITS, Outcome, TOWN, agency, calendar, coordinator, limits, monday, of,
        party, raise, report, role, transfer,
    };
    use super::super::super::{Command, Event, Report, Role};
    use super::*;
    use crate::digest::Digest;
    use crate::dispute::{Cause, Position};
    use crate::time::Timestamp;
    use LogStep as S;

    fn hour(hours: i64) -> Timestamp {
        monday().plus_minutes(60 * hours)
    }

    /// A row of the log: so many hours after the first, by whom, what.
    fn row(at: i64, by: Option<&str>, step: Option<LogStep>) -> Command {
        let text = format!("{at} {by:?} {step:?}");
        Command::ReportClue(Report {
            digest: Digest::of([text.as_bytes()]),
            source_due_at: None,
            reported_at: hour(at),
            log: Some(LogRow {
                at: hour(at),
                agency: by.map(agency),
                step,
            }),
            ..report()
        })
    }

    fn said(case: &mut Case, row: Command) -> Outcome {
        // the whole log is handed over long afterwards
        case.now = case.now.max(hour(24 * 400));
        case.when(role(Role::Source), row)
    }

    fn logged(rows: &[(i64, &str, LogStep)]) -> Case {
        let mut case = Case::new();
        for (at, by, step) in rows {
            let outcome = said(&mut case, row(*at, Some(by), Some(*step)));
            assert_eq!(outcome.rejection(), None);
        }
        case
    }

    fn repeat(outcome: &Outcome) -> Option<Repeat> {
        outcome.0.iter().find_map(|it| match it.event {
            Event::ReportRepeated { repeat, .. } => Some(repeat),
            _ => None,
        })
    }

    /// Rows before, the agency and step of one more, what happens by it, where the clue stands then and with whom.
    type Said<'a> = (
        &'a [(i64, &'a str, LogStep)],
        Option<&'a str>,
        Option<LogStep>,
        &'a [&'a str],
        &'a str,
        &'a str,
    );

    fn each_says(table: &[Said<'_>]) {
        for (before, by, step, events, stage, holder) in table.iter().copied() {
            let mut case = logged(before);
            let outcome = said(&mut case, row(5, by, step));
            let expected: Vec<_> = std::iter::once("ReportRepeated")
                .chain(events.iter().copied())
                .collect();
            assert_eq!(outcome.events(), expected, "{before:?} {by:?} {step:?}");
            let disposition = if events.is_empty() {
                Repeat::Unchanged
            } else {
                Repeat::Updated
            };
            assert_eq!(repeat(&outcome), Some(disposition));
            assert_eq!(
                (case.stage(), case.holder()),
                (stage, Some(holder)),
                "{before:?} {by:?} {step:?}"
            );
            assert!(
                outcome.0.iter().all(|it| it.at == hour(5)),
                "each at the time of the row"
            );
        }
    }

    #[test]
    fn a_row_says_what_was_not_so_before_and_nothing_else() {
        let (a, b) = (COUNTY, COUNTY_WATER);
        let first: &[_] = &[(0, a, S::Dispatched)];
        each_says(&[
            (first, Some(a), Some(S::Dispatched), &[], "dispatched", a),
            (first, Some(a), Some(S::Waiting), &[], "dispatched", a),
            (first, None, None, &[], "dispatched", a),
            (
                first,
                Some(a),
                Some(S::Acknowledged),
                &["ClueAcknowledged"],
                "acknowledged",
                a,
            ),
            (
                first,
                Some(a),
                Some(S::Handling),
                &["HandlingStarted"],
                "handling",
                a,
            ),
            (
                first,
                Some(b),
                Some(S::Waiting),
                &["ClueTransferred"],
                "dispatched",
                b,
            ),
            (first, Some(b), None, &["ClueTransferred"], "dispatched", b),
            (
                first,
                Some(b),
                Some(S::Handling),
                &["ClueTransferred", "HandlingStarted"],
                "handling",
                b,
            ),
            (first, Some(a), Some(S::Resolved), &["ClueClosed"], "closed", a),
            (
                first,
                Some(b),
                Some(S::Closed),
                &["ClueTransferred", "ClueClosed"],
                "closed",
                b,
            ),
            (
                &[(0, a, S::Handling)],
                Some(a),
                Some(S::Acknowledged),
                &[],
                "handling",
                a,
            ),
        ]);
    }

    #[test]
    fn a_row_after_the_completion_reopens_unless_it_completes_too() {
        let (a, b) = (COUNTY, COUNTY_WATER);
        let closed: &[_] = &[(0, a, S::Handling), (1, a, S::Resolved)];
        each_says(&[
            (closed, Some(a), Some(S::Closed), &[], "closed", a),
            (closed, Some(a), None, &[], "closed", a),
            (
                closed,
                Some(b),
                None,
                &["ClueTransferred", "ClueClosed"],
                "closed",
                b,
            ),
            (
                closed,
                Some(b),
                Some(S::Closed),
                &["ClueTransferred", "ClueClosed"],
                "closed",
                b,
            ),
            (
                closed,
                Some(a),
                Some(S::Waiting),
                &["ClueReopened"],
                "handling",
                a,
            ),
            (
                closed,
                Some(b),
                Some(S::Acknowledged),
                &["ClueReopened", "ClueTransferred", "ClueAcknowledged"],
                "acknowledged",
                b,
            ),
        ]);
    }

    #[test]
    fn the_first_row_is_the_report() {
        let table: [(_, _, &[&str], _); 4] = [
            (
                Some("elsewhere"),
                Some(S::Handling),
                &["ClueReported", "ClueAdmitted", "ClueAssigned", "HandlingStarted"],
                "handling",
            ),
            (
                Some(TOWN),
                Some(S::Closed),
                &["ClueReported", "ClueAdmitted", "ClueAssigned", "ClueClosed"],
                "closed",
            ),
            (
                None,
                Some(S::Handling),
                &["ClueReported", "ClueAdmitted"],
                "admitted",
            ),
            (
                None,
                Some(S::Closed),
                &["ClueReported", "ClueAdmitted", "ClueClosed"],
                "closed",
            ),
        ];
        for (by, step, events, stage) in table {
            let mut case = Case::new();
            let outcome = said(&mut case, row(0, by, step));
            assert_eq!(
                (outcome.events().as_slice(), case.stage()),
                (events, stage),
                "{by:?}"
            );
        }
    }

    #[test]
    fn what_the_log_says_is_recorded_and_a_closing_unstated() {
        let case = logged(&[
            (0, COUNTY, S::Handling),
            (1, TOWN, S::Closed),
            (2, TOWN, S::Dispatched),
        ]);
        let mut recorded = 0;
        for it in &case.journal {
            recorded += match &it.event {
                Event::ClueAssigned {
                    recorded, decision, ..
                } => {
                    assert_eq!((decision.reason.as_str(), decision.row), ("recorded", None));
                    u32::from(*recorded)
                }
                Event::ClueTransferred { recorded, from, .. } => {
                    assert_eq!(from, &Some(agency(COUNTY)));
                    u32::from(*recorded)
                }
                Event::ClueClosed {
                    recorded, resolution, ..
                } => {
                    assert_eq!(resolution.conclusion, Conclusion::Unstated);
                    u32::from(*recorded)
                }
                Event::ClueReopened { recorded } => u32::from(*recorded),
                _ => 0,
            };
        }
        assert_eq!(recorded, 4);
    }

    #[test]
    fn a_row_from_before_the_newest_step_is_refused_and_changes_nothing() {
        let mut case = logged(&[(0, COUNTY, S::Dispatched), (4, TOWN, S::Handling)]);
        let before = case.clue().clone();
        let outcome = said(&mut case, row(3, Some(COUNTY_WATER), Some(S::Handling)));
        assert_eq!(outcome.refused(), ("log_backwards", Some("at")));
        assert_eq!(
            (outcome.events().as_slice(), case.clue()),
            (["CommandRejected"].as_slice(), &before)
        );
        let outcome = said(&mut case, row(4, Some(COUNTY_WATER), Some(S::Waiting)));
        assert_eq!(
            outcome.rejection(),
            None,
            "at the same moment the order of the log counts"
        );
    }

    #[test]
    fn a_row_that_was_read_before_is_a_repeat_however_old_it_is() {
        let mut case = logged(&[
            (0, COUNTY, S::Dispatched),
            (4, TOWN, S::Handling),
            (9, COUNTY, S::Closed),
        ]);
        for (at, by, step) in [
            (0, COUNTY, S::Dispatched),
            (4, TOWN, S::Handling),
            (9, COUNTY, S::Closed),
        ] {
            let outcome = said(&mut case, row(at, Some(by), Some(step)));
            assert_eq!((outcome.0.len(), repeat(&outcome)), (1, Some(Repeat::Unchanged)));
        }
        assert_eq!((case.stage(), case.clue().tally.transfers), ("closed", 2));
    }

    /// Neither a refusal nor a calendar that is published may take it out of the log's own time.
    #[test]
    fn a_refusal_does_not_make_the_next_row_come_too_late() {
        let mut case = logged(&[(0, COUNTY, S::Dispatched)]);
        case.now = hour(24 * 400);
        assert_eq!(case.refusal(coordinator(), transfer("x")), "agency_unknown");
        assert_eq!(case.state.last_at, hour(0));
        let outcome = said(&mut case, row(1, Some(TOWN), Some(S::Handling)));
        assert_eq!(outcome.rejection(), None);
    }

    #[test]
    fn what_a_person_did_here_is_older_than_no_row() {
        let mut case = logged(&[(0, COUNTY, S::Dispatched)]).given(coordinator(), transfer(TOWN));
        let outcome = said(&mut case, row(1, Some(COUNTY), Some(S::Handling)));
        assert_eq!(outcome.refused(), ("log_backwards", Some("at")));
    }

    #[test]
    fn a_clue_that_came_otherwise_or_was_given_up_follows_no_log() {
        let void = Command::VoidClue {
            reason: "test_data".to_owned(),
        };
        let voided = logged(&[(0, COUNTY, S::Dispatched)]).given(coordinator(), void);
        for mut case in [Case::dispatched(), Case::closed(), voided] {
            let (stage, at) = (case.stage(), 24 * 500);
            let outcome = said(&mut case, row(at, Some(TOWN), Some(S::Handling)));
            assert_eq!((outcome.0.len(), repeat(&outcome)), (1, Some(Repeat::Stale)));
            assert_eq!(case.stage(), stage);
        }
    }

    #[test]
    fn a_log_is_silent_whatever_its_clocks_say() {
        let mut case = Case::new();
        case.rulebook.limits = limits(LIMITS);
        case.rulebook.calendar = calendar();
        for (at, by, step) in [
            (0, COUNTY, S::Dispatched),
            (1, TOWN, S::Closed),
            (2, COUNTY, S::Handling),
        ] {
            said(&mut case, row(at, Some(by), Some(step)));
        }
        assert_eq!(case.state.wakes_at(), None);
        assert_eq!(case.wake(hour(24 * 900)).0, []);
        let clocks = case.clue().timing.clocks.as_ref().expect("wound");
        assert!(!clocks.running.is_empty() && clocks.running.iter().all(|it| it.silent));
        // a row that is told of at once is as silent
        let mut case = Case::new();
        case.rulebook.limits = limits(LIMITS);
        case.when(role(Role::Source), row(0, Some(COUNTY), Some(S::Handling)));
        assert_eq!(case.state.wakes_at(), None);
        assert_eq!(case.wake(hour(24 * 900)).0, []);
    }

    #[test]
    fn no_dispute_is_raised_where_the_source_says_who_has_it() {
        let none = |it| party(it, None);
        let table = [
            (coordinator(), Cause::ByCoordinator, [none(COUNTY), none(TOWN)]),
            (
                of(COUNTY),
                Cause::ByAgency,
                [party(COUNTY, Some(Position::Denies)), none(TOWN)],
            ),
        ];
        for (actor, cause, parties) in table {
            let mut case = logged(&[(0, COUNTY, S::Dispatched)]);
            assert_eq!(case.refusal(actor, raise(cause, &parties)), "holder_of_source");
            assert_eq!(case.clue().dispute, None);
        }
    }
}
