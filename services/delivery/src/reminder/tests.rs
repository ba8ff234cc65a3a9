//! Bundles in a store: what is in them, and that this never changes.

use std::collections::BTreeSet;

use bihuan_contracts::header;
use bihuan_store::Store;
use bihuan_stream::local;

use super::*;
use crate::MIGRATIONS;

const START: Timestamp = Timestamp::from_micros(1_767_600_000_000_000);

fn reminder(number: u32, agency: &str, seconds: i64) -> Reminder {
    Reminder {
        group: Group {
            agency: AgencyId::new(agency).expect("valid"),
            rung: Rung::new("reminder").expect("valid"),
            kind: RungKind::Reminder,
        },
        clue: RemindedClue {
            clue: ClueId(uuid::Uuid::from_u128(number.into())),
            version: 7,
            number: number.to_string(),
            due_at: START.plus_days(1),
            late: number % 2 == 1,
        },
        heard_at: START.plus_micros(seconds * 1_000_000),
    }
}

async fn store(directory: &tempfile::TempDir) -> Store {
    let store = Store::sqlite(directory.path()).await.expect("opened");
    store
        .migrate(&[local::MIGRATIONS, MIGRATIONS])
        .await
        .expect("migrated");
    store
}

async fn write(store: &Store, rows: Rows) {
    let mut tx = store.begin().await.expect("begun");
    persist(rows, &mut tx).await.expect("written");
    tx.commit().await.expect("committed");
}

async fn hear(store: &Store, reminders: impl IntoIterator<Item = Reminder>) {
    let mut rows = Rows::default();
    rows.hear(1, reminders.into_iter().collect());
    write(store, rows).await;
}

/// What a batch up to `seconds` seals.
async fn seal(store: &Store, seconds: i64) -> Vec<Sealed> {
    let mut reader = store.read().await.expect("a reader");
    let watermark = START.plus_micros(seconds * 1_000_000);
    ripe(&mut reader, 1, watermark).await.expect("read")
}

/// A batch that sealed these is committed.
async fn write_sealed(store: &Store, sealed: Vec<Sealed>) {
    let rows = Rows {
        sealed,
        ..Rows::default()
    };
    write(store, rows).await;
}

/// What a batch publishes.
async fn messages(store: &Store, now: Timestamp) -> Vec<bihuan_contracts::Message> {
    let mut reader = store.read().await.expect("a reader");
    let sealed = rows::sealed(reader.conn(), 1).await.expect("read");
    let config = Config::default();
    let told = sealed
        .into_iter()
        .filter_map(|(id, bundle)| bundle::told(&config, 1, (id, &bundle), now));
    told.map(|(message, _)| message).collect()
}

#[tokio::test]
async fn a_sealed_bundle_is_published_again_as_it_was_whatever_came_meanwhile() {
    let directory = tempfile::tempdir().expect("a folder");
    let store = store(&directory).await;
    hear(&store, (1..=3).map(|number| reminder(number, "county", 10))).await;
    let sealed = seal(&store, 70).await;
    write_sealed(&store, sealed).await;
    let before = messages(&store, START).await;
    // the process ends here: published, and not committed; one that is heard of late belongs into the same minute
    hear(&store, [reminder(4, "county", 10)]).await;
    let after = messages(&store, START.plus_days(1)).await;
    assert_eq!((before.len(), after.len()), (1, 1));
    let said = |it: &bihuan_contracts::Message| (it.headers.clone(), it.key.clone(), it.payload.clone());
    assert_eq!(said(&before[0]), said(&after[0]));
    assert_eq!(seal(&store, 70).await.len(), 1, "the late one goes by itself");
}

#[tokio::test]
async fn the_id_is_that_of_the_events_and_of_whom_they_are_told() {
    let ids = [
        (1..=3, "county"),
        (1..=3, "county"),
        (1..=4, "county"),
        (2..=4, "county"),
        (1..=3, "town"),
    ];
    let mut seen = Vec::new();
    for (numbers, agency) in ids {
        let directory = tempfile::tempdir().expect("a folder");
        let store = store(&directory).await;
        // one at a time: each in a batch of its own
        for number in numbers {
            hear(&store, [reminder(number, agency, i64::from(number))]).await;
        }
        let sealed = seal(&store, 100).await;
        write_sealed(&store, sealed).await;
        let message = messages(&store, START).await.remove(0);
        let id = message.headers.iter().find(|(name, _)| name == header::CE_ID);
        seen.push(id.expect("there").1.clone());
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 4);
}

#[tokio::test]
async fn as_many_as_a_message_holds_go_out_at_once_and_the_rest_when_its_minute_is_over() {
    let directory = tempfile::tempdir().expect("a folder");
    let store = store(&directory).await;
    let many = MOST as u32;
    hear(&store, (1..many).map(|number| reminder(number, "county", 0))).await;
    hear(&store, [reminder(many + 9, "town", 0)]).await;
    assert!(seal(&store, 59).await.is_empty(), "the minute is not over");
    hear(
        &store,
        (many..many + 3).map(|number| reminder(number, "county", 1)),
    )
    .await;
    let sealed = seal(&store, 59).await;
    assert_eq!(sealed.len(), 1);
    assert_eq!(sealed[0].members.len(), MOST);
    let mut told: Vec<_> = sealed[0].members.clone();
    write_sealed(&store, sealed).await;
    assert!(seal(&store, 60 - 1).await.is_empty());
    let rest = seal(&store, 61).await;
    let sizes: Vec<_> = rest.iter().map(|it| it.members.len()).collect();
    assert_eq!(sizes, [1, 2], "the town's has waited longer");
    told.extend(rest.into_iter().flat_map(|it| it.members));
    assert_eq!(told.len(), MOST + 3);
    assert_eq!(
        told.into_iter().collect::<BTreeSet<_>>().len(),
        MOST + 3,
        "each once"
    );
}

#[tokio::test]
async fn what_was_sent_is_gone_and_a_lane_is_due_only_while_something_is_to_be_done() {
    let directory = tempfile::tempdir().expect("a folder");
    let store = store(&directory).await;
    let is_due = async |seconds: i64| {
        let watermark = START.plus_micros(seconds * 1_000_000);
        let due = due(&store, &[(0, watermark), (1, watermark)])
            .await
            .expect("read");
        due.clues
    };
    assert!(is_due(1_000).await.is_empty());
    hear(&store, [reminder(1, "county", 0)]).await;
    assert!(is_due(59).await.is_empty());
    let clue = reminder(1, "county", 0).clue.clue;
    assert_eq!(is_due(60).await, [(1, vec![clue])]);
    let sealed = seal(&store, 60).await;
    let bundle = sealed[0].bundle;
    write_sealed(&store, sealed).await;
    assert_eq!(is_due(0).await, [(1, vec![clue])], "it is to be sent");
    write(
        &store,
        Rows {
            sent: vec![(1, bundle)],
            ..Rows::default()
        },
    )
    .await;
    assert!(is_due(1_000).await.is_empty());
}
