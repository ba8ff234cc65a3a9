//! What only Kafka can do to us.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bihuan_contracts::topics;
use bihuan_domain::time::Timestamp;
use bihuan_store::journal::Journal;
use bihuan_stream::faults::{self, Point};
use bihuan_stream::kafka::{KafkaLog, Settings};
use bihuan_stream::{Error, Handler as _, Limits, Start};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::{Offset, TopicPartitionList};

use crate::counting::Counting;
use crate::waking::Waking;
use crate::world::{Hand, PARTITIONS, World, eventually, kafka, message, typed};

fn admin(settings: &Settings) -> AdminClient<DefaultClientContext> {
    ClientConfig::new()
        .set("bootstrap.servers", &settings.brokers)
        .create()
        .expect("a client")
}

/// Lane p reads the partitions q of a foreign topic with q mod n = p.
async fn a_foreign_topic_with_other_partitions_is_divided_among_the_lanes(world: World) {
    let settings = world.settings();
    let topic: &'static str = format!("{}hotline.v3", settings.prefix).leak();
    let new = NewTopic::new(topic, 7, TopicReplication::Fixed(1));
    admin(settings)
        .create_topics(&[new], &AdminOptions::new())
        .await
        .expect("creates");
    let counting = Counting::new(&world).following(topic, Start::Beginning);
    let group = counting.group();
    let worker = world.start(counting);
    world
        .send_messages((0..7).map(|q| message(topic, q, &format!("q{q}"))).collect())
        .await;
    world.counts(group, 7).await;
    let mut reader = world.store.read().await.expect("a connection");
    let rows: Vec<(String, i32)> = bihuan_store::sql!(reader.conn(), c => sqlx::query_as(
        "SELECT id, partition FROM counted WHERE consumer_group = $1"
    ).bind(group).fetch_all(c).await)
    .expect("reads");
    for (id, lane) in rows {
        let q: u32 = id[1..].parse().expect("a number");
        assert_eq!(lane as u32, q % PARTITIONS, "{id}");
    }
    worker.stop().await;
}

/// Retention or a person deleted what was still to be read.
async fn a_log_that_lost_data_halts_that_lane(world: World) {
    let commands = topics::CLUE_COMMANDS;
    let counting = Counting::new(&world);
    let (group, next) = (counting.group(), counting.again(&world));
    let worker = world.start(counting);
    world.send(commands, 0..9).await;
    world.counts(group, 9).await;
    worker.stop().await;
    world.send(commands, 9..30).await;
    let mut list = TopicPartitionList::new();
    let wire = format!("{}{commands}", world.settings().prefix);
    list.add_partition_offset(&wire, 1, Offset::Offset(8))
        .expect("an offset");
    admin(world.settings())
        .delete_records(&list, &AdminOptions::new())
        .await
        .expect("deletes");
    let worker = world.start(next);
    let reason = worker.halted().await;
    assert_eq!(
        reason,
        "clue.commands.v1/1: the log lost data: offset 3 is to be read, it holds 8 to 10"
    );
    world.counts(group, 3 + 10 + 10).await;
    worker.stop().await;
}

/// There is an end that nobody will ever read up to.
async fn a_lane_of_which_the_log_has_forgotten_everything_ticks(world: World) {
    let commands = topics::CLUE_COMMANDS;
    world.send(commands, 0..30).await;
    let mut list = TopicPartitionList::new();
    let wire = format!("{}{commands}", world.settings().prefix);
    for partition in [0, 1, 2] {
        list.add_partition_offset(&wire, partition, Offset::End)
            .expect("an offset");
    }
    admin(world.settings())
        .delete_records(&list, &AdminOptions::new())
        .await
        .expect("deletes");
    let noon = Timestamp::from_micros(4_000_000_000_000_000);
    world.wake_at(noon, 0..9).await;
    let hand = Hand::at(noon.plus_minutes(1));
    let worker = world.start_at(Waking::new(&world), Limits::default(), &hand);
    world.all_wake(0..9).await;
    worker.stop().await;
}

async fn a_rebalance_of_many_lanes_takes_less_than_a_second(world: World) {
    let mut settings = world.settings().clone();
    settings.prefix = format!("{}many.", settings.prefix);
    settings.partitions = 12;
    let mut many = world.other_process().await;
    many.log = kafka(&settings).await;
    let counting = Counting::new(&many);
    let (group, next) = (counting.group(), counting.again(&many));
    let worker = many.start(counting);
    let send = |from: u32| {
        (from..from + 12)
            .map(|id| message(topics::CLUE_COMMANDS, id % 12, &id.to_string()))
            .collect()
    };
    many.send_messages(send(0)).await;
    many.counts(group, 12).await;
    worker.stop().await;
    many.send_messages(send(12)).await;
    let started = Instant::now();
    let worker = many.start(next);
    many.counts(group, 24).await;
    let took = started.elapsed();
    println!("joining with 12 lanes took {took:?}");
    // joining the group itself takes a few hundred milliseconds of it; tests run beside each other
    assert!(took < Duration::from_secs(3), "{took:?}");
    worker.stop().await;
}

