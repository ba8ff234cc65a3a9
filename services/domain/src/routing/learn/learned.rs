//! What was learned, and on what it rests.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use super::among::Among;
use super::count::around;
use super::refine::Row;
use super::trial::Trial;
use super::votes::Votes;
use crate::code::{AgencyId, AreaCode, Level, MatterCode};
use crate::routing::{Case, Duty, DutyRole, Layer, Matter, MatterPattern, Rulebook};

/// Numbers of clues that are kept of those that went elsewhere.
const EXAMPLES: usize = 3;
/// A row that rests on fewer clues is unsure.
const FEW: u64 = 5;

/// Duties as the records have them.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// In the order of matter, area, and those without a predicate first.
    pub rows: Vec<LearnedRow>,
    /// The agency of most clues of a matter, whatever their area: what a table of matters alone would say. `None`: two had as many.
    pub majority: BTreeMap<MatterCode, Option<AgencyId>>,
    /// Lines of the base's duties that clues contradict.
    pub contradicted: BTreeSet<u32>,
    pub unsure: Vec<Unsure>,
    /// Recorded, and unknown to the rulebook.
    pub new_matters: BTreeSet<MatterCode>,
    pub new_agencies: BTreeSet<AgencyId>,
    /// Clues that were looked at.
    pub clues: u64,
    /// Of which it is known who had them, of what matter they are and where they lie.
    pub learned_from: u64,
    /// Of which the learned rows decide, the others being left to rows of the base or to a person.
    pub decided: u64,
    /// Of those that were learned from, how many went to who had them: by all rows, and by the majority of the matter alone.
    pub right: u64,
    pub right_by_matter: u64,
    /// Left out: nobody had it; no matter; no area of the rulebook.
    pub without_agency: u64,
    pub without_matter: u64,
    pub without_area: u64,
}

/// A row of `duties.csv`, with what speaks for and against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LearnedRow {
    pub matter: MatterCode,
    pub area: AreaCode,
    pub when: Option<Among>,
    pub agency: AgencyId,
    /// Days on which no row of the base says it: the first, and the first after them.
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub layer: Layer,
    /// It says otherwise than a weaker row.
    pub is_refined: bool,
    /// Clues that no stronger row decides about.
    pub support: u64,
    /// Of which the agency had.
    pub right: u64,
    /// Who had the others; most first.
    pub exceptions: Vec<Exception>,
}

impl LearnedRow {
    /// Whether it holds of the clue, as far as the clue's place and its predicate go.
    pub fn holds(&self, case: &Case, rulebook: &Rulebook) -> bool {
        let place = case.subject.area.as_ref();
        place.is_some_and(|place| place.is_within(&self.area))
            && self.when.as_ref().is_none_or(|when| when.holds(case, rulebook))
    }

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
    /// A row of the base, by its line there, that is left out: of its own clues most had another agency.
    Contradicted {
        line: u32,
        matter: MatterCode,
        area: AreaCode,
        agency: AgencyId,
        /// That it decided about, and of which its agency had.
        clues: u64,
        right: u64,
    },
    /// The matter is in the catalogue, and no clue tells of it.
    MatterUnseen { matter: MatterCode },
    /// So many words stand for no matter that they are no matters.
    TooManyMatters,
    /// And so many names for no agency.
    TooManyAgencies,
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
#[derive(Clone, Debug, Default)]
pub(super) struct Decided {
    pub(super) votes: Votes,
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
        decided.add(number, agency);
    }

    pub(super) fn finish(
        mut self,
        rulebook: &Rulebook,
        min_share: f64,
        rows: &BTreeMap<MatterCode, Vec<Row>>,
        majority: BTreeMap<MatterCode, Option<AgencyId>>,
        unsure: BTreeSet<Unsure>,
    ) -> Learned {
        let mut evidence = Vec::new();
        for (matter, rows) in rows {
            let rows = rows.iter().enumerate();
            evidence.extend(rows.map(|(at, row)| {
                let decided = self.rows.remove(&(matter.clone(), Some(at))).unwrap_or_default();
                decided.evidence(LearnedRow::of(matter, row, rulebook))
            }));
        }
        // all that it was made for is decided by stronger rows
        evidence.retain(|row| row.support > 0);
        evidence.sort_by(|a, b| (&a.matter, &a.area, &a.when).cmp(&(&b.matter, &b.area, &b.when)));
        let left = self.rows.into_iter();
        let left = left
            .map(|((matter, _), decided)| (matter, decided.votes.total()))
            .collect();
        let learned_from = self.learned_from.iter();
        let by_matter = learned_from.map(|(matter, votes)| {
            majority
                .get(matter)
                .and_then(Option::as_ref)
                .map_or(0, |it| votes.of(it))
        });
        let mut learned = Learned {
            contradicted: BTreeSet::new(),
            new_matters: BTreeSet::new(),
            new_agencies: BTreeSet::new(),
            clues: self.clues,
            learned_from: self.learned_from.values().map(Votes::total).sum(),
            decided: 0,
            right: evidence.iter().map(|row| row.right).sum(),
            right_by_matter: by_matter.sum(),
            without_agency: self.without_agency,
            without_matter: self.without_matter,
            without_area: self.without_area,
            rows: evidence,
            majority,
            unsure: unsure.into_iter().collect(),
        };
        learned.look_over(rulebook, min_share, &left);
        learned
    }
}

