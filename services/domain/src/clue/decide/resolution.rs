//! The agency reports conclusion, measures and evidence (处置反馈).

use super::super::{Clue, Conclusion, Event, Measure, Resolution, Stage, Verified};
use super::asked::{Asked, required, wrong_stage};
use super::{Answer, Code, Rejection, Step, closing};

pub(super) fn resolve(clue: &Clue, asked: &Asked<'_>, resolution: &Resolution) -> Answer {
    let Stage::Held { by, .. } = &clue.stage else {
        return Err(wrong_stage(clue));
    };
    asked.holder(by)?;
    sound(resolution)?;
    let mut steps = vec![Step::from(Event::ClueResolved {
        resolution: resolution.clone(),
    })];
    steps.extend(closing::automatic(
        asked.needs(clue),
        resolution,
        Verified::default(),
        0,
    ));
    Ok(steps)
}

/// What each conclusion demands: education with a first waiver (行政处罚法 art. 33), the receiver's receipt with a transfer out.
fn sound(resolution: &Resolution) -> Result<(), Rejection> {
    match resolution.conclusion {
        Conclusion::Unstated => Err(Rejection::of_field(Code::ConclusionNotAllowed, "conclusion")),
        Conclusion::NoPenaltyFirst if !resolution.measures.contains(&Measure::Education) => {
            Err(Rejection::of_field(Code::EducationRequired, "measures"))
        }
        Conclusion::TransferCriminal | Conclusion::TransferJurisdiction => {
            let receipt = resolution.document_number.as_deref().unwrap_or_default();
            required(receipt, Code::ReceiptMissing, "document_number")
        }
        Conclusion::NoPenaltyFirst
        | Conclusion::Penalty
        | Conclusion::NoPenaltyMinor
        | Conclusion::NoFault
        | Conclusion::NotMadeOut
        | Conclusion::Unverifiable
        | Conclusion::Rectified
        | Conclusion::Explained
        | Conclusion::NotFiled
        | Conclusion::CaseFiled => Ok(()),
    }
}
