//! Maxwell: `{"type", "database", "table", "ts", "data": row, "old"}`, one row a message; its times are whole seconds.

use super::{Change, Envelope, Members, Op, foreign, is_object, op_unknown, text};
use crate::format::Bad;

pub(super) fn open(record: &str) -> Result<Option<Change<'_>>, Bad> {
    let names = ["type", "database", "table", "ts", "data"];
    let Members([kind, database, table, ts, data]) = Members::of(record, names)?;
    let Some(kind) = text(kind) else {
        return Err(foreign(Envelope::Maxwell));
    };
    let op = match &*kind {
        "insert" => Op::Create,
        "update" => Op::Update,
        "delete" => Op::Delete,
        "bootstrap-insert" => Op::Read,
        "bootstrap-start" | "bootstrap-complete" | "heartbeat" => return Ok(None),
        table if table.starts_with("table-") || table.starts_with("database-") => return Ok(None),
        _ => return Err(op_unknown(Envelope::Maxwell)),
    };
    let row = data
        .filter(|row| is_object(row))
        .ok_or_else(|| foreign(Envelope::Maxwell))?;
    let seconds = text(ts).and_then(|ts| ts.parse::<i64>().ok());
    Ok(Some(Change {
        op,
        row,
        at: seconds.map(|seconds| seconds.saturating_mul(1000).to_string().into()),
        database: text(database),
        table: text(table),
    }))
}
