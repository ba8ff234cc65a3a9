//! `bihuan mapping`: drafts a mapping, and says what it would do.

mod coverage;
mod draft;
mod sample;
mod shown;
mod unknown;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bihuan_domain::lang::Lang;
use bihuan_mapping::{Callback, Destination, Mapping, Note, Preview, Problem, Step, Summary, with_tables};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::{Common, Format};
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
    /// Say which codes of a file lead nowhere; with --format csv, the beginning of a crosswalk.csv
    Coverage(coverage::CoverageCommand),
    /// List the codes that sources sent and nobody knows
    Unknown(unknown::Unknown),
    /// Propose a mapping from a sample, and say what is unsure about it
    Draft(draft::Draft),
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
    /// How many rows of the sample to count
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    rows: usize,
}

/// What the codes of a sample were compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Compared {
    WithRulebook,
    WithNone,
}

/// What a check found.
#[derive(Debug, Serialize)]
struct Checked {
    file: PathBuf,
    good: bool,
    source: Option<String>,
    digest: Option<String>,
    problems: Vec<Problem>,
    /// What the text of the sample turned out to be written in.
    encoding: Option<&'static str>,
    /// What a person should know of the mapping and the sample.
    notes: Vec<Note>,
    /// What would become of the first records of the sample.
    records: Vec<Preview>,
    /// The account of more of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<Summary>,
    #[serde(skip)]
    mapping: Option<Mapping>,
    #[serde(skip)]
    compared: Compared,
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
    pub(crate) async fn run(self, common: &Common) -> Outcome {
        let check = match self.action {
            Action::Check(check) => check,
            Action::Coverage(coverage) => return coverage.run(common),
            Action::Draft(draft) => return draft.run(common).map(|()| ExitCode::SUCCESS),
            Action::Unknown(unknown) => return unknown.run(common).await,
        };
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
            encoding: None,
            notes: Vec::new(),
            records: Vec::new(),
            summary: None,
            mapping: None,
            compared: self
                .rulebook
                .as_ref()
                .map_or(Compared::WithNone, |_| Compared::WithRulebook),
            callbacks: Vec::new(),
        };
        match parsed {
            Err(problems) => checked.problems = problems,
            Ok(mapping) => {
                checked.source = Some(mapping.source().to_string());
                checked.digest = Some(mapping.digest().to_owned());
                checked.callbacks = mapping.callbacks().map(told).collect();
                checked.notes = mapping.notes().to_vec();
                if let Some(path) = &self.sample {
                    let extent = sample::Extent {
                        first: self.first,
                        rows: self.rows,
                    };
                    let looked = sample::read(&mapping, path, self.rulebook.as_deref(), extent)?;
                    (checked.problems, checked.records) = (looked.problems, looked.records);
                    checked.encoding = looked.encoding;
                    checked.notes.extend(looked.notes);
                    checked.summary = Some(looked.summary);
                }
                checked.mapping = Some(mapping);
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
            let grid = Grid::new(header, rows);
            output::line(&match common.format {
                Format::Table => grid.within(shown::WIDTH),
                format => grid.render(format)?,
            })?;
        }
        if let Some(encoding) = self.encoding {
            output::line(&format!("{}{encoding}", lang.choose("编码：", "encoding: ")))?;
        }
        for note in &self.notes {
            output::line(lang.choose(&note.what.zh, &note.what.en))?;
        }
        for (record, mapping) in self.records.iter().zip(self.mapping.iter().cycle()) {
            shown::record(record, mapping, lang)?;
        }
        if let Some(summary) = self.summary.as_ref().filter(|summary| summary.records > 0) {
            shown::summary(summary, self.compared, lang)?;
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
    std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidData => Failure::usage(
            format!("映射 {file}：不是 UTF-8；请在编辑器里另存为 UTF-8"),
            format!("mapping {file}: it is not UTF-8; save it as UTF-8"),
        ),
        _ => Failure::usage(
            format!("映射 {file}：{error}"),
            format!("mapping {file}: {error}"),
        ),
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
