//! What routing itself makes of clues of which it is known who had them.

use std::collections::BTreeMap;

use super::learned::{Decided, Learned};
use super::{matter_of, owner};
use crate::code::MatterCode;
use crate::routing::{Answer, Case, CompiledRulebook, Triage, Verdict};

/// Counts clues of learned matters as a rulebook routes them.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    /// Clues of which it is known who had them.
    pub clues: u64,
    /// Of which the matter was learned.
    pub known: u64,
    /// Of which went to who had them.
    pub right: u64,
    /// Why nobody is named, and of how many whose matter was learned.
    pub triage: BTreeMap<&'static str, u64>,
    /// By the line of the row that decides, or of each of those that tie.
    pub(super) rows: BTreeMap<u32, Decided>,
    /// Clues that name a place and go to nobody.
    pub(super) nobody: BTreeMap<MatterCode, u64>,
}

impl Trial {
    /// The lines of the rows that decide about the clue: the one that wins, or those that tie.
    pub fn add(&mut self, candidate: &CompiledRulebook, learned: &Learned, case: &Case) -> Vec<u32> {
        let rulebook = candidate.rulebook();
        let Some(owner) = owner(case, rulebook) else {
            return Vec::new();
        };
        self.clues += 1;
        let matter = matter_of(case, rulebook).filter(|it| learned.majority.contains_key(it));
        let Some(matter) = matter else {
            return Vec::new();
        };
        self.known += 1;
        let mut question = case.subject.question(&rulebook.zone);
        question.matter = Some(&matter);
        let lines = match candidate.decide(&question) {
            Answer::Assigned { assignment, row } => {
                self.right += u64::from(assignment.agency == *owner);
                vec![row]
            }
            Answer::Triage { reason } => {
                *self.triage.entry(reason.as_str()).or_default() += 1;
                if question.area.is_some() {
                    *self.nobody.entry(matter.clone()).or_default() += 1;
                }
                if reason != Triage::Tie {
                    return Vec::new();
                }
                let rows = candidate.explain(&question).lost.into_iter();
                let tied = rows.filter(|row| row.verdict == Verdict::Tied);
                tied.map(|row| row.line).collect()
            }
        };
        for line in &lines {
            let decided = self.rows.entry(*line).or_default();
            decided.add(&case.number, owner);
        }
        lines
    }

    /// Clues that a person must decide about.
    pub fn to_triage(&self) -> u64 {
        self.triage.values().sum()
    }

    /// How many clues the row on this line decides about, and how many of them the agency had that had most.
    pub fn most(&self, line: u32) -> (u64, u64) {
        let votes = self.rows.get(&line).map(|it| &it.votes);
        let most = votes.and_then(|votes| votes.iter().map(|(_, clues)| clues).max());
        (votes.map_or(0, super::votes::Votes::total), most.unwrap_or(0))
    }

    /// Of the clues that the row on this line decides about, how many the agency had.
    pub fn of(&self, line: u32, agency: &crate::code::AgencyId) -> u64 {
        self.rows.get(&line).map_or(0, |it| it.votes.of(agency))
    }
}
