//! The rulebook that a person means: a directory, a version of the store, or the active one.

use std::path::Path;
use std::sync::Arc;

use bihuan_domain::routing::CompiledRulebook;

use crate::cli::Common;
use crate::failure::Failure;
use crate::rulebooks;
use crate::session::Reading;

/// What means the active rulebook.
pub(super) const ACTIVE: &str = "active";

/// Opens the installation only if a name needs it.
pub(super) struct Named<'a> {
    common: &'a Common,
    reading: Option<Reading>,
}

impl<'a> Named<'a> {
    pub(super) const fn new(common: &'a Common) -> Self {
        Self {
            common,
            reading: None,
        }
    }

    pub(super) async fn rulebook(&mut self, what: &str) -> Result<Arc<CompiledRulebook>, Failure> {
        let directory = Path::new(what);
        if directory.is_dir() {
            let (_, book) = rulebooks::usable(directory)?;
            return Ok(Arc::new(CompiledRulebook::new(Arc::new(book))));
        }
        let reading = self.reading().await?;
        if what == ACTIVE {
            return reading.rulebook().await;
        }
        Ok(reading.library.get(what).await?)
    }

    pub(super) async fn reading(&mut self) -> Result<&Reading, Failure> {
        let reading = match self.reading.take() {
            Some(reading) => reading,
            None => Reading::open(self.common).await?,
        };
        Ok(self.reading.insert(reading))
    }
}
