//! A source platform reports a clue (上报), or reports it again.

use super::super::{Clue, Deletion, Event, History, Repeat, Report, Stage};
use super::asked::Asked;
use super::{Answer, Step, history, log, source};

/// The first report. With history that needs no routing of ours, what became of the clue is recorded at once.
pub(super) fn first(asked: &Asked<'_>, report: &Report, removed: Option<&Deletion>) -> Vec<Step> {
    if let Some(snapshot) = &report.snapshot {
        return source::first(asked, report, snapshot, removed);
    }
    let number = asked.env.number.to_owned();
    let mut steps = vec![Step::from(Event::ClueReported {
        number,
        report: report.clone(),
    })];
    if asked.policy().admission.automatic {
        steps.push(Event::ClueAdmitted.into());
    }
    if let Some(past) = report.history.as_ref().filter(|past| !past.route) {
        steps.extend(history::dispatched(asked, past));
        steps.extend(history::closed(past, None));
    }
    if let Some(row) = &report.log {
        steps.extend(log::first(asked, row));
    }
    steps
}

/// The same (source, id) again: a repeat, or news of what became of it, or a change that this mode does not follow.
pub(super) fn again(clue: &Clue, asked: &Asked<'_>, report: &Report) -> Answer {
    if let Some(row) = &report.log {
        return log::again(clue, asked, report, row);
    }
    if let Some(snapshot) = &report.snapshot {
        return Ok(source::again(clue, asked, report, snapshot));
    }
    Ok(told_again(clue, asked, report))
}

fn told_again(clue: &Clue, asked: &Asked<'_>, report: &Report) -> Vec<Step> {
    let repeated = |repeat, history| {
        Event::ReportRepeated {
            repeat,
            digest: report.digest,
            history,
            version: None,
            log: None,
        }
        .into()
    };
    if report.digest == clue.digest {
        return vec![repeated(Repeat::Unchanged, None)];
    }
    // what became of the clue is taken from the first record that says so, whether or not it was applied already: otherwise
    // the outcome would depend on how far routing has come
    let told = clue
        .pending_history
        .as_ref()
        .is_some_and(|past| past.closed_at.is_some());
    let news = report
        .history
        .as_ref()
        .filter(|past| past.closed_at.is_some() && clue.is_open() && !told);
    match news {
        None => vec![repeated(Repeat::Stale, None)],
        Some(past) if past.route && waits_for_dispatch(clue) => {
            vec![repeated(Repeat::Updated, Some(past.clone()))]
        }
        Some(past) => {
            let mut steps = vec![repeated(Repeat::Updated, None)];
            steps.extend(closing(clue, asked, past));
            steps
        }
    }
}

fn closing(clue: &Clue, asked: &Asked<'_>, past: &History) -> Vec<Step> {
    let by = clue.assignment().map(|by| &by.agency);
    let mut steps = Vec::new();
    if by.is_none() {
        steps.extend(history::dispatched(asked, past));
    }
    steps.extend(history::closed(past, by));
    steps
}

