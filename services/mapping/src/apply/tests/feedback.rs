use bihuan_domain::clue::{Command, Conclusion, EvidenceKind, Measure, Role};
use bihuan_domain::code::SourceId;

use super::*;

const FEEDBACK: &str = r#"
source = "platform"
kind = "feedback"
format = "json"
time_zone = "Asia/Shanghai"
skip = { from = "type", values = ["ping"] }
[feedback]
clue = { source = "grid", id = "no" }
id = "msg"
agency = { from = "dept", values = { "一大队" = "a1", "二大队" = "nobody" } }
action = { from = "status", values = { "签收" = "acknowledge", "退单" = "request_return", "处置中" = "start", "挂账" = "suspend", "恢复" = "resume", "延期" = "extend", "办结" = "resolve", "下派" = "delegate", "已读" = "skip" } }
person = "staff"
occurred_at = { from = "time", time = "%Y-%m-%d %H:%M:%S" }
remark = "text"
reason = "why"
duty = "duty"
proposed = { from = "propose", values = { "一大队" = "a1" } }
approver = "approver"
until = { from = "until", time = "%Y-%m-%d" }
limit = { from = "days", values = { "3个工作日" = "3wd", "三天" = "three" } }
to = { from = "to", values = { "一大队" = "a1" } }
conclusion = { from = "result", values = { "整改" = "rectified", "处罚" = "penalty" } }
measures = { from = "measures", each = "、", values = { "教育" = "education", "责改" = "order_correct" } }
evidence = "photos"
evidence_kind = { value = "after" }
substantiated = { from = "true", values = { "属实" = true, "不属实" = false } }
matter = "matter"
document_number = "doc"
"#;

/// What a record holds.
type Fields = &'static [(&'static str, &'static str)];

fn outcome(given: Fields) -> Outcome {
    let base = [("no", "7"), ("dept", "一大队")];
    let kept = base
        .iter()
        .filter(|(name, _)| given.iter().all(|(changed, _)| changed != name));
    let given: Vec<_> = given.iter().chain(kept).copied().collect();
    run(FEEDBACK, &given, &rulebook())
}

