//! What is told to somebody whose activation or withdrawal is refused: what stands in the way, and what to do.

use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::{Activations, State};
use bihuan_store::activation::Request;

use crate::failure::Failure;

/// A point in time as people of the rulebook's zone say it.
pub(crate) fn civil(at: Timestamp, rulebook: &Rulebook) -> String {
    let civil = rulebook.zone.to_datetime(at.to_jiff());
    civil.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

pub(super) fn in_the_past(at: Timestamp, rulebook: &Rulebook) -> Failure {
    let at = civil(at, rulebook);
    Failure::usage(
        format!("启用时间 {at} 已过：已作出的派遣不会改写；请给出将来的时间，或不写 --at 立即启用"),
        format!(
            "{at} is in the past, and what was decided is never rewritten; name a time to come, or leave out --at for now"
        ),
    )
}

pub(super) fn in_the_way(pending: &Request, state: State, rulebook: &Rulebook) -> Failure {
    let Request { version, by, why, .. } = pending;
    let asked = civil(pending.asked_at, rulebook);
    let from = pending.from.map(|from| civil(from, rulebook)).unwrap_or_default();
    match state {
        State::Waits => Failure::usage(
            format!(
                "规则库 {version} 已定于 {from} 启用（{by} 于 {asked} 提出：{why}）；请等其生效，或先用 bihuan rulebook withdraw 撤销"
            ),
            format!(
                "rulebook {version} takes effect at {from} (asked by {by} at {asked}: {why}); wait until then, or withdraw it first \
                 with bihuan rulebook withdraw"
            ),
        ),
        State::BeingWithdrawn => Failure::usage(
            format!(
                "规则库 {version} 的启用正在撤销（{by} 于 {asked} 提出）；请重复 bihuan rulebook withdraw 将其完成"
            ),
            format!(
                "the activation of rulebook {version} (asked by {by} at {asked}) is being withdrawn; repeat bihuan rulebook withdraw \
                 to finish that"
            ),
        ),
        _ => Failure::usage(
            format!(
                "规则库 {version} 正在启用（{by} 于 {asked} 提出：{why}）；请稍后再试，若已中断，请重复该命令将其完成"
            ),
            format!(
                "rulebook {version} is being activated (asked by {by} at {asked}: {why}); try again later, or if that was broken off, \
                 repeat that command to finish it"
            ),
        ),
    }
}

pub(super) fn nothing_waits(
    book: &Activations,
    version: Option<&str>,
    now: Timestamp,
    rulebook: &Rulebook,
) -> Failure {
    let mut held = book.requests.iter().rev();
    let held = held.find(|it| it.withdrawal.is_none() && version.is_none_or(|version| it.version == version));
    match held.and_then(|it| Some((it, it.from.filter(|from| *from <= now)?))) {
        Some((Request { version, .. }, from)) => {
            let from = civil(from, rulebook);
            Failure::usage(
                format!("规则库 {version} 自 {from} 起已生效，不能撤销；如要恢复，请重新启用原来的规则库"),
                format!(
                    "rulebook {version} holds since {from} and cannot be withdrawn; to go back, activate the former one again"
                ),
            )
        }
        None => Failure::usage(
            "没有等待生效的启用；请用 bihuan rulebook list 查看",
            "no such activation waits for its time; see bihuan rulebook list",
        ),
    }
}
