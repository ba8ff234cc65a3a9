//! Why an agency, and why not another: every first-handler row about the matter, with what became of it.

use jiff::civil::Date;
use serde::Serialize;

use super::decide::{Facts, answer};
use super::predicate::Unanswered;
use super::rows::{All, Best, Miss, Rank, Rows, Weakness, holds, sole};
use super::{Answer, Duty, DutyRole, Question, Rulebook};
use crate::code::AgencyId;

/// Where duties stand.
const FILE: &str = "duties.csv";

/// A decision with its reasons; lines are those of `duties.csv`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    pub answer: Answer,
    /// The file whose lines are meant.
    pub file: &'static str,
    /// The row that decided; `None` in triage.
    pub winner: Option<RowVerdict>,
    /// The other first-handler rows whose matter applies, in the order of the file.
    pub lost: Vec<RowVerdict>,
    /// The strongest row of another agency that holds: who would have it without the winner.
    pub runner_up: Option<u32>,
    /// The strongest penalty rows; more than one agency among them means that none was chosen.
    pub penalty: Vec<u32>,
    pub assisting: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowVerdict {
    pub line: u32,
    pub agency: AgencyId,
    pub verdict: Verdict,
}

/// What became of a row whose matter applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Won,
    LessSpecificMatter,
    ShorterArea,
    LowerLayer,
    /// As strong as the winner and of the same agency, further down in the file.
    SameAgency,
    /// As strong as a row of another agency: nobody won.
    Tied,
    NotYetValid {
        from: Option<Date>,
    },
    Expired {
        to: Option<Date>,
    },
    OtherArea,
    /// A delegation to somebody who is not a town, or to a town elsewhere.
    NotCompetent,
    /// As strong as the winner but for its predicate, which the winner has and it has not.
    NoPredicate,
    PredicateFalse,
    /// Its predicate depends on what the clue does not say: it could have won, so nobody did, unless a stronger row did.
    PredicateUnanswered(Unanswered),
    /// It would have won, were it not for a row as strong whose predicate has no answer.
    Blocked,
}

/// Decides and keeps the reasons. The answer is that of [`super::decide`].
pub fn explain(rulebook: &Rulebook, question: &Question<'_>) -> Explanation {
    reasons(&All(rulebook), question)
}

/// The decision with its reasons, however the rows are found.
pub(super) fn reasons<'a>(rows: &impl Rows<'a>, question: &Question<'a>) -> Explanation {
    let facts = Facts::of(rows, question);
    let mut explanation = Explanation {
        answer: answer(&facts, |facts, role| rows.best(facts, role, None)),
        file: FILE,
        winner: None,
        lost: Vec::new(),
        runner_up: None,
        penalty: Vec::new(),
        assisting: Vec::new(),
    };
    let Ok(facts) = facts else {
        return explanation;
    };
    let rulebook = rows.rulebook();
    let strongest = rows.best(&facts, DutyRole::FirstHandler, None);
    for duty in rows.about(&facts, DutyRole::FirstHandler) {
        let row = RowVerdict {
            line: duty.line,
            agency: duty.agency.clone(),
            verdict: verdict(rulebook, duty, &facts, &strongest),
        };
        if row.verdict == Verdict::Won {
            explanation.winner = Some(row);
        } else {
            explanation.lost.push(row);
        }
    }
    if let Some(winner) = sole(&strongest.certain()) {
        let others = rows.best(&facts, DutyRole::FirstHandler, Some(&winner.agency));
        let lines = |role| lines(&rows.best(&facts, role, None).certain());
        explanation.runner_up = others.rows.first().map(|duty| duty.line);
        explanation.penalty = lines(DutyRole::Penalty);
        explanation.assisting = lines(DutyRole::Assisting);
    }
    explanation
}

fn lines(rows: &[&Duty]) -> Vec<u32> {
    rows.iter().map(|row| row.line).collect()
}

fn verdict(rulebook: &Rulebook, duty: &Duty, facts: &Facts<'_>, strongest: &Best<'_>) -> Verdict {
    match holds(rulebook, duty, facts) {
        Err(Miss::OtherArea) => return Verdict::OtherArea,
        Err(Miss::NotYetValid) => return Verdict::NotYetValid { from: duty.from },
        Err(Miss::Expired) => return Verdict::Expired { to: duty.to },
        Err(Miss::NotCompetent) => return Verdict::NotCompetent,
        Err(Miss::PredicateFalse) => return Verdict::PredicateFalse,
        Err(Miss::Unanswered(what)) => return Verdict::PredicateUnanswered(what),
        Ok(()) => {}
    }
    let strong = strongest.rows.first().or(strongest.unanswered.first());
    let weakness = strong.and_then(|strong| Rank::of(duty).weakness_against(Rank::of(strong)));
    match weakness {
        Some(Weakness::Matter) => Verdict::LessSpecificMatter,
        Some(Weakness::Area) => Verdict::ShorterArea,
        Some(Weakness::Layer) => Verdict::LowerLayer,
        Some(Weakness::Predicate) => Verdict::NoPredicate,
        None if !strongest.unanswered.is_empty() => Verdict::Blocked,
        None => match sole(&strongest.rows) {
            None => Verdict::Tied,
            Some(winner) if std::ptr::eq(winner, duty) => Verdict::Won,
            Some(_) => Verdict::SameAgency,
        },
    }
}
