//! From counts to rows: the agency of most clues, and another one only where an area or something that clues say makes a difference
//! that is no chance.

use std::collections::BTreeMap;

use super::among::Among;
use super::count::{Counts, Values, around};
use super::significance::chance;
use super::votes::Votes;
use crate::code::{AgencyId, AreaCode};
use crate::routing::{Fact, Rulebook};

/// How likely one of the differences of a matter may be chance, all that were looked at taken together. Cross-validated within
/// April's records of New York's feed: at 1 % rows are missed whose clues come again, and up to 20 % nothing gets worse.
const CHANCE: f64 = 0.05;

/// In bytes; longer ones are texts.
const LONGEST_VALUE: usize = 200;

/// A row in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) area: AreaCode,
    pub(super) when: Option<Among>,
    pub(super) agency: AgencyId,
    /// By what its clues are looked at next.
    pub(super) next: Option<Next>,
    /// It says otherwise than a weaker row of its matter.
    pub(super) is_refined: bool,
}

/// How the clues of a row may be told apart in the next pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    ByFact,
    /// With the predicate of what no stronger row has.
    ByArea(Among),
}

/// What may be used.
pub(super) struct Rules<'a> {
    pub(super) rulebook: &'a Rulebook,
    pub(super) min_support: u64,
    pub(super) usable: &'a dyn Fn(&Fact) -> bool,
}

impl Rules<'_> {
    /// The rows of a matter from the counts of all its clues.
    pub(super) fn first(&self, counts: &Counts) -> Vec<Row> {
        let tree = self.by_area(counts, None);
        if let Some(area) = Self::tied(counts) {
            return match self.by_fact(counts, None) {
                Some(best) if best.is_better(&tree) => best.rows(area, false).0,
                _ => with_next(tree.rows, &Next::ByFact),
            };
        }
        let [base] = tree.rows.iter().filter(|row| !row.is_refined).collect::<Vec<_>>()[..] else {
            return with_next(tree.rows, &Next::ByFact);
        };
        let best = self.by_fact(counts, Some(&base.agency));
        match best {
            Some(best) if best.is_better(&tree) => {
                let (mut rows, rest) = best.rows(&base.area, true);
                rows.push(Row {
                    next: rest.map(Next::ByArea),
                    ..base.clone()
                });
                rows
            }
            _ if tree.gain > 0 => with_next(tree.rows, &Next::ByFact),
            _ => tree.rows,
        }
    }

    /// The area of all clues, if agencies had as many of them: no row can say for all of it who has it.
    fn tied(counts: &Counts) -> Option<&AreaCode> {
        let (area, votes) = counts.areas.first_key_value()?;
        let is_all = votes.total() == counts.all.total();
        (is_all && votes.leader().is_none()).then_some(area)
    }

    /// Rows that are added where the clues of a row can be told apart further.
    pub(super) fn further(&self, row: &Row, counts: &Counts) -> Vec<Row> {
        match &row.next {
            None => Vec::new(),
            Some(Next::ByFact) => {
                let best = self.by_fact(counts, Some(&row.agency));
                best.map(|best| best.rows(&row.area, true).0).unwrap_or_default()
            }
            Some(Next::ByArea(when)) => {
                let rows = self.by_area(counts, Some(row)).rows.into_iter();
                rows.map(|it| Row {
                    when: Some(when.clone()),
                    ..it
                })
                .collect()
            }
        }
    }

    /// Goes down from area to area; a row for each where the clues had another agency than the row above says.
    fn by_area(&self, counts: &Counts, above: Option<&Row>) -> Tree {
        let tests = self.tests(counts);
        let mut tree = Tree {
            groups: counts.areas.len(),
            ..Tree::default()
        };
        // a code comes after those that it lies in
        let is_below =
            |area: &AreaCode| above.is_none_or(|row| *area != row.area && area.is_within(&row.area));
        for (area, votes) in counts.areas.iter().filter(|(area, _)| is_below(area)) {
            let Some(leader) = votes.leader().filter(|it| !self.is_local(it, area, counts)) else {
                continue;
            };
            let mut covering = tree.rows.iter().rev().chain(above);
            let covering = covering.find(|row| area.is_within(&row.area));
            let whole = match covering {
                Some(row) if row.agency == *leader => continue,
                Some(row) => Some(counts.areas.get(&row.area).unwrap_or(&counts.all)),
                None if self.stands_alone(leader, area, counts) => None,
                None => self.widest(area).and_then(|widest| counts.areas.get(widest)),
            };
            if let Some(weaker) = whole {
                if !self.differs(leader, votes, weaker, tests) {
                    continue;
                }
                let held = covering.map_or(0, |row| votes.of(&row.agency));
                tree.gain += votes.of(leader) - held;
            }
            tree.rows.push(Row {
                area: area.clone(),
                when: None,
                agency: leader.clone(),
                next: None,
                is_refined: covering.is_some(),
            });
        }
        tree
    }

    /// The known area that the area lies in and that lies in no other.
    fn widest(&self, area: &AreaCode) -> Option<&AreaCode> {
        around(area, self.rulebook).next()
    }

    /// Whether the agency's row is that of all clues of the matter: for the widest area, or for its own where it had most beyond it too.
    fn stands_alone(&self, leader: &AgencyId, area: &AreaCode, counts: &Counts) -> bool {
        if self.widest(area) == Some(area) {
            return true;
        }
        let own = self.rulebook.agencies.get(leader).and_then(|it| it.area.as_ref());
        let leads = |wider: &AreaCode| counts.areas.get(wider).and_then(Votes::leader) == Some(leader);
        own == Some(area) && self.widest(area).is_some_and(leads)
    }

    /// Whether the agency is one of a place within the area, and had its clues there: the row then is one of that place.
    fn is_local(&self, agency: &AgencyId, area: &AreaCode, counts: &Counts) -> bool {
        let own = self.rulebook.agencies.get(agency).and_then(|it| it.area.as_ref());
        let Some(own) = own.filter(|own| *own != area && own.is_within(area)) else {
            return false;
        };
        let at = |area: &AreaCode| counts.areas.get(area).map_or(0, |votes| votes.of(agency));
        at(own) * 2 > at(area)
    }

    /// What clues say that tells most of them apart: of facts that do so equally well, the one with fewer values. `held`: whose they
    /// are otherwise; `None`: nobody's.
    fn by_fact(&self, counts: &Counts, held: Option<&AgencyId>) -> Option<Split> {
        let tests = self.tests(counts);
        let facts = counts.facts.keys().filter(|fact| (self.usable)(fact));
        let splits = facts.filter_map(|fact| {
            let groups = groups(counts, fact)?;
            let mut split = Split {
                fact: fact.clone(),
                groups: groups.len(),
                gain: 0,
                to: BTreeMap::new(),
            };
            for (value, votes) in groups.iter().filter(|(value, _)| value.is_none_or(is_plain)) {
                let Some(leader) = votes.leader().filter(|it| Some(*it) != held) else {
                    continue;
                };
                if self.differs(leader, votes, &counts.all, tests) {
                    split.gain += votes.of(leader) - held.map_or(0, |it| votes.of(it));
                    let values = split.to.entry(leader.clone()).or_default();
                    values.push(value.map(str::to_owned));
                }
            }
            (split.gain > 0).then_some(split)
        });
        splits.min_by_key(|split| (std::cmp::Reverse(split.gain), split.groups, split.fact.clone()))
    }

    /// Whether the agency has more of the group than chance gives it.
    fn differs(&self, leader: &AgencyId, group: &Votes, whole: &Votes, tests: usize) -> bool {
        let (support, of_group, of_whole) = (group.total(), group.of(leader), whole.of(leader));
        support >= self.min_support
            && chance(of_group, support, of_whole, whole.total()) * tests as f64 <= CHANCE
    }

    /// How many groups are looked at: who looks at many finds a difference somewhere.
    fn tests(&self, counts: &Counts) -> usize {
        let large = |votes: &&Votes| votes.total() >= self.min_support;
        let of_facts = counts.facts.keys().filter(|fact| (self.usable)(fact));
        let of_facts = of_facts.filter_map(|fact| groups(counts, fact));
        let of_facts = of_facts.map(|groups| groups.values().filter(large).count());
        let of_areas = counts.areas.values().filter(large).count();
        of_areas + of_facts.filter(|count| *count > 1).sum::<usize>()
    }
}

