//! What is offered is what the rules allow: every command is tried by every actor at every step.

use super::super::testing::{Case, OFFICE, refuse, service, sitting};
use super::super::{Ask, Asker, Forum, InterimRule, Offer, Step, offers};
use super::table::{actors, commands};
use crate::clue::testing::{COUNTY, TOWN};
use crate::clue::{Actor, Role};

fn at(step: Step) -> Case {
    Case::new()
        .with(|policy| policy.interim_holder = InterimRule::DesignatedLead)
        .brought_to(step)
}

fn offered(case: &Case) -> Vec<Offer> {
    offers(case.dispute(), &case.env().rulebook.policy.disputes)
}

fn is_by(asker: &Asker, actor: &Actor) -> bool {
    match asker {
        Asker::Agency(agency) => actor.role == Role::Agency && actor.agency.as_ref() == Some(agency),
        Asker::Office { agency, .. } => {
            actor.role == Role::Coordinator && agency.is_some() && actor.agency == *agency
        }
        Asker::Operator => *actor == service(),
    }
}

#[test]
fn what_is_offered_is_what_is_allowed() {
    let mut allowed = 0;
    for step in Step::ALL {
        let case = at(*step);
        let offered = offered(&case);
        for (who, actor) in actors() {
            for (what, command) in commands() {
                // on whom they agree is another question than whether minutes may be recorded
                let name = command.name();
                let Some(ask) = Ask::ALL.iter().find(|it| format!("{it:?}") == name) else {
                    assert_eq!(name, "NoteClueEnded");
                    continue;
                };
                if what == "agreement" {
                    continue;
                }
                let offer = offered.iter().find(|it| it.ask == *ask);
                let is_offered = offer.is_some_and(|it| it.by.iter().any(|by| is_by(by, &actor)));
                let code = case.clone().refusal(actor.clone(), command);
                assert_eq!(code.is_empty(), is_offered, "{what} by {who} at {step}: {code}");
                allowed += u32::from(is_offered);
            }
        }
    }
    assert!(allowed > 60, "{allowed}");
}

#[test]
fn what_the_step_waits_for_comes_first() {
    let table: [(_, &[_]); 12] = [
        (Step::Negotiation, &[Ask::RecordMinutes]),
        (Step::Application, &[Ask::Apply]),
        (
            Step::Acceptance,
            &[Ask::AcceptApplication, Ask::RefuseApplication],
        ),
        (Step::Forwarding, &[Ask::ForwardApplication]),
        (Step::Replies, &[Ask::Reply]),
        (Step::Opinion, &[Ask::GiveOpinion, Ask::RecordMeeting]),
        (Step::Consent, &[Ask::AcceptOpinion, Ask::DeclineOpinion]),
        (Step::Decision, &[Ask::DecideDispute]),
        (Step::AppealWindow, &[Ask::AppealRuling]),
        (Step::TakingUp, &[Ask::NoteTakenUp]),
        (Step::Breach, &[Ask::NoteTakenUp]),
        (Step::Compliance, &[]),
    ];
    for (step, awaited) in table {
        let offered = offered(&at(step));
        let first = offered.iter().take_while(|it| it.awaited).map(|it| it.ask);
        assert_eq!(first.collect::<Vec<_>>(), awaited, "{step}");
    }
}

#[test]
fn who_has_answered_is_not_asked_again_and_who_appealed_alone_may_withdraw() {
    let case = at(Step::Replies);
    let by = |case: &Case, ask| {
        let all = offered(case);
        let found = all.into_iter().find(|it| it.ask == ask);
        found.map(|it| it.by).unwrap_or_default()
    };
    let agency = |name| Asker::Agency(crate::clue::testing::agency(name));
    assert_eq!(by(&case, Ask::Reply), [agency(TOWN)], "the applicant has spoken");
    let appealed =
        at(Step::AppealWindow).given(crate::clue::testing::of(COUNTY), super::super::testing::appeal());
    assert_eq!(by(&appealed, Ask::WithdrawDispute), [agency(COUNTY)]);
    let office = by(&appealed, Ask::DecideDispute);
    assert!(
        matches!(
            &office[..],
            [Asker::Office {
                forum: Forum::City,
                ..
            }]
        ),
        "{office:?}"
    );
    let ended = at(Step::Acceptance).given(sitting(OFFICE), refuse());
    assert!(offered(&ended).is_empty());
}
