//! A record as it came off the log.

use std::sync::Arc;

use bihuan_domain::time::Timestamp;

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
    pub payload: Vec<u8>,
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
}
