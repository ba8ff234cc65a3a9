//! Records, accounts and the proof.

use bihuan_contracts::delivery::DeliveryEvent;
use bihuan_contracts::feedback;
use bihuan_contracts::intake::{Became, IntakeEvent};
use bihuan_domain::clue::{
    Actor, Command, Conclusion, Deletion, Event, Occurrence, Role, Snapshot, SourceStatus, TimeBasis,
};
use bihuan_domain::code::SourceId;
use bihuan_domain::figures::By;
use bihuan_domain::id::RecordId;
use bihuan_monitor::ReportQuery;
use bihuan_monitor::accounts::Side;
use bihuan_store::quarantine::{self, Fate, Quarantined};

use crate::life::{Life, agency, monday, source};
use crate::world::{World, worlds};

fn accepted(count: u32) -> IntakeEvent {
    IntakeEvent::RecordsAccepted {
        source: source(),
        topic: "clue.inbound.v1".to_owned(),
        partition: 0,
        first_offset: 0,
        last_offset: i64::from(count) - 1,
        count,
        at: monday(),
    }
}

fn skipped() -> IntakeEvent {
    IntakeEvent::RecordsSkipped {
        source: source(),
        topic: "clue.inbound.v1".to_owned(),
        partition: 0,
        first_offset: 9,
        last_offset: 9,
        count: 1,
        at: monday(),
    }
}

fn record(offset: i64) -> RecordId {
    RecordId::of_position("c", "clue.inbound.v1", 0, offset)
}

fn quarantined(offset: i64) -> IntakeEvent {
    IntakeEvent::RecordQuarantined {
        id: record(offset),
        source: Some(source()),
        topic: "clue.inbound.v1".to_owned(),
        partition: 0,
        offset,
        file: None,
        line: None,
        reason: "not_json".to_owned(),
        field: None,
        bytes: 7,
        at: monday(),
    }
}

fn operator() -> Actor {
    Actor {
        role: Role::Operator,
        agency: None,
        person: Some("O1".to_owned()),
    }
}

/// Eight records: three clues, one of them told twice, one skipped, three unreadable of which one was replayed and one discarded.
async fn eight(world: &mut World) -> [Life; 4] {
    let mut lives = [1, 2, 3, 4].map(Life::new);
    world.intake(0, accepted(4)).await;
    world.intake(0, skipped()).await;
    for offset in [5, 6, 7] {
        world.intake(0, quarantined(offset)).await;
    }
    for life in &mut lives[..3] {
        let events = life.report(5);
        world.clue(0, events).await;
    }
    let again = lives[0].report(5);
    world.clue(0, again).await;
    let replayed = lives[3].report(5);
    let clue = lives[3].id;
    let (id, source, at) = (record(5), Some(source()), monday());
    world
        .intake(
            0,
            IntakeEvent::QuarantineReplayed {
                id,
                source: source.clone(),
                clue,
                became: Became::Report,
                actor: operator(),
                at,
            },
        )
        .await;
    world.clue(0, replayed).await;
    let (id, reason) = (record(6), "test data".to_owned());
    world
        .intake(
            0,
            IntakeEvent::QuarantineDiscarded {
                id,
                source,
                reason,
                actor: operator(),
                at,
            },
        )
        .await;
    world.received(8).await;
    world.read().await;
    lives
}

#[tokio::test]
async fn every_record_has_one_disposition() {
    for mut world in worlds().await {
        eight(&mut world).await;
        let query = ReportQuery {
            by: Some(By::Source),
            ..ReportQuery::default()
        };
        let report = world.report(&query, monday().plus_days(1)).await;
        let records = report.records.expect("no period was asked for");
        let dispositions = (
            records.new,
            records.unchanged,
            records.skipped,
            records.quarantined,
            records.in_flight,
        );
        assert_eq!(dispositions, (4, 1, 1, 2, 0));
        assert_eq!(
            (
                records.received,
                records.replayed,
                records.discarded,
                records.ahead
            ),
            (8, 1, 1, 0)
        );
        assert!(records.is_balanced());
        let strict = &report.figures[0];
        assert_eq!(
            (strict.numerator, strict.denominator),
            (0, 5),
            "one record waits in quarantine"
        );
        assert_eq!(report.partition.unreadable, 1);
        assert_eq!(report.rows[0].records, Some(records));
    }
}

