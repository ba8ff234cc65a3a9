//! `bihuan reconcile`: a platform's own list of ids and states against ours.

mod sheet;
mod shown;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use bihuan_domain::code::SourceId;
use bihuan_domain::lang::Lang;
use bihuan_domain::time::Timestamp;
use bihuan_monitor::reconcile::{self, Coverage, Reconciliation, kept};
use clap::{Args, ValueEnum};

use crate::cli::{Common, Format};
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::reconciling;
use crate::session::Reading;

#[derive(Debug, Args)]
pub(crate) struct Reconcile {
    /// The list: a file of the platform
    manifest: PathBuf,
    /// The platform
    #[arg(long, value_name = "SOURCE", value_parser = source)]
    source: SourceId,
    /// How the list is read (default: as the source was last read); of it only the id and the words for the state count
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Whether the list holds everything that the platform has: only then is something missing there
    #[arg(long, value_enum, default_value_t = Complete::Yes)]
    complete: Complete,
    /// When the list was made, RFC 3339 (default: when the file was written); what came later is not held against it
    #[arg(long, value_name = "TIME", value_parser = moment)]
    made_at: Option<Timestamp>,
    /// Write all of it to this file, as its name ends: .xlsx, .csv or .json
    #[arg(long, value_name = "FILE", value_parser = output_file)]
    output: Option<Output>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Complete {
    Yes,
    No,
}

/// A file, and what its name says of it.
#[derive(Clone, Debug)]
struct Output {
    path: PathBuf,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Xlsx,
    Csv,
    Json,
}

/// Before anything is compared: a file of another kind would be opened as what it is not.
fn output_file(text: &str) -> Result<Output, String> {
    let path = PathBuf::from(text);
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let kind = match ending.to_lowercase().as_str() {
        "xlsx" => Kind::Xlsx,
        "csv" => Kind::Csv,
        "json" => Kind::Json,
        _ => {
            return Err(
                "文件名须以 .xlsx、.csv 或 .json 结尾 · its name must end in .xlsx, .csv or .json".to_owned(),
            );
        }
    };
    Ok(Output { path, kind })
}

fn source(text: &str) -> Result<SourceId, String> {
    SourceId::new(text).map_err(|error| error.to_string())
}

fn moment(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|_| "give a time such as 2026-04-30T06:00:00+08:00".to_owned())
}

impl Reconcile {
    pub(crate) async fn run(self, common: &Common) -> Outcome {
        let config = common.config()?;
        let reading = Reading::open(common).await?;
        let store = &reading.store;
        let mapping =
            reconciling::mapping_of(store, &config.intake, &self.source, self.mapping.as_deref()).await?;
        let manifest = reconciling::manifest(&self.manifest, &mapping, self.made_at)?;
        let put_away = reconciling::put_away(store, &self.source).await?;
        let coverage = match self.complete {
            Complete::Yes => Coverage::Complete,
            Complete::No => Coverage::Partial,
        };
        let done = reconcile::reconcile(store, manifest, coverage, &put_away, reading.now()).await?;
        kept::by_hand(store, &self.source, &done, reading.now()).await?;
        self.tell(common, &reading, &done).await?;
        Ok(if done.summary.agrees() {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(1)
        })
    }

    async fn tell(&self, common: &Common, reading: &Reading, done: &Reconciliation) -> Result<(), Failure> {
        let lang = common.lang();
        if let Some(output) = &self.output {
            output.write(done, lang).map_err(|error| {
                let file = output.path.display();
                Failure::usage(format!("{file}：{error}"), format!("{file}: {error}"))
            })?;
        }
        match (common.format, &self.output) {
            (Format::Json | Format::Csv, Some(_)) => Ok(()),
            (Format::Json, None) => output::json(done),
            (Format::Csv, None) => output::line(&shown::rows(&done.rows, lang).render(Format::Csv)?),
            (format, _) => shown::print(done, format, lang, reading.rulebook().await?.rulebook()),
        }
    }
}

impl Output {
    fn write(&self, done: &Reconciliation, lang: Lang) -> std::io::Result<()> {
        let file = File::create(&self.path)?;
        match self.kind {
            Kind::Xlsx => sheet::write(done, lang, file),
            Kind::Csv => shown::spreadsheet(done, lang, file),
            Kind::Json => {
                let mut file = BufWriter::new(file);
                serde_json::to_writer_pretty(&mut file, done)?;
                writeln!(file)?;
                file.flush()
            }
        }
    }
}
