//! `bihuan mapping`: says what a mapping would do.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bihuan_domain::lang::Lang;
use bihuan_intake::mapping::{Mapping, Problem};
use clap::{Args, Subcommand};

use crate::cli::Common;
use crate::failure::{Failure, Outcome};

#[derive(Debug, Args)]
pub(crate) struct MappingCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Check a mapping, and say what it would do with the first rows of a sample
    Check {
        file: PathBuf,
        sample: Option<PathBuf>,
    },
}

impl MappingCommand {
    pub(crate) async fn run(self, _common: &Common) -> Outcome {
        let Action::Check { file, .. } = self.action;
        read(&file)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Reads a mapping file, or says everything that is wrong with it.
pub(crate) fn read(path: &Path) -> Result<Mapping, Failure> {
    let file = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| Failure::usage(format!("映射 {file}：{error}"), format!("mapping {file}: {error}")))?;
    Mapping::parse(&text).map_err(|problems| {
        let lines = |lang: Lang| problems.iter().map(|problem| words(problem, lang)).collect::<Vec<_>>().join("\n  ");
        Failure::usage(format!("映射 {file} 有错误：\n  {}", lines(Lang::Zh)), format!("mapping {file} has errors:\n  {}", lines(Lang::En)))
    })
}

/// A problem in one line.
pub(crate) fn words(problem: &Problem, lang: Lang) -> String {
    let what = lang.choose(&problem.what.zh, &problem.what.en);
    let advice = lang.choose(&problem.advice.zh, &problem.advice.en);
    format!("{}:{} {}: {what}; {advice}", problem.line, problem.column, problem.key)
}
