//! What the rules would have done against what dispatchers did (影子运行). Nobody can see who was right; but a clue that ended with
//! an agency ended there for a reason, so whoever named that agency first is counted as right.

mod clocks;
mod compared;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::clue::RoutingDecision;
use crate::code::{AgencyId, RulebookVersion};
use crate::csv::cell;
use crate::id::ClueId;
use crate::routing::{DutyRole, MatterPattern, Rulebook};
use crate::time::Timestamp;

pub use clocks::{Clocks, Deadlines, Spread, Within};
use compared::Named;
pub use compared::{Codes, Compared};

/// Examples of clues that are kept for each change.
const EXAMPLES: usize = 5;

/// Why the rules decided as they did: the row to look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Rule {
    pub rulebook: RulebookVersion,
    /// Line of the winning row in `duties.csv`; `None`: nobody was chosen.
    pub line: Option<u32>,
    /// `matched`, or why nobody was chosen: `no_duty`, `tie`, `matter_missing` …
    pub reason: String,
    pub agency: Option<AgencyId>,
}

/// Who named the agency with which the clue is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    Both,
    /// People passed it on to the agency that the rules had named.
    Rules,
    People,
    Neither,
    /// The rules named nobody (it went to triage).
    Nobody,
}

/// Clues by who was right about them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rights {
    pub both: u64,
    pub rules: u64,
    pub people: u64,
    pub neither: u64,
    /// The rules named nobody.
    pub nobody: u64,
}

/// The comparison, worst rule first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    pub clues: u64,
    /// Of which no source has named an agency yet.
    pub waiting: u64,
    /// On which the rules did not decide: closed when first seen, or assigned by a person.
    pub undecided: u64,
    pub compared: u64,
    pub rights: Rights,
    /// (both + rules) ÷ compared
    pub rules_accuracy: Option<f64>,
    /// (both + people) ÷ compared
    pub people_accuracy: Option<f64>,
    pub clocks: Clocks,
    pub rows: Vec<ComparedRow>,
}

/// One rule: how often it agreed, and where the clues went otherwise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparedRow {
    #[serde(flatten)]
    pub rule: Rule,
    pub clues: u64,
    pub rights: Rights,
    /// Where clues went that the rule had not sent there, most first.
    pub instead: Vec<Instead>,
}

/// Clues of one matter in one area that went to an agency to which the rule had not sent them: what would have to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Instead {
    #[serde(flatten)]
    pub codes: Codes,
    pub agency: AgencyId,
    pub clues: u64,
    /// Clues of the same matter and area, decided by the same rule, that went to somebody else: the change would be wrong for them.
    pub against: u64,
    /// Columns `matter,area,role,agency` of the row of `duties.csv` that would have decided as people did; `None`: without a matter
    /// or an area no row can, and the mapping or the crosswalk is what to mend.
    pub row: Option<String>,
    /// Rows of today's `duties.csv` about just this matter in just this area, in whose place it would stand.
    pub replaces: Vec<u32>,
    pub examples: Vec<ClueId>,
}

impl Rule {
    fn of(decision: &RoutingDecision, agency: Option<&AgencyId>) -> Self {
        Self {
            rulebook: decision.rulebook.clone(),
            line: decision.row,
            reason: decision.reason.clone(),
            agency: agency.cloned(),
        }
    }

    fn right(&self, named: &Named) -> Right {
        match (&self.agency, named.first == named.last) {
            (None, _) => Right::Nobody,
            (Some(agency), true) if *agency == named.last => Right::Both,
            (Some(agency), false) if *agency == named.last => Right::Rules,
            (Some(_), true) => Right::People,
            (Some(_), false) => Right::Neither,
        }
    }
}

impl Rights {
    const fn count(&mut self, right: Right) {
        let count = match right {
            Right::Both => &mut self.both,
            Right::Rules => &mut self.rules,
            Right::People => &mut self.people,
            Right::Neither => &mut self.neither,
            Right::Nobody => &mut self.nobody,
        };
        *count += 1;
    }

    /// Clues that did not end where the rule had sent them.
    pub const fn elsewhere(&self) -> u64 {
        self.people + self.neither + self.nobody
    }
}

/// Counts clues one by one. Memory grows with the rules, the agencies, and the matters and areas that occur, never with the clues.
#[derive(Debug)]
pub struct Comparing {
    now: Timestamp,
    clues: u64,
    waiting: u64,
    undecided: u64,
    rights: Rights,
    clocks: Clocks,
    rules: BTreeMap<Rule, Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    rights: Rights,
    clues: u64,
    /// Where the clues went, those included that went where the rule had sent them.
    went: BTreeMap<Codes, BTreeMap<AgencyId, (u64, Vec<ClueId>)>>,
}

