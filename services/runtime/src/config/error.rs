//! What can be wrong with the settings, and where.

use std::path::PathBuf;

/// Always somebody's to mend: wrong configuration, never an outage.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}: {}", .0.display(), .1)]
    Unreadable(PathBuf, #[source] std::io::Error),
    #[error("{}:{line}: {}{problem}", file.display(), named(key))]
    Wrong {
        file: PathBuf,
        /// From 1.
        line: usize,
        /// Such as `intake.source[1].topic`; empty for the file as a whole.
        key: String,
        problem: String,
    },
    #[error("say where the data are: --data DIR, or --config FILE")]
    Nowhere,
}

fn named(key: &str) -> String {
    if key.is_empty() {
        String::new()
    } else {
        format!("{key}: ")
    }
}

/// A value that can be read but not used.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) key: String,
    pub(super) problem: String,
}

impl Problem {
    pub(super) fn at(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            problem: problem.into(),
        }
    }
}
