//! What a clue does by itself when its time has come: nobody asks it, and the same state at the same time always does the same.

use super::sequel::Sequel;
use super::{Actor, Clue, Env, Event, Occurrence, Role, Stage, State, clocks};
use crate::id::{ClueId, CommandId};
use crate::time::Timestamp;

impl State {
    /// When something is to happen by itself next; `None`: nothing is.
    pub fn wakes_at(&self) -> Option<Timestamp> {
        let clue = self.clue.as_ref()?;
        match &clue.stage {
            Stage::Suspended { suspension, .. } => Some(suspension.until),
            _ if needs_clocks(clue) => Some(self.last_at),
            _ => clue.timing.clocks.as_ref()?.next_rung,
        }
    }

    /// Whether a due time goes by a calendar that was not published when it was computed.
    pub fn is_provisional(&self) -> bool {
        let clocks = self.clue.as_ref().and_then(|clue| clue.timing.clocks.as_ref());
        clocks.is_some_and(clocks::Clocks::is_provisional)
    }
}

/// What happens by itself up to `until`, each at the time at which it was due; nothing, if the clue woke too early. `now` is later
/// where commands that may come before are still on their way.
pub fn wake(clue: ClueId, state: &State, until: Timestamp, now: Timestamp, env: &Env<'_>) -> Vec<Occurrence> {
    let mut sequel = Sequel::new(state, state.last_at, env);
    let cause = [clue.0.as_bytes().as_slice(), &state.version.to_be_bytes()].concat();
    let command = CommandId::derive(&cause, "clock", 0);
    while let Some((at, event)) = sequel.clue.as_ref().and_then(|clue| next(clue, until, now, env)) {
        sequel.push(
            Some(at),
            Occurrence {
                clue,
                version: 0,
                at,
                received_at: now,
                command,
                causation: None,
                actor: Actor::service(Role::Clock),
                text: None,
                clocks: None,
                event,
            },
        );
    }
    sequel.written
}

/// It is open, and of the time before there were clocks.
fn needs_clocks(clue: &Clue) -> bool {
    clue.is_open() && clue.timing.clocks.is_none()
}

/// The next thing that is due by `until`.
fn next(clue: &Clue, until: Timestamp, now: Timestamp, env: &Env<'_>) -> Option<(Timestamp, Event)> {
    let planned_end = match &clue.stage {
        Stage::Suspended { suspension, .. } => Some(suspension.until),
        _ => None,
    };
    if let Some(end) = planned_end.filter(|end| *end <= until) {
        return Some((end, Event::ClueResumed));
    }
    let clocks = clue.timing.clocks.as_ref();
    if needs_clocks(clue) || clocks.is_some_and(|clocks| clocks.can_be_revised(env)) {
        // the log of its source may go on with what happened before now
        let at = if clue.is_logged() { clue.reported_at } else { until };
        return Some((at, Event::DeadlineRevised));
    }
    if planned_end.is_some() {
        return None;
    }
    let clocks = clocks?;
    clocks::due_rung(clue, until, now, env).or_else(|| {
        // by the calendar of today it comes later than by the one that it was set by: nobody wakes in vain for ever
        let in_vain = clocks.next_rung.is_some_and(|at| at <= until);
        in_vain.then_some((until, Event::DeadlineRevised))
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{COUNTY, Case, assign, monday, of, report, role, suspend};
    use super::super::{Command, Role};

    #[test]
    fn a_suspension_ends_by_itself_at_its_end_however_late_anybody_looks() {
        let until = monday().plus_days(30);
        let mut report = report();
        report.source_due_at = None;
        let mut case = Case::new()
            .given(role(Role::Source), Command::ReportClue(report))
            .given(role(Role::Routing), assign(COUNTY))
            .given(of(COUNTY), suspend(until));
        assert_eq!(case.state.wakes_at(), Some(until));
        assert_eq!(case.wake(until.plus_micros(-1)).0, []);
        let woken = case.wake(until.plus_days(1));
        assert_eq!(
            (woken.events().as_slice(), woken.0[0].at),
            (["ClueResumed"].as_slice(), until)
        );
        assert_eq!((case.stage(), case.state.wakes_at()), ("dispatched", None));
        assert_eq!(case.wake(until.plus_days(2)).0, [], "once");
    }
}
