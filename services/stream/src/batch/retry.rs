//! What follows a failed attempt.
//!
//! | the failure                                   | what follows                                                     |
//! |-----------------------------------------------|------------------------------------------------------------------|
//! | needs a person (gap, unknown, database behind) | its lane halts; the other records are tried again                |
//! | passes (database or log away, fenced, a table or a right missing) | wait, take every lane again, try again: what was committed after all is recognised by the position |
//! | other, records and ticks                      | first the records without the ticks, then the ticks              |
//! | other, several records                        | halve them                                                       |
//! | other, one record of a queue                  | quarantine; if that fails too, without its headers               |
//! | other, one record of a journal                | its lane halts: a projection that skips an event is wrong        |
//! | other, several ticks                          | halve them                                                       |
//! | other, one tick                               | its clue is left out while the lane is held                      |
//!
//! Ticks of what passed are dropped: the handler forgets, and hands out again who is still due.

use std::collections::VecDeque;

use bihuan_contracts::topics::{Kind, kind};

use super::Worker;
use super::deciding::{Decided, Failure, Mode, Part};
use super::holding::Slot;
use super::ticking::{Ticks, halve};
use crate::{Error, Handler, Record};

/// Parts of batches that are still to do, in order.
pub(super) type Parts = VecDeque<Part>;

impl<H: Handler> Worker<H> {
    /// Works through the records and ticks, whatever it takes, until each is committed or its lane is lost; the last commit may
    /// still be under way then.
    pub(super) async fn process(&mut self, records: Vec<Record>, ticks: Vec<Ticks>) {
        let mode = Mode::Handle;
        let part = Part { records, ticks, mode };
        self.work_off(Parts::from([part])).await;
    }

    /// Begins to write what the handler put off, if it did.
    pub(super) async fn write_rest(&mut self, busy: bool) {
        let Some(decided) = self.decide_rest(busy) else {
            return;
        };
        if let Err(failure) = self.begin(decided).await {
            let mut parts = Parts::new();
            self.after(failure, &mut parts).await;
            self.work_off(parts).await;
        }
    }

    /// Until no commit is under way.
    pub(super) async fn quiesce(&mut self) {
        while self.underway.is_some() {
            if let Err(failure) = self.settle().await {
                let mut parts = Parts::new();
                self.after(failure, &mut parts).await;
                self.work_off(parts).await;
            }
        }
    }

    pub(super) async fn work_off(&mut self, mut parts: Parts) {
        while let Some(part) = parts.pop_front() {
            if self.context.shutdown.is_cancelled() {
                return;
            }
            if let Err(failure) = self.attempt(part, &mut parts).await {
                self.after(failure, &mut parts).await;
            }
        }
    }

    /// Decides a part, while the commit before it goes on if the handler allows that, and begins its own commit.
    async fn attempt(&mut self, part: Part, parts: &mut Parts) -> Result<(), Failure> {
        if !self.handler.overlaps()
            && let Err(earlier) = self.settle().await
        {
            parts.push_front(part);
            return Err(earlier);
        }
        let decided = self.decide(part).await;
        if let Err(earlier) = self.settle().await {
            // what was decided on top of it counts no more
            parts.push_front(decided.map_or_else(|failure| failure.part, Decided::into_part));
            return Err(earlier);
        }
        self.begin(decided?).await
    }

    pub(super) async fn after(&mut self, failure: Failure, parts: &mut Parts) {
        let Failure {
            error,
            part:
                Part {
                    mut records,
                    ticks,
                    mode,
                },
        } = failure;
        let group = self.handler.group();
        if let Some(lane) = self.lane_at_fault(&error) {
            self.halt(lane, error.to_string());
            self.forget_all();
            parts.push_front(Part { records, ticks, mode });
        } else if mode == Mode::PutAway && !error.is_transient() && strip(&mut records) {
            tracing::error!(group, error = %error, "a record cannot even be put away with its headers: it is without them");
            self.forget_all();
            parts.push_front(Part::of(records, mode));
        } else if error.is_transient() || mode == Mode::PutAway {
            tracing::debug!(group, error = %error, records = records.len(), "batch rolled back");
            self.wait(&error).await;
            self.recover().await;
            parts.push_front(Part::of(records, mode));
        } else if !ticks.is_empty() {
            self.forget_all();
            if records.is_empty() {
                self.narrow(ticks, &error, parts);
            } else {
                parts.push_front(Part::of_ticks(ticks));
                parts.push_front(Part::of(records, mode));
            }
        } else if records.len() > 1 {
            self.forget_all();
            let second = records.split_off(records.len() / 2);
            parts.push_front(Part::of(second, mode));
            parts.push_front(Part::of(records, mode));
        } else if let Some(record) = records.first() {
            self.forget_all();
            let at = format!("{}/{} at {}", record.topic, record.partition, record.offset);
            if kind(&record.topic) == Kind::Journal {
                let lane = record.partition % self.context.log.partitions();
                self.halt(lane, format!("{at}: {error}"));
            } else {
                tracing::error!(group, record = at, error = %error, "a record cannot be processed and goes to quarantine");
                parts.push_front(Part::of(records, Mode::PutAway));
            }
        } else {
            // rows that the handler put off: it derives them again
            tracing::error!(group, error = %error, "what was put off cannot be written");
            self.forget_all();
        }
    }

    /// Ticks that failed by themselves.
    fn narrow(&mut self, ticks: Vec<Ticks>, error: &Error, parts: &mut Parts) {
        match halve(ticks) {
            Ok((first, second)) => {
                parts.push_front(Part::of_ticks(second));
                parts.push_front(Part::of_ticks(first));
            }
            Err((lane, clue)) => self.leave_out(lane, clue, error),
        }
    }

    /// A lane of ours that this error stops.
    pub(super) fn lane_at_fault(&self, error: &Error) -> Option<u32> {
        let (Error::Gap { partition, .. }
        | Error::Unknown { partition, .. }
        | Error::BehindLog { partition, .. }) = error
        else {
            return None;
        };
        let lane = partition % self.context.log.partitions();
        matches!(self.lanes.get(&lane), Some(Slot::Held(_))).then_some(lane)
    }

    /// Nothing was committed and nobody fenced us: the lanes are as they were, what the handler derived is not.
    pub(super) fn forget_all(&mut self) {
        self.forget_ready();
        for partition in self.lanes.keys() {
            self.handler.forget(*partition);
        }
    }
}

/// Takes away what of a record may be what cannot be stored: everything but its place and its bytes. `false`: nothing is left to
/// take away.
fn strip(records: &mut [Record]) -> bool {
    let mut stripped = false;
    for record in records {
        stripped |= !record.headers.is_empty() || !record.key.is_empty();
        record.headers.clear();
        record.key.clear();
    }
    stripped
}
