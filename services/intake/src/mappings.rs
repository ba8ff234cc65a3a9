//! The mappings that a store remembers, parsed once and kept; and the header rows that go with files.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bihuan_store::document::{self, Kind};
use bihuan_store::{Connection, Error, Result, Store};

use bihuan_mapping::Mapping;

/// Mappings and header rows by digest.
#[derive(Clone)]
pub struct Mappings {
    store: Store,
    parsed: Arc<Mutex<HashMap<String, Arc<Mapping>>>>,
    columns: Arc<Mutex<HashMap<String, Arc<Vec<String>>>>>,
    /// By text; bounded, because whoever sends records chooses the names of their attributes.
    own: Arc<Mutex<HashMap<String, Arc<Mapping>>>>,
}

const MAX_OWN: usize = 256;

impl Mappings {
    pub fn new(store: Store) -> Self {
        Self {
            store,
            parsed: Arc::default(),
            columns: Arc::default(),
            own: Arc::default(),
        }
    }

    /// The mapping with this digest; `None` if nobody stored it or this program cannot use it.
    pub async fn get(&self, digest: &str) -> Result<Option<Arc<Mapping>>> {
        if let Some(known) = self
            .parsed
            .lock()
            .ok()
            .and_then(|known| known.get(digest).cloned())
        {
            return Ok(Some(known));
        }
        let mut reader = self.store.read().await?;
        let Some(content) = document::get(reader.conn(), Kind::Mapping, digest).await? else {
            return Ok(None);
        };
        let Ok(mapping) = Mapping::parse(&String::from_utf8_lossy(&content)) else {
            return Ok(None);
        };
        Ok(Some(self.keep(mapping)))
    }

    /// Makes a mapping of the configuration known.
    pub fn keep(&self, mapping: Mapping) -> Arc<Mapping> {
        let mapping = Arc::new(mapping);
        if let Ok(mut known) = self.parsed.lock() {
            known.insert(mapping.digest().to_owned(), mapping.clone());
        }
        mapping
    }

    /// The mapping with this text; `None` if it is no mapping.
    pub(crate) fn own(&self, text: String) -> Option<Arc<Mapping>> {
        let mut known = self.own.lock().ok()?;
        if let Some(mapping) = known.get(&text) {
            return Some(mapping.clone());
        }
        let mapping = Arc::new(Mapping::parse(&text).ok()?);
        if known.len() >= MAX_OWN {
            known.clear();
        }
        known.insert(text, mapping.clone());
        Some(mapping)
    }

    /// A header row that was stored with [`remember`].
    pub async fn columns(&self, digest: &str) -> Result<Option<Arc<Vec<String>>>> {
        if let Some(known) = self
            .columns
            .lock()
            .ok()
            .and_then(|known| known.get(digest).cloned())
        {
            return Ok(Some(known));
        }
        let mut reader = self.store.read().await?;
        let Some(content) = document::get(reader.conn(), Kind::Columns, digest).await? else {
            return Ok(None);
        };
        let columns: Vec<String> = serde_json::from_slice(&content).map_err(|error| Error::Corrupt {
            what: "header row",
            detail: error.to_string(),
        })?;
        let columns = Arc::new(columns);
        if let Ok(mut known) = self.columns.lock() {
            known.insert(digest.to_owned(), columns.clone());
        }
        Ok(Some(columns))
    }
}

/// Stores a mapping, so that records may name it by digest.
pub async fn remember(connection: Connection<'_>, mapping: &Mapping) -> Result<()> {
    document::put(
        connection,
        Kind::Mapping,
        mapping.digest(),
        mapping.source().as_str(),
        mapping.text().as_bytes(),
    )
    .await
}
