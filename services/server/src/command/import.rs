//! `bihuan import`: submits the records of files through the log and waits until each is accounted for.

mod complete;
mod dry_run;
mod summary;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use bihuan_domain::lang::Lang;
use bihuan_intake::import::{Import as File, ImportError};
use bihuan_mapping::Mapping;
use bihuan_runtime::{Config, telemetry};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use tokio_util::sync::CancellationToken;

use complete::List;
use summary::{Summary, accounts};

use crate::cli::Common;
use crate::command::mapping;
use crate::failure::{Failure, Outcome};
use crate::installation::Installation;
use crate::memory::peak_memory;
use crate::services::{Role, Services};
use crate::{barrier, callbacks, offering, output, rulebooks};

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(crate) struct Import {
    /// Files to import
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What the records mean
    #[arg(long, value_name = "FILE")]
    mapping: PathBuf,
    /// The rulebook of the first use
    #[arg(long, value_name = "DIR")]
    rulebook: Option<PathBuf>,
    /// Let Bihuan route instead of taking the recorded agency as the assignment
    #[arg(long)]
    route: bool,
    /// Into an installation that sends nothing to anybody, beside people's own work (first use only)
    #[arg(long)]
    shadow: bool,
    /// The files together list everything that the platform has: note which open clues of it they leave out
    #[arg(long)]
    complete: bool,
    /// Say what would happen; change nothing. With --data or --config, by the rulebook that is active there
    #[arg(long)]
    dry_run: bool,
}

/// What was put on the log of a file.
struct Sent {
    records: u64,
    encoding: Option<&'static str>,
}

/// Records published at once.
const CHUNK: usize = 1_000;

