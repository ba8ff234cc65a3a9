//! What there is to say about a usable rulebook on a day: rows that never decide, rows whose days are over or have not come, agencies
//! outside their area, delegations of what nobody has; where nobody is first handler; the ladder; what nothing goes by
//! yet; and holidays that run out.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use bihuan_domain::code::AreaCode;
use bihuan_domain::routing::{CompiledRulebook, Duty, DutyRole, Gaps, Layer, Predicate, Schema};
use jiff::civil::Date;

use crate::Finding;
use crate::calendar::calendar_ends;
use crate::cases::{Holds, together};
use crate::duties::FILE;
use crate::duty_checks::holds_somewhere;
use crate::ladder::unreached;

/// What a review came to.
#[derive(Debug)]
pub struct Review {
    /// In the order of the file; then the steps of the ladder and what nothing goes by yet, and last whether the holidays run out.
    pub findings: Vec<Finding>,
    pub gaps: Gaps,
}

/// Looks at the rulebook as from `today` on.
pub fn review(compiled: &CompiledRulebook, today: Date) -> Review {
    let duties = &compiled.rulebook().duties;
    let mut deciding: HashSet<u32> = HashSet::new();
    let schema = &compiled.rulebook().attributes;
    let known: RefCell<HashMap<Vec<u32>, bool>> = RefCell::default();
    let exhaust = |rows: &[&Duty]| {
        let lines = rows.iter().map(|duty| duty.line).collect();
        *known
            .borrow_mut()
            .entry(lines)
            .or_insert_with(|| exhaust(rows, schema))
    };
    let see = |duty: &Duty| {
        deciding.insert(duty.line);
    };
    let gaps = Gaps::of(compiled, today, see, exhaust);
    for role in [DutyRole::Penalty, DutyRole::Assisting] {
        deciding.extend(rows_that_decide(compiled, role, today));
    }
    let mut findings: Vec<Finding> = Vec::new();
    for duty in duties {
        findings.extend(days(duty, today));
        findings.extend(outside(compiled, duty));
        if duty.to.is_none_or(|to| to > today) {
            findings.extend(unfounded(compiled, duty, today));
            let agency = compiled.rulebook().agencies.get(&duty.agency);
            // a delegation that never holds is another finding
            if !deciding.contains(&duty.line) && holds_somewhere(duty, agency) {
                findings.extend(hidden(compiled, duty, today));
            }
        }
    }
    findings.extend(unreached(compiled.rulebook()));
    let limits = compiled.rulebook().limits.rows();
    if limits.iter().any(|row| row.limit.unit().is_working()) {
        findings.extend(calendar_ends(&compiled.rulebook().calendar, today));
    }
    Review { findings, gaps }
}

/// Whether the predicates of rows leave no clue out that says what they ask.
fn exhaust(rows: &[&Duty], schema: &Schema) -> bool {
    let not = |duty: &&Duty| {
        let when = duty.when.as_ref()?;
        Some(Predicate::Not(Box::new(when.predicate.clone())))
    };
    let none: Option<Vec<_>> = rows.iter().map(not).collect();
    none.is_some_and(|none| together(&none.iter().collect::<Vec<_>>(), schema) == Holds::Never)
}

/// The lines of the rows of a role that are the strongest somewhere, or may be.
fn rows_that_decide(compiled: &CompiledRulebook, role: DutyRole, today: Date) -> HashSet<u32> {
    let rulebook = compiled.rulebook();
    let places = rulebook.places();
    let mut deciding = HashSet::new();
    for matter in rulebook.matters.keys() {
        let days = compiled.row_days(matter, today);
        for place in &places {
            for day in days.days_in(place) {
                let (_, rows) = compiled.competence(role, matter, place, day);
                deciding.extend(rows.iter().map(|duty| duty.line));
            }
        }
    }
    deciding
}

fn at(finding: Finding, duty: &Duty, column: &str, value: &str) -> Finding {
    finding.line(duty.line).column(column, None).value(value)
}

fn days(duty: &Duty, today: Date) -> Option<Finding> {
    match (duty.from, duty.to) {
        (_, Some(to)) if to <= today => Some(
            at(Finding::note("duty_expired", FILE), duty, "to", &to.to_string())
                .says(format!("{to} 起已失效"), format!("it holds no more since {to}"))
                .advises(
                    "仍需保留以解释此前的线索；否则可删去",
                    "keep it as long as earlier clues must be routed by it, or remove it",
                ),
        ),
        (Some(from), _) if from > today => Some(
            at(
                Finding::note("duty_not_yet_valid", FILE),
                duty,
                "from",
                &from.to_string(),
            )
            .says(
                format!("{from} 起才生效"),
                format!("it does not hold before {from}"),
            )
            .advises("如属有意，无需处理", "nothing to do if that is meant"),
        ),
        _ => None,
    }
}

