//! One contract, two databases: SQLite, and PostgreSQL when `BIHUAN_TEST_CONFIG` names one.

mod contents;
mod failures;
mod journals;
mod leases;
mod migrations;
mod world;

/// Makes a test of each `async fn name(world: World)` for each database.
#[macro_export]
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::world::World::sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(world) = $crate::world::World::postgres().await {
                    super::$name(world).await;
                }
            })*
        }
    };
}
