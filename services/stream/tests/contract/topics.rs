//! Reads a topic as it is, repeats included, without Bihuan's own reader.

use std::collections::BTreeMap;
use std::time::Duration;

use bihuan_contracts::header;
use bihuan_store::{Store, journal, sql};
use bihuan_stream::kafka::Settings;
use bihuan_stream::{Log, Record};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Headers as _, Message as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use crate::world::PARTITIONS;

pub(crate) async fn read_all(
    log: &Log,
    topic: &'static str,
    kafka: Option<&Settings>,
    store: &Store,
) -> BTreeMap<u32, Vec<Record>> {
    let ends = patiently(async || log.ends(topic).await).await;
    match kafka {
        Some(settings) => {
            let (settings, wire) = (settings.clone(), format!("{}{topic}", settings.prefix));
            tokio::task::spawn_blocking(move || from_kafka(&settings, topic, &wire, &ends))
                .await
                .expect("reads")
        }
        None => from_rows(topic, store).await,
    }
}

fn from_kafka(
    settings: &Settings,
    topic: &str,
    wire: &str,
    ends: &BTreeMap<u32, i64>,
) -> BTreeMap<u32, Vec<Record>> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &settings.brokers)
        .set("group.id", "test-reader")
        .set("enable.auto.commit", "false")
        .create()
        .expect("a consumer");
    let mut list = TopicPartitionList::new();
    for partition in ends.keys() {
        list.add_partition_offset(wire, *partition as i32, Offset::Beginning)
            .expect("an offset");
    }
    consumer.assign(&list).expect("assigns");
    let mut found: BTreeMap<u32, Vec<Record>> =
        ends.keys().map(|partition| (*partition, Vec::new())).collect();
    let done = |found: &BTreeMap<u32, Vec<Record>>| {
        ends.iter().all(|(partition, end)| {
            *end == 0
                || found[partition]
                    .last()
                    .is_some_and(|last| last.offset + 1 >= *end)
        })
    };
    while !done(&found) {
        let Some(message) = consumer.poll(Duration::from_secs(10)) else {
            panic!("{wire} ends before its end")
        };
        let message = message.expect("a message");
        let header = |name: &str| {
            let headers = message.headers()?;
            headers
                .iter()
                .find(|it| it.key == name)
                .and_then(|it| Some(std::str::from_utf8(it.value?).ok()?.to_owned()))
        };
        found.entry(message.partition() as u32).or_default().push(Record {
            topic: topic.into(),
            partition: message.partition() as u32,
            offset: message.offset(),
            type_name: header(header::CE_TYPE).unwrap_or_default().into(),
            sequence: header(header::SEQUENCE).and_then(|text| text.parse().ok()),
            key: Vec::new(),
            headers: Vec::new(),
            payload: message.payload().unwrap_or_default().to_vec(),
            tombstone: false,
            logged_at: None,
        });
    }
    found
}

async fn from_rows(topic: &'static str, store: &Store) -> BTreeMap<u32, Vec<Record>> {
    let mut reader = store.read().await.expect("a connection");
    let mut found: BTreeMap<u32, Vec<Record>> =
        (0..PARTITIONS).map(|partition| (partition, Vec::new())).collect();
    let record = |partition: u32, offset: i64, sequence: Option<i64>, payload: Vec<u8>| Record {
        topic: topic.into(),
        partition,
        offset,
        type_name: "".into(),
        sequence,
        key: Vec::new(),
        headers: Vec::new(),
        payload,
        tombstone: false,
        logged_at: None,
    };
    if topic == bihuan_contracts::topics::CLUE_EVENTS {
        for partition in 0..PARTITIONS {
            let entries = journal::after(reader.conn(), journal::Journal::Clue, partition, 0, 100_000)
                .await
                .expect("reads");
            let records = entries
                .into_iter()
                .map(|it| record(partition, it.sequence, Some(it.sequence), it.payload));
            found.insert(partition, records.collect());
        }
        return found;
    }
    let rows: Vec<(i32, i64, Vec<u8>)> = sql!(reader.conn(), c => sqlx::query_as(
        "SELECT partition, record_offset, payload FROM queue_record WHERE topic = $1 ORDER BY partition, record_offset"
    ).bind(topic).fetch_all(c).await).expect("reads");
    for (partition, offset, payload) in rows {
        found
            .entry(partition as u32)
            .or_default()
            .push(record(partition as u32, offset, None, payload));
    }
    found
}

/// What a broker answers in the end: right after a topic was made, or under load, it may say that it is not ready.
pub(crate) async fn patiently<T, E: std::fmt::Debug>(ask: impl AsyncFn() -> Result<T, E>) -> T {
    let begun = std::time::Instant::now();
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(error) => assert!(begun.elapsed() < Duration::from_mins(3), "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
