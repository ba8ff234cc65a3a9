//! What an agency's system receives when the ladder reminds it.

use bihuan_domain::clue::RungKind;
use bihuan_domain::code::{AgencyId, Rung};
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use prost::Message as _;
use serde_json::{Value, json};

use crate::DecodeError;
use crate::generated::delivery::v1 as proto;
use crate::wire::{self, Result, Word as _, code, id, id_bytes, text, time, word};

/// One message for all clues of a partition that an agency is reminded of within a minute. It may come again after a crash, as it was
/// and under the same id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReminderNotice {
    pub agency: AgencyId,
    /// The step of the ladder.
    pub rung: Rung,
    /// A reminder, or a notice that a person issued.
    pub kind: RungKind,
    pub clues: Vec<RemindedClue>,
}

/// Clue and version together are told in one message alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemindedClue {
    pub clue: ClueId,
    /// With the event that is told.
    pub version: u32,
    /// The number shown to people.
    pub number: String,
    pub due_at: Timestamp,
    pub late: bool,
}

impl ReminderNotice {
    /// The type as the header `ce_type` names it.
    pub const TYPE: &'static str = "bihuan.delivery.v1.ReminderNotice";

    pub fn encode(&self) -> Vec<u8> {
        proto::ReminderNotice {
            schema: wire::SCHEMA,
            agency: self.agency.to_string(),
            rung: self.rung.to_string(),
            kind: self.kind.number(),
            clues: self.clues.iter().map(RemindedClue::to_wire).collect(),
        }
        .encode_to_vec()
    }

    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let message =
            proto::ReminderNotice::decode(bytes).map_err(|error| DecodeError::not_protobuf(&error))?;
        wire::schema(message.schema)?;
        let clues = message.clues.into_iter().map(RemindedClue::from_wire);
        Ok(Self {
            agency: code(&message.agency, "agency")?,
            rung: code(&message.rung, "rung")?,
            kind: word(message.kind, "kind")?,
            clues: clues.collect::<Result<_>>()?,
        })
    }

    /// The same for systems that take JSON.
    pub fn to_json(&self) -> Value {
        let clue = |it: &RemindedClue| {
            json!({
                "clue": it.clue.to_string(),
                "version": it.version,
                "number": it.number,
                "due_at": it.due_at.to_string(),
                "late": it.late,
            })
        };
        json!({
            "type": Self::TYPE,
            "agency": self.agency,
            "rung": self.rung,
            "kind": self.kind.as_str(),
            "clues": self.clues.iter().map(clue).collect::<Vec<_>>(),
        })
    }
}

impl RemindedClue {
    fn to_wire(&self) -> proto::RemindedClue {
        proto::RemindedClue {
            clue: id_bytes(self.clue),
            version: self.version,
            number: self.number.clone(),
            due_at_us: Some(self.due_at.as_micros()),
            late: self.late,
        }
    }

    fn from_wire(message: proto::RemindedClue) -> Result<Self> {
        Ok(Self {
            clue: id(&message.clue, "clue")?,
            version: message.version,
            number: text(message.number, "number")?,
            due_at: time(message.due_at_us, "due_at_us")?,
            late: message.late,
        })
    }
}
