//! What was learned, put together with the rows of the base, and routed by until no row of the base is contradicted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bihuan_domain::code::{AgencyId, AreaCode, MatterCode};
use bihuan_domain::routing::learn::{Among, Learned, LearnedRow, Options, Trial, Unsure, matter_of};
use bihuan_domain::routing::{Case, CompiledRulebook, Duty, DutyRole, Layer, MatterPattern, Rulebook};
use jiff::civil::Date;

use super::{files, when};
use crate::{Files, Finding, compile};

/// Rows of the base stay unless clues that they decide about contradict them. Clues stream by once for every round in which rows come or go.
#[derive(Debug)]
pub struct Proposal<'a> {
    files: &'a Files,
    base: &'a Rulebook,
    options: Options,
    learned: Learned,
    /// As they were learned, with copies, and without those that decide about nothing.
    rows: Vec<LearnedRow>,
    /// Copies of rows in areas where a row of the base would be stronger.
    copied: BTreeSet<(Key, u32)>,
    /// Days before the records on which a row would hold but for a row of the base.
    idle: BTreeSet<(Key, Option<Date>)>,
    candidate: Candidate,
    by_matter: CompiledRulebook,
    trial: Trial,
    trial_by_matter: Trial,
    /// By the base's row that decides and the learned row that says otherwise: clues, and of them those that went as the latter says.
    overruled: BTreeMap<(u32, usize), (u64, u64)>,
}

/// What tells learned rows apart.
type Key = (MatterCode, AreaCode, Option<Among>, AgencyId);

fn key(row: &LearnedRow) -> Key {
    (
        row.matter.clone(),
        row.area.clone(),
        row.when.clone(),
        row.agency.clone(),
    )
}

#[derive(Debug)]
struct Candidate {
    /// As they stand in `duties.csv`: first the learned ones, from the second line on.
    rows: Vec<LearnedRow>,
    compiled: CompiledRulebook,
    /// Positions of the learned rows that have a predicate.
    asking: BTreeMap<MatterCode, Vec<usize>>,
    /// Of the rows of the base that are kept, by line here: the line there.
    kept: BTreeMap<u32, u32>,
}

/// What there is to say of it, once it is settled.
#[derive(Debug)]
pub struct Finished {
    pub learned: Learned,
    pub files: Files,
    pub rulebook: CompiledRulebook,
    /// The matter alone decides.
    pub by_matter: CompiledRulebook,
    pub findings: Vec<Finding>,
}

impl<'a> Proposal<'a> {
    /// Fails with what is wrong with the rulebook that would come out.
    pub fn new(
        files: &'a Files,
        base: &'a Rulebook,
        learned: Learned,
        options: Options,
    ) -> Result<Self, Vec<Finding>> {
        let rows = learned.rows.clone();
        let candidate = Candidate::new(files, base, &learned.contradicted, &rows, &BTreeSet::new())?;
        let by_matter = learned.by_matter(candidate.compiled.rulebook());
        Ok(Self {
            files,
            base,
            options,
            by_matter: CompiledRulebook::new(Arc::new(by_matter)),
            learned,
            rows,
            copied: BTreeSet::new(),
            idle: BTreeSet::new(),
            candidate,
            trial: Trial::default(),
            trial_by_matter: Trial::default(),
            overruled: BTreeMap::new(),
        })
    }

    /// The clues are those that it was learned from.
    pub fn add(&mut self, case: &Case) {
        self.trial_by_matter.add(&self.by_matter, &self.learned, case);
        let line = self.trial.add(&self.candidate.compiled, &self.learned, case);
        let Some(line) = line.and_then(|line| self.candidate.kept.get(&line)) else {
            return;
        };
        let rulebook = self.candidate.compiled.rulebook();
        let asking = matter_of(case, rulebook).and_then(|matter| self.candidate.asking.get(&matter));
        let rows = asking.into_iter().flatten().map(|at| (*at, &self.rows[*at]));
        let rows = rows.filter(|(_, row)| row.holds(case, rulebook));
        let strongest = rows.max_by_key(|(_, row)| row.area.as_str().len());
        if let Some((at, row)) = strongest {
            let (clues, right) = self.overruled.entry((*line, at)).or_default();
            *clues += 1;
            *right += u64::from(case.owner() == Some(&row.agency));
        }
    }

