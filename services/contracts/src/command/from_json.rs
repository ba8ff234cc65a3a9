//! The form in which people and scripts send a command: over HTTP and from the command line.

use bihuan_domain::clue::{
    Actor, CallBack, Command, Conclusion, Discrepancy, Evidence, EvidenceKind, Measure, Resolution, Role,
    RoutingDecision, TaskCommand, TaskKind, Text,
};
use bihuan_domain::code::RulebookVersion;
use bihuan_domain::digest::Digest;
use bihuan_domain::dispute::{Cause, Claim};
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_domain::time::Timestamp;
use serde_json::Value;

use crate::DecodeError;
use crate::dispute::claim;
use crate::fields::{Fields, Result, element};

/// A command as somebody sent it. What the sender may not say, its id and when it arrived, is still to be added.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub clue: ClueId,
    /// As claimed. Whoever receives the request decides whether to believe it.
    pub actor: Option<Actor>,
    pub expected_version: Option<u32>,
    pub occurred_at: Option<Timestamp>,
    pub command: Command,
    pub text: Option<Text>,
}

impl Request {
    /// The whole command. `fallback` acts if the request names nobody.
    pub fn into_envelope(
        self,
        id: CommandId,
        causation: Option<String>,
        fallback: Actor,
        received_at: Timestamp,
    ) -> bihuan_domain::clue::Envelope {
        bihuan_domain::clue::Envelope {
            id,
            clue: self.clue,
            causation,
            actor: self.actor.unwrap_or(fallback),
            expected_version: self.expected_version,
            occurred_at: self.occurred_at,
            received_at,
            command: self.command,
            text: self.text,
        }
    }
}

/// The causes of a dispute that somebody can give.
pub(crate) const CAUSES: [Cause; 4] = [
    Cause::RefusedReturn,
    Cause::Claims,
    Cause::ByAgency,
    Cause::ByCoordinator,
];

/// Reads `{"type": "request_return", "reason": …, "duty": …, "proposed": …, "actor": {…}, "occurred_at": …}`: the type, the
/// fields of that type, and for every type `actor`, `expected_version`, `occurred_at` and `remark`. A field that the type does
/// not have is an error, and so is `report_clue`: clues are reported as records.
pub fn from_json(clue: ClueId, value: &Value) -> Result<Request> {
    let mut fields = Fields::of(value)?;
    let kind = fields.required_text("type")?;
    let actor = fields.object("actor", actor)?;
    let expected_version = fields.number("expected_version")?;
    let occurred_at = fields.parsed("occurred_at")?;
    let mut text = Text {
        remark: fields.owned("remark")?,
        ..Text::default()
    };
    let command = command(kind, &mut fields, &mut text)?;
    fields.finish()?;
    let text = (!text.is_empty()).then_some(text);
    Ok(Request {
        clue,
        actor,
        expected_version,
        occurred_at,
        command,
        text,
    })
}

fn assigning(fields: &mut Fields<'_>) -> Result<Command> {
    Ok(Command::AssignClue {
        agency: fields.required("agency")?,
        penalty: fields.parsed("penalty")?,
        assisting: fields.list("assisting", element)?,
        decision: by_person(fields)?,
    })
}

fn suspending(fields: &mut Fields<'_>) -> Result<Command> {
    Ok(Command::SuspendClue {
        reason: reason(fields)?,
        approver: fields.required_text("approver")?.to_owned(),
        until: fields.required("until")?,
    })
}

fn command(kind: &str, fields: &mut Fields<'_>, text: &mut Text) -> Result<Command> {
    Ok(match kind {
        "admit_clue" => Command::AdmitClue,
        "reject_clue" => Command::RejectClue {
            reason: reason(fields)?,
        },
        "hold_for_triage" => Command::HoldForTriage {
            decision: by_person(fields)?,
        },
        "assign_clue" => assigning(fields)?,
        "delegate_clue" => Command::DelegateClue {
            to: fields.required("to")?,
        },
        "acknowledge_clue" => Command::AcknowledgeClue,
        "request_return" => {
            text.remark = Some(reason(fields)?);
            returning(fields)?
        }
        "approve_return" => Command::ApproveReturn {
            to: fields.parsed("to")?,
        },
        "refuse_return" => Command::RefuseReturn,
        "transfer_clue" => Command::TransferClue {
            to: fields.required("to")?,
            basis: fields.owned("basis")?,
        },
        "start_handling" => Command::StartHandling,
        "suspend_clue" => suspending(fields)?,
        "resume_clue" => Command::ResumeClue,
        "request_extension" => {
            text.remark = Some(reason(fields)?);
            Command::RequestExtension {
                limit: fields.required("limit")?,
            }
        }
        "grant_extension" => Command::GrantExtension,
        "refuse_extension" => {
            text.remark = Some(reason(fields)?);
            Command::RefuseExtension
        }
        "issue_notice" => Command::IssueNotice {
            rung: fields.required("rung")?,
            ended: fields.truth("ended")?.unwrap_or(false),
        },
        "discard_notice" => {
            text.remark = Some(reason(fields)?);
            Command::DiscardNotice {
                rung: fields.required("rung")?,
            }
        }
        "resolve_clue" => Command::ResolveClue(resolution(fields)?),
        "pass_check" => Command::PassCheck,
        "fail_check" => Command::FailCheck,
        "record_call_back" => Command::RecordCallBack {
            result: fields.word("result", CallBack::parse)?,
        },
        "close_clue" => Command::CloseClue,
        "reopen_clue" => Command::ReopenClue,
        "void_clue" => Command::VoidClue {
            reason: reason(fields)?,
        },
        "correct_clue" => Command::CorrectClue {
            matter: fields.parsed("matter")?,
            area: fields.parsed("area")?,
            category: fields.parsed("category")?,
        },
        "settle_discrepancy" => {
            text.remark = Some(reason(fields)?);
            Command::SettleDiscrepancy {
                discrepancy: fields.word("discrepancy", Discrepancy::parse)?,
                accept: fields.required_truth("accept")?,
            }
        }
        "raise_dispute" => {
            text.remark = Some(reason(fields)?);
            raise(fields)?
        }
        "ask_assistance" | "acknowledge_task" | "note_arrival" | "reply_task" | "decline_task"
        | "rate_task" | "withdraw_task" => Command::Task(of_task(kind, fields, text)?),
        "tag_campaign" => Command::TagCampaign {
            campaign: fields.required("campaign")?,
        },
        "untag_campaign" => Command::UntagCampaign,
        "report_clue" => {
            return Err(DecodeError::type_unknown(
                "type",
                "clues are reported as records, not as commands",
            ));
        }
        unknown => {
            return Err(DecodeError::type_unknown(
                "type",
                format!("{unknown:?} is no command"),
            ));
        }
    })
}

