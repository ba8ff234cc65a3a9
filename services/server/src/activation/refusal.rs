//! What is told to somebody whose activation or withdrawal is refused: what stands in the way, and what to do.

use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::{Activations, State};
use bihuan_store::activation::{Request, Withdrawal};

use super::MARGIN_SECONDS;
use crate::failure::Failure;

/// A point in time as people of the rulebook's zone say it, with the zone.
pub(crate) fn civil(at: Timestamp, rulebook: &Rulebook) -> String {
    let zoned = at.to_jiff().to_zoned_datetime(rulebook.zone.clone());
    zoned.strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
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
                "规则库 {version} 的启用（{by} 于 {asked} 提出）正在撤销；bihuan serve 会将其完成，请稍后再试"
            ),
            format!(
                "the activation of rulebook {version} (asked by {by} at {asked}) is being withdrawn; bihuan serve finishes that, try \
                 again later"
            ),
        ),
        _ => Failure::usage(
            format!(
                "规则库 {version} 正在启用（{by} 于 {asked} 提出：{why}）；bihuan serve 会将其完成，请稍后再试，或用 bihuan rulebook \
                 withdraw 撤销"
            ),
            format!(
                "rulebook {version} is being activated (asked by {by} at {asked}: {why}); bihuan serve finishes that, try again later, \
                 or withdraw it with bihuan rulebook withdraw"
            ),
        ),
    }
}

/// Why nothing, or not `version`, can be withdrawn: by what became of the activation that may be meant.
pub(super) fn nothing_waits(
    known: &Activations,
    version: Option<&str>,
    now: Timestamp,
    rulebook: &Rulebook,
) -> Failure {
    let mut asked = known.requests.iter().rev();
    let is_meant =
        |it: &&Request| it.withdrawal.is_none() && version.is_none_or(|version| it.version == version);
    let meant = asked.find(is_meant).map(|it| (it, known.state(it, now)));
    match meant {
        Some((it, State::Holds)) => {
            let version = &it.version;
            let [zh, en] = match it.from.map(|from| civil(from, rulebook)) {
                Some(from) => [format!("自 {from} 起"), format!("since {from}")],
                None => ["对所有线索".to_owned(), "for all clues".to_owned()],
            };
            Failure::usage(
                format!("规则库 {version} {zh}已生效，不能撤销；如要恢复，请重新启用原来的规则库"),
                format!(
                    "rulebook {version} holds {en} and cannot be withdrawn; to go back, activate the former one again"
                ),
            )
        }
        Some((it, State::Waits)) => {
            let (version, from) = (&it.version, it.from.map(|from| civil(from, rulebook)));
            let from = from.unwrap_or_default();
            Failure::usage(
                format!(
                    "规则库 {version} 将于 {from} 生效，距今不足 {MARGIN_SECONDS} 秒，来不及撤销；如要恢复，请在其生效后重新启用原来的规则库"
                ),
                format!(
                    "rulebook {version} takes effect at {from}, in less than {MARGIN_SECONDS} s, which is too late to withdraw it; to go \
                     back, activate the former one again afterwards"
                ),
            )
        }
        Some((it, State::UnderWay)) => {
            let version = &it.version;
            Failure::usage(
                format!(
                    "规则库 {version} 已在部分分区启用，不能撤销；bihuan serve 会将其完成，之后可重新启用原来的规则库"
                ),
                format!(
                    "rulebook {version} is activated in some partitions and cannot be withdrawn; bihuan serve finishes that, and then \
                     you can activate the former one again"
                ),
            )
        }
        _ => Failure::usage(
            "没有可以撤销的启用；请用 bihuan rulebook list 查看",
            "no such activation can be withdrawn; see bihuan rulebook list",
        ),
    }
}

/// Its time came before every partition had the withdrawal.
pub(super) fn too_late(request: &Request, rulebook: &Rulebook) -> Failure {
    let version = &request.version;
    let from = request.from.unwrap_or(request.asked_at);
    let from = civil(from, rulebook);
    Failure::usage(
        format!("撤销未及时：规则库 {version} 自 {from} 起已生效；如要恢复，请重新启用原来的规则库"),
        format!(
            "the withdrawal came too late: rulebook {version} holds since {from}; to go back, activate the former one again"
        ),
    )
}

/// Somebody else was first.
pub(super) fn withdrawn_before(request: &Request, first: &Withdrawal, rulebook: &Rulebook) -> Failure {
    let (version, at) = (&request.version, civil(first.at, rulebook));
    let Withdrawal { by, why, .. } = first;
    Failure::usage(
        format!("规则库 {version} 的启用已由 {by} 于 {at} 撤销（{why}）"),
        format!("the activation of rulebook {version} was withdrawn by {by} at {at} already: {why}"),
    )
}
