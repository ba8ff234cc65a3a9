//! The closure report for people: the accounts as equations, the day's partition, figures with their formulas, rows.

use bihuan_domain::figures::{By, Counts, Figure, FigureKind, Flow, Records, Report, Row, Split};
use bihuan_domain::lang::Lang;
use jiff::tz::TimeZone;

use super::times;
use crate::cli::Format;
use crate::failure::Failure;
use crate::output::{self, Grid};

/// One row a key and the totals first, for spreadsheets: every count and every figure in its own column.
pub(super) fn flat(report: &Report) -> Grid {
    let mut header = vec!["key".to_owned(), "name".to_owned()];
    header.extend(report.counts.entries().map(|(name, _)| name.to_owned()));
    header.extend(report.figures.iter().map(|figure| figure.id.as_str().to_owned()));
    let row = |key: &str, name: &str, counts: &Counts, figures: &[Figure]| {
        let mut row = vec![key.to_owned(), name.to_owned()];
        row.extend(counts.entries().map(|(_, count)| count.to_string()));
        row.extend(
            figures
                .iter()
                .map(|figure| figure.value.map_or_else(String::new, |it| it.to_string())),
        );
        row
    };
    let mut rows = vec![row("*", "*", &report.counts, &report.figures)];
    rows.extend(
        report
            .rows
            .iter()
            .map(|it| row(&it.key, &it.name, &it.counts, &it.figures)),
    );
    Grid::new(header, rows)
}

pub(super) fn print(report: &Report, format: Format, lang: Lang, zone: &TimeZone) -> Result<(), Failure> {
    let shown = Shown { format, lang };
    shown.head(report, zone)?;
    shown.accounts(report)?;
    shown.partition(&report.partition)?;
    shown.figures(&report.figures)?;
    shown.times(report)?;
    shown.rows(report)
}

pub(super) struct Shown {
    pub(super) format: Format,
    pub(super) lang: Lang,
}

impl Shown {
    pub(super) fn title(&self, zh: &str, en: &str) -> Result<(), Failure> {
        let title = self.lang.choose(zh, en);
        output::line(&match self.format {
            Format::Markdown => format!("\n## {title}\n"),
            _ => format!("\n{title}"),
        })
    }

    fn item(&self, text: &str) -> Result<(), Failure> {
        output::line(&match self.format {
            Format::Markdown => format!("- {text}"),
            _ => format!("  {text}"),
        })
    }

    fn head(&self, report: &Report, zone: &TimeZone) -> Result<(), Failure> {
        let as_of = match report.as_of.parse::<jiff::Timestamp>() {
            Ok(at) => at
                .to_zoned_datetime(zone.clone())
                .strftime("%Y-%m-%d %H:%M:%S %:z")
                .to_string(),
            Err(_) => report.as_of.clone(),
        };
        let date =
            |date: Option<jiff::civil::Date>| date.map_or_else(|| "…".to_owned(), |date| date.to_string());
        let (from, to, basis, version) = (
            date(report.from),
            date(report.to),
            report.basis.as_str(),
            &report.rulebook,
        );
        let text = match self.lang {
            Lang::Zh => {
                let basis = if basis == "flow" {
                    "时段内在办"
                } else {
                    "时段内上报"
                };
                format!(
                    "闭环报告：截至 {as_of}；上报 {from} 至 {to}（不含）；口径：{basis}；规则库 {version}"
                )
            }
            Lang::En => {
                let basis = if basis == "flow" {
                    "open in the period"
                } else {
                    "reported in the period"
                };
                format!(
                    "Closure report as of {as_of}; {from} to {to} (excluded); basis: {basis}; rulebook {version}"
                )
            }
        };
        output::line(&match self.format {
            Format::Markdown => format!("# {text}"),
            _ => text,
        })?;
        if report.shadow {
            self.item(self.lang.choose(
                "影子运行：线索不在此处办理，以下闭环、签收、超期等指标不说明办理情况；比较结果见 bihuan report shadow",
                "Shadow run: clues are not handled here, so closings, acknowledgements and overdue clues below say nothing of how \
                 they are handled; see bihuan report shadow",
            ))?;
        }
        Ok(())
    }

