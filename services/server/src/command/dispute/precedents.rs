//! `bihuan dispute precedents`: every duty that a dispute proposes, and what became of the proposal.

use std::process::ExitCode;

use bihuan_dispute::Proposed;
use bihuan_domain::lang::Lang;
use bihuan_monitor::words::Words;
use serde_json::{Value, json};

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
        output::json(&found.iter().map(|it| shown(it, &found)).collect::<Vec<_>>())?;
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
            state(it, lang),
            against(it, &found, words),
        ]
    });
    output::line(&Grid::new(header, rows).render(common.format)?)?;
    Ok(ExitCode::SUCCESS)
}

const fn word(it: &Proposed) -> &'static str {
    match it.row {
        Some(_) => "taken_over",
        None => "proposed",
    }
}

fn state(it: &Proposed, lang: Lang) -> String {
    match (it.row, lang) {
        (Some(line), Lang::Zh) => format!("已采纳，第 {line} 行"),
        (Some(line), Lang::En) => format!("taken over, line {line}"),
        (None, _) => lang.choose("待采纳", "proposed").to_owned(),
    }
}

/// The rulings that it contradicts: to whom they give it, by what.
fn rulings<'a>(it: &'a Proposed, all: &'a [Proposed]) -> impl Iterator<Item = &'a Proposed> {
    let is = move |other: &&Proposed| it.contradicted_by.contains(&other.precedent.provenance);
    all.iter().filter(is)
}

fn against(it: &Proposed, all: &[Proposed], words: Words<'_>) -> String {
    let others = rulings(it, all).map(|other| {
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

fn shown(it: &Proposed, all: &[Proposed]) -> Value {
    let precedent = &it.precedent;
    let contradicts = rulings(it, all).map(|other| {
        json!({
            "dispute": other.precedent.provenance,
            "agency": other.precedent.agency.as_str(),
            "basis": other.precedent.basis,
        })
    });
    json!({
        "dispute": precedent.provenance,
        "clue": it.clue,
        "matter": precedent.matter.as_str(),
        "area": precedent.area.as_str(),
        "agency": precedent.agency.as_str(),
        "from": precedent.from.to_string(),
        "layer": precedent.layer.as_str(),
        "by": precedent.by,
        "basis": precedent.basis,
        "row": precedent.row(),
        "state": word(it),
        "line": it.row,
        "contradicts": contradicts.collect::<Vec<_>>(),
    })
}