/// Of a platform's messages three became commands, and a fourth did once it was read again; one of them was refused.
#[tokio::test]
async fn feedback_is_a_disposition_and_what_is_refused_of_it_is_known_by_platform() {
    for mut world in worlds().await {
        let platform = SourceId::new("agency-platform").expect("valid");
        let mut life = Life::new(1);
        world.intake(0, accepted(1)).await;
        let reported = life.report(5);
        world.clue(0, reported).await;
        let fed_back = IntakeEvent::RecordsFedBack {
            source: platform.clone(),
            topic: "clue.inbound.v1".to_owned(),
            partition: 0,
            first_offset: 1,
            last_offset: 3,
            count: 3,
            at: monday(),
        };
        world.intake(0, fed_back).await;
        let unread = match quarantined(4) {
            IntakeEvent::RecordQuarantined {
                id,
                topic,
                partition,
                offset,
                file,
                line,
                reason,
                field,
                bytes,
                at,
                ..
            } => IntakeEvent::RecordQuarantined {
                id,
                source: Some(platform.clone()),
                topic,
                partition,
                offset,
                file,
                line,
                reason,
                field,
                bytes,
                at,
            },
            other => other,
        };
        world.intake(0, unread).await;
        let replayed = IntakeEvent::QuarantineReplayed {
            id: record(4),
            source: Some(platform.clone()),
            clue: life.id,
            became: Became::Feedback,
            actor: operator(),
            at: monday(),
        };
        world.intake(0, replayed).await;
        let mut refused = life.act(Role::Agency, Some("north"), Command::AcknowledgeClue);
        for occurrence in &mut refused {
            occurrence.causation = Some(feedback::causation(&platform, "clue.inbound.v1/0/1"));
        }
        world.clue(0, refused).await;
        world.received(5).await;
        world.read().await;

        let report = world.report(&ReportQuery::default(), monday().plus_days(1)).await;
        let records = report.records.expect("no period was asked for");
        assert_eq!(
            (
                records.received,
                records.new,
                records.feedback,
                records.quarantined
            ),
            (5, 1, 4, 0)
        );
        assert_eq!((records.in_flight, records.ahead, records.replayed), (0, 0, 1));
        let query = ReportQuery {
            by: Some(By::Source),
            ..ReportQuery::default()
        };
        let by_source = world.report(&query, monday().plus_days(1)).await;
        let row = by_source.rows.iter().find(|row| row.key == "agency-platform");
        let of_platform = row.and_then(|row| row.records).expect("a row");
        assert_eq!(
            (of_platform.received, of_platform.feedback, of_platform.ahead),
            (4, 4, 0)
        );
        let accounts = world.accounts(monday()).await;
        let open: Vec<_> = accounts.equations.iter().filter(|it| !it.balanced).collect();
        assert!(
            open.iter().all(|it| it.id == "quarantine_is_kept"),
            "no row lies in quarantine here: {open:?}"
        );
        assert_eq!(accounts.in_flight, 0);
        let refused = bihuan_monitor::feedback::refused(&world.store)
            .await
            .expect("reads");
        let refused: Vec<_> = refused.into_iter().collect();
        let key = ("agency-platform".to_owned(), "wrong_stage".to_owned());
        assert_eq!(refused, [(key, 1)]);
        assert_eq!(world.differences().await, []);
    }
}

fn of_delivery(offset: i64) -> Quarantined {
    Quarantined {
        partition: 0,
        id: RecordId::of_position("c", "agency.commands.v1", 0, offset),
        group: "delivery".to_owned(),
        topic: "agency.commands.v1".to_owned(),
        topic_partition: 0,
        offset,
        source: None,
        file: None,
        line: None,
        reason: "not_json".to_owned(),
        field: None,
        mapping: None,
        headers: "{}".to_owned(),
        bytes: Vec::new(),
        received_at: monday(),
        fate: Fate::Waiting,
    }
}

