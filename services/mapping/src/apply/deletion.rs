//! Records of which the source says nothing but that it removed them: a deleted row without its columns, and a message without a
//! value, whose key is all there is.

use std::borrow::Cow;

use bihuan_domain::clue::{Conclusion, Deletion, Snapshot, SourceStatus, TimeBasis};
use bihuan_domain::id::ClueId;

use super::{Draft, Outcome, Receipt, Unfit, is_fit_id};
use crate::format::Written;
use crate::format::encoding;
use crate::format::json::Names;
use crate::{Key, Mapping};

impl Draft<'_> {
    /// Whether the row was removed and what is left of it is its id: its other fields are not known, which is not the same as
    /// empty.
    pub(super) fn is_bare_deletion(&self) -> bool {
        if !self.record.fields.is_deleted() {
            return false;
        }
        let of_id = self.clue.id.columns();
        let is_own = |index: usize| self.mapping.own.iter().any(|(own, _)| *own == index);
        let mut others =
            (0..self.mapping.names.len()).filter(|index| !of_id.contains(index) && !is_own(*index));
        !others.any(|index| self.record.get(index).is_some())
    }

    pub(super) fn deletion(&mut self, receipt: Receipt) -> Result<Outcome, Unfit> {
        let id = self.id()?;
        let snapshot = self.snapshot(receipt.received_at);
        Ok(self.mapping.deleted(id, receipt, snapshot))
    }
}

impl Mapping {
    /// What a message without a value means, by its key.
    pub fn removed(&self, key: &[u8], receipt: Receipt) -> Outcome {
        let Some(rule) = &self.key else {
            return match self.envelope {
                // the change before it said so already
                Some(_) => Outcome::Skipped,
                None => quarantine("key_unmapped"),
            };
        };
        let text = encoding::text(key);
        let text = self
            .envelope
            .map_or(Cow::Borrowed(&*text), |envelope| envelope.key(&text));
        let id = match rule {
            Key::Whole => Some(text.trim().to_owned()),
            Key::Pointer(pointer) => match Names::new([pointer.as_str()]).read(&text) {
                Ok(mut found) => match found.pop().flatten() {
                    Some(id) if id.written == Written::Other => return quarantine("id_invalid"),
                    found => found.map(|id| id.text.trim().to_owned()),
                },
                Err(bad) => return quarantine(bad.reason),
            },
        };
        match id.filter(|id| !id.is_empty()) {
            None => quarantine("id_missing"),
            Some(id) if is_fit_id(&id) => self.deleted(id, receipt, None),
            Some(_) => quarantine("id_invalid"),
        }
    }

    fn deleted(&self, source_id: String, receipt: Receipt, snapshot: Option<Snapshot>) -> Outcome {
        let unknown = Snapshot {
            version: None,
            status: None,
            status_at: None,
            changed_at: receipt.received_at,
            basis: TimeBasis::Receipt,
            agency: None,
            conclusion: Conclusion::Unstated,
            prints: Vec::new(),
        };
        let snapshot = Snapshot {
            status: Some(SourceStatus::Deleted),
            prints: Vec::new(),
            ..snapshot.unwrap_or(unknown)
        };
        Outcome::Deleted {
            clue_id: ClueId::derive(&self.source, &source_id),
            deletion: Deletion {
                source: self.source.clone(),
                source_id,
                origin: receipt.origin,
                snapshot,
            },
        }
    }
}

fn quarantine(reason: &'static str) -> Outcome {
    Outcome::Quarantine {
        reason,
        field: Some("key".to_owned()),
    }
}
