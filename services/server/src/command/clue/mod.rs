//! `bihuan clue`: shows one clue, or asks something of it.

mod act;
mod asked;

use std::process::ExitCode;

use bihuan_monitor::words::Words;
use clap::{Args, Subcommand};

use crate::cli::Common;
use crate::failure::Outcome;
use crate::output;
use crate::session::Reading;
use crate::story::Story;

#[derive(Debug, Args)]
pub(crate) struct Clue {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say how a clue stands
    Show {
        /// The clue's id, its number, or source/source-id
        id: String,
    },
    /// Ask something of a clue and print what became of it
    Act(Box<act::Act>),
}

impl Clue {
    pub(crate) async fn run(self, common: &Common) -> Outcome {
        match self.command {
            Command::Show { id } => show(common, &id).await,
            Command::Act(act) => act.run(common).await,
        }
    }
}

async fn show(common: &Common, id: &str) -> Outcome {
    let (reading, lang) = (Reading::open(common).await?, common.lang());
    let named = reading.clue(id, lang).await?;
    let story = Story::read(&reading, named, id).await?;
    let rulebook = reading.rulebook().await?;
    let rulebook = rulebook.rulebook();
    let head = story.head(Words { lang, rulebook }, reading.now());
    if common.is_json() {
        output::json(&head)?;
    } else {
        output::details(
            common.format,
            lang.choose("线索", "clue"),
            head.lines(lang, rulebook),
        )?;
    }
    Ok(ExitCode::SUCCESS)
}
