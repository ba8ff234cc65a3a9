//! What disputes teach, as programs read it: over HTTP and from the command line alike.

use bihuan_dispute::{Proposed, Shown};
use serde::Serialize;
use utoipa::ToSchema;

/// A row of `duties.csv` that a dispute proposes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Proposal {
    dispute: String,
    clue: String,
    matter: String,
    area: String,
    agency: String,
    from: String,
    to: Option<String>,
    layer: &'static str,
    basis: String,
    /// `ruling` or `agreement`
    by: &'static str,
    /// To be copied into `duties.csv`.
    row: String,
    /// `taken_over` or `proposed`
    state: &'static str,
    /// The line by which the active rulebook has it.
    line: Option<u32>,
    contradicts: Vec<Contradicted>,
}

/// A proposal that gives the same to another agency.
#[derive(Debug, Serialize, ToSchema)]
pub struct Contradicted {
    dispute: String,
    agency: String,
    basis: String,
}

/// Open disputes between the same parties over the same.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quarrel {
    matter: Option<String>,
    parties: Vec<String>,
    disputes: Vec<OfQuarrel>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OfQuarrel {
    dispute: String,
    clue: String,
    area: Option<String>,
    /// What its open step is called.
    step: &'static str,
    opened_at: String,
}

/// All of them, each with those that it contradicts.
pub fn proposals(all: &[Proposed]) -> Vec<Proposal> {
    all.iter().map(|it| proposal(it, all)).collect()
}

/// The proposals that `it` contradicts.
pub fn contradicted<'a>(it: &'a Proposed, all: &'a [Proposed]) -> impl Iterator<Item = &'a Proposed> {
    let is = move |other: &&Proposed| it.contradicted_by.contains(&other.precedent.provenance);
    all.iter().filter(is)
}

fn proposal(it: &Proposed, all: &[Proposed]) -> Proposal {
    let precedent = &it.precedent;
    let contradicts = contradicted(it, all).map(|other| Contradicted {
        dispute: other.precedent.provenance.to_string(),
        agency: other.precedent.agency.to_string(),
        basis: other.precedent.basis.clone(),
    });
    Proposal {
        dispute: precedent.provenance.to_string(),
        clue: it.clue.to_string(),
        matter: precedent.matter.to_string(),
        area: precedent.area.to_string(),
        agency: precedent.agency.to_string(),
        from: precedent.from.to_string(),
        to: precedent.to.map(|day| day.to_string()),
        layer: precedent.layer.as_str(),
        basis: precedent.basis.clone(),
        by: precedent.by.as_str(),
        row: precedent.row(),
        state: it.row.map_or("proposed", |_| "taken_over"),
        line: it.row,
        contradicts: contradicts.collect(),
    }
}

pub fn quarrels(groups: &[Vec<Shown>]) -> Vec<Quarrel> {
    groups.iter().filter_map(|group| quarrel(group)).collect()
}

fn quarrel(group: &[Shown]) -> Option<Quarrel> {
    let first = &group.first()?.dispute;
    let of_quarrel = |it: &Shown| OfQuarrel {
        dispute: it.dispute.id.to_string(),
        clue: it.dispute.opening.clue.to_string(),
        area: it.dispute.opening.area.as_ref().map(ToString::to_string),
        step: it.dispute.name(),
        opened_at: it.dispute.opened_at.to_string(),
    };
    Some(Quarrel {
        matter: first.opening.matter.as_ref().map(ToString::to_string),
        parties: first.parties.iter().map(|it| it.agency.to_string()).collect(),
        disputes: group.iter().map(of_quarrel).collect(),
    })
}
