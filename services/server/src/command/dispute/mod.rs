//! `bihuan dispute`: what disputes teach, those that are one quarrel, and the joint meeting.

mod agenda;
mod example;
mod minutes;
mod minutes_file;
mod precedent;
mod precedents;
mod send;
mod sheet;
mod similar;
mod together;
mod who;

use bihuan_dispute::Shown;
use bihuan_domain::id::DisputeId;
use clap::{Args, Subcommand};

use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::session::Reading;

#[derive(Debug, Args)]
pub(crate) struct DisputeCommand {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The duty that a settled or decided dispute proposes, what it would change, and to add it to a rulebook directory (先例)
    Precedent(precedent::Options),
    /// All of them: taken over, proposed, contradicting each other
    Precedents,
    /// Open disputes between the same parties over the same, together (同类争议)
    Similar(similar::Options),
    /// Send the same ruling to several disputes, one command each
    DecideTogether(Box<together::Options>),
    /// What a joint meeting is to talk about, and to carry out what came of it (联席会议)
    Agenda(Box<agenda::Options>),
}

impl DisputeCommand {
    /// Whether it can print a workbook.
    pub(crate) const fn has_workbook(&self) -> bool {
        matches!(self.command, Command::Agenda(_))
    }

    pub(crate) async fn run(self, common: &Common) -> Outcome {
        match self.command {
            Command::Precedent(it) => it.run(common).await,
            Command::Precedents => precedents::list(common).await,
            Command::Similar(it) => it.run(common).await,
            Command::DecideTogether(it) => it.run(common).await,
            Command::Agenda(it) => it.run(common).await,
        }
    }
}

/// The dispute that `name` means.
async fn named(reading: &Reading, name: &str) -> Result<Shown, Failure> {
    let found = match name.parse::<DisputeId>() {
        Ok(id) => bihuan_dispute::show(&reading.store, id).await?,
        Err(_) => None,
    };
    found.ok_or_else(|| {
        Failure::usage(
            format!("没有编号为“{name}”的争议；请用 bihuan dispute list 查看"),
            format!("no dispute has the id {name:?}; bihuan dispute list shows them"),
        )
    })
}
