//! What librdkafka hands out, as a record.

use std::collections::BTreeSet;
use std::sync::Arc;

use bihuan_contracts::header;
use bihuan_contracts::topics::{Kind, kind};
use bihuan_domain::time::Timestamp;
use rdkafka::message::{BorrowedMessage, Headers as _, Message as _};

use super::Settings;
use crate::Record;

/// Foreign senders may invent names without end.
const MANY: usize = 10_000;

/// Makes records of messages. Topic and type names recur: they are kept once.
pub(super) struct Reading {
    settings: Settings,
    names: BTreeSet<Arc<str>>,
}

impl Reading {
    pub(super) const fn new(settings: Settings) -> Self {
        Self {
            settings,
            names: BTreeSet::new(),
        }
    }

    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return known.clone();
        }
        if self.names.len() > MANY {
            self.names.clear();
        }
        let name: Arc<str> = name.into();
        self.names.insert(name.clone());
        name
    }

    fn topic(&mut self, wire: &str) -> Arc<str> {
        let range = self.settings.plain(wire).len();
        self.name(&wire[wire.len() - range..])
    }

    pub(super) fn record(&mut self, message: &BorrowedMessage<'_>) -> Record {
        let topic = self.topic(message.topic());
        let journal = kind(&topic) == Kind::Journal;
        let mut type_name: Option<Arc<str>> = None;
        let mut sequence = None;
        let mut headers = Vec::new();
        for found in message.headers().into_iter().flat_map(|headers| headers.iter()) {
            let value = found.value.unwrap_or_default();
            let text = || std::str::from_utf8(value).ok();
            match found.key {
                header::CE_TYPE => type_name = text().map(|name| self.name(name)),
                header::SEQUENCE if journal => sequence = text().and_then(|text| text.parse().ok()),
                _ => {}
            }
            if !journal {
                headers.push((found.key.to_owned(), value.to_vec()));
            }
        }
        Record {
            topic,
            partition: message.partition() as u32,
            offset: message.offset(),
            type_name: type_name.unwrap_or_else(|| self.name("")),
            sequence,
            key: message.key().unwrap_or_default().to_vec(),
            headers,
            payload: message.payload().unwrap_or_default().to_vec(),
            tombstone: message.payload().is_none(),
            logged_at: message
                .timestamp()
                .to_millis()
                .map(|ms| Timestamp::from_micros(ms * 1000)),
        }
    }
}
