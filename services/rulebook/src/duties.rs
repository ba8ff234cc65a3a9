//! `duties.csv`: who has which duty where, from when to when.

use bihuan_domain::routing::{Duty, DutyRole, Layer, Schema, When};
use jiff::civil::Date;

use crate::cell::{Cell, Unreadable};
use crate::names::Names;
use crate::table::{Presence, Row, Spec, Table};
use crate::{Files, Finding, predicate};

pub(crate) const FILE: &str = "duties.csv";

const SPEC: Spec = Spec {
    file: FILE,
    presence: Presence::Needed,
    needed: &["matter", "area", "agency"],
    optional: &["role", "from", "to", "layer", "basis", "when"],
};

const ROLES: &str = "first_handler, penalty, assisting";
const LAYERS: &str = "province, city, county, delegation";

/// The rows that could be read; `None` if the file could not.
pub(crate) fn read(
    files: &Files,
    names: &Names,
    schema: Option<&Schema>,
    findings: &mut Vec<Finding>,
) -> Option<Vec<Duty>> {
    let table = Table::read(files, &SPEC, findings)?;
    Some(
        table
            .rows()
            .iter()
            .filter_map(|row| duty(&table, row, names, schema, findings))
            .collect(),
    )
}

/// Reads every cell before it gives up, so that one check shows all that is wrong with a row.
fn duty(
    table: &Table,
    row: &Row,
    names: &Names,
    schema: Option<&Schema>,
    findings: &mut Vec<Finding>,
) -> Option<Duty> {
    let cell = |column| table.cell(row, column);
    let when = when(&cell("when"), schema, findings);
    let matter = names.pattern(&cell("matter"), findings);
    let area = cell("area").reference(names.areas(), "areas.csv", findings);
    let agency = cell("agency").reference(names.agencies(), "agencies.csv", findings);
    let role = cell("role").word(
        "role_invalid",
        DutyRole::parse,
        DutyRole::FirstHandler,
        ROLES,
        findings,
    );
    let layer = cell("layer").word("layer_invalid", Layer::parse, Layer::City, LAYERS, findings);
    let (from, to) = validity(&cell("from"), &cell("to"), findings);
    Some(Duty {
        line: row.line,
        matter: matter?,
        area: area?,
        agency: agency?,
        role: role?,
        from,
        to,
        layer: layer?,
        basis: cell("basis").text.to_owned(),
        when: when.ok()?,
    })
}

/// `None`: it has none. One that cannot be understood makes the row none: left unread, it would give the duty to the wrong agency.
/// Without a manifest nothing is known of attributes, and nothing is said.
fn when(
    cell: &Cell<'_>,
    schema: Option<&Schema>,
    findings: &mut Vec<Finding>,
) -> Result<Option<When>, Unreadable> {
    if cell.is_empty() {
        return Ok(None);
    }
    let predicate = schema.and_then(|schema| predicate::read(cell, schema, findings));
    let predicate = predicate.ok_or(Unreadable)?;
    Ok(Some(When {
        text: cell.text.to_owned(),
        predicate,
    }))
}

fn validity(from: &Cell<'_>, to: &Cell<'_>, findings: &mut Vec<Finding>) -> (Option<Date>, Option<Date>) {
    let dates = (from.date(findings), to.date(findings));
    if let (Some(first), Some(end)) = dates
        && first >= end
    {
        findings.push(
            to.error("from_after_to")
                .says(
                    format!("自 {first} 起、{end}（不含）止：没有一天有效"),
                    format!("from {first} to before {end}: there is no day on which the row holds"),
                )
                .advises(
                    "to 不含当日，须晚于 from",
                    "to is exclusive and must be later than from",
                ),
        );
    }
    dates
}
