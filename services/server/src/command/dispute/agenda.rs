//! `bihuan dispute agenda`: what a joint meeting is to talk about, and back from it with the minutes.

use std::path::PathBuf;
use std::process::ExitCode;

use bihuan_domain::dispute::Forum;
use bihuan_monitor::agenda;
use bihuan_monitor::words::Words;
use bihuan_monitor::words::agenda::{AgendaRow, agenda_header};
use clap::Args;
use serde_json::json;

use super::who::Who;
use super::{minutes, sheet};
use crate::cli::{Common, Format};
use crate::failure::{Failure, Outcome};
use crate::output::{self, Grid};
use crate::session::{Reading, Session};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// For a meeting before it: county:AREA, city, city_government
    #[arg(long)]
    forum: Option<Forum>,
    /// The workbook, for --format xlsx
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Carry out what came of the meeting: item, outcome, agency, basis, reference, sha256
    #[arg(long, value_name = "FILE", conflicts_with_all = ["output", "forum"])]
    minutes: Option<PathBuf>,
    #[command(flatten)]
    who: Who,
}

impl Options {
    pub(super) async fn run(self, common: &Common) -> Outcome {
        match (&self.minutes, common.format) {
            (Some(_), Format::Xlsx) => Err(Failure::usage(
                "xlsx 只用于议题，不用于 --minutes",
                "xlsx is for the agenda, not for --minutes",
            )),
            (Some(path), _) => {
                let session = Session::open_existing(common).await?;
                let done = minutes::carry_out(&session, path, &self.who, common).await;
                session.end(done).await
            }
            (None, _) => self.show(common).await,
        }
    }

    async fn show(&self, common: &Common) -> Outcome {
        let (reading, lang) = (Reading::open(common).await?, common.lang());
        let active = reading.rulebook().await?;
        let (rulebook, now) = (active.rulebook(), reading.now());
        let found = agenda::agenda(
            &reading.store,
            &reading.library,
            &active,
            self.forum.as_ref(),
            now,
        )
        .await?;
        let rows = Words { lang, rulebook }.agenda(&found.items);
        match (common.format, &self.output) {
            (Format::Xlsx, Some(path)) => sheet::write(&rows, lang, path)?,
            (Format::Xlsx, None) => {
                return Err(Failure::usage(
                    "xlsx 须用 --output FILE 指明文件",
                    "xlsx needs a file: --output FILE",
                ));
            }
            (_, Some(_)) => {
                return Err(Failure::usage(
                    "--output 只用于 --format xlsx",
                    "--output is for --format xlsx",
                ));
            }
            (Format::Json, None) => output::json(&json!({
                "as_of": now.to_string(),
                "rulebook": rulebook.version.to_string(),
                "forum": self.forum.as_ref().map(ToString::to_string),
                "items": rows,
            }))?,
            (format, None) => {
                let cells = rows.iter().map(AgendaRow::cells).map(Vec::from);
                output::line(&Grid::new(agenda_header(lang), cells).render(format)?)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
