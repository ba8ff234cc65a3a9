//! A dispute from the event of its clue to the end of it.

use bihuan_contracts::dispute::{DisputeCommand, command};
use bihuan_contracts::{Message, partition_of, topics};
use bihuan_domain::clue::{Actor, Command as ClueAsked, Designation, Progress, Role, Stage};
use bihuan_domain::dispute::{Command, Outcome, Step};

use super::on_both;
use super::world::{NORTH, OFFICE, PARTITIONS, TOWN, World, agency, clue, of, paper, ruling, sitting};
use crate::history;

on_both!(
    a_dispute_runs_from_the_clue_to_a_ruling_that_is_carried_out,
    what_the_parties_agree_on_is_told_the_clue_and_what_is_given_up_releases_it,
    a_repeat_of_everything_changes_nothing,
    what_cannot_be_read_is_put_away,
    a_clue_that_ends_ends_its_dispute_and_may_come_into_dispute_again,
    what_cannot_be_opened_releases_the_clue,
);

async fn a_dispute_runs_from_the_clue_to_a_ruling_that_is_carried_out(mut world: World) {
    let (clue, dispute) = world.disputed("1").await;
    assert_eq!(world.clue_of(clue).dispute, Some(dispute));
    assert_eq!(world.dispute(dispute).await.step(), Some(Step::Negotiation));
    // negotiation, application, acceptance, forwarding, replies and the opinion pass without a word
    world.pass_days(45);
    for _ in 0..6 {
        world.happens("StepLapsed").await;
    }
    let at_decision = world.dispute(dispute).await;
    assert_eq!(at_decision.step(), Some(Step::Decision));
    let opened = at_decision.opened_at;
    let days = at_decision.deadline().expect("open").since.since(opened) / 86_400_000_000;
    assert!((27..45).contains(&days), "each in its own time: {days}");
    world.says_nothing().await;
    decided(&mut world, clue, dispute).await;

    // the town has it, by the ruling, and takes it up
    let told = world.obeys().await;
    let ClueAsked::DesignateAgency {
        agency: named,
        assisting,
        basis,
        by,
        ..
    } = told
    else {
        panic!("{told:?}");
    };
    assert_eq!((named, by), (agency(TOWN), Designation::Ruling));
    assert_eq!((assisting, basis.as_str()), (vec![agency(NORTH)], "条例17 (裁1)"));
    let Stage::Held { by, progress } = &world.clue_of(clue).stage else {
        panic!("{:?}", world.clue_of(clue).stage);
    };
    assert_eq!((&by.agency, *progress), (&agency(TOWN), Progress::Dispatched));
    assert_eq!(world.dispute(dispute).await.taken_up_at, None);
    world.asks_clue(clue, of(TOWN), ClueAsked::AcknowledgeClue).await;
    world.happens("RulingTakenUp").await;
    assert_eq!(world.dispute(dispute).await.step(), Some(Step::Compliance));
    world.asks_clue(clue, of(TOWN), ClueAsked::StartHandling).await;
    world.asks_clue(clue, of(TOWN), World::resolution()).await;
    if world.clue_of(clue).is_open() {
        let desk = Actor::service(Role::Operator);
        world.asks_clue(clue, desk, ClueAsked::CloseClue).await;
    }
    world.happens("ClueEnded").await;
    let ended = world.dispute(dispute).await;
    assert_eq!(
        ended.outcome(),
        Some(&Outcome::CarriedOut { agency: agency(TOWN) })
    );
    assert_eq!(ended.breaches, []);
    world.says_nothing().await;
    world.proves().await;

    let mut reader = world.store.read().await.expect("a connection");
    let history = history(&mut reader, dispute).await.expect("read");
    assert!(history.iter().map(|it| it.version).eq(1..=history.len() as u32));
    let events: Vec<_> = history.iter().map(|it| it.event.name()).collect();
    assert_eq!((events[0], events.last()), ("DisputeOpened", Some(&"ClueEnded")));
}

/// The ruling is made, and nobody appeals.
async fn decided(world: &mut World, clue: bihuan_domain::id::ClueId, dispute: bihuan_domain::id::DisputeId) {
    let forum = world.dispute(dispute).await.forum;
    assert_eq!(forum.to_string(), "county 330602");
    world.asks(clue, dispute, sitting(OFFICE), ruling(TOWN)).await;
    world.happens("DisputeDecided").await;
    // until it can be appealed no more the interim holder has the clue
    world.says_nothing().await;
    world.pass_days(8);
    world.happens("StepLapsed").await;
    assert_eq!(world.dispute(dispute).await.step(), Some(Step::TakingUp));
}

async fn what_the_parties_agree_on_is_told_the_clue_and_what_is_given_up_releases_it(mut world: World) {
    let (settled, dispute) = world.disputed("1").await;
    let agree = Command::RecordMinutes {
        agreed: Some(agency(TOWN)),
        minutes: paper("协1"),
    };
    world.asks(settled, dispute, of(TOWN), agree).await;
    world.happens("DisputeSettled").await;
    let told = world.obeys().await;
    let ClueAsked::DesignateAgency {
        agency: named,
        basis,
        by,
        ..
    } = told
    else {
        panic!("{told:?}");
    };
    assert_eq!(
        (named, basis.as_str(), by),
        (agency(TOWN), "协1", Designation::Agreement)
    );
    assert_eq!(world.clue_of(settled).dispute, None, "it is over with it");

    let (withdrawn, dispute) = world.disputed("2").await;
    world
        .asks(withdrawn, dispute, of(NORTH), Command::WithdrawDispute)
        .await;
    world.happens("DisputeWithdrawn").await;
    let told = world.obeys().await;
    assert_eq!(told, ClueAsked::ReleaseFromDispute { dispute });
    assert_eq!(world.clue_of(withdrawn).dispute, None);
    let holder = world.clue_of(withdrawn).assignment().map(|it| it.agency.clone());
    assert_eq!(holder, Some(agency(NORTH)), "whoever has it keeps it");
    world.says_nothing().await;
    world.proves().await;
}

