//! Who is competent (管辖) for a matter in an area on a day, whatever else a clue may say: what coverage, checks and comparisons of
//! rulebooks are made of.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;

use super::{CompiledRulebook, Duty, DutyRole, MatterPattern, Rulebook};
use crate::code::{AgencyId, AreaCode, Level, MatterCode};

/// The agencies of the rows that hold there on that day, strongest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Competence {
    /// Those whose predicate must hold: level by level, the strongest first. Where two of one level hold, they tie.
    pub conditional: Vec<BTreeSet<Conditional>>,
    /// Who has it otherwise. None: nobody, several: they tie, and a person must decide.
    pub otherwise: BTreeSet<AgencyId>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Conditional {
    pub when: String,
    pub agency: AgencyId,
}

/// A place and all places in it, or but for them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Extent {
    pub area: AreaCode,
    /// Only what lies in it and in none of its places that are known: what was reported without a town, for example.
    pub alone: bool,
}

impl Extent {
    pub fn contains(&self, place: &AreaCode) -> bool {
        *place == self.area || (!self.alone && place.is_within(&self.area))
    }
}

impl Competence {
    /// No row holds there without a predicate: such a clue may end in triage.
    pub fn is_gap(&self) -> bool {
        self.otherwise.is_empty()
    }

    pub fn is_tie(&self) -> bool {
        self.otherwise.len() > 1
    }

    /// The one agency that has it, whatever the clue says.
    pub fn sole(&self) -> Option<&AgencyId> {
        let first = self.otherwise.first()?;
        let alone = !self.is_tie() && self.conditional.iter().flatten().all(|it| it.agency == *first);
        alone.then_some(first)
    }
}

impl CompiledRulebook {
    /// Who is competent, and by which rows.
    pub fn competence<'a>(
        &'a self,
        role: DutyRole,
        matter: &MatterCode,
        area: &'a AreaCode,
        on: Date,
    ) -> (Competence, Vec<&'a Duty>) {
        let mut competence = Competence::default();
        let mut rows = Vec::new();
        for level in self.levels(role, matter, area, on) {
            let mut conditional = BTreeSet::new();
            for duty in &level {
                let agency = duty.agency.clone();
                if let Some(when) = &duty.when {
                    let when = when.text.clone();
                    conditional.insert(Conditional { when, agency });
                } else {
                    competence.otherwise.insert(agency);
                }
            }
            if !conditional.is_empty() {
                competence.conditional.push(conditional);
            }
            rows.extend(level);
            if !competence.otherwise.is_empty() {
                break;
            }
        }
        (competence, rows)
    }
}

impl Rulebook {
    /// The areas that can differ: towns and what contains them, and whatever a duty names. Places below lie in one of them.
    pub fn places(&self) -> BTreeSet<&AreaCode> {
        let known = self.areas.values();
        let above = known.filter(|area| !matches!(area.level, Level::Village | Level::Grid));
        let named = self.duties.iter().map(|duty| &duty.area);
        above.map(|area| &area.code).chain(named).collect()
    }

    /// Areas by the widest that are whole: where everything among `places` that lies in one is there, that one stands for all.
    pub fn extents(&self, areas: &BTreeSet<&AreaCode>, places: &BTreeSet<&AreaCode>) -> Vec<Extent> {
        let is_whole = |area: &AreaCode| {
            let mut within = places.iter().filter(|place| place.is_within(area));
            within.all(|place| areas.contains(place))
        };
        let mut whole: Vec<&AreaCode> = Vec::new();
        let mut extents = Vec::new();
        // a code comes before those that lie in it
        for area in areas {
            if whole.iter().any(|wider| area.is_within(wider)) {
                continue;
            }
            let alone = !is_whole(area);
            if !alone {
                whole.push(area);
            }
            extents.push(Extent {
                area: (*area).clone(),
                alone,
            });
        }
        extents
    }

    /// The matters that a row is about.
    pub fn matters_of<'a>(&'a self, pattern: &'a MatterPattern) -> impl Iterator<Item = &'a MatterCode> {
        let matters = self.matters.values();
        let matters = matters.filter(move |it| pattern.covers(&it.code, it.category.as_ref()));
        matters.map(|matter| &matter.code)
    }
}
