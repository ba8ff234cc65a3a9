//! Disputes on the loop, on SQLite with the local log and, when `BIHUAN_TEST_CONFIG` names them, on PostgreSQL with Apache Kafka.

mod crashes;
mod life;
mod reading;
mod telling;
mod time;
mod world;

/// Makes a test of each `async fn name(world: World)` for each backend.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite_and_local_log {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::tests::world::World::local().await).await;
            })*
        }
        $crate::tests::on_kafka!($($name),*);
    };
}
use on_both;

/// The same for what only Kafka can do.
macro_rules! on_kafka {
    ($($name:ident),* $(,)?) => {
        mod postgres_and_kafka {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                match $crate::tests::world::World::configured().await {
                    Some(world) => super::$name(world).await,
                    None => println!("skipped: BIHUAN_TEST_CONFIG names no PostgreSQL and Kafka"),
                }
            })*
        }
    };
}
use on_kafka;
