//! `crosswalk.csv`: what platforms call our matters.

use std::collections::HashMap;

use bihuan_domain::code::{MatterCode, SourceId};

use crate::names::{Names, duplicate};
use crate::table::{Presence, Spec, Table};
use crate::{Files, Finding, duties};

const SPEC: Spec = Spec {
    file: "crosswalk.csv",
    presence: Presence::Optional,
    needed: &["source", "code", "matter"],
    optional: &["when"],
};

/// What a mapping can do until there are predicates.
const WITHOUT_PREDICATE: [&str; 2] = [
    "清空 when；在映射中用 join 把区分情形的列合成一个代码",
    "empty the cell; in the mapping, join the columns that tell the cases apart into one code",
];

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
        duties::refuse_predicate(&cell("when"), WITHOUT_PREDICATE, findings);
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
