//! The rulebooks that a store remembers, compiled once and kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bihuan_domain::routing::{CompiledRulebook, Rulebook};
use bihuan_store::document::{self, Kind};
use bihuan_store::{Connection, Store};

use crate::{Files, Severity, compile};

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

    /// The rulebook that was activated last; none before the first activation.
    pub async fn active(&self) -> Result<Arc<CompiledRulebook>, LibraryError> {
        let mut reader = self.store.read().await?;
        let version = document::active(reader.conn()).await?;
        drop(reader);
        self.get(version.as_deref().unwrap_or("0")).await
    }

    /// The rulebook that holds in the partition at `sequence` of its clue journal.
    pub async fn at(&self, partition: u32, sequence: i64) -> Result<Arc<CompiledRulebook>, LibraryError> {
        let mut reader = self.store.read().await?;
        let activations = document::activations(reader.conn(), partition).await?;
        drop(reader);
        let version = activations
            .iter()
            .rev()
            .find(|(from, _)| *from <= sequence)
            .map_or("0", |(_, version)| version.as_str());
        self.get(version).await
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
