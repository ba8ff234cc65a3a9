//! A check in a terminal: each record before and after, then what to mend.

use bihuan_domain::clue::Flag;
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_mapping::{Finding, Mapping, Preview, Raw, Shown, Summary, Traced};
use bihuan_monitor::words::Words;

use super::Compared;
use crate::failure::Failure;
use crate::output::{self, Grid};

/// Columns of a terminal.
pub(super) const WIDTH: u16 = 100;
/// How much of a value is shown, in characters.
const LONGEST: usize = 72;
/// How many findings a person is shown; JSON has them all.
const FINDINGS: usize = 20;

/// One record before and after.
pub(super) fn record(record: &Preview, mapping: &Mapping, lang: Lang) -> Result<(), Failure> {
    let line = record.line.unwrap_or(0);
    let what = disposition(record.disposition, lang);
    output::line(&match lang {
        Lang::Zh => format!("\n第 {line} 行：{what}"),
        Lang::En => format!("\nline {line}: {what}"),
    })?;
    if let Some(reason) = record.reason {
        let (zh, en) = bihuan_intake::words(reason);
        output::line(&format!("  {reason}: {}", lang.choose(zh, en)))?;
    }
    match &record.shown {
        Some(Shown::Text(text)) => output::line(&format!("  {}", short(text.trim_end())))?,
        Some(Shown::Withheld { length, sha256 }) => {
            let hidden = lang.choose("含个人信息，不显示", "not shown, it may name persons");
            output::line(&format!("  {hidden}; {length} B, sha256 {sha256}"))?;
        }
        None => {}
    }
    if record.disposition == "skipped" || record.fields.is_empty() {
        return Ok(());
    }
    let header = match lang {
        Lang::Zh => ["字段", "来源", "之前", "之后"],
        Lang::En => ["field", "column", "before", "after"],
    };
    let mut rows: Vec<_> = record.fields.iter().map(|field| row(field, lang)).collect();
    rows.extend(mapping.personal().map(|column| {
        let kept = lang.choose("（个人信息，不保存）", "(personal, not kept)");
        ["personal", column, "***", kept].map(str::to_owned).to_vec()
    }));
    output::line(&Grid::new(header, rows).within(WIDTH))?;
    others(record, lang)
}

fn disposition(word: &str, lang: Lang) -> &'static str {
    match word {
        "clue" => lang.choose("成为线索", "becomes a clue"),
        "feedback" => lang.choose("成为执法单位的命令", "becomes an agency's command"),
        "deletion" => lang.choose(
            "来源已删除，只剩编号",
            "was removed at the source, nothing but its id is left",
        ),
        "quarantined" => lang.choose("隔离", "goes to quarantine"),
        _ => lang.choose("略过", "is skipped"),
    }
}

fn row(field: &Traced, lang: Lang) -> Vec<String> {
    let names: Vec<&str> = field.from.iter().map(|raw| &*raw.column).collect();
    let texts: Vec<String> = field.from.iter().map(before).collect();
    let mut after = field.becomes.as_deref().map(short).unwrap_or_default();
    for flag in &field.flags {
        let gap = if after.is_empty() { "" } else { " " };
        after = format!("{after}{gap}⚑ {}", words(*flag, lang));
    }
    if after.is_empty() {
        after.push('—');
    }
    vec![field.key.clone(), names.join(", "), texts.join(", "), after]
}

fn before(raw: &Raw) -> String {
    raw.text.as_deref().map_or_else(|| "—".to_owned(), short)
}

/// Flags that no field shown is the cause of.
fn others(record: &Preview, lang: Lang) -> Result<(), Failure> {
    let Some(report) = &record.report else {
        return Ok(());
    };
    let is_shown = |flag: &&Flag| record.fields.iter().any(|field| field.flags.contains(flag));
    let rest: Vec<_> = report.flags.iter().filter(|flag| !is_shown(flag)).collect();
    rest.into_iter()
        .try_for_each(|flag| output::line(&format!("⚑ {}", words(*flag, lang))))
}

