//! Reading a platform's own list and what quarantine has of its source: what monitor compares, and only this program can bring
//! together.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use bihuan_delivery::callback;
use bihuan_domain::code::SourceId;
use bihuan_domain::time::Timestamp;
use bihuan_intake::Mappings;
use bihuan_intake::import::Import;
use bihuan_mapping::Mapping;
use bihuan_monitor::reconcile::{Coverage, Lists, Manifest, Plan, PutAway, Unread};
use bihuan_monitor::reconcile::{daily, kept};
use bihuan_runtime::config::{self, Config};
use bihuan_store::document::{self, Kind};
use bihuan_store::{Store, quarantine};
use tokio_util::sync::CancellationToken;

use crate::command::{import, mapping};
use crate::failure::Failure;
use crate::installation::Installation;

/// How often it is looked whether a day's run is due.
const LOOK: Duration = Duration::from_secs(20);
/// Records of quarantine that are read at once: they have their bytes with them.
const PAGE: i64 = 500;

/// Why there is no list: an answer about the list, or an outage.
#[derive(Debug)]
pub(crate) enum NoList {
    Unread(Unread),
    Store(bihuan_store::Error),
}

impl From<bihuan_store::Error> for NoList {
    fn from(error: bihuan_store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<NoList> for Failure {
    fn from(error: NoList) -> Self {
        match error {
            NoList::Unread(unread) => Self::usage(unread.words_zh, unread.words_en),
            NoList::Store(error) => error.into(),
        }
    }
}

fn unread(code: &str, failure: &Failure) -> NoList {
    let (zh, en) = failure.words();
    NoList::Unread(Unread {
        code: code.to_owned(),
        words_zh: zh.to_owned(),
        words_en: en.to_owned(),
        list: None,
    })
}

/// How a list of `source` is read: as `named`, else as the configuration has its topic read, else as it was last read.
pub(crate) async fn mapping_of(
    store: &Store,
    sources: &config::Intake,
    source: &SourceId,
    named: Option<&Path>,
) -> Result<Mapping, NoList> {
    let read = |path: &Path| mapping::read(path).map_err(|failure| unread(kept::MAPPING_MISSING, &failure));
    if let Some(path) = named {
        let mapping = read(path)?;
        if mapping.source() != source {
            let (path, its) = (path.display(), mapping.source());
            let wrong = Failure::usage(
                format!("映射 {path} 属于来源 {its}，不是 {source}"),
                format!("mapping {path} is of the source {its}, not of {source}"),
            );
            return Err(unread(kept::MAPPING_MISSING, &wrong));
        }
        return Ok(mapping);
    }
    for entry in &sources.source {
        let mapping = read(&entry.mapping)?;
        if mapping.source() == source {
            return Ok(mapping);
        }
    }
    let mut reader = store.read().await?;
    let latest = document::latest(reader.conn(), Kind::Mapping, source.as_str()).await?;
    let parsed = latest.and_then(|text| Mapping::parse(&String::from_utf8_lossy(&text)).ok());
    parsed.ok_or_else(|| {
        let none = Failure::usage(
            format!("来源 {source} 还没有读过记录，不知用哪个映射；请用 --mapping 指明"),
            format!(
                "nothing of the source {source} was read yet, so no mapping is known; name one with --mapping"
            ),
        );
        unread(kept::MAPPING_MISSING, &none)
    })
}

/// Reads the list. `made_at`: when it was made, where that is not when the file was written.
pub(crate) fn manifest(
    path: &Path,
    mapping: &Mapping,
    made_at: Option<Timestamp>,
) -> Result<Manifest, NoList> {
    let unreadable = |error| unread("manifest_unreadable", &import::failed(path, error));
    let written = written(path).map_err(|error| {
        let file = path.display();
        unread(
            kept::MANIFEST_MISSING,
            &Failure::usage(format!("清单 {file}：{error}"), format!("list {file}: {error}")),
        )
    })?;
    let meaning = mapping.manifest();
    let mut file = Import::open(path, &meaning).map_err(unreadable)?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let mut manifest = Manifest::new(mapping.source().clone(), name, made_at.unwrap_or(written));
    while let Some(cut) = file.next() {
        let cut = cut.map_err(|error| unreadable(error.into()))?;
        match file.bound().entry(&cut.bytes) {
            Ok(Some(entry)) if cut.unreadable().is_none() => manifest.add(cut.line, entry),
            Ok(None) => {}
            Ok(Some(_)) | Err(_) => manifest.add_unreadable(cut.line),
        }
    }
    if manifest.ids() == 0 {
        let file = path.display();
        let empty = Failure::usage(
            format!("清单 {file} 中没有一条记录有编号"),
            format!("no record of the list {file} has an id"),
        );
        return Err(unread("manifest_unreadable", &empty));
    }
    Ok(manifest)
}

/// When a file was written.
fn written(path: &Path) -> std::io::Result<Timestamp> {
    let written = std::fs::metadata(path)?.modified()?;
    let written = written.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Timestamp::from_micros(
        i64::try_from(written.as_micros()).unwrap_or(i64::MAX),
    ))
}

/// Dead letters that are read at a time.
const LETTERS: u32 = 1_000;

/// What quarantine has of the source, and the clues that it was to be told of in vain.
pub(crate) async fn put_away(store: &Store, source: &SourceId) -> bihuan_store::Result<PutAway> {
    let (mappings, mut found, mut after) = (Mappings::new(store.clone()), PutAway::default(), None);
    let mut reader = store.read().await?;
    let mut last = None;
    loop {
        let page = callback::failed(reader.conn(), Some(source.as_str()), last.as_ref(), LETTERS).await?;
        for letter in &page {
            found.add_untold(letter.id.clue);
        }
        last = page.into_iter().next_back();
        if last.is_none() {
            break;
        }
    }
    drop(reader);
    loop {
        let mut reader = store.read().await?;
        let page = quarantine::of_source(reader.conn(), source.as_str(), after, PAGE).await?;
        drop(reader);
        let Some(last) = page.last() else {
            return Ok(found);
        };
        after = Some((last.partition, last.id));
        for record in page {
            found.add(bihuan_intake::source_id(&mappings, &record).await?, &record.fate);
        }
    }
}

/// The newest file that matches; of two as new, the last by name.
fn newest(pattern: &Path) -> Result<PathBuf, NoList> {
    let text = pattern.display().to_string();
    let matching = glob::glob(&text).map(|paths| paths.filter_map(Result::ok).collect::<Vec<_>>());
    let newest = matching.unwrap_or_default().into_iter().filter_map(|path| {
        let written = std::fs::metadata(&path)
            .ok()
            .filter(std::fs::Metadata::is_file)?
            .modified()
            .ok()?;
        Some((written, path))
    });
    newest.max().map(|(_, path)| path).ok_or_else(|| {
        let none = Failure::usage(
            format!("没有与 {text} 相符的清单文件"),
            format!("no file matches {text}"),
        );
        unread(kept::MANIFEST_MISSING, &none)
    })
}

/// The lists that the configuration names.
struct Configured {
    store: Store,
    config: Arc<Config>,
}

impl Configured {
    async fn list(&self, source: &SourceId) -> Result<(Manifest, PutAway), NoList> {
        let mut entries = self.config.reconcile.iter();
        let entry = entries.find(|entry| entry.source == *source).cloned();
        let (pattern, named) = entry.map_or_else(Default::default, |it| (it.manifest, it.mapping));
        let mapping = mapping_of(&self.store, &self.config.intake, source, named.as_deref()).await?;
        let read = move || manifest(&newest(&pattern)?, &mapping, None);
        let manifest = tokio::task::spawn_blocking(read).await.map_err(|error| {
            let crashed = Failure::usage(
                format!("读取清单时出错：{error}"),
                format!("reading crashed: {error}"),
            );
            unread("manifest_unreadable", &crashed)
        })??;
        Ok((manifest, put_away(&self.store, source).await?))
    }
}

impl Lists for Configured {
    async fn newest(&self, source: &SourceId) -> Option<Timestamp> {
        let mut entries = self.config.reconcile.iter();
        let pattern = entries.find(|entry| entry.source == *source)?.manifest.clone();
        let look = move || written(&newest(&pattern).ok()?).ok();
        tokio::task::spawn_blocking(look).await.ok().flatten()
    }

