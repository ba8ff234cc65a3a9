//! `bihuan import`: submits the records of files through the log and waits until each is accounted for.

mod complete;
mod dry_run;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use bihuan_domain::clue::rejection_words;
use bihuan_domain::figures::Records;
use bihuan_domain::lang::Lang;
use bihuan_intake::import::{Import as File, ImportError};
use bihuan_mapping::Mapping;
use bihuan_monitor::ReportQuery;
use bihuan_runtime::{Config, telemetry};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use complete::{Complete, List};

use crate::cli::Common;
use crate::command::mapping;
use crate::failure::{Failure, Outcome};
use crate::installation::Installation;
use crate::memory::peak_memory;
use crate::services::{Role, Services};
use crate::{barrier, output, rulebooks};

#[derive(Debug, Args)]
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

/// What an import came to.
#[derive(Debug, Default, Serialize)]
struct Summary {
    files: usize,
    /// Records in the files.
    read: u64,
    /// Of these, read for the first time.
    received: i64,
    /// Read before: nothing changed by them.
    repeated: i64,
    dispositions: BTreeMap<&'static str, i64>,
    quarantined_by_reason: BTreeMap<String, i64>,
    /// Feedback that lifecycle refused, by reason; of `feedback`.
    refused_by_reason: BTreeMap<String, i64>,
    /// Feedback that waits for its clue to be dispatched, whenever it was read.
    parked: i64,
    /// What the text of the files turned out to be written in.
    encoding: BTreeSet<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    complete: Option<Complete>,
    seconds: f64,
    records_per_second: f64,
    peak_memory_bytes: Option<u64>,
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
            Some(_) => Some(Services::start(&installation, &Role::ALL, None, &shutdown)?),
            None => None,
        };
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

/// Records by disposition, quarantine and refused feedback by reason, and what is parked.
struct Accounts {
    records: Records,
    quarantined: BTreeMap<String, i64>,
    refused: BTreeMap<String, i64>,
    parked: i64,
}

async fn accounts(installation: &Installation) -> Result<Accounts, Failure> {
    let rulebook = installation.library.active().await?;
    let report = bihuan_monitor::report::closure(
        &installation.store,
        &ReportQuery::default(),
        installation.now(),
        rulebook.rulebook(),
    )
    .await?;
    let page = bihuan_monitor::quarantine::list(&installation.store, None, None, 0).await?;
    let mut quarantined = BTreeMap::new();
    for total in page
        .totals
        .into_iter()
        .filter(|total| total.service == bihuan_intake::GROUP)
    {
        *quarantined.entry(total.reason).or_default() += total.records;
    }
    let mut refused = BTreeMap::new();
    for ((_, reason), count) in bihuan_monitor::feedback::refused(&installation.store).await? {
        *refused.entry(reason).or_default() += count;
    }
    let waiting = bihuan_lifecycle::parked::waiting(&installation.store, installation.now()).await?;
    Ok(Accounts {
        records: report.records.unwrap_or_default(),
        quarantined,
        refused,
        parked: waiting.total,
    })
}

/// Every one, zeros too: programs look for each.
fn dispositions(records: &Records) -> [(&'static str, u64); 8] {
    [
        ("new", records.new),
        ("updated", records.updated),
        ("unchanged", records.unchanged),
        ("stale", records.stale),
        ("feedback", records.feedback),
        ("skipped", records.skipped),
        ("quarantined", records.quarantined),
        ("in_flight", records.in_flight),
    ]
}

/// What came to the counts, where anything did.
fn added(before: &BTreeMap<String, i64>, after: &BTreeMap<String, i64>) -> BTreeMap<String, i64> {
    let since = |(reason, count): (&String, &i64)| {
        let added = count - before.get(reason).copied().unwrap_or(0);
        (added != 0).then(|| (reason.clone(), added))
    };
    after.iter().filter_map(since).collect()
}

impl Summary {
    fn between(read: u64, before: &Accounts, after: &Accounts) -> Self {
        let (was, is) = (dispositions(&before.records), dispositions(&after.records));
        let received = after.records.received as i64 - before.records.received as i64;
        Self {
            read,
            received,
            repeated: read as i64 - received,
            dispositions: is
                .iter()
                .zip(was)
                .map(|((name, is), (_, was))| (*name, *is as i64 - was as i64))
                .collect(),
            quarantined_by_reason: added(&before.quarantined, &after.quarantined),
            refused_by_reason: added(&before.refused, &after.refused),
            parked: after.parked,
            ..Self::default()
        }
    }

    /// What became of feedback, where that is not simply that it was carried out.
    fn of_feedback(&self, lang: Lang) -> Vec<[String; 2]> {
        let refused = self.refused_by_reason.iter().map(|(reason, count)| {
            let (zh, en) = rejection_words(reason);
            let word = lang.choose("反馈被驳回", "feedback refused");
            [
                format!("    {word}: {reason}: {}", lang.choose(zh, en)),
                count.to_string(),
            ]
        });
        let mut rows: Vec<_> = refused.collect();
        if self.parked > 0 {
            let word = lang.choose(
                "待线索派遣的反馈（共）",
                "feedback that waits for its clue (in all)",
            );
            rows.push([word.to_owned(), self.parked.to_string()]);
        }
        rows
    }

    fn print(&self, lang: Lang) -> Result<(), Failure> {
        let word = |name: &str| {
            match (name, lang) {
                ("new", Lang::Zh) => "新线索",
                ("updated", Lang::Zh) => "更新",
                ("unchanged", Lang::Zh) => "未变",
                ("stale", Lang::Zh) => "过时",
                ("feedback", Lang::Zh) => "反馈",
                ("skipped", Lang::Zh) => "略过",
                ("quarantined", Lang::Zh) => "隔离",
                ("in_flight", Lang::Zh) => "处理中",
                ("in_flight", Lang::En) => "in flight",
                _ => return name.to_owned(),
            }
            .to_owned()
        };
        let mut rows = vec![
            [
                lang.choose("文件中的记录", "records in the files").to_owned(),
                self.read.to_string(),
            ],
            [
                lang.choose("接收", "received").to_owned(),
                self.received.to_string(),
            ],
            [
                lang.choose("重复读取（不计）", "read before (not counted)")
                    .to_owned(),
                self.repeated.to_string(),
            ],
        ];
        rows.extend(
            self.dispositions
                .iter()
                .map(|(name, count)| [format!("  {}", word(name)), count.to_string()]),
        );
        rows.extend(self.quarantined_by_reason.iter().map(|(reason, count)| {
            let (zh, en) = bihuan_intake::words(reason);
            [
                format!("    {reason}: {}", lang.choose(zh, en)),
                count.to_string(),
            ]
        }));
        rows.extend(self.of_feedback(lang));
        rows.extend(
            self.encoding
                .iter()
                .map(|name| [lang.choose("编码", "encoding").to_owned(), (*name).to_owned()]),
        );
        if let Some(complete) = &self.complete {
            rows.extend(complete.rows(lang));
        }
        output::line(&output::table(
            [lang.choose("导入", "import"), lang.choose("数量", "count")],
            rows,
        ))?;
        let memory = self
            .peak_memory_bytes
            .map(|bytes| format!(", {} MiB", bytes / (1 << 20)))
            .unwrap_or_default();
        output::line(&format!(
            "{:.1} s, {:.0} {}{memory}",
            self.seconds,
            self.records_per_second,
            lang.choose("条/秒", "records/s")
        ))
    }
}
