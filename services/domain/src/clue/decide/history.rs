//! Imported history: what the source recorded becomes events that say `recorded`, at the times that it recorded. Never claims
//! that Bihuan dispatched or closed anything.

use super::super::{Assignment, Conclusion, Event, History, Resolution, RoutingDecision};
use super::Step;
use super::asked::Asked;
use crate::code::AgencyId;

/// The assignment that the source recorded, if it named an agency; under its own name even where the rulebook does not know it.
pub(super) fn dispatched(asked: &Asked<'_>, past: &History) -> Option<Step> {
    Some(assigned(asked, past.agency.as_ref()?).into())
}

/// The assignment to the agency that the source recorded.
pub(super) fn assigned(asked: &Asked<'_>, agency: &AgencyId) -> Event {
    let assignment = Assignment {
        agency: agency.clone(),
        penalty: None,
        assisting: Vec::new(),
    };
    let rulebook = asked.env.rulebook.version.clone();
    let decision = RoutingDecision {
        rulebook,
        row: None,
        reason: "recorded".to_owned(),
    };
    Event::ClueAssigned {
        assignment,
        decision,
        deadline: None,
        recorded: true,
    }
}

/// The closing that the source recorded, if there was one. If the agency that closed it is another than `assigned`, a transfer
/// at the time of closing comes first.
pub(super) fn closed(past: &History, assigned: Option<&AgencyId>) -> Vec<Step> {
    let Some(at) = past.closed_at else {
        return Vec::new();
    };
    let transfer = assigned
        .zip(past.agency.as_ref())
        .filter(|(from, to)| from != to)
        .map(|(from, to)| transferred(from, to));
    let close = ended(past.conclusion);
    transfer
        .into_iter()
        .chain([close])
        .map(|event| Step::recorded(at, event))
        .collect()
}

/// The transfer that the source recorded.
pub(super) fn transferred(from: &AgencyId, to: &AgencyId) -> Event {
    Event::ClueTransferred {
        from: Some(from.clone()),
        to: to.clone(),
        basis: None,
        recorded: true,
    }
}

/// The closing that the source recorded, by its conclusion.
pub(super) fn ended(conclusion: Conclusion) -> Event {
    let resolution = Resolution {
        conclusion,
        measures: Vec::new(),
        evidence: Vec::new(),
        substantiated: None,
        matter: None,
        legal_basis: None,
        document_number: None,
    };
    Event::ClueClosed {
        resolution,
        class: conclusion.class(),
        recorded: true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        COUNTY, COUNTY_WATER, Case, Outcome, assign, coordinator, decision, history, monday, report,
        reported_with, role, transfer,
    };
    use super::super::super::{Command, Role};
    use super::*;

    fn report_with(case: &mut Case, past: History) -> Outcome {
        case.when(role(Role::Source), reported_with(past))
    }

    #[test]
    fn recorded_history_needs_no_routing() {
        let tuesday = monday().plus_days(1);
        let table: [(_, _, &[&str], _); 4] = [
            (
                Some(COUNTY),
                Some(tuesday),
                &["ClueReported", "ClueAdmitted", "ClueAssigned", "ClueClosed"],
                "closed",
            ),
            (
                Some("elsewhere"),
                None,
                &["ClueReported", "ClueAdmitted", "ClueAssigned"],
                "dispatched",
            ),
            (
                None,
                Some(tuesday),
                &["ClueReported", "ClueAdmitted", "ClueClosed"],
                "closed",
            ),
            (None, None, &["ClueReported", "ClueAdmitted"], "admitted"),
        ];
        for (agency, closed_at, events, stage) in table {
            let mut case = Case::new();
            let outcome = report_with(&mut case, history(agency, closed_at, false));
            assert_eq!(
                (outcome.events().as_slice(), case.stage()),
                (events, stage),
                "{agency:?} {closed_at:?}"
            );
            assert!(case.clue().pending_history.is_none(), "nothing waits");
            let end = outcome.0.last().expect("events").at;
            assert_eq!(end, closed_at.unwrap_or(monday()));
            assert_eq!(case.clue().deadline, agency.and(report().source_due_at));
        }
    }

    #[test]
    fn recorded_events_say_so() {
        let mut case = Case::new();
        let past = history(Some(COUNTY), Some(monday()), false);
        let outcome = report_with(&mut case, past);
        assert!(matches!(
            &outcome.0[2].event,
            Event::ClueAssigned { recorded: true, decision: RoutingDecision { row: None, reason, .. }, .. } if reason == "recorded"
        ));
        assert!(matches!(
            &outcome.0[3].event,
            Event::ClueClosed { recorded: true, .. }
        ));
    }

    #[test]
    fn closed_before_reported_closes_when_it_was_reported() {
        let mut case = Case::new();
        let past = history(Some(COUNTY), Some(monday().plus_days(-3)), false);
        let outcome = report_with(&mut case, past);
        assert!(outcome.0.iter().all(|it| it.at == monday()));
    }

    /// Agency that we assign, events that follow the assignment, holder at the end.
    #[test]
    fn history_that_waits_is_applied_with_the_dispatch() {
        let tuesday = monday().plus_days(1);
        let table: [(_, _, &[&str], _); 5] = [
            (
                Some(COUNTY),
                Some(tuesday),
                &["ClueAssigned", "ClueClosed"],
                COUNTY,
            ),
            (
                Some(COUNTY_WATER),
                Some(tuesday),
                &["ClueAssigned", "ClueTransferred", "ClueClosed"],
                COUNTY_WATER,
            ),
            (None, Some(tuesday), &["ClueAssigned", "ClueClosed"], COUNTY),
            (Some(COUNTY_WATER), None, &["ClueAssigned"], COUNTY),
            (None, None, &["ClueAssigned"], COUNTY),
        ];
        for (recorded, closed_at, events, holder) in table {
            let past = history(recorded, closed_at, true);
            let mut case = Case::new().given(role(Role::Source), reported_with(past));
            assert_eq!(case.stage(), "admitted");
            assert!(case.clue().pending_history.is_some());
            case.now = monday().plus_days(300);
            let outcome = case.when(role(Role::Routing), assign(COUNTY));
            assert_eq!(
                (outcome.events().as_slice(), case.holder()),
                (events, Some(holder)),
                "{recorded:?}"
            );
            assert_eq!(outcome.0[0].at, monday(), "dispatched in its own time");
            assert_eq!(case.state.last_at, closed_at.unwrap_or(monday()));
            assert!(case.clue().pending_history.is_none());
        }
    }

    #[test]
    fn a_persons_transfer_out_of_triage_applies_the_history_too() {
        let past = history(Some(COUNTY), Some(monday().plus_days(1)), true);
        let hold = Command::HoldForTriage {
            decision: decision("no_duty"),
        };
        let mut case = Case::new()
            .given(role(Role::Source), reported_with(past))
            .given(role(Role::Routing), hold);
        assert!(case.clue().pending_history.is_some(), "triage leaves it waiting");
        let outcome = case.when(coordinator(), transfer(COUNTY));
        assert_eq!(outcome.events(), ["ClueTransferred", "ClueClosed"]);
        assert_eq!(case.state.last_at, monday().plus_days(1));
    }
}
