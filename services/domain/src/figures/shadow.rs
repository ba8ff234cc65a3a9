//! What the rules would have done against what dispatchers did (影子运行). Nobody can see who was right; but a clue that ended with
//! an agency ended there for a reason, so whoever named that agency first is counted as right.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::clue::{Event, Occurrence};
use crate::code::{AgencyId, RulebookVersion};
use crate::id::ClueId;
use crate::time::Timestamp;

/// Examples of clues that are kept for each agency of a row.
const EXAMPLES: usize = 5;

/// What rules and people said about one clue; folded from its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    clue: ClueId,
    reported_at: Timestamp,
    /// The newest decision of the rules.
    rules: Option<Rule>,
    /// Whom the source named first, and whom last.
    people: Option<(AgencyId, AgencyId)>,
}

/// Why the rules decided as they did: the row to look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Rule {
    pub rulebook: RulebookVersion,
    /// Line of the winning row in `duties.csv`; `None`: nobody was chosen.
    pub line: Option<u32>,
    /// `matched`, or why nobody was chosen: `no_duty`, `tie`, `matter_missing` …
    pub reason: String,
    pub agency: Option<AgencyId>,
}

/// Who named the agency with which the clue is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    Both,
    /// People passed it on to the agency that the rules had named.
    Rules,
    People,
    Neither,
    /// The rules named nobody (it went to triage).
    Nobody,
}

/// Clues by who was right about them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rights {
    pub both: u64,
    pub rules: u64,
    pub people: u64,
    pub neither: u64,
    /// The rules named nobody.
    pub nobody: u64,
}

/// The comparison, worst rule first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    pub clues: u64,
    /// Of which no source has named an agency yet.
    pub waiting: u64,
    /// On which the rules did not decide: imported history, closed when first seen, assigned by a person.
    pub undecided: u64,
    pub compared: u64,
    pub rights: Rights,
    /// (both + rules) ÷ compared
    pub rules_accuracy: Option<f64>,
    /// (both + people) ÷ compared
    pub people_accuracy: Option<f64>,
    pub rows: Vec<ComparedRow>,
}

/// One rule: how often it agreed, and where the clues went otherwise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparedRow {
    #[serde(flatten)]
    pub rule: Rule,
    pub clues: u64,
    pub rights: Rights,
    /// Where clues went that the rule had not sent there, most first.
    pub instead: Vec<Instead>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Instead {
    pub agency: AgencyId,
    pub clues: u64,
    pub examples: Vec<ClueId>,
}

impl Compared {
    /// Folds an event in; `None` until the clue was reported.
    pub fn fold(compared: &mut Option<Self>, occurrence: &Occurrence) {
        if let (None, Event::ClueReported { .. }) = (&compared, &occurrence.event) {
            *compared = Some(Self {
                clue: occurrence.clue,
                reported_at: occurrence.at,
                rules: None,
                people: None,
            });
        }
        if let Some(compared) = compared {
            compared.apply(&occurrence.event);
        }
    }

    fn apply(&mut self, event: &Event) {
        match event {
            Event::ClueReported { report, .. } | Event::SourceUpdated { report, .. } => {
                let there = report.snapshot.as_ref().and_then(|it| it.agency.as_ref());
                let then = report.history.as_ref().and_then(|it| it.agency.as_ref());
                self.named(there.or(then));
            }
            Event::ReportRepeated {
                history: Some(history),
                ..
            } => self.named(history.agency.as_ref()),
            Event::ClueHeldForTriage { decision } => {
                self.rules = Some(Rule {
                    rulebook: decision.rulebook.clone(),
                    line: None,
                    reason: decision.reason.clone(),
                    agency: None,
                });
            }
            Event::ClueAssigned {
                assignment,
                decision,
                recorded: false,
                ..
            } if decision.row.is_some() => {
                self.rules = Some(Rule {
                    rulebook: decision.rulebook.clone(),
                    line: decision.row,
                    reason: decision.reason.clone(),
                    agency: Some(assignment.agency.clone()),
                });
            }
            _ => {}
        }
    }

    fn named(&mut self, agency: Option<&AgencyId>) {
        if let Some(agency) = agency {
            let first = self
                .people
                .take()
                .map_or_else(|| agency.clone(), |(first, _)| first);
            self.people = Some((first, agency.clone()));
        }
    }

    pub const fn reported_at(&self) -> Timestamp {
        self.reported_at
    }
}

impl Rule {
    fn right(&self, first: &AgencyId, last: &AgencyId) -> Right {
        match (&self.agency, first == last) {
            (None, _) => Right::Nobody,
            (Some(agency), true) if agency == last => Right::Both,
            (Some(agency), false) if agency == last => Right::Rules,
            (Some(_), true) => Right::People,
            (Some(_), false) => Right::Neither,
        }
    }
}

impl Rights {
    const fn count(&mut self, right: Right) {
        let count = match right {
            Right::Both => &mut self.both,
            Right::Rules => &mut self.rules,
            Right::People => &mut self.people,
            Right::Neither => &mut self.neither,
            Right::Nobody => &mut self.nobody,
        };
        *count += 1;
    }

    /// Clues that did not end where the rule had sent them.
    pub const fn elsewhere(&self) -> u64 {
        self.people + self.neither + self.nobody
    }
}

