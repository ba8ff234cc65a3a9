//! The number that people see: area, day, serial. Unique over all partitions without asking them: partition p of n uses the
//! serials that leave remainder p.

use std::collections::HashMap;

use bihuan_domain::clue::Report;
use bihuan_domain::routing::Rulebook;
use bihuan_store::{Result, Store};

use crate::rows;

/// Counters of one lane.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    used: HashMap<String, i64>,
    changed: HashMap<String, i64>,
}

impl Numbers {
    /// Reads the counter that a report will need, if it is not known yet.
    pub(crate) async fn prepare(&mut self, store: &Store, partition: u32, prefix: String) -> Result<()> {
        if self.used.contains_key(&prefix) {
            return Ok(());
        }
        let used = rows::used_numbers(store.read().await?.conn(), partition, &prefix).await?;
        self.used.insert(prefix, used);
        Ok(())
    }

    /// The number that the next clue would get.
    pub(crate) fn peek(&self, prefix: &str, partition: u32, partitions: u32) -> String {
        let used = self.used.get(prefix).copied().unwrap_or(0);
        format!(
            "{prefix}-{:06}",
            used * i64::from(partitions) + i64::from(partition) + 1
        )
    }

    pub(crate) fn take(&mut self, prefix: String) {
        let used = self.used.entry(prefix.clone()).or_insert(0);
        *used += 1;
        self.changed.insert(prefix, *used);
    }

    /// What was taken since it was last asked, to be written. The counters themselves stay known until the next time, for they
    /// may not be in the store before.
    pub(crate) fn give_out(&mut self) -> HashMap<String, i64> {
        let changed = std::mem::take(&mut self.changed);
        if self.used.len() > 10_000 {
            self.used.clone_from(&changed);
        }
        changed
    }
}

/// `330602-20260105`: county and civil date of the report in the rulebook's zone.
pub(crate) fn prefix(report: &Report, rulebook: &Rulebook) -> String {
    let area = report.area.as_ref().map_or("000000", |area| {
        let code = area.as_str();
        code.get(..6).unwrap_or(code)
    });
    format!(
        "{area}-{}",
        report.reported_at.civil_date(&rulebook.zone).strftime("%Y%m%d")
    )
}
