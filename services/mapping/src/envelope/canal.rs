//! Canal's flat messages: `{"type", "database", "table", "es", "ts", "isDdl", "data": [row, …], "old": […]}`.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::{Change, Envelope, Members, Op, elements, foreign, op_unknown, text};
use crate::format::Bad;

/// What a record keeps of its message, beside the row.
const KEPT: [&str; 6] = ["type", "isDdl", "database", "table", "es", "ts"];

/// A message, as far as it is looked into.
struct Message<'a> {
    members: Members<'a, 6>,
    op: Op,
    rows: Vec<&'a str>,
}

/// `None`: it tells of no row.
fn read(message: &str) -> Result<Option<Message<'_>>, Bad> {
    let members = Members::of(message, KEPT)?;
    let Members([data]) = Members::of(message, ["data"])?;
    let [kind, is_ddl, ..] = members.0;
    let Some(kind) = text(kind) else {
        return Err(foreign(Envelope::Canal));
    };
    if is_ddl == Some("true") {
        return Ok(None);
    }
    let op = match &*kind {
        "INSERT" => Op::Create,
        "UPDATE" => Op::Update,
        "DELETE" => Op::Delete,
        // what older versions do not mark as a change of the table
        "CREATE" | "ALTER" | "ERASE" | "RENAME" | "CINDEX" | "DINDEX" | "QUERY" => return Ok(None),
        _ => return Err(op_unknown(Envelope::Canal)),
    };
    let rows = match data {
        None => Vec::new(),
        Some(data) if data.starts_with('[') => elements(data)?,
        Some(_) => return Err(foreign(Envelope::Canal)),
    };
    Ok(Some(Message { members, op, rows }))
}

/// Each row as a message of its own.
pub(super) fn records(message: &str) -> Result<Vec<Cow<'_, str>>, Bad> {
    let Some(found) = read(message)? else {
        return Ok(Vec::new());
    };
    if found.rows.len() == 1 {
        return Ok(vec![message.into()]);
    }
    let mut head = String::from("{");
    for (name, raw) in KEPT.iter().zip(found.members.0) {
        if let Some(raw) = raw {
            let _ = write!(head, "\"{name}\":{raw},");
        }
    }
    let alone = |row: &&str| format!("{head}\"data\":[{row}]}}").into();
    Ok(found.rows.iter().map(alone).collect())
}

pub(super) fn open(record: &str) -> Result<Option<Change<'_>>, Bad> {
    let Some(found) = read(record)? else {
        return Ok(None);
    };
    let Some(row) = found.rows.first() else {
        return Ok(None);
    };
    let [_, _, database, table, at, sent_at] = found.members.0;
    Ok(Some(Change {
        op: found.op,
        row,
        at: text(at.filter(|at| *at != "0")).or_else(|| text(sent_at)),
        database: text(database),
        table: text(table),
    }))
}
