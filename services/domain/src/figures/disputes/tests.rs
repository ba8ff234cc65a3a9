use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::testing::{Life, monday};
use super::super::{DutyDisputes, Flow};
use super::*;
use crate::calendar::Calendar;
use crate::clue::testing::{
    CITY, COUNTY, COUNTY_WATER, Case, TOWN, agency, assign, coordinator, designate, of, party, raise, role,
    transfer,
};
use crate::clue::{Command, Designation, LogRow, LogStep, Role};
use crate::dispute::Cause;

fn everything() -> Query {
    Query::everything(monday().plus_days(10_000), TimeZone::UTC)
}

fn counted<'f>(
    facts: impl IntoIterator<Item = &'f Facts>,
    listing: Option<(Disputed, usize)>,
) -> DisputeReport {
    let mut disputes = Disputes::new(everything(), listing);
    for facts in facts {
        disputes.add(facts);
    }
    let duty = DutyDisputes::new(&everything(), Calendar::none());
    let duty = duty.finish(|_, _| false, ToString::to_string);
    disputes.finish("0", duty, ToString::to_string)
}

fn facts(case: &Case) -> Facts {
    let mut facts = None;
    for occurrence in &case.journal {
        Facts::fold(&mut facts, occurrence);
    }
    facts.expect("reported")
}

/// A row of a log in small numbers: minutes later, agency, step.
type Said = (u8, u8, u8);

fn rows(said: &[Said]) -> Vec<LogRow> {
    let mut at = monday();
    let row = |(later, by, step): &Said| {
        at = at.plus_minutes(i64::from(*later));
        LogRow {
            at,
            // as platforms do, most rows name somebody
            agency: (*by < 9).then(|| agency(["a", "b", "c"][usize::from(*by % 3)])),
            step: LogStep::ALL.get(usize::from(*step)).copied(),
        }
    };
    said.iter().map(row).collect()
}

/// The same counted from the rows alone, in plain code: holders, and how often it came back after it was done.
fn plain(rows: &[LogRow]) -> (Vec<AgencyId>, u32) {
    let mut holders: Vec<AgencyId> = Vec::new();
    let (mut done, mut reopened) = (false, 0);
    for row in rows {
        let Some(step) = row.step else {
            // only who has it is known
            if let Some(by) = &row.agency
                && holders.last() != Some(by)
            {
                holders.push(by.clone());
            }
            continue;
        };
        let completes = matches!(step, LogStep::Resolved | LogStep::Closed);
        reopened += u32::from(done && !completes);
        done = completes;
        if let Some(by) = &row.agency
            && holders.last() != Some(by)
        {
            holders.push(by.clone());
        }
    }
    (holders, reopened)
}

