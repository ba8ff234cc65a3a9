//! Every order in which records can name each other, on each database.

use std::hash::{BuildHasher as _, RandomState};

use bihuan_domain::clue::Origin;
use bihuan_domain::id::RecordId;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_mapping::Receipt;
use bihuan_store::sql;

use super::*;

/// A database of a test's own, and the names as one process knows them.
struct World {
    store: Store,
    names: Names,
    _directory: Option<tempfile::TempDir>,
}

impl World {
    async fn over(store: Store, directory: Option<tempfile::TempDir>) -> Self {
        store.migrate(&[crate::MIGRATIONS]).await.expect("migrated");
        Self {
            store,
            names: Names::default(),
            _directory: directory,
        }
    }

    async fn sqlite() -> Self {
        let directory = tempfile::tempdir().expect("a folder");
        let store = Store::sqlite(directory.path()).await.expect("opened");
        Self::over(store, Some(directory)).await
    }

    async fn postgres() -> Option<Self> {
        let path = std::env::var("BIHUAN_TEST_CONFIG").ok()?;
        let config: toml::Table = std::fs::read_to_string(path).ok()?.parse().expect("TOML");
        let url = config["store"]["url"].as_str().expect("a string");
        let name = format!("n{:016x}", RandomState::new().hash_one(()));
        let admin = Store::postgres(url, 1).await.expect("connects");
        let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        let mut reader = admin.read().await.expect("a connection");
        sql!(reader.conn(), c => sqlx::query(create).execute(c).await.map(|_| ())).expect("created");
        let url = format!("{}/{name}", url.rsplit_once('/').expect("a path").0);
        let store = Store::postgres(&url, 5).await.expect("connects");
        Some(Self::over(store, None).await)
    }

    /// One on SQLite and, where `BIHUAN_TEST_CONFIG` names one, one on PostgreSQL.
    async fn all() -> Vec<Self> {
        let mut worlds = vec![Self::sqlite().await];
        match Self::postgres().await {
            Some(world) => worlds.push(world),
            None => println!("skipped: BIHUAN_TEST_CONFIG names no PostgreSQL"),
        }
        worlds
    }

    /// Reads a batch of `record` or `record > named`; of each the clue that it is of, `!` before it if it is flagged.
    async fn reads(&self, batch: &[&str]) -> Vec<String> {
        let mut read: Vec<_> = batch.iter().map(|it| outcome(it)).collect();
        let mut said: Vec<Said<'_>> = read
            .iter_mut()
            .map(|(mapping, outcome)| (Some(&*mapping), outcome))
            .collect();
        self.names.settle(&self.store, &mut said).await.expect("settled");
        read.iter().map(|(_, outcome)| shown(outcome)).collect()
    }

    async fn rows(&self) -> i64 {
        let mut reader = self.store.read().await.expect("a connection");
        sql!(reader.conn(), c => sqlx::query_scalar("SELECT count(*) FROM intake_name").fetch_one(c).await)
            .expect("counted")
    }
}

/// `plain` has no `same_as`, `shared` says that several may name the same; any other one names records of any source.
fn mapping(source: &str) -> Mapping {
    let same_as = match source {
        "plain" => "",
        "shared" => "same_as = { source = { from = \"who\" }, from = \"no\", many = true }\n",
        _ => "same_as = { source = { from = \"who\" }, from = \"no\" }\n",
    };
    let text = format!("source = \"{source}\"\nformat = \"json\"\n[clue]\nid = \"id\"\n{same_as}");
    Mapping::parse(&text).expect("a good mapping")
}

fn outcome(said: &str) -> (Mapping, Outcome) {
    let (own, named) = said.split_once(" > ").unwrap_or((said, "/"));
    let (source, id) = own.split_once('/').expect("a name");
    let (who, no) = named.split_once('/').expect("a name");
    let mapping = mapping(source);
    let receipt = Receipt {
        received_at: Timestamp::EPOCH,
        origin: Origin {
            record: RecordId::of_file("f", 0),
            topic: String::new(),
            partition: 0,
            offset: 0,
            line: None,
        },
        route: false,
    };
    let record = serde_json::json!({"id": id, "who": who, "no": no}).to_string();
    let outcome = mapping
        .bind_message()
        .outcome(record.as_bytes(), &Rulebook::none(), receipt);
    (mapping, outcome)
}

/// The record that the clue was named after.
fn shown(outcome: &Outcome) -> String {
    let Outcome::Clue { clue_id, report, .. } = outcome else {
        panic!("{outcome:?}");
    };
    let flagged = report.flags.contains(&Flag::SameAsDisagrees);
    let sources = ["hotline", "grid", "town", "plain", "shared"];
    let all = sources
        .iter()
        .flat_map(|source| (0..9).map(move |id| format!("{source}/{id}")));
    let name = all.into_iter().find(|name| {
        let (source, id) = name.split_once('/').expect("a name");
        ClueId::derive(&SourceId::new(source).expect("valid"), id) == *clue_id
    });
    format!(
        "{}{}",
        if flagged { "!" } else { "" },
        name.expect("a clue of this test")
    )
}

