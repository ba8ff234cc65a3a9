//! JSON, in and out.

use bihuan_contracts::command::from_json;
use bihuan_contracts::json::occurrence_to_json;
use bihuan_contracts::record::ClueRecord;
use bihuan_domain::clue::{Actor, Command, Event, Role, TaskCommand, TaskKind, Text};
use serde_json::{Value, json};

use crate::samples;

#[test]
fn a_return_is_requested_in_json() {
    let request = json!({
        "type": "request_return",
        "reason": "不属于本局职责",
        "duty": "330217A22000",
        "proposed": "综合执法局",
        "occurred_at": "2026-01-05T08:00:00+08:00",
        "expected_version": 3,
        "actor": {"role": "agency", "agency": "城管局", "person": "A-17"},
    });
    let request = from_json(samples::clue(), &request).expect("is a command");
    assert_eq!(
        request.command,
        Command::RequestReturn {
            duty: "330217A22000".to_owned(),
            proposed: samples::agency("综合执法局")
        }
    );
    assert_eq!(request.text, Some(Text::remark("不属于本局职责")));
    assert_eq!(request.expected_version, Some(3));
    assert_eq!(
        request.occurred_at.map(|at| at.to_string()).as_deref(),
        Some("2026-01-05T00:00:00Z")
    );
    let actor = Actor {
        role: Role::Agency,
        agency: Some(samples::agency("城管局")),
        person: Some("A-17".to_owned()),
    };
    assert_eq!(request.actor, Some(actor));
}

/// Every command that a person may send; the rest are reported as records.
fn requests() -> Vec<(&'static str, Value)> {
    vec![
        ("AdmitClue", json!({"type": "admit_clue"})),
        (
            "RejectClue",
            json!({"type": "reject_clue", "reason": "litigation"}),
        ),
        (
            "HoldForTriage",
            json!({"type": "hold_for_triage", "remark": "who?"}),
        ),
        (
            "AssignClue",
            json!({"type": "assign_clue", "agency": "A", "penalty": "B", "assisting": ["C", "D"]}),
        ),
        ("DelegateClue", json!({"type": "delegate_clue", "to": "A"})),
        ("AcknowledgeClue", json!({"type": "acknowledge_clue"})),
        (
            "RequestReturn",
            json!({"type": "request_return", "reason": "r", "duty": "d", "proposed": "A"}),
        ),
        ("ApproveReturn", json!({"type": "approve_return", "to": null})),
        ("RefuseReturn", json!({"type": "refuse_return"})),
        (
            "TransferClue",
            json!({"type": "transfer_clue", "to": "A", "basis": "ruling 7"}),
        ),
        ("StartHandling", json!({"type": "start_handling"})),
        (
            "SuspendClue",
            json!({"type": "suspend_clue", "reason": "r", "approver": "L", "until": "2026-01-05T00:00:00Z"}),
        ),
        ("ResumeClue", json!({"type": "resume_clue"})),
        (
            "RequestExtension",
            json!({"type": "request_extension", "reason": "r", "limit": "3wd"}),
        ),
        ("GrantExtension", json!({"type": "grant_extension"})),
        (
            "RefuseExtension",
            json!({"type": "refuse_extension", "reason": "r"}),
        ),
        (
            "IssueNotice",
            json!({"type": "issue_notice", "rung": "overdue_notice", "ended": true}),
        ),
        (
            "DiscardNotice",
            json!({"type": "discard_notice", "rung": "overdue_notice", "reason": "r"}),
        ),
        (
            "ResolveClue",
            json!({
                "type": "resolve_clue", "conclusion": "rectified", "measures": ["education"], "substantiated": true,
                "matter": "1", "legal_basis": "b", "document_number": "n",
                "evidence": [{"kind": "after", "uri": "s3://x", "digest": "0F".repeat(32)}],
            }),
        ),
        ("PassCheck", json!({"type": "pass_check"})),
        ("FailCheck", json!({"type": "fail_check"})),
        (
            "RecordCallBack",
            json!({"type": "record_call_back", "result": "not_done"}),
        ),
        ("CloseClue", json!({"type": "close_clue"})),
        ("ReopenClue", json!({"type": "reopen_clue"})),
        ("VoidClue", json!({"type": "void_clue", "reason": "test"})),
        (
            "CorrectClue",
            json!({"type": "correct_clue", "matter": "1", "area": "330602", "category": "2"}),
        ),
        (
            "SettleDiscrepancy",
            json!({"type": "settle_discrepancy", "discrepancy": "source_closed", "accept": false, "reason": "x"}),
        ),
        (
            "RaiseDispute",
            json!({
                "type": "raise_dispute", "cause": "by_agency", "reason": "x",
                "parties": [{"agency": "A", "position": "denies", "duty": "d"}, {"agency": "B"}],
            }),
        ),
        (
            "Task",
            json!({"type": "ask_assistance", "agency": "A", "kind": "assist", "reason": "x"}),
        ),
        ("TagCampaign", json!({"type": "tag_campaign", "campaign": "c"})),
        ("UntagCampaign", json!({"type": "untag_campaign"})),
    ]
}

