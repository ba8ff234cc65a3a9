//! What predicates may read of a clue: what every clue has, and the attributes that the rulebook declares.

use std::collections::BTreeMap;

use super::predicate::Value;

/// Something that a clue says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    Severity,
    Source,
    /// Of the report in the rulebook's zone, 0 to 23.
    Hour,
    /// Of the report, 1 Monday to 7 Sunday.
    Weekday,
    /// Of the report, 1 to 12.
    Month,
    /// Kept with the clue by the mapping; declared in `rulebook.toml`.
    Attribute(String),
}

impl Fact {
    /// What every clue has, whatever a rulebook declares.
    pub const OF_EVERY_CLUE: [Self; 5] = [
        Self::Severity,
        Self::Source,
        Self::Hour,
        Self::Weekday,
        Self::Month,
    ];

    pub fn name(&self) -> &str {
        match self {
            Self::Severity => "severity",
            Self::Source => "source",
            Self::Hour => "hour",
            Self::Weekday => "weekday",
            Self::Month => "month",
            Self::Attribute(name) => name,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Text,
    Integer,
    Boolean,
}

impl Type {
    pub const ALL: [Self; 3] = [Self::Text, Self::Integer, Self::Boolean];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}

/// An attribute as the rulebook declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    pub kind: Type,
    /// Of a text, all that it may be; empty: anything.
    pub values: Vec<String>,
}

impl Declared {
    /// What a clue says, as it is declared; `None`: it is no such thing.
    pub fn read<'v>(&self, said: &'v str) -> Option<Value<'v>> {
        let may_be = |said: &str| self.values.is_empty() || self.values.iter().any(|value| value == said);
        match self.kind {
            Type::Text => Some(Value::Text(said)).filter(|_| may_be(said)),
            Type::Integer => said.trim().parse().ok().map(Value::Integer),
            Type::Boolean => match said.trim() {
                "true" | "1" => Some(Value::Boolean(true)),
                "false" | "0" => Some(Value::Boolean(false)),
                _ => None,
            },
        }
    }
}

/// The attributes of a rulebook by name.
pub type Schema = BTreeMap<String, Declared>;
