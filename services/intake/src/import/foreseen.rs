//! What a record would become, before it is put on the log: for whoever only wants to know.

use bihuan_domain::clue::Origin;
use bihuan_domain::id::RecordId;
use bihuan_domain::time::Timestamp;
use bihuan_mapping::{Outcome, Receipt, Registry};

use super::{Cut, Import};

impl Import<'_> {
    /// What is known of the record besides its fields; its place on the log is not.
    pub fn receipt(&self, cut: &Cut, received_at: Timestamp, route: bool) -> Receipt {
        Receipt {
            received_at,
            origin: Origin {
                record: RecordId::of_file(self.digest(), cut.ordinal),
                topic: String::new(),
                partition: 0,
                offset: 0,
                line: Some(cut.line),
            },
            route,
        }
    }

    pub fn outcome(&self, cut: &Cut, registry: &dyn Registry, receipt: Receipt) -> Outcome {
        match cut.unreadable() {
            Some(reason) => Outcome::Quarantine { reason, field: None },
            None => self.bound().outcome(&cut.bytes, registry, receipt),
        }
    }
}
