//! What can go wrong in the loop, by what must be done about it.

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] bihuan_store::Error),
    #[error("Kafka: {0}")]
    Kafka(#[from] KafkaError),
    #[error("Kafka: {0}")]
    KafkaSettings(String),
    #[error("topic {topic} has {found} partitions, the configuration says {expected}")]
    Partitions {
        topic: String,
        found: usize,
        expected: u32,
    },
    /// Another holder acquired a lane, or this batch was committed before.
    #[error("fenced: another process holds the lane")]
    Fenced,
    /// The log knows sequences that the database does not: it was restored from a backup.
    #[error(
        "{topic}/{partition}: the log holds sequence {on_log}, the database only {in_database}: the database is behind the log"
    )]
    BehindLog {
        topic: String,
        partition: u32,
        on_log: i64,
        in_database: i64,
    },
    /// The database forgot commits that this process has seen: it was restored, or a standby that lacked them took over.
    #[error(
        "lane {partition}: this process has seen {seen} commits, the database knows {found}: it went back; restart the processes"
    )]
    WentBack { partition: u32, seen: i64, found: i64 },
    /// A journal skipped a sequence, or the log lost data.
    #[error("{topic}/{partition}: expected sequence {expected}, got {found}")]
    Gap {
        topic: String,
        partition: u32,
        expected: i64,
        found: i64,
    },
    /// A handler met something that trying again cannot mend.
    #[error("{0}")]
    Handler(String),
    /// A handler met a message of a type or version that this program does not know, on a journal.
    #[error("{topic}/{partition} at {offset}: {detail}; upgrade bihuan")]
    Unknown {
        topic: String,
        partition: u32,
        offset: i64,
        detail: String,
    },
    /// The log gave up on a journal's event; it is published again from the database.
    #[error("the log did not take an event")]
    Undelivered,
    /// Something that every record needs, such as a rulebook, cannot be used: no record is at fault.
    #[error("{0}")]
    Unavailable(String),
    #[error("a thread of the log ended")]
    Closed,
}

impl Error {
    /// Whether to wait and try the same again.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Store(error) => error.is_transient() || error.is_of_the_installation(),
            Self::Kafka(error) => !is_mistake(error),
            Self::Fenced | Self::Undelivered | Self::Unavailable(_) | Self::Closed => true,
            _ => false,
        }
    }

    /// Whether the lane must stop and wait for a person.
    pub fn halts(&self) -> bool {
        matches!(
            self,
            Self::BehindLog { .. } | Self::WentBack { .. } | Self::Gap { .. } | Self::Unknown { .. }
        )
    }
}

/// Waiting does not mend what was asked for.
fn is_mistake(error: &KafkaError) -> bool {
    match error {
        KafkaError::ClientConfig(..) | KafkaError::ClientCreation(_) | KafkaError::Nul(_) => true,
        KafkaError::MessageProduction(code) => matches!(
            code,
            RDKafkaErrorCode::MessageSizeTooLarge
                | RDKafkaErrorCode::InvalidMessageSize
                | RDKafkaErrorCode::InvalidRecord
                | RDKafkaErrorCode::UnknownPartition
                | RDKafkaErrorCode::InvalidArgument
        ),
        _ => false,
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}
