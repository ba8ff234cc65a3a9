//! What was learned, and on what it rests.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::condition::Condition;
use super::refine::Row;
use super::votes::Votes;
use crate::code::{AgencyId, AreaCode, MatterCode};
use crate::routing::Rulebook;

/// Numbers of clues that are kept of those that went elsewhere.
const EXAMPLES: usize = 3;
/// A row that rests on fewer clues is unsure.
const FEW: u64 = 5;

/// Duties as the records have them.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// In the order of matter, area, and those without a predicate first.
    pub rows: Vec<Evidence>,
    /// The agency of most clues of a matter, whatever their area: what a table of matters alone would say.
    pub majority: BTreeMap<MatterCode, AgencyId>,
    pub unsure: Vec<Unsure>,
    /// Recorded, and unknown to the rulebook.
    pub new_matters: BTreeSet<MatterCode>,
    pub new_agencies: BTreeSet<AgencyId>,
    /// Clues that were looked at.
    pub clues: u64,
    /// Of which it is known who had them, of what matter they are and where they lie.
    pub learned_from: u64,
    /// Of which the rows say what was.
    pub right: u64,
    /// Of which the majority of the matter does.
    pub right_by_matter: u64,
    /// Left out: nobody had it; no matter; no area of the rulebook.
    pub without_agency: u64,
    pub without_matter: u64,
    pub without_area: u64,
}

/// A row of `duties.csv`, with what speaks for and against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    pub matter: MatterCode,
    pub area: AreaCode,
    pub when: Option<Condition>,
    pub agency: AgencyId,
    /// It says otherwise than a weaker row.
    pub is_refined: bool,
    /// Clues that no stronger row decides about.
    pub support: u64,
    /// Of which the agency had.
    pub right: u64,
    /// Who had the others; most first.
    pub exceptions: Vec<Exception>,
}

impl Evidence {
    /// In percent.
    pub fn share(&self) -> f64 {
        self.right as f64 * 100.0 / self.support.max(1) as f64
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exception {
    pub agency: AgencyId,
    pub clues: u64,
    /// Numbers of some of them.
    pub examples: Vec<String>,
}

/// Where a person should look.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Unsure {
    /// Agencies had as many clues of the matter: no row says for all of it who has it.
    Tie {
        matter: MatterCode,
        agencies: Vec<AgencyId>,
    },
    /// Clues of a learned matter about which no row says anything.
    NoRow { matter: MatterCode, clues: u64 },
    /// The row, by its line in `duties.csv`, does not say what became of many of its clues.
    ShareLow { line: u32 },
    /// The row rests on few clues.
    FewClues { line: u32 },
    /// The matter is in the catalogue, and no clue tells of it.
    MatterUnseen { matter: MatterCode },
    /// So many words stand for no matter that they are no matters.
    TooManyMatters,
    /// The attribute says something else of almost every clue.
    AttributeFree { matter: MatterCode, attribute: String },
    /// No predicate can read an attribute of this name.
    AttributeName { attribute: String },
    /// The attribute is not always what the rulebook declares.
    AttributeUnreadable { attribute: String },
}

/// Counts what the rows come to.
#[derive(Default)]
pub(super) struct Tally {
    rows: BTreeMap<(MatterCode, Option<usize>), Decided>,
    learned_from: BTreeMap<MatterCode, Votes>,
    clues: u64,
    without_agency: u64,
    without_matter: u64,
    without_area: u64,
}

/// The clues that a row decides about, or none.
#[derive(Default)]
struct Decided {
    votes: Votes,
    /// The lowest numbers of each agency.
    examples: BTreeMap<AgencyId, BTreeSet<String>>,
}

impl Tally {
    /// `matter`: a learned one; `row`: the one that decides about the clue.
    pub(super) fn add(
        &mut self,
        number: &str,
        agency: Option<&AgencyId>,
        matter: Option<MatterCode>,
        is_placed: bool,
        row: Option<usize>,
    ) {
        self.clues += 1;
        let Some(agency) = agency else {
            self.without_agency += 1;
            return;
        };
        let Some(matter) = matter else {
            self.without_matter += 1;
            return;
        };
        if !is_placed {
            self.without_area += 1;
            return;
        }
        self.learned_from.entry(matter.clone()).or_default().add(agency);
        let decided = self.rows.entry((matter, row)).or_default();
        decided.votes.add(agency);
        let examples = decided.examples.entry(agency.clone()).or_default();
        let is_among =
            examples.len() < EXAMPLES || examples.last().is_some_and(|last| number < last.as_str());
        if is_among {
            examples.insert(number.to_owned());
            if examples.len() > EXAMPLES {
                examples.pop_last();
            }
        }
    }