/// What was done, and why something is not, is said in words.
fn of_task(kind: &str, fields: &mut Fields<'_>, text: &mut Text) -> Result<TaskCommand> {
    if matches!(kind, "ask_assistance" | "decline_task" | "withdraw_task") {
        text.remark = Some(reason(fields)?);
    }
    if kind == "ask_assistance" {
        return Ok(TaskCommand::Ask {
            agency: fields.required("agency")?,
            kind: fields.word("kind", TaskKind::parse)?,
            limit: fields.parsed("limit")?,
        });
    }
    if kind == "reply_task" {
        text.remark = Some(fields.required_text("reply")?.to_owned());
    }
    let task = count(fields, "task")?;
    Ok(match kind {
        "acknowledge_task" => TaskCommand::Acknowledge { task },
        "note_arrival" => TaskCommand::NoteArrival { task },
        "reply_task" => TaskCommand::Reply { task },
        "decline_task" => TaskCommand::Decline { task },
        "withdraw_task" => TaskCommand::Withdraw { task },
        _ => {
            let rating = count(fields, "rating")?;
            let most = |_| DecodeError::invalid("rating", format!("{rating} is no rating"));
            TaskCommand::Rate {
                task,
                rating: u8::try_from(rating).map_err(most)?,
            }
        }
    })
}

fn count(fields: &mut Fields<'_>, name: &'static str) -> Result<u32> {
    fields.number(name)?.ok_or_else(|| DecodeError::missing(name))
}

fn returning(fields: &mut Fields<'_>) -> Result<Command> {
    Ok(Command::RequestReturn {
        duty: fields.required_text("duty")?.to_owned(),
        proposed: fields.required("proposed")?,
    })
}

fn raise(fields: &mut Fields<'_>) -> Result<Command> {
    Ok(Command::RaiseDispute {
        cause: fields.word("cause", cause)?,
        parties: fields.list("parties", party)?,
    })
}

/// One that somebody can give: a dispute over too many returns comes up by itself.
fn cause(word: &str) -> Option<Cause> {
    CAUSES.into_iter().find(|cause| cause.as_str() == word)
}

fn party(value: &Value) -> Result<Claim> {
    let mut fields = Fields::of(value)?;
    let claim = claim(&mut fields)?;
    fields.finish()?;
    Ok(claim)
}

pub(crate) fn reason(fields: &mut Fields<'_>) -> Result<String> {
    Ok(fields.required_text("reason")?.to_owned())
}

/// A person decided; the rulebook is the one that they looked at, if they say so.
fn by_person(fields: &mut Fields<'_>) -> Result<RoutingDecision> {
    let rulebook = fields.parsed("rulebook")?.unwrap_or_else(RulebookVersion::none);
    Ok(RoutingDecision {
        rulebook,
        row: None,
        reason: "by_person".to_owned(),
    })
}

fn resolution(fields: &mut Fields<'_>) -> Result<Resolution> {
    Ok(Resolution {
        conclusion: fields.word("conclusion", Conclusion::parse)?,
        measures: fields.list("measures", measure)?,
        evidence: fields.list("evidence", evidence)?,
        substantiated: fields.truth("substantiated")?,
        matter: fields.parsed("matter")?,
        legal_basis: fields.owned("legal_basis")?,
        document_number: fields.owned("document_number")?,
    })
}

fn measure(value: &Value) -> Result<Measure> {
    value
        .as_str()
        .and_then(Measure::parse)
        .ok_or_else(|| DecodeError::not_json(format!("{value} is not one of its words")))
}

fn evidence(value: &Value) -> Result<Evidence> {
    let mut fields = Fields::of(value)?;
    let evidence = Evidence {
        kind: fields.word("kind", EvidenceKind::parse)?,
        uri: fields.required_text("uri")?.to_owned(),
        digest: fields.text("digest")?.map(digest).transpose()?,
    };
    fields.finish()?;
    Ok(evidence)
}

pub(crate) fn digest(text: &str) -> Result<Digest> {
    let digest = text.parse();
    digest.map_err(|_| DecodeError::invalid("digest", "is not 64 hexadecimal digits"))
}

pub(crate) fn actor(value: &Value) -> Result<Actor> {
    let mut fields = Fields::of(value)?;
    let actor = Actor {
        role: fields.word("role", Role::parse)?,
        agency: fields.parsed("agency")?,
        person: fields.owned("person")?,
    };
    fields.finish()?;
    Ok(actor)
}
