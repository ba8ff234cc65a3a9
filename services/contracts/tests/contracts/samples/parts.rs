//! What samples are made of: with everything that may be there, and bare.

use bihuan_domain::calendar::{CalendarVersion, Limit, Step};
use bihuan_domain::clue::{
    Actor, Attribute, Class, Clocks, Conclusion, Datum, Deletion, Evidence, EvidenceKind, Field, Flag,
    History, Location, LogRow, LogStep, Measure, Origin, Print, Report, Resolution, Role, RoutingDecision,
    Running, Snapshot, SourceStatus, TimeBasis,
};
use bihuan_domain::code::{AgencyId, AreaCode, MatterCode, RulebookVersion, Rung, Severity, SourceId};
use bihuan_domain::digest::Digest;
use bihuan_domain::dispute::{Cause, Claim, Opening, Position};
use bihuan_domain::id::{ClueId, CommandId, DisputeId, RecordId};
use bihuan_domain::time::Timestamp;

pub(crate) fn limit(text: &str) -> Limit {
    text.parse().expect("a limit")
}

pub(crate) fn rung() -> Rung {
    Rung::new("overdue_notice").expect("valid")
}

pub(crate) fn clocks() -> Clocks {
    let own = Running {
        step: Step::Overall,
        since: at(),
        due_at: at().plus_days(1),
        own_due_at: Some(at().plus_days(2)),
        limit: Some(limit("5wd")),
        row: Some(7),
        provisional: true,
        known_at: at().plus_minutes(1),
        silent: true,
        calendar_by: RulebookVersion::new("c3d4e5").expect("valid"),
        calendar: CalendarVersion::new("fed").expect("valid"),
        stands_since: Some(at().plus_minutes(3)),
    };
    let of_source = Running {
        silent: false,
        calendar_by: RulebookVersion::new("d4e5f6").expect("valid"),
        calendar: CalendarVersion::new("abc").expect("valid"),
        stands_since: None,
        own_due_at: None,
        limit: None,
        row: None,
        provisional: false,
        ..own.clone()
    };
    Clocks {
        limits_by: rulebook(),
        calendar_by: RulebookVersion::new("d4e5f6").expect("valid"),
        calendar: CalendarVersion::new("abc").expect("valid"),
        running: vec![own, of_source],
        next_rung: Some(at().plus_minutes(2)),
    }
}

pub(crate) fn source() -> SourceId {
    SourceId::new("hotline").expect("valid")
}

pub(crate) fn agency(id: &str) -> AgencyId {
    AgencyId::new(id).expect("valid")
}

pub(crate) fn matter() -> MatterCode {
    MatterCode::new("330217A22000").expect("valid")
}

pub(crate) fn area() -> AreaCode {
    AreaCode::new("330602001").expect("valid")
}

pub(crate) fn rulebook() -> RulebookVersion {
    RulebookVersion::new("a1b2c3").expect("valid")
}

pub(crate) fn at() -> Timestamp {
    "2026-01-05T00:00:00.123456Z".parse().expect("valid")
}

pub(crate) fn clue() -> ClueId {
    ClueId::derive(&source(), "SX-1")
}

pub(crate) fn command_id() -> CommandId {
    CommandId::derive(b"test", "test", 0)
}

pub(crate) fn record_id() -> RecordId {
    RecordId::of_cloud_event("test", "1")
}

pub(crate) fn digest() -> Digest {
    Digest::of([b"text".as_slice()])
}

pub(crate) fn actor() -> Actor {
    Actor {
        role: Role::Agency,
        agency: Some(agency("综合执法局")),
        person: Some("A-17".to_owned()),
    }
}

pub(crate) fn decision() -> RoutingDecision {
    RoutingDecision {
        rulebook: rulebook(),
        row: Some(42),
        reason: "matched".to_owned(),
    }
}

pub(crate) fn undecided() -> RoutingDecision {
    RoutingDecision {
        rulebook: RulebookVersion::none(),
        row: None,
        reason: "no_duty".to_owned(),
    }
}

pub(crate) fn history() -> History {
    History {
        agency: Some(agency("NYPD")),
        closed_at: Some(at()),
        conclusion: Conclusion::Unstated,
        route: true,
    }
}

pub(crate) fn snapshot() -> Snapshot {
    Snapshot {
        version: Some(i64::MAX),
        status: Some(SourceStatus::Urged),
        status_at: Some(at()),
        changed_at: at(),
        basis: TimeBasis::StatusTime,
        agency: Some(agency("town-of-kehua")),
        conclusion: Conclusion::Rectified,
        prints: vec![Print {
            field: Field::Status,
            print: u32::MAX,
        }],
    }
}

