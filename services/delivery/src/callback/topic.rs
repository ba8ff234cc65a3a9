//! A callback to a topic: a CloudEvent on the clue's partition, with the key that a receiver tells repeats by.

use std::borrow::Cow;

use bihuan_contracts::{Message, header, traceparent};

use super::call::Letter;
use crate::GROUP;

pub(super) fn message(topic: &str, letter: &Letter) -> Message {
    let (clue, id) = (letter.clue.to_string(), letter.key.to_string());
    let headers = [
        (header::CE_SPECVERSION, header::SPECVERSION.to_owned()),
        (header::TRACEPARENT, traceparent(&clue, &id).unwrap_or_default()),
        (header::CE_ID, id),
        (header::CE_SOURCE, format!("/bihuan/{GROUP}")),
        (header::CE_TYPE, format!("bihuan.callback.v1.{}", letter.step)),
        (header::CE_TIME, letter.since.to_string()),
        (header::CE_SUBJECT, clue.clone()),
        (header::CONTENT_TYPE, header::JSON.to_owned()),
    ];
    let headers = headers.into_iter();
    Message {
        topic: Cow::Owned(topic.to_owned()),
        partition: letter.partition,
        key: clue.into_bytes(),
        headers: headers
            .map(|(name, value)| (Cow::Borrowed(name), value.into_bytes()))
            .collect(),
        payload: letter.body.clone().into_bytes(),
    }
}
