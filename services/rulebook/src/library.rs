//! The rulebooks that a store remembers, compiled once and kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bihuan_domain::routing::{CompiledRulebook, Rulebook};
use bihuan_domain::time::Timestamp;
use bihuan_store::document::{self, Kind};
use bihuan_store::{Connection, Store, activation};

use crate::{Files, Schedule, Severity, compile};

/// The version that is none.
const NONE: &str = "0";

/// Why a remembered rulebook cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    #[error(transparent)]
    Store(#[from] bihuan_store::Error),
    #[error("rulebook {0} is not in the store")]
    Missing(String),
    #[error("rulebook {version} cannot be used by this program: {detail}")]
    Unusable { version: String, detail: String },
}

impl LibraryError {
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_transient())
    }
}

/// Compiled rulebooks by version.
#[derive(Clone)]
pub struct Library {
    store: Store,
    compiled: Arc<Mutex<HashMap<String, Arc<CompiledRulebook>>>>,
}

impl Library {
    pub fn new(store: Store) -> Self {
        let none = Arc::new(CompiledRulebook::new(Arc::new(Rulebook::none())));
        let known = HashMap::from([(none.rulebook().version.to_string(), none)]);
        Self {
            store,
            compiled: Arc::new(Mutex::new(known)),
        }
    }

    /// The rulebook of this version.
    pub async fn get(&self, version: &str) -> Result<Arc<CompiledRulebook>, LibraryError> {
        if let Some(known) = self.known(version) {
            return Ok(known);
        }
        let mut reader = self.store.read().await?;
        let archive = document::get(reader.conn(), Kind::Rulebook, version).await?;
        drop(reader);
        let archive = archive.ok_or_else(|| LibraryError::Missing(version.to_owned()))?;
        let compiled = Arc::new(compiled(version, &archive)?);
        if let Ok(mut known) = self.compiled.lock() {
            known.insert(version.to_owned(), compiled.clone());
        }
        Ok(compiled)
    }

    fn known(&self, version: &str) -> Option<Arc<CompiledRulebook>> {
        self.compiled.lock().ok()?.get(version).cloned()
    }

    /// The rulebook that holds for a clue reported at `now`; none before the first activation.
    pub async fn active(&self, now: Timestamp) -> Result<Arc<CompiledRulebook>, LibraryError> {
        let mut reader = self.store.read().await?;
        let version = activation::active(reader.conn(), now).await?;
        drop(reader);
        self.get(version.as_deref().unwrap_or(NONE)).await
    }

    /// What the partition journalled of activations until now.
    pub async fn schedule(&self, partition: u32) -> Result<Schedule, LibraryError> {
        let mut reader = self.store.read().await?;
        let activations = activation::of_partition(reader.conn(), partition).await?;
        Ok(Schedule::new(activations))
    }

    /// The rulebook that `schedule` has for a clue reported at `reported_at` when it is asked at `sequence`.
    pub async fn at(
        &self,
        schedule: &Schedule,
        sequence: i64,
        reported_at: Timestamp,
    ) -> Result<Arc<CompiledRulebook>, LibraryError> {
        let activation = schedule.at(sequence, reported_at);
        self.get(activation.map_or(NONE, |it| it.version.as_str())).await
    }
}

/// Puts the files into the store, so that they can be activated.
pub async fn remember(
    connection: Connection<'_>,
    files: &Files,
    rulebook: &Rulebook,
) -> Result<(), bihuan_store::Error> {
    document::put(
        connection,
        Kind::Rulebook,
        rulebook.version.as_str(),
        &rulebook.label,
        &files.to_bytes(),
    )
    .await
}

fn compiled(version: &str, archive: &[u8]) -> Result<CompiledRulebook, LibraryError> {
    let unusable = |detail: String| LibraryError::Unusable {
        version: version.to_owned(),
        detail,
    };
    let files = Files::from_bytes(archive).map_err(|error| unusable(error.to_string()))?;
    let (rulebook, findings) = compile(&files);
    if let Some(rulebook) = rulebook {
        return Ok(CompiledRulebook::new(Arc::new(rulebook)));
    }
    let first = findings
        .iter()
        .find(|finding| finding.severity == Severity::Error);
    Err(unusable(
        first.map_or_else(String::new, |finding| finding.message_en.clone()),
    ))
}
