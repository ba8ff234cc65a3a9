//! `bihuan dispute`: lists disputes over duty, shows one, or asks something of it.

mod act;
mod asked;
mod list;
mod named;
mod show;

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
}

impl DisputeCommand {
    pub(crate) async fn run(self, common: &Common) -> Outcome {
        match self.command {
            Command::List(list) => list.run(common).await,
            Command::Show { id } => show::show(common, &id).await,
            Command::Act(act) => act.run(common).await,
        }
    }
}