    /// Whether the clues are to be added once more, every one of them.
    pub fn end_pass(&mut self) -> Result<bool, Vec<Finding>> {
        // what seems idle may be needed when a row of the base is gone
        let is_contradicted = self.contradict();
        let is_copied = self.copy();
        if !is_contradicted && !is_copied && !self.drop_idle() {
            return Ok(false);
        }
        self.candidate = Candidate::new(
            self.files,
            self.base,
            &self.learned.contradicted,
            &self.rows,
            &self.idle,
        )?;
        self.trial = Trial::default();
        self.trial_by_matter = Trial::default();
        self.overruled.clear();
        Ok(true)
    }

    fn duty(&self, line: u32) -> Option<&'a Duty> {
        self.base.duties.iter().find(|duty| duty.line == line)
    }

    /// Rows of the base go of whose clues most had another agency, if a learned row is there instead.
    fn contradict(&mut self) -> bool {
        let mut contradicted = Vec::new();
        for (here, there) in &self.candidate.kept {
            let Some(duty) = self.duty(*there) else { continue };
            let (clues, right, most) = self.trial.of(*here, &duty.agency);
            let MatterPattern::Matter(matter) = &duty.matter else {
                continue;
            };
            let mut rows = self.rows.iter().filter(|row| row.matter == *matter);
            let is_learned = rows.any(|row| duty.area.is_within(&row.area));
            if duty.role == DutyRole::FirstHandler
                && is_learned
                && most > right
                && most >= self.options.min_support
            {
                contradicted.push(Unsure::Contradicted {
                    line: *there,
                    matter: matter.clone(),
                    area: duty.area.clone(),
                    agency: duty.agency.clone(),
                    clues,
                    right,
                });
                self.learned.contradicted.insert(*there);
            }
        }
        let is_changed = !contradicted.is_empty();
        self.learned.unsure.extend(contradicted);
        self.learned.unsure.sort();
        is_changed
    }

    /// What an attribute tells apart is told apart also where the base names an agency for a smaller area.
    fn copy(&mut self) -> bool {
        let mut is_changed = false;
        let overruled = std::mem::take(&mut self.overruled);
        for ((line, at), (clues, right)) in overruled {
            let Some(duty) = self.duty(line) else { continue };
            let row = &self.rows[at];
            let is_plain = duty.when.is_none() && duty.layer != Layer::Delegation;
            let is_needed = right >= self.options.min_support && right * 2 > clues;
            let is_gone = self.learned.contradicted.contains(&line);
            if !is_plain || !is_needed || is_gone || duty.agency == row.agency {
                continue;
            }
            let copy = LearnedRow {
                area: duty.area.clone(),
                ..row.clone()
            };
            let is_new = self.rows.iter().all(|row| key(row) != key(&copy));
            if is_new && self.copied.insert((key(row), line)) {
                self.rows.push(copy);
                is_changed = true;
            }
        }
        is_changed
    }

    /// Rows go by which nothing is decided since rows of the base do.
    fn drop_idle(&mut self) -> bool {
        let mut used = BTreeSet::new();
        let mut days = BTreeSet::new();
        for (line, row) in (2..).zip(&self.candidate.rows) {
            let key = key(row);
            if self.trial.of(line, &row.agency).0 > 0 {
                used.insert(key);
            } else if !used.contains(&key) {
                days.insert((key, row.to));
            }
        }
        let before = (self.rows.len(), self.idle.len());
        self.rows.retain(|row| used.contains(&key(row)));
        self.idle
            .extend(days.into_iter().filter(|(key, _)| used.contains(key)));
        before != (self.rows.len(), self.idle.len())
    }

    /// The rulebook, once [`Self::end_pass`] asked for no more. `basis`: on what a row rests.
    pub fn finish(mut self, basis: impl Fn(&LearnedRow) -> String) -> Result<Finished, Vec<Finding>> {
        let min_share = self.options.min_share;
        self.learned
            .judge(self.candidate.rows, &self.trial, self.base, min_share);
        self.learned.right_by_matter = self.trial_by_matter.right;
        let Learned {
            rows, contradicted, ..
        } = &self.learned;
        let files = files(self.files, self.base, rows, contradicted, basis);
        let (rulebook, findings) = compile(&files);
        let Some(rulebook) = rulebook else {
            return Err(findings);
        };
        Ok(Finished {
            learned: self.learned,
            files,
            rulebook: CompiledRulebook::new(Arc::new(rulebook)),
            by_matter: self.by_matter,
            findings,
        })
    }
}

