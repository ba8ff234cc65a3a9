//! It comes into dispute whose duty a clue is (争议): an agency or a coordinator says so, or it was returned too often. At once it is in
//! the hands of whoever holds it meanwhile, so that it is never left lying; the service that settles disputes goes on from there.

use super::super::{Assignment, Clue, Event, Role, Stage};
use super::asked::{Asked, in_the_way, required, wrong_stage};
use super::{Answer, Code, Rejection, Step, one};
use crate::code::AgencyId;
use crate::dispute::{Cause, Claim, Opening, Position, interim_holder, jurisdiction};
use crate::id::DisputeId;

const DESK: &[Role] = &[Role::Coordinator, Role::Operator];

/// While a dispute is open, it and nobody else says whose duty the clue is.
pub(super) fn undisputed(clue: &Clue) -> Result<(), Rejection> {
    match clue.dispute {
        Some(_) => Err(in_the_way(Code::InDispute, clue)),
        None => Ok(()),
    }
}

/// By an agency, of itself; or by a coordinator, who says of each party what it said.
pub(super) fn raise(clue: &Clue, asked: &Asked<'_>, cause: Cause, named: &[Claim]) -> Answer {
    let holder = match &clue.stage {
        Stage::Held { by, .. } | Stage::ReturnRequested { by, .. } => Some(by),
        Stage::Triage { .. } | Stage::Coordination { .. } => None,
        _ => return Err(wrong_stage(clue)),
    };
    entitled(asked, holder, cause)?;
    undisputed(clue)?;
    asked.reason_in_words()?;
    said_by_itself(asked, named)?;
    let mut parties = named.to_vec();
    match cause {
        Cause::RefusedReturn => refused(clue, holder, &mut parties)?,
        Cause::ByAgency => add(
            &mut parties,
            holder.map(|by| claim(&by.agency, Some(Position::Denies), None)),
        ),
        Cause::Claims => add(
            &mut parties,
            holder.map(|by| claim(&by.agency, Some(Position::Claims), None)),
        ),
        Cause::ByCoordinator => add(&mut parties, holder.map(|by| claim(&by.agency, None, None))),
        Cause::ReturnLimit { .. } => {}
    }
    quarrel(asked, cause, named, &parties)?;
    Ok(one(disputed(clue, asked, cause, parties)))
}

/// The return with this number: all that returned it and the agency that the last one proposes quarrel.
pub(super) fn returned_too_often(
    clue: &Clue,
    asked: &Asked<'_>,
    by: &AgencyId,
    (duty, proposed): (&str, &AgencyId),
    returns: u32,
) -> Step {
    let denies = claim(by, Some(Position::Denies), Some(duty));
    let mut parties = Vec::new();
    for agency in clue.returned_by.iter().chain([by, proposed]) {
        let party = if agency == by {
            denies.clone()
        } else {
            claim(agency, None, None)
        };
        add(&mut parties, Some(party));
    }
    disputed(clue, asked, Cause::ReturnLimit { returns }, parties).into()
}

fn entitled(asked: &Asked<'_>, holder: Option<&Assignment>, cause: Cause) -> Result<(), Rejection> {
    match cause {
        Cause::ReturnLimit { .. } => Err(Rejection::of_field(Code::CauseByItself, "cause")),
        Cause::RefusedReturn | Cause::ByAgency => match holder {
            Some(by) => asked.holder(by),
            None => Err(Code::NotHolder.into()),
        },
        Cause::Claims => {
            asked.entitled(&[Role::Agency])?;
            match (&asked.actor().agency, holder) {
                (Some(agency), Some(by)) if *agency == by.agency => Err(Code::HolderClaims.into()),
                (Some(_), _) => Ok(()),
                (None, _) => Err(Code::NotEntitled.into()),
            }
        }
        Cause::ByCoordinator => asked.entitled(DESK),
    }
}

/// What an agency says of another one would be hearsay.
fn said_by_itself(asked: &Asked<'_>, named: &[Claim]) -> Result<(), Rejection> {
    let actor = asked.actor();
    let of_other = |it: &&Claim| it.position.is_some() && Some(&it.agency) != actor.agency.as_ref();
    if actor.role == Role::Agency && named.iter().any(|it| of_other(&it)) {
        return Err(Rejection::of_field(Code::PositionOfOther, "parties"));
    }
    Ok(())
}

/// The return that was refused has the duty that its agency relies on, and whom it means.
fn refused(clue: &Clue, holder: Option<&Assignment>, parties: &mut Vec<Claim>) -> Result<(), Rejection> {
    let (Some(request), Some(by)) = (&clue.refused_return, holder) else {
        return Err(in_the_way(Code::ReturnNotRefused, clue));
    };
    add(
        parties,
        Some(claim(&by.agency, Some(Position::Denies), Some(&request.duty))),
    );
    add(parties, Some(claim(&request.proposed, None, None)));
    Ok(())
}

/// It takes two to quarrel, each once; the rulebook must know them, and who says something of the duty cites what it relies on.
fn quarrel(asked: &Asked<'_>, cause: Cause, named: &[Claim], parties: &[Claim]) -> Result<(), Rejection> {
    let of_parties = |code| Rejection::of_field(code, "parties");
    let is_repeated =
        |(place, party): (usize, &Claim)| named[..place].iter().any(|it| it.agency == party.agency);
    if named.iter().enumerate().any(is_repeated) {
        return Err(of_parties(Code::PartyRepeated));
    }
    if parties.len() < 2 || (cause == Cause::ByCoordinator && named.len() < 2) {
        return Err(of_parties(Code::PartiesMissing));
    }
    for party in parties {
        asked.known(&party.agency, Code::AgencyUnknown, "parties")?;
    }
    for party in named.iter().filter(|it| it.position.is_some()) {
        required(
            party.duty.as_deref().unwrap_or_default(),
            Code::DutyMissing,
            "parties",
        )?;
    }
    let claims = |party: &Claim| party.position == Some(Position::Claims);
    let actor = asked.actor().agency.as_ref();
    let claimed = named.iter().any(|it| Some(&it.agency) == actor && claims(it));
    if cause == Cause::Claims && !(claimed && parties.iter().filter(|it| claims(it)).count() >= 2) {
        return Err(of_parties(Code::ClaimsMissing));
    }
    Ok(())
}

/// Before whom it belongs and who holds it meanwhile follow from who quarrels.
fn disputed(clue: &Clue, asked: &Asked<'_>, cause: Cause, parties: Vec<Claim>) -> Event {
    let agencies = parties.iter().map(|party| &party.agency);
    let level = jurisdiction(asked.env.rulebook, agencies).forum.administration();
    let opening = Opening {
        clue: clue.id,
        matter: clue.matter.clone(),
        area: clue.area.clone(),
        severity: clue.severity.clone(),
        cause,
        parties,
        first_receiver: clue.first_agency.clone(),
    };
    Event::ClueDisputed {
        dispute: DisputeId::derive(clue.id, asked.envelope.id),
        interim: interim_holder(&opening, None, &asked.policy().disputes),
        opening,
        level,
    }
}

fn claim(agency: &AgencyId, position: Option<Position>, duty: Option<&str>) -> Claim {
    Claim {
        agency: agency.clone(),
        position,
        duty: duty.map(str::to_owned),
    }
}

/// Unless it is among them.
fn add(parties: &mut Vec<Claim>, party: Option<Claim>) {
    parties.extend(party.filter(|party| parties.iter().all(|it| it.agency != party.agency)));
}