#[tokio::test]
async fn what_other_services_put_away_is_in_an_account_whatever_became_of_it() {
    for mut world in worlds().await {
        let rows = [1, 2, 3].map(of_delivery);
        for row in &rows {
            let event = DeliveryEvent::FeedbackQuarantined {
                id: row.id,
                topic: row.topic.clone(),
                partition: 0,
                offset: row.offset,
                reason: row.reason.clone(),
                field: None,
                at: monday(),
            };
            world.delivery(0, event).await;
        }
        world.read().await;
        let side = async |world: &World| {
            let accounts = world.accounts(monday()).await;
            let kept = accounts
                .equations
                .into_iter()
                .find(|it| it.id == "put_away_is_kept");
            let kept = kept.expect("an account");
            let values = |side: &Side| side.terms.iter().map(|it| it.value).collect::<Vec<_>>();
            (values(&kept.left), values(&kept.right), kept.balanced)
        };
        assert_eq!(side(&world).await, (vec![0, 3], vec![0, 0, 0], false));
        let mut tx = world.store.begin().await.expect("begins");
        quarantine::put(tx.conn(), &rows).await.expect("kept");
        let (at, by) = (monday(), || "O1".to_owned());
        let replayed = Fate::Replayed { at, by: by() };
        let discarded = Fate::Discarded {
            at,
            by: by(),
            reason: "noise".to_owned(),
        };
        for (row, fate) in [(&rows[0], replayed), (&rows[1], discarded)] {
            assert!(
                quarantine::settle(tx.conn(), 0, row.id, &fate)
                    .await
                    .expect("settles")
            );
        }
        tx.commit().await.expect("commits");
        assert_eq!(side(&world).await, (vec![0, 3], vec![1, 1, 1], true));
        let waiting = bihuan_monitor::quarantine::list(&world.store, Some("waiting"), None, 9).await;
        assert_eq!(waiting.expect("reads").records.len(), 1);
    }
}

#[tokio::test]
async fn the_accounts_balance_and_say_when_they_do_not() {
    for mut world in worlds().await {
        eight(&mut world).await;
        let accounts = world.accounts(monday()).await;
        let wrong: Vec<_> = accounts
            .equations
            .iter()
            .filter(|it| !it.balanced)
            .map(|it| it.id)
            .collect();
        assert_eq!(
            wrong,
            ["quarantine_is_kept"],
            "the test journals quarantine without keeping the bytes"
        );
        assert!(accounts.settled, "{accounts:?}");
        world.received(9).await;
        let accounts = world.accounts(monday()).await;
        assert!(!accounts.settled && !accounts.balanced);
        let read = accounts
            .equations
            .iter()
            .find(|it| it.id == "read_is_journalled")
            .expect("is there");
        assert_eq!((read.left.sum, read.right.sum, read.difference), (9, 8, 1));
        world.intake(0, accepted(1)).await;
        let accounts = world.accounts(monday()).await;
        assert_eq!(accounts.behind["intake.events.v1"], 1);
    }
}

#[tokio::test]
async fn a_heartbeat_is_the_last_that_was_heard() {
    for mut world in worlds().await {
        eight(&mut world).await;
        let later = monday().plus_minutes(30);
        let IntakeEvent::RecordsSkipped { topic, count, .. } = skipped() else {
            panic!("it is one");
        };
        let heartbeat = IntakeEvent::RecordsSkipped {
            source: source(),
            topic,
            partition: 0,
            first_offset: 10,
            last_offset: 10,
            count,
            at: later,
        };
        world.intake(0, heartbeat).await;
        world.read().await;
        let now = later.plus_minutes(2);
        let heard = world.accounts(now).await.sources;
        let found: Vec<_> = heard.iter().map(|it| (it.source.as_str(), it.seconds)).collect();
        assert_eq!(found, [(source().as_str(), 120)]);
        assert_eq!(heard[0].last_heard_at, later.to_string());
        assert_eq!(world.differences().await, []);
        world.tamper("UPDATE monitor_source SET source = 'other'").await;
        let checks: Vec<_> = world.differences().await.into_iter().map(|it| it.check).collect();
        assert_eq!(checks, ["heard_is_journalled", "heard_is_journalled"]);
    }
}