impl Candidate {
    fn new(
        files: &Files,
        base: &Rulebook,
        contradicted: &BTreeSet<u32>,
        learned: &[LearnedRow],
        idle: &BTreeSet<(Key, Option<Date>)>,
    ) -> Result<Self, Vec<Finding>> {
        let mut rows = Vec::new();
        for row in learned {
            let there = base.duties.iter().filter(|duty| {
                !contradicted.contains(&duty.line)
                    && duty.role == DutyRole::FirstHandler
                    && duty.area == row.area
                    && matches!(&duty.matter, MatterPattern::Matter(matter) if *matter == row.matter)
            });
            let there: Vec<_> = there.collect();
            let pieces = pieces(row, &there, base).into_iter();
            rows.extend(pieces.filter(|piece| !idle.contains(&(key(piece), piece.to))));
        }
        rows.sort_by_cached_key(|row| (row.matter.clone(), row.area.clone(), row.when.clone(), row.from));
        let files = super::files(files, base, &rows, contradicted, |_| String::new());
        let (rulebook, findings) = compile(&files);
        let Some(rulebook) = rulebook else {
            return Err(findings);
        };
        let here = rulebook.duties.iter().skip(rows.len()).map(|duty| duty.line);
        let there = base.duties.iter().map(|duty| duty.line);
        let kept = here
            .zip(there.filter(|line| !contradicted.contains(line)))
            .collect();
        let mut asking: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (at, row) in learned.iter().enumerate().filter(|(_, row)| row.when.is_some()) {
            asking.entry(row.matter.clone()).or_default().push(at);
        }
        Ok(Self {
            rows,
            asking,
            compiled: CompiledRulebook::new(Arc::new(rulebook)),
            kept,
        })
    }
}

/// The row on the days that rows of the base for the same place leave to it, and of a layer that hides none of them.
fn pieces(row: &LearnedRow, there: &[&Duty], base: &Rulebook) -> Vec<LearnedRow> {
    let asked = row.when.as_ref().map(|it| when(it, &base.attributes));
    let is_same = |duty: &&&Duty| {
        let text = duty.when.as_ref().map(|it| &it.text);
        text == asked.as_ref() && holds_all_over(duty, base)
    };
    let mut days = vec![(None, None)];
    for duty in there.iter().filter(is_same) {
        let left = days.into_iter().flat_map(|days| without(days, duty));
        days = left.collect();
    }
    let layers = |is_conditional: bool| {
        let rows = there
            .iter()
            .filter(move |duty| duty.when.is_some() == is_conditional);
        let layers = rows.map(|duty| duty.layer);
        layers.filter(|layer| *layer != Layer::Delegation)
    };
    let layer = layers(false).max();
    let layer = layer.unwrap_or_else(|| layers(true).fold(row.layer, Layer::min));
    let pieces = days.into_iter().map(|(from, to)| LearnedRow {
        from,
        to,
        layer,
        ..row.clone()
    });
    pieces.collect()
}

/// A delegation holds only where the town is.
fn holds_all_over(duty: &Duty, base: &Rulebook) -> bool {
    let own = || base.agencies.get(&duty.agency)?.area.as_ref();
    duty.layer != Layer::Delegation || own().is_some_and(|own| duty.area.is_within(own))
}

/// Days from the first to before the second; `None`: always.
type Days = (Option<Date>, Option<Date>);

fn without((from, to): Days, duty: &Duty) -> impl Iterator<Item = Days> {
    let before = duty
        .from
        .map(|first| (from, Some(to.map_or(first, |to| to.min(first)))));
    let after = duty
        .to
        .map(|end| (Some(from.map_or(end, |from| from.max(end))), to));
    let is_any = |days: &Days| !matches!(days, (Some(from), Some(to)) if from >= to);
    [before, after].into_iter().flatten().filter(is_any)
}
