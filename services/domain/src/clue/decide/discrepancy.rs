//! Source and clue do not agree; a person says what follows. A clue that its source took back while an agency has it is given up
//! only when two persons say so, the agency among them.

use super::super::{Actor, Clue, Discrepancy, Event, Role, SourceRecord, WITHDRAWN};
use super::asked::Asked;
use super::{Answer, Code, Rejection, Step, one};

const DESK: &[Role] = &[Role::Coordinator, Role::Operator];

pub(super) fn settle(clue: &Clue, asked: &Asked<'_>, discrepancy: Discrepancy, accepted: bool) -> Answer {
    let standing = clue.discrepancies().contains(&discrepancy);
    let Some(source) = clue.source_record.as_ref().filter(|_| standing) else {
        return Err(Rejection::of_field(Code::NoDiscrepancy, "discrepancy"));
    };
    match clue.assignment() {
        Some(by) if discrepancy == Discrepancy::SourceWithdrawn => asked.holder_or(by, DESK)?,
        _ => asked.entitled(DESK)?,
    }
    asked.reason_in_words()?;
    let mut steps = vec![Step::from(Event::DiscrepancySettled {
        discrepancy,
        accepted,
    })];
    match discrepancy {
        Discrepancy::SourceCorrected if accepted => steps.push(recoded(source).into()),
        Discrepancy::SourceWithdrawn if accepted => {
            let Some(first) = &source.confirmed_by else {
                return Ok(one(Event::WithdrawalConfirmed));
            };
            second(clue, first, asked.actor())?;
            steps.push(
                Event::ClueVoided {
                    reason: WITHDRAWN.to_owned(),
                }
                .into(),
            );
        }
        Discrepancy::SourceCorrected
        | Discrepancy::SourceWithdrawn
        | Discrepancy::SourceClosed
        | Discrepancy::SourceReopened => {}
    }
    Ok(steps)
}

fn recoded(source: &SourceRecord) -> Event {
    Event::ClueRecoded {
        matter: source.matter.clone(),
        area: source.area.clone(),
        severity: source.severity.clone(),
    }
}

/// Two persons, known by name of staff, and one of them of the agency that has the clue.
fn second(clue: &Clue, first: &Actor, second: &Actor) -> Result<(), Rejection> {
    let two = first.person.is_some() && second.person.is_some() && first.person != second.person;
    let of_holder = |actor: &Actor| {
        actor.role == Role::Agency
            && clue
                .assignment()
                .is_some_and(|by| actor.agency.as_ref() == Some(&by.agency))
    };
    let fitting = clue.assignment().is_none() || of_holder(first) != of_holder(second);
    if two && fitting {
        Ok(())
    } else {
        Err(Code::SecondPersonMissing.into())
    }
}
