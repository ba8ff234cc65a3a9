//! One quarantined record. What may name a person is blanked by the mapping that the record belongs to; where that cannot be
//! done, length and digest stand for the bytes.

use std::process::ExitCode;

use bihuan_domain::id::RecordId;
use bihuan_intake::Mappings;
use bihuan_mapping::Shown;
use bihuan_monitor::quarantine::Listed;
use bihuan_store::quarantine::{self, Quarantined};
use serde_json::Value;

use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::session::Reading;

/// How much is shown of a record that has no mapping.
const SHOWN: usize = 2048;

/// What stands with the outline of a record.
const OUTLINE: [&str; 2] = [
    "映射声明了个人字段，而该记录的字段无法分辨，因此只保留结构（分隔符、引号、换行），其余字符以 × 代替；原文见来源文件的上述行。\
     无法重放：请修正源文件后重新导入，或由来源重新发送，再放弃本条",
    "the mapping names personal fields and those of this record cannot be told apart, so that only its outline is kept: \
     delimiters, quotes and line ends, × for every other character; the line above of the source's own file has the rest. It \
     cannot be replayed: mend the file and import it again, or let the source send it again; then discard this",
];

pub(super) async fn run(common: &Common, id: &str) -> Outcome {
    let reading = Reading::open(common).await?;
    for record in find(&reading, id).await? {
        print(common, &reading, record).await?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn print(common: &Common, reading: &Reading, record: Quarantined) -> Result<(), Failure> {
    let lang = common.lang();
    let bytes = bytes(reading, &record).await?;
    let is_outline = bihuan_intake::is_outline(&record);
    let headers: Value = serde_json::from_str(&record.headers).unwrap_or_default();
    let listed = Listed::from(record);
    let (zh, en) = bihuan_intake::words(&listed.reason);
    let words = lang.choose(zh, en);
    if common.is_json() {
        let mut shown = serde_json::to_value(&listed).map_err(std::io::Error::from)?;
        shown["reason_words"] = words.into();
        shown["headers"] = headers;
        shown["content"] = serde_json::to_value(&bytes).map_err(std::io::Error::from)?;
        return output::json(&shown);
    }
    let say = |zh, en| lang.choose(zh, en);
    let fate = [
        Some(super::fate(listed.fate, lang).to_owned()),
        listed.fate_at.clone(),
        listed.fate_by.clone(),
        listed.fate_reason.clone(),
    ];
    let lines = [
        (say("标识", "id"), Some(listed.id.clone())),
        (say("原因", "reason"), Some(format!("{}: {words}", listed.reason))),
        (say("字段", "field"), listed.field.clone()),
        (say("来源", "source"), listed.source.clone()),
        (say("服务", "service"), Some(listed.service.clone())),
        (
            say("出处", "from"),
            Some(format!("{}/{}/{}", listed.topic, listed.partition, listed.offset)),
        ),
        (say("文件", "file"), listed.file.clone()),
        (say("行", "line"), listed.line.map(|line| line.to_string())),
        (say("映射", "mapping"), listed.mapping.clone()),
        (say("接收", "received"), Some(listed.received_at.clone())),
        (say("消息头", "headers"), Some(headers.to_string())),
        (
            say("去向", "fate"),
            Some(fate.into_iter().flatten().collect::<Vec<_>>().join(", ")),
        ),
        (
            say("内容", "content"),
            Some(shown(
                &bytes,
                lang.choose("可能含个人信息，不显示", "not shown, it may name persons"),
            )),
        ),
        (
            say("说明", "note"),
            is_outline.then(|| say(OUTLINE[0], OUTLINE[1]).to_owned()),
        ),
    ];
    let lines = lines.into_iter().filter_map(|(what, value)| Some((what, value?)));
    output::details(common.format, say("记录", "record"), lines)
}

/// The record, by every lane that holds it.
pub(super) async fn find(reading: &Reading, id: &str) -> Result<Vec<Quarantined>, Failure> {
    let unknown = || {
        Failure::usage(
            format!("隔离区没有记录 {id}"),
            format!("quarantine holds no record {id}"),
        )
    };
    let id: RecordId = id.trim().parse().map_err(|_| unknown())?;
    let mut reader = reading.store.read().await?;
    let found = quarantine::find(reader.conn(), id).await?;
    if found.is_empty() {
        return Err(unknown());
    }
    Ok(found)
}

/// The bytes as they may be shown.
async fn bytes(reading: &Reading, record: &Quarantined) -> Result<Shown, Failure> {
    if bihuan_intake::is_outline(record) {
        return Ok(Shown::Text(readable(&record.bytes)));
    }
    let Some(digest) = &record.mapping else {
        // taken off the log as it was, it may hold anything
        return Ok(if record.reason == "processing_failed" {
            Shown::withheld(&record.bytes)
        } else {
            Shown::Text(readable(&record.bytes))
        });
    };
    let mappings = Mappings::new(reading.store.clone());
    // without its mapping nobody knows which of its fields are personal
    let Some(mapping) = mappings.get(digest).await? else {
        return Ok(Shown::withheld(&record.bytes));
    };
    let headers: Value = serde_json::from_str(&record.headers).unwrap_or_default();
    let columns = match headers["columns"].as_str() {
        Some(columns) => mappings.columns(columns).await?,
        None => None,
    };
    Ok(
        match columns.map(|columns| {
            mapping
                .bind_columns(&columns)
                .map(|bound| bound.shown(&record.bytes))
        }) {
            Some(Ok(shown)) => shown,
            // the personal columns may be among those that it does not find
            Some(Err(_)) if mapping.personal().next().is_some() => Shown::withheld(&record.bytes),
            Some(Err(_)) | None => mapping.shown(&record.bytes),
        },
    )
}

/// Text, or hexadecimal digits.
fn readable(bytes: &[u8]) -> String {
    let cut = &bytes[..bytes.len().min(SHOWN)];
    let more = if bytes.len() > SHOWN { "…" } else { "" };
    match std::str::from_utf8(cut) {
        Ok(text) => format!("{text}{more}"),
        // cut within a character
        Err(error) if error.error_len().is_none() && !more.is_empty() => {
            format!("{}{more}", String::from_utf8_lossy(cut))
        }
        Err(_) => format!("{}{more}", hexadecimal(cut)),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .join(" ")
}

fn shown(bytes: &Shown, hidden: &str) -> String {
    match bytes {
        Shown::Text(text) => text.chars().take(SHOWN).collect(),
        Shown::Withheld { length, sha256 } => format!("{hidden}; {length} B, sha256 {sha256}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_shown_in_digits() {
        assert_eq!(readable("标题".as_bytes()), "标题");
        assert_eq!(readable(&[0xff, 0x00]), "ff 00");
        let long = "线".repeat(SHOWN);
        assert!(readable(long.as_bytes()).ends_with('…') && readable(long.as_bytes()).starts_with('线'));
    }
}
