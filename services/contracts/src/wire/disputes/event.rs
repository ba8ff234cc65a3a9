//! The bodies of events of a dispute.

use bihuan_domain::code::AgencyId;
use bihuan_domain::dispute::{Document, Event, Forum, Rejection, Ruling, Skipped};

use super::deadline::{then_from_wire, then_to_wire};
use crate::DecodeError;
use crate::generated::dispute::v1 as proto;
use crate::generated::dispute::v1::event::Body;
use crate::wire::{Result, Wire, Word, code, optional_code, part, parts, time, word};

#[expect(clippy::too_many_lines, reason = "one arm an event")]
pub(crate) fn to_wire(event: &Event) -> Body {
    use Event as E;
    match event {
        E::DisputeOpened {
            opening,
            jurisdiction,
            interim,
        } => Body::DisputeOpened(proto::DisputeOpened {
            opening: Some(opening.to_wire()),
            jurisdiction: Some(jurisdiction.to_wire()),
            interim: Some(interim.to_wire()),
        }),
        E::PositionStated {
            agency,
            position,
            duty,
            documents,
        } => Body::PositionStated(proto::PositionStated {
            agency: agency.to_string(),
            position: position.number(),
            duty: duty.clone(),
            documents: documents.iter().map(Wire::to_wire).collect(),
        }),
        E::MinutesRecorded { agreed, document } => Body::MinutesRecorded(proto::MinutesRecorded {
            agreed: agreed.as_ref().map(ToString::to_string),
            document: Some(document.to_wire()),
        }),
        E::DisputeSettled { agency, by } => Body::DisputeSettled(proto::DisputeSettled {
            agency: agency.to_string(),
            by: by.number(),
        }),
        E::ApplicationMade { by, document } => Body::ApplicationMade(proto::ApplicationMade {
            by: by.to_string(),
            document: Some(document.to_wire()),
        }),
        E::ApplicationAccepted => Body::ApplicationAccepted(proto::ApplicationAccepted {}),
        E::ApplicationRefused { ground } => Body::ApplicationRefused(proto::ApplicationRefused {
            ground: ground.number(),
        }),
        E::ApplicationForwarded => Body::ApplicationForwarded(proto::ApplicationForwarded {}),
        E::ReplyGiven { agency, document } => Body::ReplyGiven(proto::ReplyGiven {
            agency: agency.to_string(),
            document: Some(document.to_wire()),
        }),
        E::RepliesComplete => Body::RepliesComplete(proto::RepliesComplete {}),
        E::MeetingRecorded { document } => Body::MeetingRecorded(proto::MeetingRecorded {
            document: Some(document.to_wire()),
        }),
        E::OpinionGiven {
            agency,
            forum,
            document,
        } => opined(agency, forum, document),
        E::OpinionAccepted { agency } => Body::OpinionAccepted(proto::OpinionAccepted {
            agency: agency.to_string(),
        }),
        E::OpinionDeclined { agency } => Body::OpinionDeclined(proto::OpinionDeclined {
            agency: agency.to_string(),
        }),
        E::DisputeDecided {
            ruling,
            forum,
            document,
            appealable,
        } => decided(ruling, forum, document, *appealable),
        E::WithdrawalAgreed { agency } => Body::WithdrawalAgreed(proto::WithdrawalAgreed {
            agency: agency.to_string(),
        }),
        E::DisputeWithdrawn => Body::DisputeWithdrawn(proto::DisputeWithdrawn {}),
        E::AppealWithdrawn { agency } => Body::AppealWithdrawn(proto::AppealWithdrawn {
            agency: agency.to_string(),
        }),
        E::RulingAppealed {
            agency,
            to,
            skipped,
            document,
        } => appealed(agency, to, skipped, document),
        E::PartyAdded {
            claim,
            jurisdiction,
            forum,
        } => Body::PartyAdded(proto::PartyAdded {
            claim: Some(claim.to_wire()),
            jurisdiction: Some(jurisdiction.to_wire()),
            forum: Some(forum.to_wire()),
        }),
        E::LeadNamed { agency, interim } => Body::LeadNamed(proto::LeadNamed {
            agency: agency.to_string(),
            interim: Some(interim.to_wire()),
        }),
        E::RulingTakenUp { agency, late } => Body::RulingTakenUp(proto::RulingTakenUp {
            agency: agency.to_string(),
            late: *late,
        }),
        E::ClueEnded { how, carried_out_by } => Body::ClueEnded(proto::ClueEnded {
            how: how.number(),
            carried_out_by: carried_out_by.as_ref().map(ToString::to_string),
        }),
        E::StepLapsed { step, due_at, then } => Body::StepLapsed(proto::StepLapsed {
            step: step.number(),
            due_at_us: Some(due_at.as_micros()),
            then: Some(then_to_wire(then)),
        }),
        E::DeadlineRevised => Body::DeadlineRevised(proto::DeadlineRevised {}),
        E::CommandRejected { command, rejection } => rejected(command, rejection),
    }
}

fn opined(agency: &AgencyId, forum: &Forum, document: &Document) -> Body {
    Body::OpinionGiven(proto::OpinionGiven {
        agency: agency.to_string(),
        forum: Some(forum.to_wire()),
        document: Some(document.to_wire()),
    })
}

