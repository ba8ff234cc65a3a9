//! A tick: a clue whose time has come does what is to be done by then. Its state says what that is, so that a tick that comes twice
//! does nothing, and one that was lost is read again.

use bihuan_domain::clue::{Env, Envelope, wake};
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_stream::{Batch, Effects, Error};

use crate::handler::Lifecycle;
use crate::lane::{Lane, record};

impl Lifecycle {
    /// Before a command is decided its clue does what was due before the command came: what happens must not depend on when somebody
    /// looks. What was logged before it is decided, so the same grace is enough as for ticks.
    pub(crate) async fn wake_before(
        &self,
        (partition, lane): (u32, &mut Lane),
        envelope: &Envelope,
        batch: &Batch,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        let until = batch.decided_before(envelope.received_at);
        let clue = envelope.clue;
        let wakes = lane.aggregates.get(&clue).and_then(|it| it.state.wakes_at());
        if wakes.is_some_and(|wakes| wakes <= until) {
            self.wake((partition, lane), clue, until, batch.now, effects)
                .await?;
        }
        Ok(())
    }

    /// Wakes the clue, which was loaded. Nothing happens that is due after the watermark: a command that is still on the log may
    /// come before it.
    pub(crate) async fn wake(
        &self,
        (partition, lane): (u32, &mut Lane),
        clue: ClueId,
        watermark: Timestamp,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        let mut aggregate = lane.aggregates.take(&clue).unwrap_or_default();
        let before = aggregate.state.wakes_at();
        let due = before.filter(|due| *due <= watermark);
        let may_change = due.is_some() || aggregate.state.is_provisional();
        if let (true, Some(known)) = (may_change, &aggregate.state.clue) {
            let reported_at = known.reported_at;
            let of_clue = self.rulebook(lane, reported_at).await?;
            // what was decided already went by the calendar of its day, which is none to go back from
            let current = self
                .rulebook(lane, watermark.max(aggregate.state.last_at))
                .await?;
            let env = Env {
                rulebook: of_clue.rulebook(),
                current: current.rulebook(),
                number: "",
            };
            for occurrence in wake(clue, &aggregate.state, watermark, now, &env) {
                record((partition, lane), &mut aggregate, None, occurrence, now, effects);
            }
            lane.decided(clue, before, &aggregate.state);
            if let Some(due) = due {
                metrics::histogram!("bihuan_tick_lateness_seconds").record(now.since(due) as f64 / 1e6);
            }
        }
        let is_known = may_change && aggregate.wakeup == before;
        if !is_known && !lane.behind.has(clue) {
            // it was read again after all, or the row is wrong: then it must not stay so
            aggregate.wakeup = before;
            lane.wakeups.set(clue, None, before);
            lane.unsaved.wakeups.insert(clue, before);
        }
        lane.aggregates.insert(clue, aggregate);
        lane.woken.push(clue);
        Ok(())
    }
}
