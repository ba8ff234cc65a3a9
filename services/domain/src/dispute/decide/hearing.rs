//! The parties are heard (答辩, perhaps in a joint meeting), and the coordinator says what it thinks (协调意见书).

use super::super::{Agreement, Dispute, DocumentKind, Event, Paper, Step};
use super::asked::{Asked, Capacity, at_step, filed};
use super::{Answer, Code, Rejection};
use crate::code::AgencyId;

/// Once each; the applicant has spoken by its application.
pub(super) fn reply(dispute: &Dispute, asked: &Asked<'_>, reply: &Paper) -> Answer {
    let party = asked.party(dispute)?;
    at_step(dispute, &[Step::Replies])?;
    if party.replied_at.is_some() || dispute.applicant.as_ref() == Some(&party.agency) {
        return Err(Code::AlreadyReplied.into());
    }
    filed(reply, "reply")?;
    let mut events = vec![Event::ReplyGiven {
        agency: party.agency.clone(),
        document: reply.filed_as(DocumentKind::Reply),
    }];
    if dispute.has_heard_all_but(Some(&party.agency)) {
        events.push(Event::RepliesComplete);
    }
    Ok(events)
}

pub(super) fn meet(dispute: &Dispute, asked: &Asked<'_>, minutes: &Paper) -> Answer {
    asked.coordinator(dispute, Capacity::Coordinates)?;
    at_step(dispute, &[Step::Opinion])?;
    filed(minutes, "minutes")?;
    Ok(vec![Event::MeetingRecorded {
        document: minutes.filed_as(DocumentKind::Minutes),
    }])
}

/// Whether or not the parties agree; on one of them, since they may settle on it.
pub(super) fn opine(dispute: &Dispute, asked: &Asked<'_>, agency: &AgencyId, opinion: &Paper) -> Answer {
    asked.coordinator(dispute, Capacity::Coordinates)?;
    at_step(dispute, &[Step::Opinion])?;
    if dispute.party(agency).is_none() {
        return Err(Rejection::of_field(Code::NamedNotParty, "agency"));
    }
    filed(opinion, "opinion")?;
    Ok(vec![Event::OpinionGiven {
        agency: agency.clone(),
        forum: dispute.forum.clone(),
        document: opinion.filed_as(DocumentKind::Opinion),
    }])
}

/// All accept: it is settled. One does not: it is decided.
pub(super) fn consent(dispute: &Dispute, asked: &Asked<'_>, accepts: bool) -> Answer {
    let party = asked.party(dispute)?;
    at_step(dispute, &[Step::Consent])?;
    if party.consent.is_some() {
        return Err(Code::AlreadyAnswered.into());
    }
    let agency = party.agency.clone();
    if !accepts {
        return Ok(vec![Event::OpinionDeclined { agency }]);
    }
    let mut others = dispute.parties.iter().filter(|it| it.agency != agency);
    let all_accept = others.all(|it| it.consent == Some(true));
    let mut events = vec![Event::OpinionAccepted { agency }];
    if let Some(opinion) = dispute.opinion.as_ref().filter(|_| all_accept) {
        events.push(Event::DisputeSettled {
            agency: opinion.agency.clone(),
            by: Agreement::Opinion,
        });
    }
    Ok(events)
}
