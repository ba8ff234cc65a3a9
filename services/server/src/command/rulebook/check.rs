//! `bihuan rulebook check`: everything that is wrong with a rulebook directory, and where nobody is first handler.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bihuan_domain::lang::Lang;
use bihuan_domain::routing::{CompiledRulebook, Gap, GapKind, Gaps, Rulebook};
use bihuan_monitor::words::Words;
use bihuan_rulebook::{Finding, Review, Severity, review};
use bihuan_runtime::Clock;
use clap::Args;
use jiff::civil::Date;
use serde::Serialize;

use crate::cli::{Common, Format};
use crate::failure::{Failure, Outcome};
use crate::findings;
use crate::output::{self, Grid};
use crate::rulebooks::{self, Checked};

/// The worst gaps that are printed for people; JSON has all.
const GAPS: usize = 20;
/// Wider than a terminal of 160 columns a matrix is of no use.
const COUNTIES: usize = 12;
/// Matters that are named in a row.
const MATTERS: usize = 2;

#[derive(Debug, Args)]
pub(super) struct Options {
    directory: PathBuf,
    /// Which rows have expired or do not hold yet, and where nobody is competent, as from this day on (default: today)
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
}

/// A rulebook, checked.
#[derive(Serialize)]
struct Verdict<'a> {
    directory: &'a Path,
    version: String,
    usable: bool,
    errors: usize,
    warnings: usize,
    notes: usize,
    findings: &'a [Finding],
    /// Matters × places without a first handler; `None`: there is no usable rulebook.
    gaps: Option<&'a Gaps>,
}

impl Options {
    pub(super) fn run(self, common: &Common) -> Outcome {
        let Checked {
            files,
            rulebook,
            mut findings,
        } = rulebooks::check(&self.directory)?;
        let compiled = rulebook.map(|rulebook| CompiledRulebook::new(rulebook.into()));
        let gaps = compiled.as_ref().map(|compiled| {
            let zone = &compiled.rulebook().zone;
            let today = || Clock::wall().now().civil_date(zone);
            let Review { findings: more, gaps } = review(compiled, self.on.unwrap_or_else(today));
            findings.extend(more);
            gaps
        });
        findings.sort_by(|a, b| {
            b.severity
                .cmp(&a.severity)
                .then_with(|| (&a.file, a.line).cmp(&(&b.file, b.line)))
        });
        let count = |severity| findings.iter().filter(|it| it.severity == severity).count();
        let verdict = Verdict {
            directory: &self.directory,
            version: files.version().to_string(),
            usable: compiled.is_some(),
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
            findings: &findings,
            gaps: gaps.as_ref(),
        };
        if common.is_json() {
            output::json(&verdict)?;
        } else {
            print(&verdict, compiled.as_ref().map(|it| &**it.rulebook()), common)?;
        }
        Ok(ExitCode::from(u8::from(!verdict.usable)))
    }
}

fn print(verdict: &Verdict<'_>, rulebook: Option<&Rulebook>, common: &Common) -> Result<(), Failure> {
    let lang = common.lang();
    if !verdict.findings.is_empty() {
        output::line(&findings::grid(verdict.findings, lang).render(common.format)?)?;
    }
    if common.format == Format::Csv {
        return Ok(());
    }
    if let (Some(gaps), Some(rulebook)) = (verdict.gaps, rulebook) {
        tell(gaps, Words { lang, rulebook }, common.format)?;
    }
    let Verdict {
        version,
        errors,
        warnings,
        notes,
        ..
    } = verdict;
    output::line(&match lang {
        Lang::Zh => format!("规则库 {version}：错误 {errors}，警告 {warnings}，提示 {notes}"),
        Lang::En => format!("rulebook {version}: {errors} errors, {warnings} warnings, {notes} notes"),
    })
}

/// The matrix: a row for each matter with a gap, a column for each county.
fn tell(gaps: &Gaps, words: Words<'_>, format: Format) -> Result<(), Failure> {
    let lang = words.lang;
    let cells = gaps.matters * gaps.places;
    let Gaps {
        from,
        matters,
        places,
        open,
        ..
    } = gaps;
    output::line(&match lang {
        Lang::Zh => {
            format!("自 {from} 起没有主管单位：{matters} 个事项 × {places} 个区域 = {cells} 格中的 {open} 格")
        }
        Lang::En => format!(
            "without a first handler from {from} on: {open} of {cells} cells ({matters} matters × {places} places)"
        ),
    })?;
    if gaps.rows.is_empty() {
        return Ok(());
    }
    let counties: BTreeSet<_> = gaps.rows.iter().flat_map(|gap| gap.by_county.keys()).collect();
    let counties: Vec<_> = counties.into_iter().take(COUNTIES).collect();
    let head = match lang {
        Lang::Zh => ["事项", "原因", "日期", "区域"],
        Lang::En => ["matter", "why", "days", "places"],
    };
    let header = head.map(str::to_owned).into_iter();
    let header = header.chain(counties.iter().map(|area| words.area(area)));
    let rows = gaps.rows.iter().take(GAPS).map(|gap| {
        let days = match (lang, gap.to) {
            (Lang::Zh, Some(to)) => format!("{} 起、{to} 前", gap.from),
            (Lang::En, Some(to)) => format!("{} to before {to}", gap.from),
            (Lang::Zh, None) => format!("{} 起", gap.from),
            (Lang::En, None) => format!("from {}", gap.from),
        };
        let head = [
            named(gap, words),
            why(gap, lang).to_owned(),
            days,
            gap.places.to_string(),
        ];
        let by_county = counties.iter().map(|area| match gap.by_county.get(*area) {
            Some(count) => count.to_string(),
            None => String::new(),
        });
        head.into_iter().chain(by_county).collect()
    });
    output::line(&Grid::new(header, rows).render(format)?)?;
    let more = gaps.rows.len().saturating_sub(GAPS);
    if more > 0 {
        output::line(&match lang {
            Lang::Zh => format!("另有 {more} 行，见 --format json"),
            Lang::En => format!("and {more} rows more: see --format json"),
        })?;
    }
    Ok(())
}

/// A name, or how many and the first ones.
fn named(gap: &Gap, words: Words<'_>) -> String {
    let first = gap
        .matters
        .iter()
        .take(MATTERS)
        .map(|matter| words.matter(matter));
    let first = first.collect::<Vec<_>>().join(words.lang.choose("、", ", "));
    match (gap.matters.len(), words.lang) {
        (count, _) if count <= MATTERS => first,
        (count, Lang::Zh) => format!("{count} 个：{first} 等"),
        (count, Lang::En) => format!("{count}: {first} …"),
    }
}

const fn why(gap: &Gap, lang: Lang) -> &'static str {
    match gap.kind {
        GapKind::Nobody => lang.choose("无单位", "nobody"),
        GapKind::Tie => lang.choose("同级并列", "tie"),
        GapKind::OnlyConditional => lang.choose("仅在条件成立时", "only where a predicate holds"),
    }
}
