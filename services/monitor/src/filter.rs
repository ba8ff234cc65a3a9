//! Which clues a list shows, as SQL of the conditions that are really asked for.

use std::fmt::Write as _;

use bihuan_domain::code::{Level, Rung};
use bihuan_domain::figures::Standing;
use bihuan_domain::id::DisputeId;
use bihuan_domain::time::Timestamp;
use bihuan_store::At;
use uuid::Uuid;

/// Which clues to list. Everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Empty: those that no agency has.
    pub agency: Option<String>,
    /// The area and everything within it, or, where no code is known, what the source called it. Empty: those with neither.
    pub area: Option<String>,
    /// The matter, or, where no code is known, what the source called it. Empty: those with neither.
    pub matter: Option<String>,
    pub source: Option<String>,
    pub stage: Option<Stages>,
    /// Open and past the deadline, or not.
    pub overdue: Option<bool>,
    pub flagged: Option<bool>,
    /// Colour of the ladder, as the policy names it.
    pub colour: Option<Rung>,
    pub escalated: Option<Escalated>,
    /// Dispatched by the precedent of this dispute.
    pub precedent: Option<DisputeId>,
}

/// A stage, or all open ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stages {
    Open,
    At(Standing),
}

impl Stages {
    pub fn parse(word: &str) -> Option<Self> {
        if word == "open" {
            Some(Self::Open)
        } else {
            Standing::parse(word).map(Self::At)
        }
    }
}

/// To which level the ladder showed a clue last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escalated {
    Any,
    /// `None`: of nobody knows which level.
    To(Option<Level>),
}

impl Escalated {
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "any" => Some(Self::Any),
            "unknown" => Some(Self::To(None)),
            level => level.parse().ok().map(|level| Self::To(Some(level))),
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::To(None) => "unknown",
            Self::To(Some(level)) => level.as_str(),
        }
    }
}

/// A place in the list: after the clue with this time and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub reported_at: Timestamp,
    pub clue: Uuid,
}

impl Cursor {
    pub fn parse(text: &str) -> Option<Self> {
        let (micros, clue) = text.split_once('.')?;
        Some(Self {
            reported_at: Timestamp::from_micros(micros.parse().ok()?),
            clue: clue.parse().ok()?,
        })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.reported_at.as_micros(), self.clue)
    }
}

/// A bound value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Time(At),
    Id(Uuid),
    Flag(bool),
    Number(i64),
}

/// Conditions and their values, numbered as they come.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    text: String,
    pub(crate) values: Vec<Value>,
}

impl Conditions {
    pub(crate) fn of(filter: &Filter, now: Timestamp) -> Self {
        let mut it = Self::default();
        it.named(&["agency"], filter.agency.as_deref());
        it.named(&["matter", "source_matter"], filter.matter.as_deref());
        if let Some(area) = &filter.area {
            it.within(area);
        }
        if let Some(source) = &filter.source {
            it.of_source(source);
        }
        match filter.stage {
            None => {}
            Some(Stages::Open) => it.and("holder IS NOT NULL", []),
            Some(Stages::At(standing)) => it.and("stage = ?", [Value::Text(standing.as_str().to_owned())]),
        }
        match filter.overdue {
            None => {}
            Some(true) => it.and(
                "holder IS NOT NULL AND deadline < ? AND (stands_since IS NULL OR deadline < stands_since)",
                [Value::Time(At(now))],
            ),
            Some(false) => it.and(
                "(holder IS NULL OR deadline IS NULL OR deadline >= ? OR deadline >= stands_since)",
                [Value::Time(At(now))],
            ),
        }
        if let Some(flagged) = filter.flagged {
            it.and("flagged = ?", [Value::Flag(flagged)]);
        }
        if let Some(colour) = &filter.colour {
            it.and("colour = ?", [Value::Text(colour.to_string())]);
        }
        match filter.escalated {
            None => {}
            Some(Escalated::Any) => it.and("escalated IS NOT NULL", []),
            Some(level) => it.and("escalated = ?", [Value::Text(level.as_str().to_owned())]),
        }
        if let Some(dispute) = filter.precedent {
            let routed = "(partition, clue_id) IN (SELECT partition, clue_id FROM monitor_precedent WHERE dispute_id = ?)";
            it.and(routed, [Value::Id(dispute.0)]);
        }
        it
    }

