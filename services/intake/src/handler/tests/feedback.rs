//! What agencies' platforms say: as files, and read again once their mapping was mended.

use bihuan_contracts::intake::Became;
use bihuan_contracts::partition_of;
use bihuan_domain::clue::{Actor, Role};
use bihuan_store::journal::{self, Journal};

use super::*;

const RECORDS: &str = r#"{"no": "7", "dept": "a", "status": "签收", "msg": "m1", "phone": "13800000000"}
{"no": "7", "dept": "a", "status": "办结", "how": "改", "msg": "m2"}
{"no": "7", "dept": "a", "status": "签收", "msg": "m1"}
{"no": "7", "dept": "a", "status": "心跳"}
{"no": "8", "dept": "a", "status": "收到", "phone": "13800000000"}
"#;

pub(super) fn platform(statuses: &str) -> Mapping {
    let text = format!(
        "source = \"agency-platform\"\nkind = \"feedback\"\nformat = \"json\"\npersonal = [\"phone\"]\n[feedback]\n\
         clue = {{ source = \"grid\", id = \"no\" }}\nid = \"msg\"\nagency = \"dept\"\n\
         action = {{ from = \"status\", values = {{ {statuses} }} }}\n\
         conclusion = {{ from = \"how\", values = {{ \"改\" = \"rectified\" }} }}\n"
    );
    Mapping::parse(&text).expect("a good mapping")
}

async fn journalled(world: &World) -> Vec<IntakeEvent> {
    let mut all = Vec::new();
    for partition in 0..PARTITIONS {
        let mut reader = world.store.read().await.expect("a reader");
        let entries = journal::after(reader.conn(), Journal::Intake, partition, 0, 100).await;
        for entry in entries.expect("read") {
            all.push(intake::decode(&entry.payload).expect("an event"));
        }
    }
    all
}

#[tokio::test]
async fn status_messages_become_commands_and_each_record_has_its_disposition() {
    let mut world = World::start().await;
    let mapping = platform("\"签收\" = \"acknowledge\", \"办结\" = \"resolve\", \"心跳\" = \"skip\"");
    assert_eq!(world.import(RECORDS, &mapping).await, 5);
    let mut ids = Vec::new();
    for expected in ["AcknowledgeClue", "ResolveClue", "AcknowledgeClue"] {
        let (partition, sent) = world.sent().await;
        let ClueCommand::Feedback(envelope) = sent else {
            panic!("{sent:?}");
        };
        assert_eq!(envelope.command.name(), expected);
        assert_eq!(partition, partition_of(clue("grid", "7"), PARTITIONS));
        assert_eq!(envelope.actor, Actor::agency("a".parse().expect("valid")));
        let cause = envelope.causation.unwrap_or_default();
        assert!(
            cause.starts_with("feedback/agency-platform/clue.inbound.v1/"),
            "{cause}"
        );
        ids.push(envelope.id);
    }
    assert_eq!(ids[0], ids[2], "the platform sent the same message twice");
    assert_ne!(ids[0], ids[1]);
    let mut counts: BTreeMap<_, u32> = BTreeMap::new();
    for event in journalled(&world).await {
        let count = match &event {
            IntakeEvent::RecordsFedBack { count, .. } | IntakeEvent::RecordsSkipped { count, .. } => *count,
            _ => 1,
        };
        *counts.entry(intake::type_name(&event)).or_default() += count;
    }
    let expected = [
        ("bihuan.intake.v1.RecordQuarantined", 1),
        ("bihuan.intake.v1.RecordsFedBack", 3),
        ("bihuan.intake.v1.RecordsSkipped", 1),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
    let mut reader = world.store.read().await.expect("a reader");
    let kept: Vec<(String, Option<String>, Vec<u8>)> =
        sql!(reader.conn(), c => sqlx::query_as("SELECT reason, field, bytes FROM quarantine").fetch_all(c).await)
            .expect("rows");
    let [(reason, Some(field), bytes)] = &kept[..] else {
        panic!("{kept:?}");
    };
    assert_eq!((reason.as_str(), field.as_str()), ("action_unknown", "action"));
    assert!(
        !String::from_utf8_lossy(bytes).contains("138"),
        "personal fields are blanked"
    );
}

#[tokio::test]
async fn feedback_that_could_not_be_read_is_read_again_by_a_mended_mapping() {
    let mut world = World::start().await;
    let record = RECORDS.lines().last().expect("a record");
    let refused = platform("\"签收\" = \"acknowledge\"");
    assert_eq!(world.import(record, &refused).await, 1);
    let mended = platform("\"收到\" = \"acknowledge\"");
    let mut tx = world.store.begin().await.expect("begins");
    remember(tx.conn(), &mended).await.expect("stored");
    tx.commit().await.expect("commits");
    let mut reader = world.store.read().await.expect("a reader");
    let page = quarantine::list(reader.conn(), None, None, 10).await;
    let waiting = page.expect("read").into_iter().next().expect("one");
    drop(reader);
    let mapping = Some(mended.digest().to_owned());
    let ask = crate::replay(&waiting, mapping, Actor::service(Role::Operator), now());
    world.read(vec![ask]).await;
    let (_, sent) = world.sent().await;
    let ClueCommand::Feedback(envelope) = sent else {
        panic!("{sent:?}");
    };
    assert_eq!(envelope.clue, clue("grid", "8"));
    let events = journalled(&world).await.into_iter();
    let replayed: Vec<_> = events
        .filter_map(|event| match event {
            IntakeEvent::QuarantineReplayed { became, clue, .. } => Some((became, clue)),
            _ => None,
        })
        .collect();
    assert_eq!(replayed, [(Became::Feedback, clue("grid", "8"))]);
}

#[tokio::test]
async fn a_platforms_topic_is_read_by_its_mapping_and_each_message_is_one_command() {
    let mut world = World::start().await;
    let said = "{\"no\": \"7\", \"dept\": \"a\", \"status\": \"签收\"}";
    let messages = [0, 1].map(|partition| message(AGENCIES, partition, &[], said));
    assert_eq!(world.read(messages.to_vec()).await, 2);
    let mut ids = BTreeSet::new();
    for _ in 0..2 {
        let (partition, ClueCommand::Feedback(envelope)) = world.sent().await else {
            panic!("not feedback");
        };
        assert_eq!(partition, partition_of(envelope.clue, PARTITIONS));
        ids.insert(envelope.id);
    }
    assert_eq!(
        ids.len(),
        2,
        "what has no name of its own is known by where it lies"
    );
}

#[tokio::test]
async fn what_a_mended_mapping_skips_waits_no_longer() {
    let world = World::start().await;
    let record = RECORDS.lines().last().expect("a record");
    assert_eq!(
        world
            .import(record, &platform("\"签收\" = \"acknowledge\""))
            .await,
        1
    );
    let mended = platform("\"收到\" = \"skip\"");
    let mut tx = world.store.begin().await.expect("begins");
    remember(tx.conn(), &mended).await.expect("stored");
    tx.commit().await.expect("commits");
    let waiting = async || {
        let mut reader = world.store.read().await.expect("a reader");
        let page = quarantine::list(reader.conn(), None, None, 10).await;
        page.expect("read").into_iter().next().expect("one")
    };
    let mapping = Some(mended.digest().to_owned());
    let ask = crate::replay(&waiting().await, mapping, Actor::service(Role::Operator), now());
    assert_eq!(world.read(vec![ask]).await, 1, "a request is no record");
    let fate = waiting().await.fate;
    assert!(
        matches!(&fate, Fate::Discarded { reason, .. } if reason == "skipped"),
        "{fate:?}"
    );
}
