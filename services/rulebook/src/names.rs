//! What the other files may refer to. A file that could not be read is `None`: nothing is said about references into it.

use std::collections::{BTreeMap, BTreeSet};

use bihuan_domain::code::{AgencyId, AreaCode, CategoryCode, MatterCode};
use bihuan_domain::routing::{Agency, Area, Matter, MatterPattern};

use crate::Finding;
use crate::cell::{Cell, quoted};
use crate::finding::Severity;

/// The rows of a file by their code, and the line of each.
pub(crate) struct Register<K, V> {
    pub(crate) rows: BTreeMap<K, V>,
    pub(crate) lines: BTreeMap<K, u32>,
}

impl<K: Ord + Clone, V> Register<K, V> {
    pub(crate) const fn new() -> Self {
        Self {
            rows: BTreeMap::new(),
            lines: BTreeMap::new(),
        }
    }

    /// Takes a row, or says which line has its code already.
    pub(crate) fn enter(&mut self, cell: &Cell<'_>, code: K, row: V, findings: &mut Vec<Finding>) {
        if let Some(first) = self.lines.get(&code) {
            findings.push(duplicate(cell, *first));
        } else {
            self.lines.insert(code.clone(), cell.line);
            self.rows.insert(code, row);
        }
    }
}

pub(crate) fn duplicate(cell: &Cell<'_>, first: u32) -> Finding {
    let text = quoted(cell.text);
    cell.error("code_duplicate")
        .says(
            format!("{text} 与第 {first} 行重复"),
            format!("{text} stands on line {first} already"),
        )
        .advises("删去其中一行", "remove one of the two rows")
}

pub(crate) struct Names {
    pub(crate) areas: Option<Register<AreaCode, Area>>,
    pub(crate) agencies: Option<Register<AgencyId, Agency>>,
    pub(crate) matters: Option<Register<MatterCode, Matter>>,
    pub(crate) categories: BTreeSet<CategoryCode>,
}

impl Names {
    pub(crate) fn areas(&self) -> Option<&BTreeMap<AreaCode, Area>> {
        self.areas.as_ref().map(|register| &register.rows)
    }

    pub(crate) fn agencies(&self) -> Option<&BTreeMap<AgencyId, Agency>> {
        self.agencies.as_ref().map(|register| &register.rows)
    }

    pub(crate) fn matters(&self) -> Option<&BTreeMap<MatterCode, Matter>> {
        self.matters.as_ref().map(|register| &register.rows)
    }

    /// `*`, a matter's code, or a category; a matter where it could be both.
    pub(crate) fn pattern(&self, cell: &Cell<'_>, findings: &mut Vec<Finding>) -> Option<MatterPattern> {
        if cell.text == "*" {
            return Some(MatterPattern::Any);
        }
        let matter: MatterCode = cell.code(findings)?;
        let matters = self.matters()?;
        let category = self.categories.get(cell.text);
        match (matters.contains_key(&matter), category) {
            (true, None) => Some(MatterPattern::Matter(matter)),
            (true, Some(_)) => {
                findings.push(ambiguous(cell));
                Some(MatterPattern::Matter(matter))
            }
            (false, Some(category)) => Some(MatterPattern::Category(category.clone())),
            (false, None) => {
                let meant = matters
                    .keys()
                    .filter(|code| code.as_str().starts_with(cell.text))
                    .count();
                findings.push(unknown(cell, meant));
                None
            }
        }
    }
}

fn ambiguous(cell: &Cell<'_>) -> Finding {
    let text = quoted(cell.text);
    cell.finding(Severity::Warning, "reference_ambiguous")
        .says(
            format!("{text} 既是事项代码又是类别，按事项处理"),
            format!("{text} is both a matter and a category; it is taken as the matter"),
        )
        .advises("给类别另取名称", "give the category another name")
}

/// `meant` matters have codes that begin so: their author thought of a group.
fn unknown(cell: &Cell<'_>, meant: usize) -> Finding {
    if meant == 0 {
        return cell.unknown_reference("matters.csv");
    }
    let text = quoted(cell.text);
    cell.error("category_unknown")
        .says(
            format!("没有类别 {text}，但有 {meant} 个事项代码以此开头"),
            format!("no matter has the category {text}, though {meant} codes begin with it"),
        )
        .advises(
            "在 matters.csv 的 category 列填写该类别，或逐个列出事项",
            "name the category in the category column of matters.csv, or list the matters",
        )
}
