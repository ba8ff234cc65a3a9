//! What is wrong with duties only when they are seen together: contradictions, repeats, and what nobody is responsible for.

use std::collections::{BTreeSet, HashMap, HashSet};

use bihuan_domain::code::{AreaCode, Level};
use bihuan_domain::routing::{Agency, Duty, DutyRole, Layer, MatterPattern};

use crate::Finding;
use crate::duties::FILE;
use crate::finding::Severity;
use crate::names::Names;

/// Rows that contradict or repeat each other, or the agencies they name.
pub(crate) fn contradictions(duties: &[Duty], names: &Names, findings: &mut Vec<Finding>) {
    rivals(duties, names, findings);
    delegations(duties, names, findings);
}

/// What no row is about.
pub(crate) fn gaps(duties: &[Duty], names: &Names, findings: &mut Vec<Finding>) {
    idle_agencies(duties, names, findings);
    unrouted_matters(duties, names, findings);
}

/// Rows of equal rank whose days overlap: another agency contradicts, the same one repeats.
fn rivals(duties: &[Duty], names: &Names, findings: &mut Vec<Finding>) {
    let mut ranks: HashMap<_, Vec<&Duty>> = HashMap::new();
    for duty in duties {
        let equals = ranks
            .entry((
                duty.role,
                &duty.matter,
                &duty.area,
                duty.layer,
                duty.when.is_some(),
            ))
            .or_default();
        let meets = |other: &&&Duty| meet(duty, other, names) && same_predicate(duty, other);
        let contradicted = equals
            .iter()
            .find(|other| other.agency != duty.agency && meets(other));
        if let Some(other) = contradicted.filter(|_| duty.role != DutyRole::Assisting) {
            findings.push(tie(duty, other));
        }
        if let Some(other) = equals
            .iter()
            .find(|other| other.agency == duty.agency && meets(other))
        {
            findings.push(repeat(duty, other));
        }
        equals.push(duty);
    }
}

/// Whether there is a day and a place where both hold.
pub(crate) fn meet(a: &Duty, b: &Duty, names: &Names) -> bool {
    overlap(a, b) && same_place(a, b, names)
}

/// Rows whose predicates differ contradict each other at most sometimes: [`crate::predicate_checks`] looks at that.
fn same_predicate(a: &Duty, b: &Duty) -> bool {
    let text = |duty: &Duty| duty.when.as_ref().map(|when| when.text.clone());
    text(a) == text(b)
}

/// Whether there is a day on which both hold; `to` is exclusive.
fn overlap(a: &Duty, b: &Duty) -> bool {
    let begins_before_end = |x: &Duty, y: &Duty| match (x.from, y.to) {
        (Some(from), Some(to)) => from < to,
        _ => true,
    };
    begins_before_end(a, b) && begins_before_end(b, a)
}

/// A delegation holds only in the town's own area, so two towns delegated over a whole county do not meet.
fn same_place(a: &Duty, b: &Duty, names: &Names) -> bool {
    if a.layer != Layer::Delegation {
        return true;
    }
    let town = |duty: &Duty| {
        let agency = names.agencies()?.get(&duty.agency)?;
        agency.area.clone().filter(|_| agency.level == Some(Level::Town))
    };
    match (town(a), town(b)) {
        (Some(a), Some(b)) => a.is_within(&b) || b.is_within(&a),
        _ => false,
    }
}

fn tie(duty: &Duty, other: &Duty) -> Finding {
    let severity = if duty.role == DutyRole::FirstHandler {
        Severity::Error
    } else {
        Severity::Warning
    };
    let (line, theirs) = (other.line, &other.agency);
    Finding::new(severity, "duty_tie", FILE)
        .line(duty.line)
        .column("agency", None)
        .value(duty.agency.as_str())
        .says(
            format!("与第 {line} 行（{theirs}）矛盾：同一事项、区域、层级和日期，单位不同"),
            format!("line {line} gives the same matter, area, layer and days to {theirs}: the rulebook contradicts itself"),
        )
        .advises("只留一个单位，或用日期、区域、层级区分", "keep one agency, or tell the rows apart by date, area or layer")
}