    fn accounts(&self, report: &Report) -> Result<(), Failure> {
        self.title("账目", "Accounts")?;
        if let Some(records) = &report.records {
            let parts = records.entries().filter(|(name, _)| is_disposition(name));
            self.item(&self.equation(&self.received(records), parts))?;
        }
        let counts = &report.counts;
        let parts = ["rejected", "voided", "merged", "closed", "open"];
        let clues = format!("{} {}", self.word("clues"), counts.clues);
        self.item(&self.equation(&clues, counts.entries().filter(|(name, _)| parts.contains(name))))?;
        if let Some(flow) = &report.flow {
            self.item(&self.flow(flow))?;
        }
        Ok(())
    }

    /// Outcomes that are known before their reading is stand beside what was received.
    fn received(&self, records: &Records) -> String {
        let received = format!("{} {}", self.word("received"), records.received);
        match records.ahead {
            0 => received,
            ahead => format!("{received} + {} {ahead}", self.word("ahead")),
        }
    }

    fn equation(&self, left: &str, parts: impl Iterator<Item = (&'static str, u64)>) -> String {
        let parts: Vec<_> = parts
            .map(|(name, count)| format!("{} {count}", self.word(name)))
            .collect();
        format!("{left} = {}", parts.join(" + "))
    }

    fn flow(&self, flow: &Flow) -> String {
        let side = |names: &[&str]| {
            let terms = flow.entries().filter(|(name, _)| names.contains(name));
            terms
                .map(|(name, count)| format!("{} {count}", self.word(name)))
                .collect::<Vec<_>>()
                .join(" + ")
        };
        let left = side(&["opening", "received", "reopened"]);
        format!(
            "{left} = {}",
            side(&["closed", "voided", "rejected", "merged", "closing"])
        )
    }

    fn partition(&self, split: &Split) -> Result<(), Failure> {
        self.title("当日分布", "Where they stand")?;
        let total: u64 = split.entries().map(|(_, count)| count).sum();
        let rows = split.entries().map(|(part, count)| {
            let (zh, en) = Split::words(part).unwrap_or((part, part));
            vec![
                self.lang.choose(zh, en).to_owned(),
                count.to_string(),
                percent(ratio(count, total)),
            ]
        });
        let header = [
            self.lang.choose("状态", "part"),
            self.lang.choose("数量", "count"),
            "%",
        ];
        output::line(&Grid::new(header, rows).render(self.format)?)
    }

    /// Those that have no table of their own.
    fn figures(&self, figures: &[Figure]) -> Result<(), Failure> {
        self.title("指标", "Figures")?;
        let here = figures.iter().filter(|figure| !times::has_own_table(figure.id));
        self.figure_table(here)
    }

    pub(super) fn figure_table<'a>(&self, figures: impl Iterator<Item = &'a Figure>) -> Result<(), Failure> {
        let rows = figures.map(|figure| {
            let (zh, en) = figure.id.words();
            vec![
                self.lang.choose(zh, en).to_owned(),
                figure.numerator.to_string(),
                figure.denominator.to_string(),
                value(figure),
                format!("{} (v{})", figure.formula, figure.version),
            ]
        });
        let header = match self.lang {
            Lang::Zh => ["指标", "分子", "分母", "值", "公式"],
            Lang::En => ["figure", "numerator", "denominator", "value", "formula"],
        };
        output::line(&Grid::new(header, rows).render(self.format)?)
    }

    fn rows(&self, report: &Report) -> Result<(), Failure> {
        let Some(by) = report.by else { return Ok(()) };
        let (zh, en) = by_words(by);
        self.title(zh, en)?;
        let header = match self.lang {
            Lang::Zh => [
                "代码",
                "名称",
                "线索",
                "已闭环",
                "在办",
                "超期",
                "待分派",
                "退单",
                "闭环率",
                "到期闭环率",
                "按期闭环率",
            ],
            Lang::En => [
                "key",
                "name",
                "clues",
                "closed",
                "open",
                "overdue",
                "triage",
                "returns",
                "closed %",
                "due %",
                "on time %",
            ],
        };
        output::line(&Grid::new(header, report.rows.iter().map(row)).render(self.format)?)
    }

