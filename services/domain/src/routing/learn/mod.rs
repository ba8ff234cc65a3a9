//! Duties from recorded work: for each matter the agency that truly had its clues, refined where an area or an attribute truly makes a
//! difference. What comes out is a proposal for a person, with what speaks against each row and what is unsure.
//!
//! Clues stream by several times; what is kept are counts by matter, area, value and agency.

mod among;
mod count;
mod learned;
mod refine;
mod significance;
mod trial;
mod votes;

use std::collections::{BTreeMap, BTreeSet};

pub use among::Among;
pub use learned::{Exception, Learned, LearnedRow, Unsure};
pub use trial::Trial;

use count::{Counts, Values, around};
use learned::Tally;
use refine::{Row, Rules};

use super::{Case, Fact, Rulebook};
use crate::code::{AgencyId, AreaCode, MatterCode};

/// More matters than that which the rulebook does not know are texts, not matters.
const MAX_NEW_MATTERS: usize = 2_000;

/// And more agencies are texts, too.
const MAX_NEW_AGENCIES: usize = 2_000;

/// What a person may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// So many clues a difference must rest on.
    pub min_support: u64,
    /// A row is unsure if a smaller share of its clues went as it says, in percent.
    pub min_share: f64,
    /// Whether a predicate can name an attribute.
    pub can_name: fn(&str) -> bool,
}

/// Learns from clues that stream by until [`Learner::end_pass`] says that it has seen enough.
pub struct Learner<'a> {
    rulebook: &'a Rulebook,
    options: Options,
    pass: Pass,
    /// By matter, the widest first.
    rows: BTreeMap<MatterCode, Vec<Row>>,
    /// The agency of most clues of a matter, whatever their area; `None`: two had as many.
    majority: BTreeMap<MatterCode, Option<AgencyId>>,
    facts: Usable,
    /// Matters that the rulebook does not know; `None`: too many to be matters.
    new_matters: Option<usize>,
    /// And agencies; `None`: too many.
    new_agencies: Option<BTreeSet<AgencyId>>,
    unsure: BTreeSet<Unsure>,
}

enum Pass {
    First(BTreeMap<MatterCode, Counts>),
    /// By matter and row.
    Second(BTreeMap<(MatterCode, usize), Counts>),
    Tally(Tally),
}

/// The matter of a clue: its own, what the rulebook makes of its platform's word, else the word itself.
pub fn matter_of(case: &Case, rulebook: &Rulebook) -> Option<MatterCode> {
    if let Some(matter) = &case.subject.matter {
        return Some(matter.clone());
    }
    let word = case.source_matter.as_ref()?;
    let known = rulebook.matter_for(&case.subject.source, word);
    let is_category = |word: &str| {
        let mut categories = rulebook.matters.values().filter_map(|it| it.category.as_ref());
        categories.any(|it| it.as_str() == word)
    };
    known.or_else(|| {
        let word = MatterCode::new(word).ok();
        word.filter(|word| word.as_str() != "*" && is_plain(word.as_str()) && !is_category(word.as_str()))
    })
}

/// Who had the clue, if an agency can be called so.
fn owner<'c>(case: &'c Case, rulebook: &Rulebook) -> Option<&'c AgencyId> {
    let owner = case.owner()?;
    (rulebook.agencies.contains_key(owner) || is_plain(owner.as_str())).then_some(owner)
}

/// What a source says goes into tables that people open: nothing that a spreadsheet would take for a formula.
fn is_plain(word: &str) -> bool {
    !word.starts_with(['=', '+', '-', '@'])
}

impl<'a> Learner<'a> {
    /// `rulebook`: areas, agencies and matters that are known. Its duties play no part.
    pub fn new(rulebook: &'a Rulebook, options: Options) -> Self {
        Self {
            rulebook,
            options,
            pass: Pass::First(BTreeMap::new()),
            rows: BTreeMap::new(),
            majority: BTreeMap::new(),
            facts: Usable {
                can_name: options.can_name,
                unreadable: BTreeSet::new(),
            },
            new_matters: Some(0),
            new_agencies: Some(BTreeSet::new()),
            unsure: BTreeSet::new(),
        }
    }

