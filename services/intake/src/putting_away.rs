//! The rows of quarantine: what intake knows of a record that it could not read, or could not process.

use bihuan_contracts::intake::{IntakeEvent, command};
use bihuan_domain::code::SourceId;
use bihuan_store::quarantine::Quarantined;
use bihuan_stream::{Effects, Error, NewEvent, Record};

use crate::handler::{self, Intake};
use crate::reading::{self, Taken, glance};
use bihuan_mapping::Kept;

impl Intake {
    /// A record that could not be processed keeps all that is needed to read it, so that it can be replayed. Its id stays that
    /// of its position: nothing remembers its own one as read, and it may come again.
    pub(crate) async fn put_away(
        &self,
        record: &Record,
        row: Quarantined,
        effects: &mut Effects,
    ) -> Result<Quarantined, Error> {
        let (row, source) = if command::is_command(&record.type_name) {
            (row, None)
        } else {
            let taken = self.take(record, row.received_at);
            let (source, kept) = glance(&self.mappings, &taken).await?;
            (completed(row, &taken, source.as_ref(), kept), source)
        };
        effects.event(row.partition, journalled(&row, source));
        Ok(row)
    }
}

/// The row with where the record came from, how it is read and what may be kept of it.
pub(crate) fn completed(
    row: Quarantined,
    taken: &Taken,
    source: Option<&SourceId>,
    kept: Kept,
) -> Quarantined {
    let envelope = reading::Envelope {
        outline: kept.is_outline || taken.envelope.outline,
        ..taken.envelope.clone()
    };
    Quarantined {
        source: source.map(ToString::to_string),
        file: envelope.file.clone(),
        line: envelope.line.map(|line| line as i64),
        mapping: envelope.mapping.clone(),
        headers: serde_json::to_string(&envelope).unwrap_or_default(),
        bytes: kept.bytes,
        received_at: taken.received_at,
        ..row
    }
}

/// The event of a record that is put away.
pub(crate) fn journalled(row: &Quarantined, source: Option<SourceId>) -> NewEvent {
    handler::journalled(
        None,
        &IntakeEvent::RecordQuarantined {
            id: row.id,
            source,
            topic: row.topic.clone(),
            partition: row.topic_partition,
            offset: row.offset,
            file: row.file.clone(),
            line: row.line.map(|line| line as u64),
            reason: row.reason.clone(),
            field: row.field.clone(),
            bytes: row.bytes.len() as u32,
            at: row.received_at,
        },
    )
}
