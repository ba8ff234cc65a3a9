//! A back-test in words.

use bihuan_domain::code::AgencyId;
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::{Backtest, Shift};
use serde_json::Value;

use super::Words;

/// So many of so many, and the ratio: none of nothing.
pub fn share(part: u64, whole: u64) -> String {
    match whole {
        0 => "—".to_owned(),
        _ => format!("{part} / {whole} ({:.2} %)", part as f64 * 100.0 / whole as f64),
    }
}

/// The sums, one a line.
pub fn sums(found: &Backtest, lang: Lang) -> Vec<(&'static str, String)> {
    let say = |zh, en| lang.choose(zh, en);
    let reasons: Vec<_> = found
        .triage_reasons
        .iter()
        .map(|(reason, clues)| format!("{reason} {clues}"))
        .collect();
    let mut sums = vec![
        (say("线索", "clues"), found.clues.to_string()),
        (
            say("另派别处", "would go elsewhere"),
            share(found.changed, found.clues),
        ),
        (
            say("首派正确（原）", "right first time, as it was"),
            share(found.right_before, found.judged_before),
        ),
        (
            say("首派正确（同一批，改后）", "of these, by the candidate"),
            share(found.right_after_of_these, found.judged_before),
        ),
        (
            say(
                "来源只记录最终单位",
                "recorded by the source, first agency unknown",
            ),
            found.recorded.to_string(),
        ),
        (
            say("首派正确（全部，改后）", "right, by the candidate, of all judged"),
            share(found.right_after, found.judged),
        ),
        (
            say("原正确、改后错误", "right before, wrong after"),
            found.spoiled.to_string(),
        ),
        (
            say("可免转办次数", "moves avoided"),
            found.moves_avoided.to_string(),
        ),
        (
            say("转人工（原）", "triage, as it was"),
            found.triage_before.to_string(),
        ),
        (
            say("转人工（改后）", "triage, by the candidate"),
            found.triage_after.to_string(),
        ),
    ];
    if !reasons.is_empty() {
        sums.push((
            say("转人工原因", "why triage"),
            reasons.join(lang.choose("，", ", ")),
        ));
    }
    sums
}

impl Words<'_> {
    /// The sums that are recorded with an activation, in a line.
    pub fn tested(self, summary: &Value) -> String {
        let sum = |name: &str| summary[name].as_u64().unwrap_or_default();
        let (clues, changed) = (sum("clues"), sum("changed"));
        let [judged, before, after] = ["judged_before", "right_before", "right_after_of_these"].map(sum);
        let from = summary["from"].as_str().unwrap_or_default();
        match self.lang {
            Lang::Zh => format!(
                "自 {from} 起 {clues} 条线索：另派 {changed}；{judged} 条中首派正确 {before} → {after}"
            ),
            Lang::En => format!(
                "{clues} clues from {from} on: {changed} would go elsewhere; of {judged}, right first time {before} → {after}"
            ),
        }
    }

    /// From, to, clues, of which `from` was right, of which `to`, some of their numbers.
    pub fn shift(self, it: &Shift) -> [String; 6] {
        let whom = |agency: &Option<AgencyId>| match agency {
            Some(agency) => self.agency(agency),
            None => self.lang.choose("转人工", "triage").to_owned(),
        };
        [
            whom(&it.from),
            whom(&it.to),
            it.clues.to_string(),
            it.from_right.to_string(),
            it.to_right.to_string(),
            it.examples.join(" "),
        ]
    }
}
