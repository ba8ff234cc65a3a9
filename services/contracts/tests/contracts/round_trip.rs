//! What is encoded decodes to the same, for every variant of every message.

use std::collections::BTreeSet;

use bihuan_contracts::delivery::{AssignmentNotice, CallbackCommand, ReminderNotice};
use bihuan_contracts::dispute::DisputeEvent;
use bihuan_contracts::record::ClueRecord;
use bihuan_contracts::{command, delivery, dispute, event, intake};

use crate::samples;

#[test]
fn every_variant_has_a_sample() {
    fn covers<T>(list: &[&'static str], samples: &[T], variant: fn(&T) -> &'static str) {
        let all: BTreeSet<_> = list.iter().copied().collect();
        let seen: BTreeSet<_> = samples.iter().map(variant).collect();
        assert_eq!(seen, all);
    }
    covers(samples::COMMANDS, &samples::commands(), samples::command_variant);
    covers(samples::EVENTS, &samples::events(), samples::event_variant);
    covers(
        samples::INTAKE_EVENTS,
        &samples::intake_events(),
        samples::intake_event_variant,
    );
    covers(
        samples::INTAKE_COMMANDS,
        &samples::intake_commands(),
        samples::intake_command_variant,
    );
    covers(
        samples::DELIVERY_EVENTS,
        &samples::delivery_events(),
        samples::delivery_event_variant,
    );
    covers(
        samples::DISPUTE_COMMANDS,
        &samples::dispute_commands(),
        samples::dispute_command_variant,
    );
    covers(
        samples::DISPUTE_EVENTS,
        &samples::dispute_events(),
        samples::dispute_event_variant,
    );
}

#[test]
fn commands() {
    for sample in samples::clue_commands() {
        assert_eq!(command::decode(&command::encode(&sample)).as_ref(), Ok(&sample));
    }
}

#[test]
fn events() {
    for sample in samples::clue_events() {
        assert_eq!(event::decode(&event::encode(&sample)).as_ref(), Ok(&sample));
    }
}

#[test]
fn what_is_asked_of_disputes_and_what_happens_to_them() {
    for sample in samples::disputed_commands() {
        let bytes = dispute::command::encode(&sample);
        assert_eq!(dispute::command::decode(&bytes).as_ref(), Ok(&sample));
    }
    for sample in samples::disputed_events() {
        let bytes = dispute::event::encode(&sample);
        assert_eq!(dispute::event::decode(&bytes).as_ref(), Ok(&sample));
    }
}

#[test]
fn what_intake_says_and_is_asked() {
    for sample in samples::intake_events() {
        assert_eq!(intake::decode(&intake::encode(&sample)).as_ref(), Ok(&sample));
    }
    for sample in samples::intake_commands() {
        assert_eq!(
            intake::command::decode(&intake::command::encode(&sample)).as_ref(),
            Ok(&sample)
        );
        assert!(intake::command::is_command(intake::command::type_name(&sample)));
    }
}

#[test]
fn what_delivery_says_and_sends() {
    for sample in samples::delivery_events() {
        assert_eq!(delivery::decode(&delivery::encode(&sample)).as_ref(), Ok(&sample));
    }
    for sample in samples::callback_commands() {
        assert_eq!(CallbackCommand::decode(&sample.encode()).as_ref(), Ok(&sample));
        let message = sample.message(2, "delivery");
        assert_eq!(message.header("ce_type"), Some(sample.type_name().as_bytes()));
    }
    let notice = samples::notice();
    assert_eq!(AssignmentNotice::decode(&notice.encode()).as_ref(), Ok(&notice));
}

#[test]
fn records() {
    let bare = ClueRecord {
        source: "a".to_owned(),
        id: "1".to_owned(),
        ..ClueRecord::default()
    };
    for sample in [samples::record(), bare] {
        assert_eq!(ClueRecord::decode(&sample.encode()).as_ref(), Ok(&sample));
    }
}

#[test]
fn the_type_names_are_those_of_the_variants() {
    for sample in samples::commands() {
        let expected = format!("bihuan.clue.v1.{}", sample.name());
        assert_eq!(command::type_name(&sample), expected);
    }
    for sample in samples::events() {
        let expected = format!("bihuan.clue.v1.{}", sample.name());
        assert_eq!(
            event::type_name(&event::ClueEvent::Clue(samples::occurrence(sample))),
            expected
        );
    }
    for sample in samples::dispute_commands() {
        let expected = format!("bihuan.dispute.v1.{}", sample.name());
        assert_eq!(dispute::command::type_name(&sample), expected);
    }
    for sample in samples::disputed_events() {
        let name = match &sample {
            DisputeEvent::Dispute { occurrence, .. } => occurrence.event.name(),
            DisputeEvent::CommandQuarantined { .. } => "CommandQuarantined",
        };
        assert_eq!(
            dispute::event::type_name(&sample),
            format!("bihuan.dispute.v1.{name}")
        );
    }
    for sample in samples::intake_events() {
        let expected = format!("bihuan.intake.v1.{}", samples::intake_event_variant(&sample));
        assert_eq!(intake::type_name(&sample), expected);
    }
    for sample in samples::intake_commands() {
        let expected = format!("bihuan.intake.v1.{}", samples::intake_command_variant(&sample));
        assert_eq!(intake::command::type_name(&sample), expected);
    }
    for sample in samples::delivery_events() {
        let expected = format!("bihuan.delivery.v1.{}", samples::delivery_event_variant(&sample));
        assert_eq!(delivery::type_name(&sample), expected);
    }
}

#[test]
fn a_reminder_comes_back_as_it_was() {
    let reminder = samples::reminder();
    assert_eq!(ReminderNotice::decode(&reminder.encode()), Ok(reminder));
}
