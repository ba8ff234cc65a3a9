//! Journals: appended in bulk, read in order, chained by clue and by digest.

use bihuan_domain::digest::Digest;
use bihuan_domain::time::Timestamp;
use bihuan_store::Error;
use bihuan_store::journal::{self, Entry, Journal};
use uuid::Uuid;

use crate::world::World;

fn entry(partition: u32, sequence: i64) -> Entry {
    Entry {
        partition,
        sequence,
        clue: None,
        previous: None,
        at: Timestamp::from_micros(1_700_000_000_000_001 + sequence),
        type_name: "test.happened".to_owned(),
        payload: vec![0, 255, sequence as u8],
    }
}

async fn append(world: &World, journal: Journal, entries: &[Entry]) -> bihuan_store::Result<()> {
    let mut tx = world.store.begin().await?;
    journal::append(tx.conn(), journal, entries).await?;
    tx.commit().await
}

async fn what_is_appended_is_read_in_order(world: World) {
    let clue = Uuid::from_u128(7);
    let mut entries: Vec<Entry> = (1..=473).map(|sequence| entry(2, sequence)).collect();
    entries[3].clue = Some(clue);
    entries[9].clue = Some(clue);
    entries[9].previous = Some(4);
    entries[5].at = Timestamp::from_micros(-1);
    entries[6].payload = Vec::new();
    for journal in Journal::ALL {
        append(&world, journal, &entries).await.expect("appends");
        append(&world, journal, &[entry(0, 1)]).await.expect("appends");
        append(&world, journal, &[]).await.expect("appends nothing");
    }
    let mut reader = world.read().await;
    for journal in Journal::ALL {
        assert_eq!(
            journal::after(reader.conn(), journal, 2, 0, 1_000)
                .await
                .expect("reads"),
            entries
        );
        assert_eq!(
            journal::after(reader.conn(), journal, 2, 470, 2)
                .await
                .expect("reads"),
            entries[470..472]
        );
        assert_eq!(
            journal::after(reader.conn(), journal, 1, 0, 2)
                .await
                .expect("reads"),
            []
        );
    }
}

async fn a_sequence_is_used_once(world: World) {
    append(&world, Journal::Clue, &[entry(0, 1)])
        .await
        .expect("appends");
    let again = append(&world, Journal::Clue, &[entry(0, 2), entry(0, 1)])
        .await
        .expect_err("refused");
    assert!(!again.is_transient(), "{again}");
    assert_eq!(
        journal::after(world.read().await.conn(), Journal::Clue, 0, 0, 9)
            .await
            .expect("reads")
            .len(),
        1
    );
}

async fn the_ends_are_the_newest_sequences(world: World) {
    assert_eq!(
        journal::ends(world.read().await.conn(), Journal::Clue)
            .await
            .expect("reads"),
        []
    );
    let entries: Vec<Entry> = [(0, 1), (0, 2), (3, 1), (11, 1), (11, 2), (11, 3)]
        .map(|(p, s)| entry(p, s))
        .into();
    append(&world, Journal::Clue, &entries).await.expect("appends");
    append(&world, Journal::Intake, &[entry(5, 1)])
        .await
        .expect("appends");
    let ends = journal::ends(world.read().await.conn(), Journal::Clue)
        .await
        .expect("reads");
    assert_eq!(ends, [(0, 2), (3, 1), (11, 3)]);
}

async fn a_clue_is_found_by_walking_back_from_its_newest_event(world: World) {
    let clue = |sequence, previous| Entry {
        clue: Some(Uuid::from_u128(1)),
        previous,
        ..entry(0, sequence)
    };
    let entries = [
        clue(1, None),
        entry(0, 2),
        clue(3, Some(1)),
        entry(0, 4),
        clue(5, Some(3)),
        entry(0, 6),
    ];
    append(&world, Journal::Clue, &entries).await.expect("appends");
    append(&world, Journal::Clue, &[entry(1, 1), entry(1, 3)])
        .await
        .expect("appends");
    let mut reader = world.read().await;
    let chain = journal::chain(reader.conn(), Journal::Clue, 0, 5)
        .await
        .expect("reads");
    assert_eq!(
        chain.iter().map(|entry| entry.sequence).collect::<Vec<_>>(),
        [1, 3, 5]
    );
    assert_eq!(
        journal::chain(reader.conn(), Journal::Clue, 0, 99)
            .await
            .expect("reads"),
        []
    );
}

