//! `bihuan rulebook`: checks a rulebook directory, shows what a version holds, activates another one.

mod activate;
mod list;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook as Book;
use bihuan_domain::time::Timestamp;
use bihuan_monitor::words::Words;
use bihuan_rulebook::{Finding, Schedule, Severity};
use bihuan_store::activation;
use bihuan_store::journal::{self, Journal};
use clap::{Args, Subcommand};
use serde::Serialize;

use self::activate::{Activate, Withdraw};
use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::output::{self, Grid};
use crate::rulebooks::{self, Checked};
use crate::session::Reading;

#[derive(Debug, Args)]
pub(crate) struct Rulebook {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say everything that is wrong with a rulebook directory
    Check { directory: PathBuf },
    /// Say what a rulebook holds: a directory, a version of the store, or the active one
    Show {
        #[arg(value_name = "VERSION|DIR")]
        what: Option<String>,
    },
    /// Have a rulebook decide about clues that are reported from a time on
    Activate(Activate),
    /// Take an activation back before its time has come
    Withdraw(Withdraw),
    /// Show every activation: from when on, by whom, why, and whether it holds
    List,
}

impl Rulebook {
    pub(crate) async fn run(self, common: &Common) -> Outcome {
        match self.action {
            Action::Check { directory } => check(common, &directory),
            Action::Show { what } => show(common, what.as_deref()).await,
            Action::Activate(activate) => activate.run(common).await,
            Action::Withdraw(withdraw) => withdraw.run(common).await,
            Action::List => list::list(common).await,
        }
    }
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
}

fn check(common: &Common, directory: &Path) -> Outcome {
    let Checked {
        files,
        rulebook,
        findings,
    } = rulebooks::check(directory)?;
    let count = |severity| {
        findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let verdict = Verdict {
        directory,
        version: files.version().to_string(),
        usable: rulebook.is_some(),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        notes: count(Severity::Note),
        findings: &findings,
    };
    if common.is_json() {
        output::json(&verdict)?;
    } else {
        print(&verdict, common)?;
    }
    Ok(if verdict.usable {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

fn print(verdict: &Verdict<'_>, common: &Common) -> Result<(), Failure> {
    let lang = common.lang();
    if !verdict.findings.is_empty() {
        let header = match lang {
            Lang::Zh => ["级别", "位置", "代码", "问题", "建议"],
            Lang::En => ["severity", "place", "code", "what is wrong", "what to do"],
        };
        let rows = verdict.findings.iter().map(|it| row(it, lang));
        output::line(&Grid::new(header, rows).render(common.format)?)?;
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

fn row(finding: &Finding, lang: Lang) -> Vec<String> {
    let severity = match finding.severity {
        Severity::Error => lang.choose("错误", "error"),
        Severity::Warning => lang.choose("警告", "warning"),
        Severity::Note => lang.choose("提示", "note"),
    };
    let mut place = finding.file.clone();
    if let Some(line) = finding.line {
        place = format!("{place}:{line}");
    }
    if let Some(column) = &finding.column {
        place = format!("{place}:{column}");
    }
    let message = finding.message(lang).to_owned();
    vec![
        severity.to_owned(),
        place,
        finding.code.to_owned(),
        message,
        finding.advice(lang).to_owned(),
    ]
}

/// What a rulebook holds.
#[derive(Serialize)]
struct Shown {
    version: String,
    label: String,
    title: String,
    title_en: String,
    time_zone: Option<String>,
    areas: usize,
    boundaries: usize,
    agencies: usize,
    matters: usize,
    duties: usize,
    crosswalk: usize,
    /// RFC 3339; `None`: it is not the active one.
    active_since: Option<String>,
}

impl Shown {
    fn of(book: &Book, active_since: Option<Timestamp>) -> Self {
        Self {
            version: book.version.to_string(),
            label: book.label.clone(),
            title: book.title.clone(),
            title_en: book.title_en.clone(),
            time_zone: book.zone.iana_name().map(str::to_owned),
            areas: book.areas.len(),
            boundaries: book.boundaries.len(),
            agencies: book.agencies.len(),
            matters: book.matters.len(),
            duties: book.duties.len(),
            crosswalk: book.crosswalk.len(),
            active_since: active_since.map(|at| at.to_string()),
        }
    }
}

async fn show(common: &Common, what: Option<&str>) -> Outcome {
    let directory = what.map(Path::new).filter(|path| path.is_dir());
    if let Some(directory) = directory {
        let (_, book) = rulebooks::usable(directory)?;
        return tell(common, &book, None);
    }
    let reading = Reading::open(common).await?;
    let book = match what {
        Some(version) => reading.library.get(version).await?,
        None => reading.rulebook().await?,
    };
    let since = active_since(&reading, book.rulebook()).await?;
    tell(common, book.rulebook(), since)
}

fn tell(common: &Common, book: &Book, since: Option<Timestamp>) -> Outcome {
    let shown = Shown::of(book, since);
    if common.is_json() {
        output::json(&shown)?;
        return Ok(ExitCode::SUCCESS);
    }
    let lang = common.lang();
    let say = |zh, en| lang.choose(zh, en);
    let words = Words { lang, rulebook: book };
    let since = since.map_or_else(|| say("未启用", "not active").to_owned(), |at| words.time(at));
    let rows = [
        (say("版本", "version"), shown.version),
        (say("标签", "label"), shown.label),
        (
            say("名称", "title"),
            lang.choose(&shown.title, &shown.title_en).to_owned(),
        ),
        (say("时区", "time zone"), shown.time_zone.unwrap_or_default()),
        (say("区域", "areas"), shown.areas.to_string()),
        (say("边界", "boundaries"), shown.boundaries.to_string()),
        (say("单位", "agencies"), shown.agencies.to_string()),
        (say("事项", "matters"), shown.matters.to_string()),
        (say("职责", "duties"), shown.duties.to_string()),
        (say("对照", "crosswalk"), shown.crosswalk.to_string()),
        (say("启用于", "active since"), since),
    ];
    output::details(common.format, say("规则库", "rulebook"), rows)?;
    Ok(ExitCode::SUCCESS)
}

/// Since when it holds, if it is the active one: the time from which on, or for one that has none the first partition's.
async fn active_since(reading: &Reading, book: &Book) -> Result<Option<Timestamp>, Failure> {
    let now = reading.now();
    let mut reader = reading.store.snapshot().await?;
    if activation::active(reader.conn(), now).await?.as_deref() != Some(book.version.as_str()) {
        return Ok(None);
    }
    let mut since: Option<Timestamp> = None;
    for partition in 0..reading.partitions {
        let schedule = Schedule::new(activation::of_partition(reader.conn(), partition).await?);
        let Some(holds) = schedule.now(now).filter(|it| it.version == book.version.as_str()) else {
            continue;
        };
        let at = if holds.from.is_some() {
            holds.from
        } else {
            let before = holds.sequence - 1;
            let entries = journal::after(reader.conn(), Journal::Clue, partition, before, 1).await?;
            entries.first().map(|entry| entry.at)
        };
        since = since.into_iter().chain(at).min();
    }
    Ok(since)
}
