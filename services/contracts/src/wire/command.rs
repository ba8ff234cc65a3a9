//! The bodies of commands.

use bihuan_domain::clue::{Assignment, Command, Suspension, TaskCommand};

use super::clocks::limit;
use super::{Result, Wire, Word, code, digest, optional_code, part, word};
use super::{dispute, task};
use crate::DecodeError;
use crate::generated::clue::v1 as proto;
use crate::generated::clue::v1::command::Body;

/// The body of a command of a clue. A rulebook is activated for a partition and is no [`Command`].
#[expect(clippy::too_many_lines, reason = "one arm a command")]
pub(crate) fn to_wire(command: &Command) -> Body {
    use Command as C;
    match command {
        C::ReportClue(report) => Body::ReportClue(proto::ReportClue {
            report: Some(report.to_wire()),
        }),
        C::NoteDeleted(deletion) => Body::NoteDeleted(proto::NoteDeleted {
            deletion: Some(deletion.to_wire()),
        }),
        C::NoteMissing { file } => Body::NoteMissing(proto::NoteMissing {
            file: file.0.to_vec(),
        }),
        C::AdmitClue => Body::AdmitClue(proto::AdmitClue {}),
        C::RejectClue { reason } => Body::RejectClue(proto::RejectClue {
            reason: reason.clone(),
        }),
        C::HoldForTriage { decision } => Body::HoldForTriage(proto::HoldForTriage {
            decision: Some(decision.to_wire()),
        }),
        C::AssignClue {
            agency,
            penalty,
            assisting,
            decision,
        } => {
            let (agency, penalty, assisting) = (agency.clone(), penalty.clone(), assisting.clone());
            let assignment = Some(
                Assignment {
                    agency,
                    penalty,
                    assisting,
                }
                .to_wire(),
            );
            Body::AssignClue(proto::AssignClue {
                assignment,
                decision: Some(decision.to_wire()),
            })
        }
        C::DelegateClue { to } => Body::DelegateClue(proto::DelegateClue { to: to.to_string() }),
        C::AcknowledgeClue => Body::AcknowledgeClue(proto::AcknowledgeClue {}),
        C::RequestReturn { duty, proposed } => Body::RequestReturn(proto::RequestReturn {
            duty: duty.clone(),
            proposed: proposed.to_string(),
        }),
        C::ApproveReturn { to } => Body::ApproveReturn(proto::ApproveReturn {
            to: to.as_ref().map(ToString::to_string),
        }),
        C::RefuseReturn => Body::RefuseReturn(proto::RefuseReturn {}),
        C::TransferClue { to, basis } => Body::TransferClue(proto::TransferClue {
            to: to.to_string(),
            basis: basis.clone(),
        }),
        C::StartHandling => Body::StartHandling(proto::StartHandling {}),
        C::SuspendClue {
            reason,
            approver,
            until,
        } => {
            let suspension = Suspension {
                reason: reason.clone(),
                approver: approver.clone(),
                until: *until,
            };
            Body::SuspendClue(proto::SuspendClue {
                suspension: Some(suspension.to_wire()),
            })
        }
        C::ResumeClue => Body::ResumeClue(proto::ResumeClue {}),
        C::RequestExtension { limit } => Body::RequestExtension(proto::RequestExtension {
            limit: limit.to_string(),
        }),
        C::GrantExtension => Body::GrantExtension(proto::GrantExtension {}),
        C::RefuseExtension => Body::RefuseExtension(proto::RefuseExtension {}),
        C::IssueNotice { rung, ended } => Body::IssueNotice(proto::IssueNotice {
            rung: rung.to_string(),
            ended: *ended,
        }),
        C::DiscardNotice { rung } => Body::DiscardNotice(proto::DiscardNotice {
            rung: rung.to_string(),
        }),
        C::ResolveClue(resolution) => Body::ResolveClue(proto::ResolveClue {
            resolution: Some(resolution.to_wire()),
        }),
        C::PassCheck => Body::PassCheck(proto::PassCheck {}),
        C::FailCheck => Body::FailCheck(proto::FailCheck {}),
        C::RecordCallBack { result } => Body::RecordCallBack(proto::RecordCallBack {
            result: result.number(),
        }),
        C::CloseClue => Body::CloseClue(proto::CloseClue {}),
        C::ReopenClue => Body::ReopenClue(proto::ReopenClue {}),
        C::VoidClue { reason } => Body::VoidClue(proto::VoidClue {
            reason: reason.clone(),
        }),
        C::CorrectClue {
            matter,
            area,
            category,
        } => Body::CorrectClue(proto::CorrectClue {
            matter: matter.as_ref().map(ToString::to_string),
            area: area.as_ref().map(ToString::to_string),
            category: category.as_ref().map(ToString::to_string),
        }),
        C::SettleDiscrepancy { discrepancy, accept } => {
            let (discrepancy, accept) = (discrepancy.number(), *accept);
            Body::SettleDiscrepancy(proto::SettleDiscrepancy { discrepancy, accept })
        }
        C::RaiseDispute { cause, parties } => dispute::raise(*cause, parties),
        C::HoldForDispute {
            dispute,
            interim,
            level,
        } => dispute::hold(*dispute, interim, *level),
        C::DesignateAgency {
            dispute,
            agency,
            assisting,
            basis,
            by,
        } => dispute::designate(*dispute, agency, assisting, basis, *by),
        C::ReleaseFromDispute { dispute } => dispute::release(*dispute),
        C::Task(it) => task::asked_of(it),
        C::TagCampaign { campaign } => Body::TagCampaign(proto::TagCampaign {
            campaign: campaign.to_string(),
        }),
        C::UntagCampaign => Body::UntagCampaign(proto::UntagCampaign {}),
        C::OfferClue { rulebook } => Body::OfferClue(proto::OfferClue {
            rulebook: rulebook.to_string(),
        }),
    }
}

