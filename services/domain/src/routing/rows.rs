//! Which rows hold for a clue, and which of them are the strongest.

use jiff::civil::Date;

use super::decide::Facts;
use super::predicate::Unanswered;
use super::{Duty, DutyRole, Layer, Matter, MatterPattern, Rulebook};
use crate::code::{AgencyId, AreaCode, Level, MatterCode};

/// How the rows of a rulebook are found: all of them looked at, or through an index.
pub(super) trait Rows<'a> {
    fn rulebook(&self) -> &'a Rulebook;

    /// The matter in the catalogue.
    fn matter(&self, code: &MatterCode) -> Option<&'a Matter>;

    /// The strongest rows of the role; but for those of one agency.
    fn best(&self, facts: &Facts<'_>, role: DutyRole, but: Option<&AgencyId>) -> Best<'a>;

    /// Every row of the role whose matter applies, in the order of the file.
    fn about(&self, facts: &Facts<'_>, role: DutyRole) -> impl Iterator<Item = &'a Duty>;
}

/// The rows by their definition.
pub(super) struct All<'a>(pub(super) &'a Rulebook);

impl<'a> Rows<'a> for All<'a> {
    fn rulebook(&self) -> &'a Rulebook {
        self.0
    }

    fn matter(&self, code: &MatterCode) -> Option<&'a Matter> {
        self.0.matters.get(code)
    }

    fn best(&self, facts: &Facts<'_>, role: DutyRole, but: Option<&AgencyId>) -> Best<'a> {
        best(self.0, self.about(facts, role), facts, but)
    }

    fn about(&self, facts: &Facts<'_>, role: DutyRole) -> impl Iterator<Item = &'a Duty> {
        let duties = self.0.duties.iter();
        duties.filter(move |duty| duty.role == role && facts.has_matter_of(duty))
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
    applies(rulebook, duty, facts.area, facts.on)?;
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
pub(super) fn applies(rulebook: &Rulebook, duty: &Duty, area: &AreaCode, on: Date) -> Result<(), Miss> {
    if !area.is_within(&duty.area) {
        Err(Miss::OtherArea)
    } else if duty.from.is_some_and(|from| on < from) {
        Err(Miss::NotYetValid)
    } else if duty.to.is_some_and(|to| on >= to) {
        Err(Miss::Expired)
    } else if competent(rulebook, duty, area) {
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

/// Looks through rows of a role about the matter for the strongest. A predicate is asked only where its row could win.
pub(super) fn best<'a>(
    rulebook: &Rulebook,
    rows: impl Iterator<Item = &'a Duty>,
    facts: &Facts<'_>,
    but: Option<&AgencyId>,
) -> Best<'a> {
    let mut highest = None;
    let mut found = Best::default();
    for duty in rows {
        if but.is_some_and(|but| duty.agency == *but)
            || applies(rulebook, duty, facts.area, facts.on).is_err()
        {
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

/// Whether a row can hold at all where the clue lies: a delegation makes only a town competent, and only in its own area
/// (行政处罚法 art. 24); every other layer binds whomever it names.
fn competent(rulebook: &Rulebook, duty: &Duty, area: &AreaCode) -> bool {
    duty.layer != Layer::Delegation
        || rulebook.agencies.get(&duty.agency).is_some_and(|agency| {
            agency.level == Some(Level::Town) && agency.area.as_ref().is_some_and(|own| area.is_within(own))
        })
}
