//! A source platform reports a clue (上报), or reports it again.

use super::super::{Clue, Event, History, Repeat, Report, Stage};
use super::asked::Asked;
use super::{Step, history};

/// The first report. With history that needs no routing of ours, what became of the clue is recorded at once.
pub(super) fn first(asked: &Asked<'_>, report: &Report) -> Vec<Step> {
    let number = asked.env.number.to_owned();
    let mut steps = vec![Step::from(Event::ClueReported {
        number,
        report: report.clone(),
    })];
    if asked.policy().admission.automatic {
        steps.push(Event::ClueAdmitted.into());
    }
    if let Some(past) = report.history.as_ref().filter(|past| !past.route) {
        steps.extend(history::dispatched(asked, past, report.source_due_at));
        steps.extend(history::closed(past, None));
    }
    steps
}

/// The same (source, id) again: a repeat, or news of what became of it, or a change that this mode does not follow.
pub(super) fn again(clue: &Clue, asked: &Asked<'_>, report: &Report) -> Vec<Step> {
    let repeated = |repeat, history| {
        Event::ReportRepeated {
            repeat,
            digest: report.digest,
            history,
        }
        .into()
    };
    if report.digest == clue.digest {
        return vec![repeated(Repeat::Unchanged, None)];
    }
    let news = report
        .history
        .as_ref()
        .filter(|past| past.closed_at.is_some() && clue.is_open());
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
        steps.extend(history::dispatched(
            asked,
            past,
            clue.deadline.or(clue.source_due_at),
        ));
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
