//! Migrations: each once, whoever comes first, never backwards.

use bihuan_store::{Error, Migration, Store, sql};

use crate::world::World;

const FIRST: Migration = Migration {
    service: "test",
    number: 1,
    sql: "CREATE TABLE t (a {bytes} NOT NULL, b {uuid}, c {time});",
};
const SECOND: Migration = Migration {
    service: "test",
    number: 2,
    sql: "ALTER TABLE t ADD COLUMN d bigint;",
};
const BROKEN: Migration = Migration {
    service: "test",
    number: 3,
    sql: "CREATE TABLE u (a bigint); INSERT INTO nowhere VALUES (1);",
};

async fn columns(store: &Store) -> Result<i64, sqlx::Error> {
    let mut reader = store.read().await.expect("a connection");
    sql!(reader.conn(), c => sqlx::query_scalar("SELECT count(d) FROM t").fetch_one(c).await)
}

async fn each_step_is_taken_once(world: World) {
    world.store.migrate(&[&[FIRST]]).await.expect("migrates");
    assert!(columns(&world.store).await.is_err(), "not yet");
    for _ in 0..2 {
        world.store.migrate(&[&[FIRST, SECOND]]).await.expect("migrates");
    }
    assert_eq!(columns(&world.store).await.expect("there"), 0);
}

async fn data_of_a_newer_program_are_refused(world: World) {
    world.store.migrate(&[&[FIRST, SECOND]]).await.expect("migrates");
    let refused = world.store.migrate(&[&[FIRST]]).await.expect_err("refused");
    assert!(
        matches!(
            refused,
            Error::Newer {
                found: 2,
                known: 1,
                ..
            }
        ),
        "{refused}"
    );
}

async fn a_step_that_fails_leaves_nothing(world: World) {
    world
        .store
        .migrate(&[&[FIRST, SECOND, BROKEN]])
        .await
        .expect_err("fails");
    assert!(
        columns(&world.store).await.is_err(),
        "not even what went well before it"
    );
    world.store.migrate(&[&[FIRST, SECOND]]).await.expect("migrates");
    assert_eq!(columns(&world.store).await.expect("there"), 0);
}

async fn processes_that_start_at_once_do_not_meet(world: World) {
    let mut starting = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let store = world.other_process().await;
        starting.spawn(async move { store.migrate(&[&[FIRST, SECOND]]).await });
    }
    for done in starting.join_all().await {
        done.expect("migrates");
    }
    assert_eq!(columns(&world.store).await.expect("there"), 0);
}

crate::on_both!(
    each_step_is_taken_once,
    data_of_a_newer_program_are_refused,
    a_step_that_fails_leaves_nothing,
    processes_that_start_at_once_do_not_meet,
);
