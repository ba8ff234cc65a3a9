//! What numbers, stages and holders are called on screen; the words are those of the glossary.

use bihuan_domain::figures::{Basis, By, HolderKind, Split};
use bihuan_domain::lang::Lang;

type Pair = (&'static str, &'static str);

/// A name of counts, dispositions, parts or flow. A name that is not known here stays as it is.
pub(super) fn count(lang: Lang, name: &str) -> String {
    let (zh, en) = match name {
        "clues" => ("线索", "clues"),
        "open" => ("未闭环", "open"),
        "open_overdue" => ("超期", "overdue"),
        "triage" => ("待人工分派", "in triage"),
        "suspended" => ("挂账", "suspended"),
        "disputed" => ("争议", "in dispute"),
        "flagged" => ("有标记", "flagged"),
        "dispatched" => ("已派遣", "dispatched"),
        "closed_with_deadline" => ("有时限且已闭环", "closed, with a deadline"),
        "closed_on_time" => ("按期闭环", "closed on time"),
        "closed_unstated" => ("闭环未注明结论", "closed, unstated"),
        "returns" => ("退单（次）", "returns (times)"),
        "transfers" => ("转办（次）", "transfers (times)"),
        "suspended_overdue" => ("挂账且超期", "suspended and overdue"),
        "closed_recorded" => ("来源平台已闭环", "closed by the source"),
        "closed_substantive" => ("实质性办结", "closed, substantive"),
        "closed_interim" => ("阶段性办结", "closed, interim"),
        "closed_procedural" => ("程序性办结", "closed, procedural"),
        "dispatched_recorded" => ("来源平台已派遣", "dispatched by the source"),
        "routed_closed" => ("本系统首派且已闭环", "routed here and closed"),
        "routed_right" => ("首派即承办", "routed right at first"),
        "self_handled" => ("自办自结", "self-handled"),
        "closed_at_source" => ("上报时已办结", "closed when first seen"),
        "discrepancies" => ("与来源不一致", "not as the source says"),
        "urged" => ("催办（次）", "urged (times)"),
        "dispatch_ended" => ("派遣已完成（次）", "dispatch done (times)"),
        "dispatch_in_time" => ("按时派遣（次）", "dispatch in time (times)"),
        "dispatch_overdue" => ("派遣超时未完成（次）", "dispatch overdue (times)"),
        "triage_ended" => ("人工分派已完成（次）", "triage done (times)"),
        "triage_in_time" => ("按时人工分派（次）", "triage in time (times)"),
        "triage_overdue" => ("人工分派超时未完成（次）", "triage overdue (times)"),
        "coordination_ended" => ("协调已完成（次）", "coordination done (times)"),
        "coordination_in_time" => ("按时协调（次）", "coordination in time (times)"),
        "coordination_overdue" => ("协调超时未完成（次）", "coordination overdue (times)"),
        "assist_answered" => ("协办已办复（次）", "assistance answered (times)"),
        "assist_in_time" => ("协办按时办复（次）", "assistance in time (times)"),
        "assist_overdue" => ("协办超时未办复（次）", "assistance overdue (times)"),
        "arrive_ended" => ("吹哨已到场（次）", "calls answered on the spot (times)"),
        "arrive_in_time" => ("吹哨按时到场（次）", "arrivals in time (times)"),
        "arrive_overdue" => ("吹哨超时未到场（次）", "arrivals overdue (times)"),
        "calls_rated" => ("吹哨已评价（次）", "calls rated (times)"),
        "rating_points" => ("吹哨评价总分", "points of ratings"),
        "acknowledge_ended" => ("签收已完成（次）", "acknowledgement done (times)"),
        "acknowledge_in_time" => ("按时签收（次）", "acknowledgement in time (times)"),
        "acknowledge_overdue" => ("签收超时未完成（次）", "acknowledgement overdue (times)"),
        "handle_ended" => ("处置已完成（次）", "handling done (times)"),
        "handle_in_time" => ("按时处置（次）", "handling in time (times)"),
        "handle_overdue" => ("处置超时未完成（次）", "handling overdue (times)"),
        "check_ended" => ("核查已完成（次）", "check done (times)"),
        "check_in_time" => ("按时核查（次）", "check in time (times)"),
        "check_overdue" => ("核查超时未完成（次）", "check overdue (times)"),
        "extended" => ("获准延期", "granted more time"),
        "extensions" => ("延期（次）", "extensions (times)"),
        "ever_suspended" => ("曾挂账", "ever suspended"),
        "suspensions" => ("挂账（次）", "suspensions (times)"),
        "backlog" => ("积存", "backlog"),
        "closed_on_time_raw" => (
            "按期闭环（不计延期、挂账）",
            "closed on time, without extensions and suspensions",
        ),
        "open_overdue_raw" => (
            "超期（不计延期、挂账）",
            "overdue, without extensions and suspensions",
        ),
        "provisional" => ("期限暂定", "due times provisional"),
        "overdue_within_1_day" => ("超期不足 1 天", "overdue for up to 1 day"),
        "overdue_within_3_days" => ("超期 1 至 3 天", "overdue for 1 to 3 days"),
        "overdue_within_10_days" => ("超期 3 至 10 天", "overdue for 3 to 10 days"),
        "overdue_within_30_days" => ("超期 10 至 30 天", "overdue for 10 to 30 days"),
        "overdue_beyond_30_days" => ("超期 30 天以上", "overdue for more than 30 days"),
        "used_seconds_late" => ("超期件已用时间（秒）", "time that late ones took (s)"),
        "limit_seconds_late" => ("超期件规定时间（秒）", "time that late ones had (s)"),
        "rejected" => ("不予受理", "rejected"),
        "voided" => ("作废", "voided"),
        "merged" => ("并案", "merged"),
        "closed" => ("已闭环", "closed"),
        "reopened" => ("重开", "reopened"),
        "opening" => ("期初未闭环", "opening stock"),
        "received" => ("接收", "received"),
        "closing" => ("期末未闭环", "closing stock"),
        other => match of_record(other).or_else(|| of_holder(other)) {
            Some(words) => words,
            None => return other.to_owned(),
        },
    };
    lang.choose(zh, en).to_owned()
}

