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
