//! What an agency's system sends back, as a request of that agency. Reads the message and nothing else: whatever bytes arrive,
//! the answer is a request or a reason.
//!
//! JSON as over HTTP, with `clue` (id, number, or `source/source-id`; else the subject of the CloudEvent) and perhaps `id`, or
//! a protobuf `Command`; plain, or as a CloudEvent in binary or structured mode.

use bihuan_contracts::cloudevents::{self, CloudEvent};
use bihuan_contracts::command::{self, ClueCommand, Request};
use bihuan_contracts::header;
use bihuan_contracts::{DecodeError, Reference, ReferenceError};
use bihuan_domain::clue::{Command, Role};
use bihuan_domain::code::AgencyId;
use bihuan_domain::id::{ClueId, CommandId, RecordId};
use bihuan_stream::Record;
use serde_json::Value;
use uuid::Uuid;

use crate::{Config, GROUP};

type Result<T> = std::result::Result<T, DecodeError>;

/// An agency's message, understood.
#[derive(Debug, PartialEq)]
pub(crate) struct Feedback {
    /// Derives from the message, so that a repeat of it is recognised.
    pub(crate) command: CommandId,
    pub(crate) clue: Reference,
    /// Source and id there, where the clue is named so.
    pub(crate) name: Option<(String, String)>,
    /// Its clue is that of `clue`, once that was looked up.
    pub(crate) request: Request,
}

/// A message before anybody asked whether the agency may say that.
struct Said {
    clue: Reference,
    name: Option<(String, String)>,
    request: Request,
    /// As the sender calls its message.
    id: Option<String>,
}

pub(crate) fn read(record: &Record, cluster: &str, config: &Config) -> Result<Feedback> {
    let headers = record
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_slice()));
    let event = cloudevents::read(headers, &record.payload)?;
    let data = event
        .as_ref()
        .map_or(record.payload.as_slice(), |event| &event.data);
    let said = if is_protobuf(record, event.as_ref(), data) {
        from_protobuf(data)?
    } else {
        from_json(data, event.as_ref().and_then(|event| event.subject.as_deref()))?
    };
    let agency = entitled(&said.request, &record.topic, config)?;
    let command = identity(record, cluster, event.as_ref(), agency, said.id.as_deref());
    let mut request = said.request;
    request.occurred_at = request.occurred_at.or(event.and_then(|event| event.time));
    Ok(Feedback {
        command,
        clue: said.clue,
        name: said.name,
        request,
    })
}

/// By content type; without one by the first byte, which in a protobuf command is the tag of its first field.
fn is_protobuf(record: &Record, event: Option<&CloudEvent<'_>>, data: &[u8]) -> bool {
    let stated = event
        .and_then(|event| event.datacontenttype.as_deref())
        .or_else(|| record.header(header::CONTENT_TYPE));
    match stated {
        Some(kind) if kind.contains("protobuf") => true,
        Some(kind) if kind.contains("json") => false,
        _ => data.first() == Some(&0x08),
    }
}

fn from_protobuf(data: &[u8]) -> Result<Said> {
    match command::decode(data)? {
        ClueCommand::ActivateRulebook(_)
        | ClueCommand::WithdrawRulebook(_)
        | ClueCommand::DiscardParked(_) => Err(refused("command_not_allowed", "type", "is not for agencies")),
        ClueCommand::Clue(envelope) | ClueCommand::Feedback(envelope) => Ok(Said {
            clue: Reference::Id(envelope.clue),
            name: None,
            id: Some(envelope.id.to_string()),
            request: Request {
                clue: envelope.clue,
                actor: Some(envelope.actor),
                expected_version: envelope.expected_version,
                occurred_at: envelope.occurred_at,
                command: envelope.command,
                text: envelope.text,
            },
        }),
    }
}

fn from_json(data: &[u8], subject: Option<&str>) -> Result<Said> {
    let not_json = |detail: String| DecodeError {
        code: "not_json",
        field: None,
        detail,
    };
    let mut value: Value = serde_json::from_slice(data).map_err(|error| not_json(error.to_string()))?;
    let object = value
        .as_object_mut()
        .ok_or_else(|| not_json("is not a JSON object".to_owned()))?;
    let clue = text(object.shift_remove("clue"), "clue")?;
    let id = text(object.shift_remove("id"), "id")?;
    let clue = clue
        .as_deref()
        .or(subject)
        .ok_or_else(|| refused("field_missing", "clue", "is mandatory"))?;
    let name = clue.trim().split_once('/');
    let name = name.map(|(source, id)| (source.to_owned(), id.to_owned()));
    let clue: Reference = clue
        .parse()
        .map_err(|error: ReferenceError| refused("field_invalid", "clue", error.to_string()))?;
    let known = match &clue {
        Reference::Id(clue) => *clue,
        Reference::Number(_) => ClueId(Uuid::nil()),
    };
    Ok(Said {
        clue,
        name,
        id,
        request: command::from_json(known, &value)?,
    })
}

/// A field that only messages have.
fn text(value: Option<Value>, field: &str) -> Result<Option<String>> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text)),
        Some(_) => Err(refused("field_invalid", field, "is not a string, or is empty")),
    }
}

/// An agency acts as itself, and asks what agencies may ask. Whether the clue is its own is for lifecycle to say.
fn entitled<'a>(request: &'a Request, topic: &str, config: &Config) -> Result<&'a AgencyId> {
    let actor = request
        .actor
        .as_ref()
        .ok_or_else(|| refused("field_missing", "actor", "is mandatory"))?;
    if actor.role != Role::Agency {
        return Err(refused(
            "actor_not_agency",
            "actor.role",
            "only agencies act here, in the role agency",
        ));
    }
    let agency = actor
        .agency
        .as_ref()
        .ok_or_else(|| refused("field_missing", "actor.agency", "is mandatory"))?;
    if !config.may_speak(topic, agency) {
        return Err(refused(
            "actor_not_sender",
            "actor.agency",
            "this topic belongs to another agency",
        ));
    }
    match &request.command {
        Command::AcknowledgeClue
        | Command::RequestReturn { .. }
        | Command::StartHandling
        | Command::SuspendClue { .. }
        | Command::ResumeClue
        | Command::RequestExtension { .. }
        | Command::ResolveClue(_)
        | Command::RaiseDispute { .. }
        | Command::Task(_)
        | Command::DelegateClue { .. } => Ok(agency),
        other => Err(refused(
            "command_not_allowed",
            "type",
            format!("{} is not for agencies", other.name()),
        )),
    }
}

/// By the CloudEvent, else by what the agency calls the message, else by where it lies.
fn identity(
    record: &Record,
    cluster: &str,
    event: Option<&CloudEvent<'_>>,
    agency: &AgencyId,
    id: Option<&str>,
) -> CommandId {
    let cause = match (event, id) {
        (Some(event), _) => RecordId::of_cloud_event(&event.source, &event.id),
        (None, Some(id)) => RecordId::of_cloud_event(agency.as_str(), id),
        (None, None) => RecordId::of_position(cluster, &record.topic, record.partition, record.offset),
    };
    CommandId::derive(cause.0.as_bytes(), GROUP, 0)
}

pub(crate) fn refused(code: &'static str, field: &str, detail: impl Into<String>) -> DecodeError {
    DecodeError {
        code,
        field: Some(field.to_owned()),
        detail: detail.into(),
    }
}