fn suspended(it: proto::SuspendClue) -> Result<Command> {
    let Suspension {
        reason,
        approver,
        until,
    } = part(it.suspension, "suspension")?;
    Ok(Command::SuspendClue {
        reason,
        approver,
        until,
    })
}

pub(crate) fn from_wire(body: Body) -> Result<Command> {
    Ok(match body {
        Body::ReportClue(it) => Command::ReportClue(part(it.report, "report")?),
        Body::NoteDeleted(it) => Command::NoteDeleted(part(it.deletion, "deletion")?),
        Body::NoteMissing(it) => Command::NoteMissing {
            file: digest(&it.file, "file")?,
        },
        Body::AdmitClue(_) => Command::AdmitClue,
        Body::RejectClue(it) => Command::RejectClue { reason: it.reason },
        Body::HoldForTriage(it) => Command::HoldForTriage {
            decision: part(it.decision, "decision")?,
        },
        Body::AssignClue(it) => {
            let Assignment {
                agency,
                penalty,
                assisting,
            } = part(it.assignment, "assignment")?;
            Command::AssignClue {
                agency,
                penalty,
                assisting,
                decision: part(it.decision, "decision")?,
            }
        }
        Body::DelegateClue(it) => Command::DelegateClue {
            to: code(&it.to, "to")?,
        },
        Body::AcknowledgeClue(_) => Command::AcknowledgeClue,
        Body::RequestReturn(it) => Command::RequestReturn {
            duty: it.duty,
            proposed: code(&it.proposed, "proposed")?,
        },
        Body::ApproveReturn(it) => Command::ApproveReturn {
            to: optional_code(it.to.as_deref(), "to")?,
        },
        Body::RefuseReturn(_) => Command::RefuseReturn,
        Body::TransferClue(it) => Command::TransferClue {
            to: code(&it.to, "to")?,
            basis: it.basis,
        },
        Body::StartHandling(_) => Command::StartHandling,
        Body::SuspendClue(it) => suspended(it)?,
        Body::ResumeClue(_) => Command::ResumeClue,
        Body::RequestExtension(it) => Command::RequestExtension {
            limit: limit(&it.limit, "limit")?,
        },
        Body::GrantExtension(_) => Command::GrantExtension,
        Body::RefuseExtension(_) => Command::RefuseExtension,
        Body::IssueNotice(it) => Command::IssueNotice {
            rung: code(&it.rung, "rung")?,
            ended: it.ended,
        },
        Body::DiscardNotice(it) => Command::DiscardNotice {
            rung: code(&it.rung, "rung")?,
        },
        Body::ResolveClue(it) => Command::ResolveClue(part(it.resolution, "resolution")?),
        Body::PassCheck(_) => Command::PassCheck,
        Body::FailCheck(_) => Command::FailCheck,
        Body::RecordCallBack(it) => Command::RecordCallBack {
            result: word(it.result, "result")?,
        },
        Body::CloseClue(_) => Command::CloseClue,
        Body::ReopenClue(_) => Command::ReopenClue,
        Body::VoidClue(it) => Command::VoidClue { reason: it.reason },
        Body::CorrectClue(it) => Command::CorrectClue {
            matter: optional_code(it.matter.as_deref(), "matter")?,
            area: optional_code(it.area.as_deref(), "area")?,
            category: optional_code(it.category.as_deref(), "category")?,
        },
        Body::SettleDiscrepancy(it) => Command::SettleDiscrepancy {
            discrepancy: word(it.discrepancy, "discrepancy")?,
            accept: it.accept,
        },
        Body::OfferClue(it) => Command::OfferClue {
            rulebook: code(&it.rulebook, "rulebook")?,
        },
        Body::RaiseDispute(it) => dispute::raised(it)?,
        Body::HoldForDispute(it) => dispute::to_be_held(it)?,
        Body::DesignateAgency(it) => dispute::to_be_designated(it)?,
        Body::ReleaseFromDispute(it) => dispute::to_be_released(&it)?,
        Body::AskAssistance(it) => task::to_be_asked(&it)?,
        Body::AcknowledgeTask(it) => Command::Task(TaskCommand::Acknowledge { task: it.task }),
        Body::NoteArrival(it) => Command::Task(TaskCommand::NoteArrival { task: it.task }),
        Body::ReplyTask(it) => Command::Task(TaskCommand::Reply { task: it.task }),
        Body::DeclineTask(it) => Command::Task(TaskCommand::Decline { task: it.task }),
        Body::RateTask(it) => task::to_be_rated(it)?,
        Body::WithdrawTask(it) => Command::Task(TaskCommand::Withdraw { task: it.task }),
        Body::TagCampaign(it) => Command::TagCampaign {
            campaign: code(&it.campaign, "campaign")?,
        },
        Body::UntagCampaign(_) => Command::UntagCampaign,
        Body::ActivateRulebook(_) | Body::WithdrawRulebook(_) | Body::DiscardParked(_) => {
            return Err(DecodeError::type_unknown("body", "is not decided by a clue"));
        }
    })
}
