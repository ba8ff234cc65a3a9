//! The agency reports conclusion, measures and evidence (处置反馈).

use super::super::{
    CallBack, ClosingAuthority, Clue, Conclusion, Discrepancy, Event, Measure, Resolution, Stage, Verified,
};
use super::asked::{Asked, required, wrong_stage};
use super::{Answer, Code, Rejection, Step, closing, task};

pub(super) fn resolve(clue: &Clue, asked: &Asked<'_>, resolution: &Resolution) -> Answer {
    let Stage::Held { by, .. } = &clue.stage else {
        return Err(wrong_stage(clue));
    };
    asked.holder(by)?;
    sound(resolution)?;
    task::answered_or_said_why(clue, asked)?;
    let mut steps = vec![Step::from(Event::ClueResolved {
        resolution: resolution.clone(),
    })];
    let needs = asked.needs(clue);
    let mut verified = Verified::default();
    if needs.call_back && needs.closing_authority == ClosingAuthority::Source && closed_there(clue) {
        // whoever asks the reporter was content before the agency said so
        verified.called_back = true;
        let result = CallBack::Satisfied;
        steps.push(Event::CallBackRecorded { result, attempt: 1 }.into());
    }
    steps.extend(closing::automatic(needs, resolution, verified, 0));
    Ok(steps)
}

/// The source has closed its record, and nobody has decided otherwise.
fn closed_there(clue: &Clue) -> bool {
    clue.first_disagrees(Discrepancy::SourceClosed)
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

#[cfg(test)]
mod tests {
    use super::super::super::Command;
    use super::super::super::testing::{
        COUNTY, Case, TOWN, coordinator, of, resolution, resolve as rectified,
    };
    use super::*;

    #[test]
    fn each_conclusion_has_its_demands() {
        let with = |conclusion, measures: &[Measure], document: Option<&str>| Resolution {
            measures: measures.to_vec(),
            document_number: document.map(str::to_owned),
            ..resolution(conclusion)
        };
        let table = [
            (
                with(Conclusion::Unstated, &[], None),
                ("conclusion_not_allowed", Some("conclusion")),
            ),
            (
                with(Conclusion::NoPenaltyFirst, &[], None),
                ("education_required", Some("measures")),
            ),
            (
                with(Conclusion::NoPenaltyFirst, &[Measure::Education], None),
                ("", None),
            ),
            (
                with(Conclusion::TransferCriminal, &[], None),
                ("receipt_missing", Some("document_number")),
            ),
            (
                with(Conclusion::TransferJurisdiction, &[], Some(" ")),
                ("receipt_missing", Some("document_number")),
            ),
            (
                with(Conclusion::TransferJurisdiction, &[], Some("移字〔2026〕1号")),
                ("", None),
            ),
            (with(Conclusion::Penalty, &[], None), ("", None)),
            (with(Conclusion::Rectified, &[], None), ("", None)),
        ];
        for (resolution, refused) in table {
            let mut case = Case::dispatched();
            assert_eq!(
                case.when(of(COUNTY), Command::ResolveClue(resolution)).refused(),
                refused
            );
        }
    }

    #[test]
    fn the_holder_resolves_what_it_has_in_hand_and_the_handler_is_on_record() {
        let table = [
            (Case::dispatched(), of(COUNTY), ""),
            (
                Case::dispatched().given(of(COUNTY), Command::StartHandling),
                of(COUNTY),
                "",
            ),
            (Case::dispatched(), of(TOWN), "not_holder"),
            (Case::dispatched(), coordinator(), "not_holder"),
            (Case::suspended(), of(COUNTY), "wrong_stage"),
            (Case::return_requested(), of(COUNTY), "wrong_stage"),
            (Case::resolved(), of(COUNTY), "wrong_stage"),
        ];
        for (mut case, actor, code) in table {
            assert_eq!(case.refusal(actor, rectified()), code);
            if code.is_empty() {
                assert!(
                    matches!(&case.clue().stage, Stage::Resolved { handler: Some(handler), .. } if handler == "A1")
                );
            }
        }
    }

    #[test]
    fn where_nothing_has_to_be_confirmed_a_resolved_clue_closes_by_itself() {
        for (check, auto_close, stage) in [
            (false, true, "closed"),
            (false, false, "resolved"),
            (true, true, "resolved"),
        ] {
            let mut case = Case::dispatched().with(|policy| {
                let needs = policy.verification.entry("grid".to_owned()).or_default();
                (needs.check, needs.auto_close) = (check, auto_close);
            });
            case.when(of(COUNTY), rectified());
            assert_eq!(case.stage(), stage);
        }
    }
}
