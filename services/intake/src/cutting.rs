//! From a message to its records. How many a message holds is known here, from the message and its mapping alone, before anything
//! becomes of them: so many are counted as read.
//!
//! A message that holds nothing (an empty array, a heartbeat in an envelope) is one record that is skipped; one that cannot be
//! taken apart is one record that is quarantined.

use bihuan_contracts::DecodeError;
use bihuan_domain::id::RecordId;
use bihuan_mapping::Mapping;
use bihuan_mapping::format::encoding;
use serde::{Deserialize, Serialize};

use crate::Mappings;
use crate::reading::{Envelope, Taken};

/// What the bytes of something that was taken up are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Content {
    /// A message as it came, which may hold several records.
    #[default]
    Message,
    /// One record, cut out of its message.
    Record,
    /// A message that tells of no record.
    Nothing,
    /// The key of a message without a value.
    Key,
}

impl Content {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks for it")]
    pub(crate) const fn is_message(&self) -> bool {
        matches!(self, Self::Message)
    }
}

/// The records of what was taken up: at least one.
pub(crate) async fn records(mappings: &Mappings, taken: Taken) -> bihuan_store::Result<Vec<Taken>> {
    if !may_hold_several(&taken) {
        return Ok(vec![taken]);
    }
    let mapping = match &taken.envelope.mapping {
        Some(digest) => mappings.get(digest).await?,
        None => None,
    };
    Ok(match mapping {
        Some(mapping) if mapping.divides_messages() => cut(&mapping, taken),
        _ => vec![taken],
    })
}

/// A file or a body was cut before its records were sent, each with its line; and what is broken is not looked into.
fn may_hold_several(taken: &Taken) -> bool {
    let Envelope {
        content,
        line,
        broken,
        outline,
        whole,
        ..
    } = &taken.envelope;
    let was_cut = line.is_some() && !whole;
    content.is_message() && !was_cut && broken.is_none() && !outline && taken.broken.is_none()
}

fn cut(mapping: &Mapping, taken: Taken) -> Vec<Taken> {
    let text = encoding::text(&taken.data);
    let found = match mapping.records(&text) {
        Ok(found) => found,
        Err(bad) => {
            let broken = DecodeError {
                code: bad.reason,
                field: None,
                detail: bad.detail,
            };
            drop(text);
            return vec![Taken {
                broken: Some(broken),
                ..taken
            }];
        }
    };
    let alone = found.len() == 1;
    let records: Vec<Vec<u8>> = found.into_iter().map(|it| it.into_owned().into_bytes()).collect();
    drop(text);
    if records.is_empty() {
        return vec![of(&taken, taken.id, Content::Nothing, None, taken.data.clone())];
    }
    let record = |(index, data): (u32, Vec<u8>)| {
        if alone {
            of(&taken, taken.id, Content::Record, None, data)
        } else {
            let id = RecordId::of_row(taken.id, index);
            of(&taken, id, Content::Record, Some(index), data)
        }
    };
    (0..).zip(records).map(record).collect()
}

fn of(taken: &Taken, id: RecordId, content: Content, row: Option<u32>, data: Vec<u8>) -> Taken {
    Taken {
        id,
        own_identity: taken.own_identity,
        envelope: Envelope {
            content,
            row,
            ..taken.envelope.clone()
        },
        data,
        received_at: taken.received_at,
        broken: None,
    }
}
