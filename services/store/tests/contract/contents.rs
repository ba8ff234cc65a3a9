//! Texts, quarantine, documents, and what is fixed at the first start.

use bihuan_domain::clue::Text;
use bihuan_domain::id::{ClueId, RecordId};
use bihuan_domain::time::Timestamp;
use bihuan_store::document::{self, Kind};
use bihuan_store::journal::{self, Entry, Journal};
use bihuan_store::quarantine::{self, Fate, Quarantined};
use bihuan_store::text::{self, Stored};
use bihuan_store::{installation, sql};
use uuid::Uuid;

use crate::world::World;

fn clue(number: u128) -> ClueId {
    ClueId(Uuid::from_u128(number))
}

fn some_text(title: &str) -> Text {
    let title = (!title.is_empty()).then(|| title.to_owned());
    Text {
        title,
        description: Some("垃圾堆放\n'; --".to_owned()),
        place: None,
        remark: Some(String::new()),
    }
}

async fn texts_are_kept_by_clue_and_version(world: World) {
    let stored = |number, version, title: &str| Stored {
        partition: 1,
        clue: clue(number),
        version,
        text: some_text(title),
    };
    let mut texts = vec![stored(1, 1, "a"), stored(1, 4, ""), stored(2, 1, "b")];
    texts.extend((10..300).map(|number| stored(number, 1, "more")));
    let mut tx = world.store.begin().await.expect("begins");
    text::append(tx.conn(), &texts).await.expect("appends");
    text::append(tx.conn(), &[]).await.expect("appends nothing");
    tx.commit().await.expect("commits");
    let mut reader = world.read().await;
    let of_one = text::of_clue(reader.conn(), 1, clue(1)).await.expect("reads");
    assert_eq!(of_one, [(1, some_text("a")), (4, some_text(""))]);
    assert_eq!(
        text::of_clue(reader.conn(), 0, clue(1)).await.expect("reads"),
        [],
        "of another partition"
    );
    let asked: Vec<ClueId> = (1..260).map(clue).collect();
    let found = text::of_clues(reader.conn(), 1, &asked).await.expect("reads");
    assert_eq!(found.len(), 3 + 250);
    assert!(found.contains(&(clue(1), 4, some_text(""))));
    drop(reader);
    let mut tx = world.store.begin().await.expect("begins");
    let again = text::append(tx.conn(), &texts[..1])
        .await
        .expect_err("one text for each version");
    assert!(!again.is_transient());
}

fn put_away(number: i64, reason: &str) -> Quarantined {
    Quarantined {
        partition: (number % 3) as u32,
        id: RecordId(Uuid::from_u128(number as u128)),
        group: "intake".to_owned(),
        topic: "clue.inbound.v1".to_owned(),
        topic_partition: 2,
        offset: number,
        source: Some("nyc311".to_owned()),
        file: None,
        line: Some(7),
        reason: reason.to_owned(),
        field: None,
        mapping: Some("m".to_owned()),
        headers: "{\"a\":\"b\"}".to_owned(),
        bytes: vec![0, 0xff, 0xfe],
        received_at: Timestamp::from_micros(number),
        fate: Fate::Waiting,
    }
}

async fn quarantine_keeps_everything_once(world: World) {
    let records: Vec<Quarantined> = (1..=470)
        .map(|n| put_away(n, if n % 2 == 0 { "even" } else { "odd" }))
        .collect();
    for part in [&records[..300], &records[200..]] {
        let mut tx = world.store.begin().await.expect("begins");
        quarantine::put(tx.conn(), part)
            .await
            .expect("puts, what is there already too");
        tx.commit().await.expect("commits");
    }
    let mut reader = world.read().await;
    assert_eq!(
        quarantine::get(reader.conn(), records[5].partition, records[5].id)
            .await
            .expect("reads")
            .as_ref(),
        Some(&records[5])
    );
    assert_eq!(
        quarantine::get(reader.conn(), 0, RecordId(Uuid::nil()))
            .await
            .expect("reads"),
        None
    );
    assert_eq!(
        quarantine::list(reader.conn(), None, None, 1_000)
            .await
            .expect("reads")
            .len(),
        470
    );
    let even = quarantine::list(reader.conn(), Some("waiting"), Some("even"), 2)
        .await
        .expect("reads");
    assert_eq!(even, [records[469].clone(), records[467].clone()], "newest first");
    assert_eq!(
        quarantine::list(reader.conn(), Some("replayed"), None, 2)
            .await
            .expect("reads"),
        []
    );
}

