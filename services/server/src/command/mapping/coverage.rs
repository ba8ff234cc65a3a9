//! `bihuan mapping coverage`: which codes of a file lead nowhere, and what to add where.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use bihuan_domain::lang::Lang;
use bihuan_domain::routing::{CompiledRulebook, Rulebook};
use bihuan_intake::import::ImportError;
use bihuan_mapping::{Bilingual, Coverage, Mapping, Uncovered, check_codes};
use bihuan_runtime::Clock;
use clap::Args;
use serde::Serialize;

use super::read;
use crate::cli::{Common, Format};
use crate::command::import;
use crate::failure::{Failure, Outcome};
use crate::output::{self, Grid};
use crate::rulebooks;

#[derive(Debug, Args)]
pub(super) struct CoverageCommand {
    file: PathBuf,
    sample: PathBuf,
    /// The rulebook that knows the codes; without one only the tables of the mapping count
    #[arg(long, value_name = "DIR")]
    rulebook: Option<PathBuf>,
}

/// What leads nowhere.
#[derive(Debug, Serialize)]
struct Summary {
    file: PathBuf,
    sample: PathBuf,
    source: String,
    covered: bool,
    clues: u64,
    quarantined: u64,
    skipped: u64,
    /// Clues whose record names no matter, or lie nowhere; they wait in triage, and no row of a table helps.
    without_matter: u64,
    without_area: u64,
    /// The largest first.
    codes: Vec<Row>,
    /// Records with codes beyond those that are told apart.
    others: Vec<Others>,
}

#[derive(Debug, Serialize)]
struct Row {
    key: &'static str,
    /// `null`: addresses in which no area was found.
    code: Option<String>,
    records: u64,
    share: f64,
    example: String,
    /// The matter of this very name, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    matter: Option<String>,
    add: Bilingual,
}

#[derive(Debug, Serialize)]
struct Others {
    key: &'static str,
    records: u64,
    share: f64,
}

impl CoverageCommand {
    pub(super) fn run(self, common: &Common) -> Outcome {
        let mapping = read(&self.file)?;
        if mapping.is_feedback() {
            let file = self.file.display();
            return Err(Failure::usage(
                format!("{file}：反馈没有事项和区划代码；请用 bihuan mapping check"),
                format!("{file}: feedback has no codes of matters and areas; use bihuan mapping check"),
            ));
        }
        let rulebook = match &self.rulebook {
            Some(directory) => rulebooks::usable(directory)?.1,
            None => Rulebook::none(),
        };
        let registry = CompiledRulebook::new(Arc::new(rulebook));
        let problems = check_codes(&mapping, &registry);
        if !problems.is_empty() {
            return Err(import::failed(&self.file, ImportError::Mapping(problems)));
        }
        let coverage = counted(&mapping, &self.sample, &registry)?;
        let summary = Summary::of(self, &mapping, &coverage, registry.rulebook());
        match common.format {
            Format::Json => output::json(&summary)?,
            Format::Csv => summary.crosswalk(common)?,
            Format::Table | Format::Markdown | Format::Xlsx => summary.print(common)?,
        }
        Ok(ExitCode::from(u8::from(!summary.covered)))
    }
}

/// Reads the whole file.
fn counted(mapping: &Mapping, path: &Path, registry: &CompiledRulebook) -> Result<Coverage, Failure> {
    let mut file = import::open(path, mapping)?;
    let received_at = Clock::wall().now();
    let mut coverage = Coverage::default();
    while let Some(cut) = file.next() {
        let cut = cut.map_err(|error| import::failed(path, error.into()))?;
        coverage.count(file.outcome(&cut, registry, file.receipt(&cut, received_at, false)));
    }
    if coverage.clues == 0 && coverage.skipped == 0 && coverage.quarantined > 0 {
        let (path, records) = (path.display(), coverage.quarantined);
        return Err(Failure::usage(
            format!("{path}：{records} 条记录全部无法读取；请运行 bihuan mapping check"),
            format!("{path}: none of its {records} records can be read; run bihuan mapping check"),
        ));
    }
    Ok(coverage)
}

impl Summary {
    fn of(command: CoverageCommand, mapping: &Mapping, coverage: &Coverage, rulebook: &Rulebook) -> Self {
        let source = mapping.source().to_string();
        let rows = coverage.uncovered().into_iter();
        let codes = rows.map(|row| Row::of(&row, &source, rulebook)).collect();
        let others = coverage.others().map(|(key, records)| Others {
            key,
            records,
            share: coverage.share(records),
        });
        Self {
            file: command.file,
            sample: command.sample,
            source,
            covered: coverage.is_whole(),
            clues: coverage.clues,
            quarantined: coverage.quarantined,
            skipped: coverage.skipped,
            without_matter: coverage.without_matter,
            without_area: coverage.without_area,
            codes,
            others: others.collect(),
        }
    }

