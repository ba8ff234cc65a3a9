use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use bihuan_domain::clue::{Class, Conclusion, Datum};
use bihuan_domain::code::{AgencyId, AreaCode, Level, MatterCode, RulebookVersion};
use bihuan_domain::id::RecordId;
use bihuan_domain::routing::{Agency, Area, CompiledRulebook, Matter, Named, Rulebook};
use proptest::prelude::*;

use super::*;
use crate::AreaBy;
use crate::format::Slot;

mod feedback;
mod flags;
mod forms;
mod log;
mod places;
mod same_as;
mod versions;

const HISTORY: &str = r#"
source = "s"
mode = "history"
format = "csv"
time_zone = "Asia/Shanghai"
skip = { from = "type", values = ["heartbeat"] }
[clue]
id = "id"
reported_at = "reported"
matter = "matter"
area = { from = "area", values = { YC = "330602", "Grid" = "330602001007" } }
severity = { from = "severity", values = { "急" = "urgent" } }
class = "class"
title = "title"
longitude = "lng"
latitude = "lat"
datum = "datum"
attributes = ["channel"]
due_at = "due"
[history]
agency = "agency"
closed_at = "closed"
conclusion = "conclusion"
"#;

/// A record by the names of its fields.
struct Given<'g>(&'g [(&'g str, &'g str)]);

impl Fields for Given<'_> {
    fn get(&self, slot: Slot<'_>) -> Option<Cow<'_, str>> {
        self.0
            .iter()
            .find(|(name, _)| *name == slot.name)
            .map(|(_, text)| Cow::Borrowed(*text))
    }
}

const SOUND: &[(&str, &str)] = &[
    ("id", "1"),
    ("reported", "2026-01-05 08:00:00"),
    ("matter", "m1"),
    ("area", "YC"),
    ("agency", "a1"),
    ("title", "占道经营"),
];

fn receipt() -> Receipt {
    let origin = Origin {
        record: RecordId::of_file("d", 0),
        topic: "t".to_owned(),
        partition: 0,
        offset: 7,
        line: Some(2),
    };
    Receipt {
        received_at: "2026-02-01T00:00:00Z".parse().expect("a time"),
        origin,
        route: false,
    }
}

fn run(mapping: &str, given: &[(&str, &str)], registry: &dyn Registry) -> Outcome {
    apply(
        &Mapping::parse(mapping).expect("a good mapping"),
        &Given(given),
        registry,
        receipt(),
    )
}

/// The sound record with some fields changed, under a rulebook that knows its codes.
fn with(changes: &[(&'static str, &'static str)]) -> Outcome {
    let kept = SOUND
        .iter()
        .filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    let given: Vec<_> = changes.iter().chain(kept).copied().collect();
    run(HISTORY, &given, &rulebook())
}

fn quarantined(reason: &'static str, field: &'static str) -> Outcome {
    Unfit(reason, field).into()
}

fn report(outcome: Outcome) -> Report {
    match outcome {
        Outcome::Clue { report, .. } => report,
        other => panic!("{other:?}"),
    }
}

fn rulebook() -> Rulebook {
    let area = |code: &str, level| {
        let code = AreaCode::new(code).expect("a code");
        (
            code.clone(),
            Area {
                code,
                name: format!("名{level}"),
                name_en: String::new(),
                level,
            },
        )
    };
    let agency = AgencyId::new("a1").expect("an id");
    let matter = MatterCode::new("m1").expect("a code");
    Rulebook {
        version: RulebookVersion::new("abc").expect("a version"),
        areas: BTreeMap::from([
            area("3306", Level::City),
            area("330602", Level::County),
            area("330602001", Level::Town),
        ]),
        agencies: BTreeMap::from([(
            agency.clone(),
            Agency {
                id: agency,
                name: String::new(),
                name_en: String::new(),
                level: None,
                area: None,
                credit_code: None,
                kind: String::new(),
            },
        )]),
        matters: BTreeMap::from([(
            matter.clone(),
            Matter {
                code: matter,
                name: String::new(),
                name_en: String::new(),
                category: None,
                severity: None,
                basis: String::new(),
            },
        )]),
        ..Rulebook::none()
    }
}

