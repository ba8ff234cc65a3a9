//! Whatever bytes arrive, decoding answers; and what it accepts survives its own encoding.

use std::fmt::Debug;

use bihuan_contracts::command::ClueCommand;
use bihuan_contracts::delivery::{AssignmentNotice, CallbackCommand};
use bihuan_contracts::record::ClueRecord;
use bihuan_contracts::{DecodeError, cloudevents, command, delivery, dispute, event, header, intake};
use bihuan_domain::clue::Text;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::samples;

/// Compares by text, because a coordinate may be no number at all.
fn stable<T: Debug>(
    decode: fn(&[u8]) -> Result<T, DecodeError>,
    encode: impl Fn(&T) -> Vec<u8>,
    bytes: &[u8],
) {
    if let Ok(message) = decode(bytes) {
        let again = decode(&encode(&message)).expect("what was decoded can be encoded");
        assert_eq!(format!("{again:?}"), format!("{message:?}"));
    }
}

fn decode_as_everything(bytes: &[u8]) {
    stable(command::decode, command::encode, bytes);
    stable(event::decode, event::encode, bytes);
    stable(dispute::command::decode, dispute::command::encode, bytes);
    stable(dispute::event::decode, dispute::event::encode, bytes);
    stable(intake::decode, intake::encode, bytes);
    stable(intake::command::decode, intake::command::encode, bytes);
    stable(delivery::decode, delivery::encode, bytes);
    stable(CallbackCommand::decode, CallbackCommand::encode, bytes);
    stable(AssignmentNotice::decode, AssignmentNotice::encode, bytes);
    stable(ClueRecord::decode, ClueRecord::encode, bytes);
    if let Ok(record) = ClueRecord::from_json(bytes) {
        assert_eq!(ClueRecord::decode(&record.encode()), Ok(record));
    }
    if let Ok(value) = serde_json::from_slice(bytes) {
        let _ = command::from_json(samples::clue(), &value);
        let _ = dispute::from_json(samples::dispute(), &value);
    }
    let structured = [(header::CONTENT_TYPE, cloudevents::STRUCTURED.as_bytes())];
    let _ = cloudevents::read(structured, bytes);
    let binary = [
        header::CE_SPECVERSION,
        header::CE_ID,
        header::CE_SOURCE,
        header::CE_TYPE,
        header::CE_TIME,
    ];
    let _ = cloudevents::read(binary.map(|name| (name, bytes)), bytes);
}

/// A database refuses it, and with it the whole batch: so it is refused here, by its field.
#[test]
fn text_with_u0000_is_refused() {
    let refused = |error: DecodeError| (error.code, error.field);
    let record = br#"{"source": "grid", "id": "7", "title": "a\u0000b"}"#;
    let error = ClueRecord::from_json(record).expect_err("is refused");
    assert_eq!(refused(error), ("field_invalid", Some("title".to_owned())));
    let asked = serde_json::json!({"type": "void_clue", "reason": "a\0b"});
    let error = command::from_json(samples::clue(), &asked).expect_err("is refused");
    assert_eq!(refused(error), ("field_invalid", Some("reason".to_owned())));
    let mut commands = samples::clue_commands().into_iter();
    let ClueCommand::Clue(mut envelope) = commands.next().expect("there is one") else {
        panic!("a command of a clue");
    };
    envelope.text = Some(Text {
        remark: Some("\0".to_owned()),
        ..Text::default()
    });
    let error = command::decode(&command::encode(&ClueCommand::Clue(envelope))).expect_err("is refused");
    assert_eq!(refused(error), ("field_invalid", Some("text.remark".to_owned())));
}

fn valid() -> Vec<Vec<u8>> {
    let commands = samples::clue_commands();
    let events = samples::clue_events();
    let mut all: Vec<_> = commands
        .iter()
        .map(command::encode)
        .chain(events.iter().map(event::encode))
        .collect();
    all.extend(samples::disputed_commands().iter().map(dispute::command::encode));
    all.extend(samples::disputed_events().iter().map(dispute::event::encode));
    all.extend(samples::intake_events().iter().map(intake::encode));
    all.extend(samples::intake_commands().iter().map(intake::command::encode));
    all.extend(samples::callback_commands().iter().map(CallbackCommand::encode));
    all.extend(samples::delivery_events().iter().map(delivery::encode));
    all.extend([
        samples::notice().encode(),
        samples::reminder().encode(),
        samples::record().encode(),
    ]);
    all.extend([
        br#"{"type":"request_return","reason":"no","duty":"1","proposed":"X","actor":{"role":"agency"}}"#.to_vec(),
        br#"{"type":"decide_dispute","responsible":"X","basis":"1","term":"5wd","decision":{"reference":"1","digest":"00"}}"#.to_vec(),
        br#"{"type":"resolve_clue","conclusion":"penalty","evidence":[{"kind":"near","uri":"x","digest":"00"}]}"#.to_vec(),
        br#"{"specversion":"1.0","id":"1","source":"a","type":"b","time":"2026-01-05T00:00:00Z","data":{}}"#.to_vec(),
        br#"{"source":"a","id":12,"attributes":{"a":1},"longitude":120.5}"#.to_vec(),
    ]);
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn random_bytes_never_panic(bytes in vec(any::<u8>(), 0..300)) {
        decode_as_everything(&bytes);
    }

    #[test]
    fn damaged_messages_never_panic(
        mut bytes in select(valid()),
        damage in vec((any::<Index>(), any::<u8>(), 0..3_u8), 1..6),
    ) {
        for (at, value, how) in damage {
            let at = at.index(bytes.len() + 1);
            match how {
                0 => bytes.insert(at, value),
                1 => bytes.truncate(at),
                _ => if let Some(byte) = bytes.get_mut(at) { *byte = value },
            }
        }
        decode_as_everything(&bytes);
    }
}
