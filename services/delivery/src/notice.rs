//! The notice that an agency's system receives, as a message.

use std::borrow::Cow;

use bihuan_contracts::delivery::{AssignmentNotice, AssignmentRole, NoticeTask};
use bihuan_contracts::{Message, header, traceparent};
use bihuan_domain::clue::Text;
use bihuan_domain::code::AgencyId;
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_domain::time::Timestamp;

use crate::GROUP;
use crate::callback::due::newest;
use crate::facts::Facts;

/// A notice that is due: everything but the texts.
pub(crate) struct Due {
    pub(crate) clue: ClueId,
    pub(crate) version: u32,
    pub(crate) at: Timestamp,
    pub(crate) agency: AgencyId,
    pub(crate) role: AssignmentRole,
    pub(crate) topic: String,
    pub(crate) facts: Facts,
}

impl Due {
    /// The message on the clue's `partition`. Its id derives from clue, version and agency: a repeat carries the same one.
    pub(crate) fn message(&self, texts: &[(ClueId, u32, Text)], partition: u32) -> Message {
        let clue = self.clue.to_string();
        let cause = format!("{clue}/{}/{}", self.version, self.agency);
        let id = CommandId::derive(cause.as_bytes(), GROUP, 0).to_string();
        let headers = [
            (header::CE_SPECVERSION, header::SPECVERSION.to_owned()),
            (header::TRACEPARENT, traceparent(&clue, &id).unwrap_or_default()),
            (header::CE_ID, id),
            (header::CE_SOURCE, format!("/bihuan/{GROUP}")),
            (header::CE_TYPE, AssignmentNotice::TYPE.to_owned()),
            (header::CE_TIME, self.at.to_string()),
            (header::CE_SUBJECT, clue.clone()),
            (header::CONTENT_TYPE, header::PROTOBUF.to_owned()),
        ];
        Message {
            topic: Cow::Owned(self.topic.clone()),
            partition,
            key: clue.into_bytes(),
            headers: headers
                .into_iter()
                .map(|(name, value)| (Cow::Borrowed(name), value.into_bytes()))
                .collect(),
            payload: self.notice(texts).encode(),
        }
    }

    fn notice(&self, texts: &[(ClueId, u32, Text)]) -> AssignmentNotice {
        let facts = self.facts.clone();
        let task = facts
            .task(&self.agency)
            .filter(|_| self.role == AssignmentRole::Assisting);
        let part = |part: fn(&Text) -> &Option<String>| self.newest(texts, part);
        let task = task.map(|it| NoticeTask {
            number: it.number,
            kind: it.kind,
            due_at: it.due_at,
            arrive_by: it.arrive_by,
        });
        AssignmentNotice {
            task,
            clue: self.clue,
            number: facts.number,
            version: self.version,
            agency: self.agency.clone(),
            role: self.role,
            matter: facts.matter,
            area: facts.area,
            severity: facts.severity,
            reported_at: facts.reported_at,
            deadline: facts.deadline,
            title: part(|text| &text.title),
            description: part(|text| &text.description),
            place: part(|text| &text.place),
            attributes: facts.attributes,
            attachments: facts.attachments,
        }
    }

    /// As it was at the notice's version. Remarks are between those who exchanged them.
    fn newest(&self, texts: &[(ClueId, u32, Text)], part: fn(&Text) -> &Option<String>) -> Option<String> {
        newest(texts, self.clue, self.version, part)
    }
}
