//! The tables about times: each step, how late what is overdue is, and what moved the deadlines.

use bihuan_domain::figures::{FigureKind, Report, Task};
use bihuan_domain::lang::Lang;

use super::shown::{Shown, percent, ratio, value};
use crate::failure::Failure;
use crate::output::{self, Grid};

/// Figures about what moved deadlines.
const MOVED: [FigureKind; 2] = [FigureKind::ExtensionRate, FigureKind::SuspensionRate];

/// Whether the figure stands in one of these tables.
pub(super) fn has_own_table(id: FigureKind) -> bool {
    let of_task = Task::ALL.iter().any(|task| FigureKind::of_task(*task) == id);
    of_task || MOVED.contains(&id) || id == FigureKind::OverdueFactor
}

impl Shown {
    pub(super) fn times(&self, report: &Report) -> Result<(), Failure> {
        self.steps(report)?;
        self.overdue(report)?;
        self.moved(report)
    }

    fn steps(&self, report: &Report) -> Result<(), Failure> {
        self.title("各环节按时率（次）", "In time, step by step (times)")?;
        let figure = |id| report.figures.iter().find(|figure| figure.id == id);
        let rows = Task::ALL.iter().filter_map(|task| {
            let (counts, figure) = (report.counts.task(*task), figure(FigureKind::of_task(*task))?);
            let (zh, en) = figure.id.words();
            Some(vec![
                self.lang.choose(zh, en).to_owned(),
                counts.in_time.to_string(),
                (counts.ended - counts.in_time).to_string(),
                counts.overdue.to_string(),
                value(figure),
                format!("{} (v{})", figure.formula, figure.version),
            ])
        });
        let header = match self.lang {
            Lang::Zh => ["环节", "按时", "超时完成", "超时未完成", "按时率", "公式"],
            Lang::En => ["step", "in time", "late", "overdue", "rate", "formula"],
        };
        output::line(&Grid::new(header, rows).render(self.format)?)
    }

    fn overdue(&self, report: &Report) -> Result<(), Failure> {
        self.title("超期时长", "How long overdue")?;
        let counts = &report.counts;
        let rows = counts.overdue_by_age().map(|(key, count)| {
            let part = percent(ratio(count, counts.open_overdue));
            vec![self.age(key).to_owned(), count.to_string(), part]
        });
        let header = match self.lang {
            Lang::Zh => ["超期", "线索", "%"],
            Lang::En => ["overdue for", "clues", "%"],
        };
        output::line(&Grid::new(header, rows).render(self.format)?)?;
        output::line("")?;
        let factor = |id| id == FigureKind::OverdueFactor;
        self.figure_table(report.figures.iter().filter(|figure| factor(figure.id)))
    }

    fn age(&self, key: &'static str) -> &'static str {
        let (zh, en) = match key {
            "overdue_within_1_day" => ("不足 1 天", "up to 1 day"),
            "overdue_within_3_days" => ("1 至 3 天", "1 to 3 days"),
            "overdue_within_10_days" => ("3 至 10 天", "3 to 10 days"),
            "overdue_within_30_days" => ("10 至 30 天", "10 to 30 days"),
            "overdue_beyond_30_days" => ("30 天以上", "more than 30 days"),
            other => (other, other),
        };
        self.lang.choose(zh, en)
    }

    fn moved(&self, report: &Report) -> Result<(), Failure> {
        self.title("延期与挂账", "Extensions and suspensions")?;
        let c = &report.counts;
        let rows = [
            ("获准延期的线索", "clues granted more time", c.extended),
            ("延期次数", "extensions, times", c.extensions),
            ("曾挂账的线索", "clues ever suspended", c.ever_suspended),
            ("挂账次数", "suspensions, times", c.suspensions),
            ("正在挂账", "suspended now", c.suspended),
            (
                "积存（累计挂账过久）",
                "backlog: suspended for too long, all suspensions together",
                c.backlog,
            ),
            ("期限暂定（节假日未公布）", "due times provisional", c.provisional),
        ];
        let rows = rows.map(|(zh, en, count)| vec![self.lang.choose(zh, en).to_owned(), count.to_string()]);
        let header = [
            self.lang.choose("项目", "what"),
            self.lang.choose("数量", "count"),
        ];
        output::line(&Grid::new(header, rows).render(self.format)?)?;
        output::line("")?;
        let figures = report.figures.iter().filter(|figure| MOVED.contains(&figure.id));
        self.figure_table(figures)
    }
}
