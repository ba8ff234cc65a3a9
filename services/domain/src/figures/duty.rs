//! Disputes over duty: how they end, before whom, how soon, whether rulings are obeyed, and what precedents save.

mod kind;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::counts::sums;
use super::{Facts, Figure, Period, Query};
use crate::calendar::{Calendar, Unit};
use crate::clue::Class;
use crate::code::{AgencyId, RulebookVersion};
use crate::dispute::{self, Agreement, Dispute, ForumLevel, Outcome, Standing};
use crate::time::Timestamp;

pub use kind::DutyKind;

sums!(
    /// opened = open + settled + refused + withdrawn + carried_out + clue_ended.
    DutyCounts {
        opened,
        open,
        /// Open, and the time of the open step is over.
        open_overdue,
        /// Open, and the last forum let its time pass.
        open_late,
        /// The parties agreed: in negotiation or by the opinion.
        settled,
        settled_by_negotiation,
        settled_by_opinion,
        refused,
        withdrawn,
        /// Ended with the clue, which the agency that a ruling named closed.
        carried_out,
        /// Ended with the clue in another way.
        clue_ended,
        /// In which a ruling was made, whatever came after it.
        decided,
        /// Times: an appeal may bring another one.
        rulings,
        /// Whose ruling was appealed.
        appealed,
        /// Times.
        appeals,
        /// In which the agency that a ruling named did not take the clue up in time.
        breached,
        /// Times.
        breaches,
        /// Settled or decided, and the working days until then are known.
        determined,
        /// Clues that a row of `duties.csv` dispatched.
        routed,
        /// Of these, by a row that names a dispute.
        routed_by_precedent,
    }
);

/// How many disputes wait for a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StepLine {
    pub step: dispute::Step,
    pub open: u64,
    pub open_overdue: u64,
}

/// What is before a level, and what was settled or decided there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DutyLine {
    pub level: ForumLevel,
    pub open: u64,
    pub settled_by_negotiation: u64,
    pub settled_by_opinion: u64,
    /// By the level of the ruling that was made last.
    pub decided: u64,
}

/// How often two agencies were parties of one dispute, and to whom the duty was put. `one` comes first by its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Between {
    pub one: AgencyId,
    pub one_name: String,
    pub other: AgencyId,
    pub other_name: String,
    pub disputes: u64,
    pub to_one: u64,
    pub to_other: u64,
}

/// The part of the report about disputes that is about disputes over duty. Keys and their order are a contract.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DutyReport {
    pub counts: DutyCounts,
    pub figures: Vec<Figure<DutyKind>>,
    /// In the order of the steps.
    pub steps: Vec<StepLine>,
    /// The lowest first.
    pub levels: Vec<DutyLine>,
    /// The most quarrelsome first.
    pub between: Vec<Between>,
}

/// Counts disputes one by one. Memory grows with those that were settled or decided, and with the rows of rulebooks that dispatched.
#[derive(Debug)]
pub struct DutyDisputes {
    period: Period,
    /// What is overdue by then.
    by: Timestamp,
    calendar: Calendar,
    counts: DutyCounts,
    /// Working days from opening to settled or decided.
    days: Vec<u64>,
    steps: Vec<StepLine>,
    levels: Vec<DutyLine>,
    /// Disputes, to one, to the other.
    between: BTreeMap<(AgencyId, AgencyId), [u64; 3]>,
    /// How many clues each row dispatched.
    rules: BTreeMap<(RulebookVersion, u32), u64>,
}

impl DutyCounts {
    fn of(dispute: &Dispute, by: Timestamp) -> Self {
        let one = |is: bool| u64::from(is);
        let outcome = dispute.outcome();
        let settled = |how| matches!(outcome, Some(Outcome::Settled { by, .. }) if *by == how);
        let (negotiated, accepted) = (settled(Agreement::Negotiation), settled(Agreement::Opinion));
        Self {
            opened: 1,
            open: one(dispute.is_open()),
            open_overdue: one(is_overdue(dispute, by)),
            open_late: one(dispute.is_late()),
            settled: one(negotiated || accepted),
            settled_by_negotiation: one(negotiated),
            settled_by_opinion: one(accepted),
            refused: one(matches!(outcome, Some(Outcome::Refused { .. }))),
            withdrawn: one(matches!(outcome, Some(Outcome::Withdrawn))),
            carried_out: one(matches!(outcome, Some(Outcome::CarriedOut { .. }))),
            clue_ended: one(matches!(outcome, Some(Outcome::ClueEnded { .. }))),
            decided: one(!dispute.rulings.is_empty()),
            rulings: dispute.rulings.len() as u64,
            appealed: one(dispute.appeals > 0),
            appeals: u64::from(dispute.appeals),
            breached: one(!dispute.breaches.is_empty()),
            breaches: dispute.breaches.len() as u64,
            ..Self::default()
        }
    }
}

impl StepLine {
    const fn none(step: dispute::Step) -> Self {
        Self {
            step,
            open: 0,
            open_overdue: 0,
        }
    }
}

impl DutyLine {
    const fn none(level: ForumLevel) -> Self {
        Self {
            level,
            open: 0,
            settled_by_negotiation: 0,
            settled_by_opinion: 0,
            decided: 0,
        }
    }
}

