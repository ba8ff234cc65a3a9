//! Matters and places without a first handler, from a day on: the clues that would wait in triage.

use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use super::row_days::spans;
use super::{Competence, CompiledRulebook, Duty, DutyRole, Extent, Rulebook};
use crate::code::{AreaCode, Level, MatterCode};

/// All of them, the worst first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gaps {
    /// The first day looked at; later days are looked at as far as rows begin or end on them.
    pub from: Date,
    pub matters: usize,
    pub places: usize,
    /// Of matters × places, how many have a gap on some day.
    pub open: usize,
    pub rows: Vec<Gap>,
}

/// Matters that have no first handler in the same places, on the same days and for the same reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    pub matters: Vec<MatterCode>,
    pub kind: GapKind,
    pub from: Date,
    /// The first day on which somebody has it again; `None`: that is not foreseen.
    pub to: Option<Date>,
    /// How many places.
    pub places: usize,
    /// The same, by the widest area all of which is open.
    pub extents: Vec<Extent>,
    /// How many places by county.
    pub by_county: BTreeMap<AreaCode, usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    Nobody,
    /// Rows of equal rank name different agencies.
    Tie,
    /// Somebody has it only where a predicate holds.
    OnlyConditional,
}

impl GapKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Tie => "tie",
            Self::OnlyConditional => "only_conditional",
        }
    }

    fn of(competence: &Competence) -> Option<Self> {
        match (competence.is_gap(), competence.conditional.is_empty()) {
            _ if competence.is_tie() => Some(Self::Tie),
            (true, true) => Some(Self::Nobody),
            (true, false) => Some(Self::OnlyConditional),
            (false, _) => None,
        }
    }
}

impl Gaps {
    /// Looks at every matter, place and day. `seen` is told which rows decide somewhere; `exhaust` says whether the predicates of rows
    /// leave no clue out.
    pub fn of<'a>(
        compiled: &'a CompiledRulebook,
        from: Date,
        mut seen: impl FnMut(&'a Duty),
        exhaust: impl Fn(&[&'a Duty]) -> bool,
    ) -> Self {
        let rulebook = compiled.rulebook();
        let places = rulebook.places();
        let mut rows = Vec::new();
        let mut open = 0;
        for matter in rulebook.matters.keys() {
            let spans = spans(&compiled.row_days(matter, from), &places, |place, day| {
                let (competence, rows) = compiled.competence(DutyRole::FirstHandler, matter, place, day);
                let kind = GapKind::of(&competence);
                let kind = kind.filter(|it| *it != GapKind::OnlyConditional || !exhaust(&rows));
                rows.into_iter().for_each(&mut seen);
                kind
            });
            open += spans.values().flatten().collect::<BTreeSet<_>>().len();
            rows.extend(spans.into_iter().map(|((kind, (from, to)), areas)| {
                let mut by_county: BTreeMap<AreaCode, usize> = BTreeMap::new();
                for area in &areas {
                    *by_county.entry(rulebook.county(area).clone()).or_default() += 1;
                }
                Gap {
                    matters: vec![matter.clone()],
                    kind,
                    from,
                    to,
                    places: areas.len(),
                    extents: rulebook.extents(&areas, &places),
                    by_county,
                }
            }));
        }
        let mut rows = together(rows);
        rows.sort_by_key(|gap| (Reverse(gap.matters.len() * gap.places), gap.from, gap.kind));
        Self {
            from,
            matters: rulebook.matters.len(),
            places: places.len(),
            open,
            rows,
        }
    }
}

/// One row for the matters that are open alike.
fn together(gaps: Vec<Gap>) -> Vec<Gap> {
    let mut alike: BTreeMap<_, Gap> = BTreeMap::new();
    for gap in gaps {
        let key = (gap.kind, gap.from, gap.to, gap.extents.clone());
        match alike.entry(key) {
            Entry::Occupied(mut known) => known.get_mut().matters.extend(gap.matters),
            Entry::Vacant(free) => {
                free.insert(gap);
            }
        }
    }
    alike.into_values().collect()
}

impl Rulebook {
    /// The county that an area is or lies in; an area that lies in none stands for itself.
    pub fn county<'a>(&'a self, area: &'a AreaCode) -> &'a AreaCode {
        let code = area.as_str();
        let above = (1..=code.len()).filter_map(|length| code.get(..length));
        let mut known = above.filter_map(|prefix| self.areas.get(prefix));
        known
            .find(|it| it.level == Level::County)
            .map_or(area, |it| &it.code)
    }
}
