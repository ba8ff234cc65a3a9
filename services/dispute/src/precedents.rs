//! What disputes teach, read: the duties that they propose, and which open ones are one quarrel.

use std::collections::{BTreeMap, BTreeSet};

use bihuan_domain::code::{AgencyId, MatterCode};
use bihuan_domain::dispute::{Dispute, Precedent, contradicts};
use bihuan_domain::id::{ClueId, DisputeId};
use bihuan_domain::routing::Rulebook;
use bihuan_store::{Result, Store};

use crate::shown::{Filter, Shown, list};

/// A duty that a dispute proposes, and what became of the proposal.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposed {
    pub precedent: Precedent,
    pub clue: ClueId,
    /// The line of `duties.csv` by which the rulebook has it; `None`: nobody has taken it over.
    pub row: Option<u32>,
    /// What gives the same to another agency.
    pub contradicted_by: Vec<DisputeId>,
}

/// Every proposal of a dispute that was settled or decided, the newest first. `rulebook`: the one that it is looked up in.
pub async fn precedents(store: &Store, rulebook: &Rulebook) -> Result<Vec<Proposed>> {
    let all = list(store, &Filter::default(), u32::MAX).await?;
    Ok(proposed(all.iter().map(|it| &it.dispute), rulebook))
}

/// Of these disputes.
pub(crate) fn proposed<'a>(
    disputes: impl Iterator<Item = &'a Dispute>,
    rulebook: &Rulebook,
) -> Vec<Proposed> {
    let held = disputes.filter_map(|it| Some((Precedent::of(it, rulebook)?, it.opening.clue)));
    let mut held: Vec<_> = held.collect();
    held.sort_by(|(a, _), (b, _)| b.from.cmp(&a.from).then_with(|| a.provenance.cmp(&b.provenance)));
    // only those over one matter can contradict each other
    let mut by_matter: BTreeMap<&MatterCode, Vec<&Precedent>> = BTreeMap::new();
    for (precedent, _) in &held {
        by_matter.entry(&precedent.matter).or_default().push(precedent);
    }
    let against = |one: &Precedent| {
        let others = by_matter.get(&one.matter).into_iter().flatten();
        let others = others.filter(|other| contradicts(one, other));
        others.map(|other| other.provenance).collect()
    };
    held.iter()
        .map(|(precedent, clue)| Proposed {
            row: precedent.taken_over(rulebook).map(|it| it.line),
            contradicted_by: against(precedent),
            clue: *clue,
            precedent: precedent.clone(),
        })
        .collect()
}

/// Open disputes that are one quarrel, together; the longest groups first. `of`: only the group with that one.
pub async fn similar(store: &Store, of: Option<DisputeId>) -> Result<Vec<Vec<Shown>>> {
    let filter = Filter {
        open: Some(true),
        ..Filter::default()
    };
    let groups = together(list(store, &filter, u32::MAX).await?);
    let is_asked = |group: &Vec<Shown>| of.is_none_or(|id| group.iter().any(|it| it.dispute.id == id));
    Ok(groups.into_iter().filter(is_asked).collect())
}

/// Groups of at least two.
fn together(open: Vec<Shown>) -> Vec<Vec<Shown>> {
    type Quarrel = (Option<MatterCode>, BTreeSet<AgencyId>);
    let mut alike: BTreeMap<Quarrel, Vec<Vec<Shown>>> = BTreeMap::new();
    for one in open {
        let parties = one.dispute.parties.iter().map(|it| it.agency.clone()).collect();
        let groups = alike
            .entry((one.dispute.opening.matter.clone(), parties))
            .or_default();
        let is_alike = |other: &Shown| bihuan_domain::dispute::similar(&one.dispute, &other.dispute);
        // a county's dispute joins those of its towns
        let (joined, others): (Vec<_>, Vec<_>) = std::mem::take(groups)
            .into_iter()
            .partition(|group| group.iter().any(is_alike));
        let mut group: Vec<_> = joined.into_iter().flatten().collect();
        group.push(one);
        *groups = others;
        groups.push(group);
    }
    let mut groups: Vec<_> = alike.into_values().flatten().filter(|it| it.len() > 1).collect();
    for group in &mut groups {
        group.sort_by_key(|it| (it.dispute.opened_at, it.dispute.id));
    }
    groups.sort_by_key(|group| (std::cmp::Reverse(group.len()), group[0].dispute.opened_at));
    groups
}
