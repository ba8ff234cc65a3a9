//! `matters.csv`: the catalogue of matters and their categories.

use std::collections::BTreeSet;

use bihuan_domain::code::{CategoryCode, MatterCode};
use bihuan_domain::routing::Matter;

use crate::names::Register;
use crate::table::{Presence, Spec, Table};
use crate::{Files, Finding};

const SPEC: Spec = Spec {
    file: "matters.csv",
    presence: Presence::Needed,
    needed: &["code", "name"],
    optional: &["name_en", "category", "severity", "basis"],
};

pub(crate) fn read(files: &Files, findings: &mut Vec<Finding>) -> Option<Register<MatterCode, Matter>> {
    let table = Table::read(files, &SPEC, findings)?;
    let mut matters = Register::new();
    for row in table.rows() {
        let cell = |column| table.cell(row, column);
        let Some(code) = cell("code").code::<MatterCode>(findings) else {
            continue;
        };
        let matter = Matter {
            code: code.clone(),
            name: cell("name").text.to_owned(),
            name_en: cell("name_en").text.to_owned(),
            category: cell("category").optional_code(findings),
            severity: cell("severity").optional_code(findings),
            basis: cell("basis").text.to_owned(),
        };
        matters.enter(&cell("code"), code, matter, findings);
    }
    Some(matters)
}

pub(crate) fn categories(matters: Option<&Register<MatterCode, Matter>>) -> BTreeSet<CategoryCode> {
    let rows = matters.into_iter().flat_map(|matters| matters.rows.values());
    rows.filter_map(|matter| matter.category.clone()).collect()
}
