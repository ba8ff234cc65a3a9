//! What passes and what does not, by really making it happen.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bihuan_store::{Connection, DirectoryLock, Error, Store, installation, sql};

use crate::world::World;

async fn a_mistake_is_no_outage(world: World) {
    let mut reader = world.read().await;
    let mistake =
        sql!(reader.conn(), c => sqlx::query("SELECT nothing FROM nowhere").execute(c).await.map(|_| ()));
    let mistake = Error::from(mistake.expect_err("no such table"));
    assert!(
        !mistake.is_transient() && mistake.is_of_the_installation(),
        "{mistake}"
    );
}

/// A row that breaks a constraint blames whoever wrote it, not the installation.
async fn a_row_that_may_not_be_is_the_datas_fault(world: World) {
    for statement in [
        "INSERT INTO installation (key, value) VALUES ('twice', '1'), ('twice', '2')",
        "INSERT INTO installation (key) VALUES ('nothing')",
    ] {
        let mut tx = world.store.begin().await.expect("begins");
        let refused = sql!(tx.conn(), c => sqlx::query(statement).execute(c).await.map(|_| ()));
        let refused = Error::from(refused.expect_err("a constraint"));
        assert!(
            !refused.is_transient() && !refused.is_of_the_installation(),
            "{refused}"
        );
    }
}

/// A task that is dropped half-way through a transaction must not keep others waiting: not here, not in another process.
async fn a_transaction_that_is_dropped_is_rolled_back(world: World) {
    let mut tx = world.store.begin().await.expect("begins");
    sql!(tx.conn(), c => sqlx::query("INSERT INTO installation (key, value) VALUES ('a', '1')").execute(c).await.map(|_| ()))
        .expect("writes");
    drop(tx);
    let other = world.other_process().await;
    let started = Instant::now();
    installation::fix(&other, "a", "2")
        .await
        .expect("another process writes");
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "without waiting for us"
    );
    installation::fix(&world.store, "a", "2").await.expect("so do we");
}

async fn writers_of_several_processes_take_turns(world: World) {
    let mut writing = tokio::task::JoinSet::new();
    for process in 0..4 {
        let store = world.other_process().await;
        writing.spawn(async move {
            for n in 0..25 {
                installation::first(&store, &format!("{process}/{n}"), "x")
                    .await
                    .expect("writes");
            }
        });
    }
    writing.join_all().await;
    let mut reader = world.read().await;
    let count: i64 =
        sql!(reader.conn(), c => sqlx::query_scalar("SELECT count(*) FROM installation").fetch_one(c).await)
            .expect("reads");
    assert_eq!(count, 100);
}

crate::on_both!(
    a_mistake_is_no_outage,
    a_row_that_may_not_be_is_the_datas_fault,
    a_transaction_that_is_dropped_is_rolled_back,
    writers_of_several_processes_take_turns,
);

/// The server ends the session, as it does when it shuts down.
#[tokio::test]
async fn a_session_that_the_server_ends_passes() {
    let Some(world) = World::postgres().await else {
        return;
    };
    let other = world.other_process().await;
    let mut tx = world.store.begin().await.expect("begins");
    let Connection::Postgres(c) = tx.conn() else {
        panic!("PostgreSQL")
    };
    let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
        .fetch_one(c)
        .await
        .expect("reads");
    let mut reader = other.read().await.expect("a connection");
    let Connection::Postgres(c) = reader.conn() else {
        panic!("PostgreSQL")
    };
    sqlx::query("SELECT pg_terminate_backend($1)")
        .bind(pid)
        .execute(c)
        .await
        .expect("terminates");
    let Connection::Postgres(c) = tx.conn() else {
        panic!("PostgreSQL")
    };
    let ended = Error::from(sqlx::query("SELECT 1").execute(c).await.expect_err("ended"));
    assert!(ended.is_transient(), "{ended}");
    drop(tx);
    world.store.ping().await.expect("another session");
}

#[tokio::test]
async fn a_database_that_is_not_there_passes_and_an_address_that_is_none_does_not() {
    let away = Store::postgres("postgres://nobody@127.0.0.1:1/none", 1)
        .await
        .err()
        .expect("nobody listens");
    assert!(away.is_transient(), "{away}");
    let none = Store::postgres("mysql://u:secret@h/d", 1)
        .await
        .err()
        .expect("no address");
    assert!(!none.is_transient());
    assert_eq!(
        none.to_string(),
        "the database address \"mysql://***@h/d\" is not one of postgres://… "
    );
}

/// A full disk: the transaction is gone, nothing else is, and it goes on when there is room again.
#[tokio::test]
async fn a_full_disk_passes() {
    let world = World::sqlite().await;
    let pages = |text: &'static str| {
        let store = world.store.clone();
        async move {
            let mut tx = store.begin().await.expect("begins");
            let Connection::Sqlite(c) = tx.conn() else {
                panic!("SQLite")
            };
            sqlx::query_scalar::<_, i64>(text)
                .fetch_one(c)
                .await
                .expect("answers")
        }
    };
    installation::fix(&world.store, "before", "1")
        .await
        .expect("stores");
    let used = pages("PRAGMA page_count").await;
    pages("PRAGMA max_page_count = 1").await;
    assert_eq!(pages("PRAGMA max_page_count").await, used, "no page more");
    let large = "x".repeat(1 << 20);
    let full = installation::first(&world.store, "large", &large)
        .await
        .expect_err("full");
    assert!(full.is_transient(), "{full}");
    assert_eq!(
        installation::get(world.read().await.conn(), "before")
            .await
            .expect("reads")
            .as_deref(),
        Some("1")
    );
    pages("PRAGMA max_page_count = 1000000").await;
    assert_eq!(
        installation::first(&world.store, "large", &large)
            .await
            .expect("stores"),
        large
    );
}

/// Says that it holds the folder, until its input ends. Run by the test below, in a process of its own.
#[test]
fn hold_a_directory() {
    let Ok(directory) = std::env::var("HOLD_A_DIRECTORY") else {
        return;
    };
    let _lock = DirectoryLock::acquire(directory.as_ref()).expect("free");
    std::fs::write(std::path::Path::new(&directory).join("held"), "").expect("says so");
    let _ = std::io::stdin().read(&mut [0]);
}

#[test]
fn one_process_holds_a_directory_until_it_ends_or_dies() {
    let directory = tempfile::tempdir().expect("a folder");
    let held = directory.path().join("held");
    let mut holder = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "failures::hold_a_directory"])
        .env("HOLD_A_DIRECTORY", directory.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("starts");
    let end = Instant::now() + Duration::from_secs(20);
    while !held.exists() {
        assert!(Instant::now() < end, "it does not start");
        std::thread::sleep(Duration::from_millis(10));
    }
    let refused = DirectoryLock::acquire(directory.path())
        .err()
        .expect("held by another process");
    assert!(
        matches!(refused, Error::InUse(_)) && !refused.is_transient(),
        "{refused}"
    );
    holder.kill().expect("dies");
    holder.wait().expect("is gone");
    let lock = DirectoryLock::acquire(directory.path()).expect("free again");
    assert!(
        DirectoryLock::acquire(directory.path()).is_err(),
        "within one process too"
    );
    drop(lock);
    DirectoryLock::acquire(directory.path()).expect("free again");
}
