//! A clue of the past: what was known of it when it was first answered, and who had it in the end.

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
    /// What was answered first.
    pub first: First,
    /// Who closed it. Handing it down a line does not change whose it is.
    pub right: Option<AgencyId>,
    /// Who has it by its source's own record, also while it is open there. `None`: it was given to whoever has it here.
    pub recorded: Option<AgencyId>,
    /// How often it passed to another agency.
    pub moves: u32,
}

/// The first answer to whose duty it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum First {
    /// There is none yet.
    Unanswered,
    Triage,
    Agency(AgencyId),
    /// Its source names who had it in the end: nobody knows who had it first.
    Recorded(AgencyId),
}

impl Case {
    /// `None`: routing is not asked about such a clue (rejected, or handled or closed before it was reported).
    pub fn of(facts: &Facts) -> Option<Self> {
        let condition = facts.latest();
        if facts.class != Class::Ordinary || condition.standing == Standing::Rejected {
            return None;
        }
        let right = condition.closing.and(condition.line).cloned();
        let recorded = condition.line.filter(|_| condition.standing != Standing::Voided);
        Some(Self {
            clue: facts.clue,
            number: facts.number.clone(),
            subject: Subject::when_answered(facts),
            source_matter: facts.source_matter.clone(),
            source_area: facts.source_area.clone(),
            first: First::of(facts),
            right,
            recorded: recorded.filter(|_| is_recorded(facts)).cloned(),
            moves: condition.transfers,
        })
    }

    /// Whose it was, as far as that is known: who closed it, else who has it by its source's own record.
    pub fn owner(&self) -> Option<&AgencyId> {
        self.right.as_ref().or(self.recorded.as_ref())
    }
}

/// Whether its source gave it to whoever has it.
fn is_recorded(facts: &Facts) -> bool {
    let steps = facts.history.iter().rev().map(|mark| &mark.step);
    let mut given = steps.filter_map(|step| match step {
        Step::Assigned { recorded, .. } | Step::Transferred { recorded, .. } => Some(*recorded),
        Step::Designated { .. }
        | Step::Disputed { interim: Some(_) }
        | Step::HeldForDispute { interim: Some(_) } => Some(false),
        _ => None,
    });
    given.next().unwrap_or(false)
}

impl First {
    fn of(facts: &Facts) -> Self {
        let mut steps = facts.history.iter().map(|mark| &mark.step);
        let answer = steps.find_map(|step| match step {
            Step::Assigned { agency, recorded, .. } if *recorded => Some(Self::Recorded(agency.clone())),
            Step::Assigned { agency, .. } => Some(Self::Agency(agency.clone())),
            Step::HeldForTriage => Some(Self::Triage),
            _ => None,
        });
        answer.unwrap_or(Self::Unanswered)
    }

    /// To whom it was given.
    pub const fn agency(&self) -> Option<&AgencyId> {
        match self {
            Self::Agency(agency) | Self::Recorded(agency) => Some(agency),
            Self::Unanswered | Self::Triage => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clue::{ClosureClass, Conclusion};
    use crate::code::SourceId;
    use crate::figures::Mark;
    use crate::time::Timestamp;

    fn agency(id: &str) -> AgencyId {
        AgencyId::new(id).expect("an agency")
    }

    fn case(steps: Vec<Step>) -> Case {
        let source = SourceId::new("grid").expect("a source");
        let history = (1..).zip(steps).map(|(at, step)| Mark {
            at: Timestamp::from_micros(at),
            step,
        });
        let facts = Facts {
            clue: ClueId::derive(&source, "1"),
            version: 1,
            number: "n-1".to_owned(),
            source,
            source_id: "1".to_owned(),
            links: Vec::new(),
            class: Class::Ordinary,
            reported_at: Timestamp::from_micros(0),
            matter: None,
            area: None,
            severity: None,
            attributes: Vec::new(),
            held_attributes: None,
            source_matter: None,
            source_area: None,
            source_due_at: None,
            flags: Vec::new(),
            source_status: None,
            history: history.collect(),
        };
        Case::of(&facts).expect("a case")
    }

    fn assigned(recorded: bool) -> Step {
        Step::Assigned {
            agency: agency("a"),
            deadline: None,
            recorded,
            rule: None,
        }
    }

    fn transferred(recorded: bool) -> Step {
        Step::Transferred {
            to: agency("b"),
            away: true,
            recorded,
        }
    }

    #[test]
    fn an_open_clue_is_whose_its_source_says_and_of_nobody_who_was_chosen_here() {
        let owner = |steps| case(steps).owner().map(ToString::to_string);
        assert_eq!(owner(vec![assigned(true)]).as_deref(), Some("a"));
        assert_eq!(owner(vec![assigned(false)]), None);
        assert_eq!(owner(vec![assigned(true), transferred(false)]), None);
        assert_eq!(
            owner(vec![assigned(false), transferred(true)]).as_deref(),
            Some("b")
        );
        assert_eq!(owner(vec![assigned(true), Step::HeldForTriage]), None);
        assert_eq!(owner(vec![assigned(true), Step::Voided]), None);
    }

    #[test]
    fn a_closed_clue_is_of_whoever_closed_it() {
        let closed = Step::Closed {
            conclusion: Conclusion::Rectified,
            class: ClosureClass::Substantive,
            recorded: false,
        };
        let case = case(vec![assigned(true), transferred(false), closed]);
        assert_eq!(case.owner(), Some(&agency("b")));
        assert_eq!(case.recorded, None);
    }
}
