//! What a proposed duty would decide otherwise, of all clues that are known.

use std::sync::Arc;

use bihuan_domain::code::AgencyId;
use bihuan_domain::dispute::Precedent;
use bihuan_domain::routing::{Backtesting, CompiledRulebook, Duty, Rulebook};
use bihuan_monitor::cases;
use bihuan_store::Store;
use serde::Serialize;

use crate::failure::Failure;

/// Clues that are listed.
const EXAMPLES: usize = 100;

/// As if the row had always held: by the clues of the past it is to be judged, and those are older than it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Tried {
    /// That were routed again, with and without the row.
    pub(super) clues: u64,
    /// That the row decides.
    pub(super) decided: u64,
    /// That go elsewhere with it than without it.
    pub(super) otherwise: u64,
    /// Of these: not closed, closed by the agency that the row names, closed by another one.
    pub(super) open: u64,
    pub(super) right: u64,
    pub(super) wrong: u64,
    /// At most 100.
    pub(super) examples: Vec<Example>,
}

/// A clue that goes elsewhere.
#[derive(Debug, Serialize)]
pub(super) struct Example {
    pub(super) number: String,
    /// By the rulebook without the row; `None`: triage.
    pub(super) from: Option<AgencyId>,
    pub(super) to: Option<AgencyId>,
    /// Who closed it; `None`: nobody has.
    pub(super) closed_by: Option<AgencyId>,
}

/// `line`: which the row has, or would have.
pub(super) async fn tried(
    store: &Store,
    rulebook: &Rulebook,
    precedent: &Precedent,
    line: u32,
) -> Result<Tried, Failure> {
    let of = |duties: Vec<Duty>| {
        let rulebook = Rulebook {
            duties,
            ..rulebook.clone()
        };
        CompiledRulebook::new(Arc::new(rulebook))
    };
    let own = precedent.is_in(rulebook).map(|it| it.line);
    let others = rulebook.duties.iter().filter(|it| Some(it.line) != own);
    let others: Vec<_> = others.cloned().collect();
    let always = Duty {
        from: None,
        to: None,
        ..precedent.duty(line)
    };
    let without = of(others.clone());
    let with = of(others.into_iter().chain([always]).collect());
    let (mut before, mut after) = (Backtesting::new(&without), Backtesting::new(&with));
    let mut tried = Tried::default();
    cases::each(store, &cases::EVER, |case| {
        let (Some(old), Some(new)) = (before.add(case), after.add(case)) else {
            return;
        };
        tried.clues += 1;
        tried.decided += u64::from(new.row == Some(line));
        if old.to == new.to {
            return;
        }
        tried.otherwise += 1;
        match &case.right {
            None => tried.open += 1,
            Some(owner) if *owner == precedent.agency => tried.right += 1,
            Some(_) => tried.wrong += 1,
        }
        if tried.examples.len() < EXAMPLES {
            tried.examples.push(Example {
                number: case.number.clone(),
                from: old.to,
                to: new.to,
                closed_by: case.right.clone(),
            });
        }
    })
    .await?;
    tried.examples.sort_by(|a, b| a.number.cmp(&b.number));
    Ok(tried)
}