/// A delegation holds only where the town is: [`crate::duty_checks`] looks at those.
fn outside(compiled: &CompiledRulebook, duty: &Duty) -> Option<Finding> {
    let own = compiled.rulebook().agencies.get(&duty.agency)?.area.as_ref()?;
    if duty.layer == Layer::Delegation || duty.area.is_within(own) {
        return None;
    }
    let (agency, area) = (&duty.agency, &duty.area);
    let finding = Finding::warning("agency_outside_area", FILE);
    Some(
        at(finding, duty, "area", area.as_str())
            .says(
                format!("{agency} 的辖区是 {own}，{area} 不在其内"),
                format!("the area of {agency} is {own}, in which {area} does not lie"),
            )
            .advises(
                "改正该行的 area 或 agency，或在 agencies.csv 更正其辖区",
                "correct the row's area or agency, or the agency's area in agencies.csv",
            ),
    )
}

/// A delegation hands down what a list of the province, the city or the county gives to somebody; of what none gives, there is
/// nothing to hand down, and nobody has it when the delegation is withdrawn.
fn unfounded(compiled: &CompiledRulebook, duty: &Duty, today: Date) -> Option<Finding> {
    if duty.layer != Layer::Delegation {
        return None;
    }
    let day = duty.from.unwrap_or(today).max(today);
    let place = place(compiled, duty)?;
    let mut matters = compiled.rulebook().matters_of(&duty.matter);
    let matter = matters.find(|matter| {
        let levels = compiled.levels(duty.role, matter, place, day);
        let mut rows = levels.flatten();
        rows.all(|row| row.layer == Layer::Delegation)
    })?;
    let finding = Finding::warning("delegation_unfounded", FILE);
    Some(
        at(finding, duty, "layer", duty.layer.as_str())
            .says(
                format!("{matter} 在 {place} 没有省、市、县级清单的依据，无从赋权"),
                format!("no row of province, city or county gives {matter} in {place} to anybody: there is nothing to delegate"),
            )
            .advises(
                "补上县级或以上的清单行，赋权收回后才有单位负责",
                "add the row of the county or above: it holds when the delegation is withdrawn",
            ),
    )
}

/// Where a row is looked at: its area, of a delegation the town within it.
fn place<'a>(compiled: &'a CompiledRulebook, duty: &'a Duty) -> Option<&'a AreaCode> {
    let own = compiled.rulebook().agencies.get(&duty.agency)?.area.as_ref();
    match own {
        Some(own) if duty.layer == Layer::Delegation && own.is_within(&duty.area) => Some(own),
        _ => Some(&duty.area),
    }
}

/// Nowhere and on no day is it among those that decide.
fn hidden(compiled: &CompiledRulebook, duty: &Duty, today: Date) -> Option<Finding> {
    let day = duty.from.unwrap_or(today).max(today);
    let place = place(compiled, duty)?;
    let matter = compiled.rulebook().matters_of(&duty.matter).next();
    let stronger = matter.and_then(|matter| {
        let (_, rows) = compiled.competence(duty.role, matter, place, day);
        rows.into_iter().rev().find(|row| row.is_stronger_than(duty))
    });
    let finding = at(
        Finding::warning("duty_hidden", FILE),
        duty,
        "matter",
        &duty.matter.to_string(),
    );
    let advice = (
        "删去该行，或使其区域、层级、日期与遮盖它的行有别",
        "remove it, or give it an area, a layer or days of its own",
    );
    Some(match stronger {
        Some(by) => {
            let (line, agency) = (by.line, &by.agency);
            finding
                .says(
                    format!("永远不会采用：处处有更强的规则，例如第 {line} 行（{agency}）"),
                    format!(
                        "it is never used: everywhere a stronger row holds, such as line {line} ({agency})"
                    ),
                )
                .advises(advice.0, advice.1)
        }
        None => finding
            .says(
                "永远不会采用：没有它适用的事项、区域和日期",
                "it is never used: there is no matter, place and day on which it holds",
            )
            .advises(advice.0, advice.1),
    })
}
