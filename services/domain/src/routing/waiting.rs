//! Clues in triage, by why they wait, with the row that would have decided all of them: triage is a queue, not a grave.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use super::{Answer, Case, CompiledRulebook, DUTY_COLUMNS, DutyRole, Explanation, Rulebook, Triage, Verdict};
use crate::code::{AgencyId, AreaCode, Level, MatterCode, SourceId};
use crate::csv::cell;
use crate::id::ClueId;
use crate::time::{Timestamp, rfc3339};

/// Examples of clues that are kept for each group.
const EXAMPLES: usize = 5;
/// So many words of sources have groups of their own; clues with further ones are together, by source.
const WORDS: usize = 500;

const MATTERS: &str = "code,name,name_en,category,severity,basis";
const CROSSWALK: &str = "source,code,matter,when";

/// What the clues of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Cause {
    /// Why the active rulebook names nobody; `matched`: it names somebody by now, and a person may as well.
    pub reason: &'static str,
    pub matter: Option<MatterCode>,
    /// Of clues without a matter or without an area: whose words they are, and the word.
    pub source: Option<SourceId>,
    pub source_matter: Option<String>,
    pub source_area: Option<String>,
    /// The county in which they lie.
    pub county: Option<AreaCode>,
    /// What the clues do not say, or not readably, where predicates ask for it.
    pub facts: Vec<String>,
    /// Lines of duties.csv that tie, or whose predicates have no answer.
    pub lines: Vec<u32>,
}

/// Clues that wait for the same reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    #[serde(flatten)]
    pub cause: Cause,
    pub clues: u64,
    /// RFC 3339: when the first of them was reported.
    #[serde(serialize_with = "rfc3339")]
    pub oldest: Timestamp,
    pub examples: Vec<ClueId>,
    pub draft: Option<Draft>,
}

/// A row that would have decided all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Draft {
    pub file: &'static str,
    /// The columns of the row.
    pub header: &'static str,
    pub row: String,
    /// Who had most of such clues; `None`: nothing is known, a person must fill in the agency.
    pub agency: Option<AgencyId>,
}

/// Groups clues as they come. Memory grows with the groups only: with the matters and counties of the rulebook, and some words.
#[derive(Debug)]
pub struct Waiting<'a> {
    compiled: &'a CompiledRulebook,
    groups: BTreeMap<Cause, Counted>,
    words: usize,
}

#[derive(Debug)]
struct Counted {
    clues: u64,
    oldest: Timestamp,
    first_day: Date,
    areas: BTreeSet<AreaCode>,
    examples: Vec<ClueId>,
}

