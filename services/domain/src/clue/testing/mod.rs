//! Builders for the tests of the rules: a small rulebook, commands and actors, and ([`Case`]) a clue that is brought to a stage
//! by commands alone.

mod case;
mod dispute;

pub(crate) use case::{Case, Outcome};
pub(crate) use dispute::{designate, hold, party, raise, release};

use super::{
    Actor, CallBack, Class, Command, Conclusion, Deletion, Field, History, Measure, Origin, Print, Report,
    Resolution, Role, RoutingDecision, Snapshot, SourceStatus, TimeBasis,
};
use std::sync::LazyLock;

use jiff::tz::TimeZone;

use crate::calendar::{Calendar, DayName, Days, LimitRow, Limits, Step, Weekend};
use crate::code::{AgencyId, AreaCode, Level, MatterCode, RulebookVersion, Rung, SourceId};
use crate::digest::Digest;
use crate::id::RecordId;
use crate::routing::{Agency, Area, Matter, MatterPattern, Rulebook};
use crate::time::Timestamp;

pub(crate) const CITY: &str = "city-office";
pub(crate) const COUNTY: &str = "yuecheng-enforcement";
pub(crate) const COUNTY_WATER: &str = "yuecheng-water";
pub(crate) const TOWN: &str = "fushan-town";
pub(crate) const OTHER_COUNTY: &str = "keqiao-enforcement";
pub(crate) const NOWHERE: &str = "nowhere-office";

/// Monday morning in Shaoxing.
pub(crate) fn monday() -> Timestamp {
    "2026-01-05T09:00:00+08:00".parse().expect("valid")
}

pub(crate) fn agency(name: &str) -> AgencyId {
    AgencyId::new(name).expect("valid")
}

pub(crate) fn area(code: &str) -> AreaCode {
    AreaCode::new(code).expect("valid")
}

pub(crate) fn matter(code: &str) -> MatterCode {
    MatterCode::new(code).expect("valid")
}

pub(crate) fn source() -> SourceId {
    SourceId::new("grid").expect("valid")
}

pub(crate) fn rulebook() -> Rulebook {
    let mut book = Rulebook {
        version: RulebookVersion::new("abc123").expect("valid"),
        ..Rulebook::none()
    };
    let areas = [
        ("3306", Level::City),
        ("330602", Level::County),
        ("330602001", Level::Town),
        ("330603", Level::County),
    ];
    for (code, level) in areas {
        let (name, name_en) = (code.to_owned(), code.to_owned());
        book.areas.insert(
            area(code),
            Area {
                code: area(code),
                name,
                name_en,
                level,
            },
        );
    }
    let agencies = [
        (CITY, Some(Level::City), Some("3306")),
        (COUNTY, Some(Level::County), Some("330602")),
        (COUNTY_WATER, Some(Level::County), Some("330602")),
        (TOWN, Some(Level::Town), Some("330602001")),
        (OTHER_COUNTY, Some(Level::County), Some("330603")),
        (NOWHERE, None, None),
    ];
    for (name, level, place) in agencies {
        let entry = Agency {
            id: agency(name),
            name: name.to_owned(),
            name_en: name.to_owned(),
            level,
            area: place.map(area),
            credit_code: None,
            kind: "office".to_owned(),
        };
        book.agencies.insert(agency(name), entry);
    }
    let code = matter("330217B00000");
    let name = "占道经营".to_owned();
    let entry = Matter {
        code: code.clone(),
        name,
        name_en: String::new(),
        category: None,
        severity: None,
        basis: String::new(),
    };
    book.matters.insert(code, entry);
    book
}

pub(crate) fn report() -> Report {
    let source = source();
    Report {
        origin: Origin {
            record: RecordId::of_position("c", "clue.inbound.v1", 0, 7),
            topic: "clue.inbound.v1".to_owned(),
            partition: 0,
            offset: 7,
            line: None,
        },
        source,
        source_id: "42".to_owned(),
        class: Class::Ordinary,
        reported_at: monday(),
        matter: Some(matter("330217B00000")),
        area: Some(area("330602001")),
        severity: None,
        source_matter: None,
        source_area: None,
        location: None,
        attributes: Vec::new(),
        attachments: Vec::new(),
        source_due_at: Some(monday().plus_days(7)),
        flags: Vec::new(),
        digest: Digest::of([b"first".as_slice()]),
        history: None,
        snapshot: None,
        log: None,
    }
}

pub(crate) fn reported_with(history: History) -> Command {
    Command::ReportClue(Report {
        history: Some(history),
        ..report()
    })
}

/// The same clue again with other content.
pub(crate) fn changed(history: Option<History>) -> Command {
    let digest = Digest::of([b"changed".as_slice()]);
    Command::ReportClue(Report {
        digest,
        history,
        ..report()
    })
}

/// The whole record at a version, which is a time: so many hours after it was reported. `change` makes it another record.
pub(crate) fn snapshot(version: i64, status: SourceStatus, change: impl FnOnce(&mut Report)) -> Command {
    let mut report = report();
    change(&mut report);
    let fields = [
        (Field::ReportedAt, format!("{:?}", report.reported_at)),
        (Field::Matter, format!("{:?}", report.matter)),
        (Field::Area, format!("{:?}", report.area)),
        (Field::Severity, format!("{:?}", report.severity)),
        (Field::Attributes, format!("{:?}", report.attributes)),
        (Field::DueAt, format!("{:?}", report.source_due_at)),
        (Field::Status, format!("{status}")),
    ];
    report.digest = Digest::of(fields.iter().map(|(_, text)| text.as_bytes()));
    let prints = fields.map(|(field, text)| Print::of(field, text.as_bytes()));
    report.snapshot = Some(Snapshot {
        version: Some(version),
        status: Some(status),
        status_at: None,
        changed_at: monday().plus_minutes(60 * version),
        basis: TimeBasis::Version,
        agency: None,
        conclusion: Conclusion::Unstated,
        prints: prints.to_vec(),
    });
    Command::ReportClue(report)
}