pub(crate) fn deletion() -> Deletion {
    let report = report();
    Deletion {
        source: report.source,
        source_id: report.source_id,
        origin: report.origin,
        snapshot: Snapshot {
            prints: Vec::new(),
            ..snapshot()
        },
    }
}

pub(crate) fn log_row() -> LogRow {
    LogRow {
        at: at(),
        agency: Some(agency("城管局")),
        step: Some(LogStep::Waiting),
    }
}

pub(crate) fn report() -> Report {
    Report {
        source: source(),
        source_id: "SX-1".to_owned(),
        origin: Origin {
            record: record_id(),
            topic: "clue.inbound.v1".to_owned(),
            partition: 3,
            offset: 7,
            line: Some(2),
        },
        class: Class::ClosedAtSource,
        reported_at: at(),
        matter: Some(matter()),
        area: Some(area()),
        severity: Some(Severity::new("urgent").expect("valid")),
        source_matter: Some("暴露垃圾".to_owned()),
        source_area: Some("塔山街道".to_owned()),
        location: Some(Location {
            longitude: 120.58,
            latitude: 30.01,
            datum: Datum::Cgcs2000,
        }),
        attributes: vec![Attribute {
            name: "channel".to_owned(),
            value: "12345".to_owned(),
        }],
        attachments: vec!["https://p/1.jpg".to_owned()],
        source_due_at: Some(at().plus_days(3)),
        flags: vec![Flag::AreaUnknown, Flag::ValueUnreadable],
        digest: digest(),
        history: Some(history()),
        snapshot: Some(snapshot()),
        log: Some(log_row()),
    }
}

pub(crate) fn bare_report() -> Report {
    Report {
        origin: Origin {
            line: None,
            partition: 0,
            offset: 0,
            topic: String::new(),
            ..report().origin
        },
        class: Class::Ordinary,
        reported_at: Timestamp::EPOCH,
        matter: None,
        area: None,
        severity: None,
        source_matter: None,
        source_area: None,
        location: None,
        attributes: Vec::new(),
        attachments: Vec::new(),
        source_due_at: None,
        flags: Vec::new(),
        history: None,
        snapshot: None,
        log: None,
        ..report()
    }
}

pub(crate) fn resolution() -> Resolution {
    let near = Evidence {
        kind: EvidenceKind::Near,
        uri: "s3://evidence/1.jpg".to_owned(),
        digest: Some(digest()),
    };
    let far = Evidence {
        kind: EvidenceKind::Far,
        uri: String::new(),
        digest: None,
    };
    Resolution {
        conclusion: Conclusion::Penalty,
        measures: vec![Measure::OrderCorrect, Measure::Education],
        evidence: vec![near, far],
        substantiated: Some(false),
        matter: Some(matter()),
        legal_basis: Some("行政处罚法 33".to_owned()),
        document_number: Some("绍综执〔2026〕1号".to_owned()),
    }
}

pub(crate) fn bare_resolution() -> Resolution {
    Resolution {
        conclusion: Conclusion::Rectified,
        measures: Vec::new(),
        evidence: Vec::new(),
        substantiated: None,
        matter: None,
        legal_basis: None,
        document_number: None,
    }
}

pub(crate) fn dispute() -> DisputeId {
    DisputeId::derive(clue(), command_id())
}

/// With positions and without.
pub(crate) fn claims() -> Vec<Claim> {
    let claim = |id: &str, position, duty: Option<&str>| Claim {
        agency: agency(id),
        position,
        duty: duty.map(ToOwned::to_owned),
    };
    vec![
        claim("综合执法局", Some(Position::Denies), Some("330217A22000")),
        claim("城管局", Some(Position::Claims), None),
        claim("街道办", None, None),
    ]
}

pub(crate) fn opening(cause: Cause) -> Opening {
    Opening {
        clue: clue(),
        matter: Some(matter()),
        area: Some(area()),
        severity: Severity::new("urgent").ok(),
        cause,
        parties: claims(),
        first_receiver: Some(agency("综合执法局")),
    }
}

pub(crate) fn bare_opening(cause: Cause) -> Opening {
    Opening {
        clue: clue(),
        matter: None,
        area: None,
        severity: None,
        cause,
        parties: Vec::new(),
        first_receiver: None,
    }
}
