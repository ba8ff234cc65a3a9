//! Whatever breaks between the steps of a batch: no ruling without its assignment, no assignment without its ruling.

use std::collections::BTreeSet;

use bihuan_domain::clue::{Command as ClueAsked, Designation};
use bihuan_stream::faults::{self, Point};

use super::on_both;
use super::world::{NORTH, OFFICE, TOWN, World, of, ruling, sitting};
use crate::{GROUP, tell};

on_both!(a_ruling_is_told_once_whatever_breaks);

const POINTS: [Point; 4] = [
    Point::BeforePublish,
    Point::AfterPublish,
    Point::BeforeCommit,
    Point::AfterCommit,
];

async fn a_ruling_is_told_once_whatever_breaks(world: World) {
    let mut world = world.alone().await;
    let mut told = BTreeSet::new();
    for (number, point) in POINTS.into_iter().enumerate() {
        let (clue, dispute) = world.disputed(&number.to_string()).await;
        world.pass_days(45);
        for _ in 0..6 {
            world.happens("StepLapsed").await;
        }
        faults::arm(GROUP, point, 2);
        world.asks(clue, dispute, sitting(OFFICE), ruling(TOWN)).await;
        world.happens("DisputeDecided").await;
        world.pass_days(8);
        world.happens("StepLapsed").await;
        // of its telling too
        faults::arm(GROUP, point, 2);
        let mut commands = vec![world.told().await];
        assert_eq!(world.decide(&commands[0]).await, None);
        world.asks_clue(clue, of(TOWN), ClueAsked::AcknowledgeClue).await;
        world.happens("RulingTakenUp").await;
        while faults::left(GROUP, point) > 0 {
            // the faults are spent by batches; each needs something to do
            world
                .asks(
                    clue,
                    dispute,
                    of(NORTH),
                    bihuan_domain::dispute::Command::AcceptOpinion,
                )
                .await;
            world.happens("CommandRejected").await;
        }
        // a repeat is the same command, and does nothing
        while let Some(again) = world.told_already() {
            assert_eq!(world.decide(&again).await, None);
            commands.push(again);
        }
        let ids: BTreeSet<_> = commands.iter().map(|it| it.id).collect();
        assert_eq!(ids.len(), 1, "{point:?}: {commands:?}");
        assert!(matches!(
            &commands[0].command,
            ClueAsked::DesignateAgency {
                by: Designation::Ruling,
                ..
            }
        ));
        told.extend(ids);
    }
    // each was led to by an event that is in the journal, and each ruling that binds led to one
    let entries = world.entries().await;
    let causes: BTreeSet<_> = entries
        .iter()
        .map(|it| tell::cause((it.partition, it.sequence)).0)
        .collect();
    assert!(told.is_subset(&causes));
    let decided = entries
        .iter()
        .filter(|it| it.type_name.ends_with(".DisputeDecided"));
    assert_eq!((decided.count(), told.len()), (POINTS.len(), POINTS.len()));
    world.proves().await;
}
