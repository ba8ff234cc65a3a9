//! One contract, two backends: SQLite with the local log, and PostgreSQL with Apache Kafka.

mod counting;
mod effects;
mod halting;
mod inputs;
mod kafka;
mod outages;
mod overlap;
mod quarantining;
mod records;
mod ticks;
mod topics;
mod waking;
mod workers;
mod world;

/// Makes a test of each `async fn name(world: World)` for each backend.
#[macro_export]
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite_and_local_log {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(world) = $crate::world::World::new($crate::world::Backend::SqliteAndLocalLog).await {
                    super::$name(world).await;
                }
            })*
        }
        $crate::on_kafka!($($name),*);
    };
}

/// The same for what only Kafka can do.
#[macro_export]
macro_rules! on_kafka {
    ($($name:ident),* $(,)?) => {
        mod postgres_and_kafka {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(world) = $crate::world::World::new($crate::world::Backend::PostgresAndKafka).await {
                    super::$name(world).await;
                }
            })*
        }
    };
}