    async fn read(&self, source: &SourceId) -> bihuan_monitor::Result<Result<(Manifest, PutAway), Unread>> {
        match self.list(source).await {
            Ok(list) => Ok(Ok(list)),
            Err(NoList::Unread(unread)) => Ok(Err(unread)),
            Err(NoList::Store(error)) => Err(error.into()),
        }
    }
}

/// What the configuration has reconciled every day.
pub(crate) fn plans(config: &Config) -> Vec<Plan> {
    let plan = |entry: &config::Reconcile| Plan {
        source: entry.source.clone(),
        at: entry.at,
        coverage: coverage(entry.complete),
    };
    config.reconcile.iter().map(plan).collect()
}

/// Reconciles what the configuration names, every day until shutdown.
pub(crate) fn daily(installation: &Installation, shutdown: &CancellationToken) {
    let config = &installation.config;
    if config.reconcile.is_empty() {
        return;
    }
    let plans = plans(config);
    let lists = Configured {
        store: installation.store.clone(),
        config: Arc::new(config.clone()),
    };
    let (library, clock) = (installation.library.clone(), installation.clock.clone());
    let stop = shutdown.clone();
    tokio::spawn(async move {
        loop {
            let looked = async {
                let zone = library.active(clock.now()).await?.rulebook().zone.clone();
                let now = || clock.now();
                Ok::<_, Failure>(daily::tick(&lists.store, &lists, &plans, &zone, &now).await?)
            };
            match stop.run_until_cancelled(looked).await {
                None => return,
                Some(Ok(_)) => {}
                Some(Err(failure)) => tracing::debug!(%failure, "not reconciled yet"),
            }
            if stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_none() {
                return;
            }
        }
    });
}

const fn coverage(is_complete: bool) -> Coverage {
    if is_complete {
        Coverage::Complete
    } else {
        Coverage::Partial
    }
}
