//! A party asks the coordinator (申请), who accepts (受理) or refuses (不予受理) and sends it to the others.

use super::super::{Dispute, DocumentKind, Event, Ground, Paper, Step};
use super::asked::{Asked, Capacity, at_step, filed};
use super::{Answer, Code, Rejection};
use crate::code::AgencyId;

/// Not before they talked, with minutes, or the time for that passed.
pub(super) fn apply(dispute: &Dispute, asked: &Asked<'_>, application: &Paper) -> Answer {
    let party = asked.party(dispute)?;
    if dispute.step() == Some(Step::Negotiation) {
        return Err(Rejection::of_step(Code::MinutesMissing, dispute));
    }
    at_step(dispute, &[Step::Application])?;
    filed(application, "application")?;
    Ok(vec![Event::ApplicationMade {
        by: party.agency.clone(),
        document: application.filed_as(DocumentKind::Application),
    }])
}

pub(super) fn accept(dispute: &Dispute, asked: &Asked<'_>) -> Answer {
    asked.coordinator(dispute, Capacity::Coordinates)?;
    at_step(dispute, &[Step::Acceptance])?;
    Ok(vec![Event::ApplicationAccepted])
}

pub(super) fn refuse(dispute: &Dispute, asked: &Asked<'_>, ground: Ground) -> Answer {
    asked.coordinator(dispute, Capacity::Coordinates)?;
    at_step(dispute, &[Step::Acceptance])?;
    asked.reason_in_words()?;
    if !asked.policy().excluded.contains(&ground) {
        return Err(Rejection::of_field(Code::GroundNotAllowed, "ground"));
    }
    Ok(vec![Event::ApplicationRefused { ground }])
}

pub(super) fn forward(dispute: &Dispute, asked: &Asked<'_>) -> Answer {
    asked.coordinator(dispute, Capacity::Coordinates)?;
    at_step(dispute, &[Step::Forwarding])?;
    let mut events = vec![Event::ApplicationForwarded];
    // where somebody came in late, the others have replied already
    if dispute.has_heard_all_but(None) {
        events.push(Event::RepliesComplete);
    }
    Ok(events)
}

impl Dispute {
    /// Whether all have replied but the applicant, and perhaps another one.
    pub(super) fn has_heard_all_but(&self, one: Option<&AgencyId>) -> bool {
        let is_excused = |agency| self.applicant.as_ref() == Some(agency) || one == Some(agency);
        let mut parties = self.parties.iter();
        parties.all(|it| it.replied_at.is_some() || is_excused(&it.agency))
    }
}
