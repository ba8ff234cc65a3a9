//! A dispute ends without being settled: those who wanted it give it up, or its clue ends.

use super::super::{Cause, ClueEnd, Dispute, Event, Step};
use super::asked::{Asked, Capacity, at_step, before_ruling};
use super::{Answer, Code, Rejection};
use crate::clue::Role;

/// Whoever applied may, until then whoever opened it; otherwise all parties together. Of an appeal, who made it: the ruling then
/// stands.
pub(super) fn withdraw(dispute: &Dispute, asked: &Asked<'_>) -> Answer {
    if asked.is(Role::Coordinator) {
        asked.coordinator(dispute, Capacity::Coordinates)?;
        at_step(dispute, &[Step::Negotiation, Step::Application])?;
        return if dispute.opening.cause == Cause::ByCoordinator {
            Ok(vec![Event::DisputeWithdrawn])
        } else {
            Err(Code::NotEntitled.into())
        };
    }
    let party = asked.party(dispute)?;
    let agency = party.agency.clone();
    if let Some(appellant) = &dispute.appellant {
        return if *appellant == agency {
            Ok(vec![Event::AppealWithdrawn { agency }])
        } else {
            Err(Rejection::of_step(Code::NotAppellant, dispute))
        };
    }
    before_ruling(dispute)?;
    let opener = dispute.opened_by.agency.as_ref();
    if dispute.applicant.as_ref().or(opener) == Some(&agency) {
        return Ok(vec![Event::DisputeWithdrawn]);
    }
    if party.withdraws {
        return Err(Code::AlreadyWithdrawn.into());
    }
    let mut others = dispute.parties.iter().filter(|it| it.agency != agency);
    let all_withdraw = others.all(|it| it.withdraws);
    let mut events = vec![Event::WithdrawalAgreed { agency }];
    if all_withdraw {
        events.push(Event::DisputeWithdrawn);
    }
    Ok(events)
}

/// Carried out is a ruling that stands, where the clue was closed by whoever took it up.
pub(super) fn clue_ended(dispute: &Dispute, asked: &Asked<'_>, how: ClueEnd) -> Answer {
    asked.service()?;
    let is_carried_out = how == ClueEnd::Closed && dispute.taken_up_at.is_some();
    Ok(vec![Event::ClueEnded {
        how,
        carried_out_by: dispute.responsible().filter(|_| is_carried_out).cloned(),
    }])
}
