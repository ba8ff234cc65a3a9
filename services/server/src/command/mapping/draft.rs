//! `bihuan mapping draft`: a mapping proposed from a sample.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use bihuan_domain::code::SourceId;
use bihuan_domain::routing::CompiledRulebook;
use bihuan_mapping::draft::{Unusable, Wanted, draft};
use bihuan_mapping::format::sheet::SheetName;
use clap::Args;

use crate::cli::{Common, Format};
use crate::failure::Failure;
use crate::{output, rulebooks};

#[derive(Debug, Args)]
pub(super) struct Draft {
    /// A file as the platform exports it
    sample: PathBuf,
    /// What to call the platform (default: the name of the file)
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// The rulebook that knows the codes
    #[arg(long, value_name = "DIR")]
    rulebook: Option<PathBuf>,
    /// How many records to look at
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    rows: usize,
    /// Of a table: the line of its header, where titles stand above it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    header_row: u32,
    /// Of a workbook: its sheet, by name or by number from 1 (default: the first that is visible)
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
}

impl Draft {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        let rulebook = self.rulebook.as_deref().map(rulebooks::usable).transpose()?;
        let rulebook = rulebook.map(|(_, rulebook)| CompiledRulebook::new(rulebook.into()));
        let wanted = Wanted {
            source: self.source()?,
            rulebook: rulebook.as_ref(),
            rows: self.rows,
            header_row: self.header_row,
            sheet: self.sheet.as_deref().map(sheet),
            lang: common.lang(),
        };
        let path = &self.sample;
        let file = File::open(path).map_err(|error| failed(path, &Unusable::Io(error)))?;
        let draft = draft(BufReader::new(file), &wanted).map_err(|error| failed(path, &error))?;
        match common.format {
            Format::Json => output::json(&draft),
            Format::Table | Format::Csv | Format::Markdown | Format::Xlsx => {
                output::line(draft.mapping.trim_end())
            }
        }
    }

    fn source(&self) -> Result<SourceId, Failure> {
        let named = match &self.source {
            Some(name) => SourceId::new(name),
            None => SourceId::new(&stem(&self.sample)),
        };
        named.map_err(|error| Failure::usage(format!("--source 无效：{error}"), format!("--source: {error}")))
    }
}

fn sheet(said: &str) -> SheetName {
    let number = said.parse().ok().filter(|number| *number > 0);
    number.map_or_else(|| SheetName::Name(said.to_owned()), SheetName::Number)
}

/// The name of the file with nothing in it that no source may be called.
fn stem(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase());
    let name = name.as_deref().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    let clean: String = stem
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(64)
        .collect();
    let clean = clean.trim_matches('-');
    if clean.is_empty() { "platform" } else { clean }.to_owned()
}

fn failed(path: &Path, error: &Unusable) -> Failure {
    let path = path.display();
    match error {
        Unusable::Io(error) => Failure::usage(format!("{path}：{error}"), format!("{path}: {error}")),
        Unusable::Because(why) => {
            Failure::usage(format!("{path}：{}", why.zh), format!("{path}: {}", why.en))
        }
    }
}
