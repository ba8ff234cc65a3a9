//! What can go wrong while something is read for people.

use bihuan_rulebook::LibraryError;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] bihuan_store::Error),
    /// An event of a later version: this program must be upgraded before it may show figures.
    #[error("event {sequence} of partition {partition} cannot be read: {detail}")]
    Event {
        partition: u32,
        sequence: i64,
        detail: String,
    },
    #[error("facts cannot be written: {0}")]
    Encode(#[from] postcard::Error),
    /// A rulebook that decided is not there, or not for this program: what it said is not known.
    #[error(transparent)]
    Rulebook(LibraryError),
}

impl From<LibraryError> for Error {
    fn from(error: LibraryError) -> Self {
        match error {
            LibraryError::Store(error) => Self::Store(error),
            other => Self::Rulebook(other),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<Error> for bihuan_store::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Store(error) => error,
            other => Self::Corrupt {
                what: "clue",
                detail: other.to_string(),
            },
        }
    }
}