/// Nothing depends on them, but dashboards of Kafka show lag by them.
async fn the_offsets_of_a_group_are_told_to_kafka(world: World) {
    let counting = Counting::new(&world);
    let settings = world.settings().clone();
    let group = format!("{}bihuan-{}", settings.prefix, counting.group());
    let worker = world.start(counting);
    world.send(topics::CLUE_COMMANDS, 0..30).await;
    eventually(|| async {
        let (settings, group) = (settings.clone(), group.clone());
        let committed = tokio::task::spawn_blocking(move || {
            let mut config = ClientConfig::new();
            config
                .set("bootstrap.servers", &settings.brokers)
                .set("group.id", group);
            let consumer: BaseConsumer = config.create().expect("a consumer");
            let mut list = TopicPartitionList::new();
            list.add_partition(&format!("{}{}", settings.prefix, topics::CLUE_COMMANDS), 1);
            let committed = consumer
                .committed_offsets(list, Duration::from_secs(5))
                .expect("answers");
            committed.elements()[0].offset()
        });
        match committed.await.expect("no panic") {
            Offset::Offset(10) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    worker.stop().await;
}

async fn settings_that_cannot_be_are_refused(world: World) {
    let mut settings = world.settings().clone();
    settings.partitions = 5;
    let refused = KafkaLog::connect(settings).await.err().expect("refused");
    assert!(
        matches!(
            refused,
            Error::Partitions {
                found: 3,
                expected: 5,
                ..
            }
        ),
        "{refused}"
    );
    let too_large = typed(topics::CLUE_COMMANDS, 0, &"x".repeat(12 << 20), "test.counted");
    let refused = world.log.publish(vec![too_large]).await.expect_err("too large");
    assert!(!refused.is_transient(), "{refused}");
    let mut properties = BTreeMap::new();
    properties.insert("no.such.property".to_owned(), "1".to_owned());
    let settings = Settings {
        properties,
        ..world.settings().clone()
    };
    let refused = KafkaLog::connect(settings).await.err().expect("refused");
    assert!(!refused.is_transient(), "{refused}");
}

/// They share the producer: when one gives it up, what the others had on its way must come again, in its place.
async fn a_failed_delivery_of_one_group_makes_no_hole_in_the_journal_of_another(world: World) {
    let (failing, other) = (
        Counting::new(&world),
        Counting::new(&world).journalling(Journal::Dispute),
    );
    let (failing_group, group) = (failing.group(), other.group());
    let limits = Limits {
        records: 10,
        bytes: 1 << 20,
        ..Limits::default()
    };
    let workers = [world.start_with(failing, limits), world.start_with(other, limits)];
    let sent = 30 * 30;
    for part in 0..30 {
        faults::arm(failing_group, Point::Delivery, 1);
        let ids = part * 30..(part + 1) * 30;
        let messages = ids.map(|id| message(topics::CLUE_COMMANDS, id % PARTITIONS, &id.to_string()));
        let messages: Vec<_> = messages.collect();
        // it is the producer of this test, too
        while world.log.publish(messages.clone()).await.is_err() {}
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    world.counts(failing_group, sent as usize).await;
    world.counts(group, sent as usize).await;
    eventually(|| async {
        for (partition, records) in world.read_topic(topics::DISPUTE_EVENTS).await {
            let mut newest = 0;
            for sequence in records.iter().map(|record| record.sequence.expect("a sequence")) {
                assert!(
                    sequence <= newest + 1,
                    "{partition}: after {newest} comes {sequence}"
                );
                newest = newest.max(sequence);
            }
            if newest < i64::from(sent / PARTITIONS) {
                return Err(format!("{partition}: published up to {newest}"));
            }
        }
        Ok(())
    })
    .await;
    for worker in workers {
        worker.stop().await;
    }
}

crate::on_kafka!(
    a_failed_delivery_of_one_group_makes_no_hole_in_the_journal_of_another,
    the_offsets_of_a_group_are_told_to_kafka,
    a_foreign_topic_with_other_partitions_is_divided_among_the_lanes,
    a_log_that_lost_data_halts_that_lane,
    a_lane_of_which_the_log_has_forgotten_everything_ticks,
    a_rebalance_of_many_lanes_takes_less_than_a_second,
    settings_that_cannot_be_are_refused,
);
