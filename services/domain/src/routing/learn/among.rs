//! What else holds of the clues of a learned row, and what a clue says about it.

use std::collections::BTreeSet;

use crate::routing::{Case, Fact, Rulebook, Value};

/// A predicate as learning makes them: a fact is among some values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Among {
    pub fact: Fact,
    pub values: BTreeSet<String>,
    /// It holds also of clues that say nothing about the fact.
    pub missing: bool,
    /// It holds exactly where the above does not.
    pub negated: bool,
}

/// A row with more is nothing that a person can check; `when` has limits besides.
const MAX_IN_ROW: usize = 40;
const MAX_BYTES: usize = 600;

impl Among {
    pub(super) fn new(fact: Fact) -> Self {
        Self {
            fact,
            values: BTreeSet::new(),
            missing: false,
            negated: false,
        }
    }

    /// Whether it fits into one row beside another value.
    pub(super) fn takes(&self, value: Option<&str>) -> bool {
        let Some(value) = value else { return true };
        // in quotes, and parted from the next one
        let bytes = |value: &str| value.len() + value.matches(['\'', '\\']).count() + 4;
        let taken: usize = self.values.iter().map(|it| bytes(it)).sum();
        self.values.len() < MAX_IN_ROW && taken + bytes(value) <= MAX_BYTES
    }

    pub(super) fn take(&mut self, value: Option<&str>) {
        match value {
            Some(value) => {
                self.values.insert(value.to_owned());
            }
            None => self.missing = true,
        }
    }

    /// Where none of them holds; `None`: too many values for one row.
    pub(super) fn none_of(parts: &[&Self]) -> Option<Self> {
        let mut all = Self::new(parts.first()?.fact.clone());
        for among in parts {
            all.missing |= among.missing;
            for value in &among.values {
                if !all.takes(Some(value)) {
                    return None;
                }
                all.take(Some(value));
            }
        }
        all.negated = true;
        Some(all)
    }

    pub(super) fn holds(&self, case: &Case, rulebook: &Rulebook) -> bool {
        let is_among = match said(case, &self.fact, rulebook) {
            Said::Value(value) => self.values.contains(&value),
            Said::Nothing => self.missing,
            Said::Unreadable => return false,
        };
        is_among != self.negated
    }
}

/// What a clue says about a fact, as the rulebook declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Value(String),
    Nothing,
    /// No value of the declared type, or none of the declared ones.
    Unreadable,
}

pub(super) fn said(case: &Case, fact: &Fact, rulebook: &Rulebook) -> Said {
    let name = match fact {
        Fact::Source => return Said::Value(case.subject.source.to_string()),
        Fact::Attribute(name) => name,
        _ => return Said::Nothing,
    };
    let mut said = case.subject.attributes.iter();
    let Some(said) = said.find(|it| it.name == *name) else {
        return Said::Nothing;
    };
    let declared = rulebook.attributes.get(name);
    let value = declared.map_or(Some(Value::Text(&said.value)), |it| it.read(&said.value));
    value.map_or(Said::Unreadable, |value| {
        Said::Value(match value {
            Value::Text(text) => text.to_owned(),
            Value::Integer(number) => number.to_string(),
            Value::Boolean(is_so) => is_so.to_string(),
        })
    })
}
