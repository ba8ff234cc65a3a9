//! The agency starts to work on a clue (处置), signed for or not.

use super::super::{Clue, Event, Progress, Stage};
use super::asked::{Asked, wrong_stage};
use super::{Answer, one};

pub(super) fn start(clue: &Clue, asked: &Asked<'_>) -> Answer {
    match &clue.stage {
        Stage::Held {
            by,
            progress: Progress::Dispatched | Progress::Acknowledged,
        } => {
            asked.holder(by)?;
            Ok(one(Event::HandlingStarted))
        }
        _ => Err(wrong_stage(clue)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Command;
    use super::super::super::testing::{COUNTY, Case, TOWN, coordinator, of};

    #[test]
    fn the_holder_starts_signed_for_or_not() {
        let table = [
            (Case::dispatched(), of(COUNTY), ""),
            (
                Case::dispatched().given(of(COUNTY), Command::AcknowledgeClue),
                of(COUNTY),
                "",
            ),
            (Case::dispatched(), of(TOWN), "not_holder"),
            (Case::dispatched(), coordinator(), "not_holder"),
            (
                Case::dispatched().given(of(COUNTY), Command::StartHandling),
                of(COUNTY),
                "wrong_stage",
            ),
            (Case::suspended(), of(COUNTY), "wrong_stage"),
            (Case::return_requested(), of(COUNTY), "wrong_stage"),
        ];
        for (mut case, actor, code) in table {
            assert_eq!(case.refusal(actor, Command::StartHandling), code);
            assert!(!code.is_empty() || case.stage() == "handling");
        }
    }
}
