//! The agencies that a form offers.

use crate::words::Words;

pub(super) struct Agency {
    pub(super) id: String,
    pub(super) name: String,
}

/// All that the rulebook knows.
pub(super) fn agencies(words: Words<'_>) -> Vec<Agency> {
    let agencies = words.rulebook.agencies.values().map(|it| Agency {
        id: it.id.to_string(),
        name: words.lang.choose(&it.name, &it.name_en).to_owned(),
    });
    agencies.collect()
}
