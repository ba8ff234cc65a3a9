//! The bodies of commands of a dispute.

use bihuan_domain::dispute::Command;

use crate::generated::dispute::v1 as proto;
use crate::generated::dispute::v1::command::Body;
use crate::wire::{Result, Wire, Word, code, optional_code, part, parts, word};

pub(crate) fn to_wire(command: &Command) -> Body {
    use Command as C;
    match command {
        C::OpenDispute(opening) => Body::OpenDispute(proto::OpenDispute {
            opening: Some(opening.to_wire()),
        }),
        C::StatePosition {
            position,
            duty,
            papers,
        } => Body::StatePosition(proto::StatePosition {
            position: position.number(),
            duty: duty.clone(),
            papers: papers.iter().map(Wire::to_wire).collect(),
        }),
        C::RecordMinutes { agreed, minutes } => Body::RecordMinutes(proto::RecordMinutes {
            agreed: agreed.as_ref().map(ToString::to_string),
            minutes: Some(minutes.to_wire()),
        }),
        C::Apply { application } => Body::Apply(proto::Apply {
            application: Some(application.to_wire()),
        }),
        C::AcceptApplication => Body::AcceptApplication(proto::AcceptApplication {}),
        C::RefuseApplication { ground } => Body::RefuseApplication(proto::RefuseApplication {
            ground: ground.number(),
        }),
        C::ForwardApplication => Body::ForwardApplication(proto::ForwardApplication {}),
        C::Reply { reply } => Body::Reply(proto::Reply {
            reply: Some(reply.to_wire()),
        }),
        C::RecordMeeting { minutes } => Body::RecordMeeting(proto::RecordMeeting {
            minutes: Some(minutes.to_wire()),
        }),
        C::GiveOpinion { agency, opinion } => Body::GiveOpinion(proto::GiveOpinion {
            agency: agency.to_string(),
            opinion: Some(opinion.to_wire()),
        }),
        C::AcceptOpinion => Body::AcceptOpinion(proto::AcceptOpinion {}),
        C::DeclineOpinion => Body::DeclineOpinion(proto::DeclineOpinion {}),
        C::DecideDispute(ruling) => Body::DecideDispute(proto::DecideDispute {
            ruling: Some(ruling.to_wire()),
        }),
        C::WithdrawDispute => Body::WithdrawDispute(proto::WithdrawDispute {}),
        C::AppealRuling { application } => Body::AppealRuling(proto::AppealRuling {
            application: Some(application.to_wire()),
        }),
        C::AddParty(claim) => Body::AddParty(proto::AddParty {
            claim: Some(claim.to_wire()),
        }),
        C::NameLead { agency } => Body::NameLead(proto::NameLead {
            agency: agency.to_string(),
        }),
        C::NoteTakenUp { agency } => Body::NoteTakenUp(proto::NoteTakenUp {
            agency: agency.to_string(),
        }),
        C::NoteClueEnded { how } => Body::NoteClueEnded(proto::NoteClueEnded { how: how.number() }),
    }
}

pub(crate) fn from_wire(body: Body) -> Result<Command> {
    Ok(match body {
        Body::OpenDispute(it) => Command::OpenDispute(part(it.opening, "opening")?),
        Body::StatePosition(it) => Command::StatePosition {
            position: word(it.position, "position")?,
            duty: it.duty,
            papers: parts(it.papers, "papers")?,
        },
        Body::RecordMinutes(it) => Command::RecordMinutes {
            agreed: optional_code(it.agreed.as_deref(), "agreed")?,
            minutes: part(it.minutes, "minutes")?,
        },
        Body::Apply(it) => Command::Apply {
            application: part(it.application, "application")?,
        },
        Body::AcceptApplication(_) => Command::AcceptApplication,
        Body::RefuseApplication(it) => Command::RefuseApplication {
            ground: word(it.ground, "ground")?,
        },
        Body::ForwardApplication(_) => Command::ForwardApplication,
        Body::Reply(it) => Command::Reply {
            reply: part(it.reply, "reply")?,
        },
        Body::RecordMeeting(it) => Command::RecordMeeting {
            minutes: part(it.minutes, "minutes")?,
        },
        Body::GiveOpinion(it) => Command::GiveOpinion {
            agency: code(&it.agency, "agency")?,
            opinion: part(it.opinion, "opinion")?,
        },
        Body::AcceptOpinion(_) => Command::AcceptOpinion,
        Body::DeclineOpinion(_) => Command::DeclineOpinion,
        Body::DecideDispute(it) => Command::DecideDispute(part(it.ruling, "ruling")?),
        Body::WithdrawDispute(_) => Command::WithdrawDispute,
        Body::AppealRuling(it) => Command::AppealRuling {
            application: part(it.application, "application")?,
        },
        Body::AddParty(it) => Command::AddParty(part(it.claim, "claim")?),
        Body::NameLead(it) => Command::NameLead {
            agency: code(&it.agency, "agency")?,
        },
        Body::NoteTakenUp(it) => Command::NoteTakenUp {
            agency: code(&it.agency, "agency")?,
        },
        Body::NoteClueEnded(it) => Command::NoteClueEnded {
            how: word(it.how, "how")?,
        },
    })
}
