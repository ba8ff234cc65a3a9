//! The harness of the black-box tests in `tests/`: the real program, a private Kafka and PostgreSQL, and people who use them.
//!
//! **Architecture Invariant:** nothing of the services is linked here. What a test knows, it knows from the command line, HTTP,
//! topics, or the tables as an administrator would see them.

pub mod accounts;
pub mod agency;
pub mod http;
pub mod installation;
pub mod journal;
pub mod kafka;
pub mod parts;
pub mod process;
pub mod program;
pub mod random;
pub mod records;
pub mod rulebook;
pub mod table;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the workspace")
        .to_owned()
}

/// A file of `tests/fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    root().join("tests/fixtures").join(name)
}

/// Looks again and again until there is an answer; `what` is what the test waits for.
#[track_caller]
pub fn wait_for<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < limit, "{what}: not within {limit:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
