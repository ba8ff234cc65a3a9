//! `agencies.csv`: who can be responsible.

use bihuan_domain::code::{AgencyId, CreditCode, Level};
use bihuan_domain::routing::Agency;

use crate::areas::LEVELS;
use crate::cell::{Cell, quoted};
use crate::names::{Names, Register};
use crate::table::{Presence, Spec, Table};
use crate::{Files, Finding};

const SPEC: Spec = Spec {
    file: "agencies.csv",
    presence: Presence::Needed,
    needed: &["id", "name"],
    optional: &["name_en", "level", "area", "credit_code", "kind"],
};

pub(crate) fn read(
    files: &Files,
    names: &Names,
    findings: &mut Vec<Finding>,
) -> Option<Register<AgencyId, Agency>> {
    let table = Table::read(files, &SPEC, findings)?;
    let mut agencies = Register::new();
    for row in table.rows() {
        let cell = |column| table.cell(row, column);
        let Some(id) = cell("id").code::<AgencyId>(findings) else {
            continue;
        };
        let area = cell("area");
        let agency = Agency {
            id: id.clone(),
            name: cell("name").text.to_owned(),
            name_en: cell("name_en").text.to_owned(),
            level: level(&cell("level"), findings),
            area: if area.is_empty() {
                None
            } else {
                area.reference(names.areas(), "areas.csv", findings)
            },
            credit_code: credit_code(&cell("credit_code"), findings),
            kind: cell("kind").text.to_owned(),
        };
        agencies.enter(&cell("id"), id, agency, findings);
    }
    Some(agencies)
}

fn level(cell: &Cell<'_>, findings: &mut Vec<Finding>) -> Option<Level> {
    cell.word(
        "level_invalid",
        |word| word.parse().ok().map(Some),
        None,
        LEVELS,
        findings,
    )
    .flatten()
}

fn credit_code(cell: &Cell<'_>, findings: &mut Vec<Finding>) -> Option<CreditCode> {
    if cell.is_empty() {
        return None;
    }
    match CreditCode::new(cell.text) {
        Ok(code) => Some(code),
        Err(error) => {
            let text = quoted(cell.text);
            findings.push(
                cell.error("credit_code_invalid")
                    .says(
                        format!("统一社会信用代码 {text} 不符合 GB 32100"),
                        format!("credit code {text} {}", error.problem),
                    )
                    .advises(
                        "核对 18 位代码，或留空",
                        "check the 18 characters, or leave the cell empty",
                    ),
            );
            None
        }
    }
}
