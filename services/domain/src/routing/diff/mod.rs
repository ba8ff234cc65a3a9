//! What changes between two rulebooks: not which lines of text, but which matters change hands where, from whom to whom, and from
//! when on.

mod words;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use super::row_days::{Span, Spans, spans};
use super::{Competence, CompiledRulebook, DutyRole, Extent};
use crate::code::{AreaCode, MatterCode, RulebookVersion};

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diff {
    pub old: RulebookVersion,
    pub new: RulebookVersion,
    /// The first day looked at; later days are looked at as far as rows begin or end on them.
    pub from: Date,
    /// Matters × places of first handlers that were compared, and of these how many change on some day.
    pub compared: usize,
    pub changed: usize,
    /// The largest first.
    pub moves: Vec<Move>,
    pub matters: Catalogue,
    pub areas: Catalogue,
    pub agencies: Catalogue,
}

/// What is in one of the two only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Catalogue {
    pub added: Vec<String>,
    pub removed: Vec<String>,
}

/// Matters that change hands in the same places, on the same days, to or from the same agency: one sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Move {
    pub role: DutyRole,
    pub since: Date,
    /// The first day on which that is no more what changes: both say the same again, or something else differs.
    pub until: Option<Date>,
    /// By the widest area all places of which are meant.
    pub extents: Vec<Extent>,
    pub places: usize,
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    pub from: Competence,
    pub to: Competence,
    pub matters: Vec<MatterCode>,
}

impl Move {
    pub fn matters(&self) -> usize {
        self.parts.iter().map(|part| part.matters.len()).sum()
    }

    /// Nobody has any of it any more without a predicate.
    pub fn uncovers(&self) -> bool {
        self.parts
            .iter()
            .any(|part| part.to.is_gap() && !part.from.is_gap())
    }

    /// Rows of equal rank name different agencies where they did not before.
    pub fn ties(&self) -> bool {
        let decides = self.role != DutyRole::Assisting;
        decides
            && self
                .parts
                .iter()
                .any(|part| part.to.is_tie() && !part.from.is_tie())
    }
}

type Pair = (Competence, Competence);
/// Where and when, and there by matter what changes.
type Groups = BTreeMap<(DutyRole, Span, Vec<Extent>), (usize, Vec<(MatterCode, Pair)>)>;

impl Diff {
    /// Compares them as from `from` on.
    pub fn of(old: &CompiledRulebook, new: &CompiledRulebook, from: Date) -> Self {
        let (before, after) = (old.rulebook(), new.rulebook());
        let places: BTreeSet<_> = before.places().into_iter().chain(after.places()).collect();
        let matters: BTreeSet<_> = before.matters.keys().chain(after.matters.keys()).collect();
        let mut groups = Groups::new();
        let mut changed = 0;
        for role in DutyRole::ALL {
            for matter in &matters {
                let differing = changes((old, new), role, matter, &places, from);
                if role == DutyRole::FirstHandler {
                    changed += differing.values().flatten().collect::<BTreeSet<_>>().len();
                }
                for ((pair, span), areas) in differing {
                    let extents = after.extents(&areas, &places);
                    let (_, parts) = groups
                        .entry((role, span, extents))
                        .or_insert((areas.len(), Vec::new()));
                    parts.push(((*matter).clone(), pair));
                }
            }
        }
        let mut moves: Vec<_> = groups
            .into_iter()
            .flat_map(|((role, (since, until), extents), (places, parts))| {
                sentences(parts).into_iter().map(move |parts| Move {
                    role,
                    since,
                    until,
                    extents: extents.clone(),
                    places,
                    parts,
                })
            })
            .collect();
        moves.sort_by_key(|it| (it.role, std::cmp::Reverse(it.matters() * it.places), it.since));
        Self {
            old: before.version.clone(),
            new: after.version.clone(),
            from,
            compared: matters.len() * places.len(),
            changed,
            moves,
            matters: Catalogue::of(before.matters.keys(), after.matters.keys()),
            areas: Catalogue::of(before.areas.keys(), after.areas.keys()),
            agencies: Catalogue::of(before.agencies.keys(), after.agencies.keys()),
        }
    }
}

impl Catalogue {
    fn of<'a, K: Ord + std::fmt::Display + 'a>(
        old: impl Iterator<Item = &'a K>,
        new: impl Iterator<Item = &'a K>,
    ) -> Self {
        let (old, new): (BTreeSet<_>, BTreeSet<_>) = (old.collect(), new.collect());
        let text = |codes: Vec<&&K>| codes.into_iter().map(ToString::to_string).collect();
        Self {
            added: text(new.difference(&old).collect()),
            removed: text(old.difference(&new).collect()),
        }
    }
}

/// Where and when the two say different things of a matter.
fn changes<'a>(
    (old, new): (&'a CompiledRulebook, &'a CompiledRulebook),
    role: DutyRole,
    matter: &'a MatterCode,
    places: &BTreeSet<&'a AreaCode>,
    from: Date,
) -> Spans<'a, Pair> {
    let days = old.row_days(matter, from).and(new.row_days(matter, from));
    spans(&days, places, |place, day| {
        let of = |book: &'a CompiledRulebook| book.competence(role, matter, place, day).0;
        let pair = (of(old), of(new));
        (pair.0 != pair.1).then_some(pair)
    })
}

/// What becomes uncovered or tied has its own sentences.
fn sentences(moved: Vec<(MatterCode, Pair)>) -> Vec<Vec<Part>> {
    let mut kinds: BTreeMap<_, BTreeMap<Pair, Vec<MatterCode>>> = BTreeMap::new();
    for (matter, pair) in moved {
        let kind = (pair.1.is_gap(), pair.1.is_tie());
        let parts = kinds.entry(kind).or_default();
        parts.entry(pair).or_default().push(matter);
    }
    kinds.into_values().flat_map(|parts| of_kind(&parts)).collect()
}

/// One sentence for all that go to the same, or for all that come from the same: whichever needs fewer sentences.
fn of_kind(parts: &BTreeMap<Pair, Vec<MatterCode>>) -> Vec<Vec<Part>> {
    let by = |key: fn(&Part) -> &Competence| {
        let mut sentences: BTreeMap<Competence, Vec<Part>> = BTreeMap::new();
        for ((from, to), matters) in parts {
            let part = Part {
                from: from.clone(),
                to: to.clone(),
                matters: matters.clone(),
            };
            sentences.entry(key(&part).clone()).or_default().push(part);
        }
        sentences.into_values().collect::<Vec<_>>()
    };
    let (to, from) = (by(|part| &part.to), by(|part| &part.from));
    if to.len() <= from.len() { to } else { from }
}
