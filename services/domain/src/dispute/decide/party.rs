//! Who quarrels: what each says, who comes in, and who takes the lead meanwhile.

use super::super::jurisdiction::impartial;
use super::super::{
    Claim, Dispute, DocumentKind, Event, InterimRule, MOST_PARTIES, Paper, Position, interim_holder,
    jurisdiction,
};
use super::asked::{Asked, Capacity, before_ruling, filed, required};
use super::{Answer, Code, Rejection};
use crate::clue::Role;
use crate::code::AgencyId;

/// With the duty that it relies on, whatever it says.
pub(super) fn state(
    dispute: &Dispute,
    asked: &Asked<'_>,
    position: Position,
    duty: &str,
    papers: &[Paper],
) -> Answer {
    let party = asked.party(dispute)?;
    before_ruling(dispute)?;
    required(duty, Code::DutyMissing, "duty")?;
    papers.iter().try_for_each(|paper| filed(paper, "papers"))?;
    let documents = papers.iter().map(|paper| paper.filed_as(DocumentKind::Other));
    Ok(vec![Event::PositionStated {
        agency: party.agency.clone(),
        position,
        duty: duty.to_owned(),
        documents: documents.collect(),
    }])
}

/// Whoever comes in may make another forum competent, but never a lower one than has the dispute now.
pub(super) fn add(dispute: &Dispute, asked: &Asked<'_>, claim: &Claim) -> Answer {
    if asked.is(Role::Coordinator) {
        asked.coordinator(dispute, Capacity::Coordinates)?;
    } else {
        asked.service()?;
    }
    before_ruling(dispute)?;
    asked.known(&claim.agency, "agency")?;
    if dispute.party(&claim.agency).is_some() {
        return Err(Rejection::of_field(Code::AlreadyParty, "agency"));
    }
    if dispute.parties.len() >= MOST_PARTIES {
        return Err(Code::TooManyParties.into());
    }
    let mut parties = dispute.agencies();
    parties.push(&claim.agency);
    let jurisdiction = jurisdiction(asked.env.rulebook, parties.iter().copied());
    let is_higher = jurisdiction.forum.level() > dispute.forum.level();
    let higher = if is_higher {
        &jurisdiction.forum
    } else {
        &dispute.forum
    };
    let (forum, _) = impartial(higher.clone(), asked.policy(), &parties);
    Ok(vec![Event::PartyAdded {
        claim: claim.clone(),
        jurisdiction,
        forum,
    }])
}

/// Only where the policy lets whoever was named hold the clue.
pub(super) fn lead(dispute: &Dispute, asked: &Asked<'_>, agency: &AgencyId) -> Answer {
    asked.coordinator(dispute, Capacity::Coordinates)?;
    if asked.policy().interim_holder != InterimRule::DesignatedLead {
        return Err(Code::LeadNotUsed.into());
    }
    before_ruling(dispute)?;
    asked.known(agency, "agency")?;
    Ok(vec![Event::LeadNamed {
        agency: agency.clone(),
        interim: interim_holder(&dispute.opening, Some(agency), asked.policy()),
    }])
}