impl Learned {
    /// What routing by the rows came to. `rows`: as they stand in `duties.csv`, from its second line on.
    pub fn judge(&mut self, rows: Vec<LearnedRow>, trial: &Trial, rulebook: &Rulebook, min_share: f64) {
        let counted = (2..).zip(rows).map(|(line, row)| {
            let decided = trial.rows.get(&line).cloned().unwrap_or_default();
            decided.evidence(row)
        });
        self.rows = counted.collect();
        self.right = trial.right;
        self.look_over(rulebook, min_share, &trial.nobody);
    }

    /// What follows from the rows. `left`: clues of a matter that go to nobody.
    fn look_over(&mut self, rulebook: &Rulebook, min_share: f64, left: &BTreeMap<MatterCode, u64>) {
        let mut unsure: BTreeSet<_> = std::mem::take(&mut self.unsure).into_iter().collect();
        unsure.retain(|it| match it {
            // a tie that something else explains needs nobody
            Unsure::Tie { matter, .. } => left.contains_key(matter),
            Unsure::NoRow { .. } | Unsure::ShareLow { .. } | Unsure::FewClues { .. } => false,
            _ => true,
        });
        unsure.extend(left.iter().map(|(matter, clues)| Unsure::NoRow {
            matter: matter.clone(),
            clues: *clues,
        }));
        // the first line is the header
        for (line, row) in (2..).zip(&self.rows) {
            if row.share() < min_share {
                unsure.insert(Unsure::ShareLow { line });
            }
            if row.support < FEW {
                unsure.insert(Unsure::FewClues { line });
            }
        }
        let matters = rulebook.matters.keys();
        let unseen = matters.filter(|matter| !self.majority.contains_key(*matter));
        unsure.extend(unseen.map(|matter| Unsure::MatterUnseen {
            matter: matter.clone(),
        }));
        let rows = self.rows.iter();
        self.decided = rows.clone().map(|row| row.support).sum();
        let matters = rows.clone().map(|row| &row.matter);
        let matters = matters.filter(|it| !rulebook.matters.contains_key(*it));
        self.new_matters = matters.cloned().collect();
        let agencies = rows.map(|row| &row.agency);
        let agencies = agencies.filter(|it| !rulebook.agencies.contains_key(*it));
        self.new_agencies = agencies.cloned().collect();
        self.unsure = unsure.into_iter().collect();
    }

    /// The rulebook of which each matter has one agency: that of most of its clues, whatever else they say.
    pub fn by_matter(&self, rulebook: &Rulebook) -> Rulebook {
        let mut by_matter = rulebook.clone();
        by_matter.duties.clear();
        let areas = rulebook.areas.keys();
        let widest = areas.filter(|area| around(area, rulebook).next() == Some(*area));
        let widest: Vec<_> = widest.cloned().collect();
        for (matter, agency) in &self.majority {
            let known = by_matter.matters.entry(matter.clone());
            known.or_insert_with(|| Matter {
                code: matter.clone(),
                name: String::new(),
                name_en: String::new(),
                category: None,
                severity: None,
                basis: String::new(),
            });
            for area in &widest {
                by_matter.duties.extend(agency.clone().map(|agency| Duty {
                    line: 0,
                    matter: MatterPattern::Matter(matter.clone()),
                    area: area.clone(),
                    agency,
                    role: DutyRole::FirstHandler,
                    from: None,
                    to: None,
                    layer: Layer::City,
                    basis: String::new(),
                    when: None,
                }));
            }
        }
        by_matter
    }
}

impl LearnedRow {
    fn of(matter: &MatterCode, row: &Row, rulebook: &Rulebook) -> Self {
        let level = rulebook.areas.get(&row.area).map(|area| area.level);
        Self {
            matter: matter.clone(),
            area: row.area.clone(),
            when: row.when.clone(),
            agency: row.agency.clone(),
            from: None,
            to: None,
            // a town has no layer of its own but by delegation
            layer: match level {
                Some(Level::City) | None => Layer::City,
                Some(_) => Layer::County,
            },
            is_refined: row.is_refined,
            support: 0,
            right: 0,
            exceptions: Vec::new(),
        }
    }
}

impl Decided {
    pub(super) fn add(&mut self, number: &str, agency: &AgencyId) {
        self.votes.add(agency);
        let examples = self.examples.entry(agency.clone()).or_default();
        let is_among =
            examples.len() < EXAMPLES || examples.last().is_some_and(|last| number < last.as_str());
        if is_among {
            examples.insert(number.to_owned());
            if examples.len() > EXAMPLES {
                examples.pop_last();
            }
        }
    }

    fn evidence(mut self, row: LearnedRow) -> LearnedRow {
        let others = self.votes.iter().filter(|(agency, _)| **agency != row.agency);
        let mut exceptions: Vec<_> = others
            .map(|(agency, clues)| Exception {
                agency: agency.clone(),
                clues,
                examples: self.examples.remove(agency).into_iter().flatten().collect(),
            })
            .collect();
        exceptions.sort_by_key(|it| std::cmp::Reverse(it.clues));
        LearnedRow {
            support: self.votes.total(),
            right: self.votes.of(&row.agency),
            exceptions,
            ..row
        }
    }
}