proptest! {
    #[test]
    fn figures_of_logs_are_those_of_a_plain_count(
        logs in vec(vec((0_u8..120, 0_u8..10, 0_u8..8), 1..30), 1..20),
    ) {
        let logs: Vec<_> = logs.iter().map(|said| rows(said)).collect();
        let lives: Vec<_> = (0..).zip(&logs).map(|(n, rows)| Life::logged(n, rows)).collect();
        let mut expected = DisputeCounts::default();
        let (mut pairs, mut ids) = (BTreeMap::new(), BTreeSet::new());
        for (life, rows) in lives.iter().zip(&logs) {
            let facts = life.facts.as_ref().expect("reported");
            let (holders, reopened) = plain(rows);
            let passage = facts.passage(Timestamp::from_micros(i64::MAX));
            prop_assert_eq!(passage.holders.iter().copied().cloned().collect::<Vec<_>>(), holders.clone());
            prop_assert_eq!(passage.reopened, reopened);
            let flow = Flow::of(facts, monday(), monday().plus_days(9_999));
            prop_assert!(flow.is_balanced(), "{:?}", flow);
            let had = !holders.is_empty();
            let to_and_fro = (2..holders.len()).any(|i| holders[i] == holders[i - 2]);
            expected.clues += 1;
            expected.dispatched += u64::from(had);
            expected.hand_overs += holders.len().saturating_sub(1) as u64;
            expected.handed_over += u64::from(holders.len() > 1);
            expected.ping_pong += u64::from(to_and_fro);
            expected.reopened += u64::from(had && reopened > 0);
            if to_and_fro {
                ids.insert(facts.clue);
            }
            for i in 1..holders.len() {
                *pairs.entry((holders[i - 1].clone(), holders[i].clone())).or_insert(0_u64) += 1;
            }
        }
        let all = lives.iter().filter_map(|life| life.facts.as_ref());
        let report = counted(all, Some((Disputed::PingPong, usize::MAX)));
        prop_assert_eq!(report.counts, expected);
        let listed: BTreeSet<_> = report.clues.expect("asked for").into_iter().map(|it| it.id).collect();
        prop_assert_eq!(listed, ids);
        prop_assert!(report.pairs.is_sorted_by_key(|pair| Reverse(pair.hand_overs)));
        let found: BTreeMap<_, _> =
            report.pairs.into_iter().map(|it| ((it.from, it.to), it.hand_overs)).collect();
        prop_assert_eq!(found, pairs);
    }

    /// A log that is followed gives the state and the facts that agree about where the clue stands.
    #[test]
    fn facts_of_a_log_agree_with_the_state(said in vec((0_u8..120, 0_u8..10, 0_u8..8), 1..30)) {
        let life = Life::logged(1, &rows(&said));
        let (facts, clue) = (life.facts.expect("reported"), life.state.clue.expect("reported"));
        let condition = facts.latest();
        prop_assert_eq!(condition.standing.as_str(), clue.stage.name());
        prop_assert_eq!(condition.agency, clue.assignment().map(|by| &by.agency));
        prop_assert_eq!((condition.transfers, condition.reopened), (clue.tally.transfers, clue.tally.reopened));
        prop_assert!(life.journal.is_sorted_by_key(|it| it.at));
    }
}

/// Hand-overs, to and fro, returns.
type Counted = (u64, u64, u64);

/// The parties agree whose duty it is.
fn settled(case: Case, to: &str) -> Case {
    let dispute = case.dispute();
    case.given(
        role(Role::Dispute),
        designate(dispute, to, Designation::Agreement),
    )
}

#[test]
fn hand_overs_among_people_count_the_same_way_and_handing_down_does_not() {
    let back = || Command::ApproveReturn { to: None };
    let to = |name: &str| Command::ApproveReturn {
        to: Some(agency(name)),
    };
    let down = || Command::DelegateClue { to: agency(TOWN) };
    let table: Vec<(Case, &[&str], Counted)> = vec![
        (Case::admitted(), &[], (0, 0, 0)),
        (Case::dispatched(), &[COUNTY], (0, 0, 0)),
        (
            Case::dispatched().given(coordinator(), transfer(TOWN)),
            &[COUNTY, TOWN],
            (1, 0, 0),
        ),
        (
            Case::return_requested().given(coordinator(), to(COUNTY_WATER)),
            &[COUNTY, COUNTY_WATER],
            (1, 0, 1),
        ),
        // back to triage, and to the same agency again
        (
            Case::return_requested()
                .given(coordinator(), back())
                .given(coordinator(), assign(COUNTY)),
            &[COUNTY],
            (0, 0, 1),
        ),
        (
            Case::return_requested()
                .given(coordinator(), back())
                .given(coordinator(), assign(TOWN)),
            &[COUNTY, TOWN],
            (1, 0, 1),
        ),
        (
            Case::in_old_coordination().given(coordinator(), assign(COUNTY)),
            &[COUNTY, COUNTY_WATER, COUNTY],
            (2, 1, 2),
        ),
        // held by the first receiver meanwhile, and designated
        (
            settled(Case::disputed(), COUNTY_WATER),
            &[COUNTY, COUNTY_WATER, COUNTY, COUNTY_WATER],
            (3, 1, 2),
        ),
        (
            settled(Case::disputed(), COUNTY),
            &[COUNTY, COUNTY_WATER, COUNTY],
            (2, 1, 2),
        ),
        (
            settled(Case::in_coordination(), COUNTY_WATER),
            &[COUNTY, COUNTY_WATER],
            (1, 0, 2),
        ),
        // back up the line
        (
            settled(
                Case::dispatched().given(of(COUNTY), down()).given(
                    coordinator(),
                    raise(Cause::ByCoordinator, &[party(TOWN, None), party(CITY, None)]),
                ),
                COUNTY,
            ),
            &[COUNTY],
            (0, 0, 0),
        ),
        (Case::dispatched().given(of(COUNTY), down()), &[COUNTY], (0, 0, 0)),
    ];
    for (case, holders, (hand_overs, ping_pong, returns)) in table {
        let facts = facts(&case);
        let passage = facts.passage(Timestamp::from_micros(i64::MAX));
        let names: Vec<_> = passage.holders.iter().map(|it| it.as_str()).collect();
        let counts = DisputeCounts::of(&passage);
        assert_eq!(
            (
                names.as_slice(),
                counts.hand_overs,
                counts.ping_pong,
                counts.returns
            ),
            (holders, hand_overs, ping_pong, returns)
        );
    }
}

