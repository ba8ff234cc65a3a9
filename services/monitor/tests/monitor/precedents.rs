//! Which clues the precedent of a dispute dispatched: found, counted, and proved.

use std::path::Path;

use bihuan_domain::clue::{Command, Occurrence, Role, RoutingDecision};
use bihuan_domain::code::RulebookVersion;
use bihuan_domain::id::{CommandId, DisputeId};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_monitor::listing::{self, Reading};
use bihuan_monitor::precedents::{self, ByPrecedent};
use bihuan_monitor::{Filter, Monitor};
use bihuan_rulebook::{Files, compile, remember, with_duty};

use crate::life::{Life, agency, monday};
use crate::world::{World, worlds};

fn dispute() -> DisputeId {
    let clue = Life::new(0).id;
    DisputeId::derive(clue, CommandId::derive(b"dispute", "test", 0))
}

/// The sample rulebook with a row that comes from the dispute: its version, and the row's line.
async fn remembered(world: &World) -> (RulebookVersion, u32) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/rulebooks/shaoxing");
    let files = Files::read_dir(&sample).expect("the sample");
    let basis = format!("条例第十七条; ruling; dispute {}", dispute());
    let row = [
        ("matter", "06010"),
        ("area", "330603001"),
        ("role", "first_handler"),
        ("agency", "330603-lhyh"),
        ("from", "2026-01-05"),
        ("layer", "county"),
        ("basis", &basis),
    ];
    let (files, line) = with_duty(&files, &row).expect("all columns");
    let (rulebook, findings) = compile(&files);
    let rulebook = rulebook.unwrap_or_else(|| panic!("{findings:?}"));
    let mut tx = world.store.begin().await.expect("begins");
    remember(tx.conn(), &files, &rulebook).await.expect("remembers");
    tx.commit().await.expect("commits");
    (rulebook.version, line)
}

fn assigned(life: &mut Life, rule: Option<(RulebookVersion, u32)>) -> Vec<Occurrence> {
    let (rulebook, row) = rule.unzip();
    let decision = RoutingDecision {
        rulebook: rulebook.unwrap_or_else(RulebookVersion::none),
        row,
        reason: if row.is_some() { "matched" } else { "by_person" }.to_owned(),
    };
    let command = Command::AssignClue {
        agency: agency("330603-lhyh"),
        penalty: None,
        assisting: Vec::new(),
        decision,
    };
    life.act(Role::Routing, None, command)
}

async fn routed(world: &World, of: DisputeId, most: u32) -> ByPrecedent {
    let rulebook = Rulebook::none();
    let reading = Reading {
        rulebook: &rulebook,
        lang: Lang::En,
        now: monday(),
    };
    precedents::of_dispute(&world.store, of, most, reading)
        .await
        .expect("reads")
}

/// Three by the row of the dispute, one by the row before it, one by a person, one by a rulebook that nobody has.
async fn six(world: &mut World) -> Vec<Life> {
    let (version, line) = remembered(world).await;
    let unknown = RulebookVersion::new("0123456789ab").expect("valid");
    let by = |line| Some((version.clone(), line));
    let rules = [
        by(line),
        by(line - 1),
        None,
        Some((unknown, line)),
        by(line),
        by(line),
    ];
    let mut lives: Vec<Life> = (1..=6).map(Life::new).collect();
    for ((life, rule), partition) in lives.iter_mut().zip(rules).zip([0, 1, 2].into_iter().cycle()) {
        let mut events = life.report(5);
        events.extend(assigned(life, rule));
        world.clue(partition, events).await;
    }
    world.read().await;
    lives
}

#[tokio::test]
async fn clues_are_told_by_the_dispute_whose_precedent_dispatched_them() {
    for mut world in worlds().await {
        let mut lives = six(&mut world).await;
        let all = routed(&world, dispute(), 10).await;
        let mut found: Vec<_> = all.clues.iter().map(|it| it.number.clone()).collect();
        found.sort();
        let expected: Vec<_> = [0, 4, 5].map(|at: usize| lives[at].number.clone()).into();
        assert_eq!((all.count, found), (3, expected));
        let first = routed(&world, dispute(), 1).await;
        assert_eq!((first.count, first.clues), (3, all.clues[..1].to_vec()));
        let other = DisputeId::derive(lives[1].id, CommandId::derive(b"another", "test", 0));
        assert_eq!(routed(&world, other, 10).await, ByPrecedent::default());
        // whoever has it later, and by whatever it got there
        let moved = lives[0].transfer("330603-zhzf");
        world.clue(0, moved).await;
        world.read().await;
        assert_eq!(routed(&world, dispute(), 10).await.count, 3);
        let filter = Filter {
            precedent: Some(dispute()),
            agency: Some("330603-lhyh".to_owned()),
            ..Filter::default()
        };
        let rulebook = Rulebook::none();
        let reading = Reading {
            rulebook: &rulebook,
            lang: Lang::Zh,
            now: monday(),
        };
        let page = listing::list(&world.store, &filter, None, 10, reading).await;
        assert_eq!(page.expect("lists").clues.len(), 2);
    }
}

#[tokio::test]
async fn a_clue_that_is_missing_there_or_too_much_is_found() {
    for mut world in worlds().await {
        let mut lives = six(&mut world).await;
        assert_eq!(world.differences().await, []);
        // another process goes on, and reads the rulebook itself
        world.monitor = Monitor::new(world.store.clone());
        let closed = lives[4].close("330603-lhyh");
        world.clue(1, closed).await;
        world.read().await;
        assert_eq!(world.differences().await, []);
        world
            .tamper("DELETE FROM monitor_precedent WHERE partition = 1")
            .await;
        let found = world.differences().await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (found[0].check, found[0].clue),
            ("precedent_is_fold", Some(lives[4].id))
        );
        assert_eq!(found[0].found, "by no precedent");
    }
}
