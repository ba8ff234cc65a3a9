//! A dispute is opened: by a return that reaches the limit, by an agency whose return was refused, by two that claim the clue, or
//! because an agency or a coordinator asks.

use super::super::{Cause, Event, Opening, Position, interim_holder, jurisdiction};
use super::asked::{Asked, Capacity};
use super::{Answer, Code, Rejection};
use crate::clue::Role;
use crate::code::AgencyId;

pub(super) fn open(asked: &Asked<'_>, opening: &Opening) -> Answer {
    let parties: Vec<_> = opening.parties.iter().map(|claim| &claim.agency).collect();
    quarrel(asked, &parties)?;
    let jurisdiction = jurisdiction(asked.env.rulebook, parties.iter().copied());
    match opening.cause {
        // it was raised at its clue, where whoever raised it was judged; that one stands beside the role
        _ if asked.is(Role::Dispute) => {}
        _ if opening.is_opened_by_itself() && !asked.is(Role::Coordinator) => asked.service()?,
        Cause::RefusedReturn | Cause::ByAgency => {
            let agency = asked.agency()?;
            if !parties.contains(&agency) {
                return Err(Code::NotParty.into());
            }
        }
        Cause::ReturnLimit { .. } => asked.service()?,
        Cause::Claims | Cause::ByCoordinator => {
            asked.sits(&jurisdiction.forum, &parties, Capacity::Coordinates)?;
        }
    }
    let claims = opening
        .parties
        .iter()
        .filter(|it| it.position == Some(Position::Claims));
    if opening.cause == Cause::Claims && claims.count() < 2 {
        return Err(Rejection::of_field(Code::ClaimsMissing, "parties"));
    }
    Ok(vec![Event::DisputeOpened {
        interim: interim_holder(opening, None, asked.policy()),
        opening: opening.clone(),
        jurisdiction,
    }])
}

/// It takes two to quarrel, each once, and the rulebook must know them.
fn quarrel(asked: &Asked<'_>, parties: &[&AgencyId]) -> Result<(), Rejection> {
    if parties.len() < 2 {
        return Err(Rejection::of_field(Code::PartiesMissing, "parties"));
    }
    let is_repeated = |(place, party): (usize, &&AgencyId)| parties[..place].contains(party);
    if parties.iter().enumerate().any(is_repeated) {
        return Err(Rejection::of_field(Code::PartyRepeated, "parties"));
    }
    parties.iter().try_for_each(|party| asked.known(party, "parties"))
}