fn decided(ruling: &Ruling, forum: &Forum, document: &Document, appealable: bool) -> Body {
    Body::DisputeDecided(proto::DisputeDecided {
        ruling: Some(ruling.to_wire()),
        forum: Some(forum.to_wire()),
        document: Some(document.to_wire()),
        appealable,
    })
}

fn appealed(agency: &AgencyId, to: &Forum, skipped: &[Skipped], document: &Document) -> Body {
    Body::RulingAppealed(proto::RulingAppealed {
        agency: agency.to_string(),
        to: Some(to.to_wire()),
        skipped: skipped.iter().map(Wire::to_wire).collect(),
        document: Some(document.to_wire()),
    })
}

fn rejected(command: &str, rejection: &Rejection) -> Body {
    Body::CommandRejected(proto::CommandRejected {
        command: command.to_owned(),
        code: rejection.code.clone(),
        field: rejection.field.clone(),
        step: rejection.step.clone(),
    })
}

pub(crate) fn from_wire(body: Body) -> Result<Event> {
    Ok(match body {
        Body::DisputeOpened(it) => Event::DisputeOpened {
            opening: part(it.opening, "opening")?,
            jurisdiction: part(it.jurisdiction, "jurisdiction")?,
            interim: part(it.interim, "interim")?,
        },
        Body::PositionStated(it) => Event::PositionStated {
            agency: code(&it.agency, "agency")?,
            position: word(it.position, "position")?,
            duty: it.duty,
            documents: parts(it.documents, "documents")?,
        },
        Body::MinutesRecorded(it) => Event::MinutesRecorded {
            agreed: optional_code(it.agreed.as_deref(), "agreed")?,
            document: part(it.document, "document")?,
        },
        Body::DisputeSettled(it) => Event::DisputeSettled {
            agency: code(&it.agency, "agency")?,
            by: word(it.by, "by")?,
        },
        Body::ApplicationMade(it) => Event::ApplicationMade {
            by: code(&it.by, "by")?,
            document: part(it.document, "document")?,
        },
        Body::ApplicationAccepted(_) => Event::ApplicationAccepted,
        Body::ApplicationRefused(it) => Event::ApplicationRefused {
            ground: word(it.ground, "ground")?,
        },
        Body::ApplicationForwarded(_) => Event::ApplicationForwarded,
        Body::ReplyGiven(it) => Event::ReplyGiven {
            agency: code(&it.agency, "agency")?,
            document: part(it.document, "document")?,
        },
        Body::RepliesComplete(_) => Event::RepliesComplete,
        Body::MeetingRecorded(it) => Event::MeetingRecorded {
            document: part(it.document, "document")?,
        },
        Body::OpinionGiven(it) => Event::OpinionGiven {
            agency: code(&it.agency, "agency")?,
            forum: part(it.forum, "forum")?,
            document: part(it.document, "document")?,
        },
        Body::OpinionAccepted(it) => Event::OpinionAccepted {
            agency: code(&it.agency, "agency")?,
        },
        Body::OpinionDeclined(it) => Event::OpinionDeclined {
            agency: code(&it.agency, "agency")?,
        },
        ruled => ruled_from_wire(ruled)?,
    })
}

/// Of a ruling, of what changes who quarrels, and of how it ends.
fn ruled_from_wire(body: Body) -> Result<Event> {
    Ok(match body {
        Body::DisputeDecided(it) => Event::DisputeDecided {
            ruling: part(it.ruling, "ruling")?,
            forum: part(it.forum, "forum")?,
            document: part(it.document, "document")?,
            appealable: it.appealable,
        },
        Body::WithdrawalAgreed(it) => Event::WithdrawalAgreed {
            agency: code(&it.agency, "agency")?,
        },
        Body::DisputeWithdrawn(_) => Event::DisputeWithdrawn,
        Body::AppealWithdrawn(it) => Event::AppealWithdrawn {
            agency: code(&it.agency, "agency")?,
        },
        Body::RulingAppealed(it) => Event::RulingAppealed {
            agency: code(&it.agency, "agency")?,
            to: part(it.to, "to")?,
            skipped: parts(it.skipped, "skipped")?,
            document: part(it.document, "document")?,
        },
        Body::PartyAdded(it) => Event::PartyAdded {
            claim: part(it.claim, "claim")?,
            jurisdiction: part(it.jurisdiction, "jurisdiction")?,
            forum: part(it.forum, "forum")?,
        },
        Body::LeadNamed(it) => Event::LeadNamed {
            agency: code(&it.agency, "agency")?,
            interim: part(it.interim, "interim")?,
        },
        Body::RulingTakenUp(it) => Event::RulingTakenUp {
            agency: code(&it.agency, "agency")?,
            late: it.late,
        },
        Body::ClueEnded(it) => Event::ClueEnded {
            how: word(it.how, "how")?,
            carried_out_by: optional_code(it.carried_out_by.as_deref(), "carried_out_by")?,
        },
        Body::StepLapsed(it) => Event::StepLapsed {
            step: word(it.step, "step")?,
            due_at: time(it.due_at_us, "due_at_us")?,
            then: then_from_wire(it.then)?,
        },
        Body::DeadlineRevised(_) => Event::DeadlineRevised,
        Body::CommandRejected(it) => Event::CommandRejected {
            command: it.command,
            rejection: Rejection {
                code: it.code,
                field: it.field,
                step: it.step,
            },
        },
        _ => return Err(DecodeError::type_unknown("body", "is not of a dispute")),
    })
}
