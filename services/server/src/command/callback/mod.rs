//! `bihuan callback`: what sources are told of their clues, and dead letters that are to be sent again.

mod resend;

use std::process::ExitCode;

use bihuan_delivery::callback::{self, Listed, State, words};
use bihuan_domain::lang::Lang;
use bihuan_monitor::callbacks::CallbackAccount;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::output::{self, Grid};
use crate::session::Reading;

#[derive(Debug, Args)]
pub(crate) struct CallbackCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show the account of each source, and the newest callbacks
    List(List),
    /// Send dead letters again, with the same key
    Resend(resend::Resend),
}

#[derive(Debug, Args)]
struct List {
    /// Only of this source
    #[arg(long)]
    source: Option<String>,
    /// Only those that stand there
    #[arg(long, value_parser = PossibleValuesParser::new(["pending", "acknowledged", "failed"]))]
    state: Option<String>,
    /// How many to show
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
}

/// What is printed.
#[derive(Debug, Serialize)]
struct Page {
    accounts: Vec<CallbackAccount>,
    callbacks: Vec<Shown>,
}

/// A callback without its body, which may hold free text.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    /// Clue and version, and the record where that is not the clue's first.
    id: String,
    /// As the receiver knows it.
    key: String,
    source: String,
    source_id: String,
    event: String,
    state: &'static str,
    attempts: u32,
    /// RFC 3339: since when it is due.
    since: String,
    /// RFC 3339: of the next attempt; only while it is pending.
    next: Option<String>,
    reason: Option<String>,
    status: Option<u16>,
    /// RFC 3339: when it was written down that the receiver has it, or that it was given up.
    settled: Option<String>,
    /// RFC 3339: when the source's own record said what it was told.
    confirmed: Option<String>,
}

impl Shown {
    pub(super) fn of(it: &Listed) -> Self {
        let id = it.id();
        Self {
            key: id.key().to_string(),
            id: id.to_string(),
            source: it.callback.source.to_string(),
            source_id: it.source_id.clone(),
            event: it.step.clone(),
            state: it.state.as_str(),
            attempts: it.attempts,
            since: it.since.to_string(),
            next: (it.state == State::Pending).then(|| it.due_at.to_string()),
            reason: it.reason.clone(),
            status: it.status,
            settled: it.settled_at.map(|at| at.to_string()),
            confirmed: it.confirmed_at.map(|at| at.to_string()),
        }
    }
}

impl CallbackCommand {
    pub(crate) async fn run(self, common: &Common) -> Outcome {
        match self.action {
            Action::List(list) => list.run(common).await,
            Action::Resend(resend) => resend.run(common).await,
        }
    }
}

impl List {
    async fn run(self, common: &Common) -> Outcome {
        let reading = Reading::open(common).await?;
        let mut reader = reading.store.snapshot().await?;
        let wanted = self.state.as_deref();
        let state = State::ALL.into_iter().find(|it| Some(it.as_str()) == wanted);
        let found = callback::listed(reader.conn(), self.source.as_deref(), state, self.limit).await?;
        let mut accounts = bihuan_monitor::callbacks::accounts(reader.conn()).await?;
        accounts.retain(|it| self.source.as_ref().is_none_or(|source| *source == it.source));
        let page = Page {
            accounts,
            callbacks: found.iter().map(Shown::of).collect(),
        };
        if common.is_json() {
            output::json(&page)?;
        } else {
            page.print(common)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Page {
    fn print(&self, common: &Common) -> Result<(), Failure> {
        let lang = common.lang();
        if self.accounts.is_empty() {
            return output::line(lang.choose("没有需要回传的来源。", "No source is told of its clues."));
        }
        let header = match lang {
            Lang::Zh => ["来源", "应回传", "已送达", "待发送", "未送达"],
            Lang::En => ["source", "due", "acknowledged", "pending", "failed"],
        };
        let rows = self.accounts.iter().map(|it| {
            let counts = [it.due, it.acknowledged, it.pending, it.failed];
            let counts = counts.map(|count| count.to_string());
            std::iter::once(it.source.clone()).chain(counts).collect()
        });
        output::line(&Grid::new(header, rows).render(common.format)?)?;
        print(&self.callbacks, common)
    }
}

pub(super) fn print(callbacks: &[Shown], common: &Common) -> Result<(), Failure> {
    let lang = common.lang();
    let header = match lang {
        Lang::Zh => ["标识", "来源编号", "环节", "状态", "次数", "应发时间", "原因"],
        Lang::En => ["id", "source id", "event", "state", "attempts", "since", "reason"],
    };
    let rows = callbacks.iter().map(|it| {
        vec![
            it.id.clone(),
            it.source_id.clone(),
            it.event.clone(),
            named(it.state, lang).to_owned(),
            it.attempts.to_string(),
            it.since.clone(),
            it.reason
                .as_deref()
                .map_or_else(String::new, |reason| why(reason, lang)),
        ]
    });
    output::line(&Grid::new(header, rows).render(common.format)?)
}

/// The code and what it means.
fn why(reason: &str, lang: Lang) -> String {
    let (zh, en) = words(reason);
    format!("{reason}: {}", lang.choose(zh, en))
}

fn named(state: &'static str, lang: Lang) -> &'static str {
    match state {
        "pending" => lang.choose("待发送", "pending"),
        "acknowledged" => lang.choose("已送达", "acknowledged"),
        "failed" => lang.choose("未送达", "failed"),
        other => other,
    }
}
