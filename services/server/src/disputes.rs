//! A dispute told to people: for `dispute show` and `explain`.

use bihuan_dispute::api::Told;
use bihuan_domain::code::AgencyId;
use bihuan_domain::dispute::{Holder, Occurrence, Outcome, Standing};
use bihuan_domain::lang::Lang;
use bihuan_monitor::words::Words;

/// (what, value) of how the dispute stands.
pub(crate) fn lines(told: &Told, words: Words<'_>) -> Vec<(&'static str, String)> {
    let lang = words.lang;
    let say = |zh, en| lang.choose(zh, en);
    let dispute = told.dispute();
    let standing = format!("{} [{}]", dispute.standing_words(lang), dispute.name());
    let due = dispute.deadline().map(|it| {
        let provisional = if it.provisional {
            say("（暂定）", " (provisional)")
        } else {
            ""
        };
        format!("{}{provisional}", words.time(it.at))
    });
    let holder = dispute.holder().map(|it| match it {
        Holder::Agency(agency) => words.agency(agency),
        Holder::Coordinator(forum) => words.forum(forum),
    });
    let agency = |it: &AgencyId| words.agency(it);
    let lines = [
        (say("争议", "dispute"), Some(dispute.id.to_string())),
        (say("状态", "stands at"), Some(standing)),
        (
            say("提出", "opened"),
            Some(format!(
                "{}  {}",
                words.time(dispute.opened_at),
                words.actor(&dispute.opened_by)
            )),
        ),
        (say("处理层级", "before"), Some(words.forum(&dispute.forum))),
        (say("截止", "due"), due),
        (say("期限计算", "working"), told.working(lang)),
        (say("线索当前由", "the clue is held by"), holder),
        (say("牵头单位", "lead"), dispute.lead.as_ref().map(agency)),
        (
            say("申请单位", "applicant"),
            dispute.applicant.as_ref().map(agency),
        ),
        (
            say("协调意见", "opinion"),
            dispute.opinion.as_ref().map(|it| words.agency(&it.agency)),
        ),
        (say("申请复核", "appeals"), dispute.appellant.as_ref().map(agency)),
        (say("主办单位", "responsible"), dispute.responsible().map(agency)),
        (say("拒不执行", "breaches"), breaches(told, words)),
        (say("结束", "ended"), ended(told, words)),
        (say("版本", "version"), Some(told.shown.version.to_string())),
    ];
    let there = lines.into_iter().filter_map(|(what, value)| Some((what, value?)));
    there.collect()
}

fn breaches(told: &Told, words: Words<'_>) -> Option<String> {
    let all = told.dispute().breaches.iter().map(|it| {
        let (agency, since) = (words.agency(&it.agency), words.time(it.since));
        match (it.ended.map(|at| words.time(at)), words.lang) {
            (Some(ended), Lang::Zh) => format!("{agency} 自 {since} 至 {ended}"),
            (Some(ended), Lang::En) => format!("{agency} from {since} to {ended}"),
            (None, Lang::Zh) => format!("{agency} 自 {since}"),
            (None, Lang::En) => format!("{agency} since {since}"),
        }
    });
    let all: Vec<_> = all.collect();
    (!all.is_empty()).then(|| all.join(words.lang.choose("；", "; ")))
}

fn ended(told: &Told, words: Words<'_>) -> Option<String> {
    let Standing::Ended { outcome, at } = &told.dispute().standing else {
        return None;
    };
    let agency = match outcome {
        Outcome::Settled { agency, .. } | Outcome::CarriedOut { agency } => words.agency(agency),
        Outcome::Refused { .. } | Outcome::Withdrawn | Outcome::ClueEnded { .. } => String::new(),
    };
    let told = format!("{}  {} {agency}", words.time(*at), outcome.words(words.lang));
    Some(told.trim_end().to_owned())
}

/// A line each event, and one more for what was said with it.
pub(crate) fn history(told: &Told, words: Words<'_>) -> Vec<String> {
    let event = |it: &Occurrence| {
        let Occurrence {
            version,
            at,
            actor,
            event,
            ..
        } = it;
        let line = format!(
            "{version:>4}  {}  {}  — {}",
            words.time(*at),
            words.dispute_event(event),
            words.actor(actor)
        );
        let remark = told.remark(it).map(|remark| format!("      “{remark}”"));
        [Some(line), remark].into_iter().flatten()
    };
    told.history.iter().flat_map(event).collect()
}
