//! `bihuan quarantine`: what could not be read, and what is to become of it.

mod asking;
mod decide;
mod settling;
mod show;

use std::process::ExitCode;

use bihuan_domain::lang::Lang;
use bihuan_monitor::quarantine::{Listed, QuarantinePage};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::output::{self, Grid};
use crate::session::Reading;

#[derive(Debug, Args)]
pub(crate) struct Quarantine {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say how much there is, by reason, and show the newest
    List(List),
    /// Show one record: why, where it came from, its bytes without what names persons
    Show { id: String },
    /// Read records again, after mapping, rulebook or program were mended
    Replay(decide::Replay),
    /// Decide that records are never to be read, because they are no clues or were read mended: they stay in the accounts as
    /// quarantined, and leave the strict closure rate
    Discard(decide::Discard),
}

#[derive(Debug, Args)]
struct List {
    /// Only records quarantined for this reason
    #[arg(long, value_name = "CODE")]
    reason: Option<String>,
    /// Only records of this fate
    #[arg(long, value_parser = PossibleValuesParser::new(["waiting", "replayed", "discarded"]))]
    fate: Option<String>,
    /// How many records to show
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
}

impl Quarantine {
    pub(crate) async fn run(self, common: &Common) -> Outcome {
        match self.action {
            Action::List(list) => list.run(common).await,
            Action::Show { id } => show::run(common, &id).await,
            Action::Replay(replay) => replay.run(common).await,
            Action::Discard(discard) => discard.run(common).await,
        }
    }
}

impl List {
    async fn run(self, common: &Common) -> Outcome {
        let reading = Reading::open(common).await?;
        let page = bihuan_monitor::quarantine::list(
            &reading.store,
            self.fate.as_deref(),
            self.reason.as_deref(),
            self.limit,
        )
        .await?;
        if common.is_json() {
            output::json(&page)?;
        } else {
            print(&page, common)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn print(page: &QuarantinePage, common: &Common) -> Result<(), Failure> {
    let lang = common.lang();
    if page.totals.is_empty() {
        return output::line(lang.choose("没有无法读取的记录。", "Everything could be read."));
    }
    let header = match lang {
        Lang::Zh => ["服务", "原因", "说明", "去向", "记录"],
        Lang::En => ["service", "reason", "in words", "fate", "records"],
    };
    let rows = page.totals.iter().map(|it| {
        let (zh, en) = bihuan_intake::words(&it.reason);
        let words = lang.choose(zh, en).to_owned();
        vec![
            it.service.clone(),
            it.reason.clone(),
            words,
            fate(&it.fate, lang).to_owned(),
            it.records.to_string(),
        ]
    });
    output::line(&Grid::new(header, rows).render(common.format)?)?;
    let header = match lang {
        Lang::Zh => ["标识", "接收", "来源", "出处", "原因", "字段", "字节", "去向"],
        Lang::En => [
            "id", "received", "source", "from", "reason", "field", "bytes", "fate",
        ],
    };
    let rows = page.records.iter().map(|it| {
        let field = it.field.clone().unwrap_or_default();
        let source = it.source.clone().unwrap_or_default();
        let end = fate(it.fate, lang).to_owned();
        vec![
            it.id.clone(),
            it.received_at.clone(),
            source,
            place(it),
            it.reason.clone(),
            field,
            it.bytes.to_string(),
            end,
        ]
    });
    output::line(&Grid::new(header, rows).render(common.format)?)
}

/// File and line, or topic, partition and offset.
fn place(it: &Listed) -> String {
    match (&it.file, it.line) {
        (Some(file), Some(line)) => format!("{}:{line}", file.get(..12).unwrap_or(file)),
        _ => format!("{}/{}/{}", it.topic, it.partition, it.offset),
    }
}

fn fate(fate: &str, lang: Lang) -> &str {
    match fate {
        "waiting" => lang.choose("待处理", "waiting"),
        "replayed" => lang.choose("已重放", "replayed"),
        "discarded" => lang.choose("已放弃", "discarded"),
        other => other,
    }
}
