//! It is decided (裁定); the ruling may be appealed once, and then has to be carried out.

use super::super::{Dispute, DocumentKind, Event, Paper, Ruling, Step, next_above};
use super::asked::{Asked, Capacity, at_step, filed, required};
use super::{Answer, Code, Rejection};
use crate::clue::Role;
use crate::code::AgencyId;

/// By the government of the level, or whoever the policy says decides in its name.
pub(super) fn decide(dispute: &Dispute, asked: &Asked<'_>, ruling: &Ruling) -> Answer {
    asked.coordinator(dispute, Capacity::Decides)?;
    at_step(dispute, &[Step::Decision])?;
    asked.known(&ruling.responsible, "responsible")?;
    ruling
        .assisting
        .iter()
        .try_for_each(|it| asked.known(it, "assisting"))?;
    if ruling.assisting.contains(&ruling.responsible) {
        return Err(Rejection::of_field(Code::AssistingIsResponsible, "assisting"));
    }
    required(&ruling.basis, Code::BasisMissing, "basis")?;
    filed(&ruling.decision, "decision")?;
    Ok(vec![Event::DisputeDecided {
        ruling: ruling.clone(),
        forum: dispute.forum.clone(),
        document: ruling.decision.filed_as(DocumentKind::Decision),
        appealable: dispute.appeals < asked.policy().appeals && dispute.forum.above().is_some(),
    }])
}

/// To the next level, which reviews the ruling. Until then the interim holder holds the clue.
pub(super) fn appeal(dispute: &Dispute, asked: &Asked<'_>, application: &Paper) -> Answer {
    let party = asked.party(dispute)?;
    if !matches!(dispute.step(), Some(Step::AppealWindow)) && !dispute.rulings.is_empty() {
        return Err(Rejection::of_step(Code::NoAppealLeft, dispute));
    }
    at_step(dispute, &[Step::AppealWindow])?;
    filed(application, "application")?;
    let Some((to, skipped)) = next_above(&dispute.forum, asked.policy(), &dispute.agencies()) else {
        return Err(Rejection::of_step(Code::NoAppealLeft, dispute));
    };
    Ok(vec![Event::RulingAppealed {
        agency: party.agency.clone(),
        to,
        skipped,
        document: application.filed_as(DocumentKind::Application),
    }])
}

/// Said by the agency itself, or seen in the clue's journal.
pub(super) fn taken_up(dispute: &Dispute, asked: &Asked<'_>, agency: &AgencyId) -> Answer {
    if asked.is(Role::Agency) {
        if asked.agency()? != agency {
            return Err(Code::NotEntitled.into());
        }
    } else {
        asked.service()?;
    }
    at_step(
        dispute,
        &[Step::AppealWindow, Step::TakingUp, Step::Breach, Step::Compliance],
    )?;
    if dispute.responsible() != Some(agency) {
        return Err(Rejection::of_field(Code::NotResponsible, "agency"));
    }
    if dispute.taken_up_at.is_some() {
        return Err(Code::AlreadyTakenUp.into());
    }
    Ok(vec![Event::RulingTakenUp {
        agency: agency.clone(),
        late: dispute.step() == Some(Step::Breach),
    }])
}