/// Counts clues one by one. Memory grows with the rules and the agencies, never with the clues.
#[derive(Debug, Default)]
pub struct Comparing {
    clues: u64,
    waiting: u64,
    undecided: u64,
    rights: Rights,
    rules: BTreeMap<Rule, Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    rights: Rights,
    clues: u64,
    instead: BTreeMap<AgencyId, (u64, Vec<ClueId>)>,
}

impl Comparing {
    pub fn add(&mut self, compared: &Compared) {
        self.clues += 1;
        let Some(rule) = &compared.rules else {
            self.undecided += 1;
            return;
        };
        let Some((first, last)) = &compared.people else {
            self.waiting += 1;
            return;
        };
        let right = rule.right(first, last);
        self.rights.count(right);
        let counted = self.rules.entry(rule.clone()).or_default();
        counted.clues += 1;
        counted.rights.count(right);
        if rule.agency.as_ref() != Some(last) {
            let (clues, examples) = counted.instead.entry(last.clone()).or_default();
            *clues += 1;
            if examples.len() < EXAMPLES {
                examples.push(compared.clue);
            }
        }
    }

    pub fn finish(self) -> Comparison {
        let compared = self.clues - self.waiting - self.undecided;
        let mut rows: Vec<_> = self.rules.into_iter().map(Counted::row).collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.rights.elsewhere(), row.clues)));
        let share = |right: u64| (compared > 0).then(|| right as f64 / compared as f64);
        Comparison {
            clues: self.clues,
            waiting: self.waiting,
            undecided: self.undecided,
            compared,
            rights: self.rights,
            rules_accuracy: share(self.rights.both + self.rights.rules),
            people_accuracy: share(self.rights.both + self.rights.people),
            rows,
        }
    }
}

impl Counted {
    fn row((rule, counted): (Rule, Self)) -> ComparedRow {
        let mut instead: Vec<_> = counted
            .instead
            .into_iter()
            .map(|(agency, (clues, examples))| Instead {
                agency,
                clues,
                examples,
            })
            .collect();
        instead.sort_by_key(|it| std::cmp::Reverse(it.clues));
        ComparedRow {
            rule,
            clues: counted.clues,
            rights: counted.rights,
            instead,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::SourceId;

    fn agency(id: &str) -> AgencyId {
        AgencyId::new(id).expect("valid")
    }

    fn rule(line: Option<u32>, to: Option<&str>) -> Rule {
        Rule {
            rulebook: RulebookVersion::none(),
            line,
            reason: if line.is_some() { "matched" } else { "no_duty" }.to_owned(),
            agency: to.map(agency),
        }
    }

    fn clue(n: u32, rules: Option<Rule>, people: &[&str]) -> Compared {
        let mut compared = Compared {
            clue: ClueId::derive(&SourceId::new("grid").expect("valid"), &n.to_string()),
            reported_at: Timestamp::EPOCH,
            rules,
            people: None,
        };
        for it in people {
            compared.named(Some(&agency(it)));
        }
        compared
    }

    #[test]
    fn whoever_named_the_agency_that_has_it_now_was_right() {
        let table: [(&[&str], Option<&str>, Right); 6] = [
            (&["a"], Some("a"), Right::Both),
            (&["a", "b", "a"], Some("a"), Right::Both),
            (&["b", "a"], Some("a"), Right::Rules),
            (&["b"], Some("a"), Right::People),
            (&["b", "c"], Some("a"), Right::Neither),
            (&["b"], None, Right::Nobody),
        ];
        for (people, rules, expected) in table {
            let compared = clue(1, None, people);
            let (first, last) = compared.people.expect("named");
            assert_eq!(rule(Some(2), rules).right(&first, &last), expected, "{people:?}");
        }
    }

    #[test]
    fn every_clue_is_counted_once_and_the_worst_rule_comes_first() {
        let mut comparing = Comparing::default();
        let (good, bad) = (rule(Some(2), Some("a")), rule(Some(3), Some("b")));
        let clues = [
            clue(1, Some(good.clone()), &["a"]),
            clue(2, Some(good.clone()), &["c", "a"]),
            clue(3, Some(bad.clone()), &["a"]),
            clue(4, Some(bad.clone()), &["a"]),
            clue(5, Some(bad.clone()), &["c"]),
            clue(6, Some(good), &[]),
            clue(7, None, &["a"]),
            clue(8, Some(rule(None, None)), &["a"]),
        ];
        for clue in &clues {
            comparing.add(clue);
        }
        let found = comparing.finish();
        assert_eq!(
            (found.clues, found.waiting, found.undecided, found.compared),
            (8, 1, 1, 6)
        );
        let Rights {
            both,
            rules,
            people,
            neither,
            nobody,
        } = found.rights;
        assert_eq!((both, rules, people, neither, nobody), (1, 1, 3, 0, 1));
        assert_eq!(found.rules_accuracy, Some(2.0 / 6.0));
        assert_eq!(found.people_accuracy, Some(4.0 / 6.0));
        assert_eq!(
            found.rows.iter().map(|row| row.clues).sum::<u64>(),
            found.compared
        );
        let worst = &found.rows[0];
        assert_eq!((&worst.rule, worst.clues), (&bad, 3));
        let instead: Vec<_> = worst
            .instead
            .iter()
            .map(|it| (it.agency.as_str(), it.clues, it.examples.len()))
            .collect();
        assert_eq!(instead, [("a", 2, 2), ("c", 1, 1)]);
        assert_eq!(Comparing::default().finish().rules_accuracy, None);
    }
}