fn repeat(duty: &Duty, other: &Duty) -> Finding {
    let line = other.line;
    Finding::warning("duty_duplicate", FILE)
        .line(duty.line)
        .column("agency", None)
        .value(duty.agency.as_str())
        .says(format!("与第 {line} 行重复"), format!("it repeats line {line}"))
        .advises(
            "删去其中一行，或使日期不重叠",
            "remove one of the rows, or let their days not overlap",
        )
}

/// Delegations that can never hold: to somebody who is no town, or for a place where the town is not.
fn delegations(duties: &[Duty], names: &Names, findings: &mut Vec<Finding>) {
    let Some(agencies) = names.agencies() else { return };
    for duty in duties.iter().filter(|duty| duty.layer == Layer::Delegation) {
        if !holds_somewhere(duty, agencies.get(&duty.agency)) {
            findings.push(
                Finding::warning("delegation_not_to_town", FILE)
                    .line(duty.line)
                    .column("agency", None)
                    .value(duty.agency.as_str())
                    .says(
                        format!("赋权给 {} 不生效：不是乡镇街道级单位，或其辖区不在该区域", duty.agency),
                        format!("the delegation to {} never holds: it is not a town's agency, or its area lies elsewhere", duty.agency),
                    )
                    .advises(
                        "在 agencies.csv 填写 level=town 和所辖 area，或改用其他层级",
                        "give the agency level town and its area in agencies.csv, or use another layer",
                    ),
            );
        }
    }
}

/// A delegation holds only for a town's agency, and only where its area and the row's meet.
pub(crate) fn holds_somewhere(duty: &Duty, agency: Option<&Agency>) -> bool {
    duty.layer != Layer::Delegation
        || agency.is_some_and(|it| {
            let meets = |own: &AreaCode| own.is_within(&duty.area) || duty.area.is_within(own);
            it.level == Some(Level::Town) && it.area.as_ref().is_some_and(meets)
        })
}

fn idle_agencies(duties: &[Duty], names: &Names, findings: &mut Vec<Finding>) {
    let busy: BTreeSet<_> = duties.iter().map(|duty| &duty.agency).collect();
    let known = names.agencies.iter().flat_map(|agencies| &agencies.lines);
    for (agency, line) in known.filter(|(agency, _)| !busy.contains(agency)) {
        findings.push(
            Finding::note("agency_without_duty", "agencies.csv")
                .line(*line)
                .column("id", None)
                .value(agency.as_str())
                .says(format!("{agency} 没有任何职责"), format!("{agency} has no duty"))
                .advises("如属有意，无需处理", "nothing to do if that is meant"),
        );
    }
}

/// Matters that no first-handler row is about: every such clue would go to triage.
fn unrouted_matters(duties: &[Duty], names: &Names, findings: &mut Vec<Finding>) {
    let Some(matters) = &names.matters else { return };
    let first = duties.iter().filter(|duty| duty.role == DutyRole::FirstHandler);
    let handled: HashSet<_> = first.map(|duty| &duty.matter).collect();
    if handled.contains(&MatterPattern::Any) {
        return;
    }
    for (code, matter) in &matters.rows {
        let category = matter.category.clone().map(MatterPattern::Category);
        let patterns = [Some(MatterPattern::Matter(code.clone())), category];
        if patterns.iter().flatten().any(|pattern| handled.contains(pattern)) {
            continue;
        }
        let mut finding = Finding::warning("matter_unrouted", "matters.csv")
            .column("code", None)
            .value(code.as_str())
            .says(
                format!("事项 {code} 没有主管单位"),
                format!("nobody is first handler of {code}"),
            )
            .advises(
                "在 duties.csv 补上一行，否则此类线索一律转人工",
                "add a row to duties.csv, or all such clues go to triage",
            );
        finding.line = matters.lines.get(code).copied();
        findings.push(finding);
    }
}
