//! Who waits for the answer to a command, and what wakes them: one tail of journals per process.
//!
//! The tail only rings; whoever is woken looks at the events in the store, where they are before they are on the log.
//! So no event is decoded or kept here, a tail that broke loses nothing as long as everybody is woken when it is back, and a
//! waiter that is woken for another event of its clue just waits on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bihuan_domain::id::ClueId;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::Log;
use crate::batch::Backoff;

/// Requests that may wait at once, per process; further ones are answered without waiting.
const MAX_WAITERS: usize = 10_000;

/// Wakes those who wait for something to happen to a clue, or to what is kept under its id. Clones share one tail, which ends with the last of them.
#[derive(Clone)]
pub struct Answers(Arc<Following>);

struct Following {
    waiting: Arc<Waiting>,
    task: AbortHandle,
}

impl Drop for Following {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Default)]
struct Waiting(Mutex<Bells>);

#[derive(Default)]
struct Bells {
    by_clue: HashMap<ClueId, Vec<Arc<Notify>>>,
    count: usize,
}

/// A place in the queue; given up when dropped.
pub struct Waiter {
    clue: ClueId,
    bell: Arc<Notify>,
    waiting: Arc<Waiting>,
}

impl Answers {
    /// Follows journals whose keys are clues' until the last clone is dropped. Within a tokio runtime.
    pub fn follow(log: Log, journals: &'static [&'static str]) -> Self {
        let waiting = Arc::new(Waiting::default());
        let task = tokio::spawn(follow(log, journals, waiting.clone())).abort_handle();
        Self(Arc::new(Following { waiting, task }))
    }

    /// Registers for what happens to `clue` from now on; `None` if too many wait already.
    pub fn register(&self, clue: ClueId) -> Option<Waiter> {
        let bell = Arc::new(Notify::new());
        let mut bells = self.0.waiting.bells();
        if bells.count >= MAX_WAITERS {
            return None;
        }
        bells.count += 1;
        bells.by_clue.entry(clue).or_default().push(bell.clone());
        Some(Waiter {
            clue,
            bell,
            waiting: self.0.waiting.clone(),
        })
    }
}

impl Waiter {
    /// Returns when something may have happened to the clue since the last call, or since the registration.
    pub async fn rung(&self) {
        self.bell.notified().await;
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut bells = self.waiting.bells();
        bells.count -= 1;
        if let Some(of_clue) = bells.by_clue.get_mut(&self.clue) {
            of_clue.retain(|bell| !Arc::ptr_eq(bell, &self.bell));
            if of_clue.is_empty() {
                bells.by_clue.remove(&self.clue);
            }
        }
    }
}

impl Waiting {
    fn bells(&self) -> MutexGuard<'_, Bells> {
        // every change is made whole before anything can panic
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `key` is that of a journal record: the clue's id in text.
    fn ring(&self, key: &[u8]) {
        let bells = self.bells();
        if bells.count == 0 {
            return;
        }
        let clue = std::str::from_utf8(key).ok().and_then(|key| key.parse().ok());
        for bell in clue
            .and_then(|clue| bells.by_clue.get(&clue))
            .into_iter()
            .flatten()
        {
            bell.notify_one();
        }
    }

    fn ring_all(&self) {
        for bell in self.bells().by_clue.values().flatten() {
            bell.notify_one();
        }
    }
}

async fn follow(log: Log, journals: &'static [&'static str], waiting: Arc<Waiting>) {
    let mut backoff = Backoff::default();
    loop {
        match log.tail(journals).await {
            Ok(mut tail) => {
                // what was published while nobody followed
                waiting.ring_all();
                while let Some(record) = tail.next().await {
                    backoff.reset();
                    waiting.ring(&record.key);
                }
                tracing::warn!(?journals, "journals can no longer be followed; trying again");
            }
            Err(error) => {
                tracing::warn!(?journals, error = %error, "journals cannot be followed; trying again");
            }
        }
        tokio::time::sleep(backoff.delay()).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn clue(name: &str) -> ClueId {
        ClueId::derive(&"grid".parse().expect("valid"), name)
    }

    fn waiter(waiting: &Arc<Waiting>, of: ClueId) -> Waiter {
        let bell = Arc::new(Notify::new());
        let mut bells = waiting.bells();
        bells.count += 1;
        bells.by_clue.entry(of).or_default().push(bell.clone());
        Waiter {
            clue: of,
            bell,
            waiting: waiting.clone(),
        }
    }

    async fn is_rung(waiter: &Waiter) -> bool {
        tokio::time::timeout(Duration::from_millis(1), waiter.rung())
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn those_of_the_clue_are_woken_even_if_they_were_not_looking() {
        let waiting = Arc::new(Waiting::default());
        let (a, also_a, b) = (
            waiter(&waiting, clue("a")),
            waiter(&waiting, clue("a")),
            waiter(&waiting, clue("b")),
        );
        waiting.ring(clue("a").to_string().as_bytes());
        waiting.ring(b"no id");
        assert!(is_rung(&a).await && is_rung(&also_a).await && !is_rung(&b).await);
        assert!(!is_rung(&a).await, "once for each ring");
        waiting.ring_all();
        assert!(is_rung(&a).await && is_rung(&b).await);
    }

    #[tokio::test]
    async fn nothing_is_left_of_those_who_went() {
        let waiting = Arc::new(Waiting::default());
        let (a, also_a) = (waiter(&waiting, clue("a")), waiter(&waiting, clue("a")));
        drop(a);
        waiting.ring(clue("a").to_string().as_bytes());
        assert!(is_rung(&also_a).await);
        drop(also_a);
        assert!(waiting.bells().by_clue.is_empty() && waiting.bells().count == 0);
    }
}
