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
