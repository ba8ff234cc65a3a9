//! When something happened, as clocks and figures count it. Never decreases within a clue, never reads a clock.

use super::super::{Clue, Command, Env, Envelope, State};
use crate::time::Timestamp;

/// When it happened, as far as anybody may claim (architecture: effective time). A report happened when it was reported. A
/// clue whose history waits still lives in that history, until it is taken out of it; a refusal must move neither it nor a
/// clue that its source's log moves. Otherwise the sender's time counts if it is near the time of receipt.
pub(super) fn effective_at(state: &State, envelope: &Envelope, env: &Env<'_>) -> Timestamp {
    let claimed = match &envelope.command {
        // what the source says about a clue that is known has a time of its own, where it counts
        Command::ReportClue(_) | Command::NoteDeleted(_) if state.clue.is_some() => state.last_at,
        Command::ReportClue(report) => report.reported_at,
        Command::RejectClue { .. } | Command::VoidClue { .. } => sent_at(envelope, env),
        _ if history_waits(state) => state.last_at,
        _ => sent_at(envelope, env),
    };
    // what was asked before anybody reported it does not date the report
    if state.clue.is_none() {
        claimed
    } else {
        claimed.max(state.last_at)
    }
}

/// Whether what happens to it next may have happened before now.
pub(super) fn lives_in_past(state: &State) -> bool {
    history_waits(state) || state.clue.as_ref().is_some_and(Clue::is_logged)
}

fn history_waits(state: &State) -> bool {
    state
        .clue
        .as_ref()
        .is_some_and(|clue| clue.pending_history.is_some())
}

fn sent_at(envelope: &Envelope, env: &Env<'_>) -> Timestamp {
    let tolerance = &env.rulebook.policy.time;
    tolerance.of(envelope.occurred_at, envelope.received_at)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        CITY, COUNTY, COUNTY_WATER, Case, assign, coordinator, decision, history, monday, of, reported_with,
        role,
    };
    use super::super::super::{Command, Role};

    #[test]
    fn the_senders_time_counts_within_the_tolerance_only() {
        let received = monday().plus_minutes(180);
        let day = 24 * 60;
        let table = [
            (None, received),
            (Some(received.plus_minutes(-30)), received.plus_minutes(-30)),
            (Some(received.plus_minutes(10)), received.plus_minutes(10)),
            (Some(received.plus_minutes(11)), received),
            (Some(received.plus_minutes(-7 * day - 1)), received),
            // within the tolerance, but before what is known: time does not run backwards
            (Some(received.plus_minutes(-7 * day)), monday().plus_minutes(120)),
        ];
        for (occurred_at, expected) in table {
            let mut case = Case::dispatched();
            assert_eq!(case.state.last_at, monday().plus_minutes(120));
            case.occurred_at = occurred_at;
            let outcome = case.when(of(COUNTY), Command::AcknowledgeClue);
            assert_eq!(outcome.0[0].at, expected, "{occurred_at:?}");
            assert_eq!(outcome.0[0].received_at, received);
        }
    }

    #[test]
    fn a_clue_whose_history_waits_lives_in_it_until_it_is_taken_out() {
        let waiting = || {
            let past = history(Some(CITY), Some(monday().plus_days(1)), true);
            let mut case = Case::new().given(role(Role::Source), reported_with(past));
            case.now = monday().plus_days(300);
            case
        };
        let hold = Command::HoldForTriage {
            decision: decision("tie"),
        };
        let void = Command::VoidClue {
            reason: "test_data".to_owned(),
        };
        let table = [
            (role(Role::Routing), assign(COUNTY_WATER), monday()),
            (role(Role::Routing), hold, monday()),
            (role(Role::Routing), assign("unheard of"), monday()),
            (of(COUNTY), void.clone(), monday()),
            (coordinator(), void, monday().plus_days(300).plus_minutes(60)),
        ];
        for (actor, command, expected) in table {
            let name = command.name();
            assert_eq!(waiting().when(actor, command).0[0].at, expected, "{name}");
        }
    }
}