#[test]
fn a_report_as_of_then_knows_nothing_of_what_came_later() {
    let case = Case::dispatched()
        .given(coordinator(), transfer(TOWN))
        .given(coordinator(), transfer(COUNTY));
    let facts = facts(&case);
    let [.., before, last] = case.journal.as_slice() else {
        panic!("two transfers");
    };
    for (as_of, hand_overs, ping_pong) in [(before.at, 1, 0), (last.at, 2, 1)] {
        let mut disputes = Disputes::new(
            Query {
                as_of: Some(as_of),
                ..everything()
            },
            None,
        );
        disputes.add(&facts);
        let duty = DutyDisputes::new(&everything(), Calendar::none());
        let duty = duty.finish(|_, _| false, ToString::to_string);
        let report = disputes.finish("0", duty, ToString::to_string);
        assert_eq!(
            (report.counts.hand_overs, report.counts.ping_pong),
            (hand_overs, ping_pong)
        );
        assert_eq!(report.clues, None);
    }
}

#[test]
fn those_with_the_most_hand_overs_are_listed_first_however_few_are_kept() {
    let log = |n: u32, hand_overs: u8| {
        let said: Vec<Said> = (0..=hand_overs).map(|row| (1, row % 2, 0)).collect();
        Life::logged(n, &rows(&said)).facts.expect("reported")
    };
    let facts: Vec<_> = (0_u32..40).map(|n| log(n, (n % 20) as u8)).collect();
    let report = counted(&facts, Some((Disputed::HandOver, 3)));
    let listed: Vec<_> = report
        .clues
        .expect("asked for")
        .iter()
        .map(|it| it.hand_overs)
        .collect();
    assert_eq!(listed, [19, 19, 18]);
    assert_eq!(report.counts.handed_over, 38);
}

#[test]
fn what_was_never_ours_to_dispatch_is_left_out() {
    let mut facts = facts(&Case::dispatched().given(role(Role::Operator), transfer(TOWN)));
    facts.class = Class::SelfHandled;
    assert_eq!(counted([&facts], None).counts, DisputeCounts::default());
}

#[test]
fn every_figure_has_words_and_a_ratio_of_nothing_is_no_number() {
    for kind in DisputeKind::ALL {
        let (zh, en) = kind.words();
        assert!(!zh.is_ascii() && en.is_ascii(), "{kind:?}");
        assert_eq!(kind.of(&DisputeCounts::default()).value, None);
    }
    for which in Disputed::ALL {
        assert_eq!(Disputed::parse(which.as_str()), Some(which));
    }
}
