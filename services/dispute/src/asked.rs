//! What is asked of disputes on their command topic.

use bihuan_contracts::dispute::{DisputeCommand, command};
use bihuan_contracts::{DecodeError, partition_of};
use bihuan_domain::dispute::Command;
use bihuan_stream::Record;

/// The command in the record, which lies on `partition` of `partitions`. A dispute begins with what happens to its clue: nobody opens
/// one here.
pub(crate) fn read(record: &Record, partition: u32, partitions: u32) -> Result<DisputeCommand, DecodeError> {
    let asked = command::decode(&record.payload)?;
    let belongs_to = partition_of(asked.clue, partitions);
    if belongs_to != partition {
        return Err(DecodeError {
            code: "wrong_partition",
            field: Some("clue".to_owned()),
            detail: format!("belongs to partition {belongs_to}"),
        });
    }
    if matches!(asked.envelope.command, Command::OpenDispute(_)) {
        return Err(DecodeError {
            code: "raised_at_clue",
            field: Some("body".to_owned()),
            detail: "a dispute is raised by a command about its clue".to_owned(),
        });
    }
    Ok(asked)
}

/// The dispute is over another clue than the command says.
pub(crate) fn of_other_clue() -> DecodeError {
    DecodeError {
        code: "field_invalid",
        field: Some("clue".to_owned()),
        detail: "the dispute is over another clue".to_owned(),
    }
}
