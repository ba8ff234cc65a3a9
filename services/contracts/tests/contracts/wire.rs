//! The bytes and headers of messages. A change here is a change of the wire: never do it to a field that exists.

use std::fmt::Write as _;

use bihuan_contracts::command::{ClueCommand, message};
use bihuan_contracts::event::ClueEvent;
use bihuan_contracts::intake::IntakeEvent;
use bihuan_contracts::{DecodeError, command, event, header, intake, topics};
use bihuan_domain::clue::{Command, Event, Occurrence, Role};
use bihuan_domain::id::RecordId;

use crate::samples;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}

fn request_return() -> ClueCommand {
    let proposed = samples::agency("NYPD");
    ClueCommand::Clue(samples::envelope(Command::RequestReturn {
        duty: "7".to_owned(),
        proposed,
    }))
}

fn transferred() -> ClueEvent {
    let event = Event::ClueTransferred {
        from: Some(samples::agency("DOT")),
        to: samples::agency("NYPD"),
        basis: None,
        recorded: true,
    };
    ClueEvent::Clue(Occurrence {
        clocks: None,
        ..samples::occurrence(event)
    })
}

#[test]
fn the_bytes_of_a_command_stay_as_they_are() {
    assert_eq!(
        hex(&command::encode(&request_return())),
        concat!(
            "08011210d6068d4652ec52778bd08c2951ea82911a104e16808a041e5901ae7f973a3c5c01002213636c75652e696e62",
            "6f756e642e76312f332f372a190804120fe7bbbce59088e689a7e6b395e5b1801a04412d313730003940a27fbd984706",
            "0041402913c1984706004a1b0a06e58da0e981931a00220fe4b88de698afe68891e4bbace79a84ba01090a013712044e",
            "595044"
        )
    );
}

#[test]
fn the_bytes_of_an_event_stay_as_they_are() {
    assert_eq!(
        hex(&event::encode(&transferred())),
        concat!(
            "080112104e16808a041e5901ae7f973a3c5c010018032140a27fbd9847060029402913c1984706003210d6068d4652ec",
            "52778bd08c2951ea82913a14636c75652e636f6d6d616e64732e76312f332f3842190804120fe7bbbce59088e689a7e6",
            "b395e5b1801a04412d31374a202823dd86e3d53be841c4e40bb5c4f29bbdd2be41ab6d6b1ff81e159ca9dbd5b5ea010d",
            "0a03444f5412044e5950442001"
        )
    );
}

#[test]
fn the_bytes_of_clocks_stay_as_they_are() {
    let ClueEvent::Clue(bare) = transferred() else {
        unreachable!("an event of a clue");
    };
    let plain = event::encode(&ClueEvent::Clue(bare.clone())).len();
    let mut clocks = samples::clocks();
    for running in &mut clocks.running {
        running.stands_since = None;
    }
    let clocked = Occurrence {
        clocks: Some(clocks),
        ..bare
    };
    let bytes = event::encode(&ClueEvent::Clue(clocked));
    // they stand before the body, which is the last
    let clocks = &bytes[plain - 16..bytes.len() - 16];
    assert_eq!(
        hex(clocks),
        concat!(
            "527d0a0661316232633312066434653566361a03616263223e08061140a27fbd9847060019400257dbac4706002140",
            "622ef9c04706002a033577643007380141402913c198470600480152066333643465355a03666564221d08061140a2",
            "7fbd9847060019400257dbac47060041402913c1984706002940b0a6c498470600"
        )
    );
}

#[test]
fn a_command_travels_as_a_cloud_event_to_the_partition_of_its_clue() {
    let message = message(&request_return(), 5, "routing");
    let clue = samples::clue().to_string();
    let header = |name| {
        message
            .header(name)
            .map(|value| std::str::from_utf8(value).expect("UTF-8"))
    };
    assert_eq!(
        (message.topic.as_ref(), message.partition),
        (topics::CLUE_COMMANDS, 5)
    );
    assert_eq!(message.key, clue.as_bytes());
    assert_eq!(header(header::CE_SPECVERSION), Some("1.0"));
    assert_eq!(
        header(header::CE_ID),
        Some(samples::command_id().to_string().as_str())
    );
    assert_eq!(header(header::CE_SOURCE), Some("/bihuan/routing"));
    assert_eq!(header(header::CE_TYPE), Some("bihuan.clue.v1.RequestReturn"));
    assert_eq!(header(header::CE_TIME), Some("2026-01-05T00:01:00.123456Z"));
    assert_eq!(header(header::CE_SUBJECT), Some(clue.as_str()));
    assert_eq!(header(header::CONTENT_TYPE), Some("application/protobuf"));
    assert_eq!(command::decode(&message.payload), Ok(request_return()));
}

