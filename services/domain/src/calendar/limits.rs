//! How long each step of a clue may take: `limits.csv` as data, and the row that decides.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Limit;
use crate::code::{AreaCode, CategoryCode, MatterCode, Severity, SourceId};
use crate::routing::MatterPattern;

/// What has a limit of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Dispatch,
    Triage,
    Acknowledge,
    Handle,
    Check,
    /// The whole way, from the report to the conclusion.
    Overall,
    /// Of an agency beside the responsible one: until it answers.
    Assist,
    /// Of an agency that is called: until somebody is there.
    Arrive,
}

impl Step {
    pub const ALL: [Self; 8] = [
        Self::Dispatch,
        Self::Triage,
        Self::Acknowledge,
        Self::Handle,
        Self::Check,
        Self::Overall,
        Self::Assist,
        Self::Arrive,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dispatch => "dispatch",
            Self::Triage => "triage",
            Self::Acknowledge => "acknowledge",
            Self::Handle => "handle",
            Self::Check => "check",
            Self::Overall => "overall",
            Self::Assist => "assist",
            Self::Arrive => "arrive",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == word)
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// A row of `limits.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitRow {
    /// Line in `limits.csv`, from 1 with the header: identifies the row within its rulebook version.
    pub line: u32,
    pub matter: MatterPattern,
    pub severity: Option<Severity>,
    pub source: Option<SourceId>,
    pub area: Option<AreaCode>,
    pub step: Step,
    pub limit: Limit,
}

/// All rows, found by what they are about. It is cheap to copy.
#[derive(Clone, Debug, Default)]
pub struct Limits(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// In the order of the file.
    rows: Vec<LimitRow>,
    /// What rows name besides matters, numbered from 1: a question is looked up once, and numbers are compared from there on.
    severities: HashMap<Severity, u32>,
    sources: HashMap<SourceId, u32>,
    areas: HashMap<AreaCode, u32>,
    /// How long the codes of these areas are, longest first.
    lengths: Vec<usize>,
    /// By step.
    index: [About; Step::ALL.len()],
}

/// The rows of a step, by what matter they name.
#[derive(Clone, Debug, Default)]
struct About {
    matters: HashMap<MatterCode, Vec<Group>>,
    categories: HashMap<CategoryCode, Vec<Group>>,
    any: Vec<Group>,
}

/// The rows of a step and a matter that name the same severity and source; 0 is none.
#[derive(Clone, Debug)]
struct Group {
    severity: u32,
    source: u32,
    everywhere: Option<usize>,
    /// By the number of the area.
    areas: Vec<(u32, usize)>,
}

/// No code of an area is longer.
const LONGEST: usize = 24;

/// What of a question the rows know, by number: of areas those in which the place lies, longest first.
struct Question {
    severity: u32,
    source: u32,
    areas: [u32; LONGEST],
    known: usize,
}

impl Limits {
    /// Of two rows about exactly the same, the first holds.
    pub fn new(rows: Vec<LimitRow>) -> Self {
        let mut limits = Inner::default();
        for (number, row) in rows.iter().enumerate() {
            let severity = numbered(&mut limits.severities, row.severity.as_ref());
            let source = numbered(&mut limits.sources, row.source.as_ref());
            let area = numbered(&mut limits.areas, row.area.as_ref());
            let about = &mut limits.index[row.step as usize];
            let groups = match &row.matter {
                MatterPattern::Matter(code) => about.matters.entry(code.clone()).or_default(),
                MatterPattern::Category(code) => about.categories.entry(code.clone()).or_default(),
                MatterPattern::Any => &mut about.any,
            };
            enter(groups, (severity, source, area), number);
        }
        limits.lengths = limits.areas.keys().map(|area| area.as_str().len()).collect();
        limits.lengths.sort_unstable_by(|a, b| b.cmp(a));
        limits.lengths.dedup();
        limits.rows = rows;
        Self(Arc::new(limits))
    }

    pub fn rows(&self) -> &[LimitRow] {
        &self.0.rows
    }

    pub fn is_empty(&self) -> bool {
        self.0.rows.is_empty()
    }

    /// The row that decides: of a matter before one of its category before one of any, then one that names the severity, then one
    /// that names the source, then one of the longest area. What is not known of a clue matches only rows that do not ask for it.
    pub fn find(
        &self,
        step: Step,
        matter: Option<&MatterCode>,
        category: Option<&CategoryCode>,
        severity: Option<&Severity>,
        source: Option<&SourceId>,
        area: Option<&AreaCode>,
    ) -> Option<&LimitRow> {
        let about = &self.0.index[step as usize];
        let of_matter = matter.and_then(|code| about.matters.get(code));
        let of_category = category.and_then(|code| about.categories.get(code));
        let levels = [of_matter, of_category, Some(&about.any)].into_iter().flatten();
        let question = self.0.question(severity, source, area);
        let number = levels.flatten().find_map(|group| group.find(&question))?;
        self.0.rows.get(number)
    }
}

impl Inner {
    fn question(
        &self,
        severity: Option<&Severity>,
        source: Option<&SourceId>,
        area: Option<&AreaCode>,
    ) -> Question {
        let severity = severity.and_then(|it| self.severities.get(it));
        let source = source.and_then(|it| self.sources.get(it));
        let mut question = Question {
            severity: severity.copied().unwrap_or_default(),
            source: source.copied().unwrap_or_default(),
            areas: [0; LONGEST],
            known: 0,
        };
        let text = area.map_or("", AreaCode::as_str);
        let around = self.lengths.iter().filter_map(|length| text.get(..*length));
        for number in around.filter_map(|prefix| self.areas.get(prefix)) {
            question.areas[question.known] = *number;
            question.known += 1;
        }
        question
    }
}

/// The number of a code among those known, from 1; 0 if there is none.
fn numbered<T: Clone + Eq + Hash>(known: &mut HashMap<T, u32>, code: Option<&T>) -> u32 {
    let next = known.len() as u32 + 1;
    code.map_or(0, |code| *known.entry(code.clone()).or_insert(next))
}

/// Groups stay in the order in which they are asked: those that name the severity first, then those that name the source.
fn enter(groups: &mut Vec<Group>, (severity, source, area): (u32, u32, u32), number: usize) {
    let at = groups
        .iter()
        .position(|group| (group.severity, group.source) == (severity, source));
    let at = at.unwrap_or_else(|| {
        let rank = |severity: u32, source: u32| (severity > 0, source > 0);
        let at = groups.partition_point(|group| rank(group.severity, group.source) >= rank(severity, source));
        let group = Group {
            severity,
            source,
            everywhere: None,
            areas: Vec::new(),
        };
        groups.insert(at, group);
        at
    });
    let group = &mut groups[at];
    if area == 0 {
        group.everywhere.get_or_insert(number);
    } else if let Err(at) = group.areas.binary_search_by_key(&area, |(known, _)| *known) {
        group.areas.insert(at, (area, number));
    }
}

impl Group {
    fn find(&self, question: &Question) -> Option<usize> {
        let fits = |named: u32, asked: u32| named == 0 || named == asked;
        if !fits(self.severity, question.severity) || !fits(self.source, question.source) {
            return None;
        }
        if self.areas.is_empty() {
            return self.everywhere;
        }
        let around = question.areas[..question.known].iter();
        let mut found = around.filter_map(|area| {
            let at = self.areas.binary_search_by_key(area, |(known, _)| *known);
            at.ok().map(|at| self.areas[at].1)
        });
        found.next().or(self.everywhere)
    }
}
