//! Messages of many records: what each is called, how they are counted, and that the accounts hold whatever comes of them.

use std::hash::{BuildHasher as _, RandomState};

use bihuan_contracts::intake::IntakeEvent;
use bihuan_domain::clue::{Actor, Role};
use bihuan_store::journal::{self, Journal};
use bihuan_store::quarantine::{self, Quarantined};
use bihuan_stream::kafka::{KafkaLog, Settings};

use super::*;

/// What intake says became of records.
#[derive(Debug, Default, PartialEq)]
struct Journalled {
    accepted: u32,
    skipped: u32,
    quarantined: u32,
    replayed: u32,
}

impl World {
    async fn journalled(&self) -> Journalled {
        let mut sums = Journalled::default();
        let mut reader = self.store.read().await.expect("a reader");
        for partition in 0..PARTITIONS {
            let entries = journal::after(reader.conn(), Journal::Intake, partition, 0, 1_000).await;
            for entry in entries.expect("events") {
                match intake::decode(&entry.payload).expect("an event") {
                    IntakeEvent::RecordsAccepted { count, .. }
                    | IntakeEvent::RecordsFedBack { count, .. } => {
                        sums.accepted += count;
                    }
                    IntakeEvent::RecordsSkipped { count, .. } => sums.skipped += count,
                    IntakeEvent::RecordQuarantined { .. } => sums.quarantined += 1,
                    IntakeEvent::QuarantineReplayed { .. } => sums.replayed += 1,
                    IntakeEvent::QuarantineDiscarded { .. } => {}
                }
            }
        }
        sums
    }

    /// Reads the messages; what was counted by position and what is journalled must agree.
    async fn counted(&self, messages: Vec<Message>) -> Journalled {
        let read = self.read(messages).await;
        let sums = self.journalled().await;
        assert_eq!(
            read,
            i64::from(sums.accepted + sums.skipped + sums.quarantined),
            "{sums:?}"
        );
        sums
    }

    /// The clues of the next commands, whatever partition they are on.
    async fn clues(&mut self, count: usize) -> BTreeSet<ClueId> {
        let mut clues = BTreeSet::new();
        for _ in 0..count {
            clues.insert(self.command().await.clue);
        }
        clues
    }

    async fn put_away(&self) -> Vec<Quarantined> {
        let mut reader = self.store.read().await.expect("a reader");
        quarantine::list(reader.conn(), None, None, 100)
            .await
            .expect("rows")
    }
}

const SNAPSHOT: &str = r#"
source = "grid"
mode = "snapshot"
format = "json"
personal = ["phone"]
[clue]
id = "/id"
title = "/title"
[snapshot]
version = "/version"
"#;

fn clues<const N: usize>(ids: [&str; N]) -> BTreeSet<ClueId> {
    ids.map(|id| clue("grid", id)).into()
}

fn with(head: &str) -> Arc<Mapping> {
    let text = format!("{head}\n{SNAPSHOT}");
    Arc::new(Mapping::parse(&text).expect("a good mapping"))
}

fn sums(accepted: u32, skipped: u32, quarantined: u32) -> Journalled {
    Journalled {
        accepted,
        skipped,
        quarantined,
        replayed: 0,
    }
}

fn on(partition: u32, payload: &str) -> Message {
    message(PLATFORM, partition, &[], payload)
}

fn position(world: &World, offset: i64) -> RecordId {
    RecordId::of_position(world.log.cluster(), PLATFORM, 0, offset)
}