impl<'a> Waiting<'a> {
    pub fn new(compiled: &'a CompiledRulebook) -> Self {
        Self {
            compiled,
            groups: BTreeMap::new(),
            words: 0,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Takes a clue that waits in triage.
    pub fn add(&mut self, case: &Case) {
        let rulebook = self.compiled.rulebook();
        let subject = &case.subject;
        let question = subject.question(&rulebook.zone);
        let explanation = self.compiled.explain(&question);
        let mut why = cause(rulebook, case, &explanation);
        let is_word = why.source_matter.is_some() || why.source_area.is_some();
        if is_word && !self.groups.contains_key(&why) {
            if self.words < WORDS {
                self.words += 1;
            } else {
                (why.source_matter, why.source_area) = (None, None);
            }
        }
        let day = question.reported_at.date();
        let counted = self.groups.entry(why).or_insert_with(|| Counted {
            clues: 0,
            oldest: subject.reported_at,
            first_day: day,
            areas: BTreeSet::new(),
            examples: Vec::new(),
        });
        counted.clues += 1;
        counted.oldest = counted.oldest.min(subject.reported_at);
        counted.first_day = counted.first_day.min(day);
        counted.areas.extend(subject.area.clone());
        if counted.examples.len() < EXAMPLES {
            counted.examples.push(case.clue);
        }
    }

    /// The groups with most clues first. `whom`: who had most clues of the matter in the area.
    pub fn finish(self, whom: impl Fn(&MatterCode, &AreaCode) -> Option<AgencyId>) -> Vec<Group> {
        let groups = self.groups.into_iter().map(|(cause, counted)| Group {
            draft: draft(self.compiled, &cause, &counted, &whom),
            cause,
            clues: counted.clues,
            oldest: counted.oldest,
            examples: counted.examples,
        });
        let mut groups: Vec<_> = groups.collect();
        groups.sort_by_key(|group| (std::cmp::Reverse(group.clues), group.oldest));
        groups
    }
}

fn cause(rulebook: &Rulebook, case: &Case, explanation: &Explanation) -> Cause {
    let subject = &case.subject;
    let (lines, facts) = rows_to_look_at(rulebook, explanation);
    let reason = explanation.answer.reason();
    let (no_matter, no_area) = (
        reason == Triage::MatterMissing.as_str(),
        reason == Triage::AreaMissing.as_str(),
    );
    Cause {
        reason,
        // what the clue is about does not help it to a place
        matter: subject.matter.clone().filter(|_| !no_area),
        source: (no_matter || no_area).then(|| subject.source.clone()),
        source_matter: case.source_matter.clone().filter(|_| no_matter),
        source_area: case.source_area.clone().filter(|_| no_area),
        county: subject.area.as_ref().map(|area| rulebook.county(area).clone()),
        facts,
        lines,
    }
}

/// The rows that tie, or the strongest whose predicates have no answer, and what those ask for.
fn rows_to_look_at(rulebook: &Rulebook, explanation: &Explanation) -> (Vec<u32>, Vec<String>) {
    let Answer::Triage { reason } = &explanation.answer else {
        return Default::default();
    };
    let lost = explanation.lost.iter();
    match reason {
        Triage::Tie => {
            let tied = lost.filter(|row| row.verdict == Verdict::Tied);
            (tied.map(|row| row.line).collect(), Vec::new())
        }
        Triage::Unanswered => {
            let open: Vec<_> = lost
                .filter_map(|row| match &row.verdict {
                    Verdict::PredicateUnanswered(what) => {
                        let mut duties = rulebook.duties.iter();
                        Some((duties.find(|duty| duty.line == row.line)?, &what.fact))
                    }
                    _ => None,
                })
                .collect();
            let strongest = open
                .iter()
                .filter(|(duty, _)| !open.iter().any(|(other, _)| other.is_stronger_than(duty)));
            let (lines, facts): (Vec<_>, BTreeSet<_>) =
                strongest.map(|(duty, fact)| (duty.line, (*fact).clone())).unzip();
            (lines, facts.into_iter().collect())
        }
        _ => Default::default(),
    }
}

fn draft(
    compiled: &CompiledRulebook,
    cause: &Cause,
    counted: &Counted,
    whom: impl Fn(&MatterCode, &AreaCode) -> Option<AgencyId>,
) -> Option<Draft> {
    let rulebook = compiled.rulebook();
    if cause.reason == Triage::NoDuty.as_str() {
        let matter = cause.matter.as_ref()?;
        let area = common(rulebook, &counted.areas)?;
        let agency = whom(matter, area);
        let to = until(compiled, (matter, area), counted.first_day);
        let row = duty(rulebook, (matter, area), agency.as_ref(), (counted.first_day, to));
        return Some(Draft {
            file: "duties.csv",
            header: DUTY_COLUMNS,
            row,
            agency,
        });
    }
    if cause.reason == Triage::MatterUnknown.as_str() {
        let matter = cell(cause.matter.as_ref()?.as_str()).into_owned();
        return Some(Draft {
            file: "matters.csv",
            header: MATTERS,
            row: format!("{matter},{matter},,,,"),
            agency: None,
        });
    }
    if cause.reason == Triage::MatterMissing.as_str() {
        let (source, word) = (cause.source.as_ref()?, cause.source_matter.as_ref()?);
        return Some(Draft {
            file: "crosswalk.csv",
            header: CROSSWALK,
            row: format!("{source},{},?,", cell(word)),
            agency: None,
        });
    }
    None
}

/// The day from which somebody has it there: the row must not be stronger for ever than what comes by itself.
fn until(compiled: &CompiledRulebook, (matter, area): (&MatterCode, &AreaCode), from: Date) -> Option<Date> {
    let days = compiled.row_days(matter, from);
    let mut days = days.days_in(area);
    days.find(|day| {
        let (competence, _) = compiled.competence(DutyRole::FirstHandler, matter, area, *day);
        !competence.is_gap()
    })
}

/// The columns of [`DUTY_COLUMNS`].
fn duty(
    rulebook: &Rulebook,
    (matter, area): (&MatterCode, &AreaCode),
    agency: Option<&AgencyId>,
    (from, to): (Date, Option<Date>),
) -> String {
    let known = agency.and_then(|id| rulebook.agencies.get(id));
    let is_town = known.is_some_and(|it| {
        it.level == Some(Level::Town) && it.area.as_ref().is_some_and(|own| area.is_within(own))
    });
    let level = rulebook.areas.get(area).map(|it| it.level);
    let layer = match level {
        _ if is_town => "delegation",
        Some(Level::City) => "city",
        _ => "county",
    };
    let agency = agency.map_or("?".into(), |id| cell(id.as_str()));
    let matter = cell(matter.as_str());
    let to = to.map(|to| to.to_string()).unwrap_or_default();
    format!("{matter},{area},first_handler,{agency},{from},{to},{layer},,")
}

/// The narrowest known area in which all of these lie.
fn common<'a>(rulebook: &'a Rulebook, areas: &BTreeSet<AreaCode>) -> Option<&'a AreaCode> {
    let first = areas.first()?.as_str();
    let prefixes = (1..=first.len()).rev().filter_map(|length| first.get(..length));
    let mut known = prefixes.filter_map(|prefix| rulebook.areas.get_key_value(prefix));
    let all = known.find(|(wider, _)| areas.iter().all(|area| area.is_within(wider)));
    all.map(|(code, _)| code)
}