#[test]
fn a_sound_record_becomes_a_clue_without_flags() {
    let outcome = with(&[
        ("lng", "120.58"),
        ("lat", "30.01"),
        ("datum", "CGCS2000"),
        ("channel", "video"),
        ("severity", "急"),
    ]);
    let Outcome::Clue {
        clue_id,
        report,
        text,
        unknown,
        same_as: None,
    } = outcome
    else {
        panic!("{outcome:?}")
    };
    assert_eq!((clue_id, unknown), (ClueId::derive(&report.source, "1"), vec![]));
    assert_eq!(report.flags, []);
    assert_eq!(report.reported_at.to_string(), "2026-01-05T00:00:00Z");
    assert_eq!(report.area.as_ref().map(AreaCode::as_str), Some("330602"));
    assert_eq!(report.location.map(|it| it.datum), Some(Datum::Cgcs2000));
    assert_eq!(
        (
            report.attributes[0].name.as_str(),
            report.attributes[0].value.as_str()
        ),
        ("channel", "video")
    );
    assert_eq!(
        report.severity.as_ref().map(ToString::to_string).as_deref(),
        Some("urgent")
    );
    assert_eq!(text.and_then(|text| text.title).as_deref(), Some("占道经营"));
    let history = report.history.expect("a history");
    assert_eq!(
        (history.closed_at, history.conclusion, history.route),
        (None, Conclusion::Unstated, false)
    );
}

#[test]
fn what_could_not_be_led_to_a_code_is_kept() {
    let found = report(with(&[("matter", "噪音"), ("area", "某地"), ("agency", "城管")]));
    assert_eq!(
        (found.matter, found.source_matter.as_deref()),
        (None, Some("噪音"))
    );
    assert_eq!((found.area, found.source_area.as_deref()), (None, Some("某地")));
    assert_eq!(
        found
            .history
            .and_then(|it| it.agency)
            .as_ref()
            .map(AgencyId::as_str),
        Some("城管")
    );
    assert_eq!(
        report(with(&[("reported", "?")])).reported_at,
        receipt().received_at,
        "the time of receipt stands in"
    );
    assert_eq!(
        report(with(&[("closed", "2027-01-01 00:00:00")]))
            .history
            .expect("one")
            .closed_at,
        None
    );
    assert_eq!(
        report(with(&[("class", "self_handled")])).class,
        Class::SelfHandled
    );
    assert_eq!(report(with(&[("title", "a\u{0}b")])).flags.len(), 1);
}

#[test]
fn an_area_may_lie_below_what_the_rulebook_lists() {
    assert_eq!(
        report(with(&[("area", "Grid")]))
            .area
            .as_ref()
            .map(AreaCode::as_str),
        Some("330602001007")
    );
    assert_eq!(
        report(with(&[("area", "330602999")])).flags,
        [Flag::AreaUnknown],
        "a county's towns are listed"
    );
}

#[test]
fn a_compiled_rulebook_also_knows_names() {
    let compiled = CompiledRulebook::new(Arc::new(rulebook()));
    let mapping = HISTORY.replace("area = {", "area = \"area\" # {");
    assert_eq!(
        report(run(&mapping, &[("id", "1"), ("area", "名county")], &compiled))
            .area
            .as_ref()
            .map(AreaCode::as_str),
        Some("330602")
    );
    assert_eq!(
        Registry::area(&compiled, "330602001007", AreaBy::CodeOrName, None),
        Named::One(AreaCode::new("330602001007").expect("a code"))
    );
    let found = report(run(HISTORY, SOUND, &compiled));
    assert_eq!(found.flags, []);
}

#[test]
fn without_a_rulebook_codes_are_taken_as_they_are() {
    let given = [
        &SOUND[..2],
        &[("matter", "any"), ("area", "YC"), ("agency", "Anybody")],
    ]
    .concat();
    let found = report(run(HISTORY, &given, &Rulebook::none()));
    assert_eq!(
        (
            found.flags.as_slice(),
            found.matter.map(|it| it.to_string()).as_deref()
        ),
        (&[][..], Some("any"))
    );
    let unknown = [&SOUND[..2], &[("matter", "any"), ("area", "Unspecified")]].concat();
    let found = report(run(HISTORY, &unknown, &Rulebook::none()));
    assert_eq!(
        found.flags,
        [Flag::AreaUnknown],
        "the table of values does not know it"
    );
    assert_eq!(found.source_area.as_deref(), Some("Unspecified"));
}

