//! The second half of a batch: publish its commands, begin its commit, and later see how that ended.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio_util::task::AbortOnDropHandle;

use super::Worker;
use super::breaker::Bad;
use super::commit::Commit;
use super::deciding::{Admitted, Decided, Failure, Mode};
use super::holding::Slot;
use crate::faults::{self, Point};
use crate::lane::Lane;
use crate::outbox::Outbox;
use crate::{Effects, Error, Handler, Log, Phase, Result};

/// After so long without acknowledgement the log counts as away.
const PATIENCE: Duration = Duration::from_secs(2);

/// A part whose commit is under way.
pub(super) struct Underway {
    commit: AbortOnDropHandle<Result<()>>,
    ended: Option<Result<()>>,
    admitted: Admitted,
    /// The lanes without it.
    before: Vec<Lane>,
    bad: Bad,
    mode: Mode,
    started: Instant,
}

impl Underway {
    /// Until the commit has ended, one way or the other. May be given up and begun again.
    pub(super) async fn wait(&mut self) {
        if self.ended.is_none() {
            let ended = (&mut self.commit).await;
            self.ended = Some(ended.unwrap_or_else(|error| match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(Error::Closed),
            }));
        }
    }
}

impl<H: Handler> Worker<H> {
    /// Publishes the commands, then begins the commit and goes on as if it had succeeded.
    pub(super) async fn begin(&mut self, mut decided: Decided<H::Rows>) -> Result<(), Failure> {
        let has_effects = !decided.effects.is_empty() || decided.rows.is_some();
        if let Err(error) = self.announce(&mut decided.effects).await {
            let part = decided.into_part();
            return Err(Failure { error, part });
        }
        let Decided {
            mut admitted,
            effects,
            rows,
            mode,
            started,
        } = decided;
        let bad = Bad::of(&effects);
        let commit = has_effects.then(|| {
            let commit = self.commit(&mut admitted.lanes, effects, rows);
            AbortOnDropHandle::new(tokio::spawn(commit.run::<H>()))
        });
        let mut before = Vec::new();
        for (partition, lane) in std::mem::take(&mut admitted.lanes) {
            if let Some(Slot::Held(lane)) = self.lanes.insert(partition, Slot::Held(lane)) {
                before.push(lane);
            }
        }
        let Some(commit) = commit else {
            self.finish(admitted, started);
            return Ok(());
        };
        let gaps = !admitted.gaps.is_empty();
        self.underway = Some(Underway {
            commit,
            ended: None,
            admitted,
            before,
            bad,
            mode,
            started,
        });
        // a task that was just made waits for this one to pause, however long it decides
        tokio::task::yield_now().await;
        // nothing is read beyond a gap
        if gaps { self.settle().await } else { Ok(()) }
    }

    /// The commands reach the log before anything is committed.
    async fn announce(&mut self, effects: &mut Effects) -> Result<()> {
        if self.outbox.as_ref().is_some_and(Outbox::has_failed) {
            return Err(Error::Undelivered);
        }
        faults::at(Point::BeforePublish, self.handler.group())?;
        if !matches!(self.context.log, Log::Local(_)) {
            let commands = std::mem::take(&mut effects.commands);
            self.publish(commands).await?;
        }
        faults::at(Point::AfterPublish, self.handler.group())
    }

    /// Publishes and waits for the acknowledgements; says so when they do not come.
    async fn publish(&self, commands: Vec<bihuan_contracts::Message>) -> Result<()> {
        let publishing = self.context.log.publish(commands);
        tokio::pin!(publishing);
        loop {
            tokio::select! {
                done = &mut publishing => return done,
                () = tokio::time::sleep(PATIENCE) => {
                    let reason = "the log acknowledges nothing".to_owned();
                    self.context.status.set(self.handler.group(), Phase::Waiting(reason));
                }
            }
        }
    }

    fn commit(
        &self,
        lanes: &mut BTreeMap<u32, Lane>,
        effects: Effects,
        rows: Option<H::Rows>,
    ) -> Commit<H::Rows> {
        if let Some(outbox) = &self.outbox {
            for (partition, lane) in lanes.iter_mut() {
                lane.lease.published_sequence = outbox.acknowledged(*partition, lane.lease.out_sequence);
            }
        }
        let leases = lanes.values().map(|lane| lane.lease.clone()).collect();
        lanes.values_mut().for_each(Lane::committed);
        Commit {
            group: self.handler.group(),
            store: self.context.store.clone(),
            outbox: self.outbox.clone(),
            leases,
            effects,
            rows,
        }
    }

    /// Waits for the commit that is under way, if one is. When it failed, the lanes are as they were before it, and whatever
    /// was decided since counts no more.
    pub(super) async fn settle(&mut self) -> Result<(), Failure> {
        let Some(mut underway) = self.underway.take() else {
            return Ok(());
        };
        underway.wait().await;
        let Underway {
            ended,
            admitted,
            before,
            bad,
            mode,
            started,
            ..
        } = underway;
        if let Some(Err(error)) = ended {
            for lane in before {
                self.lanes.insert(lane.lease.partition, Slot::Held(lane));
            }
            let part = admitted.into_part(mode);
            return Err(Failure { error, part });
        }
        for (topic, partition) in self.breaker.count(&admitted.batch, &bad) {
            tracing::error!(group = self.handler.group(), %topic, partition, "input stopped: nearly all of it is bad");
            self.consumer.quiet_input(&topic, partition);
        }
        self.finish(admitted, started);
        Ok(())
    }

    /// It counts now.
    fn finish(&mut self, admitted: Admitted, started: Instant) {
        for (partition, error) in admitted.gaps {
            self.halt(partition, error.to_string());
        }
        self.publish_positions();
        self.backoff.reset();
        self.show();
        let count: usize = admitted.batch.lanes.iter().map(|lane| lane.records.len()).sum();
        let group = self.handler.group();
        metrics::histogram!("bihuan_batch_seconds", "group" => group).record(started.elapsed().as_secs_f64());
        metrics::counter!("bihuan_records_total", "group" => group).increment(count as u64);
        let ticks: usize = admitted.batch.lanes.iter().map(|lane| lane.ticks.len()).sum();
        metrics::counter!("bihuan_ticks_total", "group" => group).increment(ticks as u64);
    }
}
