//! Laws of the figures, over clues whose lives the domain's own rules decide.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::testing::{Life, monday};
use super::{Basis, By, Facts, Mark, Query, Records, Report, ReportBuilder, Standing, Step};
use crate::clue::Codes;
use crate::time::Timestamp;

fn lives() -> impl Strategy<Value = Vec<Life>> {
    vec(vec(any::<u8>(), 1..24), 1..12)
        .prop_map(|lives| (0..).zip(&lives).map(|(n, steps)| Life::of(n, steps)).collect())
}

fn report(query: Query, lives: &[Life]) -> Report {
    let mut builder = ReportBuilder::new(query);
    lives
        .iter()
        .filter_map(|life| life.facts.as_ref())
        .for_each(|facts| builder.add(facts));
    builder.finish("0", &BTreeMap::new(), 0, |_, key| key.to_owned())
}

fn query(day: i64, by: Option<By>) -> Query {
    let now = monday().plus_days(day);
    Query {
        as_of: Some(now),
        by,
        ..Query::everything(now, TimeZone::UTC)
    }
}

proptest! {
    #[test]
    fn every_clue_is_in_one_place(lives in lives(), day in -1_i64..90, by in 0..By::ALL.len()) {
        let report = report(query(day, Some(By::ALL[by])), &lives);
        for (counts, split) in std::iter::once((report.counts, report.partition))
            .chain(report.rows.iter().map(|row| (row.counts, row.partition)))
        {
            let c = counts;
            prop_assert_eq!(c.clues, c.rejected + c.voided + c.merged + c.closed + c.open);
            let parts: u64 = split.entries().map(|(_, part)| part).sum();
            prop_assert_eq!(parts, c.closed + c.open);
            prop_assert_eq!(split.closed, c.closed);
            prop_assert_eq!(split.disputed, c.disputed);
            prop_assert!(c.open_overdue <= c.open && c.closed_on_time <= c.closed_with_deadline);
            prop_assert!(c.routed_right <= c.routed_closed && c.routed_closed <= c.dispatched);
        }
        let rows: u64 = report.rows.iter().map(|row| row.counts.clues).sum();
        prop_assert_eq!(rows, report.counts.clues);
        let classes = [report.classes.ordinary, report.classes.self_handled, report.classes.closed_at_source];
        prop_assert_eq!(classes.iter().map(|line| line.clues).sum::<u64>(), report.counts.clues);
    }

    /// The fold of figures and the fold of decisions agree about every clue, at every step of its life.
    #[test]
    fn facts_agree_with_the_state(steps in vec(any::<u8>(), 1..40), n in 0_u32..50) {
        for end in 1..=steps.len() {
            let life = Life::of(n, &steps[..end]);
            let (Some(facts), Some(clue)) = (&life.facts, &life.state.clue) else { continue };
            let condition = facts.latest();
            prop_assert_eq!(condition.standing.as_str(), clue.stage.name());
            prop_assert_eq!(condition.is_open(), clue.is_open());
            prop_assert_eq!(condition.disputed, clue.dispute.is_some());
            prop_assert_eq!(condition.closing.is_some(), condition.standing == Standing::Closed);
            prop_assert_eq!(condition.deadline, clue.deadline);
            prop_assert_eq!(condition.area, clue.area.as_ref());
            prop_assert_eq!(condition.first.map(|first| first.agency), clue.first_agency.as_ref());
            if let Some(by) = clue.assignment() {
                prop_assert_eq!(condition.agency, Some(&by.agency));
            }
            let tally = (condition.returns, condition.transfers, condition.reworks, condition.reopened);
            prop_assert_eq!(tally, (clue.tally.returns, clue.tally.transfers, clue.tally.reworks, clue.tally.reopened));
        }
    }

    #[test]
    fn folding_again_and_repeats_change_nothing(lives in lives()) {
        for life in &lives {
            let mut again = None;
            for occurrence in life.journal.iter().flat_map(|occurrence| [occurrence, occurrence]) {
                Facts::fold(&mut again, occurrence);
            }
            prop_assert_eq!(&again, &life.facts);
        }
    }

    /// Later events never change what a report says of the past.
    #[test]
    fn the_past_stays_as_it_was(steps in vec(any::<u8>(), 2..24), cut in 1_usize..24) {
        let cut = cut.min(steps.len());
        let (Some(then), Some(now)) = (Life::of(1, &steps[..cut]).facts, Life::of(1, &steps).facts) else {
            return Ok(());
        };
        let before = then.last_at().plus_micros(-1);
        prop_assert_eq!(then.at(before), now.at(before));
    }

    #[test]
    fn what_was_counted_once_stays_counted(lives in lives(), day in 0_i64..60, more in 0_i64..60) {
        let [then, later] = [day, day + more].map(|day| report(query(day, None), &lives).counts);
        prop_assert!(then.clues <= later.clues);
        prop_assert!(then.dispatched <= later.dispatched);
        prop_assert!(then.returns <= later.returns && then.transfers <= later.transfers);
        prop_assert!(then.reopened <= later.reopened);
    }

    #[test]
    fn what_flows_in_flows_out_or_stays(lives in lives(), first in 1_i8..28, days in 0_i64..60) {
        let from = date(2026, 1, first);
        let to = from + jiff::Span::new().days(days);
        let asked = Query { from: Some(from), to: Some(to), basis: Basis::Flow, as_of: None, ..query(400, Some(By::Agency)) };
        let report = report(asked, &lives);
        let flow = report.flow.expect("asked for");
        prop_assert!(flow.is_balanced(), "{flow:?}");
        prop_assert_eq!(flow.closing, report.counts.open);
        prop_assert!(report.rows.iter().all(|row| row.flow.is_some_and(|flow| flow.is_balanced())));
    }

    /// The periods of a year share no clue and miss none.
    #[test]
    fn cohorts_tile(lives in lives(), cut in 1_i8..28) {
        let cut = Some(date(2026, 1, cut));
        let all = report(query(400, None), &lives).counts.clues;
        let before = report(Query { to: cut, ..query(400, None) }, &lives).counts.clues;
        let after = report(Query { from: cut, ..query(400, None) }, &lives).counts.clues;
        prop_assert_eq!(before + after, all);
    }
}