#[test]
fn closed_before_reported_is_quarantined_where_the_policy_says_so() {
    let mut rulebook = rulebook();
    rulebook.policy =
        serde_json::from_str(r#"{"intake": {"closed_before_reported": "quarantine"}}"#).expect("a policy");
    let early = [SOUND, &[("closed", "2026-01-01 00:00:00")]].concat();
    assert_eq!(
        run(HISTORY, &early, &rulebook),
        quarantined("closed_before_reported", "closed_at")
    );
    let unclear = [("id", "1"), ("closed", "2026-01-01 00:00:00")];
    assert_eq!(
        report(run(HISTORY, &unclear, &rulebook)).flags[2..],
        [Flag::ReportedAtMissing],
        "nobody knows when it was reported"
    );
}

#[test]
fn only_what_has_no_usable_id_or_no_bounds_is_quarantined() {
    let long: &'static str = "9".repeat(257).leak();
    let text: &'static str = "x".repeat(MAX_TEXT + 1).leak();
    for (changes, reason, field) in [
        (("id", ""), "id_missing", "id"),
        (("id", " \u{3000}"), "id_missing", "id"),
        (("id", long), "id_invalid", "id"),
        (("id", "a\u{0}b"), "id_invalid", "id"),
        (("id", "a\nb"), "id_invalid", "id"),
        (("id", "a\u{fffd}"), "id_invalid", "id"),
        (("title", text), "text_too_long", "title"),
    ] {
        assert_eq!(with(&[changes]), quarantined(reason, field));
    }
    assert_eq!(with(&[("id", &long[1..])]), with(&[("id", &long[1..])]));
    assert_eq!(report(with(&[("id", &long[1..])])).source_id.len(), 256);
    assert_eq!(report(with(&[("title", &text[1..])])).flags, []);
    assert_eq!(with(&[("type", "heartbeat"), ("id", "")]), Outcome::Skipped);
}

#[test]
fn the_digest_is_of_the_fields_and_of_nothing_else() {
    let digest = |changes: &[(&'static str, &'static str)]| report(with(changes)).digest;
    assert_eq!(digest(&[]), digest(&[("unmapped", "x")]));
    assert_eq!(
        digest(&[("reported", "2026-01-05T00:00:00Z")]),
        digest(&[]),
        "the same instant"
    );
    for change in [
        ("title", "x"),
        ("reported", "2026-01-05 08:00:01"),
        ("closed", "2026-01-06 00:00:00"),
        ("channel", "x"),
        ("area", ""),
    ] {
        assert_ne!(digest(&[change]), digest(&[]), "{change:?}");
    }
    let later = Receipt {
        received_at: "2027-02-01T00:00:00Z".parse().expect("a time"),
        ..receipt()
    };
    let mapping = Mapping::parse(HISTORY).expect("good");
    let given = [("id", "1"), ("reported", "?")];
    let at = |receipt| report(apply(&mapping, &Given(&given), &Rulebook::none(), receipt)).digest;
    assert_eq!(
        at(later),
        at(receipt()),
        "a repeat is one, whenever it is received"
    );
    assert_eq!(
        report(run(HISTORY, SOUND, &Rulebook::none())).digest,
        digest(&[]),
        "and under any rulebook"
    );
}

proptest! {
    #[test]
    fn no_record_is_too_strange(values in proptest::collection::vec(any::<String>(), 16)) {
        let mapping = Mapping::parse(HISTORY).expect("good");
        let names = mapping.names().to_vec();
        let given: Vec<_> = names.iter().map(String::as_str).zip(values.iter().map(String::as_str)).collect();
        for registry in [&Rulebook::none(), &rulebook()] {
            if let Outcome::Clue { report, .. } = apply(&mapping, &Given(&given), registry, receipt()) {
                prop_assert!(!report.source_id.is_empty());
                prop_assert!(report.flags.is_sorted());
            }
        }
    }
}
