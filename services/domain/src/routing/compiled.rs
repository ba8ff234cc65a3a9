//! A rulebook made ready for many decisions: rows are found by role, matter and area instead of being looked through.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::decide::{Facts, answer};
use super::explain::reasons;
use super::rows::{Best, Rank, Rows, applies, best};
use super::{Answer, Duty, DutyRole, Explanation, Gazetteer, Matter, MatterPattern, Question, Rulebook};
use crate::code::{AgencyId, AreaCode, MatterCode};

/// A rulebook with its indexes; cheap to share, never changed.
#[derive(Debug)]
pub struct CompiledRulebook {
    rulebook: Arc<Rulebook>,
    matters: HashMap<MatterCode, About>,
    groups: Vec<Group>,
    /// The lengths of area codes that duties name, longest first.
    lengths: Vec<usize>,
    gazetteer: Gazetteer,
}

/// What there is about a matter.
#[derive(Debug)]
struct About {
    matter: Matter,
    /// By role: the groups of its rows, by how closely they name it, closest first.
    groups: [Vec<usize>; DutyRole::ALL.len()],
}

/// The rows of one role that say the same of the matter. Rows are positions in `Rulebook::duties`, in the order of the file.
#[derive(Debug, Default)]
struct Group {
    all: Vec<usize>,
    /// By the area they name.
    by_area: HashMap<AreaCode, Vec<usize>>,
}

impl CompiledRulebook {
    pub fn new(rulebook: Arc<Rulebook>) -> Self {
        let mut numbers: HashMap<(DutyRole, &MatterPattern), usize> = HashMap::new();
        let mut groups: Vec<Group> = Vec::new();
        for (position, duty) in rulebook.duties.iter().enumerate() {
            let number = *numbers.entry((duty.role, &duty.matter)).or_insert(groups.len());
            if number == groups.len() {
                groups.push(Group::default());
            }
            groups[number].add(position, duty);
        }
        let of = |role, matter: &Matter| {
            let named = [
                Some(MatterPattern::Matter(matter.code.clone())),
                matter.category.clone().map(MatterPattern::Category),
                Some(MatterPattern::Any),
            ];
            let found = named
                .iter()
                .flatten()
                .map(|pattern| numbers.get(&(role, pattern)));
            found.flatten().copied().collect()
        };
        let matters = rulebook.matters.values().map(|matter| {
            let about = About {
                matter: matter.clone(),
                groups: DutyRole::ALL.map(|role| of(role, matter)),
            };
            (matter.code.clone(), about)
        });
        let matters = matters.collect();
        let duties = rulebook.duties.iter();
        let mut lengths: Vec<_> = duties.map(|duty| duty.area.as_str().len()).collect();
        lengths.sort_unstable_by(|a, b| b.cmp(a));
        lengths.dedup();
        let gazetteer = Gazetteer::new(&rulebook);
        Self {
            rulebook,
            matters,
            groups,
            lengths,
            gazetteer,
        }
    }

    pub const fn rulebook(&self) -> &Arc<Rulebook> {
        &self.rulebook
    }

    /// The same answer as [`super::decide`].
    pub fn decide(&self, question: &Question<'_>) -> Answer {
        let rows = self.rows(question.matter);
        answer(&Facts::of(&rows, question), |facts, role| {
            rows.best(facts, role, None)
        })
    }

    /// The same as [`super::explain`].
    pub fn explain(&self, question: &Question<'_>) -> Explanation {
        reasons(&self.rows(question.matter), question)
    }

    /// Leads a platform's names and codes of places to areas.
    pub const fn gazetteer(&self) -> &Gazetteer {
        &self.gazetteer
    }

