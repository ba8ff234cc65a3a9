//! One file a command.

pub(crate) mod bench;
pub(crate) mod calendar;
pub(crate) mod callback;
pub(crate) mod clock;
pub(crate) mod clue;
pub(crate) mod dispute;
pub(crate) mod explain;
pub(crate) mod import;
pub(crate) mod mapping;
pub(crate) mod notice;
pub(crate) mod parked;
pub(crate) mod quarantine;
pub(crate) mod receiver;
pub(crate) mod reconcile;
pub(crate) mod report;
pub(crate) mod rulebook;
pub(crate) mod serve;
pub(crate) mod task;
pub(crate) mod verify;

use crate::cli::{Arguments, Command, Format};
use crate::failure::{Failure, Outcome};

/// Runs the command on a runtime of its own.
pub(crate) fn run(arguments: Arguments) -> Outcome {
    let Arguments { command, common } = arguments;
    let has_workbook = matches!(&command, Command::Dispute(it) if it.has_workbook());
    if common.format == Format::Xlsx && !has_workbook {
        return Err(Failure::usage(
            "此命令不输出 xlsx；请改用 table、json、csv 或 markdown",
            "this command prints no xlsx; choose table, json, csv or markdown",
        ));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Serve(it) => it.run(&common).await,
            Command::Import(it) => it.run(&common).await,
            Command::Clue(it) => it.run(&common).await,
            Command::Dispute(it) => it.run(&common).await,
            Command::Explain(it) => it.run(&common).await,
            Command::Report(it) => it.run(&common).await,
            Command::Reconcile(it) => it.run(&common).await,
            Command::Verify(it) => it.run(&common).await,
            Command::Quarantine(it) => it.run(&common).await,
            Command::Notice(it) => it.run(&common).await,
            Command::Task(it) => it.run(&common).await,
            Command::Parked(it) => it.run(&common).await,
            Command::Callback(it) => it.run(&common).await,
            Command::Calendar(it) => it.run(&common),
            Command::Clock(it) => it.run(&common).await,
            Command::Receiver(it) => it.run().await,
            Command::Rulebook(it) => it.run(&common).await,
            Command::Mapping(it) => it.run(&common).await,
            Command::Bench(it) => Box::pin(it.run(&common)).await,
        }
    })
}
