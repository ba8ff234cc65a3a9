//! `bihuan mapping`: says what a mapping would do.

mod sample;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bihuan_domain::lang::Lang;
use bihuan_mapping::{Callback, Destination, Mapping, Preview, Problem, Step, with_tables};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::output::{self, Grid};

#[derive(Debug, Args)]
pub(crate) struct MappingCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Check a mapping, and say what it would do with the first rows of a sample
    Check(Check),
}

#[derive(Debug, Args)]
struct Check {
    file: PathBuf,
    sample: Option<PathBuf>,
    /// The rulebook that knows the codes
    #[arg(long, value_name = "DIR")]
    rulebook: Option<PathBuf>,
    /// How many rows of the sample to show
    #[arg(long, value_name = "N", default_value_t = 5)]
    first: usize,
}

/// What a check found.
#[derive(Debug, Serialize)]
struct Checked {
    file: PathBuf,
    good: bool,
    source: Option<String>,
    digest: Option<String>,
    problems: Vec<Problem>,
    /// What would become of the first records of the sample.
    records: Vec<Preview>,
    /// What the source is told of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    callbacks: Vec<Told>,
}

/// A step that the source is told of, and where.
#[derive(Debug, Serialize)]
struct Told {
    event: &'static str,
    to: String,
}

impl MappingCommand {
    pub(crate) fn run(self, common: &Common) -> Outcome {
        let Action::Check(check) = self.action;
        let checked = check.run()?;
        if common.is_json() {
            output::json(&checked)?;
        } else {
            checked.print(common)?;
        }
        Ok(if checked.good {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(1)
        })
    }
}

impl Check {
    fn run(self) -> Result<Checked, Failure> {
        let text = text(&self.file)?;
        let parsed = with_tables(&text, beside(&self.file)).and_then(|text| Mapping::parse(&text));
        let mut checked = Checked {
            file: self.file,
            good: false,
            source: None,
            digest: None,
            problems: Vec::new(),
            records: Vec::new(),
            callbacks: Vec::new(),
        };
        match parsed {
            Err(problems) => checked.problems = problems,
            Ok(mapping) => {
                checked.source = Some(mapping.source().to_string());
                checked.digest = Some(mapping.digest().to_owned());
                checked.callbacks = mapping.callbacks().map(told).collect();
                if let Some(path) = &self.sample {
                    let sample = sample::read(&mapping, path, self.rulebook.as_deref(), self.first)?;
                    (checked.problems, checked.records) = sample;
                }
            }
        }
        checked.good = checked.problems.is_empty();
        Ok(checked)
    }
}

impl Checked {
    fn print(&self, common: &Common) -> Result<(), Failure> {
        let lang = common.lang();
        if !self.problems.is_empty() {
            let header = match lang {
                Lang::Zh => ["位置", "键", "代码", "问题", "建议"],
                Lang::En => ["place", "key", "code", "what is wrong", "what to do"],
            };
            let rows = self.problems.iter().map(|it| {
                let (what, advice) = (
                    lang.choose(&it.what.zh, &it.what.en),
                    lang.choose(&it.advice.zh, &it.advice.en),
                );
                vec![
                    format!("{}:{}", it.line, it.column),
                    it.key.clone(),
                    it.code.to_owned(),
                    what.to_owned(),
                    advice.to_owned(),
                ]
            });
            output::line(&Grid::new(header, rows).render(common.format)?)?;
        }
        for record in &self.records {
            sample::print(record, common)?;
        }
        for Told { event, to } in &self.callbacks {
            let word = lang.choose("回传", "callback");
            output::line(&format!("{word} {event} → {to}"))?;
        }
        let file = self.file.display();
        output::line(&match (lang, self.good) {
            (Lang::Zh, true) => format!("{file}：可用"),
            (Lang::Zh, false) => format!("{file}：有 {} 处问题", self.problems.len()),
            (Lang::En, true) => format!("{file}: good"),
            (Lang::En, false) => format!("{file}: {} problems", self.problems.len()),
        })
    }
}

fn told((step, callback): (Step, &Callback)) -> Told {
    let to = match &callback.destination {
        Destination::Url(url) => url,
        Destination::Topic(name) | Destination::File(name) => name,
    };
    Told {
        event: step.as_str(),
        to: to.clone(),
    }
}

fn text(path: &Path) -> Result<String, Failure> {
    let file = path.display();
    std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(
            format!("映射 {file}：{error}"),
            format!("mapping {file}: {error}"),
        )
    })
}

/// Files that a mapping names lie beside it.
fn beside(mapping: &Path) -> impl FnMut(&str) -> std::io::Result<Vec<u8>> {
    let folder = mapping.parent().map(Path::to_path_buf).unwrap_or_default();
    move |file| std::fs::read(folder.join(file))
}

/// Reads a mapping file, or says everything that is wrong with it.
pub(crate) fn read(path: &Path) -> Result<Mapping, Failure> {
    let file = path.display();
    let parsed = with_tables(&text(path)?, beside(path)).and_then(|text| Mapping::parse(&text));
    parsed.map_err(|problems| {
        let lines = |lang: Lang| {
            problems
                .iter()
                .map(|problem| words(problem, lang))
                .collect::<Vec<_>>()
                .join("\n  ")
        };
        Failure::usage(
            format!("映射 {file} 有错误：\n  {}", lines(Lang::Zh)),
            format!("mapping {file} has errors:\n  {}", lines(Lang::En)),
        )
    })
}

/// A problem in one line.
pub(crate) fn words(problem: &Problem, lang: Lang) -> String {
    let what = lang.choose(&problem.what.zh, &problem.what.en);
    let advice = lang.choose(&problem.advice.zh, &problem.advice.en);
    format!(
        "{}:{} {}: {what}; {advice}",
        problem.line, problem.column, problem.key
    )
}
