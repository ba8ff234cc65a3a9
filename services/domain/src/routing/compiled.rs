//! A rulebook made ready for many decisions: rows are found by role, matter and area instead of being looked through.

use std::collections::HashMap;
use std::sync::Arc;

use super::decide::{Best, Facts, answer, best};
use super::{Answer, DutyRole, Explanation, Gazetteer, MatterPattern, Question, Rulebook, explain};
use crate::code::AreaCode;

/// Rows (positions in `Rulebook::duties`, in the order of the file) by the area they name.
type ByArea = HashMap<AreaCode, Vec<usize>>;

/// A rulebook with its indexes; cheap to share, never changed.
#[derive(Debug)]
pub struct CompiledRulebook {
    rulebook: Arc<Rulebook>,
    rows: HashMap<(DutyRole, MatterPattern), ByArea>,
    /// The lengths of area codes that duties name, longest first.
    lengths: Vec<usize>,
    gazetteer: Gazetteer,
}

impl CompiledRulebook {
    pub fn new(rulebook: Arc<Rulebook>) -> Self {
        let mut rows: HashMap<_, ByArea> = HashMap::new();
        for (position, duty) in rulebook.duties.iter().enumerate() {
            let by_area = rows.entry((duty.role, duty.matter.clone())).or_default();
            by_area.entry(duty.area.clone()).or_default().push(position);
        }
        let mut lengths: Vec<_> = rulebook
            .duties
            .iter()
            .map(|duty| duty.area.as_str().len())
            .collect();
        lengths.sort_unstable_by(|a, b| b.cmp(a));
        lengths.dedup();
        let gazetteer = Gazetteer::new(&rulebook);
        Self {
            rulebook,
            rows,
            lengths,
            gazetteer,
        }
    }

    pub const fn rulebook(&self) -> &Arc<Rulebook> {
        &self.rulebook
    }

    /// The same answer as [`super::decide`].
    pub fn decide(&self, question: &Question<'_>) -> Answer {
        answer(Facts::of(&self.rulebook, question), |facts, role| {
            self.best(facts, role)
        })
    }

    pub fn explain(&self, question: &Question<'_>) -> Explanation {
        explain(&self.rulebook, question)
    }

    /// Leads a platform's names and codes of places to areas.
    pub const fn gazetteer(&self) -> &Gazetteer {
        &self.gazetteer
    }

    /// Goes from the strongest rank to the weakest and stops at the first that holds.
    fn best(&self, facts: &Facts<'_>, role: DutyRole) -> Best<'_> {
        let patterns = [
            Some(MatterPattern::Matter(facts.matter.clone())),
            facts.category.cloned().map(MatterPattern::Category),
            Some(MatterPattern::Any),
        ];
        for pattern in patterns.into_iter().flatten() {
            let Some(by_area) = self.rows.get(&(role, pattern)) else {
                continue;
            };
            for prefix in self
                .lengths
                .iter()
                .filter_map(|length| facts.area.as_str().get(..*length))
            {
                let rows = by_area.get(prefix).map(Vec::as_slice).unwrap_or_default();
                let rows = rows.iter().map(|position| &self.rulebook.duties[*position]);
                let found = best(&self.rulebook, rows, facts, role);
                if !found.is_empty() {
                    return found;
                }
            }
        }
        Best::default()
    }
}
