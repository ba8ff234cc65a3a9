//! What intake and delivery say, are asked and send.

use bihuan_contracts::delivery::{
    AssignmentNotice, AssignmentRole, Attempt, Callback, CallbackCommand, CallbackRequest, DeliveryEvent,
    NoticeTask, RemindedClue, ReminderNotice, Standing,
};
use bihuan_contracts::intake::{Became, IntakeCommand, IntakeEvent};
use bihuan_contracts::record::ClueRecord;
use bihuan_domain::clue::{Attribute, RungKind, TaskKind};

use super::parts::{actor, agency, area, at, clue, command_id, matter, record_id, rung, source};

pub(crate) fn intake_events() -> Vec<IntakeEvent> {
    let (topic, partition, first_offset, last_offset, count) = ("clue.inbound.v1".to_owned(), 3, 0, 99, 100);
    vec![
        IntakeEvent::RecordsAccepted {
            source: source(),
            topic: topic.clone(),
            partition,
            first_offset,
            last_offset,
            count,
            at: at(),
        },
        IntakeEvent::RecordsSkipped {
            source: source(),
            topic: topic.clone(),
            partition,
            first_offset,
            last_offset,
            count,
            at: at(),
        },
        IntakeEvent::RecordsFedBack {
            source: source(),
            topic: topic.clone(),
            partition,
            first_offset,
            last_offset,
            count,
            at: at(),
        },
        IntakeEvent::RecordQuarantined {
            id: record_id(),
            source: Some(source()),
            topic,
            partition,
            offset: 100,
            file: Some("day.csv".to_owned()),
            line: Some(12),
            reason: "not_json".to_owned(),
            field: Some("/data".to_owned()),
            bytes: 512,
            at: at(),
        },
        IntakeEvent::QuarantineReplayed {
            id: record_id(),
            source: None,
            clue: clue(),
            became: Became::Report,
            actor: actor(),
            at: at(),
        },
        IntakeEvent::QuarantineReplayed {
            id: record_id(),
            source: Some(source()),
            clue: clue(),
            became: Became::Feedback,
            actor: actor(),
            at: at(),
        },
        IntakeEvent::QuarantineDiscarded {
            id: record_id(),
            source: Some(source()),
            reason: "test".to_owned(),
            actor: actor(),
            at: at(),
        },
    ]
}

pub(crate) fn intake_commands() -> Vec<IntakeCommand> {
    let mapping = Some("hotline".to_owned());
    vec![
        IntakeCommand::ReplayQuarantined {
            id: record_id(),
            mapping,
            actor: actor(),
            received_at: at(),
        },
        IntakeCommand::DiscardQuarantined {
            id: record_id(),
            reason: "test".to_owned(),
            actor: actor(),
            received_at: at(),
        },
    ]
}

pub(crate) fn delivery_events() -> Vec<DeliveryEvent> {
    let (topic, partition, offset) = ("agency.commands.v1".to_owned(), 0, 5);
    vec![
        DeliveryEvent::AssignmentPublished {
            clue: clue(),
            version: 3,
            agency: agency("NYPD"),
            topic: "city.assignments".to_owned(),
            at: at(),
        },
        DeliveryEvent::ReminderPublished {
            agency: agency("NYPD"),
            topic: "city.assignments".to_owned(),
            rung: rung(),
            clues: vec![clue(), clue()],
            at: at(),
        },
        DeliveryEvent::FeedbackAccepted {
            topic: topic.clone(),
            partition,
            offset,
            clue: clue(),
            command: command_id(),
            at: at(),
        },
        DeliveryEvent::FeedbackQuarantined {
            id: record_id(),
            topic,
            partition,
            offset,
            reason: "type_unknown".to_owned(),
            field: None,
            at: at(),
        },
        DeliveryEvent::CallbackDue {
            callback: callback(),
            event: "dispatched".to_owned(),
            at: at(),
        },
        DeliveryEvent::CallbackAcknowledged {
            callback: callback(),
            attempts: 3,
            at: at(),
        },
        DeliveryEvent::CallbackFailed {
            callback: callback(),
            attempts: 12,
            reason: "status_500".to_owned(),
            status: Some(500),
            at: at(),
        },
        DeliveryEvent::CallbackAcknowledged {
            callback: Callback {
                link: Some("b/1".to_owned()),
                ..callback()
            },
            attempts: 1,
            at: at(),
        },
        DeliveryEvent::CallbackResent {
            callback: callback(),
            actor: actor(),
            at: at(),
        },
        DeliveryEvent::CallbackEchoed {
            callback: callback(),
            before: Standing::Failed,
            at: at(),
        },
    ]
}