    /// By the first of the columns that says anything, as the rows of a report are.
    fn named(&mut self, columns: &[&str], value: Option<&str>) {
        let name = match columns {
            [column] => (*column).to_owned(),
            _ => format!("coalesce({})", columns.join(", ")),
        };
        match value {
            None => {}
            Some("") => self.and(&format!("{name} IS NULL"), []),
            Some(value) => self.and(&format!("{name} = ?"), [Value::Text(value.to_owned())]),
        }
    }

    /// Whichever of its records is of the source.
    fn of_source(&mut self, source: &str) {
        let value = || Value::Text(source.to_owned());
        self.and(
            "(source = ? OR EXISTS (SELECT 1 FROM monitor_link l WHERE l.source = ? \
             AND l.partition = monitor_clue.partition AND l.clue_id = monitor_clue.clue_id))",
            [value(), value()],
        );
    }

    /// An area code is a prefix of what lies in it.
    fn within(&mut self, area: &str) {
        if area.is_empty() {
            return self.named(&["area", "source_area"], Some(area));
        }
        let text = || Value::Text(area.to_owned());
        let length = Value::Number(area.chars().count() as i64);
        self.and(
            "(substr(area, 1, ?) = ? OR (area IS NULL AND source_area = ?))",
            [length, text(), text()],
        );
    }

    pub(crate) fn after(&mut self, cursor: &Cursor) {
        let values = [Value::Time(At(cursor.reported_at)), Value::Id(cursor.clue)];
        self.and("(reported_at, clue_id) < (?, ?)", values);
    }

    /// Adds a condition; each `?` is one of the values.
    fn and<const N: usize>(&mut self, condition: &str, values: [Value; N]) {
        self.text
            .push_str(if self.text.is_empty() { "WHERE " } else { " AND " });
        let mut next = self.values.len();
        for part in condition.split_inclusive('?') {
            match part.strip_suffix('?') {
                Some(before) => {
                    next += 1;
                    self.text.push_str(before);
                    let _ = write!(self.text, "${next}");
                }
                None => self.text.push_str(part),
            }
        }
        self.values.extend(values);
    }

    /// The `WHERE` clause; empty if nothing is asked for.
    pub(crate) fn clause(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_asked_for_becomes_a_condition() {
        let now = Timestamp::EPOCH;
        assert_eq!(Conditions::of(&Filter::default(), now).clause(), "");
        let filter = Filter {
            agency: Some("a".to_owned()),
            area: Some("3306".to_owned()),
            stage: Stages::parse("open"),
            ..Filter::default()
        };
        let conditions = Conditions::of(&filter, now);
        let expected = "WHERE agency = $1 AND (substr(area, 1, $2) = $3 OR (area IS NULL AND source_area = $4)) \
                        AND holder IS NOT NULL";
        assert_eq!(conditions.clause(), expected);
        assert_eq!(conditions.values.len(), 4);
    }

    #[test]
    fn a_level_of_escalation_is_read_as_it_is_written() {
        let levels = Level::ALL.map(|level| Escalated::To(Some(level)));
        for level in levels.into_iter().chain([Escalated::Any, Escalated::To(None)]) {
            assert_eq!(Escalated::parse(level.as_str()), Some(level));
        }
        assert_eq!(Escalated::parse("province"), None);
    }

    #[test]
    fn a_cursor_round_trips_and_nonsense_is_refused() {
        let cursor = Cursor {
            reported_at: Timestamp::from_micros(-5),
            clue: Uuid::from_u128(7),
        };
        assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        for nonsense in ["", "5", "x.y", "5.0"] {
            assert_eq!(Cursor::parse(nonsense), None, "{nonsense}");
        }
    }
}