    pub fn add(&mut self, case: &Case) {
        let rulebook = self.rulebook;
        let (matter, place) = (matter_of(case, rulebook), self.place(case));
        let agency = owner(case, rulebook);
        let agency = agency.filter(|it| self.new_agencies.is_some() || rulebook.agencies.contains_key(*it));
        if let Pass::Tally(tally) = &mut self.pass {
            let learned = matter.filter(|it| self.rows.contains_key(it));
            let row = learned.as_ref().zip(place.as_ref()).and_then(|(matter, place)| {
                let rows = self.rows.get(matter)?;
                strongest(rows, case, place, rulebook)
            });
            tally.add(&case.number, agency, learned, place.is_some(), row);
            return;
        }
        let (Some(matter), Some(place), Some(agency)) = (matter, place, agency) else {
            return;
        };
        if !self.is_agency(agency) {
            return;
        }
        if let Some(counts) = self.counts(matter, &place, case) {
            counts.add(case, agency, &place, rulebook);
        }
    }

    /// Whether the name is an agency's, as long as the records do not call too many by names that the rulebook does not know.
    fn is_agency(&mut self, agency: &AgencyId) -> bool {
        let known = &self.rulebook.agencies;
        let (Pass::First(counts), Some(new)) = (&mut self.pass, &mut self.new_agencies) else {
            return true;
        };
        if known.contains_key(agency) || new.contains(agency) {
            return true;
        }
        new.insert(agency.clone());
        let is_few = new.len() <= MAX_NEW_AGENCIES;
        if !is_few {
            self.new_agencies = None;
            for counts in counts.values_mut() {
                counts.retain(|agency| known.contains_key(agency));
            }
            counts.retain(|_, counts| counts.all.total() > 0);
        }
        is_few
    }

    /// What the clue is counted in; `None`: it tells nothing more.
    fn counts(&mut self, matter: MatterCode, place: &AreaCode, case: &Case) -> Option<&mut Counts> {
        match &mut self.pass {
            Pass::First(counts) => {
                if !counts.contains_key(&matter) && !self.rulebook.matters.contains_key(&matter) {
                    let new = self.new_matters.map(|new| new + 1);
                    self.new_matters = new.filter(|new| *new <= MAX_NEW_MATTERS);
                    if self.new_matters.is_none() {
                        counts.retain(|matter, _| self.rulebook.matters.contains_key(matter));
                        return None;
                    }
                }
                Some(counts.entry(matter).or_default())
            }
            Pass::Second(counts) => {
                let rows = self.rows.get(&matter)?;
                let row = strongest(rows, case, place, self.rulebook)?;
                rows[row].next.as_ref()?;
                Some(counts.entry((matter, row)).or_default())
            }
            Pass::Tally(_) => None,
        }
    }

    /// Where the clue lies, as far as the rulebook knows; one that names no place is for a person to decide about, whatever is learned.
    fn place(&self, case: &Case) -> Option<AreaCode> {
        let area = case.subject.area.as_ref()?;
        around(area, self.rulebook).last().cloned()
    }

    /// Whether the clues are to be added once more, every one of them.
    pub fn end_pass(&mut self) -> bool {
        match std::mem::replace(&mut self.pass, Pass::Tally(Tally::default())) {
            Pass::First(counts) => self.learn(&counts),
            Pass::Second(counts) => self.refine(&counts),
            Pass::Tally(tally) => {
                self.pass = Pass::Tally(tally);
                return false;
            }
        }
        true
    }

