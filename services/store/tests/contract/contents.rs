//! Texts, quarantine, documents, and what is fixed at the first start.

use bihuan_domain::clue::Text;
use bihuan_domain::id::{ClueId, RecordId};
use bihuan_domain::time::Timestamp;
use bihuan_store::activation::{self, Activation, Request, Withdrawal};
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

fn activation(number: u32, sequence: i64, version: &str, from: Option<i64>) -> Activation {
    Activation {
        sequence,
        version: version.to_owned(),
        from: from.map(Timestamp::from_micros),
        number: (number > 0).then_some(number),
        withdrawn: None,
    }
}

async fn active(world: &World, now: i64) -> Option<String> {
    let mut reader = world.read().await;
    let active = activation::active(reader.conn(), Timestamp::from_micros(now)).await;
    active.expect("reads")
}

/// A partition that is much used is far ahead of the others: its sequences say nothing about time.
async fn the_active_rulebook_is_the_one_for_a_clue_of_now(world: World) {
    assert_eq!(active(&world, 100).await, None);
    let mut tx = world.store.begin().await.expect("begins");
    let rows = [
        (0, activation(0, 900, "old", None), 1),
        (1, activation(0, 3, "old", None), 1),
        (1, activation(0, 5, "new", None), 2),
        (0, activation(2, 950, "later", Some(50)), 3),
        (1, activation(2, 7, "later", Some(50)), 3),
        (1, activation(3, 9, "never", Some(60)), 4),
    ];
    for (partition, row, at) in &rows {
        activation::insert(tx.conn(), *partition, row)
            .await
            .expect("activates");
        let at = Timestamp::from_micros(*at);
        let (type_name, payload) = ("rulebook.activated".to_owned(), Vec::new());
        let entry = Entry {
            partition: *partition,
            sequence: row.sequence,
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
    activation::withdraw(tx.conn(), 1, 3, 12)
        .await
        .expect("withdraws");
    // of a withdrawal there is one
    activation::withdraw(tx.conn(), 1, 3, 13)
        .await
        .expect_err("again");
    tx.commit().await.expect("commits");
    for (now, expected) in [(1, "new"), (49, "new"), (50, "later"), (100, "later")] {
        assert_eq!(active(&world, now).await.as_deref(), Some(expected), "{now}");
    }
    let mut reader = world.read().await;
    let journalled = activation::of_partition(reader.conn(), 1).await.expect("reads");
    let mut expected: Vec<_> = rows
        .iter()
        .filter(|it| it.0 == 1)
        .map(|it| it.1.clone())
        .collect();
    expected[3].withdrawn = Some(12);
    assert_eq!(journalled, expected);
    let at = activation::activated_at(reader.conn(), 1).await.expect("reads");
    assert_eq!(at, Some(Timestamp::from_micros(4)));
}

async fn of_two_who_ask_for_an_activation_one_gets_it(world: World) {
    let request = |version: &str, from: Option<i64>| Request {
        number: 1,
        version: version.to_owned(),
        from: from.map(Timestamp::from_micros),
        asked_at: Timestamp::from_micros(5),
        by: "P1".to_owned(),
        why: "新的职责".to_owned(),
        backtest: Some("{}".to_owned()),
        withdrawal: None,
    };
    let (first, second) = (request("a", Some(9)), request("b", None));
    let ask = async |request: &Request| {
        let mut tx = world.store.begin().await.expect("begins");
        let won = activation::request(tx.conn(), request).await.expect("asks");
        tx.commit().await.expect("commits");
        won
    };
    let (one, other) = tokio::join!(ask(&first), ask(&second));
    assert_ne!(one, other, "exactly one");
    let mut known = if one { first } else { second };
    let known_now = async || {
        activation::requests(world.read().await.conn())
            .await
            .expect("reads")
    };
    assert_eq!(known_now().await, [known.clone()]);

    let withdrawal = |by: &str| Withdrawal {
        at: Timestamp::from_micros(7),
        by: by.to_owned(),
        why: "not yet".to_owned(),
    };
    let mut tx = world.store.begin().await.expect("begins");
    for (by, first) in [("P2", true), ("P3", false)] {
        let asked = activation::request_withdrawal(tx.conn(), 1, &withdrawal(by)).await;
        assert_eq!(asked.expect("asks"), first, "{by}");
    }
    tx.commit().await.expect("commits");
    known.withdrawal = Some(withdrawal("P2"));
    assert_eq!(known_now().await, [known]);
}

async fn what_was_offered_is_remembered_for_each_activation(world: World) {
    let mut tx = world.store.begin().await.expect("begins");
    // of two who look at once one is behind
    for through in [10, 40, 30] {
        activation::set_offered(tx.conn(), 2, 7, through)
            .await
            .expect("remembers");
    }
    tx.commit().await.expect("commits");
    let mut reader = world.read().await;
    for (partition, activated, through) in [(2, 7, 40), (2, 8, 0), (1, 7, 0)] {
        let offered = activation::offered(reader.conn(), partition, activated).await;
        assert_eq!(offered.expect("reads"), through, "{partition} {activated}");
    }
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
    the_active_rulebook_is_the_one_for_a_clue_of_now,
    of_two_who_ask_for_an_activation_one_gets_it,
    what_was_offered_is_remembered_for_each_activation,
    what_is_fixed_stays_fixed,
    a_snapshot_does_not_see_what_comes_later,
);
