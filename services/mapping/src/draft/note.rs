//! What a draft is unsure of, and what would decide it.

use serde::Serialize;

use crate::problem::Bilingual;

/// A remark on one key of the draft. It never holds a value of the sample but a code that the draft maps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Stable, for scripts.
    pub code: &'static str,
    /// The key of the draft, such as `clue.id`.
    pub key: &'static str,
    /// The guess may be wrong, and a person decides.
    pub unsure: bool,
    #[serde(flatten)]
    pub says: Bilingual,
}

/// Collects remarks while the draft is made.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes(pub(super) Vec<Note>);

impl Notes {
    /// Something that a person should decide.
    pub(super) fn unsure(&mut self, code: &'static str, key: &'static str, zh: String, en: String) {
        self.add(code, key, true, Bilingual { zh, en });
    }

    /// Something that is worth knowing.
    pub(super) fn know(&mut self, code: &'static str, key: &'static str, zh: String, en: String) {
        self.add(code, key, false, Bilingual { zh, en });
    }

    fn add(&mut self, code: &'static str, key: &'static str, unsure: bool, says: Bilingual) {
        self.0.push(Note {
            code,
            key,
            unsure,
            says,
        });
    }

    pub(super) fn of<'n>(&'n self, key: &'n str) -> impl Iterator<Item = &'n Note> {
        self.0.iter().filter(move |note| note.key == key)
    }
}
