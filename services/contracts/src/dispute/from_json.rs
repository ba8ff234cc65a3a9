//! The form in which people and scripts ask something of a dispute.

use bihuan_domain::clue::{Actor, Text};
use bihuan_domain::dispute::{Claim, Command, Envelope, Ground, Paper, Position, Ruling};
use bihuan_domain::id::{ClueId, CommandId, DisputeId};
use bihuan_domain::time::Timestamp;
use serde_json::Value;

use super::DisputeCommand;
use crate::DecodeError;
use crate::command::{actor, digest, reason};
use crate::fields::{Fields, Result, element};

/// A command as somebody sent it. What the sender may not say, its id and when it arrived, is still to be added.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub dispute: DisputeId,
    /// As claimed. Whoever receives the request decides whether to believe it.
    pub actor: Option<Actor>,
    pub expected_version: Option<u32>,
    pub occurred_at: Option<Timestamp>,
    pub command: Command,
    pub text: Option<Text>,
}

impl Request {
    /// The whole command, about a dispute over `clue`. `fallback` acts if the request names nobody.
    pub fn into_command(
        self,
        clue: ClueId,
        id: CommandId,
        fallback: Actor,
        received_at: Timestamp,
    ) -> DisputeCommand {
        let envelope = Envelope {
            id,
            dispute: self.dispute,
            causation: None,
            actor: self.actor.unwrap_or(fallback),
            expected_version: self.expected_version,
            occurred_at: self.occurred_at,
            received_at,
            command: self.command,
            text: self.text,
        };
        DisputeCommand { clue, envelope }
    }
}

/// Reads `{"type": "give_opinion", "agency": …, "opinion": {"reference": …, "digest": …}, "actor": {…}, "occurred_at": …}`: the
/// type, the fields of that type, and for every type `actor`, `expected_version`, `occurred_at` and `remark`. A field that the type
/// does not have is an error. A dispute is opened by what happens to its clue, and only Bihuan notes that the clue ended.
pub fn from_json(dispute: DisputeId, value: &Value) -> Result<Request> {
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
    Ok(Request {
        dispute,
        actor,
        expected_version,
        occurred_at,
        command,
        text: (!text.is_empty()).then_some(text),
    })
}

fn command(kind: &str, fields: &mut Fields<'_>, text: &mut Text) -> Result<Command> {
    Ok(match kind {
        "state_position" => Command::StatePosition {
            position: fields.word("position", Position::parse)?,
            duty: fields.required_text("duty")?.to_owned(),
            papers: fields.list("papers", paper)?,
        },
        "record_minutes" => Command::RecordMinutes {
            agreed: fields.parsed("agreed")?,
            minutes: required_paper(fields, "minutes")?,
        },
        "apply" => Command::Apply {
            application: required_paper(fields, "application")?,
        },
        "accept_application" => Command::AcceptApplication,
        "refuse_application" => {
            text.remark = Some(reason(fields)?);
            Command::RefuseApplication {
                ground: fields.word("ground", Ground::parse)?,
            }
        }
        "forward_application" => Command::ForwardApplication,
        "reply" => Command::Reply {
            reply: required_paper(fields, "reply")?,
        },
        "record_meeting" => Command::RecordMeeting {
            minutes: required_paper(fields, "minutes")?,
        },
        "give_opinion" => Command::GiveOpinion {
            agency: fields.required("agency")?,
            opinion: required_paper(fields, "opinion")?,
        },
        "accept_opinion" => Command::AcceptOpinion,
        "decline_opinion" => Command::DeclineOpinion,
        "decide_dispute" => Command::DecideDispute(Ruling {
            responsible: fields.required("responsible")?,
            assisting: fields.list("assisting", element)?,
            basis: fields.required_text("basis")?.to_owned(),
            term: fields.parsed("term")?,
            decision: required_paper(fields, "decision")?,
        }),
        "withdraw_dispute" => Command::WithdrawDispute,
        "appeal_ruling" => Command::AppealRuling {
            application: required_paper(fields, "application")?,
        },
        "add_party" => Command::AddParty(claim(fields)?),
        "name_lead" => Command::NameLead {
            agency: fields.required("agency")?,
        },
        "note_taken_up" => Command::NoteTakenUp {
            agency: fields.required("agency")?,
        },
        "open_dispute" => {
            return Err(DecodeError::type_unknown(
                "type",
                "a dispute is raised by a command about its clue",
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

/// A party as it comes in, among the fields of whatever names it: `agency`, and perhaps `position` and `duty`.
pub(crate) fn claim(fields: &mut Fields<'_>) -> Result<Claim> {
    let position = fields.text("position")?.map(|text| {
        Position::parse(text)
            .ok_or_else(|| DecodeError::invalid("position", format!("{text:?} is not one of its words")))
    });
    Ok(Claim {
        agency: fields.required("agency")?,
        position: position.transpose()?,
        duty: fields.owned("duty")?,
    })
}

fn required_paper(fields: &mut Fields<'_>, name: &'static str) -> Result<Paper> {
    fields
        .object(name, paper)?
        .ok_or_else(|| DecodeError::missing(name))
}

fn paper(value: &Value) -> Result<Paper> {
    let mut fields = Fields::of(value)?;
    let paper = Paper {
        reference: fields.required_text("reference")?.to_owned(),
        digest: digest(fields.required_text("digest")?)?,
    };
    fields.finish()?;
    Ok(paper)
}