/// Everything is read again from the beginning, as if no position had ever been kept.
async fn a_repeat_of_everything_changes_nothing(mut world: World) {
    let (clue, dispute) = world.disputed("1").await;
    let minutes = Command::RecordMinutes {
        agreed: None,
        minutes: paper("协1"),
    };
    let envelope = world.envelope(dispute, of(TOWN), minutes);
    let asked = DisputeCommand { clue, envelope };
    world.sends(&asked).await;
    world.happens("MinutesRecorded").await;
    world
        .asks(clue, dispute, of(NORTH), Command::WithdrawDispute)
        .await;
    world.happens("DisputeWithdrawn").await;
    let first = world.told().await;
    world.decide(&first).await;
    let before = world.entries().await;

    world.sends(&asked).await;
    world.stop().await;
    world
        .execute("UPDATE lease SET positions = '{}' WHERE consumer_group = 'dispute'")
        .await;
    world.run();
    let again = world.told().await;
    assert_eq!((again.id, &again.command), (first.id, &first.command));
    assert_eq!(world.decide(&again).await, None);
    world.says_nothing().await;
    assert_eq!(world.entries().await, before);
    world.proves().await;
}

async fn what_cannot_be_read_is_put_away(mut world: World) {
    let (clue_of, dispute) = world.disputed("1").await;
    let partition = partition_of(clue_of, PARTITIONS);
    let garbage = Message {
        topic: topics::DISPUTE_COMMANDS.into(),
        partition,
        key: Vec::new(),
        headers: Vec::new(),
        payload: b"\xff".to_vec(),
    };
    world.publishes(garbage).await;
    assert_eq!(world.puts_away().await.0, "not_protobuf");

    let field = |name: &str| Some(name.to_owned());
    let envelope = world.envelope(dispute, of(TOWN), Command::AcceptOpinion);
    let asked = DisputeCommand {
        clue: clue_of,
        envelope,
    };
    let elsewhere = command::message(&asked, (partition + 1) % PARTITIONS, "test");
    world.publishes(elsewhere).await;
    assert_eq!(
        world.puts_away().await,
        ("wrong_partition".to_owned(), field("clue"))
    );

    let other = (2..).map(|number: u32| clue(&number.to_string()));
    let neighbour = other
        .into_iter()
        .find(|it| partition_of(*it, PARTITIONS) == partition)
        .expect("there is one");
    let mistaken = DisputeCommand {
        clue: neighbour,
        ..asked.clone()
    };
    world.sends(&mistaken).await;
    assert_eq!(
        world.puts_away().await,
        ("field_invalid".to_owned(), field("clue"))
    );

    let opening = world.dispute(dispute).await.opening;
    let operator = Actor::service(Role::Operator);
    world
        .asks(clue_of, dispute, operator, Command::OpenDispute(opening))
        .await;
    assert_eq!(
        world.puts_away().await,
        ("raised_at_clue".to_owned(), field("body"))
    );

    // refused is something else than unreadable
    world.sends(&asked).await;
    let refused = world.happens("CommandRejected").await;
    assert_eq!((refused.dispute, refused.command), (dispute, asked.envelope.id));
    world.proves().await;
}

async fn a_clue_that_ends_ends_its_dispute_and_may_come_into_dispute_again(mut world: World) {
    let (clue, first) = world.disputed("1").await;
    let desk = Actor::service(Role::Operator);
    let void = ClueAsked::VoidClue {
        reason: "duplicate".to_owned(),
    };
    world.asks_clue(clue, desk.clone(), void).await;
    world.happens("ClueEnded").await;
    assert!(!world.dispute(first).await.is_open());
    assert_eq!(world.clue_of(clue).dispute, None);

    let (clue, first) = world.disputed("2").await;
    world.asks(clue, first, of(NORTH), Command::WithdrawDispute).await;
    world.obeys().await;
    let second = world.raised(clue).await;
    assert_ne!(first, second);
    assert!(world.dispute(second).await.is_open());
    world.says_nothing().await;
    world.proves().await;
}

/// What the clue may say and the dispute may not open: the clue does not stay in dispute.
async fn what_cannot_be_opened_releases_the_clue(mut world: World) {
    let clue = world.reported("1").await;
    // the agency is struck off before the dispute is opened, so that it begins with a party that nobody knows
    let claims = [NORTH, "gone"].map(|id| bihuan_domain::dispute::Claim {
        agency: agency(id),
        position: None,
        duty: None,
    });
    world.forgets_agencies();
    let raise = ClueAsked::RaiseDispute {
        cause: bihuan_domain::dispute::Cause::ByCoordinator,
        parties: claims.to_vec(),
    };
    world.asks_clue(clue, sitting(OFFICE), raise).await;
    assert!(world.clue_of(clue).dispute.is_some());
    let refused = world.happens("CommandRejected").await;
    let told = world.obeys().await;
    assert_eq!(
        told,
        ClueAsked::ReleaseFromDispute {
            dispute: refused.dispute
        }
    );
    assert_eq!(world.clue_of(clue).dispute, None);
    world.says_nothing().await;
    world.proves().await;
}
