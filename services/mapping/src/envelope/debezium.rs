//! Debezium: `{"before", "after", "source", "op", "ts_ms"}`, bare or as the `payload` beside its `schema`.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::{Change, Envelope, Members, Op, foreign, is_object, op_unknown, text};
use crate::format::Bad;
use crate::format::json::Names;

pub(super) fn open(record: &str) -> Result<Option<Change<'_>>, Bad> {
    let Some(payload) = payload(record)? else {
        return Ok(None);
    };
    let names = ["op", "before", "after", "source", "ts_ms"];
    let Members([op, before, after, source, ts]) = Members::of(payload, names)?;
    let Some(op) = text(op) else {
        return besides(payload).map(|()| None);
    };
    let (op, row) = match &*op {
        "c" => (Op::Create, after),
        "u" => (Op::Update, after),
        "r" => (Op::Read, after),
        "d" => (Op::Delete, before),
        // a message that somebody wrote into the log of the database
        "m" => return Ok(None),
        _ => return Err(op_unknown(Envelope::Debezium)),
    };
    let row = row
        .filter(|row| is_object(row))
        .ok_or_else(|| foreign(Envelope::Debezium))?;
    let Members([at, database, table]) = match source.filter(|source| is_object(source)) {
        Some(source) => Members::of(source, ["ts_ms", "db", "table"])?,
        None => Members([None; 3]),
    };
    Ok(Some(Change {
        op,
        row,
        // when the database changed it; else when Debezium saw it
        at: text(at.filter(|at| *at != "0")).or_else(|| text(ts)),
        database: text(database),
        table: text(table),
    }))
}

/// What stands in the wrapper, if there is one. `None`: the value is null.
fn payload(record: &str) -> Result<Option<&str>, Bad> {
    if record.trim() == "null" {
        return Ok(None);
    }
    let found = Names::new(["schema", "payload"]).find(record)?;
    match found[..] {
        [Some(_), Some("null")] => Ok(None),
        [_, Some(payload)] if is_object(payload) => Ok(Some(payload)),
        _ => Ok(Some(record)),
    }
}

/// What Debezium sends beside rows: heartbeats, the marks of transactions, changes of tables.
fn besides(payload: &str) -> Result<(), Bad> {
    let names = ["status", "id", "ddl", "tableChanges", "ts_ms", "before", "after"];
    let Members([status, id, ddl, tables, ts, before, after]) = Members::of(payload, names)?;
    let transaction = matches!(status, Some("\"BEGIN\"" | "\"END\"")) && id.is_some();
    let schema = ddl.is_some() || tables.is_some();
    let heartbeat = ts.is_some() && before.is_none() && after.is_none() && status.is_none();
    if transaction || schema || (heartbeat && is_alone(payload)) {
        Ok(())
    } else {
        Err(foreign(Envelope::Debezium))
    }
}

/// A heartbeat says nothing but the time: a record that merely has a column of this name is none.
fn is_alone(payload: &str) -> bool {
    let members: Result<BTreeMap<String, &RawValue>, _> = serde_json::from_str(payload);
    members.is_ok_and(|members| members.keys().all(|name| name.starts_with("ts_")))
}
