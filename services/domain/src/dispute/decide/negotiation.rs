//! The parties talk first (协商; 住房和城乡建设部令 55 art. 6), and put down what came of it.

use super::super::{Agreement, Dispute, DocumentKind, Event, Paper, Position, Step};
use super::asked::{Asked, Capacity, at_step, filed};
use super::{Answer, Code, Rejection};
use crate::clue::Role;
use crate::code::AgencyId;

/// On whom they agree: never on one who does not say that it has the duty, unless the coordinator was there.
pub(super) fn record(
    dispute: &Dispute,
    asked: &Asked<'_>,
    agreed: Option<&AgencyId>,
    minutes: &Paper,
) -> Answer {
    let by_party = if asked.is(Role::Coordinator) {
        asked.coordinator(dispute, Capacity::Coordinates)?;
        None
    } else {
        Some(&asked.party(dispute)?.agency)
    };
    at_step(dispute, &[Step::Negotiation])?;
    filed(minutes, "minutes")?;
    let recorded = Event::MinutesRecorded {
        agreed: agreed.cloned(),
        document: minutes.filed_as(DocumentKind::Minutes),
    };
    let Some(agency) = agreed else {
        return Ok(vec![recorded]);
    };
    let Some(party) = dispute.party(agency) else {
        return Err(Rejection::of_field(Code::NamedNotParty, "agreed"));
    };
    let takes_it = party.position == Some(Position::Claims);
    if !takes_it && by_party.is_some_and(|by| by != agency) {
        return Err(Rejection::of_field(Code::AgreedBehindBack, "agreed"));
    }
    let settled = Event::DisputeSettled {
        agency: agency.clone(),
        by: Agreement::Negotiation,
    };
    Ok(vec![recorded, settled])
}
