//! What an import would come to: the records are cut and read, and nothing is sent.

use std::collections::HashMap;
use std::path::Path;

use bihuan_contracts::header;
use bihuan_domain::figures::Records;
use bihuan_domain::id::ClueId;
use bihuan_domain::routing::CompiledRulebook;
use bihuan_domain::time::Timestamp;
use bihuan_intake::import::Cut;
use bihuan_mapping::{Mapping, Outcome};
use bihuan_runtime::config::Mode;
use bihuan_runtime::{Clock, Config};
use bihuan_store::DATABASE_FILE;

use super::summary::{Summary, dispositions};
use super::{File, Import, failed, open};
use crate::cli::Common;
use crate::failure::Failure;
use crate::rulebooks;
use crate::session::Reading;

/// Asks the store, if one is named and there, which rulebook holds and what was imported before.
pub(super) async fn summary(import: &Import, common: &Common, mapping: &Mapping) -> Result<Summary, Failure> {
    let config = match (&common.data, &common.config) {
        (None, None) => None,
        _ => Some(common.config()?),
    };
    let reading = match &config {
        Some(config) if is_there(config) => Some(Reading::open(common).await?),
        _ => None,
    };
    let configured = config.as_ref().and_then(|config| config.rulebook.as_deref());
    let rulebook = rulebooks::without_use(reading.as_ref(), import.rulebook.as_deref(), configured).await?;
    let mut trial = Trial {
        rulebook: &rulebook,
        reading: reading.as_ref(),
        route: import.route,
        now: Clock::wall().now(),
        next: HashMap::new(),
        first: HashMap::new(),
        summary: Summary {
            dispositions: dispositions(&Records::default())
                .map(|(name, _)| (name, 0))
                .into(),
            ..Summary::default()
        },
    };
    for path in &import.files {
        trial.file(path, mapping).await?;
    }
    Ok(trial.summary)
}

/// Looking creates nothing.
fn is_there(config: &Config) -> bool {
    match &config.mode {
        Mode::Embedded { data } => data.join(DATABASE_FILE).is_file(),
        Mode::Cluster { .. } => true,
    }
}

struct Trial<'a> {
    rulebook: &'a CompiledRulebook,
    reading: Option<&'a Reading>,
    route: bool,
    now: Timestamp,
    /// By file, as the header names it: the first record that was not read before.
    next: HashMap<String, i64>,
    /// Where several records may stand for one clue: by clue the record that is first.
    first: HashMap<ClueId, String>,
    summary: Summary,
}

impl Trial<'_> {
    async fn file(&mut self, path: &Path, mapping: &Mapping) -> Result<(), Failure> {
        let mut file = open(path, mapping)?;
        self.summary.encoding.extend(file.encoding());
        let mut known = None;
        while let Some(cut) = file.next() {
            let cut = cut.map_err(|error| failed(path, error.into()))?;
            let (_, next) = match &mut known {
                Some(known) => known,
                None => known.insert(self.known(&file, &cut, mapping).await?),
            };
            self.summary.read += 1;
            let ordinal = cut.ordinal as i64;
            if ordinal < *next {
                self.summary.repeated += 1;
            } else {
                *next = ordinal + 1;
                let receipt = file.receipt(&cut, self.now, self.route);
                self.count(&file.outcome(&cut, self.rulebook, receipt), mapping);
            }
        }
        self.next.extend(known);
        Ok(())
    }

    /// What the file is called, and its first record that was not read before.
    async fn known(&self, file: &File<'_>, cut: &Cut, mapping: &Mapping) -> Result<(String, i64), Failure> {
        let partition = file.lane(self.reading.map_or(1, |reading| reading.partitions));
        let message = file.message(cut, partition, self.route, self.now);
        let name = String::from_utf8_lossy(message.header(header::FILE).unwrap_or_default()).into_owned();
        let next = match (self.next.get(&name), self.reading) {
            (Some(next), _) => *next,
            (None, Some(reading)) => {
                let source = mapping.source().as_str();
                bihuan_intake::next_ordinal(&reading.store, partition, &name, source).await?
            }
            (None, None) => 0,
        };
        Ok((name, next))
    }

    /// Another record of a clue of this import.
    fn is_further(&mut self, clue: ClueId, id: &str, mapping: &Mapping) -> bool {
        mapping.shares_others() && self.first.entry(clue).or_insert_with(|| id.to_owned()) != id
    }

    fn count(&mut self, outcome: &Outcome, mapping: &Mapping) {
        let is_further = match outcome {
            Outcome::Clue { clue_id, report, .. } => self.is_further(*clue_id, &report.source_id, mapping),
            _ => false,
        };
        let summary = &mut self.summary;
        summary.received += 1;
        let name = match outcome {
            Outcome::Clue { .. } if is_further => "updated",
            Outcome::Clue { .. } => "new",
            Outcome::Feedback(_) => "feedback",
            Outcome::Deleted { .. } => "updated",
            Outcome::Skipped => "skipped",
            Outcome::Quarantine { reason, .. } => {
                *summary
                    .quarantined_by_reason
                    .entry((*reason).to_owned())
                    .or_default() += 1;
                "quarantined"
            }
        };
        *summary.dispositions.entry(name).or_default() += 1;
    }
}
