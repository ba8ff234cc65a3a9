//! What is wrong with the predicates of duties: those that can never hold, those that always do, and rows of equal rank whose
//! predicates do not exclude each other.

use std::collections::HashMap;

use bihuan_domain::routing::{Duty, DutyRole, Schema, When};

use crate::Finding;
use crate::cases::{Holds, together};
use crate::duties::FILE;
use crate::duty_checks::meet;
use crate::names::Names;

pub(crate) fn check(duties: &[Duty], names: &Names, schema: &Schema, findings: &mut Vec<Finding>) {
    let mut ranks: HashMap<_, Vec<(&Duty, &When)>> = HashMap::new();
    for duty in duties {
        let Some(when) = &duty.when else { continue };
        findings.extend(alone(duty, when, schema));
        let equals = ranks
            .entry((duty.role, &duty.matter, &duty.area, duty.layer))
            .or_default();
        if duty.role != DutyRole::Assisting {
            let rival = equals.iter().find(|(other, theirs)| {
                other.agency != duty.agency
                    && theirs.text != when.text
                    && meet(duty, other, names)
                    && matches!(
                        together(&[&when.predicate, &theirs.predicate], schema),
                        Holds::Sometimes | Holds::Always
                    )
            });
            findings.extend(rival.map(|(other, _)| may_tie(duty, when, other)));
        }
        equals.push((duty, when));
    }
}

fn alone(duty: &Duty, when: &When, schema: &Schema) -> Option<Finding> {
    let at = |finding: Finding| finding.line(duty.line).column("when", None).value(&when.text);
    match together(&[&when.predicate], schema) {
        Holds::Never => Some(
            at(Finding::warning("predicate_never", FILE))
                .says(
                    "条件不可能成立，该行永远不会采用",
                    "the predicate can never hold: the row is never used",
                )
                .advises("改正条件，或删去该行", "correct the predicate, or remove the row"),
        ),
        Holds::Always => Some(
            at(Finding::note("predicate_always", FILE))
                .says("条件总是成立", "the predicate always holds")
                .advises("清空 when 更清楚", "an empty cell says the same more clearly"),
        ),
        Holds::Sometimes | Holds::Unknown => None,
    }
}

fn may_tie(duty: &Duty, when: &When, other: &Duty) -> Finding {
    let (line, theirs) = (other.line, &other.agency);
    Finding::warning("duty_tie_possible", FILE)
        .line(duty.line)
        .column("when", None)
        .value(&when.text)
        .says(
            format!("与第 {line} 行（{theirs}）的条件可能同时成立：届时同级规则指向不同单位，转人工"),
            format!("its predicate and that of line {line} ({theirs}) can hold of one clue: then rows of equal rank name different agencies, and a person must decide"),
        )
        .advises("使两个条件互斥", "let the two predicates exclude each other")
}
