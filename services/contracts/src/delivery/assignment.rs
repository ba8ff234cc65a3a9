//! What an agency's system receives when a clue is assigned to it.

use bihuan_domain::clue::{Attribute, TaskKind};
use bihuan_domain::code::{AgencyId, AreaCode, MatterCode, Severity};
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use prost::Message as _;
use serde_json::{Map, Value, json};

use crate::DecodeError;
use crate::generated::delivery::v1 as proto;
use crate::wire::{self, Result, Word, code, id, id_bytes, optional_code, text, time, word};

/// In what part the agency is assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AssignmentRole {
    /// Answers for the clue (主办).
    Responsible,
    /// Files the penalty case (综合行政执法).
    Penalty,
    /// 协办
    Assisting,
}

impl AssignmentRole {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Responsible => "responsible",
            Self::Penalty => "penalty",
            Self::Assisting => "assisting",
        }
    }
}

impl Word for AssignmentRole {
    fn number(self) -> i32 {
        match self {
            Self::Responsible => proto::AssignmentRole::Responsible as i32,
            Self::Penalty => proto::AssignmentRole::Penalty as i32,
            Self::Assisting => proto::AssignmentRole::Assisting as i32,
        }
    }

    fn from_number(number: i32) -> Option<Self> {
        match proto::AssignmentRole::try_from(number).ok()? {
            proto::AssignmentRole::Unspecified => None,
            proto::AssignmentRole::Responsible => Some(Self::Responsible),
            proto::AssignmentRole::Penalty => Some(Self::Penalty),
            proto::AssignmentRole::Assisting => Some(Self::Assisting),
        }
    }
}

/// A task under the clue, as it is asked of the agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeTask {
    /// Its number there, by which it is answered.
    pub number: u32,
    pub kind: TaskKind,
    /// Until when the answer is to come; `None`: no calendar reaches that far.
    pub due_at: Option<Timestamp>,
    /// Of a call: until when somebody is to be there.
    pub arrive_by: Option<Timestamp>,
}

/// A clue as the agency's system receives it. It travels in a queue, so it may carry the free text that the agency needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentNotice {
    pub clue: ClueId,
    /// The number shown to people.
    pub number: String,
    /// Version of the clue at which it was assigned.
    pub version: u32,
    pub agency: AgencyId,
    pub role: AssignmentRole,
    /// What it is asked for, in the role of assisting.
    pub task: Option<NoticeTask>,
    pub matter: Option<MatterCode>,
    pub area: Option<AreaCode>,
    pub severity: Option<Severity>,
    pub reported_at: Timestamp,
    /// The overall deadline.
    pub deadline: Option<Timestamp>,
    pub title: Option<String>,
    pub description: Option<String>,
    /// The place in words.
    pub place: Option<String>,
    pub attributes: Vec<Attribute>,
    /// Addresses of photos and documents.
    pub attachments: Vec<String>,
}

impl AssignmentNotice {
    /// The type as the header `ce_type` names it.
    pub const TYPE: &'static str = "bihuan.delivery.v1.AssignmentNotice";

    pub fn encode(&self) -> Vec<u8> {
        proto::AssignmentNotice {
            schema: wire::SCHEMA,
            clue: id_bytes(self.clue),
            number: self.number.clone(),
            version: self.version,
            agency: self.agency.to_string(),
            role: self.role.number(),
            matter: self.matter.as_ref().map(ToString::to_string),
            area: self.area.as_ref().map(ToString::to_string),
            severity: self.severity.as_ref().map(ToString::to_string),
            reported_at_us: Some(self.reported_at.as_micros()),
            deadline_us: self.deadline.map(Timestamp::as_micros),
            title: self.title.clone(),
            description: self.description.clone(),
            place: self.place.clone(),
            attributes: self.attributes.iter().map(notice_attribute).collect(),
            attachments: self.attachments.clone(),
            task: self.task.as_ref().map(notice_task),
        }
        .encode_to_vec()
    }

    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let message =
            proto::AssignmentNotice::decode(bytes).map_err(|error| DecodeError::not_protobuf(&error))?;
        wire::schema(message.schema)?;
        Ok(Self {
            clue: id(&message.clue, "clue")?,
            number: text(message.number, "number")?,
            version: message.version,
            agency: code(&message.agency, "agency")?,
            role: word(message.role, "role")?,
            matter: optional_code(message.matter.as_deref(), "matter")?,
            area: optional_code(message.area.as_deref(), "area")?,
            severity: optional_code(message.severity.as_deref(), "severity")?,
            reported_at: time(message.reported_at_us, "reported_at_us")?,
            deadline: message.deadline_us.map(Timestamp::from_micros),
            title: message.title,
            description: message.description,
            place: message.place,
            attributes: message.attributes.into_iter().map(attribute).collect(),
            attachments: message.attachments,
            task: message.task.map(task_of).transpose()?,
        })
    }

    /// The same for systems that take JSON: webhooks and HTTP.
    pub fn to_json(&self) -> Value {
        let attributes: Map<String, Value> = self
            .attributes
            .iter()
            .map(|it| (it.name.clone(), Value::from(it.value.as_str())))
            .collect();
        json!({
            "type": Self::TYPE,
            "clue": self.clue.to_string(),
            "number": self.number,
            "version": self.version,
            "agency": self.agency,
            "role": self.role.as_str(),
            "task": self.task.as_ref().map(NoticeTask::to_json),
            "matter": self.matter,
            "area": self.area,
            "severity": self.severity,
            "reported_at": self.reported_at.to_string(),
            "deadline": self.deadline.map(|at| at.to_string()),
            "title": self.title,
            "description": self.description,
            "place": self.place,
            "attributes": attributes,
            "attachments": self.attachments,
        })
    }
}

impl NoticeTask {
    fn to_json(&self) -> Value {
        json!({
            "number": self.number,
            "kind": self.kind.as_str(),
            "due_at": self.due_at.map(|at| at.to_string()),
            "arrive_by": self.arrive_by.map(|at| at.to_string()),
        })
    }
}

fn notice_task(task: &NoticeTask) -> proto::NoticeTask {
    proto::NoticeTask {
        number: task.number,
        kind: task.kind.number(),
        due_at_us: task.due_at.map(Timestamp::as_micros),
        arrive_by_us: task.arrive_by.map(Timestamp::as_micros),
    }
}

fn task_of(message: proto::NoticeTask) -> Result<NoticeTask> {
    Ok(NoticeTask {
        number: message.number,
        kind: word(message.kind, "kind")?,
        due_at: message.due_at_us.map(Timestamp::from_micros),
        arrive_by: message.arrive_by_us.map(Timestamp::from_micros),
    })
}

fn notice_attribute(attribute: &Attribute) -> proto::NoticeAttribute {
    proto::NoticeAttribute {
        name: attribute.name.clone(),
        value: attribute.value.clone(),
    }
}

fn attribute(attribute: proto::NoticeAttribute) -> Attribute {
    let proto::NoticeAttribute { name, value } = attribute;
    Attribute { name, value }
}
