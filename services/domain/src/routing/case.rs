//! A clue of the past: what was known of it when it was first assigned, and who had it in the end.

use super::Subject;
use crate::clue::Class;
use crate::code::AgencyId;
use crate::figures::{Facts, Standing, Step};
use crate::id::ClueId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub clue: ClueId,
    pub number: String,
    pub subject: Subject,
    /// What the source called the matter, where that led to no code.
    pub source_matter: Option<String>,
    /// And the area.
    pub source_area: Option<String>,
    /// To whom it was given first; `None`: it waited in triage before anybody had it, or nobody has it yet.
    pub first: Option<AgencyId>,
    /// Who closed it. Handing it down a line does not change whose it is.
    pub right: Option<AgencyId>,
    /// How often it passed to another agency.
    pub moves: u32,
}

impl Case {
    /// `None`: routing is not asked about such a clue (rejected, or handled or closed before it was reported).
    pub fn of(facts: &Facts) -> Option<Self> {
        let condition = facts.latest();
        if facts.class != Class::Ordinary || condition.standing == Standing::Rejected {
            return None;
        }
        let right = condition.closing.and(condition.line).cloned();
        Some(Self {
            clue: facts.clue,
            number: facts.number.clone(),
            subject: Subject::when_assigned(facts),
            source_matter: facts.source_matter.clone(),
            source_area: facts.source_area.clone(),
            first: first(facts).cloned(),
            right,
            moves: condition.transfers,
        })
    }
}

fn first(facts: &Facts) -> Option<&AgencyId> {
    let mut steps = facts.history.iter().map(|mark| &mark.step);
    steps
        .find_map(|step| match step {
            Step::Assigned { agency, .. } => Some(Some(agency)),
            Step::HeldForTriage => Some(None),
            _ => None,
        })
        .flatten()
}
