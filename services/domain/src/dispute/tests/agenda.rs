//! What a joint meeting talks about.

use super::super::testing::{COUNTY_GOVERNMENT, Case, minutes, open_as, rule, service, sitting};
use super::super::{Agenda, Dispute, Forum, Measure, Opening, ProposalGround, Sources, Step, Subject};
use crate::clue::testing::{COUNTY, COUNTY_WATER, TOWN, agency, area, of};
use crate::code::{AgencyId, Severity};
use crate::id::DisputeId;
use crate::routing::{Rulebook, Waiting};
use crate::time::Timestamp;
use uuid::Uuid;

/// Another dispute as far along.
fn numbered(case: &Case, number: u128) -> Dispute {
    Dispute {
        id: DisputeId(Uuid::from_u128(number)),
        ..case.dispute().clone()
    }
}

fn agenda(disputes: &[Dispute], rulebook: &Rulebook, forum: Option<&Forum>, now: Timestamp) -> Agenda {
    Agenda::of(&Sources {
        disputes,
        hand_overs: &[],
        triage: &[],
        rulebook,
        forum,
        now,
    })
}

fn ids(agenda: &Agenda, kind: &str) -> Vec<String> {
    let ids = agenda.items.iter().map(super::super::Item::id);
    ids.filter(|it| it.starts_with(kind)).collect()
}

#[test]
fn the_older_and_the_heavier_dispute_comes_first() {
    let urgent: fn(&mut Opening) = |it| it.severity = Some(Severity::new("urgent").expect("valid"));
    let plain = Case::opened();
    let (rulebook, at) = (plain.rulebook.clone(), plain.dispute().opened_at);
    let urgent = Case::new().given(service(), open_as(urgent));
    let three: fn(&mut Opening) = |it| {
        let third = it.parties[0].clone();
        it.parties.push(super::super::Claim {
            agency: agency(COUNTY_WATER),
            ..third
        });
    };
    let three = Case::new().given(service(), open_as(three));
    let aged = Dispute {
        opened_at: at.plus_days(-7),
        ..numbered(&plain, 4)
    };
    let disputes = [
        numbered(&plain, 1),
        numbered(&three, 2),
        numbered(&urgent, 3),
        aged,
    ];
    let found = agenda(&disputes, &rulebook, None, at.plus_days(1));
    let listed: Vec<_> = found
        .items
        .iter()
        .filter(|it| it.open().is_some())
        .map(|it| (it.open().expect("open").dispute.0.as_u128(), it.days, it.weight))
        .collect();
    assert_eq!(listed, [(3, 1, 11), (4, 8, 8), (2, 1, 6), (1, 1, 1)]);
}

#[test]
fn what_is_ruled_needs_no_meeting_but_for_a_breach() {
    let taking_up = Case::at(Step::TakingUp);
    let breach = Case::at(Step::Breach);
    let (rulebook, now) = (breach.rulebook.clone(), breach.state.last_at.plus_days(3));
    let found = agenda(
        &[numbered(&taking_up, 1), numbered(&breach, 2)],
        &rulebook,
        None,
        now,
    );
    assert_eq!(ids(&found, "dispute:"), [""; 0]);
    assert_eq!(
        ids(&found, "breach:"),
        [format!("breach:{}", DisputeId(Uuid::from_u128(2)))]
    );
    let item = found
        .items
        .iter()
        .find(|it| matches!(it.subject, Subject::Breach { .. }))
        .expect("a breach");
    assert_eq!((item.days, item.proposal.measure), (3, Measure::None));
    assert!(item.weight >= 20, "{}", item.weight);
    assert!(item.open().is_none(), "nothing can be recorded of it");
}