    fn learn(&mut self, counts: &BTreeMap<MatterCode, Counts>) {
        if self.new_matters.is_none() {
            self.unsure.insert(Unsure::TooManyMatters);
        }
        if self.new_agencies.is_none() {
            self.unsure.insert(Unsure::TooManyAgencies);
        }
        self.facts.look_at(counts.values());
        for (matter, counts) in counts {
            for (fact, values) in &counts.facts {
                self.unsure.extend(self.facts.left_out(matter, fact, values));
            }
            let rows = self.rules(&|fact| self.facts.has(fact)).first(counts);
            let leader = counts.all.leader().cloned();
            self.majority.insert(matter.clone(), leader.clone());
            if leader.is_none() {
                let agencies = counts.all.iter().map(|(agency, _)| agency.clone()).collect();
                let matter = matter.clone();
                self.unsure.insert(Unsure::Tie { matter, agencies });
            }
            self.rows.insert(matter.clone(), rows);
        }
        let mut rows = self.rows.values().flatten();
        if rows.any(|row| row.next.is_some()) {
            self.pass = Pass::Second(BTreeMap::new());
        }
    }

    fn refine(&mut self, counts: &BTreeMap<(MatterCode, usize), Counts>) {
        self.facts.look_at(counts.values());
        let mut added = Vec::new();
        for ((matter, at), counts) in counts {
            if let Some(row) = self.rows.get(matter).and_then(|rows| rows.get(*at)) {
                let rows = self.rules(&|fact| self.facts.has(fact)).further(row, counts);
                added.push((matter, rows));
            }
        }
        for (matter, rows) in added {
            self.rows.entry(matter.clone()).or_default().extend(rows);
        }
    }

    fn rules<'r>(&'r self, usable: &'r dyn Fn(&Fact) -> bool) -> Rules<'r> {
        Rules {
            rulebook: self.rulebook,
            min_support: self.options.min_support,
            usable,
        }
    }

    /// What was learned, once [`Self::end_pass`] asked for no more.
    pub fn finish(self) -> Learned {
        let tally = match self.pass {
            Pass::Tally(tally) => tally,
            Pass::First(_) | Pass::Second(_) => Tally::default(),
        };
        tally.finish(
            self.rulebook,
            self.options.min_share,
            &self.rows,
            self.majority,
            self.unsure,
        )
    }
}

/// The row that decides about the clue, as routing would: the longest area, then a predicate that holds.
fn strongest(rows: &[Row], case: &Case, place: &AreaCode, rulebook: &Rulebook) -> Option<usize> {
    let holds = |row: &Row| {
        place.is_within(&row.area) && row.when.as_ref().is_none_or(|when| when.holds(case, rulebook))
    };
    let rows = rows.iter().enumerate().filter(|(_, row)| holds(row));
    let strongest = rows.max_by_key(|(_, row)| (row.area.as_str().len(), row.when.is_some()));
    strongest.map(|(at, _)| at)
}

/// Which facts a predicate may read.
struct Usable {
    can_name: fn(&str) -> bool,
    unreadable: BTreeSet<Fact>,
}

impl Usable {
    fn look_at<'c>(&mut self, counts: impl Iterator<Item = &'c Counts>) {
        let facts = counts.flat_map(|counts| &counts.facts);
        let unreadable = facts.filter(|(_, values)| matches!(values, Values::Unreadable));
        self.unreadable.extend(unreadable.map(|(fact, _)| fact.clone()));
    }

    fn has(&self, fact: &Fact) -> bool {
        self.is_named(fact) && !self.unreadable.contains(fact)
    }

    fn is_named(&self, fact: &Fact) -> bool {
        match fact {
            Fact::Attribute(name) => (self.can_name)(name),
            _ => true,
        }
    }

    /// Why the fact was not looked at.
    fn left_out(&self, matter: &MatterCode, fact: &Fact, values: &Values) -> Option<Unsure> {
        let attribute = fact.name().to_owned();
        if !self.is_named(fact) {
            Some(Unsure::AttributeName { attribute })
        } else if self.unreadable.contains(fact) {
            Some(Unsure::AttributeUnreadable { attribute })
        } else if matches!(values, Values::TooMany) {
            let matter = matter.clone();
            Some(Unsure::AttributeFree { matter, attribute })
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests;