async fn a_quarantined_record_is_settled(world: World) {
    let (one, two) = (put_away(1, "r"), put_away(2, "r"));
    let mut tx = world.store.begin().await.expect("begins");
    quarantine::put(tx.conn(), &[one.clone(), two.clone()])
        .await
        .expect("puts");
    let by = || "li".to_owned();
    let replayed = Fate::Replayed {
        at: Timestamp::from_micros(5),
        by: by(),
    };
    let discarded = Fate::Discarded {
        at: Timestamp::from_micros(6),
        by: by(),
        reason: "test data".to_owned(),
    };
    for (record, fate, written) in [
        (&one, &replayed, true),
        (&two, &discarded, true),
        (&one, &discarded, false),
    ] {
        let settled = quarantine::settle(tx.conn(), record.partition, record.id, fate).await;
        assert_eq!(settled.expect("settles"), written, "only what waits is settled");
    }
    quarantine::put(tx.conn(), std::slice::from_ref(&one))
        .await
        .expect("a repeat");
    let nobody = quarantine::settle(tx.conn(), 0, RecordId(Uuid::nil()), &replayed).await;
    assert!(!nobody.expect("nothing to do"), "not there");
    let fate = |found: Option<Quarantined>| found.expect("there").fate;
    assert_eq!(
        fate(
            quarantine::get(tx.conn(), one.partition, one.id)
                .await
                .expect("reads")
        ),
        replayed,
        "a repeat changes nothing"
    );
    assert_eq!(
        fate(
            quarantine::get(tx.conn(), two.partition, two.id)
                .await
                .expect("reads")
        ),
        discarded
    );
}

async fn each_lane_holds_its_own(world: World) {
    let one = put_away(1, "r");
    let other = Quarantined {
        partition: 2,
        topic_partition: 5,
        offset: 9,
        ..one.clone()
    };
    let mut tx = world.store.begin().await.expect("begins");
    quarantine::put(tx.conn(), &[other.clone(), one.clone()])
        .await
        .expect("puts");
    for held in [&one, &other] {
        let found = quarantine::get(tx.conn(), held.partition, held.id).await;
        assert_eq!(found.expect("reads").as_ref(), Some(held));
    }
    assert_eq!(
        quarantine::find(tx.conn(), one.id).await.expect("reads"),
        [one.clone(), other.clone()]
    );
    for (group, place, found) in [
        ("intake", ("clue.inbound.v1", 5, 9), 1),
        ("intake", ("clue.inbound.v1", 5, 10), 0),
        ("intake", ("clue.inbound.v1", 4, 0), 0),
        ("delivery", ("clue.inbound.v1", 5, 0), 0),
    ] {
        let since = quarantine::since(tx.conn(), group, place).await.expect("reads");
        assert_eq!(since.len(), found, "{group} {place:?}");
    }
    let fate = Fate::Replayed {
        at: Timestamp::from_micros(5),
        by: "li".to_owned(),
    };
    assert!(
        quarantine::settle(tx.conn(), other.partition, other.id, &fate)
            .await
            .expect("settles")
    );
    let left = quarantine::get(tx.conn(), one.partition, one.id).await;
    assert_eq!(left.expect("reads"), Some(one));
}

async fn documents_never_change(world: World) {
    let mut tx = world.store.begin().await.expect("begins");
    document::put(tx.conn(), Kind::Rulebook, "d1", "2026-1", &[1, 0])
        .await
        .expect("puts");
    document::put(tx.conn(), Kind::Rulebook, "d1", "2026-2", &[2])
        .await
        .expect("is there already");
    document::put(tx.conn(), Kind::Mapping, "d2", "nyc", b"m")
        .await
        .expect("puts");
    tx.commit().await.expect("commits");
    let mut reader = world.read().await;
    assert_eq!(
        document::get(reader.conn(), Kind::Rulebook, "d1")
            .await
            .expect("reads"),
        Some(vec![1, 0])
    );
    assert_eq!(
        document::get(reader.conn(), Kind::Mapping, "d1")
            .await
            .expect("reads"),
        None,
        "of another kind"
    );
    let rulebooks = document::list(reader.conn(), Kind::Rulebook)
        .await
        .expect("reads");
    assert_eq!(rulebooks, [("d1".to_owned(), "2026-1".to_owned())]);
}

async fn the_document_that_was_put_last_is_the_latest_of_its_label(world: World) {
    assert_eq!(latest(&world).await, None);
    for (digest, label, expected) in [
        ("m2", "grid", "m2"),
        ("m1", "grid", "m1"),
        ("m3", "hotline", "m1"),
        // used again, it is what is used now
        ("m2", "grid", "m2"),
    ] {
        let mut tx = world.store.begin().await.expect("begins");
        document::put(tx.conn(), Kind::Mapping, digest, label, digest.as_bytes())
            .await
            .expect("puts");
        tx.commit().await.expect("commits");
        assert_eq!(latest(&world).await.as_deref(), Some(expected.as_bytes()));
    }
}

