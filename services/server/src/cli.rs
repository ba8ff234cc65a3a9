//! The command line.

use std::path::PathBuf;

use bihuan_domain::lang::Lang;
use bihuan_runtime::Config;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::command::{
    bench, calendar, callback, clock, clue, dispute, explain, import, mapping, notice, parked, quarantine,
    receiver, reconcile, report, rulebook, serve, task, verify,
};
use crate::failure::Failure;

/// 闭环 Bihuan: event-driven closure of enforcement clues.
#[derive(Debug, Parser)]
#[command(name = "bihuan", version, about, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Options that every command takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// Run on the embedded store and log in this folder
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Run on what this file names (PostgreSQL, Kafka)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How to print
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Language of texts for people (default from the locale)
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<Language>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Csv,
    Markdown,
    /// A workbook; of `dispute agenda` alone
    Xlsx,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Language {
    Zh,
    En,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run services until SIGTERM, with page, API, metrics and health
    Serve(serve::Serve),
    /// Submit records of files through the log and wait until each is accounted for
    Import(import::Import),
    /// Show one clue, or act on it
    Clue(clue::Clue),
    /// Disputes over whose duty a clue is: list, show, act on them, what they teach, the joint meeting
    Dispute(dispute::DisputeCommand),
    /// Tell the whole story of a clue
    Explain(explain::Explain),
    /// Figures
    Report(report::Report),
    /// Recompute everything from events and check every account
    Verify(verify::Verify),
    /// A platform's own list of ids and states against ours
    Reconcile(reconcile::Reconcile),
    /// What could not be read
    Quarantine(quarantine::Quarantine),
    /// Notices to leaders and bulletins: what waits to be issued, and to issue or discard it
    Notice(notice::Notice),
    /// What agencies that assist have to do, and until when
    Task(task::Task),
    /// Feedback that waits for its clue
    Parked(parked::Parked),
    /// What sources are told of their clues
    Callback(callback::CallbackCommand),
    /// A receiver of callbacks, to try a mapping out
    Receiver(receiver::Receiver),
    /// Check, show and activate rulebooks
    Rulebook(rulebook::Rulebook),
    /// Say until when something is due, and whether the calendar can say so
    Calendar(calendar::CalendarCommand),
    /// Say what time it is, and move simulated time on
    Clock(clock::ClockCommand),
    /// Draft a mapping, and check what it does
    Mapping(mapping::MappingCommand),
    /// Measure Bihuan against limits and baselines, in one run
    Bench(bench::Bench),
}

impl Arguments {
    pub(crate) fn lang(&self) -> Lang {
        self.common.lang()
    }
}

impl Common {
    pub(crate) fn lang(&self) -> Lang {
        match self.lang {
            Some(Language::Zh) => Lang::Zh,
            Some(Language::En) => Lang::En,
            None => {
                let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
                let locale = set("LC_ALL")
                    .or_else(|| set("LC_MESSAGES"))
                    .or_else(|| set("LANG"))
                    .unwrap_or_default();
                if locale.starts_with("zh") {
                    Lang::Zh
                } else {
                    Lang::En
                }
            }
        }
    }

    pub(crate) fn config(&self) -> Result<Config, Failure> {
        Ok(Config::load(self.config.as_deref(), self.data.clone())?)
    }

    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }
}
