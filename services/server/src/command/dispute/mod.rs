//! `bihuan dispute`: lists disputes over duty, shows one, asks something of it; what disputes teach, those that are one quarrel, and
//! the joint meeting.

mod act;
mod agenda;
mod asked;
mod example;
mod list;
mod minutes;
mod minutes_file;
mod named;
mod outcome;
mod precedent;
mod precedents;
mod sheet;
mod show;
mod similar;
mod together;
mod who;

use clap::{Args, Subcommand};

use crate::cli::Common;
use crate::failure::Outcome;

#[derive(Debug, Args)]
pub(crate) struct DisputeCommand {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Disputes by until when their open step may take, then those that have ended
    List(list::List),
    /// Say how a dispute stands, who may do what next, and what happened
    Show {
        /// The dispute's id, or its clue's id, number or source/source-id: then its newest dispute
        id: String,
    },
    /// Ask something of a dispute and print what became of it
    Act(Box<act::Act>),
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
            Command::List(list) => list.run(common).await,
            Command::Show { id } => show::show(common, &id).await,
            Command::Act(act) => act.run(common).await,
            Command::Precedent(it) => it.run(common).await,
            Command::Precedents => precedents::list(common).await,
            Command::Similar(it) => it.run(common).await,
            Command::DecideTogether(it) => it.run(common).await,
            Command::Agenda(it) => it.run(common).await,
        }
    }
}
