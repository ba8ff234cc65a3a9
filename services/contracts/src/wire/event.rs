//! The bodies of events.

use bihuan_domain::clue::{Assignment, Event, Field, Rejection, Report, RoutingDecision, TaskEvent};
use bihuan_domain::time::Timestamp;

use super::clocks::{self, limit};
use super::{Result, Wire, Word, code, digest, optional_code, optional_part, part, parts, text, word, words};
use super::{dispute, task};
use crate::DecodeError;
use crate::generated::clue::v1 as proto;
use crate::generated::clue::v1::event::Body;

#[expect(clippy::too_many_lines, reason = "one arm an event")]
pub(crate) fn to_wire(event: &Event) -> Body {
    use Event as E;
    match event {
        E::ClueReported { number, report } => reported(number, report),
        E::ReportRepeated {
            repeat,
            digest,
            history,
            version,
            log,
        } => parts::repeated(*repeat, digest, (history.as_ref(), log.as_ref()), *version),
        E::SourceUpdated {
            report,
            changed,
            same_version,
            corrected,
        } => updated(report, changed, *same_version, corrected),
        E::ClueLinked { report } => Body::ClueLinked(proto::ClueLinked {
            report: Some(report.to_wire()),
        }),
        E::LinkRepeated {
            source,
            source_id,
            repeat,
            version,
        } => Body::LinkRepeated(proto::LinkRepeated {
            source: source.to_string(),
            source_id: source_id.clone(),
            repeat: repeat.number(),
            version: *version,
        }),
        E::SourceDeleted(deletion) => Body::SourceDeleted(proto::SourceDeleted {
            deletion: Some(deletion.to_wire()),
        }),
        E::UnknownDeleted(deletion) => Body::UnknownDeleted(proto::UnknownDeleted {
            deletion: Some(deletion.to_wire()),
        }),
        E::SourceMissing { file } => Body::SourceMissing(proto::SourceMissing {
            file: file.0.to_vec(),
        }),
        E::ClueAdmitted => Body::ClueAdmitted(proto::ClueAdmitted {}),
        E::ClueRejected { reason } => Body::ClueRejected(proto::ClueRejected {
            reason: reason.clone(),
        }),
        E::ClueCorrected(it) => {
            let proto::ClueRecoded {
                matter,
                area,
                severity,
                cleared,
            } = parts::codes(it);
            Body::ClueCorrected(proto::ClueCorrected {
                matter,
                area,
                severity,
                cleared,
            })
        }
        E::ClueRecoded(it) => Body::ClueRecoded(parts::codes(it)),
        E::WithdrawalConfirmed => Body::WithdrawalConfirmed(proto::WithdrawalConfirmed {}),
        E::DiscrepancySettled {
            discrepancy,
            accepted,
        } => {
            let (discrepancy, accepted) = (discrepancy.number(), *accepted);
            Body::DiscrepancySettled(proto::DiscrepancySettled {
                discrepancy,
                accepted,
            })
        }
        E::ClueHeldForTriage { decision } => {
            let decision = Some(decision.to_wire());
            Body::ClueHeldForTriage(proto::ClueHeldForTriage { decision })
        }
        E::ClueOffered { rulebook } => Body::ClueOffered(proto::ClueOffered {
            rulebook: rulebook.to_string(),
        }),
        E::ClueHeldForCoordination { level, returns } => {
            let (level, returns) = (level.number(), *returns);
            Body::ClueHeldForCoordination(proto::ClueHeldForCoordination { level, returns })
        }
        E::ClueAssigned {
            assignment,
            decision,
            deadline,
            recorded,
        } => assigned(assignment, decision, *deadline, *recorded),
        E::ClueDelegated { from, to } => {
            let (from, to) = (from.to_string(), to.to_string());
            Body::ClueDelegated(proto::ClueDelegated { from, to })
        }
        E::ClueAcknowledged => Body::ClueAcknowledged(proto::ClueAcknowledged {}),
        E::ReturnRequested {
            duty,
            proposed,
            returns,
        } => parts::return_requested(duty, proposed, *returns),
        E::ReturnApproved => Body::ReturnApproved(proto::ReturnApproved {}),
        E::ReturnRefused => Body::ReturnRefused(proto::ReturnRefused {}),
        E::ClueTransferred {
            from,
            to,
            basis,
            recorded,
        } => parts::transferred(from.as_ref(), to, basis.as_deref(), *recorded),
        E::HandlingStarted => Body::HandlingStarted(proto::HandlingStarted {}),
        E::ClueSuspended { suspension } => {
            let suspension = Some(suspension.to_wire());
            Body::ClueSuspended(proto::ClueSuspended { suspension })
        }
        E::ClueResumed => Body::ClueResumed(proto::ClueResumed {}),
        E::ExtensionRequested { limit } => clocks::extension_requested(*limit),
        E::ExtensionGranted { limit } => clocks::extension_granted(*limit),
        E::ExtensionRefused => Body::ExtensionRefused(proto::ExtensionRefused {}),
        E::DeadlineRevised => Body::DeadlineRevised(proto::DeadlineRevised {}),
        E::RungReached {
            step,
            rung,
            kind,
            due_at,
            late,
            to,
        } => clocks::rung_reached((*step, rung, *kind), *due_at, *late, to),
        E::NoticeIssued {
            rung,
            kind,
            due_at,
            to,
        } => clocks::notice_issued(rung, *kind, *due_at, to),
        E::NoticeDiscarded {
            rung,
            kind,
            due_at,
            to,
        } => clocks::notice_discarded(rung, *kind, *due_at, to),
        E::ClueResolved { resolution } => {
            let resolution = Some(resolution.to_wire());
            Body::ClueResolved(proto::ClueResolved { resolution })
        }
        E::CheckPassed => Body::CheckPassed(proto::CheckPassed {}),
        E::CheckFailed => Body::CheckFailed(proto::CheckFailed {}),
        E::CallBackRecorded { result, attempt } => {
            let (result, attempt) = (result.number(), *attempt);
            Body::CallBackRecorded(proto::CallBackRecorded { result, attempt })
        }
        E::ClueClosed {
            resolution,
            class,
            recorded,
        } => parts::closed(resolution, *class, *recorded),
        E::ClueReopened { recorded } => Body::ClueReopened(proto::ClueReopened { recorded: *recorded }),
        E::ClueVoided { reason } => Body::ClueVoided(proto::ClueVoided {
            reason: reason.clone(),
        }),
        E::CommandRejected { command, rejection } => rejected(command, rejection),
        E::ClueDisputed {
            dispute,
            opening,
            interim,
            level,
        } => dispute::disputed(*dispute, opening, interim, *level),
        E::ClueHeldForDispute {
            dispute,
            interim,
            level,
        } => dispute::held(*dispute, interim, *level),
        E::ClueDesignated {
            dispute,
            assignment,
            basis,
            by,
        } => dispute::designated(*dispute, assignment, basis, *by),
        E::ClueReleasedFromDispute { dispute } => dispute::released(*dispute),
        E::Task(it) => task::happened(it),
        E::CampaignTagged { campaign } => task::tagged(campaign),
        E::CampaignUntagged => Body::CampaignUntagged(proto::CampaignUntagged {}),
    }
}

