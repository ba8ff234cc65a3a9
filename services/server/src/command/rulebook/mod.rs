//! `bihuan rulebook`: checks a rulebook directory, shows what a version holds, activates another one.

mod activate;
pub(crate) mod backtest;
mod check;
mod diff;
mod learn;
mod list;
mod named;

use std::path::Path;
use std::process::ExitCode;

use bihuan_domain::routing::Rulebook as Book;
use bihuan_domain::time::Timestamp;
use bihuan_monitor::words::Words;
use bihuan_rulebook::Schedule;
use bihuan_store::activation;
use bihuan_store::journal::{self, Journal};
use clap::{Args, Subcommand};
use serde::Serialize;

use self::activate::{Activate, Withdraw};
use self::list::Listed;
use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::rulebooks;
use crate::session::Reading;

#[derive(Debug, Args)]
pub(crate) struct Rulebook {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say everything that is wrong with a rulebook directory, and where nobody is first handler
    Check(check::Options),
    /// Say which matters change hands where between two rulebooks
    Diff(diff::Options),
    /// Route clues of the past by a rulebook, and compare with what became of them
    Backtest(backtest::Options),
    /// Say what a rulebook holds: a directory, a version of the store, or the active one
    Show {
        #[arg(value_name = "VERSION|DIR")]
        what: Option<String>,
    },
    /// Propose duties from what became of recorded clues
    Learn(learn::Learn),
    /// Have a rulebook decide about clues that are reported from a time on
    Activate(Activate),
    /// Take an activation back before its time has come, or while no partition has it
    Withdraw(Withdraw),
    /// Show every activation: from when on, by whom, why, and whether it holds
    List,
}

impl Rulebook {
    pub(crate) async fn run(self, common: &Common) -> Outcome {
        match self.action {
            Action::Check(options) => options.run(common),
            Action::Diff(options) => options.run(common).await,
            Action::Backtest(options) => options.run(common).await,
            Action::Show { what } => show(common, what.as_deref()).await,
            Action::Learn(it) => it.run(common).await,
            Action::Activate(activate) => activate.run(common).await,
            Action::Withdraw(withdraw) => withdraw.run(common).await,
            Action::List => list::list(common).await,
        }
    }
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
    /// As `list` has it: the newest activation of the version; `None`: there is none.
    request: Option<Listed>,
}

impl Shown {
    fn of(book: &Book, active_since: Option<Timestamp>, request: Option<Listed>) -> Self {
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
            request,
        }
    }
}

async fn show(common: &Common, what: Option<&str>) -> Outcome {
    let directory = what.map(Path::new).filter(|path| path.is_dir());
    if let Some(directory) = directory {
        let (_, book) = rulebooks::usable(directory)?;
        return tell(common, &book, None, None);
    }
    let reading = Reading::open(common).await?;
    let book = match what {
        Some(version) if version != named::ACTIVE => reading.library.get(version).await?,
        _ => reading.rulebook().await?,
    };
    let since = active_since(&reading, book.rulebook()).await?;
    let known = list::Known::read(&reading).await?;
    let newest = known.newest(book.rulebook().version.as_str());
    tell(common, book.rulebook(), since, newest)
}

fn tell(common: &Common, book: &Book, since: Option<Timestamp>, request: Option<Listed>) -> Outcome {
    let shown = Shown::of(book, since, request);
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
    if let Some(request) = shown.request {
        list::print(common, book, &[request])?;
    }
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
