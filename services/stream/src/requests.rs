//! Names for requests that bring none along.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use bihuan_domain::time::Timestamp;
use uuid::Uuid;

const REQUEST: Uuid = Uuid::from_u128(0x6269_6875_616e_5c6c_9572_6571_0000_0004);

/// Makes request ids: no two alike, in whatever process.
#[derive(Debug)]
pub struct Requests {
    /// Differs between processes, also between those that share clock and process id, as containers do.
    process: u64,
    count: AtomicU64,
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            process: RandomState::new().hash_one(std::process::id()),
            count: AtomicU64::new(0),
        }
    }
}

impl Requests {
    pub fn next(&self, now: Timestamp) -> Uuid {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let parts = [
            now.as_micros().to_be_bytes(),
            self.process.to_be_bytes(),
            count.to_be_bytes(),
        ];
        Uuid::new_v5(&REQUEST, parts.as_flattened())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_requests_at_one_time_and_two_processes_differ() {
        let (one, other) = (Requests::default(), Requests::default());
        let ids = [
            one.next(Timestamp::EPOCH),
            one.next(Timestamp::EPOCH),
            other.next(Timestamp::EPOCH),
        ];
        assert!(ids[0] != ids[1] && ids[0] != ids[2] && ids[1] != ids[2]);
    }
}