impl DutyDisputes {
    /// `calendar` counts the working days.
    pub fn new(query: &Query, calendar: Calendar) -> Self {
        Self {
            period: query.period(),
            by: query.as_of.unwrap_or(query.now),
            calendar,
            counts: DutyCounts::default(),
            days: Vec::new(),
            steps: dispute::Step::ALL.iter().map(|it| StepLine::none(*it)).collect(),
            levels: ForumLevel::ALL.iter().map(|it| DutyLine::none(*it)).collect(),
            between: BTreeMap::new(),
            rules: BTreeMap::new(),
        }
    }

    /// Whether what happened at that time is seen by the report: whoever folds a dispute for [`add`](Self::add) stops there.
    pub fn sees(&self, at: Timestamp) -> bool {
        at < self.period.seen
    }

    /// Counts the dispute, folded from what the report sees, if it was opened in the period.
    pub fn add(&mut self, dispute: &Dispute) {
        if !self.period.contains(dispute.opened_at) {
            return;
        }
        let mut counts = DutyCounts::of(dispute, self.by);
        if let Some(days) = self.days(dispute) {
            counts.determined = 1;
            self.days.push(days);
        }
        self.counts += counts;
        self.place(dispute, &counts);
        self.pair(dispute);
    }

    fn pair(&mut self, dispute: &Dispute) {
        let mut parties: Vec<_> = dispute.parties.iter().map(|it| &it.agency).collect();
        parties.sort();
        let responsible = dispute.responsible();
        for (at, one) in parties.iter().enumerate() {
            for other in parties.iter().skip(at + 1) {
                let pair = ((*one).clone(), (*other).clone());
                let [disputes, to_one, to_other] = self.between.entry(pair).or_default();
                *disputes += 1;
                *to_one += u64::from(responsible == Some(*one));
                *to_other += u64::from(responsible == Some(*other));
            }
        }
    }

    fn place(&mut self, dispute: &Dispute, counts: &DutyCounts) {
        if let Some(line) = self.steps.iter_mut().find(|it| Some(it.step) == dispute.step()) {
            line.open += 1;
            line.open_overdue += counts.open_overdue;
        }
        let ruled = dispute.rulings.last().map(|it| it.forum.level());
        for line in &mut self.levels {
            if line.level == dispute.forum.level() {
                line.open += counts.open;
                line.settled_by_negotiation += counts.settled_by_negotiation;
                line.settled_by_opinion += counts.settled_by_opinion;
            }
            line.decided += u64::from(ruled == Some(line.level));
        }
    }

    /// From the opening until the parties agreed, or the first ruling; `None`: neither, or no calendar goes so far.
    fn days(&self, dispute: &Dispute) -> Option<u64> {
        let agreed = match &dispute.standing {
            Standing::Ended {
                outcome: Outcome::Settled { .. },
                at,
            } => Some(*at),
            _ => None,
        };
        let at = agreed.or_else(|| dispute.rulings.first().map(|it| it.at))?;
        let place = dispute.opening.area.as_ref();
        let used = self
            .calendar
            .used(place, dispute.opened_at, at, Unit::WorkingDays);
        u64::try_from(used.ok()?).ok()
    }

    /// Counts the clue, if the query means it and a row of a rulebook dispatched it.
    pub fn route(&mut self, facts: &Facts) {
        let is_meant = self.period.contains(facts.reported_at) && self.sees(facts.reported_at);
        if !is_meant || facts.class != Class::Ordinary {
            return;
        }
        let first = facts.rules().next().filter(|(at, _)| self.sees(*at));
        if let Some((_, rule)) = first {
            *self.rules.entry(rule.clone()).or_default() += 1;
        }
    }

    /// The rulebooks whose rows dispatched clues: to be looked up for [`finish`](Self::finish).
    pub fn rulebooks(&self) -> Vec<RulebookVersion> {
        let mut versions: Vec<_> = self.rules.keys().map(|(version, _)| version.clone()).collect();
        versions.dedup();
        versions
    }

    /// The report. `is_precedent`: whether the line of that rulebook's `duties.csv` names a dispute; `name`: what people call an agency.
    pub fn finish(
        mut self,
        is_precedent: impl Fn(&RulebookVersion, u32) -> bool,
        name: impl Fn(&AgencyId) -> String,
    ) -> DutyReport {
        for ((version, line), clues) in &self.rules {
            self.counts.routed += clues;
            if is_precedent(version, *line) {
                self.counts.routed_by_precedent += clues;
            }
        }
        self.days.sort_unstable();
        let middle = middle(&self.days);
        let pairs = self.between.into_iter();
        let mut between: Vec<_> = pairs
            .map(|((one, other), [disputes, to_one, to_other])| Between {
                one_name: name(&one),
                other_name: name(&other),
                one,
                other,
                disputes,
                to_one,
                to_other,
            })
            .collect();
        between.sort_by_key(|it| Reverse(it.disputes));
        DutyReport {
            figures: DutyKind::ALL.map(|kind| kind.of(&self.counts, middle)).to_vec(),
            counts: self.counts,
            steps: self.steps,
            levels: self.levels,
            between,
        }
    }
}

fn is_overdue(dispute: &Dispute, by: Timestamp) -> bool {
    dispute.deadline().is_some_and(|deadline| deadline.is_over(by))
}

/// The sum of the middle one, or two, of the sorted numbers, and how many these are.
fn middle(sorted: &[u64]) -> (u64, u64) {
    let half = sorted.len() / 2;
    match (sorted.get(half), sorted.len() % 2) {
        (None, _) => (0, 0),
        (Some(one), 1) => (*one, 1),
        (Some(one), _) => (sorted[half - 1] + one, 2),
    }
}

#[cfg(test)]
mod tests;
