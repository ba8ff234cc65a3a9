//! Looking disputes up.

use bihuan_domain::code::AreaCode;
use bihuan_domain::dispute::{Command, Forum, Position};

use super::on_both;
use super::world::{CITY_OFFICE, NORTH, OFFICE, TOWN, World, agency, of, paper};
use crate::{Filter, Shown, list, texts, verify};

on_both!(
    disputes_are_found_by_what_one_looks_for,
    what_was_said_in_words_is_kept_apart,
    what_was_tampered_with_shows,
);

async fn disputes_are_found_by_what_one_looks_for(mut world: World) {
    let (first_clue, first) = world.disputed("1").await;
    world.pass_minutes(60);
    let (second_clue, second) = world.disputed("2").await;
    world
        .asks(first_clue, first, of(NORTH), Command::WithdrawDispute)
        .await;
    world.happens("DisputeWithdrawn").await;
    let county = Forum::County(AreaCode::new("330602").expect("valid"));
    let elsewhere = Forum::County(AreaCode::new("330683").expect("valid"));
    let due = world.dispute(second).await.deadline().expect("open").at;
    let all = Filter::default();
    let table = [
        (all.clone(), vec![second, first]),
        (
            Filter {
                open: Some(true),
                ..all.clone()
            },
            vec![second],
        ),
        (
            Filter {
                open: Some(false),
                ..all.clone()
            },
            vec![first],
        ),
        (
            Filter {
                clue: Some(second_clue),
                ..all.clone()
            },
            vec![second],
        ),
        (
            Filter {
                agency: Some(agency(TOWN)),
                ..all.clone()
            },
            vec![second, first],
        ),
        (
            Filter {
                agency: Some(agency(CITY_OFFICE)),
                ..all.clone()
            },
            vec![],
        ),
        (
            Filter {
                agency: Some(agency(OFFICE)),
                ..all.clone()
            },
            vec![],
        ),
        (
            Filter {
                forum: Some(county),
                ..all.clone()
            },
            vec![second, first],
        ),
        (
            Filter {
                forum: Some(elsewhere),
                ..all.clone()
            },
            vec![],
        ),
        (
            Filter {
                forum: Some(Forum::City),
                ..all.clone()
            },
            vec![],
        ),
        (
            Filter {
                due_before: Some(due),
                ..all.clone()
            },
            vec![],
        ),
        (
            Filter {
                due_before: Some(due.plus_micros(1)),
                ..all.clone()
            },
            vec![second],
        ),
    ];
    for (filter, expected) in table {
        let found = list(&world.store, &filter, 10).await.expect("read");
        let found: Vec<_> = found.iter().map(|it: &Shown| it.dispute.id).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
    let most = list(&world.store, &all, 1).await.expect("read");
    assert_eq!(most.len(), 1);
}

async fn what_was_said_in_words_is_kept_apart(mut world: World) {
    let (clue, dispute) = world.disputed("1").await;
    let says = Command::StatePosition {
        position: Position::Denies,
        duty: "7".to_owned(),
        papers: vec![paper("1")],
    };
    world.asks(clue, dispute, of(NORTH), says).await;
    let stated = world.happens("PositionStated").await;
    let mut reader = world.store.read().await.expect("a connection");
    let partition = bihuan_contracts::partition_of(clue, super::world::PARTITIONS);
    let texts = texts(&mut reader, partition, dispute).await.expect("read");
    drop(reader);
    assert_eq!(texts.len(), 1);
    let (version, text) = &texts[0];
    assert_eq!((*version, text.remark.as_deref()), (stated.version, Some("说明")));
    assert_eq!(stated.text, Some(text.digest()));
    let remark = "说明".as_bytes();
    let entries = world.entries().await;
    let says_so = |payload: &[u8]| payload.windows(remark.len()).any(|it| it == remark);
    assert!(!entries.iter().any(|it| says_so(&it.payload)));
    // erased is not changed
    world.execute("UPDATE dispute_text SET remark = NULL").await;
    world.proves().await;
}

async fn what_was_tampered_with_shows(mut world: World) {
    let (clue, dispute) = world.disputed("1").await;
    world
        .asks(clue, dispute, of(NORTH), Command::WithdrawDispute)
        .await;
    world.obeys().await;
    world.proves().await;
    let tampered = [
        ("UPDATE dispute SET step = 'opinion'", "dispute_columns"),
        (
            "UPDATE dispute SET step = NULL, sequence = sequence + 1",
            "dispute_state",
        ),
        ("UPDATE dispute_text SET remark = 'x'", "dispute_text"),
        ("DELETE FROM dispute_text", "dispute_text"),
        ("DELETE FROM dispute_agency", "dispute_agencies"),
        ("DELETE FROM dispute", "dispute_state"),
    ];
    for (change, check) in tampered {
        world.execute(change).await;
        let mut reader = world.store.snapshot().await.expect("a snapshot");
        let (_, differences) = verify::verify(&mut reader).await.expect("read");
        let found: Vec<_> = differences.iter().map(|it| it.check).collect();
        assert!(found.contains(&check), "{change}: {differences:?}");
    }
}
