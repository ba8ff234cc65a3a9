//! What routing itself makes of clues of which it is known who had them.

use std::collections::BTreeMap;

use super::learned::{Decided, Learned};
use super::votes::Votes;
use super::{matter_of, owner};
use crate::code::{AgencyId, MatterCode};
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
    /// By the line of the row that decides.
    pub(super) rows: BTreeMap<u32, Decided>,
    /// Who had the clues about which nobody decides since rows tie, by the line of each.
    tied: BTreeMap<u32, Votes>,
    /// Clues that name a place and go to nobody.
    pub(super) nobody: BTreeMap<MatterCode, u64>,
}

impl Trial {
    /// The line of the row that decides about the clue, if it is one of a learned matter.
    pub fn add(&mut self, candidate: &CompiledRulebook, learned: &Learned, case: &Case) -> Option<u32> {
        let rulebook = candidate.rulebook();
        let owner = owner(case, rulebook)?;
        self.clues += 1;
        let matter = matter_of(case, rulebook).filter(|it| learned.majority.contains_key(it))?;
        self.known += 1;
        let mut question = case.subject.question(&rulebook.zone);
        question.matter = Some(&matter);
        match candidate.decide(&question) {
            Answer::Assigned { assignment, row } => {
                self.right += u64::from(assignment.agency == *owner);
                self.rows.entry(row).or_default().add(&case.number, owner);
                return Some(row);
            }
            Answer::Triage { reason } => {
                *self.triage.entry(reason.as_str()).or_default() += 1;
                if question.area.is_some() {
                    *self.nobody.entry(matter.clone()).or_default() += 1;
                }
                if reason == Triage::Tie {
                    let rows = candidate.explain(&question).lost.into_iter();
                    for row in rows.filter(|row| row.verdict == Verdict::Tied) {
                        self.tied.entry(row.line).or_default().add(owner);
                    }
                }
            }
        }
        None
    }

    /// Of the clues that the row on this line decides about, or would if none tied with it: how many there are, and how many the agency
    /// had, and the one that had most.
    pub fn of(&self, line: u32, agency: &AgencyId) -> (u64, u64, u64) {
        let mut votes = self.tied.get(&line).cloned().unwrap_or_default();
        if let Some(decided) = self.rows.get(&line) {
            votes.extend(&decided.votes);
        }
        let most = votes.iter().map(|(_, clues)| clues).max();
        (votes.total(), votes.of(agency), most.unwrap_or(0))
    }
}
