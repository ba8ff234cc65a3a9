//! How much of a column the rulebook knows, and which values it knows by a name of other spelling.

use std::collections::HashMap;

use bihuan_domain::code::SourceId;
use bihuan_domain::routing::{CompiledRulebook, Named};

use super::column::Column;
use super::header::Role;
use crate::{AreaBy, Registry as _};

/// A rulebook, asked for one source.
pub(super) struct Codes<'r> {
    rulebook: Option<&'r CompiledRulebook>,
    source: SourceId,
    matters: Names,
    areas: Names,
    agencies: Names,
}

/// From a name without case and marks to the code; `None` if several have the name.
type Names = HashMap<String, Option<String>>;

/// What a rulebook makes of a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Coverage {
    /// Records whose value it knows, as it stands or by `named`.
    pub(super) known: usize,
    /// Records with a value.
    pub(super) filled: usize,
    /// Values that are names of other spelling, with the code.
    pub(super) named: Vec<(String, String)>,
    /// How many values it does not know at all.
    pub(super) unknown: usize,
    /// The longest code: a town's is longer than its county's.
    pub(super) depth: usize,
}

impl Coverage {
    /// In hundredths.
    pub(super) const fn percent(&self) -> usize {
        match (self.known * 100).checked_div(self.filled) {
            Some(percent) => percent,
            None => 0,
        }
    }
}

impl<'r> Codes<'r> {
    pub(super) fn new(rulebook: Option<&'r CompiledRulebook>, source: SourceId) -> Self {
        let mut codes = Self {
            rulebook,
            source,
            matters: Names::new(),
            areas: Names::new(),
            agencies: Names::new(),
        };
        let Some(rulebook) = rulebook.map(CompiledRulebook::rulebook) else {
            return codes;
        };
        for (code, matter) in &rulebook.matters {
            enter(&mut codes.matters, code.as_str(), [&matter.name, &matter.name_en]);
        }
        for (code, area) in &rulebook.areas {
            enter(&mut codes.areas, code.as_str(), [&area.name, &area.name_en]);
        }
        for (code, agency) in &rulebook.agencies {
            enter(
                &mut codes.agencies,
                code.as_str(),
                [&agency.name, &agency.name_en],
            );
        }
        codes
    }

    /// The code that the rulebook knows a value by as it stands.
    pub(super) fn code(&self, role: Role, value: &str) -> Option<String> {
        let rulebook = self.rulebook?;
        match role {
            Role::Matter => rulebook.matter(&self.source, value).map(|it| it.to_string()),
            Role::Area => match rulebook.area(value, AreaBy::CodeOrName, None) {
                Named::One(code) => Some(code.to_string()),
                Named::Several | Named::Nothing => None,
            },
            Role::Agency => rulebook.agency(value).map(|it| it.to_string()),
            _ => None,
        }
    }

    fn names(&self, role: Role) -> Option<&Names> {
        self.rulebook?;
        match role {
            Role::Matter => Some(&self.matters),
            Role::Area => Some(&self.areas),
            Role::Agency => Some(&self.agencies),
            _ => None,
        }
    }

    /// `None`: there is no rulebook, or the values are too many to be codes.
    pub(super) fn coverage(&self, role: Role, column: &Column) -> Option<Coverage> {
        let names = self.names(role)?;
        if column.values.is_empty() {
            return None;
        }
        let mut coverage = Coverage {
            filled: column.filled,
            ..Coverage::default()
        };
        for (value, count) in &column.values {
            if let Some(code) = self.code(role, value) {
                coverage.known += count;
                coverage.depth = coverage.depth.max(code.len());
            } else if let Some(Some(code)) = names.get(&bare(value)) {
                coverage.known += count;
                coverage.depth = coverage.depth.max(code.len());
                coverage.named.push((value.clone(), code.clone()));
            } else {
                coverage.unknown += 1;
            }
        }
        Some(coverage)
    }

    /// The only area that there is.
    pub(super) fn only_area(&self) -> Option<String> {
        let areas = &self.rulebook?.rulebook().areas;
        let (code, _) = areas.first_key_value()?;
        (areas.len() == 1).then(|| code.to_string())
    }

    /// The zone in which the place of the rulebook lives.
    pub(super) fn zone(&self) -> Option<String> {
        let zone = &self.rulebook?.rulebook().zone;
        zone.iana_name().map(str::to_owned)
    }
}

fn enter(names: &mut Names, code: &str, called: [&String; 2]) {
    // "Brooklyn (Kings County)" is called Brooklyn too
    let short = |name: &&String| name.split(['(', '（']).next().map(bare);
    let mut keys: Vec<String> = called.iter().map(|name| bare(name)).collect();
    keys.extend(called.iter().filter_map(short));
    keys.push(bare(code));
    keys.sort();
    keys.dedup();
    for key in keys.into_iter().filter(|key| !key.is_empty()) {
        names
            .entry(key)
            .and_modify(|known| *known = None)
            .or_insert_with(|| Some(code.to_owned()));
    }
}

fn bare(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
