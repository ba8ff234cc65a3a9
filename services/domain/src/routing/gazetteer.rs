//! From what platforms write about a place to an area code, or to nothing: an ambiguous name leads nowhere.

use std::collections::HashMap;

use super::Rulebook;
use crate::code::{AreaCode, Level};

/// A name as short as one character is found in too many addresses to mean a place.
const SHORTEST_CONTAINED: usize = 2;

/// The areas of a rulebook by code and by name; built once per rulebook.
#[derive(Clone, Debug, Default)]
pub struct Gazetteer {
    places: HashMap<AreaCode, Place>,
    /// Names in ASCII lower case.
    names: HashMap<String, Vec<AreaCode>>,
    /// Towns, villages and grids only: the names that are looked for inside an address.
    local: HashMap<String, Vec<AreaCode>>,
    /// The lengths of those names in characters, longest first.
    lengths: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Place {
    name: String,
    /// The nearest area above that the rulebook knows.
    parent: Option<AreaCode>,
}

impl Gazetteer {
    pub fn new(rulebook: &Rulebook) -> Self {
        let mut found = Self::default();
        for area in rulebook.areas.values() {
            let parent = parent(rulebook, &area.code);
            found.places.insert(
                area.code.clone(),
                Place {
                    name: fold(&area.name),
                    parent,
                },
            );
            for name in [fold(&area.name), fold(&area.name_en)] {
                if name.chars().count() >= SHORTEST_CONTAINED && area.level <= Level::Town {
                    enter(&mut found.local, &name, &area.code);
                }
                if !name.is_empty() {
                    enter(&mut found.names, &name, &area.code);
                }
            }
        }
        found.lengths = found.local.keys().map(|name| name.chars().count()).collect();
        found.lengths.sort_unstable_by(|a, b| b.cmp(a));
        found.lengths.dedup();
        found
    }

    /// The area that `text` means: its code, else its exact name (ASCII letters in any case), else the town or village with the
    /// longest name inside the text, and below it again. A name that several areas bear counts only where the text names one
    /// parent. `within` narrows the search to an area and what lies in it.
    pub fn find(&self, text: &str, within: Option<&AreaCode>) -> Option<AreaCode> {
        let near = |code: &&AreaCode| within.is_none_or(|outer| code.is_within(outer));
        let by_code = self.places.get_key_value(text.trim()).map(|(code, _)| code);
        if let Some(code) = by_code.filter(near) {
            return Some(code.clone());
        }
        let text = fold(text);
        if let Some(codes) = self.names.get(&text) {
            let codes: Vec<_> = codes.iter().filter(near).collect();
            if !codes.is_empty() {
                return self.only(&codes, &text);
            }
        }
        self.contained(&text, within)
    }

    fn contained(&self, text: &str, within: Option<&AreaCode>) -> Option<AreaCode> {
        let mut rest = text.to_owned();
        let mut found: Option<AreaCode> = None;
        for length in &self.lengths {
            let outer = found.as_ref().or(within);
            let mut named = self.named_inside(&rest, *length);
            named.retain(|(_, code)| outer.is_none_or(|outer| code.is_within(outer)) && outer != Some(*code));
            let codes: Vec<_> = named.iter().map(|(_, code)| *code).collect();
            match self.only(&codes, text) {
                Some(code) => {
                    let span = named
                        .iter()
                        .find(|(_, named)| **named == code)
                        .map_or("", |(span, _)| *span);
                    // What named the town does not name a village in it as well.
                    rest = rest.replace(span, "\u{0}");
                    found = Some(code);
                }
                None if codes.is_empty() => {}
                // Perhaps the town is sure, and only which of its villages is not.
                None => break,
            }
        }
        found
    }

    /// The areas with a name of `length` characters that occurs in `text`, once each, with the piece that names them.
    fn named_inside<'t>(&self, text: &'t str, length: usize) -> Vec<(&'t str, &AreaCode)> {
        let ends: Vec<_> = text
            .char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .collect();
        let mut named = Vec::new();
        for (start, end) in ends.iter().zip(ends.iter().skip(length)) {
            let span = &text[*start..*end];
            if let Some(codes) = self.local.get(span).filter(|_| whole_word(text, *start, *end)) {
                named.extend(codes.iter().map(|code| (span, code)));
            }
        }
        named.sort_unstable_by_key(|(_, code)| *code);
        named.dedup_by_key(|(_, code)| *code);
        named
    }

    /// The only one, or the only one whose parent the text names too.
    fn only(&self, codes: &[&AreaCode], text: &str) -> Option<AreaCode> {
        if let [code] = codes {
            return Some((*code).clone());
        }
        let mut named = codes.iter().filter(|code| self.names_parent(code, text));
        match (named.next(), named.next()) {
            (Some(code), None) => Some((*code).clone()),
            _ => None,
        }
    }

    fn names_parent(&self, code: &AreaCode, text: &str) -> bool {
        let parent = self.places.get(code).and_then(|place| place.parent.as_ref());
        parent
            .and_then(|parent| self.places.get(parent))
            .is_some_and(|parent| text.contains(&parent.name))
    }
}

fn fold(text: &str) -> String {
    text.trim().to_ascii_lowercase()
}

fn enter(names: &mut HashMap<String, Vec<AreaCode>>, name: &str, code: &AreaCode) {
    let codes = names.entry(name.to_owned()).or_default();
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

/// Whether the cut does not divide a word of Latin letters: "Bronx" is not in "Bronxville".
fn whole_word(text: &str, start: usize, end: usize) -> bool {
    let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let cut_before = latin(text[..start].chars().next_back()) && latin(text[start..].chars().next());
    let cut_after = latin(text[..end].chars().next_back()) && latin(text[end..].chars().next());
    !cut_before && !cut_after
}