fn callback() -> Callback {
    Callback {
        clue: clue(),
        version: 3,
        source: source(),
        link: None,
    }
}

pub(crate) fn callback_commands() -> Vec<CallbackCommand> {
    let failed = Attempt {
        number: 2,
        reason: Some("status_503".to_owned()),
        status: Some(503),
        permanent: true,
        not_before: Some(at()),
    };
    let received = Attempt {
        number: 1,
        reason: None,
        status: None,
        permanent: false,
        not_before: None,
    };
    let requests = [
        CallbackRequest::Record(failed),
        CallbackRequest::Record(received),
        CallbackRequest::Resend { actor: actor() },
    ];
    let command = |callback: Callback, request| CallbackCommand {
        callback: callback.id(),
        at: at(),
        request,
    };
    let linked = Callback {
        link: Some("b/1".to_owned()),
        ..callback()
    };
    let of_linked = command(linked, requests[0].clone());
    let commands = requests.map(|request| command(callback(), request));
    commands.into_iter().chain([of_linked]).collect()
}

pub(crate) fn reminder() -> ReminderNotice {
    let reminded = |late| RemindedClue {
        clue: clue(),
        version: 4,
        number: "330602-20260105-000123".to_owned(),
        due_at: at(),
        late,
    };
    ReminderNotice {
        agency: agency("综合执法局"),
        rung: rung(),
        kind: RungKind::Reminder,
        clues: vec![reminded(false), reminded(true)],
    }
}

pub(crate) fn notice() -> AssignmentNotice {
    AssignmentNotice {
        clue: clue(),
        number: "330602-20260105-000123".to_owned(),
        version: 3,
        agency: agency("综合执法局"),
        role: AssignmentRole::Assisting,
        task: Some(NoticeTask {
            number: 2,
            kind: TaskKind::Call,
            due_at: Some(at().plus_days(3)),
            arrive_by: Some(at().plus_minutes(120)),
        }),
        matter: Some(matter()),
        area: Some(area()),
        severity: None,
        reported_at: at(),
        deadline: Some(at().plus_days(1)),
        title: Some("占道".to_owned()),
        description: None,
        place: Some("塔山街道".to_owned()),
        attributes: vec![Attribute {
            name: "channel".to_owned(),
            value: "12345".to_owned(),
        }],
        attachments: vec!["https://p/1.jpg".to_owned()],
    }
}

pub(crate) fn record() -> ClueRecord {
    let some = |text: &str| Some(text.to_owned());
    ClueRecord {
        source: "hotline".to_owned(),
        id: "SX-1".to_owned(),
        reported_at: some("2026-01-05T08:00:00+08:00"),
        matter: some("暴露垃圾"),
        area: some("330602"),
        severity: some("urgent"),
        title: some("占道"),
        description: some("三轮车"),
        place: some("塔山街道"),
        longitude: some("120.58"),
        latitude: some("30.01"),
        datum: some("GCJ-02"),
        attributes: vec![("channel".to_owned(), "12345".to_owned())],
        due_at: some("tomorrow"),
        agency: some("NYPD"),
        closed_at: some(""),
        conclusion: some("rectified"),
        same_as: some("grid/G-1"),
        attachments: vec!["https://p/1.jpg".to_owned()],
    }
}