/// What became of records and messages.
fn of_record(name: &str) -> Option<Pair> {
    Some(match name {
        "new" => ("新增", "new"),
        "updated" => ("更新", "updated"),
        "unchanged" => ("重复", "unchanged"),
        "stale" => ("过期", "stale"),
        "feedback" => ("反馈", "feedback"),
        "skipped" => ("略过", "skipped"),
        "quarantined" => ("隔离", "quarantined"),
        "in_flight" => ("处理中", "in flight"),
        "ahead" => ("先到的结果", "known ahead"),
        "accepted" => ("已接收入库", "accepted"),
        "replayed" => ("重读", "replayed"),
        "discarded" => ("丢弃", "discarded"),
        "due" => ("应回传", "due"),
        "acknowledged" => ("已送达", "acknowledged"),
        "pending" => ("待发送", "pending"),
        "failed" => ("未送达", "failed"),
        "less replayed" => ("减：重读", "less replayed"),
        "less discarded" => ("减：丢弃", "less discarded"),
        "waiting in quarantine" => ("隔离区待处理", "waiting in quarantine"),
        _ => return None,
    })
}

fn of_holder(name: &str) -> Option<Pair> {
    let kind = HOLDERS.iter().find(|kind| kind.as_str() == name)?;
    Some(holder(*kind))
}

/// A term of a sum: a name, or one after `part.` or `flow.`.
pub(super) fn term(lang: Lang, name: &str) -> String {
    match name.split_once('.') {
        Some(("part", part)) => self::part(lang, part).to_owned(),
        Some((_, flow)) => count(lang, flow),
        None if name == "quarantined" => lang.choose("无法读取", "unreadable").to_owned(),
        None => count(lang, name),
    }
}

