//! `crosswalk.csv`: what platforms call our matters.

use std::collections::HashMap;

use bihuan_domain::code::{MatterCode, SourceId};

use crate::cell::Cell;
use crate::names::{Names, duplicate};
use crate::table::{Presence, Spec, Table};
use crate::{Files, Finding};

const SPEC: Spec = Spec {
    file: "crosswalk.csv",
    presence: Presence::Optional,
    needed: &["source", "code", "matter"],
    optional: &["when"],
};

pub(crate) fn read(
    files: &Files,
    names: &Names,
    findings: &mut Vec<Finding>,
) -> HashMap<(SourceId, String), MatterCode> {
    let mut crosswalk = HashMap::new();
    let mut lines = HashMap::new();
    let Some(table) = Table::read(files, &SPEC, findings) else {
        return crosswalk;
    };
    for row in table.rows() {
        let cell = |column| table.cell(row, column);
        refuse_predicate(&cell("when"), findings);
        let code = cell("code");
        let source = cell("source").code::<SourceId>(findings);
        let matter = cell("matter").reference(names.matters(), "matters.csv", findings);
        let theirs = code.code::<MatterCode>(findings);
        let (Some(source), Some(matter), Some(theirs)) = (source, matter, theirs) else {
            continue;
        };
        let key = (source, theirs.as_str().to_owned());
        if let Some(first) = lines.insert(key.clone(), row.line) {
            findings.push(duplicate(&code, first));
        }
        crosswalk.insert(key, matter);
    }
    crosswalk
}

/// A code is looked up before the clue exists: there is nothing yet that a predicate could read. Left unread, it would lead codes
/// astray.
fn refuse_predicate(cell: &Cell<'_>, findings: &mut Vec<Finding>) {
    if !cell.is_empty() {
        findings.push(
            cell.error("predicate_unsupported")
                .says(
                    "对照表尚不支持条件",
                    "predicates are not supported in the crosswalk",
                )
                .advises(
                    "清空 when；在映射中用 join 把区分情形的列合成一个代码",
                    "empty the cell; in the mapping, join the columns that tell the cases apart into one code",
                ),
        );
    }
}
