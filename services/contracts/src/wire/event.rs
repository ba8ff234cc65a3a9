//! The bodies of events.

use bihuan_domain::clue::{Event, Rejection};
use bihuan_domain::code::{AgencyId, AreaCode, MatterCode};
use bihuan_domain::time::Timestamp;

use super::{Result, Wire, Word, code, digest, optional_code, optional_part, part, word};
use crate::DecodeError;
use crate::generated::clue::v1 as proto;
use crate::generated::clue::v1::event::Body;

pub(crate) fn to_wire(event: &Event) -> Body {
    use Event as E;
    match event {
        E::ClueReported { number, report } => Body::ClueReported(proto::ClueReported {
            number: number.clone(),
            report: Some(report.to_wire()),
        }),
        E::ReportRepeated {
            repeat,
            digest,
            history,
        } => {
            let (repeat, digest, history) = (
                repeat.number(),
                digest.0.to_vec(),
                history.as_ref().map(Wire::to_wire),
            );
            Body::ReportRepeated(proto::ReportRepeated {
                repeat,
                digest,
                history,
            })
        }
        E::ClueAdmitted => Body::ClueAdmitted(proto::ClueAdmitted {}),
        E::ClueRejected { reason } => Body::ClueRejected(proto::ClueRejected {
            reason: reason.clone(),
        }),
        E::ClueCorrected { matter, area } => {
            let (matter, area) = (
                matter.as_ref().map(MatterCode::to_string),
                area.as_ref().map(AreaCode::to_string),
            );
            Body::ClueCorrected(proto::ClueCorrected { matter, area })
        }
        E::ClueHeldForTriage { decision } => Body::ClueHeldForTriage(proto::ClueHeldForTriage {
            decision: Some(decision.to_wire()),
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
        } => Body::ClueAssigned(proto::ClueAssigned {
            assignment: Some(assignment.to_wire()),
            decision: Some(decision.to_wire()),
            deadline_us: deadline.map(Timestamp::as_micros),
            recorded: *recorded,
        }),
        E::ClueDelegated { from, to } => Body::ClueDelegated(proto::ClueDelegated {
            from: from.to_string(),
            to: to.to_string(),
        }),
        E::ClueAcknowledged => Body::ClueAcknowledged(proto::ClueAcknowledged {}),
        E::ReturnRequested {
            duty,
            proposed,
            returns,
        } => {
            let (duty, proposed, returns) = (duty.clone(), proposed.to_string(), *returns);
            Body::ReturnRequested(proto::ReturnRequested {
                duty,
                proposed,
                returns,
            })
        }
        E::ReturnApproved => Body::ReturnApproved(proto::ReturnApproved {}),
        E::ReturnRefused => Body::ReturnRefused(proto::ReturnRefused {}),
        E::ClueTransferred {
            from,
            to,
            basis,
            recorded,
        } => {
            let (from, to, basis) = (
                from.as_ref().map(AgencyId::to_string),
                to.to_string(),
                basis.clone(),
            );
            Body::ClueTransferred(proto::ClueTransferred {
                from,
                to,
                basis,
                recorded: *recorded,
            })
        }
        E::HandlingStarted => Body::HandlingStarted(proto::HandlingStarted {}),
        E::ClueSuspended { suspension } => Body::ClueSuspended(proto::ClueSuspended {
            suspension: Some(suspension.to_wire()),
        }),
        E::ClueResumed => Body::ClueResumed(proto::ClueResumed {}),
        E::ClueResolved { resolution } => Body::ClueResolved(proto::ClueResolved {
            resolution: Some(resolution.to_wire()),
        }),
        E::CheckPassed => Body::CheckPassed(proto::CheckPassed {}),
        E::CheckFailed => Body::CheckFailed(proto::CheckFailed {}),
        E::CallBackRecorded { result, attempt } => Body::CallBackRecorded(proto::CallBackRecorded {
            result: result.number(),
            attempt: *attempt,
        }),
        E::ClueClosed {
            resolution,
            class,
            recorded,
        } => {
            let (resolution, class, recorded) = (Some(resolution.to_wire()), class.number(), *recorded);
            Body::ClueClosed(proto::ClueClosed {
                resolution,
                class,
                recorded,
            })
        }
        E::ClueReopened => Body::ClueReopened(proto::ClueReopened {}),
        E::ClueVoided { reason } => Body::ClueVoided(proto::ClueVoided {
            reason: reason.clone(),
        }),
        E::CommandRejected { command, rejection } => Body::CommandRejected(rejected(command, rejection)),
    }
}

fn rejected(command: &str, rejection: &Rejection) -> proto::CommandRejected {
    let Rejection { code, field, stage } = rejection.clone();
    proto::CommandRejected {
        command: command.to_owned(),
        code,
        field,
        stage,
    }
}

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
        },
        Body::ClueAdmitted(_) => Event::ClueAdmitted,
        Body::ClueRejected(it) => Event::ClueRejected { reason: it.reason },
        Body::ClueCorrected(it) => Event::ClueCorrected {
            matter: optional_code(it.matter.as_deref(), "matter")?,
            area: optional_code(it.area.as_deref(), "area")?,
        },
        Body::ClueHeldForTriage(it) => Event::ClueHeldForTriage {
            decision: part(it.decision, "decision")?,
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
        Body::ClueReopened(_) => Event::ClueReopened,
        Body::ClueVoided(it) => Event::ClueVoided { reason: it.reason },
        Body::CommandRejected(it) => Event::CommandRejected {
            command: it.command,
            rejection: Rejection {
                code: it.code,
                field: it.field,
                stage: it.stage,
            },
        },
        Body::RulebookActivated(_) | Body::CommandQuarantined(_) => {
            return Err(DecodeError::type_unknown(
                "body",
                "is of a partition, not of a clue",
            ));
        }
    })
}
