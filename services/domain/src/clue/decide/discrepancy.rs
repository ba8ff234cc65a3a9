//! Source and clue do not agree; a person says what follows. A clue that its source took back while an agency has it is given up
//! only when two persons say so, the agency among them.

use super::super::{Actor, Clue, Codes, Discrepancy, Event, Here, Role, SourceRecord, WITHDRAWN};
use super::asked::Asked;
use super::{Answer, Code, Rejection, Step, one};

const DESK: &[Role] = &[Role::Coordinator, Role::Operator];

pub(super) fn settle(clue: &Clue, asked: &Asked<'_>, discrepancy: Discrepancy, accepted: bool) -> Answer {
    let standing = clue.discrepancies().contains(&discrepancy);
    if !standing {
        return Err(Rejection::of_field(Code::NoDiscrepancy, "discrepancy"));
    }
    match clue.assignment() {
        Some(by) if discrepancy == Discrepancy::SourceWithdrawn => asked.holder_or(by, DESK)?,
        _ => asked.entitled(DESK)?,
    }
    asked.reason_in_words()?;
    let mut steps = vec![Step::from(Event::DiscrepancySettled {
        discrepancy,
        accepted,
    })];
    let first = clue.first_disagrees(discrepancy);
    // what another platform says of its record never sets our state
    let Some(source) = clue.source_record.as_ref().filter(|_| first) else {
        return Ok(steps);
    };
    match discrepancy {
        Discrepancy::SourceCorrected if accepted => steps.push(corrected(clue, source).into()),
        Discrepancy::SourceReopened if accepted && clue.here() == Here::Withdrawn => {
            steps.push(Event::ClueReopened { recorded: false }.into());
        }
        Discrepancy::SourceWithdrawn if accepted => {
            if asked.actor().person.is_none() {
                return Err(Code::SecondPersonMissing.into());
            }
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
        | Discrepancy::SourceReopened
        | Discrepancy::SourceMissing => {}
    }
    Ok(steps)
}

/// What the source corrected.
fn corrected(clue: &Clue, source: &SourceRecord) -> Event {
    let codes = Codes::of(
        &source.said.corrected,
        source.matter.as_ref(),
        source.area.as_ref(),
        source.severity.as_ref(),
    );
    clue.recoded(codes)
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

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        COUNTY, COUNTY_WATER, Case, area, assign, coordinator, of, role, snapshot,
    };
    use super::super::super::{Command, Report, SourceStatus};
    use super::*;

    fn says(status: SourceStatus, change: impl FnOnce(&mut Report)) -> Case {
        Case::new()
            .given(role(Role::Source), snapshot(1, SourceStatus::Open, |_| {}))
            .given(role(Role::Routing), assign(COUNTY))
            .given(role(Role::Source), snapshot(2, status, change))
    }

    fn settle(discrepancy: Discrepancy, accept: bool) -> Command {
        Command::SettleDiscrepancy { discrepancy, accept }
    }

    #[test]
    fn the_codes_of_the_source_are_taken_or_left_and_the_holder_stays() {
        for (accept, code) in [(true, "330602"), (false, "330602001")] {
            let case = says(SourceStatus::Open, |it| it.area = Some(area("330602")));
            let mut case = case.given(coordinator(), settle(Discrepancy::SourceCorrected, accept));
            assert_eq!(case.clue().area, Some(area(code)));
            assert_eq!((case.stage(), case.holder()), ("dispatched", Some(COUNTY)));
            assert_eq!(case.clue().discrepancies(), []);
            assert_eq!(
                case.refusal(coordinator(), settle(Discrepancy::SourceCorrected, accept)),
                "no_discrepancy"
            );
        }
    }

    #[test]
    fn giving_up_what_an_agency_has_takes_it_and_a_second_person() {
        let accept = || settle(Discrepancy::SourceWithdrawn, true);
        let named = |actor: Actor, person: Option<&str>| Actor {
            person: person.map(str::to_owned),
            ..actor
        };
        let table = [
            (of(COUNTY), coordinator(), ""),
            (coordinator(), of(COUNTY), ""),
            (of(COUNTY), of(COUNTY), "second_person_missing"),
            (of(COUNTY), named(of(COUNTY), Some("A2")), "second_person_missing"),
            (
                coordinator(),
                named(coordinator(), Some("C2")),
                "second_person_missing",
            ),
            (
                of(COUNTY),
                named(coordinator(), Some("A1")),
                "second_person_missing",
            ),
            (of(COUNTY), named(coordinator(), None), "second_person_missing"),
            (of(COUNTY), of(COUNTY_WATER), "not_holder"),
        ];
        for (first, second, code) in table {
            let mut case = says(SourceStatus::Withdrawn, |_| {}).given(first, accept());
            assert_eq!(case.stage(), "dispatched", "one does not suffice");
            assert_eq!(case.refusal(second, accept()), code);
            let stage = if code.is_empty() { "voided" } else { "dispatched" };
            assert_eq!(case.stage(), stage, "{code}");
        }
    }

    #[test]
    fn deciding_about_something_else_takes_no_confirmation_back() {
        let case = says(SourceStatus::Withdrawn, |it| it.area = Some(area("330602")))
            .given(of(COUNTY), settle(Discrepancy::SourceWithdrawn, true))
            .given(coordinator(), settle(Discrepancy::SourceCorrected, true));
        let case = case.given(coordinator(), settle(Discrepancy::SourceWithdrawn, true));
        assert_eq!(case.stage(), "voided");
    }

    #[test]
    fn nobody_else_gives_up_what_was_withdrawn() {
        let mut case = says(SourceStatus::Withdrawn, |_| {});
        let nameless = Actor {
            person: None,
            ..coordinator()
        };
        let accept = settle(Discrepancy::SourceWithdrawn, true);
        assert_eq!(case.refusal(nameless, accept), "second_person_missing");
        let void = Command::VoidClue {
            reason: WITHDRAWN.to_owned(),
        };
        assert_eq!(case.refusal(coordinator(), void), "no_discrepancy");
        assert_eq!(case.stage(), "dispatched");
    }

    #[test]
    fn a_refusal_holds_until_the_source_says_something_else() {
        let keep = settle(Discrepancy::SourceWithdrawn, false);
        let case = says(SourceStatus::Withdrawn, |_| {}).given(of(COUNTY), keep);
        let mut case = case.given(
            role(Role::Source),
            snapshot(3, SourceStatus::Withdrawn, |it| it.area = None),
        );
        assert_eq!(
            (case.clue().discrepancies(), case.stage()),
            (vec![], "dispatched")
        );
        for (version, status) in [(4, SourceStatus::Open), (5, SourceStatus::Withdrawn)] {
            case = case.given(role(Role::Source), snapshot(version, status, |_| {}));
        }
        assert_eq!(case.clue().discrepancies(), [Discrepancy::SourceWithdrawn]);
    }

    #[test]
    fn nobody_but_the_desk_decides_and_not_without_a_reason() {
        let look = || settle(Discrepancy::SourceClosed, true);
        let mut case = says(SourceStatus::Closed, |_| {});
        assert_eq!(case.refusal(of(COUNTY), look()), "not_entitled");
        case.remark = None;
        assert_eq!(case.refusal(coordinator(), look()), "reason_missing");
        case.remark = Some("已与平台核对".to_owned());
        assert_eq!(case.refusal(coordinator(), look()), "");
        assert_eq!(
            (case.clue().discrepancies(), case.stage()),
            (vec![], "dispatched")
        );
    }
}