fn words(flag: Flag, lang: Lang) -> &'static str {
    let none = Rulebook::none();
    let words = Words {
        lang,
        rulebook: &none,
    };
    words.flag(flag)
}

fn short(text: &str) -> String {
    let flat = text.replace(['\n', '\r', '\t'], " ");
    match flat.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &flat[..at]),
        None => flat,
    }
}

/// What became of the sample, and what to write where.
pub(super) fn summary(summary: &Summary, compared: Compared, lang: Lang) -> Result<(), Failure> {
    let counts = summary.dispositions.iter();
    let counts: Vec<_> = counts
        .map(|(word, count)| format!("{} {count}", disposition(word, lang)))
        .collect();
    let (records, counts) = (summary.records, counts.join(lang.choose("，", ", ")));
    output::line(&match lang {
        Lang::Zh => format!("\n样本前 {records} 条：{counts}"),
        Lang::En => format!("\nthe first {records} records of the sample: {counts}"),
    })?;
    let reasons = summary.quarantined_by_reason.iter().map(|(reason, count)| {
        let lines = summary
            .quarantined_lines
            .get(reason)
            .map_or(&[][..], Vec::as_slice);
        let what = format!(
            "{}: {reason}{}",
            disposition("quarantined", lang),
            at(lines, *count, lang)
        );
        (what, *count)
    });
    let flags = summary
        .flags
        .iter()
        .map(|(flag, count)| (format!("⚑ {}", words(*flag, lang)), *count));
    for (what, count) in reasons.chain(flags) {
        output::line(&format!("  {count:>6}  {what}"))?;
    }
    findings(&summary.findings, lang)?;
    if compared == Compared::WithNone {
        for line in without_rulebook(lang) {
            output::line(line)?;
        }
    }
    Ok(())
}

/// What a check without a rulebook leaves open.
const fn without_rulebook(lang: Lang) -> [&'static str; 3] {
    match lang {
        Lang::Zh => [
            "编码未与规则库核对：加 --rulebook DIR，则按名称查找。",
            "没有规则库时，可作代码的词照收（区划只认字母和数字），其余标为未知；",
            "线索数和办结数不受影响。",
        ],
        Lang::En => [
            "codes were compared with no rulebook: with --rulebook DIR names are looked up.",
            "Without one, what may be a code is taken as it stands (of an area only letters and digits),",
            "anything else is unknown; no count of clues and closings depends on it.",
        ],
    }
}

/// Where the first of so many stand.
fn at(lines: &[u64], count: usize, lang: Lang) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let numbers: Vec<String> = lines.iter().map(u64::to_string).collect();
    let more = if count > lines.len() { " …" } else { "" };
    match lang {
        Lang::Zh => format!("（第 {} 行{more}）", numbers.join("、")),
        Lang::En => format!(" (line {}{more})", numbers.join(", ")),
    }
}

fn findings(findings: &[Finding], lang: Lang) -> Result<(), Failure> {
    if findings.is_empty() {
        return Ok(());
    }
    let header = match lang {
        Lang::Zh => ["条数", "映射", "来源的值", "怎么写"],
        Lang::En => ["records", "mapping", "source's value", "what to write"],
    };
    let rows = findings.iter().take(FINDINGS).map(|finding| {
        let place = match (finding.line, lang) {
            (0, _) => finding.key.clone(),
            (line, Lang::Zh) => format!("第 {line} 行 {}", finding.key),
            (line, Lang::En) => format!("line {line} {}", finding.key),
        };
        let value = if finding.text.is_empty() {
            format!("{}: —", finding.column)
        } else {
            format!("{}: {}", finding.column, short(&finding.text))
        };
        let advice = lang.choose(&finding.advice.zh, &finding.advice.en);
        vec![finding.count.to_string(), place, value, advice.to_owned()]
    });
    output::line("")?;
    output::line(&Grid::new(header, rows).within(WIDTH))?;
    let more = findings.len().saturating_sub(FINDINGS);
    if more > 0 {
        output::line(&match lang {
            Lang::Zh => format!("另有 {more} 项，见 --format json"),
            Lang::En => format!("{more} more with --format json"),
        })?;
    }
    Ok(())
}
