//! Deadlines: what lapses when, and what comes before it.

use bihuan_domain::clue::Command as ClueAsked;
use bihuan_domain::dispute::{Command, Event, Step};

use super::on_both;
use super::world::{NORTH, OFFICE, TOWN, World, of, paper, ruling, sitting};

on_both!(
    what_was_done_in_time_is_in_time_however_late_it_is_read,
    a_command_overtakes_no_deadline_and_no_deadline_a_command,
    a_new_calendar_moves_provisional_deadlines,
    whoever_takes_over_goes_on_where_it_was,
);

mod slow {
    use super::no_step_lapses_before_what_happened_to_its_clue_is_heard;
    use crate::tests::on_kafka;

    on_kafka!(no_step_lapses_before_what_happened_to_its_clue_is_heard);
}

/// At the step at which the town must take the clue up.
async fn designated(world: &mut World) -> (bihuan_domain::id::ClueId, bihuan_domain::id::DisputeId) {
    let (clue, dispute) = world.disputed("1").await;
    world.pass_days(45);
    for _ in 0..6 {
        world.happens("StepLapsed").await;
    }
    world.asks(clue, dispute, sitting(OFFICE), ruling(TOWN)).await;
    world.happens("DisputeDecided").await;
    world.pass_days(8);
    world.happens("StepLapsed").await;
    world.obeys().await;
    (clue, dispute)
}

async fn what_was_done_in_time_is_in_time_however_late_it_is_read(mut world: World) {
    let (clue, dispute) = designated(&mut world).await;
    world.stop().await;
    world.asks_clue(clue, of(TOWN), ClueAsked::AcknowledgeClue).await;
    // nobody read it for as long as the ruling had to be taken up, and longer
    world.pass_days(30);
    world.run();
    let taken_up = world.happens("RulingTakenUp").await;
    assert!(matches!(taken_up.event, Event::RulingTakenUp { late: false, .. }));
    assert_eq!(world.dispute(dispute).await.breaches, []);
    world.proves().await;
}

/// What lifecycle has committed counts, though the log does not have it yet.
async fn no_step_lapses_before_what_happened_to_its_clue_is_heard(mut world: World) {
    let (clue, dispute) = designated(&mut world).await;
    world.holds_back();
    world.asks_clue(clue, of(TOWN), ClueAsked::AcknowledgeClue).await;
    world.pass_days(30);
    world.says_nothing().await;
    assert_eq!(world.dispute(dispute).await.step(), Some(Step::TakingUp));
    // somebody asks for something meanwhile
    world.asks(clue, dispute, of(NORTH), Command::AcceptOpinion).await;
    let taken_up = world.happens("RulingTakenUp").await;
    assert!(matches!(taken_up.event, Event::RulingTakenUp { late: false, .. }));
    world.happens("CommandRejected").await;
    world.brings().await;
    world.says_nothing().await;
    assert_eq!(world.dispute(dispute).await.breaches, []);
    world.proves().await;
}

async fn a_command_overtakes_no_deadline_and_no_deadline_a_command(mut world: World) {
    let (clue, dispute) = world.disputed("1").await;
    world.stop().await;
    let early = Command::RecordMinutes {
        agreed: None,
        minutes: paper("协1"),
    };
    world.asks(clue, dispute, of(NORTH), early.clone()).await;
    world.pass_days(45);
    world.asks(clue, dispute, of(NORTH), early).await;
    world.run();
    world.happens("MinutesRecorded").await;
    // the steps that were over when it was asked again lapse before it is decided
    let refused = world.happens("CommandRejected").await;
    let Event::CommandRejected { rejection, .. } = refused.event else {
        panic!("{refused:?}");
    };
    assert_eq!(rejection.code, "wrong_step");
    assert_ne!(world.dispute(dispute).await.step(), Some(Step::Application));
    world.proves().await;
}

async fn a_new_calendar_moves_provisional_deadlines(mut world: World) {
    let (_, dispute) = world.disputed("1").await;
    let before = world.dispute(dispute).await;
    let before = before.deadline().expect("open");
    assert!(before.provisional, "nobody knows the holidays of 2026");
    let holidays = r#"{"holidays": {"2026-01-07": "b", "2026-01-08": "b", "2026-01-09": "b"}}"#;
    world.pass_minutes(10);
    world.activate(2, &[("holidays.json", holidays)]).await;
    world.pass_minutes(10);
    world.happens("DeadlineRevised").await;
    let after = world.dispute(dispute).await;
    let after = after.deadline().expect("open");
    assert!(!after.provisional);
    assert_eq!(
        after.at.since(before.at) / 86_400_000_000,
        5,
        "three days off, and a weekend"
    );
    assert_eq!(
        after.limits_by, before.limits_by,
        "the limits are those of its report"
    );
    world.says_nothing().await;
    world.proves().await;
}

async fn whoever_takes_over_goes_on_where_it_was(mut world: World) {
    let (clue, dispute) = world.disputed("1").await;
    world.stop().await;
    world.run();
    world.pass_days(12);
    world.happens("StepLapsed").await;
    world.stop().await;
    world.run();
    let accept = Command::AcceptApplication;
    world.asks(clue, dispute, sitting(OFFICE), accept).await;
    world.happens("ApplicationAccepted").await;
    assert_eq!(world.dispute(dispute).await.step(), Some(Step::Forwarding));
    world.proves().await;
}
