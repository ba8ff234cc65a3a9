//! A message on its way to a topic.

use std::borrow::Cow;

use bihuan_domain::time::Timestamp;

use crate::header;

/// A message to publish, on the partition that we chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub topic: Cow<'static, str>,
    pub partition: u32,
    pub key: Vec<u8>,
    pub headers: Vec<(Cow<'static, str>, Vec<u8>)>,
    pub payload: Vec<u8>,
}

/// The attributes of a CloudEvent that we send.
pub(crate) struct Attributes<'a> {
    pub(crate) id: String,
    /// The service that sends it.
    pub(crate) producer: &'a str,
    pub(crate) kind: &'static str,
    pub(crate) time: Timestamp,
    pub(crate) subject: Option<&'a str>,
}

impl Message {
    /// A protobuf message with CloudEvents headers in binary mode.
    pub(crate) fn cloud_event(
        topic: &'static str,
        partition: u32,
        key: &str,
        attributes: Attributes<'_>,
        payload: Vec<u8>,
    ) -> Self {
        let Attributes {
            id,
            producer,
            kind,
            time,
            subject,
        } = attributes;
        let mut headers = Vec::with_capacity(9);
        headers.push((Cow::Borrowed(header::CE_SPECVERSION), header::SPECVERSION.into()));
        let span = id.clone();
        headers.push((Cow::Borrowed(header::CE_ID), id.into_bytes()));
        headers.push((
            Cow::Borrowed(header::CE_SOURCE),
            [b"/bihuan/", producer.as_bytes()].concat(),
        ));
        headers.push((Cow::Borrowed(header::CE_TYPE), kind.into()));
        headers.push((Cow::Borrowed(header::CE_TIME), time.to_string().into_bytes()));
        if let Some(subject) = subject {
            headers.push((Cow::Borrowed(header::CE_SUBJECT), subject.into()));
        }
        headers.push((Cow::Borrowed(header::CONTENT_TYPE), header::PROTOBUF.into()));
        if let Some(traceparent) = subject.and_then(|clue| traceparent(clue, &span)) {
            headers.push((Cow::Borrowed(header::TRACEPARENT), traceparent.into_bytes()));
        }
        Self {
            topic: Cow::Borrowed(topic),
            partition,
            key: key.into(),
            headers,
            payload,
        }
    }

    /// A message without a value: what `key` names is gone.
    pub fn tombstone(topic: impl Into<Cow<'static, str>>, partition: u32, key: Vec<u8>) -> Self {
        Self {
            topic: topic.into(),
            partition,
            key,
            headers: vec![(Cow::Borrowed(header::TOMBSTONE), Vec::new())],
            payload: Vec::new(),
        }
    }

    pub fn is_tombstone(&self) -> bool {
        self.header(header::TOMBSTONE).is_some()
    }

    /// The value of the first header called `name`.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_slice())
    }

    /// Adds a header, for example [`header::SEQUENCE`] or [`header::TRACEPARENT`].
    #[must_use]
    pub fn with_header(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// W3C trace context: the clue's whole life is one trace, named by its id, and each message a span in it. Derived, so that a
/// repeat carries the same and nothing has to be stored. `None`: the subject is no clue.
pub fn traceparent(clue: &str, message: &str) -> Option<String> {
    let trace = uuid::Uuid::parse_str(clue).ok().filter(|id| !id.is_nil())?;
    // FNV-1a: spreads short ids, and is never zero in practice; zero would be an invalid span
    let span = message
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
        .max(1);
    Some(format!("00-{}-{span:016x}-01", trace.simple()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clues_messages_share_a_trace() {
        let clue = "9ab59515-afdd-5642-82b1-88b637c0d356";
        let spans = ["0-1", "0-2"].map(|id| traceparent(clue, id).expect("a clue"));
        assert_ne!(spans[0], spans[1]);
        assert!(
            spans
                .iter()
                .all(|span| span.starts_with("00-9ab59515afdd564282b188b637c0d356-") && span.len() == 55)
        );
        assert_eq!(traceparent("agency", "0-1"), None);
    }
}