#[test]
fn an_event_carries_its_sequence() {
    let message = event::message(&transferred(), 5, 41, "lifecycle");
    assert_eq!(message.topic, topics::CLUE_EVENTS);
    assert_eq!(message.header(header::SEQUENCE), Some(b"41".as_slice()));
    assert_eq!(message.header(header::CE_ID), Some(b"5-41".as_slice()));
    assert_eq!(event::key(&transferred()), Some(samples::clue()));
}

/// The code and the field with which `bytes` are refused as a command.
fn refused(bytes: &[u8]) -> (&'static str, Option<String>) {
    let DecodeError { code, field, .. } = command::decode(bytes).expect_err("is refused");
    (code, field)
}

#[test]
fn a_refusal_names_the_field() {
    let field = |name: &str| Some(name.to_owned());
    let whole = command::encode(&request_return());
    assert_eq!(refused(b"\xff"), ("not_protobuf", None));
    assert_eq!(refused(b""), ("field_missing", field("schema")));
    assert_eq!(refused(b"\x08\x02"), ("version_unknown", field("schema")));
    assert_eq!(refused(b"\x08\x01"), ("field_missing", field("id")));
    assert_eq!(refused(b"\x08\x01\x12\x01a"), ("field_invalid", field("id")));
    // the last actor wins field by field: this one has a role of the future
    assert_eq!(
        refused(&[whole.as_slice(), b"\x2a\x02\x08\x63"].concat()),
        ("field_invalid", field("actor.role"))
    );
    assert_eq!(
        refused(&[whole.as_slice(), b"\x2a\x02\x12\x00"].concat()),
        ("field_invalid", field("actor.agency"))
    );
    // the last body wins: one without its decision, and a call-back without a result
    assert_eq!(
        refused(&[whole.as_slice(), b"\x9a\x01\x00"].concat()),
        ("field_missing", field("decision"))
    );
    assert_eq!(
        refused(&[whole.as_slice(), b"\x8a\x02\x00"].concat()),
        ("field_missing", field("result"))
    );
}

#[test]
fn a_body_of_the_future_is_refused_and_a_field_of_the_future_is_ignored() {
    let activate = samples::clue_commands()
        .pop()
        .expect("the last one is of a partition");
    let mut bytes = command::encode(&activate);
    // field 99 instead of 100
    let body = bytes
        .windows(2)
        .rposition(|pair| pair == [0xa2, 0x06])
        .expect("the body");
    bytes[body] = 0x9a;
    assert_eq!(refused(&bytes), ("type_unknown", Some("body".to_owned())));

    let with_more = [command::encode(&activate).as_slice(), b"\xf8\x07\x01"].concat();
    assert_eq!(command::decode(&with_more), Ok(activate));
}

#[test]
fn a_journal_carries_no_free_text() {
    let bytes = event::encode(&transferred());
    let with_text = command::encode(&request_return());
    let remark = "不是我们的".as_bytes();
    assert!(with_text.windows(remark.len()).any(|part| part == remark));
    assert!(!bytes.windows(remark.len()).any(|part| part == remark));
}

#[test]
fn a_quarantined_record_needs_no_source() {
    let event = IntakeEvent::RecordQuarantined {
        id: RecordId::of_position("test", "t", 0, 0),
        source: None,
        topic: String::new(),
        partition: 0,
        offset: 0,
        file: None,
        line: None,
        reason: String::new(),
        field: None,
        bytes: 0,
        at: samples::at(),
    };
    assert_eq!(intake::decode(&intake::encode(&event)), Ok(event));
}

#[test]
fn every_role_has_a_number_of_its_own() {
    for role in Role::ALL {
        let mut envelope = samples::bare_envelope(Command::AdmitClue);
        envelope.actor.role = role;
        let command = ClueCommand::Clue(envelope);
        assert_eq!(command::decode(&command::encode(&command)), Ok(command));
    }
}
