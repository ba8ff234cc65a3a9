//! The decision by its definition: every row is looked at, the strongest wins. [`super::CompiledRulebook`] reaches the same
//! answer through an index.

use jiff::civil::{Date, DateTime};
use serde::Serialize;

use super::predicate::{Says, Unanswered, Value};
use super::rows::{All, Best, Rows, sole};
use super::{Duty, DutyRole, Fact, Rulebook};
use crate::clue::{Assignment, Attribute, RoutingDecision};
use crate::code::{AreaCode, CategoryCode, MatterCode, Severity, SourceId};

/// Whose duty is such a clue?
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub matter: Option<&'a MatterCode>,
    pub area: Option<&'a AreaCode>,
    /// Civil time of the report in the rulebook's zone; its date decides which duties hold.
    pub reported_at: DateTime,
    /// Its source said so; else the time of receipt stands in.
    pub is_dated: bool,
    /// What predicates may read besides.
    pub severity: Option<&'a Severity>,
    pub source: Option<&'a SourceId>,
    pub attributes: &'a [Attribute],
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// `row` is the line of the winning row in `duties.csv`.
    Assigned { assignment: Assignment, row: u32 },
    /// A person must say who.
    Triage { reason: Triage },
}

/// Why no agency could be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Triage {
    RulebookMissing,
    MatterMissing,
    /// The clue carries a matter that this rulebook does not know.
    MatterUnknown,
    AreaMissing,
    NoDuty,
    /// Rows of equal rank name different agencies.
    Tie,
    /// The predicate of a row that could win depends on what the clue does not say.
    Unanswered,
}

impl Triage {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RulebookMissing => "rulebook_missing",
            Self::MatterMissing => "matter_missing",
            Self::MatterUnknown => "matter_unknown",
            Self::AreaMissing => "area_missing",
            Self::NoDuty => "no_duty",
            Self::Tie => "tie",
            Self::Unanswered => "predicate_unanswered",
        }
    }
}

impl Answer {
    /// The word that stands in [`RoutingDecision::reason`].
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Assigned { .. } => "matched",
            Self::Triage { reason } => reason.as_str(),
        }
    }

    pub const fn row(&self) -> Option<u32> {
        match self {
            Self::Assigned { row, .. } => Some(*row),
            Self::Triage { .. } => None,
        }
    }

    /// What the journal keeps of the decision.
    pub fn decision(&self, rulebook: &Rulebook) -> RoutingDecision {
        RoutingDecision {
            rulebook: rulebook.version.clone(),
            row: self.row(),
            reason: self.reason().to_owned(),
        }
    }
}

/// Decides by looking at every row; for many decisions over one rulebook use [`super::CompiledRulebook`].
pub fn decide(rulebook: &Rulebook, question: &Question<'_>) -> Answer {
    let all = All(rulebook);
    let facts = Facts::of(&all, question);
    answer(&facts, |facts, role| all.best(facts, role, None))
}

/// A question that can be answered: nothing is missing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    pub(super) matter: &'a MatterCode,
    pub(super) category: Option<&'a CategoryCode>,
    pub(super) area: &'a AreaCode,
    pub(super) on: Date,
    question: Question<'a>,
    rulebook: &'a Rulebook,
}

impl<'a> Facts<'a> {
    pub(super) fn of(rows: &impl Rows<'a>, question: &Question<'a>) -> Result<Self, Triage> {
        let rulebook = rows.rulebook();
        if rulebook.is_none() {
            return Err(Triage::RulebookMissing);
        }
        let matter = question.matter.ok_or(Triage::MatterMissing)?;
        let known = rows.matter(matter).ok_or(Triage::MatterUnknown)?;
        let area = question.area.ok_or(Triage::AreaMissing)?;
        Ok(Self {
            matter,
            category: known.category.as_ref(),
            area,
            on: question.reported_at.date(),
            question: *question,
            rulebook,
        })
    }

    pub(super) fn has_matter_of(&self, duty: &Duty) -> bool {
        duty.matter.covers(self.matter, self.category)
    }
}

impl Says for Facts<'_> {
    fn value(&self, fact: &Fact) -> Result<Option<Value<'_>>, Unanswered> {
        let question = &self.question;
        let at = question.reported_at;
        Ok(match fact {
            Fact::Severity => question.severity.map(|it| Value::Text(it.as_str())),
            Fact::Source => question.source.map(|it| Value::Text(it.as_str())),
            // the time of receipt that stands in for a missing one says nothing of when it happened
            Fact::Hour | Fact::Weekday | Fact::Month if !question.is_dated => None,
            Fact::Hour => Some(Value::Integer(at.hour().into())),
            Fact::Weekday => Some(Value::Integer(at.weekday().to_monday_one_offset().into())),
            Fact::Month => Some(Value::Integer(at.month().into())),
            Fact::Attribute(name) => match question.attributes.iter().find(|it| it.name == *name) {
                Some(said) => Some(self.read(name, &said.value)?),
                None => None,
            },
        })
    }
}

impl Facts<'_> {
    /// An attribute as the rulebook declares it.
    fn read<'v>(&self, name: &str, said: &'v str) -> Result<Value<'v>, Unanswered> {
        let declared = self.rulebook.attributes.get(name);
        let value = declared.map_or(Some(Value::Text(said)), |it| it.read(said));
        value.ok_or_else(|| Unanswered {
            fact: name.to_owned(),
            unreadable: true,
        })
    }
}

/// The answer, given how to find the best rows of a role.
pub(super) fn answer<'a>(
    facts: &Result<Facts<'_>, Triage>,
    best: impl Fn(&Facts<'_>, DutyRole) -> Best<'a>,
) -> Answer {
    let facts = match facts {
        Ok(facts) => facts,
        Err(reason) => return Answer::Triage { reason: *reason },
    };
    let handlers = best(facts, DutyRole::FirstHandler);
    if !handlers.unanswered.is_empty() {
        return Answer::Triage {
            reason: Triage::Unanswered,
        };
    }
    let Some(winner) = sole(&handlers.rows) else {
        let reason = if handlers.is_empty() {
            Triage::NoDuty
        } else {
            Triage::Tie
        };
        return Answer::Triage { reason };
    };
    let penalty = sole(&best(facts, DutyRole::Penalty).certain()).map(|row| row.agency.clone());
    let mut assisting = Vec::new();
    for row in best(facts, DutyRole::Assisting).certain() {
        if row.agency != winner.agency && !assisting.contains(&row.agency) {
            assisting.push(row.agency.clone());
        }
    }
    Answer::Assigned {
        assignment: Assignment {
            agency: winner.agency.clone(),
            penalty,
            assisting,
        },
        row: winner.line,
    }
}