async fn many_clues_are_found_as_each_by_itself(world: World) {
    // clue c has every seventh entry of two partitions, of which some are nobody's
    let mut entries = Vec::new();
    for partition in [0, 4] {
        let mut last: [Option<i64>; 7] = [None; 7];
        for sequence in 1..=600 {
            let clue = (sequence * sequence % 7) as usize;
            let mut entry = entry(partition, sequence);
            if clue > 0 {
                entry.clue = Some(Uuid::from_u128(clue as u128));
                entry.previous = last[clue].replace(sequence);
            }
            entries.push(entry);
        }
    }
    append(&world, Journal::Clue, &entries).await.expect("appends");
    let mut heads: Vec<(u32, i64)> = (1..=600).map(|sequence| (4, sequence)).collect();
    heads.extend([(0, 599), (0, 3), (0, 700), (9, 1)]);
    let mut reader = world.read().await;
    let chains = journal::chains(reader.conn(), Journal::Clue, &heads)
        .await
        .expect("reads");
    assert_eq!(chains.len(), 602, "two are not there");
    for (partition, head) in heads {
        let alone = journal::chain(reader.conn(), Journal::Clue, partition, head).await;
        let together = chains.get(&(partition, head)).cloned().unwrap_or_default();
        assert_eq!(together, alone.expect("reads"), "{partition}/{head}");
    }
}

async fn what_comes_back_has_the_same_digest(world: World) {
    let mut entries: Vec<Entry> = (1..=20).map(|sequence| entry(0, sequence)).collect();
    entries[4].clue = Some(Uuid::from_u128(u128::MAX));
    entries[8].previous = Some(5);
    let chain = |entries: &[Entry]| {
        entries
            .iter()
            .fold(Digest::ZERO, |head, entry| entry.chained(head))
    };
    let head = chain(&entries);
    append(&world, Journal::Clue, &entries).await.expect("appends");
    let read = journal::after(world.read().await.conn(), Journal::Clue, 0, 0, 100)
        .await
        .expect("reads");
    assert_eq!(chain(&read), head);
    for change in [
        |entry: &mut Entry| entry.payload[2] ^= 1,
        |entry: &mut Entry| entry.at = entry.at.plus_micros(1),
        |entry: &mut Entry| entry.type_name.push('x'),
        |entry: &mut Entry| entry.previous = Some(3),
        |entry: &mut Entry| entry.clue = Some(Uuid::nil()),
    ] {
        let mut changed = read.clone();
        change(&mut changed[12]);
        assert_ne!(chain(&changed), head, "{:?}", changed[12]);
    }
    let mut swapped = read.clone();
    swapped.swap(0, 1);
    assert_ne!(chain(&swapped), head);
}

async fn an_error_says_what_it_is_about(world: World) {
    let mut tx = world.store.begin().await.expect("begins");
    let mut foreign = entry(0, 1);
    foreign.partition = u32::MAX;
    journal::append(tx.conn(), Journal::Clue, &[foreign])
        .await
        .expect("any number is a partition");
    drop(tx);
    let counted = Error::RowCount {
        what: "journal",
        expected: 2,
        written: 1,
    };
    assert_eq!(counted.to_string(), "journal: expected to write 2 rows, wrote 1");
    assert!(
        journal::ends(world.read().await.conn(), Journal::Clue)
            .await
            .expect("reads")
            .is_empty(),
        "rolled back"
    );
}

crate::on_both!(
    what_is_appended_is_read_in_order,
    a_sequence_is_used_once,
    the_ends_are_the_newest_sequences,
    a_clue_is_found_by_walking_back_from_its_newest_event,
    many_clues_are_found_as_each_by_itself,
    what_comes_back_has_the_same_digest,
    an_error_says_what_it_is_about,
);
