//! Disputes over duty in the report about disputes.

use bihuan_domain::figures::{DutyKind, DutyReport, Figure};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_monitor::words::Words;

use super::shown::percent;
use crate::cli::Format;
use crate::failure::Failure;
use crate::output::{self, Grid};

/// As many pairs of parties are printed.
const PRINTED: usize = 50;

/// Every number in a line of its own, for spreadsheets: part, key, number.
pub(super) fn flat(report: &DutyReport) -> Grid {
    let line = |part: &str, key: &str, number: String| vec![part.to_owned(), key.to_owned(), number];
    let counts = report.counts.entries();
    let mut rows: Vec<_> = counts
        .map(|(key, count)| line("count", key, count.to_string()))
        .collect();
    rows.extend(report.figures.iter().map(|figure| {
        let value = figure.value.map_or_else(String::new, |it| it.to_string());
        line("figure", figure.id.as_str(), value)
    }));
    for it in &report.steps {
        let step = it.step.as_str();
        rows.push(line("open", step, it.open.to_string()));
        rows.push(line("open_overdue", step, it.open_overdue.to_string()));
    }
    for it in &report.levels {
        let numbers = [
            ("open_at", it.open),
            ("settled_by_negotiation_at", it.settled_by_negotiation),
            ("settled_by_opinion_at", it.settled_by_opinion),
            ("decided_at", it.decided),
        ];
        let level = it.level.as_str();
        rows.extend(numbers.map(|(part, number)| line(part, level, number.to_string())));
    }
    rows.extend(report.between.iter().map(|it| {
        let pair = format!("{} / {}", it.one, it.other);
        line("between", &pair, it.disputes.to_string())
    }));
    Grid::new(["part", "key", "number"], rows)
}

/// Counts, figures, steps, levels and who quarrels with whom.
pub(super) fn print(
    report: &DutyReport,
    format: Format,
    lang: Lang,
    rulebook: &Rulebook,
) -> Result<(), Failure> {
    let words = Words { lang, rulebook };
    let title = lang.choose("职责争议", "disputes over duty");
    let counts = report.counts.entries();
    let counts = counts.map(|(key, count)| vec![words.duty_count(key), count.to_string()]);
    let grids = [
        Grid::new([title, lang.choose("数量", "count")], counts),
        figures(report, lang),
        steps(report, lang),
        levels(report, lang),
        between(report, lang),
    ];
    for grid in grids {
        output::line("")?;
        output::line(&grid.render(format)?)?;
    }
    Ok(())
}

fn figures(report: &DutyReport, lang: Lang) -> Grid {
    let header = match lang {
        Lang::Zh => ["指标", "分子", "分母", "值", "公式"],
        Lang::En => ["figure", "numerator", "denominator", "value", "formula"],
    };
    let row = |figure: &Figure<DutyKind>| {
        let (zh, en) = figure.id.words();
        let days = || {
            figure
                .value
                .map_or_else(|| "—".to_owned(), |it| format!("{it:.1}"))
        };
        vec![
            lang.choose(zh, en).to_owned(),
            figure.numerator.to_string(),
            figure.denominator.to_string(),
            if figure.id.is_multiple() {
                days()
            } else {
                percent(figure.value)
            },
            format!("{} (v{})", figure.formula, figure.version),
        ]
    };
    Grid::new(header, report.figures.iter().map(row))
}

/// Of those that are open.
fn steps(report: &DutyReport, lang: Lang) -> Grid {
    let header = match lang {
        Lang::Zh => ["环节", "未结", "超期"],
        Lang::En => ["step", "open", "overdue"],
    };
    let rows = report.steps.iter().map(|it| {
        let step = it.step.words(lang).to_owned();
        vec![step, it.open.to_string(), it.open_overdue.to_string()]
    });
    Grid::new(header, rows)
}

fn levels(report: &DutyReport, lang: Lang) -> Grid {
    let header = match lang {
        Lang::Zh => ["处理层级", "未结", "经协商", "接受意见", "裁定"],
        Lang::En => ["level", "open", "by negotiation", "by the opinion", "decided"],
    };
    let rows = report.levels.iter().map(|it| {
        let numbers = [
            it.open,
            it.settled_by_negotiation,
            it.settled_by_opinion,
            it.decided,
        ];
        let level = it.level.words(lang).to_owned();
        let numbers = numbers.iter().map(ToString::to_string);
        std::iter::once(level).chain(numbers).collect::<Vec<_>>()
    });
    Grid::new(header, rows)
}

fn between(report: &DutyReport, lang: Lang) -> Grid {
    let header = match lang {
        Lang::Zh => ["甲方", "乙方", "争议", "定为甲方", "定为乙方"],
        Lang::En => ["party", "other party", "disputes", "put to it", "to the other"],
    };
    let rows = report.between.iter().take(PRINTED).map(|it| {
        vec![
            it.one_name.clone(),
            it.other_name.clone(),
            it.disputes.to_string(),
            it.to_one.to_string(),
            it.to_other.to_string(),
        ]
    });
    Grid::new(header, rows)
}