#[test]
fn the_outcome_proposed_is_what_was_decided_before_else_what_the_duties_say() {
    let case = Case::at(Step::Decision);
    let (rulebook, now) = (case.rulebook.clone(), case.state.last_at);
    let of = |disputes: &[Dispute]| {
        let found = agenda(disputes, &rulebook, None, now);
        let item = found
            .items
            .iter()
            .find(|it| it.open().is_some())
            .expect("a dispute")
            .clone();
        item.proposal
    };
    let proposed = of(&[numbered(&case, 1)]);
    assert_eq!(proposed.measure, Measure::DecideDispute);
    assert!(
        matches!(proposed.ground, Some(ProposalGround::Row(_)) | None),
        "{proposed:?}"
    );
    let decided = case.clone().given(sitting(COUNTY_GOVERNMENT), rule(TOWN));
    let proposed = of(&[numbered(&case, 1), numbered(&decided, 2)]);
    assert_eq!(proposed.agency, Some(agency(TOWN)));
    assert_eq!(
        proposed.ground,
        Some(ProposalGround::Precedent(DisputeId(Uuid::from_u128(2))))
    );
    let otherwise = case.clone().given(sitting(COUNTY_GOVERNMENT), rule(COUNTY));
    let torn = of(&[numbered(&case, 1), numbered(&decided, 2), numbered(&otherwise, 3)]);
    assert!(
        !matches!(torn.ground, Some(ProposalGround::Precedent(_))),
        "{torn:?}"
    );
    assert_eq!(of(&[Case::opened().dispute().clone()]).measure, Measure::None);
}

#[test]
fn contradicting_rulings_are_talked_about_until_one_of_them_is_the_rule() {
    let case = Case::at(Step::Decision);
    let town = numbered(&case.clone().given(sitting(COUNTY_GOVERNMENT), rule(TOWN)), 1);
    let county = numbered(&case.clone().given(sitting(COUNTY_GOVERNMENT), rule(COUNTY)), 2);
    let (mut rulebook, now) = (case.rulebook.clone(), case.state.last_at);
    let both = [town.clone(), county];
    assert_eq!(
        ids(&agenda(&both, &rulebook, None, now), "contradiction:").len(),
        1
    );
    let elsewhere = Forum::County(area("330681"));
    assert_eq!(
        ids(&agenda(&both, &rulebook, Some(&elsewhere), now), "contradiction:").len(),
        0
    );
    let chosen = super::super::Precedent::of(&town, &rulebook)
        .expect("decided")
        .duty(99);
    rulebook.duties.push(chosen);
    assert_eq!(
        ids(&agenda(&both, &rulebook, None, now), "contradiction:").len(),
        0
    );
}

#[test]
fn pairs_recur_by_disputes_or_by_hand_overs() {
    let case = Case::opened().given(of(TOWN), minutes(Some(TOWN)));
    let (rulebook, now) = (case.rulebook.clone(), case.state.last_at);
    assert_eq!(
        ids(&agenda(&[numbered(&case, 1)], &rulebook, None, now), "pair:").len(),
        0
    );
    let twice = [numbered(&case, 1), numbered(&case, 2)];
    assert_eq!(ids(&agenda(&twice, &rulebook, None, now), "pair:").len(), 1);
    let handed: [(AgencyId, AgencyId, u64); 3] = [
        (agency(TOWN), agency(COUNTY_WATER), 6),
        (agency(COUNTY_WATER), agency(TOWN), 4),
        (agency(COUNTY), agency(COUNTY), 99),
    ];
    let found = Agenda::of(&Sources {
        disputes: &twice,
        hand_overs: &handed,
        triage: &Waiting::new(&crate::routing::CompiledRulebook::new(std::sync::Arc::new(
            (*rulebook).clone(),
        )))
        .finish(|_, _| None),
        rulebook: &rulebook,
        forum: None,
        now,
    });
    let weights: Vec<_> = found
        .items
        .iter()
        .filter(|it| matches!(it.subject, Subject::Pair(_)))
        .map(|it| it.weight)
        .collect();
    assert_eq!(weights, [10, 10]);
}

#[test]
fn a_forum_is_read_as_it_is_asked_for() {
    assert_eq!("city".parse(), Ok(Forum::City));
    assert_eq!("county:330602".parse(), Ok(Forum::County(area("330602"))));
    for wrong in ["county", "city:330602", "village", "county:", ""] {
        assert!(wrong.parse::<Forum>().is_err(), "{wrong:?}");
    }
}