/// It makes no clue, but the record is one of its source's that was decided.
#[tokio::test]
async fn the_deletion_of_an_unknown_record_is_stale() {
    for mut world in worlds().await {
        world.intake(0, accepted(1)).await;
        let mut life = Life::new(1);
        let mut events = life.report(5);
        let known = events.remove(0);
        let Event::ClueReported { report, .. } = &known.event else {
            panic!("{known:?}");
        };
        let deletion = Deletion {
            source: report.source.clone(),
            source_id: report.source_id.clone(),
            origin: report.origin.clone(),
            snapshot: Snapshot {
                version: None,
                status: Some(SourceStatus::Deleted),
                status_at: None,
                changed_at: monday(),
                basis: TimeBasis::Receipt,
                agency: None,
                conclusion: Conclusion::Unstated,
                prints: Vec::new(),
            },
        };
        let unknown = Occurrence {
            event: Event::UnknownDeleted(deletion),
            ..known
        };
        world.clue(0, vec![unknown]).await;
        world.received(1).await;
        world.read().await;
        let by_source = ReportQuery {
            by: Some(By::Source),
            ..ReportQuery::default()
        };
        let report = world.report(&by_source, monday()).await;
        let records = report.records.expect("records");
        assert_eq!((records.received, records.stale, records.in_flight), (1, 1, 0));
        assert_eq!(report.counts.clues, 0);
        assert!(world.accounts(monday()).await.balanced);
        assert_eq!(world.differences().await, []);
    }
}

#[tokio::test]
async fn the_proof_finds_nothing_where_nothing_is_wrong() {
    for mut world in worlds().await {
        let mut lives = eight(&mut world).await;
        let assigned = lives[0].assign("north");
        let version = assigned[0].version;
        world.clue(0, assigned).await;
        let (clue, topic, at) = (lives[0].id, "agency.north".to_owned(), monday());
        world
            .delivery(
                0,
                DeliveryEvent::AssignmentPublished {
                    clue,
                    version,
                    agency: agency("north"),
                    topic,
                    at,
                },
            )
            .await;
        world.read().await;
        assert_eq!(world.differences().await, []);
    }
}

#[tokio::test]
async fn the_proof_stops_at_the_position_that_was_reached() {
    for mut world in worlds().await {
        let mut lives = eight(&mut world).await;
        let unread = lives[0].assign("north");
        world.clue(0, unread).await;
        assert_eq!(world.differences().await, []);
    }
}

#[tokio::test]
async fn the_proof_finds_what_was_changed_by_hand() {
    let cases = [
        (
            "UPDATE monitor_clue SET stage = 'closed' WHERE source_id = '1'",
            "clue_is_fold",
        ),
        (
            "UPDATE monitor_clue SET agency = 'south', holder = 'agency' WHERE source_id = '2'",
            "clue_is_fold",
        ),
        (
            "DELETE FROM monitor_clue WHERE source_id = '3'",
            "events_have_clue",
        ),
        (
            "UPDATE monitor_record SET records = records + 1 WHERE disposition = 'accepted'",
            "tally_is_count",
        ),
        (
            "DELETE FROM monitor_record WHERE disposition = 'skipped'",
            "tally_is_count",
        ),
        ("UPDATE monitor_quarantine SET records = 0", "tally_is_count"),
    ];
    for (statement, check) in cases {
        for mut world in worlds().await {
            eight(&mut world).await;
            world.tamper(statement).await;
            let found = world.differences().await;
            assert_eq!(
                found.iter().map(|it| it.check).collect::<Vec<_>>(),
                [check],
                "{statement}"
            );
        }
    }
}
