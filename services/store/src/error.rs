//! What can go wrong with the store, by what the caller must do about it.

use std::path::PathBuf;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("data directory {0}: {1}")]
    Directory(PathBuf, #[source] std::io::Error),
    #[error("data directory {0} is in use by another bihuan process")]
    InUse(PathBuf),
    #[error(
        "the data are of a newer version of bihuan: {service} has migration {found}, this program knows {known}"
    )]
    Newer { service: String, found: i32, known: i32 },
    #[error("{what} was {stored} at the first start and cannot become {asked}")]
    Fixed {
        what: &'static str,
        stored: String,
        asked: String,
    },
    #[error("stored {what} cannot be read: {detail}")]
    Corrupt { what: &'static str, detail: String },
    #[error("{what}: expected to write {expected} rows, wrote {written}")]
    RowCount {
        what: &'static str,
        expected: u64,
        written: u64,
    },
    #[error("the database address {0:?} is not one of postgres://… ")]
    Address(String),
}

impl Error {
    /// Whether waiting and trying again can help: the database is away, busy, full or shutting down
    /// (SQLSTATE classes 08, 40, 53, 55, 57, 58; SQLite BUSY, LOCKED, IOERR, FULL, CANTOPEN).
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Database(
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::WorkerCrashed,
            ) => true,
            Self::Database(sqlx::Error::Database(error)) => {
                error.code().is_some_and(|code| is_transient_code(&code))
            }
            _ => false,
        }
    }

    /// Whether no record can be at fault: a table or a right is missing, the database is read-only, a password changed … Only what
    /// was written can be blamed for SQLSTATE classes 22 and 23 (SQLite CONSTRAINT, MISMATCH, TOOBIG, RANGE).
    pub fn is_of_the_installation(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else {
            return false;
        };
        error.code().is_some_and(|code| !blames_the_data(&code))
    }

    pub(crate) fn corrupt(what: &'static str, detail: &dyn std::fmt::Display) -> Self {
        Self::Corrupt {
            what,
            detail: detail.to_string(),
        }
    }
}

fn blames_the_data(code: &str) -> bool {
    if code.len() == 5 {
        return matches!(&code[..2], "22" | "23");
    }
    code.parse::<u32>()
        .is_ok_and(|code| matches!(code & 0xff, 18 | 19 | 20 | 25))
}

fn is_transient_code(code: &str) -> bool {
    if code.len() == 5 {
        // 25P03: the server ended an idle transaction
        return code == "25P03" || matches!(&code[..2], "08" | "40" | "53" | "55" | "57" | "58");
    }
    // SQLite: the primary result code is the low byte of an extended one
    code.parse::<u32>()
        .is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 10 | 13 | 14))
}

/// `Ok` if exactly `expected` rows were written.
pub(crate) fn check_rows(what: &'static str, expected: u64, written: u64) -> Result<()> {
    if expected == written {
        Ok(())
    } else {
        Err(Error::RowCount {
            what,
            expected,
            written,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outages_are_transient_and_mistakes_are_not() {
        for code in [
            "08006", "40001", "53100", "57P01", "25P03", "55P03", "5", "13", "266",
        ] {
            assert!(is_transient_code(code), "{code}");
        }
        for code in ["23505", "42P01", "19", "1"] {
            assert!(!is_transient_code(code), "{code}");
        }
        assert!(!Error::InUse(PathBuf::new()).is_transient());
    }

    /// What blames the data lets a record be quarantined; for everything else the loop waits, and no record is given up.
    #[test]
    fn the_data_are_to_blame_for_two_classes_alone() {
        for code in ["22001", "22P05", "23502", "23505", "18", "19", "2067", "20", "25"] {
            assert!(blames_the_data(code) && !is_transient_code(code), "{code}");
        }
        let missing = [
            "42P01", "42501", "28P01", "3D000", "3F000", "25006", "0A000", "54000", "XX000",
        ];
        for code in missing.into_iter().chain(["1", "8", "11", "26"]) {
            assert!(!blames_the_data(code) && !is_transient_code(code), "{code}");
        }
        for code in [
            "08006", "40001", "40P01", "53100", "53300", "55P03", "57P01", "57014", "58030", "5", "6", "10",
            "13", "14",
        ] {
            assert!(!blames_the_data(code) && is_transient_code(code), "{code}");
        }
    }
}
