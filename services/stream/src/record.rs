//! A record as it came off the log.

use std::borrow::Cow;
use std::sync::Arc;

use bihuan_contracts::Message;
use bihuan_domain::id::RecordId;
use bihuan_domain::time::Timestamp;
use bihuan_store::quarantine::{Fate, Quarantined};
use serde_json::{Map, Value};

/// One record of a topic.
#[derive(Clone, Debug)]
pub struct Record {
    pub topic: Arc<str>,
    pub partition: u32,
    pub offset: i64,
    /// CloudEvents type, from the header.
    pub type_name: Arc<str>,
    /// On a journal.
    pub sequence: Option<i64>,
    pub key: Vec<u8>,
    /// All headers on queues; on journals only what the fields above hold.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Empty also where there is no value.
    pub payload: Vec<u8>,
    /// There is no value (null), which is not the same as an empty one: what the key names is gone.
    pub tombstone: bool,
    /// When the log took it, by the log's clock.
    pub logged_at: Option<Timestamp>,
}

impl Record {
    /// The sequence in its journal; on the local log, and where the header is missing, the offset stands in.
    pub fn journal_sequence(&self) -> i64 {
        self.sequence.unwrap_or(self.offset)
    }

    /// The value of the first header called `name`, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .and_then(|(_, value)| std::str::from_utf8(value).ok())
    }

    /// The row of quarantine that keeps the record as it came: the group that read it in the lane `lane` puts it away.
    pub fn quarantined(
        &self,
        group: &str,
        cluster: &str,
        lane: u32,
        reason: &str,
        now: Timestamp,
    ) -> Quarantined {
        Quarantined {
            partition: lane,
            id: RecordId::of_position(cluster, &self.topic, self.partition, self.offset),
            group: group.to_owned(),
            topic: self.topic.to_string(),
            topic_partition: self.partition,
            offset: self.offset,
            source: None,
            file: None,
            line: None,
            reason: reason.to_owned(),
            field: None,
            mapping: None,
            headers: headers(&self.headers),
            bytes: self.payload.clone(),
            received_at: now,
            fate: Fate::Waiting,
        }
    }
}

/// The headers as a JSON object. Of several of one name the first counts, as it does in [`Record::header`]; what is no text
/// stands there as its bytes, so that it can be published again.
fn headers(headers: &[(String, Vec<u8>)]) -> String {
    let mut object = Map::new();
    for (name, value) in headers {
        let value = match std::str::from_utf8(value) {
            Ok(text) => text.into(),
            Err(_) => value.as_slice().into(),
        };
        object.entry(name.as_str()).or_insert(value);
    }
    Value::Object(object).to_string()
}

/// The record that a row of quarantine keeps, as a message for where it came from. Its new place gives it a new position, so
/// that its id must derive from its content for it to be recognised.
pub fn again(row: &Quarantined) -> Message {
    let kept: Map<String, Value> = serde_json::from_str(&row.headers).unwrap_or_default();
    let bytes = |value: Value| match value {
        Value::String(text) => text.into_bytes(),
        other => serde_json::from_value(other).unwrap_or_default(),
    };
    Message {
        topic: Cow::Owned(row.topic.clone()),
        partition: row.topic_partition,
        key: Vec::new(),
        headers: kept
            .into_iter()
            .map(|(name, value)| (name.into(), bytes(value)))
            .collect(),
        payload: row.bytes.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_away_is_published_as_it_came() {
        let header = |name: &str, value: &[u8]| (name.to_owned(), value.to_vec());
        let mut record = Record {
            topic: "agency.commands.v1".into(),
            partition: 2,
            offset: 7,
            type_name: "".into(),
            sequence: None,
            key: b"key".to_vec(),
            headers: vec![
                header("a", "甲".as_bytes()),
                header("b", &[0xff, 0]),
                header("c", b""),
            ],
            payload: vec![0xfe, 1],
            tombstone: false,
            logged_at: None,
        };
        let row = record.quarantined("delivery", "c", 1, "not_json", Timestamp::EPOCH);
        assert_eq!(
            (row.partition, row.topic_partition, row.offset),
            (1, 2, 7),
            "{row:?}"
        );
        let again = again(&row);
        assert_eq!(
            (&*again.topic, again.partition, &again.payload),
            ("agency.commands.v1", 2, &record.payload)
        );
        let headers: Vec<_> = again
            .headers
            .into_iter()
            .map(|(name, value)| (name.into_owned(), value))
            .collect();
        assert_eq!(headers, record.headers);
        record.headers.push(header("a", b"second"));
        let twice = record.quarantined("delivery", "c", 1, "not_json", Timestamp::EPOCH);
        assert_eq!(twice, row, "as who looks for it finds it");
    }
}