    fn print(&self, common: &Common) -> Result<(), Failure> {
        let lang = common.lang();
        if !self.codes.is_empty() {
            let header = match lang {
                Lang::Zh => ["字段", "代码", "记录", "占比", "示例编号", "补充"],
                Lang::En => ["field", "code", "records", "share", "example id", "what to add"],
            };
            let others = self.others.iter().map(|it| it.cells(lang));
            let rows = self.codes.iter().map(|it| it.cells(lang)).chain(others);
            output::line(&Grid::new(header, rows).render(common.format)?)?;
        }
        let Self {
            clues,
            quarantined,
            skipped,
            without_matter,
            without_area,
            ..
        } = self;
        let (file, codes) = (self.sample.display(), self.codes.len());
        output::line(&match lang {
            Lang::Zh => format!(
                "{file}：线索 {clues}（无事项 {without_matter}，无区划 {without_area}），隔离 {quarantined}，略过 {skipped}；没有着落的代码 {codes}"
            ),
            Lang::En => format!(
                "{file}: {clues} clues ({without_matter} without a matter, {without_area} without an area), \
                 {quarantined} quarantined, {skipped} skipped; {codes} codes lead nowhere"
            ),
        })
    }

    /// Rows of `crosswalk.csv`; the codes of other fields belong into the mapping.
    fn crosswalk(&self, common: &Common) -> Result<(), Failure> {
        let matters = || self.codes.iter().filter(|row| row.key == MATTER);
        let rows = matters().map(|row| {
            let (code, matter) = (row.code.clone(), row.matter.clone());
            vec![
                self.source.clone(),
                code.unwrap_or_default(),
                matter.unwrap_or_default(),
                String::new(),
            ]
        });
        let grid = Grid::new(["source", "code", "matter", "when"], rows);
        output::line(&grid.render(Format::Csv)?)?;
        let rest = self.codes.len() - matters().count();
        if rest > 0 {
            let words = match common.lang() {
                Lang::Zh => format!("另有其他字段的 {rest} 个代码，见 --format table"),
                Lang::En => format!("{rest} codes of other fields are not listed here; see --format table"),
            };
            eprintln!("{words}");
        }
        Ok(())
    }
}

const MATTER: &str = "clue.matter";

impl Row {
    fn of(row: &Uncovered<'_>, source: &str, rulebook: &Rulebook) -> Self {
        let matter = row
            .code
            .filter(|_| row.key == MATTER)
            .and_then(|code| named(rulebook, code));
        Self {
            key: row.key,
            code: row.code.map(str::to_owned),
            records: row.records,
            share: row.share,
            example: row.example.to_owned(),
            add: addition(row, source, matter.as_deref()),
            matter,
        }
    }

    fn cells(&self, lang: Lang) -> Vec<String> {
        let code = self.code.as_deref();
        vec![
            self.key.to_owned(),
            code.unwrap_or(lang.choose("（地址）", "(an address)")).to_owned(),
            self.records.to_string(),
            percent(self.share),
            self.example.clone(),
            lang.choose(&self.add.zh, &self.add.en).to_owned(),
        ]
    }
}

impl Others {
    fn cells(&self, lang: Lang) -> Vec<String> {
        vec![
            self.key.to_owned(),
            lang.choose("（其余）", "(others)").to_owned(),
            self.records.to_string(),
            percent(self.share),
            String::new(),
            lang.choose(
                "代码过多，此字段可能不是代码",
                "too many to be codes; is it the right field?",
            )
            .to_owned(),
        ]
    }
}

fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

/// The one matter of this very name: a proposal, for a person to check.
fn named(rulebook: &Rulebook, name: &str) -> Option<String> {
    let mut matters = rulebook.matters.values().filter(|matter| matter.name == name);
    match (matters.next(), matters.next()) {
        (Some(matter), None) => Some(matter.code.to_string()),
        _ => None,
    }
}

fn addition(row: &Uncovered<'_>, source: &str, matter: Option<&str>) -> Bilingual {
    let (zh, en) = match (row.key, row.code) {
        (MATTER, Some(code)) => (
            format!("crosswalk.csv：{source},{code},{},", matter.unwrap_or("事项编码")),
            format!("crosswalk.csv: {source},{code},{},", matter.unwrap_or("MATTER")),
        ),
        (key, None) => (
            format!("{key}：areas.csv 中的名称，within 缩小范围，或 areas.geojson"),
            format!("{key}: names in areas.csv, within to narrow them, or areas.geojson"),
        ),
        (key, Some(code)) => (
            format!("{key} 的 values：{code:?} = \"…\""),
            format!("values of {key}: {code:?} = \"…\""),
        ),
    };
    Bilingual { zh, en }
}