#[test]
fn everything_about_a_task_is_asked_in_json_and_its_words_travel_as_the_remark() {
    let table = [
        (
            json!({"type": "ask_assistance", "agency": "A", "kind": "call", "limit": "30min", "reason": "x"}),
            TaskCommand::Ask {
                agency: samples::agency("A"),
                kind: TaskKind::Call,
                limit: Some("30min".parse().expect("a limit")),
            },
            Some("x"),
        ),
        (
            json!({"type": "acknowledge_task", "task": 1}),
            TaskCommand::Acknowledge { task: 1 },
            None,
        ),
        (
            json!({"type": "note_arrival", "task": 2}),
            TaskCommand::NoteArrival { task: 2 },
            None,
        ),
        (
            json!({"type": "reply_task", "task": 3, "reply": "done"}),
            TaskCommand::Reply { task: 3 },
            Some("done"),
        ),
        (
            json!({"type": "decline_task", "task": 4, "reason": "r"}),
            TaskCommand::Decline { task: 4 },
            Some("r"),
        ),
        (
            json!({"type": "rate_task", "task": 5, "rating": 4}),
            TaskCommand::Rate { task: 5, rating: 4 },
            None,
        ),
        (
            json!({"type": "withdraw_task", "task": 6, "reason": "r"}),
            TaskCommand::Withdraw { task: 6 },
            Some("r"),
        ),
    ];
    for (request, command, remark) in table {
        let read = from_json(samples::clue(), &request).expect("is read");
        assert_eq!(read.command, Command::Task(command), "{request}");
        let text = read.text.and_then(|text| text.remark);
        assert_eq!(text.as_deref(), remark, "{request}");
    }
    for (request, field) in [
        (json!({"type": "reply_task", "reply": "x"}), "task"),
        (json!({"type": "reply_task", "task": 1}), "reply"),
        (json!({"type": "decline_task", "task": 1}), "reason"),
        (json!({"type": "rate_task", "task": 1, "rating": 256}), "rating"),
        (
            json!({"type": "ask_assistance", "agency": "A", "kind": "whistle", "reason": "x"}),
            "kind",
        ),
    ] {
        let error = from_json(samples::clue(), &request).expect_err("is wrong");
        assert_eq!(error.field.as_deref(), Some(field), "{request}");
    }
}