pub(super) fn part(lang: Lang, part: &str) -> &'static str {
    Split::words(part).map_or("", |(zh, en)| lang.choose(zh, en))
}

pub(super) const HOLDERS: [HolderKind; 5] = [
    HolderKind::Routing,
    HolderKind::Triage,
    HolderKind::Coordinator,
    HolderKind::Agency,
    HolderKind::Verification,
];

pub(super) const fn holder(kind: HolderKind) -> Pair {
    match kind {
        HolderKind::Routing => ("自动分派", "routing"),
        HolderKind::Triage => ("人工分派岗", "triage desk"),
        HolderKind::Coordinator => ("协调岗", "coordinator"),
        HolderKind::Agency => ("执法单位", "agency"),
        HolderKind::Verification => ("核查回访岗", "verification"),
    }
}

pub(super) const fn by(by: By) -> Pair {
    match by {
        By::Agency => ("执法单位", "agency"),
        By::Area => ("区划", "area"),
        By::Matter => ("事项", "matter"),
        By::Source => ("来源平台", "source"),
        By::Conclusion => ("结论", "conclusion"),
        By::Month => ("上报月份", "month of report"),
        By::Campaign => ("专项行动", "campaign"),
    }
}

pub(super) const fn basis(basis: Basis) -> Pair {
    match basis {
        Basis::Cohort => ("同期口径", "cohort"),
        Basis::Flow => ("流量口径", "flow"),
    }
}

/// What became of a quarantined record.
pub(super) fn fate(lang: Lang, fate: &str) -> &str {
    match fate {
        "waiting" => lang.choose("待处理", "waiting"),
        "replayed" => lang.choose("已重读", "replayed"),
        "discarded" => lang.choose("已丢弃", "discarded"),
        "kept" => lang.choose("未重读（待处理或已丢弃）", "not replayed (waiting or discarded)"),
        other => other,
    }
}

/// 12345 → 12,345
pub(super) fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::from(if value < 0 { "−" } else { "" });
    for (i, digit) in digits.char_indices() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Hundredths of a per cent, rounded; but what is not everything is never shown as 100 %, nor something as nothing.
pub(super) fn percent(numerator: u64, denominator: u64) -> String {
    if denominator == 0 {
        return "—".to_owned();
    }
    let whole = u128::from(denominator);
    let rounded = (u128::from(numerator) * 20_000 + whole) / (2 * whole);
    let shown = match numerator {
        0 => 0,
        part if part < denominator => rounded.clamp(1, 9_999),
        _ => rounded,
    };
    format!("{}.{:02}%", shown / 100, shown % 100)
}

/// As often per thing: two decimals.
pub(super) fn times(numerator: u64, denominator: u64) -> String {
    if denominator == 0 {
        return "—".to_owned();
    }
    format!("{:.2}", numerator as f64 / denominator as f64)
}

#[cfg(test)]
mod tests {
    use bihuan_domain::figures::{Counts, Flow, Records};

    use super::*;

    #[test]
    fn a_hundred_per_cent_is_everything_and_nothing_less() {
        assert_eq!(percent(99_999, 100_000), "99.99%");
        assert_eq!(percent(100_000, 100_000), "100.00%");
        assert_eq!(percent(1, 1_000_000), "0.01%");
        assert_eq!(percent(0, 7), "0.00%");
        assert_eq!(percent(0, 0), "—");
        assert_eq!(percent(911, 972), "93.72%");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            [0, 999, 1000, -1_234_567].map(number),
            ["0", "999", "1,000", "−1,234,567"]
        );
    }

    #[test]
    fn every_count_has_words() {
        let counts = Counts::default();
        let names = counts
            .entries()
            .chain(Flow::default().entries().collect::<Vec<_>>())
            .chain(Records::default().entries().collect::<Vec<_>>());
        for (name, _) in names {
            assert!(!count(Lang::Zh, name).is_ascii(), "{name}");
            assert!(count(Lang::En, name).is_ascii(), "{name}");
        }
    }
}
