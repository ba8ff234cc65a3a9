//! `bihuan dispute precedents`: every duty that a dispute proposes, and what became of the proposal.

use std::process::ExitCode;

use bihuan_dispute::Proposed;
use bihuan_domain::lang::Lang;
use bihuan_monitor::proposals::{contradicted, proposals};
use bihuan_monitor::words::Words;

use crate::cli::Common;
use crate::failure::Outcome;
use crate::output::{self, Grid};
use crate::session::Reading;

pub(super) async fn list(common: &Common) -> Outcome {
    let reading = Reading::open(common).await?;
    let active = reading.rulebook().await?;
    let rulebook = active.rulebook();
    let found = bihuan_dispute::precedents(&reading.store, rulebook).await?;
    if common.is_json() {
        output::json(&proposals(&found))?;
        return Ok(ExitCode::SUCCESS);
    }
    let lang = common.lang();
    let words = Words { lang, rulebook };
    let header = match lang {
        Lang::Zh => ["争议", "事项", "区域", "主管单位", "自", "依据", "状态", "矛盾"],
        Lang::En => [
            "dispute",
            "matter",
            "area",
            "agency",
            "from",
            "basis",
            "state",
            "contradicts",
        ],
    };
    let rows = found.iter().map(|it| {
        let precedent = &it.precedent;
        vec![
            precedent.provenance.to_string(),
            words.matter(&precedent.matter),
            words.area(&precedent.area),
            words.agency(&precedent.agency),
            precedent.from.to_string(),
            precedent.basis.clone(),
            state(it, words),
            against(it, &found, words),
        ]
    });
    output::line(&Grid::new(header, rows).render(common.format)?)?;
    Ok(ExitCode::SUCCESS)
}

fn state(it: &Proposed, words: Words<'_>) -> String {
    let state = words.precedent_state(it.row.is_some());
    match (it.row, words.lang) {
        (Some(line), Lang::Zh) => format!("{state}，第 {line} 行"),
        (Some(line), Lang::En) => format!("{state}, line {line}"),
        (None, _) => state.to_owned(),
    }
}

fn against(it: &Proposed, all: &[Proposed], words: Words<'_>) -> String {
    let others = contradicted(it, all).map(|other| {
        let other = &other.precedent;
        format!(
            "{} ({}, {})",
            words.agency(&other.agency),
            other.basis,
            other.provenance
        )
    });
    others.collect::<Vec<_>>().join(words.lang.choose("；", "; "))
}