#[test]
fn every_command_but_a_report_has_a_json_form() {
    // what a source says of its records comes from intake alone, and nobody but Bihuan itself offers a clue or settles a dispute
    let mut seen = vec![
        "ReportClue",
        "NoteDeleted",
        "NoteMissing",
        "OfferClue",
        "HoldForDispute",
        "DesignateAgency",
        "ReleaseFromDispute",
    ];
    for (name, request) in requests() {
        let request = from_json(samples::clue(), &request).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(samples::command_variant(&request.command), name);
        seen.push(name);
    }
    seen.sort_unstable();
    let mut all = samples::COMMANDS.to_vec();
    all.sort_unstable();
    assert_eq!(seen, all);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn what_is_wrong_with_a_command_is_said_with_its_field() {
    let table = [
        (json!([]), "not_json", None),
        (json!({}), "field_missing", Some("type")),
        (json!({"type": 1}), "field_invalid", Some("type")),
        (json!({"type": "make_coffee"}), "type_unknown", Some("type")),
        (json!({"type": "report_clue"}), "type_unknown", Some("type")),
        (
            json!({"type": "close_clue", "reson": "x"}),
            "field_invalid",
            Some("reson"),
        ),
        (
            json!({"type": "request_return", "duty": "d", "proposed": "A"}),
            "field_missing",
            Some("reason"),
        ),
        (
            json!({"type": "request_return", "reason": " ", "duty": "d", "proposed": "A"}),
            "field_missing",
            Some("reason"),
        ),
        (
            json!({"type": "request_return", "reason": "r", "proposed": "A"}),
            "field_missing",
            Some("duty"),
        ),
        (
            json!({"type": "request_return", "reason": "r", "duty": "d", "proposed": "a\u{1}b"}),
            "field_invalid",
            Some("proposed"),
        ),
        (
            json!({"type": "raise_dispute", "cause": "return_limit", "reason": "r"}),
            "field_invalid",
            Some("cause"),
        ),
        (
            json!({"type": "raise_dispute", "cause": "claims"}),
            "field_missing",
            Some("reason"),
        ),
        (
            json!({"type": "raise_dispute", "cause": "claims", "reason": "r", "parties": [{"position": "claims"}]}),
            "field_missing",
            Some("parties.agency"),
        ),
        (
            json!({"type": "raise_dispute", "cause": "claims", "reason": "r", "parties": [{"agency": "A", "position": "maybe"}]}),
            "field_invalid",
            Some("parties.position"),
        ),
        (
            json!({"type": "close_clue", "actor": "me"}),
            "field_invalid",
            Some("actor"),
        ),
        (
            json!({"type": "close_clue", "actor": {}}),
            "field_missing",
            Some("actor.role"),
        ),
        (
            json!({"type": "close_clue", "actor": {"role": "king"}}),
            "field_invalid",
            Some("actor.role"),
        ),
        (
            json!({"type": "close_clue", "actor": {"role": "source", "name": "x"}}),
            "field_invalid",
            Some("actor.name"),
        ),
        (
            json!({"type": "close_clue", "occurred_at": "today"}),
            "field_invalid",
            Some("occurred_at"),
        ),
        (
            json!({"type": "close_clue", "expected_version": -1}),
            "field_invalid",
            Some("expected_version"),
        ),
        (
            json!({"type": "correct_clue", "area": "绍兴"}),
            "field_invalid",
            Some("area"),
        ),
        (
            json!({"type": "assign_clue", "agency": "A", "assisting": "B"}),
            "field_invalid",
            Some("assisting"),
        ),
        (
            json!({"type": "assign_clue", "agency": "A", "assisting": [1]}),
            "field_invalid",
            Some("assisting"),
        ),
        (
            json!({"type": "resolve_clue", "conclusion": "done"}),
            "field_invalid",
            Some("conclusion"),
        ),
        (
            json!({"type": "resolve_clue", "conclusion": "penalty", "measures": ["x"]}),
            "field_invalid",
            Some("measures"),
        ),
        (
            json!({"type": "resolve_clue", "conclusion": "penalty", "substantiated": "yes"}),
            "field_invalid",
            Some("substantiated"),
        ),
        (
            json!({"type": "resolve_clue", "conclusion": "penalty", "evidence": [{"kind": "near", "uri": "x", "digest": "0g"}]}),
            "field_invalid",
            Some("evidence.digest"),
        ),
    ];
    for (request, code, field) in table {
        let error = from_json(samples::clue(), &request).expect_err("is refused");
        assert_eq!(
            (error.code, error.field.as_deref()),
            (code, field),
            "{request}: {error}"
        );
    }
}

#[test]
fn a_record_in_json_is_the_record_in_protobuf() {
    let text = r#"{
        "source": "hotline", "id": "SX-1", "reported_at": "2026-01-05T08:00:00+08:00", "matter": "暴露垃圾",
        "area": 330602, "severity": "urgent", "title": "占道", "description": "三轮车", "place": "塔山街道",
        "longitude": 120.58, "latitude": "30.01", "datum": "GCJ-02", "attributes": {"channel": 12345, "none": null},
        "due_at": "tomorrow", "agency": "NYPD", "closed_at": "", "conclusion": "rectified",
        "same_as": "grid/G-1", "attachments": ["https://p/1.jpg"]
    }"#;
    assert_eq!(ClueRecord::from_json(text.as_bytes()), Ok(samples::record()));
}