async fn latest(world: &World) -> Option<Vec<u8>> {
    let mut reader = world.read().await;
    document::latest(reader.conn(), Kind::Mapping, "grid")
        .await
        .expect("reads")
}

async fn the_quarantine_of_a_source_is_read_page_by_page(world: World) {
    let mut records: Vec<_> = (0..7).map(|n| put_away(n, "csv_quote")).collect();
    records[5].source = Some("grid".to_owned());
    let mut tx = world.store.begin().await.expect("begins");
    quarantine::put(tx.conn(), &records).await.expect("puts");
    let fate = Fate::Replayed {
        at: Timestamp::from_micros(5),
        by: "li".to_owned(),
    };
    quarantine::settle(tx.conn(), records[3].partition, records[3].id, &fate)
        .await
        .expect("settles");
    tx.commit().await.expect("commits");
    let (mut reader, mut found, mut after) = (world.read().await, Vec::new(), None);
    loop {
        let page = quarantine::of_source(reader.conn(), "nyc311", after, 2)
            .await
            .expect("reads");
        let Some(last) = page.last() else { break };
        after = Some((last.partition, last.id));
        found.extend(page.into_iter().map(|record| record.offset));
    }
    found.sort_unstable();
    assert_eq!(
        found,
        [0, 1, 2, 4, 6],
        "not another source's, not what was read again"
    );
}

/// A partition that is much used is far ahead of the others: its sequences say nothing about time.
async fn the_newest_rulebook_is_the_one_that_was_activated_last(world: World) {
    assert_eq!(
        document::active(world.read().await.conn()).await.expect("reads"),
        None
    );
    let mut tx = world.store.begin().await.expect("begins");
    for (partition, sequence, version, at) in [(0, 900, "old", 1), (1, 3, "old", 1), (1, 5, "new", 2)] {
        document::activate(tx.conn(), partition, sequence, version)
            .await
            .expect("activates");
        let at = Timestamp::from_micros(at);
        let (type_name, payload) = ("rulebook.activated".to_owned(), Vec::new());
        let entry = Entry {
            partition,
            sequence,
            clue: None,
            previous: None,
            at,
            type_name,
            payload,
        };
        journal::append(tx.conn(), Journal::Clue, &[entry])
            .await
            .expect("appends");
    }
    tx.commit().await.expect("commits");
    let mut reader = world.read().await;
    assert_eq!(
        document::active(reader.conn()).await.expect("reads").as_deref(),
        Some("new")
    );
    let activations = document::activations(reader.conn(), 1).await.expect("reads");
    assert_eq!(activations, [(3, "old".to_owned()), (5, "new".to_owned())]);
}

async fn what_is_fixed_stays_fixed(world: World) {
    installation::fix(&world.store, "partitions", "12")
        .await
        .expect("the first start");
    installation::fix(&world.store, "partitions", "12")
        .await
        .expect("the same again");
    let refused = installation::fix(&world.store, "partitions", "6")
        .await
        .expect_err("refused");
    assert_eq!(
        refused.to_string(),
        "partitions was 12 at the first start and cannot become 6"
    );
    assert_eq!(
        installation::first(&world.store, "start/a/b", "1")
            .await
            .expect("stores"),
        "1"
    );
    assert_eq!(
        installation::first(&world.store, "start/a/b", "2")
            .await
            .expect("reads"),
        "1"
    );
    assert_eq!(
        installation::get(world.read().await.conn(), "none")
            .await
            .expect("reads"),
        None
    );
}

async fn a_snapshot_does_not_see_what_comes_later(world: World) {
    installation::fix(&world.store, "a", "1").await.expect("stores");
    let mut snapshot = world.store.snapshot().await.expect("a connection");
    assert!(
        installation::get(snapshot.conn(), "a")
            .await
            .expect("reads")
            .is_some()
    );
    installation::fix(&world.store, "b", "1").await.expect("stores");
    assert_eq!(
        installation::get(snapshot.conn(), "b").await.expect("reads"),
        None
    );
    let write =
        sql!(snapshot.conn(), c => sqlx::query("DELETE FROM installation").execute(c).await.map(|_| ()));
    assert!(write.is_err(), "a snapshot is for reading");
    assert!(
        installation::get(world.read().await.conn(), "b")
            .await
            .expect("reads")
            .is_some()
    );
}

crate::on_both!(
    texts_are_kept_by_clue_and_version,
    quarantine_keeps_everything_once,
    a_quarantined_record_is_settled,
    each_lane_holds_its_own,
    documents_never_change,
    the_document_that_was_put_last_is_the_latest_of_its_label,
    the_quarantine_of_a_source_is_read_page_by_page,
    the_newest_rulebook_is_the_one_that_was_activated_last,
    what_is_fixed_stays_fixed,
    a_snapshot_does_not_see_what_comes_later,
);