/// A value that a person can read in a cell.
fn is_plain(value: &str) -> bool {
    value.len() <= LONGEST_VALUE && !value.contains(char::is_control)
}

/// The clues by what they say about the fact, or that they say nothing.
fn groups<'c>(counts: &'c Counts, fact: &Fact) -> Option<BTreeMap<Option<&'c str>, Votes>> {
    let Values::Few(values) = counts.facts.get(fact)? else {
        return None;
    };
    let mut groups: BTreeMap<_, _> = values
        .iter()
        .map(|(value, votes)| (Some(value.as_str()), votes.clone()))
        .collect();
    let silent = counts.all.without(values.values());
    if silent.total() > 0 {
        groups.insert(None, silent);
    }
    Some(groups)
}

#[derive(Default)]
struct Tree {
    rows: Vec<Row>,
    /// Clues that the rows that had to prove a difference put right.
    gain: u64,
    groups: usize,
}

/// Values of a fact that lead to other agencies.
struct Split {
    fact: Fact,
    groups: usize,
    gain: u64,
    to: BTreeMap<AgencyId, Vec<Option<String>>>,
}

impl Split {
    fn is_better(&self, tree: &Tree) -> bool {
        self.gain > tree.gain || (self.gain == tree.gain && self.groups <= tree.groups)
    }

    /// The rows of the values, and the predicate of what is left to a row that says otherwise, if one row can say it.
    fn rows(self, area: &AreaCode, is_refined: bool) -> (Vec<Row>, Option<Among>) {
        let mut rows = Vec::new();
        for (agency, values) in self.to {
            let mut parts = vec![Among::new(self.fact.clone())];
            for value in &values {
                if !parts.last().is_some_and(|it| it.takes(value.as_deref())) {
                    parts.push(Among::new(self.fact.clone()));
                }
                if let Some(among) = parts.last_mut() {
                    among.take(value.as_deref());
                }
            }
            rows.extend(parts.into_iter().map(|among| Row {
                area: area.clone(),
                when: Some(among),
                agency: agency.clone(),
                next: None,
                is_refined,
            }));
        }
        let of_rows: Vec<_> = rows.iter().filter_map(|row| row.when.as_ref()).collect();
        let rest = Among::none_of(&of_rows);
        for row in &mut rows {
            row.next = row.when.clone().map(Next::ByArea);
        }
        (rows, rest)
    }
}

fn with_next(rows: Vec<Row>, next: &Next) -> Vec<Row> {
    let rows = rows.into_iter();
    rows.map(|row| Row {
        next: Some(next.clone()),
        ..row
    })
    .collect()
}