impl Import {
    pub(crate) async fn run(self, common: &Common) -> Outcome {
        let mapping = mapping::read(&self.mapping)?;
        if self.complete && mapping.mode() != bihuan_mapping::Mode::Snapshot {
            let file = self.mapping.display();
            return Err(Failure::usage(
                format!("{file}：--complete 须配合 mode = \"snapshot\""),
                format!("{file}: --complete goes with mode = \"snapshot\""),
            ));
        }
        let started = Instant::now();
        let mut summary = if self.dry_run {
            dry_run::summary(&self, common, &mapping).await?
        } else {
            let mut config = common.config()?;
            config.shadow |= self.shadow;
            self.submit(config, &mapping).await?
        };
        summary.files = self.files.len();
        summary.seconds = (started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        summary.records_per_second = (summary.read as f64 / summary.seconds.max(0.001)).round();
        summary.peak_memory_bytes = peak_memory();
        if common.is_json() {
            output::json(&summary)?;
        } else {
            summary.print(common.lang())?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Imports the files with `--route` into the installation and returns how many records they hold; for measuring.
    pub(super) async fn measured(
        files: Vec<PathBuf>,
        mapping: PathBuf,
        rulebook: PathBuf,
        config: Config,
    ) -> Result<u64, Failure> {
        let meaning = mapping::read(&mapping)?;
        let import = Self {
            files,
            mapping,
            rulebook: Some(rulebook),
            route: true,
            shadow: false,
            complete: false,
            dry_run: false,
        };
        Ok(import.submit(config, &meaning).await?.read)
    }

    async fn submit(&self, config: Config, mapping: &Mapping) -> Result<Summary, Failure> {
        telemetry::install(&quiet(&config.telemetry))
            .map_err(|error| Failure::usage(error.to_string(), error.to_string()))?;
        let installation = Installation::open(config).await?;
        let shutdown = CancellationToken::new();
        let services = match &installation.lock {
            Some(_) => Some(Services::start(&installation, &Role::ALL, None, &shutdown).await?),
            None => None,
        };
        if let Some([zh, en]) = callbacks::untold(&installation, mapping).await? {
            // both: whoever reads a log of imports may not be who started it
            eprintln!("{zh}\n{en}");
        }
        let done = self.through(&installation, services.as_ref(), mapping).await;
        if let Some(services) = services {
            services.stop().await?;
        }
        done
    }

    async fn through(
        &self,
        installation: &Installation,
        services: Option<&Services>,
        mapping: &Mapping,
    ) -> Result<Summary, Failure> {
        rulebooks::first_use(installation, self.rulebook.as_deref()).await?;
        let before = accounts(installation).await?;
        let (mut read, mut encoding) = (0, BTreeSet::new());
        let mut list = (self.complete || mapping.is_complete()).then(List::default);
        for path in &self.files {
            let sent = self.send(installation, path, mapping, list.as_mut()).await?;
            read += sent.records;
            encoding.extend(sent.encoding);
        }
        barrier::settled(installation, services).await?;
        let complete = match list {
            Some(list) => {
                let complete = list.tell(installation, mapping.source()).await?;
                barrier::settled(installation, services).await?;
                Some(complete)
            }
            None => None,
        };
        if let Some(services) = services {
            offering::settled(installation, services).await?;
        }
        let after = accounts(installation).await?;
        Ok(Summary {
            encoding,
            complete,
            ..Summary::between(read, &before, &after)
        })
    }

    /// Puts every record of the file on the log.
    async fn send(
        &self,
        installation: &Installation,
        path: &Path,
        mapping: &Mapping,
        mut list: Option<&mut List>,
    ) -> Result<Sent, Failure> {
        let file = open(path, mapping)?;
        if let Some(list) = &mut list {
            list.begin(&file);
        }
        file.remember(&installation.store)
            .await
            .map_err(|error| failed(path, error))?;
        let partition = file.lane(installation.config.partitions);
        let progress = progress(path);
        let mut count = 0;
        let mut chunk = Vec::with_capacity(CHUNK);
        let mut file = file;
        while let Some(cut) = file.next() {
            let cut = cut.map_err(|error| failed(path, error.into()))?;
            if let Some(list) = &mut list {
                list.note(&file, &cut, installation.now());
            }
            chunk.push(file.message(&cut, partition, self.route, installation.now()));
            count += 1;
            if chunk.len() == CHUNK {
                progress.inc(CHUNK as u64);
                installation.log.publish(std::mem::take(&mut chunk)).await?;
            }
        }
        progress.inc(chunk.len() as u64);
        installation.log.publish(chunk).await?;
        progress.finish_and_clear();
        Ok(Sent {
            records: count,
            encoding: file.encoding(),
        })
    }
}

pub(crate) fn open<'m>(path: &Path, mapping: &'m Mapping) -> Result<File<'m>, Failure> {
    File::open(path, mapping).map_err(|error| failed(path, error))
}

/// What is wrong with a file, in both languages.
pub(crate) fn failed(path: &Path, error: ImportError) -> Failure {
    let path = path.display();
    match error {
        ImportError::Store(error) => error.into(),
        ImportError::Mapping(problems) => {
            let lines = |lang: Lang| {
                problems
                    .iter()
                    .map(|problem| mapping::words(problem, lang))
                    .collect::<Vec<_>>()
                    .join("\n  ")
            };
            Failure::usage(
                format!("{path}：映射与文件不符\n  {}", lines(Lang::Zh)),
                format!("{path}: the mapping does not fit the file\n  {}", lines(Lang::En)),
            )
        }
        other => {
            let said = other.say();
            Failure::usage(format!("{path}：{}", said.zh), format!("{path}: {}", said.en))
        }
    }
}

/// Imports log only what goes wrong.
fn quiet(telemetry: &bihuan_runtime::config::Telemetry) -> bihuan_runtime::config::Telemetry {
    bihuan_runtime::config::Telemetry {
        filter: "warn".to_owned(),
        ..telemetry.clone()
    }
}

fn progress(path: &Path) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {human_pos} ({per_sec})") {
        bar.set_style(style);
    }
    bar.with_message(name)
}
