//! The program `bihuan`: one file a command under `command/`. This one only dispatches.

mod activation;
mod api;
mod barrier;
mod callbacks;
mod cli;
mod command;
mod disputes;
mod failure;
mod findings;
mod gauges;
mod http;
mod installation;
mod memory;
mod offering;
mod output;
mod reconciling;
mod rulebooks;
mod services;
mod session;
mod simulation;
mod story;
mod submit;

use clap::Parser as _;

fn main() -> std::process::ExitCode {
    let arguments = cli::Arguments::parse();
    let lang = arguments.lang();
    match command::run(arguments) {
        Ok(code) => code,
        Err(failure) => failure.report(lang),
    }
}