/// The same version, whose source says at which hour of Monday its status became so.
pub(crate) fn since_hour(hour: i64, version: Command) -> Command {
    let Command::ReportClue(mut report) = version else {
        unreachable!("a report");
    };
    if let Some(snapshot) = &mut report.snapshot {
        snapshot.status_at = Some(monday().plus_minutes(60 * hour));
    }
    Command::ReportClue(report)
}

/// Its source removed the record.
pub(crate) fn deletion(version: Option<i64>) -> Command {
    let report = report();
    Command::NoteDeleted(Deletion {
        source: report.source,
        source_id: report.source_id,
        origin: report.origin,
        snapshot: Snapshot {
            version,
            status: Some(SourceStatus::Deleted),
            status_at: None,
            changed_at: monday().plus_minutes(90),
            basis: TimeBasis::Receipt,
            agency: None,
            conclusion: Conclusion::Unstated,
            prints: Vec::new(),
        },
    })
}

pub(crate) fn history(by: Option<&str>, closed_at: Option<Timestamp>, route: bool) -> History {
    History {
        agency: by.map(agency),
        closed_at,
        conclusion: Conclusion::Rectified,
        route,
    }
}

pub(crate) fn decision(reason: &str) -> RoutingDecision {
    RoutingDecision {
        rulebook: rulebook().version,
        row: Some(2),
        reason: reason.to_owned(),
    }
}

pub(crate) fn assign(to: &str) -> Command {
    Command::AssignClue {
        agency: agency(to),
        penalty: None,
        assisting: Vec::new(),
        decision: decision("matched"),
    }
}

pub(crate) fn transfer(to: &str) -> Command {
    Command::TransferClue {
        to: agency(to),
        basis: None,
    }
}

pub(crate) fn request_return(proposed: &str) -> Command {
    Command::RequestReturn {
        duty: "duty-7".to_owned(),
        proposed: agency(proposed),
    }
}

pub(crate) fn suspend(until: Timestamp) -> Command {
    Command::SuspendClue {
        reason: "litigation".to_owned(),
        approver: "B9".to_owned(),
        until,
    }
}

/// Some of every unit.
pub(crate) const LIMITS: &[(Step, &str)] = &[
    (Step::Dispatch, "15min"),
    (Step::Triage, "2wh"),
    (Step::Acknowledge, "2wh"),
    (Step::Handle, "3wd"),
    (Step::Check, "30min"),
    (Step::Overall, "5wd"),
];

pub(crate) fn limits(rows: &[(Step, &str)]) -> Limits {
    let row = |(number, (step, limit)): (usize, &(Step, &str))| LimitRow {
        line: number as u32 + 2,
        matter: MatterPattern::Any,
        severity: None,
        source: None,
        area: None,
        step: *step,
        limit: limit.parse().expect("a limit"),
    };
    Limits::new(rows.iter().enumerate().map(row).collect())
}

/// Shaoxing in 2026, up to the Spring Festival and the Labour Day; nothing is known of 2027.
pub(crate) fn calendar() -> Calendar {
    static KNOWN: LazyLock<Calendar> = LazyLock::new(|| shaoxing(&["2026"]));
    KNOWN.clone()
}

/// The same festivals in each of these years.
pub(crate) fn shaoxing(years: &[&str]) -> Calendar {
    let days = |days: &[&str]| {
        let of = |year: &str| -> Vec<String> { days.iter().map(|day| format!("{year}-{day}")).collect() };
        let days = years.iter().flat_map(|year| of(year));
        days.map(|day| (day.parse().expect("a date"), DayName::default()))
            .collect()
    };
    let days = Days {
        holidays: days(&[
            "01-01", "02-15", "02-16", "02-17", "02-18", "02-19", "02-20", "02-21", "02-22", "02-23",
            "05-01", "05-02", "05-03", "05-04", "05-05",
        ]),
        workdays: days(&["02-14", "02-28", "05-09"]),
    };
    let zone = TimeZone::get("Asia/Shanghai").expect("bundled");
    Calendar::new(zone, days, Vec::new(), Weekend::default())
}

pub(crate) fn rung(name: &str) -> Rung {
    Rung::new(name).expect("valid")
}

pub(crate) fn request_extension(limit: &str) -> Command {
    Command::RequestExtension {
        limit: limit.parse().expect("a limit"),
    }
}

pub(crate) fn called(result: CallBack) -> Command {
    Command::RecordCallBack { result }
}

pub(crate) fn resolution(conclusion: Conclusion) -> Resolution {
    Resolution {
        conclusion,
        measures: vec![Measure::OrderCorrect],
        evidence: Vec::new(),
        substantiated: Some(true),
        matter: None,
        legal_basis: None,
        document_number: None,
    }
}

pub(crate) fn resolve() -> Command {
    Command::ResolveClue(resolution(Conclusion::Rectified))
}

pub(crate) fn role(role: Role) -> Actor {
    Actor {
        role,
        agency: None,
        person: None,
    }
}

/// Somebody of an agency.
pub(crate) fn of(agency_name: &str) -> Actor {
    Actor {
        role: Role::Agency,
        agency: Some(agency(agency_name)),
        person: Some("A1".to_owned()),
    }
}

pub(crate) fn coordinator() -> Actor {
    Actor {
        role: Role::Coordinator,
        agency: None,
        person: Some("C1".to_owned()),
    }
}

pub(crate) fn checker() -> Actor {
    Actor {
        role: Role::Checker,
        agency: None,
        person: Some("K1".to_owned()),
    }
}
