//! `bihuan task`: what agencies beside the responsible one still have to do. What they do is an act on the clue.

use std::process::ExitCode;

use bihuan_domain::clue::TaskKind;
use bihuan_domain::lang::Lang;
use bihuan_monitor::listing;
use bihuan_monitor::tasks::{self, Asked, ShownTask, State};
use bihuan_monitor::words::Words;
use clap::{Args, Subcommand};

use crate::cli::Common;
use crate::failure::Outcome;
use crate::output::{self, Grid};
use crate::session::Reading;

#[derive(Debug, Args)]
pub(crate) struct Task {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Open tasks, what is due first at the top
    List(List),
}

#[derive(Debug, Args)]
struct List {
    /// Who assists
    #[arg(long)]
    agency: Option<String>,
    /// assist, or call: to come, and then to answer
    #[arg(long, value_parser = kind)]
    kind: Option<TaskKind>,
    /// Only those that are past due
    #[arg(long)]
    overdue: bool,
    /// Those that were answered, withdrawn, or are over with their clue, the newest first
    #[arg(long, conflicts_with = "overdue")]
    over: bool,
}

fn kind(text: &str) -> Result<TaskKind, String> {
    TaskKind::parse(text).ok_or_else(|| "assist, call".to_owned())
}

impl Task {
    pub(crate) async fn run(self, common: &Common) -> Outcome {
        match self.action {
            Action::List(list) => list.run(common).await,
        }
    }
}

impl List {
    async fn run(self, common: &Common) -> Outcome {
        let (reading, lang) = (Reading::open(common).await?, common.lang());
        let asked = Asked {
            state: match (self.overdue, self.over) {
                (_, true) => State::Over,
                (true, false) => State::Overdue,
                (false, false) => State::Open,
            },
            agency: self.agency,
            kind: self.kind,
        };
        let rulebook = reading.rulebook().await?;
        let rulebook = rulebook.rulebook();
        let as_of = listing::Reading {
            rulebook,
            lang,
            now: reading.now(),
        };
        let found = tasks::list(&reading.store, &asked, as_of).await?;
        if common.is_json() {
            output::json(&found)?;
            return Ok(ExitCode::SUCCESS);
        }
        let words = Words { lang, rulebook };
        output::line(&rows(&found.tasks, words).render(common.format)?)?;
        if found.left_out > 0 {
            output::line(&match lang {
                Lang::Zh => format!("另有 {} 项未列出；用 --agency、--kind 缩小范围", found.left_out),
                Lang::En => format!("{} more; narrow it down with --agency, --kind", found.left_out),
            })?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn rows(tasks: &[ShownTask], words: Words<'_>) -> Grid {
    let header = match words.lang {
        Lang::Zh => [
            "线索",
            "任务",
            "协办单位",
            "类型",
            "状态",
            "截止",
            "剩余",
            "事项",
            "主办单位",
        ],
        Lang::En => [
            "clue",
            "task",
            "assisting agency",
            "kind",
            "state",
            "due",
            "left",
            "matter",
            "responsible agency",
        ],
    };
    let nothing = || "—".to_owned();
    let time = |text: &str| text.parse().map_or_else(|_| text.to_owned(), |at| words.time(at));
    let rows = tasks.iter().map(|it| {
        vec![
            it.number.clone(),
            it.task.to_string(),
            it.agency.clone(),
            it.kind_words.to_owned(),
            state(it, words.lang),
            it.next_due.as_deref().map_or_else(nothing, time),
            it.seconds_left.map_or_else(nothing, |left| words.left(left)),
            it.matter_name.clone().unwrap_or_else(nothing),
            it.responsible.clone().unwrap_or_else(nothing),
        ]
    });
    Grid::new(header, rows)
}

/// Of a task that is over, also whether it was late.
fn state(task: &ShownTask, lang: Lang) -> String {
    let late = if task.over_at.is_some() && task.late {
        lang.choose("，逾期", ", late")
    } else {
        ""
    };
    format!("{}{late}", task.state_words)
}
