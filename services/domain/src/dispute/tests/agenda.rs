//! What a joint meeting talks about.

use super::super::testing::{COUNTY_GOVERNMENT, Case, minutes, open_as, rule, service, sitting};
use super::super::{
    Agenda, Dispute, Forum, Item, Measure, Opening, Proposal, ProposalGround, Sources, Step, Subject, Unowned,
};
use crate::clue::testing::{COUNTY, COUNTY_WATER, TOWN, agency, area, matter, of};
use crate::code::{AgencyId, Severity};
use crate::id::DisputeId;
use crate::routing::{Cause as WaitCause, Duty, DutyRole, Group, Layer, MatterPattern, Rulebook, Waiting};
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
    let ids = agenda.items.iter().map(Item::id);
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
    let mut case = Case::at(Step::Decision);
    case.rulebook.duties.push(duty_of(COUNTY));
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
    let by_row = (Some(agency(COUNTY)), Some(ProposalGround::Row(7)));
    assert_eq!((proposed.agency, proposed.ground), by_row);
    let decided = case
        .clone()
        .given(sitting(COUNTY_GOVERNMENT), rule(TOWN))
        .lapsed();
    let proposed = of(&[numbered(&case, 1), numbered(&decided, 2)]);
    assert_eq!(proposed.agency, Some(agency(TOWN)));
    assert_eq!(
        proposed.ground,
        Some(ProposalGround::Precedent(DisputeId(Uuid::from_u128(2))))
    );
    let otherwise = case
        .clone()
        .given(sitting(COUNTY_GOVERNMENT), rule(COUNTY))
        .lapsed();
    let torn = of(&[numbered(&case, 1), numbered(&decided, 2), numbered(&otherwise, 3)]);
    assert_eq!((torn.agency, torn.ground), by_row);
    assert_eq!(of(&[Case::opened().dispute().clone()]).measure, Measure::None);
}

/// That the agency is the first handler of the disputes' matter, everywhere in the county.
fn duty_of(name: &str) -> Duty {
    Duty {
        line: 7,
        matter: MatterPattern::Matter(matter("330217B00000")),
        area: area("330602"),
        agency: agency(name),
        role: DutyRole::FirstHandler,
        from: None,
        to: None,
        layer: Layer::County,
        basis: "三定".to_owned(),
        when: None,
    }
}

#[test]
fn an_opinion_is_proposed_on_a_party_alone() {
    let case = Case::at(Step::Opinion);
    let others: fn(&mut Opening) = |it| it.parties[1].agency = agency(COUNTY_WATER);
    let settled = Case::new()
        .given(service(), open_as(others))
        .given(of(COUNTY_WATER), minutes(Some(COUNTY_WATER)));
    let disputes = [numbered(&case, 1), numbered(&settled, 2)];
    for (first_handler, proposed, why) in [
        (
            Some(COUNTY),
            Some(COUNTY),
            "the row, where the precedent names no party",
        ),
        (Some(COUNTY_WATER), None, "nor does the row"),
        (None, None, "there is no row"),
    ] {
        let mut rulebook = case.rulebook.clone();
        rulebook.duties.extend(first_handler.map(duty_of));
        let found = agenda(&disputes, &rulebook, None, case.state.last_at);
        let item = found.items.iter().find(|it| it.open().is_some());
        let found = &item.expect("a dispute").proposal;
        assert_eq!(found.measure, Measure::GiveOpinion);
        let expected = proposed.map(|it| (agency(it), ProposalGround::Row(7)));
        assert_eq!(found.agency.clone().zip(found.ground), expected, "{why}");
    }
}

#[test]
fn contradicting_rulings_are_talked_about_until_one_of_them_is_the_rule() {
    let case = Case::at(Step::Decision);
    let ruled = |name| {
        case.clone()
            .given(sitting(COUNTY_GOVERNMENT), rule(name))
            .lapsed()
    };
    let (town, county) = (numbered(&ruled(TOWN), 1), numbered(&ruled(COUNTY), 2));
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

#[test]
fn what_waits_in_triage_for_different_reasons_has_different_ids() {
    let item = |change: fn(&mut WaitCause)| {
        let mut cause = WaitCause {
            reason: "no_duty",
            matter: None,
            source: None,
            source_matter: None,
            source_area: None,
            county: None,
            facts: Vec::new(),
            lines: Vec::new(),
        };
        change(&mut cause);
        Item {
            subject: Subject::Unowned(Box::new(Unowned(Group {
                cause,
                clues: 1,
                oldest: Timestamp::default(),
                examples: Vec::new(),
                draft: None,
            }))),
            days: 0,
            weight: 1,
            proposal: Proposal::none(),
        }
    };
    let changes: [fn(&mut WaitCause); 9] = [
        |_| {},
        |it| it.source_matter = Some("x".to_owned()),
        |it| it.source_area = Some("x".to_owned()),
        |it| it.facts = vec!["x".to_owned()],
        |it| (it.source_matter, it.source_area) = (Some("x".to_owned()), Some("y".to_owned())),
        |it| it.source_matter = Some("x/y".to_owned()),
        |it| it.source_matter = Some("x%2Fy".to_owned()),
        |it| it.facts = vec!["x".to_owned(), "y".to_owned()],
        |it| it.lines = vec![2, 3],
    ];
    let ids: std::collections::BTreeSet<_> = changes.iter().map(|it| item(*it).id()).collect();
    assert_eq!(ids.len(), changes.len(), "{ids:?}");
}