/// The random lives must reach everything that the laws speak of, or the laws prove nothing.
#[test]
fn the_lives_reach_every_stage() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut reached = BTreeSet::new();
    for _ in 0..400 {
        let life = vec(any::<u8>(), 1..40)
            .new_tree(&mut runner)
            .expect("a tree")
            .current();
        if let Some(facts) = Life::of(reached.len() as u32, &life).facts {
            reached.extend(
                facts
                    .history
                    .iter()
                    .filter_map(|mark| facts.at(mark.at))
                    .map(|then| then.standing),
            );
            reached.insert(
                facts
                    .at(facts.reported_at)
                    .map_or(Standing::Reported, |then| then.standing),
            );
        }
    }
    let missing: Vec<_> = Standing::ALL
        .into_iter()
        .filter(|it| !reached.contains(it))
        .collect();
    assert!(missing.iter().all(|it| *it == Standing::Reported), "{missing:?}");
}

#[test]
fn records_balance_and_say_what_is_ahead() {
    let settled = Records {
        new: 5,
        unchanged: 1,
        quarantined: 2,
        discarded: 1,
        ..Records::default()
    };
    let early = settled.of_received(10);
    assert_eq!((early.in_flight, early.ahead), (2, 0));
    let late = settled.of_received(7);
    assert_eq!((late.in_flight, late.ahead), (0, 1));
    assert!(early.is_balanced() && late.is_balanced());
    assert_eq!(early.unreadable(), 1);
}

#[test]
fn the_report_has_the_keys_of_the_contract_in_order() {
    let query = Query {
        by: Some(By::Source),
        ..Query::everything(Timestamp::EPOCH, TimeZone::UTC)
    };
    let records = BTreeMap::from([(
        "grid".to_owned(),
        Records {
            quarantined: 3,
            ..Records::default()
        }
        .of_received(3),
    )]);
    let report = ReportBuilder::new(query).finish("abc", &records, 3, |_, key| key.to_owned());
    let text = serde_json::to_string(&report).expect("serialises");
    let start = "{\"as_of\":\"1970-01-01T00:00:00Z\",\"from\":null,\"to\":null,\"by\":\"source\",\"basis\":\"cohort\",\
        \"rulebook\":\"abc\",\"records\":{\"received\":3,\"new\":0,\"updated\":0,\"unchanged\":0,\"stale\":0,\"feedback\":0,\
        \"skipped\":0,\"quarantined\":3,\"in_flight\":0,";
    assert!(text.starts_with(start), "{text}");
    let counts = "\"counts\":{\"clues\":0,\"rejected\":0,\"voided\":0,\"merged\":0,\"closed\":0,\"open\":0,\"open_overdue\":0,\
        \"triage\":0,\"suspended\":0,\"disputed\":0,\"flagged\":0,\"dispatched\":0,\"closed_with_deadline\":0,\
        \"closed_on_time\":0,\"closed_unstated\":0,\"returns\":0,\"transfers\":0,\"reopened\":0,";
    assert!(text.contains(counts), "{text}");
    let figure = "{\"id\":\"closure_rate_strict\",\"version\":1,\"numerator\":0,\"denominator\":3,\"value\":0.0,\
        \"formula\":\"closed / (clues - rejected - voided - merged + quarantined)\"}";
    assert!(text.contains(figure), "{text}");
    assert!(
        text.contains("\"rows\":[{\"key\":\"grid\",\"name\":\"grid\",\"records\":{\"received\":3,"),
        "{text}"
    );
}

/// A hand-over never resets the overall clock.
#[test]
fn the_first_dispatch_sets_the_deadline() {
    let mut facts = Life::of(1, &[1]).facts.expect("reported");
    let agency = crate::code::AgencyId::new("north").expect("valid");
    let dispatch = |day| Mark {
        at: monday().plus_days(day),
        step: Step::Assigned {
            agency: agency.clone(),
            deadline: Some(monday().plus_days(day + 5)),
            recorded: false,
            rule: None,
        },
    };
    facts.history = vec![dispatch(1), dispatch(2)];
    assert_eq!(facts.latest().deadline, Some(monday().plus_days(6)));
}

/// What led to no code is counted under the source's own name, and what was corrected under its code.
#[test]
fn what_has_no_code_keeps_its_name() {
    let mut facts = Life::of(1, &[1]).facts.expect("reported");
    (facts.area, facts.source_area) = (None, Some("Unspecified".to_owned()));
    let area = crate::code::AreaCode::new("330602").expect("valid");
    facts.history = vec![Mark {
        at: monday().plus_days(2),
        step: Step::Corrected(Codes {
            area: Some(area),
            ..Codes::default()
        }),
    }];
    let keys = [1, 3].map(|day| {
        let mut builder = ReportBuilder::new(query(day, Some(By::Area)));
        builder.add(&facts);
        let report = builder.finish("0", &BTreeMap::new(), 0, |_, key| key.to_owned());
        report.rows[0].key.clone()
    });
    assert_eq!(keys, ["Unspecified", "330602"]);
}