#[tokio::test]
async fn each_record_of_a_message_has_an_identity_and_one_alone_has_that_of_its_message() {
    let mut world = World::reading(with("rows = \"/data\"")).await;
    let three = r#"{"code":0,"data":[{"id":"1"},{"id":"2"},{"id":"3"}]}"#;
    let one = r#"{"code":0,"data":[{"id":"4"}]}"#;
    assert_eq!(world.counted(vec![on(0, three), on(0, one)]).await, sums(4, 0, 0));
    let message = position(&world, 0);
    let rows = (0..3).map(|index| RecordId::of_row(message, index));
    let expected = rows.chain([position(&world, 1)]);
    let mut found = BTreeSet::new();
    for _ in 0..4 {
        let (envelope, report) = world.report().await;
        assert_eq!(envelope.id, report_command(report.origin.record, 0));
        found.insert((report.source_id, report.origin.record));
    }
    let ids = ["1", "2", "3", "4"].map(str::to_owned).into_iter();
    assert_eq!(found, ids.zip(expected).collect());
}

#[tokio::test]
async fn what_was_read_is_not_read_again_after_a_restart_and_not_under_the_same_event_id() {
    let mapping = || with("rows = \"/data\"");
    let mut world = World::reading(mapping()).await;
    let headers = [
        (header::CE_SPECVERSION, header::SPECVERSION),
        (header::CE_ID, "e1"),
        (header::CE_SOURCE, "/grid"),
        (header::CE_TYPE, "page"),
        (header::CONTENT_TYPE, header::JSON),
    ];
    let two = r#"{"data":[{"id":"1"},{"id":"2"}]}"#;
    let event = || message(PLATFORM, 0, &headers, two);
    assert_eq!(world.counted(vec![event(), event()]).await, sums(2, 0, 0));
    world.restart(vec![platform(mapping())]).await;
    assert_eq!(world.counted(vec![event(), on(0, two)]).await, sums(4, 0, 0));
    let event = RecordId::of_cloud_event("/grid", "e1");
    let plain = position(&world, 3);
    let expected = [event, plain].map(|it| [0, 1].map(|index| RecordId::of_row(it, index)));
    let mut found = BTreeSet::new();
    for _ in 0..4 {
        let (envelope, report) = world.report().await;
        let record = report.origin.record;
        assert_eq!(envelope.id.short(), report_command(record, 0).short());
        found.insert(record);
    }
    assert_eq!(found, expected.into_iter().flatten().collect());
}

#[tokio::test]
async fn one_row_that_cannot_be_read_does_not_take_the_others_with_it() {
    let mut world = World::reading(with("envelope = \"canal\"")).await;
    let message = r#"{"type":"INSERT","isDdl":false,"table":"t","es":1767571200000,"data":[
        {"id":"1","version":"1"},{"id":"","title":"no id","phone":"138"},{"id":"3","version":"1"}]}"#;
    assert_eq!(world.counted(vec![on(0, message)]).await, sums(2, 0, 1));
    assert_eq!(world.clues(2).await, clues(["1", "3"]));
    let waiting = world.put_away().await.remove(0);
    assert_eq!(waiting.id, RecordId::of_row(position(&world, 0), 1));
    assert_eq!((waiting.reason.as_str(), waiting.offset), ("id_missing", 0));
    let kept = String::from_utf8(waiting.bytes.clone()).expect("text");
    assert!(kept.contains("no id") && !kept.contains("138"), "{kept}");

    // by a mapping that finds an id in it, it is read alone
    let text = with("envelope = \"canal\"")
        .text()
        .replace("id = \"/id\"", "id = \"/title\"");
    let mended = Mapping::parse(&text).expect("good");
    let digest = mended.digest().to_owned();
    world.knows(&mended).await;
    let asked = crate::replay(&waiting, Some(digest), Actor::service(Role::Operator), now());
    let counted = world.counted(vec![asked]).await;
    assert_eq!(
        counted,
        Journalled {
            replayed: 1,
            ..sums(2, 0, 1)
        }
    );
    assert_eq!(world.report().await.0.clue, clue("grid", "no id"));
}