    /// The word for a key of the report.
    fn word(&self, key: &str) -> String {
        let (zh, en) = match key {
            "received" => ("接收", "received"),
            "new" => ("新线索", "new"),
            "updated" => ("更新", "updated"),
            "unchanged" => ("未变", "unchanged"),
            "stale" => ("过时", "stale"),
            "feedback" => ("反馈", "feedback"),
            "skipped" => ("略过", "skipped"),
            "quarantined" => ("隔离", "quarantined"),
            "in_flight" => ("处理中", "in flight"),
            "ahead" => ("先到结果", "ahead"),
            "clues" => ("线索", "clues"),
            "rejected" => ("不予受理", "rejected"),
            "voided" => ("作废", "voided"),
            "merged" => ("并案", "merged"),
            "closed" => ("闭环", "closed"),
            "open" => ("在办", "open"),
            "opening" => ("期初在办", "opening stock"),
            "closing" => ("期末在办", "closing stock"),
            "reopened" => ("重开", "reopened"),
            other => (other, other),
        };
        self.lang.choose(zh, en).to_owned()
    }
}

/// The dispositions that sum up to what was received.
fn is_disposition(name: &str) -> bool {
    !matches!(name, "received" | "discarded" | "replayed" | "ahead")
}

fn row(row: &Row) -> Vec<String> {
    let figure = |id: FigureKind| {
        row.figures
            .iter()
            .find(|figure| figure.id == id)
            .map_or_else(String::new, value)
    };
    let counts = &row.counts;
    let numbers = [
        counts.clues,
        counts.closed,
        counts.open,
        counts.open_overdue,
        counts.triage,
        counts.returns,
    ];
    let mut cells = vec![row.key.clone(), row.name.clone()];
    cells.extend(numbers.map(|count| count.to_string()));
    cells.extend(
        [
            FigureKind::ClosureRateStrict,
            FigureKind::ClosureRateDue,
            FigureKind::OnTimeClosure,
        ]
        .map(figure),
    );
    cells
}

pub(super) fn value(figure: &Figure) -> String {
    if figure.id.is_multiple() {
        per_piece(figure.value)
    } else {
        percent(figure.value)
    }
}

/// So many a piece, or so many times as much.
pub(super) fn per_piece(value: Option<f64>) -> String {
    value.map_or_else(|| "—".to_owned(), |value| format!("{value:.3}"))
}

pub(super) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Never rounded up to a hundred: 99,999 of 100,000 closed is not all.
pub(super) fn percent(value: Option<f64>) -> String {
    let Some(value) = value else {
        return "—".to_owned();
    };
    let hundredths = (value * 10_000.0).round();
    let shown = if value < 1.0 {
        hundredths.min(9_999.0)
    } else {
        hundredths
    };
    format!("{:.2} %", shown / 100.0)
}

const fn by_words(by: By) -> (&'static str, &'static str) {
    match by {
        By::Agency => ("按主办单位", "By agency"),
        By::Area => ("按区域", "By area"),
        By::Matter => ("按事项", "By matter"),
        By::Source => ("按来源", "By source"),
        By::Conclusion => ("按结论", "By conclusion"),
        By::Month => ("按上报月份", "By month of the report"),
        By::Campaign => ("按专项行动", "By campaign"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_is_a_hundred_per_cent_and_nothing_of_nothing_is_no_number() {
        assert_eq!(percent(Some(1.0)), "100.00 %");
        assert_eq!(percent(ratio(99_999, 100_000)), "99.99 %");
        assert_eq!(percent(ratio(911, 972)), "93.72 %");
        assert_eq!(percent(ratio(0, 0)), "—");
    }
}