const fn waits_for_dispatch(clue: &Clue) -> bool {
    matches!(
        clue.stage,
        Stage::Reported | Stage::Admitted | Stage::Triage { .. } | Stage::Coordination { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        COUNTY, COUNTY_WATER, Case, Outcome, changed, coordinator, decision, history, monday, of, report,
        reported_with, request_return, role, source, transfer,
    };
    use super::super::super::{Command, Role};
    use super::*;
    use crate::digest::Digest;

    fn report_again(case: &mut Case, command: Command) -> Outcome {
        case.when(role(Role::Source), command)
    }

    #[test]
    fn a_report_is_admitted_by_itself_where_the_policy_says_so() {
        let mut case = Case::new();
        let outcome = report_again(&mut case, Command::ReportClue(report()));
        assert_eq!(outcome.events(), ["ClueReported", "ClueAdmitted"]);
        assert!(
            outcome.0.iter().all(|it| it.at == monday()),
            "reported when it was reported"
        );
        assert!(
            matches!(&outcome.0[0].event, Event::ClueReported { number, .. } if number == "330602-20260105-000001")
        );
        assert_eq!(case.clue().source, source());
        assert_eq!(Case::reported().stage(), "reported");
    }

    #[test]
    fn the_same_report_again_is_a_repeat() {
        let mut case = Case::dispatched();
        let outcome = report_again(&mut case, Command::ReportClue(report()));
        assert!(matches!(
            &outcome.0[0].event,
            Event::ReportRepeated {
                repeat: Repeat::Unchanged,
                history: None,
                ..
            }
        ));
        assert_eq!(case.stage(), "dispatched");
    }

    #[test]
    fn another_report_is_stale_unless_it_closes_an_open_clue() {
        let closed = history(Some(COUNTY), Some(monday().plus_days(1)), false);
        let table = [
            (Case::dispatched(), changed(None)),
            (
                Case::dispatched(),
                changed(Some(history(Some(COUNTY), None, false))),
            ),
            (Case::closed(), changed(Some(closed))),
        ];
        for (mut case, command) in table {
            let (stage, digest) = (case.stage(), case.clue().digest);
            let outcome = report_again(&mut case, command);
            assert!(matches!(
                &outcome.0[0].event,
                Event::ReportRepeated {
                    repeat: Repeat::Stale,
                    ..
                }
            ));
            assert_eq!(
                (outcome.0.len(), case.stage(), case.clue().digest),
                (1, stage, digest)
            );
        }
    }

    #[test]
    fn news_of_a_closing_closes_the_clue() {
        let table: [(_, bool, &[&str]); 6] = [
            (
                Case::dispatched(),
                false,
                &["ReportRepeated", "ClueTransferred", "ClueClosed"],
            ),
            (
                Case::dispatched(),
                true,
                &["ReportRepeated", "ClueTransferred", "ClueClosed"],
            ),
            (
                Case::suspended(),
                false,
                &["ReportRepeated", "ClueTransferred", "ClueClosed"],
            ),
            (
                Case::resolved(),
                true,
                &["ReportRepeated", "ClueTransferred", "ClueClosed"],
            ),
            (
                Case::admitted(),
                false,
                &["ReportRepeated", "ClueAssigned", "ClueClosed"],
            ),
            (
                Case::in_coordination(),
                false,
                &["ReportRepeated", "ClueAssigned", "ClueClosed"],
            ),
        ];
        for (mut case, route, events) in table {
            let stage = case.stage();
            let closed_at = Some(monday().plus_days(1));
            let again = changed(Some(history(Some(COUNTY_WATER), closed_at, route)));
            let outcome = report_again(&mut case, again.clone());
            assert_eq!(outcome.events(), events, "{stage}");
            assert_eq!(
                (case.stage(), case.holder()),
                ("closed", Some(COUNTY_WATER)),
                "{stage}"
            );
            let repeated = report_again(&mut case, again);
            assert!(matches!(
                &repeated.0[0].event,
                Event::ReportRepeated {
                    repeat: Repeat::Unchanged,
                    ..
                }
            ));
        }
    }

    #[test]
    fn a_recorded_dispatch_does_not_reset_the_deadline() {
        let first = Some(monday().plus_days(1));
        let mut case = Case::in_coordination();
        case.state.clue.as_mut().expect("reported").deadline = first;
        let closed = changed(Some(history(Some(COUNTY), Some(monday()), false)));
        let outcome = report_again(&mut case, closed);
        assert!(matches!(outcome.0[1].event, Event::ClueAssigned { deadline, .. } if deadline == first));
    }

    #[test]
    fn news_of_a_closing_waits_with_a_clue_that_waits_for_its_dispatch() {
        let past = history(Some(COUNTY_WATER), Some(monday().plus_days(1)), true);
        for mut case in [
            Case::reported(),
            Case::admitted(),
            Case::in_triage(),
            Case::in_coordination(),
        ] {
            let stage = case.stage();
            let outcome = report_again(&mut case, changed(Some(past.clone())));
            assert_eq!(outcome.events(), ["ReportRepeated"], "{stage}");
            assert!(matches!(
                &outcome.0[0].event,
                Event::ReportRepeated {
                    repeat: Repeat::Updated,
                    ..
                }
            ));
            assert_eq!(
                (case.stage(), &case.clue().pending_history),
                (stage, &Some(past.clone()))
            );
        }
    }

    /// Told with the report or by a later one, waiting for a dispatch: what another record says, of whatever mode, is stale.
    #[test]
    fn news_is_stale_once_the_closing_was_told() {
        let tuesday = monday().plus_days(1);
        let first = history(Some(COUNTY), Some(tuesday), true);
        let hold = Command::HoldForTriage {
            decision: decision("no_duty"),
        };
        let told_at_once = Case::new()
            .given(role(Role::Source), reported_with(first.clone()))
            .given(role(Role::Routing), hold);
        let told_later = Case::in_triage().given(role(Role::Source), changed(Some(first.clone())));
        for mut case in [told_at_once, told_later] {
            let stage = case.stage();
            for (n, route) in [(1_u8, true), (2, false)] {
                let other = Command::ReportClue(Report {
                    digest: Digest::of([&[n][..]]),
                    history: Some(history(Some(COUNTY_WATER), Some(tuesday.plus_days(1)), route)),
                    ..report()
                });
                let outcome = report_again(&mut case, other);
                assert_eq!(outcome.events(), ["ReportRepeated"], "{stage} {route}");
                assert!(matches!(
                    &outcome.0[0].event,
                    Event::ReportRepeated {
                        repeat: Repeat::Stale,
                        history: None,
                        ..
                    }
                ));
                assert_eq!(
                    (case.stage(), &case.clue().pending_history),
                    (stage, &Some(first.clone()))
                );
            }
            let outcome = case.when(coordinator(), transfer(COUNTY));
            assert_eq!(outcome.0.last().expect("events").at, tuesday, "as told first");
            assert_eq!((case.stage(), case.holder()), ("closed", Some(COUNTY)));
        }
    }

    /// A dispatch alone is not what became of the clue.
    #[test]
    fn news_counts_after_a_record_that_told_no_closing() {
        let dispatched = history(Some(COUNTY), None, true);
        let mut case = Case::new().given(role(Role::Source), reported_with(dispatched));
        let closed = history(Some(COUNTY), Some(monday().plus_days(1)), true);
        let outcome = report_again(&mut case, changed(Some(closed.clone())));
        assert!(matches!(
            &outcome.0[0].event,
            Event::ReportRepeated {
                repeat: Repeat::Updated,
                ..
            }
        ));
        assert_eq!(case.clue().pending_history, Some(closed));
    }

    #[test]
    fn a_returned_clue_closes_by_whom_the_source_says() {
        let mut case = Case::dispatched().given(of(COUNTY), request_return(COUNTY_WATER));
        let again = changed(Some(history(None, Some(monday()), false)));
        assert_eq!(
            report_again(&mut case, again).events(),
            ["ReportRepeated", "ClueClosed"]
        );
        assert_eq!(case.holder(), Some(COUNTY));
    }
}