fn reported(number: &str, report: &Report) -> Body {
    let (number, report) = (number.to_owned(), Some(report.to_wire()));
    Body::ClueReported(proto::ClueReported { number, report })
}

fn updated(report: &Report, changed: &[Field], same_version: bool, corrected: &[Field]) -> Body {
    Body::SourceUpdated(proto::SourceUpdated {
        report: Some(report.to_wire()),
        changed: changed.iter().map(|field| field.number()).collect(),
        same_version,
        corrected: corrected.iter().map(|field| field.number()).collect(),
    })
}

fn assigned(
    assignment: &Assignment,
    decision: &RoutingDecision,
    deadline: Option<Timestamp>,
    recorded: bool,
) -> Body {
    Body::ClueAssigned(proto::ClueAssigned {
        assignment: Some(assignment.to_wire()),
        decision: Some(decision.to_wire()),
        deadline_us: deadline.map(Timestamp::as_micros),
        recorded,
    })
}

fn rejected(command: &str, rejection: &Rejection) -> Body {
    let Rejection { code, field, stage } = rejection.clone();
    Body::CommandRejected(proto::CommandRejected {
        command: command.to_owned(),
        code,
        field,
        stage,
    })
}

#[expect(clippy::too_many_lines, reason = "one arm an event")]
pub(crate) fn from_wire(body: Body) -> Result<Event> {
    Ok(match body {
        Body::ClueReported(it) => Event::ClueReported {
            number: it.number,
            report: part(it.report, "report")?,
        },
        Body::ReportRepeated(it) => Event::ReportRepeated {
            repeat: word(it.repeat, "repeat")?,
            digest: digest(&it.digest, "digest")?,
            history: optional_part(it.history, "history")?,
            version: it.version,
            log: optional_part(it.log, "log")?,
        },
        Body::SourceUpdated(it) => Event::SourceUpdated {
            report: part(it.report, "report")?,
            changed: words(it.changed, "changed")?,
            same_version: it.same_version,
            corrected: words(it.corrected, "corrected")?,
        },
        Body::ClueLinked(it) => Event::ClueLinked {
            report: part(it.report, "report")?,
        },
        Body::LinkRepeated(it) => Event::LinkRepeated {
            source: code(&it.source, "source")?,
            source_id: text(it.source_id, "source_id")?,
            repeat: word(it.repeat, "repeat")?,
            version: it.version,
        },
        Body::SourceDeleted(it) => Event::SourceDeleted(part(it.deletion, "deletion")?),
        Body::UnknownDeleted(it) => Event::UnknownDeleted(part(it.deletion, "deletion")?),
        Body::SourceMissing(it) => Event::SourceMissing {
            file: digest(&it.file, "file")?,
        },
        Body::ClueAdmitted(_) => Event::ClueAdmitted,
        Body::ClueRejected(it) => Event::ClueRejected { reason: it.reason },
        Body::ClueCorrected(it) => Event::ClueCorrected(parts::codes_of(proto::ClueRecoded {
            matter: it.matter,
            area: it.area,
            severity: it.severity,
            cleared: it.cleared,
        })?),
        Body::ClueRecoded(it) => Event::ClueRecoded(parts::codes_of(it)?),
        Body::WithdrawalConfirmed(_) => Event::WithdrawalConfirmed,
        Body::DiscrepancySettled(it) => Event::DiscrepancySettled {
            discrepancy: word(it.discrepancy, "discrepancy")?,
            accepted: it.accepted,
        },
        Body::ClueHeldForTriage(it) => Event::ClueHeldForTriage {
            decision: part(it.decision, "decision")?,
        },
        Body::ClueOffered(it) => Event::ClueOffered {
            rulebook: code(&it.rulebook, "rulebook")?,
        },
        Body::ClueHeldForCoordination(it) => Event::ClueHeldForCoordination {
            level: word(it.level, "level")?,
            returns: it.returns,
        },
        Body::ClueAssigned(it) => Event::ClueAssigned {
            assignment: part(it.assignment, "assignment")?,
            decision: part(it.decision, "decision")?,
            deadline: it.deadline_us.map(Timestamp::from_micros),
            recorded: it.recorded,
        },
        Body::ClueDelegated(it) => Event::ClueDelegated {
            from: code(&it.from, "from")?,
            to: code(&it.to, "to")?,
        },
        Body::ClueAcknowledged(_) => Event::ClueAcknowledged,
        Body::ReturnRequested(it) => Event::ReturnRequested {
            duty: it.duty,
            proposed: code(&it.proposed, "proposed")?,
            returns: it.returns,
        },
        Body::ReturnApproved(_) => Event::ReturnApproved,
        Body::ReturnRefused(_) => Event::ReturnRefused,
        Body::ClueTransferred(it) => Event::ClueTransferred {
            from: optional_code(it.from.as_deref(), "from")?,
            to: code(&it.to, "to")?,
            basis: it.basis,
            recorded: it.recorded,
        },
        Body::HandlingStarted(_) => Event::HandlingStarted,
        Body::ClueSuspended(it) => Event::ClueSuspended {
            suspension: part(it.suspension, "suspension")?,
        },
        Body::ClueResumed(_) => Event::ClueResumed,
        Body::ExtensionRequested(it) => Event::ExtensionRequested {
            limit: limit(&it.limit, "limit")?,
        },
        Body::ExtensionGranted(it) => Event::ExtensionGranted {
            limit: limit(&it.limit, "limit")?,
        },
        Body::ExtensionRefused(_) => Event::ExtensionRefused,
        Body::DeadlineRevised(_) => Event::DeadlineRevised,
        Body::RungReached(it) => clocks::rung(it)?,
        Body::NoticeIssued(it) => clocks::notice(it)?,
        Body::NoticeDiscarded(it) => clocks::discarded(it)?,
        Body::ClueResolved(it) => Event::ClueResolved {
            resolution: part(it.resolution, "resolution")?,
        },
        Body::CheckPassed(_) => Event::CheckPassed,
        Body::CheckFailed(_) => Event::CheckFailed,
        Body::CallBackRecorded(it) => Event::CallBackRecorded {
            result: word(it.result, "result")?,
            attempt: it.attempt,
        },
        Body::ClueClosed(it) => Event::ClueClosed {
            resolution: part(it.resolution, "resolution")?,
            class: word(it.class, "class")?,
            recorded: it.recorded,
        },
        Body::ClueReopened(it) => Event::ClueReopened {
            recorded: it.recorded,
        },
        Body::ClueVoided(it) => Event::ClueVoided { reason: it.reason },
        Body::CommandRejected(it) => {
            let proto::CommandRejected {
                command,
                code,
                field,
                stage,
            } = it;
            let rejection = Rejection { code, field, stage };
            Event::CommandRejected { command, rejection }
        }
        Body::ClueDisputed(it) => dispute::clue_disputed(it)?,
        Body::ClueHeldForDispute(it) => dispute::clue_held(it)?,
        Body::ClueDesignated(it) => dispute::clue_designated(it)?,
        Body::ClueReleasedFromDispute(it) => dispute::clue_released(&it)?,
        Body::AssistanceAsked(it) => task::was_asked(it)?,
        Body::TaskAcknowledged(it) => Event::Task(TaskEvent::Acknowledged { task: it.task }),
        Body::ArrivalNoted(proto::ArrivalNoted { task, late }) => {
            Event::Task(TaskEvent::ArrivalNoted { task, late })
        }
        Body::TaskReplied(proto::TaskReplied { task, late }) => {
            Event::Task(TaskEvent::Replied { task, late })
        }
        Body::TaskDeclined(proto::TaskDeclined { task, late }) => {
            Event::Task(TaskEvent::Declined { task, late })
        }
        Body::TaskRated(it) => task::was_rated(it)?,
        Body::TaskWithdrawn(it) => Event::Task(TaskEvent::Withdrawn { task: it.task }),
        Body::CampaignTagged(it) => Event::CampaignTagged {
            campaign: code(&it.campaign, "campaign")?,
        },
        Body::CampaignUntagged(_) => Event::CampaignUntagged,
        Body::RulebookActivated(_)
        | Body::RulebookWithdrawn(_)
        | Body::CommandQuarantined(_)
        | Body::CommandParked(_)
        | Body::ParkedDiscarded(_) => {
            return Err(DecodeError::type_unknown(
                "body",
                "is of a partition, not of a clue",
            ));
        }
    })
}
