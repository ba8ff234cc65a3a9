//! An agency returns a clue: "not my duty" (退单). It holds the clue until somebody entitled answers, its clock runs on, and the
//! N-th return goes to the coordinator instead of being bounced on.

use super::super::{Assignment, Clue, Event, Role, RoutingDecision, Stage};
use super::asked::{Asked, required, wrong_stage};
use super::{Answer, Code, Rejection, Step, coordination, one};
use crate::code::AgencyId;

const ENTITLED: &[Role] = &[Role::Coordinator, Role::Operator];

/// A return costs something: the reason in words, the duty relied on, and the agency proposed are mandatory.
pub(super) fn request(clue: &Clue, asked: &Asked<'_>, duty: &str, proposed: &AgencyId) -> Answer {
    let Stage::Held { by, .. } = &clue.stage else {
        return Err(wrong_stage(clue));
    };
    asked.holder(by)?;
    asked.reason_in_words()?;
    required(duty, Code::DutyMissing, "duty")?;
    if *proposed == by.agency {
        return Err(Rejection::of_field(Code::ProposedAgencyIsHolder, "proposed"));
    }
    asked.known(proposed, Code::ProposedAgencyUnknown, "proposed")?;
    let returns = clue.tally.returns.saturating_add(1);
    let request = Event::ReturnRequested {
        duty: duty.to_owned(),
        proposed: proposed.clone(),
        returns,
    };
    let mut steps = vec![Step::from(request)];
    if !asked.policy().returns.approval {
        steps.push(Event::ReturnApproved.into());
        let released = Released {
            clue,
            by,
            proposed,
            returns,
        };
        steps.push(released.next(asked, Some(proposed))?);
    }
    Ok(steps)
}

pub(super) fn approve(clue: &Clue, asked: &Asked<'_>, to: Option<&AgencyId>) -> Answer {
    let Stage::ReturnRequested { by, request, .. } = &clue.stage else {
        return Err(wrong_stage(clue));
    };
    asked.entitled(ENTITLED)?;
    let released = Released {
        clue,
        by,
        proposed: &request.proposed,
        returns: clue.tally.returns,
    };
    let next = released.next(asked, to)?;
    Ok(vec![Event::ReturnApproved.into(), next])
}

pub(super) fn refuse(clue: &Clue, asked: &Asked<'_>) -> Answer {
    match clue.stage {
        Stage::ReturnRequested { .. } => {
            asked.entitled(ENTITLED)?;
            Ok(one(Event::ReturnRefused))
        }
        _ => Err(wrong_stage(clue)),
    }
}

/// A clue that its agency is let go of.
struct Released<'a> {
    clue: &'a Clue,
    by: &'a Assignment,
    proposed: &'a AgencyId,
    /// This return included.
    returns: u32,
}

impl Released<'_> {
    /// To the coordinator after too many returns, whatever was asked; else to the agency named, else to triage.
    fn next(&self, asked: &Asked<'_>, to: Option<&AgencyId>) -> Result<Step, Rejection> {
        let from = &self.by.agency;
        if self.returns >= asked.policy().returns.limit {
            let parties = self.clue.returned_by.iter().chain([from, self.proposed]);
            let level = coordination::level(asked.env.rulebook, parties);
            return Ok(Event::ClueHeldForCoordination {
                level,
                returns: self.returns,
            }
            .into());
        }
        let Some(to) = to else {
            let rulebook = asked.env.rulebook.version.clone();
            let decision = RoutingDecision {
                rulebook,
                row: None,
                reason: "returned".to_owned(),
            };
            return Ok(Event::ClueHeldForTriage { decision }.into());
        };
        asked.known(to, Code::AgencyUnknown, "to")?;
        if to == from {
            return Err(Rejection::of_field(Code::SameAgency, "to"));
        }
        let (from, to) = (Some(from.clone()), to.clone());
        Ok(Event::ClueTransferred {
            from,
            to,
            basis: None,
            recorded: false,
        }
        .into())
    }
}
