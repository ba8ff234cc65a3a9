//! A platform's own list, read to its end: one entry an id, and what is wrong with the list itself.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use bihuan_domain::code::SourceId;
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_mapping::{Entry, There};

/// Their list. About a hundred bytes an id, so that a million fits where a process has it.
#[derive(Clone, Debug)]
pub struct Manifest {
    pub(super) source: SourceId,
    /// The file, as people know it.
    pub(super) name: String,
    /// When the list was made: what happened later cannot be in it.
    pub(super) made_at: Timestamp,
    pub(super) listed: HashMap<ClueId, Listed>,
    /// Ids that came again: (clue, line).
    pub(super) again: Vec<(ClueId, u64)>,
    /// Lines without a usable id.
    pub(super) unreadable: Vec<u64>,
    pub(super) records: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) id: Box<str>,
    pub(super) there: There,
    pub(super) line: u64,
    /// The clue is here.
    pub(super) seen: bool,
}

impl Manifest {
    pub fn new(source: SourceId, name: impl Into<String>, made_at: Timestamp) -> Self {
        Self {
            source,
            name: name.into(),
            made_at,
            listed: HashMap::new(),
            again: Vec::new(),
            unreadable: Vec::new(),
            records: 0,
        }
    }

    pub const fn source(&self) -> &SourceId {
        &self.source
    }

    /// How many ids it has.
    pub fn ids(&self) -> usize {
        self.listed.len()
    }

    /// Adds what a line says. Of an id that comes again the last line counts, as it would where records are read.
    pub fn add(&mut self, line: u64, entry: Entry) {
        self.records += 1;
        let clue = ClueId::derive(&self.source, &entry.id);
        let listed = Listed {
            id: entry.id.into_boxed_str(),
            there: entry.there,
            line,
            seen: false,
        };
        match self.listed.entry(clue) {
            Slot::Vacant(free) => {
                free.insert(listed);
            }
            Slot::Occupied(mut taken) => {
                self.again.push((clue, line));
                taken.insert(listed);
            }
        }
    }

    /// Counts a line that says nothing.
    pub fn add_unreadable(&mut self, line: u64) {
        self.records += 1;
        self.unreadable.push(line);
    }
}
