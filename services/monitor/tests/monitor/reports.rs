//! What the projection makes of journals, and the figures from it.

use bihuan_domain::figures::{Basis, By, FigureKind, Report};
use bihuan_monitor::{Monitor, ReportQuery};
use bihuan_stream::Handler as _;

use crate::life::{Life, monday};
use crate::world::{World, worlds};

fn counts(report: &Report) -> (u64, u64, u64, u64, u64) {
    let c = &report.counts;
    (c.clues, c.closed, c.open, c.rejected, c.open_overdue)
}

/// 1 closed by north on time; 2 with south, past its deadline at day 3; 3 in triage; 4 rejected.
async fn four(world: &mut World) -> [Life; 4] {
    let mut lives = [1, 2, 3, 4].map(Life::new);
    let [closed, late, triage, rejected] = &mut lives;
    let closed: Vec<_> = [closed.report(5), closed.assign("north"), closed.close("north")].concat();
    let late: Vec<_> = [late.report(1), late.assign("north"), late.transfer("south")].concat();
    let triage: Vec<_> = [triage.report(1), triage.triage()].concat();
    let rejected: Vec<_> = [rejected.report(1), rejected.reject()].concat();
    for (partition, events) in [(0, closed), (1, late), (0, triage), (1, rejected)] {
        world.clue(partition, events).await;
    }
    lives
}

#[tokio::test]
async fn figures_come_from_journals_alone() {
    for mut world in worlds().await {
        four(&mut world).await;
        world.read().await;
        let query = ReportQuery {
            by: Some(By::Agency),
            ..ReportQuery::default()
        };
        let report = world.report(&query, monday().plus_days(3)).await;
        assert_eq!(counts(&report), (4, 1, 2, 1, 1));
        let c = &report.counts;
        assert_eq!((c.triage, c.flagged, c.dispatched, c.transfers), (1, 1, 2, 1));
        assert_eq!(
            (
                c.closed_with_deadline,
                c.closed_on_time,
                c.routed_closed,
                c.routed_right
            ),
            (1, 1, 1, 1)
        );
        let rows: Vec<_> = report
            .rows
            .iter()
            .map(|row| (row.key.as_str(), row.counts.clues))
            .collect();
        assert_eq!(rows, [("", 2), ("north", 1), ("south", 1)]);
        let due = report
            .figures
            .iter()
            .find(|figure| figure.id == FigureKind::ClosureRateDue)
            .expect("is there");
        assert_eq!((due.numerator, due.denominator), (1, 2));
        let parts: Vec<_> = report.partition.entries().map(|(_, clues)| clues).collect();
        assert_eq!(parts, [1, 0, 1, 0, 0, 1, 0]);
    }
}

#[tokio::test]
async fn a_restart_and_many_small_batches_change_nothing() {
    for mut world in worlds().await {
        let mut life = Life::new(1);
        let steps = [
            life.report(5),
            life.assign("north"),
            life.transfer("south"),
            life.close("south"),
        ]
        .concat();
        for step in steps {
            world.clue(0, vec![step]).await;
            world.monitor = Monitor::new(world.store.clone());
            world.read().await;
        }
        let report = world.report(&ReportQuery::default(), monday().plus_days(3)).await;
        assert_eq!(counts(&report), (1, 1, 0, 0, 0));
        assert_eq!((report.counts.transfers, report.counts.routed_right), (1, 0));
        assert_eq!(world.differences().await, []);
    }
}

/// A lane that was elsewhere meanwhile is read from the database, not from what was remembered.
#[tokio::test]
async fn a_lane_that_comes_back_is_read_again() {
    for mut world in worlds().await {
        let mut life = Life::new(1);
        let first = [life.report(5), life.assign("north")].concat();
        world.clue(0, first).await;
        world.read().await;
        let other = Monitor::new(world.store.clone());
        let mut remembering = std::mem::replace(&mut world.monitor, other);
        let elsewhere = life.transfer("south");
        world.clue(0, elsewhere).await;
        world.read().await;
        remembering.forget(0);
        world.monitor = remembering;
        let last = life.close("south");
        world.clue(0, last).await;
        world.read().await;
        let report = world.report(&ReportQuery::default(), monday().plus_days(3)).await;
        assert_eq!((report.counts.closed, report.counts.transfers), (1, 1));
        assert_eq!(world.differences().await, []);
    }
}

#[tokio::test]
async fn what_the_database_did_not_take_is_not_counted() {
    for mut world in worlds().await {
        let mut lives = four(&mut world).await;
        world.read().await;
        let before = world.report(&ReportQuery::default(), monday().plus_days(3)).await;
        let next = [lives[1].close("south"), Life::new(5).report(5)].concat();
        world.clue(1, next).await;
        world.read_in_vain().await;
        let after = world.report(&ReportQuery::default(), monday().plus_days(3)).await;
        assert_eq!(before.counts, after.counts);
        world.read().await;
        let at_last = world.report(&ReportQuery::default(), monday().plus_days(3)).await;
        assert_eq!(counts(&at_last), (5, 2, 2, 1, 0));
        assert_eq!(world.differences().await, []);
    }
}

#[tokio::test]
async fn a_report_of_the_past_is_the_report_of_that_day() {
    for mut world in worlds().await {
        let mut lives = four(&mut world).await;
        world.read().await;
        let then = monday().plus_days(3);
        let live = world.report(&ReportQuery::default(), then).await;
        lives[1].now = monday().plus_days(4);
        let later = lives[1].close("south");
        world.clue(1, later).await;
        world.read().await;
        let query = ReportQuery {
            as_of: Some(then),
            ..ReportQuery::default()
        };
        let recalled = world.report(&query, monday().plus_days(9)).await;
        assert_eq!((recalled.counts, recalled.as_of), (live.counts, live.as_of));
        assert!(recalled.records.is_none() && live.records.is_some());
        let now = world.report(&ReportQuery::default(), monday().plus_days(9)).await;
        assert_eq!(counts(&now), (4, 2, 1, 1, 0));
    }
}

#[tokio::test]
async fn a_flow_balances() {
    for mut world in worlds().await {
        four(&mut world).await;
        world.read().await;
        let query = ReportQuery {
            basis: Basis::Flow,
            from: "2026-01-05".parse().ok(),
            ..ReportQuery::default()
        };
        let flow = world
            .report(&query, monday().plus_days(3))
            .await
            .flow
            .expect("asked for");
        assert!(flow.is_balanced());
        assert_eq!(
            (
                flow.opening,
                flow.received,
                flow.closed,
                flow.rejected,
                flow.closing
            ),
            (0, 4, 1, 1, 2)
        );
    }
}

/// Rows that a program of another format wrote are folded again from the journal.
#[tokio::test]
async fn another_format_is_read_from_the_journal() {
    for mut world in worlds().await {
        let mut lives = four(&mut world).await;
        world.read().await;
        let before = world.report(&ReportQuery::default(), monday().plus_days(3)).await;
        world
            .tamper(if world.store.is_sqlite() {
                "UPDATE monitor_clue SET facts = x'00ff'"
            } else {
                "UPDATE monitor_clue SET facts = '\\x00ff'"
            })
            .await;
        let after = world.report(&ReportQuery::default(), monday().plus_days(3)).await;
        assert_eq!(before.counts, after.counts);
        assert_eq!(world.differences().await, []);
        world.monitor = Monitor::new(world.store.clone());
        let next = lives[1].close("south");
        world.clue(1, next).await;
        world.read().await;
        let at_last = world.report(&ReportQuery::default(), monday().plus_days(3)).await;
        assert_eq!(counts(&at_last), (4, 2, 1, 1, 0));
    }
}