/// Batches, each record with the clue that it comes to.
type Feed<'a> = &'a [&'a [(&'a str, &'a str)]];

#[tokio::test]
async fn whatever_the_order_no_record_leaves_its_clue_and_no_two_are_merged() {
    let feeds: &[(&str, Feed<'_>)] = &[
        (
            "mutual",
            &[
                &[("hotline/1", "hotline/1")],
                &[("grid/1 > hotline/1", "hotline/1")],
                &[("hotline/1 > grid/1", "hotline/1")],
                &[("grid/1 > hotline/1", "hotline/1")],
            ],
        ),
        (
            "mutual, named before it is seen",
            &[&[
                ("grid/1 > hotline/1", "hotline/1"),
                ("hotline/1 > grid/1", "hotline/1"),
                ("grid/1 > hotline/1", "hotline/1"),
            ]],
        ),
        (
            "a chain",
            &[
                &[("hotline/1", "hotline/1")],
                &[("grid/1 > hotline/1", "hotline/1")],
                &[("town/1 > grid/1", "hotline/1")],
            ],
        ),
        (
            "a chain from its end: the middle is named before it speaks",
            &[
                &[("town/1 > grid/1", "grid/1")],
                &[("grid/1 > hotline/1", "!grid/1")],
                &[("hotline/1", "hotline/1"), ("town/1 > grid/1", "grid/1")],
            ],
        ),
        (
            "late",
            &[
                &[("hotline/1", "hotline/1"), ("grid/1", "grid/1")],
                &[("grid/1 > hotline/1", "!grid/1")],
                &[("grid/1", "grid/1")],
            ],
        ),
        (
            "changed, and dropped",
            &[
                &[("grid/1 > hotline/1", "hotline/1")],
                &[("grid/1 > hotline/2", "!hotline/1")],
                &[("grid/1", "hotline/1")],
                &[("hotline/2", "hotline/2"), ("hotline/1", "hotline/1")],
            ],
        ),
        (
            "a source that names nobody is led where others led it",
            &[
                &[("grid/1 > hotline/1", "hotline/1")],
                &[("hotline/1 > plain/1", "!hotline/1")],
                &[("hotline/2 > plain/2", "plain/2")],
                &[("plain/1", "plain/1"), ("plain/2", "plain/2")],
            ],
        ),
        (
            "a placeholder",
            &[
                &[
                    ("grid/1 > hotline/0", "hotline/0"),
                    ("grid/2 > hotline/0", "!grid/2"),
                ],
                &[
                    ("grid/3 > hotline/0", "!grid/3"),
                    ("grid/1 > hotline/0", "hotline/0"),
                ],
                &[("grid/2", "grid/2"), ("town/1 > hotline/0", "hotline/0")],
            ],
        ),
        (
            "many",
            &[&[
                ("shared/1 > hotline/1", "hotline/1"),
                ("shared/2 > hotline/1", "hotline/1"),
            ]],
        ),
        ("itself", &[&[("grid/1 > grid/1", "grid/1")]]),
    ];
    for (name, feed) in feeds {
        for world in World::all().await {
            for batch in *feed {
                let records: Vec<_> = batch.iter().map(|(record, _)| *record).collect();
                let expected: Vec<_> = batch.iter().map(|(_, clue)| *clue).collect();
                assert_eq!(world.reads(&records).await, expected, "{name}: {records:?}");
                // a batch that is done again comes to the same clues
                let again: Vec<_> = world.reads(&records).await;
                let bare = |all: Vec<String>| all.iter().map(|it| it.replace('!', "")).collect::<Vec<_>>();
                let expected = expected.into_iter().map(str::to_owned).collect();
                assert_eq!(bare(again), bare(expected), "{name}: {records:?} again");
            }
        }
    }
}

#[tokio::test]
async fn a_store_where_nobody_names_others_keeps_nothing() {
    for world in World::all().await {
        assert_eq!(world.reads(&["plain/1", "plain/2"]).await, ["plain/1", "plain/2"]);
        assert_eq!(world.rows().await, 0);
        world.reads(&["grid/1 > plain/1"]).await;
        assert_eq!(world.rows().await, 2);
        world.reads(&["plain/3"]).await;
        assert_eq!(world.rows().await, 2, "of those that name nobody nothing is kept");
        let grid = SourceId::new("grid").expect("valid");
        let own = |source, id| Name::new(&SourceId::new(source).expect("valid"), id).clue();
        let found = elsewhere(&world.store, &grid).await.expect("found");
        assert_eq!(found, [(own("grid", "1"), own("plain", "1"))]);
    }
}

/// Two processes meet the same names in opposite order: both come to one clue, and neither waits for the other for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_lanes_that_meet_one_name_agree() {
    for world in World::all().await {
        for id in 0..8 {
            let other = World {
                store: world.store.clone(),
                names: Names::default(),
                _directory: None,
            };
            let (grid, hotline) = (
                format!("grid/{id} > hotline/{id}"),
                format!("hotline/{id} > grid/{id}"),
            );
            let (grid, hotline) = ([grid.as_str()], [hotline.as_str()]);
            let (one, two) = tokio::join!(world.reads(&grid), other.reads(&hotline));
            assert_eq!(one, two, "{id}");
        }
    }
}

#[tokio::test]
async fn what_is_only_foreseen_is_not_kept() {
    let world = World::sqlite().await;
    let (mapping, mut outcome) = outcome("grid/1 > hotline/1");
    let mut said = [(Some(&mapping), &mut outcome)];
    Names::foresee(&world.store, &mut said).await.expect("foreseen");
    assert_eq!(shown(&outcome), "hotline/1");
    assert_eq!(world.rows().await, 0);
}