    fn rows(&self, matter: Option<&MatterCode>) -> Indexed<'_> {
        Indexed {
            compiled: self,
            about: matter.and_then(|matter| self.matters.get(matter)),
        }
    }

    /// The rows of a role about a matter, in no order.
    pub(super) fn about<'a>(
        &'a self,
        role: DutyRole,
        matter: &MatterCode,
    ) -> impl Iterator<Item = &'a Duty> + use<'a> {
        let rows = self.rows(Some(matter));
        let positions = rows.groups(role).flat_map(|group| &group.all);
        positions.map(|position| &self.rulebook.duties[*position])
    }

    /// The rows that hold there on that day if their predicates do, by their rank, strongest first.
    pub fn levels<'a>(
        &'a self,
        role: DutyRole,
        matter: &MatterCode,
        area: &'a AreaCode,
        on: Date,
    ) -> impl Iterator<Item = Vec<&'a Duty>> + use<'a> {
        let groups = self.rows(Some(matter)).groups(role);
        let named = groups.flat_map(|group| {
            let prefixes = self.prefixes(area);
            prefixes.filter_map(|prefix| group.by_area.get(prefix))
        });
        named.flat_map(move |positions| {
            let rows = positions.iter().map(|position| &self.rulebook.duties[*position]);
            let mut rows: Vec<_> = rows
                .filter(|duty| applies(&self.rulebook, duty, area, on).is_ok())
                .collect();
            rows.sort_by_key(|duty| std::cmp::Reverse(Rank::of(duty)));
            let levels = rows.chunk_by(|a, b| Rank::of(a) == Rank::of(b));
            levels.map(<[_]>::to_vec).collect::<Vec<_>>()
        })
    }

    /// The area's code and those of all that contain it, as far as a duty names any of their length; longest first.
    fn prefixes<'a>(&'a self, area: &'a AreaCode) -> impl Iterator<Item = &'a str> {
        let lengths = self.lengths.iter();
        lengths.filter_map(|length| area.as_str().get(..*length))
    }
}

impl Group {
    fn add(&mut self, position: usize, duty: &Duty) {
        self.all.push(position);
        self.by_area.entry(duty.area.clone()).or_default().push(position);
    }
}

/// The rows about one matter.
struct Indexed<'a> {
    compiled: &'a CompiledRulebook,
    about: Option<&'a About>,
}

impl<'a> Indexed<'a> {
    fn groups(&self, role: DutyRole) -> impl Iterator<Item = &'a Group> + use<'a> {
        let numbers = self.about.map_or(&[][..], |about| &about.groups[role as usize]);
        let groups = &self.compiled.groups;
        numbers.iter().map(|number| &groups[*number])
    }

    fn duty(&self, position: usize) -> &'a Duty {
        &self.compiled.rulebook.duties[position]
    }
}

impl<'a> Rows<'a> for Indexed<'a> {
    fn rulebook(&self) -> &'a Rulebook {
        &self.compiled.rulebook
    }

    fn matter(&self, _: &MatterCode) -> Option<&'a Matter> {
        self.about.map(|about| &about.matter)
    }

    /// Goes from the strongest rank to the weakest and stops at the first that holds.
    fn best(&self, facts: &Facts<'_>, role: DutyRole, but: Option<&AgencyId>) -> Best<'a> {
        for group in self.groups(role) {
            for prefix in self.compiled.prefixes(facts.area) {
                let Some(rows) = group.by_area.get(prefix) else {
                    continue;
                };
                let rows = rows.iter().map(|position| self.duty(*position));
                let found = best(&self.compiled.rulebook, rows, facts, but);
                if !found.is_empty() {
                    return found;
                }
            }
        }
        Best::default()
    }

    fn about(&self, _: &Facts<'_>, role: DutyRole) -> impl Iterator<Item = &'a Duty> {
        let mut rest: Vec<&[usize]> = self.groups(role).map(|group| &*group.all).collect();
        std::iter::from_fn(move || {
            let next = rest
                .iter_mut()
                .filter(|it| !it.is_empty())
                .min_by_key(|it| it[0])?;
            let (first, others) = next.split_first()?;
            *next = others;
            Some(self.duty(*first))
        })
    }
}
