//! What a rulebook would have decided about clues of the past, against what became of them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Answer, Case, CompiledRulebook, First};
use crate::clue::Assignment;
use crate::code::{AgencyId, MatterCode};
use crate::id::ClueId;

/// Examples of clues that are kept for each shift.
const EXAMPLES: usize = 5;

/// What it came to. Everything but `shifts` is counts, so that it does not grow with the clues.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Backtest {
    /// Clues that were routed again.
    pub clues: u64,
    /// Of which the source recorded who had them in the end, so that nobody knows who had them first: the candidate is judged by
    /// them, what was before is not.
    pub recorded: u64,
    /// Which would have gone elsewhere than they went first; `shifts` says where.
    pub changed: u64,
    /// Of which it is known who had the clue in the end: who closed it, or has it by its source's own record. The others are still
    /// open, or were voided.
    pub judged: u64,
    /// Judged clues that the candidate would have given to the agency that had them in the end.
    pub right_after: u64,
    /// Of the judged ones those that are not recorded: of which it is known whether they went right at first.
    pub judged_before: u64,
    pub right_before: u64,
    /// Those of them that the candidate would have right, to hold against `right_before`.
    pub right_after_of_these: u64,
    /// Clues that nobody was named for.
    pub triage_before: u64,
    pub triage_after: u64,
    /// Why the candidate names nobody, and of how many.
    pub triage_reasons: BTreeMap<&'static str, u64>,
    /// How often clues passed to another agency that the candidate would have sent to the right one.
    pub moves_avoided: u64,
    /// Clues that went to the right agency and would not have.
    pub spoiled: u64,
    pub load: BTreeMap<AgencyId, Load>,
    pub shifts: Vec<Shift>,
}

/// How many clues an agency was given first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Load {
    pub before: u64,
    pub after: u64,
}

/// Clues that would have gone from one to another; nobody: triage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shift {
    pub from: Option<AgencyId>,
    pub to: Option<AgencyId>,
    pub clues: u64,
    /// Of which `from` was right, of which `to`.
    pub from_right: u64,
    pub to_right: u64,
    /// Numbers of some of them.
    pub examples: Vec<String>,
}

/// What became of one clue under the candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rerouted<'a> {
    pub clue: ClueId,
    pub number: &'a str,
    pub from: Option<&'a AgencyId>,
    /// `from` is what its source recorded in the end.
    pub recorded: bool,
    pub to: Option<AgencyId>,
    /// Line of `duties.csv` in the candidate; `None`: triage.
    pub row: Option<u32>,
    /// `matched`, or why nobody is named.
    pub reason: &'static str,
    pub right: Option<&'a AgencyId>,
}

impl Rerouted<'_> {
    pub fn is_changed(&self) -> bool {
        self.from != self.to.as_ref()
    }
}

/// Counts clues as they come.
#[derive(Debug)]
pub struct Backtesting<'a> {
    candidate: &'a CompiledRulebook,
    counted: Backtest,
    shifts: BTreeMap<(Option<AgencyId>, Option<AgencyId>), Shift>,
}

impl<'a> Backtesting<'a> {
    pub fn new(candidate: &'a CompiledRulebook) -> Self {
        Self {
            candidate,
            counted: Backtest::default(),
            shifts: BTreeMap::new(),
        }
    }

    /// Routes a clue by the candidate at the clue's own date. `None`: nobody has answered yet whose it is.
    pub fn add<'c>(&mut self, case: &'c Case) -> Option<Rerouted<'c>> {
        if case.first == First::Unanswered {
            return None;
        }
        let answer = self.decide(case);
        let (row, reason) = (answer.row(), answer.reason());
        let to = match answer {
            Answer::Assigned {
                assignment: Assignment { agency, .. },
                ..
            } => Some(agency),
            Answer::Triage { .. } => None,
        };
        let rerouted = Rerouted {
            clue: case.clue,
            number: &case.number,
            from: case.first.agency(),
            recorded: matches!(case.first, First::Recorded(_)),
            to,
            row,
            reason,
            right: case.owner(),
        };
        self.count(&rerouted, case.moves);
        Some(rerouted)
    }

    fn decide(&self, case: &Case) -> Answer {
        let rulebook = self.candidate.rulebook();
        let mut question = case.subject.question(&rulebook.zone);
        let crosswalked = self.crosswalked(case);
        question.matter = question.matter.or(crosswalked.as_ref());
        self.candidate.decide(&question)
    }

    /// The matter that the candidate's crosswalk knows, where the platform's word led to none before.
    fn crosswalked(&self, case: &Case) -> Option<MatterCode> {
        let word = case
            .source_matter
            .as_ref()
            .filter(|_| case.subject.matter.is_none())?;
        self.candidate.rulebook().matter_for(&case.subject.source, word)
    }

    fn count(&mut self, clue: &Rerouted<'_>, moves: u32) {
        let counted = &mut self.counted;
        counted.clues += 1;
        match clue.from {
            Some(agency) => counted.load.entry(agency.clone()).or_default().before += 1,
            None => counted.triage_before += 1,
        }
        if let Some(agency) = &clue.to {
            counted.load.entry(agency.clone()).or_default().after += 1;
        } else {
            counted.triage_after += 1;
            *counted.triage_reasons.entry(clue.reason).or_default() += 1;
        }
        let is_right = |named: Option<&AgencyId>| clue.right.is_some() && named == clue.right;
        let is_known = !clue.recorded;
        let (before, after) = (is_known && is_right(clue.from), is_right(clue.to.as_ref()));
        counted.recorded += u64::from(clue.recorded);
        counted.judged += u64::from(clue.right.is_some());
        counted.right_after += u64::from(after);
        counted.judged_before += u64::from(is_known && clue.right.is_some());
        counted.right_before += u64::from(before);
        counted.right_after_of_these += u64::from(is_known && after);
        counted.moves_avoided += if is_known && after && !before {
            u64::from(moves)
        } else {
            0
        };
        counted.spoiled += u64::from(before && !after);
        if clue.is_changed() {
            counted.changed += 1;
            let key = (clue.from.cloned(), clue.to.clone());
            let shift = self.shifts.entry(key).or_insert_with_key(Shift::none);
            shift.clues += 1;
            shift.from_right += u64::from(before);
            shift.to_right += u64::from(after);
            if shift.examples.len() < EXAMPLES {
                shift.examples.push(clue.number.to_owned());
            }
        }
    }

    /// The shifts with most clues first.
    pub fn finish(self) -> Backtest {
        let mut shifts: Vec<_> = self.shifts.into_values().collect();
        shifts.sort_by_key(|shift| std::cmp::Reverse(shift.clues));
        Backtest {
            shifts,
            ..self.counted
        }
    }
}

impl Shift {
    fn none((from, to): &(Option<AgencyId>, Option<AgencyId>)) -> Self {
        Self {
            from: from.clone(),
            to: to.clone(),
            clues: 0,
            from_right: 0,
            to_right: 0,
            examples: Vec::new(),
        }
    }
}