#[test]
fn what_is_wrong_with_a_record_is_said_with_its_field() {
    let table = [
        ("{", "not_json", None),
        ("[]", "not_json", None),
        (r#"{"id": "1"}"#, "field_missing", Some("source")),
        (r#"{"source": "a"}"#, "field_missing", Some("id")),
        (r#"{"source": "a", "id": " "}"#, "field_missing", Some("id")),
        (
            r#"{"source": "a", "id": 123456789012345678901234}"#,
            "field_invalid",
            Some("id"),
        ),
        (
            r#"{"source": "a", "id": "1", "reporter": "x"}"#,
            "field_invalid",
            Some("reporter"),
        ),
        (
            r#"{"source": "a", "id": "1", "title": {}}"#,
            "field_invalid",
            Some("title"),
        ),
        (
            r#"{"source": "a", "id": "1", "attributes": {"x": []}}"#,
            "field_invalid",
            Some("attributes.x"),
        ),
    ];
    for (text, code, field) in table {
        let error = ClueRecord::from_json(text.as_bytes()).expect_err("is refused");
        assert_eq!(
            (error.code, error.field.as_deref()),
            (code, field),
            "{text}: {error}"
        );
    }
    assert_eq!(
        ClueRecord::from_json(br#"{"source": "a", "id": 17}"#).map(|record| record.id),
        Ok("17".to_owned())
    );
}

#[test]
fn an_event_in_json_reads_like_this() {
    let event = Event::ClueDelegated {
        from: samples::agency("A"),
        to: samples::agency("B"),
    };
    let expected = json!({
        "clue": samples::clue().to_string(),
        "version": 3,
        "at": "2026-01-05T00:00:00.123456Z",
        "received_at": "2026-01-05T00:01:00.123456Z",
        "type": "ClueDelegated",
        "command": samples::command_id().to_string(),
        "causation": "clue.commands.v1/3/8",
        "actor": {"role": "agency", "agency": "综合执法局", "person": "A-17"},
        "text": samples::digest().to_string(),
        "clocks": {
            "limits_by": "a1b2c3",
            "calendar_by": "d4e5f6",
            "calendar": "abc",
            "running": [
                {
                    "step": "overall", "since": "2026-01-05T00:00:00.123456Z", "due_at": "2026-01-06T00:00:00.123456Z",
                    "own_due_at": "2026-01-07T00:00:00.123456Z", "limit": "5wd", "row": 7, "provisional": true,
                    "silent": true, "calendar_by": "c3d4e5", "calendar": "fed", "stands_since": "2026-01-05T00:03:00.123456Z",
                },
                {
                    "step": "overall", "since": "2026-01-05T00:00:00.123456Z", "due_at": "2026-01-06T00:00:00.123456Z",
                    "own_due_at": null, "limit": null, "row": null, "provisional": false,
                    "silent": false, "calendar_by": "d4e5f6", "calendar": "abc", "stands_since": null,
                },
            ],
            "next_rung": "2026-01-05T00:02:00.123456Z",
        },
        "data": {"from": "A", "to": "B"},
    });
    assert_eq!(occurrence_to_json(&samples::occurrence(event)), expected);
}

/// Times are text and digests hexadecimal wherever they stand; only counts, positions and coordinates are numbers.
#[test]
fn no_time_or_digest_of_an_event_is_a_number() {
    fn check(name: &str, value: &Value) {
        const NUMBERS: &[&str] = &[
            "version",
            "partition",
            "offset",
            "line",
            "row",
            "returns",
            "attempt",
            "task",
            "rating",
            "longitude",
            "latitude",
        ];
        match value {
            Value::Number(_) => assert!(NUMBERS.contains(&name), "{name} is a number"),
            Value::Array(items) => items.iter().for_each(|item| check(name, item)),
            Value::Object(object) => object.iter().for_each(|(name, value)| check(name, value)),
            Value::Null | Value::Bool(_) | Value::String(_) => {}
        }
    }
    for event in samples::events() {
        let json = occurrence_to_json(&samples::occurrence(event));
        assert!(json["data"].is_object());
        check("", &json);
    }
}

#[test]
fn a_notice_in_json_has_the_same_fields() {
    let json = samples::notice().to_json();
    assert_eq!(json["role"], "assisting");
    let task = json!({
        "number": 2, "kind": "call", "due_at": "2026-01-08T00:00:00.123456Z", "arrive_by": "2026-01-05T02:00:00.123456Z",
    });
    assert_eq!(json["task"], task);
    assert_eq!(json["deadline"], "2026-01-06T00:00:00.123456Z");
    assert_eq!(json["attributes"], json!({"channel": "12345"}));
    assert_eq!(json["severity"], Value::Null);
}
