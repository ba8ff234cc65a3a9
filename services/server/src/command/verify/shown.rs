//! A proof for people.

use bihuan_domain::lang::Lang;

use super::{Check, Proof};
use crate::failure::Failure;
use crate::output;

/// The longest value that a table shows.
const SHOWN: usize = 300;

pub(super) fn print(proof: &Proof, lang: Lang) -> Result<(), Failure> {
    let header = match lang {
        Lang::Zh => ["检查", "比较", "差异"],
        Lang::En => ["check", "compared", "differences"],
    };
    let rows = proof.checks.iter().map(|check| {
        let [title, things] = words(check.id, lang);
        [
            title.to_owned(),
            format!("{} {things}", check.compared),
            check.differences.to_string(),
        ]
    });
    output::line(&output::table(header, rows))?;
    for check in proof.checks.iter().filter(|check| check.differences > 0) {
        differences(check, lang)?;
    }
    for refolded in proof.checks.iter().filter_map(|check| check.refolded) {
        if refolded > 0 {
            let (zh, en) = (
                format!("{refolded} 条线索状态为其他版本的格式，已由其事件重放后比较。"),
                format!(
                    "{refolded} clue states are of another version's format; they were compared after folding their events again."
                ),
            );
            output::line(lang.choose(&zh, &en))?;
        }
    }
    if !proof.settled {
        let (zh, en) = (
            format!(
                "尚有 {} 条记录在处理中，未在上述证明之内；处理完后请再次运行。",
                proof.in_flight
            ),
            format!(
                "{} records are still on their way and not part of this proof; run it again at rest.",
                proof.in_flight
            ),
        );
        output::line(lang.choose(&zh, &en))?;
    }
    let verdict = if proof.good {
        lang.choose("全部一致。", "Everything is as the events say.")
    } else {
        lang.choose("存在差异。", "There are differences.")
    };
    output::line(verdict)
}

fn differences(check: &Check, lang: Lang) -> Result<(), Failure> {
    let [title, _] = words(check.id, lang);
    output::line(&format!("\n{title}"))?;
    let (expected, found) = (lang.choose("应为", "expected"), lang.choose("实为", "found"));
    for it in &check.first {
        let clue = it
            .clue
            .as_deref()
            .map(|clue| format!(" {clue}"))
            .unwrap_or_default();
        let place = lang.choose("分区", "partition");
        output::line(&format!("  {}{clue} ({place} {})", it.check, it.partition))?;
        output::line(&format!("    {expected}: {}", cut(&it.expected)))?;
        output::line(&format!("    {found}: {}", cut(&it.found)))?;
    }
    let more = check.differences - check.first.len();
    if more > 0 {
        output::line(&format!(
            "  … {} {more}",
            lang.choose("其余差异", "and further differences:")
        ))?;
    }
    Ok(())
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// What is checked, and what is counted.
fn words(check: &str, lang: Lang) -> [&'static str; 2] {
    let [zh, zh_things, en, en_things] = match check {
        "clues" => [
            "线索状态与时限 = 事件重放与重算；线索日志连续、摘要链完整",
            "个事件",
            "clue states are the fold of their events, clocks computed again; journal dense, digest chain whole",
            "events",
        ],
        "intake_journal" => [
            "接收日志连续、摘要链完整",
            "个事件",
            "intake's journal is dense, its digest chain whole",
            "events",
        ],
        "delivery_journal" => [
            "交付日志连续、摘要链完整",
            "个事件",
            "delivery's journal is dense, its digest chain whole",
            "events",
        ],
        "dispute_journal" => [
            "争议日志连续、摘要链完整",
            "个事件",
            "the dispute journal is dense, its digest chain whole",
            "events",
        ],
        "disputes" => [
            "争议状态 = 事件重放；在办争议与线索一致",
            "起争议",
            "dispute states are the fold of their events; a clue is in dispute where its dispute is open",
            "disputes",
        ],
        "texts" => [
            "文本与事件中的摘要一致（已删除的除外）",
            "段文本",
            "texts have the digests that their events carry (erased ones apart)",
            "texts",
        ],
        "projection" => [
            "监督表 = 日志重放（至其位点）",
            "个事件",
            "monitor's rows and tallies are the fold of the journals up to its positions",
            "events",
        ],
        "holders" => [
            "每条在办线索有且只有一个责任方和下一步",
            "条线索",
            "every open clue has one holder and a next step",
            "clues",
        ],
        "callbacks" => [
            "回传各在其位，与交付日志一致",
            "个回传",
            "every callback stands where delivery's journal says",
            "callbacks",
        ],
        _ => ["账目平衡", "个等式", "the accounts balance", "equations"],
    };
    match lang {
        Lang::Zh => [zh, zh_things],
        Lang::En => [en, en_things],
    }
}
