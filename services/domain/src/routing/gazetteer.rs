//! From what platforms write about a place to an area code, or to nothing: an ambiguous name leads nowhere.

mod address;
mod fold;
mod forms;

use std::collections::HashMap;

use super::Rulebook;
use crate::code::{AreaCode, Level};
use fold::fold;

/// A name as short as one character is found in too many addresses to mean a place.
const SHORTEST_CONTAINED: usize = 2;

/// What a text about a place names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// One area for certain.
    One(AreaCode),
    /// Areas between which the text does not decide.
    Several,
    Nothing,
}

/// The areas of a rulebook by code and by name; built once per rulebook.
#[derive(Clone, Debug, Default)]
pub struct Gazetteer {
    places: HashMap<AreaCode, Place>,
    /// Names as written in the rulebook and the ways of writing them that mean nothing else, folded.
    names: HashMap<String, Vec<AreaCode>>,
    /// Names without what says their level (柯桥 for 柯桥街道): they count only where they stand alone.
    short: HashMap<String, Vec<AreaCode>>,
    /// The lengths of all of them in characters, longest first.
    lengths: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Place {
    level: Level,
    /// The nearest area above that the rulebook knows.
    parent: Option<AreaCode>,
}

impl Gazetteer {
    pub fn new(rulebook: &Rulebook) -> Self {
        let mut found = Self::default();
        for area in rulebook.areas.values() {
            let (level, parent) = (area.level, parent(rulebook, &area.code));
            found.places.insert(area.code.clone(), Place { level, parent });
            let name = fold(&area.name);
            let name = fold::joined(&name).unwrap_or(name);
            for name in [Some(name.clone()), Some(fold(&area.name_en)), forms::plain(&name)] {
                enter(&mut found.names, name, &area.code);
            }
            enter(&mut found.short, forms::short(&name, level), &area.code);
        }
        let names = found.names.keys().chain(found.short.keys());
        found.lengths = names.map(|name| name.chars().count()).collect();
        found.lengths.retain(|length| *length >= SHORTEST_CONTAINED);
        found.lengths.sort_unstable_by(|a, b| b.cmp(a));
        found.lengths.dedup();
        found
    }

    /// The area that `text` means: its code, else its exact name (ASCII letters in any case, in full or half width), else the town or village that is
    /// named inside the text (see [`address`]). `within` narrows the search to an area and what lies in it.
    pub fn find(&self, text: &str, within: Option<&AreaCode>) -> Named {
        match self.places.get_key_value(fold::half_width(text).trim()) {
            Some((code, _)) if is_near(code, within) => Named::One(code.clone()),
            _ => self.find_by_name(text, within),
        }
    }

    /// The same for a text that is no code.
    pub fn find_by_name(&self, text: &str, within: Option<&AreaCode>) -> Named {
        let text = fold(text);
        let Some(joined) = fold::joined(&text) else {
            return self.named(&text, within);
        };
        // 塔山街 道; but a blank may also be all that parts two words
        match self.named(&joined, within) {
            Named::Nothing => self.named(&text, within),
            found => found,
        }
    }

    fn named(&self, text: &str, within: Option<&AreaCode>) -> Named {
        let near = |names: &HashMap<String, Vec<AreaCode>>| -> Vec<AreaCode> {
            let codes = names.get(text).into_iter().flatten();
            codes.filter(|code| is_near(code, within)).cloned().collect()
        };
        let mut exact = near(&self.names);
        if exact.is_empty() {
            exact = near(&self.short);
            // who says the county already hardly says it again
            exact.retain(|code| Some(code) != within);
        }
        match exact.as_slice() {
            [] => self.inside(text, within),
            [code] => Named::One(code.clone()),
            _ => Named::Several,
        }
    }

    fn is_local(&self, code: &AreaCode) -> bool {
        self.places
            .get(code)
            .is_some_and(|place| place.level <= Level::Town)
    }
}

fn is_near(code: &AreaCode, within: Option<&AreaCode>) -> bool {
    within.is_none_or(|outer| code.is_within(outer))
}

fn enter(names: &mut HashMap<String, Vec<AreaCode>>, name: Option<String>, code: &AreaCode) {
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return;
    };
    let codes = names.entry(name).or_default();
    if !codes.contains(code) {
        codes.push(code.clone());
    }
}

fn parent(rulebook: &Rulebook, code: &AreaCode) -> Option<AreaCode> {
    let text = code.as_str();
    (1..text.len())
        .rev()
        .find_map(|end| rulebook.areas.get_key_value(&text[..end]))
        .map(|(code, _)| code.clone())
}