#[tokio::test]
async fn a_message_counts_for_one_that_holds_none_or_cannot_be_taken_apart() {
    let world = World::reading(with("rows = \"/data\"")).await;
    let empty = r#"{"data":[]}"#;
    assert_eq!(world.counted(vec![on(0, empty)]).await, sums(0, 1, 0));
    let broken = [r#"{"rows":[{"id":"1"}]}"#, "{\"data\":["];
    let messages = broken.map(|payload| on(0, payload)).to_vec();
    assert_eq!(world.counted(messages).await, sums(0, 1, 2));
    let mut reasons: Vec<_> = world.put_away().await.into_iter().map(|it| it.reason).collect();
    reasons.sort();
    assert_eq!(reasons, ["json", "json_rows"]);
}

/// It lay in quarantine as one record, and turns out to hold four: one of them settles it, the others are counted now.
#[tokio::test]
async fn a_message_that_could_not_be_taken_apart_is_replayed_record_by_record() {
    let mut world = World::reading(with("rows = \"/data\"")).await;
    let payload = r#"{"list":[{"id":""},{"id":"2"},{"id":"3"},{"id":"4"}]}"#;
    assert_eq!(world.counted(vec![on(0, payload)]).await, sums(0, 0, 1));
    let waiting = world.put_away().await.remove(0);
    let mended = with("rows = \"/list\"");
    world.knows(&mended).await;
    let asked = || {
        let mapping = Some(mended.digest().to_owned());
        crate::replay(&waiting, mapping, Actor::service(Role::Operator), now())
    };
    let expected = Journalled {
        replayed: 1,
        ..sums(2, 0, 2)
    };
    assert_eq!(world.counted(vec![asked()]).await, expected);
    assert_eq!(world.clues(3).await, clues(["2", "3", "4"]));
    let left: Vec<_> = world
        .put_away()
        .await
        .into_iter()
        .filter(|it| it.fate == Fate::Waiting)
        .map(|it| (it.id, it.reason))
        .collect();
    assert_eq!(left, [(RecordId::of_row(waiting.id, 0), "id_missing".to_owned())]);
    assert_eq!(world.counted(vec![asked()]).await, expected, "settled is settled");
}

#[tokio::test]
async fn a_message_without_a_value_removes_the_record_that_its_key_names() {
    let mut world = World::reading(with("key = \"id\"")).await;
    let gone = |key: &str| Message::tombstone(PLATFORM, 0, key.as_bytes().to_vec());
    // an empty value is no tombstone
    let counted = world.counted(vec![gone("7"), gone(""), on(0, "")]).await;
    assert_eq!(counted, sums(1, 0, 2));
    let envelope = world.command().await;
    let Command::NoteDeleted(deletion) = envelope.command else {
        panic!("{envelope:?}");
    };
    assert_eq!(
        (envelope.clue, deletion.source_id.as_str()),
        (clue("grid", "7"), "7")
    );
    assert_eq!(deletion.origin.record, position(&world, 0));
    let mut reasons: Vec<_> = world.put_away().await.into_iter().map(|it| it.reason).collect();
    reasons.sort();
    assert_eq!(reasons, ["id_missing", "json"]);
}

#[tokio::test]
async fn a_file_of_changes_is_cut_as_a_topic_is() {
    let mut world = World::start().await;
    let mapping = with("envelope = \"debezium\"");
    let file = concat!(
        r#"{"payload":{"before":null,"after":{"id":1,"title":"a"},"op":"c","ts_ms":1}}"#,
        "\n",
        r#"{"payload":{"ts_ms":2}}"#,
        "\n",
        r#"{"payload":{"before":{"id":1,"title":null},"after":null,"op":"d","ts_ms":3}}"#,
        "\n",
        "null\n",
        r#"{"payload":{"op":"x"}}"#,
        "\n",
    );
    let mut read = world.import(file, &mapping).await;
    assert_eq!(world.journalled().await, sums(2, 2, 1));
    assert_eq!(read, 5);
    assert_eq!(world.report().await.0.clue, clue("grid", "1"));
    assert!(matches!(world.command().await.command, Command::NoteDeleted(_)));
    read = world.import(file, &mapping).await;
    assert_eq!((read, world.journalled().await), (5, sums(2, 2, 1)), "repeats");
    let canal = with("envelope = \"canal\"");
    let rows = r#"{"type":"UPDATE","data":[{"id":"8"},{"id":"9"}],"old":[{},{}]}"#;
    assert_eq!(world.import(rows, &canal).await, 7);
    assert_eq!(world.clues(2).await, clues(["8", "9"]));
}

/// PostgreSQL and Kafka, where `BIHUAN_TEST_CONFIG` names them.
async fn cluster() -> Option<World> {
    let path = std::env::var("BIHUAN_TEST_CONFIG").ok()?;
    let config: toml::Table = std::fs::read_to_string(path).ok()?.parse().expect("TOML");
    let value = |section: &str, key: &str| config[section][key].as_str().expect("a string").to_owned();
    let (database, brokers) = (value("store", "url"), value("log", "brokers"));
    let name = format!("i{:016x}", RandomState::new().hash_one(()));
    let admin = Store::postgres(&database, 1).await.expect("connects");
    let mut reader = admin.read().await.expect("a connection");
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sql!(reader.conn(), c => sqlx::query(create).execute(c).await.map(|_| ())).expect("created");
    let url = format!("{}/{name}", database.rsplit_once('/').expect("a path").0);
    let settings = Settings {
        brokers,
        partitions: PARTITIONS,
        prefix: format!("{name}."),
        properties: BTreeMap::new(),
    };
    let store = Store::postgres(&url, 5).await.expect("connects");
    let log = Log::Kafka(KafkaLog::connect(settings).await.expect("connects"));
    let directory = tempfile::tempdir().expect("a folder");
    Some(World::over(directory, store, log).await)
}

/// Identities, repeats after a restart, and accounts, for messages that name a mapping with rows.
async fn holds_its_accounts(mut world: World) {
    let mapping = with("rows = \"/data\"");
    world.knows(&mapping).await;
    world.go(Vec::new());
    let page = |id: &str, payload: &str| {
        let headers = [
            (header::MAPPING, mapping.digest()),
            (header::CE_SPECVERSION, header::SPECVERSION),
            (header::CE_ID, id),
            (header::CE_SOURCE, "/grid"),
            (header::CE_TYPE, "page"),
            (header::CONTENT_TYPE, header::JSON),
        ];
        message(topics::CLUE_INBOUND, 1, &headers, payload)
    };
    let rows = r#"{"data":[{"id":"1"},{"id":""},{"id":"3"}]}"#;
    let first = [
        page("a", rows),
        page("b", r#"{"data":[]}"#),
        page("c", "{}"),
        page("a", rows),
    ];
    assert_eq!(world.counted(first.to_vec()).await, sums(2, 1, 2));
    assert_eq!(world.clues(2).await, clues(["1", "3"]));
    let event = RecordId::of_cloud_event("/grid", "a");
    let put_away: BTreeSet<_> = world.put_away().await.into_iter().map(|it| it.id).collect();
    let expected = [RecordId::of_row(event, 1), RecordId::of_cloud_event("/grid", "c")];
    assert_eq!(put_away, BTreeSet::from(expected));
    world.restart(Vec::new()).await;
    let again = [page("a", rows), page("d", r#"{"data":[{"id":"4"}]}"#)];
    assert_eq!(world.counted(again.to_vec()).await, sums(3, 1, 2));
    assert_eq!(world.clues(1).await, clues(["4"]));
}

#[tokio::test]
async fn messages_of_many_records_on_the_local_log() {
    holds_its_accounts(World::embedded().await).await;
}

#[tokio::test]
async fn messages_of_many_records_on_kafka() {
    match cluster().await {
        Some(world) => holds_its_accounts(world).await,
        None => println!("skipped: BIHUAN_TEST_CONFIG names no PostgreSQL and Kafka"),
    }
}
