//! Failures that tests ask for, between the steps of a batch. Without the feature `faults` there is nothing here to fail.

/// Between which steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// Lanes were taken over, how far their journals are on the log is not known yet. It does not fail: it waits.
    Taken,
    BeforePublish,
    /// Commands are on the log, nothing is committed.
    AfterPublish,
    /// Everything is written, nothing is committed.
    BeforeCommit,
    /// Committed, but nobody was told.
    AfterCommit,
    /// An event that the log does not take.
    Delivery,
    /// Records were read from the log and do not reach the loop yet. It does not fail: it waits.
    Fetch,
}

/// For as long as it is armed there.
pub(crate) async fn wait(point: Point, group: &str) {
    while at(point, group).is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

/// The same on a thread of its own.
pub(crate) fn block(point: Point, group: &str) {
    while at(point, group).is_err() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[cfg(not(feature = "faults"))]
#[expect(clippy::unnecessary_wraps, reason = "as the one that fails")]
pub(crate) const fn at(_: Point, _: &str) -> crate::Result<()> {
    Ok(())
}

#[cfg(feature = "faults")]
mod armed {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use super::Point;
    use crate::{Error, Result};

    static ARMED: Mutex<BTreeMap<(String, Point), u32>> = Mutex::new(BTreeMap::new());

    /// The next `times` batches of the group fail there.
    pub fn arm(group: &str, point: Point, times: u32) {
        ARMED
            .lock()
            .expect("no test panics while it arms")
            .insert((group.to_owned(), point), times);
    }

    /// How many of them are still to fail.
    pub fn left(group: &str, point: Point) -> u32 {
        let armed = ARMED.lock().expect("no test panics while it arms");
        armed.get(&(group.to_owned(), point)).copied().unwrap_or(0)
    }

    pub(crate) fn at(point: Point, group: &str) -> Result<()> {
        let mut armed = ARMED.lock().expect("no test panics while it arms");
        match armed.get_mut(&(group.to_owned(), point)) {
            Some(times) if *times > 0 => {
                *times -= 1;
                Err(Error::Closed)
            }
            _ => Ok(()),
        }
    }
}

#[cfg(feature = "faults")]
pub(crate) use armed::at;
#[cfg(feature = "faults")]
pub use armed::{arm, left};