    pub(super) fn finish(
        mut self,
        rulebook: &Rulebook,
        min_share: f64,
        rows: &BTreeMap<MatterCode, Vec<Row>>,
        majority: BTreeMap<MatterCode, AgencyId>,
        mut unsure: BTreeSet<Unsure>,
    ) -> Learned {
        let mut evidence = Vec::new();
        for (matter, rows) in rows {
            let rows = rows.iter().enumerate();
            evidence.extend(rows.map(|(at, row)| {
                let decided = self.rows.remove(&(matter.clone(), Some(at))).unwrap_or_default();
                decided.evidence(matter, row)
            }));
        }
        // all that it was made for is decided by stronger rows
        evidence.retain(|row| row.support > 0);
        evidence.sort_by(|a, b| (&a.matter, &a.area, &a.when).cmp(&(&b.matter, &b.area, &b.when)));
        let left: BTreeSet<_> = self.rows.keys().map(|(matter, _)| matter.clone()).collect();
        // a tie that something else explains needs nobody
        unsure.retain(|it| !matches!(it, Unsure::Tie { matter, .. } if !left.contains(matter)));
        for ((matter, _), decided) in self.rows {
            let clues = decided.votes.total();
            unsure.insert(Unsure::NoRow { matter, clues });
        }
        // the first line is the header
        for (line, row) in (2..).zip(&evidence) {
            if row.share() < min_share {
                unsure.insert(Unsure::ShareLow { line });
            }
            if row.support < FEW {
                unsure.insert(Unsure::FewClues { line });
            }
        }
        let unseen = rulebook
            .matters
            .keys()
            .filter(|matter| !rows.contains_key(*matter));
        unsure.extend(unseen.map(|matter| Unsure::MatterUnseen {
            matter: matter.clone(),
        }));
        let used = || evidence.iter();
        let by_matter = self.learned_from.iter();
        let by_matter = by_matter.map(|(matter, votes)| majority.get(matter).map_or(0, |it| votes.of(it)));
        Learned {
            new_matters: used()
                .map(|row| row.matter.clone())
                .filter(|matter| !rulebook.matters.contains_key(matter))
                .collect(),
            new_agencies: used()
                .map(|row| row.agency.clone())
                .filter(|agency| !rulebook.agencies.contains_key(agency))
                .collect(),
            clues: self.clues,
            learned_from: self.learned_from.values().map(Votes::total).sum(),
            right: evidence.iter().map(|row| row.right).sum(),
            right_by_matter: by_matter.sum(),
            without_agency: self.without_agency,
            without_matter: self.without_matter,
            without_area: self.without_area,
            rows: evidence,
            majority,
            unsure: unsure.into_iter().collect(),
        }
    }
}

impl Decided {
    fn evidence(mut self, matter: &MatterCode, row: &Row) -> Evidence {
        let others = self.votes.iter().filter(|(agency, _)| **agency != row.agency);
        let mut exceptions: Vec<_> = others
            .map(|(agency, clues)| Exception {
                agency: agency.clone(),
                clues,
                examples: self.examples.remove(agency).into_iter().flatten().collect(),
            })
            .collect();
        exceptions.sort_by_key(|it| std::cmp::Reverse(it.clues));
        Evidence {
            matter: matter.clone(),
            area: row.area.clone(),
            when: row.when.clone(),
            agency: row.agency.clone(),
            is_refined: row.is_refined,
            support: self.votes.total(),
            right: self.votes.of(&row.agency),
            exceptions,
        }
    }
}