fn said(given: Fields) -> Feedback {
    match outcome(given) {
        Outcome::Feedback(feedback) => feedback,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_status_becomes_the_agencys_command() {
    let grid: SourceId = "grid".parse().expect("valid");
    let agency = || AgencyId::new("a1").expect("valid");
    let until = "2026-03-01T00:00:00+08:00".parse().expect("a time");
    let table: &[(Fields, Command, Option<&str>)] = &[
        (&[("status", "签收")], Command::AcknowledgeClue, None),
        (
            &[("status", "处置中"), ("text", "已到场")],
            Command::StartHandling,
            Some("已到场"),
        ),
        (&[("status", "恢复")], Command::ResumeClue, None),
        (
            &[("status", "延期"), ("why", "等待鉴定"), ("days", "3个工作日")],
            Command::RequestExtension {
                limit: "3wd".parse().expect("a limit"),
            },
            Some("等待鉴定"),
        ),
        (
            &[("status", "下派"), ("to", "一大队")],
            Command::DelegateClue { to: agency() },
            None,
        ),
        (
            &[
                ("status", "退单"),
                ("why", "不属我单位"),
                ("duty", "第十二条"),
                ("propose", "一大队"),
            ],
            Command::RequestReturn {
                duty: "第十二条".to_owned(),
                proposed: agency(),
            },
            Some("不属我单位"),
        ),
        (
            &[
                ("status", "挂账"),
                ("why", "litigation"),
                ("approver", "B9"),
                ("until", "2026-03-01"),
                ("text", "诉讼中"),
            ],
            Command::SuspendClue {
                reason: "litigation".to_owned(),
                approver: "B9".to_owned(),
                until,
            },
            Some("诉讼中"),
        ),
    ];
    for (given, command, words) in table {
        let said = said(given);
        assert_eq!(said.command, *command, "{given:?}");
        assert_eq!(said.clue, ClueId::derive(&grid, "7"));
        assert_eq!(
            (said.actor.role, said.actor.agency),
            (Role::Agency, Some(agency()))
        );
        assert_eq!(said.text.and_then(|text| text.remark).as_deref(), *words);
    }
}

#[test]
fn a_resolution_carries_all_that_the_platform_says() {
    let said = said(&[
        ("status", "办结"),
        ("result", "整改"),
        ("measures", "教育、责改、教育"),
        ("photos", "[\"https://p/1.jpg\", \"https://p/2.jpg\"]"),
        ("true", "属实"),
        ("matter", "m1"),
        ("doc", "字〔2026〕1号"),
        ("staff", "A1"),
        ("msg", "m-17"),
        ("time", "2026-01-05 17:00:00"),
    ]);
    let Command::ResolveClue(resolution) = said.command else {
        panic!("{said:?}");
    };
    assert_eq!(resolution.conclusion, Conclusion::Rectified);
    assert_eq!(resolution.measures, [Measure::Education, Measure::OrderCorrect]);
    let evidence: Vec<_> = resolution
        .evidence
        .iter()
        .map(|it| (it.kind, it.uri.as_str()))
        .collect();
    assert_eq!(
        evidence,
        [
            (EvidenceKind::After, "https://p/1.jpg"),
            (EvidenceKind::After, "https://p/2.jpg")
        ]
    );
    assert_eq!(resolution.substantiated, Some(true));
    assert_eq!(resolution.matter, MatterCode::new("m1").ok());
    assert_eq!(resolution.document_number.as_deref(), Some("字〔2026〕1号"));
    assert_eq!(
        (said.actor.person.as_deref(), said.id.as_deref()),
        (Some("A1"), Some("m-17"))
    );
    assert_eq!(
        said.occurred_at.map(|at| at.to_string()).as_deref(),
        Some("2026-01-05T09:00:00Z")
    );
}

#[test]
fn what_forms_no_command_is_quarantined_with_its_field() {
    let table: &[(Fields, &'static str, &'static str)] = &[
        (&[], "action_missing", "action"),
        (&[("status", "作废")], "action_unknown", "action"),
        // our own words are not theirs
        (&[("status", "resolve")], "action_unknown", "action"),
        (&[("status", "签收"), ("no", "")], "clue_missing", "clue"),
        (&[("status", "签收"), ("no", "a\u{7}")], "clue_invalid", "clue"),
        (&[("status", "签收"), ("dept", "")], "field_missing", "agency"),
        (
            &[("status", "签收"), ("dept", "三大队")],
            "agency_unknown",
            "agency",
        ),
        (
            &[("status", "签收"), ("dept", "二大队")],
            "agency_unknown",
            "agency",
        ),
        // the rulebook knows it, and the mapping does not let it speak
        (&[("status", "签收"), ("dept", "a1")], "agency_unknown", "agency"),
        (
            &[("status", "签收"), ("time", "昨天")],
            "time_unreadable",
            "occurred_at",
        ),
        (
            &[("status", "退单"), ("duty", "d"), ("propose", "一大队")],
            "field_missing",
            "reason",
        ),
        (
            &[("status", "退单"), ("why", "w"), ("propose", "一大队")],
            "field_missing",
            "duty",
        ),
        (
            &[("status", "退单"), ("why", "w"), ("duty", "d")],
            "field_missing",
            "proposed",
        ),
        (
            &[("status", "退单"), ("why", "w"), ("duty", "d"), ("propose", "x")],
            "agency_unknown",
            "proposed",
        ),
        (
            &[("status", "挂账"), ("why", "w"), ("approver", "B9")],
            "field_missing",
            "until",
        ),
        (&[("status", "办结")], "field_missing", "conclusion"),
        (
            &[("status", "办结"), ("result", "好")],
            "value_unknown",
            "conclusion",
        ),
        (
            &[("status", "办结"), ("result", "整改"), ("measures", "教育、罚站")],
            "value_unknown",
            "measures",
        ),
        (
            &[("status", "办结"), ("result", "整改"), ("matter", "m9")],
            "value_unknown",
            "matter",
        ),
        (
            &[("status", "办结"), ("result", "整改"), ("true", "也许")],
            "value_unknown",
            "substantiated",
        ),
    ];
    for (given, reason, field) in table {
        assert_eq!(outcome(given), quarantined(reason, field), "{given:?}");
    }
}

#[test]
fn what_reports_no_step_is_skipped_whatever_else_is_wrong_with_it() {
    for given in [
        &[("type", "ping"), ("no", "")][..],
        &[("status", "已读"), ("dept", "三大队")],
    ] {
        assert_eq!(outcome(given), Outcome::Skipped, "{given:?}");
    }
}

#[test]
fn a_field_that_the_step_does_not_need_is_not_looked_at() {
    let said = said(&[("status", "签收"), ("result", "好"), ("until", "never")]);
    assert_eq!(said.command, Command::AcknowledgeClue);
}

#[test]
fn a_clue_is_named_by_its_id_or_by_a_source_that_the_record_names() {
    let mapping = |clue: &str| {
        format!(
            "source = \"p\"\nkind = \"feedback\"\nformat = \"json\"\n[feedback]\nclue = {clue}\nagency = {{ value = \"a1\" }}\naction = {{ value = \"acknowledge\" }}\n"
        )
    };
    let grid: SourceId = "grid".parse().expect("valid");
    let clue = ClueId::derive(&grid, "7-1");
    let id = clue.to_string();
    let named = "{ source = { from = \"src\", values = { G = \"grid\" } }, id = { from = [\"a\", \"b\"], join = \"-\" } }";
    let table = [
        ("\"clue\"", vec![("clue", id.as_str())], Ok(clue)),
        ("\"clue\"", vec![("clue", "7-1")], Err("clue_invalid")),
        (named, vec![("src", "G"), ("a", "7"), ("b", "1")], Ok(clue)),
        (named, vec![("src", "G"), ("a", "7")], Err("clue_missing")),
        (
            named,
            vec![("src", "H"), ("a", "7"), ("b", "1")],
            Err("clue_missing"),
        ),
    ];
    for (text, given, expected) in table {
        let found = match run(&mapping(text), &given, &rulebook()) {
            Outcome::Feedback(feedback) => Ok(feedback.clue),
            Outcome::Quarantine { reason, .. } => Err(reason),
            other => panic!("{other:?}"),
        };
        assert_eq!(found, expected, "{text} {given:?}");
    }
}