impl Comparing {
    /// As of `now`: what is open then is overdue or not.
    pub fn new(now: Timestamp) -> Self {
        Self {
            now,
            clues: 0,
            waiting: 0,
            undecided: 0,
            rights: Rights::default(),
            clocks: Clocks::default(),
            rules: BTreeMap::new(),
        }
    }

    pub fn add(&mut self, compared: &Compared) {
        self.clues += 1;
        self.clocks.add(compared, self.now);
        let Some(decided) = &compared.rules else {
            self.undecided += 1;
            return;
        };
        let Some(named) = &compared.people else {
            self.waiting += 1;
            return;
        };
        let right = decided.rule.right(named);
        self.rights.count(right);
        let counted = self.rules.entry(decided.rule.clone()).or_default();
        counted.clues += 1;
        counted.rights.count(right);
        let went = counted.went.entry(decided.codes.clone()).or_default();
        let (clues, examples) = went.entry(named.last.clone()).or_default();
        *clues += 1;
        if examples.len() < EXAMPLES {
            examples.push(compared.clue);
        }
    }

    /// `rulebook`: today's, in which the changes would be made.
    pub fn finish(self, rulebook: &Rulebook) -> Comparison {
        let compared = self.clues - self.waiting - self.undecided;
        let rows = self.rules.into_iter();
        let mut rows: Vec<_> = rows.map(|(rule, counted)| counted.row(rule, rulebook)).collect();
        rows.sort_by_key(|row| Reverse((row.rights.elsewhere(), row.clues)));
        let share = |right: u64| (compared > 0).then(|| right as f64 / compared as f64);
        Comparison {
            clues: self.clues,
            waiting: self.waiting,
            undecided: self.undecided,
            compared,
            rights: self.rights,
            rules_accuracy: share(self.rights.both + self.rights.rules),
            people_accuracy: share(self.rights.both + self.rights.people),
            clocks: self.clocks,
            rows,
        }
    }
}

impl Counted {
    fn row(self, rule: Rule, rulebook: &Rulebook) -> ComparedRow {
        let mut instead = Vec::new();
        for (codes, went) in self.went {
            let all: u64 = went.values().map(|(clues, _)| clues).sum();
            let elsewhere = went
                .into_iter()
                .filter(|(to, _)| Some(to) != rule.agency.as_ref());
            instead.extend(elsewhere.map(|(agency, (clues, examples))| Instead {
                row: codes.row(&agency),
                replaces: codes.stand_in(rulebook),
                codes: codes.clone(),
                agency,
                clues,
                against: all - clues,
                examples,
            }));
        }
        instead.sort_by_key(|it| Reverse(it.clues));
        ComparedRow {
            rule,
            clues: self.clues,
            rights: self.rights,
            instead,
        }
    }
}

impl Comparison {
    /// What would have to change, of all rules: most clues first.
    pub fn changes(&self) -> Vec<(&ComparedRow, &Instead)> {
        let rows = self.rows.iter();
        let mut all: Vec<_> = rows
            .flat_map(|row| row.instead.iter().map(move |it| (row, it)))
            .collect();
        all.sort_by_key(|(_, it)| Reverse(it.clues));
        all
    }
}

impl ComparedRow {
    /// To whom clues went that the rule had not sent there, whatever they were about; most first.
    pub fn went(&self) -> Vec<(&AgencyId, u64)> {
        let mut went = BTreeMap::new();
        for it in &self.instead {
            *went.entry(&it.agency).or_default() += it.clues;
        }
        let mut went: Vec<_> = went.into_iter().collect();
        went.sort_by_key(|(_, clues)| Reverse(*clues));
        went
    }
}

impl Codes {
    fn row(&self, agency: &AgencyId) -> Option<String> {
        let (matter, area) = (self.matter.as_ref()?, self.area.as_ref()?);
        let [matter, area, agency] = [matter.as_str(), area.as_str(), agency.as_str()].map(cell);
        Some(format!("{matter},{area},first_handler,{agency}"))
    }

    fn stand_in(&self, rulebook: &Rulebook) -> Vec<u32> {
        let (Some(matter), Some(area)) = (&self.matter, &self.area) else {
            return Vec::new();
        };
        let pattern = MatterPattern::Matter(matter.clone());
        let just_this = rulebook.duties.iter().filter(|duty| {
            duty.role == DutyRole::FirstHandler && duty.matter == pattern && duty.area == *area
        });
        just_this.map(|duty| duty.line).collect()
    }
}

#[cfg(test)]
mod tests;
