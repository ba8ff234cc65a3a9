//! The decision by its definition: every row is looked at, the strongest wins. [`super::CompiledRulebook`] reaches the same
//! answer through an index.

use std::cmp::Ordering;

use jiff::civil::Date;
use serde::Serialize;

use super::{Duty, DutyRole, Layer, MatterPattern, Rulebook};
use crate::clue::{Assignment, RoutingDecision};
use crate::code::{AreaCode, CategoryCode, Level, MatterCode};

/// Whose duty is a clue of this matter in this area, reported on this civil date in the rulebook's zone?
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub matter: Option<&'a MatterCode>,
    pub area: Option<&'a AreaCode>,
    pub reported_on: Date,
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
            on: question.reported_on,
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

/// How strong a row is; compared field by field, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    matter: u8,
    area: usize,
    layer: Layer,
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
        } else {
            Some(Weakness::Layer)
        }
    }
}

pub(super) enum Weakness {
    Matter,
    Area,
    Layer,
}

/// Why a row about this matter does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    OtherArea,
    NotYetValid,
    Expired,
    NotCompetent,
}

/// Whether a row that is about the matter holds at the place and on the day.
pub(super) fn holds(rulebook: &Rulebook, duty: &Duty, facts: &Facts<'_>) -> Result<(), Miss> {
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

/// All rows of the highest rank that hold, in the order given.
pub(super) fn best<'a>(
    rulebook: &Rulebook,
    rows: impl Iterator<Item = &'a Duty>,
    facts: &Facts<'_>,
    role: DutyRole,
) -> Vec<&'a Duty> {
    let mut highest = None;
    let mut found = Vec::new();
    for duty in rows {
        if duty.role != role || !facts.has_matter_of(duty) || holds(rulebook, duty, facts).is_err() {
            continue;
        }
        let rank = Some(Rank::of(duty));
        match rank.cmp(&highest) {
            Ordering::Less => continue,
            Ordering::Equal => {}
            Ordering::Greater => {
                highest = rank;
                found.clear();
            }
        }
        found.push(duty);
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
    rows: impl Fn(&Facts<'_>, DutyRole) -> Vec<&'a Duty>,
) -> Answer {
    let facts = match facts {
        Ok(facts) => facts,
        Err(reason) => return Answer::Triage { reason },
    };
    let handlers = rows(&facts, DutyRole::FirstHandler);
    let Some(winner) = sole(&handlers) else {
        let reason = if handlers.is_empty() {
            Triage::NoDuty
        } else {
            Triage::Tie
        };
        return Answer::Triage { reason };
    };
    let penalty = sole(&rows(&facts, DutyRole::Penalty)).map(|row| row.agency.clone());
    let mut assisting = Vec::new();
    for row in rows(&facts, DutyRole::Assisting) {
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
