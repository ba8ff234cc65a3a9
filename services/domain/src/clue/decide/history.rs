//! Imported history: what the source recorded becomes events that say `recorded`, at the times that it recorded. Never claims
//! that Bihuan dispatched or closed anything.

use super::super::{Assignment, Event, History, Resolution, RoutingDecision};
use super::Step;
use super::asked::Asked;
use crate::code::AgencyId;
use crate::time::Timestamp;

/// The assignment that the source recorded, if it named an agency; under its own name even where the rulebook does not know it.
pub(super) fn dispatched(asked: &Asked<'_>, past: &History, deadline: Option<Timestamp>) -> Option<Step> {
    let agency = past.agency.clone()?;
    let assignment = Assignment {
        agency,
        penalty: None,
        assisting: Vec::new(),
    };
    let rulebook = asked.env.rulebook.version.clone();
    let decision = RoutingDecision {
        rulebook,
        row: None,
        reason: "recorded".to_owned(),
    };
    Some(
        Event::ClueAssigned {
            assignment,
            decision,
            deadline,
            recorded: true,
        }
        .into(),
    )
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
        .map(|(from, to)| Event::ClueTransferred {
            from: Some(from.clone()),
            to: to.clone(),
            basis: None,
            recorded: true,
        });
    let resolution = Resolution {
        conclusion: past.conclusion,
        measures: Vec::new(),
        evidence: Vec::new(),
        substantiated: None,
        matter: None,
        legal_basis: None,
        document_number: None,
    };
    let class = past.conclusion.class();
    let close = Event::ClueClosed {
        resolution,
        class,
        recorded: true,
    };
    transfer
        .into_iter()
        .chain([close])
        .map(|event| Step::recorded(at, event))
        .collect()
}
