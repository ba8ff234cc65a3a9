//! The decision by its definition: every row is looked at, the strongest wins. [`super::CompiledRulebook`] reaches the same
//! answer through an index.

use jiff::civil::{Date, DateTime};
use serde::Serialize;

use super::predicate::{Says, Unanswered, Value};
use super::{Duty, DutyRole, Fact, Layer, MatterPattern, Rulebook, Type};
use crate::clue::{Assignment, Attribute, RoutingDecision};
use crate::code::{AreaCode, CategoryCode, Level, MatterCode, Severity, SourceId};

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
    answer(Facts::of(rulebook, question), |facts, role| {
        best(rulebook, rulebook.duties.iter(), facts, role)
    })
}

/// Whether a row can hold at all where the clue lies: a delegation makes only a town competent, and only in its own area
/// (行政处罚法 art. 24); every other layer binds whomever it names.
fn competent(rulebook: &Rulebook, duty: &Duty, area: &AreaCode) -> bool {
    duty.layer != Layer::Delegation
        || rulebook.agencies.get(&duty.agency).is_some_and(|agency| {
            agency.level == Some(Level::Town) && agency.area.as_ref().is_some_and(|own| area.is_within(own))
        })
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
    pub(super) fn of(rulebook: &'a Rulebook, question: &Question<'a>) -> Result<Self, Triage> {
        if rulebook.is_none() {
            return Err(Triage::RulebookMissing);
        }
        let matter = question.matter.ok_or(Triage::MatterMissing)?;
        let known = rulebook.matters.get(matter).ok_or(Triage::MatterUnknown)?;
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
        match &duty.matter {
            MatterPattern::Matter(code) => code == self.matter,
            MatterPattern::Category(code) => Some(code) == self.category,
            MatterPattern::Any => true,
        }
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
        let may_be = |said: &str| {
            declared.is_none_or(|it| it.values.is_empty() || it.values.iter().any(|value| value == said))
        };
        let value = match declared.map_or(Type::Text, |it| it.kind) {
            Type::Text => Some(Value::Text(said)).filter(|_| may_be(said)),
            Type::Integer => said.trim().parse().ok().map(Value::Integer),
            Type::Boolean => match said.trim() {
                "true" | "1" => Some(Value::Boolean(true)),
                "false" | "0" => Some(Value::Boolean(false)),
                _ => None,
            },
        };
        value.ok_or_else(|| Unanswered {
            fact: name.to_owned(),
            unreadable: true,
        })
    }
}

/// How strong a row is; compared field by field, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    matter: u8,
    area: usize,
    layer: Layer,
    conditional: bool,
}

impl Rank {
    pub(super) fn of(duty: &Duty) -> Self {
        let matter = match duty.matter {
            MatterPattern::Matter(_) => 2,
            MatterPattern::Category(_) => 1,
            MatterPattern::Any => 0,
        };
        Self {
            matter,
            area: duty.area.as_str().len(),
            layer: duty.layer,
            conditional: duty.when.is_some(),
        }
    }

    /// Which field makes `self` the weaker one; `None` if it is not weaker.
    pub(super) fn weakness_against(self, stronger: Self) -> Option<Weakness> {
        if self >= stronger {
            None
        } else if self.matter < stronger.matter {
            Some(Weakness::Matter)
        } else if self.area < stronger.area {
            Some(Weakness::Area)
        } else if self.layer < stronger.layer {
            Some(Weakness::Layer)
        } else {
            Some(Weakness::Predicate)
        }
    }
}

pub(super) enum Weakness {
    Matter,
    Area,
    Layer,
    Predicate,
}

/// Why a row about this matter does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    OtherArea,
    NotYetValid,
    Expired,
    NotCompetent,
    PredicateFalse,
    Unanswered(Unanswered),
}

/// Whether a row that is about the matter holds at the place, on the day, and of the clue.
pub(super) fn holds(rulebook: &Rulebook, duty: &Duty, facts: &Facts<'_>) -> Result<(), Miss> {
    applies(rulebook, duty, facts)?;
    fulfilled(duty, facts)
}

/// Whether its predicate holds, if it has one.
fn fulfilled(duty: &Duty, facts: &Facts<'_>) -> Result<(), Miss> {
    match duty.when.as_ref().map(|when| when.predicate.holds(facts)) {
        None | Some(Ok(true)) => Ok(()),
        Some(Ok(false)) => Err(Miss::PredicateFalse),
        Some(Err(unanswered)) => Err(Miss::Unanswered(unanswered)),
    }
}

/// The same without its predicate.
fn applies(rulebook: &Rulebook, duty: &Duty, facts: &Facts<'_>) -> Result<(), Miss> {
    if !facts.area.is_within(&duty.area) {
        Err(Miss::OtherArea)
    } else if duty.from.is_some_and(|from| facts.on < from) {
        Err(Miss::NotYetValid)
    } else if duty.to.is_some_and(|to| facts.on >= to) {
        Err(Miss::Expired)
    } else if competent(rulebook, duty, facts.area) {
        Ok(())
    } else {
        Err(Miss::NotCompetent)
    }
}

/// The rows of the highest rank, in the order given: those that hold, and those of which that cannot be said.
#[derive(Debug, Default)]
pub(super) struct Best<'a> {
    pub(super) rows: Vec<&'a Duty>,
    pub(super) unanswered: Vec<&'a Duty>,
}

impl<'a> Best<'a> {
    pub(super) const fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.unanswered.is_empty()
    }

    /// Those that hold, unless one might that is as strong.
    pub(super) fn certain(self) -> Vec<&'a Duty> {
        if self.unanswered.is_empty() {
            self.rows
        } else {
            Vec::new()
        }
    }
}

/// Looks through rows for the strongest. A predicate is asked only where its row could win.
pub(super) fn best<'a>(
    rulebook: &Rulebook,
    rows: impl Iterator<Item = &'a Duty>,
    facts: &Facts<'_>,
    role: DutyRole,
) -> Best<'a> {
    let mut highest = None;
    let mut found = Best::default();
    for duty in rows {
        if duty.role != role || !facts.has_matter_of(duty) || applies(rulebook, duty, facts).is_err() {
            continue;
        }
        let rank = Some(Rank::of(duty));
        if rank < highest {
            continue;
        }
        let holds = fulfilled(duty, facts);
        if holds == Err(Miss::PredicateFalse) {
            continue;
        }
        if rank > highest {
            highest = rank;
            found = Best::default();
        }
        if holds.is_ok() {
            found.rows.push(duty);
        } else {
            found.unanswered.push(duty);
        }
    }
    found
}

/// The row that stands for rows of equal rank; `None` if there is none or they name different agencies.
pub(super) fn sole<'a>(rows: &[&'a Duty]) -> Option<&'a Duty> {
    let first = *rows.first()?;
    rows.iter().all(|row| row.agency == first.agency).then_some(first)
}

/// The answer, given how to find the best rows of a role.
pub(super) fn answer<'a>(
    facts: Result<Facts<'_>, Triage>,
    rows: impl Fn(&Facts<'_>, DutyRole) -> Best<'a>,
) -> Answer {
    let facts = match facts {
        Ok(facts) => facts,
        Err(reason) => return Answer::Triage { reason },
    };
    let handlers = rows(&facts, DutyRole::FirstHandler);
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
    let penalty = sole(&rows(&facts, DutyRole::Penalty).certain()).map(|row| row.agency.clone());
    let mut assisting = Vec::new();
    for row in rows(&facts, DutyRole::Assisting).certain() {
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
