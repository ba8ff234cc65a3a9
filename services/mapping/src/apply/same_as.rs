//! Several records, one clue: a record names another one, perhaps of another platform, and becomes a record of that one's clue. What
//! is named must be certain; a record that names something that cannot be told apart is put away, for two clues that were made one
//! are not easily made two again. Which clue that is depends on what was read before, and is not known here.

use bihuan_domain::code::SourceId;
use bihuan_domain::id::ClueId;

use super::{Draft, Unfit, is_fit_id, is_plain, precision};
use crate::format::Written;

/// What a platform calls a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    pub source: SourceId,
    pub id: String,
}

impl Name {
    pub fn new(source: &SourceId, id: &str) -> Self {
        Self {
            source: source.clone(),
            id: id.to_owned(),
        }
    }

    /// The clue of the record while no other one is known to stand for it.
    pub fn clue(&self) -> ClueId {
        ClueId::derive(&self.source, &self.id)
    }
}

const INVALID: Unfit = Unfit("same_as_invalid", "same_as");

impl Draft<'_> {
    /// The record that this one names; `None`: it names none.
    pub(super) fn same_as(&mut self) -> Result<Option<Name>, Unfit> {
        let Some(rule) = &self.clue.same_as else {
            return Ok(None);
        };
        // part of an id names nothing
        let found = rule.id.read(self.record);
        let Some(id) = found.filter(|_| !rule.id.is_partial(self.record)) else {
            self.canonical.add(None);
            return Ok(None);
        };
        let is_certain = id.known
            && is_plain(&rule.id, self.record)
            && id.written != Written::Error
            && is_fit_id(&id.text)
            && !precision::is_lost(&rule.id, self.record, &id, self.mapping.format);
        if !is_certain {
            return Err(INVALID);
        }
        let source = rule.source.read(self.record).filter(|source| source.known);
        let source = source.ok_or(INVALID)?;
        let source = SourceId::new(&source.text).map_err(|_| INVALID)?;
        self.canonical.add(Some(source.as_str()));
        self.canonical.add(Some(&id.text));
        let id = id.text.into_owned();
        Ok(Some(Name { source, id }))
    }
}
